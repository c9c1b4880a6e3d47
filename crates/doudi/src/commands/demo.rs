//! `doudi demo`: an invented county, two months of rosters with planted errors, cleared, scored against the truth, and
//! opened in a browser.

mod office;
mod score;
mod tables;

use super::clear::{self, ClearArgs, Stop};
use crate::exit::Exit;
use clap::Args;
use doudi_demo::{DemoConfig, months};
use indicatif::{ProgressBar, ProgressStyle};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The county whose townships and villages the demo uses.
const COUNTY: &str = "500243";

/// Fewer people do not fill every village; more than a prefecture is not a county any more.
const PERSONS: std::ops::RangeInclusive<i64> = 1_000..=3_000_000;

#[derive(Args)]
pub struct DemoArgs {
    /// 结果放在哪个文件夹
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    out: PathBuf,
    /// 编造多少人
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(PERSONS))]
    persons: u32,
    /// 换一个数就换一个县
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// 只算，不开办公网页
    #[arg(long)]
    no_serve: bool,
    /// 办公网页在哪个地址上
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8808")]
    listen: SocketAddr,
    /// 原来编造的不要了，重新来过
    #[arg(long)]
    again: bool,
}

pub fn run(args: &DemoArgs) -> Exit {
    match demo(args) {
        Ok(exit) => exit,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn demo(args: &DemoArgs) -> Result<Exit, Stop> {
    if is_ready(args) && !args.no_serve && !args.again {
        let folder = args.out.display();
        eprintln!("打开已经编造好的 {folder}，做过的都在。要重新来过，加 --again");
        return office::serve(args).map(|()| Exit::Done);
    }
    prepare(args).map_err(Stop::bad_input)?;
    let exit = compute(args)?;
    if exit != Exit::Done || args.no_serve {
        return Ok(exit);
    }
    office::open_for_business(args)?;
    let ready = std::fs::write(args.out.join(MARKER), made_of(args));
    ready.map_err(|error| Stop::bad_input(format!("写不了 {}：{error}", args.out.display())))?;
    office::serve(args).map(|()| Exit::Done)
}

/// Invents the county, clears its months and says what was found.
fn compute(args: &DemoArgs) -> Result<Exit, Stop> {
    let spinner = spinner();
    let config = DemoConfig { persons: args.persons, seed: args.seed };
    let stage = &mut |stage: &str| spinner.set_message(format!("编造彭水县：{stage}"));
    let truth = tables::write(&config, &args.out, stage).map_err(Stop::bad_input)?;
    spinner.finish_and_clear();
    eprintln!("编造了 {} 人和各部门名册：{}", args.persons, args.out.join("rosters").display());
    office::make_key(args)?;
    let mut scores = Vec::new();
    for month in months() {
        let name = month.to_string();
        let out = args.out.join("out").join(&name);
        let mut clear_args = ClearArgs::new(
            COUNTY,
            &name,
            args.out.join("rosters").join(&name),
            args.out.join("data"),
            out.clone(),
        );
        clear_args.key = office::key_of(args);
        let exit = clear::run(&clear_args);
        if exit != Exit::Done {
            return Ok(exit);
        }
        scores.push((month, score::score(&truth, month, &out).map_err(Stop::bad_input)?));
    }
    for (month, scores) in &scores {
        crate::print_line(&format!("\n{}", score::table(*month, scores)));
    }
    let last = args.out.join("out").join(months()[1].to_string());
    crate::print_line(&format!(
        "\n接下来可以打开：\n  {}（全县汇总）\n  {} 里任意一个乡镇的 Excel\n也可以重算验证：doudi verify {}",
        last.join("report.html").display(),
        last.display(),
        last.join("certificate.json").display(),
    ));
    Ok(Exit::Done)
}

/// In every folder that a demo made; once its office is ready, of what it was made.
const MARKER: &str = ".doudi-demo";

fn made_of(args: &DemoArgs) -> String {
    format!("{} persons={} seed={}\n", env!("CARGO_PKG_VERSION"), args.persons, args.seed)
}

/// The folder holds this very county with its office.
fn is_ready(args: &DemoArgs) -> bool {
    std::fs::read_to_string(args.out.join(MARKER)).is_ok_and(|text| text == made_of(args))
}

/// A demo starts from nothing; it only ever clears away a folder that a demo made.
fn prepare(args: &DemoArgs) -> Result<(), String> {
    let marker = args.out.join(MARKER);
    let wrong = |error: std::io::Error| format!("用不了文件夹 {}：{error}", args.out.display());
    let occupied = args.out.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !marker.exists() {
        return Err(format!(
            "文件夹 {} 里有别的东西，演示不会去动它。请用 --out 另外指定一个文件夹",
            args.out.display()
        ));
    }
    if occupied {
        std::fs::remove_dir_all(&args.out).map_err(wrong)?;
    }
    std::fs::create_dir_all(&args.out).map_err(wrong)?;
    std::fs::write(marker, "").map_err(wrong)
}

/// Shown on a terminal only.
fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
