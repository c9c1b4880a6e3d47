//! Households of any shape against the shipped policies.

use crate::exercise::{live_through, program};
use crate::{Dice, LIBRARY, household};
use doudi_policy::{Layout, facts_from_json};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        "\\PC{0,8}".prop_map(|value| json!(value)),
        word().prop_map(|value| json!(value)),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::vec((word(), inner), 0..6)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "household",
        "members",
        "姓名",
        "来源",
        "已知",
        "不低于",
        "不超过",
        "出生日期",
        "收入",
        "月额",
        "城乡",
        "是",
        "否",
    ];
    prop_oneof![prop::sample::select(words.map(str::to_owned).to_vec()), "\\PC{0,6}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_a_household_or_a_list_of_problems(json in anything()) {
        let layout = Layout::of(&LIBRARY);
        let members = json!({"household": json.clone(), "members": [json.clone()]});
        for json in [json, members] {
            if let Err(problems) = facts_from_json(&LIBRARY, &layout, &json) {
                prop_assert!(problems.iter().all(|problem| !problem.is_empty()) && !problems.is_empty());
            }
        }
    }
}

#[test]
fn nearly_right_households_are_answered_or_told_about() {
    let layout = Layout::of(&LIBRARY);
    let programs = [
        ("500243", "2020-05-31"),
        ("310101", "2021-09-30"),
        ("620102", "2026-08-31"),
        ("370902", "2016-12-31"),
    ]
    .map(|(place, day)| program(&LIBRARY, place, day));
    let (mut answered, mut refused) = (0, 0);
    for seed in 0..24 {
        let mut dice = Dice(seed);
        let json = household::draw(&LIBRARY, if seed % 3 == 0 { 1 } else { 0 }, &mut dice);
        match facts_from_json(&LIBRARY, &layout, &json) {
            Ok(facts) => {
                answered += 1;
                live_through(dice.pick(&programs), &facts, 6, &mut dice);
            }
            Err(problems) => {
                refused += 1;
                assert!(problems.len() < 10_000, "{}", problems.len());
            }
        }
    }
    assert!(answered >= 4 && refused >= 4, "{answered} answered, {refused} refused");
}
