//! One place's policies, opened once, and what can be asked of them.

use crate::{assess, form};
use doudi_policy::ir::{HOUSEHOLD, RuleId};
use doudi_policy::{
    CaseResult, Diagnostic, Evaluation, Facts, Goal, Layout, Library, Program, Source, explain,
    facts_from_json, has_errors, inquire, nearest_changes, run_case_block,
};
use doudi_terms::{RegionCode, parse_date};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What a page carries: the texts of the policies and the register of programmes.
#[derive(Debug, Deserialize)]
pub struct Bundle {
    pub sources: Vec<BundleSource>,
    pub programmes: Vec<Programme>,
}

/// A policy document or a table of parameters, with its path in the policies folder.
#[derive(Debug, Deserialize)]
pub struct BundleSource {
    pub path: String,
    pub text: String,
}

/// A programme of the register, as far as one household is concerned: rules as `户.低保金`.
#[derive(Debug, Deserialize)]
pub struct Programme {
    pub id: String,
    pub name: String,
    pub entitled: String,
    pub amount: String,
    #[serde(default)]
    pub citation: String,
}

impl Bundle {
    pub fn read(json: &Json) -> Result<Bundle, String> {
        Bundle::deserialize(json).map_err(|error| format!("政策包读不出来：{error}"))
    }
}

/// A programme with its rules found.
pub(crate) struct Goals {
    pub programme: Programme,
    pub entitled: RuleId,
    pub amount: RuleId,
}

/// The policies, read; the program of the last place and day is kept for the next question.
pub struct Desk {
    library: &'static Library,
    layout: &'static Layout,
    goals: Vec<Goals>,
    linked: Option<(RegionCode, doudi_terms::Date, Program<'static>)>,
}

impl Desk {
    pub fn open(bundle: Bundle) -> Result<Desk, String> {
        let sources =
            bundle.sources.into_iter().map(|file| Source { path: file.path, text: file.text }).collect();
        let (library, problems) = Library::read(sources);
        if has_errors(&problems) {
            return Err(rendered(&library, &problems));
        }
        // A page opens its policies once and keeps them until it is closed.
        let library: &'static Library = Box::leak(Box::new(library));
        let layout: &'static Layout = Box::leak(Box::new(Layout::of(library)));
        let found =
            |path: &str| library.rule_by_path(path).ok_or_else(|| format!("登记表里的“{path}”不是一条规则"));
        let mut goals = Vec::new();
        for programme in bundle.programmes {
            let (entitled, amount) = (found(&programme.entitled)?, found(&programme.amount)?);
            goals.push(Goals { programme, entitled, amount });
        }
        Ok(Desk { library, layout, goals, linked: None })
    }

    pub(crate) fn opened(&self) -> Json {
        json!({ "documents": self.library.documents.len(), "rules": self.library.rules.len(),
            "programmes": self.goals.len(), "cases": self.library.cases.len() })
    }

    /// `op`: `assess`, `explain` (`rule`, `row`, `html`), `ask` (`skipped`), `form`; each with `region`, `date` and, but
    /// for `form`, `facts` as `doudi policy explain` takes them. `cases` runs the worked examples of the bundle.
    pub fn answer(&mut self, request: &Json) -> Result<Json, String> {
        if request["op"] == "cases" {
            return Ok(self.cases());
        }
        let (region, date) = place_and_day(request)?;
        if !self.linked.as_ref().is_some_and(|(place, day, _)| *place == region && *day == date) {
            let program = Program::link(self.library, region, date)
                .map_err(|problems| rendered(self.library, &problems))?;
            self.linked = Some((region, date, program));
        }
        let Some((_, _, program)) = &self.linked else { return Err("没有连起来的政策".into()) };
        if request["op"] == "form" {
            return Ok(form::form(program, &self.goals));
        }
        let facts = facts_from_json(self.library, self.layout, &request["facts"])
            .map_err(|problems| problems.join("；"))?;
        match request["op"].as_str().unwrap_or("") {
            "assess" => Ok(assess::assess(program, &facts, &self.goals)),
            "explain" => self.explain(program, &facts, request),
            "ask" => Ok(self.ask(program, &facts, request)),
            other => Err(format!("不认识的请求“{other}”：可以问 assess、explain、ask、form、cases")),
        }
    }

    fn explain(&self, program: &Program<'_>, facts: &Facts<'_>, request: &Json) -> Result<Json, String> {
        let path = request["rule"].as_str().unwrap_or("");
        let rule = self.library.rule_by_path(path).ok_or_else(|| format!("没有叫“{path}”的规则"))?;
        let row = request["row"].as_u64().and_then(|row| u32::try_from(row).ok()).unwrap_or(0);
        if row >= rows(program, facts, rule) {
            return Err(format!("“{path}”没有第 {} 个", u64::from(row) + 1));
        }
        let mut evaluation = Evaluation::new(program, facts);
        let mut explanation = explain(&mut evaluation, rule, row);
        explanation.changes = nearest_changes(&mut evaluation, rule, row);
        if request["html"] == true {
            return Ok(json!({ "html": explanation.boxes() }));
        }
        Ok(json!({ "explanation": explanation }))
    }

    /// Who is entitled comes first; when that is settled, how much.
    fn ask(&self, program: &Program<'_>, facts: &Facts<'_>, request: &Json) -> Json {
        let entitled = self.asked(program, facts, request, |found| found.entitled);
        if entitled["open"] != 0 {
            return entitled;
        }
        self.asked(program, facts, request, |found| found.amount)
    }

    fn asked(
        &self,
        program: &Program<'_>,
        facts: &Facts<'_>,
        request: &Json,
        goal: impl Fn(&Goals) -> RuleId,
    ) -> Json {
        let (mut goals, mut names) = (Vec::new(), Vec::new());
        for found in &self.goals {
            for row in 0..rows(program, facts, goal(found)) {
                goals.push(Goal { rule: goal(found), row });
                names.push(assess::called(program, facts, found, row));
            }
        }
        let skipped: Vec<String> = request["skipped"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect();
        let inquiry = inquire(program, facts, &goals, &[]);
        let questions: Vec<Json> = inquiry
            .questions
            .iter()
            .map(|question| form::question(program, facts, question, &names))
            .collect();
        // What nobody could answer waits behind the others.
        let next = questions.iter().find(|question| !skipped.contains(&question["at"].to_string()));
        json!({ "open": inquiry.open(), "why": inquiry.why(), "next": next, "missing": questions,
            "documents": inquiry.documents })
    }

    fn cases(&self) -> Json {
        let (mut passed, mut failures) = (0, Vec::new());
        for block in &self.library.cases {
            match run_case_block(self.library, self.layout, block) {
                Ok(results) => results.iter().for_each(|result| match result.failures.as_slice() {
                    [] => passed += 1,
                    _ => failures.push(failed(result)),
                }),
                Err(problems) => failures.push(rendered(self.library, &problems)),
            }
        }
        json!({ "passed": passed, "failed": failures.len(), "failures": failures })
    }
}

fn failed(result: &CaseResult) -> String {
    format!("{}「{}」第 {} 行：{}", result.citation, result.title, result.row, result.failures.join("；"))
}

fn place_and_day(request: &Json) -> Result<(RegionCode, doudi_terms::Date), String> {
    let text = |key: &str| request[key].as_str().unwrap_or("").to_owned();
    let region = RegionCode::parse(&text("region")).map_err(|error| format!("地区代码：{error}"))?;
    let date = parse_date(&text("date")).ok_or_else(|| format!("“{}”不是日期", text("date")))?;
    Ok((region, date))
}

/// The rows of this household that a rule speaks of.
pub(crate) fn rows(program: &Program<'_>, facts: &Facts<'_>, rule: RuleId) -> u32 {
    let entity = program.library.rules[rule.index()].entity;
    if entity == HOUSEHOLD { 1 } else { facts.rows(entity) }
}

fn rendered(library: &Library, problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
}
