//! The differences of two folders as data: documents by number, articles by heading, declarations by name.

use super::parameters::{RowChange, row_changes};
use super::side::{Side, affected, key, kind};
use crate::commands::policy::wording;
use crate::divisions::Divisions;
use doudi_policy::{BlockKind, Document, LetterTemplate, article_texts, header_field};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
pub struct Difference {
    pub same: bool,
    pub documents: Vec<DocumentChange>,
    pub parameters: Vec<RowChange>,
    pub programmes: Vec<Change>,
    /// Days of the calendars, by year.
    pub calendars: Vec<Change>,
    /// Other files, by path: which were added, removed or changed.
    pub files: Vec<Change>,
}

/// Something that is there on one side only, or differs.
#[derive(Serialize)]
pub struct Change {
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Serialize)]
pub struct DocumentChange {
    pub id: String,
    pub title: String,
    /// 新增, 删去, 改动
    pub change: &'static str,
    pub place: String,
    pub period: String,
    pub header: Vec<Change>,
    pub texts: Vec<TextChange>,
    pub declarations: Vec<DeclarationChange>,
    pub examples: Vec<Change>,
    pub not_carried_out: Vec<Change>,
    /// Holes of the law that the text declares.
    pub own_gaps: Vec<Change>,
    /// Programmes whose rules rest on anything changed here.
    pub programmes: Vec<String>,
}

#[derive(Serialize)]
pub struct TextChange {
    pub article: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// The law's words changed and no formula of the article did.
    pub formula_unchanged: bool,
}

#[derive(Serialize)]
pub struct DeclarationChange {
    /// 规则, 例外, 疑点, 参数 …
    pub kind: &'static str,
    pub name: String,
    pub label: Option<String>,
    pub article: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub programmes: Vec<String>,
}

pub fn compare(before: &Side, after: &Side, divisions: &Divisions) -> Difference {
    let documents = document_changes(before, after, divisions);
    let parameters = row_changes(before, after, divisions);
    let programmes = programme_changes(before, after);
    let calendars = calendar_changes(before, after);
    let files = file_changes(before, after);
    let same = documents.is_empty()
        && parameters.is_empty()
        && programmes.is_empty()
        && calendars.is_empty()
        && files.is_empty();
    Difference { same, documents, parameters, programmes, calendars, files }
}

fn document_changes(before: &Side, after: &Side, divisions: &Divisions) -> Vec<DocumentChange> {
    let mut ids = numbered_ids(before);
    ids.extend(numbered_ids(after));
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids.into_iter().filter_map(|id| document_change(before, after, id, divisions)).collect()
}

/// A document's number, and which of several documents that share it.
type DocumentKey<'s> = (&'s str, usize);

fn numbered_ids(side: &Side) -> Vec<DocumentKey<'_>> {
    let mut ids: Vec<DocumentKey<'_>> = Vec::new();
    for document in &side.library.documents {
        let alike = ids.iter().filter(|(id, _)| *id == document.id).count();
        ids.push((&document.id, alike));
    }
    ids
}

fn document_change(
    before: &Side,
    after: &Side,
    id: DocumentKey<'_>,
    divisions: &Divisions,
) -> Option<DocumentChange> {
    let (old, new) = (View::of(before, id), View::of(after, id));
    let shown = new.document.or(old.document)?;
    let declarations = declaration_changes(before, after, &old, &new);
    let texts = text_changes(&old, &new, &declarations);
    let blocks = |kind| paired(old.blocks(kind), new.blocks(kind));
    let mut change = DocumentChange {
        id: id.0.to_owned(),
        title: shown.title.clone(),
        change: match (old.document, new.document) {
            (None, _) => "新增",
            (_, None) => "删去",
            _ => "改动",
        },
        place: wording::place(divisions, shown.region),
        period: wording::period(shown),
        header: paired(old.header(divisions), new.header(divisions)),
        texts,
        declarations,
        examples: blocks(BlockKind::Cases),
        not_carried_out: blocks(BlockKind::NotCarriedOut),
        own_gaps: blocks(BlockKind::OwnGaps),
        programmes: Vec::new(),
    };
    let differs = !change.header.is_empty()
        || !change.texts.is_empty()
        || !change.declarations.is_empty()
        || !change.examples.is_empty()
        || !change.not_carried_out.is_empty()
        || !change.own_gaps.is_empty();
    if !differs {
        return None;
    }
    change.programmes = document_programmes(before, after, &old, &new, &change);
    Some(change)
}

/// A change of place, dates or precedence moves every rule of the document; else only what was changed counts.
fn document_programmes(
    before: &Side,
    after: &Side,
    old: &View<'_>,
    new: &View<'_>,
    change: &DocumentChange,
) -> Vec<String> {
    let moves = change.header.iter().any(|field| field.what != "名称" && field.what != "来源");
    let mut found: Vec<String> = Vec::new();
    let keys = old.declared.keys().chain(new.declared.keys()).map(|(key, ..)| affected(before, after, key));
    let all: Vec<Vec<String>> = if moves {
        keys.collect()
    } else {
        change.declarations.iter().map(|declaration| declaration.programmes.clone()).collect()
    };
    for name in all.into_iter().flatten() {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Key of the name, label, and which of several that are alike.
type DeclarationKey = (String, Option<String>, usize);

struct Declared {
    kind: &'static str,
    name: String,
    article: String,
    canonical: String,
    text: String,
}

/// A document as one side has it, or does not.
struct View<'s> {
    side: &'s Side,
    document: Option<&'s Document>,
    declared: BTreeMap<DeclarationKey, Declared>,
}

impl<'s> View<'s> {
    fn of(side: &'s Side, id: DocumentKey<'_>) -> View<'s> {
        let at = numbered_ids(side).iter().position(|found| *found == id);
        let document = at.and_then(|at| side.library.documents.get(at));
        let mut declared = BTreeMap::new();
        for found in side.declarations.iter().filter(|found| Some(found.document as usize) == at) {
            let key = key(&side.library, found.named);
            let mut number = 0;
            while declared.contains_key(&(key.clone(), found.label.clone(), number)) {
                number += 1;
            }
            let source = side.library.sources.get(found.span.source.0 as usize);
            let content = Declared {
                kind: if found.label.is_some() { "例外" } else { kind(found.named) },
                name: side.library.path(found.named),
                article: found.article.clone(),
                canonical: side.library.canonical(found.span),
                text: source.map_or("", |source| source.slice(found.span)).to_owned(),
            };
            declared.insert((key, found.label.clone(), number), content);
        }
        View { side, document, declared }
    }

    fn header(&self, divisions: &Divisions) -> Vec<(String, String)> {
        let Some(document) = self.document else { return Vec::new() };
        let source = self.side.library.sources.get(document.source.0 as usize);
        let field = |key: &str| source.and_then(|source| header_field(source, key)).unwrap_or("").to_owned();
        let mut fields = vec![("地区".to_owned(), wording::place(divisions, document.region))];
        for key in ["名称", "位阶", "施行", "废止", "优先于", "来源"] {
            fields.push((key.to_owned(), field(key)));
        }
        fields.retain(|(_, value)| !value.is_empty());
        fields
    }

    fn texts(&self) -> Vec<(String, String)> {
        let source =
            self.document.and_then(|document| self.side.library.sources.get(document.source.0 as usize));
        source.map_or(Vec::new(), |source| {
            article_texts(source).into_iter().map(|article| (article.heading, article.text)).collect()
        })
    }

    /// Blocks by article and first line.
    fn blocks(&self, kind: BlockKind) -> Vec<(String, String)> {
        let blocks = self.document.map_or(&[][..], |document| &document.blocks);
        blocks
            .iter()
            .filter(|block| block.kind == kind)
            .map(|block| {
                let first = match kind {
                    BlockKind::Cases => block.text.trim().lines().next().unwrap_or(""),
                    _ => "",
                };
                (format!("{} {first}", block.article).trim().to_owned(), block.text.trim().to_owned())
            })
            .collect()
    }
}

/// What differs between two lists of named texts; several of one name are told apart by their order.
pub fn paired(before: Vec<(String, String)>, after: Vec<(String, String)>) -> Vec<Change> {
    let numbered = |list: Vec<(String, String)>| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        let mut out: Vec<((String, usize), String)> = Vec::new();
        for (name, text) in list {
            let number = count.entry(name.clone()).or_default();
            out.push(((name, *number), text));
            *number += 1;
        }
        out
    };
    let (before, after) = (numbered(before), numbered(after));
    let of = |list: &[((String, usize), String)], key: &(String, usize)| {
        list.iter().find(|(name, _)| name == key).map(|(_, text)| text.clone())
    };
    let mut keys: Vec<&(String, usize)> = before.iter().map(|(key, _)| key).collect();
    keys.extend(after.iter().map(|(key, _)| key).filter(|key| of(&before, key).is_none()));
    keys.into_iter()
        .map(|key| Change { what: key.0.clone(), before: of(&before, key), after: of(&after, key) })
        .filter(|change| change.before != change.after)
        .collect()
}

fn declaration_changes(
    before: &Side,
    after: &Side,
    old: &View<'_>,
    new: &View<'_>,
) -> Vec<DeclarationChange> {
    let mut keys: Vec<&DeclarationKey> = old.declared.keys().chain(new.declared.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter_map(|key| {
            let (one, other) = (old.declared.get(key), new.declared.get(key));
            if one.map(|found| &found.canonical) == other.map(|found| &found.canonical) {
                return None;
            }
            let shown = other.or(one)?;
            Some(DeclarationChange {
                kind: shown.kind,
                name: shown.name.clone(),
                label: key.1.clone(),
                article: shown.article.clone(),
                before: one.map(|found| found.text.clone()),
                after: other.map(|found| found.text.clone()),
                programmes: affected(before, after, &key.0),
            })
        })
        .collect()
}

fn text_changes(old: &View<'_>, new: &View<'_>, declarations: &[DeclarationChange]) -> Vec<TextChange> {
    let both = old.document.is_some() && new.document.is_some();
    let has_formula = |article: &str| new.declared.values().any(|found| found.article == article);
    paired(old.texts(), new.texts())
        .into_iter()
        .map(|change| TextChange {
            formula_unchanged: both
                && has_formula(&change.what)
                && !declarations.iter().any(|declaration| declaration.article == change.what),
            article: change.what,
            before: change.before,
            after: change.after,
        })
        .collect()
}

fn programme_changes(before: &Side, after: &Side) -> Vec<Change> {
    let lines = |side: &Side| {
        let registry = side.files.iter().find(|file| file.path == "programs.toml");
        let table = registry.and_then(|file| file.text.parse::<toml::Table>().ok()).unwrap_or_default();
        let mut lines = Vec::new();
        for (section, value) in table {
            match value {
                toml::Value::Array(items) => lines.extend(items.into_iter().map(|item| {
                    let name = item.get("name").or_else(|| item.get("id")).and_then(|name| name.as_str());
                    (format!("[{section}] {}", name.unwrap_or("")), item.to_string())
                })),
                value => lines.push((format!("[{section}]"), value.to_string())),
            }
        }
        lines
    };
    let mut changes = paired(lines(before), lines(after));
    for change in &mut changes {
        // People know a programme by its name.
        let name = change.what.strip_prefix("[programme] ").map(str::to_owned);
        let known = |name: &String| {
            before.programmes.iter().chain(&after.programmes).any(|programme| programme.name == *name)
        };
        if let Some(name) = name.filter(known) {
            change.what = format!("项目 {name}");
        }
    }
    changes
}

/// Calendars are compared day by day: `2026-01-01` -> 休 or 班 with its document.
fn calendar_changes(before: &Side, after: &Side) -> Vec<Change> {
    let days = |side: &Side| {
        let tables = side.files.iter().filter(|file| is_calendar(&file.path));
        tables
            .flat_map(|file| file.text.trim_start_matches('\u{feff}').lines().skip(1))
            .filter_map(|line| line.split_once(','))
            .map(|(day, rest)| (day.trim().to_owned(), rest.trim().to_owned()))
            .collect()
    };
    paired(days(before), days(after))
}

fn is_calendar(path: &str) -> bool {
    path.starts_with("calendars/") && path.ends_with(".csv")
}

/// Worked cases and other files that documents, tables and calendars do not cover.
fn file_changes(before: &Side, after: &Side) -> Vec<Change> {
    let texts = |side: &Side| {
        let other = |path: &str| path.ends_with(".yaml") || LetterTemplate::is_template(path);
        let others = side.files.iter().filter(|file| other(&file.path));
        others.map(|file| (file.path.clone(), file.text.clone())).collect()
    };
    paired(texts(before), texts(after))
}
