use super::bench::on_both;
use crate::evidence::of_lead;
use crate::migrations::{LATEST, migrate, migrate_to, version};
use crate::sealed::{Place, seal};
use crate::{Keyring, Store, StoreError};

#[test]
fn a_database_of_every_older_schema_comes_up_to_date_with_its_rows() {
    for older in 1..LATEST {
        on_both(|bench| {
            let database = bench.older(older);
            database
                .write(|connection| {
                    connection.script(
                        "INSERT INTO settings (name, value) VALUES ('kept', '是');
                         INSERT INTO users (user_id, login, name, password_hash, password_at, must_change, created_at)
                         VALUES (1, 'ran', '冉光明', 'x', 1, 0, 1);
                         INSERT INTO user_grants (user_id, role, region) VALUES (1, 'auditor', 500243000000)",
                    )?;
                    let leads = "INSERT INTO lead_events (lead_id, serial, at, actor, step, month, state, \
                                 state_sealed, key_id) VALUES ('a', 1, 1, 1, 's', '2020-05', 'open', $1, 1)";
                    if older >= 2 {
                        connection.execute(leads, &[(&vec![1_u8, 2]).into()])?;
                    }
                    if older >= 7 {
                        connection.script(
                            "INSERT INTO evidence_files (sha256, kind, size, pieces) VALUES ('00', 'jpg', 1, 1)",
                        )?;
                        let brought = "INSERT INTO lead_evidence (lead_id, serial, sha256, at, actor, sealed, \
                                       key_id) VALUES ('a', 1, '00', 1, 1, $1, 1)";
                        let name = Place::EvidenceName("a", 1);
                        let sealed = seal(&bench.keys(), &name, &"入户.jpg")?;
                        connection.execute(brought, &[(&sealed).into()])?;
                    }
                    if older >= 8 {
                        let case = "INSERT INTO cases (case_id, kind, name, applicant, household_id, region, \
                                    township, county, state, state_name, is_open, due, owner, code_hash, began, \
                                    sealed, key_id, version, updated_at) VALUES ('B000001', 'k', 'n', '冉', '', \
                                    500243001202, 500243001000, 500243000000, 's', 's', 1, 9, 1, $1, 1, $1, 1, 1, 1)";
                        connection.execute(case, &[(&vec![1_u8, 2]).into()])?;
                    }
                    Ok(())
                })
                .expect("rows of the old schema");
            assert_eq!(migrate(&database).expect("migrated"), older);
            let kept = database.write(|connection| {
                assert_eq!(version(connection)?, LATEST);
                assert_eq!(
                    connection.number("SELECT COUNT(*) FROM lead_events", &[])?,
                    i64::from(older >= 2)
                );
                let cases = "SELECT COUNT(*) FROM cases WHERE applicant = '冉' AND version = 1";
                assert_eq!(connection.number(cases, &[])?, i64::from(older >= 8));
                assert_eq!(connection.number("SELECT COUNT(*) FROM sign_offs", &[])?, 0, "the newest table");
                let files = of_lead(connection, &bench.keys(), "a")?;
                let files: Vec<_> = files.iter().map(|file| (file.name.as_str(), &file.withdrawn)).collect();
                let before: &[_] = if older >= 7 { &[("入户.jpg", &None)] } else { &[] };
                assert_eq!(files, before, "brought before anything could be taken back");
                let account =
                    crate::users::account(connection, doudi_casework::UserId(1))?.expect("the user");
                assert_eq!(account.user.name, "冉光明");
                crate::store::setting(connection, "kept")
            });
            assert_eq!(kept.expect("read").as_deref(), Some("是"));
            assert_eq!(migrate(&database).expect("again"), LATEST, "nothing to do");
        });
    }
}

#[test]
fn a_database_of_a_newer_program_is_not_touched() {
    on_both(|bench| {
        bench
            .database()
            .write(|c| c.script("INSERT INTO schema_version (number, name) VALUES (99, 'later')"))
            .expect("written");
        let error = migrate_to(&bench.database(), LATEST).expect_err("refused").to_string();
        assert!(error.contains("第 99 版") && error.contains("新的程序"), "{error}");
    });
}

#[test]
fn a_store_does_not_open_with_keys_of_another() {
    on_both(|bench| {
        Store::open(&bench.address, bench.keys()).expect("its own");
        let other: Keyring = crate::create_key_file(&bench.folder.path().join("other")).expect("other keys");
        let refused = Store::open(&bench.address, other);
        assert!(matches!(refused, Err(StoreError::Key(_))));
    });
}

#[test]
fn a_server_elsewhere_is_refused_while_the_way_is_open() {
    for far in ["postgres://u:p@db.example/x", "postgres://u:p@10.0.0.5:5432/x"] {
        let keys = tempfile::tempdir().expect("a folder");
        let ring = crate::create_key_file(&keys.path().join("k")).expect("keys");
        let error = Store::open(far, ring).err().expect("refused").to_string();
        assert!(error.contains("明文") && error.contains("隧道"), "{error}");
    }
}
