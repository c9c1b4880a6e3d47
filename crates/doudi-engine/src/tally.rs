//! Counting: the certificate's figures, and the two lists beside it.

use crate::buckets::{Bucket, BucketCounts, bucket_of_programme, standings};
use crate::certificate::{
    Certificate, LeadCounts, Output, PlaceCounts, ProgrammeCounts, RegisterCounts, SCHEMA_VERSION,
};
use crate::clearing::{Evaluated, Prepared};
use crate::content::Content;
use crate::csv_text::CsvText;
use crate::digest::sha256_hex;
use crate::population::Population;
use doudi_policy::ir::HOUSEHOLD;
use doudi_terms::{Fen, Month, RegionCode, RegionLevel};
use std::collections::BTreeMap;

/// A certificate with all its figures; hashes and names are filled in by the caller.
pub(crate) fn certificate(content: &Content, prepared: &Prepared, evaluated: &Evaluated<'_>) -> Certificate {
    let population = &prepared.population;
    let mut buckets = BucketCounts::default();
    let mut by_township: BTreeMap<String, PlaceCounts> = BTreeMap::new();
    let mut by_village: BTreeMap<String, PlaceCounts> = BTreeMap::new();
    for (row, placement) in evaluated.placements.iter().enumerate() {
        buckets.add(placement.bucket);
        let region = population.regions[row];
        for (places, code) in
            [(&mut by_township, township_code(region)), (&mut by_village, village_code(region))]
        {
            let place = places.entry(code).or_default();
            place.persons += 1;
            place.buckets.add(placement.bucket);
        }
    }
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
        buckets,
        by_programme: by_programme(content, population, evaluated),
        by_township,
        by_village,
        roster_rows: prepared.row_counts.clone(),
        identities: Vec::new(),
        contradictions: 0,
        missing_rosters: Vec::new(),
        last_month: None,
        last_month_record: None,
        leads_before_hash: None,
        lead_counts: Some(LeadCounts {
            before: evaluated.turnover.open_before.len() as u64,
            opened: evaluated.turnover.opened.len() as u64,
            closed: evaluated.turnover.closed.len() as u64,
            open: evaluated.leads.len() as u64,
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
) -> BTreeMap<String, ProgrammeCounts> {
    let programmes = &content.clearing.programmes;
    let mut counts: Vec<ProgrammeCounts> = programmes
        .iter()
        .map(|programme| ProgrammeCounts { name: programme.name.clone(), ..ProgrammeCounts::default() })
        .collect();
    let mut amounts: Vec<i128> = vec![0; programmes.len()];
    let mut has_lead = vec![false; population.len()];
    evaluated.leads.iter().for_each(|lead| has_lead[lead.row] = true);
    for county in &evaluated.counties {
        for (count, in_force) in counts.iter_mut().zip(&county.programmes) {
            count.counties += u64::from(*in_force);
        }
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
    let entries = programmes.iter().zip(counts).zip(amounts);
    entries
        .map(|((programme, mut count), amount)| {
            count.amount_yuan =
                i64::try_from(amount).map_or_else(|_| String::new(), |fen| Fen(fen).to_string());
            (programme.id.clone(), count)
        })
        .collect()
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
    pub persons: Vec<u8>,
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

pub(crate) fn outputs(
    content: &Content,
    population: &Population,
    evaluated: &Evaluated<'_>,
    month: Month,
) -> Outputs {
    Outputs {
        persons: persons(content, population, evaluated, month),
        leads: leads(evaluated, month),
        closed_leads: closed_leads(evaluated),
        persons_rows: population.len() as u64,
        leads_rows: evaluated.leads.len() as u64,
        closed_rows: evaluated.turnover.closed.len() as u64,
    }
}

impl Outputs {
    pub fn described(&self) -> BTreeMap<String, Output> {
        let output = |rows, bytes: &[u8]| Output { rows, sha256: sha256_hex(bytes) };
        BTreeMap::from([
            (PERSONS_FILE.to_owned(), output(self.persons_rows, &self.persons)),
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

fn persons(content: &Content, population: &Population, evaluated: &Evaluated<'_>, month: Month) -> Vec<u8> {
    let mut csv = CsvText::new(false, &PERSONS_HEADERS);
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

fn leads(evaluated: &Evaluated<'_>, month: Month) -> Vec<u8> {
    let mut csv = CsvText::new(true, &LEADS_HEADERS);
    let month = month.to_string();
    for lead in &evaluated.leads {
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

fn closed_leads(evaluated: &Evaluated<'_>) -> Vec<u8> {
    let mut csv = CsvText::new(true, &CLOSED_HEADERS);
    for lead in &evaluated.turnover.closed {
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
