//! Counting: the certificate's figures, and the two lists beside it.

use crate::buckets::{Bucket, BucketCounts, bucket_of_programme, standings};
use crate::certificate::{
    Certificate, LeadCounts, Output, PlaceCounts, ProgrammeCounts, RegisterCounts, SCHEMA_VERSION,
};
use crate::clearing::{Evaluated, Prepared};
use crate::content::Content;
use crate::csv_text::CsvText;
use crate::digest::sha256_hex;
use crate::error::Outcome;
use crate::leads::{Lead, Turnover};
use crate::list_text::{ListText, ListWriter};
use crate::population::Population;
use crate::results::Results;
use doudi_policy::ir::HOUSEHOLD;
use doudi_terms::{Fen, Month, RegionCode, RegionLevel};
use std::collections::BTreeMap;
use std::ops::Range;

/// Figures that add up over the parts of a region.
#[derive(Default)]
pub(crate) struct Counts {
    buckets: BucketCounts,
    by_township: BTreeMap<String, PlaceCounts>,
    by_village: BTreeMap<String, PlaceCounts>,
    /// By programme.
    programmes: Vec<ProgrammeTally>,
    /// By county: which programmes its law has.
    in_force: BTreeMap<RegionCode, Vec<bool>>,
}

#[derive(Default)]
struct ProgrammeTally {
    counts: ProgrammeCounts,
    /// Fen.
    amount: i128,
}

impl Counts {
    pub fn of(content: &Content, population: &Population, evaluated: &Evaluated<'_>) -> Counts {
        let mut counts =
            Counts { programmes: by_programme(content, population, evaluated), ..Counts::default() };
        for (region, persons) in by_village(population, evaluated) {
            counts.by_township.entry(township_code(region)).or_default().add(&persons);
            counts.by_village.entry(village_code(region)).or_default().add(&persons);
            counts.buckets.add_all(&persons.buckets);
        }
        for county in &evaluated.counties {
            let code = population.units[county.units.start].county;
            counts.in_force.insert(code, county.programmes.clone());
        }
        counts
    }

    pub fn add(&mut self, more: Counts) {
        self.buckets.add_all(&more.buckets);
        for (places, more) in
            [(&mut self.by_township, more.by_township), (&mut self.by_village, more.by_village)]
        {
            for (code, more) in more {
                places.entry(code).or_default().add(&more);
            }
        }
        self.programmes
            .resize_with(more.programmes.len().max(self.programmes.len()), ProgrammeTally::default);
        for (own, more) in self.programmes.iter_mut().zip(&more.programmes) {
            own.counts.add(&more.counts);
            own.amount += more.amount;
        }
        self.in_force.extend(more.in_force);
    }

    fn programmes(&self, content: &Content) -> BTreeMap<String, ProgrammeCounts> {
        let entries = content.clearing.programmes.iter().zip(&self.programmes).enumerate();
        let named = entries.map(|(index, (programme, tally))| {
            let counties = self.in_force.values().filter(|in_force| in_force.get(index) == Some(&true));
            let amount_yuan =
                i64::try_from(tally.amount).map_or_else(|_| String::new(), |fen| Fen(fen).to_string());
            let counts = ProgrammeCounts {
                name: programme.name.clone(),
                counties: counties.count() as u64,
                amount_yuan,
                ..tally.counts.clone()
            };
            (programme.id.clone(), counts)
        });
        named.collect()
    }
}

/// How many of each village are in which bucket; in no order.
fn by_village(population: &Population, evaluated: &Evaluated<'_>) -> BTreeMap<RegionCode, PlaceCounts> {
    let mut places: BTreeMap<RegionCode, PlaceCounts> = BTreeMap::new();
    // Neighbours are of one village.
    for (region, rows) in runs(&population.regions) {
        let place = places.entry(region).or_default();
        for placement in &evaluated.placements[rows] {
            place.persons += 1;
            place.buckets.add(placement.bucket);
        }
    }
    places
}

/// Equal neighbours.
fn runs(regions: &[RegionCode]) -> impl Iterator<Item = (RegionCode, Range<usize>)> + '_ {
    let mut start = 0;
    regions.chunk_by(|a, b| a == b).map(move |run| {
        let rows = start..start + run.len();
        start = rows.end;
        (run[0], rows)
    })
}

/// A certificate with all its figures; hashes and names are filled in by the caller.
pub(crate) fn certificate(
    content: &Content,
    prepared: &Prepared,
    results: &Results,
    turnover: &Turnover,
) -> Certificate {
    let population = &prepared.population;
    let counts = &results.counts;
    Certificate {
        schema_version: SCHEMA_VERSION,
        region: String::new(),
        month: String::new(),
        program_version: String::new(),
        policies_hash: String::new(),
        specs_hash: String::new(),
        snapshot_hash: String::new(),
        data: String::new(),
        inputs: Vec::new(),
        register: RegisterCounts {
            persons: population.len() as u64,
            households: population.units.len() as u64,
            new_persons: prepared.new_persons,
        },
        buckets: counts.buckets,
        by_programme: counts.programmes(content),
        by_township: counts.by_township.clone(),
        by_village: counts.by_village.clone(),
        roster_rows: prepared.row_counts.clone(),
        identities: Vec::new(),
        contradictions: 0,
        missing_rosters: Vec::new(),
        last_month: None,
        last_month_record: None,
        links: None,
        people_before_hash: None,
        cases_before_hash: None,
        leads_before_hash: None,
        lead_counts: Some(LeadCounts {
            before: turnover.open_before.len() as u64,
            opened: turnover.opened.len() as u64,
            closed: turnover.closed.len() as u64,
            open: results.leads.len() as u64,
        }),
        outputs: BTreeMap::new(),
    }
}

/// Nine digits, also for people of whom only the county is known.
pub(crate) fn township_code(region: RegionCode) -> String {
    format!("{:09}", region.at(RegionLevel::Township).number() / 1_000)
}

/// Twelve digits.
pub(crate) fn village_code(region: RegionCode) -> String {
    format!("{:012}", region.number())
}

fn by_programme(
    content: &Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
) -> Vec<ProgrammeTally> {
    let programmes = &content.clearing.programmes;
    let mut counts = vec![ProgrammeCounts::default(); programmes.len()];
    let mut amounts: Vec<i128> = vec![0; programmes.len()];
    let mut has_lead = vec![false; population.len()];
    evaluated.leads.iter().for_each(|lead| has_lead[lead.row] = true);
    for county in &evaluated.counties {
        for unit in county.units.clone() {
            let mut paid_unit = vec![false; programmes.len()];
            for row in population.units[unit].rows() {
                let mut seen = vec![None; programmes.len()];
                for (index, standing) in standings(content, county, &evaluated.determined, row) {
                    seen[index] = Some(standing);
                }
                for (index, standing) in seen.into_iter().enumerate() {
                    let count = &mut counts[index];
                    count.buckets.add(bucket_of_programme(
                        content,
                        &evaluated.determined,
                        row,
                        has_lead[row],
                        standing,
                    ));
                    let Some(standing) = standing else { continue };
                    let (entitled, enrolled) = (standing.entitled, standing.enrolled);
                    count.entitled += u64::from(entitled == Some(true));
                    count.not_entitled += u64::from(entitled == Some(false));
                    count.unknown += u64::from(entitled.is_none());
                    count.enrolled += u64::from(enrolled == Some(true));
                    count.entitled_not_enrolled +=
                        u64::from(entitled == Some(true) && enrolled != Some(true));
                    count.enrolled_not_entitled +=
                        u64::from(entitled == Some(false) && enrolled == Some(true));
                    if entitled == Some(true) {
                        match amount(content, evaluated, index, unit, row, &mut paid_unit) {
                            Some(fen) => amounts[index] += fen,
                            None => count.amount_unknown += 1,
                        }
                    }
                }
            }
        }
    }
    counts.into_iter().zip(amounts).map(|(counts, amount)| ProgrammeTally { counts, amount }).collect()
}

/// A person's amount in fen, `None` if it is not known; a household's once.
fn amount(
    content: &Content,
    evaluated: &Evaluated<'_>,
    programme: usize,
    unit: usize,
    row: usize,
    paid_unit: &mut [bool],
) -> Option<i128> {
    let rule = content.rules.programmes[programme].amount?;
    let found = &content.library.rules[rule.index()];
    let of_household = found.entity == HOUSEHOLD;
    if of_household && std::mem::replace(&mut paid_unit[programme], true) {
        return Some(0);
    }
    let cell = evaluated
        .determined
        .rules
        .get(rule)
        .and_then(|column| column.get(if of_household { unit } else { row }));
    cell.map(|cell| i128::from(cell / crate::facts::scale(found.ty)))
}

/// The lists beside the certificate.
pub(crate) struct Outputs {
    pub persons: ListText,
    pub leads: Vec<u8>,
    pub closed_leads: Vec<u8>,
    persons_rows: u64,
    leads_rows: u64,
    closed_rows: u64,
}

pub(crate) const PERSONS_FILE: &str = "persons.csv";
pub(crate) const LEADS_FILE: &str = "leads.csv";
pub(crate) const CLOSED_FILE: &str = "closed-leads.csv";

const PERSONS_HEADERS: [&str; 8] =
    ["person_id", "bucket", "programme", "reason", "missing", "owner_region", "due", "not_enrolled"];
const LEADS_HEADERS: [&str; 23] = [
    "lead_id",
    "check",
    "severity",
    "subject_kind",
    "person_id",
    "household_id",
    "id_number",
    "name",
    "region_code",
    "month",
    "reason",
    "match_grade",
    "amount_at_stake_yuan",
    "source_rows",
    "open_since",
    "since",
    "status",
    "outcome",
    "answered_by",
    "answered_on",
    "verify",
    "close",
    "article",
];
const CLOSED_HEADERS: [&str; 8] =
    ["lead_id", "check", "person_id", "name", "id_number", "region_code", "opened", "reason"];

/// The lists.
pub(crate) fn outputs(
    population: &Population,
    results: &Results,
    persons: ListWriter,
    turnover: &Turnover,
    month: Month,
) -> Outcome<Outputs> {
    Ok(Outputs {
        persons: persons.finish()?,
        leads: leads(&results.leads, month),
        closed_leads: closed_leads(turnover),
        persons_rows: population.len() as u64,
        leads_rows: results.leads.len() as u64,
        closed_rows: turnover.closed.len() as u64,
    })
}

/// How persons.csv begins.
pub(crate) fn persons_header() -> Vec<u8> {
    CsvText::new(false, &PERSONS_HEADERS).finish()
}

impl Outputs {
    pub fn described(&self) -> BTreeMap<String, Output> {
        let output = |rows, bytes: &[u8]| Output { rows, sha256: sha256_hex(bytes) };
        let persons = Output { rows: self.persons_rows, sha256: self.persons.sha256().to_owned() };
        BTreeMap::from([
            (PERSONS_FILE.to_owned(), persons),
            (LEADS_FILE.to_owned(), output(self.leads_rows, &self.leads)),
            (CLOSED_FILE.to_owned(), output(self.closed_rows, &self.closed_leads)),
        ])
    }
}

/// By person: programmes that the person is entitled to and not in, whatever the bucket.
fn not_enrolled<'c>(
    content: &'c Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
) -> Vec<Vec<&'c str>> {
    let mut missed = vec![Vec::new(); population.len()];
    for county in &evaluated.counties {
        for unit in county.units.clone() {
            for row in population.units[unit].rows() {
                if evaluated.determined.is_yes(content.rules.out_of_scope, row) {
                    continue;
                }
                let standings = standings(content, county, &evaluated.determined, row);
                let open = standings
                    .filter(|(_, found)| found.entitled == Some(true) && found.enrolled != Some(true));
                missed[row] = open.map(|(index, _)| content.clearing.programmes[index].id.as_str()).collect();
            }
        }
    }
    missed
}

/// Rows of persons.csv.
pub(crate) fn persons(
    content: &Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
    month: Month,
) -> Vec<u8> {
    let mut csv = CsvText::rows();
    let last_day = month.last_day().to_string();
    let not_enrolled = not_enrolled(content, population, evaluated);
    for (row, placement) in evaluated.placements.iter().enumerate() {
        let ids: Vec<&str> =
            placement.programmes.iter().map(|at| content.clearing.programmes[*at].id.as_str()).collect();
        let to_find_out = placement.bucket == Bucket::Undetermined;
        let owner = if to_find_out { village_code(population.regions[row]) } else { String::new() };
        csv.row([
            population.person_id(row),
            placement.bucket.key(),
            &ids.join(";"),
            &placement.reason,
            &placement.missing.join("；"),
            &owner,
            if to_find_out { &last_day } else { "" },
            &not_enrolled[row].join(";"),
        ]);
    }
    csv.finish()
}

fn leads(leads: &[Lead], month: Month) -> Vec<u8> {
    let mut csv = CsvText::new(true, &LEADS_HEADERS);
    let month = month.to_string();
    for lead in leads {
        let stake = lead.stake.map_or_else(String::new, |fen| fen.to_string());
        let since = lead.since.as_deref().unwrap_or(&month);
        let answer = lead.answer.as_ref();
        csv.row([
            lead.lead_id.as_str(),
            &lead.check,
            &lead.severity,
            &lead.subject_kind,
            &lead.person_id,
            &lead.household,
            &lead.id_number,
            &lead.name,
            &village_code(lead.region),
            &month,
            &lead.reason,
            &lead.grade.to_string(),
            &stake,
            &lead.rows.join(";"),
            since,
            since,
            lead.status(),
            answer.map_or("", |answer| answer.finding.word()),
            answer.map_or("", |answer| &answer.by),
            answer.map_or("", |answer| &answer.on),
            &lead.verify,
            &lead.close,
            &lead.article,
        ]);
    }
    csv.finish()
}

fn closed_leads(turnover: &Turnover) -> Vec<u8> {
    let mut csv = CsvText::new(true, &CLOSED_HEADERS);
    for lead in &turnover.closed {
        csv.row([
            lead.lead_id.as_str(),
            &lead.check,
            &lead.person_id,
            &lead.name,
            &lead.id_number,
            &lead.region_code,
            &lead.opened,
            &lead.reason,
        ]);
    }
    csv.finish()
}
