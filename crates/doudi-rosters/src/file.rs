//! A file of any kind: what it is, which rosters it holds, and reading them.

use crate::content::Content;
use crate::correction::{CorrectionOf, Original, PREFIX_CHARS};
use crate::csv_file::CsvFile;
use crate::encoding::{Survey, survey};
use crate::month_in_name::month_in_text;
use crate::observe::{Observed, RowReader, Skipped, majority};
use crate::problem_log::{KEPT_PER_KIND, ProblemCount, ProblemLog, Trouble};
use crate::recognise::{HeadRow, Header, NotARoster, recognise};
use crate::source::Source;
use crate::spec::SpecSet;
use crate::who::WhoReader;
use crate::workbook::{Workbook, WorkbookError};
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterFile, RosterSpec};
use doudi_terms::{Month, Place, Problem, Severity, WhoBatch};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

/// Columns that lack are named in a message up to this many.
const MISSING_SHOWN: usize = 8;

/// A file that was looked at but not read: its rosters, and what is wrong with it as a whole.
pub struct OpenFile<'s> {
    set: &'s SpecSet,
    source: Source,
    file: String,
    content: Content,
    sha256: String,
    body: Body,
    sheets: Vec<RosterSheet>,
    unread: Vec<UnreadSheet>,
    problems: Vec<Problem>,
}

/// A sheet that is none of the known rosters, so that somebody can say what its columns are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnreadSheet {
    pub sheet: Option<String>,
    /// Id of the specification that it is most like.
    pub nearest: Option<String>,
    /// What looks like its headers.
    pub headers: Vec<String>,
}

enum Body {
    Nothing,
    Csv(Box<CsvFile>),
    Book(Box<Workbook>),
}

/// One sheet (or text file) that is a roster.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterSheet {
    /// `None` for a text file.
    pub sheet: Option<String>,
    /// Id of the specification.
    pub roster: String,
    pub header_row: u32,
    /// For each column of the specification the header as the file has it; `None` where the file lacks the column.
    pub headers: Vec<Option<String>>,
    /// Headers that the specification does not know: they are not read.
    pub ignored: Vec<String>,
    /// The month in a title above the headers.
    pub title_month: Option<Month>,
    /// This is an error workbook that came back; [`OpenFile::correction_of`] has its rows.
    pub correction: Option<Original>,
    pub(crate) header: Header,
}

/// What reading one sheet came to.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetReading {
    pub roster: RosterFile,
    pub skipped: Skipped,
    /// Rows per month that the month column states.
    pub months: BTreeMap<Month, u32>,
    /// Exact counts behind `roster.problems`, of which only the first of each kind are kept.
    pub counts: Vec<ProblemCount>,
}

/// What reading a whole file came to.
#[derive(Clone, Debug, PartialEq)]
pub struct FileReading {
    pub file: String,
    pub sha256: String,
    pub content: Content,
    pub sheets: Vec<SheetReading>,
    /// About the file as a whole: not a roster, damaged, hidden sheets.
    pub problems: Vec<Problem>,
}

/// Makes text of a row's cells, for whoever wants it.
type RowTexts<'r> = &'r dyn Fn() -> Vec<String>;

/// Opens a file and reads every roster in it; the sink gets each batch with its specification.
pub fn read_file(
    path: &Path,
    set: &SpecSet,
    sink: &mut dyn FnMut(&RosterSpec, ObservationBatch),
) -> FileReading {
    let mut open = OpenFile::open(path, set);
    let mut sheets = Vec::new();
    for index in 0..open.sheets().len() {
        let Some(spec) = set.get(&open.sheets()[index].roster) else { continue };
        sheets.push(open.read(index, &mut |batch| sink(spec, batch)));
    }
    FileReading {
        file: open.file,
        sha256: open.sha256,
        content: open.content,
        sheets,
        problems: open.problems,
    }
}

impl<'s> OpenFile<'s> {
    /// Looks at a file: its content, hash and headers. Never fails; what is wrong is in [`OpenFile::problems`].
    pub fn open(source: impl Into<Source>, set: &'s SpecSet) -> OpenFile<'s> {
        let source = source.into();
        let path = source.path();
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let mut open = OpenFile {
            set,
            source: source.clone(),
            file,
            content: Content::Empty,
            sha256: String::new(),
            body: Body::Nothing,
            sheets: Vec::new(),
            unread: Vec::new(),
            problems: Vec::new(),
        };
        match survey(&source) {
            Ok(survey) => open.look(&survey),
            Err(error) => open.fail(format!("文件读不了：{error}"), "请检查文件是否还在、是否被别的程序占用"),
        }
        open
    }

    /// File name without its folder.
    pub fn file(&self) -> &str {
        &self.file
    }

    pub fn content(&self) -> Content {
        self.content
    }

    /// Of the file's bytes, in lower-case hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The rosters found, in the order of the file.
    pub fn sheets(&self) -> &[RosterSheet] {
        &self.sheets
    }

    /// Sheets with something in them that are no known roster.
    pub fn unread(&self) -> &[UnreadSheet] {
        &self.unread
    }

    pub(crate) fn spec_of(&self, index: usize) -> &RosterSpec {
        &self.set.indexed()[self.sheets[index].header.spec].spec
    }

    /// What is wrong with the file as a whole.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Reads one of [`OpenFile::sheets`], in batches of [`crate::BATCH_ROWS`] rows.
    pub fn read(&mut self, index: usize, sink: &mut dyn FnMut(ObservationBatch)) -> SheetReading {
        self.read_keeping(index, 1..=KEPT_PER_KIND, sink)
    }

    /// As [`OpenFile::read`], but only the columns that say whose a row is, and without holding names, numbers and dates
    /// against each other: for comparing people, in a fraction of the time.
    pub fn read_who(&mut self, index: usize, sink: &mut dyn FnMut(&WhoBatch)) -> SheetReading {
        let spec = &self.set.indexed()[self.sheets[index].header.spec].spec;
        let mut who = WhoReader::new(spec, &self.sheets[index].header, sink);
        if let Body::Csv(_) = &self.body {
            let observed = self.read_text_who(index, &mut who);
            who.finish();
            return self.summarise(index, observed);
        }
        let reading = self.read_part(index, true, 1..=KEPT_PER_KIND, &mut |batch| who.take(&batch));
        who.finish();
        reading
    }

    fn read_text_who(&self, index: usize, who: &mut WhoReader<'_>) -> Observed {
        let found = &self.sheets[index];
        let spec = &self.set.indexed()[found.header.spec].spec;
        let log = self.log(found, 1..=KEPT_PER_KIND);
        let named = found.title_month.or_else(|| self.named_month(found));
        // What the reader keeps is taken from it after every row.
        let mut nothing = |_| {};
        let mut reader = RowReader::new(spec, &found.header, named, log, &mut nothing).only_who(spec);
        if let Body::Csv(csv) = &self.body
            && let Err(error) = csv.read_who(&found.header, &mut reader, who)
        {
            reader.log.push(None, None, broken_off(&error.to_string()));
        }
        reader.finish()
    }

    /// Reads, and keeps these problems of each kind and column word for word, by their number.
    pub(crate) fn read_keeping(
        &mut self,
        index: usize,
        kept_numbers: RangeInclusive<u32>,
        sink: &mut dyn FnMut(ObservationBatch),
    ) -> SheetReading {
        self.read_part(index, false, kept_numbers, sink)
    }

    fn read_part(
        &mut self,
        index: usize,
        only_who: bool,
        kept_numbers: RangeInclusive<u32>,
        sink: &mut dyn FnMut(ObservationBatch),
    ) -> SheetReading {
        let found = &self.sheets[index];
        let spec = &self.set.indexed()[found.header.spec].spec;
        let log = self.log(found, kept_numbers);
        let named = found.title_month.or_else(|| self.named_month(found));
        let reader = RowReader::new(spec, &found.header, named, log, sink);
        let mut reader = if only_who { reader.only_who(spec) } else { reader };
        let outcome = match &mut self.body {
            Body::Csv(csv) => csv.read(&found.header, &mut reader).map_err(|error| error.to_string()),
            Body::Book(book) => read_sheet(book, found, spec, &mut reader).map_err(|error| error.to_string()),
            Body::Nothing => Ok(()),
        };
        if let Err(error) = outcome {
            reader.log.push(None, None, broken_off(&error));
        }
        let observed = reader.finish();
        self.summarise(index, observed)
    }

    /// Begins with what the way of writing alone gives cause to say.
    fn log(&self, found: &RosterSheet, kept_numbers: RangeInclusive<u32>) -> ProblemLog {
        let mut log = ProblemLog::new(&self.file, found.sheet.as_deref(), kept_numbers);
        if let Body::Csv(csv) = &self.body {
            for trouble in csv.troubles() {
                log.push(None, None, trouble);
            }
        }
        log
    }

    fn summarise(&self, index: usize, observed: Observed) -> SheetReading {
        let found = &self.sheets[index];
        let stated = majority(&observed.months).or(found.title_month);
        let roster = RosterFile {
            file: self.file.clone(),
            sheet: found.sheet.clone(),
            roster: found.roster.clone(),
            month: stated.or_else(|| self.named_month(found)),
            sha256: self.sha256.clone(),
            rows: observed.rows,
            rejected: observed.rejected,
            problems: observed.problems,
        };
        SheetReading { roster, skipped: observed.skipped, months: observed.months, counts: observed.counts }
    }

    /// Whether one of [`OpenFile::sheets`] is an error workbook that came back, of which original, and for every row its
    /// number there and whether it had been marked. Reads the sheet once more; `None` also if it cannot be read.
    pub fn correction_of(&mut self, index: usize) -> Option<CorrectionOf> {
        let found = self.sheets.get(index)?;
        let (original, own, header_row) = (found.correction.clone()?, found.header.own, found.header_row);
        let mut rows = Vec::new();
        let read = self.each_row_as_text(index, &mut |row, cells| {
            let cells = cells();
            let filled = |(place, cell): (usize, &String)| !own.has(place) && !cell.trim().is_empty();
            if row > header_row && cells.iter().enumerate().any(filled) {
                rows.push(own.row(row, &cells));
            }
        });
        read.ok().map(|()| CorrectionOf { original, rows })
    }

    /// What to write into an error workbook of one of the sheets, so that it will be known when it comes back.
    pub(crate) fn original_of(&self, index: usize, whole: bool) -> Original {
        let found = &self.sheets[index];
        if let Some(first) = &found.correction {
            return Original { whole: whole && first.whole, ..first.clone() };
        }
        Original {
            file: self.file.clone(),
            sheet: found.sheet.clone(),
            month: found.title_month.or_else(|| self.named_month(found)),
            sha256_prefix: self.sha256.chars().take(PREFIX_CHARS).collect(),
            whole,
        }
    }

    fn named_month(&self, found: &RosterSheet) -> Option<Month> {
        month_in_text(&self.file).or_else(|| month_in_text(found.sheet.as_deref().unwrap_or_default()))
    }

    /// Calls with every row of a sheet and with what makes text of it, for copies: most rows of a large sheet are not
    /// asked for theirs. Merged cells are filled as reading fills them: a copy has no merged cells, and must read the
    /// same.
    pub(crate) fn each_row_as_text(
        &mut self,
        index: usize,
        receive: &mut dyn FnMut(u32, RowTexts<'_>),
    ) -> Result<(), String> {
        let found = &self.sheets[index];
        let fill = merged_to_fill(&self.set.indexed()[found.header.spec].spec, &found.header);
        let sheet = found.sheet.clone().unwrap_or_default();
        match &mut self.body {
            Body::Csv(csv) => csv
                .each_row(&mut |row, record| receive(row, &|| record.iter().map(str::to_owned).collect()))
                .map_err(|error| error.to_string()),
            Body::Book(book) => book
                .each_row(&sheet, &fill, &mut |row, cells| {
                    receive(row, &|| cells.iter().map(|cell| cell.shown().into_owned()).collect());
                    true
                })
                .map_err(|error| error.to_string()),
            Body::Nothing => Ok(()),
        }
    }

    fn fail(&mut self, what: String, next: &str) {
        self.report(Severity::Error, None, what, next);
    }

    fn report(&mut self, severity: Severity, sheet: Option<&str>, what: String, next: &str) {
        let place = Place { file: self.file.clone(), sheet: sheet.map(str::to_owned), ..Place::default() };
        self.problems.push(Problem { severity, place, what, next: next.to_owned() });
    }

    fn look(&mut self, survey: &Survey) {
        self.sha256 = survey.sha256.clone();
        self.content = Content::of(&survey.head);
        match self.content {
            Content::Text => self.look_at_text(survey),
            Content::ZipWorkbook | Content::OldWorkbook | Content::WebPage | Content::XmlSpreadsheet => {
                self.look_at_workbook();
            }
            Content::Empty => self.fail("文件是空的".to_owned(), "请重新导出或重新拷贝这个文件"),
            Content::Other => {
                self.fail("这个文件不是表格".to_owned(), "请导出成 xlsx 或 csv 后再导入");
            }
        }
        let extension = self.source.path().extension().unwrap_or_default().to_string_lossy().into_owned();
        if !self.sheets.is_empty() && !self.content.fits_extension(&extension) {
            let what = format!("扩展名是 .{extension}，内容其实是{}，已按内容读入", self.content.name());
            self.report(Severity::Warning, None, what, "不影响本次导入；请把扩展名改对，以免别人打不开");
        }
    }

    fn look_at_text(&mut self, survey: &Survey) {
        match CsvFile::open(&self.source, survey, self.set) {
            Err(error) => self.fail(format!("文件读不了：{error}"), "请检查文件是否还在、是否被别的程序占用"),
            Ok((csv, verdict)) => {
                match verdict {
                    Ok(header) => self.found(None, &csv.head, header),
                    Err(reason) => {
                        self.note_unread(None, &csv.head, &reason);
                        self.refuse(None, &reason, Severity::Error);
                    }
                }
                self.body = Body::Csv(Box::new(csv));
            }
        }
    }

    fn look_at_workbook(&mut self) {
        let mut book = match Workbook::open(&self.source, self.content) {
            Ok(book) => book,
            Err(error) => {
                let next = match error {
                    WorkbookError::Locked => "请在 Excel 或 WPS 里取消密码，保存后再导入",
                    WorkbookError::Broken(_) => "请用 Excel 或 WPS 打开后另存为 xlsx，再重新导入",
                };
                self.fail(error.to_string(), next);
                return;
            }
        };
        let mut refused = Vec::new();
        for sheet in book.sheets() {
            match book.head(&sheet.name) {
                Err(error) => {
                    let what = format!("工作表读不了：{error}");
                    self.report(
                        Severity::Error,
                        Some(&sheet.name),
                        what,
                        "请用 Excel 或 WPS 打开后另存，再重新导入",
                    );
                }
                Ok(head) => match recognise(self.set, &head) {
                    Ok(header) if sheet.hidden => self.report_hidden(&sheet.name, header.spec),
                    Ok(header) => self.found(Some(sheet.name), &head, header),
                    Err(reason) => {
                        self.note_unread(Some(&sheet.name), &head, &reason);
                        refused.push((sheet.name, reason));
                    }
                },
            }
        }
        self.refuse_sheets(refused);
        self.body = Body::Book(Box::new(book));
    }

    /// The row that is most like a known header; else the one with most cells.
    fn note_unread(&mut self, sheet: Option<&str>, head: &[HeadRow], reason: &NotARoster) {
        let filled = |row: &&HeadRow| row.cells.iter().filter(|cell| !cell.trim().is_empty()).count();
        let (nearest, row) = match reason {
            NotARoster::Blank => return,
            NotARoster::Nothing | NotARoster::Tie(_) => (None, head.iter().rev().max_by_key(filled)),
            NotARoster::Nearest { spec, row, .. } => {
                let nearest = self.set.indexed()[*spec].spec.id.clone();
                (Some(nearest), head.iter().find(|head| head.number == *row))
            }
        };
        let cells = row.map_or(&[][..], |row| &row.cells);
        let headers = cells.iter().map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty());
        let headers = headers.collect();
        self.unread.push(UnreadSheet { sheet: sheet.map(str::to_owned), nearest, headers });
    }

    /// Sheets that are no roster matter where there is none; beside one they are told of, blank ones not even that.
    fn refuse_sheets(&mut self, refused: Vec<(String, NotARoster)>) {
        if self.sheets.is_empty() && refused.iter().all(|(_, reason)| *reason == NotARoster::Blank) {
            if self.problems.is_empty() {
                self.refuse(None, &NotARoster::Blank, Severity::Error);
            }
            return;
        }
        let severity = if self.sheets.is_empty() { Severity::Error } else { Severity::Warning };
        for (sheet, reason) in refused.iter().filter(|(_, reason)| *reason != NotARoster::Blank) {
            self.refuse(Some(sheet), reason, severity);
        }
    }

    /// A hidden sheet is mostly last month's, left behind; reading it would count everybody twice.
    fn report_hidden(&mut self, sheet: &str, spec: usize) {
        let what = format!("隐藏的工作表像是“{}”，没有读", self.set.indexed()[spec].spec.name);
        self.report(Severity::Warning, Some(sheet), what, "如果需要，请取消隐藏后重新导入");
    }

    fn report_lost_original(&mut self, sheet: Option<&str>) {
        let what =
            "像是改错后交回的表，但写明原文件的那一行（“改错表：…”）没有了，已当作一份新的名册".to_owned();
        let next = "如果是交回的改错表，请从原来的错误表复制那一行到表头上面，再重新导入";
        self.report(Severity::Warning, sheet, what, next);
    }

    fn found(&mut self, sheet: Option<String>, head: &[HeadRow], header: Header) {
        let label = |place: usize| header.labels.get(place).map(|label| label.trim().to_owned());
        let used = |place: usize| {
            header.columns.contains(&Some(place))
                || header.own.has(place)
                || header.repeated.iter().any(|(_, unused)| *unused == place)
        };
        let ignored = (0..header.labels.len()).filter(|place| !used(*place)).filter_map(label);
        let titles = head.iter().filter(|row| row.number < header.row).flat_map(|row| &row.cells);
        let title: Vec<&str> = titles.map(String::as_str).collect();
        let correction = title.iter().find_map(|line| Original::of_line(line));
        let title_month = match &correction {
            // The other lines quote what was wrong, and that may be months.
            Some(original) => original.month,
            None => month_in_text(&title.join(" ")),
        };
        if correction.is_none() && header.own.are_there() {
            self.report_lost_original(sheet.as_deref());
        }
        self.sheets.push(RosterSheet {
            sheet,
            roster: self.set.indexed()[header.spec].spec.id.clone(),
            header_row: header.row,
            headers: header.columns.iter().map(|place| place.and_then(label)).collect(),
            ignored: ignored.filter(|label| !label.is_empty()).collect(),
            title_month,
            correction,
            header,
        });
    }

    fn refuse(&mut self, sheet: Option<&str>, reason: &NotARoster, severity: Severity) {
        let name = |index: usize| self.set.indexed()[index].spec.name.clone();
        let (what, next) = match reason {
            NotARoster::Blank => ("里面没有内容".to_owned(), "请检查是否选错了文件".to_owned()),
            NotARoster::Nothing => (
                "不是任何一种已知的名册：前 10 行里没有找到认识的表头".to_owned(),
                "请检查是否选错了文件；如果是新的名册，请在 rosters/ 下添加它的说明".to_owned(),
            ),
            NotARoster::Nearest { spec, missing, row } => {
                let more = if missing.len() > MISSING_SHOWN { "等" } else { "" };
                let names = missing[..missing.len().min(MISSING_SHOWN)].join("、");
                (
                    format!(
                        "不是已知的名册：最像“{}”（第 {row} 行），但缺少这些列：{names}{more}",
                        name(*spec)
                    ),
                    "请补上缺少的列，或把列名改成名册说明里的写法".to_owned(),
                )
            }
            NotARoster::Tie(specs) => {
                let names: Vec<String> = specs.iter().map(|index| format!("“{}”", name(*index))).collect();
                (
                    format!("分不清是哪一种名册：{}都符合", names.join("和")),
                    "请补上能区别它们的列，或在导入时指明名册".to_owned(),
                )
            }
        };
        self.report(severity, sheet, what, &next);
    }
}

fn read_sheet(
    book: &mut Workbook,
    found: &RosterSheet,
    spec: &RosterSpec,
    reader: &mut RowReader<'_>,
) -> Result<(), WorkbookError> {
    let fill = merged_to_fill(spec, &found.header);
    let sheet = found.sheet.clone().unwrap_or_default();
    book.each_row(&sheet, &fill, &mut |row, cells| {
        if row > found.header.row {
            reader.push(row, cells);
        }
        true
    })
}

/// Columns of the file in which a merged cell speaks for every row it covers. An amount merged over a household is the
/// household's: giving it to every member would multiply it.
fn merged_to_fill(spec: &RosterSpec, header: &Header) -> Vec<bool> {
    let mut fill = vec![false; header.labels.len()];
    for (column, place) in spec.columns.iter().zip(&header.columns) {
        let amount = matches!(column.kind, ColumnKind::Money | ColumnKind::Number);
        let own = matches!(column.kind, ColumnKind::RowNumber) || crate::validate::identifies(column.kind);
        if let Some(slot) = place.and_then(|place| fill.get_mut(place)) {
            *slot = !amount && !own;
        }
    }
    fill
}

fn broken_off(error: &str) -> Trouble {
    let what = format!("读到中途停下：{error}，后面的行没有读");
    Trouble::error("没有读完", what, "请用 Excel 或 WPS 打开后另存，再重新导入")
}
