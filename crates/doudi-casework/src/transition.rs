//! Every step of a lead under verification, in one table.

use crate::permission::Permission;
use std::fmt;

/// The states of a lead without what they carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    Open,
    Assigned,
    AwaitingSecond,
    ToRectify,
    Dismissed,
    Closed,
    Withdrawn,
}

impl StateKind {
    pub const ALL: [StateKind; 7] = [
        StateKind::Open,
        StateKind::Assigned,
        StateKind::AwaitingSecond,
        StateKind::ToRectify,
        StateKind::Dismissed,
        StateKind::Closed,
        StateKind::Withdrawn,
    ];

    /// As it stands in the store and in addresses.
    pub fn code(self) -> &'static str {
        match self {
            StateKind::Open => "open",
            StateKind::Assigned => "assigned",
            StateKind::AwaitingSecond => "awaiting-second",
            StateKind::ToRectify => "to-rectify",
            StateKind::Dismissed => "dismissed",
            StateKind::Closed => "closed",
            StateKind::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(code: &str) -> Option<StateKind> {
        StateKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub fn name(self) -> &'static str {
        match self {
            StateKind::Open => "待分派",
            StateKind::Assigned => "待核查",
            StateKind::AwaitingSecond => "待复核",
            StateKind::ToRectify => "待整改",
            StateKind::Dismissed => "核实销号",
            StateKind::Closed => "已销号",
            StateKind::Withdrawn => "已撤回",
        }
    }

    /// Somebody still has to do something.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            StateKind::Open | StateKind::Assigned | StateKind::AwaitingSecond | StateKind::ToRectify
        )
    }

    /// Somebody still has to go and look: what its due day is about.
    pub fn awaits_report(self) -> bool {
        matches!(self, StateKind::Open | StateKind::Assigned)
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can be done with a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeadStep {
    Assign,
    /// There is something in it, and nothing is taken from anybody.
    ReportTrue,
    ReportFalse,
    /// Aid is to be ended, cut or recovered.
    ProposeToTakeAway,
    Confirm,
    SendBack,
    /// A run of a later month does not find it any more.
    CauseGone,
    /// A second run of the same month does not find it.
    Withdraw,
    /// A run finds it again after it was closed.
    FindAgain,
}

impl LeadStep {
    pub fn name(self) -> &'static str {
        match self {
            LeadStep::Assign => "分派",
            LeadStep::ReportTrue => "报属实",
            LeadStep::ReportFalse => "报不属实",
            LeadStep::ProposeToTakeAway => "提出停发、减发或追回",
            LeadStep::Confirm => "复核同意",
            LeadStep::SendBack => "退回重查",
            LeadStep::CauseGone => "原因消失",
            LeadStep::Withdraw => "重新摸排后不成立",
            LeadStep::FindAgain => "再次发现",
        }
    }

    /// Who may; `None` = only a clearing.
    pub fn permission(self) -> Option<Permission> {
        match self {
            LeadStep::Assign => Some(Permission::AssignLeads),
            LeadStep::ReportTrue | LeadStep::ReportFalse | LeadStep::ProposeToTakeAway => {
                Some(Permission::ReportLeads)
            }
            LeadStep::Confirm | LeadStep::SendBack => Some(Permission::ConfirmLeads),
            LeadStep::CauseGone | LeadStep::Withdraw | LeadStep::FindAgain => None,
        }
    }
}

impl fmt::Display for LeadStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// From one of these states a step leads to that one.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    pub step: LeadStep,
    pub from: &'static [StateKind],
    pub to: StateKind,
}

/// A later report replaces an earlier one, whatever that was; the history keeps both.
const REPORTABLE: &[StateKind] =
    &[StateKind::Open, StateKind::Assigned, StateKind::ToRectify, StateKind::Dismissed];
const ALIVE: &[StateKind] = &[
    StateKind::Open,
    StateKind::Assigned,
    StateKind::AwaitingSecond,
    StateKind::ToRectify,
    StateKind::Dismissed,
];

/// All of them. What is not here is not possible.
pub const TRANSITIONS: [Transition; 9] = [
    Transition {
        step: LeadStep::Assign,
        from: &[StateKind::Open, StateKind::Assigned],
        to: StateKind::Assigned,
    },
    Transition { step: LeadStep::ReportTrue, from: REPORTABLE, to: StateKind::ToRectify },
    Transition { step: LeadStep::ReportFalse, from: REPORTABLE, to: StateKind::Dismissed },
    Transition { step: LeadStep::ProposeToTakeAway, from: REPORTABLE, to: StateKind::AwaitingSecond },
    Transition { step: LeadStep::Confirm, from: &[StateKind::AwaitingSecond], to: StateKind::ToRectify },
    Transition { step: LeadStep::SendBack, from: &[StateKind::AwaitingSecond], to: StateKind::Assigned },
    Transition { step: LeadStep::CauseGone, from: ALIVE, to: StateKind::Closed },
    Transition { step: LeadStep::Withdraw, from: ALIVE, to: StateKind::Withdrawn },
    Transition {
        step: LeadStep::FindAgain,
        from: &[StateKind::Closed, StateKind::Withdrawn],
        to: StateKind::Open,
    },
];

/// What people can do with a lead in a state; steps of clearings left out.
pub fn steps_from(state: StateKind) -> impl Iterator<Item = LeadStep> {
    let possible = TRANSITIONS.iter().filter(move |transition| transition.from.contains(&state));
    possible.map(|transition| transition.step).filter(|step| step.permission().is_some())
}

pub(crate) fn target(state: StateKind, step: LeadStep) -> Option<StateKind> {
    let mut of_step = TRANSITIONS.iter().filter(|transition| transition.step == step);
    of_step.find(|transition| transition.from.contains(&state)).map(|transition| transition.to)
}
