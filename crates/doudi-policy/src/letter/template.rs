//! The wording around a decision: files in a folder `letters`, one for each kind of answer, with places in braces.

use crate::diagnostic::{Diagnostic, suggestion};
use crate::ir::{HOUSEHOLD, RuleId};
use crate::library::Library;
use crate::source::{Source, SourceId, Span};
use doudi_terms::{Date, RegionCode, parse_date};

/// What a letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    Granted,
    Refused,
    /// Nobody can say yet; what has to be found out.
    Open,
}

const KINDS: [(&str, LetterKind); 3] =
    [("给予", LetterKind::Granted), ("不予", LetterKind::Refused), ("未定", LetterKind::Open)];

impl LetterKind {
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// What the program fills in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Programme,
    Addressee,
    Office,
    Place,
    Date,
    Amount,
    StartMonth,
    Reasons,
    Reckoning,
    Changes,
    AskedOfOffices,
    AskedOfHousehold,
    Awaited,
    Basis,
    Objection,
}

/// Name in a template, slot, and whether a line of its own becomes a numbered list.
const SLOTS: [(&str, Slot, bool); 15] = [
    ("项目", Slot::Programme, false),
    ("收信人", Slot::Addressee, false),
    ("机关", Slot::Office, false),
    ("地区", Slot::Place, false),
    ("日期", Slot::Date, false),
    ("金额", Slot::Amount, false),
    ("起发月", Slot::StartMonth, false),
    ("理由", Slot::Reasons, true),
    ("计算", Slot::Reckoning, true),
    ("差在哪里", Slot::Changes, true),
    ("由我们去查", Slot::AskedOfOffices, true),
    ("请您提供", Slot::AskedOfHousehold, true),
    ("等待公布", Slot::Awaited, true),
    ("依据", Slot::Basis, true),
    ("复查依据", Slot::Objection, false),
];

impl Slot {
    pub(super) fn is_list(self) -> bool {
        SLOTS.iter().any(|(_, slot, list)| *slot == self && *list)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Slot(Slot),
    /// `{户.行政复议期限日数}`: the value of a rule of the household.
    Rule(RuleId),
    /// `{依据 户.行政复议期限日数、户.行政复议机关}`: the articles that say so at this place and day.
    Citation(Vec<RuleId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineStyle {
    Title,
    Heading,
    Text,
    Item,
    /// At the right edge: who signs, and the day.
    Signature,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TemplateLine {
    pub style: LineStyle,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LetterTemplate {
    pub path: String,
    pub kind: LetterKind,
    pub region: RegionCode,
    pub from: Date,
    pub until: Option<Date>,
    pub(super) lines: Vec<TemplateLine>,
}

impl LetterTemplate {
    /// Whether a file is one: it stands in a folder `letters`.
    pub fn is_template(path: &str) -> bool {
        path.ends_with(".md") && !path.ends_with("README.md") && path.rsplit('/').nth(1) == Some("letters")
    }

    /// Names are those of a library that has been read.
    pub(crate) fn read(
        source: &Source,
        id: SourceId,
        library: &Library,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<LetterTemplate> {
        let mut reader = Reader { source: id, library, problems, header: Vec::new(), lines: Vec::new() };
        reader.read(&source.text);
        let Reader { header, lines, .. } = reader;
        let whole = Span { source: id, start: 0, end: 3 };
        let field = |key: &str| header.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
        let kind = field("用于").and_then(|word| KINDS.iter().find(|(name, _)| *name == word));
        let from = field("施行").and_then(parse_date);
        let until = field("废止").map(parse_date);
        let region = field("地区").map_or(Ok(RegionCode::COUNTRY), RegionCode::parse);
        match (kind, from, until, region) {
            (Some((_, kind)), Some(from), None | Some(Some(_)), Ok(region)) => Some(LetterTemplate {
                path: source.path.clone(),
                kind: *kind,
                region,
                from,
                until: until.flatten(),
                lines,
            }),
            _ => {
                problems.push(
                    Diagnostic::error(whole, "文书格式的文件头不全或者读不出来").next(
                        "在两行“---”之间写“用于: 给予”（或 不予、未定）和“施行: 2000-01-01”；可以另写 地区、废止、名称",
                    ),
                );
                None
            }
        }
    }

    pub(super) fn applies(&self, region: RegionCode, date: Date) -> bool {
        region.is_within(self.region) && self.from <= date && self.until.is_none_or(|until| date < until)
    }
}

struct Reader<'r, 's> {
    source: SourceId,
    library: &'r Library,
    problems: &'r mut Vec<Diagnostic>,
    header: Vec<(&'s str, &'s str)>,
    lines: Vec<TemplateLine>,
}

impl<'s> Reader<'_, 's> {
    fn read(&mut self, text: &'s str) {
        let (mut at, mut marks) = (0_usize, 0);
        for raw in text.split_inclusive('\n') {
            let (start, line) = (at, raw.trim());
            at += raw.len();
            match (marks, line) {
                (0 | 1, "---") => marks += 1,
                (1, _) => {
                    self.header
                        .extend(line.split_once([':', '：']).map(|(key, value)| (key.trim(), value.trim())));
                }
                (_, "") => {}
                _ => {
                    let offset = start + raw.len() - raw.trim_start().len();
                    self.line(line, offset as u32);
                }
            }
        }
    }

    fn line(&mut self, line: &str, start: u32) {
        let (style, text) = match line.split_once(' ') {
            Some(("#", rest)) => (LineStyle::Title, rest),
            Some(("##", rest)) => (LineStyle::Heading, rest),
            Some((">", rest)) => (LineStyle::Signature, rest),
            _ => (LineStyle::Text, line),
        };
        let span = Span { source: self.source, start, end: start + line.len() as u32 };
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let Some((place, remaining)) = after.split_once('}') else {
                self.problems.push(Diagnostic::error(span, "这一行的“{”没有配对的“}”"));
                return;
            };
            parts.extend(self.place(place.trim(), span));
            rest = remaining;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        self.lines.push(TemplateLine { style, parts });
    }

    fn place(&mut self, name: &str, span: Span) -> Option<Part> {
        if let Some((_, slot, _)) = SLOTS.iter().find(|(slot, ..)| *slot == name) {
            return Some(Part::Slot(*slot));
        }
        if let Some(paths) = name.strip_prefix("依据 ") {
            let rules: Option<Vec<RuleId>> =
                paths.split('、').map(|path| self.rule(path.trim(), span)).collect();
            return rules.map(Part::Citation);
        }
        self.rule(name, span).map(Part::Rule)
    }

    /// A rule of the household, the one entity that every letter has.
    fn rule(&mut self, path: &str, span: Span) -> Option<RuleId> {
        let library = self.library;
        let found = library.rule_by_path(path).filter(|id| library.rules[id.index()].entity == HOUSEHOLD);
        if found.is_none() {
            let rules = library.rules.iter().filter(|rule| rule.entity == HOUSEHOLD);
            let paths: Vec<String> = rules.map(|rule| format!("户.{}", rule.name)).collect();
            let valid: Vec<&str> =
                SLOTS.iter().map(|(slot, ..)| *slot).chain(paths.iter().map(String::as_str)).collect();
            self.problems.push(
                Diagnostic::error(span, format!("“{path}”不是文书里可以填的一项"))
                    .why("花括号里写固定的名称，或者户的一条规则，如 户.行政复议期限日数")
                    .next(suggestion(path, &valid)),
            );
        }
        found
    }
}
