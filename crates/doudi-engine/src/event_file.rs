//! A file of events, one JSON object a line, that only ever grows: what happened to leads, who is who. Where it is sealed,
//! every line is, with its number, and how many there are is kept beside it: lines can be added, and none can be changed,
//! moved, taken out or cut off.

use crate::data_file::{Spot, locked};
use crate::data_folder::make_parent;
use crate::error::{EngineError, Outcome};
use crate::vault::{LEAD, Vault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::OpenOptions;
use std::io::Write;

/// Everything in it, oldest first; nothing where there is no such file.
pub(crate) fn read<T: DeserializeOwned>(spot: &Spot) -> Outcome<Vec<T>> {
    let read =
        |line: String| serde_json::from_str(&line).map_err(|error| EngineError::damaged(&spot.path, error));
    lines(spot)?.into_iter().map(read).collect()
}

/// Its lines as they were before they were sealed.
pub(crate) fn lines(spot: &Spot) -> Outcome<Vec<String>> {
    let text = match spot.path.is_file() {
        true => std::fs::read_to_string(&spot.path).map_err(EngineError::io(&spot.path))?,
        false => String::new(),
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines = lines.enumerate().map(|(at, line)| opened(spot, at, line)).collect::<Outcome<Vec<_>>>()?;
    let least = least_lines(spot, !lines.is_empty())?;
    if lines.len() < least {
        let what = format!("末尾少了 {} 行", least - lines.len());
        return Err(EngineError::damaged(&spot.path, what));
    }
    Ok(lines)
}

/// How many lines a sealed file has, kept beside it: written after them, so that a crash leaves a number that is too small.
fn count_beside(spot: &Spot) -> Option<Spot> {
    let mut seal = spot.seal.clone().filter(|seal| seal.writes)?;
    let mut path = spot.path.clone().into_os_string();
    path.push(COUNT);
    seal.name.push_str(COUNT);
    Some(Spot { path: path.into(), seal: Some(seal) })
}

const COUNT: &str = ".count";

/// As many lines there must be; `has_lines` where there are any.
fn least_lines(spot: &Spot, has_lines: bool) -> Outcome<usize> {
    let is_strict = spot.seal.as_ref().is_some_and(|seal| seal.is_strict);
    let Some(beside) = count_beside(spot).filter(|_| is_strict) else { return Ok(0) };
    if !beside.path.is_file() {
        let gone = || EngineError::damaged(&beside.path, "记着有多少行的文件不见了");
        return if has_lines { Err(gone()) } else { Ok(0) };
    }
    let text = String::from_utf8(beside.read()?).unwrap_or_default();
    text.parse().map_err(|_| EngineError::damaged(&beside.path, "不是行数"))
}

fn keep_count(spot: &Spot, count: usize) -> Outcome<()> {
    count_beside(spot).map_or(Ok(()), |beside| beside.write(count.to_string().as_bytes()))
}

/// Writes all of them at the end; makes the file for the first.
pub(crate) fn append<T: Serialize>(spot: &Spot, events: &[T]) -> Outcome<()> {
    if events.is_empty() {
        return Ok(());
    }
    let text = |event| serde_json::to_string(event).map_err(|e| EngineError::Internal(e.to_string()));
    let texts = events.iter().map(text).collect::<Outcome<Vec<String>>>()?;
    if spot.seal.as_ref().is_some_and(|seal| seal.writes) && !all_sealed(spot, |_| true)? {
        seal_again(spot)?;
    }
    make_parent(&spot.path)?;
    let before = count(spot)?;
    let added = sealed(spot, before, texts.iter())?;
    if before == 0 {
        keep_count(spot, 0)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(&spot.path);
    file.and_then(|mut file| file.write_all(added.as_bytes())).map_err(EngineError::io(&spot.path))?;
    keep_count(spot, before + texts.len())
}

/// Lines there are; only sealed ones need to know.
fn count(spot: &Spot) -> Outcome<usize> {
    if !spot.path.is_file() || spot.seal.is_none() {
        return Ok(0);
    }
    let bytes = std::fs::read(&spot.path).map_err(EngineError::io(&spot.path))?;
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        return Err(EngineError::damaged(&spot.path, "最后一行不完整"));
    }
    Ok(bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count())
}

/// Lines that follow so many others, each sealed where the file is.
fn sealed<'t>(spot: &Spot, before: usize, texts: impl Iterator<Item = &'t String>) -> Outcome<String> {
    let mut whole = String::new();
    for (at, text) in (before..).zip(texts) {
        match spot.seal.as_ref().filter(|seal| seal.writes) {
            None => whole.push_str(text),
            Some(seal) => {
                let (lead, key) = seal.vault.new_file()?;
                let piece = key.seal(0, &place(&seal.name, at), text.as_bytes())?;
                STANDARD_NO_PAD.encode_string([&lead[..], &piece].concat(), &mut whole);
            }
        }
        whole.push('\n');
    }
    Ok(whole)
}

fn place(name: &str, at: usize) -> Vec<u8> {
    format!("{name}\n{at}").into_bytes()
}

/// What a sealed line begins with; `None` for a line that lies open.
fn lead(line: &str) -> Option<([u8; LEAD], Vec<u8>)> {
    let bytes = STANDARD_NO_PAD.decode(line.trim()).ok()?;
    let (lead, body) = bytes.split_at_checked(LEAD)?;
    Some((lead.try_into().ok()?, body.to_vec()))
}

fn opened(spot: &Spot, at: usize, line: &str) -> Outcome<String> {
    let altered = || {
        let what = format!("第 {} 行被改动、挪动过，或者前面少了一行", at + 1);
        EngineError::damaged(&spot.path, what)
    };
    if line.trim_start().starts_with('{') {
        return match &spot.seal {
            Some(seal) if seal.is_strict => Err(spot.lies_open()),
            _ => Ok(line.to_owned()),
        };
    }
    let (lead, body) = lead(line).ok_or_else(altered)?;
    let seal = spot.seal.as_ref().ok_or_else(locked)?;
    let text = seal.vault.known_file(&lead)?.open(0, &place(&seal.name, at), &body).ok_or_else(altered)?;
    String::from_utf8(text).map_err(|_| altered())
}

/// Whether every line is sealed, with a lead that is as it should be.
fn all_sealed(spot: &Spot, is_good: impl Fn(&[u8; LEAD]) -> bool) -> Outcome<bool> {
    if !spot.path.is_file() {
        return Ok(true);
    }
    let text = std::fs::read_to_string(&spot.path).map_err(EngineError::io(&spot.path))?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.all(|line| lead(line).is_some_and(|(lead, _)| is_good(&lead))))
}

/// Whether nothing has to be done for what seals now.
pub(crate) fn is_current(spot: &Spot, vault: &dyn Vault) -> Outcome<bool> {
    all_sealed(spot, |lead| vault.is_current(lead))
}

/// Writes the whole file anew, with what seals now.
pub(crate) fn seal_again(spot: &Spot) -> Outcome<()> {
    let lines = lines(spot)?;
    let text = sealed(spot, 0, lines.iter())?;
    keep_count(spot, lines.len())?;
    // Its lines are sealed; the file is not sealed once more.
    let mut writer = Spot::from(&spot.path).create()?;
    writer.write_all(text.as_bytes()).map_err(EngineError::io(&spot.path))?;
    writer.finish_safely()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_file::Sealing;
    use crate::vault::toy::ToyVault;
    use std::path::Path;
    use std::sync::Arc;

    fn spot(path: &Path, keys: &[u8], is_strict: bool) -> Spot {
        let vault = Arc::new(ToyVault { keys: keys.to_vec() });
        let seal = Sealing { vault, name: "identity/answers.jsonl".into(), writes: true, is_strict };
        Spot { path: path.to_owned(), seal: Some(seal) }
    }

    #[test]
    fn lines_are_sealed_one_by_one_and_read_back_under_every_key_that_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("answers.jsonl");
        append(&spot(&path, &[1], true), &["{张三}", "{李四}"]).expect("two");
        append(&spot(&path, &[1, 2], true), &["{王五}"]).expect("one more");
        assert!(!std::fs::read_to_string(&path).expect("text").contains(['张', '{']));
        let both = spot(&path, &[1, 2], true);
        assert_eq!(read::<String>(&both).expect("read"), ["{张三}", "{李四}", "{王五}"]);
        assert!(read::<String>(&spot(&path, &[2], true)).is_err(), "the first key is gone");
        let without = read::<String>(&Spot::from(&path)).expect_err("no key").to_string();
        assert!(without.contains("--key"), "{without}");
        seal_again(&both).expect("sealed again");
        assert_eq!(read::<String>(&spot(&path, &[2], true)).expect("read").len(), 3);
    }

    #[test]
    fn a_line_that_was_changed_moved_or_taken_out_is_refused_with_its_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("answers.jsonl");
        let spot = spot(&path, &[1], true);
        append(&spot, &[1, 2, 3]).expect("three");
        let text = std::fs::read_to_string(&path).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        let changed = lines[1].replacen(|sign| sign != 'A', "A", 1);
        for (kept, number) in [
            (vec![lines[1], lines[0], lines[2]], "第 1 行"),
            (vec![lines[0], lines[2]], "第 2 行"),
            (vec![lines[0], &changed, lines[2]], ""),
            (vec![lines[0], lines[0]], "第 2 行"),
            (vec![lines[0], "1"], "第 2 行"),
            (vec![lines[0], &lines[1][..40]], "第 2 行"),
        ] {
            std::fs::write(&path, kept.join("\n")).expect("written");
            let refused = read::<u32>(&spot).expect_err("refused").to_string();
            assert!(refused.contains(number), "{refused}");
        }
        std::fs::write(&path, format!("{}\n{}\n", lines[0], lines[1])).expect("written");
        let cut = read::<u32>(&spot).expect_err("cut off").to_string();
        assert!(cut.contains("末尾少了 1 行"), "{cut}");
        std::fs::remove_file(&path).expect("removed");
        assert!(read::<u32>(&spot).is_err(), "all of it is gone");
        std::fs::write(&path, &text).expect("as it was");
        assert_eq!(read::<u32>(&spot).expect("read"), [1, 2, 3]);
        // As a crash leaves it between the lines and their number.
        keep_count(&spot, 2).expect("kept");
        assert_eq!(read::<u32>(&spot).expect("read"), [1, 2, 3]);
        std::fs::remove_file(folder.path().join("answers.jsonl.count")).expect("removed");
        assert!(read::<u32>(&spot).is_err(), "nobody knows how many there were");
        std::fs::write(&path, format!("{}\n{}", lines[0], lines[1])).expect("written");
        assert!(append(&spot, &[4]).is_err(), "the end of the last line is gone");
    }

    #[test]
    fn a_file_that_lies_open_is_sealed_before_it_grows_and_refused_where_all_is_sealed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("answers.jsonl");
        let open = Spot::from(&path);
        append(&open, &[serde_json::json!({ "name": "张三" })]).expect("one");
        assert!(read::<serde_json::Value>(&spot(&path, &[1], true)).is_err());
        append(&spot(&path, &[1], false), &[serde_json::json!({ "name": "李四" })]).expect("one more");
        assert_eq!(read::<serde_json::Value>(&spot(&path, &[1], true)).expect("read").len(), 2);
        assert!(!std::fs::read_to_string(&path).expect("text").contains('张'));
    }
}
