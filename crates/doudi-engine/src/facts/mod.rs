//! From settled rows to facts about persons, households and their records.

mod column;
mod fact_set;
mod last_month;
mod reading;
mod resolved;

pub(crate) use column::{Column, NO_SOURCE, from_value, scale, to_value};
pub use fact_set::FactSource;
pub(crate) use fact_set::{FactSet, Table};
pub(crate) use last_month::{LastMonthFacts, StoredColumn, path as last_month_path};
pub(crate) use reading::build;
pub(crate) use resolved::supplied_inputs;
