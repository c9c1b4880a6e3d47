use super::bench::{now, on_both, region};
use super::county::{clearing, lead, month, ok};
use crate::StoreError;
use doudi_casework::{Finding, Measure, Report, Role, SignOffError};
use doudi_terms::parse_date;

#[test]
fn the_board_counts_townships_by_checks_and_only_ones_own() {
    on_both(|bench| {
        bench.may(120);
        let county = bench.scope_of("county", &[(Role::CountyReviewer, "500243")]);
        let board = ok(bench.store.board(&county, month("2020-05")));
        let total: u64 = board.iter().map(|cell| cell.total).sum();
        assert_eq!(total, (0..120).step_by(2).filter(|n| n % 4 != 3).count() as u64);
        assert!(board.iter().all(|cell| cell.township.is_within(region("500243"))));
        assert_eq!(board.iter().map(|cell| cell.unreported).sum::<u64>(), total);
        let due_before = |number: &usize| lead(*number).due < parse_date("2020-05-11");
        let overdue = (0..120).step_by(2).filter(|n| n % 4 != 3).filter(due_before).count() as u64;
        assert_eq!(board.iter().map(|cell| cell.overdue).sum::<u64>(), overdue);
        let village = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let own: u64 = ok(bench.store.board(&village, month("2020-05"))).iter().map(|cell| cell.total).sum();
        assert_eq!(own, (0..120).step_by(2).filter(|n| n % 4 == 0).count() as u64);
        assert_eq!(ok(bench.store.board(&county, month("2020-06"))), []);
        let figures = ok(bench.store.figures(&county, month("2020-05"), "bucket"));
        assert_eq!(figures.iter().map(|figure| figure.value).collect::<Vec<_>>(), [12, 5]);
    });
}

#[test]
fn a_month_is_signed_when_its_leads_are_done_and_opened_again_by_the_county() {
    on_both(|bench| {
        let place = region("500243001");
        bench.import(clearing("2020-05", 8, vec![lead(0)]));
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let sign = || bench.store.sign_off(&head, place, month("2020-05"), "");
        assert!(matches!(sign(), Err(StoreError::SignOff(SignOffError::Unfinished { unreported: 1, .. }))));
        let report = Report {
            finding: Finding::False,
            measure: Measure::Keep,
            on: parse_date("2020-05-10").expect("a date"),
            reason: "见到本人".into(),
            evidence: Vec::new(),
            hearing: None,
            by: None,
            visitors: String::new(),
            at: now(),
        };
        ok(bench.store.report_lead(&head, &lead(0).lead_id, 1, &report));
        let signed = ok(sign());
        assert_eq!((signed.certificate.as_str(), signed.counted.leads), ("hash-2020-05", 1));
        assert!(sign().is_err(), "once");
        assert_eq!(ok(bench.store.signed_months(&head, month("2020-05"))).len(), 1);
        assert!(matches!(
            bench.store.reopen_month(&head, place, month("2020-05"), "漏了一户"),
            Err(StoreError::Refused(_))
        ));
        let approver = bench.scope_of("shenpi", &[(Role::CountyApprover, "500243")]);
        assert!(bench.store.reopen_month(&approver, place, month("2020-05"), " ").is_err());
        ok(bench.store.reopen_month(&approver, place, month("2020-05"), "漏了一户"));
        assert_eq!(ok(bench.store.signed_months(&head, month("2020-05"))), []);
        ok(sign());
        let other = bench.store.sign_off(&head, region("500243002"), month("2020-05"), "");
        assert!(matches!(other, Err(StoreError::Refused(_))));
        let never = bench.store.sign_off(&head, place, month("2020-04"), "");
        assert!(matches!(never, Err(StoreError::SignOff(SignOffError::NoCertificate))));
    });
}

#[test]
fn a_source_that_has_not_come_is_known_to_every_place_of_the_clearing() {
    on_both(|bench| {
        let mut may = clearing("2020-05", 4, Vec::new());
        may.sources[1].has_arrived = false;
        bench.import(may);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let sources = ok(bench.store.month_sources(&head, region("500243001"), month("2020-05")));
        assert_eq!(sources.iter().filter(|source| !source.has_arrived).count(), 1);
        assert!(bench.store.month_sources(&head, region("500243002"), month("2020-05")).is_err());
        let counted = ok(bench.store.area_month(&head, region("500243001"), month("2020-05")));
        assert_eq!(counted.sources_missing, 1);
        let sign = |remark| bench.store.sign_off(&head, region("500243001"), month("2020-05"), remark);
        assert!(sign("").is_err());
        ok(sign("公安名册未到，已催"));
        assert_eq!(ok(bench.store.cleared_months(&head)).len(), 1);
    });
}
