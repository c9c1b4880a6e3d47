//! Whether the files of a data folder that tell of people are sealed, and sealing those of a folder that was not, or with
//! another key: file by file, each beside itself first, so that breaking off leaves every file whole, and going on later
//! finds what is left.

use crate::data_file::{Spot, locked};
use crate::data_folder::{DataFolder, DataLock, write_file};
use crate::error::{EngineError, Outcome};
use crate::event_file;
use crate::sealed_file;
use crate::tally::PERSONS_FILE;
use crate::vault::{LEAD, Vault};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// In the root of a folder whose files are sealed.
pub(crate) const NOTE: &str = "sealed.json";
/// What lies there once anybody has been heard of.
const HOLDERS: [&str; 4] = ["identity", "lake", "leads", "uploads"];
const FORMAT: u32 = 1;
/// Sealed in the note: who cannot open it has another key.
const CHECK: &[u8] = b"doudi data folder";

/// How far a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Everything that is written is sealed; some of what was there may not be yet.
    Begun,
    Done,
}

#[derive(Serialize, Deserialize)]
struct Note {
    format: u32,
    done: bool,
    /// In hexadecimal.
    check: String,
}

/// What sealing a folder came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// Files that were written anew.
    pub files: u64,
    /// Files that are still to be done: 0 when it is done.
    pub left: u64,
}

/// Files that tell of people, by their path in the folder: identity, whatever people have said or sent, and of the lake the
/// rows, among whose texts are names of heads of households and guardians. What else lies there counts people or knows
/// them by row only; what is being written of it too.
pub(crate) fn tells_of_people(name: &str) -> bool {
    match name.split_once('/') {
        Some(("identity" | "leads" | "uploads", _)) => true,
        Some(("lake", rest)) => rest.ends_with(".parquet"),
        Some(("incoming", rest)) => rest.ends_with(".parquet") || rest.starts_with(PERSONS_FILE),
        _ => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn write_note(root: &Path, vault: &dyn Vault, state: State) -> Outcome<()> {
    let (lead, seal) = vault.new_file()?;
    let check = seal.seal(0, NOTE.as_bytes(), CHECK)?;
    let check = hex(&[&lead[..], &check].concat());
    let note = Note { format: FORMAT, done: state == State::Done, check };
    write_file(&root.join(NOTE), crate::data_folder::json_text(&note)?.as_bytes())
}

/// How far the folder is; refuses where it is sealed and the key is not there or is not the one.
pub(crate) fn state(root: &Path, vault: Option<&dyn Vault>) -> Outcome<Option<State>> {
    let path = root.join(NOTE);
    let Some(note) = crate::data_folder::read_json_if_any::<Note>(&path)? else { return Ok(None) };
    let vault = vault.ok_or_else(locked)?;
    if note.format != FORMAT {
        return Err(EngineError::BadInput(format!(
            "数据文件夹是用更新的程序加密的（第 {} 版格式）。请用新的程序打开",
            note.format
        )));
    }
    let bytes = unhex(&note.check).unwrap_or_default();
    let (lead, check) = bytes.split_at_checked(LEAD).unwrap_or_default();
    let lead: [u8; LEAD] = lead.try_into().map_err(|_| EngineError::damaged(&path, "不完整"))?;
    let opened = vault.known_file(&lead)?.open(0, NOTE.as_bytes(), check);
    if opened.as_deref() != Some(CHECK) {
        return Err(EngineError::BadInput(
            "这把密钥打不开数据文件夹：不是当时加密用的那一把。请用 --key 指明当时的密钥文件".into(),
        ));
    }
    Ok(Some(if note.done { State::Done } else { State::Begun }))
}

/// Says of a folder in which nobody has been heard of yet that it is sealed; `true` if this is new.
pub(crate) fn begin_if_new(root: &Path, vault: Option<&Arc<dyn Vault>>) -> Outcome<bool> {
    let Some(vault) = vault else { return Ok(false) };
    let is_new = !root.join(NOTE).exists() && HOLDERS.iter().all(|place| !root.join(place).exists());
    if is_new {
        write_note(root, vault.as_ref(), State::Done)?;
    }
    Ok(is_new)
}

impl DataFolder {
    /// Whether a folder says of itself that it is sealed, or is being sealed; needs no key.
    pub fn says_sealed(root: &Path) -> bool {
        root.join(NOTE).is_file()
    }

    /// Whether the files that tell of people are sealed, all of them.
    pub fn is_sealed(&self) -> bool {
        self.sealed == Some(State::Done)
    }
}

impl DataLock {
    /// Seals whatever is not sealed, or with an older key. `go_on` is told how many files are done and may stop it; a later
    /// call goes on.
    pub fn seal_all(
        root: &Path,
        vault: &Arc<dyn Vault>,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> Outcome<Sealed> {
        let (folder, _lock) = DataLock::take_with(root, Some(vault.clone()))?;
        // From here on whatever is written is sealed, and what lies open is still read.
        write_note(root, vault.as_ref(), State::Begun)?;
        let folder = folder.being_sealed();
        let (mut done, mut left) = (0, 0);
        for spot in spots(&folder)? {
            if is_current(&spot, vault.as_ref())? {
                continue;
            }
            if left > 0 || !go_on(done) {
                left += 1;
                continue;
            }
            seal_again(&spot)?;
            done += 1;
        }
        if left == 0 {
            write_note(root, vault.as_ref(), State::Done)?;
        }
        Ok(Sealed { files: done, left })
    }
}

/// Every file that tells of people; clears away what was only half written.
fn spots(folder: &DataFolder) -> Outcome<Vec<Spot>> {
    let mut found = Vec::new();
    for holder in HOLDERS {
        walk(&folder.root().join(holder), &mut found)?;
    }
    found.sort();
    let is_part = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "part");
    let (parts, whole): (Vec<PathBuf>, Vec<PathBuf>) = found.into_iter().partition(is_part);
    for part in parts {
        // Nobody else writes: the lock is held.
        std::fs::remove_file(&part).map_err(EngineError::io(&part))?;
    }
    Ok(whole.iter().map(|path| folder.spot(path)).filter(|spot| spot.seal.is_some()).collect())
}

fn walk(place: &Path, found: &mut Vec<PathBuf>) -> Outcome<()> {
    if !place.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(place).map_err(EngineError::io(place))? {
        let path = entry.map_err(EngineError::io(place))?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn is_log(spot: &Spot) -> bool {
    spot.seal
        .as_ref()
        .is_some_and(|seal| matches!(&*seal.name, "identity/answers.jsonl" | "leads/leads.jsonl"))
}

fn is_current(spot: &Spot, vault: &dyn Vault) -> Outcome<bool> {
    if is_log(spot) {
        return event_file::is_current(spot, vault);
    }
    let lead = sealed_file::lead(&spot.path).map_err(EngineError::io(&spot.path))?;
    Ok(lead.is_some_and(|lead| vault.is_current(&lead)))
}

fn seal_again(spot: &Spot) -> Outcome<()> {
    if is_log(spot) {
        return event_file::seal_again(spot);
    }
    let broken = EngineError::io(&spot.path);
    let mut writer = spot.create()?;
    let copied = spot.open()?.into_reader().and_then(|mut reader| std::io::copy(&mut reader, &mut writer));
    copied.map_err(broken)?;
    writer.finish_safely()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::toy::ToyVault;

    fn vault(keys: &[u8]) -> Arc<dyn Vault> {
        Arc::new(ToyVault { keys: keys.to_vec() })
    }

    /// A folder as it was before there was a key.
    fn old_folder() -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(place.path()).expect("open");
        for name in ["identity/list/2020-04/a.parquet", "lake/list/2020-04/a.parquet", "uploads/1/表.xlsx"] {
            folder.write(&place.path().join(name), format!("张三在{name}").as_bytes()).expect("written");
        }
        let log = folder.spot(&place.path().join("leads/leads.jsonl"));
        event_file::append(&log, &[serde_json::json!({ "by": "张三" })]).expect("a line");
        std::fs::write(place.path().join("lake/list/2020-04/a.json"), "{}").expect("a description");
        place
    }

    fn files_with_a_name(root: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        walk(root, &mut found).expect("walked");
        let name = "张三".as_bytes();
        let tells =
            |path: &PathBuf| std::fs::read(path).expect("bytes").windows(name.len()).any(|part| part == name);
        found.into_iter().filter(tells).collect()
    }

    fn content(root: &Path, keys: &[u8]) -> Outcome<String> {
        let folder = DataFolder::existing_with(root, Some(vault(keys)))?;
        let read = |name: &str| {
            folder.read(&root.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let log = event_file::lines(&folder.spot(&root.join("leads/leads.jsonl")))?;
        Ok(format!("{} {} {log:?}", read("lake/list/2020-04/a.parquet")?, read("uploads/1/表.xlsx")?))
    }

    #[test]
    fn an_old_folder_is_sealed_file_by_file_and_going_on_finds_what_is_left() {
        let place = old_folder();
        let root = place.path();
        let before = content(root, &[1]).expect("open as it was, with a key too");
        assert_eq!(files_with_a_name(root).len(), 4);
        let half = DataLock::seal_all(root, &vault(&[1]), &mut |done| done < 2).expect("half");
        assert_eq!(half, Sealed { files: 2, left: 2 });
        assert_eq!(files_with_a_name(root).len(), 2);
        assert_eq!(content(root, &[1]).expect("half sealed"), before);
        // As if the plug had been pulled while the third was written.
        std::fs::write(root.join("leads/leads.jsonl.part"), "张三").expect("half written");
        let rest = DataLock::seal_all(root, &vault(&[1]), &mut |_| true).expect("the rest");
        assert_eq!((rest, files_with_a_name(root)), (Sealed { files: 2, left: 0 }, Vec::new()));
        assert_eq!(content(root, &[1]).expect("sealed"), before);
        let again = DataLock::seal_all(root, &vault(&[1]), &mut |_| true).expect("nothing to do");
        assert_eq!(again, Sealed::default());
        let turned = DataLock::seal_all(root, &vault(&[1, 2]), &mut |_| true).expect("another key");
        assert_eq!(turned.files, 4);
        assert_eq!(content(root, &[2]).expect("the old key is not needed"), before);
    }

    #[test]
    fn a_sealed_folder_is_for_nobody_without_its_key_and_stays_as_it_is() {
        let place = old_folder();
        let root = place.path();
        DataLock::seal_all(root, &vault(&[1]), &mut |_| true).expect("sealed");
        for refused in [
            DataFolder::existing(root).err(),
            DataFolder::open(root).err(),
            DataLock::take(root).err(),
            DataFolder::existing_with(root, Some(vault(&[2]))).err(),
        ] {
            assert!(matches!(refused, Some(EngineError::BadInput(_))), "{refused:?}");
        }
        let text = DataFolder::existing(root).expect_err("locked").to_string();
        assert_eq!(text, "数据文件夹里的身份信息是加密的，请用 --key 指明密钥文件");
        assert!(content(root, &[1]).is_ok());
    }

    #[test]
    fn what_somebody_puts_into_a_sealed_folder_is_refused() {
        let place = old_folder();
        let root = place.path();
        DataLock::seal_all(root, &vault(&[1]), &mut |_| true).expect("sealed");
        let (facts, upload) = (root.join("lake/list/2020-04/a.parquet"), root.join("uploads/1/表.xlsx"));
        let kept = std::fs::read(&facts).expect("bytes");
        std::fs::copy(&upload, &facts).expect("another sealed file");
        assert!(content(root, &[1]).expect_err("moved").to_string().contains("挪来"));
        std::fs::write(&facts, "open").expect("an open one");
        assert!(content(root, &[1]).expect_err("open").to_string().contains("应当是加密的"));
        std::fs::write(&facts, kept).expect("as it was");
        assert!(content(root, &[1]).is_ok());
    }

    #[test]
    fn a_new_folder_is_sealed_from_the_start_and_leaves_nothing_where_nothing_was_done() {
        let place = tempfile::tempdir().expect("a folder");
        let root = place.path().join("data");
        let (folder, lock) = DataLock::take_with(&root, Some(vault(&[1]))).expect("taken");
        assert!(folder.is_sealed());
        drop(lock);
        assert!(!root.exists(), "nothing was done");
        let (folder, _lock) = DataLock::take_with(&root, Some(vault(&[1]))).expect("taken");
        folder.write(&root.join("identity/a.json"), "张三".as_bytes()).expect("written");
        folder.write(&root.join("lake/a.json"), b"{}").expect("written");
        assert_eq!(files_with_a_name(&root), Vec::<PathBuf>::new());
        assert_eq!(folder.read(&root.join("identity/a.json")).expect("read"), "张三".as_bytes());
        assert_eq!(std::fs::read(root.join("lake/a.json")).expect("read"), b"{}");
    }
}
