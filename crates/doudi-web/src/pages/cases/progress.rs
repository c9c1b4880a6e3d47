//! `GET /progress?code=…`: where a case stands, for the family that has its receipt. Nobody is signed in, and nothing that
//! anybody told is shown.

use super::due_words;
use crate::access::Outside;
use crate::form::Wrongs;
use crate::frame::Frame;
use crate::office::Office;
use crate::pages::page;
use crate::trouble::Answer;
use askama::Template;
use axum::extract::{Query, State};
use doudi_store::StoreError;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    code: String,
}

struct Found {
    number: String,
    name: String,
    state: String,
    is_open: bool,
    began: String,
    due: String,
    steps: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "cases/progress.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    code: String,
    found: Option<Found>,
}

pub async fn progress(
    State(office): State<Office>,
    outside: Outside,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let code = wanted.code.trim().to_owned();
    let mut form = Wrongs::default();
    let mut found = None;
    if !code.is_empty() {
        let asked = code.clone();
        match office.with_store(move |store| store.case_progress(&asked)).await? {
            Ok(progress) => found = Some(told(&office, progress)),
            Err(StoreError::NotFound(_)) => {
                form.add("code", "没有这个查询码。请对照受理回执，一共十六个字母和数字，或者扫回执上的码");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut frame = outside.frame("查办理进度");
    frame.path = "/progress".into();
    frame.has_errors = !form.is_empty();
    page(&Page { frame, form, code, found })
}

fn told(office: &Office, progress: doudi_store::CaseProgress) -> Found {
    let step_name = |id: &str| step_of(office, &progress.procedure, id);
    Found {
        steps: progress
            .steps
            .iter()
            .map(|(step, day)| (step_name(step), day.to_string()))
            .filter(|(name, _)| !name.is_empty())
            .collect(),
        due: progress.due.filter(|_| progress.is_open).map(due_words).unwrap_or_default(),
        number: progress.case_id,
        name: progress.name.clone(),
        state: progress.state_name,
        is_open: progress.is_open,
        began: progress.began.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// What a step is called in a procedure; empty where it is no step of it.
pub(crate) fn step_of(office: &Office, path: &str, id: &str) -> String {
    let counter = office.counter().ok();
    let procedures = counter.iter().flat_map(|counter| counter.procedures());
    let found = procedures.filter(|procedure| procedure.path == path);
    let named = found.flat_map(|procedure| &procedure.steps).find(|step| step.id == id);
    named.map(|step| step.name.clone()).unwrap_or_default()
}
