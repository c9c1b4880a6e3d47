//! Imports: rosters that have been read become the ones that count, all at once, and can be taken back.
//!
//! A file in the lake never changes. What counts for a roster and month is a list in its `current.json`; an import
//! changes only these lists, and its journal entry holds them as they were before and after. So an import that stops
//! has changed nothing, and one that was wrong is undone by writing the old lists back. Serial numbers, no clock.

mod commit;
mod journal;
mod merge;
mod undo;

pub use commit::{Committed, Proposal, commit, proposed_changes};
pub(crate) use commit::{is_unfinished, recover};
pub use journal::{Change, EntryKind, JournalEntry, JournalFile, State, journal, note_clearing};
pub(crate) use journal::{ClearedFrom, cleared_months};
pub use merge::{Base, CopiedRow, Correction, Merged, NotTaken, WhyNotTaken, merge};
pub use undo::{Undone, undo};
