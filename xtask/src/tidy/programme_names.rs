//! No rule of law in Rust: a crate that names a programme has begun to know its rules. Names belong to
//! `policies/programs.toml`, the rosters' specifications and the policy documents.

use super::Finding;
use crate::repository::Repository;
use crate::rust_source::RustSource;

/// What people call the programmes for short; the registry has the full names.
const SHORT_NAMES: [&str; 14] = [
    "低保",
    "特困",
    "五保",
    "残疾人两项补贴",
    "两项补贴",
    "生活补贴",
    "护理补贴",
    "孤儿",
    "事实无人抚养",
    "临时救助",
    "急难救助",
    "价格补贴",
    "高龄津贴",
    "困难老年人",
];

/// Names that are pinyin in the field's English, so that they would pass for words of code.
const PINYIN: [&str; 3] = ["dibao", "tekun", "wubao"];

pub fn check(repository: &Repository) -> Vec<Finding> {
    let (ids, mut names) = match registry(repository) {
        Ok(found) => found,
        Err(finding) => return vec![finding],
    };
    names.extend(SHORT_NAMES.map(str::to_owned));
    let mut findings = Vec::new();
    for file in repository.with_ending(".rs").filter(|file| is_checked(&file.path)) {
        let source = RustSource::read(&file.text);
        for literal in &source.literals {
            if source.is_test_line(literal.line) || literal.in_attribute {
                continue;
            }
            let named = names
                .iter()
                .find(|name| literal.text.contains(name.as_str()))
                .or_else(|| ids.iter().find(|id| literal.text == **id))
                .map(String::as_str)
                .or_else(|| PINYIN.into_iter().find(|word| literal.text.contains(word)));
            if let Some(name) = named {
                findings.push(finding(&file.path, literal.line, name));
            }
        }
        for (line, code) in source.shipped_lines() {
            let lower = code.to_lowercase();
            if let Some(name) = PINYIN.into_iter().find(|word| lower.contains(word)) {
                findings.push(finding(&file.path, line, name));
            }
        }
    }
    findings
}

fn finding(path: &str, line: usize, name: &str) -> Finding {
    Finding::new(
        path,
        Some(line),
        format!("程序里写了救助项目“{name}”"),
        "项目的名称从 policies/programs.toml 读，规则写进政策文件，名册的写法写进 rosters/",
    )
}

/// Crates that name programmes on purpose: the glossary, the invented county, and this list.
fn is_checked(path: &str) -> bool {
    let allowed = [
        "crates/doudi-terms/",
        "crates/doudi-demo/",
        "crates/doudi/src/commands/demo",
        "crates/doudi/src/help",
    ];
    let in_tests = path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "examples" | "benches"));
    path.starts_with("crates/") && !in_tests && !allowed.iter().any(|prefix| path.starts_with(prefix))
}

/// Ids and names of every programme in the registry.
fn registry(repository: &Repository) -> Result<(Vec<String>, Vec<String>), Finding> {
    const PATH: &str = "policies/programs.toml";
    let broken = |what: String| Finding::new(PATH, None, what, "照 CONTRIBUTING.md 改正项目登记表");
    let file = repository.file(PATH).ok_or_else(|| broken("没有项目登记表".into()))?;
    let table: toml::Table = file.text.parse().map_err(|error| broken(format!("读不出来：{error}")))?;
    let programmes = table.get("programme").and_then(|list| list.as_array()).cloned().unwrap_or_default();
    let each = |key: &str| {
        programmes.iter().filter_map(|entry| Some(entry.get(key)?.as_str()?.to_owned())).collect::<Vec<_>>()
    };
    Ok((each("id"), each("name")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "[[programme]]\nid = \"orphan\"\nname = \"孤儿基本生活费\"\n";

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let repository = Repository::of(&[("policies/programs.toml", REGISTRY), (path, text)]);
        check(&repository).into_iter().filter_map(|finding| finding.line).collect()
    }

    #[test]
    fn programmes_in_code_are_caught() {
        let bad = "fn f() { g(\"农村低保\"); }\nfn g() { h(\"orphan\") }\nlet dibao_line = 1;\nlet x = \"孤儿基本生活费\";\n";
        assert_eq!(lines("crates/doudi-engine/src/a.rs", bad), [1, 2, 4, 3]);
    }

    #[test]
    fn comments_tests_help_texts_and_the_demo_may_name_them() {
        let fine = "// 低保\n/// 低保 dibao\nfn f() { g(\"orphanage\") }\n#[arg(help = \"低保名册\")]\n\
                    #[cfg(test)]\nmod tests { const A: &str = \"低保\"; }\n";
        assert!(lines("crates/doudi-engine/src/a.rs", fine).is_empty());
        let bad = "const A: &str = \"低保\";\n";
        assert!(lines("crates/doudi-demo/src/a.rs", bad).is_empty());
        assert!(lines("crates/doudi/src/commands/demo.rs", bad).is_empty());
        assert!(lines("crates/doudi-engine/tests/it/a.rs", bad).is_empty());
        assert_eq!(lines("crates/doudi/src/commands/clear.rs", bad), [1]);
    }
}
