//! `POST /api/v1/cases`: a case that begins, once for a key.

use super::case::{Receipt, tagged};
use super::input::{Fields, Sent, key};
use super::problem::{Kind, Problem};
use super::trials::HouseholdFacts;
use super::{Told, told_with};
use crate::access::Visit;
use crate::office::Office;
use crate::pages::cases::{KnownFamily, OPENED, moved};
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use doudi_casework::{CaseCounter, CaseFile, Intake, Permission, Procedure, Proxy};
use doudi_policy::ir::PERSON;
use doudi_store::{Case, NewCase, Once, Scope, Store, StoreError};
use doudi_terms::RegionCode;
use serde::Deserialize;
use serde_json::Value as Json;

const LONGEST_NAME: usize = 50;
const LONGEST_ID: usize = 64;

/// 开一件办件
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 种类，见 /api/v1/procedures
    kind: String,
    /// 底册里的户号：这户的地方、姓名、情况照上月的来。底册里没有的，不写户号，写下面三项
    #[serde(default)]
    household: Option<String>,
    /// 住在哪里：村（社区）的 12 位代码
    #[serde(default)]
    place: Option<String>,
    /// 申请人的姓名
    #[serde(default)]
    applicant: Option<String>,
    /// 一家人的情况
    #[serde(default)]
    facts: Option<HouseholdFacts>,
    /// 对人的办件：说的是第几个成员（从 0 起）；只有一个人的可以不写
    #[serde(default)]
    member: Option<u32>,
    /// 怎样提出的；不写就是本人提出（政策文件夹里写的第一种）
    #[serde(default)]
    intake: Option<IntakeWish>,
}

/// 申请是怎样提出的
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntakeWish {
    /// 哪一种，见 programs.toml 的 [[intake]]：self、home、found、village、proxy
    way: String,
    /// 代办人姓名、和这家人的关系、电话；没有代办人的不写
    #[serde(default)]
    proxy_name: String,
    #[serde(default)]
    proxy_relation: String,
    #[serde(default)]
    proxy_phone: String,
}

/// A family that asks.
struct Family {
    household_id: String,
    applicant: String,
    place: RegionCode,
    facts: Json,
}

/// 开一件办件
///
/// 要写幂等键：没有收到回答时用同一个键再发，不会开两件；同一个键、同样的内容，24 小时里回答一样。
pub async fn open(
    State(office): State<Office>,
    visit: Visit,
    headers: HeaderMap,
    Sent(mut wish, bytes): Sent<Wish>,
) -> Told {
    let once = Once { key: key(&headers)?, request: [b"open\n".as_slice(), &bytes].concat() };
    let counter = office.counter()?;
    let mut fields = Fields::default();
    wish.kind = fields.text("kind", Some(wish.kind), LONGEST_ID).unwrap_or_default();
    wish.household = fields.text("household", wish.household.take(), LONGEST_ID);
    wish.applicant = fields.text("applicant", wish.applicant.take(), LONGEST_NAME);
    let place = fields.place("place", wish.place.as_deref());
    if wish.household.is_none() {
        if place.is_none() && wish.place.is_none() {
            fields.wrong("place", "没有写户号的，要写 place");
        }
        if wish.applicant.as_deref().is_none_or(|name| name.trim().is_empty()) {
            fields.wrong("applicant", "没有写户号的，要写 applicant（申请人的姓名）");
        }
        if wish.facts.is_none() {
            fields.wrong("facts", "没有写户号的，要写 facts");
        }
    }
    fields.done()?;
    let scope = visit.scope.clone();
    let done = office.with_store(move |store| {
        let new = begin(store, &scope, &counter, &wish, place)?;
        let tell = |case: &Case| {
            serde_json::to_vec(&Receipt::new(case)).map_err(|error| StoreError::Damaged(error.to_string()))
        };
        Ok::<_, Problem>(store.open_case_once(&scope, &once, &new, &tell)?)
    });
    let answer = done.await??;
    let receipt: Receipt = serde_json::from_slice(&answer)
        .map_err(|error| Problem::from(crate::trouble::Trouble::broken(error)))?;
    let place = [(LOCATION, format!("/api/v1/cases/{}", receipt.case))];
    Ok((place, tagged(receipt.version), told_with(StatusCode::CREATED, &receipt)?).into_response())
}

fn begin(
    store: &Store,
    scope: &Scope,
    counter: &CaseCounter,
    wish: &Wish,
    place: Option<RegionCode>,
) -> Result<NewCase, Problem> {
    let family = family(store, scope, counter, wish, place)?;
    if !scope.may_at(Permission::AcceptCases, family.place) {
        return Err(Problem::field("place", "这个地方不在您受理的辖区里。请由那里的窗口受理"));
    }
    let today = scope.today();
    let procedure = counter.procedure(&wish.kind, family.place, today).ok_or_else(|| {
        Problem::field(
            "kind",
            format!("{today} 在 {} 没有“{}”这种办件。有哪些见 /api/v1/procedures", family.place, wish.kind),
        )
    })?;
    counter.facts(&family.facts)?;
    let file = counter.begin(procedure, family.place, today, family.applicant.trim(), family.facts);
    let member = member(procedure, &file, wish.member)?;
    let file = CaseFile { member, intake: intake(counter, wish.intake.as_ref())?, ..file };
    let name = procedure.name.clone();
    Ok(NewCase { name, household_id: family.household_id, first: moved(counter, file, OPENED)? })
}

/// As at the window: who brings it themselves need not say so.
fn intake(counter: &CaseCounter, wish: Option<&IntakeWish>) -> Result<Option<Intake>, Problem> {
    let Some(first) = counter.intake_ways().first() else { return Ok(None) };
    let read = match wish {
        None => Intake::read(counter.intake_ways(), &first.id, Proxy::default()),
        Some(wish) => {
            let (name, relation) = (wish.proxy_name.clone(), wish.proxy_relation.clone());
            let proxy = Proxy { name, relation, phone: wish.proxy_phone.clone() };
            Intake::read(counter.intake_ways(), &wish.way, proxy)
        }
    };
    read.map(Some).map_err(|wrongs| {
        let mut fields = Fields::default();
        for wrong in wrongs {
            fields.wrong(&format!("intake.{}", wrong.field.replace('-', "_")), wrong.text);
        }
        fields.done().err().unwrap_or_else(|| Problem::field("intake", "读不出这一项"))
    })
}

fn family(
    store: &Store,
    scope: &Scope,
    counter: &CaseCounter,
    wish: &Wish,
    place: Option<RegionCode>,
) -> Result<Family, Problem> {
    let facts = wish.facts.as_ref().map(HouseholdFacts::json);
    let Some(household) = &wish.household else {
        let incomplete = || Problem::new(Kind::Invalid, "没有写户号的，要写 place、applicant 和 facts");
        return Ok(Family {
            household_id: String::new(),
            applicant: wish.applicant.clone().unwrap_or_default(),
            place: place.ok_or_else(incomplete)?,
            facts: facts.ok_or_else(incomplete)?,
        });
    };
    let known = KnownFamily::read(store, scope, counter, household).map_err(|error| match error {
        StoreError::NotFound(_) => Problem::field("household", "没有这一户，或者它不在您的辖区里"),
        error => error.into(),
    })?;
    if place.is_some_and(|place| place != known.place) {
        return Err(Problem::field("place", "这一户住的不是 place 写的地方。写了户号的，place 可以不写"));
    }
    Ok(Family {
        household_id: known.household_id,
        applicant: wish.applicant.clone().filter(|name| !name.trim().is_empty()).unwrap_or(known.head),
        place: known.place,
        facts: facts.unwrap_or(known.facts),
    })
}

fn member(procedure: &Procedure, file: &CaseFile, wanted: Option<u32>) -> Result<Option<u32>, Problem> {
    let members = file.members().len();
    if procedure.subject != PERSON && wanted.is_some() {
        return Err(Problem::field("member", "这种办件是对户的，不写 member"));
    }
    procedure.about(members, wanted).map_err(|_| {
        let text = format!("这种办件是对人的：member 写第几个成员，从 0 起，现在有 {members} 人");
        Problem::field("member", text)
    })
}
