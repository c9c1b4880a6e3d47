//! Whether some household satisfies a condition, and which. `None` is a proof; giving up is not.

use super::formula::Formula;
use super::linear::{Condition, Lin, Relation, satisfy};
use super::terms::{VarId, Vars};
use crate::ir::whole;
use crate::value::{Exact, Value, add, subtract};

/// Choices that may be open within each other; a formula that needs more is given up.
const DEEPEST: u32 = 120;

/// How many steps of work are left for one question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(pub u32);

impl Budget {
    fn spend(&mut self, steps: u32) -> bool {
        self.0 = self.0.saturating_sub(steps);
        self.0 > 0
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// Values of the terms that matter, by term.
    Found(Vec<(VarId, Value)>),
    /// Proven: no values of the terms satisfy it.
    Nobody,
    GaveUp,
}

#[derive(Clone)]
struct State {
    yes_no: Vec<(VarId, bool)>,
    options: Vec<(VarId, u128)>,
    numbers: Vec<Condition>,
}

pub(super) fn solve(vars: &Vars<'_>, formula: &Formula, budget: &mut Budget) -> Answer {
    let state = State { yes_no: Vec::new(), options: Vec::new(), numbers: Vec::new() };
    Search { vars, budget }.run(state, vec![formula], Vec::new(), 0)
}

struct Search<'s, 'l> {
    vars: &'s Vars<'l>,
    budget: &'s mut Budget,
}

impl Search<'_, '_> {
    /// `pending` is to be taken in; `choices` are the 或 that are still open.
    fn run<'f>(
        &mut self,
        mut state: State,
        mut pending: Vec<&'f Formula>,
        mut choices: Vec<&'f [Formula]>,
        depth: u32,
    ) -> Answer {
        if depth > DEEPEST || !self.budget.spend(1 + choices.len() as u32) {
            return Answer::GaveUp;
        }
        loop {
            while let Some(part) = pending.pop() {
                match part {
                    Formula::And(parts) => pending.extend(parts.iter().rev()),
                    Formula::Or(parts) => choices.push(parts),
                    literal => {
                        if !self.take(&mut state, literal) {
                            return Answer::Nobody;
                        }
                    }
                }
            }
            // A choice with one way left is no choice.
            let mut open = Vec::with_capacity(choices.len());
            for parts in choices.drain(..) {
                if !self.budget.spend(1) {
                    return Answer::GaveUp;
                }
                let mut ways = parts.iter().filter(|part| self.stands(&state, part) != Some(false));
                match (ways.next(), ways.next()) {
                    (None, _) => return Answer::Nobody,
                    (Some(only), None) => pending.push(only),
                    _ if parts.iter().any(|part| self.stands(&state, part) == Some(true)) => {}
                    _ => open.push(parts),
                }
            }
            choices = open;
            if pending.is_empty() {
                break;
            }
        }
        let model = match self.numbers(&state) {
            Answer::Found(model) => model,
            other => return other,
        };
        let Some(parts) = choices.pop() else { return Answer::Found(model) };
        let mut gave_up = false;
        for part in parts.iter().filter(|part| self.stands(&state, part) != Some(false)).collect::<Vec<_>>() {
            match self.run(state.clone(), vec![part], choices.clone(), depth + 1) {
                Answer::Nobody => {}
                Answer::GaveUp => gave_up = true,
                found => return found,
            }
            if self.budget.0 == 0 {
                return Answer::GaveUp;
            }
        }
        if gave_up { Answer::GaveUp } else { Answer::Nobody }
    }

    /// Takes a literal in; `false` if it contradicts what is there.
    fn take(&self, state: &mut State, literal: &Formula) -> bool {
        match literal {
            Formula::Yes => true,
            Formula::No => false,
            Formula::Is(var, wanted) => match state.yes_no.iter().find(|(known, _)| known == var) {
                Some((_, value)) => value == wanted,
                None => {
                    state.yes_no.push((*var, *wanted));
                    true
                }
            },
            Formula::Among(var, mask) => match state.options.iter_mut().find(|(known, _)| known == var) {
                Some((_, left)) => {
                    *left &= mask;
                    *left != 0
                }
                None => {
                    state.options.push((*var, *mask));
                    *mask != 0
                }
            },
            Formula::Number(condition) => {
                if !state.numbers.contains(condition) {
                    state.numbers.push(condition.clone());
                }
                // Plainly against another condition on the same sum.
                !state.numbers.iter().any(|known| excludes(known, condition))
            }
            Formula::And(_) | Formula::Or(_) => true,
        }
    }

    /// What is already settled of a part; `None` = open.
    fn stands(&self, state: &State, part: &Formula) -> Option<bool> {
        match part {
            Formula::Yes => Some(true),
            Formula::No => Some(false),
            Formula::Is(var, wanted) => {
                state.yes_no.iter().find(|(known, _)| known == var).map(|(_, value)| value == wanted)
            }
            Formula::Among(var, mask) => {
                let (_, left) = state.options.iter().find(|(known, _)| known == var)?;
                match left & mask {
                    0 => Some(false),
                    both if both == *left => Some(true),
                    _ => None,
                }
            }
            Formula::Number(condition) => {
                if state.numbers.contains(condition) {
                    return Some(true);
                }
                state.numbers.iter().any(|known| excludes(known, condition)).then_some(false)
            }
            Formula::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match self.stands(state, part) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Formula::Or(parts) => {
                let mut none = Some(false);
                for part in parts {
                    match self.stands(state, part) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => none = None,
                    }
                }
                none
            }
        }
    }

    fn numbers(&mut self, state: &State) -> Answer {
        if !self.budget.spend(state.numbers.len() as u32) {
            return Answer::GaveUp;
        }
        let mut conditions = state.numbers.clone();
        let mut bounded: Vec<VarId> =
            conditions.iter().flat_map(|condition| &condition.sum.terms).map(|(var, _)| *var).collect();
        bounded.sort();
        bounded.dedup();
        for var in bounded {
            if self.vars.get(var).non_negative {
                let sum = Lin { terms: vec![(var, whole(-1))], constant: whole(0) };
                conditions.push(Condition { sum, relation: Relation::AtMost });
            }
        }
        let numbers: Vec<(VarId, Exact)> = match satisfy(self.vars, &conditions) {
            Ok(Some(numbers)) => numbers,
            Ok(None) => return Answer::Nobody,
            Err(_) => return Answer::GaveUp,
        };
        let mut model: Vec<(VarId, Value)> =
            state.yes_no.iter().map(|(var, value)| (*var, Value::YesNo(*value))).collect();
        model.extend(
            state.options.iter().map(|(var, left)| (*var, Value::Label(left.trailing_zeros() as u16))),
        );
        model.extend(numbers.into_iter().map(|(var, number)| (var, Value::Number(number))));
        model.sort_by_key(|(var, _)| *var);
        Answer::Found(model)
    }
}

/// Two conditions on the same sum, or on a sum and its opposite, that cannot both hold.
fn excludes(a: &Condition, b: &Condition) -> bool {
    if a.sum.terms.len() != b.sum.terms.len() {
        return false;
    }
    let same = a.sum.terms == b.sum.terms;
    let opposite =
        || a.sum.terms.iter().zip(&b.sum.terms).all(|((one, x), (other, y))| one == other && *x == -*y);
    let strict = a.relation == Relation::Below || b.relation == Relation::Below;
    if same && (a.relation == Relation::Equal || b.relation == Relation::Equal) {
        // s + c₁ = 0 and s + c₂ ⋚ 0.
        let (equal, other) = if a.relation == Relation::Equal { (a, b) } else { (b, a) };
        let Some(rest) = subtract(other.sum.constant, equal.sum.constant) else { return false };
        return match other.relation {
            Relation::Equal => rest != whole(0),
            Relation::Below => rest >= whole(0),
            Relation::AtMost => rest > whole(0),
        };
    }
    if !same && opposite() && a.relation != Relation::Equal && b.relation != Relation::Equal {
        // s ⋚ −c₁ and −s ⋚ −c₂: their sum is c₁ + c₂ ⋚ 0.
        let Some(sum) = add(a.sum.constant, b.sum.constant) else { return false };
        return if strict { sum >= whole(0) } else { sum > whole(0) };
    }
    false
}
