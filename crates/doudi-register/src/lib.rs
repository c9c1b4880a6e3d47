//! The register: every person known of a place, their households, and the units in which aid is assessed.
//!
//! Persons have dense numbers (`u32`, in the order they were added), so that facts about them are columns and a join is
//! an array look-up. Whatever is wrong with a register is reported as a [`doudi_terms::Problem`] and the person is kept:
//! nobody is ever dropped.
//!
//! What this crate never does: read a file or a clock, compute a hash, decide whether a roster's row is somebody (that is
//! linkage), or change a person's number.

mod builder;
mod number_table;
mod register;
mod text;
mod units;

pub use builder::{PersonRow, RegisterBuilder};
pub use register::{Households, PersonText, PersonTexts, Register};
pub use units::{UnitOrigin, Units, UnitsBuilder, UnitsError};
