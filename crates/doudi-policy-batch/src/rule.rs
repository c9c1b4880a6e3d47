//! A rule at all rows: its base definition, then the exceptions in their order.

use crate::cells::{Cells, Labels, Mask};
use crate::choice::Choice;
use crate::column::Column;
use crate::compile::Compiler;
use crate::exception::Exceptions;
use crate::reason::{FORMULA, OTHERWISE};
use crate::space::Space;
use doudi_policy::Value;
use doudi_policy::ir::{Body, Expr, IrClause, RuleId, Type};

/// A rule's values, and the code of what decided each.
#[derive(Clone, Copy)]
pub(crate) struct Ruled {
    pub column: Column,
    pub reasons: Labels,
}

impl Compiler<'_> {
    pub fn rule(&mut self, rule: RuleId, space: Space) -> Ruled {
        if let Some(ruled) = self.rules.get(&(rule, space)) {
            return *ruled;
        }
        let ruled = self.compute(rule, space);
        self.rules.insert((rule, space), ruled);
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
            if condition.holds(&mut self.code) == Mask::NO && condition.known == Mask::YES {
                continue;
            }
            let answer = self.expr(value, space, Some(&ruled.column));
            if *modifies {
                exceptions.modify(&mut self.code, &mut ruled, index, &condition, &answer);
            } else {
                exceptions.replace(&mut self.code, &mut ruled, index, def, &condition, answer);
            }
        }
        ruled
    }

    /// The first clause that applies. Where it is not known whether a clause applies, its value and that of the next
    /// ones must agree.
    fn clauses(&mut self, clauses: &[IrClause], otherwise: Option<&Expr>, ty: Type, space: Space) -> Ruled {
        let conditions: Vec<Column> =
            clauses.iter().map(|clause| self.expr(&clause.condition, space, None)).collect();
        if conditions.iter().all(|condition| condition.known == Mask::YES) {
            return self.known_clauses(clauses, &conditions, otherwise, ty, space);
        }
        let mut open = Mask::YES;
        let mut choice = Choice::default();
        let mut reasons = Cells::Same(OTHERWISE);
        for (index, (clause, condition)) in clauses.iter().zip(&conditions).enumerate() {
            let holds = condition.holds(&mut self.code);
            let applies = self.code.and(holds, open);
            let unsure = self.code.but_not(open, condition.known);
            let may_apply = self.code.or(applies, unsure);
            if !may_apply.any() {
                continue;
            }
            let value = self.expr(&clause.value, space, None);
            choice.add(&mut self.code, may_apply, &value, condition);
            reasons = self.code.select_labels(applies, Cells::Same(index as u16), reasons);
            open = self.code.but_not(open, applies);
            if !open.any() {
                break;
            }
        }
        if open.any() {
            let value = otherwise.map_or_else(|| Column::unknown(ty), |expr| self.expr(expr, space, None));
            choice.add(&mut self.code, open, &value, &Column::constant(Value::YesNo(true), Type::YesNo));
        }
        let column = choice.finish(&mut self.code).unwrap_or_else(|| Column::unknown(ty));
        Ruled { column, reasons }
    }

    /// Where all conditions are known everywhere, the last answer gives way to the one before it, and so on.
    fn known_clauses(
        &mut self,
        clauses: &[IrClause],
        conditions: &[Column],
        otherwise: Option<&Expr>,
        ty: Type,
        space: Space,
    ) -> Ruled {
        let always = conditions.iter().position(|condition| condition.truth() == Mask::YES);
        let mut ruled = match always {
            Some(index) => Ruled {
                column: self.expr(&clauses[index].value, space, None),
                reasons: Cells::Same(index as u16),
            },
            None => Ruled {
                column: otherwise.map_or_else(|| Column::unknown(ty), |expr| self.expr(expr, space, None)),
                reasons: Cells::Same(OTHERWISE),
            },
        };
        for index in (0..always.unwrap_or(clauses.len())).rev() {
            let applies = conditions[index].truth();
            if !applies.any() {
                continue;
            }
            let value = self.expr(&clauses[index].value, space, None);
            ruled.column = value.select(&mut self.code, applies, &ruled.column);
            ruled.reasons = self.code.select_labels(applies, Cells::Same(index as u16), ruled.reasons);
        }
        ruled
    }
}
