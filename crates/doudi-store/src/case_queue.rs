//! Cases that wait for a decision, the most urgent first, with what stands beside each; and deciding one of many.

use crate::audit::Action;
use crate::case_list::CaseCursor;
use crate::cases::{Case, CaseMove, CaseRow, Opens};
use crate::db::{Connection, Value};
use crate::error::Outcome;
use crate::leads::place_conditions;
use crate::query::Query;
use crate::scope::Scope;
use crate::sealed::{Place, open};
use crate::store::Store;
use doudi_casework::{CaseFile, Permission, StepRefusal};
use doudi_terms::RegionCode;
use std::collections::BTreeSet;

/// Cases of one page, and of one act.
pub const MOST_TOGETHER: usize = 200;

/// Which cases wait, and which others put them in doubt: both as the procedures say.
#[derive(Clone, Debug, Default)]
pub struct CaseQueue {
    pub place: Option<RegionCode>,
    /// Kinds and states.
    pub waiting: BTreeSet<(String, String)>,
    /// Kinds of cases that put others in doubt while they are open.
    pub doubting: BTreeSet<String>,
}

/// A case that waits, with what has to be known to decide on it.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingCase {
    pub case: Case,
    /// Others that put it in doubt: `举报、投诉（B000012）`.
    pub others: Vec<String>,
}

/// A step as the pure crate takes it, of a case and all that stands beside it.
pub type Decide<'t> = dyn Fn(&WaitingCase) -> Result<CaseMove, StepRefusal> + 't;

impl Store {
    /// The most urgent first; the audit has whose they are. The cursor is that of the page after.
    pub fn waiting_cases(
        &self,
        scope: &Scope,
        queue: &CaseQueue,
        after: Option<&CaseCursor>,
        limit: usize,
    ) -> Outcome<(Vec<WaitingCase>, Option<CaseCursor>)> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let areas = match queue.place {
            Some(place) => areas.within(place),
            None => areas,
        };
        let limit = limit.clamp(1, MOST_TOGETHER);
        let mut query = Query::new("SELECT due, case_id FROM cases");
        query.condition("is_open = 1");
        place_conditions(&mut query, &areas);
        states(&mut query, &queue.waiting);
        if let Some(after) = after {
            let (due, case_id) = after.parts();
            query.condition("(due, case_id) > (");
            query.value(Value::Int(due));
            query.push(", ");
            query.value(case_id.into());
            query.push(")");
        }
        query.push(&format!(" ORDER BY due, case_id LIMIT {}", limit + 1));
        let (found, next) = self.database.read(|connection| {
            let rows = connection.rows(query.sql(), &query.params())?;
            let next = match (rows.len() > limit, rows.get(limit - 1)) {
                (true, Some(last)) => Some(CaseCursor::of(last.int(0)?, last.string(1)?)),
                _ => None,
            };
            let mut found = Vec::new();
            for row in rows.iter().take(limit) {
                let case = self.find_case(connection, &areas, &row.string(1)?)?;
                found.push(self.beside(connection, case, &queue.doubting)?);
            }
            Ok((found, next))
        })?;
        let mut entry = scope.entry(Action::ListCases, "cases", String::new(), areas.common());
        let households = found.iter().map(|found| found.case.row.household_id.clone());
        entry.subjects = households.filter(|id| !id.is_empty()).collect();
        entry.detail = format!("waiting={}", found.len());
        self.note_read(entry)?;
        Ok((found, next))
    }

    /// Some of them by their numbers, as they are now, in the order of the numbers. Those that are not there, or not in
    /// the scope's area, are left out.
    pub fn waiting_cases_of(
        &self,
        scope: &Scope,
        doubting: &BTreeSet<String>,
        numbers: &[String],
    ) -> Outcome<Vec<WaitingCase>> {
        let mut found = Vec::new();
        for id in numbers.iter().take(MOST_TOGETHER) {
            let case = match self.case(scope, id) {
                Ok(case) => case,
                Err(crate::error::StoreError::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            found.push(self.database.read(|connection| self.beside(connection, case, doubting))?);
        }
        Ok(found)
    }

    /// Takes a deciding step like [`Store::step_case`]; what stands beside the case is read in the same transaction, so
    /// that nothing comes in between.
    pub fn decide_case(
        &self,
        scope: &Scope,
        (case_id, version): (&str, i64),
        doubting: &BTreeSet<String>,
        decide: &Decide<'_>,
        opens: &Opens<'_>,
    ) -> Outcome<()> {
        self.change(|connection, audit| {
            let areas = scope.areas_for(Permission::ReadCases)?;
            let case = self.find_case(connection, &areas, case_id)?;
            let others = self.beside(connection, case, doubting)?.others;
            let take = |case: &Case| decide(&WaitingCase { case: case.clone(), others: others.clone() });
            self.step_in(connection, audit, scope, (case_id, version), &take, opens).map(drop)
        })
    }

    fn beside(
        &self,
        connection: &mut Connection,
        case: Case,
        doubting: &BTreeSet<String>,
    ) -> Outcome<WaitingCase> {
        let others = self.others(connection, &case.row, doubting)?;
        Ok(WaitingCase { case, others })
    }

    /// Open cases of the doubting kinds that began out of this one, or are about the same household or applicant. They
    /// are looked for in the whole village, whoever asks: what is told of them is that they are there.
    fn others(
        &self,
        connection: &mut Connection,
        row: &CaseRow,
        doubting: &BTreeSet<String>,
    ) -> Outcome<Vec<String>> {
        if doubting.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = Query::new("SELECT case_id, name, applicant, household_id, sealed FROM cases");
        query.condition("is_open = 1");
        query.condition_int("region = ", i64::try_from(row.region.number()).unwrap_or(i64::MAX));
        query.condition("kind IN (");
        for (at, kind) in doubting.iter().enumerate() {
            query.push(if at > 0 { ", " } else { "" });
            query.value(kind.as_str().into());
        }
        query.push(") ORDER BY case_id");
        let mut others = Vec::new();
        for found in connection.rows(query.sql(), &query.params())? {
            let (id, household) = (found.string(0)?, found.string(3)?);
            if id == row.case_id {
                continue;
            }
            let same =
                (!household.is_empty() && household == row.household_id) || found.string(2)? == row.applicant;
            let file: CaseFile = open(&self.keys, &Place::Case(&id), found.bytes(4)?)?;
            if same || file.about.as_deref() == Some(row.case_id.as_str()) {
                others.push(format!("{}（{id}）", found.string(1)?));
            }
        }
        Ok(others)
    }
}

/// Of no state there is, nothing.
fn states(query: &mut Query, waiting: &BTreeSet<(String, String)>) {
    if waiting.is_empty() {
        query.condition("1 = 0");
        return;
    }
    query.condition("(");
    for (at, (kind, state)) in waiting.iter().enumerate() {
        query.push(if at > 0 { " OR (kind = " } else { "(kind = " });
        query.value(kind.as_str().into());
        query.push(" AND state = ");
        query.value(state.as_str().into());
        query.push(")");
    }
    query.push(")");
}
