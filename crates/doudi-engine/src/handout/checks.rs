//! Which checks were made, and which could not see: an empty list is good news only where its rosters have arrived.

use super::lead_list::severity_rank;
use crate::certificate::CertifiedInput;
use crate::content::Content;
use crate::county::{County, uses};
use crate::facts;
use doudi_policy::ir::InputId;
use std::collections::{BTreeMap, BTreeSet};

/// A check that the law of some county has this month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInForce {
    pub name: String,
    /// 红, 橙 or 黄.
    pub severity: String,
    pub article: String,
    /// Rosters that have not arrived and that alone could have told something the check asks.
    pub waits_for: Vec<String>,
}

/// All checks in force, the gravest first, then in the order of the documents.
pub(crate) fn checks_in_force(
    content: &Content,
    inputs: &[CertifiedInput],
    counties: &[County<'_>],
) -> Vec<CheckInForce> {
    let waiting = waiting(content, inputs);
    let mut found: BTreeMap<(u32, u32), (CheckInForce, BTreeSet<String>)> = BTreeMap::new();
    for county in counties {
        for id in &county.checks {
            let check = &content.library.checks[id.index()];
            let entry =
                found.entry((severity_rank(&check.severity), id.index() as u32)).or_insert_with(|| {
                    let made = CheckInForce {
                        name: check.name.clone(),
                        severity: check.severity.clone(),
                        article: content.library.citation(check.article),
                        waits_for: Vec::new(),
                    };
                    (made, BTreeSet::new())
                });
            let asked = uses(&county.program, &check.condition).inputs;
            entry.1.extend(asked.iter().filter_map(|input| waiting.get(input)).flatten().cloned());
        }
    }
    let named = found
        .into_values()
        .map(|(check, rosters)| CheckInForce { waits_for: rosters.into_iter().collect(), ..check });
    named.collect()
}

/// Inputs that some roster gives, and none of these has arrived; with their names.
fn waiting(content: &Content, inputs: &[CertifiedInput]) -> BTreeMap<InputId, Vec<String>> {
    let arrived: BTreeSet<&str> = inputs.iter().map(|input| input.roster.as_str()).collect();
    let mut given: BTreeSet<InputId> = BTreeSet::new();
    let mut missing: BTreeMap<InputId, Vec<String>> = BTreeMap::new();
    for spec in &content.specs {
        for input in facts::supplied_inputs(&content.library, spec) {
            if spec.register || arrived.contains(spec.id.as_str()) {
                given.insert(input);
            } else {
                missing.entry(input).or_default().push(spec.name.clone());
            }
        }
    }
    missing.retain(|input, _| !given.contains(input));
    missing
}
