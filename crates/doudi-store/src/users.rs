//! People of the office and their roles: made and changed by the security administrator alone.

use crate::audit::{Action, Entry};
use crate::db::{Connection, Row};
use crate::error::{Outcome, StoreError};
use crate::passwords;
use crate::random;
use crate::scope::{Areas, Scope, home};
use crate::store::{Store, next_numbers};
use doudi_casework::{ADMINISTRATORS, Grant, Grants, Moment, Permission, Role, User, UserId};
use doudi_terms::RegionCode;
use std::collections::HashMap;

/// Somebody who can be given leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    pub id: UserId,
    pub name: String,
    /// Where they report: one of their areas that the question was about.
    pub area: RegionCode,
}

/// Somebody who is to get an account.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Lower-case letters, digits, `.`, `-` and `_`; 3 to 32 of them.
    pub login: String,
    pub name: String,
    pub grants: Grants,
}

/// An account with its state, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    pub created_at: Moment,
    pub password_at: Moment,
    /// Has not yet chosen a password.
    pub must_change_password: bool,
    pub disabled_at: Option<Moment>,
    pub version: i64,
}

/// Six groups of four signs: more than anybody guesses in the life of an account.
const ONE_TIME_GROUPS: usize = 4;

impl Store {
    /// Makes an account. Gives its number and a password that works once: until another is chosen, nothing else does.
    pub fn create_user(&self, scope: &Scope, new: &NewUser) -> Outcome<(UserId, String)> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        check_reach(&areas, &new.grants)?;
        check_new_user(new)?;
        let password = random::readable_code(ONE_TIME_GROUPS)?;
        let hash = self.gate.hash(&password)?;
        self.change(|connection, audit| {
            let id = insert(connection, new, &hash, scope.at, true)?;
            let mut entry = scope.entry(Action::ManageUser, "user", id.to_string(), common(&new.grants));
            entry.detail = format!("created login={} {}", new.login, words(&new.grants));
            audit.push(entry);
            Ok((id, password))
        })
    }

    /// The first accounts of a store that has none: for a demonstration, from the command line. Each with its password.
    pub fn provision(&self, users: &[NewUser], at: Moment) -> Outcome<Vec<(UserId, String)>> {
        let mut passwords = Vec::new();
        for new in users {
            check_new_user(new)?;
            let password = random::readable_code(ONE_TIME_GROUPS)?;
            let hash = self.gate.hash(&password)?;
            passwords.push((password, hash));
        }
        self.change(|connection, audit| {
            refuse_if_any_user(connection)?;
            let mut made = Vec::new();
            for (new, (password, hash)) in users.iter().zip(passwords) {
                let id = insert(connection, new, &hash, at, true)?;
                let mut entry = Entry::by_program(at, Action::SetUp, "user", id.to_string());
                entry.detail = format!("created login={} {}", new.login, words(&new.grants));
                audit.push(entry);
                made.push((id, password));
            }
            Ok(made)
        })
    }

    /// Replaces somebody's roles and areas. `version` is the one that was seen.
    pub fn set_grants(&self, scope: &Scope, id: UserId, version: i64, grants: &Grants) -> Outcome<()> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        check_reach(&areas, grants)?;
        if id == scope.user.id {
            return Err(StoreError::bad("不能改自己的角色。请另一位安全管理员来改"));
        }
        self.change(|connection, audit| {
            let before = managed_account(connection, &areas, id)?;
            bump(connection, id, version)?;
            connection.execute("DELETE FROM user_grants WHERE user_id = $1", &[id.0.into()])?;
            insert_grants(connection, id, grants)?;
            // Whoever is logged in with the old roles logs in again.
            connection.execute("DELETE FROM sessions WHERE user_id = $1", &[id.0.into()])?;
            let mut entry = scope.entry(Action::ManageUser, "user", id.to_string(), common(grants));
            entry.detail = format!("grants before: {}; after: {}", words(&before.user.grants), words(grants));
            audit.push(entry);
            Ok(())
        })
    }

    /// A new password that works once, for somebody who has lost theirs.
    pub fn reset_password(&self, scope: &Scope, id: UserId) -> Outcome<String> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        let password = random::readable_code(ONE_TIME_GROUPS)?;
        let hash = self.gate.hash(&password)?;
        self.change(|connection, audit| {
            let account = managed_account(connection, &areas, id)?;
            set_password(connection, id, &hash, scope.at, true)?;
            connection.execute("DELETE FROM sessions WHERE user_id = $1", &[id.0.into()])?;
            crate::api_tokens::end_all(connection, scope, id)?;
            let place = home(&account.user);
            let mut entry = scope.entry(Action::ManageUser, "user", id.to_string(), place);
            entry.detail = "password reset".into();
            audit.push(entry);
            Ok(password)
        })
    }

    /// Closes an account, or opens it again. Accounts are never deleted: the audit speaks of them.
    pub fn set_disabled(&self, scope: &Scope, id: UserId, version: i64, disabled: bool) -> Outcome<()> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        if id == scope.user.id {
            return Err(StoreError::bad("不能停用自己的账号。请另一位安全管理员来办"));
        }
        self.change(|connection, audit| {
            let account = managed_account(connection, &areas, id)?;
            bump(connection, id, version)?;
            let at = disabled.then_some(scope.at.millis());
            connection
                .execute("UPDATE users SET disabled_at = $2 WHERE user_id = $1", &[id.0.into(), at.into()])?;
            connection.execute("DELETE FROM sessions WHERE user_id = $1", &[id.0.into()])?;
            let place = home(&account.user);
            let mut entry = scope.entry(Action::ManageUser, "user", id.to_string(), place);
            entry.detail = if disabled { "disabled" } else { "enabled" }.into();
            audit.push(entry);
            Ok(())
        })
    }

    /// Accounts all of whose roles lie in the scope's area, by login.
    pub fn accounts(&self, scope: &Scope) -> Outcome<Vec<Account>> {
        let areas = scope.areas_for(Permission::ManageUsers)?;
        self.database.read(|connection| {
            let mut accounts = accounts_where(connection, "ORDER BY login", &[])?;
            accounts.retain(|account| is_managed(&areas, &account.user.grants));
            Ok(accounts)
        })
    }

    /// Who can be asked to verify a lead in a place: name and number, nothing else.
    pub fn colleagues(&self, scope: &Scope, place: RegionCode) -> Outcome<Vec<(UserId, String)>> {
        let areas = scope.areas_for(Permission::AssignLeads)?;
        if !areas.has(place) {
            return Err(StoreError::NotFound("这个地方"));
        }
        self.database.read(|connection| {
            let mut accounts = accounts_where(connection, "WHERE disabled_at IS NULL ORDER BY login", &[])?;
            accounts.retain(|account| account.user.grants.allows_at(Permission::ReportLeads, place));
            Ok(accounts.into_iter().map(|account| (account.user.id, account.user.name)).collect())
        })
    }

    /// Whoever reports somewhere in a place where the scope assigns, or in a place that holds it, with where they do.
    pub fn workers(&self, scope: &Scope, place: Option<RegionCode>) -> Outcome<Vec<Worker>> {
        let areas = scope.areas_for(Permission::AssignLeads)?;
        let areas = place.map_or_else(|| areas.clone(), |place| areas.within(place));
        let touches =
            |area: &RegionCode| areas.has(*area) || areas.list().iter().any(|wanted| wanted.is_within(*area));
        self.database.read(|connection| {
            let accounts = accounts_where(connection, "WHERE disabled_at IS NULL ORDER BY login", &[])?;
            let worker = |account: Account| {
                let area = account.user.grants.areas(Permission::ReportLeads).into_iter().find(touches)?;
                Some(Worker { id: account.user.id, name: account.user.name, area })
            };
            let mut workers: Vec<Worker> = accounts.into_iter().filter_map(worker).collect();
            workers.sort_by_key(|worker| worker.area);
            Ok(workers)
        })
    }

    /// Of the three administrators, those that nobody is: a set-up is finished when this is empty.
    pub fn missing_administrators(&self) -> Outcome<Vec<Role>> {
        self.database.read(|connection| {
            let accounts = accounts_where(connection, "WHERE disabled_at IS NULL", &[])?;
            let held = |role: &Role| accounts.iter().any(|account| account.user.grants.has_role(*role));
            Ok(ADMINISTRATORS.into_iter().filter(|role| !held(role)).collect())
        })
    }

    /// One's own password. Other places where one is logged in are logged out.
    pub fn change_password(&self, scope: &Scope, old: &str, new: &str) -> Outcome<()> {
        let id = scope.user.id;
        passwords::check_new(new, &scope.user.login, &scope.user.name)?;
        let kept = self.database.read(|connection| {
            let row = connection
                .row("SELECT password_hash FROM users WHERE user_id = $1", &[id.0.into()])?
                .ok_or(StoreError::LoggedOut)?;
            row.string(0)
        })?;
        if !self.gate.verify(old, Some(&kept))? {
            return Err(StoreError::bad("现在的密码不对"));
        }
        if self.gate.verify(new, Some(&kept))? {
            return Err(StoreError::bad("新密码与现在的相同。请换一个"));
        }
        let hash = self.gate.hash(new)?;
        self.change(|connection, audit| {
            set_password(connection, id, &hash, scope.at, false)?;
            connection.execute(
                "DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2",
                &[id.0.into(), (&scope.token_hash).into()],
            )?;
            audit.push(scope.entry(Action::ChangePassword, "user", id.to_string(), scope.home()));
            Ok(())
        })
    }
}

pub(crate) fn refuse_if_any_user(connection: &mut Connection) -> Outcome<()> {
    if connection.number("SELECT COUNT(*) FROM users", &[])? > 0 {
        return Err(StoreError::bad("已经有账号了，首次设置只能做一次。新的账号请安全管理员添加"));
    }
    Ok(())
}

pub(crate) fn check_new_user(new: &NewUser) -> Outcome<()> {
    let login = new.login.as_str();
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    if !(3..=32).contains(&login.len()) || !login.bytes().all(is_fine) {
        return Err(StoreError::bad(format!(
            "登录名“{login}”不能用：3 到 32 个小写字母、数字、点、横线、下划线，例如 ran.guangming"
        )));
    }
    let length = new.name.trim().chars().count();
    if !(1..=50).contains(&length) || new.name.chars().any(char::is_control) {
        return Err(StoreError::bad("请填姓名，最多 50 个字"));
    }
    Ok(())
}

fn check_reach(areas: &Areas, grants: &Grants) -> Outcome<()> {
    match grants.iter().find(|grant| !areas.has(grant.region)) {
        None => Ok(()),
        Some(grant) => Err(StoreError::bad(format!(
            "“{}”的辖区 {} 超出您管理的地方。请改成您辖区以内的，或请上级管理员办理",
            grant.role, grant.region
        ))),
    }
}

fn is_managed(areas: &Areas, grants: &Grants) -> bool {
    if grants.is_empty() { areas.is_everywhere() } else { grants.iter().all(|grant| areas.has(grant.region)) }
}

/// An account all of whose roles lie in the areas.
pub(crate) fn managed_account(connection: &mut Connection, areas: &Areas, id: UserId) -> Outcome<Account> {
    let account = account(connection, id)?.filter(|account| is_managed(areas, &account.user.grants));
    account.ok_or(StoreError::NotFound("这个账号"))
}

fn common(grants: &Grants) -> RegionCode {
    let user = User { id: UserId(0), login: String::new(), name: String::new(), grants: grants.clone() };
    home(&user)
}

fn words(grants: &Grants) -> String {
    let words: Vec<String> =
        grants.iter().map(|grant| format!("{}@{}", grant.role.code(), grant.region)).collect();
    words.join(",")
}

pub(crate) fn insert(
    connection: &mut Connection,
    new: &NewUser,
    hash: &str,
    at: Moment,
    must_change: bool,
) -> Outcome<UserId> {
    let taken = connection.number("SELECT COUNT(*) FROM users WHERE login = $1", &[(&new.login).into()])?;
    if taken > 0 {
        return Err(StoreError::bad(format!("登录名“{}”已经有人用了。请换一个", new.login)));
    }
    let id = next_numbers(connection, "user", 1)?;
    connection.execute(
        "INSERT INTO users (user_id, login, name, password_hash, password_at, must_change, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $5)",
        &[
            id.into(),
            (&new.login).into(),
            new.name.trim().into(),
            hash.into(),
            at.millis().into(),
            i64::from(must_change).into(),
        ],
    )?;
    insert_grants(connection, UserId(id), &new.grants)?;
    Ok(UserId(id))
}

fn insert_grants(connection: &mut Connection, id: UserId, grants: &Grants) -> Outcome<()> {
    for grant in grants.iter() {
        connection.execute(
            "INSERT INTO user_grants (user_id, role, region) VALUES ($1, $2, $3)",
            &[id.0.into(), grant.role.code().into(), (grant.region.number() as i64).into()],
        )?;
    }
    Ok(())
}

fn set_password(
    connection: &mut Connection,
    id: UserId,
    hash: &str,
    at: Moment,
    must_change: bool,
) -> Outcome<()> {
    connection
        .execute(
            "UPDATE users SET password_hash = $2, password_at = $3, must_change = $4 WHERE user_id = $1",
            &[id.0.into(), hash.into(), at.millis().into(), i64::from(must_change).into()],
        )
        .map(drop)
}

fn bump(connection: &mut Connection, id: UserId, version: i64) -> Outcome<()> {
    let changed = connection.execute(
        "UPDATE users SET version = version + 1 WHERE user_id = $1 AND version = $2",
        &[id.0.into(), version.into()],
    )?;
    if changed == 0 {
        return Err(StoreError::bad("这个账号在您打开以后已经被别人改过。请刷新再改"));
    }
    Ok(())
}

const COLUMNS: &str = "user_id, login, name, created_at, password_at, must_change, disabled_at, version";

pub(crate) fn account(connection: &mut Connection, id: UserId) -> Outcome<Option<Account>> {
    Ok(accounts_where(connection, "WHERE user_id = $1", &[id.0.into()])?.into_iter().next())
}

pub(crate) fn accounts_where(
    connection: &mut Connection,
    condition: &str,
    params: &[crate::db::Param<'_>],
) -> Outcome<Vec<Account>> {
    let rows = connection.rows(&format!("SELECT {COLUMNS} FROM users {condition}"), params)?;
    // One question about the grants of all, not one about each.
    let mut grants = match rows.as_slice() {
        [] => return Ok(Vec::new()),
        [row] => grants_where(connection, "WHERE user_id = $1", &[row.int(0)?.into()])?,
        _ => grants_where(connection, "", &[])?,
    };
    rows.iter().map(|row| read(row, grants.remove(&row.int(0)?).unwrap_or_default())).collect()
}

fn read(row: &Row, grants: Grants) -> Outcome<Account> {
    Ok(Account {
        user: User { id: UserId(row.int(0)?), login: row.string(1)?, name: row.string(2)?, grants },
        created_at: Moment::from_millis(row.int(3)?),
        password_at: Moment::from_millis(row.int(4)?),
        must_change_password: row.int(5)? != 0,
        disabled_at: row.opt_int(6)?.map(Moment::from_millis),
        version: row.int(7)?,
    })
}

/// Grants by their user.
fn grants_where(
    connection: &mut Connection,
    condition: &str,
    params: &[crate::db::Param<'_>],
) -> Outcome<HashMap<i64, Grants>> {
    let rows =
        connection.rows(&format!("SELECT user_id, role, region FROM user_grants {condition}"), params)?;
    let mut found: HashMap<i64, Vec<Grant>> = HashMap::new();
    for row in rows {
        let code = row.text(1)?;
        let role = Role::parse(code).ok_or_else(|| StoreError::damaged(format!("没有“{code}”这个角色")))?;
        let grant = Grant { role, region: crate::query::region(row.int(2)?)? };
        found.entry(row.int(0)?).or_default().push(grant);
    }
    // Roles that were compatible when they were given and are not any more give nothing, rather than too much.
    let checked = found.into_iter().map(|(user, grants)| Ok((user, Grants::new(grants)?)));
    checked.collect()
}
