//! Crates use only the crates that ARCHITECTURE.md allows. Arrows point at the pure core.

use super::Finding;
use super::workspace::Workspace;

const PURE: [&str; 6] =
    ["doudi-terms", "doudi-policy", "doudi-register", "doudi-linkage", "doudi-casework", "doudi-payments"];

/// Crate and the crates of ours that it may use. A new arrow is a decision: write it down in docs/decisions first.
const ALLOWED: [(&str, &[&str]); 16] = [
    ("doudi-terms", &[]),
    ("doudi-policy", &["doudi-terms"]),
    ("doudi-policy-batch", &["doudi-terms", "doudi-policy"]),
    ("doudi-policy-wasm", &["doudi-terms", "doudi-policy"]),
    ("doudi-register", &["doudi-terms"]),
    ("doudi-linkage", &["doudi-terms"]),
    ("doudi-rosters", &["doudi-terms"]),
    ("doudi-payments", &["doudi-terms"]),
    ("doudi-casework", &["doudi-terms", "doudi-policy", "doudi-register"]),
    (
        "doudi-engine",
        &["doudi-terms", "doudi-policy", "doudi-policy-batch", "doudi-register", "doudi-linkage"],
    ),
    // A crate of its own, so that the compiler proves that the county was invented without looking at the answers.
    ("doudi-demo", &["doudi-terms"]),
    ("doudi-store", &PURE),
    (
        "doudi-web",
        &[
            "doudi-terms",
            "doudi-policy",
            "doudi-register",
            "doudi-linkage",
            "doudi-casework",
            "doudi-payments",
            "doudi-store",
            "doudi-rosters",
        ],
    ),
    ("doudi-py", &["doudi-terms", "doudi-policy", "doudi-policy-batch", "doudi-linkage"]),
    (
        "doudi",
        &[
            "doudi-terms",
            "doudi-policy",
            "doudi-policy-batch",
            "doudi-rosters",
            "doudi-register",
            "doudi-linkage",
            "doudi-casework",
            "doudi-payments",
            "doudi-store",
            "doudi-engine",
            "doudi-demo",
            "doudi-web",
        ],
    ),
    ("xtask", &[]),
];

/// Besides our own crates: all that the demo generator may name.
const DEMO_LIBRARIES: [&str; 2] = ["rand", "rand_chacha"];

pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in &workspace.crates {
        let manifest = found.manifest();
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == found.name) else {
            findings.push(Finding::new(
                &manifest,
                None,
                format!("新的包 {} 没有登记", found.name),
                "先在 docs/decisions 写明为什么要单立一个包，再登记到 xtask/src/tidy/crate_edges.rs 和 ARCHITECTURE.md",
            ));
            continue;
        };
        for used in &found.dependencies {
            let ours = used.name == "doudi" || used.name.starts_with("doudi-");
            // Tests may look at more than what ships, except those of the demo: they must stay as ignorant as it is.
            let wrong =
                ours && !allowed.contains(&used.name.as_str()) && (!used.dev || found.name == "doudi-demo");
            if wrong {
                let next = format!(
                    "去掉这个依赖，把共用的类型移到两边都可以用的包；{} 可以用的有：{}",
                    found.name,
                    allowed.join("、")
                );
                findings.push(Finding::new(
                    &manifest,
                    None,
                    format!("{} 不可以依赖 {}", found.name, used.name),
                    next,
                ));
            }
            if !ours && found.name == "doudi-demo" && !DEMO_LIBRARIES.contains(&used.name.as_str()) {
                findings.push(Finding::new(
                    &manifest,
                    None,
                    format!("doudi-demo 不可以依赖 {}", used.name),
                    "造数据的包只用词汇表和随机数；读写文件由 doudi 的 demo 命令做",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_against_the_table_are_caught() {
        let workspace = Workspace::of(&[
            ("doudi-policy", &["doudi-terms", "doudi-register", "csv"]),
            ("doudi-engine", &["doudi-policy", "dev:doudi-rosters"]),
            ("doudi-demo", &["doudi-terms", "rand", "dev:doudi-policy", "csv"]),
            ("doudi-extras", &[]),
        ]);
        let whats: Vec<String> = check(&workspace).into_iter().map(|finding| finding.what).collect();
        assert_eq!(
            whats,
            [
                "doudi-policy 不可以依赖 doudi-register",
                "doudi-demo 不可以依赖 doudi-policy",
                "doudi-demo 不可以依赖 csv",
                "新的包 doudi-extras 没有登记",
            ]
        );
    }
}
