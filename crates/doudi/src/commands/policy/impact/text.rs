//! The figures on the screen.

use super::example;
use super::month::Month;
use super::yuan;
use doudi_engine::simulate::{Change, Comparison, Cost, Counts, Example, ProgrammeComparison, Tally};
use doudi_terms::RegionCode;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How far down the table of places goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Detail {
    County,
    Township,
}

/// Examples told on the screen.
const EXAMPLES: usize = 2;

pub fn text(month: &Month, comparison: &Comparison, detail: Detail) -> String {
    let mut out = String::new();
    let (changed, same): (Vec<_>, Vec<_>) =
        comparison.programmes.iter().partition(|programme| !programme.total.is_unchanged());
    if changed.is_empty() {
        let _ = writeln!(out, "没有变化：各项目进出、金额都与原来一样。");
    }
    for programme in &changed {
        one_programme(&mut out, programme);
        let places = match detail {
            Detail::County => &programme.by_county,
            Detail::Township => &programme.by_township,
        };
        if detail == Detail::Township || places.len() > 1 {
            places_table(&mut out, month, places);
        }
        out.push('\n');
    }
    if !changed.is_empty() {
        all_programmes(&mut out, comparison, &changed);
    }
    if !same.is_empty() && !changed.is_empty() {
        let names: Vec<&str> = same.iter().map(|programme| programme.name.as_str()).collect();
        let _ = writeln!(out, "没有变化的项目：{}", names.join("、"));
    }
    if !comparison.unknown_facts.is_empty() {
        let _ =
            writeln!(out, "注意：快照里没有这些事实，都当作不详：{}", comparison.unknown_facts.join("、"));
    }
    examples(&mut out, month, comparison);
    let _ = writeln!(
        out,
        "\n核对：{} 条等式全部成立（各类人数、户数之和，原有加进入减退出，各地费用之和）。",
        comparison.identities.len()
    );
    out.push_str(
        "名册上的事实（谁在册、上月的结果）照原样：新进入的人没有当作已经在册，因在册才牵动的别的项目不算在内。\n",
    );
    out
}

fn one_programme(out: &mut String, programme: &ProgrammeComparison) {
    let total = &programme.total;
    let unit = if programme.pays_household { "按户发" } else { "按人发" };
    let _ = writeln!(out, "{}（{unit}）", programme.name);
    let (before, after) = (&total.before, &total.after);
    let difference = after.known - before.known;
    let _ = write!(
        out,
        "  费用（元/月）：{} → {}，{}",
        yuan(before.known, false),
        yuan(after.known, false),
        yuan(difference, true)
    );
    let parts = by_change(total);
    let _ = writeln!(out, "{}", if parts.is_empty() { String::new() } else { format!("（{parts}）") });
    let _ = writeln!(
        out,
        "    其中本月在册的：{} → {}，{}",
        yuan(before.enrolled, false),
        yuan(after.enrolled, false),
        yuan(after.enrolled - before.enrolled, true)
    );
    if before.open + after.open > 0 {
        let _ = writeln!(out, "    不详的笔数：{} → {}", before.open, after.open);
        let _ = writeln!(out, "    连不详的算上：原{}；现{}", range(before), range(after));
    }
    let _ = writeln!(out, "  户：{}", counts(&total.households));
    let _ = writeln!(out, "  人：{}", counts(&total.persons));
    let unasked = (total.persons.before.unasked, total.persons.after.unasked);
    if unasked != (0, 0) {
        let _ = writeln!(
            out,
            "  另有 {} → {} 人收入等没有查清，但没有困难迹象，不在上面的不详里，也不在费用的上下限里",
            unasked.0, unasked.1
        );
    }
}

fn range(cost: &Cost) -> String {
    match cost.upper() {
        Some(high) => format!("最少 {}、最多 {}", yuan(cost.low, false), yuan(high, false)),
        None => format!("最少 {}，{} 笔没有上限", yuan(cost.low, false), cost.unbounded),
    }
}

fn by_change(tally: &Tally) -> String {
    let parts = doudi_engine::simulate::CHANGES
        .into_iter()
        .filter(|change| tally.difference(*change) != 0)
        .map(|change| format!("{} {}", change.name(), yuan(tally.difference(change), true)));
    parts.collect::<Vec<_>>().join("，")
}

fn counts(counts: &Counts) -> String {
    let always = [Change::Enter, Change::Leave, Change::Gain, Change::Lose, Change::Same];
    let mut parts: Vec<String> =
        always.iter().map(|change| format!("{} {}", change.name(), counts.get(*change))).collect();
    let sometimes = [
        Change::AmountUnknown,
        Change::UnknownToEntitled,
        Change::UnknownToNot,
        Change::EntitledToUnknown,
        Change::NotToUnknown,
    ];
    let met = sometimes.iter().filter(|change| counts.get(**change) > 0);
    parts.extend(met.map(|change| format!("{} {}", change.name(), counts.get(*change))));
    format!(
        "{}；符合的 {} → {}，不详待核实的 {} → {}",
        parts.join("，"),
        counts.before.entitled,
        counts.after.entitled,
        counts.before.unknown,
        counts.after.unknown
    )
}

/// Right-aligned figures under the heads, by the width of a terminal.
fn places_table(out: &mut String, month: &Month, places: &BTreeMap<RegionCode, Tally>) {
    let heads = ["地区", "原费用", "现费用", "增减", "进入户", "退出户", "增加户", "减少户", "待核实户"];
    let mut rows: Vec<Vec<String>> = vec![heads.map(str::to_owned).to_vec()];
    for (code, tally) in places {
        let units = &tally.households;
        let mut row = vec![
            month.divisions.township_name(*code),
            yuan(tally.before.known, false),
            yuan(tally.after.known, false),
            yuan(tally.after.known - tally.before.known, true),
        ];
        let changes = [Change::Enter, Change::Leave, Change::Gain, Change::Lose];
        row.extend(changes.map(|change| units.get(change).to_string()));
        row.push(format!("{}→{}", units.before.unknown, units.after.unknown));
        rows.push(row);
    }
    let widths: Vec<usize> =
        (0..heads.len()).map(|at| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0)).collect();
    for row in rows {
        out.push_str("  ");
        for (at, (cell, wide)) in row.iter().zip(&widths).enumerate() {
            let blanks = " ".repeat(wide - width(cell));
            let _ = if at == 0 { write!(out, "{cell}{blanks}") } else { write!(out, "  {blanks}{cell}") };
        }
        out.push('\n');
    }
}

fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

fn all_programmes(out: &mut String, comparison: &Comparison, changed: &[&ProgrammeComparison]) {
    let sum = |of: &dyn Fn(&Tally) -> i128| changed.iter().map(|found| of(&found.total)).sum::<i128>();
    let difference = sum(&|tally| tally.after.known - tally.before.known);
    let overall = comparison.overall;
    let _ = writeln!(
        out,
        "各项目合计：每月 {} 元（一年 {} 元）；有变化的 {} 户，其中多得 {}，少得 {}，一增一减相抵 {}，不能确定 {}",
        yuan(difference, true),
        yuan(difference * 12, true),
        overall.sum(),
        overall.more,
        overall.less,
        overall.even,
        overall.unknown
    );
}

fn examples(out: &mut String, month: &Month, comparison: &Comparison) {
    for (number, found) in chosen(&comparison.examples).into_iter().enumerate() {
        let programme = &comparison.programmes[found.programme].name;
        let _ = writeln!(
            out,
            "\n例 {}：{programme}{}，{}的一户，{} 口人",
            number + 1,
            found.change.name(),
            month.divisions.township_name(found.township),
            found.members
        );
        let differences = example::differences(found);
        let _ = writeln!(out, "  变了的：{}", example::line(&differences));
        for (name, reason) in [("原", &found.reasons[0]), ("现", &found.reasons[1])] {
            if !reason.is_empty() {
                let _ = writeln!(out, "  {name}：{reason}");
            }
        }
    }
}

/// One who comes or goes and one whose amount changes, where there are such.
fn chosen(examples: &[Example]) -> Vec<&Example> {
    let moves = |example: &&Example| matches!(example.change, Change::Enter | Change::Leave);
    let mut found: Vec<&Example> = Vec::new();
    found.extend(examples.iter().find(moves));
    found.extend(examples.iter().find(|example| !moves(example)));
    for example in examples {
        if found.len() < EXAMPLES && !found.iter().any(|other| other.change == example.change) {
            found.push(example);
        }
    }
    found
}
