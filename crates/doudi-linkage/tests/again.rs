//! Next month's answers from last month's: whatever has changed, they are those that linking from nothing gives.

use doudi_linkage::{Changes, Index, PersonEntry, RosterRow, SharedPhones, WeightSet, Weights};
use doudi_terms::{RegionCode, Sex, check_character, epoch_day, parse_date};
use proptest::prelude::*;
use std::cell::Cell;
use std::sync::{Arc, LazyLock};

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let files = [("default.weights.toml", include_str!("../../../rosters/default.weights.toml"))];
    WeightSet::from_files(files).expect("the shipped weights").of("dibao").clone()
});

#[derive(Clone, Debug)]
struct Person {
    id_number: String,
    name: &'static str,
    birth: String,
    sex: Sex,
    region: &'static str,
    address: String,
    phone: String,
    household: u32,
}

const NAMES: [&str; 10] =
    ["王秀英", "王秀霞", "王英", "李明", "李民", "黎明", "阿米娜·伊斯马依", "阿米娜", "刘国强", "刘国墙"];

/// A small world, so that people meet under many keys.
fn any_person() -> impl Strategy<Value = Person> {
    let parts =
        (0..NAMES.len(), 0..3_u32, 1..3_u32, 1..4_u32, 0..12_u32, 0..2_usize, 1..4_u32, 0..4_u32, 0..8_u32);
    parts.prop_map(|(name, year, month, day, order, region, house, phone, household)| {
        let seventeen = format!("500243{}{month:02}{day:02}{order:03}", 1960 + year);
        let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
        Person {
            id_number: format!("{seventeen}{}", char::from(check)),
            name: NAMES[name],
            birth: format!("{}-{month:02}-{day:02}", 1960 + year),
            sex: if order % 2 == 0 { Sex::Female } else { Sex::Male },
            region: ["500243001202", "500243001203"][region],
            address: format!("汉葭街道北斗村3组{house}号"),
            phone: if phone == 0 { String::new() } else { format!("1390000000{phone}") },
            household,
        }
    })
}

/// A row that means somebody, or nobody, with what rosters do to numbers and names.
fn any_row() -> impl Strategy<Value = (Person, u8)> {
    (any_person(), 0..7_u8).prop_map(|(mut person, damage)| {
        match damage {
            0 => person.id_number.truncate(17),
            1 => person.id_number.replace_range(12..13, "9"),
            2 => person.id_number.clear(),
            3 => person.id_number.replace_range(15.., "000"),
            4 => person.name = "王秀",
            5 => person.phone.clear(),
            _ => {}
        }
        (person, damage)
    })
}

#[derive(Clone, Debug)]
enum Change {
    Gone(usize),
    Come(usize, Person),
    Renamed(usize, usize),
    Moved(usize, u32),
    Phone(usize, u32),
    Number(usize, Person),
    /// The file has two persons in another order.
    Swapped(usize, usize),
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = 0..40_usize;
    prop_oneof![
        at.clone().prop_map(Change::Gone),
        (at.clone(), any_person()).prop_map(|(at, person)| Change::Come(at, person)),
        (at.clone(), 0..NAMES.len()).prop_map(|(at, name)| Change::Renamed(at, name)),
        (at.clone(), 0..9_u32).prop_map(|(at, household)| Change::Moved(at, household)),
        (at.clone(), 0..9_u32).prop_map(|(at, phone)| Change::Phone(at, phone)),
        (at.clone(), any_person()).prop_map(|(at, person)| Change::Number(at, person)),
        (at.clone(), at).prop_map(|(a, b)| Change::Swapped(a, b)),
    ]
}

/// Persons with the number that stays theirs.
type Register = Vec<(usize, Person)>;

fn changed(mut register: Register, changes: &[Change]) -> Register {
    for (serial, change) in changes.iter().enumerate() {
        let count = register.len().max(1);
        match change.clone() {
            Change::Come(at, person) => register.insert(at % (register.len() + 1), (1000 + serial, person)),
            _ if register.is_empty() => {}
            Change::Gone(at) => {
                register.remove(at % count);
            }
            Change::Renamed(at, name) => register[at % count].1.name = NAMES[name],
            Change::Moved(at, household) => register[at % count].1.household = household,
            Change::Phone(at, phone) => register[at % count].1.phone = format!("1390000000{phone}"),
            Change::Number(at, person) => register[at % count].1.id_number = person.id_number,
            Change::Swapped(a, b) => register.swap(a % count, b % count),
        }
    }
    register
}

fn index_of(register: &Register, shift: u32) -> Index {
    let mut builder = Index::builder();
    for (_, person) in register {
        builder.push(PersonEntry {
            id_number: &person.id_number,
            name: person.name,
            birth: parse_date(&person.birth).map(epoch_day),
            sex: Some(person.sex),
            region: RegionCode::parse(person.region).ok(),
            address: &person.address,
            phone: &person.phone,
            account: "",
            // Another register numbers its households otherwise.
            household: (person.household * 7 + shift) % 64,
        });
    }
    builder.build()
}

fn row(person: &Person) -> RosterRow<'_> {
    RosterRow {
        id_number: &person.id_number,
        name: person.name,
        birth: Some(&person.birth),
        sex: Some(person.sex),
        region: RegionCode::parse(person.region).ok(),
        address: &person.address,
        phone: &person.phone,
        account: "",
        disability_certificate: false,
    }
}

/// Asks every row again, and returns how many answers were taken over: of rows that rest on their number's owner alone, and
/// of all.
fn compare(before: &Register, changes: &[Change], rows: &[(Person, u8)]) -> (usize, usize) {
    compare_with_phones(before, changes, rows, [0, 0])
}

/// Each bit of `shared`, before and now, is a phone that stands for nobody.
fn compare_with_phones(
    before: &Register,
    changes: &[Change],
    rows: &[(Person, u8)],
    shared: [u8; 2],
) -> (usize, usize) {
    let phones = shared.map(|bits| {
        let shared = (0..8_u64).filter(|bit| bits >> bit & 1 == 1);
        Arc::new(shared.map(|bit| (13_900_000_000 + bit, 9)).collect::<SharedPhones>())
    });
    let [was, is] = phones.each_ref().map(|phones| WEIGHTS.with_shared_phones(phones));
    let now = changed(before.clone(), changes);
    let (old, new) = (index_of(before, 0), index_of(&now, 11));
    // As it is kept from month to month.
    let old = Index::from_bytes(&old.to_bytes()).expect("what was written");
    let place = |number: usize| now.iter().position(|(known, _)| *known == number).map(|at| at as u32);
    let changes = Changes::between(&old, &new, before.iter().map(|(number, _)| place(*number)).collect())
        .with_shared_phones(&phones[0], &phones[1]);
    let (mut by_owner, mut by_keys, taken_over) = (0, 0, Cell::new(0));
    for (person, _) in rows {
        let row = row(person);
        let known = old.answer_again(&row, &was, &Changes::none(), || None);
        assert_eq!(known.answer, old.answer(&row, &was).into());
        let holds = !changes.touch_every_name(&is) && !changes.touch_phone(&row);
        let again = match changes.settled_again(known.answer, &known.keys).filter(|_| holds) {
            Some(settled) if known.keys.is_empty() => {
                by_owner += 1;
                settled
            }
            Some(settled) => {
                by_keys += 1;
                settled
            }
            None => {
                let again = new.answer_again(&row, &is, &changes, || {
                    let taken = Some(known.answer).filter(|_| holds);
                    taken_over.set(taken_over.get() + usize::from(taken.is_some()));
                    taken
                });
                assert_eq!(again.id, new.answer(&row, &is).id);
                again.answer
            }
        };
        assert_eq!(again, new.answer(&row, &is).into(), "{row:?}");
    }
    (by_owner, by_owner + by_keys + taken_over.get())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn answers_again_are_those_from_nothing(
        people in prop::collection::vec(any_person(), 1..40),
        changes in prop::collection::vec(any_change(), 0..4),
        rows in prop::collection::vec(any_row(), 40),
        shared in (0..16_u8, 0..16_u8),
    ) {
        compare_with_phones(&people.into_iter().enumerate().collect(), &changes, &rows, shared.into());
    }
}

/// The property would hold if nothing was ever taken over.
#[test]
fn where_nobody_changed_nearby_the_answer_is_taken_over() {
    let person = |order: u32, name, region, house: u32| Person {
        id_number: String::new(),
        name,
        birth: format!("1960-01-{order:02}"),
        sex: Sex::Male,
        region,
        address: format!("汉葭街道北斗村3组{house}号"),
        phone: String::new(),
        household: order,
    };
    let register: Register = (1..20_u32)
        .map(|order| (order as usize, person(order, NAMES[order as usize % 10], "500243001202", order)))
        .collect();
    let rows: Vec<(Person, u8)> = register.iter().map(|(_, person)| (person.clone(), 0)).collect();
    assert_eq!(compare(&register, &[], &rows), (0, rows.len()));
    let (_, some) = compare(&register, &[Change::Phone(3, 5)], &rows);
    assert!(some > rows.len() / 2 && some < rows.len(), "{some}");
    assert_eq!(compare(&register, &[Change::Swapped(0, 18)], &rows[..1]), (0, 0));
}

#[test]
fn what_rests_on_a_number_s_owner_is_taken_over_unless_somebody_around_the_owner_changed() {
    let person = |order: u32| {
        let seventeen = format!("500243196001{order:02}001");
        let check = check_character(seventeen.as_bytes()).expect("seventeen digits");
        Person {
            id_number: format!("{seventeen}{}", char::from(check)),
            name: NAMES[order as usize % 10],
            birth: format!("1960-01-{order:02}"),
            sex: Sex::Male,
            region: "500243001202",
            address: format!("汉葭街道北斗村3组{order}号"),
            phone: format!("139000000{order:02}"),
            household: order / 2,
        }
    };
    let register: Register = (1..20_u32).map(|order| (order as usize, person(order))).collect();
    let rows: Vec<(Person, u8)> = register.iter().map(|(_, person)| (person.clone(), 0)).collect();
    let all = rows.len();
    assert_eq!(compare(&register, &[], &rows), (all, all));
    // Whoever changed, and the one who lives there too.
    let changed = [Change::Phone(3, 0), Change::Moved(3, 30), Change::Gone(3), Change::Renamed(3, 0)];
    for change in changed {
        let (by_owner, _) = compare(&register, std::slice::from_ref(&change), &rows);
        assert!((all - 4..all).contains(&by_owner), "{change:?}: {by_owner}");
    }
    // Somebody comes who has the fifth one's phone, or number.
    let like_fifth = |change: &dyn Fn(&mut Person)| {
        let mut stranger = Person { household: 40, name: "黎明", ..person(30) };
        change(&mut stranger);
        Change::Come(0, stranger)
    };
    let by_phone = like_fifth(&|stranger| stranger.phone = person(5).phone);
    let by_number = like_fifth(&|stranger| stranger.id_number = person(5).id_number);
    for come in [by_phone, by_number] {
        let (by_owner, _) = compare(&register, std::slice::from_ref(&come), &rows);
        assert!((all - 3..all).contains(&by_owner), "{come:?}: {by_owner}");
    }
}
