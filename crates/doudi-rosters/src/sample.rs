//! A specification's sample and what reading it must give: data that a newcomer writes, run by the product and by tests.

use crate::file::{SheetReading, read_file};
use crate::spec::SpecSet;
use doudi_terms::roster::{Cells, ObservationBatch, RosterSpec};
use doudi_terms::{Fen, Month, Place, Problem, Severity, date_from_epoch_day};
use serde::Deserialize;
use std::path::Path;

/// `<id>.expected.toml` beside `<id>.sample.csv`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Data rows in the sample.
    pub rows: u32,
    #[serde(default)]
    pub rejected: u32,
    /// Rows that are not data: totals, notes, blank, repeated headers.
    #[serde(default)]
    pub skipped: u32,
    /// The month that the sample states; `None` if it states none.
    #[serde(default)]
    pub month: Option<String>,
    /// One text for each problem, in any order: each must occur in a problem as it is shown.
    #[serde(default)]
    pub problems: Vec<String>,
    #[serde(default)]
    pub cells: Vec<ExpectedCell>,
}

/// One cell as it must be read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCell {
    pub row: u32,
    pub column: String,
    /// As [`shown_cell`] shows it; empty = nothing was read.
    pub value: String,
}

/// A cell as people write it: money `351.00`, numbers `98.5`, dates `2020-04-30`, months `2020-04`, 是 or 否; empty = none.
pub fn shown_cell(cells: &Cells, index: usize) -> String {
    let shown = match cells {
        Cells::Text(values) => values.get(index).and_then(|value| value.as_deref().map(str::to_owned)),
        Cells::Money(values) => values.get(index).copied().flatten().map(|fen| Fen(fen).to_string()),
        Cells::Number(values) => values.get(index).copied().flatten().map(shown_number),
        Cells::Date(values) => {
            values.get(index).copied().flatten().and_then(date_from_epoch_day).map(|date| date.to_string())
        }
        Cells::Month(values) => {
            values.get(index).copied().flatten().and_then(Month::from_index).map(|month| month.to_string())
        }
        Cells::YesNo(values) => {
            values.get(index).copied().flatten().map(|truth| if truth { "是" } else { "否" }.to_owned())
        }
    };
    shown.unwrap_or_default()
}

fn shown_number(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let abs = thousandths.unsigned_abs();
    let text = format!("{sign}{}.{:03}", abs / 1000, abs % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a sample and compares; every difference is a problem.
pub fn check_sample(set: &SpecSet, spec: &RosterSpec, sample: &Path, expected: &str) -> Vec<Problem> {
    let file = sample.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let wrong = |row: Option<u32>, column: Option<&str>, what: String| Problem {
        severity: Severity::Error,
        place: Place { file: file.clone(), sheet: None, row, column: column.map(str::to_owned) },
        what,
        next: "请改名册说明，或改它的样例和预期".to_owned(),
    };
    let expected: Expectation = match toml::from_str(expected) {
        Ok(expected) => expected,
        Err(error) => return vec![wrong(None, None, format!("预期读不懂：{}", error.message()))],
    };
    let mut batches: Vec<ObservationBatch> = Vec::new();
    let reading = read_file(sample, set, &mut |_, batch| batches.push(batch));
    let [sheet] = reading.sheets.as_slice() else {
        let reasons: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
        return vec![wrong(None, None, format!("样例没有被认成名册：{}", reasons.join("；")))];
    };
    let mut sheet = sheet.clone();
    sheet.roster.problems.extend(reading.problems);
    let mut found = check_sheet(&expected, spec, &sheet, &batches);
    if sheet.roster.roster != spec.id {
        let what = format!("名册应为“{}”，读到“{}”", spec.id, sheet.roster.roster);
        found.push(wrong(None, None, what));
    }
    found
}

/// Compares what a sheet was read as with what it must be; every difference is a problem.
pub fn check_sheet(
    expected: &Expectation,
    spec: &RosterSpec,
    sheet: &SheetReading,
    batches: &[ObservationBatch],
) -> Vec<Problem> {
    let roster = &sheet.roster;
    let wrong = |row: Option<u32>, column: Option<&str>, what: String| Problem {
        severity: Severity::Error,
        place: Place {
            file: roster.file.clone(),
            sheet: roster.sheet.clone(),
            row,
            column: column.map(str::to_owned),
        },
        what,
        next: "请改名册说明，或改它的样例和预期".to_owned(),
    };
    let skipped = sheet.skipped;
    let skipped = skipped.blank + skipped.notes + skipped.totals + skipped.repeated_headers;
    let month = roster.month.map(|month| month.to_string()).unwrap_or_default();
    let pairs = [
        ("行数", expected.rows.to_string(), roster.rows.to_string()),
        ("没有读入的行数", expected.rejected.to_string(), roster.rejected.to_string()),
        ("跳过的行数", expected.skipped.to_string(), skipped.to_string()),
        ("月份", expected.month.clone().unwrap_or_default(), month),
    ];
    let unequal = pairs.iter().filter(|(_, wanted, got)| wanted != got);
    let mut found: Vec<Problem> = unequal
        .map(|(name, wanted, got)| wrong(None, None, format!("{name}应为“{wanted}”，读到“{got}”")))
        .collect();
    let mut left: Vec<String> = roster.problems.iter().map(ToString::to_string).collect();
    for text in &expected.problems {
        match left.iter().position(|problem| problem.contains(text.as_str())) {
            Some(index) => drop(left.swap_remove(index)),
            None => found.push(wrong(None, None, format!("没有报告“{text}”"))),
        }
    }
    found.extend(left.into_iter().map(|problem| wrong(None, None, format!("多报了：{problem}"))));
    for cell in &expected.cells {
        let got = cell_at(spec, batches, cell);
        if got.as_deref() != Some(&cell.value) {
            let got = got.unwrap_or_else(|| "没有这一格".to_owned());
            let what = format!("应为“{}”，读到“{got}”", cell.value);
            found.push(wrong(Some(cell.row), Some(&cell.column), what));
        }
    }
    found
}

fn cell_at(spec: &RosterSpec, batches: &[ObservationBatch], cell: &ExpectedCell) -> Option<String> {
    let column = spec.columns.iter().position(|column| column.name == cell.column)?;
    batches.iter().find_map(|batch| {
        let row = batch.rows.iter().position(|row| *row == cell.row)?;
        let cells = batch.columns.get(column)?.as_ref()?;
        Some(shown_cell(cells, row))
    })
}
