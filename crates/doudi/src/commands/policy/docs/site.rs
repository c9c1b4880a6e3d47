//! All pages of a policies folder, and how they point to each other.

use super::names::Addresses;
use super::page::{Page, escape, link};
use super::{documents, facts, front, rules};
use crate::commands::policy::registry::Programme;
use crate::commands::policy::wording;
use crate::divisions::Divisions;
use doudi_policy::ir::{DefId, ParameterId, RuleId};
use doudi_policy::{
    Declaration, Document, Library, Named, Piece, Program, Reference, Source, Span, Uses, outline,
};
use std::collections::BTreeMap;
use std::fmt::Write;

pub struct Site<'l> {
    pub library: &'l Library,
    pub programmes: Vec<Programme>,
    pub divisions: Divisions,
    pub declarations: Vec<Declaration>,
    pub addresses: Addresses,
    pub uses: Uses,
    /// The law of one place and day, where it was asked for.
    pub program: Option<Program<'l>>,
    references: Vec<Reference>,
    /// Anchors of headings, by document and heading path.
    headings: BTreeMap<(u32, String), String>,
}

impl<'l> Site<'l> {
    pub fn new(
        library: &'l Library,
        programmes: Vec<Programme>,
        divisions: Divisions,
        program: Option<Program<'l>>,
    ) -> Site<'l> {
        let declarations = library.declarations();
        let addresses = Addresses::new(library, &declarations);
        let mut site = Site {
            library,
            programmes,
            divisions,
            declarations,
            addresses,
            uses: Uses::of(library),
            program,
            references: library.references(),
            headings: BTreeMap::new(),
        };
        for (number, document) in library.documents.iter().enumerate() {
            for (path, anchor) in heading_anchors(site.source(document)) {
                site.headings.entry((number as u32, path)).or_insert(anchor);
            }
        }
        site
    }

    pub fn pages(&self) -> Vec<Page> {
        let mut pages = front::pages(self);
        pages.push(facts::page(self));
        pages.extend((0..self.library.documents.len()).map(|number| documents::page(self, number as u32)));
        pages.extend(
            (0..self.library.parameters.len()).map(|at| facts::parameter(self, ParameterId(at as u32))),
        );
        pages.extend((0..self.library.rules.len()).map(|at| rules::page(self, RuleId(at as u32))));
        pages
    }

    pub fn source(&self, document: &Document) -> &'l Source {
        &self.library.sources[document.source.0 as usize]
    }

    /// `重庆市彭水苗族土家族自治县 2020-05-31`, where the site was made for a place and day.
    pub fn here(&self) -> Option<String> {
        let program = self.program.as_ref()?;
        Some(format!("{} {}", wording::place(&self.divisions, program.region), program.date))
    }

    /// A mark behind what is, or is not, in force at the place and day of the site.
    pub fn force_mark(&self, holds: impl Fn(&Program<'l>) -> bool) -> String {
        match &self.program {
            None => String::new(),
            Some(program) if holds(program) => " <span class=\"tag on\">此地此日适用</span>".to_owned(),
            Some(_) => " <span class=\"tag\">此地此日不适用</span>".to_owned(),
        }
    }

    pub fn document_in_force(&self, document: u32) -> String {
        let Some(found) = self.library.documents.get(document as usize) else { return String::new() };
        self.force_mark(|program| found.applies_in(program.region) && found.in_force(program.date))
    }

    pub fn def_in_force(&self, id: DefId) -> String {
        let Some(def) = self.library.def(id) else { return String::new() };
        self.force_mark(|program| {
            let linked = program.rules.get(def.rule.index());
            linked.is_some_and(|linked| linked.base == Some(id) || linked.exceptions.contains(&id))
        })
    }

    pub fn place(&self, document: &Document) -> String {
        wording::place(&self.divisions, document.region)
    }

    /// A link to a name's page; its words alone where it has none (成员).
    pub fn name(&self, named: Named) -> String {
        self.name_as(named, &self.library.path(named))
    }

    pub fn name_as(&self, named: Named, words: &str) -> String {
        self.addresses.of(named).map_or_else(|| escape(words), |address| link(address, words))
    }

    pub fn document_link(&self, document: u32) -> String {
        let index = document as usize;
        match (self.library.documents.get(index), self.addresses.documents.get(index)) {
            (Some(found), Some(address)) => link(address, &title(found)),
            _ => String::new(),
        }
    }

    /// `民发〔2012〕220号 第二十七条`, as a link to the article.
    pub fn article_link(&self, document: u32, heading: &str) -> String {
        let index = document as usize;
        let (Some(found), Some(address)) =
            (self.library.documents.get(index), self.addresses.documents.get(index))
        else {
            return String::new();
        };
        let words = format!("{} {heading}", found.id);
        match self.headings.get(&(document, heading.to_owned())) {
            Some(anchor) => link(&format!("{address}#{anchor}"), words.trim()),
            None => link(address, words.trim()),
        }
    }

    /// A citation as people write it, as a link where it begins with a document of this folder.
    pub fn citation(&self, words: &str) -> String {
        self.cited(words).map_or_else(|| escape(words), |address| link(&address, words))
    }

    /// Where a citation leads; behind an article there may stand the label of an exception.
    pub fn cited(&self, words: &str) -> Option<String> {
        let documents = self.library.documents.iter().enumerate();
        let begun = documents
            .filter(|(_, document)| words.starts_with(&document.id) || words.starts_with(&document.title));
        let (number, document) = begun.max_by_key(|(_, document)| document.id.len())?;
        let rest = words.strip_prefix(&document.id).unwrap_or("").trim();
        let rest = rest.split('「').next().unwrap_or(rest).trim();
        let address = &self.addresses.documents[number];
        let anchor = self.headings.get(&(number as u32, rest.to_owned()));
        // Registries name an article by its number alone; the heading goes on with what it is about.
        let begins = || {
            let of_document = self.headings.iter().filter(|((of, _), _)| *of == number as u32);
            let mut named =
                of_document.filter(|((_, heading), _)| !rest.is_empty() && heading.starts_with(rest));
            named.next().map(|(_, anchor)| anchor)
        };
        Some(anchor.or_else(begins).map_or_else(|| address.clone(), |anchor| format!("{address}#{anchor}")))
    }

    /// The text of a stretch of formula; every name in it is a link.
    pub fn formula(&self, span: Span) -> String {
        let Some(source) = self.library.sources.get(span.source.0 as usize) else { return String::new() };
        let first = self.references.partition_point(|reference| {
            (reference.span.source, reference.span.start) < (span.source, span.start)
        });
        let mut out = String::new();
        let mut at = span.start;
        for reference in &self.references[first..] {
            let place = reference.span;
            if place.source != span.source || place.end > span.end {
                break;
            }
            out.push_str(&with_remarks(source.slice(Span { start: at, end: place.start, ..span })));
            out.push_str(&self.name_as(reference.named, source.slice(place)));
            at = place.end;
        }
        out.push_str(&with_remarks(source.slice(Span { start: at, ..span })));
        out.trim_matches('\n').to_owned()
    }
}

/// The document as people call it.
pub fn title(document: &Document) -> String {
    if document.title == document.id {
        document.title.clone()
    } else {
        format!("{}（{}）", document.title, document.id)
    }
}

/// Heading paths, as blocks name their article, with their anchors in the document's page.
pub fn heading_anchors(source: &Source) -> Vec<(String, String)> {
    let mut anchors = Vec::new();
    let mut open: Vec<(usize, String)> = Vec::new();
    for piece in outline(source) {
        let Piece::Heading(level, text) = piece else { continue };
        open.retain(|(depth, _)| *depth < level);
        open.push((level, text));
        let path: Vec<&str> =
            open.iter().filter(|(level, _)| *level > 1).map(|(_, text)| text.as_str()).collect();
        anchors.push((path.join(" "), format!("条-{}", anchors.len() + 1)));
    }
    anchors
}

/// Comments stand back from the formula.
fn with_remarks(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match line.find("--") {
            None => out.push_str(&escape(line)),
            Some(at) => {
                let (before, remark) = line.split_at(at);
                let end = if remark.ends_with('\n') { "\n" } else { "" };
                let remark = escape(remark.trim_end_matches('\n'));
                let _ = write!(out, "{}<span class=\"remark\">{remark}</span>{end}", escape(before));
            }
        }
    }
    out
}
