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
    pub(crate) fn new(keys: impl Iterator<Item = u64>) -> Block {
        // The one key whose hash is 0 is not kept; no key is ever made to be it.
        let hashes: Vec<u64> = keys.map(|key| if key == 0 { 0 } else { mix(key) }).collect();
        let known = || (0_u32..).zip(&hashes).filter(|&(_, &hash)| hash != 0);
        let count = known().count();
        // A few entries a bucket: the starts stay in the nearest memory.
        let bits = (count / 4).max(2).next_power_of_two().trailing_zeros();
        let shift = 64 - bits;
        // Counted one bucket further on, so that filling leaves the starts behind.
        let mut starts = vec![0_u32; (1 << bits) + 2];
        for (_, hash) in known() {
            starts[(hash >> shift) as usize + 2] += 1;
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut entries = vec![(0_u32, 0_u32); count];
        for (person, &hash) in known() {
            let place = &mut starts[(hash >> shift) as usize + 1];
            entries[*place as usize] = (hash as u32, person);
            *place += 1;
        }
        for bucket in starts[..=1 << bits].windows(2) {
            let bucket = &mut entries[bucket[0] as usize..bucket[1] as usize];
            sort(bucket);
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

    /// Persons who share a key, where they are several and at most `most`; each with the key's low bits.
    pub(crate) fn groups(&self, most: usize) -> impl Iterator<Item = &[(u32, u32)]> {
        let buckets = self.starts[..self.starts.len().saturating_sub(1)].windows(2);
        let runs = buckets.flat_map(|bucket| {
            self.entries[bucket[0] as usize..bucket[1] as usize].chunk_by(|(a, _), (b, _)| a == b)
        });
        runs.filter(move |run| (2..=most).contains(&run.len()))
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

/// By the low bits. Entries come in the order of persons, which stays; of a few, moving each to its place takes least.
fn sort(bucket: &mut [(u32, u32)]) {
    const FEW: usize = 24;
    if bucket.len() > FEW {
        return bucket.sort_unstable();
    }
    for end in 1..bucket.len() {
        let entry = bucket[end];
        let mut at = end;
        while at > 0 && bucket[at - 1].0 > entry.0 {
            bucket[at] = bucket[at - 1];
            at -= 1;
        }
        bucket[at] = entry;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_sorted_by_low_bits_and_then_by_person_however_many_it_holds() {
        for count in [0, 1, 2, 5, 24, 25, 300_u32] {
            let unsorted: Vec<(u32, u32)> =
                (0..count).map(|person| (mix(person.into()) as u32 % 7, person)).collect();
            let (mut ours, mut plain) = (unsorted.clone(), unsorted);
            sort(&mut ours);
            plain.sort_unstable();
            assert_eq!(ours, plain);
        }
    }

    #[test]
    fn persons_are_found_by_key_and_crowds_are_not() {
        let block = Block::new([7_u64, 0, 9, 7, 7].into_iter());
        assert_eq!(block.persons(7, 3).collect::<Vec<_>>(), [0, 3, 4]);
        assert_eq!(block.persons(7, 2).count(), 0);
        assert_eq!(block.groups(3).map(|group| group.len()).collect::<Vec<_>>(), [3]);
        assert_eq!(block.groups(2).count(), 0);
        assert_eq!((block.count(9), block.count(0), block.count(8)), (1, 0, 0));
        assert_eq!(Block::new(std::iter::empty()).count(7), 0);
    }
}
