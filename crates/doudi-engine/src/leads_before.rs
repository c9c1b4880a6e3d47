//! How a month finds the leads: which are open, which a person has dismissed, and what was answered. This, not the whole
//! memory, is what a clearing depends on, so it is kept by hash beside the certificate's other grounds.

use crate::data_folder::DataFolder;
use crate::digest::{sha256_hex, short};
use crate::error::{EngineError, Outcome};
use crate::lead_log::{Answer, Concerned, LeadEvent, LeadEventKind, by_lead, last_words};
use crate::leads::lead_id;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// One lead as a month finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeadBefore {
    pub lead_id: String,
    pub check: String,
    pub person_id: String,
    /// The earlier month in which it was opened; since then its cause was there every month. `None` = only answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<String>,
    /// An earlier month closed it by an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dismissed: bool,
    /// The latest answer since it was opened, this month's files included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

impl LeadBefore {
    /// What a human said holds: no run opens the lead while its cause is there.
    pub fn is_dismissed_by_answer(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.finding.dismisses())
    }
}

/// All of them, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeadsBefore {
    by_id: BTreeMap<String, LeadBefore>,
    /// Leads of people who had another number when they were opened: from the id that a lead of the check and the person
    /// has today to the one that it has had all along.
    kept_ids: BTreeMap<String, String>,
}

/// When a lead was opened, and whether an answer has closed it.
#[derive(Clone, Copy)]
struct Episode<'e> {
    opened: &'e str,
    dismissed: bool,
}

impl LeadsBefore {
    /// From the memory: openings and closings before `month`, answers up to and including it.
    pub fn of(events: &[LeadEvent], concerned: &Concerned<'_>, month: &str) -> LeadsBefore {
        let mut found = BTreeMap::new();
        for (id, of_lead) in by_lead(events, concerned, month) {
            let earlier = last_words(&of_lead).filter(|event| event.month.as_str() < month);
            let episode = earlier.fold(None, next_episode);
            let since = episode.map_or(month, |episode| episode.opened);
            let answer = of_lead
                .iter()
                .rev()
                .filter_map(|event| event.answer.as_ref())
                .next()
                .filter(|answer| answer.month.as_str() >= since);
            let Some(any) = of_lead.first().filter(|_| episode.is_some() || answer.is_some()) else {
                continue;
            };
            let before = LeadBefore {
                lead_id: id.to_owned(),
                check: any.check.clone(),
                person_id: any.person_id.clone(),
                opened: episode.map(|episode| episode.opened.to_owned()),
                dismissed: episode.is_some_and(|episode| episode.dismissed),
                answer: answer.cloned(),
            };
            found.insert(id.to_owned(), before);
        }
        LeadsBefore::new(found)
    }

    fn new(by_id: BTreeMap<String, LeadBefore>) -> LeadsBefore {
        let mut before = LeadsBefore { by_id, kept_ids: BTreeMap::new() };
        for lead in before.by_id.values() {
            let today = lead_id(&lead.check, &lead.person_id);
            if today != lead.lead_id && !before.by_id.contains_key(&today) {
                before.kept_ids.insert(today, lead.lead_id.clone());
            }
        }
        before
    }

    /// Leads go with people who have another number by now (`from`, `to`), unless they have a lead of that check under
    /// the other number too.
    pub fn following(self, moved: &[(String, String)]) -> LeadsBefore {
        if moved.is_empty() {
            return self;
        }
        let moved: BTreeMap<&str, &str> =
            moved.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        let known: BTreeSet<String> = self.by_id.keys().cloned().collect();
        let mut by_id = self.by_id;
        for lead in by_id.values_mut() {
            let to = moved.get(lead.person_id.as_str());
            if let Some(to) = to.filter(|to| !known.contains(&lead_id(&lead.check, to))) {
                lead.person_id = (*to).to_owned();
            }
        }
        LeadsBefore::new(by_id)
    }

    /// The id of a lead: what it was opened under, else that of today.
    pub fn id_of(&self, check: &str, person_id: &str) -> String {
        let today = lead_id(check, person_id);
        self.kept_ids.get(&today).cloned().unwrap_or(today)
    }

    pub fn get(&self, lead_id: &str) -> Option<&LeadBefore> {
        self.by_id.get(lead_id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &LeadBefore> {
        self.by_id.values()
    }

    /// Keeps it under its hash, and gives the hash.
    pub fn store(&self, folder: &DataFolder) -> Outcome<String> {
        let mut text = String::new();
        for before in self.iter() {
            text.push_str(
                &serde_json::to_string(before).map_err(|error| EngineError::Internal(error.to_string()))?,
            );
            text.push('\n');
        }
        let hash = sha256_hex(text.as_bytes());
        let path = path(folder, &hash);
        if !path.is_file() {
            folder.write(&path, text.as_bytes())?;
        }
        Ok(hash)
    }

    /// Reads what was kept; the inner error says in words why it is not what was kept.
    pub fn load(folder: &DataFolder, hash: &str) -> Outcome<Result<LeadsBefore, String>> {
        let path = path(folder, hash);
        if !path.is_file() {
            return Ok(Err(format!("数据文件夹里没有摸排时的疑点底数 {}", path.display())));
        }
        let bytes = folder.read(&path)?;
        if sha256_hex(&bytes) != hash {
            return Ok(Err(format!("摸排时的疑点底数 {} 被改动过", path.display())));
        }
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let mut found = BTreeMap::new();
        for line in lines {
            let before: LeadBefore =
                serde_json::from_slice(line).map_err(|error| EngineError::damaged(&path, error))?;
            found.insert(before.lead_id.clone(), before);
        }
        Ok(Ok(LeadsBefore::new(found)))
    }
}

fn path(folder: &DataFolder, hash: &str) -> PathBuf {
    folder.root().join("leads").join("before").join(format!("{}.jsonl", short(hash)))
}

fn next_episode<'e>(episode: Option<Episode<'e>>, event: &'e LeadEvent) -> Option<Episode<'e>> {
    let opened = episode.map_or(event.month.as_str(), |episode| episode.opened);
    match event.kind {
        LeadEventKind::Opened | LeadEventKind::Reopened => Some(Episode { opened, dismissed: false }),
        LeadEventKind::Dismissed => Some(Episode { opened, dismissed: true }),
        LeadEventKind::Closed | LeadEventKind::Lapsed => None,
        LeadEventKind::Answered | LeadEventKind::Withdrawn => episode,
    }
}

/// The months in which a lead was opened anew, oldest first.
pub(crate) fn openings<'e>(of_lead: &[&'e LeadEvent]) -> Vec<&'e str> {
    let mut months = Vec::new();
    let mut episode: Option<Episode<'e>> = None;
    for event in last_words(of_lead) {
        let next = next_episode(episode, event);
        if let (None, Some(opened)) = (episode, next) {
            months.push(opened.opened);
        }
        episode = next;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead_log::{Finding, news};
    use crate::population::{Grouping, Population, population};
    use crate::texts::Texts;
    use LeadEventKind::{Answered, Closed, Dismissed, Lapsed, Opened, Reopened, Withdrawn};
    use doudi_register::{PersonRow, RegisterBuilder};
    use doudi_terms::{Place, RegionCode};

    const TOWNSHIP: &str = "500243001";
    const COUNTY: &str = "500243";

    fn event(kind: LeadEventKind, region: &str, month: &str) -> LeadEvent {
        LeadEvent {
            kind,
            lead_id: "a".into(),
            region: region.into(),
            month: month.into(),
            check: "错退".into(),
            person_id: "1".into(),
            reason: String::new(),
            answer: None,
        }
    }

    fn answer(finding: Finding, month: &str) -> LeadEvent {
        let answer = Answer {
            finding,
            by: "冉队长".into(),
            on: String::new(),
            note: String::new(),
            month: month.into(),
            source: "汉葭.xlsx#疑点清单#3".into(),
        };
        LeadEvent { answer: Some(answer), ..event(Answered, COUNTY, month) }
    }

    /// One person of one township.
    fn people(region: &str) -> Population {
        let mut register = RegisterBuilder::new();
        let row = PersonRow {
            person_id: "1",
            id_number: "",
            name: "冉光明",
            sex: None,
            birth: None,
            household_number: "H1",
            relation: "户主",
            region: RegionCode::parse("500243001201").expect("a code"),
            address: "",
            phone: "",
            account: "",
        };
        register.push(&row, &Place::default());
        let (register, texts, _) = register.build();
        let region = RegionCode::parse(region).expect("a code");
        let root = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(root.path()).expect("a data folder");
        let grouping = Grouping::read(&folder, &[], &[], &[], &register).expect("nothing to read");
        population(
            (register, Texts::of_everybody(texts)),
            region,
            &grouping,
            &rustc_hash::FxHashSet::default(),
        )
    }

    fn before(events: &[LeadEvent], region: &str, month: &str) -> Option<LeadBefore> {
        let people = people(region);
        let region = RegionCode::parse(region).expect("a code");
        LeadsBefore::of(events, &Concerned::of(region, &people), month).get("a").cloned()
    }

    fn opened(events: &[LeadEvent], region: &str, month: &str) -> Option<String> {
        before(events, region, month)?.opened
    }

    #[test]
    fn a_lead_stays_open_until_it_is_closed_whoever_opened_it() {
        for opener in [TOWNSHIP, COUNTY, "000000"] {
            let events = [event(Opened, opener, "2020-04"), event(Closed, opener, "2020-06")];
            for region in [TOWNSHIP, COUNTY] {
                assert_eq!(opened(&events, region, "2020-04"), None);
                assert_eq!(opened(&events, region, "2020-05").as_deref(), Some("2020-04"));
                assert_eq!(opened(&events, region, "2020-07"), None);
            }
            assert_eq!(opened(&events, "500243002", "2020-05"), None, "another township");
        }
    }

    #[test]
    fn a_lead_goes_with_the_person_under_the_id_it_has() {
        let opened = |person_id: &str| {
            let lead_id = lead_id("错退", person_id);
            (
                lead_id.clone(),
                LeadBefore {
                    lead_id,
                    check: "错退".into(),
                    person_id: person_id.into(),
                    opened: Some("2020-04".into()),
                    dismissed: false,
                    answer: None,
                },
            )
        };
        let moved = [("N1".to_owned(), "R7".to_owned())];
        let before = LeadsBefore::new([opened("N1"), opened("N2")].into()).following(&moved);
        let old = lead_id("错退", "N1");
        assert_eq!(before.id_of("错退", "R7"), old);
        assert_eq!(before.get(&old).map(|lead| lead.person_id.as_str()), Some("R7"));
        assert_eq!(before.id_of("错退", "N2"), lead_id("错退", "N2"));
        assert_eq!(before.id_of("漏保", "R7"), lead_id("漏保", "R7"), "another check");
        let kept = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(kept.path()).expect("a data folder");
        let hash = before.store(&folder).expect("stored");
        assert_eq!(
            LeadsBefore::load(&folder, &hash).expect("read"),
            Ok(before),
            "and is found so by a check of the month"
        );
        // Whoever has such a lead under both numbers keeps the one of today; the other ends.
        let both = LeadsBefore::new([opened("N1"), opened("R7")].into()).following(&moved);
        assert_eq!(both.id_of("错退", "R7"), lead_id("错退", "R7"));
    }

    #[test]
    fn what_a_month_took_back_was_never_said() {
        let events = [
            event(Opened, COUNTY, "2020-04"),
            event(Closed, COUNTY, "2020-05"),
            event(Withdrawn, COUNTY, "2020-05"),
        ];
        assert_eq!(opened(&events, COUNTY, "2020-06").as_deref(), Some("2020-04"));
        assert_eq!(opened(&events[1..], COUNTY, "2020-06"), None);
    }

    #[test]
    fn an_answer_counts_for_the_time_it_was_given_in_and_a_later_one_replaces_it() {
        let mut events = vec![event(Opened, COUNTY, "2020-04"), answer(Finding::False, "2020-05")];
        assert!(before(&events, COUNTY, "2020-04").is_none(), "an answer of May says nothing in April");
        assert!(before(&events, COUNTY, "2020-05").is_some_and(|lead| lead.is_dismissed_by_answer()));
        events.push(event(Dismissed, COUNTY, "2020-05"));
        assert!(before(&events, COUNTY, "2020-06").is_some_and(|lead| lead.dismissed));
        let mut corrected = events.clone();
        corrected.push(answer(Finding::True, "2020-06"));
        let lead = before(&corrected, COUNTY, "2020-06").expect("the lead");
        assert!(lead.dismissed && !lead.is_dismissed_by_answer());
        corrected.push(event(Reopened, COUNTY, "2020-06"));
        assert!(before(&corrected, COUNTY, "2020-07").is_some_and(|lead| !lead.dismissed));
        // The cause went away and came back: what was answered before does not count.
        events.extend([event(Lapsed, COUNTY, "2020-06"), event(Opened, COUNTY, "2020-08")]);
        let again = before(&events, COUNTY, "2020-09").expect("the lead");
        assert_eq!((again.opened.as_deref(), again.answer), (Some("2020-08"), None));
    }

    #[test]
    fn a_rerun_adds_nothing_and_takes_back_what_does_not_hold_any_more() {
        let people = people(COUNTY);
        let county = RegionCode::parse(COUNTY).expect("a code");
        let concerned = Concerned::of(county, &people);
        let said = [event(Opened, TOWNSHIP, "2020-04"), event(Opened, COUNTY, "2020-04")];
        let again = news(&said[..1], &concerned, "2020-04", vec![event(Opened, COUNTY, "2020-04")]);
        assert_eq!(again, [], "the township's clearing has opened it");
        let kinds = |news: Vec<LeadEvent>| news.into_iter().map(|event| event.kind).collect::<Vec<_>>();
        assert_eq!(kinds(news(&said, &concerned, "2020-04", Vec::new())), [Withdrawn]);
        let closed = [event(Closed, COUNTY, "2020-05")];
        assert_eq!(kinds(news(&closed, &concerned, "2020-05", Vec::new())), [Withdrawn]);
        let taken_back = [event(Opened, COUNTY, "2020-04"), event(Withdrawn, COUNTY, "2020-04")];
        assert_eq!(kinds(news(&taken_back, &concerned, "2020-04", Vec::new())), []);
        let dismissed = vec![event(Dismissed, COUNTY, "2020-04")];
        assert_eq!(kinds(news(&said, &concerned, "2020-04", dismissed)), [Dismissed]);
    }
}
