//! The values at which the law of a place and a day changes its mind, read from its program: constants of its formulas,
//! its parameters, and days on which somebody reaches an age of its formulas. Cells are drawn at them and beside them.

use crate::population::{Cell, Dice};
use doudi_policy::ir::{Def, Expr, ExprKind, InputId, Type};
use doudi_policy::{ParameterValue, Program, Value};
use doudi_terms::{Date, epoch_day, parse_date};
use std::collections::BTreeSet;

pub struct Boundaries<'p> {
    program: &'p Program<'p>,
    money: Vec<i64>,
    counts: Vec<i64>,
    /// Thousandths.
    numbers: Vec<i64>,
    days: Vec<i64>,
    /// Percent of the numbers that come near the end of 64 bits.
    huge: u64,
}

impl<'p> Boundaries<'p> {
    pub fn of(program: &'p Program<'p>, huge: u64) -> Boundaries<'p> {
        let library = program.library;
        let mut found: Vec<(Type, Value)> = Vec::new();
        let mut look = |expr: &Expr| {
            expr.walk(&mut |node| {
                if let ExprKind::Constant(value) = node.kind {
                    found.push((node.ty, value));
                }
            });
        };
        let linked = program.rules.iter().flat_map(|rule| rule.base.iter().chain(&rule.exceptions));
        linked.filter_map(|id| library.def(*id)).flat_map(Def::exprs).for_each(&mut look);
        program.checks.iter().for_each(|id| look(&library.checks[id.index()].condition));
        for (index, values) in program.parameters.iter().enumerate() {
            let ty = library.parameters[index].ty;
            found.extend(values.iter().filter_map(|value| match value {
                ParameterValue::Value(value, _) => Some((ty, *value)),
                _ => None,
            }));
        }
        let (mut money, mut counts, mut numbers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (ty, value) in found {
            let Value::Number(number) = value else { continue };
            let Ok(whole) = i64::try_from(*number.floor().numer()) else { continue };
            match ty {
                Type::Money | Type::Amount => {
                    (1..=4).for_each(|people| money.extend([-1, 0, 1].map(|by| whole * people + by)));
                }
                Type::Count => counts.extend([whole - 1, whole, whole + 1]),
                Type::Number => {
                    let thousandths = i64::try_from((number * 1000).to_integer()).unwrap_or(0);
                    numbers.extend([thousandths - 1, thousandths, thousandths + 1]);
                }
                _ => {}
            }
        }
        let ages: Vec<i64> = counts.iter().copied().filter(|count| (1..=120).contains(count)).collect();
        Boundaries {
            program,
            days: days(program, &ages),
            money: money.into_iter().collect(),
            counts: counts.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
            huge,
        }
    }

    pub fn cell(&self, id: InputId, dice: &mut Dice) -> Cell {
        let library = self.program.library;
        let input = &library.inputs[id.index()];
        let number = match input.ty {
            Type::YesNo => return Cell::YesNo(dice.percent(40)),
            Type::Enum(id) => return Cell::Label(dice.below(library.labels(id).len() as u64) as u16),
            Type::Money | Type::Amount | Type::Count | Type::Number if dice.percent(self.huge) => {
                i64::MAX / [1, 2, 3, 1000, 100_000][dice.below(5) as usize] - dice.below(3) as i64
            }
            Type::Money => self.fen(dice),
            Type::Amount => self.fen(dice) * 1000 + dice.below(3) as i64 - 1,
            Type::Count => either(&self.counts, 13, dice),
            Type::Number => either(&self.numbers, 9000, dice),
            Type::Date => either(&self.days, 1, dice),
            Type::Month => i64::from(self.program.month.index()) - dice.below(26) as i64 + 2,
            Type::Moment => epoch_day(self.program.date) as i64 * 1440 - dice.below(200_000) as i64,
        };
        Cell::Number(if input.non_negative { number.saturating_abs() } else { number })
    }

    fn fen(&self, dice: &mut Dice) -> i64 {
        match dice.below(10) {
            0..=2 => 0,
            3..=6 => either(&self.money, 1, dice),
            7 => -(dice.below(60_000) as i64),
            _ => dice.below(400_000) as i64,
        }
    }
}

/// One of the choices, or, one time in four, anything below `end`.
fn either(choices: &[i64], end: u64, dice: &mut Dice) -> i64 {
    if choices.is_empty() || (end > 1 && dice.percent(25)) {
        return dice.below(end) as i64;
    }
    choices[dice.below(choices.len() as u64) as usize]
}

/// Ends of the last months, and birthdays on them, each with the days beside it.
fn days(program: &Program<'_>, ages: &[i64]) -> Vec<i64> {
    let mut days = BTreeSet::new();
    let mut add = |date: Option<Date>| {
        days.extend(date.map_or(0..0, |date| i64::from(epoch_day(date)) - 1..i64::from(epoch_day(date)) + 2));
    };
    let (first, last) = (program.month.first_day(), program.month.last_day());
    for age in ages {
        for day in [first, last, program.date] {
            add(years_before(day, *age));
        }
    }
    let mut month = program.month;
    for _ in 0..30 {
        add(Some(month.first_day()));
        add(Some(month.last_day()));
        month = month.previous();
    }
    days.into_iter().collect()
}

fn years_before(day: Date, years: i64) -> Option<Date> {
    parse_date(&format!("{:04}-{:02}-{:02}", i64::from(day.year()) - years, day.month(), day.day().min(28)))
}
