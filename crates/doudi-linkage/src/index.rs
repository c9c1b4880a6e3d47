//! The register as linkage sees it: columns of numbers and the blocks through which persons are found.

use crate::address::Address;
use crate::block::{Block, mix};
use crate::cell::{account, phone};
use crate::characters::Characters;
use crate::id::{IdKey, IdReading, prefix_of};
use crate::name::Name;
use doudi_terms::{RegionCode, Sex};
use rustc_hash::FxHashMap;

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
    fn get(&self, number: u32) -> Name {
        let number = number as usize;
        let from = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        Name::new(&self.chars[from..self.ends[number] as usize], self.own[number])
    }

    fn push(&mut self, name: &Name) -> u32 {
        self.chars.extend_from_slice(name.chars());
        self.ends.push(self.chars.len() as u32);
        self.own.push(name.own_length());
        self.counts.push(0);
        self.ends.len() as u32 - 1
    }
}

/// Takes persons one by one; the first has number 0.
pub struct IndexBuilder {
    characters: Characters,
    names: Names,
    /// Number of a name by the hash of its characters; on a collision the next free hash.
    name_numbers: FxHashMap<u64, u32>,
    columns: Columns,
}

#[derive(Default)]
struct Columns {
    id: Vec<IdKey>,
    name: Vec<u32>,
    birth: Vec<i32>,
    sex: Vec<Option<Sex>>,
    region: Vec<u64>,
    address: Vec<Address>,
    phone: Vec<u64>,
    account: Vec<u64>,
    household: Vec<u32>,
}

/// The register, ready for links. Answers do not depend on how often or in which order it is asked, and it can be asked
/// from many threads at once.
pub struct Index {
    pub(crate) characters: Characters,
    names: Names,
    columns: Columns,
    pub(crate) blocks: Blocks,
}

/// Ways to find persons, each by one key.
pub(crate) struct Blocks {
    pub(crate) id: Block,
    /// Area and day of birth within the number.
    pub(crate) id_prefix: Block,
    /// For rows that hold nothing but a name.
    pub(crate) sound: Block,
    pub(crate) sound_and_birth: Block,
    pub(crate) sound_and_region: Block,
    /// The village as the address writes it.
    pub(crate) sound_and_village: Block,
    pub(crate) birth_and_region: Block,
    /// Village and house number.
    pub(crate) home: Block,
    pub(crate) phone: Block,
    pub(crate) account: Block,
    pub(crate) household: Block,
}

impl Index {
    pub fn builder() -> IndexBuilder {
        IndexBuilder {
            characters: Characters::new(),
            names: Names::default(),
            name_numbers: FxHashMap::default(),
            columns: Columns::default(),
        }
    }

    pub fn len(&self) -> usize {
        self.columns.id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn id(&self, person: u32) -> IdKey {
        self.columns.id[person as usize]
    }

    /// Whether a number stands for nobody: a form insisted on one.
    pub(crate) fn is_shared(&self, id: IdKey) -> bool {
        self.blocks.id.count(id) > crate::weights::ID_SHARED_MOST
    }

    pub(crate) fn name(&self, person: u32) -> Name {
        self.names.get(self.columns.name[person as usize])
    }

    /// How many persons have this person's name.
    pub(crate) fn name_count(&self, person: u32) -> u32 {
        self.names.counts[self.columns.name[person as usize] as usize]
    }

    pub(crate) fn birth(&self, person: u32) -> Option<i32> {
        Some(self.columns.birth[person as usize]).filter(|&day| day != NO_DAY)
    }

    pub(crate) fn sex(&self, person: u32) -> Option<Sex> {
        self.columns.sex[person as usize]
    }

    pub(crate) fn region(&self, person: u32) -> Option<RegionCode> {
        RegionCode::from_number(self.columns.region[person as usize])
    }

    pub(crate) fn address(&self, person: u32) -> Address {
        self.columns.address[person as usize]
    }

    pub(crate) fn phone(&self, person: u32) -> Option<u64> {
        Some(self.columns.phone[person as usize]).filter(|&number| number != 0)
    }

    pub(crate) fn account(&self, person: u32) -> Option<u64> {
        Some(self.columns.account[person as usize]).filter(|&number| number != 0)
    }

    pub(crate) fn household(&self, person: u32) -> u32 {
        self.columns.household[person as usize]
    }

    /// The members of a person's household (their number is bounded by `most`).
    pub(crate) fn members(&self, person: u32, most: usize) -> impl Iterator<Item = u32> {
        let household = self.household(person);
        self.blocks
            .household
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
        let alike = self.blocks.sound.persons(name.sound(&self.characters), MOST_ALIKE);
        let agreeing: Vec<u32> =
            alike.filter(|person| self.name(*person).compare(&name, &self.characters).agrees()).collect();
        if agreeing.len() > most { Vec::new() } else { agreeing }
    }
}

impl IndexBuilder {
    /// How many persons were added.
    pub fn len(&self) -> usize {
        self.columns.id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a person and returns its dense number.
    pub fn push(&mut self, entry: PersonEntry<'_>) -> u32 {
        let number = self.columns.id.len() as u32;
        let id = IdReading::read(entry.id_number, false);
        let name = Name::read(entry.name, &self.characters, &mut Vec::new());
        let name = self.name_number(&name);
        self.names.counts[name as usize] += 1;
        let columns = &mut self.columns;
        columns.id.push(id.key().unwrap_or(0));
        columns.name.push(name);
        columns.birth.push(entry.birth.unwrap_or(NO_DAY));
        columns.sex.push(entry.sex);
        columns.region.push(entry.region.map_or(NO_REGION, RegionCode::number));
        columns.address.push(Address::read(entry.address));
        columns.phone.push(phone(entry.phone).unwrap_or(0));
        columns.account.push(account(entry.account).unwrap_or(0));
        columns.household.push(entry.household);
        number
    }

    fn name_number(&mut self, name: &Name) -> u32 {
        let mut hash = name.chars().iter().fold(0, |sum, &c| mix(sum ^ u64::from(u32::from(c))));
        hash = mix(hash ^ u64::from(name.own_length()));
        loop {
            match self.name_numbers.get(&hash) {
                None => {
                    let number = self.names.push(name);
                    self.name_numbers.insert(hash, number);
                    return number;
                }
                Some(&number) => {
                    let known = self.names.get(number);
                    if known.chars() == name.chars() && known.own_length() == name.own_length() {
                        return number;
                    }
                    hash = hash.wrapping_add(1);
                }
            }
        }
    }

    pub fn build(self) -> Index {
        let IndexBuilder { characters, names, columns, .. } = self;
        let sounds: Vec<u64> =
            (0..names.ends.len() as u32).map(|number| names.get(number).sound(&characters)).collect();
        let blocks = Blocks::new(&columns, &sounds);
        Index { characters, names, columns, blocks }
    }
}

impl Blocks {
    fn new(columns: &Columns, sounds: &[u64]) -> Blocks {
        let sound = |person: usize| sounds[columns.name[person] as usize];
        let all = 0..columns.id.len();
        Blocks {
            id: Block::new(columns.id.iter().copied()),
            id_prefix: Block::new(columns.id.iter().map(|&id| prefix_of(id))),
            sound: Block::new(all.clone().map(sound)),
            sound_and_birth: Block::new(all.clone().map(|p| pair(sound(p), day_key(columns.birth[p])))),
            sound_and_region: Block::new(all.clone().map(|p| pair(sound(p), region_key(columns.region[p])))),
            sound_and_village: Block::new(
                all.clone().map(|p| pair(sound(p), u64::from(columns.address[p].village))),
            ),
            birth_and_region: Block::new(
                all.map(|p| pair(day_key(columns.birth[p]), region_key(columns.region[p]))),
            ),
            home: Block::new(columns.address.iter().map(|address| address.home())),
            phone: Block::new(columns.phone.iter().copied()),
            account: Block::new(columns.account.iter().copied()),
            household: Block::new(columns.household.iter().map(|&household| household_key(household))),
        }
    }
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
