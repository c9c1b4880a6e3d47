//! What people reported on leads, on its way to the next clearing: outcome, measure, day and month, and the role of whoever
//! reported. No name and no free text: those stay here.

use crate::db::Row;
use crate::error::{Outcome, StoreError};
use crate::sealed::{Place, open};
use crate::store::Store;
use crate::users::accounts_where;
use doudi_casework::{Finding, Grants, LeadState, LeadStep, Measure, Permission, UserId};
use doudi_terms::{Date, Month, RegionCode};
use std::collections::HashMap;

/// One report on a lead, or the second person's agreement to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeAnswer {
    pub lead_id: String,
    /// Which step of the lead it is.
    pub step: i64,
    pub finding: Finding,
    pub measure: Measure,
    pub on: Date,
    /// In which the lead was found last.
    pub month: Month,
    pub article: String,
    /// Names of the roles in which it was reported and agreed to.
    pub by: String,
}

/// Steps after which a report stands. A proposal to take something away does not before a second person agrees.
const STANDING: [LeadStep; 3] = [LeadStep::ReportTrue, LeadStep::ReportFalse, LeadStep::Confirm];

impl Store {
    /// Everything that people have reported on leads, in the order of time. For the program alone: it tells nobody.
    pub fn office_answers(&self) -> Outcome<Vec<OfficeAnswer>> {
        self.database.read(|connection| {
            let accounts = accounts_where(connection, "ORDER BY user_id", &[])?;
            let grants: HashMap<UserId, Grants> =
                accounts.into_iter().map(|account| (account.user.id, account.user.grants)).collect();
            let [first, second, third] = STANDING.map(LeadStep::name);
            let mut answers = Vec::new();
            connection.each(
                "SELECT e.lead_id, e.serial, e.state_sealed, l.month, l.article, l.region
                 FROM lead_events e JOIN leads l ON l.lead_id = e.lead_id
                 WHERE e.actor <> 0 AND e.step IN ($1, $2, $3) ORDER BY e.at, e.lead_id, e.serial",
                &[first.into(), second.into(), third.into()],
                &mut |row| {
                    answers.extend(self.office_answer(&row, &grants)?);
                    Ok(())
                },
            )?;
            Ok(answers)
        })
    }

    fn office_answer(&self, row: &Row, grants: &HashMap<UserId, Grants>) -> Outcome<Option<OfficeAnswer>> {
        let (lead_id, step) = (row.string(0)?, row.int(1)?);
        let state: LeadState = open(&self.keys, &Place::LeadEvent(&lead_id, step), row.bytes(2)?)?;
        let Some(report) = state.report() else { return Ok(None) };
        let month = i32::try_from(row.int(3)?).ok().and_then(Month::from_index);
        let month = month.ok_or_else(|| StoreError::damaged(format!("疑点 {lead_id} 的月份不成立")))?;
        let region = crate::query::region(row.int(5)?)?;
        let role = |user: Option<UserId>, permission| {
            user.and_then(|user| role_for(grants.get(&user)?, permission, region)).unwrap_or("经办人")
        };
        let mut by = role(report.by, Permission::ReportLeads).to_owned();
        if let LeadState::ToRectify { second: Some(second), .. } = &state {
            by = format!("{by}、{}复核", role(Some(second.by), Permission::ConfirmLeads));
        }
        let (finding, measure, on) = (report.finding, report.measure, report.on);
        Ok(Some(OfficeAnswer { lead_id, step, finding, measure, on, month, article: row.string(4)?, by }))
    }
}

pub(crate) fn role_for(grants: &Grants, permission: Permission, region: RegionCode) -> Option<&'static str> {
    let mut able = grants.iter().filter(|grant| grant.role.allows(permission));
    able.find(|grant| region.is_within(grant.region)).map(|grant| grant.role.name())
}
