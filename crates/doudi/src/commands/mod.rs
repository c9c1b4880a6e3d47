//! One file per command.

pub mod bench;
pub mod clear;
pub mod demo;
pub mod import;
pub mod link;
pub mod lookup;
pub mod person;
pub mod policy;
pub mod roster;
pub mod verify;
