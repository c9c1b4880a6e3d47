//! What speaks for and against one candidate.

use crate::birth::{self, BirthLikeness};
use crate::changes::coarse_log2;
use crate::evidence::{Agreement, Evidence, Field};
use crate::id::IdLikeness;
use crate::index::{By, Index};
use crate::name::NameLikeness;
use crate::row::Reading;
use crate::weights::{Level, Weights};
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

/// One a field, two for the address, and the cap.
const MOST_EVIDENCE: usize = 10;
const NOTHING: Evidence =
    Evidence { field: Field::IdNumber, agreement: Agreement::Different, level: None, weight: 0.0 };

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
    pub(crate) weights: &'a Weights,
    context: &'a Context<'a>,
    best: Option<(u32, f64)>,
    /// Sum of all candidates' odds.
    all: f64,
}

impl<'a> Weighing<'a> {
    pub(crate) fn new(
        index: &'a Index,
        reading: &'a Reading,
        weights: &'a Weights,
        context: &'a Context<'a>,
    ) -> Weighing<'a> {
        Weighing { index, reading, weights, context, best: None, all: 0.0 }
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
        let mut tell = |found: Option<(Agreement, Level)>| {
            found.map_or(0.0, |(agreement, level)| {
                let weight = self.weight(level, person);
                say(Evidence { field: level.field(), agreement, level: Some(level), weight });
                weight
            })
        };
        tell(self.id(person));
        tell(self.name(person));
        tell(self.birth(person));
        if let (Some(ours), Some(theirs)) = (self.reading.sex, self.index.sex(person)) {
            tell(Some(match ours == theirs {
                true => (Agreement::Same, Level::SexSame),
                false => (Agreement::Different, Level::SexDifferent),
            }));
        }
        let region = self.region(person);
        let mut household = tell(region);
        let same_village = region.is_some_and(|(agreement, _)| agreement == Agreement::SameVillage);
        let [village, house] = self.address(person, same_village);
        household += tell(village) + tell(house) + tell(self.phone(person)) + tell(self.account(person));
        if let Some(agreement) = self.reading.phone_passed_over {
            say(Evidence { field: Field::Phone, agreement, level: None, weight: 0.0 });
        }
        let most = self.weights.settings.household_most;
        if household > most {
            let weight = most - household;
            say(Evidence { field: Field::Household, agreement: Agreement::Capped, level: None, weight });
        }
    }

    /// What a level says for this person: some names say more than others.
    fn weight(&self, level: Level, person: u32) -> f64 {
        match level.is_added_to_rarity() {
            true => self.weights.for_name(level, self.rarity(person)),
            false => self.weights.of(level),
        }
    }

    /// How rare the person's name is, in bits.
    pub(crate) fn rarity(&self, person: u32) -> f64 {
        let settings = &self.weights.settings;
        // In coarse steps, so that a few people more or less do not change what every name says.
        let count = coarse_log2(f64::from(self.index.name_count(person)) + 1.0);
        (self.index.population(self.weights) - count).min(settings.name_most)
    }

    fn id(&self, person: u32) -> Option<(Agreement, Level)> {
        let Context { owners, owner_households, .. } = self.context;
        let likeness = self.reading.id.compare(self.index.id(person));
        Some(match likeness {
            IdLikeness::Missing => return None,
            IdLikeness::Same if self.index.is_shared(self.index.id(person), self.weights) => {
                (Agreement::SharedByMany, Level::IdSharedByMany)
            }
            IdLikeness::Same => (Agreement::Same, Level::IdSame),
            IdLikeness::OneEdit(_) => (Agreement::OneSlip, Level::IdOneSlip),
            _ if owner_households.contains(&self.index.household(person)) => {
                (Agreement::Household, Level::IdOfHousehold)
            }
            _ if !owners.is_empty() => (Agreement::OtherValid, Level::IdOfStranger),
            IdLikeness::LostDigits => (Agreement::LostDigits, Level::IdLostDigits),
            IdLikeness::TwoEdits if self.reading.id.valid.is_none() => {
                (Agreement::TwoSlips, Level::IdTwoSlips)
            }
            IdLikeness::TwoEdits => (Agreement::TwoSlips, Level::IdTwoSlipsValid),
            IdLikeness::Other if self.reading.id.valid.is_some() && !self.reading.id.has_lost_digits() => {
                (Agreement::OtherValid, Level::IdOtherValid)
            }
            IdLikeness::Other => (Agreement::Different, Level::IdOtherDamaged),
        })
    }

    fn name(&self, person: u32) -> Option<(Agreement, Level)> {
        let likeness =
            self.reading.name.view().compare(self.index.name(person), &self.index.words(self.weights));
        Some(match likeness {
            NameLikeness::Missing => return None,
            NameLikeness::Same => (Agreement::Same, Level::NameSame),
            NameLikeness::SoundsAlike => (Agreement::SoundsAlike, Level::NameSoundsAlike),
            NameLikeness::LooksAlike => (Agreement::LooksAlike, Level::NameLooksAlike),
            NameLikeness::Unreadable => (Agreement::Unreadable, Level::NameUnreadable),
            NameLikeness::Transliteration => (Agreement::Transliteration, Level::NameTransliteration),
            NameLikeness::FatherNameMissing => (Agreement::FatherNameMissing, Level::NameFatherMissing),
            NameLikeness::Reordered => (Agreement::Reordered, Level::NameReordered),
            NameLikeness::CharacterMissing => (Agreement::CharacterMissing, Level::NameCharacterMissing),
            NameLikeness::OneCharacterDiffers => {
                (Agreement::OneCharacterDiffers, Level::NameOneCharacterDiffers)
            }
            NameLikeness::Nickname => (Agreement::Nickname, Level::NameNickname),
            NameLikeness::SurnameOnly => (Agreement::SurnameOnly, Level::NameSurnameOnly),
            NameLikeness::Different => (Agreement::Different, Level::NameDifferent),
        })
    }

    fn birth(&self, person: u32) -> Option<(Agreement, Level)> {
        Some(match birth::compare(&self.reading.birth, self.index.birth(person)) {
            BirthLikeness::Missing => return None,
            BirthLikeness::Same => (Agreement::Same, Level::BirthSame),
            BirthLikeness::LunarSame => (Agreement::LunarSame, Level::BirthLunarSame),
            BirthLikeness::SameMonth => (Agreement::SameMonth, Level::BirthMonth),
            BirthLikeness::SameYear => (Agreement::SameYear, Level::BirthYear),
            BirthLikeness::Lunar => (Agreement::LunarDate, Level::BirthLunar),
            BirthLikeness::Slip => (Agreement::OneSlip, Level::BirthSlip),
            BirthLikeness::Different => (Agreement::Different, Level::BirthDifferent),
        })
    }

    fn region(&self, person: u32) -> Option<(Agreement, Level)> {
        let now =
            |region: RegionCode| RegionCode::from_number(self.weights.former_codes.now(region.number()));
        let (ours, theirs) = (now(self.reading.region?)?, now(self.index.region(person)?)?);
        let same_at = |level: RegionLevel| {
            ours.level() >= level
                && theirs.level() >= level
                && RegionCode::at(ours, level) == theirs.at(level)
        };
        Some(match () {
            () if same_at(RegionLevel::Village) => (Agreement::SameVillage, Level::RegionVillage),
            () if same_at(RegionLevel::Township) => (Agreement::SameTownship, Level::RegionTownship),
            // A file that gives the county only says nothing about the village.
            () if ours.is_within(theirs) || theirs.is_within(ours) => return None,
            () => (Agreement::Different, Level::RegionDifferent),
        })
    }

    /// The village counts once, by its code or by its text; the house within it.
    fn address(&self, person: u32, same_village: bool) -> [Option<(Agreement, Level)>; 2] {
        let (ours, theirs) = (self.reading.address, self.index.address(person));
        let by_text = ours.village != 0 && ours.village == theirs.village;
        let known = ours.village != 0 && theirs.village != 0;
        let houses = ours.house != 0 && theirs.house != 0;
        let village = (by_text && !same_village).then_some((Agreement::SameVillage, Level::AddressVillage));
        let house = match () {
            () if (by_text || same_village) && houses && ours.house == theirs.house => {
                Some((Agreement::Same, Level::AddressHouse))
            }
            () if (by_text || same_village) && houses => {
                Some((Agreement::Different, Level::AddressDifferent))
            }
            () if !by_text && known && !same_village => Some((Agreement::Different, Level::AddressDifferent)),
            () => None,
        };
        [village, house]
    }

    fn phone(&self, person: u32) -> Option<(Agreement, Level)> {
        let ours = self.reading.phone?;
        let settings = &self.weights.settings;
        if self.index.phone(person) == Some(ours) {
            let sharing = self.index.block(By::Phone).count(ours) as f64;
            return Some(match () {
                () if sharing <= settings.phone_own_most => (Agreement::Same, Level::PhoneOwn),
                () if sharing <= settings.phone_some_most => (Agreement::Same, Level::PhoneOfSome),
                () if sharing <= settings.phone_many_most => (Agreement::Same, Level::PhoneOfMany),
                () => (Agreement::SharedByMany, Level::PhoneOfCrowd),
            });
        }
        let families = &self.context.phone_households;
        let shared_by_few = families.len() as f64 <= settings.phone_some_most;
        if shared_by_few && families.contains(&self.index.household(person)) {
            return Some((Agreement::Household, Level::PhoneOfHousehold));
        }
        self.index.phone(person).map(|_| (Agreement::Different, Level::PhoneDifferent))
    }

    /// A different account says nothing: people have several.
    fn account(&self, person: u32) -> Option<(Agreement, Level)> {
        let ours = self.reading.account?;
        let few = self.weights.settings.phone_some_most;
        if self.index.account(person) == Some(ours) {
            let shared = self.index.block(By::Account).count(ours) as f64 > few;
            return Some(match shared {
                true => (Agreement::SharedByMany, Level::AccountOfCrowd),
                false => (Agreement::Same, Level::AccountSame),
            });
        }
        let families = &self.context.account_households;
        (families.len() as f64 <= few && families.contains(&self.index.household(person)))
            .then_some((Agreement::Household, Level::AccountOfHousehold))
    }
}
