//! `/cases/drafts/{draft}`: what a family tells, question by question, with what every programme would say beside it.

use super::fields::{Field, Known, known};
use super::moved;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{go, page_with};
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use doudi_casework::{
    CaseCounter, FormQuestion, Intake, IntakeWay, OpenedFrom, Procedure, Proxy, StepRefusal, Trial,
};
use doudi_policy::ir::PERSON;
use doudi_store::{CaseDraft, NewCase, StoreError};
use doudi_terms::{Date, RegionCode};
use serde_json::{Value as Json, json};

/// Questions of one page: as many as somebody can answer in a breath.
const ASKED_AT_ONCE: usize = 8;
/// How the application was brought.
const INTAKE_FIELDS: [&str; 4] = ["way", "proxy-name", "proxy-relation", "proxy-phone"];
/// Number of the case whose decision is appealed against.
const AGAINST: &str = "against";
/// Missing facts that are named; the others are counted.
const MOST_MISSING: usize = 4;

/// Sent along where the script keeps answers while somebody writes.
const BY_ITSELF: &str = "hx-request";
/// What counts only when a button was pressed. The script sends the button that has the focus, pressed or not, and a
/// member's name comes again with the button.
const BY_BUTTON: [&str; 3] = ["action", "leave", "member"];

/// A programme's answer on trial.
struct Tried {
    called: String,
    /// `yes`, `no`, `open`.
    colour: &'static str,
    word: &'static str,
    amount: String,
    why: String,
    law: String,
}

impl Tried {
    fn new(trial: &Trial) -> Tried {
        let (colour, word) = match trial.entitled {
            Some(true) => ("green", "可能符合"),
            Some(false) => ("grey", "不符合"),
            None => ("amber", "还差几项"),
        };
        let why = match trial.entitled {
            None => {
                let more = trial.missing.len().saturating_sub(MOST_MISSING);
                let first: Vec<&str> = trial.missing.iter().take(MOST_MISSING).map(String::as_str).collect();
                let more = if more > 0 { format!(" 等 {} 项", trial.missing.len()) } else { String::new() };
                format!("还要知道：{}{more}", first.join("、"))
            }
            Some(_) => trial.reasons.join("；"),
        };
        Tried {
            called: trial.called.clone(),
            colour,
            word,
            amount: trial.amount.clone(),
            why,
            law: trial.citations.first().cloned().unwrap_or_default(),
        }
    }
}

/// A way in which it can be brought.
struct Way {
    id: String,
    name: String,
    paper: String,
    chosen: bool,
}

/// Nothing chosen yet means that they bring it themselves: the first.
fn ways(counter: &CaseCounter, chosen: &str) -> Vec<Way> {
    let way = |(at, way): (usize, &IntakeWay)| Way {
        id: way.id.clone(),
        name: way.name.clone(),
        paper: way.paper.clone(),
        chosen: way.id == chosen || (chosen.is_empty() && at == 0),
    };
    counter.intake_ways().iter().enumerate().map(way).collect()
}

#[derive(Template)]
#[template(path = "cases/draft.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    draft: String,
    applicant: String,
    place: String,
    members: Vec<String>,
    questions: Vec<Field>,
    /// Questions that wait behind these.
    more: usize,
    known: Vec<Known>,
    likely: Vec<Tried>,
    others: Vec<Tried>,
    kinds: Vec<Step>,
    /// In which ways it can be brought.
    ways: Vec<Way>,
    intake: [String; 4],
    /// Some kinds are about what was decided in another case.
    asks_against: bool,
    against: String,
    /// Some kinds are about one of the members.
    asks_member: bool,
    kind: String,
    /// The case that this one changes; empty for a new one.
    case: String,
}

/// `GET /cases/drafts/{draft}`
pub async fn draft(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    let draft = read(&office, &visit, id).await?;
    render(&office, &visit, &draft, "", Wrongs::default(), Vec::new())
}

async fn read(office: &Office, visit: &Visit, id: String) -> Result<CaseDraft, Trouble> {
    let scope = visit.scope.clone();
    office.ask(move |store| store.draft(&scope, &id)).await
}

/// `POST /cases/drafts/{draft}`: `action` says what else is wanted besides keeping the answers.
pub async fn write(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut sent: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    if headers.contains_key(BY_ITSELF) {
        sent.retain(|(name, _)| !BY_BUTTON.contains(&name.as_str()));
    }
    let text = |name: &str| sent.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value);
    let counter = office.counter()?;
    let mut draft = read(&office, &visit, id.clone()).await?;
    if text("action") == "drop" {
        let scope = visit.scope.clone();
        office.ask(move |store| store.drop_draft(&scope, &id)).await?;
        return go("/cases");
    }
    let (form, wrong) = take_in(&counter, &mut draft.content, &sent);
    let (scope, content) = (visit.scope.clone(), draft.content.clone());
    office.ask(move |store| store.keep_draft(&scope, Some(&id), &content)).await?;
    if !form.is_empty() {
        return render(&office, &visit, &draft, text("kind"), form, wrong);
    }
    match text("action") {
        "hand-in" => hand_in(&office, &visit, &draft, text("kind"), text("about")).await,
        "return" => {
            let case = draft.content["case"].as_str().unwrap_or_default();
            go(&format!("/cases/{case}?draft={}", draft.draft_id))
        }
        action => {
            // Whoever writes down one member after another goes on with the next.
            let is_of_members = match action {
                "add" => true,
                "enter" => !text("member").trim().is_empty(),
                _ => !text("leave").is_empty(),
            };
            let at = if is_of_members { "member" } else { "questions" };
            go(&format!("/cases/drafts/{}#{at}", draft.draft_id))
        }
    }
}

/// Puts what was typed into the draft; what does not read stays in its field.
fn take_in(
    counter: &CaseCounter,
    content: &mut Json,
    sent: &[(String, String)],
) -> (Wrongs, Vec<(String, String, String)>) {
    let (mut form, mut wrong) = (Wrongs::default(), Vec::new());
    for (name, value) in sent {
        match (name.as_str(), value.trim()) {
            (field, typed) if INTAKE_FIELDS.contains(&field) => content["intake"][field] = json!(typed),
            (AGAINST, typed) => content[AGAINST] = json!(typed),
            ("applicant", name) if !name.is_empty() => content["applicant"] = json!(name),
            ("member", name) if !name.is_empty() => {
                if let Some(members) = content["facts"]["members"].as_array_mut() {
                    members.push(json!({ "姓名": name }));
                }
            }
            (path, value) if path.starts_with('[') => {
                let Ok(at) = serde_json::from_str::<Vec<Json>>(path) else { continue };
                let is_unanswered = value.is_empty();
                if is_unanswered && !is_there(&content["facts"], &at) {
                    continue;
                }
                if let Err(why) = counter.write_answer(&mut content["facts"], &at, value) {
                    wrong.push((path.to_owned(), value.to_owned(), why.clone()));
                    form.add(format!("w{}", wrong.len() - 1), why);
                }
            }
            _ => {}
        }
    }
    // Last: answers are found by the places that members had on the page.
    let leave = sent.iter().find(|(name, _)| name == "leave").and_then(|(_, at)| at.parse::<usize>().ok());
    if let Some((members, at)) = content["facts"]["members"].as_array_mut().zip(leave) {
        // A family has at least one.
        if members.len() > 1 && at < members.len() {
            members.remove(at);
        }
    }
    (form, wrong)
}

fn is_there(facts: &Json, at: &[Json]) -> bool {
    let mut found = facts;
    for part in at {
        let next = match part {
            Json::String(name) => found.get(name.as_str()),
            Json::Number(number) => {
                let list = if found.is_array() { found } else { &found["已知"] };
                list.get(number.as_u64().unwrap_or(0) as usize)
            }
            _ => None,
        };
        let Some(next) = next else { return false };
        found = next;
    }
    true
}

fn place_of(content: &Json) -> Result<RegionCode, Trouble> {
    RegionCode::parse(content["place"].as_str().unwrap_or_default()).map_err(|_| Trouble::NotFound)
}

/// Opens the case; the draft has become it.
async fn hand_in(office: &Office, visit: &Visit, draft: &CaseDraft, kind: &str, about: &str) -> Answer {
    let counter = office.counter()?;
    let content = &draft.content;
    let (place, today) = (place_of(content)?, visit.scope.today());
    if content["case"].is_string() {
        return Err(Trouble::bad("这份草稿是更正办件用的，不能另交一件。请按“改好了，回到办件”"));
    }
    let found = counter.procedure(kind, place, today);
    // What begins with another case, a lead or a list is not asked for at the window.
    let Some(procedure) = found.filter(|found| found.opened_from == OpenedFrom::Window) else {
        let mut form = Wrongs::default();
        form.add("kind", "请选这家人要办的事");
        return render(office, visit, draft, kind, form, Vec::new());
    };
    let applicant = content["applicant"].as_str().unwrap_or_default();
    let mut file = counter.begin(procedure, place, today, applicant, content["facts"].clone());
    match intake(&counter, content) {
        Ok(intake) => file.intake = intake,
        Err(form) => return render(office, visit, draft, kind, form, Vec::new()),
    }
    match procedure.about(file.members().len(), about.parse().ok()) {
        Ok(member) => file.member = member,
        Err(wrong) => {
            let mut form = Wrongs::default();
            form.add("about", wrong.text);
            return render(office, visit, draft, kind, form, Vec::new());
        }
    }
    match against(office, visit, procedure, content).await? {
        Ok(case) => file.about = case,
        Err(text) => {
            let mut form = Wrongs::default();
            form.add(AGAINST, text);
            return render(office, visit, draft, kind, form, Vec::new());
        }
    }
    let new = NewCase {
        name: procedure.name.clone(),
        household_id: content["household_id"].as_str().unwrap_or_default().to_owned(),
        first: moved(&counter, file, OPENED)?,
    };
    let (scope, id) = (visit.scope.clone(), draft.draft_id.clone());
    let opened = match office.with_store(move |store| store.open_case(&scope, &new, Some(&id))).await? {
        Err(error @ StoreError::AlreadyOpen { .. }) => {
            let mut form = Wrongs::default();
            form.add("kind", error.to_string());
            return render(office, visit, draft, kind, form, Vec::new());
        }
        opened => opened?,
    };
    go(&format!("/cases/{}", opened.row.case_id))
}

/// The case whose decision is appealed against, as it was typed: whoever decided it may not answer the appeal.
async fn against(
    office: &Office,
    visit: &Visit,
    procedure: &Procedure,
    content: &Json,
) -> Result<Result<Option<String>, String>, Trouble> {
    let id = content[AGAINST].as_str().unwrap_or_default().to_uppercase();
    if id.is_empty() {
        return Ok(Ok(None));
    }
    if !procedure.answers_a_case() {
        return Ok(Err(format!("“{}”不是对哪件办件的决定提的，这一项请清空", procedure.name)));
    }
    let (scope, wanted) = (visit.scope.clone(), id.clone());
    match office.with_store(move |store| store.case(&scope, &wanted)).await? {
        Ok(_) => Ok(Ok(Some(id))),
        Err(StoreError::NotFound(_) | StoreError::Refused(_)) => Ok(Err(format!(
            "没有编号是 {id} 的办件，或者不在您的辖区。请对照回执、决定书；不是这里办的，这一项请清空"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// How it was brought; nothing where content knows no ways.
fn intake(counter: &CaseCounter, content: &Json) -> Result<Option<Intake>, Wrongs> {
    let Some(first) = counter.intake_ways().first() else { return Ok(None) };
    let typed = |field: &str| content["intake"][field].as_str().unwrap_or_default().to_owned();
    let proxy =
        Proxy { name: typed("proxy-name"), relation: typed("proxy-relation"), phone: typed("proxy-phone") };
    // Who says nothing brings it themselves.
    let way = if typed("way").is_empty() { first.id.clone() } else { typed("way") };
    Intake::read(counter.intake_ways(), &way, proxy).map(Some).map_err(|wrongs| {
        let mut form = Wrongs::default();
        wrongs.into_iter().for_each(|wrong| form.add(wrong.field, wrong.text));
        form
    })
}

/// The first entry of a case's history.
pub(crate) const OPENED: &str = "open";

fn render(
    office: &Office,
    visit: &Visit,
    draft: &CaseDraft,
    kind: &str,
    form: Wrongs,
    wrong: Vec<(String, String, String)>,
) -> Answer {
    let counter = office.counter()?;
    let content = &draft.content;
    let (place, today): (RegionCode, Date) = (place_of(content)?, visit.scope.today());
    let facts = &content["facts"];
    let (trials, questions) = tried(&counter, facts, place, today)?;
    let (likely, others): (Vec<&Trial>, Vec<&Trial>) =
        trials.iter().partition(|trial| trial.entitled != Some(false));
    let kinds = counter.kinds(OpenedFrom::Window, place, today);
    let more = questions.len().saturating_sub(ASKED_AT_ONCE);
    let mut fields: Vec<Field> =
        wrong.iter().enumerate().map(|(at, wrong)| come_back(&counter, at, wrong)).collect();
    let asked = questions.iter().take(ASKED_AT_ONCE).enumerate();
    let asked = asked.map(|(at, question)| Field::of_question(question, at));
    fields.extend(asked.filter(|field| wrong.iter().all(|(path, ..)| *path != field.name)));
    let members = facts["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let case = content["case"].as_str().unwrap_or_default().to_owned();
    let title = if case.is_empty() { "登记家庭情况" } else { "更正家庭情况" };
    let mut frame = visit.frame(office, title, "/cases");
    frame.trail = vec![Step::new("办件", "/cases")];
    if !case.is_empty() {
        frame.trail.push(Step::new(case.clone(), format!("/cases/{case}")));
    }
    frame.has_errors = !form.is_empty();
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let built = Page {
        frame,
        form,
        draft: draft.draft_id.clone(),
        applicant: content["applicant"].as_str().unwrap_or_default().to_owned(),
        place: office.places().long_name(place),
        members: members.iter().map(|member| member["姓名"].as_str().unwrap_or("").to_owned()).collect(),
        questions: fields,
        more,
        known: known(&counter, facts),
        likely: likely.into_iter().map(Tried::new).collect(),
        others: others.into_iter().map(Tried::new).collect(),
        kinds: kinds
            .iter()
            .map(|procedure| Step::new(procedure.name.clone(), procedure.kind.clone()))
            .collect(),
        ways: ways(&counter, content["intake"]["way"].as_str().unwrap_or_default()),
        intake: INTAKE_FIELDS.map(|field| content["intake"][field].as_str().unwrap_or_default().to_owned()),
        asks_against: kinds.iter().any(|procedure| procedure.answers_a_case()),
        against: content[AGAINST].as_str().unwrap_or_default().to_owned(),
        asks_member: members.len() > 1 && kinds.iter().any(|procedure| procedure.subject == PERSON),
        kind: kind.to_owned(),
        case,
    };
    page_with(status, &built)
}

/// What every programme would say to a family, likely ones first, and what there is still to ask.
pub(crate) fn tried(
    counter: &CaseCounter,
    facts: &Json,
    place: RegionCode,
    today: Date,
) -> Result<(Vec<Trial>, Vec<FormQuestion>), StepRefusal> {
    let mut trials = counter.trial(facts, place, today)?;
    // Those that the family may have first, then those that are open.
    trials.sort_by_key(|trial| match trial.entitled {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    });
    let hopeless = |programme: &str| {
        let mut of = trials.iter().filter(|trial| trial.programme == programme).peekable();
        of.peek().is_some() && of.all(|trial| trial.entitled == Some(false))
    };
    let mut kinds = counter.kinds(OpenedFrom::Window, place, today);
    kinds.retain(|procedure| procedure.programme.as_deref().is_some_and(|programme| !hopeless(programme)));
    let questions = counter.questions(facts, place, today, &kinds)?;
    Ok((trials, questions))
}

/// A field whose answer did not read, as it was typed.
fn come_back(counter: &CaseCounter, at: usize, (path, value, why): &(String, String, String)) -> Field {
    let parts: Vec<Json> = serde_json::from_str(path).unwrap_or_default();
    let name = parts.last().and_then(Json::as_str).unwrap_or_default();
    let library = counter.library();
    let input = library.inputs.iter().position(|input| input.name == name);
    let options = input.map(|id| counter.options(doudi_policy::ir::InputId(id as u32))).unwrap_or_default();
    Field {
        name: path.clone(),
        id: format!("w{at}"),
        label: name.to_owned(),
        kind: "text",
        options,
        value: value.clone(),
        hint: String::new(),
        wrong: Some(why.clone()),
    }
}
