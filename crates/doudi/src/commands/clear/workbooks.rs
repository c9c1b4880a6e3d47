//! Workbooks: what a township works with, and the sender's own rows with what is wrong in them.

use super::Stop;
use super::import::Imported;
use crate::divisions::Divisions;
use crate::exit::Exit;
use doudi_engine::{Cleared, HandoutCell, HandoutTable, Township};
use doudi_rosters::{
    CellValue, Sheet, SheetColumn, SheetKind, SpecSet, write_error_workbook, write_table_xlsx,
};
use doudi_terms::{Problem, Severity};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// A workbook to be written: its name, and the writing.
type Job<'j> = (String, Box<dyn FnOnce() -> Result<(), String> + Send + 'j>);

/// Writes all workbooks, two at a time, and gives their names. The order of writing changes nothing in them.
pub fn write_all(
    out: &Path,
    set: &SpecSet,
    divisions: &Divisions,
    imported: &Imported,
    cleared: &Cleared,
) -> Result<Vec<String>, Stop> {
    let mut jobs = error_jobs(out, set, imported, &cleared.problems);
    jobs.extend(township_jobs(out, divisions, &cleared.townships));
    let names: Vec<String> = jobs.iter().map(|(name, _)| name.clone()).collect();
    let queue = Mutex::new(jobs.into_iter());
    let work = || -> Result<(), String> {
        loop {
            // A poisoned lock means that the other thread is panicking already.
            let next = queue.lock().map_or(None, |mut queue| queue.next());
            let Some((name, job)) = next else { return Ok(()) };
            job().map_err(|error| format!("{name}：{error}"))?;
        }
    };
    let written = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let own = work();
        own.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    written.map_err(|message| Stop { exit: Exit::Internal, message })?;
    Ok(names)
}

/// `<code>-<name>.xlsx` for every township.
fn township_jobs<'j>(out: &Path, divisions: &'j Divisions, townships: &'j [Township]) -> Vec<Job<'j>> {
    let jobs = townships.iter().map(|township| {
        let name = divisions.township_name(township.code);
        let file = format!("{}-{name}.xlsx", township.code_text);
        let target = out.join(&file);
        let job = move || {
            let sheets: Vec<Sheet> =
                township.tables.iter().map(|table| sheet(&name, divisions, table)).collect();
            write_table_xlsx(&target, &sheets).map_err(|error| error.to_string())
        };
        (file, Box::new(job) as Box<_>)
    });
    jobs.collect()
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
        printed_columns: table.printed,
        rows: rows.collect(),
    }
}

/// `<file>-错误.xlsx` for every file in which something has to be corrected, the largest files first.
fn error_jobs<'j>(out: &Path, set: &'j SpecSet, imported: &'j Imported, linking: &[Problem]) -> Vec<Job<'j>> {
    let mut by_file: BTreeMap<&str, Vec<Problem>> = BTreeMap::new();
    for problem in linking {
        by_file.entry(&problem.place.file).or_default().push(problem.clone());
    }
    let mut jobs: Vec<(u32, Job<'j>)> = Vec::new();
    for file in &imported.files {
        let mut problems = file.problems.clone();
        problems.extend(by_file.remove(file.file.as_str()).unwrap_or_default());
        let about_row = |problem: &Problem| problem.place.row.is_some();
        if !problems.iter().any(|problem| problem.severity == Severity::Error || about_row(problem)) {
            continue;
        }
        let stem = Path::new(&file.file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("{stem}-错误.xlsx");
        let target = out.join(&name);
        let rows = file.stored.iter().map(|stored| stored.rows).sum();
        let job = move || {
            write_error_workbook(&file.path, set, &problems, &target).map_err(|error| error.to_string())
        };
        jobs.push((rows, (name, Box::new(job))));
    }
    jobs.sort_by_key(|(rows, _)| std::cmp::Reverse(*rows));
    jobs.into_iter().map(|(_, job)| job).collect()
}
