//! The only source of chance: a ChaCha stream of its own for each part of the world, whole numbers only.
//!
//! Every part draws from a stream numbered for it, so that a change in one part leaves the others as they were. Only
//! `u32` ranges are drawn (`usize` would differ between platforms), and there is no floating point.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// `stream` names the part of the world that throws these dice.
    pub fn new(seed: u64, stream: u64) -> Dice {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Dice(rng)
    }

    /// `0..bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 { 0 } else { self.0.random_range(0..bound) }
    }

    /// Both ends included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { low + i64::from(self.below((high - low + 1) as u32)) }
    }

    pub fn per_mille(&mut self, rate: u32) -> bool {
        self.below(1_000) < rate
    }

    /// In parts of a hundred thousand.
    pub fn per_lakh(&mut self, rate: u32) -> bool {
        self.below(100_000) < rate
    }

    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u32) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// An index, with the weights' chances.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, &weight) in weights.iter().enumerate() {
            if left < weight {
                return index;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }

    /// `wanted` of the candidates, in random order; fewer if there are fewer.
    pub fn some_of<T>(&mut self, mut candidates: Vec<T>, wanted: usize) -> Vec<T> {
        self.shuffle(&mut candidates);
        candidates.truncate(wanted);
        candidates
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn weights_are_kept_and_streams_differ() {
        let mut dice = Dice::new(1, 1);
        let mut seen = [0_u32; 3];
        for _ in 0..4_000 {
            seen[dice.weighted(&[1, 0, 3])] += 1;
        }
        assert_eq!(seen[1], 0);
        assert!((700..1_300).contains(&seen[0]), "{seen:?}");
        let draw = |stream| {
            (0..8).map(|_| 0).scan(Dice::new(1, stream), |d, _| Some(d.below(1_000))).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
