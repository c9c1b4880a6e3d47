//! Lists of leads: which, in what order, page after page; how many; the same as a file.

use crate::audit::Action;
use crate::db::{NOT_BY_INDEX, Value};
use crate::error::{Outcome, StoreError};
use crate::leads::{LEAD_COLUMNS, LeadRow, NO_DAY, due_number, lead_row, place_conditions};
use crate::persons::LONGEST_PAGE;
use crate::query::Query;
use crate::scope::{Areas, Scope};
use crate::seal::{IndexColumn, Keyring};
use crate::store::Store;
use doudi_casework::{Permission, Refusal, StateKind, UserId};
use doudi_terms::{Date, RegionCode, epoch_day, parse_date};

/// Which leads; empty fields are not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeadFilter {
    /// Within this place, as far as the scope reaches there.
    pub place: Option<RegionCode>,
    pub check: Option<String>,
    pub severity: Option<String>,
    /// One state; without it all that are open.
    pub state: Option<StateKind>,
    pub assignee: Option<UserId>,
    /// Due before this day and nobody has reported.
    pub overdue_on: Option<Date>,
    /// A whole id number, the number of a person or household, the beginning of a lead's number or of a name.
    pub text: Option<String>,
}

/// In what order; what comes after it is always the lead's number, so that pages meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeadOrder {
    /// The most urgent first.
    #[default]
    Due,
    Name,
    Place,
}

impl LeadOrder {
    pub const ALL: [LeadOrder; 3] = [LeadOrder::Due, LeadOrder::Name, LeadOrder::Place];

    /// As it stands in addresses.
    pub fn code(self) -> &'static str {
        match self {
            LeadOrder::Due => "due",
            LeadOrder::Name => "name",
            LeadOrder::Place => "place",
        }
    }

    pub fn parse(code: &str) -> Option<LeadOrder> {
        LeadOrder::ALL.into_iter().find(|order| order.code() == code)
    }

    fn column(self) -> &'static str {
        match self {
            LeadOrder::Due => "due",
            LeadOrder::Name => "name",
            LeadOrder::Place => "region",
        }
    }
}

/// The last lead of the page before: what it was ordered by, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadCursor {
    order: LeadOrder,
    key: Value,
    lead_id: String,
}

impl LeadCursor {
    fn of(order: LeadOrder, row: &LeadRow) -> LeadCursor {
        let key = match order {
            LeadOrder::Due => due_number(row.due).into(),
            LeadOrder::Name => row.name.as_str().into(),
            LeadOrder::Place => (row.region.number() as i64).into(),
        };
        LeadCursor { order, key, lead_id: row.lead_id.clone() }
    }

    /// As [`LeadCursor::text`] writes it; `None` where that is not a place in this order.
    pub fn parse(order: LeadOrder, text: &str) -> Option<LeadCursor> {
        let (key, lead_id) = text.rsplit_once('.')?;
        let key: Value = match order {
            LeadOrder::Due if key.is_empty() => NO_DAY.into(),
            LeadOrder::Due => i64::from(epoch_day(parse_date(key)?)).into(),
            LeadOrder::Name => key.into(),
            LeadOrder::Place => (RegionCode::parse(key).ok()?.number() as i64).into(),
        };
        Some(LeadCursor { order, key, lead_id: lead_id.to_owned() })
    }

    /// For an address: `2020-05-08.<lead>`.
    pub fn text(&self) -> String {
        let key = match (&self.key, self.order) {
            (Value::Int(day), LeadOrder::Due) => i32::try_from(*day)
                .ok()
                .filter(|day| i64::from(*day) != NO_DAY)
                .and_then(doudi_terms::date_from_epoch_day)
                .map(|day| day.to_string())
                .unwrap_or_default(),
            (Value::Int(number), _) => RegionCode::from_number(number.unsigned_abs())
                .map(|place| place.to_string())
                .unwrap_or_default(),
            (Value::Text(text), _) => text.clone(),
            _ => String::new(),
        };
        format!("{key}.{}", self.lead_id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadPage {
    pub rows: Vec<LeadRow>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<LeadCursor>,
}

impl Store {
    /// Page after page in an order; `after` is the `next` of the page before.
    pub fn leads(
        &self,
        scope: &Scope,
        filter: &LeadFilter,
        order: LeadOrder,
        after: Option<&LeadCursor>,
        limit: usize,
    ) -> Outcome<LeadPage> {
        let areas = narrowed(scope, filter)?;
        let limit = limit.clamp(1, LONGEST_PAGE);
        let page = self.database.read(|connection| {
            let mut query =
                filtered(&format!("SELECT {LEAD_COLUMNS} FROM leads"), &self.keys, &areas, filter, order);
            let column = order.column();
            if let Some(after) = after.filter(|after| after.order == order) {
                query.condition(&format!("({column}, lead_id) > ("));
                query.value(after.key.clone());
                query.push(", ");
                query.value(Value::from(after.lead_id.as_str()));
                query.push(")");
            }
            query.push(&format!(" ORDER BY {column}, lead_id LIMIT {}", limit + 1));
            let rows = connection.rows(query.sql(), &query.params())?;
            let mut rows: Vec<LeadRow> =
                rows.iter().map(|row| lead_row(&self.keys, row)).collect::<Outcome<_>>()?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next = rows.last().filter(|_| more).map(|row| LeadCursor::of(order, row));
            Ok(LeadPage { rows, next })
        })?;
        let mut entry = scope.entry(Action::ListLeads, "leads", String::new(), areas.common());
        entry.detail = format!("{} rows={}", filter.words(), page.rows.len());
        entry.subjects = page.rows.iter().map(|row| row.person_id.clone()).collect();
        self.note_read(entry)?;
        Ok(page)
    }

    /// How many: no person in it, so not in the audit.
    pub fn count_leads(&self, scope: &Scope, filter: &LeadFilter) -> Outcome<u64> {
        let areas = narrowed(scope, filter)?;
        let query = filtered("SELECT COUNT(*) FROM leads", &self.keys, &areas, filter, LeadOrder::Due);
        let count = self.database.read(|connection| connection.number(query.sql(), &query.params()))?;
        Ok(count.unsigned_abs())
    }

    /// How many in each state, whatever state the filter names; states that nothing is in are left out.
    pub fn count_states(&self, scope: &Scope, filter: &LeadFilter) -> Outcome<Vec<(StateKind, u64)>> {
        let areas = narrowed(scope, filter)?;
        let mut query = Query::new("SELECT state, COUNT(*) FROM leads");
        place_conditions(&mut query, &areas);
        conditions(&mut query, &self.keys, filter);
        query.push(" GROUP BY state");
        let count = || {
            let rows = self.database.read(|connection| connection.rows(query.sql(), &query.params()))?;
            let mut counts = Vec::new();
            for row in &rows {
                let state =
                    StateKind::parse(row.text(0)?).ok_or_else(|| StoreError::damaged("没有这个状态"))?;
                counts.push((state, row.int(1)?.unsigned_abs()));
            }
            counts.sort_unstable_by_key(|(state, _)| *state);
            Ok(counts)
        };
        // What somebody typed is not kept, and nobody else types the same.
        if filter.text.is_some() {
            return count();
        }
        self.remembered(format!("states {areas:?} {filter:?}"), scope.at, count)
    }

    /// The names of checks that have leads in the scope's area, for a choice.
    pub fn checks_in_use(&self, scope: &Scope) -> Outcome<Vec<String>> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        let mut query = Query::new("SELECT DISTINCT check_name FROM leads");
        place_conditions(&mut query, &areas);
        query.push(" ORDER BY check_name");
        self.remembered(format!("checks {areas:?}"), scope.at, || {
            self.database.read(|connection| {
                connection.rows(query.sql(), &query.params())?.iter().map(|row| row.string(0)).collect()
            })
        })
    }

    /// Exactly what a list shows, row by row, for a file. The audit says how many and what for, before the first row.
    pub fn export_leads(
        &self,
        scope: &Scope,
        filter: &LeadFilter,
        purpose: &str,
        visit: &mut dyn FnMut(LeadRow) -> Outcome<()>,
    ) -> Outcome<()> {
        if purpose.trim().chars().count() < 2 {
            return Err(StoreError::bad("请写明导出做什么用，例如“五月督战会”"));
        }
        if !scope.may(Permission::Export) {
            return Err(Refusal::Role { permission: Permission::Export }.into());
        }
        let areas = narrowed(scope, filter)?;
        if !areas.list().iter().all(|area| scope.may_at(Permission::Export, *area)) {
            return Err(Refusal::Place { permission: Permission::Export }.into());
        }
        let order = LeadOrder::Due;
        let count = filtered("SELECT COUNT(*) FROM leads", &self.keys, &areas, filter, order);
        let count = self.database.read(|connection| connection.number(count.sql(), &count.params()))?;
        let mut entry = scope.entry(Action::Export, "leads", String::new(), areas.common());
        entry.detail = format!("{} rows={count}", filter.words());
        entry.purpose = purpose.trim().to_owned();
        self.note_read(entry)?;
        let mut query =
            filtered(&format!("SELECT {LEAD_COLUMNS} FROM leads"), &self.keys, &areas, filter, order);
        query.push(" ORDER BY due, lead_id");
        self.database.read(|connection| {
            connection.each(query.sql(), &query.params(), &mut |row| visit(lead_row(&self.keys, &row)?))
        })
    }
}

impl LeadFilter {
    /// For the audit: what was asked, with nobody's name in it.
    pub(crate) fn words(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.place.map(|place| format!("place={place}")));
        parts.extend(self.check.as_ref().map(|check| format!("check={check}")));
        parts.extend(self.severity.as_ref().map(|severity| format!("severity={severity}")));
        parts.extend(self.state.map(|state| format!("state={}", state.code())));
        parts.extend(self.assignee.map(|assignee| format!("assignee={assignee}")));
        parts.extend(self.overdue_on.map(|day| format!("overdue={day}")));
        parts.extend(self.text.as_ref().map(|_| "text".to_owned()));
        parts.join(" ")
    }
}

pub(crate) fn narrowed(scope: &Scope, filter: &LeadFilter) -> Outcome<Areas> {
    let areas = scope.areas_for(Permission::ReadLeads)?;
    Ok(filter.place.map_or_else(|| areas.clone(), |place| areas.within(place)))
}

/// A query for the leads that a filter means. By another order than the due day, the indexes that begin with the place are
/// of no use: the one that is in order is gone through. PostgreSQL finds that out by itself.
pub(crate) fn filtered(
    select: &str,
    keys: &Keyring,
    areas: &Areas,
    filter: &LeadFilter,
    order: LeadOrder,
) -> Query {
    let mut query = Query::new(select);
    let is_open = i64::from(filter.state.is_none_or(StateKind::is_open));
    match order {
        LeadOrder::Due => {
            place_conditions(&mut query, areas);
            query.condition_int("is_open = ", is_open);
        }
        LeadOrder::Name => {
            query.areas(&format!("{NOT_BY_INDEX}region"), areas);
            query.condition_int(&format!("{NOT_BY_INDEX}is_open = "), is_open);
        }
        LeadOrder::Place => {
            query.areas("region", areas);
            query.condition_int(&format!("{NOT_BY_INDEX}is_open = "), is_open);
        }
    }
    if let Some(state) = filter.state {
        query.condition_text("state = ", state.code());
    }
    conditions(&mut query, keys, filter);
    query
}

/// What does not depend on place and state.
fn conditions(query: &mut Query, keys: &Keyring, filter: &LeadFilter) {
    if let Some(check) = &filter.check {
        query.condition_text("check_name = ", check);
    }
    if let Some(severity) = &filter.severity {
        query.condition_text("severity = ", severity);
    }
    if let Some(assignee) = filter.assignee {
        query.condition_int("assignee = ", assignee.0);
    }
    if let Some(day) = filter.overdue_on {
        query.condition_int("due < ", epoch_day(day).into());
        query.condition("state IN ('open', 'assigned')");
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        text_condition(query, keys, text);
    }
}

/// Fewer signs of a lead's number would mean hundreds of them.
const LEAD_NUMBER: std::ops::RangeInclusive<usize> = 6..=64;
const ID_NUMBER: std::ops::RangeInclusive<usize> = 15..=18;

fn text_condition(query: &mut Query, keys: &Keyring, text: &str) {
    let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    let digits = text.trim_end_matches(['x', 'X']);
    let is_id = ID_NUMBER.contains(&text.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_id {
        query.condition("person_id IN (SELECT person_id FROM persons WHERE id_index IN (");
        for (at, index) in keys.indexes(IndexColumn::IdNumber, &text.to_uppercase()).into_iter().enumerate() {
            if at > 0 {
                query.push(", ");
            }
            query.value(Value::Bytes(index));
        }
        query.push("))");
        return;
    }
    if !text.is_ascii() {
        query.condition_text("name >= ", &text);
        query.condition_text("name < ", &format!("{text}\u{10ffff}"));
        return;
    }
    query.condition("(person_id = ");
    query.value(Value::from(text.as_str()));
    query.push(" OR household_id = ");
    query.value(Value::from(text.as_str()));
    let lower = text.to_lowercase();
    if LEAD_NUMBER.contains(&lower.len()) && lower.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        query.push(" OR (lead_id >= ");
        query.value(Value::from(lower.as_str()));
        query.push(" AND lead_id < ");
        query.value(Value::from(format!("{lower}g")));
        query.push(")");
    }
    query.push(")");
}
