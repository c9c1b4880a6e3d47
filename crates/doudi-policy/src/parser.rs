//! Tokens -> declarations. Never stops at the first error: it skips to the next declaration and goes on.

mod clauses;
mod expression;

use crate::ast::{CheckDecl, Confidence, Decl, DeclKind, Expr, Name, Period, TemplatePart, TypeName};
use crate::diagnostic::{Diagnostic, suggestion};
use crate::lexer::{Punct, Token, TokenKind, lex};
use crate::source::{SourceId, Span};

/// Words that start a declaration, at the start of a line.
pub(crate) const DECLARATIONS: [&str; 8] = ["记录", "枚举", "输入", "参数", "群体", "规则", "例外", "疑点"];

/// Parses one 条文 block.
pub fn parse_block(text: &str, source: SourceId, offset: u32) -> (Vec<Decl>, Vec<Diagnostic>) {
    let (tokens, mut problems) = lex(text, source, offset);
    let tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token.kind, TokenKind::Comment(_))).collect();
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, terms: 0 };
    let mut decls = Vec::new();
    while !parser.at_end() {
        match parser.declaration() {
            Ok(decl) => decls.push(decl),
            Err(problem) => {
                problems.push(*problem);
                parser.skip_to_next_declaration();
            }
        }
    }
    (decls, problems)
}

pub(crate) type Parsed<T> = Result<T, Box<Diagnostic>>;

/// Nesting that a hand-written formula never reaches; deeper text is refused instead of overflowing the stack.
const MAX_DEPTH: u32 = 64;

/// Signs + − × ÷ of one formula: each puts what stands before it one level deeper.
const MAX_TERMS: u32 = 256;

pub(crate) struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: u32,
    terms: u32,
}

impl<'t> Parser<'t> {
    fn token(&self) -> &'t Token {
        // The lexer always ends with `End`, and `advance` never passes it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn at_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn advance(&mut self) -> &'t Token {
        let token = self.token();
        if !self.at_end() {
            self.at += 1;
        }
        token
    }

    fn previous_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].span
    }

    fn word(&self) -> Option<&'t str> {
        match &self.token().kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn peek_word(&self, ahead: usize) -> Option<&'t str> {
        match self.tokens.get(self.at + ahead).map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    fn is(&self, punct: Punct) -> bool {
        self.token().kind == TokenKind::Punct(punct)
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn eat(&mut self, punct: Punct) -> bool {
        let found = self.is(punct);
        if found {
            self.advance();
        }
        found
    }

    fn expected(&self, what: &str) -> Box<Diagnostic> {
        let found = match &self.token().kind {
            TokenKind::End => "这一块到此结束了".to_owned(),
            TokenKind::Word(word) => format!("却是“{word}”"),
            TokenKind::Number { digits, unit } => format!("却是“{digits}{unit}”"),
            TokenKind::Text(text) => format!("却是文字“{text}”"),
            TokenKind::Label(label) => format!("却是标签「{label}」"),
            TokenKind::Date(date) => format!("却是日期 {date}"),
            TokenKind::Punct(_) | TokenKind::Comment(_) => "却是别的符号".to_owned(),
        };
        Box::new(Diagnostic::error(self.token().span, format!("这里应当是{what}，{found}")))
    }

    fn need(&mut self, punct: Punct, what: &str) -> Parsed<()> {
        if self.eat(punct) { Ok(()) } else { Err(self.expected(what)) }
    }

    fn need_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(&format!("“{word}”"))) }
    }

    /// A word that is not the start of the next declaration: an unfinished one ends there.
    fn plain_word(&mut self, what: &str) -> Parsed<(String, Span)> {
        match &self.token().kind {
            TokenKind::Word(word) if !self.starts_declaration() => {
                self.advance();
                Ok((word.clone(), self.previous_span()))
            }
            _ => Err(self.expected(what)),
        }
    }

    fn text(&mut self, what: &str) -> Parsed<String> {
        match &self.token().kind {
            TokenKind::Text(text) => {
                self.advance();
                Ok(text.clone())
            }
            _ => Err(self.expected(what)),
        }
    }

    fn optional_text(&mut self, keyword: &str) -> Parsed<Option<String>> {
        if self.eat_word(keyword) { self.text("“……”一段文字").map(Some) } else { Ok(None) }
    }

    fn starts_declaration(&self) -> bool {
        self.token().starts_line && self.word().is_some_and(|word| DECLARATIONS.contains(&word))
    }

    fn skip_to_next_declaration(&mut self) {
        self.depth = 0;
        self.terms = 0;
        loop {
            if self.at_end() || self.starts_declaration() {
                return;
            }
            self.advance();
        }
    }

    fn declaration(&mut self) -> Parsed<Decl> {
        let start = self.token().span;
        let first = self.at;
        let word = match &self.token().kind {
            TokenKind::Word(word) => word.as_str(),
            _ => return Err(self.expected("一条声明（规则、例外、输入、参数、疑点……）")),
        };
        self.advance();
        let kind = match word {
            "记录" => self.record(),
            "枚举" => self.enumeration(),
            "输入" => self.input(),
            "参数" => self.parameter(),
            "群体" => self.set(),
            "规则" => self.rule(),
            "例外" => self.exception(),
            "疑点" => self.check(),
            other => Err(Box::new(
                Diagnostic::error(start, format!("“{other}”不能开始一条声明"))
                    .why("一块条文由若干条声明组成，每条从行首开始")
                    .next(suggestion(other, &DECLARATIONS)),
            )),
        }?;
        if !self.at_end() && !self.starts_declaration() {
            return Err(self.expected("下一条声明的开头，或者这条声明的后续部分"));
        }
        debug_assert!(self.at > first);
        Ok(Decl { kind, span: start.to(self.previous_span()) })
    }

    fn name(&mut self) -> Parsed<Name> {
        let (first, start) = self.plain_word("一个名称")?;
        let mut words = vec![first];
        while self.is(Punct::Dot) {
            self.advance();
            words.push(self.plain_word("“.”后面的名称")?.0);
        }
        let span = start.to(self.previous_span());
        let word = words.pop().unwrap_or_default();
        let last_month = words.last().is_some_and(|word| word == "上月");
        if last_month {
            words.pop();
        }
        let entity = words.pop();
        if !words.is_empty() {
            return Err(Box::new(
                Diagnostic::error(span, "名称里的“.”太多")
                    .next("写成 户.月收入、上月.月收入 或 户.上月.月收入"),
            ));
        }
        Ok(Name { entity, last_month, word, span })
    }

    fn words_list(&mut self) -> Parsed<Vec<String>> {
        let mut words = vec![self.plain_word("一个名称")?.0];
        while self.eat(Punct::Enumerate) {
            words.push(self.plain_word("“、”后面的名称")?.0);
        }
        Ok(words)
    }

    fn type_name(&mut self) -> Parsed<(TypeName, Option<Period>)> {
        let words = self.words_list()?;
        let ty = match words.as_slice() {
            [one] => match one.as_str() {
                "是否" => TypeName::YesNo,
                "金额" => TypeName::Money,
                "数额" => TypeName::Amount,
                "整数" | "人数" => TypeName::Count,
                "数" | "比例" => TypeName::Number,
                "日期" => TypeName::Date,
                "月份" => TypeName::Month,
                "时刻" => TypeName::Moment,
                other => TypeName::Named(other.to_owned()),
            },
            _ => TypeName::Labels(words),
        };
        // 金额/月: values are the same with or without it; the analysis keeps months and years apart.
        let period = match (self.is(Punct::Divide), self.peek_word(1)) {
            (true, Some("月")) => Some(Period::Month),
            (true, Some("年")) => Some(Period::Year),
            _ => None,
        };
        if period.is_some() {
            self.advance();
            self.advance();
        }
        Ok((ty, period))
    }

    fn question(&mut self) -> Parsed<Option<String>> {
        if self.eat(Punct::Question) { self.text("问句，写在“”里").map(Some) } else { Ok(None) }
    }

    fn record(&mut self) -> Parsed<DeclKind> {
        let (name, _) = self.plain_word("记录的名称")?;
        self.need_word("属于")?;
        let (owner, _) = self.plain_word("所属的实体（户 或 人）")?;
        Ok(DeclKind::Record { name, owner, question: self.question()? })
    }

    fn enumeration(&mut self) -> Parsed<DeclKind> {
        let (name, _) = self.plain_word("枚举的名称")?;
        self.need(Punct::Equal, "“=”")?;
        Ok(DeclKind::Enum { name, labels: self.words_list()? })
    }

    fn input(&mut self) -> Parsed<DeclKind> {
        let name = self.name()?;
        self.need(Punct::Colon, "“：”和类型")?;
        let (ty, period) = self.type_name()?;
        let non_negative = self.eat_word("不为负");
        let untried = if self.eat_word("不试") { Some(self.untried_values()?) } else { None };
        let question = self.question()?;
        let suppliers = self.optional_text("来源")?;
        let valid_months = if self.eat_word("有效") { Some(self.months()?) } else { None };
        Ok(DeclKind::Input { name, ty, period, non_negative, untried, question, suppliers, valid_months })
    }

    /// The options after 不试; none of them means that the whole fact is not tried.
    fn untried_values(&mut self) -> Parsed<Vec<String>> {
        let goes_on = matches!(self.word(), Some("来源" | "有效")) || self.starts_declaration();
        if self.word().is_none() || goes_on { Ok(Vec::new()) } else { self.words_list() }
    }

    fn months(&mut self) -> Parsed<u32> {
        match &self.token().kind {
            TokenKind::Number { digits, unit } if unit == "个月" => match digits.parse() {
                Ok(months) => {
                    self.advance();
                    Ok(months)
                }
                Err(_) => Err(self.expected("月数，如 12个月")),
            },
            _ => Err(self.expected("月数，如 12个月")),
        }
    }

    fn parameter(&mut self) -> Parsed<DeclKind> {
        let (name, _) = self.plain_word("参数的名称")?;
        let mut dimensions = Vec::new();
        if self.eat(Punct::OpenBracket) {
            dimensions = self.words_list()?;
            self.need(Punct::CloseBracket, "“]”")?;
        }
        self.need(Punct::Colon, "“：”和类型")?;
        let (ty, period) = self.type_name()?;
        Ok(DeclKind::Parameter { name, dimensions, ty, period, note: self.optional_text("说明")? })
    }

    fn set(&mut self) -> Parsed<DeclKind> {
        let (name, _) = self.plain_word("群体的名称")?;
        self.need(Punct::Equal, "“=”")?;
        let (base, _) = self.plain_word("从哪些里面选（成员，或一种记录）")?;
        self.need_word("当")?;
        Ok(DeclKind::Set { name, base, filter: self.expression()? })
    }

    fn rule(&mut self) -> Parsed<DeclKind> {
        let name = self.name()?;
        self.need(Punct::Colon, "“：”和类型")?;
        let (ty, period) = self.type_name()?;
        let body = self.rule_body()?;
        let reason = self.optional_text("理由")?;
        let confidence = self.confidence()?;
        Ok(DeclKind::Rule { name, ty, period, body, reason, confidence })
    }

    fn exception(&mut self) -> Parsed<DeclKind> {
        let rule = self.name()?;
        let label = self.label()?;
        self.need_word("当")?;
        let condition = self.expression()?;
        self.need_word("则")?;
        let value = self.expression()?;
        let before = if self.eat_word("优先于") { Some(self.label()?) } else { None };
        let reason = self.optional_text("理由")?;
        let confidence = self.confidence()?;
        Ok(DeclKind::Exception { rule, label, condition, value, reason, before, confidence })
    }

    fn label(&mut self) -> Parsed<String> {
        match &self.token().kind {
            TokenKind::Label(label) => {
                self.advance();
                Ok(label.clone())
            }
            _ => Err(self.expected("「标签」")),
        }
    }

    fn confidence(&mut self) -> Parsed<Option<(Confidence, String)>> {
        if !self.eat_word("把握") {
            return Ok(None);
        }
        let (word, span) = self.plain_word("高、中 或 低")?;
        let level = match word.as_str() {
            "高" => Confidence::High,
            "中" => Confidence::Medium,
            "低" => Confidence::Low,
            _ => return Err(Box::new(Diagnostic::error(span, "把握只能是 高、中 或 低"))),
        };
        let why = match &self.token().kind {
            TokenKind::Text(text) => {
                self.advance();
                text.clone()
            }
            _ => String::new(),
        };
        Ok(Some((level, why)))
    }

    fn check(&mut self) -> Parsed<DeclKind> {
        let (name, _) = self.plain_word("疑点的名称")?;
        self.need(Punct::OpenBracket, "[红]、[橙] 或 [黄]")?;
        let (severity, severity_span) = self.plain_word("红、橙 或 黄")?;
        if !["红", "橙", "黄"].contains(&severity.as_str()) {
            return Err(Box::new(Diagnostic::error(severity_span, "疑点的级别只能是 红、橙 或 黄")));
        }
        self.need(Punct::CloseBracket, "“]”")?;
        self.need_word("对")?;
        let (entity, _) = self.plain_word("人 或 户")?;
        self.need_word("当")?;
        let condition = self.expression()?;
        self.need_word("说明")?;
        let reason = self.template()?;
        let verify = self.optional_text("核查")?;
        let close = self.optional_text("销号")?;
        let stake = if self.eat_word("涉及金额") { Some(self.expression()?) } else { None };
        Ok(DeclKind::Check(Box::new(CheckDecl {
            name,
            severity,
            entity,
            condition,
            reason,
            verify,
            close,
            stake,
        })))
    }

    /// A text with `{式}` in it. The formulas are parsed where they stand, so their problems have their own places.
    fn template(&mut self) -> Parsed<Vec<TemplatePart>> {
        let token = self.token();
        let text = self.text("说明文字，写在“”里")?;
        let opening = 3; // “ in bytes; for an ASCII quotation mark places are two bytes off, which only moves a caret
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(open) = text[at..].find('{').map(|found| at + found) {
            let close = text[open..]
                .find('}')
                .map(|found| open + found)
                .ok_or_else(|| Box::new(Diagnostic::error(token.span, "说明文字里的“{”没有配对的“}”")))?;
            parts.push(TemplatePart::Text(text[at..open].to_owned()));
            parts.push(TemplatePart::Value(self.embedded(
                &text[open + 1..close],
                token.span,
                opening + open + 1,
            )?));
            at = close + 1;
        }
        parts.push(TemplatePart::Text(text[at..].to_owned()));
        parts.retain(|part| !matches!(part, TemplatePart::Text(text) if text.is_empty()));
        Ok(parts)
    }

    fn embedded(&self, text: &str, span: Span, offset: usize) -> Parsed<Expr> {
        let (tokens, problems) = lex(text, span.source, span.start + offset as u32);
        if let Some(problem) = problems.into_iter().next() {
            return Err(Box::new(problem));
        }
        let mut inner = Parser { tokens: &tokens, at: 0, depth: self.depth, terms: 0 };
        let expr = inner.expression()?;
        if inner.at_end() { Ok(expr) } else { Err(inner.expected("“}”")) }
    }
}
