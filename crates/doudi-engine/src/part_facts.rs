//! The facts of one part, kept in memory or in a file until somebody needs them.

use crate::data_folder::make_parent;
use crate::error::{EngineError, Outcome};
use crate::facts::{FactSet, FactSource};
use crate::parts::Part;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, InputId, PERSON};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Facts of some people; rows are counted as in these people.
pub(crate) struct PartFacts {
    kept: Kept,
    sources: Vec<FactSource>,
    /// By entity: of which inputs something is known.
    inputs: Vec<Vec<InputId>>,
    /// By entity.
    rows: Vec<usize>,
    /// By kind of record: the owners.
    owners: Vec<Vec<u32>>,
}

enum Kept {
    Memory(FactSet),
    File(PathBuf),
    /// Given away.
    Nowhere,
}

impl PartFacts {
    /// With `file`, they lie there as long as this is.
    pub fn new(facts: FactSet, file: Option<PathBuf>) -> Outcome<PartFacts> {
        let records = |index: usize| index > PERSON.index();
        let tables = facts.tables.iter().enumerate();
        let mut made = PartFacts {
            sources: facts.sources.clone(),
            inputs: facts.tables.iter().map(|table| table.columns.keys().copied().collect()).collect(),
            rows: facts.tables.iter().map(|table| table.rows).collect(),
            owners: tables
                .map(|(index, table)| if records(index) { table.parents.clone() } else { Vec::new() })
                .collect(),
            kept: Kept::Nowhere,
        };
        made.kept = match file {
            None => Kept::Memory(facts),
            Some(path) => {
                make_parent(&path)?;
                std::fs::write(&path, facts.to_bytes()).map_err(EngineError::io(&path))?;
                Kept::File(path)
            }
        };
        Ok(made)
    }

    pub fn inputs(&self, entity: EntityId) -> &[InputId] {
        &self.inputs[entity.index()]
    }

    pub fn rows(&self, entity: EntityId) -> usize {
        self.rows[entity.index()]
    }

    /// The same in every part.
    pub fn sources(&self) -> &[FactSource] {
        &self.sources
    }

    /// Whose records these are, counted as in all people.
    pub fn owners<'s>(
        &'s self,
        library: &Library,
        entity: EntityId,
        part: &Part,
    ) -> impl Iterator<Item = u32> + use<'s> {
        let of_person = library.entities[entity.index()].parent == Some(PERSON);
        let first = if of_person { part.rows.start } else { part.units.start } as u32;
        self.owners[entity.index()].iter().map(move |owner| owner + first)
    }

    pub fn facts(&self) -> Outcome<Cow<'_, FactSet>> {
        match &self.kept {
            Kept::Memory(facts) => Ok(Cow::Borrowed(facts)),
            Kept::File(path) => Ok(Cow::Owned(self.read(path)?)),
            Kept::Nowhere => Err(EngineError::Internal("事实已经交出".into())),
        }
    }

    /// Gives the facts away: nobody asks a second time.
    pub fn take(&mut self) -> Outcome<FactSet> {
        let facts = match &self.kept {
            Kept::File(path) => Some(self.read(path)?),
            Kept::Memory(_) | Kept::Nowhere => None,
        };
        self.forget_file();
        match (std::mem::replace(&mut self.kept, Kept::Nowhere), facts) {
            (Kept::Memory(facts), _) | (Kept::File(_), Some(facts)) => Ok(facts),
            _ => Err(EngineError::Internal("事实已经交出".into())),
        }
    }

    fn read(&self, path: &Path) -> Outcome<FactSet> {
        let bytes = std::fs::read(path).map_err(EngineError::io(path))?;
        let facts = FactSet::from_bytes(&bytes, self.rows.len(), self.sources.clone());
        facts.ok_or_else(|| EngineError::damaged(path, "暂存的事实不完整"))
    }

    fn forget_file(&self) {
        if let Kept::File(path) = &self.kept {
            // What stays lies among things that the next import clears away.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for PartFacts {
    fn drop(&mut self) {
        self.forget_file();
    }
}
