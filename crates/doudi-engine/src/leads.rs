//! Leads (疑点): whom a check found, why, on which rows it rests, and how sure it is that they are the right person.

use crate::content::Content;
use crate::county::{County, Uses, uses};
use crate::determine::{Answer, Chunk, Determined};
use crate::digest::{sha256_hex, short};
use crate::explain::{Household, check_reason, check_stake};
use crate::lead_log::{LeadEvent, LeadEventKind};
use crate::population::Population;
use crate::settle::SettledRoster;
use doudi_linkage::MatchGrade;
use doudi_policy::Layout;
use doudi_policy::ir::{CheckId, HOUSEHOLD};
use doudi_terms::{Fen, RegionCode};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// Rows named in one lead.
const ROWS_SHOWN: usize = 12;

/// One open lead about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Of the check's name and the person: the same every month as long as the lead is about the same thing.
    pub lead_id: String,
    pub check: String,
    /// 红, 橙 or 黄.
    pub severity: String,
    /// 人 or 户.
    pub subject_kind: String,
    pub person_id: String,
    pub household: String,
    pub id_number: String,
    pub name: String,
    pub region: RegionCode,
    pub reason: String,
    pub grade: char,
    pub stake: Option<Fen>,
    pub rows: Vec<String>,
    /// Opened in an earlier month.
    pub since: Option<String>,
    /// Who verifies and in how many days; what closes it; the article.
    pub verify: String,
    pub close: String,
    pub article: String,
    /// Row in the population.
    pub(crate) row: usize,
}

/// The cause is the check and the person; a check of one event (a death, a payment) is about the same event as long as it
/// stays open.
pub(crate) fn lead_id(check: &str, person_id: &str) -> String {
    short(&sha256_hex(format!("{check}|{person_id}").as_bytes())).to_owned()
}

/// A check that found somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    pub unit: usize,
    pub row: usize,
    pub check: CheckId,
}

/// Everybody whom a check finds: the person, or every member of the household who is still of this place. A lead that was
/// open before and cannot be decided today stays open.
pub(crate) fn hits(
    content: &Content,
    population: &Population,
    counties: &[County<'_>],
    determined: &Determined,
    open: &BTreeMap<String, LeadEvent>,
) -> Vec<Hit> {
    let mut hits = Vec::new();
    let out_of_scope = content.rules.out_of_scope;
    let undecided = |check: CheckId, row: usize| {
        open.contains_key(&lead_id(&content.library.checks[check.index()].name, population.person_id(row)))
    };
    for county in counties {
        for &check in &county.checks {
            let of_household = content.library.checks[check.index()].entity == HOUSEHOLD;
            for unit in county.units.clone() {
                for row in population.units[unit].rows() {
                    let at = if of_household { unit } else { row };
                    let found = match determined.check(check, at) {
                        Answer::Yes => true,
                        Answer::Unknown => undecided(check, row),
                        Answer::No | Answer::NotAsked => false,
                    };
                    if found && !(of_household && determined.is_yes(out_of_scope, row)) {
                        hits.push(Hit { unit, row, check });
                    }
                }
            }
        }
    }
    hits.sort();
    hits
}

/// Rows of the rosters by person, for those who are in a lead.
pub(crate) struct Evidence<'r> {
    rosters: &'r [SettledRoster],
    rows: FxHashMap<u32, Vec<(u16, u32, MatchGrade)>>,
    uses: FxHashMap<(usize, CheckId), (Uses, Vec<usize>)>,
}

impl<'r> Evidence<'r> {
    pub fn gather(
        content: &Content,
        population: &Population,
        counties: &[County<'_>],
        rosters: &'r [SettledRoster],
        hits: &[Hit],
    ) -> Evidence<'r> {
        let units: FxHashSet<u32> = hits.iter().map(|hit| hit.unit as u32).collect();
        let mut rows: FxHashMap<u32, Vec<(u16, u32, MatchGrade)>> = FxHashMap::default();
        for (index, roster) in rosters.iter().enumerate() {
            for row in &roster.rows {
                let Some(at) = population.row(row.person) else { continue };
                if units.contains(&population.unit_of[at]) {
                    rows.entry(row.person).or_default().push((index as u16, row.row, row.grade));
                }
            }
        }
        let supplied: Vec<Vec<_>> =
            content.specs.iter().map(|spec| crate::facts::supplied_inputs(&content.library, spec)).collect();
        let mut known = FxHashMap::default();
        for (index, county) in counties.iter().enumerate() {
            for check in &county.checks {
                let found = uses(&county.program, &content.library.checks[check.index()].condition);
                let of = |spec: &usize| supplied[*spec].iter().any(|input| found.inputs.contains(input));
                let specs = (0..supplied.len()).filter(of).collect();
                known.insert((index, *check), (found, specs));
            }
        }
        Evidence { rosters, rows, uses: known }
    }

    /// `file#sheet#row` of the rows that a check compared, the person's own first, and the weakest link among them.
    fn of(&self, content: &Content, population: &Population, county: usize, hit: Hit) -> (Vec<String>, char) {
        let Some((uses, specs)) = self.uses.get(&(county, hit.check)) else { return (Vec::new(), 'A') };
        let own = population.members[hit.row];
        let others = population.units[hit.unit]
            .rows()
            .map(|row| population.members[row])
            .filter(|person| *person != own);
        let whole = uses.household || content.library.checks[hit.check.index()].entity == HOUSEHOLD;
        let persons = std::iter::once(own).chain(others.filter(|_| whole));
        let mut found: Vec<(u16, u32, MatchGrade)> = persons
            .flat_map(|person| self.rows.get(&person).map_or(&[][..], Vec::as_slice))
            .copied()
            .filter(|(roster, ..)| specs.contains(&self.rosters[usize::from(*roster)].spec))
            .collect();
        // The register is named only where nothing else is.
        let is_register = |roster: u16| content.specs[self.rosters[usize::from(roster)].spec].register;
        if found.iter().any(|(roster, ..)| !is_register(*roster)) {
            found.retain(|(roster, ..)| !is_register(*roster));
        }
        found.truncate(ROWS_SHOWN);
        let grade = match found.iter().map(|(.., grade)| *grade).max() {
            None | Some(MatchGrade::A) => 'A',
            Some(MatchGrade::B) => 'B',
            Some(MatchGrade::C) => 'C',
        };
        let place = |(roster, row, _): &(u16, u32, MatchGrade)| {
            let stored = &self.rosters[usize::from(*roster)].stored;
            format!("{}#{}#{row}", stored.file, stored.sheet.as_deref().unwrap_or_default())
        };
        (found.iter().map(place).collect(), grade)
    }
}

/// The leads of all hits, in the order of units, persons and checks.
pub(crate) fn leads(
    content: &Content,
    population: &Population,
    counties: &[County<'_>],
    chunks: &[Chunk],
    hits: &[Hit],
    evidence: &Evidence<'_>,
    open: &BTreeMap<String, LeadEvent>,
) -> Vec<Lead> {
    let layout = Layout::of(&content.library);
    let mut leads = Vec::with_capacity(hits.len());
    let mut chunks = chunks.iter();
    let mut chunk = chunks.next();
    for of_unit in hits.chunk_by(|a, b| a.unit == b.unit) {
        let unit = of_unit[0].unit;
        while chunk.is_some_and(|chunk| chunk.units.end <= unit) {
            chunk = chunks.next();
        }
        let Some(chunk) = chunk else { break };
        let county = &counties[chunk.county];
        let household = Household::new(county, chunk, &layout, unit);
        let mut evaluation = household.evaluation();
        for hit in of_unit {
            let check = &content.library.checks[hit.check.index()];
            let member = (hit.row - population.units[unit].start as usize) as u32;
            let (rows, grade) = evidence.of(content, population, chunk.county, *hit);
            let register = &population.register;
            let person = population.members[hit.row];
            let id = lead_id(&check.name, register.person_id(person));
            leads.push(Lead {
                check: check.name.clone(),
                severity: check.severity.clone(),
                subject_kind: content.library.entities[check.entity.index()].name.clone(),
                person_id: register.person_id(person).to_owned(),
                household: population.units[unit].number().to_owned(),
                id_number: register.id_number(person).to_owned(),
                name: register.name(person).to_owned(),
                region: population.regions[hit.row],
                reason: check_reason(&mut evaluation, check, member),
                grade,
                stake: check_stake(&mut evaluation, check, member).map(Fen),
                rows,
                since: open.get(&id).map(|event| event.month.clone()),
                verify: check.verify.clone().unwrap_or_default(),
                close: check.close.clone().unwrap_or_default(),
                article: content.library.citation(check.article),
                row: hit.row,
                lead_id: id,
            });
        }
    }
    leads
}

/// What this month does to the memory of leads.
pub(crate) fn lead_news(
    leads: &[Lead],
    open: &BTreeMap<String, LeadEvent>,
    region: &str,
    month: &str,
) -> (Vec<LeadEvent>, Vec<LeadEvent>) {
    let found: FxHashSet<&str> = leads.iter().map(|lead| lead.lead_id.as_str()).collect();
    let opened = leads.iter().filter(|lead| lead.since.is_none()).map(|lead| LeadEvent {
        kind: LeadEventKind::Opened,
        lead_id: lead.lead_id.clone(),
        region: region.to_owned(),
        month: month.to_owned(),
        check: lead.check.clone(),
        person_id: lead.person_id.clone(),
        reason: String::new(),
    });
    let closed = open.iter().filter(|(id, _)| !found.contains(id.as_str())).map(|(_, event)| LeadEvent {
        kind: LeadEventKind::Closed,
        month: month.to_owned(),
        reason: format!("{month} 比对，“{}”的情形已不存在", event.check),
        ..event.clone()
    });
    (opened.collect(), closed.collect())
}
