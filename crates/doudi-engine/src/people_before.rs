//! What a month finds known about who is who: people whom only earlier rosters knew, and what two people have decided.
//! Kept by hash, so that a certificate follows from it whatever is decided later.

use crate::data_folder::DataFolder;
use crate::digest::{sha256_hex, short};
use crate::error::{EngineError, Outcome};
use crate::identity::sex_and_birth;
use crate::person_log::{PersonEvent, Subject, standings};
use doudi_linkage::PersonEntry;
use doudi_terms::{Month, RegionCode, ResidentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Somebody whom only rosters knew, as they were first written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownNewcomer {
    pub person_id: String,
    pub id_number: String,
    pub name: String,
    pub region: u64,
    pub address: String,
    pub phone: String,
}

impl KnownNewcomer {
    /// As the index of linkage takes them; `household` comes back with whoever is found.
    pub fn entry(&self, household: u32) -> PersonEntry<'_> {
        let (sex, birth) = sex_and_birth(ResidentId::parse(&self.id_number).ok(), None, "");
        PersonEntry {
            id_number: &self.id_number,
            name: &self.name,
            birth,
            sex,
            region: RegionCode::from_number(self.region).filter(|region| region.number() != 0),
            address: &self.address,
            phone: &self.phone,
            account: "",
            household,
        }
    }
}

/// A row's writing and a person, decided by two people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct RowAnswer {
    pub id_number: String,
    pub name: String,
    pub person_id: String,
    pub same: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PeopleBefore {
    pub newcomers: Vec<KnownNewcomer>,
    /// The second is the first.
    pub same: Vec<(String, String)>,
    pub different: Vec<(String, String)>,
    pub rows: Vec<RowAnswer>,
}

impl PeopleBefore {
    /// Newcomers of clearings of earlier months, and everything decided so far: an answer holds for all months.
    pub fn gather(folder: &DataFolder, events: &[PersonEvent], month: Month) -> Outcome<PeopleBefore> {
        let mut before =
            PeopleBefore { newcomers: newcomers_before(folder, month)?, ..PeopleBefore::default() };
        for decision in standings(events).into_values().filter_map(|standing| standing.decided) {
            match decision.proposal.subjects {
                [Subject::Person(kept), Subject::Person(other)] if decision.same => {
                    before.same.push((kept, other))
                }
                [Subject::Person(a), Subject::Person(b)] => before.different.push((a, b)),
                [Subject::Row { id_number, name }, Subject::Person(person_id)]
                | [Subject::Person(person_id), Subject::Row { id_number, name }] => {
                    before.rows.push(RowAnswer { id_number, name, person_id, same: decision.same });
                }
                // Two rows are one person through the person whom both mean.
                [Subject::Row { .. }, Subject::Row { .. }] => {}
            }
        }
        before.same.sort();
        before.different.sort();
        before.rows.sort();
        Ok(before)
    }

    pub fn are_different(&self, a: &str, b: &str) -> bool {
        self.different.iter().any(|(x, y)| (x == a && y == b) || (x == b && y == a))
    }

    /// Keeps it under its hash, and gives the hash.
    pub fn store(&self, folder: &DataFolder) -> Outcome<String> {
        let text = serde_json::to_vec(self).map_err(|error| EngineError::Internal(error.to_string()))?;
        let hash = sha256_hex(&text);
        let path = path(folder, &hash);
        if !path.is_file() {
            folder.write(&path, &text)?;
        }
        Ok(hash)
    }

    /// What was kept under a hash; nothing for a certificate of a time when nothing was kept.
    pub fn load(folder: &DataFolder, hash: Option<&str>) -> Outcome<PeopleBefore> {
        let Some(hash) = hash else { return Ok(PeopleBefore::default()) };
        let path = path(folder, hash);
        let bytes = folder.read(&path)?;
        if sha256_hex(&bytes) != hash {
            return Err(EngineError::damaged(&path, "摸排时已知的人员底数被改动过"));
        }
        serde_json::from_slice(&bytes).map_err(|error| EngineError::damaged(&path, error))
    }
}

fn path(folder: &DataFolder, hash: &str) -> PathBuf {
    folder.people_before().join(format!("{}.json", short(hash)))
}

/// Everybody opened by clearings of earlier months, by whichever was the first.
fn newcomers_before(folder: &DataFolder, month: Month) -> Outcome<Vec<KnownNewcomer>> {
    let place = folder.newcomers();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&place).into_iter().flatten() {
        let path = entry.map_err(EngineError::io(&place))?.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let of = name.get(..7).and_then(Month::parse);
        if of.is_some_and(|of| of < month) && path.extension().is_some_and(|extension| extension == "json") {
            files.push((name, path));
        }
    }
    files.sort();
    let mut known = BTreeSet::new();
    let mut found: Vec<KnownNewcomer> = Vec::new();
    for (_, path) in files {
        let of_month: Vec<KnownNewcomer> = folder.read_json(&path)?;
        found.extend(of_month.into_iter().filter(|newcomer| known.insert(newcomer.person_id.clone())));
    }
    Ok(found)
}

/// Keeps whom a clearing opened; clearing the month again replaces it.
pub(crate) fn keep_newcomers(
    folder: &DataFolder,
    (region, month): (RegionCode, Month),
    opened: &[KnownNewcomer],
) -> Outcome<()> {
    let path = folder.newcomers().join(format!("{month}-{region}.json"));
    if opened.is_empty() && !path.is_file() {
        return Ok(());
    }
    folder.write_json(&path, &opened)
}
