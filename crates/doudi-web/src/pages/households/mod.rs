//! Households: finding one, everything that is known of it, why, and its one sheet of paper.

mod list;
mod sheet;
mod show;
mod why;

pub use list::list;
pub use sheet::sheet;
pub use show::show;
pub use why::why;

use crate::access::Visit;
use crate::household::KnownMonth;
use crate::office::Office;
use crate::trouble::Trouble;
use doudi_store::{Household, LeadMoment};
use serde::Deserialize;

/// What the address says beside the household.
#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    /// Which cleared month to explain; the latest where it says nothing.
    #[serde(default)]
    month: String,
    /// `户.低保金`: for [`why`].
    #[serde(default)]
    rule: String,
    #[serde(default)]
    row: u32,
}

/// A household as a page needs it.
struct Home {
    household: Household,
    number: String,
    head: String,
    months: Vec<KnownMonth>,
    moments: Vec<LeadMoment>,
}

impl Home {
    async fn read(office: &Office, visit: &Visit, id: String) -> Result<Home, Trouble> {
        let scope = visit.scope.clone();
        let record = office.ask(move |store| store.household_record(&scope, &id, "")).await?;
        Ok(Home {
            household: record.household,
            number: record.number,
            head: record.head,
            months: office.known_months(record.months).await?,
            moments: record.moments,
        })
    }

    /// 冉光明一家, by whoever is the head or else comes first.
    fn title(&self) -> String {
        let members = &self.household.members;
        let head = members.iter().find(|member| member.person_id == self.head).or(members.first());
        head.map(|head| format!("{}一家", head.name)).unwrap_or_default()
    }

    /// The month that is wanted; nothing where no month is known.
    fn month(&self, wanted: &str) -> Result<Option<&KnownMonth>, Trouble> {
        if wanted.is_empty() {
            return Ok(self.months.first());
        }
        let found = self.months.iter().find(|month| month.found.month.to_string() == wanted);
        found.map(Some).ok_or(Trouble::NotFound)
    }
}
