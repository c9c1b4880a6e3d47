//! `doudi policy cases`: examples of an office, field by field, and what happens when one word of them changes.

use crate::{doudi, stderr, stdout};
use serde_json::Value;
use std::path::PathBuf;

/// Invented: a household at a fictional place, a deadline, and a fact nobody knows.
const CASES: &str = include_str!("worked-cases.yaml");

struct Sheet {
    folder: tempfile::TempDir,
}

impl Sheet {
    fn new(text: &str) -> Sheet {
        let sheet = Sheet { folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(sheet.path(), text).expect("written");
        sheet
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("案例.yaml")
    }

    fn run(&self, more: &[&str]) -> std::process::Output {
        let path = self.path().to_string_lossy().into_owned();
        doudi(&[&["policy", "cases", &path], more].concat())
    }

    fn json(&self) -> (Option<i32>, Value) {
        let output = self.run(&["--json"]);
        (output.status.code(), serde_json::from_str(&stdout(&output)).expect("JSON"))
    }
}

fn changed(from: &str, to: &str) -> Sheet {
    assert_eq!(CASES.matches(from).count(), 1, "“{from}” must stand once");
    Sheet::new(&CASES.replace(from, to))
}

fn case<'a>(summary: &'a Value, id: &str) -> &'a Value {
    let cases = summary["cases"].as_array().expect("cases");
    cases.iter().find(|case| case["id"] == id).expect("the case")
}

#[test]
fn every_case_of_the_sheet_passes_with_its_articles() {
    let (code, summary) = Sheet::new(CASES).json();
    assert_eq!((code, &summary["failed"], &summary["not_expressible"]), (Some(0), &0.into(), &0.into()));
    assert_eq!(summary["passed"], summary["cases"].as_array().expect("cases").len());
    let family = case(&summary, "T-1");
    assert_eq!(family["got"]["amount"], "851.50");
    assert_eq!(family["got"]["counted_members"], 3);
    let articles = family["articles"].to_string();
    assert!(articles.contains("民发〔2021〕57号 第七条"), "{articles}");
    assert!(!articles.contains("220号"), "{articles}");
    let table = stdout(&Sheet::new(CASES).run(&[]));
    assert!(table.contains("T-1\t相符"), "{table}");
}

#[test]
fn an_altered_expectation_fails_and_names_the_field() {
    let (code, summary) = changed("amount: '851.50'", "amount: '851.51'").json();
    assert_eq!((code, &summary["failed"]), (Some(1), &1.into()));
    assert_eq!(case(&summary, "T-1")["status"], "failed");
    assert_eq!(case(&summary, "T-1")["why"], "amount 应为 851.51，得 851.50");
}

#[test]
fn an_altered_parameter_moves_the_result() {
    let (_, summary) = changed("低保标准_月: '487.00'", "低保标准_月: '497.00'").json();
    assert_eq!(case(&summary, "T-1")["got"]["amount"], "881.50");
    let (_, rounded) = changed("unit: '0.01'", "unit: '1'").json();
    assert_eq!(case(&rounded, "T-1")["got"]["amount"], "852.00");
    let (_, days) = changed("期限_工作日: 4", "期限_工作日: 5").json();
    assert_eq!(case(&days, "T-2")["got"]["deadline"], "2023-10-12");
}

#[test]
fn another_day_is_another_law() {
    let (_, summary) = changed("as_of: '2022-05-01'", "as_of: '2021-05-01'").json();
    // The father does not live with them: counted before July 2021, not after.
    assert_eq!(case(&summary, "T-1")["got"]["counted_members"], 4);
}

#[test]
fn what_is_unknown_names_what_is_missing_and_never_passes_for_a_no() {
    let (_, summary) = Sheet::new(CASES).json();
    let unknown = case(&summary, "T-3");
    assert_eq!((&unknown["got"]["eligible"], &unknown["got"]["amount"]), (&"unknown".into(), &Value::Null));
    assert!(unknown["missing"].to_string().contains("月额"), "{unknown}");
    let (code, told) = changed("monthly: null", "monthly: '100.00'").json();
    assert_eq!((code, &case(&told, "T-3")["status"]), (Some(1), &"failed".into()));
}

#[test]
fn a_field_or_kind_that_the_content_does_not_know_is_said_and_not_dropped() {
    let (code, summary) = changed("期限_工作日: 4", "期限_工作日: 4, 别的: 1").json();
    assert_eq!((code, &case(&summary, "T-2")["status"]), (Some(1), &"not_expressible".into()));
    assert!(case(&summary, "T-2")["why"].to_string().contains("别的"));
    let (_, summary) = changed("rule: deadline", "rule: 新种类").json();
    assert!(case(&summary, "T-2")["why"].to_string().contains("新种类"));
}

#[test]
fn a_file_that_cannot_be_read_says_where() {
    let broken = Sheet::new("cases:\n- id: A\n  rule: [\n").run(&["--json"]);
    assert_eq!(broken.status.code(), Some(3));
    assert!(stderr(&broken).contains("案例.yaml") && stderr(&broken).contains("line"), "{}", stderr(&broken));
    let nothing = doudi(&["policy", "cases", "没有这个文件.yaml"]);
    assert_eq!(nothing.status.code(), Some(3));
}

#[test]
fn one_case_that_cannot_be_read_is_told_and_the_others_run() {
    let (_, all) = changed("version: 1", "version: 1").json();
    let sheet = changed("as_of: '2022-05-01'", "as_of: 五月");
    let told = sheet.run(&[]);
    assert_eq!(told.status.code(), Some(3));
    let complaint = stderr(&told);
    assert!(complaint.contains("cases 第 1 个（T-1）") && complaint.contains("as_of"), "{complaint}");
    let table = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(table.contains("T-2\t相符") && table.contains("读不出来 1"), "{table}");
    let (code, summary) = sheet.json();
    assert_eq!(
        (code, &summary["unreadable"], &case(&summary, "T-1")["status"]),
        (Some(3), &1.into(), &"unreadable".into())
    );
    assert_eq!(case(&summary, "T-2"), case(&all, "T-2"));
    let counted = |summary: &Value| summary["cases"].as_array().map(Vec::len);
    assert_eq!(counted(&summary), counted(&all));
}
