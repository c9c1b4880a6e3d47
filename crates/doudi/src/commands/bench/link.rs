//! `doudi bench link`: every roster of a folder against its register, how well and at what cost. Each is a process of its
//! own, from a cold start, so that time and memory are that roster's alone.

use crate::commands::clear::Stop;
use crate::exit::Exit;
use clap::Args;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files of the folder that are no rosters to be linked.
const REGISTER: &str = "register";
const TRUTH: &str = "truth";

#[derive(Args)]
pub struct LinkBenchArgs {
    /// 放着 register.csv、各名册和 truth（.parquet 或 .csv）的文件夹
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 只量这几种名册（文件名去掉扩展名）
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    rosters: Vec<String>,
    /// 名册说明和分值的文件夹（缺省用程序自带的）
    #[arg(long, value_name = "DIR")]
    specs: Option<PathBuf>,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &LinkBenchArgs) -> Exit {
    match measure(args) {
        Ok(result) => {
            crate::print_line(&if args.json { format!("{result:#}") } else { table(&result) });
            Exit::Done
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn measure(args: &LinkBenchArgs) -> Result<Value, Stop> {
    let files = files(&args.data)?;
    let need = |name: &str| {
        files.get(name).ok_or_else(|| {
            let what = format!("{} 里没有 {name}。请给比对测试的数据文件夹", args.data.display());
            Stop::bad_input(what)
        })
    };
    let (register, truth) = (need(REGISTER)?, need(TRUTH)?);
    let wanted: Vec<&str> = match args.rosters.as_slice() {
        [] => files.keys().map(String::as_str).filter(|name| !matches!(*name, REGISTER | TRUTH)).collect(),
        named => named.iter().map(String::as_str).collect(),
    };
    let scratch = std::env::temp_dir().join(format!("doudi-bench-link-{}", std::process::id()));
    std::fs::create_dir_all(&scratch)
        .map_err(|error| Stop::bad_input(format!("{}：{error}", scratch.display())))?;
    let mut rosters = Map::new();
    let mut measured = Ok(());
    for name in wanted {
        let one = need(name).and_then(|file| one_roster(args, register, truth, (name, file), &scratch));
        match one {
            Ok(one) => rosters.insert(name.to_owned(), one),
            Err(stop) => {
                measured = Err(stop);
                break;
            }
        };
    }
    // What is left over there is in nobody's way.
    let _ = std::fs::remove_dir_all(&scratch);
    measured.map(|()| json!({ "data": args.data.display().to_string(), "rosters": rosters }))
}

/// The folder's tables by name; of one that is there in several forms, the first of these.
fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Stop> {
    let entries = folder.read_dir().map_err(|error| {
        Stop::bad_input(format!("--data：读不了 {}：{error}。请检查文件夹名", folder.display()))
    })?;
    let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let mut files = BTreeMap::new();
    for ending in ["csv", "xlsx", "parquet"] {
        for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e == ending)) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            // Only the truth is read as parquet; other tables of that form are not for linking.
            if ending != "parquet" || name == TRUTH {
                files.entry(name).or_insert_with(|| path.clone());
            }
        }
    }
    Ok(files)
}

fn one_roster(
    args: &LinkBenchArgs,
    register: &Path,
    truth: &Path,
    (name, file): (&str, &Path),
    scratch: &Path,
) -> Result<Value, Stop> {
    let links = scratch.join(format!("{name}.csv"));
    let mut command = own_command()?;
    command.arg("link").arg("--register").arg(register).arg("--roster").arg(file).arg("--out").arg(&links);
    if let Some(specs) = &args.specs {
        command.arg("--specs").arg(specs);
    }
    let linked = answer(command.arg("--json"))?;
    let mut command = own_command()?;
    command.args(["link", "evaluate", "--links"]).arg(&links).arg("--truth").arg(truth);
    let judged = answer(command.args(["--roster", name, "--json"]))?;
    Ok(json!({
        "rows": judged["rows"],
        "precision": judged["default"]["precision"],
        "recall": judged["default"]["recall"],
        "f1": judged["default"]["f1"],
        "auto_precision": judged["auto"]["precision"],
        "auto_recall": judged["auto"]["recall"],
        "review_rows": judged["review"]["rows"],
        "review_share": judged["review"]["share"],
        "not_in_register_linked": judged["default"]["linked_though_not_in_register"],
        "not_in_register_auto": judged["auto"]["linked_though_not_in_register"],
        "cpu_s": linked["cpu_s"],
        "wall_s": linked["wall_s"],
        "peak_memory_mb": linked["peak_memory_mb"],
        "model": linked["model"],
    }))
}

fn own_command() -> Result<Command, Stop> {
    let program = std::env::current_exe();
    program.map(Command::new).map_err(|error| Stop::bad_input(format!("找不到程序自己的文件：{error}")))
}

/// What the program says to `--json`.
fn answer(command: &mut Command) -> Result<Value, Stop> {
    let output =
        command.output().map_err(|error| Stop::bad_input(format!("另起一个进程没有成功：{error}")))?;
    if !output.status.success() {
        return Err(Stop::bad_input(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|error| Stop::bad_input(format!("另一个进程的回答读不懂：{error}")))
}

fn table(result: &Value) -> String {
    let heads = [
        "名册",
        "行数",
        "查准率",
        "查全率",
        "F1",
        "自动查准率",
        "自动查全率",
        "需人看",
        "底册外对上",
        "CPU（秒）",
        "用时（秒）",
        "内存（MB）",
    ];
    let keys = [
        "rows",
        "precision",
        "recall",
        "f1",
        "auto_precision",
        "auto_recall",
        "review_share",
        "not_in_register_linked",
        "cpu_s",
        "wall_s",
        "peak_memory_mb",
    ];
    let rule = format!("| --- |{}", " ---: |".repeat(keys.len()));
    let mut lines = vec![format!("| {} |", heads.join(" | ")), rule];
    for (name, roster) in result["rosters"].as_object().into_iter().flatten() {
        let cells: Vec<String> = keys.iter().map(|key| shown(key, &roster[*key])).collect();
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    lines.join("\n")
}

fn shown(key: &str, value: &Value) -> String {
    match value.as_f64() {
        None => "不详".to_owned(),
        Some(share) if key == "review_share" => format!("{:.2}%", share * 100.0),
        Some(seconds) if key.ends_with("_s") => format!("{seconds:.2}"),
        Some(ratio) if value.is_f64() => format!("{ratio:.5}"),
        Some(_) => value.to_string(),
    }
}
