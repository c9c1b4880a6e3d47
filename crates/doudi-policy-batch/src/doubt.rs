//! Elements that keep a fold of a list from being known: a byte of reasons for each, all of an owner's put together,
//! and what follows for the owner.

use crate::cells::{Bits, Cells, Mask};
use crate::code::Code;
use crate::column::Column;
use crate::hint::{BOUNDED, MAY_KNOW};

/// There is such an element.
pub(crate) const ANY: u8 = 1;
/// Fault bits stand here, shifted by one.
const FAULTS: u8 = 0b1110;
/// It is in the selection as far as anybody can tell, and brings something without any bound.
const BOUNDLESS: u8 = 16;
/// The scalar evaluator cannot know it.
const CLOSED: u8 = 32;
/// The scalar evaluator may know it.
const GUESSABLE: u8 = 64;
/// The scalar evaluator cannot settle whether it is in the selection.
const SELECTION: u8 = 128;

/// What is doubtful about elements. `always_selected`: of an element that nobody has reported the question is not
/// whether it is selected but whether it is there.
pub(crate) fn doubts(code: &mut Code, inside: &Column, value: Option<&Column>, unreported: bool) -> Bits {
    let value_hints = value.map_or(Bits::NONE, |value| value.hints);
    let value_known = value.map_or(Mask::YES, |value| value.known);
    let value_faults = value.map_or(Bits::NONE, |value| value.faults);
    let may_drop_out = code.has(inside.hints, MAY_KNOW);
    let value_guessed = code.has(value_hints, MAY_KNOW);
    let guessable = code.or(may_drop_out, value_guessed);
    let closed = code.not(guessable);
    let hinted = code.has(value_hints, u8::MAX);
    let free = code.or(value_known, hinted);
    let free = code.or(free, may_drop_out);
    let boundless = code.not(free);
    let selection = match unreported {
        true => code.not(may_drop_out),
        false => {
            let settled = code.or(inside.known, may_drop_out);
            code.not(settled)
        }
    };
    let faults = code.both(inside.faults, value_faults);
    let mut bits = code.translate(faults, table(|faults| faults << 1 & FAULTS | ANY));
    for (bit, rows) in
        [(BOUNDLESS, boundless), (CLOSED, closed), (GUESSABLE, guessable), (SELECTION, selection)]
    {
        let more = code.only(Cells::Same(bit), rows);
        bits = code.both(bits, more);
    }
    bits
}

/// The owner's faults, where there is doubt.
pub(crate) fn faults(code: &mut Code, doubt: Bits) -> Bits {
    code.translate(doubt, table(|doubt| (doubt & FAULTS) >> 1))
}

/// One boundless element leaves a sum without bounds; a bounded one keeps it from being known.
pub(crate) fn hints_of_sum(code: &mut Code, doubt: Bits) -> Bits {
    hints(code, doubt, |doubt| match (doubt & BOUNDLESS != 0, doubt & CLOSED != 0) {
        (true, _) => 0,
        (false, true) => BOUNDED,
        (false, false) => MAY_KNOW | BOUNDED,
    })
}

pub(crate) fn hints_of_answer(code: &mut Code, doubt: Bits) -> Bits {
    hints(code, doubt, |doubt| if doubt & GUESSABLE != 0 { MAY_KNOW } else { 0 })
}

/// Of a selection that is not settled there is no largest, whatever the bounds. In a settled one, one boundless
/// element leaves at most a bound on one side.
pub(crate) fn hints_of_extreme(code: &mut Code, doubt: Bits) -> Bits {
    hints(code, doubt, |doubt| match (doubt & SELECTION != 0, doubt & BOUNDLESS != 0) {
        (true, _) => 0,
        (false, true) => BOUNDED,
        (false, false) => MAY_KNOW | BOUNDED,
    })
}

fn hints(code: &mut Code, doubt: Bits, of: fn(u8) -> u8) -> Bits {
    code.translate(doubt, table(|doubt| if doubt & ANY != 0 { of(doubt) } else { 0 }))
}

fn table(of: impl Fn(u8) -> u8) -> [u8; 256] {
    std::array::from_fn(|byte| of(byte as u8))
}
