//! What somebody typed, in words.

use super::birth_word;
use super::places::PlaceWord;
use crate::cell::{half_width, is_blank};

/// More words than this are not looked at: whoever is looked for is found with fewer.
const MOST_WORDS: usize = 8;
/// Longer words are cut: nothing that people are found by is longer.
const MOST_CHARACTERS: usize = 64;

/// The words of a search.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    words: Vec<Box<str>>,
}

impl Query {
    /// Words are divided by blanks and commas, and where a name and a number were written without any:
    /// `王小明13812345678`.
    pub fn parse(text: &str) -> Query {
        let is_between =
            |c: char| is_blank(c) || matches!(half_width(c), ',' | '，' | '、' | ';' | '；' | '|');
        let mut words: Vec<Box<str>> = Vec::new();
        for word in text.split(is_between).filter(|word| !word.is_empty()) {
            let word: String = word.chars().take(MOST_CHARACTERS).collect();
            for part in divided(&word) {
                if words.len() < MOST_WORDS && !words.iter().any(|known| **known == *part) {
                    words.push(part.into());
                }
            }
        }
        Query { words }
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(AsRef::as_ref)
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The query without one of its words.
    pub(super) fn without(&self, at: usize) -> Query {
        let mut words = self.words.clone();
        words.remove(at);
        Query { words }
    }
}

/// A name and a number written together are two words; an address with its numbers, or a date, is one.
fn divided(word: &str) -> Vec<&str> {
    let is_number = |c: char| half_width(c).is_ascii_digit();
    let has_both = word.chars().any(is_number)
        && word.chars().any(|c| !c.is_ascii() && c.is_alphabetic() && !is_number(c));
    if !has_both || !birth_word::read(word).is_empty() || PlaceWord::read(word).is_some() {
        return vec![word];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    let mut before: Option<bool> = None;
    for (at, c) in word.char_indices() {
        // Signs within a number and the X at its end belong to it.
        let number = is_number(c)
            || (before == Some(true) && matches!(half_width(c), '-' | '/' | '.' | '*' | 'x' | 'X'));
        if before.is_some_and(|before| before != number) {
            parts.push(&word[start..at]);
            start = at;
        }
        before = Some(number);
    }
    parts.push(&word[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_divided_by_blanks_and_between_names_and_numbers() {
        let words = |text| Query::parse(text).words().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(" 王小明　1965,团结村"), ["王小明", "1965", "团结村"]);
        assert_eq!(words("王小明13812345678"), ["王小明", "13812345678"]);
        assert_eq!(words("王小明50024319650312002X"), ["王小明", "50024319650312002X"]);
        assert_eq!(words("团结村6组193号"), ["团结村6组193号"]);
        assert_eq!(words("1965年3月12日"), ["1965年3月12日"]);
        assert_eq!(words("王xm"), ["王xm"]);
        assert_eq!(words("王 王"), ["王"]);
        assert!(Query::parse("，　").is_empty());
    }
}
