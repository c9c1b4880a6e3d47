//! Formulas over one block. Every node gives a column; rules and facts are computed once and shared.

use crate::block::Block;
use crate::calendar::{completed_years, first_day, last_day, month_of};
use crate::cells::Cells;
use crate::choice::guesses;
use crate::column::{Column, Data};
use crate::hint::{BOUNDED, MAY_KNOW};
use crate::number::{Number, arith, compare, extreme, map_whole, rounded, rounded_by, zip_whole};
use crate::plan::Plan;
use crate::rule::Ruled;
use crate::space::Space;
use doudi_policy::Program;
use doudi_policy::ir::{Body, DefId, EntityId, Expr, ExprKind, InputId, Now, RuleId, Type};
use doudi_terms::epoch_day;
use std::collections::BTreeMap;

pub(crate) struct Run<'r> {
    pub program: &'r Program<'r>,
    pub plan: &'r Plan,
    pub block: Block<'r>,
    pub rules: BTreeMap<(RuleId, Space), Ruled>,
    /// Exceptions whose conditions are being asked for by 适用, innermost last.
    applying: Vec<DefId>,
}

impl<'r> Run<'r> {
    pub fn new(program: &'r Program<'r>, plan: &'r Plan, block: Block<'r>) -> Run<'r> {
        Run { program, plan, block, rules: BTreeMap::new(), applying: Vec::new() }
    }

    /// `original`: the column of 原值, inside an exception.
    pub fn expr(&mut self, expr: &Expr, space: Space, original: Option<&Column>) -> Column {
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
                self.plan.values[parameter.index()].find(&dimensions)
            }
            ExprKind::HasParameter { parameter, dimensions } => {
                let dimensions = self.all(dimensions, space, original);
                self.plan.presence[parameter.index()].find(&dimensions)
            }
            ExprKind::Now(now) => self.now(*now),
            ExprKind::Original => original.cloned().unwrap_or_else(|| Column::unknown(expr.ty)),
            ExprKind::Not(inner) => {
                let inner = self.expr(inner, space, original);
                Column { data: Data::YesNo(inner.truth().not()), ..inner }
            }
            ExprKind::And(parts) => self.junction(parts, false, space, original),
            ExprKind::Or(parts) => self.junction(parts, true, space, original),
            ExprKind::Is { value, labels, negated } => {
                let value = self.expr(value, space, original);
                let answer = value.labels().map(|label| labels.contains(&label) != *negated);
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
                compare(*op, &left, &self.expr(right, space, original))
            }
            ExprKind::Arith(op, left, right) => {
                let left = self.expr(left, space, original);
                arith(*op, &left, &self.expr(right, space, original))
            }
            ExprKind::Largest(parts) | ExprKind::Smallest(parts) => {
                let largest = matches!(expr.kind, ExprKind::Largest(_));
                let columns = self.all(parts, space, original);
                columns
                    .into_iter()
                    .reduce(|best, next| extreme(largest, &best, &next))
                    .unwrap_or_else(|| Column::unknown(expr.ty))
            }
            ExprKind::Round { value, rounding, unit } => {
                rounded(&self.expr(value, space, original), *rounding, *unit)
            }
            ExprKind::RoundBy { value, mode, unit, roundings } => {
                let mode = self.expr(mode, space, original);
                let unit = self.expr(unit, space, original);
                rounded_by(&self.expr(value, space, original), &mode, &unit, roundings)
            }
            ExprKind::Age { birth, on } => {
                let birth = self.expr(birth, space, original);
                zip_whole(&birth, &self.expr(on, space, original), completed_years)
            }
            ExprKind::MonthOf(day) => map_whole(&self.expr(day, space, original), month_of),
            ExprKind::FirstDayOf(month) => map_whole(&self.expr(month, space, original), first_day),
            ExprKind::LastDayOf(month) => map_whole(&self.expr(month, space, original), last_day),
            // Time limits (工作日, 月, 小时) are the scalar evaluator's: they are asked for one case at a time.
            _ => Column::unknown(expr.ty),
        }
    }

    fn all(&mut self, parts: &[Expr], space: Space, original: Option<&Column>) -> Vec<Column> {
        parts.iter().map(|part| self.expr(part, space, original)).collect()
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
        if at.base == space.base {
            return column;
        }
        let index = self.block.ancestor_rows(space.base, at.base);
        column.gather(&index)
    }

    fn input(&mut self, id: InputId, space: Space, ty: Type) -> Column {
        let entity = self.program.library.inputs[id.index()].entity;
        self.at_ancestor(space, entity, ty, |run, at| {
            if !at.is_unreported() {
                return run.block.input(id);
            }
            // Nothing is known about a record that nobody has reported, except what 不为负 says of every record.
            let bound = if run.program.library.inputs[id.index()].non_negative { BOUNDED } else { 0 };
            Column { hints: Cells::Same(bound), ..Column::unknown(ty) }
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

    /// 且 (`decisive` = false) and 或 (`decisive` = true). No parts: the other answer.
    pub fn junction(
        &mut self,
        parts: &[Expr],
        decisive: bool,
        space: Space,
        original: Option<&Column>,
    ) -> Column {
        let mut decided = Cells::Same(false);
        let mut all_known = Cells::Same(true);
        let mut faults = Cells::Same(0);
        let mut hints = Cells::Same(0);
        for part in parts {
            let part = self.expr(part, space, original);
            let deciding = if decisive { part.truth() } else { part.truth().not() };
            decided = decided.or(&deciding.and(&part.known));
            all_known = all_known.and(&part.known);
            faults = faults.both(&part.faults);
            hints = hints.both(&guesses(&part));
            if matches!(decided, Cells::Same(true)) {
                return Column::known(Data::YesNo(Cells::Same(decisive)));
            }
        }
        let value = if decisive { decided.clone() } else { decided.not() };
        let known = all_known.or(&decided);
        if !matches!((&faults, &hints), (Cells::Same(0), Cells::Same(0))) {
            let unknown = known.not();
            faults = faults.only(&unknown);
            hints = hints.only(&unknown);
        }
        Column { data: Data::YesNo(value), known, faults, hints }
    }

    /// 已知: no, only where the scalar evaluator cannot know it either.
    fn is_known(&mut self, inner: &Expr, space: Space, original: Option<&Column>) -> Column {
        let column = self.expr(inner, space, original);
        let guesses = guesses(&column);
        let answered = guesses.map(|bits| bits & MAY_KNOW == 0);
        let faults = column.faults.only(&answered.not());
        Column { data: Data::YesNo(column.known), known: answered, faults, hints: guesses }
    }

    fn applies(&mut self, rule: RuleId, label: &str, space: Space) -> Column {
        let program = self.program;
        let no = Column::known(Data::YesNo(Cells::Same(false)));
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
}
