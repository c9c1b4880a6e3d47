//! Problems of one sheet: the first of every kind in full, all of them counted.

use doudi_terms::{Place, Problem, Severity};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// How many problems of one kind and column are kept word for word. A file with a wrong column has as many problems as
/// rows; the two-hundredth says nothing that the first did not, but their number must stay exact.
pub const KEPT_PER_KIND: u32 = 200;

/// Ends the line that stands for problems which were not kept.
pub(crate) const NOT_LISTED: &str = "没有逐条列出";

/// What is wrong with a cell or a row, before its place is known.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub severity: Severity,
    /// The kind it is counted under, in the words of the summary.
    pub kind: &'static str,
    pub what: String,
    pub next: String,
}

impl Trouble {
    pub fn error(kind: &'static str, what: String, next: &str) -> Trouble {
        Trouble { severity: Severity::Error, kind, what, next: next.to_owned() }
    }

    pub fn warning(kind: &'static str, what: String, next: &str) -> Trouble {
        Trouble { severity: Severity::Warning, kind, what, next: next.to_owned() }
    }
}

/// How often one kind of problem occurred in a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemCount {
    pub severity: Severity,
    pub kind: &'static str,
    /// The header as the file has it; `None` for whole rows.
    pub column: Option<String>,
    pub count: u32,
}

/// Collects problems with their places; bounded by kinds and columns, never by rows.
pub(crate) struct ProblemLog {
    place: Place,
    /// Of each kind and column these are kept word for word, by their number.
    kept_numbers: RangeInclusive<u32>,
    kept: Vec<(&'static str, Problem)>,
    counts: BTreeMap<(&'static str, Option<String>), (Severity, u32)>,
    /// Kinds of which one line stands for all.
    collapsed: Vec<&'static str>,
}

impl ProblemLog {
    pub fn new(file: &str, sheet: Option<&str>, kept_numbers: RangeInclusive<u32>) -> ProblemLog {
        let place = Place { file: file.to_owned(), sheet: sheet.map(str::to_owned), row: None, column: None };
        ProblemLog { place, kept_numbers, kept: Vec::new(), counts: BTreeMap::new(), collapsed: Vec::new() }
    }

    pub fn push(&mut self, row: Option<u32>, column: Option<&str>, trouble: Trouble) {
        let key = (trouble.kind, column.map(str::to_owned));
        let entry = self.counts.entry(key).or_insert((trouble.severity, 0));
        entry.1 += 1;
        if self.kept_numbers.contains(&entry.1) {
            let place = Place { row, column: column.map(str::to_owned), ..self.place.clone() };
            self.keep(trouble, place);
        }
    }

    fn keep(&mut self, trouble: Trouble, place: Place) {
        let Trouble { severity, kind, what, next } = trouble;
        self.kept.push((kind, Problem { severity, place, what, next }));
    }

    /// Puts one problem in the place of all of its kind and column. They stay counted.
    pub fn collapse(&mut self, row: Option<u32>, column: &str, trouble: Trouble) {
        let same =
            |kind: &str, place: &Place| kind == trouble.kind && place.column.as_deref() == Some(column);
        self.kept.retain(|(kind, problem)| !same(kind, &problem.place));
        self.collapsed.push(trouble.kind);
        if self.kept_numbers.contains(&1) {
            let place = Place { row, column: Some(column.to_owned()), ..self.place.clone() };
            self.keep(trouble, place);
        }
    }

    /// The kept problems, then one line for every kind of which more occurred; and the exact counts.
    pub fn finish(self) -> (Vec<Problem>, Vec<ProblemCount>) {
        let mut problems: Vec<Problem> = self.kept.into_iter().map(|(_, problem)| problem).collect();
        let mut counts = Vec::new();
        for ((kind, column), (severity, count)) in self.counts {
            if count > *self.kept_numbers.end() && !self.collapsed.contains(&kind) {
                problems.push(summary(
                    &self.place,
                    *self.kept_numbers.end(),
                    severity,
                    kind,
                    column.clone(),
                    count,
                ));
            }
            counts.push(ProblemCount { severity, kind, column, count });
        }
        (problems, counts)
    }
}

/// Stands for all problems of a kind that were not kept.
fn summary(
    place: &Place,
    kept: u32,
    severity: Severity,
    kind: &str,
    column: Option<String>,
    count: u32,
) -> Problem {
    Problem {
        severity,
        place: Place { row: None, column, ..place.clone() },
        what: format!(
            "“{kind}”一共 {count} 处，上面只列出前 {kept} 处，另有 {} 处{NOT_LISTED}",
            count.saturating_sub(kept)
        ),
        next: "同类问题多半出自同一个原因，请先改一处，再用同样办法改整列".to_owned(),
    }
}

/// The summaries that reading with the usual room writes, for whoever has kept more and does not need them.
pub(crate) fn usual_summaries(file: &str, sheet: Option<&str>, counts: &[ProblemCount]) -> Vec<Problem> {
    let place = Place { file: file.to_owned(), sheet: sheet.map(str::to_owned), row: None, column: None };
    let over = counts.iter().filter(|count| count.count > KEPT_PER_KIND);
    over.map(|of| summary(&place, KEPT_PER_KIND, of.severity, of.kind, of.column.clone(), of.count)).collect()
}
