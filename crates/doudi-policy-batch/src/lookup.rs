//! Parameters as dense tables: one entry for each combination of dimensions, "not known" being one more label.

use crate::cells::Cells;
use crate::column::{Column, Data, OVERFLOW};
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::{Number, Pair, fit};
use doudi_policy::ir::{ParameterId, Type};
use doudi_policy::{ParameterValue, Program, Value};

/// A parameter ready to be looked up by columns of labels.
pub(crate) struct Lookup {
    /// Labels of each dimension.
    sizes: Vec<usize>,
    /// Entries by packed labels, last dimension fastest; label `sizes[d]` of dimension d stands for "not known".
    entries: Column,
}

/// What an entry of the program's table says; `Err` are the hints of an unknown value.
type Entry = Result<Value, u8>;

impl Lookup {
    /// The parameter's value.
    pub fn values(program: &Program<'_>, id: ParameterId) -> Lookup {
        let ty = program.library.parameters[id.index()].ty;
        Lookup::of(program, id, ty, |entry| match entry {
            Some(ParameterValue::Value(value, _)) => Ok(*value),
            _ => Err(0),
        })
    }

    /// 有规定: whether the place has such a value.
    pub fn presence(program: &Program<'_>, id: ParameterId) -> Lookup {
        Lookup::of(program, id, Type::YesNo, |entry| match entry {
            Some(ParameterValue::Value(..)) => Ok(Value::YesNo(true)),
            Some(ParameterValue::None(_)) => Ok(Value::YesNo(false)),
            _ => Err(0),
        })
    }

    fn of(
        program: &Program<'_>,
        id: ParameterId,
        ty: Type,
        read: impl Fn(Option<&ParameterValue>) -> Entry,
    ) -> Lookup {
        let dimensions = &program.library.parameters[id.index()].dimensions;
        let sizes: Vec<usize> = dimensions.iter().map(|found| program.library.labels(*found).len()).collect();
        let mut entries = Vec::new();
        each_combination(&sizes, &mut Vec::new(), &mut |choices| {
            let mut keys = vec![0_usize];
            for (choice, size) in choices.iter().zip(&sizes) {
                let labels = if choice < size { *choice..*choice + 1 } else { 0..*size };
                keys =
                    keys.iter().flat_map(|key| labels.clone().map(move |label| key * size + label)).collect();
            }
            let mut found = keys
                .iter()
                .map(|key| read(program.parameters.get(id.index()).and_then(|table| table.get(*key))));
            let first = found.next().unwrap_or(Err(0));
            entries.push(found.fold(first, either));
        });
        Lookup { sizes, entries: column(&entries, ty) }
    }

    pub fn find(&self, dimensions: &[Column]) -> Column {
        let mut guesses = Cells::Same(0);
        let mut index: Cells<u32> = Cells::Same(0);
        let mut doubts = Cells::Same(0);
        for (dimension, size) in dimensions.iter().zip(&self.sizes) {
            let unknown = *size as u32;
            let labels = dimension.labels().zip(&dimension.known, |label, known| {
                if known { u32::from(label).min(unknown) } else { unknown }
            });
            index = index.merge(&labels, |index, label| index * (unknown + 1) + label);
            doubts = doubts.both(&dimension.faults);
            guesses = guesses.both(&dimension.hints);
        }
        let mut found = match index {
            Cells::Same(at) => self.entries.gather_one(at as usize),
            Cells::Rows(index) => self.entries.gather(&index),
        };
        if !matches!(doubts, Cells::Same(0)) {
            found.faults = found.faults.both(&doubts.only(&found.known.not()));
        }
        if !matches!(guesses, Cells::Same(0)) {
            // With fewer candidates the scalar evaluator may find that they agree.
            let guesses = guesses.map(|hints| if hints & MAY_KNOW != 0 { MAY_KNOW | BOUNDED } else { 0 });
            found.hints = found.hints.both(&guesses.only(&found.known.not()));
        }
        found
    }
}

/// One of two entries, and nobody knows which: different values are at least bounds.
fn either(entry: Entry, next: Entry) -> Entry {
    match (entry, next) {
        _ if entry == next => entry,
        (Ok(_) | Err(BOUNDED), Ok(_) | Err(BOUNDED)) => Err(BOUNDED),
        _ => Err(0),
    }
}

fn each_combination(sizes: &[usize], chosen: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize])) {
    let Some(size) = sizes.get(chosen.len()) else { return visit(chosen) };
    for label in 0..=*size {
        chosen.push(label);
        each_combination(sizes, chosen, visit);
        chosen.pop();
    }
}

/// Entries as a column, over one denominator where the values have one in common.
fn column(entries: &[Entry], ty: Type) -> Column {
    let mut known: Vec<bool> = entries.iter().map(|entry| entry.is_ok()).collect();
    let mut faults: Vec<u8> = vec![0; entries.len()];
    let mut hints: Vec<u8> = entries.iter().map(|entry| entry.err().unwrap_or(0)).collect();
    let data = match ty {
        Type::YesNo => {
            Data::YesNo(Cells::rows(entries.iter().map(|entry| *entry == Ok(Value::YesNo(true))).collect()))
        }
        Type::Enum(_) => Data::Label(Cells::rows(
            entries
                .iter()
                .map(|entry| if let Ok(Value::Label(label)) = entry { *label } else { 0 })
                .collect(),
        )),
        _ => {
            let mut pairs: Vec<Pair> = Vec::new();
            for (row, entry) in entries.iter().enumerate() {
                let Ok(Value::Number(exact)) = entry else {
                    pairs.push((0, 1));
                    continue;
                };
                pairs.push(fit(*exact.numer(), *exact.denom()).unwrap_or_else(|| {
                    (known[row], faults[row], hints[row]) = (false, OVERFLOW, MAY_KNOW | BOUNDED);
                    (0, 1)
                }));
            }
            Data::Number(over_one_denominator(&pairs).unwrap_or_else(|| Number::pairs(&pairs)))
        }
    };
    let faults = if faults.iter().any(|bits| *bits != 0) { Cells::rows(faults) } else { Cells::Same(0) };
    Column { data, known: Cells::rows(known), faults, hints: Cells::rows(hints) }
}

fn over_one_denominator(pairs: &[Pair]) -> Option<Number> {
    let largest = pairs.iter().map(|pair| pair.1).max()?;
    let numer: Option<Vec<i64>> = pairs
        .iter()
        .map(|(numer, denom)| if largest % denom == 0 { numer.checked_mul(largest / denom) } else { None })
        .collect();
    Some(Number { numer: Cells::rows(numer?), denom: Cells::Same(largest) })
}

impl Column {
    /// One row for all rows.
    fn gather_one(&self, row: usize) -> Column {
        Column {
            data: match &self.data {
                Data::YesNo(cells) => Data::YesNo(Cells::Same(cells.at(row))),
                Data::Label(cells) => Data::Label(Cells::Same(cells.at(row))),
                Data::Number(number) => {
                    let (numer, denom) = number.at(row);
                    Data::Number(Number { numer: Cells::Same(numer), denom: Cells::Same(denom) })
                }
            },
            known: Cells::Same(self.known.at(row)),
            faults: Cells::Same(self.faults.at(row)),
            hints: Cells::Same(self.hints.at(row)),
        }
    }
}
