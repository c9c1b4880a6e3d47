//! A lead under verification: its states with what they rest on, and the steps between them.

use crate::grants::{User, UserId};
use crate::lead_report::{Report, ReportError};
use crate::moment::Moment;
use crate::permission::Permission;
use crate::transition::{LeadStep, StateKind, steps_from, target};
use doudi_terms::{Date, RegionCode};
use serde::{Deserialize, Serialize};

/// Who is to go and look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub to: UserId,
    pub by: UserId,
    pub at: Moment,
    /// Why it came back; empty the first time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The second person's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    pub by: UserId,
    pub at: Moment,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A clearing closed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// `2020-05`
    pub month: String,
    pub reason: String,
    /// What verifying had come to before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// Where it stands, with the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LeadState {
    Open,
    Assigned { assignment: Assignment },
    AwaitingSecond { report: Report },
    ToRectify { report: Report, second: Option<Second> },
    Dismissed { report: Report },
    Closed { closing: Closing },
    Withdrawn { closing: Closing },
}

impl LeadState {
    pub fn kind(&self) -> StateKind {
        match self {
            LeadState::Open => StateKind::Open,
            LeadState::Assigned { .. } => StateKind::Assigned,
            LeadState::AwaitingSecond { .. } => StateKind::AwaitingSecond,
            LeadState::ToRectify { .. } => StateKind::ToRectify,
            LeadState::Dismissed { .. } => StateKind::Dismissed,
            LeadState::Closed { .. } => StateKind::Closed,
            LeadState::Withdrawn { .. } => StateKind::Withdrawn,
        }
    }

    /// The latest report, if there is one.
    pub fn report(&self) -> Option<&Report> {
        match self {
            LeadState::AwaitingSecond { report }
            | LeadState::ToRectify { report, .. }
            | LeadState::Dismissed { report } => Some(report),
            LeadState::Closed { closing } | LeadState::Withdrawn { closing } => closing.report.as_ref(),
            LeadState::Open | LeadState::Assigned { .. } => None,
        }
    }

    pub fn assignee(&self) -> Option<UserId> {
        match self {
            LeadState::Assigned { assignment } => Some(assignment.to),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadCase {
    pub lead_id: String,
    /// Where the person lives that it is about.
    pub region: RegionCode,
    pub state: LeadState,
}

/// A step that somebody is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("您的角色不能“{permission}”。需要的话，请安全管理员调整角色")]
    Role { permission: Permission },
    #[error("这里不在您可以“{permission}”的辖区里。请交给当地的同事办理")]
    Place { permission: Permission },
}

impl Refusal {
    /// `Ok` where the user may do it in that place.
    pub fn unless_allowed(user: &User, permission: Permission, place: RegionCode) -> Result<(), Refusal> {
        match () {
            () if user.grants.allows_at(permission, place) => Ok(()),
            () if user.grants.allows(permission) => Err(Refusal::Place { permission }),
            () => Err(Refusal::Role { permission }),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    #[error("“{from}”的疑点不能“{step}”。现在可以做的：{}", words(.possible))]
    Impossible { from: StateKind, step: LeadStep, possible: Vec<LeadStep> },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("停发、减发、追回要两个人：填报的人不能自己复核。请交给另一位有复核权限的同事")]
    SamePerson,
    #[error("{}在这里没有填报核查结果的权限，不能分派。请选本辖区的经办人", .0)]
    Assignee(String),
    #[error("{}", sentences(.0))]
    Report(Vec<ReportError>),
    #[error("退回要写明哪里没有查清")]
    NoNote,
}

fn words(steps: &[LeadStep]) -> String {
    match steps {
        [] => "没有，等下一次摸排".into(),
        steps => steps.iter().map(|step| step.name()).collect::<Vec<_>>().join("、"),
    }
}

fn sentences(errors: &[ReportError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("；")
}

impl LeadCase {
    fn check(&self, step: LeadStep) -> Result<(), CaseError> {
        let from = self.state.kind();
        match target(from, step) {
            Some(_) => Ok(()),
            None => Err(CaseError::Impossible { from, step, possible: steps_from(from).collect() }),
        }
    }

    fn check_by(&self, step: LeadStep, by: &User) -> Result<(), CaseError> {
        if let Some(permission) = step.permission() {
            Refusal::unless_allowed(by, permission, self.region)?;
        }
        self.check(step)
    }

    fn with(&self, state: LeadState) -> LeadCase {
        LeadCase { lead_id: self.lead_id.clone(), region: self.region, state }
    }

    /// What this person can do with it now.
    pub fn steps_for(&self, user: &User) -> Vec<LeadStep> {
        let own = self.state.report().is_some_and(|report| report.by == Some(user.id));
        steps_from(self.state.kind())
            .filter(|step| self.check_by(*step, user).is_ok())
            .filter(|step| !(own && *step == LeadStep::Confirm))
            .collect()
    }

    pub fn assign(&self, by: &User, to: &User, at: Moment) -> Result<LeadCase, CaseError> {
        self.check_by(LeadStep::Assign, by)?;
        if !to.grants.allows_at(Permission::ReportLeads, self.region) {
            return Err(CaseError::Assignee(to.name.clone()));
        }
        let assignment = Assignment { to: to.id, by: by.id, at, note: String::new() };
        Ok(self.with(LeadState::Assigned { assignment }))
    }

    /// Which step a report is.
    pub fn step_of(report: &Report) -> LeadStep {
        match () {
            () if report.finding.dismisses() => LeadStep::ReportFalse,
            () if report.measure.takes_away() => LeadStep::ProposeToTakeAway,
            () => LeadStep::ReportTrue,
        }
    }

    /// Somebody reports, in their own name.
    pub fn report(&self, by: &User, report: Report, today: Date) -> Result<LeadCase, CaseError> {
        let step = LeadCase::step_of(&report);
        self.check_by(step, by)?;
        let problems = report.problems(today);
        if !problems.is_empty() {
            return Err(CaseError::Report(problems));
        }
        let report = Report { by: Some(by.id), ..report };
        Ok(self.with(match step {
            LeadStep::ReportFalse => LeadState::Dismissed { report },
            LeadStep::ProposeToTakeAway => LeadState::AwaitingSecond { report },
            _ => LeadState::ToRectify { report, second: None },
        }))
    }

    pub fn confirm(&self, by: &User, note: &str, at: Moment) -> Result<LeadCase, CaseError> {
        self.check_by(LeadStep::Confirm, by)?;
        let report = self.proposal(LeadStep::Confirm)?.clone();
        if report.by == Some(by.id) {
            return Err(CaseError::SamePerson);
        }
        let second = Some(Second { by: by.id, at, note: note.trim().to_owned() });
        Ok(self.with(LeadState::ToRectify { report, second }))
    }

    /// The second person wants it looked at again, by whoever reported.
    pub fn send_back(&self, by: &User, note: &str, at: Moment) -> Result<LeadCase, CaseError> {
        self.check_by(LeadStep::SendBack, by)?;
        if note.trim().is_empty() {
            return Err(CaseError::NoNote);
        }
        let to = self.proposal(LeadStep::SendBack)?.by.unwrap_or(by.id);
        let assignment = Assignment { to, by: by.id, at, note: note.trim().to_owned() };
        Ok(self.with(LeadState::Assigned { assignment }))
    }

    fn proposal(&self, step: LeadStep) -> Result<&Report, CaseError> {
        match &self.state {
            LeadState::AwaitingSecond { report } => Ok(report),
            other => {
                let from = other.kind();
                Err(CaseError::Impossible { from, step, possible: steps_from(from).collect() })
            }
        }
    }

    /// A returned handout: what somebody found out, read from a file. Nothing is taken away on the word of a file alone.
    pub fn answered(&self, report: Report) -> Result<LeadCase, CaseError> {
        let step = LeadCase::step_of(&report);
        self.check(step)?;
        Ok(self.with(match step {
            LeadStep::ReportFalse => LeadState::Dismissed { report },
            LeadStep::ProposeToTakeAway => LeadState::AwaitingSecond { report },
            _ => LeadState::ToRectify { report, second: None },
        }))
    }

    /// By a clearing of a later month.
    pub fn cause_gone(&self, month: &str, reason: &str) -> Result<LeadCase, CaseError> {
        self.check(LeadStep::CauseGone)?;
        Ok(self.with(LeadState::Closed { closing: self.closing(month, reason) }))
    }

    /// By a second clearing of the same month.
    pub fn withdraw(&self, month: &str, reason: &str) -> Result<LeadCase, CaseError> {
        self.check(LeadStep::Withdraw)?;
        Ok(self.with(LeadState::Withdrawn { closing: self.closing(month, reason) }))
    }

    fn closing(&self, month: &str, reason: &str) -> Closing {
        Closing { month: month.into(), reason: reason.into(), report: self.state.report().cloned() }
    }

    /// By a clearing: the cause is back, and what was found out before does not count for it.
    pub fn find_again(&self) -> Result<LeadCase, CaseError> {
        self.check(LeadStep::FindAgain)?;
        Ok(self.with(LeadState::Open))
    }
}

#[cfg(test)]
#[path = "lead_case_tests.rs"]
mod tests;
