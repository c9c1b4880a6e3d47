//! `GET /households?q=…&place=…`: by the head's name, by number, by village.

use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{page, places};
use crate::trouble::{Answer, Trouble, in_query};
use crate::words;
use askama::Template;
use axum::extract::{Query, State};
use doudi_casework::Permission;
use doudi_store::{HouseholdLine, HouseholdQuery};
use doudi_terms::RegionCode;
use serde::Deserialize;

/// Rows of a page.
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    place: String,
    /// `500243001202.<household>.<head>`: the last of the page before.
    #[serde(default)]
    after: String,
}

struct Line {
    id: String,
    number: String,
    head: String,
    place: String,
    members: i64,
    bucket: String,
    programmes: String,
}

#[derive(Template)]
#[template(path = "households/list.html")]
struct Page {
    frame: Frame,
    q: String,
    place: String,
    places: Vec<Step>,
    asked: bool,
    rows: Vec<Line>,
    next: Option<String>,
}

pub async fn list(State(office): State<Office>, visit: Visit, Query(wanted): Query<Wanted>) -> Answer {
    let place = match wanted.place.as_str() {
        "" => None,
        code => Some(RegionCode::parse(code).map_err(|error| Trouble::bad(format!("地区：{error}")))?),
    };
    let q = wanted.q.trim().to_owned();
    let asked = !q.is_empty() || place.is_some();
    let mut found = Vec::new();
    if asked {
        let query = HouseholdQuery { text: q.clone(), place, after: cursor(&wanted.after), limit: PAGE + 1 };
        let scope = visit.scope.clone();
        found = office.ask(move |store| store.households(&scope, &query)).await?;
    }
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| {
        let after = format!("{}.{}.{}", last.region, last.household_id, last.head_name);
        format!("/households?q={}&place={}&after={}", in_query(&q), in_query(&wanted.place), in_query(&after))
    });
    let rows = found.into_iter().map(|line| Line {
        id: line.household_id,
        number: line.number,
        head: line.head_name,
        place: office.places().long_name(line.region),
        members: line.members,
        bucket: words::bucket(&line.bucket),
        programmes: line.programmes,
    });
    let mut frame = visit.frame(&office, "找家庭", "/people");
    frame.trail = vec![Step::new("找人", "/people")];
    page(&Page {
        frame,
        q,
        rows: rows.collect(),
        places: places(&office, &visit, Permission::ReadPersons, place),
        place: wanted.place,
        asked,
        next,
    })
}

fn cursor(after: &str) -> Option<HouseholdLine> {
    let mut parts = after.splitn(3, '.');
    let (region, household_id, head_name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(HouseholdLine {
        household_id: household_id.to_owned(),
        number: String::new(),
        region: RegionCode::parse(region).ok()?,
        head_name: head_name.to_owned(),
        members: 0,
        bucket: String::new(),
        programmes: String::new(),
    })
}
