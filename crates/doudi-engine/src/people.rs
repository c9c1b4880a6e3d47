//! The register of all people, read from the lake, and the index through which rows find them.

use crate::data_folder::DataFolder;
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half, StoredRoster};
use crate::matching::{RegisterIndex, person_id, person_row};
use crate::numbered_texts::NumberedTexts;
use crate::settle::{NOBODY, SettledRoster, SettledRow, Standing};
use doudi_linkage::{Index, MatchGrade};
use doudi_register::RegisterBuilder;
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{Place, Problem, Severity};
use std::sync::mpsc::sync_channel;

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

/// Reads the register; with `with_index`, also makes what linkage needs.
pub(crate) fn read_register(
    folder: &DataFolder,
    files: &[StoredRoster],
    spec: (usize, &RosterSpec),
    with_index: bool,
) -> Outcome<(People, Option<Index>)> {
    let rows = RegisterRows::new(folder, spec.1, with_index);
    let mut reader = PeopleReader {
        people: People { builder: RegisterBuilder::new(), files: Vec::new(), problems: Vec::new() },
        columns: IdentityColumns::of(spec.1),
    };
    let settled = |stored: &StoredRoster| SettledRoster {
        stored: stored.clone(),
        spec: spec.0,
        rows: Vec::new(),
        suspects: Vec::new(),
    };
    reader.people.files = files.iter().map(settled).collect();
    // One core unpacks and indexes, the other builds the register of what has been unpacked.
    std::thread::scope(|scope| {
        let (to_reader, batches) = sync_channel::<RegisterBatch>(BATCHES_AHEAD);
        let unpacking = scope.spawn(move || rows.read(files, |batch| to_reader.send(batch).is_ok()));
        let read = batches.into_iter().try_for_each(|batch| reader.batch(&batch));
        let index = unpacking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What could not be unpacked comes before what could not be built of it.
        let (index, _) = index?;
        read?;
        Ok((reader.people, index))
    })
}

/// Only what linkage needs, and by its numbers who everybody is.
pub(crate) fn read_index(
    folder: &DataFolder,
    files: &[StoredRoster],
    spec: &RosterSpec,
) -> Outcome<(Index, NumberedTexts)> {
    let (index, ids) = RegisterRows::new(folder, spec, true).read(files, |_| true)?;
    Ok((index.unwrap_or_else(|| Index::builder().build()), ids))
}

/// Batches that may wait to be built into the register.
const BATCHES_AHEAD: usize = 2;

/// Some rows of the register.
struct RegisterBatch {
    /// Index of the file.
    file: usize,
    identity: ObservationBatch,
    facts: ObservationBatch,
    /// By row: the person's id, and whether an earlier row has it.
    persons: Vec<(String, bool)>,
}

/// The register's rows on their way out of the lake.
struct RegisterRows<'a> {
    folder: &'a DataFolder,
    spec: &'a RosterSpec,
    columns: IdentityColumns,
    index: Option<RegisterIndex>,
    known: NumberedTexts,
}

impl<'a> RegisterRows<'a> {
    fn new(folder: &'a DataFolder, spec: &'a RosterSpec, with_index: bool) -> RegisterRows<'a> {
        RegisterRows {
            folder,
            spec,
            columns: IdentityColumns::of(spec),
            index: with_index.then(RegisterIndex::new),
            known: NumberedTexts::default(),
        }
    }

    /// Hands out batches until `take` has enough.
    fn read(
        mut self,
        files: &[StoredRoster],
        mut take: impl FnMut(RegisterBatch) -> bool,
    ) -> Outcome<(Option<Index>, NumberedTexts)> {
        let of_people = |kind| {
            use ColumnKind::{HouseholdNumber, PersonId, Relation};
            matches!(kind, PersonId | HouseholdNumber | Relation)
        };
        let numbers = lake::narrowed(self.spec, |_, column| of_people(column.kind));
        for (file, stored) in files.iter().enumerate() {
            let identity = lake::read(self.folder, stored, self.spec, Half::Identity)?;
            let facts = lake::read(self.folder, stored, &numbers, Half::Facts)?;
            for (identity, facts) in identity.zip(facts) {
                let (identity, facts) = (identity?, facts?);
                if identity.rows != facts.rows {
                    let what = "户籍名册的身份列和事实列对不上";
                    return Err(EngineError::damaged(self.folder.root(), what));
                }
                let persons = self.persons(&identity, &facts);
                if !take(RegisterBatch { file, identity, facts, persons }) {
                    return Ok((None, self.known));
                }
            }
        }
        Ok((self.index.map(RegisterIndex::build), self.known))
    }

    fn persons(&mut self, identity: &ObservationBatch, facts: &ObservationBatch) -> Vec<(String, bool)> {
        let mut persons = Vec::with_capacity(identity.rows.len());
        for at in 0..identity.rows.len() {
            let text = |kind| self.columns.text(identity, kind, at);
            let written = self.columns.text(facts, ColumnKind::PersonId, at);
            let id = person_id(written, text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
            let repeated = !self.known.number_of(&id).1;
            if let Some(index) = self.index.as_mut().filter(|_| !repeated) {
                let (row, place_of_living) = person_row(&self.columns, (identity, facts), at, &id);
                index.push(&row, place_of_living);
            }
            persons.push((id, repeated));
        }
        persons
    }
}

struct PeopleReader {
    people: People,
    columns: IdentityColumns,
}

impl PeopleReader {
    fn batch(&mut self, batch: &RegisterBatch) -> Outcome<()> {
        let stored = &self.people.files[batch.file].stored;
        let mut place =
            Place { file: stored.file.clone(), sheet: stored.sheet.clone(), row: None, column: None };
        for (at, row) in batch.identity.rows.iter().enumerate() {
            place.row = Some(*row);
            let person = self.person(batch, at, &place)?;
            self.people.files[batch.file].rows.push(SettledRow {
                row: *row,
                person: person.unwrap_or(NOBODY),
                standing: if person.is_some() { Standing::Linked } else { Standing::Duplicate },
                grade: MatchGrade::A,
            });
        }
        Ok(())
    }

    /// The person's number; `None` for somebody whom an earlier row has.
    fn person(&mut self, batch: &RegisterBatch, at: usize, place: &Place) -> Outcome<Option<u32>> {
        let RegisterBatch { identity, facts, .. } = batch;
        let (person_id, repeated) = &batch.persons[at];
        if *repeated {
            self.people.problems.push(Problem {
                severity: Severity::Error,
                place: place.clone(),
                what: format!("人员编号“{person_id}”前面已经有了，这一行没有另立一人"),
                next: "请核对是不是同一个人列了两次，或编号写错".into(),
            });
            return Ok(None);
        }
        let code = self.columns.text(identity, ColumnKind::Region, at);
        let (row, place_of_living) = person_row(&self.columns, (identity, facts), at, person_id);
        if place_of_living.is_none() && !code.is_empty() {
            self.people.problems.push(Problem {
                severity: Severity::Warning,
                place: Place { column: Some("区划代码".into()), ..place.clone() },
                what: format!("区划代码“{code}”不是 6、9 或 12 位数字，此人暂按同户家人的区划"),
                next: "请改成户籍地的区划代码".into(),
            });
        }
        // Linkage counts the same people: from here on the numbers would no longer be the same.
        let full = || EngineError::BadInput("户籍名册太大，一次装不下。请用 --region 按区县分开清算".into());
        self.people.builder.push(&row, place).map(Some).ok_or_else(full)
    }
}
