//! Every place that has rules or values of its own, on days of every layer of the law.

use crate::agreement::{compare, name};
use crate::boundaries::Boundaries;
use crate::population::{Population, Recipe};
use crate::shipped::{LIBRARY, others};
use doudi_policy::Program;
use doudi_policy::ir::{Def, Expr, ExprKind, RuleId};
use doudi_policy_batch::Wanted;
use doudi_terms::{RegionCode, parse_date};
use std::collections::{BTreeMap, BTreeSet};

const DAYS: [&str; 13] = [
    "2013-06-30",
    "2015-03-31",
    "2016-12-31",
    "2018-05-31",
    "2019-09-30",
    "2020-05-31",
    "2020-11-30",
    "2021-03-31",
    "2021-09-30",
    "2022-12-31",
    "2024-06-30",
    "2025-06-30",
    "2026-08-31",
];

/// A county that has a folder only above it, and one that has none at all.
const OTHERS: [&str; 2] = ["520402", "620102"];

fn places() -> BTreeSet<RegionCode> {
    let own = LIBRARY.documents.iter().map(|document| document.region);
    let others = OTHERS.map(|code| RegionCode::parse(code).expect("a region"));
    own.chain(LIBRARY.rows.iter().map(|row| row.region)).chain(others).collect()
}

#[derive(Debug, Default)]
struct Tally {
    programs: usize,
    households: usize,
    cells: usize,
    known: usize,
    /// Cells known to the scalar evaluator alone behind a clock.
    clocks: usize,
    /// Those behind none: by rule.
    weaker: BTreeMap<String, usize>,
    /// Rules among them whose formulas have no numbers to bound.
    without_cause: BTreeSet<String>,
}

impl Tally {
    fn add(&mut self, program: &Program<'_>, recipe: Recipe, huge: u64) {
        let boundaries = Boundaries::of(program, huge);
        let population = Population::draw_with(&LIBRARY, recipe, 1..=8, |id, dice| boundaries.cell(id, dice));
        let clean = recipe.unknown == 0 && recipe.incomplete == 0 && huge == 0;
        let found = compare(program, &population, clean);
        let found = found.unwrap_or_else(|problem| {
            panic!("{} on {}, {recipe:?}: {problem}", program.region, program.date)
        });
        self.households += recipe.households;
        self.cells += found.cells;
        self.known += found.known;
        let (clocks, bounds) = (behind(program, is_clock), behind(program, may_bound));
        for (name, count) in found.weaker {
            if clocks.contains(&name) {
                self.clocks += count;
                continue;
            }
            if !bounds.contains(&name) {
                self.without_cause.insert(name.clone());
            }
            *self.weaker.entry(name).or_default() += count;
        }
    }
}

fn run(households: usize, first_seed: u64, recipes: &[(u64, u64, u64)]) -> Tally {
    let mut tally = Tally::default();
    let mut seed = first_seed;
    for place in places() {
        for day in DAYS {
            let program = Program::link(&LIBRARY, place, parse_date(day).expect("a day")).expect("it links");
            tally.programs += 1;
            for (unknown, incomplete, huge) in recipes {
                let recipe = Recipe { households, seed, unknown: *unknown, incomplete: *incomplete };
                tally.add(&program, recipe, *huge);
                seed += 1;
            }
        }
    }
    tally
}

/// By rule and check: whether its formulas, or those of what it uses, hold a node for which `wanted` is true.
fn behind(program: &Program<'_>, wanted: fn(&ExprKind) -> bool) -> BTreeSet<String> {
    let library = program.library;
    let mut with = vec![false; library.rules.len()];
    let holds = |expr: &Expr, with: &[bool]| {
        let mut found = false;
        expr.walk(&mut |node| {
            found |= wanted(&node.kind);
            if let ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } = &node.kind {
                found |= with[id.index()];
            }
        });
        found
    };
    for id in &program.order {
        let linked = &program.rules[id.index()];
        let defs = linked.base.iter().chain(&linked.exceptions).filter_map(|id| library.def(*id));
        with[id.index()] = defs.flat_map(Def::exprs).any(|expr| holds(expr, &with));
    }
    let rules = (0..with.len()).filter(|at| with[*at]).map(|at| Wanted::Rule(RuleId(at as u32)));
    let checks = program.checks.iter().filter(|id| holds(&library.checks[id.index()].condition, &with));
    rules.chain(checks.map(|id| Wanted::Check(*id))).map(|wanted| name(program, wanted)).collect()
}

/// Working days, calendar months and hours counted on: the batch leaves them to the scalar evaluator.
fn is_clock(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Later { .. })
}

/// What gives an answer from bounds, or needs more than 64 bits: numbers computed, compared or folded.
fn may_bound(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Compare(..)
            | ExprKind::Arith(..)
            | ExprKind::Largest(_)
            | ExprKind::Smallest(_)
            | ExprKind::Aggregate { .. }
    )
}

#[test]
fn every_place_and_layer_gives_both_the_same_answers() {
    let clean = run(1, 1, &[(0, 0, 0)]);
    assert!(clean.programs >= 13 * 10, "{clean:?}");
    assert!(clean.known > clean.cells / 2, "{clean:?}");
    let others = others(clean.weaker.into_keys().collect());
    assert!(others.is_empty(), "known to the scalar evaluator alone: {others:?}");
}

/// Some facts, half of the facts, and numbers that do not fit.
#[test]
fn with_facts_unknown_the_batch_says_less_but_nothing_else() {
    let open = run(1, 1_001, &[(8, 30, 0), (50, 50, 0), (3, 10, 3)]);
    assert!(open.known > open.cells / 3, "{open:?}");
    let bounded: usize = open.weaker.values().sum();
    assert!(bounded * 50 < open.known, "more than one answer in fifty by bounds alone: {open:?}");
    assert!(open.without_cause.is_empty(), "neither clocks nor bounds: {:?}", open.without_cause);
}

/// A search among many more: `cargo test --release -p doudi-policy-batch -- --ignored --nocapture many_households`.
#[test]
#[ignore = "searches for many minutes"]
#[allow(clippy::print_stdout)]
fn many_households_of_every_place() {
    for round in 0..100 {
        let recipes = [(0, 0, 0), (5, 20, 0), (20, 40, 0), (50, 60, 0), (3, 10, 3)];
        let found = run(4, 1_000_000 * (round + 1), &recipes);
        let bounded: usize = found.weaker.values().sum();
        println!(
            "round {round}: {} programs, {} households, {} cells, {} known to both, {} by clocks, {bounded} by bounds, {:?}",
            found.programs, found.households, found.cells, found.known, found.clocks, found.without_cause
        );
    }
}
