//! The pure crates take everything as arguments: no file, no clock, no chance. So the same inputs give the same answer.

use super::Finding;
use crate::repository::Repository;
use crate::rust_source::{RustSource, is_word};

const PURE: [&str; 7] = [
    "doudi-terms",
    "doudi-policy",
    "doudi-policy-batch",
    "doudi-policy-wasm",
    "doudi-register",
    "doudi-linkage",
    "doudi-casework",
];

/// Words of code that reach outside. `std::{fs, …}` is caught by the use of `fs::` that follows it.
const OUTSIDE: [&str; 9] =
    ["std::fs", "fs::", "std::time", "SystemTime", "Instant", "std::env", "std::net", "std::process", "rand"];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository.with_ending(".rs") {
        if !PURE.iter().any(|name| file.path.starts_with(&format!("crates/{name}/src/"))) {
            continue;
        }
        let source = RustSource::read(&file.text);
        for (line, code) in source.shipped_lines() {
            if let Some(found) = OUTSIDE.iter().find(|word| names(&code, word)) {
                findings.push(Finding::new(
                    &file.path,
                    Some(line),
                    format!("纯粹的包里用了 {found}"),
                    "把要读的内容、日期、随机种子作为参数传进来，由 doudi-engine 或 doudi 去取",
                ));
            }
        }
    }
    findings
}

/// Whether a path stands in a line of code as words of their own.
fn names(code: &str, path: &str) -> bool {
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + path.len()..].chars().next();
        !before.is_some_and(is_word) && (path.ends_with(':') || !after.is_some_and(is_word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_clocks_and_chance_are_caught_outside_tests() {
        let bad = "use std::fs;\nfn f() { let _ = Instant::now(); operand(strand); }\nfn g() { rand::random() }\n// std::fs\n\
                   #[cfg(test)]\nmod tests { use std::fs; }\n";
        let repository =
            Repository::of(&[("crates/doudi-policy/src/a.rs", bad), ("crates/doudi-engine/src/a.rs", bad)]);
        let found: Vec<(Option<usize>, String)> =
            check(&repository).into_iter().map(|finding| (finding.line, finding.what)).collect();
        assert_eq!(
            found,
            [
                (Some(1), "纯粹的包里用了 std::fs".to_owned()),
                (Some(2), "纯粹的包里用了 Instant".to_owned()),
                (Some(3), "纯粹的包里用了 rand".to_owned()),
            ]
        );
    }
}
