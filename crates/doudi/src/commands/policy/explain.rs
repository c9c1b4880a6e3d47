//! `doudi policy explain`: one household, why.

use super::{PolicyFolder, bad_input};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::ir::{HOUSEHOLD, PERSON, RuleId};
use doudi_policy::{Evaluation, Explanation, Facts, Layout, Library, Program, explain, facts_from_json};
use doudi_terms::{RegionCode, parse_date};
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    folder: PolicyFolder,
    /// 一户的事实：{"household": {…}, "members": [{…}]}，没有写的就是不详
    #[arg(long, value_name = "FILE.json")]
    facts: PathBuf,
    /// 地区代码，如 500243
    #[arg(long)]
    region: String,
    /// 依哪一天的规定，如 2020-05-31
    #[arg(long)]
    date: String,
    /// 解释哪一条规则（可写多次），如 户.月收入；缺省是登记表里的各个项目
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// 输出一个 JSON 对象
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// 输出 HTML 页面
    #[arg(long)]
    html: bool,
}

pub fn run(args: &ExplainArgs) -> Exit {
    match explained(args) {
        Ok(explanations) => {
            print(args, &explanations);
            Exit::Done
        }
        Err(message) => bad_input(&message),
    }
}

fn explained(args: &ExplainArgs) -> Result<Vec<(String, Explanation)>, String> {
    let files = content::policies(args.folder.policies.as_deref())?;
    let (library, _) = content::library(&files)?;
    let region = RegionCode::parse(&args.region).map_err(|error| format!("--region：{error}"))?;
    let date = parse_date(&args.date)
        .ok_or_else(|| format!("--date：“{}”不是日期，写成 2020-05-31 这样", args.date))?;
    let text = std::fs::read_to_string(&args.facts)
        .map_err(|error| format!("读不了 {}：{error}", args.facts.display()))?;
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| format!("{} 不是 JSON：{error}", args.facts.display()))?;
    let layout = Layout::of(&library);
    let facts = facts_from_json(&library, &layout, &json).map_err(|problems| {
        format!("{} 里有 {} 处要改：\n  {}", args.facts.display(), problems.len(), problems.join("\n  "))
    })?;
    let program = Program::link(&library, region, date).map_err(|problems| {
        problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
    })?;
    let rules = wanted(args, &library, &files)?;
    Ok(explain_all(&program, &facts, &rules))
}

/// The rules to explain: named ones, or every programme's amount and entitlement.
fn wanted(
    args: &ExplainArgs,
    library: &Library,
    files: &[content::ContentFile],
) -> Result<Vec<RuleId>, String> {
    let paths: Vec<String> = if args.rule.is_empty() {
        let registry = files.iter().find(|file| file.path == "programs.toml");
        let table: toml::Table = registry
            .map_or(Ok(toml::Table::new()), |file| file.text.parse())
            .map_err(|error| format!("programs.toml 读不出来：{error}"))?;
        let programmes = table.get("programme").and_then(|list| list.as_array()).cloned().unwrap_or_default();
        let key = |programme: &toml::Value, key: &str| {
            programme.get(key).and_then(|text| text.as_str()).map(str::to_owned)
        };
        programmes
            .iter()
            .flat_map(|programme| [key(programme, "entitled"), key(programme, "amount")])
            .flatten()
            .collect()
    } else {
        args.rule.clone()
    };
    paths
        .iter()
        .map(|path| {
            library.rule_by_path(path).ok_or_else(|| format!("没有叫“{path}”的规则，写成 户.月收入 这样"))
        })
        .collect()
}

fn explain_all(program: &Program<'_>, facts: &Facts<'_>, rules: &[RuleId]) -> Vec<(String, Explanation)> {
    let mut evaluation = Evaluation::new(program, facts);
    let mut explanations = Vec::new();
    for rule in rules {
        let found = &program.library.rules[rule.index()];
        let rows = if found.entity == HOUSEHOLD { 1 } else { facts.rows(PERSON) };
        let entity = &program.library.entities[found.entity.index()].name;
        for row in 0..rows {
            let path = format!("{entity}.{}", found.name);
            explanations.push((path, explain(&mut evaluation, *rule, row)));
        }
    }
    explanations
}

fn print(args: &ExplainArgs, explanations: &[(String, Explanation)]) {
    if args.json {
        let items: Vec<_> = explanations
            .iter()
            .map(|(rule, explanation)| json!({ "rule": rule, "explanation": explanation }))
            .collect();
        crate::print_line(&json!({ "region": args.region, "date": args.date, "results": items }).to_string());
    } else if args.html {
        let all: Vec<Explanation> = explanations.iter().map(|(_, explanation)| explanation.clone()).collect();
        crate::print_line(&Explanation::page(&format!("{} {} 逐项解释", args.region, args.date), &all));
    } else {
        for (_, explanation) in explanations {
            crate::print_line(&explanation.to_text());
        }
    }
}
