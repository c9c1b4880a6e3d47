//! The register as linkage sees it: columns of numbers and the blocks through which persons are found.

mod bytes;

use crate::address::Address;
use crate::block::{Block, mix};
use crate::call_names::CallNames;
use crate::cell::{account, phone};
use crate::changes::coarse_population;
use crate::characters::Characters;
use crate::id::{IdKey, IdReading, prefix_of};
use crate::name::{Name, NameRef, Words};
use crate::weights::Weights;
use doudi_terms::{RegionCode, Sex};
use rustc_hash::FxHashMap;
use std::sync::OnceLock;

/// One person of the register. Names and numbers may be as dirty as the register has them.
#[derive(Clone, Copy, Debug)]
pub struct PersonEntry<'a> {
    pub id_number: &'a str,
    pub name: &'a str,
    /// Days since 1970-01-01.
    pub birth: Option<i32>,
    pub sex: Option<Sex>,
    pub region: Option<RegionCode>,
    pub address: &'a str,
    pub phone: &'a str,
    pub account: &'a str,
    /// The caller's number of the household; the same for its members.
    pub household: u32,
}

/// Stands for an unknown day of birth in its column.
const NO_DAY: i32 = i32::MIN;
/// Persons of one sound who are looked through for namesakes.
const MOST_ALIKE: usize = 256;
/// Stands for an unknown region: no code has so many digits.
const NO_REGION: u64 = u64::MAX;

/// Each distinct name once, in one run of characters.
#[derive(Default)]
struct Names {
    chars: Vec<char>,
    ends: Vec<u32>,
    own: Vec<u8>,
    /// How many persons have the name.
    counts: Vec<u32>,
}

impl Names {
    fn get(&self, number: u32) -> NameRef<'_> {
        let number = number as usize;
        let from = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        NameRef { chars: &self.chars[from..self.ends[number] as usize], own: self.own[number] }
    }

    fn push(&mut self, name: NameRef<'_>) -> u32 {
        self.chars.extend_from_slice(name.chars);
        self.ends.push(self.chars.len() as u32);
        self.own.push(name.own);
        self.counts.push(0);
        self.ends.len() as u32 - 1
    }
}

/// Takes persons one by one; the first has number 0.
pub struct IndexBuilder {
    characters: Characters,
    names: Names,
    /// Number of a name by its characters, or by their hash where they are many; on a collision the next free hash.
    name_numbers: FxHashMap<u64, u32>,
    persons: Vec<Person>,
}

/// What is kept of a person, together: whoever is weighed is read from one place of the memory.
#[derive(Clone, Copy)]
struct Person {
    id: IdKey,
    region: u64,
    phone: u64,
    account: u64,
    address: Address,
    name: u32,
    birth: i32,
    household: u32,
    sex: Option<Sex>,
}

/// The register, ready for links. Answers do not depend on how often or in which order it is asked, and it can be asked
/// from many threads at once.
pub struct Index {
    pub(crate) characters: Characters,
    names: Names,
    /// By number of the name.
    sounds: Vec<u64>,
    persons: Vec<Person>,
    /// By [`By`], each made when it is first asked: a file without phones needs no way to find people by phone.
    blocks: [OnceLock<Block>; By::COUNT],
}

/// Ways to find persons, each by one key.
#[derive(Clone, Copy)]
pub(crate) enum By {
    Id,
    /// Area and day of birth within the number.
    IdPrefix,
    /// For rows that hold nothing but a name.
    Sound,
    SoundAndBirth,
    SoundAndRegion,
    /// The village as the address writes it.
    SoundAndVillage,
    BirthAndRegion,
    /// Village and house number.
    Home,
    Phone,
    Account,
    Household,
}

impl By {
    pub(crate) const ALL: [By; 11] = [
        By::Id,
        By::IdPrefix,
        By::Sound,
        By::SoundAndBirth,
        By::SoundAndRegion,
        By::SoundAndVillage,
        By::BirthAndRegion,
        By::Home,
        By::Phone,
        By::Account,
        By::Household,
    ];
    const COUNT: usize = By::ALL.len();
}

impl Index {
    pub fn builder() -> IndexBuilder {
        IndexBuilder {
            characters: Characters::new(),
            names: Names::default(),
            name_numbers: FxHashMap::default(),
            persons: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.persons.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn person(&self, person: u32) -> &Person {
        &self.persons[person as usize]
    }

    /// Who can be found by a kind of key.
    pub(crate) fn block(&self, by: By) -> &Block {
        let keys = || self.persons.iter().map(|person| self.key(by, person));
        self.blocks[by as usize].get_or_init(|| Block::new(keys()))
    }

    /// Persons who share a key, unless they are more than `most`.
    pub(crate) fn sharing(&self, by: By, key: u64, most: usize) -> impl Iterator<Item = u32> {
        let block = (key != 0).then(|| self.block(by));
        block.into_iter().flat_map(move |block| block.persons(key, most))
    }

    fn key(&self, by: By, person: &Person) -> u64 {
        let sound = || self.sounds[person.name as usize];
        match by {
            By::Id => person.id,
            By::IdPrefix => prefix_of(person.id),
            By::Sound => sound(),
            By::SoundAndBirth => pair(sound(), day_key(person.birth)),
            By::SoundAndRegion => pair(sound(), region_key(person.region)),
            By::SoundAndVillage => pair(sound(), u64::from(person.address.village)),
            By::BirthAndRegion => pair(day_key(person.birth), region_key(person.region)),
            By::Home => person.address.home(),
            By::Phone => person.phone,
            By::Account => person.account,
            By::Household => household_key(person.household),
        }
    }

    /// The key by which a person is found so; 0 = not at all.
    pub(crate) fn key_of(&self, by: By, person: u32) -> u64 {
        self.key(by, self.person(person))
    }

    /// Whether two registers write a person in the same way; the household, which registers number anew, aside.
    pub(crate) fn says_the_same(&self, person: u32, other: &Index, same: u32) -> bool {
        let (ours, theirs) = (self.person(person), other.person(same));
        let plain = |p: &Person| (p.id, p.region, p.phone, p.account, p.address, p.birth, p.sex);
        plain(ours) == plain(theirs) && self.name(person) == other.name(same)
    }

    pub(crate) fn id(&self, person: u32) -> IdKey {
        self.person(person).id
    }

    /// Whether a number stands for nobody: a form insisted on one.
    pub(crate) fn is_shared(&self, id: IdKey, weights: &Weights) -> bool {
        self.block(By::Id).count(id) as f64 > weights.settings.id_shared_most
    }

    /// How many persons have each name, by its number.
    pub(crate) fn name_counts(&self) -> impl Iterator<Item = u32> {
        self.names.counts.iter().copied()
    }

    pub(crate) fn name_number(&self, person: u32) -> usize {
        self.person(person).name as usize
    }

    /// What two names are compared by.
    pub(crate) fn words<'a>(&'a self, weights: &'a Weights) -> Words<'a> {
        Words { characters: &self.characters, call_names: &weights.call_names }
    }

    pub(crate) fn name(&self, person: u32) -> NameRef<'_> {
        self.names.get(self.person(person).name)
    }

    /// How many persons have this person's name.
    pub(crate) fn name_count(&self, person: u32) -> u32 {
        self.names.counts[self.person(person).name as usize]
    }

    /// The persons whom a row could speak of, in bits and coarse steps: a small register is only a part of them.
    pub(crate) fn population(&self, weights: &Weights) -> f64 {
        coarse_population(self.len(), weights)
    }

    /// What must be outweighed before anybody is taken for a row's person: among more people more are alike by chance.
    pub fn nobody(&self, weights: &Weights) -> f64 {
        self.population(weights) + weights.settings.nobody
    }

    /// How often two people drawn at random have one name.
    pub(crate) fn share_of_same_names(&self) -> f64 {
        let same: f64 = self.names.counts.iter().map(|&count| f64::from(count).powi(2)).sum();
        let persons = self.len().max(1) as f64;
        (same / (persons * persons)).clamp(1e-9, 1.0)
    }

    pub(crate) fn birth(&self, person: u32) -> Option<i32> {
        Some(self.person(person).birth).filter(|&day| day != NO_DAY)
    }

    pub(crate) fn sex(&self, person: u32) -> Option<Sex> {
        self.person(person).sex
    }

    pub(crate) fn region(&self, person: u32) -> Option<RegionCode> {
        RegionCode::from_number(self.person(person).region)
    }

    pub(crate) fn address(&self, person: u32) -> Address {
        self.person(person).address
    }

    pub(crate) fn phone(&self, person: u32) -> Option<u64> {
        Some(self.person(person).phone).filter(|&number| number != 0)
    }

    pub(crate) fn account(&self, person: u32) -> Option<u64> {
        Some(self.person(person).account).filter(|&number| number != 0)
    }

    pub(crate) fn household(&self, person: u32) -> u32 {
        self.person(person).household
    }

    /// The members of a person's household (their number is bounded by `most`).
    pub(crate) fn members(&self, person: u32, most: usize) -> impl Iterator<Item = u32> {
        let household = self.household(person);
        self.block(By::Household)
            .persons(household_key(household), most)
            .filter(move |&member| self.household(member) == household)
    }
}

impl Index {
    /// Everybody whose name agrees with a written one, if they are at most `most`: whom a row without any other usable
    /// identity may mean. Nobody, if the name is more common than that.
    pub fn namesakes(&self, name: &str, most: usize) -> Vec<u32> {
        let name = Name::read(name, &self.characters, &mut Vec::new());
        if name.is_empty() {
            return Vec::new();
        }
        let name = name.view();
        let none = CallNames::default();
        let alike = self.sharing(By::Sound, name.sound(&self.characters), MOST_ALIKE);
        let agreeing: Vec<u32> = alike
            .filter(|person| {
                self.name(*person)
                    .compare(name, &Words { characters: &self.characters, call_names: &none })
                    .agrees()
            })
            .collect();
        if agreeing.len() > most { Vec::new() } else { agreeing }
    }
}

impl IndexBuilder {
    /// Room for so many people; memory that is never used is never taken.
    pub fn reserve(&mut self, persons: usize) {
        self.persons.reserve(persons);
    }

    /// How many persons were added.
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a person and returns its dense number.
    pub fn push(&mut self, entry: PersonEntry<'_>) -> u32 {
        let number = self.persons.len() as u32;
        let id = IdReading::read(entry.id_number, false);
        let name = Name::read(entry.name, &self.characters, &mut Vec::new());
        let name = self.name_number(name.view());
        self.names.counts[name as usize] += 1;
        self.persons.push(Person {
            id: id.key().unwrap_or(0),
            region: entry.region.map_or(NO_REGION, RegionCode::number),
            phone: phone(entry.phone).unwrap_or(0),
            account: account(entry.account).unwrap_or(0),
            address: Address::read(entry.address),
            name,
            birth: entry.birth.unwrap_or(NO_DAY),
            household: entry.household,
            sex: entry.sex,
        });
        number
    }

    fn name_number(&mut self, name: NameRef<'_>) -> u32 {
        if let Some(packed) = packed(name) {
            let names = &mut self.names;
            return *self.name_numbers.entry(packed).or_insert_with(|| names.push(name));
        }
        let mut hash = name.chars.iter().fold(0, |sum, &c| mix(sum ^ u64::from(u32::from(c))));
        hash = mix(hash ^ u64::from(name.own)) | NOT_PACKED;
        loop {
            match self.name_numbers.get(&hash) {
                None => {
                    let number = self.names.push(name);
                    self.name_numbers.insert(hash, number);
                    return number;
                }
                Some(&number) if self.names.get(number) == name => return number,
                Some(_) => hash = hash.wrapping_add(1) | NOT_PACKED,
            }
        }
    }

    pub fn build(self) -> Index {
        let IndexBuilder { characters, names, persons, .. } = self;
        let sounds = sounds_of(&names, &characters);
        Index { characters, names, sounds, persons, blocks: Default::default() }
    }
}

fn sounds_of(names: &Names, characters: &Characters) -> Vec<u64> {
    (0..names.ends.len() as u32).map(|name| names.get(name).sound(characters)).collect()
}

/// Marks the hash of a name that is too long to be its own key.
const NOT_PACKED: u64 = 1 << 63;

/// Names of up to three characters, as most are: the characters themselves.
fn packed(name: NameRef<'_>) -> Option<u64> {
    const BITS: u32 = 21;
    let short = name.own == 0 && name.chars.len() <= 3;
    short.then(|| name.chars.iter().fold(0, |sum, &c| sum << BITS | (u64::from(u32::from(c)) + 1)))
}

/// A key of two parts; 0 = one of them is not known.
pub(crate) fn pair(a: u64, b: u64) -> u64 {
    if a == 0 || b == 0 { 0 } else { mix(mix(a) ^ b) }
}

/// A day as part of a key; 0 = not known.
pub(crate) fn day_key(day: i32) -> u64 {
    if day == NO_DAY { 0 } else { (i64::from(day) - i64::from(i32::MIN)) as u64 }
}

/// A region as part of a key; 0 = not known.
pub(crate) fn region_key(region: u64) -> u64 {
    if region == NO_REGION { 0 } else { region + 1 }
}

fn household_key(household: u32) -> u64 {
    u64::from(household) + 1
}
