//! A new key: everything that is sealed is opened with the old one and sealed again, while people go on working.
//!
//! In portions, each a transaction that also says how far it is. Whoever pulls the plug finds every row under one key or
//! the other, and the next run goes on from there.

use crate::audit::{Action, Entry};
use crate::db::{Connection, Param, Row, Value};
use crate::error::{Outcome, StoreError};
use crate::sealed::{LeadSecrets, PersonSecrets, Place, open, open_bytes, open_state, seal, seal_bytes};
use crate::store::{Store, seal_key_check, set_setting, setting};
use crate::takeover::indexes;
use doudi_casework::{LeadState, Moment};

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rotated {
    /// The key that seals now.
    pub key: i64,
    pub rows: u64,
    /// Rows that still need an older key: 0 when it is done.
    pub left: u64,
}

const PORTION: i64 = 1_000;
const PROGRESS: &str = "rotation";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Persons,
    Leads,
    LeadEvents,
    HouseholdMonths,
    EvidenceNames,
    EvidencePieces,
    Cases,
    CaseEvents,
    CaseDrafts,
    ApiAnswers,
}

const TABLES: [Table; 10] = [
    Table::Persons,
    Table::Leads,
    Table::LeadEvents,
    Table::HouseholdMonths,
    Table::EvidenceNames,
    Table::EvidencePieces,
    Table::Cases,
    Table::CaseEvents,
    Table::CaseDrafts,
    Table::ApiAnswers,
];

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Persons => "persons",
            Table::Leads => "leads",
            Table::LeadEvents => "lead_events",
            Table::HouseholdMonths => "household_months",
            Table::EvidenceNames => "lead_evidence",
            Table::EvidencePieces => "evidence_pieces",
            Table::Cases => "cases",
            Table::CaseEvents => "case_events",
            Table::CaseDrafts => "case_drafts",
            Table::ApiAnswers => "api_answers",
        }
    }

    /// Rows of one transaction: of photos a few megabytes.
    fn portion(self) -> i64 {
        if self == Table::EvidencePieces { 32 } else { PORTION }
    }

    /// Whether a row is found by a number beside its key.
    fn has_serial(self) -> bool {
        matches!(
            self,
            Table::LeadEvents
                | Table::HouseholdMonths
                | Table::EvidenceNames
                | Table::EvidencePieces
                | Table::CaseEvents
        )
    }

    /// What comes after the last row that was done. Its first columns are the key, the last ones what is sealed.
    fn select(self) -> &'static str {
        match self {
            Table::Persons => {
                "SELECT person_no, person_id, sealed FROM persons
                 WHERE person_no > $1 AND key_id <> $2 ORDER BY person_no LIMIT $3"
            }
            Table::Leads => {
                "SELECT lead_id, version, sealed, state_sealed FROM leads
                 WHERE lead_id > $1 AND key_id <> $2 ORDER BY lead_id LIMIT $3"
            }
            Table::LeadEvents => {
                "SELECT lead_id, serial, state_sealed FROM lead_events
                 WHERE (lead_id, serial) > ($1, $4) AND key_id <> $2 ORDER BY lead_id, serial LIMIT $3"
            }
            Table::HouseholdMonths => {
                "SELECT household_id, month, sealed FROM household_months
                 WHERE (household_id, month) > ($1, $4) AND key_id <> $2 ORDER BY household_id, month LIMIT $3"
            }
            Table::EvidenceNames => {
                "SELECT lead_id, serial, sealed FROM lead_evidence
                 WHERE (lead_id, serial) > ($1, $4) AND key_id <> $2 ORDER BY lead_id, serial LIMIT $3"
            }
            Table::EvidencePieces => {
                "SELECT sha256, number, sealed FROM evidence_pieces
                 WHERE (sha256, number) > ($1, $4) AND key_id <> $2 ORDER BY sha256, number LIMIT $3"
            }
            Table::Cases => {
                "SELECT case_id, version, sealed FROM cases
                 WHERE case_id > $1 AND key_id <> $2 ORDER BY case_id LIMIT $3"
            }
            Table::CaseEvents => {
                "SELECT case_id, serial, sealed FROM case_events
                 WHERE (case_id, serial) > ($1, $4) AND key_id <> $2 ORDER BY case_id, serial LIMIT $3"
            }
            Table::CaseDrafts => {
                "SELECT draft_id, updated_at, sealed FROM case_drafts
                 WHERE draft_id > $1 AND key_id <> $2 ORDER BY draft_id LIMIT $3"
            }
            Table::ApiAnswers => {
                "SELECT answer_id, at, sealed FROM api_answers
                 WHERE answer_id > $1 AND key_id <> $2 ORDER BY answer_id LIMIT $3"
            }
        }
    }
}

/// The last row that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cursor {
    table: usize,
    key: String,
    serial: i64,
}

impl Store {
    /// Seals everything with the current key. `go_on` is told how many rows are done and may stop it; a later call goes on.
    pub fn rotate(&self, at: Moment, go_on: &mut dyn FnMut(u64) -> bool) -> Outcome<Rotated> {
        let key = self.keys.current().id;
        let mut rows = 0;
        let mut cursor = self.database.read(|connection| progress(connection, key))?;
        while cursor.table < TABLES.len() && go_on(rows) {
            let (next, count) = self.database.write(|connection| self.portion(connection, &cursor))?;
            (cursor, rows) = (next, rows + count);
        }
        let left = self.database.read(|connection| left(connection, key))?;
        self.change(|connection, audit| {
            if left == 0 {
                seal_key_check(connection, &self.keys)?;
                connection.execute("DELETE FROM settings WHERE name = $1", &[PROGRESS.into()])?;
            }
            let mut entry = Entry::by_program(at, Action::RotateKeys, "keys", key.to_string());
            entry.detail = format!("rows={rows} left={left}");
            audit.push(entry);
            Ok(())
        })?;
        Ok(Rotated { key, rows, left })
    }

    fn portion(&self, connection: &mut Connection, cursor: &Cursor) -> Outcome<(Cursor, u64)> {
        let key = self.keys.current().id;
        let table = TABLES[cursor.table];
        let first: Param<'_> = match (table, cursor.key.as_str()) {
            (Table::Persons, "") => Param::Int(0),
            (Table::Persons, number) => Param::Int(number.parse().unwrap_or(0)),
            (_, text) => Param::Text(text),
        };
        let params = [first, key.into(), table.portion().into(), cursor.serial.into()];
        let count = if table.has_serial() { 4 } else { 3 };
        let found = connection.rows(table.select(), &params[..count])?;
        for row in &found {
            self.seal_again(connection, table, row)?;
        }
        let next = match found.last() {
            Some(last) => Cursor {
                table: cursor.table,
                key: match &last.0[0] {
                    Value::Int(number) => number.to_string(),
                    _ => last.string(0)?,
                },
                serial: if table.has_serial() { last.int(1)? } else { 0 },
            },
            None => Cursor { table: cursor.table + 1, ..Cursor::default() },
        };
        set_setting(connection, PROGRESS, &format!("{key} {} {} {}", next.table, next.serial, next.key))?;
        Ok((next, found.len() as u64))
    }

    fn seal_again(&self, connection: &mut Connection, table: Table, row: &Row) -> Outcome<()> {
        let keys = &self.keys;
        let key = keys.current().id;
        match table {
            Table::Persons => self.seal_person_again(connection, row)?,
            Table::Leads => {
                let id = row.text(0)?;
                let secrets: LeadSecrets = open(keys, &Place::Lead(id), row.bytes(2)?)?;
                let state = open_state(keys, id, row.bytes(3)?)?;
                let sealed = seal(keys, &Place::Lead(id), &secrets)?;
                let state = seal(keys, &Place::LeadState(id), &state)?;
                let params = [
                    id.into(),
                    row.0[1].param(),
                    row.0[2].param(),
                    (&sealed).into(),
                    (&state).into(),
                    key.into(),
                ];
                connection.execute(
                    "UPDATE leads SET sealed = $4, state_sealed = $5, key_id = $6
                     WHERE lead_id = $1 AND version = $2 AND sealed = $3",
                    &params,
                )?;
            }
            Table::LeadEvents => {
                let (id, serial) = (row.text(0)?, row.int(1)?);
                let place = Place::LeadEvent(id, serial);
                let state: LeadState = open(keys, &place, row.bytes(2)?)?;
                let sealed = seal(keys, &place, &state)?;
                connection.execute(
                    "UPDATE lead_events SET state_sealed = $3, key_id = $4 WHERE lead_id = $1 AND serial = $2",
                    &[id.into(), serial.into(), (&sealed).into(), key.into()],
                )?;
            }
            Table::HouseholdMonths => {
                let (id, month) = (row.text(0)?, row.int(1)?);
                let place = Place::HouseholdMonth(id, month);
                let sealed = seal_bytes(keys, &place, &open_bytes(keys, &place, row.bytes(2)?)?)?;
                connection.execute(
                    "UPDATE household_months SET sealed = $4, key_id = $5
                     WHERE household_id = $1 AND month = $2 AND sealed = $3",
                    &[id.into(), month.into(), row.0[2].param(), (&sealed).into(), key.into()],
                )?;
            }
            Table::EvidenceNames => self.seal_name_again(connection, row)?,
            Table::EvidencePieces => self.seal_piece_again(connection, row)?,
            Table::Cases | Table::CaseEvents | Table::CaseDrafts | Table::ApiAnswers => {
                self.seal_case_again(connection, table, row)?;
            }
        }
        Ok(())
    }

    fn seal_person_again(&self, connection: &mut Connection, row: &Row) -> Outcome<()> {
        let keys = &self.keys;
        let key = keys.current().id;
        let place = Place::Person(row.text(1)?);
        let secrets: PersonSecrets = open(keys, &place, row.bytes(2)?)?;
        let sealed = seal(keys, &place, &secrets)?;
        let [id, phone, account] = indexes(keys, &secrets).map(Value::from);
        // Only what was read is replaced: an import may have been faster, and has used the current key.
        let params = [
            row.0[0].param(),
            row.0[2].param(),
            (&sealed).into(),
            key.into(),
            id.param(),
            phone.param(),
            account.param(),
        ];
        connection.execute(
            "UPDATE persons SET sealed = $3, key_id = $4, id_index = $5, phone_index = $6, account_index = $7
             WHERE person_no = $1 AND sealed = $2",
            &params,
        )?;
        Ok(())
    }

    /// Cases, what they were, and drafts: one sealed text each. Only what was read is replaced.
    fn seal_case_again(&self, connection: &mut Connection, table: Table, row: &Row) -> Outcome<()> {
        let (id, number) = (row.text(0)?, row.int(1)?);
        let (place, sql) = match table {
            Table::Cases => {
                let sql = "UPDATE cases SET sealed = $4, key_id = $5
                     WHERE case_id = $1 AND version = $2 AND sealed = $3";
                (Place::Case(id), sql)
            }
            Table::CaseEvents => {
                let sql = "UPDATE case_events SET sealed = $4, key_id = $5
                     WHERE case_id = $1 AND serial = $2 AND sealed = $3";
                (Place::CaseEvent(id, number), sql)
            }
            Table::ApiAnswers => {
                let sql = "UPDATE api_answers SET sealed = $4, key_id = $5
                     WHERE answer_id = $1 AND at = $2 AND sealed = $3";
                (Place::ApiAnswer(id), sql)
            }
            _ => {
                let sql = "UPDATE case_drafts SET sealed = $4, key_id = $5
                     WHERE draft_id = $1 AND updated_at = $2 AND sealed = $3";
                (Place::CaseDraft(id), sql)
            }
        };
        let keys = &self.keys;
        let sealed = seal_bytes(keys, &place, &open_bytes(keys, &place, row.bytes(2)?)?)?;
        let key = keys.current().id;
        let params = [id.into(), number.into(), row.0[2].param(), (&sealed).into(), key.into()];
        connection.execute(sql, &params).map(drop)
    }

    fn seal_name_again(&self, connection: &mut Connection, row: &Row) -> Outcome<()> {
        let (id, serial) = (row.text(0)?, row.int(1)?);
        let place = Place::EvidenceName(id, serial);
        let note: serde_json::Value = open(&self.keys, &place, row.bytes(2)?)?;
        let sealed = seal(&self.keys, &place, &note)?;
        connection
            .execute(
                "UPDATE lead_evidence SET sealed = $3, key_id = $4 WHERE lead_id = $1 AND serial = $2",
                &[id.into(), serial.into(), (&sealed).into(), self.keys.current().id.into()],
            )
            .map(drop)
    }

    /// A piece that a disc has damaged does not stop a change of keys: it stays as it is, told as damaged as before.
    fn seal_piece_again(&self, connection: &mut Connection, row: &Row) -> Outcome<()> {
        let (hash, number) = (row.text(0)?, row.int(1)?);
        let place = Place::EvidencePiece(hash, number).text();
        let sealed = match self.keys.open(&place, row.bytes(2)?) {
            Ok(piece) => self.keys.seal(&place, &piece)?,
            Err(StoreError::Damaged(_)) => row.bytes(2)?.to_vec(),
            Err(error) => return Err(error),
        };
        connection
            .execute(
                "UPDATE evidence_pieces SET sealed = $3, key_id = $4 WHERE sha256 = $1 AND number = $2 AND sealed = $5",
                &[
                    hash.into(),
                    number.into(),
                    (&sealed).into(),
                    self.keys.current().id.into(),
                    row.0[2].param(),
                ],
            )
            .map(drop)
    }
}

fn progress(connection: &mut Connection, key: i64) -> Outcome<Cursor> {
    let Some(text) = setting(connection, PROGRESS)? else { return Ok(Cursor::default()) };
    let parts: Vec<&str> = text.splitn(4, ' ').collect();
    let [of, table, serial, last] = parts[..] else { return Ok(Cursor::default()) };
    // A rotation to another key was never finished: from the beginning.
    if of != key.to_string() {
        return Ok(Cursor::default());
    }
    Ok(Cursor {
        table: table.parse().unwrap_or(0),
        key: last.to_owned(),
        serial: serial.parse().unwrap_or(0),
    })
}

fn left(connection: &mut Connection, key: i64) -> Outcome<u64> {
    let mut left = 0;
    for table in TABLES {
        let sql = format!("SELECT COUNT(*) FROM {} WHERE key_id <> $1", table.name());
        left += connection.number(&sql, &[key.into()])?.unsigned_abs();
    }
    Ok(left)
}
