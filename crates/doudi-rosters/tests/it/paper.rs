//! Workbooks that people work with: forms among tables, bands, signatures; and what comes back filled in.

use crate::reading::set;
use calamine::{Data, Reader, open_workbook_auto};
use doudi_rosters::{
    CellValue, Form, FormCell, FormRow, FormStyle, OpenFile, Page, Paper, Sheet, SheetColumn, SheetKind,
    shown_cell, write_pages_xlsx,
};
use std::path::Path;
use tempfile::TempDir;

fn leads() -> Page {
    let columns = vec![
        SheetColumn::new("序号", SheetKind::Integer).wide(5.0),
        SheetColumn::new("村（社区）", SheetKind::Text),
        SheetColumn::new("姓名", SheetKind::Text),
        SheetColumn::new("核查结果", SheetKind::Text).choose(["属实", "不属实"]),
        SheetColumn::new("处理意见", SheetKind::Text).suggest(["纳入", "停发"]),
        SheetColumn::new("疑点编号", SheetKind::Text),
    ];
    let row = |number: i64, village: &str, name: &str, outcome: &str| {
        let texts = [village, name, outcome, "", &format!("lead{number}")].map(CellValue::from);
        std::iter::once(CellValue::Integer(number)).chain(texts).collect()
    };
    let sheet = Sheet {
        name: "疑点清单".into(),
        title: Some("某镇 2020-05 疑点清单".into()),
        notes: vec!["共 3 行。".into()],
        columns,
        printed_columns: Some(5),
        rows: vec![
            row(1, "甲村", "赵一", "属实"),
            row(2, "甲村", "钱二", ""),
            row(3, "乙村", "孙三", "不属实"),
        ],
    };
    let paper = Paper {
        page_starts: vec![0, 2],
        closing: vec!["制表：　　　　审核：".into()],
        least_height: 24.0,
        ..Paper::default()
    };
    Page::Table(sheet, paper)
}

fn contents() -> Page {
    let title = FormRow::of([FormCell::new(FormStyle::Title, 2, "目录")]);
    let row = FormRow::of([
        FormCell::new(FormStyle::Label, 1, "疑点清单"),
        FormCell::new(FormStyle::Number, 1, "3"),
    ]);
    let rows = vec![title, row.clone(), row.on_new_page().at_least(3)];
    Page::Form(Form {
        name: "目录".into(), running_title: "甲 & 乙".into(), widths: vec![20.0, 8.0], rows
    })
}

fn cells(path: &Path, sheet: &str) -> Vec<Vec<String>> {
    let mut workbook = open_workbook_auto(path).expect("a workbook");
    let range = workbook.worksheet_range(sheet).expect("a sheet");
    let text = |cell: &Data| if matches!(cell, Data::Empty) { String::new() } else { cell.to_string() };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[test]
fn forms_and_tables_keep_their_order_and_a_filled_in_list_is_recognised() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("500243001-某镇2020-05.xlsx");
    write_pages_xlsx(&path, &[contents(), leads()]).expect("written");
    let workbook = open_workbook_auto(&path).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["目录", "疑点清单"]);
    let rows = cells(&path, "疑点清单");
    assert_eq!(rows[2], ["序号", "村（社区）", "姓名", "核查结果", "处理意见", "疑点编号"]);
    assert_eq!(rows[5][2..], ["孙三", "不属实", "", "lead3"]);
    assert!(rows[6][0].starts_with("制表"));
    let set = set();
    let mut file = OpenFile::open(&path, set);
    let found: Vec<_> =
        file.sheets().iter().map(|sheet| (sheet.sheet.as_deref(), sheet.roster.as_str())).collect();
    assert_eq!(found, [(Some("疑点清单"), "lead-findings")]);
    let spec = set.get("lead-findings").expect("a specification");
    let place = spec.columns.iter().position(|column| column.name == "疑点编号").expect("a column");
    let mut ids = Vec::new();
    let reading = file.read(0, &mut |batch| {
        let column = batch.columns[place].as_ref().expect("ids");
        ids.extend((0..batch.rows.len()).map(|row| shown_cell(column, row)));
    });
    // The line to sign is no row.
    assert_eq!(ids, ["lead1", "lead2", "lead3"], "{:?}", reading.roster.problems);
}

#[test]
fn bands_stand_above_the_rows_they_are_about_and_shift_nothing() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("清单.xlsx");
    let Page::Table(sheet, paper) = leads() else { panic!("a table") };
    let bands = vec![(0, "甲村 2 人".to_owned()), (2, "乙村 1 人".to_owned())];
    write_pages_xlsx(&path, &[Page::Table(sheet, Paper { bands, ..paper })]).expect("written");
    let first: Vec<String> = cells(&path, "疑点清单").into_iter().skip(3).map(|row| row[0].clone()).collect();
    assert_eq!(first[..5], ["甲村 2 人", "1", "2", "乙村 1 人", "3"]);
}
