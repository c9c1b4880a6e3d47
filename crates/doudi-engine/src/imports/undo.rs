//! Taking an import back.

use super::commit::record;
use super::journal::{Change, EntryKind, JournalEntry, cleared_from, journal, next_serial};
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::lake;

/// What undoing came to.
#[derive(Debug)]
pub struct Undone {
    /// The import that was taken back.
    pub import: JournalEntry,
    /// The undoing's own number.
    pub serial: u32,
    /// Clearings that were made of its files, as (region, month): they have to be made again.
    pub clearings: Vec<(String, String)>,
}

/// Takes back the last import, or the one with this number. What a later import has replaced has to be taken back first.
pub fn undo(folder: &DataFolder, serial: Option<u32>) -> Outcome<Undone> {
    let entries = journal(folder)?;
    let undone = |serial: u32| entries.iter().any(|entry| entry.undoes == Some(serial));
    let live: Vec<&JournalEntry> =
        entries.iter().filter(|entry| entry.kind == EntryKind::Import && !undone(entry.serial)).collect();
    let entry = match serial {
        None => live.last().copied().ok_or_else(|| refuse("没有可以撤销的导入".to_owned()))?,
        Some(serial) => live
            .iter()
            .copied()
            .find(|entry| entry.serial == serial)
            .ok_or_else(|| refuse(why_not(&entries, serial)))?,
    };
    for change in &entry.changes {
        if lake::current_of(folder, &change.roster, change.month()?)? != change.after {
            return Err(refuse(replaced_by(&live, entry, change)));
        }
    }
    let undoing = JournalEntry {
        serial: next_serial(folder)?,
        kind: EntryKind::Undo,
        undoes: Some(entry.serial),
        files: Vec::new(),
        changes: entry.changes.iter().map(Change::reversed).collect(),
    };
    record(folder, &undoing)?;
    let gone: Vec<&str> = entry
        .changes
        .iter()
        .flat_map(|change| change.after.iter().flatten().filter(|file| !was_there(change, &file.key)))
        .map(|file| file.key.as_str())
        .collect();
    let clearings = cleared_from(folder, &gone)?;
    Ok(Undone { import: entry.clone(), serial: undoing.serial, clearings })
}

fn was_there(change: &Change, key: &str) -> bool {
    change.before.iter().flatten().any(|file| file.key == key)
}

fn refuse(what: String) -> EngineError {
    EngineError::BadInput(format!("{what}。用 doudi roster import --list 看全部导入"))
}

fn why_not(entries: &[JournalEntry], serial: u32) -> String {
    match entries.iter().find(|entry| entry.serial == serial) {
        None => format!("没有第 {serial} 次导入"),
        Some(entry) if entry.kind == EntryKind::Undo => {
            format!("第 {serial} 号是一次撤销，不能再撤销；要恢复就把文件再导入一次")
        }
        Some(_) => format!("第 {serial} 次导入已经撤销过了"),
    }
}

fn replaced_by(live: &[&JournalEntry], entry: &JournalEntry, change: &Change) -> String {
    let same = |other: &&Change| other.roster == change.roster && other.month == change.month;
    let later = live
        .iter()
        .rev()
        .find(|other| other.serial > entry.serial && other.changes.iter().any(|other| same(&other)));
    let Change { roster, month, .. } = change;
    match later {
        Some(later) => format!(
            "第 {} 次导入的 {roster} {month} 已被第 {} 次导入取代，要先撤销第 {} 次",
            entry.serial, later.serial, later.serial
        ),
        None => format!("{roster} {month} 现在的文件不是第 {} 次导入留下的，撤销不了", entry.serial),
    }
}
