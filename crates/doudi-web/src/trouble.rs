//! What can go wrong with a request, and the page that tells it. Which to use when:
//! - [`Trouble::NotFound`]: there is no such thing, or it lies outside the person's area: one answer for both, so that
//!   nobody learns by asking what there is elsewhere;
//! - [`Trouble::Refused`]: the person's role does not do this, or the request did not come from a page of ours;
//! - [`Trouble::Bad`]: the request itself cannot be read; a form with errors is no trouble but a page;
//! - [`Trouble::Stale`]: somebody else has changed it meanwhile;
//! - [`Trouble::Busy`]: more people than can be served;
//! - [`Trouble::Damaged`]: a kept file that does not open any more; everything else holds;
//! - [`Trouble::Broken`]: our fault; the log has the cause under the number that the page shows.

use crate::frame::Frame;
use askama::Template;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use doudi_store::StoreError;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("not signed in")]
    SignIn { back: String },
    #[error("not found")]
    NotFound,
    #[error("refused: {why}")]
    Refused { why: String },
    #[error("bad request: {why}")]
    Bad { why: String },
    #[error("stale: {why}")]
    Stale { why: String },
    /// More people than can be served: they come again in a moment.
    #[error("busy")]
    Busy,
    #[error("damaged: {what}")]
    Damaged { what: String },
    #[error("broken: {cause}")]
    Broken { cause: String },
}

/// What a page's handler returns.
pub type Answer = Result<Response, Trouble>;

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        match error {
            StoreError::NotFound(_) => Trouble::NotFound,
            StoreError::LoggedOut => Trouble::SignIn { back: String::new() },
            StoreError::Refused(_) | StoreError::PasswordChangeDue => Trouble::refused(error.to_string()),
            StoreError::BadInput(_)
            | StoreError::Case(_)
            | StoreError::Step(_)
            | StoreError::Grants(_)
            | StoreError::KeyReused
            | StoreError::AlreadyOpen { .. }
            | StoreError::SignOff(_) => Trouble::bad(error.to_string()),
            StoreError::DamagedFile(_) => Trouble::Damaged { what: error.to_string() },
            StoreError::Stale(_) | StoreError::StaleCase(_) => Trouble::Stale { why: error.to_string() },
            StoreError::Key(_) | StoreError::Damaged(_) | StoreError::Database(_) | StoreError::Io(..) => {
                Trouble::broken(error)
            }
        }
    }
}

impl From<doudi_casework::StepRefusal> for Trouble {
    fn from(refusal: doudi_casework::StepRefusal) -> Trouble {
        Trouble::bad(refusal.to_string())
    }
}

impl Trouble {
    pub fn refused(why: impl Into<String>) -> Trouble {
        Trouble::Refused { why: why.into() }
    }

    pub fn bad(why: impl Into<String>) -> Trouble {
        Trouble::Bad { why: why.into() }
    }

    pub fn broken(cause: impl std::fmt::Display) -> Trouble {
        Trouble::Broken { cause: cause.to_string() }
    }
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    frame: Frame,
    what: String,
    next: &'static str,
    number: Option<String>,
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, title, what, next) = match self {
            Trouble::SignIn { back } => return to_sign_in(&back),
            Trouble::NotFound => (
                StatusCode::NOT_FOUND,
                "没有找到",
                "没有这一页，或者它不在您的辖区内。".to_owned(),
                "请检查网址，或从菜单重新进入。",
            ),
            Trouble::Refused { why } => (
                StatusCode::FORBIDDEN,
                "不能这样做",
                why,
                "如果工作需要，请联系本级安全管理员调整角色或辖区。",
            ),
            Trouble::Bad { why } => {
                (StatusCode::BAD_REQUEST, "看不懂这个请求", why, "请回到上一页，检查后再提交。")
            }
            Trouble::Stale { why } => {
                (StatusCode::CONFLICT, "别人刚刚改过", why, "请回到上一页刷新，看过新内容再决定。")
            }
            Trouble::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "现在人太多",
                "同时登录的人太多，这一次没有办成。".to_owned(),
                "请过一分钟再试。",
            ),
            Trouble::Damaged { what } => {
                tracing::error!("a kept file is damaged");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "这份文件损坏了",
                    what,
                    "其他内容不受影响，可以继续办理。",
                )
            }
            Trouble::Broken { cause } => return broken(&cause),
        };
        page(status, title, what, next, None)
    }
}

fn to_sign_in(back: &str) -> Response {
    let target = match back {
        "" | "/" => "/sign-in".to_owned(),
        _ => format!("/sign-in?back={}", in_query(back)),
    };
    (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response()
}

/// As the value of a query has it.
pub(crate) fn in_query(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// As a part of a path or a header has it: everything but letters, digits and a few signs in percent.
pub(crate) fn in_path(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A number for the log and the page, so that whoever is called finds the cause. Not secret, not personal.
pub(crate) fn note_broken(cause: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let number = format!("E{:06}", COUNT.fetch_add(1, Ordering::Relaxed));
    tracing::error!(number, cause, "request failed");
    number
}

fn broken(cause: &str) -> Response {
    let number = note_broken(cause);
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "程序出错了",
        "这是程序的问题，不是您的操作有误。没有完成的改动不会保存。".to_owned(),
        "请把下面的编号告诉系统管理员，过一会儿再试。",
        Some(number),
    )
}

fn page(
    status: StatusCode,
    title: &str,
    what: String,
    next: &'static str,
    number: Option<String>,
) -> Response {
    let page = TroublePage { frame: Frame::outside(title), what, next, number };
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => status.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_not_signed_in_comes_back_to_where_they_wanted_to_go() {
        let response = Trouble::SignIn { back: "/leads?town=500243001&x=一".to_owned() }.into_response();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()[LOCATION], "/sign-in?back=%2Fleads%3Ftown%3D500243001%26x%3D%E4%B8%80");
    }
}
