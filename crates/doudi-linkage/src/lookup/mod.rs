//! Looking people up: a few words somebody types, and who may be meant.
//!
//! [`Directory`] holds what people are looked for by, as numbers and sorted lists, and nothing that would have to be shown:
//! a hit names the person, and the caller has the rest. Who may be seen ([`Scope`]) is applied inside: people outside
//! change neither the hits nor their order nor their number.

mod birth_word;
mod directory;
mod hit;
mod name_pattern;
mod names;
mod numbers;
mod pinyin;
mod places;
mod query;
mod reading;
mod search;

pub use directory::{Directory, DirectoryBuilder, Scope};
pub use hit::{Found, Hit, Reason, ReasonKind};
pub use query::Query;
