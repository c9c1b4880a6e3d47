//! `GET /leads/{lead}`: what was compared, what somebody found out, and what can be done now.

use super::compared::{Table, tables};
use super::evidence::Line;
use super::{colour, day, is_overdue};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{page, page_with};
use crate::trouble::Answer;
use crate::upload::Sent;
use crate::words::place_words;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use doudi_casework::{Finding, LeadState, LeadStep, Measure, Permission, Report, StateKind};
use doudi_store::{ComparedPerson, Lead, LeadEvent};
use doudi_terms::Date;
use serde::Deserialize;

/// What somebody typed into the report; kept when the form comes back.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Given {
    #[serde(default)]
    pub version: i64,
    #[serde(default)]
    pub finding: String,
    #[serde(default)]
    pub measure: String,
    #[serde(default)]
    pub on: String,
    #[serde(default)]
    pub visitors: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub heard_on: String,
    #[serde(default)]
    pub heard: String,
    /// The second person's word; `confirm` or `send-back` in `choice`.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub choice: String,
}

impl Given {
    pub(super) fn of(sent: &Sent) -> Given {
        Given {
            version: sent.text("version").parse().unwrap_or_default(),
            finding: sent.text("finding"),
            measure: sent.text("measure"),
            on: sent.text("on"),
            visitors: sent.text("visitors"),
            reason: sent.text("reason"),
            heard_on: sent.text("heard_on"),
            heard: sent.text("heard"),
            note: sent.text("note"),
            choice: sent.text("choice"),
        }
    }
}

/// A report in words.
struct Reported {
    finding: &'static str,
    measure: &'static str,
    on: String,
    reason: String,
    visitors: String,
    heard: Option<String>,
    evidence: usize,
    second: Option<String>,
}

impl Reported {
    fn new(report: &Report, lead: &Lead) -> Reported {
        let (state, history) = (&lead.case.state, &lead.history);
        let is_there =
            |hash: &str| lead.evidence.iter().any(|file| file.withdrawn.is_none() && file.sha256 == hash);
        let second = match state {
            LeadState::ToRectify { second: Some(second), .. } => {
                let name = history.iter().find(|event| event.actor == Some(second.by));
                let name = name.map(|event| event.actor_name.as_str()).unwrap_or_default();
                Some(format!("{} {name} 同意 {}", second.at, second.note).trim().to_owned())
            }
            _ => None,
        };
        Reported {
            evidence: report.evidence.iter().filter(|file| is_there(&file.sha256)).count(),
            second,
            finding: report.finding.word(),
            measure: report.measure.word(),
            on: report.on.to_string(),
            reason: report.reason.clone(),
            visitors: report.visitors.clone(),
            heard: report.hearing.as_ref().map(|hearing| format!("{}：{}", hearing.on, hearing.said)),
        }
    }
}

struct Event {
    at: String,
    who: String,
    step: String,
    what: String,
}

#[derive(Template)]
#[template(path = "leads/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    given: Given,
    /// Somebody else changed it while this one was writing.
    stale: bool,
    /// What was done since the version that this one saw.
    changes: Vec<Event>,
    /// Files that were kept just now.
    kept: usize,
    evidence: Vec<Line>,
    may_add: bool,
    id: String,
    version: i64,
    name: String,
    person: String,
    household: String,
    check: String,
    severity: String,
    colour: &'static str,
    grade: String,
    reason: String,
    place: String,
    since: String,
    due: String,
    is_overdue: bool,
    stake: String,
    state: &'static str,
    verify: String,
    closes: String,
    article: String,
    /// Places of the rows, where what stands in them was not kept.
    rows: Vec<String>,
    tables: Vec<Table>,
    /// Rows about people of elsewhere.
    hidden: usize,
    assignee_note: String,
    report: Option<Reported>,
    history: Vec<Event>,
    may_report: bool,
    may_confirm: bool,
    may_assign: bool,
    may_read_person: bool,
    workers: Vec<Step>,
    findings: Vec<&'static str>,
    measures: Vec<(&'static str, bool)>,
}

/// What is shown beside a lead: errors of a form that came back, and what was typed.
#[derive(Default)]
pub struct Shown {
    pub form: Wrongs,
    pub given: Given,
    pub stale: bool,
    /// Files that were kept before the form came back.
    pub kept: usize,
}

/// `GET /leads/{lead}`
pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    render(&office, &visit, id, Shown::default()).await
}

/// The page, fresh from the store.
pub async fn render(office: &Office, visit: &Visit, id: String, shown: Shown) -> Answer {
    let scope = visit.scope.clone();
    let (lead, compared, workers) = office
        .ask(move |store| {
            let (lead, compared) = store.lead_compared(&scope, &id)?;
            let may_assign = lead.steps.contains(&LeadStep::Assign);
            let workers = if may_assign { store.colleagues(&scope, lead.row.region)? } else { Vec::new() };
            Ok((lead, compared, workers))
        })
        .await?;
    let status = match () {
        () if shown.stale => StatusCode::CONFLICT,
        () if !shown.form.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        () => StatusCode::OK,
    };
    let workers = workers.into_iter().map(|(id, name)| Step::new(name, id.to_string())).collect();
    let built = build(office, visit, (&lead, &compared), shown, workers);
    if status == StatusCode::OK { page(&built) } else { page_with(status, &built) }
}

fn build(
    office: &Office,
    visit: &Visit,
    (lead, compared): (&Lead, &[ComparedPerson]),
    shown: Shown,
    workers: Vec<Step>,
) -> Page {
    let (tables, hidden) = tables(office, compared);
    let Lead { row, .. } = lead;
    let today = visit.scope.today();
    let mut frame = visit.frame(office, format!("{}：{}", row.name, row.check), "/leads");
    frame.has_errors = !shown.form.is_empty();
    frame.trail = vec![Step::new("疑点", "/leads")];
    let may = |steps: &[LeadStep]| lead.steps.iter().any(|step| steps.contains(step));
    let since = |known: &&LeadEvent| shown.stale && known.serial > shown.given.version;
    let changes = lead.history.iter().filter(since).map(event).collect();
    let is_over = matches!(row.state, StateKind::Closed | StateKind::Withdrawn);
    Page {
        frame,
        form: shown.form,
        given: prefilled(shown.given, today),
        stale: shown.stale,
        id: row.lead_id.clone(),
        version: row.version,
        name: row.name.clone(),
        person: row.person_id.clone(),
        household: row.household_id.clone(),
        check: row.check.clone(),
        severity: row.severity.clone(),
        colour: colour(&row.severity),
        grade: row.grade.clone(),
        reason: row.reason.clone(),
        place: office.places().long_name(row.region),
        since: row.opened.map(|month| month.to_string()).unwrap_or_default(),
        due: day(row.due),
        is_overdue: is_overdue(row.state, row.due, today),
        stake: row.stake.map(|stake| stake.to_string()).unwrap_or_default(),
        state: row.state.name(),
        verify: lead.verify.clone(),
        closes: lead.closes.clone(),
        article: lead.article.clone(),
        rows: lead.rows.iter().map(|row| place_words(row)).collect(),
        tables,
        hidden,
        assignee_note: match &lead.case.state {
            LeadState::Assigned { assignment } => assignment.note.clone(),
            _ => String::new(),
        },
        report: lead.case.state.report().map(|report| Reported::new(report, lead)),
        evidence: lead.evidence.iter().map(|file| Line::new(visit, lead, file)).collect(),
        kept: shown.kept,
        changes,
        history: lead.history.iter().map(event).collect(),
        may_report: may(&[LeadStep::ReportTrue, LeadStep::ReportFalse, LeadStep::ProposeToTakeAway]),
        may_add: !is_over && visit.scope.may_at(Permission::ReportLeads, row.region),
        may_confirm: may(&[LeadStep::Confirm]),
        may_assign: may(&[LeadStep::Assign]),
        may_read_person: visit.scope.may_at(Permission::ReadPersons, row.region),
        workers,
        findings: Finding::ALL.iter().map(|finding| finding.word()).collect(),
        measures: Measure::ALL.iter().map(|measure| (measure.word(), measure.takes_away())).collect(),
    }
}

/// A visit is mostly reported on its day.
fn prefilled(mut given: Given, today: Date) -> Given {
    if given.on.is_empty() {
        given.on = today.to_string();
    }
    given
}

fn event(event: &LeadEvent) -> Event {
    let what = match &event.state {
        LeadState::Closed { closing } | LeadState::Withdrawn { closing } => closing.reason.clone(),
        LeadState::Assigned { assignment } => assignment.note.clone(),
        state => state
            .report()
            .map(|report| format!("{}，{}", report.finding.word(), report.measure.word()))
            .unwrap_or_default(),
    };
    let who = if event.actor.is_none() { "摸排".to_owned() } else { event.actor_name.clone() };
    Event { at: event.at.to_string(), who, step: event.step.clone(), what }
}
