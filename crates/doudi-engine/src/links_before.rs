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
use std::path::PathBuf;

/// What an earlier link said of a row, by the row's digest.
pub(crate) type Known = FxHashMap<(u64, u64), Kept>;

/// Where earlier links lie, and what has changed since.
pub(crate) struct LinksBefore {
    /// Links to this very register.
    same: PathBuf,
    no_changes: Changes,
    /// Links to the latest other register that was linked to with the same weights.
    earlier: Option<(PathBuf, Changes)>,
}

impl LinksBefore {
    /// Only links to this very register, where there is no room for another one.
    pub fn to_this_register(folder: &DataFolder, key: &str) -> LinksBefore {
        LinksBefore { same: folder.links(key), no_changes: Changes::none(), earlier: None }
    }

    /// `key` names the links to the register of `files`; `number` gives its people's numbers, as in `index`.
    pub fn find(
        folder: &DataFolder,
        content: &Content,
        (key, files): (&str, &[StoredRoster]),
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
                // A register that cannot be read any more is none to take over from.
                let changes = changes_since(folder, &files, spec, index, number).ok();
                earlier = changes.map(|changes| (linked_to(&files), changes));
            }
        }
        Ok(LinksBefore { same: folder.links(key), no_changes: Changes::none(), earlier })
    }

    /// The latest answers for rows of a kind of roster, and what has changed since they were given.
    pub fn of(&self, roster: &str) -> (Known, &Changes) {
        let known = known(&self.same, roster);
        match &self.earlier {
            Some((place, changes)) if known.is_empty() => (self::known(place, roster), changes),
            _ => (known, &self.no_changes),
        }
    }
}

/// Answers kept in a folder of links for the latest month of a kind of roster.
fn known(place: &std::path::Path, roster: &str) -> Known {
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
        known.extend(links::read_kept(&path).unwrap_or_default());
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
