//! Papers of cases: brought for a step, said to be for one, taken back.

use crate::audit::Action;
use crate::cases::{Case, case_entry};
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::evidence::{
    EvidenceFile, LeadEvidence, MOST_EVIDENCE, NewEvidence, cited, content, kinds_of, of_lead,
};
use crate::scope::{Areas, Scope};
use crate::store::Store;
use doudi_casework::{CaseFile, FileKind, Permission, StepRefusal};

/// Whether a case has the step that a paper is said to be for.
pub type Fits<'f> = dyn Fn(&CaseFile) -> Result<(), StepRefusal> + 'f;

impl Store {
    /// Keeps files with a case, for a step where one is named. Whoever works on it may bring papers, as long as it is not
    /// over.
    pub fn add_case_evidence(
        &self,
        scope: &Scope,
        case_id: &str,
        step: Option<&str>,
        fits: &Fits<'_>,
        files: &[NewEvidence],
    ) -> Outcome<Vec<LeadEvidence>> {
        let kinds = kinds_of(files)?;
        self.change(|connection, audit| {
            let added = self.add_in(connection, scope, (case_id, step, fits), (files, &kinds))?;
            audit.extend(added.entry);
            Ok(added.case.evidence)
        })
    }

    pub(crate) fn add_in(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        (case_id, step, fits): (&str, Option<&str>, &Fits<'_>),
        (files, kinds): (&[NewEvidence], &[(FileKind, String)]),
    ) -> Outcome<Added> {
        let areas = &scope.areas_for(Permission::ReadCases)?;
        let case = self.held(connection, scope, areas, case_id)?;
        fits(&case.file)?;
        if !case.row.is_open {
            return Err(StoreError::bad("这件办件已经办结，不再收材料。情况有变的，请另开一件"));
        }
        let kept = cited(&case.evidence).len();
        if kept + files.len() > MOST_EVIDENCE || case.evidence.len() > 2 * MOST_EVIDENCE {
            return Err(StoreError::bad(format!(
                "一件办件最多放 {MOST_EVIDENCE} 份材料，现在有 {kept} 份。请挑要紧的传"
            )));
        }
        // The same photo can be of two steps: each says so.
        let last = case.evidence.last().map_or(0, |file| file.serial);
        let same = |file: &&LeadEvidence| file.step.as_deref() == step && case.counts_next(file);
        let held: Vec<LeadEvidence> = case.evidence.iter().filter(same).cloned().collect();
        let after = step_count(&case);
        let of_step = (step, Some(after));
        let files = files.iter().zip(kinds);
        let added = self.attach_all(connection, scope, (case_id, last, of_step), &held, files)?;
        let entry = (!added.is_empty()).then(|| {
            let mut entry = case_entry(scope, Action::AddEvidence, &case.row);
            entry.detail = added.join(" ");
            entry
        });
        Ok(Added { case: self.find_case(connection, areas, case_id)?, entry })
    }

    /// What was brought without a step is said to be for one.
    pub fn claim_case_evidence(
        &self,
        scope: &Scope,
        case_id: &str,
        step: &str,
        fits: &Fits<'_>,
        serials: &[i64],
    ) -> Outcome<()> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        self.change(|connection, audit| {
            let case = self.held(connection, scope, &areas, case_id)?;
            fits(&case.file)?;
            let mut claimed = Vec::new();
            for serial in serials {
                let free = |file: &&LeadEvidence| {
                    file.serial == *serial && file.withdrawn.is_none() && file.step.is_none()
                };
                let found = case.evidence.iter().find(free).ok_or(StoreError::NotFound("这份材料"))?;
                connection.execute(
                    "UPDATE lead_evidence SET step = $3, after_steps = $4 WHERE lead_id = $1 AND serial = $2",
                    &[case_id.into(), found.serial.into(), step.into(), step_count(&case).into()],
                )?;
                claimed.push(format!("{serial}:for={step}"));
            }
            let mut entry = case_entry(scope, Action::AddEvidence, &case.row);
            entry.detail = claimed.join(" ");
            audit.push(entry);
            Ok(())
        })
    }

    /// One paper of a case; in the audit before it is given.
    pub fn case_evidence_file(&self, scope: &Scope, case_id: &str, serial: i64) -> Outcome<EvidenceFile> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        let case = self.database.read(|connection| self.find_case(connection, &areas, case_id))?;
        let found = case.evidence.iter().find(|file| file.serial == serial && file.withdrawn.is_none());
        let found = found.ok_or(StoreError::NotFound("这份材料"))?;
        let mut entry = case_entry(scope, Action::ReadEvidence, &case.row);
        entry.detail = format!("{serial}:{}:{}", found.kind.code(), &found.sha256[..16]);
        self.note_read(entry)?;
        let bytes = self.database.read(|connection| content(connection, &self.keys, &found.sha256))?;
        let bytes = bytes.ok_or_else(|| StoreError::DamagedFile(found.name.clone()))?;
        Ok(EvidenceFile { name: found.name.clone(), kind: found.kind, bytes })
    }

    /// Takes back a paper: whoever brought it, or proposes on cases there, while nobody has decided on it.
    pub fn withdraw_case_evidence(
        &self,
        scope: &Scope,
        case_id: &str,
        serial: i64,
        reason: &str,
    ) -> Outcome<Vec<LeadEvidence>> {
        let areas = scope.areas_for(Permission::ReadCases)?;
        self.change(|connection, audit| {
            let case = self.held(connection, scope, &areas, case_id)?;
            let found = case.evidence.iter().find(|file| file.serial == serial && file.withdrawn.is_none());
            let found = found.ok_or(StoreError::NotFound("这份材料"))?;
            may_withdraw(scope, &case, found)?;
            let detail = self.mark_withdrawn(connection, scope, case_id, found, reason)?;
            let mut entry = case_entry(scope, Action::WithdrawEvidence, &case.row);
            entry.detail = detail;
            audit.push(entry);
            of_lead(connection, &self.keys, case_id)
        })
    }

    /// The case, for somebody who works on it; whoever does something at the same time waits, and sees what this one did.
    fn held(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        areas: &Areas,
        case_id: &str,
    ) -> Outcome<Case> {
        let case = self.find_case(connection, areas, case_id)?;
        scope.must_work_at(case.row.region)?;
        connection.execute(
            "UPDATE cases SET updated_at = $2 WHERE case_id = $1",
            &[case_id.into(), scope.at.millis().into()],
        )?;
        self.find_case(connection, areas, case_id)
    }
}

/// What was brought, for the audit, and the case with it.
pub(crate) struct Added {
    pub case: Case,
    pub entry: Option<crate::audit::Entry>,
}

fn step_count(case: &Case) -> i64 {
    i64::try_from(case.file.record.len()).unwrap_or(i64::MAX)
}

impl Case {
    /// The paper would count for the next taking of its step.
    fn counts_next(&self, file: &LeadEvidence) -> bool {
        let taken = |step: &str| self.file.record.iter().rposition(|record| record.step == step);
        file.withdrawn.is_none()
            && file.step.as_deref().is_none_or(|step| taken(step).is_none_or(|last| file.after > last))
    }

    /// Somebody has decided since it was brought.
    pub fn is_decided_on(&self, file: &LeadEvidence) -> bool {
        let Some(decision) = &self.file.decision else { return false };
        let decided = self
            .file
            .record
            .iter()
            .rposition(|record| record.by == decision.by && record.at.day() == Some(decision.on));
        decided.is_none_or(|decided| file.after <= decided)
    }
}

/// The sentence says what can be done instead.
fn may_withdraw(scope: &Scope, case: &Case, file: &LeadEvidence) -> Outcome<()> {
    if !case.row.is_open || case.is_decided_on(file) {
        return Err(StoreError::bad("这件办件已经作出决定，或者已经办结，材料是那时的依据，不能再撤回"));
    }
    if !may_take_back(scope, case, file) {
        return Err(StoreError::bad(format!(
            "这份材料是{}传的，只有本人或者提出意见的负责人能撤回",
            file.actor_name
        )));
    }
    Ok(())
}

fn may_take_back(scope: &Scope, case: &Case, file: &LeadEvidence) -> bool {
    file.actor == scope.user.id || scope.may_at(Permission::ProposeCases, case.row.region)
}

/// For pages: whether the button is there at all.
pub fn case_evidence_may_be_withdrawn(scope: &Scope, case: &Case, file: &LeadEvidence) -> bool {
    file.withdrawn.is_none()
        && case.row.is_open
        && scope.works_at(case.row.region)
        && !case.is_decided_on(file)
        && may_take_back(scope, case, file)
}
