//! 待核实: a sign of need, and a deciding fact is missing: what, who finds it out, by when.

use super::table::{HandoutCell, HandoutTable, VISITS, blanks, column, printed, text, with_person};
use super::{At, Maker, SheetOf};
use crate::buckets::Bucket;

pub(super) fn table() -> HandoutTable {
    let columns = [column("缺什么", 38.0), column("原因", 16.0), column("期限", 10.5)];
    let on_paper = printed(columns.len() + VISITS.len());
    HandoutTable {
        name: "待核实".into(),
        note: "缺少的情况请在期限前了解清楚，登记到困难群众摸排台账".into(),
        // The village stands at the beginning of the row too.
        columns: with_person(columns.into_iter().chain(VISITS).chain([column("责任村", 11.0)])),
        printed: on_paper,
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    let evaluated = maker.evaluated;
    for row in at.unit.rows() {
        let placement = &evaluated.placements[row];
        if placement.bucket != Bucket::Undetermined {
            continue;
        }
        let mut cells = vec![text(&placement.missing.join("；")), text(&placement.reason)];
        cells.push(text(&maker.last_day.to_string()));
        cells.extend(blanks(VISITS.len()));
        cells.push(HandoutCell::Village(maker.population.regions[row]));
        maker.push(SheetOf::Undetermined, row, [0, 0], cells);
    }
}
