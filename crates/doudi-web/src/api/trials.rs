//! `POST /api/v1/trials`: what every programme would say to a household, and what is still to be asked. Nothing is kept.

use super::input::{Fields, Sent};
use super::problem::Problem;
use super::procedures::answer_kind;
use super::{Told, told};
use crate::access::Visit;
use crate::office::Office;
use crate::pages::cases::tried;
use axum::extract::State;
use doudi_casework::{FormQuestion, Trial};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// 一家人的情况
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseholdFacts {
    /// 全家的事实：名称见政策的词表，不知道的不写
    #[serde(default)]
    household: Map<String, Json>,
    /// 每人一个：`{"姓名": "…", "出生日期": "1950-03-07"}`
    members: Vec<Map<String, Json>>,
}

impl HouseholdFacts {
    pub fn json(&self) -> Json {
        json!({ "household": self.household, "members": self.members })
    }
}

/// 试一试
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 住在哪里：区划代码
    place: String,
    /// 按哪一天的规定；不写是今天
    #[serde(default)]
    day: Option<String>,
    facts: HouseholdFacts,
}

/// 各个项目的回答，和还要问的
#[derive(Serialize)]
pub(super) struct Tried {
    place: String,
    day: String,
    programmes: Vec<ProgrammeTrial>,
    /// 最能决定结果的在前
    questions: Vec<Question>,
}

/// 一个项目的回答
#[derive(Serialize)]
pub(super) struct ProgrammeTrial {
    programme: String,
    /// 对人的项目写明是谁的
    called: String,
    /// 符合、不符合；null 是还定不下来
    entitled: Option<bool>,
    /// 多少钱，带单位；没有的是空的
    amount: String,
    reasons: Vec<String>,
    /// 还要知道什么
    missing: Vec<String>,
    citations: Vec<String>,
}

/// 还要问的一项
#[derive(Serialize)]
pub(super) struct Question {
    /// 答案写在 facts 的哪里：`["members", 1, "收入", 0, "月额"]`
    at: Vec<PathPart>,
    /// 谁的；全家的是空的
    whose: String,
    text: String,
    /// choice、money、number、date、month、moment、list
    #[serde(rename = "type")]
    kind: &'static str,
    options: Vec<String>,
    /// 哪些名册能说清
    sources: String,
    articles: Vec<String>,
}

/// 路径的一段：名称，或者第几个
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PathPart {
    Name(String),
    At(u64),
}

impl PathPart {
    fn new(part: &Json) -> PathPart {
        match part {
            Json::String(name) => PathPart::Name(name.clone()),
            part => PathPart::At(part.as_u64().unwrap_or(0)),
        }
    }
}

impl From<Trial> for ProgrammeTrial {
    fn from(trial: Trial) -> ProgrammeTrial {
        ProgrammeTrial {
            programme: trial.programme,
            called: trial.called,
            entitled: trial.entitled,
            amount: trial.amount,
            reasons: trial.reasons,
            missing: trial.missing,
            citations: trial.citations,
        }
    }
}

impl From<FormQuestion> for Question {
    fn from(question: FormQuestion) -> Question {
        Question {
            at: question.at.iter().map(PathPart::new).collect(),
            whose: question.whose,
            text: question.text,
            kind: answer_kind(question.ty),
            options: question.options,
            sources: question.sources,
            articles: question.articles,
        }
    }
}

/// 试一试一家人的情况
///
/// 每个项目符合不符合、多少钱、为什么、依据哪一条；定不下来的，还要问什么。什么都不保存。
pub async fn trial(State(office): State<Office>, visit: Visit, Sent(wish, _): Sent<Wish>) -> Told {
    let counter = office.counter()?;
    let mut fields = Fields::default();
    let place = fields.place("place", Some(&wish.place));
    let day = fields.day("day", wish.day.as_deref()).unwrap_or_else(|| visit.scope.today());
    fields.done()?;
    let Some(place) = place else { return told(&()) };
    let facts = wish.facts.json();
    // On a thread that may take its time; the store is not asked.
    let answer = office.with_store(move |_| tried(&counter, &facts, place, day)).await?;
    let (trials, questions) = answer.map_err(Problem::from)?;
    told(&Tried {
        place: place.to_string(),
        day: day.to_string(),
        programmes: trials.into_iter().map(ProgrammeTrial::from).collect(),
        questions: questions.into_iter().map(Question::from).collect(),
    })
}
