//! A household that stands exactly at a bound, and what the formula says of it.

use super::comparisons::Comparison;
use super::findings::Example;
use super::settings::Setting;
use crate::eval::Evaluation;
use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, Expr, ExprKind, HOUSEHOLD, InputId, PERSON, Type};
use crate::library::Library;
use crate::program::Program;
use crate::value::{Exact, Missing, Outcome, Value, multiply};
use crate::words::value_words;
use doudi_terms::{Date, date_from_epoch_day, epoch_day};

/// Facts that may have to be filled in before a bound is known: more than this is no simple bound.
const MOST_FACTS: usize = 8;
/// Options of a fact that are tried: a standard may be published for one kind of place only.
const MOST_OPTIONS: u16 = 4;
/// Places below that are linked to find a published standard.
const MOST_PLACES: usize = 4;

/// Where a subject is put on trial.
#[derive(Clone, Copy)]
pub(super) enum Stand {
    /// Exactly at the formula's own bound.
    AtBound,
    /// At another number: the text's.
    At(Exact),
    /// At a share of the formula's bound.
    AtShare(Exact),
}

/// `None` where the subject is worked out on the spot or the bound is published nowhere.
pub(super) fn example<'l>(
    library: &'l Library,
    programs: &[Program<'l>],
    document: u32,
    comparison: &Comparison<'l>,
    stand: Stand,
) -> Option<(Example, Setting)> {
    let document = library.documents.get(document as usize)?;
    let layout = Layout::of(library);
    let here = |program: &Program<'l>| {
        let trial = Trial { library, layout: &layout, program, comparison, stand };
        let example = (0..MOST_OPTIONS).find_map(|option| trial.run(option))?;
        Some((example, Setting { region: program.region, date: program.date }))
    };
    let spoken =
        |program: &&Program<'l>| document.in_force(program.date) && program.region.is_within(document.region);
    if let Some(found) = programs.iter().filter(spoken).find_map(here) {
        return Some(found);
    }
    // The standard is published below, for places without documents of their own.
    let rows = library.rows.iter().filter(|row| {
        row.region.is_within(document.region) && document.in_force(row.from.max(document.from))
    });
    let mut places: Vec<Setting> = rows
        .filter(|row| comparison.bound.published.contains(&row.parameter))
        .map(|row| Setting { region: row.region, date: row.from.max(document.from) })
        .collect();
    places.dedup();
    places.into_iter().take(MOST_PLACES).find_map(|place| {
        let program = Program::link(library, place.region, place.date).ok()?;
        here(&program)
    })
}

struct Trial<'t, 'l> {
    library: &'l Library,
    layout: &'t Layout,
    program: &'t Program<'l>,
    comparison: &'t Comparison<'l>,
    stand: Stand,
}

impl Trial<'_, '_> {
    fn run(&self, option: u16) -> Option<Example> {
        let (library, comparison) = (self.library, self.comparison);
        let (mut facts, row) = one_row(library, self.layout, comparison.entity);
        let mut told: Vec<(String, String)> = Vec::new();
        let bound = self.known(&mut facts, comparison.bound_expr, row, option, &mut told)?;
        let at = match self.stand {
            Stand::AtBound => bound,
            Stand::At(value) => value,
            Stand::AtShare(share) => multiply(bound, share)?,
        };
        let subject = comparison.subject;
        let words = value_words(library, Value::Number(at), comparison.bound_expr.ty);
        let mut assumed = None;
        let name = match &subject.kind {
            ExprKind::Input(id) => {
                set(library, &mut facts, *id, comparison.entity, row, Value::Number(at))?;
                library.inputs.get(id.index())?.name.clone()
            }
            ExprKind::Rule(id) => {
                let rule = library.rules.get(id.index())?;
                assumed = Some((*id, facts.ancestor_row(comparison.entity, row, rule.entity)?));
                rule.name.clone()
            }
            ExprKind::Age { birth, on } => {
                let on = self.known(&mut facts, on, row, option, &mut told)?;
                let on = date_from_epoch_day(i32::try_from(on.to_integer()).ok()?)?;
                let born = years_before(on, at)?;
                let ExprKind::Input(id) = &birth.kind else { return None };
                let day = Value::Number(Exact::from_integer(i128::from(epoch_day(born))));
                set(library, &mut facts, *id, comparison.entity, row, day)?;
                told.push(("出生日期".to_owned(), born.to_string()));
                "周岁".to_owned()
            }
            _ => return None,
        };
        told.push((name, words));
        let mut evaluation = Evaluation::new(self.program, &facts);
        if let Some((rule, row)) = assumed {
            evaluation.assume(rule, row, Outcome::number(at));
        }
        let answer = evaluation.expr(comparison.expr, comparison.entity, row).as_yes_no()?;
        let slice = library.one_line(comparison.expr.span);
        let result = if answer { "是" } else { "否" };
        Some(Example { facts: told, results: vec![(format!("“{slice}”"), result.to_owned())] })
    }

    /// The value of a formula, with facts filled in as it asks for them.
    fn known(
        &self,
        facts: &mut Facts<'_>,
        expr: &Expr,
        row: u32,
        option: u16,
        told: &mut Vec<(String, String)>,
    ) -> Option<Exact> {
        let library = self.library;
        for _ in 0..MOST_FACTS {
            let unknown = match Evaluation::new(self.program, facts).expr(expr, self.comparison.entity, row) {
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
                Type::Enum(options) if usize::from(option) < library.labels(options).len() => {
                    Value::Label(option)
                }
                Type::Enum(_) | Type::Date | Type::Month | Type::Moment => return None,
                Type::YesNo => Value::YesNo(false),
                _ => Value::Number(Exact::from_integer(1)),
            };
            facts.set(input.entity, at, id, Fact { value: FactValue::Known(value), source: None });
            told.push((input.name.clone(), value_words(library, value, input.ty)));
        }
        None
    }
}

/// What a formula answers a person with one option of a fact, at a place and day where the document speaks.
pub(super) fn with_option(
    library: &Library,
    programs: &[Program<'_>],
    document: u32,
    expr: &Expr,
    asked: (InputId, u16),
) -> Option<(bool, Setting)> {
    let document = library.documents.get(document as usize)?;
    let program = programs
        .iter()
        .find(|program| document.in_force(program.date) && program.region.is_within(document.region))?;
    let input = library.inputs.get(asked.0.index())?;
    let layout = Layout::of(library);
    let (mut facts, row) = one_row(library, &layout, input.entity);
    set(library, &mut facts, asked.0, input.entity, row, Value::Label(asked.1))?;
    let answer = Evaluation::new(program, &facts).expr(expr, input.entity, row).as_yes_no()?;
    Some((answer, Setting { region: program.region, date: program.date }))
}

/// A household of that day, and what the formulas come to; `None` where they are not known.
pub(super) struct FirstDay {
    pub facts: Vec<(String, String)>,
    pub results: Vec<Option<String>>,
    pub setting: Setting,
}

/// What formulas over one day come to when that day is the first on which the document speaks.
pub(super) fn from_first_day(
    library: &Library,
    programs: &[Program<'_>],
    document: u32,
    entity: EntityId,
    exprs: &[&Expr],
) -> Option<FirstDay> {
    let document = library.documents.get(document as usize)?;
    let program = programs
        .iter()
        .find(|program| document.in_force(program.date) && program.region.is_within(document.region))?;
    let layout = Layout::of(library);
    let (mut known, row) = one_row(library, &layout, entity);
    let mut facts = Vec::new();
    for expr in exprs {
        expr.walk(&mut |node| {
            let ExprKind::Input(id) = node.kind else { return };
            let day = match node.ty {
                Type::Date => i128::from(epoch_day(program.date)),
                Type::Month => i128::from(program.month.index()),
                _ => return,
            };
            let value = Value::Number(Exact::from_integer(day));
            let set = set(library, &mut known, id, entity, row, value);
            if let (Some(()), Some(input)) = (set, library.inputs.get(id.index())) {
                let pair = (input.name.clone(), value_words(library, value, node.ty));
                if !facts.contains(&pair) {
                    facts.push(pair);
                }
            }
        });
    }
    let results = exprs.iter().map(|expr| {
        let value = Evaluation::new(program, &known).expr(expr, entity, row).known()?;
        Some(value_words(library, value, expr.ty))
    });
    let results = results.collect();
    Some(FirstDay { facts, results, setting: Setting { region: program.region, date: program.date } })
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
