//! Blocks: which persons share a key. Eight bytes an entry, no text, answers in the order persons were added.

/// Spreads the bits of a key (the finaliser of SplitMix64).
pub(crate) fn mix(key: u64) -> u64 {
    let key = key.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let key = (key ^ (key >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    key ^ (key >> 31)
}

/// Persons by key. Two keys may fall together (the odds are one in 2^50): callers compare what they find.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Buckets are the keys' leading bits; entries of bucket `b` are `starts[b]..starts[b + 1]`.
    starts: Vec<u32>,
    /// The key's low bits, and the person; sorted within a bucket.
    entries: Vec<(u32, u32)>,
    shift: u32,
}

impl Block {
    /// One key per person, in their order; 0 = the person is not in this block.
    pub(crate) fn new(keys: impl Iterator<Item = u64> + Clone) -> Block {
        let count = keys.clone().filter(|&key| key != 0).count();
        let bits = count.max(2).next_power_of_two().trailing_zeros();
        let shift = 64 - bits;
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for key in keys.clone().filter(|&key| key != 0) {
            starts[(mix(key) >> shift) as usize + 1] += 1;
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0_u32, 0_u32); count];
        for (person, key) in (0_u32..).zip(keys).filter(|&(_, key)| key != 0) {
            let hash = mix(key);
            let place = &mut next[(hash >> shift) as usize];
            entries[*place as usize] = (hash as u32, person);
            *place += 1;
        }
        for bucket in starts.windows(2) {
            let bucket = &mut entries[bucket[0] as usize..bucket[1] as usize];
            if bucket.len() > 1 {
                bucket.sort_unstable();
            }
        }
        Block { starts, entries, shift }
    }

    fn range(&self, key: u64) -> &[(u32, u32)] {
        if key == 0 || self.entries.is_empty() {
            return &[];
        }
        let hash = mix(key);
        let (bucket, tag) = ((hash >> self.shift) as usize, hash as u32);
        let bucket = &self.entries[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let from = bucket.partition_point(|&(other, _)| other < tag);
        let to = from + bucket[from..].partition_point(|&(other, _)| other == tag);
        &bucket[from..to]
    }

    /// How many persons share the key.
    pub(crate) fn count(&self, key: u64) -> usize {
        self.range(key).len()
    }

    /// The persons of a key, or nobody when they are more than `most`: a key that many share tells nothing.
    pub(crate) fn persons(&self, key: u64, most: usize) -> impl Iterator<Item = u32> {
        let range = self.range(key);
        let range = if range.len() > most { &[] } else { range };
        range.iter().map(|&(_, person)| person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_found_by_key_and_crowds_are_not() {
        let block = Block::new([7_u64, 0, 9, 7, 7].into_iter());
        assert_eq!(block.persons(7, 3).collect::<Vec<_>>(), [0, 3, 4]);
        assert_eq!(block.persons(7, 2).count(), 0);
        assert_eq!((block.count(9), block.count(0), block.count(8)), (1, 0, 0));
        assert_eq!(Block::new(std::iter::empty()).count(7), 0);
    }
}
