//! One's own account: who one is here, a new password, tokens for programs.

use super::{go, page, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use doudi_casework::Moment;
use doudi_store::{ApiToken, StoreError};
use doudi_terms::parse_date;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    login: String,
    /// Role and place.
    grants: Vec<(String, String)>,
    must_change: bool,
    was_changed: bool,
    tokens: Vec<TokenLine>,
    /// Shown once: what the program sends.
    token: Option<String>,
    given: NewToken,
}

/// A token in a list.
pub(crate) struct TokenLine {
    pub id: i64,
    pub name: String,
    pub until: String,
    pub seen: String,
    /// 有效, 已停用, 已过期
    pub state: &'static str,
    pub is_good: bool,
}

impl TokenLine {
    pub fn new(token: &ApiToken, now: Moment) -> TokenLine {
        let is_good = token.is_good(now);
        TokenLine {
            id: token.token_id,
            name: token.name.clone(),
            // The last second of a day.
            until: token.expires_at.plus_seconds(-1).day().map(|day| day.to_string()).unwrap_or_default(),
            seen: token.seen_at.map(|seen| seen.to_string()).unwrap_or_default(),
            state: match token.revoked_at {
                _ if is_good => "有效",
                Some(_) => "已停用",
                None => "已过期",
            },
            is_good,
        }
    }
}

/// What was typed.
#[derive(Clone, Default, Deserialize)]
pub struct NewToken {
    #[serde(default)]
    name: String,
    #[serde(default)]
    until: String,
}

impl Page {
    async fn new(office: &Office, visit: &Visit, form: Wrongs) -> Result<Page, Trouble> {
        let user = visit.scope.user();
        let grants = user.grants.iter();
        let mut frame = visit.frame(office, "我的账号", "");
        frame.has_errors = !form.is_empty();
        let (scope, now) = (visit.scope.clone(), office.now());
        let tokens = office.ask(move |store| store.own_tokens(&scope)).await?;
        Ok(Page {
            frame,
            form,
            login: user.login.clone(),
            grants: grants
                .map(|grant| (grant.role.name().to_owned(), office.places().long_name(grant.region)))
                .collect(),
            must_change: visit.scope.must_change_password(),
            was_changed: false,
            tokens: tokens.iter().map(|token| TokenLine::new(token, now)).collect(),
            token: None,
            given: NewToken::default(),
        })
    }
}

const DAY_SECONDS: i64 = 24 * 3_600;

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    changed: String,
}

/// `GET /account`
pub async fn show(State(office): State<Office>, visit: Visit, Query(after): Query<After>) -> Answer {
    let built = Page::new(&office, &visit, Wrongs::default()).await?;
    page(&Page { was_changed: after.changed == "yes", ..built })
}

#[derive(Deserialize)]
pub struct Change {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
}

/// `POST /account`
pub async fn submit(State(office): State<Office>, visit: Visit, Form(given): Form<Change>) -> Answer {
    let mut form = Wrongs::default();
    form.require("old", &given.old, "请填写现在的密码");
    form.require("new", &given.new, "请填写新密码");
    if given.new != given.again {
        form.add("again", "两次填写的新密码不一样，请重新填写");
    }
    if form.is_empty() {
        let scope = visit.scope.clone();
        let changed =
            office.with_password(move |store| store.change_password(&scope, &given.old, &given.new));
        match changed.await? {
            Ok(()) => return go("/account?changed=yes"),
            Err(StoreError::BadInput(why)) => form.add("new", why),
            Err(error) => return Err(error.into()),
        }
    }
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page::new(&office, &visit, form).await?)
}

/// `POST /account/tokens`: the token is on this page and never again.
pub async fn make_token(State(office): State<Office>, visit: Visit, Form(given): Form<NewToken>) -> Answer {
    let mut form = Wrongs::default();
    form.require("name", &given.name, "请写明给哪个程序用");
    // To the end of that day in Beijing.
    let until = parse_date(&given.until).map(|day| Moment::noon_of(day).plus_seconds(DAY_SECONDS / 2));
    if until.is_none() {
        form.add("until", "请选到期日，最多一年");
    }
    let mut token = None;
    if let Some(until) = until.filter(|_| form.is_empty()) {
        let (scope, name) = (visit.scope.clone(), given.name.clone());
        match office.with_store(move |store| store.create_token(&scope, &name, until)).await? {
            Ok((_, text)) => token = Some(text),
            Err(StoreError::BadInput(why)) if why.contains("到期日") => form.add("until", why),
            Err(StoreError::BadInput(why)) => form.add("name", why),
            Err(error) => return Err(error.into()),
        }
    }
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let given = if form.is_empty() { NewToken::default() } else { given };
    page_with(status, &Page { token, given, ..Page::new(&office, &visit, form).await? })
}

/// `POST /account/tokens/{token}/revoke`
pub async fn revoke_token(State(office): State<Office>, visit: Visit, Path(token): Path<String>) -> Answer {
    let token: i64 = token.parse().map_err(|_| Trouble::NotFound)?;
    let scope = visit.scope.clone();
    office.ask(move |store| store.revoke_token(&scope, scope.user().id, token)).await?;
    go("/account#tokens")
}
