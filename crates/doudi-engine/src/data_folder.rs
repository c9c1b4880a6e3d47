//! The data folder: where every kind of file lies, and writing so that a crash leaves the old file or the new one.

use crate::data_file::{DataReader, DataWriter, Sealing, Spot};
use crate::error::{EngineError, Outcome};
use crate::sealing::{self, NOTE, State, tells_of_people};
use crate::vault::Vault;
use doudi_terms::{Month, RegionCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Layout under the folder:
///
/// ```text
/// lake/<roster>/<month>/<key>.parquet       facts of one imported file; <key>.json says which file; current.json which count
/// identity/<roster>/<month>/<key>.parquet   names, numbers, addresses of the same rows
/// identity/links/<register>/<key>.parquet   which person each row speaks of; shared-phones.json on which phones it rests;
///                                           people.bin, doubles.json, phones.json what follows from the register alone,
///                                           and what was counted last
/// identity/answers.jsonl                    what people have said about who is who, append-only
/// identity/doubles/<month>-<region>.json    entries that are probably one human, for two people to say
/// identity/newcomers/<month>-<region>.json  whom the clearing of a month knew from rosters only
/// identity/before/<hash>.json               both, as a month found them; a certificate names it
/// identity/cases/<month>.jsonl              where the window's cases stood at the end of a month, as the office said last
/// identity/cases/before/<hash>.jsonl        the same, of the people of a clearing; a certificate names it
/// snapshots/<region>/<month>/<hash>/        facts by person number, no identity
/// determinations/<region>/<month>/<hash>/   results of the rules, buckets
/// content/<hash>/policies|rosters/          the policies and specifications that were used
/// clearings/<region>/<month>.json           the latest clearing of a month
/// imports/<serial>.json                     what every import made current, and what was current before
/// imports/cleared/<region>-<month>.json     what the latest clearing of a month was made of: rosters, policies
/// leads/leads.jsonl                         open and closed leads, append-only
/// leads/before/<hash>.jsonl                 how leads stood when a month began; a certificate names it
/// incoming/                                 what is being written; empty between two runs
/// sealed.json                               where it is: what tells of people is sealed
/// .lock                                     held while somebody writes
/// ```
///
/// Files that tell of people are read and written through a [`Spot`], which seals them where the folder is sealed.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
    vault: Option<Arc<dyn Vault>>,
    pub(crate) sealed: Option<State>,
}

impl DataFolder {
    /// Opens a folder, making it if it does not exist. One that is sealed needs its key: [`DataFolder::open_with`].
    pub fn open(root: &Path) -> Outcome<DataFolder> {
        DataFolder::open_with(root, None)
    }

    /// As [`DataFolder::open`], with what seals it.
    pub fn open_with(root: &Path, vault: Option<Arc<dyn Vault>>) -> Outcome<DataFolder> {
        std::fs::create_dir_all(root).map_err(EngineError::io(root))?;
        let sealed = sealing::state(root, vault.as_deref())?;
        Ok(DataFolder { root: root.to_owned(), vault, sealed })
    }

    /// As [`DataFolder::open_with`], for somebody who brings the first file: a new folder is sealed from now on.
    pub fn begin_with(root: &Path, vault: Option<Arc<dyn Vault>>) -> Outcome<DataFolder> {
        std::fs::create_dir_all(root).map_err(EngineError::io(root))?;
        sealing::begin_if_new(root, vault.as_ref())?;
        DataFolder::open_with(root, vault)
    }

    /// Opens a folder that must exist.
    pub fn existing(root: &Path) -> Outcome<DataFolder> {
        DataFolder::existing_with(root, None)
    }

    /// As [`DataFolder::existing`], with what seals it.
    pub fn existing_with(root: &Path, vault: Option<Arc<dyn Vault>>) -> Outcome<DataFolder> {
        if root.is_dir() {
            return DataFolder::open_with(root, vault);
        }
        Err(EngineError::BadInput(format!(
            "没有数据文件夹 {}。请用 --data 指明摸排时用的数据文件夹",
            root.display()
        )))
    }

    /// From here on whatever is written is sealed, and what lies open is still read.
    pub(crate) fn being_sealed(self) -> DataFolder {
        DataFolder { sealed: Some(State::Begun), ..self }
    }

    /// A file of the folder, sealed where it tells of people and the folder is.
    pub(crate) fn spot(&self, path: &Path) -> Spot {
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let vault = self.vault.as_ref().filter(|_| tells_of_people(&name));
        let seal = vault.map(|vault| Sealing {
            vault: vault.clone(),
            name,
            writes: self.sealed.is_some(),
            is_strict: self.sealed == Some(State::Done),
        });
        Spot { path: path.to_owned(), seal }
    }

    /// The content of a file.
    pub fn read(&self, path: &Path) -> Outcome<Vec<u8>> {
        self.spot(path).read()
    }

    /// Opens a file to read it piece by piece.
    pub fn reader(&self, path: &Path) -> Outcome<DataReader> {
        self.spot(path).open()?.into_reader().map_err(EngineError::io(path))
    }

    /// Writes beside the target and renames.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Outcome<()> {
        self.spot(path).write(bytes)
    }

    /// Writes a file piece by piece.
    pub fn writer(&self, path: &Path) -> Outcome<DataWriter> {
        self.spot(path).create()
    }

    pub(crate) fn write_json(&self, path: &Path, value: &impl Serialize) -> Outcome<()> {
        self.write(path, json_text(value)?.as_bytes())
    }

    pub(crate) fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Outcome<T> {
        let bytes = self.read(path)?;
        serde_json::from_slice(&bytes).map_err(|error| EngineError::damaged(path, error))
    }

    /// Moves a file that is complete to its place in the folder.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> Outcome<()> {
        if let Some(Sealing { vault, name, .. }) = &self.spot(to).seal {
            crate::sealed_file::rename(from, vault.as_ref(), name)?;
        }
        std::fs::rename(from, to).map_err(EngineError::io(to))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn lake(&self, roster: &str, month: Month) -> PathBuf {
        self.root.join("lake").join(roster).join(month.to_string())
    }

    pub(crate) fn lake_roster(&self, roster: &str) -> PathBuf {
        self.root.join("lake").join(roster)
    }

    pub(crate) fn identity(&self, roster: &str, month: Month) -> PathBuf {
        self.root.join("identity").join(roster).join(month.to_string())
    }

    pub(crate) fn links(&self, register: &str) -> PathBuf {
        self.root.join("identity").join("links").join(register)
    }

    pub(crate) fn person_answers(&self) -> PathBuf {
        self.root.join("identity").join("answers.jsonl")
    }

    pub(crate) fn people_before(&self) -> PathBuf {
        self.root.join("identity").join("before")
    }

    pub(crate) fn office_cases(&self, month: Month) -> PathBuf {
        self.root.join("identity").join("cases").join(format!("{month}.jsonl"))
    }

    pub(crate) fn cases_before(&self) -> PathBuf {
        self.root.join("identity").join("cases").join("before")
    }

    pub(crate) fn doubles(&self) -> PathBuf {
        self.root.join("identity").join("doubles")
    }

    pub(crate) fn newcomers(&self) -> PathBuf {
        self.root.join("identity").join("newcomers")
    }

    pub(crate) fn snapshot(&self, region: RegionCode, month: Month, hash: &str) -> PathBuf {
        self.monthly("snapshots", region, month).join(crate::digest::short(hash))
    }

    pub(crate) fn determination(&self, region: RegionCode, month: Month, hash: &str) -> PathBuf {
        self.monthly("determinations", region, month).join(crate::digest::short(hash))
    }

    pub(crate) fn content(&self, hash: &str) -> PathBuf {
        self.root.join("content").join(crate::digest::short(hash))
    }

    pub(crate) fn clearing(&self, region: RegionCode, month: Month) -> PathBuf {
        self.root.join("clearings").join(region.to_string()).join(format!("{month}.json"))
    }

    pub(crate) fn leads(&self) -> PathBuf {
        self.root.join("leads").join("leads.jsonl")
    }

    pub(crate) fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    pub(crate) fn imports(&self) -> PathBuf {
        self.root.join("imports")
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.root.join(LOCK)
    }

    fn monthly(&self, kind: &str, region: RegionCode, month: Month) -> PathBuf {
        self.root.join(kind).join(region.to_string()).join(month.to_string())
    }
}

/// The right to write, held until it is dropped. A second run stops at once instead of mixing its files with ours.
pub struct DataLock {
    folder: DataFolder,
    _file: File,
    /// The folder was not there before.
    made: bool,
    /// It was not said before that it is sealed.
    noted: bool,
}

const LOCK: &str = ".lock";

impl DataLock {
    /// Opens a folder for writing, making it if it does not exist; finishes or clears away what a run that broke off
    /// has left.
    pub fn take(root: &Path) -> Outcome<(DataFolder, DataLock)> {
        DataLock::take_with(root, None)
    }

    /// As [`DataLock::take`], with what seals the folder; one in which nobody has been heard of yet is sealed from now on.
    pub fn take_with(root: &Path, vault: Option<Arc<dyn Vault>>) -> Outcome<(DataFolder, DataLock)> {
        let made = !root.is_dir();
        // A key that is not the one changes nothing, not even the lock.
        let folder = DataFolder::open_with(root, vault.clone())?;
        let path = folder.lock_file();
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(EngineError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(EngineError::BadInput(format!(
                    "数据文件夹 {} 正被另一个 doudi 使用，两个一起写会弄乱。请等它做完再运行",
                    root.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(EngineError::io(&path)(error)),
        }
        let noted = sealing::begin_if_new(root, vault.as_ref())?;
        // Whoever had the lock before may have sealed it.
        let folder = DataFolder { sealed: sealing::state(root, vault.as_deref())?, ..folder };
        let lock = DataLock { folder: folder.clone(), _file: file, made, noted };
        crate::imports::recover(&folder)?;
        lock.clear_incoming();
        Ok((folder, lock))
    }

    /// Unless an import is still to be finished there: the next run does that first.
    fn clear_incoming(&self) {
        if crate::imports::is_unfinished(&self.folder) {
            return;
        }
        // What cannot be removed now is removed by the next run; it counts for nothing.
        let _ = std::fs::remove_dir_all(self.folder.incoming());
    }
}

impl Drop for DataLock {
    fn drop(&mut self) {
        self.clear_incoming();
        let mut names = std::fs::read_dir(self.folder.root()).into_iter().flatten().flatten();
        let untouched =
            names.all(|entry| entry.file_name() == LOCK || (self.noted && entry.file_name() == NOTE));
        if untouched {
            // A run that stopped leaves no folder behind that was not there.
            let _ = std::fs::remove_file(self.folder.root().join(NOTE));
            let _ = std::fs::remove_file(self.folder.lock_file());
            if self.made {
                let _ = std::fs::remove_dir(self.folder.root());
            }
        }
    }
}

/// Writes beside the target and renames.
pub fn write_file(path: &Path, bytes: &[u8]) -> Outcome<()> {
    make_parent(path)?;
    let beside = beside(path);
    std::fs::write(&beside, bytes).map_err(EngineError::io(&beside))?;
    std::fs::rename(&beside, path).map_err(EngineError::io(path))
}

pub(crate) fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

pub(crate) fn make_parent(path: &Path) -> Outcome<()> {
    match path.parent() {
        Some(parent) => std::fs::create_dir_all(parent).map_err(EngineError::io(parent)),
        None => Ok(()),
    }
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Outcome<()> {
    write_file(path, json_text(value)?.as_bytes())
}

/// Indented, with a line feed at the end.
pub(crate) fn json_text(value: &impl Serialize) -> Outcome<String> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| EngineError::Internal(error.to_string()))?;
    text.push('\n');
    Ok(text)
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Outcome<T> {
    let bytes = std::fs::read(path).map_err(EngineError::io(path))?;
    serde_json::from_slice(&bytes).map_err(|error| EngineError::damaged(path, error))
}

/// `None` where there is no such file.
pub(crate) fn read_json_if_any<T: DeserializeOwned>(path: &Path) -> Outcome<Option<T>> {
    if path.is_file() { read_json(path).map(Some) } else { Ok(None) }
}
