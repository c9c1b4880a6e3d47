//! The parts of a formula, one level down, in the order in which they stand.

use crate::ir::{Expr, ExprKind};

fn children_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    match &mut expr.kind {
        ExprKind::Constant(_)
        | ExprKind::Unknown(_)
        | ExprKind::Input(_)
        | ExprKind::Rule(_)
        | ExprKind::Now(_)
        | ExprKind::Original
        | ExprKind::Applies { .. } => Vec::new(),
        ExprKind::Parameter { dimensions, .. } | ExprKind::HasParameter { dimensions, .. } => {
            dimensions.iter_mut().collect()
        }
        ExprKind::Not(a)
        | ExprKind::MonthOf(a)
        | ExprKind::FirstDayOf(a)
        | ExprKind::LastDayOf(a)
        | ExprKind::IsKnown(a)
        | ExprKind::Is { value: a, .. }
        | ExprKind::Round { value: a, .. } => vec![a],
        ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
            parts.iter_mut().collect()
        }
        ExprKind::RoundBy { value, mode, unit, .. } => vec![value, mode, unit],
        ExprKind::Compare(_, a, b)
        | ExprKind::Arith(_, a, b)
        | ExprKind::Later { from: a, count: b, .. }
        | ExprKind::Age { birth: a, on: b } => vec![a, b],
        ExprKind::Aggregate { filters, value, .. } => {
            filters.iter_mut().chain(value.as_deref_mut()).collect()
        }
    }
}

/// The formula with one of its parts replaced.
pub(super) fn with_child(expr: &Expr, index: usize, part: Expr) -> Expr {
    let mut copy = expr.clone();
    if let Some(place) = children_mut(&mut copy).into_iter().nth(index) {
        *place = part;
    }
    copy
}

/// Replaces every part that was written at the place of `old`: a selection stands in each formula that uses it. Whether
/// there was any.
pub(super) fn replace(expr: &mut Expr, old: &Expr, new: &Expr) -> bool {
    if expr.span == old.span {
        *expr = new.clone();
        return true;
    }
    let mut found = false;
    for child in children_mut(expr) {
        found |= replace(child, old, new);
    }
    found
}
