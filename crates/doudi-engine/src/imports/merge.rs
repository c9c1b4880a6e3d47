//! A corrected copy becomes part of its original: rows that had been marked are replaced, nothing else is touched.

use crate::data_folder::DataFolder;
use crate::digest::{Hasher, short};
use crate::error::{EngineError, Outcome};
use crate::lake::{self, Import, Staged, StoredRoster};
use doudi_terms::roster::{Cells, ObservationBatch, RosterSpec};
use std::collections::{BTreeMap, BTreeSet};

/// Rows handed on at a time.
const CHUNK: usize = 16_384;

/// A corrected copy as it was read.
pub struct Correction {
    pub file: String,
    pub sha256: String,
    pub batches: Vec<ObservationBatch>,
    /// By row of the copy: which row of the original it was.
    pub rows: BTreeMap<u32, CopiedRow>,
}

/// Where a row of a copy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopiedRow {
    /// `None` for a row that somebody has added.
    pub original: Option<u32>,
    /// Something had been wrong in it.
    pub marked: bool,
}

/// The original: in the lake, or read a moment ago.
#[derive(Clone, Copy)]
pub enum Base<'a> {
    Stored(&'a StoredRoster),
    Staged(&'a Staged),
}

/// What merging came to.
pub struct Merged {
    pub staged: Staged,
    /// Rows of the original that had been marked and are in the copy.
    pub marked: BTreeSet<u32>,
    /// Of these, rows whose new text is another one; with none the copy changes nothing.
    pub changed: u32,
    /// Of these, rows that could not be read before and now can.
    pub added: u32,
    pub not_taken: Vec<NotTaken>,
    /// Rows that count and are not in the copy: they stay.
    pub absent: Vec<u32>,
}

/// A row of the copy that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// In the copy.
    pub row: u32,
    pub why: WhyNotTaken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNotTaken {
    /// It had not been marked, and these columns differ all the same.
    NotMarked(Vec<String>),
    /// The original has no such row.
    Added,
    /// An earlier row of the copy has the same number.
    Twice(u32),
}

impl Base<'_> {
    fn description(&self) -> &StoredRoster {
        match self {
            Base::Stored(stored) => stored,
            Base::Staged(staged) => &staged.stored,
        }
    }

    fn read_whole(&self, folder: &DataFolder, spec: &RosterSpec) -> Outcome<ObservationBatch> {
        match self {
            Base::Stored(stored) => lake::read_whole(folder, stored, spec),
            Base::Staged(staged) => staged.read_whole(folder, spec),
        }
    }
}

/// Merges a correction into its original. `first` is the file as it was before any correction, where there was one:
/// what a copy leaves as it was there says nothing against what another copy has corrected in the meantime. `serial`
/// tells imports of one run apart.
pub fn merge(
    folder: &DataFolder,
    spec: &RosterSpec,
    base: Base<'_>,
    first: Option<Base<'_>>,
    correction: &Correction,
    serial: usize,
) -> Outcome<Merged> {
    let original = base.read_whole(folder, spec)?;
    let mut copy = whole(spec, &correction.batches)?;
    let place: BTreeMap<u32, usize> = original.rows.iter().copied().zip(0..).collect();
    if let Some(first) = first {
        leave_corrected(&original, &place, &first.read_whole(folder, spec)?, &mut copy, correction);
    }
    let most_added = base.description().rejected;
    let mut sorted = Sorted::default();
    let mut order: BTreeMap<u32, (bool, usize)> =
        place.iter().map(|(row, at)| (*row, (false, *at))).collect();
    for (at, row) in copy.rows.iter().copied().enumerate() {
        let Some(CopiedRow { original: Some(own), marked }) = correction.rows.get(&row).copied() else {
            sorted.not_taken.push(NotTaken { row, why: WhyNotTaken::Added });
            continue;
        };
        if !sorted.seen.insert(own) {
            sorted.not_taken.push(NotTaken { row, why: WhyNotTaken::Twice(own) });
            continue;
        }
        let columns = place.get(&own).map(|before| differences(spec, &original, *before, &copy, at));
        if marked && columns.is_none() && sorted.added == most_added {
            // No row of the original was left unread that this could be: its number is not right.
            sorted.not_taken.push(NotTaken { row, why: WhyNotTaken::Added });
            continue;
        }
        if marked {
            sorted.added += u32::from(columns.is_none());
            sorted.changed += u32::from(columns.is_none_or(|columns| !columns.is_empty()));
            sorted.marked.insert(own);
            order.insert(own, (true, at));
            continue;
        }
        if columns.as_ref().is_none_or(|columns| !columns.is_empty()) {
            let why = WhyNotTaken::NotMarked(columns.unwrap_or_default());
            sorted.not_taken.push(NotTaken { row, why });
        }
    }
    let listed: BTreeSet<u32> = correction.rows.values().filter_map(|copied| copied.original).collect();
    let absent = original.rows.iter().copied().filter(|row| !listed.contains(row)).collect();
    let merged = gather(spec, &original, &copy, &place, &order)?;
    let described = base.description();
    let stored = StoredRoster {
        rejected: described.rejected.saturating_sub(sorted.added),
        key: merged_key(described, correction),
        original_key: Some(described.first_key().to_owned()),
        corrections: described.corrections.iter().chain([&correction.sha256]).cloned().collect(),
        ..described.clone()
    };
    let mut import = Import::begin(folder, spec, serial);
    for start in (0..merged.rows.len()).step_by(CHUNK) {
        import.push(&slice(&merged, start..(start + CHUNK).min(merged.rows.len())))?;
    }
    let Sorted { marked, changed, added, not_taken, .. } = sorted;
    Ok(Merged { staged: import.stage_as(stored)?, marked, changed, added, not_taken, absent })
}

/// The rows of a copy by what becomes of them.
#[derive(Default)]
struct Sorted {
    seen: BTreeSet<u32>,
    marked: BTreeSet<u32>,
    changed: u32,
    added: u32,
    not_taken: Vec<NotTaken>,
}

/// Gives the cells of a copy that are still as they were in the first original the values that count now.
fn leave_corrected(
    now: &ObservationBatch,
    place: &BTreeMap<u32, usize>,
    first: &ObservationBatch,
    copy: &mut ObservationBatch,
    correction: &Correction,
) {
    let first_place: BTreeMap<u32, usize> = first.rows.iter().copied().zip(0..).collect();
    let ObservationBatch { rows, columns } = copy;
    for (at, row) in rows.iter().enumerate() {
        let own = correction.rows.get(row).and_then(|copied| copied.original);
        let Some((now_at, first_at)) = own.and_then(|own| place.get(&own).zip(first_place.get(&own))) else {
            continue;
        };
        for (new, (now, first)) in columns.iter_mut().zip(now.columns.iter().zip(&first.columns)) {
            if let (Some(new), Some(now), Some(first)) = (new, now, first)
                && same(first, *first_at, new, at)
            {
                take_over(new, at, now, *now_at);
            }
        }
    }
}

fn take_over(new: &mut Cells, at: usize, now: &Cells, now_at: usize) {
    fn cell<T: Clone>(new: &mut [Option<T>], at: usize, now: &[Option<T>], now_at: usize) {
        if let (Some(new), Some(now)) = (new.get_mut(at), now.get(now_at)) {
            new.clone_from(now);
        }
    }
    match (new, now) {
        (Cells::Text(a), Cells::Text(b)) => cell(a, at, b, now_at),
        (Cells::Money(a), Cells::Money(b)) | (Cells::Number(a), Cells::Number(b)) => cell(a, at, b, now_at),
        (Cells::Date(a), Cells::Date(b)) | (Cells::Month(a), Cells::Month(b)) => cell(a, at, b, now_at),
        (Cells::YesNo(a), Cells::YesNo(b)) => cell(a, at, b, now_at),
        _ => {}
    }
}

fn whole(spec: &RosterSpec, batches: &[ObservationBatch]) -> Outcome<ObservationBatch> {
    let mut whole = ObservationBatch { rows: Vec::new(), columns: vec![None; spec.columns.len()] };
    for batch in batches {
        lake::append_batch(&mut whole, batch.clone())
            .ok_or_else(|| EngineError::Internal("改正表前后的列类型不同".to_owned()))?;
    }
    Ok(whole)
}

fn merged_key(described: &StoredRoster, correction: &Correction) -> String {
    let mut hasher = Hasher::default();
    hasher.part(described.key.as_bytes()).part(correction.sha256.as_bytes());
    short(&hasher.hex()).to_owned()
}

/// Names of the columns in which a row of the copy is not what the original has. A column that the copy lacks says
/// nothing.
fn differences(
    spec: &RosterSpec,
    original: &ObservationBatch,
    before: usize,
    copy: &ObservationBatch,
    at: usize,
) -> Vec<String> {
    let columns = spec.columns.iter().zip(original.columns.iter().zip(&copy.columns));
    columns
        .filter(|(_, cells)| match cells {
            (Some(old), Some(new)) => !same(old, before, new, at),
            _ => false,
        })
        .map(|(column, _)| column.name.clone())
        .collect()
}

fn same(old: &Cells, before: usize, new: &Cells, at: usize) -> bool {
    match (old, new) {
        (Cells::Text(a), Cells::Text(b)) => a.get(before) == b.get(at),
        (Cells::Money(a), Cells::Money(b)) | (Cells::Number(a), Cells::Number(b)) => {
            a.get(before) == b.get(at)
        }
        (Cells::Date(a), Cells::Date(b)) | (Cells::Month(a), Cells::Month(b)) => a.get(before) == b.get(at),
        (Cells::YesNo(a), Cells::YesNo(b)) => a.get(before) == b.get(at),
        _ => false,
    }
}

fn gather(
    spec: &RosterSpec,
    original: &ObservationBatch,
    copy: &ObservationBatch,
    place: &BTreeMap<u32, usize>,
    order: &BTreeMap<u32, (bool, usize)>,
) -> Outcome<ObservationBatch> {
    let mut columns = Vec::with_capacity(spec.columns.len());
    for (old, new) in original.columns.iter().zip(&copy.columns) {
        columns.push(match (old, new) {
            (None, None) => None,
            // A column that the copy lacks stays as it was; one that the original lacked is blank in its other rows.
            (Some(cells), None) => {
                let kept = order.keys().map(|row| (false, place.get(row).copied().unwrap_or(usize::MAX)));
                Some(pick(cells, cells, kept, |_| true))
            }
            (None, Some(cells)) => Some(pick(cells, cells, order.values().copied(), |new| new)),
            (Some(old), Some(new)) => Some(pick(old, new, order.values().copied(), |_| true)),
        });
    }
    if columns.iter().any(|column| matches!(column, Some(None))) {
        return Err(EngineError::Internal("改正表的列与原表的类型不同".to_owned()));
    }
    let columns = columns.into_iter().map(Option::flatten).collect();
    Ok(ObservationBatch { rows: order.keys().copied().collect(), columns })
}

/// Cells of the old (`false`) or the new (`true`) column in this order; blank where `has` says no. `None` where the two
/// are of different kinds.
fn pick(
    old: &Cells,
    new: &Cells,
    order: impl Iterator<Item = (bool, usize)>,
    has: impl Fn(bool) -> bool,
) -> Option<Cells> {
    fn cells<T: Clone>(
        old: &[Option<T>],
        new: &[Option<T>],
        order: impl Iterator<Item = (bool, usize)>,
        has: impl Fn(bool) -> bool,
    ) -> Vec<Option<T>> {
        let cell = |(is_new, at): (bool, usize)| {
            let from = if is_new { new } else { old };
            from.get(at).cloned().flatten().filter(|_| has(is_new))
        };
        order.map(cell).collect()
    }
    Some(match (old, new) {
        (Cells::Text(a), Cells::Text(b)) => Cells::Text(cells(a, b, order, has)),
        (Cells::Money(a), Cells::Money(b)) => Cells::Money(cells(a, b, order, has)),
        (Cells::Number(a), Cells::Number(b)) => Cells::Number(cells(a, b, order, has)),
        (Cells::Date(a), Cells::Date(b)) => Cells::Date(cells(a, b, order, has)),
        (Cells::Month(a), Cells::Month(b)) => Cells::Month(cells(a, b, order, has)),
        (Cells::YesNo(a), Cells::YesNo(b)) => Cells::YesNo(cells(a, b, order, has)),
        _ => return None,
    })
}

fn slice(batch: &ObservationBatch, range: std::ops::Range<usize>) -> ObservationBatch {
    let columns = batch.columns.iter().map(|column| {
        let cells = column.as_ref()?;
        pick(cells, cells, range.clone().map(|at| (false, at)), |_| true)
    });
    ObservationBatch { rows: batch.rows[range.clone()].to_vec(), columns: columns.collect() }
}
