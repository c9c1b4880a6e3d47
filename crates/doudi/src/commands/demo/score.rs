//! What was planted beside what was found, kind by kind. Reads the files that the clearing handed out, as anybody could.

use doudi_demo::{KINDS, Month, Truth};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How a kind of planted error must come out.
enum Expected {
    /// As a lead of one of these checks.
    Lead(&'static [&'static str]),
    /// In this bucket (or already being verified for another reason).
    Bucket(&'static str),
    /// Among those who are entitled to this programme and not in it, leads of these checks aside: who was dropped or not
    /// paid is another kind.
    NotEnrolled(&'static str, &'static [&'static str]),
}

/// Planted kind -> where it must be found. The generator knows nothing of checks, the policies nothing of the demo:
/// this table is the only place where the two meet.
const EXPECTED: [(&str, Expected); 22] = [
    ("dead_on_dibao", Expected::Lead(&["死亡仍在低保册"])),
    ("dead_on_tekun", Expected::Lead(&["死亡仍在特困册"])),
    ("dibao_and_tekun", Expected::Lead(&["低保特困重复"])),
    ("vehicle_in_dibao_household", Expected::Lead(&["低保家庭有车"])),
    ("second_house_in_dibao_household", Expected::Lead(&["低保家庭多套房"])),
    ("company_in_dibao_household", Expected::Lead(&["低保家庭有市场主体"])),
    ("payroll_in_dibao_household", Expected::Lead(&["低保家庭有财政供养人员"])),
    ("pension_not_declared", Expected::Lead(&["养老金未计收入"])),
    ("wrongful_exit", Expected::Lead(&["错退"])),
    ("eligible_not_enrolled", Expected::NotEnrolled("dibao", &["错退", "低保金本月未发"])),
    ("poverty_not_covered", Expected::Lead(&["贫困人口未兜底"])),
    ("severe_disabled_no_care", Expected::Lead(&["重残未享护理补贴"])),
    ("dibao_disabled_no_living", Expected::Lead(&["低保残疾人未享生活补贴"])),
    ("expired_certificate_paid", Expected::Lead(&["残疾人证过期仍发补贴"])),
    ("care_wrong_grade", Expected::Lead(&["护理补贴等级不符"])),
    ("living_not_dibao", Expected::Lead(&["生活补贴对象不在低保"])),
    ("duplicate_on_roster", Expected::Lead(&["低保重复在册"])),
    ("orphan_overage", Expected::Lead(&["儿童津贴超龄"])),
    ("custody_counted", Expected::Lead(&["服刑人员计入低保"])),
    ("covid_unpaid", Expected::Lead(&["新冠患者未获临时救助"])),
    ("payment_missing", Expected::Lead(&["低保金本月未发", "特困供养金本月未发"])),
    ("amount_wrong", Expected::Lead(&["低保金发放不符"])),
];

const ALSO: [(&str, Expected); 2] = [
    ("tekun_on_dibao", Expected::Lead(&["该吃五保吃低保"])),
    ("undetermined", Expected::Bucket("undetermined")),
];

pub struct Score {
    /// Rows that could not be matched leave more people undetermined than were planted, and rightly so: there only what was
    /// missed counts.
    recall_only: bool,
    pub name: &'static str,
    pub planted: usize,
    pub found: usize,
    /// Planted and found.
    pub right: usize,
}

impl Score {
    /// Per cent with one decimal, in tenths; nothing to find or nothing found counts as whole.
    pub fn precision(&self) -> usize {
        (self.right * 1000).checked_div(self.found).unwrap_or(1000)
    }

    pub fn recall(&self) -> usize {
        (self.right * 1000).checked_div(self.planted).unwrap_or(1000)
    }
}

/// Compares one month's `leads.csv` and `persons.csv` with the truth.
pub fn score(truth: &Truth, month: Month, out: &Path) -> Result<Vec<Score>, String> {
    let leads = pairs(&out.join("leads.csv"), "check")?;
    let buckets = pairs(&out.join("persons.csv"), "bucket")?;
    let missed = pairs(&out.join("persons.csv"), "not_enrolled")?;
    let empty = BTreeSet::new();
    let verifying = buckets.get("verifying").unwrap_or(&empty);
    let mut scores = Vec::new();
    for (kind, expected) in EXPECTED.iter().chain(&ALSO) {
        let planted: BTreeSet<&str> = truth
            .planted
            .iter()
            .filter(|planted| planted.month == month && planted.kind == *kind)
            .map(|planted| planted.person_id.as_str())
            .collect();
        let name = KINDS.iter().find(|(id, ..)| id == kind).map_or(*kind, |(_, name, _)| name);
        let (found, right) = match expected {
            Expected::Lead(checks) => {
                let found: BTreeSet<&String> =
                    checks.iter().filter_map(|check| leads.get(*check)).flatten().collect();
                (found.len(), found.iter().filter(|person| planted.contains(person.as_str())).count())
            }
            Expected::Bucket(bucket) => {
                let found = buckets.get(*bucket).unwrap_or(&empty);
                let elsewhere = verifying.iter().filter(|person| planted.contains(person.as_str())).count();
                let right = found.iter().filter(|person| planted.contains(person.as_str())).count();
                (found.len() + elsewhere, right + elsewhere)
            }
            Expected::NotEnrolled(programme, aside) => {
                let aside: BTreeSet<&String> =
                    aside.iter().filter_map(|check| leads.get(*check)).flatten().collect();
                let found: BTreeSet<&String> = missed
                    .iter()
                    .filter(|(programmes, _)| programmes.split(';').any(|id| id == *programme))
                    .flat_map(|(_, persons)| persons)
                    .filter(|person| !aside.contains(person))
                    .collect();
                (found.len(), found.iter().filter(|person| planted.contains(person.as_str())).count())
            }
        };
        let recall_only = *kind == "undetermined";
        scores.push(Score { recall_only, name, planted: planted.len(), found, right });
    }
    Ok(scores)
}

/// `column` -> the persons of its rows.
fn pairs(file: &Path, column: &str) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("读不了 {}：{error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().map_err(|error| wrong(&error))?.clone();
    let at = |name: &str| {
        headers.iter().position(|header| header == name).ok_or_else(|| wrong(&format!("没有 {name} 列")))
    };
    let (key, person) = (at(column)?, at("person_id")?);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| wrong(&error))?;
        let cell = |index: usize| record.get(index).unwrap_or("").to_owned();
        // Somebody whom only a roster knows is no one of the invented county: the truth says nothing about him.
        if cell(person).starts_with('N') {
            continue;
        }
        found.entry(cell(key)).or_default().insert(cell(person));
    }
    Ok(found)
}

/// The table a county head can read.
pub fn table(month: Month, scores: &[Score]) -> String {
    let mut lines = vec![format!("{month} 设置的错误和查出的结果（按人数）")];
    let tenths = |value: usize| format!("{}.{}%", value / 10, value % 10);
    let counted = || scores.iter().filter(|score| !score.recall_only);
    let total = Score {
        recall_only: false,
        name: "合计",
        planted: counted().map(|score| score.planted).sum(),
        found: counted().map(|score| score.found).sum(),
        right: counted().map(|score| score.right).sum(),
    };
    let some = |score: &&Score| score.planted + score.found > 0;
    for score in counted().filter(some).chain([&total]).chain(scores.iter().filter(|score| score.recall_only))
    {
        let pad = "　".repeat(14_usize.saturating_sub(score.name.chars().count()));
        let precision = if score.recall_only { "—".to_owned() } else { tenths(score.precision()) };
        lines.push(format!(
            "  {}{pad} 设置 {:>4}  查出 {:>4}  查准 {precision:>6}  查全 {:>6}",
            score.name,
            score.planted,
            score.found,
            tenths(score.recall()),
        ));
        if score.recall_only {
            lines.push("    （多出来的是名册行没有比上、或只在名册上有的人，要先查清；不算错）".into());
        }
    }
    lines.join("\n")
}
