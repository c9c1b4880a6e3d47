//! Any steps, in any order, by anybody: a case is always where its table knows, and nothing falls over.

use crate::{asked, counter, family, noon, user};
use doudi_casework::{Act, Beside, CaseCounter, CasePaper, ROLES, StepRefusal};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

static COUNTER: std::sync::OnceLock<CaseCounter> = std::sync::OnceLock::new();

/// What somebody tries: step, role, person, days later, answers, note, papers, circumstances.
type Tried = (usize, usize, i64, i64, Vec<(usize, usize)>, bool, usize, Option<usize>);

fn tried() -> impl Strategy<Value = Tried> {
    (
        0_usize..10,
        0..ROLES.len(),
        1_i64..4,
        0_i64..400,
        proptest::collection::vec((0_usize..7, 0_usize..7), 0..5),
        any::<bool>(),
        0_usize..2,
        proptest::option::of(0_usize..3),
    )
}

const PATHS: [&str; 7] = ["户.在家", "户.下放", "户.补贴额", "户.住处", "户.有争议", "户.困难", "没有"];
const WORDS: [&str; 7] = ["是", "否", "100元", "租住", "", "乱写", "-1"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_case_is_always_in_a_state_of_its_table(walk in proptest::collection::vec(tried(), 1..14)) {
        let counter = COUNTER.get_or_init(counter);
        let procedure = counter.procedures().iter().find(|found| found.kind == "help").expect("a table");
        let revisions = [json!({}), family(), json!({ "household": { "没有": 1 }, "members": "x" })];
        let mut case = asked(counter, "2020-05-06", family());
        for (step, role, person, days, answers, noted, evidence, revised) in walk {
            let id = procedure.steps.get(step).map_or("none", |step| step.id.as_str());
            let answers: BTreeMap<String, String> = answers
                .into_iter()
                .map(|(path, word)| (PATHS[path].to_owned(), WORDS[word].to_owned()))
                .collect();
            let by = user(person, ROLES[role]);
            let paper = CasePaper { step: Some(id.to_owned()), after: case.record.len(), is_withdrawn: false };
            let papers = vec![paper; evidence];
            let act = Act {
                step: id,
                by: &by,
                at: noon("2020-05-06").plus_seconds(days * 24 * 3600),
                answers: &answers,
                note: if noted { "写明" } else { "" },
                facts: revised.map(|at| &revisions[at]),
                beside: Beside { papers: &papers, opening: None },
            };
            let at = procedure.state(&case.state).expect("a state of the table");
            match counter.take(&case, &act) {
                Ok(next) => {
                    let taken = &procedure.steps[step];
                    prop_assert!(taken.from.contains(&at));
                    prop_assert_eq!(procedure.state(&next.state), Some(taken.to));
                    prop_assert_eq!(next.record.len(), case.record.len() + 1);
                    prop_assert!(next.record.starts_with(&case.record), "what was done stays done");
                    prop_assert_eq!((&next.place, &next.began, &next.code), (&case.place, &case.began, &case.code));
                    let open = next.pauses.iter().filter(|pause| pause.until.is_none()).count();
                    prop_assert_eq!(open, usize::from(procedure.states[taken.to].paused));
                    prop_assert_eq!(next.decision.is_some(), case.decision.is_some() || taken.decides.is_some());
                    case = next;
                }
                Err(StepRefusal::NoProcedure { path }) => prop_assert!(false, "{path}"),
                Err(refusal) => prop_assert!(!refusal.to_string().is_empty()),
            }
            prop_assert!(counter.standing(&case).is_ok());
            prop_assert!(counter.flags(&case).is_ok() && counter.offers(&case, &act.beside, &by, act.at).is_ok());
        }
    }
}
