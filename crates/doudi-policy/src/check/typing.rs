//! Types of formulas. Money and plain numbers never mix; divided money is not money again until a rounding word.

use super::{Checked, Checker, Context};
use crate::ast::{self, AggregateOp, Arith, Compare, ExprKind as Ast};
use crate::diagnostic::{Diagnostic, suggestion};
use crate::ir::{Expr, ExprKind, NoteId, ParameterId, Step, Type, whole};
use crate::parameters::parse_number;
use crate::source::Span;
use crate::value::{Rounding, Value};
use doudi_terms::{Fen, epoch_day};

/// Rounding words: how, and to how many fen.
pub(crate) const ROUNDINGS: [(&str, Rounding, i128); 9] = [
    ("四舍五入到分", Rounding::HalfUp, 1),
    ("四舍五入到角", Rounding::HalfUp, 10),
    ("四舍五入到元", Rounding::HalfUp, 100),
    ("进一到分", Rounding::Up, 1),
    ("进一到角", Rounding::Up, 10),
    ("进一到元", Rounding::Up, 100),
    ("去尾到分", Rounding::Down, 1),
    ("去尾到角", Rounding::Down, 10),
    ("去尾到元", Rounding::Down, 100),
];

const FUNCTIONS: [&str; 13] = [
    "取大",
    "取小",
    "不低于零",
    "所在月",
    "首日",
    "末日",
    "已知",
    "确知",
    "有规定",
    "几个工作日后",
    "几个月后",
    "几小时后",
    "舍入",
];

/// Functions that move a day or moment on.
const LATER: [(&str, Step, Type); 3] = [
    ("几个工作日后", Step::WorkingDays, Type::Date),
    ("几个月后", Step::Months, Type::Date),
    ("几小时后", Step::Hours, Type::Moment),
];

/// What an option of a rounding parameter is called.
const MODES: [(&str, Rounding); 3] =
    [("四舍五入", Rounding::HalfUp), ("进一", Rounding::Up), ("去尾", Rounding::Down)];

impl Checker<'_> {
    pub(super) fn expect(&mut self, expr: &ast::Expr, ty: Type, context: Context) -> Checked<Expr> {
        let found = self.infer(expr, Some(ty), context)?;
        let widens = matches!((found.ty, ty), (Type::Money, Type::Amount) | (Type::Count, Type::Number));
        let undecided = matches!(found.kind, ExprKind::Unknown(_));
        if found.ty == ty || widens || undecided {
            return Some(Expr { ty: if undecided { ty } else { found.ty }, ..found });
        }
        let what = format!("这里应当是{}，却是{}", self.type_name(ty), self.type_name(found.ty));
        let next = match (found.ty, ty) {
            (Type::Amount, Type::Money) => "钱乘比例或相除以后要写明怎样舍入，如 四舍五入到分（……）",
            (Type::Number | Type::Count, Type::Money | Type::Amount) => "钱要写单位，如 0元",
            (Type::Money | Type::Amount, Type::Number | Type::Count) => {
                "钱除以钱才是比例；或者把类型改成 金额"
            }
            _ => "改成同一种类型",
        };
        self.fail(expr.span, what, next)
    }

    /// `expected` only helps to read option words and 不详; the caller checks the type.
    pub(super) fn infer(
        &mut self,
        expr: &ast::Expr,
        expected: Option<Type>,
        context: Context,
    ) -> Checked<Expr> {
        let span = expr.span;
        let (kind, ty) = match &expr.kind {
            Ast::YesNo(value) => (ExprKind::Constant(Value::YesNo(*value)), Type::YesNo),
            Ast::Number { digits, unit } => return self.number(digits, unit, span),
            Ast::Date(date) => {
                (ExprKind::Constant(Value::Number(whole(i128::from(epoch_day(*date))))), Type::Date)
            }
            Ast::Name(name) => return self.name(name, expected, context),
            Ast::Parameter { name, dimensions } => return self.parameter_expr(name, dimensions, context),
            Ast::Unknown(note) => {
                let note = note.as_ref().map(|text| self.note(text));
                (ExprKind::Unknown(note), expected.unwrap_or(Type::YesNo))
            }
            Ast::Original => match context.original {
                Some(ty) => (ExprKind::Original, ty),
                None => {
                    return self.fail(
                        span,
                        "“原值”只能用在例外里",
                        "例外 户.某规则 「标签」 当 …… 则 原值 − ……",
                    );
                }
            },
            Ast::Not(inner) => {
                (ExprKind::Not(Box::new(self.expect(inner, Type::YesNo, context)?)), Type::YesNo)
            }
            Ast::And(parts) => (ExprKind::And(self.all(parts, Type::YesNo, context)?), Type::YesNo),
            Ast::Or(parts) => (ExprKind::Or(self.all(parts, Type::YesNo, context)?), Type::YesNo),
            Ast::Compare(op, left, right) => return self.compare(*op, left, right, span, context),
            Ast::Between(value, from, to) => return self.between(value, from, to, span, context),
            Ast::Is { value, labels, negated } => return self.is(value, labels, *negated, span, context),
            Ast::Arith(op, left, right) => return self.arith(*op, left, right, span, context),
            Ast::Negate(inner) => {
                let inner = self.infer(inner, expected, context)?;
                if !inner.ty.is_numeric() {
                    return self.fail(span, "只有数和金额前面可以加“−”", "去掉“−”");
                }
                let ty = inner.ty;
                let zero = Expr { kind: ExprKind::Constant(Value::Number(whole(0))), ty, span };
                (ExprKind::Arith(Arith::Subtract, Box::new(zero), Box::new(inner)), ty)
            }
            Ast::Call { function, arguments } => {
                return self.call(function, arguments, span, expected, context);
            }
            Ast::Aggregate { op, set, filter, value } => {
                return self.aggregate(*op, set, filter.as_deref(), value.as_deref(), span, context);
            }
            Ast::Age(day) => return self.age(day, span, context),
            Ast::Applies { rule, label } => return self.applies(rule, label, span, context),
        };
        Some(Expr { kind, ty, span })
    }

    fn all(&mut self, parts: &[ast::Expr], ty: Type, context: Context) -> Checked<Vec<Expr>> {
        let checked: Vec<Checked<Expr>> = parts.iter().map(|part| self.expect(part, ty, context)).collect();
        checked.into_iter().collect()
    }

    fn note(&mut self, text: &str) -> NoteId {
        let known = self.library.notes.iter().position(|note| note == text);
        NoteId(known.unwrap_or_else(|| {
            self.library.notes.push(text.to_owned());
            self.library.notes.len() - 1
        }) as u32)
    }

    fn number(&mut self, digits: &str, unit: &str, span: Span) -> Checked<Expr> {
        let make = |value, ty| Some(Expr { kind: ExprKind::Constant(Value::Number(value)), ty, span });
        if unit == "元" || unit == "万元" {
            return match Fen::parse_yuan(&format!("{digits}{unit}")) {
                Ok(fen) => make(whole(i128::from(fen.0)), Type::Money),
                Err(error) => self.fail(span, error.to_string(), "金额最多写到分，如 325.67元"),
            };
        }
        let text = if unit == "%" { format!("{digits}%") } else { digits.to_owned() };
        match parse_number(&text) {
            Some(value) if value.is_integer() && unit != "%" => make(value, Type::Count),
            Some(value) => make(value, Type::Number),
            None => self.fail(span, format!("“{digits}{unit}”不是数"), "写成 3、0.5 或 20%"),
        }
    }

    fn parameter_expr(
        &mut self,
        name: &ast::Name,
        dimensions: &[ast::Expr],
        context: Context,
    ) -> Checked<Expr> {
        let found = if name.entity.is_none() { self.library.parameter_named(&name.word) } else { None };
        let Some(id) = found else {
            let names: Vec<&str> = self.library.parameters.iter().map(|known| known.name.as_str()).collect();
            let next = suggestion(&name.word, &names);
            return self.fail(name.span, format!("没有叫“{}”的参数", name.word), next);
        };
        self.parameter(id, dimensions, name.span, context)
    }

    pub(super) fn parameter(
        &mut self,
        id: ParameterId,
        dimensions: &[ast::Expr],
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let (wanted, ty) = {
            let parameter = &self.library.parameters[id.index()];
            (parameter.dimensions.clone(), parameter.ty)
        };
        if wanted.len() != dimensions.len() {
            let names: Vec<&str> = wanted
                .iter()
                .filter_map(|id| self.library.enums.get(id.index()))
                .map(|found| found.name.as_str())
                .collect();
            let next = format!("在名称后面用 [ ] 写明维度：{}", names.join("、"));
            return self.fail(
                span,
                format!("这个参数要 {} 个维度，写了 {} 个", wanted.len(), dimensions.len()),
                next,
            );
        }
        let mut checked = Vec::new();
        for (dimension, enum_id) in dimensions.iter().zip(wanted) {
            checked.push(self.expect(dimension, Type::Enum(enum_id), context)?);
        }
        Some(Expr { kind: ExprKind::Parameter { parameter: id, dimensions: checked }, ty, span })
    }

    fn compare(
        &mut self,
        op: Compare,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let a = self.infer(left, None, context);
        let b = self.infer(right, a.as_ref().map(|a| a.ty), context);
        let (a, b) = (a?, b?);
        if !comparable(a.ty, b.ty) {
            let what = format!("{}不能和{}比较", self.type_name(a.ty), self.type_name(b.ty));
            let next = match (a.ty, b.ty) {
                (Type::Enum(_), _) | (_, Type::Enum(_)) => {
                    "选项用“为”“不为”来判断，如 残疾等级 为 一级、二级"
                }
                (Type::YesNo, _) | (_, Type::YesNo) => "“是否”直接写名称，或在前面加“非”",
                _ => "两边要同是钱、同是数、同是日期或同是月份",
            };
            return self.fail(span, what, next);
        }
        Some(Expr { kind: ExprKind::Compare(op, Box::new(a), Box::new(b)), ty: Type::YesNo, span })
    }

    fn between(
        &mut self,
        value: &ast::Expr,
        from: &ast::Expr,
        to: &ast::Expr,
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let lower = self.compare(Compare::GreaterEqual, value, from, span, context);
        let upper = self.compare(Compare::LessEqual, value, to, span, context);
        Some(Expr { kind: ExprKind::And(vec![lower?, upper?]), ty: Type::YesNo, span })
    }

    fn is(
        &mut self,
        value: &ast::Expr,
        labels: &[(String, Span)],
        negated: bool,
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let value = self.infer(value, None, context)?;
        let Type::Enum(id) = value.ty else {
            let what = format!("“为”用来判断选项，左边却是{}", self.type_name(value.ty));
            return self.fail(span, what, "数和金额用 等于、低于、超过；是否直接写名称");
        };
        let mut found = Vec::new();
        for (label, label_span) in labels {
            match self.library.labels(id).iter().position(|known| known == label) {
                Some(at) => found.push(at as u16),
                None => {
                    let valid: Vec<&str> = self.library.labels(id).iter().map(String::as_str).collect();
                    let next = suggestion(label, &valid);
                    return self.fail(*label_span, format!("没有“{label}”这个选项"), next);
                }
            }
        }
        Some(Expr {
            kind: ExprKind::Is { value: Box::new(value), labels: found, negated },
            ty: Type::YesNo,
            span,
        })
    }

    fn arith(
        &mut self,
        op: Arith,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let a = self.infer(left, None, context);
        let b = self.infer(right, None, context);
        let (a, b) = (a?, b?);
        let Some(ty) = arith_type(op, a.ty, b.ty) else {
            let sign = match op {
                Arith::Add => "+",
                Arith::Subtract => "−",
                Arith::Multiply => "×",
                Arith::Divide => "÷",
            };
            let what = format!("{} {sign} {} 没有意义", self.type_name(a.ty), self.type_name(b.ty));
            return self.fail(span, what, "加减要同是钱或同是数；钱只能乘除以数");
        };
        Some(Expr { kind: ExprKind::Arith(op, Box::new(a), Box::new(b)), ty, span })
    }

    fn call(
        &mut self,
        function: &str,
        arguments: &[ast::Expr],
        span: Span,
        expected: Option<Type>,
        context: Context,
    ) -> Checked<Expr> {
        let one = match arguments {
            [one] => Some(one),
            _ => None,
        };
        if let Some((name, step, ty)) = LATER.iter().find(|(name, ..)| *name == function) {
            return self.later(name, *step, *ty, arguments, span, context);
        }
        let several = matches!(function, "取大" | "取小");
        let known =
            several || FUNCTIONS.contains(&function) || ROUNDINGS.iter().any(|(name, ..)| *name == function);
        if known && !several && function != "舍入" && one.is_none() {
            return self.fail(
                span,
                format!("“{function}”的括号里只写一项"),
                "多出来的项去掉，或改用 取大、取小",
            );
        }
        if let Some((_, rounding, unit)) = ROUNDINGS.iter().find(|(name, ..)| *name == function) {
            let value = self.expect(one?, Type::Amount, context)?;
            let kind = ExprKind::Round { value: Box::new(value), rounding: *rounding, unit: *unit };
            return Some(Expr { kind, ty: Type::Money, span });
        }
        let one_of = |kind: fn(Box<Expr>) -> ExprKind, inner: Expr, ty| {
            Some(Expr { kind: kind(Box::new(inner)), ty, span })
        };
        match function {
            "舍入" => self.round_by(arguments, span, context),
            "取大" | "取小" => self.extreme(function == "取大", arguments, span, expected, context),
            "不低于零" => {
                let value = self.infer(one?, expected, context)?;
                if !value.ty.is_numeric() {
                    return self.fail(span, "“不低于零”只用于数和金额", "检查括号里的内容");
                }
                let ty = value.ty;
                let zero = Expr { kind: ExprKind::Constant(Value::Number(whole(0))), ty, span };
                Some(Expr { kind: ExprKind::Largest(vec![value, zero]), ty, span })
            }
            "所在月" => {
                let day = self.expect(one?, Type::Date, context)?;
                one_of(ExprKind::MonthOf, day, Type::Month)
            }
            "首日" | "末日" => {
                let month = self.expect(one?, Type::Month, context)?;
                let kind = if function == "首日" { ExprKind::FirstDayOf } else { ExprKind::LastDayOf };
                one_of(kind, month, Type::Date)
            }
            "已知" => {
                let inner = self.infer(one?, None, context)?;
                one_of(ExprKind::IsKnown, inner, Type::YesNo)
            }
            // 确知（x）: x is known to hold. What nobody has established does not count against (or for) anybody.
            "确知" => {
                let inner = self.expect(one?, Type::YesNo, context)?;
                let known = Expr { kind: ExprKind::IsKnown(Box::new(inner.clone())), ty: Type::YesNo, span };
                Some(Expr { kind: ExprKind::And(vec![known, inner]), ty: Type::YesNo, span })
            }
            "有规定" => match self.infer(one?, None, context)?.kind {
                ExprKind::Parameter { parameter, dimensions } => Some(Expr {
                    kind: ExprKind::HasParameter { parameter, dimensions },
                    ty: Type::YesNo,
                    span,
                }),
                _ => self.fail(span, "“有规定”里只能写一个参数", "如 有规定（就业成本扣减比例）"),
            },
            _ => {
                let mut valid: Vec<&str> = FUNCTIONS.to_vec();
                valid.extend(ROUNDINGS.iter().map(|(name, ..)| *name));
                valid.extend(["合计", "计数", "任一", "全部", "最大", "最小"]);
                self.fail(span, format!("没有叫“{function}”的算法"), suggestion(function, &valid))
            }
        }
    }

    fn later(
        &mut self,
        name: &str,
        step: Step,
        ty: Type,
        arguments: &[ast::Expr],
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let [from, count] = arguments else {
            let next = format!("{name}（从哪一天起，几个），开始的那一天不算");
            return self.fail(span, format!("“{name}”的括号里写两项"), next);
        };
        let from = self.expect(from, ty, context)?;
        let count = self.expect(count, Type::Count, context)?;
        Some(Expr { kind: ExprKind::Later { step, from: Box::new(from), count: Box::new(count) }, ty, span })
    }

    fn round_by(&mut self, arguments: &[ast::Expr], span: Span, context: Context) -> Checked<Expr> {
        let [value, mode, unit] = arguments else {
            return self.fail(span, "“舍入”的括号里写三项", "舍入（数额，舍入方式，舍入到多少钱）");
        };
        let value = self.expect(value, Type::Amount, context)?;
        let mode = self.infer(mode, None, context)?;
        let unit = self.expect(unit, Type::Money, context)?;
        let labels = match mode.ty {
            Type::Enum(id) => self.library.labels(id).to_vec(),
            _ => Vec::new(),
        };
        let roundings: Option<Vec<Rounding>> = labels
            .iter()
            .map(|label| MODES.iter().find(|(name, _)| name == label).map(|(_, rounding)| *rounding))
            .collect();
        let Some(roundings) = roundings.filter(|found| !found.is_empty()) else {
            return self.fail(mode.span, "舍入方式要是选项", "选项只能有 四舍五入、进一、去尾");
        };
        let (value, mode, unit) = (Box::new(value), Box::new(mode), Box::new(unit));
        Some(Expr { kind: ExprKind::RoundBy { value, mode, unit, roundings }, ty: Type::Money, span })
    }

    fn extreme(
        &mut self,
        largest: bool,
        arguments: &[ast::Expr],
        span: Span,
        expected: Option<Type>,
        context: Context,
    ) -> Checked<Expr> {
        let mut checked: Vec<Expr> = Vec::new();
        for argument in arguments {
            checked.push(self.infer(argument, expected, context)?);
        }
        let first = checked.first()?.ty;
        let ty = checked.iter().try_fold(first, |ty, next| common(ty, next.ty));
        match ty {
            Some(ty) => {
                let kind = if largest { ExprKind::Largest(checked) } else { ExprKind::Smallest(checked) };
                Some(Expr { kind, ty, span })
            }
            None => self.fail(span, "取大、取小的各项要同是钱、同是数或同是日期", "检查每一项的单位"),
        }
    }

    fn aggregate(
        &mut self,
        op: AggregateOp,
        set: &ast::Name,
        filter: Option<&ast::Expr>,
        value: Option<&ast::Expr>,
        span: Span,
        context: Context,
    ) -> Checked<Expr> {
        let found = self.library.sets.iter().find(|known| known.name == set.word && set.entity.is_none());
        let Some((over, inherited)) = found.map(|set| (set.over, set.filter.clone())) else {
            let names: Vec<&str> = self.library.sets.iter().map(|set| set.name.as_str()).collect();
            let next = suggestion(&set.word, &names);
            return self.fail(set.span, format!("没有叫“{}”的群体", set.word), next);
        };
        let scope = self.scope(context.entity);
        if !self.library.entities[over.index()].parent.is_some_and(|owner| scope.contains(&owner)) {
            return self.fail(
                set.span,
                format!("这里看不到“{}”", set.word),
                "先在它所属的实体上立一条规则，再来合计",
            );
        }
        let inner = Context { entity: over, original: None };
        let mut filters: Vec<Expr> = inherited.into_iter().collect();
        if let Some(filter) = filter {
            filters.push(self.expect(filter, Type::YesNo, inner)?);
        }
        let value = self.aggregate_value(op, value, &mut filters, span, inner)?;
        let ty = match op {
            AggregateOp::Count => Type::Count,
            AggregateOp::Any | AggregateOp::All => Type::YesNo,
            AggregateOp::Sum | AggregateOp::Max | AggregateOp::Min => {
                value.as_ref().map_or(Type::Number, |value| value.ty)
            }
        };
        let kind = ExprKind::Aggregate { op, over, filters, value: value.map(Box::new) };
        Some(Expr { kind, ty, span })
    }

    fn aggregate_value(
        &mut self,
        op: AggregateOp,
        value: Option<&ast::Expr>,
        filters: &mut Vec<Expr>,
        span: Span,
        inner: Context,
    ) -> Checked<Option<Expr>> {
        match (op, value) {
            (AggregateOp::Count, None) => Some(None),
            (AggregateOp::Count, Some(_)) => self.fail(span, "“计数”只数个数，不写“的”", "条件写在“当”后面"),
            (AggregateOp::Any | AggregateOp::All, Some(expr)) => {
                self.expect(expr, Type::YesNo, inner).map(Some)
            }
            // 任一（成员 当 条件）: the filter is the question.
            (AggregateOp::Any, None) => Some(None),
            (AggregateOp::All, None) => match filters.pop() {
                Some(last) => Some(Some(last)),
                None => self.fail(span, "“全部”要写出条件", "全部（成员 的 某条件）"),
            },
            (AggregateOp::Sum | AggregateOp::Max | AggregateOp::Min, Some(expr)) => {
                let value = self.infer(expr, None, inner)?;
                let dated = matches!(value.ty, Type::Date | Type::Month) && op != AggregateOp::Sum;
                if value.ty.is_numeric() || dated {
                    Some(Some(value))
                } else {
                    self.fail(span, "只有数和金额可以合计", "数人数用 计数（…… 当 ……）")
                }
            }
            (_, None) => self.fail(span, "没有写合计什么", "合计（集合 的 某项金额）"),
        }
    }

    fn age(&mut self, day: &ast::Expr, span: Span, context: Context) -> Checked<Expr> {
        let on = self.expect(day, Type::Date, context)?;
        let birth = self
            .scope(context.entity)
            .into_iter()
            .find_map(|entity| self.library.input_named(entity, "出生日期"));
        let Some(birth) = birth else {
            return self.fail(span, "这里没有“出生日期”，算不出周岁", "周岁只能对人计算");
        };
        let birth = Expr { kind: ExprKind::Input(birth), ty: Type::Date, span };
        Some(Expr { kind: ExprKind::Age { birth: Box::new(birth), on: Box::new(on) }, ty: Type::Count, span })
    }

    fn applies(&mut self, rule: &ast::Name, label: &str, span: Span, context: Context) -> Checked<Expr> {
        let id = self.rule_of(rule)?;
        let entity = self.library.rules[id.index()].entity;
        if !self.scope(context.entity).contains(&entity) {
            return self.fail(span, "这里看不到那条规则所属的实体", "“适用”只能问自己或自己所属的户");
        }
        Some(Expr { kind: ExprKind::Applies { rule: id, label: label.to_owned() }, ty: Type::YesNo, span })
    }

    /// After all definitions are in: 适用 must name an exception that exists somewhere.
    pub(super) fn check_applies(&mut self) {
        let mut wrong = Vec::new();
        for def in &self.library.defs {
            for expr in def.exprs() {
                expr.walk(&mut |node| {
                    if let ExprKind::Applies { rule, label } = &node.kind {
                        let labels: Vec<&str> = self.library.rules[rule.index()]
                            .defs
                            .iter()
                            .filter_map(|id| self.library.def(*id)?.label.as_deref())
                            .collect();
                        if !labels.contains(&label.as_str()) {
                            wrong.push((node.span, label.clone(), suggestion(label, &labels)));
                        }
                    }
                });
            }
        }
        for (span, label, next) in wrong {
            self.problems
                .push(Diagnostic::error(span, format!("这条规则没有叫「{label}」的例外")).next(next));
        }
    }
}

fn comparable(a: Type, b: Type) -> bool {
    (a.is_money() && b.is_money())
        || (a.is_plain_number() && b.is_plain_number())
        || (a == b && matches!(a, Type::Date | Type::Month | Type::Moment))
}

fn common(a: Type, b: Type) -> Option<Type> {
    match (a, b) {
        _ if a == b && !matches!(a, Type::YesNo | Type::Enum(_)) => Some(a),
        _ if a.is_money() && b.is_money() => Some(Type::Amount),
        _ if a.is_plain_number() && b.is_plain_number() => Some(Type::Number),
        _ => None,
    }
}

fn arith_type(op: Arith, a: Type, b: Type) -> Option<Type> {
    use Type::{Amount, Count, Date, Money, Month, Number};
    match op {
        Arith::Add | Arith::Subtract => match (a, b) {
            (Date | Month, Count) => Some(a),
            (Date, Date) | (Month, Month) if op == Arith::Subtract => Some(Count),
            (Date | Month, _) | (_, Date | Month) => None,
            _ => common(a, b),
        },
        Arith::Multiply => match (a, b) {
            (Money, Count) | (Count, Money) => Some(Money),
            (Money | Amount, Count | Number) | (Count | Number, Money | Amount) => Some(Amount),
            (Count, Count) => Some(Count),
            (Count | Number, Count | Number) => Some(Number),
            _ => None,
        },
        Arith::Divide => match (a, b) {
            (Money | Amount, Count | Number) => Some(Amount),
            (Money | Amount, Money | Amount) | (Count | Number, Count | Number) => Some(Number),
            _ => None,
        },
    }
}
