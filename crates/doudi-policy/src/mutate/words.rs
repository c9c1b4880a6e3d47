//! How a wrong version is told: the law's formula as written, and what was made of it.

use crate::ast::Compare;
use crate::ir::Type;
use crate::library::Library;
use crate::source::Span;
use crate::value::{Rounding, Value};
use crate::words::value_words;

/// Longer formulas are cut: the place tells where to read on.
const SHOWN: usize = 36;

/// “人均月收入 低于 低保标准[城乡]”
pub(super) fn quoted(library: &Library, span: Span) -> String {
    let text = library.sources.get(span.source.0 as usize).map_or("", |source| source.slice(span));
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(SHOWN).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    format!("“{shown}”")
}

pub(super) fn value(library: &Library, value: Value, ty: Type) -> String {
    value_words(library, value, ty)
}

pub(super) fn comparison(op: Compare) -> &'static str {
    match op {
        Compare::Less => "低于",
        Compare::LessEqual => "不超过",
        Compare::Greater => "超过",
        Compare::GreaterEqual => "不低于",
        Compare::Equal => "等于",
        Compare::NotEqual => "不等于",
    }
}

pub(super) fn rounding(rounding: Rounding) -> &'static str {
    match rounding {
        Rounding::HalfUp => "改成四舍五入",
        Rounding::Up => "改成进一",
        Rounding::Down => "改成去尾",
    }
}
