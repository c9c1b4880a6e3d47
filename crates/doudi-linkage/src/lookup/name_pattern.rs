//! What somebody typed for a name: characters, syllables, initials, or some of each.

use super::hit::ReasonKind;
use super::names::{Names, letter, letter_of};
use super::pinyin::{Syllable, Syllables, Typed};
use crate::call_names::CallNames;
use crate::characters::Characters;
use crate::evidence::Agreement;
use crate::name::{Name, NameLikeness, NameRef, Words};

/// How well a name fits, and why.
pub(super) type Grade = (u32, ReasonKind);

/// What each kind of agreement is worth, of a hundred.
const SAME: u32 = 100;
const PINYIN: u32 = 92;
/// A character that is masked or not readable.
const MASKED: u32 = 94;
const INITIALS: u32 = 78;
const SOUNDS_ALIKE: u32 = 84;
const LOOKS_ALIKE: u32 = 80;
const ACCENT: u32 = 74;
const BEGINNING_OFF: u32 = 16;
const GIVEN_OFF: u32 = 30;
/// Surnames that people leave away: any of one character, and the usual ones of two by their initials (欧阳, 司马, 诸葛,
/// 上官, 皇甫, 东方, 令狐, 尉迟, 夏侯, 司徒, 慕容).
const SURNAMES: &[&str] = &["", "oy", "sm", "zg", "sg", "hf", "df", "lh", "yc", "xh", "st", "mr"];
/// Beyond these divisions of what was typed nothing else is looked for.
const MOST_PATTERNS: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Character(char),
    Typed(Typed),
}

/// One way to read a typed word as a name.
#[derive(Clone, Debug)]
pub(super) struct NamePattern {
    parts: Vec<Part>,
}

pub(super) struct Sounds<'a> {
    pub characters: &'a Characters,
    pub syllables: &'a Syllables,
}

/// All ways to read a word as a name; none where it has other signs than characters and letters.
pub(super) fn patterns(word: &str, sounds: &Sounds<'_>) -> Vec<NamePattern> {
    let mut found: Vec<Vec<Part>> = vec![Vec::new()];
    let mut letters = String::new();
    let add = |found: &mut Vec<Vec<Part>>, choices: &[Vec<Part>]| {
        let joined =
            found.iter().flat_map(|before| choices.iter().map(move |after| [&before[..], after].concat()));
        *found = joined.take(MOST_PATTERNS).collect();
    };
    let divided = |letters: &str| -> Vec<Vec<Part>> {
        let all = sounds.syllables.divide(letters);
        all.into_iter().map(|parts| parts.into_iter().map(Part::Typed).collect()).collect()
    };
    let name = Name::read(word, sounds.characters, &mut Vec::new());
    for &c in name.chars() {
        if c.is_ascii_alphabetic() {
            letters.push(c.to_ascii_lowercase());
            continue;
        }
        if !c.is_alphabetic() && c != '?' {
            return Vec::new();
        }
        if !letters.is_empty() {
            add(&mut found, &divided(&std::mem::take(&mut letters)));
        }
        add(&mut found, &[vec![Part::Character(c)]]);
    }
    if !letters.is_empty() {
        add(&mut found, &divided(&letters));
    }
    found.into_iter().filter(|parts| !parts.is_empty()).map(|parts| NamePattern { parts }).collect()
}

impl NamePattern {
    fn letters(&self, syllables: &Syllables) -> Vec<Option<u8>> {
        let of = |part: &Part| match part {
            Part::Character('?') => None,
            Part::Character(c) => Some(letter(syllables, *c)),
            Part::Typed(Typed::Whole(syllable)) => syllables.text(*syllable).bytes().next().map(letter_of),
            Part::Typed(Typed::Beginning(text)) => text.bytes().next().map(letter_of),
        };
        self.parts.iter().map(of).collect()
    }

    fn is_characters(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Character(_)))
    }

    /// Names that fit as they were typed: whole, from their beginning, or without the surname.
    pub fn firm(&self, names: &Names, sounds: &Sounds<'_>, give: &mut dyn FnMut(u32, Grade)) {
        let letters = self.letters(sounds.syllables);
        names.beginning(&letters, &mut |name| {
            if let Some(grade) = self.grade(names.chars(name), sounds) {
                give(name, grade);
            }
        });
        let says_enough = |part: &Part| matches!(part, Part::Character(_) | Part::Typed(Typed::Whole(_)));
        if self.parts.len() < 2 || !self.parts.iter().all(says_enough) {
            return;
        }
        for surname in SURNAMES {
            let mut behind: Vec<Option<u8>> = match *surname {
                "" => vec![None],
                letters => letters.bytes().map(letter_of).map(Some).collect(),
            };
            let length = behind.len();
            behind.extend(&letters);
            names.beginning(&behind, &mut |name| {
                let chars = names.chars(name);
                if chars.len() == length + self.parts.len()
                    && let Some((worth, _)) = self.grade_rest(&chars[length..], sounds, false)
                {
                    give(name, (worth.saturating_sub(GIVEN_OFF), ReasonKind::GivenName));
                }
            });
        }
    }

    /// Names that are like what was typed: another character, one missing, one too many, two swapped.
    pub fn loose(&self, names: &Names, sounds: &Sounds<'_>, give: &mut dyn FnMut(u32, Grade)) {
        if self.parts.len() < 2 || !self.is_characters() {
            return;
        }
        let typed: Vec<char> = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Character(c) => *c,
                Part::Typed(_) => '?',
            })
            .collect();
        let wanted = NameRef { chars: &typed, own: 0 };
        let least_shared = if typed.len() == 2 { 2 } else { typed.len() - 1 };
        let none = CallNames::default();
        let words = Words { characters: sounds.characters, call_names: &none };
        let mut look = |letters: &[Option<u8>], differing: bool| {
            names.beginning(letters, &mut |name| {
                let chars = names.chars(name);
                if typed.len() < LONG {
                    // Whatever differs only in how one character looks has been asked for by that character.
                    let shared = typed.iter().filter(|c| chars.contains(c)).count();
                    let too_far = chars.len().abs_diff(typed.len()) > 1 || shared < least_shared;
                    if too_far && !(differing && chars.len() == typed.len()) {
                        return;
                    }
                }
                let likeness = wanted.compare(names.get(name), &words);
                if let Some(grade) = alike(likeness) {
                    give(name, grade);
                }
            });
        };
        let letters = self.letters(sounds.syllables);
        for at in 0..letters.len() {
            let mut other = letters.clone();
            for &alike in &sounds.characters.lookalikes(typed[at]) {
                other[at] = Some(letter(sounds.syllables, alike));
                look(&other, true);
            }
            // In a name of two characters one that differs makes it another name.
            if letters.len() > 2 {
                other[at] = None;
                look(&other, false);
                other.remove(at);
                look(&other, false);
            }
            let mut more = letters.clone();
            more.insert(at, None);
            look(&more, false);
            if at > 1 {
                let mut swapped = letters.clone();
                swapped.swap(at - 1, at);
                look(&swapped, false);
            }
        }
    }

    fn grade(&self, chars: &[char], sounds: &Sounds<'_>) -> Option<Grade> {
        let whole = chars.len() == self.parts.len();
        if chars.len() < self.parts.len() {
            return None;
        }
        let (worth, kind) = self.grade_rest(&chars[..self.parts.len()], sounds, true)?;
        match whole {
            true => Some((worth, kind)),
            // The longer the name, the less its beginning says.
            false => Some((worth.saturating_sub(BEGINNING_OFF), ReasonKind::NameBeginning)),
        }
    }

    /// As many characters as parts.
    fn grade_rest(&self, chars: &[char], sounds: &Sounds<'_>, with_surname: bool) -> Option<Grade> {
        let mut worst = (SAME, ReasonKind::Name);
        for (at, (part, &c)) in self.parts.iter().zip(chars).enumerate() {
            let found = part_fits(part, c, sounds, with_surname && at == 0)?;
            if found.0 < worst.0 {
                worst = found;
            }
        }
        Some(worst)
    }
}

/// From here on names are written in many ways, and their lengths differ.
const LONG: usize = 5;

fn part_fits(part: &Part, c: char, sounds: &Sounds<'_>, is_surname: bool) -> Option<Grade> {
    let Sounds { characters, syllables } = sounds;
    let readings = || {
        let other = is_surname.then(|| syllables.as_surname(c)).flatten();
        std::iter::once(syllables.of(c)).chain(other)
    };
    match part {
        Part::Character(typed) if *typed == c => Some((SAME, ReasonKind::Name)),
        Part::Character('?') => Some((MASKED, ReasonKind::NameAlike(Agreement::Unreadable))),
        Part::Character(typed) if characters.same_sound(*typed, c) => {
            Some((SOUNDS_ALIKE, ReasonKind::NameSoundsAlike))
        }
        Part::Character(typed) if characters.look_alike(*typed, c) => {
            Some((LOOKS_ALIKE, ReasonKind::NameLooksAlike))
        }
        Part::Character(_) => None,
        Part::Typed(Typed::Whole(typed)) => {
            readings().find_map(|syllable| sounds_like(syllables, *typed, syllable))
        }
        Part::Typed(Typed::Beginning(text)) => readings()
            .any(|syllable| syllables.text(syllable).starts_with(text.as_ref()))
            .then_some((INITIALS, ReasonKind::NameInitials)),
    }
}

fn sounds_like(syllables: &Syllables, typed: Syllable, syllable: Syllable) -> Option<Grade> {
    match () {
        () if typed == syllable => Some((PINYIN, ReasonKind::NamePinyin)),
        () if syllables.same_accent(typed, syllable) => Some((ACCENT, ReasonKind::NameAccent)),
        () => None,
    }
}

fn alike(likeness: NameLikeness) -> Option<Grade> {
    let found = |worth, agreement| Some((worth, ReasonKind::NameAlike(agreement)));
    match likeness {
        NameLikeness::Same => Some((SAME, ReasonKind::Name)),
        NameLikeness::SoundsAlike => Some((SOUNDS_ALIKE, ReasonKind::NameSoundsAlike)),
        NameLikeness::LooksAlike => Some((LOOKS_ALIKE, ReasonKind::NameLooksAlike)),
        NameLikeness::Unreadable => found(72, Agreement::Unreadable),
        NameLikeness::Transliteration => found(70, Agreement::Transliteration),
        NameLikeness::FatherNameMissing => found(68, Agreement::FatherNameMissing),
        NameLikeness::Reordered => found(60, Agreement::Reordered),
        NameLikeness::CharacterMissing => found(54, Agreement::CharacterMissing),
        NameLikeness::OneCharacterDiffers => found(48, Agreement::OneCharacterDiffers),
        _ => None,
    }
}
