//! Running in little memory: the allocator gives back at once what is not needed any more. It is told by the environment,
//! once and for all when a program starts, so the program starts a second time in its own place.

/// By its documentation; the first also says that this has been done.
const SETTINGS: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "0"), ("MIMALLOC_ALLOW_THP", "0")];

/// Begins the program again with those settings, unless it was begun with them. Where that cannot be, nothing is lost but
/// memory.
pub fn begin_again() {
    #[cfg(unix)]
    if std::env::var_os(SETTINGS[0].0).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        use std::os::unix::process::CommandExt;
        let arguments = std::env::args_os().skip(1);
        // It comes back only if it did not work.
        let _ = std::process::Command::new(program).args(arguments).envs(SETTINGS).exec();
    }
}
