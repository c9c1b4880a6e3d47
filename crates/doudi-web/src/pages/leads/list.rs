//! `GET /leads`: by due day, the most urgent first. `GET /leads/export`: exactly these, as a file.

use super::{colour, day, is_overdue};
use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::page;
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use doudi_casework::{Permission, StateKind, UserId};
use doudi_store::{LeadCursor, LeadFilter, LeadRow};
use doudi_terms::{Date, RegionCode, parse_date};
use serde::Deserialize;

/// Rows of a page.
const PAGE: usize = 50;

/// What the address says.
#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    place: String,
    #[serde(default)]
    check: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    state: String,
    /// `overdue`, or empty.
    #[serde(default)]
    clock: String,
    /// `me`, or empty.
    #[serde(default)]
    whose: String,
    /// `2020-05-08.<lead>`: the last of the page before.
    #[serde(default)]
    after: String,
    #[serde(default)]
    purpose: String,
}

impl Wish {
    fn filter(&self, me: UserId, today: Date) -> Result<LeadFilter, Trouble> {
        let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
        let place = match self.place.as_str() {
            "" => None,
            code => Some(RegionCode::parse(code).map_err(|error| Trouble::bad(format!("地区：{error}")))?),
        };
        let state = match self.state.as_str() {
            "" => None,
            code => Some(StateKind::parse(code).ok_or_else(|| Trouble::bad("没有这种状态"))?),
        };
        Ok(LeadFilter {
            place,
            check: text(&self.check),
            severity: text(&self.severity),
            state,
            assignee: (self.whose == "me").then_some(me),
            overdue_on: (self.clock == "overdue").then_some(today),
        })
    }

    fn cursor(&self) -> Option<LeadCursor> {
        let (due, lead) = self.after.split_once('.')?;
        Some(LeadCursor { due: parse_date(due), lead_id: lead.to_owned() })
    }

    fn is_plain(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.is_empty())
    }

    /// What narrows the list, by the names that addresses have for it.
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("place", &self.place),
            ("check", &self.check),
            ("severity", &self.severity),
            ("state", &self.state),
            ("clock", &self.clock),
            ("whose", &self.whose),
        ]
    }

    /// The address of the same list, without its page.
    fn query(&self) -> String {
        let pairs = self.pairs();
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| format!("{name}={}", in_query(value))).collect::<Vec<_>>().join("&")
    }
}

struct Row {
    id: String,
    name: String,
    check: String,
    severity: String,
    colour: &'static str,
    reason: String,
    place: String,
    assignee: String,
    due: String,
    is_overdue: bool,
    state: &'static str,
}

impl Row {
    fn new(office: &Office, lead: &LeadRow, today: Date, names: &[(UserId, String)]) -> Row {
        let assignee = lead.assignee.and_then(|id| names.iter().find(|(known, _)| *known == id));
        Row {
            id: lead.lead_id.clone(),
            name: lead.name.clone(),
            check: lead.check.clone(),
            severity: lead.severity.clone(),
            colour: colour(&lead.severity),
            reason: lead.reason.clone(),
            place: office.places().name(lead.region),
            assignee: assignee.map(|(_, name)| name.clone()).unwrap_or_default(),
            due: day(lead.due),
            is_overdue: is_overdue(lead.state, lead.due, today),
            state: lead.state.name(),
        }
    }
}

#[derive(Template)]
#[template(path = "leads/list.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    total: u64,
    rows: Vec<Row>,
    places: Vec<Step>,
    checks: Vec<String>,
    states: Vec<Step>,
    workers: Vec<Step>,
    severities: [&'static str; 3],
    may_assign: bool,
    may_export: bool,
    query: String,
    next: Option<String>,
    is_first: bool,
}

/// `GET /leads`
pub async fn list(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let scope = visit.scope.clone();
    let today = scope.today();
    let filter = wish.filter(scope.user().id, today)?;
    let cursor = wish.cursor();
    let (found, total, checks, colleagues) = office
        .ask(move |store| {
            let page = store.leads(&scope, &filter, cursor.as_ref(), PAGE)?;
            let total = store.count_leads(&scope, &filter)?;
            let checks = store.checks_in_use(&scope)?;
            let colleagues = match scope.areas(Permission::AssignLeads).first() {
                Some(place) => store.colleagues(&scope, filter.place.unwrap_or(*place))?,
                None => Vec::new(),
            };
            Ok((page, total, checks, colleagues))
        })
        .await?;
    let query = wish.query();
    let next = found.next.map(|next| format!("/leads?{query}&after={}.{}", day(next.due), next.lead_id));
    let rows = found.rows.iter().map(|lead| Row::new(&office, lead, today, &colleagues)).collect();
    page(&Page {
        frame: visit.frame(&office, "疑点", "/leads"),
        total,
        rows,
        places: places(&office, &visit),
        checks,
        states: StateKind::ALL.iter().map(|state| Step::new(state.name(), state.code())).collect(),
        workers: colleagues.into_iter().map(|(id, name)| Step::new(name, id.to_string())).collect(),
        severities: ["红", "橙", "黄"],
        may_assign: visit.scope.may(Permission::AssignLeads),
        may_export: visit.scope.may(Permission::Export),
        is_first: wish.after.is_empty(),
        query,
        next,
        wish,
    })
}

/// The areas of whoever asks, and what lies directly below each.
fn places(office: &Office, visit: &Visit) -> Vec<Step> {
    let mut places = Vec::new();
    for area in visit.scope.areas(Permission::ReadLeads) {
        places.push(Step::new(office.places().name(area), area.to_string()));
        for below in office.places().below(area) {
            places.push(Step::new(format!("　{}", office.places().name(below)), below.to_string()));
        }
    }
    places
}

/// `GET /leads/export?purpose=…`: comma-separated, for spreadsheets; what for stands in the audit.
pub async fn export(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let (scope, named) = (visit.scope.clone(), office.clone());
    let filter = wish.filter(scope.user().id, scope.today())?;
    let bytes = office
        .ask(move |store| {
            let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
            let broken = |error: csv::Error| doudi_store::StoreError::Database(error.to_string());
            writer
                .write_record([
                    "疑点编号",
                    "疑点",
                    "等级",
                    "姓名",
                    "人员编号",
                    "地区",
                    "为什么",
                    "时限",
                    "状态",
                ])
                .map_err(broken)?;
            store.export_leads(&scope, &filter, &wish.purpose, &mut |lead| {
                let place = named.places().long_name(lead.region);
                let due = day(lead.due);
                let cells = [
                    &lead.lead_id,
                    &lead.check,
                    &lead.severity,
                    &lead.name,
                    &lead.person_id,
                    &place,
                    &lead.reason,
                    &due,
                ];
                let cells = cells.into_iter().map(|cell| plain(cell)).chain([lead.state.name().to_owned()]);
                writer.write_record(cells).map_err(broken)
            })?;
            writer.into_inner().map_err(|error| doudi_store::StoreError::Database(error.to_string()))
        })
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"leads.csv\""),
    ];
    Ok((headers, bytes).into_response())
}

/// A cell that a spreadsheet would take for a formula is text.
fn plain(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
