//! What has been computed for one block.

use crate::cells::{Cells, Mask};
use crate::code::Kind;
use crate::column::{Column, Data};
use crate::integers::{Integers, copy_into};
use crate::machine::{Block, Machine};
use crate::prepared::Output;
use crate::registers::{Int, Lane, Operand, Registers};
use crate::words;
use doudi_policy::ir::{HOUSEHOLD, InputId};
use std::ops::Range;

/// What is wanted, of the households of one block. Things wanted go by their place in the list that was asked for.
pub struct BlockView<'v> {
    pub(crate) machine: &'v Machine,
    pub(crate) outputs: &'v [Output],
    pub(crate) block: &'v Block<'v>,
    pub(crate) registers: &'v Registers,
}

/// Numbers of either width.
pub(crate) enum Numbers<'v> {
    Same(i64),
    Narrow(&'v [i32]),
    Wide(&'v [i64]),
}

impl Numbers<'_> {
    pub fn at(&self, row: usize) -> i64 {
        match self {
            Numbers::Same(number) => *number,
            Numbers::Narrow(numbers) => i64::from(numbers[row]),
            Numbers::Wide(numbers) => numbers[row],
        }
    }
}

/// Which rows a mask sets.
pub(crate) enum Truths<'v> {
    Same(bool),
    Bytes(&'v [u8]),
    /// Bits behind the last row mean nothing.
    Words(&'v [u64]),
}

impl Truths<'_> {
    fn count(&self, rows: usize) -> u64 {
        match self {
            Truths::Same(yes) => u64::from(*yes) * rows as u64,
            Truths::Bytes(mask) => count(mask),
            Truths::Words(words) => words::count(words, rows) as u64,
        }
    }

    /// The first row that is not set.
    fn first_other(&self, rows: usize) -> Option<usize> {
        match self {
            Truths::Same(true) => None,
            Truths::Same(false) => (rows > 0).then_some(0),
            Truths::Bytes(mask) => mask.iter().position(|byte| *byte == 0),
            Truths::Words(words) => {
                let word = words.iter().position(|word| *word != u64::MAX)?;
                let row = word * 64 + words[word].trailing_ones() as usize;
                (row < rows).then_some(row)
            }
        }
    }
}

impl<'v> BlockView<'v> {
    /// Rows of the households' table.
    pub fn households(&self) -> Range<usize> {
        self.block.rows[HOUSEHOLD.index()].clone()
    }

    /// Rows of the whole table of what is wanted.
    pub fn rows(&self, wanted: usize) -> Range<usize> {
        self.block.rows[self.outputs[wanted].entity.index()].clone()
    }

    pub(crate) fn cells<T: Lane>(&self, cells: Cells<T>, rows: usize) -> Operand<'v, T> {
        match cells {
            Cells::Same(value) => Operand::Same(value),
            Cells::Rows(node) => Operand::Rows(self.registers.rows(&self.machine.places, node, rows)),
        }
    }

    pub(crate) fn mask(&self, mask: Mask, rows: usize) -> Truths<'v> {
        let places = &self.machine.places;
        match mask {
            Cells::Same(value) => Truths::Same(value),
            Cells::Rows(node) => match self.machine.code.step(node).kind {
                Kind::Bits => Truths::Words(self.registers.words(places, node, rows)),
                _ => Truths::Bytes(self.registers.rows(places, node, rows)),
            },
        }
    }

    pub(crate) fn numbers(&self, ints: Cells<i64>, rows: usize) -> Numbers<'v> {
        match ints {
            Cells::Same(number) => Numbers::Same(number),
            Cells::Rows(node) => match self.machine.code.step(node).kind {
                Kind::Int32 => Numbers::Narrow(self.registers.rows(&self.machine.places, node, rows)),
                _ => Numbers::Wide(self.registers.rows(&self.machine.places, node, rows)),
            },
        }
    }

    pub(crate) fn column(&self, wanted: usize) -> &'v Column {
        &self.outputs[wanted].column
    }

    /// How many rows are yes; `Err` is the first row of the whole table that is not known.
    pub fn count(&self, wanted: usize) -> Result<u64, usize> {
        self.known(wanted)?;
        let rows = self.rows(wanted).len();
        Ok(self.mask(self.column(wanted).truth(), rows).count(rows))
    }

    /// All rows together, of a rule whose values are whole.
    pub fn total(&self, wanted: usize) -> Result<i128, usize> {
        self.known(wanted)?;
        let rows = self.rows(wanted).len();
        let number = self.column(wanted).number();
        if number.denom != Cells::Same(1) {
            let mut total = 0;
            self.each(wanted, |_, number| total += i128::from(number))?;
            return Ok(total);
        }
        let (low, high) = self.machine.code.span(number.numer);
        let most = (low.unsigned_abs().max(high.unsigned_abs())).saturating_mul(rows as u64);
        let (shortest, short) = (i32::try_from(most).is_ok(), i64::try_from(most).is_ok());
        Ok(match self.numbers(number.numer, rows) {
            Numbers::Same(number) => i128::from(number) * rows as i128,
            Numbers::Narrow(numbers) if shortest => i128::from(numbers.iter().sum::<i32>()),
            Numbers::Narrow(numbers) => i128::from(sum(numbers)),
            Numbers::Wide(numbers) if short => i128::from(sum(numbers)),
            Numbers::Wide(numbers) => numbers.iter().map(|number| i128::from(*number)).sum(),
        })
    }

    /// Whole numbers row by row, each with its row in the block.
    pub fn each(&self, wanted: usize, mut visit: impl FnMut(usize, i64)) -> Result<(), usize> {
        self.known(wanted)?;
        let rows = self.rows(wanted).len();
        let Data::Number(number) = self.column(wanted).data else { return Ok(()) };
        match (self.numbers(number.numer, rows), self.numbers(number.denom, rows)) {
            (Numbers::Narrow(numbers), Numbers::Same(1)) => {
                numbers.iter().enumerate().for_each(|(row, number)| visit(row, i64::from(*number)));
            }
            (Numbers::Wide(numbers), Numbers::Same(1)) => {
                numbers.iter().enumerate().for_each(|(row, number)| visit(row, *number));
            }
            (numer, denom) => (0..rows).for_each(|row| visit(row, numer.at(row) / denom.at(row).max(1))),
        }
        Ok(())
    }

    /// Adds each household's number to the total of the option that it has in `input`.
    pub fn add_by_option(&self, wanted: usize, input: InputId, totals: &mut [i128]) -> Result<(), usize> {
        let column = self.block.tables.tables[HOUSEHOLD.index()].columns.get(&input);
        let Some(options) = column.and_then(Integers::of) else { return Err(self.households().start) };
        let mut labels = vec![0_u16; self.households().len()];
        copy_into(&options, self.households(), &mut labels);
        self.each(wanted, |row, number| {
            if let Some(total) = totals.get_mut(usize::from(labels[row])) {
                *total += i128::from(number);
            }
        })
    }

    fn known(&self, wanted: usize) -> Result<(), usize> {
        let rows = self.rows(wanted);
        let unknown = self.mask(self.column(wanted).known, rows.len()).first_other(rows.len());
        unknown.map_or(Ok(()), |row| Err(rows.start + row))
    }
}

/// Bytes that are 0 or 1, in runs short enough for a byte's sum.
fn count(mask: &[u8]) -> u64 {
    mask.chunks(255).map(|run| u64::from(run.iter().sum::<u8>())).sum()
}

fn sum<T: Int>(numbers: &[T]) -> i64 {
    numbers.iter().fold(0_i64, |sum, number| sum.wrapping_add((*number).into()))
}
