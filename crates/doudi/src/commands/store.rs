//! `doudi store`: a certified month taken over into the office's store, and what was answered there given back.

mod cases;
mod kept;

use super::clear::{Stop, read_kept};
use super::office::{OfficeArgs, finish, now};
use super::vault::KeyArgs;
use crate::content::ContentFile;
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_casework::{Finding, Moment};
use doudi_engine::digest::sha256_hex;
use doudi_engine::{
    Certificate, ComparedRow, Content, DataFolder, HandOver, HandedFile, HandedLead, HandedPerson, LeadFile,
    OfficeAnswer, Verdict, hand_over, load_content, note_office_answers, verify_content,
};
use doudi_policy::deadline;
use doudi_store::{
    EndedLead, Figure, Imported, ImportedAnswer, ImportedCell, ImportedClearing, ImportedFile, ImportedLead,
    ImportedLink, ImportedPerson, ImportedRecord, MonthSource, Store, StoreError,
};
use doudi_terms::{Date, Month, RegionCode, parse_date};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum StoreCommand {
    /// 把一个月的摸排结果放进办公数据库：人员、疑点、核查结果、统计；再做一遍不会重复
    Import(ImportArgs),
    /// 把办公网页里的核查结果交回数据文件夹，下个月摸排照着办；doudi clear 会自己先做，不必另外运行
    ExportAnswers(ExportArgs),
    /// 把窗口办件到某月月末的情况交回数据文件夹，那个月摸排照着说；doudi clear 会自己先做，不必另外运行
    ExportCases(ExportCasesArgs),
    /// 核对核查凭据（照片、文件）：缺了的、被改动过的，按疑点列出
    VerifyEvidence(ExportArgs),
}

#[derive(Args)]
pub struct ImportArgs {
    /// 证书 certificate.json
    #[arg(value_name = "CERTIFICATE")]
    certificate: PathBuf,
    #[command(flatten)]
    office: OfficeArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ExportArgs {
    #[command(flatten)]
    office: OfficeArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct ExportCasesArgs {
    /// 哪个月，如 2020-05：到这个月最后一天为止的办件
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// 政策文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    #[command(flatten)]
    office: OfficeArgs,
    /// 以 JSON 写出结果
    #[arg(long)]
    json: bool,
}

pub fn run(command: &StoreCommand) -> Exit {
    finish(match command {
        StoreCommand::Import(args) => import(args),
        StoreCommand::ExportAnswers(args) => export(args),
        StoreCommand::ExportCases(args) => export_cases(args),
        StoreCommand::VerifyEvidence(args) => verify_evidence(args),
    })
}

fn verify_evidence(args: &ExportArgs) -> Result<(String, Exit), Stop> {
    let mut damaged = args.office.open_existing()?.verify_evidence()?;
    damaged.sort();
    let exit = if damaged.is_empty() { Exit::Done } else { Exit::No };
    if args.json {
        let line = |(lead, file): &(String, String)| json!({ "lead_id": lead, "file": file });
        let lines: Vec<_> = damaged.iter().map(line).collect();
        return Ok((format!("{:#}", json!({ "damaged": lines })), exit));
    }
    let mut text = match damaged.len() {
        0 => "凭据都在，与存入时一样".to_owned(),
        count => format!("{count} 份凭据缺了或者被改动过。请从备份恢复，或者请经办人重新上传："),
    };
    for (lead, file) in &damaged {
        text.push_str(&format!("\n疑点 {lead}：{file}"));
    }
    Ok((text, exit))
}

fn export(args: &ExportArgs) -> Result<(String, Exit), Stop> {
    let (folder, _lock) = args.office.key_args().take(args.office.data_folder()?)?;
    let count = give_back(&args.office.open_existing()?, &folder)?;
    let text = match args.json {
        true => format!("{:#}", json!({ "answers": count })),
        false => format!("新交回 {count} 条核查结果，下一次摸排照着办"),
    };
    Ok((text, Exit::Done))
}

fn export_cases(args: &ExportCasesArgs) -> Result<(String, Exit), Stop> {
    let month = Month::parse(&args.month).ok_or_else(|| Stop {
        exit: Exit::Usage,
        message: format!("--month：“{}”不是月份，请写成 2020-05 的样子", args.month),
    })?;
    let (folder, _lock) = args.office.key_args().take(args.office.data_folder()?)?;
    let store = args.office.open_existing()?;
    let handed = cases::hand_cases(&store, &folder, month, args.policies.as_deref())?;
    let text = match args.json {
        true => format!(
            "{:#}",
            json!({ "cases": handed.cases, "people": handed.people, "unknown": handed.unknown })
        ),
        false => handed.words(month),
    };
    Ok((text, Exit::Done))
}

/// What people have reported in the office, written where the next clearing finds it; gives how many were new.
pub fn give_back(store: &Store, folder: &DataFolder) -> Result<u64, Stop> {
    let told = |answer: doudi_store::OfficeAnswer| {
        let law =
            if answer.article.is_empty() { String::new() } else { format!("；依据：{}", answer.article) };
        Some(OfficeAnswer {
            finding: doudi_engine::Finding::parse(answer.finding.word())?,
            lead_id: answer.lead_id,
            step: answer.step,
            by: answer.by,
            on: answer.on.to_string(),
            note: format!("措施：{}{law}", answer.measure),
            month: answer.month.to_string(),
        })
    };
    let answers = store.office_answers()?.into_iter().filter_map(told).collect();
    Ok(note_office_answers(&mut LeadFile::of(folder), answers)?)
}

/// What the office gave before a clearing, in sentences for whoever clears.
pub fn give_back_before_clearing(
    data: &Path,
    key: &KeyArgs,
    folder: &DataFolder,
    (month, policies): (Month, Option<&Path>),
) -> Result<Vec<String>, Stop> {
    let Some(office) = OfficeArgs::beside(data, key.path()) else { return Ok(Vec::new()) };
    let store = office.open_existing()?;
    let given = give_back(&store, folder)?;
    let handed = cases::hand_cases(&store, folder, month, policies)?;
    let mut said = Vec::new();
    if given > 0 {
        said.push(format!("办公网页里新的核查结果 {given} 条，本次照着办"));
    }
    if handed.cases > 0 {
        said.push(handed.words(month));
    }
    Ok(said)
}

fn import(args: &ImportArgs) -> Result<(String, Exit), Stop> {
    let store = args.office.open()?;
    let done = import_certificate(&store, &args.certificate, &args.office.key_args(), now())?;
    let text = match args.json {
        true => format!("{:#}", json!(done)),
        false => format!(
            "已导入：{} 人、{} 条关联；疑点 {} 条，其中新的 {} 条、再次发现 {} 条、已有核查结果 {} 条；销号 {} 条",
            done.persons,
            done.links,
            done.leads,
            done.new_leads,
            done.found_again,
            done.answered,
            done.closed
        ),
    };
    Ok((text, Exit::Done))
}

/// Computes a certified month again from its data folder and takes it over; what is not as it was certified is refused.
pub fn import_certificate(store: &Store, path: &Path, key: &KeyArgs, at: Moment) -> Result<Imported, Stop> {
    let bytes = std::fs::read(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {}：{error}。请检查路径", path.display())))?;
    let certificate = Certificate::parse(&bytes)
        .map_err(|what| Stop::bad_input(format!("{} 不是完整的证书：{what}", path.display())))?;
    let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = key.existing(&beside.join(&certificate.data))?;
    let refused = |difference: String| {
        Stop::bad_input(format!(
            "没有导入：数据与证书不一致，{difference}。请用 doudi verify 核对，重新摸排以后再导入"
        ))
    };
    if let Verdict::Differs(difference) = verify_content(&folder, &certificate)? {
        return Err(refused(difference));
    }
    let load = |hash: &str, kind: &str| -> Result<Vec<ContentFile>, Stop> {
        let files = load_content(&folder, hash, kind)?;
        Ok(files.into_iter().map(|file| ContentFile { path: file.path, text: file.text }).collect())
    };
    let (policies, specs) =
        (load(&certificate.policies_hash, "policies")?, load(&certificate.specs_hash, "rosters")?);
    let content = read_kept(policies, specs)?;
    let log = LeadFile::of(&folder);
    let handed = hand_over(&folder, &content, &certificate, &log)?.map_err(refused)?;
    let place = Place::of(&certificate, &content, at)?;
    let clearing = place.clearing(&handed, &bytes)?;
    Ok(store.import_clearing(clearing, at)?)
}

/// What every row is of.
struct Place<'c> {
    certificate: &'c Certificate,
    content: &'c Content,
    region: RegionCode,
    month: Month,
    /// Leads are due so many working days after they were handed over.
    today: Date,
}

impl<'c> Place<'c> {
    fn of(certificate: &'c Certificate, content: &'c Content, at: Moment) -> Result<Place<'c>, Stop> {
        let region = RegionCode::parse(&certificate.region).ok();
        let (Some(region), Some(month)) = (region, Month::parse(&certificate.month)) else {
            return Err(Stop::bad_input("证书里的地区或月份不成立，请核对是不是改动过"));
        };
        Ok(Place { certificate, content, region, month, today: at.day().unwrap_or_default() })
    }

    fn clearing<'h>(&'h self, handed: &'h HandOver<'h>, bytes: &[u8]) -> Result<ImportedClearing<'h>, Stop> {
        let files = handed
            .files()
            .map(|file| file.map(imported_file).map_err(|error| StoreError::BadInput(error.to_string())));
        let compared = handed.compared()?;
        let records = move |lead: &HandedLead| -> Vec<ImportedRecord> {
            let rows = lead.rows.iter().filter_map(|place| Some((place, compared.get(place)?)));
            rows.map(|(place, row)| imported_record(place, row, handed.compared_person(row))).collect()
        };
        Ok(ImportedClearing {
            region: self.region,
            month: self.month,
            certificate_hash: sha256_hex(bytes),
            certificate_json: String::from_utf8_lossy(bytes).into_owned(),
            persons: Box::new(handed.persons().map(|person| Ok(imported_person(&person)))),
            files: Box::new(files),
            leads: Box::new(handed.leads().map(move |lead| {
                let records = records(&lead);
                self.lead(lead, records)
            })),
            ended: handed.ended().into_iter().filter_map(ended).collect(),
            figures: self.figures(),
            sources: self.sources(),
            kept: kept::of_month(self.content, self.certificate, handed, self.month)?,
        })
    }

    fn lead(&self, lead: HandedLead, records: Vec<ImportedRecord>) -> Result<ImportedLead, StoreError> {
        let answer = lead.answer.as_ref().and_then(|answer| {
            Some(ImportedAnswer {
                finding: Finding::parse(answer.finding.word())?,
                by: answer.by.clone(),
                on: parse_date(&answer.on),
                note: answer.note.clone(),
                month: Month::parse(&answer.month)?,
                office_step: answer.office_step(),
                outweighs: lead.outweighs,
            })
        });
        let due = deadline(&lead.verify, self.today, &self.content.library.calendar).map_err(|why| {
            StoreError::BadInput(format!("没有导入：“{}”的核查时限（{}）：{why}", lead.check, lead.verify))
        })?;
        let opened = Month::parse(&lead.opened)
            .ok_or_else(|| StoreError::BadInput(format!("疑点 {} 的月份不成立", lead.lead_id)))?;
        Ok(ImportedLead {
            due,
            answer,
            opened,
            lead_id: lead.lead_id,
            check: lead.check,
            severity: lead.severity,
            subject_kind: lead.subject_kind,
            person_id: lead.person_id,
            household_id: lead.household,
            name: lead.name,
            region: lead.region,
            grade: lead.grade.map_or(String::new(), String::from),
            stake: lead.stake,
            reason: lead.reason,
            rows: lead.rows,
            records,
            verify: lead.verify,
            closes: lead.closes,
            article: lead.article,
        })
    }

    fn figures(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for places in [&self.certificate.by_township, &self.certificate.by_village] {
            for (code, counts) in places {
                let Ok(region) = RegionCode::parse(code) else { continue };
                let buckets = doudi_engine::BUCKETS.map(|bucket| (bucket.key(), counts.buckets.get(bucket)));
                for (name, value) in buckets.into_iter().chain([("persons", counts.persons)]) {
                    figures.push(Figure {
                        region,
                        kind: "bucket".into(),
                        name: name.into(),
                        value: i64::try_from(value).unwrap_or(i64::MAX),
                    });
                }
            }
        }
        figures.sort_by_key(|figure| (figure.region, figure.name.clone()));
        // A township of whose people no village is known is on both lists, with the same figures or a part of them.
        figures.dedup_by_key(|figure| (figure.region, figure.name.clone()));
        figures
    }

    fn sources(&self) -> Vec<MonthSource> {
        let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
        for input in &self.certificate.inputs {
            *rows.entry(&input.stored.roster).or_default() += u64::from(input.stored.rows);
        }
        let specs = self.content.specs.iter().filter(|spec| rows.contains_key(spec.id.as_str()));
        let arrived = specs.map(|spec| MonthSource {
            roster: spec.id.clone(),
            name: spec.name.clone(),
            department: spec.department.clone(),
            is_monthly: spec.monthly,
            has_arrived: true,
            rows: rows.get(spec.id.as_str()).copied().unwrap_or(0),
        });
        let missing = self.certificate.missing_rosters.iter().map(|missing| MonthSource {
            roster: missing.roster.clone(),
            name: missing.name.clone(),
            department: missing.department.clone(),
            is_monthly: missing.monthly,
            has_arrived: false,
            rows: 0,
        });
        arrived.chain(missing).collect()
    }
}

fn imported_person(person: &HandedPerson<'_>) -> ImportedPerson {
    ImportedPerson {
        person_id: person.person_id.to_owned(),
        household_id: person.household.clone(),
        region: person.region,
        name: person.name.to_owned(),
        relation: person.relation.to_owned(),
        sex: person.sex.to_owned(),
        birth: person.birth,
        id_number: person.id_number.to_owned(),
        phone: person.phone.to_owned(),
        account: person.account.to_owned(),
        address: person.address.to_owned(),
        bucket: person.bucket.to_owned(),
        programmes: person.programmes.clone(),
        reason: person.reason.to_owned(),
        missing: person.missing.clone(),
    }
}

fn imported_record(place: &str, row: &ComparedRow, person: Option<String>) -> ImportedRecord {
    let cell = |cell: &doudi_engine::ComparedCell| ImportedCell {
        label: cell.label.clone(),
        kind: cell.kind.to_owned(),
        text: cell.text.clone(),
    };
    ImportedRecord {
        place: place.to_owned(),
        roster: row.roster.clone(),
        department: row.department.clone(),
        month: row.month.clone(),
        person: person.unwrap_or_default(),
        grade: row.grade,
        cells: row.cells.iter().map(cell).collect(),
    }
}

fn imported_file(file: HandedFile) -> ImportedFile {
    let links = file.rows.into_iter().map(|row| ImportedLink {
        row: row.row,
        person_id: row.person_id.unwrap_or_default(),
        class: row.standing,
        grade: row.grade,
        likelihood: row.likelihood,
    });
    ImportedFile {
        roster: file.roster,
        month: file.month,
        file: file.file,
        key: file.key,
        links: links.collect(),
    }
}

fn ended(lead: doudi_engine::EndedLead) -> Option<EndedLead> {
    let month = Month::parse(&lead.month)?;
    Some(EndedLead { lead_id: lead.lead_id, month, reason: lead.reason, withdrawn: lead.withdrawn })
}
