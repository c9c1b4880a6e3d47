//! Corrected copies: knowing an error workbook when it comes back, and which original it belongs to.
//!
//! An error workbook says in a line above its table which file it was made from, and in two columns which row of that
//! file a row was and whether something was wrong in it. Line and columns are plain cells: they survive every program
//! that saves tables, sorting, filtering, and being saved as csv.

use crate::header::header_key;
use doudi_terms::Month;

/// Columns that an error workbook puts before the original's. They are nobody's data and are passed over on reading.
pub(crate) const REASON: &str = "错误原因";
pub(crate) const ORIGINAL_ROW: &str = "原表行号";
pub(crate) const WAS_WRONG: &str = "原有错误";

/// Hexadecimal characters of the original's hash that stand in the line: enough to tell files apart.
pub(crate) const PREFIX_CHARS: usize = 16;

const OPENING: &str = "改错表：原文件=";
const SHEET: &str = "；工作表=";
const MONTH: &str = "；月份=";
const ROWS: &str = "；列出=";
const HASH: &str = "；校验=";
const CLOSING: &str = "。请不要改动这一行";
const ALL: &str = "全部行";
const WRONG_ONLY: &str = "有问题的行";

/// Which sheet of which file a corrected copy was made from. A copy of a copy names the first original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// File name without its folder.
    pub file: String,
    /// `None` for a text file.
    pub sheet: Option<String>,
    /// The month that the original's title or name stated; a month column speaks for itself.
    pub month: Option<Month>,
    /// The first sixteen characters of [`crate::OpenFile::sha256`] of the original.
    pub sha256_prefix: String,
    /// The copy was given all rows of the original; otherwise only those with something wrong (large files), and a row
    /// that is not in it says nothing.
    pub whole: bool,
}

/// A corrected copy: its original, and what became of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionOf {
    pub original: Original,
    /// Every row below the headers that is neither blank nor the headers again, in the copy's order. Rows here are not
    /// yet known to be data: a total or a note that was in the original is here too.
    pub rows: Vec<CorrectedRow>,
}

/// A row of a corrected copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorrectedRow {
    /// In the copy, as [`doudi_terms::roster::ObservationBatch::rows`] has it.
    pub row: u32,
    /// In the original; `None` for a row that somebody has added. Rows that were copied have the same number.
    pub original: Option<u32>,
    /// Something was wrong in it when the copy was made.
    pub marked: bool,
}

impl CorrectionOf {
    /// The row of the copy, by its number in the copy.
    pub fn row(&self, row: u32) -> Option<&CorrectedRow> {
        self.rows.binary_search_by_key(&row, |corrected| corrected.row).ok().map(|index| &self.rows[index])
    }
}

impl Original {
    /// Whether a file with this hash is the original.
    pub fn is(&self, sha256: &str) -> bool {
        self.sha256_prefix.len() == PREFIX_CHARS && sha256.starts_with(&self.sha256_prefix)
    }

    /// The line above the table. What people may have put into names stands first, so that reading from the end is safe.
    pub(crate) fn line(&self) -> String {
        let sheet = self.sheet.as_ref().map_or_else(String::new, |sheet| format!("{SHEET}{sheet}"));
        let month = self.month.map_or_else(String::new, |month| format!("{MONTH}{month}"));
        let rows = if self.whole { ALL } else { WRONG_ONLY };
        let (file, hash) = (&self.file, &self.sha256_prefix);
        format!(
            "{OPENING}{file}{sheet}{month}{ROWS}{rows}{HASH}{hash}{CLOSING}，也不要改“{ORIGINAL_ROW}”和“{WAS_WRONG}”两列"
        )
    }

    /// The original that a line names; `None` if it is no such line.
    pub(crate) fn of_line(line: &str) -> Option<Original> {
        let rest = line.trim().strip_prefix(OPENING)?;
        let (rest, hash) = rest.rsplit_once(HASH)?;
        let hash: String = hash.chars().take_while(char::is_ascii_hexdigit).collect();
        if hash.len() != PREFIX_CHARS {
            return None;
        }
        let (rest, rows) = rest.rsplit_once(ROWS)?;
        let (rest, month) = match rest.rsplit_once(MONTH) {
            Some((rest, month)) => (rest, Month::parse(month)),
            None => (rest, None),
        };
        let (file, sheet) = match rest.rsplit_once(SHEET) {
            Some((file, sheet)) => (file, Some(sheet.to_owned())),
            None => (rest, None),
        };
        Some(Original { file: file.to_owned(), sheet, month, sha256_prefix: hash, whole: rows == ALL })
    }
}

/// Where the columns of an error workbook are in a file's headers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct OwnColumns {
    pub reason: Option<usize>,
    pub original_row: Option<usize>,
    pub was_wrong: Option<usize>,
}

impl OwnColumns {
    pub fn among(labels: &[String]) -> OwnColumns {
        let place = |name: &str| labels.iter().position(|label| header_key(label) == name);
        OwnColumns { reason: place(REASON), original_row: place(ORIGINAL_ROW), was_wrong: place(WAS_WRONG) }
    }

    pub fn has(&self, place: usize) -> bool {
        [self.reason, self.original_row, self.was_wrong].contains(&Some(place))
    }

    /// Both columns that every error workbook had: a title alone may be gone, these are not there by chance.
    pub fn are_there(&self) -> bool {
        self.reason.is_some() && self.original_row.is_some()
    }

    /// What the columns say of a row.
    pub fn row(&self, row: u32, cells: &[String]) -> CorrectedRow {
        let cell = |place: Option<usize>| place.and_then(|place| cells.get(place)).map_or("", |c| c.trim());
        let marked = match self.was_wrong {
            Some(_) => !cell(self.was_wrong).is_empty(),
            None => !cell(self.reason).is_empty(),
        };
        CorrectedRow { row, original: cell(self.original_row).parse().ok(), marked }
    }
}

/// The name of the error workbook of a file: `低保-错误.xlsx`, also when the file is itself one that came back.
pub fn error_workbook_name(file: &str) -> String {
    const ENDING: &str = "-错误";
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem });
    let mut base = stem.trim_end();
    loop {
        // What browsers and file managers add to a second copy: “ (1)”, “（2）”, “ - 副本”.
        let uncopied = base.strip_suffix("副本").map(|rest| rest.trim_end_matches([' ', '-']));
        let unnumbered = base.strip_suffix([')', '）']).and_then(|rest| {
            let (before, number) = rest.rsplit_once(['(', '（'])?;
            let number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            number.then_some(before.trim_end())
        });
        let copy = unnumbered.or(uncopied).unwrap_or(base);
        match copy.strip_suffix(ENDING) {
            Some(rest) => base = rest.trim_end(),
            None => return format!("{base}{ENDING}.xlsx"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original(file: &str, sheet: Option<&str>, month: Option<Month>, whole: bool) -> Original {
        let sha256_prefix = "0123456789abcdef".to_owned();
        Original { file: file.to_owned(), sheet: sheet.map(str::to_owned), month, sha256_prefix, whole }
    }

    #[test]
    fn the_line_above_a_copy_names_its_original_again() {
        for original in [
            original("低保2020-04.csv", None, Month::new(2020, 4), true),
            original("县；列出=（终稿）.xlsx", Some("汉葭；月份=街道"), Month::new(2020, 4), false),
            original("a.xls", Some("Sheet1"), None, true),
        ] {
            assert_eq!(Original::of_line(&original.line()), Some(original.clone()), "{}", original.line());
            assert!(original.is("0123456789abcdef00"));
            assert!(!original.is("1123456789abcdef00"));
        }
        for line in ["改错表", "改错表：原文件=a；列出=全部行；校验=12", "校验=0123456789abcdef"]
        {
            assert_eq!(Original::of_line(line), None, "{line}");
        }
    }

    #[test]
    fn an_error_workbook_of_an_error_workbook_has_the_same_name() {
        for file in [
            "低保.csv",
            "低保-错误.xlsx",
            "低保-错误-错误.xlsx",
            "低保-错误 (1).xlsx",
            "低保-错误（2）.xls",
            "低保-错误 - 副本.xlsx",
        ] {
            assert_eq!(error_workbook_name(file), "低保-错误.xlsx", "{file}");
        }
        assert_eq!(error_workbook_name("低保(4月).csv"), "低保(4月)-错误.xlsx");
        assert_eq!(error_workbook_name("低保(2).csv"), "低保(2)-错误.xlsx");
    }
}
