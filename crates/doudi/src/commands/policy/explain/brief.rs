//! What every programme says to one household, on a page: what they may have, what not and why, what is still to be found out.
//! How a figure comes about is asked for by name (`--rule`); the whole derivation is thousands of lines (`--full`).

use super::super::household::{Programme, rows, rule_at};
use doudi_policy::ir::RuleId;
use doudi_policy::{
    Evaluation, Facts, Library, Outcome, Program, Value, in_short, member, nearest_changes, outcome_words,
};
use std::fmt::Write;

/// Reasons told of one answer, nearest first.
const MOST_REASONS: usize = 3;
/// Missing facts named of one programme; the rest is a number.
const MOST_MISSING: usize = 6;

/// What a programme of the registry is asked: who is entitled, to how much.
pub struct Asked {
    name: String,
    entitled: RuleId,
    amount: Option<RuleId>,
    citation: Option<String>,
}

/// The programmes that say who is entitled.
pub fn asked(library: &Library, programmes: &[Programme]) -> Result<Vec<Asked>, String> {
    let mut all = Vec::new();
    for programme in programmes {
        let Some(entitled) = &programme.entitled else { continue };
        let amount = programme.amount.as_deref().map(|path| rule_at(library, path)).transpose()?;
        let (name, citation) = (programme.name.clone(), programme.citation.clone());
        all.push(Asked { name, entitled: rule_at(library, entitled)?, amount, citation });
    }
    Ok(all)
}

/// In the order of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Entitled,
    Undecided,
    NotEntitled,
}

const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::Entitled, "可以享受"),
    (Verdict::Undecided, "还不能定，要先查清"),
    (Verdict::NotEntitled, "不能享受"),
];

/// One answer, and whom it is for: members with the very same answer share it.
#[derive(PartialEq)]
struct Answer {
    programme: String,
    verdict: Verdict,
    amount: Option<String>,
    reasons: Vec<String>,
    citations: Vec<String>,
    missing: Vec<String>,
    changes: Vec<String>,
    whose: Vec<String>,
}

/// The page, ending with a line feed.
pub fn text(program: &Program<'_>, facts: &Facts<'_>, asked: &[Asked]) -> String {
    let mut evaluation = Evaluation::new(program, facts);
    let mut answers: Vec<Answer> = Vec::new();
    for programme in asked {
        for row in 0..rows(program, facts, programme.entitled) {
            let answer = answer(&mut evaluation, programme, row);
            let same = answers.iter_mut().find(|known| known.says_the_same(&answer));
            match same {
                Some(known) => known.whose.extend(answer.whose),
                None => answers.push(answer),
            }
        }
    }
    let mut out = String::new();
    for (verdict, heading) in VERDICTS {
        let of_verdict: Vec<&Answer> = answers.iter().filter(|answer| answer.verdict == verdict).collect();
        if of_verdict.is_empty() {
            continue;
        }
        let _ = writeln!(out, "【{heading}】");
        of_verdict.iter().for_each(|answer| answer.write(&mut out));
        out.push('\n');
    }
    out.push_str(
        "这笔数怎么算出来的：加 --rule 规则名（如 --rule 户.月收入）或 --html；全部推导：加 --full；逐项补查：doudi policy ask。\n",
    );
    out
}

fn answer(evaluation: &mut Evaluation<'_>, asked: &Asked, row: u32) -> Answer {
    let (program, facts) = (evaluation.program, evaluation.facts);
    let entity = program.library.rules[asked.entitled.index()].entity;
    let short = in_short(evaluation, asked.entitled, row, MOST_REASONS);
    let verdict = match evaluation.rule(asked.entitled, row) {
        Outcome::Known(Value::YesNo(true)) => Verdict::Entitled,
        Outcome::Known(_) => Verdict::NotEntitled,
        Outcome::Unknown(_) => Verdict::Undecided,
    };
    let amount = asked.amount.filter(|_| verdict == Verdict::Entitled).map(|rule| {
        let row = if row < rows(program, facts, rule) { row } else { 0 };
        let outcome = evaluation.rule(rule, row);
        outcome_words(program.library, &outcome, program.library.rules[rule.index()].ty)
    });
    let changes = match verdict {
        Verdict::NotEntitled => nearest_changes(evaluation, asked.entitled, row),
        Verdict::Entitled | Verdict::Undecided => Vec::new(),
    };
    let whose = Some(member(facts, entity, row)).filter(|name| !name.is_empty());
    let mut citations: Vec<String> = asked.citation.iter().cloned().collect();
    // The registry names an article, the rule names it with its heading: once is enough.
    let named = |citation: &&String| !citations.iter().any(|known| citation.starts_with(known.as_str()));
    let more: Vec<String> = short.citations.iter().filter(named).cloned().collect();
    citations.extend(more);
    Answer {
        programme: asked.name.clone(),
        verdict,
        amount,
        reasons: short.reasons,
        citations,
        missing: own(short.missing, whose.as_deref()),
        changes: changes.into_iter().map(|change| change.sentence).collect(),
        whose: whose.into_iter().collect(),
    }
}

/// 甲的残疾等级, of an answer about 甲: the name stands above it already, and others lack the same. Where facts of other
/// members are missing too, every name stays.
fn own(missing: Vec<String>, whose: Option<&str>) -> Vec<String> {
    let short: Option<Vec<String>> = whose.and_then(|name| {
        missing.iter().map(|words| Some(words.strip_prefix(name)?.strip_prefix('的')?.to_owned())).collect()
    });
    short.unwrap_or(missing)
}

impl Answer {
    fn says_the_same(&self, other: &Answer) -> bool {
        // A change is about one member's facts; where there is one, it is told of that member.
        (&self.programme, self.verdict, &self.amount, &self.reasons, &self.citations)
            == (&other.programme, other.verdict, &other.amount, &other.reasons, &other.citations)
            && (&self.missing, &self.changes) == (&other.missing, &other.changes)
    }

    fn write(&self, out: &mut String) {
        let whose =
            if self.whose.is_empty() { String::new() } else { format!("（{}）", self.whose.join("、")) };
        let amount = self.amount.as_ref().map(|amount| format!("：{amount}")).unwrap_or_default();
        let _ = writeln!(out, "{}{whose}{amount}", self.programme);
        for reason in &self.reasons {
            let _ = writeln!(out, "  {reason}");
        }
        if let Some(missing) = self.missing_words() {
            let _ = writeln!(out, "  {missing}");
        }
        for change in &self.changes {
            let _ = writeln!(out, "  {change}。");
        }
        if !self.citations.is_empty() {
            let _ = writeln!(out, "  依 {}", self.citations.join("；"));
        }
    }

    fn missing_words(&self) -> Option<String> {
        let count = self.missing.len();
        let first = self.missing.iter().take(MOST_MISSING).cloned().collect::<Vec<_>>().join("；");
        match count {
            0 => None,
            _ if count <= MOST_MISSING => Some(format!("要查明：{first}")),
            _ => Some(format!("要查明 {count} 项：{first}……")),
        }
    }
}
