//! What is wrong with a policy text: place, what, why, what to do. In Chinese, for the officer who wrote it.

use crate::source::{Source, Span};
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing runs until it is mended.
    Error,
    /// Runs, but somebody should look.
    Warning,
    /// Something worth knowing: text that is knowingly not carried out.
    Note,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub level: Level,
    pub span: Span,
    pub what: String,
    pub why: Option<String>,
    pub next: Option<String>,
}

impl Diagnostic {
    pub fn error(span: Span, what: impl Into<String>) -> Diagnostic {
        Diagnostic { level: Level::Error, span, what: what.into(), why: None, next: None }
    }

    pub fn warning(span: Span, what: impl Into<String>) -> Diagnostic {
        Diagnostic { level: Level::Warning, ..Diagnostic::error(span, what) }
    }

    pub fn note(span: Span, what: impl Into<String>) -> Diagnostic {
        Diagnostic { level: Level::Note, ..Diagnostic::error(span, what) }
    }

    pub fn why(mut self, why: impl Into<String>) -> Diagnostic {
        self.why = Some(why.into());
        self
    }

    pub fn next(mut self, next: impl Into<String>) -> Diagnostic {
        self.next = Some(next.into());
        self
    }

    /// The diagnostic with the line it is about, as printed on a terminal.
    pub fn render(&self, sources: &[Source]) -> String {
        let level = match self.level {
            Level::Error => "错误",
            Level::Warning => "提醒",
            Level::Note => "说明",
        };
        let mut out = String::new();
        let Some(source) = sources.get(self.span.source.0 as usize) else {
            return format!("{level}：{}\n", self.what);
        };
        let (line, column) = source.line_and_column(self.span.start);
        let _ = writeln!(out, "{level}：{}", self.what);
        let _ = writeln!(out, "  位置：{}:{line}:{column}", source.path);
        let text = source.line(line);
        if !text.trim().is_empty() {
            let _ = writeln!(out, "  {line:>4} | {text}");
            let before: usize = text.chars().take(column - 1).map(width).sum();
            let shown = source.slice(self.span).lines().next().unwrap_or("");
            let marks: usize = shown.chars().map(width).sum::<usize>().max(1);
            let _ = writeln!(out, "       | {}{}", " ".repeat(before), "^".repeat(marks));
        }
        if let Some(why) = &self.why {
            let _ = writeln!(out, "  原因：{why}");
        }
        if let Some(next) = &self.next {
            let _ = writeln!(out, "  怎么办：{next}");
        }
        out
    }
}

/// Columns of a terminal: Chinese characters and full-width marks take two.
fn width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

/// Longer words are no misspelt names, and comparing them takes the square of their length.
const LONGEST_NAME: usize = 60;

/// The valid names nearest to a wrong one, for 「是不是想写…」.
pub(crate) fn nearest<'a>(wrong: &str, valid: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if wrong.chars().nth(LONGEST_NAME).is_some() {
        return Vec::new();
    }
    let mut scored: Vec<(usize, &str)> = valid
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| {
            let longest = wrong.chars().count().max(name.chars().count());
            *distance * 2 <= longest || name.contains(wrong) || wrong.contains(name)
        })
        .collect();
    scored.sort();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

pub(crate) fn suggestion(wrong: &str, valid: &[&str]) -> String {
    match nearest(wrong, valid.iter().copied()).as_slice() {
        [] => format!("可用的名称有：{}", list(valid)),
        near => format!("是不是想写 {}？", near.join("、")),
    }
}

fn list(names: &[&str]) -> String {
    let mut shown: Vec<&str> = names.iter().take(12).copied().collect();
    if names.len() > shown.len() {
        shown.push("……");
    }
    shown.join("、")
}
