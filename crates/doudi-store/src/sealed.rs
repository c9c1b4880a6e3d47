//! What lies sealed in the rows, as the texts that are sealed. One place names every column's binding.

use crate::error::{Outcome, StoreError};
use crate::seal::Keyring;
use doudi_casework::LeadState;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// A person's numbers and address, and the words about them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonSecrets {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id_number: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub account: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Why the person is in this bucket.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Facts that are missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeadSecrets {
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<StoredRecord>,
}

/// A row of a roster that a lead compares, as its roster writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRecord {
    /// `file#sheet#row`
    pub place: String,
    pub roster: String,
    pub department: String,
    pub month: String,
    /// Empty where it speaks of nobody who is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    pub grade: char,
    pub cells: Vec<StoredCell>,
}

/// A cell that is not blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCell {
    pub label: String,
    /// Which identity it states: `name`, `id-number` and so on; empty for anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    pub text: String,
}

/// Which column of which row: bound to the ciphertext, so that it opens nowhere else.
pub(crate) enum Place<'a> {
    Person(&'a str),
    Lead(&'a str),
    LeadState(&'a str),
    LeadEvent(&'a str, i64),
    /// Household and month.
    HouseholdMonth(&'a str, i64),
    EvidencePiece(&'a str, i64),
    EvidenceName(&'a str, i64),
    Case(&'a str),
    CaseEvent(&'a str, i64),
    CaseDraft(&'a str),
    ApiAnswer(&'a str),
}

impl Place<'_> {
    pub fn text(&self) -> String {
        match self {
            Place::Person(id) => format!("persons.sealed|{id}"),
            Place::Lead(id) => format!("leads.sealed|{id}"),
            Place::LeadState(id) => format!("leads.state_sealed|{id}"),
            Place::HouseholdMonth(id, month) => format!("household_months.sealed|{id}|{month}"),
            Place::LeadEvent(id, serial) => format!("lead_events.state_sealed|{id}|{serial}"),
            Place::EvidencePiece(hash, number) => format!("evidence_pieces.sealed|{hash}|{number}"),
            Place::Case(id) => format!("cases.sealed|{id}"),
            Place::CaseEvent(id, serial) => format!("case_events.sealed|{id}|{serial}"),
            Place::CaseDraft(id) => format!("case_drafts.sealed|{id}"),
            Place::ApiAnswer(id) => format!("api_answers.sealed|{id}"),
            Place::EvidenceName(id, serial) => format!("lead_evidence.sealed|{id}|{serial}"),
        }
    }
}

pub(crate) fn seal(keys: &Keyring, place: &Place<'_>, value: &impl Serialize) -> Outcome<Vec<u8>> {
    let text = serde_json::to_vec(value).map_err(StoreError::damaged)?;
    keys.seal(&place.text(), &text)
}

pub(crate) fn open<T: DeserializeOwned>(keys: &Keyring, place: &Place<'_>, sealed: &[u8]) -> Outcome<T> {
    let text = keys.open(&place.text(), sealed)?;
    // The reader's own message would repeat what it found there.
    let damaged = |error: serde_json::Error| {
        StoreError::damaged(format!("{} 的内容从第 {} 个字节起读不出来", place.text(), error.column()))
    };
    serde_json::from_slice(&text).map_err(damaged)
}

pub(crate) fn seal_bytes(keys: &Keyring, place: &Place<'_>, bytes: &[u8]) -> Outcome<Vec<u8>> {
    keys.seal(&place.text(), bytes)
}

pub(crate) fn open_bytes(keys: &Keyring, place: &Place<'_>, sealed: &[u8]) -> Outcome<Vec<u8>> {
    keys.open(&place.text(), sealed)
}

/// Compressed: facts and policies repeat their names.
pub(crate) fn pack(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).and_then(|()| packer.finish()).map_err(StoreError::damaged)
}

pub(crate) fn unpack(packed: &[u8]) -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut bytes).map_err(StoreError::damaged)?;
    Ok(bytes)
}

pub(crate) fn open_state(keys: &Keyring, lead_id: &str, sealed: &[u8]) -> Outcome<LeadState> {
    open(keys, &Place::LeadState(lead_id), sealed)
}

/// A number with its middle hidden: `500243********1234`.
pub(crate) fn masked(text: &str, first: usize, last: usize) -> String {
    let signs: Vec<char> = text.chars().collect();
    if signs.len() <= first + last {
        return "*".repeat(signs.len());
    }
    let hidden = "*".repeat(signs.len() - first - last);
    let (start, end) = (&signs[..first], &signs[signs.len() - last..]);
    start.iter().chain(hidden.chars().collect::<Vec<_>>().iter()).chain(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_read_is_not_repeated() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = crate::create_key_file(&folder.path().join("keys")).expect("keys");
        let place = Place::Person("P1");
        let sealed = seal(&keys, &place, &"冉光明 13800001234").expect("sealed");
        let error = open::<PersonSecrets>(&keys, &place, &sealed).expect_err("no record").to_string();
        assert!(error.contains("persons.sealed|P1") && !error.contains("1380000"), "{error}");
    }

    #[test]
    fn the_middle_of_a_number_is_hidden_and_a_short_one_whole() {
        assert_eq!(masked("500243199003070011", 6, 4), "500243********0011");
        assert_eq!(masked("13800001234", 3, 4), "138****1234");
        assert_eq!(masked("1234", 3, 4), "****");
        assert_eq!(masked("", 6, 4), "");
    }
}
