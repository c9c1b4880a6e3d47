//! Who did what, in a chain of keyed hashes that nobody can shorten or change in the middle unnoticed.
//!
//! Each record's hash takes in the one before it. The key is not in the database, so whoever can write there - even past
//! the triggers - cannot make a chain that holds. Cutting off the end shows against the head, and a head that was put
//! back shows against any head that was written down elsewhere (a sign-off, a backup, a printed one).

use crate::db::{Connection, Kind, Param, Row};
use crate::error::{Outcome, StoreError};
use crate::scope::{Areas, Scope};
use crate::seal::{IndexColumn, Keyring, hex, hmac};
use crate::store::Store;
use doudi_casework::{Moment, Permission, UserId};
use doudi_terms::RegionCode;

/// What can be done. The code stands in the records and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    LogIn,
    LogInFailed,
    LogOut,
    Refused,
    SetUp,
    ChangePassword,
    ManageUser,
    ManageTokens,
    ReadPerson,
    ReadHousehold,
    ReadLead,
    ListLeads,
    ListGroup,
    Search,
    Export,
    Unmask,
    LeadStep,
    AddEvidence,
    ReadEvidence,
    WithdrawEvidence,
    ListCases,
    ReadCase,
    CaseStep,
    SignOff,
    Import,
    Rosters,
    Clear,
    ReadAudit,
    Backup,
    RotateKeys,
}

/// With their codes and Chinese names, in the order of lists.
const ACTIONS: [(Action, &str, &str); 30] = [
    (Action::LogIn, "log-in", "登录"),
    (Action::LogInFailed, "log-in-failed", "登录失败"),
    (Action::LogOut, "log-out", "退出"),
    (Action::Refused, "refused", "被拒绝"),
    (Action::SetUp, "set-up", "首次设置"),
    (Action::ChangePassword, "change-password", "改密码"),
    (Action::ManageUser, "manage-user", "管理账号"),
    (Action::ManageTokens, "manage-tokens", "管理接口令牌"),
    (Action::ReadPerson, "read-person", "看人员"),
    (Action::ReadHousehold, "read-household", "看家庭"),
    (Action::ReadLead, "read-lead", "看疑点"),
    (Action::ListLeads, "list-leads", "看疑点清单"),
    (Action::ListGroup, "list-group", "看台账"),
    (Action::Search, "search", "查找"),
    (Action::Export, "export", "导出"),
    (Action::Unmask, "unmask", "看完整号码"),
    (Action::LeadStep, "lead-step", "办理疑点"),
    (Action::AddEvidence, "add-evidence", "上传凭据"),
    (Action::ReadEvidence, "read-evidence", "看凭据"),
    (Action::WithdrawEvidence, "withdraw-evidence", "撤回凭据"),
    (Action::ListCases, "list-cases", "看办件清单"),
    (Action::ReadCase, "read-case", "看办件"),
    (Action::CaseStep, "case-step", "办理办件"),
    (Action::SignOff, "sign-off", "签认"),
    (Action::Import, "import", "导入摸排结果"),
    (Action::Rosters, "rosters", "导入名册"),
    (Action::Clear, "clear", "摸排"),
    (Action::ReadAudit, "read-audit", "看操作记录"),
    (Action::Backup, "backup", "备份"),
    (Action::RotateKeys, "rotate-keys", "换密钥"),
];

impl Action {
    pub fn all() -> impl Iterator<Item = Action> {
        ACTIONS.iter().map(|(action, ..)| *action)
    }

    pub fn code(self) -> &'static str {
        self.words().0
    }

    pub fn name(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        let found = ACTIONS.iter().find(|(action, ..)| *action == self);
        found.map_or(("", ""), |(_, code, name)| (code, name))
    }

    pub fn parse(code: &str) -> Option<Action> {
        ACTIONS.iter().find(|(_, known, _)| *known == code).map(|(action, ..)| *action)
    }
}

/// A record on its way in.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub at: Moment,
    /// 0 = the program itself.
    pub actor: i64,
    pub actor_name: String,
    pub action: Action,
    pub object_kind: &'static str,
    pub object_id: String,
    pub region: RegionCode,
    pub purpose: String,
    pub ip: String,
    /// Whose records were seen or changed.
    pub subjects: Vec<String>,
    pub detail: String,
}

impl Entry {
    /// What the program does by itself.
    pub fn by_program(at: Moment, action: Action, object_kind: &'static str, object_id: String) -> Entry {
        Entry {
            at,
            actor: 0,
            actor_name: "程序".into(),
            action,
            object_kind,
            object_id,
            region: RegionCode::COUNTRY,
            purpose: String::new(),
            ip: String::new(),
            subjects: Vec::new(),
            detail: String::new(),
        }
    }
}

const COLUMNS: &str = "seq, at, actor, actor_name, action, object_kind, object_id, region, purpose, ip, subjects, \
                       detail, key_id, hash";

/// Appends in the transaction that is open. Takes the head for itself until that ends, so do it last.
pub(crate) fn append(connection: &mut Connection, keys: &Keyring, entries: &[Entry]) -> Outcome<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let count = entries.len() as i64;
    let head = connection
        .row("UPDATE audit_head SET seq = seq + $1 WHERE id = 1 RETURNING seq, hash", &[count.into()])?
        .ok_or_else(|| StoreError::damaged("操作记录没有链头"))?;
    let first = head.int(0)? - count + 1;
    let mut hash: Vec<u8> = head.bytes(1)?.to_vec();
    let key = keys.current();
    for (seq, entry) in (first..).zip(entries) {
        let subjects = entry.subjects.join(";");
        let region = entry.region.number() as i64;
        let params: [Param<'_>; 13] = [
            seq.into(),
            entry.at.millis().into(),
            entry.actor.into(),
            (&entry.actor_name).into(),
            entry.action.code().into(),
            entry.object_kind.into(),
            (&entry.object_id).into(),
            region.into(),
            (&entry.purpose).into(),
            (&entry.ip).into(),
            (&subjects).into(),
            (&entry.detail).into(),
            key.id.into(),
        ];
        hash = link(key.audit(), &hash, &params).to_vec();
        let mut values = params.to_vec();
        values.push((&hash).into());
        connection.execute(
            &format!(
                "INSERT INTO audit ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
            ),
            &values,
        )?;
        write_subjects(connection, entry, &subjects, seq)?;
    }
    connection.execute("UPDATE audit_head SET hash = $1 WHERE id = 1", &[(&hash).into()]).map(drop)
}

/// Who is named in a record. To a server in one question: a list of fifty would go there and back fifty times, while all
/// others wait for the head of the chain.
fn write_subjects(connection: &mut Connection, entry: &Entry, joined: &str, seq: i64) -> Outcome<()> {
    if connection.kind() == Kind::Postgres && entry.subjects.len() > 1 {
        let sql = "INSERT INTO audit_subjects (person_id, seq) SELECT DISTINCT person, CAST($2 AS BIGINT) \
                   FROM string_to_table($1, ';') AS named (person) ON CONFLICT (person_id, seq) DO NOTHING";
        return connection.execute(sql, &[joined.into(), seq.into()]).map(drop);
    }
    for person in &entry.subjects {
        connection.execute(
            "INSERT INTO audit_subjects (person_id, seq) VALUES ($1, $2) ON CONFLICT (person_id, seq) DO NOTHING",
            &[person.into(), seq.into()],
        )?;
    }
    Ok(())
}

/// The hash of one record: of the one before it and of every field with its length, so that nothing can move between
/// fields.
fn link(key: &[u8; 32], before: &[u8], params: &[Param<'_>]) -> [u8; 32] {
    let mut text = Vec::with_capacity(256);
    for param in params {
        match param {
            Param::Int(number) => text.extend_from_slice(&number.to_be_bytes()),
            Param::Text(part) => {
                text.extend_from_slice(&(part.len() as u64).to_be_bytes());
                text.extend_from_slice(part.as_bytes());
            }
            Param::Null | Param::Bytes(_) => {}
        }
    }
    hmac(key, &[before, &text])
}

/// What looking through the whole chain came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditVerdict {
    pub records: i64,
    /// The last record and its hash: write it down somewhere else, and compare it next time.
    pub head: AuditHead,
    pub broken: Option<AuditBreak>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    pub seq: i64,
    pub hash: String,
}

/// The first place where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditBreak {
    pub seq: i64,
    pub why: String,
}

impl Store {
    /// Goes through the chain from the first record. `known` is a head that somebody wrote down earlier.
    pub fn verify_audit(&self, known: Option<&AuditHead>) -> Outcome<AuditVerdict> {
        self.database.read(|connection| verify(connection, &self.keys, known))
    }

    pub fn audit_head(&self) -> Outcome<AuditHead> {
        self.database.read(head)
    }

    /// Records of the scope's area, the latest first. Reading them is itself recorded.
    pub fn audit_records(&self, scope: &Scope, query: &AuditQuery) -> Outcome<Vec<AuditRecord>> {
        let areas = scope.areas_for(Permission::ReadAudit)?;
        let (found, person) =
            self.database.read(|connection| search(connection, &self.keys, &areas, query))?;
        let mut entry = scope.entry(Action::ReadAudit, "audit", String::new(), areas.common());
        entry.detail = query.words();
        entry.subjects = person.into_iter().collect();
        self.note_read(entry)?;
        Ok(found)
    }
}

pub(crate) fn head(connection: &mut Connection) -> Outcome<AuditHead> {
    let row = connection
        .row("SELECT seq, hash FROM audit_head WHERE id = 1", &[])?
        .ok_or_else(|| StoreError::damaged("操作记录没有链头"))?;
    Ok(AuditHead { seq: row.int(0)?, hash: hex(row.bytes(1)?) })
}

pub(crate) fn verify(
    connection: &mut Connection,
    keys: &Keyring,
    known: Option<&AuditHead>,
) -> Outcome<AuditVerdict> {
    let head = head(connection)?;
    let mut chain = Chain { seq: 0, hash: vec![0; 32], subjects: 0, broken: None };
    connection.each(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq"), &[], &mut |row| {
        if chain.broken.is_none() {
            chain.broken = chain.next(&row, keys, known)?;
        }
        Ok(())
    })?;
    let subjects = connection.number("SELECT COUNT(*) FROM audit_subjects", &[])?;
    if chain.broken.is_none() {
        chain.broken = chain.end(&head, subjects, known);
    }
    Ok(AuditVerdict { records: chain.seq, head, broken: chain.broken })
}

struct Chain {
    seq: i64,
    hash: Vec<u8>,
    subjects: i64,
    broken: Option<AuditBreak>,
}

impl Chain {
    fn next(&mut self, row: &Row, keys: &Keyring, known: Option<&AuditHead>) -> Outcome<Option<AuditBreak>> {
        let seq = row.int(0)?;
        let broken = |seq, why: &str| Ok(Some(AuditBreak { seq, why: why.to_owned() }));
        if seq != self.seq + 1 {
            return broken(self.seq + 1, "这一条不见了");
        }
        let params: Vec<Param<'_>> = row.0[..13].iter().map(crate::db::Value::param).collect();
        let Ok(key) = keys.by_id(row.int(12)?) else {
            return broken(seq, "密钥文件里没有写它时用的密钥，核对不了");
        };
        let hash = link(key.audit(), &self.hash, &params).to_vec();
        if hash != row.bytes(13)? {
            return broken(seq, "内容或次序被改动过");
        }
        if known.is_some_and(|known| known.seq == seq && known.hash != hex(&hash)) {
            return broken(seq, "与以前记下的链头不同：这一条或者以前的被换过");
        }
        let mut subjects: Vec<&str> = row.text(10)?.split(';').filter(|part| !part.is_empty()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        self.subjects += subjects.len() as i64;
        (self.seq, self.hash) = (seq, hash);
        Ok(None)
    }

    fn end(&self, head: &AuditHead, subjects: i64, known: Option<&AuditHead>) -> Option<AuditBreak> {
        let broken = |seq, why: &str| Some(AuditBreak { seq, why: why.to_owned() });
        if head.seq < self.seq {
            return broken(head.seq + 1, "链头被改到了前面");
        }
        if head.seq > self.seq {
            return broken(self.seq + 1, "末尾的记录被删去了");
        }
        if head.hash != hex(&self.hash) {
            return broken(self.seq, "链头与最后一条对不上");
        }
        if known.is_some_and(|known| known.seq > self.seq) {
            return broken(self.seq + 1, "以前记下的链头还在后面：末尾的记录被删去了");
        }
        if subjects != self.subjects {
            return broken(self.seq, "“谁看过这个人”的索引与记录对不上");
        }
        None
    }
}

/// What to look for; empty fields are not asked about.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    pub actor: Option<UserId>,
    /// The login or the name of whoever did it.
    pub actor_name: Option<String>,
    /// Who looked at this person, or changed something about them: the number in the register, or the whole id number.
    pub person: Option<String>,
    pub action: Option<Action>,
    pub from: Option<Moment>,
    pub until: Option<Moment>,
    /// Only records before this one: the last of the page before.
    pub before: Option<i64>,
    /// At most 200.
    pub limit: usize,
}

impl AuditQuery {
    fn words(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.actor.map(|actor| format!("actor={actor}")));
        parts.extend(self.action.map(|action| format!("action={}", action.code())));
        parts.extend(self.from.map(|from| format!("from={from}")));
        parts.extend(self.until.map(|until| format!("until={until}")));
        parts.join(" ")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    pub seq: i64,
    pub at: Moment,
    pub actor: UserId,
    pub actor_name: String,
    pub action: Option<Action>,
    pub object_kind: String,
    pub object_id: String,
    pub region: RegionCode,
    pub purpose: String,
    pub ip: String,
    /// How many persons' records.
    pub persons: usize,
    pub detail: String,
}

/// With the number of the person who was asked about.
fn search(
    connection: &mut Connection,
    keys: &Keyring,
    areas: &Areas,
    query: &AuditQuery,
) -> Outcome<(Vec<AuditRecord>, Option<String>)> {
    let mut asked = None;
    let mut sql = crate::query::Query::new(&format!("SELECT {COLUMNS} FROM audit"));
    match &query.person {
        // A record that names many people may be of a wider area than the reader's: what counts is whose it is.
        Some(person) => {
            let person = find_person(connection, keys, areas, person)?;
            sql.condition_text("seq IN (SELECT seq FROM audit_subjects WHERE person_id = ", &person);
            sql.close_bracket();
            asked = Some(person);
        }
        None => sql.areas("region", areas),
    }
    if let Some(actor) = query.actor {
        sql.condition_int("actor = ", actor.0);
    }
    if let Some(name) = &query.actor_name {
        sql.condition_text("actor IN (SELECT user_id FROM users WHERE login = ", name);
        sql.push(" OR name = ");
        sql.value(crate::db::Value::from(name.as_str()));
        sql.close_bracket();
    }
    if let Some(action) = query.action {
        sql.condition_text("action = ", action.code());
    }
    if let Some(from) = query.from {
        sql.condition_int("at >= ", from.millis());
    }
    if let Some(until) = query.until {
        sql.condition_int("at < ", until.millis());
    }
    if let Some(before) = query.before {
        sql.condition_int("seq < ", before);
    }
    sql.push(&format!(" ORDER BY seq DESC LIMIT {}", query.limit.clamp(1, 200)));
    let records = connection.rows(sql.sql(), &sql.params())?.iter().map(record).collect::<Outcome<_>>()?;
    Ok((records, asked))
}

/// Somebody of the reader's area.
fn find_person(connection: &mut Connection, keys: &Keyring, areas: &Areas, text: &str) -> Outcome<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for by_number in [false, true] {
        let mut own = crate::query::Query::new("SELECT person_id FROM persons");
        if by_number {
            own.condition_bytes("id_index", keys.indexes(IndexColumn::IdNumber, &text.to_uppercase()));
        } else {
            own.condition_text("person_id = ", &text);
        }
        own.areas("region", areas);
        if let Some(row) = connection.row(own.sql(), &own.params())? {
            return row.string(0);
        }
    }
    Err(StoreError::NotFound("这个人"))
}

fn record(row: &Row) -> Outcome<AuditRecord> {
    Ok(AuditRecord {
        seq: row.int(0)?,
        at: Moment::from_millis(row.int(1)?),
        actor: UserId(row.int(2)?),
        actor_name: row.string(3)?,
        action: Action::parse(row.text(4)?),
        object_kind: row.string(5)?,
        object_id: row.string(6)?,
        region: crate::query::region(row.int(7)?)?,
        purpose: row.string(8)?,
        ip: row.string(9)?,
        persons: row.text(10)?.split(';').filter(|part| !part.is_empty()).count(),
        detail: row.string(11)?,
    })
}
