//! What is known about one household: rows of every entity, facts with their sources, and which lists are complete.

use crate::ir::{EntityId, HOUSEHOLD, InputId, PERSON};
use crate::library::Library;
use crate::value::{Exact, Value};

/// A fact as given: a value, or only bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactValue {
    Known(Value),
    Between(Option<Exact>, Option<Exact>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub value: FactValue,
    /// Where it comes from, for people: 扶贫名册 2020-04.
    pub source: Option<Box<str>>,
}

/// Where each input stands in its entity's rows. One per library.
#[derive(Clone, Debug)]
pub struct Layout {
    /// By `InputId`: slot within its entity.
    slots: Vec<u32>,
    /// By `EntityId`: inputs of a row.
    widths: Vec<u32>,
    parents: Vec<Option<EntityId>>,
}

impl Layout {
    pub fn of(library: &Library) -> Layout {
        let mut widths = vec![0; library.entities.len()];
        let mut slots = Vec::with_capacity(library.inputs.len());
        for input in &library.inputs {
            slots.push(widths[input.entity.index()]);
            widths[input.entity.index()] += 1;
        }
        Layout { slots, widths, parents: library.entities.iter().map(|entity| entity.parent).collect() }
    }
}

const NOT_GIVEN: u32 = 0;

#[derive(Clone, Debug, Default)]
struct Table {
    parents: Vec<u32>,
    names: Vec<Box<str>>,
    /// Of each row, by slot: which of `given` it is, counted from one. Most inputs of most rows are not known.
    cells: Vec<u32>,
    given: Vec<Fact>,
    /// By row of the owner's entity: whether this list is complete.
    complete: Vec<bool>,
}

/// One household. Starts with its own row and no members.
#[derive(Clone, Debug)]
pub struct Facts<'l> {
    layout: &'l Layout,
    tables: Vec<Table>,
}

impl<'l> Facts<'l> {
    pub fn new(layout: &'l Layout) -> Facts<'l> {
        let mut facts = Facts { layout, tables: vec![Table::default(); layout.widths.len()] };
        facts.add_row(HOUSEHOLD, 0, "户");
        facts
    }

    /// Adds a member or a record below `parent` (a row of the owner's entity) and returns its row.
    pub fn add_row(&mut self, entity: EntityId, parent: u32, name: &str) -> u32 {
        let width = self.layout.widths[entity.index()] as usize;
        let table = &mut self.tables[entity.index()];
        table.parents.push(parent);
        table.names.push(name.into());
        table.cells.resize(table.cells.len() + width, NOT_GIVEN);
        table.parents.len() as u32 - 1
    }

    pub fn set(&mut self, entity: EntityId, row: u32, input: InputId, fact: Fact) {
        let at = self.at(entity, row, input);
        let table = &mut self.tables[entity.index()];
        match table.cells.get_mut(at) {
            Some(cell) if *cell == NOT_GIVEN => {
                table.given.push(fact);
                *cell = table.given.len() as u32;
            }
            Some(cell) => table.given[*cell as usize - 1] = fact,
            None => {}
        }
    }

    pub fn get(&self, entity: EntityId, row: u32, input: InputId) -> Option<&Fact> {
        let table = &self.tables[entity.index()];
        let given = *table.cells.get(self.at(entity, row, input))?;
        table.given.get((given as usize).checked_sub(1)?)
    }

    fn at(&self, entity: EntityId, row: u32, input: InputId) -> usize {
        row as usize * self.layout.widths[entity.index()] as usize + self.layout.slots[input.index()] as usize
    }

    /// Declares that an owner's list of records is complete. Members are always complete.
    pub fn set_complete(&mut self, record: EntityId, owner: u32) {
        let complete = &mut self.tables[record.index()].complete;
        if complete.len() <= owner as usize {
            complete.resize(owner as usize + 1, false);
        }
        complete[owner as usize] = true;
    }

    /// Takes a declaration of completeness back.
    pub fn set_open(&mut self, record: EntityId, owner: u32) {
        if let Some(complete) = self.tables[record.index()].complete.get_mut(owner as usize) {
            *complete = false;
        }
    }

    pub fn forget(&mut self, entity: EntityId, row: u32, input: InputId) {
        let at = self.at(entity, row, input);
        if let Some(cell) = self.tables[entity.index()].cells.get_mut(at) {
            *cell = NOT_GIVEN;
        }
    }

    pub fn is_complete(&self, entity: EntityId, owner: u32) -> bool {
        entity == PERSON || self.tables[entity.index()].complete.get(owner as usize).copied().unwrap_or(false)
    }

    pub fn rows(&self, entity: EntityId) -> u32 {
        self.tables[entity.index()].parents.len() as u32
    }

    /// Takes the names of rows away: what is said of them then counts them (第2位成员的).
    pub fn forget_names(&mut self) {
        for table in &mut self.tables {
            table.names.iter_mut().for_each(|name| *name = "".into());
        }
    }

    pub fn row_name(&self, entity: EntityId, row: u32) -> &str {
        self.tables[entity.index()].names.get(row as usize).map_or("", |name| name)
    }

    /// Rows of `entity` that belong to `owner`.
    pub fn children(&self, entity: EntityId, owner: u32) -> impl Iterator<Item = u32> + '_ {
        let parents = &self.tables[entity.index()].parents;
        (0..parents.len() as u32).filter(move |row| parents[*row as usize] == owner)
    }

    /// The row of `ancestor` that a row belongs to.
    pub fn ancestor_row(&self, mut entity: EntityId, mut row: u32, ancestor: EntityId) -> Option<u32> {
        while entity != ancestor {
            row = *self.tables[entity.index()].parents.get(row as usize)?;
            entity = self.layout.parents[entity.index()]?;
        }
        Some(row)
    }
}
