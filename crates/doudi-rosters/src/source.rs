//! Where the bytes of a roster file come from: the disc, or whoever hands them out in its stead because they lie sealed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Can be read from any place.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

type Opener = dyn Fn() -> io::Result<Box<dyn ReadSeek>> + Send + Sync;

/// A roster file. It is read several times from its beginning.
#[derive(Clone)]
pub struct Source {
    path: PathBuf,
    opener: Option<Arc<Opener>>,
}

impl Source {
    /// A file whose bytes `opener` hands out; of the path only the name counts.
    pub fn handed_out(
        path: &Path,
        opener: impl Fn() -> io::Result<Box<dyn ReadSeek>> + Send + Sync + 'static,
    ) -> Source {
        Source { path: path.to_owned(), opener: Some(Arc::new(opener)) }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        match &self.opener {
            Some(opener) => opener(),
            None => Ok(Box::new(File::open(&self.path)?)),
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Source {
        Source { path: path.to_owned(), opener: None }
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Source {
        Source::from(path.as_path())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.path, f)
    }
}
