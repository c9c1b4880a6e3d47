//! The coverage certificate: who was cleared, where they ended, and that it all adds up.

use crate::buckets::BucketCounts;
use crate::history::ClearingRecord;
use crate::lake::StoredRoster;
use crate::settle::RowCounts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the certificate's form.
pub const SCHEMA_VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    pub schema_version: u32,
    pub region: String,
    pub month: String,
    pub program_version: String,
    pub policies_hash: String,
    pub specs_hash: String,
    pub snapshot_hash: String,
    /// The data folder, relative to the certificate.
    pub data: String,
    pub inputs: Vec<CertifiedInput>,
    pub register: RegisterCounts,
    pub buckets: BucketCounts,
    pub by_programme: BTreeMap<String, ProgrammeCounts>,
    pub by_township: BTreeMap<String, PlaceCounts>,
    pub by_village: BTreeMap<String, PlaceCounts>,
    pub roster_rows: BTreeMap<String, RowCounts>,
    pub identities: Vec<Identity>,
    /// Cells for which two rows of one month said different things.
    pub contradictions: u64,
    /// Rosters that have not arrived.
    pub missing_rosters: Vec<MissingRoster>,
    /// The clearing whose facts and results were last month's, as the path of its record in the data folder.
    pub last_month: Option<String>,
    /// The same clearing by its hashes. The record is replaced when that month is cleared again; these are not.
    #[serde(default)]
    pub last_month_record: Option<ClearingRecord>,
    /// Names the links of rows to people in the data folder: register, weights, version of linkage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// Of what the month found known about who is who, kept in the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people_before_hash: Option<String>,
    /// Of what the window's cases said of these people, kept in the data folder; `None` = no office has said anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cases_before_hash: Option<String>,
    /// Of the leads as the month found them, kept in the data folder.
    #[serde(default)]
    pub leads_before_hash: Option<String>,
    #[serde(default)]
    pub lead_counts: Option<LeadCounts>,
    /// Files beside the certificate.
    pub outputs: BTreeMap<String, Output>,
}

/// A roster that was used, with what lies in the data folder of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedInput {
    #[serde(flatten)]
    pub stored: StoredRoster,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_sha256: Option<StoredHashes>,
}

impl std::ops::Deref for CertifiedInput {
    type Target = StoredRoster;

    fn deref(&self) -> &StoredRoster {
        &self.stored
    }
}

/// Of the two halves of a stored roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredHashes {
    pub facts: String,
    pub identity: String,
}

/// `before + opened - closed = open`. Dismissed leads are not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadCounts {
    pub before: u64,
    pub opened: u64,
    pub closed: u64,
    pub open: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterCounts {
    pub persons: u64,
    /// Assistance units: households as they are assessed.
    pub households: u64,
    /// Of the persons, those whom only other rosters know.
    pub new_persons: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgrammeCounts {
    pub name: String,
    /// Counties whose law has the programme; elsewhere nobody is entitled.
    pub counties: u64,
    pub entitled: u64,
    pub not_entitled: u64,
    pub unknown: u64,
    pub enrolled: u64,
    pub entitled_not_enrolled: u64,
    pub enrolled_not_entitled: u64,
    /// What everybody who is entitled should get this month, where it is known.
    pub amount_yuan: String,
    /// How many are entitled to an amount that is not known (a standard is not published).
    #[serde(default)]
    pub amount_unknown: u64,
    /// The seven buckets as seen by this programme alone.
    pub buckets: BucketCounts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceCounts {
    pub persons: u64,
    #[serde(flatten)]
    pub buckets: BucketCounts,
}

impl ProgrammeCounts {
    /// Adds those of other people; counties and the amount are not added.
    pub(crate) fn add(&mut self, more: &ProgrammeCounts) {
        self.entitled += more.entitled;
        self.not_entitled += more.not_entitled;
        self.unknown += more.unknown;
        self.enrolled += more.enrolled;
        self.entitled_not_enrolled += more.entitled_not_enrolled;
        self.enrolled_not_entitled += more.enrolled_not_entitled;
        self.amount_unknown += more.amount_unknown;
        self.buckets.add_all(&more.buckets);
    }
}

impl PlaceCounts {
    /// Adds those of other people.
    pub(crate) fn add(&mut self, more: &PlaceCounts) {
        self.persons += more.persons;
        self.buckets.add_all(&more.buckets);
    }
}

/// Two numbers that must be the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub name: String,
    pub left: u64,
    pub right: u64,
    pub holds: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingRoster {
    pub roster: String,
    pub name: String,
    pub department: String,
    /// It should come every month.
    pub monthly: bool,
    /// What stays unknown without it.
    pub inputs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    pub rows: u64,
    pub sha256: String,
}

impl Identity {
    pub(crate) fn new(name: impl Into<String>, left: u64, right: u64) -> Identity {
        Identity { name: name.into(), left, right, holds: left == right }
    }
}

impl Certificate {
    /// The equations that say that nobody and no row was lost.
    pub(crate) fn compute_identities(&self) -> Vec<Identity> {
        let persons = self.register.persons;
        let mut identities = vec![Identity::new("七类人数之和 = 登记人口", self.buckets.sum(), persons)];
        for (id, counts) in &self.by_programme {
            let name = format!("{id}：七类人数之和 = 登记人口");
            identities.push(Identity::new(name, counts.buckets.sum(), persons));
        }
        for (name, places) in [("各乡镇", &self.by_township), ("各村", &self.by_village)] {
            let total: u64 = places.values().map(|place| place.persons).sum();
            let in_buckets: u64 = places.values().map(|place| place.buckets.sum()).sum();
            identities.push(Identity::new(format!("{name}人数之和 = 登记人口"), total, persons));
            identities.push(Identity::new(format!("{name}七类人数之和 = 登记人口"), in_buckets, persons));
        }
        for (roster, rows) in &self.roster_rows {
            let name = format!("{roster}：关联 + 新增 + 待核 + 重复 + 退回 = 总行数");
            identities.push(Identity::new(name, rows.sum(), rows.total));
        }
        if let Some(leads) = self.lead_counts {
            let left = leads.before + leads.opened;
            identities.push(Identity::new(
                "疑点：原有 + 新增 = 现有 + 销号",
                left,
                leads.open + leads.closed,
            ));
        }
        identities
    }

    /// Reads a certificate's text; says in Chinese what is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Certificate, String> {
        serde_json::from_slice(bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let message = error.to_string();
            let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
            match missing {
                Some(key) => format!("缺少“{key}”这一项"),
                None if error.is_eof() => "后面缺了一段".to_owned(),
                None if error.is_data() => format!("第 {line} 行第 {column} 列的内容不是应有的样子"),
                None => format!("第 {line} 行第 {column} 列起不是 JSON"),
            }
        })
    }
}
