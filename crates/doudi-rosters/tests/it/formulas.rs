//! Formulas: their stored result is read; where a program stored none, that is said and nothing is guessed.

use crate::reading::{HEADER, ID, Read};
use rust_xlsxwriter::{Formula, Workbook};
use std::io::{Cursor, Read as _, Write as _};

/// A workbook with one person whose amount is a formula with the result 300.
fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in (0..).zip(HEADER.split(',')) {
        sheet.write_string(0, column, header).expect("written");
    }
    for (column, cell) in (0..).zip(["1", "赵一", "赵一", ID, "1965-03-01", "", "600", "2019-01"]) {
        sheet.write_string(1, column, cell).expect("written");
    }
    sheet.write_formula(1, 5, Formula::new("=G2/2").set_result("300")).expect("written");
    workbook.save_to_buffer().expect("a workbook")
}

/// The same file with every stored result of a formula taken out, as programs leave it that never calculate.
fn without_results(workbook: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).expect("an archive");
    let mut copy = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).expect("a part");
        let name = part.name().expect("a name").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("XML");
        if name == "xl/worksheets/sheet1.xml" {
            assert!(text.contains("</f><v>300</v>"), "{text}");
            text = text.replace("</f><v>300</v>", "</f>");
        }
        copy.start_file(name, plain).expect("a part");
        copy.write_all(text.as_bytes()).expect("written");
    }
    copy.finish().expect("an archive").into_inner()
}

#[test]
fn the_stored_result_of_a_formula_is_read() {
    let read = Read::bytes("低保.xlsx", &workbook());
    assert_eq!(read.cell("月保障金", 0), "300.00");
}

#[test]
fn a_formula_without_a_result_is_a_problem_and_no_blank() {
    let read = Read::bytes("低保.xlsx", &without_results(&workbook()));
    assert_eq!((read.cell("姓名", 0).as_str(), read.cell("月保障金", 0).as_str()), ("赵一", ""));
    read.says("第 2 行").says("格子里是公式，文件里没有存它的结果").says("保存一次，再重新导入");
}
