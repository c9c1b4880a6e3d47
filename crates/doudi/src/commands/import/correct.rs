//! Corrected copies that come back: merged into the roster they were made from.

use super::codes::{System, translate};
use super::look::Plan;
use super::read::BROKEN_OFF;
use super::{ImportedSheet, Reading, Source};
use crate::commands::clear::Stop;
use doudi_engine::imports::{Base, CopiedRow, Correction, Merged, NotTaken, State, WhyNotTaken, merge};
use doudi_engine::lake::{self, StoredRoster};
use doudi_rosters::{Original, SheetReading};
use doudi_terms::roster::RosterSpec;
use doudi_terms::{Month, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Rows that are named one by one.
const SHOWN: usize = 10;

/// Where the original of a copy is among what would count.
struct Found {
    place: (String, Month),
    at: usize,
}

/// Reads a corrected copy and merges it into its original.
pub fn correct(source: &Source<'_>, plan: &Plan, reading: &mut Reading) -> Result<(), Stop> {
    let Some((original, spec)) = plan.correction.as_ref().zip(source.set.get(&plan.roster)) else {
        return Ok(());
    };
    let Some(found) = find(source, plan, original, reading)? else { return Ok(()) };
    let base = reading.by_place[&found.place][found.at].clone();
    let Some((correction, read)) = copy(source, plan, spec, &base) else {
        let why = "读到中途停下，后面的行没有读。请用 Excel 或 WPS 打开后另存，再导入";
        reading.stops.push(format!("{}：{why}", plan.file));
        return Ok(());
    };
    let known = base.corrections.contains(&correction.sha256);
    let serial = reading.next_serial();
    let staged = reading.staged.iter().find(|staged| staged.stored.key == base.key);
    let from = staged.map_or(Base::Stored(&base), Base::Staged);
    let first = StoredRoster { key: base.first_key().to_owned(), ..base.clone() };
    let first_staged = reading.staged.iter().find(|staged| staged.stored.key == first.key);
    let first = base.original_key.as_ref().map(|_| first_staged.map_or(Base::Stored(&first), Base::Staged));
    let merged = merge(source.folder, spec, from, first, &correction, serial)?;
    let taken = cleanly_taken(&read, &correction, &merged);
    report(plan, original, &merged.not_taken, reading);
    if original.whole && !merged.absent.is_empty() {
        let rows: Vec<String> = merged.absent.iter().take(SHOWN).map(ToString::to_string).collect();
        let more = if merged.absent.len() > SHOWN { "等" } else { "" };
        reading.warnings.push(format!(
            "{}：原表第 {}{more} 行（共 {} 行）在交回的表里没有了，仍按原表保留。确实要删，请在 {} 里删去后重新导入",
            plan.file,
            rows.join("、"),
            merged.absent.len(),
            original.file
        ));
    }
    let same = known || merged.changed == 0;
    if same && !known {
        reading.warnings.push(format!("{}：标错的行都没有改动，没有什么可以读入", plan.file));
    }
    let stored = if same { base } else { merged.staged.stored.clone() };
    let state = if same { State::Unchanged } else { State::Corrected };
    if !same {
        reading.by_place.entry(found.place.clone()).or_default()[found.at] = stored.clone();
        reading.staged.push(merged.staged);
    }
    let problems = left_over(reading, original, &stored, &taken, read.roster.problems);
    let sheet = ImportedSheet {
        sheet: read.roster.sheet,
        roster: plan.roster.clone(),
        month: found.place.1,
        rows: merged.changed,
        rejected: read.roster.rejected,
        counts: read.counts,
        state,
    };
    reading.add(plan, stored, problems, sheet);
    Ok(())
}

/// The original among what this run would make current, else among what is current.
fn find(
    source: &Source<'_>,
    plan: &Plan,
    original: &Original,
    reading: &mut Reading,
) -> Result<Option<Found>, Stop> {
    let is = |stored: &StoredRoster| original.is(&stored.sha256) && stored.sheet == original.sheet;
    let here = |by_place: &BTreeMap<(String, Month), Vec<StoredRoster>>| {
        by_place.iter().filter(|((roster, _), _)| *roster == plan.roster).find_map(|(place, files)| {
            let at = files.iter().position(is)?;
            Some(Found { place: place.clone(), at })
        })
    };
    if let Some(found) = here(&reading.by_place) {
        return Ok(Some(found));
    }
    let last = Month::new(9999, 12);
    let current = last.map_or(Ok(Vec::new()), |last| lake::current(source.folder, &plan.roster, last))?;
    for (month, files) in current.into_iter().rev() {
        let Some(at) = files.iter().position(is) else { continue };
        let place = (plan.roster.clone(), month);
        if let Some(others) = reading.by_place.get(&place) {
            // This run reads other files for the same roster and month: the original would no longer count.
            let names: Vec<&str> = others.iter().map(|stored| stored.file.as_str()).collect();
            reading.stops.push(format!(
                "{} 改的是 {}，而这次同时导入了同一名册的 {}：不知道用哪一份。请分开导入，或把原文件放在一起",
                plan.file,
                original.file,
                names.join("、")
            ));
            return Ok(None);
        }
        reading.by_place.insert(place.clone(), files);
        return Ok(Some(Found { place, at }));
    }
    let imported = lake::was_imported(source.folder, &plan.roster, &|stored| is(stored))?;
    reading.stops.push(match imported {
        Some(month) => format!(
            "{} 改的是 {}，这份 {month} 的名册后来已被别的文件取代，不再使用。请在现在用的名册上改",
            plan.file, original.file
        ),
        None => format!(
            "{} 改的是 {}，但这份文件没有导入过（或者导入以后又改动过）。请先导入原文件，再导入改正表",
            plan.file, original.file
        ),
    });
    Ok(None)
}

/// The copy's rows, in our codes; `None` where it could not be read to its end.
fn copy(
    source: &Source<'_>,
    plan: &Plan,
    spec: &RosterSpec,
    base: &StoredRoster,
) -> Option<(Correction, SheetReading)> {
    let mut open = plan.open(source.set);
    let rows = open.correction_of(plan.sheet)?.rows;
    let mca = base.code_system.as_ref().is_some_and(|codes| codes.system == System::Mca.word());
    let mut batches = Vec::new();
    let read = open.read(plan.sheet, &mut |mut batch| {
        if mca {
            translate(spec, source.divisions, &mut batch);
        }
        batches.push(batch);
    });
    if read.counts.iter().any(|count| count.kind == BROKEN_OFF) {
        return None;
    }
    let copied = |row: &doudi_rosters::CorrectedRow| {
        (row.row, CopiedRow { original: row.original, marked: row.marked })
    };
    let rows = rows.iter().map(copied).collect();
    Some((Correction { file: plan.file.clone(), sha256: plan.sha256.clone(), batches, rows }, read))
}

/// Rows of the original that stand in the copy with nothing wrong in them any more.
fn cleanly_taken(read: &SheetReading, correction: &Correction, merged: &Merged) -> BTreeSet<u32> {
    let own = |problem: &Problem| correction.rows.get(&problem.place.row?)?.original;
    let wrong: BTreeSet<u32> = read.roster.problems.iter().filter_map(own).collect();
    merged.marked.difference(&wrong).copied().collect()
}

/// Where the original is read in the same run, its problems are the list of what is still wrong: those that the copy has
/// put right go, and the copy has none of its own. Otherwise the copy's are all there is.
fn left_over(
    reading: &mut Reading,
    original: &Original,
    stored: &StoredRoster,
    taken: &BTreeSet<u32>,
    own: Vec<Problem>,
) -> Vec<Problem> {
    let of_original = |file: &&mut super::ImportedFile| {
        file.file == original.file && file.stored.iter().any(|old| old.first_key() == stored.first_key())
    };
    let Some(file) = reading.files.iter_mut().find(of_original) else { return own };
    let right = |problem: &Problem| {
        problem.place.sheet == original.sheet && problem.place.row.is_some_and(|row| taken.contains(&row))
    };
    file.problems.retain(|problem| !right(problem));
    for old in &mut file.stored {
        if old.first_key() == stored.first_key() {
            *old = stored.clone();
        }
    }
    own.into_iter()
        .filter(|problem| problem.place.row.is_none() && problem.severity == Severity::Error)
        .collect()
}

fn report(plan: &Plan, original: &Original, not_taken: &[NotTaken], reading: &mut Reading) {
    for NotTaken { row, why } in not_taken.iter().take(SHOWN) {
        let why = match why {
            WhyNotTaken::NotMarked(columns) if columns.is_empty() => {
                "没有标错，而读入的原表里没有这一行：没有读入".to_owned()
            }
            WhyNotTaken::NotMarked(columns) => {
                format!("没有标错而有改动（{}）：没有读入", columns.join("、"))
            }
            WhyNotTaken::Added => "是添加的行，原表里没有：没有读入".to_owned(),
            WhyNotTaken::Twice(own) => format!("与前面的一行同是原表第 {own} 行：只读入了前面的一行"),
        };
        reading.warnings.push(format!("{} 第 {row} 行{why}", plan.file));
    }
    if not_taken.len() > SHOWN {
        let more = not_taken.len() - SHOWN;
        reading.warnings.push(format!("{} 另有 {more} 行也没有读入，原因同上", plan.file));
    }
    if !not_taken.is_empty() {
        reading.warnings.push(format!(
            "{}：改正表只改标错的行。其余的改动和添加，请在 {} 里改好后重新导入",
            plan.file, original.file
        ));
    }
}
