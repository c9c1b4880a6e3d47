//! Building a register row by row, reporting what is wrong and keeping everybody.

use crate::number_table::NumberTable;
use crate::register::{Households, PersonText, PersonTexts, Register};
use doudi_terms::{Place, Problem, RegionCode, ResidentId, Severity, Sex};

/// One person as the register's file has them. Texts are taken as they are; empty = not known.
#[derive(Clone, Copy, Debug)]
pub struct PersonRow<'a> {
    /// The register's stable number of the person.
    pub person_id: &'a str,
    pub id_number: &'a str,
    pub name: &'a str,
    pub sex: Option<Sex>,
    /// Days since 1970-01-01.
    pub birth: Option<i32>,
    /// Number of the household on paper; unique within the register.
    pub household_number: &'a str,
    /// Relation to the head; 户主 or 本人 is the head.
    pub relation: &'a str,
    pub region: RegionCode,
    pub address: &'a str,
    pub phone: &'a str,
    pub account: &'a str,
}

/// Relations that mean the head of the household (GB/T 4761 calls the head 本人或户主).
const HEADS: [&str; 3] = ["户主", "本人", "本人或户主"];
const NO_HEAD: u32 = u32::MAX;

/// Takes persons one by one; the first has number 0. Persons opened from rosters come after the register's own.
#[derive(Debug, Default)]
pub struct RegisterBuilder {
    register: Register,
    texts: PersonTexts,
    /// Persons by valid id number, the first of each.
    by_id_number: NumberTable,
    /// The row of each person's file, for problems that are seen at the end only.
    places: Places,
    household_numbers: NumberTable,
    problems: Vec<Problem>,
}

/// Where each person stands.
#[derive(Debug, Default)]
struct Places {
    /// Persons come file by file: every file with its first person.
    files: Vec<(u32, String, Option<String>)>,
    rows: Vec<u32>,
}

/// A person who stands in no row.
const NO_ROW: u32 = u32::MAX;

impl Places {
    fn push(&mut self, place: &Place) {
        if self.files.last().is_none_or(|(_, file, sheet)| *file != place.file || *sheet != place.sheet) {
            self.files.push((self.rows.len() as u32, place.file.clone(), place.sheet.clone()));
        }
        self.rows.push(place.row.unwrap_or(NO_ROW));
    }

    fn get(&self, person: u32) -> Place {
        let file = self.files.partition_point(|(first, ..)| *first <= person).checked_sub(1);
        let found = self.rows.get(person as usize).zip(file.and_then(|file| self.files.get(file)));
        let Some((row, (_, file, sheet))) = found else { return Place::default() };
        let row = Some(*row).filter(|row| *row != NO_ROW);
        Place { file: file.clone(), sheet: sheet.clone(), row, column: None }
    }
}

impl RegisterBuilder {
    pub fn new() -> RegisterBuilder {
        RegisterBuilder::default()
    }

    /// Adds a person and returns their dense number. `None` only when the register is full (four billion persons, or four
    /// gigabytes in one column), which is reported.
    pub fn push(&mut self, row: &PersonRow<'_>, place: &Place) -> Option<u32> {
        let texts = PersonText {
            id_number: row.id_number,
            name: row.name,
            relation: row.relation,
            address: row.address,
            phone: row.phone,
            account: row.account,
        };
        let person = self.room_for(row, &texts, place)?;
        let household = self.household_of(row, person, place);
        self.texts.push(&texts);
        let persons = &mut self.register.persons;
        persons.person_id.push(row.person_id);
        persons.sex.push(row.sex);
        persons.birth.push(row.birth);
        persons.household.push(household);
        persons.region.push(row.region);
        self.note_person_id(row, person, place);
        self.note_id_number(row, person, place);
        self.places.push(place);
        Some(person)
    }

    /// Opens a person whom only a roster knows, under an id that the caller derives from the id number (`N` and twelve
    /// hexadecimal digits) so that it is the same next month. Opening one id twice gives the same person.
    pub fn add_new_person(&mut self, row: &PersonRow<'_>, place: &Place) -> Option<u32> {
        match self.find_person_id(row.person_id) {
            Some(person) => Some(person),
            None => self.push(row, place),
        }
    }

    /// The person with this stable number, of those added so far.
    pub fn find_person_id(&self, person_id: &str) -> Option<u32> {
        self.register.find_person_id(person_id)
    }

    /// The first person with this number, of those added so far.
    pub fn find_id_number(&self, id: &ResidentId) -> Option<u32> {
        self.by_id_number.find(id.as_str(), |person| self.texts.id_number(person))
    }

    pub fn person_id(&self, person: u32) -> &str {
        self.register.person_id(person)
    }

    pub fn name(&self, person: u32) -> &str {
        self.texts.name(person)
    }

    pub fn len(&self) -> u32 {
        self.places.rows.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.places.rows.is_empty()
    }

    fn room_for(&mut self, row: &PersonRow<'_>, texts: &PersonText<'_>, place: &Place) -> Option<u32> {
        let fits = self.texts.has_room(texts)
            && self.register.persons.person_id.has_room(row.person_id.len())
            && self.register.households.number.has_room(row.household_number.len());
        let person = u32::try_from(self.places.rows.len()).ok().filter(|&person| fits && person < NO_ROW);
        if person.is_none() {
            self.report(Severity::Error, place, "人口库已满，此人没有读入".into(), "请按区县分开处理");
        }
        person
    }

    fn household_of(&mut self, row: &PersonRow<'_>, person: u32, place: &Place) -> u32 {
        let is_head = HEADS.contains(&row.relation.trim());
        let number = row.household_number.trim();
        if number.is_empty() {
            self.report(
                Severity::Warning,
                place,
                format!("“{}”没有户号，按单人户处理", row.name),
                "请补充户号，与家人列在同一户下",
            );
            return self.open_household("", person, row.region);
        }
        let households = &self.register.households;
        let next = households.len();
        let household = self.household_numbers.find_or_insert(number, next, |known| households.number(known));
        if household == next {
            return self.open_household(number, if is_head { person } else { NO_HEAD }, row.region);
        }
        if let Some(head) = self.register.households.head.get_mut(household as usize)
            && is_head
        {
            if *head == NO_HEAD {
                *head = person;
                self.register.households.region[household as usize] = row.region;
            } else {
                self.report(
                    Severity::Warning,
                    place,
                    format!("户号“{number}”有两位户主，以先列出的为准"),
                    "请核对这一户的户主",
                );
            }
        }
        household
    }

    fn open_household(&mut self, number: &str, head: u32, region: RegionCode) -> u32 {
        let households = &mut self.register.households;
        households.number.push(number);
        households.head.push(head);
        households.region.push(region);
        households.head.len() as u32 - 1
    }

    fn note_person_id(&mut self, row: &PersonRow<'_>, person: u32, place: &Place) {
        if row.person_id.is_empty() {
            self.report(
                Severity::Warning,
                place,
                format!("“{}”没有人员编号", row.name),
                "请补充人员编号，否则下月无法认出是同一个人",
            );
            return;
        }
        let Register { persons, by_person_id, .. } = &mut self.register;
        let known = by_person_id.find_or_insert(row.person_id, person, |known| persons.person_id.get(known));
        if known != person {
            self.report(
                Severity::Error,
                place,
                format!("人员编号“{}”重复", row.person_id),
                "两行都已读入；按编号查找时以先列出的为准，请更正其中一行",
            );
        }
    }

    fn note_id_number(&mut self, row: &PersonRow<'_>, person: u32, place: &Place) {
        let Ok(id) = ResidentId::parse(row.id_number) else { return };
        let texts = &self.texts;
        let known = self.by_id_number.find_or_insert(id.as_str(), person, |known| texts.id_number(known));
        if known != person {
            self.register.suspected_duplicates.push((person, known));
            let other = self.texts.name(known).to_owned();
            self.report(
                Severity::Warning,
                place,
                format!("身份证号“{}”与“{other}”相同，疑似同一人重复登记", row.id_number),
                "两行都已保留，请核对后注销重复的一行",
            );
        }
    }

    fn report(&mut self, severity: Severity, place: &Place, what: String, next: &str) {
        self.problems.push(Problem { severity, place: place.clone(), what, next: next.to_owned() });
    }

    /// The register, what is written about its persons, and everything that is wrong with it in the order it was seen.
    pub fn build(mut self) -> (Register, PersonTexts, Vec<Problem>) {
        self.gather_members();
        self.find_heads();
        (self.register, self.texts, self.problems)
    }

    fn gather_members(&mut self) {
        let Register { persons, households, .. } = &mut self.register;
        let mut starts = vec![0_u32; households.head.len() + 1];
        for &household in &persons.household {
            starts[household as usize + 1] += 1;
        }
        for household in 1..starts.len() {
            starts[household] += starts[household - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![0_u32; persons.household.len()];
        for (person, &household) in (0_u32..).zip(&persons.household) {
            let place = &mut next[household as usize];
            members[*place as usize] = person;
            *place += 1;
        }
        (households.starts, households.members) = (starts, members);
    }

    /// Where nobody is written as the head, the first member stands in.
    fn find_heads(&mut self) {
        for household in 0..self.register.households.len() {
            let Households { head, members, starts, .. } = &mut self.register.households;
            let (Some(head), Some(&start)) =
                (head.get_mut(household as usize), starts.get(household as usize))
            else {
                continue;
            };
            if *head == NO_HEAD
                && let Some(&first) = members.get(start as usize)
            {
                *head = first;
                let place = self.places.get(first);
                let (number, name) = (self.register.households.number(household), self.texts.name(first));
                let what = format!("户号“{number}”没有户主，暂以“{name}”为户主");
                self.report(Severity::Warning, &place, what, "请核对这一户的户主");
            }
        }
    }
}
