//! `GET /api/v1/progress`: where a case stands, for whoever has the family's receipt. Nobody is asked who they are, and
//! nothing that anybody told is in the answer.

use super::input::Asked;
use super::problem::{Kind, Problem};
use super::{Told, moment, told};
use crate::office::Office;
use crate::pages::cases::step_of;
use axum::extract::State;
use doudi_store::StoreError;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 回执上的查询码；横线可以不写，大小写都行
    code: String,
}

/// 一件办件办到哪里了
#[derive(Serialize)]
pub(super) struct Progress {
    case: String,
    name: String,
    state_name: String,
    is_open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<String>,
    /// 到这个时刻就超期了；没有期限在走的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    steps: Vec<Past>,
}

/// 办过的一步
#[derive(Serialize)]
pub(super) struct Past {
    name: String,
    day: String,
}

/// 凭回执上的查询码查进度
///
/// 不要令牌。回答里没有姓名、金额，也没有谁说过的话。
pub async fn progress(State(office): State<Office>, Asked(wish): Asked<Wish>) -> Told {
    let plain: String = wish.code.chars().filter(|sign| *sign != '-').collect();
    if plain.len() != 16 || !plain.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Problem::field("code", "查询码是十六个字母和数字。请对照受理回执"));
    }
    let found = office.with_store(move |store| store.case_progress(&plain)).await?;
    let found = found.map_err(|error| match error {
        StoreError::NotFound(_) => Problem::new(Kind::NotFound, "没有这个查询码。请对照受理回执"),
        error => error.into(),
    })?;
    let steps = found.steps.iter().map(|(step, day)| (step_of(&office, &found.procedure, step), day));
    let steps = steps.filter(|(name, _)| !name.is_empty());
    told(&Progress {
        steps: steps.map(|(name, day)| Past { name, day: day.to_string() }).collect(),
        case: found.case_id,
        state_name: found.state_name,
        is_open: found.is_open,
        began: found.began.map(|day| day.to_string()),
        due: found.due.filter(|_| found.is_open).map(moment),
        name: found.name,
    })
}
