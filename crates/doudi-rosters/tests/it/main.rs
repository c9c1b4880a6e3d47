//! Reading rosters, from the outside. One binary: it links once.

mod corrections;
mod formats;
mod formulas;
mod large_townships;
mod old_workbook;
mod paper;
mod reading;
mod samples;
mod ugly;
mod who;
