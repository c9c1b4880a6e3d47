//! `GET /cases/new`: whether the family is known already. `POST /cases/drafts`: begins to write down what it says.

use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::people::Line;
use crate::pages::{go, page_with, places};
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use doudi_casework::{CaseCounter, Permission};
use doudi_store::{Outcome, Scope, Store, StoreError};
use doudi_terms::RegionCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

const PAGE: usize = 20;

#[derive(Template)]
#[template(path = "cases/new.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    q: String,
    rows: Vec<Line>,
    places: Vec<Step>,
    applicant: String,
    place: String,
}

#[derive(Clone, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
}

pub async fn new(State(office): State<Office>, visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    render(&office, &visit, wanted.q, &Begun::default(), Wrongs::default()).await
}

#[derive(Clone, Default, Deserialize)]
pub struct Begun {
    /// Id of a household of the register.
    #[serde(default)]
    household: String,
    #[serde(default)]
    applicant: String,
    #[serde(default)]
    place: String,
}

/// `POST /cases/drafts`
pub async fn begin(State(office): State<Office>, visit: Visit, Form(begun): Form<Begun>) -> Answer {
    let content = if begun.household.is_empty() {
        let mut form = Wrongs::default();
        form.require("applicant", &begun.applicant, "请填写申请人的姓名");
        let place = RegionCode::parse(&begun.place).ok();
        let place = place.filter(|place| visit.scope.may_at(Permission::AcceptCases, *place));
        let Some(place) = place.filter(|_| form.is_empty()) else {
            if place.is_none() {
                form.add("place", "请选这家人住在哪个村（社区）");
            }
            return render(&office, &visit, String::new(), &begun, form).await;
        };
        let name = begun.applicant.trim();
        json!({ "applicant": name, "place": place.to_string(), "household_id": "",
            "facts": { "household": {}, "members": [{ "姓名": name }] } })
    } else {
        known_family(&office, &visit, &begun).await?
    };
    let scope = visit.scope.clone();
    let draft = office.ask(move |store| store.keep_draft(&scope, None, &content)).await?;
    go(&format!("/cases/drafts/{draft}"))
}

/// What the register and the last cleared month know of a household; the visit to its record is in the audit.
async fn known_family(office: &Office, visit: &Visit, begun: &Begun) -> Result<Json, Trouble> {
    let counter = office.counter()?;
    let (scope, id) = (visit.scope.clone(), begun.household.clone());
    let known = office.ask(move |store| KnownFamily::read(store, &scope, &counter, &id)).await?;
    let applicant = match begun.applicant.trim() {
        "" => known.head,
        name => name.to_owned(),
    };
    Ok(json!({ "applicant": applicant, "place": known.place.to_string(),
        "household_id": known.household_id, "facts": known.facts }))
}

/// A household of the register, with what the last cleared month knew of it as facts.
pub(crate) struct KnownFamily {
    pub household_id: String,
    pub head: String,
    pub place: RegionCode,
    pub facts: Json,
}

impl KnownFamily {
    pub fn read(store: &Store, scope: &Scope, counter: &CaseCounter, id: &str) -> Outcome<KnownFamily> {
        let record = store.household_record(scope, id, "")?;
        let members = &record.household.members;
        let first = members.first().ok_or(StoreError::NotFound("这户人家"))?;
        let head = members.iter().find(|member| member.person_id == record.head).unwrap_or(first);
        let facts = match record.months.first() {
            Some(month) => {
                let names: Vec<&str> = month.members.iter().map(|(_, name)| name.as_str()).collect();
                counter.facts_of_month(&month.facts, &names)
            }
            None => {
                let members: Vec<Json> =
                    members.iter().map(|member| json!({ "姓名": member.name })).collect();
                json!({ "household": {}, "members": members })
            }
        };
        let (head, place) = (head.name.clone(), first.region);
        Ok(KnownFamily { head, place, facts, household_id: record.household.household_id })
    }
}

async fn render(office: &Office, visit: &Visit, q: String, begun: &Begun, mut form: Wrongs) -> Answer {
    let q = q.trim().to_owned();
    let mut rows = Vec::new();
    if !q.is_empty() {
        let (scope, text) = (visit.scope.clone(), q.clone());
        match office.with_store(move |store| store.search(&scope, &text, None, PAGE)).await? {
            Ok(found) => rows = found.iter().map(|row| Line::new(office, row)).collect(),
            Err(StoreError::BadInput(why)) => form.add("q", why),
            Err(error) => return Err(error.into()),
        }
    }
    let mut frame = visit.frame(office, "受理申请", "/cases");
    frame.trail = vec![Step::new("办件", "/cases")];
    frame.has_errors = !form.is_empty();
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen = RegionCode::parse(&begun.place).ok();
    let built = Page {
        frame,
        form,
        q,
        rows,
        places: places(office, visit, Permission::AcceptCases, chosen),
        applicant: begun.applicant.clone(),
        place: begun.place.clone(),
    };
    page_with(status, &built)
}
