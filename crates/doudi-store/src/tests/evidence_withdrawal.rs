use super::bench::{now, on_both};
use super::county::{lead, ok};
use super::evidence::{end, photo, worker};
use crate::{Store, StoreError, rotate_key_file};
use doudi_casework::{CaseError, ReportError, Role};

fn why(result: Result<impl std::fmt::Debug, StoreError>) -> String {
    result.expect_err("refused").to_string()
}

#[test]
fn a_photo_brought_by_mistake_is_shown_to_nobody_and_what_happened_stays() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        let kept = ok(bench.store.add_evidence(&worker, &id, &[photo(1), photo(2)]));
        assert!(why(bench.store.withdraw_evidence(&worker, &id, 1, "  ")).contains("为什么"));
        let left = ok(bench.store.withdraw_evidence(&worker, &id, 1, "传成邻居家的"));
        let back = left[0].withdrawn.as_ref().expect("taken back");
        assert_eq!((back.reason.as_str(), left[0].name.as_str()), ("传成邻居家的", "入户1.jpg"));
        assert_eq!((left[0].sha256.as_str(), left[1].withdrawn.as_ref()), (kept[0].sha256.as_str(), None));
        for serial in [1, 9] {
            let refused = bench.store.evidence_file(&worker, &id, serial);
            assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
            let again = bench.store.withdraw_evidence(&worker, &id, serial, "再撤");
            assert!(matches!(again, Err(StoreError::NotFound(_))), "{again:?}");
        }
        assert_eq!(ok(bench.store.count_evidence(&worker, &id)), 1);
        // The right photo after all: it is brought again, as another.
        assert_eq!(ok(bench.store.add_evidence(&worker, &id, &[photo(1)])).len(), 3);
        assert!(ok(bench.store.evidence_file(&worker, &id, 3)).bytes == photo(1).bytes);
        let rows = ok(bench.database().read(|connection| {
            connection.rows("SELECT subjects, detail FROM audit WHERE action = 'withdraw-evidence'", &[])
        }));
        assert_eq!((rows.len(), rows[0].text(0).expect("text")), (1, "P00004"));
        assert!(rows[0].text(1).expect("text").contains(&kept[0].sha256[..16]), "the hash stays: {rows:?}");
        let open = ok(bench.database().read(|c| c.rows("SELECT * FROM lead_evidence", &[])));
        assert!(!format!("{open:?}").contains("邻居"), "why lies open");
        let keys = rotate_key_file(&bench.folder.path().join("keys")).expect("a second key");
        let store = ok(Store::open(&bench.address, keys));
        assert_eq!(ok(store.rotate(now(), &mut |_| true)).left, 0);
        let again = ok(store.lead(&worker, &id)).evidence;
        assert_eq!(again[0].withdrawn, left[0].withdrawn);
    });
}

#[test]
fn only_whoever_brought_it_or_leads_may_take_it_back() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1), photo(2)]));
        let colleague = bench.scope_of("lin", &[(Role::VillageWorker, "500243001202")]);
        assert!(why(bench.store.withdraw_evidence(&colleague, &id, 1, "不喜欢")).contains("只有本人"));
        let watcher = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        let refused = bench.store.withdraw_evidence(&watcher, &id, 1, "x");
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        let elsewhere = bench.scope_of("yuan", &[(Role::TownshipHead, "500243002")]);
        let refused = bench.store.withdraw_evidence(&elsewhere, &id, 1, "x");
        assert!(matches!(refused, Err(StoreError::NotFound("这条疑点"))), "{refused:?}");
        let head = bench.scope_of("xiang", &[(Role::TownshipHead, "500243001")]);
        assert_eq!(ok(bench.store.withdraw_evidence(&head, &id, 1, "拍到外人")).len(), 2);
    });
}

#[test]
fn nobody_agrees_to_ending_aid_on_evidence_that_is_gone_and_none_goes_after_that() {
    on_both(|bench| {
        bench.may(20);
        let (worker, id) = (worker(bench), lead(4).lead_id);
        ok(bench.store.add_evidence(&worker, &id, &[photo(1)]));
        let reported = ok(bench.store.report_lead(&worker, &id, 1, &end()));
        ok(bench.store.withdraw_evidence(&worker, &id, 1, "传错了人"));
        let head = bench.scope_of("xiang", &[(Role::TownshipHead, "500243001")]);
        let version = reported.row.version;
        let refused = bench.store.confirm_lead(&head, &id, version, "同意");
        let Err(StoreError::Case(CaseError::Report(problems))) = refused else { panic!("{refused:?}") };
        assert_eq!(problems, [ReportError::NoEvidence("停发")]);
        // Sent back, reported again on the right photo, agreed to: from then on it stays.
        let back = ok(bench.store.send_back_lead(&head, &id, version, "凭据不对"));
        ok(bench.store.add_evidence(&worker, &id, &[photo(2)]));
        let again = ok(bench.store.report_lead(&worker, &id, back.row.version, &end()));
        assert_eq!(again.case.state.report().map(|report| report.evidence.len()), Some(1));
        ok(bench.store.confirm_lead(&head, &id, again.row.version, "同意"));
        assert!(why(bench.store.withdraw_evidence(&worker, &id, 2, "又错了")).contains("第二个人"));
        assert!(ok(bench.store.evidence_file(&worker, &id, 2)).bytes == photo(2).bytes);
    });
}
