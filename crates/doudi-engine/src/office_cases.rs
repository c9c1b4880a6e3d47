//! What the window's cases say of people, as a month found it: handed over by the office before a clearing, kept by hash so
//! that a certificate follows from it, and read as one more source of facts. What a state or a decision means stands in
//! `programs.toml`.

use crate::data_folder::DataFolder;
use crate::digest::{sha256_hex, short};
use crate::error::{EngineError, Outcome};
use crate::population::Population;
use doudi_terms::Month;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a case stood at the end of a month, for one of the people it is about. No name, nothing that somebody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OfficeCase {
    /// The register's number, or that of somebody whom only rosters know.
    pub person_id: String,
    /// `B000012`
    pub case_id: String,
    /// The step that led here, counted from one.
    pub step: i64,
    /// `dibao-application`
    pub kind: String,
    /// Id in `programs.toml`; empty where the case is about none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub programme: String,
    pub state: String,
    /// The case is over.
    pub ended: bool,
    /// Days: `2020-05-06`.
    pub began: String,
    pub on: String,
    /// The last day on which the next step is in time; empty where no clock runs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub due: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<CaseDecision>,
    /// The role of whoever decided, or took the step where nothing is decided.
    pub by: String,
}

/// What was decided in a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaseDecision {
    /// granted, refused, ended, reduced or closed.
    pub kind: String,
    pub on: String,
    /// In yuan, `540.00`; empty where no sum belongs to it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub amount: String,
    /// First month that is paid for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub start: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<String>,
}

impl OfficeCase {
    /// Where it can be looked up.
    pub fn source(&self) -> String {
        format!("office#{}/{}", self.case_id, self.step)
    }

    /// The digits of its number.
    pub(crate) fn number(&self) -> u32 {
        let digits: String = self.case_id.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    }
}

/// Keeps what the office says of a month, instead of what it said before. An office without a case leaves no file, and a
/// clearing is as it would be without the office.
pub fn keep_office_cases(folder: &DataFolder, month: Month, mut cases: Vec<OfficeCase>) -> Outcome<u64> {
    cases.sort();
    let path = folder.office_cases(month);
    if !cases.is_empty() || path.is_file() {
        folder.write(&path, &to_text(&cases)?)?;
    }
    Ok(cases.len() as u64)
}

/// The cases about the people of a clearing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CasesBefore {
    cases: Vec<OfficeCase>,
    /// By the number that a person has now.
    by_person: FxHashMap<u32, Vec<u32>>,
}

impl CasesBefore {
    /// `None` where no office has handed over a case of these people. `moved`: who is somebody else by now.
    pub fn gather(
        folder: &DataFolder,
        month: Month,
        people: (&Population, &[(String, String)]),
    ) -> Outcome<Option<CasesBefore>> {
        let path = folder.office_cases(month);
        if !path.is_file() {
            return Ok(None);
        }
        let found = CasesBefore::new(from_text(&folder.read(&path)?, &path)?, people);
        Ok(Some(found).filter(|found| !found.cases.is_empty()))
    }

    /// Of the people of the population only.
    fn new(cases: Vec<OfficeCase>, (people, moved): (&Population, &[(String, String)])) -> CasesBefore {
        let moved: BTreeMap<&str, &str> =
            moved.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        let mut found = CasesBefore::default();
        for case in cases {
            let id = moved.get(case.person_id.as_str()).copied().unwrap_or(&case.person_id);
            let person = people.register.find_person_id(id).filter(|person| people.row(*person).is_some());
            let Some(person) = person else { continue };
            found.by_person.entry(person).or_default().push(found.cases.len() as u32);
            found.cases.push(case);
        }
        found
    }

    /// Of a person, oldest case first.
    pub fn of(&self, person: u32) -> impl Iterator<Item = &OfficeCase> {
        let found = self.by_person.get(&person).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|at| self.cases.get(*at as usize))
    }

    /// Keeps it under its hash, and gives the hash.
    pub fn store(&self, folder: &DataFolder) -> Outcome<String> {
        let text = to_text(&self.cases)?;
        let hash = sha256_hex(&text);
        let path = path(folder, &hash);
        if !path.is_file() {
            folder.write(&path, &text)?;
        }
        Ok(hash)
    }

    /// Reads what was kept; the inner error says in words why it is not what was kept.
    pub fn load(
        folder: &DataFolder,
        hash: Option<&str>,
        people: (&Population, &[(String, String)]),
    ) -> Outcome<Result<Option<CasesBefore>, String>> {
        let Some(hash) = hash else { return Ok(Ok(None)) };
        let path = path(folder, hash);
        if !path.is_file() {
            return Ok(Err(format!("数据文件夹里没有摸排时的办件底数 {}", path.display())));
        }
        let bytes = folder.read(&path)?;
        if sha256_hex(&bytes) != hash {
            return Ok(Err(format!("摸排时的办件底数 {} 被改动过", path.display())));
        }
        Ok(Ok(Some(CasesBefore::new(from_text(&bytes, &path)?, people))))
    }
}

fn path(folder: &DataFolder, hash: &str) -> PathBuf {
    folder.cases_before().join(format!("{}.jsonl", short(hash)))
}

/// One case a line.
fn to_text(cases: &[OfficeCase]) -> Outcome<Vec<u8>> {
    let mut text = Vec::new();
    for case in cases {
        serde_json::to_writer(&mut text, case).map_err(|error| EngineError::Internal(error.to_string()))?;
        text.push(b'\n');
    }
    Ok(text)
}

fn from_text(bytes: &[u8], path: &std::path::Path) -> Outcome<Vec<OfficeCase>> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).map_err(|error| EngineError::damaged(path, error)))
        .collect()
}
