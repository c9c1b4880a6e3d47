//! Phones that many households give as theirs: a cadre's, a shop-keeper's. The register may know such a phone for one
//! person; what gives it away is that rosters write it beside the names of many households.
//!
//! Two looks at the rows: the first counts names in a table of a fixed size and errs on the side of suspicion; the second
//! counts households, of suspects only. What comes out does not depend on the order of rows or files.

use crate::address::Address;
use crate::block::mix;
use crate::cell::{is_blank, phone};
use crate::id::IdReading;
use crate::row::RosterRow;
use crate::shared::hash;
use crate::weights::Weights;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a phone that are compared with each other: of more, those with the smallest hashes.
const MOST_WITNESSES: usize = 64;

/// Phones that stand for nobody, with how many households give them, at least.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct SharedPhones {
    households: BTreeMap<u64, u32>,
}

impl SharedPhones {
    pub fn is_empty(&self) -> bool {
        self.households.is_empty()
    }

    pub fn len(&self) -> usize {
        self.households.len()
    }

    /// In the order of the numbers.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u32)> {
        self.households.iter().map(|(phone, households)| (*phone, *households))
    }

    /// Whether a row's phone is one of them: its answer is another with them than without.
    pub fn concern(&self, row: &RosterRow<'_>) -> bool {
        !self.is_empty() && phone_of(row).is_some_and(|phone| self.households.contains_key(&phone))
    }

    /// How many households give a phone, if they are too many.
    pub(crate) fn households(&self, phone: u64) -> Option<u32> {
        self.households.get(&phone).copied()
    }

    /// Phones that are here or there, not both.
    pub(crate) fn differing(&self, other: &SharedPhones) -> impl Iterator<Item = u64> {
        let only = |one: &SharedPhones, other: &SharedPhones| -> Vec<u64> {
            one.households.keys().filter(|phone| !other.households.contains_key(phone)).copied().collect()
        };
        only(self, other).into_iter().chain(only(other, self))
    }
}

impl FromIterator<(u64, u32)> for SharedPhones {
    fn from_iter<I: IntoIterator<Item = (u64, u32)>>(phones: I) -> SharedPhones {
        SharedPhones { households: phones.into_iter().collect() }
    }
}

/// The first look at all rows: a table of a fixed size, of places for one phone each. Phones that find no place share
/// one, which makes them suspects sooner.
pub struct PhoneNames {
    table: Vec<Place>,
    shift: u32,
    /// So many rows under other names than the first: as many as there are names beside the first, or more.
    most_others: u8,
    suspects: usize,
}

/// Parts of hashes: two phones are taken for one where they stand near each other anyway, two names once in 2^32.
#[derive(Clone, Copy, Default)]
#[repr(C)]
struct Place {
    /// Of the first row's name.
    name: u32,
    phone: [u8; 3],
    /// Rows with another name than the first.
    others: u8,
}

/// 0 = the place is free.
const NO_PHONE: [u8; 3] = [0; 3];

impl PhoneNames {
    /// For about so many rows. `weights` say how many may share a phone before it is nobody's.
    pub fn new(rows: usize, weights: &Weights) -> PhoneNames {
        const PLACES_PER_ROW: usize = 2;
        const FEWEST_BITS: u32 = 12;
        const MOST_BITS: u32 = 21;
        let bits = rows.saturating_mul(PLACES_PER_ROW).max(1).ilog2() + 1;
        let bits = bits.clamp(FEWEST_BITS, MOST_BITS);
        PhoneNames {
            table: vec![Place::default(); 1 << bits],
            shift: 64 - bits,
            most_others: (weights.settings.phone_some_most as u8).max(1),
            suspects: 0,
        }
    }

    /// Looks at a row's phone and name; what comes back tells [`PhoneNames::is_suspect`] of which phone it was.
    pub fn see(&mut self, row: &RosterRow<'_>) -> u32 {
        let (Some(phone), Some(name)) = (phone_of(row), name_of(row)) else { return 0 };
        let name = (hash(name) >> 32) as u32;
        let (at, tag) = self.place(phone);
        let place = &mut self.table[at];
        if place.phone == NO_PHONE {
            *place = Place { name, phone: tag, others: 0 };
        } else if place.name != name && place.others < u8::MAX {
            place.others += 1;
            self.suspects += usize::from(place.others == self.most_others);
        }
        at as u32 + 1
    }

    /// Whether no phone stands beside many names: there is nothing to look at a second time.
    pub fn are_all_plain(&self) -> bool {
        self.suspects == 0
    }

    /// Whether the phone of a row may be many households'.
    pub fn is_suspect(&self, seen: u32) -> bool {
        let place = (seen as usize).checked_sub(1).and_then(|at| self.table.get(at));
        place.is_some_and(|place| place.others >= self.most_others)
    }

    /// Where a phone stands or would stand: its own place, the first free one near it, or one that it shares. What is
    /// taken stays taken, so that it is the same for all rows.
    fn place(&self, phone: u64) -> (usize, [u8; 3]) {
        const NEAR: usize = 8;
        let hash = mix(phone);
        let [first, second, third, ..] = hash.to_le_bytes();
        let (tag, first_at) = ([first | 1, second, third], (hash >> self.shift) as usize);
        let near = (first_at..first_at + NEAR).map(|at| at & (self.table.len() - 1));
        let own =
            near.into_iter().find(|&at| self.table[at].phone == tag || self.table[at].phone == NO_PHONE);
        (own.unwrap_or(first_at), tag)
    }
}

/// What a row says of whose household it speaks; a hash comes first, so that which ones are kept is nobody's choice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Witness {
    order: u64,
    name: u64,
    /// 0 = not known, as is the home.
    id: u64,
    home: u64,
}

impl Witness {
    fn of(row: &RosterRow<'_>) -> Option<Witness> {
        let name = hash(name_of(row)?);
        let id = IdReading::read(row.id_number, row.disability_certificate).key().unwrap_or(0);
        let home = Address::read(row.address).home();
        Some(Witness { order: mix(mix(mix(name) ^ id) ^ home), name, id, home })
    }

    /// One name, one number or one house: of one household, as far as anybody can see.
    fn joins(&self, other: &Witness) -> bool {
        let same = |ours: u64, theirs: u64| ours != 0 && ours == theirs;
        self.name == other.name || same(self.id, other.id) || same(self.home, other.home)
    }
}

/// The second look: households behind each suspected phone.
#[derive(Default)]
pub struct PhoneHouseholds {
    witnesses: FxHashMap<u64, BTreeSet<Witness>>,
}

impl PhoneHouseholds {
    /// Rows of other phones need not be seen.
    pub fn see(&mut self, row: &RosterRow<'_>, names: &PhoneNames) {
        let Some(phone) = phone_of(row).filter(|phone| names.is_suspect(names.place(*phone).0 as u32 + 1))
        else {
            return;
        };
        let Some(witness) = Witness::of(row) else { return };
        let witnesses = self.witnesses.entry(phone).or_default();
        witnesses.insert(witness);
        if witnesses.len() > MOST_WITNESSES {
            witnesses.pop_last();
        }
    }

    /// The phones that more households give than `weights` let share one.
    pub fn shared(self, weights: &Weights) -> SharedPhones {
        let most = weights.settings.phone_some_most;
        let counted = self.witnesses.into_iter().map(|(phone, witnesses)| (phone, households(&witnesses)));
        counted.filter(|(_, households)| f64::from(*households) > most).collect()
    }
}

/// Groups of witnesses of whom each joins another of the group.
fn households(witnesses: &BTreeSet<Witness>) -> u32 {
    let mut groups: Vec<Vec<&Witness>> = Vec::new();
    for witness in witnesses {
        let (joined, mut others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|known| known.joins(witness)));
        let mut group = joined.concat();
        group.push(witness);
        others.push(group);
        groups = others;
    }
    groups.len() as u32
}

pub(crate) fn phone_of(row: &RosterRow<'_>) -> Option<u64> {
    if row.phone.is_empty() { None } else { phone(row.phone) }
}

/// A row without a name counts for nobody: the first look could not tell it from others.
fn name_of<'a>(row: &RosterRow<'a>) -> Option<&'a str> {
    Some(row.name.trim_matches(is_blank)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weight_file::WeightSet;

    const PHONE: &str = "13800000009";

    fn weights() -> Weights {
        let files = [("default.weights.toml", include_str!("../../../rosters/default.weights.toml"))];
        WeightSet::from_files(files).expect("the shipped weights").of("").clone()
    }

    /// Name, number, address.
    type Cells = (String, String, String);

    fn shared(rows: &[Cells]) -> SharedPhones {
        let weights = weights();
        let rows = || {
            rows.iter().map(|(name, id_number, address)| RosterRow {
                name,
                id_number,
                address,
                phone: PHONE,
                ..RosterRow::default()
            })
        };
        let mut names = PhoneNames::new(rows().count(), &weights);
        let seen: Vec<u32> = rows().map(|row| names.see(&row)).collect();
        let mut households = PhoneHouseholds::default();
        rows().for_each(|row| households.see(&row, &names));
        let shared = households.shared(&weights);
        assert!(shared.is_empty() || seen.iter().all(|seen| names.is_suspect(*seen)));
        assert!(shared.is_empty() || !names.are_all_plain());
        shared
    }

    fn cells(name: usize, id: usize, house: usize) -> Cells {
        let id = if id == 0 { String::new() } else { format!("5002431955041{id:04}X") };
        let house = if house == 0 { String::new() } else { format!("汉葭街道北斗村3组{house}号") };
        (format!("王{name}"), id, house)
    }

    #[test]
    fn a_phone_of_nine_households_is_nobody_s_and_of_eight_it_may_be_a_family_s() {
        let eight: Vec<Cells> = (1..=8).map(|n| cells(n, n, n)).collect();
        assert!(shared(&eight).is_empty());
        let nine: Vec<Cells> = (1..=9).map(|n| cells(n, n, n)).collect();
        assert_eq!(shared(&nine).iter().collect::<Vec<_>>(), [(13_800_000_009, 9)]);
    }

    #[test]
    fn one_household_written_in_many_ways_stays_one() {
        // Thirty people of one house; one person under thirty names; one name beside thirty numbers.
        assert!(shared(&(1..=30).map(|n| cells(n, n, 7)).collect::<Vec<_>>()).is_empty());
        assert!(shared(&(1..=30).map(|n| cells(n, 5, 0)).collect::<Vec<_>>()).is_empty());
        assert!(shared(&(1..=30).map(|n| cells(5, n, n)).collect::<Vec<_>>()).is_empty());
        // A chain of them is one household too.
        assert!(shared(&(1..=30).map(|n| cells(n / 2, n.div_ceil(2), 0)).collect::<Vec<_>>()).is_empty());
    }

    #[test]
    fn the_order_of_rows_and_how_many_there_are_do_not_matter() {
        let rows: Vec<Cells> = (1..=500).map(|n| cells(n, n, n)).collect();
        let mut backwards = rows.clone();
        backwards.reverse();
        assert_eq!(shared(&rows), shared(&backwards));
        assert_eq!(shared(&rows).iter().next(), Some((13_800_000_009, MOST_WITNESSES as u32)));
    }

    #[test]
    fn families_are_no_suspects_and_a_full_table_misses_nobody() {
        let weights = weights();
        let mut names = PhoneNames::new(8_000, &weights);
        let name = |n: u64| format!("王{n}");
        let mut see = |phone: u64, n: u64| {
            names.see(&RosterRow { name: &name(n), phone: &phone.to_string(), ..RosterRow::default() })
        };
        for n in 0..8_000 {
            see(13_000_000_000 + n / 8, n);
        }
        // Many more phones than there are places; one of them under nine names, each once.
        let mut last = 0;
        for n in 0..90_000 {
            see(15_000_000_000 + n, n);
            if n % 10_000 == 0 {
                last = see(18_000_000_000, n);
            }
        }
        assert!(names.is_suspect(last) && !names.are_all_plain());
        let mut plain = PhoneNames::new(8_000, &weights);
        for n in 0..8_000 {
            let phone = (13_000_000_000 + n / 8).to_string();
            plain.see(&RosterRow { name: &name(n), phone: &phone, ..RosterRow::default() });
        }
        assert!(plain.are_all_plain(), "a thousand families of eight");
    }

    #[test]
    fn rows_that_name_nobody_count_for_nobody() {
        let nobody = vec![(String::new(), String::new(), "某村1号".to_owned()); 40];
        assert!(shared(&nobody).is_empty());
    }
}
