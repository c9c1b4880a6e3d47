//! The register of all people, read from the lake, and the index through which rows find them.

use crate::data_folder::DataFolder;
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half, StoredRoster};
use crate::matching::{RegisterIndex, person_id, person_row};
use crate::settle::{NOBODY, SettledRoster, SettledRow, Standing};
use doudi_linkage::{Index, MatchGrade};
use doudi_register::RegisterBuilder;
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{Place, Problem, Severity};
use rustc_hash::FxHashSet;

/// The register's own people; those whom only other rosters know are added after linking.
pub(crate) struct People {
    pub builder: RegisterBuilder,
    /// The register's files with the person of each row.
    pub files: Vec<SettledRoster>,
    pub problems: Vec<Problem>,
}

/// Names a register by its files, in order.
pub(crate) fn register_key(files: &[StoredRoster]) -> String {
    let mut hasher = Hasher::default();
    for file in files {
        hasher.part(file.key.as_bytes());
    }
    short(&hasher.hex()).to_owned()
}

/// Reads the register; with `index`, also makes what linkage needs.
pub(crate) fn read_register(
    folder: &DataFolder,
    files: &[StoredRoster],
    spec: (usize, &RosterSpec),
    with_index: bool,
) -> Outcome<(People, Option<Index>)> {
    let people = People { builder: RegisterBuilder::new(), files: Vec::new(), problems: Vec::new() };
    let mut reader = RegisterReader {
        people,
        index: with_index.then(RegisterIndex::new),
        columns: IdentityColumns::of(spec.1),
        known: FxHashSet::default(),
    };
    let of_people = |kind| {
        use ColumnKind::{HouseholdNumber, PersonId, Relation};
        matches!(kind, PersonId | HouseholdNumber | Relation)
    };
    let numbers = lake::narrowed(spec.1, |_, column| of_people(column.kind));
    for stored in files {
        let mut rows = Vec::new();
        let identity = lake::read(folder, stored, spec.1, Half::Identity)?;
        let facts = lake::read(folder, stored, &numbers, Half::Facts)?;
        for (identity, facts) in identity.zip(facts) {
            let (identity, facts) = (identity?, facts?);
            if identity.rows != facts.rows {
                return Err(EngineError::damaged(folder.root(), "户籍名册的身份列和事实列对不上"));
            }
            reader.batch(stored, &identity, &facts, &mut rows);
        }
        reader.people.files.push(SettledRoster {
            stored: stored.clone(),
            spec: spec.0,
            rows,
            suspects: Vec::new(),
        });
    }
    Ok((reader.people, reader.index.map(RegisterIndex::build)))
}

struct RegisterReader {
    people: People,
    index: Option<RegisterIndex>,
    columns: IdentityColumns,
    known: FxHashSet<Box<str>>,
}

impl RegisterReader {
    fn batch(
        &mut self,
        stored: &StoredRoster,
        identity: &ObservationBatch,
        facts: &ObservationBatch,
        rows: &mut Vec<SettledRow>,
    ) {
        for (at, row) in identity.rows.iter().enumerate() {
            let place = Place {
                file: stored.file.clone(),
                sheet: stored.sheet.clone(),
                row: Some(*row),
                column: None,
            };
            let person = self.person(identity, facts, at, place);
            rows.push(SettledRow {
                row: *row,
                person: person.unwrap_or(NOBODY),
                standing: if person.is_some() { Standing::Linked } else { Standing::Duplicate },
                grade: MatchGrade::A,
            });
        }
    }

    fn person(
        &mut self,
        identity: &ObservationBatch,
        facts: &ObservationBatch,
        at: usize,
        place: Place,
    ) -> Option<u32> {
        let text = |kind| self.columns.text(identity, kind, at);
        let written = self.columns.text(facts, ColumnKind::PersonId, at);
        let person_id = person_id(written, text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
        if !self.known.insert(person_id.as_str().into()) {
            self.people.problems.push(Problem {
                severity: Severity::Error,
                place,
                what: format!("人员编号“{person_id}”前面已经有了，这一行没有另立一人"),
                next: "请核对是不是同一个人列了两次，或编号写错".into(),
            });
            return None;
        }
        let code = text(ColumnKind::Region);
        let (row, place_of_living) = person_row(&self.columns, (identity, facts), at, &person_id);
        if place_of_living.is_none() && !code.is_empty() {
            self.people.problems.push(Problem {
                severity: Severity::Warning,
                place: Place { column: Some("区划代码".into()), ..place.clone() },
                what: format!("区划代码“{code}”不是 6、9 或 12 位数字，此人暂按同户家人的区划"),
                next: "请改成户籍地的区划代码".into(),
            });
        }
        let number = self.people.builder.push(&row, place)?;
        if let Some(index) = &mut self.index {
            index.push(&row, place_of_living);
        }
        Some(number)
    }
}
