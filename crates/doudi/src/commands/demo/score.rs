//! What was planted beside what was found, kind by kind. Reads the files that the clearing handed out, as anybody could.

use doudi_demo::{KINDS, Month, Truth};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How a kind of planted error must come out.
enum Expected {
    /// As a lead of one of these checks.
    Lead(&'static [&'static str]),
    /// As a lead of this check, which only asks where a document of the place demands it: where none does, nothing can be
    /// found and nothing is counted.
    LeadIfRuled(&'static str),
    /// In this bucket (or already being verified for another reason).
    Bucket(&'static str),
    /// Among those who are entitled to this programme and not in it, leads of these checks aside: who was dropped or not
    /// paid is another kind.
    NotEnrolled(&'static str, &'static [&'static str]),
}

use Expected::{Bucket, Lead, LeadIfRuled, NotEnrolled};

/// What belongs together in the table: heading, planted kinds, where each must be found. The generator knows nothing of
/// checks, the policies nothing of the demo: this table is the only place where the two meet.
const EXPECTED: [(&str, &[(&str, Expected)]); 7] = [
    (
        "死亡、注销、重复",
        &[
            ("dead_on_dibao", Lead(&["死亡仍在低保册"])),
            ("dead_on_tekun", Lead(&["死亡仍在特困册"])),
            ("dead_on_disability_benefit", Lead(&["死亡仍发两项补贴"])),
            ("cancelled_hukou_on_list", Lead(&["户口注销仍在册"])),
            ("dibao_and_tekun", Lead(&["低保特困重复"])),
            ("duplicate_on_roster", Lead(&["低保重复在册"])),
            ("shared_account", Lead(&["同一账户多户领款"])),
        ],
    ),
    (
        "财产和收入",
        &[
            ("vehicle_in_dibao_household", Lead(&["低保家庭有车"])),
            ("second_house_in_dibao_household", Lead(&["低保家庭多套房"])),
            ("company_in_dibao_household", Lead(&["低保家庭有市场主体"])),
            ("self_employed_in_dibao_household", Lead(&["低保家庭有个体工商户"])),
            ("payroll_in_dibao_household", Lead(&["低保家庭有财政供养人员"])),
            ("pension_not_declared", Lead(&["养老金未计收入"])),
            ("contribution_wage", Lead(&["低保成员有缴费工资"])),
            ("tax_income", Lead(&["个税收入超标"])),
            ("deposits_over_limit", Lead(&["存款超标"])),
            ("custody_counted", Lead(&["服刑人员计入低保"])),
            ("relative_not_filed", Lead(&["近亲属享受未备案"])),
        ],
    ),
    (
        "补贴、津贴、特困",
        &[
            ("expired_certificate_paid", Lead(&["残疾人证过期仍发补贴"])),
            ("certificate_cancelled", Lead(&["残疾人证注销仍发补贴"])),
            ("care_wrong_grade", Lead(&["护理补贴等级不符"])),
            ("living_not_dibao", Lead(&["生活补贴对象不在低保"])),
            ("orphan_overage", Lead(&["儿童津贴超龄"])),
            ("elderly_benefit_age_wrong", Lead(&["高龄津贴年龄不实"])),
            ("care_mode_mismatch", Lead(&["供养方式与入住不符"])),
            ("tekun_on_dibao", Lead(&["该吃五保吃低保"])),
        ],
    ),
    (
        "发放",
        &[
            ("payment_missing", Lead(&["低保金本月未发", "特困供养金本月未发"])),
            ("last_month_unpaid", Lead(&["上月未发低保金"])),
            ("payment_returned", Lead(&["发放退回未补"])),
            ("amount_wrong", Lead(&["低保金发放不符"])),
            ("covid_unpaid", Lead(&["新冠患者未获临时救助"])),
            ("temporary_aid_late", LeadIfRuled("急难救助超过24小时")),
        ],
    ),
    (
        "漏保",
        &[
            ("wrongful_exit", Lead(&["错退"])),
            ("eligible_not_enrolled", NotEnrolled("dibao", &["错退", "低保金本月未发"])),
            ("poverty_not_covered", Lead(&["贫困人口未兜底"])),
            ("severe_disabled_no_care", Lead(&["重残未享护理补贴"])),
            ("dibao_disabled_no_living", Lead(&["低保残疾人未享生活补贴"])),
            ("child_of_unable_parents", Lead(&["父母无力抚养儿童未保"])),
            ("large_bill_without_aid", Lead(&["大额医疗未救助"])),
            ("newly_unemployed_poor", Lead(&["新失业低收入"])),
            ("resettled_lost_dibao", Lead(&["搬迁断保"])),
        ],
    ),
    (
        "提醒",
        &[
            ("single_elder_on_dibao", LeadIfRuled("老年单人户低保")),
            ("visit_overdue", Lead(&["探访超期"])),
            ("bad_id_on_dibao", Lead(&["证号有误"])),
            ("shared_phone", Lead(&["电话多户共用"])),
            ("due_eighteen", Lead(&["下月满十八周岁"])),
            ("due_sixty", Lead(&["下月满六十周岁"])),
            ("due_certificate", Lead(&["残疾人证下月到期"])),
        ],
    ),
    ("不清楚", &[("undetermined", Bucket("undetermined"))]),
];

/// What a row of the table says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counting {
    Whole,
    /// Rows that could not be matched leave more people undetermined than were planted, and rightly so: there only what
    /// was missed counts.
    RecallOnly,
    /// No document of the place asks for it.
    NotAsked,
}

pub struct Score {
    counting: Counting,
    pub group: &'static str,
    pub name: &'static str,
    /// What it is called where it must be found.
    pub check: String,
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
    let mut scores = Vec::new();
    let kinds = EXPECTED.iter().flat_map(|(group, kinds)| kinds.iter().map(move |kind| (*group, kind)));
    for (group, (kind, expected)) in kinds {
        let planted: BTreeSet<&str> = truth
            .planted
            .iter()
            .filter(|planted| planted.month == month && planted.kind == *kind)
            .map(|planted| planted.person_id.as_str())
            .collect();
        let name = KINDS.iter().find(|(id, ..)| id == kind).map_or(*kind, |(_, name, _)| name);
        let (found, right) = match expected {
            Lead(checks) => beside(&planted, &all_of(&leads, checks)),
            LeadIfRuled(check) => beside(&planted, &all_of(&leads, &[*check])),
            Bucket(bucket) => {
                let (found, right) = beside(&planted, &all_of(&buckets, &[*bucket]));
                let elsewhere = beside(&planted, &all_of(&buckets, &["verifying"])).1;
                (found + elsewhere, right + elsewhere)
            }
            NotEnrolled(programme, aside) => {
                let aside = all_of(&leads, aside);
                let found: BTreeSet<&String> = missed
                    .iter()
                    .filter(|(programmes, _)| programmes.split(';').any(|id| id == *programme))
                    .flat_map(|(_, persons)| persons)
                    .filter(|person| !aside.contains(person))
                    .collect();
                beside(&planted, &found)
            }
        };
        let counting = match expected {
            Bucket(_) => Counting::RecallOnly,
            LeadIfRuled(_) if found == 0 => Counting::NotAsked,
            Lead(_) | LeadIfRuled(_) | NotEnrolled(..) => Counting::Whole,
        };
        let check = expected.name();
        scores.push(Score { counting, group, name, check, planted: planted.len(), found, right });
    }
    Ok(scores)
}

impl Expected {
    fn name(&self) -> String {
        match self {
            Lead(checks) => checks.join("、"),
            LeadIfRuled(check) => (*check).to_owned(),
            Bucket(_) => "待核实".into(),
            NotEnrolled(..) => "应享未享".into(),
        }
    }
}

fn all_of<'a>(found: &'a BTreeMap<String, BTreeSet<String>>, names: &[&str]) -> BTreeSet<&'a String> {
    names.iter().filter_map(|name| found.get(*name)).flatten().collect()
}

/// How many were found, and how many of them rightly.
fn beside(planted: &BTreeSet<&str>, found: &BTreeSet<&String>) -> (usize, usize) {
    (found.len(), found.iter().filter(|person| planted.contains(person.as_str())).count())
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
    let mut lines = vec![
        format!("{month} 设置的错误和查出的结果（按人数）"),
        format!(
            "  {}{}  设置  查出  查对    查准    查全",
            wide("设置的错误", 14),
            wide("由哪条疑点查出", 20)
        ),
    ];
    let some = |score: &&Score| score.planted + score.found > 0;
    let mut group = "";
    for score in scores.iter().filter(some) {
        if score.group != group {
            group = score.group;
            lines.push(group.to_owned());
        }
        lines.push(line(score));
        lines.extend(score.counting.note().map(str::to_owned));
    }
    let counted = || scores.iter().filter(|score| score.counting == Counting::Whole);
    lines.push(line(&Score {
        counting: Counting::Whole,
        group: "",
        name: "合计",
        check: String::new(),
        planted: counted().map(|score| score.planted).sum(),
        found: counted().map(|score| score.found).sum(),
        right: counted().map(|score| score.right).sum(),
    }));
    lines.join("\n")
}

impl Counting {
    fn note(self) -> Option<&'static str> {
        match self {
            Counting::Whole => None,
            Counting::RecallOnly => {
                Some("    （多出来的是名册行没有比上、或只在名册上有的人，要先查清；不算错，不计入合计）")
            }
            Counting::NotAsked => Some("    （当地没有文件要求查这一项，所以不列；不计入合计）"),
        }
    }
}

fn line(score: &Score) -> String {
    let tenths = |value: usize| format!("{}.{}%", value / 10, value % 10);
    let (precision, recall) = match score.counting {
        Counting::Whole => (tenths(score.precision()), tenths(score.recall())),
        Counting::RecallOnly => ("—".to_owned(), tenths(score.recall())),
        Counting::NotAsked => ("—".to_owned(), "—".to_owned()),
    };
    format!(
        "  {}{} {:>5} {:>5} {:>5} {precision:>7} {recall:>7}",
        wide(score.name, 14),
        wide(&score.check, 20),
        score.planted,
        score.found,
        score.right,
    )
}

/// As wide as so many Chinese characters; two narrow ones take the place of one.
fn wide(text: &str, characters: usize) -> String {
    let narrow = text.chars().filter(char::is_ascii).count();
    let taken = text.chars().count() - narrow + narrow.div_ceil(2);
    let half = if narrow % 2 == 1 { " " } else { "" };
    format!("{text}{half}{}", "　".repeat(characters.saturating_sub(taken)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_planted_is_scored_once() {
        let mut scored: Vec<&str> =
            EXPECTED.iter().flat_map(|(_, kinds)| kinds.iter().map(|(kind, _)| *kind)).collect();
        let mut planted: Vec<&str> = KINDS.iter().map(|(kind, ..)| *kind).collect();
        scored.sort_unstable();
        planted.sort_unstable();
        assert_eq!(scored, planted);
    }

    fn score(name: &'static str, counting: Counting, numbers: [usize; 3]) -> Score {
        let [planted, found, right] = numbers;
        Score { counting, group: "发放", name, check: "甲".into(), planted, found, right }
    }

    #[test]
    fn what_no_document_asks_for_is_shown_and_not_counted() {
        let month = Month::new(2020, 5).expect("a month");
        let scores = [
            score("一", Counting::Whole, [4, 5, 3]),
            score("二", Counting::NotAsked, [7, 0, 0]),
            score("三", Counting::RecallOnly, [2, 9, 2]),
            score("四", Counting::Whole, [0, 0, 0]),
        ];
        let text = table(month, &scores);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[3].contains("60.0%") && lines[3].contains("75.0%"), "{text}");
        assert!(lines[4].contains("—") && lines[5].contains("没有文件要求"), "{text}");
        assert!(!text.contains('四'), "nothing planted, nothing found: {text}");
        let total = lines.last().expect("a total");
        assert!(total.contains("合计") && total.contains("75.0%"), "{text}");
        assert_eq!(text.matches("发放").count(), 1, "one heading for the group: {text}");
    }
}
