//! The embedded database: one file, write-ahead log.

use super::Bulk;
use super::value::{Param, Row, Value};
use crate::error::{Outcome, StoreError};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql};
use std::path::Path;

/// On every connection. What was acknowledged survives a power cut (FULL); a page cache of 8 MB per connection keeps
/// the whole server small.
const PRAGMAS: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA busy_timeout = 20000;
PRAGMA cache_size = -8000;
PRAGMA trusted_schema = OFF;
PRAGMA secure_delete = ON;
";

pub(crate) struct Sqlite(Connection);

impl Sqlite {
    pub fn open(path: &Path) -> Outcome<Sqlite> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        owner_only(path)?;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch(PRAGMAS)?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Sqlite(connection))
    }

    pub fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<u64> {
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        let changed = statement.execute(rusqlite::params_from_iter(params))?;
        Ok(changed as u64)
    }

    pub fn each(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut statement = self.0.prepare_cached(&numbered(sql))?;
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|at| value(row.get_ref(at)?));
            visit(Row(values.collect::<Outcome<_>>()?))?;
        }
        Ok(())
    }

    pub fn script(&mut self, sql: &str) -> Outcome<()> {
        Ok(self.0.execute_batch(sql)?)
    }

    pub fn bulk(
        &mut self,
        bulk: &Bulk<'_>,
        rows: &mut dyn Iterator<Item = Outcome<Vec<Value>>>,
    ) -> Outcome<u64> {
        let places: Vec<String> = (1..=bulk.columns.len()).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({}){}",
            bulk.table,
            bulk.columns.join(", "),
            places.join(", "),
            bulk.on_conflict()
        );
        let mut statement = self.0.prepare(&sql)?;
        let mut count = 0;
        for row in rows {
            let row = row?;
            statement.execute(rusqlite::params_from_iter(row.iter().map(Value::param)))?;
            count += 1;
        }
        Ok(count)
    }
}

/// A new file that holds people's data is its owner's alone.
fn owner_only(path: &Path) -> Outcome<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path).map(drop).map_err(StoreError::io(path))
}

/// SQLite counts `$1` by first appearance; `?1` means the first parameter wherever it stands. And a plus before a column
/// keeps it out of the choice of an index, see [`super::NOT_BY_INDEX`].
fn numbered(sql: &str) -> String {
    sql.replace('$', "?").replace(super::NOT_BY_INDEX, "+")
}

fn value(value: ValueRef<'_>) -> Outcome<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::damaged("有小数，而数据库里不存小数")),
    })
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
