//! Reading rosters, from the outside. One binary: it links once.

mod corrections;
mod reading;
mod samples;
