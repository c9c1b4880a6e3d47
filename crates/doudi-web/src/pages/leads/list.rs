//! `GET /leads`: which, in what order, page after page. `GET /leads/export`: exactly these, as a file.

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
use doudi_store::{LeadCursor, LeadFilter, LeadOrder, LeadRow, StoreError, Worker};
use doudi_terms::{Date, RegionCode, RegionLevel};
use serde::Deserialize;

/// Rows of a page.
const PAGE: usize = 50;

/// What the address says.
#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    /// Name, id number or number of a lead.
    #[serde(default)]
    q: String,
    #[serde(default)]
    place: String,
    /// A village within it; one of another place is not asked about.
    #[serde(default)]
    village: String,
    #[serde(default)]
    check: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    state: String,
    /// `overdue`, or empty.
    #[serde(default)]
    clock: String,
    /// `me`, somebody's number, or empty.
    #[serde(default)]
    whose: String,
    /// Code of an order, or empty.
    #[serde(default)]
    sort: String,
    /// How many leads an act just before has assigned.
    #[serde(default)]
    assigned: String,
    /// `2020-05-08.<lead>`: the last of the page before.
    #[serde(default)]
    after: String,
    #[serde(default)]
    pub(super) purpose: String,
}

impl Wish {
    /// What a form carries of the list that it stood under.
    pub(super) fn of(fields: &[(String, String)]) -> Wish {
        let first = |name: &str| {
            fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Wish {
            q: first("q"),
            place: first("place"),
            village: first("village"),
            check: first("check"),
            severity: first("severity"),
            state: first("state"),
            clock: first("clock"),
            whose: first("whose"),
            sort: first("sort"),
            ..Wish::default()
        }
    }

    pub(super) fn filter(&self, me: UserId, today: Date) -> Result<LeadFilter, Trouble> {
        let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        let state = match self.state.as_str() {
            "" => None,
            code => Some(StateKind::parse(code).ok_or_else(|| Trouble::bad("没有这种状态"))?),
        };
        let assignee = match self.whose.as_str() {
            "" => None,
            "me" => Some(me),
            number => Some(UserId(number.parse().map_err(|_| Trouble::bad("没有这个核查人"))?)),
        };
        Ok(LeadFilter {
            place: self.region()?,
            check: text(&self.check),
            severity: text(&self.severity),
            state,
            assignee,
            overdue_on: (self.clock == "overdue").then_some(today),
            text: text(&self.q),
        })
    }

    /// The village, where it is one of the place.
    pub(super) fn region(&self) -> Result<Option<RegionCode>, Trouble> {
        let code = |text: &str| match text {
            "" => Ok(None),
            text => RegionCode::parse(text).map(Some).map_err(|error| Trouble::bad(format!("地区：{error}"))),
        };
        let (place, village) = (code(&self.place)?, code(&self.village)?);
        Ok(match (place, village) {
            (Some(place), Some(village)) if village.is_within(place) => Some(village),
            (None, village) => village,
            (place, _) => place,
        })
    }

    fn order(&self) -> LeadOrder {
        LeadOrder::parse(&self.sort).unwrap_or_default()
    }

    fn is_plain(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.is_empty())
    }

    /// What narrows the list, by the names that addresses have for it.
    pub(super) fn pairs(&self) -> [(&'static str, &str); 9] {
        [
            ("q", &self.q),
            ("place", &self.place),
            ("village", &self.village),
            ("check", &self.check),
            ("severity", &self.severity),
            ("state", &self.state),
            ("clock", &self.clock),
            ("whose", &self.whose),
            ("sort", &self.sort),
        ]
    }

    /// The address of the same list, without its page.
    pub(super) fn query(&self) -> String {
        self.query_with(&[])
    }

    /// The same with some of it otherwise.
    fn query_with(&self, other: &[(&str, &str)]) -> String {
        let pairs = self.pairs().map(|(name, value)| {
            (name, other.iter().find(|(known, _)| *known == name).map_or(value, |(_, value)| *value))
        });
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
    fn new(office: &Office, lead: &LeadRow, today: Date) -> Row {
        Row {
            id: lead.lead_id.clone(),
            name: lead.name.clone(),
            check: lead.check.clone(),
            severity: lead.severity.clone(),
            colour: colour(&lead.severity),
            reason: lead.reason.clone(),
            place: office.places().name(lead.region),
            assignee: lead.assignee_name.clone(),
            due: day(lead.due),
            is_overdue: is_overdue(lead.state, lead.due, today),
            state: lead.state.name(),
        }
    }
}

/// A state with its count and the address of its list.
struct Counted {
    name: &'static str,
    count: u64,
    path: String,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "leads/list.html")]
struct Page {
    frame: Frame,
    wish: Wish,
    total: u64,
    counts: Vec<Counted>,
    rows: Vec<Row>,
    places: Vec<Step>,
    villages: Vec<Step>,
    checks: Vec<String>,
    workers: Vec<Step>,
    orders: Vec<(Step, bool)>,
    severities: [&'static str; 3],
    may_assign: bool,
    may_export: bool,
    may_report: bool,
    query: String,
    next: Option<String>,
    is_first: bool,
    /// The place that is shown, and how many there nobody has been given: they can be given at once.
    all_of: Option<(String, u64)>,
}

/// `GET /leads`
pub async fn list(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    let scope = visit.scope.clone();
    let today = scope.today();
    let filter = wish.filter(scope.user().id, today)?;
    let (order, place) = (wish.order(), filter.place);
    let cursor = LeadCursor::parse(order, &wish.after);
    let asked = filter.clone();
    let (found, counts, checks, workers) = office
        .ask(move |store| {
            let page = store.leads(&scope, &asked, order, cursor.as_ref(), PAGE)?;
            let counts = store.count_states(&scope, &asked)?;
            let checks = store.checks_in_use(&scope)?;
            let may_assign = scope.may(Permission::AssignLeads);
            let workers = if may_assign { store.workers(&scope, asked.place)? } else { Vec::new() };
            Ok((page, counts, checks, workers))
        })
        .await?;
    let query = wish.query();
    let next = found.next.map(|next| format!("/leads?{query}&after={}", in_query(&next.text())));
    let rows = found.rows.iter().map(|lead| Row::new(&office, lead, today)).collect();
    let is_asked = |state: &StateKind| filter.state.map_or(state.is_open(), |asked| asked == *state);
    let total = counts.iter().filter(|(state, _)| is_asked(state)).map(|(_, count)| count).sum();
    let unassigned =
        counts.iter().find(|(state, _)| *state == StateKind::Open).map_or(0, |(_, count)| *count);
    let may_assign = visit.scope.may(Permission::AssignLeads);
    let of = place.filter(|place| may_assign && place.level() >= RegionLevel::Township && unassigned > 0);
    page(&Page {
        frame: visit.frame(&office, "疑点", "/leads"),
        total,
        counts: counted(&wish, &counts),
        rows,
        places: places(&office, &visit),
        villages: villages(&office, &visit, place),
        checks,
        workers: workers.iter().map(|worker| with_area(&office, worker)).collect(),
        orders: LeadOrder::ALL.iter().map(|order| in_order(*order, &wish)).collect(),
        severities: ["红", "橙", "黄"],
        may_assign,
        may_export: visit.scope.may(Permission::Export),
        may_report: visit.scope.may(Permission::ReportLeads),
        is_first: wish.after.is_empty(),
        all_of: of.map(|place| (office.places().name(place), unassigned)),
        query,
        next,
        wish,
    })
}

/// A worker with the place that is theirs: names repeat.
pub(super) fn with_area(office: &Office, worker: &Worker) -> Step {
    Step::new(format!("{}（{}）", worker.name, office.places().name(worker.area)), worker.id.to_string())
}

fn in_order(order: LeadOrder, wish: &Wish) -> (Step, bool) {
    let name = match order {
        LeadOrder::Due => "先到期的在前",
        LeadOrder::Name => "按姓名",
        LeadOrder::Place => "按村",
    };
    (Step::new(name, order.code()), wish.order() == order)
}

/// All that are open, then state by state.
fn counted(wish: &Wish, counts: &[(StateKind, u64)]) -> Vec<Counted> {
    let path = |state: &str| format!("/leads?{}", wish.query_with(&[("state", state)]));
    let open: u64 = counts.iter().filter(|(state, _)| state.is_open()).map(|(_, count)| count).sum();
    let all =
        Counted { name: "没有办结的", count: open, path: path(""), is_here: wish.state.is_empty() };
    let states = StateKind::ALL.iter().filter_map(|state| {
        let count = counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
        let is_here = wish.state == state.code();
        let shown = count > 0 || is_here;
        shown.then(|| Counted { name: state.name(), count, path: path(state.code()), is_here })
    });
    std::iter::once(all).chain(states).collect()
}

/// The villages of the township that is shown.
fn villages(office: &Office, visit: &Visit, place: Option<RegionCode>) -> Vec<Step> {
    let Some(township) = place.filter(|place| place.level() >= RegionLevel::Township) else {
        return Vec::new();
    };
    let below = office.places().below(township.township()).into_iter();
    let own = below.filter(|village| visit.scope.may_at(Permission::ReadLeads, *village));
    own.map(|village| Step::new(office.places().name(village), village.to_string())).collect()
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
            let broken = |error: csv::Error| StoreError::Database(error.to_string());
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
            writer.into_inner().map_err(|error| StoreError::Database(error.to_string()))
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
