//! What the scalar evaluator may know about a value that the batch does not know.
//!
//! The scalar evaluator keeps bounds, so it can know that an unknown amount is over a line. The batch keeps two bits for
//! each unknown row instead: enough to answer 已知（式）and 确知（式）, which ask whether something is known, without saying
//! "no" where the scalar evaluator would say "yes".

use crate::cells::{Bits, Cells, Mask};
use crate::code::Code;
use crate::column::{Column, OVERFLOW};

/// The scalar evaluator may know the value.
pub(crate) const MAY_KNOW: u8 = 1;
/// The scalar evaluator may have a bound for it.
pub(crate) const BOUNDED: u8 = 2;

/// How an unknown result follows from its operands.
#[derive(Clone, Copy)]
pub(crate) enum Hint {
    /// Known only where all operands are; never bounded.
    Plain,
    /// Comparison: bounds of both sides may settle it.
    Settled,
    /// Sum or difference: bounds carry over, and never close by themselves.
    Linear,
    /// Product, quotient, rounding: bounds may close.
    Curved,
    /// Largest or smallest: one bound is enough for a bound.
    Extreme,
}

/// Rows where the scalar evaluator has a value or may have a bound.
fn bounded(code: &mut Code, column: &Column) -> Mask {
    let hinted = code.has(column.hints, u8::MAX);
    code.or(column.known, hinted)
}

/// Rows where the scalar evaluator has or may have a value.
fn guessable(code: &mut Code, column: &Column) -> Mask {
    let hinted = code.has(column.hints, MAY_KNOW);
    code.or(column.known, hinted)
}

fn all(code: &mut Code, operands: &[&Column], rows: fn(&mut Code, &Column) -> Mask) -> Mask {
    operands.iter().fold(Mask::YES, |all, operand| {
        let rows = rows(code, operand);
        code.and(all, rows)
    })
}

fn some(code: &mut Code, operands: &[&Column], rows: fn(&mut Code, &Column) -> Mask) -> Mask {
    operands.iter().fold(Mask::NO, |some, operand| {
        let rows = rows(code, operand);
        code.or(some, rows)
    })
}

impl Hint {
    /// Hints of a result that is known in the rows `known`. What did not fit 64 bits may fit the scalar evaluator.
    pub fn of(self, code: &mut Code, operands: &[&Column], known: Mask, faults: Bits) -> Bits {
        if known == Mask::YES {
            return Bits::NONE;
        }
        let unknown = code.not(known);
        let hints = match self {
            Hint::Plain => {
                let guessable = all(code, operands, guessable);
                code.only(Cells::Same(MAY_KNOW), guessable)
            }
            Hint::Settled => {
                let bounded = all(code, operands, bounded);
                code.only(Cells::Same(MAY_KNOW), bounded)
            }
            Hint::Curved => {
                let bounded = all(code, operands, bounded);
                code.only(Cells::Same(MAY_KNOW | BOUNDED), bounded)
            }
            Hint::Linear => {
                let (bounded, guessable) = (all(code, operands, bounded), all(code, operands, guessable));
                two(code, bounded, guessable)
            }
            Hint::Extreme => {
                let (all, some) = (all(code, operands, bounded), some(code, operands, bounded));
                two(code, some, all)
            }
        };
        if faults == Bits::NONE {
            return code.only(hints, unknown);
        }
        // Faults are certain knowledge that there is no value, except for those of the batch's own width.
        let faulty = code.has(faults, u8::MAX);
        let sound = code.not(faulty);
        let hints = code.only(hints, sound);
        let overflow = code.has(faults, OVERFLOW);
        let wide = code.only(Cells::Same(MAY_KNOW | BOUNDED), overflow);
        let hints = code.both(hints, wide);
        code.only(hints, unknown)
    }
}

fn two(code: &mut Code, bounded: Mask, guessable: Mask) -> Bits {
    let bounded = code.only(Cells::Same(BOUNDED), bounded);
    let guessable = code.only(Cells::Same(MAY_KNOW), guessable);
    code.both(bounded, guessable)
}
