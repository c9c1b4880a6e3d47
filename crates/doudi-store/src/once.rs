//! Requests that are done once however often they are sent: the key that a program gave, what it asked for, and what it
//! was answered, in the same transaction as what was done. Of two that come at once the second waits for the first.

use crate::cases::{Opens, Take};
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::scope::Scope;
use crate::seal::{hex, sha256};
use crate::sealed::{Place, open_bytes, seal_bytes};
use crate::store::Store;
use crate::{Case, NewCase};
use doudi_casework::Permission;

/// For so long an answer is given again.
pub const ANSWER_SECONDS: i64 = 24 * 3_600;

/// A request with its key.
#[derive(Clone, Debug)]
pub struct Once {
    /// As the program chose it; another person's equal key is another key.
    pub key: String,
    /// Everything that was asked for, to be compared.
    pub request: Vec<u8>,
}

/// Writes the answer to what was done.
pub type Tell<'t> = dyn Fn(&Case) -> Result<Vec<u8>, StoreError> + 't;

impl Store {
    /// Opens a case, once. Gives the answer, the first time or again.
    pub fn open_case_once(
        &self,
        scope: &Scope,
        once: &Once,
        new: &NewCase,
        tell: &Tell<'_>,
    ) -> Outcome<Vec<u8>> {
        crate::cases::may_open(scope, new)?;
        let areas = scope.areas_for(Permission::ReadCases)?;
        self.change(|connection, audit| {
            if let Some(answer) = self.begin_once(connection, scope, once)? {
                return Ok(answer);
            }
            let id = crate::cases::insert(connection, self, scope, audit, new)?;
            let answer = tell(&self.find_case(connection, &areas, &id)?)?;
            self.end_once(connection, scope, once, answer)
        })
    }

    /// Takes a step, once; the same as `step_case` besides.
    pub fn step_case_once(
        &self,
        scope: &Scope,
        once: &Once,
        (case_id, version): (&str, i64),
        take: &Take<'_>,
        opens: &Opens<'_>,
        tell: &Tell<'_>,
    ) -> Outcome<Vec<u8>> {
        self.change(|connection, audit| {
            if let Some(answer) = self.begin_once(connection, scope, once)? {
                return Ok(answer);
            }
            let case = self.step_in(connection, audit, scope, (case_id, version), take, opens)?;
            self.end_once(connection, scope, once, tell(&case)?)
        })
    }

    /// The answer that was given before; `None` where this is the first time.
    fn begin_once(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        once: &Once,
    ) -> Outcome<Option<Vec<u8>>> {
        let oldest = scope.at.plus_seconds(-ANSWER_SECONDS).millis();
        connection.execute("DELETE FROM api_answers WHERE at <= $1", &[oldest.into()])?;
        let id = answer_id(scope, once);
        let request = sha256(&once.request).to_vec();
        // PostgreSQL waits here for whoever has the key; SQLite has let nobody else write.
        let is_first = connection.execute(
            "INSERT INTO api_answers (answer_id, at, request_hash, sealed, key_id) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (answer_id) DO NOTHING",
            &[
                id.as_str().into(),
                scope.at.millis().into(),
                (&request).into(),
                (&Vec::new()).into(),
                self.keys.current().id.into(),
            ],
        )?;
        if is_first > 0 {
            return Ok(None);
        }
        let row = connection
            .row("SELECT request_hash, sealed FROM api_answers WHERE answer_id = $1", &[id.as_str().into()])?
            .ok_or_else(|| StoreError::Database("同一个幂等键的请求刚刚过期，请再发一次".into()))?;
        if row.bytes(0)? != request {
            return Err(StoreError::KeyReused);
        }
        open_bytes(&self.keys, &Place::ApiAnswer(&id), row.bytes(1)?).map(Some)
    }

    fn end_once(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        once: &Once,
        answer: Vec<u8>,
    ) -> Outcome<Vec<u8>> {
        let id = answer_id(scope, once);
        let sealed = seal_bytes(&self.keys, &Place::ApiAnswer(&id), &answer)?;
        connection.execute(
            "UPDATE api_answers SET sealed = $2 WHERE answer_id = $1",
            &[id.as_str().into(), (&sealed).into()],
        )?;
        Ok(answer)
    }
}

fn answer_id(scope: &Scope, once: &Once) -> String {
    hex(&sha256(format!("{}|{}", scope.user.id.0, once.key).as_bytes()))
}
