//! `doudi bench clear`: a month's clearing from a folder of rosters to the certificate, with what each step costs.

use super::next_month;
use crate::commands::clear::stages::Stage;
use crate::commands::clear::{self, ClearArgs, Progress, Stop};
use crate::commands::vault::KeyArgs;
use crate::exit::Exit;
use clap::Args;
use doudi_terms::Month;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct ClearBenchArgs {
    /// 名册所在的文件夹，如 demo 写出的 rosters/2020-04
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 地区代码
    #[arg(long, value_name = "CODE", default_value = "000000")]
    region: String,
    /// 摸排月份，如 2020-04
    #[arg(long, value_name = "YYYY-MM")]
    month: String,
    /// 数据文件夹和结果放在哪里：须是空的或还没有的文件夹，量完不删
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// 最多用多少内存，如 800M、2G，同 clear
    #[arg(long, value_name = "SIZE", value_parser = clear::memory_size)]
    memory: Option<u64>,
    #[command(flatten)]
    key: KeyArgs,
    /// --keep 里已经做过前面的月份：接着量这个月
    #[arg(long)]
    warm: bool,
    /// 再量下一个月：由程序把名册（只取 csv）改动一小部分当作下个月的，接着上个月的比对做一遍、从头比对再做一遍，看省多少、结果是否相同
    #[arg(long, conflicts_with = "warm")]
    next: bool,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ClearBenchArgs) -> Exit {
    if args.memory.is_some() {
        crate::sparing::begin_again();
    }
    let measured = if args.next { with_next(args) } else { measure(args, &Wanted::of(args)) };
    match measured {
        Ok(result) => {
            let shown = if args.next { next_table(&result) } else { table(&result) };
            crate::print_line(&if args.json { format!("{result:#}") } else { shown });
            Exit::Done
        }
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

/// One clearing to be measured.
struct Wanted {
    rosters: PathBuf,
    month: String,
    keep: PathBuf,
    warm: bool,
}

impl Wanted {
    fn of(args: &ClearBenchArgs) -> Wanted {
        let ClearBenchArgs { data, month, keep, warm, .. } = args;
        Wanted { rosters: data.clone(), month: month.clone(), keep: keep.clone(), warm: *warm }
    }
}

/// A month, and the month after twice: with last month's links, and without. The certificates must be the same.
fn with_next(args: &ClearBenchArgs) -> Result<Value, Stop> {
    let month = Month::parse(&args.month);
    let bad_month = || Stop::bad_input(format!("--month：“{}”不是月份，请写成 2020-04", args.month));
    let months = month.and_then(|month| Some((month, month.plus(1)?))).ok_or_else(bad_month)?;
    let [this, next, keep] = ["rosters-1", "rosters-2", "cleared"].map(|name| args.keep.join(name));
    let wanted = |rosters: &PathBuf, month: Month, warm| Wanted {
        rosters: rosters.clone(),
        month: month.to_string(),
        keep: keep.clone(),
        warm,
    };
    if keep.exists() {
        return Err(not_empty(&args.keep));
    }
    let is_register = |name: &str| name.contains("户籍登记");
    next_month::copy(&args.data, &this).map_err(Stop::bad_input)?;
    next_month::make(&args.data, &next, months, is_register).map_err(Stop::bad_input)?;
    let first = measure(args, &wanted(&this, months.0, false))?;
    let (warm, said) = (measure(args, &wanted(&next, months.1, true))?, certificate(&keep)?);
    // Without last month's links and people, the same inputs are linked from nothing.
    let links = keep.join("data/identity/links");
    std::fs::remove_dir_all(&links)
        .map_err(|error| Stop::bad_input(format!("{}：{error}", links.display())))?;
    let (cold, said_anew) = (measure(args, &wanted(&next, months.1, true))?, certificate(&keep)?);
    Ok(json!({
        "first": first,
        "next_warm": warm,
        "next_cold": cold,
        "same_certificate": said == said_anew,
    }))
}

fn certificate(keep: &Path) -> Result<Vec<u8>, Stop> {
    let path = keep.join("out/certificate.json");
    std::fs::read(&path).map_err(|error| Stop::bad_input(format!("{}：{error}", path.display())))
}

fn not_empty(keep: &Path) -> Stop {
    Stop::bad_input(format!(
        "{} 里已经有东西，量不出从头做一遍的用时。请用 --keep 另指定一个空文件夹",
        keep.display()
    ))
}

fn measure(args: &ClearBenchArgs, wanted: &Wanted) -> Result<Value, Stop> {
    // What is there already would be taken instead of being computed.
    if !wanted.warm && wanted.keep.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(not_empty(&wanted.keep));
    }
    let (data, out) = (wanted.keep.join("data"), wanted.keep.join("out"));
    let mut clear_args = ClearArgs::new(&args.region, &wanted.month, wanted.rosters.clone(), data, out);
    clear_args.memory = args.memory;
    clear_args.key = args.key.clone();
    let progress = Progress::measuring();
    let done = clear::clear(&clear_args, &progress)?;
    let stages = progress.stages();
    let sum = |of: &dyn Fn(&Stage) -> f64| (stages.iter().map(of).sum::<f64>() * 100.0).round() / 100.0;
    let summary = &done.summary;
    let files = summary["inputs"].as_array().map_or(0, Vec::len);
    let rows = summary["inputs"].as_array().into_iter().flatten();
    let rows: u64 = rows.filter_map(|input| input["rows"].as_u64()).sum();
    Ok(json!({
        "persons": summary["register"]["persons"],
        "rosters": files,
        "rows": rows,
        "roster_mb": megabytes(&wanted.rosters),
        "leads": summary["leads_total"],
        "wall_s": sum(&|stage| stage.wall_s),
        "cpu_s": sum(&|stage| stage.cpu_s),
        "peak_rss_mb": stages.iter().filter_map(|stage| stage.peak_mb).max(),
        "stages": stages.iter().map(Stage::json).collect::<Vec<_>>(),
        "certificate": wanted.keep.join("out").join("certificate.json").to_string_lossy(),
    }))
}

fn megabytes(folder: &Path) -> u64 {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let bytes: u64 = entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum();
    bytes / 1_000_000
}

fn table(result: &Value) -> String {
    let mut text = format!(
        "{} 人，{} 份名册，{} 行，{} MB\n\n| 步骤 | 用时（秒） | CPU（秒） | 最多占用内存（MB） |\n| --- | ---: | ---: | ---: |\n",
        result["persons"], result["rosters"], result["rows"], result["roster_mb"]
    );
    let line = |name: &str, of: &Value| {
        format!("| {name} | {} | {} | {} |", of["wall_s"], of["cpu_s"], of["peak_rss_mb"])
    };
    for stage in result["stages"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "{}", line(stage["name"].as_str().unwrap_or_default(), stage));
    }
    text.push_str(&line("合计", result));
    text
}

/// Each step of the three clearings beside one another.
fn next_table(result: &Value) -> String {
    let runs = ["first", "next_warm", "next_cold"];
    let counts = |run: &str| format!("{} 人 {} 行", result[run]["persons"], result[run]["rows"]);
    let mut text = format!(
        "这个月 {}，下个月 {}\n\n| 步骤（CPU 秒） | 这个月 | 下个月，接着比 | 下个月，从头比 |\n| --- | ---: | ---: | ---: |\n",
        counts("first"),
        counts("next_warm")
    );
    let stages = runs.map(|run| result[run]["stages"].as_array().cloned().unwrap_or_default());
    for stage in &stages[0] {
        let of = |stages: &Vec<Value>| {
            let same = stages.iter().find(|other| other["name"] == stage["name"]);
            same.map_or_else(String::new, |stage| stage["cpu_s"].to_string())
        };
        let cells: Vec<String> = stages.iter().map(of).collect();
        let _ = writeln!(text, "| {} | {} |", stage["name"].as_str().unwrap_or_default(), cells.join(" | "));
    }
    let sums = runs.map(|run| result[run]["cpu_s"].to_string());
    let _ = writeln!(text, "| 合计 | {} |", sums.join(" | "));
    let same = result["same_certificate"].as_bool() == Some(true);
    text.push_str(if same {
        "\n接着比和从头比，证书逐字节相同"
    } else {
        "\n接着比和从头比，证书不同：这是程序的错"
    });
    text
}
