//! Exact values, and values that are not known.

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Zero};

/// An exact number: money in fen, plain numbers, days since 1970-01-01, months since year 0.
pub type Exact = Ratio<i128>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    YesNo(bool),
    Number(Exact),
    /// Index into the labels of its enum.
    Label(u16),
}

/// The result of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Known(Value),
    Unknown(Unknown),
}

/// Not known: within which bounds (for numbers, where bounds are known), and what would decide it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Unknown {
    pub low: Option<Exact>,
    pub high: Option<Exact>,
    /// Sorted, without repeats. Never empty for an unknown result.
    pub missing: Vec<Missing>,
}

/// Something whose absence keeps a result from being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Missing {
    /// A fact: input of a row (person, household, record) of its entity.
    Fact { input: u32, row: u32 },
    /// It is not known whether a list (incomes, cars) of this owner's row is complete.
    List { entity: u8, owner: u32 },
    /// A parameter that has not been published for the place and date; `key` packs its dimensions.
    Parameter { parameter: u32, key: u32 },
    /// 不详（“…”）in a rule: what a person has to find out; index of the note.
    Note { note: u32 },
    /// A rule whose value a case gives as unknown.
    Assumed { rule: u32, row: u32 },
    /// The calendar of working days of a year that has not been published.
    Calendar { year: i16 },
    /// The formula cannot be computed: see [`Fault`].
    Fault { fault: Fault, rule: u32 },
}

/// Why a formula could not be computed although its facts are there. Never wraps, never guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    DivisionByZero,
    Overflow,
    /// Two exceptions apply at once and disagree.
    Conflict {
        first: u16,
        second: u16,
    },
    /// 不详 without a note.
    Undecided,
}

impl Outcome {
    pub fn yes_no(value: bool) -> Outcome {
        Outcome::Known(Value::YesNo(value))
    }

    pub fn number(value: Exact) -> Outcome {
        Outcome::Known(Value::Number(value))
    }

    pub fn missing(missing: Missing) -> Outcome {
        Outcome::Unknown(Unknown { low: None, high: None, missing: vec![missing] })
    }

    pub fn known(&self) -> Option<Value> {
        match self {
            Outcome::Known(value) => Some(*value),
            Outcome::Unknown(_) => None,
        }
    }

    pub fn as_yes_no(&self) -> Option<bool> {
        match self {
            Outcome::Known(Value::YesNo(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<Exact> {
        match self {
            Outcome::Known(Value::Number(value)) => Some(*value),
            _ => None,
        }
    }

    pub fn missing_list(&self) -> &[Missing] {
        match self {
            Outcome::Known(_) => &[],
            Outcome::Unknown(unknown) => &unknown.missing,
        }
    }

    /// Lower and upper bound of a number, as far as known.
    pub(crate) fn bounds(&self) -> (Option<Exact>, Option<Exact>) {
        match self {
            Outcome::Known(Value::Number(value)) => (Some(*value), Some(*value)),
            Outcome::Known(_) => (None, None),
            Outcome::Unknown(unknown) => (unknown.low, unknown.high),
        }
    }

    /// A number within bounds; known where the bounds meet.
    pub(crate) fn within(low: Option<Exact>, high: Option<Exact>, missing: Vec<Missing>) -> Outcome {
        match (low, high) {
            (Some(a), Some(b)) if a == b => Outcome::number(a),
            _ => Outcome::Unknown(Unknown { low, high, missing }),
        }
    }
}

pub(crate) fn merge(into: &mut Vec<Missing>, more: &[Missing]) {
    for missing in more {
        if let Err(at) = into.binary_search(missing) {
            into.insert(at, *missing);
        }
    }
}

/// `None` = overflow (or division by zero for [`divide`]).
pub(crate) fn add(a: Exact, b: Exact) -> Option<Exact> {
    if a.is_integer() && b.is_integer() {
        return i128::checked_add(*a.numer(), *b.numer()).map(Exact::from_integer);
    }
    a.checked_add(&b)
}

pub(crate) fn subtract(a: Exact, b: Exact) -> Option<Exact> {
    if a.is_integer() && b.is_integer() {
        return i128::checked_sub(*a.numer(), *b.numer()).map(Exact::from_integer);
    }
    a.checked_sub(&b)
}

pub(crate) fn multiply(a: Exact, b: Exact) -> Option<Exact> {
    if a.is_integer() && b.is_integer() {
        return i128::checked_mul(*a.numer(), *b.numer()).map(Exact::from_integer);
    }
    a.checked_mul(&b)
}

pub(crate) fn divide(a: Exact, b: Exact) -> Option<Exact> {
    if b.is_zero() { None } else { a.checked_div(&b) }
}

/// How a rounding word rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// 四舍五入: half away from zero.
    HalfUp,
    /// 进一: away from zero.
    Up,
    /// 去尾: toward zero.
    Down,
}

/// Rounds to a multiple of `unit` (1 fen, 10 fen, 100 fen).
pub fn round(value: Exact, rounding: Rounding, unit: i128) -> Option<Exact> {
    let scaled = value.checked_div(&Exact::from_integer(unit))?;
    let whole = match rounding {
        Rounding::HalfUp => {
            let (numer, denom) = (*scaled.numer(), *scaled.denom());
            let half_away = i128::checked_mul(denom, numer.signum())?;
            i128::checked_add(i128::checked_mul(numer, 2)?, half_away)? / i128::checked_mul(denom, 2)?
        }
        Rounding::Up => {
            let toward_zero = scaled.numer() / scaled.denom();
            if scaled.is_integer() {
                toward_zero
            } else {
                toward_zero.checked_add(scaled.numer().signum())?
            }
        }
        Rounding::Down => scaled.numer() / scaled.denom(),
    };
    whole.checked_mul(unit).map(Exact::from_integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_fen_goes_up_and_losses_mirror_gains() {
        let half = Exact::new(5, 2);
        assert_eq!(round(half, Rounding::HalfUp, 1), Some(Exact::from_integer(3)));
        assert_eq!(round(-half, Rounding::HalfUp, 1), Some(Exact::from_integer(-3)));
        assert_eq!(round(Exact::new(7, 3), Rounding::HalfUp, 1), Some(Exact::from_integer(2)));
        assert_eq!(round(Exact::from_integer(101), Rounding::Up, 100), Some(Exact::from_integer(200)));
        assert_eq!(round(Exact::from_integer(100), Rounding::Up, 100), Some(Exact::from_integer(100)));
        assert_eq!(round(Exact::from_integer(199), Rounding::Down, 100), Some(Exact::from_integer(100)));
    }

    #[test]
    fn overflow_is_reported_not_wrapped() {
        let huge = Exact::from_integer(i128::MAX);
        assert_eq!(add(huge, Exact::from_integer(1)), None);
        assert_eq!(multiply(huge, Exact::from_integer(2)), None);
        assert_eq!(divide(Exact::from_integer(1), Exact::from_integer(0)), None);
    }
}
