//! One of several answers: the first that applies, or - where it is not known which applies - all of them, which give a
//! value only if they agree.

use crate::cells::{Bits, Cells, Mask};
use crate::code::Code;
use crate::column::Column;
use crate::hint::{BOUNDED, MAY_KNOW};

/// Answers that may hold, gathered one by one.
#[derive(Default)]
pub(crate) struct Choice {
    /// The answer, and the rows for which some answer was put in.
    current: Option<(Column, Mask)>,
}

impl Choice {
    /// Adds an answer at the rows where it holds or may hold, because `condition` holds or may hold.
    pub fn add(&mut self, code: &mut Code, rows: Mask, answer: &Column, condition: &Column) {
        let doubts = code.only(condition.faults, rows);
        let guesses = guesses(code, condition);
        let guesses = code.only(guesses, rows);
        let Some((current, answered)) = self.current else {
            let mut first = *answer;
            first.known = code.and(first.known, rows);
            let faults = code.only(first.faults, rows);
            first.faults = code.both(faults, doubts);
            let hints = code.only(first.hints, rows);
            first.hints = code.both(hints, guesses);
            self.current = Some((first, rows));
            return;
        };
        let first = code.but_not(rows, answered);
        let again = code.and(rows, answered);
        let mut next = answer.select(code, first, &current);
        if again.any() {
            let agrees = current.agrees(code, answer);
            let once = code.not(again);
            let settled = code.or(agrees, once);
            next.known = code.and(next.known, settled);
            let faults = code.only(answer.faults, again);
            next.faults = code.both(next.faults, faults);
            // Several known answers are bounds of the one that holds.
            let hints = code.both(answer.hints, Cells::Same(BOUNDED));
            let hints = code.only(hints, again);
            next.hints = code.both(next.hints, hints);
        }
        next.faults = code.both(next.faults, doubts);
        next.hints = code.both(next.hints, guesses);
        self.current = Some((next, code.or(answered, rows)));
    }

    /// Faults stand only where the answer is not known.
    pub fn finish(self, code: &mut Code) -> Option<Column> {
        let (mut answer, answered) = self.current?;
        answer.known = code.and(answer.known, answered);
        let unknown = code.not(answer.known);
        answer.faults = code.only(answer.faults, unknown);
        answer.hints = code.only(answer.hints, unknown);
        Some(answer)
    }
}

/// Rows where the scalar evaluator may know whether a condition holds, though the batch does not.
pub(crate) fn guesses(code: &mut Code, condition: &Column) -> Bits {
    code.keep(condition.hints, MAY_KNOW)
}
