//! `GET /api/v1/procedures`: which kinds of cases a place has on a day, with their steps.

use super::input::{Asked, Fields};
use super::{Told, told};
use crate::access::Visit;
use crate::office::Office;
use axum::extract::State;
use doudi_casework::{AnswerType, CaseCounter, DecisionKind, OpenedFrom, Procedure, Step};
use doudi_policy::ir::{InputId, PERSON};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 地区代码：县 6 位，乡镇 9 位，村 12 位
    place: String,
    /// 哪一天；不写是今天
    #[serde(default)]
    day: Option<String>,
}

/// 一个地方一天能办的事
#[derive(Serialize)]
pub(super) struct Procedures {
    place: String,
    day: String,
    procedures: Vec<ProcedureInfo>,
}

/// 一种办件的办法
#[derive(Serialize)]
pub(super) struct ProcedureInfo {
    /// 种类，开办件时用
    kind: String,
    name: String,
    /// 哪个救助项目；没有的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    programme: Option<String>,
    /// 对人（person）还是对户（household）；对人的开办件时要写 member
    subject: &'static str,
    law: String,
    /// 谁开的头：window 有人来申请，case 从别的办件来，lead 从疑点来，list 按名单
    opened_from: &'static str,
    states: Vec<StateInfo>,
    steps: Vec<StepInfo>,
}

#[derive(Serialize)]
pub(super) struct StateInfo {
    id: String,
    name: String,
    /// 到了这里就办结
    ends: bool,
    /// 在这里不计时
    paused: bool,
}

/// 一步
#[derive(Serialize)]
pub(super) struct StepInfo {
    pub id: String,
    pub name: String,
    /// 从哪些状态可以办
    pub from: Vec<String>,
    /// 办了到哪个状态
    pub to: String,
    /// 要有什么权限
    pub by: String,
    /// 要填的事实
    pub asks: Vec<AskedFact>,
    /// 附言要写明什么；不要求的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// 要先附上什么凭据（在网页上传）；不要求的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// 可以同时更正家庭的情况（facts）
    pub revises: bool,
    /// 作出哪种决定；不作决定的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decides: Option<&'static str>,
    /// 同时开出哪一种办件；不开的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    pub article: String,
}

/// 一项要填的事实
#[derive(Serialize)]
pub(super) struct AskedFact {
    /// 填的时候用的名称：`户.申请日期`
    pub path: String,
    pub question: String,
    /// choice、money、number、date、month、moment、list
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// 只能填这几个；空的是自己写
    pub options: Vec<String>,
    /// 可以不填
    pub optional: bool,
}

pub(super) fn answer_kind(ty: AnswerType) -> &'static str {
    match ty {
        AnswerType::Choice => "choice",
        AnswerType::Money => "money",
        AnswerType::Number => "number",
        AnswerType::Date => "date",
        AnswerType::Month => "month",
        AnswerType::Moment => "moment",
        AnswerType::List => "list",
    }
}

pub(super) fn decision_kind(kind: DecisionKind) -> &'static str {
    match kind {
        DecisionKind::Granted => "granted",
        DecisionKind::Refused => "refused",
        DecisionKind::Ended => "ended",
        DecisionKind::Reduced => "reduced",
        DecisionKind::Closed => "closed",
    }
}

impl StepInfo {
    pub fn new(counter: &CaseCounter, procedure: &Procedure, step: &Step) -> StepInfo {
        let state = |at: usize| procedure.states[at].id.clone();
        let fact = |id: &InputId, optional: bool| {
            let input = &counter.library().inputs[id.index()];
            AskedFact {
                path: counter.path(*id),
                question: input.question.clone().unwrap_or_else(|| input.name.clone()),
                kind: answer_kind(AnswerType::of(input.ty)),
                options: counter.options(*id),
                optional,
            }
        };
        let asks = step.asks.iter().map(|id| fact(id, false));
        StepInfo {
            id: step.id.clone(),
            name: step.name.clone(),
            from: step.from.iter().map(|at| state(*at)).collect(),
            to: state(step.to),
            by: step.by.name().to_owned(),
            asks: asks.chain(step.optional.iter().map(|id| fact(id, true))).collect(),
            note: step.note.clone(),
            evidence: step.evidence.clone(),
            revises: step.revises,
            decides: step.decides.map(decision_kind),
            opens: step.opens.clone(),
            article: step.article.clone(),
        }
    }
}

impl ProcedureInfo {
    fn new(counter: &CaseCounter, procedure: &Procedure) -> ProcedureInfo {
        let state = |state: &doudi_casework::State| StateInfo {
            id: state.id.clone(),
            name: state.name.clone(),
            ends: state.ends,
            paused: state.paused,
        };
        ProcedureInfo {
            kind: procedure.kind.clone(),
            name: procedure.name.clone(),
            programme: procedure.programme.clone(),
            subject: if procedure.subject == PERSON { "person" } else { "household" },
            law: procedure.law.clone(),
            opened_from: match procedure.opened_from {
                OpenedFrom::Window => "window",
                OpenedFrom::Case => "case",
                OpenedFrom::Lead => "lead",
                OpenedFrom::List => "list",
            },
            states: procedure.states.iter().map(state).collect(),
            steps: procedure.steps.iter().map(|step| StepInfo::new(counter, procedure, step)).collect(),
        }
    }
}

/// 一个地方一天能办的事
///
/// 每种办件有哪些状态、哪些步骤，每一步谁办、要填什么、依据哪一条。
pub async fn procedures(State(office): State<Office>, visit: Visit, Asked(wish): Asked<Wish>) -> Told {
    let counter = office.counter()?;
    let mut fields = Fields::default();
    let place = fields.place("place", Some(&wish.place));
    let day = fields.day("day", wish.day.as_deref()).unwrap_or_else(|| visit.scope.today());
    fields.done()?;
    let Some(place) = place else { return told(&()) };
    let ways = [OpenedFrom::Window, OpenedFrom::Case, OpenedFrom::Lead, OpenedFrom::List];
    let mut found: Vec<&Procedure> =
        ways.into_iter().flat_map(|way| counter.kinds(way, place, day)).collect();
    found.sort_by(|a, b| a.kind.cmp(&b.kind));
    let procedures = found.into_iter().map(|procedure| ProcedureInfo::new(&counter, procedure)).collect();
    told(&Procedures { place: place.to_string(), day: day.to_string(), procedures })
}
