//! The roles of an office, and which of them nobody may hold together.

use std::fmt;

/// What somebody is in an area. One person may have several, but for those that check each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    VillageWorker,
    WindowClerk,
    TownshipHead,
    CountyReviewer,
    CountyApprover,
    PaymentOfficer,
    Supervisor,
    PolicyOfficer,
    /// Hands in the departments' rosters and starts the month's clearing; decides nothing about anybody.
    DataOfficer,
    /// Reads the area's audit and changes nothing.
    Auditor,
    /// Gives people their accounts and roles; sees nobody's records.
    SecurityAdministrator,
    /// Runs the program: keys, backups; sees nobody's records.
    SystemAdministrator,
    Citizen,
}

/// In the order of lists.
pub const ROLES: [Role; 13] = [
    Role::VillageWorker,
    Role::WindowClerk,
    Role::TownshipHead,
    Role::CountyReviewer,
    Role::CountyApprover,
    Role::PaymentOfficer,
    Role::Supervisor,
    Role::PolicyOfficer,
    Role::DataOfficer,
    Role::Auditor,
    Role::SecurityAdministrator,
    Role::SystemAdministrator,
    Role::Citizen,
];

/// Three administrators are three people: who gives rights, who runs the machine, who looks at both.
pub const ADMINISTRATORS: [Role; 3] = [Role::SecurityAdministrator, Role::SystemAdministrator, Role::Auditor];

/// Pairs among the working roles of which one checks the other. Administrators and citizens go with nothing else.
pub const INCOMPATIBLE: [(Role, Role, &str); 6] = [
    (Role::WindowClerk, Role::CountyApprover, "受理的人不能审批"),
    (Role::CountyReviewer, Role::CountyApprover, "审核的人不能审批"),
    (Role::CountyApprover, Role::PaymentOfficer, "审批的人不能经办发放"),
    (Role::CountyReviewer, Role::PaymentOfficer, "审核的人不能经办发放"),
    (Role::Supervisor, Role::CountyApprover, "督导的人不能审批"),
    (Role::Supervisor, Role::PaymentOfficer, "督导的人不能经办发放"),
];

impl Role {
    /// As it stands in the store and in files.
    pub fn code(self) -> &'static str {
        match self {
            Role::VillageWorker => "village-worker",
            Role::WindowClerk => "window-clerk",
            Role::TownshipHead => "township-head",
            Role::CountyReviewer => "county-reviewer",
            Role::CountyApprover => "county-approver",
            Role::PaymentOfficer => "payment-officer",
            Role::Supervisor => "supervisor",
            Role::PolicyOfficer => "policy-officer",
            Role::DataOfficer => "data-officer",
            Role::Auditor => "auditor",
            Role::SecurityAdministrator => "security-administrator",
            Role::SystemAdministrator => "system-administrator",
            Role::Citizen => "citizen",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Role::VillageWorker => "村级经办人",
            Role::WindowClerk => "乡镇窗口经办",
            Role::TownshipHead => "乡镇负责人",
            Role::CountyReviewer => "县级审核",
            Role::CountyApprover => "县级审批",
            Role::PaymentOfficer => "发放经办",
            Role::Supervisor => "督导",
            Role::PolicyOfficer => "政策管理",
            Role::DataOfficer => "数据专员",
            Role::Auditor => "安全审计员",
            Role::SecurityAdministrator => "安全管理员",
            Role::SystemAdministrator => "系统管理员",
            Role::Citizen => "群众",
        }
    }

    pub fn parse(code: &str) -> Option<Role> {
        ROLES.into_iter().find(|role| role.code() == code)
    }

    /// Goes with no other role at all.
    fn stands_alone(self) -> bool {
        ADMINISTRATORS.contains(&self) || self == Role::Citizen
    }

    /// Why nobody may hold both; `None` if somebody may.
    pub fn incompatible_with(self, other: Role) -> Option<&'static str> {
        if self == other {
            return None;
        }
        if ADMINISTRATORS.contains(&self) && ADMINISTRATORS.contains(&other) {
            return Some("系统管理员、安全管理员、安全审计员必须是三个人");
        }
        if self.stands_alone() || other.stands_alone() {
            return Some("管理员和群众的账号不能兼办业务");
        }
        let pair =
            INCOMPATIBLE.iter().find(|(a, b, _)| (*a, *b) == (self, other) || (*a, *b) == (other, self));
        pair.map(|(_, _, why)| *why)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_known_by_its_code_and_has_a_name_of_its_own() {
        for role in ROLES {
            assert_eq!(Role::parse(role.code()), Some(role));
            assert_eq!(ROLES.iter().filter(|other| other.name() == role.name()).count(), 1, "{role}");
        }
        assert_eq!(Role::parse("admin"), None);
    }

    #[test]
    fn roles_that_check_each_other_are_incompatible_both_ways_round() {
        for a in ROLES {
            assert_eq!(a.incompatible_with(a), None);
            for b in ROLES {
                assert_eq!(a.incompatible_with(b), b.incompatible_with(a), "{a} {b}");
            }
        }
        for a in ADMINISTRATORS {
            for b in ROLES.into_iter().filter(|b| *b != a) {
                assert!(a.incompatible_with(b).is_some(), "{a} {b}");
            }
        }
        assert!(Role::CountyReviewer.incompatible_with(Role::CountyApprover).is_some());
        assert_eq!(Role::VillageWorker.incompatible_with(Role::WindowClerk), None);
    }
}
