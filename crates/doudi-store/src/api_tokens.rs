//! Tokens of programs. Somebody makes one for a program that acts for them; it is them, today's roles and areas, and
//! nothing more. It is shown once and kept as a hash.

use crate::audit::{Action, Entry};
use crate::db::{Connection, Row};
use crate::error::{Outcome, StoreError};
use crate::random;
use crate::scope::{Scope, home};
use crate::seal::sha256;
use crate::store::{Store, next_numbers};
use crate::users::{account, managed_account};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doudi_casework::{Moment, Permission, UserId};

/// Of one person at a time; more are tokens that were forgotten.
pub const MOST_TOKENS: i64 = 20;
/// A leap year: whoever picks today's date of next year gets it.
pub const LONGEST_TOKEN_DAYS: i64 = 366;
const LONGEST_NAME: usize = 50;
const DAY_SECONDS: i64 = 24 * 3_600;
/// How exactly the last use is known: not every request is a write.
const SEEN_SECONDS: i64 = 60;
/// Stands before the chance, so that a token that was left in a file is recognized by whoever looks for such things.
const PREFIX: &str = "doudi_";

/// A token in a list; what it is nobody can tell any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub token_id: i64,
    pub user: UserId,
    pub name: String,
    pub created_at: Moment,
    pub expires_at: Moment,
    pub seen_at: Option<Moment>,
    pub revoked_at: Option<Moment>,
}

impl ApiToken {
    pub fn is_good(&self, now: Moment) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

const COLUMNS: &str = "token_id, user_id, name, created_at, expires_at, seen_at, revoked_at";

impl Store {
    /// Makes a token for oneself, good until a moment. Gives what a program has to send; it is nowhere else.
    pub fn create_token(&self, scope: &Scope, name: &str, expires_at: Moment) -> Outcome<(ApiToken, String)> {
        if scope.must_change_password {
            return Err(StoreError::PasswordChangeDue);
        }
        let name = name.trim();
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(StoreError::bad(format!(
                "请给令牌起个名字，最多 {LONGEST_NAME} 个字，写明给哪个程序用"
            )));
        }
        let seconds = expires_at.seconds_since(scope.at);
        if seconds <= 0 || seconds > LONGEST_TOKEN_DAYS * DAY_SECONDS {
            return Err(StoreError::bad("到期日要在明天和一年以后之间。到期以后再做一个新的"));
        }
        let secret: [u8; 32] = random::bytes()?;
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret));
        let token = self.change(|connection, audit| {
            let good = connection.number(
                "SELECT COUNT(*) FROM api_tokens WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2",
                &[scope.user.id.0.into(), scope.at.millis().into()],
            )?;
            if good >= MOST_TOKENS {
                return Err(StoreError::bad(format!("您有 {MOST_TOKENS} 个令牌了。请先停用不用的")));
            }
            let token_id = next_numbers(connection, "api-token", 1)?;
            connection.execute(
                "INSERT INTO api_tokens (token_id, user_id, name, token_hash, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &[
                    token_id.into(),
                    scope.user.id.0.into(),
                    name.into(),
                    (&hash(&text)).into(),
                    scope.at.millis().into(),
                    expires_at.millis().into(),
                ],
            )?;
            audit.push(entry(scope, token_id, scope.home(), format!("created until={expires_at}")));
            Ok(ApiToken {
                token_id,
                user: scope.user.id,
                name: name.to_owned(),
                created_at: scope.at,
                expires_at,
                seen_at: None,
                revoked_at: None,
            })
        })?;
        Ok((token, text))
    }

    /// One's own, the latest first.
    pub fn own_tokens(&self, scope: &Scope) -> Outcome<Vec<ApiToken>> {
        self.database.read(|connection| tokens_of(connection, scope.user.id))
    }

    /// Somebody else's, for whoever manages accounts there.
    pub fn tokens_of(&self, scope: &Scope, user: UserId) -> Outcome<Vec<ApiToken>> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        self.database.read(|connection| {
            managed_account(connection, &areas, user)?;
            tokens_of(connection, user)
        })
    }

    /// Ends a token: one's own, or that of somebody whose account one manages. A token that has ended stays so.
    pub fn revoke_token(&self, scope: &Scope, user: UserId, token_id: i64) -> Outcome<()> {
        let areas =
            if user == scope.user.id { None } else { Some(scope.areas_for(Permission::ManageUsers)?) };
        self.change(|connection, audit| {
            let place = match &areas {
                Some(areas) => home(&managed_account(connection, areas, user)?.user),
                None => scope.home(),
            };
            let ended = connection.execute(
                "UPDATE api_tokens SET revoked_at = $3, revoked_by = $4 \
                 WHERE token_id = $1 AND user_id = $2 AND revoked_at IS NULL",
                &[token_id.into(), user.0.into(), scope.at.millis().into(), scope.user.id.0.into()],
            )?;
            if ended > 0 {
                audit.push(entry(scope, token_id, place, format!("revoked user={user}")));
                return Ok(());
            }
            let known = tokens_of(connection, user)?.iter().any(|token| token.token_id == token_id);
            if known { Ok(()) } else { Err(StoreError::NotFound("这个令牌")) }
        })
    }

    /// Who sends a token: the person who made it, as they are now. Accounts that are closed, or whose first password has
    /// yet to be changed, have none.
    pub fn token_scope(&self, token: &str, ip: &str, at: Moment) -> Outcome<Scope> {
        let token_hash = hash(token);
        let found = self.database.read(|connection| {
            let row = connection
                .row(
                    &format!("SELECT {COLUMNS} FROM api_tokens WHERE token_hash = $1"),
                    &[(&token_hash).into()],
                )?
                .ok_or(StoreError::LoggedOut)?;
            let token = read(&row)?;
            let owner = account(connection, token.user)?.filter(|owner| owner.disabled_at.is_none());
            let owner = owner.filter(|_| token.is_good(at)).ok_or(StoreError::LoggedOut)?;
            Ok((token, owner))
        });
        let (token, owner) = found?;
        if owner.must_change_password {
            return Err(StoreError::PasswordChangeDue);
        }
        if token.seen_at.is_none_or(|seen| at.seconds_since(seen) >= SEEN_SECONDS) {
            self.database.write(|connection| {
                connection.execute(
                    "UPDATE api_tokens SET seen_at = $2 WHERE token_id = $1 AND (seen_at IS NULL OR seen_at < $2)",
                    &[token.token_id.into(), at.millis().into()],
                )
            })?;
        }
        Ok(Scope {
            user: owner.user,
            at,
            ip: ip.to_owned(),
            must_change_password: false,
            token_hash: Vec::new(),
            api_token: Some(token.token_id),
        })
    }
}

/// Whoever has lost a password may have lost their tokens with it.
pub(crate) fn end_all(connection: &mut Connection, scope: &Scope, user: UserId) -> Outcome<()> {
    connection
        .execute(
            "UPDATE api_tokens SET revoked_at = $2, revoked_by = $3 WHERE user_id = $1 AND revoked_at IS NULL",
            &[user.0.into(), scope.at.millis().into(), scope.user.id.0.into()],
        )
        .map(drop)
}

fn entry(scope: &Scope, token_id: i64, place: doudi_terms::RegionCode, detail: String) -> Entry {
    let mut entry = scope.entry(Action::ManageTokens, "api-token", token_id.to_string(), place);
    entry.detail = detail;
    entry
}

fn hash(token: &str) -> Vec<u8> {
    sha256(format!("api-token|{token}").as_bytes()).to_vec()
}

fn tokens_of(connection: &mut Connection, user: UserId) -> Outcome<Vec<ApiToken>> {
    let rows = connection.rows(
        &format!("SELECT {COLUMNS} FROM api_tokens WHERE user_id = $1 ORDER BY token_id DESC"),
        &[user.0.into()],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Outcome<ApiToken> {
    Ok(ApiToken {
        token_id: row.int(0)?,
        user: UserId(row.int(1)?),
        name: row.string(2)?,
        created_at: Moment::from_millis(row.int(3)?),
        expires_at: Moment::from_millis(row.int(4)?),
        seen_at: row.opt_int(5)?.map(Moment::from_millis),
        revoked_at: row.opt_int(6)?.map(Moment::from_millis),
    })
}
