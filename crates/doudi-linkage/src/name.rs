//! Names as people write them: one form to compare, and how two names are alike.

use crate::call_names::CallNames;
use crate::cell::{half_width, is_blank, is_placeholder};
use crate::characters::Characters;
use crate::evidence::RepairKind;

/// Longer names are cut here on both sides; the longest registered names have about twenty characters.
const MAX: usize = 24;
/// Stands for a character that was not readable.
const UNREADABLE: char = '?';
/// Undotted names from here on are compared as transliterations, which are spelt in many ways.
const LONG: usize = 5;
/// What two names are compared by.
pub(crate) struct Words<'a> {
    pub(crate) characters: &'a Characters,
    pub(crate) call_names: &'a CallNames,
}

/// A name in the form that is compared: simplified characters without blanks and dots.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    chars: [char; MAX],
    len: u8,
    /// Length of the person's own part where a father's name follows; 0 = undivided.
    own: u8,
}

/// A name that is kept elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NameRef<'a> {
    pub(crate) chars: &'a [char],
    pub(crate) own: u8,
}

/// How alike two names are, the most alike first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum NameLikeness {
    Same,
    SoundsAlike,
    LooksAlike,
    Unreadable,
    Transliteration,
    FatherNameMissing,
    Reordered,
    CharacterMissing,
    OneCharacterDiffers,
    Nickname,
    Missing,
    SurnameOnly,
    Different,
}

impl NameLikeness {
    /// The two may well be one name written in two ways.
    pub(crate) fn agrees(self) -> bool {
        self < NameLikeness::Missing
    }

    pub(crate) fn contradicts(self) -> bool {
        self > NameLikeness::Missing
    }
}

impl Name {
    pub(crate) const EMPTY: Name = Name { chars: ['\0'; MAX], len: 0, own: 0 };

    pub(crate) fn read(raw: &str, characters: &Characters, repairs: &mut Vec<RepairKind>) -> Name {
        if let Some(plain) = Name::plain(raw, characters) {
            return plain;
        }
        let mut name = Name::EMPTY;
        if is_placeholder(raw) {
            return name;
        }
        let mut note = |kind| {
            if !repairs.contains(&kind) {
                repairs.push(kind);
            }
        };
        let mut gap = 0;
        for c in raw.chars() {
            let plain = half_width(c);
            match plain {
                '(' | '（' | '[' | '【' if name.len > 0 => {
                    note(RepairKind::Annotation);
                    break;
                }
                '·' | '.' | '•' | '・' | '‧' | '･' | '∙' | '⋅' | '●' | '˙' | '-' | '。' => {
                    if plain != '·' {
                        note(RepairKind::MiddleDot);
                    }
                    name.divide(name.len);
                }
                _ if is_blank(plain) => {
                    note(RepairKind::Blanks);
                    gap = if gap == 0 { name.len } else { gap };
                }
                '?' | '*' | '□' | '■' | '○' | '〇' | '×' | '\u{FFFD}' => {
                    note(RepairKind::UnreadableCharacter);
                    name.push(UNREADABLE);
                }
                _ => {
                    let simple = characters.simplified(plain.to_ascii_uppercase());
                    if simple != plain.to_ascii_uppercase() {
                        note(RepairKind::TraditionalForm);
                    }
                    name.push(simple);
                }
            }
        }
        // A blank divides a long name; in a short one it is only there for looks (张　三).
        if gap >= 2 && usize::from(name.len) >= LONG {
            name.divide(gap);
        }
        if name.own == name.len {
            name.own = 0;
        }
        name
    }

    /// A name of two to four characters that need no repair, as most are.
    fn plain(raw: &str, characters: &Characters) -> Option<Name> {
        const BYTES: std::ops::RangeInclusive<usize> = 6..=12;
        if !BYTES.contains(&raw.len()) {
            return None;
        }
        let mut name = Name::EMPTY;
        for c in raw.chars() {
            if !Characters::knows(c) || characters.simplified(c) != c {
                return None;
            }
            name.push(c);
        }
        (!is_placeholder(raw)).then_some(name)
    }

    pub(crate) fn of(kept: NameRef<'_>) -> Name {
        let mut name = Name { own: kept.own, ..Name::EMPTY };
        kept.chars.iter().for_each(|&c| name.push(c));
        name
    }

    fn push(&mut self, c: char) {
        if let Some(place) = self.chars.get_mut(usize::from(self.len)) {
            *place = c;
            self.len += 1;
        }
    }

    fn divide(&mut self, at: u8) {
        if self.own == 0 {
            self.own = at;
        }
    }

    pub(crate) fn chars(&self) -> &[char] {
        &self.chars[..usize::from(self.len)]
    }

    pub(crate) fn view(&self) -> NameRef<'_> {
        NameRef { chars: self.chars(), own: self.own }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl NameRef<'_> {
    pub(crate) fn is_empty(self) -> bool {
        self.chars.is_empty()
    }

    /// A number for all names of one sound; 0 = no name.
    pub(crate) fn sound(self, characters: &Characters) -> u64 {
        self.chars.iter().fold(0, |sum, &c| crate::block::mix(sum ^ u64::from(characters.sound(c))))
    }

    /// How this (a row's name) is like another (the register's).
    pub(crate) fn compare(self, other: NameRef<'_>, words: &Words<'_>) -> NameLikeness {
        let long = |name: NameRef<'_>| name.chars.len() >= LONG;
        if self.is_empty() || other.is_empty() {
            NameLikeness::Missing
        } else if self.chars == other.chars {
            NameLikeness::Same
        } else if other.own > 0 || (long(self) && (self.own > 0 || long(other))) {
            self.compare_transliterated(other, words.characters)
        } else {
            self.compare_short(other, words)
        }
    }

    fn compare_short(self, other: NameRef<'_>, words: &Words<'_>) -> NameLikeness {
        let (ours, theirs) = (self.chars, other.chars);
        if ours.len() == theirs.len() {
            let likeness = compare_in_place(ours, theirs, words.characters);
            if likeness.agrees() || likeness == NameLikeness::Missing {
                return likeness;
            }
        } else if ours.len().abs_diff(theirs.len()) == 1 && ours.len().min(theirs.len()) >= 2 {
            let (short, long) = if ours.len() < theirs.len() { (ours, theirs) } else { (theirs, ours) };
            if is_subsequence(short, long) {
                return NameLikeness::CharacterMissing;
            }
        }
        match () {
            () if words.call_names.call(ours, theirs) => NameLikeness::Nickname,
            () if words.call_names.say_nothing(ours) => NameLikeness::Missing,
            () if ours.first() == theirs.first() => NameLikeness::SurnameOnly,
            () => NameLikeness::Different,
        }
    }

    /// One foreign name is spelt with many characters; the father's part may be missing, the dot may be gone.
    fn compare_transliterated(self, other: NameRef<'_>, characters: &Characters) -> NameLikeness {
        let (ours, theirs) = (self.chars, other.chars);
        let their_own = if other.own > 0 { &theirs[..usize::from(other.own)] } else { theirs };
        let whole = spelling_distance(ours, theirs, characters);
        let near = |(distance, _): (u32, u32), length: usize| distance * 3 <= length as u32 * 10;
        let our_own = if self.own > 0 { &ours[..usize::from(self.own)] } else { ours };
        let own = spelling_distance(our_own, their_own, characters);
        // Without a dot, our own part is whatever beginning of our name is most like theirs.
        let own_near =
            if self.own > 0 { near(own, their_own.len()) } else { near((own.1, 0), their_own.len()) };
        if near(whole, ours.len().max(theirs.len())) && own_near {
            NameLikeness::Transliteration
        } else if (self.own == 0) != (other.own == 0) && near(own, their_own.len().min(our_own.len())) {
            // The one side has the father's name, the other has not.
            NameLikeness::FatherNameMissing
        } else if self.own > 0 && is_turned(ours, self.own, theirs) {
            NameLikeness::Reordered
        } else {
            NameLikeness::Different
        }
    }
}

/// For names of one length, place by place.
fn compare_in_place(ours: &[char], theirs: &[char], characters: &Characters) -> NameLikeness {
    let (mut unreadable, mut differ, mut sound, mut look) = (0, 0, 0, 0);
    for (&a, &b) in ours.iter().zip(theirs) {
        if a == b {
        } else if a == UNREADABLE || b == UNREADABLE {
            unreadable += 1;
        } else {
            differ += 1;
            if characters.same_sound(a, b) {
                sound += 1;
            } else if characters.look_alike(a, b) {
                look += 1;
            }
        }
    }
    let readable = ours.len() - unreadable;
    let swapped = || {
        let (mut a, mut b) = (ours.to_vec(), theirs.to_vec());
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    match () {
        () if readable == 0 => NameLikeness::Missing,
        () if differ == 0 => NameLikeness::Unreadable,
        () if readable == 1 => NameLikeness::Different,
        () if differ == sound => NameLikeness::SoundsAlike,
        () if differ == sound + look => NameLikeness::LooksAlike,
        () if ours.first() == theirs.first() && swapped() => NameLikeness::Reordered,
        // The surname stands behind.
        () if is_turned(ours, ours.len() as u8 - 1, theirs) => NameLikeness::Reordered,
        () if differ == 1 && readable >= 3 => NameLikeness::OneCharacterDiffers,
        () => NameLikeness::Different,
    }
}

/// Whether the two parts of a name stand in the other order.
fn is_turned(ours: &[char], own: u8, theirs: &[char]) -> bool {
    let (first, second) = ours.split_at(usize::from(own).min(ours.len()));
    !first.is_empty() && second.iter().chain(first).eq(theirs)
}

fn is_subsequence(short: &[char], long: &[char]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|c| rest.any(|d| c == d))
}

/// Edit distance in tenths: characters of one sound cost 1, of one leading consonant 3, others 10.
/// The second number is the least distance of any beginning of `ours` to the whole of `theirs`.
fn spelling_distance(ours: &[char], theirs: &[char], characters: &Characters) -> (u32, u32) {
    let cost = |a: char, b: char| match () {
        () if a == b => 0,
        () if a == UNREADABLE || b == UNREADABLE => 2,
        () if characters.same_sound(a, b) => 1,
        () if characters.same_consonant(a, b) || characters.look_alike(a, b) => 3,
        () => 10,
    };
    let mut row = [0_u32; MAX + 1];
    for (cell, distance) in row.iter_mut().zip((0..).step_by(10)) {
        *cell = distance;
    }
    let last = theirs.len().min(MAX);
    let mut best_beginning = row[last];
    for (i, &a) in ours.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i as u32 + 1) * 10;
        for (j, &b) in theirs.iter().take(last).enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + cost(a, b)).min(above + 10).min(row[j] + 10);
            diagonal = above;
        }
        best_beginning = best_beginning.min(row[last]);
    }
    (row[last], best_beginning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(ours: &str, theirs: &str) -> NameLikeness {
        let characters = Characters::new();
        let call_names: CallNames = toml::from_str(
            r#"
                called = ["某", "老大", "幺妹"]
                before = ["小", "阿"]
                behind = ["子", "娃"]
            "#,
        )
        .expect("call names");
        let mut repairs = Vec::new();
        let ours = Name::read(ours, &characters, &mut repairs);
        let theirs = Name::read(theirs, &characters, &mut repairs);
        ours.view().compare(theirs.view(), &Words { characters: &characters, call_names: &call_names })
    }

    #[test]
    fn blanks_traditional_forms_and_notes_do_not_matter() {
        for raw in ["刘　国强", " 刘国强", "劉國強", "刘国强（已故）", "'刘国强", "刘囯强"]
        {
            assert_eq!(compare(raw, "刘国强"), NameLikeness::Same, "{raw}");
        }
    }

    #[test]
    fn each_kind_of_likeness_is_told_apart() {
        use NameLikeness::*;
        for (ours, theirs, expected) in [
            ("王立", "王丽", SoundsAlike),
            ("王治", "王冶", LooksAlike),
            ("王?英", "王秀英", Unreadable),
            ("王＊英", "王秀英", Unreadable),
            ("王英秀", "王秀英", Reordered),
            ("王英", "王秀英", CharacterMissing),
            ("王秀霞", "王秀英", OneCharacterDiffers),
            ("王某", "王秀英", Nickname),
            ("王老大", "王强", Nickname),
            ("小英", "王秀英", Nickname),
            ("英英", "王秀英", Nickname),
            ("英子", "王秀英", Nickname),
            ("秀娃", "王秀英", Nickname),
            ("红子", "王秀英", Different),
            ("小子", "王秀英", Different),
            ("幺妹", "王秀英", Missing),
            ("秀英王", "王秀英", Reordered),
            ("强王", "王强", Reordered),
            ("赵国", "赵颖", SurnameOnly),
            ("赵国", "陈红香", Different),
            ("", "陈红香", Missing),
            ("无", "陈红香", Missing),
            ("??", "陈红", Missing),
        ] {
            assert_eq!(compare(ours, theirs), expected, "{ours} {theirs}");
        }
    }

    #[test]
    fn every_middle_dot_is_one() {
        for dot in ["·", ".", "•", "・", "．", "‧", " ", ""] {
            assert_eq!(
                compare(&format!("阿米娜{dot}伊斯马依"), "阿米娜·伊斯马依"),
                NameLikeness::Same,
                "{dot}"
            );
        }
    }

    #[test]
    fn transliterations_are_one_name_and_sisters_are_not() {
        use NameLikeness::*;
        for (ours, theirs, expected) in [
            ("阿卜杜拉·买买提", "阿布都拉·麦麦提", Transliteration),
            ("伊斯马依·司马义", "伊斯马依·伊斯马依", Transliteration),
            ("帕太姆托乎提", "帕提曼·托合提", Transliteration),
            ("艾海提.赛买提", "艾合买提·赛买提", Transliteration),
            ("阿米娜", "阿米娜·伊斯马依", FatherNameMissing),
            ("阿米娜·伊斯马依", "阿米娜", FatherNameMissing),
            ("阿密娜·伊斯马依", "阿米娜", FatherNameMissing),
            ("阿依古丽·买买提", "阿米娜", Different),
            ("伊斯马依·阿米娜", "阿米娜·伊斯马依", Reordered),
            ("王·秀莺", "王秀英", SoundsAlike),
            ("阿依古丽·买买提", "帕提古丽·买买提", Different),
            ("热依汗·库尔班", "再乃普·库尔班", Different),
        ] {
            assert_eq!(compare(ours, theirs), expected, "{ours} {theirs}");
        }
    }
}
