//! People and households. Whatever is read here is in the audit before it is given.

use crate::audit::Action;
use crate::db::{Connection, Row, Value};
use crate::error::{Outcome, StoreError};
use crate::leads::{LEAD_COLUMNS, LeadRow, lead_row};
use crate::query::{Query, region};
use crate::scope::{Areas, Scope};
use crate::seal::IndexColumn;
use crate::sealed::{PersonSecrets, Place, masked, open};
use crate::store::Store;
use doudi_casework::Permission;
use doudi_terms::{Date, Month, RegionCode, date_from_epoch_day};

/// Somebody in a list. Numbers are masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    pub person_id: String,
    pub household_id: String,
    pub region: RegionCode,
    pub name: String,
    pub relation: String,
    pub sex: String,
    pub birth: Option<Date>,
    /// `500243********0011`
    pub id_number: String,
    /// The bucket of the last clearing that had this person.
    pub bucket: String,
    pub month: Option<Month>,
}

/// One person's record. Numbers are masked; see [`Store::unmask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub row: PersonRow,
    pub programmes: String,
    /// Why in this bucket, and which facts are missing.
    pub reason: String,
    pub missing: String,
    pub phone: String,
    pub account: String,
    pub address: String,
    pub leads: Vec<LeadRow>,
    /// Rows of rosters that speak of this person.
    pub sources: Vec<PersonSource>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSource {
    pub roster: String,
    pub month: String,
    pub file: String,
    pub row: i64,
    pub class: String,
    pub grade: String,
    /// Of the link, in millionths.
    pub likelihood: i64,
}

/// A household: its members in the scope's area, and the leads about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Household {
    pub household_id: String,
    pub members: Vec<PersonRow>,
    pub leads: Vec<LeadRow>,
}

/// A number that can be shown whole, for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    IdNumber,
    Phone,
    Account,
}

impl Hidden {
    fn code(self) -> &'static str {
        match self {
            Hidden::IdNumber => "id-number",
            Hidden::Phone => "phone",
            Hidden::Account => "account",
        }
    }
}

/// Rows of a list are never more than this at once.
pub const LONGEST_PAGE: usize = 200;
const COLUMNS: &str =
    "person_id, household_id, region, name, relation, sex, birth, bucket, month, sealed, programmes";
/// What a record shows, as the audit names it.
const PERSON_FIELDS: &str =
    "姓名、性别、出生日期、身份证号（遮盖）、电话（遮盖）、账号（遮盖）、住址、类别、理由、疑点、名册";
pub(crate) const MEMBER_FIELDS: &str = "成员姓名、关系、性别、出生日期、身份证号（遮盖）、类别、疑点";
/// Links shown for one person.
const MOST_SOURCES: usize = 200;

impl Store {
    /// One person, for a purpose if one is given.
    pub fn person(&self, scope: &Scope, person_id: &str, purpose: &str) -> Outcome<Person> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let person = self.database.read(|connection| {
            let (row, secrets) = self.find(connection, &areas, person_id)?;
            let person = PersonRow::clone(&row.0);
            Ok(Person {
                leads: leads_where(self, connection, "person_id = ", &person.person_id, &areas)?,
                sources: sources(connection, &person.person_id)?,
                row: person,
                programmes: row.1,
                reason: secrets.reason,
                missing: secrets.missing,
                phone: masked(&secrets.phone, 3, 4),
                account: masked(&secrets.account, 0, 4),
                address: secrets.address,
            })
        })?;
        let mut entry = scope.entry(Action::ReadPerson, "person", person_id.to_owned(), person.row.region);
        entry.subjects = vec![person_id.to_owned()];
        entry.purpose = purpose.trim().to_owned();
        entry.detail = format!("fields={PERSON_FIELDS}");
        self.note_read(entry)?;
        Ok(person)
    }

    /// A whole number, for a purpose that is written down.
    pub fn unmask(&self, scope: &Scope, person_id: &str, what: Hidden, purpose: &str) -> Outcome<String> {
        let areas = scope.areas_for(Permission::Unmask)?;
        if purpose.trim().chars().count() < 2 {
            return Err(StoreError::bad("请写明为什么要看完整的号码，例如“电话预约入户”"));
        }
        let ((row, _), secrets) =
            self.database.read(|connection| self.find(connection, &areas, person_id))?;
        let mut entry = scope.entry(Action::Unmask, "person", person_id.to_owned(), row.region);
        entry.subjects = vec![person_id.to_owned()];
        entry.purpose = purpose.trim().to_owned();
        entry.detail = what.code().into();
        self.note_read(entry)?;
        Ok(match what {
            Hidden::IdNumber => secrets.id_number,
            Hidden::Phone => secrets.phone,
            Hidden::Account => secrets.account,
        })
    }

    pub fn household(&self, scope: &Scope, household_id: &str, purpose: &str) -> Outcome<Household> {
        self.read_household(scope, household_id, purpose, MEMBER_FIELDS)
    }

    /// `fields` = what of it will be shown, for the audit.
    pub(crate) fn read_household(
        &self,
        scope: &Scope,
        household_id: &str,
        purpose: &str,
        fields: &str,
    ) -> Outcome<Household> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let household = self.database.read(|connection| {
            let mut query = Query::new(&format!("SELECT {COLUMNS} FROM persons"));
            query.condition_text("household_id = ", household_id);
            query.areas("region", &areas);
            query.push(&format!(" ORDER BY person_no LIMIT {LONGEST_PAGE}"));
            let rows = connection.rows(query.sql(), &query.params())?;
            let members: Vec<PersonRow> = rows.iter().map(|row| self.row(row)).collect::<Outcome<_>>()?;
            if members.is_empty() || household_id.is_empty() {
                return Err(StoreError::NotFound("这一户"));
            }
            let leads = leads_where(self, connection, "household_id = ", household_id, &areas)?;
            Ok(Household { household_id: household_id.to_owned(), members, leads })
        })?;
        let place = household.members.first().map_or(RegionCode::COUNTRY, |member| member.region);
        let mut entry = scope.entry(Action::ReadHousehold, "household", household_id.to_owned(), place);
        entry.subjects = household.members.iter().map(|member| member.person_id.clone()).collect();
        entry.purpose = purpose.trim().to_owned();
        entry.detail = format!("fields={fields}");
        self.note_read(entry)?;
        Ok(household)
    }

    /// By whole id number, telephone, account, number of person or household, or the beginning of a name. `after` is the
    /// last person of the page before (names only).
    pub fn search(
        &self,
        scope: &Scope,
        text: &str,
        after: Option<&PersonRow>,
        limit: usize,
    ) -> Outcome<Vec<PersonRow>> {
        let areas = scope.areas_for(Permission::ReadPersons)?;
        let wanted = Wanted::of(text)?;
        let limit = limit.clamp(1, LONGEST_PAGE);
        let found: Vec<PersonRow> = self.database.read(|connection| {
            let mut found = Vec::new();
            for query in self.queries(&wanted, &areas, after, limit) {
                for row in connection.rows(query.sql(), &query.params())? {
                    let person = self.row(&row)?;
                    if found.len() < limit && !found.contains(&person) {
                        found.push(person);
                    }
                }
            }
            Ok(found)
        })?;
        let mut entry = scope.entry(Action::Search, "persons", String::new(), areas.common());
        // What kind of search; never what was typed.
        entry.detail = format!("by={} found={}", wanted.kind(), found.len());
        entry.subjects = found.iter().map(|person| person.person_id.clone()).collect();
        self.note_read(entry)?;
        Ok(found)
    }

    fn queries(&self, wanted: &Wanted, areas: &Areas, after: Option<&PersonRow>, limit: usize) -> Vec<Query> {
        let select = || Query::new(&format!("SELECT {COLUMNS} FROM persons"));
        let finish = |mut query: Query, order: &str| {
            query.areas("region", areas);
            query.push(&format!(" ORDER BY {order} LIMIT {limit}"));
            query
        };
        let exact = |column: IndexColumn, name: &str, text: &str| {
            let mut query = select();
            query.condition_bytes(name, self.keys.indexes(column, text));
            finish(query, "person_id")
        };
        match wanted {
            Wanted::Number(text) => vec![
                exact(IndexColumn::IdNumber, "id_index", text),
                exact(IndexColumn::Phone, "phone_index", text),
                exact(IndexColumn::Account, "account_index", text),
                key_query(select(), text, finish),
            ],
            Wanted::Key(text) => vec![key_query(select(), text, finish)],
            Wanted::Name(text) => {
                let mut query = select();
                query.condition_text("name >= ", text);
                query.condition_text("name < ", &format!("{text}\u{10ffff}"));
                if let Some(after) = after {
                    query.condition("(name, region, person_id) > (");
                    query.value(Value::from(after.name.as_str()));
                    query.push(", ");
                    query.value(Value::Int(after.region.number() as i64));
                    query.push(", ");
                    query.value(Value::from(after.person_id.as_str()));
                    query.push(")");
                }
                vec![finish(query, "name, region, person_id")]
            }
        }
    }

    pub(crate) fn find(
        &self,
        connection: &mut Connection,
        areas: &Areas,
        person_id: &str,
    ) -> Outcome<((PersonRow, String), PersonSecrets)> {
        let mut query = Query::new(&format!("SELECT {COLUMNS} FROM persons"));
        query.condition_text("person_id = ", person_id);
        query.areas("region", areas);
        let row = connection.row(query.sql(), &query.params())?.ok_or(StoreError::NotFound("这个人"))?;
        let secrets = open(&self.keys, &Place::Person(person_id), row.bytes(9)?)?;
        Ok(((self.row(&row)?, row.string(10)?), secrets))
    }

    fn row(&self, row: &Row) -> Outcome<PersonRow> {
        let person_id = row.string(0)?;
        let secrets: PersonSecrets = open(&self.keys, &Place::Person(&person_id), row.bytes(9)?)?;
        Ok(PersonRow {
            person_id,
            household_id: row.string(1)?,
            region: region(row.int(2)?)?,
            name: row.string(3)?,
            relation: row.string(4)?,
            sex: row.string(5)?,
            birth: row.opt_int(6)?.and_then(|day| date_from_epoch_day(i32::try_from(day).ok()?)),
            id_number: masked(&secrets.id_number, 6, 4),
            bucket: row.string(7)?,
            month: i32::try_from(row.int(8)?).ok().and_then(Month::from_index),
        })
    }
}

fn key_query(mut query: Query, text: &str, finish: impl Fn(Query, &str) -> Query) -> Query {
    query.condition("(person_id = ");
    query.value(Value::from(text));
    query.push(" OR household_id = ");
    query.value(Value::from(text));
    query.close_bracket();
    finish(query, "person_id")
}

fn leads_where(
    store: &Store,
    connection: &mut Connection,
    column: &str,
    value: &str,
    areas: &Areas,
) -> Outcome<Vec<LeadRow>> {
    let mut query = Query::new(&format!("SELECT {LEAD_COLUMNS} FROM leads"));
    query.condition_text(column, value);
    query.areas("region", areas);
    query.push(&format!(" ORDER BY is_open DESC, due, lead_id LIMIT {LONGEST_PAGE}"));
    connection.rows(query.sql(), &query.params())?.iter().map(|row| lead_row(&store.keys, row)).collect()
}

fn sources(connection: &mut Connection, person_id: &str) -> Outcome<Vec<PersonSource>> {
    let rows = connection.rows(
        &format!(
            "SELECT f.roster, f.month, f.file, l.row_no, l.class, l.grade, l.likelihood
             FROM links l JOIN roster_files f ON f.source_no = l.source_no
             WHERE l.person_id = $1 ORDER BY f.month DESC, f.roster, f.source_no, l.row_no LIMIT {MOST_SOURCES}"
        ),
        &[person_id.into()],
    )?;
    let read = |row: &Row| {
        Ok(PersonSource {
            roster: row.string(0)?,
            month: row.string(1)?,
            file: row.string(2)?,
            row: row.int(3)?,
            class: row.string(4)?,
            grade: row.string(5)?,
            likelihood: row.int(6)?,
        })
    };
    rows.iter().map(read).collect()
}

/// What somebody typed into the search box.
enum Wanted {
    /// Digits enough to be an id number, a telephone or an account.
    Number(String),
    /// A person's or household's number in the register.
    Key(String),
    Name(String),
}

impl Wanted {
    fn of(text: &str) -> Outcome<Wanted> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.is_empty() || text.chars().count() > 64 {
            return Err(StoreError::bad("请输入姓名、身份证号、电话、账号或编号中的一样"));
        }
        let digits = text.trim_end_matches(['x', 'X']);
        let is_number = digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
        Ok(match () {
            () if is_number => Wanted::Number(text.to_uppercase()),
            () if text.is_ascii() => Wanted::Key(text),
            () => Wanted::Name(text),
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Wanted::Number(_) => "number",
            Wanted::Key(_) => "key",
            Wanted::Name(_) => "name",
        }
    }
}
