//! `cargo xtask ready`: there is one list of steps, and it stands in `.ci/run`.

use std::path::Path;
use std::process::{Command, ExitCode};

pub fn run(root: &Path) -> ExitCode {
    let script = root.join(".ci").join("run");
    match Command::new("bash").arg(&script).current_dir(root).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("运行不了 bash：{error}\n  怎么办：安装 bash，或者照 .ci/run 里的命令一条一条执行");
            ExitCode::FAILURE
        }
    }
}
