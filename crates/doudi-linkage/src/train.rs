//! Weights from one's own data, without knowing the truth (Fellegi and Sunter's model, fitted by expectation and
//! maximisation).
//!
//! What strangers have in common is counted on pairs drawn at random. What a person and their own row have in common is
//! not seen anywhere, but can be found by turns: with the weights so far, each candidate of a row gets its share of being
//! the one (of all candidates and nobody); counted by these shares, the levels give better weights. The model keeps to one
//! person per row, as linking does. Names keep their rarity: only what comes on top of it is fitted.
//!
//! Nothing here trusts the result: a level that hardly occurs, turns its sign or runs away keeps the weight it had, and is
//! told with the reason.

use crate::block::mix;
use crate::index::Index;
use crate::row::{Reading, RosterRow};
use crate::weigh::{Context, Weighing};
use crate::weights::{Level, Weights};
use std::collections::BTreeMap;

/// Turns at most, and when no weight moves by more than this (bits), it is done.
const MOST_TURNS: usize = 40;
const SETTLED: f64 = 0.01;
/// Pairs at random: enough to see what happens once in a hundred thousand.
pub const RANDOM_PAIRS: usize = 2_000_000;
/// A level seen less often than this says too little.
const LEAST_SEEN: f64 = 20.0;
/// A weight that moves further than this was not fitted, it ran away.
const MOST_MOVE: f64 = 8.0;
/// Rows with candidates, and the share of rows that find their person: with less there is nothing to learn from.
const LEAST_ROWS: usize = 200;
const LEAST_LINKED: f64 = 0.05;
/// Stands for no level in a pattern.
const NO_LEVEL: u8 = u8::MAX;
const LEVELS: usize = Level::ALL.len();

/// One candidate of a row: its levels, and how rare its name is.
#[derive(Clone, Copy)]
struct Candidate {
    levels: [u8; 10],
    rarity: f32,
    /// Both live in one village, by code or text: only then the house is compared.
    same_village: bool,
}

/// Agreement patterns of rows and of pairs at random.
pub struct Training<'a> {
    index: &'a Index,
    shipped: &'a Weights,
    candidates: Vec<Candidate>,
    /// Where each row's candidates end.
    ends: Vec<u32>,
    rows: u64,
    random: [u64; LEVELS],
    /// Pairs at random in which the field is known on both sides, by the level's group.
    random_known: BTreeMap<Group, u64>,
    random_pairs: u64,
    seed: u64,
}

/// Levels of one group exclude each other; one of them holds wherever both sides have the field.
type Group = u8;

fn group(level: Level) -> Option<Group> {
    use crate::evidence::Field;
    match (level, level.field()) {
        // The village's text is compared only where the code is silent: what else could be is not seen.
        (Level::AddressVillage | Level::AddressDifferent, _) => None,
        // A different account is not told, so there is nothing to set the same one against.
        (_, Field::Account | Field::Household) => None,
        (_, field) => Some(field as Group),
    }
}

/// What became of one weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    pub level: Level,
    pub before: f64,
    pub after: f64,
    /// Shares among right pairs and among pairs at random.
    pub m: Option<f64>,
    pub u: Option<f64>,
    /// How many candidate pairs showed the level, and how many of them are the row's person (expected).
    pub pairs: u64,
    pub expected: f64,
    /// Why the weight was kept.
    pub kept: Option<&'static str>,
}

/// The result of training.
#[derive(Clone, Debug)]
pub struct Fit {
    pub weights: Weights,
    pub levels: Vec<Trained>,
    pub turns: usize,
    pub settled: bool,
    pub rows: u64,
    pub rows_with_candidates: u64,
    pub pairs: u64,
    pub random_pairs: u64,
    /// Share of the rows that found their person.
    pub linked: f64,
    pub commonest: Vec<(Vec<Level>, u64)>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq)]
pub enum Unfit {
    TooFewRows { found: usize, least: usize },
    HardlyAnybodyLinked { share: f64 },
    NotSettled { turns: usize, moving: &'static str },
}

impl<'a> Training<'a> {
    pub fn new(index: &'a Index, shipped: &'a Weights, seed: u64) -> Training<'a> {
        Training {
            index,
            shipped,
            candidates: Vec::new(),
            ends: Vec::new(),
            rows: 0,
            random: [0; LEVELS],
            random_known: BTreeMap::new(),
            random_pairs: 0,
            seed: mix(seed),
        }
    }

    /// Takes a row: its candidates, and `random` pairs of it with anybody.
    pub fn see(&mut self, row: &RosterRow<'_>, random: usize) {
        self.rows += 1;
        let (index, weights) = (self.index, self.shipped);
        let Some((reading, owners, candidates)) = index.reading_and_candidates(row, weights) else { return };
        let context = Context::with_households(index, &reading, &owners, crate::link::MOST_PER_KEY);
        let weighing = Weighing::new(index, &reading, weights, &context);
        for &person in &candidates {
            let candidate = self.candidate(&weighing, &reading, person);
            self.candidates.push(candidate);
        }
        if !candidates.is_empty() {
            self.ends.push(self.candidates.len() as u32);
        }
        for _ in 0..random {
            self.seed = mix(self.seed);
            let person = (self.seed % index.len().max(1) as u64) as u32;
            let pair = self.candidate(&weighing, &reading, person);
            // Chance sometimes draws the row's own person, and strangers are what is counted here.
            if pair.weight(weights) < index.nobody(weights) {
                self.count_random(&pair);
            }
        }
    }

    fn candidate(&self, weighing: &Weighing<'_>, reading: &Reading, person: u32) -> Candidate {
        let mut levels = [NO_LEVEL; 10];
        let evidence = weighing.evidence(person);
        let found = evidence.iter().filter_map(|evidence| evidence.level);
        for (place, level) in levels.iter_mut().zip(found) {
            *place = level as u8;
        }
        let (ours, theirs) = (reading.address, self.index.address(person));
        let by_text = ours.village != 0 && ours.village == theirs.village;
        Candidate {
            levels,
            rarity: weighing.rarity(person) as f32,
            same_village: by_text || levels.contains(&(Level::RegionVillage as u8)),
        }
    }

    fn count_random(&mut self, pair: &Candidate) {
        self.random_pairs += 1;
        for level in pair.known_levels() {
            self.random[level as usize] += 1;
            if let Some(group) = group(level) {
                *self.random_known.entry(group).or_default() += 1;
            }
        }
        // Where the village is the same, the house is known to be the same or not.
        let different = pair.levels.contains(&(Level::AddressDifferent as u8));
        if pair.same_village && different {
            *self.random_known.entry(crate::evidence::Field::Address as Group).or_default() += 1;
        }
    }

    /// Turns until the weights settle.
    pub fn fit(&self, origin: &str) -> Result<Fit, Unfit> {
        if self.ends.len() < LEAST_ROWS {
            return Err(Unfit::TooFewRows { found: self.ends.len(), least: LEAST_ROWS });
        }
        let mut weights = self.shipped.clone();
        for turn in 1..=MOST_TURNS {
            let shares = self.shares(&weights);
            if shares.linked / (self.rows as f64) < LEAST_LINKED {
                return Err(Unfit::HardlyAnybodyLinked { share: shares.linked / self.rows as f64 });
            }
            let levels = self.levels(&shares);
            let moves = |level: &&Trained| moved_by(level, &weights);
            let furthest = levels.iter().max_by(|a, b| moves(a).total_cmp(&moves(b)));
            let settled = furthest.as_ref().is_none_or(|level| moves(level) < SETTLED);
            let moving = furthest.map_or("", |level| level.level.id());
            for level in levels.iter().filter(|level| level.kept.is_none()) {
                weights.set(level.level, level.after, level.m, level.u, origin);
            }
            if settled {
                return Ok(self.told(weights, levels, turn, &shares));
            }
            if turn == MOST_TURNS {
                return Err(Unfit::NotSettled { turns: turn, moving });
            }
        }
        Err(Unfit::NotSettled { turns: MOST_TURNS, moving: "" })
    }

    /// How much each candidate is expected to be the one, summed by level.
    fn shares(&self, weights: &Weights) -> Shares {
        let mut shares = Shares { by_level: [0.0; LEVELS], other_house: 0.0, linked: 0.0 };
        let nobody = self.index.nobody(weights).exp2();
        let mut from = 0;
        let mut odds = Vec::new();
        for &end in &self.ends {
            let row = &self.candidates[from..end as usize];
            from = end as usize;
            odds.clear();
            odds.extend(row.iter().map(|candidate| candidate.weight(weights).exp2()));
            let all: f64 = odds.iter().sum::<f64>() + nobody;
            for (candidate, odds) in row.iter().zip(&odds) {
                let share = odds / all;
                shares.linked += share;
                for level in candidate.known_levels() {
                    shares.by_level[level as usize] += share;
                    if level == Level::AddressDifferent && candidate.same_village {
                        shares.other_house += share;
                    }
                }
            }
        }
        shares
    }

    /// What each level would weigh by these shares.
    fn levels(&self, shares: &Shares) -> Vec<Trained> {
        let mut by_group: BTreeMap<Group, f64> = BTreeMap::new();
        for level in Level::ALL {
            if let Some(group) = group(level) {
                *by_group.entry(group).or_default() += shares.by_level[level as usize];
            }
        }
        *by_group.entry(crate::evidence::Field::Address as Group).or_default() += shares.other_house;
        let same_name = self.index.share_of_same_names();
        let trained = |level: Level| {
            let before = self.shipped.of(level);
            let expected = shares.by_level[level as usize];
            let mut trained =
                Trained { level, before, after: before, m: None, u: None, pairs: 0, expected, kept: None };
            let Some(group) = group(level) else {
                trained.kept = Some("从名册里数不出来");
                return trained;
            };
            let m = expected / by_group.get(&group).copied().unwrap_or(0.0).max(1e-9);
            let seen = self.random[level as usize] as f64;
            let known = self.random_known.get(&group).copied().unwrap_or(0) as f64;
            let (seen, u) = match level {
                // Counted exactly: drawn pairs show it too rarely.
                Level::NameSame => (f64::INFINITY, same_name),
                _ => (seen, seen / known.max(1.0)),
            };
            if expected < LEAST_SEEN {
                trained.kept = Some("本人的行里见得太少");
                return trained;
            }
            if seen < LEAST_SEEN {
                trained.kept = Some("随机配对里见得太少");
                return trained;
            }
            let weight = match level.is_added_to_rarity() {
                // On top of the rarity of the name, which stands for the same name's share.
                true => (m / u).log2() + same_name.log2(),
                false => (m / u).log2(),
            };
            (trained.m, trained.u) = (Some(m), Some(u));
            trained.kept = fault(level, before, weight);
            if trained.kept.is_none() {
                trained.after = weight;
            }
            trained
        };
        Level::ALL.into_iter().map(trained).collect()
    }

    fn told(&self, weights: Weights, mut levels: Vec<Trained>, turns: usize, shares: &Shares) -> Fit {
        let mut patterns: BTreeMap<[u8; 10], u64> = BTreeMap::new();
        let mut pairs = [0_u64; LEVELS];
        for candidate in &self.candidates {
            *patterns.entry(candidate.levels).or_default() += 1;
            candidate.known_levels().for_each(|level| pairs[level as usize] += 1);
        }
        levels.iter_mut().for_each(|level| level.pairs = pairs[level.level as usize]);
        let mut commonest: Vec<_> = patterns.into_iter().collect();
        commonest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let named = |levels: [u8; 10]| Candidate { levels, rarity: 0.0, same_village: false };
        let commonest = commonest.into_iter();
        Fit {
            weights,
            levels,
            turns,
            settled: true,
            rows: self.rows,
            rows_with_candidates: self.ends.len() as u64,
            pairs: self.candidates.len() as u64,
            random_pairs: self.random_pairs,
            linked: shares.linked / self.rows as f64,
            commonest: commonest.map(|(p, count)| (named(p).known_levels().collect(), count)).collect(),
        }
    }
}

struct Shares {
    by_level: [f64; LEVELS],
    /// Another house of the same village.
    other_house: f64,
    linked: f64,
}

impl Candidate {
    fn known_levels(&self) -> impl Iterator<Item = Level> {
        self.levels.into_iter().filter_map(|level| Level::ALL.get(usize::from(level)).copied())
    }

    fn weight(&self, weights: &Weights) -> f64 {
        use crate::evidence::Field::{Account, Address, Phone, Region};
        let (mut sum, mut household) = (0.0, 0.0);
        for level in self.known_levels() {
            let weight = weights.for_name(level, f64::from(self.rarity));
            match level.field() {
                Region | Address | Phone | Account => household += weight,
                _ => sum += weight,
            }
        }
        sum + household.min(weights.settings.household_most)
    }
}

fn moved_by(level: &Trained, weights: &Weights) -> f64 {
    if level.kept.is_some() { 0.0 } else { (level.after - weights.of(level.level)).abs() }
}

/// Why a fitted weight is not to be believed.
fn fault(level: Level, before: f64, after: f64) -> Option<&'static str> {
    let turned = before.abs() > 1.0 && before.signum() != after.signum() && !level.is_added_to_rarity();
    match () {
        () if !after.is_finite() => Some("算不出来"),
        () if turned => Some("算出来正负颠倒，不可信"),
        () if (after - before).abs() > MOST_MOVE => Some("算出来相差太远，不可信"),
        () => None,
    }
}
