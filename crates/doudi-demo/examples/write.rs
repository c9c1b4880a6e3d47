//! Writes every table as csv, and the truth beside them:
//! `cargo run --release -p doudi-demo --example write -- DIR [PERSONS] [SEED]`

use doudi_demo::{DemoConfig, KINDS, Month, Table, Truth, generate};
use std::collections::BTreeMap;
use std::fs::{File, create_dir_all};
use std::io::{BufWriter, Error, Result, Write};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or_else(|| Error::other("a folder is needed"))?);
    let number = |text: Option<String>, other: u64| match text {
        Some(text) => text.parse().map_err(Error::other),
        None => Ok(other),
    };
    let default = DemoConfig::default();
    let persons = number(arguments.next(), default.persons.into())? as u32;
    let seed = number(arguments.next(), default.seed)?;
    let mut outcome = Ok(());
    let truth = generate(&DemoConfig { persons, seed }, &mut |_| {}, &mut |month, table| {
        if outcome.is_ok() {
            outcome = write_table(&folder.join("rosters").join(month.to_string()), &table);
        }
    });
    outcome?;
    write_truth(&folder.join("truth"), &truth)
}

fn line(file: &mut impl Write, cells: impl Iterator<Item = impl AsRef<str>>) -> Result<()> {
    for (at, cell) in cells.enumerate() {
        let cell = cell.as_ref();
        file.write_all(if at == 0 { b"" } else { b"," })?;
        if cell.contains([',', '"', '\n']) {
            write!(file, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            file.write_all(cell.as_bytes())?;
        }
    }
    file.write_all(b"\n")
}

fn write_table(folder: &Path, table: &Table) -> Result<()> {
    create_dir_all(folder)?;
    let mut file = BufWriter::new(File::create(folder.join(format!("{}.csv", table.file)))?);
    file.write_all("\u{feff}".as_bytes())?;
    if let Some(title) = &table.title {
        line(&mut file, std::iter::once(title))?;
    }
    line(&mut file, table.headers.iter())?;
    for row in table.rows.iter().chain(&table.totals) {
        line(&mut file, row.iter())?;
    }
    file.flush()
}

fn write_truth(folder: &Path, truth: &Truth) -> Result<()> {
    create_dir_all(folder)?;
    let mut planted = BufWriter::new(File::create(folder.join("planted.csv"))?);
    line(&mut planted, ["month", "kind", "person_id", "note"].iter())?;
    let mut counts: BTreeMap<(Month, usize), usize> = BTreeMap::new();
    for row in &truth.planted {
        line(&mut planted, [&row.month.to_string(), row.kind, &row.person_id, &row.note].iter())?;
        let kind = KINDS.iter().position(|(id, ..)| *id == row.kind).unwrap_or(KINDS.len());
        *counts.entry((row.month, kind)).or_default() += 1;
    }
    planted.flush()?;
    let mut rows = BufWriter::new(File::create(folder.join("rows.csv"))?);
    line(&mut rows, ["month", "roster", "row", "person_id"].iter())?;
    for table in truth.row_persons.iter().filter(|table| table.roster != "register") {
        for (at, person) in table.persons.iter().enumerate() {
            writeln!(rows, "{},{},{},{person}", table.month, table.roster, at + 1)?;
        }
    }
    rows.flush()?;
    let mut summary = File::create(folder.join("kinds.csv"))?;
    line(&mut summary, ["month", "kind", "name", "persons", "definition"].iter())?;
    for ((month, kind), count) in counts {
        let (id, name, definition) = KINDS[kind];
        line(&mut summary, [&month.to_string(), id, name, &count.to_string(), definition].iter())?;
    }
    Ok(())
}
