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
}

impl SheetColumn {
    pub fn new(header: impl Into<String>, kind: SheetKind) -> SheetColumn {
        SheetColumn { header: header.into(), width: None, kind, dropdown: None }
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
