//! Results of the columns' evaluation, put where a clearing looks for them: many rows at a time, for there is one column
//! for every rule and check, and most say the same for nearly everybody.

use crate::bits::Bits;
use crate::facts::{Column, from_value, scale};
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, BooleanArray, PrimitiveArray};
use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;
use doudi_policy::ir::Type;
use doudi_policy_batch::{ResultColumn, Values};
use std::borrow::Cow;

/// What a rule says of each row.
#[derive(Clone, Debug)]
pub(crate) enum RuleColumn {
    YesNo(Truths),
    Cells(Column),
}

/// Yes or no, where it is known.
#[derive(Clone, Debug)]
pub(crate) struct Truths {
    known: Bits,
    /// Only of rows that are known.
    yes: Bits,
}

/// What a check says of each row.
#[derive(Clone, Debug)]
pub(crate) struct Replies {
    yes: Bits,
    /// Asked, and not known.
    unknown: Bits,
}

impl RuleColumn {
    /// Nothing is known yet.
    pub fn unknown(ty: Type, rows: usize) -> RuleColumn {
        match ty {
            Type::YesNo => RuleColumn::YesNo(Truths { known: Bits::new(rows), yes: Bits::new(rows) }),
            _ => RuleColumn::Cells(Column::unknown(rows)),
        }
    }

    pub fn get(&self, row: usize) -> Option<i64> {
        match self {
            RuleColumn::YesNo(truths) => truths.known.get(row).then(|| i64::from(truths.yes.get(row))),
            RuleColumn::Cells(column) => column.get(row),
        }
    }

    /// Says what was not known.
    pub fn settle(&mut self, row: usize, cell: i64) {
        match self {
            _ if self.get(row).is_some() => {}
            RuleColumn::YesNo(truths) => {
                truths.known.set(row);
                if cell != 0 {
                    truths.yes.set(row);
                }
            }
            RuleColumn::Cells(column) if row < column.len() => column.set(row, cell, 0),
            RuleColumn::Cells(_) => {}
        }
    }

    pub fn column(&self) -> Cow<'_, Column> {
        match self {
            RuleColumn::Cells(column) => Cow::Borrowed(column),
            RuleColumn::YesNo(truths) => {
                let mut column = Column::unknown(truths.known.len());
                let words = truths.yes.words().iter().zip(truths.known.words());
                for (at, (yes, known)) in words.enumerate() {
                    let rows = (truths.known.len() - at * ROWS).min(ROWS);
                    column.set_yes_no(at * ROWS, rows, *yes, *known);
                }
                Cow::Owned(column)
            }
        }
    }

    /// Puts known results into the column, from row `base` on, where nothing is known yet.
    pub fn fill(&mut self, base: usize, ty: Type, result: &ResultColumn) {
        match (self, &result.values) {
            (RuleColumn::YesNo(truths), Values::YesNo(array)) => {
                put(&mut truths.known, base, array, |_, known| known);
                put(&mut truths.yes, base, array, |truth, known| truth & known);
            }
            (RuleColumn::Cells(column), _) => fill(column, base, ty, result),
            // A rule that says yes or no has no other values.
            (RuleColumn::YesNo(_), _) => {}
        }
    }
}

impl Replies {
    /// Nobody has been asked.
    pub fn new(rows: usize) -> Replies {
        Replies { yes: Bits::new(rows), unknown: Bits::new(rows) }
    }

    /// The rows that the check finds.
    pub fn yes(&self) -> impl Iterator<Item = usize> + '_ {
        self.yes.rows()
    }

    pub fn is_unknown(&self, row: usize) -> bool {
        self.unknown.get(row)
    }

    /// Puts in what the check says of some rows, from row `base` on.
    pub fn fill(&mut self, base: usize, values: &Values) {
        // A check says yes or no.
        let Values::YesNo(array) = values else { return };
        put(&mut self.yes, base, array, |truth, known| truth & known);
        if array.null_count() > 0 {
            put(&mut self.unknown, base, array, |_, known| !known);
        }
    }
}

/// Rows of one word of packed cells.
const ROWS: usize = u64::BITS as usize;

fn fill(column: &mut Column, base: usize, ty: Type, result: &ResultColumn) {
    match &result.values {
        // Only rules that say something else have such a column.
        Values::YesNo(_) => {}
        Values::Money(array) | Values::Count(array) => whole(column, base, array),
        Values::Date(array) | Values::Month(array) => whole(column, base, array),
        Values::Label(array) => whole(column, base, array),
        Values::Amount(ratios) | Values::Number(ratios) => {
            for row in 0..ratios.numer.len() {
                // Nearly everybody's is whole, and an exact fraction is dear.
                let whole = (ratios.numer.is_valid(row) && ratios.denom.value(row) == 1)
                    .then(|| ratios.numer.value(row).checked_mul(scale(ty)));
                let exact = || result.value(row).and_then(|value| from_value(ty, value));
                if let Some(cell) = whole.flatten().or_else(exact) {
                    column.set(base + row, cell, 0);
                }
            }
        }
    }
}

/// Puts in what follows for each row from its value and from whether it is known.
fn put(bits: &mut Bits, base: usize, array: &BooleanArray, word: impl Fn(u64, u64) -> u64) {
    let (rows, truths) = (array.len(), packed(array.values()));
    match array.nulls() {
        None => bits.put(base, rows, truths.iter_padded().map(|truth| word(truth, u64::MAX))),
        Some(nulls) => {
            let both = truths.iter_padded().zip(packed(nulls.inner()).iter_padded());
            bits.put(base, rows, both.map(|(truth, known)| word(truth, known)));
        }
    }
}

fn packed(buffer: &BooleanBuffer) -> BitChunks<'_> {
    BitChunks::new(buffer.values(), buffer.offset(), buffer.len())
}

fn whole<A: ArrowPrimitiveType>(column: &mut Column, base: usize, array: &PrimitiveArray<A>)
where
    A::Native: Into<i64>,
{
    let values = array.values();
    match array.nulls() {
        None => column.set_all(base, values.iter().map(|value| (*value).into())),
        Some(nulls) => {
            for row in nulls.valid_indices() {
                column.set(base + row, values[row].into(), 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int64Array;

    #[test]
    fn every_row_gets_its_own_answer() {
        let cells: Vec<Option<bool>> = (0..200)
            .map(|row| {
                [Some(true), Some(false), None, Some(false)][row * row % 4 + usize::from(row % 7 == 0)]
            })
            .collect();
        let array: BooleanArray = cells.iter().copied().collect();
        let mut replies = Replies::new(204);
        replies.fill(3, &Values::YesNo(array.clone()));
        let mut column = RuleColumn::unknown(Type::YesNo, 204);
        if let RuleColumn::YesNo(truths) = &mut column {
            put(&mut truths.known, 3, &array, |_, known| known);
            put(&mut truths.yes, 3, &array, |truth, known| truth & known);
        }
        let yes: Vec<usize> = replies.yes().collect();
        for (row, cell) in (3..).zip(&cells) {
            assert_eq!(
                (yes.contains(&row), replies.is_unknown(row)),
                (*cell == Some(true), cell.is_none()),
                "{row}"
            );
            assert_eq!(
                (column.get(row), column.column().get(row)),
                (cell.map(i64::from), cell.map(i64::from))
            );
        }
        assert!([0, 2, 203].iter().all(|row| !replies.is_unknown(*row) && column.get(*row).is_none()));
        let unknown = cells.iter().position(Option::is_none).expect("one") + 3;
        [(unknown, 1), (unknown, 0), (3, 0), (900, 1)]
            .into_iter()
            .for_each(|(row, cell)| column.settle(row, cell));
        assert_eq!([unknown, 3, 900].map(|row| column.get(row)), [Some(1), cells[0].map(i64::from), None]);
    }

    #[test]
    fn numbers_find_room_whatever_their_size() {
        let mut column = Column::unknown(6);
        whole(&mut column, 0, &Int64Array::from(vec![1, 300]));
        whole(&mut column, 2, &Int64Array::from(vec![Some(1 << 40), None, Some(-5)]));
        let found: Vec<Option<i64>> = (0..6).map(|row| column.get(row)).collect();
        assert_eq!(found, [Some(1), Some(300), Some(1 << 40), None, Some(-5), None]);
    }
}
