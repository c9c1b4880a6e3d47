//! One side of a comparison: who is entitled to what under one set of policies, with bounds where it is not known.

use crate::content::Content;
use crate::county::{County, link_counties};
use crate::determine::{Chunk, chunks};
use crate::determine::{Determined, Wish, determine, programme_rules};
use crate::error::Outcome;
use crate::explain;
use crate::facts::{FactSet, scale};
use crate::population::Population;
use doudi_policy::ir::HOUSEHOLD;
use doudi_policy::{Evaluation, Exact, Layout, Outcome as Found, Value};
use doudi_terms::Month;
use std::ops::Range as Rows;

/// Whether somebody is entitled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitled {
    Yes,
    No,
    /// Not known, and somebody has to find out.
    Unknown,
    /// Not known, and nobody has to ask: no sign of need and not enrolled.
    Unasked,
}

/// What is known of an amount, in fen a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub low: i64,
    /// `None`: there is no upper bound.
    pub high: Option<i64>,
}

impl Range {
    pub const NOTHING: Range = Range { low: 0, high: Some(0) };
    const OPEN: Range = Range { low: 0, high: None };

    fn exactly(fen: i64) -> Range {
        Range { low: fen, high: Some(fen) }
    }

    /// The amount, if it is known.
    pub fn known(self) -> Option<i64> {
        self.high.filter(|high| *high == self.low)
    }

    pub(super) fn plus(self, other: Range) -> Range {
        Range {
            low: self.low.saturating_add(other.low),
            high: self.high.zip(other.high).map(|(a, b)| a.saturating_add(b)),
        }
    }
}

/// A household's part in one programme under one set of policies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Share {
    /// By member.
    pub members: Vec<Entitled>,
    /// By member, or one for all where the programme pays the household.
    pub amounts: Vec<Range>,
}

impl Share {
    pub fn household(&self) -> Entitled {
        let any = |wanted| self.members.contains(&wanted);
        match () {
            () if any(Entitled::Yes) => Entitled::Yes,
            () if any(Entitled::Unknown) => Entitled::Unknown,
            () if any(Entitled::Unasked) => Entitled::Unasked,
            () => Entitled::No,
        }
    }

    pub fn total(&self) -> Range {
        self.amounts.iter().fold(Range::NOTHING, |sum, amount| sum.plus(*amount))
    }

    /// Something of it is not known, and it matters.
    pub fn is_open(&self) -> bool {
        self.members.contains(&Entitled::Unknown) || self.amounts.iter().any(|range| range.known().is_none())
    }

    pub fn entitled(&self) -> u32 {
        self.members.iter().filter(|member| **member == Entitled::Yes).count() as u32
    }
}

/// The policies of one side over everybody.
pub(super) struct Side<'c> {
    pub content: &'c Content,
    pub counties: Vec<County<'c>>,
    pub layout: Layout,
    determined: Determined,
}

/// Whose share is asked for.
#[derive(Clone)]
pub(super) struct At<'a> {
    pub county: usize,
    pub unit: usize,
    pub rows: Rows<usize>,
    /// By member: not knowing matters.
    pub pressing: &'a [bool],
}

/// The facts in columns, as one library has them.
pub(super) fn cut(
    content: &Content,
    population: &Population,
    facts: &FactSet,
    month: Month,
) -> Outcome<Vec<Chunk>> {
    let counties = link_counties(content, population, month)?;
    chunks(content, population, facts, &counties)
}

impl<'c> Side<'c> {
    pub fn of(
        content: &'c Content,
        population: &Population,
        facts: &FactSet,
        chunks: &[Chunk],
        month: Month,
    ) -> Outcome<Side<'c>> {
        let counties = link_counties(content, population, month)?;
        let wish = Wish { rules: programme_rules(content).into_iter().collect(), with_checks: false };
        let determined = determine(content, facts, &counties, chunks, &wish, 2)?;
        Ok(Side { content, counties, layout: Layout::of(&content.library), determined })
    }

    /// Nobody needs to know this person's answers.
    pub fn is_out_of_sight(&self, row: usize) -> bool {
        let rules = &self.content.rules;
        self.determined.is_yes(rules.out_of_scope, row)
            || self.determined.yes_no(rules.sign_of_need, row) == Some(false)
    }

    pub fn is_enrolled(&self, programme: usize, row: usize) -> bool {
        self.determined.is_yes(self.content.rules.programmes[programme].enrolled, row)
    }

    pub fn is_in_force(&self, programme: usize, county: usize) -> bool {
        self.counties[county].programmes[programme]
    }

    pub fn pays_household(&self, programme: usize) -> bool {
        let amount = self.content.rules.programmes[programme].amount;
        amount.is_some_and(|rule| self.content.library.rules[rule.index()].entity == HOUSEHOLD)
    }

    /// A household's share in a programme; `None` where this side has no such programme. With `evaluation`, what the
    /// columns do not know is asked for again, with bounds.
    pub fn share(
        &self,
        programme: Option<usize>,
        at: &At<'_>,
        mut evaluation: Option<&mut Evaluation<'_>>,
    ) -> Share {
        let Some(programme) = programme.filter(|programme| self.is_in_force(*programme, at.county)) else {
            let members = vec![Entitled::No; at.rows.len()];
            return Share { members, amounts: vec![Range::NOTHING] };
        };
        let rules = self.content.rules.programmes[programme];
        let members: Vec<Entitled> = at
            .rows
            .clone()
            .enumerate()
            .map(|(member, row)| {
                let known = self.determined.yes_no(rules.entitled, row).or_else(|| {
                    let evaluation = evaluation.as_deref_mut()?;
                    explain::rule(evaluation, rules.entitled, member as u32).as_yes_no()
                });
                match known {
                    Some(true) => Entitled::Yes,
                    Some(false) => Entitled::No,
                    None if at.pressing[member] => Entitled::Unknown,
                    None => Entitled::Unasked,
                }
            })
            .collect();
        if self.pays_household(programme) {
            let mut share = Share { members, amounts: Vec::new() };
            let standing = share.household();
            share.amounts = vec![self.range(programme, standing, (at.unit, 0), evaluation)];
            return share;
        }
        let amounts = members.iter().zip(at.rows.clone()).enumerate();
        let amounts = amounts.map(|(member, (standing, row))| {
            self.range(programme, *standing, (row, member as u32), evaluation.as_deref_mut())
        });
        Share { amounts: amounts.collect(), members }
    }

    /// What somebody of this standing gets; `row` counts all rows of the amount's entity.
    fn range(
        &self,
        programme: usize,
        standing: Entitled,
        (row, member): (usize, u32),
        evaluation: Option<&mut Evaluation<'_>>,
    ) -> Range {
        if matches!(standing, Entitled::No | Entitled::Unasked) {
            return Range::NOTHING;
        }
        let Some(rule) = self.content.rules.programmes[programme].amount else { return Range::OPEN };
        let ty = self.content.library.rules[rule.index()].ty;
        let cell = self.determined.rules.get(rule).and_then(|column| column.get(row));
        let found = match (cell, evaluation) {
            (Some(cell), _) => Range::exactly(cell / scale(ty)),
            (None, Some(evaluation)) => bounds(&explain::rule(evaluation, rule, member)),
            (None, None) => Range::OPEN,
        };
        // Perhaps nothing at all.
        if standing == Entitled::Unknown { Range { low: found.low.min(0), ..found } } else { found }
    }
}

fn bounds(found: &Found) -> Range {
    let fen = |number: Exact| i64::try_from(number.to_integer()).ok();
    match found {
        Found::Known(Value::Number(number)) => fen(*number).map_or(Range::OPEN, Range::exactly),
        Found::Known(_) => Range::OPEN,
        Found::Unknown(unknown) => Range {
            low: unknown.low.and_then(|low| fen(low.floor())).unwrap_or(0).max(0),
            high: unknown.high.and_then(|high| fen(high.ceil())),
        },
    }
}
