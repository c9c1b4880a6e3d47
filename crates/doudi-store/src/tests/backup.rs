use super::bench::{Bench, PASSWORD, now, on_both};
use super::county::{lead, ok};
use crate::backup::NOT_KEPT;
use crate::{Store, StoreError, restore_backup, verify_backup};
use doudi_casework::Role;

fn backup(bench: &Bench) -> std::path::PathBuf {
    let path = bench.folder.path().join("may.backup");
    ok(bench.store.create_backup(&path, now()));
    path
}

#[test]
fn a_backup_restores_everything_into_either_database() {
    on_both(|bench| {
        bench.may(100);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        ok(bench.store.assign_lead(&head, &lead(4).lead_id, 1, head.user().id));
        let path = backup(bench);
        let manifest = ok(verify_backup(&path, &bench.keys()));
        assert_eq!((manifest.count("persons"), manifest.count("leads")), (100, 50));
        let restored = bench.folder.path().join("restored.db");
        let into_file = restored.to_string_lossy().into_owned();
        assert_eq!(ok(restore_backup(&path, &into_file, bench.keys())), manifest);
        let mut addresses = vec![into_file];
        if let Some(server) = bench.empty_schema() {
            ok(restore_backup(&path, &server, bench.keys()));
            addresses.push(server);
        }
        for address in addresses {
            let store = ok(Store::open(&address, bench.keys()));
            let (token, _) = store.log_in("head", PASSWORD, "::1", now()).expect("the same password");
            let scope = ok(store.scope(token.as_str(), "::1", now()));
            let found = ok(store.lead(&scope, &lead(4).lead_id));
            assert_eq!((found.row.version, found.row.reason.as_str()), (2, "彭甲4：2020-02-01 去世"));
            assert_eq!(ok(store.search(&scope, "500243195003070004", None, 5)).len(), 1);
            let verdict = ok(store.verify_audit(None));
            assert!(verdict.broken.is_none() && verdict.records > manifest.audit_seq);
            // Going on where it stopped: numbers are not given twice.
            let new = super::county::clearing("2020-06", 104, Vec::new());
            assert_eq!(ok(store.import_clearing(new, now())).persons, 104);
        }
    });
}

#[test]
fn a_restore_never_overwrites() {
    on_both(|bench| {
        bench.may(8);
        let path = backup(bench);
        let refused = restore_backup(&path, &bench.address, bench.keys());
        assert!(matches!(refused, Err(StoreError::BadInput(_))), "{refused:?}");
        assert!(bench.store.create_backup(&path, now()).is_err(), "nor does a backup");
        assert_eq!(ok(verify_backup(&path, &bench.keys())).count("persons"), 8);
    });
}

#[test]
fn a_backup_that_was_cut_off_or_changed_is_refused_and_leaves_nothing() {
    on_both(|bench| {
        bench.may(20);
        let path = backup(bench);
        let whole = std::fs::read(&path).expect("the file");
        for secret in ["彭甲", "argon2id", "ran"] {
            assert!(!whole.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} lies open");
        }
        let target = bench.folder.path().join("never.db");
        let address = target.to_string_lossy().into_owned();
        let mut broken: Vec<Vec<u8>> =
            vec![whole[..whole.len() - 1].to_vec(), whole[..40].to_vec(), Vec::new()];
        for at in [0, 16, 20, 30, 38, 41, 60, whole.len() / 2, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            broken.push(changed);
        }
        for (number, bytes) in broken.iter().enumerate() {
            std::fs::write(&path, bytes).expect("written");
            assert!(verify_backup(&path, &bench.keys()).is_err(), "{number}");
            assert!(restore_backup(&path, &address, bench.keys()).is_err(), "{number}");
        }
        let left: Vec<_> = std::fs::read_dir(bench.folder.path())
            .expect("the folder")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("never"))
            .collect();
        assert_eq!(left, [""; 0]);
        std::fs::write(&path, &whole).expect("written");
        let other = crate::create_key_file(&bench.folder.path().join("other")).expect("other keys");
        assert!(verify_backup(&path, &other).is_err(), "with another key");
    });
}

#[test]
fn every_table_is_either_kept_or_known_not_to_be() {
    on_both(|bench| {
        let path = backup(bench);
        let manifest = ok(verify_backup(&path, &bench.keys()));
        let mut known: Vec<&str> = manifest.rows.keys().map(String::as_str).chain(NOT_KEPT).collect();
        known.sort_unstable();
        let mut tables = ok(bench.database().read(|connection| connection.tables()));
        tables.retain(|table| !table.starts_with("sqlite_"));
        assert_eq!(tables, known);
    });
}

#[test]
fn an_older_program_does_not_back_up_what_a_newer_one_has_changed() {
    on_both(|bench| {
        bench.may(5);
        ok(bench.database().write(|connection| {
            connection.execute("INSERT INTO schema_version (number, name) VALUES (999, 'later')", &[])
        }));
        let path = bench.folder.path().join("late.backup");
        let refused = bench.store.create_backup(&path, now()).expect_err("refused").to_string();
        assert!(refused.contains("第 999 版") && !path.exists(), "{refused}");
    });
}
