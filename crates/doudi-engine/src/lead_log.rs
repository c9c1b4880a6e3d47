//! The memory of leads: which were opened, answered and closed, and when. Append-only.

use crate::data_file::Spot;
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::event_file;
use crate::population::Population;
use doudi_terms::RegionCode;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One thing that happened to a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadEvent {
    pub kind: LeadEventKind,
    pub lead_id: String,
    /// The region that was cleared.
    pub region: String,
    /// The month that was cleared; of an answer, the month that its file is of.
    pub month: String,
    pub check: String,
    pub person_id: String,
    /// For closed leads, why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadEventKind {
    Opened,
    /// Its cause is gone.
    Closed,
    /// The same month was cleared again, and what was said of the lead that month does not hold any more.
    Withdrawn,
    /// Somebody verified it. Says nothing by itself about whether it is open.
    Answered,
    /// An answer says that there is nothing in it. The cause may still be there; no run opens it again while it is.
    Dismissed,
    /// A later answer says that there is something in it after all.
    Reopened,
    /// The cause of a dismissed lead is gone; should it come back, that is a new lead.
    Lapsed,
}

/// What verifying a lead came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub finding: Finding,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The month of the file.
    pub month: String,
    /// `file#sheet#row`, or [`OFFICE`] and the lead's step there.
    pub source: String,
}

/// How the source of an answer begins that was given in the office and not in a file.
const OFFICE: &str = "office#";

/// The four outcomes that a handout offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finding {
    #[serde(rename = "属实")]
    True,
    #[serde(rename = "部分属实")]
    Partly,
    #[serde(rename = "不属实")]
    False,
    #[serde(rename = "数据错误")]
    DataError,
}

/// In the order in which people name them.
pub const FINDINGS: [Finding; 4] = [Finding::True, Finding::False, Finding::Partly, Finding::DataError];

impl Finding {
    pub fn word(self) -> &'static str {
        match self {
            Finding::True => "属实",
            Finding::Partly => "部分属实",
            Finding::False => "不属实",
            Finding::DataError => "数据错误",
        }
    }

    pub fn parse(word: &str) -> Option<Finding> {
        FINDINGS.into_iter().find(|finding| finding.word() == word.trim())
    }

    /// There is nothing to put right in how somebody is aided.
    pub fn dismisses(self) -> bool {
        matches!(self, Finding::False | Finding::DataError)
    }
}

impl Answer {
    /// Of an answer given in the office: which step of its lead it was there.
    pub fn office_step(&self) -> Option<i64> {
        self.source.strip_prefix(OFFICE)?.parse().ok()
    }

    pub(crate) fn office_source(step: i64) -> String {
        format!("{OFFICE}{step}")
    }

    /// `不属实（冉队长，2020-05-10）`
    pub fn sentence(&self) -> String {
        let by: Vec<&str> =
            [&self.by, &self.on].into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        match by.is_empty() {
            true => self.finding.word().to_owned(),
            false => format!("{}（{}）", self.finding.word(), by.join("，")),
        }
    }
}

/// Where leads are remembered: a file until there is a store, which takes them over with the same ids.
pub trait LeadLog {
    /// Everything that has happened, oldest first.
    fn events(&self) -> Outcome<Vec<LeadEvent>>;
    fn append(&mut self, events: &[LeadEvent]) -> Outcome<()>;
}

/// `leads/leads.jsonl` in the data folder.
pub struct LeadFile {
    spot: Spot,
}

impl LeadFile {
    pub fn of(folder: &DataFolder) -> LeadFile {
        LeadFile { spot: folder.spot(&folder.leads()) }
    }
}

impl LeadLog for LeadFile {
    fn events(&self) -> Outcome<Vec<LeadEvent>> {
        event_file::read(&self.spot)
    }

    fn append(&mut self, events: &[LeadEvent]) -> Outcome<()> {
        event_file::append(&self.spot, events)
    }
}

/// Which events concern a clearing: those of its region, of a region inside it, and, about its own people, of a region
/// that contains it. So a lead that a township's clearing opened is the county's too, and the other way round.
pub(crate) struct Concerned<'p> {
    region: RegionCode,
    population: &'p Population,
    /// Numbers that people had before, with those of today.
    moved: &'p [(String, String)],
}

impl<'p> Concerned<'p> {
    pub fn of(region: RegionCode, population: &'p Population) -> Concerned<'p> {
        Concerned { region, population, moved: &[] }
    }

    /// The same people under the numbers that they had (`from`, `to`).
    pub fn with_moved(mut self, moved: &'p [(String, String)]) -> Concerned<'p> {
        self.moved = moved;
        self
    }

    pub fn has(&self, event: &LeadEvent) -> bool {
        RegionCode::parse(&event.region).is_ok_and(|of| {
            of.is_within(self.region) || (self.region.is_within(of) && self.is_here(&event.person_id))
        })
    }

    fn is_here(&self, person_id: &str) -> bool {
        let to = self.moved.iter().find(|(from, _)| from == person_id);
        let today = to.map_or(person_id, |(_, to)| to.as_str());
        let person = self.population.register.find_person_id(today);
        person.is_some_and(|person| self.population.row(person).is_some())
    }
}

/// By lead and month, in that order: what was said of it, the last word of a month last.
pub(crate) fn by_lead<'e>(
    events: &'e [LeadEvent],
    concerned: &Concerned<'_>,
    until: &str,
) -> BTreeMap<&'e str, Vec<&'e LeadEvent>> {
    let mut found: BTreeMap<&str, Vec<&LeadEvent>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.month.as_str() <= until && concerned.has(event)) {
        found.entry(&event.lead_id).or_default().push(event);
    }
    for of_lead in found.values_mut() {
        of_lead.sort_by(|a, b| a.month.cmp(&b.month));
    }
    found
}

/// For each month the last word on whether a lead is open; a month that took everything back says nothing.
pub(crate) fn last_words<'e, 'l>(of_lead: &'l [&'e LeadEvent]) -> impl Iterator<Item = &'e LeadEvent> + 'l {
    of_lead.chunk_by(|a, b| a.month == b.month).filter_map(|of_month| {
        let last = of_month.iter().rev().find(|event| event.kind != LeadEventKind::Answered)?;
        (last.kind != LeadEventKind::Withdrawn).then_some(*last)
    })
}

/// What this month adds: `now`, and the withdrawal of what an earlier run of the same month said too much.
pub(crate) fn news(
    events: &[LeadEvent],
    concerned: &Concerned<'_>,
    month: &str,
    now: Vec<LeadEvent>,
) -> Vec<LeadEvent> {
    let mut said: BTreeMap<&str, &LeadEvent> = BTreeMap::new();
    let of_month = events.iter().filter(|event| event.month == month && concerned.has(event));
    for event in of_month.filter(|event| event.kind != LeadEventKind::Answered) {
        said.insert(&event.lead_id, event);
    }
    let says: FxHashSet<String> = now.iter().map(|event| event.lead_id.clone()).collect();
    let mut news = now;
    news.retain(|event| said.get(event.lead_id.as_str()).is_none_or(|before| before.kind != event.kind));
    let too_much = said.values().filter(|event| event.kind != LeadEventKind::Withdrawn);
    news.extend(too_much.filter(|event| !says.contains(&event.lead_id)).map(|event| LeadEvent {
        kind: LeadEventKind::Withdrawn,
        reason: "本月重新摸排后不再成立".into(),
        ..(*event).clone()
    }));
    news
}
