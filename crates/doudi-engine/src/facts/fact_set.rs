//! All facts of a month as tables: one of households, one of persons, one of each kind of record.

use super::column::{Column, numbers};
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
#[derive(Clone, Debug, Default, PartialEq)]
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

    /// All tables for a file that nobody but this run reads; sources are not in it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let number = |out: &mut Vec<u8>, number: usize| out.extend((number as u64).to_le_bytes());
        for table in &self.tables {
            number(&mut out, table.rows);
            number(&mut out, table.parents.len());
            out.extend(table.parents.iter().flat_map(|parent| parent.to_le_bytes()));
            number(&mut out, table.complete.len());
            out.extend(table.complete.iter().map(|complete| u8::from(*complete)));
            number(&mut out, table.columns.len());
            for (input, column) in &table.columns {
                number(&mut out, input.index());
                column.write(&mut out);
            }
        }
        out
    }

    /// The inverse; `None` for what is no such file.
    pub fn from_bytes(mut bytes: &[u8], tables: usize, sources: Vec<FactSource>) -> Option<FactSet> {
        let bytes = &mut bytes;
        let number = |bytes: &mut &[u8]| {
            let found = *numbers(bytes, 1, u64::from_le_bytes)?.first()?;
            usize::try_from(found).ok()
        };
        let mut facts = FactSet { tables: Vec::with_capacity(tables), sources };
        for _ in 0..tables {
            let rows = number(bytes)?;
            let count = number(bytes)?;
            let parents = numbers(bytes, count, u32::from_le_bytes)?;
            let count = number(bytes)?;
            let complete = numbers(bytes, count, |byte: [u8; 1]| byte[0] != 0)?;
            let mut columns = BTreeMap::new();
            for _ in 0..number(bytes)? {
                let input = InputId(u32::try_from(number(bytes)?).ok()?);
                columns.insert(input, Column::read(bytes)?);
            }
            facts.tables.push(Table { rows, parents, columns, complete });
        }
        bytes.is_empty().then_some(facts)
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
