//! A file of the data folder, sealed or not: what reads and writes it need not know.

use crate::data_folder::{beside, make_parent};
use crate::digest::sha256_hex;
use crate::error::{EngineError, Outcome};
use crate::sealed_file::{SealedFile, SealedReader, SealedWriter, is_sealed};
use crate::vault::Vault;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{BufReader, Read, Result, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a file lies, and what seals it if it is to be sealed.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub path: PathBuf,
    pub seal: Option<Sealing>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sealing {
    pub vault: Arc<dyn Vault>,
    /// The path in the folder, with `/`.
    pub name: String,
    /// What is written now is sealed.
    pub writes: bool,
    /// Everything is sealed: a file that is not has been put there by somebody else.
    pub is_strict: bool,
}

impl From<&Path> for Spot {
    /// Of a file that tells of nobody, or lies outside.
    fn from(path: &Path) -> Spot {
        Spot { path: path.to_owned(), seal: None }
    }
}

impl From<&PathBuf> for Spot {
    fn from(path: &PathBuf) -> Spot {
        Spot::from(path.as_path())
    }
}

impl Spot {
    pub fn open(&self) -> Outcome<DataFile> {
        let path = &self.path;
        match (is_sealed(path).map_err(EngineError::io(path))?, &self.seal) {
            (true, Some(seal)) => {
                Ok(DataFile::Sealed(SealedFile::open(path, seal.vault.as_ref(), &seal.name)?))
            }
            (true, None) => Err(locked()),
            (false, Some(seal)) if seal.is_strict => Err(self.lies_open()),
            (false, _) => Ok(DataFile::Open(File::open(path).map_err(EngineError::io(path))?)),
        }
    }

    pub fn lies_open(&self) -> EngineError {
        EngineError::damaged(&self.path, "它应当是加密的，现在却不是，可能被人换过")
    }

    pub fn read(&self) -> Outcome<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open()?
            .into_reader()
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(self.broken())?;
        Ok(bytes)
    }

    /// Of the content, sealed or not.
    pub fn sha256(&self) -> Outcome<String> {
        Ok(sha256_hex(&self.read()?))
    }

    /// A file beside it, which takes its place when it is complete.
    pub fn create(&self) -> Outcome<DataWriter> {
        make_parent(&self.path)?;
        let part = beside(&self.path);
        let file = File::create(&part).map_err(EngineError::io(&part))?;
        let writing = match self.seal.as_ref().filter(|seal| seal.writes) {
            Some(seal) => Writing::Sealed(SealedWriter::begin(file, seal.vault.as_ref(), &seal.name)?),
            None => Writing::Open(file),
        };
        Ok(DataWriter { target: self.path.clone(), writing })
    }

    pub fn write(&self, bytes: &[u8]) -> Outcome<()> {
        let mut writer = self.create()?;
        writer.write_all(bytes).map_err(EngineError::io(&self.path))?;
        writer.finish()
    }

    /// What could not be read was changed, or the disc is broken.
    fn broken(&self) -> impl FnOnce(std::io::Error) -> EngineError {
        let path = self.path.clone();
        move |error| match error.kind() {
            std::io::ErrorKind::InvalidData => EngineError::damaged(&path, error),
            _ => EngineError::Io { path, source: error },
        }
    }
}

/// Told to whoever has no key.
pub(crate) fn locked() -> EngineError {
    EngineError::BadInput("数据文件夹里的身份信息是加密的，请用 --key 指明密钥文件".into())
}

/// A file open for reading.
pub(crate) enum DataFile {
    Open(File),
    Sealed(SealedFile),
}

impl DataFile {
    /// From the beginning.
    pub fn into_reader(self) -> Result<DataReader> {
        self.reader(0)
    }

    fn reader(&self, start: u64) -> Result<DataReader> {
        Ok(DataReader(match self {
            DataFile::Sealed(file) => Reading::Sealed(file.reader(start)),
            DataFile::Open(file) => {
                let mut file = file.try_clone()?;
                file.seek(SeekFrom::Start(start))?;
                Reading::Open(BufReader::new(file))
            }
        }))
    }
}

/// The content of a file of the data folder, sealed or not.
pub struct DataReader(Reading);

enum Reading {
    Open(BufReader<File>),
    Sealed(SealedReader),
}

impl Read for DataReader {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        match &mut self.0 {
            Reading::Open(file) => file.read(into),
            Reading::Sealed(file) => file.read(into),
        }
    }
}

impl Seek for DataReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        match &mut self.0 {
            Reading::Open(file) => file.seek(to),
            Reading::Sealed(file) => file.seek(to),
        }
    }
}

impl Length for DataFile {
    fn len(&self) -> u64 {
        match self {
            DataFile::Open(file) => file.len(),
            DataFile::Sealed(file) => file.len(),
        }
    }
}

impl ChunkReader for DataFile {
    type T = DataReader;

    fn get_read(&self, start: u64) -> ParquetResult<DataReader> {
        Ok(self.reader(start)?)
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        match self {
            DataFile::Open(file) => file.get_bytes(start, length),
            DataFile::Sealed(file) => {
                file.bytes(start, length).map_err(|error| ParquetError::General(error.to_string()))
            }
        }
    }
}

/// A file being written; it has its name only once it is complete.
pub struct DataWriter {
    target: PathBuf,
    writing: Writing,
}

enum Writing {
    Open(File),
    Sealed(SealedWriter),
}

impl DataWriter {
    pub fn finish(self) -> Outcome<()> {
        let target = self.target.clone();
        self.close()?;
        std::fs::rename(beside(&target), &target).map_err(EngineError::io(&target))
    }

    /// As [`DataWriter::finish`], and on the disc before it has its name.
    pub fn finish_safely(self) -> Outcome<()> {
        let target = self.target.clone();
        let file = self.close()?;
        file.sync_all().map_err(EngineError::io(&target))?;
        std::fs::rename(beside(&target), &target).map_err(EngineError::io(&target))
    }

    fn close(self) -> Outcome<File> {
        match self.writing {
            Writing::Open(file) => Ok(file),
            Writing::Sealed(file) => file.finish().map_err(EngineError::io(&self.target)),
        }
    }
}

impl Write for DataWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match &mut self.writing {
            Writing::Open(file) => file.write(bytes),
            Writing::Sealed(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<()> {
        match &mut self.writing {
            Writing::Open(file) => file.flush(),
            Writing::Sealed(file) => file.flush(),
        }
    }
}
