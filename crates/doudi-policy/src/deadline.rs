//! By when a check wants somebody to have looked, read from its own words: 核查 “村（社区）核实，3个工作日”.

use crate::analyse::{Measure, quantities};
use crate::calendar::{Calendar, NoDay};
use doudi_terms::{Date, date_from_epoch_day, epoch_day};

/// Why there is no day, although the words name a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDeadline {
    #[error(
        "{0} 年的节假日安排还没有录入，算不出工作日。请把国务院办公厅的通知写进 policies/calendars/{0}.csv 再做"
    )]
    Unpublished(i16),
    #[error("写的期限太长，算不出是哪一天。请改条文里的“核查”")]
    TooFar,
}

/// The last day of the period that the words name, counted from the day after `from`; `None` where they name none. Hours
/// end on the day in which the last of them lies.
pub fn deadline(words: &str, from: Date, calendar: &Calendar) -> Result<Option<Date>, NoDeadline> {
    let period = quantities(words).into_iter().rev().find_map(|quantity| {
        let whole = i64::try_from(quantity.value.ceil().to_integer()).ok()?;
        match quantity.measure {
            Measure::WorkingDays => Some((whole, true)),
            Measure::Days => Some((whole, false)),
            Measure::Hours => Some(((whole + 23) / 24, false)),
            _ => None,
        }
    });
    let Some((count, working)) = period else { return Ok(None) };
    let start = i64::from(epoch_day(from));
    let day = match working {
        true => calendar.after(start, count).map_err(|why| match why {
            NoDay::Year(year) => NoDeadline::Unpublished(year),
            NoDay::OutOfRange => NoDeadline::TooFar,
        })?,
        false => start + count,
    };
    let date = i32::try_from(day).ok().and_then(date_from_epoch_day);
    date.map(Some).ok_or(NoDeadline::TooFar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::parse_date;

    fn by(words: &str, from: &str) -> Result<Option<String>, NoDeadline> {
        let day = |text| parse_date(text).expect("a date");
        // Monday the 4th and Tuesday the 5th are holidays, the Saturday after is worked.
        let calendar = Calendar::whole(&[day("2020-05-04"), day("2020-05-05")], &[day("2020-05-09")]);
        Ok(deadline(words, day(from), &calendar)?.map(|date| date.to_string()))
    }

    #[test]
    fn working_days_natural_days_and_hours_are_told_apart() {
        assert_eq!(by("村核实，3个工作日", "2020-05-01"), Ok(Some("2020-05-08".into())));
        assert_eq!(by("村核实，4个工作日", "2020-05-01"), Ok(Some("2020-05-09".into())));
        assert_eq!(by("乡镇核实家庭收入，30个自然日", "2020-05-01"), Ok(Some("2020-05-31".into())));
        assert_eq!(by("先行救助，24小时", "2020-05-01"), Ok(Some("2020-05-02".into())));
        assert_eq!(by("两个人上门，36小时内", "2020-05-01"), Ok(Some("2020-05-03".into())));
        assert_eq!(by("乡镇核实", "2020-05-01"), Ok(None));
    }

    #[test]
    fn a_year_that_nobody_has_entered_is_an_error_and_not_a_lead_without_a_day() {
        let day = parse_date("2026-12-30").expect("a date");
        let unknown = deadline("村核实，3个工作日", day, &Calendar::default());
        assert_eq!(unknown, Err(NoDeadline::Unpublished(2026)));
        assert!(unknown.expect_err("unknown").to_string().contains("policies/calendars/2026.csv"));
        assert!(deadline("村核实，30个自然日", day, &Calendar::default()).is_ok());
    }
}
