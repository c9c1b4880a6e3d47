//! Persons in the order of a number of theirs, and by its last four digits.

use super::names::group;

/// Last four digits of phones; of identity numbers the last may be X.
const ENDS: usize = 11_000;

/// Persons who have the number, ascending by it, then in their order.
pub(super) struct Sorted {
    persons: Vec<u32>,
}

impl Sorted {
    pub fn new<T: Copy + Ord>(column: &[T], has: impl Fn(T) -> bool) -> Sorted {
        let mut persons: Vec<u32> =
            (0..column.len() as u32).filter(|&person| has(column[person as usize])).collect();
        persons.sort_by_key(|&person| column[person as usize]);
        Sorted { persons }
    }

    /// Those from `from` up to and without `to`.
    pub fn between<T: Copy + Ord>(&self, column: &[T], from: T, to: T) -> &[u32] {
        let start = self.persons.partition_point(|&person| column[person as usize] < from);
        let rest = &self.persons[start..];
        &rest[..rest.partition_point(|&person| column[person as usize] < to)]
    }

    pub fn bytes(&self) -> usize {
        4 * self.persons.len()
    }
}

/// Persons by the last four places of a number.
pub(super) struct Ends {
    starts: Vec<u32>,
    persons: Vec<u32>,
}

impl Ends {
    /// `end` gives a number below 11 000; persons without a number are under the last.
    pub fn new(count: usize, end: impl Fn(usize) -> Option<u32>) -> Ends {
        let of_person: Vec<u32> = (0..count).map(|person| end(person).unwrap_or(ENDS as u32)).collect();
        let (starts, mut persons) = group(&of_person, ENDS + 1);
        persons.truncate(starts[ENDS] as usize);
        persons.shrink_to_fit();
        Ends { starts, persons }
    }

    pub fn with(&self, end: u32) -> &[u32] {
        match (self.starts.get(end as usize), self.starts.get(end as usize + 1)) {
            (Some(&from), Some(&to)) => self.persons.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    pub fn bytes(&self) -> usize {
        4 * (self.starts.len() + self.persons.len())
    }
}
