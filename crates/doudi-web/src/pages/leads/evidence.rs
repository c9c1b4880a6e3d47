//! `POST /leads/{lead}/evidence`: photos and papers for a lead; `…/{serial}/withdraw`: one that was brought by mistake.
//! `GET /leads/{lead}/evidence/{serial}`: one of them.

use super::show::{Given, Shown, render};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::office::Office;
use crate::pages::go;
use crate::trouble::{Answer, Trouble, in_path};
use crate::upload::{FileLimits, LONGEST_TEXT, Sent, SentFile};
use axum::extract::{Form, Path, Request, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use doudi_casework::{FileKind, MOST_EVIDENCE_BYTES, Permission};
use doudi_store::{EvidenceFile, Lead, LeadEvidence, NewEvidence, StoreError, may_be_withdrawn};
use serde::Deserialize;

/// What one form brings, of a lead or of a case.
pub(crate) const EVIDENCE_LIMITS: FileLimits =
    FileLimits { count: 10, bytes: MOST_EVIDENCE_BYTES, text: LONGEST_TEXT };

/// Nothing in a file of evidence runs, loads or frames anything, whatever a browser makes of it.
const CONTENT: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// A file as the page lists it.
pub(super) struct Line {
    pub path: String,
    pub name: String,
    pub kind: FileKind,
    pub size: String,
    pub who: String,
    pub at: String,
    /// Who took it back, when and why; then it has no address.
    pub withdrawn: Option<String>,
    pub may_withdraw: bool,
}

impl Line {
    pub fn new(visit: &Visit, lead: &Lead, file: &LeadEvidence) -> Line {
        let (id, place) = (&lead.row.lead_id, lead.row.region);
        let may = |permission| visit.scope.may_at(permission, place);
        let own = file.actor == visit.scope.user().id || may(Permission::AssignLeads);
        Line {
            withdrawn: file
                .withdrawn
                .as_ref()
                .map(|back| format!("{} {} 撤回：{}", back.by, back.at, back.reason)),
            may_withdraw: own
                && file.withdrawn.is_none()
                && may(Permission::ReportLeads)
                && may_be_withdrawn(&lead.case.state),
            path: format!("/leads/{id}/evidence/{}", file.serial),
            name: file.name.clone(),
            kind: file.kind,
            size: size(file.bytes),
            who: file.actor_name.clone(),
            at: file.at.to_string(),
        }
    }
}

/// Tenths of a megabyte; below that, kilobytes.
fn size(bytes: u64) -> String {
    match bytes {
        0..=99_999 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// Keeps the files of a form; what keeps them from being kept stands beside the field. How many were kept.
pub(super) async fn keep(
    office: &Office,
    visit: &Visit,
    lead: &str,
    (files, problems): (Vec<SentFile>, Vec<String>),
    form: &mut Wrongs,
) -> Result<usize, Trouble> {
    problems.into_iter().for_each(|problem| form.add("evidence", problem));
    let count = files.len();
    if count == 0 {
        return Ok(0);
    }
    let files: Vec<NewEvidence> =
        files.into_iter().map(|file| NewEvidence { name: file.name, bytes: file.bytes }).collect();
    let (scope, lead) = (visit.scope.clone(), lead.to_owned());
    match office.with_store(move |store| store.add_evidence(&scope, &lead, &files)).await? {
        Ok(_) => Ok(count),
        Err(StoreError::BadInput(why)) => {
            form.add("evidence", why);
            Ok(0)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /leads/{lead}/evidence`
pub async fn add_evidence(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let sent = Sent::read(request, EVIDENCE_LIMITS).await?;
    let mut form = Wrongs::default();
    let kept = keep(&office, &visit, &id, (sent.files, sent.problems), &mut form).await?;
    if kept == 0 && form.is_empty() {
        form.add("evidence", NOTHING_CHOSEN);
    }
    if form.is_empty() {
        return go(&format!("/leads/{id}#evidence-list"));
    }
    render(&office, &visit, id, Shown { form, given: Given::default(), kept, ..Shown::default() }).await
}

pub(super) const NOTHING_CHOSEN: &str = "还没有选照片或文件。请先选，再上传";

#[derive(Deserialize)]
pub struct Withdrawing {
    #[serde(default)]
    reason: String,
}

/// `POST /leads/{lead}/evidence/{serial}/withdraw`
pub async fn withdraw_evidence(
    State(office): State<Office>,
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
    Form(given): Form<Withdrawing>,
) -> Answer {
    let serial: i64 = serial.parse().map_err(|_| Trouble::NotFound)?;
    let (scope, lead) = (visit.scope.clone(), id.clone());
    let done =
        office.with_store(move |store| store.withdraw_evidence(&scope, &lead, serial, &given.reason)).await?;
    match done {
        Ok(_) => go(&format!("/leads/{id}#evidence-list")),
        Err(StoreError::BadInput(why)) => {
            let mut form = Wrongs::default();
            form.add("evidence-list", why);
            render(&office, &visit, id, Shown { form, ..Shown::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /leads/{lead}/evidence/{serial}`
pub async fn evidence(
    State(office): State<Office>,
    visit: Visit,
    Path((id, serial)): Path<(String, String)>,
) -> Answer {
    let serial: i64 = serial.parse().map_err(|_| Trouble::NotFound)?;
    let scope = visit.scope.clone();
    let (lead, number) = (id.clone(), serial);
    let file = office.ask(move |store| store.evidence_file(&scope, &lead, number)).await?;
    file_answer(file, serial)
}

/// A photo or a paper as it was brought, in a box of its own.
pub(crate) fn file_answer(file: EvidenceFile, serial: i64) -> Answer {
    let how = if file.kind.is_shown() { "inline" } else { "attachment" };
    let plain = format!("evidence-{serial}.{}", file.kind.code());
    // What a file was called is for people; the ending says what it is.
    let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
    let named = in_path(&format!("{stem}.{}", file.kind.code()));
    let headers = [
        (CONTENT_TYPE, file.kind.media_type().to_owned()),
        (CONTENT_DISPOSITION, format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{named}")),
        (CONTENT_SECURITY_POLICY, CONTENT.to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        assert_eq!(
            [size(1), size(99_999), size(100_000), size(3_460_000)],
            ["1 KB", "100 KB", "0.1 MB", "3.4 MB"]
        );
    }
}
