//! The store: one database, its keys, and the order in which reads are written down.

use crate::audit::{self, Entry};
use crate::db::{Connection, Database, Kind};
use crate::error::{Outcome, StoreError};
use crate::migrations;
use crate::passwords::Gate;
use crate::remembered::Remembered;
use crate::seal::Keyring;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything that people decide, behind one wall. Share it as `Arc<Store>`; calls block, so a server makes them on
/// threads that may block.
pub struct Store {
    pub(crate) database: Database,
    pub(crate) keys: Keyring,
    pub(crate) gate: Gate,
    pub(crate) queue: Mutex<Vec<(Entry, Arc<AtomicU8>)>>,
    leader: Mutex<()>,
    pub(crate) sums: Remembered,
}

const WAITING: u8 = 0;
const WRITTEN: u8 = 1;
const FAILED: u8 = 2;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// A file (made if it is not there), or `postgres://…`. Brings the schema up to date.
    pub fn open(address: &str, keys: Keyring) -> Outcome<Store> {
        let is_server = address.starts_with("postgres://") || address.starts_with("postgresql://");
        let database =
            if is_server { Database::postgres(address)? } else { Database::sqlite(Path::new(address)) };
        migrations::migrate(&database)?;
        Store::over(database, keys)
    }

    pub(crate) fn over(database: Database, keys: Keyring) -> Outcome<Store> {
        let store = Store {
            database,
            keys,
            gate: Gate::default(),
            queue: Mutex::default(),
            leader: Mutex::default(),
            sums: Remembered::default(),
        };
        store.check_keys()?;
        // Of an import that was cut off.
        store.database.write(crate::takeover::make_indexes)?;
        Ok(store)
    }

    /// The keys must be those of this database: found out now, not at the first person that does not open.
    fn check_keys(&self) -> Outcome<()> {
        let found = self.database.read(|connection| setting(connection, "key-check"))?;
        if let Some(sealed) = found {
            let wrong = |_| {
                StoreError::Key(
                    "密钥不是这个数据库的。请用建立它时的密钥文件，或者检查是不是打开了别的数据库".into(),
                )
            };
            return self.keys.open(KEY_CHECK, &unhex(&sealed)?).map(drop).map_err(wrong);
        }
        self.database.write(|connection| match setting(connection, "key-check")? {
            // Somebody else was faster.
            Some(_) => Ok(()),
            None => seal_key_check(connection, &self.keys),
        })
    }

    /// `sqlite` or `postgres`, for messages.
    pub fn kind(&self) -> &'static str {
        match self.database.kind() {
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
        }
    }

    /// A change and its audit in one transaction: both or neither.
    pub(crate) fn change<T>(
        &self,
        work: impl FnOnce(&mut Connection, &mut Vec<Entry>) -> Outcome<T>,
    ) -> Outcome<T> {
        let outcome = self.database.write(|connection| {
            let mut entries = Vec::new();
            let value = work(connection, &mut entries)?;
            audit::append(connection, &self.keys, &entries)?;
            Ok(value)
        });
        self.sums.forget();
        outcome
    }

    /// Writes down that something was read, and returns when that is on disc. Reads that come at the same time are
    /// written together: whoever gets the lead writes for all who wait.
    pub(crate) fn note_read(&self, entry: Entry) -> Outcome<()> {
        let ticket = Arc::new(AtomicU8::new(WAITING));
        lock(&self.queue).push((entry, ticket.clone()));
        let _lead = lock(&self.leader);
        match ticket.load(Ordering::Acquire) {
            WRITTEN => return Ok(()),
            FAILED => return Err(StoreError::Database("操作记录没有写进去，所以不能查看".into())),
            _ => {}
        }
        let (entries, tickets): (Vec<Entry>, Vec<_>) =
            std::mem::take(&mut *lock(&self.queue)).into_iter().unzip();
        let outcome = self.database.write(|connection| audit::append(connection, &self.keys, &entries));
        let state = if outcome.is_ok() { WRITTEN } else { FAILED };
        tickets.iter().for_each(|ticket| ticket.store(state, Ordering::Release));
        outcome
    }
}

pub(crate) const KEY_CHECK: &str = "settings|key-check";

/// Leaves something that only these keys open.
pub(crate) fn seal_key_check(connection: &mut Connection, keys: &Keyring) -> Outcome<()> {
    set_setting(connection, "key-check", &crate::seal::hex(&keys.seal(KEY_CHECK, b"doudi")?))
}

pub(crate) fn setting(connection: &mut Connection, name: &str) -> Outcome<Option<String>> {
    let row = connection.row("SELECT value FROM settings WHERE name = $1", &[name.into()])?;
    row.map(|row| row.string(0)).transpose()
}

pub(crate) fn set_setting(connection: &mut Connection, name: &str, value: &str) -> Outcome<()> {
    connection
        .execute(
            "INSERT INTO settings (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            &[name.into(), value.into()],
        )
        .map(drop)
}

/// The next `count` numbers of a counter; gives the first.
pub(crate) fn next_numbers(connection: &mut Connection, counter: &str, count: i64) -> Outcome<i64> {
    let last = connection.number(
        "UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value",
        &[counter.into(), count.into()],
    )?;
    Ok(last - count + 1)
}

pub(crate) fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect::<Option<Vec<u8>>>().ok_or_else(|| StoreError::damaged("十六进制写坏了"))
}
