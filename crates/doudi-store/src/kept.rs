//! Taking over what a month knew of every household: facts, answers, groups, checks, and the policies that it went by.

use crate::db::{Bulk, Connection, Value};
use crate::error::{Outcome, StoreError};
use crate::sealed::{Place, pack, seal_bytes};
use crate::store::{Store, next_numbers};
use crate::takeover::{PORTION, latest_whole};
use doudi_terms::{Fen, Month, RegionCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Cells that a group's list has room for.
pub const MOST_COLUMNS: usize = 8;

/// What comes with a cleared month beside people and leads. Nothing where a month is too old to have it.
pub struct MonthKept<'a> {
    pub policies_hash: String,
    /// Path and text.
    pub policies: Vec<(String, String)>,
    /// JSON.
    pub registry: String,
    pub checks: Vec<MonthCheck>,
    pub groups: Vec<GroupHead>,
    pub households: Box<dyn Iterator<Item = Outcome<ImportedHousehold>> + 'a>,
}

impl Default for MonthKept<'_> {
    fn default() -> Self {
        MonthKept {
            policies_hash: String::new(),
            policies: Vec::new(),
            registry: String::new(),
            checks: Vec::new(),
            groups: Vec::new(),
            households: Box::new(std::iter::empty()),
        }
    }
}

/// A check that was in force in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonthCheck {
    pub name: String,
    pub severity: String,
    /// What it is about: checks of one kind stand together.
    pub kind: String,
    pub article: String,
    /// Rosters that had not arrived, without which it could not see.
    pub waits_for: Vec<String>,
}

/// The list of a group of people, without its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupHead {
    pub name: String,
    pub note: String,
    pub columns: Vec<GroupColumn>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupColumn {
    pub name: String,
    pub kind: CellKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The same for all members of a household: added up once for each.
    #[serde(default)]
    pub of_household: bool,
    /// Money that can be added up.
    #[serde(default)]
    pub is_summed: bool,
}

/// What a cell's number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellKind {
    YesNo,
    /// Fen.
    Money,
    Count,
    Thousandths,
    /// Since 1970-01-01.
    Day,
    /// Since year 0.
    Month,
    Label,
}

/// A household as a month knew it.
#[derive(Clone, Debug)]
pub struct ImportedHousehold {
    pub household_id: String,
    /// On paper.
    pub number: String,
    pub region: RegionCode,
    /// Ids and names, in the order of the facts.
    pub members: Vec<(String, String)>,
    /// Which of them is the head.
    pub head: usize,
    /// JSON, as the policies' evaluator reads it.
    pub facts: serde_json::Value,
    /// Where the facts were read: which of the registry's sources, and the row in it (0 = none).
    pub places: Vec<(u32, u32)>,
    /// Names the numbering of those sources.
    pub sources_id: String,
    pub answers: Vec<Answered>,
    pub groups: Vec<ImportedGroupRow>,
}

/// What the law said to one programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Counts the registry's programmes.
    #[serde(rename = "p")]
    pub programme: usize,
    /// Counts the members; `None` = the household as a whole.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub member: Option<usize>,
    /// `None` = not known.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub entitled: Option<bool>,
    #[serde(rename = "on", default, skip_serializing_if = "Option::is_none")]
    pub enrolled: Option<bool>,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none", with = "fen")]
    pub amount: Option<Fen>,
}

mod fen {
    use doudi_terms::Fen;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(fen: &Option<Fen>, to: S) -> Result<S::Ok, S::Error> {
        fen.map(|fen| fen.0).serialize(to)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Fen>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Fen))
    }
}

#[derive(Clone, Debug)]
pub struct ImportedGroupRow {
    pub group: usize,
    pub member: usize,
    pub cells: Vec<Option<i64>>,
}

/// What lies sealed of a household's month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptHousehold {
    pub members: Vec<String>,
    pub answers: Vec<Answered>,
    pub facts: serde_json::Value,
    /// Months that were taken over by an older program have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<(u32, u32)>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sources_id: String,
}

const HOUSEHOLDS: Bulk<'static> = Bulk {
    table: "households",
    columns: &["household_id", "number", "region", "head_id", "head_name", "members", "month"],
    identity: &["household_id"],
    replace: &["number", "region", "head_id", "head_name", "members", "month"],
    newest_up_to: None,
};

const HOUSEHOLD_MONTHS: Bulk<'static> = Bulk {
    table: "household_months",
    columns: &["household_id", "month", "region", "sealed", "key_id"],
    identity: &["household_id", "month"],
    replace: &["region", "sealed", "key_id"],
    newest_up_to: None,
};

const GROUP_ROWS: Bulk<'static> = Bulk {
    table: "group_rows",
    columns: &[
        "list_no",
        "region",
        "person_id",
        "household_id",
        "name",
        "c1",
        "c2",
        "c3",
        "c4",
        "c5",
        "c6",
        "c7",
        "c8",
    ],
    identity: &["list_no", "region", "person_id"],
    replace: &["household_id", "name", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"],
    newest_up_to: None,
};

const GROUP_SUMS: Bulk<'static> = Bulk {
    table: "group_sums",
    columns: &["list_no", "region", "row_count", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"],
    identity: &["list_no", "region"],
    replace: &["row_count", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8"],
    newest_up_to: None,
};

/// Of one list, by place: rows and sums.
type Sums = BTreeMap<(i64, i64), (i64, [i64; MOST_COLUMNS])>;

impl Store {
    /// Takes over everything but checks and registry, which come with the month itself. Gives the numbers of the lists
    /// that were made.
    pub(crate) fn import_kept(
        &self,
        kept: &mut MonthKept<'_>,
        place: RegionCode,
        month: Month,
    ) -> Outcome<Lists> {
        if kept.policies_hash.is_empty() {
            return Ok(Lists::default());
        }
        if let Some(group) = kept.groups.iter().find(|group| group.columns.len() > MOST_COLUMNS) {
            return Err(StoreError::bad(format!(
                "台账“{}”有 {} 栏，最多 {MOST_COLUMNS} 栏。请减少 programs.toml 里的 columns",
                group.name,
                group.columns.len()
            )));
        }
        self.import_policies(kept)?;
        let lists = self.new_lists(&kept.groups, place, month)?;
        let mut sums = Sums::new();
        let households = std::mem::replace(&mut kept.households, Box::new(std::iter::empty()));
        let mut households = households.peekable();
        while households.peek().is_some() {
            let portion: Vec<ImportedHousehold> =
                households.by_ref().take(PORTION / 2).collect::<Outcome<_>>()?;
            self.database.write(|connection| {
                let mut heads = portion.iter().map(|home| Ok(household_values(home, month)));
                let latest = latest_whole(connection)?;
                connection.bulk(&Bulk { newest_up_to: Some(latest), ..HOUSEHOLDS }, &mut heads)?;
                let mut months = portion.iter().map(|home| self.month_values(home, month));
                connection.bulk(&HOUSEHOLD_MONTHS, &mut months)?;
                let rows =
                    portion.iter().flat_map(|home| group_values(home, &lists, &kept.groups, &mut sums));
                connection.bulk(&GROUP_ROWS, &mut rows.map(Ok)).map(drop)
            })?;
        }
        let rows = sums.into_iter().map(|((list, region), (rows, sums))| {
            let sums = sums.into_iter().map(Value::Int);
            Ok([list, region, rows].into_iter().map(Value::Int).chain(sums).collect())
        });
        self.database.write(|connection| connection.bulk(&GROUP_SUMS, &mut { rows }).map(drop))?;
        Ok(lists)
    }

    fn import_policies(&self, kept: &MonthKept<'_>) -> Outcome<()> {
        let text = serde_json::to_vec(&kept.policies).map_err(StoreError::damaged)?;
        let content = pack(&text)?;
        self.database.write(|connection| {
            connection
                .execute(
                    "INSERT INTO policy_sets (hash, content) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING",
                    &[(&kept.policies_hash).into(), (&content).into()],
                )
                .map(drop)
        })
    }

    /// Numbers for lists that nobody sees until the month is there; those of an import that was cut off go.
    fn new_lists(&self, groups: &[GroupHead], place: RegionCode, month: Month) -> Outcome<Lists> {
        let numbers = self.database.write(|connection| {
            forget_lists(connection, "list_no NOT IN (SELECT list_no FROM group_lists)", &[])?;
            let first = next_numbers(connection, "list", groups.len().max(1) as i64)?;
            Ok((first..).take(groups.len()).collect::<Vec<i64>>())
        })?;
        Ok(Lists { of: Some((place, month)), numbers })
    }

    fn month_values(&self, home: &ImportedHousehold, month: Month) -> Outcome<Vec<Value>> {
        let kept = KeptHousehold {
            members: home.members.iter().map(|(id, _)| id.clone()).collect(),
            answers: home.answers.clone(),
            facts: home.facts.clone(),
            places: home.places.clone(),
            sources_id: home.sources_id.clone(),
        };
        let text = serde_json::to_vec(&kept).map_err(StoreError::damaged)?;
        let index = i64::from(month.index());
        let sealed =
            seal_bytes(&self.keys, &Place::HouseholdMonth(&home.household_id, index), &pack(&text)?)?;
        Ok(vec![
            home.household_id.as_str().into(),
            index.into(),
            (home.region.number() as i64).into(),
            sealed.into(),
            self.keys.current().id.into(),
        ])
    }
}

/// The numbers that a month's lists got.
#[derive(Default)]
pub(crate) struct Lists {
    /// `None` = the month came without.
    of: Option<(RegionCode, Month)>,
    numbers: Vec<i64>,
}

fn household_values(home: &ImportedHousehold, month: Month) -> Vec<Value> {
    let (head_id, head_name) = home.members.get(home.head).cloned().unwrap_or_default();
    vec![
        home.household_id.as_str().into(),
        home.number.as_str().into(),
        (home.region.number() as i64).into(),
        head_id.into(),
        head_name.into(),
        (home.members.len() as i64).into(),
        i64::from(month.index()).into(),
    ]
}

fn group_values(
    home: &ImportedHousehold,
    lists: &Lists,
    groups: &[GroupHead],
    sums: &mut Sums,
) -> Vec<Vec<Value>> {
    let place = home.region.number() as i64;
    let mut rows = Vec::new();
    let mut counted: Vec<usize> = Vec::new();
    for row in &home.groups {
        let Some((list, (id, name))) = lists.numbers.get(row.group).zip(home.members.get(row.member)) else {
            continue;
        };
        let mut values: Vec<Value> = vec![
            (*list).into(),
            place.into(),
            id.as_str().into(),
            home.household_id.as_str().into(),
            name.as_str().into(),
        ];
        let (count, sum) = sums.entry((*list, place)).or_default();
        *count += 1;
        let columns = groups.get(row.group).map_or(&[][..], |group| &group.columns);
        let is_again = counted.contains(&row.group);
        counted.push(row.group);
        for (at, total) in sum.iter_mut().enumerate() {
            let cell = row.cells.get(at).copied().flatten();
            let counts = |column: &GroupColumn| column.is_summed && !(column.of_household && is_again);
            if columns.get(at).is_some_and(counts) {
                *total += cell.unwrap_or(0);
            }
            values.push(cell.into());
        }
        rows.push(values);
    }
    rows
}

/// The part that appears together with the month: its registry, its checks, and its lists in place of older ones.
pub(crate) fn write_kept(connection: &mut Connection, kept: &MonthKept<'_>, lists: &Lists) -> Outcome<()> {
    let Some((place, month)) = lists.of else { return Ok(()) };
    let key = [(place.number() as i64).into(), i64::from(month.index()).into()];
    connection.execute(
        "INSERT INTO month_registries (region, month, policies_hash, registry) VALUES ($1, $2, $3, $4)
         ON CONFLICT (region, month) DO UPDATE SET policies_hash = excluded.policies_hash, registry = excluded.registry",
        &[key[0], key[1], (&kept.policies_hash).into(), (&kept.registry).into()],
    )?;
    connection.execute("DELETE FROM month_checks WHERE region = $1 AND month = $2", &key)?;
    for (serial, check) in (0_i64..).zip(&kept.checks) {
        connection.execute(
            "INSERT INTO month_checks (region, month, serial, check_name, severity, kind, article, waits_for)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[
                key[0],
                key[1],
                serial.into(),
                (&check.name).into(),
                (&check.severity).into(),
                (&check.kind).into(),
                (&check.article).into(),
                (&check.waits_for.join("\n")).into(),
            ],
        )?;
    }
    let older = "list_no IN (SELECT list_no FROM group_lists WHERE region = $1 AND month = $2)";
    forget_lists(connection, older, &key)?;
    connection.execute("DELETE FROM group_lists WHERE region = $1 AND month = $2", &key)?;
    for (serial, (group, number)) in (0_i64..).zip(kept.groups.iter().zip(&lists.numbers)) {
        let columns = serde_json::to_string(&group.columns).map_err(StoreError::damaged)?;
        connection.execute(
            "INSERT INTO group_lists (list_no, region, month, serial, name, note, columns)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                (*number).into(),
                key[0],
                key[1],
                serial.into(),
                (&group.name).into(),
                (&group.note).into(),
                (&columns).into(),
            ],
        )?;
    }
    Ok(())
}

fn forget_lists(connection: &mut Connection, which: &str, params: &[crate::db::Param<'_>]) -> Outcome<()> {
    for table in ["group_rows", "group_sums"] {
        connection.execute(&format!("DELETE FROM {table} WHERE {which}"), params)?;
    }
    Ok(())
}
