//! Procedures as content: what is read, what is refused, what a step leads to. The content is the tests' own.

mod answers;
mod clocks;
mod documents;
mod reading;
mod steps;
mod together;
mod walks;

use doudi_casework::{
    Act, Beside, CaseCounter, CaseFile, CasePaper, Content, Grant, Grants, Moment, Role, StepRefusal, User,
    UserId,
};
use doudi_policy::{Library, Source, has_errors};
use doudi_terms::{Date, RegionCode, parse_date};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

pub const HELP: &str = "procedures/help.toml";

pub const LAW: &str = include_str!("content/law.md");

pub fn library() -> Library {
    library_of(LAW)
}

/// The library with another wording of its law.
pub fn library_of(law: &str) -> Library {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let (library, problems) = Library::read(vec![
        source("national/law.md", law),
        source("letters/grant.md", include_str!("content/grant.md")),
        source("letters/refusal.md", include_str!("content/refusal.md")),
        source("calendars/2020.csv", include_str!("content/calendar.csv")),
    ]);
    let told: Vec<String> = problems.iter().map(|problem| problem.render(&library.sources)).collect();
    assert!(!has_errors(&problems), "{}", told.join("\n"));
    library
}

pub fn content() -> Vec<(String, String)> {
    [
        ("programs.toml", include_str!("content/programs.toml")),
        (HELP, include_str!("content/procedures/help.toml")),
        ("procedures/grievance.toml", include_str!("content/procedures/grievance.toml")),
        ("procedures/recheck.toml", include_str!("content/procedures/recheck.toml")),
        ("procedures/round.toml", include_str!("content/procedures/round.toml")),
        ("documents/receipt.md", include_str!("content/documents/receipt.md")),
        ("documents/wall.md", include_str!("content/documents/wall.md")),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .to_vec()
}

pub fn opened(content: &[(String, String)]) -> Result<CaseCounter, Vec<String>> {
    CaseCounter::open(library(), &Content { files: content })
}

pub fn counter() -> CaseCounter {
    opened(&content()).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

pub fn day(text: &str) -> Date {
    parse_date(text).expect("a day")
}

pub fn noon(text: &str) -> Moment {
    Moment::noon_of(day(text))
}

pub fn place() -> RegionCode {
    RegionCode::parse("500243001201").expect("a place")
}

/// Somebody with one role in the county.
pub fn user(id: i64, role: Role) -> User {
    let county = RegionCode::parse("500243").expect("a county");
    let grants = Grants::new([Grant { role, region: county }]).expect("one role");
    User { id: UserId(id), login: format!("u{id}"), name: format!("某{id}"), grants }
}

/// A poor family of two.
pub fn family() -> Json {
    json!({
        "household": { "困难": "是", "补贴额": "100元", "有争议": "否" },
        "members": [
            { "姓名": "某甲", "与户主关系": "户主", "收入": [] },
            { "姓名": "某乙", "与户主关系": "配偶", "收入": [{ "月额": "300元" }] }
        ]
    })
}

pub fn asked(counter: &CaseCounter, began: &str, facts: Json) -> CaseFile {
    let procedure = counter.procedure("help", place(), day(began)).expect("a procedure");
    counter.begin(procedure, place(), day(began), "某甲", facts)
}

/// One step as a form sends it.
pub struct Try<'t> {
    pub step: &'t str,
    pub by: User,
    pub at: Moment,
    pub answers: &'t [(&'t str, &'t str)],
    pub note: &'t str,
    pub facts: Option<Json>,
    pub evidence: usize,
    /// In place of as many as there are, all of this step.
    pub papers: Option<Vec<CasePaper>>,
    pub opening: Option<CaseFile>,
}

impl Try<'_> {
    pub fn take(&self, counter: &CaseCounter, case: &CaseFile) -> Result<CaseFile, StepRefusal> {
        let pair = |(path, value): &(&str, &str)| ((*path).to_owned(), (*value).to_owned());
        let answers: BTreeMap<String, String> = self.answers.iter().map(pair).collect();
        let paper = CasePaper { step: Some(self.step.into()), after: case.record.len(), is_withdrawn: false };
        let papers = self.papers.clone().unwrap_or_else(|| vec![paper; self.evidence]);
        let act = Act {
            step: self.step,
            by: &self.by,
            at: self.at,
            answers: &answers,
            note: self.note,
            facts: self.facts.as_ref(),
            beside: Beside { papers: &papers, opening: self.opening.as_ref() },
        };
        counter.take(case, &act)
    }
}

pub fn step<'t>(step: &'t str, by: &User, at: &str, answers: &'t [(&'t str, &'t str)]) -> Try<'t> {
    Try {
        step,
        by: by.clone(),
        at: noon(at),
        answers,
        note: "写明",
        facts: None,
        evidence: 1,
        papers: None,
        opening: None,
    }
}

/// Accepted on the 6th of May by one clerk and visited on the 7th by another.
pub fn visited(counter: &CaseCounter, delegated: &str) -> CaseFile {
    let case = asked(counter, "2020-05-06", family());
    let case = step("accept", &user(1, Role::WindowClerk), "2020-05-06", &[("户.下放", delegated)])
        .take(counter, &case)
        .expect("accepted");
    step("visit", &user(2, Role::VillageWorker), "2020-05-07", &[("户.在家", "是")])
        .take(counter, &case)
        .expect("visited")
}
