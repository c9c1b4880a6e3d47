//! Yes/no values of many rows, gathered block by block.

use crate::view::Truths;
use crate::words::{low, pack};
use arrow_buffer::{BooleanBuffer, Buffer};

const BITS: usize = u64::BITS as usize;

/// Bits behind the last row are not set.
#[derive(Default)]
pub(crate) struct Bitmap {
    words: Vec<u64>,
    rows: usize,
}

impl Bitmap {
    pub fn with_room(rows: usize) -> Bitmap {
        // One word more: pieces that begin within a word overlap.
        Bitmap { words: Vec::with_capacity(rows.div_ceil(BITS) + 1), rows: 0 }
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    pub fn is_set(&self, row: usize) -> bool {
        self.words[row / BITS] >> (row % BITS) & 1 == 1
    }

    pub fn clear(&mut self, row: usize) {
        self.words[row / BITS] &= !(1 << (row % BITS));
    }

    pub fn push(&mut self, truths: &Truths<'_>, rows: usize) {
        let words = rows.div_ceil(BITS);
        match truths {
            Truths::Same(set) => self.push_words((0..words).map(|_| if *set { u64::MAX } else { 0 }), rows),
            Truths::Words(words) => self.push_words(words.iter().copied(), rows),
            Truths::Bytes(bytes) => {
                let mut packed = vec![0; words];
                pack(&mut packed, &bytes[..rows], 1);
                self.push_words(packed.into_iter(), rows);
            }
        }
    }

    fn push_words(&mut self, words: impl Iterator<Item = u64>, rows: usize) {
        let shift = self.rows % BITS;
        for (at, word) in words.enumerate() {
            let word = word & low(rows - at * BITS);
            match self.words.last_mut().filter(|_| shift > 0) {
                Some(last) => {
                    *last |= word << shift;
                    self.words.push(word >> (BITS - shift));
                }
                None => self.words.push(word),
            }
        }
        self.rows += rows;
        self.words.truncate(self.rows.div_ceil(BITS));
    }

    pub fn finish(self) -> BooleanBuffer {
        BooleanBuffer::new(Buffer::from_vec(self.words), 0, self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_length_stand_one_after_the_other() {
        let mut bitmap = Bitmap::default();
        let mut wanted = Vec::new();
        let words = [0xF0F0_1234_5678_9ABC_u64, u64::MAX, 0x0101_0101_0101_0101];
        let bytes: Vec<u8> = (0..130).map(|row| u8::from(row % 3 == 0)).collect();
        for rows in [0, 1, 63, 64, 65, 5, 128, 129, 7] {
            bitmap.push(&Truths::Words(&words[..usize::div_ceil(rows, 64)]), rows);
            wanted.extend((0..rows).map(|row| words[row / 64] >> (row % 64) & 1 == 1));
            bitmap.push(&Truths::Bytes(&bytes[..rows]), rows);
            wanted.extend((0..rows).map(|row| row % 3 == 0));
            bitmap.push(&Truths::Same(rows % 2 == 1), rows);
            wanted.extend((0..rows).map(|_| rows % 2 == 1));
        }
        assert_eq!(bitmap.finish().iter().collect::<Vec<bool>>(), wanted);
    }
}
