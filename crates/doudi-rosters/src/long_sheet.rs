//! A sheet of any length, written row by row: nothing is kept but what is being compressed, and nothing of it lies on a
//! disc meanwhile.

use crate::sheet::{CellValue, SheetColumn, SheetKind};
use crate::write::WriteError;
use doudi_terms::epoch_day;
use std::fmt::Write as _;
use std::io::{Seek, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Day 0 of Excel's calendar stands so many days before 1970-01-01.
const EXCEL_EPOCH: i64 = 25_569;

/// One sheet under way. [`LongSheet::finish`] or there is no workbook.
pub struct LongSheet<W: Write + Seek> {
    zip: ZipWriter<W>,
    /// The last row that was written.
    row: usize,
    line: String,
}

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
/// 0 plain, 1 text that stays text, 2 money, 3 date, 4 bold (headings, sums), 5 bold money.
const STYLES: &str = r##"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><fonts count="2"><font><sz val="10"/><name val="宋体"/></font><font><b/><sz val="10"/><name val="宋体"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="4" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>"##;

impl<W: Write + Seek> LongSheet<W> {
    /// Begins with notes above the table, one a row, and the headings. The headings stay in sight.
    pub fn begin(
        to: W,
        name: &str,
        notes: &[String],
        columns: &[SheetColumn],
    ) -> Result<LongSheet<W>, WriteError> {
        let mut sheet = LongSheet { zip: ZipWriter::new(to), row: 0, line: String::new() };
        // Excel allows 31 characters, and not all.
        let name: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
        let workbook = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"{}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
            escaped(if name.is_empty() { "表" } else { &name })
        );
        for (file, text) in [
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", RELATIONS),
            ("xl/workbook.xml", workbook.as_str()),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS),
            ("xl/styles.xml", STYLES),
        ] {
            sheet.file(file)?;
            sheet.zip.write_all(text.as_bytes())?;
        }
        sheet.file("xl/worksheets/sheet1.xml")?;
        let head = notes.len() + 1;
        let mut top = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"{head}\" topLeftCell=\"A{}\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>",
            head + 1
        );
        for (at, column) in columns.iter().enumerate() {
            let width = column.width.unwrap_or(if column.kind == SheetKind::Text { 16.0 } else { 12.0 });
            let _ = write!(top, "<col min=\"{0}\" max=\"{0}\" width=\"{width}\" customWidth=\"1\"/>", at + 1);
        }
        top.push_str("</cols><sheetData>");
        sheet.zip.write_all(top.as_bytes())?;
        for note in notes {
            sheet.bold(&[CellValue::from(note.as_str())])?;
        }
        let headings: Vec<CellValue> = columns.iter().map(|column| column.header.as_str().into()).collect();
        sheet.bold(&headings)?;
        Ok(sheet)
    }

    fn file(&mut self, name: &str) -> Result<(), WriteError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(name, options.large_file(true)).map_err(std::io::Error::from)?;
        Ok(())
    }

    pub fn row(&mut self, cells: &[CellValue]) -> Result<(), WriteError> {
        self.write(cells, false)
    }

    /// Headings and sums.
    pub fn bold(&mut self, cells: &[CellValue]) -> Result<(), WriteError> {
        self.write(cells, true)
    }

    fn write(&mut self, cells: &[CellValue], bold: bool) -> Result<(), WriteError> {
        self.row += 1;
        self.line.clear();
        let _ = write!(self.line, "<row r=\"{}\">", self.row);
        for (at, cell) in cells.iter().enumerate() {
            put(&mut self.line, &format!("{}{}", letters(at), self.row), cell, bold);
        }
        self.line.push_str("</row>");
        self.zip.write_all(self.line.as_bytes())?;
        Ok(())
    }

    /// Gives back what was written to.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.zip.write_all(b"</sheetData></worksheet>")?;
        Ok(self.zip.finish().map_err(std::io::Error::from)?)
    }
}

fn put(line: &mut String, at: &str, cell: &CellValue, bold: bool) {
    let style = |plain: u8| if bold { 4 } else { plain };
    match cell {
        CellValue::Blank => {}
        CellValue::Text(text) | CellValue::Wrong(text) => {
            let _ = write!(
                line,
                "<c r=\"{at}\" s=\"{}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                style(1),
                escaped(text)
            );
        }
        CellValue::Money(fen) => {
            let (sign, whole) = (if fen.0 < 0 { "-" } else { "" }, fen.0.unsigned_abs());
            let _ = write!(
                line,
                "<c r=\"{at}\" s=\"{}\"><v>{sign}{}.{:02}</v></c>",
                if bold { 5 } else { 2 },
                whole / 100,
                whole % 100
            );
        }
        CellValue::Integer(number) => {
            let _ = write!(line, "<c r=\"{at}\" s=\"{}\"><v>{number}</v></c>", style(0));
        }
        CellValue::Date(day) => {
            let _ = write!(
                line,
                "<c r=\"{at}\" s=\"{}\"><v>{}</v></c>",
                style(3),
                EXCEL_EPOCH + i64::from(epoch_day(*day))
            );
        }
        CellValue::Month(month) => put(line, at, &CellValue::Text(month.to_string()), bold),
        CellValue::YesNo(yes) => put(line, at, &CellValue::from(if *yes { "是" } else { "否" }), bold),
    }
}

/// A, B, … Z, AA.
fn letters(mut at: usize) -> String {
    let mut found = Vec::new();
    loop {
        found.push(b'A' + (at % 26) as u8);
        if at < 26 {
            break;
        }
        at = at / 26 - 1;
    }
    found.iter().rev().map(|letter| char::from(*letter)).collect()
}

/// XML knows no other control characters than these.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};
    use doudi_terms::{Fen, Month, parse_date};
    use std::io::Cursor;

    #[test]
    fn a_long_sheet_is_read_back_as_it_was_written() {
        let columns = [
            SheetColumn::new("姓名", SheetKind::Text),
            SheetColumn::new("身份证号", SheetKind::Text),
            SheetColumn::new("金额", SheetKind::Money),
            SheetColumn::new("日期", SheetKind::Date),
        ];
        let notes = ["台账 <五月>".to_owned()];
        let mut sheet =
            LongSheet::begin(Cursor::new(Vec::new()), "低保/对象?", &notes, &columns).expect("begun");
        for number in 0..2_000 {
            let cells = [
                CellValue::from("冉\u{1}&<光>明\""),
                CellValue::from("500243199003070011"),
                CellValue::Money(Fen(-44_005 + number)),
                CellValue::Date(parse_date("2020-05-31").expect("a date")),
                CellValue::Integer(number),
                CellValue::Month(Month::parse("2020-05").expect("a month")),
                CellValue::YesNo(true),
                CellValue::Blank,
            ];
            sheet.row(&cells).expect("written");
        }
        let bytes = sheet.finish().expect("finished").into_inner();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        assert_eq!(book.sheet_names(), ["低保对象"]);
        let range = book.worksheet_range("低保对象").expect("a sheet");
        assert_eq!(range.height(), 2_002);
        assert_eq!(range.get_value((0, 0)), Some(&Data::String("台账 <五月>".into())));
        assert_eq!(range.get_value((2, 0)), Some(&Data::String("冉 &<光>明\"".into())));
        assert_eq!(range.get_value((2, 1)), Some(&Data::String("500243199003070011".into())), "a text");
        assert_eq!(range.get_value((2, 2)), Some(&Data::Float(-440.05)));
        let Some(Data::DateTime(day)) = range.get_value((2, 3)) else {
            panic!("{:?}", range.get_value((2, 3)))
        };
        assert_eq!(day.as_f64(), 43_982.0);
        assert_eq!(range.get_value((2, 5)), Some(&Data::String("2020-05".into())));
    }

    #[test]
    fn columns_are_named_past_the_alphabet() {
        let names: Vec<String> = [0, 25, 26, 51, 52, 701, 702].map(letters).into();
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
