//! Conditions as plain logic over terms, without 非.

use super::linear::{Condition, Lin, Relation};
use super::terms::VarId;
use crate::ir::whole;
use crate::value::Exact;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    Yes,
    No,
    Is(VarId, bool),
    /// One of these options: a bit for each.
    Among(VarId, u128),
    Number(Condition),
    And(Vec<Formula>),
    Or(Vec<Formula>),
}

impl Formula {
    pub fn and(parts: Vec<Formula>) -> Formula {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Formula::Yes => {}
                Formula::No => return Formula::No,
                Formula::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Formula::Yes,
            1 => flat.swap_remove(0),
            _ => Formula::And(flat),
        }
    }

    pub fn or(parts: Vec<Formula>) -> Formula {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Formula::No => {}
                Formula::Yes => return Formula::Yes,
                Formula::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Formula::No,
            1 => flat.swap_remove(0),
            _ => Formula::Or(flat),
        }
    }

    pub fn number(sum: Lin, relation: Relation) -> Formula {
        let condition = Condition { sum, relation };
        match condition.settled() {
            Some(true) => Formula::Yes,
            Some(false) => Formula::No,
            None => Formula::Number(condition),
        }
    }

    /// A sum that is not zero.
    pub fn differs(sum: &Lin) -> Option<Formula> {
        Some(Formula::or(vec![
            Formula::number(sum.clone(), Relation::Below),
            Formula::number(sum.times(whole(-1))?, Relation::Below),
        ]))
    }

    /// The same about a household in which `var` is greater by a step.
    pub fn moved(&self, var: VarId, step: Exact) -> Option<Formula> {
        Some(match self {
            Formula::Number(condition) => {
                Formula::number(condition.sum.moved(var, step)?, condition.relation)
            }
            Formula::And(parts) => {
                Formula::and(parts.iter().map(|part| part.moved(var, step)).collect::<Option<_>>()?)
            }
            Formula::Or(parts) => {
                Formula::or(parts.iter().map(|part| part.moved(var, step)).collect::<Option<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// Every comparison of numbers in it.
    pub fn numbers<'f>(&'f self, visit: &mut dyn FnMut(&'f Condition)) {
        match self {
            Formula::Number(condition) => visit(condition),
            Formula::And(parts) | Formula::Or(parts) => parts.iter().for_each(|part| part.numbers(visit)),
            _ => {}
        }
    }
}
