//! What somebody has begun to write down for a family and not yet handed in, or puts right in a case before a step. Nobody
//! else sees it.

use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::scope::Scope;
use crate::seal::hex;
use crate::sealed::{Place, open, seal};
use crate::store::Store;
use doudi_casework::{Moment, Permission};
use doudi_terms::RegionCode;
use serde_json::Value as Json;

#[derive(Clone, Debug, PartialEq)]
pub struct CaseDraft {
    pub draft_id: String,
    pub updated_at: Moment,
    pub content: Json,
}

/// Of one person; more are families that were forgotten.
const MOST_DRAFTS: i64 = 50;
/// Bytes of one.
const LONGEST_DRAFT: usize = 256 * 1024;

impl Store {
    /// Keeps a draft; without a number it is a new one. Gives its number.
    pub fn keep_draft(&self, scope: &Scope, draft_id: Option<&str>, content: &Json) -> Outcome<String> {
        let place = place_of(content).ok_or(StoreError::NotFound("这份草稿"))?;
        scope.must_work_at(place)?;
        if content.to_string().len() > LONGEST_DRAFT {
            return Err(StoreError::bad("这份草稿太长了。成员或记录太多的，请分开登记"));
        }
        let owner = scope.user.id.0;
        let id = match draft_id {
            Some(id) => id.to_owned(),
            None => hex(&crate::random::bytes::<12>()?),
        };
        let sealed = seal(&self.keys, &Place::CaseDraft(&id), content)?;
        self.change(|connection, _| {
            let held = connection.number(
                "SELECT COUNT(*) FROM case_drafts WHERE owner = $1 AND draft_id <> $2",
                &[owner.into(), id.as_str().into()],
            )?;
            if held >= MOST_DRAFTS {
                return Err(StoreError::bad(format!(
                    "您有 {MOST_DRAFTS} 份没有交的草稿。请先交掉或者删掉几份"
                )));
            }
            let params = [
                id.as_str().into(),
                owner.into(),
                scope.at.millis().into(),
                (&sealed).into(),
                self.keys.current().id.into(),
            ];
            let changed = match draft_id {
                Some(_) => connection.execute(
                    "UPDATE case_drafts SET updated_at = $3, sealed = $4, key_id = $5 \
                     WHERE draft_id = $1 AND owner = $2",
                    &params,
                )?,
                None => connection.execute(
                    "INSERT INTO case_drafts (draft_id, owner, updated_at, sealed, key_id) \
                     VALUES ($1, $2, $3, $4, $5)",
                    &params,
                )?,
            };
            if changed == 0 { Err(StoreError::NotFound("这份草稿")) } else { Ok(()) }
        })?;
        Ok(id)
    }

    pub fn draft(&self, scope: &Scope, draft_id: &str) -> Outcome<CaseDraft> {
        let mut drafts = self.read_drafts(scope, Some(draft_id))?;
        drafts.pop().ok_or(StoreError::NotFound("这份草稿"))
    }

    /// One's own, the latest first.
    pub fn own_drafts(&self, scope: &Scope) -> Outcome<Vec<CaseDraft>> {
        self.read_drafts(scope, None)
    }

    fn read_drafts(&self, scope: &Scope, only: Option<&str>) -> Outcome<Vec<CaseDraft>> {
        scope.areas_for(Permission::ReadCases)?;
        let rows = self.database.read(|connection| {
            connection.rows(
                "SELECT draft_id, updated_at, sealed FROM case_drafts \
                 WHERE owner = $1 AND ($2 = '' OR draft_id = $2) ORDER BY updated_at DESC",
                &[scope.user.id.0.into(), only.unwrap_or("").into()],
            )
        })?;
        let read = rows.iter().map(|row| {
            let draft_id = row.string(0)?;
            let content = open(&self.keys, &Place::CaseDraft(&draft_id), row.bytes(2)?)?;
            Ok(CaseDraft { draft_id, updated_at: Moment::from_millis(row.int(1)?), content })
        });
        // Whoever works elsewhere now has no business with the families of before.
        let is_here = |draft: &CaseDraft| place_of(&draft.content).is_some_and(|place| scope.works_at(place));
        let all: Outcome<Vec<CaseDraft>> = read.collect();
        Ok(all?.into_iter().filter(is_here).collect())
    }

    pub fn drop_draft(&self, scope: &Scope, draft_id: &str) -> Outcome<()> {
        scope.areas_for(Permission::ReadCases)?;
        self.change(|connection, _| delete(connection, scope, draft_id).map(drop))
    }
}

/// A draft that becomes something else is there once.
pub(crate) fn take_draft(connection: &mut Connection, scope: &Scope, draft_id: &str) -> Outcome<()> {
    match delete(connection, scope, draft_id)? {
        0 => Err(StoreError::NotFound("这份草稿")),
        _ => Ok(()),
    }
}

fn delete(connection: &mut Connection, scope: &Scope, draft_id: &str) -> Outcome<u64> {
    connection.execute(
        "DELETE FROM case_drafts WHERE draft_id = $1 AND owner = $2",
        &[draft_id.into(), scope.user.id.0.into()],
    )
}

/// Where the family lives.
fn place_of(content: &Json) -> Option<RegionCode> {
    RegionCode::parse(content["place"].as_str()?).ok()
}
