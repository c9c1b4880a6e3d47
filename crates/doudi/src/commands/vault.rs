//! What seals a data folder: the office's keys, as the engine asks for them.

use super::clear::Stop;
use clap::Args;
use doudi_engine::{DataFolder, DataLock, EngineError, FileSeal, LEAD, Outcome, Vault};
use doudi_rosters::Source;
use doudi_store::{Algorithm, Keyring, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the key of a data folder is, for every command that opens one.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyArgs {
    /// 数据文件夹加密的，密钥文件在哪里（缺省是其中的 doudi.keys；也可把内容放在环境变量 DOUDI_KEYS）
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Read before, where a program keeps on working.
    #[arg(skip)]
    kept: Option<Arc<dyn Vault>>,
}

impl KeyArgs {
    /// As if given on the command line.
    pub fn file(key: Option<PathBuf>) -> KeyArgs {
        KeyArgs { key, kept: None }
    }

    /// Reads the key once, for a program that keeps on working.
    pub fn kept(&self, data: &Path) -> Result<KeyArgs, Stop> {
        Ok(KeyArgs { key: self.key.clone(), kept: self.vault(data)? })
    }

    pub fn path(&self) -> Option<&Path> {
        self.key.as_deref()
    }

    /// What seals a folder; `None` where nobody has named a key and none lies there.
    pub fn vault(&self, data: &Path) -> Result<Option<Arc<dyn Vault>>, Stop> {
        if let Some(kept) = &self.kept {
            return Ok(Some(kept.clone()));
        }
        let ring = self.ring(data)?;
        Ok(ring.map(|ring| Arc::new(OfficeVault(ring)) as Arc<dyn Vault>))
    }

    fn ring(&self, data: &Path) -> Result<Option<Keyring>, Stop> {
        let beside = data.join("doudi.keys");
        let named = std::env::var("DOUDI_KEYS").ok().filter(|text| !text.is_empty());
        match (&self.key, named) {
            (Some(path), _) if !path.exists() => Err(Stop::bad_input(format!(
                "没有密钥文件 {}。请核对 --key；还没有的，先运行 doudi key create 生成",
                path.display()
            ))),
            (Some(path), _) => Ok(Some(Keyring::from_file(path)?)),
            (None, Some(text)) => Ok(Some(Keyring::parse(&text)?)),
            (None, None) if beside.exists() => Ok(Some(Keyring::from_file(&beside)?)),
            (None, None) => Ok(None),
        }
    }

    /// Opens a folder, making it if it does not exist.
    pub fn open(&self, data: &Path) -> Result<DataFolder, Stop> {
        Ok(DataFolder::open_with(data, self.vault(data)?)?)
    }

    /// Opens a folder to bring something into it.
    pub fn begin(&self, data: &Path) -> Result<DataFolder, Stop> {
        Ok(DataFolder::begin_with(data, self.vault(data)?)?)
    }

    /// Opens a folder that must exist.
    pub fn existing(&self, data: &Path) -> Result<DataFolder, Stop> {
        Ok(DataFolder::existing_with(data, self.vault(data)?)?)
    }

    /// Opens a folder for writing.
    pub fn take(&self, data: &Path) -> Result<(DataFolder, DataLock), Stop> {
        Ok(DataLock::take_with(data, self.vault(data)?)?)
    }
}

/// The keys of an office.
#[derive(Debug)]
struct OfficeVault(Keyring);

struct Seal(doudi_store::FileSeal);

fn told(error: StoreError) -> EngineError {
    match error {
        StoreError::Key(_) | StoreError::BadInput(_) => EngineError::BadInput(error.to_string()),
        other => EngineError::Internal(other.to_string()),
    }
}

impl Vault for OfficeVault {
    fn new_file(&self) -> Outcome<([u8; LEAD], Box<dyn FileSeal>)> {
        let (lead, seal) = self.0.new_file().map_err(told)?;
        Ok((lead, Box::new(Seal(seal))))
    }

    fn known_file(&self, lead: &[u8; LEAD]) -> Outcome<Box<dyn FileSeal>> {
        Ok(Box::new(Seal(self.0.known_file(lead).map_err(told)?)))
    }

    fn is_current(&self, lead: &[u8; LEAD]) -> bool {
        lead.starts_with(&self.0.file_key())
    }
}

impl FileSeal for Seal {
    fn seal(&self, number: u64, place: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        self.0.seal(number, place, plain).map_err(told)
    }

    fn open(&self, number: u64, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(number, place, sealed)
    }

    fn name(&self, name: &str) -> [u8; 32] {
        self.0.name(name)
    }
}

/// The content of a roster file: what somebody has sent lies in the data folder, sealed where that is.
pub fn roster_bytes(folder: &DataFolder, path: &Path) -> Source {
    if !path.starts_with(folder.root().join("uploads")) {
        return Source::from(path);
    }
    let (folder, place) = (folder.clone(), path.to_owned());
    Source::handed_out(path, move || match folder.reader(&place) {
        Ok(reader) => Ok(Box::new(reader)),
        Err(error) => Err(std::io::Error::other(error.to_string())),
    })
}

/// `aes-256-gcm` or `sm4-gcm`.
pub fn algorithm(text: &str) -> Result<Algorithm, String> {
    let known = || doudi_store::ALGORITHMS.map(Algorithm::word).join("、");
    Algorithm::parse(text).ok_or_else(|| format!("没有“{text}”这种算法，可以用：{}", known()))
}
