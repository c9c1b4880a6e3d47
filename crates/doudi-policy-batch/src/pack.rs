//! Yes/no cells put together: sixty-four rows in a word. Programmes are mostly made of such cells - does a condition
//! hold, is it known, may it be known - and a word takes as long as a byte.
//!
//! Code is built in bytes and rewritten here once it is whole: every logical step becomes one on words, a byte of several
//! bits becomes several of them, and only where numbers are chosen or labels compared do bytes come in or out.

use crate::cells::{Bits, Cells, Labels, Mask, Node};
use crate::code::{Code, Kind};
use crate::column::Data;
use crate::number::Number;
use crate::op::Op;
use crate::prepared::Output;
use crate::registers::Places;
use doudi_policy::ir::EntityId;

/// The bits of a byte, each a mask of its own.
type Planes = [Mask; 8];

const NO_PLANES: Planes = [Mask::NO; 8];

/// The same code with packed masks, if that takes much less work; `outputs` then stand in the new code.
pub(crate) fn packed(code: Code, outputs: &mut [Output]) -> Code {
    let roots: Vec<Node> = outputs.iter().flat_map(Output::nodes).collect();
    let needed = Places::of(&code, &roots).run;
    let mut packer = Packer {
        new: code.started_over(Kind::Bits),
        planes: vec![None; code.steps.len()],
        same: vec![None; code.steps.len()],
        old: &code,
    };
    for node in &needed {
        packer.step(*node);
    }
    let moved: Vec<Moved> = outputs.iter().map(|output| packer.output(output)).collect();
    let new = packer.new;
    let roots: Vec<Node> = moved.iter().flat_map(Moved::nodes).collect();
    // By a third at least: packed code has larger blocks, in which sums are farther from the processor.
    if 3 * work(&new, &Places::of(&new, &roots).run) >= 2 * work(&code, &needed) {
        return code;
    }
    for (output, moved) in outputs.iter_mut().zip(moved) {
        output.column.data = moved.data;
        output.column.known = moved.known;
        output.column.faults = moved.faults;
        output.column.hints = Bits::NONE;
        output.reasons = moved.reasons;
    }
    new
}

/// Roughly, eighths of a pass over bytes.
fn work(code: &Code, steps: &[Node]) -> usize {
    let of = |node: &Node| match (code.step(*node).kind, &code.step(*node).op) {
        (_, Op::Pack(..) | Op::Unpack { .. }) => 12,
        (Kind::Bits, _) => 1,
        (Kind::Byte, _) => 8,
        (Kind::Label, _) => 16,
        (Kind::Int32 | Kind::Int64, _) => 32,
    };
    steps.iter().map(of).sum()
}

/// What an output reads, in the new code.
struct Moved {
    data: Data,
    known: Mask,
    faults: Bits,
    reasons: Option<Labels>,
}

impl Moved {
    fn nodes(&self) -> Vec<Node> {
        let values = match self.data {
            Data::YesNo(cells) => [cells.node(), None],
            Data::Label(cells) => [cells.node(), None],
            Data::Number(number) => [number.numer.node(), number.denom.node()],
        };
        let reasons = self.reasons.and_then(Cells::node);
        values.into_iter().chain([self.known.node(), self.faults.node(), reasons]).flatten().collect()
    }
}

struct Packer<'c> {
    old: &'c Code,
    new: Code,
    /// By old node of bytes: what became of its bits. `None`: it is still bytes.
    planes: Vec<Option<Planes>>,
    /// By old node of anything that has not been packed: where it stands now.
    same: Vec<Option<Node>>,
}

impl Packer<'_> {
    fn step(&mut self, node: Node) {
        let step = self.old.step(node).clone();
        if step.kind == Kind::Byte
            && let Some(planes) = self.logic(&step.op, step.base)
        {
            self.planes[node.0 as usize] = Some(planes);
            return;
        }
        let op = step.op.with_operands(&mut |operand| self.unpacked(operand));
        self.same[node.0 as usize] = Some(self.new.emit(op, step.base, step.kind, step.span));
    }

    /// The bits of a logical step; `None` for one that makes bytes of something else.
    fn logic(&mut self, op: &Op, base: EntityId) -> Option<Planes> {
        Some(match op {
            Op::Truth(_) | Op::Valid(_) | Op::Complete(_) => {
                let node = self.new.emit(op.clone(), base, Kind::Bits, (0, 1));
                first(Cells::Rows(node))
            }
            Op::And(a, b) => self.both(*a, *b, Code::and),
            Op::Or(a, b) => self.both(*a, *b, Code::or),
            Op::ButNot(a, b) => self.both(*a, *b, Code::but_not),
            Op::Not(a) => {
                let mut planes = self.planes(*a);
                planes[0] = self.new.not(planes[0]);
                planes
            }
            Op::OrBits(a, bits) => {
                let planes = self.planes(*a);
                planes_of(|bit| if bits >> bit & 1 == 1 { Mask::YES } else { planes[bit] })
            }
            Op::Only(a, mask) => {
                let (planes, mask) = (self.planes(*a), self.planes(*mask)[0]);
                planes_of(|bit| self.new.and(planes[bit], mask))
            }
            Op::Spread(mask, bits) => {
                let mask = self.planes(*mask)[0];
                planes_of(|bit| if bits >> bit & 1 == 1 { mask } else { Mask::NO })
            }
            Op::Keep(a, kept) => {
                let planes = self.planes(*a);
                planes_of(|bit| if kept >> bit & 1 == 1 { planes[bit] } else { Mask::NO })
            }
            Op::Has(a, wanted) => {
                let planes = self.planes(*a);
                let wanted = (0..8).filter(|bit| wanted >> bit & 1 == 1);
                first(wanted.fold(Mask::NO, |any, bit| self.new.or(any, planes[bit])))
            }
            Op::Translate(a, table) => {
                let planes = self.planes(*a);
                planes_of(|bit| {
                    let wanted = table.iter().map(|byte| byte >> bit & 1 == 1).collect();
                    self.chosen(&planes, wanted, 0)
                })
            }
            Op::SelectByte(mask, a, b) => {
                let (mask, a, b) = (self.planes(*mask)[0], self.planes(*a), self.planes(*b));
                planes_of(|bit| self.new.select_mask(mask, a[bit], b[bit]))
            }
            Op::EqualByte(a, b) => {
                let (a, b) = (self.planes(*a)[0], self.planes(*b)[0]);
                first(self.new.equal_masks(a, b))
            }
            Op::OfOwner(a) => {
                let planes = self.planes(*a);
                planes_of(|bit| self.new.spread(planes[bit], base))
            }
            Op::AllBits(a) => {
                let (planes, over) = (self.planes(*a), self.old.step(*a).base);
                planes_of(|bit| self.in_some_row(planes[bit], base, over))
            }
            _ => return None,
        })
    }

    fn both(&mut self, a: Node, b: Node, of: fn(&mut Code, Mask, Mask) -> Mask) -> Planes {
        let (a, b) = (self.planes(a), self.planes(b));
        planes_of(|bit| of(&mut self.new, a[bit], b[bit]))
    }

    fn in_some_row(&mut self, mask: Mask, base: EntityId, over: EntityId) -> Mask {
        match mask {
            Cells::Same(false) => Mask::NO,
            // Whether there are any rows.
            Cells::Same(true) => {
                let ones = Op::Sum { value: None, mask: None, over };
                let count = self.new.emit(ones, base, Kind::Int32, (0, i64::from(i32::MAX)));
                let some = Op::Compare(1, Kind::Int32, Cells::Same(0), Cells::Rows(count));
                let some = self.new.emit(some, base, Kind::Byte, (0, 1));
                Cells::Rows(self.new.emit(Op::Pack(some, 1), base, Kind::Bits, (0, 1)))
            }
            Cells::Rows(node) => Cells::Rows(self.new.emit(Op::AllBits(node), base, Kind::Bits, (0, 1))),
        }
    }

    /// `wanted`: by the values that the planes from `plane` on may have together.
    fn chosen(&mut self, planes: &Planes, wanted: Vec<bool>, plane: usize) -> Mask {
        let one = wanted.first().copied().unwrap_or(false);
        if wanted.iter().all(|wanted| *wanted == one) {
            return Cells::Same(one);
        }
        let half = |set: usize| wanted.iter().skip(set).step_by(2).copied().collect::<Vec<bool>>();
        let (without, with) = (half(0), half(1));
        match planes.get(plane).copied().unwrap_or(Mask::NO) {
            Cells::Same(false) => self.chosen(planes, without, plane + 1),
            Cells::Same(true) => self.chosen(planes, with, plane + 1),
            mask => {
                let with = self.chosen(planes, with, plane + 1);
                let without = self.chosen(planes, without, plane + 1);
                self.new.select_mask(mask, with, without)
            }
        }
    }

    /// The bits of an old node of bytes.
    fn planes(&mut self, node: Node) -> Planes {
        if let Some(planes) = self.planes[node.0 as usize] {
            return planes;
        }
        let Some(bytes) = self.same[node.0 as usize] else { return NO_PLANES };
        let (base, possible) = (self.new.step(bytes).base, self.new.step(bytes).span.1 as u8);
        let planes = planes_of(|bit| {
            if possible >> bit & 1 == 0 {
                return Mask::NO;
            }
            Cells::Rows(self.new.emit(Op::Pack(bytes, 1 << bit), base, Kind::Bits, (0, 1)))
        });
        self.planes[node.0 as usize] = Some(planes);
        planes
    }

    /// An old node as what is not logic reads it.
    fn unpacked(&mut self, node: Node) -> Node {
        if let Some(same) = self.same[node.0 as usize] {
            return same;
        }
        let planes = self.planes(node);
        let base = self.old.step(node).base;
        let same = self.bytes(&planes, base);
        self.same[node.0 as usize] = Some(same);
        same
    }

    fn bytes(&mut self, planes: &Planes, base: EntityId) -> Node {
        let (mut bits, mut always) = (Vec::new(), 0);
        for (bit, plane) in planes.iter().enumerate() {
            match plane {
                Cells::Same(false) => {}
                Cells::Same(true) => always |= 1 << bit,
                Cells::Rows(node) => bits.push((*node, 1 << bit)),
            }
        }
        let possible = bits.iter().fold(always, |all, (_, bit)| all | bit);
        self.new.emit(Op::Unpack { planes: bits, always }, base, Kind::Byte, (0, i64::from(possible)))
    }

    fn output(&mut self, output: &Output) -> Moved {
        let column = &output.column;
        let data = match column.data {
            Data::YesNo(mask) => Data::YesNo(self.mask(mask)),
            Data::Label(labels) => Data::Label(self.cells(labels)),
            Data::Number(number) => {
                Data::Number(Number { numer: self.cells(number.numer), denom: self.cells(number.denom) })
            }
        };
        Moved {
            data,
            known: self.mask(column.known),
            faults: self.cells(column.faults),
            reasons: output.reasons.map(|reasons| self.cells(reasons)),
        }
    }

    fn mask(&mut self, mask: Mask) -> Mask {
        mask.node().map_or(mask, |node| self.planes(node)[0])
    }

    fn cells<T>(&mut self, cells: Cells<T>) -> Cells<T> {
        match cells {
            Cells::Same(value) => Cells::Same(value),
            Cells::Rows(node) => Cells::Rows(self.unpacked(node)),
        }
    }
}

/// A mask is the first bit.
fn first(mask: Mask) -> Planes {
    planes_of(|bit| if bit == 0 { mask } else { Mask::NO })
}

fn planes_of(of: impl FnMut(usize) -> Mask) -> Planes {
    std::array::from_fn(of)
}
