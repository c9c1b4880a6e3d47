//! What next month may ask for: results of rules, part by part in files until all of a month are known.

use crate::content::Content;
use crate::determine::Determined;
use crate::error::{EngineError, Outcome};
use crate::facts::Column;
use crate::parts::Part;
use crate::population::Population;
use crate::stored_table::{ColumnDigest, NamedColumn, TableFile};
use crate::temporary_file::TemporaryFile;
use crate::two_threads::jobs_in_two_threads;
use doudi_policy::Library;
use doudi_policy::ir::{HOUSEHOLD, RuleId};
use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The rules and, by part, their columns in the order of the rules.
pub(crate) struct Remembered {
    /// By path, with the rule.
    rules: Vec<(String, RuleId)>,
    parts: Vec<TemporaryFile>,
    folder: PathBuf,
}

impl Remembered {
    /// `folder` is where the parts wait.
    pub fn new(folder: PathBuf) -> Remembered {
        Remembered { rules: Vec::new(), parts: Vec::new(), folder }
    }

    /// Keeps the results of the next part.
    pub fn add(&mut self, columns: PartColumns) -> Outcome<()> {
        let path = self.folder.join(format!("remembered-{}", self.parts.len()));
        let (part, mut file) = TemporaryFile::create(path)?;
        file.write_all(&columns.bytes).map_err(EngineError::io(part.path()))?;
        self.parts.push(part);
        self.rules = columns.rules;
        Ok(())
    }

    /// The digests of all columns, in the order of the rules.
    pub fn digests(&self, library: &Library, population: &Population) -> Outcome<Vec<String>> {
        let begin = |named: NamedColumn<'static>, rule: RuleId| {
            let rows = if is_of_household(library, rule) { population.units.len() } else { population.len() };
            named.begin_digest(rows)
        };
        let named = self.rules.iter().map(|(path, rule)| (named(library, path, *rule), *rule));
        let mut digests: Vec<_> = named.map(|(named, rule)| begin(named, rule)).collect();
        // A digest is first of what is known in all parts, then of the values of all parts.
        self.add_to(&mut digests, ColumnDigest::add_known)?;
        digests.iter_mut().for_each(ColumnDigest::begin_values);
        self.add_to(&mut digests, ColumnDigest::add_values)?;
        Ok(digests.into_iter().map(|digest| digest.hex()).collect())
    }

    fn add_to(
        &self,
        digests: &mut [ColumnDigest],
        add: fn(&mut ColumnDigest, Option<&Column>, usize),
    ) -> Outcome<()> {
        for part in &self.parts {
            let columns = self.read(part)?;
            let jobs: Vec<(&mut ColumnDigest, &Column)> = digests.iter_mut().zip(&columns).collect();
            jobs_in_two_threads(jobs, |(digest, column)| add(digest, Some(column), column.len()));
        }
        Ok(())
    }

    /// Writes the tables of households and persons.
    pub fn write(
        &self,
        folder: &Path,
        library: &Library,
        (population, parts): (&Population, &[Part]),
    ) -> Outcome<()> {
        let mut households = TableFile::new(&folder.join("households.parquet"));
        let mut persons = TableFile::new(&folder.join("persons.parquet"));
        for (part, kept) in parts.iter().zip(&self.parts) {
            let mut columns: [Vec<NamedColumn<'_>>; 2] = [Vec::new(), Vec::new()];
            for ((path, rule), column) in self.rules.iter().zip(self.read(kept)?) {
                let column = NamedColumn { column: Cow::Owned(column), ..named(library, path, *rule) };
                columns[usize::from(!is_of_household(library, *rule))].push(column);
            }
            let units: Vec<u32> = (part.units.start as u32..part.units.end as u32).collect();
            households.append(&[("unit", &units)], &[], &columns[0])?;
            persons.append(&[("person", &population.members[part.rows.clone()])], &[], &columns[1])?;
        }
        households.finish()?;
        persons.finish()
    }

    fn read(&self, part: &TemporaryFile) -> Outcome<Vec<Column>> {
        let bytes = std::fs::read(part.path()).map_err(EngineError::io(part.path()))?;
        let mut rest = bytes.as_slice();
        let columns = self.rules.iter().map(|_| Column::read(&mut rest)).collect::<Option<Vec<_>>>();
        columns.ok_or_else(|| EngineError::damaged(part.path(), "暂存的认定结果不完整"))
    }
}

/// The columns of one part, as bytes.
#[derive(Default)]
pub(crate) struct PartColumns {
    rules: Vec<(String, RuleId)>,
    bytes: Vec<u8>,
}

impl PartColumns {
    pub fn of(content: &Content, determined: &Determined) -> PartColumns {
        let mut found = PartColumns::default();
        for (path, rule, column) in determined.remembered(content) {
            found.rules.push((path, rule));
            column.write(&mut found.bytes);
        }
        found
    }
}

fn named(library: &Library, path: &str, rule: RuleId) -> NamedColumn<'static> {
    NamedColumn::new(library, path, library.rules[rule.index()].ty, Cow::Owned(Column::unknown(0)))
}

fn is_of_household(library: &Library, rule: RuleId) -> bool {
    library.rules[rule.index()].entity == HOUSEHOLD
}
