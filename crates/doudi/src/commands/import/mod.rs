//! Reading rosters into the data folder: `doudi roster import`, and the first step of `doudi clear`.
//!
//! Everything is read and looked at before anything counts. What stops an import is collected, so that one run names all
//! of it; then nothing has changed.

pub mod codes;
pub mod command;
mod correct;
mod look;
mod read;
mod rules;
mod stops;

use crate::commands::clear::{Format, Progress, Stop};
use crate::content::ContentFile;
use crate::divisions::Divisions;
pub use codes::System;
use doudi_engine::DataFolder;
use doudi_engine::imports::{self, Change, Committed, JournalFile, Proposal, State};
use doudi_engine::lake::{self, Staged, StoredRoster};
use doudi_rosters::{ProblemCount, SpecSet};
use doudi_terms::{Month, Problem};
use look::Plan;
use rules::Rules;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What an import works with.
pub struct Source<'a> {
    pub set: &'a SpecSet,
    /// The texts of the set, for files of which somebody has declared what they are.
    pub specs: &'a [ContentFile],
    pub divisions: &'a Divisions,
    pub folder: &'a DataFolder,
    pub progress: &'a Progress,
}

/// What somebody has asked for.
pub struct Wish {
    /// Files, and folders of files.
    pub paths: Vec<PathBuf>,
    pub month: WantedMonth,
    pub prefer: Option<Format>,
    pub strict: bool,
    pub code_system: Option<System>,
    /// Rosters by id or name.
    pub accept_small: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedMonth {
    /// The month of a clearing: rosters of other months are kept for theirs.
    Run(Month),
    /// The rosters are of this month, somebody says: one that states another is the wrong one.
    Asked(Month),
    /// Every roster states its own.
    Stated,
}

impl WantedMonth {
    pub fn month(self) -> Option<Month> {
        match self {
            WantedMonth::Run(month) | WantedMonth::Asked(month) => Some(month),
            WantedMonth::Stated => None,
        }
    }
}

/// What came of it.
#[derive(Default)]
pub struct Imported {
    pub files: Vec<ImportedFile>,
    /// Files that are no roster, with why.
    pub skipped: Vec<(String, String)>,
    pub warnings: Vec<String>,
    /// `None` where nothing changed.
    pub committed: Option<Committed>,
}

pub struct ImportedFile {
    pub path: PathBuf,
    pub file: String,
    pub stored: Vec<StoredRoster>,
    pub problems: Vec<Problem>,
    /// By sheet, in the order of `stored`.
    pub sheets: Vec<ImportedSheet>,
}

/// One sheet or text file, for people to see.
pub struct ImportedSheet {
    pub sheet: Option<String>,
    pub roster: String,
    pub month: Month,
    pub rows: u32,
    pub rejected: u32,
    pub counts: Vec<ProblemCount>,
    pub state: State,
}

/// Everything read so far; nothing of it counts.
#[derive(Default)]
struct Reading {
    files: Vec<ImportedFile>,
    skipped: Vec<(String, String)>,
    warnings: Vec<String>,
    /// Reasons to stop.
    stops: Vec<String>,
    /// Workbooks that could not be opened, with why.
    damaged: Vec<(String, String)>,
    /// Files of no table that are named like a roster that came before.
    namesakes: Vec<(String, stops::Unread)>,
    /// Rosters of which only the headers came, with their files.
    empty: Vec<(String, String)>,
    /// Files whose codes could not be compared with names although they mean two places.
    unchecked: Vec<String>,
    /// What the codes of a file were found to be, where nobody has declared it.
    systems: Vec<(String, System)>,
    staged: Vec<Staged>,
    journal: Vec<JournalFile>,
    /// What would count.
    by_place: BTreeMap<(String, Month), Vec<StoredRoster>>,
    /// Tells imports of one run apart.
    serial: usize,
}

/// Reads every roster, and makes all of them count or none.
pub fn import(source: &Source<'_>, wish: &Wish) -> Result<Imported, Stop> {
    let progress = source.progress;
    progress.stage("辨认名册");
    let rules = rules_of(wish, source.set)?;
    let mut reading = Reading::default();
    let mut plans = look::look(source, wish, &rules, &mut reading)?;
    for (file, why) in &reading.skipped {
        progress.note(&format!("跳过 {file}：{why}"));
    }
    if wish.strict && !reading.skipped.is_empty() {
        return Err(Stop::bad_input("有文件不是名册（见上），--strict 要求停下。请移走这些文件再运行"));
    }
    let corrections: Vec<Plan> = plans.extract_if(.., |plan| plan.correction.is_some()).collect();
    let plans = look::choose(plans, wish.prefer, &mut reading.warnings)?;
    if plans.is_empty() && corrections.is_empty() && reading.stops.is_empty() {
        let places: Vec<String> = wish.paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Stop::bad_input(format!(
            "{} 里没有认识的名册。请检查文件夹，或用 doudi roster template 取得空白样表",
            places.join("、")
        )));
    }
    progress.stage("读入名册");
    read::read_all(source, wish, &rules, &plans, &mut reading)?;
    keep_answers(source, &mut reading)?;
    for plan in &corrections {
        progress.say(&format!("读入改正 {}", plan.file));
        correct::correct(source, plan, &mut reading)?;
    }
    stops::check(source, wish, &rules, &mut reading)?;
    if reading.by_place.is_empty() && reading.stops.is_empty() {
        return Err(Stop::bad_input("没有导入：这些文件里没有一行数据。请向报送部门核实"));
    }
    accept(source, reading)
}

/// Makes what was read count, unless something speaks against it.
fn accept(source: &Source<'_>, reading: Reading) -> Result<Imported, Stop> {
    let Source { progress, folder, .. } = *source;
    for warning in &reading.warnings {
        progress.note(&format!("注意：{warning}"));
    }
    if !reading.stops.is_empty() {
        let reasons: Vec<String> = reading.stops.iter().map(|reason| format!("  {reason}")).collect();
        return Err(Stop::bad_input(format!("没有导入，数据文件夹没有改动：\n{}", reasons.join("\n"))));
    }
    let Reading { files, skipped, mut warnings, staged, journal, by_place, .. } = reading;
    let changes = imports::proposed_changes(folder, by_place)?;
    for line in changes.iter().flat_map(no_longer_used) {
        progress.note(&format!("注意：{line}"));
        warnings.push(line);
    }
    let committed = imports::commit(folder, Proposal { staged, files: journal, changes })?;
    Ok(Imported { files, skipped, warnings, committed })
}

/// Files of the same roster and month that other files now stand in for.
fn no_longer_used(change: &Change) -> Vec<String> {
    let stays = |old: &StoredRoster| {
        // The same name says nothing: every township calls its file 低保.xlsx. The same bytes may have been read anew.
        let same = |new: &StoredRoster| {
            new.first_key() == old.first_key() || (new.sha256 == old.sha256 && new.sheet == old.sheet)
        };
        change.after.iter().flatten().any(same)
    };
    let line = |old: &StoredRoster| {
        format!(
            "{} {} 原来用的 {}（{} 行）不再使用，由这次的文件取代。如果应当一起用，请一次导入这些文件；\
             弄错了可以用 doudi roster import --undo 撤销",
            change.roster,
            change.month,
            old.place(),
            old.rows
        )
    };
    change.before.iter().flatten().filter(|old| !stays(old)).map(line).collect()
}

/// Filled-in handouts come back township by township: an answer does not replace the answers of others.
fn keep_answers(source: &Source<'_>, reading: &mut Reading) -> Result<(), Stop> {
    for ((roster, month), files) in &mut reading.by_place {
        if source.set.get(roster).is_none_or(|spec| spec.findings.is_none()) {
            continue;
        }
        let mut all = lake::current_of(source.folder, roster, *month)?.unwrap_or_default();
        let replaced = |old: &StoredRoster| {
            let by =
                |new: &StoredRoster| new.key == old.key || (new.file == old.file && new.sheet == old.sheet);
            files.iter().any(by)
        };
        all.retain(|old| !replaced(old));
        // Of two answers that say no day the later file's counts.
        all.append(files);
        *files = all;
    }
    Ok(())
}

/// What is declared in the folders that were named, or that hold the files named.
fn rules_of(wish: &Wish, set: &SpecSet) -> Result<Rules, Stop> {
    let mut folders: Vec<&Path> = wish
        .paths
        .iter()
        .filter_map(|path| if path.is_dir() { Some(path.as_path()) } else { path.parent() })
        .map(|path| if path.as_os_str().is_empty() { Path::new(".") } else { path })
        .collect();
    folders.sort();
    folders.dedup();
    let mut all = Rules::default();
    for folder in folders {
        let rules = Rules::of_folder(folder, set)?;
        all.month = all.month.or(rules.month);
        all.code_system = all.code_system.or(rules.code_system);
        all.accept_small.extend(rules.accept_small);
        all.files.extend(rules.files);
    }
    for name in &wish.accept_small {
        let id = rules::roster_id(set, name);
        all.accept_small.push(id.map_err(|what| Stop::bad_input(format!("--accept-small：{what}")))?);
    }
    Ok(all)
}

impl Reading {
    /// Adds what a sheet came to, to its file.
    fn add(&mut self, plan: &Plan, stored: StoredRoster, problems: Vec<Problem>, sheet: ImportedSheet) {
        self.journal.push(JournalFile {
            file: plan.file.clone(),
            sheet: sheet.sheet.clone(),
            roster: sheet.roster.clone(),
            month: sheet.month.to_string(),
            rows: sheet.rows,
            rejected: sheet.rejected,
            sha256: plan.sha256.clone(),
            state: sheet.state,
        });
        match self.files.iter_mut().find(|file| file.path == plan.path) {
            Some(file) => {
                file.stored.push(stored);
                file.problems.extend(problems);
                file.sheets.push(sheet);
            }
            None => self.files.push(ImportedFile {
                path: plan.path.clone(),
                file: plan.file.clone(),
                stored: vec![stored],
                problems,
                sheets: vec![sheet],
            }),
        }
    }

    fn next_serial(&mut self) -> usize {
        self.serial += 1;
        self.serial
    }
}
