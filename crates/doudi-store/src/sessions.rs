//! Logging in, staying logged in, and the very first time.

use crate::audit::{Action, Entry};
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::passwords;
use crate::random;
use crate::scope::{Scope, home};
use crate::seal::{hex, sha256};
use crate::store::{Store, set_setting, setting};
use crate::users::{self, Account, NewUser, account, check_new_user, refuse_if_any_user};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doudi_casework::{Grant, Grants, Moment, Role, UserId};
use doudi_terms::RegionCode;

/// Nobody at the desk for so long: logged out.
pub const IDLE_SECONDS: i64 = 30 * 60;
/// A working day; then the password again.
pub const LONGEST_SECONDS: i64 = 12 * 3_600;
/// So many wrong passwords in a row lock a login.
pub const MOST_FAILURES: i64 = 5;
pub const LOCKED_SECONDS: i64 = 15 * 60;
/// How exactly the last sight of somebody is known: not every request is a write.
const SEEN_SECONDS: i64 = 60;
const CODE_SECONDS: i64 = 24 * 3_600;

/// What a cookie keeps. It is nowhere else.
pub struct Token(String);

impl Token {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The same for a login that is not there.
    #[error("登录名或密码不对")]
    Wrong,
    #[error("连续输错太多次，已锁定，请 {minutes} 分钟后再试；忘了密码请安全管理员重置")]
    Locked { minutes: i64 },
    #[error("账号已停用，请联系安全管理员")]
    Disabled,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Checks a password and opens a visit. Logins that are not there cost as much and lock the same way.
    pub fn log_in(
        &self,
        login: &str,
        password: &str,
        ip: &str,
        at: Moment,
    ) -> Result<(Token, UserId), LoginError> {
        let login = login.trim();
        let attempt = sha256(login.as_bytes()).to_vec();
        let (failures, found) = self.database.read(|connection| {
            let failures = failures(connection, &attempt, at)?;
            let found = users::accounts_where(connection, "WHERE login = $1", &[login.into()])?.pop();
            let kept = match &found {
                Some(account) => connection
                    .row("SELECT password_hash FROM users WHERE user_id = $1", &[account.user.id.0.into()])?
                    .map(|row| row.string(0))
                    .transpose()?,
                None => None,
            };
            Ok((failures, found.zip(kept)))
        })?;
        if let Some(minutes) = failures.locked(at) {
            return Err(LoginError::Locked { minutes });
        }
        let is_right = self.gate.verify(password, found.as_ref().map(|(_, kept)| kept.as_str()))?;
        let Some((account, _)) = found.filter(|_| is_right) else {
            return Err(self.wrong_password(login, &attempt, ip, at)?);
        };
        if account.disabled_at.is_some() {
            return Err(LoginError::Disabled);
        }
        Ok(self.open_visit(&account, &attempt, ip, at)?)
    }

    fn wrong_password(&self, login: &str, attempt: &[u8], ip: &str, at: Moment) -> Outcome<LoginError> {
        self.change(|connection, audit| {
            // Counted again here: many may come at once.
            let before = failures(connection, attempt, at)?;
            if let Some(minutes) = before.locked(at) {
                return Ok(LoginError::Locked { minutes });
            }
            connection.execute(
                "INSERT INTO login_attempts (login_hash, failures, last_at) VALUES ($1, $2, $3)
                 ON CONFLICT (login_hash) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at",
                &[attempt.into(), (before.count + 1).into(), at.millis().into()],
            )?;
            let known = users::accounts_where(connection, "WHERE login = $1", &[login.into()])?.pop();
            let object = known.as_ref().map_or_else(|| hex(&attempt[..8]), |account| account.user.id.to_string());
            let mut entry = Entry::by_program(at, Action::LogInFailed, "user", object);
            entry.ip = ip.to_owned();
            if let Some(account) = &known {
                entry.region = home(&account.user);
            }
            audit.push(entry);
            Ok(LoginError::Wrong)
        })
    }

    fn open_visit(
        &self,
        account: &Account,
        attempt: &[u8],
        ip: &str,
        at: Moment,
    ) -> Outcome<(Token, UserId)> {
        let secret: [u8; 32] = random::bytes()?;
        let token = Token(URL_SAFE_NO_PAD.encode(secret));
        let token_hash = sha256(token.0.as_bytes()).to_vec();
        let id = account.user.id;
        self.change(|connection, audit| {
            connection.execute("DELETE FROM login_attempts WHERE login_hash = $1", &[attempt.into()])?;
            connection.execute(
                "DELETE FROM sessions WHERE user_id = $1 AND (seen_at < $2 OR created_at < $3)",
                &[
                    id.0.into(),
                    at.plus_seconds(-IDLE_SECONDS).millis().into(),
                    at.plus_seconds(-LONGEST_SECONDS).millis().into(),
                ],
            )?;
            connection.execute(
                "INSERT INTO sessions (token_hash, user_id, created_at, seen_at, ip) VALUES ($1, $2, $3, $3, $4)",
                &[(&token_hash).into(), id.0.into(), at.millis().into(), ip.into()],
            )?;
            let scope = Scope {
                user: account.user.clone(),
                at,
                ip: ip.to_owned(),
                must_change_password: account.must_change_password,
                token_hash: Vec::new(),
                api_token: None,
            };
            audit.push(scope.entry(Action::LogIn, "user", id.to_string(), scope.home()));
            Ok(())
        })?;
        Ok((token, id))
    }

    /// Who makes this request. Once per request; everything else asks for what it gives.
    pub fn scope(&self, token: &str, ip: &str, at: Moment) -> Outcome<Scope> {
        let token_hash = sha256(token.as_bytes()).to_vec();
        let (scope, seen_at) = self.database.read(|connection| {
            let row = connection
                .row(
                    "SELECT user_id, created_at, seen_at FROM sessions WHERE token_hash = $1",
                    &[(&token_hash).into()],
                )?
                .ok_or(StoreError::LoggedOut)?;
            let (created, seen) = (Moment::from_millis(row.int(1)?), Moment::from_millis(row.int(2)?));
            if at.seconds_since(created) >= LONGEST_SECONDS || at.seconds_since(seen) >= IDLE_SECONDS {
                return Err(StoreError::LoggedOut);
            }
            let account = account(connection, UserId(row.int(0)?))?
                .filter(|account| account.disabled_at.is_none())
                .ok_or(StoreError::LoggedOut)?;
            let scope = Scope {
                must_change_password: account.must_change_password,
                user: account.user,
                at,
                ip: ip.to_owned(),
                token_hash: token_hash.clone(),
                api_token: None,
            };
            Ok((scope, seen))
        })?;
        if at.seconds_since(seen_at) >= SEEN_SECONDS {
            self.database.write(|connection| {
                connection.execute(
                    "UPDATE sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2",
                    &[(&token_hash).into(), at.millis().into()],
                )
            })?;
        }
        Ok(scope)
    }

    pub fn log_out(&self, scope: &Scope) -> Outcome<()> {
        self.change(|connection, audit| {
            connection
                .execute("DELETE FROM sessions WHERE token_hash = $1", &[(&scope.token_hash).into()])?;
            audit.push(scope.entry(Action::LogOut, "user", scope.user.id.to_string(), scope.home()));
            Ok(())
        })
    }

    /// A wrong turn that is worth knowing about: a page outside of somebody's role or area.
    pub fn note_refusal(&self, scope: &Scope, what: &str) -> Outcome<()> {
        let mut entry = scope.entry(Action::Refused, "page", String::new(), scope.home());
        entry.detail = what.chars().take(200).collect();
        self.note_read(entry)
    }

    /// The code with which the first account is made: printed where the program was started, good once and for a day.
    /// `None` where there are accounts.
    pub fn set_up_code(&self, at: Moment) -> Outcome<Option<String>> {
        let code = random::readable_code(4)?;
        self.database.write(|connection| {
            if connection.number("SELECT COUNT(*) FROM users", &[])? > 0 {
                return Ok(None);
            }
            let kept =
                format!("{} {} 0", hex(&sha256(code.as_bytes())), at.plus_seconds(CODE_SECONDS).millis());
            set_setting(connection, "set-up-code", &kept)?;
            Ok(Some(code))
        })
    }

    /// The first account: a security administrator of the whole store, who makes the others.
    pub fn set_up(
        &self,
        code: &str,
        login: &str,
        name: &str,
        password: &str,
        ip: &str,
        at: Moment,
    ) -> Outcome<UserId> {
        let region = RegionCode::COUNTRY;
        let grants = Grants::new([Grant { role: Role::SecurityAdministrator, region }])?;
        let new = NewUser { login: login.trim().to_owned(), name: name.trim().to_owned(), grants };
        check_new_user(&new)?;
        passwords::check_new(password, &new.login, &new.name)?;
        self.use_code(code.trim(), at)?;
        let hash = self.gate.hash(password)?;
        self.change(|connection, audit| {
            refuse_if_any_user(connection)?;
            connection.execute("DELETE FROM settings WHERE name = 'set-up-code'", &[])?;
            let id = users::insert(connection, &new, &hash, at, false)?;
            let mut entry = Entry::by_program(at, Action::SetUp, "user", id.to_string());
            entry.ip = ip.to_owned();
            entry.detail = format!("first account login={}", new.login);
            audit.push(entry);
            Ok(id)
        })
    }

    /// Right, or counted; after a few wrong ones only a restart gives another.
    fn use_code(&self, code: &str, at: Moment) -> Outcome<()> {
        let is_right = self.database.write(|connection| {
            refuse_if_any_user(connection)?;
            let kept = setting(connection, "set-up-code")?.unwrap_or_default();
            let parts: Vec<&str> = kept.split(' ').collect();
            let [hash, until, tries] = parts[..] else { return Ok(false) };
            let tries: i64 = tries.parse().unwrap_or(MOST_FAILURES);
            let until: i64 = until.parse().unwrap_or(0);
            if tries >= MOST_FAILURES || at.millis() >= until {
                return Ok(false);
            }
            // Where two digests begin to differ tells nothing of the code.
            if hash == hex(&sha256(code.as_bytes())) {
                return Ok(true);
            }
            set_setting(connection, "set-up-code", &format!("{hash} {until} {}", tries + 1))?;
            Ok(false)
        })?;
        if is_right {
            return Ok(());
        }
        Err(StoreError::bad(
            "设置码不对，或者已经过期。请看启动程序的窗口里打印的那一行；输错五次或过了一天的，重新启动程序会打印新的",
        ))
    }
}

struct Failures {
    count: i64,
    last_at: Moment,
}

impl Failures {
    /// Minutes that it stays locked.
    fn locked(&self, at: Moment) -> Option<i64> {
        let left = LOCKED_SECONDS - at.seconds_since(self.last_at);
        (self.count >= MOST_FAILURES && left > 0).then(|| (left + 59) / 60)
    }
}

fn failures(connection: &mut Connection, attempt: &[u8], at: Moment) -> Outcome<Failures> {
    let row = connection
        .row("SELECT failures, last_at FROM login_attempts WHERE login_hash = $1", &[attempt.into()])?;
    let Some(row) = row else { return Ok(Failures { count: 0, last_at: at }) };
    let last_at = Moment::from_millis(row.int(1)?);
    // What was long ago does not count any more.
    let count = if at.seconds_since(last_at) >= LOCKED_SECONDS { 0 } else { row.int(0)? };
    Ok(Failures { count, last_at })
}
