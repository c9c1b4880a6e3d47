//! Numbers with their units in the law's own words: 60周岁, 十二个月, 一点五倍, 百分之二十, 30个工作日.

use crate::parameters::parse_number;
use crate::value::{Exact, add, multiply};
use std::ops::Range;

/// What a number counts. Only numbers of one measure are compared with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Age,
    Years,
    Months,
    Days,
    WorkingDays,
    Hours,
    /// 项
    Items,
    /// 次
    Occasions,
    Persons,
    Yuan,
    /// 倍
    Times,
    Percent,
}

/// A number of a text. Money is in fen, percents are hundredths (20% is 1/5).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantity {
    pub value: Exact,
    pub measure: Measure,
    /// Bytes in the text, unit included.
    pub at: Range<usize>,
}

/// Units as written, longest first.
const UNITS: [(&str, Measure); 21] = [
    ("个工作日", Measure::WorkingDays),
    ("工作日", Measure::WorkingDays),
    ("个自然日", Measure::Days),
    ("自然日", Measure::Days),
    ("个小时", Measure::Hours),
    ("小时", Measure::Hours),
    ("周岁", Measure::Age),
    ("岁", Measure::Age),
    ("个月", Measure::Months),
    ("年", Measure::Years),
    ("日", Measure::Days),
    ("天", Measure::Days),
    ("项", Measure::Items),
    ("次", Measure::Occasions),
    ("人", Measure::Persons),
    ("万元", Measure::Yuan),
    ("元", Measure::Yuan),
    ("倍", Measure::Times),
    ("％", Measure::Percent),
    ("%", Measure::Percent),
    ("个百分点", Measure::Percent),
];

/// Beyond this a text says nothing that a formula could hold.
const LARGEST: i128 = 1_000_000_000_000;

impl Measure {
    /// The measure of a number that has this unit glued to it in a formula.
    pub(super) fn of_unit(written: &str) -> Option<Measure> {
        let unit = written.trim_start_matches(|c: char| c.is_numeric() || c == '.');
        UNITS.iter().find(|(name, _)| *name == unit).map(|(_, measure)| *measure)
    }

    /// Years are counted as months where the other side counts months; nothing else converts.
    pub(super) fn same(a: (Exact, Measure), b: (Exact, Measure)) -> bool {
        let months = |(value, measure)| match measure {
            Measure::Years => multiply(value, Exact::from_integer(12)),
            Measure::Months => Some(value),
            _ => None,
        };
        match (months(a), months(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        }
    }
}

/// Every number with a unit, in order. Years of the calendar, days of a month and ordinals are left out.
pub(crate) fn quantities(text: &str) -> Vec<Quantity> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((start, length, value)) = next_number(text, from) {
        let end = start + length;
        from = end;
        let rest = text.get(end..).unwrap_or("");
        let before = text.get(..start).unwrap_or("");
        let fraction = before.ends_with("百分之");
        let unit = UNITS.iter().find(|(name, _)| rest.starts_with(name));
        let (unit, measure) = match (fraction, unit) {
            (true, _) => ("", Measure::Percent),
            (_, Some((unit, measure))) => (*unit, *measure),
            _ => continue,
        };
        if before.ends_with(['第', '年', '月', '〔', '号']) || is_calendar_year(value, measure) {
            continue;
        }
        let Some(value) = scaled(value, measure, unit) else { continue };
        let start = if fraction { start - "百分之".len() } else { start };
        from = end + unit.len();
        found.push(Quantity { value, measure, at: start..from });
    }
    found
}

fn is_calendar_year(value: Exact, measure: Measure) -> bool {
    measure == Measure::Years && value >= Exact::from_integer(1900)
}

fn scaled(value: Exact, measure: Measure, unit: &str) -> Option<Exact> {
    match (measure, unit) {
        (Measure::Percent, _) => Some(value / Exact::from_integer(100)),
        (_, "万元") => multiply(value, Exact::from_integer(1_000_000)),
        (Measure::Yuan, _) => multiply(value, Exact::from_integer(100)),
        _ => Some(value),
    }
}

/// The next number at or after a byte: its start, length and value.
fn next_number(text: &str, from: usize) -> Option<(usize, usize, Exact)> {
    let mut at = from;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let arabic: usize =
            length_while(rest, |c| c.is_ascii_digit() || c == '.' || ('０'..='９').contains(&c));
        if arabic > 0 {
            let digits: String = rest[..arabic].trim_end_matches('.').chars().map(ascii_digit).collect();
            if let Some(value) = parse_number(&digits) {
                return Some((at, arabic, value));
            }
            at += arabic;
            continue;
        }
        let chinese = length_while(rest, |c| digit(c).is_some() || power(c).is_some() || c == '点');
        if chinese > 0 {
            if let Some(value) = chinese_number(&rest[..chinese]) {
                return Some((at, chinese, value));
            }
            at += chinese;
            continue;
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    None
}

fn length_while(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

fn ascii_digit(c: char) -> char {
    if ('０'..='９').contains(&c) { char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c) } else { c }
}

fn digit(c: char) -> Option<i128> {
    let at = "零一二三四五六七八九".chars().position(|known| known == c);
    at.map(|at| at as i128).or(match c {
        '〇' => Some(0),
        '两' => Some(2),
        _ => None,
    })
}

fn power(c: char) -> Option<i128> {
    match c {
        '十' => Some(10),
        '百' => Some(100),
        '千' => Some(1000),
        '万' => Some(10_000),
        _ => None,
    }
}

/// 十二, 一百二十, 二十万, 一点五. Not digit by digit: 二〇二〇 is a year of the calendar.
pub(super) fn chinese_number(text: &str) -> Option<Exact> {
    let (whole, fraction) = text.split_once('点').unwrap_or((text, ""));
    let (mut total, mut section, mut last) = (0_i128, 0_i128, None);
    for c in whole.chars() {
        match (digit(c), power(c)) {
            // 一百零五; digits in a row are no number.
            (Some(0), _) if last.is_none() => {}
            (Some(one), _) if last.is_none() => last = Some(one),
            (_, Some(10_000)) => {
                total = section.checked_add(last.take().unwrap_or(0))?.checked_mul(10_000)?;
                section = 0;
            }
            (_, Some(power)) => {
                section = section.checked_add(last.take().unwrap_or(1).checked_mul(power)?)?;
            }
            _ => return None,
        }
    }
    let whole = total.checked_add(section)?.checked_add(last.unwrap_or(0))?;
    if whole > LARGEST {
        return None;
    }
    let mut value = Exact::from_integer(whole);
    if fraction.chars().count() > 6 || text.ends_with('点') || text.starts_with('点') {
        return None;
    }
    let mut place = Exact::from_integer(1);
    for c in fraction.chars() {
        place /= Exact::from_integer(10);
        value = add(value, multiply(Exact::from_integer(digit(c)?), place)?)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, Measure, &str)> {
        quantities(text)
            .into_iter()
            .map(|found| (found.value.to_string(), found.measure, &text[found.at]))
            .collect()
    }

    #[test]
    fn numbers_are_read_in_digits_and_in_chinese() {
        for (text, value, measure) in [
            ("60周岁以上", "60", Measure::Age),
            ("六十周岁以上", "60", Measure::Age),
            ("标准一点五倍以下", "3/2", Measure::Times),
            ("标准1.5倍以下", "3/2", Measure::Times),
            ("不超过十二个月", "12", Measure::Months),
            ("一百二十日内", "120", Measure::Days),
            ("达到3.5%", "7/200", Measure::Percent),
            ("百分之二十以上", "1/5", Measure::Percent),
            ("３项以下", "3", Measure::Items),
            ("二万元以下", "2000000", Measure::Yuan),
            ("26.8万元", "26800000", Measure::Yuan),
            ("30个工作日内", "30", Measure::WorkingDays),
            ("24小时内", "24", Measure::Hours),
        ] {
            let all = found(text);
            assert_eq!(all.len(), 1, "{text}: {all:?}");
            assert_eq!((all[0].0.as_str(), all[0].1), (value, measure), "{text}");
        }
    }

    #[test]
    fn dates_ordinals_and_plain_words_are_no_quantities() {
        for text in [
            "2021年1月1日起",
            "二〇二〇年",
            "第三项",
            "一般家庭一定时间",
            "（一）配偶；（二）父母",
            "民发〔2021〕57号",
            "12月31日",
            "统一三者",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
