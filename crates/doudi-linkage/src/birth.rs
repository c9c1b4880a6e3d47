//! Days of birth as people write them, and how two of them are alike.

use crate::cell::half_width;
use doudi_terms::{Date, date_from_epoch_day, epoch_day, parse_date};

/// Excel counts days from here (its 1900 system, with the leap day that never was).
const EXCEL_EPOCH: i32 = -25_569;
/// A lunar date taken for a solar one is this many days early (the first day of the lunar year falls on 21 January to
/// 20 February).
const LUNAR_DAYS: std::ops::RangeInclusive<i32> = 18..=52;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BirthLikeness {
    Missing,
    Same,
    /// The row has the lunar date.
    Lunar,
    /// One part of the date differs, or day and month are swapped.
    Slip,
    Different,
}

pub(crate) fn read(raw: &str) -> Option<i32> {
    if let Some(date) = parse_date(raw) {
        return Some(epoch_day(date));
    }
    let plain: String =
        raw.trim().trim_start_matches(['农', '阴', '历', '\'']).chars().map(half_width).collect();
    // A time of day may follow: 1982-03-06 00:00:00. Other blanks are there for looks.
    let day = plain.split([' ', 'T']).next().unwrap_or_default();
    let without_blanks: String = plain.split_whitespace().collect();
    if let Some(date) = parse_date(day).or_else(|| parse_date(&without_blanks)) {
        return Some(epoch_day(date));
    }
    let serial: i32 =
        (day.len() == 5 && day.bytes().all(|b| b.is_ascii_digit())).then(|| day.parse().ok())??;
    Some(serial + EXCEL_EPOCH)
}

/// `ours` from the row, `theirs` from the register.
pub(crate) fn compare(ours: Option<i32>, theirs: Option<i32>) -> BirthLikeness {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return BirthLikeness::Missing };
    if ours == theirs {
        return BirthLikeness::Same;
    }
    if LUNAR_DAYS.contains(&theirs.saturating_sub(ours)) {
        return BirthLikeness::Lunar;
    }
    match (date_from_epoch_day(ours), date_from_epoch_day(theirs)) {
        (Some(a), Some(b)) if is_slip(a, b) => BirthLikeness::Slip,
        _ => BirthLikeness::Different,
    }
}

fn is_slip(a: Date, b: Date) -> bool {
    let same = [a.year() == b.year(), a.month() == b.month(), a.day() == b.day()];
    let swapped = a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
    swapped || same.iter().filter(|&&same| same).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_come_in_every_form() {
        let expected = Some(epoch_day(Date::constant(1982, 3, 6)));
        for text in [
            "1982-03-06",
            "19820306",
            "１９８２年３月６日",
            "1982.3.6",
            "1982/3/6 0:00:00",
            "1982-03-06 00:00:00",
            "30016",
            "'19820306",
            "1982 年 3 月 6 日",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        for text in ["", "无", "1982", "1982-13-06"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_lunar_date_is_some_weeks_early() {
        let day = |text| read(text);
        assert_eq!(compare(day("1982-02-11"), day("1982-03-06")), BirthLikeness::Lunar);
        assert_eq!(compare(day("1982-06-03"), day("1982-03-06")), BirthLikeness::Slip);
        assert_eq!(compare(day("1983-03-06"), day("1982-03-06")), BirthLikeness::Slip);
        assert_eq!(compare(day("1983-04-06"), day("1982-03-06")), BirthLikeness::Different);
        assert_eq!(compare(None, day("1982-03-06")), BirthLikeness::Missing);
    }
}
