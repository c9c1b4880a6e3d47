//! What the offices do in a month: who stands on which roster, how much is paid. A faultless office, but for the
//! [`Fault`]s that were planted.

use crate::belongings;
use crate::dice::Dice;
use crate::groups::{per_lakh, simple};
use crate::incomes::{self, Purse};
use crate::people::{
    Aid, Canvass, ChildKind, Fault, HouseNo, Household, Person, PersonNo, PovertyStatus, World,
};
use doudi_terms::{Date, Fen, Month};

pub(crate) const LIVING_ALLOWANCE: Fen = Fen(7_000);
/// Grade one, grade two.
const NURSING_ALLOWANCE: [Fen; 2] = [Fen(8_000), Fen(7_000)];
pub(crate) const CHILD_ALLOWANCE: Fen = Fen(120_000);
pub(crate) const OLD_AGE: i32 = 80;

/// On the month's dibao roster (in the person's own household; duplicates apart).
pub(crate) fn on_dibao(world: &World, no: PersonNo, month: Month) -> bool {
    let (person, house) = (world.person(no), world.home(no));
    if person.faults.has(Fault::AlsoDibao) && person.known_alive(month) {
        return true;
    }
    if alone(person, month) {
        return person.known_alive(month);
    }
    let free = person.custody().is_none() || person.faults.has(Fault::PrisonerCounted);
    house.on_dibao() && free && (person.known_alive(month) || person.faults.has(Fault::KeptAfterDeath))
}

/// Enrolled as a single person, apart from the household.
pub(crate) fn alone(person: &Person, month: Month) -> bool {
    let since = person.dossier.as_ref().and_then(|dossier| dossier.alone_since);
    since.is_some_and(|since| since <= month)
}

pub(crate) fn on_tekun(world: &World, no: PersonNo, month: Month) -> bool {
    let person = world.person(no);
    world.home(no).aid == Aid::Tekun
        && (person.known_alive(month) || person.faults.has(Fault::KeptAfterDeath))
}

/// Enrolled members of a household, in the register's order.
pub(crate) fn enrolled<'a>(
    world: &'a World,
    house: &'a Household,
    month: Month,
) -> impl Iterator<Item = PersonNo> + 'a {
    house.members().filter(move |&no| on_dibao(world, no, month))
}

/// In whose name the household is paid, as far as the office knows: the first grown-up who is enrolled, else the first.
pub(crate) fn payee(world: &World, house: &Household, month: Month) -> Option<PersonNo> {
    let grown = |&no: &PersonNo| world.person(no).age_on(month.last_day()) >= 18;
    enrolled(world, house, month).find(grown).or_else(|| enrolled(world, house, month).next())
}

/// As the office sees the household: everybody it has enrolled, and what they declared.
pub(crate) fn declared_purse(world: &World, house: &Household, month: Month) -> Purse {
    incomes::purse(world, enrolled(world, house, month), month, false)
}

/// The amount that stands on the roster, per household.
pub(crate) fn roster_amount(world: &World, house: &Household, month: Month) -> Fen {
    let amount = house.phase_out.unwrap_or_else(|| declared_purse(world, house, month).gap(house.urban));
    Fen(amount.0 + house.roster_error.0)
}

/// What a dibao household is due by every roster and the canvass together. A household that is phased out keeps what it
/// had.
pub(crate) fn due(world: &World, house: &Household, month: Month) -> Fen {
    house.phase_out.unwrap_or_else(|| {
        incomes::purse(world, incomes::counted(world, house, month), month, true).gap(house.urban)
    })
}

/// Whose account the household's dibao goes to.
pub(crate) fn account_holder(world: &World, house: &Household, month: Month) -> Option<PersonNo> {
    payee(world, house, month).map(|payee| house.paid_to.unwrap_or(payee))
}

/// The phone that the dibao roster has for a member.
pub(crate) fn roster_phone(world: &World, no: PersonNo) -> u64 {
    world.home(no).shared_phone.unwrap_or(world.person(no).phone)
}

/// Listed by the old-age allowance: from eighty on, by the birth that its own ledger has.
pub(crate) fn old_age_birth(world: &World, no: PersonNo, month: Month) -> Option<Date> {
    let person = world.person(no);
    let stated = person.dossier.as_ref().and_then(|dossier| dossier.stated_birth);
    let listed = stated.is_some() || person.age_on(month.last_day()) >= OLD_AGE;
    let here = person.known_alive(month) && person.moved().is_none() && !person.struck_off(month);
    (listed && here).then(|| stated.unwrap_or(person.birth))
}

/// A month's money of one kind that the bank sent back.
pub(crate) fn returned(person: &Person, month: Month) -> bool {
    person.dossier.as_ref().is_some_and(|dossier| dossier.returned_in == Some(month))
}

/// Lives in a home for tekun people, whatever the tekun roster says.
pub(crate) fn in_tekun_home(person: &Person) -> bool {
    let care = person.rare.as_ref().and_then(|rare| rare.care);
    care.is_some_and(|care| care.in_institution || person.faults.has(Fault::CareModeWrong))
}

/// What the bank is told to pay the household; `None`: nothing was sent.
pub(crate) fn paid_amount(world: &World, house: &Household, month: Month) -> Option<Fen> {
    let sent = house.unpaid_in != Some(month);
    sent.then(|| Fen(roster_amount(world, house, month).0 + house.payment_error.0))
}

/// A duplicate is paid as a household of one in the other village.
pub(crate) fn duplicate_amount(world: &World, no: PersonNo, month: Month) -> Fen {
    incomes::purse(world, [no].into_iter(), month, false).gap(world.home(no).urban)
}

pub(crate) fn nursing(world: &World, no: PersonNo, month: Month) -> Option<Fen> {
    let person = world.person(no);
    let card = person.disability()?;
    let amount = NURSING_ALLOWANCE[usize::from(card.grade > 1)];
    let carried = person.known_alive(month) || person.faults.has(Fault::BenefitAfterDeath);
    if !carried || world.home(no).aid == Aid::Tekun {
        return None;
    }
    let due = card.severe() && card.valid(month) && !person.faults.has(Fault::NoNursing);
    let overlooked =
        person.faults.has(Fault::PaidAfterExpiry) || person.faults.has(Fault::PaidAfterCancellation);
    let expired = card.severe() && overlooked;
    (due || expired || person.faults.has(Fault::NursingForMildGrade)).then_some(amount)
}

pub(crate) fn living(world: &World, no: PersonNo, month: Month) -> Option<Fen> {
    let person = world.person(no);
    let card = person.disability()?;
    if !person.known_alive(month) {
        return None;
    }
    let enrolled = on_dibao(world, no, month);
    let due = enrolled && card.valid(month) && !person.faults.has(Fault::NoLiving);
    let expired = enrolled && !card.severe() && person.faults.has(Fault::PaidAfterExpiry);
    (due || expired || person.faults.has(Fault::LivingWithoutDibao)).then_some(LIVING_ALLOWANCE)
}

pub(crate) fn child_allowance(world: &World, no: PersonNo, month: Month) -> Option<ChildKind> {
    let person = world.person(no);
    let kind = person.child()?.kind?;
    if person.faults.has(Fault::ChildLeftOut) {
        return None;
    }
    let young = person.age_on(month.last_day()) < 18 || person.faults.has(Fault::ChildAllowanceTooOld);
    (young && person.known_alive(month)).then_some(kind)
}

/// In one of the groups that the plan names: dibao, tekun, registered poor, children in need.
pub(crate) fn covid_group(world: &World, no: PersonNo, month: Month) -> bool {
    on_dibao(world, no, month)
        || on_tekun(world, no, month)
        || world.home(no).poverty.is_some()
        || child_allowance(world, no, month).is_some()
}

/// Twice the line for every month that a stay in hospital touches.
pub(crate) fn covid_aid(world: &World, no: PersonNo, month: Month) -> Option<Fen> {
    let person = world.person(no);
    let stay = person.covid()?;
    let due = stay.touches(month) && covid_group(world, no, month) && !person.faults.has(Fault::CovidUnpaid);
    due.then(|| Fen(2 * incomes::line(world.home(no).urban).0))
}

/// From one month to the next: some households rise well above the line and leave, some fall below it and are taken
/// in at once, some earn a little more or less.
pub(crate) fn advance(world: &mut World, month: Month) {
    world.dibao_before = world.all().map(|no| on_dibao(world, no, month.previous())).collect();
    let mut dice = Dice::new(world.seed, 20);
    leave_rightly(world, month, &mut dice);
    take_in(world, month, &mut dice);
    let drifting: Vec<HouseNo> = world
        .homes()
        .filter(|&home| world.household(home).on_dibao() && !world.household(home).planted)
        .filter(|_| dice.per_mille(50))
        .collect();
    for home in drifting {
        if matches!(world.household(home).aid, Aid::Dibao { since } if since < month) {
            incomes::live_below(world, home, month, false, &mut dice);
        }
    }
}

fn leave_rightly(world: &mut World, month: Month, dice: &mut Dice) {
    let candidates: Vec<HouseNo> = world
        .homes()
        .filter(|&home| {
            let house = world.household(home);
            let workers = house.members().any(|no| {
                let person = world.person(no);
                (20..55).contains(&person.age_on(month.last_day())) && person.stage.is_none()
            });
            house.on_dibao()
                && !house.planted
                && workers
                && house.poverty.is_none_or(|status| status == PovertyStatus::Out)
        })
        .collect();
    let wanted = per_lakh(world, 36);
    for home in dice.some_of(candidates, wanted) {
        // Above twice the line: below it a registered poor household would be phased out, not dropped.
        incomes::live_above(world, home, month, 260, dice);
        world.households[home as usize].aid = Aid::None;
        world.households[home as usize].planted = true;
    }
}

fn take_in(world: &mut World, month: Month, dice: &mut Dice) {
    let candidates: Vec<HouseNo> = world
        .homes()
        .filter(|&home| {
            let house = world.household(home);
            house.aid == Aid::None
                && !house.planted
                && house.canvass == Canvass::Done
                && house.members().all(|no| fit_for_dibao(world.person(no)))
                && house.poverty == Some(PovertyStatus::Out)
                && simple(world, home)
                && !belongings::barred(world, house, month)
        })
        .collect();
    let mut wanted = per_lakh(world, 300) as i64;
    for home in dice.some_of(candidates, usize::MAX) {
        if wanted <= 0 {
            break;
        }
        wanted -= i64::from(world.household(home).size);
        incomes::live_below(world, home, month, false, dice);
        world.households[home as usize].aid = Aid::Dibao { since: month };
        world.households[home as usize].planted = true;
        put_on_file(world, home);
    }
}

/// Relatives of officials are filed when they are enrolled.
fn put_on_file(world: &mut World, home: HouseNo) {
    for no in world.household(home).members() {
        let dossier = world.person_mut(no).dossier.as_mut();
        if let Some(kinship) = dossier.and_then(|dossier| dossier.kinship.as_mut()) {
            kinship.filed = true;
        }
    }
}

/// Nobody dying, imprisoned or moving away in the demo's months, no large bill that would change the picture.
pub(crate) fn fit_for_dibao(person: &Person) -> bool {
    person.death.is_none()
        && person.custody().is_none()
        && person.moved().is_none()
        && person.child().is_none()
        && person.payroll().is_none()
        && person.rare.as_ref().is_none_or(|rare| rare.unemployed_since.is_none())
}
