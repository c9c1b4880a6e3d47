//! Cases at the window and in the village: what a family asks, the steps that answer it, the papers that go with them.

mod batch;
mod draft;
mod evidence;
mod fields;
mod list;
mod new;
mod print;
mod progress;
mod queue;
mod show;
mod steps;

pub(crate) use draft::{OPENED, tried};
pub(crate) use new::KnownFamily;
pub(crate) use print::sheet;
pub(crate) use progress::step_of;
pub(crate) use queue::decides;
pub(crate) use show::{papers_of, step_words};
pub(crate) use steps::{Begins, beside};

pub use batch::{batch, open_batch};
pub use draft::{draft, write};
pub use evidence::{evidence, withdraw_evidence};
pub use list::list;
pub use new::{begin, new};
pub use print::print;
pub use progress::progress;
pub use queue::{decide_queue, queue};
pub use show::show;
pub use steps::{revise, step};

use doudi_casework::{CaseCounter, CaseFile, Moment, StepRefusal};
use doudi_store::{CaseMove, CaseRow};

/// A case in a list.
pub(crate) struct CaseLine {
    pub id: String,
    pub applicant: String,
    pub name: String,
    pub place: String,
    pub state: String,
    pub due: String,
    pub is_overdue: bool,
    pub owner: String,
}

impl CaseLine {
    pub fn new(office: &crate::office::Office, row: &CaseRow, now: Moment) -> CaseLine {
        CaseLine {
            id: row.case_id.clone(),
            applicant: row.applicant.clone(),
            name: row.name.clone(),
            place: office.places().name(row.region),
            state: row.state_name.clone(),
            due: row.due.filter(|_| row.is_open).map(due_words).unwrap_or_default(),
            is_overdue: row.is_open && row.due.is_some_and(|due| due <= now),
            owner: row.owner_name.clone(),
        }
    }
}

/// The last day, or the last minute, before a moment that is too late.
fn due_words(due: Moment) -> String {
    let words = due.to_string();
    match words.strip_suffix(" 00:00:00") {
        Some(_) => due.plus_seconds(-1).day().map(|day| day.to_string()).unwrap_or_default(),
        None => due.plus_seconds(-60).to_string().chars().take(16).collect(),
    }
}

/// Where a step has led, for the store.
pub(crate) fn moved(counter: &CaseCounter, file: CaseFile, step: &str) -> Result<CaseMove, StepRefusal> {
    let standing = counter.standing(&file)?;
    let is_single = !counter.procedure_of(&file)?.several;
    Ok(CaseMove {
        file,
        step: step.to_owned(),
        state_name: standing.name,
        ends: standing.ends,
        due: standing.due,
        is_single,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::parse_date;

    #[test]
    fn a_day_is_told_by_its_last_moment_and_an_hour_by_its_minute() {
        let noon = Moment::noon_of(parse_date("2020-02-03").expect("a day"));
        assert_eq!(due_words(noon.plus_seconds(12 * 3600)), "2020-02-03");
        assert_eq!(due_words(noon.plus_seconds(41 * 60)), "2020-02-03 12:40");
    }
}
