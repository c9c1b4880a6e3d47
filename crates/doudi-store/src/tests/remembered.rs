use super::bench::{now, on_both};
use super::county::{clearing, lead, ok};
use crate::{LeadFilter, LeadOrder, Store};
use doudi_casework::{Role, StateKind};
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn sums_are_counted_again_after_a_change_and_after_a_while() {
    on_both(|bench| {
        bench.may(40);
        let scope = bench.scope_of("head", &[(Role::TownshipHead, "500243")]);
        let worker = bench.user("worker", &[(Role::VillageWorker, "500243")]);
        let counted = |scope: &crate::Scope| ok(bench.store.count_states(scope, &LeadFilter::default()));
        let before = counted(&scope);
        let first =
            ok(bench.store.leads(&scope, &LeadFilter::default(), LeadOrder::Due, None, 1)).rows.remove(0);
        ok(bench.store.assign_lead(&scope, &first.lead_id, first.version, worker));
        let after = counted(&scope);
        assert_ne!(before, after, "what is done here is seen at once");
        assert!(after.contains(&(StateKind::Assigned, 1)), "{after:?}");

        // Another program on the same database.
        let other = ok(Store::open(&bench.address, bench.keys()));
        let leads = (0..44).step_by(2).map(lead).collect();
        ok(other.import_clearing(clearing("2020-06", 44, leads), now()));
        let mut later = scope.clone();
        later.at = scope.at.plus_seconds(5);
        let total = |counts: Vec<(StateKind, u64)>| counts.into_iter().map(|(_, count)| count).sum::<u64>();
        assert!(total(counted(&later)) > total(after));
    });
}

#[test]
fn one_count_is_told_to_all_who_ask_at_once() {
    on_both(|bench| {
        let counted = AtomicUsize::new(0);
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    let count = || {
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok(counted.fetch_add(1, Ordering::Relaxed))
                    };
                    assert_eq!(ok(bench.store.remembered("x".into(), now(), count)), 0);
                });
            }
        });
        let again = bench.store.remembered("y".into(), now(), || Ok(7));
        assert_eq!(ok(again), 7, "another question is another count");
        let failed: crate::Outcome<i32> =
            bench.store.remembered("z".into(), now(), || Err(crate::StoreError::NotFound("这个")));
        assert!(failed.is_err());
        assert_eq!(ok(bench.store.remembered("z".into(), now(), || Ok(1))), 1, "a failure is not kept");
    });
}
