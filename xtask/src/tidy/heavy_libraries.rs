//! A library that costs much to build, or that could be exchanged one day, is named in one crate only.

use super::Finding;
use super::workspace::Workspace;

/// Prefix of a library's name, the crates that may name it (none: nobody), and why.
const WALLS: [(&str, &[&str], &str); 17] = [
    ("calamine", &["doudi-rosters"], "只有 doudi-rosters 认得 Excel"),
    ("rust_xlsxwriter", &["doudi-rosters"], "只有 doudi-rosters 认得 Excel"),
    (
        "arrow",
        &["doudi-policy-batch", "doudi-engine"],
        "按列计算只在 doudi-policy-batch，快照和文件只在 doudi-engine",
    ),
    ("parquet", &["doudi-engine"], "Parquet 文件只由 doudi-engine 读写"),
    ("clap", &["doudi"], "命令行只在 doudi"),
    ("indicatif", &["doudi"], "进度条只在 doudi"),
    ("rand", &["doudi-demo"], "除了造数据，哪里都不用随机数：同样的输入要得同样的结果"),
    ("sqlx", &["doudi-store"], "数据库只在 doudi-store"),
    ("sea-orm", &["doudi-store"], "数据库只在 doudi-store"),
    ("rusqlite", &["doudi-store"], "数据库只在 doudi-store"),
    ("postgres", &["doudi-store"], "数据库只在 doudi-store"),
    ("tokio-postgres", &["doudi-store"], "数据库只在 doudi-store"),
    ("axum", &["doudi-web"], "网页服务只在 doudi-web"),
    ("prometheus-client", &["doudi-web"], "运行指标只在 doudi-web 汇总；别的包给出数字，不认得格式"),
    ("cargo_metadata", &["xtask"], "只有 xtask 看 cargo 的元数据"),
    (
        "datafusion",
        &[],
        "编译要二十分钟，而数组查找就够了：见 docs/decisions/0003-arrow-without-datafusion.md",
    ),
    ("typst", &[], "排版用网页和打印样式，默认程序里不放排版引擎"),
];

pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in &workspace.crates {
        for used in &found.dependencies {
            let wall = WALLS.iter().find(|(library, ..)| is_of(&used.name, library));
            if let Some((_, places, why)) = wall
                && !places.contains(&found.name.as_str())
            {
                let next = format!("{why}；需要它的功能，就在那个包里加一个函数来调用");
                let what = format!("{} 不可以依赖 {}", found.name, used.name);
                findings.push(Finding::new(&found.manifest(), None, what, next));
            }
        }
    }
    findings
}

/// `arrow-array` is of `arrow`; `randomise` is not of `rand`.
fn is_of(name: &str, library: &str) -> bool {
    name.strip_prefix(library).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_libraries_outside_their_wall_are_caught() {
        let workspace = Workspace::of(&[
            ("doudi-rosters", &["calamine", "rust_xlsxwriter"]),
            ("doudi-engine", &["arrow-array", "parquet", "calamine"]),
            ("doudi-linkage", &["arrow-buffer", "dev:rand", "randomise"]),
            ("doudi-store", &["datafusion-common"]),
        ]);
        let whats: Vec<String> = check(&workspace).into_iter().map(|finding| finding.what).collect();
        assert_eq!(
            whats,
            [
                "doudi-engine 不可以依赖 calamine",
                "doudi-linkage 不可以依赖 arrow-buffer",
                "doudi-linkage 不可以依赖 rand",
                "doudi-store 不可以依赖 datafusion-common",
            ]
        );
    }
}
