//! 案例: worked examples beside the articles, run by `doudi policy test` and by the build.

mod block;

use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{CheckId, EntityId, HOUSEHOLD, PERSON, RuleId, Type};
use crate::library::{CaseBlock, Library};
use crate::parameters::parse_value;
use crate::program::{Linked, Program};
use crate::source::Span;
use crate::supposed::Supposed;
use crate::value::{Exact, Missing, Outcome, Unknown, Value};
use crate::words::{missing_name, outcome_words};
use crate::{Diagnostic, Evaluation};
use block::{Block, Item, Scenario};
use doudi_terms::{Date, RegionCode};

/// What came of one example.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseResult {
    pub title: String,
    pub citation: String,
    pub span: Span,
    /// 1-based row of a table; 1 for a story.
    pub row: usize,
    /// Empty = passed. Each: what was expected and what came.
    pub failures: Vec<String>,
}

/// Runs the examples of one block. `Err`: the block itself cannot be read or linked.
pub fn run_case_block(
    library: &Library,
    layout: &Layout,
    block: &CaseBlock,
) -> Result<Vec<CaseResult>, Vec<Diagnostic>> {
    let mut prepared = PreparedBlock::of(library, layout, block)?;
    let Some(linked) = prepared.linked.take() else { return Ok(Vec::new()) };
    let program = linked.over(library);
    let citation = library.citation(block.article);
    let mut results = Vec::new();
    for (index, scenario) in prepared.scenarios.iter().enumerate() {
        let found = judge(&mut scenario.evaluation(&program), &scenario.expected);
        let failures = found.map_err(|what| vec![prepared.unreadable(block.span, index, &what)])?;
        results.push(CaseResult {
            title: prepared.title.clone(),
            citation: citation.clone(),
            span: block.span,
            row: index + 1,
            failures,
        });
    }
    Ok(results)
}

/// The examples of one block, read and linked: they can be run many times.
pub(crate) struct PreparedBlock<'l> {
    pub title: String,
    pub linked: Option<Linked>,
    scenarios: Vec<PreparedScenario<'l>>,
}

struct PreparedScenario<'l> {
    facts: Facts<'l>,
    assumed: Vec<(RuleId, u32, Outcome)>,
    expected: Vec<Expected>,
    /// Rules whose formulas the example looks at; see [`PreparedBlock::find_what_is_asked`].
    asked: Vec<RuleId>,
}

/// One result column: its heading, the cell, and what it is about.
struct Expected {
    name: String,
    text: String,
    target: Target,
}

impl<'l> PreparedBlock<'l> {
    pub(crate) fn of(
        library: &Library,
        layout: &'l Layout,
        block: &CaseBlock,
    ) -> Result<PreparedBlock<'l>, Vec<Diagnostic>> {
        let document = &library.documents[block.document as usize];
        let read = Block::read(block, document).map_err(|problem| vec![*problem])?;
        let mut program = Program::link(library, read.region, read.date)?;
        for text in &read.parameters {
            let supposed = Supposed::parse(library, text).map_err(|what| {
                vec![Diagnostic::error(block.span, format!("案例“{}”的参数：{what}", read.title))]
            })?;
            program.suppose(&supposed);
        }
        let mut prepared = PreparedBlock { title: read.title, linked: None, scenarios: Vec::new() };
        let runner = Runner { library, layout, program: &program, closed: read.closed };
        for (index, scenario) in read.scenarios.iter().enumerate() {
            let scenario = runner.prepare(scenario);
            let scenario = scenario.map_err(|what| vec![prepared.unreadable(block.span, index, &what)])?;
            prepared.scenarios.push(scenario);
        }
        prepared.linked = Some(Linked::of(program));
        Ok(prepared)
    }

    fn unreadable(&self, span: Span, index: usize, what: &str) -> Diagnostic {
        Diagnostic::error(span, format!("案例“{}”第 {} 行：{what}", self.title, index + 1))
    }

    /// Runs every example once and remembers which rules it looks at. Says which do not hold.
    pub(crate) fn find_what_is_asked(&mut self, library: &Library, span: Span) -> Vec<Diagnostic> {
        let Some(linked) = self.linked.take() else { return Vec::new() };
        let program = linked.over(library);
        let mut problems = Vec::new();
        for index in 0..self.scenarios.len() {
            let scenario = &self.scenarios[index];
            let mut evaluation = scenario.evaluation(&program);
            let failures = judge(&mut evaluation, &scenario.expected).unwrap_or_else(|what| vec![what]);
            problems.extend(failures.iter().map(|what| self.unreadable(span, index, what)));
            let rules = (0..library.rules.len() as u32).map(RuleId);
            let asked = rules.filter(|rule| evaluation.has_asked(*rule)).collect();
            self.scenarios[index].asked = asked;
        }
        self.linked = Some(Linked::of(program));
        problems
    }

    /// Examples that look at one of these rules or checks, by index.
    pub(crate) fn asking(&self, rules: &[RuleId], checks: &[CheckId]) -> Vec<usize> {
        let asks = |scenario: &PreparedScenario<'_>| {
            let about =
                |expected: &Expected| matches!(expected.target, Target::Check(id, _) if checks.contains(&id));
            rules.iter().any(|rule| scenario.asked.binary_search(rule).is_ok())
                || scenario.expected.iter().any(about)
        };
        (0..self.scenarios.len()).filter(|index| asks(&self.scenarios[*index])).collect()
    }

    /// Whether an example holds.
    pub(crate) fn holds(&self, library: &Library, linked: Linked, index: usize) -> (bool, Linked) {
        let program = linked.over(library);
        let scenario = &self.scenarios[index];
        let failures = judge(&mut scenario.evaluation(&program), &scenario.expected);
        let holds = failures.is_ok_and(|failures| failures.is_empty());
        (holds, Linked::of(program))
    }
}

impl PreparedScenario<'_> {
    fn evaluation<'e>(&'e self, program: &'e Program<'e>) -> Evaluation<'e> {
        let mut evaluation = Evaluation::new(program, &self.facts);
        for (rule, row, outcome) in &self.assumed {
            evaluation.assume(*rule, *row, outcome.clone());
        }
        evaluation
    }
}

/// What was expected and did not come.
fn judge(evaluation: &mut Evaluation<'_>, expected: &[Expected]) -> Result<Vec<String>, String> {
    let library = evaluation.program.library;
    let mut failures = Vec::new();
    for Expected { name, text, target } in expected {
        let (outcome, ty) = match target {
            Target::Rule(rule, row) => (evaluation.rule(*rule, *row), library.rules[rule.index()].ty),
            Target::Check(check, row) => {
                (evaluation.check(&library.checks[check.index()], *row), Type::YesNo)
            }
        };
        failures.extend(compare(library, name, text, &outcome, ty)?);
    }
    Ok(failures)
}

struct Runner<'r, 'l> {
    library: &'r Library,
    layout: &'l Layout,
    program: &'r Program<'r>,
    closed: bool,
}

/// Where a result of a case points.
enum Target {
    Rule(RuleId, u32),
    Check(CheckId, u32),
}

impl<'l> Runner<'_, 'l> {
    fn prepare(&self, scenario: &Scenario) -> Result<PreparedScenario<'l>, String> {
        let mut facts = Facts::new(self.layout);
        let mut assumed: Vec<(RuleId, u32, Outcome)> = Vec::new();
        let mut names: Vec<(&str, u32)> = Vec::new();
        for member in &scenario.members {
            let row = facts.add_row(PERSON, 0, &member.name);
            names.push((&member.name, row));
        }
        if self.closed {
            self.close(&mut facts);
        }
        for item in &scenario.household {
            self.apply(item, HOUSEHOLD, 0, &mut facts, &mut assumed)?;
        }
        for (member, (_, row)) in scenario.members.iter().zip(&names) {
            for item in &member.items {
                self.apply(item, PERSON, *row, &mut facts, &mut assumed)?;
            }
        }
        let mut expected = Vec::new();
        for item in &scenario.expected {
            let (name, text) = item.pair()?;
            let target = self.target(name, &names)?;
            expected.push(Expected { name: name.to_owned(), text: text.to_owned(), target });
        }
        Ok(PreparedScenario { facts, assumed, expected, asked: Vec::new() })
    }

    /// 未列即否: yes/no facts that are not listed are no, and every list is complete.
    fn close(&self, facts: &mut Facts<'_>) {
        for (index, input) in self.library.inputs.iter().enumerate() {
            if input.ty == Type::YesNo && input.entity <= PERSON {
                for row in 0..facts.rows(input.entity) {
                    let no = Fact { value: FactValue::Known(Value::YesNo(false)), source: None };
                    facts.set(input.entity, row, crate::ir::InputId(index as u32), no);
                }
            }
        }
        for (index, entity) in self.library.entities.iter().enumerate() {
            let Some(parent) = entity.parent else { continue };
            for owner in 0..facts.rows(parent) {
                facts.set_complete(EntityId(index as u8), owner);
            }
        }
    }

    fn apply(
        &self,
        item: &Item,
        entity: EntityId,
        row: u32,
        facts: &mut Facts<'_>,
        assumed: &mut Vec<(RuleId, u32, Outcome)>,
    ) -> Result<(), String> {
        match item {
            Item::Value { name, text } => self.set(name, text, entity, row, facts, assumed),
            Item::Record { name, fields } => {
                let record = self.record(name)?;
                let owner =
                    if self.library.entities[record.index()].parent == Some(HOUSEHOLD) { 0 } else { row };
                facts.set_complete(record, owner);
                let at = facts.add_row(record, owner, name);
                for (field, text) in fields {
                    self.set(field, text, record, at, facts, assumed)?;
                }
                Ok(())
            }
            // Nothing to do: without 未列即否 a list is open unless a record closed it.
            Item::Open { name } => {
                let record = self.record(name)?;
                facts.set_open(record, row);
                Ok(())
            }
        }
    }

    fn record(&self, name: &str) -> Result<EntityId, String> {
        self.library.entity_named(name).filter(|id| id.0 > 1).ok_or_else(|| format!("没有叫“{name}”的记录"))
    }

    fn set(
        &self,
        name: &str,
        text: &str,
        entity: EntityId,
        row: u32,
        facts: &mut Facts<'_>,
        assumed: &mut Vec<(RuleId, u32, Outcome)>,
    ) -> Result<(), String> {
        let mut place = (entity, name);
        if let Some((prefix, rest)) = name.split_once('.')
            && let Some(found) = self.library.entity_named(prefix)
        {
            place = (found, rest);
        }
        let (mut found, name) = place;
        // In a table every column speaks of the one household and its one member.
        if self.library.input_named(found, name).is_none() && self.library.rule_named(found, name).is_none() {
            found = if found == PERSON { HOUSEHOLD } else { PERSON };
        }
        let row = if found == entity { row } else { 0 };
        if let Some(id) = self.library.input_named(found, name) {
            let ty = self.library.inputs[id.index()].ty;
            return match fact(self.library, text, ty)? {
                Some(value) => {
                    facts.set(found, row, id, Fact { value, source: None });
                    Ok(())
                }
                None => {
                    facts.forget(found, row, id);
                    Ok(())
                }
            };
        }
        let Some(rule) = self.library.rule_named(found, name) else {
            return Err(format!("没有叫“{name}”的事实或规则"));
        };
        let ty = self.library.rules[rule.index()].ty;
        let outcome = match fact(self.library, text, ty)? {
            Some(FactValue::Known(value)) => Outcome::Known(value),
            Some(FactValue::Between(low, high)) => {
                Outcome::Unknown(Unknown { low, high, missing: vec![Missing::Assumed { rule: rule.0, row }] })
            }
            None => Outcome::missing(Missing::Assumed { rule: rule.0, row }),
        };
        assumed.push((rule, row, outcome));
        Ok(())
    }

    fn target(&self, name: &str, members: &[(&str, u32)]) -> Result<Target, String> {
        if let Some(check) = name.strip_prefix("疑点") {
            let check = check.trim();
            let found = self.program.checks.iter().find(|id| self.library.checks[id.index()].name == check);
            return found
                .map(|id| Target::Check(*id, 0))
                .ok_or_else(|| format!("没有叫“{check}”的疑点（在这个地区和日期）"));
        }
        let (mut entity, mut row, mut word) = (None, 0, name);
        if let Some((prefix, rest)) = name.split_once('.') {
            word = rest;
            match members.iter().find(|(member, _)| *member == prefix) {
                Some((_, at)) => (entity, row) = (Some(PERSON), *at),
                None => entity = self.library.entity_named(prefix),
            }
        }
        let candidates: Vec<EntityId> = match entity {
            Some(entity) => vec![entity],
            None => vec![PERSON, HOUSEHOLD],
        };
        for entity in candidates {
            if let Some(rule) = self.library.rule_named(entity, word) {
                return Ok(Target::Rule(rule, row));
            }
            if self.library.input_named(entity, word).is_some() {
                return Err(format!("“{name}”是事实，不是结果"));
            }
        }
        Err(format!("没有叫“{name}”的规则"))
    }
}

/// `None` = 不详.
fn fact(library: &Library, text: &str, ty: Type) -> Result<Option<FactValue>, String> {
    if text == "不详" {
        return Ok(None);
    }
    if let Some((low, high)) = text.split_once('至')
        && (ty.is_numeric())
    {
        let bound = |text: &str| -> Result<Option<Exact>, String> {
            match parse_value(text, ty, &library.enums)? {
                Value::Number(number) => Ok(Some(number)),
                _ => Err("区间只能是数".into()),
            }
        };
        return Ok(Some(FactValue::Between(bound(low)?, bound(high)?)));
    }
    let value = parse_value(text, ty, &library.enums).map_err(|next| format!("“{text}”读不出来，{next}"))?;
    Ok(Some(FactValue::Known(value)))
}

fn compare(
    library: &Library,
    name: &str,
    text: &str,
    outcome: &Outcome,
    ty: Type,
) -> Result<Option<String>, String> {
    let got = || outcome_words(library, outcome, ty);
    let missing = || -> Vec<String> {
        outcome.missing_list().iter().map(|missing| missing_name(library, *missing)).collect()
    };
    let told = |why: String| Ok(Some(format!("{name} 应为 {text}，{why}")));
    if let Some(rest) = text.strip_prefix("不详") {
        if outcome.known().is_some() {
            return told(format!("却是 {}", got()));
        }
        let inner = rest.trim_start_matches(['（', '(']).trim_end_matches(['）', ')']);
        if inner.contains('至') {
            let expected = fact(library, inner, ty)?;
            let (low, high) = outcome.bounds();
            return if expected == Some(FactValue::Between(low, high)) {
                Ok(None)
            } else {
                told(format!("却是 {}", got()))
            };
        }
        let missing = missing();
        for wanted in inner.split('、').filter(|wanted| !wanted.is_empty()) {
            if !missing.iter().any(|name| name == wanted || name.ends_with(&format!(".{wanted}"))) {
                return told(format!("缺的却是：{}", missing.join("、")));
            }
        }
        return Ok(None);
    }
    let expected =
        parse_value(text, ty, &library.enums).map_err(|next| format!("“{text}”读不出来，{next}"))?;
    match outcome {
        Outcome::Known(value) if *value == expected => Ok(None),
        Outcome::Known(_) => told(format!("却是 {}", got())),
        Outcome::Unknown(_) => told(format!("却是 {}，缺：{}", got(), missing().join("、"))),
    }
}

/// Region and date of a block that does not say: its document's, at the end of the month in which it begins.
fn default_place(document: &crate::Document) -> (RegionCode, Date) {
    (document.region, document.from.last_of_month())
}
