//! A household that the logic found, put to the evaluator: only what the evaluator confirms is shown.

use super::terms::{Term, VarId, Vars};
use crate::eval::Evaluation;
use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, HOUSEHOLD, RuleId, Type, whole};
use crate::program::{ParameterValue, Program};
use crate::value::{Exact, Outcome, Value, add};
use crate::words::value_words;

pub(super) type Model = Vec<(VarId, Value)>;

/// One household of one member, with one record where a rule is about records.
pub(super) struct Household<'h, 'l> {
    pub program: Program<'l>,
    layout: &'h Layout,
    vars: &'h Vars<'l>,
    model: &'h Model,
    /// Rules that the evaluator computes although the model names them.
    computed: &'h [RuleId],
}

impl<'h, 'l> Household<'h, 'l> {
    pub fn new(
        program: &Program<'l>,
        layout: &'h Layout,
        vars: &'h Vars<'l>,
        model: &'h Model,
        computed: &'h [RuleId],
    ) -> Household<'h, 'l> {
        let mut program = program.clone();
        for (var, value) in model {
            match vars.get(*var).term {
                Term::Parameter(id, key) => {
                    program.parameters[id.index()][key] = ParameterValue::Value(*value, u32::MAX);
                }
                Term::Published(id, key) if *value == Value::YesNo(false) => {
                    program.parameters[id.index()][key] = ParameterValue::None(u32::MAX);
                }
                Term::Published(id, key) => {
                    let slot = &mut program.parameters[id.index()][key];
                    if *slot == ParameterValue::Unpublished {
                        *slot = ParameterValue::Value(
                            any_value(program.library.parameters[id.index()].ty),
                            u32::MAX,
                        );
                    }
                }
                _ => {}
            }
        }
        Household { program, layout, vars, model, computed }
    }

    /// Asks the evaluator about this household.
    pub fn ask<T>(&self, entity: EntityId, question: impl FnOnce(&mut Evaluation<'_>) -> T) -> T {
        let mut facts = Facts::new(self.layout);
        add_rows(&self.program, &mut facts, entity);
        let mut assumed: Vec<(RuleId, Value)> = Vec::new();
        for (var, value) in self.model {
            match self.vars.get(*var).term {
                Term::Input(id) => {
                    let owner = self.program.library.inputs[id.index()].entity;
                    facts.set(owner, 0, id, Fact { value: FactValue::Known(*value), source: None });
                }
                Term::Rule(id) if !self.computed.contains(&id) => assumed.push((id, *value)),
                _ => {}
            }
        }
        let mut evaluation = Evaluation::new(&self.program, &facts);
        for (rule, value) in assumed {
            evaluation.assume(rule, 0, Outcome::Known(value));
        }
        for (var, value) in self.model {
            for place in &self.vars.get(*var).places {
                evaluation.give(place, *value);
            }
        }
        question(&mut evaluation)
    }

    /// The names among the first `direct` terms with their values, and the parameters that were used.
    pub fn facts(&self, direct: usize) -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (var, value) in self.model.iter().filter(|(var, _)| *var < direct && self.counts(*var)) {
            if let Some(name) = self.name(*var) {
                let value = value_words(self.program.library, *value, self.vars.get(*var).ty);
                pairs.push((name, value));
            }
        }
        pairs
    }

    /// A made-up value of a place counts where it is used, and then says itself that there is one.
    fn counts(&self, var: VarId) -> bool {
        let published = |id, key| {
            let used = |(found, value): &(VarId, Value)| {
                self.vars.get(*found).term == Term::Published(id, key) && *value == Value::YesNo(true)
            };
            self.model.iter().any(used)
        };
        match self.vars.get(var).term {
            Term::Parameter(id, key) => published(id, key),
            Term::Published(id, key) => {
                let made_up = Term::Parameter(id, key);
                !(published(id, key)
                    && self.model.iter().any(|(found, _)| self.vars.get(*found).term == made_up))
            }
            _ => true,
        }
    }

    fn name(&self, var: VarId) -> Option<String> {
        let library = self.program.library;
        let found = self.vars.get(var);
        let owned = |entity: EntityId, name: &str| {
            let owner = library.entities.get(entity.index()).map_or("", |entity| entity.name.as_str());
            if entity.0 > 1 { format!("{owner}.{name}") } else { name.to_owned() }
        };
        Some(match &found.term {
            Term::Input(id) => {
                let input = &library.inputs[id.index()];
                owned(input.entity, &input.name)
            }
            Term::Rule(id) => {
                let rule = &library.rules[id.index()];
                owned(rule.entity, &rule.name)
            }
            Term::Parameter(id, key) => {
                format!("{}（假定）", parameter_words(&self.program, id.index(), *key))
            }
            Term::Published(id, key) => {
                format!("有规定({})", parameter_words(&self.program, id.index(), *key))
            }
            Term::Shape(_) => {
                let place = found.places.first()?;
                let text = library.sources.get(place.span.source.0 as usize)?.slice(place.span);
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
        })
    }
}

fn parameter_words(program: &Program<'_>, parameter: usize, key: usize) -> String {
    let words = program.key_words(crate::ir::ParameterId(parameter as u32), key);
    let name = &program.library.parameters[parameter].name;
    if words.is_empty() { name.clone() } else { format!("{name}[{}]", words.join("、")) }
}

fn any_value(ty: Type) -> Value {
    match ty {
        Type::YesNo => Value::YesNo(true),
        Type::Enum(_) => Value::Label(0),
        _ => Value::Number(whole(1)),
    }
}

/// A row of the entity and of everything it belongs to.
fn add_rows(program: &Program<'_>, facts: &mut Facts<'_>, entity: EntityId) {
    if entity == HOUSEHOLD {
        return;
    }
    if let Some(parent) = program.library.entities.get(entity.index()).and_then(|found| found.parent) {
        add_rows(program, facts, parent);
    }
    facts.add_row(entity, 0, "");
}

/// The same household with one number moved by a step.
pub(super) fn moved(model: &Model, var: VarId, step: Exact) -> Option<Model> {
    let mut moved = model.clone();
    for (found, value) in &mut moved {
        if *found == var
            && let Value::Number(number) = value
        {
            *number = add(*number, step)?;
        }
    }
    Some(moved)
}
