//! Exact numbers row by row: a 64-bit numerator over a 64-bit denominator above zero. Nothing wraps: what does not fit
//! after reducing is an overflow. The code takes this way only where ranges do not prove that a shorter one is exact.

use crate::column::{DIVISION_BY_ZERO, OVERFLOW};
use crate::op::{Away, Calculation};
use std::cmp::Ordering;

/// One row's number: numerator, denominator.
pub(crate) type Pair = (i64, i64);

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

pub(crate) fn gcd(mut a: u128, mut b: u128) -> u128 {
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

/// `Err` are fault bits.
pub(crate) fn arith_pairs(calculation: Calculation, a: Pair, b: Pair) -> Result<Pair, u8> {
    match calculation {
        Calculation::Add => add_pairs(a, b),
        Calculation::Subtract => {
            b.0.checked_neg().and_then(|minus| add_pairs(a, (minus, b.1))).or_else(|| {
                // Only -2^63 has no negative of its own size.
                let left = i128::from(a.0) * i128::from(b.1);
                let right = i128::from(b.0) * i128::from(a.1);
                fit(left.checked_sub(right)?, i128::from(a.1) * i128::from(b.1))
            })
        }
        Calculation::Multiply => multiply_pairs(a, b),
        Calculation::Divide if b.0 == 0 => return Err(DIVISION_BY_ZERO),
        Calculation::Divide => divide_pairs(a, b),
    }
    .ok_or(OVERFLOW)
}

/// To a multiple of `unit`.
pub(crate) fn round_pair((numer, denom): Pair, away: Away, unit: i64) -> Result<i64, u8> {
    let (numer, denom) = (i128::from(numer), i128::from(denom) * i128::from(unit));
    let toward_zero = numer.checked_div(denom).ok_or(OVERFLOW)?;
    let rest = numer - toward_zero * denom;
    let further = match away {
        Away::HalfUp => rest.unsigned_abs() * 2 >= denom.unsigned_abs(),
        Away::Up => rest != 0,
        Away::Down => false,
    };
    let whole = toward_zero + if further { numer.signum() } else { 0 };
    let result = whole.checked_mul(i128::from(unit)).and_then(|whole| i64::try_from(whole).ok());
    result.ok_or(OVERFLOW)
}

/// Whether an ordering is in a set of orderings: 1 less, 2 equal, 4 greater.
pub(crate) fn accepts(accepted: u8, ordering: Ordering) -> bool {
    let bit = match ordering {
        Ordering::Less => 1,
        Ordering::Equal => 2,
        Ordering::Greater => 4,
    };
    accepted & bit != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(calculation: Calculation, a: Pair, b: Pair) -> Result<Pair, u8> {
        arith_pairs(calculation, a, b).map(reduced)
    }

    #[test]
    fn sums_over_different_denominators_are_exact() {
        assert_eq!(found(Calculation::Add, (1, 3), (1, 6)), Ok((1, 2)));
        assert_eq!(found(Calculation::Add, (1, 2), (-1, 2)), Ok((0, 1)));
    }

    #[test]
    fn what_does_not_fit_is_an_overflow() {
        assert_eq!(found(Calculation::Add, (i64::MAX, 1), (1, 1)), Err(OVERFLOW));
        assert_eq!(found(Calculation::Subtract, (-1, 1), (i64::MIN, 1)), Ok((i64::MAX, 1)));
        assert_eq!(found(Calculation::Subtract, (0, 1), (i64::MIN, 1)), Err(OVERFLOW));
        assert_eq!(found(Calculation::Multiply, (i64::MAX, 1), (2, 1)), Err(OVERFLOW));
    }

    #[test]
    fn a_product_that_fits_once_reduced_is_no_overflow() {
        assert_eq!(found(Calculation::Multiply, (i64::MAX, 4), (4, 1)), Ok((i64::MAX, 1)));
    }

    #[test]
    fn division_by_zero_is_a_fault_of_its_own() {
        assert_eq!(found(Calculation::Divide, (6, 1), (0, 1)), Err(DIVISION_BY_ZERO));
        assert_eq!(found(Calculation::Divide, (6, 1), (-4, 1)), Ok((-3, 2)));
    }

    #[test]
    fn rounding_mirrors_losses() {
        let halves = [(5, 2), (-5, 2), (7, 3), (9, 4)].map(|pair| round_pair(pair, Away::HalfUp, 1));
        assert_eq!(halves, [Ok(3), Ok(-3), Ok(2), Ok(2)]);
        let up = [101, 100, -101].map(|fen| round_pair((fen, 1), Away::Up, 100));
        assert_eq!(up, [Ok(200), Ok(100), Ok(-200)]);
        assert_eq!(round_pair((i64::MAX, 1), Away::Up, 100), Err(OVERFLOW));
    }

    #[test]
    fn fractions_compare_without_dividing() {
        assert_eq!(compare_pairs((1, 3), (2, 6)), Ordering::Equal);
        assert_eq!(compare_pairs((1, 3), (i64::MAX, 2)), Ordering::Less);
    }
}
