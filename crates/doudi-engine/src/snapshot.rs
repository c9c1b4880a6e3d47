//! The monthly snapshot: every fact by person number, without identity, named by its content.

use crate::data_folder::{json_text, read_json, write_file};
use crate::digest::sha256_hex;
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, FactSet, FactSource, NO_SOURCE};
use crate::population::Population;
use crate::stored_table::{self, NamedColumn, StoredTable, number_digest, type_word};
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, PERSON, Type};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

/// What a snapshot holds: its own text is what the snapshot's hash is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotManifest {
    pub tables: Vec<TableManifest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableManifest {
    pub file: String,
    pub entity: String,
    pub rows: usize,
    pub columns: Vec<ColumnManifest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnManifest {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Rosters that the column's facts come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<FactSource>,
    pub sha256: String,
}

/// One table on its way to disk.
pub(crate) struct SnapshotTable<'f> {
    pub file: String,
    pub entity: EntityId,
    pub numbers: Vec<(&'static str, Cow<'f, [u32]>)>,
    pub columns: Vec<NamedColumn<'f>>,
    sources: Vec<Vec<FactSource>>,
}

const COMPLETE: &str = "完整.";
/// Column of county codes (six digits) in the households' table.
const COUNTY: &str = "county";

/// The tables of a month's facts.
pub(crate) fn tables<'f>(
    library: &Library,
    population: &'f Population,
    facts: &'f FactSet,
) -> Vec<SnapshotTable<'f>> {
    (0..library.entities.len())
        .map(|index| table(library, population, facts, EntityId(index as u8)))
        .collect()
}

fn table<'f>(
    library: &Library,
    population: &'f Population,
    facts: &'f FactSet,
    entity: EntityId,
) -> SnapshotTable<'f> {
    let found = facts.table(entity);
    let numbers = match entity {
        HOUSEHOLD => {
            let county = |code: doudi_terms::RegionCode| (code.number() / 1_000_000) as u32;
            vec![(COUNTY, population.units.iter().map(|unit| county(unit.county)).collect())]
        }
        PERSON => vec![
            ("person", Cow::Borrowed(population.members.as_slice())),
            ("unit", Cow::Borrowed(population.unit_of.as_slice())),
        ],
        _ => vec![("owner", Cow::Borrowed(found.parents.as_slice()))],
    };
    let mut columns = Vec::new();
    let mut sources = Vec::new();
    for (input, column) in &found.columns {
        let input = &library.inputs[input.index()];
        columns.push(NamedColumn::new(library, &input.name, input.ty, Cow::Borrowed(column)));
        sources.push(sources_of(facts, column));
    }
    // Which lists are complete stands beside their owners.
    for (index, child) in library.entities.iter().enumerate().skip(2) {
        if child.parent == Some(entity) {
            let complete = &facts.tables[index].complete;
            let column = Column::of(complete.iter().map(|complete| Some(i64::from(*complete))));
            let name = format!("{COMPLETE}{}", child.name);
            columns.push(NamedColumn::new(library, &name, Type::YesNo, Cow::Owned(column)));
            sources.push(Vec::new());
        }
    }
    SnapshotTable { file: file_name(entity), entity, numbers, columns, sources }
}

fn file_name(entity: EntityId) -> String {
    match entity {
        HOUSEHOLD => "households.parquet".into(),
        PERSON => "persons.parquet".into(),
        EntityId(number) => format!("records-{number}.parquet"),
    }
}

fn sources_of(facts: &FactSet, column: &Column) -> Vec<FactSource> {
    let mut used = vec![false; facts.sources.len()];
    for source in column.sources().iter().filter(|source| **source != NO_SOURCE) {
        if let Some(used) = used.get_mut(usize::from(*source)) {
            *used = true;
        }
    }
    let mut sources: Vec<FactSource> =
        facts.sources.iter().zip(used).filter(|(_, used)| *used).map(|(source, _)| source.clone()).collect();
    sources.sort();
    sources
}

impl SnapshotTable<'_> {
    fn manifest(&self, library: &Library) -> TableManifest {
        let rows = self.numbers.first().map_or(0, |(_, numbers)| numbers.len());
        let numbers = self.numbers.iter().map(|(name, numbers)| ColumnManifest {
            name: (*name).to_owned(),
            kind: "row".into(),
            sources: Vec::new(),
            sha256: number_digest(name, numbers),
        });
        let columns = self.columns.iter().zip(&self.sources).map(|(column, sources)| ColumnManifest {
            name: column.name.clone(),
            kind: type_word(column.ty).into(),
            sources: sources.clone(),
            sha256: column.digest(),
        });
        TableManifest {
            file: self.file.clone(),
            entity: library.entities[self.entity.index()].name.clone(),
            rows,
            columns: numbers.chain(columns).collect(),
        }
    }
}

/// The manifest's text and its hash.
pub(crate) fn manifest(
    library: &Library,
    tables: &[SnapshotTable<'_>],
) -> Outcome<(SnapshotManifest, String)> {
    let manifest = SnapshotManifest { tables: tables.iter().map(|table| table.manifest(library)).collect() };
    let hash = sha256_hex(json_text(&manifest)?.as_bytes());
    Ok((manifest, hash))
}

/// Writes the tables and the manifest.
pub(crate) fn write(folder: &Path, manifest: &SnapshotManifest, tables: &[SnapshotTable<'_>]) -> Outcome<()> {
    for table in tables {
        let numbers: Vec<(&str, &[u32])> =
            table.numbers.iter().map(|(name, numbers)| (*name, numbers.as_ref())).collect();
        stored_table::write(&folder.join(&table.file), &numbers, &[], &table.columns)?;
    }
    write_file(&folder.join("manifest.json"), json_text(manifest)?.as_bytes())
}

/// The hash of the manifest that lies in a snapshot's folder.
pub(crate) fn stored_manifest(folder: &Path) -> Outcome<(SnapshotManifest, String)> {
    let manifest: SnapshotManifest = read_json(&folder.join("manifest.json"))?;
    let hash = sha256_hex(json_text(&manifest)?.as_bytes());
    Ok((manifest, hash))
}

/// One table of a stored snapshot, without understanding it.
pub(crate) fn stored_tables(folder: &Path, manifest: &SnapshotManifest) -> Outcome<Vec<StoredTable>> {
    manifest.tables.iter().map(|table| stored_table::read(&folder.join(&table.file))).collect()
}

/// The facts of a stored snapshot under the library that it was made with, or under another one: what that library has no
/// name for is left out, what the snapshot does not have is unknown, and options are found by their words.
pub(crate) fn to_facts(
    library: &Library,
    population: &Population,
    manifest: &SnapshotManifest,
    tables: Vec<StoredTable>,
    folder: &Path,
) -> Outcome<FactSet> {
    let mut facts = FactSet::empty(library, population);
    for (described, table) in manifest.tables.iter().zip(tables) {
        let Some(entity) = library.entity_named(&described.entity) else { continue };
        if entity != HOUSEHOLD && entity != PERSON {
            facts.tables[entity.index()].rows = described.rows;
            facts.tables[entity.index()].parents = table.numbers.get("owner").cloned().unwrap_or_default();
        }
        if facts.table(entity).rows != described.rows {
            return Err(EngineError::damaged(folder, format!("“{}”的行数不对", described.entity)));
        }
        for named in table.columns {
            if let Some(child) = named.name.strip_prefix(COMPLETE) {
                if let Some(child) = library.entity_named(child) {
                    facts.tables[child.index()].complete =
                        (0..named.column.len()).map(|owner| named.column.get(owner) == Some(1)).collect();
                }
            } else if let Some(input) = library.input_named(entity, &named.name) {
                let ty = library.inputs[input.index()].ty;
                if let Some(column) = named.under(library, ty) {
                    facts.tables[entity.index()].columns.insert(input, column);
                }
            }
        }
    }
    Ok(facts)
}
