//! Policies in words, for pages and comparisons.

use crate::divisions::Divisions;
use doudi_policy::ir::{ParameterId, Type};
use doudi_policy::{Confidence, Document, Library, ParameterRow, RowValue, value_words};
use doudi_terms::{RegionCode, RegionLevel};

/// 全国, 山东省泰安市, 重庆市彭水苗族土家族自治县.
pub fn place(divisions: &Divisions, region: RegionCode) -> String {
    if region == RegionCode::COUNTRY {
        return "全国".to_owned();
    }
    let name = divisions.long_name(region);
    // The counties of a municipality stand right below it; what is between is a heading of the list.
    match divisions.known_name(region.at(RegionLevel::Province)) {
        Some(province) if region.level() == RegionLevel::County && name == divisions.name(region) => {
            format!("{province}{name}")
        }
        _ => name,
    }
}

pub fn confidence(level: Confidence) -> &'static str {
    match level {
        Confidence::High => "高",
        Confidence::Medium => "中",
        Confidence::Low => "低",
    }
}

/// `2020-04-30 起`, `2016-10-01 起，2021-01-01 废止`.
pub fn period(document: &Document) -> String {
    match document.until {
        None => format!("{} 起", document.from),
        Some(until) => format!("{} 起，{until} 废止", document.from),
    }
}

/// The value of a row: `440元`, `无（当地没有这个规定）`.
pub fn row_value(library: &Library, row: &ParameterRow) -> String {
    match row.value {
        RowValue::None => "无（当地没有这个规定）".to_owned(),
        RowValue::Unpublished => "不详（有规定，没有查到数）".to_owned(),
        RowValue::Value(value) => {
            let ty = library.parameters.get(row.parameter.index()).map_or(Type::Number, |found| found.ty);
            let words = value_words(library, value, ty);
            words.strip_suffix(".00元").map(|yuan| format!("{yuan}元")).unwrap_or(words)
        }
    }
}

/// The dimensions of a row: `农村`, or nothing.
pub fn dimensions(library: &Library, parameter: ParameterId, labels: &[u16]) -> String {
    let kinds = library.parameters.get(parameter.index()).map_or(&[][..], |found| &found.dimensions);
    let words: Vec<&str> = kinds
        .iter()
        .zip(labels)
        .filter_map(|(kind, label)| library.labels(*kind).get(usize::from(*label)))
        .map(String::as_str)
        .collect();
    words.join("、")
}

pub fn type_words(library: &Library, ty: Type) -> String {
    match ty {
        Type::YesNo => "是或否".to_owned(),
        Type::Money => "钱，到分".to_owned(),
        Type::Amount => "钱，还没有舍入".to_owned(),
        Type::Count => "整数".to_owned(),
        Type::Number => "数".to_owned(),
        Type::Date => "日期".to_owned(),
        Type::Month => "月份".to_owned(),
        Type::Moment => "时刻".to_owned(),
        Type::Enum(id) => library.labels(id).join("、"),
    }
}
