//! Linear conditions over exact numbers: whether some numbers satisfy them all, and which.

use super::terms::{VarId, Vars};
use crate::ir::{Type, whole};
use crate::value::{Exact, add, divide, multiply, subtract};
use num_traits::{Signed, Zero};

/// Conditions kept while eliminating; more is given up, never claimed.
const MOST_CONDITIONS: usize = 400;

/// A sum of terms and a constant. Sorted by term, no zero factors.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Lin {
    pub terms: Vec<(VarId, Exact)>,
    pub constant: Exact,
}

/// How a sum stands to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Relation {
    Below,
    AtMost,
    Equal,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub sum: Lin,
    pub relation: Relation,
}

/// Too many conditions or too large numbers: neither yes nor no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooHard;

impl Lin {
    pub fn constant(constant: Exact) -> Lin {
        Lin { terms: Vec::new(), constant }
    }

    pub fn var(var: VarId) -> Lin {
        Lin { terms: vec![(var, whole(1))], constant: whole(0) }
    }

    pub fn as_constant(&self) -> Option<Exact> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn factor(&self, var: VarId) -> Option<Exact> {
        self.terms.iter().find(|(found, _)| *found == var).map(|(_, factor)| *factor)
    }

    pub fn times(&self, factor: Exact) -> Option<Lin> {
        if factor.is_zero() {
            return Some(Lin::constant(whole(0)));
        }
        let terms: Option<Vec<(VarId, Exact)>> =
            self.terms.iter().map(|(var, own)| Some((*var, multiply(*own, factor)?))).collect();
        Some(Lin { terms: terms?, constant: multiply(self.constant, factor)? })
    }

    pub fn plus(&self, other: &Lin) -> Option<Lin> {
        let mut terms = self.terms.clone();
        for (var, factor) in &other.terms {
            match terms.binary_search_by_key(var, |(found, _)| *found) {
                Ok(at) => terms[at].1 = add(terms[at].1, *factor)?,
                Err(at) => terms.insert(at, (*var, *factor)),
            }
        }
        terms.retain(|(_, factor)| !factor.is_zero());
        Some(Lin { terms, constant: add(self.constant, other.constant)? })
    }

    pub fn minus(&self, other: &Lin) -> Option<Lin> {
        self.plus(&other.times(whole(-1))?)
    }

    /// With `var` moved by a step.
    pub fn moved(&self, var: VarId, step: Exact) -> Option<Lin> {
        let Some(factor) = self.factor(var) else { return Some(self.clone()) };
        Some(Lin { terms: self.terms.clone(), constant: add(self.constant, multiply(factor, step)?)? })
    }

    /// With `var` standing for a sum that does not hold it.
    fn replaced(&self, var: VarId, by: &Lin) -> Option<Lin> {
        let Some(factor) = self.factor(var) else { return Some(self.clone()) };
        let mut rest = self.clone();
        rest.terms.retain(|(found, _)| *found != var);
        rest.plus(&by.times(factor)?)
    }

    fn value(&self, values: &[(VarId, Exact)]) -> Option<Exact> {
        let mut sum = self.constant;
        for (var, factor) in &self.terms {
            let value = values.iter().find(|(found, _)| found == var)?.1;
            sum = add(sum, multiply(*factor, value)?)?;
        }
        Some(sum)
    }
}

impl Condition {
    /// A condition without terms is plainly true or false.
    pub fn settled(&self) -> Option<bool> {
        let constant = self.sum.as_constant()?;
        Some(match self.relation {
            Relation::Below => constant.is_negative(),
            Relation::AtMost => !constant.is_positive(),
            Relation::Equal => constant.is_zero(),
        })
    }

    /// Whole things are never between two whole numbers: `< 3` is `≤ 2`.
    fn tightened(self, vars: &Vars<'_>) -> Option<Condition> {
        let [(var, factor)] = self.sum.terms[..] else { return Some(self) };
        if !vars.integral(var) || self.relation == Relation::Equal {
            return Some(self);
        }
        // factor × x + constant ⋚ 0, so x ⋚ −constant ÷ |factor|, from above or from below.
        let bound = divide(-self.sum.constant, factor)?;
        let strict = self.relation == Relation::Below;
        let one = whole(1);
        let bound = match factor.is_positive() {
            true if strict && bound.is_integer() => subtract(bound, one)?,
            true => bound.floor(),
            false if strict && bound.is_integer() => add(bound, one)?,
            false => bound.ceil(),
        };
        let sign = factor.signum();
        let sum = Lin { terms: vec![(var, sign)], constant: multiply(-bound, sign)? };
        Some(Condition { sum, relation: Relation::AtMost })
    }
}

/// What a term lies between, in terms of those eliminated after it.
struct Stage {
    var: VarId,
    /// Sums that the term is equal to, at most, at least; with whether the bound itself is left out.
    equal: Option<Lin>,
    above: Vec<(Lin, bool)>,
    below: Vec<(Lin, bool)>,
}

/// Numbers that satisfy every condition; `None` if there are none.
pub(super) fn satisfy(
    vars: &Vars<'_>,
    conditions: &[Condition],
) -> Result<Option<Vec<(VarId, Exact)>>, TooHard> {
    let mut open: Vec<Condition> = Vec::new();
    for condition in conditions {
        open.push(condition.clone().tightened(vars).ok_or(TooHard)?);
    }
    let mut stages = Vec::new();
    loop {
        let mut held = Vec::with_capacity(open.len());
        for condition in open {
            match condition.settled() {
                Some(true) => {}
                Some(false) => return Ok(None),
                None if held.contains(&condition) => {}
                None => held.push(condition),
            }
        }
        open = held;
        if open.len() > MOST_CONDITIONS {
            return Err(TooHard);
        }
        let Some(var) = next_var(&open) else { break };
        let (stage, rest) = eliminate(vars, var, &open).ok_or(TooHard)?;
        stages.push(stage);
        open = rest;
    }
    chosen(vars, &stages).map(Some)
}

/// A term that stands in an equation, else the one whose elimination adds fewest conditions.
fn next_var(open: &[Condition]) -> Option<VarId> {
    if let Some(equation) = open.iter().find(|condition| condition.relation == Relation::Equal) {
        return equation.sum.terms.first().map(|(var, _)| *var);
    }
    let mut vars: Vec<VarId> =
        open.iter().flat_map(|condition| &condition.sum.terms).map(|(var, _)| *var).collect();
    vars.sort();
    vars.dedup();
    let cost = |var: &VarId| {
        let factors = || open.iter().filter_map(|condition| condition.sum.factor(*var));
        let positive = factors().filter(Signed::is_positive).count();
        positive * (factors().count() - positive)
    };
    vars.into_iter().min_by_key(cost)
}

fn eliminate(vars: &Vars<'_>, var: VarId, open: &[Condition]) -> Option<(Stage, Vec<Condition>)> {
    let mut stage = Stage { var, equal: None, above: Vec::new(), below: Vec::new() };
    let equation = open
        .iter()
        .position(|condition| condition.relation == Relation::Equal && condition.sum.factor(var).is_some());
    if let Some(at) = equation {
        let by = solved(&open[at].sum, var)?;
        let mut rest = Vec::new();
        for (index, condition) in open.iter().enumerate() {
            if index != at {
                let sum = condition.sum.replaced(var, &by)?;
                rest.push(Condition { sum, relation: condition.relation }.tightened(vars)?);
            }
        }
        stage.equal = Some(by);
        return Some((stage, rest));
    }
    let mut rest = Vec::new();
    for condition in open {
        let Some(factor) = condition.sum.factor(var) else {
            rest.push(condition.clone());
            continue;
        };
        let bound = (solved(&condition.sum, var)?, condition.relation == Relation::Below);
        if factor.is_positive() { stage.below.push(bound) } else { stage.above.push(bound) }
    }
    for (low, low_strict) in &stage.above {
        for (high, high_strict) in &stage.below {
            let relation = if *low_strict || *high_strict { Relation::Below } else { Relation::AtMost };
            rest.push(Condition { sum: low.minus(high)?, relation }.tightened(vars)?);
        }
        if rest.len() > MOST_CONDITIONS * 4 {
            return None;
        }
    }
    Some((stage, rest))
}

/// `2x − y + 3 = 0` solved for x.
fn solved(sum: &Lin, var: VarId) -> Option<Lin> {
    let factor = sum.factor(var)?;
    let mut rest = sum.clone();
    rest.terms.retain(|(found, _)| *found != var);
    rest.times(divide(whole(-1), factor)?)
}

/// Numbers for the terms, the last eliminated first.
fn chosen(vars: &Vars<'_>, stages: &[Stage]) -> Result<Vec<(VarId, Exact)>, TooHard> {
    let mut values: Vec<(VarId, Exact)> = Vec::new();
    for stage in stages.iter().rev() {
        // Terms that fell out on the way may be anything.
        let sums = stage.equal.iter().chain(stage.above.iter().chain(&stage.below).map(|(sum, _)| sum));
        let loose: Vec<VarId> = sums.flat_map(|sum| &sum.terms).map(|(var, _)| *var).collect();
        for var in loose {
            if !values.iter().any(|(found, _)| *found == var) {
                values.push((var, pleasant(vars, var, None, None).ok_or(TooHard)?));
            }
        }
        let at = |bound: &(Lin, bool)| bound.0.value(&values).map(|value| (value, bound.1));
        let low: Option<Vec<(Exact, bool)>> = stage.above.iter().map(at).collect();
        let high: Option<Vec<(Exact, bool)>> = stage.below.iter().map(at).collect();
        let low = low.ok_or(TooHard)?.into_iter().max();
        // Of two equal upper bounds the one that leaves the bound out is the narrower.
        let high = high.ok_or(TooHard)?.into_iter().min_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
        let value = match &stage.equal {
            Some(sum) => sum.value(&values).ok_or(TooHard)?,
            None => pleasant(vars, stage.var, low, high).ok_or(TooHard)?,
        };
        if vars.integral(stage.var) && !value.is_integer() {
            return Err(TooHard);
        }
        values.push((stage.var, value));
    }
    Ok(values)
}

/// A number between the bounds that reads well: whole hundreds of yuan before whole yuan before fen.
fn pleasant(
    vars: &Vars<'_>,
    var: VarId,
    low: Option<(Exact, bool)>,
    high: Option<(Exact, bool)>,
) -> Option<Exact> {
    let inside = |value: Exact| {
        low.is_none_or(|(bound, strict)| if strict { value > bound } else { value >= bound })
            && high.is_none_or(|(bound, strict)| if strict { value < bound } else { value <= bound })
    };
    let money = matches!(vars.number_type(var), Some(Type::Money | Type::Amount));
    let far = if money { whole(10_000) } else { whole(1) };
    let aim = match (low, high) {
        (Some((low, _)), Some((high, _))) => divide(add(low, high)?, whole(2))?,
        (Some((low, _)), None) => add(low, far)?,
        (None, Some((high, _))) => add(high, -far)?,
        (None, None) => vars.usual(var),
    };
    let units: &[i128] = if money { &[10_000, 1_000, 100, 10, 1] } else { &[1] };
    for unit in units {
        let unit = whole(*unit);
        let scaled = divide(aim, unit)?;
        for near in [scaled.floor(), scaled.ceil()] {
            let value = multiply(near, unit)?;
            if inside(value) {
                return Some(value);
            }
        }
    }
    (!vars.integral(var) && inside(aim)).then_some(aim)
}
