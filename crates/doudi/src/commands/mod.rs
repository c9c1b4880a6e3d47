//! One file per command.

pub mod audit;
pub mod backup;
pub mod bench;
pub mod clear;
pub mod demo;
pub mod desk;
pub mod import;
pub mod key;
pub mod link;
pub mod lookup;
pub mod office;
pub mod person;
pub mod policy;
pub mod roster;
pub mod serve;
pub mod store;
pub mod vault;
pub mod verify;
