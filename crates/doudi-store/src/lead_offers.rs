//! Reports that come many at once, in a file: each accepted or refused with why, before anything is written and again when
//! it is. The same file twice changes nothing.

use crate::audit::Action;
use crate::db::Connection;
use crate::error::{Outcome, StoreError};
use crate::evidence::cited;
use crate::leads::{Lead, StoredStep, change_words, write_step};
use crate::scope::{Areas, Scope};
use crate::store::Store;
use doudi_casework::{LeadCase, Permission, Report};
use std::collections::HashSet;

/// A report for a lead, as somebody wrote it down elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedReport {
    pub lead_id: String,
    /// The version that they had before them; without one, only a lead that nobody has reported on takes it.
    pub version: Option<i64>,
    pub report: Report,
}

/// What becomes, or would become, of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    /// The lead says so already.
    Unchanged,
    Refused(String),
}

/// Of one file: more than the leads of a county in a month is none of ours.
pub const MOST_OFFERED: usize = 5_000;

impl Store {
    /// What would become of each, in their order; nothing is written but that they were looked at.
    pub fn preview_reports(&self, scope: &Scope, offers: &[OfferedReport]) -> Outcome<Vec<Verdict>> {
        let areas = bounded(scope, offers)?;
        let mut subjects = Vec::new();
        let verdicts = self.database.read(|connection| {
            let mut seen = HashSet::new();
            let mut verdicts = Vec::new();
            for offer in offers {
                let judged = self.judge(connection, scope, &areas, offer, &mut seen)?;
                subjects.extend(judged.lead.map(|lead| lead.row.person_id));
                verdicts.push(judged.verdict);
            }
            Ok(verdicts)
        })?;
        let mut entry = scope.entry(Action::ListLeads, "leads", String::new(), areas.common());
        entry.detail = format!("preview rows={}", offers.len());
        subjects.dedup();
        entry.subjects = subjects;
        self.note_read(entry)?;
        Ok(verdicts)
    }

    /// Writes those that are accepted, all in one transaction, each with its history and its audit.
    pub fn report_leads(&self, scope: &Scope, offers: &[OfferedReport]) -> Outcome<Vec<Verdict>> {
        let areas = bounded(scope, offers)?;
        self.change(|connection, audit| {
            let mut seen = HashSet::new();
            let mut verdicts = Vec::new();
            for offer in offers {
                let judged = self.judge(connection, scope, &areas, offer, &mut seen)?;
                let (Some(lead), Some(next)) = (judged.lead, judged.next) else {
                    verdicts.push(judged.verdict);
                    continue;
                };
                let version = lead.row.version;
                let step = StoredStep {
                    step: LeadCase::step_of(&offer.report).name(),
                    actor: scope.user.id.0,
                    at: scope.at,
                    month: "",
                    from: version,
                };
                if !write_step(connection, &self.keys, &next, &step)? {
                    verdicts.push(Verdict::Refused("刚刚被别人改过，请重新下载清单，看过再填".to_owned()));
                    continue;
                }
                let mut entry = scope.entry(Action::LeadStep, "lead", offer.lead_id.clone(), lead.row.region);
                entry.subjects = vec![lead.row.person_id.clone()];
                entry.detail = format!("file {}", change_words(&lead.case.state, &next.state, version));
                audit.push(entry);
                verdicts.push(Verdict::Accepted);
            }
            Ok(verdicts)
        })
    }

    fn judge<'o>(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        areas: &Areas,
        offer: &'o OfferedReport,
        seen: &mut HashSet<&'o str>,
    ) -> Outcome<Judged> {
        if !seen.insert(&offer.lead_id) {
            return Ok(Judged::refused("这条疑点在文件里前面已经有一行。请只留一行"));
        }
        let lead = match self.find_lead(connection, scope, areas, &offer.lead_id) {
            Ok(lead) => lead,
            Err(StoreError::NotFound(_)) => {
                return Ok(Judged::refused(
                    "没有这条疑点，或者不在您的辖区里。请核对疑点编号，不要改动那一列",
                ));
            }
            Err(error) => return Err(error),
        };
        let report = Report { at: scope.at, evidence: cited(&lead.evidence), ..offer.report.clone() };
        if lead.case.state.report().is_some_and(|before| says_the_same(before, &report)) {
            return Ok(Judged { verdict: Verdict::Unchanged, lead: Some(lead), next: None });
        }
        let refused =
            |lead: Lead, why: String| Judged { verdict: Verdict::Refused(why), lead: Some(lead), next: None };
        if let Some(why) = stale(&lead, offer.version) {
            return Ok(refused(lead, why));
        }
        if report.measure.takes_away() {
            let why =
                format!("“{}”要听取这一户的意见、上传凭据，请在系统里打开这条疑点逐条填报", report.measure);
            return Ok(refused(lead, why));
        }
        match lead.case.report(&scope.user, report, scope.today()) {
            Ok(next) => Ok(Judged { verdict: Verdict::Accepted, lead: Some(lead), next: Some(next) }),
            Err(why) => Ok(refused(lead, why.to_string())),
        }
    }
}

struct Judged {
    verdict: Verdict,
    lead: Option<Lead>,
    next: Option<LeadCase>,
}

impl Judged {
    fn refused(why: &str) -> Judged {
        Judged { verdict: Verdict::Refused(why.to_owned()), lead: None, next: None }
    }
}

fn bounded(scope: &Scope, offers: &[OfferedReport]) -> Outcome<Areas> {
    // A role that reports nowhere is told so at once, not row by row.
    scope.areas_for(Permission::ReportLeads)?;
    if offers.len() > MOST_OFFERED {
        return Err(StoreError::bad(format!(
            "一个文件最多 {MOST_OFFERED} 行，现在有 {} 行。请按乡镇分开",
            offers.len()
        )));
    }
    scope.areas_for(Permission::ReadLeads)
}

fn stale(lead: &Lead, version: Option<i64>) -> Option<String> {
    let now = lead.row.state;
    let changed = match version {
        Some(version) => version != lead.row.version,
        None => !now.awaits_report(),
    };
    if !changed {
        return None;
    }
    let last = lead.history.last();
    let who = last.map(|event| event.actor_name.as_str()).filter(|name| !name.is_empty()).unwrap_or("摸排");
    let at = last.map(|event| event.at.to_string()).unwrap_or_default();
    Some(format!("下载清单以后已经有人改过：{at} {who}，现在是“{now}”。请打开这条疑点看过，再决定要不要改"))
}

/// As far as a file can say.
fn says_the_same(before: &Report, offered: &Report) -> bool {
    (before.finding, before.measure, before.on) == (offered.finding, offered.measure, offered.on)
        && before.reason.trim() == offered.reason.trim()
        && before.visitors.trim() == offered.visitors.trim()
}
