//! Rows of files as linkage takes them: a register becomes an index, a roster's row a question. The clearing and
//! `doudi link` both come through here, so that one row has one answer.

use crate::digest::sha256_hex;
use crate::identity::{IdentityColumns, region, sex, sex_and_birth};
use doudi_linkage::{Index, IndexBuilder, PersonEntry, RosterRow};
use doudi_register::PersonRow;
use doudi_terms::RegionCode;
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterSpec};
use rustc_hash::{FxHashMap, FxHashSet};

/// Tells linkage of the register's people, in their order.
pub(crate) struct RegisterIndex {
    builder: IndexBuilder,
    /// The dense number of each household number.
    households: FxHashMap<Box<str>, u32>,
}

impl RegisterIndex {
    pub fn new() -> RegisterIndex {
        RegisterIndex { builder: Index::builder(), households: FxHashMap::default() }
    }

    /// Adds the next person; `region` where it is known.
    pub fn push(&mut self, person: &PersonRow<'_>, region: Option<RegionCode>) {
        let next = self.households.len() as u32;
        let household = match person.household_number {
            // Somebody without a household number lives with nobody.
            "" => u32::MAX - self.builder.len() as u32,
            written => match self.households.get(written) {
                Some(&known) => known,
                None => *self.households.entry(written.into()).or_insert(next),
            },
        };
        self.builder.push(PersonEntry {
            id_number: person.id_number,
            name: person.name,
            birth: person.birth,
            sex: person.sex,
            region,
            address: person.address,
            phone: person.phone,
            account: person.account,
            household,
        });
    }

    pub fn build(self) -> Index {
        self.builder.build()
    }
}

/// The register's own number of a person, or one made of what the row says.
pub(crate) fn person_id(written: &str, id_number: &str, name: &str) -> String {
    match written {
        "" => format!("R{}", &sha256_hex(format!("{id_number}|{name}").as_bytes())[..12]),
        written => written.to_owned(),
    }
}

/// A person as a row of the register's file has it; identity and other columns may come in two halves of the file.
pub(crate) fn person_row<'b>(
    columns: &IdentityColumns,
    (identity, facts): (&'b ObservationBatch, &'b ObservationBatch),
    at: usize,
    person_id: &'b str,
) -> (PersonRow<'b>, Option<RegionCode>) {
    let text = |kind| columns.text(identity, kind, at);
    let own = |kind| columns.text(facts, kind, at);
    let id_number = text(ColumnKind::IdNumber);
    let id = doudi_terms::ResidentId::parse(id_number).ok();
    let (sex, birth) = sex_and_birth(id, sex(text(ColumnKind::Sex)), text(ColumnKind::Birth));
    let place = region(text(ColumnKind::Region));
    let row = PersonRow {
        person_id,
        id_number,
        name: text(ColumnKind::PersonName),
        sex,
        birth,
        household_number: own(ColumnKind::HouseholdNumber),
        relation: own(ColumnKind::Relation),
        region: place.unwrap_or(RegionCode::COUNTRY),
        address: text(ColumnKind::Address),
        phone: text(ColumnKind::Phone),
        account: text(ColumnKind::Account),
    };
    (row, place)
}

/// A register that is only looked up in, never cleared.
pub struct RegisterReader {
    columns: IdentityColumns,
    index: RegisterIndex,
    person_ids: Vec<Box<str>>,
    known: FxHashSet<Box<str>>,
    repeated: u32,
    nameless: u32,
}

/// The people of a [`RegisterReader`].
pub struct ReadRegister {
    pub index: Index,
    /// By the index's number.
    pub person_ids: Vec<Box<str>>,
    /// Rows whose person stood in an earlier row.
    pub repeated: u32,
    /// Rows with neither a number nor a name: nobody will ever be found there.
    pub nameless: u32,
}

impl RegisterReader {
    pub fn new(spec: &RosterSpec) -> RegisterReader {
        RegisterReader {
            columns: IdentityColumns::of(spec),
            index: RegisterIndex::new(),
            person_ids: Vec::new(),
            known: FxHashSet::default(),
            repeated: 0,
            nameless: 0,
        }
    }

    pub fn add(&mut self, batch: &ObservationBatch) {
        for at in 0..batch.rows.len() {
            let text = |kind| self.columns.text(batch, kind, at);
            let (number, name) = (text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
            let id: Box<str> = person_id(text(ColumnKind::PersonId), number, name).into();
            if !self.known.insert(id.clone()) {
                self.repeated += 1;
                continue;
            }
            self.nameless += u32::from(number.is_empty() && name.is_empty());
            let (row, place) = person_row(&self.columns, (batch, batch), at, &id);
            self.index.push(&row, place);
            self.person_ids.push(id);
        }
    }

    pub fn finish(self) -> ReadRegister {
        let RegisterReader { index, person_ids, repeated, nameless, .. } = self;
        ReadRegister { index: index.build(), person_ids, repeated, nameless }
    }
}

/// The rows of one kind of roster.
pub struct RosterRows {
    columns: IdentityColumns,
}

impl RosterRows {
    pub fn new(spec: &RosterSpec) -> RosterRows {
        RosterRows { columns: IdentityColumns::of(spec) }
    }

    /// The row as linkage takes it.
    pub fn row<'b>(&self, batch: &'b ObservationBatch, at: usize) -> RosterRow<'b> {
        self.columns.roster_row(batch, at)
    }

    /// What the row calls itself (序号); empty where it does not.
    pub fn row_number<'b>(&self, batch: &'b ObservationBatch, at: usize) -> &'b str {
        self.columns.text(batch, ColumnKind::RowNumber, at)
    }

    /// Answers for all rows of a batch, in their order.
    pub fn each<T: Send>(
        &self,
        batch: &ObservationBatch,
        answer: impl Fn(RosterRow<'_>) -> T + Sync,
    ) -> Vec<T> {
        in_two_threads(batch.rows.len(), |at| answer(self.row(batch, at)))
    }
}

/// Rows do not see each other: half of them are answered beside the other half.
pub(crate) fn in_two_threads<T: Send>(count: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let half = count / 2;
    std::thread::scope(|scope| {
        let second = scope.spawn(|| (half..count).map(&one).collect::<Vec<_>>());
        let mut answers: Vec<T> = (0..half).map(&one).collect();
        match second.join() {
            Ok(more) => answers.extend(more),
            // A panic over there is a panic here.
            Err(panic) => std::panic::resume_unwind(panic),
        }
        answers
    })
}
