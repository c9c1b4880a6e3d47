//! Columns of facts and results on disk, with their names and types, and their digests.

use crate::data_file::Spot;
use crate::digest::{Hasher, sha256_hex};
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, NO_SOURCE};
use crate::parquet_file::{ParquetFile, read_table};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, UInt16Array, UInt32Array,
};
use arrow_schema::{Field, Schema};
use doudi_policy::Library;
use doudi_policy::ir::{EnumId, Type};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// Rows hashed at a time.
const PIECE_ROWS: usize = 8_192;
/// Rows written at a time: what is being written is a small part of what is kept.
const ROWS_WRITTEN: usize = 65_536;

/// A column with what is needed to understand it without the policies it was made with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedColumn<'c> {
    pub name: String,
    pub ty: Type,
    pub labels: Vec<String>,
    pub column: Cow<'c, Column>,
}

/// A table as read back.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredTable {
    /// Columns of row numbers: `person`, `unit`, `owner`.
    pub numbers: BTreeMap<String, Vec<u32>>,
    pub texts: BTreeMap<String, Vec<Box<str>>>,
    pub columns: Vec<NamedColumn<'static>>,
}

impl<'c> NamedColumn<'c> {
    pub fn new(library: &Library, name: &str, ty: Type, column: Cow<'c, Column>) -> NamedColumn<'c> {
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
        let Type::Enum(id) = ty else { return Some(self.column.into_owned()) };
        let labels = library.labels(id);
        if self.labels == labels {
            return Some(self.column.into_owned());
        }
        let mut column = Column::unknown(self.column.len());
        for row in 0..column.len() {
            let word = self.column.get(row).and_then(|cell| self.labels.get(usize::try_from(cell).ok()?));
            if let Some(label) = word.and_then(|word| labels.iter().position(|label| label == word)) {
                column.set(row, label as i64, self.column.source(row));
            }
        }
        Some(column)
    }

    /// Of the values and of what is known; where they come from is not part of it.
    pub fn digest(&self) -> String {
        let mut digest = self.begin_digest(self.column.len());
        digest.add_known(Some(&self.column), self.column.len());
        digest.begin_values();
        digest.add_values(Some(&self.column), self.column.len());
        digest.hex()
    }

    /// The digest of a column of so many rows that comes in parts, of which this is one.
    pub fn begin_digest(&self, rows: usize) -> ColumnDigest {
        let mut hasher = Hasher::default();
        hasher.part(self.name.as_bytes()).part(type_word(self.ty).as_bytes());
        for label in &self.labels {
            hasher.part(label.as_bytes());
        }
        hasher.begin_part(rows);
        ColumnDigest { hasher, rows }
    }
}

/// The digest of a column while it grows: of all parts first what is known, then of all parts the values.
pub(crate) struct ColumnDigest {
    hasher: Hasher,
    rows: usize,
}

impl ColumnDigest {
    /// Of the next part so many rows; `None` = nothing is known of them.
    pub fn add_known(&mut self, column: Option<&Column>, rows: usize) {
        let is_known = |row| column.is_some_and(|column| column.source(row) != NO_SOURCE);
        in_pieces(rows, |row, bytes| bytes.push(u8::from(is_known(row))), &mut self.hasher);
    }

    pub fn begin_values(&mut self) {
        self.hasher.begin_part(self.rows * size_of::<i64>());
    }

    pub fn add_values(&mut self, column: Option<&Column>, rows: usize) {
        let value = |row| column.and_then(|column| column.get(row)).unwrap_or(0).to_le_bytes();
        in_pieces(rows, |row, bytes| bytes.extend_from_slice(&value(row)), &mut self.hasher);
    }

    pub fn hex(self) -> String {
        self.hasher.hex()
    }
}

/// Hashes what is written for each row without holding all of it.
fn in_pieces(rows: usize, mut write: impl FnMut(usize, &mut Vec<u8>), hasher: &mut Hasher) {
    let mut bytes = Vec::with_capacity(PIECE_ROWS * size_of::<i64>());
    for start in (0..rows).step_by(PIECE_ROWS) {
        bytes.clear();
        (start..(start + PIECE_ROWS).min(rows)).for_each(|row| write(row, &mut bytes));
        hasher.bytes(&bytes);
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

/// Some rows of a column as the evaluation takes them: in the width that they are held in.
pub(crate) fn to_cells(ty: Type, column: &Column, rows: Range<usize>) -> ArrayRef {
    column.cells(ty, rows.clone()).unwrap_or_else(|| to_array(ty, column, rows))
}

/// Adds cells that were written by [`to_array`].
fn add_array(column: &mut Column, ty: Type, array: &dyn Array) -> Option<()> {
    let any = array.as_any();
    match ty {
        Type::YesNo => {
            column.extend(any.downcast_ref::<BooleanArray>()?.iter().map(|cell| cell.map(i64::from)));
        }
        Type::Money | Type::Amount | Type::Count | Type::Number | Type::Moment => {
            column.extend(any.downcast_ref::<Int64Array>()?.iter());
        }
        Type::Date | Type::Month => {
            column.extend(any.downcast_ref::<Int32Array>()?.iter().map(|cell| cell.map(i64::from)));
        }
        Type::Enum(_) => {
            column.extend(any.downcast_ref::<UInt16Array>()?.iter().map(|cell| cell.map(i64::from)));
        }
    }
    Some(())
}

/// Writes a table: row numbers first, then texts, then columns; some rows at a time.
pub(crate) fn write(
    path: impl Into<Spot>,
    numbers: &[(&str, &[u32])],
    texts: &[(&str, Vec<&str>)],
    columns: &[NamedColumn<'_>],
) -> Outcome<()> {
    let mut file = TableFile::new(path);
    file.append(numbers, texts, columns)?;
    file.finish()
}

/// A table that is written part by part; every part has the same columns.
pub(crate) struct TableFile {
    path: Spot,
    file: Option<ParquetFile>,
}

impl TableFile {
    pub fn new(path: impl Into<Spot>) -> TableFile {
        TableFile { path: path.into(), file: None }
    }

    pub fn append(
        &mut self,
        numbers: &[(&str, &[u32])],
        texts: &[(&str, Vec<&str>)],
        columns: &[NamedColumn<'_>],
    ) -> Outcome<()> {
        let rows = numbers.first().map_or(0, |(_, numbers)| numbers.len());
        // A table without rows still has its columns.
        let least = usize::from(self.file.is_none());
        for start in (0..rows.max(least)).step_by(ROWS_WRITTEN) {
            let batch = batch(numbers, texts, columns, start..(start + ROWS_WRITTEN).min(rows))?;
            match &mut self.file {
                Some(file) => file.write(&batch)?,
                None => {
                    self.file.insert(ParquetFile::create(self.path.clone(), batch.schema())?).write(&batch)?
                }
            }
        }
        Ok(())
    }

    pub fn finish(self) -> Outcome<()> {
        self.file.map_or(Ok(()), ParquetFile::finish)
    }
}

fn batch(
    numbers: &[(&str, &[u32])],
    texts: &[(&str, Vec<&str>)],
    columns: &[NamedColumn<'_>],
    rows: Range<usize>,
) -> Outcome<RecordBatch> {
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    let mut add = |name: &str, kind: &str, labels: &str, array: ArrayRef| {
        let metadata =
            HashMap::from([("kind".to_owned(), kind.to_owned()), ("labels".to_owned(), labels.to_owned())]);
        fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(metadata));
        arrays.push(array);
    };
    let short = || EngineError::Internal("表的各列行数不一致".into());
    for (name, values) in numbers {
        let values = values.get(rows.clone()).ok_or_else(short)?;
        add(name, "row", "", Arc::new(UInt32Array::from(values.to_vec())));
    }
    for (name, values) in texts {
        let values = values.get(rows.clone()).ok_or_else(short)?;
        add(name, "text", "", Arc::new(StringArray::from(values.to_vec())));
    }
    for named in columns {
        let array = to_array(named.ty, &named.column, rows.clone());
        add(&named.name, type_word(named.ty), &named.labels.join("、"), array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| EngineError::Internal(error.to_string()))
}

/// Reads what [`write`] wrote.
pub(crate) fn read(path: impl Into<Spot>) -> Outcome<StoredTable> {
    read_some(path, |_| true)
}

/// Reads some columns; the others are not even unpacked.
pub(crate) fn read_some(path: impl Into<Spot>, wanted: impl Fn(&str) -> bool) -> Outcome<StoredTable> {
    let (spot, mut table) = (path.into(), StoredTable::default());
    for batch in read_table(spot.clone(), wanted)? {
        add_batch(&mut table, &batch).ok_or_else(|| EngineError::damaged(&spot.path, "列的类型不对"))?;
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
                match table.columns.iter_mut().find(|column| column.name == *field.name()) {
                    Some(named) => add_array(named.column.to_mut(), ty, array.as_ref())?,
                    None => {
                        let mut column = Column::unknown(0);
                        add_array(&mut column, ty, array.as_ref())?;
                        let labels = field.metadata().get("labels").map_or("", String::as_str);
                        let labels =
                            labels.split('、').filter(|label| !label.is_empty()).map(str::to_owned).collect();
                        table.columns.push(NamedColumn {
                            name: field.name().clone(),
                            ty,
                            labels,
                            column: Cow::Owned(column),
                        });
                    }
                }
            }
        }
    }
    Some(())
}
