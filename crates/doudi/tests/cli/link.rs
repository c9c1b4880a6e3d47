//! `doudi link` on a small invented register, as another program calls it.

use crate::{doudi, stderr, stdout};
use doudi_rosters::{CellValue, Sheet, SheetColumn, SheetKind, write_table_xlsx};
use doudi_terms::check_character;
use std::path::{Path, PathBuf};
use std::process::Output;

const REGISTER_HEADERS: &str =
    "person_id,身份证号,姓名,性别,出生日期,民族,户号,与户主关系,区划代码,住址,联系电话,银行账号";
const VEHICLE_HEADERS: &str = "序号,所有人,证件号码,号牌号码,车辆类型,初次登记,状态,住址,联系电话";

/// A valid number from its first seventeen digits.
fn id(seventeen: &str) -> String {
    let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
    format!("{seventeen}{}", char::from(check))
}

fn person(number: &str, id: &str, name: &str, household: &str) -> String {
    let birth = format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]);
    format!("{number},{id},{name},,{birth},汉族,{household},户主,500243001202,北斗村3组{household}号,,")
}

/// A register of three.
pub fn register(folder: &Path) -> PathBuf {
    let people = [
        person("17", &id("50024319550412003"), "刘国强", "12"),
        person("18", &id("50024319570820004"), "王秀英", "12"),
        person("19", &id("52042319431212032"), "吴春玉", "13"),
    ];
    write(folder, "register.csv", &format!("{REGISTER_HEADERS}\n{}\n", people.join("\n")))
}

pub fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// Vehicles: a number as in the register, one with a wrong digit, one that nobody has, and one of a stranger's name.
fn vehicle_rows() -> Vec<Vec<String>> {
    let wrong = id("50024319570820004").replacen("1957", "1958", 1);
    let row = |at: &str, name: &str, number: String| {
        let rest = ["渝A0001", "小型轿车", "2013-11-20", "正常", "", ""].map(str::to_owned);
        [at.to_owned(), name.to_owned(), number].into_iter().chain(rest).collect()
    };
    vec![
        row("5", "刘国强", id("50024319550412003")),
        row("6", "王秀英", wrong),
        row("7", "何人", id("11010119800101001")),
        row("8", "赵明亮", id("52042319431212032")),
    ]
}

pub fn vehicles(folder: &Path) -> PathBuf {
    let lines: Vec<String> = vehicle_rows().iter().map(|row| row.join(",")).collect();
    write(folder, "vehicle.csv", &format!("{VEHICLE_HEADERS}\n{}\n", lines.join("\n")))
}

pub fn link(register: &Path, roster: &Path, spec: &str, out: &Path) -> Output {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (register, roster, out) = (text(register), text(roster), text(out));
    doudi(&["link", "--register", &register, "--roster", &roster, "--spec", spec, "--out", &out, "--json"])
}

#[test]
fn every_row_gets_one_line_with_person_probability_and_class() {
    let folder = tempfile::tempdir().expect("folder");
    let (register, roster) = (register(folder.path()), vehicles(folder.path()));
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "auto", &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&out).expect("links");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "\u{feff}row_id,person_id,probability,class");
    let cells = |at: usize| lines[at].split(',').collect::<Vec<_>>();
    assert_eq!([cells(1)[0], cells(1)[1], cells(1)[3]], ["5", "17", "auto"]);
    assert_eq!([cells(2)[0], cells(2)[1], cells(2)[3]], ["6", "18", "auto"]);
    assert_eq!(cells(3), ["7", "", "0.000000", "none"]);
    // The number is in the register, under a wholly different name: a person has to look.
    assert_eq!([cells(4)[0], cells(4)[3]], ["8", "review"]);
    assert_eq!(lines.len(), 5);
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["counts"]["rows"], 4);
    assert_eq!(report["counts"]["auto"], 2);
    assert_eq!(report["register"]["persons"], 3);
    assert_eq!(report["roster"]["spec"], "vehicle");
    assert_eq!(report["thresholds"]["default"], 0.5);
    for key in ["cpu_s", "wall_s", "peak_memory_mb", "model"] {
        assert!(report.get(key).is_some(), "{key}: {report}");
    }
}

#[test]
fn a_workbook_gives_the_same_links_as_the_same_text() {
    let folder = tempfile::tempdir().expect("folder");
    let (register, text) = (register(folder.path()), vehicles(folder.path()));
    let book = folder.path().join("vehicle.xlsx");
    let columns =
        VEHICLE_HEADERS.split(',').map(|header| SheetColumn::new(header, SheetKind::Text)).collect();
    let rows = vehicle_rows();
    let cells = |row: &Vec<String>| row.iter().map(|cell| CellValue::from(cell.as_str())).collect();
    let sheet =
        Sheet {
            name: "机动车".into(), columns, rows: rows.iter().map(cells).collect(), ..Sheet::default()
        };
    write_table_xlsx(&book, &[sheet]).expect("a workbook");
    let (one, other) = (folder.path().join("one.csv"), folder.path().join("other.csv"));
    for (roster, out) in [(&text, &one), (&book, &other)] {
        let output = link(&register, roster, "vehicle", out);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let read = |path: &Path| std::fs::read_to_string(path).expect("links");
    assert_eq!(read(&one), read(&other));
}

#[test]
fn rows_without_a_number_of_their_own_are_counted_from_one() {
    let folder = tempfile::tempdir().expect("folder");
    let register = register(folder.path());
    let lines: Vec<String> = vehicle_rows().iter().map(|row| row[1..].join(",")).collect();
    let headers = VEHICLE_HEADERS.trim_start_matches("序号,");
    let roster = write(folder.path(), "车辆.csv", &format!("{headers}\n{}\n", lines.join("\n")));
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "auto", &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&out).expect("links");
    let numbers: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"]);
}

#[test]
fn a_row_that_cannot_be_read_has_its_line_and_its_reason() {
    let folder = tempfile::tempdir().expect("folder");
    let register = register(folder.path());
    let number = id("50024319550412003");
    let rows =
        format!("5,刘国强,{number},渝A1,,,,,\n6,,,渝A2,,,,,\n7,刘国强,{number},渝A3,,,,北斗村,1,2,3\n");
    let roster = write(folder.path(), "车辆.csv", &format!("{VEHICLE_HEADERS}\n{rows}"));
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "auto", &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&out).expect("links");
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert!(lines[0].starts_with("5,17,"), "{text}");
    assert_eq!(lines[1..], ["6,,0.000000,none", "7,,0.000000,none"]);
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!((&report["counts"]["rows"], &report["counts"]["why"]["rejected"]), (&3.into(), &2.into()));
    let rejected = report["roster"]["rejected_rows"].as_array().expect("a list");
    let of_row =
        |row: u64| rejected.iter().find(|one| one["row"] == row).expect("the row")["why"].to_string();
    assert!(of_row(3).contains("既没有姓名也没有证件号码") && of_row(4).contains("错位"), "{report}");
}

#[test]
fn probable_doubles_are_proposed_for_two_people_to_say() {
    let folder = tempfile::tempdir().expect("folder");
    let number = id("50024319550412003");
    let people = [
        person("17", &number, "刘国强", "12"),
        person("18", &id("50024319570820004"), "王秀英", "12"),
        person("19", &number, "刘国强", "77"),
    ];
    let register =
        write(folder.path(), "register.csv", &format!("{REGISTER_HEADERS}\n{}\n", people.join("\n")));
    let headers = "序号,户主姓名,姓名,身份证号,起始年月,月保障金,住址";
    let row = |at: u32| format!("{at},王秀英,王秀英,{},2019-01,300,北斗村3组12号", id("50024319570820004"));
    let roster = write(folder.path(), "低保.csv", &format!("{headers}\n{}\n{}\n", row(1), row(2)));
    let (out, merges) = (folder.path().join("links.csv"), folder.path().join("merges.csv"));
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (register, roster) = (text(&register), text(&roster));
    let arguments = ["link", "--register", &register, "--roster", &roster, "--out", &text(&out), "--json"];
    let output = doudi(&[&arguments[..], &["--merges", &text(&merges)]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(
        (&report["merges"]["register_pairs"], &report["merges"]["roster_pairs"]),
        (&1.into(), &1.into())
    );
    let lines = std::fs::read_to_string(&merges).expect("merges");
    assert!(lines.contains("\nroster,1,2,18,0.99") && lines.contains("\nregister,17,19,,0.99"), "{lines}");
    assert!(lines.contains("身份证号相同"), "{lines}");
    let onto_itself = doudi(&[&arguments[..], &["--merges", &roster]].concat());
    assert_eq!(onto_itself.status.code(), Some(2));
}

#[test]
fn a_roster_that_says_of_nobody_who_he_is_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let register = register(folder.path());
    let rows = "1,刘国强,无,渝A0001,小型轿车,,正常,,\n2,王秀英,,渝A0002,小型轿车,,正常,,\n";
    let roster = write(folder.path(), "车辆.csv", &format!("{VEHICLE_HEADERS}\n{rows}"));
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "auto", &out);
    assert_eq!(output.status.code(), Some(3));
    for part in ["身份证号", "出生日期、区划、住址、电话", "没有写结果"] {
        assert!(stderr(&output).contains(part), "{part}: {}", stderr(&output));
    }
    assert!(!out.exists() && stdout(&output).is_empty());
    // Without the column itself the file is no roster, and the column is named.
    let headers = VEHICLE_HEADERS.replace("证件号码,", "");
    let roster = write(folder.path(), "无号.csv", &format!("{headers}\n1,刘国强,渝A0001,小型轿车,,正常,,\n"));
    let output = link(&register, &roster, "vehicle", &out);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("证件号码"), "{}", stderr(&output));
}

#[test]
fn one_placeholder_number_on_ten_thousand_rows_is_told_and_taken_for_none() {
    let folder = tempfile::tempdir().expect("folder");
    let mut people: Vec<String> = Vec::new();
    let mut rows: Vec<String> = Vec::new();
    // The number is that of the first person of the register, which makes it look right.
    let placeholder = id("50024319550412003");
    for n in 0..10_000_u32 {
        let surname = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"][n as usize % 10];
        let given = |at: u32| char::from_u32(0x4E00 + at).expect("a character");
        let name = format!("{surname}{}{}", given(n / 100 * 7), given(2_000 + n % 100 * 11));
        let own = if n == 0 {
            placeholder.clone()
        } else {
            id(&format!("5002431960{:02}01{n:05}", 1 + n % 12)[..17])
        };
        people.push(person(&format!("P{n}"), &own, &name, &n.to_string()));
        rows.push(format!("{},{name},{placeholder},渝A{n},小型轿车,,正常,北斗村3组{n}号,", n + 1));
    }
    let register = format!("{REGISTER_HEADERS}\n{}\n", people.join("\n"));
    let register = write(folder.path(), "register.csv", &register);
    let roster = format!("{VEHICLE_HEADERS}\n{}\n", rows.join("\n"));
    let roster = write(folder.path(), "vehicle.csv", &roster);
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "auto", &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["counts"]["placeholder_id"], 10_000);
    assert!(stderr(&output).contains("10000 行的证件号码是许多不同姓名的人共用的"), "{}", stderr(&output));
    // Name and house are each row's own: nobody is linked to the owner of the placeholder but the owner.
    let links = std::fs::read_to_string(&out).expect("links");
    let to_owner = links.lines().filter(|line| line.contains(",P0,")).count();
    assert_eq!(to_owner, 1, "{}", &links[..400]);
}

#[test]
fn a_phone_on_the_rows_of_many_households_is_told_and_explained_as_nobody_s() {
    let folder = tempfile::tempdir().expect("folder");
    let phone = "13900000001";
    let owner = person("P0", &id("50024319550412003"), "刘国强", "12");
    let owner = owner.strip_suffix(',').expect("no account");
    let register = format!("{REGISTER_HEADERS}\n{owner}{phone},\n");
    let register = write(folder.path(), "register.csv", &register);
    let roster = |households: u32| {
        let of_others =
            (1..=households).map(|n| format!("{n},赵{n}某,,渝A{n},小型轿车,,正常,南斗村3组{n}号,{phone}"));
        let rows: Vec<String> =
            of_others.chain([format!("99,刘国强,,渝A99,小型轿车,,正常,北斗村,{phone}")]).collect();
        let text = format!("{VEHICLE_HEADERS}\n{}\n", rows.join("\n"));
        write(folder.path(), &format!("vehicle{households}.csv"), &text)
    };
    let out = folder.path().join("links.csv");
    let linked = |roster: &Path| {
        let output = link(&register, roster, "vehicle", &out);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        (report["counts"]["auto"].clone(), report["counts"]["shared_phones"].clone(), stderr(&output))
    };
    let (auto, shared, _) = linked(&roster(3));
    assert_eq!((auto, shared), (1.into(), 0.into()));
    let many = roster(23);
    let (auto, shared, said) = linked(&many);
    assert_eq!((auto, shared), (0.into(), 1.into()));
    assert!(said.contains("1 个电话留给了许多户人家（13900000001）"), "{said}");
    let [register, many] = [&register, &many].map(|path| path.to_str().expect("text"));
    let files = ["--register", register, "--roster", many, "--spec", "vehicle"];
    let explained = doudi(&[&["link", "explain"], &files[..], &["99", "P0"]].concat());
    let said = stdout(&explained);
    assert!(
        said.contains("在名册里留给了至少 24 户人家，不是谁自己的，不算"),
        "{said}{}",
        stderr(&explained)
    );
}

#[test]
fn what_is_asked_for_wrongly_is_told_apart_from_bad_files() {
    let folder = tempfile::tempdir().expect("folder");
    let (register, roster) = (register(folder.path()), vehicles(folder.path()));
    let out = folder.path().join("links.csv");
    let unknown = link(&register, &roster, "没有的", &out);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("vehicle（机动车登记名册）"), "{}", stderr(&unknown));
    assert_eq!(doudi(&["link", "--register", "x.csv"]).status.code(), Some(2));
    assert_eq!(link(&register, &roster, "auto", &roster).status.code(), Some(2));
    // The two files exchanged.
    let exchanged = link(&roster, &register, "auto", &out);
    assert_eq!(exchanged.status.code(), Some(3));
    assert!(stderr(&exchanged).contains("--roster：register.csv 是户籍登记名册"), "{}", stderr(&exchanged));
    let missing = link(&folder.path().join("没有.csv"), &roster, "auto", &out);
    assert_eq!(missing.status.code(), Some(3));
    assert!(stderr(&missing).contains("--register：读不了"), "{}", stderr(&missing));
    assert!(!out.exists());
}

#[test]
fn every_roster_of_a_folder_is_measured_beside_the_truth() {
    let folder = tempfile::tempdir().expect("folder");
    register(folder.path());
    vehicles(folder.path());
    let truth = "roster,row_id,person_id,err\nvehicle,5,17,\nvehicle,6,18,digit\nvehicle,7,,ghost\nvehicle,8,0,borrowed\n";
    write(folder.path(), "truth.csv", truth);
    let data = folder.path().to_string_lossy().into_owned();
    let output = doudi(&["bench", "link", "--data", &data, "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let vehicle = &report["rosters"]["vehicle"];
    assert_eq!((&vehicle["rows"], &vehicle["review_rows"]), (&4.into(), &1.into()), "{report:#}");
    for (key, value) in [("auto_precision", 1.0), ("auto_recall", 1.0), ("recall", 1.0)] {
        assert_eq!(vehicle[key].as_f64(), Some(value), "{key}: {report:#}");
    }
    assert!(vehicle["cpu_s"].as_f64().is_some_and(|seconds| seconds > 0.0), "{report:#}");
    assert_eq!(
        report["rosters"].as_object().map(serde_json::Map::len),
        Some(1),
        "the register and the truth are none"
    );

    let table = doudi(&["bench", "link", "--data", &data]);
    assert!(stdout(&table).contains("| vehicle | 4 |"), "{}", stdout(&table));
    std::fs::remove_file(folder.path().join("truth.csv")).expect("removed");
    let without = doudi(&["bench", "link", "--data", &data]);
    assert_eq!(without.status.code(), Some(3));
    assert!(stderr(&without).contains("没有 truth"), "{}", stderr(&without));
}

#[test]
fn codes_of_the_ministry_of_civil_affairs_are_translated_before_anybody_is_compared() {
    let folder = tempfile::tempdir().expect("folder");
    let register = register(folder.path());
    // 新田镇 is 500243113 here, and 500243111 to the ministry.
    let text = std::fs::read_to_string(&register).expect("a register");
    let text = text.replace("500243001202,北斗村3组", "500243113,新田镇北斗村3组");
    std::fs::write(&register, text).expect("written");
    let roster = "序号,低保证号,户主姓名,姓名,身份证号,出生日期,区划代码,住址,户月保障金,起始年月,城乡\n\
                  1,D1,刘国强,刘国强,,1955-04-12,500243111,新田镇某处,400,2018-01,农村\n";
    let roster = write(folder.path(), "dibao.csv", roster);
    let out = folder.path().join("links.csv");
    let output = link(&register, &roster, "dibao", &out);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("区划代码是民政部的，1 行已换成统计局的"), "{}", stderr(&output));
    let row = ["--register", &register.to_string_lossy(), "--roster", &roster.to_string_lossy(), "1"]
        .map(str::to_owned);
    let arguments: Vec<&str> =
        ["link", "explain"].into_iter().chain(row.iter().map(String::as_str)).collect();
    let explained = doudi(&arguments);
    assert!(stdout(&explained).contains("同乡镇"), "{}{}", stdout(&explained), stderr(&explained));
}
