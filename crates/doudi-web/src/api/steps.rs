//! `POST /api/v1/cases/{case}/steps`: a step, from the version that was read, once for a key.

use super::case::{Receipt, tagged};
use super::input::{Fields, Sent, key, version};
use super::problem::Problem;
use super::trials::HouseholdFacts;
use super::{Told, told};
use crate::access::Visit;
use crate::office::Office;
use crate::pages::cases::{Begins, beside, moved};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use doudi_casework::{Act, CaseFile};
use doudi_store::{Case, Once, StoreError};
use serde::Deserialize;
use std::collections::BTreeMap;

const LONGEST_ID: usize = 64;
const LONGEST_NOTE: usize = 4_000;
const LONGEST_ANSWER: usize = 500;

/// 办一步
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 步骤的 id，见办件的 offers
    step: String,
    /// 要填的事实：路径和答案
    #[serde(default)]
    answers: BTreeMap<String, String>,
    /// 附言
    #[serde(default)]
    note: String,
    /// 更正一家人的情况；这一步能更正（revises）才能写
    #[serde(default)]
    facts: Option<HouseholdFacts>,
    /// 这一步开出对人的办件时，说的是第几个成员（从 0 起）
    #[serde(default)]
    member: Option<u32>,
}

/// 办一步
///
/// If-Match 写读到的版本：别人先办了一步的，这一次不办。要写幂等键：没有收到回答时用同一个键再发，不会办两次。
/// 要凭据的步骤，凭据先在网页上传。
pub async fn step(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    Sent(mut wish, bytes): Sent<Wish>,
) -> Told {
    let id = super::case_id(id)?;
    let version = version(&headers)?;
    let head = format!("step {id} {version}\n");
    let once = Once { key: key(&headers)?, request: [head.as_bytes(), &bytes].concat() };
    let counter = office.counter()?;
    let mut fields = Fields::default();
    wish.step = fields.text("step", Some(wish.step), LONGEST_ID).unwrap_or_default();
    if wish.note.chars().count() > LONGEST_NOTE {
        fields.wrong("note", format!("note 最多 {LONGEST_NOTE} 个字"));
    }
    let long = |text: &String| text.chars().count() > LONGEST_ANSWER;
    if let Some((path, _)) = wish.answers.iter().find(|(path, answer)| long(path) || long(answer)) {
        let path: String = path.chars().take(LONGEST_ID).collect();
        fields.wrong("answers", format!("answers 里“{path}”太长，最多 {LONGEST_ANSWER} 个字"));
    }
    fields.done()?;
    let scope = visit.scope.clone();
    let done = office.with_store(move |store| {
        let (facts, user) = (wish.facts.as_ref().map(HouseholdFacts::json), scope.user().clone());
        let take = |case: &Case| {
            let papers = case.papers();
            let act = Act {
                step: &wish.step,
                by: &user,
                at: scope.at(),
                answers: &wish.answers,
                note: &wish.note,
                facts: facts.as_ref(),
                beside: beside(case, &papers),
            };
            moved(&counter, counter.take(&case.file, &act)?, &wish.step)
        };
        let begins = Begins { step: &wish.step, case: &id, member: wish.member, today: scope.today() };
        let opens = |file: &CaseFile| begins.of(&counter, file);
        let tell = |case: &Case| {
            serde_json::to_vec(&Receipt::new(case)).map_err(|error| StoreError::Damaged(error.to_string()))
        };
        store.step_case_once(&scope, &once, (&id, version), &take, &opens, &tell)
    });
    let answer = done.await??;
    let receipt: Receipt = serde_json::from_slice(&answer)
        .map_err(|error| Problem::from(crate::trouble::Trouble::broken(error)))?;
    Ok((tagged(receipt.version), told(&receipt)?).into_response())
}
