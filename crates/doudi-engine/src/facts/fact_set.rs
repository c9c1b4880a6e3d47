//! All facts of a month as tables: one of households, one of persons, one of each kind of record.

use super::column::Column;
use crate::population::Population;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactSource {
    pub roster: String,
    pub month: String,
    /// Concluded from not being listed in a roster that is closed.
    pub absent: bool,
}

/// Rows of one entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub rows: usize,
    /// By row: the owner's row (units for persons; persons or units for records). Sorted. Empty for households.
    pub parents: Vec<u32>,
    /// Only inputs of which something is known.
    pub columns: BTreeMap<InputId, Column>,
    /// For records, by the owner's row: the list is complete.
    pub complete: Vec<bool>,
}

/// Every fact of a month.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FactSet {
    /// By entity.
    pub tables: Vec<Table>,
    pub sources: Vec<FactSource>,
}

impl FactSet {
    /// Units and persons without any fact.
    pub fn empty(library: &Library, population: &Population) -> FactSet {
        let mut tables = vec![Table::default(); library.entities.len()];
        tables[HOUSEHOLD.index()].rows = population.units.len();
        tables[PERSON.index()].rows = population.len();
        tables[PERSON.index()].parents = population.unit_of.clone();
        for (index, entity) in library.entities.iter().enumerate().skip(2) {
            let owners = entity.parent.map_or(0, |parent| tables[parent.index()].rows);
            tables[index].complete = vec![false; owners];
        }
        FactSet { tables, sources: Vec::new() }
    }

    pub fn table(&self, entity: EntityId) -> &Table {
        &self.tables[entity.index()]
    }

    /// Keeps only how many rows there are and whose they are.
    pub fn forget_columns(&mut self) {
        self.tables.iter_mut().for_each(|table| table.columns.clear());
    }

    pub fn column(&mut self, library: &Library, input: InputId) -> &mut Column {
        let table = &mut self.tables[library.inputs[input.index()].entity.index()];
        let rows = table.rows;
        table.columns.entry(input).or_insert_with(|| Column::unknown(rows))
    }

    /// The number of a source, known or new.
    pub fn source(&mut self, source: FactSource) -> u16 {
        let at = self.sources.iter().position(|known| *known == source).unwrap_or_else(|| {
            self.sources.push(source);
            self.sources.len() - 1
        });
        at as u16
    }
}
