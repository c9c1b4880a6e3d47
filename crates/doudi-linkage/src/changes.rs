//! What has changed between two registers, as far as it can change an answer.
//!
//! An answer follows from the row, the weights, the persons whom the row's keys find, and how common their names are (in
//! coarse steps, see [`coarse_log2`]). So an answer of last month holds if no key of the row finds anybody who came, went
//! or changed. Too many keys marked here cost time; too few would give answers that linking from nothing does not give.

use crate::block::mix;
use crate::index::{By, Index};
use crate::link::Kept;
use crate::row::RosterRow;
use crate::shared_phones::{SharedPhones, phone_of};
use crate::weights::Weights;
use rustc_hash::{FxHashMap, FxHashSet};

const NOBODY: u32 = u32::MAX;

/// The keys under which somebody came, went or changed, and the new numbers of the old persons.
#[derive(Default)]
pub struct Changes {
    dirty: FxHashSet<u32>,
    /// By a mark's last bits, whether a dirty one ends so: most marks are told clean by that.
    sieve: Vec<u64>,
    /// `None`: it is the same register.
    new_of_old: Option<Vec<u32>>,
    /// By old number, the person's new one where what was said of a row that gives their number and name still holds.
    owners: Vec<u32>,
    /// How many persons there were and are.
    persons: (usize, usize),
    /// Phones that have become many households', or are not any more.
    phones: FxHashSet<u64>,
}

impl Changes {
    /// The register is the same.
    pub fn none() -> Changes {
        Changes::default()
    }

    /// `new_of_old`: by old number, the number that the same person has now, if they are still there.
    pub fn between(old: &Index, new: &Index, new_of_old: Vec<Option<u32>>) -> Changes {
        let mut changes = Changes { persons: (old.len(), new.len()), ..Changes::default() };
        let mut comparison = Comparison::new(old, new, new_of_old);
        comparison.forget_the_displaced();
        comparison.mark(&mut changes);
        changes.make_sieve();
        let holds = |now: &u32| changes.owner_holds(new, *now);
        changes.owners = comparison.pairs().map(|(_, now)| now.filter(holds).unwrap_or(NOBODY)).collect();
        changes.new_of_old =
            Some(comparison.new_of_old.into_iter().map(|person| person.unwrap_or(NOBODY)).collect());
        changes
    }

    /// Other phones than before stand for nobody.
    pub fn with_shared_phones(mut self, before: &SharedPhones, now: &SharedPhones) -> Changes {
        self.phones = before.differing(now).collect();
        self
    }

    /// Whether a row's phone says something else than it did: then no answer holds.
    pub fn touch_phone(&self, row: &RosterRow<'_>) -> bool {
        !self.phones.is_empty() && phone_of(row).is_some_and(|phone| self.phones.contains(&phone))
    }

    /// A row that gives somebody's number and very name rests on who else has the number, and on how common name, phone and
    /// account are; of whoever has become otherwise named, the number is dirty.
    fn owner_holds(&self, new: &Index, now: u32) -> bool {
        ![By::Id, By::Phone, By::Account]
            .into_iter()
            .any(|by| self.is_dirty(mark(by as u64, new.key_of(by, now))))
    }

    /// What was said of a row whose person was found, as it is to be said now; `None` where the row has to be asked again.
    /// `keys` are those of [`crate::Answered`]. Not for weights by which the changes
    /// [touch every name](Changes::touch_every_name).
    pub fn settled_again(&self, kept: Kept, keys: &[u32]) -> Option<Kept> {
        let person = kept.person?;
        let Some(numbers) = &self.new_of_old else { return Some(kept) };
        let now = match keys {
            [] => self.owners.get(person as usize),
            keys if self.touch_any(keys) => None,
            _ => numbers.get(person as usize),
        };
        let now = now.copied().filter(|&person| person != NOBODY)?;
        Some(Kept { person: Some(now), ..kept })
    }

    /// The new number of a person; nobody, if they are gone or have moved about so that no answer may name them.
    pub fn person(&self, old: u32) -> Option<u32> {
        match &self.new_of_old {
            None => Some(old),
            Some(numbers) => numbers.get(old as usize).copied().filter(|&person| person != NOBODY),
        }
    }

    /// Every name has become more or less common than it was: no answer holds.
    pub fn touch_every_name(&self, weights: &Weights) -> bool {
        coarse_population(self.persons.0, weights) != coarse_population(self.persons.1, weights)
    }

    /// Whether somebody came, went or changed under one of these keys.
    pub(crate) fn touch_any(&self, keys: &[u32]) -> bool {
        keys.iter().any(|mark| self.is_dirty(*mark))
    }

    fn is_dirty(&self, mark: u32) -> bool {
        let (word, bit) = self.place(mark);
        self.sieve.get(word).is_some_and(|word| word & bit != 0) && self.dirty.contains(&mark)
    }

    fn make_sieve(&mut self) {
        /// Of so many clean marks about one is not told clean at once.
        const ROOM: usize = 16;
        self.sieve = vec![0; (self.dirty.len() * ROOM / 64).next_power_of_two()];
        let places = self.dirty.iter().map(|mark| self.place(*mark));
        // Whatever their order, the same bits are set.
        let places: Vec<(usize, u64)> = places.collect();
        places.into_iter().for_each(|(word, bit)| self.sieve[word] |= bit);
    }

    fn place(&self, mark: u32) -> (usize, u64) {
        ((mark >> 6) as usize & (self.sieve.len().max(1) - 1), 1 << (mark & 63))
    }

    fn add(&mut self, mark: u32, key: u64) {
        if key != 0 {
            self.dirty.insert(mark);
        }
    }

    fn add_person(&mut self, index: &Index, person: u32) {
        // Nobody is looked for by the household, and namesakes are looked for anew.
        for by in By::ALL.into_iter().filter(|by| !matches!(by, By::Household | By::Sound)) {
            let key = index.key_of(by, person);
            self.add(mark(by as u64, key), key);
            self.add(mark_around(by, key), key);
        }
    }
}

/// Two marks are one by chance once in four billion pairs: then an answer is given anew that would have held.
fn mark(tag: u64, key: u64) -> u32 {
    (mix(key ^ mix(tag + 1)) >> 32) as u32
}

/// The mark of a key that a row is looked up by. Whoever is found by number brings the household along.
pub(crate) fn mark_around(by: By, key: u64) -> u32 {
    mark(if matches!(by, By::Id) { By::Household as u64 } else { by as u64 }, key)
}

/// How common something is, in half bits: a register that grows by a few does not change it.
pub(crate) fn coarse_log2(count: f64) -> f64 {
    (count.log2() * 2.0).round() / 2.0
}

/// How many persons a row could speak of.
pub(crate) fn coarse_population(persons: usize, weights: &Weights) -> f64 {
    coarse_log2((persons as f64 + weights.settings.pseudo_population).max(1.0))
}

struct Comparison<'i> {
    old: &'i Index,
    new: &'i Index,
    new_of_old: Vec<Option<u32>>,
    /// By new number, whether the person was there.
    was_there: Vec<bool>,
}

impl<'i> Comparison<'i> {
    fn new(old: &'i Index, new: &'i Index, mut new_of_old: Vec<Option<u32>>) -> Comparison<'i> {
        new_of_old.resize(old.len(), None);
        Comparison { old, new, new_of_old, was_there: vec![false; new.len()] }
    }

    /// Of two that fit alike the first of the register is taken: whoever stands in another order now counts as gone and
    /// come. So does whoever a second old person claims to be.
    fn forget_the_displaced(&mut self) {
        let mut last = None;
        for place in &mut self.new_of_old {
            match *place {
                Some(person)
                    if last.is_none_or(|last| last < person) && (person as usize) < self.was_there.len() =>
                {
                    last = Some(person);
                    self.was_there[person as usize] = true;
                }
                _ => *place = None,
            }
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (u32, Option<u32>)> {
        (0..).zip(self.new_of_old.iter().copied())
    }

    /// Persons who came, went or are written otherwise, who live with others now, or whose name has become so much more or
    /// less common that it says something else.
    fn mark(&self, changes: &mut Changes) {
        let homes = Homes::of(self);
        let common = |index: &Index| -> Vec<f64> {
            index.name_counts().map(|count| coarse_log2(f64::from(count) + 1.0)).collect()
        };
        let (was_common, is_common) = (common(self.old), common(self.new));
        let mut touched = [FxHashSet::default(), FxHashSet::default()];
        for (before, now) in self.pairs() {
            let home = self.old.household(before);
            let Some(now) = now else {
                changes.add_person(self.old, before);
                touched[0].insert(home);
                continue;
            };
            let home_now = self.new.household(now);
            if !self.old.says_the_same(before, self.new, now) || !homes.stayed(home, home_now) {
                changes.add_person(self.old, before);
                changes.add_person(self.new, now);
                touched[0].insert(home);
                touched[1].insert(home_now);
            } else if was_common[self.old.name_number(before)] != is_common[self.new.name_number(now)] {
                changes.add_person(self.new, now);
            }
        }
        for (person, _) in (0..).zip(&self.was_there).filter(|(_, was_there)| !**was_there) {
            changes.add_person(self.new, person);
            touched[1].insert(self.new.household(person));
        }
        self.mark_households(&touched, changes);
    }

    /// All members of a household where anything changed are marked by their numbers, as somebody of that household.
    fn mark_households(&self, touched: &[FxHashSet<u32>; 2], changes: &mut Changes) {
        for (index, touched) in [self.old, self.new].into_iter().zip(touched) {
            for person in (0..index.len() as u32).filter(|&person| touched.contains(&index.household(person)))
            {
                let key = index.key_of(By::Id, person);
                changes.add(mark_around(By::Id, key), key);
            }
        }
    }
}

/// Which households are the same: the first two that share a person.
struct Homes {
    new_of_old: FirstOf,
    old_of_new: FirstOf,
}

impl Homes {
    fn of(comparison: &Comparison<'_>) -> Homes {
        let (old, new) = (comparison.old, comparison.new);
        let mut homes = Homes { new_of_old: FirstOf::new(old.len()), old_of_new: FirstOf::new(new.len()) };
        for (before, now) in comparison.pairs() {
            let Some(now) = now else { continue };
            let (before, now) = (old.household(before), new.household(now));
            homes.new_of_old.put(before, now);
            homes.old_of_new.put(now, before);
        }
        homes
    }

    fn stayed(&self, before: u32, now: u32) -> bool {
        self.new_of_old.get(before) == Some(now) && self.old_of_new.get(now) == Some(before)
    }
}

/// The first number given for each number. Households are mostly numbered from zero on.
struct FirstOf {
    near: Vec<u32>,
    far: FxHashMap<u32, u32>,
}

impl FirstOf {
    fn new(count: usize) -> FirstOf {
        FirstOf { near: vec![NOBODY; count], far: FxHashMap::default() }
    }

    fn put(&mut self, number: u32, value: u32) {
        match self.near.get_mut(number as usize) {
            // The one number that stands for none here is kept elsewhere.
            Some(place) if value != NOBODY => {
                if *place == NOBODY {
                    *place = value;
                }
            }
            _ => {
                self.far.entry(number).or_insert(value);
            }
        }
    }

    fn get(&self, number: u32) -> Option<u32> {
        let near = self.near.get(number as usize).copied().filter(|&value| value != NOBODY);
        near.or_else(|| self.far.get(&number).copied())
    }
}
