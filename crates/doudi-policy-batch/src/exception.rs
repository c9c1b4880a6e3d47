//! Exceptions of a rule, one after the other: some compute from 原值, the others replace it; two that replace it with
//! different answers are a conflict unless one says that it goes before the other.

use crate::cells::Cells;
use crate::choice::guesses;
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
    surely: Cells<bool>,
    /// Rows where it may be that exception.
    maybe: Cells<bool>,
}

/// How a new exception stands to those before it, by row.
struct Standing {
    /// The earlier one goes before it.
    yields: Cells<bool>,
    /// Both apply and disagree.
    conflict: Cells<bool>,
    /// It cannot be told from what is known: then the result is not known either.
    doubt: Cells<bool>,
}

impl<'d> Exceptions<'d> {
    pub fn modify(&self, ruled: &mut Ruled, index: usize, condition: &Column, answer: &Column) {
        let applies = condition.holds();
        let unsure = condition.known.not();
        set(ruled, index, &applies, answer);
        hull(ruled, &unsure, answer, condition);
    }

    pub fn replace(
        &mut self,
        ruled: &mut Ruled,
        index: usize,
        def: &'d Def,
        condition: &Column,
        answer: Column,
    ) {
        let applies = condition.holds();
        let unsure = condition.known.not();
        let Standing { yields, conflict, doubt } = self.standing(def, &answer);
        let in_the_way = yields.clone().or(&conflict).or(&doubt);
        let accepted = applies.clone().but_not(&in_the_way);
        // Where the condition is not known, any earlier exception in the way leaves the outcome open.
        hull(ruled, &unsure, &answer, condition);
        let open = unsure.clone().and(&in_the_way).or(&applies.clone().and(&doubt));
        let clash = applies.clone().and(&conflict).but_not(&doubt);
        if open.any() || clash.any() {
            ruled.column.known = ruled.column.known.clone().but_not(&open).but_not(&clash);
            let faults = Cells::Same(CONFLICT).only(&clash);
            ruled.column.faults = ruled.column.faults.clone().only(&clash.not()).both(&faults);
            let unsettled = open.or(&clash.clone().and(&self.maybe()));
            let hints = Cells::Same(MAY_KNOW | BOUNDED).only(&unsettled);
            ruled.column.hints = ruled.column.hints.clone().only(&clash.not()).both(&hints);
        }
        set(ruled, index, &accepted, &answer);
        for earlier in &mut self.replacing {
            earlier.surely = earlier.surely.clone().but_not(&accepted);
            earlier.maybe = earlier.maybe.clone().but_not(&accepted);
        }
        let maybe = unsure.or(&applies.and(&doubt));
        self.replacing.push(Replacing { def, answer, surely: accepted, maybe });
    }

    /// Rows where it is not settled which exception has replaced the value.
    fn maybe(&self) -> Cells<bool> {
        self.replacing.iter().fold(Cells::Same(false), |maybe, earlier| maybe.or(&earlier.maybe))
    }

    fn standing(&self, def: &Def, answer: &Column) -> Standing {
        let nowhere = || Cells::Same(false);
        let mut standing = Standing { yields: nowhere(), conflict: nowhere(), doubt: nowhere() };
        for earlier in &self.replacing {
            let somewhere = earlier.surely.clone().or(&earlier.maybe);
            if !somewhere.any() {
                continue;
            }
            if earlier.def.before.is_some() && earlier.def.before == def.label {
                standing.yields = standing.yields.or(&earlier.surely);
                standing.doubt = standing.doubt.or(&earlier.maybe);
            } else if def.before != earlier.def.label {
                let both_known = earlier.answer.known.clone().and(&answer.known);
                let agree = earlier.answer.agrees(answer);
                let disagree = both_known.but_not(&agree);
                standing.conflict = standing.conflict.or(&earlier.surely.clone().and(&disagree));
                let untold = somewhere.but_not(&agree).but_not(&earlier.surely.clone().and(&disagree));
                standing.doubt = standing.doubt.or(&untold);
            }
        }
        standing
    }
}

/// The exception applies: its answer is the value.
fn set(ruled: &mut Ruled, index: usize, rows: &Cells<bool>, answer: &Column) {
    if !rows.any() {
        return;
    }
    ruled.column = answer.select(rows, &ruled.column);
    let code = FIRST_EXCEPTION.saturating_add(index as u16);
    ruled.reasons = Cells::Same(code).select(rows, &ruled.reasons);
}

/// It is not known whether the exception applies: only an answer equal to the value so far changes nothing.
fn hull(ruled: &mut Ruled, rows: &Cells<bool>, answer: &Column, condition: &Column) {
    if !rows.any() {
        return;
    }
    let settled = ruled.column.agrees(answer).or(&rows.not());
    let unknown = rows.clone().but_not(&settled);
    let faults = answer.faults.clone().both(&condition.faults).only(&unknown);
    ruled.column.known = ruled.column.known.clone().and(&settled);
    ruled.column.faults = ruled.column.faults.clone().both(&faults);
    // The value with and without the exception are bounds.
    let hints = answer.hints.clone().both(&guesses(condition)).both(&Cells::Same(BOUNDED)).only(&unknown);
    ruled.column.hints = ruled.column.hints.clone().both(&hints);
}
