//! How characters are read aloud, and how people type that.

use pinyin::ToPinyin;
use rustc_hash::FxHashMap;

const CJK_FIRST: u32 = 0x4E00;
const CJK_LAST: u32 = 0x9FFF;
/// The longest syllable (zhuang).
const LONGEST: usize = 6;
/// So many ways to divide what was typed are followed.
const MOST_DIVISIONS: usize = 24;
/// Characters that are read in another way when they are a surname, with that reading.
const SURNAMES: &str = "单shan 曾zeng 仇qiu 查zha 区ou 解xie 任ren 盖ge 朴piao 翟zhai 乐yue 折she 召shao 员yun 覃qin \
种chong 冼xian 洗xian 缪miao 祭zhai 黑he 秘bi 尉yu 万mo 宓fu 佴nai 谌shen 逄pang 长zhang 沈shen 尹yin 隗wei 纪ji 那na 晁chao";

/// Number of a syllable; 0 = the character has none.
pub(super) type Syllable = u16;

/// A part of what was typed for one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Whole(Syllable),
    /// The beginning of a syllable: `x`, `zh`, or `min` of somebody who is still typing.
    Beginning(Box<str>),
}

pub(super) struct Syllables {
    by_character: Vec<Syllable>,
    texts: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, Syllable>,
    /// Syllables that people do not tell apart have one number here.
    accents: Vec<u16>,
    surnames: FxHashMap<char, Syllable>,
}

impl Syllables {
    pub fn new() -> Syllables {
        let mut syllables = Syllables {
            by_character: Vec::new(),
            texts: vec!["".into()],
            numbers: FxHashMap::default(),
            accents: Vec::new(),
            surnames: FxHashMap::default(),
        };
        for code in CJK_FIRST..=CJK_LAST {
            let reading = char::from_u32(code).and_then(|c| c.to_pinyin());
            let number = reading.map_or(0, |reading| syllables.number(&typed_form(reading.plain())));
            syllables.by_character.push(number);
        }
        for entry in SURNAMES.split_whitespace() {
            let mut chars = entry.chars();
            if let Some(surname) = chars.next() {
                let number = syllables.number(chars.as_str());
                syllables.surnames.insert(surname, number);
            }
        }
        let mut accents: FxHashMap<String, u16> = FxHashMap::default();
        for text in &syllables.texts {
            let next = accents.len() as u16;
            syllables.accents.push(*accents.entry(without_accent(text)).or_insert(next));
        }
        syllables
    }

    fn number(&mut self, text: &str) -> Syllable {
        if let Some(&known) = self.numbers.get(text) {
            return known;
        }
        let number = self.texts.len() as Syllable;
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        number
    }

    pub fn of(&self, c: char) -> Syllable {
        self.by_character.get(u32::from(c).wrapping_sub(CJK_FIRST) as usize).copied().unwrap_or(0)
    }

    /// Another way to read the character at the beginning of a name.
    pub fn as_surname(&self, c: char) -> Option<Syllable> {
        self.surnames.get(&c).copied().filter(|&other| other != self.of(c))
    }

    pub fn text(&self, syllable: Syllable) -> &str {
        self.texts.get(usize::from(syllable)).map_or("", AsRef::as_ref)
    }

    /// One sound in the accents that do not part zh from z or -ng from -n.
    pub fn same_accent(&self, a: Syllable, b: Syllable) -> bool {
        a != 0 && b != 0 && self.accents.get(usize::from(a)) == self.accents.get(usize::from(b))
    }

    /// The ways to divide typed letters into syllables and beginnings of syllables, those of fewest parts first.
    pub fn divide(&self, letters: &str) -> Vec<Vec<Typed>> {
        let mut found = Vec::new();
        let letters = typed_form(letters);
        if letters.bytes().all(|b| b.is_ascii_lowercase()) {
            self.divide_rest(&letters, &mut Vec::new(), &mut found);
        }
        found.sort_by_key(Vec::len);
        let most = found.first().map_or(0, |fewest| fewest.len() + 1);
        found.retain(|parts| parts.len() <= most);
        found.dedup();
        found
    }

    fn divide_rest(&self, rest: &str, parts: &mut Vec<Typed>, found: &mut Vec<Vec<Typed>>) {
        if found.len() >= MOST_DIVISIONS {
            return;
        }
        if rest.is_empty() {
            found.push(parts.clone());
            return;
        }
        for length in (1..=rest.len().min(LONGEST)).rev() {
            let (part, after) = rest.split_at(length);
            let typed = match self.numbers.get(part) {
                // `a` and `e` are syllables, and beginnings just as well.
                Some(&syllable) if length > 1 => Typed::Whole(syllable),
                _ if self.may_begin(part, after) => Typed::Beginning(part.into()),
                _ => continue,
            };
            parts.push(typed);
            self.divide_rest(after, parts, found);
            parts.pop();
        }
    }

    fn may_begin(&self, part: &str, after: &str) -> bool {
        match part.len() {
            1 => !matches!(part, "i" | "u" | "v"),
            _ if matches!(part, "zh" | "ch" | "sh") => true,
            // Only the last syllable may be broken off.
            _ => after.is_empty() && self.texts.iter().any(|text| text.starts_with(part)),
        }
    }
}

/// ü as people type it.
fn typed_form(text: &str) -> String {
    let text = text.to_lowercase().replace(['ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ'], "v");
    match text.strip_suffix("yu") {
        Some(consonant @ ("l" | "n")) => format!("{consonant}v"),
        _ => text,
    }
}

fn without_accent(syllable: &str) -> String {
    let mut text = syllable.replacen("zh", "z", 1).replacen("ch", "c", 1).replacen("sh", "s", 1);
    if text.ends_with("ng") {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(syllables: &Syllables, letters: &str) -> Vec<String> {
        let part = |typed: &Typed| match typed {
            Typed::Whole(syllable) => syllables.text(*syllable).to_owned(),
            Typed::Beginning(text) => format!("{text}-"),
        };
        let all = syllables.divide(letters);
        all.iter().map(|parts| parts.iter().map(part).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn typed_letters_are_divided_where_syllables_may_end() {
        let syllables = Syllables::new();
        for (letters, expected) in [
            ("wangxiaoming", "wang xiao ming"),
            ("wxm", "w- x- m-"),
            ("wangxm", "wang x- m-"),
            ("zhxm", "zh- x- m-"),
            ("wangxiaom", "wang xiao m-"),
            ("wangxiaomi", "wang xiao mi"),
            ("fangang", "fang ang"),
            ("fangang", "fan gang"),
            ("xian", "xi an"),
            ("lvna", "lv na"),
            ("lyuna", "l- yu na"),
            ("zhangjianguo", "zhang jian guo"),
        ] {
            let found = divided(&syllables, letters);
            assert!(found.contains(&expected.to_owned()), "{letters}: {found:?}");
        }
        assert_eq!(divided(&syllables, "WANG2"), Vec::<String>::new());
        assert!(syllables.divide("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").len() <= MOST_DIVISIONS);
    }

    #[test]
    fn surnames_have_readings_of_their_own() {
        let syllables = Syllables::new();
        let surname = |c| syllables.as_surname(c).map(|syllable| syllables.text(syllable));
        assert_eq!((surname('单'), surname('王')), (Some("shan"), None));
        assert_eq!(syllables.text(syllables.of('吕')), "lv");
        let number = |c| syllables.of(c);
        assert!(syllables.same_accent(number('明'), number('民')));
        assert!(!syllables.same_accent(number('明'), number('张')));
    }
}
