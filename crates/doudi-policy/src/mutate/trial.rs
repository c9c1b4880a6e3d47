//! Runs the examples of a library against wrong versions of it: each block is read and linked once, and only examples
//! that ask for what was changed are run again.

use super::{Change, Mutant};
use crate::Diagnostic;
use crate::cases::PreparedBlock;
use crate::facts::Layout;
use crate::ir::{CheckId, Def, DefId, Expr, ExprKind, ParameterId, RuleId};
use crate::library::Library;
use crate::program::Linked;

/// What the examples say about a wrong version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An example fails, as it should: its title and row.
    Found { title: String, row: usize },
    /// Every example that asks for it holds all the same: this many.
    Missed { asked: usize },
}

/// The examples of a library, ready to be run many times.
pub struct Trials<'t> {
    library: Library,
    blocks: Vec<PreparedBlock<'t>>,
}

impl<'t> Trials<'t> {
    /// Prepares every example. `Err`: a block cannot be read or linked, or an example does not hold in the law itself.
    pub fn of(library: &Library, layout: &'t Layout) -> Result<Trials<'t>, Vec<Diagnostic>> {
        let mut blocks = Vec::new();
        let mut problems = Vec::new();
        for block in &library.cases {
            match PreparedBlock::of(library, layout, block) {
                Ok(mut prepared) => {
                    problems.extend(prepared.find_what_is_asked(library, block.span));
                    blocks.push(prepared);
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Trials { library: library.clone(), blocks }) } else { Err(problems) }
    }

    /// Runs the examples that ask for what the mutant changes, until one fails.
    pub fn run(&mut self, mutant: &Mutant) -> Verdict {
        let change = &mutant.change;
        let touched = Touched::by(&self.library, change);
        let before = Before::replace(&mut self.library, change);
        let mut asked = 0;
        let mut verdict = None;
        for block in &mut self.blocks {
            let rows: Vec<usize> = block.asking(&touched.rules, &touched.checks);
            let uses_row = |linked: &Linked| change.row.is_none_or(|(row, _)| linked.uses_row(row));
            let Some(linked) = block.linked.take_if(|linked| !rows.is_empty() && uses_row(linked)) else {
                continue;
            };
            let (mut linked, kept) = linked.changed(&self.library, change.dropped, change.row);
            for row in rows {
                asked += 1;
                let (holds, back) = block.holds(&self.library, linked, row);
                linked = back;
                if !holds {
                    verdict = Some(Verdict::Found { title: block.title.clone(), row: row + 1 });
                    break;
                }
            }
            block.linked = Some(linked.restored(kept));
            if verdict.is_some() {
                break;
            }
        }
        before.put_back(&mut self.library);
        verdict.unwrap_or(Verdict::Missed { asked })
    }
}

/// Rules and checks whose formulas a change touches.
struct Touched {
    rules: Vec<RuleId>,
    checks: Vec<CheckId>,
}

impl Touched {
    fn by(library: &Library, change: &Change) -> Touched {
        let rule_of = |id: &DefId| library.def(*id).map(|def| def.rule);
        let mut rules: Vec<RuleId> = change.defs.iter().filter_map(|(id, _)| rule_of(id)).collect();
        let mut checks: Vec<CheckId> = change.checks.iter().map(|(id, _)| *id).collect();
        rules.extend(change.dropped.as_ref().and_then(rule_of));
        if let Some(row) = change.row.and_then(|(row, _)| library.rows.get(row as usize)) {
            let names = |expr: &Expr| names_parameter(expr, row.parameter);
            let using = |def: &&Def| def.exprs().into_iter().any(names);
            rules.extend(library.defs.iter().filter(using).map(|def| def.rule));
            let asking = library.checks.iter().enumerate().filter(|(_, check)| names(&check.condition));
            checks.extend(asking.map(|(at, _)| CheckId(at as u32)));
        }
        rules.sort();
        rules.dedup();
        Touched { rules, checks }
    }
}

fn names_parameter(expr: &Expr, wanted: ParameterId) -> bool {
    let mut found = false;
    expr.walk(&mut |node| {
        found |= matches!(&node.kind, ExprKind::Parameter { parameter, .. } if *parameter == wanted);
    });
    found
}

/// The right formulas while the wrong ones stand in their place.
struct Before {
    defs: Vec<(DefId, Def)>,
    checks: Vec<(CheckId, Expr)>,
}

impl Before {
    fn replace(library: &mut Library, change: &Change) -> Before {
        let mut before = Before { defs: Vec::new(), checks: Vec::new() };
        for (id, wrong) in &change.defs {
            let right = std::mem::replace(&mut library.defs[id.index()], wrong.clone());
            before.defs.push((*id, right));
        }
        for (id, wrong) in &change.checks {
            let right = std::mem::replace(&mut library.checks[id.index()].condition, wrong.clone());
            before.checks.push((*id, right));
        }
        before
    }

    fn put_back(self, library: &mut Library) {
        for (id, right) in self.defs {
            library.defs[id.index()] = right;
        }
        for (id, right) in self.checks {
            library.checks[id.index()].condition = right;
        }
    }
}
