//! A formula with this household's numbers: `低保标准（农村）440.00元×共同生活3人−月收入1,200.00元`.

use super::Narrator;
use super::phrases::{named, said};
use crate::ast::Arith;
use crate::ir::{EntityId, Expr, ExprKind, PERSON, ParameterId, RuleId, Type};
use crate::value::{Exact, Outcome, Rounding, Value};
use num_traits::Zero;

/// How tightly a part is bound to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Sum,
    Product,
}

impl Narrator<'_, '_> {
    /// The formula in words, its parts with their values; `None` where it is no more than the value itself.
    pub(super) fn equation(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Option<String> {
        match &expr.kind {
            ExprKind::Arith(..) | ExprKind::Largest(_) | ExprKind::Smallest(_) => {
                Some(self.term(expr, entity, row, Bond::Sum))
            }
            ExprKind::Round { .. } | ExprKind::RoundBy { .. } | ExprKind::Aggregate { .. } => {
                Some(self.term(expr, entity, row, Bond::Sum))
            }
            _ => None,
        }
    }

    /// What is no formula, only a value that has been published or told: 单人户固定金额300.00元.
    pub(super) fn taken(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Option<String> {
        let is_given = matches!(expr.kind, ExprKind::Parameter { .. } | ExprKind::Input(_));
        is_given.then(|| self.term(expr, entity, row, Bond::Sum))
    }

    fn term(&mut self, expr: &Expr, entity: EntityId, row: u32, bond: Bond) -> String {
        match &expr.kind {
            ExprKind::Arith(op, left, right) => self.arithmetic(*op, left, right, entity, row, bond),
            ExprKind::Rule(id) => {
                let name = self.program().library.rules[id.index()].name.clone();
                self.leaf(&name, expr, entity, row)
            }
            ExprKind::Input(id) => {
                let name = self.program().library.inputs[id.index()].name.clone();
                self.leaf(&name, expr, entity, row)
            }
            ExprKind::Parameter { parameter, dimensions } => {
                let name = self.parameter_name(*parameter, dimensions, entity, row);
                self.leaf(&name, expr, entity, row)
            }
            ExprKind::Aggregate { over, value, .. } => {
                self.aggregate(*over, value.as_deref(), expr, (entity, row))
            }
            ExprKind::Round { value, rounding, unit } => {
                self.rounded(value, *rounding, *unit, expr, (entity, row), bond)
            }
            ExprKind::RoundBy { value, mode, unit, roundings } => {
                let mode = match self.value(mode, entity, row) {
                    Some(Value::Label(label)) => roundings.get(usize::from(label)).copied(),
                    _ => None,
                };
                let unit = self.number(unit, entity, row).map_or(1, |unit| unit.to_integer());
                self.rounded(value, mode.unwrap_or(Rounding::HalfUp), unit, expr, (entity, row), bond)
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let largest = matches!(expr.kind, ExprKind::Largest(_));
                self.extreme(parts, largest, expr, (entity, row), bond)
            }
            _ => self.leaf("", expr, entity, row),
        }
    }

    fn leaf(&mut self, name: &str, expr: &Expr, entity: EntityId, row: u32) -> String {
        let library = self.program().library;
        match self.evaluation.expr(expr, entity, row) {
            Outcome::Known(value) if name.is_empty() => said(library, name, value, expr.ty),
            Outcome::Known(value) => named(library, name, value, expr.ty),
            Outcome::Unknown(_) => format!("{name}（还没有查明）"),
        }
    }

    /// 低保标准（农村）
    pub(super) fn parameter_name(
        &mut self,
        id: ParameterId,
        dimensions: &[Expr],
        entity: EntityId,
        row: u32,
    ) -> String {
        let library = self.program().library;
        let words: Vec<String> = dimensions
            .iter()
            .filter_map(|dimension| {
                let value = self.value(dimension, entity, row)?;
                Some(said(library, "", value, dimension.ty))
            })
            .collect();
        self.note_row(id, dimensions, entity, row);
        let name = &library.parameters[id.index()].name;
        if words.is_empty() { name.clone() } else { format!("{name}（{}）", words.join("、")) }
    }

    /// Nothing is said of what adds or takes away nothing.
    fn arithmetic(
        &mut self,
        op: Arith,
        left: &Expr,
        right: &Expr,
        entity: EntityId,
        row: u32,
        bond: Bond,
    ) -> String {
        let sums = matches!(op, Arith::Add | Arith::Subtract);
        if sums && self.is_zero(right, entity, row) {
            return self.term(left, entity, row, bond);
        }
        if op == Arith::Add && self.is_zero(left, entity, row) {
            return self.term(right, entity, row, bond);
        }
        let (own, sign) = match op {
            Arith::Add => (Bond::Sum, "＋"),
            Arith::Subtract => (Bond::Sum, "−"),
            Arith::Multiply => (Bond::Product, "×"),
            Arith::Divide => (Bond::Product, "÷"),
        };
        let first = self.term(left, entity, row, own);
        // a − (b − c) and a ÷ (b × c) keep their brackets.
        let strict = matches!(op, Arith::Subtract | Arith::Divide);
        let second = self.term(right, entity, row, own);
        let second = match &right.kind {
            ExprKind::Arith(inner, ..) if strict && binding(*inner) == own => format!("（{second}）"),
            _ => second,
        };
        let both = format!("{first}{sign}{second}");
        if own < bond { format!("（{both}）") } else { both }
    }

    fn rounded(
        &mut self,
        value: &Expr,
        rounding: Rounding,
        unit: i128,
        whole: &Expr,
        (entity, row): (EntityId, u32),
        bond: Bond,
    ) -> String {
        let inner = self.term(value, entity, row, bond);
        if self.number(value, entity, row) == self.number(whole, entity, row) {
            return inner;
        }
        let how = match rounding {
            Rounding::HalfUp => "四舍五入",
            Rounding::Up => "进一",
            Rounding::Down => "去尾",
        };
        let to = match unit {
            1 => "分",
            10 => "角",
            _ => "元",
        };
        format!("（{inner}）{how}到{to}")
    }

    /// The part that was taken; that it was not below zero needs no words.
    fn extreme(
        &mut self,
        parts: &[Expr],
        largest: bool,
        whole: &Expr,
        (entity, row): (EntityId, u32),
        bond: Bond,
    ) -> String {
        let result = self.number(whole, entity, row);
        let floor =
            |part: &Expr| matches!(&part.kind, ExprKind::Constant(Value::Number(zero)) if zero.is_zero());
        let taken = parts.iter().find(|part| !floor(part) && self.number(part, entity, row) == result);
        let rest: Vec<&Expr> = parts
            .iter()
            .filter(|part| !floor(part) && !taken.is_some_and(|taken| std::ptr::eq(taken, *part)))
            .collect();
        match (taken, rest.as_slice()) {
            (Some(taken), []) => self.term(taken, entity, row, bond),
            (None, [only]) => format!("（{}，不足零的按零）", self.term(only, entity, row, Bond::Sum)),
            _ => {
                let all: Vec<String> =
                    parts.iter().map(|part| self.term(part, entity, row, Bond::Sum)).collect();
                let which = if largest { "最大" } else { "最小" };
                format!("{}中{which}的一个", all.join("、"))
            }
        }
    }

    /// What is summed, with its total; who brings how much stands in a sentence of its own.
    fn aggregate(
        &mut self,
        over: EntityId,
        value: Option<&Expr>,
        whole: &Expr,
        (entity, row): (EntityId, u32),
    ) -> String {
        let Some(total) = self.value(whole, entity, row) else { return "（还没有查明）".into() };
        let library = self.program().library;
        match value {
            Some(value) => named(library, &self.value_name(value), total, whole.ty),
            None => {
                let unit = if over == PERSON { "人" } else { "项" };
                format!("{}{unit}", said(library, "", total, Type::Count))
            }
        }
    }

    /// The rules whose values stand in a formula and are not nothing, in the order of writing.
    pub(super) fn rules_behind(
        &mut self,
        expr: &Expr,
        entity: EntityId,
        row: u32,
        found: &mut Vec<(RuleId, u32)>,
    ) {
        match &expr.kind {
            ExprKind::Rule(id) => {
                let owner = self.program().library.rules[id.index()].entity;
                if let Some(at) = self.evaluation.facts.ancestor_row(entity, row, owner) {
                    found.push((*id, at));
                }
            }
            ExprKind::Arith(op, left, right) => {
                let sums = matches!(op, Arith::Add | Arith::Subtract);
                for part in [left, right] {
                    if !(sums && self.is_zero(part, entity, row)) {
                        self.rules_behind(part, entity, row, found);
                    }
                }
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                for part in parts {
                    self.rules_behind(part, entity, row, found);
                }
            }
            ExprKind::Round { value, .. } | ExprKind::RoundBy { value, .. } => {
                self.rules_behind(value, entity, row, found);
            }
            _ => {}
        }
    }

    /// The sums of a formula that are not nothing, in the order of writing.
    pub(super) fn sums_behind<'x>(&mut self, expr: &'x Expr, entity: EntityId, row: u32) -> Vec<&'x Expr> {
        let mut sums = Vec::new();
        expr.walk(&mut |node| {
            if matches!(node.kind, ExprKind::Aggregate { .. }) {
                sums.push(node);
            }
        });
        sums.retain(|sum| !self.is_zero(sum, entity, row));
        sums
    }

    pub(super) fn number(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Option<Exact> {
        self.evaluation.expr(expr, entity, row).as_number()
    }

    pub(super) fn value(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Option<Value> {
        self.evaluation.expr(expr, entity, row).known()
    }

    pub(super) fn is_zero(&mut self, expr: &Expr, entity: EntityId, row: u32) -> bool {
        self.number(expr, entity, row).is_some_and(|number| number.is_zero())
    }
}

fn binding(op: Arith) -> Bond {
    if matches!(op, Arith::Add | Arith::Subtract) { Bond::Sum } else { Bond::Product }
}
