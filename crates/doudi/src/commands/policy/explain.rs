//! `doudi policy explain`: one household, why; for a refusal, which single fact would turn it.

use super::bad_input;
use super::household::{HouseholdArgs, programmes, rows, rule_at};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::ir::RuleId;
use doudi_policy::{Evaluation, Explanation, Facts, Layout, Library, Program, explain, nearest_changes};
use serde_json::json;

#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    household: HouseholdArgs,
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
    let (library, files) = args.household.read_policies()?;
    let program = args.household.link(&library)?;
    let layout = Layout::of(&library);
    let facts = args.household.read_facts(&library, &layout)?;
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
        let listed = programmes(files)?;
        listed.into_iter().flat_map(|programme| [programme.entitled, programme.amount]).flatten().collect()
    } else {
        args.rule.clone()
    };
    paths.iter().map(|path| rule_at(library, path)).collect()
}

fn explain_all(program: &Program<'_>, facts: &Facts<'_>, rules: &[RuleId]) -> Vec<(String, Explanation)> {
    let mut evaluation = Evaluation::new(program, facts);
    let mut explanations = Vec::new();
    for rule in rules {
        let found = &program.library.rules[rule.index()];
        let entity = &program.library.entities[found.entity.index()].name;
        for row in 0..rows(program, facts, *rule) {
            let path = format!("{entity}.{}", found.name);
            let mut explanation = explain(&mut evaluation, *rule, row);
            explanation.changes = nearest_changes(&mut evaluation, *rule, row);
            explanations.push((path, explanation));
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
        crate::print_line(
            &json!({ "region": args.household.region, "date": args.household.date, "results": items })
                .to_string(),
        );
    } else if args.html {
        let all: Vec<Explanation> = explanations.iter().map(|(_, explanation)| explanation.clone()).collect();
        crate::print_line(&Explanation::page(
            &format!("{} {} 逐项解释", args.household.region, args.household.date),
            &all,
        ));
    } else {
        for (_, explanation) in explanations {
            crate::print_line(&explanation.to_text());
        }
    }
}
