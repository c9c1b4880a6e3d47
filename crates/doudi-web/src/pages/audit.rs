//! `GET /audit`: who did what, and who looked at this person.

use super::page;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::trouble::Answer;
use crate::words;
use askama::Template;
use axum::extract::{Query, State};
use doudi_casework::{Moment, UserId};
use doudi_store::{Action, AuditQuery, StoreError};
use doudi_terms::parse_date;
use serde::Deserialize;

/// Rows of a page.
const PAGE: usize = 100;
const HALF_A_DAY: i64 = 12 * 3_600;

#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    person: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    before: String,
}

impl Wish {
    fn query(&self, form: &mut Wrongs) -> AuditQuery {
        let mut day = |field: &'static str, text: &str| {
            if text.is_empty() {
                return None;
            }
            let date = parse_date(text);
            if date.is_none() {
                form.add(field, "日期请写成 2020-05-08 的样子");
            }
            date.map(Moment::noon_of)
        };
        let from = day("from", self.from.trim()).map(|noon| noon.plus_seconds(-HALF_A_DAY));
        let until = day("until", self.until.trim()).map(|noon| noon.plus_seconds(HALF_A_DAY));
        let actor = self.actor.trim();
        if !actor.is_empty() && actor.parse::<i64>().is_err() {
            form.add("actor", "操作人请写编号，是一个数");
        }
        AuditQuery {
            actor: actor.parse().ok().map(UserId),
            person: Some(self.person.trim().to_owned()).filter(|person| !person.is_empty()),
            action: Action::parse(&self.action),
            from,
            until,
            before: self.before.parse().ok(),
            limit: PAGE,
        }
    }
}

struct Line {
    seq: i64,
    at: String,
    who: String,
    actor: i64,
    action: &'static str,
    object: String,
    persons: usize,
    place: String,
    purpose: String,
    ip: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "audit/search.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    wish: Wish,
    actions: Vec<Step>,
    rows: Vec<Line>,
    next: Option<i64>,
}

pub async fn search(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let mut form = Wrongs::default();
    let query = wish.query(&mut form);
    let mut records = Vec::new();
    if form.is_empty() {
        let scope = visit.scope.clone();
        match office.with_store(move |store| store.audit_records(&scope, &query)).await? {
            Ok(found) => records = found,
            Err(error @ StoreError::NotFound(_)) => form.add("person", error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    let next = records.last().filter(|_| records.len() == PAGE).map(|record| record.seq);
    let rows = records.iter().map(|record| Line {
        seq: record.seq,
        at: record.at.to_string(),
        who: record.actor_name.clone(),
        actor: record.actor.0,
        action: record.action.map_or("", Action::name),
        object: format!("{} {}", words::object(&record.object_kind), record.object_id).trim_end().to_owned(),
        persons: record.persons,
        place: office.places().name(record.region),
        purpose: record.purpose.clone(),
        ip: record.ip.clone(),
        detail: record.detail.clone(),
    });
    let rows = rows.collect();
    page(&Page {
        frame: visit.frame(&office, "操作记录", "/audit"),
        form,
        actions: Action::all().map(|action| Step::new(action.name(), action.code())).collect(),
        rows,
        next,
        wish,
    })
}
