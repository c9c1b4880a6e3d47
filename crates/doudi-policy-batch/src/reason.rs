//! Codes for what decided a rule's value, small enough for a column.

use doudi_policy::Program;
use doudi_policy::ir::{Body, DefId, RuleId};

/// Codes below are the index of the clause (当 … 则 …) of the rule's base definition.
pub(crate) const FIRST_EXCEPTION: u16 = 0x8000;
/// 否则.
pub(crate) const OTHERWISE: u16 = 0xFFFE;
/// A rule with one formula.
pub(crate) const FORMULA: u16 = 0xFFFF;
/// Clauses that can be told apart, and exceptions that can.
pub(crate) const MOST: usize = 0x7FF0;

/// The part of a definition that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `= 式`
    Formula,
    /// 当 … 则 …, by index.
    Clause(u16),
    /// 否则
    Otherwise,
    /// 例外
    Exception,
}

/// What a reason code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decided {
    pub def: DefId,
    pub part: Part,
}

/// Looks a code of [`crate::ResultColumn::reasons`] up: 0..0x8000 is a clause of the base definition, 0x8000 + n the
/// n-th exception in force (`program.rules[rule].exceptions`), 0xFFFE 否则, 0xFFFF the formula. Where several
/// exceptions apply in turn, the code names the last one that set the value.
pub fn decided_by(program: &Program<'_>, rule: RuleId, code: u16) -> Option<Decided> {
    let linked = program.rules.get(rule.index())?;
    match code {
        FORMULA => Some(Decided { def: linked.base?, part: Part::Formula }),
        OTHERWISE => Some(Decided { def: linked.base?, part: Part::Otherwise }),
        FIRST_EXCEPTION.. => {
            let def = *linked.exceptions.get(usize::from(code - FIRST_EXCEPTION))?;
            Some(Decided { def, part: Part::Exception })
        }
        clause => match &program.library.def(linked.base?)?.body {
            Body::Clauses { clauses, .. } if usize::from(clause) < clauses.len() => {
                Some(Decided { def: linked.base?, part: Part::Clause(clause) })
            }
            _ => None,
        },
    }
}
