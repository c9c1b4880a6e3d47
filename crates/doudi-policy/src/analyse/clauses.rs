//! The clauses and exceptions of one rule: what none of them takes, and what two of them take and answer differently.

use super::boundary;
use super::findings::{Example, Finding, FindingKind};
use super::formula::Formula;
use super::reading::Reader;
use super::search::{Place, Shown};
use crate::ir::{Body, Def, DefId, EntityId, Expr, ExprKind, IrClause, RuleId, Type};
use crate::library::Library;
use crate::value::{Fault, Missing};
use crate::words::outcome_words;

/// Rules with more clauses are tables written out; two by two they would take too long.
pub(super) const MOST_CLAUSES: usize = 64;

/// `户.低保对象`, `户.低保对象「渐退」`.
pub(super) fn def_path(library: &Library, def: &Def) -> String {
    let path = library.path(crate::references::Named::Rule(def.rule));
    match &def.label {
        Some(label) => format!("{path}「{label}」"),
        None => path,
    }
}

pub(super) fn base_of<'l>(place: &Place<'_, 'l>, rule: RuleId) -> Option<&'l Def> {
    place.program.rules[rule.index()].base.and_then(|id| place.program.library.def(id))
}

/// The household with what the rule comes to.
fn told<'l>(place: &Place<'_, 'l>, shown: &Shown<'l>, rule: RuleId) -> Example {
    let library = place.program.library;
    let found = &library.rules[rule.index()];
    let household = place.household(shown);
    let outcome = household.ask(found.entity, |evaluation| evaluation.rule(rule, 0));
    let result = outcome_words(library, &outcome, found.ty);
    Example { facts: household.facts(shown.direct), results: vec![(found.name.clone(), result)] }
}

/// What comes where no clause holds.
enum Rest<'l> {
    /// Nothing is written.
    Silent,
    /// 否则 不详: somebody has to find out, and the author says so.
    Left(&'l Expr),
}

/// Households that no clause takes. A hole at a bound is told as such, and other holes beside it.
pub(super) fn gaps<'l>(place: &mut Place<'_, 'l>, rule: RuleId) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(def) = base_of(place, rule)
        && let Body::Clauses { clauses, otherwise: None } = &def.body
        && clauses.len() <= MOST_CLAUSES
    {
        found = boundary::clause_holes(place, rule, def, clauses);
    }
    let beside = !found.is_empty();
    found.extend(gap(place, rule, beside));
    found
}

fn gap<'l>(place: &mut Place<'_, 'l>, rule: RuleId, beside: bool) -> Option<Finding> {
    let def = base_of(place, rule)?;
    let Body::Clauses { clauses, otherwise } = &def.body else { return None };
    let rest = match otherwise {
        None => Rest::Silent,
        Some(expr) if matches!(expr.kind, ExprKind::Unknown(_)) => Rest::Left(expr),
        Some(_) => return None,
    };
    if clauses.len() > MOST_CLAUSES {
        return None;
    }
    let entity = place.program.library.rules[rule.index()].entity;
    let shown = place.find(
        entity,
        |reader| none_of(reader, clauses, beside),
        |evaluation| {
            clauses
                .iter()
                .all(|clause| evaluation.expr(&clause.condition, entity, 0).as_yes_no() == Some(false))
        },
    )?;
    let name = def_path(place.program.library, def);
    let example = told(place, &shown, rule);
    let finding = match rest {
        Rest::Silent => Finding::warning(FindingKind::Gap, def.span, format!("“{name}”有一种情形没有写到"))
            .why("下面这一户，各个“当”都不成立，又没有“否则”，结果是不详")
            .next("补上这种情形或者“否则”；原文自己没有写的，用“缺口”块说明怎样办"),
        Rest::Left(expr) => {
            Finding::note(FindingKind::Gap, expr.span, format!("“{name}”有一种情形留给人判断"))
                .why("下面这一户的事实都查清了，各个“当”都不成立，“否则”是不详")
        }
    };
    Some(finding.subject(name).example(example))
}

/// `beside`: not on a bound that two clauses leave out between them, which is told already.
fn none_of<'l>(reader: &mut Reader<'_, 'l>, clauses: &'l [IrClause], beside: bool) -> Formula {
    let none: Vec<Formula> = clauses.iter().map(|clause| reader.when(&clause.condition, false)).collect();
    if !beside {
        return Formula::and(none);
    }
    let taken: Vec<Formula> = clauses.iter().map(|clause| reader.when(&clause.condition, true)).collect();
    let bounds = boundary::facing(&reader.vars, &Formula::or(taken));
    let off = bounds.iter().map(|sum| Formula::differs(sum).unwrap_or(Formula::No));
    Formula::and(none.into_iter().chain(off).collect())
}

/// Exceptions that apply to one household and answer differently, neither going before the other.
pub(super) fn conflicts(place: &mut Place<'_, '_>, rule: RuleId) -> Vec<Finding> {
    let library = place.program.library;
    let found = &library.rules[rule.index()];
    let exceptions: Vec<DefId> = place.program.rules[rule.index()].exceptions.clone();
    let mut findings = Vec::new();
    for (at, second) in exceptions.iter().enumerate().take(MOST_CLAUSES) {
        for first in &exceptions[..at] {
            let (Some(a), Some(b)) = (library.def(*first), library.def(*second)) else { continue };
            let settled =
                (a.before.is_some() && a.before == b.label) || (b.before.is_some() && b.before == a.label);
            let (
                Body::Exception { condition: one, value: x, modifies: false },
                Body::Exception { condition: other, value: y, modifies: false },
            ) = (&a.body, &b.body)
            else {
                continue;
            };
            if settled {
                continue;
            }
            let shown = place.find(
                found.entity,
                |reader| {
                    let differ = differ(reader, x, y);
                    Formula::and(vec![reader.when(one, true), reader.when(other, true), differ])
                },
                |evaluation| conflicting(evaluation, rule),
            );
            let Some(shown) = shown else { continue };
            let (name, rival) = (def_path(library, b), def_path(library, a));
            findings.push(
                Finding::warning(
                    FindingKind::Overlap,
                    b.span,
                    format!("“{rival}”和“{name}”可以同时成立，结果不同，没有写谁优先"),
                )
                .why("下面这一户两个例外都成立，结果成为不详，要人处理")
                .next(format!(
                    "在应当优先的那个后面写“优先于 「另一个」”，如 优先于 「{}」；或者让两个条件互相排除",
                    a.label.as_deref().unwrap_or("")
                ))
                .subject(name)
                .subject(rival)
                .example(answers(place, &shown, found.entity, [(a, x), (b, y)])),
            );
        }
    }
    findings
}

fn conflicting(evaluation: &mut crate::eval::Evaluation<'_>, rule: RuleId) -> bool {
    evaluation.rule(rule, 0).missing_list().iter().any(|missing| {
        matches!(missing, Missing::Fault { fault: Fault::Conflict { .. }, rule: at } if *at == rule.0)
    })
}

/// What two definitions would answer, each named.
fn answers<'l>(
    place: &Place<'_, 'l>,
    shown: &Shown<'l>,
    entity: EntityId,
    values: [(&'l Def, &'l Expr); 2],
) -> Example {
    let library = place.program.library;
    let household = place.household(shown);
    let results = values.map(|(def, value)| {
        let outcome = household.ask(entity, |evaluation| evaluation.expr(value, entity, 0));
        let label = def.label.as_deref().unwrap_or("");
        (format!("「{label}」"), outcome_words(library, &outcome, value.ty))
    });
    Example { facts: household.facts(shown.direct), results: results.to_vec() }
}

/// When two formulas have different values.
fn differ<'l>(reader: &mut Reader<'_, 'l>, a: &'l Expr, b: &'l Expr) -> Formula {
    match a.ty {
        Type::YesNo => Formula::or(vec![
            Formula::and(vec![reader.when(a, true), reader.when(b, false)]),
            Formula::and(vec![reader.when(a, false), reader.when(b, true)]),
        ]),
        Type::Enum(_) => match (&a.kind, &b.kind) {
            (ExprKind::Constant(one), ExprKind::Constant(other)) if one == other => Formula::No,
            // The evaluator tells whether they differ.
            _ => Formula::Yes,
        },
        _ => {
            let (lefts, rights) = (reader.cases(a), reader.cases(b));
            let mut ways = Vec::new();
            for (left_guard, left) in &lefts {
                for (right_guard, right) in &rights {
                    let unequal = left.minus(right).and_then(|sum| Formula::differs(&sum));
                    let both = vec![left_guard.clone(), right_guard.clone(), unequal.unwrap_or(Formula::No)];
                    ways.push(Formula::and(both));
                }
            }
            Formula::or(ways)
        }
    }
}

/// Two clauses that give different amounts or options where both hold and neither is part of the other: the order of
/// the text decides, which may or may not be meant.
pub(super) fn shared(place: &mut Place<'_, '_>, rule: RuleId) -> Vec<Finding> {
    let library = place.program.library;
    let found = &library.rules[rule.index()];
    let Some(def) = base_of(place, rule) else { return Vec::new() };
    let Body::Clauses { clauses, otherwise } = &def.body else { return Vec::new() };
    // Refusals stand first by custom; their order is seen at once.
    if found.ty == Type::YesNo || clauses.len() > MOST_CLAUSES {
        return Vec::new();
    }
    let entity = found.entity;
    for (at, later) in clauses.iter().enumerate() {
        for (before, earlier) in clauses[..at].iter().enumerate() {
            if !both_grant(&earlier.value, &later.value, otherwise.as_ref()) {
                continue;
            }
            // Each holds somewhere without the other.
            if !place.one_without(entity, &earlier.condition, &later.condition)
                || !place.one_without(entity, &later.condition, &earlier.condition)
            {
                continue;
            }
            let shown = place.find(
                entity,
                |reader| {
                    let mut parts: Vec<Formula> = clauses[..before]
                        .iter()
                        .map(|clause| reader.when(&clause.condition, false))
                        .collect();
                    parts.push(reader.when(&earlier.condition, true));
                    parts.push(reader.when(&later.condition, true));
                    Formula::and(parts)
                },
                |evaluation| {
                    let mut holds =
                        |clause: &IrClause| evaluation.expr(&clause.condition, entity, 0).as_yes_no();
                    holds(earlier) == Some(true) && holds(later) == Some(true)
                },
            );
            let Some(shown) = shown else { continue };
            let name = def_path(library, def);
            // One pair for a rule is enough to make somebody look at its order.
            return vec![
                Finding::note(
                    FindingKind::Overlap,
                    later.condition.span,
                    format!("“{name}”的两种情形可以同时成立，结果不同，按写在前面的算"),
                )
                .why("下面这一户两个“当”都成立，由先后决定")
                .subject(name)
                .example(told(place, &shown, rule)),
            ];
        }
    }
    Vec::new()
}

/// Both give something, not the same, and not what everybody else gets.
fn both_grant(a: &Expr, b: &Expr, otherwise: Option<&Expr>) -> bool {
    let (ExprKind::Constant(a), ExprKind::Constant(b)) = (&a.kind, &b.kind) else { return false };
    let rest = otherwise.and_then(|expr| match &expr.kind {
        ExprKind::Constant(value) => Some(value),
        _ => None,
    });
    let nothing = crate::value::Value::Number(crate::ir::whole(0));
    a != b && Some(a) != rest && Some(b) != rest && *a != nothing && *b != nothing
}
