//! Every branch that an explanation shows has been evaluated, and follows from the branches right below it.

use crate::checker::{Checker, NO_SUCH_RULE, Seen};
use crate::households::{household, shipped};
use doudi_policy::ir::{HOUSEHOLD, Type};
use doudi_policy::{
    Evaluation, Explanation, Facts, Layout, Library, Node, Outcome, ParameterValue, Program, account,
    explain, outcome_words, parse_value, value_words,
};
use doudi_terms::{RegionCode, parse_date};

const EXPLAINED: [&str; 10] = [
    "户.有人应享低保",
    "户.应发低保总额",
    "户.低保边缘家庭",
    "人.特困对象",
    "人.特困供养金",
    "人.应享护理补贴",
    "人.重度残疾人护理补贴",
    "人.应享事实无人抚养补贴",
    "人.单人户对象",
    "人.疫情救助对象",
];

#[derive(Default, Debug)]
struct Tally {
    nodes: usize,
    known: usize,
    agreed: usize,
    beyond: usize,
}

#[test]
fn every_branch_shown_has_a_value_or_says_what_is_missing_and_follows_from_its_parts() {
    let library = shipped();
    let layout = Layout::of(&library);
    let mut tally = Tally::default();
    for (region, date) in [("500243", "2020-05-31"), ("370900", "2022-03-31"), ("500243", "2026-08-31")] {
        let region = RegionCode::parse(region).expect("region");
        let program = Program::link(&library, region, parse_date(date).expect("day")).expect("links");
        for seed in 0..10 {
            let facts = household(&library, &layout, seed, if seed % 2 == 0 { 0 } else { 25 });
            for path in EXPLAINED {
                let rule = library.rule_by_path(path).expect(path);
                let rows = if library.rules[rule.index()].entity == HOUSEHOLD { 1 } else { 2 };
                for row in 0..rows.min(facts.rows(library.rules[rule.index()].entity)) {
                    let mut evaluation = Evaluation::new(&program, &facts);
                    let tree = explain(&mut evaluation, rule, row);
                    check(&program, &facts, &tree, &mut tally);
                    let told = account(&mut evaluation, rule, row, None);
                    assert!(told.sentences.iter().all(|sentence| sentence.ends_with('。')), "{told:?}");
                }
            }
        }
    }
    // Most of what is shown can be reckoned again by the little evaluator; the rest are days, ages and bounds.
    assert!(tally.nodes > 15_000 && tally.agreed * 10 > tally.known * 8, "{tally:?}");
}

fn check(program: &Program<'_>, facts: &Facts<'_>, node: &Explanation, tally: &mut Tally) {
    tally.nodes += 1;
    assert_ne!(node.value, "", "{} has no value", node.name);
    assert!(
        node.known || !node.missing.is_empty(),
        "{}：{} and nothing said to be missing",
        node.name,
        node.value
    );
    shown_value_is_true(program, facts, node);
    if let Node::Rule(rule, row) = node.node
        && node.known
        && !node.parts.is_empty()
    {
        tally.known += 1;
        let mut evaluation = Evaluation::new(program, facts);
        let _ = evaluation.rule(rule, row);
        let fired = evaluation.fired(rule, row).expect("fired").clone();
        let base = fired.base.and_then(|id| program.library.def(id));
        let exceptions: Vec<_> = fired.exceptions.iter().filter_map(|id| program.library.def(*id)).collect();
        let values = |part: &Explanation| read(program.library, part);
        let checker = Checker { program, facts, shown: &node.parts, values: &values };
        match checker.rule(rule, row, base, &exceptions) {
            Seen::Known(value) => {
                let words = value_words(program.library, value, program.library.rules[rule.index()].ty);
                assert_eq!(words, node.value, "{} does not follow from what is shown below it", node.name);
                tally.agreed += 1;
            }
            Seen::Hidden => panic!("{} rests on something that is not shown: {node:#?}", node.name),
            // Bounds decided it, or days.
            Seen::Unknown | Seen::Beyond => tally.beyond += 1,
        }
    }
    for part in &node.parts {
        check(program, facts, part, tally);
    }
}

/// The value that a part shows, read back from its words; what words only come near to is left to others.
fn read(library: &Library, part: &Explanation) -> Seen {
    let ty = match part.node {
        Node::Rule(id, _) => library.rules[id.index()].ty,
        Node::Input(id, _) => library.inputs[id.index()].ty,
        Node::Parameter(id, _) => library.parameters[id.index()].ty,
    };
    if part.value.starts_with("约") || part.value == NO_SUCH_RULE {
        return Seen::Beyond;
    }
    if !part.known {
        return Seen::Unknown;
    }
    let exact = if ty == Type::Money { Type::Amount } else { ty };
    parse_value(&part.value, exact, &library.enums).map_or(Seen::Beyond, Seen::Known)
}

/// A fresh evaluation of the node alone says the same.
fn shown_value_is_true(program: &Program<'_>, facts: &Facts<'_>, node: &Explanation) {
    let library = program.library;
    match node.node {
        Node::Rule(rule, row) => {
            let outcome = Evaluation::new(program, facts).rule(rule, row);
            assert_eq!(node.value, outcome_words(library, &outcome, library.rules[rule.index()].ty));
            assert_eq!(node.known, matches!(outcome, Outcome::Known(_)));
        }
        Node::Input(input, row) => {
            let declared = &library.inputs[input.index()];
            let given = facts.get(declared.entity, row, input).is_some();
            assert_eq!(node.known, given, "{}", node.name);
        }
        Node::Parameter(parameter, key) => {
            let published = program.parameters[parameter.index()].get(key).copied();
            assert_eq!(
                node.known,
                !matches!(published, None | Some(ParameterValue::Unpublished)),
                "{}",
                node.name
            );
        }
    }
}
