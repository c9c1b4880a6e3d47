//! Record linkage: which person of the register a roster's row speaks of.
//!
//! A row is read ([`RosterRow`]), candidates are found through blocks, each is weighed field by field, and the best one's
//! odds against all others and against nobody become a probability: [`Index::link`]. The answer says what was repaired
//! and what spoke for and against, in words for the person who decides in doubt.
//!
//! What this crate never does: read a file or a clock, draw a random number, let an answer depend on the order of a hash
//! table, link a row to the owner of its number when the name is wholly another one without a person looking, or link
//! two rows together (that two rows are one person is for the caller to see; what numbers and phones many rows share,
//! [`SharedNumbers`] and [`PhoneNames`] count for the caller).

mod address;
mod birth;
mod block;
pub mod calibration;
mod call_names;
mod cell;
mod changes;
mod characters;
mod differences;
mod duplicates;
mod evidence;
pub mod explain;
mod former_codes;
mod id;
mod index;
mod link;
mod lookup;
mod lunar;
mod name;
mod row;
pub mod score;
mod shared;
mod shared_phones;
pub mod train;
mod weigh;
pub mod weight_file;
pub mod weights;

/// Raised whenever linkage may answer otherwise than before for the same rows, register and weights: answers that were
/// kept under another version are not taken over.
pub const VERSION: u32 = 5;

pub use calibration::{Calibration, Doubt, Point};
pub use call_names::CallNames;
pub use changes::Changes;
pub use differences::{Mark, MarkKind};
pub use duplicates::Duplicate;
pub use evidence::{Agreement, Evidence, Field, Link, LinkClass, MatchGrade, Repair, RepairKind, WhyNot};
pub use index::{Index, IndexBuilder, PersonEntry};
pub use link::{Answer, Answered, Kept};
pub use lookup::{Directory, DirectoryBuilder, Found, Hit, Query, Reason, ReasonKind, Scope};
pub use row::RosterRow;
pub use shared::SharedNumbers;
pub use shared_phones::{PhoneHouseholds, PhoneNames, SharedPhones};
pub use weight_file::{WeightSet, is_weights};
pub use weights::{Level, Weights};
