//! Where people live, as addresses and names of divisions write it.

use crate::cell::{half_width, is_blank};
use rustc_hash::FxHashMap;

/// Words behind a village's name that some write and some do not.
const VILLAGE_WORDS: [&str; 8] =
    ["村民委员会", "居民委员会", "村委会", "居委会", "社区", "行政村", "村", "居"];
/// Words that short are no place.
const LEAST: usize = 2;

/// Distinct texts, each found by its characters.
#[derive(Default)]
pub(super) struct Places {
    texts: Vec<Box<str>>,
    by_text: FxHashMap<Box<str>, u32>,
    by_character: FxHashMap<char, Vec<u32>>,
}

impl Places {
    /// The number of a text, the same for the same text.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(&known) = self.by_text.get(text) {
            return known;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.by_text.insert(text.into(), number);
        for c in text.chars() {
            let list = self.by_character.entry(c).or_default();
            if list.last() != Some(&number) {
                list.push(number);
            }
        }
        number
    }

    /// No text will be added any more.
    pub fn close(&mut self) {
        self.by_text = FxHashMap::default();
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn bytes(&self) -> usize {
        let lists = self.texts.iter().map(|text| text.chars().count() * 4).sum::<usize>();
        self.texts.iter().map(|text| text.len() + 16).sum::<usize>() + lists
    }

    /// Texts in which a word stands.
    pub fn with(&self, word: &str) -> Vec<u32> {
        self.those(word, |text| text.contains(word))
    }

    /// Texts in which the word's characters stand in their order.
    pub fn with_in_parts(&self, word: &str) -> Vec<u32> {
        self.those(word, |text| {
            let mut rest = text.chars();
            word.chars().all(|c| rest.any(|d| c == d))
        })
    }

    fn those(&self, word: &str, fits: impl Fn(&str) -> bool) -> Vec<u32> {
        let lists = word.chars().map(|c| self.by_character.get(&c).map_or(&[][..], Vec::as_slice));
        let Some(rarest) = lists.min_by_key(|list| list.len()) else { return Vec::new() };
        rarest.iter().copied().filter(|&place| fits(&self.texts[place as usize])).collect()
    }
}

/// An address in two: the place, and its numbers.
pub(super) fn split(address: &str) -> (String, u32) {
    let at = address
        .char_indices()
        .find(|&(_, c)| half_width(c).is_ascii_digit())
        .map_or(address.len(), |(at, _)| at);
    let (place, numbers) = address.split_at(at);
    (place.chars().filter(|&c| !is_blank(c)).collect(), house(numbers))
}

/// The first two numbers, of the group and the house; 0 = not known.
fn house(text: &str) -> u32 {
    let mut numbers = numbers(text);
    let first = numbers.next().unwrap_or(0);
    u32::from(first) << 16 | u32::from(numbers.next().unwrap_or(0))
}

fn numbers(text: &str) -> impl Iterator<Item = u16> {
    let plain: String = text.chars().map(half_width).collect();
    let runs: Vec<u16> = plain
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(|run| run.parse().unwrap_or(u16::MAX))
        .collect();
    runs.into_iter()
}

/// A typed word as a place: the name without what every village's name ends in, and its numbers.
pub(super) struct PlaceWord {
    pub name: String,
    pub short: String,
    pub house: Vec<u16>,
}

impl PlaceWord {
    pub fn read(word: &str) -> Option<PlaceWord> {
        let at = word
            .char_indices()
            .find(|&(_, c)| half_width(c).is_ascii_digit())
            .map_or(word.len(), |(at, _)| at);
        let (name, rest) = word.split_at(at);
        let has_unit = rest.contains(['组', '号', '社', '队', '栋', '室', '村']);
        if !rest.is_empty() && !has_unit {
            return None;
        }
        let name: String = name.chars().filter(|&c| !is_blank(c)).collect();
        let is_place = name.chars().count() >= LEAST && name.chars().all(|c| !c.is_ascii());
        let is_house = name.is_empty() && has_unit;
        if !is_place && !is_house {
            return None;
        }
        let mut short = name.as_str();
        while let Some(shorter) = VILLAGE_WORDS.iter().find_map(|suffix| short.strip_suffix(suffix)) {
            short = shorter;
        }
        let short = if short.chars().count() >= LEAST { short.to_owned() } else { name.clone() };
        Some(PlaceWord { short, name, house: numbers(rest).collect() })
    }

    /// Whether an address has all the word's numbers.
    pub fn fits_house(&self, house: u32) -> bool {
        let has = |number: &u16| house >> 16 == u32::from(*number) || house & 0xFFFF == u32::from(*number);
        !self.house.is_empty() && self.house.iter().all(has)
    }
}
