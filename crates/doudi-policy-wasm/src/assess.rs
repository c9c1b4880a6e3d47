//! Every programme for one household: entitled or not, how much, and why in a line.

use crate::desk::{Goals, rows};
use doudi_policy::ir::RuleId;
use doudi_policy::{Evaluation, Facts, Outcome, Program, Value, in_short, outcome_words};
use serde_json::{Value as Json, json};

/// Reasons shown beside an answer; the whole of it is a press away.
const MOST_REASONS: usize = 3;

/// `{"results": [{programme, whose, rule, row, entitled: true|false|null, value, amount, reasons, missing, citations}]}`.
/// `amount` is in words and only where somebody is or may be entitled.
pub(crate) fn assess(program: &Program<'_>, facts: &Facts<'_>, goals: &[Goals]) -> Json {
    let mut evaluation = Evaluation::new(program, facts);
    let mut results = Vec::new();
    for found in goals {
        for row in 0..rows(program, facts, found.entitled) {
            results.push(result(&mut evaluation, found, row));
        }
    }
    json!({ "results": results })
}

fn result(evaluation: &mut Evaluation<'_>, found: &Goals, row: u32) -> Json {
    let (program, facts) = (evaluation.program, evaluation.facts);
    let told = in_short(evaluation, found.entitled, row, MOST_REASONS);
    let outcome = evaluation.rule(found.entitled, row);
    let entitled = match outcome {
        Outcome::Known(Value::YesNo(answer)) => Some(answer),
        _ => None,
    };
    let amount = (entitled != Some(false)).then(|| amount(evaluation, found.amount, row)).flatten();
    json!({
        "programme": found.programme.id, "name": found.programme.name, "called": called(program, facts, found, row),
        "rule": found.programme.entitled, "amount_rule": found.programme.amount, "row": row,
        "entitled": entitled, "value": told.value, "amount": amount, "reasons": told.reasons,
        "missing": told.missing, "citations": told.citations,
        "citation": found.programme.citation,
    })
}

/// The amount in words, at the household or at this member.
fn amount(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32) -> Option<String> {
    let (program, facts) = (evaluation.program, evaluation.facts);
    let row = if row < rows(program, facts, rule) { row } else { 0 };
    let outcome = evaluation.rule(rule, row);
    Some(outcome_words(program.library, &outcome, program.library.rules[rule.index()].ty))
}

/// 甲的孤儿基本生活费; the programme alone where it is the household's.
pub(crate) fn called(program: &Program<'_>, facts: &Facts<'_>, found: &Goals, row: u32) -> String {
    let entity = program.library.rules[found.entitled.index()].entity;
    let whose = doudi_policy::member(facts, entity, row);
    if whose.is_empty() {
        found.programme.name.clone()
    } else {
        format!("{whose}的{}", found.programme.name)
    }
}
