//! Deliberately ugly files, and what must come of each. `docs/ugly-rosters.md` has them as a table.

use crate::reading::set;
use doudi_rosters::{Expectation, FileReading, SheetReading, check_sheet, read_file};
use doudi_terms::roster::ObservationBatch;
use doudi_terms::{Problem, Severity};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UglyFiles {
    file: Vec<UglyFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UglyFile {
    name: String,
    /// What is ugly about it.
    ugly: String,
    /// About the file as a whole, as in [`Expectation::problems`].
    #[serde(default)]
    problems: Vec<String>,
    #[serde(default)]
    sheet: Vec<UglySheet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UglySheet {
    roster: String,
    #[serde(default)]
    name: Option<String>,
    reading: Expectation,
}

struct Read {
    reading: FileReading,
    /// For each sheet.
    batches: Vec<Vec<ObservationBatch>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ugly")
}

fn files() -> Vec<UglyFile> {
    let text = std::fs::read_to_string(folder().join("expected.toml")).expect("expectations");
    let files: UglyFiles = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    files.file
}

fn read(name: &str) -> Read {
    let mut open = doudi_rosters::OpenFile::open(&folder().join(name), set());
    let count = open.sheets().len();
    let mut batches = Vec::new();
    for index in 0..count {
        let mut of_sheet = Vec::new();
        open.read(index, &mut |batch| of_sheet.push(batch));
        batches.push(of_sheet);
    }
    Read { reading: read_file(&folder().join(name), set(), &mut |_, _| {}), batches }
}

fn differences(file: &UglyFile, read: &Read) -> Vec<String> {
    let mut found = Vec::new();
    let mut left: Vec<String> = read.reading.problems.iter().map(ToString::to_string).collect();
    for text in &file.problems {
        match left.iter().position(|problem| problem.contains(text.as_str())) {
            Some(index) => drop(left.swap_remove(index)),
            None => found.push(format!("没有报告“{text}”")),
        }
    }
    found.extend(left.into_iter().map(|problem| format!("多报了：{problem}")));
    let kinds = |sheet: &SheetReading| (sheet.roster.roster.clone(), sheet.roster.sheet.clone());
    let wanted: Vec<_> = file.sheet.iter().map(|sheet| (sheet.roster.clone(), sheet.name.clone())).collect();
    let got: Vec<_> = read.reading.sheets.iter().map(kinds).collect();
    if wanted != got {
        found.push(format!("工作表应为 {wanted:?}，读到 {got:?}"));
    }
    for ((expected, sheet), batches) in file.sheet.iter().zip(&read.reading.sheets).zip(&read.batches) {
        let spec = set().get(&sheet.roster.roster).expect("a specification");
        let wrong = check_sheet(&expected.reading, spec, sheet, batches);
        found.extend(wrong.iter().map(ToString::to_string));
    }
    found.into_iter().map(|line| format!("{}：{line}\n", file.name)).collect()
}

#[test]
fn every_ugly_file_comes_to_what_was_written_down() {
    let found: String = files().iter().flat_map(|file| differences(file, &read(&file.name))).collect();
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn every_file_of_the_folder_is_in_the_table_of_expectations() {
    let known: BTreeSet<String> = files().into_iter().map(|file| file.name).collect();
    let there = std::fs::read_dir(folder()).expect("a folder").flatten();
    let there = there.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let there: BTreeSet<String> = there.filter(|name| name != "expected.toml").collect();
    assert_eq!(known, there);
    assert_eq!(there.len(), 25);
}

#[test]
fn the_document_tells_what_comes_of_each_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ugly-rosters.md");
    let document = std::fs::read_to_string(path).unwrap_or_default().replace('\r', "");
    let table: String = files().iter().map(|file| line(file, &read(&file.name).reading)).collect();
    assert!(document.contains(&table), "docs/ugly-rosters.md 里的表应为：\n{table}");
}

fn line(file: &UglyFile, reading: &FileReading) -> String {
    let mut came: Vec<String> = reading.problems.iter().map(|problem| told(problem, false)).collect();
    for sheet in &reading.sheets {
        let roster = &sheet.roster;
        let spec = set().get(&roster.roster).expect("a specification");
        let name = roster.sheet.as_ref().map_or_else(String::new, |sheet| format!("（{sheet}）"));
        let mut words = format!("**{}{name}：读入 {} 行**", spec.name, roster.rows - roster.rejected);
        let skipped = sheet.skipped;
        for (what, count) in [
            ("没有读入", roster.rejected),
            ("合计", skipped.totals),
            ("重复的标题表头", skipped.repeated_headers),
            ("表下说明", skipped.notes),
            ("空行", skipped.blank),
        ] {
            if count > 0 {
                words += &format!("，{what} {count} 行");
            }
        }
        if let Some(month) = roster.month {
            words += &format!("，月份 {month}");
        }
        came.push(words);
        came.extend(roster.problems.iter().map(|problem| told(problem, true)));
    }
    format!("| `{}` | {} | {} |\n", file.name, file.ugly, came.join("<br>"))
}

/// A problem without the file, which stands in the first column.
fn told(problem: &Problem, placed: bool) -> String {
    let mark = if problem.severity == Severity::Error { "✗" } else { "！" };
    let place = match (problem.place.row, &problem.place.column) {
        (Some(row), Some(column)) if placed => format!("第 {row} 行“{column}”："),
        (Some(row), None) if placed => format!("第 {row} 行："),
        _ => problem
            .place
            .sheet
            .as_ref()
            .filter(|_| !placed)
            .map_or_else(String::new, |sheet| format!("表“{sheet}”：")),
    };
    let text = format!("{mark} {place}{}。{}", problem.what, problem.next);
    text.replace('|', "｜").replace('\n', " ")
}
