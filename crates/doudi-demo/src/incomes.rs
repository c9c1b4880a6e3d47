//! What households live on, and what the county's office would make of it.
//!
//! The arithmetic here is the demo's own model of a faultless office, kept apart from the policy documents on purpose:
//! the planted truth must not depend on what is tested with it. All amounts are whole fen; monthly shares of yearly
//! spending are exact because yearly spending comes in multiples of twelve fen.

use crate::dice::Dice;
use crate::groups::simple;
use crate::households::reference_day;
use crate::people::{Aid, Canvass, Fault, HouseNo, Household, Person, PersonNo, Relation, World};
use doudi_terms::{Fen, Month};

/// Yuan per head and month, in fen.
pub(crate) const LINE_RURAL: Fen = Fen(44_000);
pub(crate) const LINE_URBAN: Fen = Fen(58_000);
/// Basic living of a tekun person: 1.3 times the urban line.
pub(crate) const TEKUN_BASIC: Fen = Fen(75_400);
/// The residents' pension from sixty on.
pub(crate) const RESIDENT_PENSION: Fen = Fen(11_500);
/// In 2020 the residents' pension is income for dibao like any other.
pub(crate) const RESIDENT_PENSION_COUNTS: bool = true;
/// The price of going to work, taken off wages, in percent.
const WORK_COST_PERCENT: i64 = 20;

pub(crate) fn line(urban: bool) -> Fen {
    if urban { LINE_URBAN } else { LINE_RURAL }
}

/// The pension of a month; from the first full month after the sixtieth birthday.
pub(crate) fn pension(person: &Person, month: Month) -> Fen {
    if person.income.employee_pension > Fen::ZERO {
        return person.income.employee_pension;
    }
    if person.age_on(month.first_day()) >= 60 { RESIDENT_PENSION } else { Fen::ZERO }
}

/// One household's month: gross income, wages within it, spending that is taken off.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Purse {
    pub heads: i64,
    pub gross: Fen,
    pub wages: Fen,
    pub spending_year: Fen,
}

impl Purse {
    pub fn countable(&self) -> Fen {
        let wages_share = self.wages.0 * WORK_COST_PERCENT / 100;
        Fen((self.gross.0 - wages_share - self.spending_year.0 / 12).max(0))
    }

    /// What is lacking to the line; negative above it.
    pub fn gap(&self, urban: bool) -> Fen {
        Fen(self.heads * line(urban).0 - self.countable().0)
    }

    fn add(&mut self, person: &Person, month: Month, all_sources: bool) {
        let income = &person.income;
        let unknown_wage = person.faults.has(Fault::WageUndeclared) && !all_sources;
        let wages = income.odd_jobs.0 + if unknown_wage { 0 } else { income.formal_wage.0 };
        let payroll = if all_sources { person.payroll().map_or(0, |wage| wage.0) } else { 0 };
        let mut paid_out = pension(person, month).0;
        let residents_scheme = income.employee_pension == Fen::ZERO;
        let undeclared = person.faults.has(Fault::PensionUndeclared);
        if (residents_scheme && !RESIDENT_PENSION_COUNTS) || (undeclared && !all_sources) {
            paid_out = 0;
        }
        let rest = income.farm.0 + income.property.0 + income.transfer.0 + income.land.0;
        self.heads += 1;
        self.wages.0 += wages + payroll;
        self.gross.0 += wages + payroll + rest + paid_out;
        self.spending_year.0 += person.tuition_year.0 + person.bill().map_or(0, |bill| bill.own_payment.0);
    }
}

/// `all_sources`: with what was kept from the office; otherwise as declared.
pub(crate) fn purse(
    world: &World,
    members: impl Iterator<Item = PersonNo>,
    month: Month,
    all_sources: bool,
) -> Purse {
    let mut purse = Purse::default();
    for no in members {
        purse.add(world.person(no), month, all_sources);
    }
    purse
}

/// Members that a checker with every roster in hand counts: alive at the month's end, not in custody, not moved away
/// or struck off the register.
pub(crate) fn counted<'a>(
    world: &'a World,
    house: &'a Household,
    month: Month,
) -> impl Iterator<Item = PersonNo> + 'a {
    house.members().filter(move |&no| {
        let person = world.person(no);
        person.alive(month)
            && person.custody().is_none()
            && person.moved().is_none()
            && !person.struck_off(month)
    })
}

fn able(person: &Person) -> bool {
    let age = person.age_on(reference_day());
    (18..60).contains(&age)
        && person.stage.is_none()
        && person.death.is_none()
        && person.custody().is_none()
        && person.disability().is_none_or(|card| !card.severe())
}

fn round_up(fen: i64, unit: i64) -> i64 {
    (fen + unit - 1) / unit * unit
}

fn yuan(dice: &mut Dice, low: i64, high: i64) -> Fen {
    Fen(dice.between(low, high) * 100)
}

fn clear_income(world: &mut World, home: HouseNo) {
    for no in world.household(home).members() {
        world.person_mut(no).income = Default::default();
    }
}

/// Incomes of a household that is entitled: below three quarters of the line before anything is taken off, or (`near`)
/// a little below the line.
pub(crate) fn live_below(world: &mut World, home: HouseNo, month: Month, near: bool, dice: &mut Dice) {
    clear_income(world, home);
    let house = world.household(home);
    let (urban, first) = (house.urban, house.first);
    let members: Vec<PersonNo> = counted(world, house, month).collect();
    let ceiling = line(urban).0 * members.len() as i64;
    let share = if near { dice.between(80, 96) } else { dice.between(4, 70) };
    // Whoever turns sixty within the demo has a pension then, and the household must stay below the line.
    let last_month = Month::of(reference_day());
    let pensions = purse(world, members.iter().copied(), last_month, true).gross.0;
    let mut left = (ceiling * share / 100 - pensions).max(0) / 100;
    let workers: Vec<PersonNo> = members.iter().copied().filter(|&no| able(world.person(no))).collect();
    if let (Some(&worker), false) = (workers.first(), near)
        && dice.per_mille(450)
    {
        let wage = left * dice.between(30, 70) / 100;
        let formal = members.len() >= 4 && wage > 400 && dice.per_mille(150);
        let income = &mut world.person_mut(worker).income;
        *(if formal { &mut income.formal_wage } else { &mut income.odd_jobs }) = Fen(wage * 100);
        left -= wage;
    }
    // Old people alone are supported by their children elsewhere.
    let holder = workers.last().or(members.first()).copied().unwrap_or(first);
    let farm = if urban { 0 } else { left * dice.between(30, 80) / 100 };
    let land = if !urban && dice.per_mille(250) { (left - farm) * dice.between(10, 40) / 100 } else { 0 };
    let property = if dice.per_mille(60) { (left - farm - land) * dice.between(10, 30) / 100 } else { 0 };
    let deposits = yuan(dice, 0, 1_500 * members.len() as i64);
    let income = &mut world.person_mut(holder).income;
    income.farm = Fen(farm * 100);
    income.land = Fen(land * 100);
    income.property = Fen(property * 100);
    income.transfer = Fen((left - farm - land - property) * 100);
    world.households[home as usize].deposits = deposits;
}

/// Incomes of a household that is not entitled, however narrowly its members are counted: at least `percent` of the
/// line per head after everything that may be taken off, without the residents' pension.
pub(crate) fn live_above(world: &mut World, home: HouseNo, month: Month, percent: i64, dice: &mut Dice) {
    clear_income(world, home);
    let house = world.household(home);
    let (urban, members) = (house.urban, house.members());
    for no in members.clone() {
        natural_income(world, no, urban, percent, dice);
    }
    world.households[home as usize].deposits = yuan(dice, 500, 12_000);
    // Counting every member, or only the couple, its parents and its dependent children: both must be above.
    for core_only in [true, false] {
        let counted: Vec<PersonNo> =
            members.clone().filter(|&no| !core_only || core(world.person(no))).collect();
        top_up(world, &counted, month, urban, percent, dice);
    }
}

fn core(person: &Person) -> bool {
    match person.relation {
        Relation::Head | Relation::Spouse | Relation::Parent => true,
        Relation::Child => person.age_on(reference_day()) < 18 || person.stage.is_some(),
        Relation::Grandchild | Relation::InLaw | Relation::Sibling => false,
    }
}

fn natural_income(world: &mut World, no: PersonNo, urban: bool, percent: i64, dice: &mut Dice) {
    let person = world.person(no);
    let age = person.age_on(reference_day());
    let (able, gone) = (able(person), person.death.is_some() || person.custody().is_some());
    let near = percent < 140;
    let income = &mut world.person_mut(no).income;
    if gone || near {
        return;
    }
    if able {
        match dice.below(10) {
            0..3 => income.formal_wage = Fen(dice.between(180, 420) * 1_000),
            3..7 => income.odd_jobs = Fen(dice.between(150, 400) * 1_000),
            _ if urban => income.odd_jobs = Fen(dice.between(140, 300) * 1_000),
            _ => income.farm = yuan(dice, 500, 1_800),
        }
    } else if age >= 60 {
        if dice.per_mille(if urban { 450 } else { 40 }) {
            income.employee_pension = Fen(dice.between(1_900, 3_600) * 100);
        } else if !urban {
            income.farm = yuan(dice, 120, 500);
        }
    }
    if !urban && age >= 30 && dice.per_mille(120) {
        income.land = yuan(dice, 15, 140);
    }
}

/// Gives the core of the household what it still lacks: work to those who can work, support to those who cannot.
fn top_up(world: &mut World, members: &[PersonNo], month: Month, urban: bool, percent: i64, dice: &mut Dice) {
    let mut purse = purse(world, members.iter().copied(), month, true);
    for &no in members {
        if world.person(no).income.employee_pension == Fen::ZERO && RESIDENT_PENSION_COUNTS {
            purse.gross.0 -= pension(world.person(no), month).0;
        }
    }
    let percent = if percent < 140 { percent } else { percent + dice.between(0, 120) };
    let wages_off = purse.wages.0 * WORK_COST_PERCENT / 100;
    // Not `countable`: a shortfall below zero has to be made up too.
    let net = purse.gross.0 - wages_off - purse.spending_year.0 / 12;
    let lacking = purse.heads * line(urban).0 * percent / 100 - net;
    if lacking <= 0 {
        return;
    }
    let earners: Vec<PersonNo> =
        members.iter().copied().filter(|&no| core(world.person(no)) && able(world.person(no))).collect();
    let near = percent < 140;
    if let (Some(&earner), false) = (earners.first(), near) {
        let wage = round_up(lacking * 100 / (100 - WORK_COST_PERCENT) + 1, 1_000);
        world.person_mut(earner).income.odd_jobs.0 += wage;
        return;
    }
    let holders: Vec<PersonNo> = members
        .iter()
        .copied()
        .filter(|&no| {
            let person = world.person(no);
            person.death.is_none() && person.custody().is_none() && person.age_on(reference_day()) >= 18
        })
        .collect();
    let Some(&holder) = holders.first().or(members.first()) else { return };
    let farm = if urban { 0 } else { lacking * 55 / 100 / 100 * 100 };
    let income = &mut world.person_mut(holder).income;
    income.farm.0 += farm;
    income.transfer.0 += round_up(lacking - farm, 100);
}

/// Three in a hundred live close to the line, on the side on which they were decided.
const NEAR_PER_MILLE: u32 = 30;

/// Gives every household its livelihood.
pub(crate) fn assign(world: &mut World, month: Month) {
    let mut dice = Dice::new(world.seed, 6);
    for home in world.homes() {
        let near = dice.per_mille(NEAR_PER_MILLE);
        let house = world.household(home);
        match (house.aid, house.canvass) {
            (Aid::Dibao { .. }, _) => live_below(world, home, month, near, &mut dice),
            (Aid::Tekun, _) => {}
            // Nobody has been there: what these live on only shows in the rosters.
            (Aid::None, Canvass::NotNeeded) => live_unseen(world, home, &mut dice),
            (Aid::None, Canvass::Done) => {
                let percent = if near && simple(world, home) { dice.between(105, 128) } else { 150 };
                live_above(world, home, month, percent, &mut dice);
            }
            // Nothing that a roster knows decides about them.
            (Aid::None, Canvass::RowMissing | Canvass::IncomesBlank) => {
                live_above(world, home, month, 139, &mut dice);
            }
        }
    }
}

fn live_unseen(world: &mut World, home: HouseNo, dice: &mut Dice) {
    let (urban, members) = (world.household(home).urban, world.household(home).members());
    for no in members {
        natural_income(world, no, urban, 200, dice);
    }
}
