//! The facts of one household written as people write them, to be shown, changed and read again by
//! [`crate::facts_from_json`]; and where in that writing a missing fact belongs.

use crate::facts::{FactValue, Facts};
use crate::ir::{EntityId, HOUSEHOLD, PERSON};
use crate::library::Library;
use crate::value::{Exact, Missing, Value};
use crate::words::value_words;
use serde_json::{Map, Value as Json, json};

/// `{"household": {…}, "members": [{…}]}` with everything that is known; a list that may have more rows is written as
/// `{"已知": […]}`.
pub fn facts_to_json(library: &Library, facts: &Facts<'_>) -> Json {
    let household = written_row(library, facts, HOUSEHOLD, 0);
    let members: Vec<Json> =
        (0..facts.rows(PERSON)).map(|row| written_row(library, facts, PERSON, row)).collect();
    json!({ "household": household, "members": members })
}

fn written_row(library: &Library, facts: &Facts<'_>, entity: EntityId, row: u32) -> Json {
    let mut fields = Map::new();
    let name = facts.row_name(entity, row);
    if entity == PERSON && !name.is_empty() {
        fields.insert("姓名".into(), json!(name));
    }
    for (id, input) in library.inputs_of(entity) {
        let written = match facts.get(entity, row, id).map(|fact| &fact.value) {
            Some(FactValue::Known(value)) => json!(value_words(library, *value, input.ty)),
            Some(FactValue::Between(low, high)) => {
                let word = |bound: &Exact| json!(value_words(library, Value::Number(*bound), input.ty));
                let mut bounds = Map::new();
                bounds.extend(low.as_ref().map(|low| ("不低于".to_owned(), word(low))));
                bounds.extend(high.as_ref().map(|high| ("不超过".to_owned(), word(high))));
                Json::Object(bounds)
            }
            None => continue,
        };
        fields.insert(input.name.clone(), written);
    }
    for (id, record) in library.entities_below(entity).filter(|(id, _)| *id != PERSON) {
        let rows: Vec<Json> =
            facts.children(id, row).map(|child| written_row(library, facts, id, child)).collect();
        if facts.is_complete(id, row) {
            fields.insert(record.name.clone(), Json::Array(rows));
        } else if !rows.is_empty() {
            fields.insert(record.name.clone(), json!({ "已知": rows }));
        }
    }
    Json::Object(fields)
}

/// Where the answer to something missing stands: `["members", 1, "收入", 0, "月额"]`, for a list the path of the list;
/// `None` where no fact of a household is missing.
pub fn fact_path(library: &Library, facts: &Facts<'_>, missing: Missing) -> Option<Vec<Json>> {
    match missing {
        Missing::Fact { input, row } => {
            let input = library.inputs.get(input as usize)?;
            let mut path = row_path(library, facts, input.entity, row);
            path.push(json!(input.name));
            Some(path)
        }
        Missing::List { entity, owner } => {
            let record = library.entities.get(usize::from(entity))?;
            let mut path = row_path(library, facts, record.parent.unwrap_or(HOUSEHOLD), owner);
            path.push(json!(record.name));
            Some(path)
        }
        _ => None,
    }
}

fn row_path(library: &Library, facts: &Facts<'_>, entity: EntityId, row: u32) -> Vec<Json> {
    if entity == HOUSEHOLD {
        return vec![json!("household")];
    }
    if entity == PERSON {
        return vec![json!("members"), json!(row)];
    }
    let parent = library.entities[entity.index()].parent.unwrap_or(HOUSEHOLD);
    let owner =
        (0..facts.rows(parent)).find(|owner| facts.children(entity, *owner).any(|child| child == row));
    let owner = owner.unwrap_or(0);
    let position = facts.children(entity, owner).position(|child| child == row).unwrap_or(0);
    let mut path = row_path(library, facts, parent, owner);
    path.push(json!(library.entities[entity.index()].name));
    path.push(json!(position));
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Layout;
    use crate::facts_json::facts_from_json;
    use crate::source::Source;

    const WORDS: &str = "---\n编号: 词\n名称: 词\n位阶: 词表\n施行: 2000-01-01\n---\n# 词\n\n```条文\n输入 户.存款: 金额\n输入 户.受理日期: 日期\n输入 人.在学: 是否\n记录 收入 属于 人\n输入 收入.月额: 金额\n```\n";

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let text = Source { path: "w.md".into(), text: WORDS.into() };
        let (library, problems) = Library::read(vec![text]);
        assert!(!crate::library::has_errors(&problems), "{problems:?}");
        let layout = Layout::of(&library);
        let told = json!({
            "household": { "存款": "12.50元", "受理日期": "2022-09-05" },
            "members": [
                { "姓名": "甲", "在学": "否", "收入": { "已知": [{ "月额": "300.00元" }] } },
                { "姓名": "乙", "收入": [] },
            ],
        });
        let facts = facts_from_json(&library, &layout, &told).expect("facts");
        assert_eq!(facts_to_json(&library, &facts), told);
        let open = Missing::List { entity: 2, owner: 0 };
        assert_eq!(fact_path(&library, &facts, open), Some(vec![json!("members"), json!(0), json!("收入")]));
    }
}
