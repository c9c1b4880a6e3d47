//! The rules and facts that a rule's value rests on, in the order in which the formulas are written.

use super::{Node, references};
use crate::eval::Evaluation;
use crate::ir::{InputId, RuleId};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A fact, and the rule that asks for it.
    Fact { input: InputId, row: u32, by: (RuleId, u32) },
    /// A rule, after everything it rests on.
    Rule(RuleId, u32),
}

/// Which part of the tree is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// What is not decided: a rule with a value is not entered.
    Undecided,
    /// Everything, with the exceptions that did not apply: another fact may let them apply.
    Everything,
}

/// Walks depth first; each fact and each rule comes once.
pub(crate) fn tree(evaluation: &mut Evaluation<'_>, roots: &[(RuleId, u32)], reach: Reach) -> Vec<Step> {
    let mut walk = Walk { reach, seen: Vec::new(), steps: Vec::new() };
    for (rule, row) in roots {
        walk.rule(evaluation, *rule, *row);
    }
    walk.steps
}

struct Walk {
    reach: Reach,
    seen: Vec<(RuleId, u32)>,
    steps: Vec<Step>,
}

impl Walk {
    fn rule(&mut self, evaluation: &mut Evaluation<'_>, id: RuleId, row: u32) {
        let known = evaluation.rule(id, row).known().is_some();
        if self.seen.contains(&(id, row)) || (known && self.reach == Reach::Undecided) {
            return;
        }
        self.seen.push((id, row));
        let mut fired = evaluation.fired(id, row).cloned().unwrap_or_default();
        if self.reach == Reach::Everything {
            fired.exceptions = evaluation.program.rules[id.index()].exceptions.clone();
        }
        let entity = evaluation.program.library.rules[id.index()].entity;
        for reference in references(evaluation, &fired, entity, row) {
            match reference {
                Node::Rule(used, at) => self.rule(evaluation, used, at),
                Node::Input(input, at) => self.fact(input, at, (id, row)),
                Node::Parameter(..) => {}
            }
        }
        self.steps.push(Step::Rule(id, row));
    }

    fn fact(&mut self, input: InputId, row: u32, by: (RuleId, u32)) {
        let same =
            |step: &Step| matches!(step, Step::Fact { input: a, row: b, .. } if (*a, *b) == (input, row));
        if !self.steps.iter().any(same) {
            self.steps.push(Step::Fact { input, row, by });
        }
    }
}
