//! One household run again in full: reasons in words, bounds, and what is missing.

use crate::county::County;
use crate::determine::Chunk;
use crate::words;
use doudi_policy::ir::{
    Body, Check, Def, DefId, EntityId, Expr, ExprKind, HOUSEHOLD, InputId, PERSON, RuleId, Template,
};
use doudi_policy::{Evaluation, FactValue, Facts, Fired, Layout, Missing, Outcome, Program, Value};

/// How deep a refusal is followed from rule to rule.
const DEPTH: u32 = 8;
/// Missing facts named for one person; the rest is a number.
const MISSING_SHOWN: usize = 12;

/// A household with everything that is known of it.
pub(crate) struct Household<'c> {
    county: &'c County<'c>,
    facts: Facts<'c>,
}

impl<'c> Household<'c> {
    pub fn new(county: &'c County<'c>, chunk: &Chunk, layout: &'c Layout, unit: usize) -> Household<'c> {
        Household { county, facts: chunk.household(layout, unit) }
    }

    /// What is said of it then counts its members instead of naming their rows.
    pub fn without_names(mut self) -> Household<'c> {
        self.facts.forget_names();
        self
    }

    pub fn evaluation(&self) -> Evaluation<'_> {
        Evaluation::new(&self.county.program, &self.facts)
    }

    /// What is known of an input for a member, or for the member's household.
    pub fn fact(&self, input: InputId, member: u32) -> Option<FactValue> {
        let entity = self.county.program.library.inputs[input.index()].entity;
        self.facts.get(entity, row_for(entity, member), input).map(|fact| fact.value)
    }
}

/// The row of a rule's or check's entity for a member of the household.
pub(crate) fn row_for(entity: EntityId, member: u32) -> u32 {
    if entity == HOUSEHOLD { 0 } else { member }
}

/// The value of a rule for a member, or for the member's household.
pub(crate) fn rule(evaluation: &mut Evaluation<'_>, rule: RuleId, member: u32) -> Outcome {
    let entity = evaluation.program.library.rules[rule.index()].entity;
    evaluation.rule(rule, row_for(entity, member))
}

/// The sentence of a check, with the values it compares.
pub(crate) fn check_reason(evaluation: &mut Evaluation<'_>, check: &Check, member: u32) -> String {
    let library = evaluation.program.library;
    let row = row_for(check.entity, member);
    let mut sentence = String::new();
    for part in &check.reason {
        match part {
            Template::Text(text) => sentence.push_str(text),
            Template::Value(expr) => {
                let found = evaluation.expr(expr, check.entity, row);
                sentence.push_str(&words::outcome(library, expr.ty, &found));
            }
        }
    }
    if sentence.is_empty() { check.name.clone() } else { sentence }
}

/// Whole fen; `None` where it is not known.
pub(crate) fn check_stake(evaluation: &mut Evaluation<'_>, check: &Check, member: u32) -> Option<i64> {
    let stake = check.stake.as_ref()?;
    let found = evaluation.expr(stake, check.entity, row_for(check.entity, member)).as_number()?;
    let whole = doudi_policy::round(found, doudi_policy::Rounding::HalfUp, 1)?.to_integer();
    i64::try_from(whole).ok()
}

/// What keeps rules from being decided for a member, in words, without repeats.
pub(crate) fn missing_words(program: &Program<'_>, missing: &[Missing], member: u32) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for one in missing {
        let word = words::missing(program, one, |entity, row| words::whose(member, entity, row));
        if !word.is_empty() && !found.contains(&word) {
            found.push(word);
        }
    }
    // What nobody in the village can find out comes first: the document that has to be published.
    found.sort_by_key(|word| !word.starts_with("参数"));
    if found.len() > MISSING_SHOWN {
        let more = found.len() - MISSING_SHOWN;
        found.truncate(MISSING_SHOWN);
        found.push(format!("等另外 {more} 项"));
    }
    found
}

/// Why a yes/no rule says no for a member: the clause's own words if there are any, and the article.
pub(crate) fn refusal(evaluation: &mut Evaluation<'_>, id: RuleId, member: u32) -> Option<String> {
    let mut cited = None;
    let reason = find_reason(evaluation, id, member, DEPTH, &mut cited);
    match (reason, cited) {
        (Some((reason, article)), _) => Some(with_article(&reason, &article)),
        (None, Some(article)) => Some(format!("按 {article} 不符合条件")),
        (None, None) => None,
    }
}

fn with_article(reason: &str, article: &str) -> String {
    if article.is_empty() { reason.to_owned() } else { format!("{reason}（{article}）") }
}

/// The first reason on the way down through the rules that said no; `cited` becomes the deepest article.
fn find_reason(
    evaluation: &mut Evaluation<'_>,
    id: RuleId,
    member: u32,
    depth: u32,
    cited: &mut Option<String>,
) -> Option<(String, String)> {
    let program = evaluation.program;
    let library = program.library;
    let entity = library.rules[id.index()].entity;
    let row = row_for(entity, member);
    let _ = evaluation.rule(id, row);
    let fired = evaluation.fired(id, row)?.clone();
    let deciding: DefId = fired.exceptions.last().copied().or(fired.base)?;
    let def = library.def(deciding)?;
    let article = library.citation(def.article);
    if let Some(reason) = own_reason(def, &fired) {
        return Some((reason, article));
    }
    *cited = Some(article);
    if depth == 0 {
        return None;
    }
    let mut next: Vec<RuleId> = Vec::new();
    for expr in deciding_exprs(&def.body, fired.clause) {
        rules_in(expr, &mut next);
    }
    for rule in next {
        let about = library.rules[rule.index()].entity;
        if about != HOUSEHOLD && about != PERSON {
            continue;
        }
        if evaluation.rule(rule, row_for(about, member)).as_yes_no() == Some(false)
            && let Some(found) = find_reason(evaluation, rule, member, depth - 1, cited)
        {
            return Some(found);
        }
    }
    None
}

/// The formulas that the answer rests on: of clauses the one that applied, else all that did not.
fn deciding_exprs(body: &Body, clause: Option<u16>) -> Vec<&Expr> {
    match (body, clause) {
        (Body::Formula(expr), _) => vec![expr],
        (Body::Clauses { clauses, .. }, Some(at)) => match clauses.get(usize::from(at)) {
            Some(clause) => vec![&clause.value, &clause.condition],
            None => Vec::new(),
        },
        (Body::Clauses { clauses, otherwise }, None) => {
            otherwise.iter().chain(clauses.iter().map(|clause| &clause.condition)).collect()
        }
        (Body::Exception { condition, value, .. }, _) => vec![value, condition],
    }
}

fn rules_in(expr: &Expr, found: &mut Vec<RuleId>) {
    expr.walk(&mut |node| {
        if let ExprKind::Rule(id) = node.kind
            && !found.contains(&id)
        {
            found.push(id);
        }
    });
}

/// The exceptions that a rule's value rests on, each with its article: `「渐退」（…）`.
pub(crate) fn exceptions(evaluation: &Evaluation<'_>, id: RuleId, member: u32) -> Vec<String> {
    // Of this rule alone: the evaluation given remembers all that was ever asked.
    let mut own = Evaluation::new(evaluation.program, evaluation.facts);
    let _ = rule(&mut own, id, member);
    let library = own.program.library;
    let applied: Vec<DefId> = own.decided().flat_map(|fired| fired.exceptions.iter().copied()).collect();
    let mut found = Vec::new();
    for def in applied.iter().filter_map(|id| library.def(*id)) {
        let words =
            format!("「{}」（{}）", def.label.as_deref().unwrap_or_default(), library.citation(def.article));
        if !found.contains(&words) {
            found.push(words);
        }
    }
    found
}

/// What a rule's value rests on: the words of the clause that applied, if there are any, and the article.
pub(crate) fn basis(evaluation: &mut Evaluation<'_>, id: RuleId, member: u32) -> Option<String> {
    let library = evaluation.program.library;
    let row = row_for(library.rules[id.index()].entity, member);
    let _ = evaluation.rule(id, row);
    let fired = evaluation.fired(id, row)?;
    let def = library.def(fired.exceptions.last().copied().or(fired.base)?)?;
    let article = library.citation(def.article);
    Some(own_reason(def, fired).map_or(article.clone(), |words| with_article(&words, &article)))
}

/// The authors' words for what applied. What stands after 否则 says nothing of a clause before it.
fn own_reason(def: &Def, fired: &Fired) -> Option<String> {
    match (&def.body, fired.clause) {
        (Body::Clauses { clauses, .. }, Some(at)) => clauses.get(usize::from(at))?.reason.clone(),
        _ => def.reason.clone(),
    }
}

/// The words of a yes/no rule that said yes: its clause's reason.
pub(crate) fn grounds(evaluation: &mut Evaluation<'_>, id: RuleId, member: u32) -> Option<String> {
    let program = evaluation.program;
    let row = row_for(program.library.rules[id.index()].entity, member);
    if evaluation.rule(id, row).known() != Some(Value::YesNo(true)) {
        return None;
    }
    let fired = evaluation.fired(id, row)?;
    let def = program.library.def(fired.exceptions.last().copied().or(fired.base)?)?;
    own_reason(def, fired)
}
