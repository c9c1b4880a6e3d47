//! An empty workbook of a roster, to be filled in and imported.

use crate::sheet::{Sheet, SheetColumn, SheetKind};
use doudi_terms::roster::{ColumnKind, ColumnSpec, RosterSpec};

/// The headers of a roster with choices where only certain words are understood.
pub fn template_sheet(spec: &RosterSpec) -> Sheet {
    let required: Vec<&str> =
        spec.columns.iter().filter(|column| column.required).map(|column| column.name.as_str()).collect();
    Sheet {
        name: spec.name.clone(),
        title: Some(spec.name.clone()),
        notes: vec![format!(
            "必须有的列：{}。号码、账号按文本填写；日期如 2020-04-30，月份如 2020-04，金额以元为单位。",
            required.join("、")
        )],
        columns: spec.columns.iter().map(template_column).collect(),
        printed_columns: None,
        rows: Vec::new(),
    }
}

fn template_column(column: &ColumnSpec) -> SheetColumn {
    // Dates are text here: a half-typed date must not become another date by Excel's guess.
    let kind = if column.kind == ColumnKind::Money { SheetKind::Money } else { SheetKind::Text };
    let sheet = SheetColumn::new(&column.name, kind);
    let width = match column.kind {
        ColumnKind::IdNumber | ColumnKind::DisabilityCertificate | ColumnKind::Account => Some(24.0),
        ColumnKind::Address => Some(36.0),
        ColumnKind::Birth | ColumnKind::Date | ColumnKind::Phone | ColumnKind::Region => Some(14.0),
        _ => None,
    };
    let sheet = match choices(column) {
        Some(words) => sheet.choose(words),
        None => sheet,
    };
    match width {
        Some(width) => sheet.wide(width),
        None => sheet,
    }
}

/// The words that a column understands, where it understands only certain ones.
pub(crate) fn choices(column: &ColumnSpec) -> Option<Vec<&str>> {
    let mut words: Vec<&str> = column.values.values().map(String::as_str).collect();
    words.sort_unstable();
    words.dedup();
    match column.kind {
        ColumnKind::YesNo => Some(vec!["是", "否"]),
        ColumnKind::Enum | ColumnKind::Relation if !words.is_empty() => Some(words),
        _ => None,
    }
}
