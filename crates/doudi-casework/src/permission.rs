//! What can be allowed, and which role is allowed it.

use crate::role::Role;
use std::fmt;

/// One kind of act. A page or a query asks for exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Figures by place: no person in them.
    ReadBoard,
    /// Leads with the names of those whom they are about; numbers masked.
    ReadLeads,
    /// A person's and a household's whole record; numbers masked.
    ReadPersons,
    /// Whole id numbers, telephones and accounts, for a purpose that is written down.
    Unmask,
    /// Lists that leave the office.
    Export,
    AssignLeads,
    /// Reporting what verifying a lead came to.
    ReportLeads,
    /// The second person: ending or cutting somebody's aid.
    ConfirmLeads,
    /// Cases at the window and in the village: applications, reviews, appeals, visits; numbers masked.
    ReadCases,
    /// Taking in what a family asks for, at the window, at home, for somebody who cannot come.
    AcceptCases,
    /// Visits, surveys, notices: what has to be done before somebody can have an opinion.
    WorkCases,
    /// An opinion that somebody else decides on.
    ProposeCases,
    DecideCases,
    /// Deciding in a township to which the county has handed it.
    DecideDelegated,
    /// Cases that a county settles at one table.
    CoordinateCases,
    SignOffMonth,
    /// Opening again a month that was signed off.
    ReopenMonth,
    /// Rosters of a county, put in and taken back.
    ImportRosters,
    /// Starting the clearing of a month.
    ClearMonth,
    ReadAudit,
    ManageUsers,
    ManageSystem,
}

const PERMISSIONS: [Permission; 22] = [
    Permission::ReadBoard,
    Permission::ReadLeads,
    Permission::ReadPersons,
    Permission::Unmask,
    Permission::Export,
    Permission::AssignLeads,
    Permission::ReportLeads,
    Permission::ConfirmLeads,
    Permission::ReadCases,
    Permission::AcceptCases,
    Permission::WorkCases,
    Permission::ProposeCases,
    Permission::DecideCases,
    Permission::DecideDelegated,
    Permission::CoordinateCases,
    Permission::SignOffMonth,
    Permission::ReopenMonth,
    Permission::ImportRosters,
    Permission::ClearMonth,
    Permission::ReadAudit,
    Permission::ManageUsers,
    Permission::ManageSystem,
];

/// What the steps of cases ask for. Whoever has none of these in a place may look at its cases and changes nothing.
pub const CASE_STEPS: [Permission; 6] = [
    Permission::AcceptCases,
    Permission::WorkCases,
    Permission::ProposeCases,
    Permission::DecideCases,
    Permission::DecideDelegated,
    Permission::CoordinateCases,
];

impl Permission {
    pub fn all() -> impl Iterator<Item = Permission> {
        PERMISSIONS.into_iter()
    }

    pub fn name(self) -> &'static str {
        match self {
            Permission::ReadBoard => "看统计",
            Permission::ReadLeads => "看疑点",
            Permission::ReadPersons => "看人员和家庭",
            Permission::Unmask => "看完整的号码",
            Permission::Export => "导出清单",
            Permission::AssignLeads => "分派核查",
            Permission::ReportLeads => "填报核查结果",
            Permission::ConfirmLeads => "复核",
            Permission::ReadCases => "看办件",
            Permission::AcceptCases => "受理",
            Permission::WorkCases => "调查和登记",
            Permission::ProposeCases => "提出意见",
            Permission::DecideCases => "作出决定",
            Permission::DecideDelegated => "受委托作出决定",
            Permission::CoordinateCases => "县级协调",
            Permission::SignOffMonth => "签认当月",
            Permission::ReopenMonth => "重新打开已签认的月份",
            Permission::ImportRosters => "导入名册",
            Permission::ClearMonth => "开始摸排",
            Permission::ReadAudit => "看操作记录",
            Permission::ManageUsers => "管理账号",
            Permission::ManageSystem => "管理系统",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Role {
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            Role::VillageWorker => {
                &[ReadBoard, ReadLeads, ReadPersons, ReportLeads, ReadCases, AcceptCases, WorkCases]
            }
            Role::WindowClerk => &[
                ReadBoard,
                ReadLeads,
                ReadPersons,
                Unmask,
                Export,
                ReportLeads,
                ReadCases,
                AcceptCases,
                WorkCases,
            ],
            Role::TownshipHead => &[
                ReadBoard,
                ReadLeads,
                ReadPersons,
                Unmask,
                Export,
                AssignLeads,
                ReportLeads,
                ConfirmLeads,
                SignOffMonth,
                ReadCases,
                ProposeCases,
                DecideDelegated,
            ],
            Role::CountyReviewer => &[
                ReadBoard,
                ReadLeads,
                ReadPersons,
                Unmask,
                Export,
                AssignLeads,
                ReportLeads,
                ReadCases,
                WorkCases,
                ProposeCases,
                CoordinateCases,
            ],
            Role::CountyApprover => &[
                ReadBoard,
                ReadLeads,
                ReadPersons,
                Unmask,
                Export,
                ConfirmLeads,
                SignOffMonth,
                ReopenMonth,
                ReadCases,
                DecideCases,
            ],
            Role::PaymentOfficer => &[ReadBoard, ReadLeads, ReadPersons, Unmask, Export, ReadCases],
            Role::Supervisor => &[ReadBoard, ReadLeads, ReadPersons, ReadCases],
            Role::PolicyOfficer => &[ReadBoard],
            Role::DataOfficer => &[ReadBoard, ImportRosters, ClearMonth],
            Role::Auditor => &[ReadAudit],
            Role::SecurityAdministrator => &[ManageUsers],
            Role::SystemAdministrator => &[ManageSystem],
            Role::Citizen => &[],
        }
    }

    pub fn allows(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::{ADMINISTRATORS, ROLES};

    #[test]
    fn every_permission_is_somebodys_and_administrators_see_no_records() {
        for permission in Permission::all() {
            assert!(ROLES.iter().any(|role| role.allows(permission)), "{permission}");
        }
        for role in ADMINISTRATORS {
            for permission in [Permission::ReadLeads, Permission::ReadPersons, Permission::Unmask] {
                assert!(!role.allows(permission), "{role} {permission}");
            }
        }
        assert_eq!(Role::Auditor.permissions(), [Permission::ReadAudit]);
    }

    #[test]
    fn nobody_can_hold_roles_that_report_and_finance_alike() {
        // Whoever confirms that aid ends does not pay it out, whatever roles are put together.
        for a in ROLES.into_iter().filter(|role| *role == Role::PaymentOfficer) {
            for b in ROLES.into_iter().filter(|role| role.allows(Permission::ReopenMonth)) {
                assert!(a.incompatible_with(b).is_some(), "{a} {b}");
            }
        }
    }
}
