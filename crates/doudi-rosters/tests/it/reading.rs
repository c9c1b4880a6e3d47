//! Files as offices send them, good and bad.

use doudi_rosters::{
    CellValue, Content, FileReading, Sheet, SheetColumn, SheetKind, SpecSet, load_dir, read_file, shown_cell,
    template_sheet, write_table_xlsx,
};
use doudi_terms::roster::ObservationBatch;
use doudi_terms::{Fen, Month, Severity, parse_date};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

pub(crate) const ID: &str = "50024319650301011X";
pub(crate) const HEADER: &str = "序号,户主姓名,姓名,身份证号,出生日期,月保障金,户月保障金,起始年月";

pub(crate) fn set() -> &'static SpecSet {
    static SET: OnceLock<SpecSet> = OnceLock::new();
    SET.get_or_init(|| {
        let rosters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rosters");
        load_dir(&rosters).expect("the repository's rosters are in order")
    })
}

pub(crate) struct Read {
    pub reading: FileReading,
    pub batches: Vec<ObservationBatch>,
}

impl Read {
    pub fn path(path: &Path) -> Read {
        let mut batches = Vec::new();
        let reading = read_file(path, set(), &mut |_, batch| batches.push(batch));
        Read { reading, batches }
    }

    pub fn bytes(name: &str, bytes: &[u8]) -> Read {
        let dir = TempDir::new().expect("a folder");
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        Read::path(&path)
    }

    pub fn csv(rows: &[&str]) -> Read {
        Read::bytes("低保.csv", format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
    }

    pub fn cell(&self, column: &str, row: usize) -> String {
        let set = set();
        let spec = set.get(&self.reading.sheets[0].roster.roster).expect("a spec");
        let index = spec.columns.iter().position(|c| c.name == column).expect("a column");
        self.batches[0].columns[index].as_ref().map_or_else(String::new, |cells| shown_cell(cells, row))
    }

    /// Everything that was reported, as a user sees it.
    pub fn report(&self) -> String {
        let sheets = self.reading.sheets.iter().flat_map(|sheet| &sheet.roster.problems);
        self.reading.problems.iter().chain(sheets).map(|problem| format!("{problem}\n")).collect()
    }

    pub fn says(&self, text: &str) -> &Read {
        assert!(self.report().contains(text), "no “{text}” in:\n{}", self.report());
        self
    }
}

pub(crate) fn row(name: &str) -> String {
    format!("1,{name},{name},{ID},1965-03-01,351,702,2016-06")
}

#[test]
fn an_empty_file_and_a_file_of_headers_only_are_said_to_be_so() {
    Read::bytes("低保.csv", b"").says("文件是空的");
    Read::bytes("低保.xlsx", b"\xef\xbb\xbf\r\n ").says("文件是空的");
    let only_header = Read::csv(&[]);
    only_header.says("只有表头，没有数据行");
    assert_eq!(only_header.reading.sheets[0].roster.rows, 0);
}

#[test]
fn a_file_of_unknown_headers_is_no_roster_and_the_nearest_is_named() {
    Read::bytes("a.csv", "户主姓名,姓名,身份证号,金额\n".as_bytes())
        .says("最像“城乡低保在册名册”")
        .says("缺少这些列：起始年月");
    Read::bytes("b.csv", b"a,b,c\n1,2,3\n").says("不是任何一种已知的名册");
}

#[test]
fn a_workbook_is_read_as_one_whatever_its_extension() {
    let xls = include_bytes!("../data/dibao-2020-04.xls");
    let read = Read::bytes("低保.csv", xls);
    read.says("扩展名是 .csv，内容其实是老版 Excel 工作簿");
    assert_eq!(read.reading.content, Content::OldWorkbook);
    assert_eq!(read.reading.sheets[0].roster.rows, 2);

    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("低保.csv");
    write_table_xlsx(&path, &[dibao_sheet(&[row("赵一凡")])]).expect("written");
    let read = Read::path(&path);
    read.says("内容其实是Excel 工作簿（xlsx）");
    assert_eq!(read.reading.sheets[0].roster.rows, 1);
}

#[test]
fn text_and_web_pages_called_xlsx_are_read_or_explained() {
    let read = Read::bytes("低保.xlsx", format!("{HEADER}\n{}\n", row("赵一凡")).as_bytes());
    read.says("扩展名是 .xlsx，内容其实是文本");
    assert_eq!(read.reading.sheets[0].roster.rows, 1);
    Read::bytes("低保.xls", b"<html><table><tr><td>1</td></tr></table></html>")
        .says("不是任何一种已知的名册");
    Read::bytes("低保.xlsx", b"PK\x03\x04not really").says("已损坏");
    Read::bytes("低保.xls", b"%PDF-1.4").says("不是表格");
}

#[test]
fn an_old_workbook_fills_merged_household_numbers_and_takes_its_month_from_the_title() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dibao-2020-04.xls");
    let read = Read::path(&path);
    assert_eq!(read.report(), "");
    assert_eq!(read.reading.sheets[0].roster.month, Month::new(2020, 4));
    assert_eq!((read.cell("低保证号", 0), read.cell("低保证号", 1)), ("D0001".into(), "D0001".into()));
    assert_eq!(
        (read.cell("出生日期", 0), read.cell("户月保障金", 0)),
        ("1965-03-01".into(), "702.00".into())
    );
    assert_eq!(read.cell("户月保障金", 1), "", "an amount is never multiplied");
}

#[test]
fn gb18030_utf16_and_other_delimiters_are_recognised() {
    let text = format!("{HEADER}\n{}\n", row("赵䶮"));
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let semicolons = format!("\u{feff}{}", text.replace(',', ";"));
    for (what, bytes) in
        [("gb18030", gb18030.as_ref()), ("utf16", &utf16), ("semicolons", semicolons.as_bytes())]
    {
        let read = Read::bytes("低保.csv", bytes);
        assert_eq!(read.report(), "", "{what}");
        assert_eq!(
            (read.cell("姓名", 0), read.cell("户月保障金", 0)),
            ("赵䶮".into(), "702.00".into()),
            "{what}"
        );
    }
}

#[test]
fn titles_above_and_totals_notes_and_headers_below_are_not_people() {
    let text = format!(
        "彭水县2020年4月低保名册\n单位：元\n\n{HEADER}\n{}\n\n{HEADER}\n{}\n本页小计,,,,,351,702,\n合 计,,,,,702,1404,\n制表人：周某,,,,,,,\n",
        row("赵一凡"),
        row("钱秀兰")
    );
    let read = Read::bytes("低保.csv", text.as_bytes());
    let sheet = &read.reading.sheets[0];
    assert_eq!(read.report(), "");
    assert_eq!(
        (sheet.roster.rows, read.batches[0].rows.clone()),
        (2, vec![5, 8]),
        "rows as a spreadsheet counts"
    );
    assert_eq!(sheet.roster.month, Month::new(2020, 4));
    let skipped = sheet.skipped;
    assert_eq!((skipped.blank, skipped.repeated_headers, skipped.totals, skipped.notes), (1, 1, 2, 1));
}

#[test]
fn the_first_of_two_equal_headers_is_read_and_both_are_named() {
    let text = format!(
        "姓名,户主姓名,身份证号,起始年月,出生日期,出生日期\n赵一凡,赵一凡,{ID},2016-06,1965-03-01,1999-09-09\n"
    );
    let read = Read::bytes("低保.csv", text.as_bytes());
    read.says("第 5 列“出生日期”和第 6 列“出生日期”，只读了第 5 列");
    assert_eq!(read.cell("出生日期", 0), "1965-03-01");
}

#[test]
fn a_bad_cell_costs_only_itself() {
    let read = Read::csv(&[&format!("1,赵,赵,{ID},1965-03-01,-351,七百,去年")]);
    read.says("第 2 行“月保障金”列：“-351”是负数")
        .says("“七百”不是金额")
        .says("第 2 行“起始年月”列：“去年”不是月份");
    assert_eq!((read.cell("月保障金", 0), read.cell("姓名", 0)), (String::new(), "赵".into()));
    assert_eq!(read.reading.sheets[0].roster.rejected, 0);
}

#[test]
fn dates_in_two_formats_and_excel_serials_are_the_same_day() {
    let header = "姓名,身份证号,死亡日期\n";
    let rows = ["2020-04-12", "2020年4月12日", "20200412", "43933", "2020/4/12 0:00:00"];
    let text: String = rows.iter().map(|date| format!("赵一凡,{ID},{date}\n")).collect();
    let read = Read::bytes("死亡.csv", format!("{header}{text}").as_bytes());
    for index in 0..rows.len() {
        assert_eq!(read.cell("死亡日期", index), "2020-04-12");
    }
    read.says("第 5 行“死亡日期”列：“43933”是 Excel 的日期序号");
}

#[test]
fn an_id_in_scientific_notation_is_kept_with_a_warning() {
    let read = Read::csv(&["1,赵,赵,5.00243E+17,1965-03-01,351,702,2016-06"]);
    read.says("“5.00243E+17”是科学计数法，后几位已经丢失");
    assert_eq!(read.cell("身份证号", 0), "500243000000000000");
    assert!(read.reading.sheets[0].roster.problems.iter().all(|p| p.severity == Severity::Warning));
}

#[test]
fn rows_that_are_nobodys_or_out_of_line_are_rejected_with_the_reason() {
    let read = Read::csv(&["1,,,,,351,702,2016-06", &format!("2,赵,赵,{ID},1965-03-01,1,234,702,2016-06")]);
    read.says("第 2 行：这一行既没有姓名也没有证件号码").says("第 3 行：这一行有 9 格，表头只有 8 格");
    assert_eq!((read.reading.sheets[0].roster.rows, read.reading.sheets[0].roster.rejected), (2, 2));
    assert!(read.batches.is_empty());
}

#[test]
fn an_open_quote_does_not_swallow_the_rows_after_it() {
    let read = Read::csv(&[&format!("1,\"赵,赵,{ID},1965-03-01,351,702,2016-06"), &row("钱秀兰")]);
    read.says("双引号不成对");
    assert_eq!(read.reading.sheets[0].roster.rows, 2);
}

#[test]
fn two_stray_quotes_that_pair_up_swallow_no_rows() {
    for (open, close) in [("\"王小明", "\"王小明"), ("\"王小明", "王小明\""), ("王\"小明", "王\"小明")]
    {
        let mut rows: Vec<String> =
            (1..=40).map(|n| format!("{n},王小明,王小明,{ID},,1,1,2016-06")).collect();
        for (row, name) in [(5, open), (30, close)] {
            rows[row] = rows[row].replacen("王小明", name, 1);
        }
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let read = Read::csv(&rows);
        assert_eq!(read.reading.sheets[0].roster.rows, 40, "{open} {close}: {}", read.report());
        assert_eq!(read.reading.sheets[0].roster.rejected, 0, "{}", read.report());
    }
}

#[test]
fn a_quoted_cell_with_lines_and_commas_is_one_cell() {
    let read = Read::csv(&[
        &format!("1,\"王,小\n明,\",王小明,{ID},,1,1,2016-06"),
        &format!("2,b,b,{ID},,1,1,2016-06"),
    ]);
    assert_eq!(read.reading.sheets[0].roster.rows, 2, "{}", read.report());
    assert_eq!(read.reading.sheets[0].roster.rejected, 0, "{}", read.report());
}

#[test]
fn a_person_without_a_number_is_no_note_or_total_whatever_the_first_cell_says() {
    for first in ["备注", "第3页", "小计1户", "说明"] {
        let read = Read::csv(&[&format!("{first},王小明,王小明,,1965-03-01,1,1,2016-06")]);
        assert_eq!(read.reading.sheets[0].roster.rows, 1, "{first}: {}", read.report());
    }
    for row in ["小计,,,,,702,351,", "合计,共 12 人,共 12 人,,,702,351,", "制表人：张三,,审核：李四,,,,,"]
    {
        let read = Read::csv(&[&format!("1,王小明,王小明,{ID},,1,1,2016-06"), row]);
        assert_eq!(read.reading.sheets[0].roster.rows, 1, "{row}: {}", read.report());
    }
}

#[test]
fn problems_are_capped_and_counted_exactly() {
    let rows: Vec<String> = (0..1_000).map(|_| format!("1,赵,赵,{ID},1965-03-01,无数,702,2016-06")).collect();
    let read = Read::csv(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let sheet = &read.reading.sheets[0];
    assert_eq!(sheet.counts.iter().map(|count| count.count).collect::<Vec<_>>(), [1_000]);
    assert_eq!(sheet.roster.problems.len(), 201);
    read.says("一共 1000 处");
}

#[test]
fn headers_on_two_levels_are_read_as_one() {
    let text = format!(
        "姓名,户主姓名,身份证号,保障金,,起始年月\n,,,户月保障金,月保障金,\n赵一凡,赵一凡,{ID},702,351,2016-06\n"
    );
    let read = Read::bytes("低保.csv", text.as_bytes());
    assert_eq!((read.report(), read.cell("户月保障金", 0)), (String::new(), "702.00".into()));
}

#[test]
fn the_month_comes_from_content_before_the_file_name() {
    let text = "发放年月,补贴项目,姓名,身份证号,发放金额\n2020-04,低保,赵一凡,1,351\n";
    let read = Read::bytes("2020-05发放.csv", text.as_bytes());
    assert_eq!(read.reading.sheets[0].roster.month, Month::new(2020, 4));
    let named = Read::bytes("低保202005.csv", format!("{HEADER}\n{}\n", row("赵一凡")).as_bytes());
    assert_eq!(named.reading.sheets[0].roster.month, Month::new(2020, 5));
}

#[test]
fn every_sheet_that_is_a_roster_is_read_and_the_others_are_named() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("县.xlsx");
    let mut north = dibao_sheet(&[row("赵一凡")]);
    north.name = "北镇".to_owned();
    let mut south = dibao_sheet(&[row("钱秀兰"), row("孙小满")]);
    south.name = "南镇".to_owned();
    let column = SheetColumn::new("说明", SheetKind::Text);
    let notes = Sheet { name: "说明".to_owned(), columns: vec![column], ..Sheet::default() };
    write_table_xlsx(&path, &[north, notes, south]).expect("written");
    let read = Read::path(&path);
    let sheets: Vec<(Option<&str>, u32)> =
        read.reading.sheets.iter().map(|s| (s.roster.sheet.as_deref(), s.roster.rows)).collect();
    assert_eq!(sheets, [(Some("北镇"), 1), (Some("南镇"), 2)]);
    read.says("表“说明”：不是任何一种已知的名册");
}

#[test]
fn excel_numbers_are_money_only_if_they_are_whole_fen() {
    let dir = TempDir::new().expect("a folder");
    let path = dir.path().join("低保.xlsx");
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, header) in HEADER.split(',').enumerate() {
        sheet.write_string(0, column as u16, header).expect("written");
    }
    for column in [1, 2] {
        sheet.write_string(1, column, "赵一凡").expect("written");
    }
    sheet.write_number(1, 3, 500_243_196_503_010_119.0).expect("written");
    sheet.write_number(1, 4, 23_802).expect("written");
    sheet.write_number(1, 5, 1.0 / 3.0).expect("written");
    sheet.write_number(1, 6, 0.1 + 0.2).expect("written");
    sheet.write_number(1, 7, 201_606).expect("written");
    workbook.save(&path).expect("saved");
    let read = Read::path(&path);
    read.says("小数超过两位，无法精确到分")
        .says("第 15 位以后已经丢失")
        .says("日期序号，已按 1965-03-01 读入");
    let cells = ["月保障金", "户月保障金", "起始年月", "出生日期"].map(|column| read.cell(column, 0));
    assert_eq!(cells, ["", "0.30", "2016-06", "1965-03-01"]);
    assert_eq!(&read.cell("身份证号", 0)[..15], &ID[..15]);
}

#[test]
fn every_template_is_recognised_as_its_own_roster() {
    let dir = TempDir::new().expect("a folder");
    let set = set();
    for spec in set.iter() {
        let path = dir.path().join(format!("{}.xlsx", spec.id));
        write_table_xlsx(&path, &[template_sheet(spec)]).expect("written");
        let read = Read::path(&path);
        assert_eq!(read.reading.sheets.first().map(|s| s.roster.roster.as_str()), Some(spec.id.as_str()));
    }
}

#[test]
fn the_same_sheets_give_the_same_bytes() {
    let dir = TempDir::new().expect("a folder");
    let paths: [PathBuf; 2] = ["a.xlsx", "b.xlsx"].map(|name| dir.path().join(name));
    for path in &paths {
        write_table_xlsx(path, &[dibao_sheet(&[row("赵一凡")]), dibao_sheet(&[])]).expect("written");
    }
    assert_eq!(std::fs::read(&paths[0]).ok(), std::fs::read(&paths[1]).ok());
}

/// A sheet as this product writes it, from rows as a CSV has them.
fn dibao_sheet(rows: &[String]) -> Sheet {
    let kinds = [SheetKind::Integer, SheetKind::Text, SheetKind::Text, SheetKind::Text, SheetKind::Date];
    let kind = |index: usize| kinds.get(index).copied().unwrap_or(SheetKind::Money);
    let cells = |row: &String| row.split(',').enumerate().map(|(index, text)| cell(index, text)).collect();
    Sheet {
        name: "低保".to_owned(),
        title: Some("城乡低保在册名册".to_owned()),
        notes: vec!["单位：元".to_owned()],
        columns: HEADER.split(',').enumerate().map(|(i, h)| SheetColumn::new(h, kind(i))).collect(),
        printed_columns: None,
        rows: rows.iter().map(cells).collect(),
    }
}

fn cell(index: usize, text: &str) -> CellValue {
    match index {
        0 => text.parse().map_or_else(|_| text.into(), CellValue::Integer),
        4 => parse_date(text).map_or_else(|| text.into(), CellValue::Date),
        5 | 6 => Fen::parse_yuan(text).map_or_else(|_| text.into(), CellValue::Money),
        _ => text.into(),
    }
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic(mut damage in prop::collection::vec((0_usize..20_000, any::<u8>()), 1..40), cut in 0_usize..20_000) {
            let whole = include_bytes!("../data/dibao-2020-04.xls");
            let mut xls = whole.to_vec();
            let mut csv = format!("{HEADER}\n{}\n\"合计\",,;\t\n{}\n", row("赵一凡"), row("钱秀兰")).into_bytes();
            let mut page = include_bytes!("../ugly/08-web-page.xls").to_vec();
            for (place, byte) in damage.drain(..) {
                for bytes in [&mut xls, &mut csv, &mut page] {
                    let length = bytes.len();
                    bytes[place % length] = byte;
                }
            }
            xls.truncate(cut.max(600));
            Read::bytes("低保.xls", &xls);
            Read::bytes("低保.csv", &csv);
            Read::bytes("低保.html", &page);
        }
    }
}
