//! Representative answers to a question: every option, and for numbers and days where a formula draws its lines.

use crate::eval::Evaluation;
use crate::explain::{Step, children_of, deciding_defs};
use crate::facts::FactValue;
use crate::ir::{EntityId, Expr, ExprKind, InputId, Type};
use crate::program::Program;
use crate::value::{Exact, Missing, Outcome, Value, add, subtract};
use doudi_terms::epoch_day;
use std::collections::BTreeMap;

/// Lines kept for one fact.
const MOST_LINES: usize = 6;
/// 1,000,000 yuan in fen: more than any threshold of assistance.
const LARGE_MONEY: i128 = 100_000_000;
const LARGE_NUMBER: i128 = 1_000;
/// Representative ages of a date, in years before the day asked about.
const YEARS_BEFORE: [i128; 6] = [1, 10, 20, 40, 65, 90];
const DAYS_OF_A_YEAR: i128 = 365;

/// Numbers that undecided formulas compare a missing fact with, by fact and row.
#[derive(Clone, Debug, Default)]
pub(super) struct Points {
    lines: BTreeMap<(u32, u32), Vec<Exact>>,
}

impl Points {
    pub(super) fn of(evaluation: &mut Evaluation<'_>, steps: &[Step]) -> Points {
        let mut points = Points::default();
        let library = evaluation.program.library;
        for step in steps {
            let Step::Rule(rule, row) = step else { continue };
            let fired = evaluation.fired(*rule, *row).cloned().unwrap_or_default();
            let entity = library.rules[rule.index()].entity;
            for expr in deciding_defs(library, &fired).iter().flat_map(|def| def.exprs()) {
                points.collect(evaluation, expr, entity, *row);
            }
        }
        points
    }

    fn collect(&mut self, evaluation: &mut Evaluation<'_>, expr: &Expr, entity: EntityId, row: u32) {
        if let ExprKind::Compare(_, left, right) = &expr.kind {
            let sides = (evaluation.expr(left, entity, row), evaluation.expr(right, entity, row));
            match sides {
                (Outcome::Known(Value::Number(line)), Outcome::Unknown(open)) => {
                    self.draw(evaluation.program, line, right.ty, &open.missing);
                }
                (Outcome::Unknown(open), Outcome::Known(Value::Number(line))) => {
                    self.draw(evaluation.program, line, left.ty, &open.missing);
                }
                _ => {}
            }
        }
        for child in children_of(expr) {
            self.collect(evaluation, child, entity, row);
        }
    }

    fn draw(&mut self, program: &Program<'_>, line: Exact, ty: Type, missing: &[Missing]) {
        for missing in missing {
            let Missing::Fact { input, row } = missing else { continue };
            if !alike(program.library.inputs[*input as usize].ty, ty) {
                continue;
            }
            let lines = self.lines.entry((*input, *row)).or_default();
            if lines.len() < MOST_LINES && !lines.contains(&line) {
                lines.push(line);
            }
        }
    }

    /// The answers to try for a fact, within the bounds that are known of it.
    pub(super) fn values(
        &self,
        program: &Program<'_>,
        id: InputId,
        row: u32,
        given: Option<FactValue>,
    ) -> Vec<Value> {
        let input = &program.library.inputs[id.index()];
        let whole = Exact::from_integer;
        let mut numbers: Vec<Exact> = match input.ty {
            Type::YesNo => return vec![Value::YesNo(true), Value::YesNo(false)],
            Type::Enum(options) => {
                return (0..program.library.labels(options).len() as u16).map(Value::Label).collect();
            }
            Type::Money | Type::Amount => vec![whole(0), whole(LARGE_MONEY)],
            Type::Count | Type::Number => vec![whole(0), whole(1), whole(LARGE_NUMBER)],
            Type::Date => days(program, 1),
            Type::Moment => days(program, 24 * 60),
            Type::Month => {
                let month = i128::from(program.month.index());
                YEARS_BEFORE.iter().map(|years| whole(month - years * 12)).chain([whole(month)]).collect()
            }
        };
        for line in self.lines.get(&(id.0, row)).into_iter().flatten() {
            numbers
                .extend([subtract(*line, whole(1)), Some(*line), add(*line, whole(1))].into_iter().flatten());
        }
        let (low, high) = match given {
            Some(FactValue::Between(low, high)) => (low, high),
            _ => (None, None),
        };
        numbers.extend(low.iter().chain(&high));
        let low = low.or(input.non_negative.then(|| whole(0)));
        numbers.retain(|number| {
            low.is_none_or(|low| *number >= low)
                && high.is_none_or(|high| *number <= high)
                && (number.is_integer() || matches!(input.ty, Type::Amount | Type::Number))
        });
        numbers.sort();
        numbers.dedup();
        numbers.into_iter().map(Value::Number).collect()
    }
}

/// The day asked about, the next, and days some years before.
fn days(program: &Program<'_>, units_of_a_day: i128) -> Vec<Exact> {
    let today = i128::from(epoch_day(program.date));
    let before = YEARS_BEFORE.iter().map(|years| today - years * DAYS_OF_A_YEAR);
    before.chain([today, today + 1]).map(|day| Exact::from_integer(day * units_of_a_day)).collect()
}

fn alike(a: Type, b: Type) -> bool {
    a == b || (a.is_money() && b.is_money()) || (a.is_plain_number() && b.is_plain_number())
}
