//! `doudi person` and numbers of persons from month to month, on a village that fits on a page.

use crate::clear::{NAMES, id_number};
use crate::{doudi, stderr, stdout};
use std::fmt::Write;
use std::path::PathBuf;

struct County {
    root: tempfile::TempDir,
}

/// A row of the dibao roster: number and name.
type Row = (String, &'static str);

impl County {
    fn new() -> County {
        County { root: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// The rosters of a month: the register's people, and who is on dibao.
    fn rosters(&self, month: &str, register: &[Row], dibao: &[Row]) {
        let folder = self.path(&format!("rosters-{month}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut text =
            "person_id,身份证号,姓名,性别,出生日期,民族,户号,与户主关系,区划代码,城乡\n".to_owned();
        for (at, (id, name)) in register.iter().enumerate() {
            let relation = if at % 3 == 0 { "户主" } else { "其他" };
            let _ = writeln!(
                text,
                "R{},{id},{name},,,土家族,H{},{relation},500243001202,农村",
                at + 1,
                at / 3 + 1
            );
        }
        std::fs::write(folder.join(format!("户籍{month}.csv")), text).expect("written");
        let mut text = "序号,低保证号,户主姓名,姓名,身份证号,区划代码,户月保障金,起始年月,城乡\n".to_owned();
        for (at, (id, name)) in dibao.iter().enumerate() {
            let _ = writeln!(text, "{},D{at},{name},{name},{id},500243001202,400,2018-01,农村", at + 1);
        }
        std::fs::write(folder.join(format!("低保{month}.csv")), text).expect("written");
    }

    fn clear(&self, month: &str) -> serde_json::Value {
        let (rosters, out) = (self.text(&format!("rosters-{month}")), self.text(&format!("out-{month}")));
        let data = self.text("data");
        let output = doudi(&[
            "clear",
            "--region",
            "500243",
            "--month",
            month,
            "--rosters",
            &rosters,
            "--data",
            &data,
            "--out",
            &out,
            "--json",
        ]);
        assert_eq!(output.status.code(), Some(0), "{month}: {}", stderr(&output));
        let certificate = std::fs::read(self.path(&format!("out-{month}/certificate.json")));
        serde_json::from_slice(&certificate.expect("a certificate")).expect("JSON")
    }

    fn verifies(&self, month: &str) {
        let output = doudi(&["verify", &self.text(&format!("out-{month}/certificate.json"))]);
        assert_eq!(output.status.code(), Some(0), "{month}: {}{}", stdout(&output), stderr(&output));
    }

    /// The numbers of the persons of a month.
    fn persons(&self, month: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path(&format!("out-{month}/persons.csv"))).expect("a file");
        let lines = text.trim_start_matches('\u{feff}').lines().skip(1);
        lines.map(|line| line.split(',').next().unwrap_or_default().to_owned()).collect()
    }

    /// Exit code, and what was printed.
    fn person(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let data = self.text("data");
        let output = doudi(&[&["person"], arguments, &["--data", &data]].concat());
        (output.status.code(), stdout(&output) + &stderr(&output))
    }

    /// Two people decide; the question's name.
    fn decide(&self, what: &str, kept: &str, other: &str) -> String {
        let said = ["--by", "冉主任", "--on", "2020-05-10", "--reason", "入户核对"];
        let (code, text) = self.person(&[&[what, kept, other], &said[..]].concat());
        assert_eq!(code, Some(0), "{text}");
        let at = text.find('Q').expect("a question");
        let question = text[at..at + 13].to_owned();
        let alone = self.person(&["confirm", &question, "--by", "冉主任", "--on", "2020-05-11"]);
        assert_eq!(alone.0, Some(3), "one person decided alone: {}", alone.1);
        let (code, text) = self.person(&["confirm", &question, "--by", "王科长", "--on", "2020-05-11"]);
        assert_eq!(code, Some(0), "{text}");
        question
    }
}

impl County {
    /// Somebody died in January and is still on the rosters.
    fn death(&self, month: &str, (id, name): &Row) {
        let text = format!(
            "序号,逝者姓名,逝者身份证号,死亡时间,行政区划代码\n1,{name},{id},2020-01-05,500243001202\n"
        );
        std::fs::write(self.path(&format!("rosters-{month}/死亡{month}.csv")), text).expect("written");
    }

    /// Check, id and first month of the leads about a person.
    fn leads(&self, month: &str, person: &str) -> Vec<[String; 3]> {
        let text = std::fs::read_to_string(self.path(&format!("out-{month}/leads.csv"))).expect("leads");
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let heads: Vec<&str> = lines.next().expect("headers").split(',').collect();
        let of = |line: &str, head: &str| {
            let at = heads.iter().position(|known| *known == head).expect("a column");
            line.split(',').nth(at).unwrap_or_default().to_owned()
        };
        let own = lines.filter(|line| of(line, "person_id") == person);
        own.map(|line| ["check", "lead_id", "since"].map(|head| of(line, head))).collect()
    }
}

fn people(count: usize) -> Vec<Row> {
    (0..count).map(|at| (id_number(at + 1), NAMES[at])).collect()
}

fn slipped(id: &str) -> String {
    let other = if &id[16..17] == "9" { "8" } else { "9" };
    format!("{}{other}{}", &id[..16], &id[17..])
}

#[test]
fn somebody_whom_only_rosters_know_keeps_the_number_until_the_register_has_them() {
    let county = County::new();
    let newcomer = (id_number(20), "陈新生");
    let dibao = |id: String| [people(3), vec![(id, newcomer.1)]].concat();
    county.rosters("2020-04", &people(12), &dibao(newcomer.0.clone()));
    county.clear("2020-04");
    let number = county.persons("2020-04").into_iter().find(|id| id.starts_with('N')).expect("a newcomer");

    county.rosters("2020-05", &people(12), &dibao(slipped(&newcomer.0)));
    let certificate = county.clear("2020-05");
    assert!(county.persons("2020-05").contains(&number), "{certificate:#}");
    assert_eq!(certificate["roster_rows"]["dibao"]["rejected"], 0);

    county.rosters("2020-06", &[people(12), vec![newcomer.clone()]].concat(), &dibao(newcomer.0.clone()));
    county.clear("2020-06");
    let persons = county.persons("2020-06");
    assert!(persons.contains(&"R13".to_owned()) && !persons.contains(&number), "{persons:?}");
    let log = std::fs::read_to_string(county.path("data/identity/answers.jsonl")).expect("a log");
    assert!(log.contains("joined") && log.contains(&number) && log.contains("R13"), "{log}");
    let leads = std::fs::read_to_string(county.path("out-2020-06/leads.csv")).expect("leads");
    assert!(!leads.contains("错退"), "who is in the register now has not left the roster: {leads}");

    // An earlier month is what it was, whatever is known by now.
    let before = county.persons("2020-05");
    county.clear("2020-05");
    assert_eq!(county.persons("2020-05"), before);
    ["2020-04", "2020-05", "2020-06"].iter().for_each(|month| county.verifies(month));
    county.clear("2020-06");
    let again = std::fs::read_to_string(county.path("data/identity/answers.jsonl")).expect("a log");
    assert_eq!(again, log, "noted once");
}

#[test]
fn a_lead_about_somebody_whom_only_rosters_knew_is_the_same_lead_when_the_register_has_them() {
    let county = County::new();
    let newcomer = (id_number(20), "陈新生");
    let dibao = [people(3), vec![newcomer.clone()]].concat();
    county.rosters("2020-04", &people(12), &dibao);
    county.death("2020-04", &newcomer);
    county.clear("2020-04");
    let number = county.persons("2020-04").into_iter().find(|id| id.starts_with('N')).expect("a newcomer");
    let before = county.leads("2020-04", &number);
    assert!(!before.is_empty(), "the dead are not paid");

    county.rosters("2020-05", &[people(12), vec![newcomer.clone()]].concat(), &dibao);
    county.death("2020-05", &newcomer);
    county.clear("2020-05");
    let now = county.leads("2020-05", "R13");
    for [check, lead_id, _] in &before {
        let same = now.iter().find(|lead| lead[0] == *check && lead[1] == *lead_id);
        assert_eq!(same.map(|lead| lead[2].as_str()), Some("2020-04"), "{check}: {before:?} {now:?}");
    }
    let closed = std::fs::read_to_string(county.path("out-2020-05/closed-leads.csv")).expect("a list");
    assert_eq!(closed.lines().count(), 1, "no lead was closed and opened anew: {closed}");
    county.verifies("2020-05");
}

#[test]
fn entries_that_are_probably_one_are_put_before_people_until_somebody_takes_them_up() {
    let county = County::new();
    let twice = (id_number(3), NAMES[2]);
    county.rosters("2020-04", &[people(12), vec![twice]].concat(), &people(3));
    county.clear("2020-04");
    let (code, list) = county.person(&["list", "--proposed"]);
    assert!(code == Some(0) && list.contains("R3") && list.contains("R13"), "{list}");
    assert!(list.contains("不是：doudi person split R3 R13 --by"), "{list}");
    assert!(list.contains("doudi person merge R3 R13") && !list.contains(&id_number(3)), "{list}");
    let json = county.person(&["list", "--proposed", "--json"]).1;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["proposed"].as_array().map(Vec::len), Some(1), "{json:#}");

    let said = ["--by", "冉主任", "--on", "2020-05-10", "--reason", "入户核对"];
    county.person(&[&["split", "R13", "R3"], &said[..]].concat());
    let (_, list) = county.person(&["list", "--proposed"]);
    assert!(!list.contains("R13"), "it has been taken up: {list}");
}

#[test]
fn two_entries_that_two_people_call_one_stay_one_until_two_people_part_them() {
    let county = County::new();
    county.rosters("2020-04", &people(12), &people(3));
    let certificate = county.clear("2020-04");
    assert_eq!(certificate["register"]["persons"], 12);
    let unknown =
        county.person(&["merge", "R3", "R99", "--by", "甲", "--on", "2020-05-10", "--reason", "一人两户"]);
    assert!(unknown.0 == Some(3) && unknown.1.contains("R99"), "{unknown:?}");

    // The entry that goes has the row on the roster, the one that stays has none.
    county.decide("merge", "R12", "R3");
    let merged = |certificate: &serde_json::Value| {
        assert_eq!(certificate["register"]["persons"], 11);
        assert_eq!(certificate["roster_rows"]["dibao"]["linked"], 3);
        let persons = county.persons("2020-04");
        assert!(persons.contains(&"R12".to_owned()) && !persons.contains(&"R3".to_owned()), "{persons:?}");
        county.verifies("2020-04");
    };
    merged(&county.clear("2020-04"));
    let undone = doudi(&["roster", "import", "--undo", "--data", &county.text("data")]);
    assert_eq!(undone.status.code(), Some(0), "{}", stderr(&undone));
    merged(&county.clear("2020-04"));

    county.decide("split", "R3", "R12");
    let certificate = county.clear("2020-04");
    assert_eq!(certificate["register"]["persons"], 12);
    county.verifies("2020-04");
    let (_, list) = county.person(&["list"]);
    assert!(list.contains("R3、R12不是同一个人") && list.contains("王科长"), "{list}");
}

#[test]
fn what_people_say_about_a_row_goes_before_what_linkage_finds() {
    let county = County::new();
    let rows = [people(3), vec![(String::new(), "王老幺")]].concat();
    county.rosters("2020-04", &people(12), &rows);
    let counts = |county: &County, month| county.clear(month)["roster_rows"]["dibao"].clone();
    let before = counts(&county, "2020-04");
    assert_eq!((&before["linked"], &before["total"]), (&3.into(), &4.into()));

    county.decide("merge", "R9", "|王老幺");
    let with_answer = counts(&county, "2020-04");
    assert_eq!(with_answer["linked"], 4, "{with_answer:#}");
    county.decide("split", "R3", &format!("{}|{}", id_number(3), NAMES[2]));
    let barred = counts(&county, "2020-04");
    assert_eq!((&barred["linked"], &barred["review"]), (&3.into(), &1.into()), "{barred:#}");
    county.verifies("2020-04");

    // Another month, another file, another row: the answer is about how a row is written.
    county.rosters("2020-05", &people(12), &rows.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(counts(&county, "2020-05"), barred);
    county.verifies("2020-05");
}
