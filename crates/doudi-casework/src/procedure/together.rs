//! Cases that wait for a decision, and which of them can be decided together: those of which nothing is left to weigh.
//! Which steps decide, who takes them and what they need is content; what is here adds no condition of the law, it only
//! says when a look at the single case is owed.

use super::beside::Beside;
use super::counter::{CaseCounter, LETTER};
use super::file::{CaseFile, Decision, DecisionKind};
use super::refusal::StepRefusal;
use super::signature::PlaceNames;
use super::take::{Act, View};
use super::{Asked, OpenedFrom, Procedure, Step};
use crate::grants::User;
use crate::moment::Moment;
use crate::permission::Permission;
use doudi_policy::{Evaluation, Outcome, in_short, missing_words};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody who decides one by one looks at the case anyway: a few words show what to look for.
const MOST_MISSING: usize = 3;

/// The decision that a clean case would get.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Id of the step.
    pub step: String,
    pub name: String,
    pub decision: Decision,
    /// It prints a letter, and the letter can be written.
    pub has_letter: bool,
    /// The case after it.
    pub next: CaseFile,
}

/// Why a case has to be decided by itself.
pub type Reasons = Vec<String>;

impl Step {
    /// It answers whether somebody has a right to aid, and how much; that a case is closed for other reasons does not.
    fn answers(&self) -> bool {
        self.decides.is_some_and(|kind| kind != DecisionKind::Closed)
    }
}

impl CaseCounter {
    /// Kinds and their states in which a case waits for an answer.
    pub fn waiting_states(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        for procedure in self.procedures() {
            for step in procedure.steps.iter().filter(|step| step.answers()) {
                let states = step.from.iter().map(|at| procedure.states[*at].id.clone());
                found.extend(states.map(|state| (procedure.kind.clone(), state)));
            }
        }
        found
    }

    /// Whose steps they are.
    pub fn deciding_permissions(&self) -> BTreeSet<Permission> {
        let steps = self.procedures().iter().flat_map(|procedure| &procedure.steps);
        let whose = |step: &Step| [Some(step.by), step.or_by.map(|(other, _)| other)];
        steps.filter(|step| step.answers()).flat_map(whose).flatten().collect()
    }

    /// Kinds that can put another case in doubt: those that begin out of one, and what somebody comes to the window with
    /// that gives nothing, such as a complaint.
    pub fn doubting_kinds(&self) -> BTreeSet<String> {
        let gives = |procedure: &Procedure| procedure.steps.iter().any(Step::answers);
        let steps = self.procedures().iter().flat_map(|procedure| &procedure.steps);
        let opened = steps.filter_map(|step| step.opens.clone());
        let brought = self.procedures().iter().filter(|procedure| {
            procedure.opened_from == OpenedFrom::Window && procedure.programme.is_none() && !gives(procedure)
        });
        opened.chain(brought.map(|procedure| procedure.kind.clone())).collect()
    }

    /// Whether a case waits for somebody's decision, and then what it would be; or why it has to be looked at by itself.
    /// `others` are cases in words that put this one in doubt. The decision is the step as it would be taken now by them, with what the case knows for answers.
    pub fn together(
        &self,
        case: &CaseFile,
        by: &User,
        at: Moment,
        beside: &Beside<'_>,
        others: &[String],
    ) -> Result<Option<Result<Proposal, Reasons>>, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let state = self.state_of(case)?;
        let program = self.program(case.place, at.day().unwrap_or(case.began))?;
        let facts = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let steps: Vec<&Step> = procedure.steps_from(state).filter(|step| step.answers()).collect();
        let mut theirs = Vec::new();
        let mut reasons = Vec::new();
        for step in steps.iter().copied() {
            if !view.is_there(&mut evaluation, step) {
                continue;
            }
            let allowed = view.allowed(&mut evaluation, step, by).map(drop);
            match allowed.and_then(|()| beside.had_no_part(self, step, by)) {
                Ok(()) => theirs.push(step),
                Err(same @ StepRefusal::SamePerson { .. }) => reasons.push(same.to_string()),
                Err(_) => {}
            }
        }
        if theirs.is_empty() && reasons.is_empty() {
            return Ok(None);
        }
        reasons.truncate(1);
        self.doubts(&view, (beside, others), &mut reasons)?;
        if theirs.is_empty() {
            return Ok(Some(Err(reasons)));
        }
        let wanted = match self.wanted(&view, &mut evaluation, &steps, &theirs) {
            Ok(step) => step,
            Err(reason) => {
                reasons.push(reason);
                return Ok(Some(Err(reasons)));
            }
        };
        let answers = self.known_answers(case, wanted, &mut reasons);
        if !reasons.is_empty() {
            return Ok(Some(Err(reasons)));
        }
        let act = Act { step: &wanted.id, by, at, answers: &answers, note: "", facts: None, beside: *beside };
        Ok(Some(match self.take(case, &act) {
            Ok(next) => self.proposed(procedure, wanted, next),
            Err(refusal) => Err(vec![refusal.to_string()]),
        }))
    }

    /// The one step that gives what the trial says, where there is no other way out to be weighed.
    fn wanted<'s>(
        &self,
        view: &View<'_>,
        evaluation: &mut Evaluation<'_>,
        steps: &[&'s Step],
        theirs: &[&'s Step],
    ) -> Result<&'s Step, String> {
        let is_answer =
            |step: &&&Step| matches!(step.decides, Some(DecisionKind::Granted | DecisionKind::Refused));
        if let Some(other) = steps.iter().find(|step| !is_answer(step)) {
            return Err(format!("这里还可能“{}”，停发、减发要一件一件看", other.name));
        }
        let programme = view.procedure.programme.as_deref().and_then(|id| self.programme(id));
        let programme = programme.ok_or("这件事不能试算，要由人判断")?;
        let entity = view.program.library.rules[programme.decision.index()].entity;
        let told = in_short(evaluation, programme.decision, view.row(entity), MOST_MISSING);
        let kind = match view.rule(evaluation, programme.decision).as_yes_no() {
            Some(true) => DecisionKind::Granted,
            Some(false) => DecisionKind::Refused,
            None => {
                let missing = told.missing.iter().take(MOST_MISSING).map(String::as_str);
                let missing: Vec<&str> = missing.collect();
                return Err(format!("{}试算还没有结果，还差：{}", programme.name, missing.join("、")));
            }
        };
        if told.citations.is_empty() {
            return Err(format!("{}试算没有说出依据的条款", programme.name));
        }
        let said = if kind == DecisionKind::Granted { "符合" } else { "不符合" };
        let mut fitting = theirs.iter().filter(|step| step.decides == Some(kind));
        match (fitting.next(), fitting.next()) {
            (Some(step), None) => Ok(step),
            (None, _) => Err(format!("试算是{said}{}，您在这里没有“{kind}”这样的一步", programme.name)),
            (Some(_), Some(_)) => Err(format!("“{kind}”有不止一种办法，要由人选")),
        }
    }

    /// What makes somebody look twice, whatever the trial says.
    fn doubts(
        &self,
        view: &View<'_>,
        (beside, others): (&Beside<'_>, &[String]),
        reasons: &mut Reasons,
    ) -> Result<(), StepRefusal> {
        let (procedure, case) = (view.procedure, view.case);
        // Marks are read as on the case's own page: by the law of the day on which it began.
        let program = self.program(case.place, case.began)?;
        let began = View { program: &program, ..*view };
        let mut evaluation = Evaluation::new(&program, view.facts);
        for flag in &procedure.flags {
            let name = match flag {
                Asked::Rule(id) => &self.library().rules[id.index()].name,
                Asked::Fact(id) => &self.library().inputs[id.index()].name,
            };
            match began.outcome(&mut evaluation, *flag) {
                outcome if outcome.as_yes_no() == Some(false) => {}
                outcome if outcome.as_yes_no() == Some(true) => reasons.push(format!("有标记：{name}")),
                Outcome::Unknown(unknown) => {
                    let words = |missing| missing_words(&program, Some(view.facts), missing);
                    let missing: Vec<String> =
                        unknown.missing.iter().take(MOST_MISSING).map(|missing| words(*missing)).collect();
                    reasons.push(format!("“{name}”还没有问清，要先知道：{}", missing.join("、")));
                }
                Outcome::Known(_) => reasons.push(format!("“{name}”还没有问清")),
            }
        }
        for other in others {
            reasons.push(format!("还有一件没有办完：{other}"));
        }
        // A paper that nobody has said to be for its step is not known to be there.
        let is_there = |step: &Step| {
            let mut papers = beside.papers.iter().filter(|paper| !paper.is_withdrawn);
            papers.any(|paper| paper.step.as_deref() == Some(step.id.as_str()))
        };
        let taken = case.record.iter().filter_map(|record| procedure.step(&record.step));
        let mut taken = taken.map(|at| &procedure.steps[at]).filter(|step| !is_there(step));
        let missing = taken.find_map(|step| step.evidence.as_deref());
        reasons.extend(missing.map(|paper| format!("材料不全：没有“{paper}”")));
        Ok(())
    }

    /// What the step asks, as the case knows it; what somebody would have to say or bring besides is a reason.
    fn known_answers(&self, case: &CaseFile, step: &Step, reasons: &mut Reasons) -> BTreeMap<String, String> {
        let library = self.library();
        let mut answers = BTreeMap::new();
        for id in &step.asks {
            let input = &library.inputs[id.index()];
            match case.told(input.entity == doudi_policy::ir::HOUSEHOLD, &input.name) {
                Some(Json::String(text)) if !text.trim().is_empty() => {
                    answers.insert(self.path(*id), text.clone());
                }
                _ => {
                    let question = input.question.as_deref().unwrap_or(&input.name);
                    reasons.push(format!("“{}”还要您回答：{question}", step.name));
                }
            }
        }
        reasons.extend(step.note.iter().map(|asked| format!("“{}”要写明：{asked}", step.name)));
        reasons.extend(step.evidence.iter().map(|paper| format!("“{}”要附上：{paper}", step.name)));
        reasons.extend(step.opens.iter().map(|_| format!("“{}”要另开一件", step.name)));
        answers
    }

    /// Nothing is decided together that could not be told to the family in writing.
    fn proposed(&self, procedure: &Procedure, step: &Step, next: CaseFile) -> Result<Proposal, Reasons> {
        let decision = next.decision.clone().ok_or_else(|| vec!["这一步没有作出决定".to_owned()])?;
        let programme = procedure.programme.as_deref().and_then(|id| self.programme(id));
        let mut reasons = Vec::new();
        if let Some(programme) = programme.filter(|_| decision.kind == DecisionKind::Granted) {
            if programme.amount.is_some() && decision.amount.is_empty() {
                reasons.push("发多少还算不出来".to_owned());
            }
            if programme.start.is_some() && decision.start.is_empty() {
                reasons.push("从哪个月发起还算不出来".to_owned());
            }
        }
        let has_letter = step.prints.iter().any(|id| id == LETTER);
        if has_letter {
            match self.letter(&next, &PlaceNames::default()) {
                Ok(Some(_)) => {}
                Ok(None) => reasons.push("决定书写不出来".to_owned()),
                Err(refusal) => reasons.push(refusal.to_string()),
            }
        }
        if !reasons.is_empty() {
            return Err(reasons);
        }
        Ok(Proposal { step: step.id.clone(), name: step.name.clone(), decision, has_letter, next })
    }
}
