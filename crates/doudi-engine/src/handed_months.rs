//! What a cleared month knew of each household, for those who work with it: the facts, what the law answers to each
//! programme, and the groups of people that the office keeps lists of.

use crate::content::{Content, GroupRules, Shown, ShownColumn};
use crate::county::link_counties;
use crate::determine::{Chunk, Determined};
use crate::digest::{sha256_hex, short};
use crate::error::Outcome;
use crate::facts::to_value;
use crate::hand_over::{HandOver, Kept, household};
use crate::handout::checks_in_force;
use crate::population::Population;
use crate::sources::{Numbered, Places, columns};
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_policy::{Exact, FactValue, Facts, Layout, Rounding, Value, facts_to_record_with_origins, round};
use doudi_terms::{Fen, Month, RegionCode};
use serde_json::{Value as Json, json};
use std::rc::Rc;

/// A household as one month knew it.
pub struct HandedHousehold {
    pub household: String,
    /// The number on paper.
    pub number: String,
    pub region: RegionCode,
    /// Ids, in the order of the facts.
    pub members: Vec<String>,
    /// Which of the members is its head.
    pub head: usize,
    /// As [`doudi_policy::facts_from_record`] reads it.
    pub facts: Json,
    /// Where the facts were read, by the numbers that they name: which of the registry's sources, and the row (0 = none).
    pub places: Vec<(u32, u32)>,
    pub answers: Vec<HandedAnswer>,
    pub groups: Vec<HandedGroupRow>,
}

/// What the law says to one programme, to a member or (`None`) to the household.
pub struct HandedAnswer {
    /// Counts the registry's programmes.
    pub programme: usize,
    pub member: Option<usize>,
    /// `None` = not known.
    pub entitled: Option<bool>,
    pub enrolled: Option<bool>,
    pub amount: Option<Fen>,
}

/// A member who is of a group, with what its list shows.
pub struct HandedGroupRow {
    pub group: usize,
    pub member: usize,
    /// By column; `None` = not known.
    pub cells: Vec<Option<i64>>,
}

/// The list of a group.
pub struct HandedGroup {
    pub name: String,
    pub note: String,
    pub columns: Vec<HandedColumn>,
}

/// What the cells of a column are: `yes-no`, `money` (fen), `count`, `thousandths`, `day`, `month` or `label`.
pub struct HandedColumn {
    pub name: String,
    pub kind: &'static str,
    pub labels: Vec<String>,
    /// The same for all members: added up once for each household.
    pub of_household: bool,
    pub is_summed: bool,
}

/// A check that was in force.
pub struct HandedCheck {
    pub name: String,
    pub severity: String,
    /// The document that it stands in.
    pub kind: String,
    pub article: String,
    /// Rosters without which it could not see.
    pub waits_for: Vec<String>,
}

impl HandOver<'_> {
    /// The registry as the office needs it.
    pub fn registry(&self) -> Json {
        let clearing = &self.content.clearing;
        let sources = self.numbered().described(self.content);
        json!({
            "programmes": clearing.programmes,
            "received": clearing.received,
            "sheet": clearing.sheet,
            "sources_id": sources_id(&sources),
            "sources": sources,
            "columns": columns(self.content),
        })
    }

    /// Names the numbering of the sources in [`HandedHousehold::places`]: the same month cleared again may have another.
    pub fn sources_id(&self) -> String {
        sources_id(&self.numbered().described(self.content))
    }

    fn numbered(&self) -> Numbered<'_> {
        let Kept { prepared, sources, .. } = &self.again;
        Numbered::new(self.content, &prepared.population, &prepared.rosters, sources)
    }

    pub fn groups(&self) -> Vec<HandedGroup> {
        let groups = self.content.clearing.groups.iter().zip(&self.content.rules.groups);
        let made = groups.map(|(group, rules)| HandedGroup {
            name: group.name.clone(),
            note: group.note.clone(),
            columns: group
                .columns
                .iter()
                .zip(&rules.columns)
                .map(|(column, shown)| handed_column(self.content, column, *shown))
                .collect(),
        });
        made.collect()
    }

    /// Every check that the law of some county had, the gravest first.
    pub fn checks(&self, month: Month) -> Outcome<Vec<HandedCheck>> {
        let content = self.content;
        let counties = link_counties(content, &self.again.prepared.population, month)?;
        let checks = checks_in_force(content, &self.certificate.inputs, &counties).into_iter();
        let made = checks.map(|check| {
            let found = content.library.checks.iter().find(|found| found.name == check.name);
            let article = found.and_then(|found| content.library.articles.get(found.article.index()));
            let document =
                article.and_then(|article| content.library.documents.get(article.document as usize));
            HandedCheck {
                kind: document.map_or(String::new(), |document| document.title.clone()),
                name: check.name,
                severity: check.severity,
                article: check.article,
                waits_for: check.waits_for,
            }
        });
        Ok(made.collect())
    }

    /// Everybody's household, in the order of places.
    pub fn households(&self) -> impl Iterator<Item = HandedHousehold> + '_ {
        let shared = Rc::new((Layout::of(&self.content.library), self.numbered()));
        let kept = self.again.results.kept.as_ref();
        kept.into_iter().flat_map(move |(chunks, determined)| {
            let shared = Rc::clone(&shared);
            chunks.iter().flat_map(move |chunk| {
                let shared = Rc::clone(&shared);
                chunk.units.clone().map(move |unit| self.handed(&shared, chunk, determined, unit))
            })
        })
    }

    fn handed(
        &self,
        (layout, numbered): &(Layout, Numbered<'_>),
        chunk: &Chunk,
        determined: &Determined,
        index: usize,
    ) -> HandedHousehold {
        let population = &self.again.prepared.population;
        let unit = &population.units[index];
        let facts = chunk.household(layout, index);
        let home = Home { content: self.content, population, determined, index };
        let head = population.head_row(unit);
        let library = &self.content.library;
        let mut places = Places::default();
        let rows: Vec<usize> = library
            .entities
            .iter()
            .enumerate()
            .map(|(entity, _)| chunk.first_row(EntityId(entity as u8), index))
            .collect();
        let record = facts_to_record_with_origins(library, &facts, &mut |entity, row, input| {
            let row = rows.get(entity.index())? + row as usize;
            places.number(numbered.place(entity, row, input)?)
        });
        HandedHousehold {
            household: household(unit),
            number: unit.number().to_owned(),
            region: population.regions[head],
            members: unit.rows().map(|row| population.person_id(row).to_owned()).collect(),
            head: head - unit.start as usize,
            answers: home.answers(),
            groups: home.groups(&facts),
            facts: record,
            places: places.found,
        }
    }
}

fn sources_id(sources: &Json) -> String {
    short(&sha256_hex(sources.to_string().as_bytes())).to_owned()
}

fn handed_column(content: &Content, column: &ShownColumn, shown: Shown) -> HandedColumn {
    let library = &content.library;
    let found = match shown {
        Shown::Rule(rule) => Some((library.rules[rule.index()].ty, library.rules[rule.index()].entity)),
        Shown::Fact(input) => Some((library.inputs[input.index()].ty, library.inputs[input.index()].entity)),
        Shown::Blank => None,
    };
    let ty = found.map(|(ty, _)| ty);
    let kind = match ty {
        Some(Type::YesNo) => "yes-no",
        Some(Type::Money | Type::Amount) => "money",
        Some(Type::Number) => "thousandths",
        Some(Type::Date) => "day",
        Some(Type::Month) => "month",
        Some(Type::Enum(_)) => "label",
        Some(Type::Count | Type::Moment) | None => "count",
    };
    let labels = match ty {
        Some(Type::Enum(id)) => library.labels(id).to_vec(),
        _ => Vec::new(),
    };
    HandedColumn {
        name: column.name.clone(),
        kind,
        labels,
        of_household: found.is_some_and(|(_, entity)| entity == HOUSEHOLD),
        is_summed: kind == "money" && !column.no_sum,
    }
}

/// One household among the results.
struct Home<'h> {
    content: &'h Content,
    population: &'h Population,
    determined: &'h Determined,
    /// Of all units.
    index: usize,
}

impl Home<'_> {
    fn answers(&self) -> Vec<HandedAnswer> {
        let programmes = self.content.clearing.programmes.iter().zip(&self.content.rules.programmes);
        let rows = self.population.units[self.index].rows();
        let mut answers = Vec::new();
        for (programme, (registered, rules)) in programmes.enumerate() {
            let of_rows: Vec<(Option<bool>, Option<bool>)> = rows
                .clone()
                .map(|row| {
                    (self.determined.yes_no(rules.entitled, row), self.determined.yes_no(rules.enrolled, row))
                })
                .collect();
            let amount = |row: usize| rules.amount.and_then(|rule| self.cell(Shown::Rule(rule), row));
            if registered.unit == self.content.library.entities[HOUSEHOLD.index()].name {
                let any = |answers: Vec<Option<bool>>| match answers.contains(&Some(true)) {
                    true => Some(true),
                    false if answers.contains(&None) => None,
                    false => Some(false),
                };
                answers.push(HandedAnswer {
                    programme,
                    member: None,
                    entitled: any(of_rows.iter().map(|found| found.0).collect()),
                    enrolled: any(of_rows.iter().map(|found| found.1).collect()),
                    amount: amount(rows.start).map(Fen),
                });
                continue;
            }
            for (member, (entitled, enrolled)) in of_rows.into_iter().enumerate() {
                let amount = amount(rows.start + member).map(Fen);
                answers.push(HandedAnswer { programme, member: Some(member), entitled, enrolled, amount });
            }
        }
        // Somebody who neither has it nor may have it needs no line.
        answers.retain(|answer| (answer.entitled, answer.enrolled) != (Some(false), Some(false)));
        answers
    }

    fn groups(&self, facts: &Facts<'_>) -> Vec<HandedGroupRow> {
        let rows = self.population.units[self.index].rows();
        let mut found = Vec::new();
        for (group, rules) in self.content.rules.groups.iter().enumerate() {
            for (member, row) in rows.clone().enumerate() {
                if self.is_of(rules, facts, member, row) {
                    let cells = rules.columns.iter();
                    let cells = cells.map(|shown| self.shown(facts, *shown, member, row)).collect();
                    found.push(HandedGroupRow { group, member, cells });
                }
            }
        }
        found
    }

    fn is_of(&self, rules: &GroupRules, facts: &Facts<'_>, member: usize, row: usize) -> bool {
        let cell = self.shown(facts, rules.who, member, row);
        match rules.who {
            Shown::Fact(_) => cell.is_some_and(|cell| rules.cells.contains(&cell)),
            Shown::Rule(_) | Shown::Blank => cell == Some(1),
        }
    }

    fn shown(&self, facts: &Facts<'_>, shown: Shown, member: usize, row: usize) -> Option<i64> {
        match shown {
            Shown::Fact(input) => self.fact(facts, input, member),
            other => self.cell(other, row),
        }
    }

    fn fact(&self, facts: &Facts<'_>, input: InputId, member: usize) -> Option<i64> {
        let found = &self.content.library.inputs[input.index()];
        let row = if found.entity == HOUSEHOLD { 0 } else { u32::try_from(member).ok()? };
        match facts.get(found.entity, row, input)?.value {
            FactValue::Known(value) => cell(found.ty, value),
            FactValue::Between(..) => None,
        }
    }

    /// A rule's value for a member's row, or for the household.
    fn cell(&self, shown: Shown, row: usize) -> Option<i64> {
        let Shown::Rule(rule) = shown else { return None };
        let found = &self.content.library.rules[rule.index()];
        let row = if found.entity == PERSON { row } else { self.index };
        let raw = self.determined.rules.get(rule)?.get(row)?;
        cell(found.ty, to_value(found.ty, raw))
    }
}

/// Fractions of a fen are rounded: lists are for reading, payments are computed elsewhere.
fn cell(ty: Type, value: Value) -> Option<i64> {
    match value {
        Value::YesNo(yes) => Some(i64::from(yes)),
        Value::Label(label) => Some(i64::from(label)),
        Value::Number(number) => {
            let scale = if ty == Type::Number { 1_000 } else { 1 };
            let scaled = Exact::new(i128::checked_mul(*number.numer(), scale)?, *number.denom());
            i64::try_from(round(scaled, Rounding::HalfUp, 1)?.to_integer()).ok()
        }
    }
}
