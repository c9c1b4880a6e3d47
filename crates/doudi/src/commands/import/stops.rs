//! What makes an import stop after everything has been read.

use super::codes::System;
use super::rules::Rules;
use super::{Reading, Source, Wish};
use crate::commands::clear::Stop;
use doudi_engine::lake::{self, StoredRoster};
use doudi_rosters::{Content, OpenFile};
use doudi_terms::Month;
use std::collections::BTreeMap;

/// A file that counts for the latest month of its roster.
pub struct KnownFile {
    pub roster: String,
    pub month: Month,
    pub file: String,
    /// Its name without month and numbers.
    stem: String,
}

/// Files of the latest imports up to the month asked for.
pub fn known_files(source: &Source<'_>, wish: &Wish) -> Result<Vec<KnownFile>, Stop> {
    let Some(until) = wish.month.month().or(Month::new(9999, 12)) else { return Ok(Vec::new()) };
    let mut known = Vec::new();
    for roster in lake::rosters(source.folder)? {
        let Some((month, files)) = lake::current(source.folder, &roster, until)?.pop() else { continue };
        let of_file = |stored: StoredRoster| KnownFile {
            roster: roster.clone(),
            month,
            stem: stem(&stored.file),
            file: stored.file,
        };
        known.extend(files.into_iter().map(of_file));
    }
    Ok(known)
}

/// 低保 of 低保2020-05.xlsx: what stays the same from month to month.
fn stem(file: &str) -> String {
    let name = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let varies =
        |c: &char| c.is_numeric() || matches!(c, '年' | '月' | '日' | '-' | '_' | '.' | ' ' | '(' | ')');
    name.chars().filter(|c| !varies(c)).collect()
}

/// A file that is no roster now and was one before.
pub struct Unread {
    pub roster: String,
    pub reason: String,
}

/// Why a file of which nothing could be read stops the import: one of its name came before. `None` = it may be anything.
pub fn unread(open: &OpenFile<'_>, known: &[KnownFile], why: &str) -> Option<Unread> {
    let file = open.file();
    let own = stem(file);
    let before = known.iter().find(|known| known.file == file || (!own.is_empty() && known.stem == own))?;
    let reason = format!(
        "{file} 读不成名册：{why}。同名的文件（{}，{} {}）以前读得出来，不能当作没有。\
         请换一份好的；如果确实不要了，请把它移走",
        before.file, before.roster, before.month
    );
    Some(Unread { roster: before.roster.clone(), reason })
}

/// A workbook that could not be opened or read; not one that holds something else.
pub fn is_damaged(open: &OpenFile<'_>) -> bool {
    let workbook = matches!(open.content(), Content::ZipWorkbook | Content::OldWorkbook);
    // The two things that help a broken workbook: save it again, or take its password away.
    let helps = |next: &str| next.contains("另存") || next.contains("密码");
    workbook && open.sheets().is_empty() && open.problems().iter().any(|problem| helps(&problem.next))
}

/// Rosters that shrank, and codes of two systems in one run.
pub fn check(source: &Source<'_>, wish: &Wish, rules: &Rules, reading: &mut Reading) -> Result<(), Stop> {
    for (_, unread) in reading.namesakes.drain(..) {
        if !reading.by_place.keys().any(|(roster, _)| *roster == unread.roster) {
            reading.stops.push(unread.reason);
        }
    }
    lost_corrections(source, reading)?;
    damaged_and_missing(source, wish, reading)?;
    empty(source, wish, rules, reading)?;
    too_small(source, rules, reading)?;
    two_systems(reading);
    Ok(())
}

fn rows(files: &[StoredRoster]) -> u64 {
    files.iter().map(|stored| u64::from(stored.rows)).sum()
}

/// A broken workbook of an unknown name may be the roster that came last month and is not here now.
fn damaged_and_missing(source: &Source<'_>, wish: &Wish, reading: &mut Reading) -> Result<(), Stop> {
    let stated = reading.by_place.keys().map(|(_, month)| *month).max();
    let Some(month) = wish.month.month().or(stated) else { return Ok(()) };
    if reading.damaged.is_empty() {
        return Ok(());
    }
    let mut missing = Vec::new();
    for spec in source.set.iter().filter(|spec| spec.monthly || spec.register) {
        let here = reading.by_place.keys().any(|(roster, _)| *roster == spec.id);
        let before = lake::current_of(source.folder, &spec.id, month.previous())?;
        if !here && before.is_some_and(|files| !files.is_empty()) {
            missing.push(spec.name.clone());
        }
    }
    if !missing.is_empty() {
        for (file, why) in &reading.damaged {
            reading.stops.push(format!(
                "{file} 打不开：{why}。上个月有、这次没有的名册有：{}，它可能就是其中一份。\
                 请换一份好的；如果不是名册，请把它移走",
                missing.join("、")
            ));
        }
    }
    Ok(())
}

/// What was corrected must not go with the file it was merged into. The same file read anew (its specification has changed)
/// needs its copies again; another file stands for itself, and that is said.
fn lost_corrections(source: &Source<'_>, reading: &mut Reading) -> Result<(), Stop> {
    for ((roster, month), files) in &reading.by_place {
        for old in lake::current_of(source.folder, roster, *month)?.unwrap_or_default() {
            let kept = |new: &StoredRoster| old.corrections.iter().all(|copy| new.corrections.contains(copy));
            if old.corrections.is_empty() || files.iter().any(kept) {
                continue;
            }
            let same = |new: &StoredRoster| new.sha256 == old.sha256 && new.sheet == old.sheet;
            let place = old.place();
            if files.iter().any(same) {
                reading.stops.push(format!(
                    "{place} 的读法变了（名册说明或区划代码），要重新读；以前并入过的改错表也要重新并入。\
                     请把 {place} 和它的改错表放在一起导入"
                ));
            } else {
                reading.warnings.push(format!(
                    "{roster} {month} 原来用的 {place} 并入过改错表，这次由新的文件取代：请确认改正过的内容新文件里都有"
                ));
            }
        }
    }
    Ok(())
}

/// A roster with rows last month and none now is smaller than half of it.
fn empty(source: &Source<'_>, wish: &Wish, rules: &Rules, reading: &mut Reading) -> Result<(), Stop> {
    let Some(until) = wish.month.month().or(Month::new(9999, 12)) else { return Ok(()) };
    for (file, roster) in &reading.empty {
        let usual = source.set.get(roster).is_some_and(|spec| spec.monthly || spec.register);
        let here = reading.by_place.keys().any(|(other, _)| other == roster);
        if !usual || here || rules.accept_small.contains(roster) {
            continue;
        }
        let before = lake::current(source.folder, roster, until)?.pop();
        if let Some((month, files)) = before.filter(|(_, files)| rows(files) > 0) {
            reading.stops.push(format!(
                "{file} 只有表头，没有一行数据，而 {roster} {month} 有 {} 行。请向报送部门核实；\
                 确实没有收到，就把它移走，或加 --accept-small {roster}",
                rows(&files)
            ));
        }
    }
    Ok(())
}

/// Half the usual rows are mostly a file cut off on the way; that everybody else has left the roster would be its reading.
fn too_small(source: &Source<'_>, rules: &Rules, reading: &mut Reading) -> Result<(), Stop> {
    let mut found = Vec::new();
    for ((roster, month), files) in &reading.by_place {
        let usual = source.set.get(roster).is_some_and(|spec| spec.monthly || spec.register);
        if !usual || rules.accept_small.contains(roster) {
            continue;
        }
        let mut before: BTreeMap<Month, u64> = lake::current(source.folder, roster, month.previous())?
            .into_iter()
            .map(|(month, files)| (month, rows(&files)))
            .collect();
        let own = reading.by_place.iter().filter(|((other, of), _)| other == roster && of < month);
        before.extend(own.map(|((_, of), files)| (*of, rows(files))));
        before.retain(|_, rows| *rows > 0);
        let current = lake::current_of(source.folder, roster, *month)?;
        if current.as_ref().is_some_and(|current| current == files) {
            continue;
        }
        let now = rows(files);
        let counts = current.as_deref().map_or(0, rows);
        if now * 2 < counts {
            found.push(format!(
                "{roster} {month} 现在用的有 {counts} 行，这次只有 {now} 行，不到一半，不能取代。\
                 如果只是其中一部分，请和其余的文件一次导入；确实只有这些，就加 --accept-small {roster}"
            ));
            continue;
        }
        let Some((last, usual)) = before.pop_last() else { continue };
        if now * 2 < usual {
            found.push(format!(
                "{roster} {month} 只有 {now} 行，{last} 有 {usual} 行，不到一半，可能没有报全。\
                 请向报送部门核实；确实只有这些，就加 --accept-small {roster}，或在 import.toml 里写 accept_small = [\"{roster}\"]"
            ));
        }
    }
    reading.stops.append(&mut found);
    Ok(())
}

/// Somebody who declared a system has looked at it; of the others all must be of one.
fn two_systems(reading: &mut Reading) {
    let mut seen: BTreeMap<System, Vec<&str>> = BTreeMap::new();
    for (file, system) in &reading.systems {
        seen.entry(*system).or_default().push(file);
    }
    if seen.contains_key(&System::Mca) {
        for file in &reading.unchecked {
            reading.warnings.push(format!(
                "{file} 没有地址可以核对区划代码，按统计局代码读入；同时来的名册用的是民政部代码。\
                 如果它也是，请用 --code-system mca，或在 import.toml 里写明"
            ));
        }
    }
    if seen.len() > 1 {
        let lists: Vec<String> =
            seen.iter().map(|(system, files)| format!("{}：{}", system.name(), files.join("、"))).collect();
        reading.stops.push(format!(
            "这些名册的区划代码不是一套（{}）。请核对；确实如此，就在 import.toml 里给每个文件写明 code_system",
            lists.join("；")
        ));
    }
}
