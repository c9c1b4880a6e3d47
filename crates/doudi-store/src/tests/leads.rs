use super::bench::{Bench, now, on_both, region};
use super::county::{PLACES, lead, month, ok};
use crate::{LeadCursor, LeadFilter, LeadOrder, LeadRow, Scope, StoreError};
use doudi_casework::{
    CaseError, Finding, Hearing, LeadState, LeadStep, Measure, Report, Role, StateKind, UserId,
};
use doudi_terms::parse_date;

fn report(finding: Finding, measure: Measure) -> Report {
    let on = parse_date("2020-05-10").expect("a date");
    Report {
        finding,
        measure,
        on,
        reason: "见到本人".into(),
        evidence: Vec::new(),
        hearing: Some(Hearing { on, said: "没有意见".into() }),
        by: None,
        visitors: "冉队长".into(),
        at: now(),
    }
}

fn all(bench: &Bench, scope: &Scope, filter: &LeadFilter, limit: usize) -> Vec<LeadRow> {
    let mut rows = Vec::new();
    let mut after: Option<LeadCursor> = None;
    loop {
        let page = ok(bench.store.leads(scope, filter, LeadOrder::Due, after.as_ref(), limit));
        assert!(page.rows.len() <= limit);
        rows.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

#[test]
fn lists_of_every_area_hold_exactly_what_lies_there_by_due_day() {
    on_both(|bench| {
        bench.may(120);
        let expected = |areas: &[&str]| {
            let inside = |place: &str| areas.iter().any(|area| region(place).is_within(region(area)));
            let leads = (0..120).step_by(2).map(lead).filter(|lead| inside(&lead.region.to_string()));
            let mut ids: Vec<_> = leads.map(|lead| (lead.due, lead.lead_id)).collect();
            ids.sort();
            ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let areas: [&[&str]; 8] = [
            &["000000"],
            &["500000"],
            &["500200"],
            &["500243"],
            &["500243001"],
            &["500243001202"],
            &["500243001202", "500243002201"],
            &["500243001203", "370902"],
        ];
        for (number, area) in areas.iter().enumerate() {
            let list: Vec<(Role, &str)> = area.iter().map(|place| (Role::Supervisor, *place)).collect();
            let scope = bench.scope_of(&format!("user{number}"), &list);
            let rows = all(bench, &scope, &LeadFilter::default(), 7);
            let ids: Vec<String> = rows.iter().map(|row| row.lead_id.clone()).collect();
            assert_eq!(ids, expected(area), "{area:?}");
            assert_eq!(ok(bench.store.count_leads(&scope, &LeadFilter::default())), ids.len() as u64);
        }
    });
}

#[test]
fn filters_narrow_and_never_widen() {
    on_both(|bench| {
        bench.may(120);
        let scope = bench.scope_of("ran", &[(Role::TownshipHead, "500243001")]);
        let list = |filter: LeadFilter| all(bench, &scope, &filter, 50);
        let whole = list(LeadFilter::default());
        let village = list(LeadFilter { place: Some(region("500243001202")), ..LeadFilter::default() });
        assert!(!village.is_empty() && village.iter().all(|row| row.region == region("500243001202")));
        for outside in ["370902", "500243002", "500243002201"] {
            assert_eq!(list(LeadFilter { place: Some(region(outside)), ..LeadFilter::default() }), []);
        }
        let county = list(LeadFilter { place: Some(region("500243")), ..LeadFilter::default() });
        assert_eq!(county, whole, "of a wider place one's own part");
        let check = list(LeadFilter { check: Some("重复享受".into()), ..LeadFilter::default() });
        assert!(!check.is_empty() && check.iter().all(|row| row.check == "重复享受"));
        let day = parse_date("2020-05-13");
        let overdue = list(LeadFilter { overdue_on: day, ..LeadFilter::default() });
        assert_eq!(overdue.len(), whole.iter().filter(|row| row.due < day).count());
        ok(bench.store.assign_lead(&scope, &whole[0].lead_id, 1, scope.user().id));
        let mine = list(LeadFilter { assignee: Some(scope.user().id), ..LeadFilter::default() });
        assert_eq!(mine.len(), 1);
        let assigned = list(LeadFilter { state: Some(StateKind::Assigned), ..LeadFilter::default() });
        assert_eq!(assigned, mine);
        assert_eq!(list(LeadFilter { state: Some(StateKind::Closed), ..LeadFilter::default() }), []);
        assert_eq!(ok(bench.store.checks_in_use(&scope)), ["死亡仍在册", "重复享受"]);
    });
}

#[test]
fn a_lead_goes_its_way_and_every_step_is_kept_and_noted() {
    on_both(|bench| {
        bench.may(20);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let clerk = bench.scope_of("clerk", &[(Role::WindowClerk, "500243001")]);
        let id = lead(4).lead_id;
        let assigned = ok(bench.store.assign_lead(&head, &id, 1, clerk.user().id));
        assert_eq!((assigned.row.version, assigned.row.assignee), (2, Some(clerk.user().id)));
        ok(bench.store.add_evidence(&clerk, &id, &[super::evidence::photo(1)]));
        let proposed = ok(bench.store.report_lead(&clerk, &id, 2, &report(Finding::True, Measure::End)));
        assert_eq!(proposed.row.state, StateKind::AwaitingSecond);
        assert!(!proposed.steps.contains(&LeadStep::Confirm));
        let confirmed = ok(bench.store.confirm_lead(&head, &id, 3, "同意"));
        let names: Vec<&str> = confirmed.history.iter().map(|event| event.actor_name.as_str()).collect();
        assert_eq!(names, ["", "head的姓名", "clerk的姓名", "head的姓名"]);
        let LeadState::ToRectify { report, .. } = &confirmed.case.state else { panic!("{confirmed:?}") };
        assert_eq!((report.reason.as_str(), report.by), ("见到本人", Some(clerk.user().id)));
        let database = bench.database();
        let details = database
            .read(|c| c.rows("SELECT detail FROM audit WHERE action = 'lead-step' ORDER BY seq", &[]));
        let details = format!("{:?}", ok(details));
        assert!(
            details.contains("before=awaiting-second after=to-rectify finding=属实 measure=停发"),
            "{details}"
        );
        assert!(!details.contains("见到本人") && !details.contains("彭甲"), "{details}");
    });
}

#[test]
fn a_stale_step_is_refused_and_shows_both_versions() {
    on_both(|bench| {
        bench.may(20);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let clerk = bench.scope_of("clerk", &[(Role::WindowClerk, "500243001")]);
        let id = lead(4).lead_id;
        ok(bench.store.report_lead(&clerk, &id, 1, &report(Finding::False, Measure::Keep)));
        let refused = bench.store.report_lead(&head, &id, 1, &report(Finding::True, Measure::Raise));
        let Err(StoreError::Stale(stale)) = refused else { panic!("{refused:?}") };
        assert_eq!((stale.version, stale.now.state.kind()), (2, StateKind::Dismissed));
        let wanted = stale.wanted.expect("what the head wanted").state;
        assert_eq!(
            (wanted.kind(), wanted.report().and_then(|report| report.by)),
            (StateKind::ToRectify, Some(head.user().id))
        );
        let lead = ok(bench.store.lead(&head, &id));
        assert_eq!((lead.row.version, lead.row.state), (2, StateKind::Dismissed), "nothing was written");
    });
}

#[test]
fn of_many_who_report_at_once_one_succeeds() {
    on_both(|bench| {
        bench.may(20);
        let id = lead(4).lead_id;
        let scopes: Vec<Scope> = (0..6)
            .map(|n| bench.scope_of(&format!("clerk{n}"), &[(Role::WindowClerk, "500243001")]))
            .collect();
        let report = report(Finding::True, Measure::Raise);
        let outcomes: Vec<bool> = std::thread::scope(|threads| {
            let all: Vec<_> = scopes
                .iter()
                .map(|scope| {
                    let (report, id) = (&report, &id);
                    threads.spawn(move || match bench.store.report_lead(scope, id, 1, report) {
                        Ok(_) => true,
                        Err(StoreError::Stale(_)) => false,
                        Err(error) => panic!("{error}"),
                    })
                })
                .collect();
            all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|ok| **ok).count(), 1);
        assert_eq!(ok(bench.store.lead(&scopes[0], &id)).history.len(), 2);
        assert_eq!(ok(bench.store.verify_audit(None)).broken, None);
    });
}

#[test]
fn leads_of_other_places_cannot_be_seen_or_touched() {
    on_both(|bench| {
        bench.may(20);
        let village = bench.scope_of("cun", &[(Role::VillageWorker, "500243001203")]);
        for number in [0, 2, 4, 10_000] {
            let id = lead(number).lead_id;
            let error = bench.store.lead(&village, &id).expect_err("not here").to_string();
            assert_eq!(error, "没有找到这条疑点，或者不在您的辖区里");
            let refused = bench.store.report_lead(&village, &id, 1, &report(Finding::False, Measure::Keep));
            assert!(matches!(refused, Err(StoreError::NotFound(_))));
        }
        let supervisor = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        let refused = bench.store.assign_lead(&supervisor, &lead(4).lead_id, 1, village.user().id);
        assert!(matches!(refused, Err(StoreError::Case(CaseError::Refused(_)))), "{refused:?}");
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        assert!(
            bench.store.assign_lead(&head, &lead(4).lead_id, 1, village.user().id).is_err(),
            "not their village"
        );
        assert!(bench.store.assign_lead(&head, &lead(4).lead_id, 1, UserId(99)).is_err());
    });
}

#[test]
fn an_export_is_the_list_and_says_what_for() {
    on_both(|bench| {
        bench.may(60);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let filter = LeadFilter { check: Some("重复享受".into()), ..LeadFilter::default() };
        let mut rows = Vec::new();
        let mut take = |row| {
            rows.push(row);
            Ok(())
        };
        assert!(bench.store.export_leads(&head, &filter, "", &mut take).is_err(), "no purpose");
        ok(bench.store.export_leads(&head, &filter, "五月督战会", &mut take));
        assert_eq!(rows, all(bench, &head, &filter, 10));
        let village = bench.scope_of("cun", &[(Role::VillageWorker, PLACES[0].0)]);
        let refused = bench.store.export_leads(&village, &filter, "五月督战会", &mut |_| Ok(()));
        assert!(matches!(refused, Err(StoreError::Refused(_))));
        assert_eq!(rows[0].month, Some(month("2020-05")));
    });
}
