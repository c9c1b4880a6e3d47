//! What people have answered in the office, on its way into the memory of leads: the next clearing finds it there as it
//! finds the answers of returned handouts. Nothing here knows what an office keeps its answers in.

use crate::error::Outcome;
use crate::lead_log::{Answer, Finding, LeadEvent, LeadEventKind, LeadLog};
use rustc_hash::{FxHashMap, FxHashSet};

/// One report on a lead.
#[derive(Clone, Debug)]
pub struct OfficeAnswer {
    pub lead_id: String,
    /// Tells the reports on one lead apart.
    pub step: i64,
    pub finding: Finding,
    /// Roles, nobody's name.
    pub by: String,
    /// The day on which somebody went: `2020-05-10`.
    pub on: String,
    pub note: String,
    /// The month in which the lead was found last: `2020-04`.
    pub month: String,
}

/// Writes down those that the memory does not have yet, in this order; gives how many. Leads that it does not know are of
/// another data folder.
pub fn note_office_answers(log: &mut dyn LeadLog, answers: Vec<OfficeAnswer>) -> Outcome<u64> {
    let events = log.events()?;
    let mut leads: FxHashMap<&str, &LeadEvent> = FxHashMap::default();
    let mut known: FxHashSet<(&str, i64)> = FxHashSet::default();
    for event in &events {
        match event.answer.as_ref().and_then(Answer::office_step) {
            Some(step) => drop(known.insert((&event.lead_id, step))),
            None if event.kind != LeadEventKind::Answered => drop(leads.insert(&event.lead_id, event)),
            None => {}
        }
    }
    let mut news = Vec::new();
    for answer in answers {
        let Some(lead) = leads.get(answer.lead_id.as_str()) else { continue };
        if known.contains(&(answer.lead_id.as_str(), answer.step)) {
            continue;
        }
        news.push(LeadEvent {
            kind: LeadEventKind::Answered,
            lead_id: answer.lead_id,
            region: lead.region.clone(),
            month: answer.month.clone(),
            check: lead.check.clone(),
            person_id: lead.person_id.clone(),
            reason: String::new(),
            answer: Some(Answer {
                finding: answer.finding,
                by: answer.by,
                on: answer.on,
                note: answer.note,
                month: answer.month,
                source: Answer::office_source(answer.step),
            }),
        });
    }
    log.append(&news)?;
    Ok(news.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Memory(Vec<LeadEvent>);

    impl LeadLog for Memory {
        fn events(&self) -> Outcome<Vec<LeadEvent>> {
            Ok(self.0.clone())
        }

        fn append(&mut self, events: &[LeadEvent]) -> Outcome<()> {
            self.0.extend_from_slice(events);
            Ok(())
        }
    }

    fn answer(lead_id: &str, step: i64) -> OfficeAnswer {
        OfficeAnswer {
            lead_id: lead_id.into(),
            step,
            finding: Finding::False,
            by: "乡镇窗口经办".into(),
            on: "2020-05-10".into(),
            note: "维持".into(),
            month: "2020-04".into(),
        }
    }

    #[test]
    fn an_answer_of_the_office_is_remembered_once_and_only_for_a_lead_that_is_known() {
        let mut memory = Memory(vec![LeadEvent {
            kind: LeadEventKind::Opened,
            lead_id: "a".into(),
            region: "500243".into(),
            month: "2020-04".into(),
            check: "错退".into(),
            person_id: "1".into(),
            reason: String::new(),
            answer: None,
        }]);
        let told = || vec![answer("a", 2), answer("b", 2)];
        assert_eq!(note_office_answers(&mut memory, told()).expect("noted"), 1);
        assert_eq!(note_office_answers(&mut memory, told()).expect("noted"), 0, "not twice");
        assert_eq!(note_office_answers(&mut memory, vec![answer("a", 3)]).expect("noted"), 1, "a later one");
        let last = memory.0.last().expect("an event");
        assert_eq!((last.region.as_str(), last.person_id.as_str()), ("500243", "1"));
        assert_eq!(last.answer.as_ref().and_then(Answer::office_step), Some(3));
    }
}
