//! What other policies would come to on a month that was cleared: who enters, leaves, gains and loses, and what it costs.
//!
//! Facts, people and units are those of the month, from its snapshot; the law is asked twice, as it was and as it would
//! be. Nothing is written. What rosters say - who is on a register, what was paid - stays as it is: whoever would enter
//! one programme is not taken to be enrolled when another asks.

mod basis;
mod changes;
mod compare;
mod effect;
mod share;
mod tally;

pub use basis::{Basis, KeptMonth, kept_months};
pub use changes::{Changed, ChangedSide, Example};
pub use compare::{Comparison, Overall, ProgrammeComparison, compare};
pub use effect::{Effect, effects};
pub use share::{Entitled, Range};
pub use tally::{CHANGES, Change, Cost, Counts, Standings, Tally};
