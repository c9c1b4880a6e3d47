//! Signing in and out.

use super::{go, own_path, page, page_with};
use crate::access::{Outside, VISIT, Visit};
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::trouble::{Answer, Trouble};
use crate::watch::Who;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use doudi_casework::ADMINISTRATORS;
use doudi_store::LoginError;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "sign_in/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    login: String,
    back: String,
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /sign-in`
pub async fn show(State(office): State<Office>, outside: Outside, Query(back): Query<Back>) -> Answer {
    let missing = office.ask(|store| store.missing_administrators()).await?;
    if missing.len() == ADMINISTRATORS.len() {
        return go("/set-up");
    }
    let (form, login) = (Wrongs::default(), String::new());
    page(&Page { frame: outside.frame("登录"), form, login, back: back.back })
}

#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    back: String,
}

/// `POST /sign-in`
pub async fn submit(
    State(office): State<Office>,
    jar: CookieJar,
    outside: Outside,
    Form(given): Form<Credentials>,
) -> Result<Response, Trouble> {
    let mut form = Wrongs::default();
    let has_login = form.require("login", &given.login, "请填写用户名");
    let has_password = form.require("password", &given.password, "请填写密码");
    if has_login && has_password {
        let (login, password) = (given.login.clone(), given.password);
        let (ip, now) = (outside.ip.clone(), office.now());
        let came = office.with_password(move |store| store.log_in(&login, &password, &ip, now)).await?;
        office.metrics().log_in(&came);
        match came {
            Ok((token, user)) => {
                let jar = jar.add(visit_cookie(&office, token.as_str().to_owned()));
                let mut response = (jar, go(own_path(&given.back))?).into_response();
                response.extensions_mut().insert(Who(user));
                return Ok(response);
            }
            Err(LoginError::Store(error)) => return Err(error.into()),
            Err(refused) => form.add("login", refused.to_string()),
        }
    }
    let mut frame = outside.frame("登录");
    frame.has_errors = true;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { frame, form, login: given.login, back: given.back })
}

/// `POST /sign-out`
pub async fn out(State(office): State<Office>, jar: CookieJar, visit: Visit) -> Result<Response, Trouble> {
    let scope = visit.scope;
    office.ask(move |store| store.log_out(&scope)).await?;
    let jar = jar.remove(visit_cookie(&office, String::new()));
    Ok((jar, go("/sign-in")?).into_response())
}

/// Gone when the browser is closed; how long it is good for, the store knows.
fn visit_cookie(office: &Office, value: String) -> Cookie<'static> {
    Cookie::build((VISIT, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(office.is_secure())
        .build()
}
