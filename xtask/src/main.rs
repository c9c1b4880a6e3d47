//! The repository's own chores: `cargo xtask tidy` (repository rules as tests) and `cargo xtask ready` (what CI runs).

// The one place beside the binary that talks to a terminal.
#![allow(clippy::print_stdout)]

mod ready;
mod repository;
mod rust_source;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
用法：cargo xtask <命令>

  tidy     检查仓库规矩：依赖方向、政策文件、名称、大小、路径……
  ready    提交以前跑一遍，与 CI 完全相同（.ci/run）
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let names: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["tidy"] => tidy::run(&root()),
        ["ready"] => ready::run(&root()),
        [] | ["help" | "-h" | "--help"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// The workspace that cargo runs this in; never the folder of the machine that compiled it.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let above = manifest.as_deref().and_then(Path::parent).map(Path::to_owned);
    above.unwrap_or_else(|| PathBuf::from("."))
}
