//! Counts over the rows of a roster: how many rows, people, households or counties share something.

use super::column::NO_SOURCE;
use super::derived::plain_shared;
use super::fact_set::FactSet;
use crate::identity::{IdentityColumns, region};
use crate::population::Population;
use doudi_linkage::MatchGrade;
use doudi_policy::Library;
use doudi_policy::ir::{InputId, PERSON, Type};
use doudi_terms::RegionCode;
use doudi_terms::roster::{Cells, ColumnKind, Counted, ObservationBatch, RosterSpec};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A count of a specification with its names found.
pub(crate) struct ResolvedCount {
    pub input: InputId,
    /// Column with what is shared; `None` = the person's own rows.
    same: Option<usize>,
    of: Counted,
    pub absent: Option<i64>,
}

/// A row as counting sees it. The cell that is shared is a number here; what was written stays behind.
struct CountedRow {
    key: Option<u32>,
    person: u32,
    county: RegionCode,
    source: u16,
    place: SharedRow,
}

/// Where a row stands that shares something with others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SharedRow {
    /// Index into the settled rosters.
    pub roster: u16,
    pub row: u32,
    pub grade: MatchGrade,
}

/// Who shares what with whom, for the evidence of leads: only groups of more than one person.
#[derive(Debug, Default)]
pub(crate) struct Sharing {
    groups: Vec<Vec<SharedRow>>,
    /// By input and person's number.
    of: FxHashMap<(InputId, u32), Vec<u32>>,
}

impl Sharing {
    /// Rows that share something with a person's, by the count that an input is; of the person the number.
    pub fn rows(&self, input: InputId, person: u32) -> impl Iterator<Item = SharedRow> + '_ {
        let groups = self.of.get(&(input, person)).map_or(&[][..], Vec::as_slice);
        groups.iter().filter_map(|group| self.groups.get(*group as usize)).flatten().copied()
    }
}

/// The rows of one roster on their way to counts.
#[derive(Default)]
pub(crate) struct Counting {
    keys: FxHashMap<(usize, Box<str>), u32>,
    /// By count of the specification.
    rows: Vec<Vec<CountedRow>>,
}

/// One row of a roster: both halves, its person and its source.
pub(crate) struct RowToCount<'a> {
    pub facts: &'a ObservationBatch,
    pub identity: Option<&'a ObservationBatch>,
    pub columns: &'a IdentityColumns,
    pub at: usize,
    pub person: usize,
    pub source: u16,
    pub place: SharedRow,
    /// A person's second row on a list on which everybody stands once.
    pub second: bool,
}

impl ResolvedCount {
    /// Counts that no policy asks for are passed over.
    pub fn new(library: &Library, spec: &RosterSpec) -> Vec<ResolvedCount> {
        let counts = spec.counts.iter().filter_map(|count| {
            let input = library.input_by_path(&count.input)?;
            let found = &library.inputs[input.index()];
            if found.entity != PERSON || found.ty != Type::Count {
                return None;
            }
            let place = |name: &String| {
                spec.columns.iter().position(|column| column.name == *name).unwrap_or(usize::MAX)
            };
            Some(ResolvedCount {
                input,
                same: count.same.as_ref().map(place),
                of: count.of,
                absent: count.absent.as_deref().and_then(|word| word.parse().ok()),
            })
        });
        counts.collect()
    }

    /// Whether counting asks for an identity column.
    pub fn looks_at(&self, column: usize, kind: ColumnKind) -> bool {
        self.same == Some(column) || (self.of == Counted::Counties && kind == ColumnKind::Region)
    }
}

impl Counting {
    pub fn push(&mut self, counts: &[ResolvedCount], population: &Population, row: &RowToCount<'_>) {
        self.rows.resize_with(counts.len(), Vec::new);
        let own = population.regions[row.person];
        let written =
            row.identity.and_then(|identity| region(row.columns.text(identity, ColumnKind::Region, row.at)));
        for (index, count) in counts.iter().enumerate() {
            // Somebody listed in two households draws on both accounts: that is one finding about him, and none about
            // everybody in either household.
            let shared = count.same.filter(|_| !row.second);
            let key = shared.and_then(|column| self.key(index, &shared_cell(row, column)));
            self.rows[index].push(CountedRow {
                key,
                person: row.person as u32,
                county: written.unwrap_or(own).county(),
                source: row.source,
                place: row.place,
            });
        }
    }

    fn key(&mut self, count: usize, cell: &str) -> Option<u32> {
        if cell.is_empty() {
            return None;
        }
        let next = self.keys.len() as u32;
        Some(*self.keys.entry((count, cell.into())).or_insert(next))
    }

    /// The counts of everybody listed. Somebody with several shared cells gets the largest count.
    pub fn finish(self, counts: &[ResolvedCount], population: &Population, sharing: &mut Sharing) -> Counts {
        let mut of_counts = Vec::with_capacity(counts.len());
        for (count, mut rows) in counts.iter().zip(self.rows) {
            rows.sort_by_key(|row| if count.same.is_some() { (row.key, 0) } else { (None, row.person) });
            let mut found = NumberOf::default();
            let together = |a: &CountedRow, b: &CountedRow| match count.same {
                Some(_) => a.key == b.key,
                None => a.person == b.person,
            };
            for group in rows.chunk_by(together) {
                let blank = count.same.is_some() && group[0].key.is_none();
                let number = if blank { 0 } else { number_of(count.of, population, group) };
                for row in group {
                    let person = population.members[row.person as usize];
                    let known = found.entry(person).or_insert((number, row.source));
                    known.0 = known.0.max(number);
                }
                if count.same.is_some() && !blank {
                    sharing.add(count.input, population, group);
                }
            }
            of_counts.push((count.input, found));
        }
        Counts(of_counts)
    }
}

/// What the counts of one specification came to: by count, by person's number.
#[derive(Default)]
pub(crate) struct Counts(Vec<(InputId, NumberOf)>);

/// By person's number: a count and its source.
type NumberOf = FxHashMap<u32, (i64, u16)>;

impl Counts {
    /// States the counts about people of whom nothing is known yet.
    pub fn state(&self, library: &Library, population: &Population, facts: &mut FactSet) {
        for (input, found) in &self.0 {
            let column = facts.column(library, *input);
            for (row, person) in population.members.iter().enumerate() {
                if let (NO_SOURCE, Some((number, source))) = (column.source(row), found.get(person)) {
                    column.set(row, *number, *source);
                }
            }
        }
    }
}

impl Sharing {
    fn add(&mut self, input: InputId, population: &Population, group: &[CountedRow]) {
        let persons: BTreeSet<u32> =
            group.iter().map(|row| population.members[row.person as usize]).collect();
        if persons.len() < 2 {
            return;
        }
        let number = self.groups.len() as u32;
        self.groups.push(group.iter().map(|row| row.place).collect());
        for person in persons {
            self.of.entry((input, person)).or_default().push(number);
        }
    }
}

fn number_of(of: Counted, population: &Population, group: &[CountedRow]) -> i64 {
    let different = |mut numbers: Vec<u64>| {
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len() as i64
    };
    match of {
        Counted::Rows => group.len() as i64,
        Counted::Persons => different(group.iter().map(|row| u64::from(row.person)).collect()),
        Counted::Households => {
            let known = group.iter().filter(|row| has_household(population, row.person as usize));
            different(known.map(|row| u64::from(population.unit_of[row.person as usize])).collect()).max(1)
        }
        Counted::Counties => {
            different(group.iter().map(|row| row.county.number()).filter(|county| *county != 0).collect())
        }
    }
}

/// Somebody whom only a roster without household numbers names stands alone for want of knowing better: he may well be of
/// the same household, and that is no finding.
fn has_household(population: &Population, row: usize) -> bool {
    let unit = population.unit(row);
    unit.rows().len() > 1 || unit.number() != population.person_id(row)
}

/// The cell as it is compared; empty for a blank one.
fn shared_cell(row: &RowToCount<'_>, column: usize) -> String {
    let halves = [row.identity, Some(row.facts)];
    let cells = halves.into_iter().flatten().find_map(|half| half.columns.get(column)?.as_ref());
    let number = |cell: Option<i64>| cell.map_or_else(String::new, |number| number.to_string());
    match cells {
        Some(Cells::Text(texts)) => {
            plain_shared(texts.get(row.at).and_then(Option::as_deref).unwrap_or_default())
        }
        Some(Cells::Money(cells) | Cells::Number(cells)) => number(cells.get(row.at).copied().flatten()),
        Some(Cells::Date(cells) | Cells::Month(cells)) => {
            number(cells.get(row.at).copied().flatten().map(i64::from))
        }
        Some(Cells::YesNo(cells)) => number(cells.get(row.at).copied().flatten().map(i64::from)),
        None => String::new(),
    }
}
