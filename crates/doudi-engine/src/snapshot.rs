//! The monthly snapshot: every fact by person number, without identity, named by its content.

use crate::data_folder::{json_text, read_json, write_file};
use crate::digest::sha256_hex;
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, FactSet, FactSource, NO_SOURCE};
use crate::population::Population;
use crate::stored_table::{self, NamedColumn, StoredTable, number_digest, type_word};
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, PERSON};
use serde::{Deserialize, Serialize};
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

/// One table on its way to or from disk.
pub(crate) struct SnapshotTable {
    pub file: String,
    pub entity: EntityId,
    pub numbers: Vec<(String, Vec<u32>)>,
    pub columns: Vec<NamedColumn>,
    sources: Vec<Vec<FactSource>>,
}

const COMPLETE: &str = "完整.";
/// Column of county codes (six digits) in the households' table.
const COUNTY: &str = "county";

/// The tables of a month's facts.
pub(crate) fn tables(library: &Library, population: &Population, facts: &FactSet) -> Vec<SnapshotTable> {
    (0..library.entities.len())
        .map(|index| table(library, population, facts, EntityId(index as u8)))
        .collect()
}

fn table(library: &Library, population: &Population, facts: &FactSet, entity: EntityId) -> SnapshotTable {
    let found = facts.table(entity);
    let numbers = match entity {
        HOUSEHOLD => {
            let county = |code: doudi_terms::RegionCode| (code.number() / 1_000_000) as u32;
            vec![(COUNTY.to_owned(), population.units.iter().map(|unit| county(unit.county)).collect())]
        }
        PERSON => vec![
            ("person".to_owned(), population.members.clone()),
            ("unit".to_owned(), population.unit_of.clone()),
        ],
        _ => vec![("owner".to_owned(), found.parents.clone())],
    };
    let mut columns = Vec::new();
    let mut sources = Vec::new();
    for (input, column) in &found.columns {
        let input = &library.inputs[input.index()];
        columns.push(NamedColumn::new(library, &input.name, input.ty, column.clone()));
        sources.push(sources_of(facts, column));
    }
    // Which lists are complete stands beside their owners.
    for (index, child) in library.entities.iter().enumerate().skip(2) {
        if child.parent == Some(entity) {
            let complete = &facts.tables[index].complete;
            let column = Column {
                values: complete.iter().map(|complete| i64::from(*complete)).collect(),
                sources: vec![0; complete.len()],
            };
            let name = format!("{COMPLETE}{}", child.name);
            columns.push(NamedColumn::new(library, &name, doudi_policy::ir::Type::YesNo, column));
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
    for source in column.sources.iter().filter(|source| **source != NO_SOURCE) {
        if let Some(used) = used.get_mut(usize::from(*source)) {
            *used = true;
        }
    }
    let mut sources: Vec<FactSource> =
        facts.sources.iter().zip(used).filter(|(_, used)| *used).map(|(source, _)| source.clone()).collect();
    sources.sort();
    sources
}

impl SnapshotTable {
    fn manifest(&self, library: &Library) -> TableManifest {
        let rows = self.numbers.first().map_or(0, |(_, numbers)| numbers.len());
        let numbers = self.numbers.iter().map(|(name, numbers)| ColumnManifest {
            name: name.clone(),
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
pub(crate) fn manifest(library: &Library, tables: &[SnapshotTable]) -> Outcome<(SnapshotManifest, String)> {
    let manifest = SnapshotManifest { tables: tables.iter().map(|table| table.manifest(library)).collect() };
    let hash = sha256_hex(json_text(&manifest)?.as_bytes());
    Ok((manifest, hash))
}

/// Writes the tables and the manifest.
pub(crate) fn write(folder: &Path, manifest: &SnapshotManifest, tables: &[SnapshotTable]) -> Outcome<()> {
    for table in tables {
        let numbers: Vec<(&str, &[u32])> =
            table.numbers.iter().map(|(name, numbers)| (name.as_str(), numbers.as_slice())).collect();
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
                        named.column.values.iter().map(|value| *value != 0).collect();
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
