//! 上月.X: what last month's clearing knew or decided, carried over by person and by household.

use super::column::{Column, from_value, to_value};
use super::fact_set::{FactSet, FactSource};
use crate::content::Content;
use crate::population::Population;
use crate::settle::NOBODY;
use doudi_policy::ir::{HOUSEHOLD, LastMonth, Type};
use doudi_policy::{Library, last_month_inputs};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// One column of last month, with its type as it was then.
#[derive(Clone, Debug)]
pub(crate) struct StoredColumn {
    pub ty: Type,
    /// Label words, where it holds labels: their numbers may be others today.
    pub labels: Vec<String>,
    pub column: Column,
}

/// Last month's clearing: its people, its facts and its results.
#[derive(Debug)]
pub(crate) struct LastMonthFacts {
    pub month: String,
    /// By the number that a person has now: row of the persons' tables; [`NOBODY`] = none.
    pub rows: Vec<u32>,
    /// By row: the unit.
    pub unit_of: Vec<u32>,
    /// By unit key: row of the households' tables.
    pub units: FxHashMap<Box<str>, u32>,
    /// By path: `户.低保在册` for facts and rules alike (a name is one or the other).
    pub columns: BTreeMap<String, StoredColumn>,
}

impl LastMonthFacts {
    /// Fills every input that asks for last month.
    pub fn fill(&self, content: &Content, population: &Population, facts: &mut FactSet) {
        let library = &content.library;
        let source =
            facts.source(FactSource {
                roster: "上月摸排".into(), month: self.month.clone(), absent: false
            });
        let units: Vec<Option<u32>> =
            (0..population.units.len()).map(|unit| self.unit_before(population, unit)).collect();
        let persons: Vec<Option<u32>> = population.members.iter().map(|person| self.row(*person)).collect();
        for (input, of) in last_month_inputs(library) {
            let Some(stored) = self.columns.get(&path(library, of)) else { continue };
            let found = &library.inputs[input.index()];
            let ty = found.ty;
            let column = facts.column(library, input);
            let before: &[Option<u32>] = if found.entity == HOUSEHOLD { &units } else { &persons };
            for (row, before) in before.iter().enumerate() {
                let cell = before.and_then(|before| stored.column.get(before as usize));
                if let Some(value) = cell.and_then(|cell| stored.today(library, ty, cell)) {
                    column.set(row, value, source);
                }
            }
        }
    }

    /// Where a person stood.
    pub fn row(&self, person: u32) -> Option<u32> {
        self.rows.get(person as usize).copied().filter(|row| *row != NOBODY)
    }

    /// The unit of the same key; else the one that most of the members were in (of equal ones the first member's).
    fn unit_before(&self, population: &Population, unit: usize) -> Option<u32> {
        let unit = &population.units[unit];
        if let Some(same) = self.units.get(&unit.key) {
            return Some(*same);
        }
        let before: Vec<u32> = unit
            .rows()
            .filter_map(|row| self.row(population.members[row]))
            .filter_map(|row| self.unit_of.get(row as usize).copied())
            .collect();
        let votes = |unit: u32| before.iter().filter(|other| **other == unit).count();
        before.iter().copied().rev().max_by_key(|unit| votes(*unit))
    }
}

impl StoredColumn {
    fn today(&self, library: &Library, ty: Type, cell: i64) -> Option<i64> {
        match ty {
            Type::Enum(id) => {
                let word = self.labels.get(usize::try_from(cell).ok()?)?;
                library.labels(id).iter().position(|label| label == word).map(|at| at as i64)
            }
            _ => from_value(ty, to_value(self.ty, cell)),
        }
    }
}

pub(crate) fn path(library: &Library, of: LastMonth) -> String {
    let (entity, name) = match of {
        LastMonth::Input(id) => {
            let input = &library.inputs[id.index()];
            (input.entity, &input.name)
        }
        LastMonth::Rule(id) => {
            let rule = &library.rules[id.index()];
            (rule.entity, &rule.name)
        }
    };
    format!("{}.{name}", library.entities[entity.index()].name)
}
