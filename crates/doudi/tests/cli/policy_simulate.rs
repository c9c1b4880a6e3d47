//! `policy simulate` and `policy diff --data`: a proposed allowance on a village that was cleared.

use crate::clear::{NAMES, Place, id_number};
use crate::{copy_policies, doudi, stderr, stdout};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Output;

const PARAMETER: &str = "重度残疾人护理补贴月额";
const GRADE_ONE: &str = "重度残疾人护理补贴月额[500243,一级]=80元";

/// The shipped policies with what the county pays for each grade.
fn policies(place: &Place, name: &str, one: &str) -> PathBuf {
    let folder = place.path(name);
    copy_policies(&folder);
    let file = folder.join("500243-pengshui/standards.csv");
    let mut text = std::fs::read_to_string(&file).expect("text").trim_end().to_owned();
    for (grade, yuan) in [("一级", one), ("二级", "60元")] {
        text.push_str(&format!("\n{PARAMETER},{grade},2019-01,,{yuan},渝试〔2019〕1号,高"));
    }
    std::fs::write(&file, text + "\n").expect("written");
    folder
}

/// A village cleared under 60 yuan for both grades: persons 4 and 7 are disabled, person 2 was and has died.
fn cleared() -> Place {
    let place = Place::new();
    let mut disabled = "姓名,身份证号,残疾人证号,残疾类别,残疾等级,签发日期,有效期至,证件状态\n".to_owned();
    let mut canvass = "户号,姓名,身份证号,区划代码,需长期照护,经济状况已核对\n".to_owned();
    for (person, grade, digit) in [(2, "一级", 1), (4, "一级", 1), (7, "二级", 2)] {
        let (name, id) = (NAMES[person - 1], id_number(person));
        disabled.push_str(&format!("{name},{id},{id}4{digit},肢体,{grade},2015-01-01,2029-12-31,正常\n"));
        canvass.push_str(&format!("H{},{name},{id},500243001202,是,否\n", (person - 1) / 3 + 1));
    }
    std::fs::write(place.path("rosters/持证残疾人2020-04.csv"), disabled).expect("written");
    std::fs::write(place.path("rosters/摸排台账2020-04.csv"), canvass).expect("written");
    let folder = policies(&place, "policies", "60元");
    let done = place.clear(&["--policies", &folder.to_string_lossy()]);
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    place
}

fn simulate(place: &Place, more: &[&str]) -> Output {
    let data = place.text("data");
    doudi(&[&["policy", "simulate", "--data", &data][..], more].concat())
}

fn figures(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

fn programme<'v>(answer: &'v Value, id: &str) -> &'v Value {
    let list = answer["programmes"].as_array().expect("programmes");
    &list.iter().find(|found| found["id"] == id).expect("the programme")["total"]
}

#[test]
fn one_of_two_disabled_people_gains_and_names_stand_only_in_the_files() {
    let place = cleared();
    let out = place.text("sim");
    let told = simulate(&place, &["--set", GRADE_ONE, "--out", &out, "--by", "township"]);
    assert_eq!(told.status.code(), Some(0), "{}", stderr(&told));
    let text = stdout(&told);
    for part in [
        "试：重度残疾人护理补贴月额[一级]（重庆市彭水苗族土家族自治县） 60元 → 80元",
        "政策是摸排这个月时所用的（数据文件夹里存着，与程序现在自带的不同）",
        "费用（元/月）：120.00 → 140.00，+20.00（增加 +20.00）",
        "人：进入 0，退出 0，增加 1，减少 0，不变 1；符合的 2 → 2",
        "各项目合计：每月 +20.00 元（一年 +240.00 元）",
        "没有变化的项目：最低生活保障、",
        "例 1：重度残疾人护理补贴增加，汉葭街道的一户",
        "重度残疾人护理补贴月额[一级] 60.00元 → 80.00元",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(NAMES.iter().all(|name| !text.contains(name)), "{text}");
    let list = std::fs::read_to_string(place.path("sim/changes.csv")).expect("the list");
    assert!(list.starts_with('\u{feff}'));
    let rows: Vec<&str> = list.lines().skip(1).collect();
    assert_eq!(rows.len(), 1, "{list}");
    let expected = format!("disability-care,gain,500243001202,H2,4,张德福,{},3,no,", id_number(4));
    assert!(rows[0].starts_with(&expected), "{}", rows[0]);
    assert!(rows[0].contains(",60.00,60.00,60.00,entitled,1,80.00,80.00,80.00,20.00,"), "{}", rows[0]);
    for file in ["changes.xlsx", "examples.txt", "impact.json"] {
        assert!(place.path("sim").join(file).is_file(), "{file}");
    }
    let examples = std::fs::read_to_string(place.path("sim/examples.txt")).expect("examples");
    assert!(examples.contains("〔模拟的值〕") && NAMES.iter().all(|name| !examples.contains(name)));
}

#[test]
fn simulating_comparing_two_folders_and_clearing_afresh_come_to_the_same() {
    let place = cleared();
    let answer = figures(&simulate(&place, &["--set", GRADE_ONE, "--json", "--out", &place.text("sim")]));
    let (before, after) = (place.text("policies"), policies(&place, "raised", "80元"));
    let (data, out) = (place.text("data"), place.text("diff"));
    let after = after.to_string_lossy().into_owned();
    let arguments = ["policy", "diff", &before, &after, "--data", &data, "--out", &out];
    let compared = doudi(&[&arguments[..], &["--json"]].concat());
    assert_eq!(compared.status.code(), Some(1), "{}", stderr(&compared));
    let compared = figures(&compared);
    assert_eq!(compared["parameters"][0]["after"], "80元");
    assert_eq!(compared["impact"]["programmes"], answer["programmes"]);
    let read = |name: &str| std::fs::read_to_string(place.path(name)).expect("the list");
    assert_eq!(read("sim/changes.csv"), read("diff/changes.csv"));
    let text = stdout(&doudi(&arguments));
    assert!(text.contains("60元 → 80元") && text.contains("费用（元/月）：120.00 → 140.00"), "{text}");
    // Afresh, under the raised amount, in another data folder.
    let afresh = Place::new();
    for entry in std::fs::read_dir(place.path("rosters")).expect("rosters") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, afresh.path("rosters").join(path.file_name().expect("name"))).expect("copied");
    }
    let summary = figures(&afresh.clear(&["--policies", &after, "--json"]));
    let list = answer["programmes"].as_array().expect("programmes");
    for found in list {
        let id = found["id"].as_str().expect("an id");
        let cleared = &summary["by_programme"][id];
        let total = programme(&answer, id);
        assert_eq!(cleared["amount_yuan"], total["cost"]["after"]["known_yuan"], "{id}");
        assert_eq!(cleared["entitled"], total["persons"]["after"]["entitled"], "{id}");
    }
    assert_eq!(programme(&answer, "disability-care")["cost"]["after"]["known_yuan"], "140.00");
}

#[test]
fn a_value_that_nobody_has_published_is_not_nothing_before_it_is_tried() {
    let place = cleared();
    let told = simulate(&place, &["--set", GRADE_ONE, "--policies", "embedded", "--json"]);
    let answer = figures(&told);
    assert_eq!(answer["sets"][0]["holds"][0]["before"], "没有公布");
    let total = programme(&answer, "disability-care");
    assert_eq!(total["persons"]["amount_unknown"], 2);
    assert_eq!(total["persons"]["gain"], 0);
    let (before, after) = (&total["cost"]["before"], &total["cost"]["after"]);
    assert_eq!((&before["open"], &before["high_yuan"]), (&2.into(), &Value::Null));
    assert_eq!((&after["open"], &after["known_yuan"]), (&1.into(), &"80.00".into()));
}

#[test]
fn a_value_hidden_by_a_nearer_row_is_said_to_have_no_effect() {
    let place = cleared();
    let told = simulate(&place, &["--set", "重度残疾人护理补贴月额[50,一级]=80元"]);
    assert_eq!(told.status.code(), Some(0), "{}", stderr(&told));
    let text = stdout(&told);
    assert!(
        text.contains("不起作用：重庆市彭水苗族土家族自治县 自己有 60元（2019-01-01 起，渝试〔2019〕1号）"),
        "{text}"
    );
    assert!(text.contains("没有变化：各项目进出、金额都与原来一样。"), "{text}");
}

#[test]
fn mistakes_are_told_with_what_would_have_been_right_and_with_their_exit_codes() {
    let place = cleared();
    let refused = |arguments: &[&str], code: i32, words: &str| {
        let output = simulate(&place, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{arguments:?} {}", stderr(&output));
    };
    refused(&["--set", "重度残疾人护理补帖月额[500243,一级]=80元"], 3, "是不是想写 重度残疾人护理补贴月额");
    refused(&["--set", "重度残疾人护理补贴月额[500243,五级]=80元"], 3, "可以写：一级、二级、三级、四级");
    refused(&["--set", "重度残疾人护理补贴月额[500243,一级]=80"], 3, "没有写单位。写成 500元 这样");
    refused(
        &["--set", "重度残疾人护理补贴月额[370900,一级]=80元"],
        3,
        "快照里有：重庆市彭水苗族土家族自治县",
    );
    refused(&["--set", "重度残疾人护理补贴月额[500243001,一级]=80元"], 3, "请写县或县以上的代码，如 500243");
    refused(&["--set", "重度残疾人护理补贴月额[500243,一级]"], 2, "没有等号");
    refused(&["--set", GRADE_ONE, "--set", GRADE_ONE], 2, "同一个值，只能写一个");
    refused(&["--set", GRADE_ONE, "--month", "2020-13"], 2, "不是月份");
    refused(&["--set", GRADE_ONE, "--month", "2020-03"], 3, "有的是：500243 2020-04");
    refused(&["--set", GRADE_ONE, "--region", "370900"], 3, "--region 要在其中一个地区以内");
    let nowhere = place.text("rosters");
    let empty = doudi(&["policy", "simulate", "--set", GRADE_ONE, "--data", &nowhere]);
    assert_eq!(empty.status.code(), Some(3));
    assert!(stderr(&empty).contains("请先用 doudi clear 摸排"), "{}", stderr(&empty));
    let without = doudi(&["policy", "diff", "embedded", "embedded", "--month", "2020-04"]);
    assert_eq!(without.status.code(), Some(2));
    // Of one village, only its people.
    let part = simulate(&place, &["--set", GRADE_ONE, "--region", "500243001202", "--json"]);
    assert_eq!(figures(&part)["persons"], 12);
}
