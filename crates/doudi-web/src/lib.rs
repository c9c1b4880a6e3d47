//! The office in a browser: what the clearing has found, in the hands of the people who act on it.
//!
//! Pages are rendered here, in Chinese, and work without scripts; [`pages`] lists every one of them with who may open it.
//! Programs have the cases under `/api/v1`, described by `/api/v1/openapi.json`.
//! This crate knows no SQL, no spreadsheet library and no rule of law: people and cases come from the store, explanations
//! from the policies, and what takes minutes (an import, a clearing) is done by whoever starts the server.

mod access;
mod api;
mod assets;
mod client;
mod file_body;
mod form;
mod frame;
mod household;
mod law;
mod metrics;
mod office;
mod pages;
mod rosters;
mod router;
mod security;
mod serve;
mod trouble;
mod upload;
mod watch;
mod words;

pub use access::Access;
pub use client::{AddressRange, Proxies, ProxyHeader};
pub use office::{Clock, Found, Handbook, Leaf, Limits, Office, Places};
pub use rosters::{
    Arrival, CommitWish, Committed, Draft, DraftLine, DraftSheet, Example, ImportLine, Job, Overview,
    Preview, PreviewRow, ResultFile, ResultKind, RosterDesk, Sink, Told,
};
pub use router::{Page, pages, router};
pub use serve::serve;
