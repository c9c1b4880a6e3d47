//! By when a case has to be where it is: days and moments that the policies' own rules give.

use crate::moment::Moment;
use doudi_policy::Value;
use doudi_policy::ir::Type;
use doudi_terms::{Date, date_from_epoch_day};
use std::fmt;

/// The end of a day, or a minute of it, in Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub day: Date,
    /// Minutes after midnight; `None` = the whole day still counts.
    pub minute: Option<u16>,
}

const DAY_MINUTES: i128 = 24 * 60;
const MINUTE_SECONDS: i64 = 60;

impl Deadline {
    pub(super) fn of(value: Value, ty: Type) -> Option<Deadline> {
        let Value::Number(number) = value else { return None };
        let whole = number.to_integer();
        let day = |day: i128| date_from_epoch_day(i32::try_from(day).ok()?);
        match ty {
            Type::Date => Some(Deadline { day: day(whole)?, minute: None }),
            Type::Moment => {
                let minute = u16::try_from(whole.rem_euclid(DAY_MINUTES)).ok();
                Some(Deadline { day: day(whole.div_euclid(DAY_MINUTES))?, minute })
            }
            _ => None,
        }
    }

    /// The first moment that is too late.
    pub fn ends(&self) -> Moment {
        let midnight = Moment::noon_of(self.day).plus_seconds(-12 * 60 * MINUTE_SECONDS);
        match self.minute {
            Some(minute) => midnight.plus_seconds((i64::from(minute) + 1) * MINUTE_SECONDS),
            None => midnight.plus_seconds(24 * 60 * MINUTE_SECONDS),
        }
    }

    pub fn is_past(&self, now: Moment) -> bool {
        now >= self.ends()
    }
}

/// `2022-10-20`, `2022-10-20T09:30`
impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minute {
            Some(minute) => write!(f, "{}T{:02}:{:02}", self.day, minute / 60, minute % 60),
            None => write!(f, "{}", self.day),
        }
    }
}

/// One clock of a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// 低保审核确认期限
    pub rule: String,
    pub article: String,
    /// Or what is not known yet, in words.
    pub due: Result<Deadline, Vec<String>>,
}

/// The earliest that is known.
pub(super) fn earliest(clocks: &[Clock]) -> Option<Deadline> {
    let known = clocks.iter().filter_map(|clock| clock.due.as_ref().ok());
    known.copied().min_by_key(|deadline| deadline.ends())
}

/// A moment as the policies write it: `2020-02-01T23:40`, Beijing time. A minute counts from its beginning.
pub(super) fn moment_text(at: Moment) -> String {
    at.to_string().replacen(' ', "T", 1).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::parse_date;

    #[test]
    fn a_day_ends_at_midnight_and_a_moment_with_its_minute() {
        let day = parse_date("2020-02-03").expect("a day");
        let whole = Deadline { day, minute: None };
        let night = Deadline { day, minute: Some(23 * 60 + 40) };
        assert_eq!(whole.ends().to_string(), "2020-02-04 00:00:00");
        assert_eq!(night.ends().to_string(), "2020-02-03 23:41:00");
        assert!(!whole.is_past(whole.ends().plus_seconds(-1)) && whole.is_past(whole.ends()));
        assert_eq!(
            (whole.to_string().as_str(), night.to_string().as_str()),
            ("2020-02-03", "2020-02-03T23:40")
        );
    }

    #[test]
    fn a_moment_is_written_in_beijing_time() {
        // 2020-02-01 15:40:30 UTC
        assert_eq!(moment_text(Moment::from_millis(1_580_571_630_000)), "2020-02-01T23:40");
    }
}
