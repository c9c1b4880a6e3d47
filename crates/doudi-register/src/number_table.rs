//! Numbers found by a text that is kept elsewhere: eight bytes by number and half as many again for room.

use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// Open addressing: a slot is the upper half of a text's hash and the number.
#[derive(Clone, Debug, Default)]
pub(crate) struct NumberTable {
    slots: Vec<u64>,
    taken: usize,
}

/// No number is this one.
const FREE: u64 = u64::MAX;

impl NumberTable {
    /// The number of a text; `text` says what a number stands for.
    pub fn find<'t>(&self, wanted: &str, text: impl Fn(u32) -> &'t str) -> Option<u32> {
        let hash = hash(wanted);
        let mut at = self.first(hash);
        while let Some(slot) = self.slots.get(at).copied().filter(|slot| *slot != FREE) {
            let number = slot as u32;
            if slot >> 32 == hash >> 32 && text(number) == wanted {
                return Some(number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// The number under which a text is known, or `number` from now on.
    pub fn find_or_insert<'t>(&mut self, wanted: &str, number: u32, text: impl Fn(u32) -> &'t str) -> u32 {
        if let Some(known) = self.find(wanted, text) {
            return known;
        }
        if self.slots.len() * 3 < (self.taken + 1) * 4 {
            self.grow();
        }
        self.put(hash(wanted) >> 32 << 32 | u64::from(number));
        self.taken += 1;
        number
    }

    /// Texts of equal upper halves stay neighbours: nothing but the slots is needed to move them.
    fn grow(&mut self) {
        let larger = vec![FREE; (self.slots.len() * 2).max(16)];
        let old = std::mem::replace(&mut self.slots, larger);
        old.into_iter().filter(|slot| *slot != FREE).for_each(|slot| self.put(slot));
    }

    fn put(&mut self, slot: u64) {
        let mut at = self.first(slot);
        while self.slots[at] != FREE {
            at = (at + 1) & (self.slots.len() - 1);
        }
        self.slots[at] = slot;
    }

    /// Where to begin: the uppermost bits, as many as it takes to tell the slots apart. A slot has them as the hash has.
    fn first(&self, hash: u64) -> usize {
        match self.slots.len() {
            0 => 0,
            slots => (hash >> (64 - slots.trailing_zeros().min(32))) as usize,
        }
    }
}

fn hash(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_under_the_number_that_it_came_with_first() {
        let texts: Vec<String> = (0..5_000).map(|number| format!("P{}", number % 3_000)).collect();
        let text = |number: u32| texts[number as usize].as_str();
        let mut table = NumberTable::default();
        assert_eq!(table.find("P1", text), None);
        for (number, wanted) in (0..).zip(&texts) {
            assert_eq!(table.find_or_insert(wanted, number, text), number % 3_000);
        }
        for (number, wanted) in (0..).zip(&texts) {
            assert_eq!(table.find(wanted, text), Some(number % 3_000));
        }
        assert_eq!(table.find("P3000", text), None);
        assert_eq!(table.taken, 3_000);
    }
}
