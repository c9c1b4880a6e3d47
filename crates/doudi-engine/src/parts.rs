//! The people of a clearing in parts: some units after another, each part a population of its own. What follows for a
//! part depends on its own people and facts alone; what people of different parts share is counted beforehand
//! ([`crate::facts::count`]), and figures add up.

use crate::population::Population;
use crate::settle::{SettledRoster, SettledRow};
use std::ops::Range;

/// Persons of a part where nobody asks for less memory: enough for columns to pay, little enough for two cores to share
/// a county.
pub(crate) const USUAL_PERSONS: usize = 40_000;

/// Neighbouring units, and their people.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub units: Range<usize>,
    pub rows: Range<usize>,
}

/// Everybody, cut after the unit with which a part has `persons` people.
pub(crate) fn cut(population: &Population, persons: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut start = Part { units: 0..0, rows: 0..0 };
    for (at, unit) in population.units.iter().enumerate() {
        (start.units.end, start.rows.end) = (at + 1, unit.end as usize);
        if start.rows.len() >= persons {
            let next = Part { units: at + 1..at + 1, rows: start.rows.end..start.rows.end };
            parts.push(std::mem::replace(&mut start, next));
        }
    }
    if !start.units.is_empty() {
        parts.push(start);
    }
    parts
}

/// Everybody in one part.
pub(crate) fn whole(population: &Population) -> Part {
    Part { units: 0..population.units.len(), rows: 0..population.len() }
}

/// Which rows of the rosters speak of the people of each part.
pub(crate) struct RowsByPart<'r> {
    pub rosters: &'r [SettledRoster],
    by_roster: Vec<Positions>,
}

/// Rows of one roster, part by part, within a part in the order of the file.
struct Positions {
    rows: Vec<u32>,
    /// By part where its rows begin, and one more at the end.
    starts: Vec<u32>,
}

impl<'r> RowsByPart<'r> {
    pub fn new(population: &Population, parts: &[Part], rosters: &'r [SettledRoster]) -> RowsByPart<'r> {
        let ends: Vec<usize> = parts.iter().map(|part| part.rows.end).collect();
        let part_of = |row: &SettledRow| {
            let row = population.row(row.person)?;
            Some(ends.partition_point(|end| *end <= row))
        };
        let by_roster =
            rosters.iter().map(|roster| Positions::new(&roster.rows, parts.len(), part_of)).collect();
        RowsByPart { rosters, by_roster }
    }

    /// Positions in the roster of the rows about a part.
    pub fn positions(&self, roster: usize, part: usize) -> &[u32] {
        let Some(found) = self.by_roster.get(roster) else { return &[] };
        let bound = |at: usize| found.starts.get(at).map_or(found.rows.len(), |start| *start as usize);
        &found.rows[bound(part)..bound(part + 1)]
    }

    pub fn rows(&self, roster: usize, part: usize) -> impl Iterator<Item = &'r SettledRow> + '_ {
        let rows = &self.rosters[roster].rows;
        self.positions(roster, part).iter().map(move |at| &rows[*at as usize])
    }
}

impl Positions {
    fn new(rows: &[SettledRow], parts: usize, part_of: impl Fn(&SettledRow) -> Option<usize>) -> Positions {
        let mut starts = vec![0_u32; parts + 1];
        for part in rows.iter().filter_map(&part_of) {
            starts[part + 1] += 1;
        }
        for part in 1..starts.len() {
            starts[part] += starts[part - 1];
        }
        let mut next = starts.clone();
        let mut positions = vec![0; starts[parts] as usize];
        for (at, row) in rows.iter().enumerate() {
            let Some(part) = part_of(row) else { continue };
            positions[next[part] as usize] = at as u32;
            next[part] += 1;
        }
        Positions { rows: positions, starts }
    }
}
