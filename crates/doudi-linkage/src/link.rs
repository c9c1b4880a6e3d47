//! Linking one row: find candidates, weigh each, choose.

use crate::calibration::Doubt;
use crate::changes::{Changes, mark_around};
use crate::evidence::{Agreement, Evidence, Field, Link, LinkClass, MatchGrade, Repair, RepairKind, WhyNot};
use crate::id::{IdKey, IdLikeness, text_of};
use crate::index::{By, Index, day_key, pair, region_key};
use crate::name::NameLikeness;
use crate::row::{Reading, RosterRow};
use crate::weigh::{Context, EvidenceList, Weighing};
use crate::weights::{LINK, Weights};
use doudi_terms::{RegionCode, ResidentId};

/// A key that more people share than this tells nothing and is not followed: the work per row stays bounded whatever is
/// in the files.
pub(crate) const MOST_PER_KEY: usize = 128;
/// Households are read up to this size; larger ones are collective households.
const MOST_MEMBERS: usize = 32;
/// More entries than the files of weights let one number have.
const MOST_OWNERS: usize = 32;

/// The weight of a name that fewer than some six in a hundred thousand have.
const RARE_NAME: f64 = 14.0;

/// What [`Index::answer`] says: the link without what was repaired and what spoke for and against.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Answer {
    pub class: LinkClass,
    /// As [`Link::person`].
    pub person: Option<u32>,
    pub probability: f64,
    /// As [`Link::weighed`].
    pub weighed: f64,
    pub calibrated_as: Doubt,
    pub grade: MatchGrade,
    /// The row's number where it is valid, possibly after repairs.
    pub id: Option<ResidentId>,
    pub unlinked: Option<WhyNot>,
}

/// What is kept of an answer from month to month.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Kept {
    pub class: LinkClass,
    pub person: Option<u32>,
    pub probability: f64,
    pub grade: MatchGrade,
    pub unlinked: Option<WhyNot>,
}

impl From<Answer> for Kept {
    fn from(answer: Answer) -> Kept {
        let Answer { class, person, probability, grade, unlinked, .. } = answer;
        Kept { class, person, probability, grade, unlinked }
    }
}

/// What [`Index::answer_again`] says.
#[derive(Clone, PartialEq, Debug)]
pub struct Answered {
    pub answer: Kept,
    /// As [`Answer::id`].
    pub id: Option<ResidentId>,
    /// What the answer rests on, for [`Changes::settled_again`]: marks of keys; none where it rests on the owner of the
    /// row's number alone.
    pub keys: Vec<u32>,
}

impl Index {
    /// The one person a row speaks of, if there is one.
    ///
    /// The work per row is bounded: every key that is looked up yields at most 128 persons, and a key that more people
    /// share (a placeholder number, a village cadre's phone) yields none.
    pub fn link(&self, row: &RosterRow<'_>, weights: &Weights) -> Link {
        let reading = self.read(row, weights);
        let (answer, evidence) = self.settle(&reading, weights);
        let mut repairs = reading.repairs.clone();
        if let Some(person) = answer.person {
            repairs.extend(repaired_by_register(&reading, self.id(person)));
        }
        Link {
            class: answer.class,
            person: answer.person,
            probability: answer.probability,
            weighed: answer.weighed,
            calibrated_as: answer.calibrated_as,
            grade: answer.grade,
            id: answer.id,
            repairs,
            evidence: evidence.map_or_else(Vec::new, |evidence| evidence.to_vec()),
            unlinked: answer.unlinked,
        }
    }

    /// The same answer as [`Index::link`], for whoever asks for millions of rows and wants no reasons.
    pub fn answer(&self, row: &RosterRow<'_>, weights: &Weights) -> Answer {
        self.settle(&self.read(row, weights), weights).0
    }

    /// The same answer as [`Index::answer`] with less work: `before` gives what an earlier register said of a row that says
    /// the same, and is asked only where that still holds by what has changed since.
    pub fn answer_again(
        &self,
        row: &RosterRow<'_>,
        weights: &Weights,
        changes: &Changes,
        before: impl FnOnce() -> Option<Kept>,
    ) -> Answered {
        let reading = self.read(row, weights);
        let owners = self.owners(&reading);
        let id = reading.id.valid;
        let at_once = self.settle_at_once(&reading, weights, &owners).map(|(answer, _)| answer);
        // Of the owner's very name nobody else of the household can be.
        let very_name = |person| reading.name.view() == self.name(person);
        if let Some(answer) = at_once.filter(|answer| answer.person.is_some_and(very_name)) {
            return Answered { answer: answer.into(), id, keys: Vec::new() };
        }
        let mut keys = Vec::new();
        self.lookups(&reading, &mut |by, key| {
            if key != 0 {
                keys.push(mark_around(by, key));
            }
        });
        if let Some(answer) = at_once {
            return Answered { answer: answer.into(), id, keys };
        }
        let holds = !changes.touch_every_name(weights) && !changes.touch_any(&keys);
        let renumbered = |kept: Kept| match kept.person {
            None => Some(kept),
            Some(person) => changes.person(person).map(|person| Kept { person: Some(person), ..kept }),
        };
        let taken_over = if holds { before().and_then(renumbered) } else { None };
        let answer =
            taken_over.unwrap_or_else(|| self.settle_among_many(&reading, weights, &owners).0.into());
        Answered { answer, id, keys }
    }

    fn read(&self, row: &RosterRow<'_>, weights: &Weights) -> Reading {
        let mut reading = Reading::new(row, &self.characters);
        if reading.id.key().is_some_and(|key| self.is_shared(key, weights)) {
            // Nobody owns it, and nobody new may be opened under it.
            reading.id.valid = None;
        }
        reading.pass_over_phone(weights);
        if let Some(region) = reading.region {
            reading.other_regions = weights.former_codes.others(region.number());
        }
        reading
    }

    fn settle(&self, reading: &Reading, weights: &Weights) -> (Answer, Option<EvidenceList>) {
        let owners = self.owners(reading);
        self.settle_at_once(reading, weights, &owners)
            .unwrap_or_else(|| self.settle_among_many(reading, weights, &owners))
    }

    /// Who has exactly the row's valid number.
    fn owners(&self, reading: &Reading) -> Owners {
        let mut owners = Owners::default();
        if let Some(key) = reading.id.key().filter(|_| reading.id.valid.is_some()) {
            self.persons_with(key).for_each(|person| owners.push(person));
        }
        owners
    }

    /// Rows that say nothing, and rows whose number and name agree: nobody else needs to be looked at.
    fn settle_at_once(
        &self,
        reading: &Reading,
        weights: &Weights,
        owners: &Owners,
    ) -> Option<(Answer, Option<EvidenceList>)> {
        if !reading.identifies() {
            return Some((unlinked(reading, WhyNot::NoUsableIdentity), None));
        }
        let [owner] = owners[..] else { return None };
        if !self.is_plainly(reading, owner, weights) {
            return None;
        }
        let context = Context::new(owners);
        let mut weighing = Weighing::new(self, reading, weights, &context);
        weighing.weigh(owner);
        Some(self.conclude(&weighing, owners)).filter(|(answer, _)| answer.class == LinkClass::Auto)
    }

    fn settle_among_many(
        &self,
        reading: &Reading,
        weights: &Weights,
        owners: &Owners,
    ) -> (Answer, Option<EvidenceList>) {
        let originals = self.originals(reading);
        if let [original] = originals[..]
            && reading.name.view() == self.name(original)
            && let Some(settled) = self.slipped_once(reading, weights, original)
        {
            return settled;
        }
        let candidates = self.candidates(reading, owners, originals);
        let context = Context::with_households(self, reading, owners, MOST_PER_KEY);
        let mut weighing = Weighing::new(self, reading, weights, &context);
        candidates.iter().for_each(|&person| weighing.weigh(person));
        self.conclude(&weighing, owners)
    }

    /// The row as it is read, who owns its number, and everybody who shares something with it; `None` for a row that
    /// names nobody.
    pub(crate) fn reading_and_candidates(
        &self,
        row: &RosterRow<'_>,
        weights: &Weights,
    ) -> Option<(Reading, Vec<u32>, Vec<u32>)> {
        let reading = self.read(row, weights);
        if !reading.identifies() {
            return None;
        }
        let key = reading.id.key().filter(|_| reading.id.valid.is_some());
        let owners: Vec<u32> =
            key.into_iter().flat_map(|key| self.persons_with(key)).take(MOST_OWNERS).collect();
        let candidates = self.candidates(&reading, &owners, self.originals(&reading));
        Some((reading, owners, candidates))
    }

    /// One slip in the number, and the same name: most damaged numbers are that, and need nobody else to be looked at but
    /// the household.
    fn slipped_once(
        &self,
        reading: &Reading,
        weights: &Weights,
        person: u32,
    ) -> Option<(Answer, Option<EvidenceList>)> {
        let context = Context::default();
        let mut weighing = Weighing::new(self, reading, weights, &context);
        weighing.weigh(person);
        let others = self.members(person, MOST_MEMBERS).filter(|&member| member != person);
        others.for_each(|member| weighing.weigh(member));
        Some(self.conclude(&weighing, &[])).filter(|(answer, _)| answer.class == LinkClass::Auto)
    }

    /// Whose number one slip of the hand could have turned into the row's.
    fn originals(&self, reading: &Reading) -> Vec<u32> {
        if !reading.id.is_usable() || reading.id.valid.is_some() {
            return Vec::new();
        }
        let keys = reading.id.possible_originals();
        keys.into_iter().flat_map(|key| self.persons_with(key)).collect()
    }

    fn persons_with(&self, key: IdKey) -> impl Iterator<Item = u32> {
        self.sharing(By::Id, key, MOST_PER_KEY).filter(move |&person| self.id(person) == key)
    }

    /// Number and name agree, and nobody else of the household has the row's name more exactly.
    fn is_plainly(&self, reading: &Reading, owner: u32, weights: &Weights) -> bool {
        let name = reading.name.view();
        let words = self.words(weights);
        let compare = |person| name.compare(self.name(person), &words);
        match compare(owner) {
            NameLikeness::Same => true,
            name if name.agrees() => {
                self.members(owner, MOST_MEMBERS).all(|member| member == owner || compare(member) > name)
            }
            _ => false,
        }
    }

    /// Everybody who shares something with the row, each once, in the register's order.
    fn candidates(&self, reading: &Reading, owners: &[u32], originals: Vec<u32>) -> Vec<u32> {
        let mut found = originals;
        found.extend(owners);
        for &owner in owners {
            found.extend(self.members(owner, MOST_MEMBERS));
        }
        self.own_lookups(reading, &mut |by, key| match by {
            By::Id => found.extend(self.persons_with(key)),
            By::Phone | By::Account => found.extend(self.sharing(by, key, MOST_MEMBERS)),
            by => found.extend(self.sharing(by, key, MOST_PER_KEY)),
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Every key that an answer for the row asks for: what nobody of these keys has changed, the answer has not.
    fn lookups(&self, reading: &Reading, ask: &mut dyn FnMut(By, u64)) {
        if reading.id.is_usable() && reading.id.valid.is_none() {
            reading.id.possible_originals().into_iter().for_each(|key| ask(By::Id, key));
        }
        self.own_lookups(reading, ask);
    }

    /// Of these, those of the row as it stands, without what a slip may have made of its number.
    fn own_lookups(&self, reading: &Reading, ask: &mut dyn FnMut(By, u64)) {
        if let Some(key) = reading.id.key() {
            // A damaged number may be the register's own; lost digits leave area and day of birth.
            ask(By::Id, key);
            if reading.id.has_lost_digits() || reading.id.valid.is_none() {
                ask(By::IdPrefix, crate::id::prefix_of(key));
            }
        }
        let sound = reading.name.view().sound(&self.characters);
        let own = reading.region.map(RegionCode::number);
        let regions = || own.into_iter().chain(reading.other_regions.iter().copied()).map(region_key);
        let in_number = reading.id.birth().filter(|&day| Some(day) != reading.birth.day);
        for day in reading.birth.day.into_iter().chain(in_number) {
            ask(By::SoundAndBirth, pair(sound, day_key(day)));
            regions().for_each(|region| ask(By::BirthAndRegion, pair(day_key(day), region)));
        }
        regions().for_each(|region| ask(By::SoundAndRegion, pair(sound, region)));
        ask(By::SoundAndVillage, pair(sound, u64::from(reading.address.village)));
        ask(By::Home, reading.address.home());
        ask(By::Phone, reading.phone.unwrap_or(0));
        ask(By::Account, reading.account.unwrap_or(0));
    }

    /// Chooses among the candidates: each one's odds against all others and against nobody.
    fn conclude(&self, weighing: &Weighing<'_>, owners: &[u32]) -> (Answer, Option<EvidenceList>) {
        let (best, all) = weighing.result();
        let (reading, weights) = (weighing.reading, weighing.weights);
        let Some((person, weight)) = best else { return (unlinked_by_number(reading, owners), None) };
        let nobody = self.nobody(weights).exp2();
        let against_nobody = all / (all + nobody);
        // What speaks for all others, and for nobody.
        let against = (all - weight.exp2()).max(0.0) + nobody;
        let evidence = weighing.evidence(person);
        let id = reading.id.compare(self.id(person));
        let name = reading.name.view().compare(self.name(person), &self.words(weights));
        let same_number = id == IdLikeness::Same && !self.is_shared(self.id(person), weights);
        let doubt = match () {
            // The number is another's, or nobody's: whoever it is, a person should look at the number.
            () if same_number && name.contradicts() => Some(WhyNot::BorrowedId),
            () if id != IdLikeness::Same && !owners.is_empty() => Some(WhyNot::BorrowedId),
            // One slip from a valid number: it is the register that has it wrong.
            () if reading.id.valid.is_some()
                && !matches!(id, IdLikeness::Same | IdLikeness::LostDigits | IdLikeness::OneEdit(_)) =>
            {
                Some(WhyNot::NotInRegister)
            }
            () if against > weight.exp2() && against_nobody >= LINK => Some(WhyNot::Ambiguous),
            () => None,
        };
        let sure = is_sure(doubt, &evidence);
        let kind = Doubt::of(doubt, same_number, sure);
        let weighed = weight - against.log2();
        let mut probability = weights.calibration.probability(kind, weighed);
        if same_number && name == NameLikeness::Same && owners.len() == 1 {
            // Whatever else the row says was filled in wrongly.
            probability = probability.max(weights.settings.auto);
        }
        let class = match () {
            () if probability >= weights.settings.auto && sure => LinkClass::Auto,
            // Whose a borrowed number is, and which of several fits, is for a person to say, however improbable the best.
            () if doubt.is_some_and(|why| matches!(why, WhyNot::BorrowedId | WhyNot::Ambiguous)) => {
                LinkClass::Review
            }
            () if probability >= weights.settings.review => LinkClass::Review,
            () => return (unlinked_by_number(reading, owners), None),
        };
        let answer = Answer {
            class,
            person: Some(person),
            probability,
            weighed,
            calibrated_as: kind,
            grade: grade(id, name, &evidence),
            id: reading.id.valid,
            unlinked: if class == LinkClass::Auto { None } else { doubt },
        };
        (answer, Some(evidence))
    }
}

/// Who has exactly the row's valid number: nobody, one, or several entries of one human. A number that more have is
/// nobody's.
#[derive(Default)]
struct Owners {
    persons: [u32; MOST_OWNERS],
    len: usize,
}

impl Owners {
    fn push(&mut self, person: u32) {
        if let Some(place) = self.persons.get_mut(self.len) {
            *place = person;
            self.len += 1;
        }
    }
}

impl std::ops::Deref for Owners {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        &self.persons[..self.len]
    }
}

/// Whether a probable link needs nobody to look. Everything that speaks for a household speaks for each of its members and
/// for whoever moved in with them: one person is told by number, day of birth or an own phone or account beside the name.
fn is_sure(doubt: Option<WhyNot>, evidence: &[Evidence]) -> bool {
    let has = |field, agreement| evidence.iter().any(|e| e.field == field && e.agreement == agreement);
    let weighs = |field, least: f64| evidence.iter().any(|e| e.field == field && e.weight > least);
    let own =
        |field| evidence.iter().any(|e| e.field == field && e.agreement == Agreement::Same && e.weight > 5.0);
    let same_name = has(Field::Name, Agreement::Same);
    let same_house = has(Field::Address, Agreement::Same);
    let born = |agreement| has(Field::Birth, agreement);
    // Of a name that a few in a hundred thousand have, one house has no second bearer.
    let rare_in_house = same_name && same_house && weighs(Field::Name, RARE_NAME);
    match doubt {
        None => {
            weighs(Field::IdNumber, 3.0)
                || weighs(Field::Birth, 3.0)
                || own(Field::Phone)
                || own(Field::Account)
                || (rare_in_house && has(Field::Region, Agreement::SameVillage))
                // A slip in the day of birth is one more than a household has in common.
                || (same_name && same_house && born(Agreement::OneSlip))
        }
        // A relative's number beside one's own name is common enough to be sure of, if the day of birth is one's own too,
        // or the house and the phone.
        Some(WhyNot::BorrowedId) => {
            has(Field::IdNumber, Agreement::Household)
                && ((born(Agreement::Same) && weighs(Field::Name, 3.0))
                    || (same_name && (born(Agreement::LunarDate) || born(Agreement::LunarSame)))
                    || (same_name && same_house && own(Field::Phone))
                    || (rare_in_house && !born(Agreement::Different)))
        }
        // Two slips can make a valid number. Twins have such numbers, but not one name.
        Some(WhyNot::NotInRegister) => {
            let here = same_house || has(Field::Region, Agreement::SameVillage) || own(Field::Phone);
            has(Field::IdNumber, Agreement::TwoSlips)
                && same_name
                && (rare_in_house || (born(Agreement::Same) && here))
        }
        Some(_) => false,
    }
}

fn grade(id: IdLikeness, name: NameLikeness, evidence: &[Evidence]) -> MatchGrade {
    let supports =
        |e: &Evidence| e.weight > 0.0 && !matches!(e.field, Field::Name | Field::Sex | Field::Household);
    match id {
        IdLikeness::Same if name.agrees() => MatchGrade::A,
        IdLikeness::Same => MatchGrade::C,
        _ if evidence.iter().any(supports) => MatchGrade::B,
        _ => MatchGrade::C,
    }
}

/// The person's number shows what was wrong with the row's.
fn repaired_by_register(reading: &Reading, key: IdKey) -> Option<Repair> {
    let kind = match reading.id.compare(key) {
        IdLikeness::OneEdit(kind) => kind,
        IdLikeness::LostDigits => RepairKind::LostDigits,
        _ => return None,
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned().into_boxed_str();
    Some(Repair { field: Field::IdNumber, kind, raw: text(reading.id.text()), read: text(&text_of(key)) })
}

fn unlinked_by_number(reading: &Reading, owners: &[u32]) -> Answer {
    unlinked(
        reading,
        match () {
            () if !owners.is_empty() => WhyNot::BorrowedId,
            () if reading.id.valid.is_some() => WhyNot::NotInRegister,
            () => WhyNot::NobodyFits,
        },
    )
}

fn unlinked(reading: &Reading, why: WhyNot) -> Answer {
    Answer {
        class: LinkClass::None,
        person: None,
        probability: 0.0,
        weighed: f64::NEG_INFINITY,
        calibrated_as: Doubt::NoNumber,
        grade: MatchGrade::C,
        id: reading.id.valid,
        unlinked: Some(why),
    }
}
