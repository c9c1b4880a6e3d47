//! The demo judged: clean before planting, planted as defined, the same bytes every time.

use crate::*;
use std::collections::BTreeMap;

#[test]
fn a_clean_county_has_nothing_wrong() {
    for seed in 1..4 {
        let [first, second] = months();
        let mut world = clean_world(&DemoConfig { persons: 60_000, seed }, first);
        let mut found: Vec<_> = truth::find(&world, first);
        enrolment::advance(&mut world, second);
        found.extend(truth::find(&world, second));
        found.retain(|(kind, ..)| *kind != "undetermined");
        assert_eq!(found, []);
    }
}

#[test]
fn show() {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    let truth = generate(&DemoConfig::default(), &mut |_| {}, &mut |_, _| {});
    for row in truth.planted {
        *counts.entry((row.month, KINDS.iter().position(|k| k.0 == row.kind), row.kind)).or_default() += 1;
    }
    for (key, count) in counts {
        eprintln!("{key:?} {count}");
    }
}
