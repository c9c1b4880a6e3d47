//! From tables to results.

use crate::error::BatchError;
use crate::prepared::Prepared;
use crate::results::{Results, Wanted};
use crate::tables::FactTables;
use doudi_policy::Program;

/// Evaluates rules and checks for every household of the tables, once and in this thread. Fails only for mistakes of the
/// caller: tables of another library, rules or checks that do not exist. No fact makes it fail.
pub fn evaluate(
    program: &Program<'_>,
    tables: &FactTables,
    wanted: &[Wanted],
) -> Result<Results, BatchError> {
    Ok(Prepared::new(program, tables, wanted)?.results(0))
}
