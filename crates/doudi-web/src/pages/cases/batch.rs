//! `GET /cases/batch`: a case for every household of a village, or of a lead's list: the month's canvass, families to be
//! told what they may have.

use super::draft::OPENED;
use super::moved;
use super::new::KnownFamily;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{go, page_with, places};
use crate::trouble::Answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use doudi_casework::{CaseCounter, OpenedFrom, Permission, Procedure};
use doudi_store::{HouseholdQuery, LeadFilter, LeadOrder, NewCase, Outcome, Scope, Store, StoreError};
use doudi_terms::{Date, RegionCode};
use serde::Deserialize;
use std::sync::Arc;

/// Households of one act; a village has a few hundred.
const MOST: usize = 1_000;
const PORTION: usize = 100;

#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    place: String,
    /// For kinds that begin with a lead: which check.
    #[serde(default)]
    check: String,
}

#[derive(Template)]
#[template(path = "cases/batch.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    wish: Wish,
    places: Vec<Step>,
    kinds: Vec<Step>,
    checks: Vec<String>,
}

pub async fn batch(State(office): State<Office>, visit: Visit) -> Answer {
    render(&office, &visit, Wish::default(), Wrongs::default()).await
}

async fn render(office: &Office, visit: &Visit, wish: Wish, form: Wrongs) -> Answer {
    let counter = office.counter()?;
    let today = visit.scope.today();
    let home = visit.scope.home();
    let mut kinds = counter.kinds(OpenedFrom::List, home, today);
    kinds.extend(counter.kinds(OpenedFrom::Lead, home, today));
    let scope = visit.scope.clone();
    let checks = office.ask(move |store| store.checks_in_use(&scope)).await?;
    let mut frame = visit.frame(office, "按名单开办件", "/cases");
    frame.trail = vec![Step::new("办件", "/cases")];
    frame.has_errors = !form.is_empty();
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen = RegionCode::parse(&wish.place).ok();
    let built = Page {
        frame,
        form,
        places: places(office, visit, Permission::AcceptCases, chosen),
        kinds: kinds
            .iter()
            .map(|procedure| Step::new(procedure.name.clone(), procedure.kind.clone()))
            .collect(),
        checks,
        wish,
    };
    page_with(status, &built)
}

/// `POST /cases/batch`
pub async fn open_batch(State(office): State<Office>, visit: Visit, Form(wish): Form<Wish>) -> Answer {
    let counter = office.counter()?;
    let today = visit.scope.today();
    let mut form = Wrongs::default();
    let place = RegionCode::parse(&wish.place).ok();
    let place = place.filter(|place| visit.scope.may_at(Permission::AcceptCases, *place));
    if place.is_none() {
        form.add("place", "请选村（社区）");
    }
    let found = place.and_then(|place| counter.procedure(&wish.kind, place, today));
    let found = found.filter(|found| matches!(found.opened_from, OpenedFrom::List | OpenedFrom::Lead));
    let kind = found.map(|found| found.kind.clone());
    if kind.is_none() && place.is_some() {
        form.add("kind", "请选要办什么");
    }
    let (Some(place), Some(kind)) = (place, kind) else { return render(&office, &visit, wish, form).await };
    let (scope, check) = (visit.scope.clone(), wish.check.clone());
    let opened = office.with_store(move |store| open(store, &scope, &counter, (&kind, place, today), &check));
    match opened.await? {
        Ok(opened) => go(&format!("/cases?place={place}&kind={}&opened={opened}", wish.kind)),
        Err(StoreError::BadInput(why)) => {
            form.add("place", why);
            render(&office, &visit, wish, form).await
        }
        Err(error) => Err(error.into()),
    }
}

/// A household that gets a case.
struct Family {
    household_id: String,
    about: Option<String>,
}

fn open(
    store: &Store,
    scope: &Scope,
    counter: &Arc<CaseCounter>,
    (kind, place, today): (&str, RegionCode, Date),
    check: &str,
) -> Outcome<u64> {
    let procedure = counter.procedure(kind, place, today).ok_or(StoreError::NotFound("这种办件"))?;
    let families = match procedure.opened_from {
        OpenedFrom::Lead => of_leads(store, scope, place, check)?,
        _ => of_village(store, scope, place)?,
    };
    if families.is_empty() {
        return Err(StoreError::BadInput("这里没有要办的户。换一个村，或者换一条疑点".into()));
    }
    let running = store.households_with_open_case(scope, kind)?;
    let new: Outcome<Vec<NewCase>> = families
        .into_iter()
        .filter(|family| !running.contains(&family.household_id))
        .map(|family| begin(store, scope, counter, (procedure, today), family))
        .collect();
    store.open_cases(scope, &new?)
}

fn begin(
    store: &Store,
    scope: &Scope,
    counter: &CaseCounter,
    (procedure, today): (&Procedure, Date),
    family: Family,
) -> Outcome<NewCase> {
    let known = KnownFamily::read(store, scope, counter, &family.household_id)?;
    let mut file = counter.begin(procedure, known.place, today, &known.head, known.facts);
    file.about = family.about;
    Ok(NewCase {
        name: procedure.name.clone(),
        household_id: family.household_id,
        first: moved(counter, file, OPENED)?,
    })
}

fn of_village(store: &Store, scope: &Scope, place: RegionCode) -> Outcome<Vec<Family>> {
    let mut found = Vec::new();
    let mut query = HouseholdQuery { place: Some(place), limit: PORTION, ..HouseholdQuery::default() };
    loop {
        let lines = store.households(scope, &query)?;
        let is_last = lines.len() < PORTION;
        query.after = lines.last().cloned();
        found.extend(lines.into_iter().map(|line| Family { household_id: line.household_id, about: None }));
        if found.len() > MOST {
            return Err(StoreError::BadInput(format!("这里超过 {MOST} 户，一次办不完。请选一个村（社区）")));
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// One case for a household, however many of its leads the check has.
fn of_leads(store: &Store, scope: &Scope, place: RegionCode, check: &str) -> Outcome<Vec<Family>> {
    let filter = LeadFilter { place: Some(place), check: Some(check.to_owned()), ..LeadFilter::default() };
    let mut found: Vec<Family> = Vec::new();
    let mut after = None;
    loop {
        let page = store.leads(scope, &filter, LeadOrder::Place, after.as_ref(), PORTION)?;
        for row in page.rows {
            if found.iter().all(|family| family.household_id != row.household_id) {
                found.push(Family { household_id: row.household_id, about: Some(row.lead_id) });
            }
        }
        if found.len() > MOST {
            return Err(StoreError::BadInput(format!("这里超过 {MOST} 户，一次办不完。请选一个村（社区）")));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}
