//! Lists of special groups of people (台账): who is on them, what they show, what it adds up to.

use crate::audit::Action;
use crate::db::{Connection, Row, Value};
use crate::error::{Outcome, StoreError};
use crate::group_filter::{self, GroupFilter};
use crate::kept::{GroupColumn, GroupHead, MOST_COLUMNS};
use crate::persons::LONGEST_PAGE;
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::sealed::{PersonSecrets, Place, masked, open};
use crate::store::Store;
use doudi_casework::{Permission, Refusal};
use doudi_terms::{Date, Month, RegionCode, date_from_epoch_day};

/// A list, with how many are on it in the scope's area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupList {
    pub head: GroupHead,
    pub rows: i64,
}

/// Which rows of which list, in which order.
#[derive(Clone, Debug)]
pub struct GroupQuery {
    pub month: Month,
    pub name: String,
    /// Within this place, as far as the scope reaches there.
    pub place: Option<RegionCode>,
    /// Rows that meet all of these.
    pub filters: Vec<GroupFilter>,
    pub sort: GroupSort,
    pub descending: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupSort {
    Place,
    Name,
    /// Counts the list's columns; what is not known comes last.
    Column(usize),
}

/// The last row of the page before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCursor {
    /// The name, or the cell's number.
    pub key: String,
    pub region: RegionCode,
    pub person_id: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLine {
    pub person_id: String,
    pub household_id: String,
    pub region: RegionCode,
    pub name: String,
    pub sex: String,
    pub birth: Option<Date>,
    /// Masked, or whole in an export by somebody who may.
    pub id_number: String,
    pub cells: Vec<Option<i64>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPage {
    pub head: GroupHead,
    /// All rows that are meant, not those of the page.
    pub total: i64,
    /// By column; `None` where adding up says nothing.
    pub sums: Vec<Option<i64>>,
    pub rows: Vec<GroupLine>,
    pub next: Option<GroupCursor>,
}

/// Lists of one name and month: each clearing of the scope's area has one.
struct Found {
    head: GroupHead,
    numbers: Vec<i64>,
    areas: Areas,
}

const ROW_COLUMNS: &str = "g.region, g.person_id, g.household_id, g.name, p.sex, p.birth, p.sealed, \
                           p.region, g.c1, g.c2, g.c3, g.c4, g.c5, g.c6, g.c7, g.c8";
/// Stand for what is not known, past every number that is.
const LAST: i64 = 4_000_000_000_000_000_000;

impl Store {
    /// The lists of a month.
    pub fn group_lists(&self, scope: &Scope, of: Month) -> Outcome<Vec<GroupList>> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        self.database.read(|connection| {
            let rows = connection.rows(
                "SELECT list_no, name, note, columns, region FROM group_lists WHERE month = $1
                 ORDER BY serial, region",
                &[i64::from(of.index()).into()],
            )?;
            let mut lists: Vec<GroupList> = Vec::new();
            for row in rows.iter() {
                if !touches(&areas, region(row.int(4)?)?) {
                    continue;
                }
                let (rows, _) = totals(connection, &[row.int(0)?], &areas)?;
                let head = head(row)?;
                match lists.iter_mut().find(|list| list.head.name == head.name) {
                    Some(list) => list.rows += rows,
                    None => lists.push(GroupList { head, rows }),
                }
            }
            Ok(lists)
        })
    }

    /// Which columns a list has, before anything is asked of its rows.
    pub fn group_head(&self, scope: &Scope, month: Month, name: &str) -> Outcome<GroupHead> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        self.database.read(|connection| Ok(find(connection, &areas, month, name, None)?.head))
    }

    /// One page of a list, with what the whole of it comes to.
    pub fn group_page(
        &self,
        scope: &Scope,
        query: &GroupQuery,
        after: Option<&GroupCursor>,
        limit: usize,
    ) -> Outcome<GroupPage> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let (found, page) = self.database.read(|connection| {
            let found = find(connection, &areas, query.month, &query.name, query.place)?;
            let (total, sums) = found.totals(connection, query)?;
            let sql = rows_query(query, &found, after, Some(limit + 1));
            let rows = connection.rows(sql.sql(), &sql.params())?;
            let mut rows: Vec<GroupLine> =
                rows.iter().map(|row| self.line(row, &found, &|_| false)).collect::<Outcome<_>>()?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let next = rows.last().filter(|_| more).map(|last| last.cursor(query.sort));
            let columns = found.head.columns.iter();
            let sums = columns.zip(sums).map(|(column, sum)| column.is_summed.then_some(sum)).collect();
            let page = GroupPage { head: found.head.clone(), total, sums, rows, next };
            Ok((found, page))
        })?;
        let mut entry =
            scope.entry(Action::ListGroup, "group", query.words(&found.head), found.areas.common());
        entry.subjects = page.rows.iter().map(|row| row.person_id.clone()).collect();
        entry.detail = fields(&found.head);
        self.note_read(entry)?;
        Ok(page)
    }

    /// The whole list, row by row, for a purpose; everybody on it is in the audit first. Whole id numbers for those who
    /// may see them.
    pub fn export_group(
        &self,
        scope: &Scope,
        query: &GroupQuery,
        purpose: &str,
        visit: &mut dyn FnMut(GroupLine) -> Outcome<()>,
    ) -> Outcome<()> {
        if purpose.trim().chars().count() < 2 {
            return Err(StoreError::bad("请写明导出做什么用，例如“五月督战会”"));
        }
        if !scope.may(Permission::Export) {
            return Err(Refusal::Role { permission: Permission::Export }.into());
        }
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let (found, subjects) = self.database.read(|connection| {
            let found = find(connection, &areas, query.month, &query.name, query.place)?;
            let mut sql = Query::new("SELECT g.person_id FROM group_rows g");
            found.conditions(&mut sql, query);
            sql.push(" ORDER BY g.person_id");
            let mut subjects = Vec::new();
            connection.each(sql.sql(), &sql.params(), &mut |row| {
                subjects.push(row.string(0)?);
                Ok(())
            })?;
            Ok((found, subjects))
        })?;
        if !found.areas.list().iter().all(|area| scope.may_at(Permission::Export, *area)) {
            return Err(Refusal::Place { permission: Permission::Export }.into());
        }
        let whole = |place: RegionCode| scope.may_at(Permission::Unmask, place);
        let mut entry = scope.entry(Action::Export, "group", query.words(&found.head), found.areas.common());
        let numbers = if found.areas.list().iter().all(|area| whole(*area)) { "whole" } else { "masked" };
        entry.detail = format!("{} rows={} id-numbers={numbers}", fields(&found.head), subjects.len());
        entry.purpose = purpose.trim().to_owned();
        entry.subjects = subjects;
        self.note_read(entry)?;
        let sql = rows_query(query, &found, None, None);
        self.database.read(|connection| {
            connection.each(sql.sql(), &sql.params(), &mut |row| visit(self.line(&row, &found, &whole)?))
        })
    }

    fn line(&self, row: &Row, found: &Found, whole: &dyn Fn(RegionCode) -> bool) -> Outcome<GroupLine> {
        let person_id = row.string(1)?;
        let place = region(row.int(0)?)?;
        // Whoever has moved out of the area since is on the old list, but the record is somebody else's to read.
        let now = row.opt_int(7)?.map(region).transpose()?;
        let secrets: PersonSecrets = match now.is_some_and(|now| found.areas.has(now)) {
            true => open(&self.keys, &Place::Person(&person_id), row.bytes(6)?)?,
            false => PersonSecrets::default(),
        };
        let columns = found.head.columns.len().min(MOST_COLUMNS);
        Ok(GroupLine {
            household_id: row.string(2)?,
            region: place,
            name: row.string(3)?,
            sex: row.opt_text(4)?.unwrap_or_default().to_owned(),
            birth: row.opt_int(5)?.and_then(|day| date_from_epoch_day(i32::try_from(day).ok()?)),
            id_number: if whole(place) { secrets.id_number } else { masked(&secrets.id_number, 6, 4) },
            cells: (8..8 + columns).map(|at| row.opt_int(at)).collect::<Outcome<_>>()?,
            person_id,
        })
    }
}

impl GroupLine {
    fn cursor(&self, sort: GroupSort) -> GroupCursor {
        let key = match sort {
            GroupSort::Place => String::new(),
            GroupSort::Name => self.name.clone(),
            GroupSort::Column(at) => {
                self.cells.get(at).copied().flatten().map_or(String::new(), |cell| cell.to_string())
            }
        };
        GroupCursor { key, region: self.region, person_id: self.person_id.clone() }
    }
}

impl GroupQuery {
    fn words(&self, head: &GroupHead) -> String {
        let place = self.place.map_or(String::new(), |place| format!(" place={place}"));
        let filters: String = self.filters.iter().map(|filter| format!(" {}", filter.words(head))).collect();
        format!("{} {}{place}{filters}", self.name, self.month)
    }
}

impl Found {
    /// Every condition of the question, on `group_rows g`.
    fn conditions(&self, sql: &mut Query, query: &GroupQuery) {
        lists_condition(sql, "g.list_no", &self.numbers);
        sql.areas("g.region", &self.areas);
        group_filter::conditions(sql, &query.filters);
    }

    /// Without filters from the sums by village, with them from the rows.
    fn totals(&self, connection: &mut Connection, query: &GroupQuery) -> Outcome<(i64, [i64; MOST_COLUMNS])> {
        match query.filters.is_empty() {
            true => totals(connection, &self.numbers, &self.areas),
            false => group_filter::totals(connection, &self.head, |sql| self.conditions(sql, query)),
        }
    }
}

/// For the audit: which fields were seen.
fn fields(head: &GroupHead) -> String {
    let columns: Vec<&str> = head.columns.iter().map(|column| column.name.as_str()).collect();
    format!(
        "fields={}",
        ["姓名", "性别", "出生日期", "身份证号", "地区"]
            .iter()
            .copied()
            .chain(columns)
            .collect::<Vec<_>>()
            .join("、")
    )
}

fn touches(areas: &Areas, cleared: RegionCode) -> bool {
    areas.has(cleared) || areas.list().iter().any(|area| area.is_within(cleared) || cleared.is_within(*area))
}

fn head(row: &Row) -> Outcome<GroupHead> {
    let columns: Vec<GroupColumn> = serde_json::from_str(row.text(3)?).map_err(StoreError::damaged)?;
    Ok(GroupHead { name: row.string(1)?, note: row.string(2)?, columns })
}

fn find(
    connection: &mut Connection,
    areas: &Areas,
    month: Month,
    name: &str,
    place: Option<RegionCode>,
) -> Outcome<Found> {
    let rows = connection.rows(
        "SELECT list_no, name, note, columns, region FROM group_lists WHERE month = $1 AND name = $2 ORDER BY region",
        &[i64::from(month.index()).into(), name.into()],
    )?;
    let mut numbers = Vec::new();
    let mut first = None;
    for row in &rows {
        if touches(areas, region(row.int(4)?)?) {
            numbers.push(row.int(0)?);
            first.get_or_insert(head(row)?);
        }
    }
    let areas = place.map_or_else(|| areas.clone(), |place| areas.within(place));
    first.map(|head| Found { head, numbers, areas }).ok_or(StoreError::NotFound("这份台账"))
}

fn lists_condition(sql: &mut Query, column: &str, numbers: &[i64]) {
    sql.condition(&format!("{column} IN ("));
    for (at, number) in numbers.iter().enumerate() {
        if at > 0 {
            sql.push(", ");
        }
        sql.value(Value::Int(*number));
    }
    sql.close_bracket();
}

fn totals(
    connection: &mut Connection,
    numbers: &[i64],
    areas: &Areas,
) -> Outcome<(i64, [i64; MOST_COLUMNS])> {
    let sums: Vec<String> = (1..=MOST_COLUMNS).map(|at| format!("CAST(SUM(s{at}) AS BIGINT)")).collect();
    let mut sql =
        Query::new(&format!("SELECT CAST(SUM(row_count) AS BIGINT), {} FROM group_sums", sums.join(", ")));
    lists_condition(&mut sql, "list_no", numbers);
    sql.areas("region", areas);
    let Some(row) = connection.row(sql.sql(), &sql.params())? else { return Ok((0, [0; MOST_COLUMNS])) };
    let mut found = [0; MOST_COLUMNS];
    for (at, sum) in found.iter_mut().enumerate() {
        *sum = row.opt_int(at + 1)?.unwrap_or(0);
    }
    Ok((row.opt_int(0)?.unwrap_or(0), found))
}

fn rows_query(query: &GroupQuery, found: &Found, after: Option<&GroupCursor>, limit: Option<usize>) -> Query {
    let (way, than) = if query.descending { (" DESC", "<") } else { ("", ">") };
    // Columns are named by our own numbers, never by what somebody typed.
    let key = match query.sort {
        GroupSort::Place => None,
        GroupSort::Name => Some("g.name".to_owned()),
        GroupSort::Column(at) => {
            let last = if query.descending { -LAST } else { LAST };
            Some(format!("COALESCE(g.c{}, {last})", at.min(MOST_COLUMNS - 1) + 1))
        }
    };
    const JOIN: &str = "LEFT JOIN persons p ON p.person_id = g.person_id";
    // A page is cut out first: who they are is looked up for its rows alone.
    let mut sql = match limit {
        Some(_) => Query::new(&format!("SELECT {ROW_COLUMNS} FROM (SELECT g.* FROM group_rows g")),
        None => Query::new(&format!("SELECT {ROW_COLUMNS} FROM group_rows g {JOIN}")),
    };
    found.conditions(&mut sql, query);
    let keys: Vec<&str> = key.as_deref().into_iter().chain(["g.region", "g.person_id"]).collect();
    if let Some(after) = after {
        sql.condition(&format!("({}) {than} (", keys.join(", ")));
        match query.sort {
            GroupSort::Place => {}
            GroupSort::Name => sql.value(Value::from(after.key.as_str())),
            GroupSort::Column(_) => {
                let last = if query.descending { -LAST } else { LAST };
                sql.value(Value::Int(after.key.parse().unwrap_or(last)));
            }
        }
        if query.sort != GroupSort::Place {
            sql.push(", ");
        }
        sql.value(Value::Int(after.region.number() as i64));
        sql.push(", ");
        sql.value(Value::from(after.person_id.as_str()));
        sql.close_bracket();
    }
    let order: Vec<String> = keys.iter().map(|key| format!("{key}{way}")).collect();
    let order = order.join(", ");
    sql.push(&format!(" ORDER BY {order}"));
    if let Some(limit) = limit {
        sql.push(&format!(" LIMIT {limit}) g {JOIN} ORDER BY {order}"));
    }
    sql
}
