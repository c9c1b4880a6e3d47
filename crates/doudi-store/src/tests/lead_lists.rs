use super::bench::{Bench, on_both, region};
use super::county::{lead, ok, person};
use crate::{LeadCursor, LeadFilter, LeadOrder, LeadRow, Scope, StoreError};
use doudi_casework::{CaseError, Role, StateKind};

/// Page after page, through the text that an address carries.
fn walk(bench: &Bench, scope: &Scope, filter: &LeadFilter, order: LeadOrder) -> Vec<LeadRow> {
    let mut rows = Vec::new();
    let mut after: Option<LeadCursor> = None;
    loop {
        let page = ok(bench.store.leads(scope, filter, order, after.as_ref(), 7));
        rows.extend(page.rows);
        let Some(next) = page.next else { return rows };
        after = LeadCursor::parse(order, &next.text());
        assert_eq!(after.as_ref(), Some(&next), "{}", next.text());
    }
}

#[test]
fn pages_of_every_order_meet_and_hold_the_same_leads() {
    on_both(|bench| {
        bench.may(120);
        let scope = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        for place in [None, Some("500243001"), Some("500243001202")] {
            let filter = LeadFilter { place: place.map(region), ..LeadFilter::default() };
            let mut expected: Vec<LeadRow> = walk(bench, &scope, &filter, LeadOrder::Due);
            assert!(expected.len() > 14);
            for order in LeadOrder::ALL {
                expected.sort_by_key(|row| match order {
                    LeadOrder::Due => {
                        (row.due.map(|due| due.to_string()).unwrap_or_default(), row.lead_id.clone())
                    }
                    LeadOrder::Name => (row.name.clone(), row.lead_id.clone()),
                    LeadOrder::Place => (row.region.to_string(), row.lead_id.clone()),
                });
                assert_eq!(walk(bench, &scope, &filter, order), expected, "{order:?}");
            }
        }
        assert_eq!(LeadCursor::parse(LeadOrder::Place, "x.1"), None);
    });
}

#[test]
fn a_lead_is_found_by_name_number_and_its_own_number_and_never_elsewhere() {
    on_both(|bench| {
        bench.may(40);
        let county = bench.scope_of("dudao", &[(Role::Supervisor, "500243")]);
        let village = bench.scope_of("cun", &[(Role::VillageWorker, "500243001202")]);
        let found = |scope: &Scope, text: &str| {
            let filter = LeadFilter { text: Some(text.into()), ..LeadFilter::default() };
            let rows = ok(bench.store.leads(scope, &filter, LeadOrder::Due, None, 50)).rows;
            assert_eq!(ok(bench.store.count_leads(scope, &filter)), rows.len() as u64, "{text}");
            rows.into_iter().map(|row| row.lead_id).collect::<Vec<_>>()
        };
        let one = [lead(4).lead_id];
        let who = person(4);
        for text in [&who.id_number, &who.person_id, &one[0], &format!(" {} ", who.name)] {
            assert_eq!(found(&county, text), one, "{text}");
            assert_eq!(found(&village, text), one, "{text}");
        }
        assert_eq!(found(&county, &who.household_id), [lead(0).lead_id, one[0].clone()]);
        assert!(found(&county, "彭甲").len() > 3 && found(&county, "彭甲").len() < 40);
        // Number 2 lives in the next township, 3 in another county.
        for text in [&person(2).id_number, &person(2).person_id, &lead(2).lead_id, &person(2).name] {
            assert_eq!(found(&village, text), [""; 0], "{text}");
        }
        assert_eq!(found(&county, "%"), [""; 0]);
        assert_eq!(found(&county, "彭%"), [""; 0]);
        let words = ok(bench
            .database()
            .read(|connection| connection.rows("SELECT detail FROM audit WHERE action = 'list-leads'", &[])));
        assert!(!format!("{words:?}").contains("彭甲") && format!("{words:?}").contains("text"));
    });
}

#[test]
fn states_are_counted_whatever_state_is_asked_for() {
    on_both(|bench| {
        bench.may(40);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        ok(bench.store.assign_lead(&head, &lead(4).lead_id, 1, head.user().id));
        let filter = LeadFilter { state: Some(StateKind::Closed), ..LeadFilter::default() };
        let whole = ok(bench.store.count_leads(&head, &LeadFilter::default()));
        let counts = ok(bench.store.count_states(&head, &filter));
        assert_eq!(counts, [(StateKind::Open, whole - 1), (StateKind::Assigned, 1)]);
    });
}

#[test]
fn all_of_a_village_go_to_its_worker_once_and_each_is_in_the_history_and_the_audit() {
    on_both(|bench| {
        bench.may(60);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let worker = bench.user("cun", &[(Role::VillageWorker, "500243001202")]);
        let village = LeadFilter { place: Some(region("500243001202")), ..LeadFilter::default() };
        let count = ok(bench.store.count_leads(&head, &village));
        let done = ok(bench.store.assign_all(&head, &village, worker));
        assert_eq!((done.done, done.kept, done.refused), (count, 0, Vec::new()));
        let found = ok(bench.store.lead(&head, &lead(4).lead_id));
        assert_eq!((found.row.assignee, found.row.version), (Some(worker), 2));
        assert_eq!(
            found.history.last().map(|event| (event.step.as_str(), event.actor)),
            Some(("分派", Some(head.user().id)))
        );
        let steps = ok(bench.database().read(|connection| {
            connection.number("SELECT COUNT(*) FROM audit WHERE action = 'lead-step'", &[])
        }));
        assert_eq!(steps as u64, count);
        // Again: nothing to do, and no event.
        assert!(matches!(bench.store.assign_all(&head, &village, worker), Err(StoreError::BadInput(_))));
        let again = ok(bench.store.assign_leads(&head, &[lead(4).lead_id], worker));
        assert_eq!((again.done, again.kept), (0, 1));
        assert_eq!(ok(bench.store.lead(&head, &lead(4).lead_id)).row.version, 2);
    });
}

#[test]
fn leads_go_only_to_whoever_has_them_in_their_area() {
    on_both(|bench| {
        bench.may(60);
        let head = bench.scope_of("head", &[(Role::TownshipHead, "500243001")]);
        let worker = bench.user("cun", &[(Role::VillageWorker, "500243001202")]);
        let other = bench.user("lin", &[(Role::VillageWorker, "500243002201")]);
        // Number 0 is of the worker's village; a township has both villages.
        let township = LeadFilter { place: Some(region("500243001")), ..LeadFilter::default() };
        let done = ok(bench.store.assign_all(&head, &township, worker));
        assert!(done.done > 0 && done.refused.iter().all(|not| not.why.contains("请选本辖区的经办人")));
        let none = ok(bench.store.assign_leads(&head, &[lead(4).lead_id], other));
        assert_eq!((none.done, none.refused.len()), (0, 1), "another township's worker");
        assert_eq!(ok(bench.store.lead(&head, &lead(4).lead_id)).row.assignee, Some(worker));
        // A lead of elsewhere among them: nothing of it is done.
        let mixed = [lead(4).lead_id, lead(2).lead_id];
        let refused = bench.store.assign_leads(&head, &mixed, head.user().id);
        assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
        assert_eq!(ok(bench.store.lead(&head, &lead(4).lead_id)).row.assignee, Some(worker));
        let own = bench.scope("cun");
        let refused = bench.store.assign_leads(&own, &[lead(4).lead_id], head.user().id);
        assert!(matches!(refused, Err(StoreError::Case(CaseError::Refused(_)))), "{refused:?}");
    });
}
