//! 错保: enrolled, and refused by the rules as far as is known; with the reason of the refusal.

use super::table::{FINDINGS, HandoutTable, blanks, column, text, with_person};
use super::{At, Maker, SheetOf};
use crate::buckets::standings;
use crate::explain;

pub(super) fn table() -> HandoutTable {
    let why = [column("项目", 16.0), column("为什么（依据）", 38.0), column("期限", 11.0)];
    HandoutTable {
        name: "错保".into(),
        note: "正在享受、按现有信息不符合条件的人；核实以前不得停发，停发要书面说明理由".into(),
        columns: with_person(why.into_iter().chain(FINDINGS)),
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    let (content, evaluated) = (maker.content, maker.evaluated);
    let mut wrong: Vec<(usize, usize)> = Vec::new();
    for row in at.unit.rows() {
        let standings = standings(content, at.county, &evaluated.determined, row);
        let refused =
            standings.filter(|(_, found)| found.entitled == Some(false) && found.enrolled == Some(true));
        wrong.extend(refused.map(|(index, _)| (row, index)));
    }
    if wrong.is_empty() {
        return;
    }
    let mut evaluation = at.household().evaluation();
    for (row, index) in wrong {
        let entitled = content.rules.programmes[index].entitled;
        let why = explain::refusal(&mut evaluation, entitled, at.member(row)).unwrap_or_default();
        let mut cells = vec![text(&content.clearing.programmes[index].name), text(&why)];
        cells.push(text(&maker.last_day.to_string()));
        cells.extend(blanks(FINDINGS.len()));
        maker.push(SheetOf::Wrong, row, [0, 0], cells);
    }
}
