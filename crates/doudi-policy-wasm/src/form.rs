//! What a page needs to ask for facts: where an answer goes, how it is written, who knows it.

use crate::desk::Goals;
use doudi_policy::ir::{EntityId, Input, InputId, PERSON, Type};
use doudi_policy::{Facts, Library, Missing, Named, Program, Question, Uses, fact_path};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Everything the programmes may ask: `{"fields": [{entity, name, type, options, question, sources, last_month}],
/// "records": [{name, parent, question}]}`.
pub(crate) fn form(program: &Program<'_>, goals: &[Goals]) -> Json {
    let library = program.library;
    let starts: Vec<Named> =
        goals.iter().flat_map(|found| [Named::Rule(found.entitled), Named::Rule(found.amount)]).collect();
    let needed = Uses::of(library).rests_on(&starts);
    let entity_name = |id: EntityId| library.entities[id.index()].name.clone();
    let mut fields = Vec::new();
    let mut used: BTreeSet<EntityId> = BTreeSet::new();
    for (at, input) in library.inputs.iter().enumerate() {
        if needed.contains(&Named::Input(InputId(at as u32))) {
            used.insert(input.entity);
            fields.push(field(library, input));
        }
    }
    let records: Vec<Json> = used
        .into_iter()
        .filter(|id| id.0 > PERSON.0)
        .map(|id| {
            let record = &library.entities[id.index()];
            json!({ "name": record.name, "parent": record.parent.map(entity_name), "question": record.question })
        })
        .collect();
    json!({ "fields": fields, "records": records })
}

fn field(library: &Library, input: &Input) -> Json {
    json!({
        "entity": library.entities[input.entity.index()].name, "name": input.name, "type": kind(input.ty),
        "options": options(library, input.ty), "question": input.question, "sources": input.suppliers,
        "last_month": input.last_month_of.is_some(),
    })
}

fn kind(ty: Type) -> &'static str {
    match ty {
        Type::YesNo => "yes_no",
        Type::Money | Type::Amount => "money",
        Type::Count => "count",
        Type::Number => "number",
        Type::Date => "date",
        Type::Month => "month",
        Type::Moment => "moment",
        Type::Enum(_) => "option",
    }
}

fn options(library: &Library, ty: Type) -> Vec<String> {
    match ty {
        Type::YesNo => vec!["是".into(), "否".into()],
        Type::Enum(id) => library.labels(id).to_vec(),
        _ => Vec::new(),
    }
}

/// One question with the place of its answer: `at` is a path into the facts, such as `["members", 1, "收入", 0, "月额"]`;
/// for a list the path of the list.
pub(crate) fn question(
    program: &Program<'_>,
    facts: &Facts<'_>,
    question: &Question,
    names: &[String],
) -> Json {
    let library = program.library;
    let ty = match question.missing {
        Missing::Fact { input, .. } => kind(library.inputs[input as usize].ty),
        Missing::List { .. } => "list",
        _ => "document",
    };
    let at = fact_path(library, facts, question.missing).unwrap_or_default();
    let waiting: Vec<&str> =
        question.waiting.iter().filter_map(|goal| names.get(*goal)).map(String::as_str).collect();
    json!({
        "at": at, "type": ty, "whose": question.whose, "about": question.about, "question": question.text,
        "answers": question.answers, "sources": question.sources, "waiting": waiting,
        "asked_by": question.asked_by, "articles": question.citations,
    })
}
