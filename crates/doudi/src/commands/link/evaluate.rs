//! `doudi link evaluate`: how good a file of links is, beside the truth.

use super::truth;
use crate::commands::clear::Stop;
use crate::exit::Exit;
use clap::Args;
use doudi_linkage::LinkClass;
use doudi_linkage::score::{Evaluation, Judged, Score};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct EvaluateArgs {
    /// doudi link 写出的结果（row_id,person_id,probability,class）
    #[arg(long, value_name = "FILE")]
    links: PathBuf,
    /// 真实答案，csv 或 parquet（roster,row_id,person_id,err）
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// 答案里的哪一种名册
    #[arg(long, value_name = "NAME")]
    roster: Option<String>,
    /// 在标准输出写一个 JSON
    #[arg(long)]
    json: bool,
}

/// One line of links.csv.
struct LinkLine {
    person_id: String,
    probability: f64,
    class: LinkClass,
}

pub fn run(args: &EvaluateArgs) -> Result<Exit, Stop> {
    let links = read_links(&args.links)?;
    let truth = truth::read(&args.truth, args.roster.as_deref())?;
    if let Some(unknown) = links.keys().find(|row_id| !truth.contains_key(*row_id)) {
        return Err(Stop::bad_input(format!(
            "{} 的第 {unknown} 行在 {} 里没有答案。请核对是不是同一份名册（--roster）",
            args.links.display(),
            args.truth.display()
        )));
    }
    let judged = truth.iter().map(|(row_id, truth)| (judge(links.get(row_id), truth), truth.tags()));
    let evaluation = Evaluation::of(judged);
    let unanswered = truth.len() - links.len();
    crate::print_line(&match args.json {
        true => format!("{:#}", report(&evaluation, unanswered)),
        false => text(&evaluation, unanswered),
    });
    Ok(Exit::Done)
}

/// A row without a line has no link.
fn judge(link: Option<&LinkLine>, truth: &truth::TruthRow) -> Judged {
    let linked = link.is_some_and(|link| !link.person_id.is_empty());
    Judged {
        class: link.map_or(LinkClass::None, |link| link.class),
        probability: link.map_or(0.0, |link| link.probability),
        linked,
        right: linked && link.is_some_and(|link| link.person_id == truth.person_id),
        known: truth.is_known(),
    }
}

fn read_links(path: &Path) -> Result<BTreeMap<String, LinkLine>, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {shown}：{error}。请检查文件名")))?;
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut links = BTreeMap::new();
    for (row, record) in (2..).zip(reader.records()) {
        let wrong = |what: &str| {
            Stop::bad_input(format!("{shown} 第 {row} 行{what}。请用 doudi link 写出的 links.csv"))
        };
        let record = record.map_err(|error| wrong(&format!("读不懂：{error}")))?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let probability = cell(2).parse().map_err(|_| wrong("的 probability 不是数"))?;
        let class = match cell(3).as_str() {
            "auto" => LinkClass::Auto,
            "review" => LinkClass::Review,
            "none" => LinkClass::None,
            _ => return Err(wrong("的 class 不是 auto、review、none 之一")),
        };
        links.insert(cell(0), LinkLine { person_id: cell(1), probability, class });
    }
    Ok(links)
}

fn report(all: &Evaluation, unanswered: usize) -> Value {
    let score = |score: &Score| {
        json!({
            "predicted": score.linked,
            "right": score.right,
            "in_register": score.known,
            "precision": rounded(score.precision()),
            "recall": rounded(score.recall()),
            "f1": rounded(score.f1()),
            "linked_though_not_in_register": score.invented,
        })
    };
    let bins = all.bins.iter().filter(|bin| bin.count > 0).map(|bin| {
        json!({
            "from": bin.from,
            "to": bin.to,
            "count": bin.count,
            "predicted": rounded(bin.said()),
            "observed": rounded(bin.observed()),
            "chance": rounded(bin.chance()),
        })
    });
    let errors = all.by_error.iter().map(|(tag, [rows, found, auto])| {
        (tag.clone(), json!({ "rows": rows, "found": found, "found_auto": auto }))
    });
    json!({
        "rows": all.rows,
        "rows_without_line": unanswered,
        "not_in_register": all.unknown,
        "default": score(&all.by_default),
        "auto": score(&all.auto),
        "review": { "rows": all.review, "share": rounded(share(all.review, all.rows)) },
        "calibration": bins.collect::<Vec<_>>(),
        "worst_bin_above_0.9": all.worst_above_nine_tenths().map(|bin| {
            json!({ "from": bin.from, "off": rounded((bin.said() - bin.observed()).abs()), "chance": rounded(bin.chance()) })
        }),
        "by_error": errors.collect::<serde_json::Map<_, _>>(),
    })
}

fn text(all: &Evaluation, unanswered: usize) -> String {
    let score = |name: &str, score: &Score| {
        format!(
            "{name}：对上 {} 行，其中对 {} 行，查准率 {:.5}，查全率 {:.5}，F1 {:.5}；不在底册里却对上了 {} 行",
            score.linked,
            score.right,
            score.precision(),
            score.recall(),
            score.f1(),
            score.invented
        )
    };
    let mut lines = vec![
        format!("共 {} 行，其中 {} 行的人不在底册里", all.rows, all.unknown),
        score("先按对上的算（概率 0.5 以上）", &all.by_default),
        score("自动对上", &all.auto),
        format!("要人看 {} 行，占 {:.2}%", all.review, 100.0 * share(all.review, all.rows)),
        "概率准不准（说的概率、实际对的比例、行数；后面是光凭运气会差多少）：".to_owned(),
    ];
    for bin in all.bins.iter().filter(|bin| bin.count > 0) {
        lines.push(format!(
            "  {:.3}–{:.3}  说 {:.4}  实际 {:.4}  {} 行  ±{:.4}",
            bin.from,
            bin.to,
            bin.said(),
            bin.observed(),
            bin.count,
            bin.chance()
        ));
    }
    lines.push("各种差错的行找到多少（先按对上的算／自动／共有）：".to_owned());
    for (tag, [rows, found, auto]) in &all.by_error {
        lines.push(format!("  {tag}  {found}／{auto}／{rows}"));
    }
    if unanswered > 0 {
        lines.push(format!("答案里有 {unanswered} 行在结果里没有，算作没有对上"));
    }
    lines.join("\n")
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
