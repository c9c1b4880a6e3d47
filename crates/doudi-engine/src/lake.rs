//! The lake: every imported roster as immutable Parquet, identity apart from facts.

use crate::data_folder::{DataFolder, read_json, read_json_if_any, write_json};
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::parquet_file::{ParquetFile, read_batches};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use doudi_terms::Month;
use doudi_terms::roster::{Cells, ColumnSpec, ObservationBatch, RosterFile, RosterSpec};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// One imported sheet or text file, as its description in the lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRoster {
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    pub roster: String,
    /// `2020-08`
    pub month: String,
    pub rows: u32,
    /// Rows that gave no observation when the file was read.
    pub rejected: u32,
    pub sha256: String,
    /// Name of its files in the lake: of the bytes, the sheet and the specification they were read with.
    pub key: String,
}

impl StoredRoster {
    pub fn month(&self) -> Outcome<Month> {
        Month::parse(&self.month)
            .ok_or_else(|| EngineError::Internal(format!("名册月份“{}”不成立", self.month)))
    }

    /// `低保.xlsx#Sheet1`, `低保.csv`.
    pub fn place(&self) -> String {
        match &self.sheet {
            Some(sheet) => format!("{}#{sheet}", self.file),
            None => self.file.clone(),
        }
    }
}

/// Which half of an observation a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Half {
    Identity,
    Facts,
}

impl Half {
    fn holds(self, column: &ColumnSpec) -> bool {
        column.kind.is_identity() == (self == Half::Identity)
    }
}

/// A roster on its way into the lake. Batches are written as they come.
pub struct Import<'a> {
    folder: &'a DataFolder,
    spec: &'a RosterSpec,
    halves: [Option<ParquetFile>; 2],
    serial: usize,
}

const HALVES: [Half; 2] = [Half::Identity, Half::Facts];
/// Name of the column with the row in the file.
const ROW: &str = "row";

impl<'a> Import<'a> {
    /// `serial` tells imports of one run apart.
    pub fn begin(folder: &'a DataFolder, spec: &'a RosterSpec, serial: usize) -> Import<'a> {
        Import { folder, spec, halves: [None, None], serial }
    }

    pub fn push(&mut self, batch: &ObservationBatch) -> Outcome<()> {
        for (at, half) in HALVES.into_iter().enumerate() {
            let table = to_arrow(self.spec, batch, half)?;
            if self.halves[at].is_none() {
                self.halves[at] = Some(ParquetFile::create(&self.incoming(half), table.schema())?);
            }
            if let Some(file) = &mut self.halves[at] {
                file.write(&table)?;
            }
        }
        Ok(())
    }

    /// Gives the files their place. A file that is already there is left as it is.
    pub fn finish(mut self, read: &RosterFile, month: Month) -> Outcome<StoredRoster> {
        if self.halves.iter().any(Option::is_none) {
            self.push(&ObservationBatch { rows: Vec::new(), columns: vec![None; self.spec.columns.len()] })?;
        }
        let stored = StoredRoster {
            file: read.file.clone(),
            sheet: read.sheet.clone(),
            roster: read.roster.clone(),
            month: month.to_string(),
            rows: read.rows,
            rejected: read.rejected,
            sha256: read.sha256.clone(),
            key: key(read, self.spec)?,
        };
        for (at, half) in HALVES.into_iter().enumerate() {
            if let Some(file) = self.halves[at].take() {
                file.finish()?;
            }
            let (from, to) = (self.incoming(half), half_path(self.folder, &stored, half)?);
            crate::data_folder::make_parent(&to)?;
            if to.exists() {
                std::fs::remove_file(&from).map_err(EngineError::io(&from))?;
            } else {
                std::fs::rename(&from, &to).map_err(EngineError::io(&to))?;
            }
        }
        write_json(&self.folder.lake(&stored.roster, month).join(format!("{}.json", stored.key)), &stored)?;
        Ok(stored)
    }

    fn incoming(&self, half: Half) -> PathBuf {
        let half = if half == Half::Identity { "identity" } else { "facts" };
        self.folder.incoming().join(format!("{}-{}.{half}.parquet", self.spec.id, self.serial))
    }
}

/// Depends on the specification too: the same bytes read with other synonyms are other observations.
fn key(read: &RosterFile, spec: &RosterSpec) -> Outcome<String> {
    let spec = serde_json::to_string(spec).map_err(|error| EngineError::Internal(error.to_string()))?;
    let mut hasher = Hasher::default();
    hasher.part(read.sha256.as_bytes());
    hasher.part(read.sheet.as_deref().unwrap_or_default().as_bytes());
    hasher.part(spec.as_bytes());
    Ok(short(&hasher.hex()).to_owned())
}

fn half_path(folder: &DataFolder, stored: &StoredRoster, half: Half) -> Outcome<PathBuf> {
    let month = stored.month()?;
    let folder = match half {
        Half::Identity => folder.identity(&stored.roster, month),
        Half::Facts => folder.lake(&stored.roster, month),
    };
    Ok(folder.join(format!("{}.parquet", stored.key)))
}

/// Says which files count for a roster and month from now on.
pub fn set_current(folder: &DataFolder, roster: &str, month: Month, files: &[StoredRoster]) -> Outcome<()> {
    write_json(&folder.lake(roster, month).join("current.json"), &files)
}

/// The files of a roster that count, by month, up to and including `until`.
pub fn current(folder: &DataFolder, roster: &str, until: Month) -> Outcome<Vec<(Month, Vec<StoredRoster>)>> {
    let place = folder.lake_roster(roster);
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        let entry = entry.map_err(EngineError::io(&place))?;
        let Some(month) = Month::parse(&entry.file_name().to_string_lossy()) else { continue };
        if month <= until
            && let Some(files) = read_json_if_any(&entry.path().join("current.json"))?
        {
            found.push((month, files));
        }
    }
    found.sort_by_key(|(month, _)| *month);
    Ok(found)
}

/// The description of one stored file.
pub fn stored(folder: &DataFolder, roster: &str, month: Month, key: &str) -> Outcome<StoredRoster> {
    read_json(&folder.lake(roster, month).join(format!("{key}.json")))
}

/// Reads one half of a stored roster, batch by batch.
pub fn read<'s>(
    folder: &DataFolder,
    stored: &StoredRoster,
    spec: &'s RosterSpec,
    half: Half,
) -> Outcome<impl Iterator<Item = Outcome<ObservationBatch>> + use<'s>> {
    let path = half_path(folder, stored, half)?;
    let batches = read_batches(&path)?;
    Ok(batches.map(move |batch| {
        let batch = batch.map_err(|error| EngineError::damaged(&path, error))?;
        from_arrow(spec, &batch).ok_or_else(|| EngineError::damaged(&path, "列的类型不对"))
    }))
}

fn to_arrow(spec: &RosterSpec, batch: &ObservationBatch, half: Half) -> Outcome<RecordBatch> {
    let mut fields = vec![Field::new(ROW, DataType::UInt32, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(batch.rows.clone()))];
    for (column, cells) in spec.columns.iter().zip(&batch.columns) {
        let Some(cells) = cells.as_ref().filter(|_| half.holds(column)) else { continue };
        let (kind, array) = array_of(cells);
        let metadata = HashMap::from([("kind".to_owned(), kind.to_owned())]);
        fields.push(Field::new(&column.name, array.data_type().clone(), true).with_metadata(metadata));
        arrays.push(array);
    }
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    RecordBatch::try_new(schema, arrays).map_err(|error| EngineError::Internal(error.to_string()))
}

fn array_of(cells: &Cells) -> (&'static str, ArrayRef) {
    match cells {
        Cells::Text(v) => ("text", Arc::new(v.iter().map(Option::as_deref).collect::<StringArray>())),
        Cells::Money(v) => ("money", Arc::new(Int64Array::from(v.clone()))),
        Cells::Number(v) => ("number", Arc::new(Int64Array::from(v.clone()))),
        Cells::Date(v) => ("date", Arc::new(Date32Array::from(v.clone()))),
        Cells::Month(v) => ("month", Arc::new(Int32Array::from(v.clone()))),
        Cells::YesNo(v) => ("yes-no", Arc::new(BooleanArray::from(v.clone()))),
    }
}

fn from_arrow(spec: &RosterSpec, batch: &RecordBatch) -> Option<ObservationBatch> {
    let rows = batch.column_by_name(ROW)?.as_any().downcast_ref::<UInt32Array>()?.values().to_vec();
    let schema = batch.schema();
    let mut columns = Vec::with_capacity(spec.columns.len());
    for column in &spec.columns {
        let Some((at, field)) = schema.column_with_name(&column.name) else {
            columns.push(None);
            continue;
        };
        let kind = field.metadata().get("kind").map_or("text", String::as_str);
        columns.push(Some(cells_of(batch.column(at).as_ref(), kind)?));
    }
    Some(ObservationBatch { rows, columns })
}

fn cells_of(array: &dyn Array, kind: &str) -> Option<Cells> {
    let any = array.as_any();
    Some(match kind {
        "text" => Cells::Text(any.downcast_ref::<StringArray>()?.iter().map(|v| v.map(Box::from)).collect()),
        "money" => Cells::Money(any.downcast_ref::<Int64Array>()?.iter().collect()),
        "number" => Cells::Number(any.downcast_ref::<Int64Array>()?.iter().collect()),
        "date" => Cells::Date(any.downcast_ref::<Date32Array>()?.iter().collect()),
        "month" => Cells::Month(any.downcast_ref::<Int32Array>()?.iter().collect()),
        "yes-no" => Cells::YesNo(any.downcast_ref::<BooleanArray>()?.iter().collect()),
        _ => return None,
    })
}
