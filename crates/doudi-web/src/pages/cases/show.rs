//! `GET /cases/{case}`: where a case stands, by when, what was done, and what can be done now.

use super::due_words;
use super::evidence::{Paper, papers};
use super::fields::Field;
use super::steps::{beside, field_id};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::page_with;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use doudi_casework::{CaseCounter, Clock, Decision, Intake, Moment, Offer, Permission, Procedure};
use doudi_policy::Calendar;
use doudi_policy::ir::PERSON;
use doudi_store::Case;
use doudi_terms::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A step that somebody can take, as a form.
struct Choice {
    id: String,
    name: String,
    article: String,
    fields: Vec<Field>,
    note: String,
    evidence: String,
    revises: bool,
    grave: bool,
    hindrance: String,
    /// The case that begins with it is about one of the members.
    asks_member: bool,
    /// What is wrong with the step as a whole, its note, its papers.
    wrong: String,
    note_wrong: String,
    evidence_wrong: String,
}

/// A step of somebody else.
struct Waiting {
    name: String,
    who: &'static str,
}

struct Event {
    at: String,
    who: String,
    step: String,
    note: String,
    answers: Vec<(String, String)>,
}

struct ClockLine {
    rule: String,
    due: String,
    is_past: bool,
    /// 还有 9 天，工作日 6 天
    left: String,
    is_near: bool,
    unknown: String,
    article: String,
}

struct Decided {
    kind: &'static str,
    on: String,
    amount: String,
    start: String,
    reasons: Vec<String>,
    articles: Vec<String>,
}

impl Decided {
    fn new(decision: &Decision) -> Decided {
        Decided {
            kind: decision.kind.name(),
            on: decision.on.to_string(),
            amount: decision.amount.clone(),
            start: decision.start.clone(),
            reasons: decision.reasons.clone(),
            articles: decision.articles.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "cases/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    /// A step that came back with errors.
    tried: String,
    note: String,
    stale: bool,
    id: String,
    version: i64,
    name: String,
    law: String,
    applicant: String,
    /// How it was brought; empty where nobody asked.
    intake: String,
    /// The telephone of whoever acts for the family.
    proxy_phone: String,
    household: String,
    place: String,
    members: Vec<String>,
    /// The member that it is about, where it is about one.
    about_whom: String,
    began: String,
    state: String,
    is_open: bool,
    flags: Vec<String>,
    clocks: Vec<ClockLine>,
    paused: String,
    about: String,
    decision: Option<Decided>,
    choices: Vec<Choice>,
    waiting: Vec<Waiting>,
    history: Vec<Event>,
    papers: Vec<Paper>,
    /// Steps that papers can be brought for, outside their own form.
    for_steps: Vec<Step>,
    prints: Vec<Step>,
    draft: String,
    already: String,
    /// Some paper is for no step yet.
    has_free_papers: bool,
    may_read_person: bool,
    /// May bring papers.
    works_here: bool,
    /// What was typed for a step that is not there any more.
    typed: Vec<(String, String)>,
}

/// What is shown beside a case: errors of a step that came back, and what was typed.
#[derive(Default)]
pub(super) struct Shown {
    pub form: Wrongs,
    pub step: String,
    pub answers: BTreeMap<String, String>,
    pub note: String,
    pub stale: bool,
    /// The household's circumstances, put right, that go with the next step.
    pub draft: String,
    pub already: String,
    pub today: Date,
}

#[derive(Default, Deserialize)]
pub struct With {
    #[serde(default)]
    draft: String,
    /// What a step would have opened, and the family has already.
    #[serde(default)]
    already: String,
}

pub async fn show(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    Query(with): Query<With>,
) -> Answer {
    render(&office, &visit, id, Shown { draft: with.draft, already: with.already, ..Shown::default() }).await
}

pub(super) async fn render(office: &Office, visit: &Visit, id: String, shown: Shown) -> Answer {
    let scope = visit.scope.clone();
    let case = office.ask(move |store| store.case(&scope, &id)).await?;
    let status = match () {
        () if shown.stale => StatusCode::CONFLICT,
        () if !shown.form.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        () => StatusCode::OK,
    };
    page_with(status, &build(office, visit, &case, shown)?)
}

fn build(office: &Office, visit: &Visit, case: &Case, shown: Shown) -> Result<Page, Trouble> {
    let shown = Shown { today: visit.scope.today(), ..shown };
    let counter = office.counter()?;
    let procedure = counter.procedure_of(&case.file)?;
    let now = office.now();
    let offers = counter.offers(&case.file, &beside(case, &case.papers()), visit.scope.user(), now)?;
    let (own, others): (Vec<&Offer<'_>>, Vec<&Offer<'_>>) = offers.iter().partition(|offer| offer.allowed);
    let is_offered = own.iter().any(|offer| offer.step.id == shown.step);
    let typed = if is_offered { Vec::new() } else { typed(&counter, procedure, &shown) };
    let row = &case.row;
    let mut frame = visit.frame(office, format!("{}：{}", row.applicant, row.name), "/cases");
    frame.trail = vec![Step::new("办件", "/cases")];
    frame.has_errors = !shown.form.is_empty();
    let pause = case.file.pauses.last().filter(|pause| pause.until.is_none());
    let calendar = &counter.library().calendar;
    let mut flags = counter.flags(&case.file)?;
    flags.dedup();
    Ok(Page {
        frame,
        id: row.case_id.clone(),
        version: row.version,
        name: row.name.clone(),
        law: procedure.law.clone(),
        applicant: row.applicant.clone(),
        intake: case.file.intake.as_ref().map(Intake::words).unwrap_or_default(),
        proxy_phone: case
            .file
            .intake
            .as_ref()
            .and_then(|intake| Some(intake.proxy.as_ref()?.phone.clone()))
            .unwrap_or_default(),
        household: row.household_id.clone(),
        place: office.places().long_name(row.region),
        members: case.file.members().into_iter().map(str::to_owned).collect(),
        about_whom: case
            .file
            .member
            .and_then(|at| Some((*case.file.members().get(at as usize)?).to_owned()))
            .unwrap_or_default(),
        began: case.file.began.to_string(),
        state: row.state_name.clone(),
        is_open: row.is_open,
        flags,
        clocks: counter.clocks(&case.file)?.iter().map(|clock| clock_line(clock, now, calendar)).collect(),
        paused: pause.map(|pause| format!("{} 起停表：{}", pause.from, pause.reason)).unwrap_or_default(),
        about: case.file.about.clone().filter(|about| about.starts_with('B')).unwrap_or_default(),
        decision: case.file.decision.as_ref().map(Decided::new),
        choices: own.iter().map(|offer| choice(&counter, case, offer, &shown)).collect(),
        waiting: others
            .iter()
            .map(|offer| Waiting { name: offer.step.name.clone(), who: offer.step.by.name() })
            .collect(),
        history: history(&counter, procedure, case),
        papers: papers(&visit.scope, case, &|step| step_words(procedure, step)),
        for_steps: for_steps(procedure, case),
        prints: prints(&counter, procedure, case),
        draft: shown.draft,
        already: case_number(shown.already),
        has_free_papers: case.evidence.iter().any(|file| file.step.is_none() && file.withdrawn.is_none()),
        may_read_person: visit.scope.may_at(Permission::ReadPersons, row.region),
        works_here: visit.scope.works_at(row.region),
        typed,
        form: shown.form,
        tried: shown.step,
        note: shown.note,
        stale: shown.stale,
    })
}

/// A step that came back and is nobody's any more, with what was typed for it.
fn typed(counter: &CaseCounter, procedure: &Procedure, shown: &Shown) -> Vec<(String, String)> {
    let Some(step) = procedure.step(&shown.step).map(|at| &procedure.steps[at]) else { return Vec::new() };
    let library = counter.library();
    let mut typed = vec![("要办的".to_owned(), step.name.clone())];
    typed.extend(shown.answers.iter().map(|(path, value)| {
        let name = library.input_by_path(path).map_or(path.as_str(), |id| &library.inputs[id.index()].name);
        (name.to_owned(), value.clone())
    }));
    if !shown.note.trim().is_empty() {
        typed.push(("写的".to_owned(), shown.note.clone()));
    }
    typed
}

fn clock_line(clock: &Clock, now: Moment, calendar: &Calendar) -> ClockLine {
    let mut line = ClockLine {
        rule: clock.rule.clone(),
        due: String::new(),
        is_past: false,
        left: String::new(),
        is_near: false,
        unknown: String::new(),
        article: clock.article.clone(),
    };
    match &clock.due {
        Ok(deadline) => {
            let seconds = deadline.ends().seconds_since(now);
            let hours = seconds / 3_600;
            line.due = due_words(deadline.ends());
            line.is_past = deadline.is_past(now);
            line.is_near = hours < NEAR_HOURS;
            let today = now.day();
            let working = today.and_then(|today| calendar.working_days(today, deadline.day));
            line.left = match working {
                _ if hours < 1 => format!("还有 {} 分钟", seconds / 60),
                _ if hours < 48 => format!("还有 {hours} 小时"),
                Some(working) => format!("还有 {} 天，工作日 {working} 天", hours / 24),
                None => format!("还有 {} 天", hours / 24),
            };
        }
        Err(missing) => line.unknown = missing.join("、"),
    }
    line
}

/// Somebody who looks in every morning still has one morning.
const NEAR_HOURS: i64 = 60;

fn choice(counter: &CaseCounter, case: &Case, offer: &Offer<'_>, shown: &Shown) -> Choice {
    let step = offer.step;
    let today = case.file.began.max(shown.today);
    let opens = step.opens.as_deref().and_then(|kind| counter.procedure(kind, case.file.place, today));
    let is_tried = shown.step == step.id;
    let wrong = |of: &str| shown.form.of(&field_id(&step.id, of)).map(str::to_owned);
    let field = |id: &doudi_policy::ir::InputId| {
        let path = counter.path(*id);
        let value = shown.answers.get(&path).filter(|_| is_tried).cloned().unwrap_or_default();
        let mut field =
            Field::of_input(counter, *id, format!("fact:{path}"), field_id(&step.id, &path), value);
        field.wrong = wrong(&path);
        if step.optional.contains(id) {
            field.hint.push_str("可以不填。");
        }
        field
    };
    Choice {
        id: step.id.clone(),
        name: step.name.clone(),
        article: step.article.clone(),
        fields: step.asks.iter().chain(&step.optional).map(field).collect(),
        note: step.note.clone().unwrap_or_default(),
        evidence: step.evidence.clone().unwrap_or_default(),
        revises: step.revises,
        asks_member: case.file.member.is_none()
            && case.file.members().len() > 1
            && opens.is_some_and(|procedure| procedure.subject == PERSON),
        grave: step.decides.is_some(),
        wrong: wrong("facts").unwrap_or_default(),
        note_wrong: wrong("note").unwrap_or_default(),
        evidence_wrong: wrong("evidence").unwrap_or_default(),
        hindrance: offer.hindrance.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn history(counter: &CaseCounter, procedure: &Procedure, case: &Case) -> Vec<Event> {
    let library = counter.library();
    let mut records = case.file.record.iter();
    let event = |event: &doudi_store::CaseEvent| {
        // The opening has no record: it is no step of the procedure.
        let record = if event.serial == 1 { None } else { records.next() };
        let answer = |(path, value): (&String, &String)| {
            let name =
                library.input_by_path(path).map_or(path.as_str(), |id| &library.inputs[id.index()].name);
            (name.to_owned(), value.clone())
        };
        Event {
            at: event.at.to_string(),
            who: event.actor_name.clone(),
            step: step_words(procedure, &event.step),
            note: record.map(|record| record.note.clone()).unwrap_or_default(),
            answers: record.map(|record| record.answers.iter().map(answer).collect()).unwrap_or_default(),
        }
    };
    case.history.iter().map(event).collect()
}

/// Anything may stand in an address.
fn case_number(text: String) -> String {
    let is_fine =
        text.len() <= 13 && text.starts_with('B') && text[1..].bytes().all(|byte| byte.is_ascii_digit());
    if is_fine { text } else { String::new() }
}

/// Those that can be taken now, and those that were: a paper that was taken back is replaced.
fn for_steps(procedure: &Procedure, case: &Case) -> Vec<Step> {
    let state = procedure.state(&case.file.state);
    let steps = procedure.steps.iter().filter(|step| {
        step.evidence.is_some()
            && (state.is_some_and(|state| step.from.contains(&state))
                || case.file.record.iter().any(|record| record.step == step.id))
    });
    steps.map(|step| Step::new(step.name.clone(), step.id.clone())).collect()
}

fn prints(counter: &CaseCounter, procedure: &Procedure, case: &Case) -> Vec<Step> {
    let papers = papers_of(counter, procedure, case).into_iter();
    papers.map(|(id, name)| Step::new(name, format!("/cases/{}/print/{id}", case.row.case_id))).collect()
}

/// Papers of the steps that were taken, and of those that can be: a survey's sheet is wanted before the visit. Ids and
/// names.
pub(crate) fn papers_of(counter: &CaseCounter, procedure: &Procedure, case: &Case) -> Vec<(String, String)> {
    let state = procedure.state(&case.file.state);
    let taken = case.file.record.iter().filter_map(|record| procedure.step(&record.step));
    let taken = taken.map(|at| &procedure.steps[at]);
    let next =
        state.into_iter().flat_map(|state| procedure.steps_from(state)).filter(|step| step.decides.is_none());
    let mut ids: Vec<&str> = Vec::new();
    for id in taken.chain(next).flat_map(|step| &step.prints) {
        if !ids.contains(&id.as_str()) {
            ids.push(id);
        }
    }
    let named = ids.into_iter().filter_map(|id| {
        let name = match id {
            "letter" => case.file.decision.as_ref().map(|_| "决定书".to_owned()),
            id => counter.document_named(id).map(|document| document.name.clone()),
        };
        Some((id.to_owned(), name?))
    });
    named.collect()
}

/// A step of a history in words.
pub(crate) fn step_words(procedure: &Procedure, id: &str) -> String {
    match procedure.step(id) {
        Some(at) => procedure.steps[at].name.clone(),
        None => "登记".to_owned(),
    }
}
