//! The glossary as types: the few words that every other crate shares.
//!
//! Everything here is built only by `parse` or a checked constructor, so that inside the system there is no money as
//! text, no region as a bare integer and no id number that was not looked at. This crate does no IO, reads no clock,
//! holds no rule of law, and compiles to WebAssembly.

mod date;
mod fen;
mod problem;
mod region;
mod resident_id;
pub mod roster;
mod who;

pub use date::{Date, Month, date_from_epoch_day, epoch_day, parse_date};
pub use fen::{Fen, FenError};
pub use problem::{Place, Problem, Severity};
pub use region::{RegionCode, RegionError, RegionLevel};
pub use resident_id::{ResidentId, ResidentIdError, Sex, check_character};
pub use who::WhoBatch;
