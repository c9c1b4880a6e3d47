//! Who may open a page, asked in one place before any handler runs.

use crate::frame::{Frame, Person, Step};
use crate::office::Office;
use crate::trouble::Trouble;
use crate::watch::{self, Client, Who};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use doudi_casework::Permission;
use doudi_store::Scope;

/// Cookie of a visit; what it holds is nowhere else.
pub(crate) const VISIT: &str = "doudi_visit";
/// Cookie of the large type.
pub(crate) const ELDER: &str = "doudi_elder";
/// Where a first password is changed; nothing else opens before.
const ACCOUNT: &str = "/account";

/// Who may open a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: sign-in, set-up, style, health.
    Anybody,
    /// Whoever is signed in, whatever their role.
    SignedIn,
    /// Whoever has it somewhere; the query asks again where.
    Needs(Permission),
}

/// Somebody signed in, opening a page.
#[derive(Clone, Debug)]
pub struct Visit {
    pub scope: Scope,
    outside: Outside,
}

/// What is known of a request without anybody being signed in.
#[derive(Clone, Debug)]
pub struct Outside {
    /// Path and query.
    pub path: String,
    pub ip: String,
    /// Comes from this machine itself.
    pub is_local: bool,
    pub elder: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Trouble> {
        // Only a page that anybody may open has none: a handler that wants one there is our mistake.
        parts.extensions.get().cloned().ok_or_else(|| Trouble::broken("page without a visit"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Outside {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Outside, Trouble> {
        let jar = CookieJar::from_headers(&parts.headers);
        let client = parts.extensions.get::<Client>();
        Ok(Outside {
            path: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            is_local: client.is_some_and(|client| client.0.is_loopback()),
            ip: client.map(|client| client.0.to_string()).unwrap_or_default(),
            elder: jar.get(ELDER).is_some(),
        })
    }
}

/// Runs before every page; the page itself is told who it is. What is refused, for a role or for a place, is in the
/// audit before it is answered - by its pattern: what somebody looked for does not belong there.
pub(crate) async fn guard(
    State((office, access)): State<(Office, Access)>,
    jar: CookieJar,
    outside: Outside,
    mut request: Request,
    next: Next,
) -> Response {
    if access == Access::Anybody {
        return next.run(request).await;
    }
    let page = format!("{} {}", watch::method(request.method()), watch::route(&request));
    let scope = match signed_in(&office, &jar, &outside).await {
        Ok(scope) => scope,
        Err(trouble) => return trouble.into_response(),
    };
    let who = Who(scope.user().id);
    let mut response = match missing(&scope, access) {
        None if scope.must_change_password() && request.uri().path() != ACCOUNT => {
            Redirect::to(ACCOUNT).into_response()
        }
        None => {
            request.extensions_mut().insert(Visit { scope: scope.clone(), outside });
            next.run(request).await
        }
        Some(permission) => Trouble::refused(format!("您的角色没有“{permission}”的权限。")).into_response(),
    };
    let status = response.status();
    if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        let what = format!("{page} {}", status.as_u16());
        if let Err(trouble) = office.ask(move |store| store.note_refusal(&scope, &what)).await {
            response = trouble.into_response();
        }
    }
    response.extensions_mut().insert(who);
    response
}

/// The permission that a page needs and somebody has nowhere.
fn missing(scope: &Scope, access: Access) -> Option<Permission> {
    match access {
        Access::Needs(permission) if !scope.must_change_password() && !scope.may(permission) => {
            Some(permission)
        }
        _ => None,
    }
}

async fn signed_in(office: &Office, jar: &CookieJar, outside: &Outside) -> Result<Scope, Trouble> {
    let sign_in = || Trouble::SignIn { back: outside.path.clone() };
    let token = jar.get(VISIT).map(|cookie| cookie.value().to_owned()).ok_or_else(sign_in)?;
    let (ip, now) = (outside.ip.clone(), office.now());
    match office.with_store(move |store| store.scope(&token, &ip, now)).await? {
        Err(doudi_store::StoreError::LoggedOut) => Err(sign_in()),
        found => Ok(found?),
    }
}

/// Menu: what it is called, where it is, who sees it.
const MENU: [(&str, &str, Permission); 9] = [
    ("看板", "/", Permission::ReadBoard),
    ("疑点", "/leads", Permission::ReadLeads),
    ("办件", "/cases", Permission::ReadCases),
    ("找人", "/people", Permission::ReadPersons),
    ("台账", "/groups", Permission::ReadPersons),
    ("政策", "/policies", Permission::ReadBoard),
    ("导入", "/imports", Permission::ImportRosters),
    ("操作记录", "/audit", Permission::ReadAudit),
    ("账号", "/users", Permission::ManageUsers),
];

impl Visit {
    /// A program's, with a token of somebody; no page is shown in it.
    pub(crate) fn of_program(scope: Scope, outside: Outside) -> Visit {
        Visit { scope, outside }
    }

    pub fn frame(&self, office: &Office, title: impl Into<String>, section: &'static str) -> Frame {
        let user = self.scope.user();
        let mut roles: Vec<&str> = user.grants.iter().map(|grant| grant.role.name()).collect();
        roles.dedup();
        let menu = MENU.iter().filter(|(_, _, needs)| self.scope.may(*needs));
        Frame {
            title: title.into(),
            path: self.outside.path.clone(),
            section,
            person: Some(Person {
                name: user.name.clone(),
                roles: roles.join("、"),
                region: office.places().name(self.scope.home()),
            }),
            menu: menu.map(|(name, path, _)| Step::new(*name, *path)).collect(),
            elder: self.outside.elder,
            today: self.scope.today().to_string(),
            ..Frame::default()
        }
    }

    /// The first page of somebody's menu.
    pub fn home(&self) -> &'static str {
        let mut places = MENU.iter().filter(|(_, _, needs)| self.scope.may(*needs));
        places.next().map_or(ACCOUNT, |(_, path, _)| path)
    }
}

impl Outside {
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        Frame { path: self.path.clone(), elder: self.elder, ..Frame::outside(title) }
    }
}
