//! What is written about people: of everybody in memory, or, where memory is short, of the people at hand, from the lake.

use crate::content::Content;
use crate::data_folder::DataFolder;
use crate::error::{EngineError, Outcome};
use crate::identity::IdentityColumns;
use crate::lake::{self, Half};
use crate::parts::RowsByPart;
use crate::settle::SettledRoster;
use doudi_register::{PersonText, PersonTexts};
use doudi_terms::roster::{ColumnKind, ObservationBatch, RosterSpec};
use rustc_hash::{FxHashMap, FxHashSet};

/// Texts by person's number.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    texts: PersonTexts,
    /// By number where a person's texts are; `None` = they are everybody's.
    places: Option<FxHashMap<u32, u32>>,
}

impl Texts {
    pub fn of_everybody(texts: PersonTexts) -> Texts {
        Texts { texts, places: None }
    }

    pub fn of_nobody() -> Texts {
        Texts { texts: PersonTexts::default(), places: Some(FxHashMap::default()) }
    }

    /// Those of people whom no row of the register's files speaks of.
    pub fn of_some(texts: &PersonTexts, persons: impl Iterator<Item = u32>) -> Texts {
        let mut found = Texts::of_nobody();
        persons.for_each(|person| found.push(person, &texts.get(person)));
        found
    }

    fn push(&mut self, person: u32, text: &PersonText<'_>) {
        if let Some(places) = &mut self.places
            && let place = self.texts.len()
            && *places.entry(person).or_insert(place) == place
        {
            self.texts.push(text);
        }
    }

    fn place(&self, person: u32) -> u32 {
        let Some(places) = &self.places else { return person };
        let place = places.get(&person).copied();
        debug_assert!(place.is_some(), "nobody said that the texts of person {person} would be asked for");
        place.unwrap_or(u32::MAX)
    }

    pub fn get(&self, person: u32) -> PersonText<'_> {
        self.texts.get(self.place(person))
    }

    pub fn name(&self, person: u32) -> &str {
        self.texts.name(self.place(person))
    }

    /// As the register has it: not necessarily valid.
    pub fn id_number(&self, person: u32) -> &str {
        self.texts.id_number(self.place(person))
    }
}

/// The texts of a register's people in the lake, and those of people whom its files do not have or not under their own
/// number.
pub(crate) struct StoredTexts<'a> {
    folder: &'a DataFolder,
    rosters: &'a [SettledRoster],
    others: &'a Texts,
    columns: IdentityColumns,
    halves: [RosterSpec; 2],
    /// Index of the register's specification.
    spec: usize,
}

impl<'a> StoredTexts<'a> {
    pub fn new(
        folder: &'a DataFolder,
        content: &Content,
        rosters: &'a [SettledRoster],
        others: &'a Texts,
    ) -> Outcome<StoredTexts<'a>> {
        use ColumnKind::{Account, Address, IdNumber, PersonName, Phone, Relation};
        let (number, spec) = content.register_spec()?;
        let of_texts = |kind| matches!(kind, IdNumber | PersonName | Relation | Address | Phone | Account);
        let half = |half: Half| {
            lake::narrowed(spec, |_, column| {
                of_texts(column.kind) && column.kind.is_identity() == (half == Half::Identity)
            })
        };
        let halves = [half(Half::Identity), half(Half::Facts)];
        Ok(StoredTexts { folder, rosters, others, columns: IdentityColumns::of(spec), halves, spec: number })
    }

    /// Of the people of a part.
    pub fn of_part(&self, rows: &RowsByPart<'_>, part: usize, members: &[u32]) -> Outcome<Texts> {
        let mut found = Texts::of_nobody();
        for (number, _) in self.registers() {
            self.read(number, rows.positions(number, part), &mut found)?;
        }
        self.add_others(members.iter().copied(), &mut found);
        Ok(found)
    }

    /// Of some people, wherever they stand, and of all whom the files do not have.
    pub fn of(&self, persons: &FxHashSet<u32>) -> Outcome<Texts> {
        let mut found = Texts::of_nobody();
        for (number, roster) in self.registers().filter(|_| !persons.is_empty()) {
            let rows = (0..).zip(&roster.rows).filter(|(_, row)| persons.contains(&row.person));
            let positions: Vec<u32> = rows.map(|(at, _)| at).collect();
            self.read(number, &positions, &mut found)?;
        }
        let others = self.others.places.iter().flat_map(|places| places.keys());
        self.add_others(others.copied(), &mut found);
        Ok(found)
    }

    fn registers(&self) -> impl Iterator<Item = (usize, &'a SettledRoster)> {
        self.rosters.iter().enumerate().filter(|(_, roster)| roster.spec == self.spec)
    }

    fn add_others(&self, persons: impl Iterator<Item = u32>, found: &mut Texts) {
        let Some(others) = &self.others.places else { return };
        for person in persons.filter(|person| others.contains_key(person)) {
            found.push(person, &self.others.get(person));
        }
    }

    /// Adds the people of some rows of a file.
    fn read(&self, number: usize, positions: &[u32], found: &mut Texts) -> Outcome<()> {
        if positions.is_empty() {
            return Ok(());
        }
        let roster = &self.rosters[number];
        let [identity, facts] = [(0, Half::Identity), (1, Half::Facts)].map(|(at, half)| {
            lake::read_some(self.folder, &roster.stored, &self.halves[at], half, Some(positions))
        });
        let mut rows = positions.iter().map(|at| &roster.rows[*at as usize]);
        for (identity, facts) in identity?.zip(facts?) {
            let (identity, facts) = (identity?, facts?);
            if identity.rows != facts.rows {
                let what = "户籍名册的身份列和事实列对不上";
                return Err(EngineError::damaged(self.folder.root(), what));
            }
            for (at, row) in (0..identity.rows.len()).zip(&mut rows) {
                found.push(row.person, &self.text(&identity, &facts, at));
            }
        }
        Ok(())
    }

    fn text<'b>(
        &self,
        identity: &'b ObservationBatch,
        facts: &'b ObservationBatch,
        at: usize,
    ) -> PersonText<'b> {
        let text = |kind| self.columns.text(identity, kind, at);
        PersonText {
            id_number: text(ColumnKind::IdNumber),
            name: text(ColumnKind::PersonName),
            relation: self.columns.text(facts, ColumnKind::Relation, at),
            address: text(ColumnKind::Address),
            phone: text(ColumnKind::Phone),
            account: text(ColumnKind::Account),
        }
    }
}
