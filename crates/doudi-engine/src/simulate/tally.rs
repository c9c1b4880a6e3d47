//! Counting what changes, so that everything adds up.

use super::share::{Entitled, Range};

/// What becomes of a household or a person in one programme; everybody is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    Enter,
    Leave,
    Gain,
    Lose,
    Same,
    /// Entitled before and after, and it is not known whether to more or less.
    AmountUnknown,
    UnknownToEntitled,
    UnknownToNot,
    EntitledToUnknown,
    NotToUnknown,
    StillUnknown,
    StillNot,
}

pub const CHANGES: [Change; 12] = [
    Change::Enter,
    Change::Leave,
    Change::Gain,
    Change::Lose,
    Change::Same,
    Change::AmountUnknown,
    Change::UnknownToEntitled,
    Change::UnknownToNot,
    Change::EntitledToUnknown,
    Change::NotToUnknown,
    Change::StillUnknown,
    Change::StillNot,
];

impl Change {
    pub(super) fn of(before: (Entitled, Range), after: (Entitled, Range)) -> Change {
        match (before.0, after.0) {
            (Entitled::No, Entitled::Yes) => Change::Enter,
            (Entitled::Yes, Entitled::No) => Change::Leave,
            (Entitled::No, Entitled::No) => Change::StillNot,
            (Entitled::Yes, Entitled::Yes) => Change::of_amounts(before.1, after.1),
            (Entitled::Yes, _) => Change::EntitledToUnknown,
            (Entitled::No, _) => Change::NotToUnknown,
            (_, Entitled::Yes) => Change::UnknownToEntitled,
            (_, Entitled::No) => Change::UnknownToNot,
            (_, _) => Change::StillUnknown,
        }
    }

    fn of_amounts(before: Range, after: Range) -> Change {
        match (before.known(), after.known()) {
            (Some(a), Some(b)) if a == b => Change::Same,
            _ if before.high.is_some_and(|high| high < after.low) => Change::Gain,
            _ if after.high.is_some_and(|high| high < before.low) => Change::Lose,
            _ => Change::AmountUnknown,
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Change::Enter => "enter",
            Change::Leave => "leave",
            Change::Gain => "gain",
            Change::Lose => "lose",
            Change::Same => "same",
            Change::AmountUnknown => "amount_unknown",
            Change::UnknownToEntitled => "unknown_to_entitled",
            Change::UnknownToNot => "unknown_to_not",
            Change::EntitledToUnknown => "entitled_to_unknown",
            Change::NotToUnknown => "not_to_unknown",
            Change::StillUnknown => "still_unknown",
            Change::StillNot => "still_not",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Change::Enter => "进入",
            Change::Leave => "退出",
            Change::Gain => "增加",
            Change::Lose => "减少",
            Change::Same => "不变",
            Change::AmountUnknown => "金额不详",
            Change::UnknownToEntitled => "原不详，现符合",
            Change::UnknownToNot => "原不详，现不符合",
            Change::EntitledToUnknown => "原符合，现不详",
            Change::NotToUnknown => "原不符合，现不详",
            Change::StillUnknown => "仍不详",
            Change::StillNot => "仍不符合",
        }
    }

    fn at(self) -> usize {
        CHANGES.iter().position(|change| *change == self).unwrap_or(0)
    }
}

/// How many are entitled on one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    pub entitled: u64,
    pub not_entitled: u64,
    /// Somebody has to find out.
    pub unknown: u64,
    /// Not known, and no sign of need: not asked.
    pub unasked: u64,
}

impl Standings {
    fn add(&mut self, standing: Entitled) {
        *match standing {
            Entitled::Yes => &mut self.entitled,
            Entitled::No => &mut self.not_entitled,
            Entitled::Unknown => &mut self.unknown,
            Entitled::Unasked => &mut self.unasked,
        } += 1;
    }

    pub fn sum(&self) -> u64 {
        self.entitled + self.not_entitled + self.unknown + self.unasked
    }
}

/// Households or persons of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    by_change: [u64; CHANGES.len()],
    pub before: Standings,
    pub after: Standings,
}

impl Counts {
    pub fn get(&self, change: Change) -> u64 {
        self.by_change[change.at()]
    }

    pub fn sum(&self) -> u64 {
        self.by_change.iter().sum()
    }

    fn add(&mut self, change: Change, before: Entitled, after: Entitled) {
        self.by_change[change.at()] += 1;
        self.before.add(before);
        self.after.add(after);
    }

    /// `before + enter - leave = after`, with those of whom it becomes known or unknown, as both sides of an equation.
    pub(super) fn flow(&self) -> (u64, u64) {
        let into = self.get(Change::Enter) + self.get(Change::UnknownToEntitled);
        let out = self.get(Change::Leave) + self.get(Change::EntitledToUnknown);
        (self.before.entitled + into, self.after.entitled + out)
    }
}

/// Fen a month of one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Amounts that are known, of those who are known to be entitled.
    pub known: i128,
    /// Of these, what those get who are enrolled this month.
    pub enrolled: i128,
    /// Payments whose amount, or whether there is one, is not known.
    pub open: u64,
    /// Lower bound of everything.
    pub low: i128,
    /// Upper bound of everything that has one.
    pub high: i128,
    /// Payments without an upper bound.
    pub unbounded: u64,
}

impl Cost {
    fn add(&mut self, standing: Entitled, amount: Range, enrolled: bool) {
        if matches!(standing, Entitled::No | Entitled::Unasked) {
            return;
        }
        self.low += i128::from(amount.low);
        match amount.high {
            Some(high) => self.high += i128::from(high),
            None => {
                self.high += i128::from(amount.low);
                self.unbounded += 1;
            }
        }
        match amount.known() {
            Some(fen) if standing == Entitled::Yes => {
                self.known += i128::from(fen);
                self.enrolled += if enrolled { i128::from(fen) } else { 0 };
            }
            Some(0) => {}
            _ => self.open += 1,
        }
    }

    /// Whatever is not known, it comes to no more; `None` without such a bound.
    pub fn upper(&self) -> Option<i128> {
        (self.unbounded == 0).then_some(self.high)
    }
}

/// One programme in one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub households: Counts,
    pub persons: Counts,
    pub before: Cost,
    pub after: Cost,
    differences: [i128; CHANGES.len()],
}

impl Tally {
    /// By how much the known cost changes through households of this change.
    pub fn difference(&self, change: Change) -> i128 {
        self.differences[change.at()]
    }

    pub(super) fn differences_sum(&self) -> i128 {
        self.differences.iter().sum()
    }

    pub(super) fn add_person(&mut self, change: Change, before: Entitled, after: Entitled) {
        self.persons.add(change, before, after);
    }

    /// Adds a household's payments under both sides: `(standing, amount, enrolled)` each.
    pub(super) fn add_household(
        &mut self,
        (change, before, after): (Change, Entitled, Entitled),
        paid_before: &[(Entitled, Range, bool)],
        paid_after: &[(Entitled, Range, bool)],
    ) {
        self.households.add(change, before, after);
        let known = self.after.known - self.before.known;
        for (standing, amount, enrolled) in paid_before {
            self.before.add(*standing, *amount, *enrolled);
        }
        for (standing, amount, enrolled) in paid_after {
            self.after.add(*standing, *amount, *enrolled);
        }
        self.differences[change.at()] += self.after.known - self.before.known - known;
    }

    /// Nobody changes and nothing costs more or less, as far as is known.
    pub fn is_unchanged(&self) -> bool {
        let moved = CHANGES.into_iter().filter(|change| {
            !matches!(change, Change::Same | Change::AmountUnknown | Change::StillUnknown | Change::StillNot)
        });
        moved.map(|change| self.households.get(change) + self.persons.get(change)).sum::<u64>() == 0
            && self.before == self.after
            && self.persons.before == self.persons.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: i64, high: Option<i64>) -> Range {
        Range { low, high }
    }

    #[test]
    fn an_amount_known_only_within_bounds_gains_only_if_the_bounds_say_so() {
        let yes = |range| (Entitled::Yes, range);
        let known = |fen| range(fen, Some(fen));
        assert_eq!(Change::of(yes(known(100)), yes(known(100))), Change::Same);
        assert_eq!(Change::of(yes(known(100)), yes(range(101, None))), Change::Gain);
        assert_eq!(Change::of(yes(known(100)), yes(range(100, Some(200)))), Change::AmountUnknown);
        assert_eq!(Change::of(yes(range(150, None)), yes(range(0, Some(149)))), Change::Lose);
        assert_eq!(Change::of(yes(range(0, None)), yes(range(0, None))), Change::AmountUnknown);
        assert_eq!(Change::of((Entitled::No, known(0)), (Entitled::Unasked, known(0))), Change::NotToUnknown);
    }

    #[test]
    fn what_is_not_known_is_counted_apart_and_never_as_nothing() {
        let mut cost = Cost::default();
        cost.add(Entitled::Yes, range(500, Some(500)), true);
        cost.add(Entitled::Yes, range(100, None), false);
        cost.add(Entitled::Unknown, range(0, Some(300)), false);
        cost.add(Entitled::No, Range::NOTHING, false);
        assert_eq!((cost.known, cost.enrolled, cost.open), (500, 500, 2));
        assert_eq!((cost.low, cost.upper()), (600, None));
        assert_eq!(cost.unbounded, 1);
    }
}
