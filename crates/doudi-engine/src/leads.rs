//! Leads (疑点): whom a check found, why, on which rows it rests, and how sure it is that they are the right person.

use crate::case_words::Said;
use crate::content::Content;
use crate::county::{County, Uses, uses};
use crate::determine::{Chunk, Determined};
use crate::digest::{sha256_hex, short};
use crate::explain::{Household, check_reason, check_stake, rule};
use crate::facts::Sharing;
use crate::lead_log::{Answer, LeadEvent, LeadEventKind};
use crate::leads_before::LeadsBefore;
use crate::office_cases::{CasesBefore, OfficeCase};
use crate::parts::RowsByPart;
use crate::population::Population;
use crate::settle::SettledRoster;
use crate::words;
use doudi_linkage::MatchGrade;
use doudi_policy::ir::{CheckId, HOUSEHOLD};
use doudi_policy::{Evaluation, Layout};
use doudi_terms::{Fen, RegionCode};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

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
    /// What somebody found out, if it left the lead open.
    pub answer: Option<Answer>,
    /// Who verifies and in how many days; what closes it; the article.
    pub verify: String,
    pub close: String,
    pub article: String,
    /// Row in the population.
    pub(crate) row: usize,
}

impl Lead {
    /// Where it stands, for lists.
    pub fn status(&self) -> &'static str {
        match (&self.answer, &self.since) {
            (Some(_), _) => "已核实待整改",
            (None, Some(_)) => "持续",
            (None, None) => "新发现",
        }
    }
}

/// A lead that this month closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedLead {
    pub lead_id: String,
    pub check: String,
    pub person_id: String,
    /// Empty, as are the next two, where the person is not in this month's register any more.
    pub name: String,
    pub id_number: String,
    pub region_code: String,
    pub opened: String,
    pub reason: String,
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

/// Whom checks find.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Leads.
    pub open: Vec<Hit>,
    /// A person has answered that there is nothing in it: found all the same, and no lead.
    pub dismissed: Vec<Hit>,
}

/// Everybody whom a check finds: the person, or every member of the household who is still of this place. A lead that was
/// open before and cannot be decided today stays as it is.
pub(crate) fn hits(
    content: &Content,
    population: &Population,
    counties: &[County<'_>],
    determined: &Determined,
    before: &LeadsBefore,
) -> Hits {
    let mut hits = Vec::new();
    let out_of_scope = content.rules.out_of_scope;
    let noted = noted_before(content, population, before);
    let known = |check: CheckId, row: usize| {
        // Nearly nobody has a lead before: an id is a hash, and dear for everybody and every check.
        let check = noted.contains(&(check, row)).then(|| &content.library.checks[check.index()].name)?;
        before.get(&before.id_of(check, population.person_id(row)))
    };
    let of_household = |check: CheckId| content.library.checks[check.index()].entity == HOUSEHOLD;
    let mut hit = |check: CheckId, row: usize| {
        if !(of_household(check) && determined.is_yes(out_of_scope, row)) {
            hits.push(Hit { unit: population.unit_of[row] as usize, row, check });
        }
    };
    for &check in counties.iter().flat_map(|county| &county.checks).collect::<BTreeSet<_>>() {
        let Some(replies) = determined.check(check) else { continue };
        for at in replies.yes() {
            match of_household(check) {
                true => population.units[at].rows().for_each(|row| hit(check, row)),
                false => hit(check, at),
            }
        }
    }
    for &(check, row) in &noted {
        let at = if of_household(check) { population.unit_of[row] as usize } else { row };
        let undecided = determined.check(check).is_some_and(|replies| replies.is_unknown(at));
        if undecided && known(check, row).is_some_and(|lead| lead.opened.is_some()) {
            hit(check, row);
        }
    }
    hits.sort();
    let is_dismissed =
        |hit: &Hit| known(hit.check, hit.row).is_some_and(|lead| lead.is_dismissed_by_answer());
    let (dismissed, open) = hits.into_iter().partition(is_dismissed);
    Hits { open, dismissed }
}

/// Checks and rows of the people about whom a lead was open or answered when the month began.
fn noted_before(
    content: &Content,
    population: &Population,
    before: &LeadsBefore,
) -> BTreeSet<(CheckId, usize)> {
    let noted = before.iter().filter_map(|lead| {
        let person = population.register.find_person_id(&lead.person_id)?;
        Some((content.library.check_named(&lead.check)?, population.row(person)?))
    });
    noted.collect()
}

/// Rows of the rosters by person, for those who are in a lead.
pub(crate) struct Evidence<'r> {
    rosters: &'r [SettledRoster],
    sharing: &'r Sharing,
    rows: FxHashMap<u32, Vec<(u16, u32, MatchGrade)>>,
    uses: FxHashMap<(usize, CheckId), (Uses, Vec<usize>)>,
}

impl<'r> Evidence<'r> {
    pub fn gather(
        content: &Content,
        population: &Population,
        counties: &[County<'_>],
        (about, part): (&RowsByPart<'r>, usize),
        sharing: &'r Sharing,
        hits: &[Hit],
    ) -> Evidence<'r> {
        let rosters = about.rosters;
        let units: FxHashSet<u32> = hits.iter().map(|hit| hit.unit as u32).collect();
        let mut rows: FxHashMap<u32, Vec<(u16, u32, MatchGrade)>> = FxHashMap::default();
        for index in 0..rosters.len() {
            for row in about.rows(index, part) {
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
        Evidence { rosters, sharing, rows, uses: known }
    }

    /// Whether a check looks at the window's cases itself.
    fn asks_cases(&self, content: &Content, county: usize, check: CheckId) -> bool {
        let Some((uses, _)) = self.uses.get(&(county, check)) else { return false };
        let library = &content.library;
        content.rules.cases.as_ref().is_some_and(|rules| {
            uses.inputs.iter().any(|input| library.inputs[input.index()].entity == rules.entity)
        })
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
        // Whoever shares the account that the check counts.
        for shared in uses.inputs.iter().flat_map(|input| self.sharing.rows(*input, own)) {
            let row = (shared.roster, shared.row, shared.grade);
            if !found.iter().any(|known| (known.0, known.1) == (row.0, row.1)) {
                found.push(row);
            }
            if found.len() >= ROWS_SHOWN {
                break;
            }
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
    (counties, chunks): (&[County<'_>], &[Chunk]),
    hits: &[Hit],
    evidence: &Evidence<'_>,
    (before, cases): (&LeadsBefore, Option<&CasesBefore>),
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
            let (mut rows, grade) = evidence.of(content, population, chunk.county, *hit);
            let dealt = cases.and_then(|_| standing(content, &mut evaluation, hit.check, member));
            if dealt.is_some() || evidence.asks_cases(content, chunk.county, hit.check) {
                let known = cases.into_iter().flat_map(|cases| cases.of(population.members[hit.row]));
                rows.extend(known.map(OfficeCase::source));
            }
            let Dealt { says, severity, verify } = dealt.unwrap_or_default();
            let Population { register, texts, .. } = population;
            let person = population.members[hit.row];
            let id = before.id_of(&check.name, register.person_id(person));
            leads.push(Lead {
                check: check.name.clone(),
                severity: severity.unwrap_or_else(|| check.severity.clone()),
                subject_kind: content.library.entities[check.entity.index()].name.clone(),
                person_id: register.person_id(person).to_owned(),
                household: population.units[unit].number().to_owned(),
                id_number: texts.id_number(person).to_owned(),
                name: texts.name(person).to_owned(),
                region: population.regions[hit.row],
                reason: check_reason(&mut evaluation, check, member) + &says,
                grade,
                stake: check_stake(&mut evaluation, check, member).map(Fen),
                rows,
                since: before.get(&id).and_then(|lead| lead.opened.clone()),
                answer: before.get(&id).and_then(|lead| lead.answer.clone()),
                verify: verify.or_else(|| check.verify.clone()).unwrap_or_default(),
                close: check.close.clone().unwrap_or_default(),
                article: content.library.citation(check.article),
                row: hit.row,
                lead_id: id,
            });
        }
    }
    leads
}

/// What a lead is told with where the window has dealt with its person.
#[derive(Default)]
struct Dealt {
    /// Goes on from the check's sentence.
    says: String,
    severity: Option<String>,
    verify: Option<String>,
}

/// The first standing of the content that certainly holds of a lead's person.
fn standing(
    content: &Content,
    evaluation: &mut Evaluation<'_>,
    check: CheckId,
    member: u32,
) -> Option<Dealt> {
    let of_check = content.rules.standings.iter().zip(&content.clearing.standings);
    let mut of_check = of_check.filter(|(rules, _)| rules.checks.contains(&check));
    let (rules, words) =
        of_check.find(|(rules, _)| rule(evaluation, rules.when, member).as_yes_no() == Some(true))?;
    let library = &content.library;
    let mut says = String::from("；");
    for said in &rules.says {
        match said {
            Said::Text(text) => says.push_str(text),
            Said::Rule(id) => {
                let found = rule(evaluation, *id, member);
                says.push_str(&words::outcome(library, library.rules[id.index()].ty, &found));
            }
        }
    }
    Some(Dealt { says, severity: words.severity.clone(), verify: words.verify.clone() })
}

/// What this month does to the leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Turnover {
    pub closed: Vec<ClosedLead>,
    /// For the memory.
    pub events: Vec<LeadEvent>,
    /// The checks of leads that are open before, and of those opened this month.
    pub open_before: Vec<String>,
    pub opened: Vec<String>,
}

/// Compares what was found with how the month began.
pub(crate) fn turnover(
    content: &Content,
    population: &Population,
    leads: &[Lead],
    dismissed: &[Hit],
    before: &LeadsBefore,
    (region, month): (RegionCode, &str),
) -> Turnover {
    let mut turnover = Turnover::default();
    let event = |kind, lead_id: &str, check: &str, person_id: &str, reason: String| LeadEvent {
        kind,
        lead_id: lead_id.to_owned(),
        region: region.to_string(),
        month: month.to_owned(),
        check: check.to_owned(),
        person_id: person_id.to_owned(),
        reason,
        answer: None,
    };
    let mut found: FxHashSet<String> = FxHashSet::default();
    for lead in leads {
        found.insert(lead.lead_id.clone());
        let known = before.get(&lead.lead_id);
        let kind = match known {
            Some(known) if known.opened.is_some() && !known.dismissed => continue,
            Some(known) if known.dismissed => LeadEventKind::Reopened,
            _ => LeadEventKind::Opened,
        };
        turnover.opened.push(lead.check.clone());
        turnover.events.push(event(kind, &lead.lead_id, &lead.check, &lead.person_id, String::new()));
    }
    for hit in dismissed {
        let (check, person_id) =
            (&content.library.checks[hit.check.index()].name, population.person_id(hit.row));
        let id = before.id_of(check, person_id);
        let known = before.get(&id);
        found.insert(id.clone());
        if known.is_some_and(|lead| lead.dismissed) {
            continue;
        }
        let answer = known.and_then(|lead| lead.answer.as_ref()).map_or_else(String::new, Answer::sentence);
        let reason = format!("核查结果：{answer}");
        let opened = known.and_then(|lead| lead.opened.clone());
        if opened.is_none() {
            turnover.opened.push(check.clone());
        }
        turnover.events.push(event(LeadEventKind::Dismissed, &id, check, person_id, reason.clone()));
        let opened = opened.unwrap_or_else(|| month.to_owned());
        turnover.closed.push(closed(population, &id, check, person_id, opened, reason));
    }
    for lead in before.iter() {
        let Some(opened) = &lead.opened else { continue };
        if !lead.dismissed {
            turnover.open_before.push(lead.check.clone());
        }
        if found.contains(&lead.lead_id) {
            continue;
        }
        let answered = lead.answer.as_ref().map(|answer| format!("（核查结果：{}）", answer.sentence()));
        let reason = format!("{month} 比对，“{}”的情形已不存在{}", lead.check, answered.unwrap_or_default());
        let kind = if lead.dismissed { LeadEventKind::Lapsed } else { LeadEventKind::Closed };
        turnover.events.push(event(kind, &lead.lead_id, &lead.check, &lead.person_id, reason.clone()));
        if !lead.dismissed {
            let (id, check, person) = (&lead.lead_id, &lead.check, &lead.person_id);
            turnover.closed.push(closed(population, id, check, person, opened.clone(), reason));
        }
    }
    turnover.closed.sort_by(|a, b| a.lead_id.cmp(&b.lead_id));
    turnover
}

fn closed(
    population: &Population,
    lead_id: &str,
    check: &str,
    person_id: &str,
    opened: String,
    reason: String,
) -> ClosedLead {
    let Population { register, texts, .. } = population;
    let person = register.find_person_id(person_id);
    let text = |text: &dyn Fn(u32) -> String| person.map_or_else(String::new, text);
    ClosedLead {
        lead_id: lead_id.to_owned(),
        check: check.to_owned(),
        person_id: person_id.to_owned(),
        name: text(&|person| texts.name(person).to_owned()),
        id_number: text(&|person| texts.id_number(person).to_owned()),
        region_code: text(&|person| {
            let own = register.region(person);
            crate::tally::village_code(population.row(person).map_or(own, |row| population.regions[row]))
        }),
        opened,
        reason,
    }
}
