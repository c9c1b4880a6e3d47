//! Accounts, for the security administrator: who there is, a new one, roles and areas, a lost password.

use super::account::TokenLine;
use super::{go, page, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use doudi_casework::{Grant, Grants, ROLES, Role, UserId};
use doudi_store::{Account, NewUser, StoreError};
use doudi_terms::RegionCode;

/// Roles that one form gives at most.
const MOST_GRANTS: usize = 4;

struct Line {
    id: i64,
    login: String,
    name: String,
    grants: Vec<String>,
    state: &'static str,
}

impl Line {
    fn new(office: &Office, account: &Account) -> Line {
        let user = &account.user;
        let words =
            |grant: Grant| format!("{}（{}）", grant.role.name(), office.places().long_name(grant.region));
        Line {
            id: user.id.0,
            login: user.login.clone(),
            name: user.name.clone(),
            grants: user.grants.iter().map(words).collect(),
            state: match () {
                () if account.disabled_at.is_some() => "已停用",
                () if account.must_change_password => "还没有改一次性密码",
                () => "在用",
            },
        }
    }
}

#[derive(Template)]
#[template(path = "users/list.html")]
struct ListPage {
    frame: Frame,
    rows: Vec<Line>,
    missing: Vec<&'static str>,
}

/// `GET /users`
pub async fn list(State(office): State<Office>, visit: Visit) -> Answer {
    let scope = visit.scope.clone();
    let (accounts, missing) =
        office.ask(move |store| Ok((store.accounts(&scope)?, store.missing_administrators()?))).await?;
    page(&ListPage {
        frame: visit.frame(&office, "账号", "/users"),
        rows: accounts.iter().map(|account| Line::new(&office, account)).collect(),
        missing: missing.into_iter().map(Role::name).collect(),
    })
}

/// What was typed, as it was typed.
#[derive(Clone, Debug, Default)]
struct Given {
    login: String,
    name: String,
    /// Role and region codes, one pair a line of the form.
    grants: Vec<(String, String)>,
    version: i64,
    action: String,
}

impl Given {
    fn read(body: &[u8]) -> Given {
        let mut given = Given::default();
        let mut roles = Vec::new();
        let mut places = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "login" => given.login = value.trim().to_owned(),
                "name" => given.name = value.trim().to_owned(),
                "role" => roles.push(value.into_owned()),
                "region" => places.push(value.trim().to_owned()),
                "version" => given.version = value.parse().unwrap_or_default(),
                "action" => given.action = value.into_owned(),
                _ => {}
            }
        }
        given.grants = roles.into_iter().zip(places).take(MOST_GRANTS).collect();
        given
    }

    fn grants(&self, form: &mut Wrongs) -> Option<Grants> {
        let mut grants = Vec::new();
        for (role, place) in self.grants.iter().filter(|(role, _)| !role.is_empty()) {
            match (Role::parse(role), RegionCode::parse(place)) {
                (Some(role), Ok(region)) => grants.push(Grant { role, region }),
                (None, _) => form.add("grants", "没有这个角色，请从列表里选"),
                (_, Err(error)) => form.add("grants", format!("辖区“{place}”：{error}")),
            }
        }
        if grants.is_empty() {
            form.add("grants", "请至少给一个角色，并写明辖区代码");
            return None;
        }
        Grants::new(grants).map_err(|error| form.add("grants", error.to_string())).ok()
    }

    /// Padded with empty lines, for the form.
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = self.grants.clone();
        lines.resize(MOST_GRANTS, Default::default());
        lines
    }
}

#[derive(Template)]
#[template(path = "users/edit.html")]
struct EditPage {
    frame: Frame,
    form: Wrongs,
    given: Given,
    lines: Vec<(String, String)>,
    roles: Vec<Step>,
    /// `None` for somebody who is to be made.
    user: Option<Line>,
    is_disabled: bool,
    /// Shown once: the one-time password.
    password: Option<String>,
    tokens: Vec<TokenLine>,
}

impl EditPage {
    fn new(
        office: &Office,
        visit: &Visit,
        form: Wrongs,
        given: Given,
        account: Option<&Account>,
    ) -> EditPage {
        let title = account.map_or("新账号".to_owned(), |account| account.user.name.clone());
        let mut frame = visit.frame(office, title, "/users");
        frame.trail = vec![Step::new("账号", "/users")];
        frame.has_errors = !form.is_empty();
        EditPage {
            frame,
            form,
            lines: given.lines(),
            given,
            roles: ROLES.iter().map(|role| Step::new(role.name(), role.code())).collect(),
            user: account.map(|account| Line::new(office, account)),
            is_disabled: account.is_some_and(|account| account.disabled_at.is_some()),
            password: None,
            tokens: Vec::new(),
        }
    }
}

/// `GET /users/new`
pub async fn new(State(office): State<Office>, visit: Visit) -> Answer {
    page(&EditPage::new(&office, &visit, Wrongs::default(), Given::default(), None))
}

/// `POST /users/new`
pub async fn create(State(office): State<Office>, visit: Visit, RawForm(body): RawForm) -> Answer {
    let given = Given::read(&body);
    let mut form = Wrongs::default();
    form.require("login", &given.login, "请填写用户名");
    form.require("name", &given.name, "请填写姓名");
    let grants = given.grants(&mut form);
    if let Some(grants) = grants.filter(|_| form.is_empty()) {
        let new = NewUser { login: given.login.clone(), name: given.name.clone(), grants };
        let scope = visit.scope.clone();
        match office.with_password(move |store| store.create_user(&scope, &new)).await? {
            Ok((id, password)) => return with_password(&office, &visit, id, password).await,
            Err(error @ (StoreError::BadInput(_) | StoreError::Grants(_) | StoreError::Refused(_))) => {
                form.add("login", error.to_string());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let built = EditPage::new(&office, &visit, form, given, None);
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &built)
}

/// `GET /users/{user}`
pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<i64>) -> Answer {
    let account = find(&office, &visit, UserId(id)).await?;
    let scope = visit.scope.clone();
    let tokens = office.ask(move |store| store.tokens_of(&scope, UserId(id))).await?;
    let now = office.now();
    page(&EditPage {
        tokens: tokens.iter().map(|token| TokenLine::new(token, now)).collect(),
        ..EditPage::new(&office, &visit, Wrongs::default(), of_account(&account), Some(&account))
    })
}

/// `POST /users/{user}/tokens/{token}/revoke`
pub async fn revoke_token(
    State(office): State<Office>,
    visit: Visit,
    Path((id, token)): Path<(String, String)>,
) -> Answer {
    let (id, token) = (id.parse::<i64>(), token.parse::<i64>());
    let (Ok(id), Ok(token)) = (id, token) else { return Err(Trouble::NotFound) };
    let scope = visit.scope.clone();
    office.ask(move |store| store.revoke_token(&scope, UserId(id), token)).await?;
    go(&format!("/users/{id}#tokens"))
}

/// `POST /users/{user}`: `action` is `grants`, `password`, `disable` or `enable`.
pub async fn change(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<i64>,
    RawForm(body): RawForm,
) -> Answer {
    let (given, id) = (Given::read(&body), UserId(id));
    let (scope, version) = (visit.scope.clone(), given.version);
    let mut form = Wrongs::default();
    let done = match given.action.as_str() {
        "password" => {
            let reset = office.with_password(move |store| store.reset_password(&scope, id)).await?;
            match reset {
                Ok(password) => return with_password(&office, &visit, id, password).await,
                Err(error) => Err(error),
            }
        }
        "disable" | "enable" => {
            let disabled = given.action == "disable";
            office.with_store(move |store| store.set_disabled(&scope, id, version, disabled)).await?
        }
        _ => match given.grants(&mut form) {
            Some(grants) => {
                office.with_store(move |store| store.set_grants(&scope, id, version, &grants)).await?
            }
            None => Ok(()),
        },
    };
    match done {
        Ok(()) if form.is_empty() => return go(&format!("/users/{id}")),
        Ok(()) => {}
        Err(error @ (StoreError::BadInput(_) | StoreError::Grants(_) | StoreError::Refused(_))) => {
            form.add("grants", error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    let account = find(&office, &visit, id).await?;
    let built = EditPage::new(&office, &visit, form, given, Some(&account));
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &built)
}

async fn find(office: &Office, visit: &Visit, id: UserId) -> Result<Account, Trouble> {
    let scope = visit.scope.clone();
    let accounts = office.ask(move |store| store.accounts(&scope)).await?;
    accounts.into_iter().find(|account| account.user.id == id).ok_or(Trouble::NotFound)
}

fn of_account(account: &Account) -> Given {
    let user = &account.user;
    Given {
        login: user.login.clone(),
        name: user.name.clone(),
        grants: user
            .grants
            .iter()
            .map(|grant| (grant.role.code().to_owned(), grant.region.to_string()))
            .collect(),
        version: account.version,
        action: String::new(),
    }
}

async fn with_password(office: &Office, visit: &Visit, id: UserId, password: String) -> Answer {
    let account = find(office, visit, id).await?;
    let mut built = EditPage::new(office, visit, Wrongs::default(), of_account(&account), Some(&account));
    built.password = Some(password);
    page(&built)
}
