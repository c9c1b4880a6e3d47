//! The body of a rule: one formula, or 当 … 则 … lines.

use super::{Parsed, Parser};
use crate::ast::{Clause, RuleBody};
use crate::lexer::Punct;

impl Parser<'_> {
    pub(super) fn rule_body(&mut self) -> Parsed<RuleBody> {
        if self.eat(Punct::Equal) {
            return self.expression().map(RuleBody::Formula);
        }
        let mut clauses = Vec::new();
        while self.is_word("当") {
            let start = self.token().span;
            self.advance();
            let condition = self.expression()?;
            self.need_word("则")?;
            let value = self.expression()?;
            // Only a reason on the clause's own lines is the clause's; a rule's reason comes after 否则.
            let reason = self.optional_text("理由")?;
            clauses.push(Clause { condition, value, reason, span: start.to(self.previous_span()) });
        }
        let otherwise = if self.eat_word("否则") { Some(self.expression()?) } else { None };
        if clauses.is_empty() {
            return Err(self.expected("“= 式子”，或者“当 条件 则 结果”"));
        }
        Ok(RuleBody::Clauses { clauses, otherwise })
    }
}
