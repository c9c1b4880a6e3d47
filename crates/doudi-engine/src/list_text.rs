//! The text of a long list, which grows part by part: in memory, or in a file of the data folder until it is given away.

use crate::data_file::{DataWriter, Spot};
use crate::digest::Hasher;
use crate::error::{EngineError, Outcome};
use crate::temporary_file::TemporaryFile;
use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::path::Path;

/// A list that is being written.
pub(crate) struct ListWriter {
    kept: Writing,
    hasher: Hasher,
}

enum Writing {
    Memory(Vec<u8>),
    File(DataWriter, Spot),
}

/// A list that is complete.
pub struct ListText {
    kept: Kept,
    sha256: String,
}

enum Kept {
    Memory(Vec<u8>),
    File { spot: Spot, _gone_with_it: TemporaryFile },
}

impl ListWriter {
    pub fn in_memory() -> ListWriter {
        ListWriter { kept: Writing::Memory(Vec::new()), hasher: Hasher::default() }
    }

    pub fn in_file(spot: Spot) -> Outcome<ListWriter> {
        Ok(ListWriter { kept: Writing::File(spot.create()?, spot), hasher: Hasher::default() })
    }

    pub fn push(&mut self, text: &[u8]) -> Outcome<()> {
        self.hasher.bytes(text);
        match &mut self.kept {
            Writing::Memory(whole) => whole.extend_from_slice(text),
            Writing::File(file, spot) => file.write_all(text).map_err(EngineError::io(&spot.path))?,
        }
        Ok(())
    }

    pub fn finish(self) -> Outcome<ListText> {
        let kept = match self.kept {
            Writing::Memory(whole) => Kept::Memory(whole),
            Writing::File(file, spot) => {
                file.finish()?;
                let _gone_with_it = TemporaryFile::of(spot.path.clone());
                Kept::File { spot, _gone_with_it }
            }
        };
        Ok(ListText { kept, sha256: self.hasher.hex() })
    }
}

impl ListText {
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub fn bytes(&self) -> Outcome<Cow<'_, [u8]>> {
        match &self.kept {
            Kept::Memory(whole) => Ok(Cow::Borrowed(whole)),
            Kept::File { spot, .. } => spot.read().map(Cow::Owned),
        }
    }

    /// Writes beside the target and renames.
    pub fn write(&self, target: &Path) -> Outcome<()> {
        let Kept::File { spot, .. } = &self.kept else {
            return crate::data_folder::write_file(target, &self.bytes()?);
        };
        let mut writer = Spot::from(target).create()?;
        let copied = spot.open()?.into_reader().and_then(|mut list| std::io::copy(&mut list, &mut writer));
        copied.map_err(EngineError::io(target))?;
        writer.finish()
    }
}

impl fmt::Debug for ListText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes() {
            Ok(bytes) => f.write_str(&String::from_utf8_lossy(&bytes)),
            Err(error) => write!(f, "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256_hex;

    #[test]
    fn a_list_is_the_same_in_memory_and_in_a_file_which_goes_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, target) = (folder.path().join("incoming/list"), folder.path().join("out/list.csv"));
        let file = ListWriter::in_file(Spot::from(&path)).expect("a file");
        let lists = [ListWriter::in_memory(), file].map(|mut list| {
            ["甲,1\n", "", "乙,2\n"]
                .into_iter()
                .for_each(|text| list.push(text.as_bytes()).expect("written"));
            list.finish().expect("finished")
        });
        let whole = "甲,1\n乙,2\n".as_bytes();
        for list in lists {
            assert_eq!((list.sha256(), &*list.bytes().expect("bytes")), (&*sha256_hex(whole), whole));
            list.write(&target).expect("given away");
            assert_eq!(std::fs::read(&target).expect("a list"), whole);
        }
        assert!(!path.exists());
    }
}
