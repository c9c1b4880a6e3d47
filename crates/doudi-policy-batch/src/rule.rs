//! A rule at all rows: its base definition, then the exceptions in their order.

use crate::cells::Cells;
use crate::choice::Choice;
use crate::column::Column;
use crate::exception::Exceptions;
use crate::reason::{FORMULA, OTHERWISE};
use crate::run::Run;
use crate::space::Space;
use doudi_policy::Value;
use doudi_policy::ir::{Body, Expr, IrClause, RuleId, Type};

/// A rule's values, and the code of what decided each.
#[derive(Clone)]
pub(crate) struct Ruled {
    pub column: Column,
    pub reasons: Cells<u16>,
}

impl Run<'_> {
    pub fn rule(&mut self, rule: RuleId, space: Space) -> Ruled {
        if let Some(ruled) = self.rules.get(&(rule, space)) {
            return ruled.clone();
        }
        let ruled = self.compute(rule, space);
        self.rules.insert((rule, space), ruled.clone());
        ruled
    }

    fn compute(&mut self, rule: RuleId, space: Space) -> Ruled {
        let program = self.program;
        let ty = program.library.rules[rule.index()].ty;
        let linked = &program.rules[rule.index()];
        let base = linked.base.and_then(|id| program.library.def(id)).map(|def| &def.body);
        let mut ruled = match base {
            Some(Body::Formula(expr)) => {
                Ruled { column: self.expr(expr, space, None), reasons: Cells::Same(FORMULA) }
            }
            Some(Body::Clauses { clauses, otherwise }) => {
                self.clauses(clauses, otherwise.as_ref(), ty, space)
            }
            _ => Ruled { column: Column::unknown(ty), reasons: Cells::Same(FORMULA) },
        };
        let mut exceptions = Exceptions::default();
        for (index, id) in linked.exceptions.iter().enumerate() {
            let Some(def) = program.library.def(*id) else { continue };
            let Body::Exception { condition, value, modifies } = &def.body else { continue };
            let condition = self.expr(condition, space, Some(&ruled.column));
            let may_apply = condition.holds().or(&condition.known.not());
            if !may_apply.any() {
                continue;
            }
            let answer = self.expr(value, space, Some(&ruled.column));
            if *modifies {
                exceptions.modify(&mut ruled, index, &condition, &answer);
            } else {
                exceptions.replace(&mut ruled, index, def, &condition, answer);
            }
        }
        ruled
    }

    /// The first clause that applies. Where it is not known whether a clause applies, its value and that of the next
    /// ones must agree.
    fn clauses(&mut self, clauses: &[IrClause], otherwise: Option<&Expr>, ty: Type, space: Space) -> Ruled {
        let mut open = Cells::Same(true);
        let mut choice = Choice::default();
        let mut reasons = Cells::Same(OTHERWISE);
        for (index, clause) in clauses.iter().enumerate() {
            let condition = self.expr(&clause.condition, space, None);
            let applies = condition.holds().and(&open);
            let may_apply = applies.clone().or(&open.clone().but_not(&condition.known));
            if !may_apply.any() {
                continue;
            }
            let value = self.expr(&clause.value, space, None);
            choice.add(&may_apply, &value, &condition);
            reasons = Cells::Same(index as u16).select(&applies, &reasons);
            open = open.but_not(&applies);
            if !open.any() {
                break;
            }
        }
        if open.any() {
            let value = otherwise.map_or_else(|| Column::unknown(ty), |expr| self.expr(expr, space, None));
            choice.add(&open, &value, &Column::constant(Value::YesNo(true), Type::YesNo));
        }
        Ruled { column: choice.finish().unwrap_or_else(|| Column::unknown(ty)), reasons }
    }
}
