//! Spans of time in the quoted law (自受理之日起30个工作日内) against the days that the formulas under it count.

use super::bound_words::{bounds, is_time};
use super::passages::Passage;
use super::quantities::{Measure, Quantity, quantities};
use super::{Finding, FindingKind};
use crate::ast::Arith;
use crate::ir::{Expr, ExprKind, Step, Type};
use crate::library::Library;
use crate::value::{Exact, Value};
use num_traits::One;

/// A number of days, months or hours by which a formula moves a day on.
struct Counted<'l> {
    expr: &'l Expr,
    value: Exact,
    measure: Measure,
}

pub(super) fn findings(library: &Library, passages: &[Passage]) -> Vec<Finding> {
    let mut found = Vec::new();
    for passage in passages {
        let written: Vec<Quantity> =
            quantities(&passage.quotation).into_iter().filter(|number| is_time(number.measure)).collect();
        if written.is_empty() {
            continue;
        }
        let counted = counted_under(library, passage);
        for one in &counted {
            found.extend(contradiction(library, passage, &written, &counted, one));
        }
    }
    found
}

fn counted_under<'l>(library: &'l Library, passage: &Passage) -> Vec<Counted<'l>> {
    let mut found = Vec::new();
    for def in library.defs.iter().filter(|def| passage.holds(library, def.span)) {
        for expr in def.exprs() {
            expr.walk(&mut |node| {
                let (count, measure) = match &node.kind {
                    ExprKind::Later { step, count, .. } => (count, measure_of(*step)),
                    ExprKind::Arith(Arith::Add, day, count) if day.ty == Type::Date => (count, Measure::Days),
                    ExprKind::Arith(Arith::Add, month, count) if month.ty == Type::Month => {
                        (count, Measure::Months)
                    }
                    _ => return,
                };
                // 下月 is one month on; no text writes it as a number.
                if let ExprKind::Constant(Value::Number(value)) = count.kind
                    && value > Exact::one()
                {
                    found.push(Counted { expr: node, value, measure });
                }
            });
        }
    }
    found
}

fn measure_of(step: Step) -> Measure {
    match step {
        Step::WorkingDays => Measure::WorkingDays,
        Step::Months => Measure::Months,
        Step::Hours => Measure::Hours,
    }
}

fn contradiction(
    library: &Library,
    passage: &Passage,
    written: &[Quantity],
    counted: &[Counted<'_>],
    one: &Counted<'_>,
) -> Option<Finding> {
    let is = |number: &Quantity, counted: &Counted<'_>| {
        Measure::same((number.value, number.measure), (counted.value, counted.measure))
    };
    if written.iter().any(|number| is(number, one)) {
        return None;
    }
    let days = [Measure::Days, Measure::WorkingDays];
    let slice =
        library.sources.get(one.expr.span.source.0 as usize).map_or("", |source| source.slice(one.expr.span));
    let text = |number: &Quantity| passage.quotation.get(number.at.clone()).unwrap_or("").to_owned();
    let other_days = written.iter().find(|number| {
        number.value == one.value && days.contains(&number.measure) && days.contains(&one.measure)
    });
    if let Some(number) = other_days {
        let (says, does) = match number.measure {
            Measure::WorkingDays => ("工作日", "自然日"),
            _ => ("日（自然日）", "工作日"),
        };
        return Some(
            Finding::warning(
                FindingKind::Wording,
                one.expr.span,
                format!("原文写“{}”，式子“{slice}”数的是{does}", text(number)),
            )
            .why(format!("原文的期限是{says}，遇上周末和节假日，两种算法到期的日子不一样"))
            .next("工作日写 几个工作日后(……, ……)，自然日写 日期 + 几"),
        );
    }
    // The text has one period of this measure that nothing here counts.
    let periods: Vec<Quantity> = bounds(&passage.quotation)
        .into_iter()
        .filter_map(|bound| bound.number)
        .filter(|number| number.measure == one.measure && !counted.iter().any(|other| is(number, other)))
        .collect();
    let [number] = periods.as_slice() else { return None };
    Some(
        Finding::warning(
            FindingKind::Wording,
            one.expr.span,
            format!("原文写“{}”，式子写“{slice}”：期限不一样", text(number)),
        )
        .why("这一段原文里没有式子用的这个期限，式子里也没有用原文的这个期限")
        .next("照原文改式子里的数；另有依据的，把依据抄在式子上面"),
    )
}
