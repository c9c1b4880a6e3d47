//! What can go wrong in a clearing, told apart by whose fault it is.

use std::path::{Path, PathBuf};

/// Why a clearing or a verification could not be done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The user's files, folders or words. Nothing has been changed.
    #[error("{0}")]
    BadInput(String),
    /// The policies or roster specifications.
    #[error("政策文件或名册说明有问题，请先改正：\n{0}")]
    Content(String),
    /// The disk.
    #[error("读写不了 {path}：{source}。请检查磁盘空间和权限")]
    Io { path: PathBuf, source: std::io::Error },
    /// A file of the data folder that this program wrote and that no longer is what it was.
    #[error("数据文件 {path} 读不懂：{what}。请从备份恢复这个文件，或换一个新的数据文件夹重新摸排")]
    Damaged { path: PathBuf, what: String },
    /// Our own fault.
    #[error("内部错误：{0}。请把这句话和证书一起报给开发者")]
    Internal(String),
}

impl EngineError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> EngineError {
        let path = path.to_owned();
        move |source| EngineError::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, what: impl ToString) -> EngineError {
        EngineError::Damaged { path: path.to_owned(), what: what.to_string() }
    }
}

/// Shorthand for everything in this crate that can fail.
pub type Outcome<T> = Result<T, EngineError>;
