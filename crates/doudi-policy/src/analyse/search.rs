//! Looks for a household that shows something, and proves that there is none.

use super::formula::Formula;
use super::household::{Household, Model};
use super::reading::{Reader, Stance};
use super::shape::is_total;
use super::solve::{Answer, Budget, solve};
use super::terms::{Term, Vars};
use crate::eval::Evaluation;
use crate::facts::Layout;
use crate::ir::{EntityId, Expr, RuleId};
use crate::program::Program;

/// Steps for one question; a question that needs more is left open.
const STEPS_OF_A_QUESTION: u32 = 12_000;
/// How far rules that a household names are followed to what they rest on.
const DEEPEST_DEFINITION: usize = 3;
/// Definitions followed for one household.
const MOST_DEFINITIONS: usize = 24;

/// The law of one setting, and the work that is left for the whole analysis.
pub(super) struct Place<'p, 'l> {
    pub program: &'p Program<'l>,
    pub layout: &'p Layout,
    /// Steps left.
    pub steps: &'p mut u32,
    /// Questions that were left open.
    pub open: &'p mut u32,
}

/// A household, as the logic and the evaluator both have it.
pub(super) struct Shown<'l> {
    pub vars: Vars<'l>,
    pub model: Model,
    /// Terms below this number stand in the rule itself.
    pub direct: usize,
    pub computed: Vec<RuleId>,
}

impl<'p, 'l> Place<'p, 'l> {
    pub fn answer(&mut self, vars: &Vars<'l>, formula: &Formula) -> Answer {
        let given = STEPS_OF_A_QUESTION.min(*self.steps);
        let mut budget = Budget(given);
        let answer = solve(vars, formula, &mut budget);
        *self.steps -= given - budget.0;
        if answer == Answer::GaveUp {
            *self.open += 1;
        }
        answer
    }

    /// A household of which `asked` holds and which the evaluator confirms; first as the rule's own names have it, then
    /// followed to what those rest on. A household that cannot be so is not shown.
    pub fn find(
        &mut self,
        entity: EntityId,
        asked: impl FnOnce(&mut Reader<'p, 'l>) -> Formula,
        confirm: impl Fn(&mut Evaluation<'_>) -> bool,
    ) -> Option<Shown<'l>> {
        if *self.steps == 0 {
            *self.open += 1;
            return None;
        }
        let mut reader = Reader::new(self.program, self.layout, Stance::Here);
        let mut formula = asked(&mut reader);
        let direct = reader.vars.len();
        let mut computed: Vec<RuleId> = Vec::new();
        let mut shown: Option<(Model, Vec<RuleId>)> = None;
        for _ in 0..=DEEPEST_DEFINITION {
            if reader.overflowed() {
                *self.open += 1;
                break;
            }
            let model = match self.answer(&reader.vars, &formula) {
                Answer::Found(model) => model,
                Answer::Nobody => return None,
                Answer::GaveUp => break,
            };
            let household = Household::new(self.program, self.layout, &reader.vars, &model, &computed);
            if household.ask(entity, &confirm) {
                shown = Some((model.clone(), computed.clone()));
            }
            let named = named_rules(&reader.vars, &model, &computed);
            if named.is_empty() || computed.len() + named.len() > MOST_DEFINITIONS {
                break;
            }
            let mut parts = vec![formula.clone()];
            for rule in named {
                computed.push(rule);
                parts.extend(reader.definition(rule));
            }
            formula = Formula::and(parts);
        }
        let (model, computed) = shown?;
        Some(Shown { vars: reader.vars, model, direct, computed })
    }

    /// Whether it is proven that nobody anywhere is as asked.
    pub fn nobody(&mut self, asked: impl FnOnce(&mut Reader<'p, 'l>) -> Formula) -> bool {
        if *self.steps == 0 {
            *self.open += 1;
            return false;
        }
        let mut reader = Reader::new(self.program, self.layout, Stance::Anywhere);
        let mut formula = asked(&mut reader);
        let mut known: Vec<RuleId> = Vec::new();
        for _ in 0..DEEPEST_DEFINITION {
            if reader.overflowed() {
                *self.open += 1;
                return false;
            }
            match self.answer(&reader.vars, &formula) {
                Answer::Nobody => return true,
                Answer::GaveUp => return false,
                Answer::Found(model) => {
                    let named = named_rules(&reader.vars, &model, &known);
                    let mut parts = vec![formula.clone()];
                    for rule in named {
                        known.push(rule);
                        if is_total(self.program, rule) {
                            parts.extend(reader.definition(rule));
                        }
                    }
                    if parts.len() == 1 || known.len() > MOST_DEFINITIONS {
                        return false;
                    }
                    formula = Formula::and(parts);
                }
            }
        }
        false
    }

    /// Whether one condition holds somewhere without the other.
    pub fn one_without(&mut self, entity: EntityId, with: &'l Expr, without: &'l Expr) -> bool {
        let asked = |reader: &mut Reader<'p, 'l>| {
            Formula::and(vec![reader.when(with, true), reader.when(without, false)])
        };
        self.find(entity, asked, |_| true).is_some()
    }

    /// Asks the evaluator about a shown household.
    pub fn household<'s>(&'s self, shown: &'s Shown<'l>) -> Household<'s, 'l> {
        Household::new(self.program, self.layout, &shown.vars, &shown.model, &shown.computed)
    }
}

fn named_rules(vars: &Vars<'_>, model: &Model, known: &[RuleId]) -> Vec<RuleId> {
    model
        .iter()
        .filter_map(|(var, _)| match vars.get(*var).term {
            Term::Rule(id) if !known.contains(&id) => Some(id),
            _ => None,
        })
        .collect()
}
