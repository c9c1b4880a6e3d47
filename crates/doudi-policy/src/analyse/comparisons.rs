//! Comparisons of a formula, read as bounds: of what, with what number or standard, and on which side the bound falls.

use super::bound_words::Side;
use super::quantities::Measure;
use crate::ast::{Arith, Compare};
use crate::ir::{Body, Def, EntityId, Expr, ExprKind, ParameterId, RuleId, Type};
use crate::library::Library;
use crate::parameters::RowValue;
use crate::source::Span;
use crate::value::{Exact, Value, multiply};
use num_traits::One;

/// One comparison with something that can stand in a text.
#[derive(Clone, Debug)]
pub(super) struct Comparison<'l> {
    pub expr: &'l Expr,
    /// In whose rows it is evaluated.
    pub entity: EntityId,
    pub side: Side,
    pub subject: &'l Expr,
    pub bound_expr: &'l Expr,
    /// Names of the facts and rules in the subject.
    pub names: Vec<&'l str>,
    pub bound: Bound,
    /// Both sides are whole numbers: more than 59 is 60 or more.
    pub counts: bool,
    pub measure: Option<Measure>,
}

impl Comparison<'_> {
    /// Compared with a number, not with a share of a published standard.
    pub(super) fn is_bare(&self) -> bool {
        !self.bound_expr.ty.is_money() || self.bound.standards.is_empty()
    }
}

/// What a subject is compared with.
#[derive(Clone, Debug, Default)]
pub(super) struct Bound {
    /// The number itself; for a share of a standard the factors; all values that the parameter has somewhere.
    pub numbers: Vec<Exact>,
    /// Names of the standard of which it is a share; empty for a bare number.
    pub standards: Vec<String>,
    /// The bound's own name, where it is a rule: it may stand in the text under that name.
    pub alias: Option<String>,
    /// The numbers come from this parameter's table.
    pub table: Option<ParameterId>,
    /// Standards in money that places publish.
    pub published: Vec<ParameterId>,
}

/// The comparisons of a formula that stand within `place` (those of selections stand elsewhere).
pub(super) fn comparisons<'l>(
    library: &'l Library,
    expr: &'l Expr,
    entity: EntityId,
    place: Span,
) -> Vec<Comparison<'l>> {
    let mut aggregates: Vec<(Span, EntityId)> = Vec::new();
    let mut compares: Vec<&'l Expr> = Vec::new();
    expr.walk(&mut |node| match &node.kind {
        ExprKind::Aggregate { over, .. } => aggregates.push((node.span, *over)),
        ExprKind::Compare(..) if place.start <= node.span.start && node.span.end <= place.end => {
            compares.push(node);
        }
        _ => {}
    });
    let within = |node: &Expr| {
        let around =
            aggregates.iter().filter(|(span, _)| span.start <= node.span.start && node.span.end <= span.end);
        around.min_by_key(|(span, _)| span.end - span.start).map_or(entity, |(_, over)| *over)
    };
    compares.into_iter().filter_map(|node| comparison(library, node, within(node))).collect()
}

/// All that a definition says, with its entity.
pub(super) fn of_def<'l>(library: &'l Library, def: &'l Def) -> Vec<Comparison<'l>> {
    let Some(rule) = library.rules.get(def.rule.index()) else { return Vec::new() };
    def.exprs().into_iter().flat_map(|expr| comparisons(library, expr, rule.entity, def.span)).collect()
}

fn comparison<'l>(library: &'l Library, expr: &'l Expr, entity: EntityId) -> Option<Comparison<'l>> {
    let ExprKind::Compare(op, left, right) = &expr.kind else { return None };
    if matches!(left.ty, Type::Date | Type::Month | Type::Moment) {
        return None;
    }
    let (subject, bound_expr, mirrored, bound) = match bound_of(library, right, 0) {
        Some(bound) => (left, right, false, bound),
        None => (right, left, true, bound_of(library, left, 0)?),
    };
    let side =
        match (op, mirrored) {
            (Compare::Less | Compare::GreaterEqual, false)
            | (Compare::Greater | Compare::LessEqual, true) => Side::Upper,
            (Compare::Greater | Compare::LessEqual, false)
            | (Compare::Less | Compare::GreaterEqual, true) => Side::Lower,
            (Compare::Equal | Compare::NotEqual, _) => return None,
        };
    let names = names_in(library, subject);
    let measure = measure_of(library, subject, bound_expr, &names, &bound);
    let counts = subject.ty == Type::Count && bound_expr.ty == Type::Count;
    Some(Comparison { expr, entity, side, subject, bound_expr, names, bound, counts, measure })
}

/// A number, a published value, or a share of one. `None` for everything else.
fn bound_of(library: &Library, expr: &Expr, depth: u8) -> Option<Bound> {
    if depth > 4 {
        return None;
    }
    match &expr.kind {
        ExprKind::Constant(Value::Number(number)) => {
            Some(Bound { numbers: vec![*number], ..Bound::default() })
        }
        ExprKind::Parameter { parameter, .. } => {
            let found = library.parameters.get(parameter.index())?;
            let standards = vec![found.name.clone()];
            if found.ty.is_money() {
                let published = vec![*parameter];
                return Some(Bound { numbers: vec![Exact::one()], standards, published, ..Bound::default() });
            }
            Some(Bound {
                numbers: table(library, *parameter),
                table: Some(*parameter),
                standards,
                ..Bound::default()
            })
        }
        ExprKind::Rule(id) => rule_bound(library, *id, depth),
        ExprKind::Round { value, .. } | ExprKind::RoundBy { value, .. } => {
            bound_of(library, value, depth + 1)
        }
        ExprKind::Arith(Arith::Multiply, a, b) => {
            let (factor, whole) = if a.ty.is_money() { (b, a) } else { (a, b) };
            let whole = bound_of(library, whole, depth + 1)?;
            match bound_of(library, factor, depth + 1) {
                Some(factor) => Some(product(&factor, whole)),
                // Times a number of people: the share stays what it is.
                None => Some(whole),
            }
        }
        _ => None,
    }
}

fn product(factor: &Bound, whole: Bound) -> Bound {
    let numbers = factor
        .numbers
        .iter()
        .flat_map(|one| whole.numbers.iter().filter_map(|other| multiply(*one, *other)))
        .collect();
    Bound { numbers, table: factor.table.or(whole.table), ..whole }
}

/// A rule that only works out a share of a standard: 低保边缘上限 = 1.5 × 低保标准.
fn rule_bound(library: &Library, id: RuleId, depth: u8) -> Option<Bound> {
    let rule = library.rules.get(id.index())?;
    if !rule.ty.is_money() {
        return None;
    }
    let mut all = Bound { alias: Some(rule.name.clone()), ..Bound::default() };
    for def in rule.defs.iter().filter_map(|def| library.def(*def)) {
        for value in values(def) {
            if matches!(value.kind, ExprKind::Unknown(_) | ExprKind::Original) {
                continue;
            }
            let one = bound_of(library, value, depth + 1).filter(|one| !one.standards.is_empty())?;
            all.numbers.extend(one.numbers);
            all.standards.extend(one.standards);
            all.published.extend(one.published);
            all.table = all.table.or(one.table);
        }
    }
    (!all.standards.is_empty()).then_some(all)
}

/// Every value that a parameter of numbers has in some place at some time.
pub(super) fn table(library: &Library, id: ParameterId) -> Vec<Exact> {
    let mut values: Vec<Exact> = Vec::new();
    for row in library.rows.iter().filter(|row| row.parameter == id) {
        if let RowValue::Value(Value::Number(value)) = row.value
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    values
}

fn names_in<'l>(library: &'l Library, expr: &'l Expr) -> Vec<&'l str> {
    let mut names = Vec::new();
    expr.walk(&mut |node| match &node.kind {
        ExprKind::Input(id) => names.extend(library.inputs.get(id.index()).map(|input| input.name.as_str())),
        ExprKind::Rule(id) => names.extend(library.rules.get(id.index()).map(|rule| rule.name.as_str())),
        _ => {}
    });
    names
}

/// What a comparison counts: by the unit beside its number, by 周岁, by the name of what is compared.
fn measure_of(
    library: &Library,
    subject: &Expr,
    bound: &Expr,
    names: &[&str],
    known: &Bound,
) -> Option<Measure> {
    let written =
        library.sources.get(bound.span.source.0 as usize).map_or("", |source| source.slice(bound.span));
    if bound.ty.is_money() {
        return known.standards.is_empty().then_some(Measure::Yuan).or(Some(Measure::Times));
    }
    if let (ExprKind::Constant(_), Some(measure)) = (&bound.kind, Measure::of_unit(written)) {
        return Some(measure);
    }
    if is_age(library, subject, 0) {
        return Some(Measure::Age);
    }
    // A span of days or months worked out on the spot counts what its ends are.
    if let ExprKind::Arith(Arith::Subtract, a, _) = &subject.kind {
        match a.ty {
            Type::Date => return Some(Measure::Days),
            Type::Month => return Some(Measure::Months),
            _ => {}
        }
    }
    let [name] = names else { return None };
    [
        ("月数", Measure::Months),
        ("年数", Measure::Years),
        ("天数", Measure::Days),
        ("日数", Measure::Days),
        ("项数", Measure::Items),
        ("次数", Measure::Occasions),
        ("人数", Measure::Persons),
        ("年龄", Measure::Age),
        ("周岁", Measure::Age),
        ("倍数", Measure::Times),
        ("比例", Measure::Percent),
        ("占比", Measure::Percent),
        ("涨幅", Measure::Percent),
    ]
    .iter()
    .find(|(ending, _)| name.ends_with(ending))
    .map(|(_, measure)| *measure)
}

fn is_age(library: &Library, expr: &Expr, depth: u8) -> bool {
    match &expr.kind {
        ExprKind::Age { .. } => true,
        ExprKind::Rule(id) if depth < 3 => {
            let defs = library.rules.get(id.index()).map_or(&[][..], |rule| &rule.defs);
            let mut values = defs.iter().filter_map(|def| library.def(*def)).flat_map(values).peekable();
            values.peek().is_some() && values.all(|value| is_age(library, value, depth + 1))
        }
        _ => false,
    }
}

/// What a definition can come to, without its conditions.
fn values(def: &Def) -> Vec<&Expr> {
    match &def.body {
        Body::Formula(expr) => vec![expr],
        Body::Clauses { clauses, otherwise } => {
            clauses.iter().map(|clause| &clause.value).chain(otherwise).collect()
        }
        Body::Exception { value, .. } => vec![value],
    }
}
