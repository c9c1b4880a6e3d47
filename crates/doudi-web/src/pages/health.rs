//! For whoever watches over the server: it runs, it can work, how busy it is.

use crate::access::Outside;
use crate::office::Office;
use crate::trouble::{Answer, Trouble};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// A store that takes longer to say that it can work, cannot.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// `GET /healthz`: the program runs.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, its schema is this program's, what was sealed opens. The cause is in the log.
pub async fn ready(State(office): State<Office>) -> (StatusCode, String) {
    let asked = office.with_store(|store| store.unready().map_or(Ok(()), Err));
    let part = match tokio::time::timeout(LONGEST_WAIT, asked).await {
        Ok(Ok(Ok(()))) => return (StatusCode::OK, "ok\n".to_owned()),
        Ok(Ok(Err((part, error)))) => {
            tracing::error!(part = part.code(), cause = error.to_string(), "not ready");
            part.code()
        }
        Ok(Err(_)) | Err(_) => {
            tracing::error!(part = "database", cause = "no answer in time", "not ready");
            "database"
        }
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {part}\n"))
}

/// `GET /metrics`: for this machine, or for whoever has the token; for everybody else there is no such page.
pub async fn metrics(State(office): State<Office>, outside: Outside, headers: HeaderMap) -> Answer {
    if !is_watch(&office, &outside, &headers) {
        return Err(Trouble::NotFound);
    }
    let asked = office.with_store(|store| store.vitals());
    let vitals = tokio::time::timeout(LONGEST_WAIT, asked).await;
    let vitals = vitals.ok().and_then(Result::ok).and_then(Result::ok);
    let kind = [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    Ok((kind, office.metrics().text(vitals)?).into_response())
}

/// Behind a proxy everybody comes from this machine: there the token is the only way.
fn is_watch(office: &Office, outside: &Outside, headers: &HeaderMap) -> bool {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    if let (Some(given), Some(wanted)) = (given, office.metrics_token()) {
        // Where two digests begin to differ tells nothing of the token.
        return Sha256::digest(given) == Sha256::digest(wanted);
    }
    let is_passed_on = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let is_passed_on = is_passed_on.iter().any(|name| headers.contains_key(*name));
    outside.is_local && !is_passed_on && !office.is_secure()
}
