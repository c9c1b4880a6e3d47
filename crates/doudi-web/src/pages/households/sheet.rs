//! `GET /households/{household}/sheet`: the family's one sheet of A4 (一单清), in plain words, to be handed over.

use super::{Home, Wish};
use crate::access::Visit;
use crate::frame::Frame;
use crate::household::{Ledger, Reasons, Verdict, reasons};
use crate::office::Office;
use crate::pages::leads::{qr, root};
use crate::pages::page;
use crate::pages::people::Line;
use crate::trouble::{Answer, in_query};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;

/// One sheet holds so many benefits with their reasons; the others are counted.
const MOST_LINES: usize = 6;
const MOST_MISSING: usize = 3;

/// What the family has, or may have.
struct Benefit {
    name: String,
    whose: String,
    /// 每月 440元.
    amount: String,
    since: String,
    last: String,
    why: String,
    law: String,
}

#[derive(Template)]
#[template(path = "households/sheet.html")]
struct Page {
    frame: Frame,
    household: String,
    place: String,
    month: String,
    today: String,
    members: Vec<Line>,
    has: Vec<Benefit>,
    may: Vec<Benefit>,
    unknown: Vec<Benefit>,
    left_out: usize,
    qr: String,
    township: String,
    call: String,
    appeal: String,
}

pub async fn sheet(
    State(office): State<Office>,
    visit: Visit,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(wish): Query<Wish>,
) -> Answer {
    let home = Home::read(&office, &visit, id).await?;
    let month = home.month(&wish.month)?;
    let found = month.map(|month| reasons(month, None)).unwrap_or_default().found;
    let ledger = Ledger::of(&home.months, None);
    let of = |wanted: &[Verdict]| -> Vec<Benefit> {
        let chosen = found.iter().filter(|reasons| wanted.contains(&reasons.verdict));
        chosen.map(|reasons| benefit(reasons, &ledger)).collect()
    };
    let mut has = of(&[Verdict::Has, Verdict::HasAndShouldNot]);
    let mut may = of(&[Verdict::Missed]);
    let mut unknown = of(&[Verdict::Unknown]);
    let all = has.len() + may.len() + unknown.len();
    has.truncate(MOST_LINES);
    may.truncate(MOST_LINES.saturating_sub(has.len()).max(1));
    unknown.truncate(MOST_LINES.saturating_sub(has.len() + may.len()).max(1));
    let members = &home.household.members;
    let region = members.first().map(|member| member.region);
    let words = month.map(|month| month.registry.sheet.clone()).unwrap_or_default();
    page(&Page {
        frame: visit.frame(&office, format!("{}一单清", home.title()), "/people"),
        place: region.map(|region| office.places().long_name(region)).unwrap_or_default(),
        township: region.map(|region| office.places().name(region.township())).unwrap_or_default(),
        month: month.map(|month| month.found.month.to_string()).unwrap_or_default(),
        today: visit.scope.today().to_string(),
        members: members.iter().map(|member| Line::new(&office, member)).collect(),
        // Nothing of anybody in it: whoever scans it has to sign in and to have the household in their area.
        qr: qr(&format!("{}/households/{}", root(&office, &headers), in_query(&home.household.household_id))),
        left_out: all - has.len() - may.len() - unknown.len(),
        has,
        may,
        unknown,
        call: words.call,
        appeal: words.appeal,
        household: home.household.household_id,
    })
}

fn benefit(reasons: &Reasons, ledger: &Ledger) -> Benefit {
    let whose = if reasons.whose.is_empty() { "全家".to_owned() } else { reasons.whose.join("、") };
    let row = ledger.rows.iter().find(|row| row.name == reasons.programme && row.whose == whose);
    let last = row.and_then(|row| row.cells.last());
    let mut missing = reasons.missing.clone();
    let more = missing.len().saturating_sub(MOST_MISSING);
    missing.truncate(MOST_MISSING);
    let missing = if more > 0 {
        format!("{}等 {} 项", missing.join("、"), missing.len() + more)
    } else {
        missing.join("、")
    };
    Benefit {
        name: reasons.programme.clone(),
        amount: reasons.amount.clone().unwrap_or_default(),
        since: row.and_then(|row| row.since).map(|month| month.to_string()).unwrap_or_default(),
        last: last.map(|cell| format!("{} 收到 {}", cell.month, cell.received)).unwrap_or_default(),
        why: if reasons.verdict == Verdict::Unknown {
            missing
        } else {
            reasons.sentences.first().cloned().unwrap_or_default()
        },
        law: reasons.citations.first().cloned().unwrap_or_default(),
        whose,
    }
}
