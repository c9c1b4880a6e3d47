//! What a batch gives back: for each rule or check a column of values, what decided them, and where a formula failed.

use crate::bitmap::Bitmap;
use crate::column::{CONFLICT, Column, DIVISION_BY_ZERO, Data, OVERFLOW};
use crate::pairs::reduced;
use crate::prepared::Output;
use crate::registers::Operand;
use crate::view::{BlockView, Numbers};
use arrow_array::{Array, BooleanArray, Int32Array, Int64Array, UInt16Array};
use arrow_buffer::NullBuffer;
use doudi_policy::ir::{CheckId, EntityId, RuleId, Type};
use doudi_policy::{Exact, Value};

/// What to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    Rule(RuleId),
    /// Whether the check finds something.
    Check(CheckId),
}

impl From<RuleId> for Wanted {
    fn from(id: RuleId) -> Wanted {
        Wanted::Rule(id)
    }
}

impl From<CheckId> for Wanted {
    fn from(id: CheckId) -> Wanted {
        Wanted::Check(id)
    }
}

/// One column for each thing wanted, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub struct Results {
    pub columns: Vec<ResultColumn>,
}

/// Values by row of the entity's table. Null = unknown.
#[derive(Clone, Debug)]
pub struct ResultColumn {
    pub wanted: Wanted,
    pub entity: EntityId,
    pub values: Values,
    /// What decided each known value: see [`crate::decided_by`]. Null where the value is unknown, for checks,
    /// and where they were not asked for.
    pub reasons: UInt16Array,
    /// Rows whose value is unknown because a formula could not be computed, by row. An overflow may be one only of the
    /// batch's 64 bits: the scalar evaluator has the last word.
    pub faults: Vec<RowFault>,
}

/// Values by the type of the rule. Money is whole fen; an amount is fen not yet rounded.
#[derive(Clone, Debug)]
pub enum Values {
    YesNo(BooleanArray),
    Money(Int64Array),
    Amount(Ratios),
    Count(Int64Array),
    Number(Ratios),
    /// Days since 1970-01-01.
    Date(Int32Array),
    /// Months since year 0.
    Month(Int32Array),
    Label(UInt16Array),
}

/// Exact fractions in lowest terms, denominators above zero; both arrays are null where the value is unknown.
#[derive(Clone, Debug)]
pub struct Ratios {
    pub numer: Int64Array,
    pub denom: Int64Array,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFault {
    pub row: u32,
    pub kinds: FaultKinds,
}

/// Which faults keep a value from being computed; there may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultKinds(u8);

impl FaultKinds {
    pub fn overflow(self) -> bool {
        self.0 & OVERFLOW != 0
    }

    pub fn division_by_zero(self) -> bool {
        self.0 & DIVISION_BY_ZERO != 0
    }

    /// Two exceptions apply at once and disagree.
    pub fn conflict(self) -> bool {
        self.0 & CONFLICT != 0
    }
}

impl Results {
    pub fn get(&self, wanted: impl Into<Wanted>) -> Option<&ResultColumn> {
        let wanted = wanted.into();
        self.columns.iter().find(|column| column.wanted == wanted)
    }
}

impl ResultColumn {
    /// The value of one row, as the scalar evaluator would give it; `None` = unknown.
    pub fn value(&self, row: usize) -> Option<Value> {
        let number = |value: i64| Value::Number(Exact::from_integer(i128::from(value)));
        match &self.values {
            Values::YesNo(array) => at(array, row).then(|| Value::YesNo(array.value(row))),
            Values::Money(array) | Values::Count(array) => at(array, row).then(|| number(array.value(row))),
            Values::Date(array) | Values::Month(array) => {
                at(array, row).then(|| number(i64::from(array.value(row))))
            }
            Values::Label(array) => at(array, row).then(|| Value::Label(array.value(row))),
            Values::Amount(ratios) | Values::Number(ratios) => at(&ratios.numer, row).then(|| {
                let (numer, denom) = (ratios.numer.value(row), ratios.denom.value(row));
                Value::Number(Exact::new(i128::from(numer), i128::from(denom)))
            }),
        }
    }

    pub fn yes_no(&self, row: usize) -> Option<bool> {
        match self.value(row) {
            Some(Value::YesNo(value)) => Some(value),
            _ => None,
        }
    }

    /// What decided the row's value.
    pub fn reason(&self, row: usize) -> Option<u16> {
        at(&self.reasons, row).then(|| self.reasons.value(row))
    }
}

fn at(array: &dyn Array, row: usize) -> bool {
    row < array.len() && array.is_valid(row)
}

/// Gathers one wanted column block by block.
pub(crate) struct Assembly {
    wanted: Wanted,
    entity: EntityId,
    ty: Type,
    known: Bitmap,
    rows: usize,
    has_reasons: bool,
    reasons: Vec<u16>,
    faults: Vec<RowFault>,
    truth: Bitmap,
    labels: Vec<u16>,
    numer: Vec<i64>,
    denom: Vec<i64>,
}

impl Assembly {
    /// Takes the room for so many rows at once: new memory costs more than what is written into it.
    pub fn new(output: &Output, rows: usize) -> Assembly {
        let room = |used: bool| if used { rows } else { 0 };
        let (truths, labels) = (output.ty == Type::YesNo, matches!(output.ty, Type::Enum(_)));
        let ratios = matches!(output.ty, Type::Amount | Type::Number);
        Assembly {
            wanted: output.wanted,
            entity: output.entity,
            ty: output.ty,
            known: Bitmap::with_room(rows),
            rows: 0,
            has_reasons: output.reasons.is_some(),
            reasons: Vec::with_capacity(room(output.reasons.is_some())),
            faults: Vec::new(),
            truth: Bitmap::with_room(room(truths)),
            labels: Vec::with_capacity(room(labels)),
            numer: Vec::with_capacity(room(!truths && !labels)),
            denom: Vec::with_capacity(room(ratios)),
        }
    }

    pub fn push(&mut self, block: &BlockView<'_>, wanted: usize) {
        let output = &block.outputs[wanted];
        let (rows, start) = (block.rows(wanted).len(), self.rows);
        self.rows += rows;
        let Column { data, known, faults, .. } = output.column;
        self.known.push(&block.mask(known, rows), rows);
        if let Some(reasons) = output.reasons {
            extend(&mut self.reasons, block.cells(reasons, rows), rows);
        }
        let first = block.rows(wanted).start;
        match block.cells(faults, rows) {
            Operand::Same(0) => {}
            Operand::Same(bits) => (0..rows).for_each(|row| self.fault(start + row, first + row, bits)),
            Operand::Rows(faults) if faults.iter().fold(0, |all, bits| all | bits) == 0 => {}
            Operand::Rows(faults) => {
                for (row, bits) in faults.iter().enumerate().filter(|(_, bits)| **bits != 0) {
                    self.fault(start + row, first + row, *bits);
                }
            }
        }
        match data {
            Data::YesNo(cells) => self.truth.push(&block.mask(cells, rows), rows),
            Data::Label(cells) => extend(&mut self.labels, block.cells(cells, rows), rows),
            Data::Number(number) => {
                extend_numbers(&mut self.numer, &block.numbers(number.numer, rows), rows);
                let denom = block.numbers(number.denom, rows);
                if self.is_ratio() {
                    extend_numbers(&mut self.denom, &denom, rows);
                } else if !matches!(denom, Numbers::Same(1)) {
                    // Whole by type, whatever the denominator in which it was computed.
                    for (row, numer) in self.numer[start..].iter_mut().enumerate() {
                        *numer /= denom.at(row).max(1);
                    }
                }
            }
        }
    }

    fn is_ratio(&self) -> bool {
        matches!(self.ty, Type::Amount | Type::Number)
    }

    /// `at`: where the row stands here; `row`: in the whole table.
    fn fault(&mut self, at: usize, row: usize, bits: u8) {
        if !self.known.is_set(at) {
            self.faults.push(RowFault { row: row as u32, kinds: FaultKinds(bits) });
        }
    }

    pub fn finish(mut self) -> ResultColumn {
        if matches!(self.ty, Type::Date | Type::Month) {
            for row in 0..self.known.len() {
                if self.known.is_set(row) && i32::try_from(self.numer[row]).is_err() {
                    self.known.clear(row);
                    self.fault(row, row, OVERFLOW);
                }
            }
            self.faults.sort_by_key(|fault| fault.row);
        }
        let nulls = NullBuffer::new(self.known.finish());
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        let values = match self.ty {
            Type::YesNo => Values::YesNo(BooleanArray::new(self.truth.finish(), nulls.clone())),
            Type::Money => Values::Money(Int64Array::new(self.numer.into(), nulls.clone())),
            // Minutes: a whole number like a count.
            Type::Count | Type::Moment => Values::Count(Int64Array::new(self.numer.into(), nulls.clone())),
            Type::Amount => Values::Amount(ratios(self.numer, self.denom, nulls.clone())),
            Type::Number => Values::Number(ratios(self.numer, self.denom, nulls.clone())),
            Type::Date => Values::Date(Int32Array::new(days(&self.numer).into(), nulls.clone())),
            Type::Month => Values::Month(Int32Array::new(days(&self.numer).into(), nulls.clone())),
            Type::Enum(_) => Values::Label(UInt16Array::new(self.labels.into(), nulls.clone())),
        };
        let reasons = match self.has_reasons {
            true => UInt16Array::new(self.reasons.into(), nulls),
            false => UInt16Array::new_null(self.rows),
        };
        ResultColumn { wanted: self.wanted, entity: self.entity, values, reasons, faults: self.faults }
    }
}

fn extend<T: Copy>(into: &mut Vec<T>, cells: Operand<'_, T>, rows: usize) {
    match cells {
        Operand::Same(value) => into.extend(std::iter::repeat_n(value, rows)),
        Operand::Rows(values) => into.extend_from_slice(&values[..rows]),
    }
}

fn extend_numbers(into: &mut Vec<i64>, numbers: &Numbers<'_>, rows: usize) {
    match numbers {
        Numbers::Same(number) => into.extend(std::iter::repeat_n(*number, rows)),
        Numbers::Narrow(numbers) => into.extend(numbers.iter().map(|number| i64::from(*number))),
        Numbers::Wide(numbers) => into.extend_from_slice(numbers),
    }
}

fn ratios(numer: Vec<i64>, denom: Vec<i64>, nulls: Option<NullBuffer>) -> Ratios {
    let (mut numer, mut denom) = (numer, denom);
    for (numer, denom) in numer.iter_mut().zip(&mut denom) {
        (*numer, *denom) = reduced((*numer, *denom));
    }
    Ratios {
        numer: Int64Array::new(numer.into(), nulls.clone()),
        denom: Int64Array::new(denom.into(), nulls),
    }
}

fn days(numbers: &[i64]) -> Vec<i32> {
    // Numbers beyond 32 bits have been made unknown.
    numbers.iter().map(|number| i32::try_from(*number).unwrap_or(0)).collect()
}
