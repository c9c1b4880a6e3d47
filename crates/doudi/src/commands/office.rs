//! Where the office's store and its key are, for every command that opens them; and the one clock.

use super::clear::Stop;
use super::vault::KeyArgs;
use crate::exit::Exit;
use clap::Args;
use doudi_casework::Moment;
use doudi_store::{Keyring, Store, StoreError};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct OfficeArgs {
    /// 数据文件夹：办公数据库缺省是其中的 doudi.db，密钥是 doudi.keys
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 办公数据库：一个文件，或 postgres://用户:密码@主机/数据库（也可写在环境变量 DOUDI_STORE）
    #[arg(long, value_name = "ADDRESS")]
    store: Option<String>,
    /// 密钥文件，用 doudi key create 生成（也可把内容放在环境变量 DOUDI_KEYS）
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl OfficeArgs {
    /// The office of a data folder, if it has one: a store named by the environment, or the file in the folder.
    pub fn beside(data: &Path, key: Option<&Path>) -> Option<OfficeArgs> {
        let has = variable("DOUDI_STORE").is_some() || data.join("doudi.db").exists();
        has.then(|| OfficeArgs { data: Some(data.to_owned()), store: None, key: key.map(Path::to_owned) })
    }

    /// The same key, for the data folder.
    pub fn key_args(&self) -> KeyArgs {
        KeyArgs::file(self.key_file().filter(|path| path.exists()))
    }

    pub fn data_folder(&self) -> Result<&Path, Stop> {
        self.data
            .as_deref()
            .ok_or_else(|| Stop { exit: Exit::Usage, message: "请用 --data 指明数据文件夹".into() })
    }

    pub fn address(&self) -> Result<String, Stop> {
        let given = self.store.clone().or_else(|| variable("DOUDI_STORE"));
        let beside = || self.data.as_ref().map(|data| data.join("doudi.db").to_string_lossy().into_owned());
        given.or_else(beside).ok_or_else(|| Stop {
            exit: Exit::Usage,
            message: "请用 --data 指明数据文件夹，或者用 --store 指明办公数据库".into(),
        })
    }

    /// Where the key file is expected; `None` where the key comes by the environment.
    pub fn key_file(&self) -> Option<PathBuf> {
        let beside = || self.data.as_ref().map(|data| data.join("doudi.keys"));
        self.key.clone().or_else(|| if variable("DOUDI_KEYS").is_some() { None } else { beside() })
    }

    pub fn keys(&self) -> Result<Keyring, Stop> {
        let Some(path) = self.key_file() else {
            let text = variable("DOUDI_KEYS").ok_or_else(|| Stop {
                exit: Exit::Usage,
                message: "请用 --key 指明密钥文件；还没有的，先运行 doudi key create 生成".into(),
            })?;
            return Ok(Keyring::parse(&text)?);
        };
        if !path.exists() {
            let path = path.display();
            return Err(Stop::bad_input(format!(
                "没有密钥文件 {path}。新建办公数据库的，先运行 doudi key create {path}；原来就有的，请放回当时的密钥文件"
            )));
        }
        Ok(Keyring::from_file(&path)?)
    }

    pub fn open(&self) -> Result<Store, Stop> {
        Ok(Store::open(&self.address()?, self.keys()?)?)
    }

    /// Whether there is a store: a server is taken at its word.
    pub fn has_store(&self) -> Result<bool, Stop> {
        let address = self.address()?;
        Ok(address.starts_with("postgres") || Path::new(&address).exists())
    }

    /// A store that must be there: to look into a new one would only make it.
    pub fn open_existing(&self) -> Result<Store, Stop> {
        if !self.has_store()? {
            let address = self.address()?;
            return Err(Stop::bad_input(format!("没有办公数据库 {address}。请核对 --data 或 --store")));
        }
        self.open()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        let exit = match error {
            StoreError::Database(_) | StoreError::Io(..) => Exit::Internal,
            _ => Exit::BadInput,
        };
        Stop { exit, message: error.to_string() }
    }
}

/// The clock at the edge: whatever is written down with a time gets it from here.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Moment {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Prints what a command came to, and says how it ended.
pub fn finish(outcome: Result<(String, Exit), Stop>) -> Exit {
    match outcome {
        Ok((text, exit)) => {
            crate::print_line(&text);
            exit
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}
