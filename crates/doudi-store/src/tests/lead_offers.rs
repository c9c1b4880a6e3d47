use super::bench::{now, on_both};
use super::county::{lead, ok};
use crate::{OfferedReport, StoreError, Verdict};
use doudi_casework::{Finding, Measure, Report, Role, StateKind};
use doudi_terms::parse_date;

fn offer(number: usize, version: Option<i64>, finding: Finding, measure: Measure) -> OfferedReport {
    let report = Report {
        finding,
        measure,
        on: parse_date("2020-05-10").expect("a date"),
        reason: "见到本人".into(),
        evidence: Vec::new(),
        hearing: None,
        by: None,
        visitors: "冉队长、任主任".into(),
        at: now(),
    };
    OfferedReport { lead_id: lead(number).lead_id, version, report }
}

fn why(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Refused(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_row_of_a_file_is_accepted_or_refused_with_why_and_the_same_file_twice_changes_nothing() {
    on_both(|bench| {
        bench.may(40);
        let worker = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        ok(bench.store.assign_lead(&head, &lead(8).lead_id, 1, worker.user().id));
        let mut late = offer(16, Some(1), Finding::True, Measure::Keep);
        late.report.on = parse_date("2020-05-12").expect("a date");
        let mut silent = offer(20, Some(1), Finding::True, Measure::Keep);
        silent.report.reason = " ".into();
        let offers = [
            offer(0, Some(1), Finding::False, Measure::Keep),
            offer(4, None, Finding::True, Measure::Raise),
            offer(8, Some(1), Finding::True, Measure::Keep),
            offer(2, Some(1), Finding::True, Measure::Keep),
            offer(12, Some(1), Finding::True, Measure::End),
            late,
            silent,
            offer(0, Some(1), Finding::True, Measure::Keep),
        ];
        let preview = ok(bench.store.preview_reports(&worker, &offers));
        assert_eq!(preview[..2], [Verdict::Accepted, Verdict::Accepted]);
        for (at, words) in [
            (2, "已经有人改过：2020-05-11 12:00:00 head的姓名，现在是“待核查”"),
            (3, "不在您的辖区里"),
            (4, "逐条填报"),
            (5, "在今天以后"),
            (6, "要写明看到了什么"),
            (7, "前面已经有一行"),
        ] {
            assert!(why(&preview[at]).contains(words), "{:?}", preview[at]);
        }
        assert_eq!(
            ok(bench.store.lead(&worker, &lead(0).lead_id)).row.version,
            1,
            "a preview writes nothing"
        );
        assert_eq!(ok(bench.store.report_leads(&worker, &offers)), preview);
        let done = ok(bench.store.lead(&worker, &lead(0).lead_id));
        assert_eq!((done.row.state, done.row.version), (StateKind::Dismissed, 2));
        assert_eq!(done.history.last().and_then(|event| event.actor), Some(worker.user().id));
        let again = ok(bench.store.report_leads(&worker, &offers));
        assert_eq!(again[..2], [Verdict::Unchanged, Verdict::Unchanged]);
        assert_eq!(again[2..7], preview[2..7]);
        assert_eq!(ok(bench.store.lead(&worker, &lead(0).lead_id)).row.version, 2, "twice changes nothing");
        let noted = ok(bench.database().read(|connection| {
            connection
                .number("SELECT COUNT(*) FROM audit WHERE action = 'lead-step' AND detail LIKE 'file %'", &[])
        }));
        assert_eq!(noted, 2);
        let supervisor = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        let refused = bench.store.preview_reports(&supervisor, &offers);
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    });
}
