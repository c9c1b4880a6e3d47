//! One of several answers: the first that applies, or - where it is not known which applies - all of them, which give a
//! value only if they agree.

use crate::cells::Cells;
use crate::column::Column;
use crate::hint::{BOUNDED, MAY_KNOW};

/// Answers that may hold, gathered one by one.
#[derive(Default)]
pub(crate) struct Choice {
    answer: Option<Column>,
    /// Rows for which some answer was put in.
    answered: Option<Cells<bool>>,
}

impl Choice {
    /// Adds an answer at the rows where it holds or may hold, because `condition` holds or may hold.
    pub fn add(&mut self, rows: &Cells<bool>, answer: &Column, condition: &Column) {
        let doubts = condition.faults.clone().only(rows);
        let guesses = guesses(condition).only(rows);
        let (current, answered) = match (self.answer.take(), self.answered.take()) {
            (Some(current), Some(answered)) => (current, answered),
            _ => {
                let mut first = answer.clone();
                first.known = first.known.and(rows);
                first.faults = first.faults.only(rows).both(&doubts);
                first.hints = first.hints.only(rows).both(&guesses);
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
            // Several known answers are bounds of the one that holds.
            next.hints = next.hints.both(&answer.hints.clone().both(&Cells::Same(BOUNDED)).only(&again));
        }
        next.faults = next.faults.both(&doubts);
        next.hints = next.hints.both(&guesses);
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
        if !matches!(answer.hints, Cells::Same(0)) {
            answer.hints = answer.hints.only(&answer.known.not());
        }
        Some(answer)
    }
}

/// Rows where the scalar evaluator may know whether a condition holds, though the batch does not.
pub(crate) fn guesses(condition: &Column) -> Cells<u8> {
    match &condition.hints {
        Cells::Same(0) => Cells::Same(0),
        hints => hints.map(|hints| hints & MAY_KNOW),
    }
}
