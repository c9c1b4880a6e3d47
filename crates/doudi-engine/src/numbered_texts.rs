//! Many different short texts, each once and with a number, without an allocation for each.

use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;

/// Texts in the order in which they were first seen.
#[derive(Default)]
pub(crate) struct NumberedTexts {
    text: String,
    ends: Vec<u32>,
    /// By hash; on a collision the next free hash.
    numbers: FxHashMap<u64, u32>,
}

impl NumberedTexts {
    /// The number of a text, and whether it is new.
    pub fn number_of(&mut self, text: &str) -> (u32, bool) {
        let next = self.ends.len() as u32;
        // Rows of one household stand together.
        if next > 0 && self.get(next - 1) == text {
            return (next - 1, false);
        }
        let mut hash = FxBuildHasher.hash_one(text);
        loop {
            match self.numbers.get(&hash) {
                None => break,
                Some(&known) if self.get(known) == text => return (known, false),
                Some(_) => hash = hash.wrapping_add(1),
            }
        }
        self.numbers.insert(hash, next);
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        (next, true)
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
            ["甲", "乙", "乙", "甲", "", "丙"].map(|t| texts.number_of(t)).to_vec();
        assert_eq!(numbers, [(0, true), (1, true), (1, false), (0, false), (2, true), (3, true)]);
        assert_eq!([0, 1, 2, 3].map(|number| texts.get(number)), ["甲", "乙", "", "丙"]);
    }
}
