//! Facts of one household from JSON: `{"household": {…}, "members": [{…}]}` in the policies' own input names.
//!
//! Absent = unknown. A list of records is given as an array of objects and is complete; `{"已知": […]}` gives the ones
//! that are known of an open list. `{"不低于": "0元", "不超过": "300元"}` gives bounds.

use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, HOUSEHOLD, PERSON, Type};
use crate::library::Library;
use crate::parameters::parse_value;
use crate::value::{Exact, Value};
use serde_json::{Map, Value as Json};

/// Reads a household. Every problem is reported, with the path of the value: `members[1].收入[0].月额`.
pub fn facts_from_json<'l>(
    library: &Library,
    layout: &'l Layout,
    json: &Json,
) -> Result<Facts<'l>, Vec<String>> {
    let mut reader = Reader { library, facts: Facts::new(layout), problems: Vec::new() };
    let empty = Map::new();
    match json.get("household") {
        None => {}
        Some(Json::Object(fields)) => reader.row(fields, HOUSEHOLD, 0, "household"),
        Some(_) => reader.problems.push("household 应是一个对象 {…}".into()),
    }
    match json.get("members") {
        Some(Json::Array(members)) => {
            for (index, member) in members.iter().enumerate() {
                let path = format!("members[{index}]");
                let fields = member.as_object().unwrap_or_else(|| {
                    reader.problems.push(format!("{path} 应是一个对象 {{…}}"));
                    &empty
                });
                let name = fields.get("姓名").and_then(Json::as_str).unwrap_or("");
                let row = reader.facts.add_row(PERSON, 0, name);
                reader.row(fields, PERSON, row, &path);
            }
        }
        Some(_) => reader.problems.push("members 应是一个数组 […]".into()),
        None => reader.problems.push("缺少 members：家庭至少要有一个成员".into()),
    }
    if json.get("members").and_then(Json::as_array).is_some_and(Vec::is_empty) {
        reader.problems.push("members 是空的：家庭至少要有一个成员".into());
    }
    if reader.problems.is_empty() { Ok(reader.facts) } else { Err(reader.problems) }
}

struct Reader<'r, 'l> {
    library: &'r Library,
    facts: Facts<'l>,
    problems: Vec<String>,
}

impl Reader<'_, '_> {
    fn row(&mut self, fields: &Map<String, Json>, entity: EntityId, row: u32, path: &str) {
        for (name, value) in fields {
            let place = format!("{path}.{name}");
            if name == "姓名" || name == "来源" || value.is_null() {
                continue;
            }
            if let Some(id) = self.library.input_named(entity, name) {
                let ty = self.library.inputs[id.index()].ty;
                match self.value(value, ty) {
                    Ok(value) => {
                        let source = fields.get("来源").and_then(Json::as_str).map(Into::into);
                        self.facts.set(entity, row, id, Fact { value, source });
                    }
                    Err(problem) => self.problems.push(format!("{place}：{problem}")),
                }
                continue;
            }
            match self
                .library
                .entity_named(name)
                .filter(|id| self.library.entities[id.index()].parent == Some(entity))
            {
                Some(record) => self.records(value, record, row, &place),
                None => self.problems.push(format!("{place}：没有这个事实。{}", self.suggest(entity, name))),
            }
        }
    }

    fn suggest(&self, entity: EntityId, name: &str) -> String {
        let valid: Vec<&str> = self
            .library
            .inputs
            .iter()
            .filter(|input| input.entity == entity)
            .map(|input| input.name.as_str())
            .collect();
        crate::diagnostic::suggestion(name, &valid)
    }

    fn records(&mut self, value: &Json, record: EntityId, owner: u32, path: &str) {
        let (items, complete) = match value {
            Json::Array(items) => (items.as_slice(), true),
            Json::Object(fields) => match fields.get("已知").and_then(Json::as_array) {
                Some(items) => (items.as_slice(), false),
                None => return self.problems.push(format!("{path} 应是数组 […]，或 {{\"已知\": […]}}")),
            },
            _ => return self.problems.push(format!("{path} 应是数组 […]")),
        };
        if complete {
            self.facts.set_complete(record, owner);
        }
        for (index, item) in items.iter().enumerate() {
            let place = format!("{path}[{index}]");
            match item.as_object() {
                Some(fields) => {
                    let row = self.facts.add_row(record, owner, "");
                    self.row(fields, record, row, &place);
                }
                None => self.problems.push(format!("{place} 应是一个对象 {{…}}")),
            }
        }
    }

    fn value(&self, json: &Json, ty: Type) -> Result<FactValue, String> {
        let text = match json {
            Json::Bool(true) => "是".to_owned(),
            Json::Bool(false) => "否".to_owned(),
            // The JSON text of a number, so that no float stands between.
            Json::Number(number) => number.to_string(),
            Json::String(text) => text.clone(),
            Json::Object(fields) if ty.is_numeric() => {
                let bound = |key: &str| -> Result<Option<Exact>, String> {
                    let Some(text) = fields.get(key).and_then(Json::as_str) else { return Ok(None) };
                    match parse_value(text, ty, &self.library.enums)? {
                        Value::Number(number) => Ok(Some(number)),
                        _ => Err("界限只能是数".into()),
                    }
                };
                return Ok(FactValue::Between(bound("不低于")?, bound("不超过")?));
            }
            _ => return Err("写不成这个类型的值".into()),
        };
        parse_value(&text, ty, &self.library.enums)
            .map(FactValue::Known)
            .map_err(|next| format!("“{text}”读不出来，{next}"))
    }
}
