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

/// Further places and days on which only published values differ.
pub(super) fn settings_of_values(library: &Library) -> Vec<Setting> {
    let known = settings(library);
    let mut places: Vec<RegionCode> = library.documents.iter().map(|document| document.region).collect();
    places.extend(library.rows.iter().map(|row| row.region));
    places.sort();
    places.dedup();
    let mut found = Vec::new();
    for region in places {
        let documents = library.documents.iter().filter(|document| document.applies_in(region));
        let law = documents.flat_map(|document| [Some(document.from), document.until]).flatten();
        let values = library.rows.iter().filter(|row| region.is_within(row.region)).map(|row| row.from);
        let mut days: Vec<Date> = law.chain(values).collect();
        days.sort();
        days.dedup();
        found.extend(days.into_iter().map(|date| Setting { region, date }));
    }
    found.retain(|setting| !known.contains(setting));
    found
}

/// Settings that a message names; more are counted.
const SHOWN: usize = 4;

/// The program of every setting, and why some cannot be linked; each reason once, with all its places and days.
pub(super) fn link_everywhere(library: &Library) -> (Vec<Program<'_>>, Vec<Diagnostic>) {
    let mut programs = Vec::new();
    let mut problems: Vec<(Diagnostic, Vec<Setting>)> = Vec::new();
    for setting in settings(library) {
        match Program::link(library, setting.region, setting.date) {
            Ok(program) => programs.push(program),
            Err(found) => {
                for problem in found {
                    let same = |(known, _): &&mut (Diagnostic, Vec<Setting>)| {
                        known.span == problem.span && known.what == problem.what
                    };
                    match problems.iter_mut().find(same) {
                        Some((_, elsewhere)) => elsewhere.push(setting),
                        None => problems.push((problem, Vec::new())),
                    }
                }
            }
        }
    }
    (programs, problems.into_iter().map(with_settings).collect())
}

/// The days of one place on which the law changes follow each other, so the last one told is the last that is wrong.
fn with_settings((mut problem, elsewhere): (Diagnostic, Vec<Setting>)) -> Diagnostic {
    if !elsewhere.is_empty() {
        let shown: Vec<String> = elsewhere.iter().take(SHOWN).map(Setting::to_string).collect();
        let more = if elsewhere.len() > SHOWN { "等" } else { "" };
        let also = format!("还有 {} 处一样：{}{more}", elsewhere.len(), shown.join("、"));
        problem.why = Some(problem.why.map_or(also.clone(), |why| format!("{why}；{also}")));
    }
    problem
}
