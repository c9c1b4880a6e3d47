//! `doudi clear` and `doudi verify` on a village that fits on a page.

use crate::{doudi, edit, stderr, stdout};
use std::fmt::Write;
use std::path::{Path, PathBuf};

pub(crate) fn id_number(serial: usize) -> String {
    let digits = format!("500243{}{:02}{:02}{serial:03}", 1950 + serial, 1 + serial % 12, 1 + serial % 28);
    let check = doudi_terms::check_character(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
}

pub(crate) const NAMES: [&str; 12] = [
    "冉光明",
    "冉秀兰",
    "冉小军",
    "张德福",
    "张素芳",
    "李永贵",
    "李春花",
    "李国强",
    "王金山",
    "王玉兰",
    "黄世清",
    "黄桂英",
];

/// Twelve people in four households; one household is on dibao, and its second member has died long ago.
fn rosters(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let mut register =
        "person_id,身份证号,姓名,性别,出生日期,民族,户号,与户主关系,区划代码,城乡\n".to_owned();
    for (at, name) in NAMES.iter().enumerate() {
        let relation = if at % 3 == 0 { "户主" } else { "其他" };
        let id = id_number(at + 1);
        let _ = writeln!(
            register,
            "{},{id},{name},,,土家族,H{},{relation},500243001202,农村",
            at + 1,
            at / 3 + 1
        );
    }
    std::fs::write(folder.join("户籍2020-04.csv"), register).expect("written");
    let mut dibao = "序号,低保证号,户主姓名,姓名,身份证号,区划代码,户月保障金,起始年月,城乡\n".to_owned();
    for (at, name) in NAMES.iter().enumerate().take(3) {
        let id = id_number(at + 1);
        let _ = writeln!(dibao, "{},D1,冉光明,{name},{id},500243001202,1320,2018-01,农村", at + 1);
    }
    std::fs::write(folder.join("低保2020-04.csv"), dibao).expect("written");
    let deaths = format!("序号,姓名,身份证号,死亡日期\n1,{},{},2019-12-01\n", NAMES[1], id_number(2));
    std::fs::write(folder.join("死亡2020-04.csv"), deaths).expect("written");
}

pub(crate) struct Place {
    root: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        let place = Place { root: tempfile::tempdir().expect("a folder") };
        rosters(&place.path("rosters"));
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    pub fn clear(&self, more: &[&str]) -> std::process::Output {
        let (rosters, data, out) = (self.text("rosters"), self.text("data"), self.text("out"));
        let mut arguments = vec!["clear", "--region", "500243", "--month", "2020-04"];
        arguments.extend(["--rosters", &rosters, "--data", &data, "--out", &out]);
        arguments.extend(more);
        doudi(&arguments)
    }

    fn verify(&self) -> std::process::Output {
        doudi(&["verify", &self.text("out/certificate.json")])
    }
}

#[test]
fn a_month_is_cleared_and_its_certificate_verifies_until_something_is_changed() {
    let place = Place::new();
    let cleared = place.clear(&["--json"]);
    assert_eq!(cleared.status.code(), Some(0), "{}", stderr(&cleared));
    let summary: serde_json::Value = serde_json::from_str(&stdout(&cleared)).expect("JSON");
    assert_eq!(summary["register"]["persons"], 12);
    assert_eq!(summary["buckets"]["out_of_scope"], 1);
    assert_eq!(summary["leads"]["死亡仍在低保册"]["count"], 1);
    assert_eq!(summary["roster_rows"]["dibao"]["linked"], 3);
    for file in ["persons.csv", "leads.csv", "report.html", "summary.json", "500243001-汉葭街道.xlsx"] {
        assert!(place.path("out").join(file).is_file(), "{file}");
    }
    let same = place.verify();
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
    edit(&place.path("out/persons.csv"), "2,out_of_scope", "2,covered");
    let differs = place.verify();
    assert_eq!(differs.status.code(), Some(1));
    assert!(stdout(&differs).contains("persons.csv 第 3 行"), "{}", stdout(&differs));
}

#[test]
fn what_is_no_roster_is_skipped_or_stops_and_usage_is_told_from_bad_input() {
    let place = Place::new();
    std::fs::write(place.path("rosters/说明.csv"), "甲,乙\n1,2\n").expect("written");
    let strict = place.clear(&["--strict"]);
    assert_eq!(strict.status.code(), Some(3));
    assert!(stderr(&strict).contains("跳过 说明.csv"), "{}", stderr(&strict));
    assert!(!place.path("out").exists());
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    assert_eq!(doudi(&["verify", &place.text("nothing.json")]).status.code(), Some(3));
    assert_eq!(doudi(&["clear", "--month", "2020-04"]).status.code(), Some(2));
}

#[test]
fn a_limit_of_memory_changes_nothing_in_the_results_and_one_that_cannot_be_kept_is_refused() {
    let free = Place::new();
    assert_eq!(free.clear(&[]).status.code(), Some(0));
    let place = Place::new();
    let refused = place.clear(&["--memory", "1M"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("--memory 给的 1 MB 不够：12 人的底册"), "{}", stderr(&refused));
    assert!(!place.path("out").exists(), "a clearing that was refused leaves nothing behind");
    assert_eq!(place.clear(&["--memory", "800"]).status.code(), Some(2));
    let limited = place.clear(&["--memory", "1g"]);
    assert_eq!(limited.status.code(), Some(0), "{}", stderr(&limited));
    for file in ["certificate.json", "persons.csv", "leads.csv", "summary.json", "report.html"] {
        let read = |place: &Place| std::fs::read(place.path("out").join(file)).expect("a result");
        assert!(read(&free) == read(&place), "{file}");
    }
    assert_eq!(place.verify().status.code(), Some(0));
}

/// The month after: the same households on the list, and the township's answer to the lead of April.
pub(crate) fn answered_in_may(place: &Place, outcome: &str, more: &[&str]) -> std::process::Output {
    let leads = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads");
    let line = leads.lines().find(|line| line.contains("死亡仍在低保册")).expect("the lead");
    let lead = line.split(',').next().expect("its number");
    let folder = place.path("may");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::copy(place.path("rosters/低保2020-04.csv"), folder.join("低保2020-05.csv")).expect("copied");
    let answers = format!(
        "姓名,身份证号,疑点编号,核查结果,核查人,日期\n{},{},{lead},{outcome},冉队长,2020-05-10\n",
        NAMES[1],
        id_number(2)
    );
    std::fs::write(folder.join("疑点核查结果2020-05.csv"), answers).expect("written");
    let (rosters, data, out) = (place.text("may"), place.text("data"), place.text("out-may"));
    let month = ["clear", "--region", "500243", "--month", "2020-05"];
    let folders = ["--rosters", &rosters, "--data", &data, "--out", &out, "--json"];
    doudi(&[&month[..], &folders[..], more].concat())
}

#[test]
fn a_handout_that_comes_back_filled_in_closes_its_lead() {
    let place = Place::new();
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    let cleared = answered_in_may(&place, "不属实", &[]);
    assert_eq!(cleared.status.code(), Some(0), "{}", stderr(&cleared));
    let summary: serde_json::Value = serde_json::from_str(&stdout(&cleared)).expect("JSON");
    assert_eq!(summary["answers"]["answered"], 1);
    let check = &summary["checks"]["死亡仍在低保册"];
    assert_eq!((&check["open"], &check["closed"], &check["false"]), (&0.into(), &1.into(), &1.into()));
    assert_eq!((&check["precision"], &check["precision_text"]), (&0.0.into(), &"1 件中 0 件属实".into()));
    let closed = std::fs::read_to_string(place.path("out-may/closed-leads.csv")).expect("closed");
    assert!(closed.contains("2020-04,核查结果：不属实（冉队长，2020-05-10）"), "{closed}");
    let same = doudi(&["verify", &place.text("out-may/certificate.json")]);
    assert_eq!(same.status.code(), Some(0), "{}", stdout(&same));
}

#[test]
fn verify_names_a_stored_roster_that_is_gone_and_a_part_that_a_certificate_lacks() {
    let place = Place::new();
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    std::fs::remove_dir_all(place.path("data/lake/deaths")).expect("removed");
    let differs = place.verify();
    assert_eq!(differs.status.code(), Some(1), "{}", stderr(&differs));
    assert!(stdout(&differs).contains("存入的名册 死亡2020-04.csv（2020-04）不见了"), "{}", stdout(&differs));
    edit(&place.path("out/certificate.json"), "\"policies_hash\"", "\"policy_hash\"");
    let unread = place.verify();
    assert_eq!(unread.status.code(), Some(3));
    assert!(stderr(&unread).contains("缺少“policies_hash”这一项"), "{}", stderr(&unread));
}
