//! The law of each county that has people: documents linked for its code and the month's last day.

use crate::content::Content;
use crate::error::{EngineError, Outcome};
use crate::population::Population;
use doudi_policy::Program;
use doudi_policy::ir::{CheckId, Expr, ExprKind, HOUSEHOLD, InputId, PERSON, RuleId};
use doudi_terms::Month;
use std::collections::BTreeSet;
use std::ops::Range;

/// One county's people and law.
pub(crate) struct County<'c> {
    /// Units of the population.
    pub units: Range<usize>,
    pub program: Program<'c>,
    /// By programme: whether the county's law has it.
    pub programmes: Vec<bool>,
    /// By ledger.
    pub ledgers: Vec<bool>,
    /// By class of people to look in on.
    pub look_in: Vec<bool>,
    /// Checks in force whose subject is a person or a household.
    pub checks: Vec<CheckId>,
}

/// Links every county; all that do not link are named at once.
pub(crate) fn link_counties<'c>(
    content: &'c Content,
    population: &Population,
    month: Month,
) -> Outcome<Vec<County<'c>>> {
    let library = &content.library;
    let mut counties = Vec::new();
    let mut faults = Vec::new();
    for (code, units) in population.counties() {
        let program = match Program::link(library, code, month.last_day()) {
            Ok(program) => program,
            Err(problems) => {
                let text: Vec<String> =
                    problems.iter().map(|problem| problem.render(&library.sources)).collect();
                faults.push(format!("{code} 的政策文件连不起来：\n{}", text.join("\n")));
                continue;
            }
        };
        let defined = |rule: RuleId| program.rules.get(rule.index()).is_some_and(|rule| rule.base.is_some());
        let programmes = content.rules.programmes.iter().map(|rules| defined(rules.entitled)).collect();
        let ledgers = content.rules.ledgers.iter().map(|rule| defined(*rule)).collect();
        let look_in = content.rules.look_in.iter().map(|rule| defined(*rule)).collect();
        let about_people = |id: &CheckId| matches!(library.checks[id.index()].entity, entity if entity == PERSON || entity == HOUSEHOLD);
        let checks = program.checks.iter().copied().filter(about_people).collect();
        counties.push(County { units, program, programmes, ledgers, look_in, checks });
    }
    if faults.is_empty() { Ok(counties) } else { Err(EngineError::Content(faults.join("\n"))) }
}

/// What a formula rests on, through all rules it uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses {
    pub inputs: BTreeSet<InputId>,
    /// It looks at other members or at the household as a whole.
    pub household: bool,
}

/// Inputs behind a formula, by the definitions in force.
pub(crate) fn uses(program: &Program<'_>, start: &Expr) -> Uses {
    let library = program.library;
    let mut found = Uses::default();
    let mut seen: BTreeSet<RuleId> = BTreeSet::new();
    let mut pending: Vec<&Expr> = vec![start];
    while let Some(expr) = pending.pop() {
        expr.walk(&mut |node| match &node.kind {
            ExprKind::Input(id) => {
                found.inputs.insert(*id);
                found.household |= library.inputs[id.index()].entity == HOUSEHOLD;
            }
            ExprKind::Aggregate { over, .. } => {
                found.household |= *over == PERSON;
                found.inputs.extend(inputs_of(library, *over));
            }
            ExprKind::Rule(id) | ExprKind::Applies { rule: id, .. } if seen.insert(*id) => {
                let linked = &program.rules[id.index()];
                let defs = linked.base.iter().chain(&linked.exceptions);
                pending.extend(defs.filter_map(|id| library.def(*id)).flat_map(|def| def.exprs()));
            }
            _ => {}
        });
    }
    found
}

/// Counting records rests on whatever gives them.
fn inputs_of(
    library: &doudi_policy::Library,
    entity: doudi_policy::ir::EntityId,
) -> impl Iterator<Item = InputId> + '_ {
    let wanted = move |index: &usize| entity != PERSON && library.inputs[*index].entity == entity;
    (0..library.inputs.len()).filter(wanted).map(|index| InputId(index as u32))
}
