//! A cleared month, invented: two people to a household, a lead about every second person.

use super::bench::{Bench, now, region};
use crate::{
    Figure, Imported, ImportedAnswer, ImportedCell, ImportedClearing, ImportedFile, ImportedLead,
    ImportedLink, ImportedPerson, ImportedRecord, MonthSource, Outcome,
};
use doudi_casework::Finding;
use doudi_terms::{Month, RegionCode, parse_date};

pub fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

/// Villages of two counties; the names carry a mark by which whatever leaks is known.
pub const PLACES: [(&str, &str); 4] =
    [("500243001202", "彭甲"), ("500243001203", "彭乙"), ("500243002201", "彭丙"), ("370902001001", "泰丁")];

pub fn person(number: usize) -> ImportedPerson {
    let (place, mark) = PLACES[number % PLACES.len()];
    ImportedPerson {
        person_id: format!("P{number:05}"),
        household_id: format!("H{:05}", number / (2 * PLACES.len()) * PLACES.len() + number % PLACES.len()),
        region: region(place),
        name: format!("{mark}{number}"),
        relation: "户主".into(),
        sex: "女".into(),
        birth: parse_date("1950-03-07"),
        id_number: format!("{}19500307{:04}", &place[..6], number % 10_000),
        phone: format!("138{number:08}"),
        account: format!("6222 0000 {number:08}"),
        address: format!("{mark}村{number}号"),
        bucket: "covered".into(),
        programmes: "甲".into(),
        reason: "条件都符合".into(),
        missing: String::new(),
    }
}

pub fn lead(number: usize) -> ImportedLead {
    let person = person(number);
    ImportedLead {
        lead_id: format!("{number:064x}"),
        check: ["死亡仍在册", "重复享受"][number / 4 % 2].into(),
        severity: "红".into(),
        subject_kind: "人".into(),
        household_id: person.household_id.clone(),
        name: person.name.clone(),
        region: person.region,
        opened: month("2020-05"),
        grade: "A".into(),
        stake: Some(doudi_terms::Fen(44_000)),
        reason: format!("{}：2020-02-01 去世", person.name),
        rows: vec![format!("低保.csv#Sheet1#{number}")],
        records: vec![record(number)],
        verify: "村核实，3个工作日".into(),
        closes: "死亡证明".into(),
        article: "第十三条".into(),
        due: parse_date(&format!("2020-05-{:02}", 10 + number % 9)),
        answer: None,
        person_id: person.person_id,
    }
}

/// The row as its roster writes it: one digit of the number otherwise.
pub fn record(number: usize) -> ImportedRecord {
    let person = person(number);
    let cell = |label: &str, kind: &str, text: &str| ImportedCell {
        label: label.into(),
        kind: kind.into(),
        text: text.into(),
    };
    let wrong = format!("{}9{}", &person.id_number[..13], &person.id_number[14..]);
    ImportedRecord {
        place: format!("低保.csv#Sheet1#{number}"),
        roster: "低保发放花名册".into(),
        department: "民政".into(),
        month: "2020-05".into(),
        person: person.person_id,
        grade: 'B',
        cells: vec![
            cell("户主姓名", "name", &person.name),
            cell("公民身份号码", "id-number", &wrong),
            cell("联系电话", "phone", &person.phone),
            cell("发放金额", "", "440.00元"),
        ],
    }
}

pub fn answer(finding: Finding) -> ImportedAnswer {
    let on = parse_date("2020-05-10");
    ImportedAnswer {
        finding,
        by: "冉队长".into(),
        on,
        note: "见到本人".into(),
        office_step: None,
        outweighs: None,
        month: month("2020-05"),
    }
}

pub fn clearing<'a>(of: &str, persons: usize, leads: Vec<ImportedLead>) -> ImportedClearing<'a> {
    let file = ImportedFile {
        roster: "dibao".into(),
        month: of.into(),
        file: "低保.csv".into(),
        key: "abc".into(),
        links: (0..persons as u32)
            .map(|row| ImportedLink {
                row,
                person_id: format!("P{row:05}"),
                class: "auto",
                grade: 'A',
                likelihood: 999_800,
            })
            .collect(),
    };
    let figure = |place: &str, value| Figure {
        region: region(place),
        kind: "bucket".into(),
        name: "covered".into(),
        value,
    };
    let source = |roster: &str, has_arrived| MonthSource {
        roster: roster.into(),
        name: roster.into(),
        department: "民政".into(),
        is_monthly: true,
        has_arrived,
        rows: 10,
    };
    ImportedClearing {
        region: RegionCode::COUNTRY,
        month: month(of),
        certificate_hash: format!("hash-{of}"),
        certificate_json: "{}".into(),
        persons: Box::new((0..persons).map(|number| Ok(person(number)))),
        files: Box::new(std::iter::once(Ok(file))),
        leads: Box::new(leads.into_iter().map(Ok)),
        ended: Vec::new(),
        figures: vec![figure("500243001", 12), figure("500243002", 5), figure("370902001", 7)],
        sources: vec![source("dibao", true), source("hukou", true)],
        kept: crate::MonthKept::default(),
    }
}

impl Bench {
    pub fn import(&self, clearing: ImportedClearing<'_>) -> Imported {
        self.store.import_clearing(clearing, now()).expect("imported")
    }

    /// A May with people and leads.
    pub fn may(&self, persons: usize) -> Imported {
        self.import(clearing("2020-05", persons, (0..persons).step_by(2).map(lead).collect()))
    }
}

pub fn ok<T>(outcome: Outcome<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}
