//! Cases: opened, moved on by the steps of their procedure, with every version kept.

use crate::audit::{Action, Entry};
use crate::case_drafts::take_draft;
use crate::db::{Connection, Row};
use crate::error::{Outcome, StaleCase, StoreError};
use crate::evidence::{LeadEvidence, of_lead};
use crate::query::{Query, region};
use crate::scope::{Areas, Scope, township};
use crate::seal::sha256;
use crate::sealed::{Place, open, seal};
use crate::store::{Store, next_numbers};
use doudi_casework::{CaseFile, CasePaper, Deadline, Moment, Permission, Refusal, StepRefusal, UserId};
use doudi_terms::{Date, RegionCode, RegionLevel, date_from_epoch_day, epoch_day};

/// Of cases without a clock that runs; it sorts after every moment.
const NO_MOMENT: i64 = i64::MAX;

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    pub case_id: String,
    pub kind: String,
    pub name: String,
    pub applicant: String,
    /// Empty where the register does not have the household.
    pub household_id: String,
    pub region: RegionCode,
    pub state: String,
    pub state_name: String,
    pub is_open: bool,
    /// The first moment that is too late.
    pub due: Option<Moment>,
    pub owner: Option<UserId>,
    pub owner_name: String,
    pub began: Option<Date>,
    pub version: i64,
}

/// One case with everything that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub row: CaseRow,
    pub file: CaseFile,
    pub history: Vec<CaseEvent>,
    pub evidence: Vec<LeadEvidence>,
    /// The case that it began with, as it is now.
    pub opening: Option<Box<CaseFile>>,
    /// After a step that would have opened a case which the household has already: that one.
    pub already: Option<String>,
}

impl Case {
    /// As the steps look at them.
    pub fn papers(&self) -> Vec<CasePaper> {
        let paper = |file: &LeadEvidence| CasePaper {
            step: file.step.clone(),
            after: file.after,
            is_withdrawn: file.withdrawn.is_some(),
        };
        self.evidence.iter().map(paper).collect()
    }
}

/// A step that was taken; the serial is the version that it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    pub serial: i64,
    pub at: Moment,
    pub actor: UserId,
    pub actor_name: String,
    pub step: String,
}

/// Where a step has led: the file, and what lists show of it.
#[derive(Clone, Debug)]
pub struct CaseMove {
    pub file: CaseFile,
    pub step: String,
    pub state_name: String,
    pub ends: bool,
    pub due: Option<Deadline>,
    /// A household has one open case of this kind at a time; of a kind about a person, one for each member.
    pub is_single: bool,
}

/// A case that begins.
#[derive(Clone, Debug)]
pub struct NewCase {
    pub name: String,
    pub household_id: String,
    pub first: CaseMove,
}

/// What a family sees with the code on its receipt: no name, no sum, nothing that somebody told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseProgress {
    pub case_id: String,
    pub name: String,
    /// Path of the table that has the steps' names.
    pub procedure: String,
    pub state_name: String,
    pub is_open: bool,
    pub began: Option<Date>,
    pub due: Option<Moment>,
    /// Ids of steps, with their days.
    pub steps: Vec<(String, Date)>,
}

pub(crate) const CASE_COLUMNS: &str = "case_id, kind, name, applicant, household_id, region, state, state_name, is_open, due, owner, \
     began, version, (SELECT users.name FROM users WHERE users.user_id = cases.owner) AS owner_name";

/// The case that begins with a step, where one does.
pub type Opens<'o> = dyn Fn(&CaseFile) -> Result<Option<NewCase>, StepRefusal> + 'o;
/// A step as the pure crate takes it, of a case with its papers and the case that it began with.
pub type Take<'t> = dyn Fn(&Case) -> Result<CaseMove, StepRefusal> + 't;

impl Store {
    /// Begins a case; the code for the family's receipt lies in its file. The draft that it was written in goes with it:
    /// handed in twice, it is one case.
    pub fn open_case(&self, scope: &Scope, new: &NewCase, draft_id: Option<&str>) -> Outcome<Case> {
        may_open(scope, new)?;
        self.change(|connection, audit| {
            if let Some(id) = draft_id {
                take_draft(connection, scope, id)?;
            }
            let id = insert(connection, self, scope, audit, new)?;
            self.find_case(connection, &scope.areas_for(Permission::ReadCases)?, &id)
        })
    }

    /// Many at once, of a list: all or none, and none for whoever has one already. Gives how many.
    pub fn open_cases(&self, scope: &Scope, new: &[NewCase]) -> Outcome<u64> {
        new.iter().try_for_each(|new| may_open(scope, new))?;
        self.change(|connection, audit| {
            let mut opened = 0;
            // In one order whoever opens them: two lists that meet wait for each other once, not for ever.
            let mut new: Vec<&NewCase> = new.iter().collect();
            new.sort_by_key(|new| running_key(&new.household_id, &new.first));
            for new in new {
                match insert(connection, self, scope, audit, new) {
                    Ok(_) => opened += 1,
                    Err(StoreError::AlreadyOpen { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(opened)
        })
    }

    pub fn case(&self, scope: &Scope, case_id: &str) -> Outcome<Case> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let case = self.database.read(|connection| self.find_case(connection, &areas, case_id))?;
        self.note_read(case_entry(scope, Action::ReadCase, &case.row))?;
        Ok(case)
    }

    /// Takes a step; `version` is the one that was seen. What begins with it is opened in the same transaction, so that
    /// neither is there without the other.
    pub fn step_case(
        &self,
        scope: &Scope,
        case_id: &str,
        version: i64,
        take: &Take<'_>,
        opens: &Opens<'_>,
    ) -> Outcome<Case> {
        self.change(|connection, audit| {
            self.step_in(connection, audit, scope, (case_id, version), take, opens)
        })
    }

    pub(crate) fn step_in(
        &self,
        connection: &mut Connection,
        audit: &mut Vec<Entry>,
        scope: &Scope,
        (case_id, version): (&str, i64),
        take: &Take<'_>,
        opens: &Opens<'_>,
    ) -> Outcome<Case> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let case = self.find_case(connection, &areas, case_id)?;
        let stale = |case: &Case| {
            let (now, version) = (case.file.clone(), case.row.version);
            StoreError::StaleCase(Box::new(StaleCase { now, version }))
        };
        if case.row.version != version {
            return Err(stale(&case));
        }
        let next = take(&case)?;
        if !self.move_on(connection, scope, &case.row, &next)? {
            return Err(stale(&self.find_case(connection, &areas, case_id)?));
        }
        let mut entry = case_entry(scope, Action::CaseStep, &case.row);
        entry.detail = format!(
            "version={version} step={} before={} after={}",
            next.step, case.row.state, next.file.state
        );
        audit.push(entry);
        let mut already = None;
        if let Some(new) = opens(&next.file)? {
            // What grows out of a case is about the same household.
            let new = NewCase { household_id: case.row.household_id.clone(), ..new };
            // What the family has already is gone on with: the step is taken, and nothing is opened twice.
            already = match insert(connection, self, scope, audit, &new) {
                Err(StoreError::AlreadyOpen { case_id, .. }) => Some(case_id),
                opened => opened.map(|_| None)?,
            };
        }
        Ok(Case { already, ..self.find_case(connection, &areas, case_id)? })
    }

    /// What the code on a receipt opens. No audit: nobody's record is in it, and nobody is signed in.
    pub fn case_progress(&self, code: &str) -> Outcome<CaseProgress> {
        let hash = code_hash(code);
        let missing = StoreError::NotFound("这个查询码");
        self.database.read(|connection| {
            let row = connection
                .row(
                    "SELECT case_id, name, state_name, is_open, began, due, sealed FROM cases WHERE code_hash = $1",
                    &[(&hash).into()],
                )?
                .ok_or(missing)?;
            let case_id = row.string(0)?;
            let file: CaseFile = open(&self.keys, &Place::Case(&case_id), row.bytes(6)?)?;
            Ok(CaseProgress {
                name: row.string(1)?,
                state_name: row.string(2)?,
                is_open: row.int(3)? != 0,
                began: day(row.int(4)?),
                due: moment(row.int(5)?),
                procedure: file.procedure,
                steps: file
                    .record
                    .iter()
                    .filter_map(|record| Some((record.step.clone(), record.at.day()?)))
                    .collect(),
                case_id,
            })
        })
    }

    pub(crate) fn find_case(
        &self,
        connection: &mut Connection,
        areas: &Areas,
        case_id: &str,
    ) -> Outcome<Case> {
        let mut query = Query::new(&format!("SELECT {CASE_COLUMNS}, sealed FROM cases"));
        query.condition_text("case_id = ", case_id);
        query.areas("region", areas);
        let row = connection.row(query.sql(), &query.params())?.ok_or(StoreError::NotFound("这件办件"))?;
        let file: CaseFile = open(&self.keys, &Place::Case(case_id), row.bytes(14)?)?;
        let opening = self.opening(connection, &file)?;
        Ok(Case {
            row: case_row(&row)?,
            file,
            history: history(connection, case_id)?,
            evidence: of_lead(connection, &self.keys, case_id)?,
            opening: opening.map(Box::new),
            already: None,
        })
    }

    /// The case that another began with, wherever it is: only who took its steps is looked at.
    fn opening(&self, connection: &mut Connection, file: &CaseFile) -> Outcome<Option<CaseFile>> {
        let Some(id) = file.about.as_deref().filter(|about| about.starts_with('B')) else { return Ok(None) };
        let row = connection.row("SELECT sealed FROM cases WHERE case_id = $1", &[id.into()])?;
        let row = row.ok_or_else(|| StoreError::damaged(format!("没有办件 {id}，另一件是从它开出来的")))?;
        open(&self.keys, &Place::Case(id), row.bytes(0)?).map(Some)
    }

    /// `false` where the version is not there any more, and nothing was written.
    fn move_on(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        row: &CaseRow,
        next: &CaseMove,
    ) -> Outcome<bool> {
        let id = row.case_id.as_str();
        let sealed = seal(&self.keys, &Place::Case(id), &next.file)?;
        let changed = connection.execute(
            "UPDATE cases SET state = $3, state_name = $4, is_open = $5, due = $6, owner = $7, applicant = $8, \
             sealed = $9, key_id = $10, version = $2 + 1, updated_at = $11 WHERE case_id = $1 AND version = $2",
            &[
                id.into(),
                row.version.into(),
                next.file.state.as_str().into(),
                next.state_name.as_str().into(),
                i64::from(!next.ends).into(),
                due_number(next.due).into(),
                scope.user.id.0.into(),
                next.file.applicant.as_str().into(),
                (&sealed).into(),
                self.keys.current().id.into(),
                scope.at.millis().into(),
            ],
        )?;
        if changed > 0 {
            self.keep_single(connection, row, next)?;
            self.event(connection, scope, (id, row.version + 1), next)?;
        }
        Ok(changed > 0)
    }

    /// A case that ends makes room for the next; one that is taken up again takes its room, where that is free.
    fn keep_single(&self, connection: &mut Connection, row: &CaseRow, next: &CaseMove) -> Outcome<()> {
        let id = row.case_id.as_str();
        if next.ends {
            let sql = "UPDATE cases SET running = NULL WHERE case_id = $1";
            return connection.execute(sql, &[id.into()]).map(drop);
        }
        let Some(key) = running_key(&row.household_id, next).filter(|_| !row.is_open) else { return Ok(()) };
        // Waits for whoever takes it at the same time.
        let held = "UPDATE cases SET updated_at = updated_at WHERE running = $1 AND case_id <> $2";
        if connection.execute(held, &[key.as_str().into(), id.into()])? > 0 {
            return Err(already_open(connection, &key)?);
        }
        connection
            .execute("UPDATE cases SET running = $2 WHERE case_id = $1", &[id.into(), key.as_str().into()])
            .map(drop)
    }

    fn event(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        (id, serial): (&str, i64),
        next: &CaseMove,
    ) -> Outcome<()> {
        let sealed = seal(&self.keys, &Place::CaseEvent(id, serial), &next.file)?;
        connection
            .execute(
                "INSERT INTO case_events (case_id, serial, at, actor, step, sealed, key_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
                &[
                    id.into(),
                    serial.into(),
                    scope.at.millis().into(),
                    scope.user.id.0.into(),
                    next.step.as_str().into(),
                    (&sealed).into(),
                    self.keys.current().id.into(),
                ],
            )
            .map(drop)
    }
}

/// Whoever opens a case by hand takes it in; what begins with a step is allowed with the step.
pub(crate) fn may_open(scope: &Scope, new: &NewCase) -> Outcome<()> {
    scope.areas_for(Permission::AcceptCases)?;
    Ok(Refusal::unless_allowed(&scope.user, Permission::AcceptCases, new.first.file.place)?)
}

pub(crate) fn insert(
    connection: &mut Connection,
    store: &Store,
    scope: &Scope,
    audit: &mut Vec<Entry>,
    new: &NewCase,
) -> Outcome<String> {
    let code = crate::random::readable_code(4)?;
    let hash = code_hash(&code);
    let first = CaseMove { file: CaseFile { code, ..new.first.file.clone() }, ..new.first.clone() };
    let file = &first.file;
    Refusal::unless_allowed(&scope.user, Permission::ReadCases, file.place)?;
    let number = next_numbers(connection, "case", 1)?;
    let id = format!("B{number:06}");
    let sealed = seal(&store.keys, &Place::Case(&id), file)?;
    let running = running_key(&new.household_id, &first).filter(|_| !first.ends);
    let inserted = connection.execute(
        "INSERT INTO cases (case_id, kind, name, applicant, household_id, region, township, county, state, \
         state_name, is_open, due, owner, code_hash, began, sealed, key_id, version, updated_at, running) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $19) \
         ON CONFLICT (running) DO NOTHING",
        &[
            id.as_str().into(),
            file.kind.as_str().into(),
            new.name.as_str().into(),
            file.applicant.as_str().into(),
            new.household_id.as_str().into(),
            (file.place.number() as i64).into(),
            (township(file.place).number() as i64).into(),
            (file.place.at(RegionLevel::County).number() as i64).into(),
            file.state.as_str().into(),
            new.first.state_name.as_str().into(),
            i64::from(!new.first.ends).into(),
            due_number(new.first.due).into(),
            scope.user.id.0.into(),
            (&hash).into(),
            i64::from(epoch_day(file.began)).into(),
            (&sealed).into(),
            store.keys.current().id.into(),
            scope.at.millis().into(),
            running.as_deref().into(),
        ],
    )?;
    if let Some(key) = running.filter(|_| inserted == 0) {
        return Err(already_open(connection, &key)?);
    }
    store.event(connection, scope, (&id, 1), &first)?;
    let mut entry = scope.entry(Action::CaseStep, "case", id.clone(), file.place);
    entry.subjects = subjects(&new.household_id);
    entry.detail = format!("version=0 step={} kind={} after={}", new.first.step, file.kind, file.state);
    audit.push(entry);
    Ok(id)
}

/// By what a household's open case of a kind is told from all others; none where it may have several, and where nobody
/// knows which household it is.
fn running_key(household_id: &str, of: &CaseMove) -> Option<String> {
    let member = of.file.member.map(|member| member.to_string()).unwrap_or_default();
    let is_known = of.is_single && !household_id.is_empty();
    is_known.then(|| format!("{}|{household_id}|{member}", of.file.kind))
}

fn already_open(connection: &mut Connection, key: &str) -> Outcome<StoreError> {
    let row = connection.row("SELECT case_id, name FROM cases WHERE running = $1", &[key.into()])?;
    let Some(row) = row else {
        return Ok(StoreError::Database("同一家的办件刚刚有别人办过，请再试一次".into()));
    };
    Ok(StoreError::AlreadyOpen { case_id: row.string(0)?, name: row.string(1)? })
}

/// Whoever looks for a household's readers finds the case as well.
fn subjects(household_id: &str) -> Vec<String> {
    if household_id.is_empty() { Vec::new() } else { vec![household_id.to_owned()] }
}

pub(crate) fn case_entry(scope: &Scope, action: Action, row: &CaseRow) -> Entry {
    let mut entry = scope.entry(action, "case", row.case_id.clone(), row.region);
    entry.subjects = subjects(&row.household_id);
    entry
}

/// Typed with or without dashes, in either case.
fn code_hash(code: &str) -> Vec<u8> {
    let typed = code.chars().filter(|sign| sign.is_ascii_alphanumeric());
    let plain: String = typed.map(|sign| sign.to_ascii_uppercase()).collect();
    sha256(format!("case-code|{plain}").as_bytes()).to_vec()
}

pub(crate) fn due_number(due: Option<Deadline>) -> i64 {
    due.map_or(NO_MOMENT, |deadline| deadline.ends().millis())
}

fn moment(number: i64) -> Option<Moment> {
    (number != NO_MOMENT).then(|| Moment::from_millis(number))
}

fn day(number: i64) -> Option<Date> {
    date_from_epoch_day(i32::try_from(number).ok()?)
}

pub(crate) fn case_row(row: &Row) -> Outcome<CaseRow> {
    Ok(CaseRow {
        case_id: row.string(0)?,
        kind: row.string(1)?,
        name: row.string(2)?,
        applicant: row.string(3)?,
        household_id: row.string(4)?,
        region: region(row.int(5)?)?,
        state: row.string(6)?,
        state_name: row.string(7)?,
        is_open: row.int(8)? != 0,
        due: moment(row.int(9)?),
        owner: row.opt_int(10)?.map(UserId),
        began: day(row.int(11)?),
        version: row.int(12)?,
        owner_name: row.opt_text(13)?.unwrap_or_default().to_owned(),
    })
}

fn history(connection: &mut Connection, case_id: &str) -> Outcome<Vec<CaseEvent>> {
    let rows = connection.rows(
        "SELECT e.serial, e.at, e.actor, COALESCE(u.name, ''), e.step
         FROM case_events e LEFT JOIN users u ON u.user_id = e.actor
         WHERE e.case_id = $1 ORDER BY e.serial",
        &[case_id.into()],
    )?;
    let read = |row: &Row| {
        Ok(CaseEvent {
            serial: row.int(0)?,
            at: Moment::from_millis(row.int(1)?),
            actor: UserId(row.int(2)?),
            actor_name: row.string(3)?,
            step: row.string(4)?,
        })
    };
    rows.iter().map(read).collect()
}
