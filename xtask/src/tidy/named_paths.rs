//! Maps must match the land: every path that a document for newcomers names exists.

use super::Finding;
use crate::repository::{MADE_FOLDERS, RepoFile, Repository};

pub fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .with_ending(".md")
        .filter(|file| !file.path.contains('/') || file.path.starts_with("docs/"))
        .flat_map(|file| check_document(repository, file))
        .collect()
}

fn check_document(repository: &Repository, file: &RepoFile) -> Vec<Finding> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    let mut fenced = false;
    for (number, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let spans = line.split('`').skip(1).step_by(2).filter(|span| is_path(span)).map(|span| (span, ""));
        let links =
            link_targets(line).filter(|target| !target.contains("://")).map(|target| (target, folder));
        for (path, base) in spans.chain(links) {
            let whole = resolve(base, path);
            let made = MADE_FOLDERS.iter().any(|made| whole.split('/').next() == Some(made));
            if !whole.is_empty() && !made && !repository.paths.contains(&whole) {
                findings.push(Finding::new(
                    &file.path,
                    Some(number + 1),
                    format!("写到的路径 {path} 不存在"),
                    "改成现在的路径；举例的路径用 <名称> 这样的写法代替可变的部分",
                ));
            }
        }
    }
    findings
}

/// `crates/doudi-policy/src/lexer.rs`, not `cargo run`, `rosters/<部门>/` or `--out DIR`.
fn is_path(span: &str) -> bool {
    let plain = span.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'));
    let named = span.chars().any(|c| c.is_ascii_alphabetic()); // 1/3 is a number
    span.contains('/') && plain && named && !span.starts_with(['-', '/'])
}

fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

fn resolve(base: &str, path: &str) -> String {
    let path = path.split('#').next().unwrap_or("");
    if path.is_empty() {
        return String::new();
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_gone_are_caught() {
        let map = "`crates/a/src/lib.rs` `crates/b/src/` `crates/<name>/` `demo-out/rosters` `1/3` [docs](docs/language.md#x)\n\
                   ```\n`crates/c/`\n```\n[web](https://example.org/a)\n";
        let repository = Repository::of(&[
            ("ARCHITECTURE.md", map),
            ("crates/a/src/lib.rs", ""),
            ("docs/decisions/0001.md", "[back](../../ARCHITECTURE.md) [gone](0002.md)\n"),
        ]);
        let found: Vec<(Option<usize>, String)> =
            check(&repository).into_iter().map(|finding| (finding.line, finding.what)).collect();
        assert_eq!(
            found,
            [
                (Some(1), "写到的路径 crates/b/src/ 不存在".to_owned()),
                (Some(1), "写到的路径 docs/language.md#x 不存在".to_owned()),
                (Some(1), "写到的路径 0002.md 不存在".to_owned()),
            ]
        );
    }
}
