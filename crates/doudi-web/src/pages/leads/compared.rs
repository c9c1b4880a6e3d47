//! What each roster says beside what the register says, and in plain words why a row was taken for this person.

use crate::office::Office;
use crate::words::place_words;
use doudi_store::{ComparedPerson, IDENTITY_KINDS, LeadRecord, RecordCell};
use doudi_terms::RegionCode;

/// One person's rows, side by side.
pub(super) struct Table {
    pub name: String,
    /// Nobody in the register, or somebody of elsewhere.
    pub is_unknown: bool,
    pub heads: Vec<Head>,
    pub lines: Vec<Line>,
    /// One sentence for each row.
    pub why: Vec<String>,
}

pub(super) struct Head {
    pub roster: String,
    pub place: String,
}

pub(super) struct Line {
    pub label: String,
    pub register: String,
    /// One for each row; empty where it says nothing.
    pub cells: Vec<Shown>,
}

#[derive(Default)]
pub(super) struct Shown {
    pub text: String,
    pub differs: bool,
    pub hint: String,
}

/// The tables, the lead's own person first; and how many rows speak of somebody of elsewhere.
pub(super) fn tables(office: &Office, people: &[ComparedPerson]) -> (Vec<Table>, usize) {
    let is_hidden = |person: &&ComparedPerson| {
        person.person_id.is_empty() && person.records.iter().all(|record| record.cells.is_empty())
    };
    let hidden = people.iter().filter(is_hidden).map(|person| person.records.len()).sum();
    let shown = people.iter().filter(|person| !is_hidden(person) && !person.records.is_empty());
    (shown.map(|person| table(office, person)).collect(), hidden)
}

fn table(office: &Office, person: &ComparedPerson) -> Table {
    let register = |kind: &str| {
        let found = person.register.iter().find(|(known, _)| *known == kind);
        found.map(|(_, text)| place_name(office, kind, text)).unwrap_or_default()
    };
    let identity = IDENTITY_KINDS.iter().filter_map(|kind| {
        let cells = cells(office, person, |cell| is_of(cell, kind));
        let is_said = cells.iter().any(|cell| !cell.text.is_empty());
        is_said.then(|| Line { label: kind_name(kind).to_owned(), register: register(kind), cells })
    });
    let mut lines: Vec<Line> = identity.collect();
    let mut labels: Vec<&str> = Vec::new();
    for cell in person.records.iter().flat_map(|record| &record.cells) {
        if cell.kind.is_empty() && !labels.contains(&cell.label.as_str()) {
            labels.push(&cell.label);
        }
    }
    lines.extend(labels.into_iter().map(|label| Line {
        label: label.to_owned(),
        register: String::new(),
        cells: cells(office, person, |cell| cell.kind.is_empty() && cell.label == label),
    }));
    Table {
        name: person.name.clone(),
        is_unknown: person.person_id.is_empty(),
        heads: person.records.iter().map(head).collect(),
        lines,
        why: person.records.iter().map(|record| why(record, person)).collect(),
    }
}

fn is_of(cell: &RecordCell, kind: &str) -> bool {
    cell.kind == kind || (kind == "id-number" && cell.kind == "certificate")
}

fn cells(office: &Office, person: &ComparedPerson, wanted: impl Fn(&RecordCell) -> bool) -> Vec<Shown> {
    let of_record = |record: &LeadRecord| {
        let found = record.cells.iter().find(|cell| wanted(cell));
        found.map_or_else(Shown::default, |cell| Shown {
            text: place_name(office, &cell.kind, &cell.text),
            differs: cell.differs == Some(true),
            hint: cell.hint.clone(),
        })
    };
    person.records.iter().map(of_record).collect()
}

/// A code of a place is shown by its name.
fn place_name(office: &Office, kind: &str, text: &str) -> String {
    match RegionCode::parse(text) {
        Ok(place) if kind == "region" => office.places().name(place),
        _ => text.to_owned(),
    }
}

fn kind_name(kind: &str) -> &'static str {
    match kind {
        "name" => "姓名",
        "id-number" => "身份证号",
        "sex" => "性别",
        "birth" => "出生",
        "address" => "住址",
        "region" => "地区",
        "phone" => "电话",
        "account" => "银行账号",
        _ => "",
    }
}

fn head(record: &LeadRecord) -> Head {
    Head { roster: format!("{}（{}）", record.roster, record.month), place: place_words(&record.place) }
}

/// Why this row was taken for this person.
fn why(record: &LeadRecord, person: &ComparedPerson) -> String {
    let row = format!("{}（{}，{}）", record.roster, record.department, record.month);
    if person.person_id.is_empty() {
        return format!("{row}：底册里没有对得上的人，所以没有并到谁名下。");
    }
    let named = |wanted: bool| -> Vec<&str> {
        let of = record.cells.iter().filter(|cell| cell.differs == Some(wanted));
        of.map(|cell| kind_name(if cell.kind == "certificate" { "id-number" } else { &cell.kind })).collect()
    };
    let (same, other) = (named(false), named(true));
    let said = match (same.is_empty(), other.is_empty()) {
        (false, true) => format!("{}一样", same.join("、")),
        (false, false) => format!("{}一样，{}不一样", same.join("、"), other.join("、")),
        (true, false) => format!("{}不一样", other.join("、")),
        (true, true) => "没有能直接比的栏".to_owned(),
    };
    let judged = match record.grade {
        'A' => "号码和姓名都对得上，认定是同一个人",
        'B' => "号码或者姓名的写法有出入，几项合起来看，认定是同一个人",
        _ => "只有号码或者只有姓名对得上，请先核实是不是同一个人",
    };
    format!("{row}：{said}。{judged}（{} 级）。", record.grade)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(kind: &str, differs: Option<bool>) -> RecordCell {
        RecordCell { label: kind.into(), kind: kind.into(), text: "x".into(), differs, hint: String::new() }
    }

    #[test]
    fn why_a_row_is_this_person_is_said_in_words() {
        let record = LeadRecord {
            place: "低保.xlsx##17".into(),
            roster: "低保花名册".into(),
            department: "民政".into(),
            month: "2020-05".into(),
            grade: 'B',
            cells: vec![cell("name", Some(false)), cell("certificate", Some(true)), cell("phone", None)],
        };
        let person = ComparedPerson {
            person_id: "P1".into(),
            name: "冉某".into(),
            register: Vec::new(),
            records: Vec::new(),
        };
        let words = why(&record, &person);
        assert!(words.contains("姓名一样，身份证号不一样") && words.contains("几项合起来看"), "{words}");
        let nobody = ComparedPerson { person_id: String::new(), ..person.clone() };
        assert!(why(&record, &nobody).contains("底册里没有对得上的人"));
        let weak = LeadRecord { grade: 'C', ..record };
        assert!(why(&weak, &person).contains("请先核实是不是同一个人"));
    }
}
