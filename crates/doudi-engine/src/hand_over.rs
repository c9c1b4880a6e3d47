//! Handing a cleared month over to people: everybody with name and number, every lead, every link, as the certificate has
//! them. What is handed over is computed again from what was kept, and refused if it is not what was certified.

use crate::certificate::Certificate;
use crate::clearing::Prepared;
use crate::compared::{ComparedRow, compared};
use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::lead_log::{Answer, Concerned, LeadEvent, LeadEventKind, LeadLog, by_lead};
use crate::leads::{Lead, Turnover, turnover};
use crate::leads_before::{LeadBefore, LeadsBefore};
use crate::links::read_links;
use crate::people::register_key;
use crate::population::Unit;
use crate::results::Results;
use crate::settle::Standing;
use crate::sources::Sources;
use crate::tally;
use crate::verify::{Recomputed, counts_differ, place, recompute};
use doudi_linkage::MatchGrade;
use doudi_terms::{Date, Fen, RegionCode, Sex, date_from_epoch_day};
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// A month that holds, ready to be taken over.
pub struct HandOver<'c> {
    folder: &'c DataFolder,
    pub(crate) content: &'c Content,
    pub(crate) certificate: &'c Certificate,
    pub(crate) again: Kept,
    turnover: Turnover,
    events: Vec<LeadEvent>,
    /// By lead, in the order in which they were told.
    answers: FxHashMap<String, Vec<Answer>>,
}

/// What the certificate's grounds gave again.
pub(crate) struct Kept {
    pub prepared: Prepared,
    pub results: Results,
    pub before: LeadsBefore,
    pub sources: Sources,
}

/// Somebody as the month knew them.
pub struct HandedPerson<'h> {
    pub person_id: &'h str,
    pub household: String,
    pub region: RegionCode,
    pub name: &'h str,
    pub relation: &'h str,
    pub sex: &'static str,
    pub birth: Option<Date>,
    pub id_number: &'h str,
    pub phone: &'h str,
    pub account: &'h str,
    pub address: &'h str,
    /// Key of the bucket.
    pub bucket: &'static str,
    pub programmes: String,
    pub reason: &'h str,
    pub missing: String,
}

/// A lead that is open, or that an answer has dismissed while its cause is still there.
pub struct HandedLead {
    pub lead_id: String,
    pub check: String,
    pub severity: String,
    pub subject_kind: String,
    pub person_id: String,
    pub household: String,
    pub name: String,
    pub region: RegionCode,
    /// Month.
    pub opened: String,
    pub grade: Option<char>,
    pub stake: Option<Fen>,
    pub reason: String,
    pub rows: Vec<String>,
    pub verify: String,
    pub closes: String,
    pub article: String,
    pub answer: Option<Answer>,
    /// The answer is a file's: the latest step in the office that it was read after, and that it counts instead of.
    pub outweighs: Option<i64>,
}

/// A lead whose last word is that it is over.
pub struct EndedLead {
    pub lead_id: String,
    pub month: String,
    pub reason: String,
    pub withdrawn: bool,
}

/// One imported file and whom its rows speak of.
pub struct HandedFile {
    pub roster: String,
    pub month: String,
    pub file: String,
    pub key: String,
    pub rows: Vec<HandedRow>,
}

pub struct HandedRow {
    pub row: u32,
    /// `None` = nobody.
    pub person_id: Option<String>,
    pub standing: &'static str,
    pub grade: char,
    /// In millionths.
    pub likelihood: u32,
}

/// Computes a certified month again; the inner error names the first thing that is not as it was certified.
pub fn hand_over<'c>(
    folder: &'c DataFolder,
    content: &'c Content,
    certificate: &'c Certificate,
    log: &dyn LeadLog,
) -> Outcome<Result<HandOver<'c>, String>> {
    let (region, month) = place(certificate)?;
    let again = match recompute(folder, content, certificate, log, true)? {
        Ok(again) => again,
        Err(difference) => return Ok(Err(difference)),
    };
    let population = &again.prepared.population;
    let (leads, dismissed) = (&again.results.leads, &again.results.dismissed);
    let place = (region, certificate.month.as_str());
    let turnover = turnover(content, population, leads, dismissed, &again.before, place);
    let mut counted = tally::certificate(content, &again.prepared, &again.results, &turnover);
    counted.lead_counts = counted.lead_counts.filter(|_| certificate.lead_counts.is_some());
    counted.identities = counted.compute_identities();
    if let Some(difference) = counts_differ(certificate, &counted) {
        return Ok(Err(difference));
    }
    let Recomputed { prepared, results, persons, before, sources } = again;
    let population = &prepared.population;
    let outputs = tally::outputs(population, &results, persons, &turnover, month)?.described();
    if let Some((file, _)) =
        certificate.outputs.iter().find(|(file, certified)| outputs.get(*file) != Some(certified))
    {
        return Ok(Err(format!("重新计算的 {file} 与证书上的不同")));
    }
    let again = Kept { prepared, results, before, sources };
    let events = log.events()?;
    let mut answers: FxHashMap<String, Vec<Answer>> = FxHashMap::default();
    for event in &events {
        if let Some(answer) = &event.answer {
            answers.entry(event.lead_id.clone()).or_default().push(answer.clone());
        }
    }
    Ok(Ok(HandOver { folder, content, certificate, again, turnover, events, answers }))
}

impl HandOver<'_> {
    /// Everybody, household by household.
    pub fn persons(&self) -> impl Iterator<Item = HandedPerson<'_>> {
        let population = &self.again.prepared.population;
        self.again.results.placements.iter().enumerate().map(move |(row, placement)| {
            let (register, person) = (&population.register, population.members[row]);
            let text = population.texts.get(person);
            let programmes = placement.programmes.iter();
            let programmes = programmes.filter_map(|at| self.content.clearing.programmes.get(*at));
            HandedPerson {
                person_id: population.person_id(row),
                household: household(population.unit(row)),
                region: population.regions[row],
                name: text.name,
                relation: text.relation,
                sex: match register.sex(person) {
                    Some(Sex::Male) => "男",
                    Some(Sex::Female) => "女",
                    None => "",
                },
                birth: register.birth(person).and_then(date_from_epoch_day),
                id_number: text.id_number,
                phone: text.phone,
                account: text.account,
                address: text.address,
                bucket: placement.bucket.key(),
                programmes: programmes.map(|found| found.name.as_str()).collect::<Vec<_>>().join("、"),
                reason: &placement.reason,
                missing: placement.missing.join("；"),
            }
        })
    }

    /// The rows that the month's leads compare, by place (`file#sheet#row`).
    pub fn compared(&self) -> Outcome<HashMap<String, ComparedRow>> {
        let rows = self.again.results.leads.iter().flat_map(|lead| &lead.rows);
        compared(self.folder, self.content, &self.again.prepared.rosters, rows)
    }

    /// Whom a row speaks of, by the register's number.
    pub fn compared_person(&self, row: &ComparedRow) -> Option<String> {
        self.person_id(row.person)
    }

    /// Open ones first.
    pub fn leads(&self) -> impl Iterator<Item = HandedLead> {
        let open = self.again.results.leads.iter().map(|lead| self.open(lead));
        let dismissed = self.again.before.iter().filter(|before| before.is_dismissed_by_answer());
        open.chain(dismissed.filter_map(|before| self.dismissed(before)))
    }

    fn open(&self, lead: &Lead) -> HandedLead {
        HandedLead {
            lead_id: lead.lead_id.clone(),
            check: lead.check.clone(),
            severity: lead.severity.clone(),
            subject_kind: lead.subject_kind.clone(),
            person_id: lead.person_id.clone(),
            household: household(self.again.prepared.population.unit(lead.row)),
            name: lead.name.clone(),
            region: lead.region,
            opened: lead.since.clone().unwrap_or_else(|| self.certificate.month.clone()),
            grade: Some(lead.grade),
            stake: lead.stake,
            reason: lead.reason.clone(),
            rows: lead.rows.clone(),
            verify: lead.verify.clone(),
            closes: lead.close.clone(),
            article: lead.article.clone(),
            answer: lead.answer.clone(),
            outweighs: self.outweighs(&lead.lead_id, lead.answer.as_ref()),
        }
    }

    fn outweighs(&self, lead_id: &str, answer: Option<&Answer>) -> Option<i64> {
        let answer = answer.filter(|answer| answer.office_step().is_none())?;
        let said = self.answers.get(lead_id)?;
        let before = said.iter().rposition(|said| said == answer)?;
        said[..before].iter().filter_map(Answer::office_step).max()
    }

    /// Not opened by this month, so that it has no sentence of this month. `None` where its person is not of this region
    /// any more, or its cause is gone.
    fn dismissed(&self, before: &LeadBefore) -> Option<HandedLead> {
        let lapsed =
            |event: &LeadEvent| event.kind == LeadEventKind::Lapsed && event.lead_id == before.lead_id;
        if self.turnover.events.iter().any(lapsed) {
            return None;
        }
        let population = &self.again.prepared.population;
        let person = population.register.find_person_id(&before.person_id)?;
        let row = population.row(person)?;
        let check = self.content.library.checks.iter().find(|check| check.name == before.check)?;
        Some(HandedLead {
            lead_id: before.lead_id.clone(),
            check: before.check.clone(),
            severity: check.severity.clone(),
            subject_kind: self.content.library.entities[check.entity.index()].name.clone(),
            person_id: before.person_id.clone(),
            household: household(population.unit(row)),
            name: population.texts.name(person).to_owned(),
            region: population.regions[row],
            opened: before.opened.clone().unwrap_or_else(|| self.certificate.month.clone()),
            grade: None,
            stake: None,
            reason: String::new(),
            rows: Vec::new(),
            verify: check.verify.clone().unwrap_or_default(),
            closes: check.close.clone().unwrap_or_default(),
            article: String::new(),
            answer: before.answer.clone(),
            outweighs: self.outweighs(&before.lead_id, before.answer.as_ref()),
        })
    }

    /// Leads of this region that are over, by their last word up to this month.
    pub fn ended(&self) -> Vec<EndedLead> {
        let Ok((region, _)) = place(self.certificate) else { return Vec::new() };
        let concerned = Concerned::of(region, &self.again.prepared.population);
        let of_leads = by_lead(&self.events, &concerned, &self.certificate.month);
        let last = of_leads.into_values().filter_map(|of_lead| {
            of_lead.into_iter().rev().find(|event| event.kind != LeadEventKind::Answered)
        });
        let over = last.filter(|event| {
            matches!(event.kind, LeadEventKind::Closed | LeadEventKind::Lapsed | LeadEventKind::Withdrawn)
        });
        over.map(|event| EndedLead {
            lead_id: event.lead_id.clone(),
            month: event.month.clone(),
            reason: event.reason.clone(),
            withdrawn: event.kind == LeadEventKind::Withdrawn,
        })
        .collect()
    }

    /// Every roster but the register itself, file by file.
    pub fn files(&self) -> impl Iterator<Item = Outcome<HandedFile>> {
        let register = self.content.register_spec().map(|(_, spec)| spec.id.clone()).unwrap_or_default();
        let inputs = self.certificate.inputs.iter().map(|input| &input.stored);
        let files: Vec<_> = inputs.filter(|stored| stored.roster == register).cloned().collect();
        let now = || self.content.last_links_key(self.folder, &register_key(&files));
        let key = self.certificate.links.clone().unwrap_or_else(now);
        let others =
            self.again.prepared.rosters.iter().filter(move |settled| settled.stored.roster != register);
        others.map(move |settled| {
            let records =
                read_links(self.folder, &key, &settled.stored)?.collect::<Outcome<Vec<_>>>()?.concat();
            if records.len() != settled.rows.len() {
                return Err(EngineError::Internal(format!("{}：关联与行数对不上", settled.stored.place())));
            }
            let rows = settled.rows.iter().zip(&records).map(|(row, record)| HandedRow {
                row: row.row,
                person_id: self.person_id(row.person),
                standing: match row.standing {
                    Standing::Linked => "linked",
                    Standing::New => "new",
                    Standing::Review => "review",
                    Standing::Doubtful => "doubtful",
                    Standing::Duplicate => "duplicate",
                    Standing::Rejected => "rejected",
                },
                grade: match row.grade {
                    MatchGrade::A => 'A',
                    MatchGrade::B => 'B',
                    MatchGrade::C => 'C',
                },
                likelihood: (record.probability.clamp(0.0, 1.0) * 1_000_000.0) as u32,
            });
            Ok(HandedFile {
                roster: settled.stored.roster.clone(),
                month: settled.stored.month.clone(),
                file: settled.stored.place(),
                key: settled.stored.key.clone(),
                rows: rows.collect(),
            })
        })
    }

    fn person_id(&self, person: u32) -> Option<String> {
        let register = &self.again.prepared.population.register;
        (person < register.len()).then(|| register.person_id(person).to_owned())
    }
}

/// Numbers on paper repeat from county to county and from roster to roster; this one does not.
pub(crate) fn household(unit: &Unit) -> String {
    format!("{}-{}", unit.county, unit.key)
}
