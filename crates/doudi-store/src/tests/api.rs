use super::bench::{Bench, PASSWORD, at, now, on_both, region};
use super::county::ok;
use crate::{CaseMove, LONGEST_TOKEN_DAYS, MOST_TOKENS, NewCase, NewUser, Once, Scope, StoreError};
use doudi_casework::{CaseFile, Permission, Role, StepRefusal};
use serde_json::json;

const CLERK: (Role, &str) = (Role::WindowClerk, "500243001");

fn clerk(bench: &Bench) -> Scope {
    bench.scope_of("clerk", &[CLERK])
}

fn token(bench: &Bench, scope: &Scope) -> String {
    ok(bench.store.create_token(scope, "一体机", now().plus_seconds(86_400))).1
}

fn moved(state: &str) -> CaseMove {
    let file = CaseFile {
        kind: "试".into(),
        procedure: "试.toml".into(),
        place: region("500243001201"),
        began: now().day().expect("a day"),
        code: String::new(),
        state: state.into(),
        applicant: "冉光明".into(),
        intake: None,
        member: None,
        facts: json!({ "members": [{ "姓名": "冉光明" }] }),
        record: Vec::new(),
        pauses: Vec::new(),
        about: None,
        decision: None,
    };
    CaseMove { file, step: state.into(), state_name: state.into(), ends: false, due: None, is_single: true }
}

fn new_case() -> NewCase {
    NewCase { name: "试".into(), household_id: String::new(), first: moved("begun") }
}

fn once(key: &str, request: &str) -> Once {
    Once { key: key.into(), request: request.as_bytes().to_vec() }
}

fn open(bench: &Bench, scope: &Scope, once: &Once) -> crate::Outcome<String> {
    let tell = |case: &crate::Case| Ok(format!("{} {}", case.row.case_id, case.file.code).into_bytes());
    let told = bench.store.open_case_once(scope, once, &new_case(), &tell)?;
    Ok(String::from_utf8(told).expect("words"))
}

fn count(bench: &Bench, sql: &str) -> i64 {
    ok(bench.database().read(|connection| connection.number(sql, &[])))
}

#[test]
fn a_token_is_the_person_who_made_it_and_is_kept_as_a_hash() {
    on_both(|bench| {
        let scope = clerk(bench);
        let text = token(bench, &scope);
        let program = ok(bench.store.token_scope(&text, "::2", now()));
        assert_eq!(program.user(), scope.user());
        assert_eq!(program.areas(Permission::ReadCases), scope.areas(Permission::ReadCases));
        assert!(!program.may(Permission::DecideCases));
        let kept = ok(bench
            .database()
            .read(|connection| connection.row("SELECT token_hash, seen_at FROM api_tokens", &[])));
        let kept = kept.expect("a row");
        assert_ne!(kept.bytes(0).expect("a hash"), text.as_bytes());
        assert_eq!(kept.opt_int(1).expect("seen"), Some(now().millis()));
        let stranger = bench.store.token_scope("doudi_x", "::2", now());
        assert!(matches!(stranger, Err(StoreError::LoggedOut)));
    });
}

#[test]
fn a_token_ends_with_its_day_its_owner_or_whoever_manages_accounts() {
    on_both(|bench| {
        let scope = clerk(bench);
        let good = |text: &str, day: &str| bench.store.token_scope(text, "::1", at(day)).is_ok();
        let text = token(bench, &scope);
        assert!(good(&text, "2020-05-11") && !good(&text, "2020-05-12"));
        let id = ok(bench.store.own_tokens(&scope))[0].token_id;
        ok(bench.store.revoke_token(&scope, scope.user().id, id));
        assert!(!good(&text, "2020-05-11"));
        ok(bench.store.revoke_token(&scope, scope.user().id, id));
        let text = token(bench, &scope);
        let other = bench.scope_of("other", &[CLERK]);
        let id = ok(bench.store.own_tokens(&scope))[0].token_id;
        assert!(bench.store.revoke_token(&other, scope.user().id, id).is_err(), "a colleague");
        let afar = bench.scope_of("afar", &[(Role::SecurityAdministrator, "370902")]);
        assert!(matches!(bench.store.revoke_token(&afar, scope.user().id, id), Err(StoreError::NotFound(_))));
        assert!(good(&text, "2020-05-11"));
        let admin = bench.scope_of("anquan", &[(Role::SecurityAdministrator, "000000")]);
        assert_eq!(ok(bench.store.tokens_of(&admin, scope.user().id)).len(), 2);
        ok(bench.store.revoke_token(&admin, scope.user().id, id));
        assert!(!good(&text, "2020-05-11"));
        let noted = count(bench, "SELECT COUNT(*) FROM audit WHERE action = 'manage-tokens'");
        assert_eq!(noted, 4, "two made, two ended");
    });
}

#[test]
fn whoever_may_not_come_in_has_no_token_either() {
    on_both(|bench| {
        let admin = bench.scope_of("anquan", &[(Role::SecurityAdministrator, "000000")]);
        let scope = clerk(bench);
        let text = token(bench, &scope);
        let account = |login: &str| {
            let accounts = ok(bench.store.accounts(&admin));
            accounts.into_iter().find(|account| account.user.login == login).expect("there")
        };
        let id = scope.user().id;
        ok(bench.store.set_disabled(&admin, id, account("clerk").version, true));
        assert!(matches!(bench.store.token_scope(&text, "::1", now()), Err(StoreError::LoggedOut)));
        ok(bench.store.set_disabled(&admin, id, account("clerk").version, false));
        ok(bench.store.token_scope(&text, "::1", now()));
        // Lost a password: what they had made is gone, and a first password makes no token.
        let first = ok(bench.store.reset_password(&admin, id));
        assert!(bench.store.token_scope(&text, "::1", now()).is_err());
        let (visit, _) = bench.store.log_in("clerk", &first, "::1", now()).expect("logged in");
        let due = ok(bench.store.scope(visit.as_str(), "::1", now()));
        let refused = bench.store.create_token(&due, "x", now().plus_seconds(60));
        assert!(matches!(refused, Err(StoreError::PasswordChangeDue)));
        ok(bench.store.change_password(&due, &first, PASSWORD));
        assert!(bench.store.token_scope(&text, "::1", now()).is_err(), "it does not come back");
        let new =
            NewUser { login: "fresh".into(), name: "新".into(), grants: super::bench::grants(&[CLERK]) };
        ok(bench.store.create_user(&admin, &new));
    });
}

#[test]
fn a_token_has_a_name_and_an_end_and_nobody_has_many() {
    on_both(|bench| {
        let scope = clerk(bench);
        let make =
            |name: &str, seconds: i64| bench.store.create_token(&scope, name, now().plus_seconds(seconds));
        for (name, seconds) in
            [("", 60), ("一\n二", 60), ("x", 0), ("x", -1), ("x", (LONGEST_TOKEN_DAYS * 86_400) + 1)]
        {
            assert!(make(name, seconds).is_err(), "{name} {seconds}");
        }
        for _ in 0..MOST_TOKENS {
            ok(make("x", 60));
        }
        assert!(make("x", 60).is_err());
    });
}

#[test]
fn the_same_key_is_done_once_and_answered_alike_for_a_day() {
    on_both(|bench| {
        let scope = clerk(bench);
        let first = ok(open(bench, &scope, &once("k1", "a")));
        assert_eq!(ok(open(bench, &scope, &once("k1", "a"))), first);
        assert!(matches!(open(bench, &scope, &once("k1", "b")), Err(StoreError::KeyReused)));
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
        let other = bench.scope_of("other", &[CLERK]);
        assert_ne!(ok(open(bench, &other, &once("k1", "a"))), first, "another person's key");
        ok(open(bench, &scope, &once("k2", "a")));
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 3);
        let tomorrow = |seconds: i64| {
            let (visit, _) =
                bench.store.log_in("clerk", PASSWORD, "::1", now().plus_seconds(seconds)).expect("logged in");
            ok(bench.store.scope(visit.as_str(), "::1", now().plus_seconds(seconds)))
        };
        assert_eq!(ok(open(bench, &tomorrow(86_399), &once("k1", "a"))), first);
        assert_ne!(ok(open(bench, &tomorrow(86_400), &once("k1", "a"))), first, "a day later it is new");
    });
}

#[test]
fn what_was_refused_keeps_no_key() {
    on_both(|bench| {
        let scope = clerk(bench);
        let told = ok(open(bench, &scope, &once("k", "a")));
        let id = told.split(' ').next().expect("an id").to_owned();
        let step = |version: i64, request: &str| {
            let take = |_: &crate::Case| -> Result<CaseMove, StepRefusal> { Ok(moved("next")) };
            let tell = |case: &crate::Case| Ok(case.row.version.to_string().into_bytes());
            bench.store.step_case_once(
                &scope,
                &once("s", request),
                (&id, version),
                &take,
                &|_| Ok(None),
                &tell,
            )
        };
        assert!(matches!(step(9, "v9"), Err(StoreError::StaleCase(_))));
        assert_eq!(ok(step(1, "v1")), b"2");
        assert_eq!(ok(step(1, "v1")), b"2", "again, though the version is another now");
        assert_eq!(ok(bench.store.case(&scope, &id)).row.version, 2);
    });
}

#[test]
fn two_at_once_with_one_key_are_done_once() {
    on_both(|bench| {
        let scope = clerk(bench);
        let told: Vec<String> = std::thread::scope(|threads| {
            let running: Vec<_> =
                (0..6).map(|_| threads.spawn(|| ok(open(bench, &scope, &once("k", "a"))))).collect();
            running.into_iter().map(|thread| thread.join().expect("answered")).collect()
        });
        assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
        assert_eq!(count(bench, "SELECT COUNT(*) FROM cases"), 1);
    });
}

#[test]
fn what_a_program_did_for_somebody_is_told_apart_in_the_audit() {
    on_both(|bench| {
        let scope = clerk(bench);
        let program = ok(bench.store.token_scope(&token(bench, &scope), "::2", now()));
        ok(open(bench, &program, &once("k", "a")));
        ok(bench.store.open_case(&scope, &new_case(), None));
        let by_program = count(
            bench,
            "SELECT COUNT(*) FROM audit WHERE action = 'case-step' AND purpose LIKE '接口令牌%'",
        );
        assert_eq!(by_program, 1);
        assert_eq!(count(bench, "SELECT COUNT(*) FROM audit WHERE action = 'case-step'"), 2);
    });
}
