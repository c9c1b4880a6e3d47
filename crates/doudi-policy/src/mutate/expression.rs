//! Wrong versions of one formula: each differs in one place, as a slip of the pen would.

use super::tree::with_child;
use super::words;
use crate::ast::{AggregateOp, Arith, Compare};
use crate::ir::{Expr, ExprKind, Now, Step, Type};
use crate::library::Library;
use crate::source::Span;
use crate::value::{Exact, Rounding, Value};

/// A formula that is wrong in one place.
pub(super) struct Variant {
    pub expr: Expr,
    /// The place that was changed, and how.
    pub span: Span,
    pub what: String,
}

/// Writes the wrong versions of formulas of one library.
pub(super) struct Writer<'l> {
    pub library: &'l Library,
}

impl Writer<'_> {
    pub(super) fn variants(&self, expr: &Expr) -> Vec<Variant> {
        if let Some(inner) = certainly(expr) {
            return self.certain_variants(expr, inner);
        }
        let mut found = self.own(expr);
        for (index, child) in expr.parts().into_iter().enumerate() {
            if self.is_selection(expr, child) {
                continue;
            }
            let doubled = matches!(expr.kind, ExprKind::Not(_));
            for variant in self.variants(child) {
                // 非 非 甲 is what dropping 非 gives already.
                if doubled && matches!(variant.expr.kind, ExprKind::Not(_)) {
                    continue;
                }
                found.push(Variant { expr: with_child(expr, index, variant.expr), ..variant });
            }
        }
        found
    }

    /// 确知（甲） is one word although it is made of two parts.
    fn certain_variants(&self, expr: &Expr, inner: &Expr) -> Vec<Variant> {
        let mut found = vec![Variant {
            expr: inner.clone(),
            span: expr.span,
            what: format!("{}去掉“确知”", self.quoted(expr)),
        }];
        for variant in self.variants(inner) {
            let known = Expr {
                kind: ExprKind::IsKnown(Box::new(variant.expr.clone())),
                ty: Type::YesNo,
                span: expr.span,
            };
            let kind = ExprKind::And(vec![known, variant.expr]);
            found.push(Variant { expr: Expr { kind, ty: Type::YesNo, span: expr.span }, ..variant });
        }
        found
    }

    /// A filter that stands at a 群体 is changed there, for all that use it.
    fn is_selection(&self, expr: &Expr, child: &Expr) -> bool {
        matches!(expr.kind, ExprKind::Aggregate { .. })
            && self
                .library
                .sets
                .iter()
                .any(|set| set.filter.as_ref().is_some_and(|own| own.span == child.span))
    }

    fn quoted(&self, expr: &Expr) -> String {
        words::quoted(self.library, expr.span)
    }

    /// What can be wrong at the node itself.
    fn own(&self, expr: &Expr) -> Vec<Variant> {
        match &expr.kind {
            ExprKind::Constant(value) => self.constant(expr, *value),
            ExprKind::Input(_)
            | ExprKind::Rule(_)
            | ExprKind::Applies { .. }
            | ExprKind::HasParameter { .. }
                if expr.ty == Type::YesNo =>
            {
                vec![self.change(expr, ExprKind::Not(Box::new(expr.clone())), "前面加“非”")]
            }
            ExprKind::Unknown(_) if expr.ty == Type::YesNo => {
                vec![self.change(expr, ExprKind::Constant(Value::YesNo(false)), "改成“否”")]
            }
            ExprKind::Parameter { dimensions, .. } => self.dimensions(expr, dimensions),
            ExprKind::Now(now) => self.now(expr, *now),
            ExprKind::Not(inner) => vec![self.become_part(expr, inner, "去掉“非”")],
            ExprKind::And(parts) => self.junction(expr, parts, "且", "或", ExprKind::Or, ExprKind::And),
            ExprKind::Or(parts) => self.junction(expr, parts, "或", "且", ExprKind::And, ExprKind::Or),
            ExprKind::Compare(op, a, b) => self.comparison(expr, *op, a, b),
            ExprKind::Is { value, labels, negated } => self.options(expr, value, labels, *negated),
            ExprKind::Arith(op, a, b) => {
                let (other, what) = match op {
                    Arith::Add => (Arith::Subtract, "“+”改成“−”"),
                    Arith::Subtract => (Arith::Add, "“−”改成“+”"),
                    Arith::Multiply => (Arith::Divide, "“×”改成“÷”"),
                    Arith::Divide => (Arith::Multiply, "“÷”改成“×”"),
                };
                vec![self.change(expr, ExprKind::Arith(other, a.clone(), b.clone()), what)]
            }
            ExprKind::Largest(parts) => {
                self.extreme(expr, parts, "取大改成取小", ExprKind::Smallest, ExprKind::Largest)
            }
            ExprKind::Smallest(parts) => {
                self.extreme(expr, parts, "取小改成取大", ExprKind::Largest, ExprKind::Smallest)
            }
            ExprKind::Round { value, rounding, unit } => self.rounding(expr, value, *rounding, *unit),
            ExprKind::Later { step: Step::WorkingDays, from, count } => {
                let kind = ExprKind::Arith(Arith::Add, from.clone(), count.clone());
                vec![self.change(expr, kind, "工作日改成自然日")]
            }
            ExprKind::Later { step: Step::Months, from, count } => {
                let thirty = whole_number(expr, 30, Type::Count);
                let days = ExprKind::Arith(Arith::Multiply, count.clone(), Box::new(thirty));
                let days = Expr { kind: days, ty: Type::Count, span: count.span };
                let kind = ExprKind::Arith(Arith::Add, from.clone(), Box::new(days));
                vec![self.change(expr, kind, "一个月改成三十天")]
            }
            ExprKind::Aggregate { .. } => self.aggregate(expr),
            ExprKind::FirstDayOf(month) => {
                vec![self.change(expr, ExprKind::LastDayOf(month.clone()), "“首日”改成“末日”")]
            }
            ExprKind::LastDayOf(month) => {
                vec![self.change(expr, ExprKind::FirstDayOf(month.clone()), "“末日”改成“首日”")]
            }
            ExprKind::IsKnown(_) => [(true, "改成“是”"), (false, "改成“否”")]
                .map(|(value, what)| self.change(expr, ExprKind::Constant(Value::YesNo(value)), what))
                .into(),
            _ => Vec::new(),
        }
    }

    fn change(&self, expr: &Expr, kind: ExprKind, what: &str) -> Variant {
        Variant {
            expr: Expr { kind, ty: expr.ty, span: expr.span },
            span: expr.span,
            what: format!("{}{what}", self.quoted(expr)),
        }
    }

    fn become_part(&self, expr: &Expr, part: &Expr, what: &str) -> Variant {
        Variant { expr: part.clone(), span: expr.span, what: format!("{}{what}", self.quoted(expr)) }
    }

    fn constant(&self, expr: &Expr, value: Value) -> Vec<Variant> {
        let one = |value: Value| {
            let what = format!("改成“{}”", words::value(self.library, value, expr.ty));
            self.change(expr, ExprKind::Constant(value), &what)
        };
        neighbours(self.library, value, expr.ty).into_iter().map(one).collect()
    }

    fn dimensions(&self, expr: &Expr, dimensions: &[Expr]) -> Vec<Variant> {
        let mut found = Vec::new();
        for (index, dimension) in dimensions.iter().enumerate() {
            let Type::Enum(id) = dimension.ty else { continue };
            let labels = self.library.labels(id);
            if matches!(dimension.kind, ExprKind::Constant(_)) || labels.len() < 2 {
                continue;
            }
            for label in [0, labels.len() - 1] {
                let kind = ExprKind::Constant(Value::Label(label as u16));
                let fixed = Expr { kind, ty: dimension.ty, span: dimension.span };
                let what = format!("{}的维度固定成“{}”", self.quoted(expr), labels[label]);
                found.push(Variant { expr: with_child(expr, index, fixed), span: dimension.span, what });
            }
        }
        found
    }

    fn now(&self, expr: &Expr, now: Now) -> Vec<Variant> {
        let (other, what) = match now {
            Now::Month => (Now::LastMonth, "改成“上月”"),
            Now::LastMonth => (Now::Month, "改成“本月”"),
            Now::FirstDay => (Now::LastDay, "改成“月末”"),
            Now::LastDay => (Now::FirstDay, "改成“月初”"),
        };
        vec![self.change(expr, ExprKind::Now(other), what)]
    }

    fn junction(
        &self,
        expr: &Expr,
        parts: &[Expr],
        word: &str,
        other: &str,
        swap: fn(Vec<Expr>) -> ExprKind,
        keep: fn(Vec<Expr>) -> ExprKind,
    ) -> Vec<Variant> {
        let mut found = vec![self.change(expr, swap(parts.to_vec()), &format!("里“{word}”改成“{other}”"))];
        for (index, part) in parts.iter().enumerate() {
            let mut rest = parts.to_vec();
            rest.remove(index);
            let kind = match rest.as_slice() {
                [one] => one.kind.clone(),
                _ => keep(rest),
            };
            found.push(Variant {
                span: part.span,
                ..self.change(expr, kind, &format!("里去掉{}", self.quoted(part)))
            });
        }
        found
    }

    fn comparison(&self, expr: &Expr, op: Compare, a: &Expr, b: &Expr) -> Vec<Variant> {
        let others: &[Compare] = match op {
            Compare::Less => &[Compare::LessEqual, Compare::Greater],
            Compare::LessEqual => &[Compare::Less, Compare::GreaterEqual],
            Compare::Greater => &[Compare::GreaterEqual, Compare::Less],
            Compare::GreaterEqual => &[Compare::Greater, Compare::LessEqual],
            Compare::Equal => &[Compare::NotEqual],
            Compare::NotEqual => &[Compare::Equal],
        };
        let one = |other: &Compare| {
            let kind = ExprKind::Compare(*other, Box::new(a.clone()), Box::new(b.clone()));
            let what = format!("里“{}”改成“{}”", words::comparison(op), words::comparison(*other));
            self.change(expr, kind, &what)
        };
        others.iter().map(one).collect()
    }

    fn options(&self, expr: &Expr, value: &Expr, labels: &[u16], negated: bool) -> Vec<Variant> {
        let Type::Enum(id) = value.ty else { return Vec::new() };
        let all = self.library.labels(id);
        let name = |label: u16| all.get(usize::from(label)).map_or("", String::as_str);
        let is = |labels: Vec<u16>, negated| ExprKind::Is { value: Box::new(value.clone()), labels, negated };
        let turned = if negated { "“不为”改成“为”" } else { "“为”改成“不为”" };
        let mut found = vec![self.change(expr, is(labels.to_vec(), !negated), &format!("里{turned}"))];
        for label in labels.iter().filter(|_| labels.len() > 1) {
            let rest = labels.iter().copied().filter(|other| other != label).collect();
            found.push(self.change(expr, is(rest, negated), &format!("里去掉“{}”", name(*label))));
        }
        let count = all.len() as u16;
        let after = labels.iter().max().map_or(0, |last| last + 1);
        let added = (after..count).chain(0..after).find(|label| !labels.contains(label));
        if let Some(label) = added.filter(|_| labels.len() + 1 < all.len()) {
            let more = labels.iter().copied().chain([label]).collect();
            found.push(self.change(expr, is(more, negated), &format!("里加上“{}”", name(label))));
        }
        found
    }

    fn extreme(
        &self,
        expr: &Expr,
        parts: &[Expr],
        what: &str,
        swap: fn(Vec<Expr>) -> ExprKind,
        keep: fn(Vec<Expr>) -> ExprKind,
    ) -> Vec<Variant> {
        let mut found = vec![self.change(expr, swap(parts.to_vec()), what)];
        for (index, part) in parts.iter().enumerate().filter(|_| parts.len() > 1) {
            let mut rest = parts.to_vec();
            rest.remove(index);
            let kind = if rest.len() == 1 { rest[0].kind.clone() } else { keep(rest) };
            found.push(Variant {
                span: part.span,
                ..self.change(expr, kind, &format!("不看{}", self.quoted(part)))
            });
        }
        found
    }

    fn rounding(&self, expr: &Expr, value: &Expr, rounding: Rounding, unit: i128) -> Vec<Variant> {
        let round = |rounding, unit| ExprKind::Round { value: Box::new(value.clone()), rounding, unit };
        let mut found: Vec<Variant> = [Rounding::HalfUp, Rounding::Up, Rounding::Down]
            .into_iter()
            .filter(|other| *other != rounding)
            .map(|other| self.change(expr, round(other, unit), words::rounding(other)))
            .collect();
        let (other, what) = match unit {
            1 => (10, "舍入到角"),
            10 => (100, "舍入到元"),
            _ => (1, "舍入到分"),
        };
        found.push(self.change(expr, round(rounding, other), what));
        found
    }

    fn aggregate(&self, expr: &Expr) -> Vec<Variant> {
        let ExprKind::Aggregate { op, over, filters, value } = &expr.kind else { return Vec::new() };
        let with = |op: AggregateOp, filters: Vec<Expr>| ExprKind::Aggregate {
            op,
            over: *over,
            filters,
            value: value.clone(),
        };
        let mut found = Vec::new();
        let swapped = match op {
            AggregateOp::Sum => Some((AggregateOp::Max, "“合计”改成“最大”")),
            AggregateOp::Max => Some((AggregateOp::Min, "“最大”改成“最小”")),
            AggregateOp::Min => Some((AggregateOp::Max, "“最小”改成“最大”")),
            AggregateOp::Any if value.is_some() => Some((AggregateOp::All, "“任一”改成“全部”")),
            AggregateOp::All => Some((AggregateOp::Any, "“全部”改成“任一”")),
            AggregateOp::Any | AggregateOp::Count => None,
        };
        found.extend(swapped.map(|(op, what)| self.change(expr, with(op, filters.clone()), what)));
        // Without a filter 任一 asks whether there is anybody at all.
        for (index, filter) in filters.iter().enumerate() {
            let mut rest = filters.clone();
            rest.remove(index);
            let what = format!("不问{}", self.quoted(filter));
            found.push(self.change(expr, with(*op, rest), &what));
        }
        found
    }
}

/// The inner formula of 确知（…）.
fn certainly(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::And(parts) => match parts.as_slice() {
            [Expr { kind: ExprKind::IsKnown(known), .. }, inner] if known.span == inner.span => Some(inner),
            _ => None,
        },
        _ => None,
    }
}

fn whole_number(at: &Expr, number: i128, ty: Type) -> Expr {
    Expr { kind: ExprKind::Constant(Value::Number(Exact::from_integer(number))), ty, span: at.span }
}

/// Values a slip away: one fen, one day, one person, one per cent more or less; another option; the opposite.
pub(super) fn neighbours(library: &Library, value: Value, ty: Type) -> Vec<Value> {
    match value {
        Value::YesNo(value) => vec![Value::YesNo(!value)],
        Value::Label(label) => {
            let Type::Enum(id) = ty else { return Vec::new() };
            let count = library.labels(id).len().max(1);
            let next = (usize::from(label) + 1) % count;
            if next == usize::from(label) { Vec::new() } else { vec![Value::Label(next as u16)] }
        }
        Value::Number(number) => {
            let step = if ty == Type::Number { Exact::new(1, 100) } else { Exact::from_integer(1) };
            let near = [crate::value::add(number, step), crate::value::subtract(number, step)];
            near.into_iter().flatten().map(Value::Number).collect()
        }
    }
}
