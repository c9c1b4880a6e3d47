//! The figures as JSON. No names: those are only in the files.

use super::example;
use super::month::Month;
use crate::divisions::Divisions;
use doudi_engine::simulate::{
    CHANGES, Comparison, Cost, Counts, Example, ProgrammeComparison, Standings, Tally,
};
use doudi_terms::{Fen, RegionCode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn value(month: &Month, comparison: &Comparison) -> Value {
    let divisions = &month.divisions;
    let programmes: Vec<Value> =
        comparison.programmes.iter().map(|found| programme(found, divisions)).collect();
    let overall = comparison.overall;
    let examples: Vec<Value> =
        comparison.examples.iter().map(|found| example_json(comparison, found, divisions)).collect();
    json!({
        "region": comparison.region.to_string(),
        "month": comparison.month.to_string(),
        "persons": comparison.persons,
        "households": comparison.households,
        "programmes": programmes,
        "all_programmes": {
            "households_changed": overall.sum(),
            "more": overall.more,
            "less": overall.less,
            "even": overall.even,
            "unknown": overall.unknown,
        },
        "examples": examples,
        "identities": comparison.identities,
        "unknown_facts": comparison.unknown_facts,
    })
}

fn programme(found: &ProgrammeComparison, divisions: &Divisions) -> Value {
    let places = |tallies: &BTreeMap<RegionCode, Tally>| -> Vec<Value> {
        tallies
            .iter()
            .map(|(code, tally)| {
                json!({ "region": code.to_string(), "name": divisions.name(*code), "figures": figures(tally) })
            })
            .collect()
    };
    json!({
        "id": found.id,
        "name": found.name,
        "unit": if found.pays_household { "户" } else { "人" },
        "changed": !found.total.is_unchanged(),
        "total": figures(&found.total),
        "by_county": places(&found.by_county),
        "by_township": places(&found.by_township),
    })
}

fn figures(tally: &Tally) -> Value {
    let by_change: Map<String, Value> =
        CHANGES.into_iter().map(|change| (change.key().to_owned(), yuan(tally.difference(change)))).collect();
    json!({
        "households": counts(&tally.households),
        "persons": counts(&tally.persons),
        "cost": {
            "before": cost(&tally.before),
            "after": cost(&tally.after),
            "difference_yuan": yuan(tally.after.known - tally.before.known),
            "difference_by_change_yuan": by_change,
        },
    })
}

fn counts(counts: &Counts) -> Value {
    let mut object: Map<String, Value> =
        CHANGES.into_iter().map(|change| (change.key().to_owned(), counts.get(change).into())).collect();
    object.insert("before".into(), standings(&counts.before));
    object.insert("after".into(), standings(&counts.after));
    Value::Object(object)
}

fn standings(found: &Standings) -> Value {
    json!({
        "entitled": found.entitled,
        "not_entitled": found.not_entitled,
        "unknown": found.unknown,
        "unasked": found.unasked,
    })
}

fn cost(found: &Cost) -> Value {
    json!({
        "known_yuan": yuan(found.known),
        "enrolled_yuan": yuan(found.enrolled),
        "open": found.open,
        "low_yuan": yuan(found.low),
        "high_yuan": found.upper().map(yuan),
        "unbounded": found.unbounded,
    })
}

fn yuan(fen: i128) -> Value {
    i64::try_from(fen).map_or(Value::Null, |fen| Fen(fen).to_string().into())
}

fn example_json(comparison: &Comparison, found: &Example, divisions: &Divisions) -> Value {
    json!({
        "programme": comparison.programmes[found.programme].id,
        "change": found.change.key(),
        "township": divisions.township_name(found.township),
        "members": found.members,
        "reason_before": found.reasons[0],
        "reason_after": found.reasons[1],
        "differences": example::differences(found),
    })
}
