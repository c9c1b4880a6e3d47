//! The places and days at which the law is not the same as elsewhere or before.

use crate::diagnostic::Diagnostic;
use crate::library::Library;
use crate::program::Program;
use doudi_terms::{Date, RegionCode};
use std::fmt;

/// A place and a day whose law is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    pub region: RegionCode,
    pub date: Date,
}

impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.region == RegionCode::COUNTRY {
            write!(out, "全国 {} 起", self.date)
        } else {
            write!(out, "{} {} 起", self.region, self.date)
        }
    }
}

/// Every place that has a document of its own, on every day on which the law there changes.
pub(super) fn settings(library: &Library) -> Vec<Setting> {
    let mut places: Vec<RegionCode> = library.documents.iter().map(|document| document.region).collect();
    places.sort();
    places.dedup();
    let mut found = Vec::new();
    for region in places {
        let speaking = library.documents.iter().filter(|document| document.applies_in(region));
        let mut days: Vec<Date> =
            speaking.flat_map(|document| [Some(document.from), document.until]).flatten().collect();
        days.sort();
        days.dedup();
        found.extend(days.into_iter().map(|date| Setting { region, date }));
    }
    found
}

/// The program of every setting, and why some cannot be linked; each reason once.
pub(super) fn link_everywhere(library: &Library) -> (Vec<Program<'_>>, Vec<Diagnostic>) {
    let mut programs = Vec::new();
    let mut problems: Vec<Diagnostic> = Vec::new();
    for setting in settings(library) {
        match Program::link(library, setting.region, setting.date) {
            Ok(program) => programs.push(program),
            Err(found) => {
                for problem in found {
                    let known = |known: &Diagnostic| known.span == problem.span && known.what == problem.what;
                    if !problems.iter().any(known) {
                        problems.push(problem);
                    }
                }
            }
        }
    }
    (programs, problems)
}
