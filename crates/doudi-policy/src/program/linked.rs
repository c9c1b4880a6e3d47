//! A program without its library: so that the library can be changed under it and the law need not be linked again.

use super::{LinkedRule, ParameterValue, Program};
use crate::calendar::Calendar;
use crate::ir::{CheckId, DefId, RuleId};
use crate::library::Library;
use crate::value::Value;
use doudi_terms::{Date, Month, RegionCode};

/// What [`Program::link`] found out.
pub(crate) struct Linked {
    region: RegionCode,
    date: Date,
    month: Month,
    rules: Vec<LinkedRule>,
    order: Vec<RuleId>,
    pub(crate) checks: Vec<CheckId>,
    parameters: Vec<Vec<ParameterValue>>,
    own_calendar: Option<Calendar>,
}

/// What a change put aside.
pub(crate) struct Kept {
    rule: Option<(RuleId, LinkedRule)>,
    parameter: Option<(usize, Vec<ParameterValue>)>,
}

impl Linked {
    pub(crate) fn of(program: Program<'_>) -> Linked {
        let Program { library: _, region, date, month, rules, order, checks, parameters, own_calendar } =
            program;
        Linked { region, date, month, rules, order, checks, parameters, own_calendar }
    }

    /// The library must be the one that was linked, or differ from it in formulas alone.
    pub(crate) fn over(self, library: &Library) -> Program<'_> {
        let Linked { region, date, month, rules, order, checks, parameters, own_calendar } = self;
        Program { library, region, date, month, rules, order, checks, parameters, own_calendar }
    }

    pub(crate) fn uses_row(&self, row: u32) -> bool {
        let here = |value: &ParameterValue| matches!(value, ParameterValue::Value(_, at) if *at == row);
        self.parameters.iter().flatten().any(here)
    }

    /// Without an exception, and with another value in a row of a table.
    pub(crate) fn changed(
        mut self,
        library: &Library,
        dropped: Option<DefId>,
        row: Option<(u32, Value)>,
    ) -> (Linked, Kept) {
        let mut kept = Kept { rule: None, parameter: None };
        if let Some((id, def)) = dropped.and_then(|id| Some((id, library.def(id)?))) {
            let rule = &mut self.rules[def.rule.index()];
            kept.rule = Some((def.rule, rule.clone()));
            rule.exceptions.retain(|other| *other != id);
        }
        if let Some((row, wrong)) = row {
            let parameter = library.rows[row as usize].parameter.index();
            kept.parameter = Some((parameter, self.parameters[parameter].clone()));
            for value in &mut self.parameters[parameter] {
                if matches!(value, ParameterValue::Value(_, at) if *at == row) {
                    *value = ParameterValue::Value(wrong, row);
                }
            }
        }
        (self, kept)
    }

    pub(crate) fn restored(mut self, kept: Kept) -> Linked {
        if let Some((rule, linked)) = kept.rule {
            self.rules[rule.index()] = linked;
        }
        if let Some((parameter, values)) = kept.parameter {
            self.parameters[parameter] = values;
        }
        self
    }
}
