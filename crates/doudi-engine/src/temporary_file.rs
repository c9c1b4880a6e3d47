//! A file that lies in the data folder as long as somebody needs it.

use crate::data_folder::make_parent;
use crate::error::{EngineError, Outcome};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Gone when nobody has it any more.
pub(crate) struct TemporaryFile(PathBuf);

impl TemporaryFile {
    /// An empty one.
    pub fn create(path: PathBuf) -> Outcome<(TemporaryFile, File)> {
        make_parent(&path)?;
        let file = File::create(&path).map_err(EngineError::io(&path))?;
        Ok((TemporaryFile(path), file))
    }

    /// One that somebody else has written.
    pub fn of(path: PathBuf) -> TemporaryFile {
        TemporaryFile(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // What stays lies among things that the next import clears away.
        let _ = std::fs::remove_file(&self.0);
    }
}
