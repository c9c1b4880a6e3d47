//! The month after: what linkage said last month is taken over where it holds, and comes to what linking anew comes to.

use crate::county::{Invented, Row, World, dibao_rows, id_number, people, register_rows};
use doudi_engine::{PersonFile, Proposal, Subject, close_proposal, propose};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn named(person: &Invented, more: &str) -> Row {
    vec![person.name.clone(), person.id.clone(), more.to_owned()]
}

/// Rosters of a month with what rosters do to people: numbers with a slip and without, somebody else's number, people
/// whom the register does not know, one person twice.
fn rosters(world: &mut World, month: &str, people: &[Invented], first: usize) {
    let mut dibao = dibao_rows(people, first..first + 120);
    let slip = |id: &str| if id.as_bytes()[9] == b'1' { "2" } else { "1" };
    for at in (0..dibao.len()).step_by(9) {
        let place = slip(&dibao[at][2]);
        dibao[at][2].replace_range(9..10, place);
    }
    for at in (4..dibao.len()).step_by(11) {
        dibao[at][2].clear();
    }
    dibao[7][2] = dibao[8][2].clone();
    dibao.push(vec!["D9001".into(), "欧阳远来".into(), id_number(777)]);
    dibao.push(vec!["D9002".into(), "司马新至".into(), id_number(778)]);
    dibao.push(dibao[20].clone());
    world.import("dibao", month, &dibao);
    let disabled: Vec<Row> = people[200..340].iter().map(|person| named(person, "一级")).collect();
    world.import("disabled", month, &disabled);
    world.import("deaths", month, &[named(&people[4], "2020-01-15")]);
    let incomes: Vec<Row> = people[150..].iter().map(|person| named(person, "250000")).collect();
    world.import("incomes", month, &incomes);
}

/// April, and what two people decided of it.
fn april(world: &mut World) -> Vec<Invented> {
    let people = people();
    world.import("register", "2020-04", &register_rows(&people));
    rosters(world, "2020-04", &people, 0);
    world.clear("2020-04");
    let person = |id: &str| Subject::Person(id.to_owned());
    let row = Subject::Row { id_number: id_number(778), name: "司马新至".into() };
    let mut log = PersonFile::of(&world.folder);
    for (same, subjects) in [(true, [person("11"), person("12")]), (true, [row, person("300")])] {
        let (by, on) = ("甲".to_owned(), "2020-05-02".to_owned());
        let said =
            Proposal { same, subjects, by, on, reason: "入户看过".into(), evidence: String::new() };
        let question = propose(&mut log, said).expect("proposed");
        close_proposal(&mut log, &question, "乙", "2020-05-03", true).expect("confirmed");
    }
    people
}

/// May's register has people gone, come, renamed and moved, and two in another order; its rosters other rows too.
fn may(world: &mut World, mut people: Vec<Invented>) {
    people[30].name = "王改名".into();
    people[31].household = "H0000".into();
    people[90].id = id_number(900);
    people.swap(60, 70);
    people.remove(100);
    people.remove(210);
    people.push(Invented {
        person_id: "9001".into(),
        id: id_number(777),
        name: "欧阳远来".into(),
        household: "H9001".into(),
        head: true,
        region: people[0].region.clone(),
    });
    let second = Invented { person_id: "9002".into(), id: id_number(901), ..people[50].clone() };
    people.push(second);
    world.import("register", "2020-05", &register_rows(&people));
    rosters(world, "2020-05", &people, 3);
}

pub fn links(world: &World) -> PathBuf {
    world.folder.root().join("identity/links")
}

/// Every file of links of a month, by name.
pub fn linked(links: &Path, month: &str) -> BTreeMap<String, Vec<u8>> {
    let folders = std::fs::read_dir(links).expect("links").flatten();
    let files = folders.flat_map(|folder| linked_in(&folder.path()));
    files.filter(|(name, _)| name.contains(month)).collect()
}

/// Every file of links to one register, by name.
pub fn linked_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    let named = files.map(|file| (file.file_name().to_string_lossy().into_owned(), file.path()));
    let links = named.filter(|(name, _)| name.ends_with(".parquet"));
    links.map(|(name, path)| (name, std::fs::read(path).expect("read"))).collect()
}

/// May's certificate and links, after something was done to April's.
fn after(meddle: impl Fn(&Path)) -> (String, BTreeMap<String, Vec<u8>>) {
    after_in(None, meddle)
}

/// The same, with little memory in April.
fn after_in(memory: Option<u64>, meddle: impl Fn(&Path)) -> (String, BTreeMap<String, Vec<u8>>) {
    let mut world = World::new();
    world.memory = memory;
    let people = april(&mut world);
    world.memory = None;
    meddle(&links(&world));
    may(&mut world, people);
    let cleared = world.clear("2020-05");
    assert_eq!(world.difference(&cleared.certificate), None);
    let certificate = serde_json::to_string(&cleared.certificate).expect("text");
    (certificate, linked(&links(&world), "2020-05"))
}

fn people_file(links: &Path) -> PathBuf {
    let folders = std::fs::read_dir(links).expect("links").flatten();
    let mut files = folders.map(|folder| folder.path().join("people.bin")).filter(|path| path.is_file());
    files.next().expect("the people of a register")
}

#[test]
fn what_is_taken_over_from_last_month_is_what_linking_anew_comes_to() {
    let (certificate, links) = after(|_| {});
    assert_eq!(links.len(), 4, "{:?}", links.keys());
    let anew = after(|links| std::fs::remove_dir_all(links).expect("removed"));
    assert_eq!(anew.0, certificate);
    assert_eq!(anew.1, links);
}

#[test]
fn people_that_are_not_kept_as_they_were_are_as_if_they_were_not_there() {
    let (certificate, links) = after(|_| {});
    let cut = |links: &Path| {
        let path = people_file(links);
        let bytes = std::fs::read(&path).expect("kept");
        std::fs::write(&path, &bytes[..bytes.len() - 9]).expect("written");
    };
    assert_eq!(after(cut), (certificate, links));
}

#[test]
fn a_month_cleared_in_little_memory_is_taken_over_from_too() {
    let in_little_memory = after_in(Some(1 << 30), |links| assert!(people_file(links).is_file()));
    assert_eq!(in_little_memory, after(|_| {}));
}

#[test]
fn people_are_kept_for_this_month_and_the_month_before() {
    let mut world = World::new();
    let mut people = april(&mut world);
    for month in ["2020-05", "2020-06", "2020-07"] {
        people.pop();
        world.import("register", month, &register_rows(&people));
        rosters(&mut world, month, &people, 0);
        world.clear(month);
        let folders = std::fs::read_dir(links(&world)).expect("links").flatten();
        let kept = folders.filter(|folder| folder.path().join("people.bin").is_file());
        assert_eq!(kept.count(), 2, "{month}");
    }
}
