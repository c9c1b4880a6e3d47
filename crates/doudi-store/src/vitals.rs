//! How the store is, for whoever watches over the machine. Nobody in particular is in these answers, so they want no
//! scope.

use crate::error::{Outcome, StoreError};
use crate::migrations;
use crate::store::{KEY_CHECK, Store, lock, setting, unhex};

/// What the store needs in order to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Database,
    Schema,
    Keys,
}

impl Part {
    /// For a line that machines read.
    pub fn code(self) -> &'static str {
        match self {
            Part::Database => "database",
            Part::Schema => "schema",
            Part::Keys => "keys",
        }
    }
}

/// Counts of the whole store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    pub open_leads: u64,
    pub audit_records: u64,
    pub connections_open: usize,
    pub connections_lent: usize,
    pub connections_waited_for: usize,
    pub passwords_checked_now: usize,
    pub passwords_waiting: usize,
    /// Reads that wait for the audit to be on disc.
    pub reads_waiting: usize,
}

impl Store {
    /// The first part that does not do its work; `None` when everything does: the database answers, its schema is this
    /// program's, and what was sealed opens with the keys.
    pub fn unready(&self) -> Option<(Part, StoreError)> {
        let found = self.database.read(|connection| {
            let version = connection.number("SELECT MAX(number) FROM schema_version", &[])?;
            Ok((version, setting(connection, "key-check")?))
        });
        let (version, check) = match found {
            Ok(found) => found,
            Err(error) => return Some((Part::Database, error)),
        };
        if version != migrations::LATEST {
            let what = format!("数据库是第 {version} 版，这个程序要第 {} 版", migrations::LATEST);
            return Some((Part::Schema, StoreError::bad(what)));
        }
        let opened = unhex(&check.unwrap_or_default()).and_then(|sealed| self.keys.open(KEY_CHECK, &sealed));
        opened.err().map(|error| (Part::Keys, error))
    }

    pub fn vitals(&self) -> Outcome<Vitals> {
        let (open_leads, audit_records) = self.database.read(|connection| {
            let open = connection.number("SELECT COUNT(*) FROM leads WHERE is_open = 1", &[])?;
            Ok((open, connection.number("SELECT seq FROM audit_head WHERE id = 1", &[])?))
        })?;
        let (pool, (passwords_checked_now, passwords_waiting)) = (self.database.state(), self.gate.state());
        Ok(Vitals {
            open_leads: open_leads.unsigned_abs(),
            audit_records: audit_records.unsigned_abs(),
            connections_open: pool.open,
            connections_lent: pool.lent,
            connections_waited_for: pool.waiting,
            passwords_checked_now,
            passwords_waiting,
            reads_waiting: lock(&self.queue).len(),
        })
    }
}
