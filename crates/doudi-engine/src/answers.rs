//! Handouts that came back filled in: their rows are answers to leads, and state nothing about people.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::facts::{plain_name, plain_number};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half, StoredRoster};
use crate::lead_log::{Answer, Concerned, FINDINGS, Finding, LeadEvent, LeadEventKind};
use crate::population::Population;
use doudi_terms::roster::{Cells, ColumnKind, FindingSpec, ObservationBatch, RosterSpec};
use doudi_terms::{Month, Place, Problem, RegionCode, Severity, date_from_epoch_day};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Problems kept per file word for word; all are counted. A township that is cleared by itself meets the handouts of all
/// the others.
const PROBLEMS_KEPT: usize = 200;

/// What became of the rows of the handouts that came back. `rows` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerCounts {
    pub rows: u64,
    /// Rows that answer a lead.
    pub answered: u64,
    /// Another row answers the same lead, and it is the one that counts.
    pub repeated: u64,
    /// Not filled in yet.
    pub blank: u64,
    /// Rows that cannot be used, each with a problem.
    pub refused: u64,
}

impl AnswerCounts {
    pub fn sum(&self) -> u64 {
        self.answered + self.repeated + self.blank + self.refused
    }
}

/// The answers of all files that count.
pub(crate) struct Answers {
    /// Those that the memory does not have yet.
    pub events: Vec<LeadEvent>,
    pub counts: AnswerCounts,
    pub problems: Vec<Problem>,
}

/// A row with a usable outcome.
struct Row<'e> {
    place: Place,
    lead: &'e LeadEvent,
    answer: Answer,
}

struct Reader<'a> {
    events_of: FxHashMap<&'a str, &'a LeadEvent>,
    concerned: &'a Concerned<'a>,
    population: &'a Population,
    counts: AnswerCounts,
    problems: Vec<Problem>,
    /// How many of them there were when the file was begun.
    kept_before: usize,
}

/// Reads every handout among `inputs`. Of two answers to one lead the one of the later month counts; within a month, see
/// [`latest`].
pub(crate) fn read(
    folder: &DataFolder,
    content: &Content,
    inputs: &[StoredRoster],
    events: &[LeadEvent],
    concerned: &Concerned<'_>,
    (population, region): (&Population, RegionCode),
) -> Outcome<Answers> {
    // A lead that concerns this clearing is preferred to one of the same id elsewhere.
    let mut events_of: FxHashMap<&str, &LeadEvent> = FxHashMap::default();
    for event in events.iter().filter(|event| event.kind != LeadEventKind::Answered) {
        let known = events_of.entry(&event.lead_id).or_insert(event);
        if concerned.has(event) {
            *known = event;
        }
    }
    let mut reader = Reader {
        events_of,
        concerned,
        population,
        counts: AnswerCounts::default(),
        problems: Vec::new(),
        kept_before: 0,
    };
    let mut found: BTreeMap<(Month, String), Vec<Row<'_>>> = BTreeMap::new();
    for stored in inputs {
        let Some((_, spec)) = content.spec(&stored.roster) else { continue };
        let Some(finding) = &spec.findings else { continue };
        let month = stored.month()?;
        for row in reader.file(folder, stored, spec, finding)? {
            found.entry((month, row.lead.lead_id.clone())).or_default().push(row);
        }
    }
    let (in_office, said) = answers_said(events, concerned);
    let mut news = Vec::new();
    for ((month, lead_id), rows) in found {
        reader.repeated(rows.len() as u64 - 1);
        let month = month.to_string();
        let said = said.get(&(lead_id.as_str(), month.as_str())).map_or(&[][..], Vec::as_slice);
        let Some(row) = latest(rows, said) else { continue };
        if said.last().is_some_and(|said| says_the_same(said, &row.answer)) {
            continue;
        }
        // Whoever went later knows better, and days sort as they are written.
        let later = |told: &&Answer| !row.answer.on.is_empty() && told.on > row.answer.on;
        if in_office.get(&(lead_id.as_str(), month.as_str())).is_some_and(later) {
            continue;
        }
        news.push(LeadEvent {
            kind: LeadEventKind::Answered,
            lead_id,
            region: region.to_string(),
            month,
            check: row.lead.check.clone(),
            person_id: row.lead.person_id.clone(),
            reason: String::new(),
            answer: Some(row.answer),
        });
    }
    Ok(Answers { events: news, counts: reader.counts, problems: reader.problems })
}

/// By lead and month.
type Said<'e, T> = FxHashMap<(&'e str, &'e str), T>;

/// The answers that are remembered: the last one of the office, and those of files in the order in which they came. A file
/// that was read before says nothing new because somebody has said something else in the office since.
fn answers_said<'e>(
    events: &'e [LeadEvent],
    concerned: &Concerned<'_>,
) -> (Said<'e, &'e Answer>, Said<'e, Vec<&'e Answer>>) {
    let (mut in_office, mut in_files): (Said<'e, _>, Said<'e, Vec<_>>) = Default::default();
    for event in events.iter().filter(|event| concerned.has(event)) {
        let Some(answer) = &event.answer else { continue };
        let place = (event.lead_id.as_str(), event.month.as_str());
        match answer.office_step() {
            Some(_) => drop(in_office.insert(place, answer)),
            None => in_files.entry(place).or_default().push(answer),
        }
    }
    (in_office, in_files)
}

/// The answer that counts of those which the files of one month give to one lead: the one with the latest day; else the
/// one that came last, which is one that nobody has heard before.
fn latest<'e>(rows: Vec<Row<'e>>, said: &[&Answer]) -> Option<Row<'e>> {
    let last_day = rows.iter().map(|row| row.answer.on.clone()).max().unwrap_or_default();
    let may_count = |row: &Row<'_>| row.answer.on.is_empty() || row.answer.on == last_day;
    let heard = |row: &Row<'_>| said.iter().rposition(|said| says_the_same(said, &row.answer));
    rows.into_iter().filter(may_count).max_by_key(|row| heard(row).unwrap_or(usize::MAX))
}

/// Where it stands does not matter: the same workbook under another name says nothing new.
fn says_the_same(a: &Answer, b: &Answer) -> bool {
    (a.finding, &a.by, &a.on, &a.note) == (b.finding, &b.by, &b.on, &b.note)
}

impl<'a> Reader<'a> {
    fn repeated(&mut self, rows: u64) {
        self.counts.answered -= rows;
        self.counts.repeated += rows;
    }

    fn file(
        &mut self,
        folder: &DataFolder,
        stored: &StoredRoster,
        spec: &RosterSpec,
        finding: &FindingSpec,
    ) -> Outcome<Vec<Row<'a>>> {
        self.kept_before = self.problems.len();
        self.counts.rows += u64::from(stored.rows);
        self.counts.refused += u64::from(stored.rejected);
        let columns = IdentityColumns::of(spec);
        let mut rows: Vec<Row<'a>> = Vec::new();
        let identities = lake::read(folder, stored, spec, Half::Identity)?;
        for (facts, identity) in lake::read(folder, stored, spec, Half::Facts)?.zip(identities) {
            let (facts, identity) = (facts?, identity?);
            for at in 0..facts.rows.len() {
                let whose = (
                    columns.text(&identity, ColumnKind::IdNumber, at),
                    columns.text(&identity, ColumnKind::PersonName, at),
                );
                rows.extend(self.row(stored, spec, finding, &facts, at, whose));
            }
        }
        Ok(self.without_contradictions(rows, finding))
    }

    fn row(
        &mut self,
        stored: &StoredRoster,
        spec: &RosterSpec,
        finding: &FindingSpec,
        facts: &ObservationBatch,
        at: usize,
        whose: (&str, &str),
    ) -> Option<Row<'a>> {
        let text = |column: Option<&String>| column.map_or_else(String::new, |c| cell(spec, facts, c, at));
        let place = |column: Option<&String>| Place {
            file: stored.file.clone(),
            sheet: stored.sheet.clone(),
            row: facts.rows.get(at).copied(),
            column: column.cloned(),
        };
        let (lead_id, outcome) = (text(Some(&finding.lead)), text(Some(&finding.outcome)));
        if outcome.is_empty() {
            self.counts.blank += 1;
            return None;
        }
        let Some(found) = Finding::parse(&outcome) else {
            let words: Vec<&str> = FINDINGS.iter().map(|finding| finding.word()).collect();
            let what = format!("核查结果“{outcome}”不是能用的写法，按没有填处理");
            self.refuse(place(Some(&finding.outcome)), what, &format!("请填写：{}", words.join("、")));
            return None;
        };
        let lead = match self.lead(&lead_id, whose) {
            Ok(lead) => lead,
            Err((what, next)) => {
                self.refuse(place(Some(&finding.lead)), what, next);
                return None;
            }
        };
        self.counts.answered += 1;
        let answer = Answer {
            finding: found,
            by: text(finding.by.as_ref()),
            on: text(finding.on.as_ref()),
            note: text(finding.note.as_ref()),
            month: stored.month.clone(),
            source: format!(
                "{}#{}#{}",
                stored.file,
                stored.sheet.as_deref().unwrap_or_default(),
                facts.rows.get(at).copied().unwrap_or_default()
            ),
        };
        Some(Row { place: place(Some(&finding.outcome)), lead, answer })
    }

    /// The lead that a row speaks of; else what is wrong and what to do.
    fn lead(&self, lead_id: &str, (id, name): (&str, &str)) -> Result<&'a LeadEvent, (String, &'static str)> {
        if lead_id.is_empty() {
            let what = "填了核查结果，但没有疑点编号，不知道回答的是哪一条".to_owned();
            return Err((what, "请从发下去的工作簿里找回这一行的疑点编号"));
        }
        let Some(&lead) = self.events_of.get(lead_id) else {
            let what = format!("没有编号为“{lead_id}”的疑点");
            return Err((what, "请核对疑点编号有没有改动，是不是这个数据文件夹发出的工作簿"));
        };
        if !self.concerned.has(lead) {
            let what = format!("疑点“{lead_id}”是 {} 的，不是本次摸排的地区的", lead.region);
            return Err((what, "请把这本工作簿交给它的地区，或在那个地区摸排时放进名册文件夹"));
        }
        if self.is_somebody_else(&lead.person_id, id, name) {
            let what = format!("疑点“{lead_id}”说的不是这一行的人");
            return Err((what, "请检查填写时是不是只排序了部分列，行与行错开了"));
        }
        Ok(lead)
    }

    /// Sorting some of a sheet's columns puts answers beside other people's leads.
    fn is_somebody_else(&self, person_id: &str, id: &str, name: &str) -> bool {
        let Population { register, texts, .. } = self.population;
        let Some(person) = register.find_person_id(person_id) else { return false };
        let differs = |a: String, b: String| !a.is_empty() && !b.is_empty() && a != b;
        differs(plain_number(id), plain_number(texts.id_number(person)))
            && differs(plain_name(name), plain_name(texts.name(person)))
    }

    /// Two answers of one file to one lead: the same one counts once; of different ones nobody knows which is meant.
    fn without_contradictions(&mut self, rows: Vec<Row<'a>>, finding: &FindingSpec) -> Vec<Row<'a>> {
        let mut of_lead: BTreeMap<&'a str, Vec<Finding>> = BTreeMap::new();
        for row in &rows {
            of_lead.entry(&row.lead.lead_id).or_default().push(row.answer.finding);
        }
        let mut kept: Vec<Row<'a>> = Vec::new();
        let mut place_of: FxHashMap<&'a str, usize> = FxHashMap::default();
        for row in rows {
            let said = of_lead.get(row.lead.lead_id.as_str()).map_or(&[][..], Vec::as_slice);
            if said.iter().any(|other| *other != row.answer.finding) {
                self.counts.answered -= 1;
                let what = format!("疑点“{}”在这份表里有两种不同的核查结果，都不采用", row.lead.lead_id);
                let next = format!("请只留一行，或把“{}”改成一样", finding.outcome);
                self.refuse(row.place, what, &next);
                continue;
            }
            let next = kept.len();
            match place_of.entry(&row.lead.lead_id).or_insert(next) {
                at if *at == next => kept.push(row),
                at => {
                    kept[*at] = row;
                    self.repeated(1);
                }
            }
        }
        kept
    }

    fn refuse(&mut self, place: Place, what: String, next: &str) {
        self.counts.refused += 1;
        if self.problems.len() < self.kept_before + PROBLEMS_KEPT {
            self.problems.push(Problem { severity: Severity::Error, place, what, next: next.to_owned() });
        }
    }
}

/// A cell as text; empty for a blank one.
fn cell(spec: &RosterSpec, batch: &ObservationBatch, name: &str, at: usize) -> String {
    let place = spec.columns.iter().position(|column| column.name == name);
    match place.and_then(|place| batch.columns.get(place)) {
        Some(Some(Cells::Text(texts))) => {
            texts.get(at).and_then(Option::as_deref).unwrap_or_default().trim().to_owned()
        }
        Some(Some(Cells::Date(days))) => days
            .get(at)
            .copied()
            .flatten()
            .and_then(date_from_epoch_day)
            .map_or_else(String::new, |date| date.to_string()),
        _ => String::new(),
    }
}
