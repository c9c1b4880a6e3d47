//! Roster specifications as a set: read from TOML text, checked, ready to recognise files.

use crate::header::{header_key, header_key_without_brackets};
use crate::validate;
use doudi_terms::roster::RosterSpec;
use doudi_terms::{Place, Problem, Severity};
use std::collections::BTreeMap;
use std::path::Path;

/// All rosters that a county works with, by id.
#[derive(Debug, Clone)]
pub struct SpecSet {
    specs: Vec<IndexedSpec>,
}

/// A specification and its headers made comparable: key -> (column, rank of the name among its synonyms).
#[derive(Debug, Clone)]
pub(crate) struct IndexedSpec {
    pub spec: RosterSpec,
    keys: BTreeMap<String, (usize, usize)>,
}

impl IndexedSpec {
    fn new(spec: RosterSpec) -> IndexedSpec {
        let mut keys = BTreeMap::new();
        for (index, column) in spec.columns.iter().enumerate() {
            let names = std::iter::once(&column.name).chain(&column.synonyms);
            for (rank, name) in names.enumerate() {
                keys.entry(header_key(name)).or_insert((index, rank));
            }
        }
        IndexedSpec { spec, keys }
    }

    /// The column that a header names, and how usual that name is (0 = the column's own).
    pub fn column_of(&self, header: &str) -> Option<(usize, usize)> {
        let exact = self.keys.get(&header_key(header));
        exact.or_else(|| self.keys.get(&header_key_without_brackets(header))).copied()
    }
}

impl SpecSet {
    /// Reads specifications from their texts. Files that are not specifications (samples, `.expected.toml`, `.weights.toml`) are
    /// passed over by name, so a whole folder can be given. All problems are reported at once.
    pub fn from_files<P, T>(files: impl IntoIterator<Item = (P, T)>) -> Result<SpecSet, Vec<Problem>>
    where
        P: AsRef<str>,
        T: AsRef<str>,
    {
        let mut problems = Vec::new();
        let mut specs: Vec<(String, RosterSpec)> = Vec::new();
        for (path, text) in files {
            let path = path.as_ref();
            if !is_spec(path) {
                continue;
            }
            match toml::from_str::<RosterSpec>(text.as_ref()) {
                Ok(spec) => specs.push((path.to_owned(), spec)),
                Err(error) => problems.push(unreadable(path, text.as_ref(), &error)),
            }
        }
        for (path, spec) in &specs {
            problems.extend(validate::spec(path, spec));
        }
        specs.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        problems.extend(validate::ids(&specs));
        let set = SpecSet { specs: specs.iter().map(|(_, spec)| IndexedSpec::new(spec.clone())).collect() };
        if problems.is_empty() {
            let paths: Vec<&str> = specs.iter().map(|(path, _)| path.as_str()).collect();
            problems.extend(validate::told_apart(&set, &paths));
        }
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }

    /// The specification with this id.
    pub fn get(&self, id: &str) -> Option<&RosterSpec> {
        self.iter().find(|spec| spec.id == id)
    }

    /// All specifications in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &RosterSpec> {
        self.specs.iter().map(|indexed| &indexed.spec)
    }

    /// The register of all people.
    pub fn register(&self) -> Option<&RosterSpec> {
        self.iter().find(|spec| spec.register)
    }

    pub(crate) fn indexed(&self) -> &[IndexedSpec] {
        &self.specs
    }
}

/// Whether a file of a folder of specifications is one, by its name.
fn is_spec(path: &str) -> bool {
    path.ends_with(".toml") && !path.ends_with(".expected.toml") && !path.ends_with(".weights.toml")
}

fn unreadable(path: &str, text: &str, error: &toml::de::Error) -> Problem {
    let row = error.span().map(|span| {
        let before = text.get(..span.start).unwrap_or_default();
        u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX)
    });
    Problem {
        severity: Severity::Error,
        place: Place { file: path.to_owned(), row, ..Place::default() },
        what: format!("名册说明读不懂：{}", error.message()),
        next: "请对照 rosters/ 下其他名册的写法修改".to_owned(),
    }
}

/// The specifications of a folder with a folder for each department.
pub fn load_dir(dir: &Path) -> Result<SpecSet, Vec<Problem>> {
    let mut files = Vec::new();
    collect(dir, dir, &mut files).map_err(|error| {
        vec![Problem {
            severity: Severity::Error,
            place: Place { file: dir.display().to_string(), ..Place::default() },
            what: format!("读不了名册说明的文件夹：{error}"),
            next: "请检查 --specs 后面的文件夹是否存在、是否有权读".to_owned(),
        }]
    })?;
    files.sort();
    SpecSet::from_files(files)
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, String)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push((relative.to_string_lossy().replace('\\', "/"), std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}
