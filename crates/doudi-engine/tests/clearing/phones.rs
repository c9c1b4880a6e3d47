//! Phones that stand for nobody: an official's, declared, and those that rosters give for many households.

use crate::county::{Invented, Row, World, content, id_number, people, policies, register_rows, specs};
use crate::following::{linked, linked_in, links};
use doudi_engine::Cleared;
use std::path::PathBuf;

const PHONE: &str = "13900000000";
const MONTH: &str = "2020-04";

/// The small county, with phones in the register and in two rosters.
pub fn world_with_phones(officials: &[&str]) -> World {
    let mut files = specs();
    let phone = r#"{"name": "联系电话", "kind": "phone"}]"#;
    for column in [r#"{"name": "区划代码", "kind": "region"}]"#, r#"{"name": "城乡", "kind": "enum"}]"#]
    {
        let with_phone = format!("{}, {phone}", column.trim_end_matches(']'));
        files[0].text = files[0].text.replace(column, &with_phone);
    }
    if !officials.is_empty() {
        let text = format!("phones = {officials:?}");
        files.push(doudi_engine::ContentFile { path: "officials.weights.toml".into(), text });
    }
    let mut world = World::new();
    world.content = content(policies(), files);
    world
}

/// The register has the phone for one person, the 200th.
fn register(people: &[Invented]) -> Vec<Row> {
    let mut rows = register_rows(people);
    rows[200].push(PHONE.to_owned());
    rows
}

fn dibao(person: &Invented, phone: &str) -> Row {
    let texts = ["D1", &person.name, &person.id, "", &person.region, phone];
    texts.map(str::to_owned).to_vec()
}

fn disabled(person: &Invented, phone: &str) -> Row {
    [&person.name, &person.id, "一级", "农村", phone].map(str::to_owned).to_vec()
}

/// Somebody without a number, whose name and phone are those of one person of the register: is it that person?
fn namesake(people: &[Invented], phone: &str) -> Row {
    dibao(&Invented { id: String::new(), region: String::new(), ..people[200].clone() }, phone)
}

/// A month in which `first` households of one roster and `second` of another give the phone as theirs, and the namesake.
/// Each of their rows has a slip in the number: something has to speak for them.
fn rosters(world: &mut World, month: &str, first: usize, second: usize) {
    let people = people();
    let slipped = |at: usize| {
        let person = people[at * 3].clone();
        let place = if person.id.as_bytes()[9] == b'1' { "2" } else { "1" };
        let mut id = person.id.clone();
        id.replace_range(9..10, place);
        Invented { id, ..person }
    };
    let phone = |at: usize, count: usize| if at < count { PHONE } else { "" };
    let mut rows: Vec<Row> = (0..20).map(|at| dibao(&slipped(at), phone(at, first))).collect();
    rows.push(namesake(&people, PHONE));
    // Somebody whose own number and name are right has the phone too.
    rows.push(dibao(&people[90], phone(1, first)));
    rows.push(["D9", "欧阳远来", &id_number(777), "", "", PHONE].map(str::to_owned).to_vec());
    world.import("dibao", month, &rows);
    let rows: Vec<Row> = (30..50).map(|at| disabled(&slipped(at), phone(at - 30, second))).collect();
    world.import("disabled", month, &rows);
    // Enough rows for last month's people to be worth reading.
    let income = |person: &Invented| vec![person.name.clone(), person.id.clone(), "250000".to_owned()];
    world.import("incomes", month, &people[300..].iter().map(income).collect::<Vec<Row>>());
}

fn month(world: &mut World, month: &str, first: usize, second: usize) -> Cleared {
    let mut people = people();
    if month != MONTH {
        people.pop();
    }
    world.import("register", month, &register(&people));
    rosters(world, month, first, second);
    let cleared = world.clear(month);
    assert_eq!(world.difference(&cleared.certificate), None);
    cleared
}

fn linked_rows(cleared: &Cleared) -> u64 {
    cleared.certificate.roster_rows["dibao"].linked
}

#[test]
fn a_phone_that_rosters_give_for_many_households_makes_nobody_of_a_namesake() {
    // The namesake and the newcomer have it too: eight households all in all.
    let few = month(&mut world_with_phones(&[]), MONTH, 3, 3);
    let many = month(&mut world_with_phones(&[]), MONTH, 7, 6);
    assert_eq!(linked_rows(&few), 22, "{:?}", few.certificate.roster_rows);
    assert_eq!(linked_rows(&many), 21, "{:?}", many.certificate.roster_rows);
    // Neither roster alone gives it for so many.
    assert_eq!(linked_rows(&month(&mut world_with_phones(&[]), MONTH, 5, 0)), 22);
}

#[test]
fn an_official_s_phone_makes_nobody_of_a_namesake() {
    assert_eq!(linked_rows(&month(&mut world_with_phones(&["13911111111"]), MONTH, 0, 0)), 22);
    assert_eq!(linked_rows(&month(&mut world_with_phones(&["139-0000-0000"]), MONTH, 0, 0)), 21);
}

#[test]
fn links_of_a_month_after_a_phone_became_shared_or_ceased_to_be_are_those_from_nothing() {
    for (april, may) in [((3, 3), (7, 6)), ((7, 6), (3, 3)), ((7, 6), (12, 6))] {
        let after = |forget: bool| {
            let mut world = world_with_phones(&[]);
            month(&mut world, MONTH, april.0, april.1);
            if forget {
                std::fs::remove_dir_all(links(&world)).expect("removed");
            }
            let may = month(&mut world, "2020-05", may.0, may.1);
            (may.certificate, linked(&links(&world), "2020-05"))
        };
        assert!(after(false) == after(true), "{april:?}, {may:?}");
    }
}

/// The files beside a certificate.
fn beside(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(world.out()).expect("results").map(|file| file.expect("a file").path());
    files.map(|path| (path.clone(), std::fs::read(path).expect("read"))).collect()
}

#[test]
fn a_roster_that_comes_later_makes_the_others_be_linked_again_and_the_first_certificate_still_holds() {
    let second = |first_without: bool, memory: Option<u64>| {
        let mut world = world_with_phones(&[]);
        world.memory = memory;
        let first = first_without.then(|| (month(&mut world, MONTH, 5, 0), beside(&world)));
        let second = month(&mut world, MONTH, 5, 6);
        assert_eq!(linked_rows(&second), 21);
        let key = second.certificate.links.clone().expect("links");
        if let Some((first, beside)) = first {
            assert_eq!(linked_rows(&first), 22);
            assert_ne!(first.certificate.links, second.certificate.links);
            beside.into_iter().for_each(|(path, text)| std::fs::write(path, text).expect("written"));
            assert_eq!(world.difference(&first.certificate), None);
        }
        let place = links(&world).join(key);
        (second.certificate.roster_rows, linked_in(&place))
    };
    let at_once = second(false, None);
    for (without, memory) in [(true, None), (true, Some(1 << 30)), (false, Some(1 << 30))] {
        let later = second(without, memory);
        assert_eq!(later.0, at_once.0);
        assert!(later.1 == at_once.1, "{without} {memory:?}");
    }
}
