//! Days of birth as people write them, and how two of them are alike.

use crate::cell::{half_width, is_blank};
use crate::evidence::RepairKind;
use crate::lunar::{self, LunarDate};
use doudi_terms::{Date, date_from_epoch_day, epoch_day, parse_date};

/// Excel counts days from here (its 1900 system, with the leap day that never was).
const EXCEL_EPOCH: i32 = -25_569;
/// A lunar date taken for a solar one is this many days early (the first day of the lunar year falls on 21 January to
/// 20 February).
const LUNAR_DAYS: std::ops::RangeInclusive<i32> = 18..=52;
/// The first year of the Republic, by which documents until 1949 count.
const BEFORE_REPUBLIC: i32 = 1911;
/// Of two digits from here on, the twentieth century is meant: there are more people of ninety than of minus five.
const OLD_CENTURY: i32 = 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BirthLikeness {
    Missing,
    Same,
    /// The row's date, as one of the lunar calendar, is the register's day.
    LunarSame,
    /// The row has the month or the year only, and it is the register's.
    SameMonth,
    SameYear,
    /// The row is some weeks early, as a lunar date is, but not the very day.
    Lunar,
    /// One part of the date differs, or day and month are swapped.
    Slip,
    Different,
}

/// A birth cell, read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct BirthReading {
    /// Days since 1970-01-01.
    pub(crate) day: Option<i32>,
    /// Year and month, where the cell has no day.
    pub(crate) part: Option<(i32, Option<u32>)>,
    pub(crate) repairs: Vec<RepairKind>,
}

impl BirthReading {
    pub(crate) fn of_day(day: Option<i32>) -> BirthReading {
        BirthReading { day, ..BirthReading::default() }
    }

    pub(crate) fn read(raw: &str) -> BirthReading {
        // Most cells are dates as they stand.
        match parse_date(raw) {
            Some(date) => BirthReading::of_day(Some(epoch_day(date))),
            None => Scan::of(raw).and_then(Scan::read).unwrap_or_default(),
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        self.day.is_some() || self.part.is_some()
    }

    /// As the date is understood, for whoever reads the repairs.
    pub(crate) fn shown(&self) -> String {
        match (self.day.and_then(date_from_epoch_day), self.part) {
            (Some(date), _) => date.to_string(),
            (None, Some((year, Some(month)))) => format!("{year}-{month:02}"),
            (None, Some((year, None))) => format!("{year}"),
            (None, None) => String::new(),
        }
    }
}

/// The day, where the text has one.
pub(crate) fn read(raw: &str) -> Option<i32> {
    BirthReading::read(raw).day
}

/// The numbers of a birth cell with what stands around them.
#[derive(Default)]
struct Scan {
    /// Value, digits, and whether it was written in Chinese.
    numbers: Vec<(i32, usize)>,
    lunar: bool,
    leap: bool,
    republic: bool,
    repairs: Vec<RepairKind>,
}

impl Scan {
    /// `None` where the cell has more than a date in it.
    fn of(raw: &str) -> Option<Scan> {
        let mut scan = Scan::default();
        let text: String = raw.chars().map(half_width).collect();
        let mut rest = text.trim_matches(is_blank);
        while let Some(c) = rest.chars().next() {
            let word =
                |words: &[&str]| words.iter().find(|word| rest.starts_with(**word)).map(|word| word.len());
            let skipped = if let Some(length) = word(&["农历", "阴历", "旧历", "(农)"]) {
                scan.lunar = true;
                length
            } else if let Some(length) = word(&["中华民国", "民国"]) {
                scan.republic = true;
                scan.repairs.push(RepairKind::RepublicYear);
                length
            } else if let Some(length) = word(&["公历", "阳历", "新历", "出生日期", "出生", "生于"])
            {
                length
            } else if let Some((number, months)) =
                [('正', 1), ('冬', 11), ('腊', 12)].into_iter().find(|(name, _)| *name == c)
            {
                scan.lunar = true;
                scan.numbers.push((months, 1));
                number.len_utf8()
            } else if c == '元' {
                scan.numbers.push((1, 1));
                c.len_utf8()
            } else if c == '闰' {
                (scan.lunar, scan.leap) = (true, true);
                c.len_utf8()
            } else if c == '初' {
                scan.lunar = true;
                c.len_utf8()
            } else if c.is_ascii_digit() {
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                scan.numbers.push((rest[..end].get(..8.min(end))?.parse().ok()?, end));
                end
            } else if chinese_digit(c).is_some() {
                let end = rest.find(|c| chinese_digit(c).is_none()).unwrap_or(rest.len());
                scan.lunar |= rest[..end].contains('廿');
                scan.repairs.push(RepairKind::ChineseNumerals);
                scan.numbers.push(chinese_number(&rest[..end])?);
                end
            } else if matches!(
                c,
                '年' | '月'
                    | '日'
                    | '号'
                    | '生'
                    | '-'
                    | '/'
                    | '.'
                    | ','
                    | '、'
                    | '时'
                    | '分'
                    | '秒'
                    | ':'
                    | 'T'
                    | '('
                    | ')'
            ) || is_blank(c)
            {
                c.len_utf8()
            } else {
                return None;
            };
            rest = &rest[skipped..];
        }
        scan.repairs.dedup();
        Some(scan)
    }

    fn read(mut self) -> Option<BirthReading> {
        let (year, month, day) = self.parts()?;
        let year = if self.republic { year + BEFORE_REPUBLIC } else { year };
        let (Some(month), Some(day)) = (month, day) else {
            let month_exists = month.is_none_or(|month| (1..=12).contains(&month));
            // A lunar month reaches into two others.
            let part = (month_exists && (1850..=2150).contains(&year))
                .then_some((year, month.filter(|_| !self.lunar)));
            return part.map(|part| BirthReading { part: Some(part), repairs: self.repairs, day: None });
        };
        let date = |year: i32| {
            Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
        };
        // The thirtieth of February is of one calendar only.
        let lunar = self.lunar || (date(year).is_none() && month == 2 && day <= 30);
        let found = match lunar {
            true => lunar::day_of(LunarDate { year, month, day, leap: self.leap }),
            false => date(year).map(epoch_day),
        };
        if lunar && found.is_some() {
            self.repairs.push(RepairKind::LunarDate);
        }
        found.map(|day| BirthReading { day: Some(day), part: None, repairs: self.repairs })
    }

    /// Year, month and day, as far as they are there.
    fn parts(&mut self) -> Option<(i32, Option<u32>, Option<u32>)> {
        let small = |value: i32| u32::try_from(value).ok();
        match self.numbers[..] {
            [(value, length)] => self.compact(value, length),
            [(year, _), (month, _)] => Some((self.century(year), small(month), None)),
            // What follows is the time of day.
            [(first, digits), (second, _), (third, last), ..] => match (digits, last) {
                // 3/6/1982, as English spreadsheets write it; a month over twelve is a day.
                (1..=2, 4) if !self.republic => {
                    let (month, day) = if first > 12 { (second, first) } else { (first, second) };
                    Some((third, small(month), small(day)))
                }
                _ => Some((self.century(first), small(second), small(third))),
            },
            [] => None,
        }
    }

    fn century(&self, year: i32) -> i32 {
        match year {
            _ if self.republic => year,
            0..OLD_CENTURY => year + 2000,
            OLD_CENTURY..100 => year + 1900,
            _ => year,
        }
    }

    /// One number without anything between.
    fn compact(&mut self, value: i32, digits: usize) -> Option<(i32, Option<u32>, Option<u32>)> {
        let (high, middle, low) = (value / 10_000, value / 100 % 100, value % 100);
        let small = |value: i32| u32::try_from(value).ok();
        match digits {
            // Fourteen: with the time of day. Of longer numbers only eight digits were read.
            8 | 14 => Some((high, small(middle), small(low))),
            6 | 7 if self.republic => Some((high, small(middle), small(low))),
            6 if (1..=12).contains(&low) && !(1..=12).contains(&middle) => {
                Some((value / 100, small(low), None))
            }
            6 if (1..=12).contains(&middle) && !(1900..2100).contains(&(value / 100)) => {
                Some((self.century(high), small(middle), small(low)))
            }
            5 if !self.republic => {
                let date = date_from_epoch_day(value + EXCEL_EPOCH)?;
                self.repairs.push(RepairKind::SerialDay);
                Some((i32::from(date.year()), small(date.month().into()), small(date.day().into())))
            }
            4 => Some((value, None, None)),
            1..=3 if self.republic => Some((value, None, None)),
            _ => None,
        }
    }
}

/// What a Chinese digit is worth; ten and its multiples as such.
fn chinese_digit(c: char) -> Option<i32> {
    const DIGITS: [&str; 10] =
        ["〇零○", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"];
    match c {
        '十' | '拾' => Some(10),
        '廿' => Some(20),
        '卅' => Some(30),
        _ => (0..).zip(DIGITS).find_map(|(value, signs)| signs.contains(c).then_some(value)),
    }
}

/// 一九五五 digit by digit, 四十四 and 廿三 by tens; with its number of digits.
fn chinese_number(text: &str) -> Option<(i32, usize)> {
    let values: Vec<i32> = text.chars().filter_map(chinese_digit).collect();
    if values.len() > 8 {
        return None;
    }
    if values.iter().all(|value| *value < 10) {
        return Some((values.iter().fold(0, |sum, value| sum * 10 + value), values.len()));
    }
    let (mut sum, mut digit) = (0, 0);
    for value in values {
        match value {
            10 => sum += digit.max(1) * 10,
            20 | 30 => sum += value,
            _ => {}
        }
        digit = if value < 10 { value } else { 0 };
    }
    Some((sum + digit, 2))
}

/// `ours` from the row, `theirs` from the register.
pub(crate) fn compare(ours: &BirthReading, theirs: Option<i32>) -> BirthLikeness {
    let Some(theirs) = theirs else { return BirthLikeness::Missing };
    let Some(day) = ours.day else {
        return ours.part.map_or(BirthLikeness::Missing, |part| compare_part(part, theirs));
    };
    if day == theirs {
        return BirthLikeness::Same;
    }
    let written = date_from_epoch_day(day);
    if LUNAR_DAYS.contains(&theirs.saturating_sub(day)) && !ours.repairs.contains(&RepairKind::LunarDate) {
        return match written {
            Some(written) if lunar::is_lunar(written, theirs) => BirthLikeness::LunarSame,
            _ => BirthLikeness::Lunar,
        };
    }
    match (written, date_from_epoch_day(theirs)) {
        (Some(a), Some(b)) if is_slip(a, b) => BirthLikeness::Slip,
        _ => BirthLikeness::Different,
    }
}

/// A year or a month more or less says nothing: years of life are counted from one, and the month may be the lunar one.
fn compare_part((year, month): (i32, Option<u32>), theirs: i32) -> BirthLikeness {
    let Some(theirs) = date_from_epoch_day(theirs) else { return BirthLikeness::Missing };
    let years = i32::from(theirs.year()) - year;
    match month.map(|month| i32::from(theirs.month()) - month as i32) {
        Some(0) if years == 0 => BirthLikeness::SameMonth,
        Some(months) if (1..=2).contains(&(years * 12 + months)) => BirthLikeness::Missing,
        None if years == 0 => BirthLikeness::SameYear,
        None if years.abs() == 1 => BirthLikeness::Missing,
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
            "1982-03-06T00:00:00",
            "30016",
            "'19820306",
            "1982 年 3 月 6 日",
            "1982年3月6号生",
            "3/6/1982",
            "82.3.6",
            "820306",
            "19820306000000",
            "一九八二年三月六日",
            "民国七十一年三月六日",
            "民国71年3月6日",
            "农历一九八二年二月十一",
            "1982年2月11日（农）",
            "1982年二月十一(农历)",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        for text in ["", "无", "1982-13-06", "大约1982-3-6", "1982-02-31", "五十多岁", "12", "999999999"]
        {
            assert_eq!(BirthReading::read(text), BirthReading::default(), "{text}");
        }
    }

    #[test]
    fn lunar_dates_are_turned_into_civil_ones_and_that_is_noted() {
        for (text, civil) in [
            ("农历1957年闰八月十五", "1957-10-08"),
            ("1949年腊月廿九", "1950-02-15"),
            ("一九五五年三月二十", "1955-03-20"),
            ("农历1955年正月初一", "1955-01-24"),
            ("1952-02-30", "1952-03-25"),
        ] {
            let found = BirthReading::read(text);
            assert_eq!(found.shown(), civil, "{text}");
            assert_eq!(
                found.repairs.contains(&RepairKind::LunarDate),
                text != "一九五五年三月二十",
                "{text}"
            );
        }
    }

    #[test]
    fn a_month_or_a_year_is_a_part_of_a_date() {
        for (text, part) in [
            ("1955年4月", Some((1955, Some(4)))),
            ("1955.04", Some((1955, Some(4)))),
            ("195504", Some((1955, Some(4)))),
            ("1955", Some((1955, None))),
            ("民国四十四年", Some((1955, None))),
            ("农历1955年三月", Some((1955, None))),
            ("200412", None),
        ] {
            assert_eq!(BirthReading::read(text).part, part, "{text}");
        }
    }

    #[test]
    fn a_lunar_date_is_some_weeks_early() {
        let compared = |ours: &str, theirs: &str| compare(&BirthReading::read(ours), read(theirs));
        for (ours, theirs, expected) in [
            ("1982-02-11", "1982-03-06", BirthLikeness::LunarSame),
            ("1982-02-12", "1982-03-06", BirthLikeness::Lunar),
            ("1982-06-03", "1982-03-06", BirthLikeness::Slip),
            ("1983-03-06", "1982-03-06", BirthLikeness::Slip),
            ("1983-04-06", "1982-03-06", BirthLikeness::Different),
            ("", "1982-03-06", BirthLikeness::Missing),
            ("1982年3月", "1982-03-06", BirthLikeness::SameMonth),
            ("1982年2月", "1982-03-06", BirthLikeness::Missing),
            ("1982年5月", "1982-03-06", BirthLikeness::Different),
            ("1982", "1982-03-06", BirthLikeness::SameYear),
            ("1981", "1982-03-06", BirthLikeness::Missing),
            ("1979", "1982-03-06", BirthLikeness::Different),
        ] {
            assert_eq!(compared(ours, theirs), expected, "{ours} {theirs}");
        }
    }
}
