use super::bench::{PASSWORD, at, grants, now, on_both, region};
use crate::sessions::{IDLE_SECONDS, LOCKED_SECONDS, LONGEST_SECONDS};
use crate::{LoginError, NewUser, StoreError};
use doudi_casework::{Permission, Role, UserId};

fn new_user(login: &str, list: &[(Role, &str)]) -> NewUser {
    NewUser { login: login.into(), name: "冉光明".into(), grants: grants(list) }
}

#[test]
fn the_first_account_needs_the_printed_code_and_there_is_only_one_first() {
    on_both(|bench| {
        let store = &bench.store;
        let code = store.set_up_code(now()).expect("a code").expect("no accounts yet");
        let set_up = |code: &str| store.set_up(code, "anquan", "安全员", PASSWORD, "::1", now());
        assert!(set_up("wrong").is_err());
        let late = store.set_up(&code, "anquan", "安全员", PASSWORD, "::1", at("2020-05-13"));
        assert!(late.is_err(), "the code is a day old");
        assert!(
            store.set_up(&code, "anquan", "安全员", "anquan-A1xyz", "::1", now()).is_err(),
            "a weak password"
        );
        set_up(&code).expect("set up");
        assert!(set_up(&code).is_err(), "only once");
        assert_eq!(store.set_up_code(now()).expect("asked"), None);
        let scope = bench.scope("anquan");
        assert!(scope.user().grants.has_role(Role::SecurityAdministrator));
        let missing = store.missing_administrators().expect("counted");
        assert_eq!(missing, [Role::SystemAdministrator, Role::Auditor], "three people");
    });
}

#[test]
fn guessing_the_code_uses_it_up() {
    on_both(|bench| {
        let code = bench.store.set_up_code(now()).expect("a code").expect("no accounts yet");
        for _ in 0..5 {
            assert!(bench.store.set_up("guess", "anquan", "安", PASSWORD, "::1", now()).is_err());
        }
        assert!(bench.store.set_up(&code, "anquan", "安", PASSWORD, "::1", now()).is_err());
    });
}

#[test]
fn a_new_account_chooses_its_password_before_anything_else() {
    on_both(|bench| {
        let admin = bench.scope_of("anquan", &[(Role::SecurityAdministrator, "000000")]);
        let new = new_user("ran", &[(Role::WindowClerk, "500243001")]);
        let (id, once) = bench.store.create_user(&admin, &new).expect("created");
        let (token, _) = bench.store.log_in("ran", &once, "::1", now()).expect("logged in");
        let scope = bench.store.scope(token.as_str(), "::1", now()).expect("a scope");
        assert!(scope.must_change_password() && !scope.may(Permission::ReadLeads));
        assert!(matches!(scope.areas_for(Permission::ReadLeads), Err(StoreError::PasswordChangeDue)));
        assert!(bench.store.change_password(&scope, "wrong", "Zm4t-9Qp-x7").is_err());
        assert!(bench.store.change_password(&scope, &once, &once).is_err(), "the same again");
        bench.store.change_password(&scope, &once, "Zm4t-9Qp-x7").expect("changed");
        let scope = bench.store.scope(token.as_str(), "::1", now()).expect("still logged in");
        assert!(scope.may(Permission::ReadLeads) && scope.user().id == id);
        assert!(matches!(bench.store.log_in("ran", &once, "::1", now()), Err(LoginError::Wrong)));
    });
}

#[test]
fn wrong_passwords_lock_a_login_for_a_while_known_or_not() {
    on_both(|bench| {
        bench.user("ran", &[(Role::WindowClerk, "500243001")]);
        for login in ["ran", "nobody"] {
            for _ in 0..5 {
                let refused = bench.store.log_in(login, "wrong", "::1", now());
                assert!(matches!(refused, Err(LoginError::Wrong)), "{login}");
            }
            let refused = bench.store.log_in(login, PASSWORD, "::1", now());
            assert!(matches!(refused, Err(LoginError::Locked { minutes: 15 })), "{login}");
        }
        let later = now().plus_seconds(LOCKED_SECONDS);
        bench.store.log_in("ran", PASSWORD, "::1", later).expect("open again");
        for _ in 0..4 {
            assert!(bench.store.log_in("ran", "wrong", "::1", later).is_err());
        }
        bench.store.log_in("ran", PASSWORD, "::1", later).expect("four in a row are not five");
    });
}

#[test]
fn a_visit_ends_when_idle_when_old_and_when_the_account_is_closed() {
    on_both(|bench| {
        let admin = bench.scope_of("anquan", &[(Role::SecurityAdministrator, "000000")]);
        let id = bench.user("ran", &[(Role::WindowClerk, "500243001")]);
        let enter = || bench.store.log_in("ran", PASSWORD, "::1", now()).expect("logged in").0;
        let is_in =
            |token: &str, seconds| bench.store.scope(token, "::1", now().plus_seconds(seconds)).is_ok();
        let token = enter();
        assert!(!is_in(token.as_str(), IDLE_SECONDS), "idle");
        let token = enter();
        let mut seconds = 0;
        while seconds + IDLE_SECONDS < LONGEST_SECONDS {
            seconds += IDLE_SECONDS - 100;
            assert!(is_in(token.as_str(), seconds) || seconds >= LONGEST_SECONDS, "{seconds}");
        }
        assert!(!is_in(token.as_str(), LONGEST_SECONDS), "a day is over");
        let token = enter();
        bench.store.set_disabled(&admin, id, 1, true).expect("closed");
        assert!(!is_in(token.as_str(), 1));
        assert!(matches!(bench.store.log_in("ran", PASSWORD, "::1", now()), Err(LoginError::Disabled)));
        bench.store.set_disabled(&admin, id, 2, false).expect("opened");
        let scope = bench.scope("ran");
        bench.store.log_out(&scope).expect("out");
        let kept = bench
            .database()
            .read(|c| c.number("SELECT COUNT(*) FROM sessions WHERE user_id = $1", &[id.0.into()]));
        assert_eq!(kept.expect("counted"), 0);
        assert!(!is_in("made-up", 0));
    });
}

#[test]
fn the_database_holds_no_token_and_no_password() {
    on_both(|bench| {
        bench.user("ran", &[(Role::WindowClerk, "500243001")]);
        let (token, _) = bench.store.log_in("ran", PASSWORD, "::1", now()).expect("logged in");
        let rows = bench.database().read(|connection| {
            let mut rows = connection.rows("SELECT * FROM sessions", &[])?;
            rows.extend(connection.rows("SELECT * FROM users", &[])?);
            rows.extend(connection.rows("SELECT * FROM audit", &[])?);
            Ok(format!("{rows:?}"))
        });
        let rows = rows.expect("read");
        assert!(rows.contains("argon2id") && !rows.contains(token.as_str()) && !rows.contains(PASSWORD));
    });
}

#[test]
fn roles_are_given_only_within_the_givers_area_and_never_to_oneself() {
    on_both(|bench| {
        let store = &bench.store;
        let admin = bench.scope_of("anquan", &[(Role::SecurityAdministrator, "500243")]);
        let other = bench.user("tai", &[(Role::WindowClerk, "370900001")]);
        let far = new_user("far", &[(Role::WindowClerk, "370900001")]);
        assert!(store.create_user(&admin, &far).is_err());
        let near = new_user("near", &[(Role::WindowClerk, "500243001")]);
        let (id, _) = store.create_user(&admin, &near).expect("created");
        assert!(store.create_user(&admin, &near).is_err(), "the login is taken");
        let wide = grants(&[(Role::WindowClerk, "500000")]);
        assert!(store.set_grants(&admin, id, 1, &wide).is_err(), "wider than the giver's");
        let reviewer = grants(&[(Role::CountyReviewer, "500243")]);
        store.set_grants(&admin, id, 1, &reviewer).expect("changed");
        assert!(store.set_grants(&admin, id, 1, &reviewer).is_err(), "somebody changed it since");
        let own = store.set_grants(&admin, admin.user().id, 1, &reviewer);
        assert!(own.is_err(), "not one's own");
        assert!(matches!(store.set_grants(&admin, other, 1, &reviewer), Err(StoreError::NotFound(_))));
        assert!(matches!(store.reset_password(&admin, UserId(999)), Err(StoreError::NotFound(_))));
        let logins: Vec<String> =
            store.accounts(&admin).expect("listed").into_iter().map(|account| account.user.login).collect();
        assert_eq!(logins, ["anquan", "near"], "nobody of another place");
        let clerk = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        assert!(matches!(store.accounts(&clerk), Err(StoreError::Refused(_))));
    });
}

#[test]
fn colleagues_are_those_who_can_verify_in_that_place() {
    on_both(|bench| {
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        bench.user("cun", &[(Role::VillageWorker, "500243001202")]);
        bench.user("linjin", &[(Role::VillageWorker, "500243001203")]);
        let names = |place| {
            let found = bench.store.colleagues(&head, region(place)).expect("listed");
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(names("500243001202"), ["cun的姓名", "head的姓名"]);
        assert!(bench.store.colleagues(&head, region("500243002")).is_err(), "another township");
    });
}

#[test]
fn a_store_is_provisioned_only_while_it_is_empty() {
    on_both(|bench| {
        let users =
            [new_user("a.b", &[(Role::Supervisor, "500243")]), new_user("c-d", &[(Role::Auditor, "500243")])];
        let made = bench.store.provision(&users, now()).expect("made");
        assert_eq!(made.len(), 2);
        bench.store.log_in("a.b", &made[0].1, "::1", now()).expect("logged in");
        assert!(bench.store.provision(&users[..1], now()).is_err());
        let bad = NewUser { login: "Ran Guang".into(), ..users[0].clone() };
        assert!(bench.store.provision(&[bad], now()).is_err());
    });
}
