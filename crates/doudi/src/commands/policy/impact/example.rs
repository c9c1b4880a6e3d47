//! A household before and after, in words: what is different, from the value that was changed up to the result.

use doudi_engine::simulate::Example;
use doudi_policy::{Explanation, Kind};

/// Differences told in one line; the whole is in the file.
const SHOWN: usize = 8;

/// Names whose value differs, the operands before what they are operands of: `低保标准[农村] 496.00元 → 520.00元`.
pub fn differences(example: &Example) -> Vec<String> {
    let mut before = Vec::new();
    example.before.iter().for_each(|root| flatten(root, &mut before));
    let mut after = Vec::new();
    example.after.iter().for_each(|root| flatten(root, &mut after));
    let mut told: Vec<(Kind, &str)> = Vec::new();
    let mut found = Vec::new();
    for one in &after {
        if told.contains(&(one.kind, &one.name)) {
            continue;
        }
        told.push((one.kind, &one.name));
        let same = |other: &&&Explanation| (other.kind, &other.name) == (one.kind, &one.name);
        if let Some(other) = before.iter().find(same)
            && other.value != one.value
        {
            found.push(format!("{} {} → {}", one.name, other.value, one.value));
        }
    }
    found
}

fn flatten<'e>(explanation: &'e Explanation, into: &mut Vec<&'e Explanation>) {
    explanation.parts.iter().for_each(|part| flatten(part, into));
    into.push(explanation);
}

/// As many as one line takes.
pub fn line(differences: &[String]) -> String {
    let mut shown: Vec<&str> = differences.iter().take(SHOWN).map(String::as_str).collect();
    let more = format!("等 {} 项", differences.len());
    if differences.len() > SHOWN {
        shown.push(&more);
    }
    shown.join("；")
}

/// The whole explanations, for the file.
pub fn whole(example: &Example) -> String {
    let side = |name: &str, roots: &[Explanation]| {
        let text: Vec<String> = roots.iter().map(Explanation::to_text).collect();
        format!("{name}\n{}", text.join("\n"))
    };
    format!("{}\n{}", side("【原】", &example.before), side("【现】", &example.after))
}
