//! 缺口 blocks: holes of the law itself, declared by the author, so that the analysis only lists them.

use super::clauses::def_path;
use super::findings::{Finding, FindingKind};
use crate::diagnostic::{Diagnostic, suggestion};
use crate::ir::ArticleId;
use crate::library::Library;
use crate::source::Span;

/// What may be declared; the words are those of [`FindingKind::chinese`].
const KINDS: [FindingKind; 4] =
    [FindingKind::Gap, FindingKind::Boundary, FindingKind::Overlap, FindingKind::Wording];

/// One line of a 缺口 block: `恰好等于 户.低保对象「渐退」：……`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnGap {
    pub kind: FindingKind,
    /// The declaration it is about: `户.低保对象「渐退」`.
    pub subject: String,
    /// What the text leaves open and how it is dealt with.
    pub reason: String,
    pub document: u32,
    pub article: ArticleId,
    pub span: Span,
}

/// Reads a block, one hole a line.
pub(crate) fn read_own_gaps(
    text: &str,
    block: Span,
    document: u32,
    article: ArticleId,
) -> (Vec<OwnGap>, Vec<Diagnostic>) {
    let (mut gaps, mut problems) = (Vec::new(), Vec::new());
    let mut at = block.start;
    for line in text.split_inclusive('\n') {
        let (start, words) = (at, line.trim());
        at += line.len() as u32;
        if words.is_empty() {
            continue;
        }
        let indent = (line.len() - line.trim_start().len()) as u32;
        let span = Span { start: start + indent, end: start + indent + words.len() as u32, ..block };
        match read_line(words) {
            Ok((kind, subject, reason)) => {
                let (subject, reason) = (subject.to_owned(), reason.to_owned());
                gaps.push(OwnGap { kind, subject, reason, document, article, span });
            }
            Err(next) => problems.push(Diagnostic::error(span, "“缺口”的这一行读不出来").next(next)),
        }
    }
    (gaps, problems)
}

fn read_line(words: &str) -> Result<(FindingKind, &str, &str), String> {
    let shape = || "写成 恰好等于 户.哪条规则：原文怎样写、现在怎样办".to_owned();
    let (head, reason) = words.split_once(['：', ':']).ok_or_else(shape)?;
    let (kind, subject) = head.trim().split_once(char::is_whitespace).ok_or_else(shape)?;
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.chinese()).collect();
    let found = KINDS.iter().find(|found| found.chinese() == kind).ok_or_else(|| suggestion(kind, &known))?;
    if subject.trim().is_empty() || reason.trim().is_empty() {
        return Err(shape());
    }
    Ok((*found, subject.trim(), reason.trim()))
}

/// Marks the findings that the texts declare; a declaration of something that is not found is itself a finding.
pub(super) fn settle(library: &Library, findings: &mut Vec<Finding>) {
    let mut idle = Vec::new();
    for gap in &library.own_gaps {
        let mut spoken = false;
        let declared: Vec<Span> = library
            .defs
            .iter()
            .filter(|def| def_path(library, def) == gap.subject)
            .map(|def| def.span)
            .collect();
        for finding in findings.iter_mut() {
            let inside = |span: &Span| {
                span.source == finding.span.source && (span.start..span.end).contains(&finding.span.start)
            };
            let about = finding.subjects.contains(&gap.subject) || declared.iter().any(inside);
            if finding.kind == gap.kind && about {
                finding.declared.get_or_insert_with(|| gap.reason.clone());
                spoken = true;
            }
        }
        if !spoken {
            idle.push(
                Finding::warning(
                    FindingKind::Declaration,
                    gap.span,
                    format!("这里说的缺口没有查到：{} {}", gap.kind.chinese(), gap.subject),
                )
                .why("名称或者类别写错了，或者条文已经改好")
                .next("对照 policy check 报出的名称改正；已经改好的，删去这一行"),
            );
        }
    }
    findings.extend(idle);
}
