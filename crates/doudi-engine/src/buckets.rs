//! The seven buckets: everybody is in the first that applies.

use crate::content::Content;
use crate::county::County;
use crate::determine::{Chunk, Determined};
use crate::explain::{self, Household};
use crate::leads::Lead;
use crate::population::Population;
use crate::two_threads::jobs_in_two_threads;
use doudi_policy::ir::RuleId;
use doudi_policy::{Evaluation, Layout, Missing, Value};
use serde::{Deserialize, Serialize};

/// Where somebody ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    OutOfScope,
    Verifying,
    Covered,
    EligibleNotEnrolled,
    Undetermined,
    NotEligible,
    NoSignOfNeed,
}

/// In the order in which they are tried.
pub const BUCKETS: [Bucket; 7] = [
    Bucket::OutOfScope,
    Bucket::Verifying,
    Bucket::Covered,
    Bucket::EligibleNotEnrolled,
    Bucket::Undetermined,
    Bucket::NotEligible,
    Bucket::NoSignOfNeed,
];

impl Bucket {
    /// As in certificates and tables.
    pub fn key(self) -> &'static str {
        match self {
            Bucket::OutOfScope => "out_of_scope",
            Bucket::Verifying => "verifying",
            Bucket::Covered => "covered",
            Bucket::EligibleNotEnrolled => "eligible_not_enrolled",
            Bucket::Undetermined => "undetermined",
            Bucket::NotEligible => "not_eligible",
            Bucket::NoSignOfNeed => "no_sign_of_need",
        }
    }

    /// As people say it.
    pub fn name(self) -> &'static str {
        match self {
            Bucket::OutOfScope => "已不在范围",
            Bucket::Verifying => "正在核查",
            Bucket::Covered => "已享受救助",
            Bucket::EligibleNotEnrolled => "符合条件未享受",
            Bucket::Undetermined => "情况不明待核实",
            Bucket::NotEligible => "不符合条件",
            Bucket::NoSignOfNeed => "没有困难迹象",
        }
    }

    pub fn from_key(key: &str) -> Option<Bucket> {
        BUCKETS.into_iter().find(|bucket| bucket.key() == key)
    }
}

/// How many are in each bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketCounts {
    pub out_of_scope: u64,
    pub verifying: u64,
    pub covered: u64,
    pub eligible_not_enrolled: u64,
    pub undetermined: u64,
    pub not_eligible: u64,
    pub no_sign_of_need: u64,
}

impl BucketCounts {
    pub fn add(&mut self, bucket: Bucket) {
        *self.place(bucket) += 1;
    }

    /// Adds those of other people.
    pub fn add_all(&mut self, more: &BucketCounts) {
        for bucket in BUCKETS {
            *self.place(bucket) += more.get(bucket);
        }
    }

    pub fn get(&self, bucket: Bucket) -> u64 {
        *self.clone().place(bucket)
    }

    pub fn sum(&self) -> u64 {
        BUCKETS.into_iter().map(|bucket| self.get(bucket)).sum()
    }

    fn place(&mut self, bucket: Bucket) -> &mut u64 {
        match bucket {
            Bucket::OutOfScope => &mut self.out_of_scope,
            Bucket::Verifying => &mut self.verifying,
            Bucket::Covered => &mut self.covered,
            Bucket::EligibleNotEnrolled => &mut self.eligible_not_enrolled,
            Bucket::Undetermined => &mut self.undetermined,
            Bucket::NotEligible => &mut self.not_eligible,
            Bucket::NoSignOfNeed => &mut self.no_sign_of_need,
        }
    }
}

/// One person's place, with what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub bucket: Bucket,
    /// Ids of the programmes that the bucket is about.
    pub programmes: Vec<usize>,
    pub reason: String,
    /// What somebody has to find out.
    pub missing: Vec<String>,
}

/// Whether a programme concerns somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// `None` = not known.
    pub entitled: Option<bool>,
    pub enrolled: Option<bool>,
}

/// The programmes of a person's county with what holds for the person.
pub(crate) fn standings<'a>(
    content: &'a Content,
    county: &'a County<'_>,
    determined: &'a Determined,
    row: usize,
) -> impl Iterator<Item = (usize, Standing)> + 'a {
    let rules = content.rules.programmes.iter().enumerate().zip(&county.programmes);
    rules.filter(|(_, in_force)| **in_force).map(move |((index, rules), _)| {
        let standing = Standing {
            entitled: determined.yes_no(rules.entitled, row),
            enrolled: determined.yes_no(rules.enrolled, row),
        };
        (index, standing)
    })
}

/// The bucket by results alone; `standings` are those of the person.
pub(crate) fn bucket(
    content: &Content,
    determined: &Determined,
    row: usize,
    has_lead: bool,
    standings: impl Iterator<Item = Standing>,
) -> Bucket {
    let rules = &content.rules;
    if determined.is_yes(rules.out_of_scope, row) {
        return Bucket::OutOfScope;
    }
    if has_lead {
        return Bucket::Verifying;
    }
    if determined.is_yes(rules.covered, row) {
        return Bucket::Covered;
    }
    let mut unknown = false;
    for standing in standings {
        if standing.entitled == Some(true) && standing.enrolled != Some(true) {
            return Bucket::EligibleNotEnrolled;
        }
        unknown |= standing.entitled.is_none() && standing.enrolled != Some(true);
    }
    if determined.yes_no(rules.sign_of_need, row) == Some(false) {
        return Bucket::NoSignOfNeed;
    }
    if unknown { Bucket::Undetermined } else { Bucket::NotEligible }
}

/// A bucket as seen by one programme: the same seven, and they add up to the register too.
pub(crate) fn bucket_of_programme(
    content: &Content,
    determined: &Determined,
    row: usize,
    has_lead: bool,
    standing: Option<Standing>,
) -> Bucket {
    let rules = &content.rules;
    if determined.is_yes(rules.out_of_scope, row) {
        return Bucket::OutOfScope;
    }
    if has_lead {
        return Bucket::Verifying;
    }
    match standing {
        Some(Standing { enrolled: Some(true), .. }) => return Bucket::Covered,
        Some(Standing { entitled: Some(true), .. }) => return Bucket::EligibleNotEnrolled,
        _ => {}
    }
    if determined.yes_no(rules.sign_of_need, row) == Some(false) {
        return Bucket::NoSignOfNeed;
    }
    match standing {
        Some(Standing { entitled: None, .. }) => Bucket::Undetermined,
        _ => Bucket::NotEligible,
    }
}

/// What the scalar evaluator, which keeps bounds, found out about a rule that columns could not decide.
struct Refined {
    rule: RuleId,
    row: usize,
    value: Option<Value>,
}

/// Places everybody. Whoever seems undetermined is run again with bounds before it is believed.
pub(crate) fn place_all(
    content: &Content,
    population: &Population,
    counties: &[County<'_>],
    chunks: &[Chunk],
    determined: &mut Determined,
    leads: &[Lead],
) -> Vec<Placement> {
    let mut lead_names: Vec<Vec<&str>> = vec![Vec::new(); population.len()];
    for lead in leads {
        lead_names[lead.row].push(&lead.check);
    }
    let found = determined as &Determined;
    let placed = jobs_in_two_threads(chunks.iter().collect(), |chunk: &Chunk| {
        place_chunk(content, population, &counties[chunk.county], chunk, found, &lead_names)
    });
    let mut placements = Vec::with_capacity(population.len());
    for (of_chunk, refined) in placed {
        placements.extend(of_chunk);
        for found in refined {
            determined.refine(content, found.rule, found.row, found.value);
        }
    }
    placements
}

fn place_chunk(
    content: &Content,
    population: &Population,
    county: &County<'_>,
    chunk: &Chunk,
    determined: &Determined,
    lead_names: &[Vec<&str>],
) -> (Vec<Placement>, Vec<Refined>) {
    let layout = Layout::of(&content.library);
    let (mut placed, mut refined) = (Vec::new(), Vec::new());
    for unit in chunk.units.clone() {
        let start = population.units[unit].start as usize;
        let persons = population.units[unit].rows().map(|row| Person {
            content,
            county,
            determined,
            row,
            member: (row - start) as u32,
            leads: &lead_names[row],
            standings: standings(content, county, determined, row).collect(),
        });
        let mut persons: Vec<Person<'_>> = persons.collect();
        let needs_words = |person: &Person<'_>| {
            !matches!(person.bucket(), Bucket::NoSignOfNeed | Bucket::Verifying | Bucket::Covered)
        };
        let household = persons.iter().any(needs_words).then(|| Household::new(county, chunk, &layout, unit));
        let mut evaluation = household.as_ref().map(Household::evaluation);
        for person in &mut persons {
            placed.push(person.placement(evaluation.as_mut(), &mut refined));
        }
    }
    (placed, refined)
}

struct Person<'a> {
    content: &'a Content,
    county: &'a County<'a>,
    determined: &'a Determined,
    row: usize,
    member: u32,
    leads: &'a [&'a str],
    /// By programme in force.
    standings: Vec<(usize, Standing)>,
}

impl Person<'_> {
    fn bucket(&self) -> Bucket {
        let standings = self.standings.iter().map(|(_, standing)| *standing);
        bucket(self.content, self.determined, self.row, !self.leads.is_empty(), standings)
    }

    fn placement(
        &mut self,
        evaluation: Option<&mut Evaluation<'_>>,
        refined: &mut Vec<Refined>,
    ) -> Placement {
        let mut bucket = self.bucket();
        let Some(evaluation) = evaluation else {
            return self.simple(bucket);
        };
        let mut missing: Vec<Missing> = Vec::new();
        if bucket == Bucket::Undetermined {
            missing = self.refine(evaluation, refined);
            bucket = self.bucket();
        }
        let mut placement = self.simple(bucket);
        let rules = &self.content.rules;
        match bucket {
            Bucket::OutOfScope => {
                let grounds = explain::grounds(evaluation, rules.out_of_scope, self.member);
                placement.reason = grounds.unwrap_or_else(|| "已不在本月摸排范围".into());
            }
            Bucket::EligibleNotEnrolled => {
                let names: Vec<&str> = placement
                    .programmes
                    .iter()
                    .map(|at| self.content.clearing.programmes[*at].name.as_str())
                    .collect();
                placement.reason = format!("按现有信息符合{}条件，名册和发放明细里没有", names.join("、"));
            }
            Bucket::Undetermined => {
                let sign = explain::grounds(evaluation, rules.sign_of_need, self.member);
                placement.reason =
                    sign.map_or_else(|| "有困难迹象，情况不明".into(), |sign| format!("{sign}，情况不明"));
                placement.missing = explain::missing_words(&self.county.program, &missing, self.member);
            }
            Bucket::NotEligible => self.refused(evaluation, &mut placement),
            Bucket::Verifying | Bucket::Covered | Bucket::NoSignOfNeed => {}
        }
        placement
    }

    /// Everything that can be said without looking at the household again.
    fn simple(&self, bucket: Bucket) -> Placement {
        let which = |wanted: &dyn Fn(Standing) -> bool| -> Vec<usize> {
            let wanted = self.standings.iter().filter(|(_, standing)| wanted(*standing));
            wanted.map(|(index, _)| *index).collect()
        };
        let (programmes, reason) = match bucket {
            Bucket::Verifying => (Vec::new(), format!("疑点待核查：{}", self.leads.join("、"))),
            Bucket::Covered => (which(&|s| s.enrolled == Some(true)), "本月享受".to_owned()),
            Bucket::EligibleNotEnrolled => {
                (which(&|s| s.entitled == Some(true) && s.enrolled != Some(true)), String::new())
            }
            Bucket::Undetermined => {
                (which(&|s| s.entitled.is_none() && s.enrolled != Some(true)), String::new())
            }
            Bucket::NoSignOfNeed => (Vec::new(), "各名册均未显示困难迹象".to_owned()),
            Bucket::OutOfScope | Bucket::NotEligible => (Vec::new(), String::new()),
        };
        Placement { bucket, programmes, reason, missing: Vec::new() }
    }

    /// Asks the scalar evaluator for everything unknown that matters; gives what is missing.
    fn refine(&mut self, evaluation: &mut Evaluation<'_>, refined: &mut Vec<Refined>) -> Vec<Missing> {
        let mut missing: Vec<Missing> = Vec::new();
        for (index, standing) in &mut self.standings {
            if standing.entitled.is_some() || standing.enrolled == Some(true) {
                continue;
            }
            let rule = self.content.rules.programmes[*index].entitled;
            let outcome = explain::rule(evaluation, rule, self.member);
            let value = outcome.known();
            standing.entitled = match value {
                Some(Value::YesNo(yes)) => Some(yes),
                _ => None,
            };
            refined.push(Refined { rule, row: self.row, value });
            missing.extend(outcome.missing_list());
        }
        missing.sort();
        missing.dedup();
        missing
    }

    /// The reason of the first programme that refuses.
    fn refused(&self, evaluation: &mut Evaluation<'_>, placement: &mut Placement) {
        let programmes = self.content.rules.programmes.iter().enumerate().zip(&self.county.programmes);
        for ((index, rules), _) in programmes.filter(|(_, in_force)| **in_force) {
            if let Some(reason) = explain::refusal(evaluation, rules.entitled, self.member) {
                placement.programmes = vec![index];
                placement.reason = format!("{}：{reason}", self.content.clearing.programmes[index].name);
                return;
            }
        }
        placement.reason = "不符合任何项目的条件".into();
    }
}
