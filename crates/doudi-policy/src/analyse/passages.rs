//! A document cut into passages: a quotation with everything that stands under it until the next one.

use crate::document::{BlockKind, Document};
use crate::library::Library;
use crate::source::Span;

/// The law's words and the blocks under them.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    pub document: u32,
    /// Heading path below the title; empty above the first article.
    pub heading: String,
    /// Paragraphs of the quotation; empty where blocks stand under a heading without one.
    pub quotation: String,
    pub quoted_at: Option<Span>,
    /// Indexes in [`Document::blocks`].
    pub blocks: Vec<usize>,
}

impl Passage {
    pub(super) fn document<'l>(&self, library: &'l Library) -> Option<&'l Document> {
        library.documents.get(self.document as usize)
    }

    /// What sorts of blocks stand under the quotation.
    pub(super) fn kinds<'l>(&'l self, library: &'l Library) -> impl Iterator<Item = BlockKind> + 'l {
        let blocks = self.document(library).map_or(&[][..], |document| &document.blocks);
        self.blocks.iter().filter_map(|index| blocks.get(*index)).map(|block| block.kind)
    }

    pub(super) fn holds(&self, library: &Library, place: Span) -> bool {
        let Some(document) = self.document(library) else { return false };
        document.source == place.source
            && self
                .blocks
                .iter()
                .filter_map(|index| document.blocks.get(*index))
                .any(|block| block.span.start <= place.start && place.end <= block.span.end)
    }
}

/// The passages of every document, in the order of the texts.
pub(super) fn passages(library: &Library) -> Vec<Passage> {
    let mut found = Vec::new();
    for number in 0..library.documents.len() as u32 {
        found.extend(Reader::new(number).read(library));
    }
    found
}

struct Reader {
    document: u32,
    headings: Vec<(usize, String)>,
    open: Option<Passage>,
    done: Vec<Passage>,
}

impl Reader {
    fn new(document: u32) -> Reader {
        Reader { document, headings: Vec::new(), open: None, done: Vec::new() }
    }

    fn read(mut self, library: &Library) -> Vec<Passage> {
        let Some(document) = library.documents.get(self.document as usize) else { return Vec::new() };
        let text = library.sources.get(document.source.0 as usize).map_or("", |source| source.text.as_str());
        let (mut at, mut in_block, mut blocks, mut marks) = (0, false, 0, 0);
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let trimmed = line.trim();
            if marks < 2 {
                marks += usize::from(trimmed == "---");
                continue;
            }
            if in_block {
                in_block = trimmed != "```";
                continue;
            }
            if trimmed.starts_with("```") {
                in_block = true;
                // Blocks of an unknown kind are errors, and a library with errors is not analysed.
                self.block(blocks);
                blocks += 1;
            } else if trimmed.starts_with('#') {
                self.heading(trimmed);
            } else if let Some(words) = trimmed.strip_prefix('>') {
                let (start, end) = (start as u32, (start + line.trim_end().len()) as u32);
                self.quotation(words.trim(), Span { source: document.source, start, end });
            }
        }
        self.done.extend(self.open.take());
        self.done
    }

    fn heading(&mut self, line: &str) {
        self.done.extend(self.open.take());
        let level = line.chars().take_while(|c| *c == '#').count();
        self.headings.retain(|(depth, _)| *depth < level);
        self.headings.push((level, line.trim_start_matches('#').trim().to_owned()));
    }

    fn quotation(&mut self, words: &str, at: Span) {
        if self.open.as_ref().is_some_and(|open| !open.blocks.is_empty()) {
            self.done.extend(self.open.take());
        }
        let open = self.opened();
        if !open.quotation.is_empty() && !words.is_empty() {
            open.quotation.push('\n');
        }
        open.quotation.push_str(words);
        open.quoted_at = Some(open.quoted_at.map_or(at, |first| first.to(at)));
    }

    fn block(&mut self, index: usize) {
        self.opened().blocks.push(index);
    }

    fn opened(&mut self) -> &mut Passage {
        let path: Vec<&str> =
            self.headings.iter().filter(|(level, _)| *level > 1).map(|(_, text)| text.as_str()).collect();
        let fresh = Passage {
            document: self.document,
            heading: path.join(" "),
            quotation: String::new(),
            quoted_at: None,
            blocks: Vec::new(),
        };
        self.open.get_or_insert(fresh)
    }
}
