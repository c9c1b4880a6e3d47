//! Amounts by the month and amounts by the year, where their declarations say so (金额/月, 金额/年): they meet only
//! through a factor of twelve.

use super::{Finding, FindingKind};
use crate::ast::{AggregateOp, Arith, Period};
use crate::ir::{Def, EntityId, Expr, ExprKind, Type};
use crate::library::Library;
use crate::source::Span;
use crate::value::{Exact, Value, divide, multiply};
use num_traits::One;

/// A factor from here on may well count months; what it makes of an amount is not known.
const MANY: i128 = 6;
const MONTHS_OF_A_YEAR: i128 = 12;

pub(super) fn findings(library: &Library) -> Vec<Finding> {
    let mut found = Vec::new();
    for def in &library.defs {
        let Some(rule) = library.rules.get(def.rule.index()) else { continue };
        let mut reader = Reader { library, original: rule.period, place: def.span, found: Vec::new() };
        reader.definition(def, rule.period, &rule.name);
        found.extend(reader.found);
    }
    for check in &library.checks {
        let mut reader = Reader { library, original: None, place: check.span, found: Vec::new() };
        let _ = reader.period(&check.condition);
        found.extend(reader.found);
    }
    found
}

struct Reader<'l> {
    library: &'l Library,
    /// Of 原值.
    original: Option<Period>,
    place: Span,
    found: Vec<Finding>,
}

impl Reader<'_> {
    fn definition(&mut self, def: &Def, declared: Option<Period>, name: &str) {
        for expr in def.exprs() {
            let period = self.period(expr);
            if let (true, Some(period), Some(declared)) = (expr.ty.is_money(), period, declared)
                && period != declared
            {
                let what = format!("规则“{name}”声明的是{}，式子算出的是{}", words(declared), words(period));
                self.report(expr.span, what);
            }
        }
    }

    /// By what an amount is counted, if that is known. Reports what does not fit together on the way.
    fn period(&mut self, expr: &Expr) -> Option<Period> {
        match &expr.kind {
            ExprKind::Input(id) => self.library.inputs.get(id.index())?.period,
            ExprKind::Rule(id) => self.library.rules.get(id.index())?.period,
            ExprKind::Parameter { parameter, dimensions } => {
                self.all(dimensions);
                self.library.parameters.get(parameter.index())?.period
            }
            ExprKind::Original => self.original,
            ExprKind::Compare(_, a, b) => {
                self.same(&[a, b], expr.span, "比较");
                None
            }
            ExprKind::Arith(Arith::Add | Arith::Subtract, a, b) => self.same(&[a, b], expr.span, "加减"),
            ExprKind::Arith(Arith::Multiply, a, b) => {
                let (amount, factor) = if a.ty.is_money() { (a, b) } else { (b, a) };
                self.all([factor.as_ref()]);
                let period = self.period(amount)?;
                amount.ty.is_money().then_some(())?;
                times(self.library, period, factor, false)
            }
            ExprKind::Arith(Arith::Divide, a, b) if b.ty.is_money() => {
                self.same(&[a, b], expr.span, "相除");
                None
            }
            ExprKind::Arith(Arith::Divide, a, b) => {
                self.all([b.as_ref()]);
                let period = self.period(a)?;
                times(self.library, period, b, true)
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let parts: Vec<&Expr> = parts.iter().collect();
                self.same(&parts, expr.span, "相比")
            }
            ExprKind::Round { value, .. } => self.period(value),
            ExprKind::RoundBy { value, mode, unit, .. } => {
                self.all([mode.as_ref(), unit.as_ref()]);
                self.period(value)
            }
            ExprKind::Aggregate { op, over, filters, value } => {
                // Selections are read where they stand.
                let place = self.place;
                self.all(
                    filters
                        .iter()
                        .filter(|filter| place.start <= filter.span.start && filter.span.end <= place.end),
                );
                let period = value.as_ref().and_then(|value| self.period(value));
                (*op != AggregateOp::Sum || !self.dated(*over)).then_some(period).flatten()
            }
            _ => {
                self.within(expr);
                None
            }
        }
    }

    /// What is no amount may hold amounts that meet.
    fn within(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::And(parts) | ExprKind::Or(parts) => self.all(parts),
            ExprKind::HasParameter { dimensions, .. } => self.all(dimensions),
            ExprKind::Not(a)
            | ExprKind::IsKnown(a)
            | ExprKind::MonthOf(a)
            | ExprKind::FirstDayOf(a)
            | ExprKind::LastDayOf(a)
            | ExprKind::Is { value: a, .. } => self.all([a.as_ref()]),
            ExprKind::Later { from: a, count: b, .. } | ExprKind::Age { birth: a, on: b } => {
                self.all([a.as_ref(), b.as_ref()]);
            }
            _ => {}
        }
    }

    fn all<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) {
        for part in parts {
            let _ = self.period(part);
        }
    }

    /// The one period of several amounts.
    fn same(&mut self, parts: &[&Expr], span: Span, doing: &str) -> Option<Period> {
        let periods: Vec<Option<Period>> = parts.iter().map(|part| self.period(part)).collect();
        let has = |period| periods.contains(&Some(period));
        if has(Period::Month) && has(Period::Year) {
            self.report(span, format!("按月的钱和按年的钱{doing}"));
            return None;
        }
        periods.into_iter().flatten().next()
    }

    /// Records of several months or days: their sum is by no month.
    fn dated(&self, record: EntityId) -> bool {
        let mut inputs = self.library.inputs.iter().filter(|input| input.entity == record);
        inputs.any(|input| matches!(input.ty, Type::Date | Type::Month))
    }

    fn report(&mut self, span: Span, what: String) {
        let finding = Finding::warning(FindingKind::Period, span, what)
            .why("一年是十二个月：月入1000元的人年入12000元，直接比会差十二倍")
            .next("把一边乘以或除以 12；声明写错了的，把“/月”“/年”改对");
        if !self.found.contains(&finding) {
            self.found.push(finding);
        }
    }
}

fn words(period: Period) -> &'static str {
    match period {
        Period::Month => "按月的钱",
        Period::Year => "按年的钱",
    }
}

/// An amount times (or divided by) a factor.
fn times(library: &Library, period: Period, factor: &Expr, divided: bool) -> Option<Period> {
    let number = constant(library, factor)?;
    let twelve = Exact::from_integer(MONTHS_OF_A_YEAR);
    match (period, divided) {
        (Period::Month, false) if number == twelve => Some(Period::Year),
        (Period::Year, true) if number == twelve => Some(Period::Month),
        _ if number < Exact::from_integer(MANY) => Some(period),
        _ => None,
    }
}

/// The product of the numbers in a factor; numbers of people, shares and multiples count once. `None` where a part of it
/// counts months, days or something else that takes time.
fn constant(library: &Library, factor: &Expr) -> Option<Exact> {
    let name = match &factor.kind {
        ExprKind::Constant(Value::Number(number)) => return Some(*number),
        ExprKind::Arith(Arith::Multiply, a, b) => {
            return multiply(constant(library, a)?, constant(library, b)?);
        }
        ExprKind::Arith(Arith::Divide, a, b) => return divide(constant(library, a)?, constant(library, b)?),
        ExprKind::Input(id) => &library.inputs.get(id.index())?.name,
        ExprKind::Rule(id) => &library.rules.get(id.index())?.name,
        ExprKind::Parameter { parameter, .. } => &library.parameters.get(parameter.index())?.name,
        ExprKind::Aggregate { op: AggregateOp::Count, .. } => return Some(Exact::one()),
        _ => return None,
    };
    (!name.contains(['月', '年', '季', '日', '天', '周', '期'])).then(Exact::one)
}
