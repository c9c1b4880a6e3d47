//! Second pass: every formula named and typed. Errors say which names or types would have been valid.

mod names;
mod typing;

use crate::ast::{self, CheckDecl, DeclKind, RuleBody, TemplatePart};
use crate::diagnostic::{Diagnostic, suggestion};
use crate::ir::{Body, Check, Def, DefId, EntityId, EnumId, Expr, IrClause, RuleId, Template, Type};
use crate::library::{Library, Placed};
use crate::source::Span;

pub(crate) struct Checker<'l> {
    library: &'l mut Library,
    problems: &'l mut Vec<Diagnostic>,
}

/// Where a formula stands.
#[derive(Clone, Copy)]
struct Context {
    entity: EntityId,
    /// Type of 原值, inside an exception.
    original: Option<Type>,
}

/// `None` = an error was reported.
type Checked<T> = Option<T>;

impl<'l> Checker<'l> {
    pub(crate) fn new(library: &'l mut Library, problems: &'l mut Vec<Diagnostic>) -> Checker<'l> {
        Checker { library, problems }
    }

    pub(crate) fn check(&mut self, decls: &[Placed]) {
        // Sets first: aggregates look their filters up.
        for placed in decls {
            if let DeclKind::Set { name, base, filter } = &placed.decl.kind {
                self.set(name, base, filter);
            }
        }
        for placed in decls {
            match &placed.decl.kind {
                DeclKind::Rule { .. } => self.rule(placed),
                DeclKind::Exception { .. } => self.exception(placed),
                DeclKind::Check(check) => self.check_decl(check, placed),
                _ => {}
            }
        }
        self.check_applies();
    }

    fn fail<T>(&mut self, span: Span, what: impl Into<String>, next: impl Into<String>) -> Checked<T> {
        self.problems.push(Diagnostic::error(span, what).next(next));
        None
    }

    fn set(&mut self, name: &str, base: &str, filter: &ast::Expr) {
        let Some(at) = self.library.sets.iter().position(|set| set.name == name) else { return };
        let context = Context { entity: self.library.sets[at].over, original: None };
        let inherited =
            self.library.sets.iter().find(|set| set.name == base).and_then(|set| set.filter.clone());
        let Some(own) = self.expect(filter, Type::YesNo, context) else { return };
        self.library.sets[at].filter = Some(match inherited {
            None => own,
            Some(first) => {
                Expr { span: own.span, ty: Type::YesNo, kind: crate::ir::ExprKind::And(vec![first, own]) }
            }
        });
    }

    fn rule(&mut self, placed: &Placed) {
        let DeclKind::Rule { name, body, reason, confidence, .. } = &placed.decl.kind else { return };
        let Some(id) = self.rule_of(name) else { return };
        let (entity, ty) = (self.library.rules[id.index()].entity, self.library.rules[id.index()].ty);
        let context = Context { entity, original: None };
        let body = match body {
            RuleBody::Formula(expr) => self.expect(expr, ty, context).map(Body::Formula),
            RuleBody::Clauses { clauses, otherwise } => {
                self.clauses(clauses, otherwise.as_ref(), ty, context)
            }
        };
        let Some(body) = body else { return };
        self.add_def(id, placed, body, DefParts { label: None, before: None, reason, confidence });
    }

    fn clauses(
        &mut self,
        clauses: &[ast::Clause],
        otherwise: Option<&ast::Expr>,
        ty: Type,
        context: Context,
    ) -> Checked<Body> {
        let mut checked = Vec::new();
        for clause in clauses {
            let condition = self.expect(&clause.condition, Type::YesNo, context);
            let value = self.expect(&clause.value, ty, context);
            checked.push(IrClause { condition: condition?, value: value?, reason: clause.reason.clone() });
        }
        let otherwise = match otherwise {
            None => None,
            Some(expr) => Some(self.expect(expr, ty, context)?),
        };
        Some(Body::Clauses { clauses: checked, otherwise })
    }

    fn exception(&mut self, placed: &Placed) {
        let DeclKind::Exception { rule, label, condition, value, reason, before, confidence } =
            &placed.decl.kind
        else {
            return;
        };
        let Some(id) = self.rule_of(rule) else { return };
        let (entity, ty) = (self.library.rules[id.index()].entity, self.library.rules[id.index()].ty);
        let context = Context { entity, original: Some(ty) };
        let condition = self.expect(condition, Type::YesNo, context);
        let value = self.expect(value, ty, context);
        let (Some(condition), Some(value)) = (condition, value) else { return };
        let modifies = value.uses_original() || condition.uses_original();
        let body = Body::Exception { condition, value, modifies };
        let rest = DefParts { label: Some(label.clone()), before: before.clone(), reason, confidence };
        self.add_def(id, placed, body, rest);
    }

    fn add_def(&mut self, rule: RuleId, placed: &Placed, body: Body, rest: DefParts<'_>) {
        let id = DefId(self.library.defs.len() as u32);
        self.library.rules[rule.index()].defs.push(id);
        self.library.defs.push(Def {
            rule,
            label: rest.label,
            before: rest.before,
            body,
            article: placed.article,
            document: placed.document,
            span: placed.decl.span,
            reason: rest.reason.clone(),
            confidence: rest.confidence.clone(),
        });
    }

    fn rule_of(&mut self, name: &ast::Name) -> Checked<RuleId> {
        let entity = name.entity.as_deref().and_then(|entity| self.library.entity_named(entity));
        if let Some(id) = entity.and_then(|entity| self.library.rule_named(entity, &name.word)) {
            return Some(id);
        }
        let paths: Vec<String> = self.library.rules.iter().map(|rule| self.rule_path(rule)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let wrong =
            name.entity.as_ref().map_or(name.word.clone(), |entity| format!("{entity}.{}", name.word));
        self.fail(name.span, format!("没有叫“{wrong}”的规则"), suggestion(&wrong, &paths))
    }

    fn rule_path(&self, rule: &crate::ir::Rule) -> String {
        let entity = self.library.entities.get(rule.entity.index()).map_or("", |entity| entity.name.as_str());
        format!("{entity}.{}", rule.name)
    }

    fn check_decl(&mut self, decl: &CheckDecl, placed: &Placed) {
        let Some(entity) = self.library.entity_named(&decl.entity) else {
            self.fail::<()>(
                placed.decl.span,
                format!("疑点的对象“{}”不对", decl.entity),
                "写 对 人 或 对 户",
            );
            return;
        };
        let context = Context { entity, original: None };
        let condition = self.expect(&decl.condition, Type::YesNo, context);
        let mut reason = Vec::new();
        for part in &decl.reason {
            match part {
                TemplatePart::Text(text) => reason.push(Template::Text(text.clone())),
                TemplatePart::Value(expr) => {
                    reason.extend(self.infer(expr, None, context).map(Template::Value))
                }
            }
        }
        let stake = decl.stake.as_ref().map(|expr| self.expect(expr, Type::Money, context));
        let (Some(condition), Some(stake)) = (condition, stake.map_or(Some(None), |found| found.map(Some)))
        else {
            return;
        };
        self.library.checks.push(Check {
            name: decl.name.clone(),
            severity: decl.severity.clone(),
            entity,
            condition,
            reason,
            verify: decl.verify.clone(),
            close: decl.close.clone(),
            stake,
            article: placed.article,
            document: placed.document,
            span: placed.decl.span,
        });
    }

    fn type_name(&self, ty: Type) -> String {
        match ty {
            Type::YesNo => "是否".into(),
            Type::Money => "金额".into(),
            Type::Amount => "数额（还没有舍入到分的钱）".into(),
            Type::Count => "整数".into(),
            Type::Number => "数".into(),
            Type::Date => "日期".into(),
            Type::Month => "月份".into(),
            Type::Moment => "时刻".into(),
            Type::Enum(id) => format!("选项（{}）", self.label_list(id)),
        }
    }

    fn label_list(&self, id: EnumId) -> String {
        self.library.labels(id).join("、")
    }
}

/// The parts of a definition beside its body.
struct DefParts<'d> {
    label: Option<String>,
    before: Option<String>,
    reason: &'d Option<String>,
    confidence: &'d Option<(ast::Confidence, String)>,
}
