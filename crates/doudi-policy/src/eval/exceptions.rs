//! What the exceptions in force make of a rule's base value.

use super::{Evaluation, Fired, hull};
use crate::ir::{Body, Def, RuleId};
use crate::value::{Fault, Missing, Outcome, Unknown, merge};

/// An exception that answers anew, without 原值.
struct Answer<'l> {
    index: u16,
    def: &'l Def,
    value: Outcome,
    /// Whether it is known to apply; else what would tell.
    doubt: Vec<Missing>,
}

impl Answer<'_> {
    /// Whether the author settled which of the two holds.
    fn settled_with(&self, label: Option<&String>, before: Option<&String>) -> bool {
        (label.is_some() && self.def.before.as_ref() == label)
            || (before.is_some() && self.def.label.as_ref() == before)
    }
}

impl Evaluation<'_> {
    /// Exceptions take effect one after the other. Two that answer anew and disagree are a conflict, unless one says that
    /// it goes first; whether they disagree may itself be unknown.
    pub(super) fn with_exceptions(
        &mut self,
        rule: RuleId,
        row: u32,
        base: Outcome,
        fired: &mut Fired,
    ) -> Outcome {
        let program = self.program;
        let entity = program.library.rules[rule.index()].entity;
        let mut value = base;
        let mut answers: Vec<Answer<'_>> = Vec::new();
        for (index, id) in program.rules[rule.index()].exceptions.iter().enumerate() {
            let Some(def) = program.library.def(*id) else { continue };
            let Body::Exception { condition, value: answer, modifies } = &def.body else { continue };
            self.original.push(value.clone());
            let applies = self.expr(condition, entity, row);
            let answer =
                if applies.as_yes_no() == Some(false) { None } else { Some(self.expr(answer, entity, row)) };
            self.original.pop();
            let Some(answer) = answer else { continue };
            let doubt = applies.missing_list().to_vec();
            if *modifies {
                fired.exceptions.push(*id);
                value = if doubt.is_empty() { answer } else { hull(vec![value, answer], doubt) };
                continue;
            }
            let outranked = |earlier: &Answer<'_>| {
                earlier.doubt.is_empty() && earlier.def.before.is_some() && earlier.def.before == def.label
            };
            if answers.iter().any(outranked) {
                continue;
            }
            fired.exceptions.push(*id);
            let next = Answer { index: index as u16, def, value: answer, doubt };
            match settle(&answers, &next) {
                // The latest answer that holds is the only one that later ones can contradict.
                Settled::Holds => {
                    value = next.value.clone();
                    answers.clear();
                    answers.push(next);
                }
                Settled::Conflict(first) => {
                    let fault = Fault::Conflict { first, second: next.index };
                    value = Outcome::missing(Missing::Fault { fault, rule: rule.0 });
                }
                Settled::Open(missing) if next.doubt.is_empty() => {
                    value = Outcome::Unknown(Unknown { low: None, high: None, missing: missing.clone() });
                    answers.push(Answer { doubt: missing, ..next });
                }
                Settled::Open(doubt) => {
                    value = hull(vec![value, next.value.clone()], doubt);
                    answers.push(next);
                }
            }
        }
        value
    }
}

/// How an answer stands to those before it.
enum Settled {
    Holds,
    /// With the exception of this index.
    Conflict(u16),
    /// Whether it holds depends on what is missing.
    Open(Vec<Missing>),
}

fn settle(earlier: &[Answer<'_>], next: &Answer<'_>) -> Settled {
    if !next.doubt.is_empty() {
        return Settled::Open(next.doubt.clone());
    }
    let mut missing = Vec::new();
    for rival in earlier {
        if rival.settled_with(next.def.label.as_ref(), next.def.before.as_ref()) {
            // It may go before this one, if it applies.
            if rival.def.before.is_some() && rival.def.before == next.def.label {
                merge(&mut missing, &rival.doubt);
            }
            continue;
        }
        match (rival.value.known(), next.value.known()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) if rival.doubt.is_empty() => return Settled::Conflict(rival.index),
            // They disagree if the rival applies, or may disagree once their values are known.
            _ => {
                merge(&mut missing, &rival.doubt);
                merge(&mut missing, rival.value.missing_list());
            }
        }
    }
    if missing.is_empty() {
        return Settled::Holds;
    }
    merge(&mut missing, next.value.missing_list());
    Settled::Open(missing)
}
