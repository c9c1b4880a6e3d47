//! Worked cases beside a procedure's table: steps with the state and the day that they must lead to.

use super::beside::{Beside, CasePaper};
use super::clock::earliest;
use super::counter::CaseCounter;
use super::file::CaseFile;
use super::refusal::StepRefusal;
use super::signature::PlaceNames;
use super::take::Act;
use super::{Procedure, StepAt};
use crate::grants::{Grant, Grants, User, UserId};
use crate::moment::Moment;
use crate::permission::Permission;
use crate::role::ROLES;
use doudi_policy::{Library, Supposed};
use doudi_terms::{RegionCode, parse_date};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who signs the letters of worked cases.
const PLACES: PlaceNames<'_> = PlaceNames { township: "某乡", county: "某县", whole: "某县某乡" };

/// One worked case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedCase {
    pub name: String,
    /// On which it begins.
    pub day: String,
    pub place: String,
    /// What this case takes as published in its place, whatever the tables say: `NAME[农村] 500元`.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// A household, as JSON.
    pub facts: String,
    #[serde(default)]
    pub member: Option<u32>,
    pub steps: Vec<WorkedStep>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkedStep {
    pub step: String,
    /// 甲, 乙 …: whoever has the role it takes; the same word is the same person.
    pub by: String,
    /// A day, or a moment.
    pub day: String,
    #[serde(default)]
    pub fill: BTreeMap<String, String>,
    /// The household's circumstances, written anew.
    pub facts: Option<String>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub evidence: Option<usize>,
    pub state: Option<String>,
    /// The earliest clock, `不详` where one runs that is not known, `无` where none runs.
    pub due: Option<String>,
    /// Words in the refusal.
    pub refused: Option<String>,
    /// Words that stand in the letter of the decision after this step.
    #[serde(default)]
    pub letter: Vec<String>,
    /// Words that do not stand in it.
    #[serde(default)]
    pub letter_without: Vec<String>,
}

impl WorkedCase {
    pub(super) fn supposed(&self, library: &Library) -> Result<Vec<Supposed>, String> {
        let read = self.parameters.iter().map(|text| Supposed::parse(library, text));
        read.collect::<Result<_, _>>().map_err(|wrong| format!("parameters：{wrong}"))
    }
}

impl CaseCounter {
    /// Runs a procedure's worked cases; gives what did not come out as it should, in sentences.
    pub fn run_examples(&self, procedure: &Procedure) -> Vec<String> {
        let run = |case: &WorkedCase| {
            let wrong = case
                .supposed(self.library())
                .and_then(|supposed| match supposed[..] {
                    [] => self.run(procedure, case),
                    _ => self.supposing(supposed).run(procedure, case),
                })
                .err()?;
            Some(format!("{}「{}」：{wrong}", procedure.path, case.name))
        };
        procedure.examples.iter().filter_map(run).collect()
    }

    fn run(&self, procedure: &Procedure, worked: &WorkedCase) -> Result<(), String> {
        let day = parse_date(&worked.day).ok_or_else(|| format!("day 写的“{}”不是日期", worked.day))?;
        let place = RegionCode::parse(&worked.place).map_err(|error| error.to_string())?;
        let facts = serde_json::from_str(&worked.facts).map_err(|error| format!("facts：{error}"))?;
        let chosen = self.procedure(&procedure.kind, place, day).map(|found| found.path.as_str());
        if chosen != Some(procedure.path.as_str()) {
            return Err(format!("{day} 在 {place} 用的是 {}", chosen.unwrap_or("（没有）")));
        }
        let mut case = self.begin(procedure, place, day, "某某", facts);
        case.member = worked.member;
        for (at, step) in worked.steps.iter().enumerate() {
            let number = at + 1;
            case = self
                .worked_step(procedure, &case, step)
                .map_err(|wrong| format!("第 {number} 步“{}”：{wrong}", step.step))?;
        }
        Ok(())
    }

    fn worked_step(
        &self,
        procedure: &Procedure,
        case: &CaseFile,
        worked: &WorkedStep,
    ) -> Result<CaseFile, String> {
        let at = moment(&worked.day).ok_or_else(|| format!("“{}”不是日期也不是时刻", worked.day))?;
        let step = procedure.step(&worked.step).ok_or("没有这一步")?;
        let by = somebody(procedure, step, &worked.by, case.place);
        let facts = worked.facts.as_deref().map(serde_json::from_str).transpose();
        let facts = facts.map_err(|error| format!("facts：{error}"))?;
        // As if each had been brought for this step.
        let paper =
            CasePaper { step: Some(worked.step.clone()), after: case.record.len(), is_withdrawn: false };
        let papers = vec![paper; worked.evidence.unwrap_or(1)];
        let act = Act {
            step: &worked.step,
            by: &by,
            at,
            answers: &worked.fill,
            note: &worked.note,
            facts: facts.as_ref(),
            beside: Beside { papers: &papers, opening: None },
        };
        match (self.take(case, &act), &worked.refused) {
            (Ok(_), Some(words)) => Err(format!("应当办不成（{words}），却办成了")),
            (Err(refusal), None) => Err(format!("办不成：{refusal}")),
            (Err(refusal), Some(words)) => {
                let told = refusal.to_string();
                let fits = told.contains(words.as_str());
                if fits {
                    Ok(case.clone())
                } else {
                    Err(format!("应当因为“{words}”办不成，说的却是：{told}"))
                }
            }
            (Ok(next), None) => self.compared(next, worked),
        }
    }

    fn compared(&self, case: CaseFile, worked: &WorkedStep) -> Result<CaseFile, String> {
        if let Some(state) = worked.state.as_ref().filter(|state| **state != case.state) {
            return Err(format!("应当到“{state}”，却到了“{}”", case.state));
        }
        if let Some(due) = &worked.due {
            let told = self.due_words(&case).map_err(|refusal| refusal.to_string())?;
            if told != *due {
                return Err(format!("期限应当是 {due}，算出来是 {told}"));
            }
        }
        self.compare_letter(&case, worked)?;
        Ok(case)
    }

    fn compare_letter(&self, case: &CaseFile, worked: &WorkedStep) -> Result<(), String> {
        if worked.letter.is_empty() && worked.letter_without.is_empty() {
            return Ok(());
        }
        let letter = self.letter(case, &PLACES).map_err(|refusal| refusal.to_string())?;
        let letter = letter.ok_or("还没有决定书")?;
        // Lines may break anywhere; what is said is compared.
        let said = letter.text.replace('\n', "");
        if let Some(words) = worked.letter.iter().find(|words| !said.contains(words.as_str())) {
            return Err(format!("决定书里应当有“{words}”，写的却是：\n{}", letter.text));
        }
        if let Some(words) = worked.letter_without.iter().find(|words| said.contains(words.as_str())) {
            return Err(format!("决定书里不应当有“{words}”，写的却是：\n{}", letter.text));
        }
        Ok(())
    }

    fn due_words(&self, case: &CaseFile) -> Result<String, StepRefusal> {
        let clocks = self.clocks(case)?;
        Ok(match earliest(&clocks) {
            Some(deadline) => deadline.to_string(),
            None if clocks.is_empty() => "无".into(),
            None => "不详".into(),
        })
    }
}

/// Somebody who may take the step, or who may where a county has handed it to its townships, and nothing besides.
fn somebody(procedure: &Procedure, step: StepAt, name: &str, place: RegionCode) -> User {
    let step = &procedure.steps[step];
    let is_delegated = |permission: Permission| permission == Permission::DecideDelegated;
    let wanted = match step.or_by {
        Some((other, _)) if is_delegated(other) && name.contains("镇") => other,
        _ => step.by,
    };
    let role = ROLES.into_iter().find(|role| role.allows(wanted));
    let grants = Grants::new(role.map(|role| Grant { role, region: place.county() })).unwrap_or_default();
    // A name is a person: its letters make the number.
    let id = name.chars().fold(7_i64, |sum, c| sum * 131 % 1_000_003 + i64::from(u32::from(c)));
    User { id: UserId(id), login: name.to_owned(), name: name.to_owned(), grants }
}

fn moment(text: &str) -> Option<Moment> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let noon = Moment::noon_of(parse_date(day)?);
    let (hour, minute) = time.map_or(Some(("12", "00")), |time| time.split_once(':'))?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
        return None;
    }
    Some(noon.plus_seconds((hour * 60 + minute - 12 * 60) * 60))
}
