//! A month as it was cleared: its people and its facts, read again from the data folder.

use crate::clearing::{Link, Step, Ties, prepare};
use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::facts::FactSet;
use crate::imports::{ClearedFrom, cleared_months};
use crate::people_before::PeopleBefore;
use crate::population::Population;
use crate::snapshot::{self, SnapshotManifest};
use doudi_policy::Library;
use doudi_terms::{Month, RegionCode};
use std::path::PathBuf;

/// The latest clearing of a region and month, with the hashes of what it used.
#[derive(Clone, Debug)]
pub struct KeptMonth {
    pub region: RegionCode,
    pub month: Month,
    pub policies_hash: String,
    pub specs_hash: String,
    noted: ClearedFrom,
}

impl KeptMonth {
    pub(crate) fn snapshot_hash(&self) -> &str {
        &self.noted.snapshot_hash
    }
}

/// Every month of which enough was kept to look at it again, by region and month.
pub fn kept_months(folder: &DataFolder) -> Outcome<Vec<KeptMonth>> {
    let noted = cleared_months(folder)?.into_iter().filter(|noted| !noted.snapshot_hash.is_empty());
    let kept = noted.filter_map(|noted| {
        Some(KeptMonth {
            region: RegionCode::parse(&noted.region).ok()?,
            month: Month::parse(&noted.month)?,
            policies_hash: noted.policies_hash.clone(),
            specs_hash: noted.specs_hash.clone(),
            noted,
        })
    });
    Ok(kept.collect())
}

/// People, units and facts of a month.
pub struct Basis {
    pub kept: KeptMonth,
    pub(super) population: Population,
    library: Library,
    manifest: SnapshotManifest,
    folder: PathBuf,
}

impl Basis {
    /// Reads a month; `content` is what it was cleared with.
    pub fn read(folder: &DataFolder, kept: &KeptMonth, content: &Content) -> Outcome<Basis> {
        let people_before = PeopleBefore::load(folder, kept.noted.people_before_hash.as_deref())?;
        let ties = Ties { link: Link::Never, links_key: kept.noted.links.as_deref(), people_before };
        let prepared = prepare(folder, content, kept.region, &kept.noted.inputs, ties, &|_: Step| {})?;
        let place = folder.snapshot(kept.region, kept.month, &kept.noted.snapshot_hash);
        let (manifest, hash) = snapshot::stored_manifest(&place)?;
        if hash != kept.noted.snapshot_hash {
            return Err(EngineError::damaged(&place, "快照清单与摸排时不同"));
        }
        Ok(Basis {
            kept: kept.clone(),
            population: prepared.population,
            library: content.library.clone(),
            manifest,
            folder: place,
        })
    }

    /// Codes of the counties that have people.
    pub fn counties(&self) -> Vec<RegionCode> {
        self.population.counties().into_iter().map(|(county, _)| county).collect()
    }

    pub fn persons(&self) -> usize {
        self.population.len()
    }

    /// Assistance units.
    pub fn households(&self) -> usize {
        self.population.units.len()
    }

    /// The facts as a library has names for them.
    pub(super) fn facts(&self, library: &Library) -> Outcome<FactSet> {
        for entity in &library.entities {
            let own = self.library.entity_named(&entity.name).map(|id| &self.library.entities[id.index()]);
            if own.is_some_and(|own| owner(&self.library, own.parent) != owner(library, entity.parent)) {
                let what = "在摸排时的政策里属于别的实体，按这份政策不能用当时的快照";
                return Err(EngineError::Content(format!("记录“{}”{what}", entity.name)));
            }
        }
        let tables = snapshot::stored_tables(&self.folder, &self.manifest)?;
        let persons = self.manifest.tables.iter().position(|table| table.file == "persons.parquet");
        let persons = persons.and_then(|at| tables.get(at));
        let numbers = |name: &str| persons.and_then(|table| table.numbers.get(name)).map(Vec::as_slice);
        let (members, units) = (&self.population.members, &self.population.unit_of);
        if numbers("person") != Some(members.as_slice()) || numbers("unit") != Some(units.as_slice()) {
            let what = "人员或分户与名册对不上，名册可能在摸排以后动过";
            return Err(EngineError::damaged(&self.folder, what));
        }
        snapshot::to_facts(library, &self.population, &self.manifest, tables, &self.folder)
    }

    /// Facts that a library asks for and the month's policies had no name for: nobody knows them here.
    pub fn unknown_facts(&self, library: &Library) -> Vec<String> {
        let path = |input: &doudi_policy::ir::Input| {
            format!("{}.{}", library.entities[input.entity.index()].name, input.name)
        };
        let new = library.inputs.iter().map(path);
        new.filter(|path| self.library.input_by_path(path).is_none()).collect()
    }
}

fn owner(library: &Library, parent: Option<doudi_policy::ir::EntityId>) -> Option<&str> {
    parent.map(|parent| library.entities[parent.index()].name.as_str())
}
