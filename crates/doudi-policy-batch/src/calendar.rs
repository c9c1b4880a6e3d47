//! Calendar arithmetic on day and month numbers, with the same limits as `doudi_terms` (years -9999..=9999 for days,
//! 1..=9999 for months) and without building date objects for millions of rows.

use crate::op::Calendar;

/// -9999-01-02 (the earliest day that the day count of `doudi_terms` reaches) and 9999-12-31.
const FIRST_DAY: i64 = -4_371_587;
const LAST_DAY: i64 = 2_932_896;
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_SHIFT: i64 = 719_468;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Civil {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

/// The calendar date of a day number. Years are counted from March, so that the leap day comes last.
pub(crate) fn civil(day: i64) -> Option<Civil> {
    if !(FIRST_DAY..=LAST_DAY).contains(&day) {
        return None;
    }
    let shifted = day + EPOCH_SHIFT;
    let era = shifted.div_euclid(DAYS_PER_ERA);
    let of_era = shifted.rem_euclid(DAYS_PER_ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some(Civil { year, month, day })
}

fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * DAYS_PER_ERA + of_era - EPOCH_SHIFT
}

pub(crate) fn month_of(day: i64) -> Option<i64> {
    civil(day).map(|date| date.year * 12 + date.month - 1)
}

pub(crate) fn first_day(month: i64) -> Option<i64> {
    (12..120_000).contains(&month).then(|| day_of(month.div_euclid(12), month.rem_euclid(12) + 1, 1))
}

pub(crate) fn last_day(month: i64) -> Option<i64> {
    first_day(month)?;
    let next = month + 1;
    Some(day_of(next.div_euclid(12), next.rem_euclid(12) + 1, 1) - 1)
}

/// Completed years from one day to another: a birthday counts on its day, and somebody born on 29 February completes a
/// year on 1 March of other years. Negative before birth.
pub(crate) fn completed_years(birth: i64, on: i64) -> Option<i64> {
    let (birth, on) = (civil(birth)?, civil(on)?);
    let years = on.year - birth.year;
    Some(if (on.month, on.day) < (birth.month, birth.day) { years - 1 } else { years })
}

/// Days that have a date.
pub(crate) fn have_dates(days: &[i64]) -> bool {
    let (low, high) = days.iter().fold((0, 0), |(low, high), day| (low.min(*day), high.max(*day)));
    FIRST_DAY <= low && high <= LAST_DAY
}

/// Month number and day of the month (from zero) of a day that has a date. Without branches and with few divisions, all
/// of them by constants: the years of a century and the months of a year as fixed-point multiples of its days (as in
/// C. Neri and L. Schneider, "Euclidean affine functions and applications to calendar algorithms", 2022).
#[inline(always)]
fn month_and_day(day: i64) -> (i64, i64) {
    const ERAS: i64 = 25;
    let days = (day + EPOCH_SHIFT + ERAS * DAYS_PER_ERA) as u32;
    let quarters = 4 * days + 3;
    let century = quarters / 146_097;
    let of_century = (quarters % 146_097) | 3;
    let product = 2_939_745 * u64::from(of_century);
    let (year, rest) = ((product >> 32) as u32, product as u32 / 2_939_745 / 4);
    let month_and_rest = 2_141 * rest + 197_913;
    // Counted from March: January and February are months 13 and 14.
    let (month, day) = (month_and_rest >> 16, (month_and_rest & 0xffff) / 2_141);
    let months = i64::from((100 * century + year) * 12 + month) - 1 - ERAS * 4_800;
    (months, i64::from(day))
}

/// As [`month_of`], of a day that has a date.
#[inline(always)]
pub(crate) fn month_of_day(day: i64) -> i64 {
    month_and_day(day).0
}

/// Rises with every day, and by the same from a day to that day of the next year. Of a day that has a date.
#[inline(always)]
pub(crate) fn day_in_years(day: i64) -> i64 {
    let (month, day) = month_and_day(day);
    31 * month + day
}

/// Completed years from [`day_in_years`] to [`day_in_years`].
#[inline(always)]
pub(crate) fn years_between(birth: i64, on: i64) -> i64 {
    const DAYS: i64 = 12 * 31;
    const SHIFT: i64 = 30_000;
    i64::from((on - birth + SHIFT * DAYS) as u32 / DAYS as u32) - SHIFT
}

/// A calendar function; `None` is an overflow.
pub(crate) fn convert(of: Calendar, a: i64, b: i64) -> Option<i64> {
    match of {
        Calendar::MonthOf => month_of(a),
        Calendar::FirstDay => first_day(a),
        Calendar::LastDay => last_day(a),
        Calendar::Age => completed_years(a, b),
    }
}

/// The last day of birth of those who have completed so many years on a day.
pub(crate) fn last_birth(age: i64, on: i64) -> i64 {
    // A year of birth too late by one at most, then back.
    let mut day = on - age * 365;
    while completed_years(day, on).is_none_or(|years| years < age) {
        day -= 1;
        if day < FIRST_DAY {
            return i64::MIN;
        }
    }
    while completed_years(day + 1, on).is_some_and(|years| years >= age) {
        day += 1;
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::{Month, date_from_epoch_day, epoch_day};

    #[test]
    fn every_seventh_day_agrees_with_the_terms() {
        for day in
            (-4_371_700..2_933_000).step_by(7).chain(-4_371_600..-4_371_570).chain(2_932_880..2_932_910)
        {
            let date = date_from_epoch_day(day).map(|date| (date.year(), date.month(), date.day()));
            let ours =
                civil(i64::from(day)).map(|civil| (civil.year as i16, civil.month as i8, civil.day as i8));
            assert_eq!(ours, date, "{day}");
            let month = date_from_epoch_day(day).map(|date| i64::from(Month::of(date).index()));
            assert_eq!(month_of(i64::from(day)), month, "{day}");
            if have_dates(&[i64::from(day)]) {
                assert_eq!(Some(month_of_day(i64::from(day))), month, "{day}");
                for other in [day, -4_371_587, 2_932_896, -719_500, 11_016, 18_382, 59, 60, 425] {
                    let (birth, on) = (i64::from(day), i64::from(other));
                    let years = years_between(day_in_years(birth), day_in_years(on));
                    assert_eq!(Some(years), completed_years(birth, on), "{birth} {on}");
                }
            }
        }
    }

    #[test]
    fn every_month_has_the_first_and_last_day_of_the_terms() {
        for index in (0..120_100).chain([-13, i32::MAX - 1, i32::MIN]) {
            let month = Month::from_index(index);
            let first = month.map(|month| i64::from(epoch_day(month.first_day())));
            let last = month.map(|month| i64::from(epoch_day(month.last_day())));
            assert_eq!(first_day(i64::from(index)), first, "{index}");
            assert_eq!(last_day(i64::from(index)), last, "{index}");
        }
    }

    #[test]
    fn the_last_birth_of_an_age_has_it_and_the_next_day_has_not() {
        for on in [18_382, 18_321, 18_322, 0, 11_016] {
            for age in -3..130 {
                let last = last_birth(age, on);
                assert!(completed_years(last, on).is_some_and(|years| years >= age), "{age} {on}");
                assert!(completed_years(last + 1, on).is_some_and(|years| years < age), "{age} {on}");
            }
        }
    }
}
