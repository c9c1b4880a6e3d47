//! Some thousand households of the tables: which rows are theirs, their facts as columns, and who belongs to whom.

use crate::cells::Cells;
use crate::column::{Column, Data};
use crate::hint::BOUNDED;
use crate::number::Number;
use crate::tables::{FactTables, TableInput, scale};
use arrow_array::{Array, BooleanArray, Int32Array, Int64Array, UInt16Array};
use arrow_buffer::NullBuffer;
use doudi_policy::ir::{EntityId, InputId, PERSON, Type};
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

pub(crate) struct Block<'t> {
    tables: &'t FactTables,
    /// By `EntityId`: rows of the tables that belong to these households.
    ranges: Vec<Range<usize>>,
    /// Facts that were asked for.
    inputs: BTreeMap<InputId, Column>,
    /// For (entity, ancestor): the ancestor's row, within the block, of each row of the entity.
    ancestors: BTreeMap<(EntityId, EntityId), Rc<Vec<u32>>>,
}

impl<'t> Block<'t> {
    pub fn new(tables: &'t FactTables, households: Range<usize>) -> Block<'t> {
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(tables.tables.len());
        for (index, parent) in tables.parents.iter().enumerate() {
            let range = match parent {
                None => households.clone(),
                Some(parent) => {
                    let owners = ranges.get(parent.index()).cloned().unwrap_or(0..0);
                    let entity = EntityId(index as u8);
                    let end = match owners.end.checked_sub(1) {
                        Some(last) if last >= owners.start => tables.children(entity, last).end,
                        _ => tables.children(entity, owners.start).start,
                    };
                    tables.children(entity, owners.start).start.min(end)..end
                }
            };
            ranges.push(range);
        }
        Block { tables, ranges, inputs: BTreeMap::new(), ancestors: BTreeMap::new() }
    }

    pub fn rows(&self, entity: EntityId) -> usize {
        self.ranges.get(entity.index()).map_or(0, Range::len)
    }

    /// For each owner of the block, where its rows of `entity` start (within the block); one more entry at the end.
    pub fn offsets(&self, entity: EntityId) -> Vec<u32> {
        let Some(parent) = self.tables.parents.get(entity.index()).copied().flatten() else { return vec![0] };
        let owners = &self.ranges[parent.index()];
        let start = self.ranges[entity.index()].start as u32;
        let all = self.tables.tables[entity.index()].offsets.as_deref().unwrap_or(&[]);
        let own = all.get(owners.start..owners.end + 1).unwrap_or(&[]);
        own.iter().map(|offset| offset - start).collect()
    }

    /// For each owner of the block: whether its list of `entity` is known to be complete.
    pub fn complete(&self, entity: EntityId) -> Cells<bool> {
        if entity == PERSON {
            return Cells::Same(true);
        }
        let Some(parent) = self.tables.parents.get(entity.index()).copied().flatten() else {
            return Cells::Same(true);
        };
        let owners = &self.ranges[parent.index()];
        match &self.tables.tables[entity.index()].complete {
            None => Cells::Same(false),
            Some(array) => {
                let array = array.slice(owners.start, owners.len());
                truth(&array).and(&validity(array.nulls()))
            }
        }
    }

    pub fn input(&mut self, id: InputId) -> Column {
        if let Some(column) = self.inputs.get(&id) {
            return column.clone();
        }
        let column = self.read(id);
        self.inputs.insert(id, column.clone());
        column
    }

    fn read(&self, id: InputId) -> Column {
        let Some(input) = self.tables.inputs.get(id.index()).copied() else {
            return Column::unknown(Type::YesNo);
        };
        let TableInput { entity, ty, .. } = input;
        // 不为负 is a bound of its own.
        let bound = if input.non_negative { BOUNDED } else { 0 };
        let nothing = Column { hints: Cells::Same(bound), ..Column::unknown(ty) };
        let Some(array) = self.tables.tables[entity.index()].columns.get(&id) else { return nothing };
        let rows = &self.ranges[entity.index()];
        let array = array.slice(rows.start, rows.len());
        let known = validity(array.nulls());
        let any = array.as_any();
        let whole = |values: Vec<i64>| Number::whole(Cells::rows(values));
        let data = match ty {
            Type::YesNo => any.downcast_ref::<BooleanArray>().map(|array| Data::YesNo(truth(array))),
            Type::Money | Type::Count | Type::Moment => {
                any.downcast_ref::<Int64Array>().map(|array| Data::Number(whole(array.values().to_vec())))
            }
            Type::Number | Type::Amount => any.downcast_ref::<Int64Array>().map(|array| {
                let numer = Cells::rows(array.values().to_vec());
                Data::Number(Number { numer, denom: Cells::Same(scale(ty)) })
            }),
            Type::Date | Type::Month => any.downcast_ref::<Int32Array>().map(|array| {
                Data::Number(whole(array.values().iter().map(|value| i64::from(*value)).collect()))
            }),
            Type::Enum(_) => any
                .downcast_ref::<UInt16Array>()
                .map(|array| Data::Label(Cells::rows(array.values().to_vec()))),
        };
        let hints =
            if bound == 0 { Cells::Same(0) } else { known.map(|known| if known { 0 } else { bound }) };
        data.map_or(nothing, |data| Column { data, known, faults: Cells::Same(0), hints })
    }

    /// The row of `ancestor` that each row of `entity` belongs to.
    pub fn ancestor_rows(&mut self, entity: EntityId, ancestor: EntityId) -> Rc<Vec<u32>> {
        if let Some(index) = self.ancestors.get(&(entity, ancestor)) {
            return Rc::clone(index);
        }
        let parent = self.tables.parents.get(entity.index()).copied().flatten();
        let index = match parent {
            None => Rc::new((0..self.rows(entity) as u32).collect()),
            Some(parent) if parent == ancestor => Rc::new(self.owners(entity)),
            Some(parent) => {
                let nearer = self.ancestor_rows(entity, parent);
                let further = self.ancestor_rows(parent, ancestor);
                Rc::new(nearer.iter().map(|row| further[*row as usize]).collect())
            }
        };
        self.ancestors.insert((entity, ancestor), Rc::clone(&index));
        index
    }

    fn owners(&self, entity: EntityId) -> Vec<u32> {
        let mut owners = Vec::with_capacity(self.rows(entity));
        for (owner, bounds) in self.offsets(entity).windows(2).enumerate() {
            owners.extend(std::iter::repeat_n(owner as u32, (bounds[1] - bounds[0]) as usize));
        }
        owners
    }
}

fn truth(array: &BooleanArray) -> Cells<bool> {
    Cells::rows(array.values().iter().collect())
}

fn validity(nulls: Option<&NullBuffer>) -> Cells<bool> {
    match nulls {
        Some(nulls) if nulls.null_count() > 0 => Cells::rows(nulls.iter().collect()),
        _ => Cells::Same(true),
    }
}
