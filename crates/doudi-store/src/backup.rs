//! Backups: every row of one moment, sealed, in one file that both databases read.
//!
//! Made inside a reading transaction, so it is one state of the data while people go on writing. The same file restores
//! into an embedded file and into PostgreSQL: it is also the way from one to the other.

mod stream;

use crate::audit::{self, Action, Entry};
use crate::db::{Bulk, Connection, Database, Value};
use crate::error::{Outcome, StoreError};
use crate::migrations;
use crate::seal::Keyring;
use crate::store::Store;
use doudi_casework::Moment;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use stream::{Record, SealedReader, SealedWriter};

/// In an order in which what is referred to comes first. Who is logged in is not kept.
const TABLES: [&str; 32] = [
    "settings",
    "counters",
    "users",
    "user_grants",
    "audit",
    "audit_subjects",
    "audit_head",
    "persons",
    "leads",
    "lead_events",
    "evidence_files",
    "evidence_pieces",
    "lead_evidence",
    "roster_files",
    "links",
    "clearings",
    "month_figures",
    "month_sources",
    "policy_sets",
    "month_registries",
    "month_checks",
    "households",
    "household_months",
    "group_lists",
    "group_rows",
    "group_sums",
    "sign_offs",
    "cases",
    "case_events",
    "case_drafts",
    "api_tokens",
    "api_answers",
];
/// Of the moment; and the schema, which the program makes by itself.
#[cfg(test)]
pub(crate) const NOT_KEPT: [&str; 3] = ["sessions", "login_attempts", "schema_version"];
/// The schema makes these with rows in them.
const PREFILLED: [&str; 2] = ["counters", "audit_head"];

/// What a backup holds, at its end and under its seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    pub schema: i64,
    pub made_at: Moment,
    pub from: String,
    pub key: i64,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// The audit's head: compare it with what `audit verify` says later.
    pub audit_seq: i64,
    pub audit_hash: String,
}

impl Store {
    /// Writes a file that must not be there yet.
    pub fn create_backup(&self, path: &Path, at: Moment) -> Outcome<BackupManifest> {
        if path.exists() {
            return Err(StoreError::bad(format!(
                "{} 已经有了，备份不覆盖旧的。请换一个文件名",
                path.display()
            )));
        }
        let part = beside(path);
        let manifest = self.database.read(|connection| self.write_backup(connection, &part, at));
        let manifest = manifest.and_then(|manifest| {
            std::fs::rename(&part, path).map_err(StoreError::io(path))?;
            Ok(manifest)
        });
        if manifest.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        let manifest = manifest?;
        let mut entry = Entry::by_program(at, Action::Backup, "backup", String::new());
        entry.detail = format!("audit_seq={} persons={}", manifest.audit_seq, manifest.count("persons"));
        self.note_read(entry)?;
        Ok(manifest)
    }

    fn write_backup(&self, connection: &mut Connection, part: &Path, at: Moment) -> Outcome<BackupManifest> {
        let found = connection.number("SELECT MAX(number) FROM schema_version", &[])?;
        // A newer program has been here since this one opened the store: it knows tables that this one would leave out.
        if found != migrations::LATEST {
            return Err(StoreError::bad(format!(
                "数据库已经被更新的程序改过（第 {found} 版，这个程序认得到第 {} 版）。请停掉旧的程序，用新的程序备份",
                migrations::LATEST
            )));
        }
        let mut writer = SealedWriter::create(part, &self.keys)?;
        let mut rows = BTreeMap::new();
        for table in TABLES {
            let columns = connection.columns(table)?;
            writer.record(&Record::Table(table.to_owned(), columns.clone()))?;
            let mut count = 0;
            connection.each(&format!("SELECT {} FROM {table}", columns.join(", ")), &[], &mut |row| {
                count += 1;
                writer.record(&Record::Row(row.0))
            })?;
            rows.insert(table.to_owned(), count);
        }
        let head = audit::head(connection)?;
        let manifest = BackupManifest {
            schema: migrations::LATEST,
            made_at: at,
            from: self.kind().to_owned(),
            key: self.keys.current().id,
            rows,
            audit_seq: head.seq,
            audit_hash: head.hash,
        };
        let text = serde_json::to_string(&manifest).map_err(StoreError::damaged)?;
        writer.record(&Record::End(text))?;
        writer.finish()?;
        Ok(manifest)
    }
}

impl BackupManifest {
    pub fn count(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

/// Reads the whole file: every seal, every row, the counts.
pub fn verify_backup(path: &Path, keys: &Keyring) -> Outcome<BackupManifest> {
    let mut contents = Contents::open(path, keys)?;
    while contents.next_table()?.is_some() {
        while contents.next_row()?.is_some() {}
    }
    contents.manifest()
}

/// Restores into a file that is not there or a database that holds nothing. Afterwards the audit's chain is gone through.
pub fn restore_backup(path: &Path, address: &str, keys: Keyring) -> Outcome<BackupManifest> {
    // A backup that does not hold is found out before anything is made.
    let manifest = verify_backup(path, &keys)?;
    if address.starts_with("postgres") {
        let database = Database::postgres(address)?;
        restore_into(&database, path, &keys, &manifest)?;
        Store::over(database, keys)?;
        return Ok(manifest);
    }
    let target = Path::new(address);
    if target.exists() {
        return Err(StoreError::bad(format!(
            "{address} 已经有了，恢复不覆盖现有的数据。请换一个文件名，核对以后再改名"
        )));
    }
    let part = beside(target);
    let outcome = restore_file(&part, path, keys, &manifest)
        .and_then(|()| std::fs::rename(&part, target).map_err(StoreError::io(target)));
    if outcome.is_err() {
        remove_database(&part);
    }
    outcome.map(|()| manifest)
}

fn restore_file(part: &Path, path: &Path, keys: Keyring, manifest: &BackupManifest) -> Outcome<()> {
    remove_database(part);
    let database = Database::sqlite(part);
    restore_into(&database, path, &keys, manifest)?;
    // With its log written back and closed, the file is whole by itself and can be renamed.
    database.close_log()?;
    let store = Store::over(database, keys)?;
    store.database.close_log()
}

/// A file that broke off, with its log.
fn remove_database(part: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = part.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

fn restore_into(database: &Database, path: &Path, keys: &Keyring, manifest: &BackupManifest) -> Outcome<()> {
    database.write(refuse_if_in_use)?;
    migrations::migrate_to(database, manifest.schema)?;
    database.write(|connection| {
        refuse_if_in_use(connection)?;
        for table in PREFILLED {
            connection.script(&format!("DELETE FROM {table}"))?;
        }
        let mut contents = Contents::open(path, keys)?;
        while let Some((table, columns)) = contents.next_table()? {
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let bulk =
                Bulk { table: &table, columns: &columns, identity: &[], replace: &[], newest_up_to: None };
            let mut rows = std::iter::from_fn(|| contents.next_row().transpose());
            connection.bulk(&bulk, &mut rows)?;
        }
        let verdict = audit::verify(connection, keys, None)?;
        match verdict.broken {
            None if verdict.head.hash == manifest.audit_hash => Ok(()),
            None => Err(StoreError::damaged("恢复以后操作记录的链头不是备份时的")),
            Some(broken) => Err(StoreError::damaged(format!("操作记录第 {} 条：{}", broken.seq, broken.why))),
        }
    })?;
    migrations::migrate(database).map(drop)
}

fn refuse_if_in_use(connection: &mut Connection) -> Outcome<()> {
    let known = connection.tables()?;
    for table in ["users", "persons", "leads", "audit"] {
        if known.iter().any(|name| name == table)
            && connection.number(&format!("SELECT COUNT(*) FROM {table}"), &[])? > 0
        {
            return Err(StoreError::bad(
                "这个数据库里已经有数据，恢复不覆盖。请恢复到空的数据库，核对以后再切换",
            ));
        }
    }
    Ok(())
}

/// A backup being read, table by table.
struct Contents {
    reader: SealedReader<File>,
    /// A table that was met while rows were read.
    waiting: Option<Record>,
    table: String,
    counts: BTreeMap<String, u64>,
}

impl Contents {
    fn open(path: &Path, keys: &Keyring) -> Outcome<Contents> {
        let reader = SealedReader::open(path, keys)?;
        Ok(Contents { reader, waiting: None, table: String::new(), counts: BTreeMap::new() })
    }

    fn next_table(&mut self) -> Outcome<Option<(String, Vec<String>)>> {
        let record = match self.waiting.take() {
            Some(record) => record,
            None => self.reader.record()?,
        };
        match record {
            // Names go into SQL: only those that are known, spelled as they are known.
            Record::Table(name, columns) if TABLES.contains(&name.as_str()) && are_names(&columns) => {
                self.counts.insert(name.clone(), 0);
                self.table.clone_from(&name);
                Ok(Some((name, columns)))
            }
            end @ Record::End(_) => {
                self.waiting = Some(end);
                Ok(None)
            }
            Record::Table(name, _) => Err(StoreError::damaged(format!("备份里有不认识的表 {name}"))),
            Record::Row(_) => Err(StoreError::damaged("备份里有不属于任何表的行")),
        }
    }

    fn next_row(&mut self) -> Outcome<Option<Vec<Value>>> {
        match self.reader.record()? {
            Record::Row(values) => {
                *self.counts.entry(self.table.clone()).or_default() += 1;
                Ok(Some(values))
            }
            other => {
                self.waiting = Some(other);
                Ok(None)
            }
        }
    }

    fn manifest(self) -> Outcome<BackupManifest> {
        let Some(Record::End(text)) = self.waiting else {
            return Err(StoreError::damaged("备份没有结尾"));
        };
        let manifest: BackupManifest = serde_json::from_str(&text).map_err(StoreError::damaged)?;
        if manifest.rows != self.counts {
            return Err(StoreError::damaged("备份里的行数与它自己的清单不同"));
        }
        if manifest.schema > migrations::LATEST {
            return Err(StoreError::bad("备份是更新的程序做的。请用新的程序恢复"));
        }
        Ok(manifest)
    }
}

fn are_names(columns: &[String]) -> bool {
    let is_name = |name: &String| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    !columns.is_empty() && columns.iter().all(is_name)
}
