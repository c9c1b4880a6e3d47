//! Delimited text: finding out how it is written, then streaming it row by row.

use crate::cells::RawCell;
use crate::encoding::{Survey, Utf8Reader, find_encoding, quotes_in_utf16};
use crate::observe::RowReader;
use crate::problem_log::Trouble;
use crate::recognise::{HEAD_ROWS, HeadRow, Header, LOOKED_THROUGH, NotARoster, recognise};
use crate::source::Source;
use crate::spec::SpecSet;
use crate::who::WhoReader;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;
use std::io::{self, Read};

/// Text shown of a row that could not be used.
const SHOWN_CHARS: usize = 60;

/// A text file whose writing is understood.
pub(crate) struct CsvFile {
    source: Source,
    encoding: &'static Encoding,
    delimiter: u8,
    /// Quotes pair up in this file and may be trusted to enclose cells.
    quoting: bool,
    /// A line is a row: no quotes, no other encoding, no other ends of lines.
    lines_are_rows: bool,
    /// Places that could not be read in the encoding.
    pub malformed: u64,
    pub head: Vec<HeadRow>,
}

impl CsvFile {
    /// Finds encoding, delimiter and headers. The verdict says which roster it is, or why none.
    pub fn open(
        source: &Source,
        survey: &Survey,
        set: &SpecSet,
    ) -> io::Result<(CsvFile, Result<Header, NotARoster>)> {
        let (encoding, malformed) = find_encoding(source, survey)?;
        // In UTF-16 the byte of a quote is half of many characters.
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let quotes = if wide { quotes_in_utf16(source, encoding)? } else { survey.quotes };
        let paired = quotes.is_multiple_of(2);
        let (csv, verdict) = CsvFile::understood(source, survey, set, (encoding, malformed), paired)?;
        // Two rows with one quote too many each pair up as well, and everything between them would be one cell.
        let swallowed = match &verdict {
            Ok(header) if paired && quotes > 0 => csv.swallows_rows(header.labels.len())?,
            _ => false,
        };
        if swallowed {
            return CsvFile::understood(source, survey, set, (encoding, malformed), false);
        }
        Ok((csv, verdict))
    }

    fn understood(
        source: &Source,
        survey: &Survey,
        set: &SpecSet,
        (encoding, malformed): (&'static Encoding, u64),
        quoting: bool,
    ) -> io::Result<(CsvFile, Result<Header, NotARoster>)> {
        let mut best: Option<(CsvFile, Result<Header, NotARoster>)> = None;
        for delimiter in [b',', b'\t', b';'] {
            let head = head_rows(&survey.head, encoding, delimiter, quoting);
            let verdict = recognise(set, &head);
            let better = match (&verdict, &best) {
                (_, None) => true,
                (Ok(new), Some((_, Ok(old)))) => new.matched > old.matched,
                (Ok(_), Some((_, Err(_)))) => true,
                (Err(_), Some((_, Ok(_)))) => false,
                (Err(_), Some((old, Err(_)))) => widest(&head) > widest(&old.head),
            };
            if better {
                let source = source.clone();
                let lines_are_rows =
                    encoding == UTF_8 && survey.valid_utf8 && survey.quotes == 0 && !survey.lone_returns;
                let csv = CsvFile { source, encoding, delimiter, quoting, lines_are_rows, malformed, head };
                best = Some((csv, verdict));
            }
        }
        best.ok_or_else(|| io::Error::other("没有可用的分隔符"))
    }

    /// Whether a quoted cell somewhere holds whole rows: as many delimiters as its lines would have as rows. One in ten
    /// may lack, for rows that end early.
    fn swallows_rows(&self, width: usize) -> io::Result<bool> {
        let per_row = width.saturating_sub(1);
        let mut found = false;
        let delimiter = char::from(self.delimiter);
        rows_of(self.source.open()?, self.encoding, self.delimiter, self.quoting, &mut |_, record| {
            let text = record.as_slice();
            let breaks = text.matches(['\n', '\r']).count() - text.matches("\r\n").count();
            if breaks > 0 && per_row > 0 {
                let delimiters = record.len() - 1 + text.matches(delimiter).count();
                found = delimiters * 10 >= (breaks + 1) * per_row * 9;
            }
            !found
        })?;
        Ok(found)
    }

    /// What the way of writing alone gives cause to say.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        if self.malformed > 0 {
            let what =
                format!("有 {} 处字符按 {} 编码读不出来，已用“�”代替", self.malformed, self.encoding.name());
            let next = "请在 Excel 或 WPS 里另存为 xlsx，或另存为 UTF-8 编码的 csv";
            troubles.push(Trouble::warning("读不出的字符", what, next));
        }
        if !self.quoting {
            let what = "文件里的双引号不成对，已把双引号当作普通字符读入".to_owned();
            let next = "请查找文件里多余的双引号并删去，或另存为 xlsx";
            troubles.push(Trouble::warning("双引号不成对", what, next));
        }
        troubles
    }

    /// Streams all rows to a receiver, with their numbers as a spreadsheet shows them.
    pub fn each_row(&self, receive: &mut dyn FnMut(u32, &csv::StringRecord)) -> io::Result<()> {
        // The csv reader buffers by itself; a second buffer would only copy.
        rows_of(self.source.open()?, self.encoding, self.delimiter, self.quoting, &mut |row, record| {
            receive(row, record);
            true
        })
    }

    /// Streams the data rows into observations.
    pub fn read(&self, header: &Header, reader: &mut RowReader<'_>) -> io::Result<()> {
        let usual = self.usual_width(header);
        self.each_row(&mut |row, record| {
            if row <= header.row {
                return;
            }
            let record: Vec<&str> = record.iter().collect();
            self.push(row, &record, (header, usual), reader);
        })
    }

    /// Streams whose the data rows are; `reader` takes the rows that are not plain, and counts all of them.
    pub fn read_who(
        &self,
        header: &Header,
        reader: &mut RowReader<'_>,
        who: &mut WhoReader<'_>,
    ) -> io::Result<()> {
        let usual = self.usual_width(header);
        let mut take = |row: u32, record: &[&str]| {
            if row <= header.row {
            } else if who.push_plain(row, record) {
                reader.pass(row);
            } else {
                self.push(row, record, (header, usual), reader);
                who.take_rows(reader);
            }
        };
        if self.lines_are_rows {
            return each_line(self.source.open()?, &mut |row, line| {
                let mut record: Vec<&str> = Vec::with_capacity(usual + 1);
                record.extend(parts(line, self.delimiter));
                take(row, &record);
            });
        }
        self.each_row(&mut |row, record| take(row, &record.iter().collect::<Vec<_>>()))
    }

    /// Some programs end every row with blank cells. A row longer than the first one is shifted, even if what it has
    /// pushed out at the end was blank.
    fn usual_width(&self, header: &Header) -> usize {
        let width = header.labels.len();
        let below = self.head.iter().find(|row| row.number > header.row);
        below.map_or(width, |row| row.cells.len()).max(width)
    }

    fn push(&self, row: u32, record: &[&str], (header, usual): (&Header, usize), reader: &mut RowReader<'_>) {
        let cells: Vec<RawCell<'_>> = record.iter().map(|cell| text_cell(cell, self.quoting)).collect();
        let width = header.labels.len();
        let extra = record.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if extra || record.len() > usual {
            reader.reject(row, &cells, too_many_cells(record, width));
        } else {
            reader.push(row, &cells);
        }
    }
}

/// Gives every line that is not blank, with its number, from 1.
fn each_line(mut input: impl Read, receive: &mut dyn FnMut(u32, &str)) -> io::Result<()> {
    const CHUNK: usize = 1 << 20;
    let broken = |_| io::Error::other("文件读到中途变了");
    let mut buffer: Vec<u8> = Vec::new();
    let mut row = 0_u32;
    loop {
        let read = input.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
        // A line that is cut by the end of the chunk waits for the next one.
        let whole = match buffer.iter().rposition(|byte| *byte == b'\n') {
            Some(end) if read > 0 => end + 1,
            None if read > 0 => continue,
            _ => buffer.len(),
        };
        let text = simdutf8::basic::from_utf8(&buffer[..whole]).map_err(broken)?;
        for line in parts(text.strip_suffix('\n').unwrap_or(text), b'\n') {
            let line = if row == 0 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
            row = row.saturating_add(1);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if !line.is_empty() {
                receive(row, line);
            }
        }
        buffer.drain(..whole);
        if read == 0 {
            return Ok(());
        }
    }
}

/// What stands between the delimiters, which are ASCII.
fn parts(text: &str, delimiter: u8) -> impl Iterator<Item = &str> {
    let ends = memchr::memchr_iter(delimiter, text.as_bytes()).chain([text.len()]);
    let mut from = 0;
    ends.map(move |end| {
        let part = &text[from..end];
        from = end + 1;
        part
    })
}

fn text_cell(cell: &str, quoting: bool) -> RawCell<'_> {
    let inner = if quoting { None } else { cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) };
    match inner.unwrap_or(cell) {
        "" => RawCell::Blank,
        text => RawCell::Text(Cow::Borrowed(text)),
    }
}

/// Cells after the last header mean that a comma inside a cell has pushed the others into wrong columns.
fn too_many_cells(record: &[&str], width: usize) -> Trouble {
    let shown: String = record.join(",").chars().take(SHOWN_CHARS).collect();
    let what = format!("这一行有 {} 格，表头只有 {width} 格，各列可能已经错位：{shown}…", record.len());
    let next = "请检查这一行里是否有多余的逗号或引号，改正后重新导入";
    Trouble::error("格数多于表头", what, next)
}

fn widest(rows: &[HeadRow]) -> usize {
    rows.iter().map(|row| row.cells.len()).max().unwrap_or(0)
}

fn head_rows(head: &[u8], encoding: &'static Encoding, delimiter: u8, quoting: bool) -> Vec<HeadRow> {
    let mut rows = Vec::new();
    // Reading from memory cannot fail; a cut last row is beyond what is looked at or harmless.
    let _ = rows_of(head, encoding, delimiter, quoting, &mut |number, record| {
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push(HeadRow { number, cells: record.iter().map(str::to_owned).collect() });
        }
        rows.len() < HEAD_ROWS && number < LOOKED_THROUGH
    });
    rows
}

/// Reads records and works out the row each one would have in a spreadsheet.
fn rows_of<R: Read>(
    input: R,
    encoding: &'static Encoding,
    delimiter: u8,
    quoting: bool,
    receive: &mut dyn FnMut(u32, &csv::StringRecord) -> bool,
) -> io::Result<()> {
    // UTF-8 goes through the decoder too: it takes the byte order mark off and mends what a damaged file would fail on.
    let encoding = if encoding == UTF_8 { UTF_8 } else { encoding };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quoting)
        .buffer_capacity(1 << 16)
        .from_reader(Utf8Reader::new(input, encoding));
    let mut record = csv::StringRecord::new();
    let (mut row, mut line) = (0_u32, reader.position().line());
    while reader.read_record(&mut record).map_err(io::Error::other)? {
        // The csv reader passes over blank lines, and a quoted cell may hold line breaks; a spreadsheet counts the
        // first as rows and not the second.
        let lines = reader.position().line() - line;
        line = reader.position().line();
        let inside = if lines > 1 { record.as_slice().matches('\n').count() as u64 } else { 0 };
        row += u32::try_from(lines.saturating_sub(inside).max(1)).unwrap_or(u32::MAX);
        if !receive(row, &record) {
            break;
        }
    }
    Ok(())
}
