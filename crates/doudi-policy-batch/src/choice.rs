//! One of several answers: the first that applies, or - where it is not known which applies - all of them, which give a
//! value only if they agree.

use crate::cells::Cells;
use crate::column::Column;

/// Answers that may hold, gathered one by one.
#[derive(Default)]
pub(crate) struct Choice {
    answer: Option<Column>,
    /// Rows for which some answer was put in.
    answered: Option<Cells<bool>>,
}

impl Choice {
    /// Adds an answer at the rows where it holds or may hold; `doubts` are the faults that keep that from being known.
    pub fn add(&mut self, rows: &Cells<bool>, answer: &Column, doubts: &Cells<u8>) {
        let (current, answered) = match (self.answer.take(), self.answered.take()) {
            (Some(current), Some(answered)) => (current, answered),
            _ => {
                let mut first = answer.clone();
                first.known = first.known.and(rows);
                first.faults = first.faults.only(rows).both(&doubts.clone().only(rows));
                self.answer = Some(first);
                self.answered = Some(rows.clone());
                return;
            }
        };
        let first = rows.clone().but_not(&answered);
        let again = rows.clone().and(&answered);
        let mut next = answer.select(&first, &current);
        if again.any() {
            next.known = next.known.and(&current.agrees(answer).or(&again.not()));
            next.faults = next.faults.both(&answer.faults.clone().only(&again));
        }
        next.faults = next.faults.both(&doubts.clone().only(rows));
        self.answer = Some(next);
        self.answered = Some(answered.or(rows));
    }

    /// Faults stand only where the answer is not known.
    pub fn finish(self) -> Option<Column> {
        let (mut answer, answered) = (self.answer?, self.answered?);
        answer.known = answer.known.and(&answered);
        if !matches!(answer.faults, Cells::Same(0)) {
            answer.faults = answer.faults.only(&answer.known.not());
        }
        Some(answer)
    }
}
