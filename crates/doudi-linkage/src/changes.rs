//! What has changed between two registers, as far as it can change an answer.
//!
//! An answer follows from the row, the weights, the persons whom the row's keys find, and how common their names are (in
//! coarse steps, see [`coarse_log2`]). So an answer of last month holds if no key of the row finds anybody who came, went
//! or changed. Too many keys marked here cost time; too few would give answers that linking from nothing does not give.

use crate::block::mix;
use crate::index::{By, Index};
use crate::weights::Weights;
use rustc_hash::{FxHashMap, FxHashSet};

const NOBODY: u32 = u32::MAX;

/// The keys under which somebody came, went or changed, and the new numbers of the old persons.
#[derive(Default)]
pub struct Changes {
    dirty: FxHashSet<u64>,
    /// `None`: it is the same register.
    new_of_old: Option<Vec<u32>>,
    /// How many persons there were and are.
    persons: (usize, usize),
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
        comparison.mark_persons(&mut changes);
        comparison.mark_households(&mut changes);
        comparison.mark_names(&mut changes);
        changes.new_of_old =
            Some(comparison.new_of_old.into_iter().map(|person| person.unwrap_or(NOBODY)).collect());
        changes
    }

    /// The new number of a person; nobody, if they are gone or have moved about so that no answer may name them.
    pub fn person(&self, old: u32) -> Option<u32> {
        match &self.new_of_old {
            None => Some(old),
            Some(numbers) => numbers.get(old as usize).copied().filter(|&person| person != NOBODY),
        }
    }

    /// Every name has become more or less common than it was.
    pub(crate) fn touch_every_name(&self, weights: &Weights) -> bool {
        coarse_population(self.persons.0, weights) != coarse_population(self.persons.1, weights)
    }

    pub(crate) fn touch(&self, by: By, key: u64) -> bool {
        key != 0 && self.dirty.contains(&mark(by, key))
    }

    fn add(&mut self, by: By, key: u64) {
        if key != 0 {
            self.dirty.insert(mark(by, key));
        }
    }

    fn add_person(&mut self, index: &Index, person: u32) {
        for by in By::ALL {
            self.add(by, index.key_of(by, person));
        }
    }
}

fn mark(by: By, key: u64) -> u64 {
    mix(key ^ mix(by as u64 + 1))
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

    /// Persons who came, went or are written otherwise, or who live with others now.
    fn mark_persons(&self, changes: &mut Changes) {
        let homes = Homes::of(self);
        for (before, now) in self.pairs() {
            let Some(now) = now else {
                changes.add_person(self.old, before);
                continue;
            };
            let same = self.old.says_the_same(before, self.new, now)
                && homes.stayed(self.old.household(before), self.new.household(now));
            if !same {
                changes.add_person(self.old, before);
                changes.add_person(self.new, now);
            }
        }
        for (person, _) in (0..).zip(&self.was_there).filter(|(_, was_there)| !**was_there) {
            changes.add_person(self.new, person);
        }
    }

    /// Whoever is found by number brings the household along: all members of one where anything changed are marked by
    /// their numbers.
    fn mark_households(&self, changes: &mut Changes) {
        let mut touched = [FxHashSet::default(), FxHashSet::default()];
        let homes = Homes::of(self);
        for (before, now) in self.pairs() {
            let same = now.is_some_and(|now| {
                self.old.says_the_same(before, self.new, now)
                    && homes.stayed(self.old.household(before), self.new.household(now))
            });
            if !same {
                touched[0].insert(self.old.household(before));
                touched[1].extend(now.map(|now| self.new.household(now)));
            }
        }
        for (person, _) in (0..).zip(&self.was_there).filter(|(_, was_there)| !**was_there) {
            touched[1].insert(self.new.household(person));
        }
        for (index, touched) in [self.old, self.new].into_iter().zip(&touched) {
            for person in (0..index.len() as u32).filter(|&person| touched.contains(&index.household(person)))
            {
                changes.add(By::Id, index.key_of(By::Id, person));
            }
        }
    }

    /// Everybody whose name has become so much more or less common that it says something else.
    fn mark_names(&self, changes: &mut Changes) {
        let common = |index: &Index, person| coarse_log2(f64::from(index.name_count(person)) + 1.0);
        for (before, now) in self.pairs() {
            let Some(now) = now else { continue };
            let same_name = self.old.name(before) == self.new.name(now);
            if same_name && common(self.old, before) != common(self.new, now) {
                changes.add_person(self.new, now);
            }
        }
    }
}

/// Which households are the same: the first two that share a person.
struct Homes {
    new_of_old: FxHashMap<u32, u32>,
    old_of_new: FxHashMap<u32, u32>,
}

impl Homes {
    fn of(comparison: &Comparison<'_>) -> Homes {
        let mut homes = Homes { new_of_old: FxHashMap::default(), old_of_new: FxHashMap::default() };
        for (before, now) in comparison.pairs() {
            let Some(now) = now else { continue };
            let (before, now) = (comparison.old.household(before), comparison.new.household(now));
            homes.new_of_old.entry(before).or_insert(now);
            homes.old_of_new.entry(now).or_insert(before);
        }
        homes
    }

    fn stayed(&self, before: u32, now: u32) -> bool {
        self.new_of_old.get(&before) == Some(&now) && self.old_of_new.get(&now) == Some(&before)
    }
}
