//! `GET /policies/{place}/{day}/{page}`: the law as it is written, with formulas, standards and worked examples.

use super::{go, page, places};
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::{Found, Office};
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Path, Query, State};
use doudi_casework::Permission;
use doudi_terms::{Date, Month, RegionCode, parse_date};
use serde::Deserialize;

const FIRST: &str = "index.html";

#[derive(Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    place: String,
    #[serde(default)]
    day: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    article: String,
    /// Of the explanation that cites: its law is that of its last day.
    #[serde(default)]
    month: String,
}

/// `GET /policies?place=500243&day=2020-05-31&q=渐退`: an address that stays with the place and the day.
pub async fn enter(State(_): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let (place, day) = at(&visit, &wish.place, &wish.day)?;
    let q = wish.q.trim();
    match q.is_empty() {
        true => go(&format!("/policies/{place}/{day}/{FIRST}")),
        false => go(&format!("/policies/{place}/{day}/search?q={}", in_query(q))),
    }
}

/// Whoever names none is shown the own area, today.
fn at(visit: &Visit, place: &str, day: &str) -> Result<(RegionCode, Date), Trouble> {
    let place = match place {
        "" => visit.scope.home(),
        code => RegionCode::parse(code).map_err(|error| Trouble::bad(format!("地区：{error}")))?,
    };
    let day = match day {
        "" => visit.scope.today(),
        text => parse_date(text).ok_or_else(|| Trouble::bad("日期请写成 2020-05-31 的样子"))?,
    };
    // Villages have no law of their own.
    Ok((place.county(), day))
}

/// `GET /policies/find?article=国务院令第649号 第九条`: from wherever something is cited.
pub async fn find(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let (place, mut day) = at(&visit, &wish.place, &wish.day)?;
    if let Some(month) = Month::parse(&wish.month) {
        day = month.last_day();
    }
    let (asked, words) = (office.clone(), wish.article.clone());
    let found = office
        .with_store(move |_| Ok::<_, Trouble>(asked.handbook().and_then(|handbook| handbook.cite(&words))))
        .await??;
    match found {
        Some(address) => go(&format!("/policies/{place}/{day}/{}", in_address(&address))),
        None => go(&format!("/policies/{place}/{day}/search?q={}", in_query(wish.article.trim()))),
    }
}

/// A header holds no Chinese.
fn in_address(address: &str) -> String {
    match address.split_once('#') {
        Some((file, anchor)) => format!("{}#{}", in_query(file), in_query(anchor)),
        None => in_query(address),
    }
}

#[derive(Template)]
#[template(path = "policies/show.html")]
struct Page {
    frame: Frame,
    place: String,
    place_name: String,
    day: String,
    places: Vec<Step>,
    q: String,
    /// Markup of the handbook's; empty for a search.
    body: String,
    found: Vec<Found>,
}

pub async fn show(
    State(office): State<Office>,
    visit: Visit,
    Path((place, day, file)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> Answer {
    let (place, day) = at(&visit, &place, &day)?;
    let q = wish.q.trim().to_owned();
    let (asked, words, wanted) = (office.clone(), q.clone(), file.clone());
    let read = move || {
        let handbook = asked.handbook()?;
        if wanted == "search" {
            let found = if words.is_empty() { Vec::new() } else { handbook.search(place, day, &words) };
            return Some(("查找".to_owned(), String::new(), found));
        }
        let leaf = handbook.page(place, day, &wanted)?;
        Some((leaf.title, leaf.body, Vec::new()))
    };
    let read = office.with_store(move |_| Ok::<_, Trouble>(read())).await??;
    let (title, body, found) = read.ok_or(Trouble::NotFound)?;
    let mut frame = visit.frame(&office, title, "/policies");
    if file != FIRST {
        frame.trail = vec![Step::new("政策", format!("/policies/{place}/{day}/{FIRST}"))];
    }
    let mut choices = places(&office, &visit, Permission::ReadBoard, None);
    choices.retain(|choice| RegionCode::parse(&choice.path).is_ok_and(|code| code == code.county()));
    page(&Page {
        frame,
        place_name: office.places().long_name(place),
        places: choices,
        place: place.to_string(),
        day: day.to_string(),
        q,
        body,
        found,
    })
}
