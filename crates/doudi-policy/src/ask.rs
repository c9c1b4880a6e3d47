//! What to ask next: which facts keep results open, and which of them, once answered, decides most.

mod points;

use crate::eval::Evaluation;
use crate::explain::{Reach, Step, citation, deciding_defs, tree};
use crate::facts::{Fact, FactValue, Facts};
use crate::ir::{EntityId, PERSON, RuleId, Type};
use crate::library::Library;
use crate::parameters::parse_value;
use crate::program::Program;
use crate::value::{Missing, Outcome};
use crate::words::{missing_name, missing_words};
use points::Points;
use std::cmp::Reverse;

/// Missing facts that are tried out for one question; the rest wait for a later one.
const MOST_TRIED: usize = 120;

/// A rule at a row of its entity: what a programme wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    pub rule: RuleId,
    pub row: u32,
}

/// A fact (or the completeness of a list) that somebody can find out.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub missing: Missing,
    /// 人.残疾等级; for lists the record: 收入.
    pub input: String,
    /// The member it is about; empty for the household.
    pub whose: String,
    /// 甲的残疾等级
    pub about: String,
    /// As the declaration asks; the name where it does not say.
    pub text: String,
    /// How to answer: the options, or how the value is written.
    pub answers: Vec<String>,
    pub sources: Option<String>,
    /// Goals that wait for it, as indexes.
    pub waiting: Vec<usize>,
    /// The rule whose formula asks for it, and its articles.
    pub asked_by: String,
    pub citations: Vec<String>,
}

/// How far the first question brings the goals that wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reward {
    /// Questions compared with it, itself included.
    pub compared: usize,
    /// Answers tried.
    pub tried: usize,
    /// Goals decided by the least and by the most telling answer.
    pub at_least: usize,
    pub at_most: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Inquiry {
    /// By goal.
    pub outcomes: Vec<Outcome>,
    /// The most deciding question first, then the others: what the vocabularies put first, then what more wait for.
    pub questions: Vec<Question>,
    /// Of the first question.
    pub reward: Option<Reward>,
    /// What no answer about this household can settle: parameters that are not published, notes of the authors.
    pub documents: Vec<String>,
}

impl Inquiry {
    pub fn open(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.known().is_none()).count()
    }

    /// Why the first question comes first.
    pub fn why(&self) -> Option<String> {
        let (question, reward) = (self.questions.first()?, self.reward?);
        let waiting = question.waiting.len();
        let compared = reward.compared;
        Some(match (reward.at_least, reward.at_most) {
            (0, 0) => format!(
                "有 {waiting} 个结论等着它；试过的 {compared} 项里没有哪一项不论怎样回答都能定下结论，按词表和条文的先后先问这一项"
            ),
            (0, most) => format!(
                "有 {waiting} 个结论等着它，有的回答能定下其中 {most} 个；试过的 {compared} 项里没有哪一项不论怎样回答都能定下结论，按词表和条文的先后先问这一项"
            ),
            (least, _) => format!(
                "有 {waiting} 个结论等着它，不论怎样回答至少定下 {least} 个（试了 {} 种回答）；试过的 {compared} 项里没有定得更多的",
                reward.tried
            ),
        })
    }
}

/// What is missing for the goals, and what to ask first. `skipped` are questions nobody could answer.
pub fn inquire(program: &Program<'_>, facts: &Facts<'_>, goals: &[Goal], skipped: &[Missing]) -> Inquiry {
    let mut evaluation = Evaluation::new(program, facts);
    let outcomes: Vec<Outcome> = goals.iter().map(|goal| evaluation.rule(goal.rule, goal.row)).collect();
    let roots: Vec<(RuleId, u32)> = goals.iter().map(|goal| (goal.rule, goal.row)).collect();
    let steps = tree(&mut evaluation, &roots, Reach::Undecided);
    let points = Points::of(&mut evaluation, &steps);
    let mut questions = Vec::new();
    let mut documents = Vec::new();
    for (missing, by) in in_order(&mut evaluation, &steps) {
        let waiting: Vec<usize> =
            (0..goals.len()).filter(|at| outcomes[*at].missing_list().contains(&missing)).collect();
        if waiting.is_empty() || skipped.contains(&missing) {
            continue;
        }
        match missing {
            Missing::Fact { .. } | Missing::List { .. } => {
                questions.push(question(&evaluation, missing, by, waiting));
            }
            _ => documents.push(missing_words(program, Some(facts), missing)),
        }
    }
    first_things_first(program, &mut questions);
    let trial = Trial { program, facts, goals, points: &points };
    let reward = trial.bring_best_forward(&mut questions);
    Inquiry { outcomes, questions, reward, documents }
}

/// Puts an answer into the facts; the error says how to write it. A list is answered with whether there is more.
pub fn answer(library: &Library, facts: &mut Facts<'_>, missing: Missing, text: &str) -> Result<(), String> {
    match missing {
        Missing::Fact { input, row } => {
            let id = crate::ir::InputId(input);
            let declared = library.inputs.get(id.index()).ok_or("没有这个事实")?;
            let value = parse_value(text, declared.ty, &library.enums)?;
            facts.set(declared.entity, row, id, Fact { value: FactValue::Known(value), source: None });
        }
        Missing::List { entity, owner } => match text.trim() {
            "有" | "是" => {
                facts.add_row(EntityId(entity), owner, "");
            }
            "没有" | "无" | "否" => facts.set_complete(EntityId(entity), owner),
            _ => return Err("写 有 或 没有".into()),
        },
        _ => return Err("这一项不是这户的事实，要查文件".into()),
    }
    Ok(())
}

/// Everything missing, in the order of the rule tree, with the rule that asks for it first.
fn in_order(evaluation: &mut Evaluation<'_>, steps: &[Step]) -> Vec<(Missing, (RuleId, u32))> {
    let mut found: Vec<(Missing, (RuleId, u32))> = Vec::new();
    let mut push = |missing: Missing, by: (RuleId, u32)| {
        if !found.iter().any(|(other, _)| *other == missing) {
            found.push((missing, by));
        }
    };
    for step in steps {
        match step {
            Step::Fact { input, row, by } => push(Missing::Fact { input: input.0, row: *row }, *by),
            // Lists and parameters, and what a formula asks for in ways that are no reference.
            Step::Rule(rule, row) => {
                for missing in evaluation.rule(*rule, *row).missing_list() {
                    push(*missing, (*rule, *row));
                }
            }
        }
    }
    found
}

/// Who somebody is, where they live and what they earn come before what they own: what the vocabularies put first, in
/// their order; then what more results wait for; of equals the order of the rule tree.
fn first_things_first(program: &Program<'_>, questions: &mut [Question]) {
    let library = program.library;
    let first: Vec<Missing> = library
        .documents
        .iter()
        .flat_map(|document| &document.asked_first)
        .filter_map(|(name, _)| asked_by_name(library, name))
        .collect();
    // Whose it is does not matter here.
    let place = |question: &Question| {
        let kind = match question.missing {
            Missing::Fact { input, .. } => Missing::Fact { input, row: 0 },
            Missing::List { entity, .. } => Missing::List { entity, owner: 0 },
            other => other,
        };
        first.iter().position(|known| *known == kind).unwrap_or(first.len())
    };
    questions.sort_by_cached_key(|question| (place(question), Reverse(question.waiting.len())));
}

/// 人.出生日期 is a fact, 收入 a list; what is neither is a wrong name.
pub(crate) fn asked_by_name(library: &Library, name: &str) -> Option<Missing> {
    match library.input_by_path(name) {
        Some(input) => Some(Missing::Fact { input: input.0, row: 0 }),
        None => library
            .entity_named(name)
            .filter(|entity| *entity > PERSON)
            .map(|entity| Missing::List { entity: entity.0, owner: 0 }),
    }
}

fn question(
    evaluation: &Evaluation<'_>,
    missing: Missing,
    (rule, row): (RuleId, u32),
    waiting: Vec<usize>,
) -> Question {
    let (library, facts) = (evaluation.program.library, evaluation.facts);
    let name = missing_name(library, missing);
    let (entity, at, asked, sources, answers) = match missing {
        Missing::Fact { input, row } => {
            let input = &library.inputs[input as usize];
            (input.entity, row, input.question.clone(), input.suppliers.clone(), answers(library, input.ty))
        }
        Missing::List { entity, owner } => {
            let record = &library.entities[usize::from(entity)];
            let asked = record.question.as_ref().map(|asked| format!("{asked}（还有没登记的吗？）"));
            let parent = record.parent.unwrap_or(crate::ir::HOUSEHOLD);
            (parent, owner, asked, None, vec!["有".to_owned(), "没有".to_owned()])
        }
        _ => (crate::ir::HOUSEHOLD, 0, None, None, Vec::new()),
    };
    let fired = evaluation.fired(rule, row).cloned().unwrap_or_default();
    let about = missing_words(evaluation.program, Some(facts), missing);
    let input = match missing {
        Missing::Fact { .. } if entity.0 <= PERSON.0 => {
            format!("{}.{name}", library.entities[entity.index()].name)
        }
        _ => name,
    };
    Question {
        missing,
        input,
        whose: member(facts, entity, at),
        text: asked.unwrap_or_else(|| format!("{about}？")),
        about,
        answers,
        sources,
        waiting,
        asked_by: library.rules[rule.index()].name.clone(),
        citations: deciding_defs(library, &fired).iter().map(|def| citation(library, def)).collect(),
    }
}

/// The member that a row is or belongs to, as people call them; empty for the household and what belongs to it.
pub fn member(facts: &Facts<'_>, entity: EntityId, row: u32) -> String {
    match facts.ancestor_row(entity, row, PERSON) {
        Some(person) if facts.row_name(PERSON, person).is_empty() => format!("第{}位成员", person + 1),
        Some(person) => facts.row_name(PERSON, person).to_owned(),
        None => String::new(),
    }
}

fn answers(library: &Library, ty: Type) -> Vec<String> {
    match ty {
        Type::YesNo => vec!["是".into(), "否".into()],
        Type::Enum(id) => library.labels(id).to_vec(),
        Type::Money | Type::Amount => vec!["如 440元".into()],
        Type::Count => vec!["如 3".into()],
        Type::Number => vec!["如 2.5".into()],
        Type::Date => vec!["如 2020-04-30".into()],
        Type::Month => vec!["如 2020-04".into()],
        Type::Moment => vec!["如 2020-10-05T09:30".into()],
    }
}

/// Tries answers.
struct Trial<'t> {
    program: &'t Program<'t>,
    facts: &'t Facts<'t>,
    goals: &'t [Goal],
    points: &'t Points,
}

impl Trial<'_> {
    /// The question that decides most in its worst case comes first; of equals the one that stood first.
    fn bring_best_forward(&self, questions: &mut Vec<Question>) -> Option<Reward> {
        let mut best: Option<(usize, usize)> = None;
        for (at, question) in questions.iter().enumerate().take(MOST_TRIED) {
            let beaten = best.map_or(0, |(_, decided)| decided + 1);
            let least = self.least_decided(question, beaten);
            if least.is_some_and(|least| best.is_none_or(|(_, decided)| least > decided)) {
                best = least.map(|least| (at, least));
            }
        }
        let (at, _) = best?;
        let compared = questions.len().min(MOST_TRIED);
        let first = questions.remove(at);
        let counts: Vec<usize> = self.counts(&first).collect();
        let reward = Reward {
            compared,
            tried: counts.len(),
            at_least: counts.iter().copied().min().unwrap_or(0),
            at_most: counts.iter().copied().max().unwrap_or(0),
        };
        questions.insert(0, first);
        Some(reward)
    }

    /// Goals decided by the least telling answer; `None` as soon as that is fewer than `needed`.
    fn least_decided(&self, question: &Question, needed: usize) -> Option<usize> {
        let mut least = question.waiting.len();
        if least < needed {
            return None;
        }
        for decided in self.counts(question) {
            least = least.min(decided);
            if least < needed {
                return None;
            }
        }
        Some(least)
    }

    /// For each possible answer, how many of the waiting goals it decides.
    fn counts<'q>(&'q self, question: &'q Question) -> impl Iterator<Item = usize> + 'q {
        self.worlds(question.missing).map(|facts| {
            let mut evaluation = Evaluation::new(self.program, &facts);
            let decided =
                |at: &&usize| evaluation.rule(self.goals[**at].rule, self.goals[**at].row).known().is_some();
            question.waiting.iter().filter(decided).count()
        })
    }

    /// This household with each possible answer.
    fn worlds(&self, missing: Missing) -> Box<dyn Iterator<Item = Facts<'_>> + '_> {
        match missing {
            Missing::Fact { input, row } => {
                let id = crate::ir::InputId(input);
                let entity = self.program.library.inputs[id.index()].entity;
                let given = self.facts.get(entity, row, id).map(|fact| fact.value);
                let values = self.points.values(self.program, id, row, given);
                Box::new(values.into_iter().map(move |value| {
                    let mut facts = self.facts.clone();
                    facts.set(entity, row, id, Fact { value: FactValue::Known(value), source: None });
                    facts
                }))
            }
            Missing::List { entity, owner } => Box::new([true, false].into_iter().map(move |complete| {
                let mut facts = self.facts.clone();
                if complete {
                    facts.set_complete(EntityId(entity), owner);
                } else {
                    facts.add_row(EntityId(entity), owner, "");
                }
                facts
            })),
            _ => Box::new(std::iter::empty()),
        }
    }
}
