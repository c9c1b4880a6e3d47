//! Texts that nothing carries out and formulas that nothing carries: rule words without 条文 or 未实现, 条文 without the
//! law's words, and names that nobody uses or nobody can answer.

use super::bound_words::bounds;
use super::passages::Passage;
use super::{Finding, FindingKind};
use crate::document::{BlockKind, Rank};
use crate::ir::{CheckId, InputId, PERSON, RuleId};
use crate::library::Library;
use crate::references::{Declaration, Named, Uses};
use crate::source::Span;
use std::collections::BTreeSet;

/// Words by which a text lays something down.
const RULE_WORDS: [&str; 14] = [
    "应当",
    "必须",
    "不得",
    "给予",
    "发给",
    "予以",
    "按月",
    "不计入",
    "方可",
    "日内",
    "个月内",
    "小时内",
    "执行",
    "认定为",
];

/// Signs that a quotation tells the sense and not the words.
const PARAPHRASE: &str = "大意";

pub(super) fn findings(library: &Library, passages: &[Passage]) -> Vec<Finding> {
    let mut found = Vec::new();
    for passage in passages {
        found.extend(not_carried_out(library, passage));
        found.extend(without_text(library, passage));
    }
    found.extend(paraphrased(library, passages));
    found.extend(unused(library));
    found
}

/// A quotation with rule words, and under it neither a formula nor the reason why there is none.
fn not_carried_out(library: &Library, passage: &Passage) -> Option<Finding> {
    let at = passage.quoted_at?;
    let said = passage.kinds(library).any(|kind| kind != BlockKind::Cases);
    if said {
        return None;
    }
    let word =
        RULE_WORDS.iter().find(|word| passage.quotation.contains(**word)).map(|word| (*word).to_owned());
    let word = word.or_else(|| bounds(&passage.quotation).first().map(|bound| bound.phrase.clone()))?;
    Some(
        Finding::warning(
            FindingKind::Citation,
            at,
            format!("原文写“{word}”，下面没有条文，也没有写明不执行"),
        )
        .why("抄上来的规定要么由式子执行，要么说明为什么不执行，看的人才知道程序做不做这一条")
        .next("在原文下面写一块条文；不由程序执行的，写一块“未实现”说明原因"),
    )
}

/// Formulas without a heading or without the law's words above them.
fn without_text(library: &Library, passage: &Passage) -> Option<Finding> {
    let document = passage.document(library)?;
    if document.rank == Rank::Vocabulary || !(passage.quotation.is_empty() || passage.heading.is_empty()) {
        return None;
    }
    let block = passage
        .blocks
        .iter()
        .filter_map(|index| document.blocks.get(*index))
        .find(|block| block.kind == BlockKind::Articles)?;
    let decides = |span: Span| {
        span.source == block.span.source && block.span.start <= span.start && span.end <= block.span.end
    };
    let first = library.defs.iter().map(|def| def.span).chain(library.checks.iter().map(|check| check.span));
    let span = first.filter(|span| decides(*span)).min()?;
    let what = match passage.heading.is_empty() {
        true => "条文不在任何一条的标题下，没有条次可以引用",
        false => "条文上面没有引用原文",
    };
    Some(
        Finding::warning(FindingKind::Citation, span, what)
            .why("通知和说明里要写依据哪份文件哪一条，看的人要能拿式子和原文对")
            .next("在上面写“## 第几条”，再用“> ”抄上它所执行的原文"),
    )
}

/// One note for each document whose formulas stand under the sense of a text instead of its words.
fn paraphrased(library: &Library, passages: &[Passage]) -> Vec<Finding> {
    let mut found: Vec<(u32, Span, Vec<&str>)> = Vec::new();
    for passage in passages {
        let (Some(at), true) = (passage.quoted_at, passage.quotation.contains(PARAPHRASE)) else { continue };
        if !passage.kinds(library).any(|kind| kind == BlockKind::Articles) {
            continue;
        }
        match found.last_mut().filter(|(document, ..)| *document == passage.document) {
            Some((_, _, headings)) if headings.contains(&passage.heading.as_str()) => {}
            Some((_, _, headings)) => headings.push(&passage.heading),
            None => found.push((passage.document, at, vec![&passage.heading])),
        }
    }
    found
        .into_iter()
        .map(|(_, at, headings)| {
            let what = format!("{} 条的式子依的是原文大意：{}", headings.len(), headings.join("、"));
            Finding::note(FindingKind::Citation, at, what)
                .why("大意里的界限词可能不是原文的界限词")
                .next("找到原文以后逐字抄上，去掉“（大意）”")
        })
        .collect()
}

/// Names that a note lists; more are counted.
const SHOWN: usize = 6;

/// Parameters and facts that nothing reads, and facts that nobody asks and no roster brings. Facts are told once for a
/// document: some wait there for texts still to come.
fn unused(library: &Library) -> Vec<Finding> {
    let read = everything_read(library, &Uses::of(library));
    let mut found = Vec::new();
    let mut idle: Vec<(u32, Span, Vec<String>)> = Vec::new();
    let mut unanswered: Vec<(u32, Span, Vec<String>)> = Vec::new();
    for declaration in library.declarations() {
        let name = library.path(declaration.named);
        match declaration.named {
            Named::Parameter(_) if !read.contains(&declaration.named) => found.push(
                Finding::warning(FindingKind::Unused, declaration.span, format!("参数“{name}”没有式子用"))
                    .why("参数表里它的值不起作用，看的人会以为在用")
                    .next("写出用它的式子，或者删去这个参数和参数表里的行"),
            ),
            Named::Input(_) if !read.contains(&declaration.named) => add(&mut idle, &declaration, name),
            Named::Input(id) if nobody_answers(library, id) => add(&mut unanswered, &declaration, name),
            _ => {}
        }
    }
    found.extend(idle.into_iter().map(|(_, at, names)| {
        Finding::note(FindingKind::Unused, at, format!("{} 项事实没有式子用：{}", names.len(), list(&names)))
            .next("没有用处的不要再问、再收；只在名册里对照用的可以留着")
    }));
    found.extend(unanswered.into_iter().map(|(_, at, names)| {
        let what =
            format!("{} 项事实有式子用，没有写怎样问，也没有写哪个名册有：{}", names.len(), list(&names));
        Finding::note(FindingKind::Unused, at, what)
            .why("没有人给出的事实是不详，用它的式子也是不详")
            .next("后面写 ？ “入户怎样问？” 或 来源 “哪个名册”；逐件办理时由经办人填的可以不写")
    }));
    found
}

fn add(told: &mut Vec<(u32, Span, Vec<String>)>, declaration: &Declaration, name: String) {
    match told.iter_mut().find(|(document, ..)| *document == declaration.document) {
        Some((_, _, names)) => names.push(name),
        None => told.push((declaration.document, declaration.span, vec![name])),
    }
}

fn list(names: &[String]) -> String {
    let more = if names.len() > SHOWN { "等" } else { "" };
    format!("{}{more}", names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("、"))
}

/// Fields of a record are asked for and brought with their record.
fn nobody_answers(library: &Library, id: InputId) -> bool {
    library
        .inputs
        .get(id.index())
        .is_some_and(|input| input.entity <= PERSON && input.question.is_none() && input.suppliers.is_none())
}

fn everything_read(library: &Library, uses: &Uses) -> BTreeSet<Named> {
    let rules = (0..library.rules.len()).map(|at| Named::Rule(RuleId(at as u32)));
    let checks = (0..library.checks.len()).map(|at| Named::Check(CheckId(at as u32)));
    let sets = (0..library.sets.len()).map(|at| Named::Set(at as u32));
    rules.chain(checks).chain(sets).flat_map(|user| uses.uses(user).collect::<Vec<_>>()).collect()
}
