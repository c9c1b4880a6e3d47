//! Yes and no of many rows, a bit each.

/// Rows of one word.
const ROWS: usize = u64::BITS as usize;

/// Bits behind the last row are not set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Bits {
    words: Vec<u64>,
    rows: usize,
}

impl Bits {
    pub fn new(rows: usize) -> Bits {
        Bits { words: vec![0; rows.div_ceil(ROWS)], rows }
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / ROWS).is_some_and(|word| word >> (row % ROWS) & 1 == 1)
    }

    pub fn set(&mut self, row: usize) {
        if row < self.rows {
            self.words[row / ROWS] |= 1 << (row % ROWS);
        }
    }

    /// Sets a row's bit, making room for it, and says whether it was not set.
    pub fn insert(&mut self, row: usize) -> bool {
        if row >= self.rows {
            self.rows = row + 1;
            self.words.resize(self.rows.div_ceil(ROWS), 0);
        }
        let is_new = !self.get(row);
        self.set(row);
        is_new
    }

    /// Sets the bits of so many rows from `base` on, none of which is set yet; of the last word what lies behind them does
    /// not count.
    pub fn put(&mut self, base: usize, rows: usize, words: impl Iterator<Item = u64>) {
        let shift = base % ROWS;
        let mut left = rows.min(self.rows.saturating_sub(base));
        for (at, word) in (base / ROWS..).zip(words) {
            if left == 0 {
                return;
            }
            let word = if left < ROWS { word & ((1 << left) - 1) } else { word };
            left = left.saturating_sub(ROWS);
            self.words[at] |= word << shift;
            if shift > 0
                && let Some(next) = self.words.get_mut(at + 1)
            {
                *next |= word >> (ROWS - shift);
            }
        }
    }

    /// The rows that are set.
    pub fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let row = word.trailing_zeros() as usize;
                word &= word.wrapping_sub(1);
                (row < ROWS).then_some(at * ROWS + row)
            })
        })
    }

    /// The bits of sixty-four rows at a time.
    pub fn words(&self) -> &[u64] {
        &self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_behind_the_last_one_is_inserted_once() {
        let mut bits = Bits::default();
        assert!(bits.insert(70) && bits.insert(3) && bits.insert(200));
        assert!(!bits.insert(70) && !bits.insert(200));
        assert_eq!((bits.len(), bits.rows().collect::<Vec<_>>()), (201, vec![3, 70, 200]));
    }

    #[test]
    fn pieces_of_any_length_stand_where_they_are_put() {
        let is_set = |row: usize| row * row % 7 < 3;
        let mut bits = Bits::new(1_000);
        let mut base = 0;
        for rows in [0, 1, 63, 64, 65, 130, 5, 200, 1_000] {
            let word = |at: usize| {
                (0..ROWS).fold(0, |word, bit| word | u64::from(is_set(base + at * ROWS + bit)) << bit)
            };
            // Bits behind the last row are there, and do not count.
            bits.put(base, rows, (0..rows.div_ceil(ROWS)).map(word));
            base = (base + rows).min(1_000);
            assert!((0..base).all(|row| bits.get(row) == is_set(row)), "{base}");
            assert!((base..1_100).all(|row| !bits.get(row)), "{base}");
        }
        assert_eq!(
            bits.rows().collect::<Vec<_>>(),
            (0..1_000).filter(|row| is_set(*row)).collect::<Vec<_>>()
        );
        assert_eq!(
            bits.words().iter().map(|word| word.count_ones() as usize).sum::<usize>(),
            bits.rows().count()
        );
        bits.set(1_000);
        assert!(!bits.get(1_000));
    }
}
