//! Formulas as code for columns. Rules and facts are compiled once and shared, and a formula that speaks of the
//! household alone is computed once for the household, wherever it stands.

use crate::calendar;
use crate::cells::{Bits, Cells, Ints, Mask};
use crate::choice::guesses;
use crate::code::Code;
use crate::column::{Column, Data, OVERFLOW};
use crate::facts::ColumnFacts;
use crate::hint::{BOUNDED, Hint, MAY_KNOW};
use crate::lookup::Lookups;
use crate::number::{Number, arith, compare, extreme, rounded, rounded_by, strict};
use crate::op::{Calendar, Op, Part};
use crate::rule::Ruled;
use crate::space::Space;
use crate::tables::scale;
use doudi_policy::Program;
use doudi_policy::ir::{Body, DefId, EntityId, Expr, ExprKind, InputId, Now, RuleId, Type};
use doudi_terms::epoch_day;
use std::collections::BTreeMap;

pub(crate) struct Compiler<'r> {
    pub program: &'r Program<'r>,
    pub facts: &'r ColumnFacts,
    pub code: Code,
    pub lookups: Lookups<'r>,
    pub rules: BTreeMap<(RuleId, Space), Ruled>,
    /// Exceptions whose conditions are being asked for by 适用, innermost last.
    applying: Vec<DefId>,
}

impl<'r> Compiler<'r> {
    pub fn new(program: &'r Program<'r>, facts: &'r ColumnFacts) -> Compiler<'r> {
        Compiler {
            program,
            facts,
            code: Code::new(program.library),
            lookups: Lookups::new(program),
            rules: BTreeMap::new(),
            applying: Vec::new(),
        }
    }

    /// `original`: the column of 原值, inside an exception.
    pub fn expr(&mut self, expr: &Expr, space: Space, original: Option<&Column>) -> Column {
        if let Some(nearest) = self.nearest(expr)
            && nearest < space.entity
            && !is_leaf(expr)
        {
            return self.at_ancestor(space, nearest, expr.ty, |run, at| run.node(expr, at, None));
        }
        self.node(expr, space, original)
    }

    fn node(&mut self, expr: &Expr, space: Space, original: Option<&Column>) -> Column {
        match &expr.kind {
            ExprKind::Constant(value) => Column::constant(*value, expr.ty),
            ExprKind::Unknown(_) => Column::unknown(expr.ty),
            ExprKind::Input(id) => self.input(*id, space, expr.ty),
            ExprKind::Rule(id) => {
                let entity = self.program.library.rules[id.index()].entity;
                self.at_ancestor(space, entity, expr.ty, |run, at| run.rule(*id, at).column)
            }
            ExprKind::Parameter { parameter, dimensions } => {
                let dimensions = self.all(dimensions, space, original);
                self.lookups.value(&mut self.code, *parameter, &dimensions)
            }
            ExprKind::HasParameter { parameter, dimensions } => {
                let dimensions = self.all(dimensions, space, original);
                self.lookups.presence(&mut self.code, *parameter, &dimensions)
            }
            ExprKind::Now(now) => self.now(*now),
            ExprKind::Original => original.copied().unwrap_or_else(|| Column::unknown(expr.ty)),
            ExprKind::Not(inner) => {
                let inner = self.expr(inner, space, original);
                Column { data: Data::YesNo(self.code.not(inner.truth())), ..inner }
            }
            ExprKind::And(parts) => self.junction(parts, false, space, original),
            ExprKind::Or(parts) => self.junction(parts, true, space, original),
            ExprKind::Is { value, labels, negated } => {
                let value = self.expr(value, space, original);
                let answer = self.code.is_label(value.labels(), labels, *negated);
                Column { data: Data::YesNo(answer), ..value }
            }
            ExprKind::Aggregate { op, over, filters, value } => {
                let Some(owner) = self.program.library.entities[over.index()].parent else {
                    return Column::unknown(expr.ty);
                };
                self.at_ancestor(space, owner, expr.ty, |run, at| {
                    run.aggregate(*op, *over, filters, value.as_deref(), at)
                })
            }
            ExprKind::IsKnown(inner) => self.is_known(inner, space, original),
            ExprKind::Applies { rule, label } => self.applies(*rule, label, space),
            _ => self.numeric(expr, space, original),
        }
    }

    /// Formulas whose operands are numbers, days or months.
    fn numeric(&mut self, expr: &Expr, space: Space, original: Option<&Column>) -> Column {
        match &expr.kind {
            ExprKind::Compare(op, left, right) => {
                let left = self.expr(left, space, original);
                let right = self.expr(right, space, original);
                compare(&mut self.code, *op, &left, &right)
            }
            ExprKind::Arith(op, left, right) => {
                let left = self.expr(left, space, original);
                let right = self.expr(right, space, original);
                arith(&mut self.code, *op, &left, &right)
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let largest = matches!(expr.kind, ExprKind::Largest(_));
                let columns = self.all(parts, space, original);
                columns
                    .into_iter()
                    .reduce(|best, next| extreme(&mut self.code, largest, &best, &next))
                    .unwrap_or_else(|| Column::unknown(expr.ty))
            }
            ExprKind::Round { value, rounding, unit } => {
                let value = self.expr(value, space, original);
                rounded(&mut self.code, &value, *rounding, *unit)
            }
            ExprKind::RoundBy { value, mode, unit, roundings } => {
                let mode = self.expr(mode, space, original);
                let unit = self.expr(unit, space, original);
                let value = self.expr(value, space, original);
                rounded_by(&mut self.code, &value, &mode, &unit, roundings)
            }
            ExprKind::Age { birth, on } => {
                let birth = self.expr(birth, space, original);
                let on = self.expr(on, space, original);
                self.calendar(Calendar::Age, &birth, Some(&on))
            }
            ExprKind::MonthOf(day) => {
                let day = self.expr(day, space, original);
                self.calendar(Calendar::MonthOf, &day, None)
            }
            ExprKind::FirstDayOf(month) => {
                let month = self.expr(month, space, original);
                self.calendar(Calendar::FirstDay, &month, None)
            }
            ExprKind::LastDayOf(month) => {
                let month = self.expr(month, space, original);
                self.calendar(Calendar::LastDay, &month, None)
            }
            // Time limits (工作日, 月, 小时) are the scalar evaluator's: they are asked for one case at a time.
            _ => Column::unknown(expr.ty),
        }
    }

    fn all(&mut self, parts: &[Expr], space: Space, original: Option<&Column>) -> Vec<Column> {
        parts.iter().map(|part| self.expr(part, space, original)).collect()
    }

    /// The entity nearest to the persons and records of all that a formula speaks of; `None` if it speaks of nothing,
    /// or of 原值, which belongs to the rows where it stands.
    fn nearest(&self, expr: &Expr) -> Option<EntityId> {
        let library = self.program.library;
        let mut nearest: Option<EntityId> = None;
        let mut original = false;
        let mut pending = vec![expr];
        while let Some(expr) = pending.pop() {
            let entity = match &expr.kind {
                ExprKind::Input(id) => Some(library.inputs[id.index()].entity),
                ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } => {
                    Some(library.rules[id.index()].entity)
                }
                ExprKind::Aggregate { over, .. } => library.entities[over.index()].parent,
                ExprKind::Original => {
                    original = true;
                    None
                }
                _ => {
                    expr.operands(&mut |operand| pending.push(operand));
                    None
                }
            };
            if let Some(entity) = entity {
                // Entities on one line of descent: the further down, the greater the number.
                nearest = nearest.max(Some(entity));
            }
        }
        nearest.filter(|_| !original)
    }

    /// Computes at the rows of an entity that `space` is or belongs to, and brings the result to the rows of `space`.
    fn at_ancestor(
        &mut self,
        space: Space,
        entity: EntityId,
        ty: Type,
        compute: impl FnOnce(&mut Self, Space) -> Column,
    ) -> Column {
        let Some(at) = space.ancestor(self.program.library, entity) else { return Column::unknown(ty) };
        let column = compute(self, at);
        if at.base == space.base { column } else { column.spread(&mut self.code, space.base) }
    }

    fn input(&mut self, id: InputId, space: Space, ty: Type) -> Column {
        let entity = self.program.library.inputs[id.index()].entity;
        self.at_ancestor(space, entity, ty, |run, at| {
            // What 不为负 says of a fact that nobody knows, and of every record that nobody has reported.
            let bound = if run.program.library.inputs[id.index()].non_negative { BOUNDED } else { 0 };
            if at.is_unreported() {
                return Column { hints: Cells::Same(bound), ..Column::unknown(ty) };
            }
            run.facts.column(&mut run.code, id, ty, bound, scale(ty))
        })
    }

    fn now(&self, now: Now) -> Column {
        let month = self.program.month;
        let number = match now {
            Now::Month => month.index(),
            Now::LastMonth => month.previous().index(),
            Now::FirstDay => epoch_day(month.first_day()),
            Now::LastDay => epoch_day(month.last_day()),
        };
        Column::known(Data::Number(Number::whole(Cells::Same(i64::from(number)))))
    }

    /// 且 (`decisive` = false) and 或 (`decisive` = true). No parts: the other answer. Parts that speak of the
    /// household alone are put together there first.
    pub fn junction(
        &mut self,
        parts: &[Expr],
        decisive: bool,
        space: Space,
        original: Option<&Column>,
    ) -> Column {
        let mut above: BTreeMap<EntityId, Vec<&Expr>> = BTreeMap::new();
        let mut columns = Vec::new();
        for part in parts {
            match self.nearest(part).filter(|nearest| *nearest < space.entity) {
                Some(nearest) => above.entry(nearest).or_default().push(part),
                None => columns.push(self.expr(part, space, original)),
            }
        }
        for (entity, parts) in above {
            columns.push(self.at_ancestor(space, entity, Type::YesNo, |run, at| {
                let columns: Vec<Column> = parts.iter().map(|part| run.expr(part, at, None)).collect();
                run.join(&columns, decisive)
            }));
        }
        self.join(&columns, decisive)
    }

    fn join(&mut self, parts: &[Column], decisive: bool) -> Column {
        let code = &mut self.code;
        if let [part] = parts {
            return Column { hints: guesses(code, part), ..*part };
        }
        let mut value = if decisive { Mask::NO } else { Mask::YES };
        let mut decided = Mask::NO;
        let mut all_known = Mask::YES;
        let mut faults = Bits::NONE;
        let mut hints = Bits::NONE;
        for part in parts {
            // Where the answer is known, what is not known does not turn it.
            let truth = part.truth();
            value = if decisive { code.or(value, truth) } else { code.and(value, truth) };
            let deciding = if decisive { part.truth() } else { code.not(part.truth()) };
            let deciding = code.and(deciding, part.known);
            decided = code.or(decided, deciding);
            all_known = code.and(all_known, part.known);
            faults = code.both(faults, part.faults);
            let guesses = guesses(code, part);
            hints = code.both(hints, guesses);
        }
        let known = code.or(all_known, decided);
        let unknown = code.not(known);
        let (faults, hints) = (code.only(faults, unknown), code.only(hints, unknown));
        Column { data: Data::YesNo(value), known, faults, hints }
    }

    /// 已知: no, only where the scalar evaluator cannot know it either.
    fn is_known(&mut self, inner: &Expr, space: Space, original: Option<&Column>) -> Column {
        let column = self.expr(inner, space, original);
        let code = &mut self.code;
        let guesses = guesses(code, &column);
        let open = code.has(guesses, MAY_KNOW);
        let faults = code.only(column.faults, open);
        let known = code.not(open);
        Column { data: Data::YesNo(column.known), known, faults, hints: guesses }
    }

    fn applies(&mut self, rule: RuleId, label: &str, space: Space) -> Column {
        let program = self.program;
        let no = Column::known(Data::YesNo(Mask::NO));
        let linked = &program.rules[rule.index()].exceptions;
        let found = linked.iter().find_map(|id| {
            let def = program.library.def(*id)?;
            (def.label.as_deref() == Some(label)).then_some((*id, def))
        });
        let Some((id, def)) = found else { return no };
        let Body::Exception { condition, .. } = &def.body else { return no };
        // 原值 is not known outside the rule itself; and an exception that asks for itself has no answer.
        if condition.uses_original() || self.applying.contains(&id) {
            return Column::undecided(Type::YesNo);
        }
        self.applying.push(id);
        let entity = program.library.rules[rule.index()].entity;
        let column = self.at_ancestor(space, entity, Type::YesNo, |run, at| run.expr(condition, at, None));
        self.applying.pop();
        column
    }

    fn calendar(&mut self, of: Calendar, day: &Column, on: Option<&Column>) -> Column {
        let code = &mut self.code;
        let a = day.number().as_whole(code);
        let b = on.map_or(Cells::Same(0), |on| on.number().as_whole(code));
        let (result, faults) = calendar_step(code, of, a, b);
        let operands: Vec<&Column> = [day].into_iter().chain(on).collect();
        strict(code, Data::Number(Number::whole(result)), &operands, faults, Hint::Plain)
    }
}

fn is_leaf(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Input(_) | ExprKind::Rule(_) | ExprKind::Aggregate { .. } | ExprKind::Applies { .. }
    )
}

/// Years of age that a table of birthdays may span.
const MOST_AGES: i64 = 400;

fn calendar_step(code: &mut Code, of: Calendar, a: Ints, b: Ints) -> (Ints, Bits) {
    let (x, y) = (code.span(a), code.span(b));
    if let (Cells::Same(a), Cells::Same(b)) = (a, b) {
        return match calendar::convert(of, a, b) {
            Some(number) => (Cells::Same(number), Bits::NONE),
            None => (Cells::Same(0), Cells::Same(OVERFLOW)),
        };
    }
    // All of them rise, or fall, with each operand: between two that have an answer everything has one.
    let corners = [(x.0, y.0), (x.0, y.1), (x.1, y.0), (x.1, y.1)].map(|(a, b)| calendar::convert(of, a, b));
    let Some(base) = a.node().or(b.node()).map(|node| code.step(node).base) else {
        return (Cells::Same(0), Cells::Same(OVERFLOW));
    };
    let certain: Option<Vec<i64>> = corners.into_iter().collect();
    let span = certain.map(|corners| {
        let low = corners.iter().min().copied().unwrap_or(0);
        (low, corners.iter().max().copied().unwrap_or(0))
    });
    if let (Calendar::Age, Cells::Rows(_), Cells::Same(on), Some((least, most))) = (of, a, b, span)
        && most - least < MOST_AGES
    {
        let last_births = (least..=most + 1).map(|age| calendar::last_birth(age, on)).collect();
        let a = code.wide(a);
        let Cells::Rows(birth) = a else { return (a, Bits::NONE) };
        let op = Op::AgeOn { birth, on, least, last_births };
        return (Cells::Rows(code.emit_ints(op, base, (least, most))), Bits::NONE);
    }
    let (a, b) = (code.wide(a), code.wide(b));
    let result = Op::CalendarOf { of, a, b, part: Part::Numer };
    match span {
        Some(span) => {
            let node = code.emit(result, base, crate::code::Kind::Int64, span);
            (Cells::Rows(node), Bits::NONE)
        }
        None => {
            let fault = Op::CalendarOf { of, a, b, part: Part::Fault };
            let result = code.slow(result, Part::Numer, base);
            (Cells::Rows(result), Cells::Rows(code.slow(fault, Part::Fault, base)))
        }
    }
}
