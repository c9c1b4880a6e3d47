//! Every form in which rosters write people, one row each: what is found, and what the explanation says of it. The table
//! is `cases/rows.csv` beside the register `cases/register.csv`; a new form is a new row.

use doudi_linkage::{
    Index, Link, LinkClass, PersonEntry, PhoneHouseholds, PhoneNames, RosterRow, WeightSet, Weights, WhyNot,
};
use doudi_terms::{RegionCode, Sex, epoch_day, parse_date};
use std::sync::Arc;

const REGISTER: &str = include_str!("cases/register.csv");
const ROWS: &str = include_str!("cases/rows.csv");

fn table(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn sex(text: &str) -> Option<Sex> {
    match text {
        "男" => Some(Sex::Male),
        "女" => Some(Sex::Female),
        _ => None,
    }
}

fn weights(official: &str) -> Weights {
    let officials = format!("phones = [\"{official}\"]");
    let files = [
        ("default.weights.toml", include_str!("../../../rosters/default.weights.toml")),
        ("places.weights.toml", include_str!("../../../rosters/places.weights.toml")),
        ("officials.weights.toml", officials.as_str()),
    ];
    let set = WeightSet::from_files(files).expect("the shipped weights");
    let mut weights = set.of("dibao").clone();
    // As among a county's people: eighty names alone would make every one of them rare.
    weights.settings.pseudo_population = 600_000.0;
    weights
}

fn register() -> (Index, Vec<&'static str>) {
    let (mut builder, mut names, mut households) = (Index::builder(), Vec::new(), Vec::new());
    for row in table(REGISTER) {
        let [person, id_number, name, birth, sex_word, region, address, phone, account, household] = row[..]
        else {
            panic!("ten columns: {row:?}");
        };
        households.push(household);
        let household = households.iter().position(|known| *known == household).unwrap_or_default() as u32;
        builder.push(PersonEntry {
            id_number,
            name,
            birth: parse_date(birth).map(epoch_day),
            sex: sex(sex_word),
            region: RegionCode::parse(region).ok(),
            address,
            phone,
            account,
            household,
        });
        names.push(person);
    }
    (builder.build(), names)
}

/// What is wrong with an answer, if anything is.
fn fault(link: &Link, names: &[&str], person: &str, verdict: &str, evidence: &str) -> Option<String> {
    let conflict = link.unlinked == Some(WhyNot::BorrowedId);
    let found = match link.class {
        LinkClass::Auto => "auto",
        LinkClass::Review if conflict => "conflict",
        LinkClass::Review => "review",
        LinkClass::None => "none",
    };
    let who = link.person.map_or("", |person| names[person as usize]);
    let said = link.describe();
    let unsaid: Vec<&str> = evidence.split(';').filter(|part| !said.contains(part)).collect();
    let same_person = person.is_empty() || who == person;
    (found != verdict || !same_person || !unsaid.is_empty())
        .then(|| format!("{found} {who} {:.4}，没有说{unsaid:?}：{said}", link.probability))
}

#[test]
fn every_form_in_the_table_is_answered_and_explained_as_the_table_says() {
    let ((index, names), weights) = (register(), weights("138-8888-8888"));
    let mut faults = Vec::new();
    for row in table(ROWS) {
        let [
            what,
            id_number,
            name,
            birth,
            sex_word,
            region,
            address,
            phone,
            account,
            kind,
            person,
            verdict,
            evidence,
        ] = row[..]
        else {
            panic!("thirteen columns: {row:?}");
        };
        let link = index.link(
            &RosterRow {
                id_number,
                name,
                birth: (!birth.is_empty()).then_some(birth),
                sex: sex(sex_word),
                region: RegionCode::parse(region).ok(),
                address,
                phone,
                account,
                disability_certificate: kind == "certificate",
            },
            &weights,
        );
        let fault = fault(&link, &names, person, verdict, evidence);
        faults.extend(fault.map(|fault| format!("{what}（应为 {verdict} {person}）：{fault}")));
    }
    assert!(faults.is_empty(), "{} 行不对：\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_phone_decides_until_it_is_said_to_be_an_official_s() {
    let (index, _) = register();
    let row = RosterRow {
        name: "田德友",
        region: RegionCode::parse("500243001202").ok(),
        phone: "13888888888",
        ..RosterRow::default()
    };
    let class = |official| index.answer(&row, &weights(official)).class;
    assert_eq!(class("13777777777"), LinkClass::Auto, "it is nearly somebody's own");
    assert_eq!(class("13888888888"), LinkClass::Review);
}

/// The register knows the phone for one person, and the rosters give it for `households` others.
fn weights_of_rosters(phone: &str, households: usize) -> Weights {
    let weights = weights("13777777777");
    let names: Vec<String> = (0..households).map(|n| format!("某{n}")).collect();
    let row = |name| RosterRow { name, phone, ..RosterRow::default() };
    let (mut seen, mut counted) = (PhoneNames::new(names.len(), &weights), PhoneHouseholds::default());
    names.iter().for_each(|name| {
        seen.see(&row(name));
    });
    names.iter().for_each(|name| counted.see(&row(name), &seen));
    weights.with_shared_phones(&Arc::new(counted.shared(&weights)))
}

#[test]
fn a_phone_decides_until_rosters_give_it_for_many_households() {
    let (index, _) = register();
    let row = RosterRow {
        name: "田德友",
        region: RegionCode::parse("500243001202").ok(),
        phone: "138 8888 8888",
        ..RosterRow::default()
    };
    let class = |phone, households| index.answer(&row, &weights_of_rosters(phone, households)).class;
    assert_eq!(class("13888888888", 8), LinkClass::Auto, "they may be one family's relatives");
    assert_eq!(class("13777777777", 30), LinkClass::Auto, "it is another phone");
    assert_eq!(class("13888888888", 9), LinkClass::Review);
    let said = index.link(&row, &weights_of_rosters("13888888888", 12)).describe();
    assert!(said.contains("电话在名册里留给了至少 12 户人家，不是谁自己的，不算"), "{said}");
}
