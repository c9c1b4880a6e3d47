//! Invented people and leads of one county.

use doudi_store::{ImportedClearing, ImportedLead, ImportedPerson, MonthKept};
use doudi_terms::{Fen, Month, RegionCode, parse_date};
use std::sync::LazyLock;

pub const MONTH: &str = "2020-05";
pub const LEADS: usize = 40;

/// The first has all the leads; months of the others can be signed.
pub static TOWNSHIPS: LazyLock<Vec<String>> =
    LazyLock::new(|| (1..=400).map(|number| format!("500243{number:03}")).collect());

pub fn region(code: &str) -> RegionCode {
    RegionCode::parse(code).expect("a code")
}

fn person(at: usize) -> ImportedPerson {
    ImportedPerson {
        person_id: format!("P{at}"),
        household_id: format!("H{}", at / 2),
        region: region("500243001201"),
        name: format!("冉甲{at}"),
        relation: "户主".into(),
        sex: "女".into(),
        birth: parse_date("1950-03-07"),
        id_number: format!("50024319500307{at:04}"),
        phone: String::new(),
        account: String::new(),
        address: String::new(),
        bucket: "covered".into(),
        programmes: String::new(),
        reason: String::new(),
        missing: String::new(),
    }
}

pub fn lead(at: usize) -> ImportedLead {
    let person = person(at);
    ImportedLead {
        lead_id: format!("{:016x}", at + 1),
        check: "死亡仍在册".into(),
        severity: "红".into(),
        subject_kind: "人".into(),
        household_id: person.household_id,
        name: person.name,
        region: person.region,
        opened: Month::parse(MONTH).expect("a month"),
        grade: "A".into(),
        stake: Some(Fen(44_000)),
        reason: "编造".into(),
        rows: Vec::new(),
        records: Vec::new(),
        verify: String::new(),
        closes: String::new(),
        article: String::new(),
        due: parse_date("2020-06-15"),
        answer: None,
        person_id: person.person_id,
    }
}

pub fn clearing() -> ImportedClearing<'static> {
    ImportedClearing {
        region: region("500243"),
        month: Month::parse(MONTH).expect("a month"),
        certificate_hash: "ab12".into(),
        certificate_json: "{}".into(),
        persons: Box::new((0..LEADS).map(|at| Ok(person(at)))),
        files: Box::new(std::iter::empty()),
        leads: Box::new((0..LEADS).map(|at| Ok(lead(at)))),
        ended: Vec::new(),
        figures: Vec::new(),
        sources: Vec::new(),
        kept: MonthKept::default(),
    }
}
