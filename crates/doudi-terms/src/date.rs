//! Days and months of the civil calendar.

use std::fmt;

pub use jiff::civil::Date;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Days since 1970-01-01, the form dates have in columns.
pub fn epoch_day(date: Date) -> i32 {
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

/// The inverse of [`epoch_day`]; `None` outside the years -9999..=9999.
pub fn date_from_epoch_day(day: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(day).ok()?).ok()
}

/// Parses `2020-04-30`, `20200430`, `2020/4/30`, `2020.4.30`, `2020年4月30日`. Nothing else is guessed at.
pub fn parse_date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return civil(&text[..4], &text[4..6], &text[6..]);
    }
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut parts = text.split(['-', '/', '.', '年', '月']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    civil(year, month, day)
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let digits = |s: &str| !s.is_empty() && s.len() <= 4 && s.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year) && digits(month) && digits(day)) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A calendar month, as a count of months since year 0 (so that months can be subtracted).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Month(i32);

impl Month {
    /// `month` is 1..=12.
    pub fn new(year: i32, month: i32) -> Option<Month> {
        ((1..=12).contains(&month) && (1..=9999).contains(&year)).then_some(Month(year * 12 + month - 1))
    }

    /// From the count of months since year 0 (the form months have in columns).
    pub fn from_index(index: i32) -> Option<Month> {
        (12..120_000).contains(&index).then_some(Month(index))
    }

    pub fn index(self) -> i32 {
        self.0
    }

    pub fn of(date: Date) -> Month {
        Month(i32::from(date.year()) * 12 + i32::from(date.month()) - 1)
    }

    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1..=12.
    pub fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    pub fn plus(self, months: i32) -> Option<Month> {
        Month::from_index(self.0.checked_add(months)?)
    }

    pub fn previous(self) -> Month {
        Month(self.0 - 1)
    }

    /// `Month` holds years 1..=9999 only, so both days exist.
    pub fn first_day(self) -> Date {
        Date::new(self.year() as i16, self.month() as i8, 1).unwrap_or(EPOCH)
    }

    pub fn last_day(self) -> Date {
        self.first_day().last_of_month()
    }

    /// Parses `2020-04`, `202004`, `2020年4月`, `2020/4`, `2020.04`.
    pub fn parse(text: &str) -> Option<Month> {
        let text = text.trim();
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Month::new(text[..4].parse().ok()?, text[4..].parse().ok()?);
        }
        let text = text.strip_suffix('月').unwrap_or(text);
        let (year, month) = text.split_once(['-', '/', '.', '年'])?;
        if year.len() != 4 || month.len() > 2 {
            return None;
        }
        Month::new(year.parse().ok()?, month.parse().ok()?)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_forms_offices_use() {
        let expected = Date::new(1982, 3, 6).ok();
        for text in ["1982-03-06", "19820306", "1982/3/6", "1982.3.6", "1982年3月6日", " 1982-3-6 "] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
        for text in ["1982-13-06", "82-3-6", "1982-3", "1982年2月30日", "", "昨天"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn epoch_days_go_there_and_back() {
        for day in [-40_000, -1, 0, 1, 18_382] {
            assert_eq!(date_from_epoch_day(day).map(epoch_day), Some(day));
        }
    }

    #[test]
    fn months_know_their_ends() {
        let month = Month::parse("2020年2月").expect("a month");
        assert_eq!(month.last_day().to_string(), "2020-02-29");
        assert_eq!(month.previous().to_string(), "2020-01");
        assert_eq!(Month::parse("2020-13"), None);
    }
}
