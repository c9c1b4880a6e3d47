//! `policy ask`: what is still missing for one household, the next question, and documents that nobody at home knows.

use crate::{doudi, stderr, stdout};

const FACTS: &str = r#"{
  "household": { "城乡": "农村", "建档立卡": "否", "经济状况已核对": "是" },
  "members": [{ "姓名": "甲", "与户主关系": "户主", "出生日期": "1975-03-01", "死亡": "否", "刚性支出": [],
                "收入": [{ "种类": "经营净收入", "月额": "560元" }], "车辆": [], "房产": [] }]
}"#;

fn ask(facts: &str, region: &str, date: &str, more: &[&str]) -> std::process::Output {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("户.json");
    std::fs::write(&file, facts).expect("written");
    let path = file.to_string_lossy().into_owned();
    let asked = ["policy", "ask", "--facts", &path, "--region", region, "--date", date];
    doudi(&[&asked[..], more].concat())
}

fn asked(facts: &str, more: &[&str]) -> serde_json::Value {
    let output = ask(facts, "500243", "2020-05-31", &[more, &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("json")
}

#[test]
fn the_next_question_has_its_words_its_article_and_where_to_look() {
    let facts = FACTS.replace("560元", "100元");
    let json = asked(&facts, &["--rule", "户.低保对象"]);
    let next = &json["next"];
    assert_eq!(next["input"], "户.存款总额", "{json}");
    assert_eq!(next["question"], "全家存款、理财一共多少？");
    assert!(next["sources"].as_str().is_some_and(|from| from.contains("银行")), "{next}");
    assert_eq!(next["waiting"], serde_json::json!(["户.低保对象"]));
    assert!(next["articles"].as_array().is_some_and(|list| !list.is_empty()), "{next}");
    assert!(next["why"].as_str().is_some_and(|why| why.contains("结论等着它")), "{next}");
    let answered = facts.replace("\"城乡\"", "\"存款总额\": \"900000元\", \"城乡\"");
    let json = asked(&answered, &["--rule", "户.低保对象"]);
    assert_eq!((&json["results"][0]["value"], &json["next"]), (&"否".into(), &serde_json::Value::Null));
}

#[test]
fn without_a_rule_every_programme_of_the_registry_is_asked_about_for_each_member() {
    let json = asked(FACTS, &[]);
    let names: Vec<&str> = json["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|result| result["name"].as_str())
        .collect();
    assert!(names.contains(&"甲的最低生活保障") && names.contains(&"甲的孤儿基本生活费"), "{names:?}");
    assert_eq!(json["missing"][0]["about"], json["next"]["about"]);
    let text = stdout(&ask(FACTS, "500243", "2020-05-31", &[]));
    assert!(
        text.contains("下一项：") && text.contains("为什么先问它：") && text.contains("另外还缺"),
        "{text}"
    );
}

#[test]
fn an_unpublished_standard_is_not_asked_at_home() {
    let facts = FACTS.replace("\"城乡\"", "\"存款总额\": \"0元\", \"城乡\"");
    let output = ask(&facts, "370902", "2020-05-01", &["--rule", "户.低保对象"]);
    let text = stdout(&output);
    let (_, documents) = text.split_once("要查文件的：").expect("documents");
    assert!(documents.contains("低保标准[农村]") && documents.contains("要查：省级"), "{text}");
    assert!(!text.contains("下一项：低保标准"), "{text}");
}
