//! A table on its way out: what a sheet shows, apart from how a workbook stores it.

use doudi_terms::{Date, Fen, Month};

/// What a column holds; it decides how cells are aligned and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetKind {
    Text,
    Money,
    Integer,
    Date,
}

/// A column of a sheet to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetColumn {
    pub header: String,
    /// In characters of half width; `None` = by the header and the kind.
    pub width: Option<f64>,
    pub kind: SheetKind,
    /// Values to choose from, for sheets that are filled in and imported back.
    pub dropdown: Option<Vec<String>>,
    /// Other words than those of the dropdown may be written too.
    pub other_words: bool,
}

impl SheetColumn {
    pub fn new(header: impl Into<String>, kind: SheetKind) -> SheetColumn {
        SheetColumn { header: header.into(), width: None, kind, dropdown: None, other_words: false }
    }

    #[must_use]
    pub fn wide(mut self, width: f64) -> SheetColumn {
        self.width = Some(width);
        self
    }

    #[must_use]
    pub fn choose(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> SheetColumn {
        self.dropdown = Some(words.into_iter().map(Into::into).collect());
        self
    }

    /// As [`SheetColumn::choose`], and anything else may be written.
    #[must_use]
    pub fn suggest(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> SheetColumn {
        self.other_words = true;
        self.choose(words)
    }
}

/// One cell to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    Blank,
    /// Always stored as text, so that an id keeps all its digits.
    Text(String),
    Money(Fen),
    Integer(i64),
    Date(Date),
    Month(Month),
    YesNo(bool),
    /// Text in red, for what somebody has to correct.
    Wrong(String),
}

impl From<&str> for CellValue {
    fn from(text: &str) -> CellValue {
        if text.is_empty() { CellValue::Blank } else { CellValue::Text(text.to_owned()) }
    }
}

impl From<String> for CellValue {
    fn from(text: String) -> CellValue {
        if text.is_empty() { CellValue::Blank } else { CellValue::Text(text) }
    }
}

impl From<Fen> for CellValue {
    fn from(fen: Fen) -> CellValue {
        CellValue::Money(fen)
    }
}

impl<T: Into<CellValue>> From<Option<T>> for CellValue {
    fn from(value: Option<T>) -> CellValue {
        value.map_or(CellValue::Blank, Into::into)
    }
}

/// A sheet: a title, notes on how to fill it in, a header row, rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    pub name: String,
    pub title: Option<String>,
    pub notes: Vec<String>,
    pub columns: Vec<SheetColumn>,
    /// Only the first so many columns go on paper; the rest is for the screen. `None` = all.
    pub printed_columns: Option<usize>,
    pub rows: Vec<Vec<CellValue>>,
}

/// What a table needs beyond its cells when people work with it on paper.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paper {
    /// Rows that begin a new page.
    pub page_starts: Vec<usize>,
    /// Lines across the table, each above the row of this number; in the order of rows.
    pub bands: Vec<(usize, String)>,
    /// Lines below the table: who made it, signatures.
    pub closing: Vec<String>,
    /// Points that a row is high at least: room to write.
    pub least_height: f64,
}
