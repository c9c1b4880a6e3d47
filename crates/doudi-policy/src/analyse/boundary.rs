//! A quantity split at one bound, strictly below here and strictly above there, and nothing takes the bound itself.

use super::clauses::def_path;
use super::findings::{Example, Finding, FindingKind};
use super::formula::Formula;
use super::household::{Household, Model, moved};
use super::linear::{Lin, Relation};
use super::reading::{Reader, Stance};
use super::search::Place;
use super::solve::Answer;
use super::terms::{Term, VarId, Vars};
use crate::ast::Compare;
use crate::ir::{Def, Expr, ExprKind, IrClause, RuleId, Type, whole};
use crate::program::Program;
use crate::source::Span;
use crate::value::divide;
use crate::words::outcome_words;
use num_traits::{Signed, Zero};
use std::collections::{BTreeMap, BTreeSet};

/// Bounds tried for one rule.
const MOST_HOLES: usize = 8;

/// One side of a split.
#[derive(Clone, Copy)]
struct Side<'l> {
    rule: RuleId,
    def: &'l Def,
    comparison: &'l Expr,
}

/// A split as the texts have it: who says yes below it, and who above.
#[derive(Default)]
struct Split<'l> {
    below: Vec<Side<'l>>,
    above: Vec<Side<'l>>,
}

/// Yes/no rules that part at one bound.
pub(super) struct Pair<'l> {
    below: Side<'l>,
    above: Side<'l>,
}

impl Pair<'_> {
    pub fn rules(&self) -> [RuleId; 2] {
        [self.below.rule, self.above.rule]
    }

    pub fn spans(&self) -> (Span, Span) {
        (self.below.comparison.span, self.above.comparison.span)
    }
}

/// Every pair of strict comparisons of the program that face each other at one bound.
pub(super) fn pairs<'l>(place: &Place<'_, 'l>) -> Vec<Pair<'l>> {
    let program = place.program;
    let library = program.library;
    let mut reader = Reader::new(program, place.layout, Stance::Here);
    let mut splits: BTreeMap<Lin, Split<'l>> = BTreeMap::new();
    for rule in &program.order {
        if library.rules[rule.index()].ty != Type::YesNo {
            continue;
        }
        reader.refill();
        let granted = reader.rule_is(*rule, true);
        let granted = strict_sides(&reader.vars, &granted);
        let linked = &program.rules[rule.index()];
        for def in linked.base.iter().chain(&linked.exceptions).filter_map(|id| library.def(*id)) {
            for comparison in comparisons(def) {
                let own = sides(&mut reader, comparison);
                for (sum, is_below) in own.intersection(&granted) {
                    let side = Side { rule: *rule, def, comparison };
                    let split = splits.entry(sum.clone()).or_default();
                    if *is_below { split.below.push(side) } else { split.above.push(side) }
                }
            }
        }
    }
    let mut found: Vec<Pair<'l>> = Vec::new();
    for split in splits.values() {
        for below in &split.below {
            for above in &split.above {
                let same_entity =
                    library.rules[below.rule.index()].entity == library.rules[above.rule.index()].entity;
                let known = found.iter().any(|pair| {
                    pair.below.comparison.span == below.comparison.span
                        && pair.above.comparison.span == above.comparison.span
                });
                if same_entity && !known {
                    found.push(Pair { below: *below, above: *above });
                }
            }
        }
    }
    found
}

fn comparisons(def: &Def) -> Vec<&Expr> {
    let mut found = Vec::new();
    for expr in def.exprs() {
        expr.walk(&mut |node| {
            // 等于 draws no line between below and above.
            let equal = [Compare::Equal, Compare::NotEqual];
            if matches!(node.kind, ExprKind::Compare(op, ..) if !equal.contains(&op)) {
                found.push(node);
            }
        });
    }
    found
}

/// The strict comparisons of a condition: the sum, its quantity with factor one, and whether the quantity is to be below.
fn strict_sides(vars: &Vars<'_>, formula: &Formula) -> BTreeSet<(Lin, bool)> {
    let mut found = BTreeSet::new();
    formula.numbers(&mut |condition| {
        if condition.relation == Relation::Below
            && let Some(factor) = quantity(vars, &condition.sum).and_then(|var| condition.sum.factor(var))
            && let Some(sum) = divide(whole(1), factor).and_then(|by| condition.sum.times(by))
        {
            found.insert((sum, factor.is_positive()));
        }
    });
    found
}

/// What a sum measures: the first of its names, in the order of the library.
fn quantity(vars: &Vars<'_>, sum: &Lin) -> Option<VarId> {
    let rank = |var: VarId| match vars.get(var).term {
        Term::Input(id) => Some((0, id.0)),
        Term::Rule(id) => Some((1, id.0)),
        _ => None,
    };
    sum.terms.iter().filter_map(|(var, _)| Some((rank(*var)?, *var))).min().map(|(_, var)| var)
}

/// The strict comparisons that a comparison makes where it holds and where it does not.
fn sides<'l>(reader: &mut Reader<'_, 'l>, comparison: &'l Expr) -> BTreeSet<(Lin, bool)> {
    let formulas = [reader.when(comparison, true), reader.when(comparison, false)];
    formulas.iter().flat_map(|formula| strict_sides(&reader.vars, formula)).collect()
}

/// A household on the bound that neither rule takes, although one takes it a step below and the other a step above.
pub(super) fn hole<'l>(place: &mut Place<'_, 'l>, pair: &Pair<'l>) -> Option<Finding> {
    let mut reader = Reader::new(place.program, place.layout, Stance::Here);
    let below = sides(&mut reader, pair.below.comparison);
    let above = sides(&mut reader, pair.above.comparison);
    let sums = below.into_iter().filter(|(sum, is_below)| *is_below && above.contains(&(sum.clone(), false)));
    // The lowest bound first: sums are in order of what is taken off.
    for (sum, _) in sums.rev() {
        let Some(quantity) = quantity(&reader.vars, &sum) else { continue };
        // More than nothing and less than nothing is said of many things that have nothing to do with each other.
        if pair.below.rule != pair.above.rule && sum.constant.is_zero() && sum.terms.len() == 1 {
            continue;
        }
        if let Some(finding) = on_bound(place, pair, &mut reader, &sum, quantity) {
            return Some(finding);
        }
    }
    None
}

fn on_bound<'l>(
    place: &mut Place<'_, 'l>,
    pair: &Pair<'l>,
    reader: &mut Reader<'_, 'l>,
    sum: &Lin,
    quantity: VarId,
) -> Option<Finding> {
    let term = reader.vars.get(quantity).term.clone();
    reader.inlined = dependents(place.program, &term);
    let step = reader.vars.step(quantity);
    let (p, q) = (pair.below.rule, pair.above.rule);
    let formula = Formula::and(vec![
        Formula::number(sum.clone(), Relation::Equal),
        reader.rule_is(p, false),
        reader.rule_is(q, false),
        reader.rule_is(p, true).moved(quantity, -step)?,
        reader.rule_is(q, true).moved(quantity, step)?,
    ]);
    if reader.overflowed() {
        return None;
    }
    let Answer::Found(model) = place.answer(&reader.vars, &formula) else { return None };
    let computed: Vec<RuleId> = reader.inlined.iter().copied().collect();
    let library = place.program.library;
    let entity = library.rules[p.index()].entity;
    let mut examples = Vec::new();
    for (steps, expected) in [(-1, [Some(true), None]), (0, [Some(false); 2]), (1, [None, Some(true)])] {
        let there: Model = moved(&model, quantity, step * whole(steps))?;
        let household = Household::new(place.program, place.layout, &reader.vars, &there, &computed);
        let answers = household.ask(entity, |evaluation| [evaluation.rule(p, 0), evaluation.rule(q, 0)]);
        let fits = answers
            .iter()
            .zip(expected)
            .all(|(answer, expected)| expected.is_none() || answer.as_yes_no() == expected);
        if !fits {
            return None;
        }
        let mut results: Vec<(String, String)> = [p, q]
            .iter()
            .zip(&answers)
            .map(|(rule, answer)| {
                (library.rules[rule.index()].name.clone(), outcome_words(library, answer, Type::YesNo))
            })
            .collect();
        results.dedup();
        examples.push(Example { facts: household.facts(usize::MAX), results });
    }
    Some(told(place, pair, examples))
}

fn told(place: &Place<'_, '_>, pair: &Pair<'_>, examples: Vec<Example>) -> Finding {
    let library = place.program.library;
    let source = |expr: &Expr| {
        let text =
            library.sources.get(expr.span.source.0 as usize).map_or("", |found| found.slice(expr.span));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (below, above) = (def_path(library, pair.below.def), def_path(library, pair.above.def));
    let what = format!("恰好等于的，两头不靠：“{below}”和“{above}”");
    let why = format!(
        "{} 写“{}”，{} 写“{}”，恰好相等的两处都不包括",
        library.citation(pair.below.def.article),
        source(pair.below.comparison),
        library.citation(pair.above.def.article),
        source(pair.above.comparison),
    );
    let mut finding = Finding::warning(FindingKind::Boundary, pair.above.comparison.span, what)
        .why(why)
        .next("对照原文，把其中一处改成含本数；原文就是这样的，用“缺口”块说明怎样办")
        .subject(above)
        .subject(below);
    finding.subjects.dedup();
    finding.examples = examples;
    finding
}

/// Bounds of a rule's own clauses that no clause takes, although one takes a step below and one a step above; each with
/// its finding.
pub(super) fn clause_holes<'l>(
    place: &mut Place<'_, 'l>,
    rule: RuleId,
    def: &'l Def,
    clauses: &'l [IrClause],
) -> Vec<Finding> {
    let mut reader = Reader::new(place.program, place.layout, Stance::Here);
    let taken: Vec<Formula> = clauses.iter().map(|clause| reader.when(&clause.condition, true)).collect();
    let sums = facing(&reader.vars, &Formula::or(taken));
    let mut found = Vec::new();
    for sum in sums.into_iter().rev().take(MOST_HOLES) {
        if let Some(examples) = clauses_on_bound(place, rule, clauses, &mut reader, &sum) {
            let name = def_path(place.program.library, def);
            let mut finding =
                Finding::warning(FindingKind::Boundary, def.span, format!("恰好等于的，“{name}”没有写到"))
                    .why("比它少一点、多一点的都有“当”，恰好相等的没有，又没有“否则”，结果是不详")
                    .next("对照原文，把其中一处改成含本数；原文就是这样的，用“缺口”块说明怎样办")
                    .subject(name);
            finding.examples = examples;
            found.push(finding);
            break;
        }
    }
    found
}

/// Sums that a condition wants strictly below zero somewhere and strictly above elsewhere.
pub(super) fn facing(vars: &Vars<'_>, formula: &Formula) -> Vec<Lin> {
    let sides = strict_sides(vars, formula);
    let both = sides.iter().filter(|(sum, is_below)| *is_below && sides.contains(&(sum.clone(), false)));
    both.map(|(sum, _)| sum.clone()).collect()
}

fn clauses_on_bound<'l>(
    place: &mut Place<'_, 'l>,
    rule: RuleId,
    clauses: &'l [IrClause],
    reader: &mut Reader<'_, 'l>,
    sum: &Lin,
) -> Option<Vec<Example>> {
    let quantity = quantity(&reader.vars, sum)?;
    let term = reader.vars.get(quantity).term.clone();
    reader.inlined = dependents(place.program, &term);
    let step = reader.vars.step(quantity);
    let taken: Vec<Formula> = clauses.iter().map(|clause| reader.when(&clause.condition, true)).collect();
    let taken = Formula::or(taken);
    let mut parts: Vec<Formula> =
        clauses.iter().map(|clause| reader.when(&clause.condition, false)).collect();
    parts.push(Formula::number(sum.clone(), Relation::Equal));
    parts.push(taken.moved(quantity, -step)?);
    parts.push(taken.moved(quantity, step)?);
    if reader.overflowed() {
        return None;
    }
    let Answer::Found(model) = place.answer(&reader.vars, &Formula::and(parts)) else { return None };
    let computed: Vec<RuleId> = reader.inlined.iter().copied().collect();
    let library = place.program.library;
    let found = &library.rules[rule.index()];
    let mut examples = Vec::new();
    for steps in [-1, 0, 1] {
        let there: Model = moved(&model, quantity, step * whole(steps))?;
        let household = Household::new(place.program, place.layout, &reader.vars, &there, &computed);
        let (answers, outcome) = household.ask(found.entity, |evaluation| {
            let answers: Vec<Option<bool>> = clauses
                .iter()
                .map(|clause| evaluation.expr(&clause.condition, found.entity, 0).as_yes_no())
                .collect();
            (answers, evaluation.rule(rule, 0))
        });
        let fits = match steps {
            0 => answers.iter().all(|answer| *answer == Some(false)),
            _ => answers.contains(&Some(true)),
        };
        if !fits {
            return None;
        }
        let result = (found.name.clone(), outcome_words(library, &outcome, found.ty));
        examples.push(Example { facts: household.facts(usize::MAX), results: vec![result] });
    }
    Some(examples)
}

/// Rules that rest on a name, directly or not.
fn dependents(program: &Program<'_>, term: &Term) -> BTreeSet<RuleId> {
    let mut found: BTreeSet<RuleId> = BTreeSet::new();
    for rule in &program.order {
        if *term == Term::Rule(*rule) {
            continue;
        }
        let mut rests = false;
        program.walk_rule(*rule, &mut |node| match &node.kind {
            ExprKind::Input(id) => rests |= *term == Term::Input(*id),
            ExprKind::Rule(id) => rests |= *term == Term::Rule(*id) || found.contains(id),
            _ => {}
        });
        if rests {
            found.insert(*rule);
        }
    }
    found
}
