//! For a refusal: which single fact, changed as little as possible, would turn it into a yes.

use super::owner;
use super::tree::{Reach, Step, tree};
use crate::eval::Evaluation;
use crate::facts::{Fact, FactValue, Facts};
use crate::ir::{Input, InputId, RuleId, Type};
use crate::program::Program;
use crate::value::{Exact, Value, add, multiply};
use crate::words::value_words;
use num_traits::{Signed, Zero};
use serde::Serialize;

/// Facts tried for one refusal.
const MOST_FACTS: usize = 60;
/// How far a number is moved: 2^40 steps, far beyond any household's money in fen.
const MOST_DOUBLINGS: u32 = 40;

/// A letter may say that a death was recorded wrongly, never that somebody would have to die.
const DEATH: &str = "死亡";

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

/// A fact of this household that is known and that can be otherwise. Days, what the ledger says of last month, sex and
/// numbers of papers cannot.
fn changeable(
    program: &Program<'_>,
    facts: &Facts<'_>,
    id: InputId,
    row: u32,
) -> Option<(InputId, u32, Value)> {
    let input = &program.library.inputs[id.index()];
    let fixed = matches!(input.ty, Type::Date | Type::Month | Type::Moment)
        || input.last_month_of.is_some()
        || input.name == "性别"
        || input.name.contains("证号");
    match facts.get(input.entity, row, id)?.value {
        FactValue::Known(Value::YesNo(false)) if input.name == DEATH => None,
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
    Change { fact, from, to, sentence, input, row, values }
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
        match (now, self.declared().ty) {
            (Value::YesNo(value), _) => self.those_that_flip(vec![Value::YesNo(!value)]),
            (Value::Label(label), Type::Enum(id)) => {
                let others = self
                    .program
                    .library
                    .labels(id)
                    .iter()
                    .zip(0_u16..)
                    .filter(|(words, other)| *other != label && words.as_str() != DEATH);
                self.those_that_flip(others.map(|(_, other)| Value::Label(other)).collect())
            }
            (Value::Number(number), ty) => {
                self.nearest_number(number, ty).map(Value::Number).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn those_that_flip(&mut self, mut values: Vec<Value>) -> Vec<Value> {
        values.retain(|value| self.flips(*value));
        values
    }

    fn flips(&mut self, value: Value) -> bool {
        let entity = self.declared().entity;
        self.facts.set(entity, self.row, self.input, Fact { value: FactValue::Known(value), source: None });
        let mut evaluation = Evaluation::new(self.program, &self.facts);
        evaluation.rule(self.goal.0, self.goal.1).as_yes_no() == Some(true)
    }

    /// The nearer of the nearest below and above; below where both are as near.
    fn nearest_number(&mut self, now: Exact, ty: Type) -> Option<Exact> {
        let step = match ty {
            Type::Number => Exact::new(1, 100),
            _ => Exact::from_integer(1),
        };
        // Nothing that is now zero or more is asked to fall below zero.
        let room = (!now.is_negative()).then(|| (now / step).to_integer());
        let down = self.fewest_steps(now, -step, room);
        let up = self.fewest_steps(now, step, None);
        let steps = match (down, up) {
            (Some(down), Some(up)) if up < down => multiply(step, Exact::from_integer(up)),
            (Some(down), _) => multiply(-step, Exact::from_integer(down)),
            (None, Some(up)) => multiply(step, Exact::from_integer(up)),
            (None, None) => None,
        };
        add(now, steps.filter(|steps| !steps.is_zero())?)
    }

    /// How many steps it takes: doubled until the answer turns, then halved to the exact step.
    fn fewest_steps(&mut self, now: Exact, step: Exact, room: Option<i128>) -> Option<i128> {
        let mut holds = |steps: i128| {
            multiply(step, Exact::from_integer(steps))
                .and_then(|by| add(now, by))
                .is_some_and(|value| self.flips(Value::Number(value)))
        };
        let (mut refused, mut far) = (0, None);
        for doubling in 0..=MOST_DOUBLINGS {
            let steps = room.map_or(1 << doubling, |room| room.min(1 << doubling));
            if steps <= refused {
                break;
            }
            if holds(steps) {
                far = Some(steps);
                break;
            }
            refused = steps;
        }
        let mut granted = far?;
        while granted - refused > 1 {
            let middle = refused + (granted - refused) / 2;
            if holds(middle) { granted = middle } else { refused = middle }
        }
        Some(granted)
    }
}
