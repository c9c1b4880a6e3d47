//! Exit codes that other programs read (docs: contracts).

use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done. Leads found is also done.
    Done = 0,
    /// Done, and the answer is no: a case failed, a certificate differs.
    No = 1,
    Usage = 2,
    /// Bad input; nothing was changed.
    BadInput = 3,
    /// Our fault.
    Internal = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}
