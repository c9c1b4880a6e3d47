//! One rule set over one register, measured: columns of Parquet files as facts, totals of some rules. Which columns are
//! which facts and which totals are asked for is content (`benches`).

use crate::error::{EngineError, Outcome};
use crate::parquet_file::read_whole;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, RuleId};
use doudi_policy::{Library, Program};
use doudi_policy_batch::{BlockView, EntityTable, FactTables, Prepared, Wanted};
use std::collections::BTreeMap;
use std::path::Path;

/// A file decoded, in its own types and order.
pub struct DecodedTable {
    name: String,
    batch: RecordBatch,
}

/// Where a table's facts stand.
pub struct TableColumns {
    pub entity: EntityId,
    /// The column with the household's number.
    pub household: String,
    pub inputs: Vec<(InputId, String)>,
}

/// Which totals are wanted.
pub struct Totalled {
    /// Yes/no rules: how many are yes.
    pub counts: Vec<RuleId>,
    /// Rules in money: how much together.
    pub sums: Vec<RuleId>,
    /// A household's total; it is added up by the option of `by` and into the checksum.
    pub household: RuleId,
    pub by: InputId,
    pub modulo: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub households: usize,
    pub counts: Vec<u64>,
    pub sums: Vec<i128>,
    pub grand: i128,
    pub checksum: i128,
    pub by_option: Vec<i128>,
}

/// One evaluation: the totals, and what the caller's clock says that each thread took.
pub struct Evaluated {
    pub totals: Totals,
    pub thread_seconds: Vec<f64>,
}

impl DecodedTable {
    pub fn read(path: &Path) -> Outcome<DecodedTable> {
        Ok(DecodedTable { name: path.display().to_string(), batch: read_whole(path)? })
    }

    fn column(&self, name: &str) -> Outcome<&ArrayRef> {
        self.batch.column_by_name(name).ok_or_else(|| {
            let names: Vec<&str> =
                self.batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
            self.wrong(&format!("没有“{name}”这一列；有：{}", names.join("、")))
        })
    }

    /// Whole numbers of a column without nulls.
    fn numbers(&self, name: &str) -> Outcome<Vec<i64>> {
        let column = self.column(name)?;
        match column.data_type() {
            DataType::Int32 if column.null_count() == 0 => {
                Ok(column.as_primitive::<Int32Type>().values().iter().map(|id| i64::from(*id)).collect())
            }
            DataType::Int64 if column.null_count() == 0 => {
                Ok(column.as_primitive::<Int64Type>().values().to_vec())
            }
            other => {
                Err(self.wrong(&format!("户号“{name}”应当是没有空格的 Int32 或 Int64 列，却是 {other}")))
            }
        }
    }

    fn wrong(&self, what: &str) -> EngineError {
        EngineError::BadInput(format!("测速数据 {}：{what}。请用测速的造数程序重新写一份", self.name))
    }
}

/// Puts decoded tables together: the households in their order, the persons cut at households.
pub fn fact_tables(
    library: &Library,
    tables: &[DecodedTable],
    columns: &[TableColumns],
) -> Outcome<FactTables> {
    let mut found: Vec<EntityTable> = vec![EntityTable::default(); library.entities.len()];
    let mut order = Vec::new();
    for (table, columns) in tables.iter().zip(columns) {
        let numbers = table.numbers(&columns.household)?;
        let mut facts = BTreeMap::new();
        for (input, name) in &columns.inputs {
            facts.insert(*input, table.column(name)?.clone());
        }
        let offsets = match columns.entity {
            HOUSEHOLD => {
                order = numbers;
                None
            }
            _ => Some(offsets(&order, &numbers).map_err(|row| {
                table.wrong(&format!("第 {} 行的户号没有按户表的先后排列，或者户表里没有这一户", row + 1))
            })?),
        };
        found[columns.entity.index()] =
            EntityTable { rows: table.batch.num_rows(), offsets, columns: facts, complete: None };
    }
    let households = found[HOUSEHOLD.index()].rows;
    if found[PERSON.index()].offsets.is_none() {
        found[PERSON.index()].offsets = Some(vec![0; households + 1]);
    }
    for index in PERSON.index() + 1..found.len() {
        let owners = library.entities[index].parent.map_or(0, |parent| found[parent.index()].rows);
        found[index].offsets = Some(vec![0; owners + 1]);
    }
    FactTables::new(library, found).map_err(|error| EngineError::Internal(error.to_string()))
}

/// Where each household's persons start; persons stand in the order of the households. `Err`: the first row that does not.
fn offsets(households: &[i64], of_persons: &[i64]) -> Result<Vec<u32>, usize> {
    let mut offsets = Vec::with_capacity(households.len() + 1);
    let mut at = 0;
    for household in households {
        offsets.push(at as u32);
        while of_persons.get(at) == Some(household) {
            at += 1;
        }
    }
    offsets.push(at as u32);
    if at == of_persons.len() && u32::try_from(at).is_ok() {
        return Ok(offsets);
    }
    Err(at)
}

/// A program made ready for these tables.
pub fn prepare<'p>(
    program: &'p Program<'p>,
    tables: &'p FactTables,
    asked: &Totalled,
) -> Outcome<Prepared<'p>> {
    let rules = asked.counts.iter().chain(&asked.sums).chain([&asked.household]);
    let wanted: Vec<Wanted> = rules.map(|rule| Wanted::Rule(*rule)).collect();
    Prepared::without_reasons(program, tables, &wanted)
        .map_err(|error| EngineError::Internal(error.to_string()))
}

/// Evaluates everybody. `clock`: processor seconds of the calling thread.
pub fn totals(
    library: &Library,
    prepared: &Prepared<'_>,
    asked: &Totalled,
    threads: usize,
    clock: &(dyn Fn() -> f64 + Sync),
) -> Outcome<Evaluated> {
    let options = match library.inputs[asked.by.index()].ty {
        doudi_policy::ir::Type::Enum(labels) => library.labels(labels).len(),
        _ => 0,
    };
    let nothing = || Totals {
        counts: vec![0; asked.counts.len()],
        sums: vec![0; asked.sums.len()],
        by_option: vec![0; options],
        ..Totals::default()
    };
    let parts = prepared.fold(
        threads,
        || (clock(), Ok(nothing())),
        |(_, totals), block| {
            if let Ok(sum) = totals
                && let Err(unknown) = sum.add(block, asked)
            {
                *totals = Err(unknown);
            }
        },
        |(start, totals)| (clock() - start, totals),
    );
    let mut evaluated = Evaluated { totals: nothing(), thread_seconds: Vec::new() };
    for (seconds, totals) in parts {
        evaluated.thread_seconds.push(seconds);
        let totals = totals.map_err(|unknown: Unknown| unknown.explain(library, asked))?;
        evaluated.totals.merge(&totals);
    }
    Ok(evaluated)
}

/// A row of a wanted rule whose value is not known.
struct Unknown {
    wanted: usize,
    row: usize,
}

impl Unknown {
    fn explain(&self, library: &Library, asked: &Totalled) -> EngineError {
        let mut rules = asked.counts.iter().chain(&asked.sums).chain([&asked.household]);
        let name = rules.nth(self.wanted).map_or(String::new(), |rule| {
            let rule = &library.rules[rule.index()];
            format!("{}.{}", library.entities[rule.entity.index()].name, rule.name)
        });
        EngineError::BadInput(format!(
            "规则“{name}”在第 {} 行没有结果：事实不详、数太大或者除以零。请核对这一行和政策文件",
            self.row + 1
        ))
    }
}

impl Totals {
    fn add(&mut self, block: &BlockView<'_>, asked: &Totalled) -> Result<(), Unknown> {
        let at = |wanted: usize| move |row| Unknown { wanted, row };
        self.households += block.households().len();
        for (index, count) in self.counts.iter_mut().enumerate() {
            *count += block.count(index).map_err(at(index))?;
        }
        let sums = asked.counts.len();
        for (index, sum) in self.sums.iter_mut().enumerate() {
            *sum += block.total(sums + index).map_err(at(sums + index))?;
        }
        let household = sums + asked.sums.len();
        let mut weight = block.households().start as u64 % asked.modulo;
        let (mut grand, mut checksum) = (0, 0);
        block
            .each(household, |_, total| {
                grand += i128::from(total);
                checksum += i128::from(total) * i128::from(weight + 1);
                weight = if weight + 1 == asked.modulo { 0 } else { weight + 1 };
            })
            .map_err(at(household))?;
        self.grand += grand;
        self.checksum += checksum;
        block.add_by_option(household, asked.by, &mut self.by_option).map_err(at(household))
    }

    fn merge(&mut self, other: &Totals) {
        self.households += other.households;
        self.grand += other.grand;
        self.checksum += other.checksum;
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, more)| *sum += more);
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum += more);
        self.by_option.iter_mut().zip(&other.by_option).for_each(|(sum, more)| *sum += more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_cut_where_their_household_ends() {
        assert_eq!(offsets(&[7, 3, 9], &[7, 7, 9]), Ok(vec![0, 2, 2, 3]));
    }

    #[test]
    fn persons_in_another_order_are_refused() {
        assert_eq!(offsets(&[7, 3], &[3, 7]), Err(1));
        assert_eq!(offsets(&[7], &[7, 8]), Err(1));
    }
}
