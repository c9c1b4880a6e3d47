//! Reading rosters, from the outside. One binary: it links once.

mod reading;
mod samples;
