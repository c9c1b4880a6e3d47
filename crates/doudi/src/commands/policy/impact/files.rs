//! Who changes, by name: a list for programs and a workbook for people.

use super::example;
use super::month::Month;
use super::yuan;
use crate::commands::clear::Stop;
use crate::exit::Exit;
use doudi_engine::simulate::{
    Change, Changed, ChangedSide, Comparison, Entitled, ProgrammeComparison, Range, Tally,
};
use doudi_engine::write_file;
use doudi_rosters::{CellValue, Page, Paper, Sheet, SheetColumn, SheetKind, write_csv, write_pages_xlsx};
use doudi_terms::{Fen, RegionCode};
use std::path::Path;

const LIST: &str = "changes.csv";
const WORKBOOK: &str = "changes.xlsx";
const EXAMPLES: &str = "examples.txt";
const FIGURES: &str = "impact.json";

const HEADERS: [&str; 22] = [
    "programme",
    "change",
    "region_code",
    "household_id",
    "person_id",
    "name",
    "id_number",
    "members",
    "enrolled",
    "standing_before",
    "entitled_before",
    "amount_before_yuan",
    "low_before_yuan",
    "high_before_yuan",
    "standing_after",
    "entitled_after",
    "amount_after_yuan",
    "low_after_yuan",
    "high_after_yuan",
    "difference_yuan",
    "reason_before",
    "reason_after",
];

/// Writes everything into `out`; `about` says what was asked. Gives the names of the files.
pub fn write(
    out: &Path,
    month: &Month,
    comparison: &Comparison,
    about: &[String],
    figures: &serde_json::Value,
) -> Result<Vec<String>, Stop> {
    std::fs::create_dir_all(out)
        .map_err(|error| Stop::bad_input(format!("建不了文件夹 {}：{error}", out.display())))?;
    let internal =
        |error: doudi_rosters::WriteError| Stop { exit: Exit::Internal, message: error.to_string() };
    let rows = comparison.changed.iter().map(|changed| csv_row(comparison, changed));
    write_csv(&out.join(LIST), &HEADERS, rows).map_err(internal)?;
    write_pages_xlsx(&out.join(WORKBOOK), &pages(month, comparison, about)).map_err(internal)?;
    let examples: Vec<String> = comparison
        .examples
        .iter()
        .map(|found| {
            let programme = &comparison.programmes[found.programme].name;
            let place = month.divisions.township_name(found.township);
            let title = format!("{programme}{}，{place}，{} 口人", found.change.name(), found.members);
            format!("{title}\n{}", example::whole(found))
        })
        .collect();
    write_file(&out.join(EXAMPLES), examples.join("\n\n").as_bytes())?;
    write_file(&out.join(FIGURES), format!("{figures:#}\n").as_bytes())?;
    Ok([LIST, WORKBOOK, EXAMPLES, FIGURES].map(str::to_owned).to_vec())
}

fn csv_row(comparison: &Comparison, changed: &Changed) -> Vec<String> {
    let fen = |fen: i64| Fen(fen).to_string();
    let side = |side: &ChangedSide| {
        let Range { low, high } = side.amount;
        [
            standing_key(side.standing).to_owned(),
            side.entitled.to_string(),
            known(side).map_or_else(String::new, fen),
            fen(low),
            high.map_or_else(String::new, fen),
        ]
    };
    let mut row = vec![
        comparison.programmes[changed.programme].id.clone(),
        changed.change.key().to_owned(),
        format!("{:012}", changed.village.number()),
        changed.household.clone(),
        changed.person_id.clone(),
        changed.name.clone(),
        changed.id_number.clone(),
        changed.members.to_string(),
        if changed.before.enrolled { "yes" } else { "no" }.to_owned(),
    ];
    row.extend(side(&changed.before));
    row.extend(side(&changed.after));
    row.push(difference(changed).map_or_else(String::new, fen));
    row.extend([changed.before.reason.clone(), changed.after.reason.clone()]);
    row
}

/// Of somebody who may not be entitled at all, no amount is known.
fn known(side: &ChangedSide) -> Option<i64> {
    match side.standing {
        Entitled::Yes | Entitled::No => side.amount.known(),
        Entitled::Unknown | Entitled::Unasked => None,
    }
}

fn difference(changed: &Changed) -> Option<i64> {
    known(&changed.after)?.checked_sub(known(&changed.before)?)
}

fn standing_key(standing: Entitled) -> &'static str {
    match standing {
        Entitled::Yes => "entitled",
        Entitled::No => "not_entitled",
        Entitled::Unknown | Entitled::Unasked => "unknown",
    }
}

fn pages(month: &Month, comparison: &Comparison, about: &[String]) -> Vec<Page> {
    let title = format!("{} {} 政策试算", month.divisions.name(comparison.region), comparison.month);
    let mut pages = vec![places(month, comparison, &title, about)];
    for (at, programme) in comparison.programmes.iter().enumerate() {
        let rows: Vec<&Changed> =
            comparison.changed.iter().filter(|changed| changed.programme == at).collect();
        if !rows.is_empty() {
            pages.push(list(month, programme, &rows, &title));
        }
    }
    pages
}

fn places(month: &Month, comparison: &Comparison, title: &str, about: &[String]) -> Page {
    let numbers = [
        "原符合户",
        "现符合户",
        "进入户",
        "退出户",
        "增加户",
        "减少户",
        "原待核实户",
        "现待核实户",
        "进入人",
        "退出人",
        "原待核实人",
        "现待核实人",
    ];
    let mut columns = vec![
        SheetColumn::new("项目", SheetKind::Text).wide(14.0),
        SheetColumn::new("地区", SheetKind::Text).wide(13.0),
    ];
    let money = ["原费用", "现费用", "增减", "其中在册的增减"];
    columns.extend(money.map(|name| SheetColumn::new(name, SheetKind::Money).wide(11.0)));
    columns.extend(numbers.map(|name| SheetColumn::new(name, SheetKind::Integer).wide(6.0)));
    let mut rows = Vec::new();
    let mut bands = Vec::new();
    for programme in comparison.programmes.iter().filter(|found| !found.total.is_unchanged()) {
        bands.push((rows.len(), format!("{}{}", programme.name, open_words(&programme.total))));
        let mut add = |name: String, tally: &Tally| rows.push(place_row(&programme.name, name, tally));
        if programme.by_county.len() > 1 {
            let counties = programme.by_county.iter();
            counties.for_each(|(code, tally)| add(month.divisions.long_name(*code), tally));
        }
        let townships = programme.by_township.iter();
        townships.for_each(|(code, tally)| add(month.divisions.township_name(*code), tally));
        add("合计".into(), &programme.total);
    }
    let mut notes: Vec<String> = about.to_vec();
    notes.push(
        "费用是元/月，只算确定符合、金额确定的；待核实的不当作零，另列户数和上下限。户按户主所在地统计。\
         名册上的事实照原样，新进入的没有当作已经在册。这是试算，不是决定"
            .into(),
    );
    let sheet = Sheet {
        name: "各地区".into(),
        title: Some(title.to_owned()),
        notes,
        columns,
        printed_columns: None,
        rows,
    };
    Page::Table(sheet, Paper { bands, ..Paper::default() })
}

fn open_words(total: &Tally) -> String {
    let (before, after) = (&total.before, &total.after);
    if before.open + after.open == 0 {
        return String::new();
    }
    let upper = |cost: &doudi_engine::simulate::Cost| {
        cost.upper().map_or_else(|| "没有上限".to_owned(), |high| format!("最多 {}", yuan(high, false)))
    };
    format!(
        "：不详 {} → {} 笔，连不详的算上，原最少 {}、{}，现最少 {}、{}",
        before.open,
        after.open,
        yuan(before.low, false),
        upper(before),
        yuan(after.low, false),
        upper(after)
    )
}

fn place_row(programme: &str, place: String, tally: &Tally) -> Vec<CellValue> {
    let money = |fen: i128| i64::try_from(fen).map_or(CellValue::Blank, |fen| CellValue::Money(Fen(fen)));
    let (units, people) = (&tally.households, &tally.persons);
    let mut row: Vec<CellValue> = vec![programme.into(), place.into()];
    row.extend([
        money(tally.before.known),
        money(tally.after.known),
        money(tally.after.known - tally.before.known),
        money(tally.after.enrolled - tally.before.enrolled),
    ]);
    let numbers = [
        units.before.entitled,
        units.after.entitled,
        units.get(Change::Enter),
        units.get(Change::Leave),
        units.get(Change::Gain),
        units.get(Change::Lose),
        units.before.unknown,
        units.after.unknown,
        people.get(Change::Enter),
        people.get(Change::Leave),
        people.before.unknown,
        people.after.unknown,
    ];
    row.extend(numbers.map(|number| CellValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))));
    row
}

fn list(month: &Month, programme: &ProgrammeComparison, rows: &[&Changed], title: &str) -> Page {
    let who = if programme.pays_household { "户主" } else { "姓名" };
    let text = |name: &str, wide: f64| SheetColumn::new(name, SheetKind::Text).wide(wide);
    let money = |name: &str| SheetColumn::new(name, SheetKind::Money).wide(10.0);
    let columns = vec![
        SheetColumn::new("序号", SheetKind::Integer).wide(5.0),
        text("乡镇", 11.0),
        text("村（社区）", 11.0),
        text("户号", 13.0),
        text(who, 8.0),
        text("身份证号", 18.5),
        SheetColumn::new("人口", SheetKind::Integer).wide(5.0),
        text("变化", 9.0),
        text("在册", 5.0),
        money("原金额"),
        money("现金额"),
        money("增减"),
        text("原来的依据", 30.0),
        text("现在的依据", 30.0),
    ];
    let cells = rows.iter().zip(1..).map(|(changed, number)| {
        let amount = |side: &ChangedSide| match known(side) {
            Some(fen) => CellValue::Money(Fen(fen)),
            None => CellValue::Text(range_words(side.amount)),
        };
        vec![
            CellValue::Integer(number),
            month.divisions.township_name(changed.township).into(),
            village(month, changed.village).into(),
            changed.household.as_str().into(),
            changed.name.as_str().into(),
            changed.id_number.as_str().into(),
            CellValue::Integer(i64::from(changed.members)),
            changed.change.name().into(),
            if changed.before.enrolled { "在册" } else { "" }.into(),
            amount(&changed.before),
            amount(&changed.after),
            difference(changed).map(Fen).into(),
            changed.before.reason.as_str().into(),
            changed.after.reason.as_str().into(),
        ]
    });
    let sheet = Sheet {
        name: programme.name.clone(),
        title: Some(format!("{title} {}：谁会变", programme.name)),
        notes: vec![format!(
            "共 {} 行，每{}一行。试算的结果只作参考：不通知、不停发、不增发；含个人信息，注意保管。",
            rows.len(),
            if programme.pays_household { "户" } else { "人" }
        )],
        columns,
        printed_columns: None,
        rows: cells.collect(),
    };
    Page::Table(sheet, Paper::default())
}

fn village(month: &Month, code: RegionCode) -> String {
    month.divisions.village_name(code)
}

fn range_words(range: Range) -> String {
    let low = yuan(i128::from(range.low), false);
    match range.high {
        Some(high) => format!("不详，{low} 至 {}", yuan(i128::from(high), false)),
        None if range.low > 0 => format!("不详，不少于 {low}"),
        None => "不详".into(),
    }
}
