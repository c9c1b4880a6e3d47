//! Whose the rows of a sheet are, and nothing else: columns of text for comparing millions of people.
//!
//! A row that is written the way most are (a number, a name, plain cells) is taken over as it stands; every other row goes
//! through [`RowReader`], so that both ways read the same.

use crate::cells::names_lunar;
use crate::observe::{BATCH_ROWS, RowReader, says_who};
use crate::recognise::Header;
use crate::validate::identifies;
use doudi_terms::WhoBatch;
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterSpec};

/// Longer names may be anything.
const LONGEST_NAME: usize = 48;

/// Gathers rows and hands them over in batches.
pub(crate) struct WhoReader<'a> {
    spec: &'a RosterSpec,
    /// Place in the file and kind of every column that says who.
    columns: Vec<(usize, ColumnKind)>,
    width: usize,
    /// A header says something of every cell below it.
    plain_headers: bool,
    batch: WhoBatch,
    sink: &'a mut dyn FnMut(&WhoBatch),
}

impl<'a> WhoReader<'a> {
    pub fn new(spec: &'a RosterSpec, header: &Header, sink: &'a mut dyn FnMut(&WhoBatch)) -> WhoReader<'a> {
        let placed = spec.columns.iter().zip(&header.columns);
        let columns: Vec<(usize, ColumnKind)> = placed
            .filter_map(|(column, place)| Some(((*place)?, column.kind)))
            .filter(|(_, kind)| says_who(*kind))
            .collect();
        let lunar = |place: usize| header.labels.get(place).is_some_and(|label| names_lunar(label));
        WhoReader {
            spec,
            plain_headers: !columns.iter().any(|&(place, kind)| kind == ColumnKind::Birth && lunar(place)),
            columns,
            width: header.labels.len(),
            batch: WhoBatch::default(),
            sink,
        }
    }

    /// Takes a row over if nothing about it needs a second look: `false` if it does.
    pub fn push_plain(&mut self, row: u32, cells: &[&str]) -> bool {
        if cells.len() != self.width || !self.plain_headers {
            return false;
        }
        let mut numbered = false;
        for &(place, kind) in &self.columns {
            let cell = cells[place];
            if !is_plain(kind, cell) {
                return false;
            }
            numbered |= identifies(kind) && is_number(cell);
        }
        if numbered {
            self.batch.rows.push(row);
            for &(place, kind) in &self.columns {
                self.batch.push_cell(kind, cells[place]);
            }
            self.hand_over(BATCH_ROWS);
        }
        numbered
    }

    /// Takes over what came of a row that went the long way.
    pub fn take_rows(&mut self, reader: &mut RowReader<'_>) {
        if let Some(batch) = reader.take_rows() {
            self.take(&batch);
        }
    }

    pub fn take(&mut self, batch: &ObservationBatch) {
        self.batch.rows.extend_from_slice(&batch.rows);
        for (column, cells) in self.spec.columns.iter().zip(&batch.columns) {
            if let Some(Cells::Text(cells)) = cells {
                cells.iter().for_each(|cell| {
                    self.batch.push_cell(column.kind, cell.as_deref().unwrap_or_default());
                });
            }
        }
        self.hand_over(BATCH_ROWS);
    }

    fn hand_over(&mut self, at_least: usize) {
        if self.batch.len() >= at_least {
            (self.sink)(&self.batch);
            self.batch.clear();
        }
    }

    /// Hands over what is left.
    pub fn finish(&mut self) {
        self.hand_over(1);
    }
}

/// Whether a cell is read as it is written, whatever else stands in its row.
fn is_plain(kind: ColumnKind, cell: &str) -> bool {
    use ColumnKind::{Account, Birth, DisabilityCertificate, HouseholdNumber, IdNumber, PersonId};
    use ColumnKind::{PersonName, Phone, Region, RowNumber};
    match kind {
        PersonName => is_name(cell),
        IdNumber | DisabilityCertificate => cell.is_empty() || is_number(cell),
        // No E of 5.00E+17 among them, and no point.
        Account | HouseholdNumber | PersonId | Phone | Region | RowNumber => {
            cell.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'E' | b'e'))
        }
        // Shorter texts may be Excel's serial days.
        Birth => {
            cell.is_empty() || (cell.len() >= 8 && has_plain_ends(cell) && cell.matches('.').count() != 1)
        }
        _ => cell.is_empty() || has_plain_ends(cell),
    }
}

/// So many digits, and X, as identity numbers and certificates have.
fn is_number(cell: &str) -> bool {
    (15..=22).contains(&cell.len()) && cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X')
}

/// Chinese characters without blanks and full-width digits.
fn is_name(cell: &str) -> bool {
    cell.len() <= LONGEST_NAME
        && has_plain_ends(cell)
        && cell.bytes().all(|byte| byte >= 0x80 && byte != 0xEF)
}

/// Whether nothing is taken off a cell at either end: a letter, a digit or a Chinese character stands there.
fn has_plain_ends(cell: &str) -> bool {
    let plain = |c: Option<char>| {
        c.is_some_and(|c| c.is_ascii_alphanumeric() || ('\u{4E00}'..='\u{9FFF}').contains(&c))
    };
    plain(cell.chars().next()) && plain(cell.chars().next_back())
}
