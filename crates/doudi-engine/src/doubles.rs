//! Entries of the register, and people whom only rosters know, that are probably one human. Two people say whether they are
//! (`person_log`); here they are found, kept for whoever asks, and put before the townships.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::handout::{HandoutCell, HandoutTable, Townships, doubles_row, doubles_table};
use crate::people_before::{KnownNewcomer, PeopleBefore};
use crate::population::Population;
use crate::tally::township_code;
use crate::texts::Texts;
use doudi_linkage::{Duplicate, Index, SharedPhones};
use doudi_register::Register;
use doudi_terms::{Month, RegionCode};
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A pair that somebody should look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Double {
    /// The one that would stay comes first.
    pub entries: [DoubleEntry; 2],
    pub probability: f64,
    /// In plain Chinese, what speaks for it.
    pub evidence: String,
}

/// One side of a pair, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubleEntry {
    pub person_id: String,
    pub id_number: String,
    pub name: String,
    pub address: String,
    pub region: u64,
}

/// A pair by the numbers of persons.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pair {
    first: u32,
    second: u32,
    probability: f64,
    evidence: String,
}

fn pairs(found: &[Duplicate]) -> Vec<Pair> {
    let pair = |double: &Duplicate| Pair {
        first: double.first,
        second: double.second,
        probability: double.probability,
        evidence: double.describe(),
    };
    found.iter().map(pair).collect()
}

fn of_register(place: &Path) -> PathBuf {
    place.join("doubles.json")
}

/// Finds the pairs of a register, once for as long as register, weights and linkage stay as they are.
pub(crate) fn keep_of_register(
    folder: &DataFolder,
    content: &Content,
    place: &Path,
    index: &Index,
) -> Outcome<()> {
    let path = of_register(place);
    if path.is_file() {
        return Ok(());
    }
    folder.write_json(&path, &pairs(&index.duplicates(content.weights()?.of(""))))
}

/// The pairs of a register whose people were linked to.
pub(crate) fn read_of_register(folder: &DataFolder, place: &Path, register: &Register) -> Outcome<Vec<Pair>> {
    let path = of_register(place);
    let mut pairs: Vec<Pair> = if path.is_file() { folder.read_json(&path)? } else { Vec::new() };
    pairs.retain(|pair| pair.first.max(pair.second) < register.len());
    Ok(pairs)
}

/// Everybody of some pairs.
pub(crate) fn persons_of(pairs: &[Pair]) -> FxHashSet<u32> {
    pairs.iter().flat_map(|pair| [pair.first, pair.second]).collect()
}

/// All pairs that nobody has decided, the likeliest first.
pub(crate) fn find(
    (content, phones): (&Content, &Arc<SharedPhones>),
    (register, texts): (&Register, &Texts),
    of_register: Vec<Pair>,
    newcomers: &[KnownNewcomer],
    before: &PeopleBefore,
    moved: &[(String, String)],
) -> Outcome<Vec<Double>> {
    let entry = |person: u32| {
        let text = texts.get(person);
        DoubleEntry {
            person_id: register.person_id(person).to_owned(),
            id_number: text.id_number.to_owned(),
            name: text.name.to_owned(),
            address: text.address.to_owned(),
            region: register.region(person).number(),
        }
    };
    let of_newcomer = |at: u32| {
        let newcomer = &newcomers[at as usize];
        DoubleEntry {
            person_id: newcomer.person_id.clone(),
            id_number: newcomer.id_number.clone(),
            name: newcomer.name.clone(),
            address: newcomer.address.clone(),
            region: newcomer.region,
        }
    };
    let double = |pair: Pair, entry: &dyn Fn(u32) -> DoubleEntry| Double {
        entries: [entry(pair.first), entry(pair.second)],
        probability: pair.probability,
        evidence: pair.evidence,
    };
    let mut all: Vec<Double> = of_register.into_iter().map(|pair| double(pair, &entry)).collect();
    let nearby = match newcomers {
        [] => Vec::new(),
        newcomers => {
            let weights = content.weights()?.of("").with_shared_phones(phones);
            index_of(newcomers).duplicates_nearby(&weights)
        }
    };
    let pairs = pairs(&nearby);
    all.extend(pairs.into_iter().map(|pair| double(pair, &of_newcomer)));
    let gone: FxHashSet<&str> = moved.iter().map(|(from, _)| from.as_str()).collect();
    all.retain(|Double { entries: [first, second], .. }| {
        let is_gone = |entry: &DoubleEntry| gone.contains(entry.person_id.as_str());
        !is_gone(first) && !is_gone(second) && !before.are_different(&first.person_id, &second.person_id)
    });
    all.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    Ok(all)
}

fn index_of(newcomers: &[KnownNewcomer]) -> Index {
    let mut builder = Index::builder();
    for (household, newcomer) in (0..).zip(newcomers) {
        builder.push(newcomer.entry(household));
    }
    builder.build()
}

fn path(folder: &DataFolder, region: RegionCode, month: Month) -> PathBuf {
    folder.doubles().join(format!("{month}-{region}.json"))
}

/// Keeps the pairs of a clearing; clearing the month again replaces them.
pub(crate) fn keep(
    folder: &DataFolder,
    (region, month): (RegionCode, Month),
    doubles: &[Double],
) -> Outcome<()> {
    let path = path(folder, region, month);
    if doubles.is_empty() && !path.is_file() {
        return Ok(());
    }
    folder.write_json(&path, &doubles)
}

/// The pairs of the latest month of every region that was cleared, each once.
pub fn latest_doubles(folder: &DataFolder) -> Outcome<Vec<Double>> {
    let place = folder.doubles();
    let mut latest: BTreeMap<String, (String, PathBuf)> = BTreeMap::new();
    for entry in std::fs::read_dir(&place).into_iter().flatten() {
        let path = entry.map_err(EngineError::io(&place))?.path();
        let stem = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (Some(month), Some(region)) = (stem.get(..7), stem.get(8..)) else { continue };
        let known = latest.entry(region.to_owned()).or_default();
        if known.0.as_str() < month {
            *known = (month.to_owned(), path);
        }
    }
    let mut all: Vec<Double> = Vec::new();
    for (_, path) in latest.into_values() {
        let of_region: Vec<Double> = folder.read_json(&path)?;
        for double in of_region {
            if !all.iter().any(|known| known.entries == double.entries) {
                all.push(double);
            }
        }
    }
    Ok(all)
}

/// Adds a sheet to the townships where somebody of a pair belongs.
pub(crate) fn hand_out(townships: &mut Townships, doubles: &[Double], population: &Population) {
    let mut sheets: BTreeMap<String, HandoutTable> = BTreeMap::new();
    for double in doubles {
        let mut told: Vec<String> = Vec::new();
        for (own, other) in [(0, 1), (1, 0)] {
            let [own, other] = [&double.entries[own], &double.entries[other]];
            let person = population.register.find_person_id(&own.person_id);
            let Some(row) = person.and_then(|person| population.row(person)) else { continue };
            let region = population.regions[row];
            let township = township_code(region);
            // A pair of one township is one line.
            if !told.contains(&township) {
                let sheet = sheets.entry(township.clone()).or_insert_with(doubles_table);
                sheet.rows.push(doubles_row(region, own, other, double));
                told.push(township);
            }
        }
    }
    let village = |row: &Vec<HandoutCell>| match row.first() {
        Some(HandoutCell::Village(code)) => code.number(),
        _ => 0,
    };
    sheets.values_mut().for_each(|sheet| sheet.rows.sort_by_key(village));
    townships.add_sheets(sheets);
}
