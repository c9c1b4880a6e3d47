//! Programmes as cases see them: which rules say whether, how much and from when.

use super::intake::IntakeWay;
use super::signature::Signatures;
use doudi_policy::Library;
use doudi_policy::ir::{InputId, RuleId};
use serde::Deserialize;

#[derive(Deserialize, Default)]
struct RawRegistry {
    #[serde(default)]
    programme: Vec<RawProgramme>,
    #[serde(default)]
    letter: RawLetter,
    #[serde(default)]
    signature: Signatures,
    #[serde(default)]
    intake: Vec<IntakeWay>,
}

#[derive(Deserialize)]
struct RawProgramme {
    id: String,
    name: String,
    entitled: String,
    amount: Option<String>,
    decision: Option<String>,
    start: Option<String>,
    objection: Option<String>,
    citation: Option<String>,
}

#[derive(Deserialize, Default)]
struct RawLetter {
    decided_on: Option<String>,
    role: Option<String>,
    #[serde(default)]
    own_word: Vec<String>,
}

/// A programme of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseProgramme {
    pub id: String,
    pub name: String,
    pub entitled: RuleId,
    /// What an application is answered by; `entitled` where the registry names none.
    pub decision: RuleId,
    pub amount: Option<RuleId>,
    pub start: Option<RuleId>,
    pub objection: Option<RuleId>,
    pub citation: String,
}

/// What decision letters and other papers need besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LetterFacts {
    pub decided_on: Option<InputId>,
    pub role: Option<InputId>,
    pub own_word: Vec<String>,
    pub signatures: Signatures,
    pub intake: Vec<IntakeWay>,
}

pub(super) fn read(text: &str, library: &Library) -> Result<(Vec<CaseProgramme>, LetterFacts), Vec<String>> {
    let raw: RawRegistry = toml::from_str(text).map_err(|error| vec![format!("programs.toml：{error}")])?;
    let mut problems = Vec::new();
    let mut programmes = Vec::new();
    for programme in raw.programme {
        let mut find = |path: &str| {
            let found = library.rule_by_path(path);
            if found.is_none() {
                problems.push(format!("programs.toml 的项目 {}：“{path}”不是一条规则", programme.id));
            }
            found
        };
        let Some(entitled) = find(&programme.entitled) else { continue };
        programmes.push(CaseProgramme {
            entitled,
            decision: programme.decision.as_deref().and_then(&mut find).unwrap_or(entitled),
            amount: programme.amount.as_deref().and_then(&mut find),
            start: programme.start.as_deref().and_then(&mut find),
            objection: programme.objection.as_deref().and_then(&mut find),
            citation: programme.citation.unwrap_or_default(),
            id: programme.id,
            name: programme.name,
        });
    }
    problems.extend(raw.signature.problems());
    let mut fact = |path: Option<String>| {
        let path = path?;
        let found = library.input_by_path(&path);
        if found.is_none() {
            problems.push(format!("programs.toml 的 [letter]：“{path}”不是一个事实"));
        }
        found
    };
    let letter = LetterFacts {
        decided_on: fact(raw.letter.decided_on),
        role: fact(raw.letter.role),
        own_word: raw.letter.own_word,
        signatures: raw.signature,
        intake: raw.intake,
    };
    if problems.is_empty() { Ok((programmes, letter)) } else { Err(problems) }
}
