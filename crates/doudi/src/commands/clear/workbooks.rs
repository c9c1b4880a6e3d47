//! Workbooks: what a township works with, and the sender's own rows with what is wrong in them.

use super::import::Imported;
use super::Stop;
use crate::divisions::Divisions;
use crate::exit::Exit;
use doudi_engine::{HandoutCell, HandoutTable, Township};
use doudi_rosters::{CellValue, Sheet, SheetColumn, SheetKind, SpecSet, write_error_workbook, write_table_xlsx};
use doudi_terms::{Problem, Severity};
use std::collections::BTreeMap;
use std::path::Path;

/// Writes `<code>-<name>.xlsx` for every township; gives the names of the files.
pub fn townships(out: &Path, divisions: &Divisions, townships: &[Township]) -> Result<Vec<String>, Stop> {
    let mut files = Vec::new();
    for township in townships {
        let name = divisions.known_name(township.code).unwrap_or("未知乡镇");
        let file = format!("{}-{name}.xlsx", township.code_text);
        let sheets: Vec<Sheet> =
            township.tables.iter().map(|table| sheet(name, divisions, table)).collect();
        write_table_xlsx(&out.join(&file), &sheets)
            .map_err(|error| Stop { exit: Exit::Internal, message: format!("{file}：{error}") })?;
        files.push(file);
    }
    Ok(files)
}

fn sheet(township: &str, divisions: &Divisions, table: &HandoutTable) -> Sheet {
    let money = |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(HandoutCell::Money(_))));
    let columns = table.columns.iter().enumerate().map(|(at, column)| {
        let kind = if money(at) { SheetKind::Money } else { SheetKind::Text };
        let made = SheetColumn::new(column.header, kind).wide(column.width);
        if column.choices.is_empty() { made } else { made.choose(column.choices.iter().copied()) }
    });
    let number = SheetColumn::new("序号", SheetKind::Integer).wide(6.0);
    let rows = table.rows.iter().zip(1..).map(|(row, number)| {
        let cells = row.iter().map(|cell| match cell {
            HandoutCell::Text(text) => CellValue::from(text.as_str()),
            HandoutCell::Money(fen) => CellValue::Money(*fen),
            HandoutCell::Integer(number) => CellValue::Integer(*number),
            HandoutCell::Village(code) => CellValue::Text(divisions.name(*code)),
        });
        std::iter::once(CellValue::Integer(number)).chain(cells).collect()
    });
    Sheet {
        name: table.name.clone(),
        title: Some(format!("{township}{}", table.name)),
        notes: if table.note.is_empty() { Vec::new() } else { vec![table.note.clone()] },
        columns: std::iter::once(number).chain(columns).collect(),
        rows: rows.collect(),
    }
}

/// Writes `<file>-错误.xlsx` for every file in which something has to be corrected.
pub fn errors(
    out: &Path,
    set: &SpecSet,
    imported: &Imported,
    linking: &[Problem],
) -> Result<Vec<String>, Stop> {
    let mut by_file: BTreeMap<&str, Vec<Problem>> = BTreeMap::new();
    for problem in linking {
        by_file.entry(&problem.place.file).or_default().push(problem.clone());
    }
    let mut files = Vec::new();
    for file in &imported.files {
        let mut problems = file.problems.clone();
        problems.extend(by_file.remove(file.file.as_str()).unwrap_or_default());
        let whole_file = |problem: &Problem| problem.place.row.is_none();
        if !problems.iter().any(|problem| problem.severity == Severity::Error || !whole_file(problem)) {
            continue;
        }
        let stem = Path::new(&file.file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("{stem}-错误.xlsx");
        write_error_workbook(&file.path, set, &problems, &out.join(&name))
            .map_err(|error| Stop { exit: Exit::Internal, message: format!("{name}：{error}") })?;
        files.push(name);
    }
    Ok(files)
}
