//! The monthly snapshot: every fact by person number, without identity, named by its content.

use crate::data_folder::{json_text, read_json, write_file};
use crate::digest::sha256_hex;
use crate::error::{EngineError, Outcome};
use crate::facts::{Column, FactSet, FactSource, NO_SOURCE};
use crate::part_facts::PartFacts;
use crate::parts::Part;
use crate::population::{Population, Unit};
use crate::stored_table::{
    self, ColumnDigest, NamedColumn, StoredTable, TableFile, number_digest, type_word,
};
use crate::texts::Texts;
use crate::two_threads::jobs_in_two_threads;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_register::Register;
use doudi_terms::RegionCode;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

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
    let numbers = numbers(population, entity, || Cow::Borrowed(found.parents.as_slice()));
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
            let column = complete_column(facts, EntityId(index as u8));
            let name = complete_name(&child.name);
            columns.push(NamedColumn::new(library, &name, Type::YesNo, Cow::Owned(column)));
            sources.push(Vec::new());
        }
    }
    SnapshotTable { file: file_name(entity), entity, numbers, columns, sources }
}

/// What tells whose a table's rows are.
fn numbers<'f>(
    population: &'f Population,
    entity: EntityId,
    owners: impl FnOnce() -> Cow<'f, [u32]>,
) -> Vec<(&'static str, Cow<'f, [u32]>)> {
    match entity {
        HOUSEHOLD => {
            let county = |code: RegionCode| (code.number() / 1_000_000) as u32;
            vec![(COUNTY, population.units.iter().map(|unit| county(unit.county)).collect())]
        }
        PERSON => vec![
            ("person", Cow::Borrowed(population.members.as_slice())),
            ("unit", Cow::Borrowed(population.unit_of.as_slice())),
        ],
        _ => vec![("owner", owners())],
    }
}

fn number_manifest(name: &str, numbers: &[u32]) -> ColumnManifest {
    ColumnManifest {
        name: name.to_owned(),
        kind: "row".into(),
        sources: Vec::new(),
        sha256: number_digest(name, numbers),
    }
}

fn complete_name(child: &str) -> String {
    format!("{COMPLETE}{child}")
}

fn complete_column(facts: &FactSet, child: EntityId) -> Column {
    Column::of(facts.tables[child.index()].complete.iter().map(|complete| Some(i64::from(*complete))))
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
        let numbers = self.numbers.iter().map(|(name, numbers)| number_manifest(name, numbers));
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

/// The tables of a month's facts that come in parts, and what is known of them beforehand.
pub(crate) struct WholeSnapshot<'f> {
    library: &'f Library,
    population: &'f Population,
    parts: &'f [Part],
    facts: &'f [PartFacts],
}

/// A column of a whole table.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    Input(InputId),
    /// Whether the owner's list of these records is complete.
    Complete(EntityId),
}

/// A column with its digest on the way.
struct Digested {
    table: usize,
    which: Which,
    digest: ColumnDigest,
    named: NamedColumn<'static>,
    /// By source: whether a cell comes from it.
    sources: Vec<bool>,
}

impl<'f> WholeSnapshot<'f> {
    pub fn new(
        library: &'f Library,
        population: &'f Population,
        parts: &'f [Part],
        facts: &'f [PartFacts],
    ) -> WholeSnapshot<'f> {
        WholeSnapshot { library, population, parts, facts }
    }

    /// The columns of an entity's table: what is known in any part, and which lists are complete.
    fn columns(&self, entity: EntityId) -> Vec<(Which, NamedColumn<'static>)> {
        let known: BTreeSet<InputId> =
            self.facts.iter().flat_map(|part| part.inputs(entity)).copied().collect();
        let blank = || Cow::Owned(Column::unknown(0));
        let inputs = known.into_iter().map(|id| {
            let input = &self.library.inputs[id.index()];
            (Which::Input(id), NamedColumn::new(self.library, &input.name, input.ty, blank()))
        });
        let children = self.library.entities.iter().enumerate().skip(2);
        let complete = children.filter(|(_, child)| child.parent == Some(entity)).map(|(index, child)| {
            let named = NamedColumn::new(self.library, &complete_name(&child.name), Type::YesNo, blank());
            (Which::Complete(EntityId(index as u8)), named)
        });
        inputs.chain(complete).collect()
    }

    fn rows(&self, entity: EntityId) -> usize {
        self.facts.iter().map(|part| part.rows(entity)).sum()
    }

    /// The manifest and its hash.
    pub fn manifest(&self) -> Outcome<(SnapshotManifest, String)> {
        let entities = self.library.entities.len();
        let mut columns: Vec<Digested> = Vec::new();
        for table in 0..entities {
            let entity = EntityId(table as u8);
            let rows = self.rows(entity);
            for (which, named) in self.columns(entity) {
                let digest = named.begin_digest(rows);
                columns.push(Digested { table, which, digest, named, sources: Vec::new() });
            }
        }
        // A digest is first of what is known in all parts, then of the values of all parts.
        for part in self.facts {
            let facts = part.facts()?;
            jobs_in_two_threads(columns.iter_mut().collect(), |column: &mut Digested| {
                column.add_known(&facts)
            });
        }
        columns.iter_mut().for_each(|column| column.digest.begin_values());
        for part in self.facts {
            let facts = part.facts()?;
            jobs_in_two_threads(columns.iter_mut().collect(), |column: &mut Digested| {
                column.add_values(&facts)
            });
        }
        let sources = self.facts.first().map_or(&[][..], PartFacts::sources);
        let mut tables: Vec<TableManifest> = Vec::with_capacity(entities);
        for table in 0..entities {
            tables.push(self.table_manifest(EntityId(table as u8)));
        }
        for column in columns {
            tables[column.table].columns.push(column.manifest(sources));
        }
        let manifest = SnapshotManifest { tables };
        let hash = sha256_hex(json_text(&manifest)?.as_bytes());
        Ok((manifest, hash))
    }

    /// Without the columns of facts.
    fn table_manifest(&self, entity: EntityId) -> TableManifest {
        let numbers = self.numbers(entity);
        TableManifest {
            file: file_name(entity),
            entity: self.library.entities[entity.index()].name.clone(),
            rows: numbers.first().map_or(0, |(_, numbers)| numbers.len()),
            columns: numbers.iter().map(|(name, numbers)| number_manifest(name, numbers)).collect(),
        }
    }

    fn numbers(&self, entity: EntityId) -> Vec<(&'static str, Cow<'f, [u32]>)> {
        numbers(self.population, entity, || {
            let parts = self.parts.iter().zip(self.facts);
            parts.flat_map(|(part, facts)| facts.owners(self.library, entity, part)).collect()
        })
    }

    /// Writes the tables and the manifest.
    pub fn write(&self, folder: &Path, manifest: &SnapshotManifest) -> Outcome<()> {
        let entities = (0..self.library.entities.len()).map(|index| EntityId(index as u8));
        let tables = entities.map(|entity| {
            let file = TableFile::new(&folder.join(file_name(entity)));
            (entity, file, self.numbers(entity), self.columns(entity), 0)
        });
        let mut tables: Vec<_> = tables.collect();
        for part in self.facts {
            let facts = part.facts()?;
            let written = jobs_in_two_threads(tables.iter_mut().collect(), |table| {
                let (entity, file, numbers, columns, start) = table;
                let rows = *start..*start + part.rows(*entity);
                *start = rows.end;
                let numbers: Vec<(&str, &[u32])> =
                    numbers.iter().map(|(name, numbers)| (*name, &numbers[rows.clone()])).collect();
                let columns = columns.iter().map(|(which, named)| NamedColumn {
                    column: which.of(&facts).unwrap_or_else(|| Cow::Owned(Column::unknown(rows.len()))),
                    ..named.clone()
                });
                file.append(&numbers, &[], &columns.collect::<Vec<_>>())
            });
            written.into_iter().collect::<Outcome<()>>()?;
        }
        tables.into_iter().try_for_each(|(_, file, ..)| file.finish())?;
        write_file(&folder.join("manifest.json"), json_text(manifest)?.as_bytes())
    }
}

impl Which {
    /// The column in a part; `None` = nothing is known there.
    fn of(self, facts: &FactSet) -> Option<Cow<'_, Column>> {
        match self {
            Which::Input(id) => {
                let columns = facts.tables.iter().find_map(|table| table.columns.get(&id));
                columns.map(Cow::Borrowed)
            }
            Which::Complete(child) => Some(Cow::Owned(complete_column(facts, child))),
        }
    }
}

impl Digested {
    fn add_known(&mut self, facts: &FactSet) {
        let column = self.which.of(facts);
        self.digest.add_known(column.as_deref(), facts.tables[self.table].rows);
        if let (Which::Input(_), Some(column)) = (self.which, &column) {
            self.sources.resize(facts.sources.len().max(self.sources.len()), false);
            for source in column.sources().iter().filter(|source| **source != NO_SOURCE) {
                if let Some(used) = self.sources.get_mut(usize::from(*source)) {
                    *used = true;
                }
            }
        }
    }

    fn add_values(&mut self, facts: &FactSet) {
        let column = self.which.of(facts);
        self.digest.add_values(column.as_deref(), facts.tables[self.table].rows);
    }

    fn manifest(self, sources: &[FactSource]) -> ColumnManifest {
        let used = sources.iter().zip(&self.sources).filter(|(_, used)| **used);
        let mut sources: Vec<FactSource> = used.map(|(source, _)| source.clone()).collect();
        sources.sort();
        let kind = type_word(self.named.ty).into();
        ColumnManifest { name: self.named.name, kind, sources, sha256: self.digest.hex() }
    }
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

/// People and units as a stored snapshot has them, without the register: enough to run the law, not to name anybody.
pub(crate) fn population_of(
    manifest: &SnapshotManifest,
    tables: &[StoredTable],
    folder: &Path,
) -> Outcome<Population> {
    let numbers = |file: &str, name: &str| {
        let table = manifest.tables.iter().position(|table| table.file == file).and_then(|at| tables.get(at));
        let found = table.and_then(|table| table.numbers.get(name));
        found.cloned().ok_or_else(|| EngineError::damaged(folder, format!("{file} 里没有“{name}”列")))
    };
    let counties = numbers(&file_name(HOUSEHOLD), COUNTY)?;
    let unit_of = numbers(&file_name(PERSON), "unit")?;
    let members = numbers(&file_name(PERSON), "person")?;
    let mut units: Vec<Unit> = Vec::with_capacity(counties.len());
    let mut start = 0;
    for (unit, county) in counties.iter().enumerate() {
        let code = RegionCode::parse(&format!("{county:06}"));
        let county = code.map_err(|_| EngineError::damaged(folder, format!("县代码 {county} 不成立")))?;
        let end = start + unit_of[start..].iter().take_while(|of| **of as usize == unit).count();
        units.push(Unit { key: Box::default(), county, start: start as u32, end: end as u32 });
        start = end;
    }
    Ok(Population {
        register: Arc::new(Register::default()),
        texts: Arc::new(Texts::of_nobody()),
        units,
        regions: vec![RegionCode::COUNTRY; members.len()],
        members,
        unit_of,
        row_of: Vec::new(),
        first_member: 0,
    })
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
