//! Reading a file that has come, for people to see what it was read as before it counts.

use super::masked;
use crate::divisions::Divisions;
use doudi_rosters::{
    OpenFile, RosterSheet, SheetReading, Source, SpecSet, UnreadSheet, month_in_text, shown_cell,
};
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterSpec};
use doudi_terms::{Problem, RegionCode, Severity};
use doudi_web::{Draft, DraftSheet, Example, Preview, PreviewRow};

/// Rows that are shown as they were read.
const ROWS_SHOWN: usize = 10;
/// Rows to correct that are listed; the workbook has all of them.
const EXAMPLES: usize = 50;

/// Everything but who sent it.
pub fn look(
    bytes: Source,
    set: &SpecSet,
    wanted: &str,
    (region, divisions): (RegionCode, &Divisions),
) -> Draft {
    let mut open = OpenFile::open(bytes, set);
    let file = open.file().to_owned();
    let mut draft = Draft { file, wanted: wanted.to_owned(), ..Draft::default() };
    let is_roster = !open.sheets().is_empty();
    for problem in open.problems() {
        let line = format!("{}。{}", problem.what, problem.next);
        let list = if is_roster { &mut draft.remarks } else { &mut draft.against };
        list.push(line);
    }
    draft.rosters = set.iter().map(|spec| (spec.id.clone(), spec.name.clone())).collect();
    draft.rosters.sort_by(|a, b| a.1.cmp(&b.1));
    for index in 0..open.sheets().len() {
        let found = open.sheets()[index].clone();
        let Some(spec) = set.get(&found.roster) else { continue };
        let (sheet, outside, coded) = read(&mut open, index, &found, spec, region);
        if outside * 2 > coded {
            draft.against.push(format!(
                "这份名册 {coded} 行写了区划代码，{outside} 行不在{}，像是别的地方的名册，不能在这里导入。请核对是不是选错了文件",
                divisions.name(region)
            ));
        }
        draft.has_errors |= !sheet.examples.is_empty();
        draft.sheets.push(sheet);
    }
    if !is_roster {
        draft.sheets.extend(open.unread().iter().map(|unread| unrecognised(unread, set, wanted)));
    }
    draft
}

/// A sheet of which somebody has to say what it is: the headers that are known for what it seems to be, and the others.
fn unrecognised(unread: &UnreadSheet, set: &SpecSet, wanted: &str) -> DraftSheet {
    let spec = set.get(wanted).or_else(|| set.get(unread.nearest.as_deref()?));
    let mut sheet = DraftSheet {
        sheet: unread.sheet.clone().unwrap_or_default(),
        unknown: unread.headers.clone(),
        ..DraftSheet::default()
    };
    let Some(spec) = spec else { return sheet };
    spec.id.clone_into(&mut sheet.nearest);
    for column in &spec.columns {
        let is_named = |header: &String| *header == column.name || column.synonyms.contains(header);
        match sheet.unknown.iter().position(is_named) {
            Some(at) => sheet.columns.push((column.name.clone(), sheet.unknown.remove(at))),
            None => {
                let must = if column.required { "（必有）" } else { "" };
                sheet.columns.push((format!("{}{must}", column.name), String::new()));
                sheet.choices.push(column.name.clone());
            }
        }
    }
    sheet
}

fn read(
    open: &mut OpenFile<'_>,
    index: usize,
    found: &RosterSheet,
    spec: &RosterSpec,
    region: RegionCode,
) -> (DraftSheet, u64, u64) {
    let mut first: Option<ObservationBatch> = None;
    let (mut outside, mut coded) = (0, 0);
    let place = spec.columns.iter().position(|column| column.kind == ColumnKind::Region);
    let reading = open.read(index, &mut |batch| {
        if let Some(Some(Cells::Text(codes))) = place.and_then(|at| batch.columns.get(at)) {
            for code in codes.iter().flatten().filter_map(|code| RegionCode::parse(code).ok()) {
                coded += 1;
                outside += u64::from(!code.is_within(region) && !region.is_within(code));
            }
        }
        if first.is_none() {
            first = Some(batch);
        }
    });
    let headers = spec.columns.iter().zip(&found.headers);
    let columns: Vec<(String, String)> =
        headers.map(|(column, header)| (column.name.clone(), header.clone().unwrap_or_default())).collect();
    let mut choices: Vec<String> =
        columns.iter().filter(|(_, header)| header.is_empty()).map(|(column, _)| column.clone()).collect();
    choices.sort();
    let month = reading.roster.month.or_else(|| month_in_text(&reading.roster.file));
    let sheet = DraftSheet {
        sheet: found.sheet.clone().unwrap_or_default(),
        roster: spec.id.clone(),
        nearest: String::new(),
        roster_name: spec.name.clone(),
        month: month.map_or(String::new(), |month| month.to_string()),
        rows: reading.roster.rows,
        rejected: reading.roster.rejected,
        preview: first.map_or_else(Preview::default, |batch| preview(spec, &columns, &batch, &reading)),
        kinds: kinds(&reading),
        examples: examples(spec, &columns, &reading.roster.problems),
        unknown: found.ignored.clone(),
        columns,
        choices,
    };
    (sheet, outside, coded)
}

fn kinds(reading: &SheetReading) -> Vec<(String, u32)> {
    let mut kinds: Vec<(String, u32)> = Vec::new();
    for count in &reading.counts {
        match kinds.iter_mut().find(|(kind, _)| kind == count.kind) {
            Some((_, sum)) => *sum += count.count,
            None => kinds.push((count.kind.to_owned(), count.count)),
        }
    }
    kinds
}

/// Errors first.
fn examples(spec: &RosterSpec, columns: &[(String, String)], problems: &[Problem]) -> Vec<Example> {
    let mut of_rows: Vec<&Problem> = problems.iter().filter(|problem| problem.place.row.is_some()).collect();
    of_rows.sort_by_key(|problem| problem.severity != Severity::Error);
    let is_sealed = |problem: &Problem| {
        let of = |(name, header): &(String, String)| {
            problem.place.column.as_ref().is_some_and(|column| column == name || column == header)
        };
        let mut kinds = spec.columns.iter().zip(columns).filter(|(_, named)| of(named));
        kinds.any(|(column, _)| masked::is_sealed(column.kind))
    };
    let example = |problem: &&Problem| Example {
        place: {
            let row = problem.place.row.unwrap_or_default();
            let column = problem.place.column.as_deref();
            column.map_or_else(|| format!("第 {row} 行"), |column| format!("第 {row} 行，{column}"))
        },
        what: masked::sentence(&problem.what, is_sealed(problem)),
        next: masked::sentence(&problem.next, is_sealed(problem)),
    };
    of_rows.iter().take(EXAMPLES).map(example).collect()
}

fn preview(
    spec: &RosterSpec,
    columns: &[(String, String)],
    batch: &ObservationBatch,
    reading: &SheetReading,
) -> Preview {
    let here: Vec<usize> = (0..columns.len())
        .filter(|at| !columns[*at].1.is_empty() && batch.columns.get(*at).is_some_and(Option::is_some))
        .collect();
    let marks = |row: u32, at: usize| {
        let (name, header) = &columns[at];
        let is_here = |problem: &&Problem| {
            problem.place.row == Some(row)
                && problem.place.column.as_ref().is_some_and(|column| column == name || column == header)
        };
        let said: Vec<&str> =
            reading.roster.problems.iter().filter(is_here).map(|problem| problem.what.as_str()).collect();
        masked::sentence(&said.join("；"), masked::is_sealed(spec.columns[at].kind))
    };
    let rows = batch.rows.iter().take(ROWS_SHOWN).enumerate().map(|(place, row)| PreviewRow {
        row: *row,
        cells: here
            .iter()
            .map(|at| {
                let text =
                    batch.columns[*at].as_ref().map_or(String::new(), |cells| shown_cell(cells, place));
                let is_number = masked::is_sealed(spec.columns[*at].kind);
                (if is_number { masked::cell(spec.columns[*at].kind, &text) } else { text }, marks(*row, *at))
            })
            .collect(),
    });
    Preview { columns: here.iter().map(|at| columns[*at].0.clone()).collect(), rows: rows.collect() }
}
