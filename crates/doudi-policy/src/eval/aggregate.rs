//! 合计、计数、任一、全部、最大、最小 over members or records, some of which may be unknown or unreported.

use super::{Evaluation, GHOST, arithmetic};
use crate::ast::AggregateOp;
use crate::ir::{EntityId, Expr};
use crate::value::{Exact, Fault, Missing, Outcome, Unknown, add, merge};
use num_traits::Zero;

/// Whether an element is in the selection, and what it brings.
struct Element {
    inside: Outcome,
    value: Option<Outcome>,
}

impl Evaluation<'_> {
    pub(super) fn aggregate(
        &mut self,
        op: AggregateOp,
        over: EntityId,
        filters: &[Expr],
        value: Option<&Expr>,
        entity: EntityId,
        row: u32,
    ) -> Outcome {
        let parent = self.program.library.entities[over.index()].parent;
        let Some(owner) = parent.and_then(|parent| self.ancestor(entity, row, parent)) else {
            return Outcome::missing(Missing::Fault { fault: Fault::Undecided, rule: u32::MAX });
        };
        let facts = self.facts;
        let mut elements = Vec::new();
        if owner != GHOST {
            for child in facts.children(over, owner) {
                elements.push(self.element(filters, value, over, child));
            }
        }
        let open = if owner == GHOST || !facts.is_complete(over, owner) {
            self.ghosts.push((over, owner));
            let ghost = self.element(filters, value, over, GHOST);
            self.ghosts.pop();
            Some((ghost, Missing::List { entity: over.0, owner }))
        } else {
            None
        };
        match op {
            AggregateOp::Sum => sum(&elements, open.as_ref()),
            AggregateOp::Count => {
                let elements: Vec<Element> = elements.into_iter().map(counted).collect();
                sum(&elements, open.map(|(ghost, list)| (counted(ghost), list)).as_ref())
            }
            AggregateOp::Any => quantify(&elements, open.as_ref(), true),
            AggregateOp::All => quantify(&elements, open.as_ref(), false),
            AggregateOp::Max | AggregateOp::Min => extreme(op == AggregateOp::Max, &elements, open.as_ref()),
        }
    }

    fn element(&mut self, filters: &[Expr], value: Option<&Expr>, over: EntityId, row: u32) -> Element {
        let inside = self.junction(filters, false, over, row);
        // What stands outside the selection is not looked at: its facts do not matter.
        let value = match (value, inside.as_yes_no()) {
            (_, Some(false)) | (None, _) => None,
            (Some(value), _) => Some(self.expr(value, over, row)),
        };
        Element { inside, value }
    }
}

/// For 计数: an element brings one, unless it is known to stand outside the selection.
fn counted(element: Element) -> Element {
    let counts = element.inside.as_yes_no() != Some(false);
    Element { value: counts.then(|| Outcome::number(Exact::from_integer(1))), ..element }
}

/// Reported records come first; an open list adds something of unknown number.
fn sum(elements: &[Element], open: Option<&(Element, Missing)>) -> Outcome {
    let zero = Exact::zero();
    let (mut low, mut high) = (Some(zero), Some(zero));
    let mut missing = Vec::new();
    let mut known = true;
    for element in elements {
        let Some(value) = &element.value else { continue };
        let (mut a, mut b) = value.bounds();
        if element.inside.as_yes_no().is_none() {
            if value.as_number() == Some(zero) {
                continue;
            }
            (a, b) = (a.map(|a| a.min(zero)), b.map(|b| b.max(zero)));
            merge(&mut missing, element.inside.missing_list());
            known = false;
        }
        known &= value.known().is_some();
        merge(&mut missing, value.missing_list());
        let overflow = (low.is_some() && a.is_some(), high.is_some() && b.is_some());
        low = low.zip(a).and_then(|(x, y)| add(x, y));
        high = high.zip(b).and_then(|(x, y)| add(x, y));
        if (overflow.0 && low.is_none()) || (overflow.1 && high.is_none()) {
            return Outcome::missing(Missing::Fault { fault: Fault::Overflow, rule: u32::MAX });
        }
    }
    if let Some((ghost, list)) = open
        && let Some(value) = &ghost.value
    {
        let (a, b) = value.bounds();
        if value.as_number() != Some(zero) {
            known = false;
            low = if a.is_some_and(|a| a >= zero) { low } else { None };
            high = if b.is_some_and(|b| b <= zero) { high } else { None };
            merge(&mut missing, &[*list]);
        }
    }
    match (known, low) {
        (true, Some(total)) => Outcome::number(total),
        _ => Outcome::within(low, high, missing),
    }
}

/// 任一 (`decisive` = true) and 全部 (`decisive` = false).
fn quantify(elements: &[Element], open: Option<&(Element, Missing)>, decisive: bool) -> Outcome {
    let mut missing = Vec::new();
    let mut unknown = false;
    let ghost = open.map(|(ghost, _)| ghost);
    for element in elements.iter().chain(ghost) {
        let holds = match &element.value {
            None if element.inside.as_yes_no() == Some(false) => continue,
            // 任一（成员 当 条件）: being selected is the question.
            None => Outcome::yes_no(true),
            Some(value) => value.clone(),
        };
        match (element.inside.as_yes_no(), holds.as_yes_no()) {
            (_, Some(value)) if value != decisive => {}
            (Some(true), Some(_)) if !ghost.is_some_and(|ghost| std::ptr::eq(ghost, element)) => {
                return Outcome::yes_no(decisive);
            }
            _ => {
                unknown = true;
                merge(&mut missing, element.inside.missing_list());
                merge(&mut missing, holds.missing_list());
                if let Some((ghost, list)) = open
                    && std::ptr::eq(ghost, element)
                {
                    merge(&mut missing, &[*list]);
                }
            }
        }
    }
    if unknown {
        Outcome::Unknown(Unknown { low: None, high: None, missing })
    } else {
        Outcome::yes_no(!decisive)
    }
}

/// Largest or smallest of an empty selection is unknown: there is no such value.
fn extreme(largest: bool, elements: &[Element], open: Option<&(Element, Missing)>) -> Outcome {
    let certain = elements.iter().all(|element| element.inside.as_yes_no().is_some());
    let values: Vec<Outcome> = elements.iter().filter_map(|element| element.value.clone()).collect();
    let list = open.filter(|(ghost, _)| ghost.value.is_some()).map(|(_, list)| *list);
    if certain && list.is_none() && !values.is_empty() {
        return arithmetic::extreme(largest, &values);
    }
    let mut missing: Vec<Missing> = list.into_iter().collect();
    for element in elements {
        merge(&mut missing, element.inside.missing_list());
        merge(&mut missing, element.value.as_ref().map_or(&[], |value| value.missing_list()));
    }
    if missing.is_empty() {
        missing.push(Missing::Fault { fault: Fault::Undecided, rule: u32::MAX });
    }
    Outcome::Unknown(Unknown { low: None, high: None, missing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(inside: Outcome) -> Element {
        counted(Element { inside, value: None })
    }

    #[test]
    fn only_what_is_in_the_selection_is_counted() {
        let elements = [true, false, true].map(|inside| element(Outcome::yes_no(inside)));
        assert_eq!(sum(&elements, None), Outcome::number(Exact::from_integer(2)));
    }

    #[test]
    fn an_open_list_of_others_does_not_change_a_count() {
        let elements = [element(Outcome::yes_no(true))];
        let list = Missing::List { entity: 2, owner: 0 };
        let other = (element(Outcome::yes_no(false)), list);
        assert_eq!(sum(&elements, Some(&other)), Outcome::number(Exact::from_integer(1)));
        let another = (element(Outcome::yes_no(true)), list);
        assert_eq!(sum(&elements, Some(&another)).known(), None);
    }
}
