//! Looking names up from where they stand: the row's own entity first, then what it belongs to.

use super::{Checked, Checker, Context};
use crate::ast::Name;
use crate::diagnostic::suggestion;
use crate::ir::{EntityId, Expr, ExprKind, Input, InputId, LastMonth, Now, Type};

impl Checker<'_> {
    /// The entity and everything it belongs to, nearest first.
    pub(super) fn scope(&self, entity: EntityId) -> Vec<EntityId> {
        std::iter::successors(Some(entity), |entity| self.library.entities.get(entity.index())?.parent)
            .collect()
    }

    pub(super) fn name(&mut self, name: &Name, expected: Option<Type>, context: Context) -> Checked<Expr> {
        let make = |kind, ty| Some(Expr { kind, ty, span: name.span });
        if name.entity.is_none() && !name.last_month {
            let now = match name.word.as_str() {
                "本月" => Some((Now::Month, Type::Month)),
                "上月" => Some((Now::LastMonth, Type::Month)),
                "月初" => Some((Now::FirstDay, Type::Date)),
                "月末" => Some((Now::LastDay, Type::Date)),
                _ => None,
            };
            if let Some((now, ty)) = now {
                return make(ExprKind::Now(now), ty);
            }
        }
        let scope = self.named_scope(name, context)?;
        for entity in &scope {
            if name.last_month {
                if let Some(id) = self.last_month(*entity, &name.word, name) {
                    return make(ExprKind::Input(id), self.library.inputs[id.index()].ty);
                }
                continue;
            }
            if let Some(id) = self.library.input_named(*entity, &name.word) {
                return make(ExprKind::Input(id), self.library.inputs[id.index()].ty);
            }
            if let Some(id) = self.library.rule_named(*entity, &name.word) {
                return make(ExprKind::Rule(id), self.library.rules[id.index()].ty);
            }
        }
        if name.entity.is_none() && !name.last_month {
            if let Some(Type::Enum(id)) = expected
                && let Some(at) = self.library.labels(id).iter().position(|label| *label == name.word)
            {
                return make(ExprKind::Constant(crate::value::Value::Label(at as u16)), Type::Enum(id));
            }
            if let Some(parameter) = self.library.parameter_named(&name.word) {
                return self.parameter(parameter, &[], name.span, context);
            }
        }
        self.unknown_name(name, &scope, expected)
    }

    fn named_scope(&mut self, name: &Name, context: Context) -> Checked<Vec<EntityId>> {
        let scope = self.scope(context.entity);
        let Some(entity) = &name.entity else { return Some(scope) };
        match self.library.entity_named(entity) {
            Some(id) if scope.contains(&id) => Some(vec![id]),
            Some(_) => self.fail(
                name.span,
                format!("这里看不到“{entity}”的“{}”", name.word),
                format!("要先用 合计、计数、任一、全部 从一组{entity}里得出一个结果"),
            ),
            None => {
                let names: Vec<&str> =
                    self.library.entities.iter().map(|entity| entity.name.as_str()).collect();
                let next = suggestion(entity, &names);
                self.fail(name.span, format!("没有叫“{entity}”的实体"), next)
            }
        }
    }

    /// 上月.x is a fact of its own: the value that x had in last month's clearing, from the ledger.
    fn last_month(&mut self, entity: EntityId, word: &str, name: &Name) -> Option<InputId> {
        let own = format!("上月.{word}");
        if let Some(id) = self.library.input_named(entity, &own) {
            return Some(id);
        }
        let found = (self.library.input_named(entity, word), self.library.rule_named(entity, word));
        let (ty, period, of) = match found {
            (Some(id), _) => {
                let input = &self.library.inputs[id.index()];
                (input.ty, input.period, LastMonth::Input(id))
            }
            (None, Some(id)) => {
                let rule = &self.library.rules[id.index()];
                (rule.ty, rule.period, LastMonth::Rule(id))
            }
            (None, None) => return None,
        };
        let article = self.library.articles.iter().position(|article| {
            self.library
                .documents
                .get(article.document as usize)
                .is_some_and(|doc| doc.source == name.span.source)
        });
        self.library.inputs.push(Input {
            entity,
            name: own,
            ty,
            period,
            non_negative: false,
            // What the ledger says of last month has been.
            untried: crate::ir::Untried::Everything,
            question: None,
            suppliers: Some("上月清算结果".into()),
            valid_months: None,
            last_month_of: Some(of),
            article: crate::ir::ArticleId(article.unwrap_or(0) as u32),
        });
        Some(InputId(self.library.inputs.len() as u32 - 1))
    }

    fn unknown_name(&mut self, name: &Name, scope: &[EntityId], expected: Option<Type>) -> Checked<Expr> {
        let library = &*self.library;
        let mut valid: Vec<&str> = Vec::new();
        if let Some(Type::Enum(id)) = expected {
            valid.extend(library.labels(id).iter().map(String::as_str));
        }
        for entity in scope {
            valid.extend(
                library
                    .inputs
                    .iter()
                    .filter(|input| input.entity == *entity)
                    .map(|input| input.name.as_str()),
            );
            valid.extend(
                library.rules.iter().filter(|rule| rule.entity == *entity).map(|rule| rule.name.as_str()),
            );
        }
        valid.extend(library.parameters.iter().map(|parameter| parameter.name.as_str()));
        let next = suggestion(&name.word, &valid);
        self.fail(name.span, format!("没有叫“{}”的事实、规则或参数", name.word), next)
    }
}
