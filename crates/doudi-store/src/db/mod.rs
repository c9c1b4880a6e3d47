//! The wall to the databases: one text of SQL with `$1` parameters, four kinds of values, two drivers.
//!
//! Only what both understand is written elsewhere; what differs (types in DDL, triggers, how a bulk is brought in) stands
//! here and in the migrations.

mod pool;
mod postgres;
mod sqlite;
mod value;

pub(crate) use pool::{Database, Kind};
pub(crate) use value::{Param, Row, Value};

use crate::error::Outcome;

/// Before a column in a condition: no index is to be chosen for it. SQLite, which reads a plus there, has to be told when the
/// index that is in the order asked for is the better one; to PostgreSQL it is a comment, for it estimates by itself and a
/// plus would make it believe that nearly nothing is left.
pub(crate) const NOT_BY_INDEX: &str = "/*+*/";

/// One open connection. Everything goes through these few functions.
pub(crate) enum Connection {
    Sqlite(sqlite::Sqlite),
    Postgres(Box<postgres::Postgres>),
}

impl Connection {
    pub fn kind(&self) -> Kind {
        match self {
            Connection::Sqlite(_) => Kind::Sqlite,
            Connection::Postgres(_) => Kind::Postgres,
        }
    }

    /// How many rows it changed.
    pub fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<u64> {
        match self {
            Connection::Sqlite(sqlite) => sqlite.execute(sql, params),
            Connection::Postgres(postgres) => postgres.execute(sql, params),
        }
    }

    /// Row by row, without keeping them.
    pub fn each(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Outcome<()>,
    ) -> Outcome<()> {
        match self {
            Connection::Sqlite(sqlite) => sqlite.each(sql, params, visit),
            Connection::Postgres(postgres) => postgres.each(sql, params, visit),
        }
    }

    pub fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<Vec<Row>> {
        let mut rows = Vec::new();
        self.each(sql, params, &mut |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    pub fn row(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<Option<Row>> {
        Ok(self.rows(sql, params)?.into_iter().next())
    }

    /// The one number that a query gives; 0 where it gives none.
    pub fn number(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<i64> {
        Ok(self.row(sql, params)?.map(|row| row.opt_int(0)).transpose()?.flatten().unwrap_or(0))
    }

    /// Several statements without parameters.
    pub fn script(&mut self, sql: &str) -> Outcome<()> {
        match self {
            Connection::Sqlite(sqlite) => sqlite.script(sql),
            Connection::Postgres(postgres) => postgres.script(sql),
        }
    }

    /// Names of a table's columns, in order.
    pub fn columns(&mut self, table: &str) -> Outcome<Vec<String>> {
        let sql = match self.kind() {
            Kind::Sqlite => "SELECT name FROM pragma_table_info($1) ORDER BY cid",
            Kind::Postgres => {
                "SELECT CAST(column_name AS TEXT) FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
            }
        };
        self.rows(sql, &[table.into()])?.iter().map(|row| row.string(0)).collect()
    }

    /// Indexes of a table that were made by name, each with the statement that makes it.
    pub fn indexes(&mut self, table: &str) -> Outcome<Vec<(String, String)>> {
        let sql = match self.kind() {
            Kind::Sqlite => {
                "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL"
            }
            // What a key made belongs to the key. By the table's number: the view of all indexes looks at those of other
            // schemas too, and fails where one is dropped meanwhile.
            Kind::Postgres => {
                "SELECT CAST(c.relname AS TEXT), pg_get_indexdef(c.oid)
                 FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                 WHERE x.indrelid = to_regclass($1) AND NOT x.indisunique ORDER BY c.relname"
            }
        };
        self.rows(sql, &[table.into()])?.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
    }

    /// Names of all tables.
    pub fn tables(&mut self) -> Outcome<Vec<String>> {
        let sql = match self.kind() {
            Kind::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
            Kind::Postgres => {
                "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
            }
        };
        self.rows(sql, &[])?.iter().map(|row| row.string(0)).collect()
    }

    /// Brings many rows into a table. With `or_replace` (the columns that identify a row) a row that is there takes the
    /// new values; without, it must not be there.
    pub fn bulk(
        &mut self,
        bulk: &Bulk<'_>,
        rows: &mut dyn Iterator<Item = Outcome<Vec<Value>>>,
    ) -> Outcome<u64> {
        match self {
            Connection::Sqlite(sqlite) => sqlite.bulk(bulk, rows),
            Connection::Postgres(postgres) => postgres.bulk(bulk, rows),
        }
    }
}

/// Where a bulk goes.
pub(crate) struct Bulk<'a> {
    pub table: &'a str,
    pub columns: &'a [&'a str],
    /// Empty = rows must be new.
    pub identity: &'a [&'a str],
    /// Columns that an existing row takes over; the others it keeps.
    pub replace: &'a [&'a str],
    /// A row that is there stays as it is where its month is later, up to this one, the latest that was taken over as a
    /// whole: what is known of somebody is what the newest month knew, in whatever order months come.
    pub newest_up_to: Option<i64>,
}

impl Bulk<'_> {
    fn on_conflict(&self) -> String {
        if self.identity.is_empty() {
            return String::new();
        }
        let sets: Vec<String> =
            self.replace.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let action =
            if sets.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", sets.join(", ")) };
        let table = self.table;
        let later = self.newest_up_to.map_or(String::new(), |latest| {
            format!(" WHERE excluded.month >= {table}.month OR {table}.month > {latest}")
        });
        format!(" ON CONFLICT ({}) DO {action}{later}", self.identity.join(", "))
    }
}
