//! One thing that the analysis found, for the officer who wrote the text.

use super::settings::Setting;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{Source, Span};
use std::fmt::Write;

/// What sort of thing was found. The words are those of `policy check --json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// No clause holds for some household.
    Gap,
    /// Two rules part at a bound, and neither takes the bound itself.
    Boundary,
    /// Two clauses or exceptions hold at once and answer differently.
    Overlap,
    /// A clause or exception that can never take effect.
    Unreachable,
    /// A condition that always holds, or never does.
    Constant,
    /// A boundary word of the formula says otherwise than the quoted text.
    Wording,
    /// A text without a formula and without 未实现, or a formula without a text.
    Citation,
    /// A parameter or fact that nothing reads, or that nobody can supply.
    Unused,
    /// A day on which nothing says what is needed.
    Absent,
    /// Amounts by the month and by the year without a factor between them.
    Period,
}

impl FindingKind {
    pub fn word(self) -> &'static str {
        match self {
            FindingKind::Gap => "gap",
            FindingKind::Boundary => "boundary",
            FindingKind::Overlap => "overlap",
            FindingKind::Unreachable => "unreachable",
            FindingKind::Constant => "constant",
            FindingKind::Wording => "wording",
            FindingKind::Citation => "citation",
            FindingKind::Unused => "unused",
            FindingKind::Absent => "absent",
            FindingKind::Period => "period",
        }
    }
}

/// One household: what is known of it, and what the rules answer. Pairs of name and value, in words.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Example {
    pub facts: Vec<(String, String)>,
    pub results: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    /// Never an error: the policy runs.
    pub level: Level,
    pub span: Span,
    pub what: String,
    pub why: Option<String>,
    pub next: Option<String>,
    /// Households that show it; for a boundary one below, one on and one above.
    pub examples: Vec<Example>,
    /// Where and when it holds, the first few in order; empty where place and day do not matter.
    pub settings: Vec<Setting>,
}

impl Finding {
    pub fn warning(kind: FindingKind, span: Span, what: impl Into<String>) -> Finding {
        Finding {
            kind,
            level: Level::Warning,
            span,
            what: what.into(),
            why: None,
            next: None,
            examples: Vec::new(),
            settings: Vec::new(),
        }
    }

    pub fn note(kind: FindingKind, span: Span, what: impl Into<String>) -> Finding {
        Finding { level: Level::Note, ..Finding::warning(kind, span, what) }
    }

    pub fn why(mut self, why: impl Into<String>) -> Finding {
        self.why = Some(why.into());
        self
    }

    pub fn next(mut self, next: impl Into<String>) -> Finding {
        self.next = Some(next.into());
        self
    }

    /// As printed on a terminal: like a diagnostic, with the households below.
    pub fn render(&self, sources: &[Source]) -> String {
        let diagnostic = Diagnostic {
            level: self.level,
            span: self.span,
            what: self.what.clone(),
            why: self.why.clone(),
            next: None,
        };
        let mut out = diagnostic.render(sources);
        for example in &self.examples {
            let _ = writeln!(out, "  举例：{}", example.words());
        }
        if !self.settings.is_empty() {
            let words: Vec<String> = self.settings.iter().map(Setting::to_string).collect();
            let _ = writeln!(out, "  何地何时：{}", words.join("；"));
        }
        if let Some(next) = &self.next {
            let _ = writeln!(out, "  怎么办：{next}");
        }
        out
    }
}

impl Example {
    /// `城乡 农村，人均月收入 440.00元 → 低保对象 否`
    pub fn words(&self) -> String {
        let list = |pairs: &[(String, String)]| {
            let words: Vec<String> = pairs.iter().map(|(name, value)| format!("{name} {value}")).collect();
            words.join("，")
        };
        match self.results.is_empty() {
            true => list(&self.facts),
            false => format!("{} → {}", list(&self.facts), list(&self.results)),
        }
    }
}
