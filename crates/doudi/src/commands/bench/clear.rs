//! `doudi bench clear`: a month's clearing from a folder of rosters to the certificate, with what each step costs.

use crate::commands::clear::stages::Stage;
use crate::commands::clear::{self, ClearArgs, Progress, Stop};
use crate::exit::Exit;
use clap::Args;
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
    /// --keep 里已经做过前面的月份：接着量这个月
    #[arg(long)]
    warm: bool,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &ClearBenchArgs) -> Exit {
    if args.memory.is_some() {
        crate::sparing::begin_again();
    }
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

fn measure(args: &ClearBenchArgs) -> Result<Value, Stop> {
    // What is there already would be taken instead of being computed.
    if !args.warm && args.keep.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Stop::bad_input(format!(
            "{} 里已经有东西，量不出从头做一遍的用时。请用 --keep 另指定一个空文件夹",
            args.keep.display()
        )));
    }
    let (data, out) = (args.keep.join("data"), args.keep.join("out"));
    let mut clear_args = ClearArgs::new(&args.region, &args.month, args.data.clone(), data, out);
    clear_args.memory = args.memory;
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
        "roster_mb": megabytes(&args.data),
        "leads": summary["leads_total"],
        "wall_s": sum(&|stage| stage.wall_s),
        "cpu_s": sum(&|stage| stage.cpu_s),
        "peak_rss_mb": stages.iter().filter_map(|stage| stage.peak_mb).max(),
        "stages": stages.iter().map(Stage::json).collect::<Vec<_>>(),
        "certificate": args.keep.join("out").join("certificate.json").to_string_lossy(),
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
