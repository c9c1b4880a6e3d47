//! What programs are told when something is not done (RFC 9457): a kind that never changes its name, and a sentence for
//! the person behind the program.

use crate::trouble::{Trouble, note_broken};
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use doudi_casework::StepRefusal;
use doudi_store::StoreError;
use serde::Serialize;

/// One kind. Its name is for programs and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    Invalid,
    NoToken,
    PasswordDue,
    Forbidden,
    SamePerson,
    NotFound,
    NoSuchMethod,
    StepImpossible,
    LawSaysNo,
    NotKnownYet,
    AlreadyOpen,
    Stale,
    TooLarge,
    NotJson,
    KeyReused,
    VersionMissing,
    KeyMissing,
    Busy,
    Damaged,
    Broken,
}

impl Kind {
    pub const ALL: [Kind; 21] = [
        Kind::Malformed,
        Kind::Invalid,
        Kind::NoToken,
        Kind::PasswordDue,
        Kind::Forbidden,
        Kind::SamePerson,
        Kind::NotFound,
        Kind::NoSuchMethod,
        Kind::StepImpossible,
        Kind::LawSaysNo,
        Kind::NotKnownYet,
        Kind::AlreadyOpen,
        Kind::Stale,
        Kind::TooLarge,
        Kind::NotJson,
        Kind::KeyReused,
        Kind::VersionMissing,
        Kind::KeyMissing,
        Kind::Busy,
        Kind::Damaged,
        Kind::Broken,
    ];

    pub fn name(self) -> &'static str {
        self.words().0
    }

    pub fn title(self) -> &'static str {
        self.words().2
    }

    pub fn status(self) -> StatusCode {
        self.words().1
    }

    fn words(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Kind::Malformed => ("malformed", StatusCode::BAD_REQUEST, "读不出这个请求"),
            Kind::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "填的内容不对"),
            Kind::NoToken => ("no-token", StatusCode::UNAUTHORIZED, "没有有效的令牌"),
            Kind::PasswordDue => ("password-due", StatusCode::FORBIDDEN, "先要改一次性密码"),
            Kind::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "没有权限"),
            Kind::SamePerson => ("same-person", StatusCode::FORBIDDEN, "不能是同一个人"),
            Kind::NotFound => ("not-found", StatusCode::NOT_FOUND, "没有找到"),
            Kind::NoSuchMethod => ("no-such-method", StatusCode::METHOD_NOT_ALLOWED, "这个地址不能这样用"),
            Kind::StepImpossible => ("step-impossible", StatusCode::CONFLICT, "现在不能办这一步"),
            Kind::LawSaysNo => ("law-says-no", StatusCode::CONFLICT, "按规定不能办这一步"),
            Kind::NotKnownYet => ("not-known-yet", StatusCode::CONFLICT, "还没有查清"),
            Kind::AlreadyOpen => ("already-open", StatusCode::CONFLICT, "这家已经有一件没有办结"),
            Kind::Stale => ("stale", StatusCode::PRECONDITION_FAILED, "别人刚刚办过一步"),
            Kind::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "太长了"),
            Kind::NotJson => ("not-json", StatusCode::UNSUPPORTED_MEDIA_TYPE, "不是 JSON"),
            Kind::KeyReused => ("key-reused", StatusCode::UNPROCESSABLE_ENTITY, "幂等键用过了"),
            Kind::VersionMissing => ("version-missing", StatusCode::PRECONDITION_REQUIRED, "没有写版本"),
            Kind::KeyMissing => ("key-missing", StatusCode::BAD_REQUEST, "没有写幂等键"),
            Kind::Busy => ("busy", StatusCode::SERVICE_UNAVAILABLE, "现在太忙"),
            Kind::Damaged => ("damaged", StatusCode::INTERNAL_SERVER_ERROR, "文件损坏了"),
            Kind::Broken => ("broken", StatusCode::INTERNAL_SERVER_ERROR, "程序出错了"),
        }
    }
}

/// One field that is not right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrongField {
    /// 哪一项：参数名，或者事实的路径，如 `户.受理日期`
    pub field: String,
    /// 什么不对，怎样写
    pub detail: String,
}

/// 没有办成：什么不对，为什么，怎么办（RFC 9457）
#[derive(Clone, Debug, Serialize)]
struct Body {
    /// 种类，不会改名：`urn:doudi:problem:stale`
    r#type: String,
    /// 种类的中文名
    title: &'static str,
    /// 与 HTTP 状态码相同
    status: u16,
    /// 这一次什么不对，为什么，怎么办
    detail: String,
    /// 哪几项不对
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WrongField>,
    /// 办件现在的版本（种类是 stale 时）
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: Kind,
    pub detail: String,
    pub errors: Vec<WrongField>,
    version: Option<i64>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: detail.into(), errors: Vec::new(), version: None }
    }

    /// Of fields that are wrong.
    pub fn fields(errors: Vec<WrongField>) -> Problem {
        let words: Vec<&str> = errors.iter().map(|error| error.detail.as_str()).collect();
        Problem { detail: words.join("；"), errors, ..Problem::new(Kind::Invalid, "") }
    }

    pub fn field(field: &str, detail: impl Into<String>) -> Problem {
        Problem::fields(vec![WrongField { field: field.to_owned(), detail: detail.into() }])
    }

    pub fn no_token() -> Problem {
        Problem::new(
            Kind::NoToken,
            "请在 Authorization 里写 Bearer 和令牌。令牌在“我的账号”里做；停用的、过期的、账号停用了的都不能用",
        )
    }

    fn broken(cause: &str) -> Problem {
        let number = note_broken(cause);
        let detail =
            format!("这是程序的问题，没有完成的改动不会保存。请把编号 {number} 告诉系统管理员，过一会儿再试");
        Problem::new(Kind::Broken, detail)
    }
}

const NOT_FOUND: &str = "没有这一项，或者它不在您的辖区内。请检查网址里的编号";

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::Step(refusal) => refusal.into(),
            StoreError::StaleCase(ref stale) => Problem {
                version: Some(stale.version),
                ..Problem::new(
                    Kind::Stale,
                    "这件办件在您读过以后别人办过一步，这一次没有办。请重新读一遍，看过再决定",
                )
            },
            StoreError::AlreadyOpen { .. } => Problem::new(Kind::AlreadyOpen, error.to_string()),
            StoreError::KeyReused => Problem::new(Kind::KeyReused, error.to_string()),
            StoreError::LoggedOut => Problem::no_token(),
            StoreError::PasswordChangeDue => Problem::new(Kind::PasswordDue, error.to_string()),
            error => Trouble::from(error).into(),
        }
    }
}

impl From<StepRefusal> for Problem {
    fn from(refusal: StepRefusal) -> Problem {
        let detail = refusal.to_string();
        match refusal {
            StepRefusal::Answers(wrong) => Problem::fields(
                wrong
                    .into_iter()
                    .map(|wrong| WrongField { field: wrong.field, detail: wrong.text })
                    .collect(),
            ),
            StepRefusal::Policies(problems) => {
                let field = |detail| WrongField { field: "facts".into(), detail };
                Problem::fields(problems.into_iter().map(field).collect())
            }
            StepRefusal::Impossible { .. } => Problem::new(Kind::StepImpossible, detail),
            StepRefusal::Refused(_) => Problem::new(Kind::Forbidden, detail),
            StepRefusal::SamePerson { .. } => Problem::new(Kind::SamePerson, detail),
            StepRefusal::PaperGone { .. } => Problem::new(Kind::LawSaysNo, detail),
            StepRefusal::Unmet { .. } => Problem::new(Kind::LawSaysNo, detail),
            StepRefusal::Unknown { .. } => Problem::new(Kind::NotKnownYet, detail),
            StepRefusal::NothingToOpen { .. }
            | StepRefusal::OtherwiseDecided { .. }
            | StepRefusal::NoProcedure { .. } => Problem::new(Kind::StepImpossible, detail),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        match trouble {
            Trouble::SignIn { .. } => Problem::no_token(),
            Trouble::NotFound => Problem::new(Kind::NotFound, NOT_FOUND),
            Trouble::Refused { why } => Problem::new(Kind::Forbidden, why),
            Trouble::Bad { why } => Problem::new(Kind::Invalid, why),
            Trouble::Stale { why } => Problem::new(Kind::Stale, why),
            Trouble::Busy => Problem::new(Kind::Busy, "现在用的人太多。请过一分钟再试"),
            Trouble::Damaged { what } => Problem::new(Kind::Damaged, what),
            Trouble::Broken { cause } => Problem::broken(&cause),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.kind.status();
        let body = Body {
            r#type: format!("urn:doudi:problem:{}", self.kind.name()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
            version: self.version,
        };
        let Ok(text) = serde_json::to_vec(&body) else { return status.into_response() };
        let mut response = (status, [(CONTENT_TYPE, "application/problem+json")], text).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
