//! Workbooks of any age, behind one face: sheets, their heads, their rows one after another.

use crate::cells::{RawCell, UNCALCULATED};
use crate::content::Content;
use crate::page::{self, PageSheet};
use crate::recognise::{HEAD_ROWS, HeadRow, LOOKED_THROUGH};
use crate::source::{ReadSeek, Source};
use calamine::{
    Data, DataRef, Dimensions, ExcelDateTime, Ods, Range, Reader, SheetType, SheetVisible, Xls, Xlsb, Xlsx,
};
use doudi_terms::Date;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Input = BufReader<Box<dyn ReadSeek>>;

enum Kind {
    Xlsx(Box<Xlsx<Input>>),
    Xls(Box<Xls<Input>>),
    Xlsb(Box<Xlsb<Input>>),
    Ods(Box<Ods<Input>>),
    Page(Vec<PageSheet>),
}

/// An open workbook.
pub(crate) struct Workbook {
    kind: Kind,
}

/// A sheet of cells, and whether somebody hid it.
pub(crate) struct SheetName {
    pub name: String,
    pub hidden: bool,
}

/// Why a workbook could not be read: in words for the person who has it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkbookError {
    #[error("文件有密码")]
    Locked,
    #[error("文件已损坏，或不是 Excel 工作簿（{0}）")]
    Broken(String),
}

type Done<T> = Result<T, WorkbookError>;

/// Damaged files reach states that the parser did not foresee; to the user that is a damaged file, never a crash.
fn guarded<T>(work: impl FnOnce() -> Done<T>) -> Done<T> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| Err(WorkbookError::Broken("内部结构异常".to_owned())))
}

fn broken(error: impl std::fmt::Display) -> WorkbookError {
    let text = error.to_string();
    if text.to_ascii_lowercase().contains("password") {
        WorkbookError::Locked
    } else {
        WorkbookError::Broken(text)
    }
}

impl Workbook {
    /// Opens a file by what it is.
    pub fn open(source: &Source, content: Content) -> Done<Workbook> {
        let input = || source.open().map(BufReader::new).map_err(broken);
        guarded(|| {
            if matches!(content, Content::WebPage | Content::XmlSpreadsheet) {
                return page::read(source)
                    .map(|sheets| Workbook { kind: Kind::Page(sheets) })
                    .map_err(broken);
            }
            if content == Content::OldWorkbook {
                let open = Xls::new(input()?).map(|book| Workbook { kind: Kind::Xls(Box::new(book)) });
                return open
                    .map_err(|e| if is_encrypted(source) { WorkbookError::Locked } else { broken(e) });
            }
            let error = match Xlsx::new(input()?) {
                Ok(book) => return Ok(Workbook { kind: Kind::Xlsx(Box::new(book)) }),
                Err(error) => error,
            };
            if let Ok(book) = Ods::new(input()?) {
                return Ok(Workbook { kind: Kind::Ods(Box::new(book)) });
            }
            Xlsb::new(input()?)
                .map(|book| Workbook { kind: Kind::Xlsb(Box::new(book)) })
                .map_err(|_| broken(error))
        })
    }

    pub fn sheets(&self) -> Vec<SheetName> {
        let sheets = match &self.kind {
            Kind::Xlsx(book) => book.sheets_metadata(),
            Kind::Xls(book) => book.sheets_metadata(),
            Kind::Xlsb(book) => book.sheets_metadata(),
            Kind::Ods(book) => book.sheets_metadata(),
            Kind::Page(sheets) => {
                let name = |sheet: &PageSheet| SheetName { name: sheet.name.clone(), hidden: false };
                return sheets.iter().map(name).collect();
            }
        };
        let cells = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let name = |sheet: &calamine::Sheet| SheetName {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
        };
        cells.map(name).collect()
    }

    /// The first rows of a sheet with anything in them, as text.
    pub fn head(&mut self, sheet: &str) -> Done<Vec<HeadRow>> {
        let mut rows = Vec::new();
        self.each_row(sheet, &[], &mut |number, cells| {
            if cells.iter().any(|cell| !cell.is_blank()) {
                let cells = cells.iter().map(|cell| cell.shown().into_owned()).collect();
                rows.push(HeadRow { number, cells });
            }
            rows.len() < HEAD_ROWS && number < LOOKED_THROUGH
        })?;
        Ok(rows)
    }

    /// Gives every stored row to a receiver until it says `false`. In the columns of `fill`, cells of a vertically
    /// merged area all get the value of its first cell: offices merge the household number over its members.
    pub fn each_row(
        &mut self,
        sheet: &str,
        fill: &[bool],
        receive: &mut dyn FnMut(u32, &[RawCell<'_>]) -> bool,
    ) -> Done<()> {
        guarded(|| {
            let merged = if fill.contains(&true) { self.merged(sheet) } else { Vec::new() };
            let mut filler = MergeFiller::new(merged, fill);
            match &mut self.kind {
                Kind::Xlsx(book) => stream_xlsx(book, sheet, &mut filler, receive),
                Kind::Xls(book) => {
                    rows_of(&book.worksheet_range(sheet).map_err(broken)?, &mut filler, receive)
                }
                Kind::Xlsb(book) => {
                    rows_of(&book.worksheet_range(sheet).map_err(broken)?, &mut filler, receive)
                }
                Kind::Ods(book) => {
                    rows_of(&book.worksheet_range(sheet).map_err(broken)?, &mut filler, receive)
                }
                Kind::Page(sheets) => match sheets.iter().find(|found| found.name == sheet) {
                    Some(found) => rows_of(&found.cells, &mut filler, receive),
                    None => Ok(()),
                },
            }
        })
    }

    /// Areas merged over more than one row. A workbook that cannot tell has none: the cells read as they are.
    fn merged(&mut self, sheet: &str) -> Vec<Dimensions> {
        let areas = match &mut self.kind {
            Kind::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Kind::Xls(book) => book.merge_cells_by_sheet_name(sheet).unwrap_or_default(),
            Kind::Xlsb(_) | Kind::Ods(_) => Vec::new(),
            Kind::Page(sheets) => {
                let found = sheets.iter().find(|found| found.name == sheet);
                found.map_or_else(Vec::new, |found| found.merged.clone())
            }
        };
        areas.into_iter().filter(|area| area.end.0 > area.start.0).collect()
    }
}

/// A locked xlsx is an OLE file with this stream.
fn is_encrypted(source: &Source) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut bytes = Vec::new();
    let read = source.open().and_then(|mut file| file.read_to_end(&mut bytes));
    read.is_ok() && bytes.windows(name.len()).any(|window| window == name)
}

fn stream_xlsx(
    book: &mut Xlsx<Input>,
    sheet: &str,
    filler: &mut MergeFiller<'_>,
    receive: &mut dyn FnMut(u32, &[RawCell<'_>]) -> bool,
) -> Done<()> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut current: Option<u32> = None;
    let mut cells: Vec<RawCell<'_>> = Vec::new();
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(broken)? {
        let (row, column) = cell.pos;
        if current != Some(row) {
            if let Some(done) = current
                && !filler.give(done, &mut cells, receive)
            {
                return Ok(());
            }
            cells.clear();
            current = Some(row);
        }
        let column = column as usize;
        // Excel has 16,384 columns; a file that claims more is not believed.
        if column >= 16_384 {
            continue;
        }
        if cells.len() <= column {
            cells.resize(column + 1, RawCell::Blank);
        }
        // Programs that write formulas and never calculate them leave no result: that is not a blank cell.
        cells[column] = match (&cell.value, &cell.formula) {
            (DataRef::Empty, Some(_)) => RawCell::Fault(UNCALCULATED.to_owned()),
            (value, _) => borrowed(value),
        };
    }
    if let Some(done) = current {
        filler.give(done, &mut cells, receive);
    }
    Ok(())
}

fn rows_of(
    range: &Range<Data>,
    filler: &mut MergeFiller<'_>,
    receive: &mut dyn FnMut(u32, &[RawCell<'_>]) -> bool,
) -> Done<()> {
    let (first_row, first_column) = range.start().unwrap_or((0, 0));
    for (row, values) in (first_row..).zip(range.rows()) {
        if values.iter().all(|value| *value == Data::Empty) {
            continue;
        }
        let mut cells = vec![RawCell::Blank; first_column as usize];
        cells.extend(values.iter().map(owned));
        if !filler.give(row, &mut cells, receive) {
            break;
        }
    }
    Ok(())
}

fn borrowed<'a>(value: &DataRef<'a>) -> RawCell<'a> {
    match value {
        DataRef::SharedString(text) => RawCell::Text(Cow::Borrowed(text)),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            RawCell::Text(Cow::Owned(text.clone()))
        }
        DataRef::Int(number) => RawCell::Text(Cow::Owned(number.to_string())),
        DataRef::Float(number) => RawCell::Number(*number),
        DataRef::Bool(truth) => yes_no(*truth),
        DataRef::DateTime(moment) => day(moment),
        DataRef::Error(error) => RawCell::Fault(error.to_string()),
        DataRef::Empty => RawCell::Blank,
    }
}

fn owned(value: &Data) -> RawCell<'_> {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            RawCell::Text(Cow::Borrowed(text))
        }
        Data::Int(number) => RawCell::Text(Cow::Owned(number.to_string())),
        Data::Float(number) => RawCell::Number(*number),
        Data::Bool(truth) => yes_no(*truth),
        Data::DateTime(moment) => day(moment),
        Data::Error(error) => RawCell::Fault(error.to_string()),
        Data::Empty => RawCell::Blank,
    }
}

fn yes_no(truth: bool) -> RawCell<'static> {
    RawCell::Text(Cow::Borrowed(if truth { "是" } else { "否" }))
}

/// The day of a moment; what is formatted as a time only, or before 1900-03-01 where Excel's calendar is wrong, stays
/// the number it is.
fn day(moment: &ExcelDateTime) -> RawCell<'static> {
    let number = moment.as_f64();
    if moment.is_duration() || !(60.0..2_958_466.0).contains(&number) {
        return RawCell::Number(number);
    }
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    let date = date.and_then(|((year, month), day)| Date::new(year, month, day).ok());
    date.map_or(RawCell::Number(number), RawCell::Day)
}

/// Repeats the value of a merged area in the rows below its first.
struct MergeFiller<'f> {
    areas: BTreeMap<u32, Vec<Dimensions>>,
    open: Vec<(Dimensions, RawCell<'static>)>,
    fill: &'f [bool],
}

impl<'f> MergeFiller<'f> {
    fn new(merged: Vec<Dimensions>, fill: &'f [bool]) -> MergeFiller<'f> {
        let mut areas: BTreeMap<u32, Vec<Dimensions>> = BTreeMap::new();
        for area in merged {
            if fill.get(area.start.1 as usize).copied().unwrap_or(false) {
                areas.entry(area.start.0).or_default().push(area);
            }
        }
        MergeFiller { areas, open: Vec::new(), fill }
    }

    /// Passes a row on (`row` counted from 0), with merged values filled in.
    fn give(
        &mut self,
        row: u32,
        cells: &mut Vec<RawCell<'_>>,
        receive: &mut dyn FnMut(u32, &[RawCell<'_>]) -> bool,
    ) -> bool {
        if !self.areas.is_empty() || !self.open.is_empty() {
            self.open.retain(|(area, _)| area.end.0 >= row);
            for (area, value) in &self.open {
                let column = area.start.1 as usize;
                // Only the rest of a row that has something in it: a merged area may run past the table's end.
                if cells.get(column).is_none_or(RawCell::is_blank)
                    && cells.iter().any(|cell| !cell.is_blank())
                {
                    if cells.len() <= column {
                        cells.resize(column + 1, RawCell::Blank);
                    }
                    cells[column] = value.clone();
                }
            }
            for area in self.areas.remove(&row).unwrap_or_default() {
                let column = area.start.1 as usize;
                if let Some(cell) = cells.get(column).filter(|_| self.fill.get(column) == Some(&true)) {
                    self.open.push((area, detached(cell)));
                }
            }
        }
        receive(row + 1, cells)
    }
}

fn detached(cell: &RawCell<'_>) -> RawCell<'static> {
    match cell {
        RawCell::Blank => RawCell::Blank,
        RawCell::Text(text) => RawCell::Text(Cow::Owned(text.clone().into_owned())),
        RawCell::Number(number) => RawCell::Number(*number),
        RawCell::Day(day) => RawCell::Day(*day),
        RawCell::Fault(fault) => RawCell::Fault(fault.clone()),
    }
}
