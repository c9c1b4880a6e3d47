//! What changed from month to month, and what people did, the latest first.

use super::KnownMonth;
use super::ledger::yuan;
use doudi_store::{Answered, LeadMoment};
use doudi_terms::Fen;

/// One line.
pub(crate) struct Moment {
    pub when: String,
    pub what: String,
    pub who: String,
    /// Of a lead.
    pub link: String,
    sort: String,
}

/// `months` the latest first.
pub(crate) fn timeline(months: &[KnownMonth], leads: &[LeadMoment]) -> Vec<Moment> {
    let mut moments = Vec::new();
    for (at, month) in months.iter().enumerate() {
        let day = month.found.month.last_day().to_string();
        let mut say = |what: String| {
            moments.push(Moment {
                when: format!("{} 摸排", month.found.month),
                what,
                who: String::new(),
                link: String::new(),
                sort: day.clone(),
            });
        };
        match months.get(at + 1) {
            None => first(month, &mut say),
            Some(before) => changes(before, month, &mut say),
        }
    }
    moments.extend(leads.iter().map(|lead| Moment {
        when: lead.at.to_string(),
        what: format!("{}“{}”：{}", lead.name, lead.check, step(lead)),
        who: lead.by.clone(),
        link: format!("/leads/{}", lead.lead_id),
        sort: lead.at.day().map(|day| day.to_string()).unwrap_or_default(),
    }));
    // What happened on one day stays in the order in which it was told.
    moments.sort_by(|one, other| other.sort.cmp(&one.sort));
    moments
}

fn step(lead: &LeadMoment) -> String {
    let state = lead.state.map_or("", |state| state.name());
    match lead.by.is_empty() {
        true => format!("{} 摸排时{state}", lead.month),
        false => state.to_owned(),
    }
}

fn first(month: &KnownMonth, say: &mut impl FnMut(String)) {
    say(format!("第一次有记录：{} 人", month.found.members.len()));
    for (number, programme) in month.registry.programmes.iter().enumerate() {
        for answer in month.found.answers.iter().filter(|answer| answer.programme == number) {
            if answer.enrolled == Some(true) {
                say(format!("{}已在享受{}", whose(month, answer), programme.name));
            }
        }
    }
}

fn changes(before: &KnownMonth, month: &KnownMonth, say: &mut impl FnMut(String)) {
    let (old, new) = (&before.found.members, &month.found.members);
    for (id, name) in new.iter().filter(|(id, _)| !old.iter().any(|(known, _)| known == id)) {
        say(format!("{}来到这一户", named(name, id)));
    }
    for (id, name) in old.iter().filter(|(id, _)| !new.iter().any(|(known, _)| known == id)) {
        say(format!("{}离开这一户", named(name, id)));
    }
    for (number, programme) in month.registry.programmes.iter().enumerate() {
        let Some((then, _)) = before.registry.programme(&programme.id) else { continue };
        let mut subjects: Vec<Option<String>> = Vec::new();
        for (of, number) in [(before, then), (month, number)] {
            for answer in of.found.answers.iter().filter(|answer| answer.programme == number) {
                let id =
                    answer.member.and_then(|member| of.found.members.get(member)).map(|(id, _)| id.clone());
                if !subjects.contains(&id) {
                    subjects.push(id);
                }
            }
        }
        for subject in subjects {
            let (old, new) = (find(before, then, &subject), find(month, number, &subject));
            let enrolled =
                |answer: Option<&Answered>| answer.and_then(|answer| answer.enrolled) == Some(true);
            let amount = |answer: Option<&Answered>| {
                answer.filter(|answer| answer.entitled == Some(true)).and_then(|answer| answer.amount)
            };
            let whose = new
                .map(|new| whose(month, new))
                .or_else(|| old.map(|old| whose(before, old)))
                .unwrap_or_default();
            match (enrolled(old), enrolled(new)) {
                (false, true) => say(format!("{whose}开始享受{}", programme.name)),
                (true, false) => say(format!("{whose}不再享受{}", programme.name)),
                _ => {}
            }
            if let (Some(Fen(was)), Some(Fen(is))) = (amount(old), amount(new))
                && was != is
            {
                say(format!("{whose}应发{}由 {} 变为 {}", programme.name, yuan(was), yuan(is)));
            }
        }
    }
}

fn find<'m>(month: &'m KnownMonth, programme: usize, subject: &Option<String>) -> Option<&'m Answered> {
    month.found.answers.iter().find(|answer| {
        let id = answer.member.and_then(|member| month.found.members.get(member)).map(|(id, _)| id);
        answer.programme == programme && id == subject.as_ref()
    })
}

fn whose(month: &KnownMonth, answer: &Answered) -> String {
    answer.member.map_or("全家".into(), |member| {
        month.found.members.get(member).map_or(String::new(), |(id, name)| named(name, id))
    })
}

fn named(name: &str, id: &str) -> String {
    if name.is_empty() { format!("一人（{id}）") } else { name.to_owned() }
}
