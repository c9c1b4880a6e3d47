//! One file per command.

pub mod clear;
pub mod policy;
pub mod verify;
