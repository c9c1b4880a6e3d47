//! For whoever watches over the server: it runs, and it can work.

use crate::office::Office;
use axum::extract::State;
use axum::http::StatusCode;

/// `GET /healthz`
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers.
pub async fn ready(State(office): State<Office>) -> (StatusCode, &'static str) {
    match office.ask(|store| store.is_ready()).await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database does not answer\n"),
    }
}
