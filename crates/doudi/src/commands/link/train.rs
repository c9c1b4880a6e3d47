//! `doudi link train`: weights from one's own rosters; `doudi link calibrate`: what a probability is worth.

use super::input::{Input, PairArgs};
use super::truth::{self, TruthRow};
use crate::commands::clear::{Progress, Stop};
use crate::content;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{ReadRegister, RosterRows, write_file};
use doudi_linkage::calibration::{self, Observed};
use doudi_linkage::train::{Fit, RANDOM_PAIRS, Training, Unfit};
use doudi_linkage::{Calibration, Doubt, Level, RosterRow, Weights, weight_file};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// More rows teach nothing more.
const MOST_ROWS: usize = 60_000;
const PATTERNS_SHOWN: usize = 12;
const OBSERVED_HEAD: &str = "doubt,weighed,right";

#[derive(Args)]
pub struct TrainArgs {
    #[command(flatten)]
    pair: PairArgs,
    /// 分值写到哪个文件（.toml），放到名册说明旁边、叫“编号.weights.toml”即可使用
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// 随机配对的种子
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 真实答案（roster,row_id,person_id,err）：有它才能校准概率
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// 答案里的哪一种名册
    #[arg(long, value_name = "NAME")]
    truth_roster: Option<String>,
    /// 校准时沿用现有分值，不重新估计
    #[arg(long)]
    keep_weights: bool,
    /// 每一行说的分数和对错记到哪个文件（.csv），供 doudi link calibrate 合并几份一起校准
    #[arg(long, value_name = "FILE", requires = "truth")]
    observed: Option<PathBuf>,
    /// 在标准输出写一个 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct CalibrateArgs {
    /// doudi link train --observed 写出的文件，可以几份
    #[arg(required = true, value_name = "FILE")]
    observed: Vec<PathBuf>,
    /// 校准表写到哪个文件（.toml）
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &TrainArgs) -> Result<Exit, Stop> {
    let pair = args.pair.open()?;
    let mut roster = pair.roster()?;
    let shipped = pair.weights_of(&roster);
    let mut file = pair.register()?;
    let truth = match &args.truth {
        Some(path) => Some(truth::read(path, args.truth_roster.as_deref())?),
        None => None,
    };
    let progress = Progress::new();
    progress.say("读入人口底册");
    let register = super::read_register(&mut file)?;
    let mut report = Report { roster: &roster.spec.name.clone(), args, fit: None, tables: Vec::new() };
    let mut trained = shipped.clone();
    let origin = format!("训练：{}与{}，种子 {}", roster.name(), file.name(), args.seed);
    if !args.keep_weights {
        progress.say("估计分值");
        let fit = fit(&mut roster, &register, shipped, (args.seed, &origin))?;
        trained = fit.weights.clone();
        report.fit = Some(fit);
    }
    if let Some(truth) = &truth {
        progress.say("校准概率");
        let observed = observe(&mut roster, &register, &trained, truth)?;
        if let Some(path) = &args.observed {
            write_file(path, observed_csv(&observed).as_bytes())?;
        }
        report.tables = calibrated(&mut trained, &observed, &origin);
    }
    progress.finish();
    write_file(&args.out, report.file(&trained).as_bytes())?;
    crate::print_line(&if args.json { format!("{:#}", report.json(&trained)) } else { report.text() });
    Ok(Exit::Done)
}

/// Every so many rows, with as many pairs at random as the model asks for.
fn fit(
    roster: &mut Input<'_>,
    register: &ReadRegister,
    shipped: &Weights,
    (seed, origin): (u64, &str),
) -> Result<Fit, Stop> {
    let mut count = 0;
    roster.read(&mut |batch, _| count += batch.len())?;
    let every = count.div_ceil(MOST_ROWS).max(1);
    let random = RANDOM_PAIRS.div_ceil(count.div_ceil(every).max(1));
    let mut training = Training::new(&register.index, shipped, seed);
    let mut place = 0;
    roster.read(&mut |batch, _| {
        for at in 0..batch.len() {
            if place % every == 0 {
                training.see(&RosterRows::row(batch, at), random);
            }
            place += 1;
        }
    })?;
    training.fit(origin).map_err(|unfit| Stop { exit: Exit::No, message: refused(roster.name(), &unfit) })
}

fn refused(file: &str, unfit: &Unfit) -> String {
    let why = match unfit {
        Unfit::TooFewRows { found, least } => {
            format!("只有 {found} 行找得到可能的人，至少要 {least} 行")
        }
        Unfit::HardlyAnybodyLinked { share } => format!(
            "只有 {:.1}% 的行对得上人，学不到“本人的行是什么样”。请核对底册和名册是不是同一个地方的",
            share * 100.0
        ),
        Unfit::NotSettled { turns, moving } => {
            format!("算了 {turns} 轮还不稳定（{moving} 还在变），结果不可信")
        }
    };
    format!("{file}：{why}。没有写分值，仍用原来的")
}

/// What the weights, without calibration, say of each row's person, and whether it was so.
fn observe(
    roster: &mut Input<'_>,
    register: &ReadRegister,
    weights: &Weights,
    truth: &BTreeMap<String, TruthRow>,
) -> Result<Vec<Observed>, Stop> {
    let mut raw = weights.clone();
    // Whoever is likeliest is named, however unlikely: the table must know what becomes of them too.
    (raw.calibration, raw.settings.review) = (Calibration::default(), 0.0);
    let mut observed = Vec::new();
    roster.read(&mut |batch, header_row| {
        let answers = RosterRows::each(batch, |_, row: RosterRow<'_>| register.index.answer(&row, &raw));
        for (at, answer) in answers.iter().enumerate() {
            let written = RosterRows::row_number(batch, at);
            let place = batch.rows[at].saturating_sub(header_row).to_string();
            let known = truth.get(if written.is_empty() { place.as_str() } else { written });
            let person = answer.person.map(|person| register.person_id(person));
            if let (Some(known), Some(person)) = (known, person) {
                let right = known.person_id == person;
                observed.push(Observed { doubt: answer.calibrated_as, weighed: answer.weighed, right });
            }
        }
    })?;
    Ok(observed)
}

fn observed_csv(observed: &[Observed]) -> String {
    let mut csv = format!("{OBSERVED_HEAD}\n");
    for row in observed {
        let _ = writeln!(csv, "{},{:.4},{}", row.doubt.id(), row.weighed, u8::from(row.right));
    }
    csv
}

/// Sets the tables that the rows are enough for; tells which, with how many rows.
fn calibrated(weights: &mut Weights, observed: &[Observed], origin: &str) -> Vec<(Doubt, String)> {
    let mut tables = Vec::new();
    for doubt in Doubt::ALL {
        let points = calibration::fit(observed, doubt);
        let rows = observed.iter().filter(|row| row.doubt == doubt).count();
        if !points.is_empty() {
            weights.calibration.set(doubt, points);
            tables.push((doubt, format!("{origin}；{rows} 行")));
        }
    }
    tables
}

pub fn calibrate(args: &CalibrateArgs) -> Result<Exit, Stop> {
    let specs = content::specs(None).map_err(Stop::bad_input)?;
    let mut weights = content::weights(&specs).map_err(Stop::bad_input)?.of("").clone();
    let mut observed = Vec::new();
    for path in &args.observed {
        observed.extend(read_observed(path)?);
    }
    let names: Vec<String> = args.observed.iter().map(|path| file_name(path)).collect();
    let origin = format!("由 {} 份已知答案的比对定出", names.len());
    let tables = calibrated(&mut weights, &observed, &origin);
    let head = "概率的校准表：分数（对数几率）和其中对的比例。抄到 default.weights.toml 或某一种名册的 weights.toml 里使用。";
    write_file(&args.out, weight_file::write(head, &weights, &[], &tables).as_bytes())?;
    let lines = tables.iter().map(|(doubt, origin)| {
        format!("{}：{} 个点，{origin}", doubt.label(), weights.calibration.table(*doubt).len())
    });
    crate::print_line(&lines.collect::<Vec<_>>().join("\n"));
    Ok(Exit::Done)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn read_observed(path: &Path) -> Result<Vec<Observed>, Stop> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::bad_input(format!("读不了 {shown}：{error}。请检查文件名")))?;
    let mut lines = text.lines();
    let wrong = |row: usize| {
        Stop::bad_input(format!(
            "{shown} 第 {row} 行不是“{OBSERVED_HEAD}”的样子。请用 doudi link train --observed 写出的文件"
        ))
    };
    if lines.next() != Some(OBSERVED_HEAD) {
        return Err(wrong(1));
    }
    let row = |(row, line): (usize, &str)| {
        let [doubt, weighed, right] = <[&str; 3]>::try_from(line.split(',').collect::<Vec<_>>()).ok()?;
        let weighed = weighed.parse().ok().filter(|weighed: &f64| weighed.is_finite())?;
        Some((row, Observed { doubt: Doubt::from_id(doubt)?, weighed, right: right == "1" }))
    };
    (2..).zip(lines).map(|(at, line)| row((at, line)).map(|(_, row)| row).ok_or_else(|| wrong(at))).collect()
}

struct Report<'a> {
    roster: &'a str,
    args: &'a TrainArgs,
    fit: Option<Fit>,
    tables: Vec<(Doubt, String)>,
}

impl Report<'_> {
    fn file(&self, weights: &Weights) -> String {
        let levels: Vec<Level> = self
            .fit
            .iter()
            .flat_map(|fit| &fit.levels)
            .filter(|level| level.kept.is_none())
            .map(|level| level.level)
            .collect();
        let head = format!(
            "{}比对的分值，由 doudi link train 估计；没有列的项沿用 default.weights.toml。各栏的意思见那里。",
            self.roster
        );
        weight_file::write(&head, weights, &levels, &self.tables)
    }

    fn json(&self, weights: &Weights) -> Value {
        let fit = self.fit.as_ref().map(|fit| {
            let levels = fit.levels.iter().map(|level| {
                json!({
                    "id": level.level.id(),
                    "before": level.before,
                    "after": level.after,
                    "m": level.m,
                    "u": level.u,
                    "candidate_pairs": level.pairs,
                    "expected_right": level.expected,
                    "kept_because": level.kept,
                })
            });
            json!({
                "rows": fit.rows,
                "rows_with_candidates": fit.rows_with_candidates,
                "candidate_pairs": fit.pairs,
                "random_pairs": fit.random_pairs,
                "turns": fit.turns,
                "linked_share": fit.linked,
                "levels": levels.collect::<Vec<_>>(),
                "patterns": fit.commonest.iter().take(PATTERNS_SHOWN).map(|(levels, pairs)| {
                    json!({ "levels": levels.iter().map(|level| level.id()).collect::<Vec<_>>(), "pairs": pairs })
                }).collect::<Vec<_>>(),
            })
        });
        let tables = self.tables.iter().map(|(doubt, origin)| {
            json!({ "doubt": doubt.id(), "points": weights.calibration.table(*doubt).len(), "origin": origin })
        });
        json!({
            "out": self.args.out.display().to_string(),
            "roster": weights.name,
            "fit": fit,
            "calibration": tables.collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        if let Some(fit) = &self.fit {
            let _ = writeln!(
                text,
                "{} 行，{} 行有可能的人，共 {} 对；随机配对 {} 对；{} 轮后稳定；估计 {:.2}% 的行对得上人。",
                fit.rows,
                fit.rows_with_candidates,
                fit.pairs,
                fit.random_pairs,
                fit.turns,
                fit.linked * 100.0
            );
            let _ = writeln!(text, "  原来    现在    m          u            对数       证据");
            for level in &fit.levels {
                let share =
                    |share: Option<f64>| share.map_or("—".to_owned(), |share| format!("{share:.7}"));
                let _ = writeln!(
                    text,
                    "{:+7.2} {:+7.2}  {:<10} {:<12} {:<9} {}{}",
                    level.before,
                    level.after,
                    share(level.m),
                    share(level.u),
                    level.pairs,
                    fit.weights.text(level.level).label,
                    level.kept.map_or(String::new(), |why| format!("（沿用原值：{why}）"))
                );
            }
            let _ = writeln!(text, "最常见的样子：");
            for (levels, pairs) in fit.commonest.iter().take(PATTERNS_SHOWN) {
                let labels: Vec<&str> =
                    levels.iter().map(|level| fit.weights.text(*level).label.as_ref()).collect();
                let _ = writeln!(text, "  {pairs} 对：{}", labels.join("；"));
            }
        }
        for (doubt, origin) in &self.tables {
            let _ = writeln!(text, "校准：{}，{origin}", doubt.label());
        }
        let _ = write!(text, "写到 {}", self.args.out.display());
        text
    }
}
