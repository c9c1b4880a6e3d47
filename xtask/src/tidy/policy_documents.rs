//! Every formula stands under the law's own words, and every document says from when it applies.

use super::Finding;
use crate::repository::{RepoFile, Repository};

pub fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .with_ending(".md")
        .filter(|file| file.path.starts_with("policies/") && !file.path.ends_with("README.md"))
        .flat_map(check_document)
        .collect()
}

fn check_document(file: &RepoFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let header: Vec<&str> = file.text.lines().skip(1).take_while(|line| line.trim_end() != "---").collect();
    let field = |key: &str| {
        header.iter().filter_map(|line| line.split_once([':', '：'])).find(|(name, _)| name.trim() == key)
    };
    if field("施行").is_none_or(|(_, value)| value.trim().is_empty()) {
        findings.push(Finding::new(
            &file.path,
            Some(1),
            "文件头没有写施行日期".into(),
            "在开头两行“---”之间写一行“施行: 2020-04-30”；以前的文件废止时写“废止”，不要改施行日期",
        ));
    }
    // A word list declares facts and decides nothing, so there is no law to quote.
    if field("位阶").is_none_or(|(_, value)| value.trim() != "词表") {
        findings.extend(unquoted_blocks(file));
    }
    findings
}

fn unquoted_blocks(file: &RepoFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut in_block, mut article, mut quoted) = (false, false, false);
    for (number, line) in file.text.lines().map(str::trim).enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            let opens = !in_block;
            in_block = opens;
            if opens && kind.trim() == "条文" && !(article && quoted) {
                let what = if article {
                    "条文上面没有引用法律原文"
                } else {
                    "条文不在任何一条的标题下"
                };
                findings.push(Finding::new(
                    &file.path,
                    Some(number + 1),
                    what.into(),
                    "在这一块上面写“## 第几条”，再用“> ”抄上它所执行的原文；没有原文依据的不能写成条文",
                ));
            }
        } else if in_block {
            continue;
        } else if line.starts_with('#') {
            article = line.starts_with("##");
            quoted = false;
        } else if line.starts_with('>') {
            quoted = true;
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_without_law_and_documents_without_a_date_are_caught() {
        let bad = "---\n位阶: 部门规章\n---\n# 办法\n```条文\n```\n## 第一条\n```条文\n```\n> 原文\n```条文\n```\n## 第二条\n```条文\n```\n";
        let found: Vec<(Option<usize>, String)> = check(&Repository::of(&[("policies/national/a.md", bad)]))
            .into_iter()
            .map(|finding| (finding.line, finding.what))
            .collect();
        assert_eq!(
            found,
            [
                (Some(1), "文件头没有写施行日期".to_owned()),
                (Some(5), "条文不在任何一条的标题下".to_owned()),
                (Some(8), "条文上面没有引用法律原文".to_owned()),
                (Some(14), "条文上面没有引用法律原文".to_owned()),
            ]
        );
    }

    #[test]
    fn a_word_list_needs_no_law() {
        let words = "---\n位阶: 词表\n施行: 2000-01-01\n---\n## 户\n```条文\n```\n";
        assert_eq!(check(&Repository::of(&[("policies/national/facts.md", words)])), []);
    }
}
