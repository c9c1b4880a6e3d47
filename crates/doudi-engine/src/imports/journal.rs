//! The journal: one entry for every import and every undoing, never changed.

use crate::certificate::Certificate;
use crate::data_folder::{DataFolder, read_json, write_json};
use crate::error::{EngineError, Outcome};
use crate::lake::{self, StoredRoster};
use doudi_terms::Month;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryKind {
    Import,
    Undo,
}

/// What an import or its undoing changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    pub serial: u32,
    pub kind: EntryKind,
    /// For an undoing: the import that was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<JournalFile>,
    pub changes: Vec<Change>,
}

/// What became of one sheet or text file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalFile {
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    pub roster: String,
    pub month: String,
    pub rows: u32,
    pub rejected: u32,
    pub sha256: String,
    pub state: State,
}

/// How a file stands to what was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    New,
    /// It was imported before and counts already.
    Unchanged,
    /// A corrected copy, merged into its original.
    Corrected,
}

/// The files that count for a roster and month, before and after; `None` = none ever did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub roster: String,
    pub month: String,
    pub before: Option<Vec<StoredRoster>>,
    pub after: Option<Vec<StoredRoster>>,
}

impl Change {
    pub fn month(&self) -> Outcome<Month> {
        Month::parse(&self.month)
            .ok_or_else(|| EngineError::Internal(format!("导入记录的月份“{}”不成立", self.month)))
    }

    /// Makes `after` count.
    pub(crate) fn apply(&self, folder: &DataFolder) -> Outcome<()> {
        match &self.after {
            Some(files) => lake::set_current(folder, &self.roster, self.month()?, files),
            None => lake::unset_current(folder, &self.roster, self.month()?),
        }
    }

    pub(crate) fn reversed(&self) -> Change {
        Change { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }
}

/// All entries in their order.
pub fn journal(folder: &DataFolder) -> Outcome<Vec<JournalEntry>> {
    let place = folder.imports();
    let mut entries: Vec<JournalEntry> = Vec::new();
    if !place.is_dir() {
        return Ok(entries);
    }
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        let path = entry.map_err(EngineError::io(&place))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            entries.push(read_json(&path)?);
        }
    }
    entries.sort_by_key(|entry| entry.serial);
    Ok(entries)
}

pub(crate) fn next_serial(folder: &DataFolder) -> Outcome<u32> {
    Ok(journal(folder)?.last().map_or(1, |entry| entry.serial + 1))
}

/// What the latest clearing of a region and month was made of: undoing an import names the clearings that rest on it,
/// and a simulation looks at the month again as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClearedFrom {
    pub region: String,
    pub month: String,
    pub keys: Vec<String>,
    /// What the clearing used, so that its month can be looked at again: empty in folders of earlier versions.
    #[serde(default)]
    pub policies_hash: String,
    #[serde(default)]
    pub specs_hash: String,
    #[serde(default)]
    pub snapshot_hash: String,
    #[serde(default)]
    pub inputs: Vec<StoredRoster>,
    /// As in the certificate.
    #[serde(default)]
    pub links: Option<String>,
    #[serde(default)]
    pub people_before_hash: Option<String>,
}

/// Notes what a clearing was made of.
pub fn note_clearing(folder: &DataFolder, certificate: &Certificate) -> Outcome<()> {
    let Certificate { region, month, .. } = certificate;
    let keys = certificate.inputs.iter().map(|input| input.key.clone()).collect();
    let noted = ClearedFrom {
        region: region.clone(),
        month: month.clone(),
        keys,
        policies_hash: certificate.policies_hash.clone(),
        specs_hash: certificate.specs_hash.clone(),
        snapshot_hash: certificate.snapshot_hash.clone(),
        inputs: certificate.inputs.iter().map(|input| input.stored.clone()).collect(),
        links: certificate.links.clone(),
        people_before_hash: certificate.people_before_hash.clone(),
    };
    write_json(&cleared_folder(folder).join(format!("{region}-{month}.json")), &noted)
}

fn cleared_folder(folder: &DataFolder) -> PathBuf {
    folder.imports().join("cleared")
}

/// The latest clearing of every region and month.
pub(crate) fn cleared_months(folder: &DataFolder) -> Outcome<Vec<ClearedFrom>> {
    let place = cleared_folder(folder);
    let mut found: Vec<ClearedFrom> = Vec::new();
    if !place.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        found.push(read_json(&entry.map_err(EngineError::io(&place))?.path())?);
    }
    found.sort_by(|a, b| (&a.region, &a.month).cmp(&(&b.region, &b.month)));
    Ok(found)
}

/// Clearings made of any of these keys, as (region, month).
pub(crate) fn cleared_from(folder: &DataFolder, keys: &[&str]) -> Outcome<Vec<(String, String)>> {
    let mut noted = cleared_months(folder)?;
    noted.retain(|noted| noted.keys.iter().any(|key| keys.contains(&key.as_str())));
    Ok(noted.into_iter().map(|noted| (noted.region, noted.month)).collect())
}
