//! A month that an area has declared done.

use crate::grants::{User, UserId};
use crate::lead_case::Refusal;
use crate::moment::Moment;
use crate::permission::Permission;
use doudi_terms::RegionCode;
use serde::{Deserialize, Serialize};

/// What is counted before somebody signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaMonth {
    pub leads: u64,
    /// Nobody has reported what came of them.
    pub unreported: u64,
    /// Of the unreported: past their day.
    pub overdue: u64,
    pub awaiting_second: u64,
    /// Rosters that should come every month and have not.
    pub sources_missing: u64,
}

/// Somebody answers for it that the month's leads were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// `2020-05`
    pub month: String,
    pub by: UserId,
    pub at: Moment,
    /// Hash of the coverage certificate that it rests on.
    pub certificate: String,
    pub counted: AreaMonth,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOffError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(
        "还有 {unreported} 条疑点没有核查（其中 {overdue} 条逾期），{awaiting_second} 条待复核。请先办完再签认"
    )]
    Unfinished { unreported: u64, overdue: u64, awaiting_second: u64 },
    #[error("还有 {0} 种每月名册没有到，数不全。要签认，请在说明里写明缺哪些、为什么")]
    SourcesMissing(u64),
    #[error("这个月还没有清零证书，没有可以签认的结果。请先摸排")]
    NoCertificate,
}

impl SignOff {
    /// `certificate` is empty where the month was not cleared.
    pub fn sign(
        by: &User,
        place: RegionCode,
        month: &str,
        certificate: &str,
        counted: AreaMonth,
        remark: &str,
        at: Moment,
    ) -> Result<SignOff, SignOffError> {
        Refusal::unless_allowed(by, Permission::SignOffMonth, place)?;
        if certificate.is_empty() {
            return Err(SignOffError::NoCertificate);
        }
        let AreaMonth { unreported, overdue, awaiting_second, sources_missing, .. } = counted;
        if unreported + awaiting_second > 0 {
            return Err(SignOffError::Unfinished { unreported, overdue, awaiting_second });
        }
        let remark = remark.trim().to_owned();
        if sources_missing > 0 && remark.is_empty() {
            return Err(SignOffError::SourcesMissing(sources_missing));
        }
        let (month, certificate) = (month.to_owned(), certificate.to_owned());
        Ok(SignOff { month, by: by.id, at, certificate, counted, remark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{Grant, Grants};
    use crate::role::Role;

    fn sign(
        role: Role,
        counted: AreaMonth,
        certificate: &str,
        remark: &str,
    ) -> Result<SignOff, SignOffError> {
        let place = RegionCode::parse("500243001").expect("a code");
        let grants = Grants::new([Grant { role, region: place }]).expect("one role");
        let user = User { id: UserId(1), login: "h".into(), name: "冉".into(), grants };
        SignOff::sign(&user, place, "2020-05", certificate, counted, remark, Moment::default())
    }

    #[test]
    fn a_month_is_signed_only_when_everything_was_looked_at() {
        let done = AreaMonth { leads: 12, ..AreaMonth::default() };
        assert!(sign(Role::TownshipHead, done, "ab12", "").is_ok());
        assert_eq!(sign(Role::TownshipHead, done, "", ""), Err(SignOffError::NoCertificate));
        let left = AreaMonth { unreported: 3, overdue: 1, ..done };
        let error = sign(Role::TownshipHead, left, "ab12", "").expect_err("unfinished").to_string();
        assert!(error.contains("3 条") && error.contains("1 条逾期"), "{error}");
        let waiting = AreaMonth { awaiting_second: 1, ..done };
        assert!(sign(Role::TownshipHead, waiting, "ab12", "").is_err());
        assert!(matches!(sign(Role::VillageWorker, done, "ab12", ""), Err(SignOffError::Refused(_))));
    }

    #[test]
    fn a_source_that_has_not_come_is_signed_for_in_writing() {
        let grey = AreaMonth { sources_missing: 2, ..AreaMonth::default() };
        assert_eq!(sign(Role::TownshipHead, grey, "ab12", " "), Err(SignOffError::SourcesMissing(2)));
        assert!(sign(Role::TownshipHead, grey, "ab12", "公安名册未到，已催").is_ok());
    }
}
