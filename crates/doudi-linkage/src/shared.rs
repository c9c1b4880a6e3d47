//! Numbers that stand for nobody: one number written for many different people because the form insisted on one.

use crate::block::mix;
use crate::row::RosterRow;
use rustc_hash::{FxHashMap, FxHashSet};

/// So many rows under other names than the first make a number nobody's. A head's number written for the whole household
/// stays a borrowed number.
const MOST_OTHER_NAMES: u32 = 12;

/// Counts, over all rows of a roster, the names under which each number stands. [`crate::Index::link`] sees one row at a
/// time: whoever asks for many takes the placeholders out first.
#[derive(Default)]
pub struct SharedNumbers {
    /// By the number's hash: the hash of the first row's name, and how many rows have another.
    seen: FxHashMap<u64, (u64, u32)>,
    placeholders: FxHashSet<u64>,
}

impl SharedNumbers {
    /// Rows of whom number and name are one person's need not be seen.
    pub fn see(&mut self, row: &RosterRow<'_>) {
        if !may_be_number(row.id_number) {
            return;
        }
        let (number, name) = (hash(row.id_number), hash(row.name));
        let (first, others) = self.seen.entry(number).or_insert((name, 0));
        if *first != name {
            *others += 1;
            if *others >= MOST_OTHER_NAMES {
                self.placeholders.insert(number);
            }
        }
    }

    /// How many numbers turned out to stand for nobody.
    pub fn placeholders(&self) -> usize {
        self.placeholders.len()
    }

    pub fn is_placeholder(&self, row: &RosterRow<'_>) -> bool {
        !self.placeholders.is_empty() && self.placeholders.contains(&hash(row.id_number))
    }
}

/// Whether a cell holds what may be somebody's number: not 无, not one digit over and over. Linkage passes over those.
fn may_be_number(text: &str) -> bool {
    const LEAST_DIGITS: usize = 14;
    let mut digits = text.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    let (count, varied) =
        digits.fold((1, false), |(n, varied), digit| (n + 1, varied || Some(digit) != first));
    count >= LEAST_DIGITS && varied
}

/// Two texts fall together once in 2^64: good enough to count by.
pub(crate) fn hash(text: &str) -> u64 {
    let words = text.as_bytes().chunks(8);
    words.fold(text.len() as u64, |sum, word| {
        mix(sum ^ word.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(id_number: &'a str, name: &'a str) -> RosterRow<'a> {
        RosterRow { id_number, name, ..RosterRow::default() }
    }

    #[test]
    fn a_number_under_many_names_stands_for_nobody() {
        let mut shared = SharedNumbers::default();
        let names: Vec<String> = (0..=MOST_OTHER_NAMES).map(|n| format!("王{n}")).collect();
        for name in &names[..names.len() - 1] {
            shared.see(&row("110105194912310021", name));
        }
        assert!(!shared.is_placeholder(&row("110105194912310021", "王1")));
        shared.see(&row("110105194912310021", &names[names.len() - 1]));
        assert!(shared.is_placeholder(&row("110105194912310021", "谁")));
        assert!(!shared.is_placeholder(&row("11010519491231002X", "谁")));
        assert_eq!(shared.placeholders(), 1);
    }

    #[test]
    fn many_rows_of_one_person_and_empty_cells_are_no_placeholder() {
        let mut shared = SharedNumbers::default();
        for n in 0..10_000 {
            shared.see(&row("11010519491231002X", "王秀英"));
            shared.see(&row("", &format!("王{n}")));
            shared.see(&row("000000000000000000", &format!("王{n}")));
        }
        assert_eq!(shared.placeholders(), 0);
    }
}
