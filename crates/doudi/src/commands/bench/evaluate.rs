//! `doudi bench evaluate`: the law of a month that was cleared, run over everybody again, with what each part costs.

use super::clock::{median, thread_seconds};
use crate::commands::clear::Stop;
use crate::commands::policy::find_month;
use crate::commands::vault::KeyArgs;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::evaluation_bench::{Costs, Month, OneByOne};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Args)]
pub struct EvaluateArgs {
    /// 摸排时用的数据文件夹，如 bench clear 的 --keep 里的 data
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 哪个月，如 2020-04（缺省是最近摸排的一个月）
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// 哪个地区（缺省是摸排的整个地区）
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    #[command(flatten)]
    key: KeyArgs,
    /// 算几遍，取中间的用时；另有一遍热身
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &EvaluateArgs) -> Exit {
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

fn measure(args: &EvaluateArgs) -> Result<Value, Stop> {
    let (region, month) = (args.region.as_deref(), args.month.as_deref());
    let (folder, kept, content, _) = find_month(&args.data, &args.key, region, month)?;
    let month = Month::read(&folder, &kept, &content)?;
    let (_warm, _up) = (month.everybody(&thread_seconds)?, month.one_by_one(&thread_seconds)?);
    let (mut all, mut single) = (Vec::new(), Vec::new());
    for _ in 0..args.runs.max(1) {
        all.push(month.everybody(&thread_seconds)?);
        single.push(month.one_by_one(&thread_seconds)?);
    }
    Ok(result(&all, &single))
}

fn result(all: &[Costs], single: &[OneByOne]) -> Value {
    let of = |seconds: &dyn Fn(&Costs) -> f64| median(all.iter().map(seconds).collect());
    let one = |seconds: &dyn Fn(&OneByOne) -> f64| median(single.iter().map(seconds).collect());
    let (first, listed) =
        (all.first().cloned().unwrap_or_default(), single.first().cloned().unwrap_or_default());
    let each = |seconds: f64, of: usize| rounded(seconds * 1e6 / of.max(1) as f64, 10.0);
    let (facts, explain) = (one(&|cost| cost.facts), one(&|cost| cost.explain));
    let million = |seconds: f64| rounded(seconds * 1e6 / first.persons.max(1) as f64, 1000.0);
    let part = |name: &str, seconds: f64| json!({ "name": name, "cpu_s": rounded(seconds, 1000.0), "cpu_s_per_million": million(seconds) });
    let rows = of(&|cost| cost.columns + cost.evaluate + cost.write);
    json!({
        "persons": first.persons,
        "households": first.households,
        "rules": first.rules,
        "checks": first.checks,
        "parts": [
            part("连接政策", of(&|cost| cost.link)),
            part("编成步骤", of(&|cost| cost.compile)),
            part("事实排成列", of(&|cost| cost.columns)),
            part("逐块计算", of(&|cost| cost.evaluate)),
            part("写出结果", of(&|cost| cost.write)),
            part("后三项合计", rows),
        ],
        "one_by_one": {
            "households": listed.households,
            "persons": listed.persons,
            "facts_us_per_person": each(facts, listed.persons),
            "explain_us_per_person": each(explain, listed.persons),
            "us_per_person": each(facts + explain, listed.persons),
            "us_per_household": each(facts + explain, listed.households),
            "characters_per_person": listed.words / listed.persons.max(1),
        },
    })
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

fn table(result: &Value) -> String {
    let mut text = format!(
        "{} 人，{} 户；{} 条规则、{} 项核对，连同每个值由哪一条决定；单线程\n\n| 部分 | CPU（秒） | 每百万人（秒） |\n| --- | ---: | ---: |\n",
        result["persons"], result["households"], result["rules"], result["checks"]
    );
    for part in result["parts"].as_array().into_iter().flatten() {
        let name = part["name"].as_str().unwrap_or_default();
        let _ = writeln!(text, "| {name} | {} | {} |", part["cpu_s"], part["cpu_s_per_million"]);
    }
    let one = &result["one_by_one"];
    let _ = write!(
        text,
        "\n逐户重算并说明理由：{} 户里的 {} 人，每人 {} 微秒，每户 {} 微秒（取出事实每人 {} 微秒，计算和理由 {} 微秒）",
        one["households"],
        one["persons"],
        one["us_per_person"],
        one["us_per_household"],
        one["facts_us_per_person"],
        one["explain_us_per_person"]
    );
    text
}
