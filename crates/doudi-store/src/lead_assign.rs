//! Giving leads to whoever is to go and look: one, those that were chosen, or all of a village.

use crate::audit::Action;
use crate::error::{Outcome, StoreError};
use crate::lead_list::{LeadFilter, LeadOrder, filtered, narrowed};
use crate::leads::{StoredStep, change_words, write_step};
use crate::scope::Scope;
use crate::store::Store;
use crate::users::account;
use doudi_casework::{CaseError, LeadStep, Permission, StateKind, User, UserId};

/// What came of it, lead by lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    pub done: u64,
    /// Were theirs before.
    pub kept: u64,
    pub refused: Vec<NotAssigned>,
}

/// A lead that stays as it was, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAssigned {
    pub lead_id: String,
    pub name: String,
    pub check: String,
    pub why: String,
}

/// Of one act: more is a mistake in the choice, or a month's work for nobody.
pub const MOST_ASSIGNED: usize = 2_000;

impl Store {
    /// Gives leads to somebody, all in one transaction. What the table of steps does not allow is told and left; a lead
    /// that the scope does not hold makes the whole of it fail.
    pub fn assign_leads(&self, scope: &Scope, leads: &[String], to: UserId) -> Outcome<Assigned> {
        if leads.len() > MOST_ASSIGNED {
            return Err(StoreError::bad(format!(
                "一次最多分派 {MOST_ASSIGNED} 条，现在有 {} 条。请按村或按疑点分几次",
                leads.len()
            )));
        }
        let to = self.worker(to)?;
        let areas = scope.areas_for(Permission::ReadLeads)?;
        self.change(|connection, audit| {
            let mut done = Assigned::default();
            for lead_id in leads {
                let lead = self.find_lead(connection, scope, &areas, lead_id)?;
                if lead.case.state.assignee() == Some(to.id) {
                    done.kept += 1;
                    continue;
                }
                let not = |why: String| NotAssigned {
                    lead_id: lead_id.clone(),
                    name: lead.row.name.clone(),
                    check: lead.row.check.clone(),
                    why,
                };
                let next = match lead.case.assign(&scope.user, &to, scope.at) {
                    Ok(next) => next,
                    // Nobody's right to say so for this place: not one of many that do not fit.
                    Err(error @ CaseError::Refused(_)) => return Err(error.into()),
                    Err(error) => {
                        done.refused.push(not(error.to_string()));
                        continue;
                    }
                };
                let version = lead.row.version;
                let step = StoredStep {
                    step: LeadStep::Assign.name(),
                    actor: scope.user.id.0,
                    at: scope.at,
                    month: "",
                    from: version,
                };
                if !write_step(connection, &self.keys, &next, &step)? {
                    done.refused.push(not("刚刚被别人改过，请看过再分派".to_owned()));
                    continue;
                }
                let mut entry = scope.entry(Action::LeadStep, "lead", lead_id.clone(), lead.row.region);
                entry.subjects = vec![lead.row.person_id.clone()];
                entry.detail = change_words(&lead.case.state, &next.state, version);
                audit.push(entry);
                done.done += 1;
            }
            Ok(done)
        })
    }

    /// All that nobody has been given yet, of those that a filter means.
    pub fn assign_all(&self, scope: &Scope, filter: &LeadFilter, to: UserId) -> Outcome<Assigned> {
        let filter = LeadFilter { state: Some(StateKind::Open), ..filter.clone() };
        let areas = narrowed(scope, &filter)?;
        let mut query = filtered("SELECT lead_id FROM leads", &self.keys, &areas, &filter, LeadOrder::Due);
        query.push(&format!(" ORDER BY due, lead_id LIMIT {}", MOST_ASSIGNED + 1));
        let leads: Vec<String> = self.database.read(|connection| {
            connection.rows(query.sql(), &query.params())?.iter().map(|row| row.string(0)).collect()
        })?;
        if leads.is_empty() {
            return Err(StoreError::bad("这里没有待分派的疑点。已经分派过的要改派，请勾选以后再分派"));
        }
        self.assign_leads(scope, &leads, to)
    }

    /// Somebody who can still be given work.
    pub(crate) fn worker(&self, to: UserId) -> Outcome<User> {
        let found = self.database.read(|connection| account(connection, to))?;
        let found = found.filter(|account| account.disabled_at.is_none());
        Ok(found.ok_or(StoreError::NotFound("这个人"))?.user)
    }
}
