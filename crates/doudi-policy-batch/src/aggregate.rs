//! 合计、计数、任一、全部、最大、最小: members or records folded by owner. A list that is not known to be complete holds one
//! more element that nobody has reported: it is in or out of the selection, and brings something, as far as that follows
//! from its owner alone.

use crate::cells::Cells;
use crate::column::{Column, Data};
use crate::doubt::{Doubt, Folded, Unknown};
use crate::hint::MAY_KNOW;
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

    /// What is doubtful about an element that keeps the fold from being known.
    fn doubt(&self, row: usize) -> Doubt {
        let value_hints = self.value.as_ref().map_or(0, |value| value.hints.at(row));
        let may_drop_out = self.inside.hints.at(row) & MAY_KNOW != 0;
        let may_know = may_drop_out || value_hints & MAY_KNOW != 0;
        Doubt {
            any: true,
            faults: self.faults(row),
            boundless: !may_drop_out && !self.is_known(row) && value_hints == 0,
            may_know_all: may_know,
            may_know_some: may_know,
            selection: self.inside(row) == Inside::Unknown && !may_drop_out,
        }
    }
}

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
        self.add_up(owner, |elements, row| total += i128::from(elements.number(row).0))?;
        i64::try_from(total).map_err(|_| Unknown::OVERFLOW)
    }

    fn total_of_pairs(&self, owner: usize) -> Folded<Pair> {
        let mut total = Some((0, 1));
        self.add_up(owner, |elements, row| {
            total = total.and_then(|total| add_pairs(total, elements.number(row)));
        })?;
        total.ok_or(Unknown::OVERFLOW)
    }

    /// Calls `add` for every element that counts. Something that may or may not count leaves the sum unknown, unless
    /// it brings nothing.
    fn add_up(&self, owner: usize, mut add: impl FnMut(&Elements, usize)) -> Folded<()> {
        let mut doubt = Doubt::NONE;
        if let Some(elements) = &self.reported {
            for row in self.elements(owner) {
                match elements.inside(row) {
                    Inside::No => {}
                    Inside::Yes if elements.is_known(row) => add(elements, row),
                    Inside::Unknown if elements.is_zero(row) => {}
                    Inside::Yes | Inside::Unknown => doubt = doubt.and(elements.doubt(row)),
                }
            }
        }
        if let Some(elements) = self.unreported(owner)
            && !elements.is_zero(owner)
        {
            doubt = doubt.and(elements.doubt(owner));
        }
        doubt.of_sum().map_or(Ok(()), Err)
    }

    /// 任一 (`decisive` = true) and 全部 (`decisive` = false).
    pub fn quantify(&self, decisive: bool) -> Column {
        column(self.each_owner(|owner| self.answer(owner, decisive)), |answers| {
            let values = answers.iter().map(|answer| matches!(answer, Ok(true))).collect();
            Data::YesNo(Cells::rows(values))
        })
    }

    fn answer(&self, owner: usize, decisive: bool) -> Folded<bool> {
        let mut doubt = Doubt::NONE;
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
                doubt = doubt.and(elements.doubt(row));
            }
        }
        if let Some(elements) = self.unreported(owner)
            && elements.holds(owner) != Some(!decisive)
        {
            doubt = doubt.and(elements.doubt(owner));
        }
        doubt.of_answer().map_or(Ok(!decisive), Err)
    }

    /// Largest or smallest. Of an empty selection there is none: unknown.
    pub fn extreme(&self, largest: bool) -> Column {
        let better = if largest { Ordering::Greater } else { Ordering::Less };
        numbers(self.each_owner(|owner| self.best(owner, better)), |pair| pair)
    }

    fn best(&self, owner: usize, better: Ordering) -> Folded<Pair> {
        let mut best: Option<Pair> = None;
        let mut doubt = Doubt::NONE;
        if let Some(elements) = &self.reported {
            for row in self.elements(owner) {
                match elements.inside(row) {
                    Inside::No => {}
                    Inside::Yes if elements.is_known(row) => {
                        let number = elements.number(row);
                        if best.is_none_or(|best| compare_pairs(number, best) == better) {
                            best = Some(number);
                        }
                    }
                    Inside::Yes | Inside::Unknown => doubt = doubt.and(elements.doubt(row)),
                }
            }
        }
        if let Some(elements) = self.unreported(owner) {
            let open = elements.doubt(owner);
            // Unless it drops out, the list stays open, and an open list has no largest element.
            let selection = elements.inside.hints.at(owner) & MAY_KNOW == 0;
            doubt = doubt.and(Doubt { selection, ..open });
        }
        match doubt.of_extreme() {
            Some(unknown) => Err(unknown),
            None => best.ok_or(Unknown::NONE),
        }
    }

    fn each_owner<T>(&self, fold: impl Fn(usize) -> Folded<T>) -> Vec<Folded<T>> {
        (0..self.owners).map(fold).collect()
    }
}

fn column<T>(folded: Vec<Folded<T>>, data: impl FnOnce(&[Folded<T>]) -> Data) -> Column {
    let column = Column::known(data(&folded));
    if folded.iter().all(Result::is_ok) {
        return column;
    }
    let of_unknown = |bits: fn(&Unknown) -> u8| {
        Cells::rows(folded.iter().map(|folded| folded.as_ref().err().map_or(0, bits)).collect())
    };
    Column {
        known: Cells::rows(folded.iter().map(Result::is_ok).collect()),
        faults: of_unknown(|unknown| unknown.faults),
        hints: of_unknown(|unknown| unknown.hints),
        ..column
    }
}

fn numbers<T: Copy>(totals: Vec<Folded<T>>, pair: impl Fn(T) -> Pair) -> Column {
    column(totals, |totals| {
        let pair = |total: &Folded<T>| total.as_ref().map_or((0, 1), |total| pair(*total));
        let pairs: Vec<Pair> = totals.iter().map(pair).collect();
        let denom = pairs.first().map_or(1, |first| first.1);
        Data::Number(if pairs.iter().all(|pair| pair.1 == denom) {
            let numer = pairs.iter().map(|pair| pair.0).collect();
            Number { numer: Cells::rows(numer), denom: Cells::Same(denom) }
        } else {
            Number::pairs(&pairs)
        })
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    const YES: Option<bool> = Some(true);
    const NO: Option<bool> = Some(false);

    fn truth(cells: &[Option<bool>]) -> Column {
        let values = cells.iter().map(|cell| cell.unwrap_or(true)).collect();
        let known = cells.iter().map(Option::is_some).collect();
        Column { known: Cells::rows(known), ..Column::known(Data::YesNo(Cells::rows(values))) }
    }

    fn amounts(cells: &[Option<i64>]) -> Column {
        let number = Number::whole(Cells::rows(cells.iter().map(|cell| cell.unwrap_or(77)).collect()));
        let known = Cells::rows(cells.iter().map(Option::is_some).collect());
        Column { known, ..Column::known(Data::Number(number)) }
    }

    fn elements(inside: &[Option<bool>], value: Option<Column>) -> Elements {
        Elements { inside: truth(inside), value }
    }

    /// One owner with these elements, and perhaps one more that nobody has reported.
    fn list(reported: Elements, count: u32, unreported: Option<Elements>) -> Lists {
        let open = Cells::Same(unreported.is_some());
        Lists { offsets: vec![0, count], reported: Some(reported), open, unreported, owners: 1 }
    }

    fn number(column: &Column) -> Option<i64> {
        column.known.at(0).then(|| column.number().at(0).0)
    }

    fn answer(column: &Column) -> Option<bool> {
        column.known.at(0).then(|| column.truth().at(0))
    }

    fn some(inside: Option<bool>, value: Option<i64>) -> Option<Elements> {
        Some(elements(&[inside], Some(amounts(&[value]))))
    }

    #[test]
    fn a_sum_passes_over_what_stands_outside() {
        let sum = |inside: &[Option<bool>], values: &[Option<i64>], unreported| {
            let reported = elements(inside, Some(amounts(values)));
            number(&list(reported, inside.len() as u32, unreported).sum())
        };
        assert_eq!(sum(&[YES, NO, YES], &[Some(1), None, Some(2)], None), Some(3));
        assert_eq!(sum(&[YES, YES], &[Some(1), None], None), None);
        // Who may be inside but brings nothing changes nothing.
        assert_eq!(sum(&[YES, None], &[Some(1), Some(0)], None), Some(1));
        assert_eq!(sum(&[YES, None], &[Some(1), Some(5)], None), None);
        assert_eq!(sum(&[YES], &[Some(1)], some(YES, None)), None);
        assert_eq!(sum(&[YES], &[Some(1)], some(YES, Some(0))), Some(1));
        assert_eq!(sum(&[YES], &[Some(1)], some(NO, None)), Some(1));
        assert_eq!(sum(&[], &[], None), Some(0));
    }

    #[test]
    fn a_count_needs_only_the_selection() {
        let count = |inside: &[Option<bool>], unreported: Option<Option<bool>>| {
            let unreported = unreported.map(|inside| elements(&[inside], None));
            number(&list(elements(inside, None), inside.len() as u32, unreported).sum())
        };
        assert_eq!(count(&[YES, NO, YES], None), Some(2));
        assert_eq!(count(&[YES, None], None), None);
        assert_eq!(count(&[YES], Some(YES)), None);
        assert_eq!(count(&[YES], Some(None)), None);
        assert_eq!(count(&[YES], Some(NO)), Some(1));
    }

    #[test]
    fn one_that_holds_decides_any_and_one_that_does_not_decides_all() {
        let quantify = |decisive, inside: &[Option<bool>], values: &[Option<bool>]| {
            let reported = elements(inside, Some(truth(values)));
            answer(&list(reported, inside.len() as u32, None).quantify(decisive))
        };
        assert_eq!(quantify(true, &[YES, None], &[YES, None]), YES);
        assert_eq!(quantify(true, &[None, YES], &[YES, NO]), None);
        assert_eq!(quantify(true, &[NO, None], &[YES, NO]), NO);
        assert_eq!(quantify(true, &[], &[]), NO);
        assert_eq!(quantify(false, &[YES, YES], &[NO, None]), NO);
        assert_eq!(quantify(false, &[YES, NO], &[YES, NO]), YES);
        assert_eq!(quantify(false, &[None], &[NO]), None);
        assert_eq!(quantify(false, &[], &[]), YES);
    }

    #[test]
    fn an_unreported_element_never_decides() {
        let quantify = |decisive, held: Option<bool>, inside, value| {
            let unreported = elements(&[inside], Some(truth(&[value])));
            let reported = elements(&[YES], Some(truth(&[held])));
            answer(&list(reported, 1, Some(unreported)).quantify(decisive))
        };
        assert_eq!(quantify(true, YES, YES, None), YES);
        assert_eq!(quantify(true, NO, YES, YES), None);
        assert_eq!(quantify(true, NO, NO, YES), NO);
        assert_eq!(quantify(true, NO, YES, NO), NO);
        assert_eq!(quantify(false, YES, None, None), None);
        assert_eq!(quantify(false, NO, None, None), NO);
    }

    #[test]
    fn the_largest_and_smallest_need_every_element() {
        let extreme = |largest, inside: &[Option<bool>], values: &[Option<i64>], unreported| {
            let reported = elements(inside, Some(amounts(values)));
            number(&list(reported, inside.len() as u32, unreported).extreme(largest))
        };
        let values = [Some(3), Some(9), Some(-4)];
        assert_eq!(extreme(true, &[YES, NO, YES], &values, None), Some(3));
        assert_eq!(extreme(false, &[YES, NO, YES], &values, None), Some(-4));
        assert_eq!(extreme(true, &[YES, None, YES], &values, None), None);
        assert_eq!(extreme(true, &[YES, YES], &[Some(3), None], None), None);
        assert_eq!(extreme(true, &[NO], &[Some(3)], None), None);
        assert_eq!(extreme(true, &[YES], &[Some(3)], some(YES, Some(0))), None);
        assert_eq!(extreme(true, &[YES], &[Some(3)], some(NO, None)), Some(3));
    }

    #[test]
    fn an_unreported_owner_has_only_what_nobody_reported() {
        let lists = |inside| Lists {
            offsets: Vec::new(),
            reported: None,
            open: Cells::Same(true),
            unreported: Some(elements(&[inside], None)),
            owners: 1,
        };
        assert_eq!(number(&lists(YES).sum()), None);
        assert_eq!(number(&lists(NO).sum()), Some(0));
        assert_eq!(answer(&lists(NO).quantify(true)), NO);
    }

    #[test]
    fn fractions_add_up_exactly() {
        let thirds = Number::pairs(&[(1, 3), (1, 6), (1, 2)]);
        let reported = elements(&[YES, YES, YES], Some(Column::known(Data::Number(thirds))));
        let sum = list(reported, 3, None).sum();
        assert_eq!(crate::number::reduced(sum.number().at(0)), (1, 1));
    }
}
