//! Spans of time in the quoted law (自受理之日起30个工作日内) against the days that the formulas under it count.

use super::at_bound::from_first_day;
use super::bound_words::{bounds, is_time};
use super::findings::Example;
use super::passages::Passage;
use super::quantities::{Measure, Quantity, quantities};
use super::{Finding, FindingKind};
use crate::ast::Arith;
use crate::ir::{EntityId, Expr, ExprKind, Step, Type};
use crate::library::Library;
use crate::program::Program;
use crate::value::{Exact, Value};
use num_traits::One;

/// A number of days, months or hours by which a formula moves a day on.
struct Counted<'l> {
    expr: &'l Expr,
    entity: EntityId,
    value: Exact,
    measure: Measure,
}

pub(super) fn findings(library: &Library, passages: &[Passage], programs: &[Program<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for passage in passages {
        let written: Vec<Quantity> =
            quantities(&passage.quotation).into_iter().filter(|number| is_time(number.measure)).collect();
        if written.is_empty() {
            continue;
        }
        let counted = counted_under(library, passage);
        for one in &counted {
            let Some((mut finding, number)) = contradiction(library, passage, &written, &counted, one) else {
                continue;
            };
            if let Some((example, setting)) = example(library, passage, programs, one, &number) {
                finding.examples.push(example);
                finding.settings.push(setting);
            }
            found.push(finding);
        }
    }
    found
}

fn counted_under<'l>(library: &'l Library, passage: &Passage) -> Vec<Counted<'l>> {
    let mut found = Vec::new();
    for def in library.defs.iter().filter(|def| passage.holds(library, def.span)) {
        let Some(entity) = library.rules.get(def.rule.index()).map(|rule| rule.entity) else { continue };
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
                    found.push(Counted { expr: node, entity, value, measure });
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
) -> Option<(Finding, Quantity)> {
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
        let what = format!("原文写“{}”，式子“{slice}”数的是{does}", text(number));
        let finding = Finding::warning(FindingKind::Wording, one.expr.span, what)
            .why(format!("原文的期限是{says}，遇上周末和节假日，两种算法到期的日子不一样"))
            .next("工作日写 几个工作日后(……, ……)，自然日写 日期 + 几");
        return Some((finding, number.clone()));
    }
    // The text has a period of this measure that nothing here counts; the nearest is meant.
    let periods: Vec<Quantity> = bounds(&passage.quotation)
        .into_iter()
        .filter_map(|bound| bound.number)
        .filter(|number| number.measure == one.measure && !counted.iter().any(|other| is(number, other)))
        .collect();
    let number = periods.iter().min_by_key(|number| apart(number.value, one.value))?;
    let what = format!("原文写“{}”，式子写“{slice}”：期限不一样", text(number));
    let finding = Finding::warning(FindingKind::Wording, one.expr.span, what)
        .why("这一段原文里没有式子用的这个期限")
        .next("照原文改式子里的数；另有依据的，把依据抄在式子上面");
    Some((finding, number.clone()))
}

fn apart(a: Exact, b: Exact) -> Exact {
    if a > b { a - b } else { b - a }
}

/// The day to which the formula counts, and the day to which the text does.
fn example(
    library: &Library,
    passage: &Passage,
    programs: &[Program<'_>],
    one: &Counted<'_>,
    number: &Quantity,
) -> Option<(Example, super::Setting)> {
    let by_text = as_written(one.expr, number)?;
    let exprs = [one.expr, &by_text];
    let first = from_first_day(library, programs, passage.document, one.entity, &exprs)?;
    let written = passage.quotation.get(number.at.clone()).unwrap_or("");
    let names = [format!("“{}”", library.one_line(one.expr.span)), format!("原文“{written}”")];
    let results: Vec<(String, String)> =
        names.into_iter().zip(first.results).filter_map(|(name, result)| Some((name, result?))).collect();
    (!results.is_empty()).then_some((Example { facts: first.facts, results }, first.setting))
}

/// The same formula with the text's number and days.
fn as_written(expr: &Expr, number: &Quantity) -> Option<Expr> {
    let day = match &expr.kind {
        ExprKind::Later { from, .. } => from,
        ExprKind::Arith(Arith::Add, day, _) => day,
        _ => return None,
    };
    let kind = ExprKind::Constant(Value::Number(number.value));
    let count = Box::new(Expr { kind, ty: Type::Count, span: expr.span });
    let later = |step| ExprKind::Later { step, from: day.clone(), count: count.clone() };
    let kind = match (number.measure, day.ty) {
        (Measure::WorkingDays, Type::Date) => later(Step::WorkingDays),
        (Measure::Months, Type::Date) => later(Step::Months),
        (Measure::Hours, Type::Moment) => later(Step::Hours),
        (Measure::Days, Type::Date) | (Measure::Months, Type::Month) => {
            ExprKind::Arith(Arith::Add, day.clone(), count)
        }
        _ => return None,
    };
    Some(Expr { kind, ty: expr.ty, span: expr.span })
}
