//! Cases: opened, moved on, refused; two at once; drafts; what is read is written down.

use super::bench::{Bench, now, on_both, region};
use super::case_guards::any;
use super::county::ok;
use super::evidence::photo;
use crate::{Case, CaseMove, NewCase, Outcome, Scope, StoreError};
use doudi_casework::{CaseFile, Deadline, Refusal, Role, StepRecord, StepRefusal};
use doudi_terms::parse_date;
use serde_json::json;

/// In everything that a family tells; it lies nowhere in the clear.
pub const MARK: &str = "秘密";
pub const VILLAGE: &str = "500243001202";

pub fn file(place: &str, state: &str) -> CaseFile {
    CaseFile {
        kind: "help".into(),
        procedure: "procedures/help.toml".into(),
        place: region(place),
        began: parse_date("2020-05-11").expect("a day"),
        code: String::new(),
        state: state.into(),
        applicant: "冉光明".into(),
        intake: None,
        member: None,
        facts: json!({ "household": { "病": MARK }, "members": [{ "姓名": format!("{MARK}某") }] }),
        record: Vec::new(),
        pauses: Vec::new(),
        about: None,
        decision: None,
    }
}

pub fn due(day: &str) -> Option<Deadline> {
    Some(Deadline { day: parse_date(day).expect("a day"), minute: None })
}

pub fn new_case(place: &str, household: &str, due: Option<Deadline>) -> NewCase {
    let first = CaseMove {
        file: file(place, "asked"),
        step: "open".into(),
        state_name: "待受理".into(),
        ends: false,
        due,
        is_single: true,
    };
    NewCase { name: "帮扶申请".into(), household_id: household.into(), first }
}

pub fn clerk(bench: &Bench) -> Scope {
    bench.scope_of("clerk", &[(Role::WindowClerk, "500243001")])
}

pub fn opened(bench: &Bench, scope: &Scope) -> Case {
    ok(bench.store.open_case(scope, &new_case(VILLAGE, "H00001", due("2020-05-20")), None))
}

/// As casework does it: the file, and one record more.
pub fn to(state: &str, scope: &Scope) -> impl Fn(&Case) -> Result<CaseMove, StepRefusal> {
    let (by, at, state) = (scope.user().id, scope.at(), state.to_owned());
    move |case: &Case| {
        let mut file = case.file.clone();
        let (step, to) = (format!("to-{state}"), state.clone());
        let note = format!("{MARK}的话");
        file.record.push(StepRecord {
            step: step.clone(),
            by,
            at,
            to,
            note,
            answers: Default::default(),
            revised: false,
        });
        file.state = state.clone();
        let ends = state == "done";
        Ok(CaseMove {
            file,
            step,
            state_name: format!("到{state}"),
            ends,
            due: due("2020-05-25"),
            is_single: true,
        })
    }
}

fn nothing(_: &CaseFile) -> Result<Option<NewCase>, StepRefusal> {
    Ok(None)
}

pub fn step(bench: &Bench, scope: &Scope, id: &str, version: i64, state: &str) -> Outcome<Case> {
    bench.store.step_case(scope, id, version, &to(state, scope), &nothing)
}

pub fn count(bench: &Bench, sql: &str) -> i64 {
    ok(bench.database().read(|connection| connection.number(sql, &[])))
}

#[test]
fn a_case_is_opened_moved_on_and_every_version_is_kept() {
    on_both(|bench| {
        let scope = clerk(bench);
        let case = opened(bench, &scope);
        assert_eq!((case.row.case_id.as_str(), case.row.version), ("B000001", 1));
        assert_eq!(
            case.file.code.chars().filter(char::is_ascii_alphanumeric).count(),
            16,
            "{}",
            case.file.code
        );
        let next = ok(step(bench, &scope, "B000001", 1, "seen"));
        let last = ok(step(bench, &scope, "B000001", 2, "done"));
        assert_eq!((next.row.state.as_str(), next.row.is_open), ("seen", true));
        assert_eq!((last.row.state_name.as_str(), last.row.is_open, last.row.version), ("到done", false, 3));
        assert_eq!(last.file.record.len(), 2);
        assert_eq!(last.file.code, case.file.code, "the receipt stays good");
        let steps: Vec<(i64, &str)> =
            last.history.iter().map(|event| (event.serial, event.step.as_str())).collect();
        assert_eq!(steps, [(1, "open"), (2, "to-seen"), (3, "to-done")]);
        assert_eq!(last.history[2].actor_name, "clerk的姓名");
        // What each step left, as it left it.
        let rows = ok(bench.database().read(|connection| {
            connection.rows("SELECT serial, sealed FROM case_events ORDER BY serial", &[])
        }));
        for (row, state) in rows.iter().zip(["asked", "seen", "done"]) {
            let place = crate::sealed::Place::CaseEvent("B000001", ok(row.int(0)));
            let kept: CaseFile = ok(crate::sealed::open(&bench.keys(), &place, ok(row.bytes(1))));
            assert_eq!((kept.state.as_str(), kept.applicant.as_str()), (state, "冉光明"));
        }
    });
}

#[test]
fn of_two_who_take_a_step_at_once_exactly_one_does() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        for version in 1..6 {
            let done: Vec<Outcome<Case>> = std::thread::scope(|threads| {
                let one = |state: &'static str| {
                    let scope = &scope;
                    threads.spawn(move || step(bench, scope, "B000001", version, state))
                };
                let both = [one("seen"), one("asked")];
                both.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            let stale: Vec<&StoreError> = done.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
            assert_eq!(stale.len(), 1, "{stale:?}");
            let StoreError::StaleCase(now) = stale[0] else { panic!("{}", stale[0]) };
            assert_eq!((now.version, now.now.record.len() as i64), (version + 1, version));
        }
        assert_eq!(count(bench, "SELECT COUNT(*) FROM case_events"), 6);
        assert_eq!(count(bench, "SELECT COUNT(*) FROM audit WHERE action = 'case-step'"), 6);
    });
}

#[test]
fn what_begins_with_a_step_is_there_with_it_or_neither_is() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        let take = to("done", &scope);
        let refused = |_: &CaseFile| Err(StepRefusal::NoProcedure { path: "x".into() });
        let elsewhere = |_: &CaseFile| Ok(Some(new_case("370902001001", "", None)));
        for opens in [&refused as &dyn Fn(&CaseFile) -> _, &elsewhere] {
            assert!(bench.store.step_case(&scope, "B000001", 1, &take, opens).is_err());
            assert_eq!(ok(bench.store.case(&scope, "B000001")).row.version, 1);
            assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
        }
        let another = |_: &CaseFile| Ok(Some(new_case(VILLAGE, "", None)));
        ok(bench.store.step_case(&scope, "B000001", 1, &take, &another));
        let begun = ok(bench.store.case(&scope, "B000002"));
        assert_eq!(begun.row.household_id, "H00001", "of the same family");
        assert_ne!(begun.file.code, ok(bench.store.case(&scope, "B000001")).file.code);
    });
}

#[test]
fn whoever_may_not_accept_in_a_place_opens_nothing_there() {
    on_both(|bench| {
        let clerk = clerk(bench);
        let new = |place: &str| new_case(place, "", None);
        let roles = [(Role::VillageWorker, VILLAGE), (Role::Supervisor, "500243")];
        let both = bench.scope_of("both", &roles);
        let looks = bench.scope_of("looks", &[(Role::Supervisor, "500243")]);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        assert!(ok(bench.store.open_case(&both, &new(VILLAGE), None)).row.version == 1);
        for (scope, place) in [
            (&both, "500243001203"),
            (&looks, VILLAGE),
            (&head, VILLAGE),
            (&clerk, "500243002201"),
            (&clerk, "370902001001"),
        ] {
            let one = bench.store.open_case(scope, &new(place), None);
            assert!(matches!(one, Err(StoreError::Refused(_))), "{place}: {one:?}");
            let many = bench.store.open_cases(scope, &[new(place)]);
            assert!(matches!(many, Err(StoreError::Refused(_))), "{place}: {many:?}");
        }
        // All or none.
        let mixed = bench.store.open_cases(&clerk, &[new(VILLAGE), new("500243002201")]);
        assert!(matches!(mixed, Err(StoreError::Refused(Refusal::Place { .. }))), "{mixed:?}");
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
        assert_eq!(ok(bench.store.open_cases(&clerk, &[new(VILLAGE), new(VILLAGE)])), 2);
    });
}

#[test]
fn papers_are_brought_by_whoever_works_on_a_case_while_it_is_open() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        let looks = bench.scope_of("looks", &[(Role::Supervisor, "500243")]);
        let refused = bench.store.add_case_evidence(&looks, "B000001", None, &any, &[photo(1)]);
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        let other = bench.scope_of("other", &[(Role::WindowClerk, "370902")]);
        let hidden = bench.store.add_case_evidence(&other, "B000001", None, &any, &[photo(1)]);
        assert!(matches!(hidden, Err(StoreError::NotFound(_))), "{hidden:?}");
        ok(bench.store.add_case_evidence(&scope, "B000001", None, &any, &[photo(1)]));
        assert!(ok(bench.store.case_evidence_file(&looks, "B000001", 1)).bytes == photo(1).bytes);
        assert!(bench.store.case_evidence_file(&other, "B000001", 1).is_err());
        assert!(bench.store.case_evidence_file(&scope, "B000001", 2).is_err());
        ok(step(bench, &scope, "B000001", 1, "done"));
        let late =
            bench.store.add_case_evidence(&scope, "B000001", None, &any, &[photo(2)]).expect_err("over");
        assert!(late.to_string().contains("已经办结"), "{late}");
    });
}

#[test]
fn whatever_is_done_with_a_case_is_in_the_audit_of_its_household_without_what_was_told() {
    on_both(|bench| {
        bench.may(20);
        let scope = clerk(bench);
        let household = super::county::person(0).household_id;
        ok(bench.store.open_case(&scope, &new_case(VILLAGE, &household, None), None));
        ok(step(bench, &scope, "B000001", 1, "seen"));
        ok(bench.store.case(&scope, "B000001"));
        ok(bench.store.cases(&scope, &Default::default(), None, 10));
        ok(bench.store.add_case_evidence(&scope, "B000001", None, &any, &[photo(1)]));
        ok(bench.store.case_evidence_file(&scope, "B000001", 1));
        let rows = ok(bench
            .database()
            .read(|connection| connection.rows("SELECT action, detail FROM audit ORDER BY seq", &[])));
        let told: Vec<(String, String)> =
            rows.iter().map(|row| (ok(row.string(0)), ok(row.string(1)))).collect();
        let case_acts: Vec<&str> = told
            .iter()
            .map(|(action, _)| action.as_str())
            .filter(|action| action.contains("case") || action.contains("evidence"))
            .collect();
        assert_eq!(
            case_acts,
            ["case-step", "case-step", "read-case", "list-cases", "add-evidence", "read-evidence"]
        );
        assert!(
            told.iter().all(|(_, detail)| !detail.contains(MARK) && !detail.contains("冉光明")),
            "{told:?}"
        );
        let named = count(
            bench,
            &format!("SELECT COUNT(DISTINCT seq) FROM audit_subjects WHERE person_id = '{household}'"),
        );
        assert_eq!(named, 6, "each of them names the household");
        assert_eq!(ok(bench.store.verify_audit(None)).broken, None);
    });
}

#[test]
fn a_draft_is_its_owners_alone_and_stays_behind_where_they_go_elsewhere() {
    on_both(|bench| {
        let scope = clerk(bench);
        let content = json!({ "applicant": "冉光明", "place": VILLAGE, "facts": { "病": MARK } });
        let id = ok(bench.store.keep_draft(&scope, None, &content));
        assert_eq!(ok(bench.store.draft(&scope, &id)).content, content);
        let again = json!({ "applicant": "冉光亮", "place": VILLAGE });
        assert_eq!(ok(bench.store.keep_draft(&scope, Some(&id), &again)), id);
        assert_eq!(ok(bench.store.own_drafts(&scope)).len(), 1);
        let other = bench.scope_of("other", &[(Role::WindowClerk, "500243001")]);
        assert!(ok(bench.store.own_drafts(&other)).is_empty());
        assert!(matches!(bench.store.draft(&other, &id), Err(StoreError::NotFound(_))));
        assert!(matches!(bench.store.keep_draft(&other, Some(&id), &content), Err(StoreError::NotFound(_))));
        ok(bench.store.drop_draft(&other, &id));
        assert_eq!(ok(bench.store.draft(&scope, &id)).content, again, "others throw nothing away");
        let stolen = bench.store.open_case(&other, &new_case(VILLAGE, "", None), Some(&id));
        assert!(matches!(stolen, Err(StoreError::NotFound(_))), "{stolen:?}");
        // Somebody who only looks, somebody elsewhere, and a place that is none.
        let looks = bench.scope_of("looks", &[(Role::Supervisor, "500243001")]);
        assert!(matches!(bench.store.keep_draft(&looks, None, &content), Err(StoreError::Refused(_))));
        let far = json!({ "place": "370902001001" });
        assert!(matches!(bench.store.keep_draft(&scope, None, &far), Err(StoreError::Refused(_))));
        assert!(bench.store.keep_draft(&scope, None, &json!({})).is_err());
        // The clerk goes to another county.
        ok(bench.database().write(|connection| {
            connection.script("UPDATE user_grants SET region = 370902000000 WHERE role = 'window-clerk'")
        }));
        let moved = bench.scope("clerk");
        assert!(ok(bench.store.own_drafts(&moved)).is_empty());
        assert!(matches!(bench.store.draft(&moved, &id), Err(StoreError::NotFound(_))));
    });
}

#[test]
fn a_draft_becomes_one_case_and_too_many_or_too_long_ones_are_refused() {
    on_both(|bench| {
        let scope = clerk(bench);
        let content = json!({ "place": VILLAGE });
        let id = ok(bench.store.keep_draft(&scope, None, &content));
        let new = new_case(VILLAGE, "", None);
        ok(bench.store.open_case(&scope, &new, Some(&id)));
        assert!(matches!(bench.store.open_case(&scope, &new, Some(&id)), Err(StoreError::NotFound(_))));
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
        let long = json!({ "place": VILLAGE, "facts": "长".repeat(100_000) });
        assert!(matches!(bench.store.keep_draft(&scope, None, &long), Err(StoreError::BadInput(_))));
        for _ in 0..50 {
            ok(bench.store.keep_draft(&scope, None, &content));
        }
        let told = bench.store.keep_draft(&scope, None, &content).expect_err("too many").to_string();
        assert!(told.contains("50"), "{told}");
    });
}

#[test]
fn a_code_is_found_however_it_is_typed_and_no_other_code_finds_anything() {
    on_both(|bench| {
        let scope = clerk(bench);
        let code = opened(bench, &scope).file.code;
        ok(step(bench, &scope, "B000001", 1, "seen"));
        let bare: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        let spaced: Vec<String> = bare.chars().map(String::from).collect();
        for typed in [code.clone(), bare.clone(), bare.to_lowercase(), spaced.join(" "), format!(" {code}\n")]
        {
            let progress = ok(bench.store.case_progress(&typed));
            assert_eq!((progress.case_id.as_str(), progress.state_name.as_str()), ("B000001", "到seen"));
            assert_eq!(progress.steps, [("to-seen".to_owned(), now().day().unwrap_or_default())]);
            assert!(!format!("{progress:?}").contains(MARK) && !format!("{progress:?}").contains("冉"));
        }
        for typed in ["", "B000001", &bare[1..], &format!("{bare}A")] {
            assert!(matches!(bench.store.case_progress(typed), Err(StoreError::NotFound(_))), "{typed}");
        }
        let hashed = count(bench, "SELECT COUNT(*) FROM cases WHERE LENGTH(code_hash) = 32");
        assert_eq!(hashed, 1);
    });
}

#[test]
fn what_a_family_has_told_lies_nowhere_in_the_clear() {
    on_both(|bench| {
        let scope = clerk(bench);
        let code = opened(bench, &scope).file.code;
        ok(step(bench, &scope, "B000001", 1, "seen"));
        ok(bench.store.keep_draft(&scope, None, &json!({ "place": VILLAGE, "facts": MARK })));
        let named = crate::NewEvidence { name: format!("{MARK}.jpg"), ..photo(1) };
        ok(bench.store.add_case_evidence(&scope, "B000001", None, &any, &[named]));
        let everything = if bench.is_sqlite() {
            let mut bytes = Vec::new();
            for end in ["", "-wal"] {
                bytes.extend(std::fs::read(format!("{}{end}", bench.address)).unwrap_or_default());
            }
            bytes
        } else {
            let sql = "SELECT sealed FROM cases UNION ALL SELECT sealed FROM case_events \
                       UNION ALL SELECT sealed FROM case_drafts UNION ALL SELECT sealed FROM lead_evidence";
            let rows = ok(bench.database().read(|connection| connection.rows(sql, &[])));
            rows.iter().flat_map(|row| ok(row.bytes(0)).to_vec()).collect()
        };
        assert!(everything.len() > 500);
        let bare: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        for secret in [MARK, code.as_str(), bare.as_str()] {
            let found = everything.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "“{secret}” in the clear");
        }
    });
}

#[test]
fn a_household_is_not_asked_twice_for_the_same_kind() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        ok(bench.store.open_case(&scope, &new_case(VILLAGE, "", None), None));
        let running = || ok(bench.store.households_with_open_case(&scope, "help"));
        assert_eq!(running().into_iter().collect::<Vec<_>>(), ["H00001"]);
        assert!(ok(bench.store.households_with_open_case(&scope, "round")).is_empty());
        ok(step(bench, &scope, "B000001", 1, "done"));
        assert!(running().is_empty(), "what is over is over");
    });
}
