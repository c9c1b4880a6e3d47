//! Where the window's cases stand, handed to the next clearing: per person and programme, without a name or a word that
//! somebody wrote.

use super::super::clear::Stop;
use crate::content;
use doudi_casework::{CaseCounter, CaseFile, DecisionKind, Moment};
use doudi_engine::{CaseDecision, DataFolder, OfficeCase, keep_office_cases};
use doudi_store::{CaseResult, Store};
use doudi_terms::{Month, parse_date};
use std::collections::HashMap;
use std::path::Path;

/// How much was handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HandedCases {
    pub cases: u64,
    pub people: u64,
    /// Members of cases whom the register does not know one person for: nobody is told of them.
    pub unknown: u64,
}

impl HandedCases {
    pub fn words(&self, month: Month) -> String {
        let HandedCases { cases, people, unknown } = self;
        let mut words = format!("窗口到 {} 为止的办件 {cases} 件，说到 {people} 人次", month.last_day());
        if *unknown > 0 {
            words.push_str(&format!(
                "；另有 {unknown} 人在底册的这一户里找不到同名的一个人，没有算到谁名下，请在办件里核对姓名"
            ));
        }
        words
    }
}

/// Hands over every case of a programme as the month's last day left it, instead of what was handed over before.
pub fn hand_cases(
    store: &Store,
    folder: &DataFolder,
    month: Month,
    policies: Option<&Path>,
) -> Result<HandedCases, Stop> {
    let midnight = Moment::noon_of(month.last_day()).plus_seconds(12 * 60 * 60);
    let results = store.case_results(midnight)?;
    let mut handed = HandedCases::default();
    let mut lines = Vec::new();
    if !results.is_empty() {
        let files = content::policies(policies).map_err(Stop::bad_input)?;
        let counter = content::counter(&files).map_err(|wrong| Stop::bad_input(wrong.join("\n")))?;
        let kinds: HashMap<&str, &CaseFile> =
            results.iter().map(|result| (result.case_id.as_str(), &result.file)).collect();
        for result in &results {
            let Some(programme) = programme(&counter, &kinds, &result.file) else { continue };
            handed.cases += 1;
            handed.unknown += result.unknown;
            let of_case = line(&counter, result, programme);
            lines.extend(
                result
                    .people
                    .iter()
                    .map(|person| OfficeCase { person_id: person.clone(), ..of_case.clone() }),
            );
        }
    }
    handed.people = keep_office_cases(folder, month, lines)?;
    Ok(handed)
}

/// The programme of a case; an appeal has that of the case which it is about.
fn programme(counter: &CaseCounter, cases: &HashMap<&str, &CaseFile>, file: &CaseFile) -> Option<String> {
    let own = counter.procedure_of(file).ok()?.programme.clone();
    own.or_else(|| {
        let about = cases.get(file.about.as_deref()?)?;
        counter.procedure_of(about).ok()?.programme.clone()
    })
}

/// A case without its person.
fn line(counter: &CaseCounter, result: &CaseResult, programme: String) -> OfficeCase {
    let CaseResult { case_id, step, at, file, by, .. } = result;
    let standing = counter.standing(file).ok();
    let due = standing.as_ref().and_then(|standing| standing.due);
    let decision = file.decision.as_ref().map(|decision| CaseDecision {
        kind: match decision.kind {
            DecisionKind::Granted => "granted",
            DecisionKind::Refused => "refused",
            DecisionKind::Ended => "ended",
            DecisionKind::Reduced => "reduced",
            DecisionKind::Closed => "closed",
        }
        .to_owned(),
        on: decision.on.to_string(),
        amount: decision.amount.trim_end_matches('元').to_owned(),
        start: month_of(&decision.start),
        articles: decision.articles.clone(),
    });
    OfficeCase {
        person_id: String::new(),
        case_id: case_id.clone(),
        step: *step,
        kind: file.kind.clone(),
        programme,
        state: file.state.clone(),
        ended: standing.is_some_and(|standing| standing.ends),
        began: file.began.to_string(),
        on: at.day().map_or(String::new(), |day| day.to_string()),
        due: due.map_or(String::new(), |due| due.day.to_string()),
        decision,
        by: by.clone(),
    }
}

/// A month as a decision writes it.
fn month_of(written: &str) -> String {
    let found = Month::parse(written).or_else(|| parse_date(written).map(Month::of));
    found.map_or(String::new(), |month| month.to_string())
}
