//! The rosters of one region as the office sees them: what has come, what it was read as, and starting a month's clearing.
//! The pages ask; whoever keeps the rosters answers, with its texts in plain Chinese.

use doudi_terms::{Month, RegionCode};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Keeps the rosters of a region. Calls may take as long as reading a file does.
pub trait RosterDesk: Send + Sync {
    /// Whose rosters these are.
    fn region(&self) -> RegionCode;

    /// Imports, what has arrived for a month (the latest where none is asked for), and the clearing under way.
    fn overview(&self, month: Option<Month>) -> Told<Overview>;

    /// A number for a file that is to come, and what takes it. `name` is what its sender calls it.
    fn receive(&self, name: &str) -> Told<(String, Box<dyn Sink>)>;

    /// Reads what has come. `by` and `at` are kept with it.
    fn look(&self, draft: &str, by: &str, at: &str) -> Told<()>;

    /// What came and was looked at; `None` = there is no such draft.
    fn draft(&self, draft: &str) -> Option<Draft>;

    /// Learns that the file's headers mean these columns of a roster, for this file and for those to come. Without any:
    /// that it is this roster, so that its columns can be chosen from.
    fn name_columns(&self, draft: &str, roster: &str, pairs: &[(String, String)]) -> Told<()>;

    /// The rows that have to be corrected, as a workbook with its name.
    fn error_workbook(&self, draft: &str) -> Told<(String, Vec<u8>)>;

    /// Makes all of it count, or none.
    fn commit(&self, draft: &str, wish: &CommitWish) -> Told<Committed>;

    fn discard(&self, draft: &str);

    /// Takes the last import back, whose number somebody has seen; gives what has to be cleared again.
    fn undo(&self, serial: u32) -> Told<Vec<String>>;

    /// Begins a clearing that goes on by itself.
    fn clear(&self, month: Month, by: &str, at: &str) -> Told<()>;

    /// What clearings that were begun here have made, the latest month first; nothing of a month that is being cleared.
    fn results(&self) -> Vec<ResultFile>;
}

/// Takes a file as it comes; it is there once it is finished.
pub trait Sink: std::io::Write + Send {
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

/// What was asked for; or why not, in a sentence that says what to do.
pub type Told<T> = Result<T, String>;

/// Something that a clearing made for people.
#[derive(Clone, Debug)]
pub struct ResultFile {
    pub month: String,
    /// When the month was done.
    pub at: String,
    pub name: String,
    pub kind: ResultKind,
    /// Whose it is: nobody of a smaller area may have it.
    pub area: RegionCode,
    pub bytes: u64,
    pub path: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResultKind {
    /// Figures of the whole region.
    Report,
    /// A township's lists.
    Workbook,
    /// Rows of a roster to correct.
    Errors,
}

#[derive(Clone, Debug, Default)]
pub struct Overview {
    pub month: String,
    pub months: Vec<String>,
    pub imports: Vec<ImportLine>,
    pub arrived: Vec<Arrival>,
    pub drafts: Vec<DraftLine>,
    pub job: Option<Job>,
    /// There are people to clear, and no clearing is under way.
    pub can_clear: bool,
}

#[derive(Clone, Debug, Default)]
pub struct ImportLine {
    pub serial: u32,
    pub text: String,
    /// File by file, where there are many.
    pub files: Vec<String>,
    pub is_undone: bool,
    /// The last one that counts.
    pub can_undo: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Arrival {
    pub name: String,
    pub department: String,
    pub has_arrived: bool,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct DraftLine {
    pub id: String,
    pub file: String,
    pub by: String,
    pub at: String,
}

/// A clearing that was begun from a page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Job {
    pub month: String,
    pub by: String,
    pub at: String,
    pub is_running: bool,
    pub has_failed: bool,
    /// The step it is at, or what came of it.
    pub text: String,
}

/// A file that came and does not count yet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft {
    pub file: String,
    pub by: String,
    pub at: String,
    pub sheets: Vec<DraftSheet>,
    /// About the file as a whole.
    pub remarks: Vec<String>,
    /// What speaks against importing it at all.
    pub against: Vec<String>,
    pub has_errors: bool,
    /// The roster that somebody says it is.
    pub wanted: String,
    /// Ids and names, for whoever has a file that is not recognised.
    pub rosters: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct DraftSheet {
    pub sheet: String,
    /// Empty where it was not recognised.
    pub roster: String,
    /// What it is most like, or what somebody says it is, where it was not.
    pub nearest: String,
    pub roster_name: String,
    pub month: String,
    pub rows: u32,
    pub rejected: u32,
    /// Column of the roster, header of the file; empty = the file has none.
    pub columns: Vec<(String, String)>,
    /// Headers that nobody knows.
    pub unknown: Vec<String>,
    /// Columns that a header can be said to be.
    pub choices: Vec<String>,
    pub kinds: Vec<(String, u32)>,
    pub examples: Vec<Example>,
    pub preview: Preview,
}

/// Something to correct.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Example {
    pub place: String,
    pub what: String,
    pub next: String,
}

/// The first rows as they were read.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Preview {
    pub columns: Vec<String>,
    pub rows: Vec<PreviewRow>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PreviewRow {
    pub row: u32,
    /// Text, and what is to be said of it.
    pub cells: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default)]
pub struct CommitWish {
    /// For a file that does not say its month.
    pub month: Option<Month>,
    /// `nbs` or `mca`.
    pub code_system: String,
    /// So few rows are right this time.
    pub accept_small: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Committed {
    /// `None` = all of it was there already.
    pub serial: Option<u32>,
    pub lines: Vec<String>,
}
