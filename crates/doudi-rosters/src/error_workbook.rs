//! The sender's own rows back, with what is wrong in them.

use crate::file::OpenFile;
use crate::sheet::{CellValue, Sheet, SheetColumn, SheetKind};
use crate::spec::SpecSet;
use crate::write::{WriteError, write_table_xlsx};
use doudi_terms::Problem;
use std::collections::BTreeMap;
use std::path::Path;

/// Up to this many rows the whole sheet is given back; of larger ones only the rows with problems, which is what
/// somebody can work through.
const WHOLE_SHEET_ROWS: usize = 100_000;
/// Problems of the file as a whole that are written above the table; the rest are in the command's output.
const NOTES: usize = 30;
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

/// Writes a copy of a roster file's rows with a column 错误原因 and its faulty cells in red. `problems` are those of
/// reading the file and any that linkage or the policies found later: they are placed by sheet, row and header.
pub fn write_error_workbook(
    original: &Path,
    set: &SpecSet,
    problems: &[Problem],
    target: &Path,
) -> Result<(), ErrorWorkbookError> {
    let mut open = OpenFile::open(original, set);
    let mut sheets = Vec::new();
    for index in 0..open.sheets().len() {
        sheets.push(marked_sheet(&mut open, index, problems)?);
    }
    if sheets.is_empty() {
        sheets.push(problems_only(open.file(), problems));
    }
    Ok(write_table_xlsx(target, &sheets)?)
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
    let here = |problem: &&Problem| problem.place.sheet.is_none() || problem.place.sheet == found.sheet;
    let mut by_row: BTreeMap<u32, Vec<&Problem>> = BTreeMap::new();
    let mut notes = Vec::new();
    for problem in problems.iter().filter(here) {
        match problem.place.row.filter(|row| *row > found.header_row) {
            Some(row) => by_row.entry(row).or_default().push(problem),
            None if notes.len() < NOTES => notes.push(format!("{}。{}", problem.what, problem.next)),
            None => {}
        }
    }
    let labels = &found.header.labels;
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
        let marked = marked_row(row, cells, labels, troubles.map_or(&[], Vec::as_slice));
        if troubles.is_some() && wrong.len() < MOST_ROWS {
            wrong.push(marked.clone());
        }
        if data_rows <= WHOLE_SHEET_ROWS {
            all.push(marked);
        }
    });
    outcome.map_err(ErrorWorkbookError::Original)?;
    let whole = data_rows <= WHOLE_SHEET_ROWS;
    if !whole {
        notes.push(format!("原表有 {data_rows} 行，这里只列出有问题的 {} 行", wrong.len()));
    }
    Ok(Sheet {
        name: found.sheet.clone().unwrap_or_else(|| "有问题的行".to_owned()),
        title: Some(format!("{}：请改正红色的格子后重新导入", open.file())),
        notes,
        columns: columns(labels),
        printed_columns: None,
        rows: if whole { all } else { wrong },
    })
}

/// First the reasons, where they are seen at once; then the row's number in the original; then the row.
fn columns(labels: &[String]) -> Vec<SheetColumn> {
    let mut columns = vec![
        SheetColumn::new("错误原因", SheetKind::Text).wide(44.0),
        SheetColumn::new("原表行号", SheetKind::Integer).wide(9.0),
    ];
    let width = |label: &str| if label.contains("号") || label.contains("址") { 22.0 } else { 12.0 };
    columns.extend(
        labels.iter().map(|label| SheetColumn::new(label.trim(), SheetKind::Text).wide(width(label))),
    );
    columns
}

fn marked_row(row: u32, cells: Vec<String>, labels: &[String], troubles: &[&Problem]) -> Vec<CellValue> {
    let reason = |problem: &&Problem| match &problem.place.column {
        Some(column) => format!("{column}：{}。{}", problem.what, problem.next),
        None => format!("{}。{}", problem.what, problem.next),
    };
    let reasons: Vec<String> = troubles.iter().map(reason).collect();
    let mut marked = vec![
        if reasons.is_empty() { CellValue::Blank } else { CellValue::Wrong(reasons.join("\n")) },
        CellValue::Integer(i64::from(row)),
    ];
    // Cells beyond the headers are what a shifted row consists of: the last column keeps them.
    let width = labels.len();
    let mut kept: Vec<String> = cells;
    if kept.len() > width && width > 0 {
        let rest = kept.split_off(width - 1);
        kept.push(rest.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(" "));
    }
    for (cell, label) in kept.into_iter().zip(labels) {
        let faulty = troubles.iter().any(|problem| problem.place.column.as_deref() == Some(label.trim()));
        marked.push(if faulty { CellValue::Wrong(cell) } else { cell.into() });
    }
    marked
}
