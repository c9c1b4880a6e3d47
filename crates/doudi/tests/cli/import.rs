//! `doudi roster import`: nothing is lost, nothing counts half, everything can be taken back.

use crate::{doudi, edit, stderr, stdout};
use doudi_rosters::{CellValue, OpenFile, Sheet, SheetColumn, SheetKind, load_dir, write_table_xlsx};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { root: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(place.path("in")).expect("a folder");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path("in").join(name), text).expect("written");
    }

    /// Imports `in`, or the files named.
    fn import(&self, files: &[&str], more: &[&str]) -> Output {
        let data = self.text("data");
        let mut arguments = vec!["roster", "import", "--data", &data];
        arguments.extend(more);
        let paths: Vec<String> = files.iter().map(|file| self.text(&format!("in/{file}"))).collect();
        let all = self.text("in");
        if paths.is_empty() {
            arguments.push(&all);
        }
        arguments.extend(paths.iter().map(String::as_str));
        doudi(&arguments)
    }

    fn done(&self, files: &[&str], more: &[&str]) -> String {
        let output = self.import(files, more);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    }

    /// Imports and expects it to stop without a trace; gives the reason.
    fn stops(&self, files: &[&str], more: &[&str]) -> String {
        let before = self.tree();
        let output = self.import(files, more);
        assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(self.tree(), before, "the data folder has changed");
        stderr(&output)
    }

    fn other(&self, more: &[&str]) -> Output {
        let data = self.text("data");
        doudi(&[&["roster", "import", "--data", &data], more].concat())
    }

    /// Every file and folder of the data folder, byte for byte.
    fn tree(&self) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        fn walk(folder: &Path, tree: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, tree);
                    tree.insert(path, None);
                } else {
                    let bytes = std::fs::read(&path).expect("a file");
                    tree.insert(path, Some(bytes));
                }
            }
        }
        let mut tree = BTreeMap::new();
        walk(&self.path("data"), &mut tree);
        tree
    }

    fn current(&self, roster: &str, month: &str) -> Value {
        let path = self.path("data/lake").join(roster).join(month).join("current.json");
        serde_json::from_slice(&std::fs::read(path).expect("a list")).expect("JSON")
    }
}

fn id_number(serial: usize) -> String {
    let digits =
        format!("500243{}{:02}{:02}{:03}", 1950 + serial % 50, 1 + serial % 12, 1 + serial % 28, serial);
    let check = doudi_terms::check_character(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
}

const DIBAO: &str = "序号,低保证号,户主姓名,姓名,身份证号,区划代码,起始年月";

fn dibao(rows: usize) -> String {
    let mut text = format!("{DIBAO}\n");
    for row in 1..=rows {
        let _ = writeln!(text, "{row},D{row},冉光{row},冉光{row},{},500243001202,2018-01", id_number(row));
    }
    text
}

/// A workbook with so many rows of deaths.
fn deaths_workbook(path: &Path, rows: usize) {
    let columns = ["序号", "姓名", "身份证号", "死亡日期"];
    let cells = |row: usize| -> Vec<CellValue> {
        let texts = [row.to_string(), format!("冉光{row}"), id_number(row % 900), "2019-12-01".to_owned()];
        texts.into_iter().map(CellValue::from).collect()
    };
    let sheet = Sheet {
        name: "死亡".to_owned(),
        columns: columns.iter().map(|name| SheetColumn::new(*name, SheetKind::Text)).collect(),
        rows: (1..=rows).map(cells).collect(),
        ..Sheet::default()
    };
    write_table_xlsx(path, &[sheet]).expect("written");
}

#[test]
fn importing_the_same_file_twice_changes_nothing_and_says_so() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    let first = place.done(&[], &[]);
    assert!(first.contains("低保2020-04.csv：城乡低保在册名册，2020-04，新导入 3 行"), "{first}");
    let before = place.tree();
    let second = place.done(&[], &[]);
    assert!(second.contains("已经导入过，没有变化"), "{second}");
    assert_eq!(place.tree(), before);
    // Under another name they are still the same bytes.
    place.write("城乡低保2020-04.csv", &dibao(3));
    assert!(place.done(&["城乡低保2020-04.csv"], &[]).contains("没有变化"));
    assert_eq!(place.tree(), before);
    let json: Value = serde_json::from_str(&place.done(&[], &["--json"])).expect("JSON");
    assert_eq!(json["unchanged"], true);
    assert_eq!(json["files"][0]["state"], "unchanged");
}

#[test]
fn a_roster_of_another_month_stops_and_nothing_changes() {
    let place = Place::new();
    place.write("低保.csv", &format!("彭水县2020年4月城乡低保在册名册,,,,,,\n{}", dibao(3)));
    let reason = place.stops(&[], &["--month", "2020-05"]);
    assert!(reason.contains("低保.csv 写明是 2020-04，不是 --month 要的 2020-05"), "{reason}");
    assert!(!place.path("data").exists(), "a run that stops leaves no new folder");
    place.done(&[], &["--month", "2020-04"]);
    std::fs::rename(place.path("in/低保.csv"), place.path("in/低保2020-05.csv")).expect("renamed");
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("文件名写的是 2020-05，内容写的是 2020-04"), "{reason}");
    // Somebody has looked: the file belongs to the month that its content says.
    place.write("import.toml", "[file.\"低保2020-05.csv\"]\nmonth = \"2020-04\"\n");
    place.done(&[], &[]);
    place.write("死亡.csv", &format!("序号,姓名,身份证号,死亡日期\n1,冉光1,{},2019-12-01\n", id_number(1)));
    assert!(place.stops(&["死亡.csv"], &[]).contains("没有写明是哪个月"));
    place.write("import.toml", "month = \"2020-04\"\n");
    let out = place.done(&["死亡.csv"], &[]);
    assert!(out.contains("2020-04，新导入 1 行"), "{out}");
}

#[test]
fn a_month_in_the_name_alone_is_held_against_the_month_asked_for() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    let reason = place.stops(&[], &["--month", "2020-05"]);
    assert!(reason.contains("低保2020-04.csv 写明是 2020-04，不是 --month 要的 2020-05"), "{reason}");
    // Last month's file under this month's name.
    place.write("低保2020-05.csv", &dibao(3));
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("内容完全相同，写明的月份却不同（2020-04、2020-05）"), "{reason}");
}

#[test]
fn a_file_named_twice_is_read_once() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    for files in [&["低保2020-04.csv", "低保2020-04.csv"][..], &["", "低保2020-04.csv"], &["../in", ""]]
    {
        place.done(files, &[]);
        let current = place.current("dibao", "2020-04");
        assert_eq!(current.as_array().map(Vec::len), Some(1), "{files:?}");
        let _ = place.other(&["--undo"]);
    }
}

#[test]
fn a_file_of_the_same_name_replaces_the_other_one_in_so_many_words() {
    let place = Place::new();
    std::fs::create_dir(place.path("in/乙镇")).expect("a folder");
    place.write("低保2020-04.csv", &dibao(10));
    place.write("乙镇/低保2020-04.csv", &dibao(7).replace(",D", ",E"));
    let output = place.import(&[], &[]);
    assert!(stderr(&output).contains("乙镇 是文件夹，里面的文件没有读"), "{}", stderr(&output));
    let output = place.import(&["乙镇"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("低保2020-04.csv（10 行）不再使用"), "{}", stderr(&output));
    // Together they are all of it.
    place.done(&["", "乙镇"], &[]);
    assert_eq!(place.current("dibao", "2020-04").as_array().map(Vec::len), Some(2));
    place.write("乙镇/低保2020-04.csv", &dibao(8).replace(",D", ",F"));
    let reason = place.stops(&["乙镇"], &[]);
    assert!(reason.contains("现在用的有 17 行，这次只有 8 行，不到一半"), "{reason}");
    place.done(&["乙镇"], &["--accept-small", "dibao"]);
}

#[test]
fn half_the_usual_rows_stop_until_somebody_says_they_are_right() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(10));
    place.write("低保2020-05.csv", &dibao(4));
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("dibao 2020-05 只有 4 行，2020-04 有 10 行"), "{reason}");
    place.done(&["低保2020-04.csv"], &[]);
    assert!(place.stops(&["低保2020-05.csv"], &[]).contains("--accept-small dibao"));
    // The roster counts, not the file: two files together have enough.
    place.write("低保2020-05乙.csv", &dibao(7).replace(",D", ",E"));
    place.done(&["低保2020-05.csv", "低保2020-05乙.csv"], &[]);
    assert!(place.stops(&["低保2020-05.csv"], &[]).contains("不到一半"));
    let output = place.import(&["低保2020-05.csv"], &["--accept-small", "dibao"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("低保2020-05乙.csv（7 行）不再使用"), "{}", stderr(&output));
    place.write("import.toml", "accept_small = [\"城乡低保在册名册\"]\n");
    place.write("低保2020-06.csv", &dibao(1));
    place.done(&["低保2020-06.csv"], &[]);
}

#[test]
fn a_roster_that_came_before_and_cannot_be_read_now_stops() {
    let place = Place::new();
    deaths_workbook(&place.path("in/死亡2020-04.xlsx"), 5);
    place.write("低保2020-05.csv", &dibao(3));
    place.done(&["死亡2020-04.xlsx"], &[]);
    let whole = std::fs::read(place.path("in/死亡2020-04.xlsx")).expect("a file");
    std::fs::write(place.path("in/死亡2020-05.xlsx"), &whole[..whole.len() / 2]).expect("written");
    let files = ["低保2020-05.csv", "死亡2020-05.xlsx"];
    let reason = place.stops(&files, &["--month", "2020-05"]);
    assert!(reason.contains("死亡2020-05.xlsx 读不成名册"), "{reason}");
    // Under a name nobody knows it may still be the roster that is missing.
    std::fs::rename(place.path("in/死亡2020-05.xlsx"), place.path("in/表.xlsx")).expect("renamed");
    let files = ["低保2020-05.csv", "表.xlsx"];
    let reason = place.stops(&files, &["--month", "2020-05"]);
    assert!(reason.contains("表.xlsx 打不开") && reason.contains("死亡名册"), "{reason}");
    assert!(place.stops(&files, &[]).contains("表.xlsx 打不开"), "the month is that of the other rosters");
    // Where nothing is missing it is a file like any other that is no roster.
    place.write("低保2020-07.csv", &dibao(3));
    let output = place.import(&["低保2020-07.csv", "表.xlsx"], &["--month", "2020-07"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("跳过 表.xlsx"), "{}", stderr(&output));
}

#[test]
fn a_roster_that_breaks_off_in_the_middle_stops() {
    let place = Place::new();
    let path = place.path("in/死亡2020-04.xlsx");
    deaths_workbook(&path, 3_000);
    let mut bytes = std::fs::read(&path).expect("a file");
    let sheet = b"xl/worksheets/sheet1.xml";
    let start = bytes.windows(sheet.len()).position(|window| window == sheet).expect("the sheet");
    for byte in &mut bytes[start + 20_000..start + 20_200] {
        *byte = 0xff;
    }
    std::fs::write(&path, bytes).expect("written");
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("读到中途停下"), "{reason}");
}

#[test]
fn unknown_keys_in_import_toml_are_refused_with_the_known_ones() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    for (text, words) in [
        ("moth = \"2020-04\"\n", "不认识“moth”。能写的有：month、code_system、accept_small、file"),
        ("[file.\"低保2020-04.csv\"]\nspec = \"dibao\"\n", "能写的有：roster、month、code_system"),
        ("accept_small = [\"低宝\"]\n", "没有叫“低宝”的名册"),
        ("code_system = \"gb\"\n", "“gb”不认识"),
        ("month = \"五月\"\n", "“五月”不是月份"),
        ("[file.\"低保2020-04.csv\"]\nroster = \"deaths\"\n", "写明它是 deaths，却读不成"),
    ] {
        place.write("import.toml", text);
        let reason = place.stops(&[], &[]);
        assert!(reason.contains(words), "{text}: {reason}");
    }
    place.write("import.toml", "[file.\"低保2020-04.csv\"]\nroster = \"dibao\"\n");
    place.done(&[], &[]);
}

#[test]
fn an_import_is_undone_unless_a_later_one_stands_on_it() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    place.done(&[], &[]);
    let before = place.current("dibao", "2020-04");
    place.write("低保2020-04.csv", &dibao(4));
    place.done(&[], &[]);
    assert_eq!(place.current("dibao", "2020-04")[0]["rows"], 4);
    let refused = place.other(&["--undo", "1"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("已被第 2 次导入取代，要先撤销第 2 次"), "{}", stderr(&refused));
    let undone = place.other(&["--undo"]);
    assert_eq!(undone.status.code(), Some(0), "{}", stderr(&undone));
    assert_eq!(place.current("dibao", "2020-04"), before);
    assert!(stderr(&place.other(&["--undo", "2"])).contains("已经撤销过"));
    let list = stdout(&place.other(&["--list"]));
    assert!(list.contains("2：导入 低保2020-04.csv（dibao 2020-04，4 行）（已由第 3 号撤销）"), "{list}");
    assert_eq!(place.other(&["--undo", "1"]).status.code(), Some(0));
    assert!(!place.path("data/lake/dibao/2020-04/current.json").exists());
    assert!(stderr(&place.other(&["--undo"])).contains("没有可以撤销的导入"));
    // What was undone can be imported again.
    place.done(&[], &[]);
    assert_eq!(place.current("dibao", "2020-04")[0]["rows"], 4);
}

fn two_mistakes() -> String {
    let mut text = dibao(4);
    // The second has a month that is none, the fourth neither name nor number.
    text = text.replace(
        &format!("{},500243001202,2018-01\n3,", id_number(2)),
        &format!("{},500243001202,很久\n3,", id_number(2)),
    );
    text.replace(&format!("冉光4,冉光4,{}", id_number(4)), "冉光4,,")
}

/// What the sender of `two_mistakes` sends back: the error workbook as text, edited.
fn returned(place: &Place, changes: &[(&str, &str)]) -> String {
    let out = place.text("errors");
    place.done(&["低保2020-04.csv"], &["--errors", &out]);
    assert!(place.path("errors/低保2020-04-错误.xlsx").is_file());
    let sha = place.current("dibao", "2020-04")[0]["sha256"].as_str().expect("a hash")[..16].to_owned();
    let mut text = format!(
        "改错表：原文件=低保2020-04.csv；月份=2020-04；列出=全部行；校验={sha}。请不要改动这一行\n错误原因,原表行号,原有错误,{DIBAO}\n"
    );
    for (line, row) in two_mistakes().lines().zip(1..).skip(1) {
        let marked = if matches!(row, 3 | 5) { "有错" } else { "" };
        let was = if matches!(row, 3 | 5) { "是" } else { "" };
        let _ = writeln!(text, "{marked},{row},{was},{line}");
    }
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "“{from}” in {text}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn a_corrected_copy_is_merged_into_its_original() {
    let place = Place::new();
    place.write("低保2020-04.csv", &two_mistakes());
    let copy =
        returned(&place, &[("很久", "2017-03"), ("冉光4,,", &format!("冉光4,冉光4,{}", id_number(4)))]);
    assert_eq!(place.current("dibao", "2020-04")[0]["rejected"], 1);
    place.write("低保2020-04-错误.csv", &copy);
    let out = place.done(&["低保2020-04-错误.csv"], &[]);
    assert!(out.contains("改正了 2 行，还读不出 0 行"), "{out}");
    let current = place.current("dibao", "2020-04");
    assert_eq!(current.as_array().map(Vec::len), Some(1));
    assert_eq!(current[0]["file"], "低保2020-04.csv", "leads point into the original");
    assert_eq!((&current[0]["rows"], &current[0]["rejected"]), (&Value::from(4), &Value::from(0)));
    assert_eq!(current[0]["corrections"].as_array().map(Vec::len), Some(1));
    // Once more, together with its original: both are known, the correction stays.
    let before = place.tree();
    let again = place.done(&[], &[]);
    assert!(again.lines().all(|line| line.contains("没有变化")), "{again}");
    assert_eq!(place.tree(), before);
    // Read in another way the original needs its correction again: it must not get lost.
    let specs = place.path("specs");
    crate::copy_content("rosters", &specs);
    edit(&specs.join("civil-affairs/dibao.toml"), "name = \"城乡低保在册名册\"", "name = \"低保名册\"");
    let specs = specs.to_string_lossy().into_owned();
    let reason = place.stops(&["低保2020-04.csv"], &["--specs", &specs]);
    assert!(reason.contains("低保2020-04.csv 的读法变了"), "{reason}");
    place.done(&[], &["--specs", &specs]);
    assert_eq!(place.current("dibao", "2020-04")[0]["rejected"], 0);
    assert_eq!(place.other(&["--undo"]).status.code(), Some(0));
    // The correction is an import like any other.
    assert_eq!(place.other(&["--undo"]).status.code(), Some(0));
    assert_eq!(place.current("dibao", "2020-04")[0]["rejected"], 1);
}

#[test]
fn copies_corrected_by_two_people_are_both_kept() {
    let place = Place::new();
    place.write("低保2020-04.csv", &two_mistakes());
    let copy = returned(&place, &[]);
    let one = copy.replace("很久", "2017-03");
    let other = copy.replace("冉光4,,", &format!("冉光4,冉光4,{}", id_number(4)));
    for (name, text) in [("一-错误.csv", &one), ("二-错误.csv", &other), ("三-错误.csv", &copy)] {
        place.write(name, text);
    }
    assert!(place.done(&["一-错误.csv"], &[]).contains("改正了 1 行"));
    assert!(place.done(&["二-错误.csv"], &[]).contains("改正了 1 行"));
    let before = place.tree();
    // Who is not in a copy any more stays, and that is said.
    let shorter: Vec<&str> = one.lines().filter(|line| !line.contains("冉光3")).collect();
    place.write("四-错误.csv", &shorter.join("\n"));
    let output = place.import(&["四-错误.csv"], &[]);
    assert!(stderr(&output).contains("原表第 4 行（共 1 行）在交回的表里没有了"), "{}", stderr(&output));
    std::fs::remove_file(place.path("in/四-错误.csv")).expect("removed");
    // A copy in which nothing was corrected takes nothing back.
    let output = place.import(&["三-错误.csv"], &[]);
    assert!(stderr(&output).contains("标错的行都没有改动"), "{}", stderr(&output));
    assert_eq!(place.tree(), before);
    // Nor do they where all of it comes at once.
    let _ = place.other(&["--undo"]);
    let _ = place.other(&["--undo"]);
    let _ = place.other(&["--undo"]);
    place.done(&[], &[]);
    let current = place.current("dibao", "2020-04");
    assert_eq!(current[0]["corrections"].as_array().map(Vec::len), Some(2), "{current}");
}

#[test]
fn a_correction_beside_its_original_is_no_second_roster_and_its_own_mistakes_are_told() {
    let place = Place::new();
    place.write("低保2020-04.csv", &two_mistakes());
    let other = [("很久", "2017-03"), (",D3,冉光3,冉光3,", ",D3,冉光3,张三,")];
    let copy =
        format!("{},,,9,D9,新人,新人,{},500243001202,2020-01\n", returned(&place, &other), id_number(9));
    place.write("低保2020-04-错误.csv", &copy);
    let fresh = place.text("fresh");
    let rosters = place.text("in");
    let output = doudi(&["roster", "import", "--data", &fresh, &rosters]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("第 5 行没有标错而有改动（姓名）：没有读入"), "{}", stderr(&output));
    assert!(stderr(&output).contains("第 7 行是添加的行，原表里没有"), "{}", stderr(&output));
    let list = place.path("fresh/lake/dibao/2020-04/current.json");
    let current: Value = serde_json::from_slice(&std::fs::read(list).expect("a list")).expect("JSON");
    assert_eq!(current.as_array().map(Vec::len), Some(1), "{current}");
    // One mistake is left, and only that one goes back to the sender.
    let errors = place.text("more");
    let output = doudi(&["roster", "import", "--data", &fresh, "--errors", &errors, "--json", &rosters]);
    let json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(json["unchanged"], true, "{json}");
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters");
    let set = load_dir(&specs).expect("specifications");
    let mut again = OpenFile::open(&place.path("more/低保2020-04-错误.xlsx"), &set);
    let rows = again.correction_of(0).expect("a copy").rows;
    let marked: Vec<Option<u32>> = rows.iter().filter(|row| row.marked).map(|row| row.original).collect();
    assert_eq!(marked, [Some(5)]);
    // A copy that came back is not written over.
    let sent = place.path("in/低保2020-04-错误.xlsx");
    std::fs::remove_file(place.path("in/低保2020-04-错误.csv")).expect("removed");
    std::fs::copy(place.path("more/低保2020-04-错误.xlsx"), &sent).expect("copied");
    let bytes = std::fs::read(&sent).expect("a file");
    let output = doudi(&["roster", "import", "--data", &fresh, "--errors", &rosters, &rosters]);
    assert!(stderr(&output).contains("正是这次交回的改错表"), "{}", stderr(&output));
    assert_eq!(std::fs::read(&sent).expect("a file"), bytes);
}

#[test]
fn a_copy_in_which_nothing_was_corrected_changes_nothing() {
    let place = Place::new();
    place.write("低保2020-04.csv", &two_mistakes());
    let copy = returned(&place, &[]);
    place.write("改.csv", &copy);
    let before = place.tree();
    let output = place.import(&["改.csv"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("标错的行都没有改动"), "{}", stderr(&output));
    assert_eq!(place.tree(), before);
}

#[test]
fn an_empty_roster_that_had_rows_before_stops_and_a_scan_beside_the_roster_does_not() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    place.write("低保2020-05.csv", &dibao(0));
    assert!(place.stops(&["低保2020-05.csv"], &[]).contains("没有一行数据"));
    place.done(&["低保2020-04.csv"], &[]);
    let reason = place.stops(&["低保2020-05.csv"], &[]);
    assert!(reason.contains("dibao 2020-04 有 3 行"), "{reason}");
    place.write("低保2020-05.csv", &dibao(3));
    place.write("低保2020-05.pdf", "%PDF-1.4 扫描件");
    place.done(&["低保2020-05.csv", "低保2020-05.pdf"], &[]);
    // Alone it may be all that came of the roster.
    place.write("死亡.csv", &format!("序号,姓名,身份证号,死亡日期\n1,冉光1,{},2019-12-01\n", id_number(1)));
    let reason = place.stops(&["死亡.csv", "低保2020-05.pdf"], &["--month", "2020-05"]);
    assert!(reason.contains("低保2020-05.pdf 读不成名册"), "{reason}");
}

#[test]
fn filled_in_handouts_of_several_townships_stand_beside_each_other() {
    let place = Place::new();
    for (file, lead) in [("汉葭2020-04核查.csv", "a1"), ("郁山2020-04核查.csv", "b2")] {
        place.write(
            file,
            &format!("疑点编号,姓名,核查结果,核查人,核查日期\n{lead},冉光1,属实,王某,2020-05-03\n"),
        );
        place.done(&[file], &[]);
    }
    let files: Vec<Value> = place.current("lead-findings", "2020-04").as_array().expect("a list").clone();
    let names: Vec<&str> = files.iter().filter_map(|stored| stored["file"].as_str()).collect();
    assert_eq!(names, ["汉葭2020-04核查.csv", "郁山2020-04核查.csv"]);
}

#[test]
fn a_correction_of_nothing_that_counts_stops_with_the_reason() {
    let place = Place::new();
    place.write("低保2020-04.csv", &two_mistakes());
    let copy = returned(&place, &[]);
    let sha = copy.split_once("校验=").expect("a hash").1[..16].to_owned();
    place.write("改.csv", &copy.replace(&sha, "0123456789abcdef"));
    assert!(place.stops(&["改.csv"], &[]).contains("没有导入过"));
    place.write("改.csv", &copy.replace(&sha, "短"));
    assert!(place.stops(&["改.csv"], &[]).contains("那一行（“改错表：…”）没有了"));
    place.write("改.csv", &copy);
    place.write("低保2020-04.csv", &dibao(4));
    place.done(&["低保2020-04.csv"], &[]);
    let reason = place.stops(&["改.csv"], &[]);
    assert!(reason.contains("后来已被别的文件取代"), "{reason}");
    let line = copy.lines().next().expect("a line").to_owned();
    place.write("低保2020-04-错误.csv", &copy.replace(&line, ""));
    std::fs::rename(place.path("in/低保2020-04-错误.csv"), place.path("in/低保2020-04-错误.xlsx"))
        .expect("renamed");
    let reason = place.stops(&["低保2020-04-错误.xlsx"], &[]);
    assert!(reason.contains("那一行（“改错表：…”）没有了"), "{reason}");
}

#[test]
fn a_second_run_on_the_same_folder_stops_and_what_a_crash_left_is_cleared_away() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    place.done(&[], &[]);
    std::fs::create_dir_all(place.path("data/incoming")).expect("a folder");
    std::fs::write(place.path("data/incoming/dibao-1.facts.parquet"), "半截").expect("written");
    let lock = std::fs::File::open(place.path("data/.lock")).expect("a lock");
    lock.lock().expect("locked");
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("正被另一个 doudi 使用"), "{reason}");
    lock.unlock().expect("unlocked");
    place.done(&[], &[]);
    assert!(!place.path("data/incoming").exists());
}

#[test]
fn codes_of_the_ministry_are_recognised_translated_and_not_mixed() {
    let place = Place::new();
    let header = "序号,户主姓名,姓名,身份证号,起始年月,家庭住址,区划代码\n";
    let roster = |pairs: [(&str, &str); 2]| {
        let mut text = header.to_owned();
        for row in 1..=12 {
            let (town, code) = pairs[row % 2];
            let _ = writeln!(text, "{row},甲{row},甲{row},{},2018-01,彭水县{town}1组,{code}", id_number(row));
        }
        text
    };
    place.write("低保2020-04.csv", &roster([("新田镇", "500243111"), ("平安镇", "500243113")]));
    let output = place.import(&[], &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(json["files"][0]["code_system"]["system"], "mca");
    assert_eq!(json["files"][0]["code_system"]["translated"], 12);
    // One without addresses cannot be compared, and beside the ministry's codes that is said.
    let bare = format!(
        "序号,户主姓名,姓名,身份证号,起始年月,区划代码\n1,甲,甲,{},2018-01,500243111\n",
        id_number(1)
    );
    place.write("城镇2020-04.csv", &bare);
    let output = place.import(&[], &[]);
    assert!(stderr(&output).contains("城镇2020-04.csv 没有地址可以核对区划代码"), "{}", stderr(&output));
    std::fs::remove_file(place.path("in/城镇2020-04.csv")).expect("removed");
    // Another roster of the same run in the other system.
    let tekun = roster([("平安镇", "500243111"), ("新田镇", "500243113")]);
    place.write("低保2020-05.csv", &tekun);
    let reason = place.stops(&[], &[]);
    assert!(reason.contains("区划代码不是一套"), "{reason}");
    place.write("import.toml", "[file.\"低保2020-04.csv\"]\ncode_system = \"mca\"\n");
    place.done(&[], &[]);
    // A roster of two minds.
    let half = roster([("平安镇", "500243111"), ("新田镇", "500243111")]);
    place.write("低保2020-05.csv", &half);
    let reason = place.stops(&["低保2020-05.csv"], &[]);
    assert!(reason.contains("分不清是统计局的还是民政部的"), "{reason}");
    place.done(&["低保2020-05.csv"], &["--code-system", "nbs"]);
}

#[test]
fn a_clearing_that_stops_leaves_no_roster_behind_and_undoing_names_the_clearing() {
    let place = Place::new();
    place.write("低保2020-04.csv", &dibao(3));
    let (data, out) = (place.text("data"), place.text("out"));
    let rosters = place.text("in");
    let clear = |rosters: &str| {
        doudi(&[
            "clear",
            "--region",
            "500243",
            "--month",
            "2020-04",
            "--rosters",
            rosters,
            "--data",
            &data,
            "--out",
            &out,
        ])
    };
    let stopped = clear(&rosters);
    assert_eq!(stopped.status.code(), Some(3));
    assert!(stderr(&stopped).contains("没有“户籍登记名册”"), "{}", stderr(&stopped));
    assert!(!place.path("data").exists(), "{:?}", place.tree().keys());
    let mut register = "person_id,身份证号,姓名,民族,户号,与户主关系,区划代码\n".to_owned();
    for row in 1..=4 {
        let _ = writeln!(register, "{row},{},冉光{row},苗族,H{row},户主,500243001202", id_number(row));
    }
    place.write("户籍2020-04.csv", &register);
    let cleared = clear(&rosters);
    assert_eq!(cleared.status.code(), Some(0), "{}", stderr(&cleared));
    let before = place.tree();
    edit(&place.path("in/低保2020-04.csv"), "1,D1,", "1,D2,");
    place.write("坏.csv", "不是名册\n");
    let stopped = doudi(&[
        "clear",
        "--region",
        "500243",
        "--month",
        "2020-04",
        "--rosters",
        &rosters,
        "--data",
        &data,
        "--out",
        &out,
        "--strict",
    ]);
    assert_eq!(stopped.status.code(), Some(3));
    assert_eq!(place.tree(), before);
    let undone = place.other(&["--undo"]);
    assert!(stderr(&undone).contains("500243 2020-04 的摸排用了这些名册"), "{}", stderr(&undone));
}
