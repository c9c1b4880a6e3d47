//! Code that is ready to run: its steps over one block of households after the other.

use crate::calendar;
use crate::cells::{Cells, Ints, Node};
use crate::code::{Code, Entries, Kind, Step};
use crate::column::OVERFLOW;
use crate::integers::{Integers, copy_into};
use crate::kernels::{
    choose, compare, map, round_const, round_const_short, round_rows, round_rows_short, select, spread, sum,
    unpack, unpack_onto, zip,
};
use crate::op::{Calendar, Op, Part};
use crate::pairs::{Pair, accepts, add_pairs, arith_pairs, compare_pairs, round_pair};
use crate::processor::Processor;
use crate::registers::{Int, Lane, Operand, Places, Registers};
use crate::tables::FactTables;
use crate::words;
use arrow_array::cast::AsArray;
use arrow_array::{Array, BooleanArray};
use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;
use doudi_policy::ir::{EntityId, InputId};
use std::ops::Range;

pub(crate) struct Machine {
    pub code: Code,
    pub places: Places,
    pub processor: Processor,
}

/// Some households of the tables: by entity, the rows that belong to them.
pub(crate) struct Block<'t> {
    pub tables: &'t FactTables,
    pub rows: Vec<Range<usize>>,
}

impl<'t> Block<'t> {
    pub fn new(tables: &'t FactTables, households: Range<usize>) -> Block<'t> {
        let mut rows: Vec<Range<usize>> = Vec::with_capacity(tables.tables.len());
        for (index, parent) in tables.parents.iter().enumerate() {
            rows.push(match parent {
                None => households.clone(),
                Some(parent) => {
                    let owners = rows.get(parent.index()).cloned().unwrap_or(0..0);
                    let offsets = tables.tables[index].offsets.as_deref().unwrap_or(&[]);
                    let at = |owner: usize| offsets.get(owner).map_or(0, |offset| *offset as usize);
                    at(owners.start)..at(owners.end)
                }
            });
        }
        Block { tables, rows }
    }

    pub fn len(&self, entity: EntityId) -> usize {
        self.rows[entity.index()].len()
    }

    /// Where the rows of each owner start, in the whole table; one more entry at the end.
    fn bounds(&self, entity: EntityId) -> &'t [u32] {
        let Some(parent) = self.tables.parents[entity.index()] else { return &[] };
        let owners = &self.rows[parent.index()];
        let offsets = self.tables.tables[entity.index()].offsets.as_deref().unwrap_or(&[]);
        offsets.get(owners.start..owners.end + 1).unwrap_or(&[])
    }

    fn column(&self, entity: EntityId, id: InputId) -> Option<&'t dyn Array> {
        self.tables.tables[entity.index()].columns.get(&id).map(|array| array.as_ref())
    }

    fn integers(&self, entity: EntityId, id: InputId) -> Option<Integers<'t>> {
        self.tables.tables[entity.index()].columns.get(&id).and_then(Integers::of)
    }
}

#[inline(always)]
fn bits(out: &mut [u8], buffer: &BooleanBuffer, rows: &Range<usize>) {
    let chunks = BitChunks::new(buffer.values(), buffer.offset() + rows.start, rows.len());
    unpack(out, chunks.iter_padded());
}

/// Yes, where it is known to be.
#[inline(always)]
fn yes(out: &mut [u8], array: &BooleanArray, rows: &Range<usize>) {
    bits(out, array.values(), rows);
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        for (byte, row) in out.iter_mut().zip(rows.clone()) {
            *byte &= u8::from(nulls.is_valid(row));
        }
    }
}

/// One run over one block.
struct Run<'m> {
    code: &'m Code,
    places: &'m Places,
    block: &'m Block<'m>,
    registers: &'m mut Registers,
}

impl Machine {
    pub fn run(&self, block: &Block<'_>, registers: &mut Registers) {
        self.processor.run(self, block, registers);
    }

    /// Everything on the way from here to the kernels is inlined, so that it is built once for each set of instructions.
    #[inline(always)]
    pub fn steps(&self, block: &Block<'_>, registers: &mut Registers) {
        let mut run = Run { code: &self.code, places: &self.places, block, registers };
        for node in &self.places.run {
            let step = self.code.step(*node);
            match step.kind {
                Kind::Bits => run.packed(*node, step),
                Kind::Byte => run.bytes(*node, step),
                Kind::Label => run.labels(*node, step),
                Kind::Int32 => run.ints::<i32>(*node, step),
                Kind::Int64 => run.ints::<i64>(*node, step),
            }
        }
    }
}

impl Run<'_> {
    #[inline(always)]
    fn rows<T: Lane>(&self, node: Node) -> &[T] {
        self.registers.rows(self.places, node, self.block.len(self.code.step(node).base))
    }

    #[inline(always)]
    fn operand<T: Lane>(&self, node: Node) -> Operand<'_, T> {
        Operand::Rows(self.rows(node))
    }

    #[inline(always)]
    fn int<T: Int>(&self, ints: Ints) -> Operand<'_, T> {
        match ints {
            Cells::Same(number) => Operand::Same(T::of(number)),
            Cells::Rows(node) => Operand::Rows(self.rows(node)),
        }
    }

    /// Takes the register that a step writes; [`Run::put`] brings it back.
    #[inline(always)]
    fn take<T: Lane>(&mut self, node: Node) -> Vec<T> {
        std::mem::take(&mut T::registers_mut(self.registers)[self.places.of[node.0 as usize] as usize])
    }

    #[inline(always)]
    fn put<T: Lane>(&mut self, node: Node, cells: Vec<T>) {
        T::registers_mut(self.registers)[self.places.of[node.0 as usize] as usize] = cells;
    }

    #[inline(always)]
    fn words(&self, node: Node) -> &[u64] {
        self.registers.words(self.places, node, self.block.len(self.code.step(node).base))
    }

    /// Logical steps on packed masks.
    #[inline(always)]
    fn packed(&mut self, node: Node, step: &Step) {
        let mut cells = self.take::<u64>(node);
        let out = &mut cells[..self.block.len(step.base).div_ceil(64)];
        let word = |node: Node| Operand::Rows(self.words(node));
        match &step.op {
            Op::And(a, b) => zip(out, word(*a), word(*b), |a: u64, b: u64| a & b),
            Op::Or(a, b) => zip(out, word(*a), word(*b), |a: u64, b: u64| a | b),
            Op::ButNot(a, b) => zip(out, word(*a), word(*b), |a: u64, b: u64| a & !b),
            Op::EqualByte(a, b) => zip(out, word(*a), word(*b), |a: u64, b: u64| !(a ^ b)),
            Op::Not(a) => map(out, self.words(*a), |a: u64| !a),
            Op::SelectByte(mask, a, b) => {
                let (mask, a, b) = (self.words(*mask), self.words(*a), self.words(*b));
                for (((out, mask), a), b) in out.iter_mut().zip(mask).zip(a).zip(b) {
                    *out = (a & mask) | (b & !mask);
                }
            }
            Op::OfOwner(of) => words::spread(out, self.words(*of), self.block.bounds(step.base)),
            Op::AllBits(of) => {
                words::some_row(out, self.words(*of), self.block.bounds(self.code.step(*of).base));
            }
            Op::Pack(of, bits) => words::pack(out, self.rows(*of), *bits),
            _ => self.packed_facts(out, step),
        }
        self.put(node, cells);
    }

    #[inline(always)]
    fn packed_facts(&self, out: &mut [u64], step: &Step) {
        let rows = &self.block.rows[step.base.index()];
        let yes = |out: &mut [u64], array: &BooleanArray| {
            words::copy(out, array.values(), rows);
            if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
                let valid = BitChunks::new(nulls.inner().values(), nulls.offset() + rows.start, rows.len());
                out.iter_mut().zip(valid.iter_padded()).for_each(|(out, valid)| *out &= valid);
            }
        };
        match step.op {
            Op::Truth(id) => {
                match self.block.column(step.base, id).and_then(|array| array.as_boolean_opt()) {
                    Some(array) => yes(out, array),
                    None => out.fill(0),
                }
            }
            Op::Valid(id) => match self.block.column(step.base, id).map(|array| array.nulls()) {
                Some(Some(nulls)) => words::copy(out, nulls.inner(), rows),
                Some(None) => out.fill(u64::MAX),
                None => out.fill(0),
            },
            Op::Complete(entity) => match &self.block.tables.tables[entity.index()].complete {
                Some(array) => yes(out, array),
                None => out.fill(0),
            },
            _ => {}
        }
    }

    #[inline(always)]
    fn bytes(&mut self, node: Node, step: &Step) {
        let mut cells = self.take::<u8>(node);
        if let Op::OfOwner(of) = step.op {
            spread(&mut cells, self.rows(of), self.block.bounds(step.base));
            return self.put(node, cells);
        }
        let out = &mut cells[..self.block.len(step.base)];
        match &step.op {
            Op::And(a, b) => zip(out, self.operand(*a), self.operand(*b), |a: u8, b: u8| a & b),
            Op::Or(a, b) => zip(out, self.operand(*a), self.operand(*b), |a: u8, b: u8| a | b),
            Op::ButNot(a, b) => zip(out, self.operand(*a), self.operand(*b), |a: u8, b: u8| a & !b),
            Op::Not(a) => map(out, self.rows(*a), |a: u8| a ^ 1),
            Op::OrBits(a, bits) => map(out, self.rows(*a), |a: u8| a | bits),
            Op::Only(a, mask) => {
                zip(out, self.operand(*a), self.operand(*mask), |a: u8, mask: u8| {
                    a & 0_u8.wrapping_sub(mask)
                });
            }
            Op::Spread(mask, bits) => map(out, self.rows(*mask), |mask: u8| 0_u8.wrapping_sub(mask) & bits),
            Op::Keep(a, kept) => map(out, self.rows(*a), |a: u8| a & kept),
            Op::Has(a, wanted) => map(out, self.rows(*a), |a: u8| u8::from(a & wanted != 0)),
            Op::Translate(a, table) => map(out, self.rows(*a), |a: u8| table[usize::from(a)]),
            Op::SelectByte(mask, a, b) => select(out, self.rows(*mask), self.operand(*a), self.operand(*b)),
            Op::EqualByte(a, b) => {
                zip(out, self.operand(*a), self.operand(*b), |a: u8, b: u8| u8::from(a == b));
            }
            Op::IsLabel(a, wanted) => is_label(out, self.rows(*a), wanted),
            Op::EqualLabel(a, b) => {
                zip(out, self.operand(*a), self.operand(*b), |a: u16, b: u16| u8::from(a == b));
            }
            Op::Compare(accepted, Kind::Int32, a, b) => {
                compare(out, *accepted, self.int::<i32>(*a), self.int::<i32>(*b));
            }
            Op::Compare(accepted, _, a, b) => {
                compare(out, *accepted, self.int::<i64>(*a), self.int::<i64>(*b));
            }
            Op::AllBits(a) => self.all_bits(out, *a),
            Op::Entry(table, index) => {
                if let Entries::Bytes(entries) = &self.code.entries[*table as usize] {
                    let entries = entries.as_slice();
                    map(out, self.rows(*index), move |at: i32| entries[at as usize]);
                }
            }
            Op::Truth(_) | Op::Valid(_) | Op::Complete(_) => self.facts(out, step),
            Op::Unpack { planes, always } => {
                out.fill(*always);
                planes.iter().for_each(|(node, bit)| unpack_onto(out, self.words(*node), *bit));
            }
            _ => self.slow_bytes(out, &step.op),
        }
        self.put(node, cells);
    }

    #[inline(always)]
    fn facts(&self, out: &mut [u8], step: &Step) {
        let rows = &self.block.rows[step.base.index()];
        let column = |id| self.block.column(step.base, id);
        match step.op {
            Op::Truth(id) => match column(id).and_then(|array| array.as_boolean_opt()) {
                Some(array) => yes(out, array, rows),
                None => out.fill(0),
            },
            Op::Valid(id) => match column(id).map(|array| array.nulls()) {
                Some(Some(nulls)) => bits(out, nulls.inner(), rows),
                Some(None) => out.fill(1),
                None => out.fill(0),
            },
            Op::Complete(entity) => match &self.block.tables.tables[entity.index()].complete {
                Some(array) => yes(out, array, rows),
                None => out.fill(0),
            },
            _ => {}
        }
    }

    /// Where hardly anything is in doubt, a block is done once that is seen; a mask is counted.
    #[inline(always)]
    fn all_bits(&self, out: &mut [u8], of: Node) {
        let bytes: &[u8] = self.rows(of);
        if bytes.iter().fold(0, |all, byte| all | byte) == 0 {
            return out.fill(0);
        }
        let bounds = self.block.bounds(self.code.step(of).base);
        let first = bounds.first().copied().unwrap_or(0);
        for (out, bounds) in out.iter_mut().zip(bounds.windows(2)) {
            let own = &bytes[(bounds[0] - first) as usize..(bounds[1] - first) as usize];
            *out = own.iter().fold(0, |all, byte| all | byte);
        }
    }

    #[inline(always)]
    fn labels(&mut self, node: Node, step: &Step) {
        let mut cells = self.take::<u16>(node);
        if let Op::OfOwner(of) = step.op {
            spread(&mut cells, self.rows(of), self.block.bounds(step.base));
            return self.put(node, cells);
        }
        let out = &mut cells[..self.block.len(step.base)];
        let label = |cells: Cells<u16>| match cells {
            Cells::Same(label) => Operand::Same(label),
            Cells::Rows(node) => self.operand(node),
        };
        match &step.op {
            Op::Labelled(id) => match self.block.integers(step.base, *id) {
                Some(column) => copy_into(&column, self.block.rows[step.base.index()].clone(), out),
                None => out.fill(0),
            },
            Op::SelectLabel(mask, a, b) => select(out, self.rows(*mask), label(*a), label(*b)),
            Op::Entry(table, index) => {
                if let Entries::Labels(entries) = &self.code.entries[*table as usize] {
                    let entries = entries.as_slice();
                    map(out, self.rows(*index), move |at: i32| entries[at as usize]);
                }
            }
            _ => {}
        }
        self.put(node, cells);
    }

    #[inline(always)]
    fn ints<T: Int>(&mut self, node: Node, step: &Step) {
        let mut cells = self.take::<T>(node);
        if let Op::OfOwner(of) = step.op {
            spread(&mut cells, self.rows(of), self.block.bounds(step.base));
            return self.put(node, cells);
        }
        let out = &mut cells[..self.block.len(step.base)];
        match &step.op {
            Op::Integers(id) => match self.block.integers(step.base, *id) {
                Some(column) => copy_into(&column, self.block.rows[step.base.index()].clone(), out),
                None => out.fill(T::default()),
            },
            Op::Add(a, b) => zip(out, self.int(*a), self.int(*b), |a: T, b: T| a.plus(b)),
            Op::Subtract(a, b) => zip(out, self.int(*a), self.int(*b), |a: T, b: T| a.minus(b)),
            Op::Multiply(a, b) => zip(out, self.int(*a), self.int(*b), |a: T, b: T| a.times(b)),
            Op::Min(a, b) => zip(out, self.int(*a), self.int(*b), |a: T, b: T| a.min(b)),
            Op::Max(a, b) => zip(out, self.int(*a), self.int(*b), |a: T, b: T| a.max(b)),
            Op::Select(mask, a, b) => select(out, self.rows(*mask), self.int(*a), self.int(*b)),
            Op::Widen(a) => map(out, self.rows(*a), |a: i32| T::of(i64::from(a))),
            Op::Narrow(a) => map(out, self.rows(*a), |a: i64| T::of(a)),
            Op::Number(a) => map(out, self.rows(*a), |a: u16| T::of(i64::from(a))),
            Op::Entry(table, index) => {
                if let Entries::Ints(entries) = &self.code.entries[*table as usize] {
                    self.entries(out, entries, *index);
                }
            }
            Op::Sum { value, mask, over } => {
                let mut running = std::mem::take(T::sums(self.registers));
                self.sums(out, &mut running, *value, *mask, *over);
                *T::sums(self.registers) = running;
            }
            Op::RoundConst { .. } | Op::RoundRows { .. } => self.rounded(out, &step.op),
            Op::Extreme { largest, value, mask, over } => self.extreme(out, *largest, *value, *mask, *over),
            _ => self.slow_ints(out, &step.op),
        }
        self.put(node, cells);
    }

    #[inline(always)]
    fn sums<T: Int>(
        &self,
        out: &mut [T],
        running: &mut [T],
        value: Option<Ints>,
        mask: Option<Node>,
        over: EntityId,
    ) {
        let bounds = self.block.bounds(over);
        let of = |byte: &u8| T::of(i64::from(*byte));
        match (value.map(|value| self.int::<T>(value)), mask.map(|mask| self.rows::<u8>(mask))) {
            (Some(Operand::Rows(values)), None) => {
                sum(out, running, bounds, |rows| values[rows].iter().copied());
            }
            (Some(Operand::Rows(values)), Some(mask)) => sum(out, running, bounds, |rows| {
                values[rows.clone()].iter().zip(&mask[rows]).map(|(value, mask)| value.times(of(mask)))
            }),
            (_, Some(mask)) => sum(out, running, bounds, |rows| mask[rows].iter().map(of)),
            (_, None) => map_bounds(out, bounds, |count| T::of(i64::from(count))),
        }
    }

    #[inline(always)]
    fn entries<T: Int>(&self, out: &mut [T], entries: &[i64], index: Node) {
        let rows: &[i32] = self.rows(index);
        let first = |number: usize| T::of(entries.get(number).copied().unwrap_or_default());
        // The last entries of a table often stand for what is not known, and then no row selects them.
        match self.code.step(index).span.1.min(entries.len() as i64 - 1) {
            ..4 => choose::<T, 4>(out, rows, std::array::from_fn(first)),
            4..8 => choose::<T, 8>(out, rows, std::array::from_fn(first)),
            _ => map(out, rows, |at: i32| T::of(entries[at as usize])),
        }
    }

    #[inline(always)]
    fn rounded<T: Int>(&self, out: &mut [T], op: &Op) {
        match op {
            Op::RoundConst { value, away, divisor, by, signed } => match self.code.step(*value).kind {
                Kind::Int32 if by.factor <= u64::from(u32::MAX) => {
                    round_const_short(out, self.rows::<i32>(*value), *away, *divisor, *by, *signed);
                }
                Kind::Int32 => round_const(out, self.rows::<i32>(*value), *away, *divisor, *by, *signed),
                _ => round_const(out, self.rows::<i64>(*value), *away, *divisor, *by, *signed),
            },
            Op::RoundRows { value, away, divisor, kind: Kind::Int32, .. } => {
                round_rows_short(out, self.int::<i32>(*value), self.int::<i32>(*divisor), *away);
            }
            Op::RoundRows { value, away, divisor, small, .. } => {
                round_rows(out, self.int::<i64>(*value), self.int::<i64>(*divisor), *away, *small);
            }
            _ => {}
        }
    }

    #[inline(always)]
    fn extreme<T: Int>(&self, out: &mut [T], largest: bool, value: Ints, mask: Option<Node>, over: EntityId) {
        let Operand::Rows(values) = self.int::<T>(value) else { return };
        let mask = mask.map(|mask| self.rows::<u8>(mask));
        each_owner(out, self.block.bounds(over), |rows| {
            let rows = rows.filter(|row| mask.is_none_or(|mask| mask[*row] != 0)).map(|row| values[row]);
            let best = if largest { rows.max() } else { rows.min() };
            best.unwrap_or_default()
        });
    }
}

#[inline(always)]
fn is_label(out: &mut [u8], labels: &[u16], wanted: &[u16]) {
    match wanted {
        [one] => map(out, labels, |label| u8::from(label == *one)),
        // Neighbours, as grades often are.
        [first, .., last] if usize::from(last - first) + 1 == wanted.len() => {
            map(out, labels, |label| u8::from(label.wrapping_sub(*first) <= last - first));
        }
        _ => map(out, labels, |label| u8::from(wanted.contains(&label))),
    }
}

#[inline(always)]
fn map_bounds<T>(out: &mut [T], bounds: &[u32], of: impl Fn(u32) -> T) {
    for (out, bounds) in out.iter_mut().zip(bounds.windows(2)) {
        *out = of(bounds[1] - bounds[0]);
    }
}

#[inline(always)]
fn each_owner<T>(out: &mut [T], bounds: &[u32], of: impl Fn(Range<usize>) -> T) {
    let first = bounds.first().copied().unwrap_or(0);
    for (out, bounds) in out.iter_mut().zip(bounds.windows(2)) {
        *out = of((bounds[0] - first) as usize..(bounds[1] - first) as usize);
    }
}

/// Steps that go row by row.
impl Run<'_> {
    fn pair(&self, ratio: (Ints, Ints), row: usize) -> Pair {
        let at = |operand: Operand<'_, i64>| match operand {
            Operand::Same(number) => number,
            Operand::Rows(numbers) => numbers[row],
        };
        (at(self.int(ratio.0)), at(self.int(ratio.1)))
    }

    fn number(&self, ints: Ints, row: usize) -> i64 {
        self.pair((ints, Cells::Same(1)), row).0
    }

    fn slow_bytes(&self, out: &mut [u8], op: &Op) {
        let fault = |result: Result<(), u8>| result.err().unwrap_or(0);
        for (row, out) in out.iter_mut().enumerate() {
            *out = match op {
                Op::Slow { calculation, a, b, .. } => {
                    fault(arith_pairs(*calculation, self.pair(*a, row), self.pair(*b, row)).map(|_| ()))
                }
                Op::SlowCompare { accepted, a, b } => {
                    u8::from(accepts(*accepted, compare_pairs(self.pair(*a, row), self.pair(*b, row))))
                }
                Op::SlowRound { away, unit, value, .. } => {
                    fault(round_pair(self.pair(*value, row), *away, *unit).map(|_| ()))
                }
                Op::CalendarOf { of, a, b, .. } => {
                    let found = calendar::convert(*of, self.number(*a, row), self.number(*b, row));
                    fault(found.map(|_| ()).ok_or(OVERFLOW))
                }
                _ => 0,
            };
        }
        if let Op::SlowSum { value, mask, over, .. } = op {
            each_owner(out, self.block.bounds(*over), |rows| {
                fault(self.total(rows, *value, *mask).map(|_| ()).ok_or(OVERFLOW))
            });
        }
    }

    fn slow_ints<T: Int>(&self, out: &mut [T], op: &Op) {
        let part_of = |part: Part, pair: Pair| T::of(if part == Part::Denom { pair.1 } else { pair.0 });
        match op {
            Op::SlowSum { value, mask, over, part } => {
                return each_owner(out, self.block.bounds(*over), |rows| {
                    part_of(*part, self.total(rows, *value, *mask).unwrap_or((0, 1)))
                });
            }
            Op::SlowExtreme { largest, value, mask, over, part } => {
                return each_owner(out, self.block.bounds(*over), |rows| {
                    let mask = mask.map(|mask| self.rows::<u8>(mask));
                    let pairs = rows
                        .filter(|row| mask.is_none_or(|mask| mask[*row] != 0))
                        .map(|row| self.pair(*value, row));
                    let best = if *largest {
                        pairs.max_by(|a, b| compare_pairs(*a, *b))
                    } else {
                        pairs.min_by(|a, b| compare_pairs(*a, *b))
                    };
                    part_of(*part, best.unwrap_or((0, 1)))
                });
            }
            _ => {}
        }
        if let Op::CalendarOf { of, a, b, .. } = op
            && self.dates(out, *of, *a, *b)
        {
            return;
        }
        for (row, out) in out.iter_mut().enumerate() {
            *out = match op {
                Op::Slow { calculation, a, b, part } => {
                    let found = arith_pairs(*calculation, self.pair(*a, row), self.pair(*b, row));
                    part_of(*part, found.unwrap_or((0, 1)))
                }
                Op::SlowRound { away, unit, value, .. } => {
                    T::of(round_pair(self.pair(*value, row), *away, *unit).unwrap_or(0))
                }
                Op::CalendarOf { of, a, b, .. } => {
                    T::of(calendar::convert(*of, self.number(*a, row), self.number(*b, row)).unwrap_or(0))
                }
                Op::AgeOn { birth, on, least, last_births } => {
                    T::of(age(self.rows::<i64>(*birth)[row], *on, *least, last_births))
                }
                _ => T::default(),
            };
        }
    }

    /// Months and ages of days that all have dates; `false` if it cannot be done so.
    #[inline(always)]
    fn dates<T: Int>(&self, out: &mut [T], of: Calendar, a: Ints, b: Ints) -> bool {
        let Operand::Rows(days) = self.int::<i64>(a) else { return false };
        let on = self.int::<i64>(b);
        let fits = match on {
            Operand::Same(on) => calendar::have_dates(&[on]),
            Operand::Rows(on) => calendar::have_dates(on),
        };
        if !fits || !calendar::have_dates(days) {
            return false;
        }
        match (of, on) {
            (Calendar::MonthOf, _) => map(out, days, |day: i64| T::of(calendar::month_of_day(day))),
            (Calendar::Age, Operand::Same(on)) => {
                let on = calendar::day_in_years(on);
                map(out, days, |day: i64| T::of(calendar::years_between(calendar::day_in_years(day), on)));
            }
            (Calendar::Age, on) => zip(out, Operand::Rows(days), on, |day: i64, on: i64| {
                T::of(calendar::years_between(calendar::day_in_years(day), calendar::day_in_years(on)))
            }),
            (Calendar::FirstDay | Calendar::LastDay, _) => return false,
        }
        true
    }

    /// `None` if it does not fit.
    fn total(&self, rows: Range<usize>, value: (Ints, Ints), mask: Option<Node>) -> Option<Pair> {
        let mask = mask.map(|mask| self.rows::<u8>(mask));
        let mut total = (0, 1);
        if let Cells::Same(denom) = value.1 {
            let mut numer: i128 = 0;
            for row in rows.filter(|row| mask.is_none_or(|mask| mask[*row] != 0)) {
                numer += i128::from(self.number(value.0, row));
            }
            return Some((i64::try_from(numer).ok()?, denom));
        }
        for row in rows.filter(|row| mask.is_none_or(|mask| mask[*row] != 0)) {
            total = add_pairs(total, self.pair(value, row))?;
        }
        Some(total)
    }
}

/// Completed years by the last birthday of each age: the mean length of a year says it within one.
fn age(birth: i64, on: i64, least: i64, last_births: &[i64]) -> i64 {
    let guess = (on - birth) * 400 / 146_097;
    let mut at = (guess - least).clamp(0, last_births.len() as i64 - 2) as usize;
    while at > 0 && birth > last_births[at] {
        at -= 1;
    }
    while birth <= last_births[at + 1] && at + 2 < last_births.len() {
        at += 1;
    }
    least + at as i64
}
