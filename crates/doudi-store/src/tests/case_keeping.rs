//! Cases outlive a change of keys, a backup and a restore, and a newer schema.

use super::bench::{Bench, now, on_both};
use super::case_guards::any;
use super::cases::{MARK, VILLAGE, clerk, new_case, opened, step};
use super::county::ok;
use super::evidence::photo;
use crate::{Scope, Store, restore_backup, rotate_key_file, verify_backup};
use serde_json::json;

/// A case of two versions with a paper, and a draft; its code.
fn filled(bench: &Bench, scope: &Scope) -> (String, String) {
    let code = opened(bench, scope).file.code;
    ok(step(bench, scope, "B000001", 1, "seen"));
    ok(bench.store.add_case_evidence(scope, "B000001", None, &any, &[photo(1)]));
    (code, ok(bench.store.keep_draft(scope, None, &json!({ "place": VILLAGE, "facts": MARK }))))
}

fn everything_opens(store: &Store, scope: &Scope, (code, draft): &(String, String)) {
    let case = ok(store.case(scope, "B000001"));
    assert_eq!((case.file.state.as_str(), case.history.len()), ("seen", 2));
    assert!(case.file.record[0].note.contains(MARK));
    assert!(ok(store.case_evidence_file(scope, "B000001", 1)).bytes == photo(1).bytes);
    assert_eq!(ok(store.draft(scope, draft)).content["facts"], json!(MARK));
    assert_eq!(ok(store.case_progress(code)).case_id, "B000001");
}

#[test]
fn a_change_of_keys_seals_cases_their_versions_and_drafts_again() {
    on_both(|bench| {
        let scope = clerk(bench);
        let kept = filled(bench, &scope);
        let keys = ok(rotate_key_file(&bench.folder.path().join("keys")));
        let store = ok(Store::open(&bench.address, keys));
        everything_opens(&store, &scope, &kept);
        assert_eq!(ok(store.rotate(now(), &mut |_| true)).left, 0);
        let old = |table: &str| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE key_id <> 2");
            ok(bench.database().read(|connection| connection.number(&sql, &[])))
        };
        assert_eq!(["cases", "case_events", "case_drafts", "lead_evidence"].map(old), [0; 4]);
        let text = std::fs::read_to_string(bench.folder.path().join("keys")).expect("the keys");
        let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("1 ")).collect();
        let store = ok(Store::open(&bench.address, ok(crate::Keyring::parse(&(without.join("\n") + "\n")))));
        everything_opens(&store, &scope, &kept);
        // Every version, too.
        let rows = ok(bench.database().read(|connection| {
            connection.rows("SELECT serial, sealed FROM case_events ORDER BY serial", &[])
        }));
        for row in &rows {
            let place = crate::sealed::Place::CaseEvent("B000001", ok(row.int(0)));
            let _: doudi_casework::CaseFile = ok(crate::sealed::open(&store.keys, &place, ok(row.bytes(1))));
        }
        assert_eq!(rows.len(), 2);
    });
}

#[test]
fn a_restored_backup_has_the_cases_and_goes_on_counting() {
    on_both(|bench| {
        let scope = clerk(bench);
        let kept = filled(bench, &scope);
        let path = bench.folder.path().join("cases.backup");
        ok(bench.store.create_backup(&path, now()));
        let manifest = ok(verify_backup(&path, &bench.keys()));
        assert_eq!((manifest.count("cases"), manifest.count("case_events")), (1, 2));
        let restored = bench.folder.path().join("restored.db").to_string_lossy().into_owned();
        let mut addresses = vec![restored];
        addresses.extend(bench.empty_schema());
        for address in addresses {
            ok(restore_backup(&path, &address, bench.keys()));
            let store = ok(Store::open(&address, bench.keys()));
            let (token, _) = store.log_in("clerk", super::bench::PASSWORD, "::1", now()).expect("signed in");
            let scope = ok(store.scope(token.as_str(), "::1", now()));
            everything_opens(&store, &scope, &kept);
            let next = ok(store.open_case(&scope, &new_case(VILLAGE, "", None), None));
            assert_eq!(next.row.case_id, "B000002", "no number twice");
        }
    });
}
