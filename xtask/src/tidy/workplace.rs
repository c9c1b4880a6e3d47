//! The repository is for everybody: it names no folder of one machine, no package host, and no workplace.

use super::Finding;
use crate::repository::Repository;

/// Cut in two, so that this file does not name them either.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/tm", "p/t-"),
    concat!("../sha", "red"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

const PACKAGE_HOSTS: [&str; 7] = [
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npm", "js.org"),
    concat!("registry.npm", "mirror.com"),
    concat!("pypi.org/", "simple"),
    concat!("files.python", "hosted.org"),
    concat!("replace-", "with"),
];

/// Whole words, in documents only: code has sessions of users and agents of payment.
const WORKPLACE_WORDS: [&str; 6] = [
    concat!("sess", "ion"),
    concat!("sess", "ions"),
    concat!("age", "nt"),
    concat!("age", "nts"),
    concat!("fa", "rm"),
    concat!("fa", "rms"),
];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &repository.files {
        let document = file.path.ends_with(".md");
        for (number, line) in file.text.lines().enumerate() {
            let line_number = Some(number + 1);
            if let Some(found) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
                let what = format!("写了某台机器上的路径 {found}");
                let next = "换成相对于仓库的路径，或由参数给出";
                findings.push(Finding::new(&file.path, line_number, what, next));
            }
            if let Some(found) = PACKAGE_HOSTS.iter().find(|host| line.contains(**host)) {
                let what = format!("写了软件包的下载地址 {found}");
                let next = "下载地址由各人自己的 cargo 配置决定，不进仓库";
                findings.push(Finding::new(&file.path, line_number, what, next));
            }
            if document && let Some(found) = workplace_word(line) {
                let what = format!("文档里有“{found}”");
                findings.push(Finding::new(
                    &file.path,
                    line_number,
                    what,
                    "文档只写产品，不写做它的过程；换一个词",
                ));
            }
        }
    }
    findings
}

fn workplace_word(line: &str) -> Option<&'static str> {
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    WORKPLACE_WORDS.into_iter().find(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_hosts_and_workplaces_are_caught() {
        let path = format!("// see {}notes\n", MACHINE_PATHS[0]);
        let host = format!("url = \"https://{}/\"\n", PACKAGE_HOSTS[2]);
        let word = format!("An {} wrote this. Reagents are fine.\n", WORKPLACE_WORDS[2]);
        let repository =
            Repository::of(&[("a.rs", &path), ("b.toml", &host), ("docs/c.md", &word), ("d.rs", &word)]);
        let paths: Vec<String> = check(&repository).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["a.rs", "b.toml", "docs/c.md"]);
    }
}
