//! Modules are named after what is in them. A drawer for everything ends up full of everything.

use super::Finding;
use crate::repository::Repository;
use crate::rust_source::RustSource;

const DRAWERS: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "misc"];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in repository.with_ending(".rs") {
        let parts = file.path.trim_end_matches(".rs").split(['/', '-']);
        if let Some(name) = parts.into_iter().find(|part| DRAWERS.contains(part)) {
            findings.push(finding(&file.path, None, name));
        }
        let source = RustSource::read(&file.text);
        for (number, line) in source.shipped_lines() {
            let mut words =
                line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
            if words.by_ref().any(|word| word == "mod")
                && let Some(name) = words.next()
                && DRAWERS.contains(&name)
            {
                findings.push(finding(&file.path, Some(number), name));
            }
        }
    }
    findings
}

fn finding(path: &str, line: Option<usize>, name: &str) -> Finding {
    Finding::new(
        path,
        line,
        format!("模块叫“{name}”，看不出里面是什么"),
        "用里面的名词来命名；装了几样不相干的，就分成几个",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_are_caught() {
        let repository = Repository::of(&[
            ("crates/doudi-x/src/utils.rs", ""),
            ("crates/doudi-x/tests/common/mod.rs", ""),
            ("crates/doudi-x/src/lib.rs", "pub mod misc {\n}\nmod commonly;\n"),
        ]);
        let paths: Vec<String> = check(&repository).into_iter().map(|finding| finding.path).collect();
        assert_eq!(
            paths,
            [
                "crates/doudi-x/src/utils.rs",
                "crates/doudi-x/tests/common/mod.rs",
                "crates/doudi-x/src/lib.rs"
            ]
        );
    }
}
