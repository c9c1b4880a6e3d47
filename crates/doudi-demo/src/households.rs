//! Households: who lives together, how old they are, what they are called, where they live.

use crate::dice::Dice;
use crate::identity::{self, IdentityOffice};
use crate::names::Names;
use crate::people::{
    Aid, Canvass, Faults, HouseNo, Household, Income, Person, PersonNo, Relation, Shape, Stage, World,
};
use crate::places::Places;
use doudi_terms::{Date, Fen, Sex};

/// Ages are thrown as of this day, the end of the last month of the demo.
pub(crate) fn reference_day() -> Date {
    doudi_terms::date_from_epoch_day(18_413).unwrap_or_default()
}

/// Shapes with their weights in villages and in the county seat.
const SHAPES: &[(Shape, u32, u32)] = &[
    (Shape::ElderCouple, 13, 9),
    (Shape::ElderSingle, 9, 7),
    (Shape::Single, 5, 9),
    (Shape::Couple, 8, 12),
    (Shape::Nuclear, 27, 38),
    (Shape::NuclearGrown, 10, 10),
    (Shape::ThreeGenerations, 14, 8),
    (Shape::GrandfatherHeads, 7, 3),
    (Shape::LeftBehind, 4, 1),
    (Shape::SingleParent, 3, 3),
    (Shape::WithSibling, 1, 1),
];

/// A member before name and number.
struct Sketch {
    relation: Relation,
    sex: Sex,
    age: i64,
    /// Which of the household's two families the surname comes from.
    own_family: bool,
    generation: u8,
}

fn sketch(relation: Relation, sex: Sex, age: i64, own_family: bool, generation: u8) -> Sketch {
    Sketch { relation, sex, age, own_family, generation }
}

fn any_sex(dice: &mut Dice) -> Sex {
    if dice.per_mille(520) { Sex::Male } else { Sex::Female }
}

fn other(sex: Sex) -> Sex {
    if sex == Sex::Male { Sex::Female } else { Sex::Male }
}

/// Puts exactly `persons` people into households, villages in the order of their codes.
pub(crate) fn settle(seed: u64, persons: u32) -> World {
    let places = Places::load(&mut Dice::new(seed, 1));
    let mut dice = Dice::new(seed, 2);
    let weights: Vec<u32> = places.villages.iter().map(|village| village.weight).collect();
    let mut homes: Vec<(u16, Vec<Sketch>, Shape)> = Vec::new();
    let mut left = persons as usize;
    while left > 0 {
        let village = dice.weighted(&weights) as u16;
        let shape = draw_shape(&mut dice, places.villages[usize::from(village)].urban);
        let members = compose(&mut dice, shape);
        if members.len() > left {
            homes.push((village, compose(&mut dice, Shape::Single), Shape::Single));
            left -= 1;
            continue;
        }
        left -= members.len();
        homes.push((village, members, shape));
    }
    homes.sort_by_key(|(village, ..)| *village);
    let mut builder = Builder::new(seed, places);
    for (village, members, shape) in homes {
        builder.move_in(village, &members, shape);
    }
    builder.finish()
}

fn draw_shape(dice: &mut Dice, urban: bool) -> Shape {
    let weights: Vec<u32> =
        SHAPES.iter().map(|(_, rural, city)| if urban { *city } else { *rural }).collect();
    SHAPES[dice.weighted(&weights)].0
}

fn compose(dice: &mut Dice, shape: Shape) -> Vec<Sketch> {
    let head_sex = if dice.per_mille(830) { Sex::Male } else { Sex::Female };
    match shape {
        Shape::ElderCouple => {
            let age = dice.between(62, 84);
            couple(dice, head_sex, age)
        }
        Shape::ElderSingle => {
            let age = dice.between(61, 90);
            let sex = if dice.per_mille(560) { Sex::Male } else { Sex::Female };
            vec![sketch(Relation::Head, sex, age, true, 1)]
        }
        Shape::Single => {
            let age = dice.between(24, 58);
            let sex = if dice.per_mille(780) { Sex::Male } else { Sex::Female };
            vec![sketch(Relation::Head, sex, age, true, 1)]
        }
        Shape::Couple => {
            let age = dice.between(26, 58);
            couple(dice, head_sex, age)
        }
        Shape::Nuclear => nuclear(dice, head_sex),
        Shape::NuclearGrown => {
            let age = dice.between(46, 58);
            let mut members = couple(dice, head_sex, age);
            grown_children(dice, &mut members, age);
            members
        }
        Shape::ThreeGenerations => three_generations(dice, head_sex),
        Shape::GrandfatherHeads => grandfather_heads(dice),
        Shape::LeftBehind => left_behind(dice),
        Shape::SingleParent => {
            let age = dice.between(28, 48);
            let sex = if dice.per_mille(450) { Sex::Male } else { Sex::Female };
            let mut members = vec![sketch(Relation::Head, sex, age, true, 1)];
            let count = 1 + dice.below(2);
            young_children(dice, &mut members, age, count);
            members
        }
        Shape::WithSibling => {
            let age = dice.between(40, 66);
            let brother = dice.between(age - 8, age - 1);
            vec![
                sketch(Relation::Head, Sex::Male, age, true, 1),
                sketch(Relation::Sibling, any_sex(dice), brother, true, 1),
            ]
        }
    }
}

fn couple(dice: &mut Dice, sex: Sex, age: i64) -> Vec<Sketch> {
    let gap = if sex == Sex::Male { dice.between(-1, 5) } else { dice.between(-5, 1) };
    let spouse = (age - gap).max(22);
    vec![sketch(Relation::Head, sex, age, true, 1), sketch(Relation::Spouse, other(sex), spouse, false, 1)]
}

fn nuclear(dice: &mut Dice, sex: Sex) -> Vec<Sketch> {
    let age = dice.between(27, 50);
    let mut members = couple(dice, sex, age);
    let count = 1 + dice.weighted(&[42, 45, 13]) as u32;
    young_children(dice, &mut members, age, count);
    members
}

/// Children between 0 and 21 years whose mother was at least 20; without one that fits there are fewer.
fn young_children(dice: &mut Dice, members: &mut Vec<Sketch>, parent_age: i64, count: u32) {
    let youngest = members.iter().filter(|m| m.generation == 1).map(|m| m.age).min().unwrap_or(parent_age);
    let mut oldest = (youngest - 20).min(21);
    let mother_limit = (parent_age - 44).max(0);
    for _ in 0..count {
        if oldest < mother_limit {
            break;
        }
        let age = dice.between(mother_limit.max(oldest - 9), oldest);
        members.push(sketch(Relation::Child, any_sex(dice), age, true, 2));
        oldest = age - 1 - i64::from(dice.below(4));
    }
}

fn grown_children(dice: &mut Dice, members: &mut Vec<Sketch>, parent_age: i64) {
    let mut age = dice.between(19, parent_age - 22);
    for _ in 0..=dice.below(2) {
        if age < 16 {
            break;
        }
        members.push(sketch(Relation::Child, any_sex(dice), age, true, 2));
        age -= dice.between(1, 5);
    }
}

fn three_generations(dice: &mut Dice, sex: Sex) -> Vec<Sketch> {
    let mut members = nuclear(dice, sex);
    let head = members.first().map_or(40, |m| m.age);
    let father = (head + dice.between(22, 32)).clamp(56, 95);
    let which = dice.below(10);
    if which < 6 {
        members.push(sketch(Relation::Parent, Sex::Male, father, true, 0));
    }
    if which >= 3 {
        members.push(sketch(
            Relation::Parent,
            Sex::Female,
            (father - dice.between(0, 4)).max(head + 17),
            false,
            0,
        ));
    }
    members
}

fn grandfather_heads(dice: &mut Dice) -> Vec<Sketch> {
    let age = dice.between(56, 76);
    let mut members = couple(dice, Sex::Male, age);
    let son = age - dice.between(23, 30);
    members.push(sketch(Relation::Child, Sex::Male, son, true, 2));
    if dice.per_mille(700) {
        members.push(sketch(Relation::InLaw, Sex::Female, (son - dice.between(0, 4)).max(22), false, 2));
    }
    for _ in 0..1 + dice.below(2) {
        let oldest = (son - 23).min(16);
        if oldest >= 0 {
            members.push(sketch(Relation::Grandchild, any_sex(dice), dice.between(0, oldest), true, 3));
        }
    }
    members
}

/// Grandparents with the children of a son or daughter who lives and works elsewhere.
fn left_behind(dice: &mut Dice) -> Vec<Sketch> {
    let age = dice.between(54, 72);
    let mut members = couple(dice, Sex::Male, age);
    if dice.per_mille(300) {
        members.truncate(1);
    }
    for _ in 0..1 + dice.below(2) {
        members.push(sketch(Relation::Grandchild, any_sex(dice), dice.between(2, 15), true, 3));
    }
    members
}

struct Builder {
    dice: Dice,
    names: Names,
    office: IdentityOffice,
    cadre_phones: Vec<u64>,
    world: World,
}

impl Builder {
    fn new(seed: u64, places: Places) -> Builder {
        let mut dice = Dice::new(seed, 3);
        let cadre_phones = places.villages.iter().map(|_| identity::phone(&mut dice)).collect();
        let world =
            World { seed, places, people: Vec::new(), households: Vec::new(), dibao_before: Vec::new() };
        Builder { dice, names: Names::new(), office: IdentityOffice::new(), cadre_phones, world }
    }

    fn move_in(&mut self, village: u16, members: &[Sketch], shape: Shape) {
        let home = self.world.households.len() as HouseNo;
        let first = self.world.people.len() as PersonNo;
        let surnames = [self.names.surname(&mut self.dice), self.names.surname(&mut self.dice)];
        let generations = [(); 4].map(|()| Names::generation(&mut self.dice));
        let phone = identity::phone(&mut self.dice);
        for member in members {
            let surname = surnames[usize::from(!member.own_family)];
            let generation = generations[usize::from(member.generation)];
            let person = self.person(home, village, member, surname, generation, phone);
            self.world.people.extend(person);
        }
        self.world.households.push(Household {
            first,
            size: (self.world.people.len() as PersonNo - first) as u8,
            village,
            group: 1 + self.dice.below(9) as u8,
            number: 1 + self.dice.below(180) as u16,
            urban: self.world.places.villages[usize::from(village)].urban,
            shape,
            poverty: None,
            cause: self.dice.below(6) as u8,
            aid: Aid::None,
            canvass: Canvass::NotNeeded,
            deposits: Fen::ZERO,
            planted: false,
            unpaid_in: None,
            roster_error: Fen::ZERO,
            payment_error: Fen::ZERO,
            phase_out: None,
            resettled: None,
            paid_to: None,
            shared_phone: None,
        });
    }

    fn person(
        &mut self,
        household: HouseNo,
        village: u16,
        member: &Sketch,
        surname: &str,
        generation: &str,
        home_phone: u64,
    ) -> Option<Person> {
        let dice = &mut self.dice;
        let days = member.age * 365 + member.age / 4 + i64::from(dice.below(364)) + 1;
        let birth = doudi_terms::date_from_epoch_day(18_413 - days as i32)?;
        let id_number = self.office.issue(dice, birth, member.sex)?;
        let name = self.names.full(dice, surname, member.sex, birth.year(), generation);
        let ethnicity = ["苗族", "土家族", "汉族", "仡佬族"][dice.weighted(&[470, 130, 390, 10])];
        let mut person = Person {
            household,
            id_number,
            name,
            sex: member.sex,
            birth,
            relation: member.relation,
            ethnicity,
            phone: 0,
            account: identity::account(dice),
            stage: None,
            tuition_year: Fen::ZERO,
            income: Income::default(),
            death: None,
            no_obligor: false,
            faults: Faults::default(),
            rare: None,
            dossier: None,
        };
        let age = person.age_on(reference_day());
        person.phone = draw_phone(dice, age, home_phone, self.cadre_phones[usize::from(village)]);
        person.stage = draw_stage(dice, age);
        person.tuition_year = tuition(dice, person.stage);
        Some(person)
    }

    fn finish(self) -> World {
        self.world
    }
}

/// Old people have the household's phone or the village cadre's, small children none.
fn draw_phone(dice: &mut Dice, age: i32, home: u64, cadre: u64) -> u64 {
    let draw = dice.below(100);
    match age {
        ..14 if draw < 70 => 0,
        14.. if draw < 45 => home,
        60.. if draw < 55 => cadre,
        75.. if draw < 75 => 0,
        ..14 => home,
        _ => identity::phone(dice),
    }
}

fn draw_stage(dice: &mut Dice, age: i32) -> Option<Stage> {
    match age {
        3..=5 if dice.per_mille(750) => Some(Stage::Preschool),
        6..=14 => Some(Stage::Compulsory),
        15..=17 if dice.per_mille(900) => {
            Some(if dice.per_mille(600) { Stage::HighSchool } else { Stage::Vocational })
        }
        18..=21 if dice.per_mille(480) => {
            Some(if dice.per_mille(450) { Stage::University } else { Stage::College })
        }
        _ => None,
    }
}

/// Whole multiples of twelve yuan a year, so that a month's share is exact.
fn tuition(dice: &mut Dice, stage: Option<Stage>) -> Fen {
    let yuan = match stage {
        Some(Stage::Preschool) => *dice.pick(&[1_800, 2_400, 3_000]),
        Some(Stage::HighSchool) => *dice.pick(&[1_200, 1_560]),
        Some(Stage::Vocational) => *dice.pick(&[0, 0, 1_200]),
        Some(Stage::College) => *dice.pick(&[5_004, 6_000, 7_008]),
        Some(Stage::University) => *dice.pick(&[4_380, 4_800, 5_400]),
        Some(Stage::Compulsory) | None => 0,
    };
    Fen(yuan * 100)
}
