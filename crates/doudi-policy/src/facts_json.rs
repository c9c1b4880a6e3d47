//! Facts of one household from JSON: `{"household": {…}, "members": [{…}]}` in the policies' own input names.
//!
//! Absent = unknown. A list of records is given as an array of objects and is complete; `{"已知": […]}` gives the ones
//! that are known of an open list. `{"不低于": "0元", "不超过": "300元"}` gives bounds.

use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, HOUSEHOLD, Input, PERSON, Type};
use crate::library::Library;
use crate::parameters::parse_value;
use crate::value::{Exact, Value};
use serde_json::{Map, Value as Json};

/// What stands beside `members`, and the two keys of a bounded number.
const PARTS: [&str; 2] = ["household", "members"];
const BOUNDS: [&str; 2] = ["不低于", "不超过"];

/// A household of more people, or an owner with more records, is a file of something else; every rule about members
/// looks at all of them for each of them.
const MOST_MEMBERS: usize = 100;
const MOST_RECORDS: usize = 1_000;

/// Reads a household. Every problem is reported, with the path of the value: `members[1].收入[0].月额`.
pub fn facts_from_json<'l>(
    library: &Library,
    layout: &'l Layout,
    json: &Json,
) -> Result<Facts<'l>, Vec<String>> {
    let mut reader = Reader { library, facts: Facts::new(layout), problems: Vec::new() };
    match json.as_object() {
        Some(parts) => reader.household(parts),
        None => reader.problems.push("最外面应是一个对象：{\"household\": {…}, \"members\": [{…}]}".into()),
    }
    if reader.problems.is_empty() { Ok(reader.facts) } else { Err(reader.problems) }
}

struct Reader<'r, 'l> {
    library: &'r Library,
    facts: Facts<'l>,
    problems: Vec<String>,
}

impl Reader<'_, '_> {
    fn household(&mut self, parts: &Map<String, Json>) {
        for name in parts.keys().filter(|name| !PARTS.contains(&name.as_str())) {
            let next = crate::diagnostic::suggestion(name, &PARTS);
            self.problems.push(format!("{name}：最外面没有这一项。{next}"));
        }
        match parts.get("household") {
            None | Some(Json::Null) => {}
            Some(Json::Object(fields)) => self.row(fields, HOUSEHOLD, 0, "household"),
            Some(_) => self.problems.push("household 应是一个对象 {…}".into()),
        }
        match parts.get("members") {
            Some(Json::Array(members)) if members.is_empty() => {
                self.problems.push("members 是空的：家庭至少要有一个成员".into());
            }
            Some(Json::Array(members)) if members.len() > MOST_MEMBERS => {
                self.problems.push(format!("members 有 {} 人：一户最多 {MOST_MEMBERS} 人", members.len()));
            }
            Some(Json::Array(members)) => {
                for (index, member) in members.iter().enumerate() {
                    self.member(member, &format!("members[{index}]"));
                }
            }
            Some(_) => self.problems.push("members 应是一个数组 […]".into()),
            None => self.problems.push("缺少 members：家庭至少要有一个成员".into()),
        }
    }

    fn member(&mut self, member: &Json, path: &str) {
        let Some(fields) = member.as_object() else {
            return self.problems.push(format!("{path} 应是一个对象 {{…}}"));
        };
        let name = fields.get("姓名").and_then(Json::as_str).unwrap_or("");
        let row = self.facts.add_row(PERSON, 0, name);
        self.row(fields, PERSON, row, path);
    }

    fn row(&mut self, fields: &Map<String, Json>, entity: EntityId, row: u32, path: &str) {
        for (name, value) in fields {
            let place = format!("{path}.{name}");
            if value.is_null() {
                continue;
            }
            if name == "姓名" || name == "来源" {
                if !value.is_string() {
                    self.problems.push(format!("{place}：应是一段文字，写在引号里"));
                }
                continue;
            }
            if let Some(id) = self.library.input_named(entity, name) {
                match self.value(value, &self.library.inputs[id.index()]) {
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

    /// Whose fact it is, if it is somebody else's; else the names that come near.
    fn suggest(&self, entity: EntityId, name: &str) -> String {
        let elsewhere = self.library.inputs.iter().find(|input| input.name == name);
        if let Some(owner) = elsewhere.and_then(|input| self.library.entities.get(input.entity.index())) {
            let place = match owner.parent {
                None => "household 里".to_owned(),
                Some(HOUSEHOLD) if owner.name == self.library.entities[PERSON.index()].name => {
                    "members 的一项里".to_owned()
                }
                Some(_) => format!("“{}”的一项里", owner.name),
            };
            return format!("它是{}的事实，写在 {place}", owner.name);
        }
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
        if items.len() > MOST_RECORDS {
            return self.problems.push(format!("{path} 有 {} 条：最多 {MOST_RECORDS} 条", items.len()));
        }
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

    fn value(&self, json: &Json, input: &Input) -> Result<FactValue, String> {
        let text = match json {
            Json::Object(fields) if input.ty.is_numeric() => return self.between(fields, input),
            _ => written(json).ok_or_else(|| format!("应是一个值（{}）", self.how(input)))?,
        };
        let value = parse_value(&text, input.ty, &self.library.enums)
            .map_err(|next| format!("“{text}”读不出来，{next}"))?;
        if below_zero(value, input) {
            return Err(format!("“{text}”是负数，这一项不能小于零。没有的写 0，支出写成正数，不知道的不写"));
        }
        Ok(FactValue::Known(value))
    }

    /// `{"不低于": "0元", "不超过": "300元"}`; either may be left out.
    fn between(&self, fields: &Map<String, Json>, input: &Input) -> Result<FactValue, String> {
        if let Some(other) = fields.keys().find(|key| !BOUNDS.contains(&key.as_str())) {
            return Err(format!("上下限里没有“{other}”。{}", crate::diagnostic::suggestion(other, &BOUNDS)));
        }
        let bound = |key: &str| -> Result<Option<Exact>, String> {
            let Some(json) = fields.get(key).filter(|json| !json.is_null()) else { return Ok(None) };
            let text = written(json).ok_or_else(|| format!("{key} 应是一个值（{}）", self.how(input)))?;
            match parse_value(&text, input.ty, &self.library.enums) {
                Ok(value) if below_zero(value, input) => {
                    Err(format!("{key} “{text}”是负数，这一项不能小于零"))
                }
                Ok(Value::Number(number)) => Ok(Some(number)),
                Ok(_) => Err("界限只能是数".into()),
                Err(next) => Err(format!("{key} “{text}”读不出来，{next}")),
            }
        };
        let (low, high) = (bound("不低于")?, bound("不超过")?);
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return Err("“不低于”比“不超过”大，两个是不是写反了".into());
        }
        Ok(FactValue::Between(low, high))
    }

    /// How a value of this input is written, by an example.
    fn how(&self, input: &Input) -> String {
        match input.ty {
            Type::YesNo => "是 或 否".into(),
            Type::Money | Type::Amount => "钱，如 440元".into(),
            Type::Count => "整数，如 3".into(),
            Type::Number => "数，如 0.2 或 20%".into(),
            Type::Date => "日期，如 2020-04-30".into(),
            Type::Month => "月份，如 2020-04".into(),
            Type::Moment => "时刻，如 2020-10-05T09:30".into(),
            Type::Enum(id) => self.library.labels(id).join("、"),
        }
    }
}

/// A single value as text; the JSON text of a number, so that no float stands between.
fn written(json: &Json) -> Option<String> {
    match json {
        Json::Bool(true) => Some("是".to_owned()),
        Json::Bool(false) => Some("否".to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn below_zero(value: Value, input: &Input) -> bool {
    input.non_negative && matches!(value, Value::Number(number) if number < Exact::from_integer(0))
}
