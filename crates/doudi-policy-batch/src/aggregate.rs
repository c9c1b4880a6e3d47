//! 合计、计数、任一、全部、最大、最小: members or records folded by owner. A list that is not known to be complete holds one
//! more element that nobody has reported: it is in or out of the selection, and brings something, as far as that follows
//! from its owner alone.

use crate::cells::{Bits, Cells, Ints, Mask};
use crate::code::Code;
use crate::column::{Column, Data, OVERFLOW};
use crate::compile::Compiler;
use crate::doubt::{ANY, doubts, faults, hints_of_answer, hints_of_extreme, hints_of_sum};
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::Number;
use crate::op::{Op, Part};
use crate::space::Space;
use doudi_policy::AggregateOp;
use doudi_policy::ir::{EntityId, Expr};

/// Elements of all owners: whether each is in the selection, and what it brings (nothing for 计数 and 任一 without 的).
struct Elements {
    inside: Column,
    value: Option<Column>,
}

/// What is folded, by owner.
struct Lists {
    over: EntityId,
    /// Entity of the owners' rows.
    base: EntityId,
    /// Nothing if the owner itself is unreported.
    reported: Option<Elements>,
    /// Whether the owner's list may hold more than is reported.
    open: Mask,
    unreported: Option<Elements>,
    /// Fewest and most elements of one owner.
    rows: (u32, u32),
}

/// An element, or its owner, as masks.
struct Standing {
    inside: Mask,
    /// It is not known to stand outside.
    perhaps: Mask,
    value_known: Mask,
}

impl Elements {
    fn standing(&self, code: &mut Code) -> Standing {
        let inside = self.inside.holds(code);
        let outside = code.not(self.inside.truth());
        let outside = code.and(outside, self.inside.known);
        Standing {
            inside,
            perhaps: code.not(outside),
            value_known: self.value.map_or(Mask::YES, |value| value.known),
        }
    }

    /// 计数 counts ones.
    fn number(&self) -> Number {
        self.value.map_or(Number::whole(Cells::Same(1)), |value| value.number())
    }

    /// Known to bring nothing.
    fn is_zero(&self, code: &mut Code) -> Mask {
        let Some(value) = &self.value else { return Mask::NO };
        let zero = code.compare(2, value.number().numer, Cells::Same(0));
        code.and(zero, value.known)
    }

    /// Known to hold, and whether that is known: 任一（成员 当 条件） asks only for the selection, so being in it is enough.
    fn holds(&self) -> (Mask, Mask) {
        self.value.map_or((Mask::YES, Mask::YES), |value| (value.truth(), value.known))
    }
}

impl Lists {
    /// Reasons of all elements of an owner that are in doubt.
    fn gather(&self, code: &mut Code, mut in_doubt: impl FnMut(&mut Code, &Elements, bool) -> Mask) -> Bits {
        let mut found = Bits::NONE;
        if let Some(elements) = &self.reported {
            let rows = in_doubt(code, elements, false);
            let bits = doubts(code, &elements.inside, elements.value.as_ref(), false);
            let bits = code.only(bits, rows);
            found = code.all_bits(bits, self.base, self.over, self.rows);
        }
        if let Some(elements) = &self.unreported {
            let rows = in_doubt(code, elements, true);
            let rows = code.and(rows, self.open);
            let bits = doubts(code, &elements.inside, elements.value.as_ref(), true);
            let bits = code.only(bits, rows);
            found = code.both(found, bits);
        }
        found
    }

    /// Something that may or may not count leaves the sum unknown, unless it brings nothing.
    fn sum(&self, code: &mut Code) -> Column {
        let doubt = self.gather(code, |code, elements, unreported| {
            let Standing { inside, perhaps, value_known } = elements.standing(code);
            let zero = elements.is_zero(code);
            // What is certainly in it counts, even if it brings nothing.
            let counts = if unreported { Mask::NO } else { code.and(inside, value_known) };
            let rows = code.but_not(perhaps, counts);
            // Only of what is certainly known is it known to be zero.
            code.but_not(rows, zero)
        });
        let (number, overflow) = match &self.reported {
            None => (Number::whole(Cells::Same(0)), Bits::NONE),
            Some(elements) => {
                let Standing { inside, value_known, .. } = elements.standing(code);
                let counts = code.and(inside, value_known);
                self.total(code, elements.number(), counts)
            }
        };
        let hints = hints_of_sum(code, doubt);
        let column = self.folded(code, Data::Number(number), Mask::YES, doubt, hints);
        if overflow == Bits::NONE {
            return column;
        }
        let overflow = code.only(overflow, column.known);
        let faulty = code.has(overflow, OVERFLOW);
        let wide = code.only(Cells::Same(MAY_KNOW | BOUNDED), faulty);
        Column {
            known: code.but_not(column.known, faulty),
            faults: code.both(column.faults, overflow),
            hints: code.both(column.hints, wide),
            ..column
        }
    }

    /// The sum over the rows of `mask`, and where it does not fit.
    fn total(&self, code: &mut Code, number: Number, mask: Mask) -> (Number, Bits) {
        if let Cells::Same(_) = number.denom
            && let Some(numer) = code.sum(number.numer, mask, self.over, self.base, self.rows)
        {
            return (Number { numer, ..number }, Bits::NONE);
        }
        if mask == Mask::NO {
            return (Number::whole(Cells::Same(0)), Bits::NONE);
        }
        let (value, mask) = (number.wide(code), mask.node());
        let mut part = |part| code.slow(Op::SlowSum { value, mask, over: self.over, part }, part, self.base);
        let (numer, denom, fault) = (part(Part::Numer), part(Part::Denom), part(Part::Fault));
        (Number { numer: Cells::Rows(numer), denom: Cells::Rows(denom) }, Cells::Rows(fault))
    }

    /// 任一 (`decisive` = true) and 全部 (`decisive` = false): one element that is certainly in it and decides is enough.
    fn quantify(&self, code: &mut Code, decisive: bool) -> Column {
        let mut deciding_rows = Mask::NO;
        let doubt = self.gather(code, |code, elements, unreported| {
            let Standing { inside, perhaps, .. } = elements.standing(code);
            let (holds, known) = elements.holds();
            let against = if decisive { code.not(holds) } else { holds };
            let against = code.and(against, known);
            let candidates = code.but_not(perhaps, against);
            if unreported {
                return candidates;
            }
            let certain = code.and(inside, known);
            let deciding = code.and(candidates, certain);
            deciding_rows = deciding;
            code.but_not(candidates, deciding)
        });
        let decided = code.any_row(deciding_rows, self.base, self.over, self.rows);
        let truth = if decisive { decided } else { code.not(decided) };
        let open = code.not(decided);
        let doubt = code.only(doubt, open);
        let hints = hints_of_answer(code, doubt);
        self.folded(code, Data::YesNo(truth), Mask::YES, doubt, hints)
    }

    /// Largest or smallest. Of an empty selection there is none: unknown.
    fn extreme(&self, code: &mut Code, largest: bool) -> Column {
        let doubt = self.gather(code, |code, elements, unreported| {
            let Standing { inside, perhaps, value_known } = elements.standing(code);
            // Unless it drops out, the list stays open, and an open list has no largest element.
            let counts = if unreported { Mask::NO } else { code.and(inside, value_known) };
            code.but_not(perhaps, counts)
        });
        let (number, some) = match &self.reported {
            None => (Number::whole(Cells::Same(0)), Mask::NO),
            Some(elements) => {
                let Standing { inside, value_known, .. } = elements.standing(code);
                let counts = code.and(inside, value_known);
                let some = code.any_row(counts, self.base, self.over, self.rows);
                (self.best(code, largest, elements.number(), counts), some)
            }
        };
        let hints = hints_of_extreme(code, doubt);
        self.folded(code, Data::Number(number), some, doubt, hints)
    }

    fn best(&self, code: &mut Code, largest: bool, number: Number, mask: Mask) -> Number {
        if mask == Mask::NO {
            return Number::whole(Cells::Same(0));
        }
        if let Cells::Same(_) = number.denom {
            let numer = code.extreme_row(largest, number.numer, mask, self.over, self.base);
            return Number { numer, ..number };
        }
        let (value, mask) = (number.wide(code), mask.node());
        let mut part = |part| {
            let op = Op::SlowExtreme { largest, value, mask, over: self.over, part };
            code.slow(op, part, self.base)
        };
        let (numer, denom): (Ints, Ints) = (Cells::Rows(part(Part::Numer)), Cells::Rows(part(Part::Denom)));
        Number { numer, denom }
    }

    fn folded(&self, code: &mut Code, data: Data, exists: Mask, doubt: Bits, hints: Bits) -> Column {
        let doubtful = code.has(doubt, ANY);
        let known = code.but_not(exists, doubtful);
        let faults = faults(code, doubt);
        Column { data, known, faults, hints }
    }
}

impl Compiler<'_> {
    /// At the rows of the owner's space.
    pub fn aggregate(
        &mut self,
        op: AggregateOp,
        over: EntityId,
        filters: &[Expr],
        value: Option<&Expr>,
        owner: Space,
    ) -> Column {
        let unreported_owner = owner.is_unreported();
        let reported = (!unreported_owner).then(|| self.elements(filters, value, Space::reported(over)));
        let open = if unreported_owner {
            Mask::YES
        } else {
            let complete = self.facts.complete(&mut self.code, over);
            self.code.not(complete)
        };
        let space = Space { entity: over, base: owner.base };
        let unreported = open.any().then(|| self.elements(filters, value, space));
        let rows = self.facts.owned[over.index()];
        let lists = Lists { over, base: owner.base, reported, open, unreported, rows };
        let code = &mut self.code;
        match op {
            AggregateOp::Sum | AggregateOp::Count => lists.sum(code),
            AggregateOp::Any => lists.quantify(code, true),
            AggregateOp::All => lists.quantify(code, false),
            AggregateOp::Max => lists.extreme(code, true),
            AggregateOp::Min => lists.extreme(code, false),
        }
    }

    fn elements(&mut self, filters: &[Expr], value: Option<&Expr>, space: Space) -> Elements {
        let inside = self.junction(filters, false, space, None);
        Elements { inside, value: value.map(|value| self.expr(value, space, None)) }
    }
}
