//! Exact numbers in columns: a 64-bit numerator over a denominator that is nearly always the same in every row (1 for
//! money). Nothing wraps: what does not fit 64 bits after reducing is an overflow.

use crate::cells::Cells;
use crate::column::{Column, DIVISION_BY_ZERO, Data, OVERFLOW};
use crate::hint::Hint;
use doudi_policy::ir::Type;
use doudi_policy::{Arith, Compare, Exact, Rounding};
use std::cmp::Ordering;

#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub numer: Cells<i64>,
    /// Above zero in every row, known or not.
    pub denom: Cells<i64>,
}

/// One row's number: numerator, denominator.
pub(crate) type Pair = (i64, i64);

impl Number {
    pub fn whole(numer: Cells<i64>) -> Number {
        Number { numer, denom: Cells::Same(1) }
    }

    pub fn constant(exact: Exact) -> Option<Number> {
        let (numer, denom) = fit(*exact.numer(), *exact.denom())?;
        Some(Number { numer: Cells::Same(numer), denom: Cells::Same(denom) })
    }

    pub fn pairs(pairs: &[Pair]) -> Number {
        Number {
            numer: Cells::rows(pairs.iter().map(|pair| pair.0).collect()),
            denom: Cells::rows(pairs.iter().map(|pair| pair.1).collect()),
        }
    }

    pub fn at(&self, row: usize) -> Pair {
        (self.numer.at(row), self.denom.at(row))
    }

    pub fn gather(&self, index: &[u32]) -> Number {
        Number { numer: self.numer.gather(index), denom: self.denom.gather(index) }
    }

    /// Whole days, months or years. Such numbers are whole by type.
    pub fn as_whole(&self) -> Cells<i64> {
        match self.denom {
            Cells::Same(1) => self.numer.clone(),
            _ => self.numer.zip(&self.denom, |numer, denom| numer / denom),
        }
    }

    fn len(&self) -> Option<usize> {
        self.numer.len().or(self.denom.len())
    }
}

/// Where reducing makes it fit, the reduced number; `None` = overflow. `denom` is above zero.
pub(crate) fn fit(numer: i128, denom: i128) -> Option<Pair> {
    if let (Ok(numer), Ok(denom)) = (i64::try_from(numer), i64::try_from(denom)) {
        return Some((numer, denom));
    }
    let divisor = gcd(numer.unsigned_abs(), denom.unsigned_abs());
    let divisor = i128::try_from(divisor).ok()?;
    Some((i64::try_from(numer.checked_div(divisor)?).ok()?, i64::try_from(denom.checked_div(divisor)?).ok()?))
}

/// Lowest terms.
pub(crate) fn reduced((numer, denom): Pair) -> Pair {
    if denom == 1 {
        return (numer, 1);
    }
    let divisor = gcd(u128::from(numer.unsigned_abs()), u128::from(denom.unsigned_abs()));
    match i64::try_from(divisor) {
        Ok(divisor) if divisor > 1 => (numer / divisor, denom / divisor),
        _ => (numer, denom),
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        // Nearly every number fits 64 bits, where a division is many times faster.
        if let (Ok(x), Ok(y)) = (u64::try_from(a), u64::try_from(b)) {
            let (mut x, mut y) = (x, y);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            return u128::from(x);
        }
        (a, b) = (b, a % b);
    }
    a
}

pub(crate) fn compare_pairs(a: Pair, b: Pair) -> Ordering {
    (i128::from(a.0) * i128::from(b.1)).cmp(&(i128::from(b.0) * i128::from(a.1)))
}

pub(crate) fn add_pairs(a: Pair, b: Pair) -> Option<Pair> {
    if a.1 == b.1 {
        return fit(i128::from(a.0) + i128::from(b.0), i128::from(a.1));
    }
    let left = i128::from(a.0) * i128::from(b.1);
    let right = i128::from(b.0) * i128::from(a.1);
    fit(left.checked_add(right)?, i128::from(a.1) * i128::from(b.1))
}

fn multiply_pairs(a: Pair, b: Pair) -> Option<Pair> {
    fit(i128::from(a.0) * i128::from(b.0), i128::from(a.1) * i128::from(b.1))
}

/// `b` is not zero.
fn divide_pairs(a: Pair, b: Pair) -> Option<Pair> {
    let numer = i128::from(a.0) * i128::from(b.1);
    let denom = i128::from(a.1) * i128::from(b.0);
    if denom < 0 { fit(-numer, -denom) } else { fit(numer, denom) }
}

fn arith_pairs(op: Arith, a: Pair, b: Pair) -> Result<Pair, u8> {
    match op {
        Arith::Add => add_pairs(a, b),
        Arith::Subtract => b.0.checked_neg().and_then(|minus| add_pairs(a, (minus, b.1))).or_else(|| {
            // Only -2^63 has no negative of its own size.
            let left = i128::from(a.0) * i128::from(b.1);
            let right = i128::from(b.0) * i128::from(a.1);
            fit(left.checked_sub(right)?, i128::from(a.1) * i128::from(b.1))
        }),
        Arith::Multiply => multiply_pairs(a, b),
        Arith::Divide if b.0 == 0 => return Err(DIVISION_BY_ZERO),
        Arith::Divide => divide_pairs(a, b),
    }
    .ok_or(OVERFLOW)
}

/// Row by row, with fault bits where it could not be computed.
fn by_rows(a: &Number, b: &Number, op: impl Fn(Pair, Pair) -> Result<Pair, u8>) -> (Number, Cells<u8>) {
    let Some(rows) = a.len().or(b.len()) else {
        return match op(a.at(0), b.at(0)) {
            Ok((numer, denom)) => {
                (Number { numer: Cells::Same(numer), denom: Cells::Same(denom) }, Cells::Same(0))
            }
            Err(bits) => (Number::whole(Cells::Same(0)), Cells::Same(bits)),
        };
    };
    let mut faults: Option<Vec<u8>> = None;
    let pairs: Vec<Pair> = (0..rows)
        .map(|row| {
            op(a.at(row), b.at(row)).unwrap_or_else(|bits| {
                faults.get_or_insert_with(|| vec![0; rows])[row] = bits;
                (0, 1)
            })
        })
        .collect();
    (Number::pairs(&pairs), faults.map_or(Cells::Same(0), Cells::rows))
}

/// `None` if some row does not fit: then the slow way decides which.
fn all_rows(a: &Cells<i64>, b: &Cells<i64>, op: impl Fn(i64, i64) -> Option<i64>) -> Option<Cells<i64>> {
    let mut fits = true;
    let values = a.zip(b, |a, b| {
        op(a, b).unwrap_or_else(|| {
            fits = false;
            0
        })
    });
    fits.then_some(values)
}

/// Both over one common denominator, where both have one for all rows.
fn aligned(a: &Number, b: &Number) -> Option<(Cells<i64>, Cells<i64>, i64)> {
    let (Cells::Same(x), Cells::Same(y)) = (&a.denom, &b.denom) else { return None };
    if x == y {
        return Some((a.numer.clone(), b.numer.clone(), *x));
    }
    let divisor = i64::try_from(gcd(u128::from(x.unsigned_abs()), u128::from(y.unsigned_abs()))).ok()?;
    let (left, right) = (y / divisor, x / divisor);
    let denom = x.checked_mul(left)?;
    let scaled = |cells: &Cells<i64>, factor: i64| all_rows(cells, &Cells::Same(factor), i64::checked_mul);
    Some((scaled(&a.numer, left)?, scaled(&b.numer, right)?, denom))
}

fn fast_arith(op: Arith, a: &Number, b: &Number) -> Option<Number> {
    match op {
        Arith::Add | Arith::Subtract => {
            let (x, y, denom) = aligned(a, b)?;
            let checked = if op == Arith::Add { i64::checked_add } else { i64::checked_sub };
            Some(Number { numer: all_rows(&x, &y, checked)?, denom: Cells::Same(denom) })
        }
        Arith::Multiply => {
            let (Cells::Same(x), Cells::Same(y)) = (&a.denom, &b.denom) else { return None };
            let denom = x.checked_mul(*y)?;
            let numer = all_rows(&a.numer, &b.numer, i64::checked_mul)?;
            Some(Number { numer, denom: Cells::Same(denom) })
        }
        Arith::Divide => {
            let (Cells::Same(divisor), Cells::Same(denom)) = (&b.numer, &b.denom) else { return None };
            let upside_down = match divisor.signum() {
                1 => (*denom, *divisor),
                -1 => (denom.checked_neg()?, divisor.checked_neg()?),
                _ => return None,
            };
            let b = Number { numer: Cells::Same(upside_down.0), denom: Cells::Same(upside_down.1) };
            fast_arith(Arith::Multiply, a, &b)
        }
    }
}

pub(crate) fn arith(op: Arith, a: &Column, b: &Column) -> Column {
    let (x, y) = (a.number(), b.number());
    let (number, faults) = match fast_arith(op, &x, &y) {
        Some(number) => (number, Cells::Same(0)),
        None => by_rows(&x, &y, |x, y| arith_pairs(op, x, y)),
    };
    let hint = if matches!(op, Arith::Add | Arith::Subtract) { Hint::Linear } else { Hint::Curved };
    strict(Data::Number(number), &[a, b], faults, hint)
}

/// A result that needs all its operands. `faults` counts only where all operands are known.
pub(crate) fn strict(data: Data, operands: &[&Column], faults: Cells<u8>, hint: Hint) -> Column {
    let mut known = Cells::Same(true);
    let mut carried = Cells::Same(0);
    for operand in operands {
        known = known.and(&operand.known);
        carried = carried.both(&operand.faults);
    }
    if matches!(faults, Cells::Same(0)) {
        let hints = hint.of(operands, &known, &faults);
        return Column { data, known, faults: carried, hints };
    }
    let faults = faults.only(&known);
    let sound = faults.map(|bits| bits == 0);
    let known = known.and(&sound);
    let hints = hint.of(operands, &known, &faults);
    Column { data, known, faults: carried.both(&faults), hints }
}

/// Bit of an ordering in a set of orderings.
fn bit(ordering: Ordering) -> u8 {
    match ordering {
        Ordering::Less => 1,
        Ordering::Equal => 2,
        Ordering::Greater => 4,
    }
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

fn compare_numbers(accepted: u8, a: &Number, b: &Number) -> Cells<bool> {
    if let Some((x, y, _)) = aligned(a, b) {
        return x.zip(&y, |x, y| accepted & bit(x.cmp(&y)) != 0);
    }
    match a.len().or(b.len()) {
        None => Cells::Same(accepted & bit(compare_pairs(a.at(0), b.at(0))) != 0),
        Some(rows) => Cells::rows(
            (0..rows).map(|row| accepted & bit(compare_pairs(a.at(row), b.at(row))) != 0).collect(),
        ),
    }
}

pub(crate) fn compare(op: Compare, a: &Column, b: &Column) -> Column {
    let answer = compare_numbers(accepted(op), &a.number(), &b.number());
    strict(Data::YesNo(answer), &[a, b], Cells::Same(0), Hint::Settled)
}

pub(crate) fn same_numbers(a: &Number, b: &Number) -> Cells<bool> {
    compare_numbers(2, a, b)
}

pub(crate) fn select_numbers(mask: &Cells<bool>, a: &Number, b: &Number) -> Number {
    if let Some((x, y, denom)) = aligned(a, b) {
        return Number { numer: x.select(mask, &y), denom: Cells::Same(denom) };
    }
    Number { numer: a.numer.select(mask, &b.numer), denom: a.denom.select(mask, &b.denom) }
}

/// 取大, 取小.
pub(crate) fn extreme(largest: bool, a: &Column, b: &Column) -> Column {
    let (x, y) = (a.number(), b.number());
    let first_wins = compare_numbers(if largest { 6 } else { 3 }, &x, &y);
    strict(Data::Number(select_numbers(&first_wins, &x, &y)), &[a, b], Cells::Same(0), Hint::Extreme)
}

pub(crate) fn rounded(value: &Column, rounding: Rounding, unit: i128) -> Column {
    let number = value.number();
    if unit == 1 && matches!(number.denom, Cells::Same(1)) {
        return value.clone();
    }
    let unit = Number::whole(Cells::Same(i64::try_from(unit).unwrap_or(i64::MAX)));
    let (number, faults) = by_rows(&number, &unit, |pair, unit| round_pair(pair, rounding, unit.0));
    let whole = Number::whole(number.numer);
    strict(Data::Number(whole), &[value], faults, Hint::Curved)
}

/// As [`rounded`], how and to what being asked of the place: one answer for all rows, or nothing is known.
pub(crate) fn rounded_by(value: &Column, mode: &Column, unit: &Column, roundings: &[Rounding]) -> Column {
    let asked = (mode.labels(), &mode.known, unit.number(), &unit.known);
    if let (
        Cells::Same(label),
        Cells::Same(true),
        Number { numer: Cells::Same(fen), denom },
        Cells::Same(true),
    ) = asked
        && let (Some(rounding), Cells::Same(1)) = (roundings.get(usize::from(label)), denom)
        && fen > 0
    {
        return rounded(value, *rounding, i128::from(fen));
    }
    Column::unknown(Type::Money)
}

/// To a multiple of `unit`: half away from zero, away from zero, or toward zero.
fn round_pair((numer, denom): Pair, rounding: Rounding, unit: i64) -> Result<Pair, u8> {
    let (numer, denom) = (i128::from(numer), i128::from(denom) * i128::from(unit));
    let toward_zero = numer.checked_div(denom).ok_or(OVERFLOW)?;
    let rest = numer - toward_zero * denom;
    let away = match rounding {
        Rounding::HalfUp => rest.unsigned_abs() * 2 >= denom.unsigned_abs(),
        Rounding::Up => rest != 0,
        Rounding::Down => false,
    };
    let whole = toward_zero + if away { numer.signum() } else { 0 };
    let result = whole.checked_mul(i128::from(unit)).and_then(|whole| i64::try_from(whole).ok());
    result.map(|whole| (whole, 1)).ok_or(OVERFLOW)
}

/// A calendar function of a whole number; `None` from it is an overflow.
pub(crate) fn map_whole(value: &Column, convert: impl Fn(i64) -> Option<i64>) -> Column {
    zip_whole(value, &Column::known(Data::Number(Number::whole(Cells::Same(0)))), |value, _| convert(value))
}

pub(crate) fn zip_whole(a: &Column, b: &Column, convert: impl Fn(i64, i64) -> Option<i64>) -> Column {
    let (x, y) = (a.number().as_whole(), b.number().as_whole());
    let (numer, faults) = match all_rows(&x, &y, &convert) {
        Some(numer) => (numer, Cells::Same(0)),
        None => {
            let faults = x.zip(&y, |x, y| if convert(x, y).is_none() { OVERFLOW } else { 0 });
            (x.zip(&y, |x, y| convert(x, y).unwrap_or(0)), faults)
        }
    };
    strict(Data::Number(Number::whole(numer)), &[a, b], faults, Hint::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(pairs: &[Pair]) -> Column {
        Column::known(Data::Number(Number::pairs(pairs)))
    }

    fn whole(values: &[i64]) -> Column {
        Column::known(Data::Number(Number::whole(Cells::rows(values.to_vec()))))
    }

    fn result(column: &Column, row: usize) -> Result<Pair, u8> {
        if column.known.at(row) { Ok(reduced(column.number().at(row))) } else { Err(column.faults.at(row)) }
    }

    #[test]
    fn sums_over_different_denominators_are_exact() {
        let sum = arith(Arith::Add, &column(&[(1, 3), (1, 2)]), &column(&[(1, 6), (-1, 2)]));
        assert_eq!((result(&sum, 0), result(&sum, 1)), (Ok((1, 2)), Ok((0, 1))));
    }

    #[test]
    fn overflow_is_a_fault_of_its_row_only() {
        let sum = arith(Arith::Add, &whole(&[i64::MAX, 1]), &whole(&[1, 1]));
        assert_eq!((result(&sum, 0), result(&sum, 1)), (Err(OVERFLOW), Ok((2, 1))));
        let less = arith(Arith::Subtract, &whole(&[-1, 0]), &whole(&[i64::MIN, i64::MIN]));
        assert_eq!((result(&less, 0), result(&less, 1)), (Ok((i64::MAX, 1)), Err(OVERFLOW)));
        let product = arith(Arith::Multiply, &whole(&[i64::MAX, 3]), &whole(&[2, 4]));
        assert_eq!((result(&product, 0), result(&product, 1)), (Err(OVERFLOW), Ok((12, 1))));
    }

    #[test]
    fn a_product_that_fits_once_reduced_is_no_overflow() {
        let product = arith(Arith::Multiply, &column(&[(i64::MAX, 4)]), &whole(&[4]));
        assert_eq!(result(&product, 0), Ok((i64::MAX, 1)));
    }

    #[test]
    fn division_by_zero_is_a_fault() {
        let quotient = arith(Arith::Divide, &whole(&[6, 6, 6]), &whole(&[0, -4, 3]));
        assert_eq!(result(&quotient, 0), Err(DIVISION_BY_ZERO));
        assert_eq!(result(&quotient, 1), Ok((-3, 2)));
        assert_eq!(result(&quotient, 2), Ok((2, 1)));
        let by_constant =
            arith(Arith::Divide, &whole(&[6]), &Column::known(Data::Number(Number::whole(Cells::Same(0)))));
        assert_eq!(result(&by_constant, 0), Err(DIVISION_BY_ZERO));
    }

    #[test]
    fn rounding_mirrors_losses() {
        let halves = column(&[(5, 2), (-5, 2), (7, 3), (9, 4)]);
        let up: Vec<_> = (0..4).map(|row| result(&rounded(&halves, Rounding::HalfUp, 1), row)).collect();
        assert_eq!(up, [Ok((3, 1)), Ok((-3, 1)), Ok((2, 1)), Ok((2, 1))]);
        let away = rounded(&whole(&[101, 100, -101]), Rounding::Up, 100);
        assert_eq!((result(&away, 0), result(&away, 1)), (Ok((200, 1)), Ok((100, 1))));
        assert_eq!(result(&away, 2), Ok((-200, 1)));
        assert_eq!(result(&rounded(&whole(&[i64::MAX]), Rounding::Up, 100), 0), Err(OVERFLOW));
    }

    #[test]
    fn numbers_compare_across_denominators() {
        let equal = compare(Compare::Equal, &column(&[(1, 3), (1, 3)]), &column(&[(2, 6), (i64::MAX, 2)]));
        assert_eq!((equal.truth().at(0), equal.truth().at(1)), (true, false));
        let largest = extreme(true, &column(&[(1, 3)]), &whole(&[0]));
        assert_eq!(result(&largest, 0), Ok((1, 3)));
    }
}
