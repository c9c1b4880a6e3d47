//! A store of its own for each test, on both databases.

use crate::db::{Database, Kind};
use crate::migrations;
use crate::seal::{Keyring, create_key_file};
use crate::users::NewUser;
use crate::{Scope, Store};
use doudi_casework::{Grant, Grants, Moment, Role, UserId};
use doudi_terms::{RegionCode, parse_date};
use std::sync::Arc;

pub struct Bench {
    pub store: Arc<Store>,
    pub folder: tempfile::TempDir,
    pub address: String,
    kind: Kind,
    server: Option<(String, String)>,
}

pub const PASSWORD: &str = "Lv8-kuaile-he";

pub fn at(text: &str) -> Moment {
    Moment::noon_of(parse_date(text).expect("a date"))
}

pub fn now() -> Moment {
    at("2020-05-11")
}

pub fn region(text: &str) -> RegionCode {
    RegionCode::parse(text).expect("a code")
}

pub fn grants(list: &[(Role, &str)]) -> Grants {
    Grants::new(list.iter().map(|(role, place)| Grant { role: *role, region: region(place) }))
        .expect("compatible")
}

/// Runs a test on SQLite and, where there is a server, on PostgreSQL.
pub fn on_both(test: impl Fn(&Bench)) {
    test(&Bench::sqlite());
    match std::env::var("DOUDI_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => test(&Bench::postgres(&url)),
        _ if std::env::var("CI").is_ok() => {
            panic!("in CI these tests need PostgreSQL: run them with .ci/with-postgres")
        }
        _ => {}
    }
}

impl Bench {
    fn sqlite() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let address = folder.path().join("doudi.db").to_string_lossy().into_owned();
        Bench::with(folder, address, Kind::Sqlite, None)
    }

    fn postgres(url: &str) -> Bench {
        let name = format!("test_{}", crate::seal::hex(&crate::random::bytes::<8>().expect("chance")));
        let database = Database::postgres(url).expect("an address");
        database.write(|connection| connection.script(&format!("CREATE SCHEMA {name}"))).expect("a schema");
        let joint = if url.contains('?') { '&' } else { '?' };
        let address = format!("{url}{joint}options=-csearch_path%3D{name}");
        let folder = tempfile::tempdir().expect("a folder");
        Bench::with(folder, address, Kind::Postgres, Some((url.to_owned(), name)))
    }

    fn with(
        folder: tempfile::TempDir,
        address: String,
        kind: Kind,
        server: Option<(String, String)>,
    ) -> Bench {
        let keys = create_key_file(&folder.path().join("keys")).expect("keys");
        let store = Arc::new(Store::open(&address, keys).expect("a store"));
        Bench { store, folder, address, kind, server }
    }

    pub fn keys(&self) -> Keyring {
        Keyring::from_file(&self.folder.path().join("keys")).expect("keys")
    }

    /// A second way in, past the store: what somebody with the database's password can do.
    pub fn database(&self) -> Database {
        match self.kind {
            Kind::Sqlite => Database::sqlite(std::path::Path::new(&self.address)),
            Kind::Postgres => Database::postgres(&self.address).expect("an address"),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        self.kind == Kind::Sqlite
    }

    /// The address of an empty schema beside this one; `None` on SQLite.
    pub fn empty_schema(&self) -> Option<String> {
        let (url, name) = self.server.as_ref()?;
        let admin = Database::postgres(url).expect("an address");
        admin
            .write(|connection| connection.script(&format!("CREATE SCHEMA {name}_older")))
            .expect("a schema");
        let joint = if url.contains('?') { '&' } else { '?' };
        Some(format!("{url}{joint}options=-csearch_path%3D{name}_older"))
    }

    /// An empty database of the same kind, with the schema of an older version.
    pub fn older(&self, version: i64) -> Database {
        let database = match self.server {
            None => Database::sqlite(&self.folder.path().join("older.db")),
            Some(_) => {
                let address = self.empty_schema().expect("a server");
                Database::postgres(&address).expect("an address")
            }
        };
        migrations::migrate_to(&database, version).expect("migrated");
        database
    }

    /// Adds somebody past the front door, with a password that is set.
    pub fn user(&self, login: &str, list: &[(Role, &str)]) -> UserId {
        let new = NewUser { login: login.into(), name: format!("{login}的姓名"), grants: grants(list) };
        let hash = fast_hash();
        self.store
            .database
            .write(|connection| crate::users::insert(connection, &new, &hash, now(), false))
            .expect("a user")
    }

    pub fn scope(&self, login: &str) -> Scope {
        let (token, _) = self.store.log_in(login, PASSWORD, "127.0.0.1", now()).expect("logged in");
        self.store.scope(token.as_str(), "127.0.0.1", now()).expect("a scope")
    }

    pub fn scope_of(&self, login: &str, list: &[(Role, &str)]) -> Scope {
        self.user(login, list);
        self.scope(login)
    }
}

/// Hashing is slow by design; tests do it once.
fn fast_hash() -> String {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| crate::passwords::Gate::default().hash(PASSWORD).expect("a hash")).clone()
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some((url, name)) = &self.server
            && let Ok(database) = Database::postgres(url)
        {
            let _ = database.write(|connection| {
                connection.script(&format!(
                    "DROP SCHEMA IF EXISTS {name} CASCADE; DROP SCHEMA IF EXISTS {name}_older CASCADE"
                ))
            });
        }
    }
}
