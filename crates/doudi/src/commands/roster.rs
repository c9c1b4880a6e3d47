//! `doudi roster …`: import rosters, check the specifications against their samples, and hand out empty forms.

use crate::commands::clear::read_content;
use crate::commands::import;
use crate::content;
use crate::exit::Exit;
use clap::{Args, Subcommand};
use doudi_rosters::{SpecSet, check_sample, template_sheet, write_table_xlsx};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum RosterCommand {
    /// 导入名册，列出导入，撤销导入
    Import(import::command::ImportArgs),
    /// 核对名册说明：每份样例读出来是不是应得的结果
    Check(CheckArgs),
    /// 取一份空白样表
    Template(TemplateArgs),
}

#[derive(Args)]
pub struct CheckArgs {
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// 政策文件夹（缺省用程序自带的）：名册说明里的事实要在这里登记过
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
}

#[derive(Args)]
pub struct TemplateArgs {
    /// 名册的编号或名称，如 disabled
    name: String,
    /// 写到哪个文件（.xlsx）
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 名册说明文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
}

pub fn run(command: RosterCommand) -> Exit {
    let outcome = match command {
        RosterCommand::Import(args) => return import::command::run(&args),
        RosterCommand::Check(args) => check(&args),
        RosterCommand::Template(args) => template(&args),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("{message}");
        Exit::BadInput
    })
}

fn read(files: &[content::ContentFile]) -> Result<SpecSet, String> {
    SpecSet::from_files(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))).map_err(
        |problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            format!("名册说明有问题，请先改正：\n{}", lines.join("\n"))
        },
    )
}

fn check(args: &CheckArgs) -> Result<Exit, String> {
    let unknown = unknown_names(args)?;
    if let Some(specs) = &args.specs {
        return check_folder(specs, unknown);
    }
    // Samples are read as files, whatever their encoding.
    let folder = std::env::temp_dir().join(format!("doudi-rosters-{}", std::process::id()));
    let outcome = content::write_specs(&folder).and_then(|()| check_folder(&folder, unknown));
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

/// Names that a specification uses and no policy declares, as they are told.
fn unknown_names(args: &CheckArgs) -> Result<Vec<String>, String> {
    let policies = content::policies(args.policies.as_deref())?;
    let specs = content::specs(args.specs.as_deref())?;
    let (_, content) = read_content(policies, specs).map_err(|stop| stop.message)?;
    let told = |(roster, name)| {
        format!(
            "{roster}.toml：政策里没有“{name}”，这一项读了也没有用。请照 national/facts.md 改名，或在那里登记"
        )
    };
    Ok(content.unknown_names().into_iter().map(told).collect())
}

fn check_folder(specs: &Path, unknown: Vec<String>) -> Result<Exit, String> {
    let files = content::specs(Some(specs))?;
    let set = read(&files)?;
    let (mut right, mut wrong) = (0, 0);
    for file in files.iter().filter(|file| file.path.ends_with(".expected.toml")) {
        let stem = file.path.trim_end_matches(".expected.toml");
        let spec = files.iter().find(|other| other.path == format!("{stem}.toml"));
        let id = stem.rsplit('/').next().unwrap_or(stem);
        let Some(spec) = spec.and_then(|_| set.get(id)) else {
            return Err(format!("{} 旁边没有 {id}.toml，不知道是哪一种名册", file.path));
        };
        let problems = check_sample(&set, spec, &specs.join(format!("{stem}.sample.csv")), &file.text);
        if problems.is_empty() {
            right += 1;
        } else {
            wrong += 1;
            problems.iter().for_each(|problem| eprintln!("{problem}"));
        }
    }
    unknown.iter().for_each(|line| eprintln!("{line}"));
    crate::print_line(&format!("{right} 种名册的样例读得对，{wrong} 种不对。"));
    Ok(if wrong == 0 && unknown.is_empty() { Exit::Done } else { Exit::No })
}

fn template(args: &TemplateArgs) -> Result<Exit, String> {
    let set = read(&content::specs(args.specs.as_deref())?)?;
    let Some(spec) = set.iter().find(|spec| spec.id == args.name || spec.name == args.name) else {
        let names: Vec<String> = set.iter().map(|spec| format!("{}（{}）", spec.id, spec.name)).collect();
        return Err(format!("没有叫“{}”的名册。现有：{}", args.name, names.join("、")));
    };
    write_table_xlsx(&args.out, &[template_sheet(spec)])
        .map_err(|error| format!("写不了 {}：{error}", args.out.display()))?;
    crate::print_line(&format!("{} 的空白样表：{}", spec.name, args.out.display()));
    Ok(Exit::Done)
}
