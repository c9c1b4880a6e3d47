//! A roster's row: as it came, and as it is read.

use crate::address::Address;
use crate::birth::BirthReading;
use crate::cell::{account, half_width, is_placeholder, phone};
use crate::characters::Characters;
use crate::evidence::{Agreement, Field, Repair, RepairKind};
use crate::id::IdReading;
use crate::name::Name;
use crate::weights::Weights;
use doudi_terms::{RegionCode, Sex};

/// The identity cells of one row, raw as in the file; empty where the roster has no such column.
#[derive(Clone, Copy, Default, Debug)]
pub struct RosterRow<'a> {
    pub id_number: &'a str,
    pub name: &'a str,
    /// In any form people write dates.
    pub birth: Option<&'a str>,
    pub sex: Option<Sex>,
    pub region: Option<RegionCode>,
    pub address: &'a str,
    pub phone: &'a str,
    pub account: &'a str,
    /// `id_number` is a disability certificate's number.
    pub disability_certificate: bool,
}

impl RosterRow<'_> {
    /// Rows of one digest say the same, but for one pair in 2^64. Does not depend on the machine.
    pub fn digest(&self) -> u64 {
        let region = self.region.map_or(u64::MAX, RegionCode::number);
        let sex = match self.sex {
            None => 0,
            Some(Sex::Male) => 1,
            Some(Sex::Female) => 2,
        };
        let flags = sex | u64::from(self.disability_certificate) << 2 | u64::from(self.birth.is_some()) << 3;
        let birth = self.birth.unwrap_or_default();
        let texts = [self.id_number, self.name, birth, self.address, self.phone, self.account];
        texts.iter().fold(folded(folded(0, region), flags), |digest, text| text_digest(digest, text))
    }
}

/// The length first, so that no two texts run into one another.
fn text_digest(digest: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut last = [0_u8; 8];
    last[..rest.len()].copy_from_slice(rest);
    let digest = folded(digest, text.len() as u64);
    let digest = words.iter().fold(digest, |digest, word| folded(digest, u64::from_le_bytes(*word)));
    if rest.is_empty() { digest } else { folded(digest, u64::from_le_bytes(last)) }
}

/// One more word in a digest: the two halves of a product, of which every bit depends on every bit before.
fn folded(digest: u64, word: u64) -> u64 {
    let product = u128::from(digest ^ word ^ 0x9E37_79B9_7F4A_7C15) * u128::from(0xA076_1D64_78BD_642F_u64);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The row, read.
pub(crate) struct Reading {
    pub(crate) id: IdReading,
    pub(crate) name: Name,
    /// The birth column's day. The day in the number is no second witness and is used for finding only.
    pub(crate) birth: BirthReading,
    pub(crate) sex: Option<Sex>,
    pub(crate) region: Option<RegionCode>,
    /// The numbers under which the region may also stand.
    pub(crate) other_regions: Vec<u64>,
    pub(crate) address: Address,
    /// None where it tells of nobody.
    pub(crate) phone: Option<u64>,
    /// Why the row's phone tells of nobody.
    pub(crate) phone_passed_over: Option<Agreement>,
    pub(crate) account: Option<u64>,
    pub(crate) repairs: Vec<Repair>,
}

impl Reading {
    pub(crate) fn new(row: &RosterRow<'_>, characters: &Characters) -> Reading {
        let mut repairs = Vec::new();
        let swapped = are_swapped(row);
        let (id_raw, name_raw) = if swapped { (row.name, row.id_number) } else { (row.id_number, row.name) };
        let id = IdReading::read(id_raw, row.disability_certificate);
        let mut name_repairs = Vec::new();
        let name = Name::read(name_raw, characters, &mut name_repairs);
        let mut record = |field, kind, raw: &str, read: String| {
            repairs.push(Repair { field, kind, raw: raw.into(), read: read.into() });
        };
        if swapped {
            record(Field::IdNumber, RepairKind::SwappedColumns, row.id_number, id_raw.trim().to_owned());
        }
        for &kind in &id.repairs {
            record(Field::IdNumber, kind, id_raw, String::from_utf8_lossy(id.text()).into_owned());
        }
        for kind in name_repairs {
            record(Field::Name, kind, name_raw, name.chars().iter().collect());
        }
        let birth = row.birth.map(BirthReading::read).unwrap_or_default();
        for &kind in &birth.repairs {
            record(Field::Birth, kind, row.birth.unwrap_or_default(), birth.shown());
        }
        Reading {
            id,
            name,
            birth,
            sex: row.sex,
            region: row.region,
            other_regions: Vec::new(),
            address: Address::read(row.address),
            phone: phone(row.phone),
            phone_passed_over: None,
            account: account(row.account),
            repairs,
        }
    }

    /// A person of the register, as if a row spoke of it.
    pub(crate) fn of_person(index: &crate::index::Index, person: u32) -> Reading {
        let text = crate::id::text_of(index.id(person));
        let number = if index.id(person) == 0 { "" } else { std::str::from_utf8(&text).unwrap_or_default() };
        Reading {
            id: IdReading::read(number, false),
            name: Name::of(index.name(person)),
            birth: BirthReading::of_day(index.birth(person)),
            sex: index.sex(person),
            region: index.region(person),
            other_regions: Vec::new(),
            address: index.address(person),
            phone: index.phone(person),
            phone_passed_over: None,
            account: index.account(person),
            repairs: Vec::new(),
        }
    }

    /// A phone that officials let others give as theirs, or that rosters give for many households, tells of nobody.
    pub(crate) fn pass_over_phone(&mut self, weights: &Weights) {
        let Some(phone) = self.phone else { return };
        self.phone_passed_over = match weights.officials.contains(&phone) {
            true => Some(Agreement::OfOfficial),
            false => weights.shared_phones.households(phone).map(Agreement::LeftForHouseholds),
        };
        self.phone = Some(phone).filter(|_| self.phone_passed_over.is_none());
    }

    /// A number, or a name with something beside it that can tell two of that name apart.
    pub(crate) fn identifies(&self) -> bool {
        let beside = self.birth.is_known()
            || self.region.is_some()
            || self.address.village != 0
            || self.phone.is_some()
            || self.account.is_some();
        self.id.is_usable() || (!self.name.is_empty() && beside)
    }
}

/// The number's cell holds a name, and the name's cell holds a number or nothing that could be a name.
fn are_swapped(row: &RosterRow<'_>) -> bool {
    // Most numbers begin with a digit: that is seen soonest.
    let is_name =
        |text: &str| !text.chars().map(half_width).any(|c| c.is_ascii_digit()) && !is_placeholder(text);
    let digits = row.name.chars().filter(|&c| half_width(c).is_ascii_digit()).count();
    is_name(row.id_number) && !is_name(row.name) && (digits == 0 || digits >= 14)
}
