//! The built program, run as its users run it. One test binary; one module per subject.

mod ask;
mod bench;
mod browser;
mod case_results;
mod case_words;
mod cases;
mod clear;
mod content;
mod demo;
mod explain;
mod import;
mod letters;
mod link;
mod link_weights;
mod lookup;
mod person;
mod policy_diff;
mod policy_docs;
mod policy_pocket;
mod policy_simulate;
mod procedures;
mod report;
mod roster;
mod rosters_in_browser;
mod sealed;
mod store;

use std::path::Path;
use std::process::{Command, Output};

/// Runs the program; the answer has its exit code, stdout and stderr.
fn doudi(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_doudi")).args(arguments).output().expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A copy of the shipped policies that a test may change.
fn copy_policies(to: &Path) {
    copy_content("policies", to);
}

/// A copy of a folder of shipped content that a test may change.
fn copy_content(name: &str, to: &Path) {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).expect("folder");
        for entry in std::fs::read_dir(from).expect("folder") {
            let path = entry.expect("entry").path();
            let target = to.join(path.file_name().expect("name"));
            if path.is_dir() {
                copy(&path, &target);
            } else {
                std::fs::copy(&path, &target).expect("copied");
            }
        }
    }
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name), to);
}

/// Replaces a text that must stand exactly once in a file.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).expect("text");
    assert_eq!(text.matches(from).count(), 1, "“{from}” in {}", file.display());
    std::fs::write(file, text.replace(from, to)).expect("written");
}
