//! One household taken out of the columns, for the scalar evaluator.

use crate::integers::Integers;
use crate::tables::{FactTables, scale};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray};
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_policy::{Exact, Fact, FactValue, Facts, Layout, Value};

/// The facts of the household in `row`. Rows of other entities are named by their row in the whole table, as text, so
/// that what the scalar evaluator says about a row can be put back into the columns. Facts carry no source: columns do
/// not know it.
pub fn household<'l>(tables: &FactTables, layout: &'l Layout, row: u32) -> Facts<'l> {
    let mut facts = Facts::new(layout);
    // Rows in the whole table of what stands in `facts`, by entity: owners always have smaller entity numbers.
    let mut placed: Vec<Vec<usize>> = vec![Vec::new(); tables.tables.len()];
    for (index, parent) in tables.parents.iter().enumerate() {
        let entity = EntityId(index as u8);
        let Some(parent) = parent else {
            if entity == HOUSEHOLD && (row as usize) < tables.households() {
                placed[index].push(row as usize);
                set_facts(tables, &mut facts, entity, row as usize, 0);
            }
            continue;
        };
        let owners = std::mem::take(&mut placed[parent.index()]);
        for (owner, owner_row) in owners.iter().enumerate() {
            for child in tables.children(entity, *owner_row) {
                let at = facts.add_row(entity, owner as u32, &child.to_string());
                set_facts(tables, &mut facts, entity, child, at);
                placed[index].push(child);
            }
            let complete = tables.tables[index].complete.as_ref();
            let is_complete = |array: &BooleanArray| array.is_valid(*owner_row) && array.value(*owner_row);
            if entity != PERSON && complete.is_some_and(is_complete) {
                facts.set_complete(entity, owner as u32);
            }
        }
        placed[parent.index()] = owners;
    }
    facts
}

/// Where the rows of one household begin in the table of an entity; they stand together.
pub fn first_row(tables: &FactTables, entity: EntityId, household: u32) -> usize {
    match tables.parents.get(entity.index()).copied().flatten() {
        None => household as usize,
        Some(parent) => tables.children(entity, first_row(tables, parent, household)).start,
    }
}

fn set_facts(tables: &FactTables, facts: &mut Facts<'_>, entity: EntityId, row: usize, at: u32) {
    for (id, array) in &tables.tables[entity.index()].columns {
        if let Some(value) = value(tables, *id, array, row) {
            facts.set(entity, at, *id, Fact { value: FactValue::Known(value), source: None });
        }
    }
}

fn value(tables: &FactTables, id: InputId, array: &ArrayRef, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    let ty = tables.inputs.get(id.index())?.ty;
    if ty == Type::YesNo {
        return Some(Value::YesNo(array.as_boolean_opt()?.value(row)));
    }
    let number = Integers::of(array)?.at(row);
    Some(match ty {
        Type::Enum(_) => Value::Label(u16::try_from(number).ok()?),
        _ if scale(ty) == 1 => Value::Number(Exact::from_integer(i128::from(number))),
        _ => Value::Number(Exact::new(i128::from(number), i128::from(scale(ty)))),
    })
}
