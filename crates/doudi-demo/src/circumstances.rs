//! What the newer rosters tell of a county in which every office does everything right: visits, kinship, resettlement,
//! temporary aid, birthdays to come; single persons on dibao, and households that are phased out of it.
//!
//! It throws dice of its own after everything else was settled, so that the same seed keeps the same people.

use crate::belongings::{self, day_between};
use crate::dice::Dice;
use crate::dossier::{Kinship, TemporaryAid};
use crate::enrolment::{self, fit_for_dibao};
use crate::groups::per_lakh;
use crate::households::reference_day;
use crate::identity;
use crate::incomes;
use crate::people::{
    Aid, Canvass, Fault, HouseNo, Household, PersonNo, PovertyStatus, Relation, Resettled, Shape, Stage,
    World,
};
use doudi_terms::{Date, Fen, Month, date_from_epoch_day, epoch_day};

/// Everything that the first month starts with.
pub(crate) fn arrange(world: &mut World, first_month: Month) {
    let mut dice = Dice::new(world.seed, 40);
    birthdays(world, first_month, &mut dice);
    single_persons(world, first_month, &mut dice);
    phase_outs(world, first_month, &mut dice);
    left_behind(world, &mut dice);
    kin_of_officials(world, &mut dice);
    resettlement(world, &mut dice);
    temporary_aid(world, &mut dice);
    certificates(world, &mut dice);
    rarer_rosters(world, &mut dice);
}

/// Nothing was done to the household yet, and nothing in it changes within the demo.
fn untouched(world: &World, house: &Household) -> bool {
    !house.planted
        && house.members().all(|no| fit_for_dibao(world.person(no)) && world.person(no).covid().is_none())
}

fn untouched_homes(
    world: &World,
    fits: impl Fn(&World, &Household) -> bool,
    wanted: usize,
    dice: &mut Dice,
) -> Vec<HouseNo> {
    let homes: Vec<HouseNo> = world
        .homes()
        .filter(|&home| untouched(world, world.household(home)) && fits(world, world.household(home)))
        .collect();
    dice.some_of(homes, wanted)
}

/// Coming of age and turning sixty in one of the two months that follow; next to nobody would by chance. Their numbers
/// are issued anew, with the birth.
fn birthdays(world: &mut World, first_month: Month, dice: &mut Dice) {
    let wanted = per_lakh(world, 14).max(3);
    let children: Vec<PersonNo> = world
        .all()
        .filter(|&no| {
            let person = world.person(no);
            let allowance = person.child().is_some_and(|case| case.kind.is_some());
            let head = world.person(world.home(no).first);
            allowance
                && (12..17).contains(&person.age_on(reference_day()))
                && head.age_on(reference_day()) >= 57
        })
        .collect();
    for (at, no) in dice.some_of(children, wanted).into_iter().enumerate() {
        let day = coming(first_month, at, dice);
        rebirth(world, no, day, 18);
        world.person_mut(no).stage = Some(Stage::HighSchool);
    }
    let alone = untouched_homes(
        world,
        |world, house| {
            let person = world.person(house.first);
            house.on_dibao()
                && house.shape == Shape::Single
                && (45..59).contains(&person.age_on(reference_day()))
                && person.disability().is_none()
        },
        wanted,
        dice,
    );
    for (at, home) in alone.into_iter().enumerate() {
        let no = world.household(home).first;
        let day = coming(first_month, at, dice);
        rebirth(world, no, day, 60);
        incomes::live_below(world, home, first_month, false, dice);
        world.households[home as usize].planted = true;
    }
}

/// The first day of the demo's second month, so that nothing depends on the middle of a month, or any of the one after.
fn coming(first_month: Month, at: usize, dice: &mut Dice) -> Date {
    let second = following(first_month);
    if at.is_multiple_of(3) {
        return second.first_day();
    }
    let third = following(second).first_day();
    day_between(dice, (third.year(), third.month(), 1), (third.year(), third.month(), 28))
}

pub(crate) fn following(month: Month) -> Month {
    month.plus(1).unwrap_or(month)
}

fn rebirth(world: &mut World, no: PersonNo, day: Date, years: i16) {
    let Ok(birth) = Date::new(day.year() - years, day.month(), day.day()) else { return };
    let person = world.person(no);
    let (area, sex) = (person.id_number.as_str()[..6].to_owned(), person.sex);
    let taken = |id: &str| world.people.iter().any(|other| other.id_number.as_str() == id);
    if let Some(id) = identity::first_free(&area, birth, sex, taken) {
        let person = world.person_mut(no);
        (person.birth, person.id_number) = (birth, id);
    }
}

/// Of households that are not yet out of poverty and above the line: one severely disabled person each whom the family
/// supports and who cannot live alone, enrolled for what is lacking to the line.
fn single_persons(world: &mut World, first_month: Month, dice: &mut Dice) {
    let dependent = |world: &World, no: PersonNo| {
        let person = world.person(no);
        let income = &person.income;
        let nothing = [income.odd_jobs, income.formal_wage, income.farm, income.property, income.transfer];
        person.relation != Relation::Head
            && person.disability().is_some_and(|card| card.severe() && card.valid(following(first_month)))
            && (18..59).contains(&person.age_on(reference_day()))
            && person.bill().is_none()
            && person.stage.is_none()
            && !person.faults.has(Fault::NoNursing)
            && nothing.iter().all(|&amount| amount == Fen::ZERO)
            && income.land == Fen::ZERO
    };
    let wanted = per_lakh(world, 12).max(2);
    let homes = untouched_homes(
        world,
        |world, house| {
            house.aid == Aid::None
                && house.canvass == Canvass::Done
                && !house.urban
                && house.poverty == Some(PovertyStatus::Out)
                && !belongings::barred(world, house, first_month)
                && house.members().all(|no| world.person(no).income.employee_pension == Fen::ZERO)
                && house.members().any(|no| dependent(world, no))
        },
        wanted,
        dice,
    );
    for home in homes {
        let found = world.household(home).members().find(|&no| dependent(world, no));
        let since = first_month.plus(-(dice.between(1, 30) as i32)).unwrap_or(first_month);
        if let Some(no) = found {
            world.person_mut(no).dossier().alone_since = Some(since);
            let house = &mut world.households[home as usize];
            (house.planted, house.poverty) = (true, Some(PovertyStatus::NotYet));
            house.deposits = Fen(dice.between(5, 30) * 10_000);
        }
    }
}

/// Registered poor households whose income rose above the line, not to twice the line: they keep what they had.
fn phase_outs(world: &mut World, first_month: Month, dice: &mut Dice) {
    let wanted = per_lakh(world, 40).max(2);
    let homes = untouched_homes(
        world,
        |world, house| {
            matches!(house.aid, Aid::Dibao { since } if since < first_month.previous())
                && house.poverty.is_some_and(|status| status != PovertyStatus::Edge)
                && house.members().all(|no| world.person(no).bill().is_none())
        },
        wanted,
        dice,
    );
    for home in homes {
        let kept = enrolment::roster_amount(world, world.household(home), first_month.previous());
        let percent = dice.between(112, 138);
        incomes::live_above(world, home, first_month, percent, dice);
        let house = &mut world.households[home as usize];
        (house.planted, house.phase_out) = (true, Some(kept));
        house.deposits = Fen(dice.between(5, 40) * 10_000);
    }
}

fn left_behind(world: &mut World, dice: &mut Dice) {
    for no in world.all() {
        let (person, house) = (world.person(no), world.home(no));
        if house.urban || person.death.is_some() || person.moved().is_some() {
            continue;
        }
        let age = person.age_on(reference_day());
        let class = match (house.shape, person.relation) {
            (Shape::ElderSingle | Shape::ElderCouple, _)
                if age >= 60 && house.aid != Aid::Tekun && dice.per_mille(220) =>
            {
                "留守老年人"
            }
            (Shape::LeftBehind, Relation::Grandchild) if age < 16 && dice.per_mille(700) => "留守儿童",
            (Shape::Nuclear | Shape::ThreeGenerations, Relation::Spouse)
                if person.sex == doudi_terms::Sex::Female && dice.per_mille(30) =>
            {
                "留守妇女"
            }
            _ => continue,
        };
        world.person_mut(no).dossier().left_behind = Some(class);
    }
}

const KIN: &[&str] = &["父亲", "母亲", "兄弟", "姐妹", "子女", "祖父母"];

/// Everybody of them who is on dibao was put on file.
fn kin_of_officials(world: &mut World, dice: &mut Dice) {
    let grown: Vec<PersonNo> =
        world.all().filter(|&no| world.person(no).age_on(reference_day()) >= 18).collect();
    let wanted = per_lakh(world, 320);
    for no in dice.some_of(grown, wanted) {
        let filed = world.home(no).aid != Aid::None || dice.per_mille(100);
        let kinship = kinship(world, filed, dice);
        world.person_mut(no).dossier().kinship = Some(kinship);
    }
}

pub(crate) fn kinship(world: &World, filed: bool, dice: &mut Dice) -> Kinship {
    Kinship { relation: KIN[dice.index(KIN.len())], official: dice.below(world.people.len() as u32), filed }
}

/// One in twelve registered poor households; those on dibao now were already, where they came from.
fn resettlement(world: &mut World, dice: &mut Dice) {
    for home in world.homes() {
        let house = world.household(home);
        if house.poverty.is_none() || !dice.per_mille(80) {
            continue;
        }
        let day = day_between(dice, (2017, 6, 1), (2019, 11, 30));
        let dibao_there = house.on_dibao() && dice.per_mille(600);
        let from = dice.index(world.places.villages.len()) as u16;
        world.households[home as usize].resettled = Some(Resettled { from, day, dibao_there });
    }
}

/// Whoever had a large bill and is not on a roster was helped with it, and some others with other needs. What is urgent
/// is paid on the day or on the one after.
fn temporary_aid(world: &mut World, dice: &mut Dice) {
    for no in world.all() {
        let (person, covered) = (world.person(no), world.home(no).aid != Aid::None);
        if person.death.is_some() || person.moved().is_some() {
            continue;
        }
        let bill = person.bill().map(|bill| bill.own_payment);
        let aid = match bill {
            Some(payment) if !covered => help(false, "疾病", Fen(payment.0 / 5 / 10_000 * 10_000), dice),
            _ if world.home(no).canvass == Canvass::Done && dice.per_mille(6) => {
                let cause = *dice.pick(&["灾害", "意外事故", "就学", "住房", "其他"]);
                let amount = Fen(dice.between(5, 20) * 10_000);
                help(matches!(cause, "灾害" | "意外事故"), cause, amount, dice)
            }
            _ => continue,
        };
        world.person_mut(no).dossier().aids.push(aid);
    }
}

fn help(urgent: bool, cause: &'static str, amount: Fen, dice: &mut Dice) -> TemporaryAid {
    let accepted = day_between(dice, (2019, 7, 1), (2020, 3, 20));
    let days = if urgent { dice.between(0, 1) } else { dice.between(6, 25) };
    TemporaryAid { urgent, cause, accepted, paid: days_after(accepted, days), amount }
}

pub(crate) fn days_after(day: Date, days: i64) -> Date {
    date_from_epoch_day(epoch_day(day) + days as i32).unwrap_or(day)
}

/// Some certificates run out soon; some were withdrawn, and the allowances stopped with them.
fn certificates(world: &mut World, dice: &mut Dice) {
    let free: Vec<PersonNo> = world
        .all()
        .filter(|&no| {
            let valid = |card: &crate::people::Disability| card.until > reference_day();
            !world.home(no).planted && world.person(no).disability().is_some_and(valid)
        })
        .collect();
    let (soon, withdrawn) = (per_lakh(world, 60).max(3), per_lakh(world, 40).max(1));
    for (at, no) in dice.some_of(free, soon + withdrawn).into_iter().enumerate() {
        let june = day_between(dice, (2020, 6, 1), (2020, 6, 30));
        let withdrawn_on = day_between(dice, (2019, 3, 1), (2020, 3, 20));
        let Some(card) = world.person_mut(no).rare().disability.as_mut() else { continue };
        if at >= soon {
            card.cancelled = Some(withdrawn_on.max(days_after(card.issued, 200)).min(last_of_march()));
            continue;
        }
        card.until = if at % 3 == 0 { reference_day() } else { june };
        card.issued = Date::new(2010, card.until.month(), card.until.day().min(28)).unwrap_or(card.issued);
    }
}

fn last_of_march() -> Date {
    Date::new(2020, 3, 31).unwrap_or_default()
}

/// Weddings, homes for the old, long-term care insurance.
fn rarer_rosters(world: &mut World, dice: &mut Dice) {
    for home in world.homes() {
        let house = world.household(home);
        let young = (22..34).contains(&world.person(house.first).age_on(reference_day()));
        if house.shape == Shape::Couple && young && dice.per_mille(250) {
            let day = day_between(dice, (2020, 1, 3), (2020, 5, 29));
            for no in house.members() {
                world.person_mut(no).dossier().married = Some(day);
            }
        }
    }
    for no in world.all() {
        let (person, house) = (world.person(no), world.home(no));
        let here = person.death.is_none() && person.moved().is_none() && house.aid == Aid::None;
        if !here || person.disability().is_some() || person.age_on(reference_day()) < 72 {
            continue;
        }
        match dice.below(1_000) {
            0..12 => {
                let day = day_between(dice, (2016, 1, 1), (2020, 3, 1));
                world.person_mut(no).dossier().home_for_the_old = Some(day);
            }
            12..24 => world.person_mut(no).dossier().care_insurance = true,
            _ => {}
        }
    }
}
