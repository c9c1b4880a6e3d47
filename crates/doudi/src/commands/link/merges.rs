//! Which entries are probably one human, for two people to say: within the register, and within the roster.

use super::outcome::{cell, shown};
use doudi_engine::ReadRegister;
use doudi_linkage::{Answer, Weights, weights};
use std::collections::HashMap;
use std::io::Write;

const HEAD: &str = "\u{feff}kind,left,right,person_id,probability,evidence\n";

/// The lines of merges.csv.
pub struct Merges {
    pub csv: Vec<u8>,
    pub register_pairs: u32,
    pub roster_pairs: u32,
    /// The first row of each person, with its probability; `None` where a person may rightly stand on several rows.
    first_rows: Option<HashMap<u32, (String, f64)>>,
}

impl Merges {
    pub fn new(several_rows: bool) -> Merges {
        let first_rows = (!several_rows).then(HashMap::new);
        Merges { csv: HEAD.as_bytes().to_vec(), register_pairs: 0, roster_pairs: 0, first_rows }
    }

    /// Sees a row that counts for a person; the second one of a person is proposed as the first one's double.
    pub fn see(&mut self, row: &str, answer: &Answer, person_id: &str) {
        let (Some(person), Some(rows)) = (answer.person, &mut self.first_rows) else { return };
        if answer.probability < weights::LINK {
            return;
        }
        let Some((first, probability)) = rows.get(&person).cloned() else {
            rows.insert(person, (row.to_owned(), answer.probability));
            return;
        };
        self.roster_pairs += 1;
        let both = probability * answer.probability;
        let evidence =
            format!("两行都对上 {person_id}：{}、{}", shown(probability), shown(answer.probability));
        self.line(["roster", &first, row, person_id], both, &evidence);
    }

    /// Adds the register's pairs.
    pub fn add_register(&mut self, register: &ReadRegister, weights: &Weights) {
        for pair in register.index.duplicates(weights) {
            self.register_pairs += 1;
            let (left, right) = (register.person_id(pair.first), register.person_id(pair.second));
            self.line(["register", left, right, ""], pair.probability, &pair.describe());
        }
    }

    fn line(&mut self, texts: [&str; 4], probability: f64, evidence: &str) {
        for text in texts {
            cell(&mut self.csv, text);
            self.csv.push(b',');
        }
        // Writing to memory cannot fail.
        let _ = write!(self.csv, "{},", shown(probability));
        cell(&mut self.csv, evidence);
        self.csv.push(b'\n');
    }
}
