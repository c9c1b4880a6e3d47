//! The sender's own rows back, with what is wrong in them.

use crate::correction::{ORIGINAL_ROW, REASON, WAS_WRONG};
use crate::file::OpenFile;
use crate::problem_log::{KEPT_PER_KIND, NOT_LISTED, usual_summaries};
use crate::recognise::Header;
use crate::sheet::{CellValue, Sheet, SheetColumn, SheetKind};
use crate::source::Source;
use crate::spec::SpecSet;
use crate::template::choices;
use crate::write::{WriteError, table_xlsx, write_table_xlsx};
use doudi_terms::Problem;
use doudi_terms::roster::RosterSpec;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Up to this many rows the whole sheet is given back; of larger ones only the rows with problems, which is what
/// somebody can work through.
const WHOLE_SHEET_ROWS: usize = 20_000;
/// Problems of the file as a whole that are written above the table; the rest are in the command's output. With title and
/// original they leave the headers among the rows where headers are looked for.
const NOTES: usize = 6;
/// Cells marked of one kind and column: all that somebody can work through one by one, and more.
const MARKED_PER_KIND: u32 = 20_000;
/// Excel's own limit, less room for title and notes.
const MOST_ROWS: usize = 1_000_000;

/// Why no error workbook could be made.
#[derive(Debug, thiserror::Error)]
pub enum ErrorWorkbookError {
    #[error("原文件读不了：{0}")]
    Original(String),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes a copy of a roster file's rows with a column 错误原因 and its faulty cells in red. `problems` are those that
/// reading the file gave, and any that linkage or the policies found later: they are placed by sheet, row and header. Where
/// one of them says that others were not listed ([`crate::KEPT_PER_KIND`]), those are found again and marked too. Cells keep
/// the text that a person sees in the original; merged cells are filled. What comes back is known again by
/// [`OpenFile::correction_of`]; an error workbook of a corrected copy is one of the first original, with its row numbers.
pub fn write_error_workbook(
    original: impl Into<Source>,
    set: &SpecSet,
    problems: &[Problem],
    target: &Path,
) -> Result<(), ErrorWorkbookError> {
    Ok(write_table_xlsx(target, &marked_sheets(original.into(), set, problems)?)?)
}

/// As [`write_error_workbook`], of which nothing touches the disc.
pub fn error_workbook(
    original: impl Into<Source>,
    set: &SpecSet,
    problems: &[Problem],
) -> Result<Vec<u8>, ErrorWorkbookError> {
    Ok(table_xlsx(&marked_sheets(original.into(), set, problems)?)?)
}

fn marked_sheets(
    original: Source,
    set: &SpecSet,
    problems: &[Problem],
) -> Result<Vec<Sheet>, ErrorWorkbookError> {
    let mut open = OpenFile::open(original, set);
    let mut sheets = Vec::new();
    for index in 0..open.sheets().len() {
        sheets.push(marked_sheet(&mut open, index, problems)?);
    }
    if sheets.is_empty() {
        sheets.push(problems_only(open.file(), problems));
    }
    Ok(sheets)
}

/// A file that is no roster has no rows to give back; its problems are given as a list.
fn problems_only(file: &str, problems: &[Problem]) -> Sheet {
    let text = |header: &str, width: f64| SheetColumn::new(header, SheetKind::Text).wide(width);
    let row = |problem: &Problem| vec![problem.what.clone().into(), problem.next.clone().into()];
    Sheet {
        name: "问题".to_owned(),
        title: Some(format!("{file}：没有读入")),
        notes: Vec::new(),
        columns: vec![text("问题", 80.0), text("怎么办", 60.0)],
        printed_columns: None,
        rows: problems.iter().map(row).collect(),
    }
}

fn marked_sheet(
    open: &mut OpenFile<'_>,
    index: usize,
    problems: &[Problem],
) -> Result<Sheet, ErrorWorkbookError> {
    let found = open.sheets()[index].clone();
    let (unkept, summaries) = unkept(open, index, problems);
    let here = |problem: &&Problem| {
        (problem.place.sheet.is_none() || problem.place.sheet == found.sheet) && !summaries.contains(problem)
    };
    let mut by_row: BTreeMap<u32, Vec<&Problem>> = BTreeMap::new();
    let mut of_file = Vec::new();
    for problem in problems.iter().filter(here).chain(&unkept) {
        match problem.place.row.filter(|row| *row > found.header_row) {
            Some(row) => by_row.entry(row).or_default().push(problem),
            None => of_file.push(problem),
        }
    }
    let header = &found.header;
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    let mut data_rows = 0_usize;
    let outcome = open.each_row_as_text(index, &mut |row, cells| {
        if row <= found.header_row {
            return;
        }
        data_rows += 1;
        let troubles = by_row.get(&row);
        if troubles.is_none() && data_rows > WHOLE_SHEET_ROWS {
            return;
        }
        let marked = marked_row(row, cells(), header, found.correction.is_some(), troubles);
        if troubles.is_some() && wrong.len() < MOST_ROWS {
            wrong.push(marked.clone());
        }
        if data_rows <= WHOLE_SHEET_ROWS {
            all.push(marked);
        }
    });
    outcome.map_err(ErrorWorkbookError::Original)?;
    let whole = data_rows <= WHOLE_SHEET_ROWS;
    let original = open.original_of(index, whole);
    let mut notes = vec![original.line()];
    if !whole {
        notes.push(format!("原表有 {data_rows} 行，这里只列出有问题的 {} 行", wrong.len()));
    }
    notes.extend(notes_of_file(&of_file));
    Ok(Sheet {
        name: found.sheet.clone().unwrap_or_else(|| "有问题的行".to_owned()),
        title: Some(format!("{}：请改正红色的格子后重新导入", original.file)),
        notes,
        columns: columns(header, open.spec_of(index)),
        printed_columns: None,
        rows: if whole { all } else { wrong },
    })
}

/// Where the problems say that some were not listed one by one: those, and the sayings, which are then not needed.
fn unkept(open: &mut OpenFile<'_>, index: usize, problems: &[Problem]) -> (Vec<Problem>, HashSet<Problem>) {
    let sheet = open.sheets()[index].sheet.clone();
    let is_summary = |problem: &Problem| {
        problem.place.row.is_none() && problem.place.sheet == sheet && problem.what.contains(NOT_LISTED)
    };
    if !problems.iter().any(is_summary) {
        return (Vec::new(), HashSet::new());
    }
    let rest = open.read_keeping(index, KEPT_PER_KIND + 1..=MARKED_PER_KIND, &mut |_| {});
    let summaries = usual_summaries(open.file(), sheet.as_deref(), &rest.counts);
    (rest.roster.problems, summaries.into_iter().collect())
}

fn notes_of_file(problems: &[&Problem]) -> Vec<String> {
    let told = if problems.len() > NOTES { NOTES - 1 } else { problems.len() };
    let mut notes: Vec<String> =
        problems[..told].iter().map(|problem| format!("{}。{}", problem.what, problem.next)).collect();
    if problems.len() > told {
        notes.push(format!("关于整个文件的问题另有 {} 条，见导入时的提示", problems.len() - told));
    }
    notes
}

/// First the reasons, where they are seen at once; then the row's number in the original; then the row.
fn columns(header: &Header, spec: &RosterSpec) -> Vec<SheetColumn> {
    let mut columns = vec![
        SheetColumn::new(REASON, SheetKind::Text).wide(44.0),
        SheetColumn::new(ORIGINAL_ROW, SheetKind::Integer).wide(9.0),
        SheetColumn::new(WAS_WRONG, SheetKind::Text).wide(9.0),
    ];
    for (place, label) in header.labels.iter().enumerate() {
        if header.own.has(place) {
            continue;
        }
        let width = if label.contains('号') || label.contains('址') { 22.0 } else { 12.0 };
        let column = SheetColumn::new(label.trim(), SheetKind::Text).wide(width);
        let stated = header.columns.iter().position(|taken| *taken == Some(place));
        let words = stated.and_then(|index| choices(&spec.columns[index]));
        columns.push(match words {
            Some(words) => column.choose(words),
            None => column,
        });
    }
    columns
}

fn marked_row(
    row: u32,
    cells: Vec<String>,
    header: &Header,
    correction: bool,
    troubles: Option<&Vec<&Problem>>,
) -> Vec<CellValue> {
    let reason = |problem: &&Problem| match &problem.place.column {
        Some(column) => format!("{column}：{}。{}", problem.what, problem.next),
        None => format!("{}。{}", problem.what, problem.next),
    };
    let troubles = troubles.map_or(&[][..], Vec::as_slice);
    let reasons: Vec<String> = troubles.iter().map(reason).collect();
    let original = if correction { header.own.row(row, &cells).original } else { Some(row) };
    let mut marked = vec![
        if reasons.is_empty() { CellValue::Blank } else { CellValue::Wrong(reasons.join("\n")) },
        original.map_or(CellValue::Blank, |row| CellValue::Integer(i64::from(row))),
        if reasons.is_empty() { CellValue::Blank } else { "是".into() },
    ];
    // Cells beyond the headers are what a shifted row consists of: the last column keeps them.
    let width = header.labels.len();
    let mut kept: Vec<String> = cells;
    if kept.len() > width && width > 0 {
        let rest = kept.split_off(width - 1);
        kept.push(rest.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(" "));
    }
    for (place, (cell, label)) in kept.into_iter().zip(&header.labels).enumerate() {
        if header.own.has(place) {
            continue;
        }
        let faulty = troubles.iter().any(|problem| problem.place.column.as_deref() == Some(label.trim()));
        marked.push(if faulty { CellValue::Wrong(cell) } else { cell.into() });
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_certain_words_offer_them_in_the_copy() {
        let set =
            crate::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters")).expect("a set");
        let dir = tempfile::TempDir::new().expect("a folder");
        let path = dir.path().join("低保.csv");
        std::fs::write(&path, "姓名,户主姓名,身份证号,起始年月,城乡类别,经济状况已核对\n").expect("a file");
        let open = OpenFile::open(&path, &set);
        let columns = columns(&open.sheets()[0].header, open.spec_of(0));
        let choice = |header: &str| {
            let column = columns.iter().find(|column| column.header == header);
            column.and_then(|column| column.dropdown.as_deref()).unwrap_or_default().join("、")
        };
        assert_eq!(choice("城乡类别"), "农村、城镇");
        assert_eq!(choice("经济状况已核对"), "是、否");
        assert_eq!(choice("姓名"), "");
    }
}
