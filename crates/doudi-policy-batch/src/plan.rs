//! What is settled before anything is compiled: which rules are needed, and in what order.

use crate::error::BatchError;
use crate::reason::MOST;
use crate::results::Wanted;
use doudi_policy::Program;
use doudi_policy::ir::{Body, Expr, ExprKind, RuleId};

/// Rules that what is wanted depends on, each after everything it uses: compiled in this order, none has to wait for
/// one that comes later, so nothing nests deeply.
pub(crate) fn rules_in_order(program: &Program<'_>, wanted: &[Wanted]) -> Result<Vec<RuleId>, BatchError> {
    let needed = needed_rules(program, wanted)?;
    for (index, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
        let linked = &program.rules[index];
        let clauses = match linked.base.and_then(|id| program.library.def(id)).map(|def| &def.body) {
            Some(Body::Clauses { clauses, .. }) => clauses.len(),
            _ => 0,
        };
        if clauses > MOST || linked.exceptions.len() > MOST {
            return Err(BatchError::TooManyClauses(program.library.rules[index].name.clone()));
        }
    }
    Ok(program.order.iter().copied().filter(|rule| needed[rule.index()]).collect())
}

/// By `RuleId`: whether anything wanted depends on it.
fn needed_rules(program: &Program<'_>, wanted: &[Wanted]) -> Result<Vec<bool>, BatchError> {
    let library = program.library;
    let mut needed = vec![false; library.rules.len()];
    let mut pending = Vec::new();
    for wanted in wanted {
        match wanted {
            Wanted::Rule(id) if id.index() < library.rules.len() => pending.push(*id),
            Wanted::Rule(id) => return Err(BatchError::NoSuchRule(id.0)),
            Wanted::Check(id) => match library.checks.get(id.index()) {
                Some(check) => used_rules(&check.condition, &mut pending),
                None => return Err(BatchError::NoSuchCheck(id.0)),
            },
        }
    }
    while let Some(rule) = pending.pop() {
        if std::mem::replace(&mut needed[rule.index()], true) {
            continue;
        }
        let linked = &program.rules[rule.index()];
        for def in linked.base.iter().chain(&linked.exceptions).filter_map(|id| library.def(*id)) {
            def.exprs().into_iter().for_each(|expr| used_rules(expr, &mut pending));
        }
    }
    Ok(needed)
}

/// 适用 asks for the rule's exception; taking in the whole rule costs little and keeps this simple.
fn used_rules(expr: &Expr, pending: &mut Vec<RuleId>) {
    expr.walk(&mut |node| match &node.kind {
        ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } => pending.push(*id),
        _ => {}
    });
}
