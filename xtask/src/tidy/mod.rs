//! Rules of the repository as tests. One rule = one file here, with a bad example in its own test.

mod crate_edges;
mod heavy_libraries;
mod module_names;
mod named_paths;
mod parameter_tables;
mod policy_documents;
mod programme_names;
mod purity;
mod sizes;
mod unfinished;
mod workplace;
mod workspace;

use crate::repository::Repository;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use workspace::Workspace;

/// Something that breaks a rule: where, what, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    path: String,
    line: Option<usize>,
    what: String,
    next: String,
}

impl Finding {
    fn new(path: &str, line: Option<usize>, what: String, next: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, what, next: next.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        write!(f, "{}{line}：{}\n    怎么办：{}", self.path, self.what, self.next)
    }
}

enum Check {
    Texts(fn(&Repository) -> Vec<Finding>),
    Crates(fn(&Workspace) -> Vec<Finding>),
}

/// All rules, in the order in which they are reported.
const CHECKS: [(&str, Check); 11] = [
    ("包的依赖方向", Check::Crates(crate_edges::check)),
    ("重型库只在一个包里", Check::Crates(heavy_libraries::check)),
    ("纯粹的包不碰文件、时钟和随机数", Check::Texts(purity::check)),
    ("条文有出处，文件有施行日期", Check::Texts(policy_documents::check)),
    ("参数表每行有文件和把握", Check::Texts(parameter_tables::check)),
    ("程序里没有救助项目的名字", Check::Texts(programme_names::check)),
    ("模块以内容命名", Check::Texts(module_names::check)),
    ("文件和函数不过长", Check::Texts(sizes::check)),
    ("文档里的路径存在", Check::Texts(named_paths::check)),
    ("不提某台机器", Check::Texts(workplace::check)),
    ("没有留着没写的", Check::Texts(unfinished::check)),
];

pub fn run(root: &Path) -> ExitCode {
    let (repository, workspace) = match (Repository::read(root), Workspace::read(root)) {
        (Ok(repository), Ok(workspace)) => (repository, workspace),
        (Err(error), _) => return stopped(&format!("仓库文件读不出来：{error}")),
        (_, Err(error)) => return stopped(&format!("cargo metadata 没有成功：{error}")),
    };
    let mut count = 0;
    for (name, check) in CHECKS {
        let findings = match check {
            Check::Texts(check) => check(&repository),
            Check::Crates(check) => check(&workspace),
        };
        println!("{} {name}", if findings.is_empty() { "✓" } else { "✗" });
        for finding in &findings {
            println!("  {finding}");
        }
        count += findings.len();
    }
    if count == 0 {
        return ExitCode::SUCCESS;
    }
    println!("\n共 {count} 处不合规矩。");
    ExitCode::FAILURE
}

fn stopped(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
