//! Why: what the policies of a month say to one household, with its own numbers and the articles.

use super::KnownMonth;
use super::sources::source_words;
use crate::law::{Law, Programme};
use doudi_policy::ir::{EntityId, HOUSEHOLD, Input, RuleId};
use doudi_policy::{
    Evaluation, Explanation, Facts, Kind, Missing, Node as Reference, Outcome, Period, Program, Value,
    explain, facts_from_record_with_sources, in_short, missing_words, outcome_words,
};

/// Boxes of one tree on a page that has others; deeper ones have a page of their own.
const MOST_NODES: usize = 40;
const DEPTH: usize = 2;
/// Boxes of a tree that has a page to itself.
const MOST_NODES_WHOLE: usize = 150;
const DEPTH_WHOLE: usize = 4;
const MOST_REASONS: usize = 3;
const MOST_GAPS: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Entitled and on the list.
    Has,
    /// Entitled, and not on the list.
    Missed,
    Unknown,
    /// On the list, not entitled.
    HasAndShouldNot,
    No,
}

impl Verdict {
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Verdict::Has => ("正在享受", "green"),
            Verdict::Missed => ("符合条件，还没有享受", "red"),
            Verdict::Unknown => ("还不能定", "grey"),
            Verdict::HasAndShouldNot => ("在享受，按查明的情况不符合", "amber"),
            Verdict::No => ("不符合", "grey"),
        }
    }
}

/// What one programme comes to for somebody.
pub(crate) struct Reasons {
    pub programme: String,
    /// Names of those with the very same answer; empty = the whole household.
    pub whose: Vec<String>,
    pub verdict: Verdict,
    pub amount: Option<String>,
    pub sentences: Vec<String>,
    pub citations: Vec<String>,
    pub missing: Vec<String>,
    /// Of the amount where there is one, else of the answer itself.
    pub tree: Vec<Node>,
    /// For a page of its own: rule and row.
    pub rule: String,
    pub row: u32,
}

/// A box of an explanation, flat: what stands inside follows with a greater depth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub class: &'static str,
    pub name: String,
    pub value: String,
    pub known: bool,
    pub sentences: Vec<String>,
    pub citations: Vec<String>,
    pub formula: String,
    pub source: String,
    pub missing: Vec<String>,
    /// It has boxes inside, here.
    pub opens: bool,
    /// Shown open.
    pub open: bool,
    /// Boxes that end after this one.
    pub closes: usize,
    /// Its inside has a page of its own: rule and row.
    pub deeper: Option<(String, u32)>,
}

/// Something that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub what: String,
    /// Who can settle it.
    pub who: String,
    /// How to ask on a visit.
    pub question: String,
}

/// All programmes of a month.
#[derive(Default)]
pub(crate) struct Answers {
    pub found: Vec<Reasons>,
    /// Neither had nor entitled to.
    pub refused: Vec<Reasons>,
    /// Everything that is not known.
    pub gaps: Vec<Gap>,
}

/// What the month's law says to a household, or to one member of it.
pub(crate) fn reasons(month: &KnownMonth, only: Option<usize>) -> Answers {
    let Some(law) = month.law.as_deref() else { return Answers::default() };
    let facts = facts(law, month);
    let Ok(program) = link(law, month) else { return Answers::default() };
    let mut evaluation = Evaluation::new(&program, &facts);
    let mut found: Vec<Reasons> = Vec::new();
    let mut gaps: Vec<Gap> = Vec::new();
    for (number, programme) in month.registry.programmes.iter().enumerate() {
        let Some(entitled) = law.rule(&programme.entitled) else { continue };
        let of_household = programme.unit == law.household_word();
        let rows = if of_household { 1 } else { month.found.members.len() };
        for row in 0..rows {
            let member = (!of_household).then_some(row);
            if only.is_some_and(|only| member.is_some_and(|member| member != only)) {
                continue;
            }
            let kept = month
                .found
                .answers
                .iter()
                .find(|answer| (answer.programme, answer.member) == (number, member));
            let enrolled = kept.and_then(|answer| answer.enrolled) == Some(true);
            let made =
                one(&mut evaluation, month, programme, (entitled, row), (of_household, enrolled), &mut gaps);
            match found.iter_mut().find(|known| known.says_the_same(&made)) {
                Some(known) => known.whose.extend(made.whose),
                None => found.push(made),
            }
        }
    }
    found.sort_by_key(|reasons| reasons.verdict);
    gaps.truncate(MOST_GAPS);
    let refused = found.split_off(found.partition_point(|reasons| reasons.verdict < Verdict::No));
    Answers { found, refused, gaps }
}

fn facts<'l>(law: &'l Law, month: &KnownMonth) -> Facts<'l> {
    let names: Vec<&str> = month.found.members.iter().map(|(_, name)| name.as_str()).collect();
    let source = |entity: EntityId, input: &Input, number: Option<u32>| {
        let path = format!("{}.{}", law.library.entities.get(entity.index())?.name, input.name);
        let read = number.and_then(|number| source_words(&month.registry, &month.found, &path, number));
        // Months that came without rows.
        let usual = || Some(format!("一般由{}提供，没有记下是哪一行", input.suppliers.as_deref()?));
        read.or_else(usual).map(Into::into)
    };
    facts_from_record_with_sources(&law.library, &law.layout, &month.found.facts, &names, &source)
}

fn link<'l>(law: &'l Law, month: &KnownMonth) -> Result<Program<'l>, ()> {
    Program::link(&law.library, month.found.region.county(), month.found.month.last_day()).map_err(drop)
}

fn one(
    evaluation: &mut Evaluation<'_>,
    month: &KnownMonth,
    programme: &Programme,
    (entitled, row): (RuleId, usize),
    (of_household, enrolled): (bool, bool),
    gaps: &mut Vec<Gap>,
) -> Reasons {
    let library = evaluation.program.library;
    // A programme of the household is asked of every member; who is entitled speaks for all.
    let rows = if of_household { month.found.members.len().max(1) } else { 1 };
    let asked: Vec<u32> = if of_household { (0..rows as u32).collect() } else { vec![row as u32] };
    let mut speaker = asked[0];
    let mut yes = Some(false);
    for at in asked {
        match evaluation.rule(entitled, at).as_yes_no() {
            Some(true) => {
                (yes, speaker) = (Some(true), at);
                break;
            }
            None if yes == Some(false) => (yes, speaker) = (None, at),
            _ => {}
        }
    }
    let verdict = match (yes, enrolled) {
        (Some(true), true) => Verdict::Has,
        (Some(true), false) => Verdict::Missed,
        (None, _) => Verdict::Unknown,
        (Some(false), true) => Verdict::HasAndShouldNot,
        (Some(false), false) => Verdict::No,
    };
    let outcome = evaluation.rule(entitled, speaker);
    note_gaps(evaluation, &outcome, gaps);
    let short = in_short(evaluation, entitled, speaker, MOST_REASONS);
    let amount_rule = programme.amount.as_deref().and_then(|path| library.rule_by_path(path));
    let amount_rule = amount_rule.filter(|_| yes == Some(true));
    let mut amount = None;
    let (mut rule, mut at) = (entitled, speaker);
    if let Some(found) = amount_rule {
        (rule, at) = (found, if library.rules[found.index()].entity == HOUSEHOLD { 0 } else { speaker });
        let outcome = evaluation.rule(rule, at);
        note_gaps(evaluation, &outcome, gaps);
        amount = Some(match outcome.known() {
            Some(_) => in_words(evaluation, rule, &outcome),
            None => "金额还不能定".to_owned(),
        });
    }
    let tree = match verdict {
        Verdict::No => Vec::new(),
        _ => {
            let explanation = explain(evaluation, rule, at);
            flat(evaluation, &explanation, DEPTH, MOST_NODES)
        }
    };
    let mut citations: Vec<String> = programme.citation.iter().cloned().collect();
    let named = |citation: &&String| !citations.iter().any(|known| citation.starts_with(known.as_str()));
    let more: Vec<String> = short.citations.iter().filter(named).cloned().collect();
    citations.extend(more);
    Reasons {
        programme: programme.name.clone(),
        whose: if of_household { Vec::new() } else { vec![month.name(row).to_owned()] },
        verdict,
        amount,
        sentences: short.reasons,
        citations,
        missing: short.missing,
        tree,
        rule: path(evaluation, rule),
        row: at,
    }
}

impl Reasons {
    pub fn missing_words(&self) -> String {
        const SHOWN: usize = 6;
        let first = self.missing.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("；");
        match self.missing.len() {
            count if count > SHOWN => format!("{first}……共 {count} 项，见下面的表"),
            _ => first,
        }
    }

    /// Told once for all of whom it is true; a tree has one person's numbers.
    fn says_the_same(&self, other: &Reasons) -> bool {
        self.tree.is_empty()
            && other.tree.is_empty()
            && !self.whose.is_empty()
            && (&self.programme, self.verdict, &self.sentences, &self.citations)
                == (&other.programme, other.verdict, &other.sentences, &other.citations)
    }
}

/// An amount says how often.
fn in_words(evaluation: &Evaluation<'_>, rule: RuleId, outcome: &Outcome) -> String {
    let found = &evaluation.program.library.rules[rule.index()];
    let words = outcome_words(evaluation.program.library, outcome, found.ty);
    match (outcome, found.period) {
        (Outcome::Known(Value::Number(_)), Some(Period::Month)) => format!("每月 {words}"),
        (Outcome::Known(Value::Number(_)), Some(Period::Year)) => format!("每年 {words}"),
        _ => words,
    }
}

fn path(evaluation: &Evaluation<'_>, rule: RuleId) -> String {
    let library = evaluation.program.library;
    let found = &library.rules[rule.index()];
    format!("{}.{}", library.entities[found.entity.index()].name, found.name)
}

fn note_gaps(evaluation: &Evaluation<'_>, outcome: &Outcome, gaps: &mut Vec<Gap>) {
    let (program, library) = (evaluation.program, evaluation.program.library);
    for missing in outcome.missing_list() {
        let what = missing_words(program, Some(evaluation.facts), *missing);
        let (who, question) = match missing {
            Missing::Fact { input, .. } => {
                library.inputs.get(*input as usize).map_or(Default::default(), |input| {
                    (input.suppliers.clone().unwrap_or_default(), input.question.clone().unwrap_or_default())
                })
            }
            Missing::List { entity, .. } => {
                let found = library.entities.get(usize::from(*entity));
                (String::new(), found.and_then(|entity| entity.question.clone()).unwrap_or_default())
            }
            Missing::Parameter { parameter, .. } => {
                let found = library.parameters.get(*parameter as usize);
                let note = found.and_then(|parameter| parameter.note.clone()).unwrap_or_default();
                (if note.is_empty() { "当地还没有公布".into() } else { format!("查 {note}") }, String::new())
            }
            _ => Default::default(),
        };
        let gap = Gap { what, who, question };
        if !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }
}

/// The whole tree of one rule, for a page of its own.
pub(crate) struct Whole {
    pub name: String,
    pub value: String,
    pub tree: Vec<Node>,
}

/// `None` where the month's policies have no such rule, or the household no such row.
pub(crate) fn whole_tree(month: &KnownMonth, rule: &str, row: u32) -> Option<Whole> {
    let law = month.law.as_deref()?;
    let facts = facts(law, month);
    let program = link(law, month).ok()?;
    let rule = law.rule(rule)?;
    if row >= facts.rows(law.library.rules[rule.index()].entity) {
        return None;
    }
    let mut evaluation = Evaluation::new(&program, &facts);
    let explanation = explain(&mut evaluation, rule, row);
    Some(Whole {
        name: explanation.name.clone(),
        value: explanation.value.clone(),
        tree: flat(&evaluation, &explanation, DEPTH_WHOLE, MOST_NODES_WHOLE),
    })
}

fn flat(evaluation: &Evaluation<'_>, explanation: &Explanation, depth: usize, most: usize) -> Vec<Node> {
    let mut nodes = Vec::new();
    add(evaluation, explanation, (0, depth), most, &mut nodes);
    nodes
}

fn add(
    evaluation: &Evaluation<'_>,
    explanation: &Explanation,
    (depth, deepest): (usize, usize),
    most: usize,
    nodes: &mut Vec<Node>,
) {
    let opens = depth < deepest && nodes.len() < most && !explanation.parts.is_empty();
    let deeper = match explanation.node {
        Reference::Rule(rule, row) if !opens && !explanation.parts.is_empty() => {
            Some((path(evaluation, rule), row))
        }
        _ => None,
    };
    nodes.push(Node {
        class: match explanation.kind {
            Kind::Rule => "rule",
            Kind::Fact => "fact",
            Kind::Parameter => "parameter",
        },
        name: explanation.name.clone(),
        value: explanation.value.clone(),
        known: explanation.known,
        sentences: explanation.reason.iter().chain(&explanation.in_numbers).cloned().collect(),
        citations: explanation.citations.clone(),
        // The formula belongs to what is open before the reader; deeper ones have it on their own page.
        formula: explanation.formula.clone().filter(|_| depth == 0).unwrap_or_default(),
        source: explanation.source.clone().unwrap_or_default(),
        missing: match explanation.kind {
            Kind::Fact => Vec::new(),
            _ => explanation.missing.iter().take(6).cloned().collect(),
        },
        opens,
        open: depth == 0 || (depth == 1 && deepest == DEPTH_WHOLE),
        closes: 0,
        deeper,
    });
    if opens {
        for part in &explanation.parts {
            add(evaluation, part, (depth + 1, deepest), most, nodes);
        }
        if let Some(last) = nodes.last_mut() {
            last.closes += 1;
        }
    }
}
