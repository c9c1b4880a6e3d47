//! Which system a file's region codes are of: the first rows decide by what their addresses say, and codes of the ministry
//! of civil affairs are turned into ours before anybody is compared, as an import does.

use crate::commands::import::codes::{System, Votes, our_code};
use crate::divisions::Divisions;
use doudi_terms::roster::ColumnKind;
use doudi_terms::{RegionCode, RegionLevel, WhoBatch};

/// So many rows whose names speak for one system decide,
const DECIDING: u32 = 50;
/// and no more rows than these are waited for.
const MOST_WAITING: usize = 20_000;

/// The rows of one file on their way to linkage.
#[derive(Default)]
pub struct RegionCodes {
    divisions: Option<Divisions>,
    votes: Votes,
    waiting: Vec<WhoBatch>,
    /// `None`: not decided yet.
    system: Option<System>,
    /// Rows whose code was another one of ours.
    pub translated: u64,
    /// Where names speak for both systems.
    pub unclear: Option<String>,
}

impl RegionCodes {
    /// Hands a batch on, or keeps it until the system is known.
    pub fn take(&mut self, batch: &WhoBatch, sink: &mut dyn FnMut(&WhoBatch)) {
        if self.system.is_some() {
            return self.hand_on(batch, sink);
        }
        let divisions = self.divisions.get_or_insert_with(Divisions::read);
        for at in 0..batch.len() {
            let text = |kind| batch.text(kind, at);
            if let Some(code) = low_code(text(ColumnKind::Region)) {
                self.votes.count_row(divisions, batch.rows[at], code, text(ColumnKind::Address));
            }
        }
        self.waiting.push(batch.clone());
        let rows: usize = self.waiting.iter().map(WhoBatch::len).sum();
        if self.votes.speaking() >= DECIDING || rows >= MOST_WAITING {
            self.decide(sink);
        }
    }

    /// The file is at its end; reading it again needs no waiting.
    pub fn finish(&mut self, sink: &mut dyn FnMut(&WhoBatch)) {
        if self.system.is_none() {
            self.decide(sink);
        }
    }

    fn decide(&mut self, sink: &mut dyn FnMut(&WhoBatch)) {
        self.system = Some(match self.votes.verdict() {
            Ok(system) => system.unwrap_or(System::Nbs),
            Err(why) => {
                self.unclear = Some(why);
                System::Nbs
            }
        });
        for batch in std::mem::take(&mut self.waiting) {
            self.hand_on(&batch, sink);
        }
    }

    fn hand_on(&mut self, batch: &WhoBatch, sink: &mut dyn FnMut(&WhoBatch)) {
        match (&self.divisions, self.system) {
            (Some(divisions), Some(System::Mca)) => {
                let (batch, changed) = translated(batch, divisions);
                self.translated += changed;
                sink(&batch);
            }
            _ => sink(batch),
        }
    }
}

fn low_code(text: &str) -> Option<RegionCode> {
    RegionCode::parse(text).ok().filter(|code| code.level() >= RegionLevel::Township)
}

fn translated(batch: &WhoBatch, divisions: &Divisions) -> (WhoBatch, u64) {
    let mut changed = 0;
    let codes: Vec<String> = (0..batch.len())
        .map(|at| {
            let written = batch.text(ColumnKind::Region, at);
            let Some(code) = low_code(written) else { return written.to_owned() };
            let ours = our_code(divisions, code, batch.text(ColumnKind::Address, at));
            changed += u64::from(ours != code);
            ours.to_string()
        })
        .collect();
    let mut batch = batch.clone();
    batch.set_column(ColumnKind::Region, codes.iter().map(String::as_str));
    (batch, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(rows: &[(&str, &str)]) -> WhoBatch {
        let mut batch = WhoBatch::default();
        for (row, (address, code)) in (2..).zip(rows) {
            batch.rows.push(row);
            batch.push_cell(ColumnKind::Address, address);
            batch.push_cell(ColumnKind::Region, code);
        }
        batch
    }

    fn read(codes: &mut RegionCodes, batches: &[WhoBatch]) -> Vec<String> {
        let mut read = Vec::new();
        let mut sink = |batch: &WhoBatch| {
            read.extend((0..batch.len()).map(|at| batch.text(ColumnKind::Region, at).to_owned()));
        };
        batches.iter().for_each(|batch| codes.take(batch, &mut sink));
        codes.finish(&mut sink);
        read
    }

    #[test]
    fn the_rows_before_the_first_telling_one_are_translated_too() {
        let mca = [
            batch(&[("彭水县某处", "500243111"), ("", "500243001202"), ("", "")]),
            batch(&[("彭水县新田镇", "500243111")]),
        ];
        let mut codes = RegionCodes::default();
        let first = read(&mut codes, &mca);
        assert_eq!(first, ["500243113", "500243001202", "", "500243113"]);
        assert_eq!(codes.translated, 2);
        assert_eq!(read(&mut codes, &mca), first, "read again, it is the same");
    }

    #[test]
    fn our_own_codes_are_left_as_they_are() {
        let (name, code) = ("彭水县新田镇", "500243113");
        assert_eq!(read(&mut RegionCodes::default(), &[batch(&[(name, code)])]), [code]);
    }
}
