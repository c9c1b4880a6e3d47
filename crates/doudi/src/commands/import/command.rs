//! `doudi roster import`: rosters into the data folder, the list of imports, and taking one back.

use super::{Imported, ImportedFile, ImportedSheet, Source, System, WantedMonth, Wish, import};
use crate::commands::clear::{Format, Progress, Stop};
use crate::commands::desk::names;
use crate::commands::vault::KeyArgs;
use crate::content;
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::imports::{self, EntryKind, JournalEntry, State};
use doudi_rosters::{SpecSet, error_workbook_name, write_error_workbook};
use doudi_terms::{Month, Severity};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Shown under the options: a file that nobody is told of is not used.
const RULES_HELP: &str = "名册文件夹里可以放 import.toml，写明文件自己没有写的：
  month = \"2020-05\"            没有写明月份的名册是哪个月的
  code_system = \"mca\"          区划代码是民政部的（nbs 是统计局的）
  accept_small = [\"deaths\"]    这些名册这次只有这么多行，是对的
  [file.\"死亡.xls\"]            只对这个文件：roster、month、code_system";

#[derive(Args)]
#[command(after_help = RULES_HELP)]
pub struct ImportArgs {
    /// 名册文件，或放名册的文件夹；撤销时是第几次导入
    #[arg(value_name = "FILE_OR_DIR")]
    paths: Vec<PathBuf>,
    /// 数据文件夹
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// 这些名册是哪个月的；写明是别的月份的不收
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// 同一名册有两种格式时用哪一种
    #[arg(long, value_enum)]
    prefer: Option<Format>,
    /// 区划代码是哪一套：nbs 统计局，mca 民政部
    #[arg(long, value_enum)]
    code_system: Option<System>,
    /// 有不认识的文件就停下
    #[arg(long)]
    strict: bool,
    /// 这种名册这次只有这么多行，是对的
    #[arg(long, value_name = "ROSTER")]
    accept_small: Vec<String>,
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// 把有问题的行写成改错表，放在这个文件夹
    #[arg(long, value_name = "DIR")]
    errors: Option<PathBuf>,
    /// 在标准输出写 JSON
    #[arg(long)]
    json: bool,
    /// 撤销最近一次导入，或写明的那一次
    #[arg(long, conflicts_with = "list")]
    undo: bool,
    /// 列出全部导入
    #[arg(long)]
    list: bool,
}

pub fn run(args: &ImportArgs) -> Exit {
    let outcome = match (args.undo, args.list) {
        (true, _) => undo(args),
        (false, true) => list(args),
        (false, false) => import_files(args),
    };
    match outcome {
        Ok(()) => Exit::Done,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn usage(message: impl Into<String>) -> Stop {
    Stop { exit: Exit::Usage, message: message.into() }
}

fn import_files(args: &ImportArgs) -> Result<(), Stop> {
    if args.paths.is_empty() {
        return Err(usage("没有写要导入的文件。写上名册文件，或放名册的文件夹"));
    }
    let month = match args.month.as_deref().map(|text| (text, Month::parse(text))) {
        None => WantedMonth::Stated,
        Some((_, Some(month))) => WantedMonth::Asked(month),
        Some((text, None)) => {
            return Err(usage(format!("--month：“{text}”不是月份，请写成 2020-05 的样子")));
        }
    };
    let specs = content::specs(args.specs.as_deref()).map_err(Stop::bad_input)?;
    let specs = names::with_local(specs, &args.data).map_err(Stop::bad_input)?;
    let set = SpecSet::from_files(specs.iter().map(|file| (file.path.as_str(), file.text.as_str())))
        .map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Stop::bad_input(format!("名册说明有问题，请先改正：\n{}", lines.join("\n")))
        })?;
    let (divisions, progress) = (Divisions::read(), Progress::new());
    let (folder, _lock) = args.key.take(&args.data)?;
    let source =
        Source { set: &set, specs: &specs, divisions: &divisions, folder: &folder, progress: &progress };
    let wish = Wish {
        paths: args.paths.clone(),
        month,
        prefer: args.prefer,
        strict: args.strict,
        code_system: args.code_system,
        accept_small: args.accept_small.clone(),
    };
    let imported = import(&source, &wish)?;
    progress.finish();
    let workbooks = error_workbooks(args.errors.as_deref(), &set, &imported)?;
    if args.json {
        crate::print_line(&format!("{:#}", summary(&set, &imported, &workbooks)));
    } else {
        print(args, &set, &imported, &workbooks);
    }
    Ok(())
}

/// An error workbook for every file in which something has to be corrected, by the file's place in `imported`.
fn error_workbooks(
    folder: Option<&Path>,
    set: &SpecSet,
    imported: &Imported,
) -> Result<BTreeMap<usize, PathBuf>, Stop> {
    let mut written = BTreeMap::new();
    let Some(folder) = folder else { return Ok(written) };
    std::fs::create_dir_all(folder)
        .map_err(|error| Stop::bad_input(format!("建不了文件夹 {}：{error}", folder.display())))?;
    for (at, file) in imported.files.iter().enumerate() {
        let wrong = |problem: &doudi_terms::Problem| {
            problem.severity == Severity::Error || problem.place.row.is_some()
        };
        if file.problems.iter().any(wrong) {
            let target = folder.join(error_workbook_name(&file.file));
            let whole = |path: &Path| path.canonicalize().ok();
            let own = whole(&target);
            if own.is_some() && imported.files.iter().any(|other| whole(&other.path) == own) {
                // What its sender wrote into it and was not taken would be gone.
                eprintln!(
                    "注意：没有写 {}：它正是这次交回的改错表。请给 --errors 另外指定一个文件夹",
                    target.display()
                );
                continue;
            }
            write_error_workbook(&file.path, set, &file.problems, &target).map_err(|error| Stop {
                exit: Exit::Internal,
                message: format!("{}：{error}", target.display()),
            })?;
            written.insert(at, target);
        }
    }
    Ok(written)
}

/// Problems by kind.
fn by_kind(sheet: &ImportedSheet) -> BTreeMap<&'static str, u64> {
    let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
    for count in &sheet.counts {
        *kinds.entry(count.kind).or_default() += u64::from(count.count);
    }
    kinds
}

fn summary(set: &SpecSet, imported: &Imported, workbooks: &BTreeMap<usize, PathBuf>) -> Value {
    let files = imported.files.iter().enumerate().flat_map(|(at, file)| {
        let workbook = workbooks.get(&at).map(|path| path.to_string_lossy().into_owned());
        file.sheets.iter().zip(&file.stored).map(move |(sheet, stored)| {
            json!({
                "file": file.file,
                "path": file.path.to_string_lossy(),
                "sheet": sheet.sheet,
                "roster": sheet.roster,
                "name": roster_name(set, &sheet.roster),
                "month": sheet.month.to_string(),
                "rows": sheet.rows,
                "rejected": sheet.rejected,
                "problems": by_kind(sheet),
                "state": sheet.state,
                "code_system": stored.code_system,
                "error_workbook": workbook,
            })
        })
    });
    let skipped: Vec<Value> =
        imported.skipped.iter().map(|(file, why)| json!({ "file": file, "reason": why })).collect();
    let mut summary = Map::new();
    summary.insert("serial".into(), json!(imported.committed.as_ref().map(|done| done.entry.serial)));
    summary.insert("unchanged".into(), json!(imported.committed.is_none()));
    summary.insert("files".into(), Value::Array(files.collect()));
    summary.insert("skipped".into(), Value::Array(skipped));
    summary.insert("warnings".into(), json!(imported.warnings));
    Value::Object(summary)
}

fn roster_name<'s>(set: &'s SpecSet, id: &'s str) -> &'s str {
    set.get(id).map_or(id, |spec| spec.name.as_str())
}

fn print(args: &ImportArgs, set: &SpecSet, imported: &Imported, workbooks: &BTreeMap<usize, PathBuf>) {
    for (at, file) in imported.files.iter().enumerate() {
        for sheet in &file.sheets {
            crate::print_line(&line(set, file, sheet));
        }
        if let Some(path) = workbooks.get(&at) {
            crate::print_line(&format!("  改错表：{}", path.display()));
        }
    }
    let data = args.data.display();
    crate::print_line(&match &imported.committed {
        Some(done) => format!(
            "第 {} 次导入完成。弄错了可以撤销：doudi roster import --undo --data {data}",
            done.entry.serial
        ),
        None => "已经导入过，没有变化".to_owned(),
    });
}

fn line(set: &SpecSet, file: &ImportedFile, sheet: &ImportedSheet) -> String {
    let place = match &sheet.sheet {
        Some(name) if file.sheets.len() > 1 => format!("{} 表“{name}”", file.file),
        _ => file.file.clone(),
    };
    let kinds: Vec<String> =
        by_kind(sheet).into_iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    let problems = if kinds.is_empty() { "没有问题".to_owned() } else { kinds.join("、") };
    let ImportedSheet { rows, rejected, month, .. } = sheet;
    let rows = match sheet.state {
        State::New => format!("新导入 {rows} 行，读不出 {rejected} 行，{problems}"),
        State::Unchanged => "已经导入过，没有变化".to_owned(),
        State::Corrected => format!("改正了 {rows} 行，还读不出 {rejected} 行，{problems}"),
    };
    format!("{place}：{}，{month}，{rows}", roster_name(set, &sheet.roster))
}

fn list(args: &ImportArgs) -> Result<(), Stop> {
    let folder = args.key.existing(&args.data)?;
    let entries = imports::journal(&folder)?;
    if args.json {
        crate::print_line(&format!("{:#}", json!({ "imports": entries })));
        return Ok(());
    }
    for entry in &entries {
        let undone = entries.iter().find(|other| other.undoes == Some(entry.serial));
        let undone = undone.map_or_else(String::new, |by| format!("（已由第 {} 号撤销）", by.serial));
        crate::print_line(&format!("{}{undone}", entry_line(entry)));
    }
    if entries.is_empty() {
        crate::print_line("还没有导入过");
    }
    Ok(())
}

fn entry_line(entry: &JournalEntry) -> String {
    if let (EntryKind::Undo, Some(undoes)) = (entry.kind, entry.undoes) {
        return format!("{}：撤销第 {undoes} 次导入", entry.serial);
    }
    let files: Vec<String> = entry
        .files
        .iter()
        .filter(|file| file.state != State::Unchanged)
        .map(|file| format!("{}（{} {}，{} 行）", file.file, file.roster, file.month, file.rows))
        .collect();
    format!("{}：导入 {}", entry.serial, files.join("、"))
}

fn undo(args: &ImportArgs) -> Result<(), Stop> {
    let serial = match args.paths.as_slice() {
        [] => None,
        [serial] => {
            let text = serial.to_string_lossy();
            Some(
                text.parse()
                    .map_err(|_| usage(format!("“{text}”不是导入的号码。--undo 后面写第几次导入")))?,
            )
        }
        _ => return Err(usage("一次只能撤销一次导入")),
    };
    args.key.existing(&args.data)?;
    let (folder, _lock) = args.key.take(&args.data)?;
    let undone = imports::undo(&folder, serial)?;
    let again: Vec<Value> =
        undone.clearings.iter().map(|(region, month)| json!({ "region": region, "month": month })).collect();
    if args.json {
        let answer = json!({ "undone": undone.import.serial, "serial": undone.serial, "clear_again": again });
        crate::print_line(&format!("{answer:#}"));
    } else {
        let places: Vec<String> = undone
            .import
            .changes
            .iter()
            .map(|change| format!("{} {}", change.roster, change.month))
            .collect();
        crate::print_line(&format!(
            "已撤销第 {} 次导入：{} 回到导入以前",
            undone.import.serial,
            places.join("、")
        ));
    }
    for (region, month) in &undone.clearings {
        eprintln!("注意：{region} {month} 的摸排用了这些名册，结果已经过时，请重新摸排");
    }
    Ok(())
}
