//! Wrong versions of the law: every formula with one slip of the pen in it. Examples that cannot tell the law from a
//! slip do not protect it; `doudi policy test --mutants` runs the shipped examples against each.

mod expression;
mod tree;
mod trial;
mod words;

pub use trial::{Trials, Verdict};

use crate::ir::{Body, CheckId, Def, DefId, Expr, ExprKind, IrClause};
use crate::library::Library;
use crate::parameters::RowValue;
use crate::source::Span;
use crate::value::Value;
use expression::{Variant, Writer, neighbours};

/// Where slips are made, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// A 规则 or 例外.
    Def(DefId),
    Check(CheckId),
    /// Index in [`Library::sets`].
    Set(u32),
    /// Index in [`Library::rows`].
    Row(u32),
}

/// One wrong version of the law.
#[derive(Clone, Debug)]
pub struct Mutant {
    pub site: Site,
    pub span: Span,
    /// The article and the rule: `民发〔2012〕220号 第二十七条 户.低保金`.
    pub place: String,
    /// What is wrong: `“人均月收入 低于 低保标准[城乡]”里“低于”改成“不超过”`.
    pub what: String,
    change: Change,
}

#[derive(Clone, Debug, Default)]
struct Change {
    defs: Vec<(DefId, Def)>,
    checks: Vec<(CheckId, Expr)>,
    dropped: Option<DefId>,
    row: Option<(u32, Value)>,
}

impl Mutant {
    /// The library with this slip in it. An exception that is dropped, and a value of a table, are no part of it.
    pub fn applied(&self, library: &Library) -> Library {
        let mut wrong = library.clone();
        for (id, def) in &self.change.defs {
            wrong.defs[id.index()] = def.clone();
        }
        for (id, condition) in &self.change.checks {
            wrong.checks[id.index()].condition = condition.clone();
        }
        wrong
    }

    pub fn dropped(&self) -> Option<DefId> {
        self.change.dropped
    }
}

/// Everything of a library that examples can be about, in the order of the documents. The words, the stake and the
/// reasons of a rule are not: no example can ask for them.
pub fn sites(library: &Library) -> Vec<Site> {
    let mut sites: Vec<(Span, Site)> = Vec::new();
    sites.extend(library.defs.iter().enumerate().map(|(at, def)| (def.span, Site::Def(DefId(at as u32)))));
    let checks = library.checks.iter().enumerate();
    sites.extend(checks.map(|(at, check)| (check.span, Site::Check(CheckId(at as u32)))));
    sites.extend(library.sets.iter().enumerate().filter_map(|(at, set)| {
        let filter = set.filter.as_ref()?;
        Some((filter.span, Site::Set(at as u32)))
    }));
    sites.extend(library.rows.iter().enumerate().map(|(at, row)| (row.span, Site::Row(at as u32))));
    sites.sort_by_key(|(span, _)| *span);
    sites.into_iter().map(|(_, site)| site).collect()
}

/// The wrong versions of one place.
pub fn mutants(library: &Library, site: Site) -> Vec<Mutant> {
    let writer = Writer { library };
    match site {
        Site::Def(id) => library.def(id).map_or(Vec::new(), |def| of_def(&writer, site, id, def)),
        Site::Check(id) => of_check(&writer, site, id),
        Site::Set(index) => of_set(&writer, site, index),
        Site::Row(index) => of_row(library, site, index),
    }
}

fn of_def(writer: &Writer<'_>, site: Site, id: DefId, def: &Def) -> Vec<Mutant> {
    let library = writer.library;
    let rule = &library.rules[def.rule.index()];
    let owner = library.entities.get(rule.entity.index()).map_or("", |entity| entity.name.as_str());
    let label = def.label.as_ref().map_or(String::new(), |label| format!("「{label}」"));
    let place = format!("{} {owner}.{}{label}", library.citation(def.article), rule.name);
    let mutant =
        |span: Span, what: String, change: Change| Mutant { site, span, place: place.clone(), what, change };
    let mut found: Vec<Mutant> = bodies(writer, &def.body)
        .into_iter()
        .map(|(body, span, what)| {
            let wrong = Def { body, ..def.clone() };
            mutant(span, what, Change { defs: vec![(id, wrong)], ..Change::default() })
        })
        .collect();
    if def.label.is_some() {
        let change = Change { dropped: Some(id), ..Change::default() };
        found.push(mutant(def.span, "去掉这个例外".into(), change));
    }
    if let Some(before) = &def.before {
        let wrong = Def { before: None, ..def.clone() };
        let change = Change { defs: vec![(id, wrong)], ..Change::default() };
        found.push(mutant(def.span, format!("去掉“优先于 「{before}」”"), change));
    }
    found
}

type WrongBody = (Body, Span, String);

fn bodies(writer: &Writer<'_>, body: &Body) -> Vec<WrongBody> {
    match body {
        Body::Formula(expr) => {
            let wrong = |variant: Variant| (Body::Formula(variant.expr), variant.span, variant.what);
            writer.variants(expr).into_iter().map(wrong).collect()
        }
        Body::Clauses { clauses, otherwise } => clause_bodies(writer, clauses, otherwise.as_ref()),
        Body::Exception { condition, value, modifies } => {
            let with =
                |condition: Expr, value: Expr| Body::Exception { condition, value, modifies: *modifies };
            let conditions = writer.variants(condition).into_iter();
            let values = writer.variants(value).into_iter();
            conditions
                .map(|wrong| (with(wrong.expr, value.clone()), wrong.span, wrong.what))
                .chain(values.map(|wrong| (with(condition.clone(), wrong.expr), wrong.span, wrong.what)))
                .collect()
        }
    }
}

fn clause_bodies(writer: &Writer<'_>, clauses: &[IrClause], otherwise: Option<&Expr>) -> Vec<WrongBody> {
    let with = |clauses: Vec<IrClause>, otherwise: Option<Expr>| Body::Clauses { clauses, otherwise };
    let mut found = Vec::new();
    for (index, clause) in clauses.iter().enumerate() {
        let replaced = |wrong: IrClause| {
            let mut all = clauses.to_vec();
            all[index] = wrong;
            with(all, otherwise.cloned())
        };
        for wrong in writer.variants(&clause.condition) {
            let body = replaced(IrClause { condition: wrong.expr, ..clause.clone() });
            found.push((body, wrong.span, wrong.what));
        }
        for wrong in writer.variants(&clause.value) {
            let body = replaced(IrClause { value: wrong.expr, ..clause.clone() });
            found.push((body, wrong.span, wrong.what));
        }
        let number = index + 1;
        let next = clauses.get(index + 1);
        // The last case before an equal 否则 decides nothing, and two that say the same, or that never hold together,
        // may stand either way round: those versions are not wrong.
        let fallback = next.is_none() && otherwise.is_some_and(|value| same(value, &clause.value));
        if clauses.len() > 1 && !fallback {
            let mut rest = clauses.to_vec();
            rest.remove(index);
            let body = with(rest, otherwise.cloned());
            found.push((body, clause.condition.span, format!("去掉第 {number} 种情形")));
        }
        let apart = |next: &IrClause| excludes(&clause.condition, &next.condition);
        if next.is_some_and(|next| !same(&next.value, &clause.value) && !apart(next)) {
            let mut turned = clauses.to_vec();
            turned.swap(index, index + 1);
            let body = with(turned, otherwise.cloned());
            found.push((body, clause.condition.span, format!("第 {number}、{} 种情形对调", number + 1)));
        }
    }
    if let Some(expr) = otherwise {
        for wrong in writer.variants(expr) {
            found.push((with(clauses.to_vec(), Some(wrong.expr)), wrong.span, wrong.what));
        }
        found.push((with(clauses.to_vec(), None), expr.span, "去掉“否则”".into()));
    }
    found
}

/// Whether two values are the same wherever they are asked for. Constants and names only: no more is needed.
fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Constant(a), ExprKind::Constant(b)) => a == b,
        (ExprKind::Rule(a), ExprKind::Rule(b)) => a == b,
        (ExprKind::Input(a), ExprKind::Input(b)) => a == b,
        _ => false,
    }
}

/// Whether two conditions never hold together because they want different options of one thing.
fn excludes(a: &Expr, b: &Expr) -> bool {
    fn parts(expr: &Expr) -> Vec<&Expr> {
        match &expr.kind {
            ExprKind::And(parts) => parts.iter().collect(),
            _ => vec![expr],
        }
    }
    let apart = |a: &Expr, b: &Expr| match (&a.kind, &b.kind) {
        (
            ExprKind::Is { value: one, labels, negated: false },
            ExprKind::Is { value: other, labels: others, negated: false },
        ) => same(one, other) && !labels.iter().any(|label| others.contains(label)),
        _ => false,
    };
    parts(a).into_iter().any(|a| parts(b).into_iter().any(|b| apart(a, b)))
}

fn of_check(writer: &Writer<'_>, site: Site, id: CheckId) -> Vec<Mutant> {
    let library = writer.library;
    let Some(check) = library.checks.get(id.index()) else { return Vec::new() };
    let place = format!("{} 疑点 {}", library.citation(check.article), check.name);
    let wrong = |variant: Variant| Mutant {
        site,
        span: variant.span,
        place: place.clone(),
        what: variant.what,
        change: Change { checks: vec![(id, variant.expr)], ..Change::default() },
    };
    writer.variants(&check.condition).into_iter().map(wrong).collect()
}

/// A selection stands in every formula that uses it; all of them get the wrong one.
fn of_set(writer: &Writer<'_>, site: Site, index: u32) -> Vec<Mutant> {
    let library = writer.library;
    let Some(set) = library.sets.get(index as usize) else { return Vec::new() };
    let Some(filter) = &set.filter else { return Vec::new() };
    let inherited = |part: &Expr| {
        let others = library.sets.iter().filter_map(|other| other.filter.as_ref());
        part.span != filter.span && others.into_iter().any(|other| other.span == part.span)
    };
    let variants = match &filter.kind {
        ExprKind::And(parts) if parts.first().is_some_and(inherited) => {
            let [first, own] = parts.as_slice() else { return Vec::new() };
            let again = |variant: Variant| {
                let kind = ExprKind::And(vec![first.clone(), variant.expr]);
                Variant { expr: Expr { kind, ty: filter.ty, span: filter.span }, ..variant }
            };
            writer.variants(own).into_iter().map(again).collect()
        }
        _ => writer.variants(filter),
    };
    let wrong = |variant: Variant| Mutant {
        site,
        span: variant.span,
        place: format!("群体 {}", set.name),
        what: variant.what,
        change: in_all(library, filter, &variant.expr),
    };
    variants.into_iter().map(wrong).collect()
}

fn in_all(library: &Library, filter: &Expr, wrong: &Expr) -> Change {
    let mut change = Change::default();
    for (at, def) in library.defs.iter().enumerate() {
        let mut copy = def.clone();
        let parts: Vec<&mut Expr> = match &mut copy.body {
            Body::Formula(expr) => vec![expr],
            Body::Clauses { clauses, otherwise } => clauses
                .iter_mut()
                .flat_map(|clause| [&mut clause.condition, &mut clause.value])
                .chain(otherwise)
                .collect(),
            Body::Exception { condition, value, .. } => vec![condition, value],
        };
        let mut found = false;
        for part in parts {
            found |= tree::replace(part, filter, wrong);
        }
        if found {
            change.defs.push((DefId(at as u32), copy));
        }
    }
    for (at, check) in library.checks.iter().enumerate() {
        let mut condition = check.condition.clone();
        if tree::replace(&mut condition, filter, wrong) {
            change.checks.push((CheckId(at as u32), condition));
        }
    }
    change
}

fn of_row(library: &Library, site: Site, index: u32) -> Vec<Mutant> {
    let Some(row) = library.rows.get(index as usize) else { return Vec::new() };
    let RowValue::Value(value) = row.value else { return Vec::new() };
    let Some(parameter) = library.parameters.get(row.parameter.index()) else { return Vec::new() };
    let words = |value: Value| words::value(library, value, parameter.ty);
    let wrong = |near: Value| Mutant {
        site,
        span: row.span,
        place: format!("参数 {}", parameter.name),
        what: format!("{} 起的“{}”改成“{}”", row.from, words(value), words(near)),
        change: Change { row: Some((index, near)), ..Change::default() },
    };
    neighbours(library, value, parameter.ty).into_iter().map(wrong).collect()
}
