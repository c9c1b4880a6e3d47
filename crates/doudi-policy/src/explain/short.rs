//! The answer of one rule in a line or two, for lists that show many: no tree is built.

use super::{Node, citation, deciding_defs, missing, reason, references};
use crate::eval::{Evaluation, Fired};
use crate::ir::{Body, RuleId};
use crate::library::Library;
use crate::sufficient::{Refusing, further_refusals};
use crate::value::Outcome;
use crate::words::outcome_words;
use serde::Serialize;

/// A value with the authors' sentences for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Short {
    pub value: String,
    pub known: bool,
    /// The law's reasons on the way down, nearest first.
    pub reasons: Vec<String>,
    pub citations: Vec<String>,
    pub missing: Vec<String>,
}

/// Answers one rule at a row of its entity, with at most `most` reasons: its own, then those of the rules below that
/// have the same answer.
pub fn in_short(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32, most: usize) -> Short {
    let library = evaluation.program.library;
    let outcome = evaluation.rule(rule, row);
    let fired = evaluation.fired(rule, row).cloned().unwrap_or_default();
    let mut reasons = Vec::new();
    let mut seen = Vec::new();
    gather(evaluation, (rule, row), &outcome, most, &mut reasons, &mut seen);
    Short {
        value: outcome_words(library, &outcome, library.rules[rule.index()].ty),
        known: outcome.known().is_some(),
        reasons,
        citations: deciding_defs(library, &fired).iter().map(|def| citation(library, def)).collect(),
        missing: missing(evaluation, &outcome),
    }
}

fn gather(
    evaluation: &mut Evaluation<'_>,
    (rule, row): (RuleId, u32),
    answer: &Outcome,
    most: usize,
    reasons: &mut Vec<String>,
    seen: &mut Vec<(RuleId, u32)>,
) {
    // What is unknown has no reason yet, only missing facts.
    if reasons.len() >= most || answer.known().is_none() || seen.contains(&(rule, row)) {
        return;
    }
    seen.push((rule, row));
    let library = evaluation.program.library;
    let fired = evaluation.fired(rule, row).cloned().unwrap_or_default();
    if let Some(sentence) = reason(library, &fired)
        && !reasons.contains(&sentence)
    {
        reasons.push(sentence);
    }
    for refusing in further_refusals(evaluation, rule, row) {
        let sentence = refusal_reason(library, &fired, refusing);
        if let Some(sentence) =
            sentence.filter(|sentence| reasons.len() < most && !reasons.contains(sentence))
        {
            reasons.push(sentence);
        }
    }
    let ty = library.rules[rule.index()].ty;
    for reference in references(evaluation, &fired, library.rules[rule.index()].entity, row) {
        let Node::Rule(below, at) = reference else { continue };
        if library.rules[below.index()].ty == ty && evaluation.rule(below, at).known() == answer.known() {
            gather(evaluation, (below, at), answer, most, reasons, seen);
        }
    }
}

fn refusal_reason(library: &Library, fired: &Fired, refusing: Refusing) -> Option<String> {
    let def = library.def(fired.base?)?;
    match (&def.body, refusing) {
        (Body::Clauses { clauses, .. }, Refusing::Clause(at)) => clauses.get(at)?.reason.clone(),
        _ => def.reason.clone(),
    }
}
