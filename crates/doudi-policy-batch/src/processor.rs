//! Which instructions run the steps: those that every processor of its kind has, or wider ones where this one has them.
//! The answers are the same; only the time differs.
//!
//! Code for wider instructions must not run where they are missing, and the compiler cannot see that they are there. So
//! the calls stand in this file alone, each behind the question to the processor.

use crate::machine::{Block, Machine};
use crate::registers::Registers;

/// Instructions that have been found to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Processor(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Processor {
    pub const PLAIN: Processor = Processor(Instructions::Plain);

    /// AVX2 where it is there; wider vectors were no faster.
    pub fn here() -> Processor {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                return Processor(Instructions::Avx2);
            }
        }
        Processor::PLAIN
    }

    #[allow(unsafe_code, reason = "a processor that says it has the instructions has them")]
    pub fn run(self, machine: &Machine, block: &Block<'_>, registers: &mut Registers) {
        match self.0 {
            Instructions::Plain => machine.steps(block, registers),
            // SAFETY: `here` alone makes this value, where the processor has AVX2.
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => unsafe { with_avx2(machine, block, registers) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(machine: &Machine, block: &Block<'_>, registers: &mut Registers) {
    machine.steps(block, registers);
}
