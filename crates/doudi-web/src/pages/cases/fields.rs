//! Facts as fields of a form: one that is asked, and those that are known already.

use doudi_casework::{AnswerType, CaseCounter, FormQuestion};
use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON};
use serde_json::{Value as Json, json};

/// One field.
pub(super) struct Field {
    /// As it is sent: the path of its fact.
    pub name: String,
    pub id: String,
    pub label: String,
    pub kind: &'static str,
    pub options: Vec<String>,
    pub value: String,
    pub hint: String,
    pub wrong: Option<String>,
}

impl Field {
    /// A fact of the policies, at one place.
    pub fn of_input(counter: &CaseCounter, id: InputId, name: String, at: String, value: String) -> Field {
        let input = &counter.library().inputs[id.index()];
        let ty = AnswerType::of(input.ty);
        Field {
            name,
            id: at,
            label: input.question.clone().unwrap_or_else(|| input.name.clone()),
            kind: kind(ty),
            options: counter.options(id),
            value,
            hint: hint(ty).to_owned(),
            wrong: None,
        }
    }

    pub fn of_question(question: &FormQuestion, at: usize) -> Field {
        let whose = if question.whose.is_empty() { String::new() } else { format!("{}：", question.whose) };
        let source = match question.sources.as_str() {
            "" => String::new(),
            sources => format!("可以从{sources}查。"),
        };
        Field {
            name: Json::Array(question.at.clone()).to_string(),
            id: format!("q{at}"),
            label: format!("{whose}{}", question.text),
            kind: kind(question.ty),
            options: question.options.clone(),
            value: String::new(),
            hint: format!("{}{source}", hint(question.ty)),
            wrong: None,
        }
    }

    pub fn is_choice(&self) -> bool {
        !self.options.is_empty()
    }

    /// A few words to choose from stand side by side; many in a list.
    pub fn is_short(&self) -> bool {
        self.options.len() <= 4
    }
}

fn kind(ty: AnswerType) -> &'static str {
    match ty {
        AnswerType::Date => "date",
        AnswerType::Month => "month",
        AnswerType::Moment => "datetime-local",
        AnswerType::Choice | AnswerType::Money | AnswerType::Number | AnswerType::List => "text",
    }
}

fn hint(ty: AnswerType) -> &'static str {
    match ty {
        AnswerType::Money => "写元，如 440 或 440.50；没有写 0。",
        AnswerType::Number => "写数字。",
        AnswerType::Choice | AnswerType::Date | AnswerType::Month | AnswerType::Moment | AnswerType::List => {
            ""
        }
    }
}

/// What is known, one owner after another, to be changed where it is wrong.
pub(super) struct Known {
    pub whose: String,
    pub fields: Vec<Field>,
}

/// Everything that stands in a household's facts, as fields.
pub(super) fn known(counter: &CaseCounter, facts: &Json) -> Vec<Known> {
    let mut found = vec![Known { whose: "全家".into(), fields: Vec::new() }];
    if let Some(household) = facts.get("household") {
        fields_of(counter, household, HOUSEHOLD, &mut vec![json!("household")], "", &mut found[0].fields);
    }
    let members = facts["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (at, member) in members.iter().enumerate() {
        let name = member["姓名"].as_str().filter(|name| !name.is_empty());
        let mut of_member = Known {
            whose: name.map_or_else(|| format!("第{}人", at + 1), str::to_owned),
            fields: Vec::new(),
        };
        let mut path = vec![json!("members"), json!(at)];
        fields_of(counter, member, PERSON, &mut path, "", &mut of_member.fields);
        found.push(of_member);
    }
    // Ids that no two fields of a page share.
    for (at, field) in found.iter_mut().flat_map(|known| &mut known.fields).enumerate() {
        field.id = format!("k{at}");
    }
    found.retain(|known| !known.fields.is_empty());
    found
}

fn fields_of(
    counter: &CaseCounter,
    row: &Json,
    entity: EntityId,
    path: &mut Vec<Json>,
    before: &str,
    fields: &mut Vec<Field>,
) {
    let library = counter.library();
    let Some(row) = row.as_object() else { return };
    for (name, value) in row {
        path.push(json!(name));
        if let Some(id) = library.input_named(entity, name) {
            let written = value.as_str().map(str::to_owned).unwrap_or_else(|| value.to_string());
            let mut field =
                Field::of_input(counter, id, Json::Array(path.clone()).to_string(), String::new(), written);
            field.label = format!("{before}{}", library.inputs[id.index()].name);
            fields.push(field);
        } else if let Some(record) = library.entity_named(name) {
            let rows = value.as_array().or_else(|| value["已知"].as_array());
            for (at, row) in rows.into_iter().flatten().enumerate() {
                path.push(json!(at));
                let before = format!("{before}{name}{} ", at + 1);
                fields_of(counter, row, record, path, &before, fields);
                path.pop();
            }
        }
        path.pop();
    }
}
