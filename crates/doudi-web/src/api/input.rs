//! What programs send, read strictly: what is not asked for is refused, so that a misspelt name never passes for nothing.

use super::problem::{Kind, Problem, WrongField};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header::{CONTENT_TYPE, IF_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use doudi_terms::{Date, RegionCode, parse_date};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// A query.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Asked<T>, Problem> {
        let Query(asked) = Query::from_request_parts(parts, state).await.map_err(|why| {
            let why = why.to_string();
            let why = why.rsplit(": ").next().unwrap_or_default().to_owned();
            Problem::new(
                Kind::Malformed,
                format!("网址问号后面的参数读不出来（{why}）。参数见 /api/v1/openapi.json"),
            )
        })?;
        Ok(Asked(asked))
    }
}

/// A body, and its bytes as they came.
pub struct Sent<T>(pub T, pub Bytes);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Sent<T>, Problem> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(Kind::NotJson, "请在 Content-Type 里写 application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(Kind::TooLarge, "请求体最多 256 KB。成员或记录太多的，请分开登记")
            } else {
                Problem::new(Kind::Malformed, "请求体没有传完。请再发一次")
            }
        })?;
        let read = serde_json::from_slice(&bytes).map_err(|error| unread(&error))?;
        Ok(Sent(read, bytes))
    }
}

fn unread(error: &serde_json::Error) -> Problem {
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    let place = format!("请求体第 {} 行第 {} 个字节", error.line(), error.column());
    match error.classify() {
        Category::Data => Problem::new(
            Kind::Invalid,
            format!("{place}的内容不对（{why}）。各项的写法见 /api/v1/openapi.json"),
        ),
        _ => Problem::new(Kind::Malformed, format!("{place}起不是 JSON（{why}）")),
    }
}

/// Fields that are read one by one, with everything that is wrong told at once.
#[derive(Default)]
pub(crate) struct Fields {
    wrong: Vec<WrongField>,
}

impl Fields {
    pub fn wrong(&mut self, field: &str, detail: impl Into<String>) {
        self.wrong.push(WrongField { field: field.to_owned(), detail: detail.into() });
    }

    /// A text of one line: nothing in it that a database or a page does not take.
    pub fn text(&mut self, field: &str, text: Option<String>, most: usize) -> Option<String> {
        let text = text?;
        if text.chars().count() > most {
            self.wrong(field, format!("{field} 最多 {most} 个字"));
        } else if text.chars().any(is_control) {
            self.wrong(field, format!("{field} 里有看不见的控制字符"));
        } else {
            return Some(text);
        }
        None
    }

    pub fn place(&mut self, field: &str, text: Option<&str>) -> Option<RegionCode> {
        let text = text?;
        // Shorter codes are provinces and prefectures, which have no window.
        let is_plain = matches!(text.len(), 6 | 9 | 12);
        let place = RegionCode::parse(text).ok().filter(|_| is_plain);
        if place.is_none() {
            self.wrong(field, format!("{field} 要写区划代码：县 6 位，乡镇 9 位，村 12 位数字"));
        }
        place
    }

    /// `2020-06-01` and nothing else.
    pub fn day(&mut self, field: &str, text: Option<&str>) -> Option<Date> {
        let text = text?;
        let day = parse_date(text).filter(|day| day.to_string() == text);
        if day.is_none() {
            self.wrong(field, format!("{field} 要写日期，如 2020-06-01"));
        }
        day
    }

    pub fn done(self) -> Result<(), Problem> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Problem::fields(self.wrong)) }
    }
}

/// As the published pattern has it: the first 32 characters and DEL.
fn is_control(sign: char) -> bool {
    sign.is_ascii_control()
}

/// The version of a case that was read.
pub(super) fn version(headers: &HeaderMap) -> Result<i64, Problem> {
    let Some(given) = headers.get(IF_MATCH) else {
        return Err(Problem::new(
            Kind::VersionMissing,
            "请在 If-Match 里写读到的版本（办件的 ETag），例如 \"3\"，免得盖掉别人刚办的",
        ));
    };
    let text = given.to_str().unwrap_or_default();
    let number = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let number = number.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 15);
    number
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Problem::new(Kind::Malformed, "If-Match 要写办件的 ETag，带引号，例如 \"3\""))
}

/// The key with which a request is done once.
pub(super) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let name = HeaderName::from_static("idempotency-key");
    let Some(given) = headers.get(name) else {
        return Err(Problem::new(
            Kind::KeyMissing,
            "请在 Idempotency-Key 里写一个没有用过的键（例如 UUID）：没有收到回答时用同一个键再发，不会办两次",
        ));
    };
    let text = given.to_str().unwrap_or_default();
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    if !(8..=64).contains(&text.len()) || !text.bytes().all(is_fine) {
        return Err(Problem::new(
            Kind::Malformed,
            "Idempotency-Key 要 8 到 64 个字母、数字、点、横线、下划线、波浪线",
        ));
    }
    Ok(text.to_owned())
}
