//! What an evaluation has found out about rules so far.

use super::Fired;
use crate::facts::Facts;
use crate::ir::{EntityId, RuleId};
use crate::value::Outcome;
use std::collections::BTreeMap;

/// Values by rule and row, and what decided them.
pub(super) struct Memo {
    /// By rule, then by row: which of `found` it is, counted from one.
    places: Vec<u32>,
    /// Rows of the entity that has most: so many places are kept for each rule.
    rows: usize,
    found: Vec<(Outcome, Fired)>,
    /// Rows that nobody has reported and of which something is taken as given.
    beyond: BTreeMap<(RuleId, u32), u32>,
}

impl Memo {
    pub fn new(rules: usize, entities: usize, facts: &Facts<'_>) -> Memo {
        let rows = (0..entities).map(|entity| facts.rows(EntityId(entity as u8)) as usize).max().unwrap_or(0);
        Memo { places: vec![0; rules * rows], rows, found: Vec::new(), beyond: BTreeMap::new() }
    }

    fn place(&self, rule: RuleId, row: u32) -> Option<usize> {
        ((row as usize) < self.rows).then(|| rule.index() * self.rows + row as usize)
    }

    pub fn get(&self, rule: RuleId, row: u32) -> Option<&(Outcome, Fired)> {
        let found = match self.place(rule, row) {
            Some(place) => *self.places.get(place)?,
            None => *self.beyond.get(&(rule, row))?,
        };
        self.found.get((found as usize).checked_sub(1)?)
    }

    pub fn put(&mut self, rule: RuleId, row: u32, outcome: Outcome, fired: Fired) {
        let next = self.found.len() as u32 + 1;
        let place = match self.place(rule, row) {
            Some(place) => &mut self.places[place],
            None => self.beyond.entry((rule, row)).or_insert(0),
        };
        if *place == 0 {
            *place = next;
            self.found.push((outcome, fired));
        } else {
            self.found[*place as usize - 1] = (outcome, fired);
        }
    }

    /// By rule, then by row.
    pub fn iter(&self) -> impl Iterator<Item = &(Outcome, Fired)> {
        let places = self.places.iter().chain(self.beyond.values());
        places.filter_map(|found| self.found.get((*found as usize).checked_sub(1)?))
    }
}
