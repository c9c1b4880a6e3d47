//! Taking over a cleared month: people, households, leads with their ids, links, answers, counts.
//!
//! A clearing is a pure function, so the same month may come again and again: what people have decided since stays, and
//! what has not changed makes no event. People and links come in portions, each a transaction, so that nobody waits
//! for a million rows; leads, figures and the certificate come last and together, so that a month is there or not.

use crate::audit::{Action, Entry};
use crate::db::{Bulk, Connection, Value};
use crate::error::Outcome;
use crate::kept::{MonthKept, write_kept};
use crate::known_rows::{KnownPersons, file_digest, set_file_digest};
use crate::lead_import::LeadImport;
use crate::months::{Figure, MonthSource};
use crate::query::span;
use crate::seal::{Digest, IndexColumn, Keyring};
use crate::sealed::{PersonSecrets, Place, seal};
use crate::store::{Store, next_numbers, set_setting, setting};
use doudi_casework::{Finding, Moment};
use doudi_terms::{Date, Fen, Month, RegionCode, epoch_day};
use std::collections::HashMap;

/// Somebody as the clearing knew them.
#[derive(Clone, Debug, serde::Serialize)]
pub struct ImportedPerson {
    pub person_id: String,
    pub household_id: String,
    #[serde(serialize_with = "region_number")]
    pub region: RegionCode,
    pub name: String,
    pub relation: String,
    pub sex: String,
    #[serde(serialize_with = "birth_number")]
    pub birth: Option<Date>,
    pub id_number: String,
    pub phone: String,
    pub account: String,
    pub address: String,
    pub bucket: String,
    pub programmes: String,
    pub reason: String,
    pub missing: String,
}

/// A lead that the month found, or that somebody had dismissed and whose cause is still there.
#[derive(Clone, Debug)]
pub struct ImportedLead {
    pub lead_id: String,
    pub check: String,
    pub severity: String,
    pub subject_kind: String,
    pub person_id: String,
    pub household_id: String,
    pub name: String,
    pub region: RegionCode,
    pub opened: Month,
    pub grade: String,
    pub stake: Option<Fen>,
    pub reason: String,
    pub rows: Vec<String>,
    /// What stands in these rows.
    pub records: Vec<ImportedRecord>,
    pub verify: String,
    pub closes: String,
    pub article: String,
    pub due: Option<Date>,
    pub answer: Option<ImportedAnswer>,
}

pub use crate::sealed::{StoredCell as ImportedCell, StoredRecord as ImportedRecord};

/// What a returned handout said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedAnswer {
    pub finding: Finding,
    pub by: String,
    /// Where none was written down, the last day of the answer's month.
    pub on: Option<Date>,
    pub note: String,
    pub month: Month,
    /// It was given here, as this step of its lead, and comes back from the clearing.
    pub office_step: Option<i64>,
    /// It came after this step of its lead, and counts instead of it.
    pub outweighs: Option<i64>,
}

/// A lead that the month closed, or took back because the same month was cleared again.
#[derive(Clone, Debug)]
pub struct EndedLead {
    pub lead_id: String,
    pub month: Month,
    pub reason: String,
    pub withdrawn: bool,
}

#[derive(Clone, Debug)]
pub struct ImportedFile {
    pub roster: String,
    pub month: String,
    pub file: String,
    /// Names the file by its content.
    pub key: String,
    pub links: Vec<ImportedLink>,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct ImportedLink {
    pub row: u32,
    /// Empty where nobody was found.
    pub person_id: String,
    pub class: &'static str,
    pub grade: char,
    /// In millionths.
    pub likelihood: u32,
}

/// One cleared month. Iterators are read once, in this order: persons, files, households, leads.
pub struct ImportedClearing<'a> {
    pub region: RegionCode,
    pub month: Month,
    pub certificate_hash: String,
    pub certificate_json: String,
    pub persons: Box<dyn Iterator<Item = Outcome<ImportedPerson>> + 'a>,
    pub files: Box<dyn Iterator<Item = Outcome<ImportedFile>> + 'a>,
    pub leads: Box<dyn Iterator<Item = Outcome<ImportedLead>> + 'a>,
    pub ended: Vec<EndedLead>,
    pub figures: Vec<Figure>,
    pub sources: Vec<MonthSource>,
    pub kept: MonthKept<'a>,
}

/// What came of it, to be compared with the clearing's own figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    pub persons: u64,
    pub links: u64,
    /// Found by this month, whether they are new here or not.
    pub leads: u64,
    pub new_leads: u64,
    /// Closed before, and found again.
    pub found_again: u64,
    pub answered: u64,
    pub closed: u64,
}

/// Rows of one transaction: some tenths of a second.
pub(crate) const PORTION: usize = 20_000;

impl Store {
    /// Takes a month over. Doing it twice changes nothing.
    pub fn import_clearing(&self, clearing: ImportedClearing<'_>, at: Moment) -> Outcome<Imported> {
        let ImportedClearing { region, month, persons, files, leads, ended, mut kept, .. } = clearing;
        let hash = &clearing.certificate_hash;
        let was_last = self.database.write(|connection| begin(connection, hash))?;
        let mut done = Imported::default();
        let mut lists = None;
        match was_last {
            // People, links and households are as this certificate left them.
            Some((persons, links)) => (done.persons, done.links) = (persons, links),
            None => {
                self.database.write(set_indexes_aside)?;
                done.persons = self.import_persons(persons, month)?;
                for file in files {
                    done.links += self.import_links(&file?)?;
                }
                lists = Some(self.import_kept(&mut kept, region, month)?);
                self.database.write(make_indexes)?;
            }
        }
        self.change(|connection, audit| {
            let mut import = LeadImport {
                keys: &self.keys,
                connection,
                month,
                at,
                known: HashMap::new(),
                done: &mut done,
            };
            import.load()?;
            import.leads(leads)?;
            import.end(&ended)?;
            write_month(connection, region, month, &clearing.figures, &clearing.sources)?;
            if let Some(lists) = &lists {
                write_kept(connection, &kept, lists)?;
            }
            set_setting(connection, LAST_IMPORT, &last_import(hash, &done))?;
            write_clearing(connection, (region, month), hash, &clearing.certificate_json, at)?;
            let mut entry = Entry::by_program(at, Action::Import, "month", format!("{region} {month}"));
            entry.region = region;
            entry.detail = format!(
                "certificate={hash} persons={} leads={} new={} closed={}",
                done.persons, done.leads, done.new_leads, done.closed
            );
            audit.push(entry);
            Ok(())
        })?;
        Ok(done)
    }

    /// Only those of whom something has changed are sealed and written; the others are told their month.
    fn import_persons(
        &self,
        persons: impl Iterator<Item = Outcome<ImportedPerson>>,
        month: Month,
    ) -> Outcome<u64> {
        let known = self.database.read(KnownPersons::load)?;
        let latest = self.database.read(latest_whole)?;
        let into = Bulk { newest_up_to: Some(latest), ..PERSONS };
        let mut persons = persons.peekable();
        let mut total = 0;
        while persons.peek().is_some() {
            let (mut changed, mut later) = (Vec::new(), Vec::new());
            for person in persons.by_ref().take(PORTION) {
                let person = person?;
                let digest = self.keys.digest(&person)?;
                match known.get(&digest) {
                    // Known as it is now, or later.
                    Some((_, of))
                        if of >= month.index() && (i64::from(of) <= latest || of == month.index()) => {}
                    Some((number, _)) => later.push(number),
                    None => changed.push((digest, person)),
                }
                total += 1;
            }
            if changed.is_empty() && later.is_empty() {
                continue;
            }
            self.database.write(|connection| {
                let first = next_numbers(connection, "person", changed.len() as i64)?;
                let mut rows = (first..).zip(&changed).map(|(number, (digest, person))| {
                    person_values(&self.keys, number, person, month, digest)
                });
                connection.bulk(&into, &mut rows)?;
                set_month(connection, &later, month)
            })?;
        }
        Ok(total)
    }

    fn import_links(&self, file: &ImportedFile) -> Outcome<u64> {
        let digest = self.keys.digest(&file.links)?;
        let key = [file.roster.as_str().into(), file.month.as_str().into(), file.key.as_str().into()];
        let number = self.database.write(|connection| {
            let find = "SELECT source_no FROM roster_files WHERE roster = $1 AND month = $2 AND file_key = $3";
            if let Some(row) = connection.row(find, &key)? {
                let number = row.int(0)?;
                if file_digest(connection, number)? == Some(digest) {
                    return Ok(None);
                }
                // Until all of it is written, it is nothing that could be found to be the same.
                set_file_digest(connection, number, None)?;
                return Ok(Some(number));
            }
            let number = next_numbers(connection, "source", 1)?;
            connection.execute(
                "INSERT INTO roster_files (source_no, roster, month, file_key, file) VALUES ($1, $2, $3, $4, $5)",
                &[number.into(), key[0], key[1], key[2], file.file.as_str().into()],
            )?;
            Ok(Some(number))
        })?;
        let Some(number) = number else { return Ok(file.links.len() as u64) };
        for portion in file.links.chunks(PORTION) {
            self.database.write(|connection| {
                connection.bulk(&LINKS, &mut portion.iter().map(|link| Ok(link_values(number, link))))
            })?;
        }
        self.database.write(|connection| set_file_digest(connection, number, Some(&digest)))?;
        Ok(file.links.len() as u64)
    }
}

/// The latest month that was taken over as a whole: what is there of a later one was cut off.
pub(crate) fn latest_whole(connection: &mut Connection) -> Outcome<i64> {
    connection.number("SELECT COALESCE(MAX(month), 0) FROM clearings", &[])
}

/// Rows in a statement that names them by number.
const NUMBERS: usize = 500;

fn set_month(connection: &mut Connection, numbers: &[i64], month: Month) -> Outcome<()> {
    for some in numbers.chunks(NUMBERS) {
        let list: Vec<String> = some.iter().map(ToString::to_string).collect();
        let sql = format!("UPDATE persons SET month = $1 WHERE person_no IN ({})", list.join(","));
        connection.execute(&sql, &[i64::from(month.index()).into()])?;
    }
    Ok(())
}

fn region_number<S: serde::Serializer>(region: &RegionCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(region.number())
}

fn birth_number<S: serde::Serializer>(birth: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(birth.map_or(i64::MIN, |day| i64::from(epoch_day(day))))
}

const PERSON_COLUMNS: [&str; 17] = [
    "person_no",
    "person_id",
    "household_id",
    "region",
    "name",
    "relation",
    "sex",
    "birth",
    "bucket",
    "programmes",
    "month",
    "sealed",
    "key_id",
    "id_index",
    "phone_index",
    "account_index",
    "digest",
];

const PERSONS: Bulk<'static> = Bulk {
    table: "persons",
    columns: &PERSON_COLUMNS,
    identity: &["person_id"],
    // All but its two numbers.
    replace: PERSON_COLUMNS.split_at(2).1,
    newest_up_to: None,
};

const LINKS: Bulk<'static> = Bulk {
    table: "links",
    columns: &["source_no", "row_no", "person_id", "class", "grade", "likelihood"],
    identity: &["source_no", "row_no"],
    replace: &["person_id", "class", "grade", "likelihood"],
    newest_up_to: None,
};

/// Which certificate was taken over last, by which program, with how many people and links; nothing while one is under way.
const LAST_IMPORT: &str = "last-import";

fn last_import(hash: &str, done: &Imported) -> String {
    let program = format!("{} {}", env!("CARGO_PKG_VERSION"), crate::migrations::LATEST);
    format!("{hash} {program} {} {}", done.persons, done.links)
}

/// People and links of a certificate that was taken over last of all: nothing has touched them since. What is begun now is
/// nothing to rely on before it has ended.
fn begin(connection: &mut Connection, hash: &str) -> Outcome<Option<(u64, u64)>> {
    let Some(last) = setting(connection, LAST_IMPORT)? else { return Ok(None) };
    let mut counts = last.rsplit(' ').map_while(|count| count.parse().ok());
    let known = counts.next().zip(counts.next()).map(|(links, persons)| (persons, links));
    let same = |(persons, links): &(u64, u64)| {
        last == last_import(hash, &Imported { persons: *persons, links: *links, ..Imported::default() })
    };
    let found = known.filter(same);
    if found.is_none() {
        connection.execute("DELETE FROM settings WHERE name = $1", &[LAST_IMPORT.into()])?;
    }
    Ok(found)
}

const ASIDE: &str = "indexes-aside";

/// Into an empty table a bulk goes without indexes, which are made at the end: sorted once instead of a page here and a
/// page there for each row. What has to be made again is written down in the same transaction, so that it is made even if
/// the plug is pulled in between.
fn set_indexes_aside(connection: &mut Connection) -> Outcome<()> {
    let mut aside = Vec::new();
    for table in ["persons", "links", "households"] {
        if connection.row(&format!("SELECT 1 FROM {table} LIMIT 1"), &[])?.is_some() {
            continue;
        }
        for (name, statement) in connection.indexes(table)? {
            connection.script(&format!("DROP INDEX {name}"))?;
            aside.push(statement);
        }
    }
    if aside.is_empty() {
        return Ok(());
    }
    let before = setting(connection, ASIDE)?;
    aside.extend(before);
    set_setting(connection, ASIDE, &aside.join(";\n"))
}

/// Makes what was set aside; nothing where nothing was.
pub(crate) fn make_indexes(connection: &mut Connection) -> Outcome<()> {
    if let Some(statements) = setting(connection, ASIDE)? {
        connection.script(&statements)?;
        connection.execute("DELETE FROM settings WHERE name = $1", &[ASIDE.into()])?;
    }
    Ok(())
}

/// Digits only: how telephones and accounts are written differs from roster to roster.
pub(crate) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

pub(crate) fn indexes(keys: &Keyring, secrets: &PersonSecrets) -> [Option<Vec<u8>>; 3] {
    [
        keys.index(IndexColumn::IdNumber, &secrets.id_number.trim().to_uppercase()),
        keys.index(IndexColumn::Phone, &digits(&secrets.phone)),
        keys.index(IndexColumn::Account, &digits(&secrets.account)),
    ]
}

fn person_values(
    keys: &Keyring,
    number: i64,
    person: &ImportedPerson,
    month: Month,
    digest: &Digest,
) -> Outcome<Vec<Value>> {
    let secrets = PersonSecrets {
        id_number: person.id_number.clone(),
        phone: person.phone.clone(),
        account: person.account.clone(),
        address: person.address.clone(),
        reason: person.reason.clone(),
        missing: person.missing.clone(),
    };
    let sealed = seal(keys, &Place::Person(&person.person_id), &secrets)?;
    let [id_index, phone_index, account_index] = indexes(keys, &secrets);
    Ok(vec![
        number.into(),
        person.person_id.as_str().into(),
        person.household_id.as_str().into(),
        (person.region.number() as i64).into(),
        person.name.as_str().into(),
        person.relation.as_str().into(),
        person.sex.as_str().into(),
        person.birth.map(|day| i64::from(epoch_day(day))).into(),
        person.bucket.as_str().into(),
        person.programmes.as_str().into(),
        i64::from(month.index()).into(),
        sealed.into(),
        keys.current().id.into(),
        id_index.into(),
        phone_index.into(),
        account_index.into(),
        digest.to_vec().into(),
    ])
}

fn link_values(number: i64, link: &ImportedLink) -> Vec<Value> {
    vec![
        number.into(),
        i64::from(link.row).into(),
        link.person_id.as_str().into(),
        link.class.into(),
        link.grade.to_string().into(),
        i64::from(link.likelihood).into(),
    ]
}

fn write_month(
    connection: &mut Connection,
    place: RegionCode,
    month: Month,
    figures: &[Figure],
    sources: &[MonthSource],
) -> Outcome<()> {
    let (region, index) = (place.number() as i64, i64::from(month.index()));
    let (from, to) = span(place);
    connection.execute(
        "DELETE FROM month_figures WHERE month = $1 AND region >= $2 AND region < $3",
        &[index.into(), from.into(), to.into()],
    )?;
    let rows = figures.iter().map(|figure| {
        let values: Vec<Value> = vec![
            index.into(),
            (figure.region.number() as i64).into(),
            figure.kind.as_str().into(),
            figure.name.as_str().into(),
            figure.value.into(),
        ];
        Ok(values)
    });
    connection.bulk(&FIGURES, &mut { rows })?;
    connection.execute(
        "DELETE FROM month_sources WHERE region = $1 AND month = $2",
        &[region.into(), index.into()],
    )?;
    let rows = sources.iter().map(|source| {
        let values: Vec<Value> = vec![
            region.into(),
            index.into(),
            source.roster.as_str().into(),
            source.name.as_str().into(),
            source.department.as_str().into(),
            i64::from(source.is_monthly).into(),
            i64::from(source.has_arrived).into(),
            (source.rows as i64).into(),
        ];
        Ok(values)
    });
    connection.bulk(&SOURCES, &mut { rows }).map(drop)
}

const FIGURES: Bulk<'static> = Bulk {
    table: "month_figures",
    columns: &["month", "region", "kind", "name", "value"],
    identity: &["month", "region", "kind", "name"],
    replace: &["value"],
    newest_up_to: None,
};

const SOURCES: Bulk<'static> = Bulk {
    table: "month_sources",
    columns: &["region", "month", "roster", "name", "department", "is_monthly", "has_arrived", "row_count"],
    identity: &["region", "month", "roster"],
    replace: &["name", "department", "is_monthly", "has_arrived", "row_count"],
    newest_up_to: None,
};

fn write_clearing(
    connection: &mut Connection,
    (place, month): (RegionCode, Month),
    hash: &str,
    json: &str,
    at: Moment,
) -> Outcome<()> {
    connection
        .execute(
            "INSERT INTO clearings (region, month, certificate_hash, certificate, imported_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (region, month) DO UPDATE SET certificate_hash = excluded.certificate_hash,
                 certificate = excluded.certificate, imported_at = excluded.imported_at",
            &[
                (place.number() as i64).into(),
                i64::from(month.index()).into(),
                hash.into(),
                json.into(),
                at.millis().into(),
            ],
        )
        .map(drop)
}
