//! Which files there are, and which rosters they hold.

use super::rules::{self, Rules};
use super::{Reading, Source, Wish, stops};
use crate::commands::clear::{Format, Stop};
use crate::commands::vault::roster_bytes;
use doudi_rosters::{Content, OpenFile, Original, SpecSet, error_workbook_name};
use doudi_terms::{Month, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How doudi-rosters begins what it says of a copy that does not name its original any more.
const LOST_ORIGINAL: &str = "像是改错后交回的表";

/// A sheet that will be read.
pub struct Plan {
    pub path: PathBuf,
    /// The content, sealed or not.
    bytes: doudi_rosters::Source,
    pub file: String,
    pub sheet: usize,
    pub roster: String,
    /// As far as it is known before reading.
    pub month: Option<Month>,
    pub format: Format,
    pub sha256: String,
    /// It is an error workbook that came back.
    pub correction: Option<Original>,
    /// Where somebody has declared what the file is: that roster alone.
    pub only: Option<Arc<SpecSet>>,
}

impl Plan {
    pub fn open<'s>(&'s self, set: &'s SpecSet) -> OpenFile<'s> {
        OpenFile::open(self.bytes.clone(), self.only.as_deref().unwrap_or(set))
    }
}

/// Looks at all files; those that are no roster are in `reading.skipped`.
pub fn look(
    source: &Source<'_>,
    wish: &Wish,
    rules: &Rules,
    reading: &mut Reading,
) -> Result<Vec<Plan>, Stop> {
    let mut paths = Vec::new();
    for path in &wish.paths {
        files_of(path, &mut paths, &mut reading.warnings)?;
    }
    // A file named twice, or beside its folder, is one file.
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    let named = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for file in rules.files.keys().filter(|file| !paths.iter().any(|path| named(path) == **file)) {
        reading.warnings.push(format!("{} 里写的文件“{file}”不在这次的文件里", rules::FILE));
    }
    let known = stops::known_files(source, wish)?;
    let mut plans = Vec::new();
    for path in &paths {
        look_at(source, path, rules, &known, &mut plans, reading)?;
    }
    Ok(plans)
}

fn files_of(path: &Path, files: &mut Vec<PathBuf>, warnings: &mut Vec<String>) -> Result<(), Stop> {
    let wrong = |error: std::io::Error| {
        Stop::bad_input(format!("读不了 {}：{error}。请检查文件或文件夹的名称", path.display()))
    };
    let kind = std::fs::metadata(path).map_err(wrong)?;
    if !kind.is_dir() && !kind.is_file() {
        // A file is read more than once, which a pipe is not.
        return Err(Stop::bad_input(format!(
            "{} 不是文件，也不是文件夹。请先存成文件再导入",
            path.display()
        )));
    }
    if kind.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(path).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Editors leave hidden files and locks beside the real ones.
        let other = name.starts_with('.') || name.starts_with("~$") || name == rules::FILE;
        if other {
            continue;
        }
        if path.is_file() {
            found.push(path);
        } else {
            unread.push(path);
        }
    }
    unread.sort();
    warnings.extend(unread.iter().map(|path| {
        let place = path.display();
        if path.is_dir() {
            format!(
                "{place} 是文件夹，里面的文件没有读。里面如果有名册，请把这个文件夹也写在命令里，一次导入"
            )
        } else {
            format!("{place} 打不开，没有读。请检查它指向的文件是否还在")
        }
    }));
    found.sort();
    files.append(&mut found);
    Ok(())
}

fn look_at(
    source: &Source<'_>,
    path: &Path,
    rules: &Rules,
    known: &[stops::KnownFile],
    plans: &mut Vec<Plan>,
    reading: &mut Reading,
) -> Result<(), Stop> {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let declared = rules.of_file(&file).roster;
    let only = declared.as_deref().map(|roster| only(source, roster)).transpose()?.map(Arc::new);
    let bytes = roster_bytes(source.folder, path);
    let open = OpenFile::open(bytes.clone(), only.as_deref().unwrap_or(source.set));
    if open.sheets().is_empty() {
        let problem = open.problems().first();
        let why = problem.map_or_else(|| "不是名册".to_owned(), |problem| problem.what.clone());
        match stops::unread(&open, known, &why) {
            // A scan or a letter of the same name may lie beside the roster itself.
            Some(unread) if open.content() == Content::Other => {
                reading.namesakes.push((file.clone(), unread))
            }
            Some(unread) => reading.stops.push(unread.reason),
            None if stops::is_damaged(&open) => reading.damaged.push((file.clone(), why.clone())),
            None => {}
        }
        if let Some(roster) = declared {
            reading.stops.push(format!("{file}：{} 写明它是 {roster}，却读不成：{why}", rules::FILE));
        }
        reading.skipped.push((file, why));
        return Ok(());
    }
    for problem in open.problems().iter().filter(|problem| problem.severity == Severity::Error) {
        // Beside a sheet that is a roster only one that cannot be read is an error.
        reading.stops.push(format!("{problem}"));
    }
    let lost = open.problems().iter().any(|problem| problem.what.starts_with(LOST_ORIGINAL));
    let named =
        open.sheets().iter().all(|found| found.correction.is_none()) && error_workbook_name(&file) == file;
    if lost || named {
        // Taken for a new roster it would stand in for the whole original.
        reading.stops.push(format!(
            "{file} 像是改错后交回的表，但写明原文件的那一行（“改错表：…”）没有了，不知道改的是哪一份。\
             请从原来的错误表把那一行复制回来；如果是一份新的名册，请改个文件名，并删去“错误原因”“原表行号”两列"
        ));
        return Ok(());
    }
    let format = if open.content() == Content::Text { Format::Csv } else { Format::Xlsx };
    for (sheet, found) in open.sheets().iter().enumerate() {
        if declared.as_ref().is_some_and(|declared| *declared != found.roster) {
            continue;
        }
        plans.push(Plan {
            path: path.to_owned(),
            bytes: bytes.clone(),
            file: file.clone(),
            sheet,
            roster: found.roster.clone(),
            month: found.title_month.or_else(|| doudi_rosters::month_in_text(&file)),
            format,
            sha256: open.sha256().to_owned(),
            correction: found.correction.clone(),
            only: only.clone(),
        });
    }
    Ok(())
}

/// One roster and the register, without which there is no set: what somebody has declared cannot be taken for another.
fn only(source: &Source<'_>, roster: &str) -> Result<SpecSet, Stop> {
    let register = source.set.register().map_or("", |spec| spec.id.as_str());
    let wanted = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.strip_suffix(".toml").is_some_and(|id| id == roster || id == register)
    };
    let files = source.specs.iter().filter(|file| wanted(&file.path));
    SpecSet::from_files(files.map(|file| (file.path.as_str(), file.text.as_str()))).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Stop::bad_input(lines.join("\n"))
    })
}

/// By roster and month: the formats, with the files.
type FormatsSeen = BTreeMap<(String, Option<Month>), Vec<(Format, String)>>;

/// The same roster and month must not come in two formats: one of them is a copy, and nobody knows which is right.
pub fn choose(
    plans: Vec<Plan>,
    prefer: Option<Format>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Plan>, Stop> {
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
            if let (Some(one), Some(other)) = (copy.month, plan.month)
                && one != other
            {
                return Err(Stop::bad_input(format!(
                    "没有导入：{} 与 {} 内容完全相同，写明的月份却不同（{one}、{other}），其中一份多半是改了名的旧文件。\
                     请换成各月自己的名册",
                    copy.file, plan.file
                )));
            }
            warnings.push(format!("{} 与 {} 内容完全相同，只读一份", plan.file, copy.file));
            continue;
        }
        chosen.push(plan);
    }
    Ok(chosen)
}
