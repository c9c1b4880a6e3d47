//! The facts of one household as they are kept beside a cleared month: exact, by name, without names of people.
//!
//! What is read back under the same policies gives the same answers. What stands under a name that the policies do not
//! have is left out, as is a value of another type: under other policies it is not known.

use crate::facts::{Fact, FactValue, Facts, Layout};
use crate::ir::{EntityId, HOUSEHOLD, Input, InputId, PERSON, Type};
use crate::library::Library;
use crate::value::{Exact, Value};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// What is known of a row, and the lists that belong to it.
const KNOWN: &str = "known";
const LISTS: &str = "lists";
/// Of a list: its rows, and whether there are no others.
const ROWS: &str = "rows";
const COMPLETE: &str = "complete";
/// Where what is known of a row was read, as numbers that the caller gives a meaning: one for all of it, or one for each
/// name in the order of the alphabet.
const FROM: &str = "from";

/// Where a fact of a row was read.
pub type OriginOf<'o> = dyn FnMut(EntityId, u32, InputId) -> Option<u32> + 'o;
/// What is said of the number that stood there; where nothing is, who may supply the fact is named.
pub type SourceOf<'o> = dyn Fn(EntityId, &Input, Option<u32>) -> Option<Box<str>> + 'o;

/// Everything that is known for certain; bounds are not kept.
pub fn facts_to_record(library: &Library, facts: &Facts<'_>) -> Json {
    facts_to_record_with_origins(library, facts, &mut |_, _, _| None)
}

/// The same, with the number of the place where each fact was read.
pub fn facts_to_record_with_origins(library: &Library, facts: &Facts<'_>, origin: &mut OriginOf<'_>) -> Json {
    row_to_record(library, facts, (HOUSEHOLD, 0), origin)
}

fn row_to_record(
    library: &Library,
    facts: &Facts<'_>,
    (entity, row): (EntityId, u32),
    origin: &mut OriginOf<'_>,
) -> Json {
    let mut known = Map::new();
    let mut origins: BTreeMap<&str, Option<u32>> = BTreeMap::new();
    for (id, input) in library.inputs_of(entity) {
        if let Some(Fact { value: FactValue::Known(value), .. }) = facts.get(entity, row, id) {
            known.insert(input.name.clone(), value_to_record(library, input, *value));
            origins.insert(&input.name, origin(entity, row, id));
        }
    }
    let mut lists = Map::new();
    for (id, found) in library.entities_below(entity) {
        let rows: Vec<Json> =
            facts.children(id, row).map(|child| row_to_record(library, facts, (id, child), origin)).collect();
        let complete = facts.is_complete(id, row);
        if !rows.is_empty() || complete {
            lists.insert(found.name.clone(), json!({ ROWS: rows, COMPLETE: complete }));
        }
    }
    let mut record = Map::new();
    if !known.is_empty() {
        record.insert(KNOWN.into(), Json::Object(known));
    }
    let origins: Vec<Option<u32>> = origins.into_values().collect();
    match origins.first() {
        Some(first) if origins.iter().all(|origin| origin == first) => {
            first.iter().for_each(|first| drop(record.insert(FROM.into(), json!(first))));
        }
        Some(_) => drop(record.insert(FROM.into(), json!(origins))),
        None => {}
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
    facts_from_record_with_sources(library, layout, record, names, &|_, _, _| None)
}

/// The same, with what the caller says of the places where facts were read; of others who may supply them.
pub fn facts_from_record_with_sources<'l>(
    library: &Library,
    layout: &'l Layout,
    record: &Json,
    names: &[&str],
    source: &SourceOf<'_>,
) -> Facts<'l> {
    let mut facts = Facts::new(layout);
    Reading { library, names, source }.row(&mut facts, record, (HOUSEHOLD, 0));
    facts
}

/// What is the same for all rows of a household that is read back.
struct Reading<'r> {
    library: &'r Library,
    names: &'r [&'r str],
    source: &'r SourceOf<'r>,
}

/// Names with the number of the place where each was read.
fn origins(record: &Json) -> BTreeMap<&str, u32> {
    let Some(known) = record.get(KNOWN).and_then(Json::as_object) else { return BTreeMap::new() };
    let mut names: Vec<&str> = known.keys().map(String::as_str).collect();
    names.sort_unstable();
    let number = |json: &Json| u32::try_from(json.as_u64()?).ok();
    match record.get(FROM) {
        Some(Json::Array(numbers)) if numbers.len() == names.len() => {
            names.into_iter().zip(numbers).filter_map(|(name, at)| Some((name, number(at)?))).collect()
        }
        Some(one) => number(one)
            .map_or_else(BTreeMap::new, |number| names.into_iter().map(|name| (name, number)).collect()),
        None => BTreeMap::new(),
    }
}

impl Reading<'_> {
    fn row(&self, facts: &mut Facts<'_>, record: &Json, (entity, row): (EntityId, u32)) {
        let Reading { library, names, source } = *self;
        let origins = origins(record);
        for (name, value) in record.get(KNOWN).and_then(Json::as_object).into_iter().flatten() {
            let Some(id) = library.input_named(entity, name) else { continue };
            let input = &library.inputs[id.index()];
            if let Some(value) = value_from_record(library, input, value) {
                let named = source(entity, input, origins.get(name.as_str()).copied());
                let source = named.or_else(|| input.suppliers.as_deref().map(Into::into));
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
            for (number, record) in list.get(ROWS).and_then(Json::as_array).into_iter().flatten().enumerate()
            {
                let called = if id == PERSON { names.get(number).copied().unwrap_or("") } else { "" };
                let child = facts.add_row(id, row, called);
                self.row(facts, record, (id, child));
            }
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
    fn where_facts_were_read_comes_back_with_them() {
        let library = library();
        let layout = Layout::of(&library);
        let told = json!({ "household": { "城乡": "城镇" },
            "members": [{ "姓名": "甲", "重病": true, "份额": "0.2", "收入": [{ "月额": "100元", "日期": "2020-04-30" }] }] });
        let facts = facts_from_json(&library, &layout, &told).expect("a household");
        let ill = library.input_by_path("人.重病").expect("an input");
        let record = facts_to_record_with_origins(&library, &facts, &mut |entity, _, input| match entity {
            HOUSEHOLD => None,
            PERSON => (input == ill).then_some(4),
            _ => Some(7),
        });
        let text = record.to_string();
        assert!(text.contains("\"from\":7") && text.contains("null") && text.contains("4"), "{text}");
        let say = |_: EntityId, input: &Input, at: Option<u32>| {
            Some(format!("{}在第 {} 处", input.name, at?).into())
        };
        let again = facts_from_record_with_sources(&library, &layout, &record, &["甲"], &say);
        let source = |path: &str| {
            let id = library.input_by_path(path).or_else(|| {
                let (entity, name) = path.split_once('.')?;
                library.input_named(library.entity_named(entity)?, name)
            });
            let id = id.expect("an input");
            let found = again.get(library.inputs[id.index()].entity, 0, id).expect("a fact");
            found.source.as_deref().unwrap_or_default().to_owned()
        };
        assert_eq!(source("人.重病"), "重病在第 4 处");
        assert_eq!(source("人.份额"), "", "nobody noted it");
        assert_eq!(source("收入.月额"), "月额在第 7 处");
        let older = facts_from_record_with_sources(
            &library,
            &layout,
            &facts_to_record(&library, &facts),
            &["甲"],
            &say,
        );
        assert_eq!(older.get(PERSON, 0, ill).and_then(|fact| fact.source.clone()), None);
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
