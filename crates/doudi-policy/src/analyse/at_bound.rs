//! A household that stands exactly at the bound of a comparison, and what the formula says of it.

use super::comparisons::Comparison;
use super::findings::Example;
use super::settings::Setting;
use crate::eval::Evaluation;
use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, Expr, ExprKind, HOUSEHOLD, InputId, PERSON, Type};
use crate::library::Library;
use crate::program::Program;
use crate::value::{Exact, Missing, Outcome, Value};
use crate::words::value_words;
use doudi_terms::{Date, date_from_epoch_day, epoch_day};

/// Facts that may have to be filled in before a bound is known: more than this is no simple bound.
const MOST_FACTS: usize = 8;
/// Options of a fact that are tried: a standard may be published for one kind of place only.
const MOST_OPTIONS: u16 = 4;

/// `None` where the subject is worked out on the spot or the bound is published nowhere.
pub(super) fn at_bound<'l>(
    library: &'l Library,
    programs: &[Program<'l>],
    document: u32,
    comparison: &Comparison<'l>,
) -> Option<(Example, Setting)> {
    let document = library.documents.get(document as usize)?;
    let layout = Layout::of(library);
    let spoken = programs
        .iter()
        .filter(|program| document.in_force(program.date) && program.region.is_within(document.region));
    spoken.into_iter().find_map(|program| {
        let example =
            (0..MOST_OPTIONS).find_map(|option| stand(library, &layout, program, comparison, option))?;
        Some((example, Setting { region: program.region, date: program.date }))
    })
}

fn stand(
    library: &Library,
    layout: &Layout,
    program: &Program<'_>,
    comparison: &Comparison<'_>,
    option: u16,
) -> Option<Example> {
    let (mut facts, row) = one_row(library, layout, comparison.entity);
    let mut told: Vec<(String, String)> = Vec::new();
    let bound = known(
        library,
        program,
        &mut facts,
        comparison.bound_expr,
        comparison.entity,
        row,
        option,
        &mut told,
    )?;
    let subject = comparison.subject;
    let words = value_words(library, Value::Number(bound), comparison.bound_expr.ty);
    let mut assumed = None;
    let name = match &subject.kind {
        ExprKind::Input(id) => {
            set(library, &mut facts, *id, comparison.entity, row, Value::Number(bound))?;
            library.inputs.get(id.index())?.name.clone()
        }
        ExprKind::Rule(id) => {
            let rule = library.rules.get(id.index())?;
            assumed = Some((*id, facts.ancestor_row(comparison.entity, row, rule.entity)?));
            rule.name.clone()
        }
        ExprKind::Age { birth, on } => {
            let on = known(library, program, &mut facts, on, comparison.entity, row, option, &mut told)?;
            let on = date_from_epoch_day(i32::try_from(on.to_integer()).ok()?)?;
            let born = years_before(on, bound)?;
            let ExprKind::Input(id) = &birth.kind else { return None };
            let day = Value::Number(Exact::from_integer(i128::from(epoch_day(born))));
            set(library, &mut facts, *id, comparison.entity, row, day)?;
            told.push(("出生日期".to_owned(), born.to_string()));
            "周岁".to_owned()
        }
        _ => return None,
    };
    told.push((name, words));
    let mut evaluation = Evaluation::new(program, &facts);
    if let Some((rule, row)) = assumed {
        evaluation.assume(rule, row, Outcome::number(bound));
    }
    let answer = evaluation.expr(comparison.expr, comparison.entity, row).as_yes_no()?;
    let span = comparison.expr.span;
    let slice = library.sources.get(span.source.0 as usize).map_or("", |source| source.slice(span));
    let slice = slice.split_whitespace().collect::<Vec<_>>().join(" ");
    let result = if answer { "是" } else { "否" };
    Some(Example { facts: told, results: vec![(format!("“{slice}”"), result.to_owned())] })
}

/// A household with one member, and one record of every kind on the way to `entity`; the row of `entity`.
fn one_row<'l>(library: &Library, layout: &'l Layout, entity: EntityId) -> (Facts<'l>, u32) {
    let mut facts = Facts::new(layout);
    let member = facts.add_row(PERSON, 0, "甲");
    let mut way: Vec<EntityId> =
        std::iter::successors(Some(entity), |at| library.entities.get(at.index())?.parent)
            .filter(|at| *at != HOUSEHOLD && *at != PERSON)
            .collect();
    way.reverse();
    let under_person =
        way.first().and_then(|first| library.entities.get(first.index())?.parent) == Some(PERSON);
    let mut row = if entity == PERSON || under_person { member } else { 0 };
    for record in way {
        row = facts.add_row(record, row, "");
    }
    (facts, row)
}

/// The value of a formula, with facts filled in as it asks for them.
#[expect(clippy::too_many_arguments)]
fn known(
    library: &Library,
    program: &Program<'_>,
    facts: &mut Facts<'_>,
    expr: &Expr,
    entity: EntityId,
    row: u32,
    option: u16,
    told: &mut Vec<(String, String)>,
) -> Option<Exact> {
    for _ in 0..MOST_FACTS {
        let unknown = match Evaluation::new(program, facts).expr(expr, entity, row) {
            Outcome::Known(Value::Number(value)) => return Some(value),
            Outcome::Known(_) => return None,
            Outcome::Unknown(unknown) => unknown,
        };
        let asked = unknown.missing.iter().find_map(|missing| match missing {
            Missing::Fact { input, row } => Some((InputId(*input), *row)),
            _ => None,
        });
        let (id, at) = asked?;
        let input = library.inputs.get(id.index())?;
        let value = match input.ty {
            Type::Enum(options) => {
                if usize::from(option) >= library.labels(options).len() {
                    return None;
                }
                Value::Label(option)
            }
            Type::YesNo => Value::YesNo(false),
            Type::Date | Type::Month | Type::Moment => return None,
            _ => Value::Number(Exact::from_integer(1)),
        };
        facts.set(input.entity, at, id, Fact { value: FactValue::Known(value), source: None });
        told.push((input.name.clone(), value_words(library, value, input.ty)));
    }
    None
}

fn set(
    library: &Library,
    facts: &mut Facts<'_>,
    id: InputId,
    entity: EntityId,
    row: u32,
    value: Value,
) -> Option<()> {
    let input = library.inputs.get(id.index())?;
    let at = facts.ancestor_row(entity, row, input.entity)?;
    facts.set(input.entity, at, id, Fact { value: FactValue::Known(value), source: None });
    Some(())
}

fn years_before(day: Date, years: Exact) -> Option<Date> {
    let years = i64::try_from(years.to_integer()).ok().filter(|years| (0..=200).contains(years))?;
    day.checked_sub(jiff::Span::new().try_years(years).ok()?).ok()
}
