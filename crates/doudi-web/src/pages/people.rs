//! People: looking for one, one person's record, and a whole number for a purpose.

use super::leads::LeadLine;
use super::page;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::household::{Answers, KnownMonth, Ledger, Payment, Row, reasons};
use crate::office::Office;
use crate::trouble::{Answer, in_query};
use crate::words;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use doudi_casework::Permission;
use doudi_store::{Hidden, Person, PersonRow, StoreError};
use serde::Deserialize;

/// Rows of a page.
const PAGE: usize = 50;

/// One person in a list.
pub(crate) struct Line {
    pub id: String,
    pub name: String,
    pub relation: String,
    pub sex: String,
    pub birth: String,
    pub id_number: String,
    pub bucket: String,
    pub place: String,
    pub household: String,
}

impl Line {
    pub fn new(office: &Office, row: &PersonRow) -> Line {
        Line {
            id: row.person_id.clone(),
            name: row.name.clone(),
            relation: row.relation.clone(),
            sex: row.sex.clone(),
            birth: row.birth.map(|birth| birth.to_string()).unwrap_or_default(),
            id_number: row.id_number.clone(),
            bucket: words::bucket(&row.bucket),
            place: office.places().name(row.region),
            household: row.household_id.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "people/search.html")]
struct SearchPage {
    frame: Frame,
    form: Wrongs,
    q: String,
    rows: Vec<Line>,
    /// There may be more than are shown.
    is_cut: bool,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
}

/// `GET /people?q=…`
pub async fn search(State(office): State<Office>, visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let mut form = Wrongs::default();
    let mut rows = Vec::new();
    let q = wanted.q.trim().to_owned();
    if !q.is_empty() {
        let (scope, text) = (visit.scope.clone(), q.clone());
        match office.with_store(move |store| store.search(&scope, &text, None, PAGE)).await? {
            Ok(found) => rows = found.iter().map(|row| Line::new(&office, row)).collect(),
            Err(StoreError::BadInput(why)) => form.add("q", why),
            Err(error) => return Err(error.into()),
        }
    }
    let is_cut = rows.len() == PAGE;
    page(&SearchPage { frame: visit.frame(&office, "找人", "/people"), form, q, rows, is_cut })
}

struct Source {
    month: String,
    place: String,
    class: String,
    grade: String,
    likelihood: String,
}

#[derive(Template)]
#[template(path = "people/show.html")]
struct ShowPage {
    frame: Frame,
    form: Wrongs,
    person: Line,
    long_place: String,
    address: String,
    phone: String,
    account: String,
    programmes: String,
    reason: String,
    missing: String,
    month: String,
    leads: Vec<LeadLine>,
    sources: Vec<Source>,
    known: Known,
    may_unmask: bool,
    may_watch: bool,
    /// What was unmasked, and its whole value.
    whole: Option<(&'static str, String)>,
    purpose: String,
}

/// What the cleared months say of a person; empty where none is known.
#[derive(Default)]
struct Known {
    month: String,
    months: Vec<String>,
    benefits: Vec<Row>,
    other: Vec<Payment>,
    answers: Answers,
    /// Where steps are explained: at the household.
    base: String,
}

impl Known {
    fn of(months: &[KnownMonth], person: &Person) -> Known {
        let Some(latest) = months.first() else { return Known::default() };
        let id = person.row.person_id.as_str();
        let ledger = Ledger::of(months, Some(id));
        Known {
            month: latest.found.month.to_string(),
            months: ledger.months.iter().map(ToString::to_string).collect(),
            benefits: ledger.rows,
            other: ledger.other,
            answers: reasons(latest, latest.member(id)),
            base: format!("/households/{}", in_query(&person.row.household_id)),
        }
    }
}

/// `GET /people/{person}`
pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Answer {
    render(&office, &visit, id, Wrongs::default(), None, String::new()).await
}

#[derive(Deserialize)]
pub struct Unmask {
    #[serde(default)]
    what: String,
    #[serde(default)]
    purpose: String,
}

/// `POST /people/{person}/unmask`: shown once, in the answer to the form; what for stands in the audit.
pub async fn unmask(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    Form(given): Form<Unmask>,
) -> Answer {
    let (what, name) = match given.what.as_str() {
        "phone" => (Hidden::Phone, "电话"),
        "account" => (Hidden::Account, "银行账号"),
        _ => (Hidden::IdNumber, "身份证号"),
    };
    let (scope, person, purpose) = (visit.scope.clone(), id.clone(), given.purpose.clone());
    let mut form = Wrongs::default();
    let mut whole = None;
    match office.with_store(move |store| store.unmask(&scope, &person, what, &purpose)).await? {
        Ok(value) => whole = Some((name, value)),
        Err(StoreError::BadInput(why)) => form.add("purpose", why),
        Err(error) => return Err(error.into()),
    }
    render(&office, &visit, id, form, whole, given.purpose).await
}

async fn render(
    office: &Office,
    visit: &Visit,
    id: String,
    form: Wrongs,
    whole: Option<(&'static str, String)>,
    purpose: String,
) -> Answer {
    let scope = visit.scope.clone();
    let record = office.ask(move |store| store.person_record(&scope, &id, "")).await?;
    let months = office.known_months(record.months).await?;
    let person: Person = record.person;
    let known = Known::of(&months, &person);
    let today = visit.scope.today();
    let mut frame = visit.frame(office, person.row.name.clone(), "/people");
    frame.trail = vec![Step::new("找人", "/people")];
    frame.has_errors = !form.is_empty();
    let sources = person.sources.iter().map(|source| Source {
        month: source.month.clone(),
        place: format!("{} 第 {} 行", source.file, source.row),
        class: words::standing(&source.class),
        grade: source.grade.clone(),
        likelihood: format!("{}.{:02}%", source.likelihood / 10_000, source.likelihood % 10_000 / 100),
    });
    page(&ShowPage {
        frame,
        form,
        long_place: office.places().long_name(person.row.region),
        month: person.row.month.map(|month| month.to_string()).unwrap_or_default(),
        leads: person.leads.iter().map(|lead| LeadLine::new(lead, today)).collect(),
        sources: sources.collect(),
        known,
        may_watch: visit.scope.may_at(Permission::ReadAudit, person.row.region),
        may_unmask: visit.scope.may_at(Permission::Unmask, person.row.region),
        person: Line::new(office, &person.row),
        address: person.address,
        phone: person.phone,
        account: person.account,
        programmes: person.programmes,
        reason: person.reason,
        missing: person.missing,
        whole,
        purpose,
    })
}
