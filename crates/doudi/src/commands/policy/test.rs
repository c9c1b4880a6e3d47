//! `doudi policy test`: every worked example beside the articles.

mod mutants;

use super::{PolicyFolder, bad_input};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::{Layout, run_case_block};
use serde_json::json;

#[derive(Args)]
pub struct TestArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 只运行路径里含有这段文字的文件
    filter: Option<String>,
    /// 把每一处条文改错，看案例查不查得出来：条文的笔误漏过的，逐处列出
    #[arg(long)]
    mutants: bool,
    /// 与 --mutants 同用：只改条次或规则名里含有这段文字的
    #[arg(long, value_name = "文字", requires = "mutants")]
    only: Option<String>,
    /// 与 --mutants 同用：每 N 处只试一处
    #[arg(long, value_name = "N", default_value_t = 1, requires = "mutants")]
    every: usize,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &TestArgs) -> Exit {
    let read = content::policies(args.folder.policies.as_deref())
        .and_then(|files| content::library(&files).map(|(library, _)| (files, library)));
    let (files, library) = match read {
        Ok(read) => read,
        Err(message) => return bad_input(&message),
    };
    if args.mutants {
        return mutants::run(args, &library);
    }
    let layout = Layout::of(&library);
    let (mut passed, mut failed, mut unreadable) = (0, 0, 0);
    let mut items = Vec::new();
    for block in &library.cases {
        let path = &library.sources[block.span.source.0 as usize].path;
        if args.filter.as_ref().is_some_and(|filter| !path.contains(filter.as_str())) {
            continue;
        }
        match run_case_block(&library, &layout, block) {
            Err(problems) => {
                unreadable += 1;
                problems.iter().for_each(|problem| eprintln!("{}", problem.render(&library.sources)));
            }
            Ok(results) => {
                for result in results {
                    if result.failures.is_empty() {
                        passed += 1
                    } else {
                        failed += 1
                    }
                    if !result.failures.is_empty() && !args.json {
                        let lines = result.failures.join("\n    ");
                        eprintln!(
                            "不符：{path} {}「{}」第 {} 行\n    {lines}",
                            result.citation, result.title, result.row
                        );
                    }
                    items.push(json!({
                        "file": path, "article": result.citation, "title": result.title, "row": result.row,
                        "passed": result.failures.is_empty(), "failures": result.failures,
                    }));
                }
            }
        }
    }
    match content::counter(&files) {
        Err(problems) => {
            unreadable += 1;
            problems.iter().for_each(|problem| eprintln!("{problem}"));
        }
        Ok(counter) => {
            let wanted =
                |path: &str| args.filter.as_ref().is_none_or(|filter| path.contains(filter.as_str()));
            for procedure in counter.procedures().iter().filter(|procedure| wanted(&procedure.path)) {
                let wrong = counter.run_examples(procedure);
                passed += procedure.examples.len() - wrong.len();
                failed += wrong.len();
                for wrong in wrong {
                    eprintln!("不符：{wrong}");
                    items.push(json!({ "file": procedure.path, "passed": false, "failures": [wrong] }));
                }
            }
        }
    }
    if args.json {
        let summary = json!({ "passed": passed, "failed": failed, "unreadable": unreadable, "cases": items });
        crate::print_line(&summary.to_string());
    } else {
        crate::print_line(&format!("案例 {passed} 个相符，{failed} 个不符，{unreadable} 组读不出来。"));
    }
    if failed + unreadable == 0 { Exit::Done } else { Exit::No }
}
