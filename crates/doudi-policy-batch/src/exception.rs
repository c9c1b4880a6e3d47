//! Exceptions of a rule, one after the other: some compute from 原值, the others replace it; two that replace it with
//! different answers are a conflict unless one says that it goes before the other.

use crate::cells::{Cells, Mask};
use crate::choice::guesses;
use crate::code::Code;
use crate::column::{CONFLICT, Column};
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::reason::FIRST_EXCEPTION;
use crate::rule::Ruled;
use doudi_policy::ir::Def;

/// The exceptions that have replaced the value so far.
#[derive(Default)]
pub(crate) struct Exceptions<'d> {
    replacing: Vec<Replacing<'d>>,
}

struct Replacing<'d> {
    def: &'d Def,
    answer: Column,
    /// Rows where this is the exception that replaced the value: at most one exception per row.
    surely: Mask,
    /// Rows where it may be that exception.
    maybe: Mask,
}

/// How a new exception stands to those before it, by row.
struct Standing {
    /// The earlier one goes before it.
    yields: Mask,
    /// Both apply and disagree.
    conflict: Mask,
    /// It cannot be told from what is known: then the result is not known either.
    doubt: Mask,
}

impl<'d> Exceptions<'d> {
    pub fn modify(
        &self,
        code: &mut Code,
        ruled: &mut Ruled,
        index: usize,
        condition: &Column,
        answer: &Column,
    ) {
        let applies = condition.holds(code);
        let unsure = code.not(condition.known);
        set(code, ruled, index, applies, answer);
        hull(code, ruled, unsure, answer, condition);
    }

    pub fn replace(
        &mut self,
        code: &mut Code,
        ruled: &mut Ruled,
        index: usize,
        def: &'d Def,
        condition: &Column,
        answer: Column,
    ) {
        let applies = condition.holds(code);
        let unsure = code.not(condition.known);
        let Standing { yields, conflict, doubt } = self.standing(code, def, &answer);
        let in_the_way = code.or(yields, conflict);
        let in_the_way = code.or(in_the_way, doubt);
        let accepted = code.but_not(applies, in_the_way);
        // Where the condition is not known, any earlier exception in the way leaves the outcome open.
        hull(code, ruled, unsure, &answer, condition);
        let unsure_open = code.and(unsure, in_the_way);
        let doubtful = code.and(applies, doubt);
        let open = code.or(unsure_open, doubtful);
        let clash = code.and(applies, conflict);
        let clash = code.but_not(clash, doubt);
        if open.any() || clash.any() {
            self.leave_open(code, ruled, open, clash);
        }
        set(code, ruled, index, accepted, &answer);
        for earlier in &mut self.replacing {
            earlier.surely = code.but_not(earlier.surely, accepted);
            earlier.maybe = code.but_not(earlier.maybe, accepted);
        }
        let maybe = code.or(unsure, doubtful);
        self.replacing.push(Replacing { def, answer, surely: accepted, maybe });
    }

    fn leave_open(&self, code: &mut Code, ruled: &mut Ruled, open: Mask, clash: Mask) {
        let known = code.but_not(ruled.column.known, open);
        ruled.column.known = code.but_not(known, clash);
        let no_clash = code.not(clash);
        let faults = code.only(Cells::Same(CONFLICT), clash);
        let before = code.only(ruled.column.faults, no_clash);
        ruled.column.faults = code.both(before, faults);
        let maybe = self.maybe(code);
        let clash_maybe = code.and(clash, maybe);
        let unsettled = code.or(open, clash_maybe);
        let hints = code.only(Cells::Same(MAY_KNOW | BOUNDED), unsettled);
        let before = code.only(ruled.column.hints, no_clash);
        ruled.column.hints = code.both(before, hints);
    }

    /// Rows where it is not settled which exception has replaced the value.
    fn maybe(&self, code: &mut Code) -> Mask {
        self.replacing.iter().fold(Mask::NO, |maybe, earlier| code.or(maybe, earlier.maybe))
    }

    fn standing(&self, code: &mut Code, def: &Def, answer: &Column) -> Standing {
        let mut standing = Standing { yields: Mask::NO, conflict: Mask::NO, doubt: Mask::NO };
        for earlier in &self.replacing {
            let somewhere = code.or(earlier.surely, earlier.maybe);
            if !somewhere.any() {
                continue;
            }
            if earlier.def.before.is_some() && earlier.def.before == def.label {
                standing.yields = code.or(standing.yields, earlier.surely);
                standing.doubt = code.or(standing.doubt, earlier.maybe);
            } else if def.before != earlier.def.label {
                let both_known = code.and(earlier.answer.known, answer.known);
                let agree = earlier.answer.agrees(code, answer);
                let disagree = code.but_not(both_known, agree);
                let clash = code.and(earlier.surely, disagree);
                standing.conflict = code.or(standing.conflict, clash);
                let untold = code.but_not(somewhere, agree);
                let untold = code.but_not(untold, clash);
                standing.doubt = code.or(standing.doubt, untold);
            }
        }
        standing
    }
}

/// The exception applies: its answer is the value.
fn set(code: &mut Code, ruled: &mut Ruled, index: usize, rows: Mask, answer: &Column) {
    if !rows.any() {
        return;
    }
    ruled.column = answer.select(code, rows, &ruled.column);
    let reason = Cells::Same(FIRST_EXCEPTION.saturating_add(index as u16));
    ruled.reasons = code.select_labels(rows, reason, ruled.reasons);
}

/// It is not known whether the exception applies: only an answer equal to the value so far changes nothing.
fn hull(code: &mut Code, ruled: &mut Ruled, rows: Mask, answer: &Column, condition: &Column) {
    if !rows.any() {
        return;
    }
    let agrees = ruled.column.agrees(code, answer);
    let elsewhere = code.not(rows);
    let settled = code.or(agrees, elsewhere);
    let unknown = code.but_not(rows, settled);
    let faults = code.both(answer.faults, condition.faults);
    let faults = code.only(faults, unknown);
    ruled.column.known = code.and(ruled.column.known, settled);
    ruled.column.faults = code.both(ruled.column.faults, faults);
    // The value with and without the exception are bounds.
    let guesses = guesses(code, condition);
    let hints = code.both(answer.hints, guesses);
    let hints = code.both(hints, Cells::Same(BOUNDED));
    let hints = code.only(hints, unknown);
    ruled.column.hints = code.both(ruled.column.hints, hints);
}
