//! The facts of one household as they are kept beside a cleared month: exact, by name, without names of people.
//!
//! What is read back under the same policies gives the same answers. What stands under a name that the policies do not
//! have is left out, as is a value of another type: under other policies it is not known.

use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, HOUSEHOLD, Input, PERSON, Type};
use crate::library::Library;
use crate::value::{Exact, Value};
use serde_json::{Map, Value as Json, json};

/// What is known of a row, and the lists that belong to it.
const KNOWN: &str = "known";
const LISTS: &str = "lists";
/// Of a list: its rows, and whether there are no others.
const ROWS: &str = "rows";
const COMPLETE: &str = "complete";

/// Everything that is known for certain; bounds are not kept.
pub fn facts_to_record(library: &Library, facts: &Facts<'_>) -> Json {
    row_to_record(library, facts, HOUSEHOLD, 0)
}

fn row_to_record(library: &Library, facts: &Facts<'_>, entity: EntityId, row: u32) -> Json {
    let mut known = Map::new();
    for (id, input) in library.inputs_of(entity) {
        if let Some(Fact { value: FactValue::Known(value), .. }) = facts.get(entity, row, id) {
            known.insert(input.name.clone(), value_to_record(library, input, *value));
        }
    }
    let mut lists = Map::new();
    for (id, found) in library.entities_below(entity) {
        let rows: Vec<Json> =
            facts.children(id, row).map(|child| row_to_record(library, facts, id, child)).collect();
        let complete = facts.is_complete(id, row);
        if !rows.is_empty() || complete {
            lists.insert(found.name.clone(), json!({ ROWS: rows, COMPLETE: complete }));
        }
    }
    let mut record = Map::new();
    if !known.is_empty() {
        record.insert(KNOWN.into(), Json::Object(known));
    }
    if !lists.is_empty() {
        record.insert(LISTS.into(), Json::Object(lists));
    }
    Json::Object(record)
}

fn value_to_record(library: &Library, input: &Input, value: Value) -> Json {
    match (value, input.ty) {
        (Value::YesNo(yes), _) => Json::Bool(yes),
        (Value::Label(label), Type::Enum(id)) => {
            library.labels(id).get(usize::from(label)).map_or(Json::Null, |label| json!(label))
        }
        (Value::Label(_), _) => Json::Null,
        (Value::Number(number), _) => match i64::try_from(*number.numer()) {
            Ok(whole) if number.is_integer() => json!(whole),
            _ => json!(format!("{}/{}", number.numer(), number.denom())),
        },
    }
}

/// Reads a household back; `names` are those of its members, in their order.
pub fn facts_from_record<'l>(
    library: &Library,
    layout: &'l Layout,
    record: &Json,
    names: &[&str],
) -> Facts<'l> {
    let mut facts = Facts::new(layout);
    read_row(library, &mut facts, record, (HOUSEHOLD, 0), names);
    facts
}

fn read_row(
    library: &Library,
    facts: &mut Facts<'_>,
    record: &Json,
    (entity, row): (EntityId, u32),
    names: &[&str],
) {
    for (name, value) in record.get(KNOWN).and_then(Json::as_object).into_iter().flatten() {
        let Some(id) = library.input_named(entity, name) else { continue };
        let input = &library.inputs[id.index()];
        if let Some(value) = value_from_record(library, input, value) {
            let source = input.suppliers.as_deref().map(Into::into);
            facts.set(entity, row, id, Fact { value: FactValue::Known(value), source });
        }
    }
    for (name, list) in record.get(LISTS).and_then(Json::as_object).into_iter().flatten() {
        let below = library.entity_named(name);
        let Some(id) = below.filter(|id| library.entities[id.index()].parent == Some(entity)) else {
            continue;
        };
        if list.get(COMPLETE).and_then(Json::as_bool) == Some(true) {
            facts.set_complete(id, row);
        }
        for (number, record) in list.get(ROWS).and_then(Json::as_array).into_iter().flatten().enumerate() {
            let called = if id == PERSON { names.get(number).copied().unwrap_or("") } else { "" };
            let child = facts.add_row(id, row, called);
            read_row(library, facts, record, (id, child), names);
        }
    }
}

fn value_from_record(library: &Library, input: &Input, record: &Json) -> Option<Value> {
    match input.ty {
        Type::YesNo => record.as_bool().map(Value::YesNo),
        Type::Enum(id) => {
            let written = record.as_str()?;
            let at = library.labels(id).iter().position(|label| label == written)?;
            u16::try_from(at).ok().map(Value::Label)
        }
        _ => number_from_record(record).map(Value::Number),
    }
}

fn number_from_record(record: &Json) -> Option<Exact> {
    if let Some(whole) = record.as_i64() {
        return Some(Exact::from_integer(whole.into()));
    }
    let (numer, denom) = record.as_str()?.split_once('/')?;
    let (numer, denom): (i128, i128) = (numer.parse().ok()?, denom.parse().ok()?);
    (denom > 0).then(|| Exact::new(numer, denom))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::{Evaluation, Program, facts_from_json};
    use doudi_terms::{RegionCode, parse_date};

    const LAW: &str = "---\n名称: 试\n编号: 试1\n位阶: 工作口径\n施行: 2000-01-01\n---\n# 试\n\n```条文\n输入 户.城乡: 农村、城镇\n输入 人.重病: 是否\n\
        输入 人.份额: 数\n记录 收入 属于 人\n输入 收入.月额: 金额/月\n输入 收入.日期: 日期\n\
        规则 户.月收入: 金额/月 = 合计(成员 的 人.月收入)\n规则 人.月收入: 金额/月 = 合计(收入 的 月额)\n```\n";

    fn library() -> Library {
        let (library, problems) =
            Library::read(vec![Source { path: "national/试.md".into(), text: LAW.into() }]);
        assert!(!crate::has_errors(&problems), "{problems:?}");
        library
    }

    #[test]
    fn a_household_that_was_kept_is_the_same_household() {
        let library = library();
        let layout = Layout::of(&library);
        let told = json!({
            "household": { "城乡": "城镇" },
            "members": [
                { "姓名": "甲", "重病": true, "份额": "0.2", "收入": [{ "月额": "100.05元", "日期": "2020-04-30" }] },
                { "姓名": "乙", "收入": { "已知": [{ "月额": "30元" }] } }
            ]
        });
        let facts = facts_from_json(&library, &layout, &told).expect("a household");
        let record = facts_to_record(&library, &facts);
        let text = record.to_string();
        assert!(!text.contains('甲'), "names stand elsewhere: {text}");
        let again: Json = serde_json::from_str(&text).expect("JSON");
        let again = facts_from_record(&library, &layout, &again, &["甲", "乙"]);
        assert_eq!(facts_to_record(&library, &again), record);
        assert_eq!((again.row_name(PERSON, 1), again.rows(PERSON)), ("乙", 2));
        let date = parse_date("2020-05-31").expect("a date");
        let region = RegionCode::parse("500243").expect("a code");
        let program = Program::link(&library, region, date).expect("linked");
        for rule in ["人.月收入", "户.月收入"] {
            let rule = library.rule_by_path(rule).expect("a rule");
            let (mut one, mut other) = (Evaluation::new(&program, &facts), Evaluation::new(&program, &again));
            assert_eq!(one.rule(rule, 0), other.rule(rule, 0));
            assert!(one.rule(rule, 0).known().is_some() || library.rules[rule.index()].entity == HOUSEHOLD);
        }
    }

    #[test]
    fn what_other_policies_do_not_know_is_not_known() {
        let library = library();
        let layout = Layout::of(&library);
        let record = json!({ "known": { "城乡": "山区", "没有": 1 }, "lists": {
            "成员": { "rows": [] }, "人": { "rows": [{ "known": { "重病": 3, "份额": "1/0" } }], "complete": true }
        } });
        let facts = facts_from_record(&library, &layout, &record, &[]);
        assert_eq!(facts.rows(PERSON), 1);
        let left = facts_to_record(&library, &facts);
        assert_eq!(left.pointer("/known"), None, "{left}");
        assert_eq!(left.pointer("/lists/人/rows/0/known"), None, "{left}");
    }
}
