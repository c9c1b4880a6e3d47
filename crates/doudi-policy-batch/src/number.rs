//! Exact numbers in columns: whole numerators over a denominator that is nearly always the same in every row (1 for
//! money). Where the ranges prove that a calculation fits 64 bits, it is a step on whole numbers; elsewhere it goes row
//! by row, and what does not fit after reducing is an overflow.

use crate::cells::{Bits, Cells, Ints, Mask};
use crate::code::{Code, Span};
use crate::column::{Column, DIVISION_BY_ZERO, Data, OVERFLOW};
use crate::hint::Hint;
use crate::op::{Away, Calculation, Op, Part, Ratio, Reciprocal};
use crate::pairs::{Pair, accepts, arith_pairs, compare_pairs, fit, gcd, round_pair};
use doudi_policy::ir::{EntityId, Type};
use doudi_policy::{Arith, Compare, Exact, Rounding};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub numer: Ints,
    /// Above zero in every row, known or not.
    pub denom: Ints,
}

impl Number {
    pub fn whole(numer: Ints) -> Number {
        Number { numer, denom: Cells::Same(1) }
    }

    pub fn constant(exact: Exact) -> Option<Number> {
        fit(*exact.numer(), *exact.denom()).map(Number::pair)
    }

    fn pair((numer, denom): Pair) -> Number {
        Number { numer: Cells::Same(numer), denom: Cells::Same(denom) }
    }

    fn as_pair(self) -> Option<Pair> {
        match (self.numer, self.denom) {
            (Cells::Same(numer), Cells::Same(denom)) => Some((numer, denom)),
            _ => None,
        }
    }

    /// Whole days, months or years: such numbers are whole by type.
    pub fn as_whole(self, code: &mut Code) -> Ints {
        if self.denom == Cells::Same(1) {
            return self.numer;
        }
        quotient(code, self, Away::Down, 1).map_or(self.numer, |(whole, _)| whole)
    }

    pub fn wide(self, code: &mut Code) -> Ratio {
        (code.wide(self.numer), code.wide(self.denom))
    }

    fn base(self, code: &Code) -> Option<EntityId> {
        self.numer.node().or(self.denom.node()).map(|node| code.step(node).base)
    }
}

/// Both over one denominator.
fn aligned(code: &mut Code, a: Number, b: Number) -> Option<(Ints, Ints, Ints)> {
    if a.denom == b.denom {
        return Some((a.numer, b.numer, a.denom));
    }
    // Nothing is nothing over any denominator.
    if a.numer == Cells::Same(0) {
        return Some((a.numer, b.numer, b.denom));
    }
    if b.numer == Cells::Same(0) {
        return Some((a.numer, b.numer, a.denom));
    }
    let (left, right) = match (a.denom, b.denom) {
        (Cells::Same(x), Cells::Same(y)) => {
            let divisor = gcd(u128::from(x.unsigned_abs()), u128::from(y.unsigned_abs()));
            let divisor = i64::try_from(divisor).ok()?;
            (Cells::Same(y / divisor), Cells::Same(x / divisor))
        }
        _ => (b.denom, a.denom),
    };
    let denom = code.multiply(a.denom, left)?;
    Some((code.multiply(a.numer, left)?, code.multiply(b.numer, right)?, denom))
}

fn fast_arith(code: &mut Code, op: Calculation, a: Number, b: Number) -> Option<(Number, Bits)> {
    let number = match op {
        Calculation::Add | Calculation::Subtract => {
            let (x, y, denom) = aligned(code, a, b)?;
            let numer = if op == Calculation::Add { code.add(x, y)? } else { code.subtract(x, y)? };
            Number { numer, denom }
        }
        Calculation::Multiply => {
            let (a, b) = crossed_out(a, b);
            let (b, a) = crossed_out(b, a);
            Number { numer: code.multiply(a.numer, b.numer)?, denom: code.multiply(a.denom, b.denom)? }
        }
        Calculation::Divide => {
            let (low, high) = code.span(b.numer);
            let (turned, faults) = match (low, high) {
                (0, 0) => return Some((Number::pair((0, 1)), Cells::Same(DIVISION_BY_ZERO))),
                (1.., _) => (Number { numer: b.denom, denom: b.numer }, Bits::NONE),
                (_, ..=-1) => {
                    let zero = Cells::Same(0);
                    let numer = code.subtract(zero, b.denom)?;
                    (Number { numer, denom: code.subtract(zero, b.numer)? }, Bits::NONE)
                }
                (0, _) => {
                    let zero = code.compare(2, b.numer, Cells::Same(0));
                    let faults = code.only(Cells::Same(DIVISION_BY_ZERO), zero);
                    let denom = code.extreme(true, b.numer, Cells::Same(1));
                    (Number { numer: b.denom, denom }, faults)
                }
                _ => return None,
            };
            let (quotient, more) = fast_arith(code, Calculation::Multiply, a, turned)?;
            return Some((quotient, code.both(faults, more)));
        }
    };
    Some((number, Bits::NONE))
}

/// A constant numerator and the other's constant denominator without what divides both.
fn crossed_out(a: Number, b: Number) -> (Number, Number) {
    let (Cells::Same(numer), Cells::Same(denom)) = (a.numer, b.denom) else { return (a, b) };
    let divisor = gcd(u128::from(numer.unsigned_abs()), u128::from(denom.unsigned_abs()));
    match i64::try_from(divisor) {
        Ok(divisor) if divisor > 1 => (
            Number { numer: Cells::Same(numer / divisor), ..a },
            Number { denom: Cells::Same(denom / divisor), ..b },
        ),
        _ => (a, b),
    }
}

fn calculate(code: &mut Code, op: Calculation, a: Number, b: Number) -> (Number, Bits) {
    if let Some(found) = fast_arith(code, op, a, b) {
        return found;
    }
    if let (Some(x), Some(y)) = (a.as_pair(), b.as_pair()) {
        return match arith_pairs(op, x, y) {
            Ok(pair) => (Number::pair(pair), Bits::NONE),
            Err(bits) => (Number::pair((0, 1)), Cells::Same(bits)),
        };
    }
    let Some(base) = a.base(code).or(b.base(code)) else { return (a, Cells::Same(OVERFLOW)) };
    let (a, b) = (a.wide(code), b.wide(code));
    let mut part = |part| Cells::Rows(code.slow(Op::Slow { calculation: op, a, b, part }, part, base));
    (Number { numer: part(Part::Numer), denom: part(Part::Denom) }, {
        let Cells::<i64>::Rows(node) = part(Part::Fault) else { return (Number::pair((0, 1)), Bits::NONE) };
        Cells::Rows(node)
    })
}

pub(crate) fn arith(code: &mut Code, op: Arith, a: &Column, b: &Column) -> Column {
    let (number, faults) = calculate(code, op.into(), a.number(), b.number());
    let hint = if matches!(op, Arith::Add | Arith::Subtract) { Hint::Linear } else { Hint::Curved };
    strict(code, Data::Number(number), &[a, b], faults, hint)
}

/// A result that needs all its operands. `faults` counts only where all operands are known.
pub(crate) fn strict(code: &mut Code, data: Data, operands: &[&Column], faults: Bits, hint: Hint) -> Column {
    let mut known = Mask::YES;
    let mut carried = Bits::NONE;
    for operand in operands {
        known = code.and(known, operand.known);
        carried = code.both(carried, operand.faults);
    }
    if faults == Bits::NONE {
        let hints = hint.of(code, operands, known, faults);
        return Column { data, known, faults: carried, hints };
    }
    let faults = code.only(faults, known);
    let faulty = code.has(faults, u8::MAX);
    let known = code.but_not(known, faulty);
    let hints = hint.of(code, operands, known, faults);
    Column { data, known, faults: code.both(carried, faults), hints }
}

fn accepted(op: Compare) -> u8 {
    match op {
        Compare::Less => 1,
        Compare::LessEqual => 3,
        Compare::Greater => 4,
        Compare::GreaterEqual => 6,
        Compare::Equal => 2,
        Compare::NotEqual => 5,
    }
}

fn compare_numbers(code: &mut Code, accepted: u8, a: Number, b: Number) -> Mask {
    if let Some((x, y, _)) = aligned(code, a, b) {
        return code.compare(accepted, x, y);
    }
    if let (Some(x), Some(y)) = (a.as_pair(), b.as_pair()) {
        return Cells::Same(accepts(accepted, compare_pairs(x, y)));
    }
    let Some(base) = a.base(code).or(b.base(code)) else { return Mask::NO };
    let op = Op::SlowCompare { accepted, a: a.wide(code), b: b.wide(code) };
    Cells::Rows(code.slow(op, Part::Fault, base))
}

pub(crate) fn compare(code: &mut Code, op: Compare, a: &Column, b: &Column) -> Column {
    let answer = compare_numbers(code, accepted(op), a.number(), b.number());
    strict(code, Data::YesNo(answer), &[a, b], Bits::NONE, Hint::Settled)
}

pub(crate) fn same_numbers(code: &mut Code, a: Number, b: Number) -> Mask {
    compare_numbers(code, 2, a, b)
}

pub(crate) fn select_numbers(code: &mut Code, mask: Mask, a: Number, b: Number) -> Number {
    if let Some((x, y, denom)) = aligned(code, a, b) {
        return Number { numer: code.select_ints(mask, x, y), denom };
    }
    let numer = code.select_ints(mask, a.numer, b.numer);
    Number { numer, denom: code.select_ints(mask, a.denom, b.denom) }
}

/// 取大, 取小.
pub(crate) fn extreme(code: &mut Code, largest: bool, a: &Column, b: &Column) -> Column {
    let (x, y) = (a.number(), b.number());
    let number = match aligned(code, x, y) {
        Some((p, q, denom)) => Number { numer: code.extreme(largest, p, q), denom },
        None => {
            let first_wins = compare_numbers(code, if largest { 6 } else { 3 }, x, y);
            select_numbers(code, first_wins, x, y)
        }
    };
    strict(code, Data::Number(number), &[a, b], Bits::NONE, Hint::Extreme)
}

/// Halves of the largest number that a quotient may be made of without leaving 64 bits.
const MOST: i128 = 1 << 61;
/// Whole numbers up to here are exact as doubles, and so is the whole part of their quotient.
const MOST_DOUBLE: i128 = 1 << 51;

impl Reciprocal {
    /// For numbers up to `most`; `divisor` is above zero. With N bits of number and a divisor of up to 2^L, a factor of
    /// 2^(N+L) / divisor, rounded up, is off by less than one part in 2^N.
    fn of(divisor: u64, most: u64) -> Option<Reciprocal> {
        let log = u64::BITS - (divisor - 1).leading_zeros();
        let bits = u64::BITS - most.leading_zeros();
        // Either number times factor fits 64 bits, or the upper half of a product of 128 bits is taken.
        let bits = if bits <= 31 { bits } else { bits.max(64_u32.saturating_sub(log)) };
        let shift = bits + log;
        if bits > 63 || shift >= 127 {
            return None;
        }
        let factor = (1_u128 << shift).div_ceil(u128::from(divisor));
        Some(Reciprocal { factor: u64::try_from(factor).ok()?, shift })
    }
}

/// Whole multiples of `unit` in a number, rounded, and their range; `None` if it may not fit 64 bits.
fn quotient(code: &mut Code, value: Number, away: Away, unit: i64) -> Option<(Ints, Span)> {
    let divisor = code.multiply(value.denom, Cells::Same(unit))?;
    let (low, high) = code.span(value.numer);
    let (least, greatest) = code.span(divisor);
    let most = i128::from(low).abs().max(i128::from(high).abs());
    if most + i128::from(greatest) > MOST {
        return None;
    }
    let whole = |numer, denom| round_pair((numer, denom), away, 1).ok();
    let corners = [whole(low, least)?, whole(low, greatest)?, whole(high, least)?, whole(high, greatest)?];
    let span = (*corners.iter().min()?, *corners.iter().max()?);
    let node = match (value.numer, divisor) {
        (Cells::Same(numer), Cells::Same(denom)) => return Some((Cells::Same(whole(numer, denom)?), span)),
        (Cells::Rows(_), Cells::Same(1)) => return Some((value.numer, span)),
        (Cells::Rows(_), Cells::Same(divisor)) => {
            let (most, by) = match away {
                Away::HalfUp => (2 * most + i128::from(divisor), divisor as u64 * 2),
                Away::Up => (most + i128::from(divisor) - 1, divisor as u64),
                Away::Down => (most, divisor as u64),
            };
            let by = Reciprocal::of(by, u64::try_from(most).ok()?)?;
            code.round_const(value.numer, away, divisor, by, low < 0, most, span)
        }
        _ => {
            let small = 2 * most + 3 * i128::from(greatest) < MOST_DOUBLE;
            code.round_rows(value.numer, away, divisor, small, span)?
        }
    };
    Some((node, span))
}

pub(crate) fn rounded(code: &mut Code, value: &Column, rounding: Rounding, unit: i128) -> Column {
    let number = value.number();
    if unit == 1 && number.denom == Cells::Same(1) {
        return *value;
    }
    let (away, unit) = (Away::from(rounding), i64::try_from(unit).unwrap_or(i64::MAX));
    let fast =
        quotient(code, number, away, unit).and_then(|(whole, _)| code.multiply(whole, Cells::Same(unit)));
    let (numer, faults) = match (fast, number.as_pair()) {
        (Some(numer), _) => (numer, Bits::NONE),
        (None, Some(pair)) => match round_pair(pair, away, unit) {
            Ok(whole) => (Cells::Same(whole), Bits::NONE),
            Err(bits) => (Cells::Same(0), Cells::Same(bits)),
        },
        (None, None) => slow_round(code, number, away, unit),
    };
    strict(code, Data::Number(Number::whole(numer)), &[value], faults, Hint::Curved)
}

fn slow_round(code: &mut Code, number: Number, away: Away, unit: i64) -> (Ints, Bits) {
    let Some(base) = number.base(code) else { return (Cells::Same(0), Cells::Same(OVERFLOW)) };
    let value = number.wide(code);
    let numer = Op::SlowRound { away, unit, value, part: Part::Numer };
    let fault = Op::SlowRound { away, unit, value, part: Part::Fault };
    let numer = code.slow(numer, Part::Numer, base);
    (Cells::Rows(numer), Cells::Rows(code.slow(fault, Part::Fault, base)))
}

/// As [`rounded`], how and to what being asked of the place: one answer for all rows, or nothing is known.
pub(crate) fn rounded_by(
    code: &mut Code,
    value: &Column,
    mode: &Column,
    unit: &Column,
    roundings: &[Rounding],
) -> Column {
    let asked = (mode.labels(), mode.known, unit.number().as_pair(), unit.known);
    if let (Cells::Same(label), Mask::YES, Some((fen, 1)), Mask::YES) = asked
        && let Some(rounding) = roundings.get(usize::from(label))
        && fen > 0
    {
        return rounded(code, value, *rounding, i128::from(fen));
    }
    Column::unknown(Type::Money)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{round_const, round_const_short};

    #[test]
    fn a_product_and_a_shift_divide_exactly() {
        for divisor in [1_i64, 2, 3, 7, 12, 84, 100, 9_973, 10_000, 999_983] {
            for most in [10_i64, 1_000, 999_999, (1 << 29) - 1] {
                let near = |whole: i64| [-1, 0, 1].map(|more| whole * divisor / 2 + more);
                let mut numbers: Vec<i64> = [0, 1, 2, 3, most / divisor, most / divisor * 2 - 1]
                    .into_iter()
                    .flat_map(near)
                    .chain([most])
                    .filter(|number| (0..=most).contains(number))
                    .collect();
                numbers.extend(numbers.clone().iter().map(|number| -number));
                let short: Vec<i32> = numbers.iter().map(|number| *number as i32).collect();
                for away in [Away::HalfUp, Away::Up, Away::Down] {
                    let by = if away == Away::HalfUp { 2 * divisor } else { divisor } as u64;
                    let dividend = 2 * most + divisor;
                    let by = Reciprocal::of(by, dividend as u64).expect("a factor");
                    let wanted: Vec<i64> = numbers
                        .iter()
                        .map(|number| round_pair((*number, divisor), away, 1).expect("it fits"))
                        .collect();
                    let mut out = vec![0; numbers.len()];
                    round_const(&mut out, &numbers, away, divisor, by, true);
                    assert_eq!(out, wanted, "{numbers:?} / {divisor} {away:?}");
                    if dividend <= i64::from(i32::MAX) && by.factor <= u64::from(u32::MAX) {
                        round_const_short(&mut out, &short, away, divisor, by, true);
                        assert_eq!(out, wanted, "{numbers:?} / {divisor} {away:?}, short");
                    }
                }
            }
        }
    }
}
