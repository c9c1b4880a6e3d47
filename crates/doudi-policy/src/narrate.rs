//! A result in sentences for a letter: what was found, how it was reckoned, which article says so. Every sentence comes
//! from the articles that applied: their names, their reasons, their formulas with this household's numbers.

mod equation;
mod members;
pub(crate) mod phrases;

use crate::ast::Compare;
use crate::eval::{Evaluation, Fired};
use crate::explain::missing;
use crate::ir::{
    Body, Def, DefId, EntityId, Expr, ExprKind, HOUSEHOLD, InputId, IrClause, PERSON, ParameterId, RuleId,
    Type,
};
use crate::program::{ParameterValue, Program};
use crate::sufficient::{Refusing, further_refusals};
use crate::value::{Exact, Outcome, Value, subtract};
use num_traits::{Signed, Zero};
pub use phrases::chinese_date;
use phrases::{fine_money, money, named, relation, said, stated};

/// How deep a statement tells what it rests on; below, its own words must do.
const MOST_DEPTH: u32 = 3;
/// How many reasons of a statement below another one are told.
const MOST_BELOW: usize = 3;

/// How a result came about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    pub sentences: Vec<String>,
    /// The definitions behind the sentences, in their order, each once.
    pub defs: Vec<DefId>,
    /// Rows of parameter tables that were used, as indexes of the library's rows.
    pub rows: Vec<u32>,
}

/// Tells one result. `role` is the fact that says what somebody is in the family, for members without a name.
pub fn account(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32, role: Option<InputId>) -> Account {
    accounts(evaluation, &[(rule, row)], role)
}

/// Tells several results one after the other; what has been told is not told again.
pub fn accounts(
    evaluation: &mut Evaluation<'_>,
    results: &[(RuleId, u32)],
    role: Option<InputId>,
) -> Account {
    let mut narrator = Narrator::new(evaluation, role);
    for (rule, row) in results {
        narrator.conclude(*rule, *row);
    }
    narrator.account
}

/// One result with this household's numbers, without what lies behind them: for the box of a tree.
pub(crate) fn in_numbers(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32) -> Vec<String> {
    let mut narrator = Narrator { brief: true, ..Narrator::new(evaluation, None) };
    let entity = narrator.program().library.rules[rule.index()].entity;
    match narrator.evaluation.rule(rule, row).known() {
        Some(Value::YesNo(truth)) => {
            narrator.refusing = !truth;
            let Some(grounds) = narrator.grounds(rule, row, truth) else { return Vec::new() };
            let mut words = Vec::new();
            for (expr, holds) in grounds.hurdles.into_iter().chain(grounds.deciding) {
                words.extend(narrator.statements(expr, holds, entity, row, MOST_DEPTH));
            }
            words.dedup();
            words
        }
        Some(Value::Number(result)) => {
            let Some(expr) = narrator.fired_value(rule, row) else { return Vec::new() };
            let found = &narrator.program().library.rules[rule.index()];
            let value = said(narrator.program().library, &found.name, Value::Number(result), found.ty);
            let equation = narrator.equation(expr, entity, row);
            equation.map(|equation| format!("{equation}＝{value}")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Whose row it is, as letters call them; nothing for the household.
pub(crate) fn owner_name(
    evaluation: &mut Evaluation<'_>,
    entity: EntityId,
    row: u32,
    role: Option<InputId>,
) -> String {
    Narrator::new(evaluation, role).who(entity, row)
}

/// 张建国的工资性收入 of a record's amount, 张建国的残疾等级 of a member's fact.
pub(crate) fn fact_name(
    evaluation: &mut Evaluation<'_>,
    entity: EntityId,
    row: u32,
    name: &str,
    role: Option<InputId>,
) -> String {
    let mut narrator = Narrator::new(evaluation, role);
    let who = narrator.who(entity, row);
    let whose = if who.is_empty() { String::new() } else { format!("{who}的") };
    match narrator.record_kind(entity, row) {
        Some(kind) if entity != PERSON => match name {
            "月额" => format!("{whose}{kind}每月"),
            "年额" => format!("{whose}{kind}每年"),
            _ => format!("{whose}{kind}（{name}）"),
        },
        _ => format!("{whose}{name}"),
    }
}

pub(crate) struct Narrator<'n, 'e> {
    evaluation: &'n mut Evaluation<'e>,
    role: Option<InputId>,
    /// Whether a no is being told: then by how much something fell short is said.
    refusing: bool,
    /// Whether what lies behind a number is left out.
    brief: bool,
    told: Vec<(RuleId, u32)>,
    /// Answers that stand in a sentence with their reasons.
    stated: Vec<(RuleId, u32)>,
    told_records: Vec<EntityId>,
    account: Account,
}

/// What a yes or no rests on.
struct Grounds<'e> {
    /// Conditions that could have ended it the other way and did not.
    hurdles: Vec<(&'e Expr, bool)>,
    deciding: Vec<(&'e Expr, bool)>,
    reason: Option<String>,
    def: DefId,
}

impl<'n, 'e> Narrator<'n, 'e> {
    fn new(evaluation: &'n mut Evaluation<'e>, role: Option<InputId>) -> Narrator<'n, 'e> {
        Narrator {
            evaluation,
            role,
            refusing: false,
            brief: false,
            told: Vec::new(),
            stated: Vec::new(),
            told_records: Vec::new(),
            account: Account::default(),
        }
    }

    fn program(&self) -> &'e Program<'e> {
        self.evaluation.program
    }

    fn conclude(&mut self, id: RuleId, row: u32) {
        let name = self.program().library.rules[id.index()].name.clone();
        match self.evaluation.rule(id, row) {
            Outcome::Known(Value::YesNo(truth)) => {
                self.refusing = !truth;
                self.verdict(id, row, truth);
            }
            Outcome::Known(_) => self.computation(id, row, &name),
            unknown => {
                let wanted = missing(self.evaluation, &unknown);
                self.say(format!("“{name}”现在还定不了，要先查明：{}。", wanted.join("；")));
            }
        }
    }

    fn say(&mut self, sentence: String) {
        if !self.account.sentences.contains(&sentence) {
            self.account.sentences.push(sentence);
        }
    }

    fn cite(&mut self, def: DefId) {
        if !self.account.defs.contains(&def) {
            self.account.defs.push(def);
        }
    }

    /// A yes or no: what stood in the way and did not, then what decided, with its article.
    fn verdict(&mut self, id: RuleId, row: u32, truth: bool) {
        if self.told.contains(&(id, row)) {
            return;
        }
        self.told.push((id, row));
        let entity = self.program().library.rules[id.index()].entity;
        for grounds in self.all_grounds(id, row, truth) {
            self.verdict_on(grounds, id, (entity, row), truth);
        }
    }

    fn verdict_on(&mut self, grounds: Grounds<'e>, id: RuleId, (entity, row): (EntityId, u32), truth: bool) {
        for (expr, holds) in grounds.hurdles {
            let words = self.statements(expr, holds, entity, row, 0);
            if !words.is_empty() {
                self.say(format!("{}。", words.join("；")));
            }
        }
        if grounds.reason.is_none() && grounds.deciding.iter().all(|(expr, _)| is_junction(expr)) {
            for (expr, holds) in grounds.deciding {
                self.junction(expr, holds, entity, row);
            }
            return;
        }
        let mut words = Vec::new();
        for (expr, holds) in grounds.deciding {
            words.extend(self.statements(expr, holds, entity, row, 0));
        }
        self.cite(grounds.def);
        let library = self.program().library;
        let place = library.def(grounds.def).map_or(String::new(), |def| library.citation(def.article));
        let place = place.replace(' ', "");
        let name = &self.program().library.rules[id.index()].name;
        let reason = grounds.reason.unwrap_or_else(|| stated(name, truth));
        let facts = if words.is_empty() { String::new() } else { format!("{}。", words.join("；")) };
        self.say(format!("{facts}{reason}（{place}）。"));
    }

    /// The answers behind an answer that only joins others, each told on its own.
    fn junction(&mut self, expr: &'e Expr, truth: bool, entity: EntityId, row: u32) {
        match &expr.kind {
            ExprKind::Rule(id) => {
                let owner = self.program().library.rules[id.index()].entity;
                if let Some(at) = self.evaluation.facts.ancestor_row(entity, row, owner) {
                    self.verdict(*id, at, truth);
                }
            }
            ExprKind::Not(inner) => self.junction(inner, !truth, entity, row),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                for part in self.telling(expr, parts, truth, entity, row) {
                    self.junction(part, truth, entity, row);
                }
            }
            _ => {
                let words = self.statements(expr, truth, entity, row, 0);
                if !words.is_empty() {
                    self.say(format!("{}。", words.join("；")));
                }
            }
        }
    }

    /// Of 且 and 或: the parts that made the answer. Where one was enough, that one.
    fn telling(
        &mut self,
        expr: &Expr,
        parts: &'e [Expr],
        truth: bool,
        entity: EntityId,
        row: u32,
    ) -> Vec<&'e Expr> {
        let all = matches!(expr.kind, ExprKind::And(_)) == truth;
        let made: Vec<&'e Expr> = parts
            .iter()
            .filter(|part| self.evaluation.expr(part, entity, row).as_yes_no() == Some(truth))
            .filter(|part| !matches!(part.kind, ExprKind::IsKnown(_) | ExprKind::HasParameter { .. }))
            .collect();
        if all { made } else { made.into_iter().take(1).collect() }
    }

    fn fired(&mut self, id: RuleId, row: u32) -> Fired {
        let _ = self.evaluation.rule(id, row);
        self.evaluation.fired(id, row).cloned().unwrap_or_default()
    }

    fn grounds(&mut self, id: RuleId, row: u32, truth: bool) -> Option<Grounds<'e>> {
        let fired = self.fired(id, row);
        let program = self.program();
        if let Some(id) = fired.exceptions.last().copied()
            && let Some(def) = program.library.def(id)
            && let Body::Exception { condition, value, modifies: false } = &def.body
        {
            let mut deciding = vec![(condition, true)];
            deciding.extend((!is_constant(value)).then_some((value, truth)));
            let reason =
                def.reason.clone().or_else(|| Some(format!("适用“{}”的规定", def.label.as_deref()?)));
            return Some(Grounds { hurdles: Vec::new(), deciding, reason, def: id });
        }
        let id = fired.base?;
        let def = program.library.def(id)?;
        let (clauses, otherwise) = match &def.body {
            Body::Formula(expr) => {
                let deciding = vec![(expr, truth)];
                return Some(Grounds { hurdles: Vec::new(), deciding, reason: None, def: id });
            }
            Body::Clauses { clauses, otherwise } => (clauses, otherwise.as_ref()),
            Body::Exception { .. } => return None,
        };
        let decided = fired.clause.map_or(clauses.len(), usize::from);
        let hurdles = hurdles(&clauses[..decided.min(clauses.len())], truth);
        Some(match (clauses.get(decided), otherwise) {
            (Some(clause), _) => Grounds {
                deciding: deciding(Some(&clause.condition), &clause.value, truth),
                reason: clause.reason.clone(),
                hurdles,
                def: id,
            },
            (None, Some(value)) if is_constant(value) => {
                Grounds { deciding: hurdles, reason: def.reason.clone(), hurdles: Vec::new(), def: id }
            }
            (None, Some(value)) => {
                Grounds { deciding: deciding(None, value, truth), reason: None, hurdles, def: id }
            }
            (None, None) => return None,
        })
    }

    /// As [`Narrator::grounds`]; of a no, then every other clause that alone would have brought it.
    fn all_grounds(&mut self, id: RuleId, row: u32, truth: bool) -> Vec<Grounds<'e>> {
        let Some(first) = self.grounds(id, row, truth) else { return Vec::new() };
        let def_id = first.def;
        let mut all = vec![first];
        let further = if truth { Vec::new() } else { further_refusals(self.evaluation, id, row) };
        let Some(def) = self.program().library.def(def_id) else { return all };
        let Body::Clauses { clauses, otherwise } = &def.body else { return all };
        for refusing in further {
            all.extend(match (refusing, otherwise.as_ref()) {
                (Refusing::Clause(at), _) => clauses.get(at).map(|clause| Grounds {
                    deciding: deciding(Some(&clause.condition), &clause.value, truth),
                    reason: clause.reason.clone(),
                    hurdles: Vec::new(),
                    def: def_id,
                }),
                (Refusing::Otherwise, Some(value)) => Some(Grounds {
                    deciding: match is_constant(value) {
                        true => hurdles(clauses, truth),
                        false => deciding(None, value, truth),
                    },
                    reason: def.reason.clone(),
                    hurdles: Vec::new(),
                    def: def_id,
                }),
                (Refusing::Otherwise, None) => None,
            });
        }
        all
    }

    /// The reason of a yes or no alone, or the label of the exception that made it.
    fn why(&mut self, id: RuleId, row: u32) -> Option<String> {
        let truth = self.evaluation.rule(id, row).as_yes_no()?;
        let grounds = self.grounds(id, row, truth)?;
        self.cite(grounds.def);
        grounds.reason
    }

    /// The reason of somebody's yes or no; of several, the first that does not only repeat what has been told.
    pub(super) fn why_now(&mut self, id: RuleId, row: u32) -> Option<String> {
        let truth = self.evaluation.rule(id, row).as_yes_no()?;
        let entity = self.program().library.rules[id.index()].entity;
        let all = self.all_grounds(id, row, truth);
        let is_new = |grounds: &&Grounds<'e>| {
            let rules = grounds.deciding.iter().filter_map(|(expr, _)| ruled(expr));
            let mut told = rules.map(|rule| self.is_told(rule, entity, row));
            // What rests on no rule at all is new.
            !told.next().is_some_and(|first| first && told.all(|next| next))
        };
        let grounds = all.iter().find(is_new).or(all.first())?;
        let (def, reason) = (grounds.def, grounds.reason.clone());
        self.cite(def);
        reason
    }

    fn is_told(&self, rule: RuleId, entity: EntityId, row: u32) -> bool {
        let owner = self.program().library.rules[rule.index()].entity;
        let at = self.evaluation.facts.ancestor_row(entity, row, owner);
        at.is_some_and(|at| self.stated.contains(&(rule, at)))
    }

    fn why_not(&mut self, id: RuleId, row: u32) -> Option<String> {
        self.fired(id, row)
            .exceptions
            .last()
            .and_then(|def| self.program().library.def(*def))
            .and_then(|def| def.reason.clone().or_else(|| def.label.clone()))
            .or_else(|| self.why(id, row))
    }

    /// Why an expression is so, in clauses without a full stop.
    fn statements(
        &mut self,
        expr: &'e Expr,
        truth: bool,
        entity: EntityId,
        row: u32,
        depth: u32,
    ) -> Vec<String> {
        match &expr.kind {
            ExprKind::Not(inner) => self.statements(inner, !truth, entity, row, depth),
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                let telling = self.telling(expr, parts, truth, entity, row);
                let mut words = Vec::new();
                for part in telling {
                    words.extend(self.statements(part, truth, entity, row, depth));
                }
                words
            }
            ExprKind::Compare(op, left, right) => {
                self.comparison(*op, (left, right), truth, entity, row).into_iter().collect()
            }
            ExprKind::Is { value, labels, negated } => {
                self.membership(value, labels, truth != *negated, entity, row).into_iter().collect()
            }
            ExprKind::Rule(id) => self.rule_statement(*id, truth, entity, row, depth),
            ExprKind::Input(id) => {
                let input = &self.program().library.inputs[id.index()];
                let said = stated(&input.name, truth);
                vec![if input.entity == HOUSEHOLD {
                    said
                } else {
                    phrases::of(&self.who(entity, row), &said)
                }]
            }
            ExprKind::Applies { rule, label } => {
                let program = self.program();
                let owner = program.library.rules[rule.index()].entity;
                let at = self.evaluation.facts.ancestor_row(entity, row, owner);
                match (program.exception(*rule, label).map(|def| &def.body), at) {
                    (Some(Body::Exception { condition, .. }), Some(at)) => {
                        self.statements(condition, truth, owner, at, depth)
                    }
                    _ => Vec::new(),
                }
            }
            ExprKind::Aggregate { over, filters, value, .. } if expr.ty == Type::YesNo => {
                self.quantified(*over, (filters, value.as_deref()), truth, (entity, row), depth)
            }
            _ => Vec::new(),
        }
    }

    /// The words of a rule, and what it rests on.
    fn rule_statement(
        &mut self,
        id: RuleId,
        truth: bool,
        entity: EntityId,
        row: u32,
        depth: u32,
    ) -> Vec<String> {
        let owner = self.program().library.rules[id.index()].entity;
        let Some(at) = self.evaluation.facts.ancestor_row(entity, row, owner) else { return Vec::new() };
        let name = &self.program().library.rules[id.index()].name;
        let mut all = self.all_grounds(id, at, truth);
        if depth > 0 {
            all.truncate(MOST_BELOW);
        }
        if all.is_empty() {
            return vec![stated(name, truth)];
        }
        self.stated.push((id, at));
        let mut words: Vec<String> = Vec::new();
        for grounds in all {
            let said = self.ground_statement(grounds, stated(name, truth), (owner, at), depth);
            if !words.contains(&said) {
                words.push(said);
            }
        }
        words
    }

    /// The reason, or what the rule is called, with what it rests on: 有机动车辆：张甲有应计车辆（小型轿车）.
    fn ground_statement(
        &mut self,
        grounds: Grounds<'e>,
        called: String,
        (owner, at): (EntityId, u32),
        depth: u32,
    ) -> String {
        let head = grounds.reason.unwrap_or(called);
        let mut behind: Vec<String> = Vec::new();
        if depth < MOST_DEPTH {
            // Below another statement, what decided is enough; what did not come to it would only be in the way.
            let passed = if depth == 0 || grounds.deciding.is_empty() { grounds.hurdles } else { Vec::new() };
            for (expr, holds) in passed.into_iter().chain(grounds.deciding) {
                behind.extend(self.statements(expr, holds, owner, at, depth + 1));
            }
        }
        self.cite(grounds.def);
        behind.retain(|words| *words != head);
        behind.dedup();
        joined(head, &behind, depth)
    }

    fn comparison(
        &mut self,
        op: Compare,
        (left, right): (&'e Expr, &'e Expr),
        truth: bool,
        entity: EntityId,
        row: u32,
    ) -> Option<String> {
        for side in [left, right] {
            self.reckon(side, entity, row);
        }
        let (Some(Value::Number(a)), Some(Value::Number(b))) =
            (self.value(left, entity, row), self.value(right, entity, row))
        else {
            return None;
        };
        let name = self.value_name(left);
        let relation = relation(op, truth, left.ty, name.ends_with("周岁"));
        // Two amounts that differ by less than a fen are shown to more places.
        let close = left.ty.is_money()
            && a != b
            && money(a).trim_start_matches('约') == money(b).trim_start_matches('约');
        let (left_words, right_words) = if close {
            (format!("{name}{}", fine_money(a)), fine_money(b))
        } else {
            (self.operand(left, &name, entity, row), self.operand(right, &name, entity, row))
        };
        let apart = if self.refusing && left.ty.is_money() { self.apart(a, b) } else { String::new() };
        Some(format!("{left_words}，{relation}{right_words}{apart}"))
    }

    /// By how much it missed the line.
    fn apart(&self, a: Exact, b: Exact) -> String {
        match subtract(a, b) {
            Some(gap) if gap.is_zero() => "（正好相等）".to_owned(),
            Some(gap) if gap.is_positive() => format!("，多出{}", money(gap)),
            Some(gap) => format!("，还差{}", money(-gap)),
            None => String::new(),
        }
    }

    /// One side of a comparison: a name with its value, or a value with how it is made.
    fn operand(&mut self, expr: &'e Expr, other: &str, entity: EntityId, row: u32) -> String {
        let library = self.program().library;
        let Some(value) = self.value(expr, entity, row) else { return String::new() };
        match self.equation(expr, entity, row) {
            Some(equation) => format!("{}（{equation}）", said(library, "", value, expr.ty)),
            None => match &expr.kind {
                ExprKind::Rule(_) | ExprKind::Input(_) => {
                    named(library, &self.value_name(expr), value, expr.ty)
                }
                ExprKind::Parameter { parameter, dimensions } => {
                    let name = self.parameter_name(*parameter, dimensions, entity, row);
                    named(library, &name, value, expr.ty)
                }
                _ => said(library, other, value, expr.ty),
            },
        }
    }

    fn membership(
        &mut self,
        expr: &'e Expr,
        labels: &[u16],
        inside: bool,
        entity: EntityId,
        row: u32,
    ) -> Option<String> {
        let library = self.program().library;
        let value = self.value(expr, entity, row)?;
        let whose = match &expr.kind {
            ExprKind::Input(id) if library.inputs[id.index()].entity != HOUSEHOLD => self.who(entity, row),
            _ => String::new(),
        };
        let is = format!("{whose}{}", named(library, &self.value_name(expr), value, expr.ty));
        let Type::Enum(id) = expr.ty else { return Some(is) };
        let options: Vec<&str> = labels
            .iter()
            .filter_map(|label| library.labels(id).get(usize::from(*label)))
            .map(String::as_str)
            .collect();
        Some(if inside { is } else { format!("{is}，不在{}之列", options.join("、")) })
    }

    /// The reckoning behind every rule of a formula, what comes first first.
    fn reckon(&mut self, expr: &'e Expr, entity: EntityId, row: u32) {
        if self.brief {
            return;
        }
        let mut behind = Vec::new();
        self.rules_behind(expr, entity, row, &mut behind);
        // Who is in the family comes before what they have.
        behind.sort_by_key(|(id, _)| self.program().library.rules[id.index()].ty != Type::Count);
        for (id, at) in behind {
            let name = self.program().library.rules[id.index()].name.clone();
            self.computation(id, at, &name);
        }
    }

    /// How a number came about, under the name by which it is asked for.
    pub(super) fn computation(&mut self, id: RuleId, row: u32, name: &str) {
        let ty = self.program().library.rules[id.index()].ty;
        let Some(Value::Number(result)) = self.evaluation.rule(id, row).known() else { return };
        if self.told.contains(&(id, row)) || !ty.is_numeric() {
            return;
        }
        self.told.push((id, row));
        let entity = self.program().library.rules[id.index()].entity;
        let Some(expr) = self.fired_value(id, row) else { return };
        let mut behind = Vec::new();
        self.rules_behind(expr, entity, row, &mut behind);
        // A rule that only passes another one on lends it its name.
        if let [(only, at)] = behind[..]
            && self.evaluation.rule(only, at).as_number() == Some(result)
            && self.sums_behind(expr, entity, row).is_empty()
        {
            self.cite_fired(id, row);
            return self.computation(only, at, name);
        }
        for sum in self.sums_behind(expr, entity, row) {
            if let Some(sentence) = self.sum_sentence(name, sum, entity, row) {
                self.say(sentence);
            }
        }
        self.reckon(expr, entity, row);
        self.cite_fired(id, row);
        if matches!(expr.kind, ExprKind::Aggregate { .. }) {
            return;
        }
        if let Some(equation) = self.equation(expr, entity, row) {
            let whose = if entity == HOUSEHOLD { String::new() } else { self.who(entity, row) };
            let value = said(self.program().library, name, Value::Number(result), ty);
            self.say(format!("{whose}{name}：{equation}＝{value}。"));
        } else if let Some(reason) = self.value_reason(id, row) {
            let value = said(self.program().library, name, Value::Number(result), ty);
            self.say(format!("{name}{value}：{reason}。"));
        } else if let Some(taken) = self.taken(expr, entity, row).filter(|_| ty.is_money()) {
            let whose = if entity == HOUSEHOLD { String::new() } else { self.who(entity, row) };
            self.say(format!("{whose}{name}：{taken}。"));
        }
    }

    fn deciding_def(&mut self, id: RuleId, row: u32) -> Option<(DefId, &'e Def)> {
        let fired = self.fired(id, row);
        let def = fired.exceptions.last().copied().or(fired.base)?;
        Some((def, self.program().library.def(def)?))
    }

    fn cite_fired(&mut self, id: RuleId, row: u32) {
        if let Some((def, _)) = self.deciding_def(id, row) {
            self.cite(def);
        }
    }

    fn value_reason(&mut self, id: RuleId, row: u32) -> Option<String> {
        let (_, def) = self.deciding_def(id, row)?;
        match &def.body {
            Body::Exception { .. } => {
                def.reason.clone().or_else(|| Some(format!("适用“{}”的规定", def.label.as_deref()?)))
            }
            _ => None,
        }
    }

    /// The formula whose value the rule took; `None` where an exception worked on an earlier value.
    fn fired_value(&mut self, id: RuleId, row: u32) -> Option<&'e Expr> {
        let fired = self.fired(id, row);
        match &self.deciding_def(id, row)?.1.body {
            Body::Formula(expr) => Some(expr),
            Body::Clauses { clauses, otherwise } => match fired.clause {
                Some(at) => clauses.get(usize::from(at)).map(|clause| &clause.value),
                None => otherwise.as_ref(),
            },
            Body::Exception { value, modifies: false, .. } => Some(value),
            Body::Exception { .. } => None,
        }
    }

    /// The name of what a formula refers to; nothing for one that reckons.
    fn value_name(&self, expr: &Expr) -> String {
        let library = self.program().library;
        match &expr.kind {
            ExprKind::Rule(id) => library.rules[id.index()].name.clone(),
            ExprKind::Input(id) => library.inputs[id.index()].name.clone(),
            ExprKind::Age { .. } => "周岁".to_owned(),
            _ => String::new(),
        }
    }

    fn note_row(&mut self, id: ParameterId, dimensions: &[Expr], entity: EntityId, row: u32) {
        let mut labels = Vec::new();
        for dimension in dimensions {
            let Some(Value::Label(label)) = self.value(dimension, entity, row) else { return };
            labels.push(label);
        }
        let key = self.program().key(id, &labels);
        if let Some(ParameterValue::Value(_, row)) = self.program().parameters[id.index()].get(key)
            && !self.account.rows.contains(row)
        {
            self.account.rows.push(*row);
        }
    }
}

/// A statement with what it rests on. What rests on itself in other words is said once; a colon stands once in a sentence.
fn joined(head: String, behind: &[String], depth: u32) -> String {
    match behind {
        [] => head,
        [only] if only.contains(head.as_str()) => only.clone(),
        _ if depth == 0 => format!("{head}：{}", behind.join("；")),
        _ => {
            let behind = behind.join("；").replace('（', "，").replace('）', "");
            format!("{head}（{behind}）")
        }
    }
}

/// Clauses that were passed over and would have answered otherwise: why they did not apply.
fn hurdles(passed: &[IrClause], truth: bool) -> Vec<(&Expr, bool)> {
    let otherwise = |clause: &&IrClause| match &clause.value.kind {
        ExprKind::Constant(value) => *value != Value::YesNo(truth),
        _ => !truth,
    };
    passed.iter().filter(otherwise).map(|clause| (&clause.condition, false)).collect()
}

fn deciding<'e>(condition: Option<&'e Expr>, value: &'e Expr, truth: bool) -> Vec<(&'e Expr, bool)> {
    let mut found: Vec<(&Expr, bool)> = condition.map(|expr| (expr, true)).into_iter().collect();
    found.extend((!is_constant(value)).then_some((value, truth)));
    found
}

/// The rule that a condition asks for, whether it has to be so or not.
fn ruled(expr: &Expr) -> Option<RuleId> {
    match &expr.kind {
        ExprKind::Rule(id) => Some(*id),
        ExprKind::Not(inner) => ruled(inner),
        _ => None,
    }
}

fn is_constant(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(_))
}

/// Whether a formula only joins other answers.
fn is_junction(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Rule(_) => true,
        ExprKind::Aggregate { .. } => expr.ty == Type::YesNo,
        ExprKind::Not(inner) => is_junction(inner),
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().all(is_junction),
        _ => false,
    }
}
