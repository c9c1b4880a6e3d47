//! Facts of many households in columns, checked once when they are put together.

use crate::error::BatchError;
use crate::integers::Integers;
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_schema::DataType;
use doudi_policy::Library;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, Type};
use std::collections::BTreeMap;

/// Rows of one entity, sorted by the row of what they belong to.
///
/// A column holds one input; null = unknown; an input without a column is unknown everywhere. By type of the input:
///
/// | type | array | unit |
/// |---|---|---|
/// | 是否 | `BooleanArray` | |
/// | 金额 | integers | fen |
/// | 数额 | integers | thousandths of a fen (last month's divided amounts) |
/// | 整数 | integers | |
/// | 数 | integers | thousandths, as `doudi_terms::roster::Cells::Number` |
/// | 日期 | integers | days since 1970-01-01 |
/// | 月份 | integers | months since year 0 |
/// | options | integers | index of the label |
///
/// Integers are signed arrays of 8 to 64 bits or unsigned ones of 8 or 16 bits: columns are taken as files hold them.
#[derive(Clone, Debug, Default)]
pub struct EntityTable {
    pub rows: usize,
    /// By row of the owner's entity: where its rows start; one more entry at the end. `None` for 户.
    pub offsets: Option<Vec<u32>>,
    pub columns: BTreeMap<InputId, ArrayRef>,
    /// By row of the owner's entity: whether this list is complete; null and no array at all mean "not known to be".
    /// Members (人) are always complete.
    pub complete: Option<BooleanArray>,
}

/// What the columns need to know of an input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TableInput {
    pub ty: Type,
}

/// Facts of many households under one library. Built only by [`FactTables::new`], so that evaluation needs no checks.
#[derive(Clone, Debug)]
pub struct FactTables {
    pub(crate) tables: Vec<EntityTable>,
    pub(crate) parents: Vec<Option<EntityId>>,
    /// By `InputId`.
    pub(crate) inputs: Vec<TableInput>,
}

impl FactTables {
    /// `tables` stands in the order of `library.entities`.
    pub fn new(library: &Library, tables: Vec<EntityTable>) -> Result<FactTables, BatchError> {
        if tables.len() != library.entities.len() {
            return Err(BatchError::EntityCount { expected: library.entities.len(), found: tables.len() });
        }
        for (index, table) in tables.iter().enumerate() {
            let entity = EntityId(index as u8);
            let owners = library.entities[index].parent.map(|parent| tables[parent.index()].rows);
            check_rows(library, entity, table, owners)?;
            for (id, array) in &table.columns {
                check_column(library, entity, table.rows, *id, array)?;
            }
        }
        Ok(FactTables {
            tables,
            parents: library.entities.iter().map(|entity| entity.parent).collect(),
            inputs: library.inputs.iter().map(|input| TableInput { ty: input.ty }).collect(),
        })
    }

    pub fn table(&self, entity: EntityId) -> Option<&EntityTable> {
        self.tables.get(entity.index())
    }

    pub fn rows(&self, entity: EntityId) -> usize {
        self.tables.get(entity.index()).map_or(0, |table| table.rows)
    }

    pub fn households(&self) -> usize {
        self.rows(HOUSEHOLD)
    }

    /// First row and row after the last that belong to `owner`.
    pub(crate) fn children(&self, entity: EntityId, owner: usize) -> std::ops::Range<usize> {
        let offsets = self.tables[entity.index()].offsets.as_deref().unwrap_or(&[]);
        let at = |index: usize| offsets.get(index).map_or(0, |offset| *offset as usize);
        at(owner)..at(owner + 1)
    }

    pub(crate) fn is_of(&self, library: &Library) -> bool {
        self.tables.len() == library.entities.len() && self.inputs.len() == library.inputs.len()
    }
}

fn check_rows(
    library: &Library,
    entity: EntityId,
    table: &EntityTable,
    owners: Option<usize>,
) -> Result<(), BatchError> {
    let name = &library.entities[entity.index()].name;
    let wrong = |why| Err(BatchError::Offsets { entity: name.clone(), why });
    let Some(owners) = owners else {
        return if table.offsets.is_some() {
            wrong("户不属于别的实体，不应有分段")
        } else {
            Ok(())
        };
    };
    let Some(offsets) = &table.offsets else { return wrong("没有给") };
    if offsets.len() != owners + 1 {
        return wrong("个数应当是所属实体的行数加一");
    }
    if offsets.first() != Some(&0) || offsets.last().map(|last| *last as usize) != Some(table.rows) {
        return wrong("应当从 0 开始，到本表行数为止");
    }
    if offsets.windows(2).any(|pair| pair[0] > pair[1]) {
        return wrong("应当从小到大");
    }
    match &table.complete {
        Some(complete) if complete.len() != owners => Err(BatchError::Length {
            name: format!("{name}（是否齐全）"),
            expected: owners,
            found: complete.len(),
        }),
        _ => Ok(()),
    }
}

fn check_column(
    library: &Library,
    entity: EntityId,
    rows: usize,
    id: InputId,
    array: &ArrayRef,
) -> Result<(), BatchError> {
    let entity_name = &library.entities[entity.index()].name;
    let Some(input) = library.inputs.get(id.index()).filter(|input| input.entity == entity) else {
        let name = library.inputs.get(id.index()).map_or(String::new(), |input| input.name.clone());
        return Err(BatchError::ForeignInput { name, entity: entity_name.clone() });
    };
    let name = || format!("{entity_name}.{}", input.name);
    if array.len() != rows {
        return Err(BatchError::Length { name: name(), expected: rows, found: array.len() });
    }
    let (fits, words) = match input.ty {
        Type::YesNo => (*array.data_type() == DataType::Boolean, "Boolean"),
        _ => (Integers::of(array).is_some(), "整数（Int8 至 Int64）"),
    };
    if !fits {
        let found = array.data_type().to_string();
        return Err(BatchError::ColumnType { name: name(), expected: words, found });
    }
    if let Type::Enum(labels) = input.ty {
        let labels = library.labels(labels).len();
        let beyond = Integers::of(array).and_then(|column| column.first_outside(0, labels as i64 - 1));
        if let Some((row, label)) = beyond {
            return Err(BatchError::Label { name: name(), row, label, labels });
        }
    }
    Ok(())
}

/// Inputs of these types are stored in thousandths.
pub(crate) fn scale(ty: Type) -> i64 {
    if matches!(ty, Type::Number | Type::Amount) { 1000 } else { 1 }
}
