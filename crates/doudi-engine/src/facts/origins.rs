//! From which row of which roster each fact was read: for whoever has to find the cell that a figure comes from.
//!
//! Only what is known has an origin, so that a list beside each column is far smaller than another column.

use doudi_policy::ir::{EntityId, InputId};
use std::collections::BTreeMap;

/// Where a cell was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// Index into the settled rosters.
    pub roster: u16,
    /// As people count it: the number in its sheet.
    pub row: u32,
}

/// Origins of facts and records, by row of their tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Origins {
    facts: BTreeMap<InputId, Vec<(u32, Origin)>>,
    /// By entity.
    records: Vec<Vec<Origin>>,
}

impl Origins {
    pub fn note(&mut self, input: InputId, row: usize, origin: Origin) {
        if let Ok(row) = u32::try_from(row) {
            self.facts.entry(input).or_default().push((row, origin));
        }
    }

    /// The rows of a kind of record, in the order of its table.
    pub fn note_records(&mut self, entity: EntityId, origins: Vec<Origin>) {
        if self.records.len() <= entity.index() {
            self.records.resize(entity.index() + 1, Vec::new());
        }
        self.records[entity.index()] = origins;
    }

    /// By row; of a cell that was set again the last.
    pub fn sort(&mut self) {
        for noted in self.facts.values_mut() {
            noted.reverse();
            noted.sort_by_key(|(row, _)| *row);
            noted.dedup_by_key(|(row, _)| *row);
            noted.shrink_to_fit();
        }
    }

    pub fn fact(&self, input: InputId, row: usize) -> Option<Origin> {
        let noted = self.facts.get(&input)?;
        let row = u32::try_from(row).ok()?;
        let at = noted.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        noted.get(at).map(|(_, origin)| *origin)
    }

    pub fn record(&self, entity: EntityId, row: usize) -> Option<Origin> {
        self.records.get(entity.index())?.get(row).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_cell_that_was_set_again_the_last_row_is_its_origin() {
        let mut origins = Origins::default();
        let (first, second) = (Origin { roster: 0, row: 9 }, Origin { roster: 1, row: 4 });
        for (row, origin) in [(7, second), (2, first), (7, first)] {
            origins.note(InputId(3), row, origin);
        }
        origins.sort();
        let found = [2, 7, 8].map(|row| origins.fact(InputId(3), row));
        assert_eq!(found, [Some(first), Some(first), None]);
        assert_eq!(origins.fact(InputId(4), 2), None);
        assert_eq!(origins.record(EntityId(2), 0), None);
    }
}
