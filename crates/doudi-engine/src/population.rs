//! Who is cleared: the people of a region, in their assistance units.

use crate::data_folder::DataFolder;
use crate::error::Outcome;
use crate::identity::IdentityColumns;
use crate::lake::{self, Half};
use crate::parts::Part;
use crate::settle::{NOBODY, SettledRoster};
use crate::texts::Texts;
use doudi_register::{Register, UnitOrigin, UnitsBuilder};
use doudi_terms::roster::{ColumnKind, RosterSpec};
use doudi_terms::{RegionCode, RegionLevel};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::Arc;

/// A group of people who are assessed together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unit {
    /// The same next month: `H:` and the household's number, or the roster and its number.
    pub key: Box<str>,
    pub county: RegionCode,
    /// Rows of its members.
    pub start: u32,
    pub end: u32,
}

impl Unit {
    pub fn rows(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The number on paper.
    pub fn number(&self) -> &str {
        self.key.split_once(':').map_or(&self.key, |(_, number)| number)
    }
}

/// The people of one clearing. A *row* counts them unit by unit; a *number* is the register's.
#[derive(Debug)]
pub(crate) struct Population {
    pub register: Arc<Register>,
    /// Of everybody, or of those whom somebody will ask for.
    pub texts: Arc<Texts>,
    pub units: Vec<Unit>,
    /// By row: the person's number.
    pub members: Vec<u32>,
    /// By row.
    pub unit_of: Vec<u32>,
    /// By row: where the person belongs, as well as is known.
    pub regions: Vec<RegionCode>,
    /// By number, from the first member's on; [`NOBODY`] = not of this clearing.
    pub row_of: Vec<u32>,
    pub first_member: u32,
}

impl Population {
    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn row(&self, person: u32) -> Option<usize> {
        let place = person.checked_sub(self.first_member)? as usize;
        self.row_of.get(place).filter(|row| **row != NOBODY).map(|row| *row as usize)
    }

    pub fn unit(&self, row: usize) -> &Unit {
        &self.units[self.unit_of[row] as usize]
    }

    /// Some of the people by themselves: their rows and units are counted from 0.
    pub fn part(&self, part: &Part) -> Population {
        let Part { units, rows } = part;
        let (first_unit, first_row) = (units.start as u32, rows.start as u32);
        let members = self.members[rows.clone()].to_vec();
        let first_member = members.iter().copied().min().unwrap_or(0);
        let last_member = members.iter().copied().max().unwrap_or(0);
        let mut row_of = vec![NOBODY; (last_member - first_member) as usize + 1];
        for (row, person) in (0..).zip(&members) {
            row_of[(*person - first_member) as usize] = row;
        }
        let unit =
            |unit: &Unit| Unit { start: unit.start - first_row, end: unit.end - first_row, ..unit.clone() };
        Population {
            register: Arc::clone(&self.register),
            texts: Arc::clone(&self.texts),
            units: self.units[units.clone()].iter().map(unit).collect(),
            unit_of: self.unit_of[rows.clone()].iter().map(|unit| unit - first_unit).collect(),
            regions: self.regions[rows.clone()].to_vec(),
            members,
            row_of,
            first_member,
        }
    }

    pub fn person_id(&self, row: usize) -> &str {
        self.register.person_id(self.members[row])
    }

    /// Who is written as the head of the unit's first household, if a member; else the first member.
    pub fn head_row(&self, unit: &Unit) -> usize {
        let first = unit.start as usize;
        let household = self.members.get(first).and_then(|person| self.register.household(*person));
        let head = household.and_then(|household| self.register.households().head(household));
        head.and_then(|head| self.row(head)).filter(|row| unit.rows().contains(row)).unwrap_or(first)
    }

    /// Units of one county after another, as ranges of units.
    pub fn counties(&self) -> Vec<(RegionCode, Range<usize>)> {
        let mut found: Vec<(RegionCode, Range<usize>)> = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            match found.last_mut() {
                Some((county, range)) if *county == unit.county => range.end = at + 1,
                _ => found.push((unit.county, at..at + 1)),
            }
        }
        found
    }
}

/// Groups by the household numbers of rosters that say who lives together.
pub(crate) struct Grouping {
    keys: Vec<Box<str>>,
    /// By person's number.
    group_of: Vec<u32>,
}

impl Grouping {
    /// Reads the household numbers of the rosters whose specification is in `unit_specs`.
    pub fn read(
        folder: &DataFolder,
        specs: &[RosterSpec],
        unit_specs: &[usize],
        rosters: &[SettledRoster],
        register: &Register,
    ) -> Outcome<Grouping> {
        let mut grouping = Grouping { keys: Vec::new(), group_of: vec![NOBODY; register.len() as usize] };
        let mut known: FxHashMap<(u64, String), u32> = FxHashMap::default();
        for roster in rosters.iter().filter(|roster| unit_specs.contains(&roster.spec)) {
            let spec = &specs[roster.spec];
            let columns = IdentityColumns::of(spec);
            let numbers = lake::narrowed(spec, |_, column| column.kind == ColumnKind::HouseholdNumber);
            let mut settled = roster.rows.iter();
            for batch in lake::read(folder, &roster.stored, &numbers, Half::Facts)? {
                let batch = batch?;
                for (at, row) in (0..batch.rows.len()).zip(&mut settled) {
                    let number = columns.text(&batch, ColumnKind::HouseholdNumber, at);
                    let Some(group) = grouping.group_of.get_mut(row.person as usize) else { continue };
                    if number.is_empty() || !row.counts() || *group != NOBODY {
                        continue;
                    }
                    let county = register.region(row.person).county().number();
                    let key = (county, format!("{}:{number}", spec.id));
                    let next = grouping.keys.len() as u32;
                    *group = *known.entry(key.clone()).or_insert(next);
                    if *group == next {
                        grouping.keys.push(key.1.into());
                    }
                }
            }
        }
        Ok(grouping)
    }

    fn regroup(&self, register: &Register) -> doudi_register::Units {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); self.keys.len()];
        for (person, group) in self.group_of.iter().enumerate() {
            if let Some(list) = members.get_mut(*group as usize) {
                list.push(person as u32);
            }
        }
        let mut units = UnitsBuilder::new(register);
        for list in members.iter().filter(|list| !list.is_empty()) {
            // Everybody is in one group only, so nothing can be in the way.
            let _ = units.regroup(list, UnitOrigin::Enrolled);
        }
        units.build()
    }

    fn key(&self, register: &Register, person: u32) -> Box<str> {
        let group = self.group_of.get(person as usize).and_then(|group| self.keys.get(*group as usize));
        if let Some(key) = group {
            return key.clone();
        }
        let number =
            register.household(person).map_or("", |household| register.households().number(household));
        match number {
            "" => format!("P:{}", register.person_id(person)).into(),
            number => format!("H:{number}").into(),
        }
    }
}

/// Everybody of `region`, in units; `gone` are entries of the register that are somebody else's.
pub(crate) fn population(
    (register, texts): (Register, Texts),
    region: RegionCode,
    grouping: &Grouping,
    gone: &FxHashSet<u32>,
) -> Population {
    let units = grouping.regroup(&register);
    let place = |person: u32| effective_region(&register, person, region);
    let mut order: Vec<(RegionCode, u32, Vec<u32>)> = Vec::new();
    for (_, _, members) in units.iter() {
        let is_here = |person: &u32| place(*person).is_within(region) && !gone.contains(person);
        let here: Vec<u32> = members.iter().copied().filter(is_here).collect();
        let Some(&first) = here.first() else { continue };
        let county = here.iter().map(|person| place(*person).county()).find(|code| code.number() != 0);
        order.push((county.unwrap_or(RegionCode::COUNTRY), first, here));
    }
    order.sort_by_key(|(county, first, _)| (*county, *first));
    let mut found = Population {
        row_of: vec![NOBODY; register.len() as usize],
        units: Vec::with_capacity(order.len()),
        members: Vec::new(),
        unit_of: Vec::new(),
        regions: Vec::new(),
        first_member: 0,
        register: Arc::new(register),
        texts: Arc::new(texts),
    };
    for (county, first, members) in order {
        let start = found.members.len() as u32;
        let key = grouping.key(&found.register, first);
        for person in members {
            found.row_of[person as usize] = found.members.len() as u32;
            found.members.push(person);
            found.unit_of.push(found.units.len() as u32);
            found.regions.push(effective_region(&found.register, person, region));
        }
        found.units.push(Unit { key, county, start, end: found.members.len() as u32 });
    }
    found
}

/// The person's own; where that is not known the household head's; where neither is, the region that is cleared, so
/// that nobody is left out - unless that is below a county, where it would be a guess.
fn effective_region(register: &Register, person: u32, region: RegionCode) -> RegionCode {
    let own = register.region(person);
    if own != RegionCode::COUNTRY {
        return own;
    }
    let head = register
        .household(person)
        .map_or(RegionCode::COUNTRY, |household| register.households().region(household));
    if head != RegionCode::COUNTRY {
        return head;
    }
    if region.level() <= RegionLevel::County { region } else { RegionCode::COUNTRY }
}
