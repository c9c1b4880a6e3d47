//! What it costs to run the law over a month that was cleared, part by part, from its snapshot alone: no register is
//! read and nothing is written.

use crate::buckets::{self, Bucket};
use crate::content::Content;
use crate::county::{County, link_counties};
use crate::data_folder::DataFolder;
use crate::determine::{self, Chunk, Determined, Wish};
use crate::error::Outcome;
use crate::explain::{self, Household};
use crate::facts::FactSet;
use crate::leads;
use crate::leads_before::LeadsBefore;
use crate::population::Population;
use crate::simulate::KeptMonth;
use crate::snapshot;
use doudi_policy::ir::CheckId;
use doudi_policy::{Evaluation, Layout, Missing};
use std::collections::BTreeMap;
use std::hint::black_box;

/// Households between two looks at the clock, which takes as long as a tenth of a household.
const TIMED_TOGETHER: usize = 64;

/// A month's people, units and facts.
pub struct Month<'c> {
    content: &'c Content,
    population: Population,
    facts: FactSet,
    month: doudi_terms::Month,
}

/// Processor seconds of one evaluation of everybody, on one thread.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    /// Finding the law of each county: documents, exceptions, values.
    pub link: f64,
    /// Putting the facts into columns.
    pub columns: f64,
    /// Making code of the law for these columns.
    pub compile: f64,
    /// Every rule and check for everybody, with what decided each value.
    pub evaluate: f64,
    /// Putting the values where the next steps look for them.
    pub write: f64,
    /// What was evaluated.
    pub persons: usize,
    pub households: usize,
    pub rules: usize,
    pub checks: usize,
}

/// Running one by one, with everything that can be said: whom a check finds, and whom the rules alone do not settle.
#[derive(Clone, Debug, Default)]
pub struct OneByOne {
    pub households: usize,
    pub persons: usize,
    /// Processor seconds: taking their facts out of the columns, ...
    pub facts: f64,
    /// ... and everything about them.
    pub explain: f64,
    /// What was said, so that nothing of it is left out.
    pub words: usize,
}

impl<'c> Month<'c> {
    /// Reads the snapshot of a month.
    pub fn read(folder: &DataFolder, kept: &KeptMonth, content: &'c Content) -> Outcome<Month<'c>> {
        let place = folder.snapshot(kept.region, kept.month, kept.snapshot_hash());
        let (manifest, _) = snapshot::stored_manifest(&place)?;
        let tables = snapshot::stored_tables(&place, &manifest)?;
        let population = snapshot::population_of(&manifest, &tables, &place)?;
        let facts = snapshot::to_facts(&content.library, &population, &manifest, tables, &place)?;
        Ok(Month { content, population, facts, month: kept.month })
    }

    /// Evaluates everybody once. `clock`: processor seconds of the calling thread.
    pub fn everybody(&self, clock: &dyn Fn() -> f64) -> Outcome<Costs> {
        let Month { content, population, facts, .. } = self;
        let (counties, link) = timed(clock, || link_counties(content, population, self.month));
        let counties = counties?;
        let (chunks, columns) = timed(clock, || determine::chunks(content, population, facts, &counties));
        let chunks = chunks?;
        let wish = Wish::of_clearing(content);
        let mut costs = Costs { link, columns, ..Costs::default() };
        for (number, county) in counties.iter().enumerate() {
            let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.county == number).collect();
            let (prepared, seconds) = timed(clock, || determine::prepared(county, &own, &wish));
            costs.compile += seconds;
            if let Some(prepared) = prepared? {
                let (_, seconds) = timed(clock, || prepared.each_block(|_| ()));
                costs.evaluate += seconds;
            }
        }
        let (determined, all) =
            timed(clock, || determine::determine(content, facts, &counties, &chunks, &wish, 1));
        costs.write = all - costs.compile - costs.evaluate;
        costs.persons = population.len();
        costs.households = population.units.len();
        costs.rules = wish.rules.len();
        costs.checks = determined?.checks.len();
        Ok(costs)
    }

    /// Says everything about those of whom something has to be said.
    pub fn one_by_one(&self, clock: &dyn Fn() -> f64) -> Outcome<OneByOne> {
        let Month { content, population, facts, .. } = self;
        let counties = link_counties(content, population, self.month)?;
        let chunks = determine::chunks(content, population, facts, &counties)?;
        let determined =
            determine::determine(content, facts, &counties, &chunks, &Wish::of_clearing(content), 1)?;
        let hits = leads::hits(content, population, &counties, &determined, &LeadsBefore::default());
        let mut found: BTreeMap<usize, Vec<CheckId>> = BTreeMap::new();
        for hit in &hits.open {
            found.entry(hit.row).or_default().push(hit.check);
        }
        let layout = Layout::of(&content.library);
        let mut costs = OneByOne::default();
        for chunk in &chunks {
            let county = &counties[chunk.county];
            let listed: Vec<Listed<'_>> = chunk
                .units
                .clone()
                .filter_map(|unit| self.listed(county, &determined, unit, &found))
                .collect();
            costs.households += listed.len();
            costs.persons += listed.iter().map(|listed| listed.members.len()).sum::<usize>();
            for listed in listed.chunks(TIMED_TOGETHER) {
                let (households, seconds) = timed(clock, || -> Vec<Household<'_>> {
                    listed.iter().map(|listed| Household::new(county, chunk, &layout, listed.unit)).collect()
                });
                costs.facts += seconds;
                let (words, seconds) = timed(clock, || {
                    let explained = listed.iter().zip(&households).map(|(listed, household)| {
                        let mut evaluation = household.evaluation();
                        let of = |(member, checks): &(u32, &[CheckId])| {
                            self.explained(&mut evaluation, county, *member, checks)
                        };
                        listed.members.iter().map(of).sum::<usize>()
                    });
                    explained.sum::<usize>()
                });
                costs.explain += seconds;
                costs.words += words;
            }
        }
        Ok(costs)
    }
}

/// The members of a unit of whom something has to be said, each with the checks that find them.
struct Listed<'f> {
    unit: usize,
    members: Vec<(u32, &'f [CheckId])>,
}

impl Month<'_> {
    /// `None`: nobody.
    fn listed<'f>(
        &self,
        county: &County<'_>,
        determined: &Determined,
        unit: usize,
        found: &'f BTreeMap<usize, Vec<CheckId>>,
    ) -> Option<Listed<'f>> {
        let rows = self.population.units[unit].rows();
        let members: Vec<(u32, &[CheckId])> = rows
            .clone()
            .filter(|row| self.is_listed(county, determined, *row, found.contains_key(row)))
            .map(|row| ((row - rows.start) as u32, found.get(&row).map_or(&[][..], Vec::as_slice)))
            .collect();
        (!members.is_empty()).then_some(Listed { unit, members })
    }

    /// Whether something has to be said of somebody: a check finds them, or they are in need and not simply covered.
    fn is_listed(&self, county: &County<'_>, determined: &Determined, row: usize, found: bool) -> bool {
        let standings = buckets::standings(self.content, county, determined, row);
        let bucket =
            buckets::bucket(self.content, determined, row, found, standings.map(|(_, standing)| standing));
        !matches!(bucket, Bucket::NoSignOfNeed | Bucket::Covered)
    }

    /// Every programme in force - value, bounds, articles, reason, what is missing - and every check that finds them.
    fn explained(
        &self,
        evaluation: &mut Evaluation<'_>,
        county: &County<'_>,
        member: u32,
        checks: &[CheckId],
    ) -> usize {
        let rules = &self.content.rules;
        let mut words = 0;
        let mut missing: Vec<Missing> = Vec::new();
        let programmes = rules.programmes.iter().zip(&county.programmes).filter(|(_, in_force)| **in_force);
        for (programme, _) in programmes {
            let entitled = explain::rule(evaluation, programme.entitled, member);
            missing.extend(entitled.missing_list());
            if let Some(amount) = programme.amount.filter(|_| entitled.as_yes_no() != Some(false)) {
                missing.extend(explain::rule(evaluation, amount, member).missing_list());
                words += explain::basis(evaluation, amount, member).map_or(0, |words| words.len());
            }
            let reason = match entitled.as_yes_no() {
                Some(false) => explain::refusal(evaluation, programme.entitled, member),
                _ => explain::basis(evaluation, programme.entitled, member),
            };
            words += reason.map_or(0, |words| words.len());
        }
        missing.sort();
        missing.dedup();
        let missing = explain::missing_words(&county.program, &missing, member);
        words += missing.iter().map(String::len).sum::<usize>();
        words += explain::grounds(evaluation, rules.sign_of_need, member).map_or(0, |words| words.len());
        for check in checks {
            let check = &self.content.library.checks[check.index()];
            words += explain::check_reason(evaluation, check, member).len();
            words += usize::from(explain::check_stake(evaluation, check, member).is_some());
        }
        words
    }
}

fn timed<T>(clock: &dyn Fn() -> f64, work: impl FnOnce() -> T) -> (T, f64) {
    let start = clock();
    let done = black_box(work());
    (done, clock() - start)
}
