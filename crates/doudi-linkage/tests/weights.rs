//! Weights are content: what is in the files decides, and a file with a fault is refused with its place.

use doudi_linkage::{Index, Level, PersonEntry, RosterRow, WeightSet, Weights};
use doudi_terms::check_character;

const SHIPPED: &str = include_str!("../../../rosters/default.weights.toml");

fn read(files: &[(&str, &str)]) -> Result<WeightSet, String> {
    WeightSet::from_files(files.iter().copied())
        .map_err(|problems| problems.iter().map(|p| format!("{p}\n")).collect())
}

fn shipped() -> Weights {
    read(&[("default.weights.toml", SHIPPED)]).expect("the shipped weights").of("dibao").clone()
}

/// What the weights say of a row with somebody's name and phone.
fn linked(weights: &Weights) -> f64 {
    let id = |seventeen: &str| {
        let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
        format!("{seventeen}{}", char::from(check))
    };
    let mut builder = Index::builder();
    builder.push(PersonEntry {
        id_number: &id("50024319550412003"),
        name: "刘国强",
        birth: None,
        sex: None,
        region: None,
        address: "",
        phone: "13900000001",
        account: "",
        household: 0,
    });
    let row = RosterRow { name: "刘国强", phone: "13900000001", ..RosterRow::default() };
    builder.build().link(&row, weights).weighed
}

#[test]
fn changing_a_weight_in_a_file_changes_the_answer() {
    let before = linked(&shipped());
    let changed = "[[weight]]\nid = \"phone-own\"\nlabel = \"电话相同\"\nmeaning = \"试\"\nlog2 = 9.5\norigin = \"试\"\n";
    let set = read(&[("default.weights.toml", SHIPPED), ("civil-affairs/dibao.weights.toml", changed)]);
    let set = set.expect("two files");
    assert!((linked(set.of("dibao")) - (before - 2.5)).abs() < 1e-6);
    assert!((linked(set.of("medical-insurance")) - before).abs() < 1e-12, "others keep the default");
    assert_eq!(set.of("dibao").text(Level::PhoneOwn).meaning.as_ref(), "试");
}

#[test]
fn a_weight_may_be_given_as_two_shares() {
    let shares = "[[weight]]\nid = \"sex-same\"\nlabel = \"性别相同\"\nmeaning = \"试\"\nm = 0.96\nu = 0.24\norigin = \"试\"\n";
    let set = read(&[("default.weights.toml", SHIPPED), ("dibao.weights.toml", shares)]).expect("two files");
    assert!((set.of("dibao").of(Level::SexSame) - 2.0).abs() < 1e-12);
}

#[test]
fn every_shipped_weight_says_in_chinese_what_it_is_and_where_it_comes_from() {
    let weights = shipped();
    for level in Level::ALL {
        let text = weights.text(level);
        for part in [&text.label, &text.meaning, &text.origin] {
            assert!(part.chars().any(|c| ('一'..='龥').contains(&c)), "{}: {part}", level.id());
        }
    }
    assert!(weights.setting_texts.iter().all(|text| !text.label.is_empty() && !text.origin.is_empty()));
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_line_cause_and_remedy() {
    let weight = |id: &str, rest: &str| {
        format!("\n[[weight]]\nid = \"{id}\"\nlabel = \"某\"\nmeaning = \"某\"\norigin = \"某\"\n{rest}\n")
    };
    let calibration = |points: &str| {
        format!(
            "\n[[calibration]]\ndoubt = \"borrowed\"\nlabel = \"某\"\norigin = \"某\"\npoints = {points}\n"
        )
    };
    for (text, place, cause) in [
        (weight("id-samee", "log2 = 1.0"), "第 2 行", "没有叫“id-samee”的证据。现有：id-same、"),
        (weight("id-same", "log2 = 99.0"), "第 2 行", "分值 99 不合理"),
        (weight("id-same", "log2 = nan"), "第 2 行", "不合理"),
        (weight("id-same", ""), "第 2 行", "没有分值"),
        (weight("id-same", "m = 1.5\nu = 0.1"), "第 2 行", "不是比例"),
        (weight("sex-same", "log2 = 3.0\nm = 0.9\nu = 0.45"), "第 2 行", "对不上"),
        (weight("sex-same", "log2 = 1.0") + &weight("sex-same", "log2 = 1.0"), "第 9 行", "写了两次"),
        (weight("sex-same", "log3 = 1.0"), "第 7 行", "读不懂"),
        ("\n[[weight".to_owned(), "第 2 行", "读不懂"),
        (
            "[[setting]]\nid = \"auto\"\nlabel = \"某\"\norigin = \"某\"\nvalue = 7.0\n".to_owned(),
            "第 1 行",
            "请写 0.5 到 1 之间的数",
        ),
        (calibration("[[1.0, 0.5], [2.0, 0.4]]"), "第 2 行", "不能用"),
        (calibration("[[1.0, 1.4]]"), "第 2 行", "不能用"),
        (calibration("[]"), "第 2 行", "不能用"),
    ] {
        let told = read(&[("default.weights.toml", SHIPPED), ("dibao.weights.toml", &text)]);
        let told = told.expect_err(&text);
        assert!(
            told.contains("dibao.weights.toml") && told.contains(place) && told.contains(cause),
            "{told}"
        );
    }
    let told = read(&[("dibao.weights.toml", "")]).expect_err("no default");
    assert!(told.contains("default.weights.toml") && told.contains("没有这个文件"), "{told}");
    let cut = SHIPPED.replace("id = \"sex-same\"", "id = \"sex-different\"");
    assert!(read(&[("default.weights.toml", &cut)]).expect_err("twice").contains("写了两次"));
    let short = SHIPPED.split("[[weight]]").take(3).collect::<Vec<_>>().join("[[weight]]");
    let told = read(&[("default.weights.toml", &short)]).expect_err("not whole");
    assert!(told.contains("缺这些项：") && told.contains("sex-same"), "{told}");
}

#[test]
fn phones_of_officials_are_numbers_and_nothing_else() {
    let with = |officials| read(&[("default.weights.toml", SHIPPED), ("officials.weights.toml", officials)]);
    assert!(with("phones = []").is_ok());
    assert_ne!(with("phones = [\"139-0000-0001\"]").expect("a number").of("dibao"), &shipped());
    let refused = with("phones = [\n  \"13900000001\",\n  \"主任\",\n]").expect_err("no number");
    assert!(refused.contains("officials.weights.toml") && refused.contains("第 3 行"), "{refused}");
    assert!(refused.contains("“主任”不是电话号码"), "{refused}");
    let refused = with("numbers = [\"13900000001\"]").expect_err("no such word");
    assert!(refused.contains("phones = ["), "{refused}");
}
