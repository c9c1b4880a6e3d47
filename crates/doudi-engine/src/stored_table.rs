//! Columns of facts and results on disk, with their names and types, and their digests.

use crate::digest::{Hasher, sha256_hex};
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, NO_SOURCE};
use crate::parquet_file::{read_table, write_table};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt16Array, UInt32Array,
};
use arrow_schema::{Field, Schema};
use doudi_policy::Library;
use doudi_policy::ir::{EnumId, Type};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// A column with what is needed to understand it without the policies it was made with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedColumn {
    pub name: String,
    pub ty: Type,
    pub labels: Vec<String>,
    pub column: Column,
}

/// A table as read back.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredTable {
    /// Columns of row numbers: `person`, `unit`, `owner`.
    pub numbers: BTreeMap<String, Vec<u32>>,
    pub texts: BTreeMap<String, Vec<Box<str>>>,
    pub columns: Vec<NamedColumn>,
}

impl NamedColumn {
    pub fn new(library: &Library, name: &str, ty: Type, column: Column) -> NamedColumn {
        let labels = match ty {
            Type::Enum(id) => library.labels(id).to_vec(),
            _ => Vec::new(),
        };
        NamedColumn { name: name.to_owned(), ty, labels, column }
    }

    /// The column as an input of type `ty` has it in a library that may not be the one it was made with; `None` where
    /// its values mean nothing there.
    pub fn under(self, library: &Library, ty: Type) -> Option<Column> {
        if type_word(self.ty) != type_word(ty) {
            return None;
        }
        let Type::Enum(id) = ty else { return Some(self.column) };
        let labels = library.labels(id);
        if self.labels == labels {
            return Some(self.column);
        }
        let mut column = Column::unknown(self.column.values.len());
        for row in 0..column.values.len() {
            let word = self.column.get(row).and_then(|cell| self.labels.get(usize::try_from(cell).ok()?));
            if let Some(label) = word.and_then(|word| labels.iter().position(|label| label == word)) {
                column.set(row, label as i64, self.column.sources[row]);
            }
        }
        Some(column)
    }

    /// Of the values and of what is known; where they come from is not part of it.
    pub fn digest(&self) -> String {
        let known: Vec<u8> =
            self.column.sources.iter().map(|source| u8::from(*source != NO_SOURCE)).collect();
        let values: Vec<u8> = (0..self.column.values.len())
            .flat_map(|row| self.column.get(row).unwrap_or(0).to_le_bytes())
            .collect();
        let mut hasher = Hasher::default();
        hasher.part(self.name.as_bytes()).part(type_word(self.ty).as_bytes());
        for label in &self.labels {
            hasher.part(label.as_bytes());
        }
        hasher.part(&known).part(&values);
        hasher.hex()
    }
}

/// Digest of a column of row numbers.
pub(crate) fn number_digest(name: &str, numbers: &[u32]) -> String {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    sha256_hex(&[name.as_bytes(), &bytes].concat())
}

pub(crate) fn type_word(ty: Type) -> &'static str {
    match ty {
        Type::YesNo => "yes-no",
        Type::Money => "money",
        Type::Amount => "amount",
        Type::Count => "count",
        Type::Number => "number",
        Type::Date => "date",
        Type::Month => "month",
        Type::Moment => "moment",
        Type::Enum(_) => "enum",
    }
}

fn type_of_word(word: &str) -> Option<Type> {
    Some(match word {
        "yes-no" => Type::YesNo,
        "money" => Type::Money,
        "amount" => Type::Amount,
        "count" => Type::Count,
        "number" => Type::Number,
        "date" => Type::Date,
        "month" => Type::Month,
        "moment" => Type::Moment,
        "enum" => Type::Enum(EnumId(0)),
        _ => return None,
    })
}

/// Some rows of a column in the types that doudi-policy-batch asks for.
pub(crate) fn to_array(ty: Type, column: &Column, rows: Range<usize>) -> ArrayRef {
    let cells = rows.map(|row| column.get(row));
    match ty {
        Type::YesNo => Arc::new(cells.map(|cell| cell.map(|value| value != 0)).collect::<BooleanArray>()),
        Type::Money | Type::Amount | Type::Count | Type::Number | Type::Moment => {
            Arc::new(cells.collect::<Int64Array>())
        }
        Type::Date | Type::Month => Arc::new(
            cells.map(|cell| cell.and_then(|value| i32::try_from(value).ok())).collect::<Int32Array>(),
        ),
        Type::Enum(_) => Arc::new(
            cells.map(|cell| cell.and_then(|value| u16::try_from(value).ok())).collect::<UInt16Array>(),
        ),
    }
}

fn from_array(ty: Type, array: &dyn Array) -> Option<Column> {
    let any = array.as_any();
    let cells: Vec<Option<i64>> = match ty {
        Type::YesNo => any.downcast_ref::<BooleanArray>()?.iter().map(|cell| cell.map(i64::from)).collect(),
        Type::Money | Type::Amount | Type::Count | Type::Number | Type::Moment => {
            any.downcast_ref::<Int64Array>()?.iter().collect()
        }
        Type::Date | Type::Month => {
            any.downcast_ref::<Int32Array>()?.iter().map(|cell| cell.map(i64::from)).collect()
        }
        Type::Enum(_) => any.downcast_ref::<UInt16Array>()?.iter().map(|cell| cell.map(i64::from)).collect(),
    };
    Some(Column {
        values: cells.iter().map(|cell| cell.unwrap_or(0)).collect(),
        sources: cells.iter().map(|cell| if cell.is_some() { 0 } else { NO_SOURCE }).collect(),
    })
}

/// Writes a table: row numbers first, then texts, then columns.
pub(crate) fn write(
    path: &Path,
    numbers: &[(&str, &[u32])],
    texts: &[(&str, Vec<&str>)],
    columns: &[NamedColumn],
) -> Outcome<()> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut add = |name: &str, kind: &str, labels: &str, array: ArrayRef| {
        let metadata =
            HashMap::from([("kind".to_owned(), kind.to_owned()), ("labels".to_owned(), labels.to_owned())]);
        fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(metadata));
        arrays.push(array);
    };
    for (name, values) in numbers {
        add(name, "row", "", Arc::new(UInt32Array::from(values.to_vec())));
    }
    for (name, values) in texts {
        add(name, "text", "", Arc::new(StringArray::from(values.clone())));
    }
    for named in columns {
        let rows = 0..named.column.values.len();
        let array = to_array(named.ty, &named.column, rows);
        add(&named.name, type_word(named.ty), &named.labels.join("、"), array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| EngineError::Internal(error.to_string()))?;
    write_table(path, &batch)
}

/// Reads what [`write`] wrote.
pub(crate) fn read(path: &Path) -> Outcome<StoredTable> {
    let mut table = StoredTable::default();
    for batch in read_table(path)? {
        add_batch(&mut table, &batch).ok_or_else(|| EngineError::damaged(path, "列的类型不对"))?;
    }
    Ok(table)
}

fn add_batch(table: &mut StoredTable, batch: &RecordBatch) -> Option<()> {
    let schema = batch.schema();
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        let kind = field.metadata().get("kind").map_or("", String::as_str);
        match kind {
            "row" => {
                let values = array.as_any().downcast_ref::<UInt32Array>()?.values();
                table.numbers.entry(field.name().clone()).or_default().extend_from_slice(values);
            }
            "text" => {
                let values = array.as_any().downcast_ref::<StringArray>()?;
                let texts = table.texts.entry(field.name().clone()).or_default();
                texts.extend(values.iter().map(|text| Box::from(text.unwrap_or_default())));
            }
            _ => {
                let ty = type_of_word(kind)?;
                let mut more = from_array(ty, array.as_ref())?;
                match table.columns.iter_mut().find(|column| column.name == *field.name()) {
                    Some(named) => {
                        named.column.values.append(&mut more.values);
                        named.column.sources.append(&mut more.sources);
                    }
                    None => {
                        let labels = field.metadata().get("labels").map_or("", String::as_str);
                        let labels =
                            labels.split('、').filter(|label| !label.is_empty()).map(str::to_owned).collect();
                        table.columns.push(NamedColumn {
                            name: field.name().clone(),
                            ty,
                            labels,
                            column: more,
                        });
                    }
                }
            }
        }
    }
    Some(())
}
