//! Photos and papers of leads: kept sealed, told where a disc has damaged them, shown to nobody who may not see the lead.
//!
//! They lie in the database, not beside it: a file and its row in the audit come and go together, and whatever keeps the
//! database - a backup, a restore, a change of keys - keeps them too. In pieces, so that no row is longer than a quarter
//! of a megabyte.

use crate::audit::Action;
use crate::db::{Connection, Row};
use crate::error::{Outcome, StoreError};
use crate::leads::Lead;
use crate::scope::Scope;
use crate::seal::{Keyring, hex, sha256};
use crate::sealed::{Place, open, seal};
use crate::store::Store;
use doudi_casework::{Evidence, FileKind, LeadState, Moment, Permission, Refusal, UserId};
use serde::Serialize;

/// A file on its way in.
#[derive(Clone, Debug)]
pub struct NewEvidence {
    /// As it was called; says nothing of what it is.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file of a lead, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadEvidence {
    /// Counts within the lead.
    pub serial: i64,
    pub sha256: String,
    pub name: String,
    pub kind: FileKind,
    pub bytes: u64,
    pub at: Moment,
    pub actor: UserId,
    pub actor_name: String,
    /// It was taken back: listed, and shown to nobody.
    pub withdrawn: Option<Withdrawal>,
    /// Of a case: the step that it was brought for; none where nobody has said.
    pub step: Option<String>,
    /// How many steps of the case had been taken.
    pub after: usize,
}

/// Who took a file back, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub at: Moment,
    pub by: String,
    pub reason: String,
}

/// What lies sealed beside a file of a lead.
#[derive(Serialize)]
pub(crate) struct EvidenceNote {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl EvidenceNote {
    /// Files that were never taken back have a name alone.
    fn open(keys: &Keyring, place: &Place<'_>, sealed: &[u8]) -> Outcome<EvidenceNote> {
        let note: serde_json::Value = open(keys, place, sealed)?;
        let text = |of: Option<&serde_json::Value>| of.and_then(|of| of.as_str()).unwrap_or("").to_owned();
        Ok(match note.is_string() {
            true => EvidenceNote { name: text(Some(&note)), reason: String::new() },
            false => EvidenceNote { name: text(note.get("name")), reason: text(note.get("reason")) },
        })
    }
}

/// A file as it was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceFile {
    pub name: String,
    pub kind: FileKind,
    pub bytes: Vec<u8>,
}

/// The step that a paper of a case is for, and how many had been taken.
pub(crate) type OfStep<'s> = (Option<&'s str>, Option<i64>);

/// Of one lead.
pub const MOST_EVIDENCE: usize = 40;
const PIECE: usize = 256 * 1024;
/// Signs of a name that are kept.
const LONGEST_NAME: usize = 80;

impl Store {
    /// Keeps files with a lead. What is no photo or paper is refused by name, and then none of them is kept; a file that
    /// the lead has already is not kept twice. Gives the lead's files as they are now.
    pub fn add_evidence(
        &self,
        scope: &Scope,
        lead_id: &str,
        files: &[NewEvidence],
    ) -> Outcome<Vec<LeadEvidence>> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        let kinds = kinds_of(files)?;
        self.change(|connection, audit| {
            let lead = self.find_lead(connection, scope, &areas, lead_id)?;
            may_add(scope, &lead)?;
            // Whoever brings something at the same time waits here, and sees what this one has brought.
            connection.execute(
                "UPDATE leads SET updated_at = $2 WHERE lead_id = $1",
                &[lead_id.into(), scope.at.millis().into()],
            )?;
            let lead = Lead { evidence: of_lead(connection, &self.keys, lead_id)?, ..lead };
            let kept = cited(&lead.evidence).len();
            if kept + files.len() > MOST_EVIDENCE || lead.evidence.len() > 2 * MOST_EVIDENCE {
                return Err(StoreError::bad(format!(
                    "一条疑点最多放 {MOST_EVIDENCE} 份凭据，现在有 {kept} 份。请挑要紧的传"
                )));
            }
            let last = lead.evidence.last().map_or(0, |file| file.serial);
            let files = files.iter().zip(&kinds);
            let added =
                self.attach_all(connection, scope, (lead_id, last, (None, None)), &lead.evidence, files)?;
            if !added.is_empty() {
                let mut entry = scope.entry(Action::AddEvidence, "lead", lead_id.to_owned(), lead.row.region);
                entry.subjects = vec![lead.row.person_id.clone()];
                entry.detail = added.join(" ");
                audit.push(entry);
            }
            of_lead(connection, &self.keys, lead_id)
        })
    }

    /// Keeps files and puts those that are new beside their lead or case; gives what the audit says of them.
    pub(crate) fn attach_all<'f>(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        (owner, mut serial, of_step): (&str, i64, OfStep<'_>),
        held: &[LeadEvidence],
        files: impl Iterator<Item = (&'f NewEvidence, &'f (FileKind, String))>,
    ) -> Outcome<Vec<String>> {
        let mut known: Vec<String> = cited(held).into_iter().map(|file| file.sha256).collect();
        let mut added = Vec::new();
        for (file, (kind, hash)) in files {
            keep_file(connection, &self.keys, file, *kind, hash)?;
            if known.contains(hash) {
                continue;
            }
            serial += 1;
            self.attach(connection, scope, (owner, serial, of_step), file, hash)?;
            known.push(hash.clone());
            added.push(format!("{serial}:{}:{}:{}", kind.code(), file.bytes.len(), &hash[..16]));
        }
        Ok(added)
    }

    fn attach(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        (lead_id, serial, (step, after)): (&str, i64, OfStep<'_>),
        file: &NewEvidence,
        hash: &str,
    ) -> Outcome<()> {
        let name = seal(&self.keys, &Place::EvidenceName(lead_id, serial), &plain_name(&file.name))?;
        connection
            .execute(
                "INSERT INTO lead_evidence (lead_id, serial, sha256, at, actor, sealed, key_id, step, after_steps)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                &[
                    lead_id.into(),
                    serial.into(),
                    hash.into(),
                    scope.at.millis().into(),
                    scope.user.id.0.into(),
                    (&name).into(),
                    self.keys.current().id.into(),
                    step.into(),
                    after.into(),
                ],
            )
            .map(drop)
    }

    /// How many files a lead has: no person in it, so not in the audit.
    pub fn count_evidence(&self, scope: &Scope, lead_id: &str) -> Outcome<usize> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        self.database
            .read(|connection| Ok(cited(&self.find_lead(connection, scope, &areas, lead_id)?.evidence).len()))
    }

    /// One file of a lead, byte for byte as it was brought; in the audit before it is given. What does not open, or is not
    /// what it was, is told as damaged.
    pub fn evidence_file(&self, scope: &Scope, lead_id: &str, serial: i64) -> Outcome<EvidenceFile> {
        let areas = scope.areas_for(Permission::ReadLeads)?;
        let lead = self.database.read(|connection| self.find_lead(connection, scope, &areas, lead_id))?;
        let found = lead.evidence.iter().find(|file| file.serial == serial && file.withdrawn.is_none());
        let found = found.ok_or(StoreError::NotFound("这份凭据"))?;
        let mut entry = scope.entry(Action::ReadEvidence, "lead", lead_id.to_owned(), lead.row.region);
        entry.subjects = vec![lead.row.person_id.clone()];
        entry.detail = format!("{serial}:{}:{}", found.kind.code(), &found.sha256[..16]);
        self.note_read(entry)?;
        let bytes = self.database.read(|connection| content(connection, &self.keys, &found.sha256))?;
        let bytes = bytes.ok_or_else(|| StoreError::DamagedFile(found.name.clone()))?;
        Ok(EvidenceFile { name: found.name.clone(), kind: found.kind, bytes })
    }

    /// Opens every file; the leads and names of those that are damaged. For whoever runs the machine.
    pub fn verify_evidence(&self) -> Outcome<Vec<(String, String)>> {
        self.database.read(|connection| {
            let files = connection.rows("SELECT sha256 FROM evidence_files ORDER BY sha256", &[])?;
            let mut damaged = Vec::new();
            for file in &files {
                let hash = file.text(0)?;
                if content(connection, &self.keys, hash)?.is_some() {
                    continue;
                }
                let sql =
                    "SELECT lead_id, serial, sealed FROM lead_evidence WHERE sha256 = $1 ORDER BY lead_id";
                for row in connection.rows(sql, &[hash.into()])? {
                    let place = Place::EvidenceName(row.text(0)?, row.int(1)?);
                    let note = EvidenceNote::open(&self.keys, &place, row.bytes(2)?);
                    damaged.push((row.string(0)?, note.map(|note| note.name).unwrap_or_default()));
                }
            }
            Ok(damaged)
        })
    }
}

/// What each file is, and its hash; what is no photo or paper is refused by its name.
pub(crate) fn kinds_of(files: &[NewEvidence]) -> Outcome<Vec<(FileKind, String)>> {
    let kind = |file: &NewEvidence| {
        let kind = FileKind::of(&file.bytes)
            .map_err(|why| StoreError::bad(format!("“{}”{why}", plain_name(&file.name))))?;
        Ok((kind, hex(&sha256(&file.bytes))))
    };
    files.iter().map(kind).collect()
}

/// Whoever reports may bring evidence, as long as the lead is not over.
fn may_add(scope: &Scope, lead: &Lead) -> Outcome<()> {
    Refusal::unless_allowed(&scope.user, Permission::ReportLeads, lead.row.region)?;
    match lead.case.state {
        LeadState::Closed { .. } | LeadState::Withdrawn { .. } => {
            Err(StoreError::bad("这条疑点已经销号，不再收凭据。下一次摸排再发现时，会重新打开"))
        }
        _ => Ok(()),
    }
}

/// A name without the way to it and without signs that a page or a header would take for something else.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept =
        last.chars().filter(|sign| !sign.is_control() && !matches!(sign, '"' | '<' | '>' | '\u{202e}'));
    let kept: String = kept.take(LONGEST_NAME).collect();
    if kept.trim().is_empty() { "没有名字的文件".to_owned() } else { kept.trim().to_owned() }
}

/// Once for every content; what has been damaged meanwhile is put right by whoever brings it again.
fn keep_file(
    connection: &mut Connection,
    keys: &Keyring,
    file: &NewEvidence,
    kind: FileKind,
    hash: &str,
) -> Outcome<()> {
    if content(connection, keys, hash)?.is_some() {
        return Ok(());
    }
    let pieces = file.bytes.len().div_ceil(PIECE) as i64;
    // The row is held from here on, so that the same photo from two telephones is kept once.
    connection.execute(
        "INSERT INTO evidence_files (sha256, kind, size, pieces) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sha256) DO UPDATE SET kind = excluded.kind, size = excluded.size, pieces = excluded.pieces",
        &[hash.into(), kind.code().into(), (file.bytes.len() as i64).into(), pieces.into()],
    )?;
    connection.execute("DELETE FROM evidence_pieces WHERE sha256 = $1", &[hash.into()])?;
    for (number, piece) in (0_i64..).zip(file.bytes.chunks(PIECE)) {
        let sealed = keys.seal(&Place::EvidencePiece(hash, number).text(), piece)?;
        connection.execute(
            "INSERT INTO evidence_pieces (sha256, number, sealed, key_id) VALUES ($1, $2, $3, $4)",
            &[hash.into(), number.into(), (&sealed).into(), keys.current().id.into()],
        )?;
    }
    Ok(())
}

/// What is in a file; `None` where it is not there, does not open or is not what its name says.
pub(crate) fn content(connection: &mut Connection, keys: &Keyring, hash: &str) -> Outcome<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut number = 0;
    let mut is_whole = true;
    let sql = "SELECT number, sealed FROM evidence_pieces WHERE sha256 = $1 ORDER BY number";
    connection.each(sql, &[hash.into()], &mut |row| {
        let opened = keys.open(&Place::EvidencePiece(hash, row.int(0)?).text(), row.bytes(1)?);
        is_whole &= row.int(0)? == number;
        match opened {
            Ok(piece) => bytes.extend_from_slice(&piece),
            // A key that is missing is no damage: whoever has it opens everything.
            Err(error @ StoreError::Key(_)) => return Err(error),
            Err(_) => is_whole = false,
        }
        number += 1;
        Ok(())
    })?;
    Ok(Some(bytes).filter(|bytes| is_whole && hex(&sha256(bytes)) == hash))
}

/// In the order in which they were brought.
pub(crate) fn of_lead(
    connection: &mut Connection,
    keys: &Keyring,
    lead_id: &str,
) -> Outcome<Vec<LeadEvidence>> {
    let rows = connection.rows(
        "SELECT e.serial, e.sha256, e.sealed, f.kind, f.size, e.at, e.actor, COALESCE(u.name, ''),
                e.withdrawn_at, COALESCE(w.name, ''), e.step, e.after_steps
         FROM lead_evidence e JOIN evidence_files f ON f.sha256 = e.sha256
         LEFT JOIN users u ON u.user_id = e.actor
         LEFT JOIN users w ON w.user_id = e.withdrawn_by WHERE e.lead_id = $1 ORDER BY e.serial",
        &[lead_id.into()],
    )?;
    let read = |row: &Row| {
        let serial = row.int(0)?;
        let kind = row.text(3)?;
        let note = EvidenceNote::open(keys, &Place::EvidenceName(lead_id, serial), row.bytes(2)?)?;
        let by = row.string(9)?;
        let withdrawal = |at| Withdrawal { at: Moment::from_millis(at), by, reason: note.reason };
        Ok(LeadEvidence {
            serial,
            sha256: row.string(1)?,
            name: note.name,
            kind: FileKind::parse(kind)
                .ok_or_else(|| StoreError::damaged(format!("没有“{kind}”这种凭据")))?,
            bytes: row.int(4)?.unsigned_abs(),
            at: Moment::from_millis(row.int(5)?),
            actor: UserId(row.int(6)?),
            actor_name: row.string(7)?,
            withdrawn: row.opt_int(8)?.map(withdrawal),
            step: row.opt_text(10)?.map(str::to_owned),
            after: row.opt_int(11)?.and_then(|after| usize::try_from(after).ok()).unwrap_or(0),
        })
    };
    rows.iter().map(read).collect()
}

/// As a report names them; what was taken back counts for nothing.
pub(crate) fn cited(evidence: &[LeadEvidence]) -> Vec<Evidence> {
    let cite = |file: &LeadEvidence| Evidence { sha256: file.sha256.clone(), name: file.name.clone() };
    evidence.iter().filter(|file| file.withdrawn.is_none()).map(cite).collect()
}
