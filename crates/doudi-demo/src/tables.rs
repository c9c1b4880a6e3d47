//! From rows to a table as an office would send it: here and there a title line, a line of totals, another word for a
//! column.

use crate::departments::Roster;
use crate::{Format, Table};
use doudi_terms::{Fen, Month};

/// Beyond this many rows nobody sends a workbook.
const WORKBOOK_ROWS: usize = 30_000;

pub(crate) fn table(roster: &Roster, file: String, month: Month, rows: Vec<Vec<String>>) -> Table {
    let format = if rows.len() > WORKBOOK_ROWS { Format::Csv } else { roster.format };
    let mut headers: Vec<&'static str> = roster.columns.iter().map(|(header, _)| *header).collect();
    // The county's May files come from another clerk.
    let may = month.month() == 5;
    for header in &mut headers {
        *header = match (roster.id, *header) {
            ("dibao", "身份证号") if may => "身份证号码",
            ("dibao", "联系电话") if may => "手机号码",
            ("deaths", "身份证号") => "公民身份号码",
            (_, same) => same,
        };
    }
    let title = match roster.id {
        "dibao" | "tekun" if format == Format::Xlsx => {
            Some(format!("彭水苗族土家族自治县{}（{}年{}月）", roster.name, month.year(), month.month()))
        }
        _ => None,
    };
    let totals = match roster.id {
        "tekun" => totals(&headers, &rows, "月供养金"),
        "disability-benefits" if may => totals(&headers, &rows, "护理补贴金额"),
        _ => None,
    };
    Table { file, roster: roster.id, format, title, headers, rows, totals }
}

fn totals(headers: &[&str], rows: &[Vec<String>], column: &str) -> Option<Vec<String>> {
    let at = headers.iter().position(|header| *header == column)?;
    let sum: i64 =
        rows.iter().filter_map(|row| Fen::parse_yuan(row.get(at)?).ok()).map(|amount| amount.0).sum();
    let mut line = vec![String::new(); headers.len()];
    "合计".clone_into(&mut line[0]);
    line[at] = Fen(sum).to_string();
    Some(line)
}
