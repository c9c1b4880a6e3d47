//! Who a sum or a selection is made of: members by name or role, records by their kind.

use super::Narrator;
use super::phrases::{money, said, stated};
use crate::ast::AggregateOp;
use crate::ir::{EntityId, Expr, ExprKind, InputId, PERSON, Type};
use crate::value::{Exact, Value};
use num_traits::Zero;

impl<'e> Narrator<'_, 'e> {
    /// 张建国; without a name the role, as 配偶 or 子女（第3位成员）.
    pub(super) fn who(&mut self, entity: EntityId, row: u32) -> String {
        let facts = self.evaluation.facts;
        let Some(person) = facts.ancestor_row(entity, row, PERSON) else { return String::new() };
        let name = facts.row_name(PERSON, person);
        if !name.is_empty() {
            return name.to_owned();
        }
        let place = format!("第{}位成员", person + 1);
        match self.role.and_then(|role| self.label(role, PERSON, person)) {
            Some(role) => format!("{role}（{place}）"),
            None => place,
        }
    }

    fn label(&self, input: InputId, entity: EntityId, row: u32) -> Option<String> {
        let library = self.program().library;
        match (self.evaluation.facts.get(entity, row, input)?.value, library.inputs[input.index()].ty) {
            (crate::FactValue::Known(Value::Label(label)), Type::Enum(id)) => {
                library.labels(id).get(usize::from(label)).cloned()
            }
            _ => None,
        }
    }

    fn inputs_of(&self, entity: EntityId, wanted: impl Fn(Type) -> bool) -> Vec<InputId> {
        let inputs = self.program().library.inputs.iter().zip(0_u32..);
        inputs
            .filter(|(input, _)| input.entity == entity && wanted(input.ty))
            .map(|(_, id)| InputId(id))
            .collect()
    }

    /// A record is told by the first of its options that is known: 工资性收入, 小型轿车.
    pub(super) fn record_kind(&self, entity: EntityId, row: u32) -> Option<String> {
        let options = self.inputs_of(entity, |ty| matches!(ty, Type::Enum(_)));
        options.into_iter().find_map(|input| self.label(input, entity, row))
    }

    fn record_money(&self, entity: EntityId, row: u32) -> Option<Exact> {
        let [amount] = self.inputs_of(entity, Type::is_money)[..] else { return None };
        match self.evaluation.facts.get(entity, row, amount)?.value {
            crate::FactValue::Known(Value::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The children of a row that are known to pass every filter.
    pub(super) fn selected(
        &mut self,
        over: EntityId,
        filters: &[Expr],
        entity: EntityId,
        row: u32,
    ) -> Vec<u32> {
        let parent = self.program().library.entities[over.index()].parent.unwrap_or(EntityId(0));
        let Some(owner) = self.evaluation.facts.ancestor_row(entity, row, parent) else { return Vec::new() };
        let children: Vec<u32> = self.evaluation.facts.children(over, owner).collect();
        children
            .into_iter()
            .filter(|child| filters.iter().all(|filter| self.is_yes(filter, over, *child)))
            .collect()
    }

    pub(super) fn is_yes(&mut self, expr: &Expr, entity: EntityId, row: u32) -> bool {
        self.evaluation.expr(expr, entity, row).as_yes_no() == Some(true)
    }

    /// `共同生活3人：李秀英、张建国、张小花；王五不计入（服刑）`, or `可计入月收入：李秀英200.00元（土地流转收入200.00元）`.
    pub(super) fn sum_sentence(
        &mut self,
        name: &str,
        sum: &Expr,
        entity: EntityId,
        row: u32,
    ) -> Option<String> {
        let ExprKind::Aggregate { op, over, filters, value } = &sum.kind else { return None };
        if *over != PERSON {
            return None;
        }
        let inside = self.selected(*over, filters, entity, row);
        match (op, value.as_deref()) {
            (AggregateOp::Count, None) => self.people_sentence(name, sum, (&inside, filters), (entity, row)),
            (AggregateOp::Sum, Some(value)) if value.ty.is_money() => self.shares_sentence(value, &inside),
            _ => None,
        }
    }

    fn people_sentence(
        &mut self,
        name: &str,
        sum: &Expr,
        (inside, filters): (&[u32], &[Expr]),
        (entity, row): (EntityId, u32),
    ) -> Option<String> {
        let total = self.value(sum, entity, row)?;
        let library = self.program().library;
        let head = super::phrases::named(library, name, total, Type::Count);
        let names: Vec<String> = inside.iter().map(|child| self.who(PERSON, *child)).collect();
        let all: Vec<u32> = (0..self.evaluation.facts.rows(PERSON)).collect();
        let mut left_out = Vec::new();
        for child in all.into_iter().filter(|child| !inside.contains(child)) {
            let why = filters.iter().find_map(|filter| match filter.kind {
                ExprKind::Rule(id) => self.why_not(id, child),
                _ => None,
            });
            let who = self.who(PERSON, child);
            left_out.push(why.map_or(format!("{who}不在内"), |why| format!("{who}不在内（{why}）")));
        }
        let rest = if left_out.is_empty() { String::new() } else { format!("；{}", left_out.join("；")) };
        Some(format!("{head}：{}{rest}。", names.join("、")))
    }

    /// Members with what each brings. Records that have been told once are not told again.
    fn shares_sentence(&mut self, value: &Expr, inside: &[u32]) -> Option<String> {
        let name = self.value_name(value);
        let mut records = None;
        let mut shares = Vec::new();
        for child in inside {
            let (parts, over) = self.records_behind(value, *child);
            records = records.or(over);
            let share = self.value(value, PERSON, *child)?;
            if self.is_zero(value, PERSON, *child) && parts.is_empty() {
                continue;
            }
            // What is no sum of records has a formula of its own, to be shown before its result.
            if let (ExprKind::Rule(id), None) = (&value.kind, over) {
                self.computation(*id, *child, &name);
            }
            let said = said(self.program().library, &name, share, value.ty);
            let behind =
                if parts.is_empty() { String::new() } else { format!("（{}）", told_once(&parts, &said)) };
            shares.push(format!("{}{said}{behind}", self.who(PERSON, *child)));
        }
        if let Some(over) = records {
            if self.told_records.contains(&over) {
                return None;
            }
            self.told_records.push(over);
        }
        if shares.is_empty() { None } else { Some(format!("{name}：{}。", shares.join("；"))) }
    }

    /// What a member's share comes from, by kind: 工资性收入1,500.00元, 残疾人两项补贴80.00元不计入.
    fn records_behind(&mut self, value: &Expr, member: u32) -> (Vec<String>, Option<EntityId>) {
        let nothing = (Vec::new(), None);
        let ExprKind::Rule(id) = value.kind else { return nothing };
        let _ = self.evaluation.rule(id, member);
        let Some(expr) = self.fired_value(id, member) else { return nothing };
        // A rule may pass another one on, as where there is no wage to deduct from.
        if let ExprKind::Rule(_) = expr.kind {
            return self.records_behind(expr, member);
        }
        let ExprKind::Aggregate { op: AggregateOp::Sum, over, filters, value: Some(amount) } = &expr.kind
        else {
            return nothing;
        };
        let rows = self.selected(*over, filters, PERSON, member);
        let mut parts = Vec::new();
        for row in rows {
            let (Some(kind), Some(counted)) = (self.record_kind(*over, row), self.number(amount, *over, row))
            else {
                return (Vec::new(), Some(*over));
            };
            parts.push(match self.record_money(*over, row) {
                Some(given) if counted.is_zero() && !given.is_zero() => {
                    format!("{kind}{}不计入", money(given))
                }
                Some(given) if given != counted => {
                    let how = self.record_equation(amount, *over, row);
                    let how = how.map_or(String::new(), |equation| format!("按{equation}"));
                    format!("{kind}{}，{how}计入{}", money(given), money(counted))
                }
                _ => format!("{kind}{}", money(counted)),
            });
        }
        (parts, Some(*over))
    }

    /// How a record's own rule comes to what counts: 可计入月额1,500.00元×（1−就业成本扣减比例20%）.
    fn record_equation(&mut self, amount: &Expr, over: EntityId, row: u32) -> Option<String> {
        let ExprKind::Rule(id) = amount.kind else { return None };
        let _ = self.evaluation.rule(id, row);
        let expr = self.fired_value(id, row)?;
        self.equation(expr, over, row)
    }

    /// For 任一 and 全部: the members or records that made the answer, each with why.
    pub(super) fn quantified(
        &mut self,
        over: EntityId,
        (filters, value): (&'e [Expr], Option<&'e Expr>),
        truth: bool,
        (entity, row): (EntityId, u32),
        depth: u32,
    ) -> Vec<String> {
        let inside = self.selected(over, filters, entity, row);
        let Some(value) = value else {
            let kinds: Vec<String> =
                inside.iter().filter_map(|child| self.record_kind(over, *child)).collect();
            return if truth && !kinds.is_empty() { vec![kinds.join("、")] } else { Vec::new() };
        };
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for child in inside {
            if self.evaluation.expr(value, over, child).as_yes_no() != Some(truth) {
                continue;
            }
            let (words, whose) = match value.kind {
                ExprKind::Rule(id) => match self.why_now(id, child) {
                    Some(reason) => (reason, true),
                    None if truth => (self.statements(value, truth, over, child, depth).join("，"), true),
                    None => (stated(&self.value_name(value), truth), false),
                },
                _ => (self.statements(value, truth, over, child, depth + 1).join("，"), true),
            };
            let who = if whose { self.whose(over, child) } else { String::new() };
            match groups.iter_mut().find(|(known, _)| *known == words) {
                Some((_, members)) if !members.contains(&who) => members.push(who),
                Some(_) => {}
                None => groups.push((words, vec![who])),
            }
        }
        groups
            .into_iter()
            .filter(|(words, _)| !words.is_empty())
            .map(|(words, members)| match members.join("、") {
                names if names.is_empty() => words,
                // What begins with its verb goes on from the names.
                names
                    if ["有", "没有", "不属于", "属于", "计入", "不计入"]
                        .iter()
                        .any(|verb| words.starts_with(verb)) =>
                {
                    format!("{names}{words}")
                }
                names => format!("{names}：{words}"),
            })
            .collect()
    }

    /// 张建国; of a record that says of what kind it is, 张建国的小型轿车.
    fn whose(&mut self, over: EntityId, row: u32) -> String {
        let who = self.who(over, row);
        match self.record_kind(over, row).filter(|_| over != PERSON) {
            Some(kind) => format!("{who}的{kind}"),
            None => who,
        }
    }
}

/// A single part that brings the whole share needs no amount of its own.
fn told_once(parts: &[String], share: &str) -> String {
    match parts {
        [only] if !only.contains("计入") => only.strip_suffix(share).unwrap_or(only).to_owned(),
        _ => parts.join("、"),
    }
}
