//! What can go wrong, by whose turn it is to act.

use doudi_casework::{CaseError, CaseFile, GrantError, LeadCase, Refusal, SignOffError, StepRefusal};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was asked for does not fit: somebody can put it right. Names place, reason and what to do.
    #[error("{0}")]
    BadInput(String),
    /// Not there, or not in the area of whoever asks: the two are not told apart.
    #[error("没有找到{0}，或者不在您的辖区里")]
    NotFound(&'static str),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Case(#[from] CaseError),
    #[error(transparent)]
    Grants(#[from] GrantError),
    #[error(transparent)]
    SignOff(#[from] SignOffError),
    /// Somebody else was faster. Nothing was written.
    #[error("这条疑点在您打开以后已经被别人改过。您填的没有保存，请对照现在的内容再决定")]
    Stale(Box<Stale>),
    /// A step of a case that is not possible now.
    #[error(transparent)]
    Step(#[from] StepRefusal),
    /// The same for a case.
    #[error("这件办件在您打开以后已经被别人办过一步。您填的没有保存，请对照现在的内容再办")]
    StaleCase(Box<StaleCase>),
    /// The household has one of this kind that is not over.
    #[error(
        "这家已经有一件没有办结的“{name}”（{case_id}），没有另开。请在那一件里接着办；那一件办结以后才能再开"
    )]
    AlreadyOpen { case_id: String, name: String },
    /// A program has used its key before, for something else.
    #[error("这个幂等键已经用于另一个请求。请换一个新的键再发")]
    KeyReused,
    /// Nobody is logged in, or not any more.
    #[error("登录已经失效，请重新登录")]
    LoggedOut,
    /// The first password has to be changed before anything else.
    #[error("首次登录要先改密码")]
    PasswordChangeDue,
    /// The key, or what was sealed with it.
    #[error("{0}")]
    Key(String),
    /// One file of evidence, by its name; everything else holds.
    #[error(
        "“{0}”在存放中损坏了，不能打开。请告诉系统管理员用备份恢复；原来的照片或文件还在的，重新上传一次就能补上"
    )]
    DamagedFile(String),
    /// The data do not hold together: somebody changed them from outside, or a disc failed.
    #[error("数据库里的数据不对：{0}。请停止使用，用备份核对（doudi backup verify）")]
    Damaged(String),
    #[error("数据库没有办成：{0}")]
    Database(String),
    #[error("文件 {0}：{1}")]
    Io(String, std::io::Error),
}

/// A case as it is now and as somebody wanted it, for a page that shows both.
#[derive(Debug)]
pub struct Stale {
    pub now: LeadCase,
    pub version: i64,
    /// What the step would have made of the version that they saw; `None` where it is not possible any more.
    pub wanted: Option<LeadCase>,
}

/// A case as it is now.
#[derive(Debug)]
pub struct StaleCase {
    pub now: CaseFile,
    pub version: i64,
}

pub type Outcome<T> = Result<T, StoreError>;

impl StoreError {
    pub(crate) fn bad(what: impl Into<String>) -> StoreError {
        StoreError::BadInput(what.into())
    }

    pub(crate) fn damaged(what: impl ToString) -> StoreError {
        StoreError::Damaged(what.to_string())
    }

    pub(crate) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> StoreError + '_ {
        move |error| StoreError::Io(path.display().to_string(), error)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Database(error.to_string())
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> StoreError {
        // The plain message says only "db error"; what happened is in its source.
        let text = match error.as_db_error() {
            Some(of_server) => format!("{}（{}）", of_server.message(), of_server.code().code()),
            None => error.to_string(),
        };
        StoreError::Database(text)
    }
}
