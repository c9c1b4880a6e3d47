//! Who asks. A [`Scope`] is made from a login alone, and every query wants one.

use crate::audit::{Action, Entry};
use crate::error::{Outcome, StoreError};
use doudi_casework::{CASE_STEPS, Moment, Permission, Refusal, User};
use doudi_terms::{Date, RegionCode, RegionLevel};

/// A person making one request, from where and when: logged in, or through a program with a token of theirs. Only
/// [`crate::Store::scope`] and [`crate::Store::token_scope`] make one.
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) user: User,
    pub(crate) at: Moment,
    pub(crate) ip: String,
    pub(crate) must_change_password: bool,
    pub(crate) token_hash: Vec<u8>,
    /// A program acts for the person, with this token.
    pub(crate) api_token: Option<i64>,
}

/// Areas in which something is allowed, none inside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Areas(Vec<RegionCode>);

impl Areas {
    pub fn list(&self) -> &[RegionCode] {
        &self.0
    }

    pub fn is_everywhere(&self) -> bool {
        self.0.first() == Some(&RegionCode::COUNTRY)
    }

    pub fn has(&self, place: RegionCode) -> bool {
        self.0.iter().any(|area| place.is_within(*area))
    }

    /// Of these, what lies in a place that was asked for; nothing where that is elsewhere.
    pub fn within(&self, place: RegionCode) -> Areas {
        if self.has(place) {
            return Areas(vec![place]);
        }
        Areas(self.0.iter().copied().filter(|area| area.is_within(place)).collect())
    }

    /// The smallest place that holds them all: of what area a record about them is.
    pub fn common(&self) -> RegionCode {
        let Some(mut place) = self.0.first().copied() else { return RegionCode::COUNTRY };
        while !self.0.iter().all(|area| area.is_within(place)) {
            place = place.parent().unwrap_or(RegionCode::COUNTRY);
        }
        place
    }
}

impl Scope {
    pub fn user(&self) -> &User {
        &self.user
    }

    pub fn at(&self) -> Moment {
        self.at
    }

    pub fn ip(&self) -> &str {
        &self.ip
    }

    /// Nothing else is possible before.
    pub fn must_change_password(&self) -> bool {
        self.must_change_password
    }

    /// Today in Beijing.
    pub fn today(&self) -> Date {
        self.at.day().unwrap_or_default()
    }

    /// For menus and buttons: whether it is allowed somewhere. Queries ask again by themselves.
    pub fn may(&self, permission: Permission) -> bool {
        !self.must_change_password && self.user.grants.allows(permission)
    }

    pub fn may_at(&self, permission: Permission, place: RegionCode) -> bool {
        !self.must_change_password && self.user.grants.allows_at(permission, place)
    }

    /// Whether somebody has a part in the cases of a place; looking at them is none.
    pub fn works_at(&self, place: RegionCode) -> bool {
        CASE_STEPS.into_iter().any(|permission| self.may_at(permission, place))
    }

    /// Otherwise the refusal, in the words of the work that most people are missing.
    pub(crate) fn must_work_at(&self, place: RegionCode) -> Outcome<()> {
        if self.must_change_password {
            return Err(StoreError::PasswordChangeDue);
        }
        if !self.works_at(place) {
            Refusal::unless_allowed(&self.user, Permission::WorkCases, place)?;
        }
        Ok(())
    }

    /// For choosing a place: the areas in which it is allowed, none inside another.
    pub fn areas(&self, permission: Permission) -> Vec<RegionCode> {
        if self.must_change_password { Vec::new() } else { self.user.grants.areas(permission) }
    }

    pub(crate) fn areas_for(&self, permission: Permission) -> Outcome<Areas> {
        if self.must_change_password {
            return Err(StoreError::PasswordChangeDue);
        }
        let areas = self.user.grants.areas(permission);
        if areas.is_empty() {
            return Err(Refusal::Role { permission }.into());
        }
        Ok(Areas(areas))
    }

    /// The smallest place that holds everything that the user is given.
    pub fn home(&self) -> RegionCode {
        home(&self.user)
    }

    pub(crate) fn entry(
        &self,
        action: Action,
        object_kind: &'static str,
        object_id: String,
        region: RegionCode,
    ) -> Entry {
        Entry {
            at: self.at,
            actor: self.user.id.0,
            actor_name: self.user.name.clone(),
            action,
            object_kind,
            object_id,
            region,
            // So that what somebody did and what a program did for them are told apart.
            purpose: self.api_token.map(|token| format!("接口令牌 {token}")).unwrap_or_default(),
            ip: self.ip.clone(),
            subjects: Vec::new(),
            detail: String::new(),
        }
    }
}

pub(crate) fn home(user: &User) -> RegionCode {
    let places: Vec<RegionCode> = user.grants.iter().map(|grant| grant.region).collect();
    Areas(places).common()
}

/// The township of a place; the place itself where that is above townships.
pub(crate) fn township(place: RegionCode) -> RegionCode {
    place.at(RegionLevel::Township)
}
