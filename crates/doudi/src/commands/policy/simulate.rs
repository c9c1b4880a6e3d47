//! `doudi policy simulate`: what a proposed value would come to on a month that was cleared.

use super::impact::{self, Detail, Month, MonthArgs, Policies};
use super::wording;
use crate::commands::clear::{Progress, Stop};
use crate::exit::Exit;
use clap::Args;
use doudi_engine::Content;
use doudi_engine::simulate::{Comparison, Effect, compare, effects};
use doudi_policy::{Library, Proposal, ProposalError};
use doudi_terms::{RegionCode, RegionLevel};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Args)]
#[command(after_help = "例：doudi policy simulate --set '低保标准[500243,农村]=520元' --data 数据文件夹\n\
                  只读，不改数据。退出码：0 算完了；2 命令写错；3 参数、维度、值、地区、月份不对。")]
pub struct SimulateArgs {
    /// 试一个值（可写多次）：参数[地区代码,维度…]=值，如 低保标准[500243,农村]=520元
    #[arg(long = "set", value_name = "参数[地区,维度]=值", required = true)]
    sets: Vec<String>,
    /// 数据文件夹：摸排时用的那个
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// 在哪些政策上改（缺省是摸排那个月所用的）；写 embedded 是程序自带的
    #[arg(long, value_name = "DIR")]
    policies: Option<String>,
    #[command(flatten)]
    month: MonthArgs,
    /// 屏幕上分到哪一级
    #[arg(long, value_enum, default_value = "county")]
    by: Detail,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
}

pub fn run(args: &SimulateArgs) -> Exit {
    match simulate(args) {
        Ok(()) => Exit::Done,
        Err(stop) => {
            eprintln!("{}", stop.message);
            stop.exit
        }
    }
}

fn simulate(args: &SimulateArgs) -> Result<(), Stop> {
    let progress = Progress::new();
    progress.say("读快照和政策");
    let mut month = impact::open(&args.data, &args.month)?;
    let baseline = match args.policies.as_deref() {
        None => month.kept_policies()?,
        Some(name) => month.policies(name)?,
    };
    let proposals = proposals(args, &month, &baseline.content.library)?;
    let library = baseline.content.library.with_proposals(&proposals, month.basis.kept.month);
    let after = baseline.content.with_library(library)?;
    let effects = effects(&month.basis, &baseline.content, &after, &proposals, month.region);
    progress.say("按两种规定各认定一遍");
    let comparison = compare(&month.basis, &baseline.content, &after, month.region)?;
    progress.finish();
    let told: Vec<Told> = proposals
        .iter()
        .zip(&effects)
        .map(|(proposal, effect)| Told { month: &month, content: &after, proposal, effect })
        .collect();
    finish(args, &month, &baseline, &told, &comparison)
}

fn proposals(args: &SimulateArgs, month: &Month, library: &Library) -> Result<Vec<Proposal>, Stop> {
    let mut found: Vec<Proposal> = Vec::new();
    for text in &args.sets {
        let proposal = Proposal::parse(library, text, default_place(month)).map_err(|error| match error {
            ProposalError::Form(message) => Stop { exit: Exit::Usage, message: format!("--set：{message}") },
            ProposalError::Content(message) => Stop::bad_input(format!("--set：{message}")),
        })?;
        if let Some(other) = found.iter().find(|other| other.is_of_same_row(&proposal)) {
            return Err(Stop {
                exit: Exit::Usage,
                message: format!("--set：“{}”和“{text}”是同一个值，只能写一个", other.written()),
            });
        }
        check_place(month, &proposal)?;
        found.push(proposal);
    }
    Ok(found)
}

/// Where a proposal holds that names no place: law is linked for counties.
fn default_place(month: &Month) -> RegionCode {
    if month.region.level() > RegionLevel::County { month.region.county() } else { month.region }
}

/// A proposal must reach somebody who is looked at.
fn check_place(month: &Month, proposal: &Proposal) -> Result<(), Stop> {
    let counties = month.basis.counties();
    let names: Vec<String> =
        counties.iter().map(|county| wording::place(&month.divisions, *county)).collect();
    let has = || format!("快照里有：{}", names.join("、"));
    if proposal.region.level() > RegionLevel::County {
        return Err(Stop::bad_input(format!(
            "--set：“{}”写的是乡镇或村的代码。规定按县认定，请写县或县以上的代码，如 {}",
            proposal.written(),
            proposal.region.county()
        )));
    }
    if !counties.iter().any(|county| county.is_within(proposal.region)) {
        return Err(Stop::bad_input(format!(
            "--set：“{}”的地区 {} 不在这份快照里。{}",
            proposal.written(),
            proposal.region,
            has()
        )));
    }
    Ok(())
}

/// A proposal with what became of it.
struct Told<'a> {
    month: &'a Month,
    content: &'a Content,
    proposal: &'a Proposal,
    effect: &'a Effect,
}

impl Told<'_> {
    fn name(&self) -> String {
        let library = &self.content.library;
        let dimensions = wording::dimensions(library, self.proposal.parameter, &self.proposal.dimensions);
        let parameter = &library.parameters[self.proposal.parameter.index()].name;
        if dimensions.is_empty() { parameter.clone() } else { format!("{parameter}[{dimensions}]") }
    }

    fn row(&self, index: Option<usize>) -> String {
        let row = index.and_then(|index| self.content.library.rows.get(index));
        row.map_or_else(|| "没有公布".to_owned(), |row| wording::row_value(&self.content.library, row))
    }

    fn value(&self) -> String {
        let row = self.content.library.rows.iter().rev().find(|row| {
            row.parameter == self.proposal.parameter
                && row.region == self.proposal.region
                && row.dimensions == self.proposal.dimensions
        });
        row.map_or_else(String::new, |row| wording::row_value(&self.content.library, row))
    }

    fn lines(&self) -> Vec<String> {
        let place = |code| wording::place(&self.month.divisions, code);
        let (name, value) = (self.name(), self.value());
        let head = |place: &str| format!("试：{name}（{place}）");
        let mut lines: Vec<String> = self
            .effect
            .holds
            .iter()
            .map(|(county, before)| {
                let before = self.row(*before);
                let same = if before == value { "（与原来一样）" } else { "" };
                format!("{} {before} → {value}{same}", head(&place(*county)))
            })
            .collect();
        for (county, row) in &self.effect.hidden {
            let found = &self.content.library.rows[*row];
            lines.push(format!(
                "{} 不起作用：{} 自己有 {}（{} 起，{}），离得近的算数",
                head(&place(*county)),
                place(found.region),
                self.row(Some(*row)),
                found.from,
                found.document
            ));
        }
        if lines.is_empty() {
            lines.push(format!("{} 不起作用：不在要看的地区里", head(&place(self.proposal.region))));
        }
        lines
    }

    fn json(&self) -> Value {
        let holds = self.effect.holds.iter().map(|(county, before)| {
            json!({ "county": county.to_string(), "before": self.row(*before), "after": self.value() })
        });
        let hidden = self.effect.hidden.iter().map(|(county, row)| {
            json!({
                "county": county.to_string(),
                "region": self.content.library.rows[*row].region.to_string(),
                "value": self.row(Some(*row)),
            })
        });
        json!({
            "written": self.proposal.written(),
            "parameter": self.name(),
            "region": self.proposal.region.to_string(),
            "value": self.value(),
            "holds": holds.collect::<Vec<_>>(),
            "hidden": hidden.collect::<Vec<_>>(),
        })
    }
}

fn finish(
    args: &SimulateArgs,
    month: &Month,
    baseline: &Policies,
    told: &[Told<'_>],
    comparison: &Comparison,
) -> Result<(), Stop> {
    let mut about: Vec<String> = told.iter().flat_map(Told::lines).collect();
    about.push(format!(
        "底数：{}；政策是{}，按 {} 的规定",
        month.words(comparison),
        baseline.origin,
        comparison.month.last_day()
    ));
    let mut figures = impact::json(month, comparison);
    figures["sets"] = told.iter().map(Told::json).collect();
    figures["baseline"] = json!({ "policies": baseline.origin, "hash": baseline.hash });
    let files = match &args.month.out {
        Some(out) => impact::write_files(out, month, comparison, &about, &figures)?,
        None => Vec::new(),
    };
    if args.json {
        crate::print_line(&format!("{figures:#}"));
        return Ok(());
    }
    let mut text = format!("{}\n\n{}", about.join("\n"), impact::text(month, comparison, args.by));
    if let Some(out) = &args.month.out {
        text.push_str(&format!("名单在 {}：{}\n", out.display(), files.join("、")));
    } else {
        text.push_str("要看是哪些户，加 --out 文件夹（有姓名和证号，注意保管）。\n");
    }
    crate::print_line(text.trim_end());
    Ok(())
}
