//! What a batch gives back: for each rule or check a column of values, what decided them, and where a formula failed.

use crate::cells::Cells;
use crate::column::{CONFLICT, Column, DIVISION_BY_ZERO, Data, OVERFLOW};
use crate::number::reduced;
use arrow_array::{Array, BooleanArray, Int32Array, Int64Array, UInt16Array};
use arrow_buffer::{BooleanBuffer, NullBuffer};
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
    /// What decided each known value: see [`crate::decided_by`]. Null where the value is unknown, and for checks.
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
    known: Vec<bool>,
    reasons: Vec<u16>,
    faults: Vec<RowFault>,
    truth: Vec<bool>,
    labels: Vec<u16>,
    numer: Vec<i64>,
    denom: Vec<i64>,
}

impl Assembly {
    pub fn new(wanted: Wanted, entity: EntityId, ty: Type) -> Assembly {
        Assembly {
            wanted,
            entity,
            ty,
            known: Vec::new(),
            reasons: Vec::new(),
            faults: Vec::new(),
            truth: Vec::new(),
            labels: Vec::new(),
            numer: Vec::new(),
            denom: Vec::new(),
        }
    }

    pub fn push(&mut self, column: &Column, reasons: Option<&Cells<u16>>, rows: usize) {
        let start = self.known.len();
        extend(&mut self.known, &column.known, rows);
        if let Some(reasons) = reasons {
            extend(&mut self.reasons, reasons, rows);
        }
        if !matches!(column.faults, Cells::Same(0)) {
            for row in 0..rows {
                self.fault(start + row, column.faults.at(row));
            }
        }
        match &column.data {
            Data::YesNo(cells) => extend(&mut self.truth, cells, rows),
            Data::Label(cells) => extend(&mut self.labels, cells, rows),
            Data::Number(number) => {
                extend(&mut self.numer, &number.numer, rows);
                if self.is_ratio() {
                    extend(&mut self.denom, &number.denom, rows);
                } else {
                    self.make_whole(start, &number.denom);
                }
            }
        }
    }

    fn is_ratio(&self) -> bool {
        matches!(self.ty, Type::Amount | Type::Number)
    }

    fn fault(&mut self, row: usize, bits: u8) {
        if bits != 0 && !self.known[row] {
            self.faults.push(RowFault { row: row as u32, kinds: FaultKinds(bits) });
        }
    }

    /// Whole by type, whatever the denominator in which it was computed.
    fn make_whole(&mut self, start: usize, denom: &Cells<i64>) {
        if !matches!(denom, Cells::Same(1)) {
            for (row, numer) in self.numer[start..].iter_mut().enumerate() {
                *numer /= denom.at(row);
            }
        }
    }

    pub fn finish(mut self) -> ResultColumn {
        if matches!(self.ty, Type::Date | Type::Month) {
            for row in 0..self.known.len() {
                if self.known[row] && i32::try_from(self.numer[row]).is_err() {
                    self.known[row] = false;
                    self.fault(row, OVERFLOW);
                }
            }
            self.faults.sort_by_key(|fault| fault.row);
        }
        let nulls = Some(NullBuffer::from(self.known)).filter(|nulls| nulls.null_count() > 0);
        let values = match self.ty {
            Type::YesNo => Values::YesNo(BooleanArray::new(BooleanBuffer::from(self.truth), nulls.clone())),
            Type::Money => Values::Money(Int64Array::new(self.numer.into(), nulls.clone())),
            // Minutes: a whole number like a count.
            Type::Count | Type::Moment => Values::Count(Int64Array::new(self.numer.into(), nulls.clone())),
            Type::Amount => Values::Amount(ratios(self.numer, self.denom, nulls.clone())),
            Type::Number => Values::Number(ratios(self.numer, self.denom, nulls.clone())),
            Type::Date => Values::Date(Int32Array::new(days(&self.numer).into(), nulls.clone())),
            Type::Month => Values::Month(Int32Array::new(days(&self.numer).into(), nulls.clone())),
            Type::Enum(_) => Values::Label(UInt16Array::new(self.labels.into(), nulls.clone())),
        };
        let reasons = match self.wanted {
            Wanted::Rule(_) => UInt16Array::new(self.reasons.into(), nulls),
            Wanted::Check(_) => UInt16Array::new_null(rows(&values)),
        };
        ResultColumn { wanted: self.wanted, entity: self.entity, values, reasons, faults: self.faults }
    }
}

fn extend<T: Copy>(into: &mut Vec<T>, cells: &Cells<T>, rows: usize) {
    match cells {
        Cells::Same(value) => into.extend(std::iter::repeat_n(*value, rows)),
        Cells::Rows(values) => into.extend(values.iter().take(rows)),
    }
}

fn ratios(numer: Vec<i64>, denom: Vec<i64>, nulls: Option<NullBuffer>) -> Ratios {
    let pairs = numer.into_iter().zip(denom).map(reduced);
    let (numer, denom): (Vec<i64>, Vec<i64>) = pairs.unzip();
    Ratios {
        numer: Int64Array::new(numer.into(), nulls.clone()),
        denom: Int64Array::new(denom.into(), nulls),
    }
}

fn days(numbers: &[i64]) -> Vec<i32> {
    // Numbers beyond 32 bits have been made unknown.
    numbers.iter().map(|number| i32::try_from(*number).unwrap_or(0)).collect()
}

fn rows(values: &Values) -> usize {
    match values {
        Values::YesNo(array) => array.len(),
        Values::Money(array) | Values::Count(array) => array.len(),
        Values::Amount(ratios) | Values::Number(ratios) => ratios.numer.len(),
        Values::Date(array) | Values::Month(array) => array.len(),
        Values::Label(array) => array.len(),
    }
}
