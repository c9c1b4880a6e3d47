//! What a refusal names as the nearest change is tried: it turns the answer, and nothing nearer does.

use crate::households::{Dice, household, shipped};
use doudi_policy::ir::{HOUSEHOLD, Type};
use doudi_policy::{
    Change, Evaluation, Exact, Fact, FactValue, Facts, Layout, Program, Value, nearest_changes,
};
use doudi_terms::{RegionCode, parse_date};

/// Entitlements of several programmes, some of the household and some of a person.
const DECISIONS: [&str; 6] = [
    "户.有人应享低保",
    "户.低保边缘家庭",
    "人.特困对象",
    "人.应享护理补贴",
    "人.应享事实无人抚养补贴",
    "人.单人户对象",
];
/// Values between the present one and the named one that are tried; all of them where they are no more.
const TRIED_BETWEEN: i128 = 60;

#[test]
fn every_change_that_is_named_turns_the_refusal_and_none_nearer_does() {
    let library = shipped();
    let layout = Layout::of(&library);
    let region = RegionCode::parse("500243").expect("region");
    let program = Program::link(&library, region, parse_date("2021-07-31").expect("day")).expect("links");
    let (mut refusals, mut numbers, mut others) = (0, 0, 0);
    for seed in 0..70 {
        let facts = household(&library, &layout, seed, 0);
        for path in DECISIONS {
            let rule = library.rule_by_path(path).expect(path);
            let rows = if library.rules[rule.index()].entity == HOUSEHOLD {
                1
            } else {
                2.min(facts.rows(library.rules[rule.index()].entity))
            };
            for row in 0..rows {
                let changes = nearest_changes(&mut Evaluation::new(&program, &facts), rule, row);
                refusals += usize::from(!changes.is_empty());
                let answer = |change: &Change, value: Value| {
                    let mut changed: Facts<'_> = facts.clone();
                    let entity = library.inputs[change.input.index()].entity;
                    let fact = Fact { value: FactValue::Known(value), source: None };
                    changed.set(entity, change.row, change.input, fact);
                    Evaluation::new(&program, &changed).rule(rule, row).as_yes_no()
                };
                for change in &changes {
                    let declared = &library.inputs[change.input.index()];
                    for value in &change.values {
                        assert_eq!(answer(change, *value), Some(true), "{seed} {path} {}", change.sentence);
                        assert!(declared.untried.allows(*value), "{}", change.sentence);
                    }
                    let (Value::Number(now), Value::Number(to)) = (change.now, change.values[0]) else {
                        others += 1;
                        continue;
                    };
                    numbers += 1;
                    for nearer in between(now, to, declared.ty, seed) {
                        assert_ne!(
                            answer(change, Value::Number(nearer)),
                            Some(true),
                            "{seed} {path} {}: {nearer}",
                            change.sentence
                        );
                    }
                }
            }
        }
    }
    assert!(refusals > 25 && numbers > 15 && others > 15, "{refusals} {numbers} {others}");
}

/// Values nearer to `now` than `to` is, on both sides.
fn between(now: Exact, to: Exact, ty: Type, seed: u64) -> Vec<Exact> {
    let step = if ty == Type::Number { Exact::new(1, 100) } else { Exact::from_integer(1) };
    let steps = ((to - now) / step).to_integer().abs();
    let mut dice = Dice(seed);
    let tried: Vec<i128> = if steps <= TRIED_BETWEEN {
        (1..steps).collect()
    } else {
        let random = (0..TRIED_BETWEEN).map(|_| 1 + i128::from(dice.below(steps as u64 - 1)));
        random.chain([1, steps - 1]).collect()
    };
    let both = tried.into_iter().flat_map(|at| [now - step * at, now + step * at]);
    both.filter(|value| *value >= Exact::from_integer(0)).collect()
}
