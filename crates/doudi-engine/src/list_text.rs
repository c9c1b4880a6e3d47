//! The text of a long list, which grows part by part: in memory, or in a file of the data folder until it is given away.

use crate::data_folder::make_parent;
use crate::digest::Hasher;
use crate::error::{EngineError, Outcome};
use crate::temporary_file::TemporaryFile;
use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A list that is being written.
pub(crate) struct ListWriter {
    kept: Writing,
    hasher: Hasher,
}

enum Writing {
    Memory(Vec<u8>),
    File(File, TemporaryFile),
}

/// A list that is complete.
pub struct ListText {
    kept: Kept,
    sha256: String,
}

enum Kept {
    Memory(Vec<u8>),
    File(TemporaryFile),
}

impl ListWriter {
    pub fn in_memory() -> ListWriter {
        ListWriter { kept: Writing::Memory(Vec::new()), hasher: Hasher::default() }
    }

    pub fn in_file(path: PathBuf) -> Outcome<ListWriter> {
        let (path, file) = TemporaryFile::create(path)?;
        Ok(ListWriter { kept: Writing::File(file, path), hasher: Hasher::default() })
    }

    pub fn push(&mut self, text: &[u8]) -> Outcome<()> {
        self.hasher.bytes(text);
        match &mut self.kept {
            Writing::Memory(whole) => whole.extend_from_slice(text),
            Writing::File(file, path) => file.write_all(text).map_err(EngineError::io(path.path()))?,
        }
        Ok(())
    }

    pub fn finish(self) -> ListText {
        let kept = match self.kept {
            Writing::Memory(whole) => Kept::Memory(whole),
            Writing::File(_, path) => Kept::File(path),
        };
        ListText { kept, sha256: self.hasher.hex() }
    }
}

impl ListText {
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    pub fn bytes(&self) -> Outcome<Cow<'_, [u8]>> {
        match &self.kept {
            Kept::Memory(whole) => Ok(Cow::Borrowed(whole)),
            Kept::File(path) => {
                std::fs::read(path.path()).map(Cow::Owned).map_err(EngineError::io(path.path()))
            }
        }
    }

    /// Writes beside the target and renames.
    pub fn write(&self, target: &Path) -> Outcome<()> {
        let Kept::File(path) = &self.kept else {
            return crate::data_folder::write_file(target, &self.bytes()?);
        };
        make_parent(target)?;
        let beside = crate::data_folder::beside(target);
        std::fs::copy(path.path(), &beside).map_err(EngineError::io(&beside))?;
        std::fs::rename(&beside, target).map_err(EngineError::io(target))
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
        let file = ListWriter::in_file(path.clone()).expect("a file");
        let lists = [ListWriter::in_memory(), file].map(|mut list| {
            ["甲,1\n", "", "乙,2\n"]
                .into_iter()
                .for_each(|text| list.push(text.as_bytes()).expect("written"));
            list.finish()
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
