//! `doudi clear`: the monthly clearing, from a folder of rosters to a certificate and what is handed out.

mod report;
pub mod stages;
mod summary;
mod workbooks;

use crate::commands::desk::names;
use crate::commands::import::{self, Imported, Source, System, WantedMonth, Wish};
use crate::commands::store;
use crate::commands::vault::KeyArgs;
use crate::content::{self, ContentFile};
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::{Args, ValueEnum};
use doudi_engine::imports::Committed;
use doudi_engine::{
    Cleared, ClearingContent, Content, DataFolder, EngineError, LeadFile, Request, Step, Watch, write_file,
};
use doudi_rosters::SpecSet;
use doudi_terms::roster::RosterSpec;
use doudi_terms::{Month, RegionCode, RegionLevel};
use stages::{Stage, Stages};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use workbooks::Writing;

#[derive(Args)]
pub struct ClearArgs {
    /// 地区代码：任何一级；000000 是全国
    #[arg(long, value_name = "CODE")]
    region: String,
    /// 摸排月份，如 2020-05
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// 各部门名册所在的文件夹
    #[arg(long, value_name = "DIR")]
    rosters: PathBuf,
    /// 数据文件夹：保存导入的名册、快照和历月结果
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    pub key: KeyArgs,
    /// 结果文件夹
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// 在标准输出写 summary.json
    #[arg(long)]
    json: bool,
    /// 有不认识的文件就停下
    #[arg(long)]
    strict: bool,
    /// 同一名册有两种格式时用哪一种
    #[arg(long, value_enum)]
    prefer: Option<Format>,
    /// 区划代码是哪一套：nbs 统计局，mca 民政部
    #[arg(long, value_enum)]
    code_system: Option<System>,
    /// 这种名册这次只有这么多行，是对的
    #[arg(long, value_name = "ROSTER")]
    accept_small: Vec<String>,
    /// 最多用多少内存，如 800M、2G：人分成小块，慢一些，结果一样（缺省不限）
    #[arg(long, value_name = "SIZE", value_parser = memory_size)]
    pub memory: Option<u64>,
    /// 政策文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

impl ClearArgs {
    /// As if given on the command line, with the embedded content.
    pub fn new(region: &str, month: &str, rosters: PathBuf, data: PathBuf, out: PathBuf) -> ClearArgs {
        let (region, month) = (region.to_owned(), month.to_owned());
        ClearArgs {
            region,
            month,
            rosters,
            data,
            key: KeyArgs::default(),
            out,
            json: false,
            strict: false,
            prefer: None,
            code_system: None,
            accept_small: Vec::new(),
            memory: None,
            policies: None,
            specs: None,
        }
    }
}

/// `800M`, `2G`, in bytes.
pub fn memory_size(text: &str) -> Result<u64, String> {
    let written = text.trim().to_uppercase();
    let written = written.strip_suffix('B').unwrap_or(&written);
    let megabytes = written.strip_suffix('M').map(|number| (number, 1 << 20));
    let gigabytes = || written.strip_suffix('G').map(|number| (number, 1 << 30));
    let size = megabytes.or_else(gigabytes).and_then(|(number, unit)| {
        let number: u64 = number.trim().parse().ok()?;
        number.checked_mul(unit)
    });
    size.ok_or_else(|| format!("“{text}”不是内存的大小，请写成 800M 或 2G 的样子"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Xlsx,
}

/// What stopped a command, with its exit code.
pub struct Stop {
    pub exit: Exit,
    pub message: String,
}

impl Stop {
    pub fn bad_input(message: impl Into<String>) -> Stop {
        Stop { exit: Exit::BadInput, message: message.into() }
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Stop {
        let exit = match error {
            EngineError::BadInput(_) | EngineError::Content(_) | EngineError::Damaged { .. } => {
                Exit::BadInput
            }
            EngineError::Io { .. } | EngineError::Internal(_) => Exit::Internal,
        };
        Stop { exit, message: error.to_string() }
    }
}

pub fn run(args: &ClearArgs) -> Exit {
    if args.memory.is_some() {
        crate::sparing::begin_again();
    }
    match clear(args, &Progress::new()) {
        Ok(done) => {
            crate::print_line(&if args.json { format!("{:#}", done.summary) } else { done.text });
            Exit::Done
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

/// A clearing that was done: `summary.json`, and what people read.
pub struct Done {
    pub summary: serde_json::Value,
    pub text: String,
}

/// Clears, and writes everything but what is printed.
pub fn clear(args: &ClearArgs, progress: &Progress) -> Result<Done, Stop> {
    progress.stage("准备政策");
    let region = RegionCode::parse(&args.region)
        .map_err(|error| Stop { exit: Exit::Usage, message: format!("--region：{error}") })?;
    let month = Month::parse(&args.month).ok_or_else(|| Stop {
        exit: Exit::Usage,
        message: format!("--month：“{}”不是月份，请写成 2020-05 的样子", args.month),
    })?;
    let divisions = Divisions::read();
    // Before anything is written: a mistyped code must not leave a month's rosters behind.
    if region != RegionCode::COUNTRY
        && region.level() < RegionLevel::Village
        && divisions.known_name(region).is_none()
    {
        return Err(Stop::bad_input(format!(
            "没有区划代码 {region} 这个地方。请核对 --region，全部地区用 000000"
        )));
    }
    if args.out == args.rosters || args.data == args.rosters {
        let message = "--out、--data 不能和 --rosters 是同一个文件夹：结果会被当成名册再读一遍".to_owned();
        return Err(Stop { exit: Exit::Usage, message });
    }
    let policies = content::policies(args.policies.as_deref()).map_err(Stop::bad_input)?;
    let specs = content::specs(args.specs.as_deref()).map_err(Stop::bad_input)?;
    let specs = names::with_local(specs, &args.data).map_err(Stop::bad_input)?;
    let (set, content) = read_content(policies, specs.clone())?;
    let (folder, _lock) = args.key.take(&args.data)?;
    let source = Source { set: &set, specs: &specs, divisions: &divisions, folder: &folder, progress };
    give_back(args, &folder, month, progress)?;
    let mut imported = import::import(&source, &wish(args, month))?;
    let cleared = match determine(args, &source, &content, (region, month)) {
        Ok(cleared) => cleared,
        Err(stop) => {
            // A clearing that stops has changed nothing, its rosters neither.
            imported.committed.take().map_or(Ok(()), Committed::revert)?;
            return Err(stop);
        }
    };
    finish(args, &source, &imported, &cleared, region)
}

/// Clears a month of the rosters that were imported before.
pub fn clear_imported(
    args: &ClearArgs,
    specs: Vec<ContentFile>,
    (region, month): (RegionCode, Month),
    progress: &Progress,
) -> Result<Done, Stop> {
    progress.stage("准备政策");
    let policies = content::policies(args.policies.as_deref()).map_err(Stop::bad_input)?;
    let divisions = Divisions::read();
    let (set, content) = read_content(policies, specs.clone())?;
    let (folder, _lock) = args.key.take(&args.data)?;
    give_back(args, &folder, month, progress)?;
    let source = Source { set: &set, specs: &specs, divisions: &divisions, folder: &folder, progress };
    let cleared = determine(args, &source, &content, (region, month))?;
    finish(args, &source, &Imported::default(), &cleared, region)
}

/// Asks the office beside the data folder, where there is one, what it has to say before this month is cleared.
fn give_back(args: &ClearArgs, folder: &DataFolder, month: Month, progress: &Progress) -> Result<(), Stop> {
    let of_month = (month, args.policies.as_deref());
    let said = store::give_back_before_clearing(&args.data, &args.key, folder, of_month)?;
    said.iter().for_each(|sentence| progress.note(sentence));
    Ok(())
}

fn wish(args: &ClearArgs, month: Month) -> Wish {
    Wish {
        paths: vec![args.rosters.clone()],
        month: WantedMonth::Run(month),
        prefer: args.prefer,
        strict: args.strict,
        code_system: args.code_system,
        accept_small: args.accept_small.clone(),
    }
}

/// Writes the results and says what they are.
fn finish(
    args: &ClearArgs,
    source: &Source<'_>,
    imported: &Imported,
    cleared: &Cleared,
    region: RegionCode,
) -> Result<Done, Stop> {
    let Source { set, divisions, progress, .. } = *source;
    progress.stage("写出结果");
    let files = hand_out(args, set, divisions, imported, cleared)?;
    let summary = summary::json(cleared, imported, &files);
    write(&args.out.join("summary.json"), format!("{summary:#}\n").as_bytes())?;
    progress.finish();
    let text = summary::text(cleared, imported, divisions, region, &args.out, &files);
    Ok(Done { summary, text })
}

/// The clearing itself, of rosters that count now.
fn determine(
    args: &ClearArgs,
    source: &Source<'_>,
    content: &Content,
    (region, month): (RegionCode, Month),
) -> Result<Cleared, Stop> {
    let Source { folder, progress, .. } = *source;
    let made = make_folder(&args.out)?;
    let request = Request {
        folder,
        content,
        region,
        month,
        data: relative(&args.out, &args.data),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        memory: args.memory,
        persons_per_part: None,
    };
    let mut log = LeadFile::of(folder);
    let cleared = doudi_engine::clear(&request, &mut log, progress).and_then(|cleared| {
        doudi_engine::imports::note_clearing(folder, &cleared.certificate)?;
        Ok(cleared)
    });
    if cleared.is_err() {
        // Nothing has been written yet; what somebody has put there meanwhile stays.
        made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
    Ok(cleared?)
}

/// Makes a folder; gives those that were not there before, the innermost first.
fn make_folder(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let missing = folder.ancestors().take_while(|place| !place.as_os_str().is_empty() && !place.exists());
    let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    std::fs::create_dir_all(folder)
        .map_err(|error| Stop::bad_input(format!("建不了结果文件夹 {}：{error}", folder.display())))?;
    Ok(missing)
}

/// The specifications and the policies with their registry.
pub fn read_content(policies: Vec<ContentFile>, specs: Vec<ContentFile>) -> Result<(SpecSet, Content), Stop> {
    read_as(policies, specs, Content::new)
}

/// The same, as a month was cleared with it.
pub fn read_kept(policies: Vec<ContentFile>, specs: Vec<ContentFile>) -> Result<Content, Stop> {
    Ok(read_as(policies, specs, Content::kept)?.1)
}

type EngineFiles = Vec<doudi_engine::ContentFile>;

fn read_as(
    policies: Vec<ContentFile>,
    specs: Vec<ContentFile>,
    read: fn(EngineFiles, EngineFiles, Vec<RosterSpec>, ClearingContent) -> Result<Content, EngineError>,
) -> Result<(SpecSet, Content), Stop> {
    let set = SpecSet::from_files(specs.iter().map(|file| (file.path.as_str(), file.text.as_str())))
        .map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Stop::bad_input(format!("名册说明有问题，请先改正：\n{}", lines.join("\n")))
        })?;
    let registry = policies.iter().find(|file| file.path == "programs.toml").ok_or_else(|| {
        Stop::bad_input("政策文件夹里没有 programs.toml，不知道要认定哪些项目。请补上这个文件")
    })?;
    let clearing: ClearingContent = toml::from_str(&registry.text)
        .map_err(|error| Stop::bad_input(format!("programs.toml 读不懂：{error}")))?;
    let is_spec = |path: &str| path.ends_with(".toml") && !path.ends_with(".expected.toml");
    let kept = |file: ContentFile| doudi_engine::ContentFile { path: file.path, text: file.text };
    let spec_files = specs.into_iter().filter(|file| is_spec(&file.path)).map(kept).collect();
    let policy_files = policies.into_iter().map(kept).collect();
    let content = read(policy_files, spec_files, set.iter().cloned().collect(), clearing)?;
    Ok((set, content))
}

/// Everything beside the certificate; the certificate comes last, so that one that is there is whole.
fn hand_out(
    args: &ClearArgs,
    set: &SpecSet,
    divisions: &Divisions,
    imported: &Imported,
    cleared: &Cleared,
) -> Result<Vec<String>, Stop> {
    cleared.persons_csv.write(&args.out.join("persons.csv"))?;
    write(&args.out.join("leads.csv"), &cleared.leads_csv)?;
    write(&args.out.join("closed-leads.csv"), &cleared.closed_leads_csv)?;
    let certificate = serde_json::to_string_pretty(&cleared.certificate)
        .map_err(|error| Stop { exit: Exit::Internal, message: error.to_string() })?;
    let certificate = format!("{certificate}\n");
    // What is printed says which certificate it belongs to.
    let hash = doudi_engine::digest::sha256_hex(certificate.as_bytes());
    let writing = Writing { out: &args.out, set, divisions, imported, cleared, certificate: &hash };
    // Two workbooks at a time take twice the memory.
    let files = writing.all(args.memory.is_none())?;
    write(&args.out.join("report.html"), report::html(cleared, divisions, set, &hash).as_bytes())?;
    write(&args.out.join("certificate.json"), certificate.as_bytes())?;
    Ok(files)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    Ok(write_file(path, bytes)?)
}

/// The data folder as seen from the results; absolute where they share nothing.
fn relative(out: &Path, data: &Path) -> String {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (out, data) = (whole(out), whole(data));
    let shared = out.components().zip(data.components()).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return data.to_string_lossy().replace('\\', "/");
    }
    let up = out.components().skip(shared).map(|_| "..".to_owned());
    let down = data.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

impl Watch for Progress {
    fn step(&self, step: Step) {
        self.stage(step.name());
    }

    fn beside(&self, step: Option<Step>) {
        self.stage_beside(step.map(Step::name));
    }
}

/// One line on the terminal that says what is being done; nothing where there is no terminal.
pub struct Progress {
    bar: indicatif::ProgressBar,
    /// Only where somebody asks what each step costs.
    stages: Option<Mutex<Stages>>,
    /// Somebody else than a terminal is told.
    told: Option<Told>,
}

/// Is told what is being done.
type Told = Box<dyn Fn(&str) + Send + Sync>;

impl Progress {
    pub fn new() -> Progress {
        Progress { bar: indicatif::ProgressBar::new_spinner(), stages: None, told: None }
    }

    /// One that also measures.
    pub fn measuring() -> Progress {
        Progress { stages: Some(Mutex::default()), ..Progress::new() }
    }

    /// One that shows nothing and tells `told`.
    pub fn telling(told: Told) -> Progress {
        Progress { bar: indicatif::ProgressBar::hidden(), stages: None, told: Some(told) }
    }

    /// A step begins, and the one before is done.
    pub fn stage(&self, name: &str) {
        self.with_stages(|stages| stages.begin(name));
        self.say(name);
    }

    /// As [`Progress::stage`], of one thread beside others; `None` = it has nothing to do any more.
    fn stage_beside(&self, name: Option<&str>) {
        self.with_stages(|stages| stages.beside(name));
        name.into_iter().for_each(|name| self.say(name));
    }

    /// The steps that are done.
    pub fn stages(&self) -> Vec<Stage> {
        let mut done = Vec::new();
        self.with_stages(|stages| done = stages.done().to_vec());
        done
    }

    fn with_stages(&self, act: impl FnOnce(&mut Stages)) {
        if let Some(Ok(mut stages)) = self.stages.as_ref().map(Mutex::lock) {
            act(&mut stages);
        }
    }

    pub fn say(&self, what: &str) {
        if let Some(told) = &self.told {
            return told(what);
        }
        self.bar.set_message(format!("{what}……"));
        self.bar.tick();
    }

    /// A line that stays.
    pub fn note(&self, line: &str) {
        if self.told.is_some() {
            return;
        }
        self.bar.suspend(|| eprintln!("{line}"));
    }

    pub fn finish(&self) {
        self.with_stages(Stages::end);
        self.bar.finish_and_clear();
    }
}
