//! The lake: every imported roster as immutable Parquet, identity apart from facts.

use crate::data_folder::{DataFolder, read_json, read_json_if_any, write_json};
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::parquet_file::{ParquetFile, read_rows, read_table};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use doudi_terms::Month;
use doudi_terms::roster::{Cells, ColumnSpec, ObservationBatch, RosterFile, RosterSpec};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
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
    /// Digests of the corrected copies that were merged into it, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<String>,
    /// The key it had before any correction, so that the original is known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_key: Option<String>,
    /// How its nine- and twelve-digit codes were understood; nothing where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_system: Option<CodeReading>,
}

/// In which system the codes of a roster were taken to be, and what spoke for it. Codes of the ministry of civil affairs
/// (`mca`) are stored as those of the bureau of statistics (`nbs`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeReading {
    /// `nbs`, `mca`; `unchecked` where no row says it.
    pub system: String,
    /// Somebody said so, on the command line or in `import.toml`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declared: bool,
    /// Rows whose code means different places in the two systems, and whose address names the one of `nbs`.
    pub rows_nbs: u32,
    pub rows_mca: u32,
    /// Rows whose code was translated.
    #[serde(default)]
    pub translated: u32,
}

impl StoredRoster {
    pub fn month(&self) -> Outcome<Month> {
        Month::parse(&self.month)
            .ok_or_else(|| EngineError::Internal(format!("名册月份“{}”不成立", self.month)))
    }

    /// The key of the file as it was first read.
    pub fn first_key(&self) -> &str {
        self.original_key.as_deref().unwrap_or(&self.key)
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
    is_closed: bool,
    serial: usize,
}

const HALVES: [Half; 2] = [Half::Identity, Half::Facts];
/// Name of the column with the row in the file.
const ROW: &str = "row";

impl<'a> Import<'a> {
    /// `serial` tells imports of one run apart.
    pub fn begin(folder: &'a DataFolder, spec: &'a RosterSpec, serial: usize) -> Import<'a> {
        Import { folder, spec, halves: [None, None], is_closed: false, serial }
    }

    pub fn push(&mut self, batch: &ObservationBatch) -> Outcome<()> {
        for (at, half) in HALVES.into_iter().enumerate() {
            let table = to_arrow(self.spec, batch, half)?;
            if self.halves[at].is_none() {
                self.halves[at] =
                    Some(ParquetFile::create(self.folder.spot(&self.incoming(half)), table.schema())?);
            }
            if let Some(file) = &mut self.halves[at] {
                file.write(&table)?;
            }
        }
        Ok(())
    }

    /// Gives the files their place at once. A file that is already there is left as it is.
    pub fn finish(self, read: &RosterFile, month: Month) -> Outcome<StoredRoster> {
        let folder = self.folder;
        let staged = self.stage(read, month, None)?;
        staged.place(folder)?;
        Ok(staged.stored)
    }

    /// Completes the files where nobody sees them yet; [`crate::imports::commit`] gives them their place.
    pub fn stage(self, read: &RosterFile, month: Month, code_system: Option<CodeReading>) -> Outcome<Staged> {
        let stored = StoredRoster {
            file: read.file.clone(),
            sheet: read.sheet.clone(),
            roster: read.roster.clone(),
            month: month.to_string(),
            rows: read.rows,
            rejected: read.rejected,
            sha256: read.sha256.clone(),
            key: key(read, self.spec, code_system.as_ref())?,
            corrections: Vec::new(),
            original_key: None,
            code_system,
        };
        self.stage_as(stored)
    }

    /// Every row has come: what is still in memory goes to disk.
    pub fn close(&mut self) -> Outcome<()> {
        if self.is_closed {
            return Ok(());
        }
        if self.halves.iter().any(Option::is_none) {
            self.push(&ObservationBatch { rows: Vec::new(), columns: vec![None; self.spec.columns.len()] })?;
        }
        for file in self.halves.iter_mut().filter_map(Option::take) {
            file.finish()?;
        }
        self.is_closed = true;
        Ok(())
    }

    pub(crate) fn stage_as(mut self, stored: StoredRoster) -> Outcome<Staged> {
        self.close()?;
        let incoming = HALVES.map(|half| self.incoming(half));
        Ok(Staged { stored, incoming })
    }

    fn incoming(&self, half: Half) -> PathBuf {
        let half = if half == Half::Identity { "identity" } else { "facts" };
        self.folder.incoming().join(format!("{}-{}.{half}.parquet", self.spec.id, self.serial))
    }
}

/// A roster that has been read and does not count yet.
#[derive(Debug)]
pub struct Staged {
    pub stored: StoredRoster,
    incoming: [PathBuf; 2],
}

impl Staged {
    /// Gives the files their place and returns those that were not there before.
    pub(crate) fn place(&self, folder: &DataFolder) -> Outcome<Vec<PathBuf>> {
        let mut made = Vec::new();
        for (half, from) in HALVES.into_iter().zip(&self.incoming) {
            let to = half_path(folder, &self.stored, half)?;
            crate::data_folder::make_parent(&to)?;
            if to.exists() {
                std::fs::remove_file(from).map_err(EngineError::io(from))?;
            } else {
                folder.rename(from, &to)?;
                made.push(to);
            }
        }
        let stored = &self.stored;
        let description = folder.lake(&stored.roster, stored.month()?).join(format!("{}.json", stored.key));
        if !description.exists() {
            write_json(&description, stored)?;
            made.push(description);
        }
        Ok(made)
    }

    /// All rows, both halves.
    pub(crate) fn read_whole(&self, folder: &DataFolder, spec: &RosterSpec) -> Outcome<ObservationBatch> {
        read_whole_at(folder, spec, &self.incoming[0], &self.incoming[1])
    }
}

/// All rows of a stored roster, both halves.
pub(crate) fn read_whole(
    folder: &DataFolder,
    stored: &StoredRoster,
    spec: &RosterSpec,
) -> Outcome<ObservationBatch> {
    let path = |half| half_path(folder, stored, half);
    read_whole_at(folder, spec, &path(Half::Identity)?, &path(Half::Facts)?)
}

fn read_whole_at(
    folder: &DataFolder,
    spec: &RosterSpec,
    identity: &Path,
    facts: &Path,
) -> Outcome<ObservationBatch> {
    let mut whole = ObservationBatch { rows: Vec::new(), columns: vec![None; spec.columns.len()] };
    for path in [identity, facts] {
        // Both halves have the same rows.
        whole.rows.clear();
        for batch in read_table(folder.spot(path), |_| true)? {
            from_arrow(spec, &batch)
                .and_then(|batch| append_batch(&mut whole, batch))
                .ok_or_else(|| EngineError::damaged(path, "列的类型不对"))?;
        }
    }
    Ok(whole)
}

/// Adds rows to a batch; `None` where a column has changed its type.
pub(crate) fn append_batch(whole: &mut ObservationBatch, more: ObservationBatch) -> Option<()> {
    whole.rows.extend(more.rows);
    for (column, more) in whole.columns.iter_mut().zip(more.columns) {
        match (column.as_mut(), more) {
            (_, None) => {}
            (None, Some(cells)) => *column = Some(cells),
            (Some(cells), Some(more)) => append(cells, more)?,
        }
    }
    Some(())
}

fn append(cells: &mut Cells, more: Cells) -> Option<()> {
    match (cells, more) {
        (Cells::Text(a), Cells::Text(b)) => a.extend(b),
        (Cells::Money(a), Cells::Money(b)) | (Cells::Number(a), Cells::Number(b)) => a.extend(b),
        (Cells::Date(a), Cells::Date(b)) | (Cells::Month(a), Cells::Month(b)) => a.extend(b),
        (Cells::YesNo(a), Cells::YesNo(b)) => a.extend(b),
        _ => return None,
    }
    Some(())
}

/// Depends on the specification too: the same bytes read with other synonyms are other observations. So are codes
/// understood in another system.
fn key(read: &RosterFile, spec: &RosterSpec, codes: Option<&CodeReading>) -> Outcome<String> {
    let spec = serde_json::to_string(spec).map_err(|error| EngineError::Internal(error.to_string()))?;
    let mut hasher = Hasher::default();
    hasher.part(read.sha256.as_bytes());
    hasher.part(read.sheet.as_deref().unwrap_or_default().as_bytes());
    hasher.part(spec.as_bytes());
    if let Some(codes) = codes.filter(|codes| codes.translated > 0) {
        hasher.part(codes.system.as_bytes());
    }
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

/// The files of a roster and month that count; `None` where none ever did.
pub fn current_of(folder: &DataFolder, roster: &str, month: Month) -> Outcome<Option<Vec<StoredRoster>>> {
    read_json_if_any(&folder.lake(roster, month).join("current.json"))
}

/// Says that no file counts for a roster and month, as before the first one came.
pub(crate) fn unset_current(folder: &DataFolder, roster: &str, month: Month) -> Outcome<()> {
    let path = folder.lake(roster, month).join("current.json");
    if path.exists() { std::fs::remove_file(&path).map_err(EngineError::io(&path)) } else { Ok(()) }
}

/// The rosters of which anything was ever imported.
pub fn rosters(folder: &DataFolder) -> Outcome<Vec<String>> {
    let place = folder.root().join("lake");
    if !place.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        names.push(entry.map_err(EngineError::io(&place))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
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

/// The latest month of a roster for which a file like this was ever imported, whether it counts or not.
pub fn was_imported(
    folder: &DataFolder,
    roster: &str,
    is: &dyn Fn(&StoredRoster) -> bool,
) -> Outcome<Option<Month>> {
    let place = folder.lake_roster(roster);
    let mut found: Option<Month> = None;
    if !place.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
        let place = entry.map_err(EngineError::io(&place))?.path();
        for entry in std::fs::read_dir(&place).map_err(EngineError::io(&place))? {
            let path = entry.map_err(EngineError::io(&place))?.path();
            let described = path.extension().is_some_and(|extension| extension == "json");
            if described && !path.ends_with("current.json") {
                let stored: StoredRoster = read_json(&path)?;
                found = found.max(is(&stored).then(|| stored.month()).transpose()?);
            }
        }
    }
    Ok(found)
}

/// The description of one stored file.
pub fn stored(folder: &DataFolder, roster: &str, month: Month, key: &str) -> Outcome<StoredRoster> {
    read_json(&folder.lake(roster, month).join(format!("{key}.json")))
}

/// A specification without the names of the columns that nobody will look at: they are not read.
pub(crate) fn narrowed(spec: &RosterSpec, keep: impl Fn(usize, &ColumnSpec) -> bool) -> RosterSpec {
    let mut narrow = spec.clone();
    for (at, column) in narrow.columns.iter_mut().enumerate() {
        if !keep(at, column) {
            column.name.clear();
        }
    }
    narrow
}

/// Reads one half of a stored roster, batch by batch; of it only the columns that have a name in the specification.
pub fn read<'s>(
    folder: &DataFolder,
    stored: &StoredRoster,
    spec: &'s RosterSpec,
    half: Half,
) -> Outcome<impl Iterator<Item = Outcome<ObservationBatch>> + use<'s>> {
    read_some(folder, stored, spec, half, None)
}

/// As [`read`]; of the rows only those at some ascending positions in the file.
pub(crate) fn read_some<'s>(
    folder: &DataFolder,
    stored: &StoredRoster,
    spec: &'s RosterSpec,
    half: Half,
    positions: Option<&[u32]>,
) -> Outcome<impl Iterator<Item = Outcome<ObservationBatch>> + use<'s>> {
    let path = half_path(folder, stored, half)?;
    let named = |name: &str| name == ROW || spec.columns.iter().any(|column| column.name == name);
    let batches = read_rows(folder.spot(&path), named, positions)?;
    Ok(batches.map(move |batch| {
        let batch = batch.map_err(|error| EngineError::damaged(&path, error))?;
        from_arrow(spec, &batch).ok_or_else(|| EngineError::damaged(&path, "列的类型不对"))
    }))
}

/// The identity half as it lies there, for whoever looks at its texts in passing; the columns that have a name in the
/// specification, and of the rows only those at some ascending positions.
pub(crate) fn read_identity(
    folder: &DataFolder,
    stored: &StoredRoster,
    spec: &RosterSpec,
    positions: Option<&[u32]>,
) -> Outcome<impl Iterator<Item = Outcome<RecordBatch>> + use<>> {
    let path = half_path(folder, stored, Half::Identity)?;
    let named = |name: &str| name == ROW || spec.columns.iter().any(|column| column.name == name);
    let batches = read_rows(folder.spot(&path), named, positions)?;
    Ok(batches.map(move |batch| batch.map_err(|error| EngineError::damaged(&path, error))))
}

/// Which rows of the file a batch holds.
pub(crate) fn row_numbers(batch: &RecordBatch) -> Option<&[u32]> {
    let rows = batch.column_by_name(ROW)?.as_any().downcast_ref::<UInt32Array>()?;
    Some(rows.values())
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
