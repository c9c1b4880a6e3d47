//! What speaks for and against one candidate.

use crate::birth::{self, BirthLikeness};
use crate::evidence::{Agreement, Evidence, Field};
use crate::id::IdLikeness;
use crate::index::{By, Index};
use crate::name::NameLikeness;
use crate::row::Reading;
use crate::weights as w;
use doudi_terms::{RegionCode, RegionLevel};

/// What is known of the row beyond the row: whose its number, phone and account are.
#[derive(Default)]
pub(crate) struct Context<'a> {
    owners: &'a [u32],
    owner_households: Vec<u32>,
    phone_households: Vec<u32>,
    account_households: Vec<u32>,
}

impl<'a> Context<'a> {
    /// For a row whose number and name agree: nobody else will be weighed.
    pub(crate) fn new(owners: &'a [u32]) -> Context<'a> {
        Context { owners, ..Context::default() }
    }

    pub(crate) fn with_households(
        index: &Index,
        reading: &Reading,
        owners: &'a [u32],
        most: usize,
    ) -> Context<'a> {
        let households =
            |persons: &mut dyn Iterator<Item = u32>| persons.map(|p| index.household(p)).collect();
        Context {
            owners,
            owner_households: households(&mut owners.iter().copied()),
            phone_households: households(&mut index.sharing(By::Phone, reading.phone.unwrap_or(0), most)),
            account_households: households(&mut index.sharing(
                By::Account,
                reading.account.unwrap_or(0),
                most,
            )),
        }
    }
}

/// One a field, and the cap.
const MOST_EVIDENCE: usize = 10;
const NOTHING: Evidence = Evidence { field: Field::IdNumber, agreement: Agreement::Different, weight: 0.0 };

/// What speaks for and against one person. Nine of ten rows need it for a moment only: it is not put on the heap.
pub(crate) struct EvidenceList {
    list: [Evidence; MOST_EVIDENCE],
    len: usize,
}

impl EvidenceList {
    fn push(&mut self, evidence: Evidence) {
        if let Some(place) = self.list.get_mut(self.len) {
            *place = evidence;
            self.len += 1;
        }
    }
}

impl std::ops::Deref for EvidenceList {
    type Target = [Evidence];

    fn deref(&self) -> &[Evidence] {
        &self.list[..self.len]
    }
}

/// The candidates of one row, weighed.
pub(crate) struct Weighing<'a> {
    index: &'a Index,
    pub(crate) reading: &'a Reading,
    context: &'a Context<'a>,
    best: Option<(u32, f64)>,
    /// Sum of all candidates' odds.
    all: f64,
}

impl<'a> Weighing<'a> {
    pub(crate) fn new(index: &'a Index, reading: &'a Reading, context: &'a Context<'a>) -> Weighing<'a> {
        Weighing { index, reading, context, best: None, all: 0.0 }
    }

    /// Of two with the same weight the first stays: the register's order decides, never chance.
    pub(crate) fn weigh(&mut self, person: u32) {
        let mut total = 0.0;
        self.compare(person, &mut |evidence| total += evidence.weight);
        self.all += total.exp2();
        if self.best.is_none_or(|(_, best)| total > best) {
            self.best = Some((person, total));
        }
    }

    /// The best candidate with its weight, and the sum of all odds.
    pub(crate) fn result(&self) -> (Option<(u32, f64)>, f64) {
        (self.best, self.all)
    }

    pub(crate) fn evidence(&self, person: u32) -> EvidenceList {
        let mut all = EvidenceList { list: [NOTHING; MOST_EVIDENCE], len: 0 };
        self.compare(person, &mut |evidence| all.push(evidence));
        all
    }

    fn compare(&self, person: u32, say: &mut impl FnMut(Evidence)) {
        say_if(self.id(person), Field::IdNumber, say);
        say_if(self.name(person), Field::Name, say);
        say_if(self.birth(person), Field::Birth, say);
        if let (Some(ours), Some(theirs)) = (self.reading.sex, self.index.sex(person)) {
            let same = ours == theirs;
            let found =
                if same { (Agreement::Same, w::SEX_SAME) } else { (Agreement::Different, w::SEX_DIFFERENT) };
            say_if(Some(found), Field::Sex, say);
        }
        let mut household = 0.0;
        let mut say_household = |found: Option<(Agreement, f64)>, field| {
            household += found.map_or(0.0, |(_, weight)| weight);
            say_if(found, field, say);
        };
        let region = self.region(person);
        say_household(region, Field::Region);
        let same_village = region.is_some_and(|(agreement, _)| agreement == Agreement::SameVillage);
        say_household(self.address(person, same_village), Field::Address);
        say_household(self.phone(person), Field::Phone);
        say_household(self.account(person), Field::Account);
        if household > w::HOUSEHOLD_MOST {
            say_if(Some((Agreement::Capped, w::HOUSEHOLD_MOST - household)), Field::Household, say);
        }
    }

    fn id(&self, person: u32) -> Option<(Agreement, f64)> {
        let Context { owners, owner_households, .. } = self.context;
        let likeness = self.reading.id.compare(self.index.id(person));
        Some(match likeness {
            IdLikeness::Missing => return None,
            IdLikeness::Same if self.index.is_shared(self.index.id(person)) => {
                (Agreement::SharedByMany, w::ID_SHARED_BY_MANY)
            }
            IdLikeness::Same => (Agreement::Same, w::ID_SAME),
            IdLikeness::OneEdit(_) => (Agreement::OneSlip, w::ID_ONE_SLIP),
            _ if owner_households.contains(&self.index.household(person)) => {
                (Agreement::Household, w::ID_OF_HOUSEHOLD)
            }
            _ if !owners.is_empty() => (Agreement::OtherValid, w::ID_OF_STRANGER),
            IdLikeness::LostDigits => (Agreement::LostDigits, w::ID_LOST_DIGITS),
            IdLikeness::TwoEdits if self.reading.id.valid.is_none() => (Agreement::TwoSlips, w::ID_TWO_SLIPS),
            // Two slips that happen to make a valid number are rare, and so are strangers two digits apart.
            IdLikeness::TwoEdits => (Agreement::TwoSlips, 0.0),
            IdLikeness::Other if self.reading.id.valid.is_some() && !self.reading.id.has_lost_digits() => {
                (Agreement::OtherValid, w::ID_OTHER_VALID)
            }
            IdLikeness::Other => (Agreement::Different, w::ID_OTHER_DAMAGED),
        })
    }

    fn name(&self, person: u32) -> Option<(Agreement, f64)> {
        let likeness = self.reading.name.view().compare(self.index.name(person), &self.index.characters);
        let persons = self.index.len() as f64 + w::NAME_PSEUDO_POPULATION;
        let count = f64::from(self.index.name_count(person)) + 1.0;
        let same = (persons / count).log2().min(w::NAME_SAME_MOST);
        let less = |off: f64| (same - off).max(w::NAME_ALIKE_LEAST);
        Some(match likeness {
            NameLikeness::Missing => return None,
            NameLikeness::Same => (Agreement::Same, same),
            NameLikeness::SoundsAlike => (Agreement::SoundsAlike, less(w::NAME_SOUNDS_ALIKE_OFF)),
            NameLikeness::LooksAlike => (Agreement::LooksAlike, less(w::NAME_LOOKS_ALIKE_OFF)),
            NameLikeness::Unreadable => (Agreement::Unreadable, less(w::NAME_UNREADABLE_OFF)),
            NameLikeness::Transliteration => (Agreement::Transliteration, less(w::NAME_TRANSLITERATION_OFF)),
            NameLikeness::FatherNameMissing => {
                (Agreement::FatherNameMissing, less(w::NAME_FATHER_MISSING_OFF))
            }
            NameLikeness::Reordered => (Agreement::Reordered, less(w::NAME_REORDERED_OFF)),
            NameLikeness::CharacterMissing => (Agreement::CharacterMissing, w::NAME_CHARACTER_MISSING),
            NameLikeness::OneCharacterDiffers => {
                (Agreement::OneCharacterDiffers, w::NAME_ONE_CHARACTER_DIFFERS)
            }
            NameLikeness::Nickname => (Agreement::Nickname, w::NAME_NICKNAME),
            NameLikeness::SurnameOnly => (Agreement::SurnameOnly, w::NAME_SURNAME_ONLY),
            NameLikeness::Different => (Agreement::Different, w::NAME_DIFFERENT),
        })
    }

    fn birth(&self, person: u32) -> Option<(Agreement, f64)> {
        Some(match birth::compare(self.reading.birth, self.index.birth(person)) {
            BirthLikeness::Missing => return None,
            BirthLikeness::Same => (Agreement::Same, w::BIRTH_SAME),
            BirthLikeness::Lunar => (Agreement::LunarDate, w::BIRTH_LUNAR),
            BirthLikeness::Slip => (Agreement::OneSlip, w::BIRTH_SLIP),
            BirthLikeness::Different => (Agreement::Different, w::BIRTH_DIFFERENT),
        })
    }

    fn region(&self, person: u32) -> Option<(Agreement, f64)> {
        let (ours, theirs) = (self.reading.region?, self.index.region(person)?);
        let same_at = |level: RegionLevel| {
            ours.level() >= level
                && theirs.level() >= level
                && RegionCode::at(ours, level) == theirs.at(level)
        };
        Some(match () {
            () if same_at(RegionLevel::Village) => (Agreement::SameVillage, w::REGION_SAME_VILLAGE),
            () if same_at(RegionLevel::Township) => (Agreement::SameTownship, w::REGION_SAME_TOWNSHIP),
            // A file that gives the county only says nothing about the village.
            () if ours.is_within(theirs) || theirs.is_within(ours) => return None,
            () => (Agreement::Different, w::REGION_DIFFERENT),
        })
    }

    /// The village counts once, by its code or by its text.
    fn address(&self, person: u32, same_village: bool) -> Option<(Agreement, f64)> {
        let (ours, theirs) = (self.reading.address, self.index.address(person));
        let by_text = ours.village != 0 && ours.village == theirs.village;
        let village = if by_text && !same_village { w::ADDRESS_SAME_VILLAGE } else { 0.0 };
        let known = ours.village != 0 && theirs.village != 0;
        let houses = ours.house != 0 && theirs.house != 0;
        Some(match () {
            () if (by_text || same_village) && houses && ours.house == theirs.house => {
                (Agreement::Same, village + w::ADDRESS_SAME_HOUSE)
            }
            () if (by_text || same_village) && houses => {
                (Agreement::SameVillage, village + w::ADDRESS_DIFFERENT)
            }
            () if by_text && !same_village => (Agreement::SameVillage, village),
            () if known && !same_village => (Agreement::Different, w::ADDRESS_DIFFERENT),
            () => return None,
        })
    }

    fn phone(&self, person: u32) -> Option<(Agreement, f64)> {
        let ours = self.reading.phone?;
        if self.index.phone(person) == Some(ours) {
            let sharing = self.index.block(By::Phone).count(ours);
            let weight = w::PHONE_SAME.iter().find(|&&(most, _)| sharing <= most).map(|&(_, weight)| weight);
            return Some(match weight {
                Some(weight) => (Agreement::Same, weight),
                None => (Agreement::SharedByMany, w::PHONE_SHARED_BY_MANY),
            });
        }
        let families = &self.context.phone_households;
        let shared_by_few = families.len() <= w::PHONE_SAME[1].0;
        if shared_by_few && families.contains(&self.index.household(person)) {
            return Some((Agreement::Household, w::PHONE_OF_HOUSEHOLD));
        }
        self.index.phone(person).map(|_| (Agreement::Different, w::PHONE_DIFFERENT))
    }

    /// A different account says nothing: people have several.
    fn account(&self, person: u32) -> Option<(Agreement, f64)> {
        let ours = self.reading.account?;
        let few = w::PHONE_SAME[1].0;
        if self.index.account(person) == Some(ours) {
            let shared = self.index.block(By::Account).count(ours) > few;
            return Some(match shared {
                true => (Agreement::SharedByMany, w::ACCOUNT_SHARED_BY_MANY),
                false => (Agreement::Same, w::ACCOUNT_SAME),
            });
        }
        let families = &self.context.account_households;
        (families.len() <= few && families.contains(&self.index.household(person)))
            .then_some((Agreement::Household, w::ACCOUNT_OF_HOUSEHOLD))
    }
}

fn say_if(found: Option<(Agreement, f64)>, field: Field, say: &mut impl FnMut(Evidence)) {
    if let Some((agreement, weight)) = found {
        say(Evidence { field, agreement, weight });
    }
}
