//! What is not done is not hidden in the code: it is done, or it stands as 未实现 with its reason, or it is an issue.

use super::Finding;
use crate::repository::Repository;
use crate::rust_source::{RustSource, is_word};

/// Cut in two, so that this file passes.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACROS: [&str; 2] = [concat!("to", "do!"), concat!("unimple", "mented!")];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repository.files {
        if file.path == "Cargo.lock" {
            continue;
        }
        for (number, line) in file.text.lines().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| stands_alone(line, mark)) {
                let next = "现在做完，或者删去；政策条文里暂不执行的写成“未实现”块并说明原因";
                findings.push(Finding::new(&file.path, Some(number + 1), format!("留着 {mark}"), next));
            }
        }
        if file.path.ends_with(".rs") {
            for (number, code) in RustSource::read(&file.text).shipped_lines() {
                if let Some(found) = MACROS.iter().find(|name| stands_alone(&code, name)) {
                    let next = "写出来，或者返回一个说得清楚的错误";
                    findings.push(Finding::new(&file.path, Some(number), format!("用了 {found}"), next));
                }
            }
        }
    }
    findings
}

fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_things_are_caught() {
        let text =
            format!("// {} later\nfn f() {{ {}() }}\nlet s = \"{}\";\n", MARKS[0], MACROS[1], MACROS[0]);
        let found: Vec<Option<usize>> =
            check(&Repository::of(&[("a.rs", &text)])).into_iter().map(|finding| finding.line).collect();
        assert_eq!(found, [Some(1), Some(2)]);
    }
}
