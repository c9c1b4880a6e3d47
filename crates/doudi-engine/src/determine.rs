//! Running the rules: for everybody in columns, and for one household again with everything that is missing.

use crate::content::Content;
use crate::county::County;
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, FactSet, NO_SOURCE, from_value, last_month_path};
use crate::population::Population;
use crate::stored_table::to_array;
use arrow_array::{ArrayAccessor, BooleanArray};
use doudi_policy::ir::{CheckId, EntityId, LastMonth, PERSON, RuleId, Type};
use doudi_policy::{Facts, Layout, Value, last_month_inputs};
use doudi_policy_batch::{EntityTable, FactTables, Prepared, ResultColumn, Results, Values, Wanted};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Units evaluated together: enough for columns to pay, little enough for two cores to share a county.
const UNITS_PER_CHUNK: usize = 16_384;

/// Some units of one county as tables of their own.
pub(crate) struct Chunk {
    pub county: usize,
    pub units: Range<usize>,
    pub tables: FactTables,
    /// By entity: the first row in the whole tables.
    bases: Vec<usize>,
}

/// Yes, no or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    Unknown,
    /// The county's law has no such check.
    NotAsked,
}

/// Results by row of the whole tables.
#[derive(Debug, Default)]
pub(crate) struct Determined {
    pub rules: RuleColumns,
    pub checks: BTreeMap<CheckId, Vec<Answer>>,
}

/// Columns by rule. They are asked for everybody and every programme, so they are found by their number.
#[derive(Debug, Default)]
pub(crate) struct RuleColumns(Vec<Option<Column>>);

impl RuleColumns {
    pub fn get(&self, rule: RuleId) -> Option<&Column> {
        self.0.get(rule.index())?.as_ref()
    }

    fn get_mut(&mut self, rule: RuleId) -> Option<&mut Column> {
        self.0.get_mut(rule.index())?.as_mut()
    }

    /// By number.
    fn iter(&self) -> impl Iterator<Item = (RuleId, &Column)> {
        let numbered = self.0.iter().enumerate();
        numbered.filter_map(|(index, column)| Some((RuleId(index as u32), column.as_ref()?)))
    }

    fn insert(&mut self, rule: RuleId, column: Column) {
        if self.0.len() <= rule.index() {
            self.0.resize(rule.index() + 1, None);
        }
        self.0[rule.index()] = Some(column);
    }
}

impl Determined {
    /// A yes/no rule at a row of its entity.
    pub fn yes_no(&self, rule: RuleId, row: usize) -> Option<bool> {
        self.rules.get(rule)?.get(row).map(|cell| cell != 0)
    }

    pub fn is_yes(&self, rule: RuleId, row: usize) -> bool {
        self.yes_no(rule, row) == Some(true)
    }

    /// By row of the check's entity; empty where no county asks.
    pub fn check(&self, check: CheckId) -> &[Answer] {
        self.checks.get(&check).map_or(&[], Vec::as_slice)
    }
}

/// Cuts the facts of all counties into chunks.
pub(crate) fn chunks(
    content: &Content,
    population: &Population,
    facts: &FactSet,
    counties: &[County<'_>],
) -> Outcome<Vec<Chunk>> {
    let mut chunks = Vec::new();
    for (number, county) in counties.iter().enumerate() {
        for start in county.units.clone().step_by(UNITS_PER_CHUNK) {
            let units = start..(start + UNITS_PER_CHUNK).min(county.units.end);
            chunks.push(chunk(content, population, facts, number, units)?);
        }
    }
    Ok(chunks)
}

fn chunk(
    content: &Content,
    population: &Population,
    facts: &FactSet,
    county: usize,
    units: Range<usize>,
) -> Outcome<Chunk> {
    let library = &content.library;
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(library.entities.len());
    let mut tables = Vec::with_capacity(library.entities.len());
    for (index, entity) in library.entities.iter().enumerate() {
        let id = EntityId(index as u8);
        let table = facts.table(id);
        let (range, offsets) = match entity.parent {
            None => (units.clone(), None),
            Some(parent) => {
                let owners = ranges[parent.index()].clone();
                let bounds = members_or_records(population, table, id, &owners);
                let first = bounds[0];
                let offsets = bounds.iter().map(|bound| (bound - first) as u32).collect();
                (first..bounds[owners.len()], Some(offsets))
            }
        };
        let complete = entity.parent.filter(|_| id != PERSON).map(|parent| {
            let owners = ranges[parent.index()].clone();
            owners
                .map(|owner| Some(table.complete.get(owner).copied().unwrap_or(false)))
                .collect::<BooleanArray>()
        });
        let columns = table
            .columns
            .iter()
            .map(|(input, column)| {
                (*input, to_array(library.inputs[input.index()].ty, column, range.clone()))
            })
            .collect();
        tables.push(EntityTable { rows: range.len(), offsets, columns, complete });
        ranges.push(range);
    }
    let tables =
        FactTables::new(library, tables).map_err(|error| EngineError::Internal(error.to_string()))?;
    Ok(Chunk { county, units, tables, bases: ranges.iter().map(|range| range.start).collect() })
}

/// For each owner the first row, and one more at the end.
fn members_or_records(
    population: &Population,
    table: &crate::facts::Table,
    entity: EntityId,
    owners: &Range<usize>,
) -> Vec<usize> {
    if entity == PERSON {
        let starts = population.units[owners.clone()].iter().map(|unit| unit.start as usize);
        let end = population.units[owners.clone()].last().map_or(0, |unit| unit.end as usize);
        return starts.chain([end]).collect();
    }
    let mut at = table.parents.partition_point(|parent| (*parent as usize) < owners.start);
    let mut bounds = Vec::with_capacity(owners.len() + 1);
    for owner in owners.clone() {
        bounds.push(at);
        while table.parents.get(at).is_some_and(|parent| *parent as usize == owner) {
            at += 1;
        }
    }
    bounds.push(at);
    bounds
}

impl Chunk {
    /// A unit's facts for the scalar evaluator; `unit` counts all units.
    pub fn household<'l>(&self, layout: &'l Layout, unit: usize) -> Facts<'l> {
        doudi_policy_batch::household(&self.tables, layout, (unit - self.units.start) as u32)
    }

    fn base(&self, entity: EntityId) -> usize {
        self.bases.get(entity.index()).copied().unwrap_or(0)
    }
}

/// What says who is entitled to which programme, and to how much.
pub(crate) fn programme_rules(content: &Content) -> BTreeSet<RuleId> {
    let rules = &content.rules;
    let mut wanted = BTreeSet::from([rules.out_of_scope, rules.sign_of_need]);
    for programme in &rules.programmes {
        wanted.extend([programme.entitled, programme.enrolled]);
        wanted.extend(programme.amount);
    }
    wanted
}

/// The rules that a clearing asks for, each once.
pub(crate) fn wanted_rules(content: &Content) -> Vec<RuleId> {
    let rules = &content.rules;
    let mut wanted = programme_rules(content);
    wanted.insert(rules.covered);
    wanted.extend(&rules.ledgers);
    wanted.extend(&rules.look_in);
    wanted.extend(remembered_rules(content));
    wanted.into_iter().collect()
}

/// Rules that next month will ask the value of.
fn remembered_rules(content: &Content) -> impl Iterator<Item = RuleId> + '_ {
    last_month_inputs(&content.library).filter_map(|(_, of)| match of {
        LastMonth::Rule(rule) => Some(rule),
        LastMonth::Input(_) => None,
    })
}

/// Evaluates the rules and checks of a clearing for everybody.
pub(crate) fn determine(
    content: &Content,
    facts: &FactSet,
    counties: &[County<'_>],
    chunks: &[Chunk],
) -> Outcome<Determined> {
    determine_wanted(content, facts, counties, chunks, (&wanted_rules(content), true))
}

/// Evaluates some rules for everybody, and the checks in force if asked for, chunk by chunk, on two cores.
pub(crate) fn determine_wanted(
    content: &Content,
    facts: &FactSet,
    counties: &[County<'_>],
    chunks: &[Chunk],
    (rules, with_checks): (&[RuleId], bool),
) -> Outcome<Determined> {
    let library = &content.library;
    let mut determined = Determined::default();
    for rule in rules {
        let rows = facts.table(library.rules[rule.index()].entity).rows;
        determined.rules.insert(*rule, Column::unknown(rows));
    }
    let checks = |county: &County<'_>| if with_checks { county.checks.clone() } else { Vec::new() };
    for check in counties.iter().flat_map(checks) {
        let rows = facts.table(library.checks[check.index()].entity).rows;
        determined.checks.entry(check).or_insert_with(|| vec![Answer::NotAsked; rows]);
    }
    for (number, county) in counties.iter().enumerate() {
        let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.county == number).collect();
        if own.is_empty() {
            continue;
        }
        let mut wanted: Vec<Wanted> = rules.iter().map(|rule| Wanted::Rule(*rule)).collect();
        wanted.extend(checks(county).into_iter().map(Wanted::Check));
        let tables: Vec<&FactTables> = own.iter().map(|chunk| &chunk.tables).collect();
        let prepared = Prepared::for_parts(&county.program, &tables, &wanted)
            .map_err(|error| EngineError::Internal(error.to_string()))?;
        for start in (0..own.len()).step_by(2) {
            let pair = two(&prepared, start, own.len());
            for (chunk, results) in own[start..].iter().zip(pair) {
                determined.add(content, chunk, &results);
            }
        }
    }
    Ok(determined)
}

/// Two neighbouring chunks at the same time.
fn two(prepared: &Prepared<'_>, start: usize, chunks: usize) -> Vec<Results> {
    std::thread::scope(|scope| {
        let second = (start + 1 < chunks).then(|| scope.spawn(|| prepared.results(start + 1)));
        let first = prepared.results(start);
        let second = second.map(|thread| match thread.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        [first].into_iter().chain(second).collect()
    })
}

impl Determined {
    fn add(&mut self, content: &Content, chunk: &Chunk, results: &Results) {
        for result in &results.columns {
            let base = chunk.base(result.entity);
            let rows = chunk.tables.rows(result.entity);
            match result.wanted {
                Wanted::Rule(rule) => {
                    let ty = content.library.rules[rule.index()].ty;
                    let Some(column) = self.rules.get_mut(rule) else { continue };
                    fill(column, base, ty, result);
                }
                Wanted::Check(check) => {
                    let Some(answers) = self.checks.get_mut(&check) else { continue };
                    for row in 0..rows {
                        answers[base + row] = match result.yes_no(row) {
                            Some(true) => Answer::Yes,
                            Some(false) => Answer::No,
                            None => Answer::Unknown,
                        };
                    }
                }
            }
        }
    }

    /// Replaces a value by what the scalar evaluator, which keeps bounds, found out.
    pub fn refine(&mut self, content: &Content, rule: RuleId, row: usize, value: Option<Value>) {
        let ty = content.library.rules[rule.index()].ty;
        if let (Some(column), Some(cell)) =
            (self.rules.get_mut(rule), value.and_then(|value| from_value(ty, value)))
            && column.source(row) == NO_SOURCE
            && row < column.len()
        {
            column.set(row, cell, 0);
        }
    }

    /// The columns that next month asks for, by path.
    pub fn remembered<'a>(
        &'a self,
        content: &'a Content,
    ) -> impl Iterator<Item = (String, RuleId, &'a Column)> {
        self.rules.iter().map(move |(rule, column)| {
            (last_month_path(&content.library, LastMonth::Rule(rule)), rule, column)
        })
    }
}

/// Puts known results into a column, from row `base` on.
fn fill(column: &mut Column, base: usize, ty: Type, result: &ResultColumn) {
    fn each<A: ArrayAccessor>(column: &mut Column, base: usize, array: A, cell: impl Fn(A::Item) -> i64) {
        for row in 0..array.len() {
            if array.is_valid(row) {
                column.set(base + row, cell(array.value(row)), 0);
            }
        }
    }
    match &result.values {
        Values::YesNo(array) => each(column, base, array, i64::from),
        Values::Money(array) | Values::Count(array) => each(column, base, array, |value| value),
        Values::Date(array) | Values::Month(array) => each(column, base, array, i64::from),
        Values::Label(array) => each(column, base, array, i64::from),
        Values::Amount(ratios) | Values::Number(ratios) => {
            for row in 0..ratios.numer.len() {
                if let Some(cell) = result.value(row).and_then(|value| from_value(ty, value)) {
                    column.set(base + row, cell, 0);
                }
            }
        }
    }
}
