//! Days, months and years of birth as people type them.

use crate::birth;
use crate::cell::half_width;
use doudi_terms::{Date, Month, date_from_epoch_day, epoch_day};

/// Nobody who is looked for was born outside.
const YEARS: std::ops::RangeInclusive<i32> = 1880..=2040;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BirthWord {
    Day(i32),
    /// From the first day up to and without the last.
    Month(i32, i32),
    Year(i32, i32),
}

/// All that a word may mean; digits alone may mean several things.
pub(super) fn read(word: &str) -> Vec<BirthWord> {
    let plain: String = word.chars().map(half_width).collect();
    let plain = plain.trim_end_matches(['生', '出']);
    let is_digits = plain.bytes().all(|b| b.is_ascii_digit());
    let mut found = Vec::new();
    // A bare number of five digits is a day to Excel, and to nobody who types.
    if (!is_digits || plain.len() == 8)
        && let Some(day) = birth::read(plain).filter(|&day| in_years(day))
    {
        return vec![BirthWord::Day(day)];
    }
    let parts: Vec<&str> = plain.split(['-', '/', '.', '年', '月']).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [year] if year.len() == 4 => found.extend(whole_year(year)),
        [digits] if digits.len() == 6 && is_digits => {
            found.extend(whole_month(&digits[..4], &digits[4..]));
            for century in ["19", "20"] {
                found.extend(
                    birth::read(&format!("{century}{digits}"))
                        .filter(|&day| in_years(day))
                        .map(BirthWord::Day),
                );
            }
        }
        [year, month] if !is_digits && year.len() == 4 => found.extend(whole_month(year, month)),
        _ => {}
    }
    found
}

fn in_years(day: i32) -> bool {
    date_from_epoch_day(day).is_some_and(|date| YEARS.contains(&i32::from(date.year())))
}

fn first_of(year: i32, month: i32) -> Option<i32> {
    Some(epoch_day(Month::new(year, month)?.last_day()) + 1)
}

fn whole_month(year: &str, month: &str) -> Option<BirthWord> {
    let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
    if !YEARS.contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let before = if month == 1 { first_of(year - 1, 12) } else { first_of(year, month - 1) };
    Some(BirthWord::Month(before?, first_of(year, month)?))
}

fn whole_year(year: &str) -> Option<BirthWord> {
    let year: i32 = year.parse().ok().filter(|year| YEARS.contains(year))?;
    Some(BirthWord::Year(first_of(year - 1, 12)?, first_of(year, 12)?))
}

/// Days of which one part is another: what a slip of the hand makes of a day.
pub(super) fn near(day: i32) -> Vec<i32> {
    let Some(date) = date_from_epoch_day(day) else { return Vec::new() };
    let days = (1..=31).map(|day| (date.year(), date.month(), day));
    let months = (1..=12).map(|month| (date.year(), month, date.day()));
    let years = (date.year() - 12..=date.year() + 12).map(|year| (year, date.month(), date.day()));
    let swapped = [(date.year(), date.day(), date.month())];
    let parts = days.chain(months).chain(years).chain(swapped);
    let mut near: Vec<i32> = parts
        .filter_map(|(y, m, d)| Date::new(y, m, d).ok())
        .map(epoch_day)
        .filter(|&other| other != day)
        .collect();
    near.sort_unstable();
    near.dedup();
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        birth::read(text).expect("a day")
    }

    #[test]
    fn days_months_and_years_are_told_apart() {
        assert_eq!(read("1965-03-12"), [BirthWord::Day(day("1965-03-12"))]);
        assert_eq!(read("１９６５年３月１２日"), [BirthWord::Day(day("1965-03-12"))]);
        assert_eq!(read("19650312"), [BirthWord::Day(day("1965-03-12"))]);
        let march = BirthWord::Month(day("1965-03-01"), day("1965-04-01"));
        assert_eq!(read("1965年3月"), [march]);
        assert_eq!(read("1965-03"), [march]);
        assert_eq!(read("196503"), [march]);
        assert_eq!(read("650312"), [BirthWord::Day(day("1965-03-12"))]);
        assert_eq!(read("1965年"), [BirthWord::Year(day("1965-01-01"), day("1966-01-01"))]);
        for text in ["30016", "1965-13", "0312", "138", "王"] {
            assert_eq!(read(text), [], "{text}");
        }
    }

    #[test]
    fn a_slip_changes_one_part_or_swaps_two() {
        let near = near(day("1965-03-12"));
        for text in ["1965-03-02", "1965-08-12", "1956-03-12", "1965-12-03"] {
            assert!(near.contains(&day(text)), "{text}");
        }
        assert!(!near.contains(&day("1965-03-12")) && !near.contains(&day("1966-04-12")));
    }
}
