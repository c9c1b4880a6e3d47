//! What a formula gives for every row of a block: values, whether they are known, and why a formula could not be
//! computed. The value of a row that is not known means nothing.

use crate::cells::Cells;
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::{Number, same_numbers, select_numbers};
use doudi_policy::Value;
use doudi_policy::ir::Type;

/// Fault bits.
pub(crate) const OVERFLOW: u8 = 1;
pub(crate) const DIVISION_BY_ZERO: u8 = 2;
pub(crate) const CONFLICT: u8 = 4;

#[derive(Clone, Debug)]
pub(crate) enum Data {
    YesNo(Cells<bool>),
    Number(Number),
    Label(Cells<u16>),
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub data: Data,
    pub known: Cells<bool>,
    /// Fault bits; zero wherever the value is known.
    pub faults: Cells<u8>,
    /// What the scalar evaluator may know of it (see [`crate::hint`]); zero wherever the value is known.
    pub hints: Cells<u8>,
}

impl Column {
    pub fn known(data: Data) -> Column {
        Column { data, known: Cells::Same(true), faults: Cells::Same(0), hints: Cells::Same(0) }
    }

    pub fn unknown(ty: Type) -> Column {
        Column { known: Cells::Same(false), ..Column::known(Data::nothing(ty)) }
    }

    /// Unknown here, though the scalar evaluator may well know it.
    pub fn undecided(ty: Type) -> Column {
        Column { hints: Cells::Same(MAY_KNOW | BOUNDED), ..Column::unknown(ty) }
    }

    pub fn constant(value: Value, ty: Type) -> Column {
        match value {
            Value::YesNo(value) => Column::known(Data::YesNo(Cells::Same(value))),
            Value::Label(label) => Column::known(Data::Label(Cells::Same(label))),
            Value::Number(exact) => match Number::constant(exact) {
                Some(number) => Column::known(Data::Number(number)),
                None => Column { faults: Cells::Same(OVERFLOW), ..Column::undecided(ty) },
            },
        }
    }

    /// The yes/no cells. A column of another kind cannot come here: formulas are typed.
    pub fn truth(&self) -> Cells<bool> {
        match &self.data {
            Data::YesNo(cells) => cells.clone(),
            _ => Cells::Same(false),
        }
    }

    pub fn number(&self) -> Number {
        match &self.data {
            Data::Number(number) => number.clone(),
            _ => Number::whole(Cells::Same(0)),
        }
    }

    pub fn labels(&self) -> Cells<u16> {
        match &self.data {
            Data::Label(cells) => cells.clone(),
            _ => Cells::Same(0),
        }
    }

    /// Known to be yes.
    pub fn holds(&self) -> Cells<bool> {
        self.truth().and(&self.known)
    }

    pub fn gather(&self, index: &[u32]) -> Column {
        Column {
            data: match &self.data {
                Data::YesNo(cells) => Data::YesNo(cells.gather(index)),
                Data::Number(number) => Data::Number(number.gather(index)),
                Data::Label(cells) => Data::Label(cells.gather(index)),
            },
            known: self.known.gather(index),
            faults: self.faults.gather(index),
            hints: self.hints.gather(index),
        }
    }

    /// `self` where the mask is set, `other` elsewhere.
    pub fn select(&self, mask: &Cells<bool>, other: &Column) -> Column {
        match mask {
            Cells::Same(true) => return self.clone(),
            Cells::Same(false) => return other.clone(),
            Cells::Rows(_) => {}
        }
        let data = match (&self.data, &other.data) {
            (Data::YesNo(a), Data::YesNo(b)) => Data::YesNo(a.select(mask, b)),
            (Data::Label(a), Data::Label(b)) => Data::Label(a.select(mask, b)),
            (Data::Number(a), Data::Number(b)) => Data::Number(select_numbers(mask, a, b)),
            (data, _) => data.clone(),
        };
        Column {
            data,
            known: self.known.select(mask, &other.known),
            faults: self.faults.select(mask, &other.faults),
            hints: self.hints.select(mask, &other.hints),
        }
    }

    /// Where both are known and equal.
    pub fn agrees(&self, other: &Column) -> Cells<bool> {
        let both = self.known.clone().and(&other.known);
        if matches!(both, Cells::Same(false)) {
            return both;
        }
        let equal = match (&self.data, &other.data) {
            (Data::YesNo(a), Data::YesNo(b)) => a.zip(b, |a, b| a == b),
            (Data::Label(a), Data::Label(b)) => a.zip(b, |a, b| a == b),
            (Data::Number(a), Data::Number(b)) => same_numbers(a, b),
            _ => Cells::Same(false),
        };
        equal.and(&both)
    }
}

impl Data {
    fn nothing(ty: Type) -> Data {
        match ty {
            Type::YesNo => Data::YesNo(Cells::Same(false)),
            Type::Enum(_) => Data::Label(Cells::Same(0)),
            Type::Money
            | Type::Amount
            | Type::Count
            | Type::Number
            | Type::Date
            | Type::Month
            | Type::Moment => Data::Number(Number::whole(Cells::Same(0))),
        }
    }
}
