//! What two formulas have in common whatever place they stand at, and what is plain to see of their size.

use crate::ast::{AggregateOp, Arith};
use crate::ir::{Body, Expr, ExprKind, RuleId};
use crate::program::Program;
use crate::value::Value;
use num_traits::Signed;
use std::fmt::Write;

/// How far the signs of rules are followed, and how many formulas are looked at for one.
const FARTHEST: u32 = 12;
const MOST_SIGNS: u32 = 400;

/// The formula without its place: equal for two formulas that say the same.
pub(super) fn shape(expr: &Expr) -> String {
    let mut out = String::new();
    write_shape(expr, &mut out);
    out
}

fn write_shape(expr: &Expr, out: &mut String) {
    let head = match &expr.kind {
        ExprKind::Constant(value) => format!("constant {value:?}"),
        ExprKind::Unknown(note) => format!("unknown {note:?}"),
        ExprKind::Input(id) => format!("input {}", id.0),
        ExprKind::Rule(id) => format!("rule {}", id.0),
        ExprKind::Parameter { parameter, .. } => format!("parameter {}", parameter.0),
        ExprKind::HasParameter { parameter, .. } => format!("published {}", parameter.0),
        ExprKind::Now(now) => format!("{now:?}"),
        ExprKind::Original => "original".to_owned(),
        ExprKind::Not(_) => "not".to_owned(),
        ExprKind::And(_) => "and".to_owned(),
        ExprKind::Or(_) => "or".to_owned(),
        ExprKind::Compare(op, ..) => format!("{op:?}"),
        ExprKind::Is { labels, negated, .. } => format!("is {negated} {labels:?}"),
        ExprKind::Arith(op, ..) => format!("{op:?}"),
        ExprKind::Largest(_) => "largest".to_owned(),
        ExprKind::Smallest(_) => "smallest".to_owned(),
        ExprKind::Round { rounding, unit, .. } => format!("round {rounding:?} {unit}"),
        ExprKind::RoundBy { .. } => "round by".to_owned(),
        ExprKind::Later { step, .. } => format!("later {step:?}"),
        ExprKind::Aggregate { op, over, filters, .. } => format!("{op:?} {} {}", over.0, filters.len()),
        ExprKind::Age { .. } => "age".to_owned(),
        ExprKind::MonthOf(_) => "month of".to_owned(),
        ExprKind::FirstDayOf(_) => "first day".to_owned(),
        ExprKind::LastDayOf(_) => "last day".to_owned(),
        ExprKind::IsKnown(_) => "known".to_owned(),
        ExprKind::Applies { rule, label } => format!("applies {} {label:?}", rule.0),
    };
    let _ = write!(out, "{head}(");
    for part in expr.parts() {
        write_shape(part, out);
        out.push(';');
    }
    out.push(')');
}

/// Whether a rule's amount is never below zero, as far as its definition in force shows.
/// `born`: nobody is looked at before birth, when ages are below zero.
pub(super) fn is_non_negative(program: &Program<'_>, rule: RuleId, born: bool) -> bool {
    Signs { program, born, left: MOST_SIGNS }.rule(rule, FARTHEST)
}

pub(super) fn never_negative(program: &Program<'_>, expr: &Expr, born: bool) -> bool {
    Signs { program, born, left: MOST_SIGNS }.formula(expr, FARTHEST)
}

struct Signs<'p, 'l> {
    program: &'p Program<'l>,
    born: bool,
    /// Formulas that may still be looked at.
    left: u32,
}

impl<'l> Signs<'_, 'l> {
    fn rule(&mut self, rule: RuleId, far: u32) -> bool {
        let linked = &self.program.rules[rule.index()];
        let library = self.program.library;
        let (Some(base), Some(far)) = (linked.base, far.checked_sub(1)) else { return false };
        let defs = std::iter::once(&base).chain(&linked.exceptions).filter_map(|id| library.def(*id));
        let mut values: Vec<&'l Expr> = Vec::new();
        for def in defs {
            match &def.body {
                Body::Formula(expr) => values.push(expr),
                Body::Clauses { clauses, otherwise } => {
                    values.extend(clauses.iter().map(|clause| &clause.value).chain(otherwise));
                }
                Body::Exception { value, .. } => values.push(value),
            }
        }
        values.into_iter().all(|value| self.formula(value, far))
    }

    fn formula(&mut self, expr: &Expr, far: u32) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        match &expr.kind {
            ExprKind::Constant(Value::Number(number)) => !number.is_negative(),
            // No number comes of it.
            ExprKind::Unknown(_) => true,
            ExprKind::Input(id) => self.program.library.inputs[id.index()].non_negative,
            ExprKind::Rule(id) => self.rule(*id, far),
            ExprKind::Largest(parts) => parts.iter().any(|part| self.formula(part, far)),
            ExprKind::Smallest(parts) => parts.iter().all(|part| self.formula(part, far)),
            ExprKind::Arith(Arith::Subtract, ..) => false,
            ExprKind::Arith(_, a, b) => self.formula(a, far) && self.formula(b, far),
            ExprKind::Round { value, .. } | ExprKind::RoundBy { value, .. } => self.formula(value, far),
            ExprKind::Aggregate { op: AggregateOp::Count, .. } => true,
            ExprKind::Age { .. } => self.born,
            ExprKind::Aggregate { value: Some(value), .. } => self.formula(value, far),
            _ => false,
        }
    }
}

/// Whether a rule has a value wherever the facts that it reads are known: its definition then says what its name says.
pub(super) fn is_total(program: &Program<'_>, rule: RuleId) -> bool {
    let linked = &program.rules[rule.index()];
    let library = program.library;
    if !linked.exceptions.is_empty() {
        return false;
    }
    let Some(def) = linked.base.and_then(|id| library.def(id)) else { return false };
    if matches!(&def.body, Body::Clauses { otherwise: None, .. }) {
        return false;
    }
    let mut total = true;
    for expr in def.exprs() {
        expr.walk(&mut |node| {
            total &= !matches!(
                node.kind,
                ExprKind::Unknown(_)
                    | ExprKind::Parameter { .. }
                    | ExprKind::HasParameter { .. }
                    | ExprKind::Applies { .. }
                    | ExprKind::Original
                    | ExprKind::IsKnown(_)
                    | ExprKind::Arith(Arith::Divide, ..)
            );
        });
    }
    total
}
