//! `doudi policy ask`: what is still missing for one household, and what to ask next.

use super::bad_input;
use super::household::{HouseholdArgs, programmes, rows, rule_at};
use crate::exit::Exit;
use clap::Args;
use doudi_policy::ir::RuleId;
use doudi_policy::{
    Facts, Goal, Inquiry, Layout, Library, Missing, Program, Question, answer, inquire, outcome_words,
};
use serde_json::{Value as Json, json};
use std::io::{BufRead, IsTerminal, Write};

#[derive(Args)]
pub struct AskArgs {
    #[command(flatten)]
    household: HouseholdArgs,
    /// 要定下哪一条规则（可写多次），如 户.低保对象；缺省是登记表里各个项目的资格
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// 输出一个 JSON 对象，不逐项询问
    #[arg(long)]
    json: bool,
}

/// What is to be decided, and what people call it: 最低生活保障, 甲的孤儿基本生活费.
struct Goals {
    goals: Vec<Goal>,
    names: Vec<String>,
}

pub fn run(args: &AskArgs) -> Exit {
    match asked(args) {
        Ok(()) => Exit::Done,
        Err(message) => bad_input(&message),
    }
}

fn asked(args: &AskArgs) -> Result<(), String> {
    let (library, files) = args.household.read_policies()?;
    let program = args.household.link(&library)?;
    let layout = Layout::of(&library);
    let mut facts = args.household.read_facts(&library, &layout)?;
    let mut wanted: Vec<(String, RuleId)> = Vec::new();
    if args.rule.is_empty() {
        for programme in programmes(&files)? {
            let Some(entitled) = programme.entitled else { continue };
            wanted.push((programme.name, rule_at(&library, &entitled)?));
        }
    } else {
        for path in &args.rule {
            wanted.push((path.clone(), rule_at(&library, path)?));
        }
    }
    let goals = Goals::of(&program, &facts, &wanted);
    let stdin = std::io::stdin();
    if !args.json && stdin.is_terminal() {
        interview(&program, &mut facts, &goals, &mut stdin.lock(), &mut std::io::stderr())
            .map_err(|error| format!("读不了输入：{error}"))?;
    }
    // What was skipped is still missing.
    let inquiry = inquire(&program, &facts, &goals.goals, &[]);
    if args.json {
        crate::print_line(&goals.to_json(&library, &inquiry, args).to_string());
    } else {
        crate::print_line(&goals.to_text(&library, &inquiry));
    }
    Ok(())
}

/// Asks until everything is decided, every question has had its turn, or nobody answers.
fn interview(
    program: &Program<'_>,
    facts: &mut Facts<'_>,
    goals: &Goals,
    input: &mut dyn BufRead,
    output: &mut dyn Write,
) -> std::io::Result<()> {
    let mut skipped: Vec<Missing> = Vec::new();
    loop {
        let inquiry = inquire(program, facts, &goals.goals, &skipped);
        let Some(question) = inquiry.questions.first() else { return Ok(()) };
        writeln!(output, "{}", goals.asked(question, &inquiry))?;
        loop {
            write!(output, "回答（不知道就直接回车，结束写 完）：")?;
            output.flush()?;
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 || line.trim() == "完" {
                return Ok(());
            }
            if matches!(line.trim(), "" | "不知道" | "不清楚" | "不详") {
                skipped.push(question.missing);
                break;
            }
            match answer(program.library, facts, question.missing, line.trim()) {
                Ok(()) => break,
                Err(next) => writeln!(output, "“{}”读不出来，{next}", line.trim())?,
            }
        }
    }
}

impl Goals {
    fn of(program: &Program<'_>, facts: &Facts<'_>, wanted: &[(String, RuleId)]) -> Goals {
        let mut goals = Goals { goals: Vec::new(), names: Vec::new() };
        for (name, rule) in wanted {
            let entity = program.library.rules[rule.index()].entity;
            for row in 0..rows(program, facts, *rule) {
                let whose = doudi_policy::member(facts, entity, row);
                goals.names.push(if whose.is_empty() { name.clone() } else { format!("{whose}的{name}") });
                goals.goals.push(Goal { rule: *rule, row });
            }
        }
        goals
    }

    fn waiting(&self, question: &Question) -> Vec<&str> {
        question.waiting.iter().filter_map(|at| self.names.get(*at)).map(String::as_str).collect()
    }

    /// One question with everything a surveyor wants to know of it.
    fn asked(&self, question: &Question, inquiry: &Inquiry) -> String {
        let mut lines = vec![format!("下一项：{}", question.about)];
        lines.push(format!("  问：{}（{}）", question.text, question.answers.join("、")));
        if !question.whose.is_empty() {
            lines.push(format!("  谁的：{}", question.whose));
        }
        lines.push(format!("  等着它的：{}", self.waiting(question).join("、")));
        lines.push(format!("  哪一条要问：“{}”，依 {}", question.asked_by, question.citations.join("；")));
        if let Some(sources) = &question.sources {
            lines.push(format!("  哪里可以查到：{sources}"));
        }
        lines.extend(inquiry.why().map(|why| format!("  为什么先问它：{why}。")));
        lines.join("\n")
    }

    fn to_text(&self, library: &Library, inquiry: &Inquiry) -> String {
        let mut lines = Vec::new();
        for ((goal, name), outcome) in self.goals.iter().zip(&self.names).zip(&inquiry.outcomes) {
            let ty = library.rules[goal.rule.index()].ty;
            lines.push(format!("{name}：{}", outcome_words(library, outcome, ty)));
        }
        match inquiry.questions.first() {
            Some(first) => lines.push(self.asked(first, inquiry)),
            None if inquiry.open() == 0 => lines.push("都定了，不用再问。".to_owned()),
            None => lines.push("入户没有可以再问的，还没有定的要查文件。".to_owned()),
        }
        if inquiry.questions.len() > 1 {
            lines.push(format!("另外还缺 {} 项（不一定都要问）：", inquiry.questions.len() - 1));
        }
        for question in inquiry.questions.iter().skip(1) {
            let sources = question.sources.as_ref().map_or(String::new(), |from| format!("〔{from}〕"));
            lines.push(format!("  {}{sources}", question.about));
        }
        if !inquiry.documents.is_empty() {
            lines.push("入户问不出、要查文件的：".to_owned());
        }
        lines.extend(inquiry.documents.iter().map(|document| format!("  {document}")));
        lines.join("\n")
    }

    fn to_json(&self, library: &Library, inquiry: &Inquiry, args: &AskArgs) -> Json {
        let results: Vec<Json> = (self.goals.iter().zip(&self.names).zip(&inquiry.outcomes))
            .map(|((goal, name), outcome)| {
                let rule = &library.rules[goal.rule.index()];
                let entity = &library.entities[rule.entity.index()].name;
                json!({
                    "name": name,
                    "rule": format!("{entity}.{}", rule.name),
                    "value": outcome_words(library, outcome, rule.ty),
                    "known": outcome.known().is_some(),
                })
            })
            .collect();
        let missing: Vec<Json> =
            inquiry.questions.iter().map(|question| self.question_json(question)).collect();
        let mut next = missing.first().cloned().unwrap_or(Json::Null);
        if let Some(fields) = next.as_object_mut() {
            fields.insert("why".to_owned(), json!(inquiry.why()));
        }
        json!({
            "region": args.household.region,
            "date": args.household.date,
            "results": results,
            "next": next,
            "missing": missing,
            "documents": inquiry.documents,
        })
    }

    fn question_json(&self, question: &Question) -> Json {
        json!({
            "input": question.input,
            "whose": question.whose,
            "about": question.about,
            "question": question.text,
            "answers": question.answers,
            "sources": question.sources,
            "waiting": self.waiting(question),
            "asked_by": question.asked_by,
            "articles": question.citations,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_policy::{Source, has_errors};
    use doudi_terms::{RegionCode, parse_date};

    const POLICY: &str = "---\n名称: 试用\n编号: 试用\n位阶: 县级规范性文件\n施行: 2020-01-01\n---\n# 试用\n\n## 第一条\n\n\
        ```条文\n输入 户.存款: 金额 不为负 ？ “存款多少？”\n输入 户.已核对: 是否\n\
        规则 户.对象: 是否 = 存款 不超过 100元 且 已核对\n```\n";

    fn interviewed(typed: &str) -> (Option<bool>, String) {
        let source = Source { path: "national/policy.md".into(), text: POLICY.into() };
        let (library, problems) = Library::read(vec![source]);
        assert!(!has_errors(&problems), "{problems:?}");
        let region = RegionCode::parse("500243").expect("region");
        let program = Program::link(&library, region, parse_date("2020-05-31").expect("day")).expect("links");
        let layout = Layout::of(&library);
        let mut facts = Facts::new(&layout);
        let rule = library.rule_by_path("户.对象").expect("rule");
        let goals = Goals::of(&program, &facts, &[("对象".to_owned(), rule)]);
        let mut shown = Vec::new();
        interview(&program, &mut facts, &goals, &mut typed.as_bytes(), &mut shown).expect("read");
        let inquiry = inquire(&program, &facts, &goals.goals, &[]);
        (inquiry.outcomes[0].as_yes_no(), String::from_utf8(shown).expect("text"))
    }

    #[test]
    fn it_asks_until_the_answer_is_decided_and_no_further() {
        let (answer, shown) = interviewed("100.01元\n是\n");
        assert_eq!(answer, Some(false));
        assert!(shown.contains("存款多少？") && !shown.contains("已核对"), "{shown}");
        assert_eq!(interviewed("100元\n是\n").0, Some(true));
    }

    #[test]
    fn what_cannot_be_read_is_asked_again_with_how_to_write_it() {
        let (answer, shown) = interviewed("很多\n100元\n否\n");
        assert_eq!(answer, Some(false));
        assert!(shown.contains("“很多”读不出来"), "{shown}");
    }

    #[test]
    fn an_empty_line_skips_and_the_end_of_input_stops() {
        let (answer, shown) = interviewed("\n是\n");
        assert_eq!(answer, None);
        assert_eq!(shown.matches("存款多少？").count(), 1, "{shown}");
        assert_eq!(interviewed("").0, None);
        assert_eq!(interviewed("完\n100元\n").0, None);
        assert_eq!(interviewed("不知道\n是\n"), interviewed("\n是\n"));
    }
}
