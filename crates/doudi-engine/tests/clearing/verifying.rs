//! A certificate is verified, and every kind of change to what it rests on is named.

use crate::county::{World, dibao_rows, first_month, kept_content, policies, specs};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use doudi_engine::{Certificate, ContentFile};
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

#[test]
fn a_later_certificate_verifies_though_the_month_before_was_cleared_again() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    world.clear("2020-04");
    world.import("dibao", "2020-05", &dibao_rows(&people, 3..30));
    let incomes = people[330..].iter().map(|p| vec![p.name.clone(), p.id.clone(), "250000".into()]);
    world.import("incomes", "2020-05", &incomes.collect::<Vec<_>>());
    let may = world.clear("2020-05");
    assert_eq!(may.leads.len(), 4, "three wrongful exits, and the death of April");
    assert_eq!(doudi_engine::warnings(&world.folder, &may.certificate), Vec::<String>::new());
    // In April nobody of these households was on the roster after all, and nobody has died.
    world.import("dibao", "2020-04", &dibao_rows(&people, 6..30));
    world.clear_in("500243", "2020-04").expect("cleared again");
    assert_eq!(world.difference(&may.certificate), None);
    let warnings = doudi_engine::warnings(&world.folder, &may.certificate);
    assert_eq!(
        warnings,
        ["上月（500243 2020-04）后来又重新摸排过，结果与本证书所依据的不同；本证书仍按当时的结果核验"]
    );
}

#[test]
fn a_stored_roster_that_is_changed_or_missing_is_named() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let certificate = world.clear("2020-04").certificate;
    for (half, name) in [("lake", "事实部分"), ("identity", "身份部分")] {
        let folder = world.folder.root().join(half).join("incomes/2020-04");
        let key = &certificate.inputs.iter().find(|input| input.roster == "incomes").expect("used").key;
        let path = folder.join(format!("{key}.parquet"));
        let bytes = std::fs::read(&path).expect("stored");
        let mut changed = bytes.clone();
        changed[40] ^= 1;
        std::fs::write(&path, changed).expect("written");
        let expected = format!("存入的名册 incomes.csv（2020-04）的{name}被改动过");
        assert_eq!(world.difference(&certificate), Some(expected));
        std::fs::remove_file(&path).expect("removed");
        let difference = world.difference(&certificate).expect("different");
        assert!(difference.starts_with("存入的名册 incomes.csv（2020-04）不见了："), "{difference}");
        std::fs::write(&path, bytes).expect("written");
    }
    assert_eq!(world.difference(&certificate), None);
}

#[test]
fn whatever_else_is_missing_is_a_difference_and_not_a_fault() {
    let mut world = World::new();
    let people = first_month(&mut world, "2020-04");
    world.clear("2020-04");
    world.import("dibao", "2020-05", &dibao_rows(&people, 0..30));
    let certificate = world.clear("2020-05").certificate;
    let hash = certificate.leads_before_hash.clone().expect("kept");
    let root = world.folder.root();
    let before = root.join(format!("leads/before/{}.jsonl", doudi_engine::digest::short(&hash)));
    let text = std::fs::read_to_string(&before).expect("kept");
    assert_eq!(text.lines().count(), 1);
    std::fs::write(&before, text.replace("2020-04", "2020-03")).expect("written");
    assert!(
        world.difference(&certificate).is_some_and(|what| what.contains("疑点底数") && what.contains("改动"))
    );
    std::fs::write(&before, &text).expect("written");
    for missing in
        ["leads/before", "identity/links", "determinations/500243/2020-04", "snapshots/500243/2020-05"]
    {
        let (here, away) = (root.join(missing), root.join("away"));
        std::fs::rename(&here, &away).expect("moved");
        assert!(world.difference(&certificate).is_some(), "{missing}");
        std::fs::rename(&away, &here).expect("moved back");
    }
    assert_eq!(world.difference(&certificate), None);
    // The memory of leads is not what a certificate rests on.
    std::fs::remove_file(root.join("leads/leads.jsonl")).expect("removed");
    assert_eq!(world.difference(&certificate), None);
}

#[test]
fn a_certificate_with_a_part_missing_says_which() {
    let mut world = World::new();
    first_month(&mut world, "2020-04");
    let certificate = world.clear("2020-04").certificate;
    let whole = serde_json::to_value(&certificate).expect("JSON");
    let parsed = |value: &serde_json::Value| Certificate::parse(value.to_string().as_bytes());
    assert_eq!(parsed(&whole), Ok(certificate));
    let mut part = whole.clone();
    part.as_object_mut().expect("an object").remove("buckets");
    assert!(parsed(&part).is_err_and(|what| what.contains("缺少“buckets”")));
    assert!(Certificate::parse(b"{\"region\":").is_err_and(|what| what.contains("后面缺了一段")));
    assert!(Certificate::parse(b"persons.csv").is_err_and(|what| what.contains("不是 JSON")));
    let mut older = whole;
    for key in ["last_month_record", "leads_before_hash", "lead_counts"] {
        older.as_object_mut().expect("an object").remove(key);
    }
    assert!(parsed(&older).is_ok(), "a certificate from before is read");
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

/// As an older program kept them: a section is missing that this one asks for.
fn without_names(files: Vec<ContentFile>) -> Vec<ContentFile> {
    let older = |file: ContentFile| {
        let from = file.text.find("[names]").unwrap_or(file.text.len());
        let until = file.text.find("[[setting]]").unwrap_or(file.text.len());
        let text = format!("{}{}", &file.text[..from.min(until)], &file.text[until..]);
        ContentFile { text: if file.path.ends_with(".weights.toml") { text } else { file.text }, ..file }
    };
    files.into_iter().map(older).collect()
}

#[test]
fn a_month_of_older_weights_verifies_as_long_as_nobody_has_to_be_looked_for_again() {
    let mut world = World::new();
    world.content = kept_content(policies(), specs()).expect("today's content");
    let people = first_month(&mut world, "2020-04");
    let april = world.clear("2020-04").certificate;
    // What today's program linked, under a name that the certificate gives: as if the older one had done it.
    let older = kept_content(policies(), without_names(specs())).expect("policies are as they were");
    let log = doudi_engine::LeadFile::of(&world.folder);
    let verdict = doudi_engine::verify_results(&world.folder, &older, &april, &world.out(), &log);
    assert_eq!(verdict.expect("verified"), doudi_engine::Verdict::Same);
    // From May on there is somebody whom April's roster knew: who rows speak of has to be asked again.
    let mut dibao = dibao_rows(&people, 0..30);
    dibao.push(vec!["D9001".into(), "欧阳远来".into(), crate::county::id_number(777)]);
    world.import("dibao", "2020-05", &dibao);
    world.clear("2020-05");
    world.import("dibao", "2020-06", &dibao);
    let june = world.clear("2020-06").certificate;
    let refused = doudi_engine::verify_results(&world.folder, &older, &june, &world.out(), &log);
    let refused = refused.expect_err("nobody knows how to ask").to_string();
    for part in ["旧的比对分值", "[names]", "不是数据被改动", "摸排时的那个版本的程序"]
    {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    assert!(!refused.contains("补齐"), "the kept file is not to be mended: {refused}");
    // Nothing new is linked by them either.
    world.content = older;
    world.import("dibao", "2020-07", &dibao);
    let refused = world.clear_in("500243", "2020-07").expect_err("no weights").to_string();
    assert!(refused.contains("[names]"), "{refused}");
}
