//! Parquet files written in one go and read in batches.

use crate::data_file::{DataWriter, Spot};
use crate::error::{EngineError, Outcome};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::ColumnPath;
use std::path::Path;

/// Rows read at a time.
pub(crate) const BATCH_ROWS: usize = 16_384;

/// A Parquet file being written; it has its name only once it is complete.
pub(crate) struct ParquetFile {
    writer: ArrowWriter<DataWriter>,
}

impl ParquetFile {
    pub fn create(target: impl Into<Spot>, schema: SchemaRef) -> Outcome<ParquetFile> {
        ParquetFile::create_with(target.into(), schema, properties())
    }

    /// As [`ParquetFile::create`]; `all_different` names columns of numbers in which hardly one comes twice: nobody looks
    /// for what repeats in them.
    pub fn create_sparing(target: Spot, schema: SchemaRef, all_different: &[&str]) -> Outcome<ParquetFile> {
        let different = all_different.iter().map(|name| ColumnPath::from(*name));
        let properties = different.fold(properties().into_builder(), |properties, column| {
            let properties = properties.set_column_dictionary_enabled(column.clone(), false);
            let properties =
                properties.set_column_statistics_enabled(column.clone(), EnabledStatistics::None);
            properties.set_column_compression(column, Compression::UNCOMPRESSED)
        });
        ParquetFile::create_with(target, schema, properties.build())
    }

    fn create_with(target: Spot, schema: SchemaRef, properties: WriterProperties) -> Outcome<ParquetFile> {
        let writer = ArrowWriter::try_new(target.create()?, schema, Some(properties)).map_err(fault)?;
        Ok(ParquetFile { writer })
    }

    pub fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        self.writer.write(batch).map_err(fault)
    }

    pub fn finish(self) -> Outcome<()> {
        self.writer.into_inner().map_err(fault)?.finish()
    }
}

/// Reads some columns of a whole table: at least one batch, so that a table without rows still has its columns.
pub(crate) fn read_table(path: impl Into<Spot>, wanted: impl Fn(&str) -> bool) -> Outcome<Vec<RecordBatch>> {
    let spot = path.into();
    let damaged = |error: arrow_schema::ArrowError| EngineError::damaged(&spot.path, error);
    let reader = read_rows(spot.clone(), wanted, None)?;
    let nothing = RecordBatch::new_empty(reader.schema());
    let mut batches: Vec<RecordBatch> = reader.map(|batch| batch.map_err(damaged)).collect::<Outcome<_>>()?;
    if batches.is_empty() {
        batches.push(nothing);
    }
    Ok(batches)
}

/// Reads a whole table as one batch.
pub(crate) fn read_whole(path: &Path) -> Outcome<RecordBatch> {
    let file = Spot::from(path).open()?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| EngineError::damaged(path, error))?;
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let schema = builder.schema().clone();
    let reader = builder.with_batch_size(rows.max(1)).build();
    let mut reader = reader.map_err(|error| EngineError::damaged(path, error))?;
    match reader.next() {
        None => Ok(RecordBatch::new_empty(schema)),
        Some(batch) => batch.map_err(|error| EngineError::damaged(path, error)),
    }
}

/// Opens a file for reading some of its columns, in batches of [`BATCH_ROWS`]; the others are not even unpacked.
pub(crate) fn read_columns(
    path: impl Into<Spot>,
    wanted: impl Fn(&str) -> bool,
) -> Outcome<ParquetRecordBatchReader> {
    read_rows(path, wanted, None)
}

/// Opens a file for reading some of its columns, in batches of [`BATCH_ROWS`], and of the rows only those at some
/// ascending positions, if any are named; the others are not even unpacked.
pub(crate) fn read_rows(
    path: impl Into<Spot>,
    wanted: impl Fn(&str) -> bool,
    positions: Option<&[u32]>,
) -> Outcome<ParquetRecordBatchReader> {
    let spot = path.into();
    let file = spot.open()?;
    let damaged = |error| EngineError::damaged(&spot.path, error);
    // With the index of pages, pages without a wanted row are not unpacked.
    let index = if positions.is_some() { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
    let options = ArrowReaderOptions::new().with_page_index_policy(index);
    let mut builder =
        ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(damaged)?;
    if let Some(positions) = positions {
        let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        builder = builder.with_row_selection(selection(positions, rows));
    }
    let names = builder.schema().fields().iter().enumerate();
    let places: Vec<usize> =
        names.filter(|(_, field)| wanted(field.name())).map(|(place, _)| place).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), places);
    builder.with_batch_size(BATCH_ROWS).with_projection(mask).build().map_err(damaged)
}

/// Rows at ascending positions, of so many.
fn selection(positions: &[u32], rows: usize) -> RowSelection {
    let follow = |a: &u32, b: &u32| a + 1 == *b;
    let runs = positions.chunk_by(follow).filter_map(|run| {
        let start = *run.first()? as usize;
        Some(start..start + run.len())
    });
    RowSelection::from_consecutive_ranges(runs, rows)
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("doudi".to_owned())
        .build()
}

fn fault(error: impl std::fmt::Display) -> EngineError {
    EngineError::Internal(format!("写 Parquet 时出错：{error}"))
}
