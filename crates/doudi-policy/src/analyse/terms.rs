//! What the conditions of a rule are about: names, and formulas that the analysis does not look into.

use crate::ir::{Expr, InputId, ParameterId, RuleId, Type, whole};
use crate::program::Program;
use crate::value::Exact;
use doudi_terms::epoch_day;
use std::collections::HashMap;

pub(super) type VarId = usize;

/// What a term is. Two formulas of the same shape are one term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Term {
    Input(InputId),
    Rule(RuleId),
    /// The value at one combination of dimensions.
    Parameter(ParameterId, usize),
    /// Whether a place has such a value.
    Published(ParameterId, usize),
    /// A formula by its shape.
    Shape(String),
}

#[derive(Clone, Debug)]
pub(super) struct Var<'l> {
    pub term: Term,
    pub ty: Type,
    pub non_negative: bool,
    /// Where the formula of a shape stands: the evaluator is given its value there.
    pub places: Vec<&'l Expr>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Vars<'l> {
    all: Vec<Var<'l>>,
    index: HashMap<Term, VarId>,
    today: i128,
    month: i128,
}

impl<'l> Vars<'l> {
    pub fn new(program: &Program<'_>) -> Vars<'l> {
        Vars {
            today: i128::from(epoch_day(program.date)),
            month: i128::from(program.month.index()),
            ..Vars::default()
        }
    }

    pub fn intern(&mut self, term: Term, ty: Type, non_negative: bool) -> VarId {
        if let Some(id) = self.index.get(&term) {
            return *id;
        }
        let id = self.all.len();
        self.index.insert(term.clone(), id);
        self.all.push(Var { term, ty, non_negative, places: Vec::new() });
        id
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn get(&self, var: VarId) -> &Var<'l> {
        &self.all[var]
    }

    pub fn stands_at(&mut self, var: VarId, place: &'l Expr) {
        let places = &mut self.all[var].places;
        if !places.iter().any(|known| std::ptr::eq(*known, place)) {
            places.push(place);
        }
    }

    pub fn number_type(&self, var: VarId) -> Option<Type> {
        let ty = self.all[var].ty;
        (!matches!(ty, Type::YesNo | Type::Enum(_))).then_some(ty)
    }

    pub fn integral(&self, var: VarId) -> bool {
        matches!(self.all[var].ty, Type::Money | Type::Count | Type::Date | Type::Month | Type::Moment)
    }

    /// The smallest step that people write.
    pub fn step(&self, var: VarId) -> Exact {
        if self.all[var].ty == Type::Number { Exact::new(1, 100) } else { whole(1) }
    }

    /// A number that nothing restricts.
    pub fn usual(&self, var: VarId) -> Exact {
        match self.all[var].ty {
            Type::Date => whole(self.today),
            Type::Moment => whole(self.today * 24 * 60),
            Type::Month => whole(self.month),
            _ => whole(0),
        }
    }
}
