//! Phones that the rosters of a month give for many households, counted before any row is linked: an answer rests on
//! them as it rests on the register and the weights, so links are kept apart by them too.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::digest::{Hasher, short};
use crate::error::Outcome;
use crate::identity::StoredTexts;
use crate::lake::{self, StoredRoster};
use doudi_linkage::{PhoneHouseholds, PhoneNames, SharedPhones, Weights};
use doudi_terms::roster::{ColumnKind, RosterSpec};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What was counted last for a register and weights.
#[derive(Default, Serialize, Deserialize)]
struct Counted {
    /// Names the rosters.
    rosters: String,
    phones: Vec<(u64, u32)>,
}

/// Beside the people of the register.
fn last_count(place: &Path) -> PathBuf {
    place.join("phones.json")
}

/// Beside the links that rest on them.
fn of_links_file(place: &Path) -> PathBuf {
    place.join("shared-phones.json")
}

/// Counts over all rosters of a month. `place` has what is kept of their register and weights: what was counted last for
/// these very rosters is not counted again.
pub(crate) fn of_rosters(
    folder: &DataFolder,
    content: &Content,
    place: &Path,
    rosters: &[StoredRoster],
) -> Outcome<Arc<SharedPhones>> {
    let Some(weights) = content.weights_if_any()? else { return Ok(Arc::default()) };
    let last = read(folder, &last_count(place));
    if let Some(last) = last.filter(|last| last.rosters == name_of(rosters)) {
        return Ok(Arc::new(last.phones.into_iter().collect()));
    }
    let looked_at =
        |spec: &RosterSpec| LOOKED_AT.into_iter().all(|kind| spec.columns.iter().any(|c| c.kind == kind));
    let specs = rosters.iter().filter_map(|stored| Some((stored, content.spec(&stored.roster)?.1)));
    let files: Vec<(&StoredRoster, &RosterSpec)> = specs.filter(|(_, spec)| looked_at(spec)).collect();
    Ok(Arc::new(count(folder, weights.of(""), &files)?))
}

/// What the first look is at; a roster without them tells nothing.
const LOOKED_AT: [ColumnKind; 2] = [ColumnKind::Phone, ColumnKind::PersonName];

fn count(
    folder: &DataFolder,
    weights: &Weights,
    files: &[(&StoredRoster, &RosterSpec)],
) -> Outcome<SharedPhones> {
    let rows = files.iter().map(|(stored, _)| stored.rows as usize).sum();
    let mut names = PhoneNames::new(rows, weights);
    // By file, of which phone each row was: the second look reads the rows of suspects only.
    let mut seen: Vec<Vec<u32>> = Vec::with_capacity(files.len());
    for (stored, spec) in files {
        let looked_at = lake::narrowed(spec, |_, column| LOOKED_AT.contains(&column.kind));
        let mut of_rows = Vec::with_capacity(stored.rows as usize);
        for batch in lake::read_identity(folder, stored, &looked_at, None)? {
            let batch = batch?;
            let texts = StoredTexts::of(&looked_at, &batch);
            of_rows.extend((0..batch.num_rows()).map(|at| names.see(&texts.phone_and_name(at))));
        }
        seen.push(of_rows);
    }
    if names.are_all_plain() {
        return Ok(SharedPhones::default());
    }
    let mut households = PhoneHouseholds::default();
    for ((stored, spec), seen) in files.iter().zip(seen) {
        let suspects = (0_u32..).zip(&seen).filter(|(_, seen)| names.is_suspect(**seen));
        let positions: Vec<u32> = suspects.map(|(at, _)| at).collect();
        if positions.is_empty() {
            continue;
        }
        for batch in lake::read_identity(folder, stored, spec, Some(&positions))? {
            let batch = batch?;
            let texts = StoredTexts::of(spec, &batch);
            (0..batch.num_rows()).for_each(|at| households.see(&texts.roster_row(at), &names));
        }
    }
    Ok(households.shared(weights))
}

/// Which rosters were counted; in whatever order, they give the same.
fn name_of(rosters: &[StoredRoster]) -> String {
    let mut names: Vec<[&str; 3]> =
        rosters.iter().map(|stored| [&*stored.roster, &*stored.month, &*stored.key]).collect();
    names.sort_unstable();
    let mut hasher = Hasher::default();
    names.concat().into_iter().for_each(|part| {
        hasher.part(part.as_bytes());
    });
    short(&hasher.hex()).to_owned()
}

/// What was counted last beside the people of a register; none, where nothing was.
pub(crate) fn counted_last(folder: &DataFolder, place: &Path) -> Arc<SharedPhones> {
    let last = read(folder, &last_count(place)).unwrap_or_default();
    Arc::new(last.phones.into_iter().collect())
}

/// The phones on which links rest. A folder of links without any rests on none.
pub(crate) fn of_links(folder: &DataFolder, place: &Path) -> Outcome<Arc<SharedPhones>> {
    let path = of_links_file(place);
    if !path.is_file() {
        return Ok(Arc::default());
    }
    let phones: Vec<(u64, u32)> = folder.read_json(&path)?;
    Ok(Arc::new(phones.into_iter().collect()))
}

/// Keeps beside the links that will be made what they rest on.
pub(crate) fn keep_of_links(folder: &DataFolder, place: &Path, phones: &SharedPhones) -> Outcome<()> {
    let path = of_links_file(place);
    if phones.is_empty() || path.is_file() {
        return Ok(());
    }
    folder.write_json(&path, &phones.iter().collect::<Vec<_>>())
}

/// Keeps beside the people of a register what was counted for it last.
pub(crate) fn keep_count(
    folder: &DataFolder,
    place: &Path,
    rosters: &[StoredRoster],
    phones: &SharedPhones,
) -> Outcome<()> {
    let rosters = name_of(rosters);
    if read(folder, &last_count(place)).is_some_and(|last| last.rosters == rosters) {
        return Ok(());
    }
    folder.write_json(&last_count(place), &Counted { rosters, phones: phones.iter().collect() })
}

/// What cannot be read any more is counted again.
fn read(folder: &DataFolder, path: &Path) -> Option<Counted> {
    if path.is_file() { folder.read_json(path).ok() } else { None }
}

impl Content {
    /// Names links by the register, the weights, the version of linkage, and the phones that stand for nobody.
    pub(crate) fn links_key(&self, register: &str, phones: &SharedPhones) -> String {
        let base = self.register_links_key(register);
        if phones.is_empty() {
            return base;
        }
        let mut hasher = Hasher::default();
        hasher.part(base.as_bytes());
        for (phone, _) in phones.iter() {
            hasher.part(&phone.to_le_bytes());
        }
        format!("{register}-{}", short(&hasher.hex()))
    }

    /// The links to a register as they were made last.
    pub(crate) fn last_links_key(&self, folder: &DataFolder, register: &str) -> String {
        let place = folder.links(&self.register_links_key(register));
        self.links_key(register, &counted_last(folder, &place))
    }
}
