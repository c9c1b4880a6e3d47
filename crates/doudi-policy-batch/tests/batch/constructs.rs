//! Every construct of the language on random populations: some facts unknown, some lists incomplete, parameters
//! published, partly published and not published.

use crate::agreement::{compare, name};
use crate::library;
use crate::population::{Population, Recipe};
use doudi_policy::{Library, Program};
use doudi_policy_batch::{Wanted, evaluate};
use doudi_terms::{RegionCode, parse_date};
use proptest::prelude::*;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| library(include_str!("every_construct.md"), include_str!("standards.csv")));

/// Everything published, some things published as "none" or unknown, nothing published.
const PLACES: [&str; 3] = ["500243", "370902", "620000"];

fn program(place: &str, day: &str) -> Program<'static> {
    let region = RegionCode::parse(place).expect("a region");
    Program::link(&LIBRARY, region, parse_date(day).expect("a day")).expect("it links")
}

fn days() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("2020-05-31"), Just("2019-02-28"), Just("2016-02-29")]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_batch_knows_the_scalar_evaluator_knows_too(
        households in 0_usize..30,
        seed in any::<u64>(),
        unknown in prop_oneof![Just(0_u64), 1_u64..15, 15_u64..60],
        incomplete in prop_oneof![Just(0_u64), 1_u64..100],
        place in prop::sample::select(&PLACES[..]),
        day in days(),
    ) {
        let recipe = Recipe { households, seed, unknown, incomplete };
        let population = Population::draw(&LIBRARY, recipe);
        let found = compare(&program(place, day), &population, false);
        prop_assert!(found.is_ok(), "{}", found.unwrap_err());
    }

    #[test]
    fn with_all_facts_known_both_give_the_same(
        households in 1_usize..40,
        seed in any::<u64>(),
        day in days(),
    ) {
        let recipe = Recipe { households, seed, unknown: 0, incomplete: 0 };
        let population = Population::draw(&LIBRARY, recipe);
        let found = compare(&program("500243", day), &population, true);
        prop_assert!(found.is_ok(), "{}", found.unwrap_err());
        let found = found.unwrap().scalar_only;
        prop_assert!(found.is_empty(), "{found:?}");
    }
}

/// The populations above would prove nothing about a rule that is never known, or never unknown.
#[test]
fn every_rule_is_known_for_some_and_unknown_for_others() {
    let program = program("500243", "2020-05-31");
    let recipe = Recipe { households: 500, seed: 7, unknown: 10, incomplete: 30 };
    let tables = Population::draw(&LIBRARY, recipe).tables(&LIBRARY);
    let wanted: Vec<Wanted> = program.order.iter().copied().map(Wanted::Rule).collect();
    let results = evaluate(&program, &tables, &wanted).expect("results");
    let mut always_known = Vec::new();
    for column in &results.columns {
        let rows = tables.rows(column.entity);
        let known = (0..rows).filter(|row| column.value(*row).is_some()).count();
        assert!(known > rows / 50, "{}: {known} of {rows}", name(&program, column.wanted));
        if known == rows {
            always_known.push(name(&program, column.wanted));
        }
    }
    always_known.sort_unstable();
    // Sums of zeros, questions that always have an answer, members (whose list is always complete), and what is
    // published and the same for everybody.
    let expected =
        "人.同户人数 户.人数 户.同样 户.报废车 户.有分类 户.有比例 户.白送 户.知道存款 户.知道评级 户.都一样";
    assert_eq!(always_known.join(" "), expected);
}
