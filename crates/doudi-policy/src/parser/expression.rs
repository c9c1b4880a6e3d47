//! Formulas, from 或 (binds least) down to names and numbers.

use super::{MAX_DEPTH, MAX_TERMS, Parsed, Parser};
use crate::ast::{AggregateOp, Arith, Compare, Expr, ExprKind, Name};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Punct, TokenKind};
use crate::source::Span;

/// Words for comparisons. 以上、以下、以内 include the number (民法典第一千二百五十九条); 低于、超过、不满 do not.
pub(crate) const COMPARISONS: [(&str, Compare); 14] = [
    ("低于", Compare::Less),
    ("不满", Compare::Less),
    ("少于", Compare::Less),
    ("早于", Compare::Less),
    ("超过", Compare::Greater),
    ("高于", Compare::Greater),
    ("晚于", Compare::Greater),
    ("不低于", Compare::GreaterEqual),
    ("不少于", Compare::GreaterEqual),
    ("不早于", Compare::GreaterEqual),
    ("不超过", Compare::LessEqual),
    ("不晚于", Compare::LessEqual),
    ("等于", Compare::Equal),
    ("不等于", Compare::NotEqual),
];

const AGGREGATES: [(&str, AggregateOp); 6] = [
    ("合计", AggregateOp::Sum),
    ("计数", AggregateOp::Count),
    ("任一", AggregateOp::Any),
    ("全部", AggregateOp::All),
    ("最大", AggregateOp::Max),
    ("最小", AggregateOp::Min),
];

/// Words that never name a value: using one as a name is almost always a forgotten part before it.
const RESERVED: [&str; 19] = [
    "以上",
    "以下",
    "以内",
    "当",
    "则",
    "否则",
    "且",
    "或",
    "为",
    "不为",
    "至",
    "之间",
    "的",
    "理由",
    "把握",
    "说明",
    "核查",
    "销号",
    "优先于",
];

impl Parser<'_> {
    pub(crate) fn expression(&mut self) -> Parsed<Expr> {
        self.inside(Self::either)
    }

    /// Parses what stands inside something else, as deep as is allowed.
    fn inside<T>(&mut self, parse: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == 0 {
            self.terms = 0;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.token().span));
        }
        let found = parse(self)?;
        self.depth -= 1;
        Ok(found)
    }

    fn either(&mut self) -> Parsed<Expr> {
        let first = self.both()?;
        self.chain(first, "或", Self::both, ExprKind::Or)
    }

    fn both(&mut self) -> Parsed<Expr> {
        let first = self.negation()?;
        self.chain(first, "且", Self::negation, ExprKind::And)
    }

    fn chain(
        &mut self,
        first: Expr,
        word: &str,
        next: fn(&mut Self) -> Parsed<Expr>,
        make: fn(Vec<Expr>) -> ExprKind,
    ) -> Parsed<Expr> {
        if !self.is_word(word) {
            return Ok(first);
        }
        let start = first.span;
        let mut parts = vec![first];
        while self.eat_word(word) {
            parts.push(next(self)?);
        }
        Ok(Expr { kind: make(parts), span: start.to(self.previous_span()) })
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let start = self.token().span;
        let mut count = 0;
        while self.eat_word("非") {
            count += 1;
        }
        let inner = self.comparison()?;
        Ok(if count % 2 == 1 {
            Expr { span: start.to(inner.span), kind: ExprKind::Not(Box::new(inner)) }
        } else {
            inner
        })
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.sum()?;
        let start = left.span;
        let kind = if let Some(op) = self.comparison_word() {
            self.advance();
            ExprKind::Compare(op, Box::new(left), Box::new(self.sum()?))
        } else if self.is_word("为") || self.is_word("不为") {
            let negated = self.is_word("不为");
            self.advance();
            ExprKind::Is { value: Box::new(left), labels: self.labels()?, negated }
        } else if self.is_word("在") {
            self.advance();
            let from = self.sum()?;
            // 以上、以下、以内 include the number (民法典第一千二百五十九条).
            let one_sided = match self.word() {
                Some("以上") => Some(Compare::GreaterEqual),
                Some("以下" | "以内") => Some(Compare::LessEqual),
                _ => None,
            };
            if let Some(op) = one_sided {
                self.advance();
                let kind = ExprKind::Compare(op, Box::new(left), Box::new(from));
                return Ok(Expr { kind, span: start.to(self.previous_span()) });
            }
            self.need_word("至")?;
            let to = self.sum()?;
            self.need_word("之间")?;
            ExprKind::Between(Box::new(left), Box::new(from), Box::new(to))
        } else {
            return Ok(left);
        };
        Ok(Expr { kind, span: start.to(self.previous_span()) })
    }

    fn comparison_word(&self) -> Option<Compare> {
        match &self.token().kind {
            TokenKind::Word(word) => COMPARISONS.iter().find(|(name, _)| name == word).map(|(_, op)| *op),
            TokenKind::Punct(Punct::Less) => Some(Compare::Less),
            TokenKind::Punct(Punct::LessEqual) => Some(Compare::LessEqual),
            TokenKind::Punct(Punct::Greater) => Some(Compare::Greater),
            TokenKind::Punct(Punct::GreaterEqual) => Some(Compare::GreaterEqual),
            TokenKind::Punct(Punct::Equal) => Some(Compare::Equal),
            TokenKind::Punct(Punct::NotEqual) => Some(Compare::NotEqual),
            _ => None,
        }
    }

    fn labels(&mut self) -> Parsed<Vec<(String, Span)>> {
        let mut labels = vec![self.plain_word("一个选项")?];
        while self.eat(Punct::Enumerate) {
            labels.push(self.plain_word("“、”后面的选项")?);
        }
        Ok(labels)
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        while let Some(op) = self.arith(&[Punct::Plus, Punct::Minus]) {
            self.longer()?;
            let right = self.product()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Arith(op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.signed()?;
        while let Some(op) = self.arith(&[Punct::Times, Punct::Divide]) {
            self.longer()?;
            let right = self.signed()?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Arith(op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    /// One more term or factor: what stands before it is one level deeper.
    fn longer(&mut self) -> Parsed<()> {
        self.terms += 1;
        if self.terms > MAX_TERMS { Err(too_deep(self.token().span)) } else { Ok(()) }
    }

    fn arith(&mut self, accepted: &[Punct]) -> Option<Arith> {
        let TokenKind::Punct(punct) = self.token().kind else { return None };
        let op = accepted.contains(&punct).then(|| Arith::from_punct(punct))??;
        self.advance();
        Some(op)
    }

    fn signed(&mut self) -> Parsed<Expr> {
        let start = self.token().span;
        if self.eat(Punct::Minus) {
            let inner = self.primary()?;
            return Ok(Expr { span: start.to(inner.span), kind: ExprKind::Negate(Box::new(inner)) });
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.token().span;
        let kind = match &self.token().kind {
            TokenKind::Punct(Punct::Open) => {
                self.advance();
                let inner = self.expression()?;
                self.need(Punct::Close, "“）”")?;
                return Ok(Expr { span: start.to(self.previous_span()), ..inner });
            }
            TokenKind::Number { digits, unit } => {
                self.advance();
                ExprKind::Number { digits: digits.clone(), unit: unit.clone() }
            }
            TokenKind::Date(date) => {
                self.advance();
                ExprKind::Date(*date)
            }
            TokenKind::Word(word) if !self.starts_declaration() => return self.word_expression(word, start),
            _ => return Err(self.expected("一个数、名称或“（”")),
        };
        Ok(Expr { kind, span: start.to(self.previous_span()) })
    }

    fn word_expression(&mut self, word: &str, start: Span) -> Parsed<Expr> {
        let kind = match word {
            "是" | "否" => {
                self.advance();
                ExprKind::YesNo(word == "是")
            }
            "原值" => {
                self.advance();
                ExprKind::Original
            }
            "不详" => {
                self.advance();
                self.unknown()?
            }
            "在" => {
                self.advance();
                let day = self.inside(Self::sum)?;
                self.need_word("的周岁")?;
                ExprKind::Age(Box::new(day))
            }
            "适用" => {
                self.advance();
                let rule = self.name()?;
                ExprKind::Applies { rule, label: self.label()? }
            }
            _ if RESERVED.contains(&word) => return Err(self.expected("一个数、名称或“（”")),
            _ => self.name_or_call(word)?,
        };
        Ok(Expr { kind, span: start.to(self.previous_span()) })
    }

    fn unknown(&mut self) -> Parsed<ExprKind> {
        if !self.eat(Punct::Open) {
            return Ok(ExprKind::Unknown(None));
        }
        let note = self.text("要查明什么，写在“”里")?;
        self.need(Punct::Close, "“）”")?;
        Ok(ExprKind::Unknown(Some(note)))
    }

    fn name_or_call(&mut self, word: &str) -> Parsed<ExprKind> {
        let aggregate = AGGREGATES.iter().find(|(name, _)| *name == word).map(|(_, op)| *op);
        let name = self.name()?;
        if self.is(Punct::Open) && name.entity.is_none() && !name.last_month {
            self.advance();
            return match aggregate {
                Some(op) => self.aggregate(op),
                None => self.call(name),
            };
        }
        if self.eat(Punct::OpenBracket) {
            let mut dimensions = vec![self.inside(Self::sum)?];
            while self.eat(Punct::Enumerate) || self.eat(Punct::Comma) {
                dimensions.push(self.inside(Self::sum)?);
            }
            self.need(Punct::CloseBracket, "“]”")?;
            return Ok(ExprKind::Parameter { name, dimensions });
        }
        Ok(ExprKind::Name(name))
    }

    fn call(&mut self, name: Name) -> Parsed<ExprKind> {
        let mut arguments = vec![self.expression()?];
        while self.eat(Punct::Comma) || self.eat(Punct::Enumerate) {
            arguments.push(self.expression()?);
        }
        self.need(Punct::Close, "“）”")?;
        Ok(ExprKind::Call { function: name.word, arguments })
    }

    fn aggregate(&mut self, op: AggregateOp) -> Parsed<ExprKind> {
        let set = self.name()?;
        let filter = if self.eat_word("当") { Some(Box::new(self.expression()?)) } else { None };
        let value = if self.eat_word("的") { Some(Box::new(self.expression()?)) } else { None };
        self.need(Punct::Close, "“）”")?;
        Ok(ExprKind::Aggregate { op, set, filter, value })
    }
}

fn too_deep(span: Span) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(span, "式子太长或嵌套太深").next("把中间结果另立一条规则，起一个名字"))
}
