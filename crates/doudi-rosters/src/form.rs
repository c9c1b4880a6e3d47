//! Forms: sheets that are laid out by hand, row by row, to be printed and filled in with a pen.

use crate::sheet::{Paper, Sheet};
use crate::write::{Formats, WriteError, row_number, set_up_page, text_width, write_sheet_on_paper};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

/// A sheet of a workbook that people work with.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Table(Sheet, Paper),
    Form(Form),
}

/// A grid of columns, and rows whose cells span them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    pub name: String,
    /// What stands at the top of every printed page.
    pub running_title: String,
    /// In characters of half width.
    pub widths: Vec<f64>,
    pub rows: Vec<FormRow>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormRow {
    pub cells: Vec<FormCell>,
    /// Lines kept free at least: room to write.
    pub least_lines: u16,
    pub begins_page: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FormCell {
    pub text: String,
    /// Columns of the grid; at least one.
    pub span: u16,
    pub style: FormStyle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormStyle {
    Title,
    /// Text without a border.
    Plain,
    /// The heading of a part of the form.
    Section,
    /// What a box is for.
    Label,
    /// A box with text, or to write in.
    Box,
    /// A box with a number in the middle.
    Number,
}

impl FormCell {
    pub fn new(style: FormStyle, span: u16, text: impl Into<String>) -> FormCell {
        FormCell { text: text.into(), span: span.max(1), style }
    }
}

impl FormRow {
    pub fn of(cells: impl IntoIterator<Item = FormCell>) -> FormRow {
        FormRow { cells: cells.into_iter().collect(), ..FormRow::default() }
    }

    #[must_use]
    pub fn at_least(mut self, lines: u16) -> FormRow {
        self.least_lines = lines;
        self
    }

    #[must_use]
    pub fn on_new_page(mut self) -> FormRow {
        self.begins_page = true;
        self
    }
}

struct FormFormats {
    plain: Format,
    section: Format,
    label: Format,
    value: Format,
    number: Format,
}

impl FormFormats {
    fn new(formats: &Formats) -> FormFormats {
        let bordered = formats.note.clone().set_border(FormatBorder::Thin).set_num_format("@");
        FormFormats {
            plain: formats.note.clone(),
            section: formats.note.clone().set_bold().set_font_size(11),
            label: formats.header.clone(),
            number: bordered.clone().set_align(FormatAlign::Center),
            value: bordered,
        }
    }

    fn of<'f>(&'f self, formats: &'f Formats, style: FormStyle) -> &'f Format {
        match style {
            FormStyle::Title => &formats.title,
            FormStyle::Plain => &self.plain,
            FormStyle::Section => &self.section,
            FormStyle::Label => &self.label,
            FormStyle::Box => &self.value,
            FormStyle::Number => &self.number,
        }
    }
}

/// Writes a page to a worksheet that has its name already.
pub(crate) fn write_page(
    worksheet: &mut Worksheet,
    page: &Page,
    formats: &Formats,
) -> Result<(), WriteError> {
    match page {
        Page::Table(sheet, paper) => Ok(write_sheet_on_paper(worksheet, sheet, paper, formats)?),
        Page::Form(form) => Ok(write_form(worksheet, form, formats)?),
    }
}

fn write_form(worksheet: &mut Worksheet, form: &Form, formats: &Formats) -> Result<(), XlsxError> {
    let styles = FormFormats::new(formats);
    for (width, column) in form.widths.iter().zip(0_u16..) {
        worksheet.set_column_width(column, *width)?;
    }
    let mut breaks = Vec::new();
    for (index, row) in form.rows.iter().enumerate() {
        let at = row_number(index);
        if row.begins_page && index > 0 {
            breaks.push(at);
        }
        let mut column = 0_u16;
        let mut lines = row.least_lines.max(1);
        for cell in &row.cells {
            let format = styles.of(formats, cell.style);
            let last = column + cell.span.max(1) - 1;
            if last > column {
                worksheet.merge_range(at, column, at, last, &cell.text, format)?;
            } else {
                worksheet.write_string_with_format(at, column, &cell.text, format)?;
            }
            let spanned = form.widths.get(usize::from(column)..=usize::from(last)).unwrap_or(&[]);
            lines = lines.max(lines_in(&cell.text, spanned.iter().sum()));
            column = last + 1;
        }
        let title = row.cells.iter().any(|cell| cell.style == FormStyle::Title);
        worksheet.set_row_height(at, if title { 28.0 } else { 15.0 * f64::from(lines.min(MOST_LINES)) })?;
    }
    break_pages(worksheet, breaks)?;
    set_up_page(worksheet, &form.running_title);
    Ok(())
}

/// A sheet of Excel has no more of its own page breaks. In a township with more households than that the later pages end
/// where the paper does: worse to leaf through, and nothing is missing.
const MOST_PAGE_BREAKS: usize = 1_023;

pub(crate) fn break_pages(worksheet: &mut Worksheet, mut breaks: Vec<u32>) -> Result<(), XlsxError> {
    breaks.truncate(MOST_PAGE_BREAKS);
    if !breaks.is_empty() {
        worksheet.set_page_breaks(&breaks)?;
    }
    Ok(())
}

/// Excel's rows are 409 points at most.
const MOST_LINES: u16 = 27;

fn lines_in(text: &str, width: f64) -> u16 {
    let width = (width - 1.5).max(2.0);
    text.lines().map(|line| (text_width(line) / width).ceil().max(1.0) as u16).sum()
}
