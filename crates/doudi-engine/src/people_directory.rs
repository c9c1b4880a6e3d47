//! The people of a register as they are looked up, with what is shown of them.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half};
use crate::links;
use crate::matching::{person_id, person_of};
use crate::people::register_key;
use doudi_linkage::{Directory, DirectoryBuilder, PersonEntry};
use doudi_register::PersonRow;
use doudi_terms::roster::ColumnKind;
use doudi_terms::{Month, RegionCode, Sex, WhoBatch};
use rustc_hash::FxHashSet;

/// People, ready to be looked up.
pub struct PeopleDirectory {
    pub directory: Directory,
    cards: Cards,
    /// The month of the register, where it comes from a data folder.
    pub month: Option<String>,
    /// How many of them no register knows, only rosters.
    pub newcomers: usize,
}

/// What is shown of a person, as the register has it; empty = not known.
#[derive(Clone, Copy, Debug)]
pub struct PersonCard<'a> {
    pub person_id: &'a str,
    pub id_number: &'a str,
    pub name: &'a str,
    pub sex: Option<Sex>,
    pub birth: Option<i32>,
    pub region: Option<RegionCode>,
    pub address: &'a str,
    pub phone: &'a str,
}

/// Texts one behind the other, five of each person.
#[derive(Default)]
struct Cards {
    text: String,
    ends: Vec<u64>,
    others: Vec<(Option<Sex>, Option<i32>, Option<RegionCode>)>,
}

const TEXTS: usize = 5;

impl Cards {
    fn push(&mut self, person: &PersonRow<'_>, region: Option<RegionCode>) {
        for text in [person.person_id, person.id_number, person.name, person.address, person.phone] {
            self.text.push_str(text);
            self.ends.push(self.text.len() as u64);
        }
        self.others.push((person.sex, person.birth, region));
    }

    fn text(&self, person: usize, which: usize) -> &str {
        let at = person * TEXTS + which;
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.text[from..self.ends[at] as usize]
    }
}

impl PeopleDirectory {
    pub fn card(&self, person: u32) -> PersonCard<'_> {
        let at = person as usize;
        let (sex, birth, region) = self.cards.others[at];
        let [person_id, id_number, name, address, phone] =
            [0, 1, 2, 3, 4].map(|which| self.cards.text(at, which));
        PersonCard { person_id, id_number, name, sex, birth, region, address, phone }
    }

    /// The person who has this number of persons.
    pub fn person(&self, person_id: &str) -> Option<u32> {
        (0..self.cards.others.len()).find(|&at| self.cards.text(at, 0) == person_id).map(|at| at as u32)
    }

    /// The people of the latest register in a data folder, and those whom only rosters know.
    pub fn of_folder(
        folder: &DataFolder,
        content: &Content,
        name_of: &dyn Fn(RegionCode) -> Option<String>,
    ) -> Outcome<PeopleDirectory> {
        let (_, spec) = content.register_spec()?;
        let latest = Month::new(9999, 12).map(|until| lake::current(folder, &spec.id, until)).transpose()?;
        let Some((month, files)) = latest.and_then(|mut months| months.pop()) else {
            return Err(EngineError::BadInput(format!(
                "数据文件夹 {} 里没有“{}”，没有人可以找。请先用 doudi clear 或 doudi roster import 导入",
                folder.root().display(),
                spec.name
            )));
        };
        let mut reader = PeopleDirectoryReader::default();
        let columns = IdentityColumns::of(spec);
        let numbers = lake::narrowed(spec, |_, column| column.kind == ColumnKind::PersonId);
        for stored in &files {
            let identity = lake::read(folder, stored, spec, Half::Identity)?;
            let facts = lake::read(folder, stored, &numbers, Half::Facts)?;
            for (identity, facts) in identity.zip(facts) {
                let (identity, facts) = (identity?, facts?);
                for at in 0..identity.rows.len().min(facts.rows.len()) {
                    let of = |batch, kind| columns.text(batch, kind, at);
                    reader.add_person(|kind| of(&identity, kind), |kind| of(&facts, kind));
                }
            }
        }
        let own = reader.cards.others.len();
        for newcomer in links::newcomers(folder, &content.last_links_key(folder, &register_key(&files)))? {
            reader.add_newcomer(&newcomer);
        }
        let mut people = reader.finish(name_of);
        people.month = Some(month.to_string());
        people.newcomers = people.directory.len() - own;
        Ok(people)
    }
}

/// Takes the rows of a register.
#[derive(Default)]
pub struct PeopleDirectoryReader {
    builder: DirectoryBuilder,
    cards: Cards,
    known: FxHashSet<Box<str>>,
}

impl PeopleDirectoryReader {
    /// The rows of a register.
    pub fn add(&mut self, batch: &WhoBatch) {
        for at in 0..batch.len() {
            let text = |kind| batch.text(kind, at);
            self.add_person(text, text);
        }
    }

    fn add_person<'b>(&mut self, text: impl Fn(ColumnKind) -> &'b str, own: impl Fn(ColumnKind) -> &'b str) {
        let (number, name) = (text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
        let written = own(ColumnKind::PersonId);
        if written.is_empty() && number.is_empty() && name.is_empty() {
            return;
        }
        let id = person_id(written, number, name);
        if self.known.insert(id.as_str().into()) {
            let (row, region) = person_of(|kind| text(kind), |kind| own(kind), &id);
            push(&mut self.builder, &mut self.cards, &row, region);
        }
    }

    fn add_newcomer(&mut self, newcomer: &links::Newcomer) {
        let id = newcomer.person_id();
        if !self.known.insert(id.as_str().into()) {
            return;
        }
        let (sex, birth) = newcomer.sex_and_birth();
        let row = PersonRow {
            person_id: &id,
            id_number: newcomer.id.as_str(),
            name: &newcomer.name,
            sex,
            birth,
            household_number: "",
            relation: "",
            region: newcomer.region.unwrap_or(RegionCode::COUNTRY),
            address: &newcomer.address,
            phone: &newcomer.phone,
            account: "",
        };
        push(&mut self.builder, &mut self.cards, &row, newcomer.region);
    }

    /// `name_of` names divisions.
    pub fn finish(self, name_of: &dyn Fn(RegionCode) -> Option<String>) -> PeopleDirectory {
        let directory = self.builder.build(name_of);
        PeopleDirectory { directory, cards: self.cards, month: None, newcomers: 0 }
    }
}

fn push(builder: &mut DirectoryBuilder, cards: &mut Cards, row: &PersonRow<'_>, region: Option<RegionCode>) {
    builder.push(PersonEntry {
        id_number: row.id_number,
        name: row.name,
        birth: row.birth,
        sex: row.sex,
        region,
        address: row.address,
        phone: row.phone,
        account: "",
        household: 0,
    });
    cards.push(row, region);
}
