//! Identity numbers, phones and bank accounts that pass every formal check.

use crate::dice::Dice;
use doudi_terms::{Date, ResidentId, Sex, check_character};
use std::collections::HashSet;

/// Where the number was issued: the county itself, its code before 1997 (513525), neighbours, the wider region.
#[rustfmt::skip]
const AREAS: &[(&str, u32)] = &[
    ("500243", 880), ("500242", 12), ("500239", 12), ("500232", 10), ("500241", 8), ("500240", 8), ("500102", 6),
    ("520324", 5), ("520325", 5), ("500112", 5), ("440306", 2), ("330381", 2), ("350582", 2),
];
const OLD_COUNTY: &str = "513525";
#[rustfmt::skip]
const PREFIXES: &[u64] =
    &[130, 131, 133, 135, 136, 137, 138, 139, 150, 151, 152, 153, 155, 157, 158, 159, 173, 177, 178, 180, 181, 182, 183, 187, 188, 189, 199];
const BANKS: &[u64] = &[622_867, 621_799, 622_848, 621_700, 622_208];

/// Hands out numbers that nobody else has.
pub(crate) struct IdentityOffice {
    taken: HashSet<[u8; 18]>,
}

impl IdentityOffice {
    pub fn new() -> IdentityOffice {
        IdentityOffice { taken: HashSet::new() }
    }

    /// Retries until the number is new: a day, an area and a sex have 500 numbers.
    pub fn issue(&mut self, dice: &mut Dice, birth: Date, sex: Sex) -> Option<ResidentId> {
        let weights: Vec<u32> = AREAS.iter().map(|(_, weight)| *weight).collect();
        let date = format!("{:04}{:02}{:02}", birth.year(), birth.month(), birth.day());
        for attempt in 0..10_000 {
            let mut area = AREAS[dice.weighted(&weights)].0;
            if birth.year() < 1997 && dice.per_mille(110) {
                area = OLD_COUNTY;
            }
            // Numbers are handed out from the low end; a crowded day goes higher.
            let bound = if attempt < 20 { 60 } else { 500 };
            let order = dice.below(bound) * 2 + u32::from(sex == Sex::Male);
            let Some(id) = numbered(area, &date, order) else { continue };
            let key: [u8; 18] = id.as_str().as_bytes().try_into().ok()?;
            if self.taken.insert(key) {
                return Some(id);
            }
        }
        None
    }
}

/// The first number of an area, a day and a sex that nobody has.
pub(crate) fn first_free(
    area: &str,
    birth: Date,
    sex: Sex,
    taken: impl Fn(&str) -> bool,
) -> Option<ResidentId> {
    let date = format!("{:04}{:02}{:02}", birth.year(), birth.month(), birth.day());
    let orders = (0..500).map(|at| at * 2 + u32::from(sex == Sex::Male));
    orders.filter_map(|order| numbered(area, &date, order)).find(|id| !taken(id.as_str()))
}

fn numbered(area: &str, date: &str, order: u32) -> Option<ResidentId> {
    let seventeen = format!("{area}{date}{order:03}");
    let check = check_character(seventeen.as_bytes())?;
    ResidentId::parse(&format!("{seventeen}{}", char::from(check))).ok()
}

pub(crate) fn phone(dice: &mut Dice) -> u64 {
    dice.pick(PREFIXES) * 100_000_000 + u64::from(dice.below(100_000_000))
}

/// Nineteen digits, the last one Luhn's check.
pub(crate) fn account(dice: &mut Dice) -> u64 {
    let payload = dice.pick(BANKS) * 1_000_000_000_000
        + u64::from(dice.below(1_000_000)) * 1_000_000
        + u64::from(dice.below(1_000_000));
    payload * 10 + luhn(payload)
}

fn luhn(payload: u64) -> u64 {
    let (mut rest, mut sum, mut double) = (payload, 0, true);
    while rest > 0 {
        let digit = rest % 10 * if double { 2 } else { 1 };
        sum += digit / 10 + digit % 10;
        (rest, double) = (rest / 10, !double);
    }
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_carry_luhns_digit() {
        assert_eq!(luhn(7_992_739_871), 3);
        let mut dice = Dice::new(3, 0);
        for _ in 0..100 {
            let number = account(&mut dice);
            assert_eq!(number.to_string().len(), 19);
            assert_eq!(luhn(number / 10), number % 10);
        }
    }

    #[test]
    fn a_crowded_birthday_still_gives_everyone_a_number_of_their_own() {
        let (mut office, mut dice) = (IdentityOffice::new(), Dice::new(4, 0));
        let birth = Date::new(1990, 1, 1).expect("a date");
        let mut seen = HashSet::new();
        for _ in 0..700 {
            let id = office.issue(&mut dice, birth, Sex::Female).expect("a number");
            assert!(seen.insert(id.to_string()) && id.sex() == Sex::Female && id.birth() == Some(birth));
        }
    }
}
