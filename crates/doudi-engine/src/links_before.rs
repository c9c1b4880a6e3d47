//! Links of earlier months, where they still hold: a row that says what an earlier row said, beside people who have not
//! changed, has the answer that it had.
//!
//! Nothing is believed that cannot be checked: links are kept under the register, the weights and the version of linkage
//! that made them; what was read and cannot be used is as if it were not there, and the rows are linked anew.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::identity::IdentityColumns;
use crate::lake::{self, Half, StoredRoster};
use crate::links;
use crate::matching::{RegisterIndex, person_id, person_row};
use crate::people::register_key;
use doudi_linkage::{Changes, Index, Kept};
use doudi_terms::Month;
use doudi_terms::roster::{ColumnKind, RosterSpec};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What an earlier link said of a row, by the row's digest.
pub(crate) type Known = FxHashMap<(u64, u64), Kept>;

/// Where earlier links lie, and what has changed since.
pub(crate) struct LinksBefore {
    folder: DataFolder,
    /// Links to this very register.
    same: PathBuf,
    no_changes: Changes,
    /// Answers for the latest other register that was linked to with the same weights, by kind of roster.
    earlier: Option<(FxHashMap<String, Known>, Changes)>,
}

impl LinksBefore {
    /// Only links to this very register, where there is no room for another one.
    pub fn to_this_register(folder: &DataFolder, key: &str) -> LinksBefore {
        LinksBefore {
            folder: folder.clone(),
            same: folder.links(key),
            no_changes: Changes::none(),
            earlier: None,
        }
    }

    /// `key` names the links to the register of `files`, to which `rosters` are to be linked; `number` gives its people's
    /// numbers, as in `index`.
    pub fn find(
        folder: &DataFolder,
        content: &Content,
        (key, files, rosters): (&str, &[StoredRoster], &[StoredRoster]),
        index: &Index,
        number: &dyn Fn(&str) -> Option<u32>,
    ) -> Outcome<LinksBefore> {
        let (_, spec) = content.register_spec()?;
        let mut earlier = None;
        let linked_to = |files: &[StoredRoster]| folder.links(&content.links_key(&register_key(files)));
        let this_month = files.iter().map(StoredRoster::month).collect::<Outcome<Vec<Month>>>()?;
        if let Some(until) = this_month.into_iter().max() {
            let months = lake::current(folder, &spec.id, until)?.into_iter().rev();
            let mut others = months.filter(|(_, others)| others != files && linked_to(others).is_dir());
            if let Some((_, files)) = others.next() {
                let kinds: BTreeSet<&str> = rosters.iter().map(|stored| stored.roster.as_str()).collect();
                let place = linked_to(&files);
                let kept: FxHashMap<String, Known> =
                    kinds.into_iter().map(|kind| (kind.to_owned(), known(folder, &place, kind))).collect();
                if is_worth_while(kept.values().map(Known::len).sum(), index.len()) {
                    // A register that cannot be read any more is none to take over from.
                    let changes = changes_since(folder, &files, spec, index, number).ok();
                    earlier = changes.map(|changes| (kept, changes));
                }
            }
        }
        Ok(LinksBefore {
            folder: folder.clone(),
            same: folder.links(key),
            no_changes: Changes::none(),
            earlier,
        })
    }

    /// The latest answers for rows of a kind of roster, and what has changed since they were given.
    pub fn of(&self, roster: &str) -> (Cow<'_, Known>, &Changes) {
        let known = known(&self.folder, &self.same, roster);
        if known.is_empty()
            && let Some((earlier, changes)) = &self.earlier
            && let Some(kept) = earlier.get(roster)
        {
            return (Cow::Borrowed(kept), changes);
        }
        (Cow::Owned(known), &self.no_changes)
    }
}

/// To look around for one row costs as much as to read so many people of the register that was: where fewer rows were looked
/// around for, linking anew is the shorter way, and gives the same.
const PEOPLE_PER_ROW: usize = 6;

fn is_worth_while(rows: usize, persons: usize) -> bool {
    rows > persons / PEOPLE_PER_ROW
}

/// Answers kept in a folder of links for the latest month of a kind of roster.
fn known(folder: &DataFolder, place: &std::path::Path, roster: &str) -> Known {
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let month = name.strip_prefix(roster).and_then(|rest| rest.strip_prefix('-')?.get(..7));
        if let Some(month) = month.filter(|month| Month::parse(month).is_some()) {
            files.push((month.to_owned(), entry.path()));
        }
    }
    files.sort();
    let latest = files.last().map(|(month, _)| month.clone());
    let mut known = Known::default();
    for (_, path) in files.into_iter().filter(|(month, _)| Some(month) == latest.as_ref()) {
        known.extend(links::read_kept(folder, &path).unwrap_or_default());
    }
    known
}

fn changes_since(
    folder: &DataFolder,
    files: &[StoredRoster],
    spec: &RosterSpec,
    index: &Index,
    number: &dyn Fn(&str) -> Option<u32>,
) -> Outcome<Changes> {
    use ColumnKind::{HouseholdNumber, PersonId};
    let columns = IdentityColumns::of(spec);
    let of_people = lake::narrowed(spec, |_, column| matches!(column.kind, PersonId | HouseholdNumber));
    let mut builder = RegisterIndex::new();
    let mut known: FxHashSet<Box<str>> = FxHashSet::default();
    let mut new_of_old = Vec::new();
    for stored in files {
        let identity = lake::read(folder, stored, spec, Half::Identity)?;
        let facts = lake::read(folder, stored, &of_people, Half::Facts)?;
        for (identity, facts) in identity.zip(facts) {
            let (identity, facts) = (identity?, facts?);
            for at in 0..identity.rows.len().min(facts.rows.len()) {
                let text = |kind| columns.text(&identity, kind, at);
                let written = columns.text(&facts, PersonId, at);
                let id = person_id(written, text(ColumnKind::IdNumber), text(ColumnKind::PersonName));
                if known.insert(id.as_str().into()) {
                    let (row, place) = person_row(&columns, (&identity, &facts), at, &id);
                    builder.push(&row, place);
                    new_of_old.push(number(&id));
                }
            }
        }
    }
    Ok(Changes::between(&builder.build(), index, new_of_old))
}

#[cfg(test)]
mod tests {
    use super::is_worth_while;

    #[test]
    fn a_register_is_not_read_a_second_time_for_a_few_rows() {
        assert!(!is_worth_while(7_000, 100_000));
        assert!(is_worth_while(40_000, 100_000));
        assert!(!is_worth_while(0, 0));
    }
}
