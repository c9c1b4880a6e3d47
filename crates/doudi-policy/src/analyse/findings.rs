//! One thing that the analysis found, for the officer who wrote the text.

use super::settings::Setting;
use crate::diagnostic::{Diagnostic, Level};
use crate::source::{Source, Span};
use std::fmt::Write;

/// Facts of a household in a list.
const BRIEF: usize = 4;

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
    /// A 缺口 block that speaks of nothing that is found.
    Declaration,
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
            FindingKind::Declaration => "declaration",
        }
    }

    /// As 缺口 blocks write it.
    pub fn chinese(self) -> &'static str {
        match self {
            FindingKind::Gap => "没有写到",
            FindingKind::Boundary => "恰好等于",
            FindingKind::Overlap => "重叠",
            FindingKind::Unreachable => "轮不到",
            FindingKind::Constant => "恒定",
            FindingKind::Wording => "字词",
            FindingKind::Citation => "出处",
            FindingKind::Unused => "没有用到",
            FindingKind::Absent => "没有规定",
            FindingKind::Period => "月年",
            FindingKind::Declaration => "缺口",
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
    /// Where and when it holds: of each place the first day; empty where place and day do not matter.
    pub settings: Vec<Setting>,
    /// Declarations that it is about: `户.低保对象`, `户.低保对象「渐退」`. A 缺口 block names one of them.
    pub subjects: Vec<String>,
    /// What a 缺口 block says of it: the hole is the law's own.
    pub declared: Option<String>,
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
            subjects: Vec::new(),
            declared: None,
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

    pub fn subject(mut self, path: impl Into<String>) -> Finding {
        self.subjects.push(path.into());
        self
    }

    pub fn example(mut self, example: Example) -> Finding {
        self.examples.push(example);
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
    /// As [`Example::words`], with no more than the first facts.
    pub fn brief(&self) -> String {
        if self.facts.len() <= BRIEF {
            return self.words();
        }
        let mut short = self.clone();
        short.facts.truncate(BRIEF);
        if let Some((_, value)) = short.facts.last_mut() {
            value.push_str("……");
        }
        short.words()
    }

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
