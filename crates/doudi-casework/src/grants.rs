//! Who holds which role where.

use crate::permission::Permission;
use crate::role::Role;
use doudi_terms::RegionCode;
use std::fmt;

/// Number of a person of the office, given by the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// One role in one area: the place and everything below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: Role,
    pub region: RegionCode,
}

/// The roles of one person. Built only where no two of them are incompatible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(Vec<Grant>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    #[error("“{0}”和“{1}”不能由同一个人担任：{2}。请去掉其中一个，或者交给另一个人")]
    Incompatible(Role, Role, &'static str),
}

impl Grants {
    /// Sorted, without repetition.
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Result<Grants, GrantError> {
        let mut list: Vec<Grant> = grants.into_iter().collect();
        list.sort_unstable();
        list.dedup();
        for (at, a) in list.iter().enumerate() {
            for b in &list[at + 1..] {
                if let Some(why) = a.role.incompatible_with(b.role) {
                    return Err(GrantError::Incompatible(a.role, b.role, why));
                }
            }
        }
        Ok(Grants(list))
    }

    pub fn iter(&self) -> impl Iterator<Item = Grant> + '_ {
        self.0.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has_role(&self, role: Role) -> bool {
        self.0.iter().any(|grant| grant.role == role)
    }

    /// Whether some role allows it somewhere.
    pub fn allows(&self, permission: Permission) -> bool {
        self.0.iter().any(|grant| grant.role.allows(permission))
    }

    /// Whether a role that allows it reaches this place.
    pub fn allows_at(&self, permission: Permission, place: RegionCode) -> bool {
        self.0.iter().any(|grant| grant.role.allows(permission) && place.is_within(grant.region))
    }

    /// The areas where it is allowed, none inside another, in order of their codes.
    pub fn areas(&self, permission: Permission) -> Vec<RegionCode> {
        let mut areas: Vec<RegionCode> =
            self.0.iter().filter(|grant| grant.role.allows(permission)).map(|grant| grant.region).collect();
        // A place has a lower number than everything in it, so whatever holds it comes before it.
        areas.sort_unstable();
        let mut outer: Vec<RegionCode> = Vec::new();
        for area in areas {
            if !outer.iter().any(|known| area.is_within(*known)) {
                outer.push(area);
            }
        }
        outer
    }
}

/// A person of the office. How they prove who they are is the store's, not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub grants: Grants,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn region(text: &str) -> RegionCode {
        RegionCode::parse(text).expect("a code")
    }

    fn grant(role: Role, place: &str) -> Grant {
        Grant { role, region: region(place) }
    }

    #[test]
    fn incompatible_roles_are_refused_wherever_they_are_held() {
        let both =
            Grants::new([grant(Role::CountyReviewer, "500243"), grant(Role::CountyApprover, "370900")]);
        let error = both.expect_err("refused").to_string();
        assert!(
            error.contains("县级审核") && error.contains("县级审批") && error.contains("请去掉"),
            "{error}"
        );
        let admins = Grants::new([
            grant(Role::SystemAdministrator, "000000"),
            grant(Role::SecurityAdministrator, "000000"),
        ]);
        assert!(admins.is_err());
    }

    #[test]
    fn a_role_reaches_its_area_and_no_further() {
        let grants =
            Grants::new([grant(Role::WindowClerk, "500243001"), grant(Role::VillageWorker, "500243002201")])
                .expect("compatible");
        assert!(grants.allows_at(Permission::ReadLeads, region("500243001202")));
        assert!(grants.allows_at(Permission::ReadLeads, region("500243002201")));
        assert!(!grants.allows_at(Permission::ReadLeads, region("500243002202")), "the next village");
        assert!(!grants.allows_at(Permission::ReadLeads, region("500243")), "the county above");
        assert!(!grants.allows_at(Permission::Unmask, region("500243002201")), "of another role's area");
        assert_eq!(grants.areas(Permission::Unmask), [region("500243001")]);
    }

    fn any_place() -> impl Strategy<Value = RegionCode> {
        (0..3_u64, 0..3_u64, 0..3_u64, 0..3_u64, 0..3_u64, 0..5_u32).prop_map(|(p, c, d, t, v, level)| {
            let whole = ((((50 + p) * 100 + c) * 100 + d) * 1_000 + t) * 1_000 + v;
            let keep = 10_u64.pow([12, 10, 8, 6, 3][level as usize]);
            RegionCode::from_number(whole / keep * keep).expect("twelve digits")
        })
    }

    fn any_grants() -> impl Strategy<Value = Vec<Grant>> {
        let role = prop::sample::select(crate::ROLES.to_vec());
        prop::collection::vec((role, any_place()).prop_map(|(role, region)| Grant { role, region }), 0..5)
    }

    proptest! {
        #[test]
        fn areas_say_the_same_as_asking_for_each_place(grants in any_grants(), place in any_place()) {
            let Ok(grants) = Grants::new(grants) else { return Ok(()) };
            for permission in Permission::all() {
                let areas = grants.areas(permission);
                let inside = areas.iter().any(|area| place.is_within(*area));
                prop_assert_eq!(inside, grants.allows_at(permission, place));
                for (at, area) in areas.iter().enumerate() {
                    let others = areas.iter().enumerate().filter(|(other, _)| *other != at);
                    prop_assert!(others.into_iter().all(|(_, other)| !area.is_within(*other)));
                }
            }
        }

        #[test]
        fn no_accepted_set_holds_two_roles_that_check_each_other(grants in any_grants()) {
            let Ok(accepted) = Grants::new(grants) else { return Ok(()) };
            for a in accepted.iter() {
                for b in accepted.iter() {
                    prop_assert_eq!(a.role.incompatible_with(b.role), None);
                }
            }
        }
    }
}
