//! Cases for programs: the same rooms as the pages, with JSON at the counter. Who asks is a token's owner; what is refused
//! on a page is refused here, by the same store.
//!
//! A browser's cookie opens nothing here, so another site's script in that browser cannot either. Doc comments of what is
//! sent and answered are the published description, for whoever writes such programs, and are in Chinese.

mod case;
mod cases;
mod documents;
mod input;
mod open;
mod openapi;
mod problem;
mod procedures;
mod progress;
mod steps;
mod token;
mod trials;

pub use cases::{list, show};
pub use documents::{document, documents};
pub use open::open;
pub use openapi::description;
pub use procedures::procedures;
pub use progress::progress;
pub use steps::step;
pub use trials::trial;

pub use problem::{Kind, Problem};
pub(crate) use token::guard;

use crate::trouble::Trouble;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use doudi_casework::Moment;
use serde::Serialize;

/// Every address of programs begins like this.
pub(crate) const ROOT: &str = "/api/";

/// What a handler returns.
type Told = Result<Response, Problem>;

fn told(body: &impl Serialize) -> Told {
    told_with(StatusCode::OK, body)
}

fn told_with(status: StatusCode, body: &impl Serialize) -> Told {
    let text = serde_json::to_vec(body).map_err(Trouble::broken)?;
    Ok((status, [(CONTENT_TYPE, "application/json")], text).into_response())
}

/// `2020-06-01T09:30:00+08:00`
fn moment(at: Moment) -> String {
    format!("{}+08:00", at.to_string().replacen(' ', "T", 1))
}

/// Of a case: what a step has to be sent with.
fn version_tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A case's number as an address has it; others are nobody's.
fn case_id(text: String) -> Result<String, Problem> {
    let digits = text.strip_prefix('B').unwrap_or_default();
    let is_fine = (6..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_fine { Ok(text) } else { Err(Trouble::NotFound.into()) }
}
