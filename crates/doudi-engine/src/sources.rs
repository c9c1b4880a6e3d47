//! From where each fact of a month is, for whoever looks at one household: the row of a roster, or that somebody is not
//! listed in one, or last month's clearing.

use crate::content::Content;
use crate::facts::{FactSet, FactSource, NO_SOURCE, Origin, Origins, looked_at};
use crate::population::Population;
use crate::settle::SettledRoster;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON};
use doudi_terms::roster::{FieldSource, RosterSpec};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rows named for one household. A household with more has its first ones; of the other facts it is said who may supply
/// them, as of facts that came without rows.
const MOST_PLACES: usize = 400;

/// Where the facts of a month were read.
#[derive(Default)]
pub(crate) struct Sources {
    origins: Origins,
    known: Vec<FactSource>,
    /// Of facts of persons and households, by row of their table: which of the known sources.
    of: BTreeMap<InputId, Vec<u16>>,
}

impl Sources {
    /// Their values are not kept.
    pub fn new(facts: FactSet, origins: Origins) -> Sources {
        let own = facts.tables.into_iter().take(PERSON.index() + 1);
        let columns = own.flat_map(|table| table.columns);
        let of = columns.map(|(input, column)| (input, column.into_sources())).collect();
        Sources { origins, known: facts.sources, of }
    }

    fn known(&self, input: InputId, row: usize) -> Option<u16> {
        self.of.get(&input)?.get(row).copied().filter(|source| *source != NO_SOURCE)
    }
}

/// The rosters and other sources of a month, numbered: settled rosters come first, known sources after them.
pub(crate) struct Numbered<'n> {
    sources: &'n Sources,
    rosters: &'n [SettledRoster],
    population: &'n Population,
    /// By person's number: the row of the register.
    register: FxHashMap<u32, Origin>,
    /// By known source.
    is_register: Vec<bool>,
}

/// Where one fact is from: which of the numbered sources, and the row in it (0 = none).
pub(crate) type Place = (u32, u32);

impl<'n> Numbered<'n> {
    pub fn new(
        content: &Content,
        population: &'n Population,
        rosters: &'n [SettledRoster],
        sources: &'n Sources,
    ) -> Numbered<'n> {
        let spec = content.specs.iter().find(|spec| spec.register);
        let is_register = sources
            .known
            .iter()
            .map(|known| spec.is_some_and(|spec| spec.id == known.roster) && !known.absent);
        let own = (0_u16..).zip(rosters).filter(|(_, roster)| content.specs[roster.spec].register);
        let rows = own.flat_map(|(number, roster)| {
            let counting = roster.rows.iter().filter(|row| row.counts());
            counting.map(move |row| (row.person, Origin { roster: number, row: row.row }))
        });
        Numbered {
            register: rows.collect(),
            is_register: is_register.collect(),
            sources,
            rosters,
            population,
        }
    }

    /// Of a row of the whole tables.
    pub fn place(&self, entity: EntityId, row: usize, input: InputId) -> Option<Place> {
        let of_row = |origin: Origin| (u32::from(origin.roster), origin.row);
        if entity != HOUSEHOLD && entity != PERSON {
            return self.sources.origins.record(entity, row).map(of_row);
        }
        if let Some(origin) = self.sources.origins.fact(input, row) {
            return Some(of_row(origin));
        }
        let known = self.sources.known(input, row)?;
        if entity == PERSON && self.is_register.get(usize::from(known)) == Some(&true) {
            let person = self.population.members.get(row)?;
            return self.register.get(person).copied().map(of_row);
        }
        Some((self.rosters.len() as u32 + u32::from(known), 0))
    }

    /// What the numbers stand for.
    pub fn described(&self, content: &Content) -> Json {
        let name = |id: &str| content.specs.iter().find(|spec| spec.id == id);
        let files = self.rosters.iter().map(|settled| {
            let spec = &content.specs[settled.spec];
            json!({
                "roster": spec.id,
                "name": spec.name,
                "department": spec.department,
                "month": settled.stored.month,
                "file": settled.stored.file,
                "sheet": settled.stored.sheet,
            })
        });
        let known = self.sources.known.iter().map(|known| {
            let spec = name(&known.roster);
            json!({
                "roster": known.roster,
                "name": spec.map_or(known.roster.as_str(), |spec| spec.name.as_str()),
                "department": spec.map_or("", |spec| spec.department.as_str()),
                "month": known.month,
                "absent": known.absent,
            })
        });
        Json::Array(files.chain(known).collect())
    }
}

/// By roster and by the path of a fact: the columns that it is read from.
pub(crate) fn columns(content: &Content) -> Json {
    let of_specs = content.specs.iter().map(|spec| {
        let labels = labels(spec).into_iter();
        let made: Map<String, Json> = labels
            .map(|(path, columns)| (path, json!(columns.into_iter().collect::<Vec<_>>().join("、"))))
            .collect();
        (spec.id.clone(), Json::Object(made))
    });
    Json::Object(of_specs.filter(|(_, labels)| labels.as_object().is_some_and(|of| !of.is_empty())).collect())
}

fn labels(spec: &RosterSpec) -> BTreeMap<String, BTreeSet<String>> {
    let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fact in &spec.facts {
        let found = labels.entry(fact.input.clone()).or_default();
        match (&fact.column, fact.derive) {
            (Some(column), _) => drop(found.insert(column.clone())),
            (None, Some(derivation)) => {
                let kinds = looked_at(derivation);
                let compared = spec.columns.iter().filter(|column| kinds.contains(&column.kind));
                found.extend(compared.map(|column| column.name.clone()));
            }
            (None, None) => found.extend(fact.when.keys().cloned()),
        }
    }
    for count in &spec.counts {
        labels.entry(count.input.clone()).or_default().extend(count.same.clone());
    }
    for record in &spec.records {
        for (field, source) in &record.fields {
            if let FieldSource::Column { column } = source {
                labels.entry(format!("{}.{field}", record.record)).or_default().insert(column.clone());
            }
        }
    }
    labels.retain(|_, columns| !columns.is_empty());
    labels
}

/// The places of one household, each once.
#[derive(Default)]
pub(crate) struct Places {
    pub found: Vec<Place>,
    numbers: FxHashMap<Place, u32>,
}

impl Places {
    /// `None` where there are too many already.
    pub fn number(&mut self, place: Place) -> Option<u32> {
        if let Some(known) = self.numbers.get(&place) {
            return Some(*known);
        }
        if self.found.len() >= MOST_PLACES {
            return None;
        }
        let number = self.found.len() as u32;
        self.found.push(place);
        self.numbers.insert(place, number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_names_so_many_places_and_not_more() {
        let mut places = Places::default();
        let numbers: Vec<Option<u32>> =
            (0..MOST_PLACES as u32 + 5).map(|row| places.number((1, row))).collect();
        assert_eq!(numbers[MOST_PLACES - 1], Some(MOST_PLACES as u32 - 1));
        assert!(numbers[MOST_PLACES..].iter().all(Option::is_none));
        assert_eq!((places.number((1, 3)), places.found.len()), (Some(3), MOST_PLACES));
    }
}
