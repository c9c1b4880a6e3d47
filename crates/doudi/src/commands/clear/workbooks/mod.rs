//! Workbooks: what a township works with, and the sender's own rows with what is wrong in them.

mod contents;
mod visits;

use super::Stop;
use super::import::Imported;
use crate::divisions::Divisions;
use crate::exit::Exit;
use doudi_engine::{Cleared, HandoutCell, HandoutTable, Township};
use doudi_rosters::{
    CellValue, Page, Paper, Sheet, SheetColumn, SheetKind, SpecSet, error_workbook_name,
    write_error_workbook, write_pages_xlsx,
};
use doudi_terms::{Problem, RegionCode, Severity};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

/// The forms for visits follow the list that they are made from.
const BEFORE_VISITS: &str = "疑点清单";

/// Points: a row in which somebody writes with a pen.
const ROOM_TO_WRITE: f64 = 24.0;

/// A workbook to be written: its name, and the writing.
type Job<'j> = (String, Box<dyn FnOnce() -> Result<(), String> + Send + 'j>);

/// What workbooks are written from, and where.
pub struct Writing<'a> {
    pub out: &'a Path,
    pub set: &'a SpecSet,
    pub divisions: &'a Divisions,
    pub imported: &'a Imported,
    pub cleared: &'a Cleared,
    /// Hash of the certificate that they belong to.
    pub certificate: &'a str,
}

impl Writing<'_> {
    /// Writes all workbooks, two at a time or one, and gives their names. The order of writing changes nothing in them.
    pub fn all(&self, two_at_a_time: bool) -> Result<Vec<String>, Stop> {
        let Writing { out, set, divisions, imported, cleared, certificate } = *self;
        let mut jobs = error_jobs(out, set, imported, &cleared.problems);
        jobs.extend(township_jobs(out, divisions, cleared, certificate));
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
            let other = two_at_a_time.then(|| scope.spawn(work));
            let own = work();
            let other =
                other.map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            own.and(other.unwrap_or(Ok(())))
        });
        written.map_err(|message| Stop { exit: Exit::Internal, message })?;
        Ok(names)
    }
}

/// `<code>-<name>.xlsx` for every township.
fn township_jobs<'j>(
    out: &Path,
    divisions: &'j Divisions,
    cleared: &'j Cleared,
    certificate: &'j str,
) -> Vec<Job<'j>> {
    let jobs = cleared.townships.codes().enumerate().map(|(at, (code, code_text))| {
        let name = divisions.township_name(code);
        let file = format!("{code_text}-{name}.xlsx");
        let target = out.join(&file);
        let job = move || {
            let Some(township) = cleared.townships.get(at) else { return Ok(()) };
            let about = About { name, divisions, cleared, certificate };
            write_pages_xlsx(&target, &about.pages(township)).map_err(|error| error.to_string())
        };
        (file, Box::new(job) as Box<_>)
    });
    jobs.collect()
}

/// What every sheet of a workbook says of itself.
struct About<'a> {
    /// The township's.
    name: String,
    divisions: &'a Divisions,
    cleared: &'a Cleared,
    /// Hash of the certificate.
    certificate: &'a str,
}

impl About<'_> {
    /// The township goes away page by page.
    fn pages(&self, mut township: Township) -> Vec<Page> {
        let mut pages = vec![Page::Form(contents::form(self, &township))];
        for table in std::mem::take(&mut township.tables) {
            pages.push(self.table(&table));
            if table.name == BEFORE_VISITS {
                pages.push(Page::Form(visits::form(self, &township)));
            }
        }
        pages
    }

    fn month(&self) -> &str {
        &self.cleared.certificate.month
    }

    fn village(&self, code: RegionCode) -> String {
        self.divisions.village_name(code)
    }

    fn table(&self, table: &HandoutTable) -> Page {
        let sheet = self.sheet(table);
        let mut paper = Paper { least_height: ROOM_TO_WRITE, ..Paper::default() };
        let mut last = None;
        for (at, row) in table.rows.iter().enumerate() {
            let Some(HandoutCell::Village(village)) = row.first() else { continue };
            if last.replace(*village) == Some(*village) {
                continue;
            }
            if table.page_by_village {
                paper.page_starts.push(at);
            }
            if let Some(line) = table.village_lines.get(village) {
                paper.bands.push((at, format!("{}  {line}", self.village(*village))));
            }
        }
        let filing = "填报单位（盖章）：　　　　　　　　　　　　填报人：　　　　　　　审核人：　　　　　　　填报日期：　　　　年　　月　　日";
        let making =
            "制表：　　　　　　　　　　　　审核：　　　　　　　　　　　　日期：　　　　年　　月　　日";
        paper.closing.push(if table.filed { filing } else { making }.to_owned());
        Page::Table(sheet, paper)
    }

    fn sheet(&self, table: &HandoutTable) -> Sheet {
        let money =
            |at: usize| table.rows.iter().any(|row| matches!(row.get(at), Some(HandoutCell::Money(_))));
        let columns = table.columns.iter().enumerate().map(|(at, column)| {
            let kind = if money(at) { SheetKind::Money } else { SheetKind::Text };
            let made = SheetColumn::new(column.header.as_ref(), kind).wide(column.width);
            match (column.choices, column.other_words) {
                ([], _) => made,
                (words, false) => made.choose(words.iter().copied()),
                (words, true) => made.suggest(words.iter().copied()),
            }
        });
        let number = SheetColumn::new("序号", SheetKind::Integer).wide(5.0);
        let rows = table.rows.iter().zip(1..).map(|(row, number)| {
            let cells = row.iter().map(|cell| match cell {
                HandoutCell::Text(text) => CellValue::from(text.as_str()),
                HandoutCell::Money(fen) => CellValue::Money(*fen),
                HandoutCell::Integer(number) => CellValue::Integer(*number),
                HandoutCell::Village(code) => CellValue::Text(self.village(*code)),
            });
            std::iter::once(CellValue::Integer(number)).chain(cells).collect()
        });
        let note = if table.note.is_empty() { String::new() } else { format!("{}。", table.note) };
        Sheet {
            name: table.name.clone(),
            title: Some(format!("{} {} {}", self.name, self.month(), table.name)),
            notes: vec![format!("{note}{}", count_words(table))],
            columns: std::iter::once(number).chain(columns).collect(),
            printed_columns: table.printed,
            rows: rows.collect(),
        }
    }
}

fn count_words(table: &HandoutTable) -> String {
    match (table.rows.len(), table.filed) {
        (0, true) => "本月没有对象，零报告。".to_owned(),
        (0, false) => "本月没有。".to_owned(),
        (rows, _) => format!("共 {rows} 行。"),
    }
}

/// Two files may differ in their ending only (低保.xls, 低保.csv): the second gets a number.
fn unused(name: String, is_used: impl Fn(&str) -> bool) -> String {
    let stem = name.trim_end_matches(".xlsx");
    let numbered = (2..).map(|number| format!("{stem}({number}).xlsx"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !is_used(name)).unwrap_or(name.clone())
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
        let name =
            unused(error_workbook_name(&file.file), |name| jobs.iter().any(|(_, (used, _))| used == name));
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
