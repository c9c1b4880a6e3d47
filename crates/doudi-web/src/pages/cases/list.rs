//! `GET /cases`: what waits, the most urgent first; how many, and how many too late, by township.

use super::CaseLine;
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{page, places};
use crate::trouble::{Answer, in_query};
use askama::Template;
use axum::extract::{Query, State};
use doudi_casework::Permission;
use doudi_store::{CaseCursor, CaseFigure, CaseFilter};
use doudi_terms::{RegionCode, RegionLevel};
use serde::Deserialize;

const PAGE: usize = 50;

#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    q: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    kind: String,
    /// `overdue`, `ended`, or empty.
    #[serde(default)]
    clock: String,
    #[serde(default)]
    after: String,
    /// How many were opened just now.
    #[serde(default)]
    opened: String,
}

impl Wish {
    fn filter(&self) -> CaseFilter {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        CaseFilter {
            place: RegionCode::parse(&self.place).ok(),
            kind: some(&self.kind),
            state: None,
            ended: self.clock == "ended",
            overdue: self.clock == "overdue",
            household: None,
            text: some(&self.q),
        }
    }

    fn address(&self, after: &str) -> String {
        let pairs = [("q", &self.q), ("place", &self.place), ("kind", &self.kind), ("clock", &self.clock)];
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
        let mut text: Vec<String> =
            pairs.map(|(name, value)| format!("{name}={}", in_query(value))).collect();
        text.push(format!("after={}", in_query(after)));
        format!("/cases?{}", text.join("&"))
    }
}

/// A township's row of sums.
struct Town {
    name: String,
    path: String,
    /// Open, and too late, by kind.
    cells: Vec<(u64, u64)>,
}

#[derive(Template)]
#[template(path = "cases/list.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    places: Vec<Step>,
    kinds: Vec<Step>,
    towns: Vec<Town>,
    rows: Vec<CaseLine>,
    total: u64,
    next: Option<String>,
    may_accept: bool,
    may_decide: bool,
    drafts: Vec<Step>,
}

pub async fn list(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let (scope, filter) = (visit.scope.clone(), wish.filter());
    let after = CaseCursor::parse(&wish.after);
    let may_decide = office.counter().is_ok_and(|counter| super::queue::decides(&counter, &visit));
    let may_accept = visit.scope.may(Permission::AcceptCases);
    let (found, total, figures, drafts) = office
        .ask(move |store| {
            let found = store.cases(&scope, &filter, after.as_ref(), PAGE)?;
            let total = store.count_cases(&scope, &filter)?;
            let drafts = store.own_drafts(&scope)?;
            Ok((found, total, store.case_figures(&scope)?, drafts))
        })
        .await?;
    let now = office.now();
    let chosen = RegionCode::parse(&wish.place).ok();
    let (kinds, towns) = table(&office, &figures);
    let draft = |draft: &doudi_store::CaseDraft| {
        let who = draft.content["applicant"].as_str().filter(|name| !name.is_empty()).unwrap_or("没有写姓名");
        Step::new(format!("{who}（{}）", draft.updated_at), format!("/cases/drafts/{}", draft.draft_id))
    };
    page(&Page {
        frame: visit.frame(&office, "办件", "/cases"),
        places: places(&office, &visit, Permission::ReadCases, chosen),
        rows: found.rows.iter().map(|row| CaseLine::new(&office, row, now)).collect(),
        next: found.next.map(|next| wish.address(&next.text())),
        drafts: drafts.iter().map(draft).collect(),
        kinds,
        towns,
        total,
        may_accept,
        may_decide,
        wish,
    })
}

/// Townships by kinds.
fn table(office: &Office, figures: &[CaseFigure]) -> (Vec<Step>, Vec<Town>) {
    let mut kinds: Vec<(String, String)> =
        figures.iter().map(|figure| (figure.kind.clone(), figure.name.clone())).collect();
    kinds.sort();
    kinds.dedup_by(|a, b| a.0 == b.0);
    let mut towns: Vec<RegionCode> = figures.iter().map(|figure| figure.township).collect();
    towns.dedup();
    let row = |town: &RegionCode| {
        let cell = |(kind, _): &(String, String)| {
            let found = figures.iter().find(|figure| figure.township == *town && figure.kind == *kind);
            found.map_or((0, 0), |figure| (figure.open, figure.overdue))
        };
        let place = town.at(RegionLevel::Township);
        Town {
            name: office.places().name(place),
            path: format!("/cases?place={place}"),
            cells: kinds.iter().map(cell).collect(),
        }
    };
    let towns = towns.iter().map(row).collect();
    (kinds.into_iter().map(|(kind, name)| Step::new(name, kind)).collect(), towns)
}
