//! Who needs what: disability, tekun, dibao, registered poverty, children, bills, deaths, custody, illness. The clean
//! world, before anything is planted.

use crate::belongings::day_between;
use crate::dice::Dice;
use crate::households::reference_day;
use crate::people::{
    Aid, Bill, Canvass, Care, ChildCase, ChildKind, Custody, Disability, HospitalStay, HouseNo, PersonNo,
    PovertyStatus, Relation, Shape, World,
};
use doudi_terms::{Date, Fen, Month};

/// How many of a group that is counted per 100,000 persons.
pub(crate) fn per_lakh(world: &World, count: usize) -> usize {
    (world.people.len() * count).div_ceil(100_000)
}

fn age(world: &World, no: PersonNo) -> i32 {
    world.person(no).age_on(reference_day())
}

/// Everything in the order in which one thing depends on another.
pub(crate) fn assign(world: &mut World, first_month: Month) {
    let mut dice = Dice::new(world.seed, 4);
    disabilities(world, &mut dice);
    choose_tekun(world, &mut dice);
    choose_dibao(world, first_month, &mut dice);
    choose_poverty(world, &mut dice);
    children_in_need(world, &mut dice);
    deaths(world, first_month, &mut dice);
    bills(world, &mut dice);
    unemployment(world, &mut dice);
    custody(world, &mut dice);
    moves(world, &mut dice);
    covid(world, &mut dice);
    canvass(world, &mut dice);
}

fn disabilities(world: &mut World, dice: &mut Dice) {
    for no in world.all() {
        let rate = match age(world, no) {
            ..18 => 16,
            18..60 => 56,
            60..75 => 119,
            _ => 152,
        };
        if !dice.per_mille(rate) {
            continue;
        }
        let card = card(dice);
        world.person_mut(no).rare().disability = Some(card);
    }
}

/// Ten years' validity; three in a hundred ran out before the demo's months, none within them.
pub(crate) fn card(dice: &mut Dice) -> Disability {
    let expired = dice.per_mille(30);
    let issued = if expired {
        day_between(dice, (2008, 7, 1), (2010, 1, 31))
    } else {
        day_between(dice, (2010, 9, 1), (2020, 2, 28))
    };
    let day = issued.day().min(28);
    let until = Date::new(issued.year() + 10, issued.month(), day).unwrap_or(issued);
    Disability {
        kind: 1 + dice.weighted(&[12, 12, 2, 53, 9, 9, 3]) as u8,
        grade: 1 + dice.weighted(&[15, 26, 30, 29]) as u8,
        issued,
        until,
        reissued: dice.per_mille(40),
        cancelled: None,
    }
}

/// Single people over sixty without anyone to support them. None of them is severely disabled: tekun support and the
/// disability allowances would exclude one another.
fn choose_tekun(world: &mut World, dice: &mut Dice) {
    let candidates: Vec<HouseNo> = world
        .homes()
        .filter(|&home| {
            let house = world.household(home);
            house.shape == Shape::ElderSingle
                && age(world, house.first) >= 62
                && world.person(house.first).disability().is_none()
        })
        .collect();
    let wanted = per_lakh(world, 600);
    for home in dice.some_of(candidates, wanted) {
        let first = world.household(home).first;
        let lost = [0, 0, 0, 1, 2, 3, 4, 5, 6][dice.index(9)];
        let in_institution = lost >= 4 || dice.per_mille(150);
        let person = world.person_mut(first);
        person.no_obligor = true;
        person.rare().care = Some(Care { in_institution, lost });
        world.households[home as usize].aid = Aid::Tekun;
    }
}

/// Households whose members count under any reading of the law: couple, parents, dependent children.
pub(crate) fn simple(world: &World, home: HouseNo) -> bool {
    world.household(home).members().all(|no| match world.person(no).relation {
        Relation::Head | Relation::Spouse | Relation::Parent => true,
        Relation::Child => age(world, no) < 18 || world.person(no).stage.is_some(),
        Relation::Grandchild | Relation::InLaw | Relation::Sibling => false,
    })
}

fn choose_dibao(world: &mut World, first_month: Month, dice: &mut Dice) {
    let mut candidates: Vec<HouseNo> =
        world.homes().filter(|&home| world.household(home).aid == Aid::None && simple(world, home)).collect();
    dice.shuffle(&mut candidates);
    let mut wanted = per_lakh(world, 4_600) as i64;
    for home in candidates {
        if wanted <= 0 {
            break;
        }
        let house = world.household(home);
        let card = house.members().any(|no| world.person(no).disability().is_some());
        let rate = match (card, house.shape, house.urban) {
            (true, _, _) => 420,
            (_, _, true) => 40,
            (_, Shape::ElderSingle | Shape::SingleParent, _) => 260,
            (_, Shape::ElderCouple | Shape::ThreeGenerations, _) => 130,
            _ => 70,
        };
        if dice.per_mille(rate) {
            wanted -= i64::from(house.size);
            let since = first_month.plus(-(dice.between(1, 70) as i32)).unwrap_or(first_month);
            world.households[home as usize].aid = Aid::Dibao { since };
        }
    }
}

/// Fifteen in a hundred. Those not out of poverty, or not surely out of it, are all on dibao or tekun.
fn choose_poverty(world: &mut World, dice: &mut Dice) {
    let mut homes: Vec<HouseNo> = world.homes().filter(|&home| !world.household(home).urban).collect();
    dice.shuffle(&mut homes);
    let mut wanted = per_lakh(world, 15_000) as i64;
    for home in homes {
        let house = world.household(home);
        let status = match house.aid {
            Aid::Dibao { .. } if dice.per_mille(620) => Some(match dice.below(100) {
                0..24 => PovertyStatus::NotYet,
                24..38 => PovertyStatus::Unstable,
                38..46 => PovertyStatus::Edge,
                _ => PovertyStatus::Out,
            }),
            Aid::Tekun if dice.per_mille(350) => {
                Some(if dice.per_mille(300) { PovertyStatus::NotYet } else { PovertyStatus::Out })
            }
            Aid::None if wanted > 0 && dice.per_mille(190) => Some(PovertyStatus::Out),
            _ => None,
        };
        if status.is_some() {
            wanted -= i64::from(house.size);
        }
        world.households[home as usize].poverty = status;
    }
}

const TROUBLES: &[&str] = &["服刑", "强制隔离戒毒", "重残", "重病", "失联"];

fn children_in_need(world: &mut World, dice: &mut Dice) {
    let children: Vec<PersonNo> = world
        .all()
        .filter(|&no| {
            let home = world.home(no);
            home.shape == Shape::LeftBehind
                && home.aid == Aid::None
                && world.person(no).relation == Relation::Grandchild
                && age(world, no) < 17
                && world.person(no).disability().is_none()
        })
        .collect();
    let counts = [per_lakh(world, 30), per_lakh(world, 60), per_lakh(world, 250)];
    for (at, no) in dice.some_of(children, counts.iter().sum()).into_iter().enumerate() {
        let case = if at < counts[0] {
            orphan(dice)
        } else if at < counts[0] + counts[1] {
            unattended(dice)
        } else {
            looked_after(dice)
        };
        world.person_mut(no).rare().child = Some(case);
    }
}

fn months(dice: &mut Dice) -> u16 {
    dice.between(9, 60) as u16
}

pub(crate) fn orphan(dice: &mut Dice) -> ChildCase {
    let (father, mother) = (("死亡", months(dice)), ("死亡", months(dice)));
    ChildCase { father, mother, cared_for: false, kind: Some(ChildKind::Orphan) }
}

fn unattended(dice: &mut Dice) -> ChildCase {
    let mut father = (*dice.pick(TROUBLES), months(dice));
    let mut mother = (*dice.pick(TROUBLES), months(dice));
    match dice.below(3) {
        0 => father.0 = "死亡",
        1 => mother.0 = "失联",
        _ => {}
    }
    ChildCase { father, mother, cared_for: false, kind: Some(ChildKind::Unattended) }
}

/// Surveyed and not entitled: at least one parent is there, or has been away for a short time only.
fn looked_after(dice: &mut Dice) -> ChildCase {
    let one = match dice.below(6) {
        0 => ("死亡", months(dice)),
        1 => ("失联", months(dice)),
        2 => ("重病", months(dice)),
        _ => ("正常", 0),
    };
    let both = if dice.per_mille(500) { (one, ("正常", 0)) } else { (("正常", 0), one) };
    ChildCase { father: both.0, mother: both.1, cared_for: true, kind: None }
}

/// January to May 2020. In dibao households of several people nobody dies in the two months of the demo, so that no
/// amount depends on the day of a month on which a death is known; and somebody grown-up always stays.
fn deaths(world: &mut World, first_month: Month, dice: &mut Dice) {
    for no in world.all() {
        let a_year = match age(world, no) {
            ..40 => 50,
            40..60 => 260,
            60..70 => 900,
            70..80 => 2_600,
            80..90 => 8_000,
            _ => 18_000,
        };
        if !dice.per_lakh(a_year * 5 / 12) {
            continue;
        }
        let home = world.home(no);
        let several_on_dibao = home.on_dibao() && home.size > 1;
        let adult_stays = home
            .members()
            .any(|other| other != no && age(world, other) >= 18 && world.person(other).death.is_none());
        if (several_on_dibao && !adult_stays) || world.person(no).child().is_some() {
            continue;
        }
        let left_alone = home.members().any(|other| age(world, other) < 18) && !adult_stays;
        if left_alone {
            continue;
        }
        let day = if several_on_dibao {
            let last = first_month.previous().last_day();
            day_between(dice, (2020, 1, 1), (last.year(), last.month(), last.day()))
        } else {
            day_between(dice, (2020, 1, 1), (2020, 5, 31))
        };
        world.person_mut(no).death = Some(day);
    }
}

#[rustfmt::skip]
const ILLNESSES: &[(&str, bool)] = &[
    ("尿毒症", true), ("恶性肿瘤", true), ("脑卒中后遗症", true), ("重症肝硬化", true), ("再生障碍性贫血", true),
    ("慢性阻塞性肺病", false), ("糖尿病并发症", false), ("骨折", false), ("心脏支架术", false), ("腰椎间盘突出", false),
];

fn bills(world: &mut World, dice: &mut Dice) {
    for no in world.all() {
        let rate = if age(world, no) >= 50 { 19 } else { 7 };
        if !dice.per_mille(rate) || world.person(no).death.is_some() {
            continue;
        }
        let (illness, major) = *dice.pick(ILLNESSES);
        let twelfth = dice.between(67_000, if major { 290_000 } else { 150_000 });
        world.person_mut(no).rare().bill = Some(Bill { own_payment: Fen(twelfth * 12), illness, major });
    }
}

fn unemployment(world: &mut World, dice: &mut Dice) {
    for no in world.all() {
        let person = world.person(no);
        let free = person.stage.is_none() && person.death.is_none() && !world.home(no).on_dibao();
        if free && (22..56).contains(&age(world, no)) && dice.per_mille(7) {
            let day = day_between(dice, (2020, 1, 6), (2020, 3, 30));
            world.person_mut(no).rare().unemployed_since = Some(day);
        }
    }
}

/// Grown-up men mostly; in households of several people only, never where it would leave children alone.
fn custody(world: &mut World, dice: &mut Dice) {
    let free: Vec<PersonNo> = world
        .all()
        .filter(|&no| {
            let (person, home) = (world.person(no), world.home(no));
            let surely_poor = home.poverty.is_some_and(|status| status != PovertyStatus::Out);
            let others = home.members().filter(|&other| other != no && age(world, other) >= 20).count();
            (20..58).contains(&age(world, no))
                && person.stage.is_none()
                && person.death.is_none()
                && person.disability().is_none()
                && person.bill().is_none()
                && home.aid != Aid::Tekun
                && !surely_poor
                && others >= 1
                && home.shape != Shape::LeftBehind
        })
        .collect();
    let wanted = per_lakh(world, 100);
    for no in dice.some_of(free, wanted) {
        let term = custody_term(dice);
        world.person_mut(no).rare().custody = Some(term);
    }
}

pub(crate) fn custody_term(dice: &mut Dice) -> Custody {
    Custody { detoxification: dice.per_mille(250), since: day_between(dice, (2017, 5, 1), (2019, 12, 20)) }
}

/// Whole households without any sign of need.
fn moves(world: &mut World, dice: &mut Dice) {
    for home in world.homes() {
        if !sign_of_need(world, home) && dice.per_mille(3) {
            let day = day_between(dice, (2020, 1, 8), (2020, 3, 28));
            for no in world.household(home).members() {
                if world.person(no).death.is_none() {
                    world.person_mut(no).rare().moved = Some(day);
                }
            }
        }
    }
}

/// A few recovered patients, and two still in hospital: one of a poor household, who is paid for it, and one of no
/// group that the plan names.
fn covid(world: &mut World, dice: &mut Dice) {
    let fit = |world: &World, no: PersonNo| {
        let person = world.person(no);
        person.death.is_none()
            && person.custody().is_none()
            && person.moved().is_none()
            && age(world, no) >= 18
    };
    let anyone: Vec<PersonNo> = world
        .all()
        .filter(|&no| fit(world, no) && !sign_of_need(world, world.person(no).household))
        .collect();
    let wanted = per_lakh(world, 5) + 1;
    for (at, no) in dice.some_of(anyone, wanted).into_iter().enumerate() {
        let stay = if at == 0 {
            HospitalStay { admitted: day_between(dice, (2020, 3, 10), (2020, 3, 28)), discharged: None }
        } else {
            let admitted = day_between(dice, (2020, 1, 22), (2020, 2, 20));
            HospitalStay { admitted, discharged: Some(day_between(dice, (2020, 2, 28), (2020, 3, 25))) }
        };
        world.person_mut(no).rare().covid = Some(stay);
    }
    let poor: Vec<PersonNo> = world.all().filter(|&no| fit(world, no) && world.home(no).on_dibao()).collect();
    for no in dice.some_of(poor, 1) {
        let stay =
            HospitalStay { admitted: day_between(dice, (2020, 3, 5), (2020, 3, 25)), discharged: None };
        world.person_mut(no).rare().covid = Some(stay);
    }
}

/// On an assistance, poverty, disability, large-bill, child-protection or unemployment roster.
pub(crate) fn sign_of_need(world: &World, home: HouseNo) -> bool {
    let house = world.household(home);
    house.aid != Aid::None
        || house.poverty.is_some()
        || house.members().any(|no| {
            let rare = world.person(no).rare.as_deref();
            rare.is_some_and(|rare| {
                rare.disability.is_some()
                    || rare.bill.is_some()
                    || rare.child.is_some()
                    || rare.unemployed_since.is_some()
            })
        })
}

/// Every household with a sign of need is visited, but for a few that nobody pays anything to.
fn canvass(world: &mut World, dice: &mut Dice) {
    for home in world.homes() {
        if !sign_of_need(world, home) {
            continue;
        }
        let house = world.household(home);
        let paid = house.aid != Aid::None
            || house.members().any(|no| {
                let person = world.person(no);
                person.child().is_some() || person.disability().is_some() || person.custody().is_some()
            });
        let state = match dice.below(1_000) {
            0..34 if !paid => Canvass::RowMissing,
            34..50 if !paid => Canvass::IncomesBlank,
            _ => Canvass::Done,
        };
        world.households[home as usize].canvass = state;
    }
}
