//! The answers of one pass over a roster: the rows of links.csv, and what is counted of them.

use super::merges::Merges;
use doudi_linkage::{Answer, LinkClass, RosterRow, WhyNot, weights};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// With a byte order mark, spreadsheets take it for UTF-8.
const HEAD: &str = "\u{feff}row_id,person_id,probability,class\n";
/// Why a row that could not be read has no link.
const REJECTED: &str = "rejected";
/// Placeholders kept word for word.
const PLACEHOLDERS_KEPT: usize = 3;

#[derive(Default)]
pub struct Outcome {
    pub csv: Vec<u8>,
    pub rows: u32,
    pub auto: u32,
    pub review: u32,
    pub none: u32,
    /// Rows with a person at the default threshold.
    pub linked: u32,
    /// Why rows are not linked without a person looking.
    pub why: BTreeMap<&'static str, u32>,
    /// Rows by which nobody could be found, whoever is in the register.
    pub unidentified: u32,
    /// Rows with anything in the number's cell.
    pub with_number: u32,
    pub with_name: u32,
    /// Rows whose number stands for nobody, and some of these numbers.
    pub placeholder_rows: u32,
    pub placeholders: BTreeSet<Box<str>>,
    /// Phones that the roster gives for many households.
    pub shared_phones: Vec<String>,
    /// Rows whose 序号 is not above that of the row before: it may not tell rows apart.
    pub out_of_order: u32,
    /// Pairs that are probably one human, if they are asked for.
    pub merges: Option<Merges>,
    /// The last row noted could not be read: it is nobody's.
    rejected: bool,
    last_number: Option<u64>,
}

impl Outcome {
    pub fn new() -> Outcome {
        Outcome { csv: HEAD.as_bytes().to_vec(), ..Outcome::default() }
    }

    pub fn note(&mut self, row: &RosterRow<'_>, is_placeholder: bool) {
        self.rejected = row.id_number.is_empty() && row.name.is_empty();
        self.with_number += u32::from(!row.id_number.is_empty());
        self.with_name += u32::from(!row.name.is_empty());
        if is_placeholder {
            self.placeholder_rows += 1;
            if self.placeholders.len() < PLACEHOLDERS_KEPT {
                self.placeholders.insert(row.id_number.into());
            }
        }
    }

    /// Adds the row that was noted: `written` is its own number, `place` its place below the headers.
    pub fn add(&mut self, (written, place): (&str, u32), answer: &Answer, person: &str) {
        self.rows += 1;
        let class = match answer.class {
            LinkClass::Auto => "auto",
            LinkClass::Review => "review",
            LinkClass::None => "none",
        };
        *match answer.class {
            LinkClass::Auto => &mut self.auto,
            LinkClass::Review => &mut self.review,
            LinkClass::None => &mut self.none,
        } += 1;
        self.linked += u32::from(!person.is_empty() && answer.probability >= weights::LINK);
        self.unidentified += u32::from(answer.unlinked == Some(WhyNot::NoUsableIdentity));
        if let Some(why) = answer.unlinked {
            let why = if self.rejected { REJECTED } else { name_of(why) };
            *self.why.entry(why).or_default() += 1;
        }
        if let Some(merges) = &mut self.merges {
            let row = if written.is_empty() { place.to_string() } else { written.to_owned() };
            merges.see(&row, answer, person);
        }
        let probability = if person.is_empty() { 0.0 } else { answer.probability };
        if written.is_empty() {
            // Writing to memory cannot fail.
            let _ = write!(self.csv, "{place}");
        } else {
            let number = written.parse().ok();
            self.out_of_order += u32::from(number.is_some() && number <= self.last_number);
            self.last_number = number.or(self.last_number);
            cell(&mut self.csv, written);
        }
        self.csv.push(b',');
        cell(&mut self.csv, person);
        let _ = writeln!(self.csv, ",{},{class}", shown(probability));
    }

    /// What would have to be filled in before rows could be compared.
    pub fn lacking(&self) -> Vec<&'static str> {
        let mut lacking = vec![match self.with_number {
            0 => "身份证号（整列没有填）",
            _ => "身份证号（填了的都认不出是号码）",
        }];
        lacking.push(match self.with_name {
            0 => "姓名（整列没有填）",
            _ => "姓名以外的出生日期、区划、住址、电话、账号（一项也没有）",
        });
        lacking
    }
}

/// Six decimals, rounded down: what is shown as certain is certain, and no row passes a threshold by rounding.
pub fn shown(probability: f64) -> String {
    format!("{:.6}", (probability * 1e6).floor() / 1e6)
}

pub fn cell(csv: &mut Vec<u8>, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        csv.push(b'"');
        csv.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        csv.push(b'"');
    } else {
        csv.extend_from_slice(text.as_bytes());
    }
}

fn name_of(why: WhyNot) -> &'static str {
    match why {
        WhyNot::NoUsableIdentity => "no_usable_identity",
        WhyNot::NotInRegister => "not_in_register",
        WhyNot::Ambiguous => "ambiguous",
        WhyNot::BorrowedId => "borrowed_id",
        WhyNot::NobodyFits => "nobody_fits",
    }
}
