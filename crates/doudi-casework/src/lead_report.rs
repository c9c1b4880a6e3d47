//! What verifying a lead came to, with what it rests on.

use crate::grants::UserId;
use crate::moment::Moment;
use doudi_terms::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether there was something in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Finding {
    #[serde(rename = "属实")]
    True,
    #[serde(rename = "不属实")]
    False,
    #[serde(rename = "部分属实")]
    Partly,
    #[serde(rename = "数据错误")]
    DataError,
}

impl Finding {
    /// In the order in which people name them.
    pub const ALL: [Finding; 4] = [Finding::True, Finding::False, Finding::Partly, Finding::DataError];

    pub fn word(self) -> &'static str {
        match self {
            Finding::True => "属实",
            Finding::False => "不属实",
            Finding::Partly => "部分属实",
            Finding::DataError => "数据错误",
        }
    }

    pub fn parse(word: &str) -> Option<Finding> {
        Finding::ALL.into_iter().find(|finding| finding.word() == word.trim())
    }

    /// There is nothing to put right in how somebody is aided.
    pub fn dismisses(self) -> bool {
        matches!(self, Finding::False | Finding::DataError)
    }
}

/// What is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measure {
    #[serde(rename = "维持")]
    Keep,
    #[serde(rename = "更正数据")]
    CorrectData,
    #[serde(rename = "纳入")]
    Enrol,
    #[serde(rename = "增发")]
    Raise,
    #[serde(rename = "减发")]
    Cut,
    #[serde(rename = "停发")]
    End,
    #[serde(rename = "追回")]
    Recover,
}

impl Measure {
    pub const ALL: [Measure; 7] = [
        Measure::Keep,
        Measure::CorrectData,
        Measure::Enrol,
        Measure::Raise,
        Measure::Cut,
        Measure::End,
        Measure::Recover,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Measure::Keep => "维持",
            Measure::CorrectData => "更正数据",
            Measure::Enrol => "纳入",
            Measure::Raise => "增发",
            Measure::Cut => "减发",
            Measure::End => "停发",
            Measure::Recover => "追回",
        }
    }

    pub fn parse(word: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.word() == word.trim())
    }

    /// Takes something away from the household: it is heard first, and a second person looks at it.
    pub fn takes_away(self) -> bool {
        matches!(self, Measure::Cut | Measure::End | Measure::Recover)
    }
}

/// A photo or paper, kept by what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// As the file was called.
    pub name: String,
}

/// The household was heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hearing {
    #[serde(with = "date_text")]
    pub on: Date,
    pub said: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub finding: Finding,
    pub measure: Measure,
    /// The day on which somebody went and looked.
    #[serde(with = "date_text")]
    pub on: Date,
    /// In writing: what was seen, and why the measure.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hearing: Option<Hearing>,
    /// Who reports; `None` where a returned handout was read whose writer has no account.
    pub by: Option<UserId>,
    /// Names as they were written down: who went.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub visitors: String,
    pub at: Moment,
}

/// What keeps a report from being accepted. Each names the field to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    #[error("核查日期 {0} 在今天以后。请填实际入户的日期")]
    Future(Date),
    #[error("核查结果是“{0}”，措施不能是“{1}”。请改核查结果，或者改成“维持”“更正数据”")]
    NothingToTakeAway(&'static str, &'static str),
    #[error("“{0}”要写明看到了什么，为什么这样认定")]
    NoReason(&'static str),
    #[error("“{0}”要有凭据。请上传照片或者文件，例如入户照片、证明")]
    NoEvidence(&'static str),
    #[error("“{0}”以前要先听取这一户的意见。请填听取意见的日期和内容")]
    NotHeard(&'static str),
    #[error("听取意见的日期 {0} 在今天以后。请填实际的日期")]
    HeardInFuture(Date),
}

impl ReportError {
    /// The field of a form that it belongs beside.
    pub fn field(&self) -> &'static str {
        match self {
            ReportError::Future(_) => "on",
            ReportError::NothingToTakeAway(..) => "measure",
            ReportError::NoReason(_) => "reason",
            ReportError::NoEvidence(_) => "evidence",
            ReportError::NotHeard(_) | ReportError::HeardInFuture(_) => "hearing",
        }
    }
}

impl Report {
    /// Everything that is wrong with it, so that a form can say it all at once.
    pub fn problems(&self, today: Date) -> Vec<ReportError> {
        let mut problems = Vec::new();
        let measure = self.measure.word();
        if self.on > today {
            problems.push(ReportError::Future(self.on));
        }
        let idle = matches!(self.measure, Measure::Keep | Measure::CorrectData);
        if self.finding.dismisses() && !idle {
            problems.push(ReportError::NothingToTakeAway(self.finding.word(), measure));
        }
        if self.reason.trim().is_empty() {
            problems.push(ReportError::NoReason(self.finding.word()));
        }
        if self.measure.takes_away() {
            if self.evidence.is_empty() {
                problems.push(ReportError::NoEvidence(measure));
            }
            match &self.hearing {
                None => problems.push(ReportError::NotHeard(measure)),
                Some(hearing) if hearing.said.trim().is_empty() => {
                    problems.push(ReportError::NotHeard(measure));
                }
                Some(hearing) if hearing.on > today => problems.push(ReportError::HeardInFuture(hearing.on)),
                Some(_) => {}
            }
        }
        problems
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Days as `2020-04-30`.
pub(crate) mod date_text {
    use doudi_terms::{Date, parse_date};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_date(&text).ok_or_else(|| D::Error::custom(format!("日期“{text}”不成立")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_terms::parse_date;

    fn day(text: &str) -> Date {
        parse_date(text).expect("a date")
    }

    fn report(finding: Finding, measure: Measure) -> Report {
        Report {
            finding,
            measure,
            on: day("2020-05-10"),
            reason: "见到本人，在外务工".into(),
            evidence: Vec::new(),
            hearing: None,
            by: Some(UserId(7)),
            visitors: String::new(),
            at: Moment::noon_of(day("2020-05-11")),
        }
    }

    #[test]
    fn taking_aid_away_needs_a_reason_and_a_hearing() {
        let today = day("2020-05-11");
        for measure in Measure::ALL {
            let plain = report(Finding::True, measure);
            assert_eq!(plain.problems(today).is_empty(), !measure.takes_away(), "{measure}");
        }
        let mut end = report(Finding::True, Measure::End);
        end.reason = " ".into();
        let fields: Vec<&str> = end.problems(today).iter().map(ReportError::field).collect();
        assert_eq!(fields, ["reason", "evidence", "hearing"]);
        end.evidence = vec![Evidence { sha256: "00".into(), name: "入户.jpg".into() }];
        end.reason = "已连续三个月收入超过标准".into();
        end.hearing = Some(Hearing { on: day("2020-05-10"), said: "本人同意".into() });
        assert_eq!(end.problems(today), []);
        end.hearing = Some(Hearing { on: day("2020-05-12"), said: "本人同意".into() });
        assert_eq!(end.problems(today), [ReportError::HeardInFuture(day("2020-05-12"))]);
    }

    #[test]
    fn every_finding_says_what_was_found() {
        for finding in Finding::ALL {
            let silent = Report { reason: " ".into(), ..report(finding, Measure::Keep) };
            assert_eq!(silent.problems(day("2020-05-11")), [ReportError::NoReason(finding.word())]);
        }
    }

    #[test]
    fn a_lead_with_nothing_in_it_changes_nobodys_aid() {
        let today = day("2020-05-11");
        for finding in [Finding::False, Finding::DataError] {
            assert!(report(finding, Measure::Cut).problems(today).len() > 1);
            assert!(!report(finding, Measure::Cut).problems(today).is_empty());
            assert!(!report(finding, Measure::Enrol).problems(today).is_empty());
            assert_eq!(report(finding, Measure::CorrectData).problems(today), []);
        }
        assert_eq!(
            report(Finding::Partly, Measure::Keep).problems(day("2020-05-09")),
            [ReportError::Future(day("2020-05-10"))]
        );
    }

    #[test]
    fn words_are_read_back_as_they_are_written() {
        for finding in Finding::ALL {
            assert_eq!(Finding::parse(finding.word()), Some(finding));
            let json = serde_json::to_string(&finding).expect("json");
            assert_eq!(json, format!("\"{finding}\""));
        }
        for measure in Measure::ALL {
            assert_eq!(Measure::parse(measure.word()), Some(measure));
        }
    }
}
