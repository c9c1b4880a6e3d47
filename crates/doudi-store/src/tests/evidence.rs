use super::bench::{Bench, now, on_both, region};
use super::county::{lead, ok};
use crate::{NewEvidence, Scope, Store, StoreError, restore_backup, rotate_key_file};
use doudi_casework::{FileKind, Finding, Hearing, Measure, Report, ReportError, Role};
use doudi_terms::parse_date;

/// Larger than one piece, and different for every mark.
pub fn photo(mark: u8) -> NewEvidence {
    let mut bytes =
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00".to_vec();
    bytes.extend_from_slice(b"\xff\xda\x00\x02");
    bytes.extend((0..600_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8 ^ mark));
    bytes.extend_from_slice(b"\xff\xd9");
    NewEvidence { name: format!("入户{mark}.jpg"), bytes }
}

/// Somebody has died, and the family knows.
pub fn end() -> Report {
    let on = parse_date("2020-05-10").expect("a date");
    Report {
        finding: Finding::True,
        measure: Measure::End,
        on,
        reason: "已经去世".into(),
        evidence: Vec::new(),
        hearing: Some(Hearing { on, said: "家属知道".into() }),
        by: None,
        visitors: "冉队长".into(),
        at: now(),
    }
}

pub fn worker(bench: &Bench) -> Scope {
    bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")])
}

fn count(bench: &Bench, table: &str) -> i64 {
    ok(bench.database().read(|connection| connection.number(&format!("SELECT COUNT(*) FROM {table}"), &[])))
}

#[test]
fn a_photo_comes_back_byte_for_byte_and_lies_nowhere_in_the_clear() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        let kept = ok(bench.store.add_evidence(&worker, &id, &[photo(1), photo(2)]));
        assert_eq!(kept.len(), 2);
        assert_eq!((kept[0].serial, kept[0].kind, kept[0].name.as_str()), (1, FileKind::Jpeg, "入户1.jpg"));
        assert_eq!(kept[0].bytes, photo(1).bytes.len() as u64);
        let read = ok(bench.store.evidence_file(&worker, &id, 2));
        assert!(read.bytes == photo(2).bytes, "byte for byte");
        let rows = ok(bench.database().read(|connection| {
            connection
                .rows("SELECT sealed FROM evidence_pieces UNION ALL SELECT sealed FROM lead_evidence", &[])
        }));
        assert!(rows.len() > 4);
        let secret = photo(1).bytes[1_000..1_040].to_vec();
        for row in &rows {
            let sealed = row.bytes(0).expect("bytes");
            assert!(!sealed.windows(40).any(|part| part == secret), "lies open");
            assert!(!sealed.windows(6).any(|part| part == "入户".as_bytes()), "a name lies open");
        }
        // The same photo for another lead, and once more for this one: kept once.
        ok(bench.store.add_evidence(&worker, &lead(0).lead_id, &[photo(1)]));
        assert_eq!(ok(bench.store.add_evidence(&worker, &id, &[photo(1)])).len(), 2);
        assert_eq!((count(bench, "evidence_files"), count(bench, "lead_evidence")), (2, 3));
        assert_eq!(ok(bench.store.verify_evidence()), []);
    });
}

#[test]
fn bringing_and_looking_are_in_the_audit_and_nobodys_name_is() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1)]));
        ok(bench.store.evidence_file(&worker, &id, 1));
        let rows = ok(bench.database().read(|connection| {
            connection.rows(
                "SELECT action, subjects, detail FROM audit WHERE action LIKE '%evidence' ORDER BY seq",
                &[],
            )
        }));
        let words: Vec<(&str, &str)> =
            rows.iter().map(|row| (row.text(0).expect("text"), row.text(1).expect("text"))).collect();
        assert_eq!(words, [("add-evidence", "P00004"), ("read-evidence", "P00004")]);
        assert!(rows[0].text(2).expect("text").starts_with("1:jpg:600"), "{rows:?}");
        assert!(!format!("{rows:?}").contains("入户"));
        assert_eq!(ok(bench.store.verify_audit(None)).broken, None);
    });
}

#[test]
fn what_is_no_photo_is_refused_by_name_and_then_nothing_is_kept() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        let program = NewEvidence { name: "C:\\照片\\x\".jpg".into(), bytes: b"MZ\x90\0".to_vec() };
        let error = bench.store.add_evidence(&worker, &id, &[photo(1), program]).expect_err("refused");
        let StoreError::BadInput(text) = error else { panic!("{error}") };
        assert!(text.starts_with("“x.jpg”的内容是Windows 程序"), "{text}");
        assert_eq!((count(bench, "evidence_files"), count(bench, "lead_evidence")), (0, 0));
        assert_eq!(count(bench, "evidence_pieces"), 0);
        let many: Vec<NewEvidence> = (0..41).map(photo).collect();
        let error = bench.store.add_evidence(&worker, &id, &many).expect_err("too many").to_string();
        assert!(error.contains("最多放 40 份"), "{error}");
        assert_eq!(count(bench, "evidence_files"), 0, "and no file without a lead");
    });
}

#[test]
fn evidence_of_other_places_cannot_be_brought_or_seen() {
    on_both(|bench| {
        bench.may(20);
        let worker = worker(bench);
        ok(bench.store.add_evidence(&worker, &lead(4).lead_id, &[photo(1)]));
        let next = bench.scope_of("lin", &[(Role::VillageWorker, "500243002201")]);
        let refused = bench.store.evidence_file(&next, &lead(4).lead_id, 1);
        assert!(matches!(refused, Err(StoreError::NotFound("这条疑点"))), "{refused:?}");
        let refused = bench.store.add_evidence(&next, &lead(4).lead_id, &[photo(2)]);
        assert!(matches!(refused, Err(StoreError::NotFound("这条疑点"))), "{refused:?}");
        assert!(matches!(
            bench.store.evidence_file(&worker, &lead(4).lead_id, 2),
            Err(StoreError::NotFound(_))
        ));
        let watcher = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        assert!(ok(bench.store.evidence_file(&watcher, &lead(4).lead_id, 1)).bytes.len() > 600_000);
        let refused = bench.store.add_evidence(&watcher, &lead(4).lead_id, &[photo(2)]);
        assert!(matches!(refused, Err(StoreError::Refused(_))), "who may look may not bring: {refused:?}");
    });
}

#[test]
fn a_file_that_a_disc_has_damaged_is_told_and_put_right_by_bringing_it_again() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1), photo(2)]));
        let hash = ok(bench.store.lead(&worker, &id)).evidence[0].sha256.clone();
        let pieces = "SELECT sealed FROM evidence_pieces WHERE sha256 = $1 AND number = 1";
        let whole = ok(bench.database().read(|connection| connection.row(pieces, &[(&hash).into()])));
        let whole = whole.expect("a piece").bytes(0).expect("bytes").to_vec();
        let put = |sealed: &[u8]| {
            let sql = "UPDATE evidence_pieces SET sealed = $2 WHERE sha256 = $1 AND number = 1";
            ok(bench.database().write(|connection| connection.execute(sql, &[(&hash).into(), sealed.into()])))
        };
        let mut changed = whole.clone();
        changed[5_000] ^= 1;
        for damaged in [&changed[..], &whole[..4_000], &[][..]] {
            put(damaged);
            let refused = bench.store.evidence_file(&worker, &id, 1);
            let Err(StoreError::DamagedFile(name)) = &refused else { panic!("{refused:?}") };
            assert_eq!(name, "入户1.jpg");
            assert!(refused.unwrap_err().to_string().contains("损坏"));
            assert_eq!(ok(bench.store.verify_evidence()), [(id.clone(), "入户1.jpg".to_owned())]);
        }
        // A piece that is gone, and one that was moved here from another file.
        let gone = "DELETE FROM evidence_pieces WHERE sha256 = $1 AND number = 1";
        ok(bench.database().write(|connection| connection.execute(gone, &[(&hash).into()])));
        assert!(matches!(bench.store.evidence_file(&worker, &id, 1), Err(StoreError::DamagedFile(_))));
        assert!(bench.store.evidence_file(&worker, &id, 2).is_ok(), "the other is whole");
        assert_eq!(ok(bench.store.add_evidence(&worker, &id, &[photo(1)])).len(), 2);
        assert!(ok(bench.store.evidence_file(&worker, &id, 1)).bytes == photo(1).bytes);
    });
}

#[test]
fn a_report_rests_on_the_evidence_of_its_lead_and_ending_aid_needs_some() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        let end = end();
        let refused = bench.store.report_lead(&worker, &id, 1, &end);
        let Err(StoreError::Case(doudi_casework::CaseError::Report(why))) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(why, [ReportError::NoEvidence("停发")]);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1)]));
        let reported = ok(bench.store.report_lead(&worker, &id, 1, &end));
        let report = reported.case.state.report().expect("a report");
        assert_eq!((report.evidence.len(), report.evidence[0].name.as_str()), (1, "入户1.jpg"));
        assert_eq!(report.evidence[0].sha256, reported.evidence[0].sha256);
    });
}

#[test]
fn a_backup_and_a_change_of_keys_keep_every_photo() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1), photo(2)]));
        let keys = rotate_key_file(&bench.folder.path().join("keys")).expect("a second key");
        let store = ok(Store::open(&bench.address, keys));
        let done = ok(store.rotate(now(), &mut |_| true));
        assert_eq!(done.left, 0);
        assert_eq!(ok(store.verify_evidence()), []);
        let old = ok(bench.database().read(|connection| {
            connection.number(
                "SELECT (SELECT COUNT(*) FROM evidence_pieces WHERE key_id <> 2)
                      + (SELECT COUNT(*) FROM lead_evidence WHERE key_id <> 2)",
                &[],
            )
        }));
        assert_eq!(old, 0, "nothing needs the old key");
        let path = bench.folder.path().join("photos.backup");
        let manifest = ok(store.create_backup(&path, now()));
        assert_eq!((manifest.count("evidence_files"), manifest.count("lead_evidence")), (2, 2));
        let mut targets = vec![bench.folder.path().join("again.db").to_string_lossy().into_owned()];
        targets.extend(bench.empty_schema());
        for target in targets {
            ok(restore_backup(&path, &target, bench.keys()));
            let again = ok(Store::open(&target, bench.keys()));
            let (token, _) =
                again.log_in("cun", super::bench::PASSWORD, "::1", now()).expect("the same password");
            let scope = ok(again.scope(token.as_str(), "::1", now()));
            assert!(ok(again.evidence_file(&scope, &id, 2)).bytes == photo(2).bytes);
            assert_eq!(ok(again.verify_evidence()), []);
        }
    });
}

#[test]
fn of_many_who_bring_at_once_nothing_is_lost() {
    on_both(|bench| {
        bench.may(20);
        let id = lead(4).lead_id;
        let scopes: Vec<Scope> = (0..4)
            .map(|n| bench.scope_of(&format!("cun{n}"), &[(Role::VillageWorker, "500243001202")]))
            .collect();
        std::thread::scope(|threads| {
            for (number, scope) in (0_u8..).zip(&scopes) {
                let id = &id;
                // Everybody brings one of their own and one that all have.
                threads
                    .spawn(move || ok(bench.store.add_evidence(scope, id, &[photo(100 + number), photo(7)])));
            }
        });
        let kept = ok(bench.store.lead(&scopes[0], &id)).evidence;
        assert_eq!(kept.iter().map(|file| file.serial).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(ok(bench.store.verify_evidence()), []);
        assert!(
            scopes[0]
                .user()
                .grants
                .allows_at(doudi_casework::Permission::ReportLeads, region("500243001202"))
        );
    });
}
