//! What `programs.toml` says of the window's cases: into which record of a person they are read, what their states and
//! decisions are called there, and how a lead is told of somebody with whom the window has already dealt.

use crate::content::Programme;
use crate::facts::from_word;
use crate::office_cases::{CaseDecision, OfficeCase};
use doudi_policy::Library;
use doudi_policy::ir::{CheckId, EntityId, InputId, PERSON, RuleId, Type};
use serde::{Deserialize, Serialize};

/// `[cases]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CaseWords {
    /// A record of a person.
    pub record: String,
    pub fields: CaseFields,
    /// The first that has the case's kind.
    #[serde(default, rename = "matter")]
    pub matters: Vec<CaseMatter>,
    /// The first that fits.
    #[serde(default, rename = "result")]
    pub results: Vec<CaseResult>,
}

/// Inputs of the record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CaseFields {
    pub programme: String,
    pub matter: String,
    pub result: String,
    pub began: String,
    pub on: String,
    pub decided: String,
    pub due: String,
    pub amount: String,
    pub start: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct CaseMatter {
    pub name: String,
    pub kinds: Vec<String>,
}

/// Conditions that are not written hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseResult {
    pub name: String,
    pub kinds: Vec<String>,
    pub states: Vec<String>,
    pub decision: String,
    pub ended: Option<bool>,
}

impl CaseResult {
    fn fits(&self, case: &OfficeCase) -> bool {
        let among = |list: &[String], word: &str| list.is_empty() || list.iter().any(|one| one == word);
        let decision = case.decision.as_ref().map_or("", |decision| decision.kind.as_str());
        among(&self.kinds, &case.kind)
            && among(&self.states, &case.state)
            && (self.decision.is_empty() || self.decision == decision)
            && self.ended.is_none_or(|ended| ended == case.ended)
    }
}

/// `[[standing]]`: of the leads of these checks about somebody of whom `when` is certainly so, what is said besides, and
/// which severity and verification they have instead of their own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LeadStanding {
    pub checks: Vec<String>,
    pub when: String,
    /// With `{人.规则}` for what a rule says.
    pub says: String,
    #[serde(default)]
    pub severity: Option<String>,
    #[serde(default)]
    pub verify: Option<String>,
}

/// The record and its inputs by number, in the order of [`CaseFields`].
#[derive(Clone, Debug)]
pub struct CaseRules {
    pub entity: EntityId,
    fields: [InputId; 9],
}

#[derive(Clone, Debug)]
pub struct StandingRules {
    pub checks: Vec<CheckId>,
    pub when: RuleId,
    pub says: Vec<Said>,
}

/// A piece of what is said.
#[derive(Clone, Debug)]
pub enum Said {
    Text(String),
    Rule(RuleId),
}

impl CaseRules {
    /// What a case says, as values of the record's inputs.
    pub(crate) fn values(
        &self,
        library: &Library,
        (words, programmes): (&CaseWords, &[Programme]),
        case: &OfficeCase,
    ) -> Vec<(InputId, i64)> {
        let decision = case.decision.as_ref();
        let programme = programmes.iter().find(|programme| programme.id == case.programme);
        let matter = words.matters.iter().find(|matter| matter.kinds.contains(&case.kind));
        let result = words.results.iter().find(|result| result.fits(case));
        let of_decision = |text: fn(&CaseDecision) -> &String| decision.map_or("", |found| text(found));
        let found: [&str; 9] = [
            programme.and_then(|programme| programme.paid_as.as_deref()).unwrap_or_default(),
            matter.map_or("", |matter| &matter.name),
            result.map_or("", |result| &result.name),
            &case.began,
            &case.on,
            of_decision(|decision| &decision.on),
            &case.due,
            of_decision(|decision| &decision.amount),
            of_decision(|decision| &decision.start),
        ];
        let value = |(input, word): (InputId, &str)| {
            Some((input, from_word(library, library.inputs[input.index()].ty, word)?))
        };
        self.fields.into_iter().zip(found).filter_map(value).collect()
    }
}

/// The record of cases, found and checked.
pub(crate) fn find_cases(
    library: &Library,
    words: &CaseWords,
    faults: &mut Vec<String>,
) -> Option<CaseRules> {
    let entity = library.entity_named(&words.record);
    let entity = entity.filter(|id| library.entities[id.index()].parent == Some(PERSON));
    let Some(entity) = entity else {
        faults.push(format!("programs.toml 的 [cases]：“{}”不是人的一种记录", words.record));
        return None;
    };
    let CaseFields { programme, matter, result, began, on, decided, due, amount, start } = &words.fields;
    let names = [programme, matter, result, began, on, decided, due, amount, start];
    let mut fields = [InputId(0); 9];
    for (at, name) in names.into_iter().enumerate() {
        let found = library.input_named(entity, name).filter(|id| {
            let ty = library.inputs[id.index()].ty;
            match at {
                0..=2 => matches!(ty, Type::Enum(_)),
                3..=6 => ty == Type::Date,
                7 => ty.is_money(),
                _ => ty == Type::Month,
            }
        });
        match found {
            Some(id) => fields[at] = id,
            None => faults.push(format!(
                "programs.toml 的 [cases]：“{}.{name}”在政策文件里没有登记，或不是这一种值",
                words.record
            )),
        }
    }
    let mut known = |at: usize, name: &str| {
        let ty = library.inputs[fields[at].index()].ty;
        if from_word(library, ty, name).is_none() {
            faults.push(format!("programs.toml 的 [cases]：“{name}”不是“{}”的一个选项", names[at]));
        }
    };
    words.matters.iter().for_each(|matter| known(1, &matter.name));
    words.results.iter().for_each(|result| known(2, &result.name));
    Some(CaseRules { entity, fields })
}

/// A standing, found and checked.
pub(crate) fn find_standing(
    library: &Library,
    standing: &LeadStanding,
    faults: &mut Vec<String>,
) -> StandingRules {
    let mut rule = |path: &str, wanted: Option<Type>| {
        let found = library.rule_by_path(path).filter(|id| {
            let rule = &library.rules[id.index()];
            rule.entity == PERSON && wanted.is_none_or(|ty| rule.ty == ty)
        });
        if found.is_none() {
            faults.push(format!("programs.toml 的 [[standing]]：“{path}”应是人的规则（when 要是否规则）"));
        }
        found.unwrap_or(RuleId(0))
    };
    let when = rule(&standing.when, Some(Type::YesNo));
    let mut says = Vec::new();
    for (at, piece) in standing.says.split(['{', '}']).enumerate() {
        match at % 2 {
            0 if piece.is_empty() => {}
            0 => says.push(Said::Text(piece.to_owned())),
            _ => says.push(Said::Rule(rule(piece, None))),
        }
    }
    let checks = standing.checks.iter().filter_map(|name| {
        let found = library.check_named(name);
        if found.is_none() {
            faults.push(format!("programs.toml 的 [[standing]]：没有疑点“{name}”"));
        }
        found
    });
    StandingRules { checks: checks.collect(), when, says }
}
