//! `POST /view`: large type (长辈版) on or off, for this browser.

use super::{go, own_path};
use crate::access::ELDER;
use crate::office::Office;
use crate::trouble::Trouble;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    elder: String,
    #[serde(default)]
    back: String,
}

pub async fn submit(
    State(office): State<Office>,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, Trouble> {
    let mut cookie = Cookie::build((ELDER, "yes"))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(office.is_secure())
        .build();
    let back = go(own_path(&choice.back))?;
    if choice.elder == "yes" {
        cookie.make_permanent();
        return Ok((jar.add(cookie), back).into_response());
    }
    Ok((jar.remove(cookie), back).into_response())
}
