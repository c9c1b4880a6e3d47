//! Truth tables: whose each row really is, as only invented or hand-checked rosters have it.
//!
//! Columns `roster` (may be missing), `row_id`, `person_id` (empty or 0: not in the register), `err` (may be missing: the
//! errors planted in the row, `|` between them).

use crate::commands::clear::Stop;
use doudi_engine::read_text_columns;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Not in the register.
const NOBODY: &str = "0";
/// A row without any planted error.
const CLEAN: &str = "clean";

pub struct TruthRow {
    pub person_id: String,
    err: String,
}

impl TruthRow {
    pub fn is_known(&self) -> bool {
        !self.person_id.is_empty()
    }

    pub fn tags(&self) -> impl Iterator<Item = &str> {
        let err = if self.err.is_empty() { CLEAN } else { &self.err };
        err.split('|')
    }
}

/// The truth of one roster by `row_id`.
pub fn read(path: &Path, roster: Option<&str>) -> Result<BTreeMap<String, TruthRow>, Stop> {
    let rows = match path.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => read_text_columns(path, &["roster", "row_id", "person_id", "err"])?,
        _ => read_csv(path)?,
    };
    let names: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let list = || names.iter().copied().collect::<Vec<_>>().join("、");
    if roster.is_none() && names.len() > 1 {
        return Err(Stop::bad_input(format!(
            "{} 里有几种名册的答案：{}。请用 --roster 指明是哪一种",
            path.display(),
            list()
        )));
    }
    if let Some(wanted) = roster
        && !names.contains(wanted)
        && !names.contains("")
    {
        let what = format!("--roster：{} 里没有“{wanted}”的答案，有的是：{}", path.display(), list());
        return Err(Stop::bad_input(what));
    }
    let mut truth = BTreeMap::new();
    for row in rows {
        let [name, row_id, person_id, err] = <[String; 4]>::try_from(row).unwrap_or_default();
        if roster.is_some_and(|wanted| !name.is_empty() && name != wanted) {
            continue;
        }
        let person_id = if person_id == NOBODY { String::new() } else { person_id };
        if truth.insert(row_id.clone(), TruthRow { person_id, err }).is_some() {
            let next = "一行只能有一个答案，请删去多余的";
            return Err(Stop::bad_input(format!("{}：row_id {row_id} 有两个答案。{next}", path.display())));
        }
    }
    Ok(truth)
}

fn read_csv(path: &Path) -> Result<Vec<Vec<String>>, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {shown}：{error}。请检查文件名")))?;
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let wrong = |error: csv::Error| Stop::bad_input(format!("{shown} 不是能读的 csv：{error}"));
    let headers = reader.headers().map_err(wrong)?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim() == name);
    let (Some(row_id), Some(person_id)) = (column("row_id"), column("person_id")) else {
        return Err(Stop::bad_input(format!(
            "{shown} 缺 row_id 或 person_id 列。真实答案的列是：roster（可以没有）、row_id、person_id（不在底册里的空着或写 0）、err（可以没有）"
        )));
    };
    let (roster, err) = (column("roster"), column("err"));
    let rows = reader.records().map(|record| {
        let record = record.map_err(wrong)?;
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default().trim().to_owned();
        Ok(vec![cell(roster), cell(Some(row_id)), cell(Some(person_id)), cell(err)])
    });
    rows.collect()
}
