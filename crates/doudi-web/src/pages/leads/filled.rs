//! A list of leads that came back filled in: what each row says, or what is wrong with it.

use crate::trouble::Trouble;
use doudi_casework::{Finding, Measure, Moment, Report};
use doudi_rosters::{OpenFile, SpecSet, write_error_workbook};
use doudi_store::{OfferedReport, Verdict};
use doudi_terms::roster::{Cells, ObservationBatch};
use doudi_terms::{Date, Place, Problem, Severity, date_from_epoch_day};
use std::collections::BTreeMap;
use std::path::Path;

const SPEC: &str = include_str!("findings.toml");
/// A set of specifications has one register; no list that comes back is one.
const REGISTER: &str = r#"
id = "office-register"
name = "底册"
department = "民政"
register = true
columns = [
  { name = "底册人员编号（不用）", kind = "person-id", required = true },
  { name = "底册姓名（不用）", kind = "person-name", required = true },
]
"#;

/// The rows that somebody filled in, in the order of the file.
pub(super) struct Filled {
    pub rows: Vec<FilledRow>,
    /// Rows that nobody filled in.
    pub blank: usize,
    sheet: Option<String>,
    /// As it came, for the workbook of what could not be taken.
    bytes: Vec<u8>,
    name: String,
}

pub(super) struct FilledRow {
    pub row: u32,
    pub name: String,
    pub check: String,
    /// What it says; or why that is no report.
    pub offer: Result<OfferedReport, String>,
}

/// A file on disc for as long as somebody reads it: the reader of workbooks wants a path.
fn on_disc(name: &str, bytes: &[u8]) -> Result<(tempfile::TempDir, std::path::PathBuf), Trouble> {
    let folder = tempfile::tempdir().map_err(Trouble::broken)?;
    // The ending says nothing that is relied upon; the name is for the page alone.
    let path = folder.path().join(if name.ends_with(".csv") { "list.csv" } else { "list.xlsx" });
    std::fs::write(&path, bytes).map_err(Trouble::broken)?;
    Ok((folder, path))
}

fn specs() -> Result<SpecSet, Trouble> {
    SpecSet::from_files([("office-findings.toml", SPEC), ("office-register.toml", REGISTER)])
        .map_err(|problems| Trouble::broken(format!("{problems:?}")))
}

impl Filled {
    /// The inner error is about the file as a whole.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Result<Filled, String>, Trouble> {
        let set = specs()?;
        let (_folder, path) = on_disc(name, bytes)?;
        let mut open = OpenFile::open(&path, &set);
        let Some(found) = open.sheets().first() else { return Ok(Err(no_list(&open))) };
        let sheet = found.sheet.clone();
        let mut filled =
            Filled { rows: Vec::new(), blank: 0, sheet, bytes: bytes.to_vec(), name: name.to_owned() };
        let mut batches = Vec::new();
        let reading = open.read(0, &mut |batch| batches.push(batch));
        let mut wrong: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for problem in reading.roster.problems.iter().filter(|problem| problem.severity == Severity::Error) {
            if let Some(row) = problem.place.row {
                wrong.entry(row).or_default().push(format!("{}。{}", problem.what, problem.next));
            }
        }
        let columns: Vec<String> = set
            .get("office-findings")
            .map(|spec| spec.columns.iter().map(|column| column.name.clone()).collect())
            .unwrap_or_default();
        for batch in &batches {
            for at in 0..batch.rows.len() {
                let row = Row { columns: &columns, batch, at };
                filled.take(&row, wrong.remove(&batch.rows[at]));
            }
        }
        // Rows of which nothing at all could be read.
        for (row, why) in wrong {
            let offer = Err(why.join("；"));
            filled.rows.push(FilledRow { row, name: String::new(), check: String::new(), offer });
        }
        filled.rows.sort_by_key(|row| row.row);
        Ok(Ok(filled))
    }

    fn take(&mut self, row: &Row<'_>, wrong: Option<Vec<String>>) {
        let answers = ["核查结果", "核查人", "核查情况", "措施"];
        let is_blank =
            wrong.is_none() && answers.iter().all(|column| row.text(column).is_empty()) && row.on().is_none();
        if is_blank {
            self.blank += 1;
            return;
        }
        let offer = match wrong {
            Some(why) => Err(why.join("；")),
            None => row.offer(),
        };
        let (name, check) = (row.text("姓名").to_owned(), row.text("疑点").to_owned());
        self.rows.push(FilledRow { row: row.batch.rows[row.at], name, check, offer });
    }

    /// The verdict on every row: the store's, or that it is no report.
    pub fn judged(&self, verdicts: Vec<Verdict>) -> Vec<Verdict> {
        let mut verdicts = verdicts.into_iter();
        let judge = |row: &FilledRow| match &row.offer {
            Err(why) => Verdict::Refused(why.clone()),
            Ok(_) => verdicts.next().unwrap_or(Verdict::Unchanged),
        };
        self.rows.iter().map(judge).collect()
    }

    /// The rows as they came, those that could not be taken with why.
    pub fn errors(&self, judged: &[Verdict]) -> Result<Vec<u8>, Trouble> {
        let set = specs()?;
        let (folder, path) = on_disc(&self.name, &self.bytes)?;
        let problem = |(row, verdict): (&FilledRow, &Verdict)| match verdict {
            Verdict::Refused(why) => Some(Problem {
                severity: Severity::Error,
                place: self.place(&path, row.row),
                what: why.clone(),
                next: "请改好以后再交回".to_owned(),
            }),
            _ => None,
        };
        let problems: Vec<Problem> = self.rows.iter().zip(judged).filter_map(problem).collect();
        let target = folder.path().join("errors.xlsx");
        write_error_workbook(&path, &set, &problems, &target).map_err(Trouble::broken)?;
        std::fs::read(&target).map_err(Trouble::broken)
    }

    fn place(&self, path: &Path, row: u32) -> Place {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Place { file, sheet: self.sheet.clone(), row: Some(row), column: None }
    }
}

fn no_list(open: &OpenFile<'_>) -> String {
    let first = open.problems().first();
    let why = first.map(|problem| format!("{}。", problem.what)).unwrap_or_default();
    format!(
        "{why}这不是系统里下载的疑点清单：要有“疑点编号”“姓名”“核查结果”三列。请用“下载清单”的文件填好再交"
    )
}

struct Row<'b> {
    columns: &'b [String],
    batch: &'b ObservationBatch,
    at: usize,
}

impl Row<'_> {
    fn cells(&self, column: &str) -> Option<&Cells> {
        let at = self.columns.iter().position(|known| known == column)?;
        self.batch.columns.get(at)?.as_ref()
    }

    fn text(&self, column: &str) -> &str {
        match self.cells(column) {
            Some(Cells::Text(values)) => {
                values.get(self.at).and_then(Option::as_deref).unwrap_or_default().trim()
            }
            _ => "",
        }
    }

    fn on(&self) -> Option<Date> {
        match self.cells("日期") {
            Some(Cells::Date(values)) => date_from_epoch_day((*values.get(self.at)?)?),
            _ => None,
        }
    }

    /// Everything that is missing, at once.
    fn offer(&self) -> Result<OfferedReport, String> {
        let mut missing = Vec::new();
        let mut need = |there: bool, what: &'static str| {
            if !there {
                missing.push(what);
            }
        };
        let lead_id = self.text("疑点编号");
        let finding = Finding::parse(self.text("核查结果"));
        need(!lead_id.is_empty(), "“疑点编号”空着，不知道是哪一条，请不要改动这一列");
        need(finding.is_some(), "“核查结果”空着，请从下拉表选");
        need(self.on().is_some(), "“日期”空着，请写实际入户的日期");
        need(!self.text("核查人").is_empty(), "“核查人”空着，请写两个人的姓名");
        need(!self.text("核查情况").is_empty(), "“核查情况”空着，请写看到了什么");
        let version = self.text("版本");
        let number: Option<i64> = version.parse().ok();
        need(version.is_empty() || number.is_some(), "“版本”被改动过，请从系统重新下载清单");
        let (Some(finding), Some(on), true) = (finding, self.on(), missing.is_empty()) else {
            return Err(missing.join("；"));
        };
        let idle = if finding == Finding::DataError { Measure::CorrectData } else { Measure::Keep };
        let report = Report {
            finding,
            measure: Measure::parse(self.text("措施")).unwrap_or(idle),
            on,
            reason: self.text("核查情况").to_owned(),
            evidence: Vec::new(),
            hearing: None,
            by: None,
            visitors: self.text("核查人").to_owned(),
            at: Moment::default(),
        };
        Ok(OfferedReport { lead_id: lead_id.to_owned(), version: number, report })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_of_a_filled_list_holds() {
        let set = SpecSet::from_files([("office-findings.toml", SPEC), ("office-register.toml", REGISTER)]);
        let set = set.unwrap_or_else(|problems| panic!("{problems:#?}"));
        assert!(set.get("office-findings").is_some_and(|spec| spec.columns.len() == 9));
    }
}
