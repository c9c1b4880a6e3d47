//! Ledgers that townships report each month. Who is on one and what it shows is content.

use super::table::{FILED, HandoutCell, HandoutTable, blanks, column, text, with_person};
use super::{At, Maker, SheetOf, shown};
use crate::content::Content;
use doudi_policy::ir::HOUSEHOLD;

pub(super) fn table(content: &Content, index: usize) -> HandoutTable {
    let Some(ledger) = content.clearing.ledgers.get(index) else { return HandoutTable::default() };
    let columns = [column("住址", 20.0), column("家庭人口", 6.0)]
        .into_iter()
        .chain(shown::columns(&ledger.columns))
        .chain([FILED, column("备注", 14.0)]);
    HandoutTable {
        name: ledger.name.clone(),
        note: ledger.filing.clone(),
        columns: with_person(columns),
        filed: true,
        ..HandoutTable::default()
    }
}

pub(super) fn add(maker: &mut Maker<'_>, at: &At<'_>) {
    let (content, population) = (maker.content, maker.population);
    let ledgers = content.rules.ledgers.iter().enumerate().zip(&at.county.ledgers);
    for ((index, rule), _) in ledgers.filter(|(_, in_force)| **in_force) {
        let determined = &maker.evaluated.determined;
        let rows: Vec<usize> = if content.library.rules[rule.index()].entity == HOUSEHOLD {
            let listed = determined.is_yes(*rule, at.index);
            listed.then(|| population.head_row(at.unit)).into_iter().collect()
        } else {
            at.unit.rows().filter(|row| determined.is_yes(*rule, *row)).collect()
        };
        for row in rows {
            let address = population.texts.get(population.members[row]).address;
            let mut cells = vec![text(address), HandoutCell::Integer(at.unit.rows().len() as i64)];
            let shown = shown::cells(content, at, &content.rules.ledger_columns[index], at.member(row));
            cells.extend(shown.into_iter().map(|shown| shown.cell));
            cells.extend(blanks(2));
            maker.push(SheetOf::Ledger(index), row, [0, 0], cells);
        }
    }
}
