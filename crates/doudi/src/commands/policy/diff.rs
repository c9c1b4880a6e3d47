//! `doudi policy diff`: what is different between two policies folders, in words.

mod compare;
mod parameters;
mod side;
mod words;

use super::bad_input;
use super::impact::{self, Detail, MonthArgs};
use crate::commands::clear::{Progress, Stop};
use crate::divisions::Divisions;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::simulate::compare as compare_results;
use serde_json::{Value, json};
use side::Side;
use std::path::{Path, PathBuf};

#[derive(Args)]
#[command(
    after_help = "加上 --data 数据文件夹，另外说在一个月的快照上谁会变：进入、退出、增加、减少，各地多花多少钱。\n\
                  两边一样，退出码是 0；不一样，是 1；有一边读不出来，是 3。"
)]
pub struct DiffArgs {
    /// 原来的政策文件夹；写 embedded 是程序自带的
    #[arg(value_name = "A")]
    before: String,
    /// 现在的政策文件夹；写 embedded 是程序自带的
    #[arg(value_name = "B")]
    after: String,
    /// 在这个数据文件夹的快照上比较谁会变：摸排时用的那个
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    month: MonthArgs,
    /// 屏幕上分到哪一级
    #[arg(long, value_enum, default_value = "county", requires = "data")]
    by: Detail,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &DiffArgs) -> Exit {
    let read = Side::read(&args.before).and_then(|before| Ok((before, Side::read(&args.after)?)));
    let (before, after) = match read {
        Ok(sides) => sides,
        Err(message) => return bad_input(&message),
    };
    let difference = compare::compare(&before, &after, &Divisions::read());
    let who = match args.data.as_deref().map(|data| who_changes(args, data)).transpose() {
        Ok(who) => who,
        Err(stop) => {
            eprintln!("{}", stop.message);
            return stop.exit;
        }
    };
    if args.json {
        let mut answer = match serde_json::to_value(&difference) {
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("结果写不成 JSON：{error}");
                return Exit::Internal;
            }
        };
        if let Some(who) = who {
            answer["impact"] = who.figures;
        }
        crate::print_line(&answer.to_string());
    } else {
        let words = words::text(&difference);
        let who = who.map_or_else(String::new, |who| format!("\n\n{}", who.text));
        crate::print_line(&format!("{}{}", words.trim_end(), who.trim_end()));
    }
    if difference.same { Exit::Done } else { Exit::No }
}

/// The comparison on a register.
struct Who {
    text: String,
    figures: Value,
}

fn who_changes(args: &DiffArgs, data: &Path) -> Result<Who, Stop> {
    let progress = Progress::new();
    progress.say("读快照");
    let month = impact::open(data, &args.month)?;
    let (before, after) = (month.policies(&args.before)?, month.policies(&args.after)?);
    progress.say("按两边的政策各认定一遍");
    let comparison = compare_results(&month.basis, &before.content, &after.content, month.region)?;
    progress.finish();
    let about = vec![
        format!("谁会变：{}，按 {} 的规定", month.words(&comparison), comparison.month.last_day()),
        format!("原是{}，现是{}", before.origin, after.origin),
    ];
    let mut figures = impact::json(&month, &comparison);
    figures["policies"] = json!({
        "before": { "origin": before.origin, "hash": before.hash },
        "after": { "origin": after.origin, "hash": after.hash },
    });
    let mut text = format!("{}\n\n{}", about.join("\n"), impact::text(&month, &comparison, args.by));
    if let Some(out) = &args.month.out {
        let files = impact::write_files(out, &month, &comparison, &about, &figures)?;
        text.push_str(&format!("名单在 {}：{}\n", out.display(), files.join("、")));
    }
    Ok(Who { text, figures })
}
