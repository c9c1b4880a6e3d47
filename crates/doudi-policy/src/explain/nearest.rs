//! For a refusal: which single fact, changed as little as possible, would turn it into a yes.

use super::owner;
use super::tree::{Reach, Step, tree};
use crate::eval::Evaluation;
use crate::facts::{Fact, FactValue, Facts};
use crate::ir::{Input, InputId, RuleId, Type, Untried};
use crate::program::Program;
use crate::value::{Exact, Missing, Value, add, multiply};
use crate::words::value_words;
use num_traits::Signed;
use serde::Serialize;

/// Facts tried for one refusal.
const MOST_FACTS: usize = 60;
/// How far a number is moved: 2^40 steps, far beyond any household's money in fen.
const MOST_DOUBLINGS: u32 = 40;
/// Evaluations for one number. A search that needs more proves nothing and names nothing.
const MOST_TRIALS: u32 = 2_000;

/// One fact, and the value that it would need while everything else stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// 甲的残疾等级
    pub fact: String,
    pub from: String,
    /// The nearest number that would do; for options all that would, joined by 或.
    pub to: String,
    /// 如果 … 由 … 变为 …，就符合。
    pub sentence: String,
    /// The bare name of the fact, and its present value.
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub now: Value,
    #[serde(skip)]
    pub input: InputId,
    #[serde(skip)]
    pub row: u32,
    #[serde(skip)]
    pub values: Vec<Value>,
}

/// The changes of single facts that turn the 否 of a rule into 是, in the order of the rule tree. Empty for anything
/// but a known 否.
pub fn nearest_changes(evaluation: &mut Evaluation<'_>, rule: RuleId, row: u32) -> Vec<Change> {
    if evaluation.rule(rule, row).as_yes_no() != Some(false) {
        return Vec::new();
    }
    let steps = tree(evaluation, &[(rule, row)], Reach::Everything);
    let (program, facts) = (evaluation.program, evaluation.facts);
    let mut changes = Vec::new();
    let candidates = steps.iter().filter_map(|step| match step {
        Step::Fact { input, row, .. } => changeable(program, facts, *input, *row),
        Step::Rule(..) => None,
    });
    for (input, at, now) in candidates.take(MOST_FACTS) {
        let mut trial = Trial { program, facts: facts.clone(), goal: (rule, row), input, row: at };
        let values = trial.flipping(now);
        if !values.is_empty() {
            let declared = &program.library.inputs[input.index()];
            let fact = format!("{}{}", owner(evaluation, declared.entity, at), declared.name);
            changes.push(told(program, fact, (input, at), now, values));
        }
    }
    changes
}

/// A fact of this household that is known and that can be otherwise. Days cannot; what else cannot, its declaration says.
fn changeable(
    program: &Program<'_>,
    facts: &Facts<'_>,
    id: InputId,
    row: u32,
) -> Option<(InputId, u32, Value)> {
    let input = &program.library.inputs[id.index()];
    let fixed =
        matches!(input.ty, Type::Date | Type::Month | Type::Moment) || input.untried == Untried::Everything;
    match facts.get(input.entity, row, id)?.value {
        FactValue::Known(value) if !fixed => Some((id, row, value)),
        _ => None,
    }
}

fn told(
    program: &Program<'_>,
    fact: String,
    (input, row): (InputId, u32),
    now: Value,
    values: Vec<Value>,
) -> Change {
    let library = program.library;
    let ty = library.inputs[input.index()].ty;
    let words = |value: Value| value_words(library, value, ty);
    let (from, to) = (words(now), values.iter().map(|value| words(*value)).collect::<Vec<_>>().join(" 或 "));
    let by = match (now, values.first()) {
        (Value::Number(a), Some(Value::Number(b))) => {
            let direction = if *b < a { "少" } else { "多" };
            format!("（{direction} {}）", words(Value::Number((*b - a).abs())))
        }
        _ => String::new(),
    };
    let sentence = format!("如果{fact}由 {from} 变为 {to}{by}，就符合");
    let name = library.inputs[input.index()].name.clone();
    Change { fact, from, to, sentence, name, now, input, row, values }
}

/// One fact under trial; everything else stays.
struct Trial<'t> {
    program: &'t Program<'t>,
    facts: Facts<'t>,
    goal: (RuleId, u32),
    input: InputId,
    row: u32,
}

impl Trial<'_> {
    fn declared(&self) -> &Input {
        &self.program.library.inputs[self.input.index()]
    }

    /// The values that turn the answer: the nearest number, or every option that does.
    fn flipping(&mut self, now: Value) -> Vec<Value> {
        let ty = self.declared().ty;
        match (now, ty) {
            (Value::Number(number), _) => {
                self.nearest_number(number, ty).map(Value::Number).into_iter().collect()
            }
            (Value::YesNo(value), _) => self.those_that_flip(vec![Value::YesNo(!value)]),
            (Value::Label(label), Type::Enum(id)) => {
                let options = self.program.library.labels(id).iter().zip(0_u16..).map(|(_, option)| option);
                let others = options.filter(|option| *option != label).map(Value::Label).collect();
                self.those_that_flip(others)
            }
            _ => Vec::new(),
        }
    }

    fn those_that_flip(&mut self, mut values: Vec<Value>) -> Vec<Value> {
        let untried = self.declared().untried.clone();
        values.retain(|value| untried.allows(*value) && self.flips(*value));
        values
    }

    fn flips(&mut self, value: Value) -> bool {
        self.give(FactValue::Known(value));
        let mut evaluation = Evaluation::new(self.program, &self.facts);
        evaluation.rule(self.goal.0, self.goal.1).as_yes_no() == Some(true)
    }

    fn give(&mut self, value: FactValue) {
        let entity = self.declared().entity;
        self.facts.set(entity, self.row, self.input, Fact { value, source: None });
    }

    /// The nearer of the nearest below and above; below where both are as near.
    fn nearest_number(&mut self, now: Exact, ty: Type) -> Option<Exact> {
        let step = match ty {
            Type::Number => Exact::new(1, 100),
            _ => Exact::from_integer(1),
        };
        let mut trials = MOST_TRIALS;
        // Nothing that is now zero or more is asked to fall below zero.
        let room = if now.is_negative() { 1 << MOST_DOUBLINGS } else { (now / step).to_integer() };
        let down = self.first_step(Line { now, step: -step }, room, &mut trials);
        let nearer = down.map_or(1 << MOST_DOUBLINGS, |steps| steps - 1);
        let up = self.first_step(Line { now, step }, nearer, &mut trials);
        let moved = match (up, down) {
            (Some(up), _) => Line { now, step }.at(up),
            (None, Some(down)) => Line { now, step: -step }.at(down),
            (None, None) => None,
        };
        // Without trials left, nothing says that what was found is the nearest.
        moved.filter(|_| trials > 0)
    }

    /// The fewest steps, at most `room`, that turn the answer: piece by piece outwards, each twice as long.
    fn first_step(&mut self, line: Line, room: i128, trials: &mut u32) -> Option<i128> {
        if room < 1 || self.answer_between(line, 1, room, trials) == Some(false) {
            return None;
        }
        let mut from = 1;
        while from <= room && *trials > 0 {
            let to = room.min(from * 2);
            if let Some(found) = self.first_between(line, from, to, trials) {
                return Some(found);
            }
            from = to + 1;
        }
        None
    }

    /// The first of these steps that turns the answer. A stretch that is refused as a whole is left out as a whole.
    fn first_between(&mut self, line: Line, from: i128, to: i128, trials: &mut u32) -> Option<i128> {
        match self.answer_between(line, from, to, trials) {
            Some(true) => return Some(from),
            None if from < to && *trials > 0 => {}
            _ => return None,
        }
        let middle = from + (to - from) / 2;
        let nearer = self.first_between(line, from, middle, trials);
        nearer.or_else(|| self.first_between(line, middle + 1, to, trials))
    }

    /// The answer for all these steps at once; `None` where it differs or cannot be told.
    fn answer_between(&mut self, line: Line, from: i128, to: i128, trials: &mut u32) -> Option<bool> {
        *trials = trials.saturating_sub(1);
        let (a, b) = (line.at(from)?, line.at(to)?);
        if from == to {
            return Some(self.flips(Value::Number(a)));
        }
        self.give(FactValue::Between(Some(a.min(b)), Some(a.max(b))));
        let fact = Missing::Fact { input: self.input.0, row: self.row };
        let mut evaluation = Evaluation::spanning(self.program, &self.facts, fact);
        evaluation.rule(self.goal.0, self.goal.1).as_yes_no()
    }
}

/// Values at equal steps from the present one.
#[derive(Clone, Copy)]
struct Line {
    now: Exact,
    step: Exact,
}

impl Line {
    fn at(self, steps: i128) -> Option<Exact> {
        add(self.now, multiply(self.step, Exact::from_integer(steps))?)
    }
}
