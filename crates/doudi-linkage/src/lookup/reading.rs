//! What one word may mean to a directory: each meaning finds people, and says of anybody whether it holds.

use super::birth_word::{self, BirthWord};
use super::directory::{Directory, NO_DAY, id_end};
use super::hit::ReasonKind;
use super::name_pattern::{Grade, Sounds, patterns};
use super::places::PlaceWord;
use crate::cell::half_width;
use crate::id::{IdKey, IdReading, key_of, text_of};

/// What a meaning is worth, of a hundred.
const WHOLE_NUMBER: u32 = 100;
const ONE_SLIP: u32 = 82;
const MASKED: u32 = 90;
const BEGINNING: u32 = 60;
const END: u32 = 66;
const END_SLIP: u32 = 30;
const DAY: u32 = 80;
const MONTH: u32 = 62;
const YEAR: u32 = 50;
const DAY_SLIP: u32 = 40;
const PLACE: u32 = 60;
const HOUSE: u32 = 30;
const PLACE_AND_HOUSE: u32 = 90;
const PLACE_IN_PARTS: u32 = 40;
/// Digits of a number that may stand for it at its end and at its beginning.
const LEAST_END: usize = 4;
const LEAST_ID_BEGINNING: usize = 6;
const LEAST_PHONE_BEGINNING: usize = 3;
const PHONE_DIGITS: usize = 11;

/// One meaning of a word.
pub(super) enum Reading {
    /// Names with how well they fit, ascending by name.
    Names(Vec<(u32, Grade)>),
    /// Identity numbers from one up to and without another.
    Ids {
        from: IdKey,
        to: IdKey,
        grade: Grade,
    },
    /// Identity numbers that are `end` beyond multiples of `unit` (eleven times a power of ten), within a range.
    IdEnd {
        unit: IdKey,
        end: IdKey,
        within: (IdKey, IdKey),
        grade: Grade,
    },
    /// Any of these numbers, ascending.
    IdAny(Vec<IdKey>, Grade),
    /// Any of these ends, ascending.
    IdEndAny(Vec<u32>, Grade),
    Births {
        from: i32,
        to: i32,
        grade: Grade,
    },
    BirthAny(Vec<i32>, Grade),
    Phones {
        from: u64,
        to: u64,
        grade: Grade,
    },
    PhoneEnd {
        unit: u64,
        end: u64,
        grade: Grade,
    },
    PhoneAny(Vec<u64>, Grade),
    /// By place of an address and by region, whether the word stands there; the persons behind them.
    Places {
        places: Vec<u32>,
        regions: Vec<u32>,
        house: PlaceWord,
        kind: ReasonKind,
        worth: u32,
    },
    House(PlaceWord),
}

/// Everything a word may mean. `loosely` also what was meant if a slip was made; `alone` if it is the only word: then
/// what fits thousands for no good reason is left out.
pub(super) fn readings(directory: &Directory, word: &str, loosely: bool, alone: bool) -> Vec<Reading> {
    let plain: String = word.chars().map(half_width).filter(|c| !matches!(c, '\'' | ' ')).collect();
    let mut found = Vec::new();
    let digits: String =
        plain.chars().filter(|c| !matches!(c, '-' | '.' | '/')).collect::<String>().to_uppercase();
    let is_number = !digits.is_empty()
        && digits
            .bytes()
            .enumerate()
            .all(|(at, b)| b.is_ascii_digit() || (b == b'X' && at > 0 && at + 1 == digits.len()));
    if is_number {
        id_readings(&digits, loosely, alone, &mut found);
        phone_readings(&digits, loosely, &mut found);
    } else if plain.contains('*') {
        masked_id(&plain.to_uppercase(), &mut found);
    }
    birth_readings(&plain, loosely && !alone, &mut found);
    if !is_number {
        place_readings(directory, word, loosely, &mut found);
        let names = name_reading(directory, word, loosely);
        if !names.is_empty() {
            found.push(Reading::Names(names));
        }
    }
    found
}

fn id_readings(digits: &str, loosely: bool, alone: bool, found: &mut Vec<Reading>) {
    let bytes = digits.as_bytes();
    let id = IdReading::read(digits, false);
    if let Some(key) = id.key() {
        found.push(one_id(key, (WHOLE_NUMBER, ReasonKind::Id)));
    }
    if loosely && id.is_usable() {
        found.push(Reading::IdAny(near_ids(&id), (ONE_SLIP, ReasonKind::IdSlip)));
    }
    let ends_in_x = bytes.last() == Some(&b'X');
    if (LEAST_ID_BEGINNING..18).contains(&bytes.len())
        && !ends_in_x
        && let Ok(value) = digits.parse::<u64>()
    {
        let unit = 11 * 10_u64.pow(17 - bytes.len() as u32);
        found.push(Reading::Ids {
            from: value * unit,
            to: (value + 1) * unit,
            grade: (BEGINNING, ReasonKind::IdBeginning),
        });
    }
    if (LEAST_END..=12).contains(&bytes.len())
        && let Some((unit, end)) = id_end_of(digits)
    {
        found.push(Reading::IdEnd { unit, end, within: (1, IdKey::MAX), grade: (END, ReasonKind::IdEnd) });
        if loosely && !alone && bytes.len() == LEAST_END {
            found.push(Reading::IdEndAny(near_ends(bytes), (END_SLIP, ReasonKind::IdEndSlip)));
        }
    }
}

fn one_id(key: IdKey, grade: Grade) -> Reading {
    Reading::Ids { from: key, to: key + 1, grade }
}

/// The last places of a number: what they are, and of which unit they are the rest.
fn id_end_of(text: &str) -> Option<(IdKey, IdKey)> {
    let (before, check) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let check = if check == "X" { 10 } else { check.parse::<u64>().ok()? };
    let value: u64 = if before.is_empty() { 0 } else { before.parse().ok()? };
    Some((11 * 10_u64.checked_pow(before.len() as u32)?, value * 11 + check))
}

/// Numbers one slip away, whether this one is valid or not: the register's may be the wrong one.
fn near_ids(id: &IdReading) -> Vec<IdKey> {
    let mut near = id.possible_originals();
    if let Some(key) = id.key() {
        let text = text_of(key);
        for at in 0..text.len() {
            let choices: &[u8] = if at == 17 { b"0123456789X" } else { b"0123456789" };
            for &choice in choices {
                let mut other = text;
                other[at] = choice;
                near.extend(key_of(&other));
            }
            if at > 0 {
                let mut other = text;
                other.swap(at - 1, at);
                near.extend(key_of(&other));
            }
        }
        near.retain(|&other| other != key);
    }
    near.sort_unstable();
    near.dedup();
    near
}

fn near_ends(digits: &[u8]) -> Vec<u32> {
    let mut near = Vec::new();
    for at in 0..digits.len() {
        let choices: &[u8] = if at + 1 == digits.len() { b"0123456789X" } else { b"0123456789" };
        for &choice in choices.iter().filter(|&&choice| choice != digits[at]) {
            let mut other = digits.to_vec();
            other[at] = choice;
            let text = String::from_utf8_lossy(&other).into_owned();
            near.extend(id_end_of(&text).and_then(|(_, end)| u32::try_from(end).ok()));
        }
    }
    near.sort_unstable();
    near.dedup();
    near
}

/// `500243********002X`, as screens and lists show it.
fn masked_id(text: &str, found: &mut Vec<Reading>) {
    let (Some(first), Some(last)) = (text.find('*'), text.rfind('*')) else { return };
    let (before, after) = (&text[..first], &text[last + 1..]);
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(before) || before.len() > 17 || before.is_empty() {
        return;
    }
    let Ok(value) = before.parse::<u64>() else { return };
    let unit = 11 * 10_u64.pow(17 - before.len() as u32);
    let within = (value * unit, (value + 1) * unit);
    let grade = (MASKED, ReasonKind::IdMasked);
    match after {
        "" => found.push(Reading::Ids { from: within.0, to: within.1, grade }),
        after => {
            if let Some((unit, end)) = id_end_of(after) {
                found.push(Reading::IdEnd { unit, end, within, grade });
            }
        }
    }
}

fn phone_readings(digits: &str, loosely: bool, found: &mut Vec<Reading>) {
    let Ok(value) = digits.parse::<u64>() else { return };
    let length = digits.len();
    let value =
        if length == PHONE_DIGITS + 2 && digits.starts_with("86") { value % 10_u64.pow(11) } else { value };
    if (7..=13).contains(&length) {
        found.push(Reading::Phones { from: value, to: value + 1, grade: (WHOLE_NUMBER, ReasonKind::Phone) });
    }
    if loosely && length == PHONE_DIGITS && digits.starts_with('1') {
        found.push(Reading::PhoneAny(near_phones(digits), (ONE_SLIP, ReasonKind::PhoneSlip)));
    }
    if (LEAST_PHONE_BEGINNING..PHONE_DIGITS).contains(&length) && digits.starts_with('1') {
        let unit = 10_u64.pow((PHONE_DIGITS - length) as u32);
        let grade = (BEGINNING, ReasonKind::PhoneBeginning);
        found.push(Reading::Phones { from: value * unit, to: (value + 1) * unit, grade });
    }
    if (LEAST_END..PHONE_DIGITS).contains(&length) {
        let unit = 10_u64.pow(length as u32);
        found.push(Reading::PhoneEnd { unit, end: value, grade: (END, ReasonKind::PhoneEnd) });
    }
}

fn near_phones(digits: &str) -> Vec<u64> {
    let digits = digits.as_bytes();
    let mut near = Vec::new();
    let mut keep = |text: &[u8]| near.extend(String::from_utf8_lossy(text).parse::<u64>());
    for at in 1..digits.len() {
        for choice in b"0123456789".iter().filter(|&&choice| choice != digits[at]) {
            let mut other = digits.to_vec();
            other[at] = *choice;
            keep(&other);
        }
        let mut other = digits.to_vec();
        other.swap(at - 1, at);
        if other != digits {
            keep(&other);
        }
    }
    near.sort_unstable();
    near.dedup();
    near
}

fn birth_readings(word: &str, loosely: bool, found: &mut Vec<Reading>) {
    for meaning in birth_word::read(word) {
        let (from, to, grade) = match meaning {
            BirthWord::Day(day) => {
                if loosely {
                    found.push(Reading::BirthAny(birth_word::near(day), (DAY_SLIP, ReasonKind::BirthSlip)));
                }
                (day, day + 1, (DAY, ReasonKind::BirthDay))
            }
            BirthWord::Month(from, to) => (from, to, (MONTH, ReasonKind::BirthMonth)),
            BirthWord::Year(from, to) => (from, to, (YEAR, ReasonKind::BirthYear)),
        };
        found.push(Reading::Births { from, to, grade });
    }
}

fn place_readings(directory: &Directory, word: &str, loosely: bool, found: &mut Vec<Reading>) {
    let read = || PlaceWord::read(word);
    let Some(place) = read() else { return };
    if place.name.is_empty() {
        found.push(Reading::House(place));
        return;
    }
    let mut push = |places: Vec<u32>, kind, worth| {
        let regions = directory.regions_named(&places);
        if let Some(house) = read().filter(|_| !places.is_empty()) {
            found.push(Reading::Places { places, regions, house, kind, worth });
        }
    };
    let whole = directory.places.with(&place.name);
    let short = if place.short == place.name { Vec::new() } else { directory.places.with(&place.short) };
    let nothing = whole.is_empty() && short.is_empty();
    push(whole, ReasonKind::Place, PLACE);
    push(short, ReasonKind::Place, PLACE - 5);
    if nothing && loosely && place.short.chars().count() > 2 {
        push(directory.places.with_in_parts(&place.short), ReasonKind::PlaceInParts, PLACE_IN_PARTS);
    }
}

/// The best grade of every name that the word may mean, ascending by name.
fn name_reading(directory: &Directory, word: &str, loosely: bool) -> Vec<(u32, Grade)> {
    let sounds = Sounds { characters: &directory.characters, syllables: &directory.syllables };
    let mut names: Vec<(u32, Grade)> = Vec::new();
    for pattern in patterns(word, &sounds) {
        let mut give = |name, grade| names.push((name, grade));
        pattern.firm(&directory.names, &sounds, &mut give);
        if loosely {
            pattern.loose(&directory.names, &sounds, &mut give);
        }
    }
    if !names.is_sorted_by(|(a, _), (b, _)| a < b) {
        names.sort_unstable_by_key(|&(name, (worth, _))| (name, std::cmp::Reverse(worth)));
    }
    names.dedup_by_key(|(name, _)| *name);
    names
}

impl Reading {
    /// How many people it finds at most: what it costs to ask it.
    pub fn cost(&self, directory: &Directory) -> usize {
        let columns = &directory.columns;
        match self {
            Reading::Names(names) => names.iter().map(|&(name, _)| directory.names.persons(name).len()).sum(),
            Reading::Ids { from, to, .. } => directory.by_id.between(&columns.id, *from, *to).len(),
            Reading::IdEnd { end, .. } => directory.by_id_end.with((end % 11_000) as u32).len(),
            Reading::IdAny(any, _) => 20 * any.len(),
            Reading::IdEndAny(any, _) => any.iter().map(|&end| directory.by_id_end.with(end).len()).sum(),
            Reading::Births { from, to, .. } => directory.by_birth.between(&columns.birth, *from, *to).len(),
            Reading::BirthAny(any, _) => 100 * any.len(),
            Reading::Phones { from, to, .. } => directory.by_phone.between(&columns.phone, *from, *to).len(),
            Reading::PhoneEnd { end, .. } => directory.by_phone_end.with((end % 10_000) as u32).len(),
            Reading::PhoneAny(any, _) => 20 * any.len(),
            Reading::Places { places, regions, .. } => {
                let at = places.iter().map(|&place| directory.persons_of_place(place).len()).sum::<usize>();
                at + regions
                    .iter()
                    .map(|&region| directory.persons_of_region(region as usize).len())
                    .sum::<usize>()
            }
            Reading::House(_) => directory.len(),
        }
    }

    /// Gives everybody for whom it may hold, each once, with the grade where it is known at once; else
    /// [`Reading::grade`] says for whom it does.
    pub fn persons(&self, directory: &Directory, give: &mut dyn FnMut(u32, Option<Grade>)) {
        if let Reading::Names(names) = self {
            for &(name, grade) in names {
                directory.names.persons(name).iter().for_each(|&person| give(person, Some(grade)));
            }
            return;
        }
        self.perhaps(directory, &mut |person| give(person, None));
    }

    fn perhaps(&self, directory: &Directory, give: &mut dyn FnMut(u32)) {
        let columns = &directory.columns;
        match self {
            Reading::Names(_) => {}
            Reading::Ids { from, to, .. } => {
                directory.by_id.between(&columns.id, *from, *to).iter().for_each(|&p| give(p));
            }
            Reading::IdEnd { end, .. } => {
                directory.by_id_end.with((end % 11_000) as u32).iter().for_each(|&p| give(p));
            }
            Reading::IdAny(any, _) => {
                for &id in any {
                    directory.by_id.between(&columns.id, id, id + 1).iter().for_each(|&p| give(p));
                }
            }
            Reading::IdEndAny(any, _) => {
                any.iter().for_each(|&end| directory.by_id_end.with(end).iter().for_each(|&p| give(p)));
            }
            Reading::Births { from, to, .. } => {
                directory.by_birth.between(&columns.birth, *from, *to).iter().for_each(|&p| give(p));
            }
            Reading::BirthAny(any, _) => {
                for &day in any {
                    directory.by_birth.between(&columns.birth, day, day + 1).iter().for_each(|&p| give(p));
                }
            }
            Reading::Phones { from, to, .. } => {
                directory.by_phone.between(&columns.phone, *from, *to).iter().for_each(|&p| give(p));
            }
            Reading::PhoneEnd { end, .. } => {
                directory.by_phone_end.with((end % 10_000) as u32).iter().for_each(|&p| give(p));
            }
            Reading::PhoneAny(any, _) => {
                for &phone in any {
                    directory
                        .by_phone
                        .between(&columns.phone, phone, phone + 1)
                        .iter()
                        .for_each(|&p| give(p));
                }
            }
            Reading::Places { places, regions, .. } => {
                places
                    .iter()
                    .for_each(|&place| directory.persons_of_place(place).iter().for_each(|&p| give(p)));
                let elsewhere = |p: &&u32| places.binary_search(&columns.place[**p as usize]).is_err();
                for &region in regions {
                    directory
                        .persons_of_region(region as usize)
                        .iter()
                        .filter(elsewhere)
                        .for_each(|&p| give(p));
                }
            }
            Reading::House(_) => (0..directory.len() as u32).for_each(give),
        }
    }

    /// Whether it holds for a person, and how well.
    pub fn grade(&self, directory: &Directory, person: u32) -> Option<Grade> {
        let columns = &directory.columns;
        let at = person as usize;
        match self {
            Reading::Names(names) => {
                let name = directory.names.of(person);
                names.binary_search_by_key(&name, |&(name, _)| name).ok().map(|at| names[at].1)
            }
            Reading::Ids { from, to, grade } => (*from..*to).contains(&columns.id[at]).then_some(*grade),
            Reading::IdEnd { unit, end, within, grade } => {
                let id = columns.id[at];
                (id != 0 && id % unit == *end && (within.0..within.1).contains(&id)).then_some(*grade)
            }
            Reading::IdAny(any, grade) => any.binary_search(&columns.id[at]).ok().map(|_| *grade),
            Reading::IdEndAny(any, grade) => {
                id_end(columns.id[at]).filter(|end| any.binary_search(end).is_ok()).map(|_| *grade)
            }
            Reading::Births { from, to, grade } => {
                (*from..*to).contains(&columns.birth[at]).then_some(*grade)
            }
            Reading::BirthAny(any, grade) => {
                let day = columns.birth[at];
                (day != NO_DAY && any.binary_search(&day).is_ok()).then_some(*grade)
            }
            Reading::Phones { from, to, grade } => {
                (*from..*to).contains(&columns.phone[at]).then_some(*grade)
            }
            Reading::PhoneEnd { unit, end, grade } => {
                let phone = columns.phone[at];
                (phone != 0 && phone % unit == *end).then_some(*grade)
            }
            Reading::PhoneAny(any, grade) => any.binary_search(&columns.phone[at]).ok().map(|_| *grade),
            Reading::Places { places, regions, house, kind, worth } => {
                let there = places.binary_search(&columns.place[at]).is_ok()
                    || regions.binary_search(&columns.region[at]).is_ok();
                let same_house = there && house.fits_house(columns.house[at]);
                match () {
                    () if same_house => Some((PLACE_AND_HOUSE, ReasonKind::PlaceAndHouse)),
                    () if there => Some((*worth, *kind)),
                    () => None,
                }
            }
            Reading::House(house) => {
                house.fits_house(columns.house[at]).then_some((HOUSE, ReasonKind::House))
            }
        }
    }
}

impl Reading {
    /// What the word was taken for.
    pub fn what(&self) -> &'static str {
        match self {
            Reading::Names(_) => "姓名（汉字、拼音、首字母、同音形近字）",
            Reading::Ids { .. } | Reading::IdAny(..) => "身份证号",
            Reading::IdEnd { .. } | Reading::IdEndAny(..) => "身份证号的一部分",
            Reading::Births { .. } | Reading::BirthAny(..) => "出生日期",
            Reading::Phones { .. } | Reading::PhoneAny(..) | Reading::PhoneEnd { .. } => "电话",
            Reading::Places { .. } => "住址",
            Reading::House(_) => "门牌",
        }
    }
}
