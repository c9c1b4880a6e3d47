//! Links of earlier months, where they still hold: a row that says what an earlier row said, beside people who have not
//! changed, has the answer that it had.
//!
//! Nothing is believed that cannot be checked: links are kept under the register, the weights and the version of linkage
//! that made them; what was read and cannot be used is as if it were not there, and the rows are linked anew.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::lake::{self, StoredRoster};
use crate::links::{self, KnownRow, KnownRows};
use crate::people::register_key;
use crate::shared_phones;
use doudi_linkage::{Changes, Index, SharedPhones, Weights};
use doudi_register::RegisterBuilder;
use doudi_terms::Month;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where earlier links lie, and what has changed since.
pub(crate) struct LinksBefore {
    folder: DataFolder,
    /// Links to this very register, with the same phones for nobody's.
    same: PathBuf,
    no_changes: Changes,
    /// Links to this register with other phones for nobody's, then those to the latest other register that was linked to
    /// with the same weights.
    earlier: Vec<(PathBuf, Changes)>,
    /// Where people of the other register are kept.
    earlier_people: Option<PathBuf>,
}

/// The register that rosters are linked to.
pub(crate) struct Target<'t> {
    /// Names the links.
    pub key: String,
    /// Where lies what follows from register and weights, whatever the rosters are.
    pub place: PathBuf,
    pub files: &'t [StoredRoster],
    /// Phones that the rosters give for many households.
    pub phones: Arc<SharedPhones>,
}

impl<'t> Target<'t> {
    /// The links that somebody names.
    pub fn of_links(
        folder: &DataFolder,
        content: &Content,
        files: &'t [StoredRoster],
        key: &str,
    ) -> Outcome<Target<'t>> {
        let place = people_place(folder, content, files);
        let phones = shared_phones::of_links(folder, &folder.links(key))?;
        Ok(Target { key: key.to_owned(), place, files, phones })
    }

    /// Those that some rosters are to have.
    pub fn of_rosters(
        folder: &DataFolder,
        content: &Content,
        files: &'t [StoredRoster],
        rosters: &[StoredRoster],
    ) -> Outcome<Target<'t>> {
        let place = people_place(folder, content, files);
        let phones = shared_phones::of_rosters(folder, content, &place, rosters)?;
        Ok(Target::with(content, (files, place), phones))
    }

    /// Those that were made last.
    pub fn as_last(folder: &DataFolder, content: &Content, files: &'t [StoredRoster]) -> Target<'t> {
        let place = people_place(folder, content, files);
        let phones = shared_phones::counted_last(folder, &place);
        Target::with(content, (files, place), phones)
    }

    fn with(
        content: &Content,
        (files, place): (&'t [StoredRoster], PathBuf),
        phones: Arc<SharedPhones>,
    ) -> Target<'t> {
        Target { key: content.links_key(&register_key(files), &phones), place, files, phones }
    }
}

impl LinksBefore {
    /// Only links to this very register, where there is no room for another one.
    pub fn to_this_register(folder: &DataFolder, content: &Content, target: &Target<'_>) -> LinksBefore {
        let same = folder.links(&target.key);
        let last = Target::as_last(folder, content, target.files);
        let mut earlier = Vec::new();
        if last.key != target.key {
            let changes = Changes::none().with_shared_phones(&last.phones, &target.phones);
            earlier.push((folder.links(&last.key), changes));
        }
        let (folder, no_changes) = (folder.clone(), Changes::none());
        LinksBefore { folder, same, no_changes, earlier, earlier_people: None }
    }

    /// `rosters` are to be linked to the target, whose people are those of `index`.
    pub fn find(
        folder: &DataFolder,
        content: &Content,
        (target, rosters): (&Target<'_>, &[StoredRoster]),
        (people, index): (&RegisterBuilder, &Index),
    ) -> Outcome<LinksBefore> {
        let (_, spec) = content.register_spec()?;
        let mut before = LinksBefore::to_this_register(folder, content, target);
        let months = target.files.iter().map(StoredRoster::month).collect::<Outcome<Vec<Month>>>()?;
        let unknown = rosters.iter().filter(|stored| !before.knows(&stored.roster));
        let rows = unknown.map(|stored| stored.rows as usize).sum();
        if let Some(until) = months.into_iter().max()
            && is_worth_while(rows, index.len())
        {
            let months = lake::current(folder, &spec.id, until)?.into_iter().rev();
            let mut others = months.map(|(_, others)| others).filter(|others| others != target.files);
            let found = others.find_map(|others| {
                let last = Target::as_last(folder, content, &others);
                let changes = changes_since(folder, &last.place, people, index)?;
                before.earlier_people = Some(last.place);
                Some((folder.links(&last.key), changes.with_shared_phones(&last.phones, &target.phones)))
            });
            before.earlier.extend(found);
        }
        Ok(before)
    }

    /// Whether rows of a kind of roster were ever linked to this register.
    fn knows(&self, roster: &str) -> bool {
        let places = self.earlier.iter().map(|(place, _)| place).chain([&self.same]);
        places.into_iter().any(|place| !latest_files(place, roster).is_empty())
    }

    /// The latest answers for rows of a kind of roster, and what has changed since they were given.
    pub fn of(&self, roster: &str, weights: &Weights) -> (Known, &Changes) {
        let same = (&self.same, &self.no_changes);
        let places =
            std::iter::once(same).chain(self.earlier.iter().map(|(place, changes)| (place, changes)));
        let mut holding = places.filter(|(_, changes)| !changes.touch_every_name(weights));
        let found = holding.find_map(|(place, changes)| {
            let known = known(&self.folder, place, roster);
            (!known.rows.is_empty()).then(|| (Known::new(known), changes))
        });
        found.unwrap_or_else(|| (Known::default(), &self.no_changes))
    }

    /// Keeps the people of the register that was linked to, for next month; of earlier ones only those of `self`. `place`
    /// has what follows from register and weights.
    pub fn keep_people<'p>(
        &self,
        place: &Path,
        person_id: impl Fn(u32) -> &'p str,
        index: &Index,
    ) -> Outcome<()> {
        let path = people_file(place);
        if path.is_file() {
            return Ok(());
        }
        let links = place.parent().and_then(|links| links.read_dir().ok());
        for place in links.into_iter().flatten().flatten().map(|entry| entry.path()) {
            if Some(&place) != self.earlier_people.as_ref() {
                // Whatever stays there is in nobody's way.
                let _ = std::fs::remove_file(people_file(&place));
            }
        }
        let mut file = index.to_bytes();
        let length = file.len() as u64;
        let ids = || (0..index.len() as u32).map(&person_id);
        file.reserve(ids().map(|id| id.len() + 4).sum::<usize>() + 8);
        for id in ids() {
            file.extend((id.len() as u32).to_le_bytes());
            file.extend(id.as_bytes());
        }
        // How much of it is the index stands at the end.
        file.extend(length.to_le_bytes());
        self.folder.write(&path, &file)
    }
}

/// Reading the people of the register that was costs as much as answering for a few rows: where there are not many, all are
/// asked anew, which gives the same.
const PEOPLE_PER_ROW: usize = 8;

fn is_worth_while(rows: usize, persons: usize) -> bool {
    rows > persons / PEOPLE_PER_ROW
}

/// Answers kept in a folder of links for the latest month of a kind of roster.
fn known(folder: &DataFolder, place: &Path, roster: &str) -> KnownRows {
    let mut known = KnownRows::default();
    for path in latest_files(place, roster) {
        // What was read before something was damaged stands as it was.
        let _ = links::read_known(folder, &path, &mut known);
    }
    known
}

/// Files of links for the latest month of a kind of roster.
fn latest_files(place: &Path, roster: &str) -> Vec<PathBuf> {
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
    files.retain(|(month, _)| Some(month) == latest.as_ref());
    files.into_iter().map(|(_, path)| path).collect()
}

/// Where lies what follows from a register and weights, whatever the rosters are.
fn people_place(folder: &DataFolder, content: &Content, files: &[StoredRoster]) -> PathBuf {
    folder.links(&content.register_links_key(&register_key(files)))
}

/// The people of the register that links were made to.
fn people_file(place: &Path) -> PathBuf {
    place.join("people.bin")
}

/// What has changed since the people of a folder of links; `None` where they are not kept there as they were.
fn changes_since(
    folder: &DataFolder,
    place: &Path,
    people: &RegisterBuilder,
    index: &Index,
) -> Option<Changes> {
    let file = folder.read(&people_file(place)).ok()?;
    let (rest, length) = file.split_last_chunk::<8>()?;
    let (old, mut ids) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let old = Index::from_bytes(old)?;
    let mut new_of_old = Vec::with_capacity(old.len());
    // Registers keep their order from month to month, mostly.
    let mut next = 0;
    for _ in 0..old.len() {
        let (length, rest) = ids.split_first_chunk::<4>()?;
        let (id, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        ids = rest;
        let id = std::str::from_utf8(id).ok()?;
        let is_next = (next as usize) < index.len() && people.person_id(next) == id;
        let now = if is_next { Some(next) } else { people.find_person_id(id) };
        next = now.map_or(next, |person| person + 1);
        new_of_old.push(now);
    }
    ids.is_empty().then(|| Changes::between(&old, index, new_of_old))
}

/// What was said of the rows of a kind of roster, to be asked in the order of another month's rows.
#[derive(Default)]
pub(crate) struct Known {
    known: KnownRows,
    /// After the row that was found last.
    next: usize,
    /// Rows in a row that were not found near there.
    missed: u32,
    /// By digest; made when rows turn out to stand in another order.
    places: FxHashMap<u64, u32>,
}

impl Known {
    /// So far ahead of the last one a row is looked for.
    const AHEAD: usize = 32;
    /// So many rows may be new or changed before it is believed that they stand elsewhere.
    const PATIENCE: u32 = 8;

    fn new(known: KnownRows) -> Known {
        Known { known, ..Known::default() }
    }

    /// Before the first row.
    pub fn begin_again(&mut self) {
        self.next = 0;
        self.missed = 0;
    }

    /// A row that said the same, and the keys that its answer rests on.
    pub fn find(&mut self, digest: u64) -> Option<(&KnownRow, &[u32])> {
        let rows = &self.known.rows;
        if rows.is_empty() {
            return None;
        }
        let ahead = rows.iter().skip(self.next).take(Known::AHEAD);
        let mut place = ahead.zip(self.next..).find(|(row, _)| row.digest == digest).map(|(_, at)| at);
        if place.is_none() && (self.missed >= Known::PATIENCE || !self.places.is_empty()) {
            if self.places.is_empty() {
                self.places = rows.iter().map(|row| row.digest).zip(0..).collect();
            }
            place = self.places.get(&digest).map(|at| *at as usize);
        }
        match place {
            None => self.missed += 1,
            Some(at) => {
                self.missed = 0;
                self.next = at + 1;
            }
        }
        let row = &self.known.rows[place?];
        Some((row, &self.known.keys[row.keys.start as usize..row.keys.end as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, is_worth_while};
    use crate::links::{KnownRow, KnownRows};
    use doudi_linkage::{Kept, LinkClass, MatchGrade};

    #[test]
    fn a_register_is_not_read_a_second_time_for_a_few_rows() {
        assert!(!is_worth_while(7_000, 100_000));
        assert!(is_worth_while(40_000, 100_000));
        assert!(!is_worth_while(0, 0));
    }

    fn known(count: u64) -> Known {
        let row = |digest: u64| KnownRow {
            digest,
            writing: digest * 2,
            kept: Kept {
                class: LinkClass::Auto,
                person: Some(digest as u32),
                probability: 1.0,
                grade: MatchGrade::A,
                unlinked: None,
            },
            keys: digest as u32..digest as u32 + 1,
        };
        Known::new(KnownRows { rows: (1..=count).map(row).collect(), keys: (0..=count as u32).collect() })
    }

    /// How many of some rows are found, each as itself.
    fn found(known: &mut Known, rows: impl Iterator<Item = u64>) -> usize {
        known.begin_again();
        let found = |digest: u64| {
            let (row, keys) = known.find(digest)?;
            assert_eq!((row.digest, keys), (digest, &[digest as u32][..]));
            Some(())
        };
        rows.filter_map(found).count()
    }

    #[test]
    fn rows_are_found_in_their_order_with_others_between_and_some_gone() {
        let mut known = known(1000);
        assert_eq!(found(&mut known, 1..=1000), 1000);
        assert_eq!(found(&mut known, (1..=1000).filter(|n| n % 7 != 0)), 858);
        let with_new = (1..=1000).flat_map(|n| if n % 9 == 0 { vec![5_000 + n, n] } else { vec![n] });
        assert_eq!(found(&mut known, with_new), 1000);
        assert!(known.places.is_empty(), "nobody had to be looked for elsewhere");
    }

    #[test]
    fn rows_in_another_order_are_found_but_for_the_first_few() {
        let mut known = known(1000);
        assert!(found(&mut known, (1..=1000).rev()) >= 1000 - Known::PATIENCE as usize);
        assert_eq!(found(&mut known, 5_000..6_000), 0);
    }
}
