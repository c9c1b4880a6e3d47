//! `GET /audit`: who did what, and who looked at this person.

use super::page;
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::trouble::{Answer, in_query};
use crate::words;
use askama::Template;
use axum::extract::{Query, State};
use doudi_casework::{Moment, StateKind, UserId};
use doudi_store::{Action, AuditQuery, AuditRecord, StoreError};
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
        let number: Option<i64> = actor.parse().ok();
        AuditQuery {
            actor: number.map(UserId),
            actor_name: Some(actor.to_owned()).filter(|name| number.is_none() && !name.is_empty()),
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
    /// Of one person or household: its page.
    link: String,
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
        link: link(record),
        persons: record.persons,
        place: office.places().name(record.region),
        purpose: record.purpose.clone(),
        ip: record.ip.clone(),
        detail: in_words(&record.detail),
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

/// What stands before the `=` of a detail.
const DETAILS: [(&str, &str); 24] = [
    ("fields", "看到的栏"),
    ("rows", "行数"),
    ("found", "找到"),
    ("by", "按"),
    ("place", "地区"),
    ("check", "疑点"),
    ("severity", "级别"),
    ("state", "状态"),
    ("assignee", "办理人"),
    ("overdue", "超期于"),
    ("version", "版本"),
    ("before", "改前"),
    ("after", "改后"),
    ("finding", "结果"),
    ("measure", "措施"),
    ("evidence", "凭据份数"),
    ("id-numbers", "身份证号"),
    ("actor", "操作人"),
    ("action", "做了什么"),
    ("from", "从"),
    ("until", "到"),
    ("certificate", "证书"),
    ("login", "用户名"),
    ("persons", "人数"),
];

/// Codes that stand alone or behind an `=`.
const VALUES: [(&str, &str); 12] = [
    ("id-number", "身份证号（完整）"),
    ("phone", "电话（完整）"),
    ("account", "账号（完整）"),
    ("whole", "完整"),
    ("masked", "遮盖"),
    ("number", "号码"),
    ("key", "编号"),
    ("name", "姓名"),
    ("signed", "签字"),
    ("reopened", "重新打开"),
    ("disabled", "停用"),
    ("enabled", "启用"),
];

/// What nobody has a word for is shown as it is.
fn word<'w>(words: &[(&'static str, &'static str)], code: &'w str) -> &'w str {
    words.iter().find(|(known, _)| *known == code).map_or(code, |(_, word)| word)
}

fn in_words(detail: &str) -> String {
    let one = |part: &str| match part.split_once('=') {
        Some((name, value)) => {
            let state = StateKind::parse(value).map(StateKind::name);
            let value = state.unwrap_or_else(|| word(&VALUES, value));
            format!("{} {value}", word(&DETAILS, name))
        }
        None => word(&VALUES, part).to_owned(),
    };
    if !detail.contains('=') {
        return word(&VALUES, detail).to_owned();
    }
    detail.split(' ').filter(|part| !part.is_empty()).map(one).collect::<Vec<_>>().join("；")
}

fn link(record: &AuditRecord) -> String {
    let id = in_query(&record.object_id);
    match record.object_kind.as_str() {
        "person" => format!("/audit?person={id}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn what_was_seen_changed_and_exported_is_said_in_words() {
        assert_eq!(
            in_words("fields=姓名、性别 rows=3 id-numbers=whole"),
            "看到的栏 姓名、性别；行数 3；身份证号 完整"
        );
        assert_eq!(in_words("phone"), "电话（完整）");
        let step = in_words("version=2 before=open after=assigned");
        assert!(step.starts_with("版本 2；改前 ") && !step.contains("open"), "{step}");
        assert_eq!(in_words("GET /leads/{lead} 404"), "GET /leads/{lead} 404", "what has no words stays");
    }
}
