//! What the cleared months say of one household: what it had, what it should have had, why, and what is not known.
//!
//! Everything is computed from the facts and policies that were kept with each month; nothing here knows a programme.

mod ledger;
mod reasons;
mod sources;
mod timeline;

pub(crate) use ledger::{Ledger, Payment, Row, yuan};
pub(crate) use reasons::{Answers, Reasons, Verdict, Whole, reasons, whole_tree};
pub(crate) use timeline::{Moment, timeline};

use crate::law::{Law, Registry};
use crate::office::Office;
use crate::trouble::Trouble;
use doudi_store::HouseholdMonth;
use std::sync::Arc;

/// A month with what it is read by.
pub(crate) struct KnownMonth {
    pub found: HouseholdMonth,
    pub registry: Arc<Registry>,
    pub law: Option<Arc<Law>>,
}

impl KnownMonth {
    pub fn name(&self, member: usize) -> &str {
        self.found.members.get(member).map_or("", |(_, name)| name)
    }

    pub fn member(&self, person_id: &str) -> Option<usize> {
        self.found.members.iter().position(|(id, _)| id == person_id)
    }

    /// What was kept of a member; of the household where there is none.
    fn facts(&self, member: Option<usize>) -> Option<&serde_json::Value> {
        let Some(member) = member else { return Some(&self.found.facts) };
        let person = self.law.as_ref().map_or("人", |law| law.person_word());
        self.found.facts.get("lists")?.get(person)?.get("rows")?.get(member)
    }

    /// A number that is known: fen, days, months.
    pub fn number(&self, path: &str, member: Option<usize>) -> Option<i64> {
        let (entity, name) = path.split_once('.')?;
        let of_household = self.law.as_ref().is_some_and(|law| law.household_word() == entity);
        let row = self.facts(if of_household { None } else { member })?;
        row.get("known")?.get(name)?.as_i64()
    }
}

impl Office {
    /// The months with their policies, the latest first.
    pub(crate) async fn known_months(&self, months: Vec<HouseholdMonth>) -> Result<Vec<KnownMonth>, Trouble> {
        let mut known = Vec::with_capacity(months.len());
        for found in months {
            let law = self.law(&found.registry.policies_hash).await?;
            known.push(KnownMonth { registry: self.registries().read(&found.registry), law, found });
        }
        Ok(known)
    }
}
