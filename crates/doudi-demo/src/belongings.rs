//! Cars, houses, companies, public posts.

use crate::dice::Dice;
use crate::households::reference_day;
use crate::people::{Aid, Canvass, Company, House, Household, PersonNo, Vehicle, World};
use doudi_terms::{Date, Fen, Month, date_from_epoch_day, epoch_day};

/// What no dibao household may own or have, by the rules of the demo's office.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bar {
    Car,
    SecondHouse,
    Company,
    Payroll,
}

/// Whether the living members together have it.
pub(crate) fn has(world: &World, house: &Household, month: Month, bar: Bar) -> bool {
    let living = || house.members().map(|no| world.person(no)).filter(|person| person.alive(month));
    match bar {
        Bar::Car => living().any(|person| person.vehicles().iter().any(|car| car.counts(month))),
        Bar::SecondHouse => {
            living()
                .map(|person| person.houses().iter().filter(|house| house.dwelling).count())
                .sum::<usize>()
                >= 2
        }
        Bar::Company => living().any(|person| {
            person.companies().iter().any(|firm| firm.active && matches!(firm.role, "法定代表人" | "股东"))
        }),
        Bar::Payroll => living().any(|person| person.payroll().is_some()),
    }
}

pub(crate) fn barred(world: &World, house: &Household, month: Month) -> bool {
    [Bar::Car, Bar::SecondHouse, Bar::Company, Bar::Payroll]
        .into_iter()
        .any(|bar| has(world, house, month, bar))
}

/// A day between the two, both included.
pub(crate) fn day_between(dice: &mut Dice, from: (i16, i8, i8), to: (i16, i8, i8)) -> Date {
    let edge = |(year, month, day)| epoch_day(Date::new(year, month, day).unwrap_or_default());
    let day = dice.between(i64::from(edge(from)), i64::from(edge(to)));
    date_from_epoch_day(day as i32).unwrap_or_default()
}

pub(crate) fn car(dice: &mut Dice) -> Vehicle {
    let kind = dice.pick(&["小型轿车", "小型轿车", "小型普通客车", "重型货车"]);
    Vehicle {
        kind,
        registered: day_between(dice, (2009, 3, 1), (2020, 3, 20)),
        active: true,
        plate: dice.below(34 * 10_000),
    }
}

fn motorcycle(dice: &mut Dice) -> Vehicle {
    let kind = dice.pick(&["两轮摩托", "三轮摩托", "两轮摩托"]);
    Vehicle { kind, ..car(dice) }
}

pub(crate) fn dwelling(dice: &mut Dice) -> House {
    House { dwelling: true, square_metres: dice.between(62, 168) as u16 }
}

pub(crate) fn company(dice: &mut Dice) -> Company {
    let role = dice.pick(&["法定代表人", "股东"]);
    Company {
        role,
        active: true,
        capital_yuan: dice.between(5, 200) as u32 * 10_000,
        name: dice.below(1_000_000),
    }
}

/// Gives everybody what they own. Households on aid, and those left without a canvass, own nothing that would decide
/// about aid by itself.
pub(crate) fn distribute(world: &mut World) {
    let mut dice = Dice::new(world.seed, 8);
    for home in world.homes() {
        let house = world.household(home);
        let plain =
            house.aid != Aid::None || matches!(house.canvass, Canvass::RowMissing | Canvass::IncomesBlank);
        let canvassed = house.canvass != Canvass::NotNeeded;
        let adults: Vec<PersonNo> = house
            .members()
            .filter(|&no| {
                let age = world.person(no).age_on(reference_day());
                (20..66).contains(&age) && world.person(no).death.is_none()
            })
            .collect();
        let owner = adults.first().copied().unwrap_or(house.first);
        if dice.per_mille(550) {
            let house = dwelling(&mut dice);
            world.person_mut(owner).rare().houses.push(house);
        }
        for &no in &adults {
            if plain {
                modest(world, no, &mut dice);
            } else {
                comfortable(world, no, canvassed, &mut dice);
            }
        }
    }
}

/// Motorcycles are no bar, nor is a car that was scrapped or a company that was closed.
fn modest(world: &mut World, no: PersonNo, dice: &mut Dice) {
    if dice.per_mille(90) {
        let vehicle = motorcycle(dice);
        world.person_mut(no).rare().vehicles.push(vehicle);
    } else if dice.per_mille(8) {
        let vehicle = Vehicle { active: false, ..car(dice) };
        world.person_mut(no).rare().vehicles.push(vehicle);
    }
    if dice.per_mille(4) {
        let firm = Company { active: false, ..company(dice) };
        world.person_mut(no).rare().companies.push(firm);
    }
}

fn comfortable(world: &mut World, no: PersonNo, canvassed: bool, dice: &mut Dice) {
    let man = world.person(no).sex == doudi_terms::Sex::Male;
    if dice.per_mille(match (man, canvassed) {
        (true, false) => 250,
        (false, false) => 90,
        (true, true) => 140,
        (false, true) => 40,
    }) {
        let vehicle = match dice.below(100) {
            0..78 => car(dice),
            78..94 => motorcycle(dice),
            94..97 => Vehicle { kind: "轻型货车", ..car(dice) },
            _ => Vehicle { active: false, ..car(dice) },
        };
        world.person_mut(no).rare().vehicles.push(vehicle);
    }
    if dice.per_mille(35) {
        let house = dwelling(dice);
        world.person_mut(no).rare().houses.push(house);
    } else if dice.per_mille(8) {
        let shop = House { dwelling: false, square_metres: dice.between(12, 90) as u16 };
        world.person_mut(no).rare().houses.push(shop);
    }
    if dice.per_mille(20) {
        let mut firm = company(dice);
        if dice.per_mille(600) {
            (firm.role, firm.capital_yuan) = ("个体经营者", dice.between(1, 20) as u32 * 5_000);
        }
        firm.active = dice.per_mille(880);
        world.person_mut(no).rare().companies.push(firm);
    }
    if !canvassed && dice.per_mille(52) && world.person(no).age_on(reference_day()) < 60 {
        let wage = Fen(dice.between(320, 780) * 1_000);
        let person = world.person_mut(no);
        person.income.formal_wage = Fen::ZERO;
        person.rare().payroll = Some(wage);
    }
}
