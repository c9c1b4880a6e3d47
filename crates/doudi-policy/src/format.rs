//! One layout for 条文 blocks: a declaration starts at the margin, its clauses are indented by two, one blank between
//! words, full-width marks. Only tokens are moved, so the meaning cannot change; text outside the blocks is not touched.

use crate::lexer::{Punct, Token, TokenKind, lex};
use crate::parser::DECLARATIONS;
use crate::source::SourceId;

/// Formats every 条文 block of a document. A block that does not lex is left as it is.
pub fn format_document(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut block: Option<String> = None;
    for line in text.split_inclusive('\n') {
        match (&mut block, line.trim()) {
            (None, "```条文") => {
                out.push_str(line);
                block = Some(String::new());
            }
            (Some(body), "```") => {
                out.push_str(&format_block(body));
                out.push_str(line);
                block = None;
            }
            (Some(body), _) => body.push_str(line),
            (None, _) => out.push_str(line),
        }
    }
    out.push_str(block.as_deref().unwrap_or(""));
    out
}

/// Clause words that start an indented line where the author broke the line before them.
fn format_block(text: &str) -> String {
    let (tokens, problems) = lex(text, SourceId(0), 0);
    if !problems.is_empty() {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut previous: Option<&Token> = None;
    for token in &tokens {
        if token.kind == TokenKind::End {
            break;
        }
        match previous {
            None => {}
            Some(before) if token.starts_line => {
                out.push('\n');
                let gap = text.get(before.span.end as usize..token.span.start as usize).unwrap_or("");
                if gap.matches('\n').count() > 1 {
                    out.push('\n');
                }
            }
            Some(before) => out.push_str(if glued(before, token) { "" } else { " " }),
        }
        if token.starts_line && !starts_declaration(token, text) {
            out.push_str(indent(token));
        }
        out.push_str(&written(token, text));
        previous = Some(token);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn starts_declaration(token: &Token, text: &str) -> bool {
    match &token.kind {
        TokenKind::Word(word) => DECLARATIONS.contains(&word.as_str()),
        // A comment keeps to the margin if the author wrote it there.
        TokenKind::Comment(_) => {
            let start = token.span.start as usize;
            start == 0 || text.as_bytes().get(start - 1) == Some(&b'\n')
        }
        _ => false,
    }
}

/// 且 and 或 that go on a condition stand deeper than the clauses.
fn indent(token: &Token) -> &'static str {
    match &token.kind {
        TokenKind::Word(word) if matches!(word.as_str(), "且" | "或" | "优先于" | "+" | "−") => "    ",
        _ => "  ",
    }
}

fn glued(before: &Token, after: &Token) -> bool {
    use Punct::{Close, CloseBracket, Colon, Comma, Dot, Enumerate, Open, OpenBracket};
    let opens = matches!(before.kind, TokenKind::Punct(Open | OpenBracket | Dot | Enumerate));
    let closes =
        matches!(after.kind, TokenKind::Punct(Close | CloseBracket | Colon | Comma | Dot | Enumerate));
    let called = matches!(after.kind, TokenKind::Punct(Open)) && matches!(before.kind, TokenKind::Word(_));
    let called = called && !after_keyword(before);
    let indexed = matches!(after.kind, TokenKind::Punct(OpenBracket)) && before.span.end == after.span.start;
    let labelled = matches!(after.kind, TokenKind::Label(_)) && before.span.end == after.span.start;
    // 金额/月, and a sign before its number, stay as written.
    let slash = |token: &Token| matches!(token.kind, TokenKind::Punct(Punct::Divide | Punct::Minus));
    let tight = (slash(before) || slash(after)) && before.span.end == after.span.start;
    opens || closes || called || indexed || labelled || tight
}

fn after_keyword(token: &Token) -> bool {
    const KEYWORDS: [&str; 22] = [
        "当",
        "则",
        "否则",
        "且",
        "或",
        "非",
        "的",
        "为",
        "不为",
        "低于",
        "超过",
        "不低于",
        "不超过",
        "不少于",
        "少于",
        "高于",
        "等于",
        "不等于",
        "早于",
        "晚于",
        "不早于",
        "不晚于",
    ];
    matches!(&token.kind, TokenKind::Word(word) if KEYWORDS.contains(&word.as_str()))
}

/// The token as written, except that punctuation takes one form.
fn written(token: &Token, text: &str) -> String {
    let source = text.get(token.span.start as usize..token.span.end as usize).unwrap_or("");
    let mark = match token.kind {
        TokenKind::Punct(Punct::Times) => "×",
        TokenKind::Punct(Punct::Divide) if source != "/" => "÷",
        TokenKind::Punct(Punct::Minus) => "−",
        TokenKind::Punct(Punct::Open) => "(",
        TokenKind::Punct(Punct::Close) => ")",
        TokenKind::Punct(Punct::OpenBracket) => "[",
        TokenKind::Punct(Punct::CloseBracket) => "]",
        TokenKind::Punct(Punct::Colon) => ":",
        TokenKind::Punct(Punct::Question) => "？",
        TokenKind::Punct(Punct::Plus) => "+",
        _ => return source.to_owned(),
    };
    mark.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# 标题\n\n> 原文，不动  的\n\n```条文\n规则   户.低保金：金额/月\n当  低保对象   则 四舍五入到分（ 标准[ 城乡 ]*人数 - 月收入）\n      否则 0元 -- 说明\n\n-- 注释\n例外 户.低保金 「渐退」 当 甲\n且 (乙 或 丙) 则 原值\n```\n";

    #[test]
    fn only_blocks_are_laid_out_and_the_law_is_not_touched() {
        let expected = "# 标题\n\n> 原文，不动  的\n\n```条文\n规则 户.低保金: 金额/月\n  当 低保对象 则 四舍五入到分(标准[城乡] × 人数 − 月收入)\n  否则 0元 -- 说明\n\n-- 注释\n例外 户.低保金 「渐退」 当 甲\n    且 (乙 或 丙) 则 原值\n```\n";
        assert_eq!(format_document(DOCUMENT), expected);
    }

    #[test]
    fn a_formatted_document_stays_as_it_is() {
        let once = format_document(DOCUMENT);
        assert_eq!(format_document(&once), once);
    }

    #[test]
    fn what_is_never_tried_keeps_its_options() {
        let loose = "```条文\n输入 人.状态：正常、死亡   不试  死亡、 失联 ? “怎样？”\n输入 人.性别: 男、女 不试\n```\n";
        let laid =
            "```条文\n输入 人.状态: 正常、死亡 不试 死亡、失联 ？ “怎样？”\n输入 人.性别: 男、女 不试\n```\n";
        assert_eq!(format_document(loose), laid);
    }

    #[test]
    fn what_does_not_lex_is_left_alone() {
        let broken = "```条文\n规则  户.甲: 是否 = “没有关\n```\n";
        assert_eq!(format_document(broken), broken);
    }
}
