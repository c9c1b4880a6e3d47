//! The server database, PostgreSQL 15 or later.

use super::Bulk;
use super::value::{Param, Row, Value};
use crate::error::{Outcome, StoreError};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{Format, IsNull, ToSql, Type};
use postgres::{Client, Config, NoTls, Statement};
use std::collections::HashMap;
use std::error::Error;
use std::io::Write;

pub(crate) struct Postgres {
    client: Client,
    statements: HashMap<String, Statement>,
}

/// More different statements than this are a mistake; forgetting them all costs one round trip each.
const MOST_STATEMENTS: usize = 256;

impl Postgres {
    pub fn open(config: &Config) -> Outcome<Postgres> {
        let mut client = config.connect(NoTls)?;
        client.batch_execute(
            "SET client_min_messages = warning; SET timezone = 'UTC'; SET synchronous_commit = on; \
             SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '10min'",
        )?;
        Ok(Postgres { client, statements: HashMap::new() })
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn statement(&mut self, sql: &str) -> Outcome<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(sql)?;
        if self.statements.len() >= MOST_STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Outcome<u64> {
        let statement = self.statement(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as _).collect();
        Ok(self.client.execute(&statement, &params)?)
    }

    pub fn each(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        visit: &mut dyn FnMut(Row) -> Outcome<()>,
    ) -> Outcome<()> {
        let statement = self.statement(sql)?;
        let params = params.iter().map(|param| param as &(dyn ToSql + Sync));
        let mut rows = self.client.query_raw(&statement, params)?;
        while let Some(row) = rows.next()? {
            let values = row.columns().iter().enumerate().map(|(at, column)| value(&row, at, column.type_()));
            visit(Row(values.collect::<Outcome<_>>()?))?;
        }
        Ok(())
    }

    pub fn script(&mut self, sql: &str) -> Outcome<()> {
        Ok(self.client.batch_execute(sql)?)
    }

    /// COPY into a table of this transaction, and from there to its place.
    pub fn bulk(
        &mut self,
        bulk: &Bulk<'_>,
        rows: &mut dyn Iterator<Item = Outcome<Vec<Value>>>,
    ) -> Outcome<u64> {
        let columns = bulk.columns.join(", ");
        self.client.batch_execute(&format!(
            "DROP TABLE IF EXISTS bulk_rows; CREATE TEMPORARY TABLE bulk_rows ON COMMIT DROP AS \
             SELECT {columns} FROM {} WHERE false",
            bulk.table
        ))?;
        let mut writer = self.client.copy_in("COPY bulk_rows FROM STDIN")?;
        let mut count = 0;
        let mut line = Vec::new();
        for row in rows {
            line.clear();
            copy_line(&row?, &mut line);
            writer.write_all(&line).map_err(|error| StoreError::Database(error.to_string()))?;
            count += 1;
        }
        writer.finish()?;
        self.client.batch_execute(&format!(
            "INSERT INTO {} ({columns}) SELECT {columns} FROM bulk_rows{}; DROP TABLE bulk_rows",
            bulk.table,
            bulk.on_conflict()
        ))?;
        Ok(count)
    }
}

/// One line of COPY's text form.
fn copy_line(row: &[Value], line: &mut Vec<u8>) {
    for (at, value) in row.iter().enumerate() {
        if at > 0 {
            line.push(b'\t');
        }
        match value {
            Value::Null => line.extend_from_slice(b"\\N"),
            Value::Int(number) => line.extend_from_slice(number.to_string().as_bytes()),
            Value::Text(text) => {
                for byte in text.bytes() {
                    match byte {
                        b'\\' => line.extend_from_slice(b"\\\\"),
                        b'\t' => line.extend_from_slice(b"\\t"),
                        b'\n' => line.extend_from_slice(b"\\n"),
                        b'\r' => line.extend_from_slice(b"\\r"),
                        // PostgreSQL has no such character in texts.
                        0 => {}
                        other => line.push(other),
                    }
                }
            }
            Value::Bytes(bytes) => {
                line.extend_from_slice(b"\\\\x");
                for byte in bytes {
                    const DIGITS: &[u8; 16] = b"0123456789abcdef";
                    line.push(DIGITS[usize::from(byte >> 4)]);
                    line.push(DIGITS[usize::from(byte & 15)]);
                }
            }
        }
    }
    line.push(b'\n');
}

fn value(row: &postgres::Row, at: usize, ty: &Type) -> Outcome<Value> {
    Ok(match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::Int),
        Type::INT4 => {
            row.try_get::<_, Option<i32>>(at)?.map_or(Value::Null, |number| Value::Int(number.into()))
        }
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(at)?.map_or(Value::Null, Value::Bytes),
        Type::TEXT | Type::VARCHAR | Type::NAME => {
            row.try_get::<_, Option<String>>(at)?.map_or(Value::Null, Value::Text)
        }
        ref other => return Err(StoreError::Database(format!("没有料到的类型 {other}"))),
    })
}

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Param::Null, _) => Ok(IsNull::Yes),
            (Param::Int(number), &Type::INT8) => number.to_sql(ty, out),
            (Param::Int(number), &Type::INT4) => i32::try_from(*number)?.to_sql(ty, out),
            // PostgreSQL has no such character in texts: left out, as where rows are copied in.
            (Param::Text(text), _) if text.contains('\0') => text.replace('\0', "").to_sql(ty, out),
            (Param::Text(text), _) => text.to_sql(ty, out),
            (Param::Bytes(bytes), _) => bytes.to_sql(ty, out),
            (Param::Int(_), other) => Err(format!("数不能当作 {other}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(ty, out)
    }
}
