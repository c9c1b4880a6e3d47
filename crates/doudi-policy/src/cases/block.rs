//! The text of a 案例 block -> scenarios: a table with one household a row, or one household told line by line.

use super::default_place;
use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::library::CaseBlock;
use doudi_terms::{Date, RegionCode, parse_date};

pub(super) struct Block {
    pub title: String,
    pub region: RegionCode,
    pub date: Date,
    pub closed: bool,
    /// Values that the block takes as published, as they are written.
    pub parameters: Vec<String>,
    pub scenarios: Vec<Scenario>,
}

#[derive(Default)]
pub(super) struct Scenario {
    pub household: Vec<Item>,
    pub members: Vec<Member>,
    pub expected: Vec<Item>,
}

pub(super) struct Member {
    pub name: String,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Value {
        name: String,
        text: String,
    },
    Record {
        name: String,
        fields: Vec<(String, String)>,
    },
    /// 收入未查清
    Open {
        name: String,
    },
}

impl Item {
    pub(super) fn pair(&self) -> Result<(&str, &str), String> {
        match self {
            Item::Value { name, text } => Ok((name, text)),
            Item::Record { name, .. } | Item::Open { name } => Err(format!("“{name}”不能是结果")),
        }
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

impl Block {
    pub(super) fn read(block: &CaseBlock, document: &Document) -> Read<Block> {
        let (region, date) = default_place(document);
        let mut read = Block {
            title: String::new(),
            region,
            date,
            closed: false,
            parameters: Vec::new(),
            scenarios: Vec::new(),
        };
        let mut story = Scenario::default();
        let mut headers: Vec<&str> = Vec::new();
        for line in block.text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let fail = |what: String| {
                Box::new(Diagnostic::error(block.span, what).why(format!("案例的这一行：{line}")))
            };
            if line.starts_with('|') {
                let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
                if headers.is_empty() {
                    headers = cells;
                } else if !cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' '))) {
                    read.scenarios.push(row(&headers, &cells).map_err(fail)?);
                }
            } else if line == "未列即否" {
                read.closed = true;
            } else if let Some(rest) = line.strip_prefix("地区 ") {
                (read.region, read.date) = place(rest).map_err(fail)?;
            } else if let Some(rest) = line.strip_prefix("参数 ") {
                read.parameters.push(rest.to_owned());
            } else if let Some((head, body)) = story_line(line) {
                story.line(head, body).map_err(fail)?;
            } else if read.title.is_empty() {
                read.title = line.to_owned();
            } else {
                return Err(fail("看不懂这一行".into()));
            }
        }
        if !story.expected.is_empty() {
            read.scenarios.push(story);
        }
        if read.scenarios.is_empty() {
            return Err(Box::new(
                Diagnostic::error(block.span, "案例里没有例子")
                    .next("写一张表（结果列以“→”开头），或写 户：、成员 某：、应得："),
            ));
        }
        Ok(read)
    }
}

/// `户：…`, `成员 甲：…`, `应得：…`; any other line with a colon is part of the title.
fn story_line(line: &str) -> Option<(&str, &str)> {
    let (head, body) = line.split_once(['：', ':'])?;
    let head = head.trim();
    (matches!(head, "户" | "应得") || head.starts_with("成员")).then_some((head, body))
}

fn place(text: &str) -> Result<(RegionCode, Date), String> {
    let (code, date) = text.split_once("日期").ok_or("写成：地区 500243 日期 2020-05-31")?;
    let region = RegionCode::parse(code.trim()).map_err(|error| error.to_string())?;
    let date = parse_date(date).ok_or_else(|| format!("“{}”不是日期", date.trim()))?;
    Ok((region, date))
}

/// One household with one member; a column `收入.月额` gives the member (or the household) one record.
fn row(headers: &[&str], cells: &[&str]) -> Result<Scenario, String> {
    if headers.len() != cells.len() {
        return Err(format!("这一行有 {} 格，表头有 {} 格", cells.len(), headers.len()));
    }
    let mut scenario = Scenario::default();
    let mut items: Vec<Item> = Vec::new();
    for (header, cell) in headers.iter().zip(cells) {
        let text = (*cell).to_owned();
        if let Some(name) = header.strip_prefix('→') {
            scenario.expected.push(Item::Value { name: name.trim().to_owned(), text });
            continue;
        }
        match header.split_once('.') {
            Some((record, field)) if !matches!(record, "户" | "人" | "上月") => {
                let known = items.iter_mut().find_map(|item| match item {
                    Item::Record { name, fields } if name == record => Some(fields),
                    _ => None,
                });
                let pair = (field.to_owned(), text);
                match known {
                    Some(fields) => fields.push(pair),
                    None => items.push(Item::Record { name: record.to_owned(), fields: vec![pair] }),
                }
            }
            _ => items.push(Item::Value { name: (*header).to_owned(), text }),
        }
    }
    scenario.members.push(Member { name: "本人".into(), items });
    Ok(scenario)
}

impl Scenario {
    fn line(&mut self, head: &str, body: &str) -> Result<(), String> {
        let items = items(body)?;
        match head {
            "户" => self.household.extend(items),
            "应得" => self.expected.extend(items),
            _ => match head.strip_prefix("成员") {
                Some(name) => self.members.push(Member { name: name.trim().to_owned(), items }),
                None => return Err(format!("不认识“{head}：”，行首用 户、成员 某、应得")),
            },
        }
        Ok(())
    }
}

fn items(body: &str) -> Result<Vec<Item>, String> {
    split(body)
        .into_iter()
        .map(|part| {
            if let Some((name, rest)) = part.split_once(['[', '［']) {
                let inner = rest.trim_end_matches([']', '］']);
                let fields = inner.split(['；', ';']).map(pair).collect::<Result<_, _>>()?;
                return Ok(Item::Record { name: name.trim().to_owned(), fields });
            }
            if let Some(name) = part.strip_suffix("未查清") {
                return Ok(Item::Open { name: name.to_owned() });
            }
            pair(part).map(|(name, text)| Item::Value { name, text })
        })
        .collect()
}

fn pair(part: &str) -> Result<(String, String), String> {
    let (name, text) =
        part.trim().split_once(char::is_whitespace).ok_or_else(|| format!("“{part}”要写成“名称 值”"))?;
    Ok((name.to_owned(), text.trim().to_owned()))
}

/// Splits at ；, but not inside [ ].
fn split(body: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in body.char_indices() {
        match c {
            '[' | '［' => depth += 1,
            ']' | '］' => depth -= 1,
            '；' | ';' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}
