//! Papers of a case: brought with a step or beside it, said to be for one, read, taken back.

use super::show::{Shown, render};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::office::Office;
use crate::pages::go;
use crate::pages::leads::file_answer;
use crate::trouble::{Answer, Trouble};
use crate::upload::Sent;
use axum::extract::{Form, Path, State};
use doudi_casework::CaseFile;
use doudi_store::{Case, NewEvidence, Scope, StoreError, case_evidence_may_be_withdrawn};
use serde::Deserialize;

/// A paper as the page lists it.
pub(super) struct Paper {
    pub serial: i64,
    pub path: String,
    pub name: String,
    pub who: String,
    /// 用在“登记入户调查”
    pub of_step: String,
    /// Said to be for no step yet: a step may take it.
    pub is_free: bool,
    /// 某某 2020-06-01 撤回：传错了人
    pub withdrawn: Option<String>,
    pub may_withdraw: bool,
}

pub(super) fn papers(scope: &Scope, case: &Case, name_of: &dyn Fn(&str) -> String) -> Vec<Paper> {
    let paper = |file: &doudi_store::LeadEvidence| Paper {
        serial: file.serial,
        path: format!("/cases/{}/evidence/{}", case.row.case_id, file.serial),
        name: file.name.clone(),
        who: format!("{} {}", file.actor_name, file.at),
        of_step: file.step.as_deref().map(name_of).unwrap_or_default(),
        is_free: file.step.is_none() && file.withdrawn.is_none(),
        withdrawn: file
            .withdrawn
            .as_ref()
            .map(|taken| format!("{} {} 撤回：{}", taken.by, taken.at, taken.reason)),
        may_withdraw: case_evidence_may_be_withdrawn(scope, case, file),
    };
    case.evidence.iter().map(paper).collect()
}

/// Keeps the files that came with a form, for its step; what keeps them from being kept stands beside the field.
pub(super) async fn keep(
    office: &Office,
    visit: &Visit,
    (id, step): (&str, &str),
    sent: &mut Sent,
    form: &mut Wrongs,
) -> Result<(), Trouble> {
    std::mem::take(&mut sent.problems).into_iter().for_each(|problem| form.add("papers", problem));
    let files: Vec<NewEvidence> = std::mem::take(&mut sent.files)
        .into_iter()
        .map(|file| NewEvidence { name: file.name, bytes: file.bytes })
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    let counter = office.counter()?;
    let (scope, case, step) = (visit.scope.clone(), id.to_owned(), step.to_owned());
    let done = office.with_store(move |store| {
        let wanted = Some(step.as_str()).filter(|step| !step.is_empty());
        let fits = |file: &CaseFile| wanted.map_or(Ok(()), |step| counter.takes_papers(file, step));
        store.add_case_evidence(&scope, &case, wanted, &fits, &files).map(drop)
    });
    told(done.await?, form)
}

/// What was brought before, without a word what for, is said to be for the step of this form.
pub(super) async fn claim(
    office: &Office,
    visit: &Visit,
    (id, step): (&str, &str),
    sent: &Sent,
    form: &mut Wrongs,
) -> Result<(), Trouble> {
    let ticked = sent.fields.iter().filter(|(name, _)| name == "paper");
    let serials: Vec<i64> = ticked.filter_map(|(_, serial)| serial.parse().ok()).collect();
    if serials.is_empty() || step.is_empty() {
        return Ok(());
    }
    let counter = office.counter()?;
    let (scope, case, step) = (visit.scope.clone(), id.to_owned(), step.to_owned());
    let done = office.with_store(move |store| {
        let fits = |file: &CaseFile| counter.takes_papers(file, &step);
        store.claim_case_evidence(&scope, &case, &step, &fits, &serials)
    });
    match done.await? {
        // Somebody else said so a moment ago: the step sees what counts for it.
        Err(StoreError::NotFound(_)) => Ok(()),
        done => told(done, form),
    }
}

fn told(done: Result<(), StoreError>, form: &mut Wrongs) -> Result<(), Trouble> {
    match done {
        Ok(()) => Ok(()),
        Err(error @ (StoreError::BadInput(_) | StoreError::Step(_))) => {
            form.add("papers", error.to_string());
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /cases/{case}/evidence/{serial}`
pub async fn evidence(
    State(office): State<Office>,
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
) -> Answer {
    let serial: i64 = serial.parse().map_err(|_| Trouble::NotFound)?;
    let scope = visit.scope.clone();
    let file = office.ask(move |store| store.case_evidence_file(&scope, &id, serial)).await?;
    file_answer(file, serial)
}

#[derive(Deserialize)]
pub struct Withdrawing {
    #[serde(default)]
    reason: String,
}

/// `POST /cases/{case}/evidence/{serial}/withdraw`
pub async fn withdraw_evidence(
    State(office): State<Office>,
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
    Form(given): Form<Withdrawing>,
) -> Answer {
    let serial: i64 = serial.parse().map_err(|_| Trouble::NotFound)?;
    let (scope, case) = (visit.scope.clone(), id.clone());
    let done = office
        .with_store(move |store| store.withdraw_case_evidence(&scope, &case, serial, &given.reason))
        .await?;
    match done {
        Ok(_) => go(&format!("/cases/{id}#papers")),
        Err(StoreError::BadInput(why)) => {
            let mut form = Wrongs::default();
            form.add("papers", why);
            render(&office, &visit, id, Shown { form, ..Shown::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}
