//! Lists of cases: the most urgent first, page after page; how many, and how many too late, by township and kind.

use crate::audit::Action;
use crate::cases::{CASE_COLUMNS, CaseRow, case_row};
use crate::db::{Row, Value};
use crate::error::Outcome;
use crate::leads::place_conditions;
use crate::persons::LONGEST_PAGE;
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::store::Store;
use doudi_casework::Permission;
use doudi_terms::RegionCode;
use std::collections::BTreeSet;

/// Which cases; empty fields are not asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    pub place: Option<RegionCode>,
    pub kind: Option<String>,
    pub state: Option<String>,
    /// Those that are over; otherwise those that are open.
    pub ended: bool,
    /// Whose day or hour has passed.
    pub overdue: bool,
    pub household: Option<String>,
    /// A case's number, or the beginning of a name.
    pub text: Option<String>,
}

/// The last case of the page before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseCursor {
    due: i64,
    case_id: String,
}

impl CaseCursor {
    pub fn parse(text: &str) -> Option<CaseCursor> {
        let (due, case_id) = text.split_once('.')?;
        Some(CaseCursor { due: due.parse().ok()?, case_id: case_id.to_owned() })
    }

    pub(crate) fn of(due: i64, case_id: String) -> CaseCursor {
        CaseCursor { due, case_id }
    }

    pub(crate) fn parts(&self) -> (i64, &str) {
        (self.due, &self.case_id)
    }

    /// For an address.
    pub fn text(&self) -> String {
        format!("{}.{}", self.due, self.case_id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePage {
    pub rows: Vec<CaseRow>,
    pub next: Option<CaseCursor>,
}

/// How many of a kind a township has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFigure {
    pub township: RegionCode,
    pub kind: String,
    pub name: String,
    pub open: u64,
    pub overdue: u64,
}

impl Store {
    /// The most urgent first; `after` is the `next` of the page before.
    pub fn cases(
        &self,
        scope: &Scope,
        filter: &CaseFilter,
        after: Option<&CaseCursor>,
        limit: usize,
    ) -> Outcome<CasePage> {
        let areas = narrowed(scope, filter)?;
        let limit = limit.clamp(1, LONGEST_PAGE);
        let mut query = filtered(&format!("SELECT {CASE_COLUMNS} FROM cases"), scope, &areas, filter);
        if let Some(after) = after {
            query.condition("(due, case_id) > (");
            query.value(Value::Int(after.due));
            query.push(", ");
            query.value(after.case_id.as_str().into());
            query.push(")");
        }
        query.push(&format!(" ORDER BY due, case_id LIMIT {}", limit + 1));
        let found = self.database.read(|connection| connection.rows(query.sql(), &query.params()))?;
        let mut rows: Vec<CaseRow> = found.iter().map(case_row).collect::<Outcome<_>>()?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = match (more, found.get(limit - 1)) {
            (true, Some(last)) => Some(CaseCursor { due: last.int(9)?, case_id: last.string(0)? }),
            _ => None,
        };
        let mut entry = scope.entry(Action::ListCases, "cases", String::new(), areas.common());
        entry.subjects =
            rows.iter().map(|row| row.household_id.clone()).filter(|id| !id.is_empty()).collect();
        entry.detail = format!("shown={}", rows.len());
        self.note_read(entry)?;
        Ok(CasePage { rows, next })
    }

    /// Sums, without anybody's name.
    pub fn count_cases(&self, scope: &Scope, filter: &CaseFilter) -> Outcome<u64> {
        let areas = narrowed(scope, filter)?;
        let query = filtered("SELECT COUNT(*) FROM cases", scope, &areas, filter);
        let count = self.database.read(|connection| connection.number(query.sql(), &query.params()))?;
        Ok(count.unsigned_abs())
    }

    /// Households of the scope's area that have a case of a kind under way.
    pub fn households_with_open_case(&self, scope: &Scope, kind: &str) -> Outcome<BTreeSet<String>> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let mut query = Query::new("SELECT DISTINCT household_id FROM cases");
        query.condition("is_open = 1 AND household_id <> ''");
        query.condition_text("kind = ", kind);
        query.areas("region", &areas);
        let rows = self.database.read(|connection| connection.rows(query.sql(), &query.params()))?;
        rows.iter().map(|row| row.string(0)).collect()
    }

    /// Townships by kinds: open and too late. The county sees its townships, a township itself.
    pub fn case_figures(&self, scope: &Scope) -> Outcome<Vec<CaseFigure>> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let mut query = Query::new("SELECT township, kind, MIN(name), COUNT(*), SUM(CASE WHEN due <= ");
        query.value(Value::Int(scope.at.millis()));
        query.push(" THEN 1 ELSE 0 END) FROM cases");
        query.condition("is_open = 1");
        query.areas("region", &areas);
        query.push(" GROUP BY township, kind ORDER BY township, kind");
        let rows = self.database.read(|connection| connection.rows(query.sql(), &query.params()))?;
        let read = |row: &Row| {
            Ok(CaseFigure {
                township: region(row.int(0)?)?,
                kind: row.string(1)?,
                name: row.string(2)?,
                open: row.int(3)?.unsigned_abs(),
                overdue: row.int(4)?.unsigned_abs(),
            })
        };
        rows.iter().map(read).collect()
    }
}

fn narrowed(scope: &Scope, filter: &CaseFilter) -> Outcome<Areas> {
    let areas = scope.areas_for(Permission::ReadCases)?;
    Ok(match filter.place {
        Some(place) => areas.within(place),
        None => areas,
    })
}

fn filtered(select: &str, scope: &Scope, areas: &Areas, filter: &CaseFilter) -> Query {
    let mut query = Query::new(select);
    query.condition_int("is_open = ", i64::from(!filter.ended));
    place_conditions(&mut query, areas);
    if let Some(kind) = &filter.kind {
        query.condition_text("kind = ", kind);
    }
    if let Some(state) = &filter.state {
        query.condition_text("state = ", state);
    }
    if let Some(household) = &filter.household {
        query.condition_text("household_id = ", household);
    }
    if filter.overdue {
        query.condition_int("due <= ", scope.at.millis());
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        query.condition("(case_id = ");
        query.value(text.to_ascii_uppercase().as_str().into());
        query.push(" OR (applicant >= ");
        query.value(text.into());
        query.push(" AND applicant < ");
        // After every name that begins like this.
        query.value(format!("{text}\u{10ffff}").as_str().into());
        query.push("))");
    }
    query
}
