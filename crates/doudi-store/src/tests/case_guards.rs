//! What keeps two from doing what only one may: doubles of a household, papers that count for another step, papers that
//! were taken back, a word against a case by whoever had the word in it.

use super::bench::on_both;
use super::cases::{VILLAGE, clerk, count, new_case, opened, step};
use super::county::ok;
use super::evidence::photo;
use crate::migrations::migrate;
use crate::{Case, CaseMove, NewCase, Outcome, StoreError};
use doudi_casework::{CaseFile, Role, StepRefusal};

/// Every step fits.
pub fn any(_: &CaseFile) -> Result<(), StepRefusal> {
    Ok(())
}

/// For a member of a family.
fn about(household: &str, kind: &str, member: Option<u32>) -> NewCase {
    let mut new = new_case(VILLAGE, household, None);
    new.first.file.kind = kind.into();
    new.first.file.member = member;
    new
}

#[test]
fn of_many_who_open_a_case_for_one_household_at_once_one_does_and_the_others_are_told_which() {
    on_both(|bench| {
        let scope = clerk(bench);
        let done: Vec<Outcome<Case>> = std::thread::scope(|threads| {
            let open = || bench.store.open_case(&scope, &new_case(VILLAGE, "H00001", None), None);
            let running: Vec<_> = (0..6).map(|_| threads.spawn(open)).collect();
            running.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let opened: Vec<&Case> = done.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(opened.len(), 1, "{done:?}");
        for told in done.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert!(matches!(told, StoreError::AlreadyOpen { .. }), "{told:?}");
            assert!(told.to_string().contains(&opened[0].row.case_id), "{told}");
        }
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
        assert_eq!(count(bench, "SELECT COUNT(*) FROM case_events"), 1);
    });
}

#[test]
fn two_lists_at_once_open_one_case_for_every_household() {
    on_both(|bench| {
        let scope = clerk(bench);
        let of = |order: &[u32]| -> Vec<NewCase> {
            order.iter().map(|at| new_case(VILLAGE, &format!("H{at:05}"), None)).collect()
        };
        let lists = [of(&[1, 2, 3, 4, 5, 6]), of(&[6, 5, 4, 3, 2, 1, 7])];
        let opened: u64 = std::thread::scope(|threads| {
            let running: Vec<_> =
                lists.iter().map(|list| threads.spawn(|| ok(bench.store.open_cases(&scope, list)))).collect();
            running.into_iter().map(|thread| thread.join().expect("no panic")).sum()
        });
        assert_eq!(opened, 7);
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 7);
        assert_eq!(count(bench, "SELECT COUNT(DISTINCT household_id) FROM cases"), 7);
    });
}

#[test]
fn another_kind_another_member_and_a_kind_that_may_be_several_are_no_doubles() {
    on_both(|bench| {
        let scope = clerk(bench);
        let open = |new: NewCase| bench.store.open_case(&scope, &new, None);
        ok(open(about("H00001", "help", None)));
        ok(open(about("H00001", "other", None)));
        ok(open(about("H00001", "care", Some(0))));
        ok(open(about("H00001", "care", Some(1))));
        assert!(matches!(open(about("H00001", "care", Some(1))), Err(StoreError::AlreadyOpen { .. })));
        // Two decisions, two complaints.
        for _ in 0..2 {
            let mut several = about("H00001", "complaint", None);
            several.first.is_single = false;
            ok(open(several));
        }
        // Families that the register does not have cannot be told apart.
        for _ in 0..2 {
            ok(open(about("", "help", None)));
        }
    });
}

#[test]
fn a_case_that_ends_makes_room_and_one_that_is_taken_up_again_needs_it() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        ok(step(bench, &scope, "B000001", 1, "done"));
        let second = ok(bench.store.open_case(&scope, &new_case(VILLAGE, "H00001", None), None));
        let again = step(bench, &scope, "B000001", 2, "seen").expect_err("there is another");
        assert!(again.to_string().contains(&second.row.case_id), "{again}");
        assert_eq!(ok(bench.store.case(&scope, "B000001")).row.version, 2, "nothing was written");
        ok(step(bench, &scope, &second.row.case_id, 1, "done"));
        ok(step(bench, &scope, "B000001", 2, "seen"));
        let third = bench.store.open_case(&scope, &new_case(VILLAGE, "H00001", None), None);
        assert!(matches!(third, Err(StoreError::AlreadyOpen { .. })), "{third:?}");
    });
}

#[test]
fn a_step_that_would_open_a_double_is_taken_and_names_the_case_that_is_there() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        let other = ok(bench.store.open_case(&scope, &about("H00001", "telling", None), None));
        let opens = |_: &CaseFile| Ok(Some(about("", "telling", None)));
        let take = |case: &Case| -> Result<CaseMove, StepRefusal> {
            Ok(CaseMove { file: case.file.clone(), step: "need".into(), ..new_case(VILLAGE, "", None).first })
        };
        let taken = ok(bench.store.step_case(&scope, "B000001", 1, &take, &opens));
        assert_eq!((taken.already, taken.row.version), (Some(other.row.case_id), 2));
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 2);
    });
}

#[test]
fn doubles_of_an_older_program_go_on_and_the_first_of_them_keeps_the_room() {
    on_both(|bench| {
        let scope = clerk(bench);
        let database = bench.database();
        for _ in 0..2 {
            let mut several = new_case(VILLAGE, "H00001", None);
            several.first.is_single = false;
            ok(bench.store.open_case(&scope, &several, None));
        }
        // As the schema of before had them.
        ok(database.write(|connection| {
            connection.script(
                "DROP INDEX cases_running; ALTER TABLE cases DROP COLUMN running; \
                 ALTER TABLE lead_evidence DROP COLUMN step; ALTER TABLE lead_evidence DROP COLUMN after_steps; \
                 DELETE FROM schema_version WHERE number = 11",
            )
        }));
        assert_eq!(migrate(&database).expect("migrated"), 10);
        let third = bench.store.open_case(&scope, &new_case(VILLAGE, "H00001", None), None);
        assert!(
            matches!(&third, Err(StoreError::AlreadyOpen { case_id, .. }) if case_id == "B000001"),
            "{third:?}"
        );
        for id in ["B000002", "B000001"] {
            ok(step(bench, &scope, id, 1, "seen"));
            ok(step(bench, &scope, id, 2, "done"));
        }
        ok(bench.store.open_case(&scope, &new_case(VILLAGE, "H00001", None), None));
    });
}

#[test]
fn papers_know_their_step_and_how_far_the_case_was() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        let add = |step: Option<&str>, at: u8| {
            bench.store.add_case_evidence(&scope, "B000001", step, &any, &[photo(at)])
        };
        ok(add(None, 1));
        ok(add(Some("to-seen"), 2));
        ok(step(bench, &scope, "B000001", 1, "seen"));
        // The same photo for the same step, a second time taken: it is brought anew. For nothing in particular it is there.
        ok(add(Some("to-seen"), 2));
        ok(add(Some("to-seen"), 2));
        ok(add(None, 1));
        let seen = |case: Case| -> Vec<(i64, Option<String>, usize)> {
            case.evidence.into_iter().map(|file| (file.serial, file.step, file.after)).collect()
        };
        let of = |step: &str| Some(step.to_owned());
        let case = ok(bench.store.case(&scope, "B000001"));
        assert_eq!(seen(case), [(1, None, 0), (2, of("to-seen"), 0), (3, of("to-seen"), 1)]);
        ok(bench.store.claim_case_evidence(&scope, "B000001", "to-done", &any, &[1]));
        let case = ok(bench.store.case(&scope, "B000001"));
        assert_eq!(case.papers()[0].step.as_deref(), Some("to-done"));
        assert_eq!(case.papers()[0].after, 1);
        for serial in [1, 2, 9] {
            let again = bench.store.claim_case_evidence(&scope, "B000001", "other", &any, &[serial]);
            assert!(matches!(again, Err(StoreError::NotFound(_))), "{serial}: it is of a step already");
        }
        let looks = bench.scope_of("looks", &[(Role::Supervisor, "500243")]);
        assert!(bench.store.claim_case_evidence(&looks, "B000001", "to-done", &any, &[]).is_err());
    });
}

#[test]
fn a_paper_of_a_case_is_taken_back_by_whoever_brought_it_or_proposes_until_it_is_decided() {
    on_both(|bench| {
        let scope = clerk(bench);
        let other = bench.scope_of("other", &[(Role::WindowClerk, "500243001")]);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let looks = bench.scope_of("looks", &[(Role::Supervisor, "500243")]);
        let far = bench.scope_of("far", &[(Role::TownshipHead, "370902001")]);
        opened(bench, &scope);
        for at in 1..4 {
            ok(bench.store.add_case_evidence(&scope, "B000001", Some("to-seen"), &any, &[photo(at)]));
        }
        let back = |by, serial, why| bench.store.withdraw_case_evidence(by, "B000001", serial, why);
        assert!(matches!(back(&far, 1, "x"), Err(StoreError::NotFound(_))));
        assert!(matches!(back(&looks, 1, "x"), Err(StoreError::Refused(_))));
        let told = back(&other, 1, "x").expect_err("not theirs").to_string();
        assert!(told.contains("clerk的姓名"), "{told}");
        assert!(back(&scope, 1, "  ").is_err(), "no reason");
        let files = ok(back(&scope, 1, "传错了人"));
        assert_eq!(files[0].withdrawn.as_ref().map(|taken| taken.reason.as_str()), Some("传错了人"));
        ok(back(&head, 2, "看不清"));
        assert!(matches!(back(&scope, 1, "x"), Err(StoreError::NotFound(_))), "it is gone");
        assert!(bench.store.case_evidence_file(&scope, "B000001", 1).is_err(), "shown to nobody");
        let case = ok(bench.store.case(&scope, "B000001"));
        assert_eq!(
            case.papers().iter().map(|paper| paper.is_withdrawn).collect::<Vec<_>>(),
            [true, true, false]
        );
        let sql = "SELECT COUNT(*) FROM audit WHERE action = 'withdraw-evidence'";
        assert_eq!(count(bench, sql), 2);
        assert_eq!(count(bench, "SELECT COUNT(*) FROM audit WHERE detail LIKE '%传错%'"), 0);
        // What was taken back can be brought again.
        ok(bench.store.add_case_evidence(&scope, "B000001", Some("to-seen"), &any, &[photo(1)]));
        ok(step(bench, &scope, "B000001", 1, "done"));
        let late = back(&scope, 3, "x").expect_err("over").to_string();
        assert!(late.contains("不能再撤回"), "{late}");
    });
}

#[test]
fn what_was_decided_on_stays_and_what_came_later_can_be_taken_back() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        ok(bench.store.add_case_evidence(&scope, "B000001", None, &any, &[photo(1)]));
        let seen = super::cases::to("seen", &scope);
        let decide = |case: &Case| {
            let mut next = seen(case)?;
            let decision = serde_json::json!({ "kind": "granted", "on": scope.today().to_string(),
                "by": scope.user().id, "reasons": [], "articles": [] });
            next.file.decision = serde_json::from_value(decision).ok();
            Ok(next)
        };
        ok(bench.store.step_case(&scope, "B000001", 1, &decide, &|_| Ok(None)));
        ok(bench.store.add_case_evidence(&scope, "B000001", None, &any, &[photo(2)]));
        let back = |serial| bench.store.withdraw_case_evidence(&scope, "B000001", serial, "传错了");
        assert!(back(1).expect_err("decided on").to_string().contains("作出决定"));
        ok(back(2));
    });
}

#[test]
fn a_step_sees_the_case_that_its_own_began_with_as_it_is_now() {
    on_both(|bench| {
        let scope = clerk(bench);
        opened(bench, &scope);
        let mut new = about("H00001", "recheck", None);
        new.first.file.about = Some("B000001".into());
        let begun = ok(bench.store.open_case(&scope, &new, None)).row.case_id;
        ok(step(bench, &scope, "B000001", 1, "seen"));
        let sees = |case: &Case| -> Result<CaseMove, StepRefusal> {
            let opening = case.opening.as_ref().expect("the first case");
            assert_eq!(
                opening.record.iter().map(|record| record.step.as_str()).collect::<Vec<_>>(),
                ["to-seen"]
            );
            super::cases::to("seen", &scope)(case)
        };
        ok(bench.store.step_case(&scope, &begun, 1, &sees, &|_| Ok(None)));
        let own = ok(bench.store.case(&scope, "B000001"));
        assert!(own.opening.is_none());
    });
}
