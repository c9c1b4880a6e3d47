//! The loops over packed masks. Bits behind the last row mean nothing: whoever reads rows one by one leaves them out.

use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;
use std::ops::Range;

const BITS: usize = u64::BITS as usize;

/// The first rows of a word.
#[inline(always)]
pub(crate) fn low(rows: usize) -> u64 {
    if rows >= BITS { u64::MAX } else { (1 << rows) - 1 }
}

/// The words of a mask without what stands behind the last row.
pub(crate) fn clean(words: &[u64], rows: usize) -> impl Iterator<Item = u64> + '_ {
    words.iter().enumerate().map(move |(at, word)| word & low(rows - at * BITS))
}

/// Rows that are set, in order.
pub(crate) fn set_rows(words: &[u64], rows: usize) -> impl Iterator<Item = usize> + '_ {
    clean(words, rows).enumerate().flat_map(|(at, mut word)| {
        std::iter::from_fn(move || {
            let row = at * BITS + word.trailing_zeros() as usize;
            (word != 0).then(|| {
                word &= word - 1;
                row
            })
        })
    })
}

#[inline(always)]
pub(crate) fn count(words: &[u64], rows: usize) -> usize {
    clean(words, rows).map(|word| word.count_ones() as usize).sum()
}

/// Some rows of a packed column.
#[inline(always)]
pub(crate) fn copy(out: &mut [u64], buffer: &BooleanBuffer, rows: &Range<usize>) {
    let chunks = BitChunks::new(buffer.values(), buffer.offset() + rows.start, rows.len());
    out.iter_mut().zip(chunks.iter_padded()).for_each(|(out, word)| *out = word);
}

/// The rows whose byte has one of these bits.
#[inline(always)]
pub(crate) fn pack(out: &mut [u64], bytes: &[u8], bits: u8) {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const REST: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    /// Brings the lowest bits of eight bytes together in the highest one.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let wanted = LOW.wrapping_mul(u64::from(bits));
    for (out, bytes) in out.iter_mut().zip(bytes.chunks(BITS)) {
        let (eights, rest) = bytes.as_chunks::<8>();
        let mut word = 0;
        for (at, eight) in eights.iter().enumerate() {
            let found = u64::from_le_bytes(*eight) & wanted;
            let some = ((found & REST).wrapping_add(REST) | found) >> 7 & LOW;
            word |= (some.wrapping_mul(GATHER) >> 56) << (8 * at);
        }
        for (at, byte) in rest.iter().enumerate() {
            word |= u64::from(byte & bits != 0) << (8 * eights.len() + at);
        }
        *out = word;
    }
}

/// Sets or clears neighbouring rows.
#[inline(always)]
fn put(out: &mut [u64], rows: Range<usize>, set: bool) {
    let mut start = rows.start;
    while start < rows.end {
        let (at, from) = (start / BITS, start % BITS);
        let many = (rows.end - start).min(BITS - from);
        let mask = low(many) << from;
        out[at] = if set { out[at] | mask } else { out[at] & !mask };
        start += many;
    }
}

/// An owner's bit for each of its rows.
#[inline(always)]
pub(crate) fn spread(out: &mut [u64], of: &[u64], bounds: &[u32]) {
    let owners = bounds.len().saturating_sub(1);
    let set = count(of, owners);
    // What most owners are is written at once.
    let most = set * 2 > owners;
    out.fill(if most { u64::MAX } else { 0 });
    if set == 0 || set == owners {
        return;
    }
    let first = bounds[0];
    for (at, word) in of.iter().enumerate() {
        let mut odd = (if most { !word } else { *word }) & low(owners - at * BITS);
        while odd != 0 {
            let owner = at * BITS + odd.trailing_zeros() as usize;
            odd &= odd - 1;
            put(out, (bounds[owner] - first) as usize..(bounds[owner + 1] - first) as usize, !most);
        }
    }
}

/// The owners of whose rows one is set.
#[inline(always)]
pub(crate) fn some_row(out: &mut [u64], words: &[u64], bounds: &[u32]) {
    out.fill(0);
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return };
    let (owners, rows) = (bounds.len() - 1, (last - first) as usize);
    let set = count(words, rows);
    if set == 0 {
        return;
    }
    if set * 4 < owners {
        for row in set_rows(words, rows) {
            let owner = bounds.partition_point(|start| (start - first) as usize <= row) - 1;
            out[owner / BITS] |= 1 << (owner % BITS);
        }
        return;
    }
    for (owner, bounds) in bounds.windows(2).enumerate() {
        let (start, end) = ((bounds[0] - first) as usize, (bounds[1] - first) as usize);
        out[owner / BITS] |= u64::from(any(words, start..end)) << (owner % BITS);
    }
}

#[inline(always)]
fn any(words: &[u64], rows: Range<usize>) -> bool {
    let mut start = rows.start;
    let mut found = 0;
    while start < rows.end {
        let (at, from) = (start / BITS, start % BITS);
        let many = (rows.end - start).min(BITS - from);
        found |= words[at] >> from & low(many);
        start += many;
    }
    found != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u64], rows: usize) -> Vec<u8> {
        (0..rows).map(|row| (words[row / BITS] >> (row % BITS) & 1) as u8).collect()
    }

    #[test]
    fn bytes_are_packed_by_their_bits() {
        let bytes_in: Vec<u8> = (0..150_u32).map(|row| (row * 37 % 256) as u8).collect();
        for bits in [1, 2, 0x80, 0x81, 0xff] {
            let mut words = [u64::MAX; 3];
            pack(&mut words, &bytes_in, bits);
            let wanted: Vec<u8> = bytes_in.iter().map(|byte| u8::from(byte & bits != 0)).collect();
            assert_eq!(bytes(&words, 150), wanted, "{bits}");
        }
    }

    /// Owners of no, one and many rows, more than a word of them.
    fn bounds() -> Vec<u32> {
        let mut bounds = vec![7];
        for owner in 0..200_u32 {
            let rows = match owner % 7 {
                0 => 0,
                1 => {
                    if owner == 50 {
                        150
                    } else {
                        3
                    }
                }
                rows => rows % 4,
            };
            bounds.push(bounds[owner as usize] + rows);
        }
        bounds
    }

    #[test]
    fn owners_give_their_bit_to_their_rows_and_rows_theirs_to_owners() {
        let bounds = bounds();
        let rows = (bounds[200] - bounds[0]) as usize;
        for every in [1, 2, 3, 17, 199, 1000] {
            // Bits behind the last owner or row are set, and must not count.
            let mut owners = [0_u64; 4];
            (0..256)
                .filter(|owner| owner % every == 0 || *owner >= 200)
                .for_each(|owner| put(&mut owners, owner..owner + 1, true));
            let mut spread_out = vec![0; rows.div_ceil(BITS)];
            spread(&mut spread_out, &owners, &bounds);
            let owner_of = |row: usize| bounds.partition_point(|start| (start - 7) as usize <= row) - 1;
            for (row, bit) in bytes(&spread_out, rows).into_iter().enumerate() {
                assert_eq!(bit == 1, owner_of(row).is_multiple_of(every), "{every} {row}");
            }
            let mut words = vec![0_u64; rows.div_ceil(BITS)];
            let end = words.len() * BITS;
            (0..end)
                .filter(|row| row % every == 0 || *row >= rows)
                .for_each(|row| put(&mut words, row..row + 1, true));
            let mut found = [u64::MAX; 4];
            some_row(&mut found, &words, &bounds);
            for (owner, bit) in bytes(&found, 200).into_iter().enumerate() {
                let own = (bounds[owner] - 7) as usize..(bounds[owner + 1] - 7) as usize;
                assert_eq!(bit == 1, own.clone().any(|row| row % every == 0), "{every} {owner}");
            }
        }
    }
}
