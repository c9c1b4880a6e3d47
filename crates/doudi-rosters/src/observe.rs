//! Rows of one recognised sheet become batches of observations.

use crate::cells::{ColumnReader, RawCell};
use crate::header::header_key;
use crate::identity::{Identity, IdentityCells, SWAPPED};
use crate::problem_log::{ProblemCount, ProblemLog, Trouble};
use crate::recognise::{Header, row_key};
use crate::validate::identifies;
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{Month, Problem};
use std::collections::BTreeMap;

/// Observations handed over at a time: enough to work on in columns, little enough to hold any number of files open.
pub const BATCH_ROWS: usize = 16_384;

/// Months named one by one in the warning about a file with several.
const MONTHS_SHOWN: usize = 12;

/// With fewer rows than this, nobody can say that it was the headers.
const LEAST_SWAPPED: u32 = 3;

/// Rows that are not data, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    pub blank: u32,
    /// The header again, on every printed page.
    pub repeated_headers: u32,
    /// 合计、小计、总计.
    pub totals: u32,
    /// 制表人、审核人、备注 under the table.
    pub notes: u32,
}

/// What reading the rows of a sheet came to.
pub(crate) struct Observed {
    pub rows: u32,
    pub rejected: u32,
    pub skipped: Skipped,
    pub months: BTreeMap<Month, u32>,
    pub problems: Vec<Problem>,
    pub counts: Vec<ProblemCount>,
}

enum RowClass {
    Data,
    Blank,
    Total,
    Note,
    Header,
}

/// Takes rows in file order, gives batches to a sink.
pub(crate) struct RowReader<'a> {
    header: &'a Header,
    /// One per column of the specification.
    columns: Vec<Option<ColumnReader<'a>>>,
    /// Columns of the file that say whose row it is.
    identity: Vec<usize>,
    /// Their headers, made comparable.
    identity_keys: Vec<String>,
    id_columns: Vec<usize>,
    stated_month: Option<usize>,
    /// The month that a title or the file's name states: what dates are held against where a row states none.
    named_month: Option<Month>,
    whose: Identity,
    /// Whether names and numbers are held against each other.
    checks_identity: bool,
    /// Rows whose name and number were filled in for each other.
    swapped: u32,
    rows: Vec<u32>,
    last_row: u32,
    months: BTreeMap<i32, u32>,
    observed: Observed,
    pub log: ProblemLog,
    sink: &'a mut dyn FnMut(ObservationBatch),
}

impl<'a> RowReader<'a> {
    pub fn new(
        spec: &'a RosterSpec,
        header: &'a Header,
        named_month: Option<Month>,
        log: ProblemLog,
        sink: &'a mut dyn FnMut(ObservationBatch),
    ) -> RowReader<'a> {
        let placed = || spec.columns.iter().zip(&header.columns);
        let places = |wanted: &dyn Fn(ColumnKind) -> bool| -> Vec<usize> {
            placed().filter(|(column, _)| wanted(column.kind)).filter_map(|(_, place)| *place).collect()
        };
        let observed = Observed {
            rows: 0,
            rejected: 0,
            skipped: Skipped::default(),
            months: BTreeMap::new(),
            problems: Vec::new(),
            counts: Vec::new(),
        };
        let mut reader = RowReader {
            header,
            columns: placed()
                .map(|(column, place)| {
                    let label = header.labels.get((*place)?).map_or("", String::as_str);
                    Some(ColumnReader::new(column, label))
                })
                .collect(),
            identity_keys: places(&identifies)
                .iter()
                .map(|place| header.labels.get(*place).map_or_else(String::new, |label| header_key(label)))
                .collect(),
            identity: places(&identifies),
            id_columns: places(&|kind| identifies(kind) && kind != ColumnKind::PersonName),
            stated_month: spec.columns.iter().position(|column| column.kind == ColumnKind::StatedMonth),
            named_month,
            whose: Identity::of(spec, header),
            checks_identity: true,
            swapped: 0,
            rows: Vec::new(),
            last_row: header.row,
            months: BTreeMap::new(),
            observed,
            log,
            sink,
        };
        reader.report_repeated(spec);
        reader
    }

    /// Reads only what says whose a row is, and leaves the checks of it to whoever asks for the whole sheet.
    pub fn only_who(mut self, spec: &RosterSpec) -> RowReader<'a> {
        for (reader, column) in self.columns.iter_mut().zip(&spec.columns) {
            if !says_who(column.kind) {
                *reader = None;
            }
        }
        self.checks_identity = false;
        self
    }

    fn report_repeated(&mut self, spec: &RosterSpec) {
        for (column, unused) in &self.header.repeated {
            let label = |place: usize| self.header.labels.get(place).map_or("", |label| label.trim());
            let used = self.header.columns[*column].unwrap_or(*unused);
            let what = format!(
                "有两列都是“{}”：第 {} 列“{}”和第 {} 列“{}”，只读了第 {} 列",
                spec.columns[*column].name,
                used + 1,
                label(used),
                unused + 1,
                label(*unused),
                used + 1
            );
            let next = "请删去多余的一列，或改成别的列名";
            self.log.push(Some(self.header.row), None, Trouble::warning("重复的列", what, next));
        }
    }

    /// Takes one row with its number in the file.
    pub fn push(&mut self, row: u32, cells: &[RawCell<'_>]) {
        // A spreadsheet does not store blank rows; the gap in the numbers tells of them.
        self.observed.skipped.blank += row.saturating_sub(self.last_row).saturating_sub(1);
        self.last_row = row;
        match self.classify(cells) {
            RowClass::Blank => self.observed.skipped.blank += 1,
            RowClass::Total => self.observed.skipped.totals += 1,
            RowClass::Note => self.observed.skipped.notes += 1,
            RowClass::Header => self.observed.skipped.repeated_headers += 1,
            RowClass::Data if self.all_blank(&self.identity, cells) => {
                let what = "这一行既没有姓名也没有证件号码，无法知道是谁".to_owned();
                let next = "请补上姓名和证件号码；如果不是人员数据，请删去这一行";
                self.reject(row, cells, Trouble::error("无姓名和证件号码", what, next));
            }
            RowClass::Data => self.observe(row, cells),
        }
    }

    /// Counts a row that gives no observation, and says why. Who asks whose the rows are gets it all the same, as
    /// nobody's, with its own number.
    pub fn reject(&mut self, row: u32, cells: &[RawCell<'_>], trouble: Trouble) {
        self.last_row = row;
        self.observed.rows += 1;
        self.observed.rejected += 1;
        if !self.checks_identity {
            for (column, place) in self.columns.iter_mut().zip(&self.header.columns) {
                let Some(column) = column else { continue };
                let own = place.filter(|_| column.kind() == ColumnKind::RowNumber);
                // Nothing is said twice of a row that is not read.
                let _ = column.push(own.and_then(|place| cells.get(place)).unwrap_or(&RawCell::Blank));
            }
            self.rows.push(row);
        }
        self.log.push(Some(row), None, trouble);
    }

    /// Counts a row that was read past this reader.
    pub fn pass(&mut self, row: u32) {
        self.observed.skipped.blank += row.saturating_sub(self.last_row).saturating_sub(1);
        self.last_row = row;
        self.observed.rows += 1;
    }

    /// The rows that were not handed over yet.
    pub fn take_rows(&mut self) -> Option<ObservationBatch> {
        if self.rows.is_empty() {
            return None;
        }
        let columns = self.columns.iter_mut().map(|column| column.as_mut().map(ColumnReader::take)).collect();
        Some(ObservationBatch { rows: std::mem::take(&mut self.rows), columns })
    }

    fn all_blank(&self, places: &[usize], cells: &[RawCell<'_>]) -> bool {
        places.iter().all(|place| cells.get(*place).is_none_or(RawCell::is_blank))
    }

    fn classify(&self, cells: &[RawCell<'_>]) -> RowClass {
        // What an error workbook put before a row does not make it one.
        let own = self.header.own;
        let mut data = cells.iter().enumerate().filter(|(place, _)| !own.has(*place)).map(|(_, cell)| cell);
        let Some(first) = data.find(|cell| !cell.is_blank()) else { return RowClass::Blank };
        if self.is_header_again(cells) {
            return RowClass::Header;
        }
        let filled = |cell: &RawCell<'_>| !cell.is_blank() && !is_total(&cell.shown());
        if self.id_columns.iter().any(|place| cells.get(*place).is_some_and(filled)) {
            return RowClass::Data;
        }
        if self.is_from_above(cells) {
            return RowClass::Header;
        }
        if self.is_somebody(cells) {
            return RowClass::Data;
        }
        let name = self.identity.iter().filter_map(|place| cells.get(*place));
        if std::iter::once(first).chain(name).any(|cell| is_total(&cell.shown())) {
            return RowClass::Total;
        }
        if is_note(&first.shown()) { RowClass::Note } else { RowClass::Data }
    }

    /// The header row printed again: the identity columns hold their own headers.
    fn is_header_again(&self, cells: &[RawCell<'_>]) -> bool {
        let same = |(place, key): (&usize, &String)| match cells.get(*place) {
            // A header is never much longer than its key; longer text is not worth comparing.
            Some(RawCell::Text(text)) => text.len() <= key.len() + 16 && header_key(text) == *key,
            _ => false,
        };
        !self.identity.is_empty() && self.identity.iter().zip(&self.identity_keys).all(same)
    }

    /// A name where a name belongs, in a row as full as people's rows are: a person without a number, whatever the
    /// first cell says. Totals and notes fill few cells, or say there how many people they count.
    fn is_somebody(&self, cells: &[RawCell<'_>]) -> bool {
        let names = self.identity.iter().filter(|place| !self.id_columns.contains(place));
        let mut names =
            names.filter_map(|place| cells.get(*place)).filter(|cell| !cell.is_blank()).peekable();
        if names.peek().is_none() {
            return false;
        }
        let own = self.header.own;
        let filled =
            cells.iter().enumerate().filter(|(place, cell)| !own.has(*place) && !cell.is_blank()).count();
        let plain = |cell: &RawCell<'_>| {
            let text = cell.shown();
            !is_total(&text) && !is_note(&text) && !text.chars().any(char::is_numeric)
        };
        filled * 2 > self.header.labels.len() && names.all(plain)
    }

    /// A title, or one of several header rows, printed again.
    fn is_from_above(&self, cells: &[RawCell<'_>]) -> bool {
        let longest = self.header.above.iter().map(String::len).max().unwrap_or(0);
        let texts: Vec<_> = cells.iter().map(RawCell::shown).collect();
        // Comparing is dear, and a row of data is as a rule longer or shorter than all of them.
        let length: usize = texts.iter().map(|text| text.len()).sum();
        if length == 0 || length > longest * 2 + 64 {
            return false;
        }
        self.header.above.contains(&row_key(texts.iter().map(AsRef::as_ref)))
    }

    fn observe(&mut self, row: u32, cells: &[RawCell<'_>]) {
        let right = self.whose.set_right(cells);
        let cells = match right {
            Some((ref right, trouble)) => {
                self.swapped += 1;
                let label = self.whose.name.as_ref().map(|name| name.label.as_str());
                self.log.push(Some(row), label, trouble);
                right.as_slice()
            }
            None => cells,
        };
        let mut said = Vec::new();
        for (column, place) in self.columns.iter_mut().zip(&self.header.columns) {
            let (Some(column), Some(place)) = (column, place) else { continue };
            let cell = cells.get(*place).unwrap_or(&RawCell::Blank);
            if let Some(trouble) = column.push(cell) {
                said.push(*place);
                let label = self.header.labels.get(*place).map_or("", |label| label.trim());
                self.log.push(Some(row), Some(label), trouble);
            }
        }
        let month = self.stated_month.and_then(|index| self.columns[index].as_ref()?.last_month());
        if let Some(month) = month {
            *self.months.entry(month).or_default() += 1;
        }
        if self.checks_identity {
            self.check_identity(row, &said, month.and_then(Month::from_index));
        }
        self.observed.rows += 1;
        self.rows.push(row);
        if self.rows.len() >= BATCH_ROWS {
            self.hand_over();
        }
    }

    fn check_identity(&mut self, row: u32, said: &[usize], month: Option<Month>) {
        let reader = |column: usize| self.columns.get(column).and_then(Option::as_ref);
        let text = |cell: &Option<crate::identity::Cell>| {
            cell.as_ref().and_then(|cell| reader(cell.column)).and_then(ColumnReader::last_text)
        };
        let whose = &self.whose;
        let found = whose.troubles(&IdentityCells {
            name: text(&whose.name),
            id: text(&whose.id),
            said,
            birth: text(&whose.birth),
            certificate: text(&whose.certificate),
            past: whose.past.iter().map(|cell| reader(cell.column)?.last_date()).collect(),
            month: month.or(self.named_month),
        });
        for (cell, trouble) in found {
            self.log.push(Some(row), Some(&cell.label), trouble);
        }
    }

    /// Two headers exchanged are one mistake, not one on every row.
    fn report_exchanged_headers(&mut self) {
        let (Some(name), Some(id)) = (&self.whose.name, &self.whose.id) else { return };
        if self.swapped < LEAST_SWAPPED || self.swapped < self.observed.rows / 10 * 9 {
            return;
        }
        let what = format!(
            "“{}”和“{}”两列的内容整列填反了（{} 行），已对调读入",
            name.label, id.label, self.swapped
        );
        let trouble = Trouble::warning(SWAPPED, what, "请核对后把这两列的表头对调");
        self.log.collapse(Some(self.header.row), &name.label.clone(), trouble);
    }

    fn hand_over(&mut self) {
        if let Some(batch) = self.take_rows() {
            (self.sink)(batch);
        }
    }

    /// Hands over the last batch and sums up.
    pub fn finish(mut self) -> Observed {
        self.hand_over();
        self.report_exchanged_headers();
        let known =
            self.months.iter().filter_map(|(index, count)| Some((Month::from_index(*index)?, *count)));
        self.observed.months = known.collect();
        if self.observed.rows == 0 {
            let what = "只有表头，没有数据行".to_owned();
            let next = "请检查是否选错了文件或工作表，或导出时没有选中数据";
            self.log.push(None, None, Trouble::error("没有数据", what, next));
        }
        if let (true, Some(month)) = (self.observed.months.len() > 1, majority(&self.observed.months)) {
            self.report_months(month);
        }
        (self.observed.problems, self.observed.counts) = self.log.finish();
        self.observed
    }

    fn report_months(&mut self, majority: Month) {
        let months = &self.observed.months;
        let mut list: Vec<String> = months
            .iter()
            .rev()
            .take(MONTHS_SHOWN)
            .map(|(month, rows)| format!("{month} {rows} 行"))
            .collect();
        list.reverse();
        let more = if months.len() > MONTHS_SHOWN { "等" } else { "" };
        let what = format!("一个文件里有 {} 个月份：{}{more}", months.len(), list.join("，"));
        let next =
            format!("已按行数最多的 {majority} 作为名册月份，各行仍按自己的月份读入；如不对请分开报送");
        self.log.push(None, None, Trouble::warning("多个月份", what, &next));
    }
}

/// Columns by which rows are told apart and tied to people.
pub(crate) fn says_who(kind: ColumnKind) -> bool {
    use ColumnKind::{HouseholdNumber, PersonId, RowNumber};
    kind.is_identity() || matches!(kind, HouseholdNumber | PersonId | RowNumber)
}

/// The month of most rows; of equally many the latest.
pub(crate) fn majority(months: &BTreeMap<Month, u32>) -> Option<Month> {
    months.iter().max_by_key(|(month, rows)| (**rows, **month)).map(|(month, _)| *month)
}

fn is_total(text: &str) -> bool {
    const TOTALS: [&str; 8] = ["合计", "总计", "小计", "累计", "共计", "本页合计", "本页小计", "全县合计"];
    if text.len() > 60 || !text.contains('计') {
        return false;
    }
    let key = header_key(text);
    let of_what = |c: char| c.is_ascii_digit() || "镇乡村道区组县社户人".contains(c);
    TOTALS.contains(&key.as_str())
        || ["合计", "总计", "小计", "共计"].iter().any(|total| {
            let rest = key.strip_prefix(total).or_else(|| key.strip_suffix(total));
            rest.is_some_and(|rest| rest.chars().any(of_what))
        })
}

/// What stands under a table: who made it, how it is to be read, which page it is.
fn is_note(text: &str) -> bool {
    const NOTES: [&str; 19] = [
        "制表",
        "填表",
        "审核",
        "复核",
        "审批",
        "经办",
        "备注",
        "说明",
        "注",
        "单位负责人",
        "填报",
        "负责人",
        "联系人",
        "打印",
        "日期",
        "报送",
        "领导签字",
        "以上",
        "以下",
    ];
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).take(40).collect();
    let page =
        plain.starts_with('第') && plain.contains('页') || plain.contains("盖章") || plain.contains("签字");
    let begins = |note: &&str| match plain.strip_prefix(*note) {
        // One character alone begins names too.
        Some(rest) => *note != "注" || rest.starts_with([':', '：', '.', '、', '1', '１', '①']),
        None => false,
    };
    page || NOTES.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_and_notes_are_told_from_people() {
        for text in ["合 计", "小计：", "北斗社区小计", "合计（3户）", "本页合计", "共计12人"]
        {
            assert!(is_total(text), "{text}");
        }
        for text in ["计小明", "设计", "小计划", "合计生"] {
            assert!(!is_total(text), "{text}");
        }
        for text in ["制 表 人：周某", "注：1.单位为元", "第 1 页 共 3 页", "（盖章）", "说明：", "审核人："]
        {
            assert!(is_note(text), "{text}");
        }
        for text in ["1", "注小明", "第五", "北斗村"] {
            assert!(!is_note(text), "{text}");
        }
    }
}
