//! Tables as they are handed out: columns, cells, and how they lie on paper.

use doudi_terms::{Fen, RegionCode};
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct HandoutTable {
    pub name: String,
    pub note: String,
    pub columns: Vec<HandoutColumn>,
    /// Columns for paper; those after it are for the screen and for importing back.
    pub printed: Option<usize>,
    pub rows: Vec<Vec<HandoutCell>>,
    /// Every village begins a page, to be given to the people who go there.
    pub page_by_village: bool,
    /// What stands above a village's rows, after its name.
    pub village_lines: BTreeMap<RegionCode, String>,
    /// It is reported upwards, with who filed it and when.
    pub filed: bool,
}

impl HandoutTable {
    /// The villages of the rows, in the order of the rows.
    pub fn villages(&self) -> Vec<RegionCode> {
        let mut villages: Vec<RegionCode> = self.rows.iter().filter_map(|row| village_of(row)).collect();
        villages.dedup();
        villages
    }

    pub fn is_of(&self, row: &[HandoutCell], village: RegionCode) -> bool {
        village_of(row) == Some(village)
    }
}

/// Every row begins with its village.
fn village_of(row: &[HandoutCell]) -> Option<RegionCode> {
    match row.first() {
        Some(HandoutCell::Village(code)) => Some(*code),
        _ => None,
    }
}

#[derive(Clone, Debug)]
pub struct HandoutColumn {
    pub header: Cow<'static, str>,
    pub width: f64,
    /// Words to choose from when it is filled in.
    pub choices: &'static [&'static str],
    /// Other words may be written too.
    pub other_words: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum HandoutCell {
    Text(String),
    Money(Fen),
    Integer(i64),
    /// A village: the binary knows its name.
    Village(RegionCode),
}

pub(super) fn text(value: &str) -> HandoutCell {
    HandoutCell::Text(value.to_owned())
}

pub(super) fn blanks(count: usize) -> Vec<HandoutCell> {
    vec![text(""); count]
}

pub(super) const fn column(header: &'static str, width: f64) -> HandoutColumn {
    HandoutColumn { header: Cow::Borrowed(header), width, choices: &[], other_words: false }
}

const fn choice(
    header: &'static str,
    width: f64,
    choices: &'static [&'static str],
    other_words: bool,
) -> HandoutColumn {
    HandoutColumn { header: Cow::Borrowed(header), width, choices, other_words }
}

const PERSON: [HandoutColumn; 5] = [
    column("村（社区）", 10.0),
    column("姓名", 7.5),
    column("身份证号", 18.5),
    column("户主", 7.5),
    column("联系电话", 11.5),
];

/// What verifying a lead can come to; the roster of findings knows these words.
const OUTCOMES: [&str; 4] = ["属实", "不属实", "部分属实", "数据错误"];
/// What is usually proposed; anything else may be written.
const MEASURES: [&str; 5] = ["纳入", "停发", "调整", "更正数据", "维持"];

/// To be filled in by the two who verify. 核查情况, 核查结果, 核查人 and 日期 are read again when the sheet comes back.
pub(super) const FINDINGS: [HandoutColumn; 5] = [
    column("核查情况", 17.0),
    choice("核查结果", 8.0, &OUTCOMES, false),
    column("核查人", 9.0),
    column("日期", 9.0),
    choice("处理意见", 8.5, &MEASURES, true),
];

pub(super) const VISITS: [HandoutColumn; 3] =
    [column("走访情况", 28.0), column("走访人", 10.0), column("日期", 10.5)];

pub(super) const FILED: HandoutColumn = choice("报备", 8.0, &["已报备", "未报备"], false);

pub(super) fn with_person(more: impl IntoIterator<Item = HandoutColumn>) -> Vec<HandoutColumn> {
    PERSON.into_iter().chain(more).collect()
}

/// Columns of a person on paper: 序号 comes first in the workbook.
pub(super) fn printed(more: usize) -> Option<usize> {
    Some(1 + PERSON.len() + more)
}
