//! A specification's facts and records with names found: inputs by number, columns by place.

use super::column::{Reading, from_cell, from_word};
use super::derived;
use super::sharing::ResolvedCount;
use crate::lake::narrowed;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_terms::roster::{ColumnKind, Derivation, FieldSource, ObservationBatch, RosterSpec};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct ResolvedSpec {
    pub facts: Vec<ResolvedFact>,
    pub records: Vec<ResolvedRecord>,
    pub counts: Vec<ResolvedCount>,
    /// The specification with those columns only that some fact or record looks at.
    pub narrow: RosterSpec,
    /// The specification with those identity columns only that some fact looks at; the others have no name here,
    /// so that they are not read. `None` = identity is not read at all.
    pub identity: Option<RosterSpec>,
}

pub(crate) struct ResolvedFact {
    pub input: InputId,
    pub entity: EntityId,
    pub ty: Type,
    pub from: From,
    pub absent: Option<i64>,
    /// An earlier fact of the same specification states the same input: of a row the first that applies holds.
    pub repeats: bool,
    when: Vec<Condition>,
}

pub(crate) struct ResolvedRecord {
    pub entity: EntityId,
    /// The records belong to the unit, not to the person.
    pub of_household: bool,
    pub fields: Vec<(InputId, Type, From)>,
    pub complete: bool,
    pub complete_for_listed: bool,
    when: Vec<Condition>,
}

#[derive(Clone, Copy)]
pub(crate) enum From {
    Column(usize),
    Constant(i64),
    Derived(Derivation),
}

struct Condition {
    column: usize,
    words: Vec<String>,
}

/// Names in a specification that no policy declares: the rows would be read and say nothing.
pub(crate) fn unknown_names(library: &Library, spec: &RosterSpec) -> Vec<String> {
    let facts = spec.facts.iter().map(|fact| &fact.input).chain(spec.counts.iter().map(|count| &count.input));
    let mut unknown: Vec<String> =
        facts.filter(|name| library.input_by_path(name).is_none()).cloned().collect();
    for record in &spec.records {
        match library.entity_named(&record.record) {
            None => unknown.push(record.record.clone()),
            Some(entity) => unknown.extend(
                record
                    .fields
                    .keys()
                    .filter(|field| library.input_named(entity, field).is_none())
                    .map(|field| format!("{}.{field}", record.record)),
            ),
        }
    }
    unknown
}

impl ResolvedSpec {
    /// Facts that no policy asks for are passed over.
    pub fn new(library: &Library, spec: &RosterSpec) -> ResolvedSpec {
        let column =
            |name: &str| spec.columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX);
        let conditions = |when: &BTreeMap<String, Vec<String>>| -> Vec<Condition> {
            when.iter()
                .map(|(name, words)| Condition { column: column(name), words: words.clone() })
                .collect()
        };
        let mut facts: Vec<ResolvedFact> = Vec::new();
        for fact in &spec.facts {
            let Some(input) = library.input_by_path(&fact.input) else { continue };
            let found = &library.inputs[input.index()];
            if found.entity != HOUSEHOLD && found.entity != PERSON {
                continue;
            }
            let constant = fact.value.as_deref().and_then(|word| from_word(library, found.ty, word));
            let from = match (&fact.column, constant, fact.derive) {
                (Some(name), ..) => From::Column(column(name)),
                (None, Some(value), _) => From::Constant(value),
                (None, None, Some(derivation)) => From::Derived(derivation),
                (None, None, None) => continue,
            };
            let repeats = facts.iter().any(|earlier| earlier.input == input);
            facts.push(ResolvedFact {
                repeats,
                input,
                entity: found.entity,
                ty: found.ty,
                from,
                absent: fact.absent.as_deref().and_then(|word| from_word(library, found.ty, word)),
                when: conditions(&fact.when),
            });
        }
        let records = spec.records.iter().filter_map(|record| {
            let entity = library.entity_named(&record.record)?;
            let parent = library.entities[entity.index()].parent?;
            if parent != HOUSEHOLD && parent != PERSON {
                return None;
            }
            let fields = record.fields.iter().filter_map(|(name, source)| {
                let input = library.input_named(entity, name)?;
                let ty = library.inputs[input.index()].ty;
                let from = match source {
                    FieldSource::Column { column: name } => From::Column(column(name)),
                    FieldSource::Value { value } => From::Constant(from_word(library, ty, value)?),
                };
                Some((input, ty, from))
            });
            Some(ResolvedRecord {
                entity,
                of_household: parent == HOUSEHOLD,
                fields: fields.collect(),
                complete: record.complete,
                complete_for_listed: record.complete_for_listed,
                when: conditions(&record.when),
            })
        });
        let records: Vec<ResolvedRecord> = records.collect();
        let counts = ResolvedCount::new(library, spec);
        let identity = identity_columns(spec, &facts, &[]);
        let narrow = looked_at(spec, &facts, &records);
        ResolvedSpec { facts, records, counts, narrow, identity }
    }
}

impl ResolvedSpec {
    /// The specification with those columns only, of both halves, that some count looks at.
    pub fn counted(&self, spec: &RosterSpec) -> (RosterSpec, Option<RosterSpec>) {
        let asked = |at, kind| self.counts.iter().any(|count| count.looks_at(at, kind));
        let narrow = narrowed(spec, |at, column| asked(at, column.kind));
        (narrow, identity_columns(spec, &[], &self.counts))
    }
}

fn looked_at(spec: &RosterSpec, facts: &[ResolvedFact], records: &[ResolvedRecord]) -> RosterSpec {
    let fields = records.iter().flat_map(|record| record.fields.iter().map(|(.., from)| *from));
    let values = facts.iter().map(|fact| fact.from).chain(fields).filter_map(|from| match from {
        From::Column(at) => Some(at),
        From::Constant(_) | From::Derived(_) => None,
    });
    let of_facts = facts.iter().flat_map(|fact| &fact.when);
    let conditions = of_facts.chain(records.iter().flat_map(|record| &record.when));
    let columns: BTreeSet<usize> = values.chain(conditions.map(|condition| condition.column)).collect();
    narrowed(spec, |at, _| columns.contains(&at))
}

fn identity_columns(
    spec: &RosterSpec,
    facts: &[ResolvedFact],
    counts: &[ResolvedCount],
) -> Option<RosterSpec> {
    let looked_at = |(at, kind): (usize, ColumnKind)| {
        let of_fact = |fact: &ResolvedFact| match fact.from {
            From::Derived(derivation) => derived::looks_at(derivation).contains(&kind),
            _ => false,
        };
        facts.iter().any(of_fact) || counts.iter().any(|count| count.looks_at(at, kind))
    };
    let mut reduced = spec.clone();
    let mut any = false;
    for (at, column) in reduced.columns.iter_mut().enumerate().filter(|(_, c)| c.kind.is_identity()) {
        match looked_at((at, column.kind)) {
            true => any = true,
            false => column.name.clear(),
        }
    }
    any.then_some(reduced)
}

impl From {
    pub fn read(self, library: &Library, ty: Type, batch: &ObservationBatch, row: usize) -> Reading {
        match self {
            From::Constant(value) => Reading::Value(value),
            // Identity is in the other half: whoever reads that half asks it.
            From::Derived(_) => Reading::Blank,
            From::Column(at) => match batch.columns.get(at) {
                Some(Some(cells)) => from_cell(library, ty, cells, row),
                _ => Reading::Blank,
            },
        }
    }
}

impl ResolvedFact {
    pub fn applies(&self, batch: &ObservationBatch, row: usize) -> bool {
        self.when.iter().all(|condition| condition.holds(batch, row))
    }
}

impl ResolvedRecord {
    pub fn applies(&self, batch: &ObservationBatch, row: usize) -> bool {
        self.when.iter().all(|condition| condition.holds(batch, row))
    }
}

impl Condition {
    fn holds(&self, batch: &ObservationBatch, row: usize) -> bool {
        match batch.columns.get(self.column) {
            Some(Some(cells)) => self.words.iter().any(|word| cells.has_word(row, word)),
            _ => false,
        }
    }
}

/// The inputs that a roster supplies: its facts, its counts, and the fields of its records.
pub(crate) fn supplied_inputs(library: &Library, spec: &RosterSpec) -> Vec<InputId> {
    let resolved = ResolvedSpec::new(library, spec);
    let facts = resolved.facts.iter().map(|fact| fact.input);
    let fields = resolved.records.iter().flat_map(|record| record.fields.iter().map(|(input, ..)| *input));
    let counts = resolved.counts.iter().map(|count| count.input);
    facts.chain(fields).chain(counts).collect()
}
