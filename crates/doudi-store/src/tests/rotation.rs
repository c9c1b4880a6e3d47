use super::bench::{Bench, now, on_both};
use super::county::ok;
use crate::{Scope, Store, rotate_key_file};
use doudi_casework::Role;

/// A store with a second key beside the first.
fn with_new_key(bench: &Bench) -> Store {
    let keys = rotate_key_file(&bench.folder.path().join("keys")).expect("a second key");
    ok(Store::open(&bench.address, keys))
}

fn everything_opens(store: &Store, scope: &Scope) {
    for number in (0..2_600).step_by(400) {
        let person = format!("P{number:05}");
        assert_eq!(ok(store.person(scope, &person, "")).row.person_id, person);
        let id_number = format!("50024319500307{number:04}");
        assert_eq!(ok(store.search(scope, &id_number, None, 5)).len(), 1, "{number}");
        assert_eq!(ok(store.lead(scope, &super::county::lead(number).lead_id)).history.len(), 1);
    }
}

#[test]
fn a_rotation_that_is_cut_off_goes_on_where_it_was_and_people_notice_nothing() {
    on_both(|bench| {
        bench.may(2_600);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        let store = with_new_key(bench);
        everything_opens(&store, &scope);
        let mut portions = 0;
        let stopped = store.rotate(now(), &mut |_| {
            portions += 1;
            portions <= 2
        });
        let stopped = ok(stopped);
        assert_eq!((stopped.key, stopped.rows, stopped.left), (2, 2_000, 600 + 1_300 + 1_300));
        everything_opens(&store, &scope);
        drop(store);
        let again = ok(Store::open(&bench.address, bench.keys()));
        let done = ok(again.rotate(now(), &mut |_| true));
        assert_eq!((done.rows, done.left), (stopped.left, 0), "no row twice");
        everything_opens(&again, &scope);
        assert_eq!(ok(again.rotate(now(), &mut |_| true)).rows, 0);
        assert_eq!(ok(again.verify_audit(None)).broken, None);
        // The old key is not needed any more but for the audit.
        let text = std::fs::read_to_string(bench.folder.path().join("keys")).expect("the keys");
        let without: String =
            text.lines().filter(|line| !line.starts_with("1 ")).map(|line| format!("{line}\n")).collect();
        let store = ok(Store::open(&bench.address, ok(crate::Keyring::parse(&without))));
        everything_opens(&store, &scope);
        assert!(ok(store.verify_audit(None)).broken.is_some_and(|broken| broken.why.contains("密钥")));
    });
}

#[test]
fn what_is_written_while_a_rotation_runs_is_not_lost() {
    on_both(|bench| {
        bench.may(2_600);
        let store = with_new_key(bench);
        std::thread::scope(|threads| {
            let rotating = threads.spawn(|| ok(store.rotate(now(), &mut |_| true)));
            let again = super::county::clearing(
                "2020-06",
                2_600,
                (0..2_600).step_by(2).map(super::county::lead).collect(),
            );
            ok(store.import_clearing(again, now()));
            rotating.join().expect("no panic");
        });
        assert_eq!(ok(store.rotate(now(), &mut |_| true)).left, 0);
        let scope = bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        everything_opens(&store, &scope);
    });
}
