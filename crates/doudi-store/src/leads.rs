//! Leads: one lead with its history, and the steps that people take. Lists of them are in `lead_list`.

use crate::audit::Action;
use crate::db::{Connection, Param, Row, Value};
use crate::error::{Outcome, Stale, StoreError};
use crate::evidence::{LeadEvidence, cited, of_lead};
use crate::evidence_withdrawal::evidence_is_there;
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::seal::Keyring;
use crate::sealed::{LeadSecrets, Place, StoredRecord, open, open_state, seal};
use crate::store::Store;
use doudi_casework::{
    CaseError, LeadCase, LeadState, LeadStep, Moment, Permission, Report, StateKind, UserId,
};
use doudi_terms::{Date, Fen, Month, RegionCode, RegionLevel, date_from_epoch_day, epoch_day};

/// Of leads whose check names no day. It sorts after every day.
pub(crate) const NO_DAY: i64 = 3_000_000;

/// A lead in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadRow {
    pub lead_id: String,
    pub check: String,
    /// 红, 橙 or 黄.
    pub severity: String,
    /// 人 or 户.
    pub subject_kind: String,
    pub person_id: String,
    pub household_id: String,
    pub name: String,
    pub region: RegionCode,
    pub opened: Option<Month>,
    /// The last month that found it.
    pub month: Option<Month>,
    pub grade: String,
    pub stake: Option<Fen>,
    pub reason: String,
    pub state: StateKind,
    pub due: Option<Date>,
    pub assignee: Option<UserId>,
    /// Empty where nobody is.
    pub assignee_name: String,
    pub version: i64,
}

/// One lead with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    pub row: LeadRow,
    /// `file#sheet#row` of the rows that it compares.
    pub rows: Vec<String>,
    /// What stands in these rows; told by [`Store::lead_compared`], to whom it may be.
    pub(crate) records: Vec<StoredRecord>,
    /// Who verifies and in how many days; what closes it; the article.
    pub verify: String,
    pub closes: String,
    pub article: String,
    pub case: LeadCase,
    pub history: Vec<LeadEvent>,
    /// Photos and papers, in the order in which they were brought.
    pub evidence: Vec<LeadEvidence>,
    /// What the scope's user can do with it now.
    pub steps: Vec<LeadStep>,
}

/// Something that happened to a lead; the serial is the version that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadEvent {
    pub serial: i64,
    pub at: Moment,
    /// `None` = a clearing.
    pub actor: Option<UserId>,
    pub actor_name: String,
    pub step: String,
    pub month: String,
    pub state: LeadState,
}

pub(crate) const LEAD_COLUMNS: &str = "lead_id, check_name, severity, subject_kind, person_id, household_id, name, region, \
     opened, month, grade, stake_fen, sealed, state, due, assignee, version, \
     (SELECT users.name FROM users WHERE users.user_id = leads.assignee) AS assignee_name";

/// For [`Store::lead_case`].
const CASE_COLUMNS: &str = "state_sealed, verify, closes, article";

/// A step as the pure crate takes it, of a case and its evidence.
type Take<'t> = dyn Fn(&LeadCase, &[LeadEvidence]) -> Result<LeadCase, CaseError> + 't;

impl Store {
    pub fn lead(&self, scope: &Scope, lead_id: &str) -> Outcome<Lead> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        let lead = self.database.read(|connection| self.find_lead(connection, scope, &areas, lead_id))?;
        let mut entry = scope.entry(Action::ReadLead, "lead", lead_id.to_owned(), lead.row.region);
        entry.subjects = vec![lead.row.person_id.clone()];
        self.note_read(entry)?;
        Ok(lead)
    }

    /// Says who is to go and look. `version` is the one that was seen, here and below.
    pub fn assign_lead(&self, scope: &Scope, lead_id: &str, version: i64, to: UserId) -> Outcome<Lead> {
        let to = self.worker(to)?;
        self.step(scope, lead_id, version, LeadStep::Assign, &|case, _| {
            case.assign(&scope.user, &to, scope.at)
        })
    }

    /// The lead's evidence is the report's, whatever the report itself names.
    pub fn report_lead(&self, scope: &Scope, lead_id: &str, version: i64, report: &Report) -> Outcome<Lead> {
        let step = LeadCase::step_of(report);
        self.step(scope, lead_id, version, step, &|case, evidence| {
            let report = Report { at: scope.at, evidence: cited(evidence), ..report.clone() };
            case.report(&scope.user, report, scope.today())
        })
    }

    /// The second person agrees that aid is ended, cut or recovered.
    pub fn confirm_lead(&self, scope: &Scope, lead_id: &str, version: i64, note: &str) -> Outcome<Lead> {
        self.step(scope, lead_id, version, LeadStep::Confirm, &|case, evidence| {
            evidence_is_there(case, evidence)?;
            case.confirm(&scope.user, note, scope.at)
        })
    }

    pub fn send_back_lead(&self, scope: &Scope, lead_id: &str, version: i64, note: &str) -> Outcome<Lead> {
        self.step(scope, lead_id, version, LeadStep::SendBack, &|case, _| {
            case.send_back(&scope.user, note, scope.at)
        })
    }

    fn step(
        &self,
        scope: &Scope,
        lead_id: &str,
        version: i64,
        step: LeadStep,
        take: &Take<'_>,
    ) -> Outcome<Lead> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        self.change(|connection, audit| {
            let lead = self.find_lead(connection, scope, &areas, lead_id)?;
            if lead.row.version != version {
                return Err(stale(&lead, version, take));
            }
            let next = take(&lead.case, &lead.evidence)?;
            let stored = StoredStep {
                step: step.name(),
                actor: scope.user.id.0,
                at: scope.at,
                month: "",
                from: version,
            };
            if !write_step(connection, &self.keys, &next, &stored)? {
                let now = self.find_lead(connection, scope, &areas, lead_id)?;
                return Err(stale(&now, version, take));
            }
            let mut entry = scope.entry(Action::LeadStep, "lead", lead_id.to_owned(), lead.row.region);
            entry.subjects = vec![lead.row.person_id.clone()];
            entry.detail = change_words(&lead.case.state, &next.state, version);
            audit.push(entry);
            self.find_lead(connection, scope, &areas, lead_id)
        })
    }

    pub(crate) fn find_lead(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        areas: &Areas,
        lead_id: &str,
    ) -> Outcome<Lead> {
        let mut query = Query::new(&format!("SELECT {LEAD_COLUMNS}, {CASE_COLUMNS} FROM leads"));
        query.condition_text("lead_id = ", lead_id);
        query.areas("region", areas);
        let row = connection.row(query.sql(), &query.params())?.ok_or(StoreError::NotFound("这条疑点"))?;
        let secrets: LeadSecrets = open(&self.keys, &Place::Lead(lead_id), row.bytes(12)?)?;
        let lead = lead_row(&self.keys, &row)?;
        let state = open_state(&self.keys, lead_id, row.bytes(18)?)?;
        let case = LeadCase { lead_id: lead_id.to_owned(), region: lead.region, state };
        Ok(Lead {
            rows: secrets.rows,
            records: secrets.records,
            verify: row.string(19)?,
            closes: row.string(20)?,
            article: row.string(21)?,
            steps: case.steps_for(&scope.user),
            history: history(connection, &self.keys, lead_id)?,
            evidence: of_lead(connection, &self.keys, lead_id)?,
            row: lead,
            case,
        })
    }
}

/// Places, so that an index that begins with the county or the township serves where there is one.
pub(crate) fn place_conditions(query: &mut Query, areas: &Areas) {
    let common = areas.common();
    if areas.list().is_empty() {
        query.areas("region", areas);
        return;
    }
    match common.level() {
        RegionLevel::County => query.condition_int("county = ", common.number() as i64),
        RegionLevel::Township | RegionLevel::Village => {
            query.condition_int("township = ", common.township().number() as i64);
        }
        RegionLevel::Country | RegionLevel::Province | RegionLevel::Prefecture => {}
    }
    let is_said = matches!(common.level(), RegionLevel::County | RegionLevel::Township);
    if !(is_said && areas.list() == [common]) {
        query.areas("region", areas);
    }
}

pub(crate) fn due_number(due: Option<Date>) -> i64 {
    due.map_or(NO_DAY, |day| epoch_day(day).into())
}

pub(crate) fn lead_row(keys: &Keyring, row: &Row) -> Outcome<LeadRow> {
    let lead_id = row.string(0)?;
    let secrets: LeadSecrets = open(keys, &Place::Lead(&lead_id), row.bytes(12)?)?;
    let month = |at: usize| row.int(at).map(|index| i32::try_from(index).ok().and_then(Month::from_index));
    let state = row.text(13)?;
    Ok(LeadRow {
        lead_id,
        check: row.string(1)?,
        severity: row.string(2)?,
        subject_kind: row.string(3)?,
        person_id: row.string(4)?,
        household_id: row.string(5)?,
        name: row.string(6)?,
        region: region(row.int(7)?)?,
        opened: month(8)?,
        month: month(9)?,
        grade: row.string(10)?,
        stake: row.opt_int(11)?.map(Fen),
        reason: secrets.reason,
        state: StateKind::parse(state)
            .ok_or_else(|| StoreError::damaged(format!("没有“{state}”这个状态")))?,
        due: Some(row.int(14)?)
            .filter(|day| *day != NO_DAY)
            .and_then(|day| date_from_epoch_day(i32::try_from(day).ok()?)),
        assignee: row.opt_int(15)?.map(UserId),
        version: row.int(16)?,
        assignee_name: row.opt_text(17)?.unwrap_or_default().to_owned(),
    })
}

/// What is written beside the new state.
pub(crate) struct StoredStep<'a> {
    pub step: &'a str,
    /// 0 = a clearing.
    pub actor: i64,
    pub at: Moment,
    pub month: &'a str,
    /// The version that it changes.
    pub from: i64,
}

/// Writes the next state and its event. `false` where the version is not there any more, and nothing was written.
pub(crate) fn write_step(
    connection: &mut Connection,
    keys: &Keyring,
    next: &LeadCase,
    stored: &StoredStep<'_>,
) -> Outcome<bool> {
    let id = next.lead_id.as_str();
    let kind = next.state.kind();
    let sealed = seal(keys, &Place::LeadState(id), &next.state)?;
    let changed = connection.execute(
        "UPDATE leads SET state = $3, is_open = $4, assignee = $5, state_sealed = $6, version = $2 + 1, \
         updated_at = $7 WHERE lead_id = $1 AND version = $2",
        &[
            id.into(),
            stored.from.into(),
            kind.code().into(),
            i64::from(kind.is_open()).into(),
            next.state.assignee().map(|to| to.0).into(),
            (&sealed).into(),
            stored.at.millis().into(),
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    let values = event_values(keys, next, stored)?;
    let params: Vec<Param<'_>> = values.iter().map(Value::param).collect();
    connection.execute(
        &format!(
            "INSERT INTO lead_events ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            EVENT_COLUMNS.join(", ")
        ),
        &params,
    )?;
    Ok(true)
}

pub(crate) const EVENT_COLUMNS: [&str; 9] =
    ["lead_id", "serial", "at", "actor", "step", "month", "state", "state_sealed", "key_id"];

pub(crate) fn event_values(keys: &Keyring, case: &LeadCase, stored: &StoredStep<'_>) -> Outcome<Vec<Value>> {
    let serial = stored.from + 1;
    let sealed = seal(keys, &Place::LeadEvent(&case.lead_id, serial), &case.state)?;
    Ok(vec![
        case.lead_id.as_str().into(),
        serial.into(),
        stored.at.millis().into(),
        stored.actor.into(),
        stored.step.into(),
        stored.month.into(),
        case.state.kind().code().into(),
        sealed.into(),
        keys.current().id.into(),
    ])
}

fn history(connection: &mut Connection, keys: &Keyring, lead_id: &str) -> Outcome<Vec<LeadEvent>> {
    let rows = connection.rows(
        "SELECT e.serial, e.at, e.actor, COALESCE(u.name, ''), e.step, e.month, e.state_sealed
         FROM lead_events e LEFT JOIN users u ON u.user_id = e.actor
         WHERE e.lead_id = $1 ORDER BY e.serial",
        &[lead_id.into()],
    )?;
    let read = |row: &Row| {
        let serial = row.int(0)?;
        Ok(LeadEvent {
            serial,
            at: Moment::from_millis(row.int(1)?),
            actor: Some(row.int(2)?).filter(|actor| *actor != 0).map(UserId),
            actor_name: row.string(3)?,
            step: row.string(4)?,
            month: row.string(5)?,
            state: open(keys, &Place::LeadEvent(lead_id, serial), row.bytes(6)?)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The case as it is, and as it would be had nobody else been faster.
fn stale(lead: &Lead, version: i64, take: &Take<'_>) -> StoreError {
    let seen = lead.history.iter().find(|event| event.serial == version);
    let wanted = seen.and_then(|event| {
        let seen = LeadCase { state: event.state.clone(), ..lead.case.clone() };
        take(&seen, &lead.evidence).ok()
    });
    StoreError::Stale(Box::new(Stale { now: lead.case.clone(), version: lead.row.version, wanted }))
}

/// For the audit: states, outcome and measure; nobody's words.
pub(crate) fn change_words(before: &LeadState, after: &LeadState, version: i64) -> String {
    let report = after.report().map_or(String::new(), |report| {
        format!(" finding={} measure={} evidence={}", report.finding, report.measure, report.evidence.len())
    });
    let assignee = after.assignee().map_or(String::new(), |to| format!(" assignee={to}"));
    format!(
        "version={version} before={} after={}{report}{assignee}",
        before.kind().code(),
        after.kind().code()
    )
}
