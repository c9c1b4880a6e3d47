//! `doudi bench policy`: a rule set over a register of synthetic persons, one month, with totals to the fen.

use super::clock::{Clock, median, peak_rss_mb, thread_seconds};
use super::data::BenchData;
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::policy_bench::{DecodedTable, Evaluated, Totalled, Totals, fact_tables, prepare, totals};
use doudi_policy::{Library, Program, Source, has_errors};
use doudi_terms::{Month, RegionCode};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

const RULES: &str = "minimum-income.md";
const DATA: &str = "minimum-income.toml";

#[derive(Args)]
pub struct PolicyArgs {
    /// 测速数据的文件夹：persons.parquet、households.parquet、params.json
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 算哪个月，如 2020-03
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Month,
    /// 用这份政策文件，不用程序自带的 benches/minimum-income.md
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// 用几个线程
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// 算几遍，取中间的用时；另有一遍热身
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "月份写成 2020-03 这样".to_owned())
}

/// Seconds of each step.
#[derive(Default)]
struct Times {
    load: (f64, f64),
    prepare: f64,
    eval_cpu: f64,
    eval_wall: f64,
}

pub fn run(args: &PolicyArgs) -> Exit {
    match measure(args) {
        Ok(result) => {
            crate::print_line(&result);
            Exit::Done
        }
        Err(message) => {
            eprintln!("{message}");
            Exit::BadInput
        }
    }
}

fn measure(args: &PolicyArgs) -> Result<String, String> {
    let data: BenchData = toml::from_str(content::bench(DATA)?).map_err(|error| error.to_string())?;
    let library = library(args, &data)?;
    let day = args.month.last_day();
    let program = Program::link(&library, RegionCode::COUNTRY, day).map_err(|problems| {
        problems.iter().map(|problem| problem.render(&library.sources)).collect::<Vec<_>>().join("\n")
    })?;
    let asked = data.totalled(&library)?;
    let columns = data.columns(&library)?;
    let mut times = Times::default();
    let text = |error: doudi_engine::EngineError| error.to_string();

    let clock = Clock::start();
    let decoded: Vec<DecodedTable> = data
        .tables
        .iter()
        .map(|table| DecodedTable::read(&args.data.join(&table.file)))
        .collect::<Result<_, _>>()
        .map_err(text)?;
    times.load = (clock.cpu_seconds(), clock.wall_seconds());

    let clock = Clock::start();
    let tables = fact_tables(&library, &decoded, &columns).map_err(text)?;
    let prepared = prepare(&program, &tables, &asked).map_err(text)?;
    times.prepare = clock.cpu_seconds();

    let once = || totals(&library, &prepared, &asked, args.threads, &thread_seconds).map_err(text);
    let found = once()?;
    let (mut cpu, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..args.runs.max(1) {
        let clock = Clock::start();
        let Evaluated { totals, thread_seconds } = once()?;
        wall.push(clock.wall_seconds());
        // The first thread is this one.
        cpu.push(clock.cpu_seconds() + thread_seconds.iter().skip(1).sum::<f64>());
        if totals != found.totals {
            return Err("同样的数据两遍算得不一样，这是程序的错误，请报给开发者".into());
        }
    }
    (times.eval_cpu, times.eval_wall) = (median(cpu), median(wall));
    Ok(if args.json {
        as_json(args, &data, &asked, &found.totals, &times).to_string()
    } else {
        in_words(args, &data, &found.totals, &times)
    })
}

/// The rule set with the parameters that the data say.
fn library(args: &PolicyArgs, data: &BenchData) -> Result<Library, String> {
    let rules = match &args.policy {
        Some(path) => read(path)?,
        None => content::bench(RULES)?.to_owned(),
    };
    let path = args.policy.as_deref().map_or(RULES.to_owned(), |path| path.display().to_string());
    let mut sources = vec![Source { path, text: rules }];
    for name in &data.documents {
        sources.push(Source { path: name.clone(), text: content::bench(name)?.to_owned() });
    }
    let (declared, _) = Library::read(sources.clone());
    let params = args.data.join("params.json");
    let steps: Value = serde_json::from_str(&read(&params)?)
        .map_err(|error| format!("{} 读不懂：{error}", params.display()))?;
    let rows = data.parameter_rows(&steps, |name| {
        let parameter = declared.parameter_named(name).map(|id| &declared.parameters[id.index()]);
        let dimension = parameter.and_then(|parameter| parameter.dimensions.first());
        dimension.map_or(Vec::new(), |labels| declared.labels(*labels).to_vec())
    })?;
    sources.push(Source { path: "params.csv".into(), text: rows });
    let (library, problems) = Library::read(sources);
    if !has_errors(&problems) {
        return Ok(library);
    }
    let errors = problems.iter().filter(|problem| problem.level == doudi_policy::Level::Error);
    let errors: Vec<String> = errors.map(|problem| problem.render(&library.sources)).collect();
    Err(format!("政策文件有 {} 处错误，先改正再运行：\n\n{}", errors.len(), errors.join("\n")))
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("读不了 {}：{error}。请检查文件在不在、有没有权限", path.display()))
}

fn as_json(args: &PolicyArgs, data: &BenchData, asked: &Totalled, totals: &Totals, times: &Times) -> Value {
    let counts: Map<String, Value> =
        data.counts.keys().zip(&totals.counts).map(|(name, count)| (name.clone(), json!(count))).collect();
    let sums: Map<String, Value> =
        data.sums.keys().zip(&totals.sums).map(|(name, sum)| (name.clone(), whole(*sum))).collect();
    debug_assert_eq!(asked.counts.len(), counts.len());
    json!({
        "month": args.month.to_string(),
        "households": totals.households,
        "counts": counts,
        "sums_fen": sums,
        "grand_total_fen": whole(totals.grand),
        "household_checksum": whole(totals.checksum),
        "county_totals_fen": totals.by_option.iter().map(|total| whole(*total)).collect::<Vec<_>>(),
        "engine": "doudi",
        "threads": args.threads.max(1),
        "load_cpu_s": rounded(times.load.0),
        "load_wall_s": rounded(times.load.1),
        "prepare_cpu_s": rounded(times.prepare),
        "eval_cpu_s": rounded(times.eval_cpu),
        "eval_wall_s": rounded(times.eval_wall),
        "peak_rss_mb": peak_rss_mb(),
    })
}

/// As a JSON number where it fits one, as text where it does not.
fn whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| json!(number.to_string()), |number| json!(number))
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1e5).round() / 1e5
}

fn in_words(args: &PolicyArgs, data: &BenchData, totals: &Totals, times: &Times) -> String {
    let mut lines = vec![format!("{}，{} 户，一共 {} 分。", args.month, totals.households, totals.grand)];
    for (name, count) in data.counts.keys().zip(&totals.counts) {
        lines.push(format!("  {name} {count}"));
    }
    for (name, sum) in data.sums.keys().zip(&totals.sums) {
        lines.push(format!("  {name} {sum} 分"));
    }
    lines.push(format!(
        "读入 {:.3} 秒，准备 {:.3} 秒，计算 {:.4} 秒（CPU），{} 个线程用时 {:.4} 秒。",
        times.load.0,
        times.prepare,
        times.eval_cpu,
        args.threads.max(1),
        times.eval_wall
    ));
    lines.join("\n")
}
