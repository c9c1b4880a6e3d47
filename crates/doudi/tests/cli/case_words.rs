//! Worked cases as offices really write them: other notations, other orders, gaps, and every combination of a kind.

use crate::{doudi, stderr, stdout};
use serde_json::Value;

/// One invented case; `body` has its parameters and facts.
fn answer(rule: &str, code: &str, as_of: &str, body: &str, expected: &str) -> Value {
    let text = format!(
        "cases:\n- id: A\n  rule: {rule}\n  place: {{code: '{code}', area: 农村}}\n  as_of: '{as_of}'\n{body}\n  expected: {expected}\n"
    );
    let (_, summary) = run(text.as_bytes());
    summary["cases"][0].clone()
}

fn run(bytes: &[u8]) -> (Option<i32>, Value) {
    let output = output(bytes);
    (output.status.code(), serde_json::from_str(&stdout(&output)).expect("JSON"))
}

fn output(bytes: &[u8]) -> std::process::Output {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("案例.yaml");
    std::fs::write(&path, bytes).expect("written");
    doudi(&["policy", "cases", &path.to_string_lossy(), "--json"])
}

const ASKED: &str = "{eligible: 'yes', amount: '1.00'}";

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let plain = include_str!("worked-cases.yaml");
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(run(windows.as_bytes()), run(plain.as_bytes()));
}

#[test]
fn another_encoding_is_refused_in_words_one_can_act_on() {
    let refused = output(b"cases:\n- id: \xb5\xcd\xb1\xa3\n");
    assert_eq!(refused.status.code(), Some(3));
    assert!(stderr(&refused).contains("UTF-8"), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains("stream"), "{}", stderr(&refused));
}

#[test]
fn a_month_a_day_and_a_time_are_read_where_one_of_the_others_is_asked() {
    let backpay = |applied: &str, through: &str| {
        let body = format!("  facts: {{applied: {applied}, through: {through}, monthly: '70.50'}}");
        answer("cj_backpay", "999901", "2023-01-01", &body, ASKED)["got"]["amount"].clone()
    };
    assert_eq!(backpay("2022-11-09", "2023-01"), "211.50");
    assert_eq!(backpay("2022-11", "2023-01-31"), "211.50");
    let hours = answer(
        "hours",
        "999901",
        "2023-01-01",
        "  parameters: {时限_小时: 12}\n  facts: {start: 2022-12-31 20:15:00}",
        "{deadline: x}",
    );
    assert_eq!(hours["got"]["deadline"], "2023-01-01T08:15");
    let start = "  parameters: {期限_工作日: 1}\n  facts: {start: '2023-03-01T16:00'}";
    assert_eq!(
        answer("deadline", "999901", "2023-03-01", start, "{deadline: x}")["got"]["deadline"],
        "2023-03-02"
    );
}

#[test]
fn tiers_in_another_order_give_the_same_amount() {
    let amount = |tiers: &str| {
        let body = format!(
            "  parameters: {{低保标准_月: '530', 分档: [{tiers}]}}\n  facts: {{members: [{{id: 甲, rel: 申请人, age: 50}}], incomes: [{{who: 甲, type: 其他收入, monthly: 90}}]}}"
        );
        answer("dibao", "999901", "2023-03-01", &body, ASKED)["got"]["amount"].clone()
    };
    let (low, high) = ("{人均低于: '200', 每人: '410'}", "{人均低于: '1060', 每人: '150'}");
    assert_eq!(amount(&format!("{low}, {high}")), "410.00");
    assert_eq!(amount(&format!("{high}, {low}")), "410.00");
}

#[test]
fn a_supporter_of_unknown_income_does_not_lower_what_is_known() {
    let case = |income: &str| {
        let body = format!(
            "  parameters: {{低保标准_月: '530', 赡养费: {{公式: 超2倍部分, 起算倍数: '2', 比例: '0.4'}}}}\n  facts: {{members: [{{id: 甲, rel: 申请人, age: 80}}], incomes: [{{who: 甲, type: 其他收入, monthly: '{income}'}}], supporters: [{{id: A, family_size: 2, family_income: null}}]}}"
        );
        answer("dibao", "999901", "2023-03-01", &body, ASKED)["got"]["eligible"].clone()
    };
    assert_eq!(case("530"), "no");
    assert_eq!(case("529.99"), "unknown");
}

#[test]
fn a_household_over_the_line_is_told_no_where_a_phase_out_exists() {
    let household = "  parameters: {低保标准_月: '530'}\n  facts: {members: [{id: 甲, rel: 申请人, age: 50}], incomes: [{who: 甲, type: 其他收入, monthly: '600'}]}";
    assert_eq!(answer("dibao", "500243", "2020-06-01", household, ASKED)["got"]["eligible"], "no");
    let refused = "  parameters: {低保标准_月: '530'}\n  facts: {people: 1, income: '600', refusals: 3, decision: 停发本人}";
    assert_eq!(answer("dibao_refusal", "500243", "2020-06-01", refused, ASKED)["got"]["eligible"], "no");
    let near = "  parameters: {低保标准_月: '530', 边缘倍数: '1.5'}\n  facts: {per_capita: '600'}";
    assert_eq!(
        answer("marginal", "500243", "2022-06-01", near, "{eligible: 'yes'}")["got"]["eligible"],
        "yes"
    );
}

#[test]
fn the_ceiling_of_the_phase_out_is_the_number_of_the_case() {
    let eligible = |times: &str| {
        let body = format!(
            "  parameters: {{低保标准_月: '500', 渐退: {{类型: 彭水, 上限倍数: '{times}', 金额: 原额}}}}\n  facts: {{current_amount: '300', per_capita: '1200', jdlk: true, pay_month: '2020-06'}}"
        );
        answer("grace", "500243", "2020-06-01", &body, ASKED)["got"]["eligible"].clone()
    };
    assert_eq!((eligible("2"), eligible("3")), ("no".into(), "yes".into()));
}

#[test]
fn the_case_s_own_payment_rule_holds_under_the_earlier_law_too() {
    let deadline = |parameters: &str| {
        let body = format!("  parameters: {parameters}\n  facts: {{start: '2020-02-10'}}");
        answer("month_end", "999901", "2020-02-10", &body, "{deadline: x}")["got"]["deadline"].clone()
    };
    assert_eq!(deadline("{规则: 公布当月}"), "2020-02-29");
    assert_ne!(deadline("{}"), "2020-02-29");
}

#[test]
fn a_null_group_or_list_is_unknown_and_not_empty() {
    let child = "  parameters: {事实无人抚养标准_月: '900'}\n  facts: {age: 9, father: null, mother: {status: 服刑, months: 8}}";
    let child = answer("er", "999901", "2022-03-01", child, "{eligible: unknown, missing: [父亲]}");
    assert_eq!((&child["got"]["eligible"], &child["status"]), (&"unknown".into(), &"passed".into()));
    let incomes = "  parameters: {低保标准_月: '530'}\n  facts: {members: [{id: 甲, rel: 申请人, age: 50}], incomes: null}";
    let incomes = answer("dibao", "999901", "2022-03-01", incomes, "{eligible: unknown, missing: [收入]}");
    assert_eq!((&incomes["got"]["eligible"], &incomes["status"]), (&"unknown".into(), &"passed".into()));
}

#[test]
fn expenses_and_cars_of_the_household_count_whoever_is_listed_first() {
    let got = |property: &str| {
        let body = format!(
            "  parameters: {{低保标准_月: '530', 刚性支出: {{扣减比例: '1'}}, 车辆: '不得拥有,残疾人功能性补偿代步车除外'}}\n  facts: {{members: [{{id: 乙, rel: 配偶, age: 50, status: [在监服刑]}}, {{id: 甲, rel: 申请人, age: 50}}], incomes: [{{who: 甲, type: 其他收入, monthly: '700'}}], rigid: [{{type: 医疗自付, annual: '3600'}}]{property}}}"
        );
        answer("dibao", "999901", "2023-03-01", &body, ASKED)["got"]["amount"].clone()
    };
    assert_eq!(got(""), "130.00");
    assert_eq!(got(", property: {vehicles: [小型轿车]}"), "0.00");
}

#[test]
fn a_wage_known_within_bounds_stays_within_bounds_when_something_is_taken_off() {
    let bounds = |parameters: &str, job: &str| {
        let body = format!(
            "  parameters: {{低保标准_月: '500', {parameters}}}\n  facts: {{members: [{{id: 甲, rel: 申请人, age: 50}}], incomes: [{{who: 甲, type: 工资性收入, monthly: null, min: '100', max: '500'{job}}}]}}"
        );
        let got = answer("dibao", "999901", "2023-03-01", &body, "{amount_min: '1', amount_max: '1'}");
        (got["got"]["amount_min"].clone(), got["got"]["amount_max"].clone())
    };
    let both = |low: &str, high: &str| (Value::from(low), Value::from(high));
    assert_eq!(bounds("就业成本: {方式: 比例, 比例: '0.1'}", ""), both("50.00", "410.00"));
    assert_eq!(bounds("就业成本: {方式: 定额, 定额: '200'}", ""), both("200.00", "500.00"));
    assert_eq!(
        bounds("就业豁免: {月数: '6', 月上限_标准倍数: '0.8'}", ", new_job_month: 2"),
        both("400.00", "500.00")
    );
    assert_eq!(
        bounds("就业豁免: {月数: '6', 月上限_标准倍数: '1'}", ", new_job_month: 2"),
        both("500.00", "500.00")
    );
}

#[test]
fn the_case_says_by_which_rule_temporary_aid_is_accepted() {
    let eligible = |rule: &str, as_of: &str| {
        let body = format!("  parameters: {{规则: {rule}}}\n  facts: {{hukou_local: false}}");
        answer("ls_place", "999901", as_of, &body, ASKED)["got"]["eligible"].clone()
    };
    for as_of in ["2019-06-01", "2026-08-01"] {
        assert_eq!(eligible("国发〔2014〕47号", as_of), "no");
        assert_eq!(eligible("社会救助法第37条", as_of), "yes");
    }
}
