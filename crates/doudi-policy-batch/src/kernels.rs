//! The loops that steps run: plain passes over slices, without branches where there is one row after the other, so that
//! the compiler can work on several rows at once.

use crate::op::{Away, Reciprocal};
use crate::registers::{Int, Lane, Operand};
use std::ops::Range;

/// One result for each row.
#[inline(always)]
pub(crate) fn map<A: Copy, O>(out: &mut [O], a: &[A], f: impl Fn(A) -> O) {
    for (out, a) in out.iter_mut().zip(a) {
        *out = f(*a);
    }
}

#[inline(always)]
pub(crate) fn zip<A: Copy, B: Copy, O: Copy>(
    out: &mut [O],
    a: Operand<'_, A>,
    b: Operand<'_, B>,
    f: impl Fn(A, B) -> O,
) {
    match (a, b) {
        (Operand::Rows(a), Operand::Rows(b)) => {
            for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
                *out = f(*a, *b);
            }
        }
        (Operand::Rows(a), Operand::Same(b)) => map(out, a, |a| f(a, b)),
        (Operand::Same(a), Operand::Rows(b)) => map(out, b, |b| f(a, b)),
        (Operand::Same(a), Operand::Same(b)) => out.fill(f(a, b)),
    }
}

/// As [`zip`], with a mask that is 0 or 1. Both sides are read and blended: a branch for each row would be guessed wrong
/// too often.
#[inline(always)]
pub(crate) fn select<T: Lane>(out: &mut [T], mask: &[u8], a: Operand<'_, T>, b: Operand<'_, T>) {
    match (a, b) {
        (Operand::Rows(a), Operand::Rows(b)) => {
            for (((out, mask), a), b) in out.iter_mut().zip(mask).zip(a).zip(b) {
                *out = T::blend(*mask, *a, *b);
            }
        }
        (Operand::Rows(a), Operand::Same(b)) => {
            for ((out, mask), a) in out.iter_mut().zip(mask).zip(a) {
                *out = T::blend(*mask, *a, b);
            }
        }
        (Operand::Same(a), Operand::Rows(b)) => {
            for ((out, mask), b) in out.iter_mut().zip(mask).zip(b) {
                *out = T::blend(*mask, a, *b);
            }
        }
        (Operand::Same(a), Operand::Same(b)) => map(out, mask, |mask| T::blend(mask, a, b)),
    }
}

/// 0 or 1 by how `a` stands to `b`: less (1), equal (2) or either (3).
#[inline(always)]
pub(crate) fn compare<T: Int>(out: &mut [u8], accepted: u8, a: Operand<'_, T>, b: Operand<'_, T>) {
    match accepted {
        1 => zip(out, a, b, |a, b| u8::from(a < b)),
        2 => zip(out, a, b, |a, b| u8::from(a == b)),
        _ => zip(out, a, b, |a, b| u8::from(a <= b)),
    }
}

/// An owner's cell for each of its rows. Runs are written in one go of eight; the next run overwrites what was too much.
#[inline(always)]
pub(crate) fn spread<T: Copy>(out: &mut [T], of: &[T], bounds: &[u32]) {
    const RUN: usize = 8;
    let first = bounds.first().copied().unwrap_or(0);
    for (cell, bounds) in of.iter().zip(bounds.windows(2)) {
        let (start, end) = ((bounds[0] - first) as usize, (bounds[1] - first) as usize);
        if let Some(run) = out[start..].first_chunk_mut::<RUN>() {
            *run = [*cell; RUN];
        }
        if end > start + RUN {
            out[start + RUN..end].fill(*cell);
        }
    }
}

/// Sums by owner as differences of a running sum. It may wrap; the differences are right all the same. The second half
/// of the owners has a running sum of its own, so that neither waits for itself at every row.
#[inline(always)]
pub(crate) fn sum<T: Int, I: Iterator<Item = T>>(
    out: &mut [T],
    running: &mut [T],
    bounds: &[u32],
    values: impl Fn(Range<usize>) -> I,
) {
    let half = out.len() / 2;
    let (Some(first), Some(cut), Some(end)) = (bounds.first(), bounds.get(half), bounds.last()) else {
        return;
    };
    let (cut, end) = ((cut - first) as usize, (end - first) as usize);
    let both = cut.min(end - cut);
    // Each half starts from a zero of its own.
    let (low, high) = running.split_at_mut(cut + 1);
    let (mut low_total, mut high_total) = (T::default(), T::default());
    (low[0], high[0]) = (low_total, high_total);
    let pairs = values(0..both).zip(values(cut..cut + both));
    for ((low, high), (one, other)) in low[1..].iter_mut().zip(&mut high[1..]).zip(pairs) {
        low_total = low_total.plus(one);
        high_total = high_total.plus(other);
        (*low, *high) = (low_total, high_total);
    }
    run_on(&mut low[both + 1..], low_total, values(both..cut));
    run_on(&mut high[both + 1..], high_total, values(cut + both..end));
    let (low_out, high_out) = out.split_at_mut(half);
    differences(low_out, low, &bounds[..=half]);
    differences(high_out, high, &bounds[half..]);
}

#[inline(always)]
fn run_on<T: Int>(running: &mut [T], mut total: T, values: impl Iterator<Item = T>) {
    for (running, value) in running.iter_mut().zip(values) {
        total = total.plus(value);
        *running = total;
    }
}

/// How far a running sum comes over the rows of each owner.
#[inline(always)]
fn differences<T: Int>(out: &mut [T], running: &[T], bounds: &[u32]) {
    let first = bounds.first().copied().unwrap_or(0);
    let mut before = T::default();
    for (out, end) in out.iter_mut().zip(bounds.iter().skip(1)) {
        let up_to = running[(end - first) as usize];
        *out = up_to.minus(before);
        before = up_to;
    }
}

/// The entry that each row selects, of a table of a few: compared with each rather than looked up one by one.
#[inline(always)]
pub(crate) fn choose<T: Lane, const FEW: usize>(out: &mut [T], index: &[i32], entries: [T; FEW]) {
    map(out, index, |at| {
        let mut chosen = entries[0];
        for (number, entry) in entries.iter().enumerate().skip(1) {
            chosen = if at == number as i32 { *entry } else { chosen };
        }
        chosen
    });
}

/// Division of whole numbers up to the one that `by` was made for.
#[inline(always)]
fn divided(number: u64, by: Reciprocal) -> u64 {
    ((u128::from(number) * u128::from(by.factor)) >> by.shift) as u64
}

/// The same where number times factor fits 64 bits.
#[inline(always)]
fn divided_short(number: u64, by: Reciprocal) -> u64 {
    number.wrapping_mul(by.factor) >> by.shift
}

/// What is divided, so that the whole part of the quotient is the rounded one.
#[inline(always)]
fn dividend(size: u64, away: Away, divisor: u64) -> u64 {
    match away {
        Away::HalfUp => 2 * size + divisor,
        Away::Up => size + divisor - 1,
        Away::Down => size,
    }
}

#[inline(always)]
fn round_each<T: Int, O: Int>(out: &mut [O], value: &[T], signed: bool, quotient: impl Fn(u64) -> u64) {
    if signed {
        map(out, value, |value| {
            let value: i64 = value.into();
            // All ones below zero: to turn the sign is to turn the bits and take that away.
            let sign = value >> 63;
            let whole = quotient(((value ^ sign).wrapping_sub(sign)) as u64) as i64;
            O::of((whole ^ sign).wrapping_sub(sign))
        });
    } else {
        map(out, value, |value| {
            let value: i64 = value.into();
            O::of(quotient(value as u64) as i64)
        });
    }
}

/// Multiples of a constant, rounded.
#[inline(always)]
pub(crate) fn round_const<T: Int, O: Int>(
    out: &mut [O],
    value: &[T],
    away: Away,
    divisor: i64,
    by: Reciprocal,
    signed: bool,
) {
    let divisor = divisor as u64;
    let short = by.shift < u64::BITS && by.factor <= 1 << 32;
    match (away, short) {
        (Away::HalfUp, true) => {
            round_each(out, value, signed, |size| divided_short(dividend(size, Away::HalfUp, divisor), by))
        }
        (Away::HalfUp, false) => {
            let high = Reciprocal { shift: by.shift - u64::BITS.min(by.shift), ..by };
            round_each(out, value, signed, |size| {
                let product = u128::from(dividend(size, Away::HalfUp, divisor)) * u128::from(by.factor);
                if by.shift >= u64::BITS {
                    (product >> 64) as u64 >> high.shift
                } else {
                    (product >> by.shift) as u64
                }
            });
        }
        _ => round_each(out, value, signed, |size| divided(dividend(size, away, divisor), by)),
    }
}

/// As [`round_const`] where the dividend fits 31 bits and the factor 32: products of two short numbers.
#[inline(always)]
pub(crate) fn round_const_short<O: Int>(
    out: &mut [O],
    value: &[i32],
    away: Away,
    divisor: i64,
    by: Reciprocal,
    signed: bool,
) {
    let (factor, shift) = (u64::from(by.factor as u32), by.shift);
    let quotient = |dividend: u32| ((u64::from(dividend) * factor) >> shift) as u32 as i32;
    let (twice, more) = match away {
        Away::HalfUp => (1, divisor as u32),
        Away::Up => (0, divisor as u32 - 1),
        Away::Down => (0, 0),
    };
    if signed {
        map(out, value, |value| {
            let sign = value >> 31;
            let size = (value ^ sign).wrapping_sub(sign) as u32;
            let whole = quotient((size << twice).wrapping_add(more));
            O::of(i64::from((whole ^ sign).wrapping_sub(sign)))
        });
    } else {
        map(out, value, |value| O::of(i64::from(quotient(((value as u32) << twice).wrapping_add(more)))));
    }
}

/// As [`round_rows`] with short numbers, which are exact as doubles. One formula for all ways to round, so that several
/// rows are divided at once.
#[inline(always)]
pub(crate) fn round_rows_short<O: Int>(
    out: &mut [O],
    value: Operand<'_, i32>,
    divisor: Operand<'_, i32>,
    away: Away,
) {
    // What is added before dividing: so many divisors, less so many ones.
    let (times, share, less) = match away {
        Away::HalfUp => (2.0, 1.0, 0.0),
        Away::Up => (1.0, 1.0, 1.0),
        Away::Down => (1.0, 0.0, 0.0),
    };
    zip(out, value, divisor, |value, divisor| {
        let (value, divisor) = (f64::from(value), f64::from(divisor.max(1)));
        let quotient = (times * value + (share * divisor - less).copysign(value)) / (times * divisor);
        O::of(i64::from(quotient as i32))
    });
}

/// Multiples of what stands in each row, rounded. `small`: dividend and divisor are exact as doubles, and then the
/// whole part of their quotient is: a quotient below a whole number is further from it than rounding reaches.
#[inline(always)]
pub(crate) fn round_rows<T: Int, O: Int>(
    out: &mut [O],
    value: Operand<'_, T>,
    divisor: Operand<'_, T>,
    away: Away,
    small: bool,
) {
    zip(out, value, divisor, |value, divisor| {
        let (value, divisor): (i64, i64) = (value.into(), divisor.into());
        let (size, divisor) = (value.unsigned_abs(), divisor.max(1) as u64);
        let by = if away == Away::HalfUp { 2 * divisor } else { divisor };
        let number = dividend(size, away, divisor);
        let whole =
            if small { (number as i64 as f64 / by as i64 as f64) as i64 } else { (number / by) as i64 };
        let sign = value >> 63;
        O::of((whole ^ sign).wrapping_sub(sign))
    });
}

/// Bits of a packed column as bytes.
#[inline(always)]
pub(crate) fn unpack(out: &mut [u8], words: impl Iterator<Item = u64>) {
    for (bytes, word) in out.chunks_mut(64).zip(words) {
        let (eights, rest) = bytes.as_chunks_mut::<8>();
        for (bytes, eight) in eights.iter_mut().zip(word.to_le_bytes()) {
            *bytes = ones(eight);
        }
        let last = ones((word >> (8 * eights.len() as u32 % 64)) as u8);
        rest.iter_mut().zip(last).for_each(|(byte, one)| *byte = one);
    }
}

/// Sets a bit of the bytes where the packed mask is set.
#[inline(always)]
pub(crate) fn unpack_onto(out: &mut [u8], words: &[u64], bit: u8) {
    for (bytes, word) in out.chunks_mut(64).zip(words) {
        if *word == 0 {
            continue;
        }
        let (eights, rest) = bytes.as_chunks_mut::<8>();
        for (bytes, eight) in eights.iter_mut().zip(word.to_le_bytes()) {
            let set = u64::from_le_bytes(ones(eight)).wrapping_mul(u64::from(bit));
            *bytes = (u64::from_le_bytes(*bytes) | set).to_le_bytes();
        }
        let last = ones((word >> (8 * eights.len() as u32 % 64)) as u8);
        rest.iter_mut().zip(last).for_each(|(byte, one)| *byte |= one * bit);
    }
}

/// One copy of the eight bits for each byte, of which it keeps its own.
#[inline(always)]
fn ones(eight: u8) -> [u8; 8] {
    let spread = u64::from(eight).wrapping_mul(0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    let high = spread.wrapping_add(0x7f7f_7f7f_7f7f_7f7f) | spread;
    (high >> 7 & 0x0101_0101_0101_0101).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pairs::round_pair;

    #[test]
    fn packed_bits_come_out_one_by_one() {
        let mut out = [9; 70];
        unpack(&mut out, [0xF0F0_0000_0000_8001_u64, 0b10_0001].into_iter());
        let set: Vec<usize> = (0..70).filter(|at| out[*at] == 1).collect();
        assert_eq!(set, [0, 15, 52, 53, 54, 55, 60, 61, 62, 63, 64, 69]);
        assert!(out.iter().all(|byte| *byte <= 1));
    }

    #[test]
    fn a_run_longer_than_eight_is_written_to_its_end() {
        let mut out = [0; 40];
        spread(&mut out, &[1, 2, 3, 4], &[5, 17, 17, 18, 20]);
        assert_eq!(out[..12], [1; 12]);
        assert_eq!(out[12..15], [3, 4, 4]);
    }

    #[test]
    fn running_sums_that_wrap_still_differ_rightly() {
        let values = [i32::MAX, 5, i32::MAX, -7, 3];
        let (mut out, mut running) = ([0; 3], [0; 8]);
        sum(&mut out, &mut running, &[0, 1, 1, 5], |rows| values[rows].iter().copied());
        assert_eq!(out, [i32::MAX, 0, i32::MAX.wrapping_add(1)]);
    }

    #[test]
    fn sums_end_where_their_owners_do_in_both_halves() {
        let values: Vec<i64> = (1..=11).collect();
        for bounds in
            [vec![3, 4, 4, 9, 14], vec![0, 11], vec![0, 0, 11], vec![0, 11, 11], vec![2, 4, 13], vec![5; 4]]
        {
            let rows = (bounds[bounds.len() - 1] - bounds[0]) as usize;
            let wanted: Vec<i64> = bounds
                .windows(2)
                .map(|pair| {
                    values[(pair[0] - bounds[0]) as usize..(pair[1] - bounds[0]) as usize].iter().sum()
                })
                .collect();
            let (mut out, mut running) = (vec![9; bounds.len() - 1], vec![9; rows + 2]);
            sum(&mut out, &mut running, &bounds, |rows| values[rows].iter().copied());
            assert_eq!(out, wanted, "{bounds:?}");
        }
    }

    #[test]
    fn a_few_entries_are_chosen_as_they_are_looked_up() {
        let mut out = [0_i32; 5];
        choose(&mut out, &[3, 0, 1, 2, 3], [7, -1, i32::MAX, 0]);
        assert_eq!(out, [0, 7, -1, i32::MAX, 0]);
    }

    #[test]
    fn short_numbers_round_as_all_others_do() {
        let numbers = [0, 1, 2, 5, 6, 7, 41, 42, 43, 999_999, 1_000_001, i32::MAX - 1, i32::MAX];
        for divisor in [1_i32, 2, 3, 7, 84, 12_345, 999_983, i32::MAX] {
            let both = numbers.iter().flat_map(|number| [*number, -*number, number / divisor * divisor]);
            let numbers: Vec<i32> = both.collect();
            for away in [Away::HalfUp, Away::Up, Away::Down] {
                let wanted: Vec<i64> = numbers
                    .iter()
                    .map(|number| {
                        round_pair((i64::from(*number), i64::from(divisor)), away, 1).expect("it fits")
                    })
                    .collect();
                let mut out = vec![0_i64; numbers.len()];
                round_rows_short(&mut out, Operand::Rows(&numbers), Operand::Same(divisor), away);
                assert_eq!(out, wanted, "{numbers:?} / {divisor} {away:?}");
            }
        }
    }

    #[test]
    fn doubles_divide_whole_numbers_exactly() {
        for divisor in [1_i64, 2, 3, 7, 84, 12_345, 999_983] {
            for quotient in [0_i64, 1, 2, 1_000_003, (1 << 49) / divisor] {
                for rest in [-2, -1, 0, 1, divisor / 2, divisor / 2 + 1] {
                    let number = quotient * divisor + rest;
                    let mut out = [0_i64];
                    for away in [Away::HalfUp, Away::Up, Away::Down] {
                        round_rows(&mut out, Operand::Rows(&[number]), Operand::Same(divisor), away, true);
                        let wanted = round_pair((number, divisor), away, 1);
                        assert_eq!(Ok(out[0]), wanted, "{number} / {divisor} {away:?}");
                    }
                }
            }
        }
    }
}
