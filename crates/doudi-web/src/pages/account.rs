//! One's own account: who one is here, and a new password.

use super::{go, page, page_with};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::trouble::Answer;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use doudi_store::StoreError;
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
}

impl Page {
    fn new(office: &Office, visit: &Visit, form: Wrongs, was_changed: bool) -> Page {
        let user = visit.scope.user();
        let grants = user.grants.iter();
        let mut frame = visit.frame(office, "我的账号", "");
        frame.has_errors = !form.is_empty();
        Page {
            frame,
            form,
            login: user.login.clone(),
            grants: grants
                .map(|grant| (grant.role.name().to_owned(), office.places().long_name(grant.region)))
                .collect(),
            must_change: visit.scope.must_change_password(),
            was_changed,
        }
    }
}

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    changed: String,
}

/// `GET /account`
pub async fn show(State(office): State<Office>, visit: Visit, Query(after): Query<After>) -> Answer {
    page(&Page::new(&office, &visit, Wrongs::default(), after.changed == "yes"))
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
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &Page::new(&office, &visit, form, false))
}
