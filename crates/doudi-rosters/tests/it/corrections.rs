//! Error workbooks: what goes out, and knowing it when it comes back.

use crate::reading::{HEADER, ID, Read, row, set};
use calamine::{Reader, Xlsx, open_workbook};
use doudi_rosters::{CorrectedRow, OpenFile, write_error_workbook};
use doudi_terms::Month;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const WRONG: &str = "2,钱,钱,50024319720815024X,1965-03-01,七百,702,2016-06";

/// A file, and its error workbook beside it.
struct Sent {
    dir: TempDir,
    original: PathBuf,
    copy: PathBuf,
}

impl Sent {
    fn text(name: &str, text: &str) -> Sent {
        let dir = TempDir::new().expect("a folder");
        let original = dir.path().join(name);
        std::fs::write(&original, text).expect("a file");
        Sent::back(dir, original)
    }

    fn back(dir: TempDir, original: PathBuf) -> Sent {
        let copy = dir.path().join("改.xlsx");
        write_back(&original, &copy);
        Sent { dir, original, copy }
    }
}

fn write_back(original: &Path, copy: &Path) {
    let first = Read::path(original);
    let problems: Vec<_> =
        first.reading.sheets.iter().flat_map(|sheet| sheet.roster.problems.clone()).collect();
    write_error_workbook(original, set(), &problems, copy).expect("written");
}

/// All text of a workbook's first sheet.
fn text_of(path: &Path) -> String {
    let mut book: Xlsx<_> = open_workbook(path).expect("a workbook");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|") + "\n").collect()
}

#[test]
fn the_error_workbook_gives_the_rows_back_and_can_be_imported_again() {
    let sent =
        Sent::text("低保2020-04.csv", &format!("{HEADER}\n{}\n{WRONG}\n合计,,,,,702,,\n", row("赵一凡")));
    let again = Read::path(&sent.copy);
    let sheet = &again.reading.sheets[0];
    assert_eq!((sheet.roster.rows, sheet.roster.rejected, sheet.skipped.totals), (2, 0, 1));
    assert_eq!(sheet.roster.month, Month::new(2020, 4));
    again.says("“七百”不是金额");
    let marked = text_of(&sent.copy);
    assert!(marked.contains("月保障金：“七百”不是金额") && marked.contains("错误原因"), "{marked}");
}

#[test]
fn a_corrected_copy_names_its_original_and_the_rows_there() {
    let sent = Sent::text("低保2020-04.csv", &format!("标题\n{HEADER}\n{}\n\n{WRONG}\n", row("赵一凡")));
    let set = set();
    let mut open = OpenFile::open(&sent.copy, set);
    assert_eq!(open.sheets()[0].ignored, [""; 0], "its own columns are no unknown headers");
    let correction = open.correction_of(0).expect("a corrected copy");
    let hash = OpenFile::open(&sent.original, set).sha256().to_owned();
    let original = &correction.original;
    assert_eq!((original.file.as_str(), original.sheet.as_deref()), ("低保2020-04.csv", None));
    assert!(original.is(&hash) && original.whole);
    let rows: Vec<(Option<u32>, bool)> = correction.rows.iter().map(|r| (r.original, r.marked)).collect();
    assert_eq!(rows, [(Some(3), false), (Some(5), true)]);
    let batch = &Read::path(&sent.copy).batches[0];
    let known = |row: &u32| correction.row(*row).and_then(|row| row.original);
    assert_eq!(batch.rows.iter().map(known).collect::<Vec<_>>(), [Some(3), Some(5)]);
    assert!(OpenFile::open(&sent.original, set).correction_of(0).is_none());
}

#[test]
fn a_copy_of_a_copy_belongs_to_the_first_original_and_is_not_nested() {
    let sent = Sent::text("低保2020-04.csv", &format!("{HEADER}\n{}\n{WRONG}\n", row("赵一凡")));
    let second = sent.dir.path().join("再改.xlsx");
    write_back(&sent.copy, &second);
    assert_eq!(text_of(&sent.copy), text_of(&second));
}

#[test]
fn a_copy_saved_as_csv_with_rows_added_and_reasons_cleared_is_still_known() {
    let sent = Sent::text("低保.csv", &format!("{HEADER}\n{}\n{WRONG}\n", row("赵一凡")));
    let original = OpenFile::open(&sent.original, set()).sha256().to_owned();
    let copy = sent.dir.path().join("改.csv");
    let line = text_of(&sent.copy).lines().nth(1).expect("a line").trim_end_matches('|').to_owned();
    let header = format!("错误原因,原表行号,原有错误,{HEADER}");
    let text = format!("标题\n{line}\n{header}\n,3,是,{}\n,,,{}\n,2,,{}\n", row("钱"), row("孙"), row("赵"));
    std::fs::write(&copy, text).expect("a file");
    let set = set();
    let correction = OpenFile::open(&copy, set).correction_of(0).expect("a corrected copy");
    assert!(correction.original.is(&original));
    let row = |row, original, marked| CorrectedRow { row, original, marked };
    assert_eq!(correction.rows, [row(4, Some(3), true), row(5, None, false), row(6, Some(2), false)]);
}

#[test]
fn a_copy_without_the_line_about_its_original_is_a_roster_with_a_warning() {
    let text = format!("错误原因,原表行号,{HEADER}\n不对,2,{}\n", row("赵一凡"));
    let read = Read::bytes("低保.csv", text.as_bytes());
    read.says("写明原文件的那一行（“改错表：…”）没有了");
    assert_eq!(read.reading.sheets[0].roster.rows, 1);
}

#[test]
fn the_month_of_a_title_survives_although_the_reasons_name_other_months() {
    let text =
        format!("彭水县2020年4月低保名册\n{HEADER}\n{}\n", row("赵一凡").replace("2016-06", "2031-13"));
    let sent = Sent::text("名册.csv", &text);
    assert_eq!(Read::path(&sent.copy).reading.sheets[0].roster.month, Month::new(2020, 4));
}

#[test]
fn many_problems_of_the_file_do_not_push_the_headers_out_of_sight() {
    let original = format!("{HEADER}\n{}\n", row("赵一凡"));
    let sent = Sent::text("低保.csv", &original);
    let of_file = Read::bytes("a.csv", b"").reading.problems[0].clone();
    write_error_workbook(&sent.original, set(), &vec![of_file; 40], &sent.copy).expect("written");
    assert_eq!(Read::path(&sent.copy).reading.sheets[0].roster.rows, 1);
    assert!(text_of(&sent.copy).contains("另有 35 条"));
}

#[test]
fn dates_amounts_and_merged_cells_of_a_workbook_read_the_same_from_its_copy() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("低保.xlsx");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(HEADER.replace("序号", "户号").split(',')) {
        sheet.write_string(0, column, header).expect("written");
    }
    let plain = Format::new();
    sheet.merge_range(1, 0, 2, 0, "D0001", &plain).expect("merged");
    let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    for line in [1, 2] {
        let birth = ExcelDateTime::from_ymd(1965, 3, 1).expect("a date");
        for (column, text) in [(1, "赵一凡"), (2, "赵一凡"), (3, ID), (7, "去年")] {
            sheet.write_string(line, column, text).expect("written");
        }
        sheet.write_datetime_with_format(line, 4, birth, &day).expect("written");
        sheet.write_number(line, 5, 0.1 + 0.2).expect("written");
        sheet.write_number(line, 6, 1234.5).expect("written");
    }
    book.save(&path).expect("saved");
    let sent = Sent::back(dir, path);
    let (first, again) = (Read::path(&sent.original), Read::path(&sent.copy));
    assert_eq!(first.cell("低保证号", 1), "D0001");
    assert_eq!((first.cell("月保障金", 0), first.cell("出生日期", 0)), ("0.30".into(), "1965-03-01".into()));
    assert_eq!(first.batches[0].columns, again.batches[0].columns);
}

#[test]
fn every_row_is_marked_also_beyond_the_problems_that_are_kept() {
    let row = |number: u32| format!("{number},赵,赵,{ID},1965-03-01,七百,702,2016-06\n");
    let rows: String = (0..450).map(row).collect();
    let sent = Sent::text("低保.csv", &format!("{HEADER}\n{rows}"));
    let set = set();
    let correction = OpenFile::open(&sent.copy, set).correction_of(0).expect("a corrected copy");
    assert_eq!(correction.rows.iter().filter(|row| row.marked).count(), 450);
    let text = text_of(&sent.copy);
    assert!(!text.contains("没有逐条列出"), "nothing is left out here");
    assert_eq!(text.matches("月保障金：“七百”不是金额").count(), 450, "each once");
}
