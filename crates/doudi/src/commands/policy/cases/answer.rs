//! What the rules answer to a worked case, in the words of the file, and whether it is what the file expects.

use super::apply::Applied;
use super::mapping::{Bound, Hypothesis, Mapping, ResultLine};
use super::sheet::{WorkedCase, word};
use doudi_policy::ir::{RuleId, Type};
use doudi_policy::{
    Evaluation, Exact, Missing, Outcome, ParameterValue, Program, Rounding, Value, missing_name,
    missing_words, round, value_words,
};
use serde_json::{Map, Value as Json, json};

#[derive(Default)]
pub struct Answer {
    pub got: Map<String, Json>,
    /// Names of the inputs and parameters that are not known.
    pub missing: Vec<String>,
    /// The same as a person would ask for them.
    pub lacking: Vec<String>,
    pub articles: Vec<String>,
    /// What differs from the expectation; empty = passed.
    pub differences: Vec<String>,
}

/// Fields of `expected` that speak to people.
const FOR_PEOPLE: [&str; 6] = ["reasons", "note", "next_action", "trap", "unit", "missing"];

pub struct Answerer<'a, 'l> {
    pub program: &'a Program<'l>,
    pub mapping: &'a Mapping,
    pub case: &'a WorkedCase,
}

impl Answerer<'_, '_> {
    /// `Err` says why the expectation cannot be expressed.
    pub fn answer(&self, applied: &Applied<'_>) -> Result<Answer, String> {
        let mut evaluation = evaluation(self.program, applied);
        let mut answer = Answer::default();
        let mut unknown: Vec<Missing> = Vec::new();
        for (field, expected) in &self.case.expected {
            if FOR_PEOPLE.contains(&field.as_str()) {
                continue;
            }
            let line = self.mapping.results.iter().find(|line| line.field == *field);
            let line = line.ok_or_else(|| format!("对照表没有说结果“{field}”看哪条规则"))?;
            let got = match &line.hypothesis {
                Some(hypothesis) => self.hypotheses(hypothesis, applied, expected)?,
                None => self.value(line, &mut evaluation, &mut unknown)?,
            };
            if !same(expected, &got) {
                answer.differences.push(format!("{field} 应为 {}，得 {}", shown(expected), shown(&got)));
            }
            answer.got.insert(field.clone(), got);
        }
        unknown.sort();
        unknown.dedup();
        for missing in unknown.iter().filter(|missing| !matches!(missing, Missing::Fault { .. })) {
            let name = missing_name(self.program.library, *missing);
            if !answer.missing.contains(&name) {
                answer.missing.push(name);
            }
            answer.lacking.push(missing_words(self.program, Some(&applied.facts), *missing));
        }
        if self.case.expected.contains_key("missing") && answer.missing.is_empty() {
            answer.differences.push("应当说明还缺什么，却没有".into());
        }
        answer.articles = articles(&evaluation);
        Ok(answer)
    }

    fn rule(&self, path: &str) -> Result<RuleId, String> {
        let found = self.program.library.rule_by_path(path);
        found.ok_or_else(|| format!("对照表里的规则“{path}”在政策文件里没有"))
    }

    fn value(
        &self,
        line: &ResultLine,
        evaluation: &mut Evaluation<'_>,
        unknown: &mut Vec<Missing>,
    ) -> Result<Json, String> {
        if let Some(value) = &line.value {
            return Ok(json!(value));
        }
        let Some(path) = &line.rule else { return Ok(Json::Null) };
        let rule = self.rule(path)?;
        let found = &self.program.library.rules[rule.index()];
        if let Some(key) = &line.key {
            return self.table(rule, key, line, evaluation, unknown);
        }
        let outcome = evaluation.rule(rule, 0);
        unknown.extend(outcome.missing_list());
        self.refuse_silence(path, &outcome)?;
        Ok(self.told(line, &outcome, found.ty))
    }

    /// No article speaks here at all: then nothing is expressed, rather than unknown.
    fn refuse_silence(&self, path: &str, outcome: &Outcome) -> Result<(), String> {
        let rule = self.rule(path)?;
        let linked = &self.program.rules[rule.index()];
        if linked.base.is_none() && linked.exceptions.is_empty() && outcome.known().is_none() {
            let (region, date) = (self.program.region, self.program.date);
            return Err(format!("“{path}”在 {region} {date} 没有条文"));
        }
        Ok(())
    }

    fn table(
        &self,
        rule: RuleId,
        key: &str,
        line: &ResultLine,
        evaluation: &mut Evaluation<'_>,
        unknown: &mut Vec<Missing>,
    ) -> Result<Json, String> {
        let library = self.program.library;
        let found = &library.rules[rule.index()];
        let input = library.input_named(found.entity, key);
        let input = input.ok_or_else(|| format!("对照表里的“{key}”不是这种记录的事实"))?;
        let mut table = Map::new();
        for row in 0..evaluation.facts.rows(found.entity) {
            let outcome = evaluation.rule(rule, row);
            unknown.extend(outcome.missing_list());
            if let Some(doudi_policy::FactValue::Known(value)) =
                evaluation.facts.get(found.entity, row, input).map(|fact| fact.value)
            {
                let name = value_words(library, value, library.inputs[input.index()].ty);
                table.insert(name, self.told(line, &outcome, found.ty));
            }
        }
        Ok(Json::Object(table))
    }

    fn told(&self, line: &ResultLine, outcome: &Outcome, ty: Type) -> Json {
        if let Some(bound) = line.bound {
            let (low, high) = match outcome {
                Outcome::Known(Value::Number(number)) => (Some(*number), Some(*number)),
                Outcome::Unknown(unknown) => (unknown.low, unknown.high),
                Outcome::Known(_) => (None, None),
            };
            let number = if bound == Bound::Low { low } else { high };
            return number.map_or(Json::Null, |number| json!(decimal(number, ty, line.four_decimals)));
        }
        let value = match (outcome, ty) {
            (Outcome::Known(value), _) => *value,
            (Outcome::Unknown(_), Type::YesNo) => return json!("unknown"),
            (Outcome::Unknown(_), _) => return Json::Null,
        };
        let text = match (value, ty) {
            (Value::YesNo(yes), _) => if yes { "yes" } else { "no" }.to_owned(),
            (Value::Number(number), Type::Count) => return whole(number),
            (Value::Number(number), Type::Money | Type::Amount | Type::Number) => {
                decimal(number, ty, line.four_decimals)
            }
            _ => value_words(self.program.library, value, ty),
        };
        json!(line.words.get(&text).unwrap_or(&text))
    }

    /// Eligibility and amount if the parameter in question were 是, or if the place had no such rule.
    fn hypotheses(
        &self,
        hypothesis: &Hypothesis,
        applied: &Applied<'_>,
        expected: &Json,
    ) -> Result<Json, String> {
        let labels = expected.as_object().ok_or("bounds 应是一组“假设: 结果”")?;
        let parameter = self.program.library.parameter_named(&hypothesis.parameter);
        let parameter = parameter.ok_or_else(|| format!("对照表里的参数“{}”没有", hypothesis.parameter))?;
        let eligible = self.mapping.results.iter().find(|line| line.field == "eligible");
        let eligible = eligible.and_then(|line| line.rule.as_deref()).ok_or("对照表没有 eligible")?;
        let (eligible, amount) = (self.rule(eligible)?, self.rule(&hypothesis.amount)?);
        let mut told = Map::new();
        for label in labels.keys() {
            let value = if hypothesis.means_yes(label) {
                ParameterValue::Value(Value::YesNo(true), u32::MAX)
            } else {
                ParameterValue::None(u32::MAX)
            };
            let mut program = self.program.clone();
            program.parameters[parameter.index()].fill(value);
            let mut evaluation = evaluation(&program, applied);
            let ty = self.program.library.rules[amount.index()].ty;
            let answer = match evaluation.rule(eligible, 0).as_yes_no() {
                Some(true) => match evaluation.rule(amount, 0).as_number() {
                    Some(number) => format!("yes {}", decimal(number, ty, false)),
                    None => "yes".to_owned(),
                },
                Some(false) => "no".to_owned(),
                None => "unknown".to_owned(),
            };
            told.insert(label.clone(), json!(answer));
        }
        Ok(Json::Object(told))
    }
}

fn evaluation<'e>(program: &'e Program<'e>, applied: &'e Applied<'_>) -> Evaluation<'e> {
    let mut evaluation = Evaluation::new(program, &applied.facts);
    for (rule, row, outcome) in &applied.assumed {
        evaluation.assume(*rule, *row, outcome.clone());
    }
    evaluation
}

/// Articles whose formulas decided something that was asked.
fn articles(evaluation: &Evaluation<'_>) -> Vec<String> {
    let library = evaluation.program.library;
    let mut cited: Vec<String> = Vec::new();
    for fired in evaluation.decided() {
        for def in fired.base.iter().chain(&fired.exceptions).filter_map(|id| library.def(*id)) {
            let place = library.citation(def.article);
            let cite = def.label.as_ref().map_or(place.clone(), |label| format!("{place}「{label}」"));
            if !cited.contains(&cite) {
                cited.push(cite);
            }
        }
    }
    cited
}

fn whole(number: Exact) -> Json {
    match i64::try_from(number.to_integer()) {
        Ok(number) => json!(number),
        Err(_) => json!(number.to_string()),
    }
}

/// Money in yuan, exact; a number that decimals cannot end is rounded to cents. Ratios always have four decimals.
fn decimal(number: Exact, ty: Type, four_decimals: bool) -> String {
    let money = matches!(ty, Type::Money | Type::Amount);
    let (number, least) = if money { (number / Exact::from_integer(100), 2) } else { (number, 0) };
    let exact = || (least..=6).find(|places| (number * power(*places)).is_integer());
    let places = if four_decimals { 4 } else { exact().unwrap_or(if money { 2 } else { 4 }) };
    let Some(scaled) = round(number * power(places), Rounding::HalfUp, 1) else { return number.to_string() };
    let digits = scaled.to_integer();
    let sign = if digits < 0 { "-" } else { "" };
    let (unit, digits) = (power(places).to_integer(), digits.abs());
    match places {
        0 => format!("{sign}{digits}"),
        _ => format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = places as usize),
    }
}

fn power(places: u32) -> Exact {
    Exact::from_integer(10_i128.pow(places))
}

/// Decimals by value, tables field by field, everything else as text.
fn same(expected: &Json, got: &Json) -> bool {
    if let (Json::Object(expected), Json::Object(got)) = (expected, got) {
        return expected.len() == got.len()
            && expected.iter().all(|(key, value)| got.get(key).is_some_and(|found| same(value, found)));
    }
    match (word(expected), word(got)) {
        (Some(a), Some(b)) => same_words(&a, &b),
        (None, None) => expected.is_null() && got.is_null(),
        _ => false,
    }
}

/// Word by word, so that `yes 440` is `yes 440.00`.
fn same_words(a: &str, b: &str) -> bool {
    let equal = |(a, b): (&str, &str)| {
        a == b || plain_number(a).is_some_and(|number| plain_number(b) == Some(number))
    };
    a.split_whitespace().count() == b.split_whitespace().count()
        && a.split_whitespace().zip(b.split_whitespace()).all(equal)
}

fn plain_number(text: &str) -> Option<Exact> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all(whole) || !all(fraction) || whole.len() + fraction.len() > 18 {
        return None;
    }
    let number: i128 = format!("{whole}{fraction}").parse().ok()?;
    Some(Exact::from_integer(if negative { -number } else { number }) / power(fraction.len() as u32))
}

fn shown(json: &Json) -> String {
    match json {
        Json::Null => "空".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(numer: i128, denom: i128) -> String {
        decimal(Exact::new(numer, denom), Type::Amount, false)
    }

    #[test]
    fn money_is_shown_exactly_or_cut_to_cents() {
        assert_eq!(money(72_000, 1), "720.00");
        assert_eq!(money(677_025, 1000), "6.77025");
        assert_eq!(money(-100, 3), "-0.33");
        assert_eq!(decimal(Exact::new(3, 5), Type::Number, true), "0.6000");
        assert_eq!(decimal(Exact::new(2, 3), Type::Number, true), "0.6667");
        assert_eq!(decimal(Exact::new(59_996, 100_000), Type::Number, true), "0.6000");
    }

    #[test]
    fn decimals_are_compared_by_value_and_null_only_with_null() {
        assert!(same(&json!("0.6"), &json!("0.6000")) && same(&json!(3), &json!("3")));
        assert!(
            same(&json!({"a": "yes 440"}), &json!({"a": "yes 440.00"}))
                && !same(&json!("yes 1"), &json!("no 1"))
        );
        assert!(!same(&json!("yes"), &json!("yes 440.00")) && !same(&json!("yes"), &json!("")));
        assert!(!same(&json!("0.60001"), &json!("0.6")) && !same(&Json::Null, &json!("0.00")));
        assert!(!same(&json!({"a": "1"}), &json!({"a": "1", "b": "2"})));
        assert!(same(&json!("2020-05-01"), &json!("2020-05-01")));
    }
}
