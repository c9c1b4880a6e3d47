//! What the scalar evaluator may know about a value that the batch does not know.
//!
//! The scalar evaluator keeps bounds, so it can know that an unknown amount is over a line. The batch keeps two bits for
//! each unknown row instead: enough to answer 已知（式）and 确知（式）, which ask whether something is known, without saying
//! "no" where the scalar evaluator would say "yes".

use crate::cells::Cells;
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
fn bounded(column: &Column) -> Cells<bool> {
    match &column.hints {
        Cells::Same(0) => column.known.clone(),
        hints => hints.zip(&column.known, |hints, known| known || hints != 0),
    }
}

/// Rows where the scalar evaluator has or may have a value.
fn guessable(column: &Column) -> Cells<bool> {
    match &column.hints {
        Cells::Same(0) => column.known.clone(),
        hints => hints.zip(&column.known, |hints, known| known || hints & MAY_KNOW != 0),
    }
}

fn all(operands: &[&Column], rows: fn(&Column) -> Cells<bool>) -> Cells<bool> {
    operands.iter().fold(Cells::Same(true), |all, operand| all.and(&rows(operand)))
}

fn some(operands: &[&Column], rows: fn(&Column) -> Cells<bool>) -> Cells<bool> {
    operands.iter().fold(Cells::Same(false), |some, operand| some.or(&rows(operand)))
}

fn bits(bits: u8, rows: &Cells<bool>) -> Cells<u8> {
    Cells::Same(bits).only(rows)
}

impl Hint {
    /// Hints of a result that is known in the rows `known`. What did not fit 64 bits may fit the scalar evaluator.
    pub fn of(self, operands: &[&Column], known: &Cells<bool>, faults: &Cells<u8>) -> Cells<u8> {
        if matches!(known, Cells::Same(true)) {
            return Cells::Same(0);
        }
        let hints = match self {
            Hint::Plain => bits(MAY_KNOW, &all(operands, guessable)),
            Hint::Settled => bits(MAY_KNOW, &all(operands, bounded)),
            Hint::Linear => {
                bits(BOUNDED, &all(operands, bounded)).both(&bits(MAY_KNOW, &all(operands, guessable)))
            }
            Hint::Curved => bits(MAY_KNOW | BOUNDED, &all(operands, bounded)),
            Hint::Extreme => {
                bits(MAY_KNOW, &all(operands, bounded)).both(&bits(BOUNDED, &some(operands, bounded)))
            }
        };
        // Faults are certain knowledge that there is no value, except for those of the batch's own width.
        let faulty = match faults {
            Cells::Same(0) => return hints.only(&known.not()),
            faults => faults.map(|bits| bits != 0),
        };
        let wide = faults.map(|bits| if bits & OVERFLOW != 0 { MAY_KNOW | BOUNDED } else { 0 });
        hints.only(&faulty.not()).both(&wide).only(&known.not())
    }
}
