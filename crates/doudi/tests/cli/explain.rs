//! `policy explain`: bad facts are told about with their place; unknown facts are asked for by name.

use crate::{doudi, stderr, stdout};

fn explain(facts: &str, more: &[&str]) -> std::process::Output {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("户.json");
    std::fs::write(&file, facts).expect("written");
    let path = file.to_string_lossy().into_owned();
    doudi(&[&["policy", "explain", "--facts", &path], more].concat())
}

const PLACE: [&str; 4] = ["--region", "500243", "--date", "2020-05-31"];

#[test]
fn bad_facts_name_their_place_and_what_to_write() {
    for (facts, words) in [
        ("{", "不是 JSON"),
        (r#"{"members": [{"姓名": "甲", "姓名": "乙"}]}"#, "“姓名”写了两次"),
        ("{}", "缺少 members"),
        (r#"{"household": {}, "members": []}"#, "至少要有一个成员"),
        (r#"{"members": [{"残疾等级": "五级"}]}"#, "members[0].残疾等级"),
        (r#"{"members": [{"残疾级别": "一级"}]}"#, "残疾等级"),
        (r#"{"members": [{"收入": [{"种类": "工资性收入", "月额": "很多"}]}]}"#, "members[0].收入[0].月额"),
        (
            r#"{"members": [{"收入": [{"月额": "-5元"}]}]}"#,
            "members[0].收入[0].月额：“-5元”是负数，这一项不能小于零",
        ),
        (r#"{"members": [{"收入": [{"月额": -5}]}]}"#, "members[0].收入[0].月额：“-5”是负数"),
        (r#"{"members": [{"收入": [{"月额": {"不低于": -5}}]}]}"#, "不低于 “-5”是负数"),
        (r#"{"members": [{"收入": [{"月额": {"不低于": 9, "不超过": 5}}]}]}"#, "是不是写反了"),
        (r#"{"members": [{"收入": [{"月额": {"至少": 9}}]}]}"#, "上下限里没有“至少”"),
        (
            r#"{"members": [{"残疾等级": ["一级"]}]}"#,
            "members[0].残疾等级：应是一个值（一级、二级、三级、四级）",
        ),
        (r#"{"members": [{"出生日期": "昨天"}]}"#, "写成 2020-04-30 这样"),
        (r#"{"members": [{"姓名": 3}]}"#, "members[0].姓名：应是一段文字"),
        (r#"{"members": [{"存款总额": "5元"}]}"#, "它是户的事实，写在 household 里"),
        (r#"{"household": {"残疾等级": "一级"}, "members": [{}]}"#, "它是人的事实，写在 members 的一项里"),
        (r#"{"houshold": {}, "members": [{}]}"#, "houshold：最外面没有这一项。是不是想写 household"),
        (r#"[{"members": [{}]}]"#, "最外面应是一个对象"),
    ] {
        let output = explain(facts, &PLACE);
        assert_eq!(output.status.code(), Some(3), "{facts}");
        assert!(stderr(&output).contains(words), "{facts}: {}", stderr(&output));
    }
    let output = explain(r#"{"members": [{}]}"#, &["--region", "5002", "--date", "昨天"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("昨天"), "{}", stderr(&output));
    let output = explain(r#"{"members": [{}]}"#, &["--region", "999999", "--date", "2020-05-31"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("没有区划代码 999999 这个地方"), "{}", stderr(&output));
}

#[test]
fn an_unpublished_standard_is_unknown_and_names_the_document() {
    let facts = r#"{ "household": {"城乡": "农村"}, "members": [{"与户主关系": "户主"}] }"#;
    let explained = |region: &str| {
        stdout(&explain(facts, &["--region", region, "--date", "2018-08-01", "--rule", "户.低保对象"]))
    };
    // Anshun publishes by the year and says so; of Tai'an nothing has been found.
    assert!(explained("520402").contains("没有这项规定：农村标准按年公布"), "{}", explained("520402"));
    let text = explained("370902");
    assert!(text.starts_with("低保对象：不详"), "{text}");
    assert!(
        text.contains(
            "低保标准[农村]（370902 在 2018-08-01 没有查到公布的值，要查：省级或设区的市级人民政府公布"
        ),
        "{text}"
    );
}

#[test]
fn phase_out_is_explained_by_its_label_and_article() {
    let facts = r#"{
      "household": { "城乡": "农村", "建档立卡": "是", "上月.低保在册": "是", "上月.低保月发放额": "300元",
                     "存款总额": "0元", "经济状况已核对": "是" },
      "members": [{ "姓名": "甲", "与户主关系": "户主", "出生日期": "1975-03-01", "死亡": "否", "刚性支出": [],
                    "收入": [{ "种类": "经营净收入", "月额": "560元" }], "车辆": [], "房产": [] }]
    }"#;
    let output = explain(facts, &[&PLACE[..], &["--rule", "户.低保金"]].concat());
    let text = stdout(&output);
    assert!(text.starts_with("低保金：300.00元"), "{text}");
    assert!(text.contains("彭水民发〔2020〕70号 三（二）2 因户施策，精准落实各项兜底政策「渐退」"), "{text}");
    let html = stdout(&explain(facts, &[&PLACE[..], &["--rule", "户.低保金", "--html"]].concat()));
    assert!(html.contains("<!doctype html>") && html.contains("560.00元"), "{html}");
}

#[test]
fn a_refusal_names_the_single_fact_that_would_turn_it() {
    let facts = r#"{
      "household": { "城乡": "农村", "建档立卡": "否", "存款总额": "0元", "经济状况已核对": "是" },
      "members": [{ "姓名": "甲", "与户主关系": "户主", "出生日期": "1975-03-01", "死亡": "否", "刚性支出": [],
                    "收入": [{ "种类": "经营净收入", "月额": "560元" }], "车辆": [], "房产": [] }]
    }"#;
    let asked = [&PLACE[..], &["--rule", "户.低保对象"]].concat();
    let text = stdout(&explain(facts, &asked));
    let sentence = "如果甲的第1条收入的月额由 560.00元 变为 439.99元（少 120.01元），就符合";
    assert!(text.starts_with("低保对象：否") && text.contains(sentence), "{text}");
    let html = stdout(&explain(facts, &[&asked[..], &["--html"]].concat()));
    assert!(html.contains(sentence), "{html}");
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&explain(facts, &[&asked[..], &["--json"]].concat()))).expect("json");
    let changes = &json["results"][0]["explanation"]["changes"];
    let income = changes.as_array().expect("changes").iter().find(|change| change["to"] == "439.99元");
    assert_eq!(income.expect("the income")["sentence"], sentence);
    let enough = facts.replace("560元", "439.99元");
    assert!(stdout(&explain(&enough, &asked)).starts_with("低保对象：是"));
    let one_fen_more = facts.replace("560元", "440元");
    assert!(stdout(&explain(&one_fen_more, &asked)).starts_with("低保对象：否"));
}

#[test]
fn without_a_rule_every_programme_is_answered_on_a_page() {
    let facts = r#"{
      "household": { "城乡": "农村" },
      "members": [{ "姓名": "甲", "与户主关系": "户主", "出生日期": "1975-03-01", "残疾人证有效": "否" },
                  { "姓名": "乙", "与户主关系": "子女", "出生日期": "2010-03-01" }, {}, {}]
    }"#;
    let text = stdout(&explain(facts, &PLACE));
    assert!(text.lines().count() < 80, "{} lines", text.lines().count());
    let (undecided, refused) = text.split_once("【不能享受】").expect("both headings");
    assert!(undecided.starts_with("【还不能定，要先查清】"), "{undecided}");
    // What is missing of each is said once for all who lack it.
    assert!(
        undecided.contains("重度残疾人护理补贴（乙、第3位成员、第4位成员）\n  要查明：残疾人证有效"),
        "{undecided}"
    );
    assert!(refused.contains("重度残疾人护理补贴（甲）"), "{refused}");
    assert!(refused.contains("孤儿基本生活费（甲）\n  已满18周岁"), "{refused}");

    let whole = stdout(&explain(facts, &[&PLACE[..], &["--full"]].concat()));
    assert!(whole.lines().count() > 500 && whole.contains("甲的月末周岁：45"), "{}", whole.lines().count());
}
