//! The kinds that only a comparison of the newer rosters brings to light, and the birthdays and certificates that are
//! due.

use crate::belongings::{self, Bar};
use crate::circumstances::following;
use crate::departments::last_visit;
use crate::enrolment::{self, OLD_AGE};
use crate::incomes::{self, counted};
use crate::people::{Aid, Canvass, Household, Person, PersonNo, PovertyStatus, Relation, World};
use doudi_terms::{Fen, Month, epoch_day};
use std::collections::{BTreeMap, BTreeSet};

type Sink<'a> = &'a mut dyn FnMut(&'static str, PersonNo, String);

/// Households behind one phone from which on it is no neighbour's kindness any more.
const PHONE_HOUSEHOLDS: usize = 5;
const SMALL_SHOP_YUAN: u32 = 100_000;
const DEPOSIT_MONTHS: i64 = 24;
/// Whoever came earlier may have left dibao in the meantime, rightly.
const RESETTLED_MONTHS: i32 = 24;
const DAYS_BETWEEN_VISITS: i32 = 183;
const DAYS_BETWEEN_TEKUN_VISITS: i32 = 31;

pub(super) fn find(world: &World, month: Month, found: Sink) {
    let shared = Shared::read(world, month);
    for house in &world.households {
        let enrolled: Vec<PersonNo> =
            enrolment::enrolled(world, house, month).filter(|&no| world.person(no).alive(month)).collect();
        if !enrolled.is_empty() {
            dibao_household(world, house, month, &enrolled, found);
            shared.find(world, house, month, &enrolled, found);
        }
    }
    for no in world.all() {
        listed(world, no, month, found);
        if world.person(no).alive(month) {
            dibao_person(world, no, month, found);
            overlooked(world, no, month, found);
            due(world, no, month, found);
        }
    }
}

/// Accounts and phones of the dibao roster, with the households that they stand for.
struct Shared {
    accounts: BTreeMap<u64, BTreeSet<PersonNo>>,
    phones: BTreeMap<u64, BTreeSet<PersonNo>>,
}

impl Shared {
    fn read(world: &World, month: Month) -> Shared {
        let mut shared = Shared { accounts: BTreeMap::new(), phones: BTreeMap::new() };
        for house in &world.households {
            if let Some(holder) = enrolment::account_holder(world, house, month) {
                shared.accounts.entry(world.person(holder).account).or_default().insert(house.first);
            }
            for no in enrolment::enrolled(world, house, month) {
                let phone = enrolment::roster_phone(world, no);
                if phone != 0 {
                    shared.phones.entry(phone).or_default().insert(house.first);
                }
            }
        }
        shared
    }

    fn find(&self, world: &World, house: &Household, month: Month, enrolled: &[PersonNo], found: Sink) {
        let holder = enrolment::account_holder(world, house, month).map(|no| world.person(no).account);
        let households = holder.and_then(|account| self.accounts.get(&account)).map_or(0, BTreeSet::len);
        for &no in enrolled {
            if households > 1 {
                found("shared_account", no, format!("{households} 户"));
            }
            let phone = enrolment::roster_phone(world, no);
            let behind = self.phones.get(&phone).map_or(0, BTreeSet::len);
            if behind >= PHONE_HOUSEHOLDS {
                found("shared_phone", no, format!("{behind} 户"));
            }
        }
    }
}

fn dibao_household(world: &World, house: &Household, month: Month, enrolled: &[PersonNo], found: Sink) {
    let members: Vec<&Person> = counted(world, house, month).map(|no| world.person(no)).collect();
    let line = incomes::line(house.urban).0 * members.len() as i64;
    let sum = |amount: &dyn Fn(&Person) -> Fen| members.iter().map(|person| amount(person).0).sum::<i64>();
    let shop =
        house.members().map(|no| world.person(no)).filter(|person| person.alive(month)).any(|person| {
            let large = |firm: &&crate::people::Company| {
                firm.active && firm.role == "个体经营者" && firm.capital_yuan > SMALL_SHOP_YUAN
            };
            person.companies().iter().find(large).is_some()
        });
    let ordinary = house.on_dibao() && house.phase_out.is_none();
    let bases = sum(&|person| contribution_base(person).unwrap_or(Fen::ZERO));
    let taxed = sum(&|person| taxed_income(person).unwrap_or(Fen::ZERO));
    let saved = sum(&|person| hidden_deposits(person));
    let kinds = [
        ("self_employed_in_dibao_household", shop),
        ("contribution_wage", ordinary && bases * 2 > line * 5),
        ("tax_income", ordinary && taxed * 2 > line * 5 * 12),
        ("deposits_over_limit", saved + house.deposits.0 > line * DEPOSIT_MONTHS && saved > 0),
    ];
    for (kind, _) in kinds.iter().filter(|(_, holds)| *holds) {
        enrolled.iter().for_each(|&no| found(kind, no, String::new()));
    }
}

/// Small wages are paid without contributions.
const LEAST_BASE: Fen = Fen(200_000);
/// Below it nothing is declared.
const LEAST_TAXED: Fen = Fen(350_000);

/// What an employer pays contributions on.
pub(crate) fn contribution_base(person: &Person) -> Option<Fen> {
    (person.income.formal_wage >= LEAST_BASE).then_some(person.income.formal_wage)
}

/// Declared for the year before.
pub(crate) fn taxed_income(person: &Person) -> Option<Fen> {
    let hidden = person.dossier.as_ref().and_then(|dossier| dossier.tax_income);
    let wage = person.payroll().unwrap_or(person.income.formal_wage);
    hidden.or_else(|| (wage >= LEAST_TAXED).then_some(Fen(wage.0 * 12)))
}

fn hidden_deposits(person: &Person) -> Fen {
    let deposits = person.dossier.as_ref().map_or(&[][..], |dossier| &dossier.hidden_deposits);
    Fen(deposits.iter().map(|deposit| deposit.balance.0).sum())
}

/// On rosters that should not carry them, the dead among them.
fn listed(world: &World, no: PersonNo, month: Month, found: Sink) {
    let person = world.person(no);
    let nursing = enrolment::nursing(world, no, month).is_some();
    let benefits = nursing || enrolment::living(world, no, month).is_some();
    if let Some(day) = person.death
        && benefits
        && Month::of(day) < month.previous()
    {
        found("dead_on_disability_benefit", no, format!("{day} 死亡"));
    }
    let late = |aid: &&crate::dossier::TemporaryAid| {
        aid.urgent && Month::of(aid.paid) == month && epoch_day(aid.paid) - epoch_day(aid.accepted) > 1
    };
    if let Some(aid) = person.dossier.as_ref().and_then(|dossier| dossier.aids.iter().find(late)) {
        found("temporary_aid_late", no, format!("{} 受理，{} 发放", aid.accepted, aid.paid));
    }
    if !person.alive(month) {
        return;
    }
    let card = person.disability();
    if benefits && card.is_some_and(|card| card.cancelled(month)) {
        found("certificate_cancelled", no, String::new());
    }
    let next = following(month);
    let ends = |card: &crate::people::Disability| {
        !card.cancelled(month) && card.until >= month.first_day() && card.until <= next.last_day()
    };
    if benefits && card.is_some_and(ends) {
        found("due_certificate", no, card.map_or(String::new(), |card| format!("{} 到期", card.until)));
    }
    if let Some(stated) = enrolment::old_age_birth(world, no, month)
        && stated < person.birth
    {
        let age = person.age_on(month.last_day());
        found("elderly_benefit_age_wrong", no, format!("登记 {stated}，实际 {} ，{age} 岁", person.birth));
        debug_assert!(age < OLD_AGE);
    }
    if enrolment::on_tekun(world, no, month) && person.faults.has(crate::people::Fault::CareModeWrong) {
        found("care_mode_mismatch", no, String::new());
    }
    if enrolment::returned(person, month) {
        found("payment_returned", no, String::new());
    }
}

fn dibao_person(world: &World, no: PersonNo, month: Month, found: Sink) {
    let (person, house) = (world.person(no), world.home(no));
    let dibao = enrolment::on_dibao(world, no, month);
    if person.struck_off(month) {
        if dibao || enrolment::on_tekun(world, no, month) {
            found("cancelled_hukou_on_list", no, String::new());
        }
        return;
    }
    let before = world.dibao_before.get(no as usize).copied().unwrap_or(false);
    if before && house.unpaid_in == Some(month.previous()) {
        found("last_month_unpaid", no, String::new());
    }
    if !dibao {
        return;
    }
    if person.kinship().is_some_and(|kinship| !kinship.filed) {
        found("relative_not_filed", no, String::new());
    }
    let only = registered(world, house, month).count() == 1;
    let (now, next) = (person.age_on(month.last_day()), person.age_on(following(month).last_day()));
    let tekun = enrolment::on_tekun(world, no, month);
    if only && now >= 60 {
        found("single_elder_on_dibao", no, format!("{now} 岁"));
    }
    if only && now < 60 && next >= 60 && !tekun {
        found("due_sixty", no, format!("{} 出生", person.birth));
    }
}

/// Living members who still have their register here.
fn registered<'a>(
    world: &'a World,
    house: &'a Household,
    month: Month,
) -> impl Iterator<Item = PersonNo> + 'a {
    house.members().filter(move |&no| {
        let person = world.person(no);
        person.alive(month) && person.moved().is_none() && !person.struck_off(month)
    })
}

fn overlooked(world: &World, no: PersonNo, month: Month, found: Sink) {
    let (person, house) = (world.person(no), world.home(no));
    let covered = enrolment::on_dibao(world, no, month) || enrolment::on_tekun(world, no, month);
    if person.moved().is_some() || person.struck_off(month) {
        return;
    }
    if overdue(world, no, month) {
        found("visit_overdue", no, last_visit(world, no, month).to_string());
    }
    if let Some(case) = person.child()
        && person.age_on(month.last_day()) < 18
        && case.father.0 != "正常"
        && case.mother.0 != "正常"
        && enrolment::child_allowance(world, no, month).is_none()
    {
        found("child_of_unable_parents", no, String::new());
    }
    if covered {
        return;
    }
    let lately = |day| Month::of(day) >= month.plus(-RESETTLED_MONTHS).unwrap_or(month);
    if house.resettled.is_some_and(|resettled| resettled.dibao_there && lately(resettled.day)) {
        found("resettled_lost_dibao", no, String::new());
    }
    let since = person.rare.as_ref().and_then(|rare| rare.unemployed_since);
    let newly =
        since.is_some_and(|day| day <= month.last_day() && Month::of(day) > month.plus(-3).unwrap_or(month));
    if newly && (house.poverty == Some(PovertyStatus::Out) || near_dibao(world, house)) {
        found("newly_unemployed_poor", no, since.map_or(String::new(), |day| day.to_string()));
    }
    let helped = registered(world, house, month).any(|no| helped_with_illness(world.person(no), month));
    if person.bill().is_some() && !helped && bill_beyond_means(world, house, month) {
        found("large_bill_without_aid", no, String::new());
    }
}

fn helped_with_illness(person: &Person, month: Month) -> bool {
    let since = month.plus(-12).unwrap_or(month);
    let aids = person.dossier.as_ref().map_or(&[][..], |dossier| &dossier.aids);
    aids.iter().any(|aid| aid.cause == "疾病" && Month::of(aid.paid) > since && Month::of(aid.paid) <= month)
}

/// Bills of twelve months beyond two years of the line for everybody, and no income beyond twice the line to pay them
/// from.
pub(crate) fn bill_beyond_means(world: &World, house: &Household, month: Month) -> bool {
    let purse = incomes::purse(world, counted(world, house, month), month, true);
    let well_off = purse.countable().0 > 2 * incomes::line(house.urban).0 * purse.heads;
    let mut bars = [Bar::Car, Bar::Company, Bar::Payroll].into_iter();
    if well_off || bars.any(|bar| belongings::has(world, house, month, bar)) {
        return false;
    }
    let members: Vec<PersonNo> = registered(world, house, month).collect();
    let bills: i64 =
        members.iter().filter_map(|&no| world.person(no).bill()).map(|bill| bill.own_payment.0).sum();
    bills > incomes::line(house.urban).0 * 24 * members.len() as i64
}

/// A little above the line, as the canvass found; such households stand on a roster of their own.
pub(crate) fn near_dibao(world: &World, house: &Household) -> bool {
    if house.aid != Aid::None || house.canvass != Canvass::Done {
        return false;
    }
    let month = Month::of(crate::households::reference_day()).previous();
    let purse = incomes::purse(world, counted(world, house, month), month, true);
    let ceiling = purse.heads * incomes::line(house.urban).0 * 14 / 10;
    purse.gap(house.urban) <= Fen::ZERO && purse.countable().0 < ceiling
}

fn overdue(world: &World, no: PersonNo, month: Month) -> bool {
    let (person, house) = (world.person(no), world.home(no));
    let days = epoch_day(month.last_day()) - epoch_day(last_visit(world, no, month));
    let care = person.rare.as_ref().and_then(|rare| rare.care);
    let at_home = care.is_some_and(|care| !care.in_institution) && house.aid == Aid::Tekun;
    if at_home && enrolment::on_tekun(world, no, month) {
        return !enrolment::in_tekun_home(person) && days > DAYS_BETWEEN_TEKUN_VISITS;
    }
    let dossier = person.dossier.as_ref().filter(|dossier| dossier.home_for_the_old.is_none());
    let class = dossier.and_then(|dossier| dossier.left_behind);
    class.is_some_and(|class| class != "留守妇女") && days > DAYS_BETWEEN_VISITS
}

fn due(world: &World, no: PersonNo, month: Month, found: Sink) {
    let person = world.person(no);
    let (now, next) = (person.age_on(month.last_day()), person.age_on(following(month).last_day()));
    if now >= 18 || next < 18 || person.moved().is_some() || person.struck_off(month) {
        return;
    }
    let severe = person.disability().is_some_and(|card| card.severe());
    let leaves = enrolment::on_dibao(world, no, month)
        && person.relation == Relation::Child
        && person.stage.is_none()
        && !severe;
    if leaves || enrolment::child_allowance(world, no, month).is_some() {
        found("due_eighteen", no, format!("{} 出生", person.birth));
    }
}
