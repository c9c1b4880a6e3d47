//! The people of a place, as they are looked for.

use super::names::{Names, NamesBuilder, group};
use super::numbers::{Ends, Sorted};
use super::pinyin::Syllables;
use super::places::{self, Places};
use crate::cell::phone;
use crate::characters::Characters;
use crate::id::{IdKey, IdReading};
use crate::index::PersonEntry;
use crate::name::Name;
use doudi_terms::RegionCode;
use rustc_hash::FxHashMap;

/// Stands for an unknown day of birth.
pub(super) const NO_DAY: i32 = i32::MIN;
/// Stands for an unknown region: no code has so many digits.
const NO_REGION: u64 = u64::MAX;

/// Who may be seen: people who live within one of the regions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    regions: Vec<RegionCode>,
}

impl Scope {
    /// Nobody, if there is no region.
    pub fn of(regions: impl IntoIterator<Item = RegionCode>) -> Scope {
        Scope { regions: regions.into_iter().collect() }
    }

    /// Also people whose region is not known.
    pub fn everywhere() -> Scope {
        Scope::of([RegionCode::COUNTRY])
    }

    fn holds(&self, region: u64) -> bool {
        let code = RegionCode::from_number(region);
        self.regions
            .iter()
            .any(|&within| within == RegionCode::COUNTRY || code.is_some_and(|code| code.is_within(within)))
    }
}

/// The people, ready to be looked up. Can be asked from many threads at once.
pub struct Directory {
    pub(super) characters: Characters,
    pub(super) syllables: Syllables,
    pub(super) names: Names,
    pub(super) columns: Columns,
    pub(super) by_id: Sorted,
    pub(super) by_id_end: Ends,
    pub(super) by_birth: Sorted,
    pub(super) by_phone: Sorted,
    pub(super) by_phone_end: Ends,
    pub(super) places: Places,
    /// By place: the persons whose address has it, by `starts` and `persons`.
    pub(super) by_place: (Vec<u32>, Vec<u32>),
    /// Distinct codes, ascending.
    regions: Vec<u64>,
    pub(super) by_region: (Vec<u32>, Vec<u32>),
    /// The name of a region as a place.
    region_place: Vec<u32>,
}

/// By person; 0 = not known, unless said otherwise.
#[derive(Default)]
pub(super) struct Columns {
    pub id: Vec<IdKey>,
    /// [`NO_DAY`] = not known.
    pub birth: Vec<i32>,
    pub phone: Vec<u64>,
    pub place: Vec<u32>,
    /// Numbers of group and house, sixteen bits each.
    pub house: Vec<u32>,
    /// Index into the directory's regions.
    pub region: Vec<u32>,
}

/// Takes persons one by one; the first has number 0.
pub struct DirectoryBuilder {
    characters: Characters,
    names: NamesBuilder,
    columns: Columns,
    places: Places,
    regions: FxHashMap<u64, u32>,
}

impl DirectoryBuilder {
    /// Adds a person and returns their number. Sex, account and household are not asked for.
    pub fn push(&mut self, entry: PersonEntry<'_>) -> u32 {
        let number = self.columns.id.len() as u32;
        let id = IdReading::read(entry.id_number, false);
        self.names.push(Name::read(entry.name, &self.characters, &mut Vec::new()).view());
        let (place, house) = places::split(entry.address);
        let columns = &mut self.columns;
        columns.id.push(id.key().unwrap_or(0));
        columns.birth.push(entry.birth.or_else(|| id.birth()).unwrap_or(NO_DAY));
        columns.phone.push(phone(entry.phone).unwrap_or(0));
        columns.place.push(self.places.number(&place));
        columns.house.push(house);
        let next = self.regions.len() as u32;
        let region = entry.region.map_or(NO_REGION, RegionCode::number);
        columns.region.push(*self.regions.entry(region).or_insert(next));
        number
    }

    /// `name_of` names divisions: people are also found by the names above their address.
    pub fn build(self, name_of: &dyn Fn(RegionCode) -> Option<String>) -> Directory {
        let DirectoryBuilder { characters, names, mut columns, mut places, regions } = self;
        let mut codes: Vec<(u64, u32)> = regions.into_iter().collect();
        codes.sort_unstable();
        let mut new_number = vec![0_u32; codes.len()];
        for (number, &(_, old)) in (0..).zip(&codes) {
            new_number[old as usize] = number;
        }
        columns.region.iter_mut().for_each(|region| *region = new_number[*region as usize]);
        let regions: Vec<u64> = codes.into_iter().map(|(code, _)| code).collect();
        let by_place = group(&columns.place, places.len());
        let full_name = |code: &u64| {
            let code = RegionCode::from_number(*code)?;
            let above: Vec<RegionCode> = std::iter::successors(Some(code), |code| code.parent()).collect();
            Some(above.into_iter().rev().filter_map(name_of).collect::<String>())
        };
        let region_place =
            regions.iter().map(|code| places.number(&full_name(code).unwrap_or_default())).collect();
        places.close();
        let syllables = Syllables::new();
        Directory {
            names: names.build(&syllables),
            by_id: Sorted::new(&columns.id, |id| id != 0),
            by_id_end: Ends::new(columns.id.len(), |person| id_end(columns.id[person])),
            by_birth: Sorted::new(&columns.birth, |day| day != NO_DAY),
            by_phone: Sorted::new(&columns.phone, |phone| phone != 0),
            by_phone_end: Ends::new(columns.phone.len(), |person| {
                Some(columns.phone[person]).filter(|&phone| phone != 0).map(|phone| (phone % 10_000) as u32)
            }),
            by_region: group(&columns.region, regions.len()),
            characters,
            syllables,
            columns,
            places,
            by_place,
            regions,
            region_place,
        }
    }
}

/// The last four places of a number as [`Ends`] takes them.
pub(super) fn id_end(id: IdKey) -> Option<u32> {
    (id != 0).then_some((id % 11_000) as u32)
}

impl Default for DirectoryBuilder {
    fn default() -> DirectoryBuilder {
        DirectoryBuilder {
            characters: Characters::new(),
            names: NamesBuilder::default(),
            columns: Columns::default(),
            places: Places::default(),
            regions: FxHashMap::default(),
        }
    }
}

impl Directory {
    pub fn builder() -> DirectoryBuilder {
        DirectoryBuilder::default()
    }

    pub fn len(&self) -> usize {
        self.columns.id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A name as it is typed in letters: the first characters with their whole syllables, the others with an initial.
    pub fn spelt(&self, name: &str, whole: usize) -> String {
        let name = Name::read(name, &self.characters, &mut Vec::new());
        let text = |(at, &c): (usize, &char)| {
            let syllable = self.syllables.text(self.syllables.of(c));
            if at < whole { syllable } else { syllable.get(..1).unwrap_or_default() }
        };
        name.chars().iter().enumerate().map(text).collect()
    }

    /// Memory that grows with the people, in bytes.
    pub fn bytes(&self) -> usize {
        let columns = &self.columns;
        let by_person = 16 * columns.id.len() + 16 * columns.birth.len();
        let groups =
            [&self.by_place, &self.by_region].map(|(starts, persons)| 4 * (starts.len() + persons.len()));
        by_person
            + groups.iter().sum::<usize>()
            + self.names.bytes()
            + self.by_id.bytes()
            + self.by_id_end.bytes()
            + self.by_birth.bytes()
            + self.by_phone.bytes()
            + self.by_phone_end.bytes()
            + self.places.bytes()
    }

    /// By region of the directory: whether its people may be seen.
    pub(super) fn visible(&self, scope: &Scope) -> Vec<bool> {
        self.regions.iter().map(|&region| scope.holds(region)).collect()
    }

    pub(super) fn lives_in(&self, person: u32, visible: &[bool]) -> bool {
        visible[self.columns.region[person as usize] as usize]
    }

    pub(super) fn persons_of_region(&self, region: usize) -> &[u32] {
        let (starts, persons) = &self.by_region;
        &persons[starts[region] as usize..starts[region + 1] as usize]
    }

    pub(super) fn persons_of_place(&self, place: u32) -> &[u32] {
        let (starts, persons) = &self.by_place;
        match (starts.get(place as usize), starts.get(place as usize + 1)) {
            (Some(&from), Some(&to)) => &persons[from as usize..to as usize],
            // A region's name that is nobody's address.
            _ => &[],
        }
    }

    /// Regions whose full name is one of these places (ascending).
    pub(super) fn regions_named(&self, places: &[u32]) -> Vec<u32> {
        let named = |region: &u32| places.binary_search(&self.region_place[*region as usize]).is_ok();
        (0..self.regions.len() as u32).filter(named).collect()
    }
}
