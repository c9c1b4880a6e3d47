//! 疑似重复登记: two entries that are probably one human, for two people to confirm.

use super::table::{HandoutCell, HandoutTable, blanks, column, text};
use crate::doubles::{Double, DoubleEntry};
use doudi_terms::RegionCode;

const FINDINGS: [&str; 3] = ["是不是同一个人", "核查人", "日期"];

pub(crate) fn doubles_table() -> HandoutTable {
    let own = [
        column("村（社区）", 10.0),
        column("姓名", 7.5),
        column("身份证号", 18.5),
        column("人员编号", 13.0),
        column("另一条：姓名", 9.0),
        column("另一条：身份证号", 18.5),
        column("另一条：人员编号", 13.0),
        column("另一条：住址", 24.0),
        column("把握", 6.5),
        column("依据", 36.0),
    ];
    let findings = FINDINGS.map(|header| column(header, 11.0));
    HandoutTable {
        name: "疑似重复登记".into(),
        note: "两条登记可能是同一个人：上门或看材料核对后，由县里两个人定（doudi person merge，另一人 confirm）；没有定以前各算各的".into(),
        columns: own.into_iter().chain(findings).collect(),
        ..HandoutTable::default()
    }
}

pub(crate) fn doubles_row(
    village: RegionCode,
    own: &DoubleEntry,
    other: &DoubleEntry,
    double: &Double,
) -> Vec<HandoutCell> {
    let mut cells = vec![HandoutCell::Village(village)];
    cells.extend([&own.name, &own.id_number, &own.person_id].map(|cell| text(cell)));
    cells.extend([&other.name, &other.id_number, &other.person_id, &other.address].map(|cell| text(cell)));
    cells.push(text(&format!("{:.1}%", double.probability * 100.0)));
    cells.push(text(&double.evidence));
    cells.extend(blanks(FINDINGS.len()));
    cells
}
