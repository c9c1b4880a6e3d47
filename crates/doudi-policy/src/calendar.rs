//! Working days: Monday to Friday, but for the holidays and make-up days that the State Council announces year by year.
//! A year that nobody has entered is not known; it is never taken for a year without holidays.

use crate::diagnostic::Diagnostic;
use crate::source::{Source, SourceId, Span};
use doudi_terms::{Date, date_from_epoch_day, epoch_day, parse_date};
use std::collections::{BTreeMap, BTreeSet};

/// Longer counts than this are a slip of the pen, not a time limit.
const MOST_DAYS: i64 = 4_000;

#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Years whose announcement has been entered.
    years: BTreeSet<i16>,
    /// Days that differ from their weekday: `true` = people work.
    days: BTreeMap<i32, bool>,
    /// The days given are all there are: every year is known.
    whole: bool,
}

/// Why a working day cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoDay {
    /// The year has not been entered.
    Year(i16),
    OutOfRange,
}

impl Calendar {
    /// A calendar in which these days are all that differs from Monday to Friday, in any year.
    pub fn whole(holidays: &[Date], working: &[Date]) -> Calendar {
        let rest = holidays.iter().map(|day| (epoch_day(*day), false));
        let work = working.iter().map(|day| (epoch_day(*day), true));
        Calendar { years: BTreeSet::new(), days: rest.chain(work).collect(), whole: true }
    }

    /// `calendars/2020.csv`
    pub(crate) fn is_calendar(path: &str) -> bool {
        path.ends_with(".csv") && path.rsplit('/').nth(1) == Some("calendars")
    }

    /// Reads one year: `日期,安排,说明`, the arrangement being 休 or 班.
    pub(crate) fn read(&mut self, source: &Source, id: SourceId) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut start = 0_u32;
        for (number, line) in source.text.split_inclusive('\n').enumerate() {
            let span = Span { source: id, start, end: start + line.trim_end().len() as u32 };
            start += line.len() as u32;
            let cells: Vec<&str> = line.trim_start_matches('\u{feff}').trim().split(',').collect();
            if number == 0 || cells == [""] {
                continue;
            }
            let works = match cells.get(1).copied() {
                Some("休") => Some(false),
                Some("班") => Some(true),
                _ => None,
            };
            match (parse_date(cells[0]), works) {
                (Some(date), Some(works)) => {
                    self.years.insert(date.year());
                    self.days.insert(epoch_day(date), works);
                }
                _ => problems.push(
                    Diagnostic::error(span, "节假日安排的这一行读不出来")
                        .next("写成 2020-10-01,休,国庆节 或 2020-09-27,班,国庆节"),
                ),
            }
        }
        problems
    }

    fn works(&self, day: i32) -> Result<bool, NoDay> {
        let date = date_from_epoch_day(day).ok_or(NoDay::OutOfRange)?;
        if !self.whole && !self.years.contains(&date.year()) {
            return Err(NoDay::Year(date.year()));
        }
        let weekday = date.weekday().to_monday_one_offset() <= 5;
        Ok(self.days.get(&day).copied().unwrap_or(weekday))
    }

    /// How many working days there are after a day, up to another and with it; `None` where a year has not been entered.
    pub fn working_days(&self, after: Date, through: Date) -> Option<u32> {
        let (from, to) = (epoch_day(after).checked_add(1)?, epoch_day(through));
        if i64::from(to) - i64::from(from) > MOST_DAYS {
            return None;
        }
        let mut count = 0;
        for day in from..=to {
            count += u32::from(self.works(day).ok()?);
        }
        Some(count)
    }

    /// The `count`-th working day after a day, which itself is not counted.
    pub(crate) fn after(&self, day: i64, count: i64) -> Result<i64, NoDay> {
        if !(0..=MOST_DAYS).contains(&count) {
            return Err(NoDay::OutOfRange);
        }
        let mut at = i32::try_from(day).map_err(|_| NoDay::OutOfRange)?;
        let mut left = count;
        while left > 0 {
            at = at.checked_add(1).ok_or(NoDay::OutOfRange)?;
            left -= i64::from(self.works(at)?);
        }
        Ok(i64::from(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        i64::from(epoch_day(parse_date(text).expect("a day")))
    }

    fn entered(text: &str) -> Calendar {
        let mut calendar = Calendar::default();
        let source =
            Source { path: "calendars/2020.csv".into(), text: format!("日期,安排,说明\n{text}") };
        assert_eq!(calendar.read(&source, SourceId(0)), []);
        calendar
    }

    #[test]
    fn holidays_do_not_count_and_make_up_days_do() {
        let calendar = entered("2020-10-01,休,国庆\n2020-10-02,休,国庆\n2020-10-10,班,国庆\n");
        assert_eq!(calendar.after(day("2020-09-30"), 1), Ok(day("2020-10-05")));
        assert_eq!(calendar.after(day("2020-10-09"), 1), Ok(day("2020-10-10")));
        assert_eq!(calendar.after(day("2020-10-09"), 0), Ok(day("2020-10-09")));
    }

    #[test]
    fn a_year_that_is_not_entered_is_named_and_not_guessed() {
        let calendar = entered("2020-10-01,休,国庆\n");
        assert_eq!(calendar.after(day("2020-12-30"), 2), Err(NoDay::Year(2021)));
        assert_eq!(calendar.after(day("2020-12-30"), 1), Ok(day("2020-12-31")));
        assert_eq!(Calendar::default().after(day("2020-01-01"), 1), Err(NoDay::Year(2020)));
        assert_eq!(Calendar::whole(&[], &[]).after(day("2020-12-31"), 1), Ok(day("2021-01-01")));
    }

    #[test]
    fn an_absurd_count_is_refused() {
        assert_eq!(Calendar::whole(&[], &[]).after(0, 1_000_000), Err(NoDay::OutOfRange));
        assert_eq!(Calendar::whole(&[], &[]).after(0, -1), Err(NoDay::OutOfRange));
    }

    #[test]
    fn a_bad_line_is_a_problem_with_its_place() {
        let source =
            Source { path: "calendars/2020.csv".into(), text: "日期,安排\n十月一日,休\n".into() };
        let problems = Calendar::default().read(&source, SourceId(0));
        assert_eq!(problems.len(), 1);
        assert_eq!(source.slice(problems[0].span), "十月一日,休");
    }

    #[test]
    fn working_days_are_counted_like_the_days_of_a_time_limit() {
        let calendar = entered(
            "2020-01-24,休,春节\n2020-01-27,休,春节\n2020-01-28,休,春节\n2020-01-29,休,春节\n2020-01-30,休,春节\n2020-01-31,休,春节\n2020-02-01,班,春节\n",
        );
        let date = |text: &str| parse_date(text).expect("a day");
        for (from, to, days) in [
            ("2020-01-20", "2020-01-20", Some(0)),
            ("2020-01-20", "2020-01-23", Some(3)),
            ("2020-01-23", "2020-01-31", Some(0)),
            ("2020-01-23", "2020-02-03", Some(2)),
            ("2020-01-23", "2020-01-01", Some(0)),
            ("2020-12-30", "2021-01-04", None),
            ("1900-01-01", "2020-01-04", None),
        ] {
            assert_eq!(calendar.working_days(date(from), date(to)), days, "{from} {to}");
        }
        // The same day that a limit of so many days ends on.
        for count in 0..20 {
            let end = calendar.after(day("2020-01-15"), count).expect("a day");
            let end = date_from_epoch_day(end as i32).expect("a day");
            assert_eq!(calendar.working_days(date("2020-01-15"), end), Some(count as u32));
        }
    }
}
