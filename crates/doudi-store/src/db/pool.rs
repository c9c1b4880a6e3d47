//! Which database, and a few connections to it that are lent out.

use super::Connection;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use crate::error::{Outcome, StoreError};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

enum Address {
    File(PathBuf),
    Server(Box<postgres::Config>),
}

/// Two cores have nothing from more readers than this, and every connection has a cache.
const MOST_CONNECTIONS: usize = 6;

pub(crate) struct Database {
    address: Address,
    /// SQLite has one writer at a time; waiting here is fair, waiting in SQLite is not.
    writer: Mutex<Option<Connection>>,
    lent: Mutex<Lent>,
    returned: Condvar,
}

#[derive(Default)]
struct Lent {
    idle: Vec<Connection>,
    open: usize,
    waiting: usize,
}

/// How busy the connections are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PoolState {
    pub open: usize,
    pub lent: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// A lock that a panic has poisoned still guards plain connections; a transaction that was open is rolled back with it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    pub fn sqlite(path: &Path) -> Database {
        Database::at(Address::File(path.to_owned()))
    }

    /// `postgres://user:password@host:port/database`. Without encryption on the way, so only to this machine, unless
    /// the address says that the way is protected otherwise (`application_name=tunnel`).
    pub fn postgres(url: &str) -> Outcome<Database> {
        let mut config: postgres::Config =
            url.parse().map_err(|error| StoreError::bad(format!("数据库地址写得不对：{error}")))?;
        let far = config.get_hosts().iter().any(|host| match host {
            postgres::config::Host::Tcp(name) => !matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
            #[cfg(unix)]
            postgres::config::Host::Unix(_) => false,
        });
        if far && config.get_application_name() != Some("tunnel") {
            return Err(StoreError::bad(
                "数据库在另一台机器上，而到它的连接没有加密，人员信息会在网上明文传送。请用隧道（ssh、stunnel、WireGuard）\
                 连到本机端口；已经有加密通道的，在地址后面加 ?application_name=tunnel",
            ));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        Ok(Database::at(Address::Server(Box::new(config))))
    }

    fn at(address: Address) -> Database {
        let (writer, lent) = (Mutex::new(None), Mutex::new(Lent::default()));
        Database { address, writer, lent, returned: Condvar::new() }
    }

    pub fn kind(&self) -> Kind {
        match self.address {
            Address::File(_) => Kind::Sqlite,
            Address::Server(_) => Kind::Postgres,
        }
    }

    fn open(&self) -> Outcome<Connection> {
        Ok(match &self.address {
            Address::File(path) => Connection::Sqlite(Sqlite::open(path)?),
            Address::Server(config) => Connection::Postgres(Box::new(Postgres::open(config)?)),
        })
    }

    /// Bulks touch pages all over: a writer has a larger cache than readers, and there is only one.
    fn open_writer(&self) -> Outcome<Connection> {
        let mut connection = self.open()?;
        connection.script("PRAGMA cache_size = -64000")?;
        Ok(connection)
    }

    /// One transaction that writes. An error rolls everything back.
    pub fn write<T>(&self, work: impl FnOnce(&mut Connection) -> Outcome<T>) -> Outcome<T> {
        if self.kind() == Kind::Postgres {
            return self.with_lent(|connection| transaction(connection, "BEGIN", work));
        }
        let mut slot = lock(&self.writer);
        // Taken out while it works: after a panic the next writer opens a fresh one.
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.open_writer()?,
        };
        let outcome = transaction(&mut connection, "BEGIN IMMEDIATE", work);
        if !matches!(outcome, Err(StoreError::Database(_))) {
            *slot = Some(connection);
        }
        outcome
    }

    /// Reads that see one state of the data.
    pub fn read<T>(&self, work: impl FnOnce(&mut Connection) -> Outcome<T>) -> Outcome<T> {
        let begin = match self.kind() {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.with_lent(|connection| transaction(connection, begin, work))
    }

    /// Writes SQLite's log back into its file and closes every connection, so that the file stands by itself. Nothing to do
    /// on a server.
    pub fn close_log(&self) -> Outcome<()> {
        if self.kind() == Kind::Postgres {
            return Ok(());
        }
        let mut writer = lock(&self.writer);
        let mut lent = lock(&self.lent);
        lent.open -= lent.idle.len();
        lent.idle.clear();
        let mut connection = match writer.take() {
            Some(connection) => connection,
            None => self.open()?,
        };
        connection.rows("PRAGMA wal_checkpoint(TRUNCATE)", &[]).map(drop)
    }

    fn with_lent<T>(&self, work: impl FnOnce(&mut Connection) -> Outcome<T>) -> Outcome<T> {
        let mut connection = Borrowed { connection: Some(self.take()?), database: self };
        let outcome = match &mut connection.connection {
            Some(connection) => work(connection),
            None => Err(StoreError::Database("没有连接".into())),
        };
        let broken = match (&outcome, &connection.connection) {
            (Err(StoreError::Database(_)), Some(Connection::Sqlite(_))) => true,
            (_, Some(Connection::Postgres(postgres))) => postgres.is_closed(),
            _ => false,
        };
        if !broken {
            connection.give_back();
        }
        outcome
    }

    fn take(&self) -> Outcome<Connection> {
        let mut lent = lock(&self.lent);
        loop {
            if let Some(connection) = lent.idle.pop() {
                return Ok(connection);
            }
            if lent.open < MOST_CONNECTIONS {
                lent.open += 1;
                drop(lent);
                return self.open().inspect_err(|_| self.closed());
            }
            lent.waiting += 1;
            lent = self.returned.wait(lent).unwrap_or_else(PoisonError::into_inner);
            lent.waiting -= 1;
        }
    }

    pub fn state(&self) -> PoolState {
        let lent = lock(&self.lent);
        PoolState { open: lent.open, lent: lent.open - lent.idle.len(), waiting: lent.waiting }
    }

    fn closed(&self) {
        lock(&self.lent).open -= 1;
        self.returned.notify_one();
    }
}

/// A lent connection; dropped without being given back, it is closed and its place is free again.
struct Borrowed<'d> {
    connection: Option<Connection>,
    database: &'d Database,
}

impl Borrowed<'_> {
    fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.database.lent).idle.push(connection);
            self.database.returned.notify_one();
        }
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if self.connection.take().is_some() {
            self.database.closed();
        }
    }
}

fn transaction<T>(
    connection: &mut Connection,
    begin: &str,
    work: impl FnOnce(&mut Connection) -> Outcome<T>,
) -> Outcome<T> {
    connection.script(begin)?;
    let outcome = work(connection).and_then(|value| connection.script("COMMIT").map(|()| value));
    if outcome.is_err() {
        // If even this fails the connection is dropped, and the database rolls back by itself.
        let _ = connection.script("ROLLBACK");
    }
    outcome
}
