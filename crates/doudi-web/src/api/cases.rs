//! `GET /api/v1/cases`: page after page; `GET /api/v1/cases/{case}`.

use super::case::{CaseInfo, CaseSummary, tagged};
use super::input::{Asked, Fields};
use super::{Told, told};
use crate::access::Visit;
use crate::office::Office;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use doudi_store::{CaseCursor, CaseFilter};
use serde::{Deserialize, Serialize};

const PAGE: u16 = 50;
const LONGEST_PAGE: u16 = 200;
const LONGEST_WORD: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// 只看这个地方：县 6 位，乡镇 9 位，村 12 位
    #[serde(default)]
    place: Option<String>,
    /// 只看这种办件
    #[serde(default)]
    kind: Option<String>,
    /// 只看在这个状态的
    #[serde(default)]
    state: Option<String>,
    /// open 没有办结的（不写就是它），overdue 超期的，ended 办结的
    #[serde(default)]
    clock: Option<String>,
    /// 只看这一户的
    #[serde(default)]
    household: Option<String>,
    /// 办件编号，或者申请人姓名的开头
    #[serde(default)]
    q: Option<String>,
    /// 一页多少件
    #[serde(default)]
    limit: Option<u16>,
    /// 上一页的 next；不写是第一页
    #[serde(default)]
    after: Option<String>,
}

/// 一页办件，最急的在前
#[derive(Serialize)]
pub(super) struct CaseList {
    cases: Vec<CaseSummary>,
    /// 下一页的 after；没有下一页的不写
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Wish {
    fn read(self) -> Result<(CaseFilter, Option<CaseCursor>, u16), super::Problem> {
        let mut fields = Fields::default();
        let place = fields.place("place", self.place.as_deref());
        let clock = self.clock.as_deref().unwrap_or("open");
        if !["open", "overdue", "ended"].contains(&clock) {
            fields.wrong("clock", "clock 要写 open、overdue 或者 ended");
        }
        let limit = self.limit.unwrap_or(PAGE);
        if !(1..=LONGEST_PAGE).contains(&limit) {
            fields.wrong("limit", format!("limit 要写 1 到 {LONGEST_PAGE}"));
        }
        let after = self.after.as_deref().and_then(cursor);
        if self.after.is_some() && after.is_none() {
            fields.wrong("after", "after 要写上一页的 next，一字不改");
        }
        let mut word = |field, text| fields.text(field, text, LONGEST_WORD).filter(|text| !text.is_empty());
        let filter = CaseFilter {
            place,
            kind: word("kind", self.kind),
            state: word("state", self.state),
            ended: clock == "ended",
            overdue: clock == "overdue",
            household: word("household", self.household),
            text: word("q", self.q),
        };
        fields.done()?;
        Ok((filter, after, limit))
    }
}

/// As [`Wish::after`] says that it is written.
fn cursor(text: &str) -> Option<CaseCursor> {
    let (due, case) = text.split_once(".B")?;
    let digits =
        |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_fine = digits(due, 19) && !due.is_empty() && digits(case, 12) && case.len() >= 6;
    CaseCursor::parse(text).filter(|_| is_fine)
}

/// 列出办件
///
/// 令牌主人辖区里的，最急的在前。一页一页往下：把回答里的 next 写进 after。
pub async fn list(State(office): State<Office>, visit: Visit, Asked(wish): Asked<Wish>) -> Told {
    let (filter, after, limit) = wish.read()?;
    let scope = visit.scope.clone();
    let found =
        office.with_store(move |store| store.cases(&scope, &filter, after.as_ref(), limit.into())).await??;
    let now = office.now();
    told(&CaseList {
        cases: found.rows.iter().map(|row| CaseSummary::new(&office, row, now)).collect(),
        next: found.next.map(|next| next.text()),
    })
}

/// 读一件办件
///
/// 一家人的情况、期限、办过的步骤、现在可以办的步骤。ETag 是它的版本，办下一步时写在 If-Match 里。
pub async fn show(State(office): State<Office>, visit: Visit, Path(id): Path<String>) -> Told {
    let counter = office.counter()?;
    let id = super::case_id(id)?;
    let (scope, desk) = (visit.scope.clone(), office.clone());
    let info = office
        .with_store(move |store| {
            let case = store.case(&scope, &id)?;
            let version = case.row.version;
            Ok::<_, doudi_store::StoreError>((version, CaseInfo::new(&desk, &counter, &case, scope.user())?))
        })
        .await?;
    let (version, info) = info?;
    Ok((tagged(version), told(&info)?).into_response())
}
