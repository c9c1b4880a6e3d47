//! What a family answers: where it is written, and what cannot be.

use crate::{counter, day, family, place};
use doudi_casework::{AnswerType, LIST_ANSWERS};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

#[test]
fn what_is_open_is_asked_and_the_answer_settles_it() {
    let counter = counter();
    let mut facts = json!({ "household": {}, "members": [{ "姓名": "某甲" }] });
    let today = day("2020-05-08");
    let mut asked = Vec::new();
    for _ in 0..12 {
        let questions = counter.questions(&facts, place(), today, &[]).expect("questions");
        let Some(first) = questions.first() else { break };
        let answer = match first.ty {
            AnswerType::List => LIST_ANSWERS[1],
            AnswerType::Money => "100元",
            AnswerType::Choice => first.options[0].as_str(),
            ty => panic!("{ty:?}"),
        };
        asked.push(first.text.clone());
        counter.write_answer(&mut facts, &first.at, answer).expect("written");
    }
    assert!(asked.len() >= 3, "{asked:?}");
    let trial = &counter.trial(&facts, place(), today).expect("a trial")[0];
    assert_eq!((trial.entitled, trial.amount.as_str()), (Some(true), "100.00元"), "{trial:?}");
    let help = counter.procedure("help", place(), today).expect("a table");
    assert!(counter.questions(&facts, place(), today, &[help]).expect("questions").is_empty());
}

#[test]
fn an_answer_stands_where_it_belongs_and_an_empty_one_takes_it_back() {
    let counter = counter();
    let mut facts = family();
    counter.write_answer(&mut facts, &[json!("household"), json!("困难")], " 否 ").expect("written");
    assert_eq!(facts["household"]["困难"], json!("否"));
    counter.write_answer(&mut facts, &[json!("household"), json!("困难")], "").expect("taken back");
    assert!(facts["household"].get("困难").is_none());
    let at = [json!("members"), json!(1), json!("收入"), json!(0), json!("月额")];
    counter.write_answer(&mut facts, &at, "450元").expect("written");
    assert_eq!(facts["members"][1]["收入"][0]["月额"], json!("450元"));
    let before = facts.clone();
    for (at, text, words) in [
        (json!(["household", "困难"]), "也许", "读不出来"),
        (json!(["household", "没有"]), "是", "没有“没有”这一项"),
        (json!(["household", "收入"]), "有", "不写在这里"),
        (json!(["members", 7, "与户主关系"]), "户主", "已经没有了"),
        (json!(["members", 1, "收入", 9, "月额"]), "1元", "已经没有了"),
        (json!(["household", "收入", 0, "月额"]), "1元", "没有放"),
        (json!(["members", "与户主关系"]), "户主", "没有放"),
        (json!(["members", 0]), "某甲", "写不到"),
        (json!(["outside", "困难"]), "是", "没有放"),
        (json!(["household"]), "是", "写不到"),
        (json!([]), "是", "写不到"),
        (json!(["members", 0, "收入"]), "也许", "请选 有 或 没有"),
    ] {
        let at = at.as_array().expect("a path").clone();
        let told = counter.write_answer(&mut facts, &at, text).expect_err("refused");
        assert!(told.contains(words), "{at:?}: {told}");
        assert_eq!(facts, before, "{at:?}: nothing is left behind");
    }
}

#[test]
fn a_list_begins_grows_and_is_closed() {
    let counter = counter();
    let mut facts = json!({ "household": {}, "members": [{ "姓名": "某甲" }] });
    let list = [json!("members"), json!(0), json!("收入")];
    counter.write_answer(&mut facts, &list, "有").expect("one");
    assert_eq!(facts["members"][0]["收入"], json!({ "已知": [{}] }));
    let amount = [list.to_vec(), vec![json!(0), json!("月额")]].concat();
    counter.write_answer(&mut facts, &amount, "300元").expect("how much");
    counter.write_answer(&mut facts, &list, "有").expect("another");
    assert_eq!(facts["members"][0]["收入"], json!({ "已知": [{ "月额": "300元" }, {}] }));
    counter.write_answer(&mut facts, &list, "没有").expect("no others");
    assert_eq!(facts["members"][0]["收入"], json!([{ "月额": "300元" }, {}]));
    assert!(counter.facts(&facts).is_ok());
}

/// Parts of paths: names that there are, names that there are not, numbers, and what is neither.
fn part() -> impl Strategy<Value = Json> {
    let names = [
        "household",
        "members",
        "困难",
        "补贴额",
        "收入",
        "月额",
        "与户主关系",
        "姓名",
        "已知",
        "户",
        "人",
        "",
    ];
    prop_oneof![
        4 => proptest::sample::select(names.to_vec()).prop_map(|name| json!(name)),
        3 => (0_u64..4).prop_map(|number| json!(number)),
        1 => Just(json!(-1)),
        1 => Just(json!(u64::MAX)),
        1 => Just(json!(0.5)),
        1 => Just(Json::Null),
        1 => Just(json!(["members"])),
        1 => "\\PC{0,4}".prop_map(|text| json!(text)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let words =
        ["是", "否", "有", "没有", "100元", "户主", "", "-5元", "99999999999999999999999999元", "2020-02-30"];
    prop_oneof![proptest::sample::select(words.to_vec()).prop_map(str::to_owned), "\\PC{0,12}"]
}

proptest! {
    #[test]
    fn no_path_and_no_text_breaks_a_familys_facts(
        writes in proptest::collection::vec((proptest::collection::vec(part(), 0..7), text()), 1..12),
        start in proptest::sample::select(vec![json!({ "members": [{}] }), json!({ "household": {}, "members": [{ "姓名": "某" }] }), family()]),
    ) {
        let counter = COUNTER.get_or_init(counter);
        let mut facts = start;
        for (at, text) in writes {
            let before = facts.clone();
            let written = counter.write_answer(&mut facts, &at, &text);
            prop_assert!(counter.facts(&facts).is_ok(), "{at:?} {text:?}: {:?}", counter.facts(&facts).err());
            if let Err(why) = written {
                prop_assert!(!why.is_empty());
                let is_same = facts == before || before.get("household").is_none();
                prop_assert!(is_same, "{at:?} {text:?} left {facts}");
            }
            prop_assert!(counter.questions(&facts, place(), day("2020-05-08"), &[]).is_ok());
        }
    }
}

static COUNTER: std::sync::OnceLock<doudi_casework::CaseCounter> = std::sync::OnceLock::new();
