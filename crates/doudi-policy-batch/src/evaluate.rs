//! From tables to results, block by block.

use crate::block::Block;
use crate::error::BatchError;
use crate::plan::Plan;
use crate::results::{Assembly, Results, Wanted};
use crate::run::Run;
use crate::space::Space;
use crate::tables::FactTables;
use doudi_policy::Program;
use doudi_policy::ir::Type;

/// Households per block: columns of their members stay in the processor's cache.
const BLOCK: usize = 4096;

/// Evaluates rules and checks for every household of the tables. Fails only for mistakes of the caller: tables of
/// another library, rules or checks that do not exist. No fact makes it fail.
pub fn evaluate(
    program: &Program<'_>,
    tables: &FactTables,
    wanted: &[Wanted],
) -> Result<Results, BatchError> {
    if !tables.is_of(program.library) {
        return Err(BatchError::OtherLibrary);
    }
    let plan = Plan::new(program, wanted)?;
    let mut assemblies: Vec<Assembly> = wanted.iter().map(|wanted| assembly(program, *wanted)).collect();
    let households = tables.households();
    for start in (0..households).step_by(BLOCK) {
        let block = Block::new(tables, start..(start + BLOCK).min(households));
        let mut run = Run::new(program, &plan, block);
        // In this order no rule has to wait for one that is computed later, so nothing nests deeply.
        for rule in &plan.order {
            run.rule(*rule, Space::reported(program.library.rules[rule.index()].entity));
        }
        for (wanted, assembly) in wanted.iter().zip(&mut assemblies) {
            add(&mut run, *wanted, assembly);
        }
    }
    Ok(Results { columns: assemblies.into_iter().map(Assembly::finish).collect() })
}

fn assembly(program: &Program<'_>, wanted: Wanted) -> Assembly {
    match wanted {
        Wanted::Rule(id) => {
            let rule = &program.library.rules[id.index()];
            Assembly::new(wanted, rule.entity, rule.ty)
        }
        Wanted::Check(id) => Assembly::new(wanted, program.library.checks[id.index()].entity, Type::YesNo),
    }
}

fn add(run: &mut Run<'_>, wanted: Wanted, assembly: &mut Assembly) {
    let library = run.program.library;
    match wanted {
        Wanted::Rule(id) => {
            let space = Space::reported(library.rules[id.index()].entity);
            let ruled = run.rule(id, space);
            assembly.push(&ruled.column, Some(&ruled.reasons), run.block.rows(space.base));
        }
        Wanted::Check(id) => {
            let check = &library.checks[id.index()];
            let space = Space::reported(check.entity);
            let column = run.expr(&check.condition, space, None);
            assembly.push(&column, None, run.block.rows(space.base));
        }
    }
}
