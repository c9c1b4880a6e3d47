//! A point in time as the clock at the edge gave it.

use doudi_terms::{Date, date_from_epoch_day, epoch_day};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01 UTC. Whoever reads the clock makes one; nothing behind it asks for the time again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
/// China keeps one time, eight hours ahead of UTC.
const BEIJING: i64 = 8 * 3_600 * SECOND;

impl Moment {
    pub fn from_millis(millis: i64) -> Moment {
        Moment(millis)
    }

    pub fn millis(self) -> i64 {
        self.0
    }

    pub fn plus_seconds(self, seconds: i64) -> Moment {
        Moment(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Whole seconds from an earlier moment; negative if that one is later.
    pub fn seconds_since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0) / SECOND
    }

    /// The day in Beijing time; `None` far outside of history.
    pub fn day(self) -> Option<Date> {
        let day = self.0.saturating_add(BEIJING).div_euclid(DAY);
        date_from_epoch_day(i32::try_from(day).ok()?)
    }

    /// Noon of a day in Beijing time: for a date that was given without a time.
    pub fn noon_of(date: Date) -> Moment {
        Moment(i64::from(epoch_day(date)) * DAY + DAY / 2 - BEIJING)
    }
}

/// `2020-04-30 09:05:07`, Beijing time.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(day) = self.day() else { return write!(f, "{}", self.0) };
        let seconds = self.0.saturating_add(BEIJING).rem_euclid(DAY) / SECOND;
        write!(f, "{day} {:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_beijing_time() {
        // 2020-04-30 20:00:00 UTC is the next day in Beijing.
        let moment = Moment::from_millis(1_588_276_800_000);
        assert_eq!(moment.to_string(), "2020-05-01 04:00:00");
        assert_eq!(moment.day().map(|day| day.to_string()).as_deref(), Some("2020-05-01"));
        assert_eq!(moment.plus_seconds(-4 * 3_600 - 1).to_string(), "2020-04-30 23:59:59");
        let noon = Moment::noon_of(doudi_terms::parse_date("2020-02-29").expect("a date"));
        assert_eq!(noon.to_string(), "2020-02-29 12:00:00");
    }
}
