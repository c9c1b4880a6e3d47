//! A little evaluator of its own: it knows a formula and the values that an explanation shows right below it, and
//! nothing else. What it reckons must be what is shown above.

use doudi_policy::ir::{Body, Def, EntityId, Expr, ExprKind, HOUSEHOLD, Now, RuleId};
use doudi_policy::{AggregateOp, Arith, Compare, Exact, Explanation, Facts, Node, Program, Rounding, Value};
use doudi_terms::{date_from_epoch_day, epoch_day};

/// How an explanation shows a parameter that a place does not have.
pub const NO_SUCH_RULE: &str = "当地没有这项规定";

/// What can be said of a formula from what is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    Known(Value),
    /// Shown, and unknown.
    Unknown,
    /// Needs a value that is not shown.
    Hidden,
    /// Needs what this evaluator does not do: calendars, rounded values.
    Beyond,
}

pub struct Checker<'c> {
    pub program: &'c Program<'c>,
    pub facts: &'c Facts<'c>,
    /// The node's own parts.
    pub shown: &'c [Explanation],
    pub values: &'c dyn Fn(&Explanation) -> Seen,
}

impl Checker<'_> {
    /// The value of a rule from the definitions that its explanation names.
    pub fn rule(&self, rule: RuleId, row: u32, base: Option<&Def>, exceptions: &[&Def]) -> Seen {
        let entity = self.program.library.rules[rule.index()].entity;
        let mut value = base.map_or(Seen::Unknown, |def| self.base(def, entity, row));
        for def in exceptions {
            let Body::Exception { condition, value: answer, .. } = &def.body else { continue };
            match self.expr(condition, entity, row, value) {
                Seen::Known(Value::YesNo(true)) => value = self.expr(answer, entity, row, value),
                Seen::Known(_) => {}
                other => return other,
            }
        }
        value
    }

    fn base(&self, def: &Def, entity: EntityId, row: u32) -> Seen {
        match &def.body {
            Body::Formula(expr) => self.expr(expr, entity, row, Seen::Hidden),
            Body::Clauses { clauses, otherwise } => {
                for clause in clauses {
                    match self.expr(&clause.condition, entity, row, Seen::Hidden) {
                        Seen::Known(Value::YesNo(true)) => {
                            return self.expr(&clause.value, entity, row, Seen::Hidden);
                        }
                        Seen::Known(_) => {}
                        other => return other,
                    }
                }
                otherwise.as_ref().map_or(Seen::Unknown, |expr| self.expr(expr, entity, row, Seen::Hidden))
            }
            Body::Exception { .. } => Seen::Hidden,
        }
    }

    fn part(&self, node: Node) -> Seen {
        self.shown.iter().find(|part| part.node == node).map_or(Seen::Hidden, |part| (self.values)(part))
    }

    /// What is shown of a parameter says whether the place has such a rule.
    fn has(&self, node: Node) -> Seen {
        match self.shown.iter().find(|part| part.node == node) {
            None => Seen::Hidden,
            Some(part) if !part.known => Seen::Unknown,
            Some(part) => yes(part.value != NO_SUCH_RULE),
        }
    }

    fn up(&self, entity: EntityId, row: u32, owner: EntityId) -> u32 {
        self.facts.ancestor_row(entity, row, owner).expect("an owner")
    }

    fn expr(&self, expr: &Expr, entity: EntityId, row: u32, original: Seen) -> Seen {
        let library = self.program.library;
        let sub = |expr: &Expr| self.expr(expr, entity, row, original);
        match &expr.kind {
            ExprKind::Constant(value) => Seen::Known(*value),
            ExprKind::Unknown(_) => Seen::Unknown,
            ExprKind::Original => original,
            ExprKind::Input(id) => {
                self.part(Node::Input(*id, self.up(entity, row, library.inputs[id.index()].entity)))
            }
            ExprKind::Rule(id) => {
                self.part(Node::Rule(*id, self.up(entity, row, library.rules[id.index()].entity)))
            }
            ExprKind::Parameter { parameter, dimensions } => match self.labels(dimensions, &sub) {
                Ok(labels) => self.part(Node::Parameter(*parameter, self.program.key(*parameter, &labels))),
                Err(why) => why,
            },
            ExprKind::HasParameter { parameter, dimensions } => match self.labels(dimensions, &sub) {
                Ok(labels) => self.has(Node::Parameter(*parameter, self.program.key(*parameter, &labels))),
                Err(why) => why,
            },
            ExprKind::Age { birth, on } => numbers(sub(birth), sub(on), years),
            ExprKind::Now(now) => {
                let month = i128::from(self.program.month.index());
                number(Exact::from_integer(match now {
                    Now::Month => month,
                    Now::LastMonth => month - 1,
                    Now::FirstDay => i128::from(epoch_day(self.program.month.first_day())),
                    Now::LastDay => i128::from(epoch_day(self.program.month.last_day())),
                }))
            }
            ExprKind::Not(inner) => match sub(inner) {
                Seen::Known(Value::YesNo(value)) => yes(!value),
                other => other,
            },
            ExprKind::And(parts) => junction(parts.iter().map(sub), false),
            ExprKind::Or(parts) => junction(parts.iter().map(sub), true),
            ExprKind::Compare(op, a, b) => numbers(sub(a), sub(b), |a, b| yes(compared(*op, a, b))),
            ExprKind::Is { value, labels, negated } => match sub(value) {
                Seen::Known(Value::Label(label)) => yes(labels.contains(&label) != *negated),
                other => other,
            },
            ExprKind::Arith(op, a, b) => numbers(sub(a), sub(b), |a, b| reckoned(*op, a, b)),
            ExprKind::Largest(parts) => parts
                .iter()
                .map(sub)
                .reduce(|a, b| numbers(a, b, |a, b| number(a.max(b))))
                .unwrap_or(Seen::Unknown),
            ExprKind::Smallest(parts) => parts
                .iter()
                .map(sub)
                .reduce(|a, b| numbers(a, b, |a, b| number(a.min(b))))
                .unwrap_or(Seen::Unknown),
            ExprKind::Round { value, rounding, unit } => rounded(sub(value), *rounding, *unit),
            ExprKind::RoundBy { value, mode, unit, roundings } => match (sub(mode), sub(unit)) {
                (Seen::Known(Value::Label(mode)), Seen::Known(Value::Number(unit))) => {
                    rounded(sub(value), roundings[usize::from(mode)], unit.to_integer())
                }
                (Seen::Known(_), other) | (other, _) => other,
            },
            ExprKind::IsKnown(inner) => match sub(inner) {
                Seen::Known(_) => yes(true),
                Seen::Unknown => yes(false),
                other => other,
            },
            ExprKind::Aggregate { op, over, filters, value } => {
                self.aggregate(*op, *over, filters, value.as_deref(), (entity, row))
            }
            ExprKind::Applies { rule, label } => {
                let Some(Body::Exception { condition, .. }) =
                    self.program.exception(*rule, label).map(|def| &def.body)
                else {
                    return yes(false);
                };
                let owner = library.rules[rule.index()].entity;
                self.expr(condition, owner, self.up(entity, row, owner), Seen::Beyond)
            }
            // Months of days and working days have their own tests.
            _ => Seen::Beyond,
        }
    }

    fn labels(&self, dimensions: &[Expr], sub: &dyn Fn(&Expr) -> Seen) -> Result<Vec<u16>, Seen> {
        dimensions
            .iter()
            .map(|dimension| match sub(dimension) {
                Seen::Known(Value::Label(label)) => Ok(label),
                other => Err(other),
            })
            .collect()
    }

    fn aggregate(
        &self,
        op: AggregateOp,
        over: EntityId,
        filters: &[Expr],
        value: Option<&Expr>,
        (entity, row): (EntityId, u32),
    ) -> Seen {
        let parent = self.program.library.entities[over.index()].parent.unwrap_or(HOUSEHOLD);
        let owner = self.up(entity, row, parent);
        // An open list may be decided by what is not listed: that is the business of bounds.
        if !self.facts.is_complete(over, owner) {
            return Seen::Beyond;
        }
        let mut values = Vec::new();
        for child in self.facts.children(over, owner) {
            let inside =
                junction(filters.iter().map(|filter| self.expr(filter, over, child, Seen::Hidden)), false);
            match inside {
                Seen::Known(Value::YesNo(false)) => continue,
                Seen::Known(_) => {}
                // Whether it counts is not known: the value may still not depend on it.
                Seen::Unknown => return Seen::Beyond,
                other => return other,
            }
            values.push(value.map_or(yes(true), |value| self.expr(value, over, child, Seen::Hidden)));
        }
        match op {
            AggregateOp::Count => number(Exact::from_integer(values.len() as i128)),
            AggregateOp::Sum => {
                let zero = number(Exact::from_integer(0));
                values.into_iter().fold(zero, |a, b| numbers(a, b, |a, b| number(a + b)))
            }
            AggregateOp::Any => junction(values.into_iter(), true),
            AggregateOp::All => junction(values.into_iter(), false),
            AggregateOp::Max => values
                .into_iter()
                .reduce(|a, b| numbers(a, b, |a, b| number(a.max(b))))
                .unwrap_or(Seen::Unknown),
            AggregateOp::Min => values
                .into_iter()
                .reduce(|a, b| numbers(a, b, |a, b| number(a.min(b))))
                .unwrap_or(Seen::Unknown),
        }
    }
}

fn compared(op: Compare, a: Exact, b: Exact) -> bool {
    match op {
        Compare::Less => a < b,
        Compare::LessEqual => a <= b,
        Compare::Greater => a > b,
        Compare::GreaterEqual => a >= b,
        Compare::Equal => a == b,
        Compare::NotEqual => a != b,
    }
}

fn reckoned(op: Arith, a: Exact, b: Exact) -> Seen {
    match op {
        Arith::Add => number(a + b),
        Arith::Subtract => number(a - b),
        Arith::Multiply => number(a * b),
        Arith::Divide if b == Exact::from_integer(0) => Seen::Unknown,
        Arith::Divide => number(a / b),
    }
}

/// Full years from one day to another, by the calendar.
fn years(birth: Exact, on: Exact) -> Seen {
    let day = |number: Exact| i32::try_from(number.to_integer()).ok().and_then(date_from_epoch_day);
    let (Some(birth), Some(on)) = (day(birth), day(on)) else { return Seen::Beyond };
    let had = (on.month(), on.day()) >= (birth.month(), birth.day());
    number(Exact::from_integer(i128::from(on.year() - birth.year()) - i128::from(!had)))
}

fn yes(value: bool) -> Seen {
    Seen::Known(Value::YesNo(value))
}

fn number(value: Exact) -> Seen {
    Seen::Known(Value::Number(value))
}

fn numbers(a: Seen, b: Seen, op: impl Fn(Exact, Exact) -> Seen) -> Seen {
    match (a, b) {
        (Seen::Known(Value::Number(a)), Seen::Known(Value::Number(b))) => op(a, b),
        (Seen::Hidden, _) | (_, Seen::Hidden) => Seen::Hidden,
        (Seen::Beyond, _) | (_, Seen::Beyond) => Seen::Beyond,
        _ => Seen::Unknown,
    }
}

fn junction(parts: impl Iterator<Item = Seen>, decisive: bool) -> Seen {
    let parts: Vec<Seen> = parts.collect();
    let hit = |wanted: Seen| parts.contains(&wanted);
    if hit(yes(decisive)) {
        yes(decisive)
    } else if hit(Seen::Hidden) {
        Seen::Hidden
    } else if hit(Seen::Beyond) {
        Seen::Beyond
    } else if hit(Seen::Unknown) {
        Seen::Unknown
    } else {
        yes(!decisive)
    }
}

fn rounded(value: Seen, rounding: Rounding, unit: i128) -> Seen {
    let Seen::Known(Value::Number(exact)) = value else { return value };
    let scaled = exact / unit;
    let away = if scaled < Exact::from_integer(0) { -1 } else { 1 };
    let size = if away < 0 { -scaled } else { scaled };
    let whole = match rounding {
        Rounding::HalfUp => (size + Exact::new(1, 2)).floor(),
        Rounding::Up => size.ceil(),
        Rounding::Down => size.floor(),
    };
    number(whole * away * unit)
}
