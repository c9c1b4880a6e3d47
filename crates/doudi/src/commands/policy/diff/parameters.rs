//! Rows of the parameter tables that differ: a standard raised, a value corrected, a row taken out.

use super::side::{Side, affected, key};
use crate::commands::policy::wording;
use crate::divisions::Divisions;
use doudi_policy::{Named, ParameterRow};
use doudi_terms::{Date, epoch_day};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct RowChange {
    pub parameter: String,
    pub dimensions: String,
    pub place: String,
    pub from: String,
    /// 新增, 删去, 改动
    pub change: &'static str,
    /// The value of the row before; for a new row, what held there until then.
    pub before: Option<String>,
    pub after: Option<String>,
    pub to_before: Option<String>,
    pub to_after: Option<String>,
    pub document_before: Option<String>,
    pub document_after: Option<String>,
    pub confidence_before: Option<&'static str>,
    pub confidence_after: Option<&'static str>,
    pub programmes: Vec<String>,
}

/// Parameter, place, dimensions, start, and which of several that are alike.
type RowKey = (String, u64, String, Date, usize);

fn rows(side: &Side) -> BTreeMap<RowKey, &ParameterRow> {
    let mut rows = BTreeMap::new();
    for row in &side.library.rows {
        let name = side.library.path(Named::Parameter(row.parameter));
        let dimensions = wording::dimensions(&side.library, row.parameter, &row.dimensions);
        let mut number = 0;
        let key = |number| (name.clone(), row.region.number(), dimensions.clone(), row.from, number);
        while rows.contains_key(&key(number)) {
            number += 1;
        }
        rows.insert(key(number), row);
    }
    rows
}

pub fn row_changes(before: &Side, after: &Side, divisions: &Divisions) -> Vec<RowChange> {
    let (old, new) = (rows(before), rows(after));
    let mut keys: Vec<&RowKey> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter_map(|row_key| {
            let (one, other) = (old.get(row_key).copied(), new.get(row_key).copied());
            let words = |side: &Side, row: Option<&ParameterRow>| {
                row.map(|row| {
                    let to = row.to.map_or("现在".to_owned(), |to| to.to_string());
                    let value = wording::row_value(&side.library, row);
                    (value, to, row.document.clone(), wording::confidence(row.confidence))
                })
            };
            let (a, b) = (words(before, one), words(after, other));
            if a == b {
                return None;
            }
            let (shown, side) = other.map(|row| (row, after)).or(one.map(|row| (row, before)))?;
            let change = match (&a, &b) {
                (None, _) => "新增",
                (_, None) => "删去",
                _ => "改动",
            };
            let held = || until_then(after, other?).map(|row| wording::row_value(&after.library, row));
            Some(RowChange {
                parameter: row_key.0.clone(),
                dimensions: row_key.2.clone(),
                place: wording::place(divisions, shown.region),
                from: row_key.3.to_string(),
                change,
                before: a.as_ref().map_or_else(held, |words| Some(words.0.clone())),
                after: b.as_ref().map(|words| words.0.clone()),
                to_before: a.as_ref().map(|words| words.1.clone()),
                to_after: b.as_ref().map(|words| words.1.clone()),
                document_before: a.as_ref().map(|words| words.2.clone()),
                document_after: b.as_ref().map(|words| words.2.clone()),
                confidence_before: a.map(|words| words.3),
                confidence_after: b.map(|words| words.3),
                programmes: affected(before, after, &key(&side.library, Named::Parameter(shown.parameter))),
            })
        })
        .collect()
}

/// What held in a row's place until the row begins: the nearest place's row that reaches the day before.
fn until_then<'s>(side: &'s Side, row: &ParameterRow) -> Option<&'s ParameterRow> {
    let start = epoch_day(row.from);
    let reaches = |found: &&ParameterRow| {
        found.parameter == row.parameter
            && found.dimensions == row.dimensions
            && row.region.is_within(found.region)
            && found.from < row.from
            && found.to.is_none_or(|to| epoch_day(to) + 1 >= start)
    };
    side.library.rows.iter().filter(reaches).max_by_key(|found| (found.region.level(), found.from))
}
