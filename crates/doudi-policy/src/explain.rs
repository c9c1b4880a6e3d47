//! Why: each rule's value, the clause that applied, its operands, the article. Every displayed branch is evaluated.

mod nearest;
mod render;
mod short;
mod tree;

use crate::eval::{Evaluation, Fired};
use crate::ir::{Body, Def, EntityId, Expr, ExprKind, HOUSEHOLD, InputId, ParameterId, RuleId};
use crate::library::Library;
use crate::program::ParameterValue;
use crate::value::{Missing, Outcome, Value};
use crate::words::{missing_words, outcome_words, owner_words, value_words};
use serde::Serialize;

pub use nearest::{Change, nearest_changes};
pub use short::{Short, in_short};
pub(crate) use tree::{Reach, Step, tree};

/// A value and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    pub kind: Kind,
    /// What it explains, for programs.
    #[serde(skip)]
    pub node: Node,
    /// 低保对象, 张三的可计入月收入, 低保标准[农村].
    pub name: String,
    pub value: String,
    pub known: bool,
    /// Document and article; for exceptions with their label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<String>,
    /// The formula that applied, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// The same with this household's numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_numbers: Vec<String>,
    /// Shown before, with its parts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub above: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// 中 or 低, with why, where the author was not sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    /// Where a fact or a parameter comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// For a refusal, where asked for: single facts that would turn it; see [`nearest_changes`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Explanation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Rule,
    Fact,
    Parameter,
}

/// What a formula refers to, at which row; of parameters which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Rule(RuleId, u32),
    Input(InputId, u32),
    Parameter(ParameterId, usize),
}

/// Explains one rule at a row of its entity.
pub fn explain(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32) -> Explanation {
    Explainer { seen: Vec::new() }.rule(evaluation, rule, row)
}

/// Tree depth at which a branch is told in one line.
const MAX_DEPTH: usize = 24;

struct Explainer {
    seen: Vec<(RuleId, u32)>,
}

impl Explainer {
    fn rule(&mut self, evaluation: &mut Evaluation<'_>, id: RuleId, row: u32) -> Explanation {
        let outcome = evaluation.rule(id, row);
        let fired = evaluation.fired(id, row).cloned().unwrap_or_default();
        let library = evaluation.program.library;
        let rule = &library.rules[id.index()];
        let deciding = deciding_defs(library, &fired);
        let last = deciding.last().copied();
        let again = self.seen.contains(&(id, row)) || self.seen.len() > MAX_DEPTH * 64;
        let parts = if again {
            Vec::new()
        } else {
            self.seen.push((id, row));
            let references = references(evaluation, &fired, rule.entity, row);
            references.into_iter().map(|reference| self.reference(evaluation, reference)).collect()
        };
        let in_numbers = if again { Vec::new() } else { crate::narrate::in_numbers(evaluation, id, row) };
        Explanation {
            kind: Kind::Rule,
            node: Node::Rule(id, row),
            name: format!("{}{}", owner(evaluation, rule.entity, row), rule.name),
            value: outcome_words(library, &outcome, rule.ty),
            known: outcome.known().is_some(),
            citations: deciding.iter().map(|def| citation(library, def)).collect(),
            formula: last.map(|def| formula(library, def)).filter(|_| !again),
            in_numbers,
            above: again,
            reason: reason(library, &fired),
            confidence: last.and_then(confidence),
            source: None,
            missing: missing(evaluation, &outcome),
            changes: Vec::new(),
            parts,
        }
    }

    fn reference(&mut self, evaluation: &mut Evaluation<'_>, reference: Node) -> Explanation {
        match reference {
            Node::Rule(id, row) => self.rule(evaluation, id, row),
            Node::Input(id, row) => fact(evaluation, id, row),
            Node::Parameter(id, key) => parameter(evaluation, id, key),
        }
    }
}

pub(crate) fn missing(evaluation: &Evaluation<'_>, outcome: &Outcome) -> Vec<String> {
    outcome
        .missing_list()
        .iter()
        .map(|missing| missing_words(evaluation.program, Some(evaluation.facts), *missing))
        .collect()
}

/// The base definition and the exceptions that applied.
pub(crate) fn deciding_defs<'l>(library: &'l Library, fired: &Fired) -> Vec<&'l Def> {
    fired.base.iter().chain(&fired.exceptions).filter_map(|id| library.def(*id)).collect()
}

pub(crate) fn citation(library: &Library, def: &Def) -> String {
    let place = library.citation(def.article);
    match &def.label {
        Some(label) => format!("{place}「{label}」"),
        None => place,
    }
}

fn formula(library: &Library, def: &Def) -> String {
    let source = library.sources.get(def.span.source.0 as usize);
    source.map_or("", |source| source.slice(def.span)).to_owned()
}

fn reason(library: &Library, fired: &Fired) -> Option<String> {
    let exceptional = fired.exceptions.iter().rev().filter_map(|id| library.def(*id)?.reason.clone()).next();
    exceptional.or_else(|| {
        let def = library.def(fired.base?)?;
        // What stands after 否则 says nothing of a clause before it.
        match (&def.body, fired.clause) {
            (Body::Clauses { clauses, .. }, Some(index)) => clauses.get(usize::from(index))?.reason.clone(),
            _ => def.reason.clone(),
        }
    })
}

fn confidence(def: &Def) -> Option<String> {
    let (level, why) = def.confidence.as_ref()?;
    let level = match level {
        crate::ast::Confidence::High => "高",
        crate::ast::Confidence::Medium => "中",
        crate::ast::Confidence::Low => "低",
    };
    Some(if why.is_empty() { level.to_owned() } else { format!("{level}：{why}") })
}

fn owner(evaluation: &Evaluation<'_>, entity: EntityId, row: u32) -> String {
    owner_words(evaluation.program.library, Some(evaluation.facts), entity, row)
}

fn fact(evaluation: &mut Evaluation<'_>, id: InputId, row: u32) -> Explanation {
    let input = &evaluation.program.library.inputs[id.index()];
    let expr = Expr {
        kind: ExprKind::Input(id),
        ty: input.ty,
        span: crate::Span { source: crate::SourceId(0), start: 0, end: 0 },
    };
    let outcome = evaluation.expr(&expr, input.entity, row);
    let given = evaluation.facts.get(input.entity, row, id).and_then(|fact| fact.source.as_deref());
    Explanation {
        kind: Kind::Fact,
        node: Node::Input(id, row),
        name: format!("{}{}", owner(evaluation, input.entity, row), input.name),
        value: outcome_words(evaluation.program.library, &outcome, input.ty),
        known: outcome.known().is_some(),
        citations: Vec::new(),
        formula: None,
        in_numbers: Vec::new(),
        above: false,
        reason: None,
        confidence: None,
        source: given.map(str::to_owned),
        missing: missing(evaluation, &outcome),
        changes: Vec::new(),
        parts: Vec::new(),
    }
}

fn parameter(evaluation: &Evaluation<'_>, id: ParameterId, key: usize) -> Explanation {
    let program = evaluation.program;
    let parameter = &program.library.parameters[id.index()];
    let words = program.key_words(id, key);
    let dimensions = if words.is_empty() { String::new() } else { format!("[{}]", words.join("、")) };
    let found = program.parameters[id.index()].get(key).copied().unwrap_or(ParameterValue::Unpublished);
    let row = match found {
        ParameterValue::Value(_, row) | ParameterValue::None(row) => program.library.rows.get(row as usize),
        ParameterValue::Unpublished => None,
    };
    let value = match found {
        ParameterValue::Value(value, _) => value_words(program.library, value, parameter.ty),
        ParameterValue::None(_) => "当地没有这项规定".into(),
        ParameterValue::Unpublished => "没有公布".into(),
    };
    let unpublished = found == ParameterValue::Unpublished;
    let wanted = Missing::Parameter { parameter: id.0, key: key as u32 };
    let level = row.map(|row| match row.confidence {
        crate::ast::Confidence::High => "高",
        crate::ast::Confidence::Medium => "中",
        crate::ast::Confidence::Low => "低",
    });
    Explanation {
        kind: Kind::Parameter,
        node: Node::Parameter(id, key),
        name: format!("{}{dimensions}", parameter.name),
        value,
        known: row.is_some(),
        citations: Vec::new(),
        formula: None,
        in_numbers: Vec::new(),
        above: false,
        reason: None,
        confidence: level.filter(|level| *level != "高").map(str::to_owned),
        source: row
            .map(|row| row.document.clone())
            .or_else(|| parameter.note.as_ref().map(|note| format!("要查：{note}"))),
        missing: unpublished.then(|| missing_words(program, None, wanted)).into_iter().collect(),
        changes: Vec::new(),
        parts: Vec::new(),
    }
}

/// What the formulas that applied refer to, in the order of writing, each once.
fn references(evaluation: &mut Evaluation<'_>, fired: &Fired, entity: EntityId, row: u32) -> Vec<Node> {
    let library = evaluation.program.library;
    let mut found = Vec::new();
    for def in deciding_defs(library, fired) {
        let exprs: Vec<&Expr> = match (&def.body, fired.clause) {
            (Body::Clauses { clauses, .. }, Some(decided)) => clauses
                .iter()
                .take(usize::from(decided) + 1)
                .enumerate()
                .flat_map(|(index, clause)| {
                    let value = (index == usize::from(decided)).then_some(&clause.value);
                    std::iter::once(&clause.condition).chain(value)
                })
                .collect(),
            _ => def.exprs(),
        };
        for expr in exprs {
            collect(evaluation, expr, entity, row, &mut found);
        }
    }
    found
}

fn collect(evaluation: &mut Evaluation<'_>, expr: &Expr, entity: EntityId, row: u32, found: &mut Vec<Node>) {
    let library = evaluation.program.library;
    let mut push = |reference: Option<Node>| {
        if let Some(reference) = reference
            && !found.contains(&reference)
        {
            found.push(reference);
        }
    };
    match &expr.kind {
        ExprKind::Rule(id) => {
            let at = evaluation.facts.ancestor_row(entity, row, library.rules[id.index()].entity);
            push(at.map(|at| Node::Rule(*id, at)));
        }
        ExprKind::Input(id) => {
            let at = evaluation.facts.ancestor_row(entity, row, library.inputs[id.index()].entity);
            push(at.map(|at| Node::Input(*id, at)));
        }
        ExprKind::Parameter { parameter, dimensions } | ExprKind::HasParameter { parameter, dimensions } => {
            let labels: Option<Vec<u16>> = dimensions
                .iter()
                .map(|dimension| match evaluation.expr(dimension, entity, row) {
                    Outcome::Known(Value::Label(label)) => Some(label),
                    _ => None,
                })
                .collect();
            let keys: Vec<usize> = match labels {
                Some(labels) => vec![evaluation.program.key(*parameter, &labels)],
                None => (0..evaluation.program.key_count(*parameter)).collect(),
            };
            for dimension in dimensions {
                collect(evaluation, dimension, entity, row, found);
            }
            for key in keys {
                let reference = Node::Parameter(*parameter, key);
                if !found.contains(&reference) {
                    found.push(reference);
                }
            }
        }
        ExprKind::Aggregate { over, filters, value, .. } => {
            let parent = library.entities[over.index()].parent.unwrap_or(HOUSEHOLD);
            let Some(owner) = evaluation.facts.ancestor_row(entity, row, parent) else { return };
            let children: Vec<u32> = evaluation.facts.children(*over, owner).collect();
            for child in children {
                for part in filters.iter().chain(value.as_deref()) {
                    collect(evaluation, part, *over, child, found);
                }
            }
        }
        ExprKind::Applies { rule, label } => {
            let owner = library.rules[rule.index()].entity;
            let Some(at) = evaluation.facts.ancestor_row(entity, row, owner) else { return };
            if let Some(Def { body: Body::Exception { condition, .. }, .. }) =
                evaluation.program.exception(*rule, label)
            {
                collect(evaluation, condition, owner, at, found);
            }
        }
        _ => {
            for child in children_of(expr) {
                collect(evaluation, child, entity, row, found);
            }
        }
    }
}

/// The direct operands of a node that stays in its entity; dimensions and what is added up are looked at elsewhere.
pub(crate) fn children_of(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Parameter { .. } | ExprKind::HasParameter { .. } | ExprKind::Aggregate { .. } => Vec::new(),
        _ => expr.parts(),
    }
}
