//! Households: finding one, and everything that the cleared months knew of it. Whatever is read is in the audit first.

use crate::audit::Action;
use crate::db::{Connection, Row, Value};
use crate::error::{Outcome, StoreError};
use crate::kept::{Answered, KeptHousehold};
use crate::months::{clearing_of, month};
use crate::persons::{Household, LONGEST_PAGE, MEMBER_FIELDS, Person};
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::sealed::{Place, open_bytes, unpack};
use crate::store::Store;
use doudi_casework::{Moment, Permission, StateKind};
use doudi_terms::{Month, RegionCode};
use std::collections::BTreeMap;

/// A household in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseholdLine {
    pub household_id: String,
    /// On paper.
    pub number: String,
    pub region: RegionCode,
    pub head_name: String,
    pub members: i64,
    /// The bucket and the programmes of the head, as the last clearing had them.
    pub bucket: String,
    pub programmes: String,
}

/// Which households.
#[derive(Clone, Debug, Default)]
pub struct HouseholdQuery {
    /// The beginning of the head's name, or the whole number on paper; empty = all.
    pub text: String,
    /// Within this place, as far as the scope reaches there.
    pub place: Option<RegionCode>,
    /// The last of the page before.
    pub after: Option<HouseholdLine>,
    pub limit: usize,
}

/// A household with what every cleared month knew of it.
#[derive(Clone, Debug)]
pub struct HouseholdRecord {
    pub household: Household,
    pub number: String,
    /// Id of the head.
    pub head: String,
    /// The latest first.
    pub months: Vec<HouseholdMonth>,
    /// What happened to its leads, the latest first.
    pub moments: Vec<LeadMoment>,
}

#[derive(Clone, Debug)]
pub struct PersonRecord {
    pub person: Person,
    /// Of the person's household; only months that had the person in it.
    pub months: Vec<HouseholdMonth>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct HouseholdMonth {
    pub month: Month,
    pub region: RegionCode,
    /// Ids and names, in the order of the facts.
    pub members: Vec<(String, String)>,
    /// JSON, as the policies' evaluator reads it.
    pub facts: serde_json::Value,
    /// Where the facts were read: which of the registry's sources, and the row in it (0 = none).
    pub places: Vec<(u32, u32)>,
    /// Names the numbering of those sources. Where the registry has another, the month was cleared again without this
    /// household, and its places say nothing.
    pub sources_id: String,
    pub answers: Vec<Answered>,
    /// Where the month's own could not be found, nothing can be explained.
    pub registry: MonthRegistry,
}

/// What a month was cleared by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonthRegistry {
    pub policies_hash: String,
    /// JSON.
    pub registry: String,
}

/// A step of a lead about the household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadMoment {
    pub at: Moment,
    pub month: String,
    pub lead_id: String,
    pub check: String,
    pub name: String,
    pub step: String,
    pub state: Option<StateKind>,
    /// Empty = a clearing.
    pub by: String,
}

const COLUMNS: &str = "h.household_id, h.number, h.region, h.head_name, h.members, COALESCE(p.bucket, ''), \
                       COALESCE(p.programmes, '')";
/// Months shown of one household.
const MOST_MONTHS: usize = 36;
const MOST_MOMENTS: usize = 200;

impl Store {
    /// By the beginning of the head's name, by number, by place; in the order of places.
    pub fn households(&self, scope: &Scope, query: &HouseholdQuery) -> Outcome<Vec<HouseholdLine>> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let areas = query.place.map_or_else(|| areas.clone(), |place| areas.within(place));
        let (sql, kind) = list_query(query, &areas);
        let (found, heads) = self.database.read(|connection| {
            let rows = connection.rows(sql.sql(), &sql.params())?;
            let found: Vec<HouseholdLine> = rows.iter().map(line).collect::<Outcome<_>>()?;
            let heads: Vec<String> = rows.iter().map(|row| row.string(7)).collect::<Outcome<_>>()?;
            Ok((found, heads))
        })?;
        let mut entry = scope.entry(Action::Search, "households", String::new(), areas.common());
        entry.detail = format!("by={kind} found={}", found.len());
        entry.subjects = heads.into_iter().filter(|head| !head.is_empty()).collect();
        self.note_read(entry)?;
        Ok(found)
    }

    /// Everything about a household; in the audit as one reading.
    pub fn household_record(
        &self,
        scope: &Scope,
        household_id: &str,
        purpose: &str,
    ) -> Outcome<HouseholdRecord> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let fields = format!("{MEMBER_FIELDS}、各月事实和结果");
        let household = self.read_household(scope, household_id, purpose, &fields)?;
        self.database.read(|connection| {
            let (number, head) = connection
                .row(
                    "SELECT number, head_id FROM households WHERE household_id = $1",
                    &[household_id.into()],
                )?
                .map(|row| Ok::<_, StoreError>((row.string(0)?, row.string(1)?)))
                .transpose()?
                .unwrap_or_default();
            Ok(HouseholdRecord {
                number,
                head,
                months: self.months_of(connection, &areas, household_id)?,
                moments: moments(connection, &areas, household_id)?,
                household,
            })
        })
    }

    /// Everything about a person; in the audit as one reading.
    pub fn person_record(&self, scope: &Scope, person_id: &str, purpose: &str) -> Outcome<PersonRecord> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let person = self.person(scope, person_id, purpose)?;
        let mut months =
            self.database.read(|connection| self.months_of(connection, &areas, &person.row.household_id))?;
        months.retain(|month| month.members.iter().any(|(id, _)| id == person_id));
        Ok(PersonRecord { person, months })
    }

    /// The texts of the policies that a month was cleared by: path and text.
    pub fn policies(&self, hash: &str) -> Outcome<Option<Vec<(String, String)>>> {
        let row = self.database.read(|connection| {
            connection.row("SELECT content FROM policy_sets WHERE hash = $1", &[hash.into()])
        })?;
        let read = |row: Row| {
            let text = unpack(row.bytes(0)?)?;
            serde_json::from_slice(&text).map_err(StoreError::damaged)
        };
        row.map(read).transpose()
    }

    /// The registry of the month that was cleared last for a place of the scope: for pages about the law as a whole.
    pub fn latest_registry(&self, scope: &Scope) -> Outcome<Option<(Month, RegionCode, MonthRegistry)>> {
        let home = scope.home();
        self.database.read(|connection| {
            let rows = connection.rows(
                "SELECT region, month, policies_hash, registry FROM month_registries ORDER BY month DESC, region",
                &[],
            )?;
            for row in rows {
                let place = region(row.int(0)?)?;
                if home.is_within(place) || place.is_within(home) {
                    let found = MonthRegistry { policies_hash: row.string(2)?, registry: row.string(3)? };
                    return Ok(Some((month(row.int(1)?)?, place, found)));
                }
            }
            Ok(None)
        })
    }

    fn months_of(
        &self,
        connection: &mut Connection,
        areas: &Areas,
        household_id: &str,
    ) -> Outcome<Vec<HouseholdMonth>> {
        let mut query = Query::new("SELECT month, region, sealed FROM household_months");
        query.condition_text("household_id = ", household_id);
        query.areas("region", areas);
        query.push(&format!(" ORDER BY month DESC LIMIT {MOST_MONTHS}"));
        let rows = connection.rows(query.sql(), &query.params())?;
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut months = Vec::with_capacity(rows.len());
        for row in rows {
            let index = row.int(0)?;
            let (of, place) = (month(index)?, region(row.int(1)?)?);
            let packed = open_bytes(&self.keys, &Place::HouseholdMonth(household_id, index), row.bytes(2)?)?;
            let kept: KeptHousehold =
                serde_json::from_slice(&unpack(&packed)?).map_err(StoreError::damaged)?;
            let mut members = Vec::with_capacity(kept.members.len());
            for id in kept.members {
                if !names.contains_key(&id) {
                    names.insert(id.clone(), name(connection, areas, &id)?);
                }
                let name = names.get(&id).cloned().unwrap_or_default();
                members.push((id, name));
            }
            months.push(HouseholdMonth {
                month: of,
                region: place,
                members,
                facts: kept.facts,
                places: kept.places,
                sources_id: kept.sources_id,
                answers: kept.answers,
                registry: registry(connection, place, of)?,
            });
        }
        Ok(months)
    }
}

fn list_query(query: &HouseholdQuery, areas: &Areas) -> (Query, &'static str) {
    let text: String = query.text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut sql = Query::new(&format!(
        "SELECT {COLUMNS}, h.head_id FROM households h LEFT JOIN persons p ON p.person_id = h.head_id"
    ));
    sql.areas("h.region", areas);
    let limit = query.limit.clamp(1, LONGEST_PAGE);
    let by_name = !text.is_empty() && !text.is_ascii();
    let order = if by_name { "h.head_name, h.region, h.household_id" } else { "h.region, h.household_id" };
    if by_name {
        sql.condition_text("h.head_name >= ", &text);
        sql.condition_text("h.head_name < ", &format!("{text}\u{10ffff}"));
    } else if !text.is_empty() {
        sql.condition_text("(h.number = ", &text);
        sql.push(" OR h.household_id = ");
        sql.value(Value::from(text.as_str()));
        sql.close_bracket();
    }
    if let Some(after) = &query.after {
        sql.condition(if by_name {
            "(h.head_name, h.region, h.household_id) > ("
        } else {
            "(h.region, h.household_id) > ("
        });
        if by_name {
            sql.value(Value::from(after.head_name.as_str()));
            sql.push(", ");
        }
        sql.value(Value::Int(after.region.number() as i64));
        sql.push(", ");
        sql.value(Value::from(after.household_id.as_str()));
        sql.close_bracket();
    }
    sql.push(&format!(" ORDER BY {order} LIMIT {limit}"));
    let kind = match (text.is_empty(), by_name) {
        (true, _) => "place",
        (false, true) => "name",
        (false, false) => "number",
    };
    (sql, kind)
}

fn line(row: &Row) -> Outcome<HouseholdLine> {
    Ok(HouseholdLine {
        household_id: row.string(0)?,
        number: row.string(1)?,
        region: region(row.int(2)?)?,
        head_name: row.string(3)?,
        members: row.int(4)?,
        bucket: row.string(5)?,
        programmes: row.string(6)?,
    })
}

/// Of somebody who has moved elsewhere, nothing.
fn name(connection: &mut Connection, areas: &Areas, person_id: &str) -> Outcome<String> {
    let mut query = Query::new("SELECT name FROM persons");
    query.condition_text("person_id = ", person_id);
    query.areas("region", areas);
    connection.row(query.sql(), &query.params())?.map_or(Ok(String::new()), |row| row.string(0))
}

fn registry(connection: &mut Connection, place: RegionCode, of: Month) -> Outcome<MonthRegistry> {
    let Some((cleared, _)) = clearing_of(connection, place, of)? else { return Ok(MonthRegistry::default()) };
    let row = connection.row(
        "SELECT policies_hash, registry FROM month_registries WHERE region = $1 AND month = $2",
        &[(cleared.number() as i64).into(), i64::from(of.index()).into()],
    )?;
    row.map_or(Ok(MonthRegistry::default()), |row| {
        Ok(MonthRegistry { policies_hash: row.string(0)?, registry: row.string(1)? })
    })
}

fn moments(connection: &mut Connection, areas: &Areas, household_id: &str) -> Outcome<Vec<LeadMoment>> {
    let mut query = Query::new(
        "SELECT e.at, e.month, e.lead_id, l.check_name, l.name, e.step, e.state, COALESCE(u.name, '')
         FROM leads l JOIN lead_events e ON e.lead_id = l.lead_id LEFT JOIN users u ON u.user_id = e.actor",
    );
    query.condition_text("l.household_id = ", household_id);
    query.areas("l.region", areas);
    query.push(&format!(" ORDER BY e.at DESC, e.lead_id, e.serial DESC LIMIT {MOST_MOMENTS}"));
    let read = |row: &Row| {
        Ok(LeadMoment {
            at: Moment::from_millis(row.int(0)?),
            month: row.string(1)?,
            lead_id: row.string(2)?,
            check: row.string(3)?,
            name: row.string(4)?,
            step: row.string(5)?,
            state: StateKind::parse(row.text(6)?),
            by: row.string(7)?,
        })
    };
    connection.rows(query.sql(), &query.params())?.iter().map(read).collect()
}
