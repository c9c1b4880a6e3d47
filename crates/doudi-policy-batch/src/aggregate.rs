//! 合计、计数、任一、全部、最大、最小: members or records folded by owner. A list that is not known to be complete holds one
//! more element that nobody has reported: it is in or out of the selection, and brings something, as far as that follows
//! from its owner alone.

use crate::cells::Cells;
use crate::column::{Column, Data, OVERFLOW};
use crate::number::{Number, Pair, add_pairs, compare_pairs};
use crate::run::Run;
use crate::space::Space;
use doudi_policy::AggregateOp;
use doudi_policy::ir::{EntityId, Expr};
use std::cmp::Ordering;
use std::ops::Range;

/// Elements of all owners: whether each is in the selection, and what it brings (nothing for 计数 and 任一 without 的).
pub(crate) struct Elements {
    pub inside: Column,
    pub value: Option<Column>,
}

/// What is folded, by owner.
pub(crate) struct Lists {
    /// Where the owner's reported elements start; empty if the owner itself is unreported.
    pub offsets: Vec<u32>,
    pub reported: Option<Elements>,
    /// Whether the owner's list may hold more than is reported.
    pub open: Cells<bool>,
    pub unreported: Option<Elements>,
    pub owners: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    No,
    Yes,
    Unknown,
}

impl Elements {
    fn inside(&self, row: usize) -> Inside {
        match (self.inside.known.at(row), &self.inside.data) {
            (false, _) => Inside::Unknown,
            (true, Data::YesNo(cells)) if cells.at(row) => Inside::Yes,
            _ => Inside::No,
        }
    }

    fn is_known(&self, row: usize) -> bool {
        self.value.as_ref().is_none_or(|value| value.known.at(row))
    }

    fn number(&self, row: usize) -> Pair {
        match self.value.as_ref().map(|value| &value.data) {
            Some(Data::Number(number)) => number.at(row),
            // 计数 counts ones.
            _ => (1, 1),
        }
    }

    fn is_zero(&self, row: usize) -> bool {
        self.is_known(row) && self.number(row).0 == 0
    }

    /// Known to hold (or known not to): 任一（成员 当 条件） asks only for the selection, so being in it is enough.
    fn holds(&self, row: usize) -> Option<bool> {
        match &self.value {
            None => Some(true),
            Some(value) => match &value.data {
                Data::YesNo(cells) if value.known.at(row) => Some(cells.at(row)),
                _ => None,
            },
        }
    }

    fn faults(&self, row: usize) -> u8 {
        self.inside.faults.at(row) | self.value.as_ref().map_or(0, |value| value.faults.at(row))
    }
}

/// What folding one owner's elements gives: a value or fault bits.
type Folded<T> = Result<T, u8>;

impl Lists {
    fn elements(&self, owner: usize) -> Range<usize> {
        let at = |index: usize| self.offsets.get(index).map_or(0, |offset| *offset as usize);
        if self.reported.is_some() { at(owner)..at(owner + 1) } else { 0..0 }
    }

    /// The element that an open list may hold, unless it is known to be outside the selection.
    fn unreported(&self, owner: usize) -> Option<&Elements> {
        if !self.open.at(owner) {
            return None;
        }
        self.unreported.as_ref().filter(|elements| elements.inside(owner) != Inside::No)
    }

    pub fn sum(&self) -> Column {
        // Over one denominator an addition is one instruction; anything else goes pair by pair.
        let denom = match self.reported.as_ref().and_then(|elements| elements.value.as_ref()) {
            Some(value) => value.number().denom,
            None => Cells::Same(1),
        };
        match denom {
            Cells::Same(denom) => {
                let totals = self.each_owner(|owner| self.total(owner));
                numbers(totals, |numer| (numer, denom))
            }
            Cells::Rows(_) => numbers(self.each_owner(|owner| self.total_of_pairs(owner)), |pair| pair),
        }
    }

    fn total(&self, owner: usize) -> Folded<i64> {
        let mut total: i128 = 0;
        self.add_up(owner, |elements, row| {
            total += i128::from(elements.number(row).0);
            true
        })?;
        i64::try_from(total).map_err(|_| OVERFLOW)
    }

    fn total_of_pairs(&self, owner: usize) -> Folded<Pair> {
        let mut total = Some((0, 1));
        self.add_up(owner, |elements, row| {
            total = total.and_then(|total| add_pairs(total, elements.number(row)));
            true
        })?;
        total.ok_or(OVERFLOW)
    }

    /// Calls `add` for every element that counts. Something that may or may not count leaves the sum unknown, unless
    /// it brings nothing.
    fn add_up(&self, owner: usize, mut add: impl FnMut(&Elements, usize) -> bool) -> Folded<()> {
        let mut known = true;
        let mut faults = 0;
        if let Some(elements) = &self.reported {
            for row in self.elements(owner) {
                match elements.inside(row) {
                    Inside::No => {}
                    Inside::Yes if elements.is_known(row) => known &= add(elements, row),
                    Inside::Unknown if elements.is_zero(row) => {}
                    Inside::Yes | Inside::Unknown => {
                        known = false;
                        faults |= elements.faults(row);
                    }
                }
            }
        }
        if let Some(elements) = self.unreported(owner)
            && !elements.is_zero(owner)
        {
            known = false;
            faults |= elements.faults(owner);
        }
        if known { Ok(()) } else { Err(faults) }
    }

    /// 任一 (`decisive` = true) and 全部 (`decisive` = false).
    pub fn quantify(&self, decisive: bool) -> Column {
        let answers = self.each_owner(|owner| self.answer(owner, decisive));
        let known = answers.iter().map(Result::is_ok).collect();
        let faults = answers.iter().map(|answer| answer.err().unwrap_or(0)).collect();
        let values = answers.iter().map(|answer| answer.unwrap_or(false)).collect();
        Column::yes_no(Cells::rows(values), Cells::rows(known), Cells::rows(faults))
    }

    fn answer(&self, owner: usize, decisive: bool) -> Folded<bool> {
        let mut open = false;
        let mut faults = 0;
        if let Some(elements) = &self.reported {
            for row in self.elements(owner) {
                let inside = elements.inside(row);
                let holds = elements.holds(row);
                if inside == Inside::No || holds == Some(!decisive) {
                    continue;
                }
                if inside == Inside::Yes && holds.is_some() {
                    return Ok(decisive);
                }
                open = true;
                faults |= elements.faults(row);
            }
        }
        if let Some(elements) = self.unreported(owner)
            && elements.holds(owner) != Some(!decisive)
        {
            open = true;
            faults |= elements.faults(owner);
        }
        if open { Err(faults) } else { Ok(!decisive) }
    }

    /// Largest or smallest. Of an empty selection there is none: unknown.
    pub fn extreme(&self, largest: bool) -> Column {
        let better = if largest { Ordering::Greater } else { Ordering::Less };
        numbers(self.each_owner(|owner| self.best(owner, better)), |pair| pair)
    }

    fn best(&self, owner: usize, better: Ordering) -> Folded<Pair> {
        let mut best: Option<Pair> = None;
        let mut known = true;
        let mut faults = 0;
        if let Some(elements) = &self.reported {
            for row in self.elements(owner) {
                match elements.inside(row) {
                    Inside::No => continue,
                    Inside::Yes if elements.is_known(row) => {}
                    Inside::Yes | Inside::Unknown => {
                        known = false;
                        faults |= elements.faults(row);
                        continue;
                    }
                }
                let number = elements.number(row);
                if best.is_none_or(|best| compare_pairs(number, best) == better) {
                    best = Some(number);
                }
            }
        }
        if let Some(elements) = self.unreported(owner) {
            known = false;
            faults |= elements.faults(owner);
        }
        if known { best.ok_or(faults) } else { Err(faults) }
    }

    fn each_owner<T>(&self, fold: impl Fn(usize) -> Folded<T>) -> Vec<Folded<T>> {
        (0..self.owners).map(fold).collect()
    }
}

fn numbers<T: Copy>(totals: Vec<Folded<T>>, pair: impl Fn(T) -> Pair) -> Column {
    let pairs: Vec<Pair> = totals.iter().map(|total| total.map_or((0, 1), &pair)).collect();
    let unknown = totals.iter().any(Result::is_err);
    let denom = pairs.first().map_or(1, |first| first.1);
    let number = if pairs.iter().all(|pair| pair.1 == denom) {
        let numer = pairs.iter().map(|pair| pair.0).collect();
        Number { numer: Cells::rows(numer), denom: Cells::Same(denom) }
    } else {
        Number::pairs(&pairs)
    };
    let column = Column::known(Data::Number(number));
    if !unknown {
        return column;
    }
    Column {
        known: Cells::rows(totals.iter().map(Result::is_ok).collect()),
        faults: Cells::rows(totals.iter().map(|total| total.as_ref().err().copied().unwrap_or(0)).collect()),
        ..column
    }
}

impl Run<'_> {
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
        let open = if unreported_owner { Cells::Same(true) } else { self.block.complete(over).not() };
        let unreported =
            open.any().then(|| self.elements(filters, value, Space { entity: over, base: owner.base }));
        let offsets = if unreported_owner { Vec::new() } else { self.block.offsets(over) };
        let owners = self.block.rows(owner.base);
        let lists = Lists { offsets, reported, open, unreported, owners };
        match op {
            AggregateOp::Sum | AggregateOp::Count => lists.sum(),
            AggregateOp::Any => lists.quantify(true),
            AggregateOp::All => lists.quantify(false),
            AggregateOp::Max => lists.extreme(true),
            AggregateOp::Min => lists.extreme(false),
        }
    }

    fn elements(&mut self, filters: &[Expr], value: Option<&Expr>, space: Space) -> Elements {
        let inside = self.junction(filters, false, space, None);
        Elements { inside, value: value.map(|value| self.expr(value, space, None)) }
    }
}
