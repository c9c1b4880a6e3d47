//! Texts the policies are read from, and places in them.

/// One file of a policies folder: its path relative to that folder, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Index of a [`Source`] in its library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A stretch of a source, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn to(self, end: Span) -> Span {
        Span { end: end.end.max(self.end), ..self }
    }
}

impl Source {
    /// Line and column (in characters), both from 1.
    pub fn line_and_column(&self, byte: u32) -> (usize, usize) {
        let upto = self.text.get(..byte as usize).unwrap_or(&self.text);
        let line_start = upto.rfind('\n').map_or(0, |at| at + 1);
        (upto.matches('\n').count() + 1, upto.get(line_start..).unwrap_or("").chars().count() + 1)
    }

    pub fn line(&self, number: usize) -> &str {
        self.text.lines().nth(number.saturating_sub(1)).unwrap_or("")
    }

    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}
