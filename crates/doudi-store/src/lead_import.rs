//! A month's leads on their way in: what is new is inserted, what is known keeps what people have made of it.

use crate::db::{Bulk, Connection, Value};
use crate::error::{Outcome, StoreError};
use crate::leads::{EVENT_COLUMNS, StoredStep, due_number, event_values, write_step};
use crate::scope::township;
use crate::seal::{Digest, Keyring};
use crate::sealed::{LeadSecrets, Place, open, open_state, seal};
use crate::takeover::{EndedLead, Imported, ImportedAnswer, ImportedLead, PORTION};
use doudi_casework::{Finding, LeadCase, LeadState, Measure, Moment, Report, StateKind};
use doudi_terms::Month;
use std::collections::HashMap;

/// A lead that the store has.
pub(crate) struct Known {
    version: i64,
    month: i64,
    state: StateKind,
    /// Of what a clearing said of it.
    digest: Option<Digest>,
    /// This month has found it.
    is_found: bool,
}

pub(crate) struct LeadImport<'a> {
    pub keys: &'a Keyring,
    pub connection: &'a mut Connection,
    pub month: Month,
    pub at: Moment,
    pub known: HashMap<String, Known>,
    pub done: &'a mut Imported,
}

const COLUMNS: [&str; 27] = [
    "lead_id",
    "check_name",
    "severity",
    "subject_kind",
    "person_id",
    "household_id",
    "name",
    "region",
    "township",
    "county",
    "opened",
    "month",
    "grade",
    "stake_fen",
    "verify",
    "closes",
    "article",
    "sealed",
    "digest",
    // From here on: what people make of it.
    "state",
    "is_open",
    "due",
    "assignee",
    "state_sealed",
    "key_id",
    "version",
    "updated_at",
];

const NEW: Bulk<'static> =
    Bulk { table: "leads", columns: &COLUMNS, identity: &[], replace: &[], newest_up_to: None };
const KNOWN: Bulk<'static> = Bulk {
    table: "leads",
    columns: &COLUMNS,
    identity: &["lead_id"],
    replace: COLUMNS.split_at(19).0.split_at(1).1,
    newest_up_to: None,
};
const EVENTS: Bulk<'static> =
    Bulk { table: "lead_events", columns: &EVENT_COLUMNS, identity: &[], replace: &[], newest_up_to: None };

/// The step with which a lead that was over begins anew.
const FOUND_AGAIN: &str = "再次发现";

impl LeadImport<'_> {
    pub fn load(&mut self) -> Outcome<()> {
        let known = &mut self.known;
        self.connection.each("SELECT lead_id, version, month, state, digest FROM leads", &[], &mut |row| {
            let code = row.text(3)?;
            let state =
                StateKind::parse(code).ok_or_else(|| StoreError::damaged(format!("没有“{code}”这个状态")))?;
            // A row of before there were digests has none.
            let digest = row.bytes(4).ok().and_then(|bytes| bytes.try_into().ok());
            let found = Known { version: row.int(1)?, month: row.int(2)?, state, digest, is_found: false };
            known.insert(row.string(0)?, found);
            Ok(())
        })
    }

    pub fn leads(&mut self, leads: impl Iterator<Item = Outcome<ImportedLead>>) -> Outcome<()> {
        let mut leads = leads.peekable();
        while leads.peek().is_some() {
            let portion: Vec<ImportedLead> = leads.by_ref().take(PORTION).collect::<Outcome<_>>()?;
            self.portion(portion)?;
        }
        Ok(())
    }

    fn portion(&mut self, leads: Vec<ImportedLead>) -> Outcome<()> {
        let index = i64::from(self.month.index());
        let (mut new, mut known, mut events, mut later) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for lead in &leads {
            self.done.leads += 1;
            let open =
                LeadCase { lead_id: lead.lead_id.clone(), region: lead.region, state: LeadState::Open };
            let digest = self.keys.digest(&content(lead))?;
            match self.known.get_mut(&lead.lead_id) {
                Some(found) => {
                    found.is_found = true;
                    let is_same = found.digest == Some(digest);
                    // An older month that is taken over later says nothing new of what it was about.
                    if is_same && found.month < index {
                        later.push(&lead.lead_id);
                    } else if !is_same && found.month <= index {
                        known.push(self.values(lead, &open, 1, &digest)?);
                    }
                }
                None => {
                    let (case, version) = self.first_steps(lead, &open, &mut events)?;
                    new.push(self.values(lead, &case, version, &digest)?);
                    let (state, digest) = (case.state.kind(), Some(digest));
                    let found = Known { version, month: index, state, digest, is_found: true };
                    self.known.insert(lead.lead_id.clone(), found);
                    self.done.new_leads += 1;
                }
            }
        }
        self.connection.bulk(&NEW, &mut new.into_iter().map(Ok))?;
        self.connection.bulk(&KNOWN, &mut known.into_iter().map(Ok))?;
        self.connection.bulk(&EVENTS, &mut events.into_iter().map(Ok))?;
        for lead_id in later {
            let month = "UPDATE leads SET month = $2 WHERE lead_id = $1";
            self.connection.execute(month, &[lead_id.into(), index.into()])?;
        }
        leads.iter().try_for_each(|lead| self.go_on(lead))
    }

    /// Found, and answered where a handout came back; with the version that makes.
    fn first_steps(
        &self,
        lead: &ImportedLead,
        open: &LeadCase,
        events: &mut Vec<Vec<Value>>,
    ) -> Outcome<(LeadCase, i64)> {
        let month = self.month.to_string();
        let stored = |step, from| StoredStep { step, actor: 0, at: self.at, month: &month, from };
        events.push(event_values(self.keys, open, &stored("摸排发现", 0))?);
        let Some(answer) = &lead.answer else { return Ok((open.clone(), 1)) };
        let case = open.answered(self.report(answer))?;
        events.push(event_values(self.keys, &case, &stored("核查表", 1))?);
        Ok((case, 2))
    }

    fn values(
        &self,
        lead: &ImportedLead,
        case: &LeadCase,
        version: i64,
        digest: &Digest,
    ) -> Outcome<Vec<Value>> {
        let id = lead.lead_id.as_str();
        let secrets = LeadSecrets {
            reason: lead.reason.clone(),
            rows: lead.rows.clone(),
            records: lead.records.clone(),
        };
        let kind = case.state.kind();
        Ok(vec![
            id.into(),
            lead.check.as_str().into(),
            lead.severity.as_str().into(),
            lead.subject_kind.as_str().into(),
            lead.person_id.as_str().into(),
            lead.household_id.as_str().into(),
            lead.name.as_str().into(),
            (lead.region.number() as i64).into(),
            (township(lead.region).number() as i64).into(),
            (lead.region.county().number() as i64).into(),
            i64::from(lead.opened.index()).into(),
            i64::from(self.month.index()).into(),
            lead.grade.as_str().into(),
            lead.stake.map(|stake| stake.0).into(),
            lead.verify.as_str().into(),
            lead.closes.as_str().into(),
            lead.article.as_str().into(),
            seal(self.keys, &Place::Lead(id), &secrets)?.into(),
            digest.to_vec().into(),
            kind.code().into(),
            i64::from(kind.is_open()).into(),
            due_number(lead.due).into(),
            Value::Null,
            seal(self.keys, &Place::LeadState(id), &case.state)?.into(),
            self.keys.current().id.into(),
            version.into(),
            self.at.millis().into(),
        ])
    }

    /// A known lead may be open again, or have been answered since.
    fn go_on(&mut self, lead: &ImportedLead) -> Outcome<()> {
        let Some(known) = self.known.get(&lead.lead_id) else { return Ok(()) };
        let was_over = matches!(known.state, StateKind::Closed | StateKind::Withdrawn);
        if was_over && known.month <= i64::from(self.month.index()) {
            let case = self.case(lead)?;
            if let LeadState::Closed { closing } = &case.state
                && closing.month > self.month.to_string()
            {
                // A later month has closed it; this one is only late.
                return Ok(());
            }
            let case = case.find_again()?;
            self.write(&case, FOUND_AGAIN)?;
            self.connection.execute(
                "UPDATE leads SET due = $2 WHERE lead_id = $1",
                &[(&lead.lead_id).into(), due_number(lead.due).into()],
            )?;
            self.done.found_again += 1;
        }
        let Some(answer) = &lead.answer else { return Ok(()) };
        // Counted whether it is news or not, to be compared with the clearing's figures.
        self.done.answered += 1;
        let version = self.known.get(&lead.lead_id).map_or(0, |known| known.version);
        if answer.office_step.is_some_and(|step| step <= version) {
            return Ok(());
        }
        let case = self.case(lead)?;
        let report = self.report(answer);
        if self.is_news(&case, &report, answer)?
            && let Ok(next) = case.answered(report)
        {
            self.write(&next, "核查表")?;
        }
        Ok(())
    }

    /// Of returned handouts, one that says what none has said before. What somebody reported here stands, unless the
    /// handout was read by a clearing that knew of it.
    fn is_news(&mut self, case: &LeadCase, report: &Report, answer: &ImportedAnswer) -> Outcome<bool> {
        match case.state.report() {
            Some(before) if before.by.is_some() => {
                let last = "SELECT MAX(serial) FROM lead_events WHERE lead_id = $1 AND actor <> 0";
                let last = self.connection.number(last, &[(&case.lead_id).into()])?;
                Ok(answer.outweighs.is_some_and(|step| step >= last) && !self.was_heard(case, report)?)
            }
            Some(before) => Ok(!says_the_same(before, report)),
            None => Ok(!self.was_heard(case, report)?),
        }
    }

    /// Taken over before, since the lead was last found anew; people have gone on from there.
    fn was_heard(&mut self, case: &LeadCase, report: &Report) -> Outcome<bool> {
        let rows = self.connection.rows(
            "SELECT serial, actor, step, state_sealed FROM lead_events WHERE lead_id = $1 ORDER BY serial DESC",
            &[(&case.lead_id).into()],
        )?;
        for row in rows.iter().take_while(|row| row.text(2).is_ok_and(|step| step != FOUND_AGAIN)) {
            if row.int(1)? != 0 {
                continue;
            }
            let state: LeadState =
                open(self.keys, &Place::LeadEvent(&case.lead_id, row.int(0)?), row.bytes(3)?)?;
            if state.report().is_some_and(|before| says_the_same(before, report)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn case(&mut self, lead: &ImportedLead) -> Outcome<LeadCase> {
        let state = self.state(&lead.lead_id)?;
        Ok(LeadCase { lead_id: lead.lead_id.clone(), region: lead.region, state })
    }

    fn state(&mut self, lead_id: &str) -> Outcome<LeadState> {
        let row = self
            .connection
            .row("SELECT state_sealed FROM leads WHERE lead_id = $1", &[lead_id.into()])?
            .ok_or(StoreError::NotFound("这条疑点"))?;
        open_state(self.keys, lead_id, row.bytes(0)?)
    }

    fn write(&mut self, next: &LeadCase, step: &str) -> Outcome<()> {
        let Some(known) = self.known.get_mut(&next.lead_id) else { return Ok(()) };
        let month = self.month.to_string();
        let stored = StoredStep { step, actor: 0, at: self.at, month: &month, from: known.version };
        if !write_step(self.connection, self.keys, next, &stored)? {
            return Err(StoreError::Database("导入时有人在改疑点，请再导入一次".into()));
        }
        known.version += 1;
        known.state = next.state.kind();
        Ok(())
    }

    /// What the month closed or took back.
    pub fn end(&mut self, ended: &[EndedLead]) -> Outcome<()> {
        for lead in ended {
            let Some(known) = self.known.get(&lead.lead_id) else { continue };
            let is_over = matches!(known.state, StateKind::Closed | StateKind::Withdrawn);
            if known.is_found || is_over || known.month > i64::from(lead.month.index()) {
                continue;
            }
            let state = self.state(&lead.lead_id)?;
            // Nobody's rights are asked for here, so the place does not matter.
            let region = doudi_terms::RegionCode::COUNTRY;
            let case = LeadCase { lead_id: lead.lead_id.clone(), region, state };
            let month = lead.month.to_string();
            let next = match lead.withdrawn {
                true => case.withdraw(&month, &lead.reason)?,
                false => case.cause_gone(&month, &lead.reason)?,
            };
            self.write(&next, if lead.withdrawn { "摸排撤回" } else { "摸排销号" })?;
            self.done.closed += 1;
        }
        Ok(())
    }

    fn report(&self, answer: &ImportedAnswer) -> Report {
        let idle = if answer.finding == Finding::DataError { Measure::CorrectData } else { Measure::Keep };
        Report {
            finding: answer.finding,
            // A handout has no column for measures.
            measure: idle,
            on: answer.on.unwrap_or_else(|| answer.month.last_day()),
            reason: answer.note.clone(),
            evidence: Vec::new(),
            hearing: None,
            by: None,
            visitors: answer.by.clone(),
            at: self.at,
        }
    }
}

/// Two readings of one handout.
fn says_the_same(before: &Report, report: &Report) -> bool {
    before.by.is_none()
        && (before.finding, before.on, &before.reason, &before.visitors)
            == (report.finding, report.on, &report.reason, &report.visitors)
}

/// What a clearing says of a lead, but for the month.
fn content(lead: &ImportedLead) -> impl serde::Serialize + '_ {
    let who = (&lead.person_id, &lead.household_id, &lead.name, lead.region.number(), &lead.subject_kind);
    let what =
        (&lead.check, &lead.severity, &lead.grade, lead.stake.map(|stake| stake.0), lead.opened.index());
    (
        &lead.lead_id,
        who,
        what,
        (&lead.reason, &lead.rows, &lead.records, &lead.verify, &lead.closes, &lead.article),
    )
}
