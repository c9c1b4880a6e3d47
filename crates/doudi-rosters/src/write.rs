//! Tables written as workbooks that can be printed and used on paper, and as CSV.

use crate::form::{Page, break_pages, write_page};
use crate::sheet::{CellValue, Paper, Sheet, SheetColumn, SheetKind};
use doudi_terms::Fen;
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook,
    Worksheet, XlsxError,
};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

const FONT: &str = "宋体";
const TITLE_FONT: &str = "微软雅黑";
const PAPER_A4: u8 = 9;
/// Rows kept free for filling in below the data where a column offers a choice.
const ROWS_TO_FILL_IN: u32 = 500;
/// Excel refuses lists longer than this in a cell's choice.
const CHOICE_CHARS: usize = 255;
/// Excel's limit on the length of a sheet name.
const NAME_CHARS: usize = 31;
/// Of nine levels: a little larger than the usual sixth, in half the time.
const COMPRESSION: u8 = 3;
/// A double holds whole fen exactly up to here (2^53); an amount above is written as text.
const EXACT_FEN: u64 = 1 << 53;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("写不了工作簿：{0}")]
    Workbook(#[from] XlsxError),
    #[error("写不了文件：{0}")]
    File(#[from] std::io::Error),
    #[error("写不了 csv：{0}")]
    Csv(#[from] csv::Error),
}

/// Writes sheets to a workbook: A4 landscape, one page wide, headers repeated on every page and frozen on the screen,
/// filter buttons, borders, wrapped text, page numbers. The same sheets always give the same bytes.
pub fn write_table_xlsx(path: &Path, sheets: &[Sheet]) -> Result<(), WriteError> {
    let names = sheets.iter().map(|sheet| sheet.name.as_str());
    write_workbook(path, names, |at, worksheet, formats| {
        Ok(write_sheet_on_paper(worksheet, &sheets[at], &Paper::default(), formats)?)
    })
}

/// As [`write_table_xlsx`], of which nothing touches the disc.
pub(crate) fn table_xlsx(sheets: &[Sheet]) -> Result<Vec<u8>, WriteError> {
    let names = sheets.iter().map(|sheet| sheet.name.as_str());
    let mut workbook = workbook_of(names, |at, worksheet, formats| {
        Ok(write_sheet_on_paper(worksheet, &sheets[at], &Paper::default(), formats)?)
    })?;
    Ok(workbook.save_to_buffer()?)
}

/// As [`write_table_xlsx`], with forms among the tables, page breaks, bands and lines to sign.
pub fn write_pages_xlsx(path: &Path, pages: &[Page]) -> Result<(), WriteError> {
    let names = pages.iter().map(|page| match page {
        Page::Table(sheet, _) => sheet.name.as_str(),
        Page::Form(form) => form.name.as_str(),
    });
    write_workbook(path, names, |at, worksheet, formats| write_page(worksheet, &pages[at], formats))
}

fn write_workbook<'n>(
    path: &Path,
    sheets: impl ExactSizeIterator<Item = &'n str>,
    write: impl Fn(usize, &mut Worksheet, &Formats) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    workbook_of(sheets, write)?.save(path)?;
    Ok(())
}

fn workbook_of<'n>(
    sheets: impl ExactSizeIterator<Item = &'n str>,
    write: impl Fn(usize, &mut Worksheet, &Formats) -> Result<(), WriteError>,
) -> Result<Workbook, WriteError> {
    let mut workbook = Workbook::new();
    // A workbook carries its time of creation; a fixed one keeps equal content equal.
    workbook
        .set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    workbook.set_zip_compression_level(COMPRESSION);
    let formats = Formats::new();
    let mut names = BTreeSet::new();
    if sheets.len() == 0 {
        workbook.add_worksheet();
    }
    for (at, name) in sheets.enumerate() {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet_name(name, &mut names))?;
        write(at, worksheet, &formats)?;
    }
    Ok(workbook)
}

pub(crate) struct Formats {
    pub title: Format,
    pub note: Format,
    pub header: Format,
    band: Format,
    text: Format,
    money: Format,
    integer: Format,
    date: Format,
    wrong: Format,
}

impl Formats {
    fn new() -> Formats {
        let base = Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::VerticalCenter);
        let cell = base.clone().set_border(FormatBorder::Thin).set_text_wrap();
        let header_font = cell.clone().set_bold().set_align(FormatAlign::Center);
        Formats {
            title: base
                .clone()
                .set_font_name(TITLE_FONT)
                .set_font_size(16)
                .set_bold()
                .set_align(FormatAlign::Center),
            note: base.clone().set_text_wrap().set_align(FormatAlign::Left),
            header: header_font.set_background_color(Color::RGB(0x00DC_E6F1)),
            band: cell
                .clone()
                .set_bold()
                .set_align(FormatAlign::Left)
                .set_background_color(Color::RGB(0x00F2_F2F2)),
            // “@” keeps a cell text also when somebody types into it.
            text: cell.clone().set_num_format("@"),
            money: cell.clone().set_num_format("#,##0.00"),
            integer: cell.clone().set_num_format("0").set_align(FormatAlign::Center),
            date: cell.clone().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
            wrong: cell
                .set_num_format("@")
                .set_font_color(Color::RGB(0x009C_0006))
                .set_background_color(Color::RGB(0x00FF_C7CE)),
        }
    }
}

/// Excel forbids some characters, long names, and the same name twice.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String = wanted
        .chars()
        .map(|c| if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\') { ' ' } else { c })
        .collect();
    let clean = clean.trim().trim_matches('\'');
    let base = if clean.is_empty() { "表" } else { clean };
    let cut = |room: usize| -> String { base.chars().take(room).collect() };
    let mut name = cut(NAME_CHARS);
    let mut number = 1;
    while !taken.insert(name.to_lowercase()) {
        number += 1;
        let ending = format!("({number})");
        name = format!("{}{ending}", cut(NAME_CHARS - ending.len()));
    }
    name
}

fn column_number(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

pub(crate) fn row_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(crate) fn write_sheet_on_paper(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    paper: &Paper,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let last_column = column_number(sheet.columns.len().saturating_sub(1));
    let printed = sheet.printed_columns.unwrap_or(sheet.columns.len()).clamp(1, sheet.columns.len().max(1));
    let last_printed = column_number(printed - 1);
    let header_row = write_heading(worksheet, sheet, formats, last_printed)?;
    let filled = row_number(sheet.rows.len() + paper.bands.len());
    for (index, column) in sheet.columns.iter().enumerate() {
        let place = column_number(index);
        worksheet.write_string_with_format(header_row, place, &column.header, &formats.header)?;
        worksheet.set_column_width(place, column.width.unwrap_or_else(|| usual_width(column)))?;
        add_choice(worksheet, column, place, header_row, filled)?;
    }
    let header_lines = header_lines(&sheet.columns[..printed.min(sheet.columns.len())]);
    worksheet.set_row_height(header_row, 6.0 + 15.0 * f64::from(header_lines))?;
    let mut bands = paper.bands.iter().peekable();
    let mut at = header_row;
    let mut breaks = Vec::new();
    for (index, row) in sheet.rows.iter().enumerate() {
        at += 1;
        if index > 0 && paper.page_starts.contains(&index) {
            breaks.push(at);
        }
        while let Some((_, line)) = bands.next_if(|(above, _)| *above <= index) {
            write_line(
                worksheet,
                at,
                last_printed,
                line,
                &formats.band,
                total_width(&sheet.columns[..printed]),
            )?;
            at += 1;
        }
        write_row(worksheet, at, row, &sheet.columns, printed, paper.least_height, formats)?;
    }
    break_pages(worksheet, breaks)?;
    let last_row = at;
    for line in &paper.closing {
        at += 1;
        write_line(worksheet, at, last_printed, line, &formats.note, 0.0)?;
        // Room for a signature or a seal.
        worksheet.set_row_height(at, 30.0)?;
    }
    if !sheet.columns.is_empty() {
        worksheet.autofilter(header_row, 0, last_row, last_column)?;
        worksheet.set_repeat_rows(header_row, header_row)?;
        worksheet.set_freeze_panes(header_row + 1, 0)?;
    }
    if printed < sheet.columns.len() {
        worksheet.set_print_area(0, 0, at, last_printed)?;
    }
    set_up_page(worksheet, sheet.title.as_deref().unwrap_or(&sheet.name));
    Ok(())
}

fn write_row(
    worksheet: &mut Worksheet,
    at: u32,
    row: &[CellValue],
    columns: &[SheetColumn],
    printed: usize,
    least_height: f64,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (place, column) in columns.iter().enumerate() {
        let value = row.get(place).unwrap_or(&CellValue::Blank);
        write_cell(worksheet, at, column_number(place), value, column.kind, formats)?;
    }
    let lines = lines_needed(row, columns.get(..printed).unwrap_or(columns));
    let height = (15.0 * f64::from(lines.min(MOST_LINES))).max(least_height);
    if height > 15.0 {
        // Not every program grows a row to its wrapped text by itself.
        worksheet.set_row_height(at, height)?;
    }
    Ok(())
}

/// A line across the printed columns, as high as its text.
fn write_line(
    worksheet: &mut Worksheet,
    at: u32,
    last_column: u16,
    text: &str,
    format: &Format,
    width: f64,
) -> Result<(), XlsxError> {
    if last_column > 0 {
        worksheet.merge_range(at, 0, at, last_column, text, format)?;
    } else {
        worksheet.write_string_with_format(at, 0, text, format)?;
    }
    let lines = if width > 0.0 { (text_width(text) / width).ceil().max(1.0) } else { 1.0 };
    worksheet.set_row_height(at, 3.0 + 15.0 * lines)?;
    Ok(())
}

fn total_width(columns: &[SheetColumn]) -> f64 {
    columns.iter().map(|column| column.width.unwrap_or_else(|| usual_width(column))).sum()
}

/// Lines that the longest header takes in its column.
fn header_lines(columns: &[SheetColumn]) -> u16 {
    let lines = columns.iter().map(|column| {
        let width = column.width.unwrap_or_else(|| usual_width(column)).max(2.0);
        (text_width(&column.header) / (width - 0.5)).ceil().max(1.0) as u16
    });
    lines.max().unwrap_or(1).min(4)
}

/// Title and notes above the table; gives the row of the headers.
fn write_heading(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    formats: &Formats,
    last_column: u16,
) -> Result<u32, XlsxError> {
    let title = sheet.title.iter().map(|title| (title, &formats.title, 28.0));
    let notes = sheet.notes.iter().map(|note| (note, &formats.note, 0.0));
    let width: f64 =
        sheet.columns.iter().map(|column| column.width.unwrap_or_else(|| usual_width(column))).sum();
    let mut row = 0;
    for (text, format, height) in title.chain(notes) {
        if last_column > 0 {
            worksheet.merge_range(row, 0, row, last_column, text, format)?;
        } else {
            worksheet.write_string_with_format(row, 0, text, format)?;
        }
        // Excel does not grow the row of a merged cell by itself.
        let lines = if height > 0.0 { 1.0 } else { (text_width(text) / width.max(8.0)).ceil().max(1.0) };
        worksheet.set_row_height(row, if height > 0.0 { height } else { 15.0 * lines })?;
        row += 1;
    }
    Ok(row)
}

/// Excel's rows are 409 points at most; a cell of more lines is read on the screen.
const MOST_LINES: u16 = 8;

/// Lines that the longest cell of a row takes when wrapped.
fn lines_needed(row: &[CellValue], columns: &[SheetColumn]) -> u16 {
    let lines = row.iter().zip(columns).map(|(value, column)| match value {
        CellValue::Text(text) | CellValue::Wrong(text) => {
            let width = column.width.unwrap_or_else(|| usual_width(column)).max(2.0);
            text.lines().map(|line| (text_width(line) / (width - 1.0)).ceil().max(1.0) as u16).sum()
        }
        _ => 1,
    });
    lines.max().unwrap_or(1)
}

/// Width in characters of half width: a Chinese character takes two.
pub(crate) fn text_width(text: &str) -> f64 {
    let units: u32 = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    f64::from(units)
}

fn usual_width(column: &SheetColumn) -> f64 {
    let least = match column.kind {
        SheetKind::Text => 8.0,
        SheetKind::Money | SheetKind::Date => 12.0,
        SheetKind::Integer => 6.0,
    };
    (text_width(&column.header) + 3.0).clamp(least, 40.0)
}

fn add_choice(
    worksheet: &mut Worksheet,
    column: &SheetColumn,
    place: u16,
    header_row: u32,
    rows: u32,
) -> Result<(), XlsxError> {
    let Some(words) = &column.dropdown else { return Ok(()) };
    // Too long a list cannot be stored in the cell: the column then takes any text, as without a choice.
    if words.is_empty() || words.iter().map(|word| word.chars().count() + 1).sum::<usize>() > CHOICE_CHARS {
        return Ok(());
    }
    let validation = DataValidation::new()
        .allow_list_strings(words)?
        .show_error_message(!column.other_words)
        .set_error_title("请从列表中选择")?
        .set_error_message(format!("可填：{}", words.join("、")).chars().take(200).collect::<String>())?;
    let last = header_row + rows.max(1) + ROWS_TO_FILL_IN;
    worksheet.add_data_validation(header_row + 1, place, last, place, &validation)?;
    Ok(())
}

fn write_cell(
    worksheet: &mut Worksheet,
    row: u32,
    place: u16,
    value: &CellValue,
    kind: SheetKind,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match value {
        CellValue::Blank => {
            let format = match kind {
                SheetKind::Text => &formats.text,
                SheetKind::Money => &formats.money,
                SheetKind::Integer => &formats.integer,
                SheetKind::Date => &formats.date,
            };
            worksheet.write_blank(row, place, format)?
        }
        CellValue::Text(text) => write_text(worksheet, row, place, text, &formats.text)?,
        CellValue::Wrong(text) => write_text(worksheet, row, place, text, &formats.wrong)?,
        CellValue::Money(fen) => match yuan(*fen) {
            Some(yuan) => worksheet.write_number_with_format(row, place, yuan, &formats.money)?,
            None => write_text(worksheet, row, place, &fen.to_string(), &formats.text)?,
        },
        // Above fifteen digits Excel would change the number.
        CellValue::Integer(number) if number.unsigned_abs() >= 1_000_000_000_000_000 => {
            write_text(worksheet, row, place, &number.to_string(), &formats.text)?
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than fifteen digits are exact in a double")]
        CellValue::Integer(number) => {
            worksheet.write_number_with_format(row, place, *number as f64, &formats.integer)?
        }
        CellValue::Date(date) => {
            let year = u16::try_from(date.year()).unwrap_or(0);
            let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
            match ExcelDateTime::from_ymd(year, month, day) {
                Ok(moment) => worksheet.write_datetime_with_format(row, place, &moment, &formats.date)?,
                Err(_) => write_text(worksheet, row, place, &date.to_string(), &formats.text)?,
            }
        }
        CellValue::Month(month) => write_text(worksheet, row, place, &month.to_string(), &formats.text)?,
        CellValue::YesNo(truth) => {
            write_text(worksheet, row, place, if *truth { "是" } else { "否" }, &formats.text)?
        }
    };
    Ok(())
}

/// Text longer than a cell may hold is cut: a refusal would lose the whole workbook.
fn write_text<'w>(
    worksheet: &'w mut Worksheet,
    row: u32,
    place: u16,
    text: &str,
    format: &Format,
) -> Result<&'w mut Worksheet, XlsxError> {
    const CELL_CHARS: usize = 32_767;
    match text.char_indices().nth(CELL_CHARS) {
        Some((end, _)) => worksheet.write_string_with_format(row, place, &text[..end], format),
        None => worksheet.write_string_with_format(row, place, text, format),
    }
}

/// The double nearest to the decimal that people read; reading it back gives the same fen.
fn yuan(fen: Fen) -> Option<f64> {
    if fen.0.unsigned_abs() >= EXACT_FEN { None } else { fen.to_string().parse().ok() }
}

pub(crate) fn set_up_page(worksheet: &mut Worksheet, title: &str) {
    let title = title.replace('&', "&&");
    // Excel allows 255 characters here and then refuses the whole file.
    let title: String = title.chars().take(100).collect();
    worksheet
        .set_paper_size(PAPER_A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3)
        .set_print_center_horizontally(true)
        .set_header(format!("&L&9{title}"))
        .set_footer("&C&9第 &P 页 共 &N 页");
}

/// Writes a CSV that Excel opens as UTF-8: with a byte order mark. Cells are written as given.
pub fn write_csv<R, C>(
    path: &Path,
    headers: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<(), WriteError>
where
    R: IntoIterator<Item = C>,
    C: AsRef<[u8]>,
{
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"\xef\xbb\xbf")?;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
    writer.write_record(headers)?;
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()?;
    Ok(())
}
