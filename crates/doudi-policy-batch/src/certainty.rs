//! 已知（式）in a batch: where the batch does not know a formula, does the scalar evaluator not know it either?
//!
//! The scalar evaluator keeps bounds and may know more. So "not known" here answers 已知 with no only for formulas that
//! bounds cannot decide.

use doudi_policy::ir::{Body, Expr, ExprKind, RuleId};
use doudi_policy::{AggregateOp, Arith, Program};

/// What is known about a formula before any fact is seen. `false` is always safe.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Certainty {
    /// Unknown in the batch means unknown in the scalar evaluator.
    pub exact: bool,
    /// Where it is unknown, the scalar evaluator has no bounds for it.
    pub boundless: bool,
}

const CERTAIN: Certainty = Certainty { exact: true, boundless: true };

/// By `RuleId`.
pub(crate) struct Certainties(Vec<Certainty>);

impl Certainties {
    pub fn of(program: &Program<'_>) -> Certainties {
        // A rule without a definition is unknown, and nothing bounds it.
        let mut found = Certainties(vec![CERTAIN; program.rules.len()]);
        for rule in &program.order {
            found.0[rule.index()] = found.rule(program, *rule);
        }
        found
    }

    fn rule(&self, program: &Program<'_>, rule: RuleId) -> Certainty {
        let linked = &program.rules[rule.index()];
        let base = linked.base.and_then(|id| program.library.def(id)).map(|def| &def.body);
        let mut certainty = match base {
            Some(Body::Formula(expr)) => self.expr(program, expr),
            Some(Body::Clauses { clauses, otherwise }) => {
                let parts =
                    clauses.iter().flat_map(|clause| [&clause.condition, &clause.value]).chain(otherwise);
                Certainty { exact: self.all_exact(program, parts), boundless: false }
            }
            _ => CERTAIN,
        };
        let mut replacing = 0;
        for def in linked.exceptions.iter().filter_map(|id| program.library.def(*id)) {
            let Body::Exception { condition, value, modifies } = &def.body else { continue };
            replacing += usize::from(!modifies);
            certainty.exact &= !condition.uses_original() && self.all_exact(program, [condition, value]);
            certainty.boundless = false;
        }
        // Which of several replacing exceptions holds is settled more carefully here than in the scalar evaluator.
        certainty.exact &= replacing <= 1;
        certainty
    }

    fn all_exact<'e>(&self, program: &Program<'_>, parts: impl IntoIterator<Item = &'e Expr>) -> bool {
        parts.into_iter().all(|part| self.expr(program, part).exact)
    }

    pub fn expr(&self, program: &Program<'_>, expr: &Expr) -> Certainty {
        let certainty = |expr: &Expr| self.expr(program, expr);
        let only_exact = |exact: bool| Certainty { exact, boundless: true };
        match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Unknown(_) | ExprKind::Now(_) => CERTAIN,
            ExprKind::Input(id) => {
                Certainty { exact: true, boundless: !program.library.inputs[id.index()].non_negative }
            }
            ExprKind::Rule(id) => self.0.get(id.index()).copied().unwrap_or_default(),
            ExprKind::Parameter { dimensions, .. } => {
                Certainty { exact: self.all_exact(program, dimensions), boundless: dimensions.is_empty() }
            }
            ExprKind::HasParameter { dimensions, .. } => only_exact(self.all_exact(program, dimensions)),
            ExprKind::Original | ExprKind::Applies { .. } => Certainty::default(),
            ExprKind::Not(inner) | ExprKind::Is { value: inner, .. } => only_exact(certainty(inner).exact),
            ExprKind::And(parts) | ExprKind::Or(parts) => only_exact(self.all_exact(program, parts)),
            ExprKind::Compare(_, a, b) => {
                let (a, b) = (certainty(a), certainty(b));
                only_exact(a.exact && b.exact && a.boundless && b.boundless)
            }
            ExprKind::Arith(op, a, b) => {
                let (a, b) = (certainty(a), certainty(b));
                let boundless = a.boundless && b.boundless;
                let linear = matches!(op, Arith::Add | Arith::Subtract);
                Certainty { exact: a.exact && b.exact && (linear || boundless), boundless }
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let all = parts.iter().all(|part| certainty(part).exact && certainty(part).boundless);
                Certainty { exact: all, boundless: false }
            }
            ExprKind::Round { value, .. } => {
                let value = certainty(value);
                Certainty { exact: value.exact && value.boundless, boundless: value.boundless }
            }
            ExprKind::Aggregate { op, filters, value, .. } => {
                let parts = filters.iter().chain(value.as_deref());
                let bounded = matches!(op, AggregateOp::Max | AggregateOp::Min)
                    && value.as_deref().is_some_and(|value| !certainty(value).boundless);
                let truth = matches!(op, AggregateOp::Any | AggregateOp::All);
                Certainty { exact: !bounded && self.all_exact(program, parts), boundless: truth }
            }
            ExprKind::Age { birth, on } => only_exact(self.all_exact(program, [&**birth, &**on])),
            ExprKind::MonthOf(inner) | ExprKind::FirstDayOf(inner) | ExprKind::LastDayOf(inner) => {
                only_exact(certainty(inner).exact)
            }
            ExprKind::IsKnown(inner) => only_exact(certainty(inner).exact),
        }
    }
}
