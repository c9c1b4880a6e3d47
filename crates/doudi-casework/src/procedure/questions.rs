//! What a family is asked: the questions that the policies' answers still wait for, and where their answers stand.

use super::counter::CaseCounter;
use super::refusal::StepRefusal;
use super::{Asked, Procedure};
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, RuleId, Type};
use doudi_policy::{Goal, Missing, fact_path, inquire, parse_value};
use doudi_terms::{Date, RegionCode};
use serde_json::{Map, Value as Json, json};

/// One question, answered by a word of `options` or by something written.
#[derive(Clone, Debug, PartialEq)]
pub struct FormQuestion {
    /// Where the answer stands in the facts: `["members", 1, "收入", 0, "月额"]`.
    pub at: Vec<Json>,
    pub ty: AnswerType,
    /// The member; empty for the household.
    pub whose: String,
    pub text: String,
    pub options: Vec<String>,
    /// Rosters that could say it.
    pub sources: String,
    pub articles: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerType {
    Choice,
    Money,
    Number,
    Date,
    Month,
    Moment,
    /// Whether there is (another) row: 有 or 没有.
    List,
}

impl AnswerType {
    pub fn of(ty: Type) -> AnswerType {
        match ty {
            Type::YesNo | Type::Enum(_) => AnswerType::Choice,
            Type::Money | Type::Amount => AnswerType::Money,
            Type::Count | Type::Number => AnswerType::Number,
            Type::Date => AnswerType::Date,
            Type::Month => AnswerType::Month,
            Type::Moment => AnswerType::Moment,
        }
    }
}

/// The answers to a list's question.
pub const LIST_ANSWERS: [&str; 2] = ["有", "没有"];

impl CaseCounter {
    /// The words that an input takes; empty where it is written.
    pub fn options(&self, id: InputId) -> Vec<String> {
        match self.library().inputs[id.index()].ty {
            Type::YesNo => vec!["是".into(), "否".into()],
            Type::Enum(labels) => self.library().labels(labels).to_vec(),
            _ => Vec::new(),
        }
    }

    /// What is still open for every programme, the most deciding first; then what decides whether one of these
    /// procedures marks the family, which somebody would ask for in the end.
    pub fn questions(
        &self,
        json: &Json,
        place: RegionCode,
        day: Date,
        procedures: &[&Procedure],
    ) -> Result<Vec<FormQuestion>, StepRefusal> {
        let library = self.library();
        let program = self.program(place, day)?;
        let facts = self.facts(json)?;
        let mut goals = Vec::new();
        let mut add = |rule: RuleId| {
            let entity: EntityId = library.rules[rule.index()].entity;
            let rows = if entity == HOUSEHOLD { 1 } else { facts.rows(entity) };
            goals.extend((0..rows).map(|row| Goal { rule, row }));
        };
        for programme in self.programmes() {
            add(programme.decision);
            programme.amount.into_iter().for_each(&mut add);
        }
        for flag in procedures.iter().flat_map(|procedure| &procedure.flags) {
            // A fact that is marked by itself becomes known on the way.
            if let Asked::Rule(rule) = flag {
                add(*rule);
            }
        }
        let inquiry = inquire(&program, &facts, &goals, &[]);
        let form = |question: &doudi_policy::Question| {
            let at = fact_path(library, &facts, question.missing)?;
            let (ty, options) = match question.missing {
                Missing::Fact { input, .. } => {
                    let id = InputId(input);
                    (AnswerType::of(library.inputs[id.index()].ty), self.options(id))
                }
                _ => (AnswerType::List, LIST_ANSWERS.map(str::to_owned).to_vec()),
            };
            Some(FormQuestion {
                at,
                ty,
                options,
                whose: question.whose.clone(),
                text: question.text.clone(),
                sources: question.sources.clone().unwrap_or_default(),
                articles: question.citations.clone(),
            })
        };
        Ok(inquiry.questions.iter().filter_map(form).collect())
    }

    /// Writes an answer where it belongs; an empty one takes back what stood there. The error says how to write it.
    pub fn write_answer(&self, json: &mut Json, at: &[Json], text: &str) -> Result<(), String> {
        let text = text.trim();
        let (Some(Json::String(name)), false) = (at.last(), at.len() < 2) else {
            return Err("这一项写不到家庭情况里".into());
        };
        let entity = self.entity_at(at).ok_or_else(|| format!("家庭情况里没有放“{name}”的地方"))?;
        let row = row_at(json, &at[..at.len() - 1])
            .ok_or_else(|| format!("“{name}”说的那一口人或那一条已经没有了"))?;
        let library = self.library();
        if let Some(id) = library.input_named(entity, name) {
            let input = &library.inputs[id.index()];
            if text.is_empty() {
                row.remove(name);
                return Ok(());
            }
            parse_value(text, input.ty, &library.enums)
                .map_err(|next| format!("“{}”填的“{text}”读不出来，{next}", input.name))?;
            row.insert(name.clone(), json!(text));
            return Ok(());
        }
        let record = library.entity_named(name).ok_or_else(|| format!("没有“{name}”这一项"))?;
        if library.entities[record.index()].parent != Some(entity) {
            return Err(format!("“{name}”不写在这里"));
        }
        list_answer(row, name, text)
    }

    /// Of what entity a path's row is: `household`, `members` and a number, then pairs of a record and a number, each
    /// record of the entity before.
    fn entity_at(&self, at: &[Json]) -> Option<EntityId> {
        let library = self.library();
        let (mut entity, before) = match at.first()?.as_str()? {
            "household" => (HOUSEHOLD, 1),
            "members" => (doudi_policy::ir::PERSON, 2),
            _ => return None,
        };
        for pair in at.get(before..at.len() - 1)?.chunks(2) {
            let [Json::String(name), Json::Number(_)] = pair else { return None };
            let record = library.entity_named(name)?;
            if library.entities[record.index()].parent != Some(entity) {
                return None;
            }
            entity = record;
        }
        Some(entity)
    }
}

/// 有: one more row, to be asked about; 没有: there are no others.
fn list_answer(row: &mut Map<String, Json>, name: &str, text: &str) -> Result<(), String> {
    let mut known = match row.get(name) {
        Some(Json::Array(rows)) => rows.clone(),
        Some(list) => list["已知"].as_array().cloned().unwrap_or_default(),
        None => Vec::new(),
    };
    let list = match text {
        "有" => {
            known.push(json!({}));
            json!({ "已知": known })
        }
        "没有" => Json::Array(known),
        _ => return Err(format!("“{name}”请选 有 或 没有")),
    };
    row.insert(name.to_owned(), list);
    Ok(())
}

fn row_at<'j>(json: &'j mut Json, at: &[Json]) -> Option<&'j mut Map<String, Json>> {
    let mut found = json;
    for part in at {
        found = match part {
            // A family of which nothing is known yet has no household; lists begin with an answer of their own.
            Json::String(name) if name == "household" => {
                found.as_object_mut()?.entry("household").or_insert_with(|| json!({}))
            }
            Json::String(name) => found.as_object_mut()?.get_mut(name)?,
            Json::Number(number) => {
                let index = usize::try_from(number.as_u64()?).ok()?;
                let list = if found.is_array() { found } else { found.get_mut("已知")? };
                list.get_mut(index)?
            }
            _ => return None,
        };
    }
    found.as_object_mut()
}
