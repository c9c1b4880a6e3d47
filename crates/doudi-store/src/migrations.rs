//! The schema, step by step. A step that has shipped is never edited; the next one follows it.

use crate::db::{Connection, Database, Kind};
use crate::error::{Outcome, StoreError};

struct Migration {
    name: &'static str,
    both: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "people-and-audit",
        both: include_str!("migrations/0001-people-and-audit.sql"),
        sqlite: include_str!("migrations/0001-append-only.sqlite.sql"),
        postgres: include_str!("migrations/0001-append-only.postgres.sql"),
    },
    Migration {
        name: "register-and-leads",
        both: include_str!("migrations/0002-register-and-leads.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration { name: "months", both: include_str!("migrations/0003-months.sql"), sqlite: "", postgres: "" },
    Migration {
        name: "lead-lists",
        both: include_str!("migrations/0004-lead-lists.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "households",
        both: include_str!("migrations/0005-households.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "digests",
        both: include_str!("migrations/0006-digests.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration {
        name: "evidence",
        both: include_str!("migrations/0007-evidence.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration { name: "cases", both: include_str!("migrations/0008-cases.sql"), sqlite: "", postgres: "" },
    Migration {
        name: "withdrawn-evidence",
        both: include_str!("migrations/0009-withdrawn-evidence.sql"),
        sqlite: "",
        postgres: "",
    },
    Migration { name: "api", both: include_str!("migrations/0010-api.sql"), sqlite: "", postgres: "" },
    Migration {
        name: "case-guards",
        both: include_str!("migrations/0011-case-guards.sql"),
        sqlite: "",
        postgres: "",
    },
];

pub(crate) const LATEST: i64 = MIGRATIONS.len() as i64;

/// Brings the database to the latest schema, each step in a transaction of its own. Gives the version it found.
pub(crate) fn migrate(database: &Database) -> Outcome<i64> {
    migrate_to(database, LATEST)
}

pub(crate) fn migrate_to(database: &Database, target: i64) -> Outcome<i64> {
    let found = database.write(version)?;
    if found > LATEST {
        return Err(StoreError::bad(format!(
            "数据库是更新的程序建的（第 {found} 版，这个程序认得到第 {LATEST} 版）。请用新的程序打开"
        )));
    }
    for (number, migration) in (1_i64..).zip(MIGRATIONS) {
        if number <= target {
            database.write(|connection| apply(connection, number, migration))?;
        }
    }
    Ok(found)
}

/// 0 in an empty database.
pub(crate) fn version(connection: &mut Connection) -> Outcome<i64> {
    let int = ddl("{INT}", connection.kind());
    connection.script(&format!(
        "CREATE TABLE IF NOT EXISTS schema_version (number {int} PRIMARY KEY, name TEXT NOT NULL)"
    ))?;
    connection.number("SELECT MAX(number) FROM schema_version", &[])
}

fn apply(connection: &mut Connection, number: i64, migration: &Migration) -> Outcome<()> {
    // Two programs that start at once both come here; the second finds it done.
    if connection.kind() == Kind::Postgres {
        connection.script("LOCK TABLE schema_version IN EXCLUSIVE MODE")?;
    }
    if version(connection)? >= number {
        return Ok(());
    }
    let kind = connection.kind();
    connection.script(&ddl(migration.both, kind))?;
    let own = match kind {
        Kind::Sqlite => migration.sqlite,
        Kind::Postgres => migration.postgres,
    };
    if !own.is_empty() {
        connection.script(own)?;
    }
    connection
        .execute(
            "INSERT INTO schema_version (number, name) VALUES ($1, $2)",
            &[number.into(), migration.name.into()],
        )
        .map(drop)
}

/// The four words in which the two databases differ. Texts sort by their bytes in both, or pages would not meet.
fn ddl(text: &str, kind: Kind) -> String {
    let words = match kind {
        Kind::Sqlite => ["INTEGER", "TEXT", "BLOB", " STRICT", " STRICT, WITHOUT ROWID"],
        Kind::Postgres => ["BIGINT", "TEXT COLLATE \"C\"", "BYTEA", "", ""],
    };
    let names = ["{INT}", "{TEXT}", "{BYTES}", "{TABLE}", "{CLUSTERED}"];
    names.iter().zip(words).fold(text.to_owned(), |text, (name, word)| text.replace(name, word))
}
