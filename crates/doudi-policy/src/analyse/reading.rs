//! Formulas of the policies read as plain logic: when they are surely yes, and when surely no. What the analysis does
//! not look into becomes a term of its own, so that the logic allows at least what the law allows.

use super::formula::Formula;
use super::linear::{Lin, Relation};
use super::shape::{is_non_negative, shape};
use super::terms::{Term, VarId, Vars};
use crate::ast::{Arith, Compare};
use crate::ir::{Body, Def, Expr, ExprKind, ParameterId, RuleId, Type, whole};
use crate::program::{ParameterValue, Program};
use crate::value::{Exact, Value, divide};
use crate::{Evaluation, Facts, Layout};
use num_traits::Zero;
use std::collections::BTreeSet;

/// Ways in which one amount may come about; more, and the amount is taken as it is.
const MOST_CASES: usize = 48;
/// Nodes read for one question.
const MOST_NODES: u32 = 60_000;
/// Rules read through one within the other.
const DEEPEST: usize = 24;
/// Households tried where an amount is divided by or multiplied with a count.
const COUNTS: i128 = 4;

/// What is taken for granted about facts and values of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// Everything is known, and places have the values they have; what is unpublished may be anything. For households.
    Here,
    /// Any place, known or not. For proofs.
    Anywhere,
}

/// An amount under a condition.
type Cases = Vec<(Formula, Lin)>;

pub(super) struct Reader<'p, 'l> {
    pub program: &'p Program<'l>,
    layout: &'p Layout,
    pub vars: Vars<'l>,
    stance: Stance,
    /// Rules that are read through their definition instead of by name.
    pub inlined: BTreeSet<RuleId>,
    inlining: Vec<RuleId>,
    nodes: u32,
}

impl<'p, 'l> Reader<'p, 'l> {
    pub fn new(program: &'p Program<'l>, layout: &'p Layout, stance: Stance) -> Reader<'p, 'l> {
        Reader {
            program,
            layout,
            vars: Vars::new(program),
            stance,
            inlined: BTreeSet::new(),
            inlining: Vec::new(),
            nodes: MOST_NODES,
        }
    }

    /// Begins another question with the same terms.
    pub fn refill(&mut self) {
        self.nodes = MOST_NODES;
    }

    /// Whether the question was too large to be read whole.
    pub fn overflowed(&self) -> bool {
        self.nodes == 0
    }

    /// When a yes/no formula is surely `wanted`.
    pub fn when(&mut self, expr: &'l Expr, wanted: bool) -> Formula {
        self.nodes = self.nodes.saturating_sub(1);
        if self.nodes == 0 {
            return Formula::No;
        }
        match &expr.kind {
            ExprKind::Constant(Value::YesNo(value)) if *value == wanted => Formula::Yes,
            ExprKind::Constant(_) => Formula::No,
            // Nobody can tell; for a proof it may be either.
            ExprKind::Unknown(_) if self.stance == Stance::Anywhere => Formula::Yes,
            ExprKind::Unknown(_) => Formula::No,
            ExprKind::Rule(id) => self.rule_when(*id, wanted),
            ExprKind::Not(inner) => self.when(inner, !wanted),
            ExprKind::And(parts) if wanted => {
                Formula::and(parts.iter().map(|part| self.when(part, true)).collect())
            }
            ExprKind::And(parts) => Formula::or(parts.iter().map(|part| self.when(part, false)).collect()),
            ExprKind::Or(parts) if wanted => {
                Formula::or(parts.iter().map(|part| self.when(part, true)).collect())
            }
            ExprKind::Or(parts) => Formula::and(parts.iter().map(|part| self.when(part, false)).collect()),
            ExprKind::Compare(op, left, right) => self.comparison(*op, left, right, expr, wanted),
            ExprKind::Is { value, labels, negated } => {
                let mask = labels.iter().fold(0_u128, |mask, label| mask | bit(*label));
                self.among(value, mask, wanted != *negated)
            }
            ExprKind::IsKnown(_) if self.stance == Stance::Here => {
                if wanted {
                    Formula::Yes
                } else {
                    Formula::No
                }
            }
            ExprKind::Parameter { parameter, dimensions } => {
                let keys = self.keys(*parameter, dimensions);
                let ways = keys.into_iter().map(|(guard, key)| {
                    let value = match self.place_value(*parameter, key) {
                        Some(Value::YesNo(value)) if value == wanted => Formula::Yes,
                        Some(_) => Formula::No,
                        None => match self.stand_in(*parameter, key) {
                            Some((published, var)) => Formula::and(vec![published, Formula::Is(var, wanted)]),
                            None => Formula::No,
                        },
                    };
                    Formula::and(vec![guard, value])
                });
                Formula::or(ways.collect())
            }
            ExprKind::HasParameter { parameter, dimensions } => {
                let keys = self.keys(*parameter, dimensions);
                let ways = keys
                    .into_iter()
                    .map(|(guard, key)| Formula::and(vec![guard, self.published(*parameter, key, wanted)]));
                Formula::or(ways.collect())
            }
            ExprKind::Applies { rule, label } => self.applies(*rule, label, wanted),
            ExprKind::Input(id) => {
                let var = self.vars.intern(Term::Input(*id), Type::YesNo, false);
                Formula::Is(var, wanted)
            }
            _ => Formula::Is(self.opaque(expr), wanted),
        }
    }

    fn rule_when(&mut self, id: RuleId, wanted: bool) -> Formula {
        if self.reads_through(id) {
            return self.rule_is(id, wanted);
        }
        if !self.defined(id) {
            return if self.stance == Stance::Anywhere {
                Formula::Is(self.rule_var(id), wanted)
            } else {
                Formula::No
            };
        }
        Formula::Is(self.rule_var(id), wanted)
    }

    /// Whether a rule stands for its definition here.
    fn reads_through(&self, id: RuleId) -> bool {
        self.inlined.contains(&id) && !self.inlining.contains(&id) && self.inlining.len() < DEEPEST
    }

    fn defined(&self, id: RuleId) -> bool {
        let linked = &self.program.rules[id.index()];
        linked.base.is_some() || !linked.exceptions.is_empty()
    }

    pub fn rule_var(&mut self, id: RuleId) -> VarId {
        let non_negative = is_non_negative(self.program, id, self.stance == Stance::Here);
        let ty = self.program.library.rules[id.index()].ty;
        self.vars.intern(Term::Rule(id), ty, non_negative)
    }

    fn applies(&mut self, rule: RuleId, label: &str, wanted: bool) -> Formula {
        match self.program.exception(rule, label).map(|def| &def.body) {
            Some(Body::Exception { condition, .. }) => self.when(condition, wanted),
            _ if wanted => Formula::No,
            _ => Formula::Yes,
        }
    }

    /// A term for a formula that is not looked into.
    fn opaque(&mut self, expr: &'l Expr) -> VarId {
        let non_negative = super::shape::never_negative(self.program, expr, self.stance == Stance::Here);
        let var = self.vars.intern(Term::Shape(shape(expr)), expr.ty, non_negative);
        self.vars.stands_at(var, expr);
        var
    }

    fn comparison(
        &mut self,
        op: Compare,
        left: &'l Expr,
        right: &'l Expr,
        whole_expr: &'l Expr,
        wanted: bool,
    ) -> Formula {
        let numeric = |expr: &Expr| !matches!(expr.ty, Type::YesNo | Type::Enum(_));
        if !numeric(left) || !numeric(right) {
            return Formula::Is(self.opaque(whole_expr), wanted);
        }
        let (lefts, rights) = (self.cases(left), self.cases(right));
        let op = if wanted { op } else { opposite(op) };
        let mut ways = Vec::new();
        for (left_guard, left) in &lefts {
            for (right_guard, right) in &rights {
                let compared = left.minus(right).and_then(|sum| against_zero(op, &sum));
                let Some(compared) = compared else { return Formula::Is(self.opaque(whole_expr), wanted) };
                ways.push(Formula::and(vec![left_guard.clone(), right_guard.clone(), compared]));
            }
        }
        Formula::or(ways)
    }

    /// The ways in which an amount may come about, as sums of terms.
    pub fn cases(&mut self, expr: &'l Expr) -> Cases {
        self.nodes = self.nodes.saturating_sub(1);
        if self.nodes == 0 {
            return Vec::new();
        }
        let found = self.known_cases(expr);
        match found {
            Some(cases) if cases.len() <= MOST_CASES => cases,
            _ => vec![(Formula::Yes, Lin::var(self.opaque(expr)))],
        }
    }

    /// `None`: not looked into.
    fn known_cases(&mut self, expr: &'l Expr) -> Option<Cases> {
        Some(match &expr.kind {
            ExprKind::Constant(Value::Number(number)) => vec![(Formula::Yes, Lin::constant(*number))],
            ExprKind::Unknown(_) if self.stance == Stance::Here => Vec::new(),
            ExprKind::Input(id) => {
                let input = &self.program.library.inputs[id.index()];
                let var = self.vars.intern(Term::Input(*id), input.ty, input.non_negative);
                vec![(Formula::Yes, Lin::var(var))]
            }
            ExprKind::Rule(id) => self.rule_cases(*id)?,
            ExprKind::Parameter { parameter, dimensions } => {
                let mut cases = Vec::new();
                for (guard, key) in self.keys(*parameter, dimensions) {
                    match self.place_value(*parameter, key) {
                        Some(Value::Number(number)) => cases.push((guard, Lin::constant(number))),
                        Some(_) => {}
                        None => {
                            if let Some((published, var)) = self.stand_in(*parameter, key) {
                                cases.push((Formula::and(vec![guard, published]), Lin::var(var)));
                            }
                        }
                    }
                }
                cases
            }
            ExprKind::Arith(op, left, right) => self.arithmetic(*op, left, right)?,
            ExprKind::Largest(parts) => self.extreme(parts, true)?,
            ExprKind::Smallest(parts) => self.extreme(parts, false)?,
            _ => vec![(Formula::Yes, Lin::constant(self.folded(expr)?))],
        })
    }

    fn rule_cases(&mut self, id: RuleId) -> Option<Cases> {
        if !self.defined(id) && self.stance == Stance::Here {
            return Some(Vec::new());
        }
        if self.reads_through(id) {
            let cases = self.rule_values(id);
            if cases.len() <= MOST_CASES {
                return Some(cases);
            }
        }
        Some(vec![(Formula::Yes, Lin::var(self.rule_var(id)))])
    }

    fn arithmetic(&mut self, op: Arith, left: &'l Expr, right: &'l Expr) -> Option<Cases> {
        let (lefts, rights) = (self.cases(left), self.cases(right));
        let rights = match op {
            Arith::Multiply | Arith::Divide => self.counted(rights),
            _ => rights,
        };
        let lefts = if op == Arith::Multiply { self.counted(lefts) } else { lefts };
        let mut cases = Vec::new();
        for (left_guard, left) in &lefts {
            for (right_guard, right) in &rights {
                let sum = match op {
                    Arith::Add => left.plus(right)?,
                    Arith::Subtract => left.minus(right)?,
                    Arith::Multiply => match (left.as_constant(), right.as_constant()) {
                        (_, Some(factor)) => left.times(factor)?,
                        (Some(factor), _) => right.times(factor)?,
                        _ => return None,
                    },
                    Arith::Divide => match right.as_constant() {
                        Some(by) if by.is_zero() => continue,
                        Some(by) => left.times(divide(whole(1), by)?)?,
                        None => return None,
                    },
                };
                cases.push((Formula::and(vec![left_guard.clone(), right_guard.clone()]), sum));
            }
        }
        Some(cases)
    }

    /// For a household that is looked for: small counts, one by one.
    fn counted(&self, cases: Cases) -> Cases {
        let single = |sum: &Lin| match sum.terms[..] {
            [(var, factor)] if sum.constant.is_zero() && factor == whole(1) => Some(var),
            _ => None,
        };
        let mut out = Vec::new();
        for (guard, sum) in cases {
            match single(&sum) {
                Some(var)
                    if self.stance == Stance::Here && self.vars.number_type(var) == Some(Type::Count) =>
                {
                    for count in 1..=COUNTS {
                        let fixed = Lin { terms: sum.terms.clone(), constant: whole(-count) };
                        let guard =
                            Formula::and(vec![guard.clone(), Formula::number(fixed, Relation::Equal)]);
                        out.push((guard, Lin::constant(whole(count))));
                    }
                }
                _ => out.push((guard, sum)),
            }
        }
        out
    }

    fn extreme(&mut self, parts: &'l [Expr], largest: bool) -> Option<Cases> {
        let mut best: Cases = self.cases(parts.first()?);
        for part in &parts[1..] {
            let next = self.cases(part);
            let mut merged = Vec::new();
            for (best_guard, best) in &best {
                for (next_guard, next) in &next {
                    let (greater, smaller) = if largest { (best, next) } else { (next, best) };
                    let keeps = Formula::number(smaller.minus(greater)?, Relation::AtMost);
                    let gives = Formula::number(greater.minus(smaller)?, Relation::Below);
                    let both = [best_guard.clone(), next_guard.clone()];
                    merged.push((Formula::and([both.to_vec(), vec![keeps]].concat()), best.clone()));
                    merged.push((Formula::and([both.to_vec(), vec![gives]].concat()), next.clone()));
                }
            }
            merged.retain(|(guard, _)| *guard != Formula::No);
            if merged.len() > MOST_CASES {
                return None;
            }
            best = merged;
        }
        Some(best)
    }

    /// The number of a formula that reads no fact: 所在月（2025-12-31）.
    fn folded(&self, expr: &'l Expr) -> Option<Exact> {
        let mut plain = true;
        expr.walk(&mut |node| {
            plain &= match node.kind {
                ExprKind::Input(_)
                | ExprKind::Rule(_)
                | ExprKind::Original
                | ExprKind::Unknown(_)
                | ExprKind::Aggregate { .. }
                | ExprKind::IsKnown(_)
                | ExprKind::Applies { .. } => false,
                ExprKind::Parameter { .. } | ExprKind::HasParameter { .. } | ExprKind::Now(_) => {
                    self.stance == Stance::Here
                }
                _ => true,
            };
        });
        if !plain {
            return None;
        }
        let facts = Facts::new(self.layout);
        Evaluation::new(self.program, &facts).expr(expr, crate::ir::HOUSEHOLD, 0).as_number()
    }

    /// When an option is (or is not) among those of a mask.
    pub fn among(&mut self, value: &'l Expr, mask: u128, inside: bool) -> Formula {
        let Type::Enum(options) = value.ty else { return Formula::Is(self.opaque(value), inside) };
        let count = self.program.library.labels(options).len();
        if count > 128 {
            return Formula::Is(self.opaque(value), inside);
        }
        let all = if count == 128 { u128::MAX } else { (1_u128 << count) - 1 };
        let mask = if inside { mask & all } else { all & !mask };
        let ways = self.option_cases(value).into_iter().map(|(guard, option)| {
            let held = match option {
                Choice::Label(label) if bit(label) & mask != 0 => Formula::Yes,
                Choice::Label(_) => Formula::No,
                Choice::Var(_) if mask == 0 => Formula::No,
                Choice::Var(var) => Formula::Among(var, mask),
            };
            Formula::and(vec![guard, held])
        });
        Formula::or(ways.collect())
    }

    fn option_cases(&mut self, value: &'l Expr) -> Vec<(Formula, Choice)> {
        match &value.kind {
            ExprKind::Constant(Value::Label(label)) => vec![(Formula::Yes, Choice::Label(*label))],
            ExprKind::Unknown(_) if self.stance == Stance::Here => Vec::new(),
            ExprKind::Input(id) => {
                vec![(Formula::Yes, Choice::Var(self.vars.intern(Term::Input(*id), value.ty, false)))]
            }
            ExprKind::Rule(id) if !self.defined(*id) && self.stance == Stance::Here => Vec::new(),
            ExprKind::Rule(id) => vec![(Formula::Yes, Choice::Var(self.rule_var(*id)))],
            ExprKind::Parameter { parameter, dimensions } => {
                let mut cases = Vec::new();
                for (guard, key) in self.keys(*parameter, dimensions) {
                    match self.place_value(*parameter, key) {
                        Some(Value::Label(label)) => cases.push((guard, Choice::Label(label))),
                        Some(_) => {}
                        None => {
                            if let Some((published, var)) = self.stand_in(*parameter, key) {
                                cases.push((Formula::and(vec![guard, published]), Choice::Var(var)));
                            }
                        }
                    }
                }
                cases
            }
            _ => vec![(Formula::Yes, Choice::Var(self.opaque(value)))],
        }
    }

    /// The combinations of dimensions that may be asked for, each with when it is.
    fn keys(&mut self, parameter: ParameterId, dimensions: &'l [Expr]) -> Vec<(Formula, usize)> {
        let enums = &self.program.library.parameters[parameter.index()].dimensions;
        let mut chosen: Vec<(Formula, Vec<u16>)> = vec![(Formula::Yes, Vec::new())];
        for (dimension, options) in dimensions.iter().zip(enums) {
            let labels = self.program.library.labels(*options).len().min(128) as u16;
            let guards: Vec<Formula> =
                (0..labels).map(|label| self.among(dimension, bit(label), true)).collect();
            let mut next = Vec::new();
            for (guard, picked) in &chosen {
                for (label, own) in (0..labels).zip(&guards) {
                    let both = Formula::and(vec![guard.clone(), own.clone()]);
                    if both != Formula::No {
                        next.push((both, [picked.as_slice(), &[label]].concat()));
                    }
                }
            }
            chosen = next;
        }
        chosen.into_iter().map(|(guard, labels)| (guard, self.program.key(parameter, &labels))).collect()
    }

    /// The place's own value. `None`: it has none, or it does not matter what it has.
    fn place_value(&self, parameter: ParameterId, key: usize) -> Option<Value> {
        if self.stance == Stance::Anywhere {
            return None;
        }
        match self.program.parameters[parameter.index()].get(key) {
            Some(ParameterValue::Value(value, _)) => Some(*value),
            _ => None,
        }
    }

    /// A value that the place might publish, and that it does.
    fn stand_in(&mut self, parameter: ParameterId, key: usize) -> Option<(Formula, VarId)> {
        let known = self.program.parameters[parameter.index()].get(key);
        if self.stance == Stance::Here && matches!(known, Some(ParameterValue::None(_))) {
            return None;
        }
        let ty = self.program.library.parameters[parameter.index()].ty;
        let var = self.vars.intern(Term::Parameter(parameter, key), ty, self.stance == Stance::Here);
        Some((self.published(parameter, key, true), var))
    }

    fn published(&mut self, parameter: ParameterId, key: usize, wanted: bool) -> Formula {
        let known = self.program.parameters[parameter.index()].get(key);
        let settled = match known {
            _ if self.stance == Stance::Anywhere => None,
            Some(ParameterValue::Value(..)) => Some(true),
            Some(ParameterValue::None(_)) => Some(false),
            _ => None,
        };
        match settled {
            Some(has) if has == wanted => Formula::Yes,
            Some(_) => Formula::No,
            None => {
                let var = self.vars.intern(Term::Published(parameter, key), Type::YesNo, false);
                Formula::Is(var, wanted)
            }
        }
    }

    /// When the definition in force makes a yes/no rule `wanted`, exceptions included.
    pub fn rule_is(&mut self, id: RuleId, wanted: bool) -> Formula {
        self.inlining.push(id);
        let base = self.program.rules[id.index()].base.and_then(|id| self.program.library.def(id));
        let mut holds = base.map_or(Formula::No, |def| self.base_is(def, wanted));
        for (value, taken, passed) in self.exceptions(id) {
            let answer = self.when(value, wanted);
            holds = Formula::or(vec![Formula::and(vec![taken, answer]), Formula::and(vec![passed, holds])]);
        }
        self.inlining.pop();
        holds
    }

    /// Answers of the exceptions in force, in order, each with when it is taken and when it is passed over. 原值 is a
    /// term of its own.
    fn exceptions(&mut self, id: RuleId) -> Vec<(&'l Expr, Formula, Formula)> {
        let library = self.program.library;
        let defs: Vec<&'l Def> =
            self.program.rules[id.index()].exceptions.iter().filter_map(|id| library.def(*id)).collect();
        let mut found = Vec::new();
        for (at, def) in defs.iter().enumerate() {
            let Body::Exception { condition, value, .. } = &def.body else { continue };
            let mut taken = vec![self.when(condition, true)];
            let mut passed = vec![self.when(condition, false)];
            for earlier in &defs[..at] {
                if let Body::Exception { condition, .. } = &earlier.body
                    && earlier.before.is_some()
                    && earlier.before == def.label
                {
                    taken.push(self.when(condition, false));
                    passed.push(self.when(condition, true));
                }
            }
            found.push((value, Formula::and(taken), Formula::or(passed)));
        }
        found
    }

    fn base_is(&mut self, def: &'l Def, wanted: bool) -> Formula {
        match &def.body {
            Body::Formula(expr) => self.when(expr, wanted),
            Body::Clauses { clauses, otherwise } => {
                let mut before = Vec::new();
                let mut ways = Vec::new();
                for clause in clauses {
                    let mut parts = before.clone();
                    parts.push(self.when(&clause.condition, true));
                    parts.push(self.when(&clause.value, wanted));
                    ways.push(Formula::and(parts));
                    before.push(self.when(&clause.condition, false));
                }
                if let Some(otherwise) = otherwise {
                    before.push(self.when(otherwise, wanted));
                    ways.push(Formula::and(before));
                }
                Formula::or(ways)
            }
            Body::Exception { .. } => Formula::No,
        }
    }

    /// The amounts of a rule, each with when it comes about.
    fn rule_values(&mut self, id: RuleId) -> Cases {
        self.inlining.push(id);
        let base = self.program.rules[id.index()].base.and_then(|id| self.program.library.def(id));
        let mut cases = Vec::new();
        match base.map(|def| &def.body) {
            Some(Body::Formula(expr)) => cases = self.cases(expr),
            Some(Body::Clauses { clauses, otherwise }) => {
                let mut before = Vec::new();
                for clause in clauses {
                    let mut parts = before.clone();
                    parts.push(self.when(&clause.condition, true));
                    cases.extend(under(&Formula::and(parts), self.cases(&clause.value)));
                    before.push(self.when(&clause.condition, false));
                }
                if let Some(otherwise) = otherwise {
                    cases.extend(under(&Formula::and(before), self.cases(otherwise)));
                }
            }
            _ => {}
        }
        for (value, taken, passed) in self.exceptions(id) {
            cases = under(&passed, cases);
            cases.extend(under(&taken, self.cases(value)));
        }
        self.inlining.pop();
        cases.retain(|(guard, _)| *guard != Formula::No);
        cases
    }

    /// What ties a rule's name to its definition; `None` where the analysis does not look into it.
    pub fn definition(&mut self, id: RuleId) -> Option<Formula> {
        if !self.defined(id) {
            return None;
        }
        let ty = self.program.library.rules[id.index()].ty;
        let var = self.rule_var(id);
        match ty {
            Type::YesNo => Some(Formula::or(vec![
                Formula::and(vec![Formula::Is(var, true), self.rule_is(id, true)]),
                Formula::and(vec![Formula::Is(var, false), self.rule_is(id, false)]),
            ])),
            Type::Enum(_) => None,
            _ => {
                let cases = self.rule_values(id);
                if cases.is_empty() || cases.len() > MOST_CASES {
                    return None;
                }
                let own = Lin::var(var);
                let ways: Option<Vec<Formula>> = cases
                    .into_iter()
                    .map(|(guard, sum)| {
                        let same = Formula::number(own.minus(&sum)?, Relation::Equal);
                        Some(Formula::and(vec![guard, same]))
                    })
                    .collect();
                ways.map(Formula::or)
            }
        }
    }
}

/// An option that is settled, or a term.
enum Choice {
    Label(u16),
    Var(VarId),
}

fn under(guard: &Formula, cases: Cases) -> Cases {
    cases.into_iter().map(|(own, sum)| (Formula::and(vec![guard.clone(), own]), sum)).collect()
}

fn bit(label: u16) -> u128 {
    1_u128.checked_shl(u32::from(label)).unwrap_or(0)
}

fn opposite(op: Compare) -> Compare {
    match op {
        Compare::Less => Compare::GreaterEqual,
        Compare::LessEqual => Compare::Greater,
        Compare::Greater => Compare::LessEqual,
        Compare::GreaterEqual => Compare::Less,
        Compare::Equal => Compare::NotEqual,
        Compare::NotEqual => Compare::Equal,
    }
}

/// `None`: numbers too large.
fn against_zero(op: Compare, sum: &Lin) -> Option<Formula> {
    let negated = || sum.times(whole(-1));
    Some(match op {
        Compare::Less => Formula::number(sum.clone(), Relation::Below),
        Compare::LessEqual => Formula::number(sum.clone(), Relation::AtMost),
        Compare::Greater => Formula::number(negated()?, Relation::Below),
        Compare::GreaterEqual => Formula::number(negated()?, Relation::AtMost),
        Compare::Equal => Formula::number(sum.clone(), Relation::Equal),
        Compare::NotEqual => Formula::differs(sum)?,
    })
}
