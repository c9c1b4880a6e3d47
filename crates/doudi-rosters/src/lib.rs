//! Rosters in and out: Excel and CSV files become observations and problems; tables become workbooks that can be printed.
//!
//! The only crate that names Excel or CSV libraries. It knows how files are written, not what they mean: which person a
//! row belongs to is linkage's matter, what a fact leads to is the policies'. Reading never fails on a bad cell or a bad
//! row: the rest is read and the fault becomes a [`doudi_terms::Problem`] that says where, what, and what to do.
//!
//! The way of a file: [`OpenFile::open`] looks at its bytes and finds out which roster each sheet is; [`OpenFile::read`]
//! streams one sheet to a sink in batches; [`read_file`] does both. There is no clock here and no network.

mod cells;
mod content;
mod correction;
mod csv_file;
mod encoding;
mod error_workbook;
mod file;
mod form;
mod header;
mod identity;
mod long_sheet;
mod month_in_name;
mod observe;
mod page;
mod problem_log;
mod recognise;
mod sample;
mod sheet;
mod source;
mod spec;
mod template;
mod validate;
mod who;
mod workbook;
mod write;

pub use content::Content;
pub use correction::{CorrectedRow, CorrectionOf, Original, error_workbook_name};
pub use error_workbook::{ErrorWorkbookError, error_workbook, write_error_workbook};
pub use file::{FileReading, OpenFile, RosterSheet, SheetReading, UnreadSheet, read_file};
pub use form::{Form, FormCell, FormRow, FormStyle, Page};
pub use long_sheet::LongSheet;
pub use month_in_name::month_in_text;
pub use observe::{BATCH_ROWS, Skipped};
pub use problem_log::{KEPT_PER_KIND, ProblemCount};
pub use sample::{Expectation, ExpectedCell, check_sample, check_sheet, shown_cell};
pub use sheet::{CellValue, Paper, Sheet, SheetColumn, SheetKind};
pub use source::{ReadSeek, Source};
pub use spec::{SpecSet, load_dir};
pub use template::template_sheet;
pub use write::{WriteError, write_csv, write_pages_xlsx, write_table_xlsx};
