//! Arithmetic on numbers that may be known only within bounds.

use crate::ast::{Arith, Compare};
use crate::calendar::{Calendar, NoDay};
use crate::ir::Step;
use crate::value::{
    Exact, Fault, Missing, Outcome, Rounding, Unknown, Value, add, divide, merge, multiply, round, subtract,
};
use doudi_terms::{Date, Month, date_from_epoch_day, epoch_day};
use num_traits::Zero;

pub(super) type Bounds = (Option<Exact>, Option<Exact>);

fn fault(fault: Fault) -> Outcome {
    Outcome::missing(Missing::Fault { fault, rule: u32::MAX })
}

fn both_missing(a: &Outcome, b: &Outcome) -> Vec<Missing> {
    let mut missing = a.missing_list().to_vec();
    merge(&mut missing, b.missing_list());
    missing
}

pub(super) fn arith(op: Arith, left: &Outcome, right: &Outcome) -> Outcome {
    if let (Some(a), Some(b)) = (left.as_number(), right.as_number()) {
        return match op {
            Arith::Add => add(a, b),
            Arith::Subtract => subtract(a, b),
            Arith::Multiply => multiply(a, b),
            Arith::Divide if b.is_zero() => return fault(Fault::DivisionByZero),
            Arith::Divide => divide(a, b),
        }
        .map_or_else(|| fault(Fault::Overflow), Outcome::number);
    }
    let (a, b) = (left.bounds(), right.bounds());
    let (low, high) = match op {
        Arith::Add => (both(a.0, b.0, add), both(a.1, b.1, add)),
        Arith::Subtract => (both(a.0, b.1, subtract), both(a.1, b.0, subtract)),
        Arith::Multiply => product(a, b),
        Arith::Divide => quotient(a, b),
    };
    Outcome::within(low, high, both_missing(left, right))
}

fn both(a: Option<Exact>, b: Option<Exact>, op: fn(Exact, Exact) -> Option<Exact>) -> Option<Exact> {
    op(a?, b?)
}

/// Bounds of a product; only where the sign of one side is settled or all four bounds are known.
fn product(a: Bounds, b: Bounds) -> Bounds {
    let zero = Exact::zero();
    if let ((Some(al), Some(ah)), (Some(bl), Some(bh))) = (a, b) {
        let corners: Option<Vec<Exact>> =
            [(al, bl), (al, bh), (ah, bl), (ah, bh)].into_iter().map(|(x, y)| multiply(x, y)).collect();
        let Some(corners) = corners else { return (None, None) };
        return (corners.iter().min().copied(), corners.iter().max().copied());
    }
    // Non-negative times non-negative: the lower bounds multiply; an open end stays open.
    if let ((Some(al), _), (Some(bl), _)) = (a, b)
        && al >= zero
        && bl >= zero
    {
        return (multiply(al, bl), both(a.1, b.1, multiply));
    }
    (None, None)
}

fn quotient(a: Bounds, b: Bounds) -> Bounds {
    let (Some(bl), Some(bh)) = b else { return (None, None) };
    let zero = Exact::zero();
    if bl <= zero && bh >= zero {
        return (None, None);
    }
    if bl == bh {
        let (low, high) = (a.0.and_then(|x| divide(x, bl)), a.1.and_then(|x| divide(x, bl)));
        return if bl > zero { (low, high) } else { (high, low) };
    }
    let corner = |x: Option<Exact>| -> Option<(Exact, Exact)> {
        let (p, q) = (divide(x?, bl)?, divide(x?, bh)?);
        Some((p.min(q), p.max(q)))
    };
    if bl > zero { (corner(a.0).map(|c| c.0), corner(a.1).map(|c| c.1)) } else { (None, None) }
}

pub(super) fn extreme(largest: bool, outcomes: &[Outcome]) -> Outcome {
    let mut missing = Vec::new();
    let mut all_known = true;
    let (mut low, mut high): Bounds = (None, None);
    for (index, outcome) in outcomes.iter().enumerate() {
        merge(&mut missing, outcome.missing_list());
        all_known &= outcome.known().is_some();
        let (a, b) = outcome.bounds();
        if index == 0 {
            (low, high) = (a, b);
        } else if largest {
            low = low.into_iter().chain(a).max();
            high = high.zip(b).map(|(x, y)| x.max(y));
        } else {
            low = low.zip(a).map(|(x, y)| x.min(y));
            high = high.into_iter().chain(b).min();
        }
    }
    match (all_known, low) {
        (true, Some(value)) => Outcome::number(value),
        _ => Outcome::within(low, high, missing),
    }
}

pub(super) fn rounded(value: &Outcome, rounding: Rounding, unit: i128) -> Outcome {
    match value {
        Outcome::Known(Value::Number(number)) => {
            round(*number, rounding, unit).map_or_else(|| fault(Fault::Overflow), Outcome::number)
        }
        Outcome::Known(_) => fault(Fault::Undecided),
        Outcome::Unknown(unknown) => Outcome::within(
            unknown.low.and_then(|low| round(low, rounding, unit)),
            unknown.high.and_then(|high| round(high, rounding, unit)),
            unknown.missing.clone(),
        ),
    }
}

/// Rounds as the place's rules say; without a mode or unit nothing is known but what bounds the value has.
pub(super) fn rounded_by(value: &Outcome, mode: &Outcome, unit: &Outcome, roundings: &[Rounding]) -> Outcome {
    let rounding = match mode.known() {
        Some(Value::Label(label)) => roundings.get(usize::from(label)).copied(),
        _ => None,
    };
    let fen = unit.as_number().filter(|unit| unit.is_integer() && *unit > Exact::zero());
    match (rounding, fen) {
        (Some(rounding), Some(fen)) => rounded(value, rounding, fen.to_integer()),
        _ => {
            let mut missing = both_missing(mode, unit);
            merge(&mut missing, value.missing_list());
            if missing.is_empty() {
                return fault(Fault::Undecided);
            }
            Outcome::Unknown(Unknown { low: None, high: None, missing })
        }
    }
}

const MINUTES: i128 = 60;

/// A day or moment, a number of working days, months or hours later.
pub(super) fn later(step: Step, from: &Outcome, count: &Outcome, calendar: &Calendar) -> Outcome {
    let (Some(start), Some(count_known)) = (from.as_number(), count.as_number()) else {
        let missing = both_missing(from, count);
        return Outcome::Unknown(Unknown { low: None, high: None, missing });
    };
    let found = match step {
        Step::Hours => multiply(count_known, Exact::from_integer(MINUTES)).and_then(|more| add(start, more)),
        Step::Months => months_after(start, count_known),
        Step::WorkingDays => {
            let (day, count) = (i64::try_from(start.to_integer()), i64::try_from(count_known.to_integer()));
            let (Ok(day), Ok(count)) = (day, count) else { return fault(Fault::Overflow) };
            match calendar.after(day, count) {
                Ok(day) => Some(Exact::from_integer(i128::from(day))),
                Err(NoDay::Year(year)) => return Outcome::missing(Missing::Calendar { year }),
                Err(NoDay::OutOfRange) => None,
            }
        }
    };
    found.map_or_else(|| fault(Fault::Overflow), Outcome::number)
}

/// The same day of a later month; a day that the month does not have is its last (民法典第二百零二条).
fn months_after(day: Exact, count: Exact) -> Option<Exact> {
    let date = date_from_epoch_day(i32::try_from(day.to_integer()).ok()?)?;
    let months = Month::of(date).plus(i32::try_from(count.to_integer()).ok()?)?;
    let last = months.last_day();
    let wanted = date.day().min(last.day());
    let found = epoch_day(months.first_day()).checked_add(i32::from(wanted) - 1)?;
    Some(Exact::from_integer(i128::from(found)))
}

/// Whether the comparison holds for all values within the bounds; `None` = for some but not all.
pub(super) fn compare_bounds(op: Compare, a: Bounds, b: Bounds) -> Option<bool> {
    let below = |x: Option<Exact>, y: Option<Exact>| x.zip(y).is_some_and(|(x, y)| x < y);
    let at_most = |x: Option<Exact>, y: Option<Exact>| x.zip(y).is_some_and(|(x, y)| x <= y);
    let decide = |yes: bool, no: bool| {
        if yes {
            Some(true)
        } else if no {
            Some(false)
        } else {
            None
        }
    };
    match op {
        Compare::Less => decide(below(a.1, b.0), at_most(b.1, a.0)),
        Compare::LessEqual => decide(at_most(a.1, b.0), below(b.1, a.0)),
        Compare::Greater => decide(below(b.1, a.0), at_most(a.1, b.0)),
        Compare::GreaterEqual => decide(at_most(b.1, a.0), below(a.1, b.0)),
        Compare::Equal | Compare::NotEqual => {
            let apart = below(a.1, b.0) || below(b.1, a.0);
            let same = matches!((a, b), ((Some(al), Some(ah)), (Some(bl), Some(bh))) if al == ah && bl == bh && al == bl);
            decide(same, apart).map(|equal| equal == (op == Compare::Equal))
        }
    }
}

/// Completed years: a birthday counts on its day; those born on 29 February complete a year on 1 March of other years.
pub(super) fn age(birth: &Outcome, on: &Outcome) -> Outcome {
    let date = |outcome: &Outcome| -> Option<Date> {
        date_from_epoch_day(i32::try_from(outcome.as_number()?.to_integer()).ok()?)
    };
    match (birth, on) {
        (Outcome::Known(_), Outcome::Known(_)) => match (date(birth), date(on)) {
            (Some(birth), Some(on)) => {
                Outcome::number(Exact::from_integer(i128::from(completed_years(birth, on))))
            }
            _ => fault(Fault::Overflow),
        },
        _ => Outcome::Unknown(Unknown { low: None, high: None, missing: both_missing(birth, on) }),
    }
}

/// Completed years from one day to another; negative before birth.
pub(crate) fn completed_years(birth: Date, on: Date) -> i32 {
    let years = i32::from(on.year()) - i32::from(birth.year());
    if (on.month(), on.day()) < (birth.month(), birth.day()) { years - 1 } else { years }
}
