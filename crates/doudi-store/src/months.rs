//! Cleared months: the board of townships and checks, where sources have arrived, and who signed.

use crate::audit::{self, Action};
use crate::db::{Connection, Row};
use crate::error::{Outcome, StoreError};
use crate::kept::MonthCheck;
use crate::leads::place_conditions;
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::store::Store;
use doudi_casework::{AreaMonth, Moment, Permission, Refusal, SignOff, StateKind, UserId};
use doudi_terms::{Month, RegionCode, epoch_day};
use std::collections::BTreeMap;

/// One cell of the board: a township's leads of one check that stood open some time in the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardCell {
    pub township: RegionCode,
    pub check: String,
    pub total: u64,
    /// Nobody has reported.
    pub unreported: u64,
    /// Of these, past their day.
    pub overdue: u64,
    pub awaiting_second: u64,
    pub to_rectify: u64,
    /// Dismissed, closed or withdrawn.
    pub done: u64,
}

/// A month as it was cleared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearedMonth {
    pub region: RegionCode,
    pub month: Month,
    pub certificate_hash: String,
    pub imported_at: Moment,
}

/// Whether a roster has come. A cell is green only where what it rests on is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthSource {
    pub roster: String,
    pub name: String,
    pub department: String,
    /// Should come every month.
    pub is_monthly: bool,
    pub has_arrived: bool,
    pub rows: u64,
}

/// A number of a month's results by place: buckets, programmes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub region: RegionCode,
    pub kind: String,
    pub name: String,
    pub value: i64,
}

/// Who has signed an area's month, or opened it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedMonth {
    pub region: RegionCode,
    pub sign_off: SignOff,
}

impl Store {
    /// Months that were cleared for the scope's area or a wider one, the latest first.
    pub fn cleared_months(&self, scope: &Scope) -> Outcome<Vec<ClearedMonth>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        let rows = self.database.read(|connection| {
            connection.rows(
                "SELECT region, month, certificate_hash, imported_at FROM clearings ORDER BY month DESC, region",
                &[],
            )
        })?;
        let months = rows.iter().map(|row| {
            Ok(ClearedMonth {
                region: region(row.int(0)?)?,
                month: month(row.int(1)?)?,
                certificate_hash: row.string(2)?,
                imported_at: Moment::from_millis(row.int(3)?),
            })
        });
        let mut months: Vec<ClearedMonth> = months.collect::<Outcome<_>>()?;
        months.retain(|cleared| touches(&areas, cleared.region));
        Ok(months)
    }

    /// Townships by checks of a month.
    pub fn board(&self, scope: &Scope, month: Month) -> Outcome<Vec<BoardCell>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        let question = format!("board {areas:?} {month} {}", scope.today());
        self.remembered(question, scope.at, || {
            self.database.read(|connection| board(connection, &areas, month, scope))
        })
    }

    /// What came for a month and what did not, of the clearing that the place belongs to.
    pub fn month_sources(&self, scope: &Scope, place: RegionCode, of: Month) -> Outcome<Vec<MonthSource>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        if !areas.has(place) {
            return Err(StoreError::NotFound("这个地方"));
        }
        self.database.read(|connection| {
            let Some((cleared, _)) = clearing_of(connection, place, of)? else { return Ok(Vec::new()) };
            sources(connection, cleared, of)
        })
    }

    /// Checks that were in force in a month, of the clearing that the place belongs to; the gravest first.
    pub fn month_checks(&self, scope: &Scope, place: RegionCode, of: Month) -> Outcome<Vec<MonthCheck>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        if !areas.has(place) {
            return Err(StoreError::NotFound("这个地方"));
        }
        self.database.read(|connection| {
            let Some((cleared, _)) = clearing_of(connection, place, of)? else { return Ok(Vec::new()) };
            let rows = connection.rows(
                "SELECT check_name, severity, kind, article, waits_for FROM month_checks
                 WHERE region = $1 AND month = $2 ORDER BY serial",
                &[(cleared.number() as i64).into(), i64::from(of.index()).into()],
            )?;
            let read = |row: &Row| {
                Ok(MonthCheck {
                    name: row.string(0)?,
                    severity: row.string(1)?,
                    kind: row.string(2)?,
                    article: row.string(3)?,
                    waits_for: row.text(4)?.lines().map(str::to_owned).collect(),
                })
            };
            rows.iter().map(read).collect()
        })
    }

    /// Figures of a month by place, of one kind: `bucket`, `programme`.
    pub fn figures(&self, scope: &Scope, of: Month, kind: &str) -> Outcome<Vec<Figure>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        let mut query = Query::new("SELECT region, kind, name, value FROM month_figures");
        query.condition_int("month = ", of.index().into());
        query.condition_text("kind = ", kind);
        query.areas("region", &areas);
        query.push(" ORDER BY region, name");
        let rows = self.database.read(|connection| connection.rows(query.sql(), &query.params()))?;
        let read = |row: &Row| {
            Ok(Figure {
                region: region(row.int(0)?)?,
                kind: row.string(1)?,
                name: row.string(2)?,
                value: row.int(3)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What would be signed: counted now.
    pub fn area_month(&self, scope: &Scope, place: RegionCode, of: Month) -> Outcome<AreaMonth> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        if !areas.has(place) {
            return Err(StoreError::NotFound("这个地方"));
        }
        self.database.read(|connection| counted(connection, scope, &areas.within(place), place, of))
    }

    /// Signs a month for a place. Keeps the certificate's hash and the head of the audit of this moment.
    pub fn sign_off(&self, scope: &Scope, place: RegionCode, of: Month, remark: &str) -> Outcome<SignOff> {
        let areas = scope.areas_for(Permission::SignOffMonth)?;
        self.change(|connection, audit| {
            if !areas.has(place) {
                return Err(Refusal::Place { permission: Permission::SignOffMonth }.into());
            }
            if signed(connection, place, of)?.is_some() {
                return Err(StoreError::bad(format!("{of} 已经签认过了。要改，请县级先重新打开")));
            }
            let cleared = clearing_of(connection, place, of)?;
            let hash = cleared.map_or(String::new(), |(_, hash)| hash);
            let counted = counted(connection, scope, &areas.within(place), place, of)?;
            let text = of.to_string();
            let sign = SignOff::sign(&scope.user, place, &text, &hash, counted, remark, scope.at)?;
            let head = audit::head(connection)?;
            let detail =
                serde_json::json!({ "sign_off": sign, "audit_seq": head.seq, "audit_hash": head.hash });
            write_sign_off(connection, scope, place, of, "signed", &detail.to_string())?;
            let mut entry = scope.entry(Action::SignOff, "month", format!("{place} {of}"), place);
            entry.detail = format!("signed certificate={hash}");
            audit.push(entry);
            Ok(sign)
        })
    }

    /// Opens a signed month again, for a reason.
    pub fn reopen_month(&self, scope: &Scope, place: RegionCode, of: Month, reason: &str) -> Outcome<()> {
        let areas = scope.areas_for(Permission::ReopenMonth)?;
        self.change(|connection, audit| {
            if !areas.has(place) {
                return Err(Refusal::Place { permission: Permission::ReopenMonth }.into());
            }
            if reason.trim().is_empty() {
                return Err(StoreError::bad("请写明为什么要重新打开"));
            }
            if signed(connection, place, of)?.is_none() {
                return Err(StoreError::bad(format!("{of} 还没有签认，不用重新打开")));
            }
            let detail = serde_json::json!({ "reason": reason.trim() }).to_string();
            write_sign_off(connection, scope, place, of, "reopened", &detail)?;
            let mut entry = scope.entry(Action::SignOff, "month", format!("{place} {of}"), place);
            entry.detail = "reopened".into();
            entry.purpose = reason.trim().to_owned();
            audit.push(entry);
            Ok(())
        })
    }

    /// Places of the scope's area whose month stands signed.
    pub fn signed_months(&self, scope: &Scope, of: Month) -> Outcome<Vec<SignedMonth>> {
        let areas = scope.areas_for(Permission::ReadBoard)?;
        self.database.read(|connection| {
            let mut query = Query::new("SELECT DISTINCT region FROM sign_offs");
            query.condition_int("month = ", of.index().into());
            query.areas("region", &areas);
            query.push(" ORDER BY region");
            let mut found = Vec::new();
            for row in connection.rows(query.sql(), &query.params())? {
                let place = region(row.int(0)?)?;
                found.extend(
                    signed(connection, place, of)?.map(|sign_off| SignedMonth { region: place, sign_off }),
                );
            }
            Ok(found)
        })
    }
}

/// Whether a clearing speaks of some place of these areas.
fn touches(areas: &Areas, cleared: RegionCode) -> bool {
    areas.has(cleared) || areas.list().iter().any(|area| area.is_within(cleared))
}

pub(crate) fn month(index: i64) -> Outcome<Month> {
    let found = i32::try_from(index).ok().and_then(Month::from_index);
    found.ok_or_else(|| StoreError::damaged(format!("{index} 不是月份")))
}

fn board(connection: &mut Connection, areas: &Areas, of: Month, scope: &Scope) -> Outcome<Vec<BoardCell>> {
    let mut query = Query::new("SELECT township, check_name, state, COUNT(*), CAST(SUM(CASE WHEN due < ");
    query.value(i64::from(epoch_day(scope.today())).into());
    query.push(" THEN 1 ELSE 0 END) AS BIGINT) FROM leads");
    place_conditions(&mut query, areas);
    query.condition_int("opened <= ", of.index().into());
    query.condition_int("month >= ", of.index().into());
    query.push(" GROUP BY township, check_name, state");
    let mut cells: BTreeMap<(i64, String), BoardCell> = BTreeMap::new();
    connection.each(query.sql(), &query.params(), &mut |row| {
        let (place, check) = (row.int(0)?, row.string(1)?);
        let township = region(place)?;
        let cell = cells.entry((place, check.clone())).or_insert(BoardCell {
            township,
            check,
            total: 0,
            unreported: 0,
            overdue: 0,
            awaiting_second: 0,
            to_rectify: 0,
            done: 0,
        });
        cell.add(row.text(2)?, row.int(3)?.unsigned_abs(), row.int(4)?.unsigned_abs())
    })?;
    Ok(cells.into_values().collect())
}

impl BoardCell {
    fn add(&mut self, state: &str, count: u64, overdue: u64) -> Outcome<()> {
        self.total += count;
        match StateKind::parse(state) {
            Some(StateKind::Open | StateKind::Assigned) => {
                self.unreported += count;
                self.overdue += overdue;
            }
            Some(StateKind::AwaitingSecond) => self.awaiting_second += count,
            Some(StateKind::ToRectify) => self.to_rectify += count,
            Some(StateKind::Dismissed | StateKind::Closed | StateKind::Withdrawn) => self.done += count,
            None => return Err(StoreError::damaged(format!("没有“{state}”这个状态"))),
        }
        Ok(())
    }
}

/// The clearing that a place's month comes from: its own, or the nearest wider one. With the certificate's hash.
pub(crate) fn clearing_of(
    connection: &mut Connection,
    place: RegionCode,
    of: Month,
) -> Outcome<Option<(RegionCode, String)>> {
    let mut next = Some(place);
    while let Some(place) = next {
        let row = connection.row(
            "SELECT certificate_hash FROM clearings WHERE region = $1 AND month = $2",
            &[(place.number() as i64).into(), i64::from(of.index()).into()],
        )?;
        if let Some(row) = row {
            return Ok(Some((place, row.string(0)?)));
        }
        next = place.parent();
    }
    Ok(None)
}

fn sources(connection: &mut Connection, cleared: RegionCode, of: Month) -> Outcome<Vec<MonthSource>> {
    let rows = connection.rows(
        "SELECT roster, name, department, is_monthly, has_arrived, row_count FROM month_sources
         WHERE region = $1 AND month = $2 ORDER BY roster",
        &[(cleared.number() as i64).into(), i64::from(of.index()).into()],
    )?;
    let read = |row: &Row| {
        Ok(MonthSource {
            roster: row.string(0)?,
            name: row.string(1)?,
            department: row.string(2)?,
            is_monthly: row.int(3)? != 0,
            has_arrived: row.int(4)? != 0,
            rows: row.int(5)?.unsigned_abs(),
        })
    };
    rows.iter().map(read).collect()
}

fn counted(
    connection: &mut Connection,
    scope: &Scope,
    areas: &Areas,
    place: RegionCode,
    of: Month,
) -> Outcome<AreaMonth> {
    let mut found = AreaMonth::default();
    for cell in board(connection, areas, of, scope)? {
        found.leads += cell.total;
        found.unreported += cell.unreported;
        found.overdue += cell.overdue;
        found.awaiting_second += cell.awaiting_second;
    }
    if let Some((cleared, _)) = clearing_of(connection, place, of)? {
        let missing = sources(connection, cleared, of)?;
        found.sources_missing =
            missing.iter().filter(|source| source.is_monthly && !source.has_arrived).count() as u64;
    }
    Ok(found)
}

fn write_sign_off(
    connection: &mut Connection,
    scope: &Scope,
    place: RegionCode,
    of: Month,
    kind: &str,
    detail: &str,
) -> Outcome<()> {
    let (region, month) = (place.number() as i64, i64::from(of.index()));
    let serial = connection.number(
        "SELECT COALESCE(MAX(serial), 0) + 1 FROM sign_offs WHERE region = $1 AND month = $2",
        &[region.into(), month.into()],
    )?;
    connection
        .execute(
            "INSERT INTO sign_offs (region, month, serial, at, user_id, kind, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                region.into(),
                month.into(),
                serial.into(),
                scope.at.millis().into(),
                scope.user.id.0.into(),
                kind.into(),
                detail.into(),
            ],
        )
        .map(drop)
}

/// The signature that stands, if the last thing that happened is one.
fn signed(connection: &mut Connection, place: RegionCode, of: Month) -> Outcome<Option<SignOff>> {
    let row = connection.row(
        "SELECT kind, detail FROM sign_offs WHERE region = $1 AND month = $2 ORDER BY serial DESC LIMIT 1",
        &[(place.number() as i64).into(), i64::from(of.index()).into()],
    )?;
    let Some(row) = row.filter(|row| row.text(0).is_ok_and(|kind| kind == "signed")) else { return Ok(None) };
    #[derive(serde::Deserialize)]
    struct Detail {
        sign_off: SignOff,
    }
    let detail: Detail = serde_json::from_str(row.text(1)?).map_err(StoreError::damaged)?;
    Ok(Some(detail.sign_off))
}

impl SignedMonth {
    pub fn by(&self) -> UserId {
        self.sign_off.by
    }
}
