//! Reading a folder of rosters into the lake.

use super::{ClearArgs, Format, Progress, Stop};
use doudi_engine::lake::{self, Import, StoredRoster};
use doudi_engine::{DataFolder, EngineError};
use doudi_rosters::{Content as FileContent, OpenFile, SpecSet};
use doudi_terms::roster::RosterFile;
use doudi_terms::{Month, Problem, Severity};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What came of a folder.
pub struct Imported {
    pub files: Vec<ImportedFile>,
    /// Files that are no roster, with why.
    pub skipped: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

pub struct ImportedFile {
    pub path: PathBuf,
    pub file: String,
    pub stored: Vec<StoredRoster>,
    pub problems: Vec<Problem>,
}

/// A sheet that will be read.
struct Plan {
    path: PathBuf,
    file: String,
    sheet: usize,
    roster: String,
    /// As far as it is known before reading.
    month: Option<Month>,
    format: Format,
    sha256: String,
}

/// Reads every roster of the folder. Nothing counts before everything has been read.
pub fn import(
    args: &ClearArgs,
    set: &SpecSet,
    folder: &DataFolder,
    month: Month,
    progress: &Progress,
) -> Result<Imported, Stop> {
    let mut imported = Imported { files: Vec::new(), skipped: Vec::new(), warnings: Vec::new() };
    progress.say("辨认名册");
    let mut plans = Vec::new();
    for path in files_of(&args.rosters)? {
        look(&path, set, &mut plans, &mut imported);
    }
    for (file, why) in &imported.skipped {
        progress.note(&format!("跳过 {file}：{why}"));
    }
    if args.strict && !imported.skipped.is_empty() {
        return Err(Stop::bad_input("有文件不是名册（见上），--strict 要求停下。请移走这些文件再运行"));
    }
    let plans = choose(plans, args.prefer, &mut imported.warnings)?;
    if plans.is_empty() {
        return Err(Stop::bad_input(format!(
            "{} 里没有认识的名册。请检查文件夹，或用 doudi roster template 取得空白样表",
            args.rosters.display()
        )));
    }
    let mut current: BTreeMap<(String, Month), Vec<StoredRoster>> = BTreeMap::new();
    for (serial, plan) in plans.iter().enumerate() {
        progress.say(&format!("读入 {}", plan.file));
        let (stored, read) = read(plan, serial, set, folder, month, &mut imported.warnings)?;
        if stored.rows == 0 {
            // A closed roster without a row would say of everybody that he is not listed.
            let why = "只有表头，没有一行数据，按没有收到处理。请向报送部门核实".to_owned();
            progress.note(&format!("跳过 {}：{why}", plan.file));
            imported.skipped.push((plan.file.clone(), why));
            continue;
        }
        current
            .entry((stored.roster.clone(), stored_month(&stored, month)))
            .or_default()
            .push(stored.clone());
        match imported.files.iter_mut().find(|file| file.path == plan.path) {
            Some(file) => {
                file.stored.push(stored);
                file.problems.extend(read.problems);
            }
            None => imported.files.push(ImportedFile {
                path: plan.path.clone(),
                file: plan.file.clone(),
                stored: vec![stored],
                problems: read.problems,
            }),
        }
    }
    for ((roster, month), files) in &current {
        lake::set_current(folder, roster, *month, files)?;
    }
    for warning in &imported.warnings {
        progress.note(&format!("注意：{warning}"));
    }
    Ok(imported)
}

fn stored_month(stored: &StoredRoster, run: Month) -> Month {
    Month::parse(&stored.month).unwrap_or(run)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let wrong = |error: std::io::Error| {
        Stop::bad_input(format!("读不了名册文件夹 {}：{error}。请检查 --rosters", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Editors leave hidden files and locks beside the real ones.
        if path.is_file() && !name.starts_with('.') && !name.starts_with("~$") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn look(path: &Path, set: &SpecSet, plans: &mut Vec<Plan>, imported: &mut Imported) {
    let open = OpenFile::open(path, set);
    if open.sheets().is_empty() {
        let why =
            open.problems().first().map_or_else(|| "不是名册".to_owned(), |problem| problem.what.clone());
        imported.skipped.push((open.file().to_owned(), why));
        return;
    }
    for problem in open.problems().iter().filter(|problem| problem.severity == Severity::Error) {
        imported.warnings.push(problem.to_string());
    }
    let format = if open.content() == FileContent::Text { Format::Csv } else { Format::Xlsx };
    for (sheet, found) in open.sheets().iter().enumerate() {
        plans.push(Plan {
            path: path.to_owned(),
            file: open.file().to_owned(),
            sheet,
            roster: found.roster.clone(),
            month: found.title_month.or_else(|| doudi_rosters::month_in_text(open.file())),
            format,
            sha256: open.sha256().to_owned(),
        });
    }
}

/// By roster and month: the formats, with the files.
type FormatsSeen = BTreeMap<(String, Option<Month>), Vec<(Format, String)>>;

/// The same roster and month must not come in two formats: one of them is a copy, and nobody knows which is right.
fn choose(plans: Vec<Plan>, prefer: Option<Format>, warnings: &mut Vec<String>) -> Result<Vec<Plan>, Stop> {
    let mut formats: FormatsSeen = BTreeMap::new();
    for plan in &plans {
        let seen = formats.entry((plan.roster.clone(), plan.month)).or_default();
        seen.push((plan.format, plan.file.clone()));
    }
    let mut refused = Vec::new();
    for ((roster, _), files) in &formats {
        let twice = files.iter().any(|(format, _)| *format != files[0].0);
        if twice && prefer.is_none() {
            let names: Vec<&str> = files.iter().map(|(_, file)| file.as_str()).collect();
            refused.push(format!("名册 {roster} 有两种格式：{}", names.join("、")));
        }
    }
    if !refused.is_empty() {
        return Err(Stop::bad_input(format!(
            "{}。请只留一种，或用 --prefer csv、--prefer xlsx 指明用哪一种",
            refused.join("；")
        )));
    }
    let mut chosen: Vec<Plan> = Vec::new();
    for plan in plans {
        let files = formats.get(&(plan.roster.clone(), plan.month)).map_or(&[][..], Vec::as_slice);
        let twice = files.iter().any(|(format, _)| *format != plan.format);
        if twice && prefer.is_some_and(|prefer| prefer != plan.format) {
            warnings.push(format!("{}：同一名册有另一种格式，按 --prefer 不用这一份", plan.file));
            continue;
        }
        let copy = chosen.iter().find(|other| other.sha256 == plan.sha256 && other.path != plan.path);
        if let Some(copy) = copy {
            warnings.push(format!("{} 与 {} 内容完全相同，只读一份", plan.file, copy.file));
            continue;
        }
        chosen.push(plan);
    }
    Ok(chosen)
}

fn read(
    plan: &Plan,
    serial: usize,
    set: &SpecSet,
    folder: &DataFolder,
    run: Month,
    warnings: &mut Vec<String>,
) -> Result<(StoredRoster, RosterFile), Stop> {
    let Some(spec) = set.get(&plan.roster) else {
        return Err(Stop::bad_input(format!("没有名册说明 {}", plan.roster)));
    };
    let mut open = OpenFile::open(&plan.path, set);
    let mut import = Import::begin(folder, spec, serial);
    let mut failed: Option<EngineError> = None;
    let reading = open.read(plan.sheet, &mut |batch| {
        if failed.is_none() {
            failed = import.push(&batch).err();
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    let read = reading.roster;
    let month = match read.month {
        Some(month) => {
            if month > run {
                warnings.push(format!("{} 写明是 {month}，晚于本次的 {run}：已存入，本次不用", plan.file));
            } else if month < run && spec.valid_months == 0 {
                warnings.push(format!(
                    "{} 写明是 {month}，不是本次的 {run}：按 {month} 存入，本次不用",
                    plan.file
                ));
            }
            month
        }
        None => {
            warnings.push(format!("{} 没有写明月份，按本次的 {run} 处理", plan.file));
            run
        }
    };
    Ok((import.finish(&read, month)?, read))
}
