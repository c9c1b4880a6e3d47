//! Tables of other programs, as text: truth tables that links are scored by.

use crate::error::{EngineError, Outcome};
use crate::parquet_file::read_columns;
use arrow_array::{Array, ArrayRef, Int32Array, Int64Array, LargeStringArray, StringArray, UInt32Array};
use std::path::Path;

/// Some columns of a Parquet file, row by row, as text; empty where there is no value.
pub fn read_text_columns(path: &Path, columns: &[&str]) -> Outcome<Vec<Vec<String>>> {
    let wrong = |what: String| EngineError::BadInput(format!("{}：{what}", path.display()));
    let reader = read_columns(path, |name| columns.contains(&name)).map_err(|error| match error {
        EngineError::Damaged { what, .. } => wrong(format!("不是能读的 Parquet 文件（{what}）")),
        other => other,
    })?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| wrong(format!("读到一半读不下去（{error}）")))?;
        let found = columns.iter().map(|name| {
            let there = batch.schema_ref().index_of(name).ok().map(|at| batch.column(at).clone());
            there.ok_or_else(|| wrong(format!("没有“{name}”列。要有的列：{}", columns.join("、"))))
        });
        let found: Vec<ArrayRef> = found.collect::<Outcome<_>>()?;
        for at in 0..batch.num_rows() {
            let cell = |(array, name): (&ArrayRef, &&str)| {
                text(array, at).ok_or_else(|| wrong(format!("“{name}”列不是文字或整数")))
            };
            rows.push(found.iter().zip(columns).map(cell).collect::<Outcome<_>>()?);
        }
    }
    Ok(rows)
}

fn text(array: &ArrayRef, at: usize) -> Option<String> {
    if array.is_null(at) {
        return Some(String::new());
    }
    let any = array.as_any();
    if let Some(array) = any.downcast_ref::<StringArray>() {
        return Some(array.value(at).to_owned());
    }
    if let Some(array) = any.downcast_ref::<LargeStringArray>() {
        return Some(array.value(at).to_owned());
    }
    if let Some(array) = any.downcast_ref::<Int64Array>() {
        return Some(array.value(at).to_string());
    }
    if let Some(array) = any.downcast_ref::<Int32Array>() {
        return Some(array.value(at).to_string());
    }
    any.downcast_ref::<UInt32Array>().map(|array| array.value(at).to_string())
}
