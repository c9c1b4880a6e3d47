//! Whole numbers as a file holds them: signed columns of 8 to 64 bits, unsigned ones of 8 or 16 bits.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;
use arrow_schema::DataType;
use std::ops::Range;

/// The values of a column with their width, and which of them are null.
#[derive(Clone, Copy)]
pub(crate) struct Integers<'a> {
    pub slice: Slice<'a>,
    pub nulls: Option<&'a NullBuffer>,
}

#[derive(Clone, Copy)]
pub(crate) enum Slice<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
}

/// Runs the same expression on a slice of any width.
macro_rules! any_width {
    ($slice:expr, $values:ident => $body:expr) => {
        match $slice {
            Slice::I8($values) => $body,
            Slice::I16($values) => $body,
            Slice::I32($values) => $body,
            Slice::I64($values) => $body,
            Slice::U8($values) => $body,
            Slice::U16($values) => $body,
        }
    };
}
#[inline(always)]
fn wide<T: Into<i64>>(value: T) -> i64 {
    value.into()
}

impl<'a> Integers<'a> {
    /// `None` for columns of anything else.
    pub fn of(array: &'a ArrayRef) -> Option<Integers<'a>> {
        fn values<T: ArrowPrimitiveType>(array: &ArrayRef) -> &[T::Native] {
            array.as_primitive::<T>().values()
        }
        let slice = match array.data_type() {
            DataType::Int8 => Slice::I8(values::<Int8Type>(array)),
            DataType::Int16 => Slice::I16(values::<Int16Type>(array)),
            DataType::Int32 => Slice::I32(values::<Int32Type>(array)),
            DataType::Int64 => Slice::I64(values::<Int64Type>(array)),
            DataType::UInt8 => Slice::U8(values::<UInt8Type>(array)),
            DataType::UInt16 => Slice::U16(values::<UInt16Type>(array)),
            _ => return None,
        };
        Some(Integers { slice, nulls: array.nulls().filter(|nulls| nulls.null_count() > 0) })
    }

    pub fn at(&self, row: usize) -> i64 {
        any_width!(self.slice, values => values.get(row).map_or(0, |value| wide(*value)))
    }

    /// Smallest and largest of the values that are not null.
    pub fn range(&self) -> Option<(i64, i64)> {
        let rows = any_width!(self.slice, values => values.len());
        match self.nulls {
            None => any_width!(self.slice, values => extent(values)).filter(|_| rows > 0),
            Some(nulls) => nulls.valid_indices().map(|row| self.at(row)).fold(None, |range, value| {
                let (low, high) = range.unwrap_or((value, value));
                Some((value.min(low), value.max(high)))
            }),
        }
    }

    pub fn first_outside(&self, low: i64, high: i64) -> Option<(usize, i64)> {
        if self.range().is_none_or(|(least, most)| low <= least && most <= high) {
            return None;
        }
        let rows = any_width!(self.slice, values => values.len());
        (0..rows)
            .filter(|row| self.nulls.is_none_or(|nulls| nulls.is_valid(*row)))
            .map(|row| (row, self.at(row)))
            .find(|(_, value)| !(low..=high).contains(value))
    }
}

/// Several running extremes at once: one would wait for itself at every value.
fn extent<T: Copy + Ord + Into<i64>>(values: &[T]) -> Option<(i64, i64)> {
    const LANES: usize = 16;
    let first = *values.first()?;
    let (mut low, mut high) = ([first; LANES], [first; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            low[lane] = low[lane].min(chunk[lane]);
            high[lane] = high[lane].max(chunk[lane]);
        }
    }
    let least = low.iter().chain(rest).min().copied().unwrap_or(first);
    let most = high.iter().chain(rest).max().copied().unwrap_or(first);
    Some((least.into(), most.into()))
}

/// The values of some rows in another width; a null gives zero. The caller knows that they fit.
#[inline(always)]
pub(crate) fn copy_into<T: Narrow>(from: &Integers<'_>, rows: Range<usize>, into: &mut [T]) {
    any_width!(from.slice, values => {
        for (into, value) in into.iter_mut().zip(&values[rows.clone()]) {
            *into = T::narrow(wide(*value));
        }
    });
    let Some(nulls) = from.nulls else { return };
    let words = BitChunks::new(nulls.inner().values(), nulls.offset() + rows.start, rows.len());
    for (into, word) in into.chunks_mut(64).zip(words.iter_padded()) {
        if word != u64::MAX {
            for (row, into) in into.iter_mut().enumerate() {
                *into = if word >> row & 1 == 1 { *into } else { T::narrow(0) };
            }
        }
    }
}

/// A number that is known to fit.
pub(crate) trait Narrow: Copy {
    fn narrow(value: i64) -> Self;
}

macro_rules! narrow {
    ($($ty:ty),*) => {$(
        impl Narrow for $ty {
            #[inline(always)]
            fn narrow(value: i64) -> $ty {
                value as $ty
            }
        }
    )*};
}
narrow!(u16, i32, i64);
