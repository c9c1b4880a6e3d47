//! The same rows in every format: text, workbook, old workbook.

use crate::old_workbook::{OldCell, OldSheet, old_workbook};
use crate::reading::Read;
use doudi_rosters::write_csv;
use doudi_terms::roster::Cells;
use doudi_terms::{Date, Fen, check_character, date_from_epoch_day, epoch_day};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::Path;
use tempfile::TempDir;

const HEADER: [&str; 11] = [
    "序号",
    "低保证号",
    "户主姓名",
    "姓名",
    "身份证号",
    "出生日期",
    "户月保障金（元）",
    "月保障金",
    "起始年月",
    "城乡",
    "经济状况已核对",
];

/// A cell as its sender thinks of it; each format stores it in its own way.
#[derive(Clone, Debug)]
enum Meant {
    Blank,
    Text(String),
    Whole(u32),
    Money(Fen),
    Day(Date),
}

impl Meant {
    fn text(&self) -> String {
        match self {
            Meant::Blank => String::new(),
            Meant::Text(text) => text.clone(),
            Meant::Whole(number) => number.to_string(),
            Meant::Money(fen) => fen.to_string(),
            Meant::Day(day) => day.to_string(),
        }
    }

    fn old(&self) -> OldCell {
        match self {
            Meant::Blank => OldCell::Blank,
            Meant::Text(text) => OldCell::Text(text.clone()),
            Meant::Whole(number) => OldCell::Number(f64::from(*number)),
            Meant::Money(fen) => OldCell::Number(fen.to_string().parse().expect("a number")),
            Meant::Day(day) => OldCell::Day(f64::from(epoch_day(*day) + 25_569)),
        }
    }
}

fn write_xlsx(path: &Path, rows: &[Vec<Meant>]) {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day_format = Format::new().set_num_format("yyyy/m/d");
    for (column, header) in (0_u16..).zip(HEADER) {
        sheet.write_string(0, column, header).expect("written");
    }
    for (row, cells) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Meant::Blank => continue,
                Meant::Text(text) => sheet.write_string(row, column, text),
                Meant::Whole(number) => sheet.write_number(row, column, *number),
                Meant::Money(fen) => {
                    sheet.write_number(row, column, fen.to_string().parse::<f64>().expect("a number"))
                }
                Meant::Day(day) => {
                    let (month, date) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                    let day =
                        ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, date).expect("a date");
                    sheet.write_datetime_with_format(row, column, day, &day_format)
                }
            }
            .expect("written");
        }
    }
    book.save(path).expect("saved");
}

fn old_sheet(rows: &[Vec<Meant>]) -> OldSheet {
    let header = HEADER.iter().map(|header| OldCell::Text((*header).to_owned())).collect();
    let rows = rows.iter().map(|row| row.iter().map(Meant::old).collect());
    OldSheet {
        name: "低保".to_owned(),
        rows: std::iter::once(header).chain(rows).collect(),
        ..OldSheet::default()
    }
}

/// A number that is valid, damaged, or missing: what the three formats find wrong must be the same too.
fn an_id() -> impl Strategy<Value = Meant> {
    let valid = (-20_000_i32..18_000, 0_u32..1000).prop_map(|(birth, order)| {
        let birth = date_from_epoch_day(birth).expect("a date").strftime("%Y%m%d").to_string();
        let seventeen = format!("500243{birth}{order:03}");
        let check = check_character(seventeen.as_bytes()).map_or('0', char::from);
        Meant::Text(format!("{seventeen}{check}"))
    });
    prop_oneof![
        4 => valid,
        1 => "[0-9]{15,19}".prop_map(Meant::Text),
        1 => "[ ０-９]{3}[0-9]{15}".prop_map(Meant::Text),
        1 => Just(Meant::Blank),
    ]
}

fn money() -> impl Strategy<Value = Meant> {
    prop_oneof![(0_i64..1_000_000_000).prop_map(|fen| Meant::Money(Fen(fen))), Just(Meant::Blank)]
}

fn a_row() -> impl Strategy<Value = Vec<Meant>> {
    let text = |pattern: &'static str| pattern.prop_map(Meant::Text);
    let birth = prop_oneof![
        4 => (-20_000_i32..20_000).prop_map(|day| Meant::Day(date_from_epoch_day(day).expect("a date"))),
        1 => Just(Meant::Text("农历1982年三月初六".to_owned())),
        1 => Just(Meant::Text("１９８２年３月６日".to_owned())),
        1 => Just(Meant::Blank),
    ];
    let month =
        (2000_i32..2030, 1_i32..=12).prop_map(|(year, month)| Meant::Text(format!("{year}-{month:02}")));
    let choice = |words: &'static [&'static str]| {
        prop::sample::select(words)
            .prop_map(|word| if word.is_empty() { Meant::Blank } else { Meant::Text(word.to_owned()) })
    };
    let name = || text("[赵钱孙李周䶮𠮷·]{1,4}");
    (
        ((1_u32..99_999).prop_map(Meant::Whole), text("D[0-9]{4}"), name(), name(), an_id(), birth),
        (
            money(),
            money(),
            month,
            choice(&["农村", "城镇", "农业户口", "农郊", "#N/A", ""]),
            choice(&["是", "√", "Ｙ", "否", "不清楚", ""]),
        ),
    )
        .prop_map(|((a, b, c, d, e, f), (g, h, i, j, k))| vec![a, b, c, d, e, f, g, h, i, j, k])
}

fn read(path: &Path) -> (Vec<u32>, Vec<Option<Cells>>, Vec<String>) {
    let read = Read::path(path);
    let batch = read.batches.into_iter().next().expect("a batch");
    let problems = read.reading.sheets[0].roster.problems.iter();
    let told = problems.map(|problem| {
        let place = &problem.place;
        format!("{:?} {:?} {:?} {}", problem.severity, place.row, place.column, problem.what)
    });
    (batch.rows, batch.columns, told.collect())
}

#[test]
fn error_values_are_the_same_in_a_workbook_and_in_the_csv_made_from_it() {
    let dir = TempDir::new().expect("a folder");
    let path = |name: &str| dir.path().join(name);
    let text = |text: &str| Meant::Text(text.to_owned());
    let row = [text("1"), Meant::Blank, text("赵"), text("#N/A"), text("#REF!"), Meant::Blank, text("#N/A")];
    write_csv(&path("a.csv"), &HEADER, [row.iter().map(Meant::text)]).expect("written");
    let mut sheet = old_sheet(&[row.to_vec()]);
    for (column, code) in [(3, 0x2a), (4, 0x17), (6, 0x2a)] {
        sheet.rows[1][column] = OldCell::Fault(code);
    }
    std::fs::write(path("a.xls"), old_workbook(&[sheet])).expect("written");
    let (text, old) = (read(&path("a.csv")), read(&path("a.xls")));
    assert_eq!(text, old);
    assert_eq!(text.2.len(), 3, "each cell is said once: {:?}", text.2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_rows_read_the_same_from_every_format(rows in prop::collection::vec(a_row(), 1..20)) {
        let dir = TempDir::new().expect("a folder");
        let path = |name: &str| dir.path().join(name);
        write_csv(&path("a.csv"), &HEADER, rows.iter().map(|row| row.iter().map(Meant::text))).expect("written");
        write_xlsx(&path("a.xlsx"), &rows);
        std::fs::write(path("a.xls"), old_workbook(&[old_sheet(&rows)])).expect("written");
        let text = read(&path("a.csv"));
        prop_assert_eq!(&text, &read(&path("a.xlsx")));
        prop_assert_eq!(&text, &read(&path("a.xls")));
        prop_assert_eq!(text.0.len(), rows.len());
    }
}
