//! Who makes a program's request: asked before any handler runs, of the token and of nothing else.

use super::problem::{Kind, Problem};
use crate::access::{Access, Outside, Visit};
use crate::office::Office;
use crate::watch::{self, Who};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use doudi_store::Scope;

/// Longer ones are none of ours.
const LONGEST: usize = 200;

/// Runs before every address of programs. What is refused is in the audit before it is answered, by its pattern.
pub(crate) async fn guard(
    State((office, access)): State<(Office, Access)>,
    outside: Outside,
    mut request: Request,
    next: Next,
) -> Response {
    if access == Access::Anybody {
        return next.run(request).await;
    }
    let page = format!("{} {}", watch::method(request.method()), watch::route(&request));
    let scope = match owner(&office, request.headers(), &outside).await {
        Ok(scope) => scope,
        Err(problem) => return problem.into_response(),
    };
    let who = Who(scope.user().id);
    let mut response = match access {
        Access::Needs(permission) if !scope.may(permission) => {
            let why = format!("您的角色没有“{permission}”的权限。请联系本级安全管理员");
            Problem::new(Kind::Forbidden, why).into_response()
        }
        _ => {
            request.extensions_mut().insert(Visit::of_program(scope.clone(), outside));
            next.run(request).await
        }
    };
    let status = response.status();
    if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        let what = format!("{page} {}", status.as_u16());
        if let Err(trouble) = office.ask(move |store| store.note_refusal(&scope, &what)).await {
            response = Problem::from(trouble).into_response();
        }
    }
    response.extensions_mut().insert(who);
    response
}

async fn owner(office: &Office, headers: &HeaderMap, outside: &Outside) -> Result<Scope, Problem> {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let scheme = |text: &str| text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "));
    let token = given.filter(|given| scheme(given)).map(|given| given[7..].trim().to_owned());
    let token = token.filter(|token| token.len() <= LONGEST).ok_or_else(Problem::no_token)?;
    let (ip, now) = (outside.ip.clone(), office.now());
    let found = office.with_store(move |store| store.token_scope(&token, &ip, now)).await?;
    Ok(found?)
}
