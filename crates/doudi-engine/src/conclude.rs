//! The end of a clearing: what has been worked out becomes a certificate, a record for next month, new entries in the
//! memory of leads, and lists for people.

use crate::answers::AnswerCounts;
use crate::certificate::{Certificate, CertifiedInput, MissingRoster};
use crate::clearing::{Cleared, Prepared, Request, Step, Watch, inputs_of_rule};
use crate::content::{Content, ProgrammeRules};
use crate::content_store;
use crate::county::{County, uses};
use crate::data_folder::DataFolder;
use crate::doubles::{self, Double};
use crate::error::{EngineError, Outcome};
use crate::facts;
use crate::handout;
use crate::history::{self, ClearingRecord};
use crate::lake::StoredRoster;
use crate::lead_log::{self, Concerned, LeadEvent, LeadLog};
use crate::leads::{self, Lead, Turnover};
use crate::leads_before::LeadsBefore;
use crate::office_cases::CasesBefore;
use crate::parts::Part;
use crate::people_before::{KnownNewcomer, PeopleBefore, keep_newcomers};
use crate::person_log::{self, PersonFile};
use crate::population::Population;
use crate::precision::{self, CheckCounts};
use crate::results::{Lists, Results};
use crate::stored_files;
use crate::tally;
use crate::texts::StoredTexts;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A month worked out, with nothing yet written of it that a later month would read.
pub(crate) struct Worked<'w> {
    pub inputs: Vec<StoredRoster>,
    pub counties: &'w [County<'w>],
    pub prepared: &'w Prepared,
    /// The record of the month before, by its name.
    pub last: Option<(String, ClearingRecord)>,
    pub texts: Option<&'w StoredTexts<'w>>,
    pub parts: &'w [Part],
    pub people_before: &'w PeopleBefore,
    pub before: &'w LeadsBefore,
    pub cases: Option<&'w CasesBefore>,
    pub concerned: &'w Concerned<'w>,
    pub snapshot_hash: String,
    /// Facts on which rosters disagree.
    pub contradictions: u64,
    pub results: Results,
    pub lists: Lists,
    /// All that the memory of leads holds, with this month's answers.
    pub events: Vec<LeadEvent>,
    /// This month's answers that the memory does not have yet, and how many rows they came in.
    pub answers: (Vec<LeadEvent>, AnswerCounts),
}

/// Certifies the month and writes what stays of it. Nothing is written if the figures do not add up.
pub(crate) fn conclude(
    request: &Request<'_>,
    worked: Worked<'_>,
    log: &mut dyn LeadLog,
    watch: &dyn Watch,
) -> Outcome<Cleared> {
    let Request { folder, content, region, month, .. } = *request;
    let Worked { prepared, results, lists, mut events, before, concerned, .. } = worked;
    let (population, month_word) = (&prepared.population, month.to_string());
    watch.step(Step::Certify);
    answers_add_up(&worked.answers.1)?;
    let (found, dismissed, place) = (&results.leads, &results.dismissed, (region, month_word.as_str()));
    let turnover = leads::turnover(content, population, found, dismissed, before, place);
    let outputs = tally::outputs(population, &results, lists.persons, &turnover, month)?;
    let mut certificate = Certificate {
        snapshot_hash: worked.snapshot_hash,
        people_before_hash: Some(worked.people_before.store(folder)?),
        links: Some(prepared.links_key.clone()),
        contradictions: worked.contradictions,
        cases_before_hash: worked.cases.map(|cases| cases.store(folder)).transpose()?,
        leads_before_hash: Some(before.store(folder)?),
        outputs: outputs.described(),
        ..tally::certificate(content, prepared, &results, &turnover)
    };
    (certificate.last_month, certificate.last_month_record) = worked.last.unzip();
    complete(request, &mut certificate, worked.inputs, worked.counties)?;
    let doubles = keep_people(request, prepared, worked.texts, worked.people_before)?;
    if let Some(remembered) = lists.remembered {
        history::write(request, &certificate, (population, worked.parts), &remembered)?;
    }
    let news = lead_log::news(&events, concerned, &month_word, turnover.events.clone());
    events.extend(news.iter().cloned());
    let checks = checks(content, &results.leads, &turnover, &events, concerned, &month_word);
    let (answered, answers) = worked.answers;
    log.append(&[answered, news].concat())?;
    watch.step(Step::HandOut);
    let (opened, closed) = (turnover.opened.len() as u64, turnover.closed.len() as u64);
    let mut townships = results.handouts.finish(content);
    doubles::hand_out(&mut townships, &doubles, population);
    Ok(Cleared {
        checks_in_force: handout::checks_in_force(content, &certificate.inputs, worked.counties),
        townships,
        doubles,
        certificate,
        leads: results.leads,
        persons_csv: outputs.persons,
        leads_csv: outputs.leads,
        closed_leads_csv: outputs.closed_leads,
        opened,
        closed,
        closed_leads: turnover.closed,
        checks,
        answers,
        problems: Vec::new(),
    })
}

/// Fills in what does not follow from the results, and proves that the figures add up.
fn complete(
    request: &Request<'_>,
    certificate: &mut Certificate,
    inputs: Vec<StoredRoster>,
    counties: &[County<'_>],
) -> Outcome<()> {
    let Request { folder, content, .. } = *request;
    certificate.region = request.region.to_string();
    certificate.month = request.month.to_string();
    certificate.program_version = request.program_version.clone();
    certificate.data = request.data.clone();
    certificate.policies_hash = content_store::store(folder, "policies", &content.policy_files)?;
    certificate.specs_hash = content_store::store(folder, "rosters", &content.spec_files)?;
    certificate.inputs = certified_inputs(folder, inputs)?;
    certificate.missing_rosters = missing_rosters(content, &certificate.inputs, counties);
    certificate.identities = certificate.compute_identities();
    match certificate.identities.iter().find(|identity| !identity.holds) {
        None => Ok(()),
        Some(broken) => Err(EngineError::Internal(format!(
            "总数对不上：{}（左 {}，右 {}）",
            broken.name, broken.left, broken.right
        ))),
    }
}

/// Keeps whom only rosters know this month and who is probably somebody else too, and notes whom the register has come
/// to know.
fn keep_people(
    request: &Request<'_>,
    prepared: &Prepared,
    stored: Option<&StoredTexts<'_>>,
    people_before: &PeopleBefore,
) -> Outcome<Vec<Double>> {
    let Request { folder, content, region, month, .. } = *request;
    let opened = opened(prepared);
    keep_newcomers(folder, (region, month), &opened)?;
    person_log::note_joined(&mut PersonFile::of(folder), &prepared.joined, &month.to_string())?;
    let Population { register, texts, .. } = &prepared.population;
    let pairs = doubles::read_of_register(folder, &prepared.register_place, register)?;
    let texts = match stored {
        Some(stored) => Arc::new(stored.of(&doubles::persons_of(&pairs))?),
        None => Arc::clone(texts),
    };
    let content = (content, &prepared.shared_phones);
    let found = doubles::find(content, (register, &texts), pairs, &opened, people_before, &prepared.moved)?;
    doubles::keep(folder, (region, month), &found)?;
    Ok(found)
}

/// Whom only rosters know this month.
fn opened(prepared: &Prepared) -> Vec<KnownNewcomer> {
    let Population { register, texts, .. } = &prepared.population;
    let known = |person: u32| {
        let text = texts.get(person);
        KnownNewcomer {
            person_id: register.person_id(person).to_owned(),
            id_number: text.id_number.to_owned(),
            name: text.name.to_owned(),
            region: register.region(person).number(),
            address: text.address.to_owned(),
            phone: text.phone.to_owned(),
        }
    };
    (prepared.first_newcomer..register.len()).map(known).collect()
}

/// Every check that has or had a lead.
fn checks(
    content: &Content,
    leads: &[Lead],
    turnover: &Turnover,
    events: &[LeadEvent],
    concerned: &Concerned<'_>,
    month: &str,
) -> BTreeMap<String, CheckCounts> {
    let mut counts: BTreeMap<String, CheckCounts> = BTreeMap::new();
    for lead in leads {
        counts.entry(lead.check.clone()).or_default().open += 1;
    }
    for check in &turnover.opened {
        counts.entry(check.clone()).or_default().opened += 1;
    }
    for lead in &turnover.closed {
        counts.entry(lead.check.clone()).or_default().closed += 1;
    }
    precision::add_answers(&mut counts, events, concerned, month);
    for check in &content.library.checks {
        if let Some(count) = counts.get_mut(&check.name) {
            count.severity.clone_from(&check.severity);
        }
    }
    counts
}

/// The inputs with the digests of what is stored of them.
fn certified_inputs(folder: &DataFolder, inputs: Vec<StoredRoster>) -> Outcome<Vec<CertifiedInput>> {
    let certify = |stored: StoredRoster| {
        let stored_sha256 = Some(stored_files::hashes(folder, &stored)?);
        Ok(CertifiedInput { stored, stored_sha256 })
    };
    inputs.into_iter().map(certify).collect()
}

/// Rosters that no file has come of, with what stays unknown: only those that some rule or check in force asks for, or
/// that should come every month.
fn missing_rosters(
    content: &Content,
    inputs: &[CertifiedInput],
    counties: &[County<'_>],
) -> Vec<MissingRoster> {
    let library = &content.library;
    let mut asked = BTreeSet::new();
    for county in counties {
        for check in &county.checks {
            asked.extend(uses(&county.program, &library.checks[check.index()].condition).inputs);
        }
    }
    for rules in &content.rules.programmes {
        asked.extend(inputs_of_rule(content, &ProgrammeRules { enrolled: rules.entitled, ..*rules }));
        asked.extend(inputs_of_rule(content, rules));
    }
    let arrived: BTreeSet<&str> = inputs.iter().map(|input| input.roster.as_str()).collect();
    let specs = content
        .specs
        .iter()
        .filter(|spec| !spec.register && spec.findings.is_none() && !arrived.contains(spec.id.as_str()));
    specs
        .filter_map(|spec| {
            let supplied = facts::supplied_inputs(library, spec);
            let mut names: Vec<String> = supplied
                .iter()
                .filter(|input| asked.contains(input))
                .map(|input| {
                    let input = &library.inputs[input.index()];
                    format!("{}.{}", library.entities[input.entity.index()].name, input.name)
                })
                .collect();
            names.sort();
            names.dedup();
            (spec.monthly || !names.is_empty()).then(|| MissingRoster {
                roster: spec.id.clone(),
                name: spec.name.clone(),
                department: spec.department.clone(),
                monthly: spec.monthly,
                inputs: names,
            })
        })
        .collect()
}

fn answers_add_up(counts: &AnswerCounts) -> Outcome<()> {
    match counts.sum() == counts.rows {
        true => Ok(()),
        false => Err(EngineError::Internal(format!("核查表的行数对不上：{counts:?}"))),
    }
}
