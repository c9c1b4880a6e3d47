//! A case as programs see it.

use super::procedures::{StepInfo, decision_kind};
use super::{moment, version_tag};
use crate::office::Office;
use crate::pages::cases::{beside, papers_of, step_words};
use axum::http::HeaderName;
use axum::http::header::ETAG;
use doudi_casework::{CaseCounter, Clock, Decision, Intake, Moment, Offer, Pause, StepRefusal, User};
use doudi_store::{Case, CaseRow};
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// 清单里的一件办件
#[derive(Serialize)]
pub(super) struct CaseSummary {
    /// 办件编号：`B000123`
    case: String,
    kind: String,
    name: String,
    applicant: String,
    /// 户号；底册里没有的是空的
    household: String,
    place: String,
    place_name: String,
    state: String,
    state_name: String,
    is_open: bool,
    /// 到这个时刻就超期了；没有期限在走的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    is_overdue: bool,
    /// 上一步是谁办的
    owner: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<String>,
    /// 办下一步时写在 If-Match 里
    version: i64,
}

impl CaseSummary {
    pub fn new(office: &Office, row: &CaseRow, now: Moment) -> CaseSummary {
        CaseSummary {
            case: row.case_id.clone(),
            kind: row.kind.clone(),
            name: row.name.clone(),
            applicant: row.applicant.clone(),
            household: row.household_id.clone(),
            place: row.region.to_string(),
            place_name: office.places().long_name(row.region),
            state: row.state.clone(),
            state_name: row.state_name.clone(),
            is_open: row.is_open,
            due: row.due.filter(|_| row.is_open).map(moment),
            is_overdue: row.is_open && row.due.is_some_and(|due| due <= now),
            owner: row.owner_name.clone(),
            began: row.began.map(|day| day.to_string()),
            version: row.version,
        }
    }
}

/// 申请是怎样提出的
#[derive(Serialize)]
struct IntakeInfo {
    way: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_relation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_phone: Option<String>,
}

impl From<&Intake> for IntakeInfo {
    fn from(intake: &Intake) -> IntakeInfo {
        let proxy = intake.proxy.as_ref();
        IntakeInfo {
            way: intake.way.clone(),
            name: intake.name.clone(),
            proxy_name: proxy.map(|proxy| proxy.name.clone()),
            proxy_relation: proxy.map(|proxy| proxy.relation.clone()),
            proxy_phone: proxy.map(|proxy| proxy.phone.clone()).filter(|phone| !phone.is_empty()),
        }
    }
}

/// 一件办件
#[derive(Serialize)]
pub(super) struct CaseInfo {
    #[serde(flatten)]
    summary: CaseSummary,
    law: String,
    /// 说的是第几个成员（从 0 起）；对户的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<u32>,
    /// 怎样提出的：本人、上门、代办；不是在窗口提出的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    intake: Option<IntakeInfo>,
    /// 一家人的情况，写法与开办件时相同
    facts: Json,
    /// 标出来的：急难、重病……
    flags: Vec<String>,
    clocks: Vec<ClockInfo>,
    /// 停过表的日子
    pauses: Vec<PauseInfo>,
    /// 从哪件办件、哪条疑点来；不是的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionInfo>,
    /// 现在可以办的步骤
    offers: Vec<OfferInfo>,
    history: Vec<EventInfo>,
    /// 附上的凭据；内容在网页上看
    papers: Vec<PaperInfo>,
    /// 可以打印的文书
    documents: Vec<DocumentName>,
    /// 给家人的查询码
    progress_code: String,
}

/// 一个期限
#[derive(Serialize)]
pub(super) struct ClockInfo {
    rule: String,
    article: String,
    /// 到这个时刻就超期了；算不出来的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// 要先知道什么才算得出来
    missing: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct PauseInfo {
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    reason: String,
}

/// 决定
#[derive(Serialize)]
pub(super) struct DecisionInfo {
    /// granted 给予，refused 不予，ended 停发，reduced 减发，closed 办结
    kind: &'static str,
    on: String,
    amount: String,
    start: String,
    reasons: Vec<String>,
    articles: Vec<String>,
}

/// 现在可以办的一步
#[derive(Serialize)]
pub(super) struct OfferInfo {
    step: StepInfo,
    /// 令牌的主人可以办
    allowed: bool,
    /// 谁来都办不成的原因；没有的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    hindrance: Option<String>,
}

/// 办过的一步
#[derive(Serialize)]
pub(super) struct EventInfo {
    /// 办了以后的版本
    version: i64,
    at: String,
    who: String,
    step: String,
    step_name: String,
    note: String,
    /// 填了什么
    answers: BTreeMap<String, String>,
}

#[derive(Serialize)]
pub(super) struct PaperInfo {
    serial: i64,
    name: String,
    at: String,
    who: String,
    /// 撤回了，谁也看不到
    is_withdrawn: bool,
}

/// 一份文书
#[derive(Serialize)]
pub(super) struct DocumentName {
    id: String,
    name: String,
}

impl From<&Clock> for ClockInfo {
    fn from(clock: &Clock) -> ClockInfo {
        ClockInfo {
            rule: clock.rule.clone(),
            article: clock.article.clone(),
            due: clock.due.as_ref().ok().map(|due| moment(due.ends())),
            missing: clock.due.as_ref().err().cloned().unwrap_or_default(),
        }
    }
}

impl From<&Pause> for PauseInfo {
    fn from(pause: &Pause) -> PauseInfo {
        PauseInfo {
            from: pause.from.to_string(),
            until: pause.until.map(|day| day.to_string()),
            reason: pause.reason.clone(),
        }
    }
}

impl From<&Decision> for DecisionInfo {
    fn from(decision: &Decision) -> DecisionInfo {
        DecisionInfo {
            kind: decision_kind(decision.kind),
            on: decision.on.to_string(),
            amount: decision.amount.clone(),
            start: decision.start.clone(),
            reasons: decision.reasons.clone(),
            articles: decision.articles.clone(),
        }
    }
}

impl CaseInfo {
    pub fn new(
        office: &Office,
        counter: &CaseCounter,
        case: &Case,
        user: &User,
    ) -> Result<CaseInfo, StepRefusal> {
        let now = office.now();
        let procedure = counter.procedure_of(&case.file)?;
        let offer = |offer: &Offer<'_>| OfferInfo {
            step: StepInfo::new(counter, procedure, offer.step),
            allowed: offer.allowed,
            hindrance: offer.hindrance.as_ref().map(ToString::to_string),
        };
        let mut flags = counter.flags(&case.file)?;
        flags.dedup();
        Ok(CaseInfo {
            summary: CaseSummary::new(office, &case.row, now),
            law: procedure.law.clone(),
            member: case.file.member,
            intake: case.file.intake.as_ref().map(IntakeInfo::from),
            facts: case.file.facts.clone(),
            flags,
            clocks: counter.clocks(&case.file)?.iter().map(ClockInfo::from).collect(),
            pauses: case.file.pauses.iter().map(PauseInfo::from).collect(),
            about: case.file.about.clone(),
            decision: case.file.decision.as_ref().map(DecisionInfo::from),
            offers: counter
                .offers(&case.file, &beside(case, &case.papers()), user, now)?
                .iter()
                .map(offer)
                .collect(),
            history: history(procedure, case),
            papers: case.evidence.iter().map(paper).collect(),
            documents: document_names(counter, procedure, case),
            progress_code: case.file.code.clone(),
        })
    }
}

fn history(procedure: &doudi_casework::Procedure, case: &Case) -> Vec<EventInfo> {
    let mut records = case.file.record.iter();
    let event = |event: &doudi_store::CaseEvent| {
        // The opening has no record: it is no step of the procedure.
        let record = if event.serial == 1 { None } else { records.next() };
        EventInfo {
            version: event.serial,
            at: moment(event.at),
            who: event.actor_name.clone(),
            step: event.step.clone(),
            step_name: step_words(procedure, &event.step),
            note: record.map(|record| record.note.clone()).unwrap_or_default(),
            answers: record.map(|record| record.answers.clone()).unwrap_or_default(),
        }
    };
    case.history.iter().map(event).collect()
}

fn paper(file: &doudi_store::LeadEvidence) -> PaperInfo {
    let is_withdrawn = file.withdrawn.is_some();
    PaperInfo {
        serial: file.serial,
        name: if is_withdrawn { String::new() } else { file.name.clone() },
        at: moment(file.at),
        who: file.actor_name.clone(),
        is_withdrawn,
    }
}

pub(super) fn document_names(
    counter: &CaseCounter,
    procedure: &doudi_casework::Procedure,
    case: &Case,
) -> Vec<DocumentName> {
    papers_of(counter, procedure, case).into_iter().map(|(id, name)| DocumentName { id, name }).collect()
}

/// 办成了：办件现在的样子
#[derive(serde::Deserialize, Serialize)]
pub(super) struct Receipt {
    pub case: String,
    /// 办下一步时写在 If-Match 里
    pub version: i64,
    name: String,
    state: String,
    state_name: String,
    is_open: bool,
    /// 到这个时刻就超期了；没有期限在走的不写
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// 给家人的查询码
    progress_code: String,
    /// 这一步本来要另开一件，这家已经有一件没有办结的：那一件的编号；没有的不写
    #[serde(default, skip_serializing_if = "Option::is_none")]
    already_open: Option<String>,
}

impl Receipt {
    pub fn new(case: &Case) -> Receipt {
        let row = &case.row;
        Receipt {
            case: row.case_id.clone(),
            version: row.version,
            name: row.name.clone(),
            state: row.state.clone(),
            state_name: row.state_name.clone(),
            is_open: row.is_open,
            due: row.due.filter(|_| row.is_open).map(moment),
            progress_code: case.file.code.clone(),
            already_open: case.already.clone(),
        }
    }
}

/// The header that carries the version.
pub(super) fn tagged(version: i64) -> [(HeaderName, String); 1] {
    [(ETAG, version_tag(version))]
}
