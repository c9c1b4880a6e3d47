//! Verifying a certificate: the content that was used, the facts, the results, and what lies beside it. Names the first
//! difference.

use crate::buckets::BUCKETS;
use crate::certificate::{Certificate, Output, PlaceCounts};
use crate::clearing::{Link, Prepared, Step, Ties, prepare};
use crate::content::Content;
use crate::content_store;
use crate::data_folder::DataFolder;
use crate::digest::sha256_hex;
use crate::error::{EngineError, Outcome};
use crate::facts::{self, Beside, Column, FactSet, Sharing};
use crate::history::{self, ClearingRecord};
use crate::lake::StoredRoster;
use crate::lead_log::{Concerned, LeadLog};
use crate::leads;
use crate::leads_before::LeadsBefore;
use crate::list_text::ListWriter;
use crate::office_cases::CasesBefore;
use crate::part_facts::PartFacts;
use crate::parts::{self, RowsByPart};
use crate::people_before::PeopleBefore;
use crate::results::{self, Ground, Lists, Results};
use crate::snapshot::{self, SnapshotTable};
use crate::sources::Sources;
use crate::stored_files;
use crate::stored_table::StoredTable;
use crate::tally::{self, CLOSED_FILE, LEADS_FILE, PERSONS_FILE};
use crate::words;
use doudi_policy::ir::Type;
use doudi_terms::{Month, RegionCode};
use std::collections::BTreeMap;
use std::path::Path;

/// The answer: nothing differs, or what does, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Differs(String),
}

impl From<Option<String>> for Verdict {
    fn from(difference: Option<String>) -> Verdict {
        difference.map_or(Verdict::Same, Verdict::Differs)
    }
}

/// First part: whether the policies and specifications are those that were used. Content can be read only after this.
pub fn verify_content(folder: &DataFolder, certificate: &Certificate) -> Outcome<Verdict> {
    for (hash, kind) in [(&certificate.policies_hash, "policies"), (&certificate.specs_hash, "rosters")] {
        if let Some(difference) = content_store::first_difference(folder, hash, kind)? {
            return Ok(Verdict::Differs(difference));
        }
    }
    Ok(Verdict::Same)
}

/// Second part: facts are rebuilt from the stored rosters and links, results are computed again from the stored facts,
/// and all of it is compared with the certificate and with the files beside it in `beside`. Everything is taken by hash;
/// `log` is asked only for a certificate that does not name the leads it found.
pub fn verify_results(
    folder: &DataFolder,
    content: &Content,
    certificate: &Certificate,
    beside: &Path,
    log: &dyn LeadLog,
) -> Outcome<Verdict> {
    match results_differ(folder, content, certificate, beside, log) {
        Ok(difference) => Ok(difference.into()),
        // What was stored and cannot be read any more is a difference, and not a fault of the program.
        Err(error @ (EngineError::Io { .. } | EngineError::Damaged { .. })) => {
            Ok(Verdict::Differs(error.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// What a reader of the verdict should know besides.
pub fn warnings(folder: &DataFolder, certificate: &Certificate) -> Vec<String> {
    let (Some(path), Some(used)) = (&certificate.last_month, &certificate.last_month_record) else {
        return Vec::new();
    };
    let warning = match history::record_at(folder, path) {
        Ok(now) if now == *used => return Vec::new(),
        Ok(_) => "后来又重新摸排过，结果与本证书所依据的不同；本证书仍按当时的结果核验",
        Err(_) => "的摸排记录现在读不出来；本证书仍按当时的结果核验",
    };
    vec![format!("上月（{} {}）{warning}", used.region, used.month)]
}

fn results_differ(
    folder: &DataFolder,
    content: &Content,
    certificate: &Certificate,
    beside: &Path,
    log: &dyn LeadLog,
) -> Outcome<Option<String>> {
    let (region, month) = place(certificate)?;
    let again = match recompute(folder, content, certificate, log, false)? {
        Ok(again) => again,
        Err(difference) => return Ok(Some(difference)),
    };
    let Recomputed { prepared, results, persons, before, .. } = again;
    let population = &prepared.population;
    let (leads, dismissed) = (&results.leads, &results.dismissed);
    let place = (region, certificate.month.as_str());
    let turnover = leads::turnover(content, population, leads, dismissed, &before, place);
    let mut again = tally::certificate(content, &prepared, &results, &turnover);
    let outputs = tally::outputs(population, &results, persons, &turnover, month)?;
    again.lead_counts = again.lead_counts.filter(|_| certificate.lead_counts.is_some());
    again.identities = again.compute_identities();
    if let Some(difference) = counts_differ(certificate, &again) {
        return Ok(Some(difference));
    }
    let persons = outputs.persons.bytes()?;
    let files = [
        (PERSONS_FILE, persons.as_ref()),
        (LEADS_FILE, &outputs.leads),
        (CLOSED_FILE, &outputs.closed_leads),
    ];
    for (file, bytes) in files {
        if let Some(difference) = file_differs(certificate, beside, file, bytes)? {
            return Ok(Some(difference));
        }
    }
    Ok(None)
}

/// What the grounds of a certificate give today.
pub(crate) struct Recomputed {
    pub prepared: Prepared,
    pub results: Results,
    /// persons.csv
    pub persons: ListWriter,
    pub before: LeadsBefore,
    /// Where facts were read; nothing where placements are not kept either.
    pub sources: Sources,
}

/// Everything again from what was kept; the inner error says what is not there any more as it was.
pub(crate) fn recompute(
    folder: &DataFolder,
    content: &Content,
    certificate: &Certificate,
    log: &dyn LeadLog,
    keep_placements: bool,
) -> Outcome<Result<Recomputed, String>> {
    let (region, month) = place(certificate)?;
    if let Some(difference) = stored_files::first_difference(folder, certificate)? {
        return Ok(Err(difference));
    }
    let inputs: Vec<StoredRoster> = certificate.inputs.iter().map(|input| input.stored.clone()).collect();
    let people_before = PeopleBefore::load(folder, certificate.people_before_hash.as_deref())?;
    let ties = Ties { link: Link::Never, links_key: certificate.links.as_deref(), people_before };
    let prepared = prepare(folder, content, region, &inputs, ties, &|_: Step| {})?;
    let known = (&prepared.population, prepared.moved.as_slice());
    let cases = match CasesBefore::load(folder, certificate.cases_before_hash.as_deref(), known)? {
        Ok(cases) => cases,
        Err(difference) => return Ok(Err(difference)),
    };
    let of_cases = cases.as_ref().map(|cases| (cases, month));
    let found = verify_facts(folder, content, certificate, (&prepared, of_cases), keep_placements)?;
    let (facts, sharing, sources) = match found {
        Ok(found) => found,
        Err(difference) => return Ok(Err(difference)),
    };
    let before = match leads_before(folder, certificate, &prepared, log, region)? {
        Ok(before) => before,
        Err(difference) => return Ok(Err(difference)),
    };
    let population = &prepared.population;
    let parts = [parts::whole(population)];
    let ground = Ground {
        population,
        parts: &parts,
        rows: &RowsByPart::new(population, &parts, &prepared.rosters),
        texts: None,
        sharing: &sharing,
        before: &before,
        cases: cases.as_ref(),
        month,
        last_month: None,
        hand_out: false,
        keep_placements,
    };
    let facts = vec![PartFacts::new(facts, None)?];
    let mut lists = Lists { persons: ListWriter::in_memory(), remembered: None };
    let results = results::of_all(content, &ground, facts, &mut lists, &|_: Step| {})?;
    Ok(Ok(Recomputed { prepared, results, persons: lists.persons, before, sources }))
}

/// The leads as the month found them.
fn leads_before(
    folder: &DataFolder,
    certificate: &Certificate,
    prepared: &Prepared,
    log: &dyn LeadLog,
    region: RegionCode,
) -> Outcome<Result<LeadsBefore, String>> {
    match &certificate.leads_before_hash {
        Some(hash) => LeadsBefore::load(folder, hash),
        None => {
            let concerned = Concerned::of(region, &prepared.population);
            Ok(Ok(LeadsBefore::of(&log.events()?, &concerned, &certificate.month)))
        }
    }
}

pub(crate) fn place(certificate: &Certificate) -> Outcome<(RegionCode, Month)> {
    let region = RegionCode::parse(&certificate.region);
    match (region, Month::parse(&certificate.month)) {
        (Ok(region), Some(month)) => Ok((region, month)),
        _ => Err(EngineError::BadInput(format!(
            "证书里的地区“{}”或月份“{}”不成立，请核对是不是改动过",
            certificate.region, certificate.month
        ))),
    }
}

/// The stored facts, if they are those that the rosters give.
fn verify_facts(
    folder: &DataFolder,
    content: &Content,
    certificate: &Certificate,
    (prepared, cases): (&Prepared, Option<(&CasesBefore, Month)>),
    with_sources: bool,
) -> Outcome<Result<(FactSet, Sharing, Sources), String>> {
    let (region, month) = place(certificate)?;
    let library = &content.library;
    let population = &prepared.population;
    let last = last_month(folder, certificate)?;
    let today = (population.register.as_ref(), prepared.moved.as_slice());
    let last = last.map(|record| history::read(folder, content, &record, today)).transpose()?;
    let parts = [parts::whole(population)];
    let rows = RowsByPart::new(population, &parts, &prepared.rosters);
    let groundwork = facts::groundwork(folder, content, population, &prepared.rosters)?;
    let beside = Beside { last_month: last.as_ref(), cases };
    let built = facts::build(folder, content, population, (&rows, 0), &groundwork, beside, with_sources)?;
    let tables = snapshot::tables(library, population, &built.facts);
    let place = folder.snapshot(region, month, &certificate.snapshot_hash);
    let (manifest, stored_hash) = match snapshot::stored_manifest(&place) {
        Ok(found) => found,
        Err(error) => return Ok(Err(format!("快照读不出来：{error}"))),
    };
    let stored = match snapshot::stored_tables(&place, &manifest) {
        Ok(found) => found,
        Err(error) => return Ok(Err(format!("快照读不出来：{error}"))),
    };
    for table in &tables {
        let name = &library.entities[table.entity.index()].name;
        let at = manifest.tables.iter().position(|described| described.entity == *name);
        let Some(found) = at.and_then(|at| stored.get(at)) else {
            return Ok(Err(format!("快照里没有“{name}”表")));
        };
        if let Some(difference) = table_differs(content, prepared, table, found) {
            return Ok(Err(format!("快照与名册不一致：{difference}")));
        }
    }
    let (_, rebuilt_hash) = snapshot::manifest(library, &tables)?;
    if stored_hash != certificate.snapshot_hash {
        return Ok(Err(format!(
            "快照清单被改动过：证书上的指纹是 {}，清单的是 {stored_hash}",
            certificate.snapshot_hash
        )));
    }
    if rebuilt_hash != certificate.snapshot_hash {
        return Ok(Err(format!(
            "按名册重算的快照指纹 {rebuilt_hash} 与证书上的 {} 不同",
            certificate.snapshot_hash
        )));
    }
    drop(tables);
    let sources = if with_sources { Sources::new(built.facts, built.origins) } else { Sources::default() };
    let facts = snapshot::to_facts(library, population, &manifest, stored, &place)?;
    Ok(Ok((facts, groundwork.sharing, sources)))
}

/// By its hashes; a certificate that has none names the record of that month as it is now.
fn last_month(folder: &DataFolder, certificate: &Certificate) -> Outcome<Option<ClearingRecord>> {
    match (&certificate.last_month_record, &certificate.last_month) {
        (Some(record), _) => Ok(Some(record.clone())),
        (None, Some(path)) => history::record_at(folder, path).map(Some),
        (None, None) => Ok(None),
    }
}

/// The first cell of a table that differs.
fn table_differs(
    content: &Content,
    prepared: &Prepared,
    table: &SnapshotTable<'_>,
    stored: &StoredTable,
) -> Option<String> {
    let entity = &content.library.entities[table.entity.index()].name;
    for (name, numbers) in &table.numbers {
        let Some(found) = stored.numbers.get(*name) else {
            return Some(format!("“{entity}”表缺少列 {name}"));
        };
        let differs = numbers.iter().zip(found).position(|(a, b)| a != b);
        if let Some(row) = differs {
            return Some(format!(
                "“{entity}”表第 {} 行的 {name} 应为 {}，快照里是 {}",
                row + 1,
                numbers[row],
                found[row]
            ));
        }
        if numbers.len() != found.len() {
            return Some(format!("“{entity}”表应有 {} 行，快照里是 {} 行", numbers.len(), found.len()));
        }
    }
    for named in &table.columns {
        let found = stored.columns.iter().find(|column| column.name == named.name);
        let Some(found) = found else {
            return Some(format!("“{entity}”表缺少“{}”列", named.name));
        };
        let rows = 0..named.column.len().max(found.column.len());
        if let Some(row) = rows.into_iter().find(|row| named.column.get(*row) != found.column.get(*row)) {
            return Some(format!(
                "{}的 {entity}.{} 按名册应为 {}，快照里是 {}",
                row_name(content, prepared, table, row),
                named.name,
                cell_text(content, named.ty, &named.column, row),
                cell_text(content, named.ty, &found.column, row)
            ));
        }
    }
    let extra = stored.columns.iter().find(|column| !table.columns.iter().any(|own| own.name == column.name));
    extra.map(|column| format!("“{entity}”表多出“{}”列", column.name))
}

fn row_name(content: &Content, prepared: &Prepared, table: &SnapshotTable<'_>, row: usize) -> String {
    let population = &prepared.population;
    let person = |row: usize| format!("人员 {}", population.person_id(row));
    match table.entity {
        doudi_policy::ir::HOUSEHOLD => match population.units.get(row) {
            Some(unit) => format!("户 {}（{}）", unit.number(), person(unit.start as usize)),
            None => format!("第 {} 户", row + 1),
        },
        doudi_policy::ir::PERSON if row < population.len() => person(row),
        entity => {
            let name = &content.library.entities[entity.index()].name;
            let owner = table.numbers.first().and_then(|(_, owners)| owners.get(row)).copied();
            let of_person = content.library.entities[entity.index()].parent == Some(doudi_policy::ir::PERSON);
            match owner.map(|owner| owner as usize).filter(|owner| of_person && *owner < population.len()) {
                Some(owner) => format!("{}的“{name}”（第 {} 行）", person(owner), row + 1),
                None => format!("“{name}”第 {} 行", row + 1),
            }
        }
    }
}

fn cell_text(content: &Content, ty: Type, column: &Column, row: usize) -> String {
    match column.get(row) {
        Some(cell) => format!("“{}”", words::value(&content.library, ty, facts::to_value(ty, cell))),
        None => "不详".to_owned(),
    }
}

pub(crate) fn counts_differ(certificate: &Certificate, again: &Certificate) -> Option<String> {
    let differ = |what: String, ours: u64, theirs: u64| {
        (ours != theirs).then(|| format!("{what}：重算得 {ours}，证书上是 {theirs}"))
    };
    let (ours, theirs) = (again.register, certificate.register);
    let register = [
        ("登记人口", ours.persons, theirs.persons),
        ("登记户数", ours.households, theirs.households),
        ("新增人员", ours.new_persons, theirs.new_persons),
    ];
    let whole = PlaceCounts { persons: certificate.register.persons, buckets: certificate.buckets };
    let whole_again = PlaceCounts { persons: again.register.persons, buckets: again.buckets };
    register
        .into_iter()
        .find_map(|(name, ours, theirs)| differ(name.to_owned(), ours, theirs))
        .or_else(|| place_differs("全部", &whole_again, &whole))
        .or_else(|| places_differ("乡镇", &again.by_township, &certificate.by_township))
        .or_else(|| places_differ("村", &again.by_village, &certificate.by_village))
        .or_else(|| json_differs("各项目（by_programme）", &again.by_programme, &certificate.by_programme))
        .or_else(|| json_differs("名册行数（roster_rows）", &again.roster_rows, &certificate.roster_rows))
        .or_else(|| json_differs("疑点条数（lead_counts）", &again.lead_counts, &certificate.lead_counts))
        .or_else(|| json_differs("恒等式（identities）", &again.identities, &certificate.identities))
}

fn places_differ(
    kind: &str,
    again: &BTreeMap<String, PlaceCounts>,
    certificate: &BTreeMap<String, PlaceCounts>,
) -> Option<String> {
    for (code, ours) in again {
        match certificate.get(code) {
            None => return Some(format!("{kind} {code}：证书上没有")),
            Some(theirs) => {
                if let Some(difference) = place_differs(&format!("{kind} {code}"), ours, theirs) {
                    return Some(difference);
                }
            }
        }
    }
    let extra = certificate.keys().find(|code| !again.contains_key(*code));
    extra.map(|code| format!("{kind} {code}：证书上多出来"))
}

fn place_differs(name: &str, ours: &PlaceCounts, theirs: &PlaceCounts) -> Option<String> {
    for bucket in BUCKETS {
        let (a, b) = (ours.buckets.get(bucket), theirs.buckets.get(bucket));
        if a != b {
            return Some(format!(
                "{name}“{}”（{}）的人数：重算得 {a}，证书上是 {b}",
                bucket.name(),
                bucket.key()
            ));
        }
    }
    (ours.persons != theirs.persons)
        .then(|| format!("{name}的人数：重算得 {}，证书上是 {}", ours.persons, theirs.persons))
}

/// For parts with many figures: the first path at which their JSON differs.
fn json_differs(name: &str, ours: &impl serde::Serialize, theirs: &impl serde::Serialize) -> Option<String> {
    let (ours, theirs) = (serde_json::to_value(ours).ok()?, serde_json::to_value(theirs).ok()?);
    first_path(&ours, &theirs)
        .map(|(path, ours, theirs)| format!("{name}{path}：重算得 {ours}，证书上是 {theirs}"))
}

fn first_path(ours: &serde_json::Value, theirs: &serde_json::Value) -> Option<(String, String, String)> {
    use serde_json::Value;
    let below =
        |key: String, found: (String, String, String)| (format!(" {key}{}", found.0), found.1, found.2);
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.into_iter().find_map(|key| {
                let nothing = Value::Null;
                let (one, other) = (a.get(key).unwrap_or(&nothing), b.get(key).unwrap_or(&nothing));
                first_path(one, other).map(|found| below(key.clone(), found))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(at, (one, other))| {
                first_path(one, other).map(|found| below(format!("第 {} 项", at + 1), found))
            })
        }
        (a, b) if a == b => None,
        (a, b) => Some((String::new(), a.to_string(), b.to_string())),
    }
}

/// A file beside the certificate against what is computed again.
fn file_differs(
    certificate: &Certificate,
    beside: &Path,
    file: &str,
    again: &[u8],
) -> Outcome<Option<String>> {
    let path = beside.join(file);
    let found = match std::fs::read(&path) {
        Ok(found) => found,
        Err(_) => return Ok(Some(format!("证书旁边没有 {file}"))),
    };
    if found != again {
        return Ok(Some(row_differs(file, again, &found)));
    }
    let ours = sha256_hex(again);
    Ok(match certificate.outputs.get(file) {
        Some(Output { sha256, .. }) if *sha256 == ours => None,
        _ => Some(format!("{file} 的指纹与证书上的不同")),
    })
}

fn row_differs(file: &str, again: &[u8], found: &[u8]) -> String {
    let (again, found) = (String::from_utf8_lossy(again), String::from_utf8_lossy(found));
    let mut lines = again.lines().zip(found.lines()).enumerate();
    match lines.find(|(_, (ours, theirs))| ours != theirs) {
        Some((at, (ours, theirs))) => {
            format!("{file} 第 {} 行：重算得“{ours}”，文件里是“{theirs}”", at + 1)
        }
        None => {
            format!("{file} 的行数：重算得 {}，文件里是 {}", again.lines().count(), found.lines().count())
        }
    }
}
