//! The four data sets of the Febrl project, which record linkers are compared by: Australian names and places, invented,
//! with typing errors of another making than ours. They guard against a linkage that knows only its own errors.
//!
//! Every original is a person of the register and every duplicate a row of a roster. The post code stands for the place,
//! the street number for the house, the social security number (no number of ours) for the phone. Where the files come
//! from stands in `NOTICE`.

use doudi_linkage::{Index, LinkClass, PersonEntry, RosterRow, WeightSet};
use doudi_terms::{RegionCode, epoch_day, parse_date};
use std::collections::HashMap;

struct Record<'a> {
    id: &'a str,
    name: String,
    house: &'a str,
    region: Option<RegionCode>,
    birth: &'a str,
    number: &'a str,
}

impl<'a> Record<'a> {
    fn read(line: &'a str) -> Record<'a> {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, given, surname, house, postcode, birth, number] = cells[..] else { panic!("seven: {line}") };
        Record {
            id,
            name: format!("{given} {surname}").trim().to_owned(),
            house,
            region: RegionCode::parse(&format!("11{postcode}001001")).ok(),
            birth,
            number,
        }
    }

    /// `rec-1070-dup-0` is of `rec-1070-org`.
    fn person(&self) -> &'a str {
        self.id.split('-').nth(1).expect("rec-NUMBER-…")
    }

    fn is_original(&self) -> bool {
        self.id.ends_with("-org")
    }
}

/// Right, linked and all, at the default threshold; then right and linked without anybody looking.
fn linked(files: &[&str]) -> ([u32; 3], [u32; 2]) {
    let files_of_weights = [
        ("default.weights.toml", include_str!("../../../rosters/default.weights.toml")),
        ("febrl.weights.toml", include_str!("febrl/febrl.weights.toml")),
    ];
    let weights = WeightSet::from_files(files_of_weights).expect("weights").of("febrl").clone();
    let lines = files.iter().flat_map(|file| file.lines().skip(1));
    let (people, rows): (Vec<Record<'_>>, Vec<Record<'_>>) =
        lines.map(Record::read).partition(Record::is_original);
    let mut builder = Index::builder();
    let mut numbers = HashMap::new();
    for person in &people {
        let number = builder.push(PersonEntry {
            id_number: "",
            name: &person.name,
            birth: parse_date(person.birth).map(epoch_day),
            sex: None,
            region: person.region,
            address: person.house,
            phone: person.number,
            account: "",
            household: numbers.len() as u32,
        });
        numbers.insert(person.person(), number);
    }
    let index = builder.build();
    let (mut default, mut auto) = ([0; 3], [0; 2]);
    for row in &rows {
        let link = index.link(
            &RosterRow {
                name: &row.name,
                birth: Some(row.birth),
                region: row.region,
                address: row.house,
                phone: row.number,
                ..RosterRow::default()
            },
            &weights,
        );
        let right =
            |person: Option<u32>| u32::from(person.is_some() && person == numbers.get(row.person()).copied());
        default[0] += right(link.default_person());
        default[1] += u32::from(link.default_person().is_some());
        default[2] += 1;
        if link.class == LinkClass::Auto {
            auto[0] += right(link.person);
            auto[1] += 1;
        }
    }
    (default, auto)
}

/// Precision and recall at the default threshold, precision without anybody looking: at least these.
fn at_least(files: &[&str], precision: f64, recall: f64, auto: f64) {
    let ([right, linked, all], [auto_right, auto_linked]) = linked(files);
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let found = (share(right, linked), share(right, all), share(auto_right, auto_linked));
    assert!(found.0 >= precision && found.1 >= recall && found.2 >= auto, "{found:?}");
}

#[test]
fn five_hundred_people_with_one_duplicate_each_are_found() {
    at_least(&[include_str!("febrl/dataset1.csv")], 0.999, 0.955, 0.999);
}

#[test]
fn a_thousand_duplicates_of_four_thousand_people_are_found() {
    at_least(&[include_str!("febrl/dataset2.csv")], 0.999, 0.979, 0.999);
}

#[test]
fn three_thousand_duplicates_of_two_thousand_people_are_found() {
    at_least(&[include_str!("febrl/dataset3.csv")], 0.999, 0.969, 0.999);
}

#[test]
fn five_thousand_people_in_two_files_are_found() {
    let files = [include_str!("febrl/dataset4a.csv"), include_str!("febrl/dataset4b.csv")];
    at_least(&files, 0.999, 0.966, 0.999);
}
