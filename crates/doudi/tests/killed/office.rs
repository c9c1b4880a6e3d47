//! Invented people and leads of one county.

use doudi_casework::CaseFile;
use doudi_store::{CaseMove, ImportedClearing, ImportedLead, ImportedPerson, MonthKept, NewCase};
use doudi_terms::{Fen, Month, RegionCode, parse_date};
use serde_json::json;
use std::sync::LazyLock;

pub const MONTH: &str = "2020-05";
pub const LEADS: usize = 40;
pub const CASES: usize = 10;

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

/// As the office numbers them.
pub fn case_id(at: usize) -> String {
    format!("B{:06}", at + 1)
}

/// A family that is to be told what it may have a right to, and has not been reached yet.
pub fn case(at: usize) -> NewCase {
    let person = person(2 * at);
    let file = CaseFile {
        kind: "telling".into(),
        procedure: "procedures/telling-2014.toml".into(),
        place: person.region,
        began: parse_date("2020-05-11").expect("a day"),
        code: String::new(),
        state: "missed".into(),
        applicant: person.name.clone(),
        intake: None,
        member: None,
        facts: json!({ "household": {}, "members": [{ "姓名": person.name }] }),
        record: Vec::new(),
        pauses: Vec::new(),
        about: None,
        decision: None,
    };
    let first = CaseMove {
        file,
        step: "open".into(),
        state_name: "没有联系上，再联系".into(),
        ends: false,
        due: None,
        is_single: true,
    };
    NewCase { name: "主动告知".into(), household_id: person.household_id, first }
}
