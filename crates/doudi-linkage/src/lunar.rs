//! The lunar calendar: which day of the civil calendar a lunar date is. People over sixty know their birthday by it.
//!
//! Months of 1900 to 2100 as the Purple Mountain Observatory announces them (GB/T 33661), one number a year: bit 0 to 11 =
//! the month has thirty days, bits 12 to 15 = after which month a leap month comes, bit 16 = that one has thirty days.

use doudi_terms::Date;

const FIRST_YEAR: i32 = 1900;
const YEARS: [u32; 201] = [
    0x08BD2, 0x00752, 0x00EA5, 0x05B2A, 0x0064B, 0x00A9B, 0x14AA6, 0x0056A, 0x00B59, 0x02BAA, 0x00752,
    0x06DA5, 0x00B25, 0x00A4B, 0x15A4B, 0x002AD, 0x0056B, 0x025B5, 0x00DA9, 0x17E92, 0x00E92, 0x00D25,
    0x05D2D, 0x00A56, 0x002B6, 0x14AD5, 0x006D4, 0x00EA9, 0x02F4A, 0x00E92, 0x066A6, 0x0052B, 0x00A57,
    0x15956, 0x00B5A, 0x006D4, 0x13761, 0x00749, 0x17B13, 0x00A93, 0x0052B, 0x1651B, 0x00AAD, 0x0056A,
    0x14DA5, 0x00BA4, 0x00B49, 0x02D4B, 0x00A95, 0x07AAD, 0x00536, 0x00AAD, 0x15ACA, 0x005B2, 0x00DA5,
    0x13EA2, 0x00D4A, 0x08595, 0x00A97, 0x00556, 0x06575, 0x00AD5, 0x006D2, 0x04755, 0x00EA5, 0x0064A,
    0x0364F, 0x00A9B, 0x07ADA, 0x0056A, 0x00B69, 0x05BB2, 0x00B52, 0x00B25, 0x04B2B, 0x00A4B, 0x08AAB,
    0x002AD, 0x0056D, 0x165A9, 0x00DA9, 0x00D92, 0x04E95, 0x00D25, 0x0AE4D, 0x00A56, 0x002B6, 0x062F5,
    0x006D5, 0x00EA9, 0x05F52, 0x00E92, 0x00D26, 0x0352E, 0x00A57, 0x08AD6, 0x0035A, 0x006D5, 0x05B69,
    0x00749, 0x00693, 0x04A9B, 0x0052B, 0x00A5B, 0x02AAE, 0x0056A, 0x07DD5, 0x00BA4, 0x00B49, 0x05D53,
    0x00A95, 0x0052D, 0x0455D, 0x00AB5, 0x09BAA, 0x005D2, 0x00DA5, 0x16E8A, 0x00D4A, 0x00C95, 0x04A9E,
    0x00556, 0x00AB5, 0x02ADA, 0x006D2, 0x06765, 0x00725, 0x0064B, 0x05657, 0x00CAB, 0x0055A, 0x0356E,
    0x00B69, 0x0BF52, 0x00B52, 0x00B25, 0x16D0B, 0x00A4B, 0x004AB, 0x052BB, 0x005AD, 0x00B6A, 0x02DAA,
    0x00D92, 0x07EA5, 0x00D25, 0x00A55, 0x15A4D, 0x004B6, 0x005B5, 0x136D2, 0x00EC9, 0x08F92, 0x00E92,
    0x00D26, 0x16516, 0x00A57, 0x004D6, 0x14365, 0x00755, 0x00749, 0x0374B, 0x00693, 0x07AAB, 0x0052B,
    0x00A5B, 0x05ABA, 0x0056A, 0x00B65, 0x04BAA, 0x00B4A, 0x08D95, 0x00A95, 0x0052D, 0x0656D, 0x00AB5,
    0x005AA, 0x045D5, 0x00DA5, 0x00D4A, 0x03E4D, 0x00C96, 0x07CCE, 0x00556, 0x00AB5, 0x15AD2, 0x006D2,
    0x00EA5, 0x0472A, 0x0064B, 0x08697, 0x004AB, 0x0055B, 0x16556, 0x00B6A, 0x00752, 0x04B95, 0x00B25,
    0x00A8B, 0x02A4F, 0x004AB,
];
/// The first day of the first year: 1900-01-31.
const FIRST_DAY: i32 = -25_537;

/// A date as the lunar calendar writes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LunarDate {
    pub(crate) year: i32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) leap: bool,
}

fn days(of_thirty: bool) -> i32 {
    29 + i32::from(of_thirty)
}

/// The months of a year in their order: number, whether it is the leap one, days.
fn months(year: u32) -> impl Iterator<Item = (u32, bool, i32)> {
    let leap = year >> 12 & 15;
    (1..=12_u32).flat_map(move |month| {
        let plain = (month, false, days(year >> (month - 1) & 1 == 1));
        let more = (leap == month).then(|| (month, true, days(year >> 16 & 1 == 1)));
        std::iter::once(plain).chain(more)
    })
}

/// Days since 1970-01-01; `None` for a date that the calendar does not have.
pub(crate) fn day_of(date: LunarDate) -> Option<i32> {
    let at = usize::try_from(date.year - FIRST_YEAR).ok()?;
    let year = *YEARS.get(at)?;
    let before: i32 = YEARS[..at].iter().flat_map(|&year| months(year)).map(|(.., days)| days).sum();
    let mut day = FIRST_DAY + before;
    for (month, leap, days) in months(year) {
        if (month, leap) == (date.month, date.leap) {
            let wanted = i32::try_from(date.day).ok().filter(|day| (1..=days).contains(day))?;
            return Some(day + wanted - 1);
        }
        day += days;
    }
    None
}

/// Whether a day is this date of the lunar calendar, in the month or in the leap month after it.
pub(crate) fn is_lunar(written: Date, day: i32) -> bool {
    let year = i32::from(written.year());
    let (month, of_month) = (written.month().unsigned_abs().into(), written.day().unsigned_abs().into());
    [false, true].iter().any(|&leap| day_of(LunarDate { year, month, day: of_month, leap }) == Some(day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::{epoch_day, parse_date};

    #[test]
    fn lunar_dates_are_the_days_that_the_almanac_gives() {
        for (year, month, day, leap, civil) in [
            (1900, 1, 1, false, "1900-01-31"),
            (1955, 3, 20, false, "1955-04-12"),
            (1957, 8, 15, true, "1957-10-08"),
            (1982, 2, 11, false, "1982-03-06"),
            (1949, 12, 29, false, "1950-02-15"),
            (2020, 4, 1, true, "2020-05-23"),
            (2024, 1, 1, false, "2024-02-10"),
            (2100, 12, 29, false, "2101-01-28"),
        ] {
            let civil = parse_date(civil).map(epoch_day);
            assert_eq!(day_of(LunarDate { year, month, day, leap }), civil, "{year} {month} {day}");
        }
    }

    #[test]
    fn what_the_calendar_does_not_have_is_no_day() {
        for (year, month, day, leap) in [
            (1955, 4, 1, true),
            (1955, 13, 1, false),
            (1955, 0, 1, false),
            (1955, 1, 31, false),
            (1899, 1, 1, false),
            (2101, 1, 1, false),
            (1955, 1, 0, false),
        ] {
            assert_eq!(day_of(LunarDate { year, month, day, leap }), None, "{year} {month} {day}");
        }
    }
}
