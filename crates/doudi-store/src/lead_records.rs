//! What each roster says of the people of a lead, beside what the register says: the page on which somebody verifies it.
//!
//! Compared here, where the whole numbers are; told with their middles hidden. A row that speaks of somebody outside of the
//! scope's area - whoever shares an account - is told to be there, and nothing of it.

use crate::audit::Action;
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::leads::Lead;
use crate::scope::{Areas, Scope};
use crate::sealed::{PersonSecrets, StoredCell, StoredRecord, masked};
use crate::store::Store;
use crate::takeover::digits;
use doudi_casework::Permission;
use doudi_terms::parse_date;

/// Somebody whom rows of the lead speak of. The lead's own person comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedPerson {
    /// Empty where the rows speak of nobody, or of somebody who is not the reader's to see.
    pub person_id: String,
    pub name: String,
    /// By kind; numbers masked.
    pub register: Vec<(&'static str, String)>,
    pub records: Vec<LeadRecord>,
}

/// One row of a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadRecord {
    /// `file#sheet#row`
    pub place: String,
    pub roster: String,
    pub department: String,
    pub month: String,
    /// A, B or C: on what the row was taken for this person.
    pub grade: char,
    /// Empty where the person is not the reader's to see.
    pub cells: Vec<RecordCell>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCell {
    pub label: String,
    /// Which identity it states; empty for anything else.
    pub kind: String,
    /// Masked where it is a number.
    pub text: String,
    /// Against the register; `None` where one of the two says nothing.
    pub differs: Option<bool>,
    /// Where a number differs.
    pub hint: String,
}

/// Signs of an id number.
const ID_NUMBER: usize = 18;

/// In the order in which people look at them.
pub const IDENTITY_KINDS: [&str; 8] =
    ["name", "id-number", "sex", "birth", "address", "region", "phone", "account"];

impl Store {
    /// As [`Store::lead`], with the rows that it compares.
    pub fn lead_compared(&self, scope: &Scope, lead_id: &str) -> Outcome<(Lead, Vec<ComparedPerson>)> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        let (lead, compared) = self.database.read(|connection| {
            let lead = self.find_lead(connection, scope, &areas, lead_id)?;
            let compared = self.compared(connection, &areas, &lead)?;
            Ok((lead, compared))
        })?;
        let mut entry = scope.entry(Action::ReadLead, "lead", lead_id.to_owned(), lead.row.region);
        entry.subjects = vec![lead.row.person_id.clone()];
        for person in compared.iter().filter(|person| !person.person_id.is_empty()) {
            if !entry.subjects.contains(&person.person_id) {
                entry.subjects.push(person.person_id.clone());
            }
        }
        self.note_read(entry)?;
        Ok((lead, compared))
    }

    fn compared(
        &self,
        connection: &mut Connection,
        areas: &Areas,
        lead: &Lead,
    ) -> Outcome<Vec<ComparedPerson>> {
        let mut found: Vec<(String, ComparedPerson)> = Vec::new();
        let own = (lead.row.person_id.as_str(), None);
        let rows = lead.records.iter().map(|record| (record.person.as_str(), Some(record)));
        for (person_id, record) in std::iter::once(own).chain(rows) {
            let at = match found.iter().position(|(known, _)| known == person_id) {
                Some(at) => at,
                None => {
                    found.push((person_id.to_owned(), self.compared_person(connection, areas, person_id)?));
                    found.len() - 1
                }
            };
            let Some(record) = record else { continue };
            let (_, person) = &mut found[at];
            let is_seen = !person.person_id.is_empty() || person_id.is_empty();
            person.records.push(told(record, if is_seen { Some(&person.register) } else { None }));
        }
        for (_, person) in &mut found {
            person.register.iter_mut().for_each(|(kind, text)| *text = shown(kind, text));
        }
        Ok(found.into_iter().map(|(_, person)| person).collect())
    }

    /// With whole numbers, to be compared.
    fn compared_person(
        &self,
        connection: &mut Connection,
        areas: &Areas,
        person_id: &str,
    ) -> Outcome<ComparedPerson> {
        let nobody = ComparedPerson {
            person_id: String::new(),
            name: String::new(),
            register: Vec::new(),
            records: Vec::new(),
        };
        let (row, secrets) = match self.find(connection, areas, person_id) {
            Ok(((row, _), secrets)) => (row, secrets),
            Err(StoreError::NotFound(_)) => return Ok(nobody),
            Err(error) => return Err(error),
        };
        let PersonSecrets { id_number, phone, account, address, .. } = secrets;
        let birth = row.birth.map(|birth| birth.to_string()).unwrap_or_default();
        Ok(ComparedPerson {
            register: vec![
                ("name", row.name.clone()),
                ("id-number", id_number),
                ("sex", row.sex),
                ("birth", birth),
                ("address", address),
                ("region", row.region.to_string()),
                ("phone", phone),
                ("account", account),
            ],
            person_id: row.person_id,
            name: row.name,
            records: Vec::new(),
        })
    }
}

/// A record for its reader; `None` = not theirs to see.
fn told(record: &StoredRecord, register: Option<&Vec<(&'static str, String)>>) -> LeadRecord {
    let cells = register.map(|register| record.cells.iter().map(|cell| told_cell(cell, register)).collect());
    LeadRecord {
        place: record.place.clone(),
        roster: record.roster.clone(),
        department: record.department.clone(),
        month: record.month.clone(),
        grade: record.grade,
        cells: cells.unwrap_or_default(),
    }
}

fn told_cell(cell: &StoredCell, register: &[(&'static str, String)]) -> RecordCell {
    // The number in a certificate is the person's.
    let against = if cell.kind == "certificate" { "id-number" } else { cell.kind.as_str() };
    let own = register.iter().find(|(kind, _)| *kind == against).map(|(_, text)| text.as_str());
    let differs = own.and_then(|own| differs(against, &cell.text, own));
    let hint = match (differs, own) {
        (Some(true), Some(own)) if matches!(against, "id-number" | "phone" | "account") => {
            hint(&comparable(against, &cell.text), &comparable(against, own))
        }
        _ => String::new(),
    };
    let text = shown(&cell.kind, &cell.text);
    RecordCell { label: cell.label.clone(), kind: cell.kind.clone(), text, differs, hint }
}

fn shown(kind: &str, text: &str) -> String {
    match kind {
        "id-number" => masked(text.trim(), 6, 4),
        // Hidden as the id number that it begins with: two writings of one number must look alike. What follows is the
        // kind and the degree of the disability.
        "certificate" => {
            let text = text.trim();
            let end = text.char_indices().nth(ID_NUMBER).map_or(text.len(), |(at, _)| at);
            let (id, rest) = text.split_at(end);
            format!("{}{rest}", masked(id, 6, 4))
        }
        "phone" => masked(text.trim(), 3, 4),
        "account" => masked(text.trim(), 0, 4),
        _ => text.to_owned(),
    }
}

/// As two writings of one thing are alike.
fn comparable(kind: &str, text: &str) -> String {
    let bare: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
    match kind {
        "id-number" => bare.chars().take(18).collect::<String>().to_uppercase(),
        "phone" | "account" => digits(&bare),
        "name" => bare.chars().filter(|sign| !matches!(sign, '·' | '•' | '.' | '．' | '‧')).collect(),
        "birth" => parse_date(&bare).map(|day| day.to_string()).unwrap_or(bare),
        "sex" => match bare.chars().next() {
            Some('男' | '1') => "男".to_owned(),
            Some('女' | '2') => "女".to_owned(),
            _ => bare,
        },
        _ => bare,
    }
}

fn differs(kind: &str, text: &str, register: &str) -> Option<bool> {
    // A place is written in many ways; which are one is not for signs to say.
    if kind == "region" {
        return None;
    }
    let (text, register) = (comparable(kind, text), comparable(kind, register));
    if text.is_empty() || register.is_empty() {
        return None;
    }
    // One begins with the province, the other with the county: the end says which house.
    let is_part = kind == "address" && (text.ends_with(&register) || register.ends_with(&text));
    Some(text != register && !is_part)
}

/// Where two numbers differ, without telling what stands there.
fn hint(text: &str, register: &str) -> String {
    let (here, there): (Vec<char>, Vec<char>) = (text.chars().collect(), register.chars().collect());
    if here.len() != there.len() {
        return format!("这里 {} 位，底册 {} 位", here.len(), there.len());
    }
    let places: Vec<String> = (1..)
        .zip(here.iter().zip(&there))
        .filter(|(_, (a, b))| a != b)
        .map(|(at, _): (usize, _)| at.to_string())
        .collect();
    if places.len() > 4 { "多处不同".to_owned() } else { format!("第 {} 位不同", places.join("、")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_writings_of_one_thing_do_not_differ() {
        for (kind, a, b) in [
            ("id-number", "50024319500307001x", " 50024319500307001X "),
            ("name", "买买提·艾力", "买买提•艾力"),
            ("phone", "138-0000 0001", "13800000001"),
            ("birth", "1950-03-07", "1950-03-07"),
            ("sex", "女性", "女"),
            ("address", "彭水县梅子垭镇合力村4组66号", "重庆市彭水县梅子垭镇合力村4组66号"),
        ] {
            assert_eq!(differs(kind, a, b), Some(false), "{kind}");
        }
        assert_eq!(differs("name", "张三", "张叁"), Some(true));
        assert_eq!(differs("address", "合力村4组66号", "合力村4组6号"), Some(true));
        assert_eq!(differs("name", "", "张三"), None);
        assert_eq!(differs("region", "文庙", "500243001202"), None);
    }

    #[test]
    fn a_certificate_is_hidden_as_the_id_number_in_it() {
        assert_eq!(shown("id-number", "500243195003070011"), "500243********0011");
        assert_eq!(shown("certificate", "50024319500307001143"), "500243********001143");
        assert_eq!(shown("certificate", "残证500243"), masked("残证500243", 6, 4));
        assert_eq!(shown("certificate", ""), "");
    }

    #[test]
    fn where_a_number_differs_is_told_without_telling_the_number() {
        assert_eq!(hint("500243195003070011", "500243195003070012"), "第 18 位不同");
        assert_eq!(hint("50024319500307001", "500243195003070012"), "这里 17 位，底册 18 位");
        assert_eq!(hint("000000", "123456"), "多处不同");
    }
}
