//! One household through the desk, on the host: what a browser is told, and where an answer goes.

use doudi_policy_wasm::{Bundle, Desk};
use serde_json::{Value, json};

const POLICY: &str = "---\n名称: 试用\n编号: 试用\n位阶: 县级规范性文件\n施行: 2020-01-01\n---\n# 试用\n\n## 第一条\n\n\
    ```条文\n记录 收入 属于 人 ？ “有哪些收入？”\n输入 收入.月额: 金额 不为负 ？ “一个月多少？”\n输入 户.已核对: 是否 ？ “核对过没有？”\n\
    规则 人.月收入: 金额 = 合计(收入 的 月额)\n规则 户.总收入: 金额 = 合计(成员 的 月收入)\n\
    规则 户.对象: 是否\n  当 非 已核对 则 否 理由 “还没有核对”\n  否则 总收入 低于 440元\n\
    规则 户.补差: 金额\n  当 对象 则 440元 − 总收入\n  否则 0元\n```\n\n\
    ```案例\n一个人没有收入\n地区 500243 日期 2020-05-31\n未列即否\n户：已核对 是\n成员 甲：收入[月额 40元]\n应得：对象 是；补差 400元\n```\n";

fn desk(policy: &str) -> Result<Desk, String> {
    Bundle::read(&json!({ "op": "open", "sources": [{ "path": "national/a.md", "text": policy }],
        "programmes": [{ "id": "a", "name": "试用补差", "entitled": "户.对象", "amount": "户.补差" }] }))
    .and_then(Desk::open)
}

fn asked(op: &str, facts: Value) -> Value {
    let request =
        json!({ "op": op, "region": "500243", "date": "2020-05-31", "facts": facts, "rule": "户.对象" });
    desk(POLICY).expect("opens").answer(&request).expect("answers")
}

#[test]
fn a_household_is_told_each_programme_its_amount_and_the_authors_reason() {
    let whole = json!({ "household": { "已核对": true }, "members": [{ "收入": [{ "月额": "40元" }] }] });
    let told = &asked("assess", whole)["results"][0];
    assert_eq!((&told["entitled"], &told["amount"]), (&json!(true), &json!("400.00元")), "{told}");
    let unchecked = json!({ "household": { "已核对": false }, "members": [{}] });
    let told = &asked("assess", unchecked)["results"][0];
    assert_eq!((&told["entitled"], &told["reasons"]), (&json!(false), &json!(["还没有核对"])), "{told}");
}

#[test]
fn a_question_says_where_its_answer_goes_down_to_the_record() {
    let open = json!({ "household": { "已核对": true }, "members": [{}, { "收入": { "已知": [{ "月额": "1元" }, {}] } }] });
    let missing = asked("ask", open)["missing"].clone();
    let places: Vec<&Value> =
        missing.as_array().expect("list").iter().map(|question| &question["at"]).collect();
    assert!(places.contains(&&json!(["members", 1, "收入", 1, "月额"])), "{places:?}");
    assert!(places.contains(&&json!(["members", 0, "收入"])), "{places:?}");
}

#[test]
fn when_all_know_who_is_entitled_the_amount_is_asked_for() {
    let policy = POLICY
        .replace("输入 户.已核对", "输入 户.另加: 金额\n输入 户.已核对")
        .replace("440元 − 总收入", "440元 − 总收入 + 另加");
    let facts = json!({ "household": { "已核对": true }, "members": [{ "收入": [] }] });
    let request = json!({ "op": "ask", "region": "500243", "date": "2020-05-31", "facts": facts });
    let told = desk(&policy).expect("opens").answer(&request).expect("answers");
    assert_eq!(told["next"]["at"], json!(["household", "另加"]), "{told}");
}

#[test]
fn the_form_lists_what_the_programmes_read_and_an_explanation_is_escaped_boxes() {
    let form = asked("form", json!(null));
    assert_eq!(form["fields"][0]["name"], "月额", "{form}");
    assert_eq!(form["records"][0], json!({ "name": "收入", "parent": "人", "question": "有哪些收入？" }));
    let request = json!({ "op": "explain", "region": "500243", "date": "2020-05-31", "rule": "户.对象", "html": true,
        "facts": { "members": [{ "姓名": "<b>" }] } });
    let told = desk(POLICY).expect("opens").answer(&request).expect("answers");
    let html = told["html"].as_str().expect("text");
    assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
}

#[test]
fn worked_examples_run_and_a_wrong_text_does_not_open() {
    assert_eq!(asked("cases", json!(null))["passed"], 1);
    let wrong = POLICY.replace("补差 400元", "补差 401元");
    let told = desk(&wrong).expect("opens").answer(&json!({ "op": "cases" })).expect("answers");
    assert_eq!(told["failed"], 1, "{told}");
    assert!(desk(&POLICY.replace("低于 440元", "低于 四百")).is_err());
}

#[test]
fn a_wrong_place_day_household_or_question_is_told() {
    let mut desk = desk(POLICY).expect("opens");
    let good =
        json!({ "op": "assess", "region": "500243", "date": "2020-05-31", "facts": { "members": [{}] } });
    assert!(desk.answer(&good).is_ok());
    for (key, value) in [
        ("region", json!("5")),
        ("date", json!("2020-02-30")),
        ("facts", json!({ "members": [] })),
        ("facts", json!({ "members": [{ "没有": 1 }] })),
        ("op", json!("sing")),
    ] {
        let mut wrong = good.clone();
        wrong[key] = value;
        assert!(desk.answer(&wrong).is_err(), "{wrong}");
    }
    let beyond = json!({ "op": "explain", "region": "500243", "date": "2020-05-31", "rule": "户.对象", "row": 7,
        "facts": { "members": [{}] } });
    assert!(desk.answer(&beyond).is_err());
}
