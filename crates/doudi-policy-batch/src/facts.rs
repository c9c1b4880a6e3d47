//! What is known about the columns of tables before any code runs: which are missing, which hold the same in every row,
//! between which bounds whole numbers lie, and how many rows the largest owner has.

use crate::cells::{Bits, Cells, Mask};
use crate::code::{Code, Kind, Span};
use crate::column::{Column, Data};
use crate::integers::Integers;
use crate::number::Number;
use crate::op::Op;
use crate::tables::{EntityTable, FactTables};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use doudi_policy::ir::{EntityId, InputId, PERSON, Type};

/// The smallest and the largest value that is not null.
#[derive(Clone, Copy, Debug)]
struct Extent {
    entity: EntityId,
    span: Span,
    nulls: bool,
}

#[derive(Debug)]
pub(crate) struct ColumnFacts {
    /// By `InputId`; `None`: not known in any row.
    extents: Vec<Option<Extent>>,
    /// By entity: whether each owner's list is complete; `None`: some are.
    complete: Vec<Option<bool>>,
    /// By entity: what it belongs to.
    parents: Vec<Option<EntityId>>,
    /// By entity: fewest and most rows of one owner.
    pub owned: Vec<(u32, u32)>,
    /// By entity: whether there are any rows.
    rows: Vec<bool>,
}

impl ColumnFacts {
    /// What holds in all of these tables; there is at least one.
    pub fn of(parts: &[&FactTables]) -> ColumnFacts {
        let all = parts.iter().map(|tables| ColumnFacts::of_one(tables)).reduce(ColumnFacts::and);
        all.unwrap_or(ColumnFacts {
            extents: Vec::new(),
            complete: Vec::new(),
            parents: Vec::new(),
            owned: Vec::new(),
            rows: Vec::new(),
        })
    }

    fn of_one(tables: &FactTables) -> ColumnFacts {
        let mut extents = vec![None; tables.inputs.len()];
        for (index, table) in tables.tables.iter().enumerate() {
            for (id, array) in &table.columns {
                extents[id.index()] = span(array).map(|span| Extent {
                    entity: EntityId(index as u8),
                    span,
                    nulls: array.null_count() > 0,
                });
            }
        }
        ColumnFacts {
            extents,
            complete: tables.tables.iter().enumerate().map(|(index, table)| complete(index, table)).collect(),
            parents: tables.parents.clone(),
            owned: tables.tables.iter().map(owned).collect(),
            rows: tables.tables.iter().map(|table| table.rows > 0).collect(),
        }
    }

    fn and(self, next: ColumnFacts) -> ColumnFacts {
        let extents = self.extents.iter().zip(&next.extents).map(|pair| match pair {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => {
                let elsewhere = self.rows[one.entity.index()] && next.rows[one.entity.index()];
                Some(Extent { nulls: one.nulls || elsewhere, ..*one })
            }
            (Some(a), Some(b)) => Some(Extent {
                span: (a.span.0.min(b.span.0), a.span.1.max(b.span.1)),
                nulls: a.nulls || b.nulls,
                ..*a
            }),
        });
        let complete =
            self.complete.iter().zip(&next.complete).enumerate().map(|(entity, pair)| match pair {
                (a, b) if a == b => *a,
                (a, _) if self.parents[entity].is_some_and(|owner| !next.rows[owner.index()]) => *a,
                (_, b) if self.parents[entity].is_some_and(|owner| !self.rows[owner.index()]) => *b,
                _ => None,
            });
        ColumnFacts {
            extents: extents.collect(),
            complete: complete.collect(),
            owned: self.owned.iter().zip(&next.owned).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1))).collect(),
            rows: self.rows.iter().zip(&next.rows).map(|(a, b)| *a || *b).collect(),
            parents: self.parents,
        }
    }

    /// A fact at the rows of its entity. `bound`: hints where it is not known.
    pub fn column(&self, code: &mut Code, id: InputId, ty: Type, bound: u8, scale: i64) -> Column {
        let Some(Extent { entity, span, nulls }) = self.extents.get(id.index()).copied().flatten() else {
            return Column { hints: Cells::Same(bound), ..Column::unknown(ty) };
        };
        let known =
            if nulls { Cells::Rows(code.emit(Op::Valid(id), entity, Kind::Byte, (0, 1))) } else { Mask::YES };
        // A constant stands in the rows that are not known just as well.
        let same = span.0 == span.1;
        let data = match ty {
            Type::YesNo if same => Data::YesNo(Cells::Same(span.0 != 0)),
            Type::YesNo => Data::YesNo(Cells::Rows(code.emit(Op::Truth(id), entity, Kind::Byte, (0, 1)))),
            Type::Enum(_) if same => Data::Label(Cells::Same(span.0 as u16)),
            Type::Enum(_) => Data::Label(Cells::Rows(code.emit(Op::Labelled(id), entity, Kind::Label, span))),
            _ => {
                let numer = if same {
                    Cells::Same(span.0)
                } else {
                    let span = if nulls { (span.0.min(0), span.1.max(0)) } else { span };
                    Cells::Rows(code.emit_ints(Op::Integers(id), entity, span))
                };
                Data::Number(Number { numer, denom: Cells::Same(scale) })
            }
        };
        let unknown = code.not(known);
        let hints = if bound == 0 { Bits::NONE } else { code.only(Cells::Same(bound), unknown) };
        Column { data, known, faults: Bits::NONE, hints }
    }

    /// For each owner, whether its list of `entity` is known to be complete.
    pub fn complete(&self, code: &mut Code, entity: EntityId) -> Mask {
        match (self.complete[entity.index()], self.parents[entity.index()]) {
            (Some(same), _) => Cells::Same(same),
            (None, Some(owner)) => Cells::Rows(code.emit(Op::Complete(entity), owner, Kind::Byte, (0, 1))),
            (None, None) => Mask::YES,
        }
    }
}

/// `None` if nothing is known.
fn span(array: &ArrayRef) -> Option<Span> {
    let Some(truth) = array.as_boolean_opt() else {
        return Integers::of(array).and_then(|column| column.range());
    };
    let valid = array.len() - array.null_count();
    let yes = truth.true_count();
    (valid > 0).then(|| (i64::from(yes == valid), i64::from(yes > 0)))
}

fn complete(index: usize, table: &EntityTable) -> Option<bool> {
    if index <= PERSON.index() {
        return Some(true);
    }
    let Some(array) = &table.complete else { return Some(false) };
    match array.true_count() {
        0 => Some(false),
        all if all == array.len() => Some(true),
        _ => None,
    }
}

fn owned(table: &EntityTable) -> (u32, u32) {
    let offsets = table.offsets.as_deref().unwrap_or(&[]);
    let sizes = offsets.windows(2).map(|pair| pair[1] - pair[0]);
    let (fewest, most) = sizes.fold((u32::MAX, 0), |(low, high), size| (low.min(size), high.max(size)));
    (fewest.min(most), most)
}
