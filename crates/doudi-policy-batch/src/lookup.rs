//! Parameters as dense tables: one entry for each combination of dimensions, "not known" being one more label.

use crate::cells::{Bits, Cells, Ints, Mask};
use crate::code::{Code, Entries};
use crate::column::{Column, Data, OVERFLOW};
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::Number;
use crate::pairs::{Pair, fit};
use doudi_policy::ir::{ParameterId, Type};
use doudi_policy::{ParameterValue, Program, Value};

/// What an entry of the program's table says; `Err` are the hints of an unknown value.
type Entry = Result<Value, u8>;

pub(crate) struct Lookups<'r> {
    program: &'r Program<'r>,
}

/// The labels that one dimension may take, by number; `size` stands for "not known".
struct Dimension {
    size: usize,
    choices: Vec<usize>,
}

impl<'r> Lookups<'r> {
    pub fn new(program: &'r Program<'r>) -> Lookups<'r> {
        Lookups { program }
    }

    /// The parameter's value.
    pub fn value(&self, code: &mut Code, id: ParameterId, dimensions: &[Column]) -> Column {
        let ty = self.program.library.parameters[id.index()].ty;
        self.find(code, id, dimensions, ty, |entry| match entry {
            Some(ParameterValue::Value(value, _)) => Ok(*value),
            _ => Err(0),
        })
    }

    /// 有规定: whether the place has such a value.
    pub fn presence(&self, code: &mut Code, id: ParameterId, dimensions: &[Column]) -> Column {
        self.find(code, id, dimensions, Type::YesNo, |entry| match entry {
            Some(ParameterValue::Value(..)) => Ok(Value::YesNo(true)),
            Some(ParameterValue::None(_)) => Ok(Value::YesNo(false)),
            _ => Err(0),
        })
    }

    fn find(
        &self,
        code: &mut Code,
        id: ParameterId,
        columns: &[Column],
        ty: Type,
        read: impl Fn(Option<&ParameterValue>) -> Entry,
    ) -> Column {
        let enums = &self.program.library.parameters[id.index()].dimensions;
        let dimensions: Vec<Dimension> = columns
            .iter()
            .zip(enums)
            .map(|(column, labels)| Dimension::of(column, self.program.library.labels(*labels).len()))
            .collect();
        let values = self.program.parameters.get(id.index());
        let entries = entries(&dimensions, |key| read(values.and_then(|table| table.get(key))));
        let index = index(code, &dimensions, columns);
        let mut found = Table { index, entries: &entries, dimensions: &dimensions }.column(code, ty);
        let mut doubts = Bits::NONE;
        let mut guesses = Bits::NONE;
        for dimension in columns {
            doubts = code.both(doubts, dimension.faults);
            guesses = code.both(guesses, dimension.hints);
        }
        let unknown = code.not(found.known);
        let doubts = code.only(doubts, unknown);
        found.faults = code.both(found.faults, doubts);
        // With fewer candidates the scalar evaluator may find that they agree.
        let guessed = code.has(guesses, MAY_KNOW);
        let guessed = code.and(guessed, unknown);
        let guesses = code.only(Cells::Same(MAY_KNOW | BOUNDED), guessed);
        found.hints = code.both(found.hints, guesses);
        found
    }
}

impl Dimension {
    fn of(column: &Column, size: usize) -> Dimension {
        let labels = |labels: std::ops::Range<usize>| labels.collect::<Vec<usize>>();
        let choices = match (column.known, column.labels()) {
            (Cells::Same(false), _) => vec![size],
            (Cells::Same(true), Cells::Same(label)) => vec![usize::from(label).min(size)],
            (Cells::Same(true), Cells::Rows(_)) => labels(0..size),
            (Cells::Rows(_), Cells::Same(label)) => vec![usize::from(label).min(size), size],
            (Cells::Rows(_), Cells::Rows(_)) => labels(0..size + 1),
        };
        Dimension { size, choices }
    }
}

/// The number of the entry that each row selects, last dimension fastest.
fn index(code: &mut Code, dimensions: &[Dimension], columns: &[Column]) -> Ints {
    let mut index = Cells::Same(0);
    for (dimension, column) in dimensions.iter().zip(columns) {
        let size = dimension.size as i64;
        index = match dimension.choices.as_slice() {
            [only] => {
                let before = code.multiply(index, Cells::Same(size + 1));
                before.and_then(|before| code.add(before, Cells::Same(*only as i64))).unwrap_or(index)
            }
            _ => {
                let label = code.label_number(column.labels());
                let label = code.select_ints(column.known, label, Cells::Same(size));
                let before = code.multiply(index, Cells::Same(size + 1));
                before.and_then(|before| code.add(before, label)).unwrap_or(index)
            }
        };
    }
    index
}

/// Entries by packed labels, those that no row can select left empty.
fn entries(dimensions: &[Dimension], read: impl Fn(usize) -> Entry) -> Vec<Option<Entry>> {
    let count = dimensions.iter().map(|dimension| dimension.size + 1).product();
    let mut entries = vec![None; count];
    each_combination(dimensions, &mut Vec::new(), &mut |chosen| {
        let mut keys = vec![0_usize];
        let mut at = 0;
        for (choice, Dimension { size, .. }) in chosen.iter().zip(dimensions) {
            let labels = if choice < size { *choice..*choice + 1 } else { 0..*size };
            keys = keys.iter().flat_map(|key| labels.clone().map(move |label| key * size + label)).collect();
            at = at * (size + 1) + choice;
        }
        let mut found = keys.iter().map(|key| read(*key));
        let first = found.next().unwrap_or(Err(0));
        entries[at] = Some(found.fold(first, either));
    });
    entries
}

/// One of two entries, and nobody knows which: different values are at least bounds.
fn either(entry: Entry, next: Entry) -> Entry {
    match (entry, next) {
        _ if entry == next => entry,
        (Ok(_) | Err(BOUNDED), Ok(_) | Err(BOUNDED)) => Err(BOUNDED),
        _ => Err(0),
    }
}

fn each_combination(dimensions: &[Dimension], chosen: &mut Vec<usize>, visit: &mut dyn FnMut(&[usize])) {
    let Some(dimension) = dimensions.get(chosen.len()) else { return visit(chosen) };
    for choice in &dimension.choices {
        chosen.push(*choice);
        each_combination(dimensions, chosen, visit);
        chosen.pop();
    }
}

struct Table<'t> {
    index: Ints,
    entries: &'t [Option<Entry>],
    dimensions: &'t [Dimension],
}

impl Table<'_> {
    /// A value of each entry; the same everywhere if all that can be selected have the same.
    fn cells<T: Copy + PartialEq>(
        &self,
        code: &mut Code,
        nothing: T,
        of: impl Fn(Entry) -> Option<T>,
        table: fn(Vec<T>) -> Entries,
    ) -> Cells<T> {
        let mut first = None;
        let mut all_same = true;
        for value in self.entries.iter().flatten().filter_map(|entry| of(*entry)) {
            all_same &= *first.get_or_insert(value) == value;
        }
        let fallback = first.unwrap_or(nothing);
        match self.index {
            Cells::Rows(index) if !all_same => {
                let values: Vec<T> =
                    self.entries.iter().map(|entry| entry.and_then(&of).unwrap_or(fallback)).collect();
                Cells::Rows(code.entry(table(values), index))
            }
            _ => Cells::Same(fallback),
        }
    }

    fn column(&self, code: &mut Code, ty: Type) -> Column {
        debug_assert!(self.entries.len() >= self.dimensions.len());
        let mut pairs: Vec<Pair> = Vec::new();
        for entry in self.entries {
            if let Some(Ok(Value::Number(exact))) = entry {
                pairs.extend(fit(*exact.numer(), *exact.denom()));
            }
        }
        let too_big =
            |entry: Entry| matches!(entry, Ok(Value::Number(n)) if fit(*n.numer(), *n.denom()).is_none());
        let byte = |values: Vec<u8>| Entries::Bytes(values);
        let known: Bits = self.cells(code, 0, |entry| Some(u8::from(entry.is_ok() && !too_big(entry))), byte);
        let faults = self.cells(code, 0, |entry| Some(if too_big(entry) { OVERFLOW } else { 0 }), byte);
        let hints = self.cells(
            code,
            0,
            |entry| Some(if too_big(entry) { MAY_KNOW | BOUNDED } else { entry.err().unwrap_or(0) }),
            byte,
        );
        let data = match ty {
            Type::YesNo => {
                let yes = |entry| match entry {
                    Ok(Value::YesNo(yes)) => Some(u8::from(yes)),
                    _ => None,
                };
                Data::YesNo(mask(self.cells(code, 0, yes, byte)))
            }
            Type::Enum(_) => {
                let label = |entry| match entry {
                    Ok(Value::Label(label)) => Some(label),
                    _ => None,
                };
                Data::Label(self.cells(code, 0, label, Entries::Labels))
            }
            _ => Data::Number(self.number(code, &pairs)),
        };
        Column { data, known: mask(known), faults, hints }
    }

    /// Over one denominator where the values have one in common.
    fn number(&self, code: &mut Code, pairs: &[Pair]) -> Number {
        let largest = pairs.iter().map(|pair| pair.1).max().unwrap_or(1);
        let common =
            pairs.iter().all(|pair| largest % pair.1 == 0 && pair.0.checked_mul(largest / pair.1).is_some());
        let pair = |entry| match entry {
            Ok(Value::Number(exact)) => fit(*exact.numer(), *exact.denom()),
            _ => None,
        };
        if common {
            let numer = |entry| pair(entry).map(|(numer, denom)| numer * (largest / denom));
            let numer = self.cells(code, 0, numer, Entries::Ints);
            return Number { numer, denom: Cells::Same(largest) };
        }
        let numer = self.cells(code, 0, |entry| pair(entry).map(|pair| pair.0), Entries::Ints);
        let denom = self.cells(code, 1, |entry| pair(entry).map(|pair| pair.1), Entries::Ints);
        Number { numer, denom }
    }
}

/// Bytes that are 0 or 1.
fn mask(bits: Bits) -> Mask {
    match bits {
        Cells::Same(bits) => Cells::Same(bits != 0),
        Cells::Rows(node) => Cells::Rows(node),
    }
}
