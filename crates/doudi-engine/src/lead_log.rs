//! The memory of leads: which were opened and closed, and when. Append-only.

use crate::data_folder::{DataFolder, make_parent};
use crate::error::{EngineError, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// One thing that happened to a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadEvent {
    pub kind: LeadEventKind,
    pub lead_id: String,
    pub region: String,
    /// The month that was cleared.
    pub month: String,
    pub check: String,
    pub person_id: String,
    /// For closed leads, why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadEventKind {
    Opened,
    /// Its cause is gone.
    Closed,
    /// The same month was cleared again, and the lead is not there any more.
    Withdrawn,
}

/// Where leads are remembered: a file until there is a store, which takes them over with the same ids.
pub trait LeadLog {
    /// Everything that has happened, oldest first.
    fn events(&self) -> Outcome<Vec<LeadEvent>>;
    fn append(&mut self, events: &[LeadEvent]) -> Outcome<()>;
}

/// `leads/leads.jsonl` in the data folder.
pub struct LeadFile {
    path: PathBuf,
}

impl LeadFile {
    pub fn of(folder: &DataFolder) -> LeadFile {
        LeadFile { path: folder.leads() }
    }
}

impl LeadLog for LeadFile {
    fn events(&self) -> Outcome<Vec<LeadEvent>> {
        if !self.path.is_file() {
            return Ok(Vec::new());
        }
        let text = std::fs::read_to_string(&self.path).map_err(EngineError::io(&self.path))?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let parsed = lines
            .map(|line| serde_json::from_str(line).map_err(|error| EngineError::damaged(&self.path, error)));
        parsed.collect()
    }

    fn append(&mut self, events: &[LeadEvent]) -> Outcome<()> {
        if events.is_empty() {
            return Ok(());
        }
        make_parent(&self.path)?;
        let mut text = String::new();
        for event in events {
            text.push_str(&serde_json::to_string(event).map_err(|e| EngineError::Internal(e.to_string()))?);
            text.push('\n');
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file =
            options.create(true).append(true).open(&self.path).map_err(EngineError::io(&self.path))?;
        file.write_all(text.as_bytes()).map_err(EngineError::io(&self.path))
    }
}

/// Leads that were open when a month began, by id. A later line about the same lead and month replaces an earlier one.
pub(crate) fn open_before(events: &[LeadEvent], region: &str, month: &str) -> BTreeMap<String, LeadEvent> {
    let mut last: BTreeMap<&str, &LeadEvent> = BTreeMap::new();
    for event in events.iter().filter(|event| event.region == region && event.month.as_str() < month) {
        let known = last.entry(&event.lead_id).or_insert(event);
        if known.month <= event.month {
            *known = event;
        }
    }
    let open = last.into_iter().filter(|(_, event)| event.kind == LeadEventKind::Opened);
    open.map(|(id, event)| (id.to_owned(), event.clone())).collect()
}

/// What this month adds: opened and closed leads, and what an earlier run of the same month said too much.
pub(crate) fn news(
    events: &[LeadEvent],
    region: &str,
    month: &str,
    opened: Vec<LeadEvent>,
    closed: Vec<LeadEvent>,
) -> Vec<LeadEvent> {
    let mut said: BTreeMap<&str, &LeadEvent> = BTreeMap::new();
    for event in events.iter().filter(|event| event.region == region && event.month == month) {
        said.insert(&event.lead_id, event);
    }
    let mut news: Vec<LeadEvent> = opened.into_iter().chain(closed).collect();
    let now: std::collections::BTreeSet<String> = news.iter().map(|event| event.lead_id.clone()).collect();
    news.retain(|event| said.get(event.lead_id.as_str()).is_none_or(|before| before.kind != event.kind));
    for (id, event) in said {
        if !now.contains(id) && event.kind == LeadEventKind::Opened {
            news.push(LeadEvent {
                kind: LeadEventKind::Withdrawn,
                reason: "本月重新摸排后不再成立".into(),
                ..event.clone()
            });
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: LeadEventKind, id: &str, month: &str) -> LeadEvent {
        LeadEvent {
            kind,
            lead_id: id.into(),
            region: "500243".into(),
            month: month.into(),
            check: "错退".into(),
            person_id: "1".into(),
            reason: String::new(),
        }
    }

    #[test]
    fn a_lead_stays_open_until_it_is_closed_and_a_rerun_adds_nothing() {
        use LeadEventKind::{Closed, Opened, Withdrawn};
        let events =
            [event(Opened, "a", "2020-04"), event(Opened, "b", "2020-04"), event(Closed, "b", "2020-05")];
        let open = |month| open_before(&events, "500243", month).into_keys().collect::<Vec<_>>();
        assert_eq!(open("2020-04"), Vec::<String>::new());
        assert_eq!(open("2020-05"), ["a", "b"]);
        assert_eq!(open("2020-06"), ["a"]);
        let again = news(
            &events,
            "500243",
            "2020-04",
            vec![event(Opened, "a", "2020-04"), event(Opened, "b", "2020-04")],
            Vec::new(),
        );
        assert_eq!(again, []);
        let fewer = news(&events, "500243", "2020-04", vec![event(Opened, "a", "2020-04")], Vec::new());
        assert_eq!(fewer.iter().map(|event| event.kind).collect::<Vec<_>>(), [Withdrawn]);
    }
}
