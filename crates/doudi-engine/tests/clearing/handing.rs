//! A cleared month handed over says of every fact from which row it was read.

use crate::county::{World, dibao_rows, first_month};
use doudi_engine::{HandOver, HandedHousehold, LeadFile, hand_over};
use serde_json::Value as Json;

const MONTH: &str = "2020-04";

fn handed(world: &World, use_it: impl FnOnce(&HandOver<'_>)) {
    let certificate = world.clear(MONTH).certificate;
    let log = LeadFile::of(&world.folder);
    let handed = hand_over(&world.folder, &world.content, &certificate, &log).expect("read");
    use_it(&handed.unwrap_or_else(|difference| panic!("{difference}")));
}

/// The roster, its number among the sources, the row (0 = none) and whether it says that somebody is not listed.
fn source(sources: &Json, home: &HandedHousehold, member: usize, fact: &str) -> (String, u32, u32, bool) {
    let row = match fact {
        "月额" => &home.facts["lists"]["人"]["rows"][member]["lists"]["收入"]["rows"][0],
        "城乡" => &home.facts,
        _ => &home.facts["lists"]["人"]["rows"][member],
    };
    let mut names: Vec<&String> = row["known"].as_object().expect("facts").keys().collect();
    names.sort();
    let at = names.iter().position(|name| *name == fact);
    let number = match &row["from"] {
        Json::Array(numbers) => &numbers[at.expect("a fact")],
        one => one,
    };
    let (number, row) = home.places[number.as_u64().expect("a place") as usize];
    let found = &sources[number as usize];
    let name = found["roster"].as_str().expect("a roster").to_owned();
    (name, number, row, found["absent"] == Json::Bool(true))
}

#[test]
fn every_fact_names_the_row_that_it_was_read_from() {
    let mut world = World::new();
    let people = first_month(&mut world, MONTH);
    // Two files; of the first person a second row, which states nothing again.
    let mut second = dibao_rows(&people, 15..30);
    second.push(dibao_rows(&people, 0..1).remove(0));
    world.import_files("dibao", MONTH, &[&dibao_rows(&people, 0..15), &second]);
    handed(&world, |handed| {
        let registry = handed.registry();
        let sources = &registry["sources"];
        let homes: Vec<HandedHousehold> = handed.households().collect();
        let of = |person: usize, fact: &str| {
            let id = (person + 1).to_string();
            let home = homes.iter().find(|home| home.members.contains(&id)).expect("a household");
            let member = home.members.iter().position(|known| *known == id).expect("a member");
            source(sources, home, member, fact)
        };
        let (first, last) = (of(0, "低保在册"), of(29, "低保在册"));
        assert_eq!((first.0.as_str(), first.2, last.0.as_str(), last.2), ("dibao", 2, "dibao", 16));
        assert_ne!(first.1, last.1, "two files are two sources");
        let absent = of(200, "低保在册");
        assert_eq!((absent.0.as_str(), absent.2, absent.3), ("dibao", 0, true));
        assert_eq!((of(305, "残疾等级").0, of(305, "残疾等级").2), ("disabled".to_owned(), 7));
        assert_eq!((of(340, "月额").0, of(340, "月额").2), ("incomes".to_owned(), 12));
        assert_eq!((of(200, "与户主关系").0, of(200, "与户主关系").2), ("register".to_owned(), 202));
        assert_eq!(of(201, "出生日期").2, 203, "birth is the register's");
        assert_eq!(of(201, "城乡").0, "register");
        assert_eq!(registry["columns"]["disabled"]["人.残疾等级"], "残疾等级");
        assert_eq!(registry["columns"]["incomes"]["收入.月额"], "月额");
        assert!(
            registry["columns"]["dibao"]["人.低保名册证号状态"].as_str().is_some_and(|c| c == "身份证号")
        );
    });
}

#[test]
fn naming_rows_costs_little_beside_the_facts() {
    let mut world = World::new();
    first_month(&mut world, MONTH);
    handed(&world, |handed| {
        let (mut facts, mut places) = (0, 0);
        for mut home in handed.households() {
            let with = home.facts.to_string().len();
            forget(&mut home.facts);
            facts += home.facts.to_string().len();
            places += with - home.facts.to_string().len() + 8 * home.places.len();
        }
        assert!(places * 2 < facts, "{places} beside {facts}");
    });
}

fn forget(json: &mut Json) {
    match json {
        Json::Object(map) => {
            map.remove("from");
            map.values_mut().for_each(forget);
        }
        Json::Array(all) => all.iter_mut().for_each(forget),
        _ => {}
    }
}
