//! Working memory of one thread: a register holds the cells of one step for the rows of one block. Registers are given
//! out when the code is made ready and used again as soon as nobody needs what they hold.

use crate::cells::Node;
use crate::code::Code;
use crate::integers::Narrow;

/// Rows that may be written behind the last one of a block: short runs are written in one go.
pub(crate) const MARGIN: usize = 16;

/// Which register each step writes, and which steps run.
#[derive(Debug)]
pub(crate) struct Places {
    /// By node.
    pub of: Vec<u32>,
    /// Steps that something wanted depends on, in their order.
    pub run: Vec<Node>,
    /// Registers by kind.
    pub counts: [usize; 5],
}

impl Places {
    /// `roots`: nodes that must still be there when the block is done.
    pub fn of(code: &Code, roots: &[Node]) -> Places {
        let steps = code.steps.len();
        let mut needed = vec![false; steps];
        roots.iter().for_each(|root| needed[root.0 as usize] = true);
        let mut last_use = vec![0; steps];
        roots.iter().for_each(|root| last_use[root.0 as usize] = steps);
        for at in (0..steps).rev() {
            if needed[at] {
                code.steps[at].op.operands(&mut |node| {
                    let operand = node.0 as usize;
                    needed[operand] = true;
                    last_use[operand] = last_use[operand].max(at);
                });
            }
        }
        let mut places = Places { of: vec![0; steps], run: Vec::new(), counts: [0; 5] };
        let mut free: [Vec<u32>; 5] = Default::default();
        for at in (0..steps).filter(|at| needed[*at]) {
            let kind = code.steps[at].kind as usize;
            places.of[at] = free[kind].pop().unwrap_or_else(|| {
                places.counts[kind] += 1;
                places.counts[kind] as u32 - 1
            });
            places.run.push(Node(at as u32));
            let mut done = Vec::new();
            code.steps[at].op.operands(&mut |node| {
                if last_use[node.0 as usize] == at && !done.contains(&node) {
                    done.push(node);
                }
            });
            for node in done {
                free[code.step(node).kind as usize].push(places.of[node.0 as usize]);
            }
        }
        places
    }

    /// Of all registers together.
    pub fn bytes_per_row(&self) -> usize {
        let [words, bytes, labels, ints32, ints64] = self.counts;
        (words / 8 + bytes + 2 * labels + 4 * ints32 + 8 * ints64).max(1)
    }
}

/// The cells of a step's operand.
#[derive(Clone, Copy)]
pub(crate) enum Operand<'a, T> {
    Same(T),
    Rows(&'a [T]),
}

#[derive(Debug, Default)]
pub(crate) struct Registers {
    /// Most rows of a block it is made for.
    pub rows: usize,
    pub words: Vec<Vec<u64>>,
    pub bytes: Vec<Vec<u8>>,
    pub labels: Vec<Vec<u16>>,
    pub ints32: Vec<Vec<i32>>,
    pub ints64: Vec<Vec<i64>>,
    /// Running sums.
    pub sums32: Vec<i32>,
    pub sums64: Vec<i64>,
}

impl Registers {
    /// For blocks of at most so many rows.
    pub fn new(places: &Places, rows: usize) -> Registers {
        let cells = rows + MARGIN;
        let [words, bytes, labels, ints32, ints64] = places.counts;
        Registers {
            rows,
            words: vec![vec![0; rows.div_ceil(64) + 1]; words],
            bytes: vec![vec![0; cells]; bytes],
            labels: vec![vec![0; cells]; labels],
            ints32: vec![vec![0; cells]; ints32],
            ints64: vec![vec![0; cells]; ints64],
            sums32: vec![0; cells],
            sums64: vec![0; cells],
        }
    }
}

/// A kind of cell that registers hold.
pub(crate) trait Lane: Copy + PartialEq + PartialOrd + Default {
    fn registers(from: &Registers) -> &[Vec<Self>];
    fn registers_mut(from: &mut Registers) -> &mut [Vec<Self>];
    /// `a` where the mask is 1, `b` where it is 0.
    fn blend(mask: u8, a: Self, b: Self) -> Self;
}

macro_rules! lanes {
    ($($ty:ty, $field:ident;)*) => {$(
        impl Lane for $ty {
            fn registers(from: &Registers) -> &[Vec<$ty>] {
                &from.$field
            }
            fn registers_mut(from: &mut Registers) -> &mut [Vec<$ty>] {
                &mut from.$field
            }
            #[inline(always)]
            fn blend(mask: u8, a: $ty, b: $ty) -> $ty {
                let ones = (0 as $ty).wrapping_sub(<$ty>::from(mask));
                (a & ones) | (b & !ones)
            }
        }
    )*};
}

lanes! {
    u64, words;
    u8, bytes;
    u16, labels;
    i32, ints32;
    i64, ints64;
}

/// Whole numbers; nothing wraps that counts, because ranges were proven, so plain two's complement is right.
pub(crate) trait Int: Lane + Ord + Into<i64> + Narrow {
    fn of(number: i64) -> Self {
        Self::narrow(number)
    }
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    fn sums(from: &mut Registers) -> &mut Vec<Self>;
}

macro_rules! ints {
    ($($ty:ty, $sums:ident;)*) => {$(
        impl Int for $ty {
            #[inline(always)]
            fn plus(self, other: $ty) -> $ty {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: $ty) -> $ty {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn times(self, other: $ty) -> $ty {
                self.wrapping_mul(other)
            }
            fn sums(from: &mut Registers) -> &mut Vec<$ty> {
                &mut from.$sums
            }
        }
    )*};
}

ints! {
    i32, sums32;
    i64, sums64;
}

impl Registers {
    /// The packed masks of so many rows. Bits behind the last row mean nothing.
    pub fn words(&self, places: &Places, node: Node, rows: usize) -> &[u64] {
        &self.words[places.of[node.0 as usize] as usize][..rows.div_ceil(64)]
    }

    pub fn rows<T: Lane>(&self, places: &Places, node: Node, rows: usize) -> &[T] {
        &T::registers(self)[places.of[node.0 as usize] as usize][..rows]
    }
}
