//! `doudi link explain`: why a row is, or is not, taken for a person.

mod page;
mod shown;

use super::input::{Input, PairArgs};
use crate::commands::clear::Stop;
use crate::exit::Exit;
use clap::Args;
use doudi_engine::{ReadRegister, RosterRows};
use doudi_linkage::explain::Explanation;
use doudi_linkage::{PhoneNames, RosterRow, SharedNumbers};
use shown::{IdentityText, Shown};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    pair: PairArgs,
    /// 名册的哪一行：序号；没有序号的，是表头下第几行（与 links.csv 的 row_id 相同）
    #[arg(value_name = "ROW")]
    row: String,
    /// 底册里的哪个人（人员编号）；不写就是比对认为最可能的人
    #[arg(value_name = "PERSON")]
    person: Option<String>,
    /// 在标准输出写一个 JSON
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// 在标准输出写一个可以打印的网页
    #[arg(long)]
    html: bool,
    /// 不遮身份证号、电话、账号
    #[arg(long)]
    unmask: bool,
}

pub fn run(args: &ExplainArgs) -> Result<Exit, Stop> {
    let pair = args.pair.open()?;
    let mut roster = pair.roster()?;
    let weights = pair.weights_of(&roster);
    let mut file = pair.register()?;
    let of_all = pair.weights_of_all();
    let mut names = PhoneNames::new(ROWS, of_all);
    let (row, is_placeholder) = find_row(&mut roster, &args.row, &mut names)?;
    let phones = super::shared_phones(&mut roster, &names, of_all)?;
    let weights = &weights.with_shared_phones(&Arc::new(phones));
    let register = super::read_register(&mut file)?;
    let person = args.person.as_ref().map(|wanted| person_number(&register, wanted)).transpose()?;
    let asked = row.as_roster_row(is_placeholder);
    let explanation = register.index.explain(&asked, person, weights);
    let people = texts_of(&mut file, &register, &explanation)?;
    let shown = Shown {
        roster: roster.name(),
        row_id: &args.row,
        row: &row,
        people: &people,
        register: &register,
        weights,
        explanation: &explanation,
        is_placeholder,
        unmask: args.unmask,
    };
    crate::print_line(&match () {
        () if args.json => format!("{:#}", shown.json()),
        () if args.html => page::page(&shown),
        () => shown.text(),
    });
    Ok(Exit::Done)
}

/// A roster of a county has about so many rows; nothing but the room for counting rests on it.
const ROWS: usize = 100_000;

/// The row that is called so, and whether its number stands for nobody in this roster.
fn find_row(
    roster: &mut Input<'_>,
    wanted: &str,
    names: &mut PhoneNames,
) -> Result<(IdentityText, bool), Stop> {
    let (mut found, mut count, mut shared) = (None, 0, SharedNumbers::default());
    roster.read(&mut |batch, header_row| {
        for at in 0..batch.len() {
            count += 1;
            let row = RosterRows::row(batch, at);
            shared.see(&row);
            names.see(&row);
            let written = RosterRows::row_number(batch, at);
            let place = batch.rows[at].saturating_sub(header_row).to_string();
            let is = wanted == if written.is_empty() { place.as_str() } else { written };
            if is && found.is_none() {
                found = Some(IdentityText::of(&RosterRows::row(batch, at)));
            }
        }
    })?;
    let Some(row) = found else {
        return Err(Stop::bad_input(format!(
            "{} 里没有第 {wanted} 行，共 {count} 行。请写这一行的序号；名册没有序号的，写表头下第几行",
            roster.name()
        )));
    };
    let is_placeholder =
        shared.is_placeholder(&RosterRow { id_number: &row.id_number, ..RosterRow::default() });
    Ok((row, is_placeholder))
}

fn person_number(register: &ReadRegister, wanted: &str) -> Result<u32, Stop> {
    let found = (0..register.len() as u32).find(|&person| register.person_id(person) == wanted);
    found.ok_or_else(|| {
        Stop::bad_input(format!("底册里没有人员编号“{wanted}”。请写底册 person_id（人员编号）列里的编号"))
    })
}

/// What the register's file says of everybody who is named: the index keeps it in a form for machines only.
fn texts_of(
    file: &mut Input<'_>,
    register: &ReadRegister,
    explanation: &Explanation,
) -> Result<BTreeMap<u32, IdentityText>, Stop> {
    let others = explanation.others.iter().map(|other| other.person);
    let wanted: BTreeMap<&str, u32> =
        (others.chain(explanation.person)).map(|person| (register.person_id(person), person)).collect();
    let mut texts = BTreeMap::new();
    file.read(&mut |batch, _| {
        for at in 0..batch.len() {
            if let Some(&person) = wanted.get(RosterRows::person_id(batch, at).as_str()) {
                texts.entry(person).or_insert_with(|| IdentityText::of(&RosterRows::row(batch, at)));
            }
        }
    })?;
    Ok(texts)
}
