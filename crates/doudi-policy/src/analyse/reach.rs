//! What can never take effect, and conditions that never hold or always do. Only what is proven of every household and
//! every place is said.

use super::clauses::MOST_CLAUSES;
use super::findings::{Finding, FindingKind};
use super::formula::Formula;
use super::search::Place;
use crate::ir::{Body, Def, Expr, ExprKind, Type};
use crate::source::Span;

/// Something proven of a definition in one setting; said only if it is proven wherever the definition is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// The condition as it stands.
    Never,
    Always,
    /// The clause, after those above it.
    NotReached,
    /// 否则.
    RestNotReached,
}

pub(super) fn claims<'l>(place: &mut Place<'_, 'l>, def: &'l Def) -> Vec<(Span, Claim)> {
    let mut found = Vec::new();
    match &def.body {
        Body::Formula(expr) => constants(place, expr, &mut found),
        Body::Exception { condition, value, .. } => {
            constants(place, condition, &mut found);
            constants(place, value, &mut found);
        }
        Body::Clauses { clauses, otherwise } => {
            for clause in clauses {
                constants(place, &clause.condition, &mut found);
                constants(place, &clause.value, &mut found);
            }
            if clauses.len() > MOST_CLAUSES {
                return found;
            }
            for (at, clause) in clauses.iter().enumerate().skip(1) {
                let blamed = found.iter().any(|(span, _)| *span == clause.condition.span);
                let reached = |reader: &mut super::reading::Reader<'_, 'l>| {
                    let mut all: Vec<Formula> =
                        clauses[..at].iter().map(|earlier| reader.when(&earlier.condition, false)).collect();
                    all.push(reader.when(&clause.condition, true));
                    Formula::and(all)
                };
                if !blamed && place.nobody(reached) {
                    found.push((clause.condition.span, Claim::NotReached));
                }
            }
            // 否则 不详 is a careful author's last line; it harms nobody.
            if let Some(rest) = otherwise
                && !matches!(rest.kind, ExprKind::Unknown(_))
            {
                constants(place, rest, &mut found);
                let reached = |reader: &mut super::reading::Reader<'_, 'l>| {
                    Formula::and(clauses.iter().map(|clause| reader.when(&clause.condition, false)).collect())
                };
                if place.nobody(reached) {
                    found.push((rest.span, Claim::RestNotReached));
                }
            }
        }
    }
    found
}

/// Conditions within a formula that never hold or always do, the outermost of each.
pub(super) fn constants<'l>(place: &mut Place<'_, 'l>, expr: &'l Expr, found: &mut Vec<(Span, Claim)>) {
    let asked = expr.ty == Type::YesNo
        && matches!(
            expr.kind,
            ExprKind::And(_)
                | ExprKind::Or(_)
                | ExprKind::Compare(..)
                | ExprKind::Is { .. }
                | ExprKind::Not(_)
        );
    if asked {
        if place.nobody(|reader| reader.when(expr, true)) {
            found.push((expr.span, Claim::Never));
            return;
        }
        if place.nobody(|reader| reader.when(expr, false)) {
            found.push((expr.span, Claim::Always));
            return;
        }
    }
    for part in expr.parts() {
        constants(place, part, found);
    }
}

/// The words for a claim.
pub(super) fn told(name: &str, span: Span, claim: Claim) -> Finding {
    let finding = match claim {
        Claim::Never => {
            Finding::warning(FindingKind::Constant, span, format!("“{name}”里的这个条件永远不会成立"))
                .why("不论这一户、当地怎样，几个要求不能同时满足（已经证明）")
                .next("对照原文改正；“且”“或”和比较的方向最容易写错")
        }
        Claim::Always => {
            Finding::warning(FindingKind::Constant, span, format!("“{name}”里的这个条件总是成立"))
                .why("只要查清了，不论怎样都成立（已经证明），等于没有写")
                .next("对照原文改正，或者删去")
        }
        Claim::NotReached => {
            Finding::warning(FindingKind::Unreachable, span, format!("“{name}”的这一种情形永远轮不到"))
                .why("只要查清了，它成立的时候，前面总有一种情形已经成立（已经证明）")
                .next("把它移到前面，或者删去")
        }
        Claim::RestNotReached => {
            Finding::warning(FindingKind::Unreachable, span, format!("“{name}”的“否则”永远轮不到"))
                .why("前面的情形已经包括了所有的户（已经证明）")
                .next("删去“否则”，或者对照原文看前面是不是写宽了")
        }
    };
    finding.subject(name)
}
