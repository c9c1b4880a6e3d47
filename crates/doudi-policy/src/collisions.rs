//! Things that are said twice, so that nobody could tell which holds: two documents of one number, two rows of one
//! parameter for the same days. Nothing runs until they are parted.

use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::library::Library;
use crate::parameters::{ParameterRow, RowValue};
use crate::source::Span;
use crate::words::value_words;

pub(crate) fn collisions(library: &Library) -> Vec<Diagnostic> {
    let mut found = documents(library);
    found.extend(rows(library));
    found
}

fn documents(library: &Library) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, document) in library.documents.iter().enumerate() {
        let header = header_line(library, document, &document.id);
        if let Some(first) = library.documents[..index].iter().find(|other| other.id == document.id) {
            let path = library.sources.get(first.source.0 as usize).map_or("", |source| source.path.as_str());
            found.push(
                Diagnostic::error(header, format!("“{}”已经是另一份文件的文号", document.id))
                    .why(format!("{path} 也用这个文号：引用和“优先于”分不清是哪一份"))
                    .next("同一份文件并成一个；不同的文件各写自己的文号，没有文号的在“编号”里写不同的短名"),
            );
        }
        if let Some(until) = document.until.filter(|until| *until <= document.from) {
            found.push(
                Diagnostic::error(header, format!("{} 施行，{until} 已经废止：没有一天适用", document.from))
                    .next("核对文件头的“施行”和“废止”；“废止”写从哪一天起不再适用"),
            );
        }
    }
    found
}

/// Where a word stands in a document's first lines.
fn header_line(library: &Library, document: &Document, word: &str) -> Span {
    let text = library.sources.get(document.source.0 as usize).map_or("", |source| source.text.as_str());
    let start = text.find(word).unwrap_or(0);
    let length = if text.get(start..).is_some_and(|rest| rest.starts_with(word)) { word.len() } else { 0 };
    Span { source: document.source, start: start as u32, end: (start + length) as u32 }
}

/// A row that starts on the day of another, or within the days that another claims to its end, with another value. A
/// row without an end is followed by the next one: published values are not edited.
fn rows(library: &Library) -> Vec<Diagnostic> {
    let mut order: Vec<&ParameterRow> = library.rows.iter().collect();
    order.sort_by_key(|row| (row.parameter, row.region, row.dimensions.clone(), row.from, row.span));
    let mut found = Vec::new();
    for (index, row) in order.iter().enumerate() {
        if let Some(to) = row.to.filter(|to| *to < row.from) {
            found.push(
                Diagnostic::error(row.span, format!("这一行 {} 起、{to} 止：没有一天适用", row.from))
                    .next("核对“起”和“止”"),
            );
            continue;
        }
        let later = order[index + 1..].iter().take_while(|next| same_key(row, next));
        for next in later.filter(|next| collide(row, next)) {
            found.push(collision(library, row, next));
        }
    }
    found.sort_by_key(|problem| problem.span);
    found
}

fn same_key(a: &ParameterRow, b: &ParameterRow) -> bool {
    a.parameter == b.parameter && a.region == b.region && a.dimensions == b.dimensions
}

fn collide(first: &ParameterRow, second: &ParameterRow) -> bool {
    let shared = first.from == second.from || first.to.is_some_and(|to| second.from <= to);
    let lives = second.to.is_none_or(|to| second.from <= to);
    shared && lives && first.value != second.value
}

fn collision(library: &Library, first: &ParameterRow, second: &ParameterRow) -> Diagnostic {
    let parameter = library.parameters.get(first.parameter.index());
    let name = parameter.map_or("", |parameter| parameter.name.as_str());
    let words = |row: &ParameterRow| match (row.value, parameter) {
        (RowValue::Value(value), Some(parameter)) => value_words(library, value, parameter.ty),
        (RowValue::None, _) => "无".to_owned(),
        _ => "不详".to_owned(),
    };
    let source = library.sources.get(first.span.source.0 as usize);
    let place = source.map_or(String::new(), |source| {
        format!("{}:{}", source.path, source.line_and_column(first.span.start).0)
    });
    Diagnostic::error(
        second.span,
        format!("参数“{name}”在 {} 有两个值：{}、{}", second.from, words(first), words(second)),
    )
    .why(format!("{place} 那一行和这一行是同一地区、同一维度，日期重叠"))
    .next("核对两行的“起”“止”；前一行不再适用的，“止”写到这一行“起”的前一天")
}
