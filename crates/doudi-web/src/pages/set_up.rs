//! The first account of an empty store, with the code that was printed where the program was started.

use super::{go, page, page_with};
use crate::access::Outside;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::trouble::Answer;
use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use doudi_casework::ADMINISTRATORS;
use doudi_store::StoreError;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "set_up/show.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    given: Given,
}

#[derive(Default, Deserialize)]
pub struct Given {
    #[serde(default)]
    code: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
}

/// `GET /set-up`
pub async fn show(State(office): State<Office>, outside: Outside) -> Answer {
    let missing = office.ask(|store| store.missing_administrators()).await?;
    if missing.len() < ADMINISTRATORS.len() {
        return go("/sign-in");
    }
    page(&Page { frame: outside.frame("首次设置"), form: Wrongs::default(), given: Given::default() })
}

/// `POST /set-up`
pub async fn submit(State(office): State<Office>, outside: Outside, Form(given): Form<Given>) -> Answer {
    let mut form = Wrongs::default();
    form.require("code", &given.code, "请填写启动程序的窗口里显示的设置码");
    form.require("login", &given.login, "请给自己定一个用户名");
    form.require("name", &given.name, "请填写姓名");
    form.require("password", &given.password, "请填写密码");
    if given.password != given.again {
        form.add("again", "两次填写的密码不一样，请重新填写");
    }
    if form.is_empty() {
        let (code, login, name) = (given.code.clone(), given.login.clone(), given.name.clone());
        let (password, ip, now) = (given.password.clone(), outside.ip.clone(), office.now());
        let made = office.with_password(move |store| store.set_up(&code, &login, &name, &password, &ip, now));
        match made.await? {
            Ok(_) => return go("/sign-in"),
            Err(StoreError::BadInput(why)) => form.add("code", why),
            Err(error) => return Err(error.into()),
        }
    }
    let mut frame = outside.frame("首次设置");
    frame.has_errors = true;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page { frame, form, given })
}
