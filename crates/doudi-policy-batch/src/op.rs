//! The steps that code is made of.

use crate::cells::{Cells, Ints, Labels, Node};
use crate::code::Kind;
use doudi_policy::ir::{EntityId, InputId};
use doudi_policy::{Arith, Rounding};

/// Which part of a number that is computed row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Numer,
    Denom,
    Fault,
}

/// A number: numerator and denominator.
pub(crate) type Ratio = (Ints, Ints);

/// Rounding words and calculations in an order, so that steps can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Away {
    /// Half away from zero.
    HalfUp,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
}

impl From<Rounding> for Away {
    fn from(rounding: Rounding) -> Away {
        match rounding {
            Rounding::HalfUp => Away::HalfUp,
            Rounding::Up => Away::Up,
            Rounding::Down => Away::Down,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl From<Arith> for Calculation {
    fn from(op: Arith) -> Calculation {
        match op {
            Arith::Add => Calculation::Add,
            Arith::Subtract => Calculation::Subtract,
            Arith::Multiply => Calculation::Multiply,
            Arith::Divide => Calculation::Divide,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Calendar {
    MonthOf,
    FirstDay,
    LastDay,
    /// Completed years from the first operand to the second.
    Age,
}

/// Division of whole numbers that are not negative by a constant, as a multiplication:
/// `number / divisor == number * factor >> shift`, for all numbers up to the one that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reciprocal {
    pub factor: u64,
    pub shift: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    // Facts. Null gives no, the first option or zero; `Valid` tells.
    Truth(InputId),
    Labelled(InputId),
    Integers(InputId),
    Valid(InputId),
    /// For each owner, whether its list of this entity is complete.
    Complete(EntityId),

    // Bytes: masks are 0 or 1.
    And(Node, Node),
    Or(Node, Node),
    ButNot(Node, Node),
    Not(Node),
    OrBits(Node, u8),
    /// Bits where the mask is set.
    Only(Node, Node),
    /// These bits where the mask is set.
    Spread(Node, u8),
    Keep(Node, u8),
    /// Whether any of these bits is set.
    Has(Node, u8),
    Translate(Node, Box<[u8; 256]>),
    SelectByte(Node, Node, Node),
    /// Packed: the rows where one of these bits is set.
    Pack(Node, u8),
    /// Bytes with the bit of each packed mask, and those that are always set.
    Unpack {
        planes: Vec<(Node, u8)>,
        always: u8,
    },
    EqualByte(Node, Node),

    // Labels
    IsLabel(Node, Vec<u16>),
    EqualLabel(Node, Node),
    SelectLabel(Node, Labels, Labels),

    // Whole numbers, all of the width of the result.
    Add(Ints, Ints),
    Subtract(Ints, Ints),
    Multiply(Ints, Ints),
    Min(Ints, Ints),
    Max(Ints, Ints),
    Select(Node, Ints, Ints),
    Widen(Node),
    Narrow(Node),
    /// Bits of the accepted orderings (1 less, 2 equal, 3 both); the width of the operands.
    Compare(u8, Kind, Ints, Ints),
    /// Rounded to whole multiples of the divisor. `signed`: the number may be below zero.
    RoundConst {
        value: Node,
        away: Away,
        divisor: i64,
        by: Reciprocal,
        signed: bool,
    },
    /// As above, each row with its own divisor (above zero). `small`: exact as a quotient of doubles.
    RoundRows {
        value: Ints,
        away: Away,
        divisor: Ints,
        kind: Kind,
        small: bool,
    },
    /// Completed years up to a day: the last birthdays of each age from `least` on.
    AgeOn {
        birth: Node,
        on: i64,
        least: i64,
        last_births: Vec<i64>,
    },
    CalendarOf {
        of: Calendar,
        a: Ints,
        b: Ints,
        part: Part,
    },

    // Row by row, for numbers that may not fit.
    Slow {
        calculation: Calculation,
        a: Ratio,
        b: Ratio,
        part: Part,
    },
    SlowCompare {
        accepted: u8,
        a: Ratio,
        b: Ratio,
    },
    SlowRound {
        away: Away,
        unit: i64,
        value: Ratio,
        part: Part,
    },

    // Parameters
    /// A label as a number.
    Number(Node),
    /// The entry of a table of this code.
    Entry(u32, Node),

    // Owners and their rows
    OfOwner(Node),
    /// Sum over the owner's rows where the mask is set; of ones if there are no values.
    Sum {
        value: Option<Ints>,
        mask: Option<Node>,
        over: EntityId,
    },
    /// All bits of the owner's rows.
    AllBits(Node),
    /// Largest or smallest where the mask is set; zero if nowhere.
    Extreme {
        largest: bool,
        value: Ints,
        mask: Option<Node>,
        over: EntityId,
    },
    SlowSum {
        value: Ratio,
        mask: Option<Node>,
        over: EntityId,
        part: Part,
    },
    SlowExtreme {
        largest: bool,
        value: Ratio,
        mask: Option<Node>,
        over: EntityId,
        part: Part,
    },
}

fn ints(visit: &mut dyn FnMut(Node), ints: &[Ints]) {
    ints.iter().filter_map(|ints| ints.node()).for_each(visit);
}

impl Op {
    /// The same step on other operands. Logical steps are not asked.
    pub fn with_operands(&self, of: &mut dyn FnMut(Node) -> Node) -> Op {
        let mut op = self.clone();
        let mut ints = |cells: &mut Ints| {
            if let Cells::Rows(node) = cells {
                *node = of(*node);
            }
        };
        match &mut op {
            Op::Add(a, b)
            | Op::Subtract(a, b)
            | Op::Multiply(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::CalendarOf { a, b, .. }
            | Op::Compare(_, _, a, b) => [a, b].into_iter().for_each(ints),
            Op::RoundRows { value, divisor, .. } => [value, divisor].into_iter().for_each(ints),
            Op::Slow { a, b, .. } | Op::SlowCompare { a, b, .. } => {
                [&mut a.0, &mut a.1, &mut b.0, &mut b.1].into_iter().for_each(ints);
            }
            Op::SlowRound { value, .. } => [&mut value.0, &mut value.1].into_iter().for_each(ints),
            Op::Select(mask, a, b) => {
                [a, b].into_iter().for_each(ints);
                *mask = of(*mask);
            }
            Op::SelectLabel(mask, a, b) => {
                for labels in [a, b] {
                    if let Cells::Rows(node) = labels {
                        *node = of(*node);
                    }
                }
                *mask = of(*mask);
            }
            Op::Sum { value, mask, .. } => {
                value.iter_mut().for_each(ints);
                mask.iter_mut().for_each(|mask| *mask = of(*mask));
            }
            Op::Extreme { value, mask, .. } => {
                ints(value);
                mask.iter_mut().for_each(|mask| *mask = of(*mask));
            }
            Op::SlowSum { value, mask, .. } | Op::SlowExtreme { value, mask, .. } => {
                [&mut value.0, &mut value.1].into_iter().for_each(ints);
                mask.iter_mut().for_each(|mask| *mask = of(*mask));
            }
            Op::EqualLabel(a, b)
            | Op::EqualByte(a, b)
            | Op::And(a, b)
            | Op::Or(a, b)
            | Op::ButNot(a, b)
            | Op::Only(a, b) => [a, b].into_iter().for_each(|node| *node = of(*node)),
            Op::SelectByte(mask, a, b) => [mask, a, b].into_iter().for_each(|node| *node = of(*node)),
            Op::Unpack { planes, .. } => planes.iter_mut().for_each(|(node, _)| *node = of(*node)),
            Op::Not(a)
            | Op::OrBits(a, _)
            | Op::Spread(a, _)
            | Op::Keep(a, _)
            | Op::Has(a, _)
            | Op::Translate(a, _)
            | Op::IsLabel(a, _)
            | Op::Widen(a)
            | Op::Narrow(a)
            | Op::Number(a)
            | Op::Entry(_, a)
            | Op::OfOwner(a)
            | Op::AllBits(a)
            | Op::Pack(a, _)
            | Op::AgeOn { birth: a, .. }
            | Op::RoundConst { value: a, .. } => *a = of(*a),
            Op::Truth(_) | Op::Labelled(_) | Op::Integers(_) | Op::Valid(_) | Op::Complete(_) => {}
        }
        op
    }

    /// Steps whose results it needs.
    pub fn operands(&self, visit: &mut dyn FnMut(Node)) {
        match self {
            Op::Truth(_) | Op::Labelled(_) | Op::Integers(_) | Op::Valid(_) | Op::Complete(_) => {}
            Op::And(a, b)
            | Op::Or(a, b)
            | Op::ButNot(a, b)
            | Op::Only(a, b)
            | Op::EqualByte(a, b)
            | Op::EqualLabel(a, b) => [*a, *b].into_iter().for_each(visit),
            Op::Not(a)
            | Op::OrBits(a, _)
            | Op::Spread(a, _)
            | Op::Keep(a, _)
            | Op::Has(a, _)
            | Op::Translate(a, _)
            | Op::IsLabel(a, _)
            | Op::Widen(a)
            | Op::Narrow(a)
            | Op::Number(a)
            | Op::Entry(_, a)
            | Op::OfOwner(a)
            | Op::AllBits(a)
            | Op::Pack(a, _)
            | Op::AgeOn { birth: a, .. }
            | Op::RoundConst { value: a, .. } => visit(*a),
            Op::Unpack { planes, .. } => planes.iter().for_each(|(node, _)| visit(*node)),
            Op::SelectByte(m, a, b) => [*m, *a, *b].into_iter().for_each(visit),
            Op::SelectLabel(m, a, b) => {
                [Some(*m), a.node(), b.node()].into_iter().flatten().for_each(visit);
            }
            Op::Add(a, b)
            | Op::Subtract(a, b)
            | Op::Multiply(a, b)
            | Op::Min(a, b)
            | Op::Max(a, b)
            | Op::CalendarOf { a, b, .. }
            | Op::Compare(_, _, a, b) => ints(visit, &[*a, *b]),
            Op::Select(m, a, b) => {
                visit(*m);
                ints(visit, &[*a, *b]);
            }
            Op::RoundRows { value, divisor, .. } => ints(visit, &[*value, *divisor]),
            Op::Slow { a, b, .. } | Op::SlowCompare { a, b, .. } => ints(visit, &[a.0, a.1, b.0, b.1]),
            Op::SlowRound { value, .. } => ints(visit, &[value.0, value.1]),
            Op::Sum { value, mask, .. } => {
                value.iter().for_each(|value| ints(visit, &[*value]));
                mask.iter().copied().for_each(visit);
            }
            Op::Extreme { value, mask, .. } => {
                ints(visit, &[*value]);
                mask.iter().copied().for_each(visit);
            }
            Op::SlowSum { value, mask, .. } | Op::SlowExtreme { value, mask, .. } => {
                ints(visit, &[value.0, value.1]);
                mask.iter().copied().for_each(visit);
            }
        }
    }
}
