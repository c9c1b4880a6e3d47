//! Taking a step: who, from where, with which answers, and whether the law of the day lets it.

use super::beside::Beside;
use super::clock::moment_text;
use super::counter::CaseCounter;
use super::file::{CaseFile, Decision, Pause, StepRecord};
use super::refusal::{StepRefusal, WrongAnswer};
use super::{Asked, Procedure, Step};
use crate::grants::User;
use crate::lead_case::Refusal;
use crate::moment::Moment;
use crate::permission::Permission;
use doudi_policy::ir::{HOUSEHOLD, InputId, RuleId, Type};
use doudi_policy::{
    Evaluation, FactValue, Facts, Missing, Outcome, Program, in_short, missing_words, parse_value,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Why somebody's answer is told at all: the law's reasons, nearest first.
const MOST_REASONS: usize = 4;

/// What somebody wants to do.
pub struct Act<'a> {
    /// Id of the step.
    pub step: &'a str,
    pub by: &'a User,
    pub at: Moment,
    /// Facts by their paths in the policies, as they were typed.
    pub answers: &'a BTreeMap<String, String>,
    pub note: &'a str,
    /// The household's circumstances, written anew.
    pub facts: Option<&'a Json>,
    /// Papers that are with the case, and the case that it began with.
    pub beside: Beside<'a>,
}

/// A step that somebody sees on a case.
#[derive(Clone, Debug)]
pub struct Offer<'p> {
    pub step: &'p Step,
    /// It is theirs to take.
    pub allowed: bool,
    /// Why it would be refused now, whoever wants it: a condition that is not met, a fact that is missing.
    pub hindrance: Option<StepRefusal>,
}

impl CaseCounter {
    /// The steps that lead on from where a case is, in the order of its table. Those that the place does not have are
    /// left out.
    pub fn offers(
        &self,
        case: &CaseFile,
        beside: &Beside<'_>,
        user: &User,
        at: Moment,
    ) -> Result<Vec<Offer<'_>>, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let state = self.state_of(case)?;
        let program = self.program(case.place, at.day().unwrap_or(case.began))?;
        let facts = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let mut offers = Vec::new();
        for step in procedure.steps_from(state) {
            if !view.is_there(&mut evaluation, step) {
                continue;
            }
            let allowed = view.allowed(&mut evaluation, step, user).is_ok()
                && beside.had_no_part(self, step, user).is_ok();
            // What a step still asks can change the answer: only what it cannot change hinders it beforehand.
            let open = step.revises || !(step.asks.is_empty() && step.optional.is_empty());
            let stamped = !(step.today.is_empty() && step.now.is_empty() && step.sets.is_empty());
            let hindrance = if open || stamped { None } else { view.conditions(&mut evaluation, step).err() };
            offers.push(Offer { step, allowed, hindrance });
        }
        Ok(offers)
    }

    /// The case after a step, or why not.
    pub fn take(&self, case: &CaseFile, act: &Act<'_>) -> Result<CaseFile, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let state = self.state_of(case)?;
        let step = procedure.step(act.step).map(|at| &procedure.steps[at]);
        let today = act.at.day().unwrap_or(case.began);
        let program = self.program(case.place, today)?;
        let known = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &known, case };
        let mut evaluation = Evaluation::new(&program, &known);
        let mut is_there = |step: &&Step| view.is_there(&mut evaluation, step);
        let Some(step) = step.filter(|step| step.from.contains(&state)).filter(&mut is_there) else {
            let possible = procedure.steps_from(state).filter(&mut is_there);
            return Err(impossible(procedure, state, act.step, possible));
        };
        let mut next = case.clone();
        self.write_answers(&mut next, step, act)?;
        for input in &step.today {
            self.put(&mut next, *input, &today.to_string());
        }
        for input in &step.now {
            self.put(&mut next, *input, &moment_text(act.at));
        }
        for (input, value) in &step.sets {
            self.put(&mut next, *input, value);
        }
        self.pause(&mut next, procedure, (state, step), act, today);
        let facts = self.facts(&next.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let under = view.allowed(&mut evaluation, step, act.by)?;
        act.beside.had_no_part(self, step, act.by)?;
        act.beside.papers_are_there(case, procedure, step)?;
        view.conditions(&mut evaluation, step)?;
        if let Some(kind) = step.decides {
            let decision = view.decision(&mut evaluation, step);
            next.decision = Some(Decision {
                kind,
                on: today,
                by: act.by.id,
                delegated: under == Permission::DecideDelegated,
                ..decision
            });
        }
        next.state = procedure.states[step.to].id.clone();
        next.record.push(StepRecord {
            step: step.id.clone(),
            by: act.by.id,
            at: act.at,
            to: next.state.clone(),
            note: act.note.trim().to_owned(),
            answers: act.answers.clone(),
            revised: act.facts.is_some(),
        });
        Ok(next)
    }

    /// Puts what was typed into the case; every answer that does not read is told.
    fn write_answers(&self, case: &mut CaseFile, step: &Step, act: &Act<'_>) -> Result<(), StepRefusal> {
        let library = self.library();
        let mut wrong: Vec<WrongAnswer> = Vec::new();
        if let Some(facts) = act.facts {
            if !step.revises {
                let text = "这一步不能改家庭的情况".to_owned();
                wrong.push(WrongAnswer { field: "facts".into(), text });
            } else if let Err(problems) = self.facts(facts) {
                wrong.push(WrongAnswer { field: "facts".into(), text: problems.to_string() });
            } else {
                let before = std::mem::replace(&mut case.facts, facts.clone());
                self.keep_stamps(case, before, &mut wrong)?;
            }
        }
        let known: Vec<InputId> = step.asks.iter().chain(&step.optional).copied().collect();
        for path in act.answers.keys() {
            if !known.iter().any(|id| self.path(*id) == *path) {
                let text = format!("这一步不问“{path}”");
                wrong.push(WrongAnswer { field: path.clone(), text });
            }
        }
        for id in &known {
            let path = self.path(*id);
            let input = &library.inputs[id.index()];
            let typed = act.answers.get(&path).map(|text| text.trim()).filter(|text| !text.is_empty());
            match typed {
                None if step.asks.contains(id) => {
                    let text = format!("“{}”要填", input.question.as_deref().unwrap_or(&input.name));
                    wrong.push(WrongAnswer { field: path, text });
                }
                None => {}
                Some(text) => match parse_value(text, input.ty, &library.enums) {
                    Ok(_) => self.put(case, *id, text),
                    Err(next) => {
                        let text = format!("“{}”填的“{text}”读不出来，{next}", input.name);
                        wrong.push(WrongAnswer { field: path, text });
                    }
                },
            }
        }
        if let Some(asked) = step.note.as_ref().filter(|_| act.note.trim().is_empty()) {
            wrong.push(WrongAnswer { field: "note".into(), text: format!("要写明：{asked}") });
        }
        wrong.extend(act.beside.missing_paper(case, step));
        if wrong.is_empty() { Ok(()) } else { Err(StepRefusal::Answers(wrong)) }
    }

    /// What steps have set is no circumstance that a family could tell anew: the day of its application starts the
    /// clocks. Where it was left out it is put back, where it was changed that is told.
    fn keep_stamps(
        &self,
        case: &mut CaseFile,
        before: Json,
        wrong: &mut Vec<WrongAnswer>,
    ) -> Result<(), StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let earlier = CaseFile { facts: before, ..case.clone() };
        let taken = |step: &&Step| case.record.iter().any(|record| record.step == step.id);
        let has_stood = case.pauses.iter().any(|pause| pause.until.is_some());
        let mut set: Vec<InputId> = procedure.excluded.filter(|_| has_stood).into_iter().collect();
        for step in procedure.steps.iter().filter(taken) {
            set.extend(step.today.iter().chain(&step.now).copied());
            set.extend(step.sets.iter().map(|(id, _)| *id));
        }
        for id in set {
            let input = &self.library().inputs[id.index()];
            let of_household = input.entity == HOUSEHOLD;
            let Some(was) = earlier.told(of_household, &input.name) else { continue };
            match case.told(of_household, &input.name) {
                Some(is) if is != was => wrong.push(WrongAnswer {
                    field: "facts".into(),
                    text: format!(
                        "“{}”是前面办件时记下的，更正家庭情况不能改它。请改回原来的，或者清空",
                        input.name
                    ),
                }),
                Some(_) => {}
                None => self.put(case, id, was.as_str().unwrap_or_default()),
            }
        }
        Ok(())
    }

    pub(super) fn put(&self, case: &mut CaseFile, id: InputId, value: &str) {
        let input = &self.library().inputs[id.index()];
        case.put(input.entity == HOUSEHOLD, &input.name, value);
    }

    /// Stops and starts the clock where the table says that it stands still.
    fn pause(
        &self,
        case: &mut CaseFile,
        procedure: &Procedure,
        (from, step): (usize, &Step),
        act: &Act<'_>,
        today: doudi_terms::Date,
    ) {
        let (was, will) = (procedure.states[from].paused, procedure.states[step.to].paused);
        if was && !will {
            if let Some(pause) = case.pauses.last_mut().filter(|pause| pause.until.is_none()) {
                pause.until = Some(today);
            }
            if let Some(excluded) = procedure.excluded {
                let days = case.days_paused();
                self.put(case, excluded, &days.to_string());
            }
        }
        if will && !was {
            let reason = match act.note.trim() {
                "" => step.name.clone(),
                note => note.to_owned(),
            };
            case.pauses.push(Pause { from: today, until: None, reason });
        }
    }
}

fn impossible<'p>(
    procedure: &Procedure,
    state: usize,
    step: &str,
    possible: impl Iterator<Item = &'p Step>,
) -> StepRefusal {
    let wanted = procedure.steps.iter().find(|known| known.id == step);
    StepRefusal::Impossible {
        kind: procedure.name.clone(),
        from: procedure.states[state].name.clone(),
        step: wanted.map_or(step, |step| &step.name).to_owned(),
        possible: possible.map(|step| step.name.clone()).collect(),
    }
}

/// A case under the law of a day.
pub(super) struct View<'v> {
    pub counter: &'v CaseCounter,
    pub procedure: &'v Procedure,
    pub program: &'v Program<'v>,
    pub facts: &'v Facts<'v>,
    pub case: &'v CaseFile,
}

impl View<'_> {
    pub fn row(&self, entity: doudi_policy::ir::EntityId) -> u32 {
        if entity == HOUSEHOLD { 0 } else { self.case.member.unwrap_or(0) }
    }

    pub fn rule(&self, evaluation: &mut Evaluation<'_>, rule: RuleId) -> Outcome {
        let entity = self.program.library.rules[rule.index()].entity;
        evaluation.rule(rule, self.row(entity))
    }

    pub fn outcome(&self, evaluation: &mut Evaluation<'_>, asked: Asked) -> Outcome {
        match asked {
            Asked::Rule(rule) => self.rule(evaluation, rule),
            Asked::Fact(id) => {
                let entity = self.program.library.inputs[id.index()].entity;
                let row = self.row(entity);
                match self.facts.get(entity, row, id).map(|fact| &fact.value) {
                    Some(FactValue::Known(value)) => Outcome::Known(*value),
                    _ => Outcome::missing(Missing::Fact { input: id.0, row }),
                }
            }
        }
    }

    /// Whether the place has this step, as things are now.
    pub fn is_there(&self, evaluation: &mut Evaluation<'_>, step: &Step) -> bool {
        step.when.iter().all(|asked| self.outcome(evaluation, *asked).as_yes_no() == Some(true))
    }

    /// Their role, in this place, and not a person who has already had a word. Says by which permission they may.
    pub fn allowed(
        &self,
        evaluation: &mut Evaluation<'_>,
        step: &Step,
        by: &User,
    ) -> Result<Permission, StepRefusal> {
        let own = Refusal::unless_allowed(by, step.by, self.case.place);
        let other = step.or_by.filter(|(permission, asked)| {
            by.grants.allows_at(*permission, self.case.place)
                && self.outcome(evaluation, *asked).as_yes_no() == Some(true)
        });
        let under = match (own, other) {
            (Ok(()), _) => step.by,
            (Err(_), Some((permission, _))) => permission,
            (Err(refusal), None) => return Err(refusal.into()),
        };
        for at in &step.not_by {
            let earlier = &self.procedure.steps[*at];
            if self.case.was_taken_by(&earlier.id, by.id) {
                let (step, earlier) = (step.name.clone(), earlier.name.clone());
                return Err(StepRefusal::SamePerson { step, earlier });
            }
        }
        Ok(under)
    }

    /// What the law wants to be so, and not to be so.
    fn conditions(&self, evaluation: &mut Evaluation<'_>, step: &Step) -> Result<(), StepRefusal> {
        let wanted = step.needs.iter().map(|asked| (*asked, true));
        for (asked, wanted) in wanted.chain(step.must_not.iter().map(|asked| (*asked, false))) {
            let outcome = self.outcome(evaluation, asked);
            let name = self.name(asked);
            match outcome.as_yes_no() {
                Some(answer) if answer == wanted => {}
                Some(answer) => {
                    let condition =
                        if answer { format!("“{name}”成立") } else { format!("“{name}”不成立") };
                    let (reasons, articles) = self.reasons(evaluation, asked);
                    return Err(StepRefusal::Unmet { step: step.name.clone(), condition, reasons, articles });
                }
                None => {
                    let missing = outcome
                        .missing_list()
                        .iter()
                        .map(|missing| missing_words(self.program, Some(self.facts), *missing))
                        .collect();
                    let condition = format!("“{name}”");
                    return Err(StepRefusal::Unknown { step: step.name.clone(), condition, missing });
                }
            }
        }
        Ok(())
    }

    fn name(&self, asked: Asked) -> &str {
        match asked {
            Asked::Rule(id) => &self.program.library.rules[id.index()].name,
            Asked::Fact(id) => &self.program.library.inputs[id.index()].name,
        }
    }

    fn reasons(&self, evaluation: &mut Evaluation<'_>, asked: Asked) -> (Vec<String>, Vec<String>) {
        let Asked::Rule(rule) = asked else { return (Vec::new(), Vec::new()) };
        let row = self.row(self.program.library.rules[rule.index()].entity);
        let told = in_short(evaluation, rule, row, MOST_REASONS);
        (told.reasons, told.citations)
    }

    /// What the programme's rules say on the day of the decision.
    fn decision(&self, evaluation: &mut Evaluation<'_>, step: &Step) -> Decision {
        let mut decision = Decision {
            kind: step.decides.unwrap_or(super::DecisionKind::Closed),
            on: self.program.date,
            by: crate::grants::UserId(0),
            amount: String::new(),
            start: String::new(),
            reasons: Vec::new(),
            articles: vec![step.article.clone()],
            delegated: false,
        };
        let programme = self.procedure.programme.as_deref();
        let Some(programme) = programme.and_then(|id| self.counter.programme(id)) else { return decision };
        let (reasons, articles) = self.reasons(evaluation, Asked::Rule(programme.decision));
        decision.reasons = reasons;
        decision.articles.extend(articles);
        let mut said = |rule: Option<RuleId>| {
            let rule = rule?;
            let outcome = self.rule(evaluation, rule);
            let ty: Type = self.program.library.rules[rule.index()].ty;
            outcome.known().map(|value| doudi_policy::value_words(self.program.library, value, ty))
        };
        // Aid that is cut goes on: with its new sum, from a month.
        if matches!(step.decides, Some(super::DecisionKind::Granted | super::DecisionKind::Reduced)) {
            decision.amount = said(programme.amount).unwrap_or_default();
            decision.start = said(programme.start).unwrap_or_default();
        }
        decision
    }
}
