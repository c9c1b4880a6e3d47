//! One cell: from what a file holds to a typed value or a trouble.

use crate::header::{half_width, header_key, is_invisible};
use crate::problem_log::Trouble;
use doudi_terms::roster::{Cells, ColumnKind, ColumnSpec};
use doudi_terms::{Date, Fen, FenError, Month, epoch_day, parse_date};
use std::borrow::Cow;
use std::collections::HashMap;

/// Excel keeps fifteen significant digits of a number; an id typed as a number has lost the rest.
const EXCEL_DIGITS: usize = 15;
pub(crate) const LOST_DIGITS: &str = "号码丢失位数";
/// Serial days that can be meant as dates: 1910-01-01 to 2099-12-31.
const SERIALS: std::ops::RangeInclusive<i32> = 3_654..=73_050;
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2200;
/// A float stands for a decimal if it differs by less than this: far below a fen, far above the noise of a double.
const EXACT: f64 = 1e-6;
/// Accepted words named in a message; more would not be read.
const WORDS_SHOWN: usize = 12;

/// Stands in a cell whose formula has no stored result.
pub(crate) const UNCALCULATED: &str = "没有算出的公式";

/// A cell as the file holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RawCell<'a> {
    Blank,
    Text(Cow<'a, str>),
    Number(f64),
    Day(Date),
    /// An Excel error such as `#N/A`.
    Fault(String),
}

impl RawCell<'_> {
    /// As a person would see it.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            RawCell::Blank => Cow::Borrowed(""),
            RawCell::Text(text) => Cow::Borrowed(clean(text)),
            RawCell::Number(number) => Cow::Owned(number_text(*number)),
            RawCell::Day(day) => Cow::Owned(day.to_string()),
            RawCell::Fault(fault) => Cow::Borrowed(fault),
        }
    }

    pub fn is_blank(&self) -> bool {
        match self {
            RawCell::Blank => true,
            RawCell::Text(text) => clean(text).is_empty(),
            _ => false,
        }
    }
}

/// A whole number without `.0`, others in their shortest form with the fifteen digits that Excel shows: the sum of 0.1
/// and 0.2 is 0.3 to everybody who looks at it.
fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e21 {
        return format!("{number:.0}");
    }
    let shown: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    shown.to_string()
}

/// Without blanks at the ends, invisible characters, the `="…"` and `'` that keep Excel from changing an id.
pub(crate) fn clean(text: &str) -> &str {
    let trim = |s: &str| -> (usize, usize) {
        let kept = s.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let start = kept.as_ptr().addr() - s.as_ptr().addr();
        (start, start + kept.len())
    };
    let (start, end) = trim(text);
    let mut kept = &text[start..end];
    if let Some(inner) = kept.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        kept = inner.trim();
    }
    kept.strip_prefix('\'').unwrap_or(kept)
}

/// An error value that a program wrote out as text: what a csv made from a workbook has in its place.
fn fault_text(text: &str) -> Option<&str> {
    const FAULTS: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"];
    if !text.contains('#') {
        return None;
    }
    FAULTS.into_iter().find(|fault| clean(text).eq_ignore_ascii_case(fault))
}

/// How offices write “nothing here” where a value of a type is expected.
pub(crate) fn means_blank(text: &str) -> bool {
    matches!(text, "" | "/" | "\\" | "-" | "--" | "—" | "——" | "－" | "／" | "NULL" | "null" | "N/A")
}

/// Reads the cells of one column of a specification.
pub(crate) struct ColumnReader<'s> {
    column: &'s ColumnSpec,
    /// What is written, raw and normalised -> the policies' word.
    words: HashMap<String, &'s str>,
    stated: Stated,
    cells: Cells,
}

/// What a header says about every cell below it.
#[derive(Clone, Copy, PartialEq)]
enum Stated {
    Nothing,
    /// Amounts in 万元.
    TenThousands,
    /// Amounts in a unit that is not read.
    StrangeUnit,
    /// Dates of the lunar calendar.
    Lunar,
}

impl Stated {
    fn by(label: &str, kind: ColumnKind) -> Stated {
        match kind {
            ColumnKind::Money if label.contains("万元") => Stated::TenThousands,
            ColumnKind::Money if label.contains("千元") || label.contains("百元") => Stated::StrangeUnit,
            ColumnKind::Birth | ColumnKind::Date if names_lunar(label) => Stated::Lunar,
            _ => Stated::Nothing,
        }
    }
}

type Read<T> = Result<T, Trouble>;

impl<'s> ColumnReader<'s> {
    /// `label` is the header as the file has it: it may state a unit or a calendar.
    pub fn new(column: &'s ColumnSpec, label: &str) -> ColumnReader<'s> {
        let mut words = HashMap::new();
        for (written, word) in &column.values {
            for key in [written.clone(), header_key(written), word.clone(), header_key(word)] {
                words.entry(key).or_insert(word.as_str());
            }
        }
        let stated = Stated::by(label, column.kind);
        ColumnReader { column, words, stated, cells: empty_cells(column.kind) }
    }

    pub fn kind(&self) -> ColumnKind {
        self.column.kind
    }

    /// Adds one cell. With a trouble the cell is `None`, unless the trouble is a warning.
    pub fn push(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let written = match cell {
            RawCell::Fault(fault) => Some(fault.as_str()),
            RawCell::Text(text) => fault_text(text),
            _ => None,
        };
        if let Some(fault) = written {
            self.push_none();
            if fault == UNCALCULATED {
                let what = "格子里是公式，文件里没有存它的结果".to_owned();
                let next = "请用 Excel 或 WPS 打开文件，保存一次，再重新导入；或者直接填写数值";
                return Some(Trouble::error("没有算出的公式", what, next));
            }
            let what = format!("格子里是 Excel 的错误值“{fault}”");
            return Some(Trouble::error("Excel 错误值", what, "请改正公式，或直接填写数值"));
        }
        match self.column.kind {
            ColumnKind::Money => self.push_money(cell),
            ColumnKind::Number => self.push_number(cell),
            ColumnKind::Date => self.push_date(cell),
            ColumnKind::Month | ColumnKind::StatedMonth => self.push_month(cell),
            ColumnKind::YesNo => self.push_yes_no(cell),
            _ => self.push_text(cell),
        }
    }

    /// The month of the last pushed cell, for columns that hold months.
    pub fn last_month(&self) -> Option<i32> {
        if let Cells::Month(cells) = &self.cells { cells.last().copied().flatten() } else { None }
    }

    /// The last pushed cell, for columns that hold texts.
    pub fn last_text(&self) -> Option<&str> {
        if let Cells::Text(cells) = &self.cells { cells.last()?.as_deref() } else { None }
    }

    /// The last pushed cell, for columns that hold dates.
    pub fn last_date(&self) -> Option<Date> {
        let Cells::Date(cells) = &self.cells else { return None };
        doudi_terms::date_from_epoch_day(cells.last().copied().flatten()?)
    }

    /// The cells so far; the column starts afresh.
    pub fn take(&mut self) -> Cells {
        std::mem::replace(&mut self.cells, empty_cells(self.column.kind))
    }

    fn push_none(&mut self) {
        match &mut self.cells {
            Cells::Text(cells) => cells.push(None),
            Cells::Money(cells) | Cells::Number(cells) => cells.push(None),
            Cells::Date(cells) | Cells::Month(cells) => cells.push(None),
            Cells::YesNo(cells) => cells.push(None),
        }
    }

    fn push_whole(&mut self, read: Read<Option<i64>>) -> Option<Trouble> {
        let blank_is_zero = self.column.blank_is_zero;
        let (value, trouble) = apart(read.map(|value| value.or(blank_is_zero.then_some(0))));
        if let Cells::Money(cells) | Cells::Number(cells) = &mut self.cells {
            cells.push(value);
        }
        trouble
    }

    fn push_day(&mut self, value: Option<i32>) {
        if let Cells::Date(cells) | Cells::Month(cells) = &mut self.cells {
            cells.push(value);
        }
    }

    fn push_money(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let read = money(cell, self.stated).and_then(|fen| self.not_negative(fen, cell));
        self.push_whole(read)
    }

    fn push_number(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let read = thousandths(cell).and_then(|number| self.not_negative(number, cell));
        self.push_whole(read)
    }

    fn not_negative(&self, value: Option<i64>, cell: &RawCell<'_>) -> Read<Option<i64>> {
        if value.is_some_and(|value| value < 0) && !self.column.may_be_negative {
            let what = format!("“{}”是负数", cell.shown());
            return Err(Trouble::error("不应为负数", what, "请核对后改成零或正数，没有就留空"));
        }
        Ok(value)
    }

    fn push_date(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let read = match self.stated {
            Stated::Lunar if !means_blank(&cell.shown()) => Err(lunar(&cell.shown())),
            _ => date(cell),
        };
        let (read, trouble) = match read {
            Ok((day, trouble)) => (day, trouble),
            Err(trouble) => (None, Some(trouble)),
        };
        self.push_day(read.map(epoch_day));
        trouble
    }

    fn push_month(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let (read, trouble) = apart(month(cell));
        self.push_day(read.map(Month::index));
        trouble
    }

    fn push_yes_no(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let (read, trouble) = apart(yes_no(&cell.shown()));
        if let Cells::YesNo(cells) = &mut self.cells {
            cells.push(read);
        }
        trouble
    }

    fn push_text(&mut self, cell: &RawCell<'_>) -> Option<Trouble> {
        let shown = cell.shown();
        let (value, trouble): (Option<Box<str>>, Option<Trouble>) = match self.column.kind {
            _ if shown.is_empty() => (None, None),
            // Marked, so that nobody after this takes it for a day of the civil calendar.
            ColumnKind::Birth if self.stated == Stated::Lunar && !is_lunar(&shown) => {
                (Some(format!("农历{shown}").into()), None)
            }
            ColumnKind::Birth => birth(&shown),
            ColumnKind::Enum | ColumnKind::Relation => apart(self.word(&shown)),
            kind if digits_matter(kind) => number_as_text(cell, &shown),
            _ => (Some(shown.as_ref().into()), None),
        };
        if let Cells::Text(cells) = &mut self.cells {
            cells.push(value);
        }
        trouble
    }

    fn word(&self, shown: &str) -> Read<Option<Box<str>>> {
        if self.words.is_empty() {
            return Ok(Some(shown.into()));
        }
        if means_blank(shown) && !self.words.contains_key(shown) {
            return Ok(None);
        }
        if let Some(word) = self.words.get(shown).or_else(|| self.words.get(&header_key(shown))) {
            return Ok(Some((*word).into()));
        }
        let mut words: Vec<&str> = self.column.values.values().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        let more = if words.len() > WORDS_SHOWN { "等" } else { "" };
        words.truncate(WORDS_SHOWN);
        let next = format!("请填写：{}{more}", words.join("、"));
        Err(Trouble::error("不认识的写法", format!("“{shown}”不是这一列认识的写法"), &next))
    }
}

fn apart<T>(read: Read<Option<T>>) -> (Option<T>, Option<Trouble>) {
    match read {
        Ok(value) => (value, None),
        Err(trouble) => (None, Some(trouble)),
    }
}

fn empty_cells(kind: ColumnKind) -> Cells {
    match kind {
        ColumnKind::Money => Cells::Money(Vec::new()),
        ColumnKind::Number => Cells::Number(Vec::new()),
        ColumnKind::Date => Cells::Date(Vec::new()),
        ColumnKind::Month | ColumnKind::StatedMonth => Cells::Month(Vec::new()),
        ColumnKind::YesNo => Cells::YesNo(Vec::new()),
        _ => Cells::Text(Vec::new()),
    }
}

/// Kinds whose digits identify something: Excel must not have turned them into a quantity.
fn digits_matter(kind: ColumnKind) -> bool {
    use ColumnKind::{
        Account, DisabilityCertificate, HouseholdNumber, IdNumber, PersonId, Phone, Region, RowNumber,
    };
    matches!(
        kind,
        Account | DisabilityCertificate | HouseholdNumber | IdNumber | PersonId | Phone | Region | RowNumber
    )
}

/// An id as text: without `.0`, scientific notation written out; with a warning where digits were lost.
fn number_as_text(cell: &RawCell<'_>, shown: &str) -> (Option<Box<str>>, Option<Trouble>) {
    const NEXT: &str = "请把这一列设成“文本”格式，对照证件重新填写完整的号码";
    if let Some(written_out) = scientific(shown) {
        let what = format!("号码“{shown}”是科学计数法，后几位已经丢失，暂按“{written_out}”读入");
        return (Some(written_out.into()), Some(Trouble::warning(LOST_DIGITS, what, NEXT)));
    }
    let text = shown.strip_suffix(".0").filter(|rest| all_digits(rest)).unwrap_or(shown);
    let lost = matches!(cell, RawCell::Number(_)) && text.len() > EXCEL_DIGITS;
    let trouble = lost.then(|| {
        let what = format!("号码“{text}”在 Excel 里是数字，第 {EXCEL_DIGITS} 位以后已经丢失");
        Trouble::warning(LOST_DIGITS, what, NEXT)
    });
    (Some(text.into()), trouble)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `5.00243E+17` written out in digits; `None` if it is not such a number.
fn scientific(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let well_formed = whole.len() == 1 && all_digits(whole) && fraction.bytes().all(|b| b.is_ascii_digit());
    let exponent: usize = if all_digits(exponent) { exponent.parse().ok()? } else { return None };
    if !well_formed || exponent > 40 || fraction.len() > exponent {
        return None;
    }
    Some(format!("{whole}{fraction}{}", "0".repeat(exponent - fraction.len())))
}

/// Birth dates stay as written, for linkage to judge; only Excel's serial days are turned back into dates here, because
/// nothing after this crate can know that a number was one.
fn birth(shown: &str) -> (Option<Box<str>>, Option<Trouble>) {
    match serial_day(shown) {
        Some(day) => (Some(day.to_string().into()), Some(serial_warning(shown, day))),
        None => (Some(shown.into()), None),
    }
}

/// The date of an Excel serial day written as a plain number.
fn serial_day(text: &str) -> Option<Date> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !all_digits(whole) || !(4..=5).contains(&whole.len()) || text.parse::<f64>().is_err() {
        return None;
    }
    let days: i32 = whole.parse().ok()?;
    // A bare year (1982) is not a day in 1905.
    if !SERIALS.contains(&days) || (whole.len() == 4 && (1850..=2200).contains(&days)) {
        return None;
    }
    // Day 25569 is 1970-01-01 in Excel's count.
    doudi_terms::date_from_epoch_day(days - 25_569)
}

fn serial_warning(shown: &str, day: Date) -> Trouble {
    let what = format!("“{shown}”是 Excel 的日期序号，已按 {day} 读入");
    Trouble::warning("日期序号", what, "请核对；最好把这一列设成日期格式")
}

fn date(cell: &RawCell<'_>) -> Read<(Option<Date>, Option<Trouble>)> {
    if let RawCell::Day(day) = cell {
        return Ok((Some(*day), None));
    }
    let shown = cell.shown();
    if means_blank(&shown) {
        return Ok((None, None));
    }
    if let Some(day) = date_in(&shown) {
        return Ok((Some(day), None));
    }
    if let Some(day) = serial_day(&shown) {
        return Ok((Some(day), Some(serial_warning(&shown, day))));
    }
    if is_lunar(&shown) {
        return Err(lunar(&shown));
    }
    Err(Trouble::error("不是日期", format!("“{shown}”不是日期"), "请按 2020-04-30 的样子填写"))
}

/// Whether somebody wrote that a date is of the lunar calendar, or wrote one as only that calendar does.
pub(crate) fn is_lunar(text: &str) -> bool {
    const MARKS: [&str; 6] = ["(农)", "（农）", "腊月", "正月", "冬月", "廿"];
    let tenth = |rest: &str| rest.starts_with(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十']);
    names_lunar(text)
        || MARKS.iter().any(|mark| text.contains(mark))
        || ['初', '闰'].iter().any(|day| text.split_once(*day).is_some_and(|(_, rest)| tenth(rest)))
}

pub(crate) fn names_lunar(text: &str) -> bool {
    ["农历", "阴历", "旧历"].iter().any(|name| text.contains(name))
}

fn lunar(shown: &str) -> Trouble {
    let what = format!("“{shown}”是农历，没有换算，当作没有填");
    Trouble::error("农历日期", what, "请改成公历，例如 2020-04-30")
}

/// A date in any form offices use, with a time of day that is dropped.
pub(crate) fn date_in(text: &str) -> Option<Date> {
    let plausible = |date: Date| YEARS.contains(&date.year()).then_some(date);
    if let Some(date) = parse_date(text) {
        return plausible(date);
    }
    let half: String = text.chars().map(half_width).collect();
    let day = match half.split_once([' ', 'T']) {
        Some((day, time)) if time.contains(':') => day.to_owned(),
        _ => half.chars().filter(|c| *c != ' ').collect(),
    };
    parse_date(&day).and_then(plausible)
}

fn month(cell: &RawCell<'_>) -> Read<Option<Month>> {
    if let RawCell::Day(day) = cell {
        return Ok(Some(Month::of(*day)));
    }
    let shown = cell.shown();
    if means_blank(&shown) {
        return Ok(None);
    }
    let half: String = shown.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    let read = Month::parse(&half)
        .or_else(|| date_in(&shown).map(Month::of))
        .or_else(|| serial_day(&shown).map(Month::of))
        .filter(|month| (1850..=2200).contains(&month.year()));
    let unreadable = || Trouble::error("不是月份", format!("“{shown}”不是月份"), "请按 2020-04 的样子填写");
    read.map(Some).ok_or_else(unreadable)
}

fn yes_no(shown: &str) -> Read<Option<bool>> {
    if means_blank(shown) {
        return Ok(None);
    }
    let half: String = shown.chars().map(half_width).collect();
    match half.to_ascii_uppercase().as_str() {
        "是" | "有" | "对" | "Y" | "YES" | "TRUE" | "1" | "√" | "✓" | "✔" => Ok(Some(true)),
        "否" | "无" | "没有" | "不是" | "N" | "NO" | "FALSE" | "0" | "×" | "✗" | "✘" => {
            Ok(Some(false))
        }
        _ => Err(Trouble::error("不是是否", format!("“{shown}”不是“是”或“否”"), "请填写：是、否")),
    }
}

/// Whole fen. Text goes through [`Fen::parse_yuan`]; a float only if it stands for whole fen.
fn money(cell: &RawCell<'_>, stated: Stated) -> Read<Option<i64>> {
    const NEXT: &str = "请填写以元为单位、最多两位小数的数字";
    let shown = cell.shown();
    if matches!(cell, RawCell::Blank | RawCell::Text(_)) && means_blank(&shown) {
        return Ok(None);
    }
    if stated == Stated::StrangeUnit {
        let what = format!("表头写的单位不是元也不是万元，金额“{shown}”没有读入");
        return Err(Trouble::error("金额单位", what, "请把这一列换算成元，并改表头"));
    }
    let (places, unit) = if stated == Stated::TenThousands { (6, "万") } else { (2, "") };
    let text = match cell {
        RawCell::Number(number) => exact_decimal(*number, places).ok_or_else(|| {
            let what = format!("金额“{shown}”小数超过两位，无法精确到分");
            Trouble::error("金额不到整分", what, "请用 ROUND 函数或手工改成两位小数")
        })?,
        _ => shown.clone().into_owned(),
    };
    // A cell with a unit of its own means that one.
    let text = if text.contains(['元', '万']) { text } else { text + unit };
    match Fen::parse_yuan(&text) {
        Ok(fen) => Ok(Some(fen.0)),
        Err(error @ FenError::TooManyDecimals(_)) => {
            Err(Trouble::error("金额不到整分", error.to_string(), NEXT))
        }
        Err(error) => Err(Trouble::error("不是金额", error.to_string(), NEXT)),
    }
}

/// The decimal that a float stands for, or `None` if it needs more places: nothing is rounded silently.
fn exact_decimal(number: f64, places: usize) -> Option<String> {
    let text = format!("{number:.places$}");
    let back: f64 = text.parse().ok()?;
    ((back - number).abs() < EXACT).then_some(text)
}

/// A number in thousandths.
fn thousandths(cell: &RawCell<'_>) -> Read<Option<i64>> {
    let shown = cell.shown();
    let unreadable = |what: String| Trouble::error("不是数字", what, "请只填数字，最多三位小数");
    let text = match cell {
        RawCell::Number(number) => exact_decimal(*number, 3)
            .ok_or_else(|| unreadable(format!("“{shown}”小数超过三位，无法精确读入")))?,
        _ if means_blank(&shown) => return Ok(None),
        _ => without_unit(&shown),
    };
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let well_formed = all_digits(whole) && (fraction.is_empty() || all_digits(fraction));
    if !well_formed || whole.len() > 14 || fraction.len() > 3 {
        return Err(unreadable(format!("“{shown}”不是数字，或小数超过三位")));
    }
    let value: i64 =
        format!("{whole}{fraction:0<3}").parse().map_err(|_| unreadable(format!("“{shown}”太大")))?;
    Ok(Some(if negative { -value } else { value }))
}

/// `98.5平方米`, `5项`, `1,200`: digits as they are, the unit that the header implies anyway dropped.
fn without_unit(text: &str) -> String {
    const UNITS: [&str; 13] =
        ["平方米", "个月", "㎡", "m2", "m²", "项", "人", "年", "月", "岁", "天", "个", "亩"];
    let half: String = text.chars().map(half_width).filter(|c| !matches!(c, ' ' | ',')).collect();
    let unit = UNITS.iter().find_map(|unit| half.strip_suffix(unit));
    unit.map_or_else(|| half.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> RawCell<'_> {
        RawCell::Text(Cow::Borrowed(text))
    }

    #[test]
    fn a_float_is_money_only_if_it_stands_for_whole_fen() {
        for (number, fen) in [(440.0, 44_000), (0.1 + 0.2, 30), (1234.56, 123_456), (-3.1, -310)] {
            assert_eq!(
                money(&RawCell::Number(number), Stated::Nothing).ok().flatten(),
                Some(fen),
                "{number}"
            );
        }
        for number in [65.333_333, 0.005, f64::NAN, f64::INFINITY] {
            assert!(money(&RawCell::Number(number), Stated::Nothing).is_err(), "{number}");
        }
    }

    #[test]
    fn a_header_in_ten_thousands_counts_for_cells_without_a_unit_of_their_own() {
        let unit = Stated::by("年收入（万元）", ColumnKind::Money);
        for (cell, fen) in [
            (text("1.2"), 1_200_000),
            (RawCell::Number(1.2345), 1_234_500),
            (text("1.2万元"), 1_200_000),
            (text("800元"), 80_000),
        ] {
            assert_eq!(money(&cell, unit).ok().flatten(), Some(fen), "{cell:?}");
        }
        assert!(money(&text("3"), Stated::by("金额（千元）", ColumnKind::Money)).is_err());
    }

    #[test]
    fn dates_come_as_text_serials_and_days() {
        let day = parse_date("2020-04-30");
        for cell in [
            text("2020年4月30日"),
            text("２０２０/４/３０"),
            text("2020-04-30 00:00:00"),
            text("2020-04-30T08:00"),
            text("2020 年 4 月 30 日"),
            RawCell::Number(20_200_430.0),
        ] {
            assert_eq!(date(&cell).ok().and_then(|(day, _)| day), day, "{cell:?}");
        }
        for cell in [RawCell::Number(43_951.0), text("43951"), RawCell::Number(43_951.5)] {
            let (read, warning) = date(&cell).expect("a date");
            assert_eq!(read, day, "{cell:?}");
            assert!(warning.is_some_and(|w| w.what.contains("2020-04-30")), "{cell:?}");
        }
        for wrong in ["1982-13-06", "昨天", "0020-04-30", "1982", "长期"] {
            assert!(date(&text(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ids_that_excel_made_numbers_are_written_out_with_a_warning() {
        let id = RawCell::Number(500_243_198_109_176_321.0);
        let (value, warning) = number_as_text(&id, &id.shown());
        assert!(value.is_some_and(|v| v.len() == 18 && v.starts_with("500243198109176")));
        assert!(warning.is_some());
        let (value, warning) = number_as_text(&text("5.00243198109176E+17"), "5.00243198109176E+17");
        assert_eq!(value.as_deref(), Some("500243198109176000"));
        assert!(warning.is_some_and(|w| w.what.contains("科学计数法")));
        assert_eq!(number_as_text(&text("500243.0"), "500243.0").0.as_deref(), Some("500243"));
    }

    #[test]
    fn numbers_keep_three_decimals_exactly() {
        for (cell, value) in [
            (text("98.5平方米"), 98_500),
            (text("6项"), 6_000),
            (RawCell::Number(98.5), 98_500),
            (text("1,200"), 1_200_000),
            (text("0.125"), 125),
        ] {
            assert_eq!(thousandths(&cell).ok().flatten(), Some(value), "{cell:?}");
        }
        assert!(thousandths(&text("六")).is_err());
        assert!(thousandths(&text("1.2345")).is_err());
    }

    #[test]
    fn what_keeps_excel_from_changing_an_id_is_taken_off() {
        assert_eq!(clean("\t500243198109176321 "), "500243198109176321");
        assert_eq!(clean("=\"500243198109176321\""), "500243198109176321");
        assert_eq!(clean("'500243198109176321"), "500243198109176321");
        assert_eq!(clean("\u{3000}张 三\u{200b}"), "张 三");
    }
}
