//! Evidence that was brought by mistake: it is shown to nobody any more and counts for nothing; that it was there, what
//! its hash is, who took it back and why stays.

use crate::audit::Action;
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::evidence::{EvidenceNote, LeadEvidence, of_lead};
use crate::leads::Lead;
use crate::scope::Scope;
use crate::sealed::{Place, seal};
use crate::store::Store;
use doudi_casework::{CaseError, LeadCase, LeadState, Measure, Permission, Refusal, ReportError};

/// Signs of a reason that are kept.
const LONGEST_REASON: usize = 200;

impl Store {
    /// Takes back a file: whoever brought it, or may assign leads, while no second person has decided on it.
    pub fn withdraw_evidence(
        &self,
        scope: &Scope,
        lead_id: &str,
        serial: i64,
        reason: &str,
    ) -> Outcome<Vec<LeadEvidence>> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        self.change(|connection, audit| {
            let lead = self.find_lead(connection, scope, &areas, lead_id)?;
            // Whoever does something at the same time waits here, and sees that the file is gone.
            connection.execute(
                "UPDATE leads SET updated_at = $2 WHERE lead_id = $1",
                &[lead_id.into(), scope.at.millis().into()],
            )?;
            let lead = self.find_lead(connection, scope, &areas, &lead.row.lead_id)?;
            let found = lead.evidence.iter().find(|file| file.serial == serial && file.withdrawn.is_none());
            let found = found.ok_or(StoreError::NotFound("这份凭据"))?;
            may_withdraw(scope, &lead, found)?;
            let detail = self.mark_withdrawn(connection, scope, lead_id, found, reason)?;
            let mut entry =
                scope.entry(Action::WithdrawEvidence, "lead", lead_id.to_owned(), lead.row.region);
            entry.subjects = vec![lead.row.person_id.clone()];
            entry.detail = detail;
            audit.push(entry);
            of_lead(connection, &self.keys, lead_id)
        })
    }

    /// Marks a file of a lead or a case as taken back, with who and why; whether they may has been looked at. Gives what
    /// the audit says of it.
    pub(crate) fn mark_withdrawn(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        of: &str,
        file: &LeadEvidence,
        reason: &str,
    ) -> Outcome<String> {
        let reason: String = reason.trim().chars().take(LONGEST_REASON).collect();
        if reason.is_empty() {
            return Err(StoreError::bad("请写明为什么撤回，例如“传错了人”"));
        }
        let note = EvidenceNote { name: file.name.clone(), reason };
        let sealed = seal(&self.keys, &Place::EvidenceName(of, file.serial), &note)?;
        connection.execute(
            "UPDATE lead_evidence SET withdrawn_at = $3, withdrawn_by = $4, sealed = $5, key_id = $6
             WHERE lead_id = $1 AND serial = $2",
            &[
                of.into(),
                file.serial.into(),
                scope.at.millis().into(),
                scope.user.id.0.into(),
                (&sealed).into(),
                self.keys.current().id.into(),
            ],
        )?;
        Ok(format!("{}:{}:{}:{}", file.serial, file.kind.code(), file.bytes, &file.sha256[..16]))
    }
}

/// The sentence says what can be done instead.
fn may_withdraw(scope: &Scope, lead: &Lead, file: &LeadEvidence) -> Outcome<()> {
    let place = lead.row.region;
    Refusal::unless_allowed(&scope.user, Permission::ReportLeads, place)?;
    if !may_be_withdrawn(&lead.case.state) {
        return Err(StoreError::bad(
            "这条疑点已经由第二个人复核，或者已经销号，凭据是那时的依据，不能再撤回",
        ));
    }
    if file.actor != scope.user.id && !scope.may_at(Permission::AssignLeads, place) {
        return Err(StoreError::bad(format!(
            "这份凭据是{}传的，只有本人或者分派疑点的负责人能撤回",
            file.actor_name
        )));
    }
    Ok(())
}

/// Not after somebody has decided on it.
pub fn may_be_withdrawn(state: &LeadState) -> bool {
    !matches!(
        state,
        LeadState::ToRectify { second: Some(_), .. } | LeadState::Closed { .. } | LeadState::Withdrawn { .. }
    )
}

/// Whoever agrees to ending aid agrees on evidence that is still there.
pub(crate) fn evidence_is_there(case: &LeadCase, evidence: &[LeadEvidence]) -> Result<(), CaseError> {
    let Some(report) = case.state.report() else { return Ok(()) };
    let is_there = |hash: &str| evidence.iter().any(|file| file.withdrawn.is_none() && file.sha256 == hash);
    let all_gone = !report.evidence.is_empty() && !report.evidence.iter().any(|file| is_there(&file.sha256));
    match all_gone && Measure::takes_away(report.measure) {
        true => Err(CaseError::Report(vec![ReportError::NoEvidence(report.measure.word())])),
        false => Ok(()),
    }
}
