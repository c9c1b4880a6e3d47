//! Cases on their way to the clearing: as a moment found them, about people by number.

use super::bench::{at, on_both};
use super::cases::{MARK, clerk, file, step};
use super::county::{ok, person};
use crate::{CaseMove, NewCase, Scope};
use doudi_casework::{CaseFile, Moment};
use serde_json::json;

#[test]
fn a_case_is_told_as_its_last_step_before_a_moment_left_it_and_about_people_by_number() {
    on_both(|bench| {
        bench.may(16);
        let scope = clerk(bench);
        let household = person(0).household_id;
        let open = |household: &str, names: &[String]| {
            let members: Vec<_> = names.iter().map(|name| json!({ "姓名": name })).collect();
            let file = CaseFile {
                facts: json!({ "household": { "病": MARK }, "members": members }),
                ..file("500243001202", "asked")
            };
            let first = CaseMove {
                file,
                step: "open".into(),
                state_name: "待办".into(),
                ends: false,
                due: None,
                is_single: true,
            };
            let new = NewCase { name: "帮扶申请".into(), household_id: household.into(), first };
            ok(bench.store.open_case(&scope, &new, None)).row.case_id
        };
        let known = open(&household, &[person(0).name, "别家的人".into()]);
        open("", &[person(0).name]);
        let later = scope.at().plus_seconds(1);
        let told = |until: Moment| {
            let results = ok(bench.store.case_results(until));
            let told = results.into_iter().map(|told| {
                (told.case_id, told.step, told.file.state, told.people.join(" "), told.unknown, told.by)
            });
            told.collect::<Vec<_>>()
        };
        let own = person(0).person_id;
        let first = (known.clone(), 1, "asked".to_owned(), own.clone(), 1, "乡镇窗口经办".to_owned());
        assert_eq!(told(later), [first], "a case about nobody of the register is not told");
        assert_eq!(told(scope.at()), [], "not there yet");
        let moved = Scope { at: at("2020-06-02"), ..bench.scope("clerk") };
        ok(step(bench, &moved, &known, 1, "seen"));
        assert_eq!(told(at("2020-06-01"))[0].1, 1, "as May left it");
        let june = &told(at("2020-07-01"))[0];
        assert_eq!((june.1, june.2.as_str(), june.3.as_str()), (2, "seen", own.as_str()));
    });
}
