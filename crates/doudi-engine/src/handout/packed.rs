//! Rows of tables in few bytes: a region has as many as people are looked in on, and only those of one township are needed
//! at a time.

use super::table::{HandoutCell, HandoutTable};
use doudi_terms::{Fen, RegionCode};

/// A table whose rows are bytes.
#[derive(Clone, Debug)]
pub(super) struct PackedTable {
    /// Without rows.
    table: HandoutTable,
    rows: Vec<PackedRow>,
    cells: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct PackedRow {
    village: RegionCode,
    /// Within the village.
    order: [u32; 2],
    start: u32,
    end: u32,
}

const BLANK: u8 = 0;
const TEXT: u8 = 1;
const MONEY: u8 = 2;
const INTEGER: u8 = 3;
const VILLAGE: u8 = 4;

impl PackedTable {
    pub fn new(table: HandoutTable) -> PackedTable {
        PackedTable { table, rows: Vec::new(), cells: Vec::new() }
    }

    pub fn push(&mut self, village: RegionCode, order: [u32; 2], cells: &[HandoutCell]) {
        let start = self.cells.len() as u32;
        cells.iter().for_each(|cell| pack(cell, &mut self.cells));
        self.rows.push(PackedRow { village, order, start, end: self.cells.len() as u32 });
    }

    pub fn append(&mut self, more: PackedTable) {
        let first = self.cells.len() as u32;
        let moved = |row: PackedRow| PackedRow { start: row.start + first, end: row.end + first, ..row };
        self.rows.extend(more.rows.into_iter().map(moved));
        self.cells.extend_from_slice(&more.cells);
    }

    /// Puts the rows in order: by village, within one as they were asked to be, then as they came.
    pub fn sort(&mut self) {
        self.rows.sort_by_key(|row| (row.village, row.order));
        self.cells.shrink_to_fit();
        self.rows.shrink_to_fit();
    }

    /// The villages of the rows, in the order of the rows.
    pub fn villages(&self) -> Vec<RegionCode> {
        let mut villages: Vec<RegionCode> = self.rows.iter().map(|row| row.village).collect();
        villages.dedup();
        villages
    }

    pub fn say_above(&mut self, village: RegionCode, line: String) {
        self.table.village_lines.insert(village, line);
    }

    pub fn unpack(&self) -> HandoutTable {
        let row = |row: &PackedRow| {
            let mut cells = self.cells.get(row.start as usize..row.end as usize).unwrap_or_default();
            std::iter::from_fn(|| unpack(&mut cells)).collect()
        };
        HandoutTable { rows: self.rows.iter().map(row).collect(), ..self.table.clone() }
    }
}

fn pack(cell: &HandoutCell, out: &mut Vec<u8>) {
    match cell {
        HandoutCell::Text(text) if text.is_empty() => out.push(BLANK),
        HandoutCell::Text(text) => {
            out.push(TEXT);
            out.extend((text.len() as u32).to_le_bytes());
            out.extend(text.as_bytes());
        }
        HandoutCell::Money(fen) => {
            out.push(MONEY);
            out.extend(fen.0.to_le_bytes());
        }
        HandoutCell::Integer(number) => {
            out.push(INTEGER);
            out.extend(number.to_le_bytes());
        }
        HandoutCell::Village(code) => {
            out.push(VILLAGE);
            out.extend(code.number().to_le_bytes());
        }
    }
}

/// The first cell of what is left; `None` at its end.
fn unpack(bytes: &mut &[u8]) -> Option<HandoutCell> {
    let kind = *bytes.split_off_first()?;
    let mut number = || Some(u64::from_le_bytes(*bytes.split_off(..8)?.first_chunk()?));
    Some(match kind {
        MONEY => HandoutCell::Money(Fen(number()? as i64)),
        INTEGER => HandoutCell::Integer(number()? as i64),
        VILLAGE => HandoutCell::Village(RegionCode::from_number(number()?)?),
        TEXT => {
            let length = u32::from_le_bytes(*bytes.split_off(..4)?.first_chunk()?) as usize;
            HandoutCell::Text(std::str::from_utf8(bytes.split_off(..length)?).ok()?.to_owned())
        }
        _ => HandoutCell::Text(String::new()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_the_order_of_villages_whatever_parts_they_came_in() {
        let village = |code| RegionCode::parse(code).expect("a code");
        let row = |code, name: &str| {
            let text = HandoutCell::Text(name.to_owned());
            let numbers = [HandoutCell::Money(Fen(-123)), HandoutCell::Integer(7)];
            [HandoutCell::Village(village(code)), text, HandoutCell::Text(String::new())]
                .into_iter()
                .chain(numbers)
                .collect::<Vec<_>>()
        };
        let mut parts = [0, 1].map(|_| PackedTable::new(HandoutTable::default()));
        let rows = [
            (0, "500243001202", 1, "冉甲"),
            (0, "500243001201", 2, "冉乙"),
            (1, "500243001202", 0, "冉丙"),
            (1, "500243001201", 2, "冉丁"),
        ];
        for (part, code, order, name) in rows {
            parts[part].push(village(code), [order, 0], &row(code, name));
        }
        let [mut whole, more] = parts;
        whole.append(more);
        whole.sort();
        let expected = [("500243001201", "冉乙"), ("500243001201", "冉丁"), ("500243001202", "冉丙")];
        let mut expected: Vec<_> = expected.map(|(code, name)| row(code, name)).to_vec();
        expected.push(row("500243001202", "冉甲"));
        assert_eq!(whole.unpack().rows, expected);
        assert_eq!(whole.villages(), [village("500243001201"), village("500243001202")]);
    }
}
