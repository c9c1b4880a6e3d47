//! The window's knowledge: policies, programmes, procedures and documents of one content folder.

use super::clock::{Clock, Deadline, earliest};
use super::document::{Document, deadline_words};
use super::file::{CaseFile, DecisionKind};
use super::intake::IntakeWay;
use super::refusal::StepRefusal;
use super::registry::{self, CaseProgramme, LetterFacts};
use super::signature::{PlaceNames, SignedBy};
use super::take::View;
use super::{Before, OpenedFrom, Procedure, StateAt};
use doudi_policy::ir::{HOUSEHOLD, InputId, RuleId};
use doudi_policy::{
    Evaluation, Facts, Layout, Letter, LetterKind, LetterRequest, Library, Outcome, Program, Supposed,
    facts_from_json, facts_from_record, facts_to_json, in_short, member, missing_words, outcome_words,
    write_letter,
};
use doudi_terms::{Date, RegionCode};
use serde_json::Value as Json;

/// Texts of a policies folder, by their paths in it.
pub struct Content<'c> {
    pub files: &'c [(String, String)],
}

/// Everything that a window knows, read once.
#[derive(Clone)]
pub struct CaseCounter {
    library: Library,
    layout: Layout,
    programmes: Vec<CaseProgramme>,
    letter: LetterFacts,
    procedures: Vec<Procedure>,
    documents: Vec<Document>,
    /// What a worked case takes as published; empty wherever work is done.
    supposed: Vec<Supposed>,
}

/// What one programme would say to a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    pub programme: String,
    /// 甲的孤儿基本生活费; the programme alone where it is the household's.
    pub called: String,
    pub entitled: Option<bool>,
    /// In words; empty where nothing is due.
    pub amount: String,
    pub reasons: Vec<String>,
    pub missing: Vec<String>,
    pub citations: Vec<String>,
}

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// 待入户调查
    pub name: String,
    pub ends: bool,
    pub due: Option<Deadline>,
}

impl CaseCounter {
    /// Reads a folder. Problems are told all at once; the policies themselves have been checked before.
    pub fn open(library: Library, content: &Content<'_>) -> Result<CaseCounter, Vec<String>> {
        let mut problems = Vec::new();
        let registry = content.files.iter().find(|(path, _)| path == "programs.toml");
        let (programmes, letter) = registry::read(registry.map_or("", |(_, text)| text), &library)
            .unwrap_or_else(|found| {
                problems.extend(found);
                (Vec::new(), LetterFacts::default())
            });
        let mut procedures = Vec::new();
        let mut documents = Vec::new();
        for (path, text) in content.files {
            let folder = path.rsplit('/').nth(1).unwrap_or("");
            if folder == "procedures" && path.ends_with(".toml") {
                match Procedure::read(path, text, &library) {
                    Ok(procedure) => procedures.push(procedure),
                    Err(found) => problems.extend(found),
                }
            }
            if folder == "documents" && path.ends_with(".md") && !path.ends_with("README.md") {
                match Document::read(path, text, &library) {
                    Ok(document) => documents.push(document),
                    Err(found) => problems.extend(found),
                }
            }
        }
        let layout = Layout::of(&library);
        let counter =
            CaseCounter { library, layout, programmes, letter, procedures, documents, supposed: Vec::new() };
        problems.extend(counter.loose_ends());
        if problems.is_empty() { Ok(counter) } else { Err(problems) }
    }

    /// Names that lead from one file to another.
    fn loose_ends(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (at, document) in self.documents.iter().enumerate() {
            let mut before = self.documents[..at].iter();
            if before.any(|other| other.id == document.id && other.from == document.from) {
                let (id, from) = (&document.id, document.from);
                problems.push(format!("documents 里有两份文书的编号都是“{id}”、施行都是 {from}"));
            }
        }
        for procedure in &self.procedures {
            let path = &procedure.path;
            if let Some(id) = procedure.programme.as_deref().filter(|id| self.programme(id).is_none()) {
                problems.push(format!("{path}：programs.toml 里没有编号是“{id}”的项目"));
            }
            for step in &procedure.steps {
                for id in step.prints.iter().filter(|id| *id != LETTER && self.document_named(id).is_none()) {
                    problems.push(format!("{path}：步骤 {}：documents 里没有编号是“{id}”的文书", step.id));
                }
                let known = |before: &Before| match before {
                    Before::Decided => true,
                    Before::Took(id) => self.openers(&procedure.kind).any(|opener| opener.step(id).is_some()),
                };
                for before in step.not_by_opening.iter().filter(|before| !known(before)) {
                    let Before::Took(id) = before else { continue };
                    problems.push(format!(
                        "{path}：步骤 {}：not_by_opening 写的“{id}”不是 decides，开出“{}”的各种办件里也没有这一步",
                        step.id, procedure.kind
                    ));
                }
                let opens = step.opens.as_deref();
                if let Some(kind) = opens.filter(|kind| self.procedures.iter().all(|p| p.kind != *kind)) {
                    problems.push(format!("{path}：步骤 {}：没有“{kind}”这种办件", step.id));
                }
            }
            let overlaps = self.procedures.iter().filter(|other| {
                other.path < procedure.path
                    && other.kind == procedure.kind
                    && other.place == procedure.place
                    && other.from <= procedure.until.unwrap_or(Date::MAX)
                    && procedure.from <= other.until.unwrap_or(Date::MAX)
            });
            problems.extend(overlaps.map(|other| {
                format!(
                    "{path}：和 {} 是同一种办件、同一个地区，日期重叠了。给早的那份写上 until",
                    other.path
                )
            }));
        }
        problems
    }

    /// Tables with a step that begins a case of a kind.
    fn openers<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Procedure> {
        let opens = move |step: &super::Step| step.opens.as_deref() == Some(kind);
        self.procedures.iter().filter(move |procedure| procedure.steps.iter().any(opens))
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    pub fn procedures(&self) -> &[Procedure] {
        &self.procedures
    }

    pub fn programmes(&self) -> &[CaseProgramme] {
        &self.programmes
    }

    pub fn programme(&self, id: &str) -> Option<&CaseProgramme> {
        self.programmes.iter().find(|programme| programme.id == id)
    }

    /// The table for a kind that begins on a day in a place: of the nearest place.
    pub fn procedure(&self, kind: &str, place: RegionCode, day: Date) -> Option<&Procedure> {
        let serving = self.procedures.iter().filter(|p| p.kind == kind && p.serves(place, day));
        serving.max_by_key(|procedure| (procedure.place.level(), procedure.from))
    }

    /// Kinds that begin this way, the nearest table of each.
    pub fn kinds(&self, from: OpenedFrom, place: RegionCode, day: Date) -> Vec<&Procedure> {
        let mut kinds: Vec<&str> = self.procedures.iter().map(|procedure| procedure.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let found = kinds.into_iter().filter_map(|kind| self.procedure(kind, place, day));
        found.filter(|procedure| procedure.opened_from == from).collect()
    }

    /// By the name that its file gives it; the latest wording there is.
    pub fn document_named(&self, id: &str) -> Option<&Document> {
        self.document_of(id, Date::MAX)
    }

    /// The wording that is used on a day.
    pub fn document_of(&self, id: &str, day: Date) -> Option<&Document> {
        let wordings = self.documents.iter().filter(|document| document.id == id && document.from <= day);
        wordings.max_by_key(|document| document.from)
    }

    /// A case that begins; its first step has yet to be taken.
    pub fn begin(
        &self,
        procedure: &Procedure,
        place: RegionCode,
        day: Date,
        applicant: &str,
        facts: Json,
    ) -> CaseFile {
        CaseFile {
            kind: procedure.kind.clone(),
            procedure: procedure.path.clone(),
            place,
            began: day,
            code: String::new(),
            state: procedure.states[procedure.start].id.clone(),
            applicant: applicant.to_owned(),
            intake: None,
            member: None,
            facts,
            record: Vec::new(),
            pauses: Vec::new(),
            about: None,
            decision: None,
        }
    }

    pub fn procedure_of(&self, case: &CaseFile) -> Result<&Procedure, StepRefusal> {
        let missing = || StepRefusal::NoProcedure { path: case.procedure.clone() };
        self.procedures.iter().find(|procedure| procedure.path == case.procedure).ok_or_else(missing)
    }

    pub fn state_of(&self, case: &CaseFile) -> Result<StateAt, StepRefusal> {
        let missing = || StepRefusal::NoProcedure { path: case.procedure.clone() };
        self.procedure_of(case)?.state(&case.state).ok_or_else(missing)
    }

    pub fn program(&self, place: RegionCode, day: Date) -> Result<Program<'_>, StepRefusal> {
        let mut program = Program::link(&self.library, place, day).map_err(|problems| {
            let told = problems.iter().map(|problem| problem.render(&self.library.sources));
            StepRefusal::Policies(told.collect())
        })?;
        self.supposed.iter().for_each(|supposed| program.suppose(supposed));
        Ok(program)
    }

    /// The same window where these values are published.
    pub(super) fn supposing(&self, supposed: Vec<Supposed>) -> CaseCounter {
        CaseCounter { supposed, ..self.clone() }
    }

    /// The fact that says what somebody is in the family.
    pub(super) fn role(&self) -> Option<InputId> {
        self.letter.role
    }

    /// In which ways an application can be brought; none where content names none.
    pub fn intake_ways(&self) -> &[IntakeWay] {
        &self.letter.intake
    }

    /// The name of the office that signs.
    pub fn office(&self, by: SignedBy, case: &CaseFile, places: &PlaceNames<'_>) -> String {
        let delegated = case.decision.as_ref().is_some_and(|decision| decision.delegated);
        self.letter.signatures.office(by, delegated, places)
    }

    pub fn facts(&self, json: &Json) -> Result<Facts<'_>, StepRefusal> {
        facts_from_json(&self.library, &self.layout, json).map_err(StepRefusal::Policies)
    }

    /// What a cleared month knew of a household, written as people write it.
    pub fn facts_of_month(&self, record: &Json, names: &[&str]) -> Json {
        facts_to_json(&self.library, &facts_from_record(&self.library, &self.layout, record, names))
    }

    /// Whether a paper can be brought for a step: the case has it, and it wants a paper.
    pub fn takes_papers(&self, case: &CaseFile, step: &str) -> Result<(), StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let wanting = procedure.steps.iter().filter(|step| step.evidence.is_some());
        if wanting.clone().any(|known| known.id == step) {
            return Ok(());
        }
        let known: Vec<String> = wanting.map(|step| format!("{}（{}）", step.id, step.name)).collect();
        let text = format!("这种办件没有要材料的步骤“{step}”。有：{}", known.join("、"));
        Err(StepRefusal::Answers(vec![super::WrongAnswer { field: "step".into(), text }]))
    }

    /// Where a case stands, for lists.
    pub fn standing(&self, case: &CaseFile) -> Result<Standing, StepRefusal> {
        let state = &self.procedure_of(case)?.states[self.state_of(case)?];
        Ok(Standing { name: state.name.clone(), ends: state.ends, due: self.due(case)? })
    }

    /// 户.受理日期
    pub fn path(&self, id: InputId) -> String {
        let input = &self.library.inputs[id.index()];
        format!("{}.{}", self.library.entities[input.entity.index()].name, input.name)
    }

    /// The clocks of the state that a case is in, by the law of the day on which it began.
    pub fn clocks(&self, case: &CaseFile) -> Result<Vec<Clock>, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let state = &procedure.states[self.state_of(case)?];
        if state.paused || state.due.is_empty() {
            return Ok(Vec::new());
        }
        let program = self.program(case.place, case.began)?;
        let facts = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let clock = |rule: &RuleId| {
            let found = &self.library.rules[rule.index()];
            let due = match view.rule(&mut evaluation, *rule) {
                Outcome::Known(value) => {
                    Deadline::of(value, found.ty).ok_or_else(|| vec!["算出来的日子太远".into()])
                }
                Outcome::Unknown(unknown) => Err(unknown
                    .missing
                    .iter()
                    .map(|missing| missing_words(&program, Some(&facts), *missing))
                    .collect()),
            };
            let row = view.row(found.entity);
            let article = in_short(&mut evaluation, *rule, row, 0).citations.join("、");
            Clock { rule: found.name.clone(), article, due }
        };
        // A period that no document of this place and day sets is no clock.
        let is_set = |rule: &&RuleId| program.order.contains(*rule);
        Ok(state.due.iter().filter(is_set).map(clock).collect())
    }

    /// The earliest of them; `None` where no clock runs or none is known.
    pub fn due(&self, case: &CaseFile) -> Result<Option<Deadline>, StepRefusal> {
        Ok(earliest(&self.clocks(case)?))
    }

    /// What is marked on a case: names of the yes-or-no rules and facts that are so.
    pub fn flags(&self, case: &CaseFile) -> Result<Vec<String>, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let program = self.program(case.place, case.began)?;
        let facts = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let set = procedure
            .flags
            .iter()
            .filter(|flag| view.outcome(&mut evaluation, **flag).as_yes_no() == Some(true));
        let name = |flag: &super::Asked| match flag {
            super::Asked::Rule(id) => self.library.rules[id.index()].name.clone(),
            super::Asked::Fact(id) => self.library.inputs[id.index()].name.clone(),
        };
        Ok(set.map(name).collect())
    }

    /// What every programme would say to a household on a day: eligible or not, how much, what is missing.
    pub fn trial(&self, json: &Json, place: RegionCode, day: Date) -> Result<Vec<Trial>, StepRefusal> {
        let program = self.program(place, day)?;
        let facts = self.facts(json)?;
        let mut evaluation = Evaluation::new(&program, &facts);
        let mut trials = Vec::new();
        for programme in &self.programmes {
            let entity = self.library.rules[programme.decision.index()].entity;
            let rows = if entity == HOUSEHOLD { 1 } else { facts.rows(entity) };
            for row in 0..rows {
                trials.push(self.tried(&mut evaluation, programme, row));
            }
        }
        Ok(trials)
    }

    fn tried(&self, evaluation: &mut Evaluation<'_>, programme: &CaseProgramme, row: u32) -> Trial {
        const MOST_REASONS: usize = 3;
        let told = in_short(evaluation, programme.decision, row, MOST_REASONS);
        let entitled = evaluation.rule(programme.decision, row).as_yes_no();
        let entity = self.library.rules[programme.decision.index()].entity;
        let whose = member(evaluation.facts, entity, row);
        let amount = programme.amount.filter(|_| entitled != Some(false)).map(|rule| {
            let found = &self.library.rules[rule.index()];
            let row = if found.entity == HOUSEHOLD { 0 } else { row };
            let outcome = evaluation.rule(rule, row);
            outcome_words(&self.library, &outcome, found.ty)
        });
        let called = if whose.is_empty() { String::new() } else { format!("{whose}的") };
        Trial {
            programme: programme.id.clone(),
            called: format!("{called}{}", programme.name),
            entitled,
            amount: amount.unwrap_or_default(),
            reasons: told.reasons,
            missing: told.missing,
            citations: told.citations,
        }
    }

    /// The letter of a case's decision; `None` where its programme has none, or nothing is decided.
    pub fn letter(&self, case: &CaseFile, places: &PlaceNames<'_>) -> Result<Option<Letter>, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let programme = procedure.programme.as_deref().and_then(|id| self.programme(id));
        let (Some(programme), Some(decision)) = (programme, &case.decision) else { return Ok(None) };
        let mut dated = case.clone();
        if let Some(decided_on) = self.letter.decided_on {
            self.put(&mut dated, decided_on, &decision.on.to_string());
        }
        let program = self.program(case.place, decision.on)?;
        let facts = self.facts(&dated.facts)?;
        let row = |rule: RuleId| match self.library.rules[rule.index()].entity {
            HOUSEHOLD => 0,
            _ => case.member.unwrap_or(0),
        };
        let at = |rule: RuleId| (rule, row(rule));
        let request = LetterRequest {
            programme: &programme.name,
            decision: at(programme.decision),
            amount: programme.amount.map(at),
            start: programme.start.map(at),
            objection: programme.objection,
            role: self.letter.role,
            own_word: &self.letter.own_word,
            addressee: &case.applicant,
            office: &self.office(SignedBy::Decider, case, places),
            place: places.whole,
            date: decision.on,
        };
        let letter = write_letter(&mut Evaluation::new(&program, &facts), &request);
        match letter.as_ref().map(|letter| letter.kind) {
            // A letter has the rules' reasons: it never says something else than what was decided.
            Some(kind) if !says(kind, decision.kind) => Err(StepRefusal::OtherwiseDecided {
                decided: decision.kind.name(),
                programme: programme.name.clone(),
            }),
            _ => Ok(letter),
        }
    }

    /// A rule or a fact of a case in words, for what is printed: `不详` where it is not known.
    pub(super) fn said(&self, case: &CaseFile, path: &str, day: Date) -> Result<String, StepRefusal> {
        let procedure = self.procedure_of(case)?;
        let program = self.program(case.place, day)?;
        let facts = self.facts(&case.facts)?;
        let view = View { counter: self, procedure, program: &program, facts: &facts, case };
        let mut evaluation = Evaluation::new(&program, &facts);
        let (outcome, ty) = match (self.library.rule_by_path(path), self.library.input_by_path(path)) {
            (Some(rule), _) => (view.rule(&mut evaluation, rule), self.library.rules[rule.index()].ty),
            (None, Some(input)) => {
                let ty = self.library.inputs[input.index()].ty;
                (view.outcome(&mut evaluation, super::Asked::Fact(input)), ty)
            }
            (None, None) => return Ok(String::new()),
        };
        let day = outcome.known().and_then(|value| Deadline::of(value, ty));
        Ok(day.map_or_else(|| outcome_words(&self.library, &outcome, ty), deadline_words))
    }
}

/// Whether a letter of a kind tells a decision.
fn says(letter: LetterKind, decided: DecisionKind) -> bool {
    matches!(
        (letter, decided),
        (LetterKind::Granted, DecisionKind::Granted) | (LetterKind::Refused, DecisionKind::Refused)
    )
}

/// Stands among what a step prints for the letter of its decision.
pub(super) const LETTER: &str = "letter";
