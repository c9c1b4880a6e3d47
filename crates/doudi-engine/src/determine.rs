//! Running the rules: for everybody in columns, and for one household again with everything that is missing.

use crate::content::Content;
use crate::county::County;
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, FactSet, from_value, last_month_path};
use crate::population::Population;
use crate::result_columns::{Replies, RuleColumn};
use crate::stored_table::to_cells;
use arrow_array::BooleanArray;
use doudi_policy::ir::{CheckId, EntityId, LastMonth, PERSON, RuleId};
use doudi_policy::{Facts, Layout, Value, last_month_inputs};
use doudi_policy_batch::{EntityTable, FactTables, Prepared, Results, Wanted};
use std::borrow::Cow;
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

/// Results by row of the whole tables.
#[derive(Debug, Default)]
pub(crate) struct Determined {
    pub rules: RuleColumns,
    pub checks: BTreeMap<CheckId, Replies>,
}

/// Columns by rule. They are asked for everybody and every programme, so they are found by their number.
#[derive(Debug, Default)]
pub(crate) struct RuleColumns(Vec<Option<RuleColumn>>);

impl RuleColumns {
    pub fn get(&self, rule: RuleId) -> Option<&RuleColumn> {
        self.0.get(rule.index())?.as_ref()
    }

    fn get_mut(&mut self, rule: RuleId) -> Option<&mut RuleColumn> {
        self.0.get_mut(rule.index())?.as_mut()
    }

    /// By number.
    fn iter(&self) -> impl Iterator<Item = (RuleId, &RuleColumn)> {
        let numbered = self.0.iter().enumerate();
        numbered.filter_map(|(index, column)| Some((RuleId(index as u32), column.as_ref()?)))
    }

    fn insert(&mut self, rule: RuleId, column: RuleColumn) {
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

    /// By row of the check's entity; `None` where no county asks.
    pub fn check(&self, check: CheckId) -> Option<&Replies> {
        self.checks.get(&check)
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
                (*input, to_cells(library.inputs[input.index()].ty, column, range.clone()))
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

    /// In the whole tables, where the rows of a unit (of all units) begin: they stand one after another, as in
    /// [`Chunk::household`].
    pub fn first_row(&self, entity: EntityId, unit: usize) -> usize {
        self.base(entity)
            + doudi_policy_batch::first_row(&self.tables, entity, (unit - self.units.start) as u32)
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

/// What is asked about everybody.
pub(crate) struct Wish {
    pub rules: Vec<RuleId>,
    /// The checks in force too.
    pub with_checks: bool,
}

impl Wish {
    pub fn of_clearing(content: &Content) -> Wish {
        Wish { rules: wanted_rules(content), with_checks: true }
    }

    pub fn add_groups(&mut self, content: &Content) {
        self.rules.extend(content.rules.groups.iter().flat_map(|group| group.rules()));
        self.rules.sort_unstable();
        self.rules.dedup();
    }

    fn checks(&self, county: &County<'_>) -> Vec<CheckId> {
        if self.with_checks { county.checks.clone() } else { Vec::new() }
    }
}

/// Evaluates what is asked for everybody, chunk by chunk, on so many cores (one or two).
pub(crate) fn determine(
    content: &Content,
    facts: &FactSet,
    counties: &[County<'_>],
    chunks: &[Chunk],
    wish: &Wish,
    threads: usize,
) -> Outcome<Determined> {
    let library = &content.library;
    let mut determined = Determined::default();
    for rule in &wish.rules {
        let found = &library.rules[rule.index()];
        let rows = facts.table(found.entity).rows;
        determined.rules.insert(*rule, RuleColumn::unknown(found.ty, rows));
    }
    for check in counties.iter().flat_map(|county| wish.checks(county)) {
        let rows = facts.table(library.checks[check.index()].entity).rows;
        determined.checks.entry(check).or_insert_with(|| Replies::new(rows));
    }
    for (number, county) in counties.iter().enumerate() {
        let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.county == number).collect();
        let Some(prepared) = prepared(county, &own, wish)? else { continue };
        for start in (0..own.len()).step_by(threads) {
            let found = side_by_side(&prepared, start, own.len(), threads);
            for (chunk, results) in own[start..].iter().zip(found) {
                determined.add(content, chunk, &results);
            }
        }
    }
    Ok(determined)
}

/// Code of a county's law for its chunks; `None` where there is nobody.
pub(crate) fn prepared<'p>(
    county: &County<'_>,
    chunks: &[&'p Chunk],
    wish: &Wish,
) -> Outcome<Option<Prepared<'p>>> {
    if chunks.is_empty() {
        return Ok(None);
    }
    let mut wanted: Vec<Wanted> = wish.rules.iter().map(|rule| Wanted::Rule(*rule)).collect();
    wanted.extend(wish.checks(county).into_iter().map(Wanted::Check));
    let tables: Vec<&FactTables> = chunks.iter().map(|chunk| &chunk.tables).collect();
    let prepared = Prepared::for_parts(&county.program, &tables, &wanted);
    prepared.map(Some).map_err(|error| EngineError::Internal(error.to_string()))
}

/// Two neighbouring chunks at the same time.
fn side_by_side(prepared: &Prepared<'_>, start: usize, chunks: usize, threads: usize) -> Vec<Results> {
    std::thread::scope(|scope| {
        let second = (threads > 1 && start + 1 < chunks).then(|| scope.spawn(|| prepared.results(start + 1)));
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
            match result.wanted {
                Wanted::Rule(rule) => {
                    let ty = content.library.rules[rule.index()].ty;
                    let Some(column) = self.rules.get_mut(rule) else { continue };
                    column.fill(base, ty, result);
                }
                Wanted::Check(check) => {
                    let Some(replies) = self.checks.get_mut(&check) else { continue };
                    replies.fill(base, &result.values);
                }
            }
        }
    }

    /// Replaces a value by what the scalar evaluator, which keeps bounds, found out.
    pub fn refine(&mut self, content: &Content, rule: RuleId, row: usize, value: Option<Value>) {
        let ty = content.library.rules[rule.index()].ty;
        if let (Some(column), Some(cell)) =
            (self.rules.get_mut(rule), value.and_then(|value| from_value(ty, value)))
        {
            column.settle(row, cell);
        }
    }

    /// The columns that next month asks for, by path.
    pub fn remembered<'a>(
        &'a self,
        content: &'a Content,
    ) -> impl Iterator<Item = (String, RuleId, Cow<'a, Column>)> {
        self.rules.iter().map(move |(rule, column)| {
            (last_month_path(&content.library, LastMonth::Rule(rule)), rule, column.column())
        })
    }
}
