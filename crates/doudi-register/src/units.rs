//! Assistance units: the groups of people who are assessed together (共同生活家庭成员).

use crate::register::Register;

/// Why these people are one unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnitOrigin {
    /// One household of the register (户籍).
    Hukou,
    /// Enrolled together on a programme's roster.
    Enrolled,
    /// Found living together by a visit.
    Survey,
}

/// Why a regrouping was not carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnitsError {
    NoMembers,
    /// The number is no person's.
    UnknownPerson(u32),
    /// The person was put into a unit of the same or a stronger origin before.
    AlreadyGrouped(u32),
}

impl std::fmt::Display for UnitsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            UnitsError::NoMembers => f.write_str("家庭成员为空"),
            UnitsError::UnknownPerson(person) => write!(f, "人口库中没有序号为 {person} 的人"),
            UnitsError::AlreadyGrouped(person) => write!(f, "序号为 {person} 的人已经归入另一个家庭"),
        }
    }
}

impl std::error::Error for UnitsError {}

/// A partition of all persons: everyone is in exactly one unit. Units are numbered by their first member, and members
/// stand in the register's order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Units {
    starts: Vec<u32>,
    members: Vec<u32>,
    origin: Vec<UnitOrigin>,
    unit_of: Vec<u32>,
}

/// Starts from the register's households and regroups people.
#[derive(Clone, Debug)]
pub struct UnitsBuilder {
    /// Each person's group; households come first, regroupings after them.
    group: Vec<u32>,
    origin: Vec<UnitOrigin>,
}

impl UnitsBuilder {
    pub fn new(register: &Register) -> UnitsBuilder {
        UnitsBuilder {
            group: register.household_of().to_vec(),
            origin: vec![UnitOrigin::Hukou; register.households().len() as usize],
        }
    }

    /// Makes these people one unit; whoever is left of their former units stays together there. A survey overrides a
    /// roster, a roster overrides the household; on an error nothing is changed. A person named twice counts once.
    pub fn regroup(&mut self, members: &[u32], origin: UnitOrigin) -> Result<(), UnitsError> {
        if members.is_empty() {
            return Err(UnitsError::NoMembers);
        }
        for &person in members {
            let group = self.group.get(person as usize).ok_or(UnitsError::UnknownPerson(person))?;
            let former = self.origin.get(*group as usize).copied().unwrap_or(UnitOrigin::Hukou);
            if former >= origin {
                return Err(UnitsError::AlreadyGrouped(person));
            }
        }
        let group = self.origin.len() as u32;
        self.origin.push(origin);
        for &person in members {
            if let Some(former) = self.group.get_mut(person as usize) {
                *former = group;
            }
        }
        Ok(())
    }

    pub fn build(self) -> Units {
        const NO_UNIT: u32 = u32::MAX;
        let mut units = Units::default();
        let mut unit_of_group = vec![NO_UNIT; self.origin.len()];
        let mut sizes: Vec<u32> = Vec::new();
        for &group in &self.group {
            let unit = &mut unit_of_group[group as usize];
            if *unit == NO_UNIT {
                *unit = sizes.len() as u32;
                sizes.push(0);
                units.origin.push(self.origin[group as usize]);
            }
            sizes[*unit as usize] += 1;
            units.unit_of.push(*unit);
        }
        units.starts = std::iter::once(0)
            .chain(sizes.iter().scan(0, |sum, &size| {
                *sum += size;
                Some(*sum)
            }))
            .collect();
        let mut next = units.starts.clone();
        units.members = vec![0; self.group.len()];
        for (person, &unit) in (0_u32..).zip(&units.unit_of) {
            let place = &mut next[unit as usize];
            units.members[*place as usize] = person;
            *place += 1;
        }
        units
    }
}

impl Units {
    pub fn len(&self) -> u32 {
        self.origin.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.origin.is_empty()
    }

    /// In the register's order; nobody for a unit that does not exist.
    pub fn members(&self, unit: u32) -> &[u32] {
        let at = |index: usize| self.starts.get(index).map(|&start| start as usize);
        match (at(unit as usize), at(unit as usize + 1)) {
            (Some(from), Some(to)) => self.members.get(from..to).unwrap_or_default(),
            _ => &[],
        }
    }

    pub fn origin(&self, unit: u32) -> Option<UnitOrigin> {
        self.origin.get(unit as usize).copied()
    }

    pub fn unit_of(&self, person: u32) -> Option<u32> {
        self.unit_of.get(person as usize).copied()
    }

    /// The column of unit numbers, by person.
    pub fn unit_of_persons(&self) -> &[u32] {
        &self.unit_of
    }

    /// Where each unit's members begin in [`Units::all_members`]; one more entry than there are units.
    pub fn offsets(&self) -> &[u32] {
        &self.starts
    }

    /// All members, unit by unit.
    pub fn all_members(&self) -> &[u32] {
        &self.members
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, UnitOrigin, &[u32])> {
        (0_u32..).zip(&self.origin).map(|(unit, &origin)| (unit, origin, self.members(unit)))
    }
}
