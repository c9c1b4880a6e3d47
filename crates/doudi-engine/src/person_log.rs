//! What people have answered about who is who: two entries are one person or are not, a row means somebody or does not.
//! Append-only. One person proposes, another confirms; only then does it count, and no run ever undoes it.

use crate::data_file::Spot;
use crate::data_folder::DataFolder;
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::event_file;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who joins the numbers of one person without being asked: somebody whom only rosters knew has come into the register.
const PROGRAM: &str = "doudi";

/// One side of an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// By the number of the person: the register's, or `N…`.
    Person(String),
    /// Rows of rosters that write this number and name, whatever the file and the month.
    Row { id_number: String, name: String },
}

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonEvent {
    pub kind: PersonEventKind,
    /// Names the pair, in whatever order.
    pub question: String,
    /// The first is the one that stays.
    pub subjects: [Subject; 2],
    pub by: String,
    /// The day, as whoever said it wrote it.
    pub on: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonEventKind {
    ProposedSame,
    ProposedDifferent,
    /// A second person agrees with the open proposal.
    Confirmed,
    /// The open proposal is taken back or refused.
    Withdrawn,
    /// The register now has somebody whom only rosters knew: a note of the program, which decides nothing.
    Joined,
}

/// Where answers are kept: a file until there is a store, which takes them over as they are.
pub trait PersonLog {
    /// Everything that was said, oldest first.
    fn events(&self) -> Outcome<Vec<PersonEvent>>;
    fn append(&mut self, events: &[PersonEvent]) -> Outcome<()>;
}

/// `identity/answers.jsonl` in the data folder.
pub struct PersonFile {
    spot: Spot,
}

impl PersonFile {
    pub fn of(folder: &DataFolder) -> PersonFile {
        PersonFile { spot: folder.spot(&folder.person_answers()) }
    }
}

impl PersonLog for PersonFile {
    fn events(&self) -> Outcome<Vec<PersonEvent>> {
        event_file::read(&self.spot)
    }

    fn append(&mut self, events: &[PersonEvent]) -> Outcome<()> {
        event_file::append(&self.spot, events)
    }
}

/// What is to be decided, by whom, when and why.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub same: bool,
    pub subjects: [Subject; 2],
    pub by: String,
    pub on: String,
    pub reason: String,
    pub evidence: String,
}

/// How a question stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What two people have said: the two are the same, or not.
    pub decided: Option<Decision>,
    /// What one has said and nobody has confirmed.
    pub open: Option<PersonEvent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub same: bool,
    pub proposal: PersonEvent,
    pub confirmed_by: String,
    pub confirmed_on: String,
}

/// The name of a question.
pub fn question(subjects: &[Subject; 2]) -> String {
    let mut sides: Vec<String> = subjects.iter().map(|subject| format!("{subject:?}")).collect();
    sides.sort();
    let mut hasher = Hasher::default();
    sides.iter().for_each(|side| {
        hasher.part(side.as_bytes());
    });
    format!("Q{}", &short(&hasher.hex())[..12])
}

/// How every question stands, by its name.
pub fn standings(events: &[PersonEvent]) -> BTreeMap<&str, Standing> {
    let mut found: BTreeMap<&str, Standing> = BTreeMap::new();
    for event in events {
        let standing = found.entry(&event.question).or_default();
        match event.kind {
            PersonEventKind::ProposedSame | PersonEventKind::ProposedDifferent => {
                standing.open = Some(event.clone());
            }
            PersonEventKind::Withdrawn => standing.open = None,
            PersonEventKind::Confirmed => {
                // Nobody confirms what they proposed, whatever the file says.
                if let Some(proposal) = standing.open.take_if(|open| !is_one(&open.by, &event.by)) {
                    standing.decided = Some(Decision {
                        same: proposal.kind == PersonEventKind::ProposedSame,
                        proposal,
                        confirmed_by: event.by.clone(),
                        confirmed_on: event.on.clone(),
                    });
                }
            }
            PersonEventKind::Joined => {}
        }
    }
    found
}

fn is_one(a: &str, b: &str) -> bool {
    let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    plain(a) == plain(b)
}

/// Proposes that two are the same or are not; gives the question's name.
pub fn propose(log: &mut dyn PersonLog, proposal: Proposal) -> Outcome<String> {
    let Proposal { same, subjects, by, on, reason, evidence } = proposal;
    for (what, text) in [("提出人", &by), ("日期", &on), ("理由", &reason)] {
        if text.trim().is_empty() {
            return Err(EngineError::BadInput(format!("没有写{what}，没有记下。请补上{what}再提出")));
        }
    }
    if subjects[0] == subjects[1] {
        return Err(EngineError::BadInput("两边写的是同一个，没有什么要决定的。请核对两个编号".into()));
    }
    let question = question(&subjects);
    let events = log.events()?;
    let standing = standings(&events).remove(question.as_str()).unwrap_or_default();
    if let Some(open) = standing.open {
        return Err(EngineError::BadInput(format!(
            "{question}：{} 已在 {} 提出过，还没有人确认。请另一个人确认或撤回，再提出别的",
            open.by, open.on
        )));
    }
    if let Some(decided) = standing.decided.filter(|decided| decided.same == same) {
        return Err(EngineError::BadInput(format!(
            "{question}：{} 提出、{} 确认，已经这样定了",
            decided.proposal.by, decided.confirmed_by
        )));
    }
    let kind = if same { PersonEventKind::ProposedSame } else { PersonEventKind::ProposedDifferent };
    let event = PersonEvent { kind, question: question.clone(), subjects, by, on, reason, evidence };
    log.append(&[event])?;
    Ok(question)
}

/// A second person agrees with an open proposal, or it is taken back.
pub fn close(
    log: &mut dyn PersonLog,
    question: &str,
    by: &str,
    on: &str,
    agrees: bool,
) -> Outcome<PersonEvent> {
    let events = log.events()?;
    let open = standings(&events).remove(question).and_then(|standing| standing.open);
    let Some(open) = open else {
        return Err(EngineError::BadInput(format!("没有等人确认的 {question}。用 doudi person list 看全部")));
    };
    if by.trim().is_empty() || on.trim().is_empty() {
        return Err(EngineError::BadInput("没有写确认人或日期，没有记下".into()));
    }
    if agrees && is_one(&open.by, by) {
        return Err(EngineError::BadInput(format!(
            "{question} 是 {} 提出的，要另一个人确认：合并、分开都要两个人",
            open.by
        )));
    }
    let kind = if agrees { PersonEventKind::Confirmed } else { PersonEventKind::Withdrawn };
    let (by, on) = (by.to_owned(), on.to_owned());
    let event = PersonEvent { kind, by, on, reason: String::new(), evidence: String::new(), ..open.clone() };
    log.append(&[event])?;
    Ok(open)
}

/// Notes, once, that somebody whom only rosters knew is now in the register.
pub(crate) fn note_joined(log: &mut dyn PersonLog, joined: &[(String, String)], month: &str) -> Outcome<()> {
    let events = log.events()?;
    let noted = |question: &str| {
        events.iter().any(|event| event.kind == PersonEventKind::Joined && event.question == question)
    };
    let mut news = Vec::new();
    for (from, to) in joined {
        let subjects = [Subject::Person(to.clone()), Subject::Person(from.clone())];
        let question = question(&subjects);
        if !noted(&question) {
            news.push(PersonEvent {
                kind: PersonEventKind::Joined,
                question,
                subjects,
                by: PROGRAM.to_owned(),
                on: month.to_owned(),
                reason: "名册里先有、底册后来登记的同一个人".to_owned(),
                evidence: "身份证号相同，姓名相符".to_owned(),
            });
        }
    }
    log.append(&news)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Memory(Vec<PersonEvent>);

    impl PersonLog for Memory {
        fn events(&self) -> Outcome<Vec<PersonEvent>> {
            Ok(self.0.clone())
        }

        fn append(&mut self, events: &[PersonEvent]) -> Outcome<()> {
            self.0.extend_from_slice(events);
            Ok(())
        }
    }

    fn proposal(same: bool, a: &str, b: &str, by: &str) -> Proposal {
        Proposal {
            same,
            subjects: [Subject::Person(a.to_owned()), Subject::Person(b.to_owned())],
            by: by.to_owned(),
            on: "2020-05-10".to_owned(),
            reason: "入户核对".to_owned(),
            evidence: String::new(),
        }
    }

    fn decided(log: &Memory, question: &str) -> Option<bool> {
        standings(&log.0)[question].decided.as_ref().map(|decision| decision.same)
    }

    #[test]
    fn it_takes_two_people() {
        let mut log = Memory::default();
        let question = propose(&mut log, proposal(true, "R1", "R2", "冉主任")).expect("a question");
        assert_eq!(decided(&log, &question), None);
        for by in ["冉主任", "冉 主任", ""] {
            assert!(close(&mut log, &question, by, "2020-05-11", true).is_err(), "{by}");
        }
        // Nor does a line that was written into the file by hand.
        let forged = PersonEvent { kind: PersonEventKind::Confirmed, ..log.0[0].clone() };
        log.0.push(forged);
        assert_eq!(decided(&log, &question), None);
        log.0.pop();
        close(&mut log, &question, "王科长", "2020-05-11", true).expect("confirmed");
        assert_eq!(decided(&log, &question), Some(true));
    }

    #[test]
    fn a_later_decision_of_two_people_replaces_the_earlier() {
        let mut log = Memory::default();
        let question = propose(&mut log, proposal(true, "R1", "R2", "甲")).expect("a question");
        close(&mut log, &question, "乙", "2020-05-11", true).expect("confirmed");
        assert!(propose(&mut log, proposal(true, "R2", "R1", "丙")).is_err(), "decided so already");
        let again = propose(&mut log, proposal(false, "R2", "R1", "丙")).expect("a question");
        assert_eq!(again, question);
        assert_eq!(decided(&log, &question), Some(true), "until somebody confirms");
        assert!(propose(&mut log, proposal(true, "R1", "R2", "甲")).is_err(), "one proposal at a time");
        close(&mut log, &question, "甲", "2020-06-01", true).expect("confirmed");
        assert_eq!(decided(&log, &question), Some(false));
    }

    #[test]
    fn a_proposal_that_is_taken_back_decides_nothing() {
        let mut log = Memory::default();
        let question = propose(&mut log, proposal(false, "R1", "R2", "甲")).expect("a question");
        close(&mut log, &question, "甲", "2020-05-11", false).expect("taken back");
        assert!(close(&mut log, &question, "乙", "2020-05-12", true).is_err());
        assert_eq!(decided(&log, &question), None);
        assert!(propose(&mut log, proposal(true, "R1", "R1", "甲")).is_err());
        assert!(
            propose(&mut log, Proposal { reason: " ".into(), ..proposal(true, "R1", "R3", "甲") }).is_err()
        );
    }

    #[test]
    fn that_somebody_came_into_the_register_is_noted_once() {
        let mut log = Memory::default();
        let joined = [("N1".to_owned(), "R1".to_owned())];
        note_joined(&mut log, &joined, "2020-05").expect("noted");
        note_joined(&mut log, &joined, "2020-06").expect("noted");
        assert_eq!((log.0.len(), log.0[0].on.as_str()), (1, "2020-05"));
        assert!(standings(&log.0).values().all(|standing| *standing == Standing::default()));
    }
}
