//! Results of the columns' evaluation, put where a clearing looks for them: many rows at a time, for there is one column
//! for every rule and check, and most say the same for nearly everybody.

use crate::determine::Answer;
use crate::facts::{Column, from_value};
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, BooleanArray, PrimitiveArray};
use arrow_buffer::bit_chunk_iterator::BitChunks;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use doudi_policy::ir::Type;
use doudi_policy_batch::{ResultColumn, Values};

/// Rows of one word of packed cells.
const ROWS: usize = u64::BITS as usize;

/// Puts known results into a column, from row `base` on, where nothing is known yet.
pub(crate) fn fill(column: &mut Column, base: usize, ty: Type, result: &ResultColumn) {
    match &result.values {
        Values::YesNo(array) => yes_no(column, base, array),
        Values::Money(array) | Values::Count(array) => whole(column, base, array),
        Values::Date(array) | Values::Month(array) => whole(column, base, array),
        Values::Label(array) => whole(column, base, array),
        Values::Amount(ratios) | Values::Number(ratios) => {
            for row in 0..ratios.numer.len() {
                if let Some(cell) = result.value(row).and_then(|value| from_value(ty, value)) {
                    column.set(base + row, cell, 0);
                }
            }
        }
    }
}

fn yes_no(column: &mut Column, base: usize, array: &BooleanArray) {
    let mut at = base;
    for (truth, known, rows) in words(array.values(), array.nulls()) {
        column.set_yes_no(at, rows, truth & known, known);
        at += rows;
    }
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

/// What a check says of each row.
pub(crate) fn fill_answers(answers: &mut [Answer], values: &Values) {
    let Values::YesNo(array) = values else { return answers.fill(Answer::Unknown) };
    for (answers, (truth, known, _)) in answers.chunks_mut(ROWS).zip(words(array.values(), array.nulls())) {
        answers.fill(Answer::No);
        for row in set_bits(!known, answers.len()) {
            answers[row] = Answer::Unknown;
        }
        for row in set_bits(truth & known, answers.len()) {
            answers[row] = Answer::Yes;
        }
    }
}

fn set_bits(mut word: u64, rows: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let row = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (row < rows).then_some(row)
    })
}

/// Values and what is known of them, a word of rows at a time; how many rows it has.
fn words(values: &BooleanBuffer, nulls: Option<&NullBuffer>) -> impl Iterator<Item = (u64, u64, usize)> {
    let rows = values.len();
    let packed = |buffer: &BooleanBuffer| -> Vec<u64> {
        BitChunks::new(buffer.values(), buffer.offset(), rows).iter_padded().collect()
    };
    let known = nulls.map(|nulls| packed(nulls.inner())).unwrap_or_default();
    let known = known.into_iter().chain(std::iter::repeat(u64::MAX));
    let words = packed(values).into_iter().zip(known).take(rows.div_ceil(ROWS)).enumerate();
    words.map(move |(at, (truth, known))| (truth, known, (rows - at * ROWS).min(ROWS)))
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
        let mut answers = vec![Answer::NotAsked; 201];
        fill_answers(&mut answers[..200], &Values::YesNo(array.clone()));
        let mut column = Column::unknown(203);
        yes_no(&mut column, 3, &array);
        for (row, cell) in cells.iter().enumerate() {
            let wanted = cell.map_or(Answer::Unknown, |yes| if yes { Answer::Yes } else { Answer::No });
            assert_eq!(answers[row], wanted, "{row}");
            assert_eq!(column.get(row + 3), cell.map(i64::from), "{row}");
        }
        assert_eq!(answers[200], Answer::NotAsked);
        assert_eq!([column.get(0), column.get(2)], [None, None]);
        let known: BooleanArray = vec![Some(true); 70].into_iter().collect();
        fill_answers(&mut answers[..70], &Values::YesNo(known));
        assert!(answers[..70].iter().all(|answer| *answer == Answer::Yes));
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
