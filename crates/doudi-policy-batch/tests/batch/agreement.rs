//! Runs a population through both evaluators and compares every rule, check, reason and fault.

use crate::population::Population;
use doudi_policy::ir::{Body, CheckId, RuleId};
use doudi_policy::{Evaluation, Fault, Fired, Layout, Missing, Outcome, Program};
use doudi_policy_batch::{Decided, Part, Prepared, ResultColumn, Results, Wanted, decided_by, household};
use std::collections::BTreeMap;

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    pub cells: usize,
    pub known: usize,
    /// Rules and checks that only the scalar evaluator knew somewhere: it decided by bounds.
    pub scalar_only: Vec<String>,
    /// How often each of them.
    pub weaker: BTreeMap<String, usize>,
}

/// `clean`: no fact is unknown, every list is complete; then reasons and faults must be the same too.
pub fn compare(program: &Program<'_>, population: &Population, clean: bool) -> Result<Comparison, String> {
    let library = program.library;
    let tables = population.tables(library);
    let rules = (0..library.rules.len() as u32).map(RuleId).map(Wanted::Rule);
    let wanted: Vec<Wanted> = rules.chain(program.checks.iter().copied().map(Wanted::Check)).collect();
    let prepared = Prepared::new(program, &tables, &wanted).map_err(|error| error.to_string())?;
    let results = prepared.results(0);
    same_on_any_processor(program, &results, &prepared.on_any_processor().results(0))?;
    let layout = Layout::of(library);
    let mut comparison = Comparison::default();
    for number in 0..population.households() {
        let facts = population.facts(library, &layout, number);
        let taken = household(&tables, &layout, number as u32);
        let mut scalar = Evaluation::new(program, &facts);
        let mut from_columns = Evaluation::new(program, &taken);
        let ranges = population.rows_of(library, number);
        for column in &results.columns {
            for (local, row) in ranges[column.entity.index()].clone().enumerate() {
                let outcome = scalar_outcome(&mut scalar, column.wanted, local as u32);
                if scalar_outcome(&mut from_columns, column.wanted, local as u32) != outcome {
                    return Err(format!("household {number} taken out of the columns is another one"));
                }
                let fired = match column.wanted {
                    Wanted::Rule(id) => scalar.fired(id, local as u32).cloned(),
                    Wanted::Check(_) => None,
                };
                let fired = fired.map(|fired| without_unsure(&mut scalar, fired, column, local as u32));
                let seen = Seen { program, column, row, outcome, fired, clean };
                comparison.cells += 1;
                seen.check(&mut comparison).map_err(|problem| {
                    format!("{} in household {number}, row {local}: {problem}", name(program, column.wanted))
                })?;
            }
        }
    }
    for name in std::mem::take(&mut comparison.scalar_only) {
        *comparison.weaker.entry(name).or_default() += 1;
    }
    comparison.scalar_only = comparison.weaker.keys().cloned().collect();
    Ok(comparison)
}

fn same_on_any_processor(program: &Program<'_>, here: &Results, anywhere: &Results) -> Result<(), String> {
    for (here, anywhere) in here.columns.iter().zip(&anywhere.columns) {
        let differs = |row: &usize| {
            here.value(*row) != anywhere.value(*row) || here.reason(*row) != anywhere.reason(*row)
        };
        if let Some(row) = (0..here.reasons.len()).find(differs) {
            return Err(format!("{} in row {row} depends on the processor", name(program, here.wanted)));
        }
        if here.faults != anywhere.faults {
            return Err(format!("faults of {} depend on the processor", name(program, here.wanted)));
        }
    }
    Ok(())
}

fn scalar_outcome(evaluation: &mut Evaluation<'_>, wanted: Wanted, row: u32) -> Outcome {
    match wanted {
        Wanted::Rule(id) => evaluation.rule(id, row),
        Wanted::Check(CheckId(id)) => {
            let library = evaluation.program.library;
            evaluation.check(&library.checks[id as usize], row)
        }
    }
}

/// Leaves out exceptions that only may apply: even with all facts known, a condition that divides by zero is unknown.
/// A condition on 原值 cannot be asked from outside; what applied then stays in.
fn without_unsure(scalar: &mut Evaluation<'_>, mut fired: Fired, column: &ResultColumn, row: u32) -> Fired {
    let library = scalar.program.library;
    fired.exceptions.retain(|id| match library.def(*id).map(|def| &def.body) {
        Some(Body::Exception { condition, .. }) if !condition.uses_original() => {
            scalar.expr(condition, column.entity, row).known().is_some()
        }
        _ => true,
    });
    fired
}

pub fn name(program: &Program<'_>, wanted: Wanted) -> String {
    let library = program.library;
    match wanted {
        Wanted::Rule(id) => {
            let rule = &library.rules[id.index()];
            format!("{}.{}", library.entities[rule.entity.index()].name, rule.name)
        }
        Wanted::Check(id) => library.checks[id.index()].name.clone(),
    }
}

/// One cell as both evaluators see it.
struct Seen<'s> {
    program: &'s Program<'s>,
    column: &'s ResultColumn,
    row: usize,
    outcome: Outcome,
    /// Exceptions are those that apply for sure.
    fired: Option<Fired>,
    clean: bool,
}

impl Seen<'_> {
    fn check(&self, comparison: &mut Comparison) -> Result<(), String> {
        match (self.column.value(self.row), self.outcome.known()) {
            (Some(batch), Some(scalar)) if batch == scalar => {
                comparison.known += 1;
                self.check_reason(comparison)
            }
            (Some(batch), _) => Err(format!("batch {batch:?}, scalar {:?}", self.outcome)),
            (None, Some(_)) => {
                comparison.scalar_only.push(name(self.program, self.column.wanted));
                Ok(())
            }
            (None, None) => self.check_faults(),
        }
    }

    fn check_reason(&self, comparison: &mut Comparison) -> Result<(), String> {
        let Wanted::Rule(rule) = self.column.wanted else { return Ok(()) };
        let fired = self.fired.as_ref().ok_or("the scalar evaluator did not say what decided")?;
        let code = self.column.reason(self.row).ok_or("a known value without a reason")?;
        let Decided { def, part } = decided_by(self.program, rule, code).ok_or("a code that says nothing")?;
        let wrong = || Err(format!("batch decided by {def:?} {part:?}, scalar by {fired:?}"));
        let clause = match part {
            Part::Exception => {
                let yields = |id| self.program.library.def(id).is_some_and(|def| def.before.is_some());
                let certain = self.clean && !fired.exceptions.iter().any(|id| yields(*id));
                let same = if certain {
                    fired.exceptions.last() == Some(&def)
                } else {
                    fired.exceptions.contains(&def)
                };
                return if same { Ok(()) } else { wrong() };
            }
            Part::Clause(index) => Some(index),
            Part::Formula | Part::Otherwise => None,
        };
        let same_def = fired.base == Some(def);
        // By bounds, the scalar evaluator may see that an earlier clause applies.
        let not_later = match (clause, fired.clause) {
            (Some(ours), Some(theirs)) => theirs <= ours,
            (Some(_), None) => false,
            (None, _) => true,
        };
        if !same_def || !not_later {
            return wrong();
        }
        // The value is the same, and the batch left an earlier clause or an exception open: only behind something that
        // stays unknown.
        if self.clean && (clause != fired.clause || !fired.exceptions.is_empty()) {
            comparison.scalar_only.push(name(self.program, self.column.wanted));
        }
        Ok(())
    }

    fn check_faults(&self) -> Result<(), String> {
        if !self.clean {
            return Ok(());
        }
        let fault = self.column.faults.iter().find(|fault| fault.row as usize == self.row);
        let has = |wanted: fn(&Fault) -> bool| {
            self.outcome
                .missing_list()
                .iter()
                .any(|missing| matches!(missing, Missing::Fault { fault, .. } if wanted(fault)))
        };
        let scalar = (
            has(|fault| *fault == Fault::DivisionByZero),
            has(|fault| matches!(fault, Fault::Conflict { .. })),
            has(|fault| *fault == Fault::Overflow),
        );
        let batch = fault.map_or((false, false, false), |fault| {
            (fault.kinds.division_by_zero(), fault.kinds.conflict(), fault.kinds.overflow())
        });
        if scalar == batch {
            Ok(())
        } else {
            Err(format!("faults (÷0, conflict, overflow): batch {batch:?}, scalar {:?}", self.outcome))
        }
    }
}

/// Results of one named rule.
pub fn of_rule<'r>(program: &Program<'_>, results: &'r Results, path: &str) -> &'r ResultColumn {
    let id = program.library.rule_by_path(path).expect("the rule exists");
    results.get(id).expect("the rule was wanted")
}
