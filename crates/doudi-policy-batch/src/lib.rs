//! Policy over columns: the [`doudi_policy::Program`] of a place and day run for everybody at once.
//!
//! The batch gives every row a value or "unknown", what decided it, and whether a formula could not be computed. It
//! keeps no bounds, names no missing facts and writes no sentences: whoever is unknown or faulty here is run again by
//! the scalar evaluator ([`doudi_policy::Evaluation`]), from the same columns ([`household`]).
//!
//! The promise between the two: wherever the batch knows a value, the scalar evaluator gives the same value; wherever
//! the scalar evaluator does not know, the batch does not know. The batch may not know where the scalar evaluator
//! decides by bounds, or with numbers that do not fit 64 bits (then it reports an overflow).
//!
//! This is the only crate that names Arrow arrays for policy. There is no IO, no clock and no thread here.

mod aggregate;
mod bitmap;
mod calendar;
mod cells;
mod choice;
mod code;
mod column;
mod compile;
mod doubt;
mod error;
mod evaluate;
mod exception;
mod facts;
mod hint;
mod household;
mod integers;
mod kernels;
mod lookup;
mod machine;
mod number;
mod op;
mod pack;
mod pairs;
mod plan;
mod prepared;
mod processor;
mod reason;
mod registers;
mod results;
mod rule;
mod space;
mod tables;
mod view;
mod words;

pub use error::BatchError;
pub use evaluate::evaluate;
pub use household::{first_row, household};
pub use prepared::Prepared;
pub use reason::{Decided, Part, decided_by};
pub use results::{FaultKinds, Ratios, ResultColumn, Results, RowFault, Values, Wanted};
pub use tables::{EntityTable, FactTables};
pub use view::BlockView;
