//! One case as it is kept: who asks, what is known of the household, where it stands, and everything that was done.

use super::intake::Intake;
use crate::grants::UserId;
use crate::moment::Moment;
use doudi_terms::{Date, RegionCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;

/// A case. The law of the day on which it began goes on to say which steps it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseFile {
    /// `dibao-application`
    pub kind: String,
    /// Path of the table it began under.
    pub procedure: String,
    /// Where the household lives.
    #[serde(with = "region_number")]
    pub place: RegionCode,
    #[serde(with = "day_text")]
    pub began: Date,
    /// On the family's receipt; opens what it may see of the case.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Id of the state.
    pub state: String,
    /// Whom the office speaks to.
    pub applicant: String,
    /// How it was brought, where it was asked for at the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intake: Option<Intake>,
    /// Which member it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<u32>,
    /// What is known, as `facts_from_json` of the policy language reads it.
    pub facts: Json,
    pub record: Vec<StepRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// The case or the lead that it began with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    pub step: String,
    pub by: UserId,
    pub at: Moment,
    /// State it led to.
    pub to: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Facts that were given, by their names in the policies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revised: bool,
}

/// Days in which no clock ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    #[serde(with = "day_text")]
    pub from: Date,
    #[serde(with = "opt_day_text", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    Granted,
    Refused,
    Ended,
    Reduced,
    Closed,
}

impl DecisionKind {
    pub fn name(self) -> &'static str {
        match self {
            DecisionKind::Granted => "给予",
            DecisionKind::Refused => "不予",
            DecisionKind::Ended => "停发",
            DecisionKind::Reduced => "减发",
            DecisionKind::Closed => "办结",
        }
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was decided, with the words it was told in: later law and later facts do not change them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub kind: DecisionKind,
    #[serde(with = "day_text")]
    pub on: Date,
    pub by: UserId,
    /// 540.00元; empty where no sum belongs to it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub amount: String,
    /// First month it is paid for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub start: String,
    pub reasons: Vec<String>,
    pub articles: Vec<String>,
    /// Decided by the township, to which the county has delegated it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delegated: bool,
}

impl CaseFile {
    /// Names of the members, in their order.
    pub fn members(&self) -> Vec<&str> {
        let members = self.facts["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        members.iter().map(|member| member["姓名"].as_str().unwrap_or("")).collect()
    }

    /// Whether somebody took a step, the last time or before.
    pub fn was_taken_by(&self, step: &str, by: UserId) -> bool {
        self.record.iter().any(|record| record.step == step && record.by == by)
    }

    /// A fact of the household, or of the member that the case is about, as it was written.
    pub(super) fn told(&self, of_household: bool, name: &str) -> Option<&Json> {
        let row = match of_household {
            true => self.facts.get("household")?,
            false => self.facts.get("members")?.get(self.member.unwrap_or(0) as usize)?,
        };
        row.get(name)
    }

    /// Writes a fact of the household, or of the member that the case is about.
    pub(super) fn put(&mut self, of_household: bool, name: &str, value: &str) {
        let object = |json: &mut Json| {
            if !json.is_object() {
                *json = Json::Object(Map::new());
            }
        };
        object(&mut self.facts);
        if of_household {
            object(&mut self.facts["household"]);
            self.facts["household"][name] = json!(value);
            return;
        }
        let at = self.member.unwrap_or(0) as usize;
        if let Some(member) = self.facts.get_mut("members").and_then(|members| members.get_mut(at)) {
            object(member);
            member[name] = json!(value);
        }
    }

    /// Days of finished pauses.
    pub fn days_paused(&self) -> i64 {
        let days = |pause: &Pause| {
            let until = pause.until.unwrap_or(pause.from);
            i64::from(doudi_terms::epoch_day(until)) - i64::from(doudi_terms::epoch_day(pause.from))
        };
        self.pauses.iter().map(days).sum()
    }
}

mod day_text {
    use doudi_terms::{Date, parse_date};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_date(&text).ok_or_else(|| D::Error::custom("no day"))
    }
}

mod opt_day_text {
    use doudi_terms::{Date, parse_date};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(day: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => serializer.collect_str(day),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| parse_date(&text).ok_or_else(|| D::Error::custom("no day"))).transpose()
    }
}

mod region_number {
    use doudi_terms::RegionCode;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(place: &RegionCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(place.number())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RegionCode, D::Error> {
        let number = u64::deserialize(deserializer)?;
        RegionCode::from_number(number).ok_or_else(|| D::Error::custom("no region"))
    }
}
