//! Random households as plain data, turned into columns for the batch and into facts for the scalar evaluator. Knows
//! only what a library declares; shares no code with either evaluator.

use arrow_array::{ArrayRef, BooleanArray, Int32Array, Int64Array, UInt16Array};
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_policy::{Exact, Fact, FactValue, Facts, Layout, Library, Value};
use doudi_policy_batch::{EntityTable, FactTables};
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

/// How a population is drawn. Shares are in percent.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    pub households: usize,
    pub seed: u64,
    pub unknown: u64,
    pub incomplete: u64,
}

pub struct Population {
    pub entities: Vec<Rows>,
}

/// A cell as the column stores it.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    YesNo(bool),
    /// Fen, whole numbers, days, months; thousandths for 数 and 数额.
    Number(i64),
    Label(u16),
}

pub struct Rows {
    pub count: usize,
    /// By owner's row; one more at the end. Empty for households.
    pub offsets: Vec<usize>,
    pub cells: BTreeMap<InputId, Vec<Option<Cell>>>,
    pub complete: Vec<bool>,
}

/// A small generator of its own (splitmix64): the same recipe gives the same people.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

impl Population {
    pub fn draw(library: &Library, recipe: Recipe) -> Population {
        let cell = |id: InputId, dice: &mut Dice| {
            let input = &library.inputs[id.index()];
            draw_cell(library, input.ty, input.non_negative, dice)
        };
        Population::draw_with(library, recipe, 0..=5, cell)
    }

    /// With as many members, and whatever cells, the caller likes.
    pub fn draw_with(
        library: &Library,
        recipe: Recipe,
        members: RangeInclusive<u64>,
        mut cell: impl FnMut(InputId, &mut Dice) -> Cell,
    ) -> Population {
        let mut dice = Dice(recipe.seed);
        let mut entities: Vec<Rows> = Vec::new();
        for (index, entity) in library.entities.iter().enumerate() {
            let id = EntityId(index as u8);
            let mut rows = Rows {
                count: recipe.households,
                offsets: Vec::new(),
                cells: BTreeMap::new(),
                complete: Vec::new(),
            };
            if let Some(parent) = entity.parent {
                let owners = entities[parent.index()].count;
                rows.offsets.push(0);
                for _ in 0..owners {
                    let (least, most) =
                        if id == PERSON { (*members.start(), *members.end()) } else { (0, 3) };
                    let last = rows.offsets[rows.offsets.len() - 1];
                    rows.offsets.push(last + (least + dice.below(most - least + 1)) as usize);
                    rows.complete.push(!dice.percent(recipe.incomplete));
                }
                rows.count = rows.offsets[owners];
            }
            for (number, input) in library.inputs.iter().enumerate() {
                if input.entity == id {
                    let cells = (0..rows.count)
                        .map(|_| {
                            let cell = cell(InputId(number as u32), &mut dice);
                            (!dice.percent(recipe.unknown)).then_some(cell)
                        })
                        .collect();
                    rows.cells.insert(InputId(number as u32), cells);
                }
            }
            entities.push(rows);
        }
        Population { entities }
    }

    pub fn tables(&self, library: &Library) -> FactTables {
        let tables = self.entities.iter().enumerate().map(|(index, rows)| {
            let owned = library.entities[index].parent.is_some();
            EntityTable {
                rows: rows.count,
                offsets: owned.then(|| rows.offsets.iter().map(|at| *at as u32).collect()),
                columns: rows
                    .cells
                    .iter()
                    .map(|(id, cells)| (*id, array(library.inputs[id.index()].ty, cells)))
                    .collect(),
                complete: (owned && index != PERSON.index())
                    .then(|| BooleanArray::from(rows.complete.clone())),
            }
        });
        FactTables::new(library, tables.collect()).expect("the columns fit the library")
    }

    /// Rows of each entity that belong to a household.
    pub fn rows_of(&self, library: &Library, household: usize) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (index, entity) in library.entities.iter().enumerate() {
            ranges.push(match entity.parent {
                None => household..household + 1,
                Some(parent) => {
                    let owners = &ranges[parent.index()];
                    let offsets = &self.entities[index].offsets;
                    offsets[owners.start]..offsets[owners.end]
                }
            });
        }
        ranges
    }

    pub fn facts<'l>(&self, library: &Library, layout: &'l Layout, household: usize) -> Facts<'l> {
        let mut facts = Facts::new(layout);
        let ranges = self.rows_of(library, household);
        for (index, range) in ranges.iter().enumerate() {
            let id = EntityId(index as u8);
            let rows = &self.entities[index];
            if let Some(parent) = library.entities[index].parent {
                let owners = ranges[parent.index()].clone();
                for owner in owners.clone() {
                    for child in rows.offsets[owner]..rows.offsets[owner + 1] {
                        facts.add_row(id, (owner - owners.start) as u32, &child.to_string());
                    }
                    if rows.complete[owner] && id != PERSON {
                        facts.set_complete(id, (owner - owners.start) as u32);
                    }
                }
            }
            for (input, cells) in &rows.cells {
                for row in range.clone() {
                    let Some(cell) = cells[row] else { continue };
                    let value = FactValue::Known(cell.value(library.inputs[input.index()].ty));
                    let at = (row - range.start) as u32;
                    facts.set(id, at, *input, Fact { value, source: None });
                }
            }
        }
        facts
    }

    pub fn households(&self) -> usize {
        self.entities[HOUSEHOLD.index()].count
    }
}

impl Cell {
    fn value(self, ty: Type) -> Value {
        match self {
            Cell::YesNo(value) => Value::YesNo(value),
            Cell::Label(label) => Value::Label(label),
            Cell::Number(number) => {
                let denom = if matches!(ty, Type::Number | Type::Amount) { 1000 } else { 1 };
                Value::Number(Exact::new(i128::from(number), denom))
            }
        }
    }
}

/// Amounts at which the policies change their minds come up often.
fn draw_cell(library: &Library, ty: Type, non_negative: bool, dice: &mut Dice) -> Cell {
    let pick = |choices: &[i64], dice: &mut Dice| choices[dice.below(choices.len() as u64) as usize];
    let signed = |number: i64| Cell::Number(if non_negative { number.abs() } else { number });
    match ty {
        Type::YesNo => Cell::YesNo(dice.percent(40)),
        Type::Enum(id) => Cell::Label(dice.below(library.labels(id).len() as u64) as u16),
        Type::Money if dice.percent(60) => {
            signed(pick(&[0, 0, 1, -1, 100, 10_000, 44_000, 50_000, 58_000, 100_000, 200_000], dice))
        }
        Type::Money => signed(dice.below(400_000) as i64 - 50_000),
        Type::Amount => signed(dice.below(100_000_000) as i64 - 10_000_000),
        Type::Count => signed(pick(&[0, 1, 2, 3, 5, 12, -1], dice)),
        Type::Number => signed(pick(&[0, 500, 499, 1000, 1001, 2000, 333, 2500, 8000, -1500], dice)),
        Type::Date => Cell::Number(
            pick(&[18_382, 18_321, 18_322, 11_747, 11_748, -13_515, -10_593, 18_412, 0, -1, 11_016], dice)
                + if dice.percent(50) { dice.below(9000) as i64 - 4500 } else { 0 },
        ),
        Type::Month => Cell::Number(24_244 + dice.below(9) as i64 - 4),
        Type::Moment => Cell::Number(26_000_000 + dice.below(100_000) as i64),
    }
}

fn array(ty: Type, cells: &[Option<Cell>]) -> ArrayRef {
    let number = |cell: &Option<Cell>| match cell {
        Some(Cell::Number(number)) => Some(*number),
        _ => None,
    };
    match ty {
        Type::YesNo => Arc::new(BooleanArray::from_iter(cells.iter().map(|cell| match cell {
            Some(Cell::YesNo(value)) => Some(*value),
            _ => None,
        }))),
        Type::Enum(_) => Arc::new(UInt16Array::from_iter(cells.iter().map(|cell| match cell {
            Some(Cell::Label(label)) => Some(*label),
            _ => None,
        }))),
        Type::Date | Type::Month => {
            Arc::new(Int32Array::from_iter(cells.iter().map(|cell| number(cell).map(|number| number as i32))))
        }
        _ => Arc::new(Int64Array::from_iter(cells.iter().map(number))),
    }
}
