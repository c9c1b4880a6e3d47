//! Many different short texts, each once and with a number, without an allocation for each.

use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// Texts in the order in which they were first seen.
#[derive(Default)]
pub(crate) struct NumberedTexts {
    text: String,
    ends: Vec<u32>,
    /// By hash; on a collision the next free hash. Empty as long as every text came after all before it, as the numbers
    /// of a register's file do: then a text that comes after the last one is new.
    numbers: FxHashMap<u64, u32>,
    out_of_order: bool,
}

impl NumberedTexts {
    /// The number of a text, and whether it is new.
    pub fn number_of(&mut self, text: &str) -> (u32, bool) {
        let next = self.ends.len() as u32;
        if let Some(last) = next.checked_sub(1).map(|last| self.get(last)) {
            // Rows of one household stand together.
            if last == text {
                return (next - 1, false);
            }
            let after = (text.len(), text) > (last.len(), last);
            if !self.out_of_order && !after {
                self.out_of_order = true;
                (0..next).for_each(|number| {
                    let free = self.find(self.get(number)).err();
                    free.map(|free| self.numbers.insert(free, number));
                });
            }
        }
        if self.out_of_order {
            match self.find(text) {
                Ok(known) => return (known, false),
                Err(free) => self.numbers.insert(free, next),
            };
        }
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        (next, true)
    }

    /// The number of a text, or the hash under which it would be kept.
    fn find(&self, text: &str) -> Result<u32, u64> {
        let mut hash = FxBuildHasher.hash_one(text);
        loop {
            match self.numbers.get(&hash) {
                None => return Err(hash),
                Some(&known) if self.get(known) == text => return Ok(known),
                Some(_) => hash = hash.wrapping_add(1),
            }
        }
    }

    pub fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[number] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::NumberedTexts;

    #[test]
    fn a_text_has_one_number_however_often_it_comes() {
        let mut texts = NumberedTexts::default();
        let numbers: Vec<(u32, bool)> =
            ["1", "9", "9", "10", "9", "", "11", "1"].map(|t| texts.number_of(t)).to_vec();
        let expected =
            [(0, true), (1, true), (1, false), (2, true), (1, false), (3, true), (4, true), (0, false)];
        assert_eq!(numbers, expected);
        assert_eq!([0, 1, 2, 3, 4].map(|number| texts.get(number)), ["1", "9", "10", "", "11"]);
    }
}
