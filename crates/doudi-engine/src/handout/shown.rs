//! Columns that content asks for: what a rule says of somebody, or what is known.

use super::At;
use super::table::{HandoutCell, HandoutColumn, text};
use crate::content::{Content, Shown, ShownColumn};
use crate::explain;
use crate::words;
use doudi_policy::ir::Type;
use doudi_policy::{FactValue, Outcome, Rounding, Value, round};
use doudi_terms::Fen;
use std::borrow::Cow;

/// Nobody knows.
const UNKNOWN: &str = "不详";

/// A cell, and its place among the words of its column; what is not known comes last.
pub(super) struct ShownCell {
    pub cell: HandoutCell,
    pub order: u32,
}

pub(super) fn columns(columns: &[ShownColumn]) -> impl Iterator<Item = HandoutColumn> + '_ {
    columns.iter().map(|column| HandoutColumn {
        header: Cow::Owned(column.name.clone()),
        width: f64::from(column.width.unwrap_or(10).clamp(4, 60)),
        choices: &[],
        other_words: false,
    })
}

pub(super) fn cells(content: &Content, at: &At<'_>, shown: &[Shown], member: u32) -> Vec<ShownCell> {
    shown.iter().map(|shown| cell(content, at, *shown, member)).collect()
}

fn cell(content: &Content, at: &At<'_>, shown: Shown, member: u32) -> ShownCell {
    let library = &content.library;
    let (ty, found) = match shown {
        Shown::Blank => return ShownCell { cell: text(""), order: 0 },
        Shown::Rule(rule) => {
            let found = explain::rule(&mut at.household().evaluation(), rule, member);
            (library.rules[rule.index()].ty, found)
        }
        Shown::Fact(input) => match at.household().fact(input, member) {
            Some(FactValue::Known(value)) => (library.inputs[input.index()].ty, Outcome::Known(value)),
            Some(FactValue::Between(..)) | None => {
                return ShownCell { cell: text(UNKNOWN), order: u32::MAX };
            }
        },
    };
    let order = match &found {
        Outcome::Known(Value::Label(label)) => u32::from(*label),
        Outcome::Known(_) => 0,
        Outcome::Unknown(_) => u32::MAX,
    };
    let cell = money(ty, &found).unwrap_or_else(|| HandoutCell::Text(words::outcome(library, ty, &found)));
    ShownCell { cell, order }
}

/// An amount as a number that can be summed up; fractions of a fen are rounded for reading only.
fn money(ty: Type, found: &Outcome) -> Option<HandoutCell> {
    if !ty.is_money() {
        return None;
    }
    let fen = round(found.as_number()?, Rounding::HalfUp, 1)?.to_integer();
    i64::try_from(fen).ok().map(|fen| HandoutCell::Money(Fen(fen)))
}
