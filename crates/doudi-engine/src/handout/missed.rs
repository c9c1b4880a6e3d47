//! 漏保: entitled and not enrolled. 错退: the same, and enrolled last month.

use super::table::{FINDINGS, HandoutCell, HandoutTable, blanks, column, text, with_person};
use super::{At, Maker, SheetOf};
use crate::buckets::standings;
use doudi_policy::ir::HOUSEHOLD;
use doudi_terms::Fen;

pub(super) fn table(exits: bool) -> HandoutTable {
    let programme =
        [column("项目", 18.0), column("应发月金额", 11.0), column("依据", 26.0), column("期限", 11.0)];
    let (name, note) = if exits {
        ("错退", "上月享受、本月不再享受、按现有信息仍符合条件的人，请优先核查，符合的恢复并补发")
    } else {
        ("漏保", "按现有信息符合条件、没有享受的人：上门告知，帮助申请；应发月金额按户的写全户的")
    };
    HandoutTable {
        name: name.into(),
        note: note.into(),
        columns: with_person(programme.into_iter().chain(FINDINGS)),
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    let (content, evaluated) = (maker.content, maker.evaluated);
    for row in at.unit.rows() {
        if evaluated.determined.is_yes(content.rules.out_of_scope, row) {
            continue;
        }
        let missed = standings(content, at.county, &evaluated.determined, row)
            .filter(|(_, standing)| standing.entitled == Some(true) && standing.enrolled != Some(true));
        for (index, _) in missed.collect::<Vec<_>>() {
            let programme = &content.clearing.programmes[index];
            let mut cells = vec![text(&programme.name), amount(maker, index, row)];
            cells.push(text(programme.citation.as_deref().unwrap_or_default()));
            cells.push(text(&maker.last_day.to_string()));
            cells.extend(blanks(FINDINGS.len()));
            let sheet = if was_enrolled(maker, index, row) { SheetOf::Exits } else { SheetOf::Missed };
            maker.push(sheet, row, [0, 0], cells);
        }
    }
}

fn was_enrolled(maker: &Maker<'_>, programme: usize, row: usize) -> bool {
    let before = maker.last_month.and_then(|last| {
        let at = last.row(maker.population.members[row])?;
        last.columns.get(&maker.content.clearing.programmes[programme].enrolled)?.column.get(at as usize)
    });
    before == Some(1)
}

/// What should be paid; of a household the whole.
fn amount(maker: &Maker<'_>, programme: usize, row: usize) -> HandoutCell {
    let content = maker.content;
    let fen = content.rules.programmes[programme].amount.and_then(|rule| {
        let found = &content.library.rules[rule.index()];
        let at = if found.entity == HOUSEHOLD { maker.population.unit_of[row] as usize } else { row };
        let cell = maker.evaluated.determined.rules.get(rule)?.get(at)?;
        Some(Fen(cell / crate::facts::scale(found.ty)))
    });
    fen.map_or_else(|| text("不详"), HandoutCell::Money)
}
