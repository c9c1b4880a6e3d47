//! A literate policy document: Markdown with front matter, articles as headings, the law's words as quotations, and
//! fenced blocks of 条文, 案例, 未实现 and 缺口 under the sentence they carry out.

use crate::diagnostic::{Diagnostic, suggestion};
use crate::source::{Source, SourceId, Span};
use doudi_terms::{Date, RegionCode, parse_date};

/// Rank of a document in the order of legal sources; lower rank yields to higher where both speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A word list: declares facts, decides nothing.
    Vocabulary,
    /// 内部工作口径: how an office works, below every public document.
    WorkingRule,
    LocalNormative,
    Departmental,
    LocalRegulation,
    AdministrativeRegulation,
    Law,
}

/// Written form -> rank. County, city and provincial documents share a rank; among them the nearer place goes first.
const RANKS: [(&str, Rank); 12] = [
    ("法律", Rank::Law),
    ("行政法规", Rank::AdministrativeRegulation),
    ("地方性法规", Rank::LocalRegulation),
    ("部门规章", Rank::Departmental),
    ("国务院规范性文件", Rank::Departmental),
    ("部门规范性文件", Rank::Departmental),
    ("省级规范性文件", Rank::LocalNormative),
    ("市级规范性文件", Rank::LocalNormative),
    ("县级规范性文件", Rank::LocalNormative),
    ("地方规范性文件", Rank::LocalNormative),
    ("工作口径", Rank::WorkingRule),
    ("词表", Rank::Vocabulary),
];

#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub source: SourceId,
    /// Document number, or 编号 where it has none: what a citation starts with.
    pub id: String,
    pub title: String,
    pub rank: Rank,
    pub region: RegionCode,
    pub from: Date,
    /// The day from which it no longer applies.
    pub until: Option<Date>,
    /// Ids of documents that this one goes before where both define the same rule.
    pub overrides: Vec<String>,
    /// Facts and lists that are asked before others, as 人.出生日期 and 收入; of a vocabulary.
    pub asked_first: Vec<(String, Span)>,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    Articles,
    Cases,
    /// Text that is knowingly not carried out, with the reason.
    NotCarriedOut,
    /// Holes of the law itself, as the analysis finds them, with how they are dealt with.
    OwnGaps,
}

/// A fenced block with the article and the quotation above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub kind: BlockKind,
    /// Heading path below the title: `第二十七条 补差发放`.
    pub article: String,
    /// The law's own words nearest above, in the same article.
    pub quotation: String,
    pub text: String,
    /// The block's text in its source, fences excluded.
    pub span: Span,
}

impl Document {
    pub fn in_force(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    pub fn applies_in(&self, region: RegionCode) -> bool {
        region.is_within(self.region)
    }
}

/// Reads a document. `None` with diagnostics if the front matter cannot be used.
pub fn read_document(source: &Source, id: SourceId) -> (Option<Document>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let (fields, body_start) = front_matter(source, id, &mut problems);
    let document = header(source, id, &fields, &mut problems).map(|mut document| {
        document.blocks = blocks(source, id, body_start, &mut problems);
        document
    });
    (document, problems)
}

struct Field<'a> {
    key: &'a str,
    value: &'a str,
    span: Span,
}

const KEYS: [&str; 10] = ["文件", "编号", "名称", "位阶", "地区", "施行", "废止", "优先于", "来源", "先问"];

fn front_matter<'a>(
    source: &'a Source,
    id: SourceId,
    problems: &mut Vec<Diagnostic>,
) -> (Vec<Field<'a>>, usize) {
    let whole = Span { source: id, start: 0, end: 3 };
    let mut at = 0;
    let mut fields = Vec::new();
    for (number, line) in source.text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        match (number, line) {
            (0, "---") => continue,
            (0, _) => break,
            (_, "---") => return (fields, at),
            (_, "") => continue,
            _ => {}
        }
        let span = Span { source: id, start: start as u32, end: (start + line.len()) as u32 };
        match line.split_once([':', '：']) {
            Some((key, value)) if KEYS.contains(&key.trim()) => {
                fields.push(Field { key: key.trim(), value: value.trim(), span });
            }
            Some((key, _)) => problems.push(
                Diagnostic::error(span, format!("文件头里没有“{}”这一项", key.trim()))
                    .next(suggestion(key.trim(), &KEYS)),
            ),
            None => problems.push(Diagnostic::error(span, "文件头的一行应写成“项目: 内容”")),
        }
    }
    problems.push(
        Diagnostic::error(whole, "文件开头缺少文件头")
            .why("每个政策文件要先说明文号、名称、位阶和施行日期，条文才有依据")
            .next("在开头写两行“---”，中间写 文件、名称、位阶、施行（以及地区、废止、优先于）"),
    );
    (fields, 0)
}

fn header(
    source: &Source,
    id: SourceId,
    fields: &[Field<'_>],
    problems: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let whole = Span { source: id, start: 0, end: 3 };
    let get = |key: &str| fields.iter().find(|field| field.key == key);
    let mut need = |key: &str| {
        let found = get(key).filter(|field| !field.value.is_empty());
        if found.is_none() {
            problems.push(
                Diagnostic::error(whole, format!("文件头缺少“{key}”")).next(format!("补一行“{key}: ……”")),
            );
        }
        found
    };
    let (title, rank, from) = (need("名称")?, need("位阶")?, need("施行")?);
    let number = get("文件").or_else(|| get("编号")).map_or(title.value, |field| field.value);
    let rank_found = RANKS.iter().find(|(name, _)| *name == rank.value).map(|(_, rank)| *rank);
    if rank_found.is_none() {
        let names: Vec<&str> = RANKS.iter().map(|(name, _)| *name).collect();
        problems.push(
            Diagnostic::error(rank.span, format!("不认识的位阶“{}”", rank.value))
                .next(suggestion(rank.value, &names)),
        );
    }
    let mut date = |field: &Field<'_>| {
        let read = parse_date(field.value);
        if read.is_none() {
            problems.push(
                Diagnostic::error(field.span, format!("“{}”不是日期", field.value))
                    .next("写成 2020-04-30 这样"),
            );
        }
        read
    };
    let from_date = date(from);
    let until = get("废止").map(&mut date);
    let region = match get("地区") {
        None => Some(RegionCode::COUNTRY),
        Some(field) => match RegionCode::parse(field.value) {
            Ok(code) => Some(code),
            Err(error) => {
                problems
                    .push(Diagnostic::error(field.span, error.to_string()).next("写国家标准代码，如 500243"));
                None
            }
        },
    };
    let asked_first = get("先问").map_or(Vec::new(), |field| {
        let names = field.value.split('、').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| (name.to_owned(), field.span)).collect()
    });
    let overrides = get("优先于").map_or(Vec::new(), |field| {
        field
            .value
            .split(['、', ',', '，'])
            .map(|id| id.trim().to_owned())
            .filter(|id| !id.is_empty())
            .collect()
    });
    let _ = source;
    Some(Document {
        source: id,
        id: number.to_owned(),
        title: title.value.to_owned(),
        rank: rank_found?,
        region: region?,
        from: from_date?,
        until: until.flatten(),
        overrides,
        asked_first,
        blocks: Vec::new(),
    })
}

fn blocks(source: &Source, id: SourceId, start: usize, problems: &mut Vec<Diagnostic>) -> Vec<Block> {
    let mut reader =
        BlockReader { id, headings: Vec::new(), quotation: String::new(), open: None, blocks: Vec::new() };
    let mut at = start;
    for line in source.text.get(start..).unwrap_or("").split_inclusive('\n') {
        reader.line(line, at, problems);
        at += line.len();
    }
    if let Some(open) = reader.open {
        problems.push(
            Diagnostic::error(open.span, "代码块没有结束").next("在这一块末尾单独一行写三个反引号 ```"),
        );
    }
    reader.blocks
}

struct OpenBlock {
    kind: Option<BlockKind>,
    span: Span,
    body_start: usize,
    text: String,
}

struct BlockReader {
    id: SourceId,
    headings: Vec<(usize, String)>,
    quotation: String,
    open: Option<OpenBlock>,
    blocks: Vec<Block>,
}

impl BlockReader {
    fn line(&mut self, line: &str, at: usize, problems: &mut Vec<Diagnostic>) {
        let trimmed = line.trim();
        if let Some(mut open) = self.open.take() {
            if trimmed == "```" {
                self.close(open, at);
            } else {
                open.text.push_str(line);
                self.open = Some(open);
            }
            return;
        }
        if let Some(info) = trimmed.strip_prefix("```") {
            let span = Span { source: self.id, start: at as u32, end: (at + line.trim_end().len()) as u32 };
            let kind = match info.trim() {
                "条文" => Some(BlockKind::Articles),
                "案例" => Some(BlockKind::Cases),
                "未实现" => Some(BlockKind::NotCarriedOut),
                "缺口" => Some(BlockKind::OwnGaps),
                other => {
                    problems.push(
                        Diagnostic::error(span, format!("不认识的块“{other}”"))
                            .next("可用的块有：条文、案例、未实现、缺口"),
                    );
                    None
                }
            };
            self.open = Some(OpenBlock { kind, span, body_start: at + line.len(), text: String::new() });
        } else if trimmed.starts_with('#') {
            let level = trimmed.chars().take_while(|c| *c == '#').count();
            self.headings.retain(|(depth, _)| *depth < level);
            self.headings.push((level, trimmed.trim_start_matches('#').trim().to_owned()));
            self.quotation.clear();
        } else if let Some(quoted) = trimmed.strip_prefix('>') {
            self.quotation.push_str(quoted.trim());
        } else if trimmed.is_empty() {
            // A quotation may be followed by a blank line and then its block; a new quotation starts afresh.
            if self.blocks.last().is_some_and(|last| last.quotation == self.quotation) {
                self.quotation.clear();
            }
        }
    }

    fn close(&mut self, open: OpenBlock, end: usize) {
        let Some(kind) = open.kind else { return };
        let article: Vec<&str> =
            self.headings.iter().filter(|(level, _)| *level > 1).map(|(_, text)| text.as_str()).collect();
        self.blocks.push(Block {
            kind,
            article: article.join(" "),
            quotation: self.quotation.clone(),
            text: open.text,
            span: Span { source: self.id, start: open.body_start as u32, end: end as u32 },
        });
    }
}
