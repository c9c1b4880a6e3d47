//! Making staged rosters count.

use super::journal::{Change, EntryKind, JournalEntry, JournalFile, next_serial};
use crate::data_folder::{DataFolder, make_parent, read_json, write_json};
use crate::error::{EngineError, Outcome};
use crate::lake::{self, Staged, StoredRoster};
use doudi_terms::Month;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An import that nobody objected to.
pub struct Proposal {
    pub staged: Vec<Staged>,
    pub files: Vec<JournalFile>,
    pub changes: Vec<Change>,
}

/// An import that counts, and how to take it back as if it had never been.
pub struct Committed {
    folder: DataFolder,
    pub entry: JournalEntry,
    made: Vec<PathBuf>,
}

/// The entry while its lists are being written: once it is there, the import is finished whatever happens.
fn intent(folder: &DataFolder) -> PathBuf {
    folder.incoming().join("commit.json")
}

fn place_of(folder: &DataFolder, serial: u32) -> PathBuf {
    folder.imports().join(format!("{serial}.json"))
}

/// What would count: by roster and month the files read, or the stored ones that they turned out to be.
pub fn proposed_changes(
    folder: &DataFolder,
    by_place: BTreeMap<(String, Month), Vec<StoredRoster>>,
) -> Outcome<Vec<Change>> {
    let mut changes = Vec::new();
    for ((roster, month), after) in by_place {
        let before = lake::current_of(folder, &roster, month)?;
        let same = before.as_ref().is_some_and(|before| keys(before) == keys(&after));
        if !same {
            changes.push(Change { roster, month: month.to_string(), before, after: Some(after) });
        }
    }
    Ok(changes)
}

/// The order of files says nothing.
fn keys(files: &[StoredRoster]) -> Vec<&str> {
    let mut keys: Vec<&str> = files.iter().map(|file| file.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

/// Makes a proposal count; `None` where it changes nothing.
pub fn commit(folder: &DataFolder, proposal: Proposal) -> Outcome<Option<Committed>> {
    if proposal.changes.is_empty() {
        return Ok(None);
    }
    // The original of what was corrected in the same run is kept beside it.
    let counts = |staged: &Staged| {
        let Staged { stored, .. } = staged;
        let is = |file: &StoredRoster| file.key == stored.key || file.first_key() == stored.key;
        let mut files = proposal.changes.iter().filter_map(|change| change.after.as_ref()).flatten();
        files.any(|file| file.roster == stored.roster && is(file))
    };
    let entry = JournalEntry {
        serial: next_serial(folder)?,
        kind: EntryKind::Import,
        undoes: None,
        files: proposal.files.clone(),
        changes: proposal.changes.clone(),
    };
    let mut committed = Committed { folder: folder.clone(), entry, made: Vec::new() };
    for staged in proposal.staged.iter().filter(|staged| counts(staged)) {
        match staged.place(folder) {
            Ok(made) => committed.made.extend(made),
            Err(error) => {
                committed.remove_made();
                return Err(error);
            }
        }
    }
    record(folder, &committed.entry)?;
    Ok(Some(committed))
}

/// Writes the lists and the entry so that breaking off leaves all of it or none.
pub(super) fn record(folder: &DataFolder, entry: &JournalEntry) -> Outcome<()> {
    write_json(&intent(folder), entry)?;
    finish(folder, entry)
}

fn finish(folder: &DataFolder, entry: &JournalEntry) -> Outcome<()> {
    for change in &entry.changes {
        change.apply(folder)?;
    }
    let target = place_of(folder, entry.serial);
    make_parent(&target)?;
    std::fs::rename(intent(folder), &target).map_err(EngineError::io(&target))
}

/// Whether an import broke off while its lists were being written.
pub(crate) fn is_unfinished(folder: &DataFolder) -> bool {
    intent(folder).is_file()
}

/// Finishes an import that broke off while its lists were being written.
pub(crate) fn recover(folder: &DataFolder) -> Outcome<()> {
    let path = intent(folder);
    if !path.is_file() {
        return Ok(());
    }
    finish(folder, &read_json(&path)?)
}

impl Committed {
    /// Takes the import back as if it had never been: for a run that stops after it. The lists first, so that nothing
    /// that counts is ever missing.
    pub fn revert(self) -> Outcome<()> {
        for change in &self.entry.changes {
            change.reversed().apply(&self.folder)?;
        }
        let path = place_of(&self.folder, self.entry.serial);
        std::fs::remove_file(&path).map_err(EngineError::io(&path))?;
        self.remove_made();
        self.remove_links();
        prune(&self.folder, &path);
        Ok(())
    }

    fn remove_made(&self) {
        for path in &self.made {
            let _ = std::fs::remove_file(path);
            prune(&self.folder, path);
        }
    }

    /// Links that were found for the files in the meantime.
    fn remove_links(&self) {
        let place = self.folder.root().join("identity").join("links");
        let made: Vec<String> = self.made.iter().filter_map(|path| stem(path)).collect();
        for register in std::fs::read_dir(&place).into_iter().flatten().flatten() {
            for file in std::fs::read_dir(register.path()).into_iter().flatten().flatten() {
                let path = file.path();
                let of_made =
                    stem(&path).is_some_and(|name| made.iter().any(|key| name.ends_with(&format!("-{key}"))));
                if of_made && std::fs::remove_file(&path).is_ok() {
                    prune(&self.folder, &path);
                }
            }
        }
    }
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

/// Removes the folders above a file that are empty now.
fn prune(folder: &DataFolder, path: &Path) {
    let above = path.ancestors().skip(1).take_while(|place| *place != folder.root());
    for place in above {
        // Fails where something is left, which is the end.
        if std::fs::remove_dir(place).is_err() {
            return;
        }
    }
}
