//! What a formula gives for every row: values, whether they are known, and why a formula could not be computed. The
//! value of a row that is not known means nothing.

use crate::cells::{Bits, Cells, Labels, Mask};
use crate::code::Code;
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::{Number, same_numbers, select_numbers};
use doudi_policy::Value;
use doudi_policy::ir::{EntityId, Type};

/// Fault bits.
pub(crate) const OVERFLOW: u8 = 1;
pub(crate) const DIVISION_BY_ZERO: u8 = 2;
pub(crate) const CONFLICT: u8 = 4;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Data {
    YesNo(Mask),
    Number(Number),
    Label(Labels),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub data: Data,
    pub known: Mask,
    /// Fault bits; zero wherever the value is known.
    pub faults: Bits,
    /// What the scalar evaluator may know of it (see [`crate::hint`]); zero wherever the value is known.
    pub hints: Bits,
}

impl Column {
    pub fn known(data: Data) -> Column {
        Column { data, known: Mask::YES, faults: Bits::NONE, hints: Bits::NONE }
    }

    pub fn unknown(ty: Type) -> Column {
        Column { known: Mask::NO, ..Column::known(Data::nothing(ty)) }
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
    pub fn truth(&self) -> Mask {
        match self.data {
            Data::YesNo(cells) => cells,
            _ => Mask::NO,
        }
    }

    pub fn number(&self) -> Number {
        match self.data {
            Data::Number(number) => number,
            _ => Number::whole(Cells::Same(0)),
        }
    }

    pub fn labels(&self) -> Labels {
        match self.data {
            Data::Label(cells) => cells,
            _ => Cells::Same(0),
        }
    }

    /// Known to be yes.
    pub fn holds(&self, code: &mut Code) -> Mask {
        code.and(self.truth(), self.known)
    }

    /// An owner's cells for each of its rows.
    pub fn spread(&self, code: &mut Code, to: EntityId) -> Column {
        Column {
            data: match self.data {
                Data::YesNo(cells) => Data::YesNo(code.spread(cells, to)),
                Data::Number(number) => Data::Number(Number {
                    numer: code.spread(number.numer, to),
                    denom: code.spread(number.denom, to),
                }),
                Data::Label(cells) => Data::Label(code.spread(cells, to)),
            },
            known: code.spread(self.known, to),
            faults: code.spread(self.faults, to),
            hints: code.spread(self.hints, to),
        }
    }

    /// `self` where the mask is set, `other` elsewhere.
    pub fn select(&self, code: &mut Code, mask: Mask, other: &Column) -> Column {
        match mask {
            Cells::Same(true) => return *self,
            Cells::Same(false) => return *other,
            Cells::Rows(_) => {}
        }
        let data = match (self.data, other.data) {
            // What is unknown everywhere has no value worth choosing.
            (data, _) if other.known == Mask::NO => data,
            (_, data) if self.known == Mask::NO => data,
            (Data::YesNo(a), Data::YesNo(b)) => Data::YesNo(code.select_mask(mask, a, b)),
            (Data::Label(a), Data::Label(b)) => Data::Label(code.select_labels(mask, a, b)),
            (Data::Number(a), Data::Number(b)) => Data::Number(select_numbers(code, mask, a, b)),
            (data, _) => data,
        };
        Column {
            data,
            known: code.select_mask(mask, self.known, other.known),
            faults: code.select_bits(mask, self.faults, other.faults),
            hints: code.select_bits(mask, self.hints, other.hints),
        }
    }

    /// Where both are known and equal.
    pub fn agrees(&self, code: &mut Code, other: &Column) -> Mask {
        let both = code.and(self.known, other.known);
        if both == Mask::NO {
            return both;
        }
        let equal = match (self.data, other.data) {
            (Data::YesNo(a), Data::YesNo(b)) => code.equal_masks(a, b),
            (Data::Label(a), Data::Label(b)) => code.equal_labels(a, b),
            (Data::Number(a), Data::Number(b)) => same_numbers(code, a, b),
            _ => Mask::NO,
        };
        code.and(equal, both)
    }
}

impl Data {
    fn nothing(ty: Type) -> Data {
        match ty {
            Type::YesNo => Data::YesNo(Mask::NO),
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
