//! Code for columns under construction: a graph of typed steps in the order in which they run. What is known when the
//! code is built is folded, equal steps are built once, and every whole number has a proven range, so that 32 bits are
//! taken where they do, no step can wrap, and nothing is checked while the code runs.

use crate::cells::{Bits, Cells, Ints, Labels, Mask, Node};
use crate::op::{Away, Op, Part, Reciprocal};
use crate::pairs::accepts;
use doudi_policy::Library;
use doudi_policy::ir::EntityId;
use std::collections::BTreeMap;

/// Width of a node's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Masks, sixty-four rows in a word.
    Bits,
    Byte,
    Label,
    Int32,
    Int64,
}

/// Smallest and largest value.
pub(crate) type Span = (i64, i64);

const ANYTHING: Span = (i64::MIN, i64::MAX);

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub op: Op,
    pub base: EntityId,
    pub kind: Kind,
    /// Of whole numbers.
    pub span: Span,
}

/// Entries of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entries {
    Bytes(Vec<u8>),
    Labels(Vec<u16>),
    Ints(Vec<i64>),
}

#[derive(Debug)]
pub(crate) struct Code {
    pub steps: Vec<Step>,
    pub entries: Vec<Entries>,
    known: BTreeMap<(Op, EntityId), Node>,
    /// By entity.
    parents: Vec<Option<EntityId>>,
    /// What logical steps give.
    kind_of_masks: Kind,
}

fn fits_32(span: Span) -> bool {
    i32::try_from(span.0).is_ok() && i32::try_from(span.1).is_ok()
}

fn int_kind(span: Span) -> Kind {
    if fits_32(span) { Kind::Int32 } else { Kind::Int64 }
}

/// `None` if it may leave 64 bits.
fn span_of(corners: &[i128]) -> Option<Span> {
    let low = corners.iter().min()?;
    let high = corners.iter().max()?;
    Some((i64::try_from(*low).ok()?, i64::try_from(*high).ok()?))
}

impl Code {
    pub fn new(library: &Library) -> Code {
        Code {
            steps: Vec::new(),
            entries: Vec::new(),
            known: BTreeMap::new(),
            parents: library.entities.iter().map(|entity| entity.parent).collect(),
            kind_of_masks: Kind::Byte,
        }
    }

    /// The same entities and entries, and nothing done yet.
    pub fn started_over(&self, kind_of_masks: Kind) -> Code {
        Code {
            steps: Vec::new(),
            entries: self.entries.clone(),
            known: BTreeMap::new(),
            parents: self.parents.clone(),
            kind_of_masks,
        }
    }

    pub fn is_packed(&self) -> bool {
        self.kind_of_masks == Kind::Bits
    }

    pub fn step(&self, node: Node) -> &Step {
        &self.steps[node.0 as usize]
    }

    fn op(&self, node: Node) -> &Op {
        &self.step(node).op
    }

    fn base_of<T>(&self, cells: Cells<T>) -> Option<EntityId> {
        cells.node().map(|node| self.step(node).base)
    }

    pub fn emit(&mut self, op: Op, base: EntityId, kind: Kind, span: Span) -> Node {
        let key = (op, base);
        if let Some(node) = self.known.get(&key) {
            return *node;
        }
        let node = Node(self.steps.len() as u32);
        self.steps.push(Step { op: key.0.clone(), base, kind, span });
        self.known.insert(key, node);
        node
    }

    /// A step that gives bytes.
    pub fn byte(&mut self, op: Op, of: Node) -> Node {
        let base = self.step(of).base;
        let bits = i64::from(self.bits_of(&op));
        self.emit(op, base, self.kind_of_masks, (0, bits))
    }

    /// Bits that may be set in a node's bytes; of a mask it is the first alone.
    fn possible(&self, node: Node) -> u8 {
        self.step(node).span.1 as u8
    }

    fn bits_of(&self, op: &Op) -> u8 {
        match op {
            Op::And(a, b) => self.possible(*a) & self.possible(*b),
            Op::Or(a, b) | Op::SelectByte(_, a, b) => self.possible(*a) | self.possible(*b),
            Op::ButNot(a, _) | Op::Only(a, _) | Op::AllBits(a) => self.possible(*a),
            Op::OrBits(a, bits) => self.possible(*a) | bits,
            Op::Spread(_, bits) => *bits,
            Op::Keep(a, kept) => self.possible(*a) & kept,
            Op::Translate(_, table) => table.iter().fold(0, |all, bits| all | bits),
            _ => 1,
        }
    }

    // Masks

    pub fn and(&mut self, a: Mask, b: Mask) -> Mask {
        match (a, b) {
            (Cells::Same(true), other) | (other, Cells::Same(true)) => other,
            (Cells::Same(false), _) | (_, Cells::Same(false)) => Mask::NO,
            (Cells::Rows(x), Cells::Rows(y)) if x == y => a,
            (Cells::Rows(x), Cells::Rows(y)) => match (self.op(x), self.op(y)) {
                (Op::Not(not_x), _) if *not_x == y => Mask::NO,
                (_, Op::Not(not_y)) if *not_y == x => Mask::NO,
                (_, Op::Not(not_y)) => {
                    let not_y = *not_y;
                    Cells::Rows(self.byte(Op::ButNot(x, not_y), x))
                }
                (Op::Not(not_x), _) => {
                    let not_x = *not_x;
                    Cells::Rows(self.byte(Op::ButNot(y, not_x), y))
                }
                _ => Cells::Rows(self.byte(Op::And(x.min(y), x.max(y)), x)),
            },
        }
    }

    pub fn or(&mut self, a: Mask, b: Mask) -> Mask {
        match (a, b) {
            (Cells::Same(false), other) | (other, Cells::Same(false)) => other,
            (Cells::Same(true), _) | (_, Cells::Same(true)) => Mask::YES,
            (Cells::Rows(x), Cells::Rows(y)) if x == y => a,
            (Cells::Rows(x), Cells::Rows(y)) => match (self.op(x), self.op(y)) {
                (Op::Not(not_x), _) if *not_x == y => Mask::YES,
                (_, Op::Not(not_y)) if *not_y == x => Mask::YES,
                _ => Cells::Rows(self.byte(Op::Or(x.min(y), x.max(y)), x)),
            },
        }
    }

    pub fn not(&mut self, a: Mask) -> Mask {
        match a {
            Cells::Same(value) => Cells::Same(!value),
            Cells::Rows(node) => match self.op(node) {
                Op::Not(inner) => Cells::Rows(*inner),
                _ => Cells::Rows(self.byte(Op::Not(node), node)),
            },
        }
    }

    /// `a` and not `b`.
    pub fn but_not(&mut self, a: Mask, b: Mask) -> Mask {
        if let (Cells::Rows(x), Cells::Rows(y)) = (a, b)
            && *self.op(x) == Op::Not(y)
        {
            return a;
        }
        let not = match (a, b) {
            (Cells::Rows(x), Cells::Rows(y)) if !matches!(self.op(y), Op::Not(_)) => {
                return if x == y { Mask::NO } else { Cells::Rows(self.byte(Op::ButNot(x, y), x)) };
            }
            _ => self.not(b),
        };
        self.and(a, not)
    }

    /// Without a negation of the mask.
    fn upright<T>(&self, mask: Mask, a: T, b: T) -> (Mask, T, T) {
        match mask {
            Cells::Rows(node) => match self.op(node) {
                Op::Not(inner) => (Cells::Rows(*inner), b, a),
                _ => (mask, a, b),
            },
            Cells::Same(_) => (mask, a, b),
        }
    }

    pub fn select_mask(&mut self, mask: Mask, a: Mask, b: Mask) -> Mask {
        let (mask, a, b) = self.upright(mask, a, b);
        match (mask, a, b) {
            (Cells::Same(true), ..) => a,
            (Cells::Same(false), ..) => b,
            _ if a == b => a,
            (_, Cells::Same(true), _) => self.or(mask, b),
            (_, Cells::Same(false), _) => self.but_not(b, mask),
            (_, _, Cells::Same(false)) => self.and(mask, a),
            (_, _, Cells::Same(true)) => {
                let not = self.not(mask);
                self.or(not, a)
            }
            (Cells::Rows(m), Cells::Rows(x), Cells::Rows(y)) => {
                Cells::Rows(self.byte(Op::SelectByte(m, x, y), m))
            }
        }
    }

    pub fn equal_masks(&mut self, a: Mask, b: Mask) -> Mask {
        match (a, b) {
            (Cells::Same(true), other) | (other, Cells::Same(true)) => other,
            (Cells::Same(false), other) | (other, Cells::Same(false)) => self.not(other),
            (Cells::Rows(x), Cells::Rows(y)) if x == y => Mask::YES,
            (Cells::Rows(x), Cells::Rows(y)) => Cells::Rows(self.byte(Op::EqualByte(x.min(y), x.max(y)), x)),
        }
    }

    // Bits

    pub fn both(&mut self, a: Bits, b: Bits) -> Bits {
        match (a, b) {
            (Cells::Same(0), other) | (other, Cells::Same(0)) => other,
            (Cells::Same(x), Cells::Same(y)) => Cells::Same(x | y),
            (Cells::Rows(x), Cells::Rows(y)) if x == y => a,
            (Cells::Rows(x), Cells::Rows(y)) => Cells::Rows(self.byte(Op::Or(x.min(y), x.max(y)), x)),
            (Cells::Rows(x), Cells::Same(bits)) | (Cells::Same(bits), Cells::Rows(x)) => {
                Cells::Rows(self.byte(Op::OrBits(x, bits), x))
            }
        }
    }

    /// Only where the mask is set.
    pub fn only(&mut self, bits: Bits, mask: Mask) -> Bits {
        match (bits, mask) {
            (Cells::Same(0), _) | (_, Cells::Same(false)) => Bits::NONE,
            (_, Cells::Same(true)) => bits,
            // A mask is the bit 1.
            (Cells::Same(1), _) => bits_of_mask(mask),
            (Cells::Same(bits), Cells::Rows(node)) => Cells::Rows(self.byte(Op::Spread(node, bits), node)),
            (Cells::Rows(x), Cells::Rows(m)) => match *self.op(x) {
                Op::Spread(rows, bits) => {
                    let rows = self.and(Cells::Rows(rows), mask);
                    self.only(Cells::Same(bits), rows)
                }
                _ if self.possible(x) == 1 => bits_of_mask(self.and(Cells::Rows(x), mask)),
                _ => Cells::Rows(self.byte(Op::Only(x, m), x)),
            },
        }
    }

    pub fn keep(&mut self, bits: Bits, kept: u8) -> Bits {
        match bits {
            Cells::Same(bits) => Cells::Same(bits & kept),
            Cells::Rows(node) if self.possible(node) & !kept == 0 => bits,
            Cells::Rows(node) if self.possible(node) & kept == 0 => Bits::NONE,
            Cells::Rows(node) => match *self.op(node) {
                Op::Spread(mask, bits) => self.only(Cells::Same(bits & kept), Cells::Rows(mask)),
                _ => Cells::Rows(self.byte(Op::Keep(node, kept), node)),
            },
        }
    }

    pub fn has(&mut self, bits: Bits, wanted: u8) -> Mask {
        match bits {
            Cells::Same(bits) => Cells::Same(bits & wanted != 0),
            Cells::Rows(node) if self.possible(node) & wanted == 0 => Mask::NO,
            Cells::Rows(node) if self.possible(node) == 1 => Cells::Rows(node),
            Cells::Rows(node) => match *self.op(node) {
                // One of its bits is wanted, for else none of those possible were.
                Op::Spread(mask, _) => Cells::Rows(mask),
                Op::OrBits(_, bits) if bits & wanted != 0 => Mask::YES,
                _ => Cells::Rows(self.byte(Op::Has(node, wanted), node)),
            },
        }
    }

    /// Any byte through a table of 256.
    pub fn translate(&mut self, bits: Bits, table: [u8; 256]) -> Bits {
        match bits {
            Cells::Same(bits) => Cells::Same(table[usize::from(bits)]),
            Cells::Rows(node) => Cells::Rows(self.byte(Op::Translate(node, Box::new(table)), node)),
        }
    }

    pub fn select_bits(&mut self, mask: Mask, a: Bits, b: Bits) -> Bits {
        let (mask, a, b) = self.upright(mask, a, b);
        match (mask, a, b) {
            (Cells::Same(true), ..) => a,
            (Cells::Same(false), ..) => b,
            _ if a == b => a,
            (Cells::Rows(m), Cells::Rows(x), Cells::Rows(y)) => {
                Cells::Rows(self.byte(Op::SelectByte(m, x, y), m))
            }
            _ => {
                let not = self.not(mask);
                let (a, b) = (self.only(a, mask), self.only(b, not));
                self.both(a, b)
            }
        }
    }

    // Labels

    pub fn is_label(&mut self, labels: Labels, wanted: &[u16], negated: bool) -> Mask {
        match labels {
            Cells::Same(label) => Cells::Same(wanted.contains(&label) != negated),
            Cells::Rows(node) => {
                let mut wanted = wanted.to_vec();
                wanted.sort_unstable();
                let found = Cells::Rows(self.byte(Op::IsLabel(node, wanted), node));
                if negated { self.not(found) } else { found }
            }
        }
    }

    pub fn equal_labels(&mut self, a: Labels, b: Labels) -> Mask {
        match (a, b) {
            (Cells::Same(x), Cells::Same(y)) => Cells::Same(x == y),
            (Cells::Rows(_), Cells::Same(label)) => self.is_label(a, &[label], false),
            (Cells::Same(label), Cells::Rows(_)) => self.is_label(b, &[label], false),
            (Cells::Rows(x), Cells::Rows(y)) if x == y => Mask::YES,
            (Cells::Rows(x), Cells::Rows(y)) => Cells::Rows(self.byte(Op::EqualLabel(x, y), x)),
        }
    }

    pub fn select_labels(&mut self, mask: Mask, a: Labels, b: Labels) -> Labels {
        let (mask, a, b) = self.upright(mask, a, b);
        match mask {
            Cells::Same(true) => a,
            Cells::Same(false) => b,
            _ if a == b => a,
            Cells::Rows(m) => {
                let base = self.step(m).base;
                Cells::Rows(self.emit(Op::SelectLabel(m, a, b), base, Kind::Label, (0, i64::from(u16::MAX))))
            }
        }
    }

    // Whole numbers

    pub fn span(&self, ints: Ints) -> Span {
        match ints {
            Cells::Same(value) => (value, value),
            Cells::Rows(node) => self.step(node).span,
        }
    }

    /// The same numbers in cells of this width; the caller knows that they fit.
    pub fn as_kind(&mut self, ints: Ints, kind: Kind) -> Ints {
        let Cells::Rows(node) = ints else { return ints };
        let step = self.step(node);
        let (base, span) = (step.base, step.span);
        match (step.kind, kind) {
            (Kind::Int32, Kind::Int64) => Cells::Rows(self.emit(Op::Widen(node), base, Kind::Int64, span)),
            (Kind::Int64, Kind::Int32) => match step.op {
                Op::Widen(narrow) => Cells::Rows(narrow),
                _ => Cells::Rows(self.emit(Op::Narrow(node), base, Kind::Int32, span)),
            },
            _ => ints,
        }
    }

    /// A step on whole numbers, in the width that holds operands and result.
    fn arith(&mut self, a: Ints, b: Ints, span: Span, op: fn(Ints, Ints) -> Op) -> Ints {
        let Some(base) = self.base_of(a).or(self.base_of(b)) else { return Cells::Same(span.0) };
        let all = [self.span(a), self.span(b), span];
        let kind = if all.into_iter().all(fits_32) { Kind::Int32 } else { Kind::Int64 };
        let (a, b) = (self.as_kind(a, kind), self.as_kind(b, kind));
        Cells::Rows(self.emit(op(a, b), base, kind, span))
    }

    pub fn add(&mut self, a: Ints, b: Ints) -> Option<Ints> {
        match (a, b) {
            (Cells::Same(0), other) | (other, Cells::Same(0)) => return Some(other),
            _ => {}
        }
        let (x, y) = (self.span(a), self.span(b));
        let span = span_of(&[i128::from(x.0) + i128::from(y.0), i128::from(x.1) + i128::from(y.1)])?;
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        Some(self.arith(a, b, span, Op::Add))
    }

    pub fn subtract(&mut self, a: Ints, b: Ints) -> Option<Ints> {
        if b == Cells::Same(0) {
            return Some(a);
        }
        if a == b {
            return Some(Cells::Same(0));
        }
        let (x, y) = (self.span(a), self.span(b));
        let span = span_of(&[i128::from(x.0) - i128::from(y.1), i128::from(x.1) - i128::from(y.0)])?;
        Some(self.arith(a, b, span, Op::Subtract))
    }

    pub fn multiply(&mut self, a: Ints, b: Ints) -> Option<Ints> {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        match (a, b) {
            (Cells::Same(0), _) => return Some(Cells::Same(0)),
            (Cells::Same(1), other) => return Some(other),
            _ => {}
        }
        let (x, y) = (self.span(a), self.span(b));
        let corners = [x.0, x.1].map(|p| [y.0, y.1].map(|q| i128::from(p) * i128::from(q)));
        let span = span_of(corners.as_flattened())?;
        if let (Cells::Same(_), Cells::Rows(node)) = (a, b)
            && let Op::OfOwner(of) = *self.op(node)
        {
            // Once for each owner costs less than once for each of its rows.
            let product = self.multiply(a, Cells::Rows(of))?;
            let base = self.step(node).base;
            return Some(self.spread(product, base));
        }
        Some(self.arith(a, b, span, Op::Multiply))
    }

    pub fn extreme(&mut self, largest: bool, a: Ints, b: Ints) -> Ints {
        let (x, y) = (self.span(a), self.span(b));
        let (a_wins, b_wins) = if largest { (x.0 >= y.1, y.0 >= x.1) } else { (x.1 <= y.0, y.1 <= x.0) };
        if a == b || a_wins {
            return a;
        }
        if b_wins {
            return b;
        }
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let span = if largest { (x.0.max(y.0), x.1.max(y.1)) } else { (x.0.min(y.0), x.1.min(y.1)) };
        self.arith(a, b, span, if largest { Op::Max } else { Op::Min })
    }

    /// `accepted`: bits of the orderings that count as yes.
    pub fn compare(&mut self, accepted: u8, a: Ints, b: Ints) -> Mask {
        let (x, y) = (self.span(a), self.span(b));
        let mut possible = 0;
        if x.0 < y.1 {
            possible |= 1;
        }
        if x.0 <= y.1 && y.0 <= x.1 {
            possible |= 2;
        }
        if x.1 > y.0 {
            possible |= 4;
        }
        if a == b {
            possible = 2;
        }
        if possible & !accepted == 0 {
            return Mask::YES;
        }
        if possible & accepted == 0 {
            return Mask::NO;
        }
        let Some(node) = a.node().or(b.node()) else {
            let (Cells::Same(p), Cells::Same(q)) = (a, b) else { return Mask::NO };
            return Cells::Same(accepts(accepted, p.cmp(&q)));
        };
        // At the end of a range, equal is the opposite of beyond it: one way to say one thing.
        if accepted == 2 && (y == (x.0, x.0) || x == (y.1, y.1)) {
            let beyond = self.compare(1, b, a);
            return self.not(beyond);
        }
        if accepted == 2 && (y == (x.1, x.1) || x == (y.0, y.0)) {
            let beyond = self.compare(1, a, b);
            return self.not(beyond);
        }
        let kind = if fits_32(x) && fits_32(y) { Kind::Int32 } else { Kind::Int64 };
        let (a, b) = (self.as_kind(a, kind), self.as_kind(b, kind));
        match accepted {
            // The other three are these three turned round.
            1..=3 => Cells::Rows(self.byte(Op::Compare(accepted, kind, a, b), node)),
            4 => Cells::Rows(self.byte(Op::Compare(1, kind, b, a), node)),
            6 => Cells::Rows(self.byte(Op::Compare(3, kind, b, a), node)),
            _ => {
                let equal = Cells::Rows(self.byte(Op::Compare(2, kind, a, b), node));
                self.not(equal)
            }
        }
    }

    pub fn select_ints(&mut self, mask: Mask, a: Ints, b: Ints) -> Ints {
        let (mask, a, b) = self.upright(mask, a, b);
        let m = match mask {
            Cells::Same(true) => return a,
            Cells::Same(false) => return b,
            _ if a == b => return a,
            Cells::Rows(m) => m,
        };
        let (x, y) = (self.span(a), self.span(b));
        let span = (x.0.min(y.0), x.1.max(y.1));
        let kind = int_kind(span);
        let (a, b) = (self.as_kind(a, kind), self.as_kind(b, kind));
        let base = self.step(m).base;
        Cells::Rows(self.emit(Op::Select(m, a, b), base, kind, span))
    }

    /// Rounded multiples of a constant; `most` is the largest dividend.
    #[allow(clippy::too_many_arguments, reason = "what the step consists of")]
    pub fn round_const(
        &mut self,
        value: Ints,
        away: Away,
        divisor: i64,
        by: Reciprocal,
        signed: bool,
        most: i128,
        span: Span,
    ) -> Ints {
        let narrow = fits_32(self.span(value)) && most <= i128::from(i32::MAX) && by.shift < 64;
        let narrow = narrow && (most as u128 * u128::from(by.factor)) >> 63 == 0;
        let value = self.as_kind(value, if narrow { Kind::Int32 } else { Kind::Int64 });
        let Cells::Rows(value) = value else { return value };
        let base = self.step(value).base;
        let op = Op::RoundConst { value, away, divisor, by, signed };
        Cells::Rows(self.emit(op, base, int_kind(span), span))
    }

    /// Rounded multiples of what stands in each row.
    pub fn round_rows(
        &mut self,
        value: Ints,
        away: Away,
        divisor: Ints,
        small: bool,
        span: Span,
    ) -> Option<Ints> {
        let Cells::Rows(of) = divisor else { return None };
        let both = [self.span(value), self.span(divisor)];
        let kind = if both.into_iter().all(fits_32) { Kind::Int32 } else { Kind::Int64 };
        let (value, divisor) = (self.as_kind(value, kind), self.as_kind(divisor, kind));
        let base = self.step(of).base;
        let op = Op::RoundRows { value, away, divisor, kind, small };
        Some(Cells::Rows(self.emit(op, base, int_kind(span), span)))
    }

    pub fn wide(&mut self, ints: Ints) -> Ints {
        self.as_kind(ints, Kind::Int64)
    }

    /// A step that gives whole numbers of 64 bits of which nothing is known.
    pub fn slow(&mut self, op: Op, part: Part, base: EntityId) -> Node {
        match part {
            Part::Numer => self.emit(op, base, Kind::Int64, ANYTHING),
            Part::Denom => self.emit(op, base, Kind::Int64, (1, i64::MAX)),
            Part::Fault => self.emit(op, base, Kind::Byte, (0, 255)),
        }
    }

    // Owners and their rows

    /// An owner's cells for each of its rows.
    pub fn of_ancestor(&mut self, node: Node, to: EntityId) -> Node {
        let step = self.step(node);
        let (base, kind, span) = (step.base, step.kind, step.span);
        if base == to {
            return node;
        }
        let Some(Some(parent)) = self.parents.get(to.index()).copied() else { return node };
        let nearer = self.of_ancestor(node, parent);
        self.emit(Op::OfOwner(nearer), to, kind, span)
    }

    pub fn spread<T>(&mut self, cells: Cells<T>, to: EntityId) -> Cells<T> {
        match cells {
            Cells::Same(value) => Cells::Same(value),
            Cells::Rows(node) => Cells::Rows(self.of_ancestor(node, to)),
        }
    }

    /// The owner's sum over the rows of `mask`; `None` if it may leave 64 bits. Rows of one owner: at least
    /// `fewest`, at most `most`.
    pub fn sum(
        &mut self,
        value: Ints,
        mask: Mask,
        over: EntityId,
        base: EntityId,
        (fewest, most): (u32, u32),
    ) -> Option<Ints> {
        let mask = match mask {
            Cells::Same(false) => return Some(Cells::Same(0)),
            Cells::Same(true) => None,
            Cells::Rows(node) => Some(node),
        };
        if let Cells::Same(each) = value {
            let ones = Op::Sum { value: None, mask, over };
            let least = if mask.is_none() { i64::from(fewest) } else { 0 };
            let count = self.emit(ones, base, Kind::Int32, (least, i64::from(most)));
            return self.multiply(Cells::Same(each), Cells::Rows(count));
        }
        let (low, high) = self.span(value);
        let span = span_of(&[
            i128::from(low.min(0)) * i128::from(most),
            i128::from(high.max(0)) * i128::from(most),
        ])?;
        let kind = if fits_32((low, high)) { int_kind(span) } else { Kind::Int64 };
        let value = Some(self.as_kind(value, kind));
        Some(Cells::Rows(self.emit(Op::Sum { value, mask, over }, base, kind, span)))
    }

    /// All bits of an owner's rows.
    pub fn all_bits(&mut self, bits: Bits, base: EntityId, over: EntityId, rows: (u32, u32)) -> Bits {
        match bits {
            Cells::Same(0) => Bits::NONE,
            Cells::Same(_) => {
                let some = self.any_row(Mask::YES, base, over, rows);
                self.only(bits, some)
            }
            Cells::Rows(node) => {
                let bits = i64::from(self.possible(node));
                Cells::Rows(self.emit(Op::AllBits(node), base, Kind::Byte, (0, bits)))
            }
        }
    }

    /// Whether the mask is set in some row of an owner.
    pub fn any_row(&mut self, mask: Mask, base: EntityId, over: EntityId, rows: (u32, u32)) -> Mask {
        match mask {
            Cells::Same(false) => Mask::NO,
            Cells::Same(true) => match self.sum(Cells::Same(1), mask, over, base, rows) {
                Some(count) => self.compare(4, count, Cells::Same(0)),
                None => Mask::YES,
            },
            Cells::Rows(node) => Cells::Rows(self.emit(Op::AllBits(node), base, Kind::Byte, (0, 1))),
        }
    }

    /// The owner's largest or smallest over the rows of `mask`; zero if there is none.
    pub fn extreme_row(
        &mut self,
        largest: bool,
        value: Ints,
        mask: Mask,
        over: EntityId,
        base: EntityId,
    ) -> Ints {
        if let Cells::Same(_) = value {
            return value;
        }
        let (low, high) = self.span(value);
        let op = Op::Extreme { largest, value, mask: mask.node(), over };
        let span = (low.min(0), high.max(0));
        let kind = value.node().map_or(Kind::Int64, |node| self.step(node).kind);
        Cells::Rows(self.emit(op, base, kind, span))
    }

    /// A step that reads whole numbers, in the width that holds them.
    pub fn emit_ints(&mut self, op: Op, base: EntityId, span: Span) -> Node {
        self.emit(op, base, int_kind(span), span)
    }

    // Parameters

    pub fn label_number(&mut self, labels: Labels) -> Ints {
        match labels {
            Cells::Same(label) => Cells::Same(i64::from(label)),
            Cells::Rows(node) => {
                let (base, span) = (self.step(node).base, self.step(node).span);
                Cells::Rows(self.emit(Op::Number(node), base, Kind::Int32, span))
            }
        }
    }

    /// The entry that each row selects.
    pub fn entry(&mut self, entries: Entries, index: Node) -> Node {
        let (kind, span) = match &entries {
            Entries::Bytes(bytes) => {
                (Kind::Byte, (0, i64::from(bytes.iter().fold(0, |all, bits| all | bits))))
            }
            Entries::Labels(_) => (Kind::Label, (0, i64::from(u16::MAX))),
            Entries::Ints(values) => {
                let low = values.iter().min().copied().unwrap_or(0);
                let span = (low, values.iter().max().copied().unwrap_or(0));
                (int_kind(span), span)
            }
        };
        let known = self.entries.iter().position(|known| *known == entries);
        let table = known.unwrap_or_else(|| {
            self.entries.push(entries);
            self.entries.len() - 1
        });
        let index = self.as_kind(Cells::Rows(index), Kind::Int32);
        let Cells::<i64>::Rows(index) = index else { return Node(0) };
        let base = self.step(index).base;
        self.emit(Op::Entry(table as u32, index), base, kind, span)
    }
}

/// A mask is the bit 1.
fn bits_of_mask(mask: Mask) -> Bits {
    match mask {
        Cells::Same(set) => Cells::Same(u8::from(set)),
        Cells::Rows(node) => Cells::Rows(node),
    }
}
