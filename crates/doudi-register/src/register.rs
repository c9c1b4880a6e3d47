//! The finished register.

use crate::number_table::NumberTable;
use crate::text::TextColumn;
use doudi_terms::{RegionCode, Sex};

/// All persons as columns, and their households. What is written about them is apart ([`PersonTexts`]): it is the larger
/// half, and most steps do without it.
#[derive(Clone, Debug, Default)]
pub struct Register {
    pub(crate) persons: Persons,
    pub(crate) households: Households,
    pub(crate) by_person_id: NumberTable,
    /// Persons that share a valid id number with a person added before them, with that person.
    pub(crate) suspected_duplicates: Vec<(u32, u32)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Persons {
    pub(crate) person_id: TextColumn,
    pub(crate) sex: Vec<Option<Sex>>,
    pub(crate) birth: Vec<Option<i32>>,
    pub(crate) household: Vec<u32>,
    pub(crate) region: Vec<RegionCode>,
}

/// Who persons are and how they are found, as it is written; empty = not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct PersonText<'a> {
    /// As the register has it: not necessarily valid.
    pub id_number: &'a str,
    pub name: &'a str,
    /// Relation to the head of the household.
    pub relation: &'a str,
    pub address: &'a str,
    pub phone: &'a str,
    pub account: &'a str,
}

/// The texts of persons in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct PersonTexts {
    pub(crate) id_number: TextColumn,
    pub(crate) name: TextColumn,
    pub(crate) relation: TextColumn,
    pub(crate) address: TextColumn,
    pub(crate) phone: TextColumn,
    pub(crate) account: TextColumn,
    pub(crate) len: u32,
}

impl PersonTexts {
    pub fn push(&mut self, person: &PersonText<'_>) {
        for (column, text) in [
            (&mut self.id_number, person.id_number),
            (&mut self.name, person.name),
            (&mut self.relation, person.relation),
            (&mut self.address, person.address),
            (&mut self.phone, person.phone),
            (&mut self.account, person.account),
        ] {
            column.push(text);
        }
        self.len += 1;
    }

    /// Nothing is known of somebody who does not exist.
    pub fn get(&self, person: u32) -> PersonText<'_> {
        PersonText {
            id_number: self.id_number.get(person),
            name: self.name.get(person),
            relation: self.relation.get(person),
            address: self.address.get(person),
            phone: self.phone.get(person),
            account: self.account.get(person),
        }
    }

    pub fn name(&self, person: u32) -> &str {
        self.name.get(person)
    }

    /// As the register has it: not necessarily valid.
    pub fn id_number(&self, person: u32) -> &str {
        self.id_number.get(person)
    }

    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn has_room(&self, person: &PersonText<'_>) -> bool {
        let columns = [
            (&self.id_number, person.id_number),
            (&self.name, person.name),
            (&self.relation, person.relation),
            (&self.address, person.address),
            (&self.phone, person.phone),
            (&self.account, person.account),
        ];
        columns.iter().all(|(column, text)| column.has_room(text.len()))
    }
}

/// Households by dense number; the members of `h` are `members[starts[h]..starts[h + 1]]`, in the register's order.
#[derive(Clone, Debug, Default)]
pub struct Households {
    pub(crate) number: TextColumn,
    pub(crate) head: Vec<u32>,
    pub(crate) region: Vec<RegionCode>,
    pub(crate) starts: Vec<u32>,
    pub(crate) members: Vec<u32>,
}

impl Register {
    pub fn len(&self) -> u32 {
        self.persons.household.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.persons.household.is_empty()
    }

    /// The stable number of a person in the world outside (the register's own, or `N…` for people opened from rosters).
    pub fn person_id(&self, person: u32) -> &str {
        self.persons.person_id.get(person)
    }

    pub fn sex(&self, person: u32) -> Option<Sex> {
        self.persons.sex.get(person as usize).copied().flatten()
    }

    /// Days since 1970-01-01.
    pub fn birth(&self, person: u32) -> Option<i32> {
        self.persons.birth.get(person as usize).copied().flatten()
    }

    /// The country for a person who does not exist.
    pub fn region(&self, person: u32) -> RegionCode {
        self.persons.region.get(person as usize).copied().unwrap_or(RegionCode::COUNTRY)
    }

    /// Dense number of the person's household.
    pub fn household(&self, person: u32) -> Option<u32> {
        self.persons.household.get(person as usize).copied()
    }

    /// The column of days of birth, by person.
    pub fn births(&self) -> &[Option<i32>] {
        &self.persons.birth
    }

    /// The column of sexes, by person.
    pub fn sexes(&self) -> &[Option<Sex>] {
        &self.persons.sex
    }

    /// The column of regions, by person.
    pub fn regions(&self) -> &[RegionCode] {
        &self.persons.region
    }

    /// The column of household numbers, by person.
    pub fn household_of(&self) -> &[u32] {
        &self.persons.household
    }

    pub fn households(&self) -> &Households {
        &self.households
    }

    pub fn find_person_id(&self, person_id: &str) -> Option<u32> {
        self.by_person_id.find(person_id, |person| self.person_id(person))
    }

    /// Pairs of a person and the earlier person with the same valid id number.
    pub fn suspected_duplicates(&self) -> &[(u32, u32)] {
        &self.suspected_duplicates
    }
}

impl Households {
    pub fn len(&self) -> u32 {
        self.head.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// The number on paper; empty for a household made for a person who had none.
    pub fn number(&self, household: u32) -> &str {
        self.number.get(household)
    }

    /// Who is written as the head; else the first member.
    pub fn head(&self, household: u32) -> Option<u32> {
        self.head.get(household as usize).copied()
    }

    /// The head's region.
    pub fn region(&self, household: u32) -> RegionCode {
        self.region.get(household as usize).copied().unwrap_or(RegionCode::COUNTRY)
    }

    /// In the register's order; nobody for a household that does not exist.
    pub fn members(&self, household: u32) -> &[u32] {
        let at = |index: usize| self.starts.get(index).map(|&start| start as usize);
        match (at(household as usize), at(household as usize + 1)) {
            (Some(from), Some(to)) => self.members.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }
}
