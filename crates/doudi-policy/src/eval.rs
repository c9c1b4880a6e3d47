//! The scalar evaluator: one household, every rule with its value or what is missing, bounds kept.

mod aggregate;
mod arithmetic;
mod exceptions;
mod memo;

use crate::ast::Compare;
use crate::facts::{FactValue, Facts};
use crate::ir::{Body, Check, Def, DefId, EntityId, Expr, ExprKind, InputId, Now, ParameterId, RuleId};
use crate::program::{ParameterValue, Program};
use crate::value::{Exact, Fault, Missing, Outcome, Unknown, Value, merge};
use arithmetic::{Bounds, compare_bounds};
use doudi_terms::{Month, date_from_epoch_day, epoch_day};
use memo::Memo;
use std::collections::BTreeMap;

/// Row of a record that nobody has reported but that may exist.
const GHOST: u32 = u32::MAX;

/// What decided a rule's value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fired {
    pub base: Option<DefId>,
    /// Index of the clause of the base that applied; `None` for a formula or 否则.
    pub clause: Option<u16>,
    /// Exceptions that applied (or may apply), in order.
    pub exceptions: Vec<DefId>,
}

/// One household under one program. Results are kept, so asking for many rules costs each rule once.
pub struct Evaluation<'e> {
    pub program: &'e Program<'e>,
    pub facts: &'e Facts<'e>,
    memo: Memo,
    /// Values of 原值, innermost last.
    original: Vec<Outcome>,
    /// Owner rows of ghost records, innermost last.
    ghosts: Vec<(EntityId, u32)>,
    /// A fact given as bounds that stands for every value between them: it may be known where it counts.
    spanning: Option<Missing>,
    /// Formulas whose value is given, by where they lie in memory.
    given: BTreeMap<usize, Value>,
    /// By rule: whether one of its formulas has been looked at, at any row.
    asked: Vec<bool>,
}

impl<'e> Evaluation<'e> {
    pub fn new(program: &'e Program<'e>, facts: &'e Facts<'e>) -> Evaluation<'e> {
        Evaluation {
            program,
            facts,
            memo: Memo::new(program.library.rules.len(), program.library.entities.len(), facts),
            original: Vec::new(),
            ghosts: Vec::new(),
            spanning: None,
            given: BTreeMap::new(),
            asked: vec![false; program.library.rules.len()],
        }
    }

    /// Evaluates for every value between the bounds of a fact at once: what comes out known holds for all of them.
    pub(crate) fn spanning(program: &'e Program<'e>, facts: &'e Facts<'e>, fact: Missing) -> Evaluation<'e> {
        Evaluation { spanning: Some(fact), ..Evaluation::new(program, facts) }
    }

    /// Takes the value of a formula of the library as given wherever it is evaluated: for what has no name.
    pub(crate) fn give(&mut self, place: &Expr, value: Value) {
        self.given.insert(std::ptr::from_ref(place) as usize, value);
    }

    /// Whether a formula of this rule has been looked at: a value taken as given is not.
    pub(crate) fn has_asked(&self, rule: RuleId) -> bool {
        self.asked.get(rule.index()).copied().unwrap_or(false)
    }

    /// Takes a rule's value as given instead of computing it: for cases that start in the middle.
    pub fn assume(&mut self, rule: RuleId, row: u32, value: Outcome) {
        self.memo.put(rule, row, value, Fired::default());
    }

    /// The value of a rule at a row of its entity.
    pub fn rule(&mut self, rule: RuleId, row: u32) -> Outcome {
        if row == GHOST {
            return self.compute(rule, row).0;
        }
        if let Some((outcome, _)) = self.memo.get(rule, row) {
            return outcome.clone();
        }
        let (outcome, fired) = self.compute(rule, row);
        self.memo.put(rule, row, outcome.clone(), fired);
        outcome
    }

    /// What decided the rule; call [`Evaluation::rule`] first.
    pub fn fired(&self, rule: RuleId, row: u32) -> Option<&Fired> {
        self.memo.get(rule, row).map(|(_, fired)| fired)
    }

    /// What decided each rule that has been asked for so far, in the order of the library.
    pub fn decided(&self) -> impl Iterator<Item = &Fired> {
        self.memo.iter().map(|(_, fired)| fired)
    }

    /// Whether a check finds something at a row of its entity.
    pub fn check(&mut self, check: &Check, row: u32) -> Outcome {
        self.expr(&check.condition, check.entity, row)
    }

    /// Evaluates a formula at a row of `entity`.
    pub fn expr(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Outcome {
        if !self.given.is_empty()
            && let Some(value) = self.given.get(&(std::ptr::from_ref(expr) as usize))
        {
            return Outcome::Known(*value);
        }
        self.formula(expr, entity, row)
    }

    fn formula(&mut self, expr: &Expr, entity: EntityId, row: u32) -> Outcome {
        match &expr.kind {
            ExprKind::Constant(value) => Outcome::Known(*value),
            ExprKind::Unknown(note) => Outcome::missing(match note {
                Some(note) => Missing::Note { note: note.0 },
                None => Missing::Fault { fault: Fault::Undecided, rule: u32::MAX },
            }),
            ExprKind::Input(id) => self.input(*id, entity, row),
            ExprKind::Rule(id) => {
                match self.ancestor(entity, row, self.program.library.rules[id.index()].entity) {
                    Some(at) => self.rule(*id, at),
                    None => Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: id.0 }),
                }
            }
            ExprKind::Parameter { parameter, dimensions } => {
                self.parameter(*parameter, dimensions, entity, row)
            }
            ExprKind::HasParameter { parameter, dimensions } => {
                self.has_parameter(*parameter, dimensions, entity, row)
            }
            ExprKind::Now(now) => self.now(*now),
            ExprKind::Original => self.original.last().cloned().unwrap_or_else(|| {
                Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: u32::MAX })
            }),
            ExprKind::Not(inner) => match self.expr(inner, entity, row) {
                Outcome::Known(Value::YesNo(value)) => Outcome::yes_no(!value),
                unknown => unknown,
            },
            ExprKind::And(parts) => self.junction(parts, false, entity, row),
            ExprKind::Or(parts) => self.junction(parts, true, entity, row),
            ExprKind::Compare(op, left, right) => {
                let left = self.expr(left, entity, row);
                let right = self.expr(right, entity, row);
                compare(*op, &left, &right)
            }
            ExprKind::Is { value, labels, negated } => match self.expr(value, entity, row) {
                Outcome::Known(Value::Label(label)) => Outcome::yes_no(labels.contains(&label) != *negated),
                Outcome::Known(_) => Outcome::yes_no(false),
                Outcome::Unknown(unknown) => Outcome::Unknown(Unknown { low: None, high: None, ..unknown }),
            },
            ExprKind::Arith(op, left, right) => {
                let left = self.expr(left, entity, row);
                let right = self.expr(right, entity, row);
                arithmetic::arith(*op, &left, &right)
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let outcomes: Vec<Outcome> = parts.iter().map(|part| self.expr(part, entity, row)).collect();
                arithmetic::extreme(matches!(expr.kind, ExprKind::Largest(_)), &outcomes)
            }
            ExprKind::Round { value, rounding, unit } => {
                arithmetic::rounded(&self.expr(value, entity, row), *rounding, *unit)
            }
            ExprKind::RoundBy { value, mode, unit, roundings } => {
                let (mode, unit) = (self.expr(mode, entity, row), self.expr(unit, entity, row));
                arithmetic::rounded_by(&self.expr(value, entity, row), &mode, &unit, roundings)
            }
            ExprKind::Later { step, from, count } => {
                let (from, count) = (self.expr(from, entity, row), self.expr(count, entity, row));
                arithmetic::later(*step, &from, &count, self.program.calendar())
            }
            ExprKind::Aggregate { op, over, filters, value } => {
                self.aggregate(*op, *over, filters, value.as_deref(), entity, row)
            }
            ExprKind::Age { birth, on } => {
                let (birth, on) = (self.expr(birth, entity, row), self.expr(on, entity, row));
                arithmetic::age(&birth, &on)
            }
            ExprKind::MonthOf(day) => day_to(&self.expr(day, entity, row), |day| {
                date_from_epoch_day(day).map(|date| Month::of(date).index())
            }),
            ExprKind::FirstDayOf(month) => day_to(&self.expr(month, entity, row), |month| {
                Month::from_index(month).map(|month| epoch_day(month.first_day()))
            }),
            ExprKind::LastDayOf(month) => day_to(&self.expr(month, entity, row), |month| {
                Month::from_index(month).map(|month| epoch_day(month.last_day()))
            }),
            ExprKind::IsKnown(inner) => self.is_known(inner, entity, row),
            ExprKind::Applies { rule, label } => self.applies(*rule, label, entity, row),
        }
    }

    fn is_known(&mut self, inner: &Expr, entity: EntityId, row: u32) -> Outcome {
        let outcome = self.expr(inner, entity, row);
        match self.spanning {
            Some(fact) if outcome.missing_list().contains(&fact) => Outcome::missing(fact),
            _ => Outcome::yes_no(outcome.known().is_some()),
        }
    }

    fn ancestor(&self, entity: EntityId, row: u32, ancestor: EntityId) -> Option<u32> {
        if entity == ancestor {
            return Some(row);
        }
        if row == GHOST {
            let (_, owner) = self.ghosts.iter().rev().find(|(ghost, _)| *ghost == entity)?;
            let parent = self.program.library.entities.get(entity.index())?.parent?;
            return self.ancestor(parent, *owner, ancestor);
        }
        self.facts.ancestor_row(entity, row, ancestor)
    }

    fn input(&self, id: InputId, entity: EntityId, row: u32) -> Outcome {
        let input = &self.program.library.inputs[id.index()];
        let low = input.non_negative.then(|| Exact::from_integer(0));
        let Some(at) = self.ancestor(entity, row, input.entity) else {
            return Outcome::missing(Missing::Fact { input: id.0, row });
        };
        if at == GHOST {
            return Outcome::Unknown(Unknown { low, high: None, missing: Vec::new() });
        }
        match self.facts.get(input.entity, at, id).map(|fact| fact.value) {
            Some(FactValue::Known(value)) => Outcome::Known(value),
            Some(FactValue::Between(from, to)) => {
                Outcome::within(from.or(low), to, vec![Missing::Fact { input: id.0, row: at }])
            }
            None => Outcome::Unknown(Unknown {
                low,
                high: None,
                missing: vec![Missing::Fact { input: id.0, row: at }],
            }),
        }
    }

    fn now(&self, now: Now) -> Outcome {
        let month = self.program.month;
        let number = match now {
            Now::Month => month.index(),
            Now::LastMonth => month.previous().index(),
            Now::FirstDay => epoch_day(month.first_day()),
            Now::LastDay => epoch_day(month.last_day()),
        };
        Outcome::number(Exact::from_integer(i128::from(number)))
    }

    /// 且 (`decisive` = false) and 或 (`decisive` = true).
    fn junction(&mut self, parts: &[Expr], decisive: bool, entity: EntityId, row: u32) -> Outcome {
        let mut missing = Vec::new();
        let mut unknown = false;
        for part in parts {
            match self.expr(part, entity, row) {
                Outcome::Known(Value::YesNo(value)) if value == decisive => return Outcome::yes_no(decisive),
                Outcome::Known(_) => {}
                Outcome::Unknown(found) => {
                    unknown = true;
                    merge(&mut missing, &found.missing);
                }
            }
        }
        if unknown {
            Outcome::Unknown(Unknown { low: None, high: None, missing })
        } else {
            Outcome::yes_no(!decisive)
        }
    }

    /// The key that the dimensions select, if all are known.
    fn known_key(
        &mut self,
        parameter: ParameterId,
        dimensions: &[Expr],
        entity: EntityId,
        row: u32,
    ) -> Option<usize> {
        let library = self.program.library;
        let mut key = 0;
        for (dimension, enum_id) in dimensions.iter().zip(&library.parameters[parameter.index()].dimensions) {
            let Some(Value::Label(label)) = self.expr(dimension, entity, row).known() else { return None };
            key = key * library.labels(*enum_id).len() + usize::from(label);
        }
        Some(key)
    }

    /// Keys that the dimensions may select (one if all are known), and what is missing to select.
    fn keys(
        &mut self,
        parameter: ParameterId,
        dimensions: &[Expr],
        entity: EntityId,
        row: u32,
    ) -> (Vec<usize>, Vec<Missing>) {
        let mut choices: Vec<Vec<u16>> = vec![Vec::new()];
        let mut missing = Vec::new();
        let enums = &self.program.library.parameters[parameter.index()].dimensions;
        for (dimension, enum_id) in dimensions.iter().zip(enums) {
            let labels: Vec<u16> = match self.expr(dimension, entity, row) {
                Outcome::Known(Value::Label(label)) => vec![label],
                Outcome::Known(_) => Vec::new(),
                Outcome::Unknown(unknown) => {
                    merge(&mut missing, &unknown.missing);
                    (0..self.program.library.labels(*enum_id).len() as u16).collect()
                }
            };
            choices = choices
                .iter()
                .flat_map(|chosen| labels.iter().map(move |label| [chosen.as_slice(), &[*label]].concat()))
                .collect();
        }
        (choices.iter().map(|labels| self.program.key(parameter, labels)).collect(), missing)
    }

    fn parameter(&mut self, id: ParameterId, dimensions: &[Expr], entity: EntityId, row: u32) -> Outcome {
        if let Some(key) = self.known_key(id, dimensions, entity, row)
            && let Some(ParameterValue::Value(value, _)) = self.program.parameters[id.index()].get(key)
        {
            return Outcome::Known(*value);
        }
        let (keys, missing) = self.keys(id, dimensions, entity, row);
        let mut outcomes = Vec::new();
        for key in keys {
            outcomes.push(match self.program.parameters[id.index()].get(key) {
                Some(ParameterValue::Value(value, _)) => Outcome::Known(*value),
                // A place without the rule, asked for its value: the formula should have asked 有规定 first.
                Some(ParameterValue::None(_) | ParameterValue::Unpublished) | None => {
                    Outcome::missing(Missing::Parameter { parameter: id.0, key: key as u32 })
                }
            });
        }
        hull(outcomes, missing)
    }

    fn has_parameter(&mut self, id: ParameterId, dimensions: &[Expr], entity: EntityId, row: u32) -> Outcome {
        let (keys, missing) = self.keys(id, dimensions, entity, row);
        let mut outcomes = Vec::new();
        for key in keys {
            outcomes.push(match self.program.parameters[id.index()].get(key) {
                Some(ParameterValue::Value(..)) => Outcome::yes_no(true),
                Some(ParameterValue::None(_)) => Outcome::yes_no(false),
                Some(ParameterValue::Unpublished) | None => {
                    Outcome::missing(Missing::Parameter { parameter: id.0, key: key as u32 })
                }
            });
        }
        hull(outcomes, missing)
    }

    fn applies(&mut self, rule: RuleId, label: &str, entity: EntityId, row: u32) -> Outcome {
        let program = self.program;
        self.asked[rule.index()] = true;
        let owner = program.library.rules[rule.index()].entity;
        let Some(Def { body: Body::Exception { condition, .. }, .. }) = program.exception(rule, label) else {
            return Outcome::yes_no(false);
        };
        match self.ancestor(entity, row, owner) {
            Some(at) => self.expr(condition, owner, at),
            None => Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: rule.0 }),
        }
    }

    fn compute(&mut self, rule: RuleId, row: u32) -> (Outcome, Fired) {
        let program = self.program;
        self.asked[rule.index()] = true;
        let mut fired = Fired { base: program.rules[rule.index()].base, ..Fired::default() };
        let value = self.base(rule, row, &mut fired);
        let value = self.with_exceptions(rule, row, value, &mut fired);
        (stamp(value, rule), fired)
    }

    /// The value of the base definition alone.
    fn base(&mut self, rule: RuleId, row: u32, fired: &mut Fired) -> Outcome {
        let program = self.program;
        let entity = program.library.rules[rule.index()].entity;
        match fired.base.and_then(|id| program.library.def(id)).map(|def| &def.body) {
            Some(Body::Formula(expr)) => self.expr(expr, entity, row),
            Some(Body::Clauses { clauses, otherwise }) => {
                let mut pending = Vec::new();
                let mut missing = Vec::new();
                let mut decided = None;
                for (index, clause) in clauses.iter().enumerate() {
                    match self.expr(&clause.condition, entity, row) {
                        Outcome::Known(Value::YesNo(true)) => {
                            decided = Some(index as u16);
                            let value = self.expr(&clause.value, entity, row);
                            if pending.is_empty() {
                                fired.clause = decided;
                                return value;
                            }
                            pending.push(value);
                            break;
                        }
                        Outcome::Known(_) => {}
                        Outcome::Unknown(unknown) => {
                            merge(&mut missing, &unknown.missing);
                            pending.push(self.expr(&clause.value, entity, row));
                        }
                    }
                }
                if decided.is_none() {
                    let last = match otherwise {
                        Some(expr) => self.expr(expr, entity, row),
                        None => Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: rule.0 }),
                    };
                    if pending.is_empty() {
                        return last;
                    }
                    pending.push(last);
                }
                fired.clause = decided;
                hull(pending, missing)
            }
            _ => Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: rule.0 }),
        }
    }
}

/// Faults learn the rule in which they arose.
fn stamp(mut outcome: Outcome, rule: RuleId) -> Outcome {
    if let Outcome::Unknown(unknown) = &mut outcome {
        for missing in &mut unknown.missing {
            if let Missing::Fault { rule: place, .. } = missing
                && *place == u32::MAX
            {
                *place = rule.0;
            }
        }
        if !unknown.missing.is_sorted_by(|a, b| a < b) {
            unknown.missing.sort();
            unknown.missing.dedup();
        }
    }
    outcome
}

/// One of several outcomes, and nobody knows which (`missing` says what would tell).
fn hull(outcomes: Vec<Outcome>, mut missing: Vec<Missing>) -> Outcome {
    let first = outcomes.first().and_then(Outcome::known);
    if let Some(value) = first
        && outcomes.iter().all(|outcome| outcome.known() == Some(value))
    {
        return Outcome::Known(value);
    }
    if outcomes.len() == 1 && missing.is_empty() {
        return outcomes.into_iter().next().unwrap_or(Outcome::yes_no(false));
    }
    let mut bounds: Option<Bounds> = None;
    for outcome in &outcomes {
        merge(&mut missing, outcome.missing_list());
        let (low, high) = outcome.bounds();
        bounds = Some(match bounds {
            None => (low, high),
            Some((a, b)) => (low.zip(a).map(|(x, y)| x.min(y)), high.zip(b).map(|(x, y)| x.max(y))),
        });
    }
    let (low, high) = bounds.unwrap_or((None, None));
    Outcome::within(low, high, missing)
}

fn compare(op: Compare, left: &Outcome, right: &Outcome) -> Outcome {
    match compare_bounds(op, left.bounds(), right.bounds()) {
        Some(answer) => Outcome::yes_no(answer),
        None => {
            let mut missing = left.missing_list().to_vec();
            merge(&mut missing, right.missing_list());
            Outcome::Unknown(Unknown { low: None, high: None, missing })
        }
    }
}

fn day_to(outcome: &Outcome, convert: impl Fn(i32) -> Option<i32>) -> Outcome {
    let fault = || Outcome::missing(Missing::Fault { fault: Fault::Overflow, rule: u32::MAX });
    match outcome {
        Outcome::Known(Value::Number(number)) => i32::try_from(number.to_integer())
            .ok()
            .and_then(convert)
            .map_or_else(fault, |result| Outcome::number(Exact::from_integer(i128::from(result)))),
        Outcome::Known(_) => fault(),
        Outcome::Unknown(unknown) => Outcome::Unknown(Unknown { low: None, high: None, ..unknown.clone() }),
    }
}
