//! Which roster a sheet is, by its headers.

use crate::correction::OwnColumns;
use crate::header::header_key;
use crate::spec::{IndexedSpec, SpecSet};

/// Rows at the top of a sheet in which headers are looked for; titles and filling-in notes stand above them.
pub(crate) const HEAD_ROWS: usize = 10;
/// Rows above which those must stand; some sheets begin with blank rows that somebody has formatted.
pub(crate) const LOOKED_THROUGH: u32 = 200;

/// A row near the top of a sheet, as text.
#[derive(Clone, Debug)]
pub(crate) struct HeadRow {
    pub number: u32,
    pub cells: Vec<String>,
}

/// The headers of a recognised sheet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    /// Index into the set.
    pub spec: usize,
    /// Row as a spreadsheet shows it; data begin in the next one.
    pub row: u32,
    /// For each column of the specification, the file's column.
    pub columns: Vec<Option<usize>>,
    /// The headers as the file has them.
    pub labels: Vec<String>,
    /// Headers that name a column already taken: (column of the specification, file column that is not used).
    pub repeated: Vec<(usize, usize)>,
    pub matched: usize,
    /// Columns that an error workbook added.
    pub own: OwnColumns,
    /// Titles and headers, each row as [`row_key`] has it: they come again on every printed page.
    pub above: Vec<String>,
}

/// What stands in a row, made comparable.
pub(crate) fn row_key<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    let keys = cells.map(header_key).filter(|key| !key.is_empty());
    keys.collect::<Vec<_>>().join("|")
}

/// Why no roster was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotARoster {
    /// No row with anything in it.
    Blank,
    /// Two specifications fit equally well.
    Tie(Vec<usize>),
    /// The specification most of whose required columns are there, and those that lack.
    Nearest { spec: usize, missing: Vec<String>, row: u32 },
    /// Not one required column of any roster.
    Nothing,
}

/// Finds the best specification and header row: all required columns present, most columns matched.
pub(crate) fn recognise(set: &SpecSet, rows: &[HeadRow]) -> Result<Header, NotARoster> {
    if rows.iter().all(|row| row.cells.iter().all(|cell| cell.trim().is_empty())) {
        return Err(NotARoster::Blank);
    }
    let mut header = single_or_double(set, rows)?;
    let above = rows.iter().filter(|row| row.number <= header.row);
    header.above = above.map(|row| row_key(row.cells.iter().map(String::as_str))).collect();
    Ok(header)
}

fn single_or_double(set: &SpecSet, rows: &[HeadRow]) -> Result<Header, NotARoster> {
    // Headers on two levels (“残疾情况” above “类别 等级”) are taken where they explain more columns than any single row.
    match (among(set, rows), among(set, &two_level(rows))) {
        (Ok(single), Ok(double)) => Ok(if double.matched > single.matched { double } else { single }),
        (Err(NotARoster::Tie(specs)), _) => Err(NotARoster::Tie(specs)),
        (Err(_), Ok(double)) => Ok(double),
        (single, Err(_)) => single,
    }
}

fn among(set: &SpecSet, rows: &[HeadRow]) -> Result<Header, NotARoster> {
    let mut best: Option<Header> = None;
    let mut tied: Vec<usize> = Vec::new();
    let mut nearest: Option<(usize, NotARoster)> = None;
    for row in rows.iter().take(HEAD_ROWS) {
        for (index, indexed) in set.indexed().iter().enumerate() {
            let header = match_row(index, indexed, row);
            let (present, missing) = required(indexed, &header);
            if !missing.is_empty() {
                // Columns present count for a roster, columns missing against it.
                let score = (present * 100).checked_div(present + missing.len()).unwrap_or(0);
                if present > 0 && nearest.as_ref().is_none_or(|(other, _)| score > *other) {
                    nearest = Some((score, NotARoster::Nearest { spec: index, missing, row: row.number }));
                }
                continue;
            }
            match best.as_ref().map_or(std::cmp::Ordering::Greater, |b| header.matched.cmp(&b.matched)) {
                std::cmp::Ordering::Greater => {
                    best = Some(header);
                    tied = vec![index];
                }
                std::cmp::Ordering::Equal if !tied.contains(&index) => tied.push(index),
                _ => {}
            }
        }
    }
    match best {
        Some(_) if tied.len() > 1 => Err(NotARoster::Tie(tied)),
        Some(header) => Ok(Header { own: OwnColumns::among(&header.labels), ..header }),
        None => Err(nearest.map_or(NotARoster::Nothing, |(_, reason)| reason)),
    }
}

fn match_row(index: usize, indexed: &IndexedSpec, row: &HeadRow) -> Header {
    let mut columns: Vec<Option<usize>> = vec![None; indexed.spec.columns.len()];
    let mut ranks: Vec<usize> = vec![usize::MAX; columns.len()];
    let mut repeated = Vec::new();
    for (place, cell) in row.cells.iter().enumerate() {
        let Some((column, rank)) = indexed.column_of(cell) else { continue };
        match columns[column] {
            // The more usual name is the column that is meant; of equal names the first.
            Some(taken) if rank < ranks[column] => {
                repeated.push((column, taken));
                (columns[column], ranks[column]) = (Some(place), rank);
            }
            Some(_) => repeated.push((column, place)),
            None => (columns[column], ranks[column]) = (Some(place), rank),
        }
    }
    let matched = columns.iter().flatten().count();
    Header {
        spec: index,
        row: row.number,
        columns,
        labels: row.cells.clone(),
        repeated,
        matched,
        own: OwnColumns::default(),
        above: Vec::new(),
    }
}

/// How many required columns are there, and the names of those that are not.
fn required(indexed: &IndexedSpec, header: &Header) -> (usize, Vec<String>) {
    let needed = indexed.spec.columns.iter().zip(&header.columns).filter(|(column, _)| column.required);
    let (present, missing): (Vec<_>, Vec<_>) = needed.partition(|(_, place)| place.is_some());
    (present.len(), missing.into_iter().map(|(column, _)| column.name.clone()).collect())
}

/// Each pair of neighbouring rows as one: the lower cell, or where it is blank the upper one.
fn two_level(rows: &[HeadRow]) -> Vec<HeadRow> {
    let join = |pair: &[HeadRow]| {
        let (upper, lower) = (&pair[0].cells, &pair[1].cells);
        let cells = (0..upper.len().max(lower.len()))
            .map(|i| {
                let cell = |cells: &[String]| cells.get(i).filter(|c| !header_key(c).is_empty()).cloned();
                cell(lower).or_else(|| cell(upper)).unwrap_or_default()
            })
            .collect();
        HeadRow { number: pair[1].number, cells }
    };
    rows.windows(2).map(join).collect()
}
