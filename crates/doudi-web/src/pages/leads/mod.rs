//! Leads: the list, one of them with what was compared, and the steps that people take.

mod assign;
mod compared;
mod evidence;
mod filled;
mod list;
mod print;
mod show;
mod steps;
mod workbook;

pub use assign::assign;
pub(crate) use evidence::{EVIDENCE_LIMITS, file_answer};
pub use evidence::{add_evidence, evidence, withdraw_evidence};
pub use list::{export, list};
pub use print::{form, forms};
pub(crate) use print::{qr, root};
pub use show::show;
pub use steps::{confirm, report};
pub use workbook::{import, import_form, workbook};

use doudi_casework::StateKind;
use doudi_store::LeadRow;
use doudi_terms::Date;

/// A day as lists show it.
fn day(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// Colour of a severity; the word stands beside it.
pub(crate) fn colour(severity: &str) -> &'static str {
    match severity {
        "红" => "red",
        "橙" => "amber",
        _ => "grey",
    }
}

/// Past its day while somebody still has to go and look.
fn is_overdue(state: StateKind, due: Option<Date>, today: Date) -> bool {
    state.awaits_report() && due.is_some_and(|due| due < today)
}

/// A lead in the list of one person or household.
pub(crate) struct LeadLine {
    pub id: String,
    pub name: String,
    pub check: String,
    pub severity: String,
    pub colour: &'static str,
    pub reason: String,
    pub due: String,
    pub is_overdue: bool,
    pub state: &'static str,
}

impl LeadLine {
    pub fn new(lead: &LeadRow, today: Date) -> LeadLine {
        LeadLine {
            id: lead.lead_id.clone(),
            name: lead.name.clone(),
            check: lead.check.clone(),
            severity: lead.severity.clone(),
            colour: colour(&lead.severity),
            reason: lead.reason.clone(),
            due: day(lead.due),
            is_overdue: is_overdue(lead.state, lead.due, today),
            state: lead.state.name(),
        }
    }
}
