//! Clearings that were done: what next month may ask of them.

use crate::certificate::Certificate;
use crate::clearing::{Request, record_of};
use crate::content::Content;
use crate::data_folder::{DataFolder, read_json, read_json_if_any, write_json};
use crate::digest::Hasher;
use crate::error::{EngineError, Outcome};
use crate::facts::{LastMonthFacts, StoredColumn, last_month_path};
use crate::parts::Part;
use crate::population::Population;
use crate::remembered::Remembered;
use crate::settle::NOBODY;
use crate::snapshot;
use crate::stored_table::{self, NamedColumn, StoredTable};
use doudi_policy::last_month_inputs;
use doudi_register::Register;
use doudi_terms::{Month, RegionCode};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Where the results of a clearing lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearingRecord {
    pub region: String,
    pub month: String,
    pub snapshot_hash: String,
    pub determination_hash: String,
    /// Of the numbers and keys of people and units.
    #[serde(default)]
    pub people_hash: String,
}

impl ClearingRecord {
    fn place(&self) -> Outcome<(RegionCode, Month)> {
        match (RegionCode::parse(&self.region), Month::parse(&self.month)) {
            (Ok(region), Some(month)) => Ok((region, month)),
            _ => {
                Err(EngineError::Internal(format!("记录的地区“{}”或月份“{}”不成立", self.region, self.month)))
            }
        }
    }
}

/// People and units by row; identity, so apart from the snapshot.
fn people_folder(folder: &DataFolder, record: &ClearingRecord) -> PathBuf {
    let own = Some(record.people_hash.as_str()).filter(|hash| !hash.is_empty());
    let hash = crate::digest::short(own.unwrap_or(&record.snapshot_hash));
    folder.root().join("identity").join("clearings").join(&record.region).join(&record.month).join(hash)
}

/// Keeps what next month may ask for.
pub(crate) fn write(
    request: &Request<'_>,
    certificate: &Certificate,
    (population, parts): (&Population, &[Part]),
    remembered: &Remembered,
) -> Outcome<()> {
    let (folder, library) = (request.folder, &request.content.library);
    let mut hasher = Hasher::default();
    for digest in remembered.digests(library, population)? {
        hasher.part(digest.as_bytes());
    }
    let ids: Vec<&str> = (0..population.len()).map(|row| population.person_id(row)).collect();
    let keys: Vec<&str> = population.units.iter().map(|unit| unit.key.as_ref()).collect();
    let record = record_of(certificate, &hasher.hex(), &people_hash(population, &ids, &keys));
    let place = folder.determination(request.region, request.month, &record.determination_hash);
    remembered.write(&place, library, (population, parts))?;
    let units: Vec<u32> = (0..population.units.len() as u32).collect();
    let people = people_folder(folder, &record);
    let persons = [("person", population.members.as_slice()), ("unit", population.unit_of.as_slice())];
    stored_table::write(folder.spot(&people.join("persons.parquet")), &persons, &[("person_id", ids)], &[])?;
    stored_table::write(
        folder.spot(&people.join("units.parquet")),
        &[("unit", &units)],
        &[("key", keys)],
        &[],
    )?;
    write_json(&folder.clearing(request.region, request.month), &record)
}

fn people_hash(population: &Population, ids: &[&str], keys: &[&str]) -> String {
    let mut hasher = Hasher::default();
    hasher.part(stored_table::number_digest("unit", &population.unit_of).as_bytes());
    for text in ids.iter().chain(keys) {
        hasher.part(text.as_bytes());
    }
    hasher.hex()
}

/// Last month's clearing of this region, or of one that holds it, with the path of its record.
pub(crate) fn find_last_month(
    folder: &DataFolder,
    region: RegionCode,
    month: Month,
) -> Outcome<Option<(String, ClearingRecord)>> {
    let mut place = Some(region);
    while let Some(region) = place {
        let path = folder.clearing(region, month.previous());
        if let Some(record) = read_json_if_any(&path)? {
            let relative = path.strip_prefix(folder.root()).unwrap_or(&path);
            return Ok(Some((relative.to_string_lossy().replace('\\', "/"), record)));
        }
        place = region.parent();
    }
    Ok(None)
}

/// The record that a certificate names.
pub(crate) fn record_at(folder: &DataFolder, path: &str) -> Outcome<ClearingRecord> {
    read_json(&folder.root().join(path))
}

/// Reads a clearing's people, and of its facts and results those that some rule or list asks for. `register` is today's;
/// `moved`: who is somebody else by now; what was known of them last month is known of that person, unless they had a row
/// of their own.
pub(crate) fn read(
    folder: &DataFolder,
    content: &Content,
    record: &ClearingRecord,
    (register, moved): (&Register, &[(String, String)]),
) -> Outcome<LastMonthFacts> {
    let asked = asked(content);
    let (region, month) = record.place()?;
    let people = people_folder(folder, record);
    let persons = stored_table::read(folder.spot(&people.join("persons.parquet")))?;
    let units = stored_table::read(folder.spot(&people.join("units.parquet")))?;
    let mut columns: BTreeMap<String, StoredColumn> = BTreeMap::new();
    let snapshot_folder = folder.snapshot(region, month, &record.snapshot_hash);
    let (manifest, _) = snapshot::stored_manifest(&snapshot_folder)?;
    for described in &manifest.tables {
        let wanted = |name: &str| asked.contains(&format!("{}.{name}", described.entity));
        let table = stored_table::read_some(&snapshot_folder.join(&described.file), wanted)?;
        for named in table.columns {
            add(&mut columns, &asked, format!("{}.{}", described.entity, named.name), named);
        }
    }
    let place = folder.determination(region, month, &record.determination_hash);
    for file in ["households.parquet", "persons.parquet"] {
        for named in stored_table::read(&place.join(file))?.columns {
            add(&mut columns, &asked, named.name.clone(), named);
        }
    }
    Ok(LastMonthFacts {
        month: record.month.clone(),
        rows: rows_today(&persons, register, moved),
        unit_of: persons.numbers.get("unit").cloned().unwrap_or_default(),
        units: numbered(&units, "key"),
        columns,
    })
}

/// Paths of what 上月 means somewhere, and of who was enrolled in a programme.
fn asked(content: &Content) -> BTreeSet<String> {
    let library = &content.library;
    let inputs = last_month_inputs(library).map(|(_, of)| last_month_path(library, of));
    let enrolled = content.clearing.programmes.iter().map(|programme| programme.enrolled.clone());
    inputs.chain(enrolled).collect()
}

fn add(
    columns: &mut BTreeMap<String, StoredColumn>,
    asked: &BTreeSet<String>,
    path: String,
    named: NamedColumn<'_>,
) {
    if !asked.contains(&path) {
        return;
    }
    let column = named.column.into_owned();
    columns.insert(path, StoredColumn { ty: named.ty, labels: named.labels, column });
}

/// By today's number of a person, where they stood in last month's table of persons.
fn rows_today(persons: &StoredTable, register: &Register, moved: &[(String, String)]) -> Vec<u32> {
    let mut rows = vec![NOBODY; register.len() as usize];
    let moved_from: FxHashSet<&str> = moved.iter().map(|(from, _)| from.as_str()).collect();
    let mut rows_from: FxHashMap<&str, u32> = FxHashMap::default();
    let ids = persons.texts.get("person_id").map_or(&[][..], Vec::as_slice);
    for (id, row) in ids.iter().zip(0..) {
        if moved_from.contains(&**id) {
            rows_from.insert(id, row);
        }
        if let Some(person) = register.find_person_id(id) {
            rows[person as usize] = row;
        }
    }
    for (from, to) in moved {
        if let (Some(row), Some(person)) = (rows_from.get(from.as_str()), register.find_person_id(to))
            && rows[person as usize] == NOBODY
        {
            rows[person as usize] = *row;
        }
    }
    rows
}

fn numbered(table: &StoredTable, name: &str) -> FxHashMap<Box<str>, u32> {
    let texts = table.texts.get(name).map_or(&[][..], Vec::as_slice);
    texts.iter().zip(0..).map(|(text, row)| (text.clone(), row)).collect()
}
