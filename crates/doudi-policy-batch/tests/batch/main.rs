//! The batch against the scalar evaluator, on every construct of the language and on the shipped policies.

mod agreement;
mod boundaries;
mod constructs;
mod everywhere;
mod faults;
mod minimum_income;
mod population;
mod register;
mod shipped;

use doudi_policy::{Library, Source, has_errors};

/// A library from one document and one table of values.
pub fn library(document: &str, values: &str) -> Library {
    let sources = vec![
        Source { path: "policies/national/test.md".into(), text: document.into() },
        Source { path: "policies/national/test.csv".into(), text: values.into() },
    ];
    let (library, problems) = Library::read(sources);
    assert!(!has_errors(&problems), "{problems:#?}");
    library
}
