//! Entries of the register that are probably one human. Found here; whether they are is for two people to say.

use crate::calibration::Doubt;
use crate::evidence::Evidence;
use crate::index::{By, Index};
use crate::row::Reading;
use crate::weigh::{Context, Weighing};
use crate::weights::{LINK, Weights};

/// Among more entries than this with one name and one day of birth, or one number, nobody is looked for: the work stays
/// bounded, and a number that so many have is nobody's.
const MOST_PER_GROUP: usize = 32;

/// Two entries, the earlier one first.
#[derive(Clone, PartialEq, Debug)]
pub struct Duplicate {
    pub first: u32,
    pub second: u32,
    /// That the two are one human.
    pub probability: f64,
    /// How the first compares with the second.
    pub evidence: Vec<Evidence>,
}

impl Duplicate {
    /// In plain Chinese, for the two who decide.
    pub fn describe(&self) -> String {
        self.evidence.iter().map(Evidence::describe).collect::<Vec<_>>().join("；")
    }
}

impl Index {
    /// Pairs of entries with one number, or with one name (as it sounds) and one day of birth, that are more likely one
    /// human than two; in the register's order.
    pub fn duplicates(&self, weights: &Weights) -> Vec<Duplicate> {
        self.duplicates_by(&[By::Id, By::SoundAndBirth], weights)
    }

    /// The same, and pairs with one phone, one house, or one name in one village: for people of whom nothing is certain,
    /// like those whom only rosters know. Of a whole register everybody would be compared with the family.
    pub fn duplicates_nearby(&self, weights: &Weights) -> Vec<Duplicate> {
        let by = [By::Id, By::SoundAndBirth, By::Phone, By::Home, By::SoundAndVillage, By::SoundAndRegion];
        self.duplicates_by(&by, weights)
    }

    fn duplicates_by(&self, by: &[By], weights: &Weights) -> Vec<Duplicate> {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for &by in by {
            for group in self.block(by).groups(MOST_PER_GROUP) {
                for (at, &(_, first)) in group.iter().enumerate() {
                    pairs.extend(group[at + 1..].iter().map(|&(_, second)| (first, second)));
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs.into_iter().filter_map(|pair| self.duplicate(pair, weights)).collect()
    }

    fn duplicate(&self, (first, second): (u32, u32), weights: &Weights) -> Option<Duplicate> {
        let mut reading = Reading::of_person(self, first);
        reading.pass_over_phone(weights);
        let context = Context::default();
        let mut weighing = Weighing::new(self, &reading, weights, &context);
        weighing.weigh(second);
        let (_, weight) = weighing.result().0?;
        let same_number = self.id(first) != 0 && self.id(first) == self.id(second);
        let kind = Doubt::of(None, same_number, true);
        let probability = weights.calibration.probability(kind, weight - self.nobody(weights));
        (probability >= LINK).then(|| Duplicate {
            first,
            second,
            probability,
            evidence: weighing.evidence(second).to_vec(),
        })
    }
}
