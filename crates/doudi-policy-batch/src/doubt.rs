//! Why folding the elements of a list gives no value.

use crate::column::OVERFLOW;
use crate::hint::{BOUNDED, MAY_KNOW};

/// No value: fault bits, and what the scalar evaluator may know (see [`crate::hint`]).
#[derive(Clone, Copy)]
pub(crate) struct Unknown {
    pub faults: u8,
    pub hints: u8,
}

/// What folding one owner's elements gives.
pub(crate) type Folded<T> = Result<T, Unknown>;

impl Unknown {
    /// No value, for a reason that no knowledge changes: there is no largest of nothing.
    pub const NONE: Unknown = Unknown { faults: 0, hints: 0 };
    pub const OVERFLOW: Unknown = Unknown { faults: OVERFLOW, hints: MAY_KNOW | BOUNDED };
}

/// Elements that keep a fold from being known.
#[derive(Clone, Copy)]
pub(crate) struct Doubt {
    pub any: bool,
    pub faults: u8,
    /// Some element, in the selection as far as anybody can tell, brings something without any bound.
    pub boundless: bool,
    /// The scalar evaluator may know all of them, or at least one.
    pub may_know_all: bool,
    pub may_know_some: bool,
    /// The scalar evaluator cannot settle the selection either.
    pub selection: bool,
}

impl Doubt {
    pub const NONE: Doubt = Doubt {
        any: false,
        faults: 0,
        boundless: false,
        may_know_all: true,
        may_know_some: false,
        selection: false,
    };

    pub fn and(self, other: Doubt) -> Doubt {
        Doubt {
            any: self.any || other.any,
            faults: self.faults | other.faults,
            boundless: self.boundless || other.boundless,
            may_know_all: self.may_know_all && other.may_know_all,
            may_know_some: self.may_know_some || other.may_know_some,
            selection: self.selection || other.selection,
        }
    }

    fn unknown(self, hints: u8) -> Option<Unknown> {
        self.any.then_some(Unknown { faults: self.faults, hints })
    }

    /// One boundless element leaves a sum without bounds; a bounded one keeps it from being known.
    pub fn of_sum(self) -> Option<Unknown> {
        self.unknown(match (self.boundless, self.may_know_all) {
            (true, _) => 0,
            (false, true) => MAY_KNOW | BOUNDED,
            (false, false) => BOUNDED,
        })
    }

    pub fn of_answer(self) -> Option<Unknown> {
        self.unknown(if self.may_know_some { MAY_KNOW } else { 0 })
    }

    /// Of a selection that is not settled there is no largest, whatever the bounds. In a settled one, one boundless
    /// element leaves at most a bound on one side.
    pub fn of_extreme(self) -> Option<Unknown> {
        self.unknown(match (self.selection, self.boundless) {
            (true, _) => 0,
            (false, true) => BOUNDED,
            (false, false) => MAY_KNOW | BOUNDED,
        })
    }
}
