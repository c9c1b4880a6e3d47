//! A certificate is verified, and every kind of change to what it rests on is named.

use crate::county::{World, first_month};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file_under(folder: &Path, name: &str) -> PathBuf {
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                pending.push(path);
            } else if path.file_name().is_some_and(|found| found == name) {
                return path;
            }
        }
    }
    panic!("no {name}")
}

#[test]
fn an_untouched_certificate_verifies() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let cleared = world.clear("2020-04");
    assert_eq!(world.difference(&cleared.certificate), None);
}

#[test]
fn a_changed_parameter_is_named_with_its_line() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let certificate = world.clear("2020-04").certificate;
    let path = file_under(&world.folder.root().join("content"), "standards.csv");
    let text = std::fs::read_to_string(&path).expect("text").replace("440元", "441元");
    std::fs::write(&path, text).expect("written");
    assert_eq!(
        world.difference(&certificate).as_deref(),
        Some(
            "policies/national/standards.csv 第 2 行与摸排时不同，现在是：低保标准,农村,2019-09,,441元,测试文件,高"
        )
    );
}

#[test]
fn a_changed_fact_is_named_with_its_person_and_both_values() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let certificate = world.clear("2020-04").certificate;
    let path = file_under(&world.folder.root().join("snapshots"), "persons.parquet");
    flip(&path, "低保在册", 8);
    assert_eq!(
        world.difference(&certificate).as_deref(),
        Some("快照与名册不一致：人员 9的 人.低保在册 按名册应为 “是”，快照里是 “否”")
    );
}

#[test]
fn a_changed_count_and_a_changed_row_are_named() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let mut certificate = world.clear("2020-04").certificate;
    certificate.buckets.covered += 1;
    certificate.buckets.no_sign_of_need -= 1;
    assert_eq!(
        world.difference(&certificate).as_deref(),
        Some("全部“已享受救助”（covered）的人数：重算得 29，证书上是 30")
    );
    certificate.buckets.covered -= 1;
    certificate.buckets.no_sign_of_need += 1;
    let path = world.out().join("persons.csv");
    let text = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, text.replacen("covered", "not_eligible", 1)).expect("written");
    let difference = world.difference(&certificate).expect("different");
    assert!(difference.starts_with("persons.csv 第 2 行：重算得“1,covered,"), "{difference}");
}

/// Turns one known yes/no cell of a Parquet file round.
fn flip(path: &Path, column: &str, row: usize) {
    let file = std::fs::File::open(path).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("parquet").build().expect("reader");
    let batch = reader.map(|batch| batch.expect("a batch")).next().expect("one batch");
    let at = batch.schema().index_of(column).expect("the column");
    let cells = batch.column(at).as_any().downcast_ref::<BooleanArray>().expect("yes/no");
    let flipped: BooleanArray = cells
        .iter()
        .enumerate()
        .map(|(at, cell)| if at == row { cell.map(|cell| !cell) } else { cell })
        .collect();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[at] = Arc::new(flipped);
    let changed = RecordBatch::try_new(batch.schema(), columns).expect("a batch");
    let file = std::fs::File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, changed.schema(), None).expect("a writer");
    writer.write(&changed).expect("written");
    writer.close().expect("closed");
}
