//! Problems of one sheet: the first of every kind in full, all of them counted.

use doudi_terms::{Place, Problem, Severity};
use std::collections::BTreeMap;

/// How many problems of one kind and column are kept word for word. A file with a wrong column has as many problems as
/// rows; the two-hundredth says nothing that the first did not, but their number must stay exact.
pub const KEPT_PER_KIND: u32 = 200;

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
    kept: Vec<(&'static str, Problem)>,
    counts: BTreeMap<(&'static str, Option<String>), (Severity, u32)>,
    /// Kinds of which one line stands for all.
    collapsed: Vec<&'static str>,
}

impl ProblemLog {
    pub fn new(file: &str, sheet: Option<&str>) -> ProblemLog {
        let place = Place { file: file.to_owned(), sheet: sheet.map(str::to_owned), row: None, column: None };
        ProblemLog { place, kept: Vec::new(), counts: BTreeMap::new(), collapsed: Vec::new() }
    }

    pub fn push(&mut self, row: Option<u32>, column: Option<&str>, trouble: Trouble) {
        let key = (trouble.kind, column.map(str::to_owned));
        let entry = self.counts.entry(key).or_insert((trouble.severity, 0));
        entry.1 += 1;
        if entry.1 <= KEPT_PER_KIND {
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
        let place = Place { row, column: Some(column.to_owned()), ..self.place.clone() };
        self.keep(trouble, place);
    }

    /// The kept problems, then one line for every kind of which more occurred; and the exact counts.
    pub fn finish(self) -> (Vec<Problem>, Vec<ProblemCount>) {
        let mut problems: Vec<Problem> = self.kept.into_iter().map(|(_, problem)| problem).collect();
        let mut counts = Vec::new();
        for ((kind, column), (severity, count)) in self.counts {
            if count > KEPT_PER_KIND && !self.collapsed.contains(&kind) {
                problems.push(Problem {
                    severity,
                    place: Place { column: column.clone(), ..self.place.clone() },
                    what: format!(
                        "“{kind}”一共 {count} 处，上面只列出前 {KEPT_PER_KIND} 处，另有 {} 处没有逐条列出",
                        count - KEPT_PER_KIND
                    ),
                    next: "同类问题多半出自同一个原因，请先改一处，再用同样办法改整列".to_owned(),
                });
            }
            counts.push(ProblemCount { severity, kind, column, count });
        }
        (problems, counts)
    }
}
