//! From settled rows to facts about persons, households and their records.

mod column;
mod derived;
mod fact_set;
mod last_month;
mod origins;
mod reading;
mod resolved;
mod sharing;

pub(crate) use column::{Column, NO_SOURCE, from_value, from_word, scale, to_value};
pub(crate) use derived::{looks_at as looked_at, plain_name, plain_number};
pub use fact_set::FactSource;
pub(crate) use fact_set::{FactSet, Table};
pub(crate) use last_month::{LastMonthFacts, StoredColumn, path as last_month_path};
pub(crate) use origins::{Origin, Origins};
pub(crate) use reading::{Beside, Built, Groundwork, build, groundwork, problems_of};
pub(crate) use resolved::{supplied_inputs, unknown_names};
pub(crate) use sharing::Sharing;
