//! How often a check was right: learnt from what verifying its leads came to.

use crate::lead_log::{Concerned, Finding, LeadEvent, by_lead};
use crate::leads_before::openings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One check's leads this month, and what was found of all its leads so far. A lead that comes back after its cause was
/// gone is another lead here; of several answers to one lead the last counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckCounts {
    pub severity: String,
    /// Open at the end of the month.
    pub open: u64,
    /// Opened this month, dismissed ones that were reopened included.
    pub opened: u64,
    /// Closed this month: the cause is gone, or an answer says that there is nothing in it.
    pub closed: u64,
    pub answered: u64,
    #[serde(rename = "true")]
    pub found_true: u64,
    #[serde(rename = "partly")]
    pub found_partly: u64,
    #[serde(rename = "false")]
    pub found_false: u64,
    pub data_error: u64,
}

impl CheckCounts {
    fn add(&mut self, finding: Finding) {
        self.answered += 1;
        *match finding {
            Finding::True => &mut self.found_true,
            Finding::Partly => &mut self.found_partly,
            Finding::False => &mut self.found_false,
            Finding::DataError => &mut self.data_error,
        } += 1;
    }

    /// How many of how many: wrong data say nothing about whether the check looks for the right thing.
    pub fn precision(&self) -> Option<(u64, u64)> {
        let of = self.answered - self.data_error;
        (of > 0).then_some((self.found_true + self.found_partly, of))
    }
}

/// Adds every answer up to and including `month`.
pub(crate) fn add_answers(
    counts: &mut BTreeMap<String, CheckCounts>,
    events: &[LeadEvent],
    concerned: &Concerned<'_>,
    month: &str,
) {
    for of_lead in by_lead(events, concerned, month).into_values() {
        let openings = openings(&of_lead);
        // By opening: the last answer since then and before the next one.
        let mut last: BTreeMap<usize, (&str, Finding)> = BTreeMap::new();
        for event in &of_lead {
            let Some(answer) = &event.answer else { continue };
            let later = openings.partition_point(|opened| *opened <= answer.month.as_str());
            last.insert(later.saturating_sub(1), (&event.check, answer.finding));
        }
        for (check, finding) in last.into_values() {
            counts.entry(check.to_owned()).or_default().add(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_data_are_not_held_against_a_check() {
        let mut counts = CheckCounts::default();
        assert_eq!(counts.precision(), None);
        for finding in [Finding::True, Finding::True, Finding::Partly, Finding::False, Finding::DataError] {
            counts.add(finding);
        }
        assert_eq!((counts.answered, counts.precision()), (5, Some((3, 4))));
    }
}
