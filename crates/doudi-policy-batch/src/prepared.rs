//! A program made ready for some tables: evaluated as often as wanted, by as many threads as wanted.

use crate::cells::{Cells, Labels, Node};
use crate::column::{Column, Data};
use crate::compile::Compiler;
use crate::error::BatchError;
use crate::facts::ColumnFacts;
use crate::machine::{Block, Machine};
use crate::pack::packed;
use crate::plan::rules_in_order;
use crate::processor::Processor;
use crate::registers::{Places, Registers};
use crate::results::{Assembly, Results, Wanted};
use crate::space::Space;
use crate::tables::FactTables;
use crate::view::BlockView;
use doudi_policy::Program;
use doudi_policy::ir::{EntityId, Type};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Rows of the largest entity in a block, on average. More rows read the columns in longer runs; fewer keep the registers
/// in the processor's nearest caches, which matters where a program needs many.
const BLOCK_ROWS: std::ops::RangeInclusive<usize> = 1024..=2048;
const REGISTER_BYTES: usize = 256 * 1024;
/// The same for packed code, whose many steps take so little for each row that going to the next one is what counts.
const PACKED_BLOCK_ROWS: usize = 8192;

/// A program compiled for some tables. The code depends on what their columns hold - which are missing, between which
/// bounds their numbers lie - so it fits these tables only.
pub struct Prepared<'p> {
    parts: Vec<Part<'p>>,
    machine: Machine,
    outputs: Vec<Output>,
    /// Working memory nobody uses at the moment. Kept from one evaluation to the next: a thread that starts with memory
    /// of its own has the system map and clear every page of it first: a quarter more work for a million persons.
    spare: Mutex<Vec<Registers>>,
}

/// Tables, cut into blocks.
struct Part<'p> {
    tables: &'p FactTables,
    /// Households of each block.
    blocks: Vec<Range<usize>>,
    /// Most rows of one entity in one block.
    most_rows: usize,
}

/// Where something wanted stands.
pub(crate) struct Output {
    pub wanted: Wanted,
    pub entity: EntityId,
    pub ty: Type,
    pub column: Column,
    pub reasons: Option<Labels>,
}

impl<'p> Prepared<'p> {
    /// Compiles what is wanted. Fails only for mistakes of the caller: tables of another library, rules or checks that
    /// do not exist.
    pub fn new(
        program: &Program<'_>,
        tables: &'p FactTables,
        wanted: &[Wanted],
    ) -> Result<Prepared<'p>, BatchError> {
        Prepared::compile(program, &[tables], wanted, true)
    }

    /// As [`Prepared::new`], without the codes of what decided each value.
    pub fn without_reasons(
        program: &Program<'_>,
        tables: &'p FactTables,
        wanted: &[Wanted],
    ) -> Result<Prepared<'p>, BatchError> {
        Prepared::compile(program, &[tables], wanted, false)
    }

    /// As [`Prepared::new`], for tables that hold different households: compiled once for all of them.
    pub fn for_parts(
        program: &Program<'_>,
        parts: &[&'p FactTables],
        wanted: &[Wanted],
    ) -> Result<Prepared<'p>, BatchError> {
        Prepared::compile(program, parts, wanted, true)
    }

    fn compile(
        program: &Program<'_>,
        parts: &[&'p FactTables],
        wanted: &[Wanted],
        reasons: bool,
    ) -> Result<Prepared<'p>, BatchError> {
        if parts.is_empty() || !parts.iter().all(|tables| tables.is_of(program.library)) {
            return Err(BatchError::OtherLibrary);
        }
        let order = rules_in_order(program, wanted)?;
        let facts = ColumnFacts::of(parts);
        let mut compiler = Compiler::new(program, &facts);
        for rule in order {
            compiler.rule(rule, Space::reported(program.library.rules[rule.index()].entity));
        }
        let mut outputs: Vec<Output> = wanted.iter().map(|wanted| output(&mut compiler, *wanted)).collect();
        if !reasons {
            outputs.iter_mut().for_each(|output| output.reasons = None);
        }
        let code = packed(compiler.code, &mut outputs);
        let roots: Vec<Node> = outputs.iter().flat_map(Output::nodes).collect();
        let places = Places::of(&code, &roots);
        let rows = match code.is_packed() {
            true => PACKED_BLOCK_ROWS,
            false => (REGISTER_BYTES / places.bytes_per_row()).clamp(*BLOCK_ROWS.start(), *BLOCK_ROWS.end()),
        };
        let parts = parts.iter().map(|tables| Part::of(tables, rows)).collect();
        let machine = Machine { code, places, processor: Processor::here() };
        Ok(Prepared { parts, machine, outputs, spare: Mutex::default() })
    }

    /// Without instructions that only some processors have; the results are the same.
    pub fn on_any_processor(self) -> Prepared<'p> {
        Prepared { machine: Machine { processor: Processor::PLAIN, ..self.machine }, ..self }
    }

    /// Hands block after block of the first tables to `step`; every thread has a state of its own and works through
    /// neighbouring blocks. What the threads make of their states comes back in the order of the households.
    pub fn fold<S, T: Send>(
        &self,
        threads: usize,
        start: impl Fn() -> S + Sync,
        step: impl Fn(&mut S, &BlockView<'_>) + Sync,
        finish: impl Fn(S) -> T + Sync,
    ) -> Vec<T> {
        let Some(part) = self.parts.first() else { return Vec::new() };
        let count = part.blocks.len();
        let threads = threads.clamp(1, count.max(1));
        let work = |thread: usize| {
            let mut state = start();
            let blocks = &part.blocks[count * thread / threads..count * (thread + 1) / threads];
            self.run(part, blocks, |view| step(&mut state, view));
            finish(state)
        };
        if threads == 1 {
            return vec![work(0)];
        }
        std::thread::scope(|scope| {
            let work = &work;
            let others: Vec<_> = (1..threads).map(|thread| scope.spawn(move || work(thread))).collect();
            let mut done = vec![work(0)];
            for other in others {
                match other.join() {
                    Ok(result) => done.push(result),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        })
    }

    /// Hands every block of all tables to `step`.
    pub fn each_block(&self, mut step: impl FnMut(&BlockView<'_>)) {
        for part in &self.parts {
            self.run(part, &part.blocks, &mut step);
        }
    }

    fn run(&self, part: &Part<'_>, blocks: &[Range<usize>], mut step: impl FnMut(&BlockView<'_>)) {
        let mut registers = self.working_memory(part.most_rows);
        for households in blocks {
            let block = Block::new(part.tables, households.clone());
            self.machine.run(&block, &mut registers);
            step(&BlockView {
                machine: &self.machine,
                outputs: &self.outputs,
                block: &block,
                registers: &registers,
            });
        }
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(registers);
    }

    /// For blocks of at most so many rows. What it held before does not matter: a step writes its register before any
    /// other step reads it.
    fn working_memory(&self, rows: usize) -> Registers {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        match spare.iter().position(|registers| registers.rows >= rows) {
            Some(at) => spare.swap_remove(at),
            None => Registers::new(&self.machine.places, rows),
        }
    }

    /// Every row of everything wanted, of the tables with this number.
    pub fn results(&self, part: usize) -> Results {
        let part = self.parts.get(part);
        let rows = |output: &Output| part.map_or(0, |part| part.tables.rows(output.entity));
        let mut assemblies: Vec<Assembly> =
            self.outputs.iter().map(|output| Assembly::new(output, rows(output))).collect();
        if let Some(part) = part {
            self.run(part, &part.blocks, |block| {
                for (index, assembly) in assemblies.iter_mut().enumerate() {
                    assembly.push(block, index);
                }
            });
        }
        Results { columns: assemblies.into_iter().map(Assembly::finish).collect() }
    }
}

impl<'p> Part<'p> {
    /// In blocks of so many rows of the largest entity, on average.
    fn of(tables: &'p FactTables, block_rows: usize) -> Part<'p> {
        let rows = tables.tables.iter().map(|table| table.rows).max().unwrap_or(0).max(1);
        let households = tables.households();
        let size = (households * block_rows / rows).clamp(16, block_rows);
        let blocks: Vec<Range<usize>> =
            (0..households).step_by(size).map(|start| start..(start + size).min(households)).collect();
        let most_rows = blocks
            .iter()
            .flat_map(|households| Block::new(tables, households.clone()).rows)
            .map(|rows| rows.len())
            .max()
            .unwrap_or(0);
        Part { tables, blocks, most_rows }
    }
}

impl Output {
    pub fn nodes(&self) -> Vec<Node> {
        let Column { data, known, faults, hints: _ } = self.column;
        let values = match data {
            Data::YesNo(cells) => [cells.node(), None],
            Data::Label(cells) => [cells.node(), None],
            Data::Number(number) => [number.numer.node(), number.denom.node()],
        };
        let reasons = self.reasons.and_then(Cells::node);
        values.into_iter().chain([known.node(), faults.node(), reasons]).flatten().collect()
    }
}

fn output(compiler: &mut Compiler<'_>, wanted: Wanted) -> Output {
    let library = compiler.program.library;
    match wanted {
        Wanted::Rule(id) => {
            let rule = &library.rules[id.index()];
            let ruled = compiler.rule(id, Space::reported(rule.entity));
            let reasons = Some(ruled.reasons);
            Output { wanted, entity: rule.entity, ty: rule.ty, column: ruled.column, reasons }
        }
        Wanted::Check(id) => {
            let check = &library.checks[id.index()];
            let column = compiler.expr(&check.condition, Space::reported(check.entity), None);
            Output { wanted, entity: check.entity, ty: Type::YesNo, column, reasons: None }
        }
    }
}
