//! `doudi policy explain`: one household, why; for a refusal, which single fact would turn it; as a letter, to print.

mod brief;
mod letter;

use super::bad_input;
use super::household::{HouseholdArgs, programmes, rows, rule_at};
use super::wording;
use crate::content;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_policy::ir::RuleId;
use doudi_policy::{
    Evaluation, Explanation, Facts, Layout, Letter, Library, Program, account, chinese_date, explain,
    nearest_changes,
};
use doudi_terms::Date;
use letter::{LetterArgs, Writing};
use serde_json::{Value, json};

#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    household: HouseholdArgs,
    /// 解释哪一条规则（可写多次），如 户.月收入；缺省是登记表里的各个项目
    #[arg(long, value_name = "RULE", conflicts_with = "letter")]
    rule: Vec<String>,
    /// 写出每个项目的全部推导；缺省每个项目只写结论、理由和要查明的事
    #[arg(long, conflicts_with_all = ["letter", "json", "html"])]
    full: bool,
    /// 输出一个 JSON 对象
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// 输出 HTML 页面
    #[arg(long)]
    html: bool,
    #[command(flatten)]
    letter: LetterArgs,
}

pub fn run(args: &ExplainArgs) -> Exit {
    let done = if args.letter.wanted() { letters(args) } else { explained(args) };
    match done {
        Ok(()) => Exit::Done,
        Err(message) => bad_input(&message),
    }
}

/// One result with its tree and its sentences.
struct Explained {
    path: String,
    explanation: Explanation,
    sentences: Vec<String>,
}

fn explained(args: &ExplainArgs) -> Result<(), String> {
    let (library, files) = args.household.read_policies()?;
    let program = args.household.link(&library)?;
    let layout = Layout::of(&library);
    let facts = args.household.read_facts(&library, &layout)?;
    if args.rule.is_empty() && !(args.full || args.json || args.html) {
        let asked = brief::asked(&library, &programmes(&files)?)?;
        crate::print_line(brief::text(&program, &facts, &asked).trim_end());
        return Ok(());
    }
    let rules = wanted(args, &library, &files)?;
    let place = wording::place(&Divisions::read(), program.region);
    print(args, &explain_all(&program, &facts, &rules), (&place, program.date));
    Ok(())
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

fn explain_all(program: &Program<'_>, facts: &Facts<'_>, rules: &[RuleId]) -> Vec<Explained> {
    let mut evaluation = Evaluation::new(program, facts);
    let mut results = Vec::new();
    for rule in rules {
        let found = &program.library.rules[rule.index()];
        let entity = &program.library.entities[found.entity.index()].name;
        for row in 0..rows(program, facts, *rule) {
            let path = format!("{entity}.{}", found.name);
            let mut explanation = explain(&mut evaluation, *rule, row);
            explanation.changes = nearest_changes(&mut evaluation, *rule, row);
            let sentences = account(&mut evaluation, *rule, row, None).sentences;
            results.push(Explained { path, explanation, sentences });
        }
    }
    results
}

fn print(args: &ExplainArgs, results: &[Explained], (place, date): (&str, Date)) {
    if args.json {
        let items: Vec<Value> = results
            .iter()
            .map(|result| {
                json!({ "rule": result.path, "explanation": result.explanation, "sentences": result.sentences })
            })
            .collect();
        crate::print_line(
            &json!({ "region": args.household.region, "date": args.household.date, "results": items })
                .to_string(),
        );
    } else if args.html {
        let all: Vec<Explanation> = results.iter().map(|result| result.explanation.clone()).collect();
        crate::print_line(&Explanation::page(&format!("{place} {} 逐项解释", chinese_date(date)), &all));
    } else {
        for result in results {
            crate::print_line(&result.explanation.to_text());
        }
    }
}

/// Letters of one programme: one for the household, or one for each member asked about.
fn letters(args: &ExplainArgs) -> Result<(), String> {
    let (library, files) = args.household.read_policies()?;
    let program = args.household.link(&library)?;
    let layout = Layout::of(&library);
    let facts = args.household.read_facts(&library, &layout)?;
    let writing = Writing::read(&args.letter, &library, &files)?;
    let letters = writing.letters(&args.letter, &program, facts)?;
    if args.json {
        let results: Vec<Value> = letters
            .iter()
            .map(|letter| json!({ "rule": writing.rule, "sentences": letter.sentences, "letter": letter }))
            .collect();
        crate::print_line(
            &json!({ "region": args.household.region, "date": args.household.date, "results": results })
                .to_string(),
        );
    } else if args.html {
        crate::print_line(&Letter::page(&letters));
    } else {
        let texts: Vec<&str> = letters.iter().map(|letter| letter.text.as_str()).collect();
        crate::print_line(texts.join("\n――――――――――\n\n").trim_end());
        for note in letters.iter().flat_map(|letter| &letter.to_check) {
            eprintln!("签发前核对：{note}");
        }
    }
    Ok(())
}
