//! The distinct names of a directory, in the order of their initials, with the people who have them.

use super::pinyin::Syllables;
use crate::block::mix;
use crate::name::NameRef;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// So many characters of a name are in its key.
pub(super) const KEY_CHARACTERS: usize = 6;
const BITS: u32 = 5;
/// Letters are 1 to 26; 0 ends a name; this stands for characters without a sound.
const NO_LETTER: u32 = 27;

#[derive(Default)]
pub(super) struct Names {
    chars: Vec<char>,
    ends: Vec<u32>,
    own: Vec<u8>,
    /// The initials, ascending: names of one beginning stand together.
    keys: Vec<u32>,
    /// Keys of names whose surname is also read in another way, ascending.
    other_keys: Vec<(u32, u32)>,
    /// Persons of name `n` are `persons[starts[n]..starts[n + 1]]`, in their order.
    starts: Vec<u32>,
    persons: Vec<u32>,
    of_person: Vec<u32>,
}

impl Names {
    pub fn get(&self, name: u32) -> NameRef<'_> {
        NameRef { chars: self.chars(name), own: self.own[name as usize] }
    }

    pub fn chars(&self, name: u32) -> &[char] {
        let name = name as usize;
        let from = if name == 0 { 0 } else { self.ends[name - 1] as usize };
        &self.chars[from..self.ends[name] as usize]
    }

    pub fn of(&self, person: u32) -> u32 {
        self.of_person[person as usize]
    }

    pub fn persons(&self, name: u32) -> &[u32] {
        let name = name as usize;
        &self.persons[self.starts[name] as usize..self.starts[name + 1] as usize]
    }

    pub fn bytes(&self) -> usize {
        self.chars.len() * 4
            + self.own.len()
            + 4 * (self.ends.len() + self.keys.len() + self.starts.len())
            + 4 * (self.persons.len() + self.of_person.len())
            + 8 * self.other_keys.len()
    }

    /// Gives every name whose initials begin like this; `None` is any letter.
    pub fn beginning(&self, letters: &[Option<u8>], give: &mut dyn FnMut(u32)) {
        let letters = &letters[..letters.len().min(KEY_CHARACTERS)];
        self.narrow(0..self.keys.len(), 0, 0, letters, give);
        for &(key, name) in &self.other_keys {
            let fits = |(at, letter): (usize, &Option<u8>)| {
                letter.is_none_or(|letter| key >> shift(at) & 31 == u32::from(letter))
            };
            if letters.iter().enumerate().all(fits) {
                give(name);
            }
        }
    }

    fn narrow(
        &self,
        within: Range<usize>,
        at: usize,
        key: u32,
        letters: &[Option<u8>],
        give: &mut dyn FnMut(u32),
    ) {
        let Some(letter) = letters.get(at) else {
            within.for_each(|name| give(name as u32));
            return;
        };
        let (first, last) = letter.map_or((1, NO_LETTER), |letter| (u32::from(letter), u32::from(letter)));
        let mut from = within.start;
        for letter in first..=last {
            if from >= within.end {
                return;
            }
            let lowest = key | letter << shift(at);
            let start = from + self.keys[from..within.end].partition_point(|&k| k < lowest);
            let above = lowest + (1 << shift(at));
            let end = start + self.keys[start..within.end].partition_point(|&k| k < above);
            if start < end {
                self.narrow(start..end, at + 1, lowest, letters, give);
            }
            from = end;
        }
    }
}

fn shift(at: usize) -> u32 {
    BITS * (KEY_CHARACTERS - 1 - at) as u32
}

/// The letter that a syllable begins with, as keys have it.
pub(super) fn letter(syllables: &Syllables, c: char) -> u8 {
    if c.is_ascii_alphabetic() {
        return c.to_ascii_lowercase() as u8 - b'a' + 1;
    }
    match syllables.text(syllables.of(c)).bytes().next() {
        Some(letter) => letter_of(letter),
        None => NO_LETTER as u8,
    }
}

pub(super) fn letter_of(byte: u8) -> u8 {
    if byte.is_ascii_lowercase() { byte - b'a' + 1 } else { NO_LETTER as u8 }
}

fn key(syllables: &Syllables, chars: &[char]) -> u32 {
    let letters = chars.iter().take(KEY_CHARACTERS).enumerate();
    letters.fold(0, |key, (at, &c)| key | u32::from(letter(syllables, c)) << shift(at))
}

#[derive(Default)]
pub(super) struct NamesBuilder {
    chars: Vec<char>,
    ends: Vec<u32>,
    own: Vec<u8>,
    numbers: FxHashMap<u64, u32>,
    of_person: Vec<u32>,
}

impl NamesBuilder {
    pub fn push(&mut self, name: NameRef<'_>) {
        let mut hash = name.chars.iter().fold(0, |sum, &c| mix(sum ^ u64::from(u32::from(c))));
        hash = mix(hash ^ u64::from(name.own));
        // On a collision the next free hash.
        while let Some(&known) = self.numbers.get(&hash) {
            if self.chars(known) == name.chars && self.own[known as usize] == name.own {
                self.of_person.push(known);
                return;
            }
            hash = hash.wrapping_add(1);
        }
        let number = self.ends.len() as u32;
        self.chars.extend_from_slice(name.chars);
        self.ends.push(self.chars.len() as u32);
        self.own.push(name.own);
        self.numbers.insert(hash, number);
        self.of_person.push(number);
    }

    fn chars(&self, name: u32) -> &[char] {
        let name = name as usize;
        let from = if name == 0 { 0 } else { self.ends[name - 1] as usize };
        &self.chars[from..self.ends[name] as usize]
    }

    pub fn build(self, syllables: &Syllables) -> Names {
        let mut order: Vec<(u32, u32)> =
            (0..self.ends.len() as u32).map(|name| (key(syllables, self.chars(name)), name)).collect();
        // Names of one key stay in the order in which they first came.
        order.sort_unstable();
        let mut names = Names::default();
        let mut new_number = vec![0_u32; order.len()];
        for (number, &(key, old)) in (0..).zip(&order) {
            new_number[old as usize] = number;
            names.chars.extend_from_slice(self.chars(old));
            names.ends.push(names.chars.len() as u32);
            names.own.push(self.own[old as usize]);
            names.keys.push(key);
            let surname = self.chars(old).first().and_then(|&c| syllables.as_surname(c));
            let other = surname.and_then(|syllable| syllables.text(syllable).bytes().next()).map(letter_of);
            if let Some(other) = other.filter(|&other| u32::from(other) != key >> shift(0)) {
                let rest = key & ((1 << shift(0)) - 1);
                names.other_keys.push((u32::from(other) << shift(0) | rest, number));
            }
        }
        names.other_keys.sort_unstable();
        names.chars.shrink_to_fit();
        names.of_person = self.of_person.iter().map(|&old| new_number[old as usize]).collect();
        (names.starts, names.persons) = group(&names.of_person, order.len());
        names
    }
}

/// Persons by group, in their order; group `g` is `persons[starts[g]..starts[g + 1]]`.
pub(super) fn group(of_person: &[u32], groups: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; groups + 1];
    for &group in of_person {
        starts[group as usize + 1] += 1;
    }
    for group in 1..starts.len() {
        starts[group] += starts[group - 1];
    }
    let mut next = starts.clone();
    let mut persons = vec![0_u32; of_person.len()];
    for (person, &group) in (0..).zip(of_person) {
        let place = &mut next[group as usize];
        persons[*place as usize] = person;
        *place += 1;
    }
    (starts, persons)
}
