//! Rows of files as linkage takes them: a register becomes an index, a roster's row a question. The clearing and
//! `doudi link` both come through here, so that one row has one answer.

use crate::digest::sha256_hex;
use crate::identity::{IdentityColumns, region, roster_row, sex, sex_and_birth};
use crate::numbered_texts::NumberedTexts;
use doudi_linkage::{Index, IndexBuilder, PersonEntry, RosterRow};
use doudi_register::PersonRow;
use doudi_terms::roster::{ColumnKind, ObservationBatch};
use doudi_terms::{RegionCode, WhoBatch};

/// Tells linkage of the register's people, in their order.
pub(crate) struct RegisterIndex {
    builder: IndexBuilder,
    households: NumberedTexts,
}

impl Default for RegisterIndex {
    fn default() -> RegisterIndex {
        RegisterIndex { builder: Index::builder(), households: NumberedTexts::default() }
    }
}

impl RegisterIndex {
    pub fn new() -> RegisterIndex {
        RegisterIndex::default()
    }

    /// Adds the next person; `region` where it is known.
    pub fn push(&mut self, person: &PersonRow<'_>, region: Option<RegionCode>) {
        let household = match person.household_number {
            // Somebody without a household number lives with nobody.
            "" => u32::MAX - self.builder.len() as u32,
            written => self.households.number_of(written).0,
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
    let own = |kind| columns.text(facts, kind, at);
    person_of(|kind| columns.text(identity, kind, at), own, person_id)
}

/// The person that cells speak of, by what they are.
pub(crate) fn person_of<'b>(
    text: impl Fn(ColumnKind) -> &'b str,
    own: impl Fn(ColumnKind) -> &'b str,
    person_id: &'b str,
) -> (PersonRow<'b>, Option<RegionCode>) {
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
#[derive(Default)]
pub struct RegisterReader {
    index: RegisterIndex,
    persons: NumberedTexts,
    repeated: u32,
    nameless: u32,
}

/// The people of a [`RegisterReader`].
pub struct ReadRegister {
    pub index: Index,
    persons: NumberedTexts,
    /// Rows whose person stood in an earlier row.
    pub repeated: u32,
    /// Rows with neither a number nor a name: nobody will ever be found there.
    pub nameless: u32,
}

impl ReadRegister {
    /// How many people there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The register's own number of a person, by the index's.
    pub fn person_id(&self, person: u32) -> &str {
        self.persons.get(person)
    }
}

impl RegisterReader {
    /// For a file of so many bytes.
    pub fn for_file_of(bytes: u64) -> RegisterReader {
        // Number, name, day of birth and household are not written shorter; what is not filled is not taken.
        const LEAST_BYTES_PER_ROW: u64 = 64;
        let mut reader = RegisterReader::default();
        let rows = u32::try_from(bytes / LEAST_BYTES_PER_ROW).unwrap_or(u32::MAX);
        reader.index.builder.reserve(rows as usize);
        reader
    }

    pub fn add(&mut self, batch: &WhoBatch) {
        for at in 0..batch.len() {
            let text = |kind| batch.text(kind, at);
            let (number, name) = (text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
            let made;
            let id = match text(ColumnKind::PersonId) {
                // A row that could not be read is nobody's.
                "" if number.is_empty() && name.is_empty() => continue,
                "" => {
                    made = person_id("", number, name);
                    made.as_str()
                }
                written => written,
            };
            if !self.persons.number_of(id).1 {
                self.repeated += 1;
                continue;
            }
            self.nameless += u32::from(number.is_empty() && name.is_empty());
            let (row, place) = person_of(text, text, id);
            self.index.push(&row, place);
        }
    }

    pub fn finish(self) -> ReadRegister {
        let RegisterReader { index, persons, repeated, nameless } = self;
        ReadRegister { index: index.build(), persons, repeated, nameless }
    }
}

/// The rows of one roster.
pub struct RosterRows;

impl RosterRows {
    /// The row as linkage takes it.
    pub fn row(batch: &WhoBatch, at: usize) -> RosterRow<'_> {
        roster_row(|kind| batch.text(kind, at))
    }

    /// What the row calls itself (序号); empty where it does not.
    pub fn row_number(batch: &WhoBatch, at: usize) -> &str {
        batch.text(ColumnKind::RowNumber, at)
    }

    /// The person's number in a register's row.
    pub fn person_id(batch: &WhoBatch, at: usize) -> String {
        let text = |kind| batch.text(kind, at);
        person_id(text(ColumnKind::PersonId), text(ColumnKind::IdNumber), text(ColumnKind::PersonName))
    }

    /// Answers for all rows of a batch, in their order; each with its place in the batch.
    pub fn each<T: Send>(batch: &WhoBatch, answer: impl Fn(usize, RosterRow<'_>) -> T + Sync) -> Vec<T> {
        in_two_threads(batch.len(), |at| answer(at, RosterRows::row(batch, at)))
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
