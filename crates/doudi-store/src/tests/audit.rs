use super::bench::{Bench, now, on_both};
use crate::audit::{Action, AuditHead, Entry};
use crate::{AuditQuery, StoreError};
use doudi_casework::Role;

fn note(bench: &Bench, person: &str) {
    let mut entry = Entry::by_program(now(), Action::ReadPerson, "person", person.into());
    entry.subjects = vec![person.into(), "P2".into(), person.into()];
    entry.purpose = "入户核查；分号".into();
    bench.store.note_read(entry).expect("noted");
}

#[test]
fn an_untouched_chain_holds() {
    on_both(|bench| {
        let empty = bench.store.verify_audit(None).expect("verified");
        assert_eq!((empty.records, empty.broken), (0, None));
        for person in ["P1", "P3", "P1"] {
            note(bench, person);
        }
        let verdict = bench.store.verify_audit(None).expect("verified");
        assert_eq!((verdict.records, verdict.head.seq, &verdict.broken), (3, 3, &None));
        note(bench, "P4");
        assert_eq!(bench.store.verify_audit(Some(&verdict.head)).expect("verified").broken, None);
    });
}

#[test]
fn the_database_itself_refuses_to_change_the_audit() {
    on_both(|bench| {
        note(bench, "P1");
        let mut attempts = vec![
            "UPDATE audit SET actor = 9",
            "DELETE FROM audit",
            "UPDATE audit_subjects SET person_id = 'P9'",
            "DELETE FROM audit_subjects",
        ];
        if !bench.is_sqlite() {
            attempts.extend(["TRUNCATE audit CASCADE", "TRUNCATE audit_subjects"]);
        }
        for attempt in attempts {
            let refused = bench.database().write(|connection| connection.script(attempt));
            assert!(matches!(refused, Err(StoreError::Database(_))), "{attempt}");
        }
        assert_eq!(bench.store.verify_audit(None).expect("verified").broken, None);
    });
}

/// What somebody does who can switch the triggers off.
fn tamper(bench: &Bench, sql: &str) {
    let (off, on) = if bench.is_sqlite() {
        let names =
            ["audit_no_update", "audit_no_delete", "audit_subjects_no_update", "audit_subjects_no_delete"];
        (names.map(|name| format!("DROP TRIGGER IF EXISTS {name};")).join(" "), String::new())
    } else {
        let tables = ["audit", "audit_subjects"];
        let set = |word| tables.map(|table| format!("ALTER TABLE {table} {word} TRIGGER USER;")).join(" ");
        (set("DISABLE"), set("ENABLE"))
    };
    bench.database().write(|c| c.script(&format!("{off} {sql}; {on}"))).expect("tampered");
}

#[test]
fn every_way_of_tampering_is_found_at_its_first_record() {
    let cases: [(&str, i64, &str); 7] = [
        ("UPDATE audit SET purpose = '' WHERE seq = 3", 3, "改动"),
        ("UPDATE audit SET actor = 8, actor_name = '别人' WHERE seq = 2", 2, "改动"),
        ("DELETE FROM audit_subjects WHERE seq = 3; DELETE FROM audit WHERE seq = 3", 3, "不见了"),
        ("DELETE FROM audit_subjects WHERE seq = 5; DELETE FROM audit WHERE seq = 5", 5, "末尾"),
        ("UPDATE audit_head SET seq = 4", 5, "链头"),
        ("DELETE FROM audit_subjects WHERE seq = 4 AND person_id = 'P2'", 5, "谁看过这个人"),
        ("UPDATE audit SET purpose = actor_name, actor_name = purpose WHERE seq = 4", 4, "改动"),
    ];
    for (sql, seq, why) in cases {
        on_both(|bench| {
            for person in ["P1", "P3", "P1", "P4", "P5"] {
                note(bench, person);
            }
            tamper(bench, sql);
            let broken = bench.store.verify_audit(None).expect("verified").broken.expect(sql);
            assert!(broken.why.contains(why), "{sql}: {broken:?}");
            assert_eq!(broken.seq, seq, "{sql}: {broken:?}");
        });
    }
}

#[test]
fn a_chain_cut_off_together_with_its_head_shows_against_a_head_written_down() {
    on_both(|bench| {
        for person in ["P1", "P3"] {
            note(bench, person);
        }
        let before = bench.store.audit_head().expect("a head");
        note(bench, "P4");
        let known = bench.store.audit_head().expect("a head");
        let back = "DELETE FROM audit_subjects WHERE seq = 3; DELETE FROM audit WHERE seq = 3; UPDATE audit_head SET seq = 2, \
             hash = (SELECT hash FROM audit WHERE seq = 2)";
        tamper(bench, back);
        assert_eq!(
            bench.store.verify_audit(None).expect("verified").broken,
            None,
            "by itself it looks whole"
        );
        assert_eq!(bench.store.verify_audit(Some(&before)).expect("verified").broken, None);
        let broken = bench.store.verify_audit(Some(&known)).expect("verified").broken.expect("found");
        assert_eq!(broken.seq, 3);
        let other = AuditHead { hash: "00".repeat(32), ..before };
        assert!(bench.store.verify_audit(Some(&other)).expect("verified").broken.is_some());
    });
}

#[test]
fn records_that_come_at_once_are_all_kept_in_one_chain() {
    on_both(|bench| {
        std::thread::scope(|threads| {
            for thread in 0..8 {
                threads.spawn(move || {
                    for number in 0..10 {
                        note(bench, &format!("P{thread}-{number}"));
                    }
                });
            }
        });
        let verdict = bench.store.verify_audit(None).expect("verified");
        assert_eq!((verdict.records, verdict.broken), (80, None));
    });
}

#[test]
fn an_auditor_reads_the_records_of_the_area_and_leaves_one() {
    on_both(|bench| {
        let auditor = bench.scope_of("shenji", &[(Role::Auditor, "500243")]);
        bench.scope_of("ran", &[(Role::WindowClerk, "500243001")]);
        bench.scope_of("tai", &[(Role::WindowClerk, "370900001")]);
        let records = bench.store.audit_records(&auditor, &AuditQuery { limit: 50, ..AuditQuery::default() });
        let names: Vec<String> = records.expect("read").into_iter().map(|record| record.actor_name).collect();
        assert_eq!(names, ["ran的姓名", "shenji的姓名"], "not those of another county");
        let query = AuditQuery { action: Some(Action::ReadAudit), limit: 50, ..AuditQuery::default() };
        assert_eq!(bench.store.audit_records(&auditor, &query).expect("read").len(), 1);
        let nobody = AuditQuery { person: Some("P1".into()), limit: 50, ..AuditQuery::default() };
        assert!(matches!(bench.store.audit_records(&auditor, &nobody), Err(StoreError::NotFound(_))));
        let clerk = bench.scope("ran");
        assert!(matches!(
            bench.store.audit_records(&clerk, &AuditQuery::default()),
            Err(StoreError::Refused(_))
        ));
    });
}
