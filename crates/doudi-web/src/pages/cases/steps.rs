//! `POST /cases/{case}/step`: a step of its procedure. `POST /cases/{case}/revise`: what the family told, to be put right.

use super::evidence::{claim, keep};
use super::moved;
use super::show::{Shown, render};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::office::Office;
use crate::pages::go;
use crate::pages::leads::EVIDENCE_LIMITS;
use crate::trouble::{Answer, Trouble};
use crate::upload::Sent;
use axum::extract::{Path, Request, State};
use doudi_casework::{Act, Beside, CaseCounter, CaseFile, CasePaper, StepRefusal, WrongAnswer};
use doudi_store::{Case, NewCase, StoreError};
use serde_json::json;
use std::collections::BTreeMap;

/// Fields that are facts begin like this.
const FACT: &str = "fact:";

/// `POST /cases/{case}/step`: files are kept first, so that they are not lost where something else is wrong.
pub async fn step(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let mut sent = Sent::read(request, EVIDENCE_LIMITS).await?;
    let mut form = Wrongs::default();
    let (step, note) = (sent.text("step"), sent.text("note"));
    let of_step = if step.is_empty() { sent.text("for") } else { step.clone() };
    keep(&office, &visit, (&id, &of_step), &mut sent, &mut form).await?;
    claim(&office, &visit, (&id, &step), &sent, &mut form).await?;
    let answers: BTreeMap<String, String> = sent
        .fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(FACT)?.to_owned(), value.clone())))
        .filter(|(_, value)| !value.trim().is_empty())
        .collect();
    if step.is_empty() {
        if form.is_empty() {
            return go(&format!("/cases/{id}#papers"));
        }
        return render(&office, &visit, id, Shown { form, ..Shown::default() }).await;
    }
    let version: i64 = sent.text("version").parse().unwrap_or_default();
    let counter = office.counter()?;
    let (scope, case) = (visit.scope.clone(), id.clone());
    let mut draft = sent.text("draft");
    let member: Option<u32> = sent.text("member").parse().ok();
    let wanted = (step.clone(), answers.clone(), note.clone(), draft.clone());
    let done = office
        .with_store(move |store| {
            let (step, answers, note, draft) = wanted;
            let user = scope.user().clone();
            let revised = if draft.is_empty() { None } else { Some(store.draft(&scope, &draft)?.content) };
            if let Some(content) = revised.as_ref().filter(|content| !goes_with(content, &case, version)) {
                return Err(StoreError::Step(outdated(content, &case)));
            }
            let facts = revised.as_ref().map(|content| &content["facts"]);
            let take = |case: &Case| {
                let (at, papers) = (scope.at(), case.papers());
                let beside = beside(case, &papers);
                let act = Act { step: &step, by: &user, at, answers: &answers, note: &note, facts, beside };
                let next = counter.take(&case.file, &act)?;
                moved(&counter, next, &step)
            };
            let begins = Begins { step: &step, case: &case, member, today: scope.today() };
            let opens = |file: &CaseFile| begins.of(&counter, file);
            let done = store.step_case(&scope, &case, version, &take, &opens)?;
            if !draft.is_empty() {
                store.drop_draft(&scope, &draft)?;
            }
            Ok(done)
        })
        .await?;
    let stale = matches!(done, Err(StoreError::StaleCase(_)));
    match done {
        Ok(case) if form.is_empty() => {
            let already = case.already.map(|already| format!("?already={already}")).unwrap_or_default();
            return go(&format!("/cases/{id}{already}"));
        }
        Ok(_) | Err(StoreError::StaleCase(_)) => {}
        Err(StoreError::Step(StepRefusal::Answers(wrong))) => {
            if wrong.iter().any(|wrong| wrong.field == OUTDATED) {
                draft.clear();
            }
            for wrong in wrong {
                form.add(field_id(&step, &wrong.field), wrong.text);
            }
        }
        Err(StoreError::Step(refusal @ StepRefusal::Refused(_))) => {
            return Err(Trouble::refused(refusal.to_string()));
        }
        Err(StoreError::Step(refusal)) => form.add(format!("step-{step}"), refusal.to_string()),
        Err(error) => return Err(error.into()),
    }
    render(&office, &visit, id, Shown { form, step, answers, note, stale, draft, ..Shown::default() }).await
}

/// What a case's steps look at besides its file.
pub(crate) fn beside<'a>(case: &'a Case, papers: &'a [CasePaper]) -> Beside<'a> {
    Beside { papers, opening: case.opening.as_deref() }
}

/// Where on the page something of a step stands.
pub(super) fn field_id(step: &str, field: &str) -> String {
    match field {
        "note" => format!("note-{step}"),
        "evidence" => format!("file-{step}"),
        "member" => format!("member-{step}"),
        "facts" | OUTDATED => format!("step-{step}"),
        path => format!("{step}-{path}"),
    }
}

/// A draft that does not go with the case any more.
const OUTDATED: &str = "draft";

/// Circumstances were put right on a case as it was: what somebody else has put right since would be lost.
fn goes_with(content: &serde_json::Value, case: &str, version: i64) -> bool {
    content["case"] == *case && content["version"] == version
}

fn outdated(content: &serde_json::Value, case: &str) -> StepRefusal {
    let text = match content["case"] == *case {
        true => {
            "您更正家庭情况以后，别人又办过一步，更正的没有记下。请再按一次“更正家庭情况”，对照现在的情况改"
        }
        false => "这份草稿不是这件办件的，没有记下。请按“更正家庭情况”重新开始",
    };
    StepRefusal::Answers(vec![WrongAnswer { field: OUTDATED.into(), text: text.into() }])
}

/// The case that begins with a step.
pub(crate) struct Begins<'b> {
    pub step: &'b str,
    pub case: &'b str,
    /// Whom it is about, where it is about one.
    pub member: Option<u32>,
    pub today: doudi_terms::Date,
}

impl Begins<'_> {
    pub fn of(&self, counter: &CaseCounter, file: &CaseFile) -> Result<Option<NewCase>, StepRefusal> {
        let procedure = counter.procedure_of(file)?;
        let taken = procedure.step(self.step).map(|at| &procedure.steps[at]);
        let Some((taken, kind)) = taken.and_then(|taken| Some((taken, taken.opens.as_ref()?))) else {
            return Ok(None);
        };
        let missing = || StepRefusal::NothingToOpen { step: taken.name.clone(), kind: kind.clone() };
        let next = counter.procedure(kind, file.place, self.today).ok_or_else(missing)?;
        let mut begun = counter.begin(next, file.place, self.today, &file.applicant, file.facts.clone());
        begun.about = Some(self.case.to_owned());
        begun.member = next
            .about(file.members().len(), file.member.or(self.member))
            .map_err(|wrong| StepRefusal::Answers(vec![wrong]))?;
        Ok(Some(NewCase {
            name: next.name.clone(),
            household_id: String::new(),
            first: moved(counter, begun, super::draft::OPENED)?,
        }))
    }
}

/// `POST /cases/{case}/revise`: the facts of a case as a draft, which goes back into the case when it is done.
pub async fn revise(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let sent = Sent::read(request, EVIDENCE_LIMITS).await?;
    let step = sent.text("step");
    let scope = visit.scope.clone();
    let draft = office
        .ask(move |store| {
            let case = store.case(&scope, &id)?;
            let content = json!({
                "applicant": case.file.applicant, "place": case.file.place.to_string(),
                "household_id": case.row.household_id, "facts": case.file.facts,
                "case": case.row.case_id, "version": case.row.version, "step": step,
            });
            store.keep_draft(&scope, None, &content)
        })
        .await?;
    go(&format!("/cases/drafts/{draft}"))
}
